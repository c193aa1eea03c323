//! Title cards: what is drawn, what is refused, and that it is always the same.
//!
//! Pictures are compared where looks are the point (`golden`), facts are
//! asserted everywhere else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod captions;
mod golden;
mod grounds;
mod inkscape;
mod programs;
mod readable;
mod refused;
mod signs;
mod torture;

use portevoix::cards::{CardLayout, CardProblem, CardRequest, Fonts, Raster};
use portevoix::cards::{fonts, lay_out, rasterise};
use portevoix::series::charter::{Position, Rgb};
use portevoix::values::geometry::Size;
use portevoix::values::ids::Language;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

const QUESTION: &str = "Je n’en peux plus de mon enfant, j’ai peur de craquer… \
    Est-ce que je suis une mauvaise mère ?";
const ROLE: &str = "Éducatrice de jeunes enfants, responsable du lieu d’accueil enfants-parents";
const CHARTERS: [&str; 2] = ["warm", "institutional"];
const LANDSCAPE: [(u32, u32); 5] = [
    (1920, 1080),
    (1280, 720),
    (960, 540),
    (640, 360),
    (426, 240),
];

fn asset(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn built_in_fonts() -> Fonts {
    let files = [
        "Cantarell-Regular.otf",
        "Cantarell-Bold.otf",
        "Cantarell-ExtraBold.otf",
        "Notes.ttf",
    ];
    let files = files.map(|file| Arc::from(asset(&format!("assets/fonts/{file}"))));
    fonts(&files).unwrap()
}

/// Fonts cut down to a few letters, with ours after them.
fn with_other_scripts() -> Fonts {
    let file = |path: &str| Arc::from(asset(path));
    let files = [
        file("assets/fonts/Cantarell-Regular.otf"),
        file("tests/fixtures/fonts/NotoSansArabic-letters.ttf"),
        file("tests/fixtures/fonts/NotoSansHebrew-letters.ttf"),
        file("assets/fonts/Notes.ttf"),
    ];
    fonts(&files).unwrap()
}

fn palette() -> BTreeMap<String, Rgb> {
    palette_of("warm")
}

fn palette_of(charter: &str) -> BTreeMap<String, Rgb> {
    let text = String::from_utf8(asset(&format!("assets/charter/{charter}/charter.toml"))).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let colours = table["palette"].as_table().unwrap();
    let parse = |written: &toml::Value| {
        let hex = written.as_str().unwrap().strip_prefix('#').unwrap();
        let [_, red, green, blue] = u32::from_str_radix(hex, 16).unwrap().to_be_bytes();
        Rgb { red, green, blue }
    };
    colours
        .iter()
        .map(|(name, c)| (name.clone(), parse(c)))
        .collect()
}

/// Every column empty, French, 640×360.
fn request(svg: &str) -> CardRequest {
    let columns = [
        "title",
        "theme",
        "speaker",
        "role",
        "structure",
        "contact",
        "series",
        "publisher",
    ];
    CardRequest {
        svg: svg.to_owned(),
        fields: columns.map(|c| (c.to_owned(), String::new())).into(),
        palette: palette(),
        font_family: "Cantarell".to_owned(),
        language: Language::new("fr").unwrap(),
        languages: BTreeMap::new(),
        size: Size {
            width: 640,
            height: 360,
        },
        boxes: BTreeMap::new(),
        pictures: Vec::new(),
        portrait: None,
        veil: None,
        position: None,
    }
}

fn built_in(card: &str, size: (u32, u32), texts: &[(&str, &str)]) -> CardRequest {
    built_in_of("warm", card, size, texts)
}

fn built_in_of(charter: &str, card: &str, size: (u32, u32), texts: &[(&str, &str)]) -> CardRequest {
    let svg = asset(&format!("assets/charter/{charter}/{card}.svg"));
    let mut request = request(std::str::from_utf8(&svg).unwrap());
    request.palette = palette_of(charter);
    request.size = Size {
        width: size.0,
        height: size.1,
    };
    for (field, text) in texts {
        request
            .fields
            .insert((*field).to_owned(), (*text).to_owned());
    }
    request
}

/// A drawing of 640×360 units around this content.
fn plain(content: &str) -> CardRequest {
    request(&format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 360'>{content}</svg>"
    ))
}

