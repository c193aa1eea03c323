//! English.

use super::{clock, listed};
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem, Protection};
use crate::values::facts::{Oddity, ProbeFailure};
use crate::values::time::Rational;

pub(super) fn place(place: &Place) -> String {
    match place {
        Place::Series => String::new(),
        Place::File { path } => path.clone(),
        Place::Text { path, line, column } => format!("{path}, line {line}, column {column}"),
        Place::Cell {
            path,
            row,
            column,
            header,
        } if header.is_empty() => {
            format!("{path}, row {row}, column {column}")
        }
        Place::Cell {
            path,
            row,
            column,
            header,
        } => {
            format!("{path}, row {row}, column {header} ({column})")
        }
        Place::Row { path, row } => format!("{path}, row {row}"),
        Place::Moment { seconds, .. } => format!("at {}", time(*seconds)),
    }
}

pub(super) fn card(card: &str) -> String {
    match card {
        "opening" => "opening card".to_owned(),
        "lower-third" => "lower third".to_owned(),
        "end" => "end card".to_owned(),
        other => format!("card “{other}”"),
    }
}

fn time(seconds: Rational) -> String {
    clock(seconds, '.')
}

fn all(items: &[String]) -> String {
    listed(items, "and")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn content(column: &str) -> String {
    match column {
        "title" => "the question".to_owned(),
        "speaker" => "the speaker’s name".to_owned(),
        "series" => "the series’ title".to_owned(),
        "id" | "source" | "theme" | "role" | "structure" | "contact" | "description"
        | "publisher" => format!("the {column}"),
        other => format!("the field “{other}”"),
    }
}

fn expected(expected: &Expected) -> String {
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

fn protection(what: &Protection) -> String {
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
    format!("{asks}, which this version of portevoix cannot obey yet; nothing is built.")
}

fn failure(failure: &ProbeFailure) -> String {
    match failure {
        ProbeFailure::Empty => "the file is empty".to_owned(),
        ProbeFailure::NotMedia { error } => format!("it is not a readable film ({error})"),
        ProbeFailure::NoPicture => "it has no picture, only sound".to_owned(),
        ProbeFailure::UnsupportedCodec { codec } => {
            format!("its picture or sound format “{codec}” is not accepted")
        }
        ProbeFailure::Undecodable { error } => format!("not one frame can be read ({error})"),
        ProbeFailure::Truncated { promised, present } => format!(
            "the file is incomplete: it promises {} and holds {}",
            time(*promised),
            time(*present)
        ),
        ProbeFailure::BeyondLimits { what, found, limit } => {
            format!("it exceeds what is accepted ({what}: {found}, at most {limit})")
        }
    }
}

fn oddity(oddity: &Oddity) -> String {
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
            "the frame rate varies from {} to {}; it is published constant",
            lowest.display(),
            highest.display()
        ),
        Oddity::HighRate { filmed } => format!(
            "{} frames per second are more than the 60 published; every second one is left out",
            filmed.display()
        ),
        Oddity::Anamorphic { .. } => {
            "the pixels are not square; the picture is stretched to its true shape".to_owned()
        }
        Oddity::Interlaced { .. } => "the picture is interlaced; it is deinterlaced".to_owned(),
        Oddity::FullRange => "the colours are full range; they are converted".to_owned(),
        Oddity::StandardDefinitionColour => {
            "the colours are those of standard definition; they are converted".to_owned()
        }
        Oddity::Hdr { transfer } => {
            format!("the film is HDR ({transfer}); it is converted for ordinary screens")
        }
        Oddity::UntaggedColour { read_as } => {
            format!("the film does not say what its colours are; they are read as {read_as}")
        }
        Oddity::NoSound => "the film has no sound; it is published silent".to_owned(),
        Oddity::Mono => "the sound is on one side only; it is put on both".to_owned(),
        Oddity::Surround { channels } => {
            format!("the sound has {channels} channels; it is mixed down to two")
        }
        Oddity::SoundOffset { seconds } if seconds.is_negative() => format!(
            "the sound starts {} s before the picture; they are aligned",
            thousandths(Rational::ZERO - *seconds)
        ),
        Oddity::SoundOffset { seconds } => format!(
            "the sound starts {} s after the picture; they are aligned",
            thousandths(*seconds)
        ),
        Oddity::TracksLeftOut { count } => format!(
            "{count} other track{} (neither picture nor sound) left out",
            plural(*count)
        ),
        Oddity::SeveralSoundTracks { count, heard } => {
            format!("{count} sound tracks; the one heard is track {heard}")
        }
    }
}

