//! Drawings that Inkscape itself saved (`tests/fixtures/cards/inkscape`), read
//! without it: what it makes of layers, groups, paths and units.

use super::{asset, drawn, ink, laid_out, pixel, request};
use portevoix::cards::{CardProblem, CardRequest};
use portevoix::values::geometry::Size;

fn saved(name: &str, size: (u32, u32), texts: &[(&str, &str)]) -> CardRequest {
    let svg = asset(&format!("tests/fixtures/cards/inkscape/{name}.svg"));
    let mut request = request(std::str::from_utf8(&svg).unwrap());
    request.size = Size {
        width: size.0,
        height: size.1,
    };
    for (field, text) in texts {
        let field = (*field).to_owned();
        request.fields.insert(field, (*text).to_owned());
    }
    request
}

/// Edges of what has this colour, but for rounding.
fn edges(request: &CardRequest, rgb: [u8; 3]) -> (u32, u32, u32, u32) {
    let raster = drawn(request);
    let Size { width, height } = request.size;
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let hits: Vec<(u32, u32)> = places
        .filter(|(x, y)| {
            let pixel = pixel(&raster, *x, *y);
            pixel[3] == 255 && pixel.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 1)
        })
        .collect();
    (
        hits.iter().map(|p| p.0).min().unwrap(),
        hits.iter().map(|p| p.1).min().unwrap(),
        hits.iter().map(|p| p.0).max().unwrap(),
        hits.iter().map(|p| p.1).max().unwrap(),
    )
}

/// A ground that is a path in a moved layer, in millimetres: it fills 4:3 and a
/// square, and boxes stand where their moved layer puts them.
#[test]
fn a_moved_layer_in_millimetres_with_a_ground_made_a_path() {
    let texts = [("title", "HHHH"), ("question", "HHHH"), ("theme", "HHHH")];
    for size in [(640, 360), (640, 480), (640, 640), (860, 360)] {
        let request = saved("opening", size, &texts);
        assert_eq!(laid_out(&request).remarks, [], "{size:?}");
        let raster = drawn(&request);
        for (x, y) in [(0, 0), (size.0 - 1, 0), (0, size.1 - 1), (2, size.1 / 2)] {
            assert_eq!(
                pixel(&raster, x, y),
                [0xfd, 0xf6, 0xea, 255],
                "{size:?} {x} {y}"
            );
        }
    }
    // Four pixels to a millimetre; the layer went 5 and 3 pixels of 96 an inch.
    let (left, top, right, bottom) =
        edges(&saved("opening", (640, 360), &texts), [0x2c, 0x20, 0x36]);
    assert!(
        (41..=60).contains(&left) && (31..=80).contains(&top),
        "{left} {top}"
    );
    assert!(right < 482 && bottom < 192, "{right} {bottom}");
    // The same through which a background shows.
    let mut veiled = saved("opening", (640, 480), &texts);
    veiled.veil = Some(80);
    assert_eq!(laid_out(&veiled).remarks, []);
    assert_eq!(pixel(&drawn(&veiled), 3, 3)[3], 204);
}

#[test]
fn a_moved_group_with_a_code_made_a_path() {
    let texts = [
        ("speaker", "HHHH"),
        ("role", "HHHH"),
        ("contact", "https://exemple.org"),
    ];
    let request = saved("lower-third", (640, 360), &texts);
    assert_eq!(laid_out(&request).remarks, []);
    assert_eq!(edges(&request, [0x12, 0x29, 0x4a]), (50, 228, 369, 307));
    let (left, top, _, bottom) = edges(&request, [0xb4, 0xcf, 0xec]);
    assert!(
        (70..76).contains(&left) && top >= 274 && bottom < 300,
        "{left} {top} {bottom}"
    );
    // White letters over the panel, then the code's light square.
    let (.., right, _) = edges(&request, [255, 255, 255]);
    assert!((590..600).contains(&right), "{right}");
    assert_eq!(ink(&drawn(&request)).map(|i| i.3), Some(313));
}

#[test]
fn plain_svg_with_two_grounds_and_a_translucent_box() {
    let texts = [("publisher", "HHHH"), ("contact", "HHHH")];
    let mut request = saved("end", (640, 480), &texts);
    request.pictures = vec![asset("tests/fixtures/cards/partner.svg")];
    assert_eq!(laid_out(&request).remarks, []);
    let raster = drawn(&request);
    assert_eq!(pixel(&raster, 0, 479), [0x12, 0x29, 0x4a, 255]);
    assert_eq!(
        edges(&request, [255, 255, 255]).0 / 10,
        8,
        "the box moved with its group"
    );
    // Half of white on navy, in the box that moved with its group.
    let half = |x: &u32, y: &u32| {
        let pixel = pixel(&raster, *x, *y);
        pixel
            .iter()
            .zip([0x89, 0x94, 0xa5, 255])
            .all(|(a, b)| a.abs_diff(b) <= 1)
    };
    let places = (220..280).flat_map(|y| (80..600).map(move |x| (x, y)));
    assert!(places.filter(|(x, y)| half(x, y)).count() > 300);
    request.veil = Some(85);
    let remarks = laid_out(&request).remarks;
    let contact =
        |r: &CardProblem| matches!(r, CardProblem::LowContrast { field, .. } if field == "contact");
    assert!(remarks.iter().all(contact), "{remarks:?}");
    assert_eq!(pixel(&drawn(&request), 0, 479)[3], 217);
}
