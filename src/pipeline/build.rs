//! Makes and publishes what is stale, and takes out at once what may no longer
//! be seen.

use crate::pipeline::assemble::{Packaged, package};
use crate::pipeline::publication::Made;
use crate::pipeline::record::Record;
use crate::pipeline::stale::{self, Stale};
use crate::pipeline::survey::{self, Survey, Surveyed};
use crate::pipeline::trees::{Trees, publish, take_out, trees, vanished};
use crate::pipeline::{Ending, Event, Settings, State, Summary, Tell};
use crate::plan::capsule::{self, ProfilePlan};
use crate::plan::jobs::{Job, jobs};
use crate::plan::recipe::{AudioRecipe, SegmentRecipe};
use crate::publish::manifest::Manifest;
use crate::publish::tree::{self};
use crate::render::packages::Waiting;
use crate::render::{Failure, Workshop, io_problem, segments, sound};
use crate::series::Series;
use crate::series::capsule::Status;
use crate::store::Lock;
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::digest::{Digest, Recipe};
use crate::values::ids::Id;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Builds the series. What was said on the way went to `tell`.
pub fn build(
    settings: &Settings,
    workshop: &Workshop,
    stop: &AtomicBool,
    tell: Tell<'_>,
) -> (Ending, Summary) {
    let mut summary = Summary::default();
    let ending = match straight_line(settings, workshop, stop, tell, &mut summary) {
        Ok(ending) => ending,
        Err(Failure::Interrupted) => {
            tell_problem(tell, Problem::Interrupted);
            Ending::Interrupted
        }
        Err(Failure::Machine(problem) | Failure::Capsule(problem)) => {
            tell_problem(tell, problem);
            Ending::Machine
        }
    };
    // The rest still holds, so the build goes on; but nobody shall think that
    // strangers' clips were read behind all walls.
    if let Some(missing) = workshop.pool.untold_missing() {
        tell_problem(tell, Problem::SandboxIncomplete { missing });
    }
    summary.worker_cpu_ms = workshop
        .pool
        .spent()
        .into_iter()
        .map(|(task, time)| (task, u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
        .collect();
    tell(Event::Summary(summary.clone()));
    (ending, summary)
}

fn tell_problem(tell: Tell<'_>, problem: Problem) {
    tell(Event::Diagnostic(Diagnostic::new(problem, Place::Series)));
}

fn straight_line(
    settings: &Settings,
    workshop: &Workshop,
    stop: &AtomicBool,
    tell: Tell<'_>,
    summary: &mut Summary,
) -> Result<Ending, Failure> {
    let _lock = match Lock::take(&settings.hidden().join("lock"))? {
        Ok(lock) => lock,
        Err(by) => return Err(Failure::Machine(Problem::LockHeld { by })),
    };
    let Some(series) = survey::read(settings, tell) else {
        return Ok(Ending::NotUnderstood);
    };
    let notes = settings.hidden().join("built.json");
    let mut record = Record::read(&notes);

    // First of all, before anything that can fail: what may not be seen goes.
    let previous = match trees(settings, &series, tell)? {
        Some(trees) => trees,
        None => return Ok(Ending::NotUnderstood),
    };
    if let Some(vanished) = vanished(settings, &series, &previous) {
        tell_problem(tell, Problem::Vanished { ids: vanished });
        return Ok(Ending::NotUnderstood);
    }
    take_out(settings, workshop, &series, &previous, &mut record, summary)?;

    clear_leftovers(settings, workshop)?;
    let settings = &with_incomplete(settings, &series, &previous);
    let survey = workshop
        .threads
        .install(|| survey::survey(settings, workshop, series, tell))?;
    let plan = plans(settings, workshop, &survey, &record)?;
    count(&plan, tell, summary);
    note_traces(&mut record, &plan);
    record.write(&notes)?;
    let failed = make(settings, workshop, stop, &mut record, &plan, tell, summary);

    // What is finished is remembered even when the build ends here.
    for (surveyed, _) in &plan {
        let id = &surveyed.capsule.id;
        let built = stale::built(surveyed, record.capsules.get(id), &workshop.store);
        record.capsules.insert(id.clone(), built);
    }
    record.write(&notes)?;
    match failed.values().find(|f| !matches!(f, Failure::Capsule(_))) {
        Some(Failure::Machine(problem)) => return Err(Failure::Machine(problem.clone())),
        Some(_) => return Err(Failure::Interrupted),
        None => {}
    }

    let former = trees(settings, &survey.series, tell)?.unwrap_or_default();
    let private = former.get(&Audience::Private);
    let waiting = Waiting::new(&settings.series)?;
    let packaged: Vec<(&Surveyed, Result<Packaged, Failure>)> = workshop.threads.install(|| {
        plan.par_iter()
            .filter(|(s, _)| !failed.contains_key(&s.capsule.id))
            .map(|(s, _)| {
                (
                    *s,
                    package(
                        workshop,
                        &waiting,
                        &survey.series,
                        s,
                        private,
                        &record,
                        tell,
                    ),
                )
            })
            .collect()
    });
    let mut made: BTreeMap<Id, Made> = BTreeMap::new();
    let mut problems: BTreeMap<Id, Problem> = BTreeMap::new();
    for (id, failure) in failed {
        if let Failure::Capsule(problem) = failure {
            problems.insert(id, problem);
        }
    }
    let mut renewed: BTreeSet<Id> = BTreeSet::new();
    for (surveyed, outcome) in packaged {
        let id = &surveyed.capsule.id;
        match outcome {
            Ok(packaged) => {
                if packaged.renewed {
                    renewed.insert(id.clone());
                }
                let healed = packaged.healed;
                summary.encoded_segments += healed.segments;
                summary.encoded_frames += healed.frames;
                summary.reused_segments = summary.reused_segments.saturating_sub(healed.segments);
                made.insert(id.clone(), packaged.files);
            }
            Err(Failure::Capsule(problem)) => {
                problems.insert(id.clone(), problem);
            }
            Err(other) => return Err(other),
        }
    }
    for (id, problem) in &problems {
        tell(Event::Diagnostic(Diagnostic::of_capsule(
            problem.clone(),
            Place::Series,
            id,
        )));
    }

    // A kill from here on must not let what is in the trees then pass for what
    // stands in the record now.
    let done: Vec<(&Surveyed, Id, Digest)> = plan
        .iter()
        .filter(|(s, _)| made.contains_key(&s.capsule.id))
        .flat_map(|(s, _)| s.plans.iter().map(move |p| (*s, p)))
        .filter(|(s, p)| s.is_chosen(&p.profile))
        .map(|(s, p)| {
            (
                s,
                p.profile.clone(),
                stale::fingerprint(s, p, &workshop.store),
            )
        })
        .collect();
    remember(&mut record, &done, |former, now| {
        former.filter(|&f| f == now)
    });
    record.write(&notes)?;
    publish(settings, &survey.series, &made, &former, tell, summary)?;
    remember(&mut record, &done, |_, now| Some(now));
    record.write(&notes)?;
    conclude(settings, &survey, &plan, &made, &renewed, tell, summary);
    Ok(Ending::Done)
}

/// Notes which publication of each profile stands in the trees.
fn remember(
    record: &mut Record,
    done: &[(&Surveyed, Id, Digest)],
    stands: impl Fn(Option<Digest>, Digest) -> Option<Digest>,
) {
    for (surveyed, profile, now) in done {
        let built = record
            .capsules
            .entry(surveyed.capsule.id.clone())
            .or_default();
        let noted = built.profiles.entry(profile.clone()).or_default();
        noted.published = stands(noted.published, *now);
    }
}

/// What each capsule lacks. A segment that several capsules show alike, such as
/// an end card, is made for the first; should that fail, packaging the others
/// makes it.
fn plans<'a>(
    settings: &Settings,
    workshop: &Workshop,
    survey: &'a Survey,
    record: &Record,
) -> Result<Vec<(&'a Surveyed, Stale)>, Failure> {
    let mut claimed = BTreeSet::new();
    let mut plans = Vec::new();
    for surveyed in &survey.capsules {
        let chosen: Vec<_> = surveyed
            .plans
            .iter()
            .filter(|p| surveyed.is_chosen(&p.profile))
            .collect();
        if settings.refresh {
            drop_outdated(workshop, surveyed, &chosen)?;
        }
        let mut found = stale::stale(
            surveyed,
            &chosen,
            &workshop.store,
            record,
            &workshop.toolchain,
            settings.refresh,
        );
        let lacking = found.segments.len();
        found.segments.retain(|recipe| claimed.insert(recipe.key()));
        found.reused += (lacking - found.segments.len()) as u64;
        plans.push((surveyed, found));
    }
    Ok(plans)
}

/// Notes which clips and cards a capsule leaves traces of, before there are
/// any: a withdrawal must find them even after a kill.
fn note_traces(record: &mut Record, plan: &[(&Surveyed, Stale)]) {
    for (surveyed, _) in plan {
        let built = record
            .capsules
            .entry(surveyed.capsule.id.clone())
            .or_default();
        built.sources.insert(surveyed.clip.digest());
        built.art.extend(surveyed.cards.keys.iter().copied());
    }
}

/// Sound and stills of an older toolchain, which `--refresh` makes anew.
fn drop_outdated(
    workshop: &Workshop,
    surveyed: &Surveyed,
    plans: &[&ProfilePlan],
) -> Result<(), Failure> {
    let sound = plans
        .iter()
        .filter_map(|p| p.audio.as_ref())
        .map(Recipe::key);
    let stills = surveyed
        .leading()
        .and_then(|p| capsule::stills(p, surveyed.poster));
    for key in sound.chain(stills.iter().flat_map(|s| s.keys())) {
        if workshop
            .store
            .toolchain(key)
            .is_some_and(|made_by| made_by != workshop.toolchain)
        {
            workshop.store.remove(key)?;
        }
    }
    Ok(())
}

/// A capsule that was not asked for, but of whose publication something is
/// missing, is made all the same: what cannot be kept must not vanish.
fn with_incomplete(settings: &Settings, series: &Series, trees: &Trees) -> Settings {
    let mut settings = settings.clone();
    if settings.only.is_empty() {
        return settings;
    }
    let dist = settings.dist();
    for capsule in &series.capsules {
        let kept = |manifest: &Manifest| {
            manifest.capsule(&capsule.id).is_none()
                || tree::carry_over(&dist, manifest, &capsule.id).is_ok_and(|c| c.is_some())
        };
        if !survey::is_named(&settings, &capsule.id) && !trees.values().all(kept) {
            settings.only.push(capsule.id.to_string());
        }
    }
    settings
}

/// What killed builds left behind.
fn clear_leftovers(settings: &Settings, workshop: &Workshop) -> Result<(), Failure> {
    workshop.store.clear_tmp()?;
    let hidden = settings.hidden();
    let machine = |e| Failure::Machine(io_problem(&hidden.display().to_string(), &e));
    for entry in fs::read_dir(&hidden).map_err(machine)? {
        let entry = entry.map_err(machine)?;
        if entry.file_name().to_string_lossy().starts_with("ready-") {
            fs::remove_dir_all(entry.path()).map_err(machine)?;
        }
    }
    Ok(())
}

fn count(plan: &[(&Surveyed, Stale)], tell: Tell<'_>, summary: &mut Summary) {
    let mut frames = 0;
    for (surveyed, stale) in plan {
        summary.reused_segments += stale.reused;
        summary.outdated_segments += stale.outdated;
        frames += stale.segments.iter().map(|s| s.frames()).sum::<u64>();
        if !stale.segments.is_empty() {
            tell(Event::Job {
                capsule: surveyed.capsule.id.clone(),
                reasons: stale.reasons.clone(),
            });
        }
    }
    tell(Event::Work { frames });
}

enum Work<'a> {
    Segments(&'a Surveyed, Job),
    Sound(&'a Surveyed, &'a AudioRecipe),
}

impl Work<'_> {
    fn capsule(&self) -> &Id {
        match self {
            Work::Segments(s, _) | Work::Sound(s, _) => &s.capsule.id,
        }
    }

    /// For the order: longest first. Sound costs about as much as a second of
    /// a small rung for each second.
    fn cost(&self) -> u64 {
        match self {
            Work::Segments(_, job) => job.pixels(),
            Work::Sound(s, _) => s.facts.video.frames * 640 * 360,
        }
    }
}