fn thousandths(seconds: Rational) -> String {
    let ms = (seconds * Rational::integer(1000)).round();
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// What is wrong, without where.
pub(super) fn body(problem: &Problem) -> String {
    match problem {
        Problem::SeriesFileMissing => {
            "this file is missing; without it, the folder is not a series.".to_owned()
        }
        Problem::FileUnreadable { error } => format!("this file cannot be read ({error})."),
        Problem::NotUtf8 => "this text file is not saved as UTF-8.".to_owned(),
        Problem::FileIgnored { .. } => "this file is not used.".to_owned(),
        Problem::LinkOutside => {
            "this link leaves the folder publish-extra, or is not a file; it is not published.".to_owned()
        }
        Problem::TomlSyntax { error } => format!("this line is not well written ({error})."),
        Problem::UnknownKey { key, .. } => format!("there is no setting “{key}”."),
        Problem::MissingKey { key } => format!("the setting “{key}” is missing and required."),
        Problem::BadValue { key, found, expected: wanted, .. } => {
            format!("“{key}” is {found}; it has to be {}.", expected(wanted))
        }
        Problem::CatalogueMissing => {
            "the table of capsules is missing: no capsules.xlsx, capsules.ods or capsules.csv.".to_owned()
        }
        Problem::SeveralCatalogues { files } => format!(
            "there are several tables of capsules ({}), and nothing says which one counts.",
            all(files)
        ),
        Problem::CatalogueUnreadable { error } => format!("the table cannot be opened ({error})."),
        Problem::CatalogueNotText => "this file is not CSV, whatever its name says.".to_owned(),
        Problem::QuoteNeverClosed => {
            "a straight quote (\") opens in this row and is never closed.".to_owned()
        }
        Problem::FirstSheetRead { sheet, others } => format!(
            "only the first sheet, “{sheet}”, is read; {others} other{} left aside.",
            if *others == 1 { " is" } else { "s are" }
        ),
        Problem::MissingColumn { column } => {
            format!("the column “{column}” is missing and required.")
        }
        Problem::DuplicateColumn { column } => format!("two columns say the same: “{column}”."),
        Problem::UnknownColumn { header, .. } if header.is_empty() => {
            "this column has no title; it is not read.".to_owned()
        }
        Problem::UnknownColumn { header, .. } => {
            format!("the column “{header}” is not known; it is not read.")
        }
        Problem::EmptyCatalogue => "the table holds no capsule.".to_owned(),
        Problem::EmptyCell { column } => format!("the cell “{column}” is empty and required."),
        Problem::FailedFormula { found } => format!("this cell’s formula gives an error ({found})."),
        Problem::BadId { found, .. } => format!(
            "the id “{found}” holds something else than lower-case letters without accents, digits and dashes, or is too long."
        ),
        Problem::TextTurnedDate { found } => {
            format!("the spreadsheet turned this id into a date or a time ({found}).")
        }
        Problem::DuplicateId { id, first_row } => {
            format!("the id “{id}” is already that of row {first_row}.")
        }
        Problem::BadTime { found } => format!("“{found}” is not a readable time."),
        Problem::BadRange { found } => format!("“{found}” is not a readable range."),
        Problem::CutTwice => "“keep” is filled beside “in” or “out”.".to_owned(),
        Problem::OutBeforeIn { start, end } => {
            format!("the end ({end}) is not after the start ({start}).")
        }
        Problem::TimeBeyondClip { time: written, duration, .. } => format!(
            "{} lies beyond the end of the clip, which lasts {}.",
            written.text,
            time(*duration)
        ),
        Problem::OverlappingRanges { first, second } => {
            format!("the ranges {first} and {second} overlap.")
        }
        Problem::PosterCutAway { time } => {
            format!("the poster is wanted at {time}, which is cut away.")
        }
        Problem::BadDate { found } => format!("“{found}” is not a readable date."),
        Problem::BadAudience { found, .. } => format!("there is no audience “{found}”."),
        Problem::BadStatus { found, .. } => format!("there is no status “{found}”."),
        Problem::BadLanguage { found } => format!("“{found}” is not a language tag."),
        Problem::UnknownProfile { found, .. } => format!("there is no profile “{found}”."),
        Problem::SpeakerDiffers { speaker, column, values } => {
            let values: Vec<String> = values.iter().map(|v| format!("“{v}”")).collect();
            format!("the {column} of {speaker} is not the same everywhere: {}.", all(&values))
        }
        Problem::UnknownCapsule { id, .. } => format!("no capsule is called “{id}”."),
        Problem::Vanished { ids } => {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            match ids.as_slice() {
                [id] => format!(
                    "capsule {id} is published and no longer in the table. Nothing was changed."
                ),
                _ => format!(
                    "these capsules are published and no longer in the table: {}. Nothing was changed.",
                    listed(&ids, "and")
                ),
            }
        }
        Problem::ClipMissing { wanted, .. } => format!("the clip {wanted} is not there."),
        Problem::ClipAmbiguous { candidates } => {
            format!("several clips have this name: {}.", all(candidates))
        }
        Problem::ClipUnused { .. } => "no row of the table uses this clip.".to_owned(),
        Problem::ClipOutsideFootage { path } => {
            format!("the clip “{path}” lies outside the folder footage; it is not read.")
        }
        Problem::ClipNotAFile { path } => format!("{path} is not an ordinary file; it is not opened."),
        Problem::ClipUnusable { path, failure: why } => {
            format!("the clip {path} cannot be published: {}.", failure(why))
        }
        Problem::ClipOdd { path, oddity: what } => format!("clip {path}: {}.", oddity(what)),
        Problem::BelowLadder { short_side, lowest } => format!(
            "the clip is smaller ({short_side} pixels) than the smallest rung of the profile ({lowest}); it is published at its own size."
        ),
        Problem::EmptyLadder => "this profile has no rung ([[rung]]).".to_owned(),
        Problem::LadderOrder { above, below } => {
            format!("rungs go from the tallest down; here {below} comes after {above}.")
        }
        Problem::ProgressiveWithoutRung { height, hls: true, .. } => {
            format!("“progressive” asks for {height}, and no rung of this profile has that height.")
        }
        Problem::ProgressiveWithoutRung { hls: false, .. } => {
            "“progressive” means something with package = \"hls\" only.".to_owned()
        }
        Problem::FadeTooLong { key, room_ms } => format!(
            "“{key}” is too long: there is room for {}.{:03} s in all.",
            room_ms / 1000,
            room_ms % 1000
        ),
        Problem::TemplateMissing { card: name } => format!("the drawing of the {} is missing.", card(name)),
        Problem::TemplateBroken { error } => format!("this drawing cannot be used ({error})."),
        Problem::FontUnusable { path, error } => format!("the font {path} cannot be used ({error})."),
        Problem::CardOverflow { column, characters, room, .. } => format!(
            "{} does not fit its box ({characters} characters, room for about {room}).",
            content(column)
        ),
        Problem::MissingGlyph { column, character, .. } => format!(
            "{} contains the character “{character}” (U+{:04X}), which the charter’s font lacks.",
            content(column),
            u32::from(*character)
        ),
        Problem::CardFieldUnknown { field, .. } => {
            format!("the drawing asks for the field “{field}”, which does not exist.")
        }
        Problem::CaptionsUnreadable { error } => format!("this caption file cannot be read ({error})."),
        Problem::CaptionsWithoutCapsule { .. } => {
            "these captions belong to no capsule; they are not published.".to_owned()
        }
        Problem::CaptionsMisnamed => {
            "this file’s name does not say which capsule and which language it is for; it is not published.".to_owned()
        }
        Problem::CaptionsTwice { other } => {
            format!("these captions duplicate {other}, and nothing says which ones count.")
        }
        Problem::CaptionsEmpty => "this caption file is empty.".to_owned(),
        Problem::CuesOutsideCut { count } => format!(
            "{count} cue{} outside what is kept of the clip; not published.",
            if *count == 1 { " lies" } else { "s lie" }
        ),
        Problem::CueBroken { error } => format!("a cue cannot be read ({error}); it is left out."),
        Problem::BurnedCaptionsUnsupported { profile } => format!(
            "the profile “{profile}” asks for captions burnt in, which this version cannot do yet; it is not built."
        ),
        Problem::ProtectionNotObeyed { what } => protection(what),
        Problem::WorkerDied { signal, code, .. } => match (signal, code) {
            (Some(signal), _) => format!("the worker on this clip was stopped (signal {signal})."),
            (None, Some(code)) => format!("the worker on this clip ended (code {code})."),
            (None, None) => "the worker on this clip ended.".to_owned(),
        },
        Problem::SeriesFolderMissing { path } => format!("there is no folder {path}."),
        Problem::FolderNotEmpty { path } => format!("the folder {path} is not empty."),
        Problem::UnknownSchema { name } => format!("there is no schema “{name}”."),
        Problem::UnknownRung { found, .. } => format!("this capsule has no rendition of {found} lines."),
        Problem::TimeBeyondCapsule { time, end } => {
            format!("the capsule ends at {end}, before {time}.")
        }
        Problem::StoreDamaged { objects } => {
            format!("stored objects are missing or damaged ({objects}).")
        }
        Problem::WorkerTimedOut { seconds, .. } => {
            format!("the worker on this clip made no progress for {seconds} s and was stopped.")
        }
        Problem::MediaFailed { operation, error, .. } => format!("{operation} failed: {error}."),
        Problem::VerifyFailed { file, what, expected, found } => format!(
            "{file} did not pass verification ({what}: {found} instead of {expected}); it is not published."
        ),
        Problem::LoudnessOff { target, reached } => format!(
            "the loudness does not reach that of the series ({reached} LUFS instead of {target})."
        ),
        Problem::ProfileUnsupported { profile, what } => format!(
            "the profile “{profile}” asks for {what}, which this version cannot do yet; it is not built."
        ),
        Problem::Withheld { audience, reason } => {
            format!("the capsule is withheld ({}): {reason}.", audience.name())
        }
        Problem::RemovalUnconfirmed { ids } => {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            format!("the removal is not confirmed: {}.", listed(&ids, "and"))
        }
        Problem::Outdated { segments } => format!(
            "{segments} segment{} from an earlier version of the encoder; reused.",
            if *segments == 1 { " is" } else { "s are" }
        ),
        Problem::DiskFull { path } => {
            format!("the disk is full ({path}). The last publication is whole.")
        }
        Problem::PermissionDenied { path } => format!("access to {path} is denied."),
        Problem::IoFailed { path, error } => format!("{path} cannot be read or written ({error})."),
        Problem::LockHeld { by } => format!("portevoix is already at work in this folder ({by})."),
        Problem::Interrupted => "interrupted as you asked; what is finished is kept.".to_owned(),
        Problem::TreeFileMissing { path } => format!("{path} is missing."),
        Problem::TreeFileForeign { path } => format!("{path} is not on the list of what was published."),
        Problem::TreeFileChanged { path } => format!("{path} is no longer as it was published."),
        Problem::TreeManifestInvalid { error } => {
            format!("the list of what was published (manifest.json) is not valid ({error}).")
        }
        Problem::TreeRuleBroken { path, rule } => format!("{path} breaks a rule: {rule}."),
        Problem::TreePrivacy { path, what } => {
            format!("{path} contains what must not be published: {what}.")
        }
    }
}

/// What to do.
pub(super) fn hint(diagnostic: &Diagnostic) -> Option<String> {
    let meant =
        |suggestion: &Option<String>| suggestion.as_ref().map(|s| format!("Did you mean “{s}”?"));
    let spot = place(&diagnostic.place);
    let at = if spot.is_empty() {
        String::new()
    } else {
        format!(" in {spot}")
    };
    let text = match &diagnostic.problem {
        Problem::SeriesFileMissing => {
            "Name the right folder with --series, or start a series with “portevoix new DIR”.".to_owned()
        }
        Problem::FileUnreadable { .. } => "Check that the file is still there and opens, then try again.".to_owned(),
        Problem::NotUtf8 => "Save it again with the encoding UTF-8.".to_owned(),
        Problem::FileIgnored { known } => format!("Read here: {}.", all(known)),
        Problem::LinkOutside => "Copy the file itself into the folder.".to_owned(),
        Problem::TomlSyntax { .. } => {
            "Check the straight quotes, brackets and the = sign of this line and the one before.".to_owned()
        }
        Problem::UnknownKey { suggestion, .. } => {
            return meant(suggestion).or_else(|| Some("Delete this line, or correct the setting’s name.".to_owned()));
        }
        Problem::MissingKey { key } if key == "consent" => {
            "Add consent = \"not-needed\" if nobody has to agree, else consent = \"required\"; nobody else can decide that.".to_owned()
        }
        Problem::MissingKey { key } => format!("Add a line “{} = …”.", key.rsplit('.').next().unwrap_or(key)),
        Problem::BadValue { suggestion, .. } => return meant(suggestion),
        Problem::CatalogueMissing => "Put the table into the series’ folder under one of these names.".to_owned(),
        Problem::SeveralCatalogues { .. } => "Keep the one that is up to date and move the others away.".to_owned(),
        Problem::CatalogueUnreadable { .. } => "Open it in your spreadsheet program and save it again, without a password.".to_owned(),
        Problem::CatalogueNotText => {
            "If it is a workbook, give it back its extension .xlsx or .ods; otherwise save it again as CSV.".to_owned()
        }
        Problem::QuoteNeverClosed => "Close the quote at the cell’s end, or delete it.".to_owned(),
        Problem::FirstSheetRead { .. } => return None,
        Problem::MissingColumn { column } => format!("Add a column with the header “{column}”."),
        Problem::DuplicateColumn { .. } => "Keep one of them.".to_owned(),
        Problem::UnknownColumn { header, suggestion } => match (header.is_empty(), suggestion) {
            (true, _) => "Give it a title, or empty it.".to_owned(),
            (_, Some(s)) => format!("Did you mean “{s}”?"),
            (_, None) => format!("To pass it on as it is, call it “x-{}”.", header.to_lowercase()),
        },
        Problem::EmptyCatalogue => "Add a row for each capsule.".to_owned(),
        Problem::EmptyCell { .. } => "Fill it.".to_owned(),
        Problem::FailedFormula { .. } => "Correct the formula, or replace it by its text.".to_owned(),
        Problem::BadId { suggestion: Some(s), .. } => format!("Write “{s}”, for example."),
        Problem::BadId { suggestion: None, .. } => "Write “jpp-12”, for example.".to_owned(),
        Problem::TextTurnedDate { .. } => "Format the column as text, then write the id again.".to_owned(),
        Problem::DuplicateId { .. } => "Give each capsule an id of its own; neither is built until then.".to_owned(),
        Problem::BadTime { .. } => "Write 1:20, 1:20.5 or 80 s, for example.".to_owned(),
        Problem::BadRange { .. } => "Write 0:10-0:25; 0:40-1:10, for example.".to_owned(),
        Problem::CutTwice => "Keep one or the other.".to_owned(),
        Problem::OutBeforeIn { .. } => "Check both times; they count from the start of the clip as filmed.".to_owned(),
        Problem::TimeBeyondClip { meant: Some(meant), .. } => format!(
            "Did you mean {}? The spreadsheet probably read minutes as hours; write {} in a cell formatted as text.",
            spoken(*meant),
            time(*meant)
        ),
        Problem::TimeBeyondClip { meant: None, .. } => "Times count from the start of the clip as filmed.".to_owned(),
        Problem::OverlappingRanges { .. } => "Correct them, or make them one.".to_owned(),
        Problem::PosterCutAway { .. } => {
            "Choose a time that is kept, or leave the cell empty.".to_owned()
        }
        Problem::SeriesFolderMissing { .. } => "Name with --series the folder that holds series.toml.".to_owned(),
        Problem::FolderNotEmpty { .. } => "Choose a new or empty folder.".to_owned(),
        Problem::UnknownSchema { .. } => "Ask for manifest, series, profile, charter or events.".to_owned(),
        Problem::UnknownRung { known, .. } => format!("It has: {}.", known.join(", ")),
        Problem::TimeBeyondCapsule { .. } => {
            "The time is that of the published capsule, cards included.".to_owned()
        }
        Problem::StoreDamaged { .. } => "Build again: they will be made anew.".to_owned(),
        Problem::BadDate { .. } => "Write 2025-01-15, for example.".to_owned(),
        Problem::BadAudience { suggestion, .. } => {
            return meant(suggestion)
                .or_else(|| Some("Write “public”, “professionals”, “group” or “private”.".to_owned()));
        }
        Problem::BadStatus { suggestion, .. } => {
            return meant(suggestion)
                .or_else(|| Some("Write “ready”, “draft”, “off” or “withdrawn”.".to_owned()));
        }
        Problem::BadLanguage { .. } => "Write “fr” or “ar”, for example.".to_owned(),
        Problem::UnknownProfile { suggestion, known, .. } => {
            return meant(suggestion).or_else(|| Some(format!("The known profiles are {}.", all(known))));
        }
        Problem::SpeakerDiffers { .. } => "If it is one person, write the same everywhere.".to_owned(),
        Problem::UnknownCapsule { suggestion, .. } => return meant(suggestion),
        Problem::Vanished { .. } => {
            "If the table is incomplete, restore it; if it is meant, confirm with --remove and the id.".to_owned()
        }
        Problem::ClipMissing { suggestion: Some(s), .. } => {
            format!("Did you mean “{s}”? Write it in the column source, or rename the clip.")
        }
        Problem::ClipMissing { suggestion: None, .. } => {
            "Put the clip into the folder footage, or correct the column source.".to_owned()
        }
        Problem::ClipAmbiguous { .. } => "Say which one in the column source, with its extension.".to_owned(),
        Problem::ClipUnused { .. } => return None,
        Problem::ClipOutsideFootage { .. } => "Copy it into the folder footage.".to_owned(),
        Problem::ClipNotAFile { .. } => "Put the clip itself in its place.".to_owned(),
        Problem::ClipUnusable { failure, .. } => match failure {
            ProbeFailure::Empty | ProbeFailure::Truncated { .. } | ProbeFailure::Undecodable { .. } => {
                "Copy it again from the camera or the original disk.".to_owned()
            }
            ProbeFailure::NotMedia { .. } | ProbeFailure::NoPicture => {
                "Check that it is the right file.".to_owned()
            }
            ProbeFailure::UnsupportedCodec { .. } | ProbeFailure::BeyondLimits { .. } => {
                "Export it again as MP4 (H.264), in 1080p for example.".to_owned()
            }
        },
        Problem::ClipOdd { .. } | Problem::BelowLadder { .. } => return None,
        Problem::EmptyLadder => "Add at least one section [[rung]] with its height.".to_owned(),
        Problem::LadderOrder { .. } => "Put the sections [[rung]] in order, each height once.".to_owned(),
        Problem::ProgressiveWithoutRung { heights, hls: true, .. } => {
            let heights: Vec<String> = heights.iter().map(u32::to_string).collect();
            format!("The heights of this profile are {}.", all(&heights))
        }
        Problem::ProgressiveWithoutRung { hls: false, .. } => "Delete this line.".to_owned(),
        Problem::FadeTooLong { .. } => "Shorten it, or lengthen what surrounds it.".to_owned(),
        Problem::TemplateMissing { .. } => "Add it to the folder charter.".to_owned(),
        Problem::TemplateBroken { .. } => "Open it in the drawing program and save it again as plain SVG.".to_owned(),
        Problem::FontUnusable { .. } => "Replace it by a valid .ttf or .otf file.".to_owned(),
        Problem::CardOverflow { .. } => format!("Shorten it{at}."),
        Problem::MissingGlyph { .. } => format!("Replace this character{at}, or add a font that has it to charter/fonts."),
        Problem::CardFieldUnknown { suggestion, .. } => {
            return meant(suggestion).or_else(|| Some(format!("Correct the drawing{at}.")));
        }
        Problem::CaptionsUnreadable { .. } => "Save it again as SRT or WebVTT, in UTF-8.".to_owned(),
        Problem::CaptionsWithoutCapsule { suggestion: Some(s) } => {
            format!("Did you mean “{s}”? Then rename the file.")
        }
        Problem::CaptionsWithoutCapsule { suggestion: None } => "Rename the file after the capsule’s id.".to_owned(),
        Problem::CaptionsMisnamed => {
            "Call it jpp-12.fr.srt, for example, or jpp-12.fr.sdh.srt for people who do not hear.".to_owned()
        }
        Problem::CaptionsTwice { .. } => "Keep one of the two.".to_owned(),
        Problem::CaptionsEmpty => "Complete it, or delete it.".to_owned(),
        Problem::CuesOutsideCut { .. } => return None,
        Problem::CueBroken { .. } => "Correct it in the caption file.".to_owned(),
        Problem::BurnedCaptionsUnsupported { .. } | Problem::ProfileUnsupported { .. } => {
            "Take this profile off the list until then.".to_owned()
        }
        Problem::ProtectionNotObeyed { .. } => {
            "Wait for the version that protects people; nothing is published until then.".to_owned()
        }
        Problem::WorkerDied { .. } | Problem::WorkerTimedOut { .. } | Problem::MediaFailed { .. } => {
            "The capsule’s former publication stays in place. Try again; if it happens again, export the clip anew.".to_owned()
        }
        Problem::VerifyFailed { .. } => {
            "The former publication stays in place. Try again; if it happens again, report it.".to_owned()
        }
        Problem::LoudnessOff { .. } => "Listen to the capsule: its sound may be too faint or clipped.".to_owned(),
        Problem::Withheld { .. } => return None,
        Problem::RemovalUnconfirmed { .. } => "Confirm with --remove and the id.".to_owned(),
        Problem::Outdated { .. } => "Add --refresh to redo them.".to_owned(),
        Problem::DiskFull { .. } => "Make room, then try again: what is finished is not redone.".to_owned(),
        Problem::PermissionDenied { .. } => "Give yourself the right to read or write there.".to_owned(),
        Problem::IoFailed { .. } => "Check that the disk is connected, then try again.".to_owned(),
        Problem::LockHeld { .. } => "Wait until it has finished.".to_owned(),
        Problem::Interrupted => "Run the same command again to go on.".to_owned(),
        Problem::TreeFileMissing { .. } | Problem::TreeFileChanged { .. } | Problem::TreeManifestInvalid { .. } => {
            "Copy the publication again, or rebuild it with “portevoix build”.".to_owned()
        }
        Problem::TreeFileForeign { .. } => "Delete it if it does not belong there.".to_owned(),
        Problem::TreeRuleBroken { .. } => "Rebuild the capsule; if it happens again, report it.".to_owned(),
        Problem::TreePrivacy { .. } => "Do not hand out this publication; rebuild it.".to_owned(),
    };
    Some(text)
}

/// "1 min 20 s", as one says it.
fn spoken(seconds: Rational) -> String {
    let whole = seconds.round();
    match (whole / 60, whole % 60) {
        (0, s) => format!("{s} s"),
        (m, 0) => format!("{m} min"),
        (m, s) => format!("{m} min {s} s"),
    }
}
