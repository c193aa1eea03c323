//! What a look through the kept parts of a clip found, beyond what a probe
//! says: measurements and stretches of time, no judgement about the series.

use crate::values::time::Rational;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Examination {
    pub picture: PictureSeen,
    /// `None` for a clip without sound.
    pub sound: Option<SoundHeard>,
}

/// From one moment to another on the clip's own clock, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stretch {
    pub start: Rational,
    pub end: Rational,
}

impl Stretch {
    pub fn seconds(&self) -> Rational {
        self.end - self.start
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PictureSeen {
    /// Pictures that were judged.
    pub judged: u64,
    pub black: Vec<Stretch>,
    /// White nearly everywhere, and nothing dark in it.
    pub blown_out: Vec<Stretch>,
    /// Pictures in which something moves, and those of them in which it has
    /// the teeth of interlacing that the clip does not own to.
    pub moving: u64,
    pub combed: u64,
    /// Pieces of the picture's stream that are damaged.
    pub damaged: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SoundHeard {
    /// As it will be heard if nothing is done; `None` when nothing is loud
    /// enough to be measured.
    pub level: Option<Level>,
    /// Stretches in which neither side carries anything.
    pub silent: Vec<Stretch>,
    /// The side that is dead throughout while the other is not.
    pub dead_side: Option<StereoSide>,
    /// The side that is heard from both, the other one being the same upside
    /// down.
    pub cancelled: Option<StereoSide>,
    /// A track that is not heard and is much louder, where the one that is
    /// heard is faint.
    pub louder: Option<LouderTrack>,
    /// Milliseconds of sound that is heard after the picture has ended, and is
    /// lost.
    pub lost_ms: u64,
    /// Seconds in which crests are cut off again and again.
    pub saturated_seconds: u32,
    /// Packets that do not decode.
    pub damaged: u32,
}

/// Counted from 1 among the clip's sound tracks; in hundredths of LUFS.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LouderTrack {
    pub track: usize,
    pub integrated: i32,
}

/// Hundredths of LUFS and of dBTP.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Level {
    pub integrated: i32,
    pub true_peak: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StereoSide {
    Left,
    Right,
}