/// Makes all that is stale; gives what failed, capsule by capsule.
fn make(
    settings: &Settings,
    workshop: &Workshop,
    stop: &AtomicBool,
    record: &mut Record,
    plan: &[(&Surveyed, Stale)],
    tell: Tell<'_>,
    summary: &mut Summary,
) -> BTreeMap<Id, Failure> {
    let mut work: Vec<Work<'_>> = Vec::new();
    // With few capsules their jobs are cut finer, so that no worker idles.
    let busy = plan
        .iter()
        .filter(|(_, s)| !s.segments.is_empty())
        .count()
        .max(1);
    let parts = (3 * settings.jobs).div_ceil(busy);
    for (surveyed, stale) in plan {
        let id = &surveyed.capsule.id;
        work.extend(
            jobs(id, stale.segments.clone(), parts)
                .into_iter()
                .map(|j| Work::Segments(surveyed, j)),
        );
        let mut tracks: Vec<&AudioRecipe> = surveyed
            .plans
            .iter()
            .filter(|p| surveyed.is_chosen(&p.profile))
            .filter_map(|p| p.audio.as_ref())
            .collect();
        tracks.sort_by_key(|t| t.key());
        tracks.dedup();
        work.extend(
            tracks
                .into_iter()
                .filter(|t| !workshop.store.contains(t.key()))
                .map(|t| Work::Sound(surveyed, t)),
        );
    }
    work.sort_by_key(|w| std::cmp::Reverse(w.cost()));
    let queue = Mutex::new(VecDeque::from(work));
    let failed: Mutex<BTreeMap<Id, Failure>> = Mutex::default();
    let total = Mutex::new(segments::Made::default());
    let spent = Mutex::new((0u64, Duration::ZERO));
    workshop.threads.broadcast(|_| {
        while let Some(next) = queue.lock().ok().and_then(|mut q| q.pop_front()) {
            let id = next.capsule().clone();
            if failed.lock().is_ok_and(|f| f.contains_key(&id)) {
                continue;
            }
            let done = match &next {
                Work::Segments(surveyed, job) => {
                    let told = |recipe: &SegmentRecipe| {
                        tell(Event::Encoded {
                            capsule: id.clone(),
                            frames: recipe.frames(),
                        });
                    };
                    let began = Instant::now();
                    let source = surveyed.source();
                    let (made, done) =
                        segments::render(workshop, source, job, &surveyed.cards.outlines, &told);
                    if let (Ok(()), Ok(mut spent)) = (&done, spent.lock()) {
                        spent.0 += job.pixels();
                        spent.1 += began.elapsed();
                    }
                    if let Ok(mut total) = total.lock() {
                        total.segments += made.segments;
                        total.frames += made.frames;
                    }
                    done
                }
                Work::Sound(surveyed, recipe) => {
                    sound::make(workshop, surveyed.source(), recipe).map(|_| ())
                }
            };
            if let Err(failure) = done {
                if matches!(failure, Failure::Machine(_)) {
                    // Nothing more can be made; running jobs end at their next segment.
                    stop.store(true, Ordering::Relaxed);
                }
                if let Ok(mut failed) = failed.lock() {
                    // A fault of the machine is told rather than the stops it causes.
                    match failed.get(&id) {
                        Some(Failure::Machine(_)) => {}
                        _ => {
                            failed.insert(id, failure);
                        }
                    }
                }
            }
        }
    });
    if let Ok(total) = total.into_inner() {
        summary.encoded_segments = total.segments;
        summary.encoded_frames = total.frames;
    }
    if let Ok((pixels, time)) = spent.into_inner()
        && let Some(speed) = (u128::from(pixels) * 1000).checked_div(time.as_millis())
    {
        record.pixels_per_second = u64::try_from(speed).ok();
    }
    let mut failed = failed.into_inner().unwrap_or_default();
    if let Some(problem) = failed.values().find_map(|f| match f {
        Failure::Machine(problem) => Some(problem.clone()),
        _ => None,
    }) {
        failed
            .values_mut()
            .for_each(|f| *f = Failure::Machine(problem.clone()));
    }
    failed
}

