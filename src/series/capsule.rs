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
    /// As written; of several people, those that are named, each once.
    pub speaker: Option<String>,
    pub role: Option<String>,
    pub structure: Option<String>,
    /// Who speaks, in order; somebody who comes again stands there again. One
    /// at least, if only by a role; empty when nobody is named.
    pub speakers: Vec<Speaker>,
    /// When each of them begins to speak, in the clip as filmed; the first may
    /// do so from the start. Empty where the catalogue does not say: then one
    /// lower third names them all.
    pub changes: Vec<Option<WrittenTime>>,
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
    /// How many lower thirds it has: one for each turn to speak, where their
    /// times are told.
    pub fn lower_thirds(&self) -> usize {
        match self.changes.len() {
            0 => usize::from(!self.speakers.is_empty()),
            turns => turns,
        }
    }

    /// What a card shows of who speaks: all of them, or the one whose turn it
    /// is.
    pub fn named(&self, turn: Option<usize>, column: &str) -> &str {
        let Some(speaker) = turn.and_then(|turn| self.speakers.get(turn)) else {
            return self.field(column);
        };
        let text = match column {
            "speaker" => &speaker.name,
            "role" => &speaker.role,
            "structure" => &speaker.structure,
            other => return self.field(other),
        };
        text.as_deref().unwrap_or_default()
    }

    /// The same, of these speakers only.
    pub fn with_speakers(
        mut self,
        speakers: Vec<Speaker>,
        changes: Vec<Option<WrittenTime>>,
    ) -> Capsule {
        let each = |of: fn(&Speaker) -> &Option<String>| {
            let mut named: Vec<&str> = Vec::new();
            for text in speakers.iter().filter_map(|s| of(s).as_deref()) {
                if !named.contains(&text) {
                    named.push(text);
                }
            }
            (!named.is_empty()).then(|| named.join(", "))
        };
        self.speaker = each(|s| &s.name);
        self.role = each(|s| &s.role);
        self.structure = each(|s| &s.structure);
        self.speakers = speakers;
        self.changes = changes;
        self
    }

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

/// Somebody who speaks, as a lower third names them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Speaker {
    pub name: Option<String>,
    pub role: Option<String>,
    pub structure: Option<String>,
}

impl Speaker {
    /// How to call them in a sentence.
    pub fn called(&self) -> &str {
        let known = [&self.name, &self.role, &self.structure];
        let first = known.into_iter().find_map(Option::as_deref);
        first.unwrap_or_default()
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
