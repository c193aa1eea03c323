//! Floor 1: captions as text. Reading SRT and WebVTT as people have them,
//! moving cues to a capsule's timeline, writing clean WebVTT, the editorial
//! rules of each language, what would mend a cue that breaks one, and how the
//! words of a cue look when they are drawn.
//!
//! Pure: bytes and values in, values out. Nothing here opens a file, knows of
//! capsules or profiles, or puts a finding into words.

mod clock;
mod decode;
mod direction;
mod markup;
mod read;
mod repair;
mod retime;
pub mod rules;
mod spans;
mod standing;
mod timing;
mod typography;
mod write;

pub use clock::{offset, shifted};
pub use decode::Encoding;
pub use direction::{is_leftward, isolated};
pub use read::{Format, Parsed, parse};
pub use retime::{KeptRange, retime};
pub use rules::{Rules, Shown, check};
pub use spans::{Ink, Look, Span, coloured, is_sound, spans};
pub use standing::{Align, Height, Side, Standing, standing};
pub use typography::{Slip, slips};
pub use write::{webvtt, webvtt_segments};

use crate::values::ids::Language;
use crate::values::time::Rational;

/// One caption.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cue {
    /// Seconds; of the clip as filmed until `retime` moves the cue.
    pub start: Rational,
    /// Later than `start`.
    pub end: Rational,
    /// Valid WebVTT cue settings in a fixed order (`line:80% align:start`).
    pub settings: Option<String>,
    /// WebVTT cue text: escaped, its tags known, nested and closed; never
    /// empty, without blank lines.
    pub text: String,
}

impl Cue {
    /// As it is published: colours that every player knows, and pieces from left
    /// to right that keep their order among words from right to left.
    pub fn dressed(self, language: &Language, sdh: bool) -> Cue {
        let text = coloured(&self.text, language, sdh);
        let text = isolated(&text, language);
        Cue { text, ..self }
    }

    /// What a reader reads: no tags, no escapes, one line per line.
    pub fn plain_text(&self) -> String {
        markup::plain(&self.text)
    }
}
