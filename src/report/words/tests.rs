use super::*;
use crate::values::diagnostic::{Expected, Protection};
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

/// One of each kind that has words of its own inside.
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
    let mut all = vec![
        Problem::SeriesFileMissing,
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
        Problem::Vanished {
            ids: vec![Id::new("a").expect("an id"), Id::new("b").expect("an id")],
        },
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
        Problem::CueBroken { error: text() },
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
    let source = include_str!("french.rs");
    for line in source.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for plain in [" ?", " ;", "« ", " »", "{} :"] {
            assert!(!line.contains(plain), "{plain:?} in {line}");
        }
    }
}

#[test]
fn english_has_no_french_spaces() {
    for problem in samples() {
        let diagnostic = Diagnostic::new(problem, Place::Series);
        let said = full(&diagnostic, Lang::English);
        assert!(!said.contains(['\u{a0}', '\u{202f}', '«']), "{said}");
    }
}
