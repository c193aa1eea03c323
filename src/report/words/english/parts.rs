//! The parts of sentences that vary with a value: what would have been right,
//! what is odd about a clip, why it cannot be used.

use super::{lasting, plural, time};
use crate::report::words::{listed, one_in};
use crate::values::diagnostic::{Expected, Protection};
use crate::values::facts::{EditFault, Oddity, ProbeFailure};
use crate::values::time::Rational;

pub(super) fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Text => "text in straight quotes".to_owned(),
        Expected::Integer { from, to } => format!("a whole number from {from} to {to}"),
        Expected::Decimal { from, to } => format!("a number from {from} to {to}"),
        Expected::Boolean => "true or false".to_owned(),
        Expected::List => "a list in square brackets".to_owned(),
        Expected::Table => "a section in square brackets".to_owned(),
        Expected::OneOf { values } => {
            let quoted: Vec<String> = values.iter().map(|v| format!("“{v}”")).collect();
            listed(&quoted, "or")
        }
        Expected::CharterSound => "the name of a sound file (WAV, MP3, FLAC, OGG, M4A) in the \
                                   charter folder, which has none"
            .to_owned(),
        Expected::Id => "lower-case letters without accents, digits and dashes".to_owned(),
        Expected::Language => "a language tag such as “fr”".to_owned(),
        Expected::Date => "a date such as 2025-01-15".to_owned(),
        Expected::Url => "an address that starts with https://".to_owned(),
        Expected::Colour => "a colour such as “#c8553d”".to_owned(),
        Expected::Duration { from, to } => {
            format!("a duration of {from} to {to} seconds, to the thousandth")
        }
    }
}

pub(super) fn protection(what: &Protection) -> String {
    let asks = match what {
        Protection::ConsentRequired => {
            "the series requires people’s consent (consent = \"required\")".to_owned()
        }
        Protection::ConsentFile { path } => format!("the file “{path}” says who agreed to what"),
        Protection::Withdrawals => "this file says who has withdrawn".to_owned(),
        Protection::Masks => "this folder holds masks".to_owned(),
        Protection::Column { header } => {
            format!("the column “{header}” asks to protect people")
        }
    };
    format!("{asks}, and this version of portevoix cannot act on that yet; nothing is built.")
}

pub(super) fn failure(failure: &ProbeFailure) -> String {
    match failure {
        ProbeFailure::Empty => "the file is empty".to_owned(),
        ProbeFailure::NotMedia { error } => format!("it is not a readable film ({error})"),
        ProbeFailure::Unfinished => {
            "the recording, or the copy from the card, was interrupted before its end".to_owned()
        }
        ProbeFailure::NoPicture => "there is no picture in it".to_owned(),
        ProbeFailure::UnsupportedCodec { codec } if codec == "none" => {
            "the format of its picture is not known".to_owned()
        }
        ProbeFailure::UnsupportedCodec { codec } => {
            format!("its format, “{codec}”, is not accepted")
        }
        ProbeFailure::Undecodable { error } => format!("not one frame can be read ({error})"),
        ProbeFailure::Truncated { promised, present } => format!(
            "the file is incomplete: it promises {} and holds {}",
            time(*promised),
            time(*present)
        ),
        ProbeFailure::ClockRestarts { after } => format!(
            "it is several recordings put one after the other: its clock restarts after {}",
            time(*after)
        ),
        ProbeFailure::Edits { found } => format!(
            "its edit list {}: shown otherwise, it would publish what the edit hides",
            match found {
                EditFault::Gap => "leaves a gap between two parts",
                EditFault::Speed => "changes the speed of a part",
                EditFault::Fragments => "puts together parts of a fragmented film",
                EditFault::Unreadable => "cannot be read",
            }
        ),
        ProbeFailure::UnsupportedColour { matrix } => {
            format!("its colours, in “{matrix}”, cannot be converted without being wrong")
        }
        ProbeFailure::Hollow { bytes, missing } => format!(
            "the file is incomplete: of {}, {} were never written",
            amount(*bytes),
            amount(*missing)
        ),
        ProbeFailure::BeyondLimits { what, found, limit } if what == "duration" => format!(
            "it is too long ({}, at most {})",
            whole_seconds(*found),
            whole_seconds(*limit)
        ),
        ProbeFailure::BeyondLimits { what, found, limit } if what == "gap between pictures" => {
            format!(
                "one of its pictures stays alone for {} (at most {}): a part of the film is missing, or its clock is wrong",
                whole_seconds(*found),
                whole_seconds(*limit)
            )
        }
        ProbeFailure::BeyondLimits { what, found, limit } if what == "pixels" => format!(
            "its picture is too large ({} million pixels, at most {})",
            found / 1_000_000,
            limit / 1_000_000
        ),
        ProbeFailure::BeyondLimits { what, found, limit } => {
            format!("it exceeds what is accepted ({what}: {found}, at most {limit})")
        }
    }
}

