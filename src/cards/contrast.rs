//! Whether each text can be read on what lies behind it (WCAG 2.1, 1.4.3).
//!
//! Behind is looked at as drawn, without the texts, small; and so is what each
//! text occupies, painted as its letters are, so that opacities, groups and
//! gradients count as they are seen. Where the card lets the film through, every
//! shade of film may be there: the text has to stand out from the worst.

use crate::cards::boxes::Area;
use crate::cards::place::Placed;
use crate::cards::{CardProblem, CardRequest, Raster, raster};
use crate::values::geometry::Size;
use resvg::usvg;

/// Longer side of the picture on which grounds are judged.
const JUDGED_SIDE: u32 = 640;
/// Share of the area behind a text that may be worse: edges, a logo's corner.
const OVERLOOKED: f64 = 0.05;
/// Ratios are judged as people read them, to a tenth.
const SLACK: f64 = 0.05;

/// Contrast that WCAG asks for, and what counts as large: 18 points, or 14 in
/// bold, a point being 4/3 of a pixel.
fn needed(pixels: f64, weight: f32) -> f64 {
    let large = pixels >= 24.0 || (pixels >= 56.0 / 3.0 && weight >= 700.0);
    if large { 3.0 } else { 4.5 }
}

/// Shades of film, from black to white, over which a text is judged: between
/// them nothing changes that would not be seen at one of them.
const FILM: [u8; 5] = [0, 64, 128, 191, 255];
/// Share of the frame through which something has to be seen that lies behind.
const SEEN_THROUGH: f64 = 0.01;

/// `ground` is the card without its texts, `places` the card with what each
/// occupies painted as its letters are, however translucent, shaded or veiled.
pub(super) fn judge(
    ground: &str,
    places: &str,
    texts: &[Placed],
    request: &CardRequest,
) -> Result<Vec<CardProblem>, String> {
    let see_through = request.veil.is_some_and(|percent| percent < 100);
    if texts.is_empty() && !see_through {
        return Ok(Vec::new());
    }
    let longest = request.size.width.max(request.size.height);
    let shrink = f64::from(JUDGED_SIDE.min(longest)) / f64::from(longest);
    let side = |n: u32| ((f64::from(n) * shrink).round() as u32).max(1);
    let size = Size {
        width: side(request.size.width),
        height: side(request.size.height),
    };
    let behind = raster::rasterise(ground, size)?;
    let before = raster::rasterise(places, size)?;
    let mut problems = Vec::new();
    if see_through && !lets_through(&behind) {
        problems.push(CardProblem::BackgroundHidden);
    }
    problems.extend(texts.iter().filter_map(|text| {
        let (ratio, over_footage) = worst(&before, &behind, text, shrink)?;
        let needed = needed(text.block.size() * text.scale, text.weight);
        (ratio + SLACK < needed).then(|| CardProblem::LowContrast {
            field: text.field.clone(),
            colour: text.colour.clone(),
            hundredths: (ratio * 100.0).floor() as u32,
            needed_hundredths: (needed * 100.0) as u32,
            over_footage,
        })
    }));
    Ok(problems)
}

fn lets_through(card: &Raster) -> bool {
    let clear = card.rgba.chunks_exact(4).filter(|pixel| pixel[3] < 255);
    clear.count() as f64 > card.rgba.len() as f64 / 4.0 * SEEN_THROUGH
}

