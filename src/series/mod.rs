//! Floor 1: a series as its files say it: typed, checked, and with every
//! mistake that text alone can show.
//!
//! Nothing here decodes a clip, draws a card or reads the clock.

pub mod capsule;
pub mod charter;
pub mod load;
pub mod profile;

use crate::values::audience::Audience;
use crate::values::diagnostic::Diagnostic;
use crate::values::ids::{Id, Language};
use crate::values::time::Date;
use capsule::Capsule;
use charter::Charter;
use profile::Profile;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A series folder, read.
#[derive(Clone, Debug)]
pub struct Series {
    /// The folder; every other path is relative to it.
    pub folder: PathBuf,
    pub id: Id,
    pub title: String,
    /// Widest audience of any capsule.
    pub audience: Audience,
    pub language: Language,
    pub publisher: Option<String>,
    /// SPDX expression or URL.
    pub licence: Option<String>,
    /// Absolute, ends with `/`.
    pub base_url: Option<String>,
    pub published: Option<Date>,
    /// Integrated loudness of every capsule, in hundredths of LUFS (−1600).
    pub loudness: i32,
    /// Built-in profiles overlaid by those of the series, by name.
    pub profiles: BTreeMap<Id, Profile>,
    pub charter: Charter,
    /// In the catalogue's order; only rows without an error.
    pub capsules: Vec<Capsule>,
    /// Rows that have an error: not built, and not vanished either.
    pub faulty: Vec<Faulty>,
    /// Files of `publish-extra/`, relative to that folder, sorted.
    pub extra_files: Vec<PathBuf>,
}

/// A row that cannot be built. What is published of it stays, where its row
/// still allows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Faulty {
    pub id: Id,
    /// The narrowest audience that the row can be read to mean.
    pub reach: Audience,
    /// How many sound rows stand above it.
    pub below: usize,
}

impl Series {
    /// Every id of the catalogue, sound or not, in its order.
    pub fn ids(&self) -> Vec<&Id> {
        let mut ids: Vec<&Id> = self.capsules.iter().map(|c| &c.id).collect();
        // From the last, so that the places of those above still count.
        for faulty in self.faulty.iter().rev() {
            ids.insert(faulty.below.min(ids.len()), &faulty.id);
        }
        ids
    }
}

/// What reading a series folder gave. `series` is absent when the folder
/// cannot be understood or asks for protection that is not given yet.
#[derive(Debug)]
pub struct Loaded {
    pub series: Option<Series>,
    pub diagnostics: Vec<Diagnostic>,
}
