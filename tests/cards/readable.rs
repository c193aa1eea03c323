//! Whether what is written can be read: contrast, size on small renditions, the
//! safe area, and blocks that stay where they were drawn.

use super::{built_in_fonts, built_in_of, ink, laid_out, plain, rasterise, titled};
use portevoix::cards::{CardProblem, CardRequest, lay_out};
use portevoix::series::charter::Position;

fn contrast(ground: &str, text: &str, size: u32) -> Option<(u32, u32, bool)> {
    let mut request = plain(&format!(
        "{ground}<rect id='text:title' x='40' y='60' width='560' height='240' \
         fill='{text}' data-max-size='{size}' data-min-size='{size}'/>"
    ));
    request
        .fields
        .insert("title".to_owned(), "Peut-on lire ?".to_owned());
    match laid_out(&request).remarks[..] {
        [] => None,
        [
            CardProblem::LowContrast {
                hundredths,
                needed_hundredths,
                over_footage,
                ..
            },
        ] => Some((hundredths, needed_hundredths, over_footage)),
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn contrast_is_judged_on_what_lies_behind_the_text() {
    let ground = |fill: &str| format!("<rect width='640' height='360' fill='{fill}'/>");
    assert_eq!(contrast(&ground("#ffffff"), "#767676", 20), None);
    let (found, needed, footage) = contrast(&ground("#ffffff"), "#999999", 20).unwrap();
    assert!((280..290).contains(&found), "{found}");
    assert_eq!((needed, footage), (450, false));
    // Large letters need less.
    assert_eq!(contrast(&ground("#ffffff"), "#949494", 30), None);
    // Half of the ground is enough to be unreadable, a hair is not.
    let half = ground("#ffffff") + "<rect x='120' width='520' height='360' fill='#222'/>";
    assert!(contrast(&half, "#111111", 40).is_some());
    let hair = ground("#ffffff") + "<rect x='120' width='2' height='360' fill='#222'/>";
    assert_eq!(contrast(&hair, "#111111", 40), None);
    // White on nothing is white on whatever is filmed.
    assert_eq!(contrast("", "#ffffff", 40), Some((100, 300, true)));
    let band = |opacity: &str| {
        format!("<rect y='40' width='640' height='280' fill='#000' fill-opacity='{opacity}'/>")
    };
    assert_eq!(contrast(&band("0.8"), "#ffffff", 40), None);
    assert!(contrast(&band("0.3"), "#ffffff", 40).is_some_and(|c| c.2));
}

#[test]
fn text_near_the_edge_is_told_to_whoever_drew_it() {
    let at = |x: i32, y: i32| {
        titled(
            &format!(
                "<rect width='640' height='360' fill='#fff'/><rect id='text:title' x='{x}' y='{y}' width='300' height='60' data-max-size='40'/>"
            ),
            "Bord",
        )
    };
    let safe = |x, y| laid_out(&at(x, y)).remarks.is_empty();
    assert!(safe(32, 18) && safe(300, 280));
    assert!(!safe(10, 100) && !safe(100, 2) && !safe(-40, 100) && !safe(590, 100));
    let remarks = laid_out(&at(10, 100)).remarks;
    assert!(matches!(remarks[..], [CardProblem::OutsideSafeArea { .. }]));
}

/// Letters are drawn as opaque as the drawing makes them, and judged as they are
/// seen: translucent, in a translucent group, shaded.
#[test]
fn translucent_and_shaded_letters_are_drawn_and_judged_as_they_are_seen() {
    let card = |before: &str, looks: &str, after: &str| {
        let looks = format!(
            "id='text:title' x='40' y='60' width='560' height='240' data-max-size='40' {looks}"
        );
        titled(
            &format!("<rect width='640' height='360' fill='#fff'/>{before}<rect {looks}/>{after}"),
            "HHHHHHHH HHHHHHHH",
        )
    };
    let darkest = |request: &CardRequest| {
        let raster = super::drawn(request);
        raster.rgba.chunks(4).map(|p| p[0]).min().unwrap()
    };
    let pale = |request: &CardRequest| {
        let remarks = laid_out(request).remarks;
        let low = |r: &CardProblem| {
            matches!(
                r,
                CardProblem::LowContrast {
                    over_footage: false,
                    ..
                }
            )
        };
        assert!(remarks.iter().all(low), "{remarks:?}");
        !remarks.is_empty()
    };
    let shade = |to: &str| {
        format!(
            "<linearGradient id='g'><stop stop-color='#000'/><stop offset='1' stop-color='{to}'/></linearGradient>"
        )
    };
    for (before, looks, after, level) in [
        ("", "fill='#000'", "", 0),
        ("", "fill='#000' fill-opacity='0.4'", "", 153),
        ("", "style='fill:#000;opacity:0.4'", "", 153),
        ("", "fill='#00000066'", "", 153),
        (
            "",
            "fill='none' stroke='#000' stroke-opacity='0.4'",
            "",
            153,
        ),
        ("<g opacity='0.4'>", "fill='#000'", "</g>", 153),
        ("<g opacity='0.8'>", "fill='#000'", "</g>", 51),
        // What is said in so many words has nothing to do with the box's fill.
        (
            "",
            "data-colour='#000' fill='#fff' fill-opacity='0.1'",
            "",
            0,
        ),
        (&shade("#fff"), "fill='url(#g)'", "", 0),
        (&shade("#444"), "fill='url(#g)'", "", 0),
    ] {
        let request = card(before, looks, after);
        let found = darkest(&request);
        assert!(found.abs_diff(level) <= 3, "{before} {looks}: {found}");
        let wanted = level > 100 || before.contains("'#fff'");
        assert_eq!(pale(&request), wanted, "{before} {looks}");
    }
    // Translucent letters over film may vanish in it.
    let over = |opacity: &str| {
        let band = "<rect width='640' height='360' fill='#000' fill-opacity='0.8'/>";
        let content = format!(
            "{band}<rect id='text:title' x='40' y='60' width='560' height='240' fill='#fff' fill-opacity='{opacity}' data-max-size='40'/>"
        );
        !laid_out(&titled(&content, "HHHH")).remarks.is_empty()
    };
    assert!(!over("1") && over("0.2"));
}

/// What the charter moves is judged where it ends up, and so are pictures.
#[test]
fn the_safe_area_counts_where_things_end_up() {
    let at = |x: u32, what: &str| {
        let mut request = titled(
            &format!(
                "<rect x='{x}' y='280' width='200' height='60' fill='#fff'/>\
                 <rect id='text:title' x='40' y='100' width='9' height='9'/>\
                 <rect id='{what}' x='{x}' y='280' width='200' height='60' data-align='left'/>"
            ),
            "",
        );
        request
            .fields
            .insert("contact".to_owned(), "04 75 22 20 45".to_owned());
        request.pictures = vec![super::asset("assets/logo.svg")];
        request.portrait = Some(png());
        request
    };
    for (what, field) in [
        ("text:contact", "contact"),
        ("qr:contact", "contact"),
        ("image:logo", "logo"),
        ("image:portrait", "portrait"),
    ] {
        let told = |request: &CardRequest| {
            let layout = laid_out(request);
            assert_eq!(layout.problems, [], "{what}");
            let outside = |r: &CardProblem| matches!(r, CardProblem::OutsideSafeArea { field: f } if f == field);
            layout.remarks.iter().any(outside)
        };
        assert!(!told(&at(40, what)), "{what}");
        let mut near = at(10, what);
        if what == "qr:contact" {
            // Its square stands in the middle of the box.
            near = at(420, what);
            near.svg = near.svg.replace(
                "x='420' y='280' width='200' height='60' data",
                "x='560' y='280' width='70' height='70' data",
            );
        }
        assert!(told(&near), "{what}");
        if what != "qr:contact" {
            // From the bottom to the top, with as little room at the left.
            near.position = Some(Position::TopLeft);
            assert!(told(&near), "{what}");
            // In the middle it is safe.
            near.position = Some(Position::TopCenter);
            assert!(!told(&near), "{what}");
        }
    }
}

fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let bitmap = image::RgbImage::from_pixel(20, 20, image::Rgb([255, 0, 0]));
    bitmap.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A rule for a box that is not there is told, with those that are; a question
/// is a title under another name.
#[test]
fn rules_without_a_box_are_told() {
    let with = |field: &str| {
        let content = "<rect id='text:title' x='40' y='40' width='560' height='200'/>\
            <rect id='image:logo' x='40' y='300' width='9' height='9'/>";
        let mut request = titled(content, "H");
        let rule = [("colour".to_owned(), "#ff0000".to_owned())].into();
        request.boxes = [(field.to_owned(), rule)].into();
        request
    };
    let rules = |field: &str| {
        let remarks = laid_out(&with(field)).remarks.into_iter();
        remarks
            .filter(|r| matches!(r, CardProblem::RuleWithoutBox { .. }))
            .collect::<Vec<_>>()
    };
    for field in ["title", "question", "logo"] {
        assert_eq!(rules(field), [], "{field}");
    }
    let unused = CardProblem::RuleWithoutBox {
        field: "speaker".to_owned(),
        boxes: vec!["logo".to_owned(), "title".to_owned()],
    };
    assert_eq!(rules("speaker"), [unused]);
    let raster = super::drawn(&with("question"));
    assert!(
        raster.rgba.chunks(4).any(|p| p == [255, 0, 0, 255]),
        "the rule is obeyed"
    );
}

/// Height of the letters of a strap's smallest line, in pixels.
fn strap(charter: &str, size: (u32, u32), texts: &[(&str, &str)]) -> (u32, u32, u32, u32) {
    let request = built_in_of(charter, "lower-third", size, texts);
    let layout = lay_out(&request, &mut built_in_fonts());
    assert_eq!(layout.problems, []);
    ink(&rasterise(&layout.svg.unwrap(), request.size).unwrap()).unwrap()
}

#[test]
fn a_name_strap_takes_a_larger_share_of_a_small_picture() {
    let texts = [
        ("speaker", "Élodie Lefèvre"),
        ("role", "Éducatrice de jeunes enfants"),
        ("structure", "Lieu d’accueil"),
    ];
    for charter in super::CHARTERS {
        let share = |(width, height): (u32, u32)| {
            let (_, top, _, bottom) = strap(charter, (width, height), &texts);
            f64::from(bottom - top) / f64::from(height)
        };
        let [large, small, smallest] = [(1920, 1080), (640, 360), (426, 240)].map(share);
        assert!(small > large * 1.05, "{charter} {small} {large}");
        assert!(smallest > small * 1.04, "{charter} {smallest} {small}");
    }
}

#[test]
fn letters_grow_to_what_is_read_with_ease_only_where_there_is_room() {
    let height = |text: &str, frame: (u32, u32)| {
        let mut request = titled(
            "<rect id='text:title' x='40' y='40' width='300' height='22' data-max-size='12' data-max-lines='1'/>",
            text,
        );
        request.size.width = frame.0;
        request.size.height = frame.1;
        let layout = laid_out(&request);
        assert_eq!(layout.problems, []);
        let (_, top, _, bottom) =
            ink(&rasterise(&layout.svg.unwrap(), request.size).unwrap()).unwrap();
        bottom - top
    };
    // Twelve pixels would do; fifteen are read with ease.
    assert!(height("HHH", (640, 360)) >= 10);
    assert_eq!(
        height("HHH", (1280, 720)),
        height("HHH", (640, 360)) * 8 / 5
    );
    // A long text keeps to the size at which it fits.
    assert!(height(&"H".repeat(36), (640, 360)) < 10);
}

#[test]
fn a_strap_stands_on_the_same_line_whichever_of_its_texts_are_there() {
    let all = [
        ("speaker", "Élodie Lefèvre"),
        ("role", "Éducatrice"),
        ("structure", "Espace social"),
    ];
    for charter in super::CHARTERS {
        let bottoms: Vec<u32> = [&all[..], &all[..2], &all[..1], &all[1..], &all[2..]]
            .into_iter()
            .map(|texts| strap(charter, (1280, 720), texts).3)
            .collect();
        assert!(
            bottoms.iter().all(|b| b.abs_diff(bottoms[0]) <= 1),
            "{charter} {bottoms:?}"
        );
        let long = [("speaker", "Élodie Lefèvre"), ("role", super::ROLE)];
        let bottom = strap(charter, (1280, 720), &long).3;
        assert!(
            bottom.abs_diff(bottoms[0]) <= 1,
            "{charter} {bottom} {bottoms:?}"
        );
    }
}
