//! What cannot be drawn as asked: texts too long, characters and names that do
//! not exist, and templates that mean harm. Each is said for what it is.

use super::{BOX, built_in_fonts, laid_out, plain, request, titled};
use portevoix::cards::{CardProblem, Limit, fonts, lay_out, rasterise};
use std::sync::Arc;

#[test]
fn texts_of_every_length_fit_or_are_counted() {
    let words = [
        "mère",
        "l’école",
        "à",
        "comprendre",
        "où",
        "«non»",
        "peut-être",
        "vie",
        "!",
    ];
    let long: String = words
        .iter()
        .cycle()
        .take(150)
        .map(|w| format!("{w} "))
        .collect();
    let mut fonts = built_in_fonts();
    let mut overflowed = 0;
    for length in (1..=300).chain([600]) {
        let text: String = long.chars().take(length).collect();
        let layout = lay_out(&titled(BOX, &text), &mut fonts);
        assert!(layout.svg.is_some());
        match &layout.problems[..] {
            [] => assert_eq!(overflowed, 0, "{length} fits, fewer did not"),
            [
                CardProblem::Overflow {
                    field,
                    characters,
                    room,
                },
            ] => {
                overflowed += 1;
                assert_eq!(field, "title");
                assert!(room < characters && *room > 100, "{room} of {characters}");
                let typeset = layout.shown[0].text.chars().take(*room).collect::<String>();
                let shorter = lay_out(&titled(BOX, typeset.trim_end()), &mut fonts);
                assert_eq!(shorter.problems, [], "{room} of {characters}");
            }
            other => panic!("{length}: {other:?}"),
        }
    }
    assert!(overflowed > 0, "600 characters cannot fit");
}

#[test]
fn a_word_wider_than_its_box_is_too_long() {
    let word = "anticonstitutionnellement".repeat(4);
    let problems = laid_out(&titled(BOX, &word)).problems;
    let [
        CardProblem::Overflow {
            characters: 100,
            room,
            ..
        },
    ] = problems[..]
    else {
        panic!("{problems:?}");
    };
    assert!((30..80).contains(&room), "{room}");
}

#[test]
fn characters_that_the_fonts_lack_are_named_once() {
    let missing = |text: &str| -> Vec<char> {
        let problems = laid_out(&titled(BOX, text)).problems;
        let name = |problem: CardProblem| match problem {
            CardProblem::MissingGlyph { character, field } if field == "title" => character,
            other => panic!("{other:?}"),
        };
        problems.into_iter().map(name).collect()
    };
    assert_eq!(missing("مرحبا"), ['م', 'ر', 'ح', 'ب', 'ا']);
    assert_eq!(missing("שש"), ['ש']);
    assert_eq!(missing("Bravo 👏🏽 👏🏽 !"), ['👏', '🏽']);
    assert!(
        missing(
            "espaces\u{202F}:\u{A0}fines\u{2009}?\u{200B}\u{FEFF} 1\u{FE0F} a\u{200D}b c\u{AD}d"
        )
        .is_empty()
    );
}

#[test]
fn unknown_names_come_with_a_suggestion() {
    let mut request = plain(
        "<rect id='text:titel' width='9' height='9'/><g id='if:rolle'/>\
         <rect width='9' height='9' fill='palette:papier'/>\
         <rect id='text:title' width='600' height='90' data-font='Cantarel'/>",
    );
    request.fields.insert("title".to_owned(), "Oui".to_owned());
    let some = |text: &str| Some(text.to_owned());
    let problems = laid_out(&request).problems;
    let expected = [
        CardProblem::UnknownColour {
            colour: "papier".to_owned(),
            suggestion: some("paper"),
        },
        CardProblem::UnknownField {
            field: "rolle".to_owned(),
            suggestion: some("role"),
        },
        CardProblem::UnknownField {
            field: "titel".to_owned(),
            suggestion: some("title"),
        },
        CardProblem::UnknownFont {
            family: "Cantarel".to_owned(),
            suggestion: some("Cantarell"),
        },
    ];
    assert_eq!(problems, expected);
}

#[test]
fn text_elements_and_boxes_without_size_are_reported() {
    let request = titled(
        "<text x='9' y='40'>Je peux <tspan>en parler</tspan></text>\
         <rect id='text:title' width='0' height='90'/>",
        "Oui",
    );
    let layout = laid_out(&request);
    let text = "Je peux en parler".to_owned();
    assert_eq!(layout.remarks, [CardProblem::StrayText { text }]);
    let field = "title".to_owned();
    assert_eq!(layout.problems, [CardProblem::EmptyBox { field }]);
}

