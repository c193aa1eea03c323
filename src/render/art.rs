//! Cards laid out: from the charter and a capsule's texts to outlines, at every
//! size that a rung needs. Each is laid out once and kept in the store.

use crate::plan::capsule::{self, Arts};
use crate::plan::recipe::{ArtRecipe, LAYOUT};
use crate::render::{Failure, Workshop, beside, unexpected};
use crate::series::Series;
use crate::series::capsule::Capsule;
use crate::series::charter::{BoxRules, Charter, Picture, Template};
use crate::series::profile::{CardKind, Profile};
use crate::values::diagnostic::{Diagnostic, DrawingLimit, Place, Problem, Severity};
use crate::values::digest::{ArtDigest, Digest, FontsDigest, Key, Recipe};
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, CardLayout, CardProblem, CardRequest, Limit, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;

/// For all cards of a capsule; a card takes milliseconds.
const LAYOUT_SECONDS: u64 = 120;

/// The watermark of drafts is ours: no charter may leave it out.
const WATERMARK: &str = include_str!("../../assets/charter/watermark.svg");

/// A capsule's cards as they will be drawn.
#[derive(Clone, Debug, Default)]
pub struct Cards {
    pub arts: Arts,
    /// Outlines by digest.
    pub outlines: BTreeMap<ArtDigest, String>,
    /// What is written on each card, by card and field, as in the manifest.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    /// Under which the layouts are stored.
    pub keys: BTreeSet<Key>,
    /// What is worth a look and stops nothing.
    pub warnings: Vec<Diagnostic>,
}

/// Lays out every card that a capsule shows in these profiles.
///
/// # Errors
/// In the inner result: everything that does not fit or cannot be drawn, once
/// for each card and column.
pub fn lay_out(
    workshop: &Workshop,
    series: &Series,
    capsule: &Capsule,
    facts: &SourceFacts,
    profiles: &[&Profile],
    draft: bool,
) -> Result<Result<Cards, Vec<Diagnostic>>, Failure> {
    let wanted: BTreeSet<(CardKind, Size)> = profiles
        .iter()
        .flat_map(|profile| {
            let sizes = capsule::renditions(facts, profile, draft);
            let cards = capsule::shown_cards(capsule, profile, draft);
            cards
                .into_iter()
                .flat_map(move |card| sizes.iter().map(|r| (card, r.size)).collect::<Vec<_>>())
        })
        .collect();
    let mut layouts: BTreeMap<(CardKind, Size), CardLayout> = BTreeMap::new();
    let mut missing: Vec<((CardKind, Size), ArtRecipe, CardRequest)> = Vec::new();
    let mut problems = Vec::new();
    let mut keys = BTreeSet::new();
    for &(card, size) in &wanted {
        let Some(template) = template(&series.charter, card, size) else {
            problems.push(Diagnostic::of_capsule(
                Problem::TemplateMissing {
                    card: card.name().into(),
                },
                Place::Series,
                &capsule.id,
            ));
            continue;
        };
        let fields = fields(series, capsule, card);
        let portrait = portrait(&series.charter, capsule, &template);
        let boxes = boxes(&series.charter, card);
        let recipe = recipe(series, capsule, &template, &fields, size, (boxes, portrait));
        keys.insert(recipe.key());
        match workshop
            .store
            .get(recipe.key())?
            .and_then(|o| serde_json::from_slice(&o.bytes).ok())
        {
            Some(layout) => {
                layouts.insert((card, size), layout);
            }
            None => {
                let request = CardRequest {
                    svg: template.svg.to_string(),
                    fields: fields.clone(),
                    palette: series.charter.palette.clone(),
                    font_family: series.charter.font_family.clone(),
                    language: capsule.language.clone(),
                    size,
                    boxes: boxes.clone(),
                    pictures: series
                        .charter
                        .logos
                        .iter()
                        .map(|l| l.bytes.to_vec())
                        .collect(),
                    portrait: portrait.map(|p| p.bytes.to_vec()),
                };
                missing.push(((card, size), recipe, request));
            }
        }
    }
    for (place, layout) in ask(workshop, &series.charter, missing)? {
        layouts.insert(place, layout);
    }

    let mut cards = Cards {
        keys,
        ..Cards::default()
    };
    let mut written: BTreeMap<CardKind, BTreeSet<String>> = BTreeMap::new();
    for ((card, size), layout) in layouts {
        let path = template(&series.charter, card, size)
            .map(|t| t.path)
            .unwrap_or_default();
        // The watermark is ours to look at.
        let remarks = layout
            .remarks
            .into_iter()
            .filter(|_| card != CardKind::Watermark);
        for problem in layout.problems.into_iter().chain(remarks) {
            let found = diagnostic(problem, card, &path, &series.charter, capsule);
            // The same text overflows on several rungs: it is said once.
            let same = |d: &Diagnostic| same_finding(&d.problem, &found.problem);
            if !problems.iter().any(same) {
                problems.push(found);
            }
        }
        let named = layout.shown.into_iter().map(|shown| shown.field);
        written.entry(card).or_default().extend(named);
        if let Some(svg) = layout.svg {
            let art = ArtDigest(Digest::of(svg.as_bytes()));
            cards.arts.insert((card, size), art);
            cards.outlines.insert(art, svg);
        }
    }
    let refused = problems.iter().any(|d| d.severity() == Severity::Error);
    if refused {
        return Ok(Err(problems));
    }
    cards.warnings = problems;
    cards.texts = texts(series, capsule, written);
    Ok(Ok(cards))
}

