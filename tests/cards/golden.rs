//! Every built-in card as it was looked at and approved, with the fonts that we
//! ship. `PORTEVOIX_BLESS=1` writes the reference pictures again and fails, so
//! that nobody leaves it on; then look at what changed. A picture that differs
//! is written beside its difference into the tests' temporary folder.

use super::{CHARTERS, QUESTION, ROLE, asset, built_in_fonts, built_in_of, every_card};
use super::{request, shapes};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{Rgba, RgbaImage};
use portevoix::cards::{Raster, lay_out, rasterise};
use portevoix::render::watermark;
use portevoix::series::charter::Position;
use portevoix::values::geometry::Size;
use std::path::{Path, PathBuf};

/// Of any channel of any pixel.
const TOLERANCE: u8 = 1;

fn write(path: &Path, bitmap: &RgbaImage) {
    let file = std::fs::File::create(path).unwrap();
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    bitmap.write_with_encoder(encoder).unwrap();
}

/// Straight alpha, as picture programs show it.
fn picture(raster: &Raster) -> RgbaImage {
    RgbaImage::from_raw(
        raster.size.width,
        raster.size.height,
        raster.straight_alpha(),
    )
    .unwrap()
}

/// What differs, bright on black; `None` when nothing does.
fn difference(expected: &RgbaImage, found: &RgbaImage) -> Option<(RgbaImage, u8)> {
    let mut picture = RgbaImage::new(found.width(), found.height());
    let mut worst = 0;
    for (x, y, Rgba(found)) in found.enumerate_pixels() {
        let Rgba(expected) = expected.get_pixel(x, y);
        // Colour under what is clear is not seen.
        let seen = |p: &[u8; 4]| p.map(|c| (u16::from(c) * u16::from(p[3]) / 255) as u8);
        let (expected, found) = (seen(expected), seen(found));
        let apart = (0..4)
            .map(|n| expected[n].abs_diff(found[n]))
            .max()
            .unwrap();
        worst = worst.max(apart);
        let bright = if apart > TOLERANCE { 255 } else { 0 };
        picture.put_pixel(x, y, Rgba([bright, apart.saturating_mul(8), 0, 255]));
    }
    (worst > TOLERANCE).then_some((picture, worst))
}

/// `None` when it looks as it should; else what to say.
fn fault(name: &str, found: &RgbaImage) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cards");
    let path = folder.join(format!("{name}.png"));
    if std::env::var_os("PORTEVOIX_BLESS").is_some() {
        write(&path, found);
        return Some(format!("{name}: written"));
    }
    let expected = image::open(&path).unwrap().into_rgba8();
    if expected.dimensions() != found.dimensions() {
        return Some(format!("{name}: {:?} wanted", expected.dimensions()));
    }
    let (apart, worst) = difference(&expected, found)?;
    let temporary = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let told = temporary.join(format!("{name}-difference.png"));
    write(&temporary.join(format!("{name}-found.png")), found);
    write(&told, &apart);
    Some(format!(
        "{name}: {worst} levels apart, see {}",
        told.display()
    ))
}

#[test]
fn built_in_cards_look_as_they_were_approved() {
    let texts = [
        ("title", QUESTION),
        ("theme", "Être parent au quotidien"),
        ("series", "Je peux en parler"),
        ("speaker", "Élodie Lefèvre-Nuñez"),
        ("role", ROLE),
        ("structure", "Lieu d’accueil « La Cabane »"),
        ("publisher", "Espace social du Diois"),
        ("contact", "04 75 22 20 45\ncontact@exemple.org"),
    ];
    let mut fonts = built_in_fonts();
    let mut faults = Vec::new();
    for (charter, card) in every_card() {
        for (width, height) in [(1920, 1080), (640, 360)] {
            for (suffix, size) in shapes(width, height) {
                let mut request = built_in_of(charter, &format!("{card}{suffix}"), size, &texts);
                request.pictures = vec![asset("assets/logo.svg")];
                let layout = lay_out(&request, &mut fonts);
                let said = (&layout.problems, &layout.remarks);
                assert_eq!(
                    said,
                    (&vec![], &vec![]),
                    "{charter} {card}{suffix} {size:?}"
                );
                let raster = rasterise(&layout.svg.unwrap(), request.size).unwrap();
                let name = format!("{charter}-{card}{suffix}-{height}");
                faults.extend(fault(&name, &picture(&raster)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// End cards on which nobody is named, and on which there is no logo.
#[test]
fn sparse_end_cards_look_as_they_were_approved() {
    let mut fonts = built_in_fonts();
    let mut faults = Vec::new();
    let named = [
        ("publisher", "Espace social du Diois"),
        ("contact", "04 75 22 20 45"),
    ];
    let series = [("series", "Je peux en parler")];
    for charter in CHARTERS {
        for (name, texts) in [("bare", &series[..]), ("named", &named[..])] {
            let request = built_in_of(charter, "end", (640, 360), texts);
            let layout = lay_out(&request, &mut fonts);
            assert_eq!((&layout.problems, &layout.remarks), (&vec![], &vec![]));
            let raster = rasterise(&layout.svg.unwrap(), request.size).unwrap();
            faults.extend(fault(
                &format!("{charter}-end-{name}-360"),
                &picture(&raster),
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The mark of drafts, at the top and where it gives way to a lower third.
#[test]
fn the_watermark_looks_as_it_was_approved() {
    let mut fonts = built_in_fonts();
    let mut faults = Vec::new();
    for (width, height) in [(1920, 1080), (640, 360)] {
        for (suffix, size) in shapes(width, height) {
            for (place, position) in [("", None), ("-side", Some(Position::TopLeft))] {
                let frame = Size {
                    width: size.0,
                    height: size.1,
                };
                let mut request = request(&watermark::drawing(frame, position));
                request.size = frame;
                let word = "Brouillon".to_owned();
                request.fields.insert("watermark".to_owned(), word);
                let layout = lay_out(&request, &mut fonts);
                assert_eq!((&layout.problems, &layout.remarks), (&vec![], &vec![]));
                let raster = rasterise(&layout.svg.unwrap(), frame).unwrap();
                let name = format!("watermark{place}{suffix}-{height}");
                faults.extend(fault(&name, &picture(&raster)));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_difference_is_found_and_drawn() {
    let plain = RgbaImage::from_pixel(4, 4, Rgba([10, 20, 30, 255]));
    assert!(difference(&plain, &plain).is_none());
    let mut near = plain.clone();
    near.put_pixel(1, 1, Rgba([11, 20, 30, 255]));
    assert!(difference(&plain, &near).is_none());
    near.put_pixel(2, 3, Rgba([10, 22, 30, 255]));
    let (drawn, worst) = difference(&plain, &near).unwrap();
    assert_eq!(
        (
            worst,
            drawn.get_pixel(2, 3).0[0],
            drawn.get_pixel(1, 1).0[0]
        ),
        (2, 255, 0)
    );
}
