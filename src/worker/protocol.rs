//! What parent and worker say to each other, as values. Files travel beside a
//! request, in the order that each variant names.

pub use crate::cards::{CaptionLayout, CaptionProblem, CaptionRequest};
pub use crate::cards::{CardLayout, CardProblem, CardRequest, Limit, Placed};
pub use crate::media::error::MediaError;
pub use crate::media::mux::{Fragment, Fragmented, FragmentedSegment, VideoTrack};
pub use crate::media::sound::loudness::Loudness;
pub use crate::media::sound::tune::{TuneReport, TuneRequest};
pub use crate::media::sound::{Side, SoundRequest, SoundSection};
pub use crate::media::stills::{PosterRequest, StillPicture, Storyboard, StoryboardRequest};
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
    /// Files: none. Which libraries shape the bytes.
    Toolchain,
    /// Files: the clip.
    Probe,
    /// Files: the clip.
    Examine { recipe: ExaminationRecipe },
    /// Files: the fonts, one after the other; `fonts` are their lengths.
    LayOut {
        fonts: Vec<u64>,
        cards: Vec<CardRequest>,
    },
    /// Files: the fonts, as for cards.
    SetCaptions {
        fonts: Vec<u64>,
        captions: CaptionRequest,
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
    /// Files: encoded segments one after the other; of each its length, its
    /// size and its number of pictures.
    Prove { segments: Vec<(u64, Size, u64)> },
    /// Files: the file to read back; with `made_of`, what it was made of.
    Verify { made_of: Option<MadeOf> },
    /// Files: judged segments, then taken ones, in one file; output.
    Poster {
        judged: Vec<u64>,
        taken: Vec<u64>,
        request: PosterRequest,
    },
    /// Files: segments, output.
    Storyboard {
        lengths: Vec<u64>,
        request: StoryboardRequest,
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

impl Request {
    /// What kind of work it is, for the account of processor time.
    pub fn task(&self) -> Task {
        match self {
            Request::Toolchain | Request::Probe | Request::Examine { .. } => Task::Look,
            Request::LayOut { .. }
            | Request::SetCaptions { .. }
            | Request::CardPicture { .. }
            | Request::Sheet { .. } => Task::Cards,
            Request::Render { .. } => Task::Render,
            Request::Sound { .. } | Request::Tune { .. } => Task::Sound,
            Request::FragmentVideo { .. }
            | Request::FragmentAudio { .. }
            | Request::Progressive { .. } => Task::Mux,
            Request::Prove { .. } | Request::Verify { .. } => Task::Verify,
            Request::Poster { .. } | Request::Storyboard { .. } | Request::Frame { .. } => {
                Task::Stills
            }
        }
    }
}

/// Kinds of work that workers do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Probing and looking through clips.
    Look,
    Cards,
    Render,
    Sound,
    Mux,
    Verify,
    Stills,
}

/// Lengths of encoded segments, and of the sound after them, in one file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MadeOf {
    pub pictures: Vec<u64>,
    pub sound: Option<u64>,
}

/// One line from the worker.
#[derive(Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum Message {
    /// The first line: the worker is confined, except for what the kernel lacks.
    Ready { missing: Vec<SandboxPiece> },
    /// A segment stands in the output: its place in the request, its bytes. In
    /// the order of the request, one behind the other.
    Delivered {
        group: usize,
        member: usize,
        offset: u64,
        bytes: u64,
    },
    /// `cpu`: microseconds of processor time that the request took.
    Done {
        answer: Box<Answer>,
        #[serde(default)]
        cpu: u64,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    Toolchain {
        made_by: String,
    },
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
    CaptionsSet {
        captions: CaptionLayout,
    },
    /// A file that holds no usable font; counts from 0.
    FontUnusable {
        file: usize,
        error: String,
    },
    Rendered,
    /// Every segment decoded.
    Proven,
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
    Poster {
        pictures: Vec<StillPicture>,
    },
    Storyboard {
        board: Storyboard,
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