fn titled(content: &str, title: &str) -> CardRequest {
    let mut request = plain(content);
    request.fields.insert("title".to_owned(), title.to_owned());
    request
}

fn laid_out(request: &CardRequest) -> CardLayout {
    lay_out(request, &mut built_in_fonts())
}

fn drawn(request: &CardRequest) -> Raster {
    let layout = laid_out(request);
    assert_eq!(layout.problems, [], "{:?}", request.fields);
    rasterise(&layout.svg.unwrap(), request.size).unwrap()
}

fn pixel(raster: &Raster, x: u32, y: u32) -> [u8; 4] {
    let at = ((y * raster.size.width + x) * 4) as usize;
    raster.rgba[at..at + 4].try_into().unwrap()
}

/// Left, top, right, bottom of what is not clear; right and bottom excluded.
fn ink(raster: &Raster) -> Option<(u32, u32, u32, u32)> {
    let (width, height) = (raster.size.width, raster.size.height);
    let marks: Vec<(u32, u32)> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .filter(|(x, y)| pixel(raster, *x, *y)[3] > 0)
        .collect();
    Some((
        marks.iter().map(|m| m.0).min()?,
        marks.iter().map(|m| m.1).min()?,
        marks.iter().map(|m| m.0).max()? + 1,
        marks.iter().map(|m| m.1).max()? + 1,
    ))
}

#[test]
fn built_in_cards_hold_long_texts_at_every_size() {
    let texts = [
        (
            "title",
            "Mon enfant se met en colère dès que je lui dis non, je crie et je le regrette ensuite : comment poser un cadre sans le blesser ?",
        ),
        ("theme", "Autorité, limites et colères des tout-petits"),
        ("series", "Je peux en parler"),
        ("speaker", "Marie-Christine de La Rochefoucauld"),
        ("role", ROLE),
        (
            "structure",
            "Maison des adolescents de la Drôme, antenne de Die",
        ),
        ("publisher", "Espace social et culturel du Diois"),
        (
            "contact",
            "04 75 22 20 45\ncontact@exemple.org\n12 rue des Écoles, 26150 Die",
        ),
    ];
    let mut fonts = built_in_fonts();
    for (charter, card) in every_card() {
        for (width, height) in LANDSCAPE {
            for (suffix, size) in shapes(width, height) {
                let name = format!("{card}{suffix}");
                let layout = lay_out(&built_in_of(charter, &name, size, &texts), &mut fonts);
                let said = (&layout.problems, &layout.remarks);
                assert_eq!(said, (&vec![], &vec![]), "{charter} {name} {size:?}");
            }
        }
    }
}

fn every_card() -> impl Iterator<Item = (&'static str, &'static str)> {
    let cards = ["opening", "lower-third", "end"];
    CHARTERS
        .into_iter()
        .flat_map(move |charter| cards.map(|card| (charter, card)))
}

