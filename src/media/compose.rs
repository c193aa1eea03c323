//! Lays rasters over pictures, in 8-bit Y′CbCr with integers.
//!
//! A raster is premultiplied sRGB; its code values go through the BT.709
//! matrix without a change of transfer (Y = 16 + 219 Y′), chroma is taken to
//! the left sample with a [1 2 1] filter. Blending happens on code values, as
//! every editing program does.

use crate::media::smooth::{self, Smoothed};
use crate::plan::recipe::Slide;
use crate::plan::timeline::OPAQUE;
use crate::values::geometry::Size;

/// A raster in the picture's own terms: for each sample its alpha and its
/// premultiplied value, cropped to where it is not transparent.
pub struct Layer {
    /// Even, in luma samples.
    left: usize,
    top: usize,
    luma: Plane,
    cb: Plane,
    cr: Plane,
}

struct Plane {
    width: usize,
    height: usize,
    samples: Vec<Sample>,
}

/// `alpha` 0 to 255 (chroma: averaged, hence 16 times finer); `value` is the
/// premultiplied code value, offset included, times 256.
#[derive(Clone, Copy)]
struct Sample {
    alpha: u16,
    value: u16,
}

/// Alpha's full scale in a [`Sample`].
const FULL_ALPHA: u64 = 255 * 16;

/// One 8-bit plane of a picture to draw on.
pub struct Canvas<'a> {
    pub samples: &'a mut [u8],
    pub stride: usize,
}

/// The three planes of a 4:2:0 picture.
pub struct Picture<'a> {
    pub size: Size,
    pub luma: Canvas<'a>,
    pub cb: Canvas<'a>,
    pub cr: Canvas<'a>,
}

/// BT.709 luma coefficients (ITU-R BT.709-6, 3.2).
const KR: f64 = 0.2126;
const KB: f64 = 0.0722;

impl Layer {
    /// From premultiplied RGBA, `size.width × size.height × 4` bytes, both
    /// sides even. `None` when every pixel is transparent.
    pub fn new(size: Size, rgba: &[u8]) -> Option<Layer> {
        let (width, height) = (size.width as usize, size.height as usize);
        assert_eq!(
            rgba.len(),
            width * height * 4,
            "a raster has four bytes a pixel"
        );
        let alpha = |x: usize, y: usize| rgba[(y * width + x) * 4 + 3];
        let row_seen = |y: usize| (0..width).any(|x| alpha(x, y) > 0);
        let top = (0..height).find(|&y| row_seen(y))? / 2 * 2;
        let bottom = (0..height).rfind(|&y| row_seen(y))? + 1;
        let column_seen = |x: usize| (top..bottom).any(|y| alpha(x, y) > 0);
        // One more column to the right: its chroma reaches left.
        let left = (0..width).find(|&x| column_seen(x))? / 2 * 2;
        let right = ((0..width).rfind(|&x| column_seen(x))? + 2).min(width);
        let (w, h) = (
            (right - left).next_multiple_of(2),
            (bottom - top).next_multiple_of(2),
        );

        let smoothed = Smoothed::new(width, height, rgba);
        // Beyond the raster's edge its last pixels continue.
        let place = |x: usize, y: usize| ((left + x).min(width - 1), (top + y).min(height - 1));
        let pixel = |x: usize, y: usize| {
            let (x, y) = place(x, y);
            let at = (y * width + x) * 4;
            let channel = |n: usize| match &smoothed {
                Some(smoothed) => f64::from(smoothed.at(x, y)[n]) / 255.0,
                None => f64::from(rgba[at + n]) / 255.0,
            };
            let (r, g, b, a) = (channel(0), channel(1), channel(2), channel(3));
            let y = KR * r + (1.0 - KR - KB) * g + KB * b;
            [
                a,
                16.0 * a + 219.0 * y,
                128.0 * a + 112.0 * (b - y) / (1.0 - KB),
                128.0 * a + 112.0 * (r - y) / (1.0 - KR),
            ]
        };
        // On a slope, levels in between are carried by a pattern.
        let shaken = |x: usize, y: usize, step: usize| {
            let (at_x, at_y) = place(x * step, y * step);
            let slopes = smoothed.as_ref().is_some_and(|s| s.slopes(at_x, at_y));
            if slopes { smooth::shake(x, y) } else { 0.0 }
        };
        let sample = |alpha: f64, value: f64, shake: f64| Sample {
            alpha: (alpha * FULL_ALPHA as f64).round() as u16,
            value: ((value + shake) * 256.0).round().max(0.0) as u16,
        };
        let plane = |width: usize, height: usize| Plane {
            width,
            height,
            samples: Vec::with_capacity(width * height),
        };
        let (mut luma, mut cb, mut cr) = (plane(w, h), plane(w / 2, h / 2), plane(w / 2, h / 2));
        // Each pixel is converted once: two rows have what a row of chroma needs.
        let mut rows = [Vec::with_capacity(w), Vec::with_capacity(w)];
        for y in 0..h / 2 {
            for (dy, row) in rows.iter_mut().enumerate() {
                row.clear();
                for x in 0..w {
                    let p = pixel(x, 2 * y + dy);
                    luma.samples
                        .push(sample(p[0], p[1], shaken(x, 2 * y + dy, 1)));
                    row.push(p);
                }
            }
            for x in 0..w / 2 {
                let mut sum = [0.0; 4];
                for row in &rows {
                    // Left of the crop nothing is seen, or the picture ends.
                    let before = match x {
                        0 if left > 0 => [0.0; 4],
                        _ => row[(2 * x).saturating_sub(1)],
                    };
                    let (here, after) = (row[2 * x], row[2 * x + 1]);
                    for n in 0..4 {
                        sum[n] += (before[n] + 2.0 * here[n] + after[n]) / 8.0;
                    }
                }
                let shake = shaken(x, y, 2);
                cb.samples.push(sample(sum[0], sum[2], shake));
                cr.samples.push(sample(sum[0], sum[3], -shake));
            }
        }
        Some(Layer {
            left,
            top,
            luma,
            cb,
            cr,
        })
    }

