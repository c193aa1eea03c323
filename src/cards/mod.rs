//! Title cards: a designer's SVG and the texts of one capsule → outlines at one
//! exact size → premultiplied pixels.
//!
//! Runs in a worker only, because templates, fonts and logos come from outside.
//! `lay_out` is where everything untrusted is looked at: `template` bounds and
//! refuses, `fit` finds the size of a text that has been typeset, `lines` the
//! breaks, `place` and `draw` fill the boxes, `contrast` judges what can be read,
//! `compose` builds the drawing. `captions` sets the cues that are burnt in. What
//! leaves is plain outlines. `raster` draws them, and is the only part that knows
//! pixels.
//!
//! No files, no system fonts, no network, no clock: the same request gives the
//! same bytes. Nothing here knows capsules, rungs or time.
//!
//! # What a template may say
//!
//! Plain SVG as Inkscape, Illustrator and Figma export it. An element named (by
//! `id`, `inkscape:label` or `data-name`; `names` knows what programs make of a
//! name):
//!
//! - `text:FIELD` is the box of a text, and is not drawn itself. `data-font`,
//!   `data-weight`, `data-colour` (else its own fill, else its stroke),
//!   `data-align` (left, center, right), `data-valign` (top, middle, bottom),
//!   `data-max-size` and `data-min-size` (user units), `data-min-px` (smallest
//!   size in pixels of the rendition, 11 unless told), `data-max-lines`,
//!   `data-prefer-lines` (set smaller rather than in more lines),
//!   `data-line-height`. Its style says font, weight, size and alignment where
//!   these do not, and the charter's file (`boxes`) overrides both. On a small
//!   rendition letters grow beyond their largest size, up to what is read with
//!   ease on a telephone, where the box has room;
//! - `image:logo` is the box of the partners' logos, laid out in a row;
//! - `image:portrait` is filled with the portrait of who speaks, cut to the
//!   box's own outline;
//! - `qr:FIELD` holds the field's text as a QR code, dark on light
//!   (`data-colour` on `data-ground`) with its quiet zone;
//! - `if:FIELD` vanishes, with all it contains, when the field is empty
//!   (`if:logo` and `if:portrait` without such pictures).
//!
//! `palette:NAME` stands for a colour of the charter. Boxes with the same
//! `data-stack` close up on one another (`data-gap` between them,
//! `data-stack-align` top, middle or bottom within the boxes' union). A
//! rectangle with `data-hug="speaker role"` shrinks around what those texts
//! really occupy, `data-hug-pad="x y"` away (`data-hug-axis` x, y or both). Any
//! element with `data-unless="contact logo"` gives way, with all it contains, to
//! any of these: it is drawn only when all of them are empty.
//!
//! A frame of another shape than the view box shows more of the drawing's
//! plane, never a stretched one: the view box is scaled to fit and placed by the
//! root's `data-anchor` (center, bottom-left, …), and a rectangle that covers the
//! whole view box, however it is written and moved there, grows to cover the
//! frame (`grounds`).
//!
//! `<text>` is not drawn, and is reported: its look would depend on fonts that
//! are not in the charter. It is to be a text box, or converted to a path.

mod bands;
mod boxes;
mod captions;
mod compose;
mod contrast;
mod draw;
mod fit;
mod grounds;
mod lines;
mod names;
mod pictures;
mod place;
mod raster;
mod sheet;
mod style;
mod template;

use crate::series::charter::{BoxRules, Position, Rgb};
use crate::values::geometry::Size;
use crate::values::ids::Language;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use captions::{CaptionLayout, CaptionProblem, CaptionRequest, captions};
pub use compose::lay_out;
pub use fit::{FontError, Fonts, fonts};
pub use raster::{Raster, rasterise};
pub use sheet::{Placed, sheet};

