//! What is said of captions and of single cues.

use super::{lasting, plural};
use crate::values::captions::{Breach, CaptionFault};

pub(super) fn fault(fault: &CaptionFault) -> String {
    match fault {
        CaptionFault::NotCaptions => {
            "this file holds no captions; it is neither SRT nor WebVTT.".to_owned()
        }
        CaptionFault::EncodingDoubtful => {
            "nothing tells how this file’s letters are encoded; its accents would probably be \
             wrong."
                .to_owned()
        }
        CaptionFault::EncodingGuessed => {
            "this file is not saved as UTF-8; it was read as an old Windows file (Windows-1252)."
                .to_owned()
        }
        CaptionFault::CharactersReplaced { count: 1 } => {
            "one character cannot be read; “\u{FFFD}” stands for it.".to_owned()
        }
        CaptionFault::CharactersReplaced { count } => {
            format!("{count} characters cannot be read; “\u{FFFD}” stands for each.")
        }
        CaptionFault::BadTiming { found } => {
            format!("the times “{found}” cannot be read; this cue is left out.")
        }
        CaptionFault::EndBeforeStart { found } => {
            format!("this cue does not end after it starts (“{found}”); it is left out.")
        }
        CaptionFault::EmptyCue => "this cue has no text; it is left out.".to_owned(),
        CaptionFault::TextOutsideCue { text } => {
            format!("the text “{text}” belongs to no cue; it is left out.")
        }
        CaptionFault::LooseTime { found } => format!(
            "the times “{found}” are not written as WebVTT wants them; they are understood, and \
             published in the right form."
        ),
        CaptionFault::MissingBlankLine => {
            "there is no blank line between this cue and the one before; they were told apart."
                .to_owned()
        }
        CaptionFault::BlankLineInCue => {
            "there is a blank line in the middle of a cue; the text after it was kept with it."
                .to_owned()
        }
        CaptionFault::TagDropped { tag, count } => format!(
            "WebVTT does not know the tag “{tag}” (found {count} time{}); it is taken out, its \
             text stays.",
            plural(*count)
        ),
        CaptionFault::SettingDropped { setting } => format!(
            "players would not understand the position setting “{setting}”; it is taken out."
        ),
        CaptionFault::OutOfOrder => {
            "this cue starts before the one above it; they were put in order.".to_owned()
        }
    }
}

/// What to do; nothing where it has been put right already.
pub(super) fn fault_hint(fault: &CaptionFault) -> Option<&'static str> {
    match fault {
        CaptionFault::NotCaptions => {
            Some("Check that it is the right file, then export it again as SRT or WebVTT.")
        }
        CaptionFault::EncodingDoubtful => Some("Open it and save it again as UTF-8."),
        CaptionFault::EncodingGuessed => {
            Some("Look at the accents; if any is wrong, save the file again as UTF-8.")
        }
        CaptionFault::CharactersReplaced { .. } => Some("Type the right text there again."),
        CaptionFault::BadTiming { .. } => Some("Write 00:01:20,500 --> 00:01:23,000, for example."),
        CaptionFault::EndBeforeStart { .. } => Some("Correct one of the two times."),
        CaptionFault::TextOutsideCue { .. } => {
            Some("Add a line with its times above this text, or delete it.")
        }
        CaptionFault::EmptyCue
        | CaptionFault::LooseTime { .. }
        | CaptionFault::MissingBlankLine
        | CaptionFault::BlankLineInCue
        | CaptionFault::TagDropped { .. }
        | CaptionFault::SettingDropped { .. }
        | CaptionFault::OutOfOrder => None,
    }
}

pub(super) fn breach(breach: &Breach) -> String {
    match breach {
        Breach::TooFast { characters, room } => format!(
            "this cue passes too fast to be read ({characters} character{}; {room} can be read in \
             that time).",
            plural(*characters)
        ),
        Breach::LineTooLong { characters, room } => {
            format!("a line of this cue is too long ({characters} characters, at most {room}).")
        }
        Breach::TooManyLines { lines, room } => {
            format!("this cue has too many lines ({lines}, at most {room}).")
        }
        Breach::TooShort { duration, least } => format!(
            "this cue is not on screen long enough ({}, at least {}).",
            lasting(*duration),
            lasting(*least)
        ),
        Breach::TooLong { duration, most } => format!(
            "this cue is on screen too long ({}, at most {}).",
            lasting(*duration),
            lasting(*most)
        ),
        Breach::GapTooSmall { gap, least } => format!(
            "the next cue comes too soon after this one ({}, at least {}): the eye sees no change.",
            lasting(*gap),
            lasting(*least)
        ),
        Breach::Overlap { by } => {
            format!("the next cue starts {} before this one ends.", lasting(*by))
        }
    }
}

pub(super) fn breach_hint(breach: &Breach) -> &'static str {
    match breach {
        Breach::TooFast { .. } => "Shorten the text, or show it longer.",
        Breach::LineTooLong { .. } => "Break the line in two, or shorten it.",
        Breach::TooManyLines { .. } => "Make two cues of it.",
        Breach::TooShort { .. } => "Show it longer, or join it to a neighbour.",
        Breach::TooLong { .. } => "Let it end earlier, or make two cues of it.",
        Breach::GapTooSmall { .. } => "Let it end a little earlier.",
        Breach::Overlap { .. } => "Let it end earlier, or the next one start later.",
    }
}
