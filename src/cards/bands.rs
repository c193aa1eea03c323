//! The bands behind captions: rectangles inside what televisions show, which
//! give way to one another and to what lies there already.

use crate::cards::fit::Coordinate;
use crate::values::geometry::{Shape, Size};
use std::fmt::Write;

/// Of each side that a television or a projector may hide (EBU R 95, graphics).
const SAFE_PERCENT: u32 = 5;
/// Of the height of an upright picture: its foot is where telephones put the
/// buttons and words of whatever program shows it.
const FOOT_OF_UPRIGHT_PERCENT: u32 = 12;

/// A rectangle in pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Room {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Room {
    pub(super) fn foot(self) -> f64 {
        self.top + self.height
    }

    /// The smallest that holds both.
    pub(super) fn with(self, other: Room) -> Room {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let right = (self.left + self.width).max(other.left + other.width);
        Room {
            left,
            top,
            width: right - left,
            height: self.foot().max(other.foot()) - top,
        }
    }
}

pub(super) fn safe_area(frame: Size) -> Room {
    let foot = match frame.shape() {
        Shape::Portrait => FOOT_OF_UPRIGHT_PERCENT,
        Shape::Landscape | Shape::Square => SAFE_PERCENT,
    };
    let part = |side: u32, percent: u32| (side * percent).div_ceil(100);
    let (left, top) = (
        part(frame.width, SAFE_PERCENT),
        part(frame.height, SAFE_PERCENT),
    );
    Room {
        left: f64::from(left),
        top: f64::from(top),
        width: f64::from(frame.width - 2 * left),
        height: f64::from(frame.height - top - part(frame.height, foot)),
    }
}

/// Moves a band out of the way of others: up from the foot, down from the top.
/// Where there is no room it stays, over what is there.
pub(super) fn clear(
    (wanted, downwards): (Room, bool),
    others: &[Room],
    gap: f64,
    frame: Size,
) -> Room {
    let gap = gap.round();
    let safe = safe_area(frame);
    let mut room = wanted;
    // Each step passes at least one of them.
    for _ in 0..=others.len() {
        let meets = |other: &&Room| room.top < other.foot() + gap && other.top - gap < room.foot();
        let Some(other) = others.iter().find(meets) else {
            break;
        };
        room.top = if downwards {
            other.foot() + gap
        } else {
            other.top - gap - room.height
        };
    }
    if room.top < safe.top || room.foot() > safe.foot() {
        return wanted;
    }
    room
}

pub(super) fn rectangle(room: Room, radius: f64, path: &mut String) {
    let Room {
        left,
        top,
        width,
        height,
    } = room;
    let c = Coordinate;
    let (right, foot) = (left + width, top + height);
    let r = radius.min(height / 2.0).min(width / 2.0);
    let (l, t, x, y) = (c(left), c(top), c(right), c(foot));
    let drawn = if r < 0.5 {
        write!(path, "M{l} {t}L{x} {t}L{x} {y}L{l} {y}Z")
    } else {
        let (li, ti, xi, yi) = (c(left + r), c(top + r), c(right - r), c(foot - r));
        write!(
            path,
            "M{li} {t}L{xi} {t}Q{x} {t} {x} {ti}L{x} {yi}Q{x} {y} {xi} {y}\
             L{li} {y}Q{l} {y} {l} {yi}L{l} {ti}Q{l} {t} {li} {t}Z"
        )
    };
    drawn.expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Size = Size {
        width: 1000,
        height: 500,
    };

    fn band(top: f64, height: f64) -> Room {
        Room {
            left: 300.0,
            top,
            width: 400.0,
            height,
        }
    }

    #[test]
    fn a_band_gives_way_and_stays_inside() {
        let foot = (band(415.0, 60.0), false);
        assert_eq!(clear(foot, &[], 5.0, FRAME), foot.0);
        let strap = band(380.0, 60.0);
        assert_eq!(clear(foot, &[strap], 5.0, FRAME), band(315.0, 60.0));
        // Over the lower third, and over the cue that went there.
        let other = band(315.0, 60.0);
        assert_eq!(clear(foot, &[other, strap], 5.0, FRAME), band(250.0, 60.0));
        let top = (band(25.0, 60.0), true);
        assert_eq!(
            clear(top, &[band(20.0, 60.0)], 5.0, FRAME),
            band(85.0, 60.0)
        );
        assert_eq!(clear(foot, &[band(0.0, 500.0)], 5.0, FRAME), foot.0);
    }
}
