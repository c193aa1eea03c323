use super::*;
use crate::values::captions::{Breach, CaptionFault};
use crate::values::diagnostic::{DrawingLimit, Expected, Protection, Severity};
use crate::values::facts::{Oddity, ProbeFailure};
use crate::values::ids::Id;
use crate::values::time::{FrameRate, WrittenTime};

fn cell(row: usize, column: &str, header: &str) -> Place {
    Place::Cell {
        path: "capsules.csv".into(),
        row,
        column: column.into(),
        header: header.into(),
    }
}

fn of_capsule(problem: Problem, place: Place) -> Diagnostic {
    let id = Id::new("jpp-12").expect("an id");
    Diagnostic::of_capsule(problem, place, &id)
}

/// One of each kind, several where their words differ.
fn samples() -> Vec<Problem> {
    let text = || "x".to_owned();
    let near = || Some("y".to_owned());
    let half = Rational::new(161, 2).expect("a fraction");
    let rate = FrameRate::new(30000, 1001).expect("positive");
    let failures = [
        ProbeFailure::Empty,
        ProbeFailure::NotMedia { error: text() },
        ProbeFailure::NoPicture,
        ProbeFailure::UnsupportedCodec { codec: text() },
        ProbeFailure::Undecodable { error: text() },
        ProbeFailure::Truncated {
            promised: half,
            present: half,
        },
        ProbeFailure::BeyondLimits {
            what: text(),
            found: 2,
            limit: 1,
        },
    ];
    let oddities = [
        Oddity::Rotated {
            clockwise_degrees: 90,
            mirrored: true,
        },
        Oddity::Rotated {
            clockwise_degrees: 90,
            mirrored: false,
        },
        Oddity::VariableRate {
            lowest: rate,
            highest: rate,
        },
        Oddity::HighRate { filmed: rate },
        Oddity::Anamorphic {
            sample_aspect: half,
        },
        Oddity::Interlaced { top_first: true },
        Oddity::FullRange,
        Oddity::StandardDefinitionColour,
        Oddity::Hdr { transfer: text() },
        Oddity::UntaggedColour { read_as: text() },
        Oddity::NoSound,
        Oddity::Mono,
        Oddity::Surround { channels: 6 },
        Oddity::SoundOffset { seconds: half },
        Oddity::SoundOffset {
            seconds: Rational::ZERO - half,
        },
        Oddity::TracksLeftOut { count: 2 },
        Oddity::SeveralSoundTracks { count: 2, heard: 1 },
    ];
    let expected = [
        Expected::Text,
        Expected::Integer { from: 1, to: 2 },
        Expected::Decimal { from: 1, to: 2 },
        Expected::Boolean,
        Expected::List,
        Expected::Table,
        Expected::OneOf {
            values: vec![text(), text()],
        },
        Expected::Id,
        Expected::Language,
        Expected::Date,
        Expected::Url,
        Expected::Colour,
        Expected::Duration { from: 1, to: 2 },
    ];
    let protections = [
        Protection::ConsentRequired,
        Protection::ConsentFile { path: text() },
        Protection::Withdrawals,
        Protection::Masks,
        Protection::Column { header: text() },
    ];
    let written = WrittenTime {
        seconds: half,
        frames: 0,
        text: text(),
    };
    let ids = || vec![Id::new("a").expect("an id"), Id::new("b").expect("an id")];
    let one = || vec![Id::new("a").expect("an id")];
    let faults = [
        CaptionFault::NotCaptions,
        CaptionFault::EncodingDoubtful,
        CaptionFault::EncodingGuessed,
        CaptionFault::CharactersReplaced { count: 1 },
        CaptionFault::CharactersReplaced { count: 2 },
        CaptionFault::BadTiming { found: text() },
        CaptionFault::EndBeforeStart { found: text() },
        CaptionFault::EmptyCue,
        CaptionFault::TextOutsideCue { text: text() },
        CaptionFault::LooseTime { found: text() },
        CaptionFault::MissingBlankLine,
        CaptionFault::BlankLineInCue,
        CaptionFault::TagDropped {
            tag: text(),
            count: 2,
        },
        CaptionFault::SettingDropped { setting: text() },
        CaptionFault::OutOfOrder,
    ];
    let breaches = [
        Breach::TooFast {
            characters: 40,
            room: 24,
        },
        Breach::LineTooLong {
            characters: 50,
            room: 42,
        },
        Breach::TooManyLines { lines: 3, room: 2 },
        Breach::TooShort {
            duration: half,
            least: half,
        },
        Breach::TooLong {
            duration: half,
            most: half,
        },
        Breach::GapTooSmall {
            gap: half,
            least: half,
        },
        Breach::Overlap { by: half },
    ];
    let limits = [
        DrawingLimit::Bytes,
        DrawingLimit::Depth,
        DrawingLimit::Elements,
        DrawingLimit::ElementsDrawn,
        DrawingLimit::Boxes,
        DrawingLimit::FilterEffects,
        DrawingLimit::FilterKind,
        DrawingLimit::FilterRadius,
        DrawingLimit::PicturePixels,
        DrawingLimit::Reach,
        DrawingLimit::FramePixels,
        DrawingLimit::Characters,
    ];
    let mut all = vec![
        Problem::SeriesFileMissing,
        Problem::FileUnreadable { error: text() },
        Problem::NotUtf8,
        Problem::FileIgnored {
            known: vec![text(), text()],
        },
        Problem::TomlSyntax { error: text() },
        Problem::TomlSyntax {
            error: "duplicate key".into(),
        },
        Problem::CatalogueMissing,
        Problem::CatalogueUnreadable { error: text() },
        Problem::CatalogueNotText,
        Problem::QuoteNeverClosed,
        Problem::MissingColumn { column: text() },
        Problem::DuplicateColumn { column: text() },
        Problem::EmptyCatalogue,
        Problem::EmptyCell { column: text() },
        Problem::FailedFormula { found: text() },
        Problem::BadId {
            found: text(),
            suggestion: near(),
        },
        Problem::BadId {
            found: text(),
            suggestion: None,
        },
        Problem::TextTurnedDate { found: text() },
        Problem::DuplicateId {
            id: Id::new("a").expect("an id"),
            first_row: 2,
        },
        Problem::BadTime { found: text() },
        Problem::OverlappingRanges {
            first: text(),
            second: text(),
        },
        Problem::PosterCutAway { time: text() },
        Problem::BadDate { found: text() },
        Problem::BadLanguage { found: text() },
        Problem::UnknownProfile {
            found: text(),
            suggestion: None,
            known: vec![text(), text()],
        },
        Problem::UnknownCapsule {
            id: text(),
            suggestion: None,
        },
        Problem::ClipUnused { path: text() },
        Problem::ClipOutsideFootage { path: text() },
        Problem::ClipNotAFile { path: text() },
        Problem::BelowLadder {
            short_side: 1,
            lowest: 2,
        },
        Problem::EmptyLadder,
        Problem::ProgressiveWithoutRung {
            height: 1,
            heights: vec![2],
            hls: false,
        },
        Problem::TemplateMissing {
            card: "opening".into(),
        },
        Problem::TemplateMissing {
            card: "lower-third".into(),
        },
        Problem::TemplateBroken { error: text() },
        Problem::TemplateColourUnknown {
            colour: text(),
            suggestion: near(),
        },
        Problem::TemplateColourUnknown {
            colour: text(),
            suggestion: None,
        },
        Problem::TemplateFontUnknown {
            family: text(),
            suggestion: near(),
        },
        Problem::TemplateFontUnknown {
            family: text(),
            suggestion: None,
        },
        Problem::TemplateBoxEmpty {
            field: "title".into(),
        },
        Problem::TemplateTextStray { text: text() },
        Problem::TemplateDoctype,
        Problem::TemplateReferenceOutside { reference: text() },
        Problem::LogoUnusable {
            number: 1,
            error: text(),
        },
        Problem::FontUnusable {
            path: text(),
            error: text(),
        },
        Problem::CardFieldUnknown {
            card: "opening".into(),
            field: text(),
            suggestion: near(),
        },
        Problem::CaptionsUnreadable { error: text() },
        Problem::CaptionsWithoutCapsule { suggestion: None },
        Problem::CaptionsMisnamed,
        Problem::CaptionsTwice { other: text() },
        Problem::CaptionsEmpty,
        Problem::BurnedCaptionsUnsupported { profile: text() },
        Problem::WorkerDied {
            signal: Some(9),
            code: None,
            last_log: text(),
        },
        Problem::WorkerDied {
            signal: Some(64),
            code: None,
            last_log: text(),
        },
        Problem::WorkerDied {
            signal: None,
            code: Some(1),
            last_log: text(),
        },
        Problem::WorkerDied {
            signal: None,
            code: None,
            last_log: text(),
        },
        Problem::StoreDamaged { objects: 2 },
        Problem::WorkerTimedOut {
            seconds: 60,
            last_log: text(),
        },
        Problem::LoudnessOff {
            target: text(),
            reached: text(),
        },
        Problem::ProfileUnsupported {
            profile: text(),
            what: text(),
        },
        Problem::Withheld {
            audience: crate::values::audience::Audience::Group,
            reason: text(),
        },
        Problem::Vanished { ids: one() },
        Problem::RemovalUnconfirmed { ids: one() },
        Problem::RemovalUnconfirmed { ids: ids() },
        Problem::PermissionDenied { path: text() },
        Problem::IoFailed {
            path: text(),
            error: text(),
        },
        Problem::LockHeld { by: text() },
        Problem::Interrupted,
        Problem::TreeFileMissing { path: text() },
        Problem::TreeFileForeign { path: text() },
        Problem::TreeFileChanged { path: text() },
        Problem::TreeManifestInvalid { error: text() },
        Problem::LinkOutside,
        Problem::UnknownKey {
            key: text(),
            suggestion: near(),
        },
        Problem::MissingKey {
            key: "consent".into(),
        },
        Problem::SeveralCatalogues {
            files: vec![text(), text()],
        },
        Problem::FirstSheetRead {
            sheet: text(),
            others: 2,
        },
        Problem::UnknownColumn {
            header: text(),
            suggestion: None,
        },
        Problem::UnknownColumn {
            header: text(),
            suggestion: near(),
        },
        Problem::BadRange { found: text() },
        Problem::CutTwice,
        Problem::OutBeforeIn {
            start: text(),
            end: text(),
        },
        Problem::TimeBeyondClip {
            time: written.clone(),
            duration: half,
            meant: Some(half),
        },
        Problem::TimeBeyondClip {
            time: written,
            duration: half,
            meant: None,
        },
        Problem::BadStatus {
            found: text(),
            suggestion: None,
        },
        Problem::BadAudience {
            found: text(),
            suggestion: near(),
        },
        Problem::SpeakerDiffers {
            speaker: text(),
            column: "role".into(),
            values: vec![text(), text()],
        },
        Problem::Vanished { ids: ids() },
        Problem::ClipMissing {
            wanted: text(),
            suggestion: near(),
        },
        Problem::ClipAmbiguous {
            candidates: vec![text(), text()],
        },
        Problem::LadderOrder { above: 1, below: 2 },
        Problem::ProgressiveWithoutRung {
            height: 1,
            heights: vec![2],
            hls: true,
        },
        Problem::FadeTooLong {
            key: text(),
            room_ms: 500,
        },
        Problem::CardOverflow {
            card: "opening".into(),
            column: "title".into(),
            characters: 131,
            room: 95,
        },
        Problem::MissingGlyph {
            card: "end".into(),
            column: "contact".into(),
            character: '☎',
        },
        Problem::CaptionsWithoutCapsule { suggestion: near() },
        Problem::CuesOutsideCut { count: 2 },
        Problem::VerifyFailed {
            file: text(),
            what: text(),
            expected: text(),
            found: text(),
        },
        Problem::MediaFailed {
            operation: text(),
            error: text(),
            last_log: text(),
        },
        Problem::Outdated { segments: 2 },
        Problem::DiskFull { path: text() },
        Problem::TreeRuleBroken {
            path: text(),
            rule: text(),
        },
        Problem::TreePrivacy {
            path: text(),
            what: text(),
        },
    ];
    all.extend(failures.map(|failure| Problem::ClipUnusable {
        path: text(),
        failure,
    }));
    all.extend(oddities.map(|oddity| Problem::ClipOdd {
        path: text(),
        oddity,
    }));
    all.extend(expected.map(|expected| Problem::BadValue {
        key: text(),
        found: text(),
        expected,
        suggestion: near(),
    }));
    all.extend(faults.map(|fault| Problem::CaptionFault { fault }));
    all.extend(breaches.map(|breach| Problem::CueBreach { breach }));
    all.extend(limits.map(|limit| Problem::TemplateBeyondLimit {
        limit,
        found: 2,
        allowed: 1,
    }));
    all.extend(protections.map(|what| Problem::ProtectionNotObeyed { what }));
    all
}

