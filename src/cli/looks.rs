//! `card` and `frame`: pictures to look at before anything is published.

use crate::cli::{Context, picture_folder, series, to_stdout, write_output};
use crate::pipeline::{Ending, Event};
use crate::plan::jobs::jobs;
use crate::plan::recipe::SegmentRecipe;
use crate::render::{Failure, Workshop, answer, packages, segments};
use crate::report::words;
use crate::series::load::parse_time;
use crate::values::diagnostic::Problem;
use crate::values::digest::Recipe;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PICTURE_SECONDS: u64 = 60;

pub(super) fn cards(context: &Context, output: Option<PathBuf>) -> u8 {
    context.reporter.start("card");
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let survey = match series::surveyed(context, &workshop) {
        Ok(survey) => survey,
        Err(code) => return code,
    };
    let folder = picture_folder(context, output);
    for surveyed in &survey.capsules {
        for (&(card, size), art) in &surveyed.cards.arts {
            let Some(svg) = surveyed.cards.outlines.get(art) else {
                continue;
            };
            let request = Request::CardPicture {
                svg: svg.clone(),
                size,
            };
            let name = format!(
                "{}-{}-{}x{}.png",
                surveyed.capsule.id,
                card.name(),
                size.width,
                size.height
            );
            let path = folder.join(name);
            let drawn = picture(&workshop, &request, &[]);
            if let Err(code) = finish(context, drawn, &path) {
                return code;
            }
        }
    }
    context.code(Ending::Done)
}

/// Asks for a picture; `beside` are files that go before the output.
fn picture(workshop: &Workshop, request: &Request, beside: &[&File]) -> Result<Vec<u8>, Failure> {
    let output = workshop.store.scratch()?;
    let mut files: Vec<_> = beside.iter().map(|f| f.as_fd()).collect();
    files.push(output.as_fd());
    let allowed = Duration::from_secs(PICTURE_SECONDS);
    let answer = workshop.ask(request, &files, allowed, &mut |_| Go::On)?;
    drop(files);
    match answer {
        Answer::Written { .. } => answer::read_whole(&output, answer::PICTURES),
        _ => Err(Failure::Capsule(Problem::MediaFailed {
            operation: "draw a picture".into(),
            error: "not what was asked for".into(),
            last_log: String::new(),
        })),
    }
}

fn finish(context: &Context, drawn: Result<Vec<u8>, Failure>, path: &Path) -> Result<(), u8> {
    match drawn {
        Ok(png) => {
            write_output(context, path, &png)?;
            context
                .reporter
                .lines_for_people(&[path.display().to_string()]);
            Ok(())
        }
        Err(Failure::Interrupted) => Err(130),
        Err(Failure::Capsule(problem)) => {
            context.say(problem);
            Err(1)
        }
        Err(Failure::Machine(problem)) => {
            context.say(problem);
            Err(3)
        }
    }
}

pub(super) fn frame(
    context: &Context,
    id: &str,
    time: &str,
    profile: Option<&str>,
    rung: Option<u32>,
    output: Option<PathBuf>,
) -> u8 {
    context.reporter.start("frame");
    let Some(written) = parse_time(time) else {
        context.say(Problem::BadTime {
            found: time.to_owned(),
        });
        return 2;
    };
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let survey = match series::surveyed(context, &workshop) {
        Ok(survey) => survey,
        Err(code) => return code,
    };
    let Some(surveyed) = survey.capsules.first() else {
        return context.code(Ending::Done).max(1);
    };
    let plan = match profile {
        Some(name) => surveyed.plans.iter().find(|p| p.profile.as_str() == name),
        None => surveyed.leading(),
    };
    let Some(plan) = plan else {
        return context.code(Ending::Done).max(1);
    };
    let rendition = match rung {
        Some(height) => plan
            .renditions
            .iter()
            .find(|r| r.rendition.height == height),
        None => plan.renditions.first(),
    };
    let Some(rendition) = rendition else {
        let heights: Vec<String> = plan
            .renditions
            .iter()
            .map(|r| r.rendition.height.to_string())
            .collect();
        context.say(Problem::UnknownRung {
            found: rung.unwrap_or(0),
            known: heights,
        });
        return 2;
    };
    let rate = plan.timeline.rate;
    let place = rate.nearest_frame(written.resolve(rate));
    let at = plan.segments.iter().position(|s| s.at.contains(place));
    let Some((segment, recipe)) =
        at.and_then(|n| Some((plan.segments.get(n)?, rendition.recipes.get(n)?)))
    else {
        let end = words::clock(rate.time_of(plan.timeline.frames()), '.');
        context.say(Problem::TimeBeyondCapsule {
            time: time.to_owned(),
            end,
        });
        return 2;
    };
    let drawn = ready(context, &workshop, surveyed, recipe).and_then(|()| {
        let (reels, lengths) = packages::gather(&workshop, &[recipe.key()])?;
        let request = Request::Frame {
            lengths,
            frames: vec![segment.at.len()],
            size: rendition.rendition.size,
            place: place - segment.at.start,
        };
        picture(&workshop, &request, &[&reels])
    });
    match output {
        Some(path) if path == Path::new("-") => match drawn {
            Ok(png) => to_stdout(&png),
            Err(failure) => finish(context, Err(failure), Path::new("-"))
                .err()
                .unwrap_or(1),
        },
        path => {
            let plain: String = time
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
                .collect();
            let path = path.unwrap_or_else(|| PathBuf::from(format!("{id}-{plain}.png")));
            match finish(context, drawn, &path) {
                Ok(()) => 0,
                Err(code) => code,
            }
        }
    }
}

/// Renders the segment when it is not in the store yet.
fn ready(
    context: &Context,
    workshop: &Workshop,
    surveyed: &crate::pipeline::survey::Surveyed,
    recipe: &SegmentRecipe,
) -> Result<(), Failure> {
    if workshop.store.contains(recipe.key()) {
        return Ok(());
    }
    for job in jobs(&surveyed.capsule.id, [recipe.clone()], 1) {
        let told = |made: &SegmentRecipe| {
            let capsule = surveyed.capsule.id.clone();
            context.reporter.hear(Event::Encoded {
                capsule,
                frames: made.frames(),
            });
        };
        segments::render(
            workshop,
            surveyed.source(),
            &job,
            &surveyed.cards.outlines,
            &told,
        )
        .1?;
    }
    Ok(())
}
