//! What to do about it.

use super::{all, captions, drawings, examined, place, time};
use crate::report::words::removals;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::facts::{Oddity, ProbeFailure};
use crate::values::ids::Id;
use crate::values::time::Rational;

pub(in crate::report::words) fn hint(diagnostic: &Diagnostic) -> Option<String> {
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
        Problem::FileIgnored { known } => format!("This folder is read for {}.", all(known)),
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
        Problem::BadValue { suggestion, .. } => {
            return meant(suggestion).or_else(|| Some("Correct this value.".to_owned()));
        }
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
        Problem::CellsBeyondHeaders { .. } => "If a cell holds a semicolon or a comma, put it in straight quotes (\"); between two ranges to keep, write a +.".to_owned(),
        Problem::EmptyCatalogue => "Add a row for each capsule.".to_owned(),
        Problem::EmptyCell { .. } => "Fill it.".to_owned(),
        Problem::FailedFormula { .. } => "Correct the formula, or replace it by its text.".to_owned(),
        Problem::BadId { suggestion: Some(s), .. } => format!("Write “{s}”, for example."),
        Problem::BadId { suggestion: None, .. } => "Write “jpp-12”, for example.".to_owned(),
        Problem::TextTurnedDate { .. } => "Format the column as text, then write the id again.".to_owned(),
        Problem::DuplicateId { .. } => "Give each capsule an id of its own; neither is built until then.".to_owned(),
        Problem::BadTime { .. } => "Write 1:20, 1:20.5 or 80 s, for example.".to_owned(),
        Problem::BadRange { .. } => "Write 0:10-0:25 + 0:40-1:10, for example.".to_owned(),
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
        Problem::SeriesFolderMissing { .. } => {
            "Name with --series the folder that holds series.toml.".to_owned()
        }
        Problem::FolderNotEmpty { .. } => "Choose a new or empty folder.".to_owned(),
        Problem::PruneShared => {
            "Delete the whole store if it must shrink: it is made anew.".to_owned()
        }
        Problem::ClipChanged { .. } => {
            "Wait until it is copied, then build again.".to_owned()
        }
        Problem::UnknownSchema { .. } => {
            "Ask for manifest, series, profile, charter or events.".to_owned()
        }
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
        Problem::ProfileNotAsked { asked, .. } => {
            let quoted: Vec<String> = asked.iter().map(|p| format!("“{p}”")).collect();
            let noun = if asked.len() > 1 { "Profiles" } else { "The profile" };
            let verb = if asked.len() > 1 { "are" } else { "is" };
            format!(
                "{noun} asked for {verb} {}. Choose from these, or add the other in the column profiles of the table (or in series.toml).",
                all(&quoted)
            )
        }
        Problem::SpeakerDiffers { .. } => "If it is one person, write the same everywhere.".to_owned(),
        Problem::SpeakersCount { .. } => {
            "Write one for all of them, or one for each, separated by “;”.".to_owned()
        }
        Problem::ChangesMissing { .. } => {
            "To give each their own, write the times in the column changes, separated by “;”.".to_owned()
        }
        Problem::ChangesCount { .. } => {
            "Write the time at which each begins to speak, separated by “;”; the first may be left out.".to_owned()
        }
        Problem::ChangesUnsorted { .. } => "Write the times in the order in which people speak.".to_owned(),
        Problem::SpeakerCutAway { .. } => "If that is not intended, correct the cut or the times.".to_owned(),
        Problem::QuestionUnread { .. } => "Shorten the question, or let the card show longer: “opening” under [timing] in charter/charter.toml.".to_owned(),
        Problem::SpeakerTooBrief { .. } => "Keep more of their turn, or correct the times.".to_owned(),
        Problem::UnknownCapsule { suggestion, .. } => {
            return meant(suggestion)
                .or_else(|| Some("Look for its id in the table of capsules.".to_owned()));
        }
        Problem::Vanished { ids } => removal(ids),
        Problem::ClipMissing { suggestion: Some(s), .. } => {
            format!("Did you mean “{s}”? Write it in the column source, or rename the clip.")
        }
        Problem::ClipMissing { suggestion: None, .. } => {
            "Put the clip into the folder footage, or correct the column source.".to_owned()
        }
        Problem::ClipAmbiguous { .. } => "Say which one in the column source, with its extension.".to_owned(),
        Problem::ClipUnused { .. } | Problem::MoreClipsUnused { .. } => return None,
        Problem::ClipOutsideFootage { .. } => "Copy it into the folder footage.".to_owned(),
        Problem::ClipNotAFile { .. } => "Put the clip itself in its place.".to_owned(),
        Problem::ClipUnusable { failure, .. } => match failure {
            ProbeFailure::Empty
            | ProbeFailure::Hollow { .. }
            | ProbeFailure::Truncated { .. } | ProbeFailure::Undecodable { .. } => {
                "Copy it again from the camera or the original disk.".to_owned()
            }
            ProbeFailure::Unfinished => {
                "Copy it again from the card or the original disk; if the original is the same, there are programs that repair interrupted recordings.".to_owned()
            }
            ProbeFailure::NotMedia { .. } | ProbeFailure::NoPicture => {
                "Check that it is the right file, or export the clip again as MP4 (H.264).".to_owned()
            }
            ProbeFailure::ClockRestarts { .. } => {
                "Put the recordings together in an editing program, and export the film as MP4 (H.264).".to_owned()
            }
            ProbeFailure::Edits { .. } => {
                "Export the clip again from the editing program, as MP4 (H.264): only what is shown is then in the file.".to_owned()
            }
            ProbeFailure::UnsupportedColour { .. } => {
                "Export it again in common colours (BT.709, or BT.2020 for HDR).".to_owned()
            }
            ProbeFailure::UnsupportedCodec { .. } | ProbeFailure::BeyondLimits { .. } => {
                "Export it again as MP4 (H.264), in 1080p for example.".to_owned()
            }
        },
        Problem::ClipTooSmall { .. } => {
            "Look for the original, or export it larger: at least 360 pixels high.".to_owned()
        }
        Problem::ClipOdd { oddity: Oddity::NoSound, .. } => {
            "If that is meant (a film in sign language, for example), there is nothing to do; if not, export the clip again with its sound.".to_owned()
        }
        Problem::ClipDamaged { .. } => "Copy it again from the camera or the original disk; failing that, watch the whole capsule before it is shown.".to_owned(),
        Problem::PictureBlack { .. } | Problem::PictureBlownOut { .. } => {
            "If that is not meant, cut it out (columns in and out, or keep), or export the clip again.".to_owned()
        }
        Problem::PictureCombed => "Export the clip again as whole pictures (progressive), or tagged as interlaced: then it will be deinterlaced.".to_owned(),
        Problem::SoundSilent => "Check that this is the right clip, and that the microphone was plugged in.".to_owned(),
        Problem::SoundInterrupted { .. } => "Listen to it: a microphone may have come unplugged. You can cut it out (columns in and out, or keep).".to_owned(),
        Problem::SoundFaint { .. } => "Listen to the capsule before it is shown; if there is a better recording of the sound, export the clip with that one.".to_owned(),
        Problem::SideSilent { .. } => "If there were two microphones, one has recorded nothing: check that all voices are there.".to_owned(),
        Problem::SidesCancel { .. } => "Nothing to do if all voices are there; to have stereo again, invert the phase of one side in the editing program.".to_owned(),
        Problem::OtherTrackLouder { .. } => "Listen to them; if the other one is to be heard, export the clip with that one alone.".to_owned(),
        Problem::SoundCutOff { .. } => "If that sound counts, lengthen the picture in the editing program and export the clip again; if not, write an end in the column “out”.".to_owned(),
        Problem::KeptShort { .. } => "Check the times in “in”, “out” or “keep”; they count from the start of the clip as filmed.".to_owned(),
        Problem::PosterBlack { .. } => "Choose another moment, or leave the cell empty.".to_owned(),
        Problem::BeforePicture { .. } => "Choose a later end.".to_owned(),
        Problem::SoundSaturated { .. } => "Listen to the capsule: voices may crackle, and that cannot be mended. If there is another recording of the sound, export the clip with that one.".to_owned(),
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
        Problem::TemplateColourUnknown { suggestion, .. } => match suggestion {
            Some(near) => format!("Did you mean “{near}”? Correct it in the drawing."),
            None => "Add this colour to charter/charter.toml, or choose another in the drawing.".to_owned(),
        },
        Problem::TemplateFontUnknown { suggestion, .. } => match suggestion {
            Some(near) => format!("Did you mean “{near}”? Otherwise add the font to charter/fonts."),
            None => "Add this font to charter/fonts, or choose another in the drawing.".to_owned(),
        },
        Problem::CharterFontUnknown { suggestion, .. } => match suggestion {
            Some(near) => format!("Did you mean “{near}”? Otherwise put the font’s file into charter/fonts."),
            None => "Put the file of this font (.ttf or .otf) into charter/fonts, or choose another on this line.".to_owned(),
        },
        Problem::TemplateBoxUnknown { suggestion, .. } => {
            format!("Did you mean “{suggestion}”?")
        }
        Problem::TemplateBoxEmpty { .. } => "Give this box a width and a height in the drawing program.".to_owned(),
        Problem::TemplateTextStray { .. } => {
            "Convert this text to a path in the drawing program, or put a text box in its place.".to_owned()
        }
        Problem::TemplateDoctype => "Save the drawing again as plain SVG.".to_owned(),
        Problem::TemplateReferenceOutside { .. } => {
            "Embed the picture in the drawing (as PNG or JPEG), or take it out.".to_owned()
        }
        Problem::TemplateBeyondLimit { limit, .. } => drawings::beyond_hint(*limit).to_owned(),
        Problem::LogoUnusable { .. } => "Replace it by a sound PNG, JPEG or SVG file, its text converted to paths.".to_owned(),
        Problem::BackgroundUnusable { .. } | Problem::PortraitUnusable { .. } => "Replace it by a sound PNG or JPEG file.".to_owned(),
        Problem::SoundUnusable { .. } => {
            "Replace it by a WAV, MP3, FLAC, OGG or M4A file that plays, or take it out of charter.toml.".to_owned()
        }
        Problem::TemplateWithoutText { .. } => {
            "In the drawing program, name a rectangle “text:title” (or text:speaker, text:contact…).".to_owned()
        }
        Problem::TemplateIdTwice { .. } => "Give each a name (id) of its own in the drawing program.".to_owned(),
        Problem::QrTooLong { .. } => format!("Put nothing but an address there, as short as can be{at}."),
        Problem::CardOutsideSafeArea { .. } => "In the drawing, keep a margin of at least 5% on each side.".to_owned(),
        Problem::CardContrast { card, over_footage, .. } => {
            let in_charter = matches!(diagnostic.place, Place::Text { .. });
            drawings::contrast_hint(in_charter, card, *over_footage).to_owned()
        }
        Problem::CardRuleUnused { boxes, .. } => drawings::boxes_hint(boxes),
        Problem::CardBackgroundHidden { .. } => drawings::BACKGROUND_HINT.to_owned(),
        Problem::FontUnusable { .. } => "Replace it by a valid .ttf or .otf file.".to_owned(),
        Problem::CardOverflow { .. } => format!("Shorten it{at}."),
        Problem::MissingGlyph { .. } => format!("Replace this character{at}, or add a font that has it to charter/fonts."),
        Problem::CardFieldUnknown { suggestion, .. } => {
            let fix = format!("Correct the drawing{at}.");
            match meant(suggestion) {
                Some(question) => format!("{question} {fix}"),
                None => fix,
            }
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
        Problem::CaptionFault { fault } => return captions::fault_hint(fault),
        Problem::CueBreach { breach, .. } => captions::breach_hint(breach),
        Problem::ProfileWithoutCaptions { file, .. } => format!("Add captions in {file}, or take this profile off the list."),
        Problem::CaptionGlyphMissing { .. } => "Add a font of this script to charter/fonts, or replace these characters.".to_owned(),
        Problem::CueTooLong { .. } => "Shorten it, or cut it in two.".to_owned(),
        Problem::CueWordBroken { .. } => "Write it with spaces or hyphens, or a shorter one.".to_owned(),
        Problem::ProfileUnsupported { .. } => {
            "Take this profile off the list until then.".to_owned()
        }
        Problem::ProtectionNotObeyed { .. } => {
            "Wait for the version of portevoix that protects people.".to_owned()
        }
        Problem::WorkerBlocked { .. } => "Do not publish this clip nor pass it on: show it to whoever looks after your computers, or export it anew from the editing program.".to_owned(),
        Problem::WorkerOverLimit { .. } => "Export the clip in 1080p, then try again.".to_owned(),
        Problem::SandboxIncomplete { .. } => "The other protections hold. On a newer system (Debian 12 or later) it is complete; until then, build only clips whose origin you know.".to_owned(),
        Problem::WorkerDied { signal: Some(9), .. } => {
            "If the capsule was published before, that publication stays in place. Close other programs, then try again with --jobs 1.".to_owned()
        }
        Problem::WorkerDied { .. } | Problem::WorkerTimedOut { .. } | Problem::MediaFailed { .. } => {
            "If the capsule was published before, that publication stays in place. Try again; if it happens again, export the clip anew.".to_owned()
        }
        Problem::VerifyFailed { .. } => {
            "If the capsule was published before, that publication stays in place. Try again; if it happens again, send this message to the authors of portevoix.".to_owned()
        }
        Problem::LoudnessOff { target, reached } => examined::off_hint(target, reached).to_owned(),
        Problem::Withheld { .. } => return None,
        Problem::Outdated { .. } => "Add --refresh to redo them.".to_owned(),
        Problem::DiskFull { .. } => "Make room, then try again: what is finished is not redone.".to_owned(),
        Problem::PermissionDenied { .. } => "Ask for the right to read and write there, or move the series to a folder of your own.".to_owned(),
        Problem::IoFailed { .. } => "Check that the disk is connected, then try again.".to_owned(),
        Problem::LockHeld { .. } => "Wait until it has finished, then try again.".to_owned(),
        Problem::Interrupted => "Run the same command again to go on.".to_owned(),
        Problem::TreeFilmBroken { .. } => {
            "Copy the publication again, or rebuild it with “portevoix build”.".to_owned()
        }
        Problem::NotAPublication { .. } => {
            "Name the dist folder of a series, one of the folders in it, or an archive made by “portevoix bundle”.".to_owned()
        }
        Problem::TreeFileMissing { .. } | Problem::TreeFileChanged { .. } | Problem::TreeManifestInvalid { .. } => {
            "Copy the publication again, or rebuild it with “portevoix build”.".to_owned()
        }
        Problem::TreeFileForeign { .. } => "Delete it if it does not belong there.".to_owned(),
        Problem::TreeRuleBroken { .. } => "Run “portevoix build”; if it happens again, send this message to the authors of portevoix.".to_owned(),
        Problem::TreePrivacy { .. } => "Do not hand out this publication; rebuild it with “portevoix build”.".to_owned(),
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

fn removal(ids: &[Id]) -> String {
    let row = if ids.len() > 1 {
        "their rows"
    } else {
        "its row"
    };
    format!(
        "If it is meant, run “portevoix build {}”; otherwise put {row} back into the table.",
        removals(ids)
    )
}