#[test]
fn the_sentence_of_the_design_is_said() {
    let problem = Problem::CardOverflow {
        card: "opening".into(),
        column: "title".into(),
        characters: 131,
        room: 95,
    };
    let diagnostic = of_capsule(problem, cell(13, "C", "question"));
    assert_eq!(
        full(&diagnostic, Lang::French),
        "Capsule jpp-12, carte d’ouverture\u{a0}: la question ne tient pas dans son cadre \
         (131 caractères, place pour environ 95). Raccourcissez-la dans capsules.csv, ligne 13, \
         colonne question (C)."
    );
    assert_eq!(
        full(&diagnostic, Lang::English),
        "Capsule jpp-12, opening card: the question does not fit its box (131 characters, room \
         for about 95). Shorten it in capsules.csv, row 13, column question (C)."
    );
}

#[test]
fn an_hour_for_a_minute_gets_its_hint() {
    let time = WrittenTime {
        seconds: Rational::integer(4800),
        frames: 0,
        text: "01:20:00".into(),
    };
    let problem = Problem::TimeBeyondClip {
        meant: time.read_one_unit_smaller(),
        time,
        duration: Rational::integer(95),
    };
    let said = full(&of_capsule(problem, cell(2, "D", "fin")), Lang::French);
    assert_eq!(
        said,
        "Capsule jpp-12, capsules.csv, ligne 2, colonne fin (D)\u{a0}: 01:20:00 dépasse la fin du \
         clip, qui dure 1:35. Vouliez-vous dire 1 min 20 s\u{202f}? Le tableur a sans doute lu des \
         minutes comme des heures\u{202f}; écrivez 1:20 dans une case au format Texte."
    );
}

