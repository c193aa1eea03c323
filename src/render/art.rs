//! Cards laid out: from the charter and a capsule's texts to outlines, at every
//! size that a rung needs. Each is laid out once and kept in the store.

use crate::plan::capsule::{self, Arts, Backdrop, Backdrops, Card};
use crate::plan::recipe::{ArtRecipe, LAYOUT};
use crate::render::findings::{About, same_finding};
use crate::render::{Failure, Workshop, beside, fonts, unexpected, watermark};
use crate::series::Series;
use crate::series::capsule::Capsule;
use crate::series::charter::{Background, BoxRules, CARD_COLUMNS, Charter, Picture, Template};
use crate::series::profile::{CardKind, Profile};
use crate::values::diagnostic::{Diagnostic, Place, Problem, Severity};
use crate::values::digest::{ArtDigest, Digest, Key, Recipe};
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::values::ids::Language;
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, CardLayout, CardProblem, CardRequest, Request};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// For all cards of a capsule; a card takes milliseconds.
const LAYOUT_SECONDS: u64 = 120;

/// A capsule's cards as they will be drawn.
#[derive(Clone, Debug, Default)]
pub struct Cards {
    pub arts: Arts,
    /// Outlines by digest.
    pub outlines: BTreeMap<ArtDigest, String>,
    /// What is written on each card, by card and field, as in the manifest.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    /// What lies behind the inserted cards; pictures are among the outlines.
    pub backdrops: Backdrops,
    /// Under which the layouts are stored.
    pub keys: BTreeSet<Key>,
    /// What is worth a look and stops nothing.
    pub warnings: Vec<Finding>,
}

impl Cards {
    pub fn outline(&self, card: impl Into<Card>, size: Size) -> Option<&str> {
        let art = self.arts.get(&(card.into(), size))?;
        self.outlines.get(art).map(String::as_str)
    }

    /// The picture behind a card.
    pub fn below(&self, card: CardKind, size: Size) -> Option<&str> {
        match self.backdrops.get(&card)? {
            Backdrop::Picture(arts) => self.outlines.get(arts.get(&size)?).map(String::as_str),
            Backdrop::Footage => None,
        }
    }
}

/// What is wrong with a card, and the card as it would be drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    /// At the smallest size at which it is found. `None` when nothing can be
    /// drawn.
    pub drawing: Option<Drawing>,
}

