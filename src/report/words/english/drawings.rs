//! What is said of a card's drawing and of what it uses.

use crate::report::words::listed;
use crate::values::diagnostic::DrawingLimit;

pub(super) fn broken(error: &str) -> String {
    format!("this drawing is not sound SVG ({error}).")
}

pub(super) fn text_stray(text: &str) -> String {
    format!(
        "the drawing contains the text “{text}”, which will not be shown: it would depend on \
         fonts that are not in the charter."
    )
}

pub(super) const DOCTYPE: &str = "the drawing contains a DOCTYPE declaration, which is not \
     accepted because it can point at other files.";

pub(super) fn reference_outside(reference: &str) -> String {
    format!(
        "the drawing refers to something outside itself (“{reference}”), which is not accepted."
    )
}

pub(super) fn beyond(limit: DrawingLimit, found: u64, allowed: u64) -> String {
    let bounds = format!("({found}, at most {allowed})");
    match limit {
        DrawingLimit::Bytes => {
            format!("the drawing’s file is too large ({found} bytes, at most {allowed}).")
        }
        DrawingLimit::Depth => format!("the drawing has too many groups within groups {bounds}."),
        DrawingLimit::Elements => format!("the drawing has too many elements {bounds}."),
        DrawingLimit::ElementsDrawn => format!(
            "the drawing has too many elements once clones and patterns are counted {bounds}."
        ),
        DrawingLimit::Boxes => {
            format!("the drawing has too many boxes for texts and logos {bounds}.")
        }
        DrawingLimit::StyleBytes => {
            format!("the drawing’s style sheets are too long ({found} bytes, at most {allowed}).")
        }
        DrawingLimit::FilterEffects => format!("the drawing has too many filter effects {bounds}."),
        DrawingLimit::FilterKind => {
            "the drawing uses a filter effect that is not accepted, because it can take any \
             amount of time."
                .to_owned()
        }
        DrawingLimit::FilterRadius => format!("a blur of the drawing is too wide {bounds}."),
        DrawingLimit::PicturePixels => format!(
            "the pictures within the drawing are too large ({found} pixels in all, at most \
             {allowed})."
        ),
        DrawingLimit::Reach => format!(
            "something in the drawing lies too far outside the frame ({found} pixels, at most \
             {allowed})."
        ),
        DrawingLimit::FramePixels => format!(
            "the card would be too large, or have no area (a side of {found} pixels, at most \
             {allowed})."
        ),
    }
}

pub(super) fn beyond_hint(limit: DrawingLimit) -> &'static str {
    match limit {
        DrawingLimit::Bytes | DrawingLimit::PicturePixels => {
            "Make the pictures within it smaller, then save it again."
        }
        DrawingLimit::Depth | DrawingLimit::Elements | DrawingLimit::ElementsDrawn => {
            "Simplify it: ungroup, join paths, put a picture in place of patterns."
        }
        DrawingLimit::StyleBytes => {
            "Export it without a style sheet (presentation attributes), or take out the rules that \
             serve no purpose."
        }
        DrawingLimit::Boxes => "Take out the boxes that serve no purpose.",
        DrawingLimit::FilterEffects | DrawingLimit::FilterKind | DrawingLimit::FilterRadius => {
            "Take this effect out or make it lighter, or put a picture in its place."
        }
        DrawingLimit::Reach => "Delete what lies far outside the frame, or move it closer.",
        DrawingLimit::FramePixels => "Give the profile a more reasonable height.",
    }
}

/// 2.1 (to 1).
fn ratio(hundredths: u32) -> String {
    format!("{}.{}", hundredths / 100, hundredths % 100 / 10)
}

pub(super) fn contrast(
    content: &str,
    hundredths: u32,
    needed_hundredths: u32,
    over_footage: bool,
) -> String {
    let needed = ratio(needed_hundredths);
    if over_footage {
        format!(
            "{content} may be lost against the picture that shows behind it; a contrast of {needed} \
             is needed whatever that picture."
        )
    } else {
        let found = ratio(hundredths);
        format!(
            "{content} does not stand out enough from its ground (contrast {found}, at least \
             {needed} is needed): people who see poorly cannot read it."
        )
    }
}

/// `in_charter`: where the line of `charter.toml` is told.
pub(super) fn contrast_hint(in_charter: bool, card: &str, over_footage: bool) -> &'static str {
    match (in_charter, over_footage) {
        (true, true) if matches!(card, "opening" | "end") => {
            "On this line or at “veil”, let less of the background show: veil = 85 suits the \
             drawings that come with the program, veil = 100 hides it."
        }
        (true, _) => {
            "On this line, choose a colour further from the other: darker on a light ground, \
             lighter on a dark one."
        }
        (false, true) => {
            "In the drawing, put a solid band behind this text: light under dark letters, or dark \
             under light ones."
        }
        (false, false) => {
            "In the drawing or the palette, choose a darker text on a lighter ground, or the other \
             way round, or larger letters."
        }
    }
}

pub(super) fn boxes_hint(boxes: &[String]) -> String {
    if boxes.is_empty() {
        return "That drawing has no box; delete this setting.".to_owned();
    }
    let quoted: Vec<String> = boxes.iter().map(|b| format!("“{b}”")).collect();
    format!(
        "Its boxes are {}; correct this name, or delete the setting.",
        listed(&quoted, "and")
    )
}

pub(super) const BACKGROUND_HINT: &str = "In the drawing, make the ground a plain rectangle \
     behind everything else that covers the whole picture; or delete this line.";