fn template(charter: &Charter, card: CardKind, size: Size) -> Option<Template> {
    match card {
        CardKind::Watermark => Some(Template {
            path: "built-in: watermark.svg".into(),
            svg: Arc::from(WATERMARK),
        }),
        card => charter.template(card, size.shape()).cloned(),
    }
}

/// The charter's word on the boxes of a card; it has none on the watermark's.
fn boxes(charter: &Charter, card: CardKind) -> &BoxRules {
    static NONE: BoxRules = BoxRules::new();
    charter.boxes.get(&card).unwrap_or(&NONE)
}

/// The capsule's portrait, where the drawing has a place for one.
fn portrait<'a>(
    charter: &'a Charter,
    capsule: &Capsule,
    template: &Template,
) -> Option<&'a Picture> {
    let found = charter.portraits.get(capsule.id.as_str())?;
    template.svg.contains("portrait").then_some(found)
}

/// Every column that a card may show, and what the series says of itself.
fn fields(series: &Series, capsule: &Capsule, card: CardKind) -> BTreeMap<String, String> {
    let columns = [
        "id",
        "title",
        "theme",
        "speaker",
        "role",
        "structure",
        "contact",
        "description",
    ];
    let mut fields: BTreeMap<String, String> = columns
        .iter()
        .map(|&c| (c.to_owned(), capsule.field(c).to_owned()))
        .collect();
    fields.insert("question".into(), capsule.title.clone());
    fields.insert("series".into(), series.title.clone());
    fields.insert(
        "publisher".into(),
        series.publisher.clone().unwrap_or_default(),
    );
    if card == CardKind::End && series.publisher == capsule.structure {
        // A structure that publishes its own series is named once.
        fields.insert("structure".into(), String::new());
    }
    let word = if capsule.language.is_french() {
        "Brouillon"
    } else {
        "Draft"
    };
    fields.insert("watermark".into(), word.into());
    fields.extend(
        capsule
            .extra
            .iter()
            .map(|(k, v)| (format!("x-{k}"), v.clone())),
    );
    fields
}

fn recipe(
    series: &Series,
    capsule: &Capsule,
    template: &Template,
    fields: &BTreeMap<String, String>,
    size: Size,
    (boxes, portrait): (&BoxRules, Option<&Picture>),
) -> ArtRecipe {
    let charter = &series.charter;
    ArtRecipe {
        layout: LAYOUT,
        template: Digest::of(template.svg.as_bytes()),
        fields: fields.clone(),
        palette: charter.palette.clone(),
        font_family: charter.font_family.clone(),
        fonts: fonts_digest(charter),
        boxes: boxes.clone(),
        pictures: charter.logos.iter().map(|l| Digest::of(&l.bytes)).collect(),
        portrait: portrait.map(|p| Digest::of(&p.bytes)),
        language: capsule.language.clone(),
        size,
    }
}

