//! What is said of captions and of single cues.

use super::super::{cue_lines, cue_time};
use super::{lasting, plural};
use crate::values::captions::{Breach, CaptionFault, TypographySlip};
use crate::values::time::Rational;

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
        CaptionFault::ClockMoved { by } => format!(
            "the times of this file begin at {}, as in an editing program; they were moved back to \
             the start of the clip.",
            cue_time(*by)
        ),
        CaptionFault::OutlastsFilm { count, end } => format!(
            "{count} cue{} last{} longer than the film, which ends at {}.",
            plural(*count),
            if *count > 1 { "" } else { "s" },
            cue_time(*end)
        ),
        CaptionFault::Typography {
            slip, count, found, ..
        } => {
            let what = match slip {
                TypographySlip::Ellipsis => "three full stops instead of the sign “…”",
                TypographySlip::FrenchSpaces => "no no-break space before a double sign",
                TypographySlip::Guillemets => "straight quotation marks",
            };
            format!(
                "{what} (“{found}”), {count} time{} in this file.",
                plural(*count)
            )
        }
    }
}

/// What to do; nothing where it has been put right already.
pub(super) fn fault_hint(fault: &CaptionFault) -> Option<String> {
    let hint = match fault {
        CaptionFault::NotCaptions => {
            "Check that it is the right file, then export it again as SRT or WebVTT.".to_owned()
        }
        CaptionFault::EncodingDoubtful => "Open it and save it again as UTF-8.".to_owned(),
        CaptionFault::EncodingGuessed => {
            "Look at the accents; if any is wrong, save the file again as UTF-8.".to_owned()
        }
        CaptionFault::CharactersReplaced { .. } => "Type the right text there again.".to_owned(),
        CaptionFault::BadTiming { .. } => {
            "Write 00:01:20,500 --> 00:01:23,000, for example.".to_owned()
        }
        CaptionFault::EndBeforeStart { .. } => "Correct one of the two times.".to_owned(),
        CaptionFault::TextOutsideCue { .. } => {
            "Add a line with its times above this text, or delete it.".to_owned()
        }
        CaptionFault::OutlastsFilm { end, .. } => format!(
            "Let the last one end at {} at the latest, or check that it is the right file.",
            cue_time(*end)
        ),
        CaptionFault::Typography { better, .. } => format!("Write “{better}”."),
        CaptionFault::EmptyCue
        | CaptionFault::LooseTime { .. }
        | CaptionFault::MissingBlankLine
        | CaptionFault::BlankLineInCue
        | CaptionFault::TagDropped { .. }
        | CaptionFault::SettingDropped { .. }
        | CaptionFault::ClockMoved { .. }
        | CaptionFault::OutOfOrder => return None,
    };
    Some(hint)
}

pub(super) fn breach(breach: &Breach) -> String {
    match breach {
        Breach::TooFast {
            characters, room, ..
        } => format!(
            "this cue passes too fast to be read ({characters} character{}; {room} can be read in \
             that time).",
            plural(*characters)
        ),
        Breach::LineTooLong {
            characters, room, ..
        } => {
            format!("a line of this cue is too long ({characters} characters, at most {room}).")
        }
        Breach::TooManyLines { count, room, .. } => {
            format!("this cue has too many lines ({count}, at most {room}).")
        }
        Breach::TooShort {
            duration, least, ..
        } => format!(
            "this cue is not on screen long enough ({}, at least {}).",
            lasting(*duration),
            lasting(*least)
        ),
        Breach::TooLong { duration, most, .. } => format!(
            "this cue is on screen too long ({}, at most {}).",
            lasting(*duration),
            lasting(*most)
        ),
        Breach::GapTooSmall { gap, least, .. } => format!(
            "the next cue comes too soon after this one ({}, at least {}): the eye sees no change.",
            lasting(*gap),
            lasting(*least)
        ),
        Breach::Overlap { by, .. } => {
            format!("the next cue starts {} before this one ends.", lasting(*by))
        }
        Breach::Unbalanced { .. } => {
            "one line of this cue is much longer than the other.".to_owned()
        }
        Breach::NoDash { .. } => "two people speak in this cue, and no dash shows it.".to_owned(),
    }
}

/// Times and lines that mend the cue, where they could be worked out.
pub(super) fn breach_hint(breach: &Breach) -> String {
    let until = |end: &Rational| format!("Let it end at {}.", cue_time(*end));
    let write = |lines: &[String]| format!("Write “{}”.", cue_lines(lines));
    match breach {
        Breach::TooFast { end: Some(end), .. }
        | Breach::TooShort { end: Some(end), .. }
        | Breach::TooLong { end, .. }
        | Breach::GapTooSmall { end, .. }
        | Breach::Overlap { end: Some(end), .. } => until(end),
        Breach::LineTooLong {
            lines: Some(lines), ..
        }
        | Breach::TooManyLines {
            lines: Some(lines), ..
        }
        | Breach::Unbalanced { lines }
        | Breach::NoDash { lines } => write(lines),
        // Of a text that would lose more than half, nothing is left to say.
        Breach::TooFast {
            characters, room, ..
        } if *room * 2 < *characters => "Join it to a neighbour, or give it more time.".to_owned(),
        Breach::TooFast {
            characters, room, ..
        } => format!(
            "Shorten the text to {room} character{} ({} fewer); it cannot stay longer.",
            plural(*room),
            characters.saturating_sub(*room)
        ),
        Breach::LineTooLong { .. } => "Shorten it, or make two cues of it.".to_owned(),
        Breach::TooManyLines { .. } => "Make two cues of it.".to_owned(),
        Breach::TooShort { .. } => "Join it to a neighbour.".to_owned(),
        Breach::Overlap { .. } => "Join the two in one cue.".to_owned(),
    }
}
