//! What parent and worker say to each other, as values. Files travel beside a
//! request, in the order that each variant names.

pub use crate::cards::{CardLayout, CardProblem, CardRequest, Limit, Placed};
pub use crate::media::error::MediaError;
pub use crate::media::mux::{Fragment, Fragmented, FragmentedSegment, VideoTrack};
pub use crate::media::sound::loudness::Loudness;
pub use crate::media::sound::tune::{TuneReport, TuneRequest};
pub use crate::media::sound::{Side, SoundRequest, SoundSection};
pub use crate::media::stills::{StillPicture, Stills, StillsRequest, Storyboard};
pub use crate::media::verify::{FileFacts, PictureFacts, SoundFacts};

use crate::plan::recipe::{ExaminationRecipe, SegmentRecipe};
use crate::values::diagnostic::SandboxPiece;
use crate::values::digest::ArtDigest;
use crate::values::examination::Examination;
use crate::values::facts::{ProbeFailure, SourceFacts};
use crate::values::geometry::Size;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Request {
    /// Files: the clip.
    Probe,
    /// Files: the clip.
    Examine { recipe: ExaminationRecipe },
    /// Files: the fonts, one after the other; `fonts` are their lengths.
    LayOut {
        fonts: Vec<u64>,
        cards: Vec<CardRequest>,
    },
    /// Files: output, clip (when footage is wanted).
    Render {
        groups: Vec<Vec<SegmentRecipe>>,
        arts: Vec<(ArtDigest, String)>,
    },
    /// Files: output, clip, then the prepared tunes.
    Sound { request: SoundRequest },
    /// Files: output, a sound of the charter.
    Tune { request: TuneRequest },
    /// Files: segments one after the other, output.
    FragmentVideo {
        lengths: Vec<u64>,
        track: VideoTrack,
    },
    /// Files: the sound, output. Boundaries in samples.
    FragmentAudio {
        sample_rate: u32,
        boundaries: Vec<u64>,
    },
    /// Files: segments and then the sound (length in `sound`), scratch, output.
    Progressive {
        lengths: Vec<u64>,
        track: VideoTrack,
        sound: Option<(u64, u32)>,
    },
    /// Files: the file to read back.
    Verify { decode: bool },
    /// Files: judged segments, then taken ones, in one file; output.
    Stills {
        judged: Vec<u64>,
        taken: Vec<u64>,
        request: StillsRequest,
    },
    /// Files: segments, output (PNG).
    Frame {
        lengths: Vec<u64>,
        frames: Vec<u64>,
        size: Size,
        place: u64,
    },
    /// Files: output (PNG).
    CardPicture { svg: String, size: Size },
    /// Files: output (PNG).
    Sheet {
        ground: String,
        size: Size,
        drawings: Vec<String>,
        placed: Vec<Placed>,
    },
}

/// One line from the worker.
#[derive(Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum Message {
    /// The first line: the worker is confined, except for what the kernel lacks.
    Ready {
        missing: Vec<SandboxPiece>,
    },
    /// A segment stands in the output: its place in the request, its bytes.
    Delivered {
        group: usize,
        member: usize,
        offset: u64,
        bytes: u64,
        last_of_group: bool,
    },
    Done {
        answer: Box<Answer>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    Facts {
        facts: Box<SourceFacts>,
    },
    ProbeFailed {
        failure: ProbeFailure,
    },
    Examined {
        found: Examination,
    },
    LaidOut {
        cards: Vec<CardLayout>,
    },
    /// A file that holds no usable font; counts from 0.
    FontUnusable {
        file: usize,
        error: String,
    },
    Rendered,
    Sound {
        report: SoundReport,
    },
    Tune {
        report: TuneReport,
    },
    Fragmented {
        file: Fragmented,
    },
    /// `codec` as in RFC 6381.
    Progressive {
        bytes: u64,
        codec: String,
    },
    Written {
        bytes: u64,
    },
    Verified {
        facts: FileFacts,
    },
    Stills {
        stills: Stills,
    },
    Failed {
        error: MediaError,
    },
}

/// What was found in a capsule's sound and done to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SoundReport {
    pub measured_in: Option<Loudness>,
    pub measured_out: Option<Loudness>,
    pub limited: bool,
    pub nearly_silent: bool,
    pub dual_mono_from: Option<Side>,
    pub damaged_packets: u32,
}
