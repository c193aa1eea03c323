//! The sound of a capsule: decoded to the exact sample, brought to the series'
//! loudness, limited, encoded as AAC, and measured again.
pub mod limiter;
pub mod loudness;
pub const SAMPLE_RATE: u32 = 48_000;
pub type Stereo = [f32; 2];
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub enum Side { Left, Right }