/// Everything that decides how one card looks at one size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CardRequest {
    pub svg: String,
    /// Text by column name. A column that is not here is an unknown field; one
    /// that is here and empty draws nothing.
    pub fields: BTreeMap<String, String>,
    pub palette: BTreeMap<String, Rgb>,
    pub font_family: String,
    /// Of the texts: decides the spaces before punctuation.
    pub language: Language,
    /// Of the fields that are in another: the series' own name on a capsule of
    /// another language.
    pub languages: BTreeMap<String, Language>,
    pub size: Size,
    /// What the charter's file says of boxes, by field.
    pub boxes: BoxRules,
    /// Partners' logos (PNG, JPEG or SVG files), in the order they are shown.
    pub pictures: Vec<Vec<u8>>,
    /// Of who speaks (PNG or JPEG).
    pub portrait: Option<Vec<u8>>,
    /// How much of the drawing's ground is left, in percent, where something
    /// lies behind the card.
    pub veil: Option<u8>,
    /// Where the drawing stands in the frame, if not where it was drawn.
    pub position: Option<Position>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CardLayout {
    /// Outlines only: no text, no reference to anything outside, width and
    /// height in pixels. Absent when the template cannot be drawn at all. With
    /// other problems it is still there, so that a report can show them.
    pub svg: Option<String>,
    /// The texts that are drawn, as they are typeset, from top to bottom.
    pub shown: Vec<Shown>,
    pub problems: Vec<CardProblem>,
    /// Drawn as asked, and worth a look.
    pub remarks: Vec<CardProblem>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    pub field: String,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum CardProblem {
    /// Does not fit at the smallest size allowed; `room` is how many of its
    /// characters would, as measured.
    Overflow {
        field: String,
        characters: usize,
        room: usize,
    },
    /// No font of the charter has it. Once per character and field.
    MissingGlyph {
        field: String,
        character: char,
    },
    UnknownField {
        field: String,
        suggestion: Option<String>,
    },
    UnknownColour {
        colour: String,
        suggestion: Option<String>,
    },
    UnknownFont {
        family: String,
        suggestion: Option<String>,
    },
    /// A name that was meant to be a box, and is none: its element is drawn.
    UnknownBox {
        name: String,
        suggestion: String,
    },
    /// A text box without a size, so that its text cannot be seen.
    EmptyBox {
        field: String,
    },
    /// A `<text>` element, which is not drawn.
    StrayText {
        text: String,
    },
    /// Not SVG, or not well-formed.
    BrokenTemplate {
        error: String,
    },
    /// A document type, hence entities: they can point at files, or explode.
    Doctype,
    /// Something that would have to be fetched or opened.
    ExternalReference {
        reference: String,
    },
    LimitExceeded {
        limit: Limit,
        found: u64,
        allowed: u64,
    },
    /// A logo that cannot be read; counts from 1.
    PictureUnusable {
        number: usize,
        error: String,
    },
    PortraitUnusable {
        error: String,
    },
    /// More than a QR code can hold.
    QrTooLong {
        field: String,
        bytes: usize,
    },
    /// Not one box for a text.
    NoTextBox,
    /// Several elements have an id to which another refers: which one is meant
    /// is anybody's guess.
    DuplicateId {
        id: String,
    },
    /// Where a television or a projector may cut it off. `logo` and `portrait`
    /// are fields too.
    OutsideSafeArea {
        field: String,
    },
    /// What the charter's file says of a box that the drawing does not have;
    /// `boxes` are those that it has.
    RuleWithoutBox {
        field: String,
        boxes: Vec<String>,
    },
    /// Nothing of what lies behind the card can be seen.
    BackgroundHidden,
    /// Below WCAG's ratio, in hundredths. `over_footage`: the film shows behind
    /// the text, and may have its colour. `colour` as it is written.
    LowContrast {
        field: String,
        colour: String,
        hundredths: u32,
        needed_hundredths: u32,
        over_footage: bool,
    },
}

/// Bounds on what an untrusted template may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    Bytes,
    Depth,
    Elements,
    /// Elements once every `<use>`, pattern, mask and clip is followed; a filter
    /// or a picture counts as many.
    ReferencedElements,
    /// Named `text:` or `image:`.
    Boxes,
    /// Of style sheets: each rule is held against each element.
    StyleBytes,
    FilterPrimitives,
    /// A kind of filter whose cost has no bound; `found` is 1, `allowed` 0.
    FilterKind,
    FilterRadius,
    PicturePixels,
    /// How far outside the frame something lies, in pixels.
    Coordinates,
    /// Of the frame to draw, on one side.
    FramePixels,
}
