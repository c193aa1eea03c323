//! The torture catalogue: whatever people put into a cell or a drawing is drawn,
//! or refused for the right reason. One line each; `refused` has the bombs.

use super::{
    BOX, built_in_fonts, drawn, ink, laid_out, plain, request, titled, with_other_scripts,
};
use portevoix::cards::{CardProblem, CardRequest, Fonts, lay_out};
use portevoix::values::ids::Language;

/// What comes of it: nothing wrong and ink, nothing wrong and nothing drawn, or
/// one problem.
enum Outcome {
    Drawn,
    Blank,
    Refused(fn(&CardProblem) -> bool),
}
use Outcome::{Blank, Drawn, Refused};

fn check(name: &str, request: &CardRequest, fonts: &mut Fonts, outcome: &Outcome) {
    let layout = lay_out(request, fonts);
    match outcome {
        Drawn | Blank => {
            assert_eq!(layout.problems, [], "{name}");
            let inked = ink(&drawn(request)).is_some();
            assert_eq!(inked, matches!(outcome, Drawn), "{name}");
        }
        Refused(expected) => {
            // These texts have no ground, so that their ink can be seen.
            let remarks = layout
                .remarks
                .iter()
                .filter(|r| !matches!(r, CardProblem::LowContrast { .. }));
            let said: Vec<_> = layout.problems.iter().chain(remarks).collect();
            assert!(!said.is_empty(), "{name}: nothing said");
            assert!(said.iter().all(|p| expected(p)), "{name}: {said:?}");
        }
    }
}

macro_rules! refused {
    ($($problem:pat_param)|+) => {
        Refused(|problem| matches!(problem, $($problem)|+))
    };
}

#[test]
fn every_text_is_drawn_or_refused_for_the_right_reason() {
    let long = "mère ".repeat(60);
    let page = "Une page entière collée par erreur. ".repeat(100);
    let word = "anticonstitutionnellement".repeat(6);
    let cases: Vec<(&str, &str, Outcome)> = vec![
        ("nothing", "", Blank),
        ("spaces", " \u{A0}\u{202F}\t\r\n ", Blank),
        ("controls", "\u{0}\u{7}\u{1B}", Blank),
        ("one character", "a", Drawn),
        ("one mark", "?", Drawn),
        ("300 characters", &long, Drawn),
        (
            "a page",
            &page,
            refused!(CardProblem::Overflow {
                characters: 3599,
                room: 100..=2000,
                ..
            }),
        ),
        (
            "a word wider than the box",
            &word,
            refused!(CardProblem::Overflow { .. }),
        ),
        ("a word that fits alone", "anticonstitutionnellement", Drawn),
        ("quotes", "« l’a », \"b\", 'c', “d”, ‘e’, `f`", Drawn),
        ("ampersands", "R&D &amp; co &#65; &lt;", Drawn),
        (
            "angle brackets",
            "</svg><script>alert(1)</script> a < b > c",
            Drawn,
        ),
        ("percent", "100 % %s %d %n %%", Drawn),
        ("backslashes", "C:\\dossier\\n \\u0041 \\", Drawn),
        ("braces", "{{ title }} {% if %} ${x} $(y)", Drawn),
        ("CSS", "fill:red;} text{display:none} /* a */", Drawn),
        ("a formula", "=1+1; +33 4; -2; @ici", Drawn),
        (
            "combining accents",
            "e\u{301} a\u{30A} c\u{327} n\u{303}",
            Drawn,
        ),
        ("stacked accents", "e\u{301}\u{323}\u{302}", Drawn),
        (
            "an emoji",
            "Bravo 🎉",
            refused!(CardProblem::MissingGlyph {
                character: '🎉',
                ..
            }),
        ),
        (
            "a family of emoji",
            "👩‍👧‍👦",
            refused!(CardProblem::MissingGlyph { .. }),
        ),
        ("a flag", "🇫🇷", refused!(CardProblem::MissingGlyph { .. })),
        (
            "Arabic without its font",
            "مرحبا",
            refused!(CardProblem::MissingGlyph { .. }),
        ),
        (
            "Chinese",
            "你好",
            refused!(CardProblem::MissingGlyph { .. }),
        ),
        (
            "private use",
            "\u{E000}",
            refused!(CardProblem::MissingGlyph { .. }),
        ),
        (
            "not a character",
            "\u{FFFE}",
            refused!(CardProblem::MissingGlyph { .. }),
        ),
        (
            "replacement character",
            "caf\u{FFFD}",
            refused!(CardProblem::MissingGlyph { .. }),
        ),
        (
            "marks of direction",
            "\u{202E}abc\u{202C} \u{2066}d\u{2069}",
            Drawn,
        ),
        (
            "soft hyphen and joiners",
            "com\u{AD}mun\u{200B}auté\u{FEFF}",
            Drawn,
        ),
        ("lines", "un\ndeux\r\ntrois\rquatre\u{2028}cinq", Drawn),
        ("ligatures", "effi ffl fi œ æ ß", Drawn),
    ];
    let mut fonts = built_in_fonts();
    for (name, text, outcome) in &cases {
        check(name, &titled(BOX, text), &mut fonts, outcome);
    }
}

