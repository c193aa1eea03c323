//! Whether what is written can be read: contrast, size on small renditions, the
//! safe area, and blocks that stay where they were drawn.

use super::{built_in_fonts, built_in_of, ink, laid_out, plain, rasterise, titled};
use portevoix::cards::{CardProblem, lay_out};

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
