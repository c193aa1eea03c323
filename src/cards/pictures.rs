//! Partners' logos and portraits: decoded within limits and drawn at the size at
//! which they will be seen.

use crate::cards::boxes::Area;
use crate::cards::fit::Coordinate;
use crate::cards::template::{self, Edits, is_svg};
use crate::cards::{CardProblem, raster};
use base64::Engine;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgba, RgbaImage, imageops::FilterType,
};
use resvg::usvg::WriteOptions;
use std::io::Cursor;

/// Of one logo, on a side.
const MAX_SIDE: u32 = 6000;
const MAX_MEMORY: u64 = 200_000_000;
/// Wider logos are drawn lower than the row, so that none outweighs the others.
const WIDEST: f64 = 2.6;

enum Picture {
    Bitmap(RgbaImage),
    /// The inside of an SVG, in a view box from 0.
    Drawing {
        inside: String,
        width: f64,
        height: f64,
    },
}

impl Picture {
    fn aspect(&self) -> f64 {
        match self {
            Picture::Bitmap(bitmap) => f64::from(bitmap.width()) / f64::from(bitmap.height()),
            Picture::Drawing { width, height, .. } => width / height,
        }
    }
}

/// SVG of all pictures in a row, centred in the area, and what of it they fill;
/// empty without pictures.
/// `align` is the share of free width before the row, `scale` pixels per unit.
pub(super) fn row(
    files: &[Vec<u8>],
    area: Area,
    gap: f64,
    align: f64,
    scale: f64,
    problems: &mut Vec<CardProblem>,
) -> (String, Area) {
    let mut pictures = Vec::new();
    for (index, file) in files.iter().enumerate() {
        match read(file, index + 1) {
            Ok(picture) => pictures.push(picture),
            Err(error) => problems.push(CardProblem::PictureUnusable {
                number: index + 1,
                error,
            }),
        }
    }
    if pictures.is_empty() {
        return (String::new(), area);
    }
    let widths: Vec<f64> = pictures
        .iter()
        .map(|p| p.aspect().min(WIDEST) * area.height)
        .collect();
    let gaps = gap * (pictures.len() - 1) as f64;
    let natural: f64 = widths.iter().sum::<f64>() + gaps;
    let shrink = (area.width / natural).min(1.0);
    let mut left = area.x + (area.width - natural * shrink) * align;
    let mut out = String::new();
    let mut filled: Option<Area> = None;
    for (picture, width) in pictures.iter().zip(widths) {
        let width = width * shrink;
        let height = width / picture.aspect();
        let place = Area {
            x: left,
            y: area.y + (area.height - height) / 2.0,
            width,
            height,
        };
        draw(picture, place, scale, &mut out);
        filled = Some(filled.map_or(place, |so_far| so_far.union(place)));
        left += width + gap * shrink;
    }
    (out, filled.unwrap_or(area))
}

fn read(file: &[u8], number: usize) -> Result<Picture, String> {
    let reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    match reader.format() {
        Some(ImageFormat::Png | ImageFormat::Jpeg) => bitmap(reader),
        Some(other) => Err(format!("{other:?}: neither PNG, JPEG nor SVG")),
        None => drawing(file, number),
    }
}

fn bitmap(reader: ImageReader<Cursor<&[u8]>>) -> Result<Picture, String> {
    Ok(Picture::Bitmap(decoded(reader)?.into_rgba8()))
}