fn fonts_digest(charter: &Charter) -> FontsDigest {
    let mut hasher = blake3::Hasher::new();
    for font in &charter.fonts {
        hasher.update(&(font.bytes.len() as u64).to_le_bytes());
        hasher.update(&font.bytes);
    }
    FontsDigest(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

type Wanted = ((CardKind, Size), ArtRecipe, CardRequest);
type Placed = ((CardKind, Size), CardLayout);

fn ask(
    workshop: &Workshop,
    charter: &Charter,
    missing: Vec<Wanted>,
) -> Result<Vec<Placed>, Failure> {
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let mut fonts = workshop.store.scratch()?;
    for font in &charter.fonts {
        fonts
            .write_all(&font.bytes)
            .map_err(|e| Failure::Machine(super::io_problem("fonts", &e)))?;
    }
    fonts
        .seek(SeekFrom::Start(0))
        .map_err(|e| Failure::Machine(super::io_problem("fonts", &e)))?;
    let lengths = charter.fonts.iter().map(|f| f.bytes.len() as u64).collect();
    let (places, requests): (Vec<_>, Vec<_>) = missing
        .into_iter()
        .map(|(place, recipe, request)| ((place, recipe), request))
        .unzip();
    let request = Request::LayOut {
        fonts: lengths,
        cards: requests,
    };
    let allowed = Duration::from_secs(LAYOUT_SECONDS);
    let answer = workshop.ask(&request, &beside(&[&fonts]), allowed, &mut |_| Go::On)?;
    let cards = match answer {
        Answer::LaidOut { cards } => cards,
        Answer::FontUnusable { file, error } => {
            let path = charter
                .fonts
                .get(file)
                .map_or_else(String::new, |f| f.path.clone());
            return Err(Failure::Capsule(Problem::FontUnusable { path, error }));
        }
        _ => return Err(unexpected()),
    };
    let mut laid_out = Vec::new();
    for ((place, recipe), layout) in places.into_iter().zip(cards) {
        let bytes = serde_json::to_vec(&layout).map_err(|_| unexpected())?;
        workshop.store.put(&recipe, &bytes, &workshop.toolchain)?;
        laid_out.push((place, layout));
    }
    Ok(laid_out)
}

/// What each card says, for the manifest: the fields that are written on it.
fn texts(
    series: &Series,
    capsule: &Capsule,
    written: BTreeMap<CardKind, BTreeSet<String>>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let cards = written
        .into_iter()
        .filter(|(card, _)| *card != CardKind::Watermark);
    cards
        .map(|(card, named)| {
            let said = fields(series, capsule, card)
                .into_iter()
                .filter(|(field, _)| named.contains(field))
                .collect();
            (card.name().to_owned(), said)
        })
        .collect()
}

fn same_finding(a: &Problem, b: &Problem) -> bool {
    match (a, b) {
        (
            Problem::CardOverflow { card, column, .. },
            Problem::CardOverflow {
                card: other,
                column: same,
                ..
            },
        )
        | (
            Problem::CardContrast { card, column, .. },
            Problem::CardContrast {
                card: other,
                column: same,
                ..
            },
        ) => card == other && column == same,
        _ => a == b,
    }
}

/// A card's problem, at the cell or file where it is put right.
fn diagnostic(
    problem: CardProblem,
    card: CardKind,
    template: &str,
    charter: &Charter,
    capsule: &Capsule,
) -> Diagnostic {
    let column = |field: &str| {
        if field == "question" {
            "title".to_owned()
        } else {
            field.to_owned()
        }
    };
    let cell = |field: &str| match field {
        "series" | "publisher" => Place::File {
            path: "series.toml".into(),
        },
        field => capsule.place(&column(field)),
    };
    let drawing = Place::File {
        path: template.to_owned(),
    };
    let card = card.name().to_owned();
    let (problem, place) = match problem {
        CardProblem::Overflow {
            field,
            characters,
            room,
        } => (
            Problem::CardOverflow {
                card,
                column: column(&field),
                characters,
                room,
            },
            cell(&field),
        ),
        CardProblem::MissingGlyph { field, character } => (
            Problem::MissingGlyph {
                card,
                column: column(&field),
                character,
            },
            cell(&field),
        ),
        CardProblem::UnknownField { field, suggestion } => (
            Problem::CardFieldUnknown {
                card,
                field,
                suggestion,
            },
            drawing,
        ),
        CardProblem::UnknownColour { colour, suggestion } => (
            Problem::TemplateColourUnknown { colour, suggestion },
            drawing,
        ),
        CardProblem::UnknownFont { family, suggestion } => {
            (Problem::TemplateFontUnknown { family, suggestion }, drawing)
        }
        CardProblem::EmptyBox { field } => (Problem::TemplateBoxEmpty { field }, drawing),
        CardProblem::StrayText { text } => (Problem::TemplateTextStray { text }, drawing),
        CardProblem::BrokenTemplate { error } => (Problem::TemplateBroken { error }, drawing),
        CardProblem::Doctype => (Problem::TemplateDoctype, drawing),
        CardProblem::ExternalReference { reference } => {
            (Problem::TemplateReferenceOutside { reference }, drawing)
        }
        CardProblem::LimitExceeded {
            limit,
            found,
            allowed,
        } => {
            let limit = drawing_limit(limit);
            (
                Problem::TemplateBeyondLimit {
                    limit,
                    found,
                    allowed,
                },
                drawing,
            )
        }
        CardProblem::PortraitUnusable { error } => {
            let portrait = charter.portraits.get(capsule.id.as_str());
            let place = portrait.map_or(drawing, |portrait| Place::File {
                path: portrait.path.clone(),
            });
            (Problem::PortraitUnusable { error }, place)
        }
        CardProblem::QrTooLong { field, bytes } => (
            Problem::QrTooLong {
                card,
                column: column(&field),
                bytes,
            },
            cell(&field),
        ),
        CardProblem::NoTextBox => (Problem::TemplateWithoutText { card }, drawing),
        CardProblem::DuplicateId { id } => (Problem::TemplateIdTwice { id }, drawing),
        CardProblem::OutsideSafeArea { field } => (
            Problem::CardOutsideSafeArea {
                card,
                column: column(&field),
            },
            drawing,
        ),
        CardProblem::LowContrast {
            field,
            hundredths,
            needed_hundredths,
            over_footage,
        } => (
            Problem::CardContrast {
                card,
                column: column(&field),
                hundredths,
                needed_hundredths,
                over_footage,
            },
            drawing,
        ),
        CardProblem::PictureUnusable { number, error } => {
            // The charter's logos are handed over in its own order.
            let logo = number
                .checked_sub(1)
                .and_then(|index| charter.logos.get(index));
            let place = logo.map_or(drawing, |logo| Place::File {
                path: logo.path.clone(),
            });
            (Problem::LogoUnusable { number, error }, place)
        }
    };
    match problem.severity() {
        Severity::Error => Diagnostic::of_capsule(problem, place, &capsule.id),
        // About the drawing, whichever capsule it is drawn for.
        _ => Diagnostic::new(problem, place),
    }
}

fn drawing_limit(limit: Limit) -> DrawingLimit {
    match limit {
        Limit::Bytes => DrawingLimit::Bytes,
        Limit::Depth => DrawingLimit::Depth,
        Limit::Elements => DrawingLimit::Elements,
        Limit::ReferencedElements => DrawingLimit::ElementsDrawn,
        Limit::Boxes => DrawingLimit::Boxes,
        Limit::StyleBytes => DrawingLimit::StyleBytes,
        Limit::FilterPrimitives => DrawingLimit::FilterEffects,
        Limit::FilterKind => DrawingLimit::FilterKind,
        Limit::FilterRadius => DrawingLimit::FilterRadius,
        Limit::PicturePixels => DrawingLimit::PicturePixels,
        Limit::Coordinates => DrawingLimit::Reach,
        Limit::FramePixels => DrawingLimit::FramePixels,
    }
}
