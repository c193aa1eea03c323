//! A picture out of focus, to lie behind text: three box filters one after the
//! other, which together are close to a Gaussian, in integers.

use crate::media::compose::{Canvas, Picture};
use crate::media::smooth::shake;

/// Passes; each has a radius of this share of the shorter side.
const PASSES: usize = 3;
const SHARE: usize = 28;

/// Blurs all planes alike.
pub fn blur(picture: &mut Picture<'_>) {
    let (width, height) = (picture.size.width as usize, picture.size.height as usize);
    let radius = (width.min(height) / SHARE).max(2);
    plane(&mut picture.luma, width, height, radius);
    plane(&mut picture.cb, width / 2, height / 2, radius / 2);
    plane(&mut picture.cr, width / 2, height / 2, radius / 2);
}

/// In 256ths of a level, so that a slope stays one; rounded once, at the end,
/// by a pattern that keeps it from breaking into bands.
fn plane(canvas: &mut Canvas<'_>, width: usize, height: usize, radius: usize) {
    let mut fine: Vec<u16> = Vec::with_capacity(width * height);
    for row in canvas.samples.chunks(canvas.stride).take(height) {
        fine.extend(row.iter().take(width).map(|&s| u16::from(s) << 8));
    }
    let mut line = Vec::new();
    for _ in 0..PASSES {
        for y in 0..height {
            smooth(&mut fine, y * width, 1, width, radius, &mut line);
        }
        for x in 0..width {
            smooth(&mut fine, x, width, height, radius, &mut line);
        }
    }
    for (y, row) in canvas
        .samples
        .chunks_mut(canvas.stride)
        .take(height)
        .enumerate()
    {
        for (x, sample) in row.iter_mut().take(width).enumerate() {
            let level = f64::from(fine[y * width + x]) / 256.0;
            *sample = (level + shake(x, y)).round() as u8;
        }
    }
}

/// The mean of the neighbours within a radius, along a line of samples that lie
/// `step` apart; beyond its ends the last ones continue.
fn smooth(
    samples: &mut [u16],
    start: usize,
    step: usize,
    length: usize,
    radius: usize,
    line: &mut Vec<u16>,
) {
    line.clear();
    line.extend((0..length).map(|n| samples[start + n * step]));
    let at = |n: isize| u32::from(line[n.clamp(0, length as isize - 1) as usize]);
    let (reach, count) = (radius as isize, 2 * radius as u32 + 1);
    let mut sum: u32 = (-reach..=reach).map(at).sum();
    for n in 0..length {
        samples[start + n * step] = ((sum + count / 2) / count) as u16;
        let n = n as isize;
        sum = sum + at(n + reach + 1) - at(n - reach);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_line_stays_and_an_edge_is_spread_evenly() {
        let mut flat = vec![77 << 8; 9];
        smooth(&mut flat, 0, 1, 9, 3, &mut Vec::new());
        assert_eq!(flat, [77 << 8; 9]);
        let mut edge = vec![0, 0, 0, 0, 300, 300, 300, 300];
        smooth(&mut edge, 0, 1, 8, 1, &mut Vec::new());
        assert_eq!(edge, [0, 0, 0, 100, 200, 300, 300, 300]);
        let mut column = vec![0, 9, 0, 9, 300, 9, 300, 9];
        smooth(&mut column, 0, 2, 4, 1, &mut Vec::new());
        assert_eq!(column, [0, 9, 100, 9, 200, 9, 300, 9]);
    }
}