/// A drawing's suffix and frame, for each shape of a landscape frame.
fn shapes(width: u32, height: u32) -> [(&'static str, (u32, u32)); 3] {
    [
        ("", (width, height)),
        (".portrait", (height, width)),
        (".square", (height, height)),
    ]
}

#[test]
fn lower_thirds_stay_in_the_safe_area_of_any_frame() {
    let texts = [
        ("speaker", "Élodie Lefèvre-Nuñez"),
        ("role", ROLE),
        ("structure", "Espace social"),
    ];
    let frames = [
        ("lower-third", (1920, 1080)),
        ("lower-third", (1440, 1080)),
        ("lower-third", (2048, 858)),
        ("lower-third.portrait", (1080, 1920)),
        ("lower-third.portrait", (810, 1080)),
        ("lower-third.square", (1080, 1080)),
    ];
    for (charter, (card, (width, height))) in CHARTERS
        .into_iter()
        .flat_map(|charter| frames.map(|frame| (charter, frame)))
    {
        let raster = drawn(&built_in_of(charter, card, (width, height), &texts));
        let (left, top, right, bottom) = ink(&raster).unwrap();
        assert!(
            left * 20 >= width && (width - right) * 20 >= width,
            "{card} {left} {right}"
        );
        assert!(
            (height - bottom) * 20 >= height && top * 2 > height,
            "{card} {top} {bottom}"
        );
        // At the left of the frame whatever its width.
        assert!(left * 10 < width, "{card} {left}");
    }
}

/// Where a charter puts it, a lower third has the margins that it was drawn
/// with, and its letters are as they were.
#[test]
fn a_lower_third_stands_where_the_charter_says() {
    let texts = [("speaker", "Élodie Lefèvre"), ("role", "Éducatrice")];
    for (charter, (suffix, size)) in CHARTERS
        .into_iter()
        .flat_map(|charter| shapes(1280, 720).map(|shape| (charter, shape)))
    {
        let mut request = built_in_of(charter, &format!("lower-third{suffix}"), size, &texts);
        let edges = |request: &CardRequest| {
            let (left, top, right, bottom) = ink(&drawn(request)).unwrap();
            (left, top, size.0 - right, size.1 - bottom)
        };
        let (left, _, _, bottom) = edges(&request);
        for (name, position) in Position::ALL {
            request.position = Some(position);
            let layout = laid_out(&request);
            assert_eq!((layout.problems, layout.remarks), (vec![], vec![]));
            let (l, t, r, b) = edges(&request);
            let down = if name.starts_with("top") { t } else { b };
            assert!(
                down.abs_diff(bottom) <= 1,
                "{charter} {suffix} {name}: {down} {bottom}"
            );
            let across = match name.rsplit_once('-').unwrap().1 {
                "left" => l.abs_diff(left),
                "right" => r.abs_diff(left),
                _ => l.abs_diff(r),
            };
            assert!(across <= 1, "{charter} {suffix} {name}: {l} {r} {left}");
        }
    }
}

#[test]
fn the_ground_fills_frames_of_other_shapes_with_the_charters_colour() {
    let Rgb { red, green, blue } = palette()["paper"];
    for (width, height) in [
        (1440, 1080),
        (2048, 858),
        (854, 480),
        (426, 240),
        (1002, 1000),
    ] {
        let request = built_in("opening", (width, height), &[("title", "Oui")]);
        let raster = drawn(&request);
        for (x, y) in [(0, 0), (width - 1, 0), (0, height - 1), (width / 2, 2)] {
            assert_eq!(
                pixel(&raster, x, y),
                [red, green, blue, 255],
                "{width}x{height} {x} {y}"
            );
        }
    }
}

#[test]
fn a_flat_palette_colour_comes_out_to_the_level() {
    for colour in [
        [0, 0, 0],
        [255, 255, 255],
        [212, 80, 43],
        [1, 2, 3],
        [127, 128, 129],
    ] {
        let mut request = plain(
            "<style>.b { fill: palette:test }</style>\
             <rect width='200' height='360' fill='palette:test'/>\
             <rect x='200' width='200' height='360' style='fill:palette:test;stroke:none'/>\
             <rect x='400' width='240' height='360' class='b'/>",
        );
        let [red, green, blue] = colour;
        request
            .palette
            .insert("test".to_owned(), Rgb { red, green, blue });
        let raster = drawn(&request);
        for x in [20, 180, 220, 380, 420, 620] {
            assert_eq!(pixel(&raster, x, 180), [red, green, blue, 255]);
        }
    }
}

const BOX: &str = "<rect id='text:title' x='40' y='40' width='560' height='280' \
    data-max-size='60' data-min-size='20' data-line-height='1.2'/>";

#[test]
fn marks_that_mean_something_elsewhere_are_only_text() {
    for text in [
        "<b>&amp;</b> \"'` & < > % %s \\ \\n $(x) {{ }} ]]> <!-- -->",
        "l'heure d'été n'est \"qu'un\" mot",
        "a",
        "100 % de 12 000 €, n° 5 ; œuf, Œuvre, Ÿ, ç, ² ½ № – — … • → ’",
    ] {
        let request = titled(BOX, text);
        let raster = drawn(&request);
        assert!(ink(&raster).is_some(), "{text}");
        let again = laid_out(&request);
        assert_eq!(again, laid_out(&request), "{text}");
    }
}

#[test]
fn composed_and_decomposed_accents_are_one() {
    let composed = laid_out(&titled(BOX, "Élève, où es-tu ? Noël, ça, œil"));
    let apart = laid_out(&titled(
        BOX,
        "E\u{301}le\u{300}ve, ou\u{300} es-tu ? Noe\u{308}l, c\u{327}a, œil",
    ));
    assert_eq!(composed, apart);
    // A letter that Unicode does not have composed is put together by the font.
    assert_eq!(laid_out(&titled(BOX, "m\u{301}")).problems, []);
}

#[test]
fn empty_columns_draw_nothing() {
    for texts in [&[][..], &[("speaker", " \u{A0}\t\n")]] {
        let request = built_in("lower-third", (640, 360), texts);
        let layout = laid_out(&request);
        assert_eq!((layout.problems.len(), layout.shown.len()), (0, 0));
        let raster = rasterise(&layout.svg.unwrap(), request.size).unwrap();
        assert_eq!(ink(&raster), None);
    }
    let content = "<g id='if:theme'><rect width='640' height='180' fill='#000'/>\
        <rect id='text:theme' y='10' width='600' height='90'/></g>";
    assert_eq!(ink(&drawn(&plain(content))), None);
    let mut request = plain(content);
    request
        .fields
        .insert("theme".to_owned(), "Sommeil".to_owned());
    assert_eq!(ink(&drawn(&request)), Some((0, 0, 640, 180)));
}

#[test]
fn texts_are_listed_as_they_are_read_and_typeset() {
    let texts = [
        ("speaker", "Marc Œuf"),
        ("role", "Psychologue"),
        ("structure", "«Ici»"),
    ];
    let layout = laid_out(&built_in("lower-third", (640, 360), &texts));
    let shown: Vec<(&str, &str)> = layout
        .shown
        .iter()
        .map(|s| (s.field.as_str(), s.text.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("speaker", "Marc Œuf"),
            ("role", "Psychologue"),
            ("structure", "«\u{202F}Ici\u{202F}»")
        ]
    );
}

#[test]
fn what_leaves_is_outlines() {
    let texts = [
        ("title", QUESTION),
        ("theme", "Écrans"),
        ("series", "Je peux en parler"),
    ];
    let svg = laid_out(&built_in("opening", (640, 360), &texts))
        .svg
        .unwrap();
    let document = resvg::usvg::roxmltree::Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(
        (root.attribute("width"), root.attribute("height")),
        (Some("640"), Some("360"))
    );
    for node in document.descendants().filter(|n| n.is_element()) {
        assert_ne!(node.tag_name().name(), "text");
        for attribute in node.attributes() {
            let value = attribute.value();
            assert_ne!(attribute.name(), "href");
            assert!(
                !value.contains("text:") && !value.contains("palette:"),
                "{value}"
            );
        }
    }
}

#[test]
fn inkscape_layers_labels_and_transforms_are_understood() {
    // As Inkscape 1.2 writes it, shortened: units in mm, a moved layer, a label.
    let svg = r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?>
      <svg width="160mm" height="90mm" viewBox="0 0 160 90" version="1.1" id="svg5"
        xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
        xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
        xmlns="http://www.w3.org/2000/svg">
      <sodipodi:namedview id="namedview7" pagecolor="palette:none"/>
      <defs id="defs2"/>
      <g inkscape:label="Calque 1" inkscape:groupmode="layer" id="layer1"
         transform="translate(80,45)">
        <rect style="fill:#ff0000;fill-opacity:1;stroke:none" id="rect111"
          width="60" height="20" x="0" y="0" inkscape:label="text:title" data-max-size="10"/>
      </g></svg>"#;
    let mut request = request(svg);
    request.fields.insert("title".to_owned(), "HHH".to_owned());
    let raster = drawn(&request);
    let (left, top, right, bottom) = ink(&raster).unwrap();
    assert!(
        (320..330).contains(&left) && (180..200).contains(&top),
        "{left} {top}"
    );
    assert!(right < 560 && bottom < 260);
    let inside = (left..right).map(|x| pixel(&raster, x, (top + bottom) / 2));
    assert!(
        inside.into_iter().any(|p| p == [255, 0, 0, 255]),
        "its own colour"
    );
}

#[test]
fn text_follows_its_box_when_that_is_turned() {
    let turned = "<rect id='text:title' width='300' height='60' data-max-size='50' \
        transform='translate(320 340) rotate(-90)'/>";
    let (left, top, right, bottom) = ink(&drawn(&titled(turned, "Debout"))).unwrap();
    assert!(bottom - top > 2 * (right - left), "taller than wide");
    assert!(left >= 320 && right <= 380 && top >= 40 && bottom <= 340);
}

#[test]
fn alignment_puts_text_where_it_says() {
    let at = |align: &str, valign: &str| {
        let svg = format!(
            "<rect id='text:title' x='100' y='60' width='400' height='240' \
             data-max-size='40' data-align='{align}' data-valign='{valign}'/>"
        );
        ink(&drawn(&titled(&svg, "HxH"))).unwrap()
    };
    let (left, top, ..) = at("left", "top");
    assert!(
        (100..106).contains(&left) && (60..75).contains(&top),
        "{left} {top}"
    );
    let (.., right, bottom) = at("right", "bottom");
    assert!(
        (494..=500).contains(&right) && (285..=300).contains(&bottom),
        "{right} {bottom}"
    );
    let (left, top, right, bottom) = at("center", "middle");
    assert!((left + right).abs_diff(600) <= 2, "{left} {right}");
    assert!((top + bottom).abs_diff(360) <= 2, "{top} {bottom}");
}

#[test]
fn letters_stay_legible_on_small_renditions() {
    let small = "<rect id='text:title' x='40' y='40' width='560' height='14' data-max-size='10'/>";
    let mut request = titled(small, "Lisible");
    let at = |request: &mut CardRequest, width, height| {
        request.size = Size { width, height };
        laid_out(request)
    };
    assert_eq!(at(&mut request, 1920, 1080).problems, []);
    // 11 pixels do not fit in a box of 14 × 0.4.
    let problems = at(&mut request, 256, 144).problems;
    assert!(
        matches!(problems[..], [CardProblem::Overflow { .. }]),
        "{problems:?}"
    );
    request.svg = request
        .svg
        .replace("data-max-size", "data-min-px='3' data-max-size");
    assert_eq!(at(&mut request, 256, 144).problems, []);
}

#[test]
fn logos_stand_in_a_row_and_bad_ones_are_named() {
    let square = |colour: &str| {
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'>\
             <defs><linearGradient id='g'><stop stop-color='{colour}'/></linearGradient></defs>\
             <rect width='10' height='10' fill='url(#g)'/></svg>"
        )
        .into_bytes()
    };
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_pixel(400, 400, image::Rgba([0, 0, 255, 255]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let mut request =
        plain("<rect id='image:logo' x='20' y='20' width='600' height='80' data-gap='20'/>");
    request.pictures = vec![square("#ff0000"), square("#00ff00"), png.into_inner()];
    let raster = drawn(&request);
    // Three squares of 80 and two gaps of 20, in the middle of 600.
    let row = [220, 320, 420].map(|x| pixel(&raster, x, 60));
    assert_eq!(row, [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]);
    assert_eq!(ink(&raster), Some((180, 20, 460, 100)));

    let bad: [&[u8]; 4] = [
        b"GIF89a",
        b"\xff\xd8\xff\xe0 cut",
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><image href='/etc/hostname'/></svg>",
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><text>Mairie</text></svg>",
    ];
    request.pictures = bad.map(<[u8]>::to_vec).into();
    let problems = laid_out(&request).problems;
    let numbers: Vec<usize> = problems
        .iter()
        .map(|p| match p {
            CardProblem::PictureUnusable { number, .. } => *number,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

/// What lies behind the card is seen through its lowest ground, however that is
/// written, and through nothing that stands on it.
#[test]
fn a_veil_thins_the_lowest_ground_alone() {
    for looks in [
        "fill='#ff0000'",
        "style='fill:#ff0000'",
        "style='fill:#ff0000;opacity:1; '",
    ] {
        let ground = format!("<rect width='640' height='360' {looks}/>");
        let mark = "<rect x='10' y='10' width='50' height='50' fill='#0000ff'/>";
        let title = "<rect id='text:title' x='300' y='100' width='200' height='100'/>";
        let mut request = titled(&format!("{ground}{mark}{title}"), "Oui");
        assert_eq!(pixel(&drawn(&request), 600, 300), [255, 0, 0, 255]);
        request.veil = Some(60);
        let card = drawn(&request);
        assert_eq!(pixel(&card, 600, 300), [153, 0, 0, 153], "{looks}");
        assert_eq!(pixel(&card, 30, 30), [0, 0, 255, 255], "{looks}");
    }
}