#[test]
fn every_drawing_is_drawn_or_refused_for_the_right_reason() {
    let twice = format!("{BOX}{}", BOX.replace("y='40'", "y='42'"));
    let gradients = "<linearGradient id='g'><stop stop-color='#fff'/></linearGradient>\
        <linearGradient id='g'><stop stop-color='#000'/></linearGradient>\
        <rect width='640' height='360' fill='url(#g)'/>";
    let cases: Vec<(&str, String, Outcome)> = vec![
        (
            "no box",
            "<rect width='9' height='9'/>".into(),
            refused!(CardProblem::NoTextBox),
        ),
        ("nothing", String::new(), refused!(CardProblem::NoTextBox)),
        ("one column in two boxes", twice, Drawn),
        (
            "an id that is meant twice",
            format!("{gradients}{BOX}"),
            refused!(CardProblem::DuplicateId { .. }),
        ),
        (
            "a box without size",
            BOX.replace("560", "0"),
            refused!(CardProblem::EmptyBox { .. }),
        ),
        (
            "a box that is hidden",
            BOX.replace("<rect", "<rect display='none'"),
            Blank,
        ),
        (
            "a box in a hidden group",
            format!("<g style='display:none'>{BOX}</g>"),
            Blank,
        ),
        (
            "a box that is a line",
            "<path id='text:title' d='M9 9H90'/>".into(),
            refused!(CardProblem::EmptyBox { .. }),
        ),
        (
            "a box outside the frame",
            BOX.replace("x='40'", "x='-900'"),
            refused!(CardProblem::OutsideSafeArea { .. }),
        ),
        (
            "a box at the edge",
            BOX.replace("y='40'", "y='0'"),
            refused!(CardProblem::OutsideSafeArea { .. }),
        ),
        (
            "a text as a box",
            "<text id='text:title' x='9' y='90'>Titre</text>".into(),
            refused!(CardProblem::StrayText { .. } | CardProblem::EmptyBox { .. }),
        ),
        (
            "a box as a circle",
            "<circle id='text:title' cx='320' cy='180' r='140' data-max-size='40'/>".into(),
            Drawn,
        ),
        (
            "a box as a group",
            format!(
                "<g id='text:title' data-max-size='40'>{}</g>",
                BOX.replace("id='text:title'", "")
            ),
            Drawn,
        ),
        (
            "an unknown column",
            BOX.replace("title", "titel"),
            refused!(CardProblem::UnknownField { .. }),
        ),
        (
            "an unknown column of a code",
            format!("{BOX}<rect id='qr:contct' width='9' height='9'/>"),
            refused!(CardProblem::UnknownField { .. }),
        ),
        (
            "a missing font",
            BOX.replace("id=", "data-font='Futura' id="),
            refused!(CardProblem::UnknownFont { .. }),
        ),
        (
            "a font that is there among missing ones",
            BOX.replace("id=", "data-font=\"Futura, Cantarell, serif\" id="),
            Drawn,
        ),
        (
            "an unknown colour",
            BOX.replace("id=", "fill='palette:rouge' id="),
            refused!(CardProblem::UnknownColour { .. }),
        ),
        ("a size that is none", BOX.replace("'60'", "'large'"), Drawn),
        (
            "sizes the wrong way round",
            BOX.replace("'20'", "'90'"),
            Drawn,
        ),
        (
            "a line height of nothing",
            BOX.replace("'1.2'", "'0'"),
            Drawn,
        ),
        (
            "an external reference",
            format!("<image href='a.png'/>{BOX}"),
            refused!(CardProblem::ExternalReference { .. }),
        ),
        ("a script", format!("<script>alert(1)</script>{BOX}"), Drawn),
        (
            "a foreign object",
            format!(
                "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>a</p></foreignObject>{BOX}"
            ),
            Drawn,
        ),
    ];
    let mut fonts = built_in_fonts();
    for (name, content, outcome) in &cases {
        check(name, &titled(content, "Oui"), &mut fonts, outcome);
    }
}