fn whole_seconds(seconds: u64) -> String {
    time(Rational::integer(
        i64::try_from(seconds).unwrap_or(i64::MAX),
    ))
}

/// Of a file, in the unit that a file browser shows.
fn amount(bytes: u64) -> String {
    match bytes / 1_000_000 {
        megabytes @ 0..10_000 => format!("{megabytes} MB"),
        megabytes => format!("{} GB", megabytes / 1000),
    }
}

pub(super) fn oddity(oddity: &Oddity) -> String {
    match oddity {
        Oddity::Rotated {
            clockwise_degrees,
            mirrored: false,
        } => {
            format!("the picture is turned by {clockwise_degrees}°; it is published upright")
        }
        Oddity::Rotated {
            clockwise_degrees,
            mirrored: true,
        } => format!(
            "the picture is mirrored and turned by {clockwise_degrees}°; it is published upright"
        ),
        Oddity::VariableRate { lowest, highest } => format!(
            "the frame rate varies from {} to {}; the film is published at a constant one",
            lowest.display(),
            highest.display()
        ),
        Oddity::SlowRate { filmed, published } => format!(
            "it is filmed at {} frame{} per second; it is published at {}, each frame being repeated",
            filmed.display(),
            if filmed.rational() == Rational::integer(1) { "" } else { "s" },
            published.display()
        ),
        Oddity::HighRate { filmed } => format!(
            "{} frames per second are more than the 60 that are published; one in {} is kept",
            filmed.display(),
            one_in(*filmed)
        ),
        Oddity::Anamorphic { .. } => {
            "the pixels are not square; the picture is stretched to its true shape".to_owned()
        }
        Oddity::Interlaced { .. } => "the picture is interlaced (every other line at a time, as on television); it is published as whole frames".to_owned(),
        Oddity::FullRange => "the colours are recorded as on a computer (full range); they are converted for video".to_owned(),
        Oddity::StandardDefinitionColour => {
            "the colours are those of older television (BT.601); they are converted to high definition".to_owned()
        }
        Oddity::Hdr { transfer } => {
            let transfer = match transfer.as_str() {
                "smpte2084" => "PQ",
                "arib-std-b67" => "HLG",
                other => other,
            };
            format!("the film is HDR ({transfer}); it is converted for ordinary screens")
        }
        Oddity::UntaggedColour { read_as } => {
            let read_as = match read_as.as_str() {
                "bt709" => "those of high definition (BT.709)",
                "smpte170m" | "bt470bg" => "those of older television (BT.601)",
                other => other,
            };
            format!("the film does not say how its colours are coded; they are read as {read_as}")
        }
        Oddity::NoSound => "the film has no sound; it is published silent".to_owned(),
        Oddity::Mono => "the sound is mono; it will be heard on both sides".to_owned(),
        Oddity::Surround { channels } => {
            format!("the sound has {channels} channels; it is mixed down to two (stereo)")
        }
        Oddity::SoundOffset { seconds } if seconds.is_negative() => format!(
            "the sound starts {} before the picture; it is heard from the first picture on, and the two stay in step",
            lasting(Rational::ZERO - *seconds)
        ),
        Oddity::SoundOffset { seconds } => format!(
            "the sound starts {} after the picture; the two stay in step",
            lasting(*seconds)
        ),
        Oddity::TracksLeftOut { count } => format!(
            "{count} other track{} (data, subtitles, a second picture or sound that is switched off); {} not published",
            plural(*count),
            if *count == 1 { "it is" } else { "they are" }
        ),
        Oddity::SeveralSoundTracks { count, heard } => {
            format!("the clip has {count} sound tracks; only track no. {heard} will be heard")
        }
    }
}