/// Outlines, and the size for which they were made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawing {
    pub svg: String,
    pub size: Size,
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
) -> Result<Result<Cards, Vec<Finding>>, Failure> {
    let wanted: BTreeSet<(Card, Size)> = profiles
        .iter()
        .flat_map(|profile| {
            let sizes = capsule::renditions(facts, profile, draft);
            let kinds = capsule::shown_cards(capsule, profile, draft);
            let cards = kinds
                .into_iter()
                .flat_map(move |kind| Card::of(capsule, kind));
            cards.flat_map(move |card| sizes.iter().map(|r| (card, r.size)).collect::<Vec<_>>())
        })
        .collect();
    let mut asked = Vec::new();
    let mut problems: Vec<Finding> = Vec::new();
    let mut keys = BTreeSet::new();
    for &(card, size) in &wanted {
        let Some(template) = template(&series.charter, card.kind, size) else {
            let problem = Problem::TemplateMissing {
                card: card.kind.name().into(),
            };
            problems.push(Finding {
                diagnostic: Diagnostic::of_capsule(problem, Place::Series, &capsule.id),
                drawing: None,
            });
            continue;
        };
        let fields = fields(series, capsule, card);
        let languages = languages(series, capsule);
        let portrait = portrait(&series.charter, capsule, &template);
        let boxes = boxes(&series.charter, card.kind);
        let recipe = recipe(series, capsule, &template, &fields, size, (boxes, portrait));
        let veil = series.charter.backgrounds.get(&card.kind);
        let recipe = ArtRecipe {
            veil: veil.map(|_| series.charter.veil),
            position: series
                .charter
                .lower_third
                .filter(|_| card.kind == CardKind::LowerThird),
            ..recipe
        };
        keys.insert(recipe.key());
        let request = move || CardRequest {
            svg: template.svg.to_string(),
            fields,
            palette: series.charter.palette.clone(),
            font_family: series.charter.font_family.clone(),
            language: capsule.language.clone(),
            languages,
            size,
            boxes: boxes.clone(),
            pictures: series
                .charter
                .logos
                .iter()
                .map(|l| l.bytes.to_vec())
                .collect(),
            portrait: portrait.map(|p| p.bytes.to_vec()),
            veil: recipe.veil,
            position: recipe.position,
        };
        asked.push(((card, size), recipe, request));
    }
    let layouts: BTreeMap<_, _> = laid_out(workshop, &series.charter, asked)?
        .into_iter()
        .collect();

    let mut cards = Cards {
        keys,
        ..Cards::default()
    };
    let mut written: BTreeMap<Card, BTreeSet<String>> = BTreeMap::new();
    let unused = unused_rules(&layouts);
    for ((card, size), layout) in layouts {
        let Some(template) = template(&series.charter, card.kind, size) else {
            continue;
        };
        let about = About {
            card,
            template: &template,
            charter: &series.charter,
            capsule,
        };
        let remarks = layout.remarks.into_iter();
        let remarks = remarks.filter(|remark| match remark {
            CardProblem::RuleWithoutBox { field, .. } => {
                unused.contains(&(card.kind, field.clone()))
            }
            remark => about.is_for_people(remark),
        });
        for problem in layout.problems.into_iter().chain(remarks) {
            let found = about.diagnostic(problem);
            // The same text overflows on several rungs: it is said once.
            let same = |f: &Finding| same_finding(&f.diagnostic.problem, &found.problem);
            if !problems.iter().any(same) {
                let drawing = layout.svg.clone().map(|svg| Drawing { svg, size });
                problems.push(Finding {
                    diagnostic: found,
                    drawing,
                });
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
    add_backdrops(
        workshop,
        series,
        capsule,
        &wanted,
        &mut cards,
        &mut problems,
    )?;
    let refused = problems
        .iter()
        .any(|f| f.diagnostic.severity() == Severity::Error);
    if refused {
        return Ok(Err(problems));
    }
    cards.warnings = problems;
    cards.texts = texts(series, capsule, written);
    Ok(Ok(cards))
}

/// Rules of the charter that no drawing of the card has a box for, whatever the
/// shape of the frame.
fn unused_rules(layouts: &BTreeMap<(Card, Size), CardLayout>) -> BTreeSet<(CardKind, String)> {
    let unused = |layout: &CardLayout, field: &String| {
        let mut remarks = layout.remarks.iter();
        remarks.any(|r| matches!(r, CardProblem::RuleWithoutBox { field: f, .. } if f == field))
    };
    let told = layouts.iter().flat_map(|((card, _), layout)| {
        let remarks = layout.remarks.iter();
        remarks.filter_map(|remark| match remark {
            CardProblem::RuleWithoutBox { field, .. } => Some((card.kind, field.clone())),
            _ => None,
        })
    });
    let everywhere = |(kind, field): &(CardKind, String)| {
        let mut same = layouts.iter().filter(|((card, _), _)| card.kind == *kind);
        same.all(|(_, layout)| unused(layout, field))
    };
    told.filter(everywhere).collect()
}

fn template(charter: &Charter, card: CardKind, size: Size) -> Option<Template> {
    match card {
        CardKind::Watermark => Some(Template {
            path: "built-in: watermark".into(),
            svg: watermark::drawing(size, charter.lower_third).into(),
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
fn fields(series: &Series, capsule: &Capsule, card: Card) -> BTreeMap<String, String> {
    let turn = card.turn_to_speak(capsule);
    let mut fields: BTreeMap<String, String> = CARD_COLUMNS
        .iter()
        .map(|&c| (c.to_owned(), capsule.named(turn, c).to_owned()))
        .collect();
    fields.insert("question".into(), capsule.title.clone());
    fields.insert("series".into(), series.title.clone());
    fields.insert(
        "publisher".into(),
        series.publisher.clone().unwrap_or_default(),
    );
    if card.kind == CardKind::End && series.publisher == capsule.structure {
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
        fonts: charter.fonts_digest(),
        boxes: boxes.clone(),
        pictures: charter.logos.iter().map(|l| Digest::of(&l.bytes)).collect(),
        portrait: portrait.map(|p| Digest::of(&p.bytes)),
        veil: None,
        position: None,
        language: capsule.language.clone(),
        languages: languages(series, capsule),
        size,
    }
}

/// What the series says of itself is in its own language, whatever that of a
/// capsule.
pub(super) fn languages(series: &Series, capsule: &Capsule) -> BTreeMap<String, Language> {
    let own = ["series", "publisher"].map(|field| (field.to_owned(), series.language.clone()));
    let differs = series.language != capsule.language;
    own.into_iter().filter(|_| differs).collect()
}

/// The layouts of cards: those in the store, and the others made and kept there.
fn laid_out<P>(
    workshop: &Workshop,
    charter: &Charter,
    asked: Vec<(P, ArtRecipe, impl FnOnce() -> CardRequest)>,
) -> Result<Vec<(P, CardLayout)>, Failure> {
    let mut layouts = Vec::new();
    let (mut places, mut requests) = (Vec::new(), Vec::new());
    for (place, recipe, request) in asked {
        let stored = workshop.store.get(recipe.key())?;
        match stored.and_then(|o| serde_json::from_slice(&o.bytes).ok()) {
            Some(layout) => layouts.push((place, layout)),
            None => {
                places.push((place, recipe));
                requests.push(request());
            }
        }
    }
    for ((place, recipe), layout) in places.into_iter().zip(ask(workshop, charter, requests)?) {
        let bytes = serde_json::to_vec(&layout).map_err(|_| unexpected())?;
        workshop.store.put(&recipe, &bytes, &workshop.toolchain)?;
        layouts.push((place, layout));
    }
    Ok(layouts)
}

/// Puts what lies behind the inserted cards beside them. A picture is cut to
/// each size as a portrait is to its box, once for the whole series: nothing of
/// a capsule is in its recipe.
fn add_backdrops(
    workshop: &Workshop,
    series: &Series,
    capsule: &Capsule,
    wanted: &BTreeSet<(Card, Size)>,
    cards: &mut Cards,
    problems: &mut Vec<Finding>,
) -> Result<(), Failure> {
    let mut asked = Vec::new();
    for (card, size) in wanted.iter().map(|&(card, size)| (card.kind, size)) {
        let picture = match series.charter.backgrounds.get(&card) {
            None => continue,
            Some(Background::Footage) => {
                cards.backdrops.insert(card, Backdrop::Footage);
                continue;
            }
            Some(Background::Picture(picture)) => picture,
        };
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\">\
             <rect id=\"image:portrait\" width=\"{0}\" height=\"{1}\"/></svg>",
            size.width, size.height
        );
        let template = Digest::of(svg.as_bytes());
        let request = move || CardRequest {
            svg,
            fields: BTreeMap::new(),
            palette: BTreeMap::new(),
            font_family: String::new(),
            language: series.language.clone(),
            languages: BTreeMap::new(),
            size,
            boxes: BoxRules::new(),
            pictures: Vec::new(),
            portrait: Some(picture.bytes.to_vec()),
            veil: None,
            position: None,
        };
        let recipe = ArtRecipe {
            layout: LAYOUT,
            template,
            fields: BTreeMap::new(),
            palette: BTreeMap::new(),
            font_family: String::new(),
            fonts: series.charter.fonts_digest(),
            boxes: BoxRules::new(),
            pictures: Vec::new(),
            portrait: Some(Digest::of(&picture.bytes)),
            veil: None,
            position: None,
            language: series.language.clone(),
            languages: BTreeMap::new(),
            size,
        };
        cards.keys.insert(recipe.key());
        asked.push(((card, size, picture), recipe, request));
    }
    for ((card, size, picture), layout) in laid_out(workshop, &series.charter, asked)? {
        for problem in layout.problems {
            let CardProblem::PortraitUnusable { error } = problem else {
                return Err(unexpected());
            };
            let place = Place::File {
                path: picture.path.clone(),
            };
            let problem = Problem::BackgroundUnusable { error };
            let diagnostic = Diagnostic::of_capsule(problem, place, &capsule.id);
            if !problems.iter().any(|f| f.diagnostic == diagnostic) {
                problems.push(Finding {
                    diagnostic,
                    drawing: None,
                });
            }
        }
        let Some(svg) = layout.svg else { continue };
        let art = ArtDigest(Digest::of(svg.as_bytes()));
        cards.outlines.insert(art, svg);
        let backdrop = cards.backdrops.entry(card);
        let backdrop = backdrop.or_insert_with(|| Backdrop::Picture(BTreeMap::new()));
        if let Backdrop::Picture(arts) = backdrop {
            arts.insert(size, art);
        }
    }
    Ok(())
}

/// Has a worker lay out cards in the charter's fonts.
pub(super) fn ask(
    workshop: &Workshop,
    charter: &Charter,
    cards: Vec<CardRequest>,
) -> Result<Vec<CardLayout>, Failure> {
    if cards.is_empty() {
        return Ok(Vec::new());
    }
    let (fonts, lengths) = fonts::handed_over(workshop, charter)?;
    let request = Request::LayOut {
        fonts: lengths,
        cards,
    };
    let allowed = Duration::from_secs(LAYOUT_SECONDS);
    let answer = workshop.ask(
        Material::Charter,
        &request,
        &beside(&[&fonts]),
        allowed,
        &mut |_| Go::On,
    )?;
    match answer {
        Answer::LaidOut { cards } => Ok(cards),
        Answer::FontUnusable { file, error } => Err(fonts::unusable(charter, file, error)),
        _ => Err(unexpected()),
    }
}

/// What each card says, for the manifest: the fields that are written on it.
fn texts(
    series: &Series,
    capsule: &Capsule,
    written: BTreeMap<Card, BTreeSet<String>>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let cards = written
        .into_iter()
        .filter(|(card, _)| card.kind != CardKind::Watermark);
    cards
        .map(|(card, named)| {
            let said = fields(series, capsule, card)
                .into_iter()
                .filter(|(field, _)| named.contains(field))
                .collect();
            (card.name(), said)
        })
        .collect()
}
