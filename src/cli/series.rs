//! `check`, `plan`, `build` and `status`: a series surveyed, and what follows.

use crate::cli::{Context, report_page};
use crate::pipeline::record::Record;
use crate::pipeline::stale::{self, Stale};
use crate::pipeline::survey::{self, Survey, Surveyed};
use crate::pipeline::{Ending, Event, State, build};
use crate::render::Workshop;
use crate::report::lines;
use crate::series::capsule::{Capsule, Status};
use crate::values::diagnostic::{Diagnostic, Problem};
use crate::values::ids::Id;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

/// Reads and surveys the series; the exit code when that ends it.
pub(super) fn surveyed(context: &Context, workshop: &Workshop) -> Result<Survey, u8> {
    let tell = |event: Event| context.reporter.hear(event);
    let series = survey::read(&context.settings, &tell).ok_or(2)?;
    build::tell_vanished(&context.settings, &series, &tell).map_err(|f| context.ended(f))?;
    let looked = workshop
        .threads
        .install(|| survey::survey(&context.settings, workshop, series, &tell));
    context.tell_missing(workshop);
    looked.map_err(|failure| context.ended(failure))
}

pub(super) fn check(context: &Context) -> u8 {
    context.reporter.start("check");
    context.listen_for_interrupts();
    let looked = look_through(context);
    context.reporter.tell_the_gravest();
    match looked {
        Ok(ready) => {
            let line = lines::checked(ready, context.reporter.counts(), context.lang);
            context.reporter.lines_for_people(&[line]);
            context.code(Ending::Done)
        }
        Err(code) => code,
    }
}

/// How many capsules are ready.
fn look_through(context: &Context) -> Result<usize, u8> {
    let workshop = context.workshop()?;
    let survey = surveyed(context, &workshop)?;
    let missing = workshop.pool.learn_missing();
    missing.map_err(|failure| context.ended(failure.into()))?;
    context.tell_missing(&workshop);
    Ok(survey.capsules.len())
}

fn plans<'a>(
    context: &Context,
    workshop: &Workshop,
    survey: &'a Survey,
) -> (Record, Vec<(&'a Surveyed, Stale)>) {
    let record = Record::read(&context.settings.hidden().join("built.json"));
    let compare = |surveyed: &'a Surveyed| {
        let plans: Vec<_> = surveyed.plans.iter().collect();
        let found = stale::stale(
            &survey.series,
            surveyed,
            &plans,
            &workshop.store,
            &record,
            &workshop.toolchain,
            false,
        );
        (surveyed, found)
    };
    let capsules = survey.capsules.par_iter();
    let found = workshop.threads.install(|| capsules.map(compare).collect());
    (record, found)
}

pub(super) fn plan(context: &Context) -> u8 {
    context.reporter.start("plan");
    context.listen_for_interrupts();
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let survey = match surveyed(context, &workshop) {
        Ok(survey) => survey,
        Err(code) => return code,
    };
    let (record, plan) = plans(context, &workshop, &survey);
    let mut text = Vec::new();
    for (surveyed, stale) in &plan {
        if !stale.reasons.is_empty() {
            let id = surveyed.capsule.id.clone();
            context.reporter.hear(Event::Job {
                capsule: id,
                reasons: stale.reasons.clone(),
            });
        }
        let state = if stale.is_empty() {
            State::Fresh
        } else {
            State::Stale
        };
        context.reporter.hear(Event::Capsule {
            id: surveyed.capsule.id.clone(),
            state,
        });
        text.push(stale);
    }
    for id in &survey.withheld {
        context.reporter.hear(Event::Capsule {
            id: id.clone(),
            state: State::Withheld,
        });
    }
    let estimate = lines::Estimate::of(&plan, record.pixels_per_second, context.settings.jobs);
    context
        .reporter
        .lines_for_people(&[estimate.line(context.lang)]);
    context.code(Ending::Done)
}

