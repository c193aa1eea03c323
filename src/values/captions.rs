//! What can be wrong with a caption file or with a cue, as facts. Words are
//! made of them in `report/` only.

use crate::values::diagnostic::Severity;
use crate::values::time::Rational;
use serde::{Deserialize, Serialize};

/// One finding in a caption file. Lines count from 1.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CaptionFinding {
    pub line: usize,
    pub fault: CaptionFault,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum CaptionFault {
    /// No line of the file is the timing of a cue.
    NotCaptions,
    /// Neither Unicode nor plausible Windows-1252: the text is probably wrong.
    EncodingDoubtful,
    /// Not Unicode; read as Windows-1252.
    EncodingGuessed,
    /// Bytes or NULs that stand for no character; shown as U+FFFD.
    CharactersReplaced { count: usize },
    /// A timing line that cannot be read; its cue is lost.
    BadTiming { found: String },
    /// The cue would never show; it is left out.
    EndBeforeStart { found: String },
    /// A cue without any text; it is left out.
    EmptyCue,
    /// Text that belongs to no cue; it is left out.
    TextOutsideCue { text: String },
    /// WebVTT with a time in another form than its own (comma, missing
    /// milliseconds); the meaning is clear.
    LooseTime { found: String },
    /// Two cues without a blank line between them; they were told apart.
    MissingBlankLine,
    /// A blank line in the middle of a cue; the text after it was kept.
    BlankLineInCue,
    /// Tags that WebVTT does not know, by name; their content stays.
    TagDropped { tag: String, count: usize },
    /// A cue setting that players would not understand.
    SettingDropped { setting: String },
    /// A cue that starts before the one above it; cues were put in order.
    OutOfOrder,
    /// The file's clock starts later than the clip's, by so many seconds: at a
    /// whole hour, or at the clip's time code. The cues were moved back.
    ClockMoved { by: Rational },
    /// Cues that stand longer than the film lasts, and where the film ends on
    /// the file's clock.
    OutlastsFilm { count: usize, end: Rational },
    /// A slip of typography, seen so many times, as written and as it should be.
    Typography {
        slip: TypographySlip,
        count: usize,
        found: String,
        better: String,
    },
}

/// What typography looks at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypographySlip {
    /// Three full stops instead of the sign.
    Ellipsis,
    /// No space that stays with its sign before `? ! ; :` (French).
    FrenchSpaces,
    /// Straight quotation marks instead of « » (French).
    Guillemets,
}

impl CaptionFault {
    pub fn severity(&self) -> Severity {
        use CaptionFault::*;
        match self {
            NotCaptions | EncodingDoubtful => Severity::Error,
            CharactersReplaced { .. }
            | BadTiming { .. }
            | EndBeforeStart { .. }
            | TextOutsideCue { .. }
            | OutlastsFilm { .. }
            | EncodingGuessed => Severity::Warning,
            EmptyCue
            | LooseTime { .. }
            | MissingBlankLine
            | BlankLineInCue
            | TagDropped { .. }
            | SettingDropped { .. }
            | Typography { .. }
            | ClockMoved { .. }
            | OutOfOrder => Severity::Note,
        }
    }
}

/// An editorial rule that a cue breaks. Times are in seconds, on the clock of
/// the file that the cue stands in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CueBreach {
    /// The line of the cue's timing, from 1.
    pub line: usize,
    pub start: Rational,
    pub breach: Breach,
}

/// What is wrong with a cue, each with what would mend it where that can be
/// worked out: a new end, or the text on other lines.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "breach", rename_all = "kebab-case")]
pub enum Breach {
    /// More text than can be read while the cue stands.
    TooFast {
        characters: usize,
        room: usize,
        /// An end that leaves time to read, where the next cue leaves room.
        end: Option<Rational>,
    },
    LineTooLong {
        characters: usize,
        room: usize,
        lines: Option<Vec<String>>,
    },
    TooManyLines {
        count: usize,
        room: usize,
        lines: Option<Vec<String>>,
    },
    /// One line is far longer than the other.
    Unbalanced { lines: Vec<String> },
    /// Two people speak in one cue, and no dash says so.
    NoDash { lines: Vec<String> },
    TooShort {
        duration: Rational,
        least: Rational,
        end: Option<Rational>,
    },
    TooLong {
        duration: Rational,
        most: Rational,
        end: Rational,
    },
    /// Too little time between this cue and the next for the eye to see a change.
    GapTooSmall {
        gap: Rational,
        least: Rational,
        end: Rational,
    },
    /// The next cue starts before this one ends.
    Overlap {
        by: Rational,
        /// Absent when both start together, and one of them has to go.
        end: Option<Rational>,
    },
}

impl Breach {
    /// A warning where the reader loses text, a note where it is a matter of
    /// comfort.
    pub fn severity(&self) -> Severity {
        use Breach::*;
        match self {
            TooFast { .. }
            | LineTooLong { .. }
            | TooManyLines { .. }
            | TooShort { .. }
            | Overlap { .. } => Severity::Warning,
            TooLong { .. } | GapTooSmall { .. } | Unbalanced { .. } | NoDash { .. } => {
                Severity::Note
            }
        }
    }
}
