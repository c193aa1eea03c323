//! The table, read.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A capsule of a clip, and what has to become of it.
pub struct Row {
    /// Below the folder of clips.
    pub clip: String,
    /// Where the capsule starts and ends, as one writes it in the catalogue.
    pub from: &'static str,
    pub until: String,
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

#[derive(Clone)]
pub struct Published {
    pub width: usize,
    pub height: usize,
    /// As `ffprobe` writes it.
    pub rate: String,
    pub frames: usize,
    /// Frames of the clip before the first of them.
    pub skipped: usize,
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
    /// Whether parts of it cannot be decoded, which `check` tells.
    pub damaged: bool,
    /// What `check` says of the clip, in order.
    pub oddities: Vec<String>,
}

impl Row {
    /// The capsule's: the clip's name, as far as ids may have it, and whether it
    /// starts late.
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
        let late = (!self.from.is_empty()).then_some("late");
        parts.chain(late).collect::<Vec<_>>().join("-")
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
    late: Option<[usize; 2]>,
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
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clips/table.toml");
    let text = std::fs::read_to_string(place).expect("readable");
    parse(&text)
}

pub fn parse(text: &str) -> Vec<Row> {
    let written: BTreeMap<String, Written> = toml::from_str(text).expect("a table");
    written
        .into_iter()
        .flat_map(|(clip, written)| rows(clip, written))
        .collect()
}

/// The clip from its start, and the two seconds after its second one, which have
/// to be sought, where the table tells their first frame and their number.
fn rows(clip: String, written: Written) -> Vec<Row> {
    let (until, late) = (written.until.unwrap_or_default(), written.late);
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
                skipped: 0,
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
    let late = late.and_then(|[skipped, frames]| match &verdict {
        Verdict::Published(whole) => Some(Row {
            clip: clip.clone(),
            from: "0:02",
            until: "0:04".into(),
            verdict: Verdict::Published(Published {
                frames,
                skipped,
                ..whole.clone()
            }),
        }),
        Verdict::Refused { .. } => None,
    });
    let whole = Row {
        clip,
        from: "",
        until,
        verdict,
    };
    std::iter::once(whole).chain(late).collect()
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
