//! `card` and `frame`: pictures to look at before anything is published.

use crate::cli::{Context, picture_folder, series, to_stdout, write_output};
use crate::pipeline::Ending;
use crate::pipeline::survey::{self, Survey, Surveyed};
use crate::plan::capsule::Card;
use crate::plan::recipe::SegmentRecipe;
use crate::plan::segments::Segment;
use crate::render::pictures::picture;
use crate::render::sheet::{self, Headings, Row};
use crate::render::{Failure, Workshop, io_problem, packages, segments};
use crate::report::{lines, words};
use crate::series::load::parse_time;
use crate::series::profile::CardKind;
use crate::values::diagnostic::Problem;
use crate::values::digest::Recipe;
use crate::values::geometry::Size;
use crate::values::ids::Id;
use crate::worker::pool::Material;
use crate::worker::protocol::{Placed, Request};
use std::io::Write;
use std::path::{Path, PathBuf};

pub(super) fn cards(context: &Context, on_sheet: bool, output: Option<PathBuf>) -> u8 {
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
    if on_sheet {
        return contact_sheet(context, &workshop, &survey, &folder);
    }
    for surveyed in &survey.capsules {
        for &(card, size) in surveyed.cards.arts.keys() {
            let Some(svg) = surveyed.cards.outline(card, size) else {
                continue;
            };
            let request = match surveyed.cards.below(card.kind, size) {
                Some(below) => Request::Sheet {
                    ground: below.to_owned(),
                    size,
                    drawings: vec![svg.to_owned()],
                    placed: vec![Placed {
                        drawing: 0,
                        x: 0,
                        y: 0,
                        size,
                    }],
                },
                None => Request::CardPicture {
                    svg: svg.to_owned(),
                    size,
                },
            };
            let name = format!(
                "{}-{}-{}x{}.png",
                surveyed.capsule.id,
                card.name(),
                size.width,
                size.height
            );
            let path = folder.join(name);
            let drawn = picture(&workshop, Material::Charter, &request, &[]);
            if let Err(code) = finish(context, drawn, &path) {
                return code;
            }
        }
    }
    context.code(Ending::Done)
}

/// In the series' language, as `report.html`: it is shown to the people filmed.
fn contact_sheet(context: &Context, workshop: &Workshop, survey: &Survey, folder: &Path) -> u8 {
    let series = &survey.series;
    let lang = words::Lang::of(&series.language);
    let wanted = survey::wanted(&context.settings, series);
    let is_faulty = |id: &Id| {
        let named = survey::is_named(&context.settings, id);
        named && series.faulty.iter().any(|f| &f.id == id)
    };
    let rows_of = |id: &Id| match wanted.iter().find(|c| &c.id == id) {
        Some(capsule) => {
            let found = survey.capsules.iter().find(|s| &s.capsule.id == id);
            let first = row(format!("{id} – {}", capsule.title), found, lang);
            [first].into_iter().chain(further_rows(found)).collect()
        }
        None if is_faulty(id) => vec![row(id.to_string(), None, lang)],
        None => Vec::new(),
    };
    let rows: Vec<Row<'_>> = series.ids().into_iter().flat_map(rows_of).collect();
    if rows.is_empty() {
        return context.code(Ending::Done);
    }
    let headings = Headings {
        title: series.title.clone(),
        columns: ON_SHEET.map(|card| words::card_heading(card.name(), lang)),
        language: series.language.clone(),
    };
    let pages = match sheet::pages(workshop, &series.charter, &rows, &headings) {
        Ok(pages) => pages,
        Err(failure) => return context.ended(failure),
    };
    let several = pages.len() > 1;
    for (n, page) in pages.into_iter().enumerate() {
        let name = if several {
            format!("sheet-{}.png", n + 1)
        } else {
            "sheet.png".to_owned()
        };
        if let Err(code) = finish(context, Ok(page), &folder.join(name)) {
            return code;
        }
    }
    context.code(Ending::Done)
}

const ON_SHEET: [CardKind; sheet::COLUMNS] =
    [CardKind::Opening, CardKind::LowerThird, CardKind::End];

