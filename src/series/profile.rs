//! A profile: a recipe for one use of the films.

use crate::values::ids::Id;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    pub name: Id,
    pub package: Package,
    /// Never outside the private tree.
    pub private: bool,
    pub frame: FrameShape,
    pub cards: Vec<CardKind>,
    pub captions: CaptionMode,
    pub audio: Option<AudioSettings>,
    /// Tallest first, never empty.
    pub ladder: Vec<Rung>,
    /// Upper bound of a single-file profile, in bytes, whatever the duration.
    pub max_bytes: Option<u64>,
}

impl Profile {
    /// Whether captions are part of its pictures.
    pub fn burns_captions(&self) -> bool {
        matches!(self.captions, CaptionMode::Burned | CaptionMode::Both)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Package {
    /// `progressive`: heights of rungs that are offered as one MP4 too.
    Hls {
        progressive: Vec<u32>,
    },
    Mp4,
    Mkv,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameShape {
    Source,
    Wide,
    Square,
    Vertical,
}

#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum CardKind {
    Opening,
    LowerThird,
    End,
    /// Over every picture of a draft. No profile asks for it.
    Watermark,
}

impl CardKind {
    /// The cards of a charter, in the order in which they are seen.
    pub const ALL: [CardKind; 3] = [CardKind::Opening, CardKind::LowerThird, CardKind::End];

    /// The word used in profiles, file names and messages.
    pub fn name(self) -> &'static str {
        match self {
            CardKind::Opening => "opening",
            CardKind::LowerThird => "lower-third",
            CardKind::End => "end",
            CardKind::Watermark => "watermark",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaptionMode {
    Sidecar,
    Burned,
    Both,
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AudioSettings {
    pub codec: AudioCodec,
    pub kbps: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudioCodec {
    Aac,
    Opus,
    Flac,
}

/// One rendition to make, where the source is large enough for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rung {
    /// The short side, in pixels.
    pub height: u32,
    pub codec: VideoCodec,
    pub preset: String,
    pub crf: u8,
    /// VBV cap, with a buffer of 2 s.
    pub max_kbps: Option<u32>,
}

#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    H264,
    Hevc,
    Av1,
    Ffv1,
}
