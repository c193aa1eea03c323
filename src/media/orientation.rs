//! Which way is up, from what a container says of a stream.

use crate::media::ffi;
use crate::values::geometry::Orientation;
use ffmpeg_next as ffmpeg;

/// Upright where the container says nothing.
pub fn of(stream: &ffmpeg::Stream) -> Orientation {
    ffi::display_matrix(stream)
        .map(from_matrix)
        .or_else(|| from_tag(stream))
        .unwrap_or_default()
}

/// From a display matrix. The sign of each element tells;
/// skew and scale are ignored, no camera makes them.
fn from_matrix(matrix: [i32; 9]) -> Orientation {
    let (a, b, c, d) = (
        i64::from(matrix[0]),
        i64::from(matrix[1]),
        i64::from(matrix[3]),
        i64::from(matrix[4]),
    );
    let upright = a.abs() + d.abs() >= b.abs() + c.abs();
    let mirrored = if upright {
        (a < 0) != (d < 0)
    } else {
        (b < 0) == (c < 0)
    };
    let clockwise_quarters = match (upright, mirrored) {
        (true, false) => {
            if a < 0 {
                2
            } else {
                0
            }
        }
        (true, true) => {
            if a < 0 {
                0
            } else {
                2
            }
        }
        (false, false) => {
            if b > 0 {
                1
            } else {
                3
            }
        }
        (false, true) => {
            if b < 0 {
                1
            } else {
                3
            }
        }
    };
    Orientation {
        mirrored,
        clockwise_quarters,
    }
}

/// From the tag `rotate`, clockwise degrees, in which FFmpeg kept a turn where
/// a container has no display matrix (Matroska).
fn from_tag(stream: &ffmpeg::Stream) -> Option<Orientation> {
    let degrees: i32 = stream.metadata().get("rotate")?.trim().parse().ok()?;
    (degrees % 90 == 0).then_some(Orientation {
        mirrored: false,
        clockwise_quarters: (degrees / 90).rem_euclid(4) as u8,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(a: i32, b: i32, c: i32, d: i32) -> [i32; 9] {
        let one = 65_536;
        [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30]
    }

    #[test]
    fn all_eight_orientations() {
        let o = |mirrored, clockwise_quarters| Orientation {
            mirrored,
            clockwise_quarters,
        };
        assert_eq!(from_matrix(matrix(1, 0, 0, 1)), o(false, 0));
        assert_eq!(from_matrix(matrix(0, 1, -1, 0)), o(false, 1));
        assert_eq!(from_matrix(matrix(-1, 0, 0, -1)), o(false, 2));
        assert_eq!(from_matrix(matrix(0, -1, 1, 0)), o(false, 3));
        assert_eq!(from_matrix(matrix(-1, 0, 0, 1)), o(true, 0));
        assert_eq!(from_matrix(matrix(0, -1, -1, 0)), o(true, 1));
        assert_eq!(from_matrix(matrix(1, 0, 0, -1)), o(true, 2));
        assert_eq!(from_matrix(matrix(0, 1, 1, 0)), o(true, 3));
    }
}
