//! Every problem has words in both languages.

mod clip_samples;
mod samples;

use super::*;
use crate::values::captions::CaptionFault;
use crate::values::diagnostic::Severity;
use crate::values::ids::Id;
use crate::values::time::WrittenTime;
use samples::samples;

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

#[test]
fn a_time_beyond_measure_is_written_too() {
    for most in [i64::MAX, i64::MIN] {
        let most = Rational::integer(most);
        assert!(clock(most, '.').contains(':'));
        assert!(lasting(most, '.').ends_with(" s"));
        assert!(cue_time(most).contains(','));
    }
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
        include_str!("french/examined.rs"),
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

/// A sound that is not there, in a folder without any: no empty list.
#[test]
fn a_missing_sound_has_a_whole_sentence() {
    let problem = Problem::BadValue {
        key: "sound.opening".into(),
        found: "jingle.wav".into(),
        expected: crate::values::diagnostic::Expected::CharterSound,
        suggestion: None,
    };
    let place = Place::Text {
        path: "charter/charter.toml".into(),
        line: 2,
        column: 11,
    };
    let diagnostic = Diagnostic::new(problem, place);
    assert_eq!(
        full(&diagnostic, Lang::French),
        "charter/charter.toml, ligne 2, colonne 11\u{a0}: « sound.opening » vaut jingle.wav ; il \
         faut le nom d’un fichier de son (WAV, MP3, FLAC, OGG, M4A) placé dans le dossier charter, \
         qui n’en contient aucun. Corrigez cette valeur."
            .replace("« ", "«\u{202f}")
            .replace(" »", "\u{202f}»")
            .replace(" ;", "\u{202f};")
    );
    assert_eq!(
        full(&diagnostic, Lang::English),
        "charter/charter.toml, line 2, column 11: “sound.opening” is jingle.wav; it has to be \
         the name of a sound file (WAV, MP3, FLAC, OGG, M4A) in the charter folder, which has \
         none. Correct this value."
    );
}