#[test]
fn what_concerns_the_whole_series_starts_with_a_capital() {
    let diagnostic = Diagnostic::new(Problem::CatalogueMissing, Place::Series);
    assert!(sentence(&diagnostic, Lang::French).starts_with("Le tableau"));
    assert!(sentence(&diagnostic, Lang::English).starts_with("The table"));
}

#[test]
fn french_spaces_are_never_plain_and_sentences_end() {
    for problem in samples() {
        let diagnostic = of_capsule(problem, cell(13, "C", "question"));
        let said = full(&diagnostic, Lang::French);
        for plain in [" :", " ?", " !", " ;", "« ", " »", "'"] {
            assert!(!said.contains(plain), "{plain:?} in {said}");
        }
        for text in [said, full(&diagnostic, Lang::English)] {
            assert!(text.ends_with(['.', '?']), "{text}");
            assert!(!text.contains("..") && !text.contains("  "), "{text}");
        }
    }
}

#[test]
fn the_french_source_has_no_plain_space_before_high_punctuation() {
    let sources = [
        include_str!("french/mod.rs"),
        include_str!("french/captions.rs"),
        include_str!("french/drawings.rs"),
        include_str!("french/engine.rs"),
        include_str!("french/hints.rs"),
        include_str!("french/parts.rs"),
        include_str!("french/sentences.rs"),
    ];
    let lines = sources.iter().flat_map(|source| source.lines());
    for line in lines.filter(|l| !l.trim_start().starts_with("//")) {
        for plain in [" ?", " ;", "« ", " »", "{} :"] {
            assert!(!line.contains(plain), "{plain:?} in {line}");
        }
    }
}