/// Says how each capsule ended.
fn conclude(
    settings: &Settings,
    survey: &Survey,
    plan: &[(&Surveyed, Stale)],
    made: &BTreeMap<Id, Made>,
    renewed: &BTreeSet<Id>,
    tell: Tell<'_>,
    summary: &mut Summary,
) {
    let asked = |id: &&Id| survey::is_named(settings, id);
    for capsule in survey
        .series
        .capsules
        .iter()
        .filter(|c| survey::is_asked_for(settings, c))
    {
        let id = &capsule.id;
        let state = match capsule.status {
            Status::Off | Status::Withdrawn => {
                summary.withheld += 1;
                State::Withheld
            }
            Status::Ready | Status::Draft if !made.contains_key(id) => {
                summary.failed += 1;
                State::Failed
            }
            status => {
                summary.drafts += u64::from(status == Status::Draft);
                let outdated = plan
                    .iter()
                    .any(|(s, stale)| &s.capsule.id == id && stale.outdated > 0);
                if renewed.contains(id) {
                    summary.built += 1;
                    State::Built
                } else {
                    summary.fresh += 1;
                    if outdated {
                        State::Outdated
                    } else {
                        State::Fresh
                    }
                }
            }
        };
        tell(Event::Capsule {
            id: id.clone(),
            state,
        });
    }
    for id in survey.series.faulty.iter().map(|f| &f.id).filter(asked) {
        summary.failed += 1;
        tell(Event::Capsule {
            id: id.clone(),
            state: State::Failed,
        });
    }
    if summary.outdated_segments > 0 {
        let segments = usize::try_from(summary.outdated_segments).unwrap_or(usize::MAX);
        tell_problem(tell, Problem::Outdated { segments });
    }
}