/// The contrast that all but the worst of a text's place gives, and whether the
/// film shows there.
fn worst(before: &Raster, behind: &Raster, text: &Placed, shrink: f64) -> Option<(f64, bool)> {
    let seen = text.seen();
    let range = |from: f64, length: f64, limit: u32| {
        let start = (from * shrink).floor().max(0.0) as u32;
        let end = ((from + length) * shrink).ceil().max(0.0) as u32;
        start..end.min(limit)
    };
    let inside = Inside::new(text, shrink)?;
    let mut ratios: Vec<(f64, bool)> = Vec::new();
    for y in range(seen.y, seen.height, behind.size.height) {
        for x in range(seen.x, seen.width, behind.size.width) {
            if inside.holds(x, y) {
                let at = ((y * behind.size.width + x) * 4) as usize;
                let pixel = |raster: &Raster| [0, 1, 2, 3].map(|n| raster.rgba[at + n]);
                ratios.push(over_any_film(pixel(before), pixel(behind)));
            }
        }
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let overlooked = (ratios.len() as f64 * OVERLOOKED) as usize;
    ratios.get(overlooked).copied()
}

/// The pixels that lie wholly in a text's place.
struct Inside {
    back: usvg::Transform,
    area: Area,
    shrink: f64,
}

impl Inside {
    fn new(text: &Placed, shrink: f64) -> Option<Inside> {
        let Area {
            x,
            y,
            width,
            height,
        } = text.occupied();
        // Half a pixel's diagonal; of the flattest line its middle is left.
        let pixel = 0.71 / (text.scale * shrink);
        let (across, down) = (pixel.min(width * 0.45), pixel.min(height * 0.45));
        Some(Inside {
            back: text.transform.invert()?,
            area: Area {
                x: x + across,
                y: y + down,
                width: width - 2.0 * across,
                height: height - 2.0 * down,
            },
            shrink,
        })
    }

    fn holds(&self, x: u32, y: u32) -> bool {
        let middle = |n: u32| ((f64::from(n) + 0.5) / self.shrink) as f32;
        let mut point = usvg::tiny_skia_path::Point::from_xy(middle(x), middle(y));
        self.back.map_point(&mut point);
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        let Area {
            x: left,
            y: top,
            width,
            height,
        } = self.area;
        (left..=left + width).contains(&x) && (top..=top + height).contains(&y)
    }
}

/// The least contrast of two premultiplied pixels over any shade of film, and
/// whether there is film behind the lower one.
fn over_any_film(before: [u8; 4], behind: [u8; 4]) -> (f64, bool) {
    let over = |[red, green, blue, alpha]: [u8; 4], film: u8| {
        let through = (u16::from(film) * u16::from(255 - alpha) + 127) / 255;
        luminance([red, green, blue].map(|c| (u16::from(c) + through).min(255) as u8))
    };
    if behind[3] == 255 {
        return (ratio(over(before, 0), over(behind, 0)), false);
    }
    let mut least = f64::MAX;
    let mut former: Option<bool> = None;
    for film in FILM {
        let (letters, ground) = (over(before, film), over(behind, film));
        let lighter = letters > ground;
        // Somewhere between two shades they were the same.
        if former.is_some_and(|former| former != lighter) {
            return (1.0, true);
        }
        former = Some(lighter);
        least = least.min(ratio(letters, ground));
    }
    (least, true)
}

/// WCAG's contrast of two relative luminances.
pub(super) fn ratio(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG's relative luminance of sRGB code values.
fn luminance(rgb: [u8; 3]) -> f64 {
    let [red, green, blue] = rgb.map(|code| {
        let value = f64::from(code) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// Of a colour as written, by drawing a pixel of it: the renderer alone knows
/// every way to write a colour.
pub(super) fn luminance_of(colour: &str) -> f64 {
    let one = Size {
        width: 1,
        height: 1,
    };
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\">\
         <rect width=\"1\" height=\"1\" fill=\"{colour}\"/></svg>"
    );
    let drawn = raster::rasterise(&svg, one).map(|r| [r.rgba[0], r.rgba[1], r.rgba[2]]);
    luminance(drawn.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_the_guideline() {
        let of = |a: &str, b: &str| ratio(luminance_of(a), luminance_of(b));
        assert!((of("#000", "white") - 21.0).abs() < 0.01);
        // Published examples: #767676 is the lightest grey that passes on white.
        assert!((of("#767676", "#fff") - 4.54).abs() < 0.01);
        assert!((of("rgb(255,0,0)", "#ffffff") - 4.0).abs() < 0.01);
    }

    #[test]
    fn large_means_eighteen_points_or_fourteen_in_bold() {
        assert_eq!(needed(24.0, 400.0), 3.0);
        assert_eq!(needed(23.9, 400.0), 4.5);
        assert_eq!(needed(18.7, 700.0), 3.0);
        assert_eq!(needed(18.6, 700.0), 4.5);
    }
}
