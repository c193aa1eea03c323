//! Sizes and orientations of pictures.

use serde::{Deserialize, Serialize};

/// Width and height in pixels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    /// What people call the height of a rung: 1080 for 1920×1080 and for 1080×1920.
    pub fn short_side(self) -> u32 {
        self.width.min(self.height)
    }

    pub fn shape(self) -> Shape {
        match (u64::from(self.width) * 10, u64::from(self.height) * 10) {
            // Within a tenth of square counts as square.
            (w, h) if w * 10 > h * 11 => Shape::Landscape,
            (w, h) if h * 10 > w * 11 => Shape::Portrait,
            _ => Shape::Square,
        }
    }
}

/// Which drawing of a card suits a frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    Landscape,
    Portrait,
    Square,
}

/// How the stored picture has to be turned to be seen upright: first mirrored
/// left to right when `mirrored`, then turned clockwise by quarter turns.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Orientation {
    pub mirrored: bool,
    /// 0 to 3.
    pub clockwise_quarters: u8,
}

impl Orientation {
    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        self.clockwise_quarters % 2 == 1
    }
}
