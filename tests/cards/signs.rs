//! Whose film this is: end cards, names in their own language, the mark of
//! drafts.

use super::{CHARTERS, ROLE, asset, built_in, built_in_of, drawn, ink, laid_out, palette};
use super::{pixel, request, shapes, titled};
use portevoix::cards::{CardProblem, CardRequest};
use portevoix::render::watermark;
use portevoix::series::charter::{Position, Rgb};
use portevoix::values::geometry::Size;
use portevoix::values::ids::Language;
use std::collections::BTreeMap;

/// What the series says of itself is in its own language on a capsule of
/// another: a French title keeps its French spaces, and the other way round.
#[test]
fn each_text_is_typeset_in_its_own_language() {
    let content = "<rect id='text:title' x='40' y='40' width='560' height='80'/>\
        <rect id='text:series' x='40' y='200' width='560' height='80'/>";
    let mut request = titled(content, "Why?");
    request
        .fields
        .insert("series".to_owned(), "Pourquoi?".to_owned());
    request.language = Language::new("en").unwrap();
    let french = Language::new("fr").unwrap();
    request.languages = BTreeMap::from([("series".to_owned(), french)]);
    let shown = laid_out(&request).shown;
    let texts: Vec<&str> = shown.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(texts, ["Why?", "Pourquoi\u{202F}?"]);
}

/// The megaphone of the warm charter gives way to partners' logos, and where
/// nobody is named the card says whose film this was.
#[test]
fn the_end_card_has_one_sign_and_is_never_empty() {
    let Rgb { red, green, blue } = palette()["coral"];
    let coral = |request: &CardRequest| {
        let raster = drawn(request);
        let mark = (916..1004).flat_map(|x| (104..192).map(move |y| (x, y)));
        mark.into_iter()
            .any(|(x, y)| pixel(&raster, x, y) == [red, green, blue, 255])
    };
    let named = [
        ("publisher", "Espace social"),
        ("series", "Je peux en parler"),
    ];
    let mut request = built_in("end", (1920, 1080), &named);
    assert!(coral(&request));
    request.pictures = vec![asset("tests/fixtures/cards/partner.svg")];
    assert!(!coral(&request));
    let shown = |texts: &[(&str, &str)]| {
        let every = CHARTERS.into_iter().flat_map(|charter| {
            shapes(1280, 720).map(|(suffix, size)| (charter, format!("end{suffix}"), size))
        });
        let fields = every.map(|(charter, card, size)| {
            let layout = laid_out(&built_in_of(charter, &card, size, texts));
            let fields = layout.shown.into_iter().map(|s| s.field);
            fields.collect::<Vec<_>>()
        });
        let mut fields: Vec<Vec<String>> = fields.collect();
        fields.dedup();
        fields
    };
    assert_eq!(shown(&named), [["publisher"]]);
    assert_eq!(shown(&named[1..]), [["series"]]);
    let contact = [
        ("series", "Je peux en parler"),
        ("contact", "04 75 22 20 45"),
    ];
    assert_eq!(shown(&contact), [["contact"]]);
}

#[test]
fn what_gives_way_says_to_which_field() {
    let mark = |unless: &str| {
        titled(
            &format!(
                "<rect id='text:title' x='40' y='40' width='9' height='9'/>\
                 <g data-unless='{unless}'><rect x='100' width='10' height='10'/></g>"
            ),
            "",
        )
    };
    assert!(ink(&drawn(&mark("contact logo portrait"))).is_some());
    let mut request = mark("speaker contact");
    request
        .fields
        .insert("contact".to_owned(), "ici".to_owned());
    assert_eq!(ink(&drawn(&request)), None);
    let problems = laid_out(&mark("contacts")).problems;
    assert!(
        matches!(&problems[..], [CardProblem::UnknownField { suggestion: Some(s), .. }] if s == "contact"),
        "{problems:?}"
    );
}

/// The mark of drafts keeps clear of edges that televisions hide, and of a lower
/// third wherever the charter puts it.
#[test]
fn the_mark_of_drafts_is_in_nobodys_way() {
    let texts = [
        ("speaker", "Élodie Lefèvre-Nuñez"),
        ("role", ROLE),
        ("structure", "Lieu d’accueil"),
    ];
    for (suffix, size) in [(1920, 1080), (426, 240)]
        .into_iter()
        .flat_map(|(w, h)| shapes(w, h))
    {
        let places = Position::ALL.map(|(_, position)| Some(position));
        for position in places.into_iter().chain([None]) {
            let frame = Size {
                width: size.0,
                height: size.1,
            };
            let mut mark = request(&watermark::drawing(frame, position));
            mark.size = frame;
            mark.fields
                .insert("watermark".to_owned(), "Brouillon".to_owned());
            let layout = laid_out(&mark);
            assert_eq!((&layout.problems, &layout.remarks), (&vec![], &vec![]));
            let (left, top, right, bottom) = ink(&drawn(&mark)).unwrap();
            assert!(
                left * 20 >= size.0 && (size.0 - right) * 20 >= size.0,
                "{suffix} {left} {right}"
            );
            assert!(
                top * 20 >= size.1 && (size.1 - bottom) * 20 >= size.1,
                "{suffix} {top} {bottom}"
            );
            for charter in CHARTERS {
                let mut strap = built_in_of(charter, &format!("lower-third{suffix}"), size, &texts);
                strap.position = position;
                let (_, from, _, to) = ink(&drawn(&strap)).unwrap();
                assert!(
                    to < top || bottom < from,
                    "{charter} {suffix} {size:?} {position:?}: {from} {to} {top} {bottom}"
                );
            }
        }
    }
}