pub(super) fn build(context: &Context) -> u8 {
    let began = Instant::now();
    context.reporter.start("build");
    context.listen_for_interrupts();
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let stop = Arc::clone(&context.stop);
    let tell = |event: Event| context.reporter.hear(event);
    let (ending, summary) = build::build(&context.settings, &workshop, &stop, &tell);
    context
        .reporter
        .conclude(&summary, began.elapsed(), context.settings.jobs);
    // Whoever holds the lock writes the report of what is being built.
    let locked = |d: &Diagnostic| matches!(d.problem, Problem::LockHeld { .. });
    if context.reporter.diagnostics().iter().any(locked) {
        return context.code(ending);
    }
    let page = report_page::write(context, &workshop, &summary);
    if let Ok(path) = &page {
        context.reporter.report_is_at(path);
    }
    match page {
        Err(code) if ending == Ending::Done => code,
        _ => context.code(ending),
    }
}

pub(super) fn status(context: &Context) -> u8 {
    context.reporter.start("status");
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let survey = match surveyed(context, &workshop) {
        Ok(survey) => survey,
        Err(code) => return code,
    };
    let record = Record::read(&context.settings.hidden().join("built.json"));
    let known: BTreeMap<&Id, &Surveyed> =
        survey.capsules.iter().map(|s| (&s.capsule.id, s)).collect();
    let row = |capsule: &Capsule| {
        let id = &capsule.id;
        let found = known.get(id).copied();
        let mut cells = Vec::new();
        for profile in &capsule.profiles {
            let plan =
                found.and_then(|s| Some((s, s.plans.iter().find(|p| &p.profile == profile)?)));
            let state = match (capsule.status, plan) {
                (Status::Off | Status::Withdrawn, _) => (State::Withheld, Vec::new()),
                _ if survey.withheld.contains(id)
                    || found.is_some_and(|s| s.withheld.contains(profile)) =>
                {
                    (State::Withheld, Vec::new())
                }
                (_, None) => (State::Failed, Vec::new()),
                (_, Some((surveyed, plan))) => {
                    let one = [plan];
                    let stale = stale::stale(
                        &survey.series,
                        surveyed,
                        &one,
                        &workshop.store,
                        &record,
                        &workshop.toolchain,
                        false,
                    );
                    let published = record
                        .capsules
                        .get(id)
                        .and_then(|b| b.profiles.get(profile))
                        .and_then(|p| p.published);
                    let made_by = Some(workshop.toolchain.as_str());
                    let made_by = made_by.filter(|_| stale.outdated == 0);
                    let store = &workshop.store;
                    let current =
                        published == Some(stale::fingerprint(surveyed, plan, store, made_by));
                    if !stale.is_empty() || !current {
                        (State::Stale, stale.reasons)
                    } else if stale.outdated > 0 {
                        (State::Outdated, Vec::new())
                    } else {
                        (State::Fresh, Vec::new())
                    }
                }
            };
            cells.push((profile.to_string(), state.0, state.1));
        }
        (id.to_string(), cells)
    };
    let capsules = survey.series.capsules.par_iter();
    let looked = workshop.threads.install(|| capsules.map(row).collect());
    let mut rows: Vec<lines::Row> = looked;
    for (capsule, (_, cells)) in survey.series.capsules.iter().zip(&rows) {
        // A capsule of which anything is shown is not withheld.
        let states = || cells.iter().map(|c| c.1);
        let shown = states().filter(|s| *s != State::Withheld).max();
        let overall = shown.or(states().max()).unwrap_or(State::Failed);
        context.reporter.hear(Event::Capsule {
            id: capsule.id.clone(),
            state: overall,
        });
    }
    for id in survey.series.faulty.iter().map(|f| &f.id) {
        context.reporter.hear(Event::Capsule {
            id: id.clone(),
            state: State::Failed,
        });
        rows.push((
            id.to_string(),
            vec![(String::new(), State::Failed, Vec::new())],
        ));
    }
    context
        .reporter
        .lines_for_people(&lines::table(&rows, context.lang));
    context.code(Ending::Done)
}