/// The names of the variants of `Problem`, from the source itself.
fn kinds() -> Vec<String> {
    let source = include_str!("../../values/diagnostic.rs");
    let (_, rest) = source
        .split_once("pub enum Problem {\n")
        .expect("the enum is there");
    let (variants, _) = rest.split_once("\n}\n").expect("the enum ends");
    let name = |line: &str| {
        let name = line.strip_prefix("    ")?;
        name.starts_with(|c: char| c.is_ascii_uppercase())
            .then(|| name.trim_end_matches([',', ' ', '{']).to_owned())
    };
    variants.lines().filter_map(name).collect()
}

#[test]
fn every_kind_of_problem_is_among_the_samples() {
    let said: Vec<String> = samples()
        .iter()
        .map(|problem| {
            let debug = format!("{problem:?}");
            let end = debug
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(debug.len());
            debug[..end].to_owned()
        })
        .collect();
    let kinds = kinds();
    assert!(kinds.len() > 80, "{kinds:?}");
    for kind in kinds {
        assert!(said.contains(&kind), "no sample of {kind}");
    }
}

#[test]
fn errors_and_warnings_say_what_to_do() {
    for problem in samples() {
        let diagnostic = Diagnostic::new(problem, Place::Series);
        let settled = matches!(
            diagnostic.problem,
            Problem::BelowLadder { .. } | Problem::Withheld { .. } | Problem::CuesOutsideCut { .. }
        );
        for lang in [Lang::French, Lang::English] {
            let hint = hint(&diagnostic, lang);
            let needed = diagnostic.severity() >= Severity::Warning && !settled;
            assert!(hint.is_some() || !needed, "{diagnostic:?}");
        }
    }
}

