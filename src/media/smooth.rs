//! Gradients without steps. A raster has 256 levels, of which a soft gradient
//! shows each as a band; here the slope between the bands is found again, and a
//! pattern of half levels carries it through to 8-bit video.
//!
//! Only what rises by single levels is touched: flat areas keep their exact
//! value, and edges are left alone.

/// Half sides of the windows that are averaged, the widest first: a window of
/// single steps has the slope's own value as its mean.
const REACHES: [usize; 5] = [24, 12, 6, 3, 1];
/// Fewer pixels in a thousand on a step than this are chance: no gradient.
const FEWEST: usize = 2;

/// Channels by pixel, in levels with fractions.
pub struct Smoothed {
    width: usize,
    values: Vec<[f32; 4]>,
}

impl Smoothed {
    /// Of `width × height` pixels of four channels; `None` where there is no
    /// gradient.
    pub fn new(width: usize, height: usize, rgba: &[u8]) -> Option<Smoothed> {
        let pixels: &[[u8; 4]] = rgba.as_chunks().0;
        let apart = |a: [u8; 4], b: [u8; 4]| {
            let channels = (0..4).map(|n| a[n].abs_diff(b[n]));
            channels.fold(0, u8::max)
        };
        let mut steps = 0;
        let mut rough = vec![0u8; pixels.len()];
        for y in 0..height {
            for x in 0..width {
                let at = y * width + x;
                let left = if x > 0 {
                    apart(pixels[at], pixels[at - 1])
                } else {
                    0
                };
                let above = if y > 0 {
                    apart(pixels[at], pixels[at - width])
                } else {
                    0
                };
                match left.max(above) {
                    0 => {}
                    1 => steps += 1,
                    _ => rough[at] = 1,
                }
            }
        }
        if steps * 1000 < pixels.len() * FEWEST {
            return None;
        }
        let edges = Sums::new(width, height, |at| u32::from(rough[at]));
        let channels =
            [0, 1, 2, 3].map(|n| Sums::new(width, height, |at| u32::from(pixels[at][n])));
        let mut values = Vec::with_capacity(pixels.len());
        for y in 0..height {
            for x in 0..width {
                // As far to one side as to the other, or a slope would be bent.
                let across = x.min(width - 1 - x);
                let down = y.min(height - 1 - y);
                let window = REACHES
                    .iter()
                    .map(|&reach| Window::around(x, y, reach.min(across), reach.min(down)))
                    .find(|window| edges.of(window) == 0);
                values.push(match window {
                    Some(window) => {
                        let area = window.area() as f32;
                        [0, 1, 2, 3].map(|n: usize| channels[n].of(&window) as f32 / area)
                    }
                    None => pixels[y * width + x].map(f32::from),
                });
            }
        }
        Some(Smoothed { width, values })
    }

    pub fn at(&self, x: usize, y: usize) -> [f32; 4] {
        self.values[y * self.width + x]
    }

    /// Whether a pixel lies on a slope: between two levels.
    pub fn slopes(&self, x: usize, y: usize) -> bool {
        self.at(x, y).iter().any(|value| value.fract() != 0.0)
    }
}

/// Half-open, in pixels.
struct Window {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Window {
    fn around(x: usize, y: usize, across: usize, down: usize) -> Window {
        Window {
            left: x - across,
            top: y - down,
            right: x + across + 1,
            bottom: y + down + 1,
        }
    }

    fn area(&self) -> usize {
        (self.right - self.left) * (self.bottom - self.top)
    }
}

/// Sums over any window, from a table of sums from the corner. They wrap, which
/// cancels in a difference.
struct Sums {
    width: usize,
    table: Vec<u32>,
}

impl Sums {
    fn new(width: usize, height: usize, value: impl Fn(usize) -> u32) -> Sums {
        let width = width + 1;
        let mut table = vec![0u32; width * (height + 1)];
        for y in 1..=height {
            let mut row = 0u32;
            for x in 1..width {
                row = row.wrapping_add(value((y - 1) * (width - 1) + x - 1));
                table[y * width + x] = table[(y - 1) * width + x].wrapping_add(row);
            }
        }
        Sums { width, table }
    }

    fn of(&self, window: &Window) -> u32 {
        let at = |x: usize, y: usize| self.table[y * self.width + x];
        at(window.right, window.bottom)
            .wrapping_sub(at(window.left, window.bottom))
            .wrapping_sub(at(window.right, window.top))
            .wrapping_add(at(window.left, window.top))
    }
}

/// Added before rounding, in levels, between −1/2 and 1/2 with a mean of 0: the
/// same for every picture. By squares of 2 × 2, because what changes from pixel
/// to pixel is the first thing that an encoder leaves out (measured at CRF 23 on
/// ten levels over 360 lines: 0.09 of a level from the slope on average, against
/// 0.18 with a pattern of single pixels and 0.25 with none).
pub fn shake(x: usize, y: usize) -> f64 {
    let mut mixed =
        (x as u32 / 2).wrapping_mul(0x9E37_79B1) ^ (y as u32 / 2).wrapping_mul(0x85EB_CA77);
    mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D);
    mixed = (mixed ^ (mixed >> 12)).wrapping_mul(0x297A_2D39);
    mixed ^= mixed >> 15;
    // 128 steps: half a level is never reached, so that a whole one stays whole.
    (f64::from(mixed >> 25) + 0.5) / 128.0 - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_even_and_stays_within_half_a_level() {
        let all: Vec<f64> = (0..128 * 128)
            .map(|n| shake(2 * (n % 128), 2 * (n / 128)))
            .collect();
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let spread = all.iter().map(|v| v * v).sum::<f64>() / all.len() as f64;
        assert!(
            all.iter().all(|v| v.abs() < 0.5) && mean.abs() < 0.01,
            "{mean}"
        );
        assert!((spread - 1.0 / 12.0).abs() < 0.003, "{spread}");
    }

    #[test]
    fn a_slope_is_found_between_its_levels_and_nothing_else_moves() {
        let (width, height) = (400, 60);
        let slope = |x: usize| 20.0 + x as f64 * 0.07;
        let mut rgba = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let level = if y < 30 { slope(x).round() as u8 } else { 200 };
                rgba.extend([level, level, level, 255]);
            }
        }
        let smoothed = Smoothed::new(width, height, &rgba).expect("a gradient");
        for x in 24..width - 24 {
            let found = f64::from(smoothed.at(x, 10)[0]);
            assert!(
                (found - slope(x)).abs() < 0.15,
                "{x}: {found}, {}",
                slope(x)
            );
            assert_eq!(smoothed.at(x, 45), [200.0, 200.0, 200.0, 255.0]);
            assert!(!smoothed.slopes(x, 45));
        }
        let flat: Vec<u8> = [9u8, 9, 9, 255].repeat(width * height);
        assert!(Smoothed::new(width, height, &flat).is_none());
    }
}