#[test]
fn a_page_in_a_cell_is_counted_and_measured_against_its_box() {
    let page = "mot ".repeat(1000);
    let problems = laid_out(&titled(BOX, &page)).problems;
    let short: String = page.chars().take(1000).collect();
    let shorter = laid_out(&titled(BOX, &short)).problems;
    let room = |problems: &[CardProblem]| match problems {
        [CardProblem::Overflow { room, .. }] => *room,
        other => panic!("{other:?}"),
    };
    assert_eq!(room(&problems), room(&shorter));
}

fn in_language(tag: &str, text: &str) -> CardRequest {
    let mut request = titled(BOX, text);
    request.language = Language::new(tag).unwrap();
    request
}

#[test]
fn scripts_from_right_to_left_start_at_the_right_and_are_joined() {
    let mut fonts = with_other_scripts();
    let edges = |request: &CardRequest, fonts: &mut Fonts| {
        let layout = lay_out(request, fonts);
        assert_eq!(layout.problems, []);
        let raster = portevoix::cards::rasterise(&layout.svg.unwrap(), request.size).unwrap();
        let (left, _, right, _) = ink(&raster).unwrap();
        (left, right)
    };
    for (tag, text) in [("he", "שלום"), ("ar", "مرحبا")] {
        let (left, right) = edges(&in_language(tag, text), &mut fonts);
        assert!(right > 590 && left > 320, "{text} {left} {right}");
    }
    // A sentence of the language that begins with a foreign name is still set
    // from the right; in French the same letters are a foreign word.
    for text in ["CAF שלום", "CAF مرحبا"] {
        let (_, right) = edges(&in_language("he", text), &mut fonts);
        assert!(right > 590, "{text} {right}");
        let (left, right) = edges(&in_language("fr", text), &mut fonts);
        assert!(left < 50 && right < 590, "{text} {left} {right}");
    }
    // Joined letters are narrower than the same letters kept apart.
    let width = |text: &str, fonts: &mut Fonts| {
        let (left, right) = edges(&in_language("ar", text), fonts);
        right - left
    };
    let joined = width("مرحبا", &mut fonts);
    let apart = width("م\u{200C}ر\u{200C}ح\u{200C}ب\u{200C}ا", &mut fonts);
    assert!(joined < apart, "{joined} {apart}");
}

#[test]
fn a_font_that_lacks_a_letter_lends_its_place_to_the_next() {
    let mut fonts = with_other_scripts();
    let layout = lay_out(&in_language("fr", "Bonjour, שלום, مرحبا !"), &mut fonts);
    assert_eq!(layout.problems, []);
    assert_eq!(lay_out(&plain(BOX), &mut fonts).problems, []);
    let absent = lay_out(&in_language("fr", "你"), &mut fonts).problems;
    assert!(matches!(
        absent[..],
        [CardProblem::MissingGlyph {
            character: '你',
            ..
        }]
    ));
    assert_eq!(lay_out(&request("<svg/>"), &mut fonts).svg, None);
}
