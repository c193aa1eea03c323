//! The watermark of drafts. It is ours: no charter may leave it out.

use crate::series::charter::Position;
use crate::values::geometry::Size;

/// Of each side that a television or a projector may hide (EBU R 95, graphics).
const SAFE: f64 = 0.05;
/// Rounding must not reach into it.
const SLACK: f64 = 1.0;

/// Of the height, where its middle is at the side: clear of the tallest lower
/// third of a small picture.
const MIDDLE: f64 = 0.58;

/// Over every picture of a draft: seen at once, without hiding a face. At the
/// top, in the middle; where lower thirds stand there, upright along the right
/// side, below the middle, which leaves the foot to captions.
pub fn drawing(size: Size, lower_third: Option<Position>) -> String {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let unit = width.min(height) / 1000.0;
    let (long, high) = (800.0 * unit, 64.0 * unit);
    let (across, down) = (28.0 * unit, 10.0 * unit);
    let turn = match lower_third {
        Some(Position::TopLeft | Position::TopCenter | Position::TopRight) => {
            let x = width * (1.0 - SAFE) - SLACK - down - high;
            let y = height * MIDDLE + long / 2.0;
            format!("translate({x:.3} {y:.3}) rotate(-90)")
        }
        _ => {
            let x = (width - long) / 2.0;
            let y = height * SAFE + SLACK + down;
            format!("translate({x:.3} {y:.3})")
        }
    };
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\">\
         <g opacity=\"0.75\" transform=\"{turn}\">\
         <rect width=\"{long:.3}\" height=\"{high:.3}\" rx=\"{:.3}\" fill=\"#1b1b1b\" \
         data-hug=\"watermark\" data-hug-pad=\"{across:.3} {down:.3}\"/>\
         <rect id=\"text:watermark\" width=\"{long:.3}\" height=\"{high:.3}\" data-weight=\"700\" \
         data-colour=\"#ffffff\" data-align=\"center\" data-valign=\"middle\" \
         data-max-size=\"{:.3}\" data-min-size=\"{:.3}\" data-max-lines=\"1\"/></g></svg>",
        12.0 * unit,
        46.0 * unit,
        24.0 * unit,
    )
}
