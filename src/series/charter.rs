//! The graphic charter: palette, fonts, templates and timing of the cards.
//!
//! Templates and pictures are carried as bytes. They come from outside and are
//! parsed in a worker, never here.

use crate::series::profile::CardKind;
use crate::values::diagnostic::Place;
use crate::values::digest::{Digest, FontsDigest};
use crate::values::geometry::Shape;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

#[derive(Clone, Debug)]
pub struct Charter {
    /// `#rrggbb` by name; templates refer to it as `palette:NAME`.
    pub palette: BTreeMap<String, Rgb>,
    /// Where the series itself says something in `charter.toml`, by key
    /// (`palette.ink`, `opening.title.colour`); of colours, those that it changed.
    pub own: BTreeMap<String, Place>,
    /// In the order in which families are searched; built-in fonts last.
    pub fonts: Vec<FontFile>,
    /// Worked out once: they are megabytes.
    pub fonts_digest: OnceLock<FontsDigest>,
    /// The family of text that names none.
    pub font_family: String,
    /// SVG text by card and shape; landscape is always there.
    pub templates: BTreeMap<(CardKind, Shape), Template>,
    /// What `charter.toml` says of the boxes of each card.
    pub boxes: BTreeMap<CardKind, BoxRules>,
    /// Every picture of `logos/`, in name order.
    pub logos: Vec<Picture>,
    /// Pictures of `portraits/` by the capsule that each is named for.
    pub portraits: BTreeMap<String, Picture>,
    pub timing: Timing,
    /// What lies behind an inserted card, where it is more than the drawing's
    /// own ground.
    pub backgrounds: BTreeMap<CardKind, Background>,
    /// How much of the drawing's ground stays over a background, in percent.
    pub veil: u8,
    /// Where the lower third stands, if not where it was drawn.
    pub lower_third: Option<Position>,
    /// What is heard under an inserted card.
    pub sounds: BTreeMap<CardKind, CardSound>,
}

/// Where a drawing stands in the frame, with the margins that it was drawn
/// with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    TopLeft,
    TopCenter,
    TopRight,
    BottomLeft,
    BottomCenter,
    BottomRight,
}

impl Position {
    pub const ALL: [(&'static str, Position); 6] = [
        ("top-left", Position::TopLeft),
        ("top-center", Position::TopCenter),
        ("top-right", Position::TopRight),
        ("bottom-left", Position::BottomLeft),
        ("bottom-center", Position::BottomCenter),
        ("bottom-right", Position::BottomRight),
    ];
}

/// A sound file as found, and how it is heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardSound {
    pub path: String,
    pub bytes: Arc<[u8]>,
    pub digest: Digest,
    /// Against what people say, in hundredths of a loudness unit.
    pub level: i32,
    /// In milliseconds.
    pub fade_in: u32,
    pub fade_out: u32,
    /// Begins anew when it is shorter than the card.
    pub looped: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Background {
    Picture(Picture),
    /// The blurred frame of the film that is next to the card.
    Footage,
}

/// Columns of the catalogue that a card may show, by their English names.
pub const CARD_COLUMNS: [&str; 8] = [
    "id",
    "title",
    "theme",
    "speaker",
    "role",
    "structure",
    "contact",
    "description",
];

/// By field, and then by name as in the `data-` attributes of a drawing, of
/// which it has the last word.
pub type BoxRules = BTreeMap<String, BTreeMap<String, String>>;

impl Charter {
    /// Over all fonts, in order.
    pub fn fonts_digest(&self) -> FontsDigest {
        *self.fonts_digest.get_or_init(|| {
            let mut hasher = blake3::Hasher::new();
            for font in &self.fonts {
                hasher.update(&(font.bytes.len() as u64).to_le_bytes());
                hasher.update(&font.bytes);
            }
            FontsDigest(Digest::from_bytes(*hasher.finalize().as_bytes()))
        })
    }

    /// The drawing for a shape, else the landscape one.
    pub fn template(&self, card: CardKind, shape: Shape) -> Option<&Template> {
        self.templates
            .get(&(card, shape))
            .or_else(|| self.templates.get(&(card, Shape::Landscape)))
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    /// Relative to the series folder, or `built-in: warm/opening.svg`.
    pub path: String,
    pub svg: Arc<str>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FontFile {
    pub path: String,
    pub bytes: Arc<[u8]>,
}

/// A picture file as found, PNG, JPEG or SVG.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    pub path: String,
    pub bytes: Arc<[u8]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
pub struct Rgb {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

/// How an inserted card gives way to the footage, and the footage to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransitionStyle {
    Fade,
    /// What comes pushes what goes out of the picture, to the left.
    Slide,
}

/// Durations of the cards, in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timing {
    pub opening: u32,
    pub end: u32,
    /// Between an inserted card and the footage; 0 for a cut.
    pub transition: u32,
    pub transition_style: TransitionStyle,
    /// From the first frame of footage to the first sight of the lower third.
    pub lower_third_delay: u32,
    /// Fades included.
    pub lower_third: u32,
    pub lower_third_fade: u32,
}
