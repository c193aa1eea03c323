//! What a probe says of a clip: the container's word checked against the first
//! decoded frames and every packet's time stamp.

use crate::values::geometry::{Orientation, Size};
use crate::values::time::{FrameRate, Rational};
use serde::{Deserialize, Serialize};

/// A clip that can be published: it has a picture that decodes.
///
/// All times are seconds on the clip's own clock, which reads zero where a
/// player starts: at the earliest of picture and sound.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SourceFacts {
    /// libavformat's short name of the container ("mov,mp4,m4a,3gp,3g2,mj2").
    pub container: String,
    /// Container time at which the clip's clock reads zero, in seconds.
    pub clock_zero: Rational,
    /// What the camera's clock showed at the first picture: seconds since
    /// midnight, below a day. `None` when the clip bears no time code.
    pub timecode: Option<Rational>,
    pub video: VideoFacts,
    /// The track that will be heard; `None` when the clip has no sound.
    pub audio: Option<AudioFacts>,
    pub oddities: Vec<Oddity>,
}

impl SourceFacts {
    /// The picture's duration in seconds.
    pub fn duration(&self) -> Rational {
        self.video.rate.time_of(self.video.frames)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VideoFacts {
    /// Index of the stream in the container.
    pub stream: usize,
    pub codec: String,
    /// Pixels as stored, after the codec's own cropping.
    pub coded: Size,
    /// Width to height of one pixel; 1/1 when unknown.
    pub sample_aspect: Rational,
    pub orientation: Orientation,
    /// The constant rate at which the capsule is published.
    pub rate: FrameRate,
    /// Whether the clip's own frames lie off that rate's grid.
    pub variable_rate: bool,
    /// Frames on the grid of `rate`, from the first picture to the end of the last.
    pub frames: u64,
    /// Time of the first picture.
    pub start: Rational,
    /// By how much the decoder stamps pictures later than they are seen: files
    /// that only know the order of their packets (AVI) tell no more.
    pub decoder_delay: Rational,
    pub pixel_format: String,
    pub bit_depth: u8,
    pub colour: Colour,
    pub field_order: FieldOrder,
}

impl VideoFacts {
    /// The picture as it is seen: square pixels, upright, even sides, never
    /// larger than what was filmed.
    pub fn display(&self) -> Size {
        let (num, den) = (
            self.sample_aspect.num() as u64,
            self.sample_aspect.den() as u64,
        );
        let (w, h) = (u64::from(self.coded.width), u64::from(self.coded.height));
        // Anamorphic pictures keep the side that holds more samples; the one that
        // is stretched goes to the nearest even number, to keep its shape.
        let stretched = |side: u64, by: u64, over: u64| (side * by + over) / (2 * over) * 2;
        let (w, h) = if num > den {
            (stretched(w, num, den), h)
        } else if num < den {
            (w, stretched(h, den, num))
        } else {
            (w, h)
        };
        let even = |side: u64| (side.min(65_534) as u32 / 2 * 2).max(2);
        let (w, h) = if self.orientation.swaps_sides() {
            (h, w)
        } else {
            (w, h)
        };
        Size {
            width: even(w),
            height: even(h),
        }
    }
}

/// Names as libavutil prints them ("bt709", "smpte170m", "arib-std-b67");
/// `None` where neither container nor frames say.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Colour {
    pub matrix: Option<String>,
    pub primaries: Option<String>,
    pub transfer: Option<String>,
    pub full_range: bool,
    /// Where chroma lies, as libavutil names it ("left", "topleft", "center").
    pub chroma_location: Option<String>,
    /// Brightest pixel of an HDR clip in cd/m², from its metadata.
    pub peak_nits: Option<u32>,
}

impl Colour {
    /// The matrix to read the pixels with: as tagged, else as players guess,
    /// by size (standard definition up to 576 lines and 1024 columns).
    pub fn matrix_or_guess(&self, coded: Size) -> &str {
        let standard_definition =
            coded.short_side() <= 576 && coded.width.max(coded.height) <= 1024;
        match self.matrix.as_deref() {
            Some(matrix) => matrix,
            None if standard_definition => "smpte170m",
            None => "bt709",
        }
    }

    /// Whether neither pictures nor container gave a name to any colour.
    pub fn says_nothing(&self) -> bool {
        self.matrix.is_none() && self.primaries.is_none() && self.transfer.is_none()
    }