#[test]
fn french_has_no_english_in_it_and_nothing_left_of_a_template() {
    let english = [
        " the ",
        " is ",
        " and ",
        " of ",
        " failed",
        "worker",
        "missing",
        "error",
        "invalid",
        "unknown",
        "store",
        "job ",
        "template",
        "rendition",
    ];
    for problem in samples() {
        for lang in [Lang::French, Lang::English] {
            let said = full(&Diagnostic::new(problem.clone(), Place::Series), lang);
            assert!(!said.contains(['{', '\n']), "{said}");
            assert!(!said.contains("()") && !said.contains(" ,"), "{said}");
            if lang == Lang::French {
                for word in english {
                    assert!(!said.contains(word), "{word:?} in {said}");
                }
            }
        }
    }
}

/// Each slip goes through the reader that the series' files go through.
#[test]
fn common_slips_in_toml_are_said_in_french() {
    let slips = [
        ("title = Bonjour", "guillemets droits"),
        ("title = “Bonjour”", "guillemets droits"),
        ("title \"Bonjour\"", "signe ="),
        ("title", "signe ="),
        ("title =", "la valeur"),
        ("= 3", "nom du réglage"),
        ("title = \"Bonjour", "jamais refermé"),
        ("title = 'Bonjour", "jamais refermé"),
        ("title = Bonjour\"", "guillemets droits"),
        ("a = 1\na = 2", "deux fois"),
        ("[sound]\n[sound]", "deux fois"),
        ("a == 1", "de trop"),
        ("a = 1 2", "est double"),
        ("a = 1 b = 2", "de trop"),
        ("[sound", "crochet"),
        ("[[rung]", "crochets"),
        ("a = [1, 2", "crochet"),
        ("a = [1 2]", "est double"),
        ("a = [1,, 2]", "virgule de trop"),
        ("a = { b = 1", "accolade"),
        ("a = 01", "zéro"),
        ("a = 0,5", "point"),
        ("a = 2025-13-45", "n’existe pas"),
        ("titre général = 1", "ni accent ni espace"),
        ("a = \"C:\\Users\"", "barre oblique inverse"),
        ("a = true false", "est double"),
        ("a = oui", "guillemets droits"),
    ];
    let mut unsaid = Vec::new();
    for (slip, word) in slips {
        let (_, errors) = toml::de::DeTable::parse_recoverable(slip);
        let Some(error) = errors.first() else {
            unsaid.push(format!("{slip:?} is no slip"));
            continue;
        };
        let error = error.message().to_owned();
        let said = full(
            &Diagnostic::new(
                Problem::TomlSyntax {
                    error: error.clone(),
                },
                Place::Series,
            ),
            Lang::French,
        );
        if !said.contains(word) || said.contains("en anglais") {
            unsaid.push(format!("{slip:?}: {error:?} → {said}"));
        }
    }
    assert!(unsaid.is_empty(), "{}", unsaid.join("\n"));
}