#[test]
fn hostile_templates_are_refused_for_the_right_reason() {
    let wrap = |content: &str| {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' \
             xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'>{content}</svg>"
        )
    };
    let bomb = "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>".to_owned()
        + &wrap("<desc>&b;</desc>");
    let file = "<!DOCTYPE svg [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>".to_owned() + &wrap("");
    for svg in [bomb, file] {
        assert_eq!(laid_out(&request(&svg)).problems, [CardProblem::Doctype]);
    }

    let references = [
        "<image href='/etc/hostname' width='9' height='9'/>",
        "<image href='logo.png' width='9' height='9'/>",
        "<image xlink:href='file:///etc/hostname' width='9' height='9'/>",
        "<image xlink:href='https://exemple.org/a.png' width='9' height='9'/>",
        "<image href='data:image/svg+xml;base64,PHN2Zy8+' width='9' height='9'/>",
        "<image href='data:image/png;base64,AAAA' width='9' height='9'/>",
        "<use href='other.svg#a'/>",
        "<rect width='9' height='9' fill='url(http://exemple.org/a#b)'/>",
        "<rect width='9' height='9' style='filter: url( \"a.svg#f\" )'/>",
        "<style>@import 'a.css';</style>",
        "<style>rect { fill: URL(a.svg#b) }</style>",
        "<filter id='f'><feImage href='a.png'/></filter>",
    ];
    for content in references {
        let layout = laid_out(&request(&wrap(content)));
        assert_eq!(layout.svg, None, "{content}");
        let refused = matches!(
            layout.problems[..],
            [CardProblem::ExternalReference { .. }
                | CardProblem::LimitExceeded {
                    limit: Limit::FilterKind,
                    ..
                }]
        );
        assert!(refused, "{content}: {:?}", layout.problems);
    }

    let deep = "<g>".repeat(300_000) + &"</g>".repeat(260_000);
    let nested = "<g>".repeat(5000) + &"</g>".repeat(5000);
    let many = "<g/>".repeat(30_000);
    let uses: String = (1..12)
        .map(|n| {
            let again = format!("<use href='#u{}'/>", n - 1).repeat(10);
            format!("<g id='u{n}'>{again}</g>")
        })
        .collect();
    let laughs = "<rect id='u0' width='1' height='1'/>".to_owned() + &uses;
    let circle = "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>";
    let blur = "<filter id='f'><feGaussianBlur stdDeviation='9000'/></filter>";
    let noise = "<filter id='f'><feTurbulence baseFrequency='0.1'/></filter>";
    let chain = format!("<filter id='f'>{}</filter>", "<feOffset/>".repeat(100));
    let layers = "<filter id='f'><feOffset/></filter>".to_owned()
        + &"<g filter='url(#f)'><path d='M0 0h9v9z'/></g>".repeat(1000);
    let limits = [
        ("<g/>".repeat(600_000), Limit::Bytes),
        (deep, Limit::Elements),
        (nested, Limit::Depth),
        (many, Limit::Elements),
        (laughs, Limit::ReferencedElements),
        (circle.to_owned(), Limit::ReferencedElements),
        (
            format!("<style>{}</style>", "a b c{fill:red}".repeat(5000)),
            Limit::StyleBytes,
        ),
        (blur.to_owned(), Limit::FilterRadius),
        (noise.to_owned(), Limit::FilterKind),
        (chain, Limit::FilterPrimitives),
        (
            "<path d='M38 41L59.5 28.6A3 1e9 3 0 0 1 64 31.2z'/>".to_owned(),
            Limit::Coordinates,
        ),
        (layers, Limit::ReferencedElements),
        ("<rect id='text:title'/>".repeat(100), Limit::Boxes),
        (
            format!("<image href='data:image/png;base64,{}'/>", huge_png()),
            Limit::PicturePixels,
        ),
    ];
    for (content, expected) in limits {
        let layout = laid_out(&request(&wrap(&content)));
        assert_eq!(layout.svg, None);
        let [
            CardProblem::LimitExceeded {
                limit,
                found,
                allowed,
            },
        ] = layout.problems[..]
        else {
            panic!("{expected:?}: {:?}", layout.problems);
        };
        assert_eq!(limit, expected);
        assert!(found > allowed);
    }
}

/// A PNG whose header says 50,000 × 50,000, in base64.
fn huge_png() -> &'static str {
    "iVBORw0KGgoAAAANSUhEUgAAw1AAAMNQCAYAAABLrz3KAAAAAElEQVQ1rwYeAAAAAElFTkSuQmCC"
}

#[test]
fn what_is_no_svg_is_said_to_be_none() {
    for svg in [
        "",
        "<svg",
        "hello",
        "<html/>",
        "<svg/>",
        "\u{0}\u{1}",
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 0 0'/>",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='NaN 0 9 9'/>",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1e30 9'/>",
    ] {
        let layout = laid_out(&request(svg));
        assert_eq!(layout.svg, None, "{svg}");
        assert!(
            matches!(layout.problems[..], [CardProblem::BrokenTemplate { .. }]),
            "{svg}"
        );
    }
    let mut enormous = plain("");
    enormous.size.width = 1_000_000;
    let problems = laid_out(&enormous).problems;
    assert!(matches!(
        problems[..],
        [CardProblem::LimitExceeded {
            limit: Limit::FramePixels,
            ..
        }]
    ));
    assert!(rasterise("<svg xmlns='http://www.w3.org/2000/svg'/>", enormous.size).is_err());
    assert!(fonts(&[Arc::from(&b"no font"[..])]).is_err());
}
