//! Whether each text can be read on what lies behind it (WCAG 2.1, 1.4.3).
//!
//! Behind is looked at as drawn, without the texts, small. Where the card lets
//! the film through, every shade of film may be there: the text has to stand
//! out from the worst.

use crate::cards::boxes::Area;
use crate::cards::place::Placed;
use crate::cards::{CardProblem, CardRequest, Raster, raster};
use crate::values::geometry::Size;

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

/// `ground` is the card without its texts.
pub(super) fn judge(
    ground: &str,
    texts: &[Placed],
    request: &CardRequest,
) -> Result<Vec<CardProblem>, String> {
    if texts.is_empty() {
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
    let problems = texts.iter().filter_map(|text| {
        let own = luminance_of(&text.colour);
        let (ratio, over_footage) = worst(own, &behind, text.seen(), shrink)?;
        let needed = needed(text.block.size() * text.scale, text.weight);
        (ratio + SLACK < needed).then(|| CardProblem::LowContrast {
            field: text.field.clone(),
            hundredths: (ratio * 100.0).floor() as u32,
            needed_hundredths: (needed * 100.0) as u32,
            over_footage,
        })
    });
    Ok(problems.collect())
}

/// The contrast that all but the worst of an area gives, and whether the film
/// shows there.
fn worst(own: f64, behind: &Raster, seen: Area, shrink: f64) -> Option<(f64, bool)> {
    let range = |from: f64, length: f64, limit: u32| {
        let start = (from * shrink).floor().max(0.0) as u32;
        let end = ((from + length) * shrink).ceil().max(0.0) as u32;
        start..end.min(limit)
    };
    let mut ratios: Vec<(f64, bool)> = Vec::new();
    for y in range(seen.y, seen.height, behind.size.height) {
        for x in range(seen.x, seen.width, behind.size.width) {
            let at = ((y * behind.size.width + x) * 4) as usize;
            let [red, green, blue, alpha] = [0, 1, 2, 3].map(|n| behind.rgba[at + n]);
            let clear = 255 - alpha;
            // Over black film, and over white.
            let dark = luminance([red, green, blue]);
            let light = luminance([red, green, blue].map(|c| c.saturating_add(clear)));
            let ratio = if (dark..=light).contains(&own) {
                if clear == 0 { ratio(own, dark) } else { 1.0 }
            } else {
                ratio(own, dark).min(ratio(own, light))
            };
            ratios.push((ratio, clear > 0));
        }
    }
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let overlooked = (ratios.len() as f64 * OVERLOOKED) as usize;
    ratios.get(overlooked).copied()
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
