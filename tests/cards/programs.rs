//! Drawings as real programs export them: what these do to names, styles,
//! transforms and units. The drawings are ours, in each program's manner.

use super::{built_in_fonts, built_in_of, drawn, ink, laid_out, pixel, plain, request, titled};
use portevoix::cards::{CardProblem, CardRequest, lay_out, rasterise};
use std::collections::BTreeMap;

fn filled(svg: &str, texts: &[(&str, &str)]) -> CardRequest {
    let mut request = request(svg);
    for (field, text) in texts {
        request
            .fields
            .insert((*field).to_owned(), (*text).to_owned());
    }
    request
}

/// Whether any pixel of a rectangle has exactly this colour.
fn shows(
    request: &CardRequest,
    (left, top, right, bottom): (u32, u32, u32, u32),
    rgb: [u8; 3],
) -> bool {
    let raster = drawn(request);
    (top..bottom).any(|y| (left..right).any(|x| pixel(&raster, x, y)[..3] == rgb))
}

#[test]
fn illustrator_escapes_names_and_keeps_looks_in_classes() {
    let svg = r#"<?xml version="1.0" encoding="utf-8"?>
      <!-- Generator: a drawing program -->
      <svg version="1.1" id="Calque_1" xmlns="http://www.w3.org/2000/svg"
        xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px"
        viewBox="0 0 640 360" style="enable-background:new 0 0 640 360;" xml:space="preserve">
      <style type="text/css">
        .st0{fill:#FFFFFF;}
        .st1{fill:#102030;text-anchor:middle;}
        .st2{fill:none;stroke:#C00000;stroke-miterlimit:10;}
      </style>
      <rect class="st0" width="640" height="360"/>
      <g id="if_x3A_theme_1_"><rect x="0" y="0" class="st1" width="640" height="30"/></g>
      <rect id="text_x3A_title" x="40" y="60" class="st1" width="560" height="100"/>
      <rect id="text_x3A_speaker_00000065786_" x="40" y="200" class="st2" width="560" height="60"/>
      </svg>"#;
    let request = filled(svg, &[("title", "HHHH"), ("speaker", "HHHH")]);
    assert!(shows(&request, (40, 60, 600, 160), [0x10, 0x20, 0x30]));
    // Without a fill, the box's outline lends its colour; it is not drawn.
    assert!(shows(&request, (40, 200, 600, 260), [0xC0, 0, 0]));
    assert!(
        !shows(&request, (0, 0, 640, 30), [0x10, 0x20, 0x30]),
        "no theme, no bar"
    );
    let layout = laid_out(&request);
    let svg = layout.svg.unwrap();
    let centred = rasterise(&svg, request.size).unwrap();
    let row: Vec<u32> = (0..640)
        .filter(|x| pixel(&centred, *x, 110)[0] < 0x40)
        .collect();
    let middle = (row[0] + row[row.len() - 1]) / 2;
    assert!(middle.abs_diff(320) < 12, "{middle}");
}

#[test]
fn figma_numbers_names_and_wraps_boxes_in_groups() {
    let svg = r##"<svg width="640" height="360" viewBox="0 0 640 360" fill="none" xmlns="http://www.w3.org/2000/svg">
      <g id="Frame 1" clip-path="url(#clip0_1_2)">
      <rect width="640" height="360" fill="white"/>
      <g id="text:title_2"><rect id="Rectangle 4" x="40" y="40" width="560" height="120" fill="#0B3D2E"/></g>
      <g id="image:portrait"><circle cx="540" cy="280" r="50" fill="#D9D9D9"/></g>
      </g>
      <defs><clipPath id="clip0_1_2"><rect width="640" height="360" fill="white"/></clipPath></defs>
      </svg>"##;
    let request = filled(svg, &[("title", "HHHH")]);
    let raster = drawn(&request);
    assert_eq!(
        pixel(&raster, 45, 45)[..3],
        [255, 255, 255],
        "the box itself is not drawn"
    );
    assert_eq!(
        pixel(&raster, 540, 280)[..3],
        [255, 255, 255],
        "no portrait, no disc"
    );
    assert_eq!(laid_out(&request).shown[0].field, "title");
}

#[test]
fn inkscape_moves_turns_mirrors_and_measures_in_millimetres() {
    // As Inkscape 1.2 leaves rectangles that were turned, scaled with their
    // group, rounded, and changed into paths.
    let svg = r#"<svg width="160mm" height="90mm" viewBox="0 0 160 90"
        xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
        xmlns="http://www.w3.org/2000/svg">
      <g inkscape:groupmode="layer" inkscape:label="Textes" id="layer1"
         transform="matrix(0.5,0,0,0.5,10,10)">
        <rect id="rect15" inkscape:label="text:title" width="120" height="40" x="20" y="10" rx="4"
           transform="rotate(90)" style="fill:#aa0000;stroke-width:10;font-size:12px"/>
      </g>
      <path inkscape:label="text:speaker" id="path9" style="fill:#0000aa;text-align:end"
         d="m 84,50 h 62 c 2,0 4,1.7 4,4 v 12 c 0,2.2 -1.7,4 -4,4 h -62 c -2.2,0 -4,-1.7 -4,-4 v -12 c 0,-2.2 1.7,-4 4,-4 z"/>
      </svg>"#;
    let request = filled(svg, &[("title", "HHHHHHHH"), ("speaker", "H")]);
    let raster = drawn(&request);
    let marks = |red: bool| {
        let hit = |x: u32, y: u32| {
            let p = pixel(&raster, x, y);
            p[3] == 255 && (p[0] > 0x80) == red && (p[2] > 0x80) != red
        };
        let all: Vec<(u32, u32)> = (0..360)
            .flat_map(|y| (0..640).map(move |x| (x, y)))
            .filter(|(x, y)| hit(*x, *y))
            .collect();
        let side = |f: fn(&(u32, u32)) -> u32| {
            (
                all.iter().map(f).min().unwrap(),
                all.iter().map(f).max().unwrap(),
            )
        };
        (side(|p| p.0), side(|p| p.1))
    };
    let ((left, right), (top, bottom)) = marks(true);
    assert!(
        bottom - top > 2 * (right - left),
        "stands: {left} {right} {top} {bottom}"
    );
    let ((_, right), (top, bottom)) = marks(false);
    assert!(
        (580..=600).contains(&right) && top >= 200 && bottom <= 280,
        "{right} {top} {bottom}"
    );
}

#[test]
fn sizes_without_a_view_box_have_their_units() {
    let request = filled(
        "<svg xmlns='http://www.w3.org/2000/svg' width='20cm' height='112.5mm'>\
         <rect width='378' height='425.2' fill='#123456'/></svg>",
        &[],
    );
    let layout = laid_out(&request);
    assert_eq!(layout.remarks, [CardProblem::NoTextBox]);
    let raster = rasterise(&layout.svg.unwrap(), request.size).unwrap();
    // 378 of 756 user units: half of 640 pixels.
    assert_eq!(ink(&raster), Some((0, 0, 320, 360)));
}

#[test]
fn the_charters_file_has_the_last_word_on_boxes() {
    let mut request = titled(
        "<rect id='text:title' x='40' y='40' width='560' height='280' fill='#ff0000' \
         data-align='left' data-max-size='20'/>",
        "HH",
    );
    let rule = [
        ("colour", "palette:ink"),
        ("align", "right"),
        ("max-size", "80.00"),
    ];
    let rule = rule.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    request.boxes = BTreeMap::from([("title".to_owned(), rule)]);
    let (left, top, right, bottom) = ink(&drawn(&request)).unwrap();
    assert!(
        right > 590 && left > 400 && bottom - top > 50,
        "{left} {top} {right} {bottom}"
    );
    let ink = super::palette()["ink"];
    assert!(shows(
        &request,
        (0, 0, 640, 360),
        [ink.red, ink.green, ink.blue]
    ));
}

#[test]
fn a_portrait_fills_its_box_and_is_cut_to_its_outline() {
    // Blue above, red below, on its side as telephones store it upright.
    let mut file = std::io::Cursor::new(Vec::new());
    let bitmap = image::RgbImage::from_fn(300, 200, |x, _| {
        image::Rgb(if x < 150 { [0, 0, 255] } else { [255, 0, 0] })
    });
    bitmap.write_to(&mut file, image::ImageFormat::Png).unwrap();
    let content = "<rect id='text:title' x='40' y='40' width='9' height='9'/>\
        <circle id='image:portrait' cx='100' cy='100' r='50' transform='translate(100 50)'/>";
    let mut request = plain(content);
    request.portrait = Some(file.into_inner());
    let raster = drawn(&request);
    assert_eq!(ink(&raster), Some((150, 100, 250, 200)));
    assert_eq!(pixel(&raster, 170, 150), [0, 0, 255, 255]);
    assert_eq!(pixel(&raster, 230, 150), [255, 0, 0, 255]);
    assert_eq!(pixel(&raster, 153, 103)[3], 0, "outside the circle");

    request.portrait = Some(b"GIF89a".to_vec());
    let problems = laid_out(&request).problems;
    assert!(
        matches!(problems[..], [CardProblem::PortraitUnusable { .. }]),
        "{problems:?}"
    );
}

/// Reads a code back the hard way: its modules from the picture, compared with
/// those that a second encoding of the same text has.
#[test]
fn qr_codes_are_dark_on_light_with_their_quiet_zone_on_whole_pixels() {
    let address = "https://exemple.org/capsules/?id=jpp-12&l=fr";
    let content = "<rect width='640' height='360' fill='#334455'/>\
        <rect id='text:title' x='40' y='40' width='9' height='9'/>\
        <rect id='qr:contact' x='401' y='101' width='200' height='210' fill='#ffffff'/>";
    let mut request = plain(content);
    request
        .fields
        .insert("contact".to_owned(), address.to_owned());
    let raster = drawn(&request);
    let code = qrcode::QrCode::with_error_correction_level(address, qrcode::EcLevel::M).unwrap();
    let modules = code.width() as u32 + 8;
    let side = 200 / modules;
    let light: Vec<(u32, u32)> = (0..360)
        .flat_map(|y| (0..640).map(move |x| (x, y)))
        .filter(|(x, y)| pixel(&raster, *x, *y)[0] == 255)
        .collect();
    let left = light.iter().map(|p| p.0).min().unwrap();
    let top = light.iter().map(|p| p.1).min().unwrap();
    assert!(left >= 401 && top >= 101);
    for y in 0..modules {
        for x in 0..modules {
            let inside = (4..modules - 4).contains(&x) && (4..modules - 4).contains(&y);
            let dark = inside && code[((x - 4) as usize, (y - 4) as usize)] == qrcode::Color::Dark;
            let expected = if dark { [0, 0, 0, 255] } else { [255; 4] };
            for (dx, dy) in [(0, 0), (side - 1, side - 1)] {
                let found = pixel(&raster, left + x * side + dx, top + y * side + dy);
                assert_eq!(found, expected, "module {x} {y}");
            }
        }
    }

    request.fields.insert("contact".to_owned(), String::new());
    assert_eq!(
        pixel(&drawn(&request), left + 8, top + 8)[..3],
        [0x33, 0x44, 0x55]
    );
    request
        .fields
        .insert("contact".to_owned(), "a".repeat(4000));
    let problems = laid_out(&request).problems;
    assert!(
        matches!(problems[..], [CardProblem::QrTooLong { bytes: 4000, .. }]),
        "{problems:?}"
    );
}

/// As Inkscape 1.2 leaves a drawing whose boxes were named, moved, turned,
/// made paths, grouped, clipped and cloned there (see the test below), and the
/// words of which were made paths: a group that still says them in a label.
#[test]
fn what_inkscape_makes_of_boxes_is_still_a_box() {
    let svg = r##"<?xml version="1.0" encoding="UTF-8" standalone="no"?>
      <svg width="160mm" height="90mm" viewBox="0 0 160 90" version="1.1" id="svg7"
        sodipodi:docname="a.svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
        xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
        xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg"
        xmlns:svg="http://www.w3.org/2000/svg">
      <defs id="defs11"><clipPath clipPathUnits="userSpaceOnUse" id="clipPath1">
        <rect id="cut" x="0" y="0" width="160" height="90" style="fill:#000000"/></clipPath></defs>
      <sodipodi:namedview id="namedview9" pagecolor="#ffffff" inkscape:document-units="mm"/>
      <rect id="ground" width="160" height="90" style="fill:#fdf6ea"/>
      <g id="g16" clip-path="url(#clipPath1)">
        <rect id="box1" x="15.291667" y="11.322917" width="100" height="30"
          style="fill:#2c2036" inkscape:label="text:title"/>
        <path id="box2" style="fill:#d4502b" inkscape:label="text:speaker" transform="rotate(-10)"
          d="M -0.33198783,56.095161 H 59.668012 v 12 H -0.33198783 Z"/>
      </g>
      <rect id="box3" x="109.48374" y="49.612804" width="41.03252" height="30.774391"
        style="fill:none;stroke:#000000;stroke-width:1.02581" inkscape:label="image:logo"/>
      <g aria-label="Un film" id="t" style="font-size:6px">
        <path d="m 10,80 h 20 v 4 h -20 z" id="path18"/></g>
      </svg>"##;
    let mut request = filled(svg, &[("title", "HHHH"), ("speaker", "HHH")]);
    request.pictures = vec![super::asset("assets/logo.svg")];
    assert_eq!(laid_out(&request).problems, []);
    assert_eq!(laid_out(&request).remarks, []);
    // Four pixels to a millimetre.
    assert!(shows(&request, (61, 45, 462, 166), [0x2c, 0x20, 0x36]));
    assert!(!shows(&request, (470, 0, 640, 190), [0x2c, 0x20, 0x36]));
    assert!(shows(&request, (30, 180, 320, 300), [0xd4, 0x50, 0x2b]));
    assert!(
        shows(&request, (436, 196, 604, 323), [0xd4, 0x50, 0x2b]),
        "the logo"
    );
    assert!(
        shows(&request, (40, 320, 120, 336), [0, 0, 0]),
        "words made paths"
    );
    // The frame of the logos' box is not drawn.
    assert!(!shows(&request, (436, 196, 604, 323), [0, 0, 0]));
}

/// The same made by Inkscape itself, by command line: `cargo test -- --ignored
/// inkscape`. Its own SVG keeps labels; plain SVG drops them, and keeps ids.
#[test]
#[ignore = "needs Inkscape"]
fn inkscape_makes_templates_that_work() {
    let folder = tempfile::tempdir().unwrap();
    let drawing = folder.path().join("drawing.svg");
    let shapes = "<svg xmlns='http://www.w3.org/2000/svg' width='160mm' height='90mm' \
        viewBox='0 0 160 90'><rect id='ground' width='160' height='90' style='fill:#fdf6ea'/>\
        <rect id='a' x='10' y='10' width='100' height='30' style='fill:#2c2036'/>\
        <rect id='b' x='10' y='50' width='60' height='12' style='fill:#d4502b'/>\
        <rect id='c' x='110' y='50' width='40' height='30' style='fill:none;stroke:#000'/>\
        <text id='t' x='10' y='85' style='font-size:6px;font-family:sans-serif'>Un film</text></svg>";
    std::fs::write(&drawing, shapes).unwrap();
    let select = |ids: &str, then: &str| format!("select-clear;select-by-id:{ids};{then}");
    let mut fonts = built_in_fonts();
    for (name, save) in [
        ("inkscape:label", "export-type:svg"),
        ("id", "export-plain-svg"),
    ] {
        let named =
            |id: &str, text: &str| select(id, &format!("object-set-attribute:{name},{text}"));
        let saved = folder.path().join("saved.svg");
        let actions = [
            select("a", "transform-translate:20,5"),
            select("b", "transform-rotate:-10;object-to-path"),
            select("c", "transform-grow:4"),
            select("a,b", "selection-group"),
            select("t", "object-to-path"),
            named("a", "text:title"),
            named("b", "text:speaker"),
            named("c", "image:logo"),
            format!("export-filename:{};{save};export-do", saved.display()),
        ];
        let done = std::process::Command::new("inkscape")
            .arg(&drawing)
            .arg(format!("--actions={}", actions.join(";")))
            .output()
            .unwrap();
        assert!(done.status.success() && saved.exists(), "{done:?}");
        let svg = std::fs::read_to_string(&saved).unwrap();
        std::fs::remove_file(&saved).unwrap();
        assert!(svg.contains(&format!("{name}=\"text:title\"")), "{svg}");
        let mut request = filled(&svg, &[("title", "HHHH"), ("speaker", "HHH")]);
        request.pictures = vec![super::asset("assets/logo.svg")];
        let layout = lay_out(&request, &mut fonts);
        assert_eq!(
            (&layout.problems, &layout.remarks),
            (&vec![], &vec![]),
            "{name}"
        );
        assert!(shows(&request, (61, 45, 462, 166), [0x2c, 0x20, 0x36]));
        assert!(!shows(&request, (470, 0, 640, 190), [0x2c, 0x20, 0x36]));
        assert!(shows(&request, (30, 180, 320, 300), [0xd4, 0x50, 0x2b]));
        assert!(
            shows(&request, (436, 196, 604, 323), [0xd4, 0x50, 0x2b]),
            "the logo"
        );
        assert!(
            shows(&request, (30, 300, 200, 350), [0, 0, 0]),
            "words made paths"
        );
    }
}

/// Not part of the suite, because Inkscape is not part of the project:
/// `cargo test -- --ignored inkscape`. Our own cards, opened and saved there,
/// are drawn as before; the drawings above have what else it taught.
#[test]
#[ignore = "needs Inkscape"]
fn inkscape_leaves_our_cards_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        ("title", super::QUESTION),
        ("speaker", "Élodie Lefèvre"),
        ("role", super::ROLE),
        ("publisher", "Espace social"),
        ("contact", "04 75 22 20 45"),
    ];
    let mut fonts = built_in_fonts();
    for (charter, card) in super::every_card() {
        let request = built_in_of(charter, card, (1280, 720), &texts);
        let before = folder.path().join("before.svg");
        std::fs::write(&before, &request.svg).unwrap();
        for format in ["svg", "plain-svg"] {
            let after = folder.path().join("after.svg");
            let done = std::process::Command::new("inkscape")
                .arg(&before)
                .arg("--export-overwrite")
                .arg(format!("--export-filename={}", after.display()))
                .args((format == "plain-svg").then_some("--export-plain-svg"))
                .output()
                .unwrap();
            assert!(done.status.success());
            let mut saved = request.clone();
            saved.svg = std::fs::read_to_string(&after).unwrap();
            assert_ne!(saved.svg, request.svg);
            let mut picture = |request: &CardRequest| {
                let layout = lay_out(request, &mut fonts);
                assert_eq!(layout.problems, [], "{charter} {card} {format}");
                rasterise(&layout.svg.unwrap(), request.size).unwrap()
            };
            assert!(
                picture(&saved) == picture(&request),
                "{charter} {card} {format}"
            );
        }
    }
}
