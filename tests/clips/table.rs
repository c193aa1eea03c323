//! The table, read.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A clip and what has to become of it.
pub struct Row {
    /// Below the folder of clips.
    pub clip: String,
    /// Where the capsule ends, as one writes it in the catalogue.
    pub until: Option<String>,
    pub verdict: Verdict,
}

pub enum Verdict {
    Published(Published),
    /// By a diagnostic of that id, whose French says that.
    Refused {
        by: String,
        says: String,
    },
}

pub struct Published {
    pub width: usize,
    pub height: usize,
    /// As `ffprobe` writes it.
    pub rate: String,
    pub frames: usize,
    /// The stream that is seen.
    pub picture: usize,
    /// Matrix with which the source's pixels are read, and whether in full range.
    pub matrix: String,
    pub full: bool,
    /// Every picture of the source is one of the publication: `ffmpeg` loses
    /// one at a constant rate when the size changes on the way.
    pub every_picture: bool,
    /// "tff" or "bff" when the source is interlaced.
    pub fields: Option<String>,
    /// HDR: the mean level, of 255, that the publication may have.
    pub light: Option<[f64; 2]>,
    /// The stream that is heard.
    pub sound: Option<usize>,
    /// Container time of the first picture, in seconds.
    pub first: f64,
    /// Whether parts of it cannot be decoded, which the build tells.
    pub damaged: bool,
    /// What `check` says of the clip, in order.
    pub oddities: Vec<String>,
}

impl Row {
    /// The capsule's: the clip's name, as far as ids may have it.
    pub fn id(&self) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let id: String = self.clip.chars().map(plain).collect();
        let parts = id.split('-').filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("-")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    until: Option<String>,
    refused: Option<String>,
    says: Option<String>,
    size: Option<String>,
    rate: Option<String>,
    frames: Option<usize>,
    #[serde(default)]
    picture: usize,
    matrix: Option<String>,
    #[serde(default)]
    full: bool,
    #[serde(default)]
    every_picture: bool,
    fields: Option<String>,
    light: Option<[f64; 2]>,
    sound: Option<usize>,
    #[serde(default)]
    first: f64,
    #[serde(default)]
    damaged: bool,
    #[serde(default)]
    oddities: Vec<String>,
}

/// All rows, by name.
pub fn read() -> Vec<Row> {
    let written: BTreeMap<String, Written> =
        toml::from_str(include_str!("table.toml")).expect("a table");
    written
        .into_iter()
        .map(|(clip, written)| row(clip, written))
        .collect()
}

fn row(clip: String, written: Written) -> Row {
    let until = written.until;
    let verdict = match (written.refused, written.says) {
        (Some(by), Some(says)) => Verdict::Refused { by, says },
        (None, None) => {
            let size = written.size.unwrap_or_else(|| panic!("{clip}: no size"));
            let (width, height) = size.split_once('x').expect("width x height");
            Verdict::Published(Published {
                width: width.parse().expect("a width"),
                height: height.parse().expect("a height"),
                rate: written.rate.unwrap_or_else(|| panic!("{clip}: no rate")),
                frames: written
                    .frames
                    .unwrap_or_else(|| panic!("{clip}: no frames")),
                picture: written.picture,
                matrix: written.matrix.unwrap_or_else(|| "bt709".into()),
                full: written.full,
                every_picture: written.every_picture,
                fields: written.fields,
                light: written.light,
                sound: written.sound,
                first: written.first,
                damaged: written.damaged,
                oddities: written.oddities,
            })
        }
        _ => panic!("{clip}: refused by what, saying what?"),
    };
    Row {
        clip,
        until,
        verdict,
    }
}

/// Where the clips are; `None` on a machine that has none.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("PORTEVOIX_MEDIA").map(PathBuf::from);
    let folder =
        named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    Some(folder.join("files")).filter(|files| files.is_dir())
}

/// Every file but captions, by name.
pub fn clips_in(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter();
    let files = entries
        .map(|e| e.expect("readable"))
        .filter(|e| e.file_type().is_file());
    let names = files.map(|e| {
        let below = e.path().strip_prefix(folder).expect("below");
        below.display().to_string()
    });
    let mut clips: Vec<String> = names.filter(|name| !name.starts_with("subs/")).collect();
    clips.sort_unstable();
    clips
}
