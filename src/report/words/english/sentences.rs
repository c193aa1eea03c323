//! What is wrong, in one sentence.

use super::parts::{expected, failure, oddity, protection};
use super::{all, captions, card, content, drawings, examined, plural, time};
use crate::report::words::{coded, listed, pictures};
use crate::values::diagnostic::{Problem, SandboxPiece, WorkerLimit};

/// What is wrong, without where.
pub(in crate::report::words) fn body(problem: &Problem) -> String {
    match problem {
        Problem::SeriesFileMissing => {
            "this file is missing; without it, the folder is not a series.".to_owned()
        }
        Problem::FileUnreadable { error } => format!("this file cannot be read ({error})."),
        Problem::NotUtf8 => "this text file is not saved as UTF-8.".to_owned(),
        Problem::FileIgnored { .. } => "this file is not used.".to_owned(),
        Problem::LinkOutside => {
            "this link leads out of the folder publish-extra, or to something other than a file; it is not published.".to_owned()
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
        Problem::CellsBeyondHeaders { found } if found.is_empty() => {
            "this row has more separators than the table’s first; a text has probably been cut at a semicolon or a comma.".to_owned()
        }
        Problem::CellsBeyondHeaders { found } => {
            let quoted: Vec<String> = found.iter().map(|f| format!("“{f}”")).collect();
            format!("this row has more cells than the table has headers; left over: {}.", all(&quoted))
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
        Problem::BadTime { found } => format!("“{found}” is not a well-written time."),
        Problem::BadRange { found } => format!("“{found}” is not a well-written range."),
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
        Problem::BadDate { found } => format!("“{found}” is not a well-written date."),
        Problem::BadAudience { found, .. } => format!("there is no audience “{found}”."),
        Problem::BadStatus { found, .. } => format!("there is no status “{found}”."),
        Problem::BadLanguage { found } => format!("“{found}” is not a language tag."),
        Problem::UnknownProfile { found, .. } => format!("there is no profile “{found}”."),
        Problem::ProfileNotAsked { profiles, .. } => {
            let quoted: Vec<String> = profiles.iter().map(|p| format!("“{p}”")).collect();
            match quoted.as_slice() {
                [one] => format!("the profile {one} exists, but is not asked for here."),
                several => format!("the profiles {} exist, but are not asked for here.", all(several)),
            }
        }
        Problem::SpeakerDiffers { speaker, column, values } => {
            let values: Vec<String> = values.iter().map(|v| format!("“{v}”")).collect();
            format!("the {column} of {speaker} is not the same everywhere: {}.", all(&values))
        }
        Problem::SpeakersCount { column, found, speakers } => {
            format!("the column {column} has {found} values for {speakers} speaker{}.", plural(*speakers))
        }
        Problem::ChangesMissing { speakers } => format!(
            "{speakers} people are named, but not when each begins to speak; one lower third names them all."
        ),
        Problem::ChangesCount { speakers: 0, .. } => {
            "it is said when people begin to speak, and nobody is named.".to_owned()
        }
        Problem::ChangesCount { found, speakers } => format!(
            "there {} {found} time{} for {speakers} speaker{}.",
            if *found == 1 { "is" } else { "are" },
            plural(*found),
            plural(*speakers)
        ),
        Problem::ChangesUnsorted { first, second } => {
            format!("“{second}” does not come after “{first}”.")
        }
        Problem::SpeakerCutAway { speaker } => {
            format!("nothing is kept of what {speaker} says; the film does not name them.")
        }
        Problem::SpeakerTooBrief { speaker } => {
            format!("{speaker} speaks too briefly to be named on the picture.")
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
        Problem::MoreClipsUnused { count: 1 } => "no row uses one more clip either.".to_owned(),
        Problem::MoreClipsUnused { count } => format!("no row uses {count} more clips either."),
        Problem::ClipOutsideFootage { path } => {
            format!("the clip “{path}” lies outside the folder footage; it is not read.")
        }
        Problem::ClipNotAFile { path } => format!("{path} is not an ordinary file; it is not opened."),
        Problem::ClipUnusable { path, failure: why } => {
            format!("the clip {path} cannot be published: {}.", failure(why))
        }
        Problem::ClipOdd { path, oddity: what } => format!("clip {path}: {}.", oddity(what)),
        Problem::ClipTooSmall { width, height } => format!(
            "the clip’s picture ({width} × {height} pixels) is too small for a film that can be watched and titles that can be read."
        ),
        Problem::BelowLadder { short_side, lowest } => format!(
            "the clip is smaller ({short_side} pixels) than the smallest rung of the profile ({lowest}); it is published at its own size."
        ),
        Problem::ClipDamaged { picture, sound } => examined::damaged(*picture, *sound),
        Problem::PictureBlack { throughout: true, .. } => examined::ALL_BLACK.to_owned(),
        Problem::PictureBlack { stretches, .. } => examined::black(stretches),
        Problem::PictureBlownOut { stretches } => examined::blown_out(stretches),
        Problem::PictureCombed => examined::COMBED.to_owned(),
        Problem::SoundSilent => examined::SILENT.to_owned(),
        Problem::SoundInterrupted { stretches } => examined::interrupted(stretches),
        Problem::SoundFaint { measured, lift } => examined::faint(*measured, *lift),
        Problem::SideSilent { side } => examined::side_silent(*side),
        Problem::SidesCancel { heard } => examined::sides_cancel(*heard),
        Problem::OtherTrackLouder { track, measured } => examined::other_louder(*track, *measured),
        Problem::SoundCutOff { milliseconds } => examined::cut_off(*milliseconds),
        Problem::KeptShort { milliseconds } => examined::kept_short(*milliseconds),
        Problem::QuestionUnread { characters, milliseconds } => {
            examined::unread(*characters, *milliseconds)
        }
        Problem::PosterBlack { time } => examined::poster_black(time),
        Problem::BeforePicture { time: written, begins } => examined::before_picture(written, *begins),
        Problem::SoundSaturated { seconds } => examined::saturated(*seconds),
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
        Problem::TemplateBroken { error } => drawings::broken(error),
        Problem::TemplateColourUnknown { colour, .. } => {
            format!("the drawing uses the colour “{colour}”, which the charter does not define.")
        }
        Problem::TemplateFontUnknown { family, .. } => {
            format!("the drawing uses the font “{family}”, which the charter does not have.")
        }
        Problem::CharterFontUnknown { family, .. } => {
            format!("the charter asks for the font “{family}”, and does not have it.")
        }
        Problem::TemplateBoxUnknown { name, .. } => format!(
            "in this drawing, “{name}” is the name of no box; the shape is drawn as it is."
        ),
        Problem::TemplateBoxEmpty { field } => format!(
            "in this drawing, the box for {} has no width or height; nothing would be seen in it.",
            content(field)
        ),
        Problem::TemplateTextStray { text } => drawings::text_stray(text),
        Problem::TemplateDoctype => drawings::DOCTYPE.to_owned(),
        Problem::TemplateReferenceOutside { reference } => drawings::reference_outside(reference),
        Problem::TemplateBeyondLimit { limit, found, allowed } => {
            drawings::beyond(*limit, *found, *allowed)
        }
        Problem::LogoUnusable { number, error } => {
            format!("logo no. {number} of the charter cannot be used ({error}).")
        }
        Problem::BackgroundUnusable { error } => {
            format!("this background picture cannot be used ({error}).")
        }
        Problem::SoundUnusable { error } => {
            format!("this sound of the charter cannot be heard ({error}); the films that play it are not made.")
        }
        Problem::PortraitUnusable { error } => format!("this portrait cannot be used ({error})."),
        Problem::TemplateWithoutText { card: name } => format!(
            "the drawing of the {} has no text box; nothing of the table will be written on it.",
            card(name)
        ),
        Problem::TemplateIdTwice { id } => format!(
            "in this drawing several elements are named “{id}”, to which another refers; nobody knows which is meant."
        ),
        Problem::QrTooLong { column, bytes, .. } => {
            format!("{} is too long for a QR code ({bytes} bytes).", content(column))
        }
        Problem::CardOutsideSafeArea { column, .. } => format!(
            "{} is too close to the edge of the picture: a projector or a television may cut it off.",
            content(column)
        ),
        Problem::CardContrast { card: name, column, hundredths, needed_hundredths, over_footage } => {
            let text = format!("{} on the {}", content(column), card(name));
            drawings::contrast(&text, *hundredths, *needed_hundredths, *over_footage)
        }
        Problem::CardRuleUnused { card: name, column, .. } => format!(
            "this setting changes nothing: the drawing of the {} has no box for “{column}”.",
            card(name)
        ),
        Problem::CardBackgroundHidden { card: name } => {
            format!("the drawing of the {} hides this background altogether.", card(name))
        }
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
        Problem::CaptionFault { fault } => captions::fault(fault),
        Problem::CueBreach { breach, .. } => captions::breach(breach),
        Problem::ProfileWithoutCaptions { profile, .. } => format!(
            "the profile “{profile}” burns captions in, and this capsule has none; it is withheld for it, the others are built."
        ),
        Problem::CaptionGlyphMissing { characters } => {
            let several = characters.chars().count() > 1;
            format!(
                "these captions are to be burnt in, and no font of the charter has the character{} {}{}",
                if several { "s" } else { "" },
                coded(characters, |c| format!("“{c}”")),
                match (characters.contains(char::is_alphanumeric), several) {
                    (true, _) => ".",
                    (false, false) => "; it is not drawn.",
                    (false, true) => "; they are not drawn.",
                }
            )
        }
        Problem::CueTooLong { characters, sizes } => format!(
            "this caption ({characters} characters) is too long to be burnt in ({}): its letters are smaller than is read with ease.",
            pictures(sizes)
        ),
        Problem::CueWordBroken { word, sizes } => format!(
            "the word “{word}” is wider than the picture into which it is to be burnt ({}): it goes on on the next line.",
            pictures(sizes)
        ),
        Problem::ProtectionNotObeyed { what } => protection(what),
        Problem::WorkerDied { signal: number, code, .. } => match (number, code) {
            (Some(number), _) => format!("work on this clip broke off ({}).", signal(*number)),
            (None, Some(code)) => format!("work on this clip broke off (code {code})."),
            (None, None) => "work on this clip broke off.".to_owned(),
        },
        Problem::SeriesFolderMissing { path } => format!("there is no folder {path}."),
        Problem::FolderNotEmpty { path } => format!("the folder {path} is not empty."),
        Problem::PruneShared => {
            "this store is shared: other series may need what is in it.".to_owned()
        }
        Problem::ClipChanged { path } => {
            format!("the clip {path} was replaced, or was still being copied, during the build.")
        }
        Problem::UnknownSchema { name } => format!("there is no schema “{name}”."),
        Problem::UnknownRung { found, .. } => format!("this capsule has no rendition of {found} lines."),
        Problem::TimeBeyondCapsule { time, end } => {
            format!("the capsule ends at {end}, before {time}.")
        }
        Problem::StoreDamaged { objects } => {
            format!("some of what was made before is missing or damaged ({objects}).")
        }
        Problem::WorkerBlocked { call } => format!(
            "this clip made the program ask for something that no film needs ({call}); work on it was stopped."
        ),
        Problem::WorkerOverLimit { limit, .. } => match limit {
            WorkerLimit::Memory { .. } => {
                "work on this clip needs more memory than any clip is allowed.".to_owned()
            }
            WorkerLimit::FileSize { bytes } => format!(
                "this clip would give a file of more than the {} GiB that are allowed.",
                bytes >> 30
            ),
        },
        Problem::SandboxIncomplete { missing } => format!(
            "the protection against hostile clips is incomplete on this machine: {}.",
            missing.iter().map(sandbox).collect::<Vec<_>>().join("; ")
        ),
        Problem::WorkerTimedOut { seconds, .. } => {
            format!("work on this clip was not done after {seconds} s and was stopped.")
        }
        Problem::MediaFailed { operation, error, .. } => format!("it was not possible to {operation} ({error})."),
        Problem::VerifyFailed { file, what, expected, found } => format!(
            "{file} did not pass verification and is not published ({what}: {found} instead of {expected})."
        ),
        Problem::LoudnessOff { target, reached } => format!(
            "the loudness is not that of the series ({reached} LUFS instead of {target})."
        ),
        Problem::ProfileUnsupported { profile, what } => format!(
            "the profile “{profile}” asks for {what}, which this version cannot do yet; it is not built."
        ),
        Problem::Withheld { audience, reason } => {
            format!("the capsule is withheld ({}): {reason}.", audience.name())
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
        Problem::TreeFilmBroken { path, readable: 0, .. } => {
            format!("the film {path} cannot be read.")
        }
        Problem::TreeFilmBroken { path, readable, expected } => {
            format!("only {readable} of the {expected} pictures of the film {path} can be read.")
        }
        Problem::NotAPublication { path } => {
            format!("“{path}” is neither a publication nor an archive of one.")
        }
        Problem::TreeManifestInvalid { error } => {
            format!("the list of what was published (manifest.json) is not valid ({error}).")
        }
        Problem::TreeRuleBroken { path, rule } => format!("{path} breaks a rule of publication (“{rule}”)."),
        Problem::TreePrivacy { path, what } => {
            format!("{path} contains something that must not be published: “{what}”.")
        }
    }
}

/// What a part of the sandbox would have done.
fn sandbox(piece: &SandboxPiece) -> &'static str {
    match piece {
        SandboxPiece::Files => "the kernel cannot close other files to it (Landlock)",
        SandboxPiece::Calls => "the kernel cannot limit its system calls (seccomp)",
        SandboxPiece::Limits => "its memory could not be limited",
    }
}

/// Why a worker was killed, as far as its signal says it.
fn signal(number: i32) -> String {
    let why = match number {
        2 | 15 => "somebody, or the computer, asked it to stop",
        4 | 6 | 7 | 8 | 11 => "a fault of the program over this clip",
        9 => "the computer ended it, probably for lack of memory",
        24 => "it went beyond the computing time allowed",
        25 => "it went beyond the file size allowed",
        31 => "this clip made it ask for something forbidden",
        _ => return format!("signal {number}"),
    };
    why.to_owned()
}