/// The cards of the tallest rendition of what is watched most. A capsule that
/// cannot be built has its row too: what is signed off must not seem complete.
fn row<'a>(label: String, found: Option<&'a Surveyed>, lang: words::Lang) -> Row<'a> {
    let tallest = |s: &Surveyed| Some(s.leading()?.renditions.first()?.rendition.size);
    let Some((surveyed, size)) = found.and_then(|s| Some((s, tallest(s)?))) else {
        return Row {
            label,
            note: Some(lines::no_card(lang).to_owned()),
            size: Size {
                width: 16,
                height: 9,
            },
            below: [None; sheet::COLUMNS],
            cards: [None; sheet::COLUMNS],
            over: None,
            goes_on: false,
        };
    };
    let cards = &surveyed.cards;
    Row {
        label,
        note: None,
        size,
        below: ON_SHEET.map(|card| cards.below(card, size)),
        cards: ON_SHEET.map(|card| cards.outline(card, size)),
        over: cards.outline(CardKind::Watermark, size),
        goes_on: false,
    }
}

/// The other lower thirds of a capsule in which several people speak.
fn further_rows(found: Option<&Surveyed>) -> Vec<Row<'_>> {
    let size = |s: &Surveyed| Some(s.leading()?.renditions.first()?.rendition.size);
    let Some((surveyed, size)) = found.and_then(|s| Some((s, size(s)?))) else {
        return Vec::new();
    };
    let cards = Card::of(&surveyed.capsule, CardKind::LowerThird).skip(1);
    let straps = cards.filter_map(|card| {
        let strap = surveyed.cards.outline(card, size)?;
        let speaker = surveyed.capsule.speakers.get(card.turn)?;
        Some(Row {
            label: format!("{} – {}", surveyed.capsule.id, speaker.called()),
            note: None,
            size,
            below: [None; sheet::COLUMNS],
            cards: [None, Some(strap), None],
            over: surveyed.cards.outline(CardKind::Watermark, size),
            goes_on: true,
        })
    });
    straps.collect()
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
    // Here no spreadsheet has been at it: a bare number is seconds.
    let bare = || parse_time(&format!("{time} s")).filter(|_| is_number(time));
    let Some(written) = parse_time(time).or_else(bare) else {
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
    let drawn = shown(&workshop, surveyed, (segment, recipe), place);
    context.tell_missing(&workshop);
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
            let name = format!("{id}-{plain}.png");
            let path = match path {
                None => PathBuf::from(name),
                Some(folder) if folder.is_dir() => folder.join(name),
                Some(file) => file,
            };
            match finish(context, drawn, &path) {
                Ok(()) => 0,
                Err(code) => code,
            }
        }
    }
}

fn is_number(text: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    !text.is_empty() && text.chars().all(digit)
}

/// A picture of the film: out of its segment when that is made, else drawn for
/// this alone, which takes a fraction of the time.
fn shown(
    workshop: &Workshop,
    surveyed: &Surveyed,
    (segment, recipe): (&Segment, &SegmentRecipe),
    place: u64,
) -> Result<Vec<u8>, Failure> {
    let place = place - segment.at.start;
    let (reels, lengths, frames, place) = if workshop.store.contains(recipe.key()) {
        let (reels, lengths) = packages::gather(workshop, &[recipe.key()])?;
        (reels, lengths, segment.at.len(), place)
    } else {
        let wanted = (&surveyed.capsule.id, recipe, place);
        let outlines = &surveyed.cards.outlines;
        let made = segments::alone(workshop, surveyed.source(), wanted, outlines)?;
        let mut reels = workshop.store.scratch()?;
        let machine = |e| Failure::Machine(io_problem(".portevoix", &e));
        reels.write_all(&made).map_err(machine)?;
        (reels, vec![made.len() as u64], 1, 0)
    };
    let request = Request::Frame {
        lengths,
        frames: vec![frames],
        size: recipe.size,
        place,
    };
    picture(workshop, Material::Once, &request, &[&reels])
}