    /// Draws the layer at an opacity in 256ths.
    pub fn draw(&self, onto: &mut Picture<'_>, opacity: u16) {
        if opacity == 0 {
            return;
        }
        let (w, h) = (onto.size.width as usize, onto.size.height as usize);
        draw_plane(
            &self.luma,
            &mut onto.luma,
            (self.left, self.top),
            (w, h),
            opacity,
        );
        let corner = (self.left / 2, self.top / 2);
        draw_plane(&self.cb, &mut onto.cb, corner, (w / 2, h / 2), opacity);
        draw_plane(&self.cr, &mut onto.cr, corner, (w / 2, h / 2), opacity);
    }
}

fn draw_plane(
    plane: &Plane,
    canvas: &mut Canvas<'_>,
    (left, top): (usize, usize),
    (width, height): (usize, usize),
    opacity: u16,
) {
    let opacity = u64::from(opacity);
    let full = FULL_ALPHA * u64::from(OPAQUE);
    let columns = plane.width.min(width.saturating_sub(left));
    let rows = plane.height.min(height.saturating_sub(top));
    for y in 0..rows {
        let source = &plane.samples[y * plane.width..y * plane.width + columns];
        let at = (top + y) * canvas.stride + left;
        let target = &mut canvas.samples[at..at + columns];
        for (out, sample) in target.iter_mut().zip(source) {
            if sample.alpha == 0 && sample.value == 0 {
                continue;
            }
            let under = full - u64::from(sample.alpha) * opacity;
            // Both terms in units of 1 / (256 × full).
            let sum =
                u64::from(*out) * under * 256 + u64::from(sample.value) * opacity * FULL_ALPHA;
            *out = ((sum + full * 128) / (full * 256)).min(255) as u8;
        }
    }
}

/// Fills a picture with video black.
pub fn black(picture: &mut Picture<'_>) {
    picture.luma.samples.fill(16);
    picture.cb.samples.fill(128);
    picture.cr.samples.fill(128);
}

/// Mixes `other` into `picture`: `weight` 256ths of what is there stay.
pub fn dissolve(picture: &mut Picture<'_>, other: &Picture<'_>, weight: u16) {
    let size = picture.size;
    let planes = [
        (
            &mut picture.luma,
            &other.luma,
            size.width as usize,
            size.height as usize,
        ),
        (
            &mut picture.cb,
            &other.cb,
            size.width as usize / 2,
            size.height as usize / 2,
        ),
        (
            &mut picture.cr,
            &other.cr,
            size.width as usize / 2,
            size.height as usize / 2,
        ),
    ];
    let (keep, bring) = (
        u32::from(weight.min(OPAQUE)),
        u32::from(OPAQUE - weight.min(OPAQUE)),
    );
    for (canvas, other, width, height) in planes {
        for y in 0..height {
            let into = &mut canvas.samples[y * canvas.stride..y * canvas.stride + width];
            let from = &other.samples[y * other.stride..y * other.stride + width];
            for (a, b) in into.iter_mut().zip(from) {
                *a = ((u32::from(*a) * keep + u32::from(*b) * bring + 128) / u32::from(OPAQUE))
                    as u8;
            }
        }
    }
}