    /// A matrix that no conversion of ours reads: its pictures would be wrong.
    pub fn unreadable_matrix(&self) -> Option<&str> {
        let matrix = self.matrix.as_deref()?;
        let read = match matrix {
            "gbr" | "bt709" | "fcc" | "bt470bg" | "smpte170m" | "smpte240m" | "bt2020nc" => true,
            // Of constant light, which HDR is not defined for.
            "bt2020c" => !self.is_hdr(),
            _ => false,
        };
        (!read).then_some(matrix)
    }

    pub fn is_hdr(&self) -> bool {
        matches!(self.transfer.as_deref(), Some("smpte2084" | "arib-std-b67"))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldOrder {
    Progressive,
    TopFirst,
    BottomFirst,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AudioFacts {
    pub stream: usize,
    pub codec: String,
    pub channels: u16,
    /// Speaker layout as libavutil prints it ("mono", "stereo", "5.1(side)").
    pub layout: String,
    pub sample_rate: u32,
    /// Time of the first sample.
    pub start: Rational,
    /// Seconds of sound by the packets' time stamps.
    pub duration: Rational,
}

/// Something about a clip that is put right on the way, and said by `check`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "oddity", rename_all = "kebab-case")]
pub enum Oddity {
    /// Published upright.
    Rotated {
        clockwise_degrees: u16,
        mirrored: bool,
    },
    /// Published at a constant rate, each picture at its own time.
    VariableRate {
        lowest: FrameRate,
        highest: FrameRate,
    },
    /// Fewer frames than are published: each is shown several times.
    SlowRate {
        filmed: FrameRate,
        published: FrameRate,
    },
    /// Above 60 frames per second: every second frame is left out.
    HighRate {
        filmed: FrameRate,
    },
    /// Pixels that are not square: stretched.
    Anamorphic {
        sample_aspect: Rational,
    },
    Interlaced {
        top_first: bool,
    },
    FullRange,
    /// Matrix of standard definition converted to BT.709.
    StandardDefinitionColour,
    Hdr {
        transfer: String,
    },
    /// No colour tags: read as its size suggests.
    UntaggedColour {
        read_as: String,
    },
    NoSound,
    /// One channel of two is silent or absent: heard on both sides.
    Mono,
    /// More than two channels: mixed down to stereo.
    Surround {
        channels: u16,
    },
    /// Sound starts later (positive) or earlier than the picture.
    SoundOffset {
        seconds: Rational,
    },
    /// Tracks that are neither picture nor sound that we read: left out.
    TracksLeftOut {
        count: usize,
    },
    /// Several sound tracks; which of them is heard, counted from 1.
    SeveralSoundTracks {
        count: usize,
        heard: usize,
    },
}

/// What in an edit list is not shown as it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditFault {
    /// Nothing is to be seen between two parts, or at the end.
    Gap,
    /// A part is slower, faster or still.
    Speed,
    /// Several parts of a film in fragments.
    Fragments,
    /// Too long, or packed.
    Unreadable,
}

/// Why a clip cannot be published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "kebab-case")]
pub enum ProbeFailure {
    Empty,
    /// No demuxer that we allow knows the bytes.
    NotMedia {
        error: String,
    },
    /// An MP4 or MOV without its index, which is written last: the recording or
    /// the copy was interrupted.
    Unfinished,
    NoPicture,
    /// A codec that is not on the allow-list, or that this FFmpeg lacks.
    UnsupportedCodec {
        codec: String,
    },
    /// The container opens, and not one frame decodes.
    Undecodable {
        error: String,
    },
    /// The container promises more than the file holds.
    Truncated {
        promised: Rational,
        present: Rational,
    },
    /// Recordings put one after the other without a common clock.
    ClockRestarts {
        after: Rational,
    },
    /// An edit list that would not be shown as it says: what it hides must not
    /// come to light.
    Edits {
        found: EditFault,
    },
    /// A colour space that is not converted rightly.
    UnsupportedColour {
        matrix: String,
    },
    /// Most of the file was never written: a place kept for a copy.
    Hollow {
        bytes: u64,
        missing: u64,
    },
    /// Larger than the limits of STANDARDS (pixels, streams, duration).
    BeyondLimits {
        what: String,
        found: u64,
        limit: u64,
    },
}
