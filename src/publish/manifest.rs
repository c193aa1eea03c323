//! `manifest.json`: what a tree holds, as its readers (sites, scripts, our own
//! next run) are told. Plain values, their JSON and its schema.
//!
//! Nothing of the machine that built it is in here: no clock, no host, no path
//! outside the tree, no name of a source file.

use super::path::TreePath;
use super::sums::Sha256;
use crate::values::audience::Audience;
use crate::values::ids::{Id, Language};
use crate::values::time::{Date, FrameRate, Rational};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Of the manifest's form. A reader refuses what it does not know.
pub const VERSION: u32 = 1;

pub const MANIFEST: &str = "manifest.json";
pub const SCHEMA: &str = "manifest.schema.json";
pub const SUMS: &str = "SHA256SUMS";

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Manifest {
    /// Of this file's form.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    pub generator: Generator,
    pub series: Series,
    pub audience: Audience,
    /// In the catalogue's order.
    pub capsules: Vec<Capsule>,
    /// Ids whose files must be taken down wherever they were copied.
    #[schemars(with = "BTreeSet<IdText>")]
    pub withdrawn: BTreeSet<Id>,
    /// Every published file but the manifest and the sums, in byte order.
    pub files: Vec<File>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Generator {
    pub name: String,
    pub version: String,
}

impl Generator {
    pub fn this() -> Generator {
        Generator {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Series {
    #[schemars(with = "IdText")]
    pub id: Id,
    pub title: String,
    #[schemars(with = "LanguageText")]
    pub language: Language,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// SPDX expression or URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Absolute, ends with `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Speaker {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure: Option<String>,
    /// When they begin to speak, in seconds; absent where the catalogue does
    /// not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Decimal>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Capsule {
    #[schemars(with = "IdText")]
    pub id: Id,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure: Option<String>,
    /// Where several people speak: each turn, in the order of the film.
    /// `speaker`, `role` and `structure` then name them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speakers: Vec<Speaker>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[schemars(with = "LanguageText")]
    pub language: Language,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateText>")]
    pub published: Option<Date>,
    /// In seconds, of the first rendition.
    pub duration: Decimal,
    /// What is written on each card: by card, by field of the catalogue.
    pub cards: BTreeMap<String, BTreeMap<String, String>>,
    /// When each card is on screen, by card.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub card_times: BTreeMap<String, Span>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<Loudness>,
    pub renditions: Vec<Rendition>,
    pub posters: Vec<Poster>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storyboard: Option<Storyboard>,
    pub captions: Vec<Captions>,
    pub transcripts: Vec<Transcript>,
    /// schema.org VideoObject.
    pub structured_data: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<PathText>")]
    pub embed: Option<TreePath>,
    /// Columns `x-…` of the catalogue, without the prefix.
    pub extra: BTreeMap<String, String>,
    /// Not finished: in the private tree only, on no page, in no bundle.
    #[serde(default, skip_serializing_if = "is_false")]
    pub draft: bool,
    /// In the private tree only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Versions of what made the files; in the private tree only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toolchain: Option<BTreeMap<String, String>>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls skip_serializing_if with a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A stretch of a capsule, in seconds of its own clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Span {
    pub start: Decimal,
    pub end: Decimal,
}

/// Integrated, in LUFS; absent where all is silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Loudness {
    #[serde(rename = "in", default, skip_serializing_if = "Option::is_none")]
    pub measured_in: Option<Decimal>,
    #[serde(rename = "out", default, skip_serializing_if = "Option::is_none")]
    pub measured_out: Option<Decimal>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rendition {
    #[schemars(with = "IdText")]
    pub profile: Id,
    /// The MP4, or the media playlist of this rung.
    #[schemars(with = "PathText")]
    pub path: TreePath,
    pub width: u32,
    pub height: u32,
    /// Frames per second as an exact fraction ("25", "30000/1001").
    pub frame_rate: RateText,
    pub frames: u64,
    /// RFC 6381.
    pub codecs: String,
    pub average_bps: u64,
    pub peak_bps: u64,
    /// Of all files of the rendition.
    pub bytes: u64,
    /// The language of captions that are part of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<LanguageText>")]
    pub burned_captions: Option<Language>,
}

impl Rendition {
    pub fn is_progressive(&self) -> bool {
        self.path.extension() == "mp4"
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Poster {
    #[schemars(with = "PathText")]
    pub path: TreePath,
    pub width: u32,
    pub height: u32,
    pub media_type: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Storyboard {
    /// WebVTT that says which tile shows when.
    #[schemars(with = "PathText")]
    pub index: TreePath,
    #[schemars(with = "PathText")]
    pub sheet: TreePath,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Captions {
    #[schemars(with = "PathText")]
    pub path: TreePath,
    #[schemars(with = "LanguageText")]
    pub language: Language,
    /// For people who do not hear: sounds and speakers are described.
    pub sdh: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Transcript {
    #[schemars(with = "PathText")]
    pub path: TreePath,
    #[schemars(with = "LanguageText")]
    pub language: Language,
    pub media_type: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Source {
    #[schemars(with = "SumText")]
    pub sha256: Sha256,
    /// What the probe says of the clip.
    pub facts: Value,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct File {
    #[schemars(with = "PathText")]
    pub path: TreePath,
    pub bytes: u64,
    #[schemars(with = "SumText")]
    pub sha256: Sha256,
    pub media_type: String,
}

/// A number with at most six decimals: exact in memory, a plain JSON number in
/// the file.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(into = "f64", from = "f64")]
pub struct Decimal {
    millionths: i64,
}

impl Decimal {
    pub fn from_millionths(millionths: i64) -> Decimal {
        Decimal { millionths }
    }

    pub fn from_hundredths(hundredths: i64) -> Decimal {
        Decimal::from_millionths(hundredths * 10_000)
    }

    /// The nearest number with six decimals.
    pub fn nearest(value: Rational) -> Decimal {
        Decimal::from_millionths((value * Rational::integer(1_000_000)).round())
    }

    pub fn to_rational(self) -> Rational {
        Rational::integer(self.millionths)
            * Rational::new(1, 1_000_000).expect("a million is not zero")
    }
}

impl From<Decimal> for f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations and levels are far below 2^53 millionths"
    )]
    fn from(decimal: Decimal) -> f64 {
        decimal.millionths as f64 / 1e6
    }
}

impl From<f64> for Decimal {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast saturates; such a number is no duration anyway"
    )]
    fn from(value: f64) -> Decimal {
        Decimal::from_millionths((value * 1e6).round() as i64)
    }
}

/// A frame rate as a fraction in lowest terms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RateText(pub FrameRate);

impl From<RateText> for String {
    fn from(RateText(rate): RateText) -> String {
        match rate.den() {
            1 => rate.num().to_string(),
            den => format!("{}/{den}", rate.num()),
        }
    }
}

impl TryFrom<String> for RateText {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (num, den) = text.split_once('/').unwrap_or((&text, "1"));
        let rate = || FrameRate::new(num.parse().ok()?, den.parse().ok()?);
        rate()
            .map(RateText)
            .ok_or_else(|| format!("not a frame rate: {text}"))
    }
}

/// Names, in the schema, for texts of a fixed form.
macro_rules! text_schema {
    ($($name:ident: $pattern:literal),+ $(,)?) => {$(
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        struct $name;
        text_schema!(impl $name, $pattern);
    )+};
    (impl $name:ident, $pattern:literal) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

text_schema! {
    IdText: "^[a-z0-9-]{1,100}$",
    LanguageText: "^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
    DateText: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    SumText: "^[0-9a-f]{64}$",
    // Relative, no empty part, no part of dots alone, no backslash.
    PathText: r"^(?!/)(?!.*(^|/)\.{0,2}(/|$))[^\\]+$",
}
text_schema!(impl RateText, "^[1-9][0-9]*(/[1-9][0-9]*)?$");

impl Manifest {
    /// Pretty-printed JSON with sorted keys and a final newline.
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a manifest is plain data");
        pretty(&sorted(value))
    }

    /// Reads what this version writes.
    pub fn parse(text: &str) -> Result<Manifest, String> {
        let mut manifest: Manifest = serde_json::from_str(text).map_err(|e| e.to_string())?;
        // As it is written; another order would hide files from `files_of`.
        manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
        match manifest.version {
            VERSION => Ok(manifest),
            other => Err(format!("version {other}, and this program reads {VERSION}")),
        }
    }

    pub fn capsule(&self, id: &Id) -> Option<&Capsule> {
        self.capsules.iter().find(|capsule| capsule.id == *id)
    }

    /// The files that stand in a capsule's folder.
    pub fn files_of<'a>(&'a self, id: &'a Id) -> impl Iterator<Item = &'a File> {
        let folder = format!("{id}/");
        let first = self
            .files
            .partition_point(|file| file.path.as_str() < folder.as_str());
        self.files
            .iter()
            .skip(first)
            .take_while(move |file| file.path.is_of_capsule(id.as_str()))
    }
}

/// The schema as published beside the manifest: JSON Schema 2020-12.
pub fn schema() -> Value {
    sorted(schemars::schema_for!(Manifest).to_value())
}

pub fn schema_json() -> String {
    pretty(&schema())
}

/// Every way in which a JSON text is not a manifest, in words with the place
/// in the file (JSON Pointer).
pub fn validate(text: &str) -> Vec<String> {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return vec![error.to_string()],
    };
    let validator =
        jsonschema::validator_for(&schema()).expect("the schema we generate is a JSON Schema");
    let mut errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if errors.is_empty() {
        errors.extend(Manifest::parse(text).err());
    }
    errors
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("JSON values can be printed");
    text.push('\n');
    text
}

/// Sorts keys at every depth, whatever order the map type keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<String, Value> =
                map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