#[test]
fn a_caption_is_found_by_its_line() {
    let fault = CaptionFault::BadTiming {
        found: "00:01 -> 00:02".into(),
    };
    let place = Place::Text {
        path: "subtitles/jpp-12.fr.srt".into(),
        line: 7,
        column: 1,
    };
    let diagnostic = of_capsule(Problem::CaptionFault { fault }, place);
    assert_eq!(
        full(&diagnostic, Lang::French),
        "Capsule jpp-12, subtitles/jpp-12.fr.srt, ligne 7\u{a0}: les temps \
         «\u{202f}00:01 -> 00:02\u{202f}» ne sont pas lisibles\u{202f}; ce sous-titre est laissé de \
         côté. Écrivez par exemple 00:01:20,500 --> 00:01:23,000."
    );
    assert_eq!(
        sentence(&diagnostic, Lang::English),
        "Capsule jpp-12, subtitles/jpp-12.fr.srt, line 7: the times “00:01 -> 00:02” cannot be \
         read; this cue is left out."
    );
}

#[test]
fn a_removal_is_typed_as_it_is_said() {
    let ids = ["jpp-1", "jpp-2"]
        .map(|id| Id::new(id).expect("an id"))
        .to_vec();
    let said = full(
        &Diagnostic::new(Problem::Vanished { ids }, Place::Series),
        Lang::French,
    );
    assert!(
        said.contains("portevoix build --remove jpp-1 --remove jpp-2"),
        "{said}"
    );
}

#[test]
fn what_the_machine_says_is_said_in_french() {
    let error = std::io::Error::from_raw_os_error(13).to_string();
    let said = full(
        &Diagnostic::new(
            Problem::IoFailed {
                path: "dist".into(),
                error,
            },
            Place::Series,
        ),
        Lang::French,
    );
    assert!(said.contains("(l’accès est refusé)"), "{said}");
    let unknown = Problem::FileUnreadable {
        error: "quux overflow.".into(),
    };
    let said = sentence(&Diagnostic::new(unknown, Place::Series), Lang::French);
    assert!(
        said.contains("en anglais\u{a0}: «\u{202f}quux overflow\u{202f}»"),
        "{said}"
    );
}

#[test]
fn durations_have_the_decimals_they_need() {
    let said = |ms| lasting(Rational::milliseconds(ms), ',');
    assert_eq!(said(833), "0,833 s");
    assert_eq!(said(7000), "7 s");
    assert_eq!(said(80), "0,08 s");
    assert_eq!(said(-80), "−0,08 s");
}

#[test]
fn english_has_no_french_spaces() {
    for problem in samples() {
        let diagnostic = Diagnostic::new(problem, Place::Series);
        let said = full(&diagnostic, Lang::English);
        assert!(!said.contains(['\u{a0}', '\u{202f}', '«']), "{said}");
    }
}
