//! One row of the catalogue.

use crate::values::audience::Audience;
use crate::values::diagnostic::Place;
use crate::values::ids::{Id, Language};
use crate::values::time::{Date, WrittenTime};
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capsule {
    pub id: Id,
    /// The clip, relative to the series folder (`footage/jour 2/c0012.mov`).
    pub clip: PathBuf,
    pub title: String,
    pub theme: Option<String>,
    pub speaker: Option<String>,
    pub role: Option<String>,
    pub structure: Option<String>,
    pub contact: Option<String>,
    /// Narrower or equal to the series' audience.
    pub audience: Audience,
    pub language: Language,
    /// What is kept of the clip, in order; empty for the whole of it.
    pub keep: Vec<WrittenRange>,
    pub poster: Option<WrittenTime>,
    pub published: Option<Date>,
    pub profiles: Vec<Id>,
    pub description: Option<String>,
    pub status: Status,
    /// Columns `x-…`, without the prefix.
    pub extra: BTreeMap<String, String>,
    pub captions: Vec<CaptionFile>,
    /// Cells of this row by canonical English column name, so that later
    /// floors can point at one.
    pub places: BTreeMap<String, Place>,
}

impl Capsule {
    /// The cell of a column, or the row when the catalogue lacks the column.
    pub fn place(&self, column: &str) -> Place {
        self.places
            .get(column)
            .or_else(|| self.places.get("id"))
            .cloned()
            .unwrap_or(Place::Series)
    }

    /// The text of a catalogue column that a card may show; empty when absent.
    pub fn field(&self, column: &str) -> &str {
        match column {
            "id" => self.id.as_str(),
            "title" | "question" => &self.title,
            "theme" => self.theme.as_deref().unwrap_or_default(),
            "speaker" => self.speaker.as_deref().unwrap_or_default(),
            "role" => self.role.as_deref().unwrap_or_default(),
            "structure" => self.structure.as_deref().unwrap_or_default(),
            "contact" => self.contact.as_deref().unwrap_or_default(),
            "description" => self.description.as_deref().unwrap_or_default(),
            _ => column
                .strip_prefix("x-")
                .and_then(|x| self.extra.get(x))
                .map_or("", String::as_str),
        }
    }
}

/// A cut in the clip as filmed; an open side means the clip's own start or end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenRange {
    pub start: Option<WrittenTime>,
    pub end: Option<WrittenTime>,
    pub place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Ready,
    /// Private tree only, watermarked, left out of bundles.
    Draft,
    /// Unpublished, kept in the store.
    Off,
    /// Unpublished and purged.
    Withdrawn,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CaptionFile {
    /// Relative to the series folder.
    pub path: PathBuf,
    pub language: Language,
    /// For people who do not hear: sounds and speakers are described.
    pub sdh: bool,
}
