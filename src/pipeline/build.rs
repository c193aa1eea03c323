//! Makes and publishes what is stale, and takes out at once what may no longer
//! be seen.

use crate::pipeline::assemble::{Known, package};
use crate::pipeline::record::Record;
use crate::pipeline::servers;
use crate::pipeline::shelf::{Place, Shelf};
use crate::pipeline::stale::{self, Stale};
use crate::pipeline::survey::{self, Survey, Surveyed};
use crate::pipeline::trees::{Trees, may_see, published, take_out, trees, untouched, vanished};
use crate::pipeline::work::{self, Task, Work};
use crate::pipeline::{Ending, Event, Settings, State, Summary, Tell};
use crate::plan;
use crate::plan::capsule::ProfilePlan;
use crate::plan::recipe::SegmentRecipe;
use crate::publish::manifest::Manifest;
use crate::publish::tree::{self};
use crate::render::packages::Waiting;
use crate::render::{Failure, Workshop, io_problem, segments, sound};
use crate::series::Series;
use crate::series::capsule::Status;
use crate::store::Lock;
use crate::values::audience::Audience;
use crate::values::diagnostic::{self, Diagnostic, Problem};
use crate::values::digest::Recipe;
use crate::values::ids::Id;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
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

/// Tells of rows that are gone while their capsules are published, as a build
/// would before it stops.
///
/// # Errors
/// When what is published cannot be read.
pub fn tell_vanished(settings: &Settings, series: &Series, tell: Tell<'_>) -> Result<(), Failure> {
    let published = trees(settings, series, tell)?.unwrap_or_default();
    if let Some(ids) = vanished(settings, series, &published) {
        tell_problem(tell, Problem::Vanished { ids });
    }
    Ok(())
}

fn tell_problem(tell: Tell<'_>, problem: Problem) {
    tell(Event::Diagnostic(Diagnostic::new(
        problem,
        diagnostic::Place::Series,
    )));
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
    servers::note(settings, &previous)?;
    let taken_out = take_out(settings, workshop, &series, &previous, &mut record)?;
    let seen_by_somebody = |id: &Id| {
        let mut audiences = Audience::ALL.into_iter();
        audiences.any(|audience| may_see(&series, id, audience))
    };
    summary.removed = published(&previous);
    summary.removed.retain(|id| !seen_by_somebody(id));

    clear_leftovers(settings, workshop)?;
    let settings = &with_incomplete(settings, &series, &previous);
    let survey = workshop
        .threads
        .install(|| survey::survey(settings, workshop, series, tell))?;
    let plan = plans(settings, workshop, &survey, &record)?;
    count(&plan, tell, summary);
    note_traces(&mut record, &plan);
    record.write(&notes)?;
    // Only what was taken out has changed since they were read.
    let former = match taken_out {
        false => previous,
        true => trees(settings, &survey.series, tell)?.unwrap_or_default(),
    };
    summary.before = published(&former);
    let untouched = untouched(&settings.dist(), &record.trees);
    let place = Place {
        settings,
        workshop,
        series: &survey.series,
        former: &former,
        withheld: &survey.withheld,
        untouched: &untouched,
        tell,
    };
    let shelf = Shelf::new(place, notes.clone(), record);
    // Finished files wait there until they are published.
    let waiting = Waiting::new(&settings.series)?;
    let (failed, speed) = make(place, &waiting, stop, &shelf, &plan, summary);
    let shelved = shelf.close(&failed, &plan, summary)?;
    for (id, failure) in &failed {
        if let Failure::Capsule(problem) = failure {
            let told = Diagnostic::of_capsule(problem.clone(), diagnostic::Place::Series, id);
            tell(Event::Diagnostic(told));
        }
    }
    let mut record = shelved.record;
    if speed.is_some() {
        record.pixels_per_second = speed;
        record.write(&notes)?;
    }
    let outcome = (&shelved.made, &shelved.renewed);
    conclude(settings, &survey, &plan, outcome, tell, summary);
    Ok(Ending::Done)
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
    let compared = |surveyed: &'a Surveyed| {
        let chosen: Vec<_> = surveyed
            .plans
            .iter()
            .filter(|p| surveyed.is_chosen(&p.profile))
            .collect();
        if settings.refresh {
            drop_outdated(workshop, surveyed, &chosen)?;
        }
        let found = stale::stale(
            &survey.series,
            surveyed,
            &chosen,
            &workshop.store,
            record,
            &workshop.toolchain,
            settings.refresh,
        );
        Ok((surveyed, found))
    };
    let compare = || survey.capsules.par_iter().map(compared).collect();
    let mut plans: Vec<(&Surveyed, Stale)> = workshop
        .threads
        .install(|| -> Result<_, Failure> { compare() })?;
    let mut claimed = BTreeSet::new();
    for (_, found) in &mut plans {
        let lacking = found.segments.len();
        found.segments.retain(|recipe| claimed.insert(recipe.key()));
        found.reused += (lacking - found.segments.len()) as u64;
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
        .and_then(|p| plan::stills::stills(p, surveyed.poster));
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
        if !stale.reasons.is_empty() {
            tell(Event::Job {
                capsule: surveyed.capsule.id.clone(),
                reasons: stale.reasons.clone(),
            });
        }
    }
    tell(Event::Work { frames });
}

