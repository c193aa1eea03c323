//! Makes and publishes what is stale, and takes out at once what may no longer
//! be seen.

use crate::pipeline::publication::{self, Made, Parts, ProfileFiles};
use crate::pipeline::record::Record;
use crate::pipeline::stale::{self, Stale};
use crate::pipeline::survey::{self, Outcome, Survey, Surveyed};
use crate::pipeline::{Ending, Event, Settings, State, Summary, Tell, TreeChange, purge};
use crate::plan::capsule;
use crate::plan::jobs::{Job, jobs};
use crate::plan::recipe::AudioRecipe;
use crate::publish::manifest::{Generator, Manifest};
use crate::publish::tree::{self, Content, Publication};
use crate::render::packages::{self, Order, Waiting};
use crate::render::{Failure, Workshop, io_problem, segments, sound, stills};
use crate::series::Series;
use crate::series::capsule::Status;
use crate::store::Lock;
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::digest::Recipe;
use crate::values::ids::Id;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

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
    clear_leftovers(settings, workshop)?;
    let threads = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.jobs)
        .build()
        .map_err(|e| Failure::Machine(io_problem("threads", &std::io::Error::other(e))))?;

    let survey = match threads.install(|| survey::survey(settings, workshop, tell)) {
        Outcome::Read(survey) => *survey,
        Outcome::NotUnderstood => return Ok(Ending::NotUnderstood),
        Outcome::Stopped(failure) => return Err(failure),
    };
    let previous = read_trees(settings)?;
    if let Some(vanished) = vanished(settings, &survey.series, &previous) {
        tell_problem(tell, Problem::Vanished { ids: vanished });
        return Ok(Ending::NotUnderstood);
    }
    let notes = settings.hidden().join("built.json");
    let mut record = Record::read(&notes);
    summary.changes = take_out(settings, workshop, &survey.series, &previous, &mut record)?;

    let mut claimed = BTreeSet::new();
    let plan: Vec<(&Surveyed, Stale)> = survey
        .capsules
        .iter()
        .map(|s| {
            let mut found = stale::stale(
                s,
                &s.plans,
                &workshop.store,
                &record,
                &workshop.toolchain,
                settings.refresh,
            );
            // What several capsules show alike, such as an end card, is made
            // for the first; should that fail, packaging the others makes it.
            let lacking = found.segments.len();
            found.segments.retain(|recipe| claimed.insert(recipe.key()));
            found.reused += (lacking - found.segments.len()) as u64;
            (s, found)
        })
        .collect();
    count(&plan, tell, summary);
    let failed = make(settings, workshop, stop, &threads, &plan, tell, summary);

    // What is finished is remembered even when the build ends here.
    for (surveyed, _) in &plan {
        let id = &surveyed.capsule.id;
        let mut built = stale::built(surveyed, record.capsules.get(id));
        for (name, profile) in &mut built.profiles {
            profile.published = record
                .capsules
                .get(id)
                .and_then(|b| b.profiles.get(name))
                .and_then(|p| p.published);
        }
        if !failed.contains_key(id) {
            record.capsules.insert(id.clone(), built);
        }
    }
    record.write(&notes)?;
    let machine = failed.values().find(|f| !matches!(f, Failure::Capsule(_)));
    match machine {
        Some(Failure::Machine(problem)) => return Err(Failure::Machine(problem.clone())),
        Some(_) => return Err(Failure::Interrupted),
        None => {}
    }

    let former = read_trees(settings)?;
    let private = former.get(&Audience::Private);
    let waiting = Waiting::new(&settings.series)?;
    let packaged: Vec<(&Surveyed, Result<Packaged, Failure>)> = threads.install(|| {
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

    let changes = publish(settings, &survey.series, &made, &former)?;
    summary.changes.extend(changes);
    for (surveyed, _) in &plan {
        let id = &surveyed.capsule.id;
        if let Some(built) = record
            .capsules
            .get_mut(id)
            .filter(|_| made.contains_key(id))
        {
            for plan in &surveyed.plans {
                if let Some(profile) = built.profiles.get_mut(&plan.profile) {
                    profile.published = Some(stale::fingerprint(surveyed, plan));
                }
            }
        }
    }
    record.write(&notes)?;
    conclude(settings, &survey, &plan, &made, &renewed, tell, summary);
    Ok(Ending::Done)
}

/// What killed builds left behind.
fn clear_leftovers(settings: &Settings, workshop: &Workshop) -> Result<(), Failure> {
    if settings.store.is_none() {
        // A shared store may have others at work in it.
        workshop.store.clear_tmp()?;
    }
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

type Trees = BTreeMap<Audience, Manifest>;

fn read_trees(settings: &Settings) -> Result<Trees, Failure> {
    let dist = settings.dist();
    let machine = |f: crate::publish::failure::Failure| Failure::Machine(f.into());
    let mut trees = BTreeMap::new();
    for audience in Audience::ALL {
        tree::recover(&dist, audience).map_err(machine)?;
        match tree::read_manifest(&dist, audience) {
            Ok(Some(manifest)) => {
                trees.insert(audience, manifest);
            }
            // A manifest that somebody damaged is written anew.
            Ok(None) | Err(crate::publish::failure::Failure::BadManifest { .. }) => {}
            Err(other) => return Err(machine(other)),
        }
    }
    Ok(trees)
}

/// Ids that are published and stand in no row any more, unless their removal
/// was confirmed.
fn vanished(settings: &Settings, series: &Series, trees: &Trees) -> Option<Vec<Id>> {
    let gone: BTreeSet<Id> = trees
        .values()
        .flat_map(|m| m.capsules.iter().map(|c| c.id.clone()))
        .filter(|id| !survey::in_catalogue(series, id))
        .filter(|id| !settings.remove.iter().any(|r| r == id.as_str()))
        .collect();
    (!gone.is_empty()).then(|| gone.into_iter().collect())
}

/// Whether an audience may see a capsule, by its row.
fn may_see(series: &Series, id: &Id, audience: Audience) -> bool {
    match series.capsules.iter().find(|c| &c.id == id) {
        Some(c) => match c.status {
            Status::Ready => audience.sees(c.audience),
            Status::Draft => audience == Audience::Private,
            Status::Off | Status::Withdrawn => false,
        },
        None => series
            .faulty
            .iter()
            .any(|f| &f.id == id && audience.sees(f.reach)),
    }
}

/// Unpublishes what may no longer be seen, first of all.
fn take_out(
    settings: &Settings,
    workshop: &Workshop,
    series: &Series,
    trees: &Trees,
    record: &mut Record,
) -> Result<Vec<TreeChange>, Failure> {
    let withdrawn: BTreeSet<Id> = series
        .capsules
        .iter()
        .filter(|c| c.status == Status::Withdrawn)
        .map(|c| c.id.clone())
        .collect();
    let mut changes = Vec::new();
    for (&audience, manifest) in trees {
        let out: BTreeSet<Id> = manifest
            .capsules
            .iter()
            .map(|c| c.id.clone())
            .filter(|id| !may_see(series, id, audience))
            .collect();
        if out.is_empty() && withdrawn.is_subset(&manifest.withdrawn) {
            continue;
        }
        let outcome = tree::unpublish(&settings.dist(), audience, &out, &withdrawn)
            .map_err(|f| Failure::Machine(f.into()))?;
        changes.push(TreeChange {
            audience,
            placed: outcome.placed,
            removed: outcome.removed,
        });
    }
    for id in &withdrawn {
        if let Some(built) = record.capsules.remove(id) {
            purge::purge(&workshop.store, &built)?;
        }
    }
    Ok(changes)
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
    threads: &rayon::ThreadPool,
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
    threads.broadcast(|_| {
        while let Some(next) = queue.lock().ok().and_then(|mut q| q.pop_front()) {
            let id = next.capsule().clone();
            if failed.lock().is_ok_and(|f| f.contains_key(&id)) {
                continue;
            }
            let done = match &next {
                Work::Segments(surveyed, job) => {
                    let told = |recipe: &crate::plan::recipe::SegmentRecipe| {
                        tell(Event::Encoded {
                            capsule: id.clone(),
                            frames: recipe.frames(),
                        });
                    };
                    let clip = &surveyed.capsule.clip;
                    let (made, done) =
                        segments::render(workshop, clip, job, &surveyed.cards.outlines, &told);
                    if let Ok(mut total) = total.lock() {
                        total.segments += made.segments;
                        total.frames += made.frames;
                    }
                    done
                }
                Work::Sound(surveyed, recipe) => {
                    sound::make(workshop, &surveyed.capsule.clip, recipe).map(|_| ())
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

/// All files of a capsule, and what it took.
struct Packaged {
    files: Made,
    /// Whether any was made anew.
    renewed: bool,
    /// Segments that were missing or damaged when they were read.
    healed: segments::Made,
}

/// Makes all files of a capsule from what is stored.
fn package(
    workshop: &Workshop,
    waiting: &Waiting,
    series: &Series,
    surveyed: &Surveyed,
    private: Option<&Manifest>,
    record: &Record,
    tell: Tell<'_>,
) -> Result<Packaged, Failure> {
    let mut healed = segments::Made::default();
    let packaged = match try_package(workshop, waiting, series, surveyed, private, record) {
        // A damaged object was removed when it was read: it is made again, once.
        Err(Failure::Capsule(Problem::StoreDamaged { .. })) => {
            let stale = stale::stale(
                surveyed,
                &surveyed.plans,
                &workshop.store,
                record,
                &workshop.toolchain,
                false,
            );
            for job in jobs(&surveyed.capsule.id, stale.segments, 1) {
                let told = |recipe: &crate::plan::recipe::SegmentRecipe| {
                    let frames = recipe.frames();
                    tell(Event::Encoded {
                        capsule: surveyed.capsule.id.clone(),
                        frames,
                    });
                };
                let (made, done) = segments::render(
                    workshop,
                    &surveyed.capsule.clip,
                    &job,
                    &surveyed.cards.outlines,
                    &told,
                );
                healed.segments += made.segments;
                healed.frames += made.frames;
                done?;
            }
            try_package(workshop, waiting, series, surveyed, private, record)
        }
        other => other,
    };
    packaged.map(|(files, renewed)| Packaged {
        files,
        renewed,
        healed,
    })
}

fn try_package(
    workshop: &Workshop,
    waiting: &Waiting,
    series: &Series,
    surveyed: &Surveyed,
    private: Option<&Manifest>,
    record: &Record,
) -> Result<(Made, bool), Failure> {
    let capsule = &surveyed.capsule;
    let first = surveyed.plans.first().ok_or_else(|| {
        Failure::Capsule(Problem::ProfileUnsupported {
            profile: String::new(),
            what: String::new(),
        })
    })?;
    let built = record.capsules.get(&capsule.id);
    let kept_all = kept_files_are_there(&workshop.series, private, &capsule.id);
    let mut profiles: Vec<ProfileFiles> = Vec::new();
    let mut renewed = false;
    let mut report = None;
    for name in &capsule.profiles {
        let Some(plan) = surveyed.plans.iter().find(|p| &p.profile == name) else {
            // Not asked for this time: it stays as it is.
            profiles.extend(
                private
                    .filter(|_| kept_all)
                    .and_then(|m| publication::carried(m, &capsule.id, name)),
            );
            continue;
        };
        let track = match &plan.audio {
            Some(recipe) => Some(sound::make(workshop, &capsule.clip, recipe)?),
            None => None,
        };
        if report.is_none() {
            report = track.as_ref().map(|t| t.report.clone());
        }
        let published = built
            .and_then(|b| b.profiles.get(name))
            .and_then(|p| p.published);
        let same = published == Some(stale::fingerprint(surveyed, plan));
        let carried = private
            .filter(|_| same && kept_all)
            .and_then(|m| publication::carried(m, &capsule.id, name));
        if let Some(carried) = carried {
            profiles.push(carried);
            continue;
        }
        let subtitles: Vec<_> = surveyed
            .captions
            .iter()
            .map(|c| c.subtitles(plan, &surveyed.facts))
            .collect();
        let order = Order {
            capsule: &capsule.id,
            language: &capsule.language,
            plan,
            track: track.as_ref(),
            subtitles: &subtitles,
        };
        profiles.push(packages::make(workshop, waiting, order)?.into());
        renewed = true;
    }
    let wanted =
        capsule::stills(first, surveyed.poster).ok_or(Failure::Capsule(Problem::EmptyLadder))?;
    let stills = stills::make(workshop, first, &wanted)?;
    let parts = Parts {
        surveyed,
        first,
        profiles,
        stills: &stills,
        sound: report.as_ref(),
        toolchain: &workshop.toolchain,
    };
    Ok((publication::assemble(series, parts), renewed))
}

/// Whether every file that the private manifest names for a capsule is there,
/// as long as it says.
fn kept_files_are_there(series: &Path, private: Option<&Manifest>, id: &Id) -> bool {
    let Some(manifest) = private else {
        return false;
    };
    tree::carry_over(&series.join("dist"), manifest, id).is_ok_and(|carried| carried.is_some())
}

/// Publishes every tree that somebody may look at.
fn publish(
    settings: &Settings,
    series: &Series,
    made: &BTreeMap<Id, Made>,
    former: &Trees,
) -> Result<Vec<TreeChange>, Failure> {
    let dist = settings.dist();
    let machine = |f: crate::publish::failure::Failure| Failure::Machine(f.into());
    let mut changes = Vec::new();
    // The private tree first: the others link to its files.
    let mut audiences = Audience::ALL;
    audiences.reverse();
    for audience in audiences {
        let meant = series
            .capsules
            .iter()
            .any(|c| c.audience == audience && c.status == Status::Ready);
        if audience != Audience::Private && !meant && !former.contains_key(&audience) {
            continue;
        }
        let mut publication = Publication {
            manifest: Manifest {
                version: 1,
                generator: Generator::this(),
                series: publication::series_entry(series),
                audience,
                capsules: Vec::new(),
                withdrawn: withdrawn(series, former.get(&audience)),
                files: Vec::new(),
            },
            files: extra_files(settings, series)?,
        };
        let ids = series
            .capsules
            .iter()
            .map(|c| &c.id)
            .chain(series.faulty.iter().map(|f| &f.id));
        for id in ids.filter(|id| may_see(series, id, audience)) {
            let now = made
                .get(id)
                .map(|m| publication::for_audience(m, series, audience, &dist));
            let before = match former.get(&audience) {
                Some(previous) if now.is_none() => {
                    tree::carry_over(&dist, previous, id).map_err(machine)?
                }
                _ => None,
            };
            if let Some((entry, files)) = now
                .or(before)
                .filter(|(entry, _)| !entry.renditions.is_empty())
            {
                publication.manifest.capsules.push(entry);
                publication.files.extend(files);
            }
        }
        let outcome = tree::publish(&dist, publication).map_err(machine)?;
        changes.push(TreeChange {
            audience,
            placed: outcome.placed,
            removed: outcome.removed,
        });
    }
    Ok(changes)
}

fn withdrawn(series: &Series, former: Option<&Manifest>) -> BTreeSet<Id> {
    let mut ids = former.map(|m| m.withdrawn.clone()).unwrap_or_default();
    for capsule in &series.capsules {
        match capsule.status {
            Status::Withdrawn => ids.insert(capsule.id.clone()),
            // A family that came back is no longer to be taken down.
            Status::Ready => ids.remove(&capsule.id),
            Status::Draft | Status::Off => false,
        };
    }
    ids
}

fn extra_files(
    settings: &Settings,
    series: &Series,
) -> Result<BTreeMap<crate::publish::path::TreePath, Content>, Failure> {
    let mut files = BTreeMap::new();
    for file in &series.extra_files {
        let place = settings.series.join("publish-extra").join(file);
        let label = place.display().to_string();
        let Some(path) = file.to_str().and_then(crate::publish::path::TreePath::new) else {
            continue;
        };
        let bytes = fs::read(&place).map_err(|e| Failure::Machine(io_problem(&label, &e)))?;
        files.insert(path, Content::Bytes(bytes));
    }
    Ok(files)
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
    let asked = |id: &&Id| survey::is_asked_for(settings, id);
    for capsule in survey.series.capsules.iter().filter(|c| asked(&&c.id)) {
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
