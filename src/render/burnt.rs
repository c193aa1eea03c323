//! Captions as they are burnt in: from cues to outlines, at every size that a
//! rung needs. What is set once is kept in the store, a size at a time.

use crate::captions::Cue;
use crate::plan::burnt::{Burnt, Scene};
use crate::plan::recipe::{CAPTIONS, CaptionScene, CaptionsRecipe, CueText};
use crate::render::art::Cards;
use crate::render::{Failure, Workshop, beside, fonts, unexpected};
use crate::series::charter::Charter;
use crate::series::profile::CardKind;
use crate::values::digest::{ArtDigest, Digest, Recipe};
use crate::values::geometry::Size;
use crate::values::ids::Language;
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, CaptionLayout, CaptionProblem, CaptionRequest, Request};
use std::collections::BTreeMap;
use std::time::Duration;

/// A cue takes a millisecond.
const LAYOUT_SECONDS: u64 = 300;

/// Scenes of one request: their outlines come back in one line.
const SCENES: usize = 200;

/// What is burnt in, in the order of its starts.
pub struct Captioned<'a> {
    pub cues: &'a [Cue],
    pub scenes: Vec<Scene>,
    pub language: &'a Language,
    pub sdh: bool,
}

/// What cannot be drawn: the cue's number, why, and at which size.
type Undrawn = Vec<(usize, CaptionProblem, Size)>;

/// Sets captions at every size. Their outlines are put among those of the
/// cards; what cannot be drawn is told by cue and size.
pub fn set(
    workshop: &Workshop,
    charter: &Charter,
    captioned: Captioned<'_>,
    sizes: &[Size],
    cards: &mut Cards,
) -> Result<(Burnt, Undrawn), Failure> {
    let mut arts = BTreeMap::new();
    let mut problems = Undrawn::new();
    let raised = captioned.scenes.iter().any(|scene| scene.raised);
    let text = |cue: &Cue| CueText {
        text: cue.text.clone(),
        settings: cue.settings.clone(),
    };
    let scene = |scene: &Scene| CaptionScene {
        cues: scene.cues.clone(),
        raised: scene.raised,
    };
    for &size in sizes {
        let straps = cards
            .arts
            .iter()
            .filter(|((card, at), _)| raised && card.kind == CardKind::LowerThird && *at == size);
        let recipe = CaptionsRecipe {
            captions: CAPTIONS,
            cues: captioned.cues.iter().map(text).collect(),
            scenes: captioned.scenes.iter().map(scene).collect(),
            font_family: charter.font_family.clone(),
            fonts: charter.fonts_digest(),
            language: captioned.language.clone(),
            sdh: captioned.sdh,
            lower_thirds: straps.map(|(_, art)| *art).collect(),
            size,
        };
        cards.keys.insert(recipe.key());
        let layout = kept(workshop, charter, &recipe, cards)?;
        let of_size = |(cue, problem)| (cue, problem, size);
        problems.extend(layout.problems.into_iter().map(of_size));
        for (number, svg) in layout.scenes.into_iter().enumerate() {
            let Some(svg) = svg else { continue };
            let art = ArtDigest(Digest::of(svg.as_bytes()));
            arts.insert((number, size), art);
            cards.outlines.insert(art, svg);
        }
    }
    problems.sort_by_key(|(cue, ..)| *cue);
    let burnt = Burnt {
        language: captioned.language.clone(),
        scenes: captioned.scenes,
        arts,
    };
    Ok((burnt, problems))
}

fn kept(
    workshop: &Workshop,
    charter: &Charter,
    recipe: &CaptionsRecipe,
    cards: &Cards,
) -> Result<CaptionLayout, Failure> {
    let stored = workshop.store.get(recipe.key())?;
    if let Some(layout) = stored.and_then(|o| serde_json::from_slice(&o.bytes).ok()) {
        return Ok(layout);
    }
    let mut whole = CaptionLayout {
        scenes: Vec::new(),
        problems: Vec::new(),
    };
    for scenes in recipe.scenes.chunks(SCENES) {
        let straps = recipe.lower_thirds.iter();
        let request = CaptionRequest {
            cues: recipe.cues.clone(),
            scenes: scenes.to_vec(),
            font_family: recipe.font_family.clone(),
            language: recipe.language.clone(),
            sdh: recipe.sdh,
            lower_thirds: straps
                .filter_map(|art| cards.outlines.get(art).cloned())
                .collect(),
            size: recipe.size,
        };
        let part = ask(workshop, charter, request)?;
        if part.scenes.len() != scenes.len() {
            return Err(unexpected());
        }
        whole.scenes.extend(part.scenes);
        whole.problems.extend(part.problems);
    }
    let bytes = serde_json::to_vec(&whole).map_err(|_| unexpected())?;
    workshop.store.put(recipe, &bytes, &workshop.toolchain)?;
    Ok(whole)
}

fn ask(
    workshop: &Workshop,
    charter: &Charter,
    captions: CaptionRequest,
) -> Result<CaptionLayout, Failure> {
    let (fonts, lengths) = fonts::handed_over(workshop, charter)?;
    let request = Request::SetCaptions {
        fonts: lengths,
        captions,
    };
    let answer = workshop.ask(
        Material::Charter,
        &request,
        &beside(&[&fonts]),
        Duration::from_secs(LAYOUT_SECONDS),
        &mut |_| Go::On,
    )?;
    match answer {
        Answer::CaptionsSet { captions } => Ok(captions),
        Answer::FontUnusable { file, error } => Err(fonts::unusable(charter, file, error)),
        _ => Err(unexpected()),
    }
}
