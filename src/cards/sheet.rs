//! Several drawings on one ground: a contact sheet's pixels.

use crate::cards::raster::{self, Raster};
use crate::values::geometry::Size;
use serde::{Deserialize, Serialize};

/// One of the drawings at a place of the sheet, in pixels; the later ones lie
/// on top.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Placed {
    /// Counts from 0.
    pub drawing: usize,
    pub x: u32,
    pub y: u32,
    pub size: Size,
}

/// Draws each at its own size on the sheet, never scaled from another picture.
pub fn sheet(
    ground: &str,
    size: Size,
    drawings: &[String],
    placed: &[Placed],
) -> Result<Raster, String> {
    let mut sheet = raster::rasterise(ground, size)?;
    for place in placed {
        let svg = drawings
            .get(place.drawing)
            .ok_or("a drawing was not handed over")?;
        lay(&mut sheet, &raster::rasterise(svg, place.size)?, place)?;
    }
    Ok(sheet)
}

/// Source over, on premultiplied pixels.
fn lay(sheet: &mut Raster, card: &Raster, place: &Placed) -> Result<(), String> {
    let ends =
        |at: u32, length: u32, limit: u32| at.checked_add(length).is_some_and(|e| e <= limit);
    if !ends(place.x, card.size.width, sheet.size.width)
        || !ends(place.y, card.size.height, sheet.size.height)
    {
        return Err("a drawing lies outside the sheet".to_owned());
    }
    let (stride, width) = (sheet.size.width as usize * 4, card.size.width as usize * 4);
    let rows = sheet.rgba.chunks_exact_mut(stride).skip(place.y as usize);
    for (below, above) in rows.zip(card.rgba.chunks_exact(width)) {
        let from = place.x as usize * 4;
        let (below, _) = below[from..from + width].as_chunks_mut::<4>();
        let (above, _) = above.as_chunks::<4>();
        for (below, above) in below.iter_mut().zip(above) {
            let through = 255 - u16::from(above[3]);
            for (under, over) in below.iter_mut().zip(above) {
                let left = (u16::from(*under) * through + 127) / 255;
                *under = (u16::from(*over) + left).min(255) as u8;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_half_clear_shows_the_ground() {
        let drawing = |fill: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\">\
                 <rect width=\"4\" height=\"4\" {fill}/></svg>"
            )
        };
        let size = |width, height| Size { width, height };
        let veil = drawing("fill=\"#ffffff\" fill-opacity=\"0.5\"");
        let at = |x, y| Placed {
            drawing: 0,
            x,
            y,
            size: size(2, 2),
        };
        let drawings = [veil];
        let ground = drawing("fill=\"#000000\"");
        let made = sheet(&ground, size(4, 4), &drawings, &[at(1, 1)]).expect("drawn");
        let grey: Vec<u8> = made.rgba.chunks_exact(4).map(|p| p[0]).collect();
        let h = 128;
        assert_eq!(grey, [0, 0, 0, 0, 0, h, h, 0, 0, h, h, 0, 0, 0, 0, 0]);
        assert!(sheet(&ground, size(4, 4), &drawings, &[at(3, 0)]).is_err());
    }
}