/// Puts `other` beside what is left in `picture`, of which `weight` 256ths of
/// the width stay in sight.
pub fn slide(picture: &mut Picture<'_>, other: &Picture<'_>, weight: u16, slide: Slide) {
    let (width, height) = (picture.size.width as usize, picture.size.height as usize);
    let hidden = usize::from(OPAQUE - weight.min(OPAQUE));
    // Whole samples of chroma.
    let seen = width * hidden / usize::from(OPAQUE) / 2 * 2;
    let planes = [
        (&mut picture.luma, &other.luma, 1),
        (&mut picture.cb, &other.cb, 2),
        (&mut picture.cr, &other.cr, 2),
    ];
    for (canvas, other, step) in planes {
        let (width, seen) = (width / step, seen / step);
        for y in 0..height / step {
            let into = &mut canvas.samples[y * canvas.stride..y * canvas.stride + width];
            let from = &other.samples[y * other.stride..y * other.stride + width];
            match slide {
                Slide::CardLeaves => {
                    into.copy_within(..width - seen, seen);
                    into[..seen].copy_from_slice(&from[width - seen..]);
                }
                Slide::FootageLeaves => {
                    into.copy_within(seen.., 0);
                    into[width - seen..].copy_from_slice(&from[..seen]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 8,
        height: 8,
    };

    fn drawn(
        pixels: impl Fn(usize, usize) -> [u8; 4],
        opacity: u16,
        ground: u8,
    ) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
        let mut rgba = Vec::new();
        for y in 0..8 {
            for x in 0..8 {
                rgba.extend(pixels(x, y));
            }
        }
        let (mut y, mut u, mut v) = (vec![ground; 64], vec![128; 16], vec![128; 16]);
        let mut picture = Picture {
            size: SIZE,
            luma: Canvas {
                samples: &mut y,
                stride: 8,
            },
            cb: Canvas {
                samples: &mut u,
                stride: 4,
            },
            cr: Canvas {
                samples: &mut v,
                stride: 4,
            },
        };
        if let Some(layer) = Layer::new(SIZE, &rgba) {
            layer.draw(&mut picture, opacity);
        }
        (y, u, v)
    }

    /// Worked by hand from BT.709: 16 + 219 × 0.2126 = 62.56 for red.
    #[test]
    fn book_values() {
        let flat = |rgb: [u8; 3]| drawn(move |_, _| [rgb[0], rgb[1], rgb[2], 255], 256, 0);
        let (y, u, v) = flat([255, 0, 0]);
        assert_eq!((y[27], u[5], v[5]), (63, 102, 240));
        let (y, u, v) = flat([255, 255, 255]);
        assert_eq!((y[0], u[0], v[0]), (235, 128, 128));
        let (y, u, v) = flat([0, 0, 0]);
        assert_eq!((y[63], u[15], v[15]), (16, 128, 128));
    }

    /// A slope of 0.04 levels a pixel, which as it is stands in bands of 25.
    #[test]
    fn gradients_reach_video_without_bands() {
        let (width, height) = (512usize, 64usize);
        let slope = |x: usize| 30.0 + x as f64 * 0.04;
        let rgba: Vec<u8> = (0..width * height)
            .flat_map(|at| {
                let level = slope(at % width).round() as u8;
                [level, level, level, 255]
            })
            .collect();
        let size = Size {
            width: width as u32,
            height: height as u32,
        };
        let layer = Layer::new(size, &rgba).expect("seen");
        let mut y = vec![0; width * height];
        let (mut u, mut v) = (vec![128; y.len() / 4], vec![128; y.len() / 4]);
        let mut picture = Picture {
            size,
            luma: Canvas {
                samples: &mut y,
                stride: width,
            },
            cb: Canvas {
                samples: &mut u,
                stride: width / 2,
            },
            cr: Canvas {
                samples: &mut v,
                stride: width / 2,
            },
        };
        layer.draw(&mut picture, OPAQUE);
        for x in (32..width - 40).step_by(8) {
            let block: u32 = (8..56)
                .flat_map(|row| y[row * width + x..row * width + x + 8].iter())
                .map(|&level| u32::from(level))
                .sum();
            let wanted = 16.0 + 219.0 * (slope(x) + 0.14) / 255.0;
            let found = f64::from(block) / 384.0;
            assert!((found - wanted).abs() < 0.2, "{x}: {found} {wanted}");
        }
        assert!(u.iter().chain(&v).all(|&chroma| chroma.abs_diff(128) == 0));
    }

    #[test]
    fn half_opacity_is_half_way() {
        let (y, _, _) = drawn(|_, _| [255, 255, 255, 255], 128, 35);
        assert_eq!(y[0], 135);
    }

    #[test]
    fn what_is_transparent_stays() {
        let (y, u, _) = drawn(
            |x, _| if x < 4 { [0; 4] } else { [255, 0, 0, 255] },
            256,
            77,
        );
        assert_eq!(y[0..4], [77; 4]);
        assert_eq!(y[4], 63);
        assert_eq!(u[0], 128);
        // The chroma sample at the edge sees a quarter of the transparent side.
        assert!(u[2] > 102 && u[2] < 115, "{}", u[2]);
        assert_eq!(u[3], 102);
    }
}