/// Makes all that is stale, packages and publishes it; gives what failed,
/// capsule by capsule, and how many pixels one worker encodes in a second.
fn make<'a>(
    place: Place<'a>,
    waiting: &Waiting,
    stop: &AtomicBool,
    shelf: &Shelf<'a>,
    plan: &'a [(&'a Surveyed, Stale)],
    summary: &mut Summary,
) -> (BTreeMap<Id, Failure>, Option<u64>) {
    let Place { workshop, tell, .. } = place;
    let private = place.former.get(&Audience::Private);
    let workers = work::affordable(plan, place.settings);
    let work = Work::new(plan, workshop, workers);
    let outdated: BTreeSet<&Id> = plan
        .iter()
        .filter(|(_, stale)| stale.outdated > 0)
        .map(|(s, _)| &s.capsule.id)
        .collect();
    let total = Mutex::new(segments::Made::default());
    let spent = Mutex::new((0u64, Duration::ZERO));
    let act = |task: &Task<'a>| {
        let surveyed = task.surveyed();
        let id = &surveyed.capsule.id;
        let done = match task {
            Task::Segments(_, job) => {
                let told = |recipe: &SegmentRecipe| {
                    tell(Event::Encoded {
                        capsule: id.clone(),
                        frames: recipe.frames(),
                    });
                };
                let began = Instant::now();
                let outlines = &surveyed.cards.outlines;
                let (made, done) =
                    segments::render(workshop, surveyed.source(), job, outlines, &told);
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
            Task::Sound(_, recipe) => {
                let sounds = &place.series.charter.sounds;
                sound::make(workshop, surveyed.source(), recipe, sounds).map(|_| ())
            }
            Task::Package(_) => {
                let built = shelf.built(id);
                let series = place.series;
                let known = Known {
                    private,
                    untouched: place.untouched.contains(&Audience::Private),
                    built: built.as_ref(),
                    // What is made now is made by what there is now.
                    made_by: (!outdated.contains(id)).then_some(workshop.toolchain.as_str()),
                };
                package(workshop, waiting, series, surveyed, known, tell)
                    .and_then(|packaged| shelf.put(surveyed, packaged))
            }
        };
        if matches!(done, Err(Failure::Machine(_))) {
            // Nothing more can be made; running jobs end at their next segment.
            stop.store(true, Ordering::Relaxed);
        }
        done
    };
    let (began, busy) = (Instant::now(), Mutex::new(Duration::ZERO));
    let act = |task: &Task<'a>| {
        let began = Instant::now();
        let done = act(task);
        if let Ok(mut busy) = busy.lock() {
            *busy += began.elapsed();
        }
        done
    };
    workshop.threads.broadcast(|thread| {
        if thread.index() < workers {
            work.share(&act);
        }
    });
    if let Ok(total) = total.into_inner() {
        summary.encoded_segments = total.segments;
        summary.encoded_frames = total.frames;
    }
    let whole = began.elapsed().as_millis() * workers as u128;
    let busy = busy.into_inner().unwrap_or_default().as_millis() * 100;
    summary.busy_percent = busy.checked_div(whole).and_then(|b| u64::try_from(b).ok());
    let (pixels, time) = spent.into_inner().unwrap_or_default();
    let speed = (u128::from(pixels) * 1000).checked_div(time.as_millis());
    (work.failed(), speed.and_then(|s| u64::try_from(s).ok()))
}

/// Says how each capsule ended.
fn conclude(
    settings: &Settings,
    survey: &Survey,
    plan: &[(&Surveyed, Stale)],
    (made, renewed): (&BTreeSet<Id>, &BTreeSet<Id>),
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
            Status::Ready | Status::Draft if survey.is_withheld(id) => {
                summary.withheld += 1;
                State::Withheld
            }
            Status::Ready | Status::Draft if !made.contains(id) => {
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
