//! `check`, `plan`, `build` and `status`: a series surveyed, and what follows.

use crate::cli::{Context, report_page};
use crate::pipeline::record::Record;
use crate::pipeline::stale::{self, Stale};
use crate::pipeline::survey::{self, Survey, Surveyed};
use crate::pipeline::{Ending, Event, State, build};
use crate::render::Workshop;
use crate::report::lines;
use crate::series::capsule::Status;
use crate::values::diagnostic::{Diagnostic, Problem};
use std::sync::Arc;
use std::time::Instant;

/// Reads and surveys the series; the exit code when that ends it.
pub(super) fn surveyed(context: &Context, workshop: &Workshop) -> Result<Survey, u8> {
    let tell = |event: Event| context.reporter.hear(event);
    let series = survey::read(&context.settings, &tell).ok_or(2)?;
    let looked = workshop
        .threads
        .install(|| survey::survey(&context.settings, workshop, series, &tell));
    context.tell_missing(workshop);
    looked.map_err(|failure| context.ended(failure))
}

pub(super) fn check(context: &Context) -> u8 {
    context.reporter.start("check");
    context.listen_for_interrupts();
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let survey = match surveyed(context, &workshop) {
        Ok(survey) => survey,
        Err(code) => return code,
    };
    if let Err(failure) = workshop.pool.learn_missing() {
        return context.ended(failure.into());
    }
    context.tell_missing(&workshop);
    context.reporter.lines_for_people(&[lines::checked(
        survey.capsules.len(),
        context.reporter.counts(),
        context.lang,
    )]);
    context.code(Ending::Done)
}

fn plans<'a>(
    context: &Context,
    workshop: &Workshop,
    survey: &'a Survey,
) -> (Record, Vec<(&'a Surveyed, Stale)>) {
    let record = Record::read(&context.settings.hidden().join("built.json"));
    let found = survey
        .capsules
        .iter()
        .map(|s| {
            (
                s,
                stale::stale(
                    s,
                    &s.plans.iter().collect::<Vec<_>>(),
                    &workshop.store,
                    &record,
                    &workshop.toolchain,
                    false,
                ),
            )
        })
        .collect();
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
        if !stale.segments.is_empty() {
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
    let mut rows = Vec::new();
    for capsule in &survey.series.capsules {
        let id = &capsule.id;
        let found = survey.capsules.iter().find(|s| &s.capsule.id == id);
        let mut cells = Vec::new();
        for profile in &capsule.profiles {
            let plan =
                found.and_then(|s| Some((s, s.plans.iter().find(|p| &p.profile == profile)?)));
            let state = match (capsule.status, plan) {
                (Status::Off | Status::Withdrawn, _) => (State::Withheld, Vec::new()),
                (_, None) => (State::Failed, Vec::new()),
                (_, Some((surveyed, plan))) => {
                    let one = [plan];
                    let stale = stale::stale(
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
                    let current =
                        published == Some(stale::fingerprint(surveyed, plan, &workshop.store));
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
        let overall = cells.iter().map(|c| c.1).max().unwrap_or(State::Failed);
        context.reporter.hear(Event::Capsule {
            id: id.clone(),
            state: overall,
        });
        rows.push((id.to_string(), cells));
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