/// Upright: telephones lay their pictures on the side and say so beside them.
fn decoded(mut reader: ImageReader<Cursor<&[u8]>>) -> Result<DynamicImage, String> {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let said = |error: image::ImageError| error.to_string();
    let mut decoder = reader.into_decoder().map_err(said)?;
    let orientation = decoder.orientation().map_err(said)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(said)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// A photograph that fills the area, cut evenly at its sides; above less than
/// below, where faces are.
pub(super) fn cover(file: &[u8], area: Area, scale: f64) -> Result<String, String> {
    let reader = ImageReader::new(Cursor::new(file))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    let bitmap = match reader.format() {
        Some(ImageFormat::Png | ImageFormat::Jpeg) => decoded(reader)?.into_rgba8(),
        _ => return Err("neither PNG nor JPEG".to_owned()),
    };
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let aspect = area.width / area.height;
    let (kept_width, kept_height) = if width / height > aspect {
        (height * aspect, height)
    } else {
        (width, width / aspect)
    };
    let whole = |side: f64| (side.round() as u32).max(1);
    let cut = image::imageops::crop_imm(
        &bitmap,
        ((width - kept_width) / 2.0) as u32,
        ((height - kept_height) / 3.0) as u32,
        whole(kept_width),
        whole(kept_height),
    );
    let mut out = String::new();
    draw(&Picture::Bitmap(cut.to_image()), area, scale, &mut out);
    Ok(out)
}

fn drawing(file: &[u8], number: usize) -> Result<Picture, String> {
    let svg = std::str::from_utf8(file).map_err(|_| "neither PNG, JPEG nor SVG".to_owned())?;
    let document = template::read(svg).map_err(|problem| format!("{problem:?}"))?;
    if document
        .descendants()
        .any(|n| is_svg(n) && n.tag_name().name() == "text")
    {
        return Err("its text has to be converted to paths".to_owned());
    }
    let root = document.root_element();
    let size: String = ["width", "height", "viewBox", "preserveAspectRatio"]
        .into_iter()
        .filter_map(|name| root.attribute(name).map(|value| (name, value)))
        .fold(String::new(), |mut out, (name, value)| {
            template::write_attribute(name, value, &mut out);
            out
        });
    let clean = template::write(&document, &size, &Edits::new(), &mut str::to_owned);
    let tree = raster::parse(&clean)?;
    let options = WriteOptions {
        // Two logos may use the same names inside.
        id_prefix: Some(format!("logo{number}-")),
        coordinates_precision: 4,
        ..WriteOptions::default()
    };
    let written = tree.to_string(&options);
    let inside = written
        .split_once('>')
        .and_then(|(_, rest)| rest.rsplit_once("</svg>"))
        .map(|(inside, _)| inside.to_owned())
        .ok_or("an empty drawing")?;
    Ok(Picture::Drawing {
        inside,
        width: f64::from(tree.size().width()),
        height: f64::from(tree.size().height()),
    })
}

fn draw(picture: &Picture, place: Area, scale: f64, out: &mut String) {
    let at = |out: &mut String| {
        let sides = [
            ("x", place.x),
            ("y", place.y),
            ("width", place.width),
            ("height", place.height),
        ];
        for (name, value) in sides {
            template::write_attribute(name, &Coordinate(value).to_string(), out);
        }
    };
    match picture {
        Picture::Drawing {
            inside,
            width,
            height,
        } => {
            out.push_str("<svg");
            at(out);
            let view = format!("0 0 {} {}", Coordinate(*width), Coordinate(*height));
            template::write_attribute("viewBox", &view, out);
            out.push('>');
            out.push_str(inside);
            out.push_str("</svg>");
        }
        Picture::Bitmap(bitmap) => {
            let seen = |side: f64| ((side * scale).ceil() as u32).max(1);
            let png = encoded(&shrunk(bitmap, seen(place.width), seen(place.height)));
            out.push_str("<image preserveAspectRatio=\"none\"");
            at(out);
            template::write_attribute("href", &format!("data:image/png;base64,{png}"), out);
            out.push_str("/>");
        }
    }
}

/// At the size at which it is seen: the renderer samples four pixels, which
/// makes a large logo sparkle. Premultiplied, so that clear pixels lend no colour.
fn shrunk(bitmap: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    if width >= bitmap.width() || height >= bitmap.height() {
        return bitmap.clone();
    }
    let mut premultiplied = bitmap.clone();
    for Rgba([r, g, b, a]) in premultiplied.pixels_mut() {
        for colour in [r, g, b] {
            *colour = (u16::from(*colour) * u16::from(*a) / 255) as u8;
        }
    }
    let mut small = image::imageops::resize(&premultiplied, width, height, FilterType::CatmullRom);
    for Rgba([r, g, b, a]) in small.pixels_mut() {
        for colour in [r, g, b] {
            let straight = u16::from(*colour) * 255 / u16::from(*a).max(1);
            *colour = straight.min(255) as u8;
        }
    }
    small
}

fn encoded(bitmap: &RgbaImage) -> String {
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(bitmap.clone())
        .write_to(&mut png, ImageFormat::Png)
        .expect("a bitmap in memory can be written as PNG");
    base64::engine::general_purpose::STANDARD.encode(png.into_inner())
}
