//! Which rungs a clip deserves, at which size, and with which encoder settings.

use crate::series::profile::{Rung, VideoCodec};
use crate::values::geometry::Size;
use crate::values::time::{FrameRate, Rational};
use serde::{Deserialize, Serialize};

/// Everything that an encoder is told. Part of every segment's key; the same
/// for all segments of a rendition, so that their parameter sets agree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct VideoEncoding {
    pub codec: VideoCodec,
    pub preset: String,
    pub crf: u8,
    pub max_kbps: Option<u32>,
    pub gop: u64,
    /// H.264 level times ten (31 = 3.1).
    pub level: u8,
}

/// A rung applied to a capsule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rendition {
    /// The rung's name in paths: its short side.
    pub height: u32,
    pub size: Size,
    pub rate: FrameRate,
    pub encoding: VideoEncoding,
}

/// Renditions of a picture, tallest first. Rungs above the source are not
/// made; a source below the lowest rung gets one rendition at its own size.
pub fn renditions(display: Size, rate: FrameRate, ladder: &[Rung]) -> Vec<Rendition> {
    let fitting: Vec<&Rung> = ladder
        .iter()
        .filter(|r| r.height <= display.short_side())
        .collect();
    if fitting.is_empty() {
        return ladder
            .last()
            .map(|lowest| rendition(lowest, display, rate))
            .into_iter()
            .collect();
    }
    fitting
        .into_iter()
        .map(|rung| rendition(rung, scaled(display, rung.height), rate))
        .collect()
}

fn rendition(rung: &Rung, size: Size, rate: FrameRate) -> Rendition {
    Rendition {
        height: size.short_side(),
        size,
        rate,
        encoding: VideoEncoding {
            codec: rung.codec,
            preset: rung.preset.clone(),
            crf: rung.crf,
            max_kbps: rung.max_kbps,
            gop: rate.gop(),
            level: h264_level(size, rate, rung.max_kbps),
        },
    }
}

/// `display` scaled so that its short side is `height`; both sides even.
fn scaled(display: Size, height: u32) -> Size {
    let short = u64::from(display.short_side());
    let even = |side: u32| {
        let exact = u64::from(side) * u64::from(height);
        // The nearest even number: twice the rounded half.
        (((exact + short) / (2 * short)) * 2).max(2) as u32
    };
    Size {
        width: even(display.width),
        height: even(display.height),
    }
}

/// ITU-T H.264 Annex A, table A-1: level × 10, macroblocks per second,
/// macroblocks per frame, kbit/s in High profile (1.25 × the Main figure),
/// macroblocks of the decoded picture buffer.
const LEVELS: [(u8, u64, u64, u64, u64); 12] = [
    (13, 11_880, 396, 960, 2_376),
    (20, 11_880, 396, 2_500, 2_376),
    (21, 19_800, 792, 5_000, 4_752),
    (22, 20_250, 1_620, 5_000, 8_100),
    (30, 40_500, 1_620, 12_500, 8_100),
    (31, 108_000, 3_600, 17_500, 18_000),
    (32, 216_000, 5_120, 25_000, 20_480),
    (40, 245_760, 8_192, 25_000, 32_768),
    (41, 245_760, 8_192, 62_500, 32_768),
    (42, 522_240, 8_704, 62_500, 34_816),
    (51, 983_040, 36_864, 300_000, 184_320),
    (52, 2_073_600, 36_864, 300_000, 184_320),
];

/// Reference frames that x264 keeps; fixed so that levels are known.
pub const REFERENCES: u64 = 3;

/// The lowest level that allows this size, rate and cap.
fn h264_level(size: Size, rate: FrameRate, max_kbps: Option<u32>) -> u8 {
    let blocks = |side: u32| u64::from(side).div_ceil(16);
    let frame = blocks(size.width) * blocks(size.height);
    let second = (rate.rational() * Rational::integer(frame as i64)).ceil() as u64;
    let kbps = u64::from(max_kbps.unwrap_or(0));
    LEVELS
        .iter()
        .find(|&&(_, per_second, per_frame, rate_cap, buffer)| {
            second <= per_second
                && frame <= per_frame
                && kbps <= rate_cap
                && frame * (REFERENCES + 1) <= buffer
                // A.3.1: neither side beyond sqrt(8 × the frame's limit).
                && blocks(size.width.max(size.height)).pow(2) <= 8 * per_frame
        })
        .map_or(52, |l| l.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rung(height: u32) -> Rung {
        Rung {
            height,
            codec: VideoCodec::H264,
            preset: "medium".into(),
            crf: 23,
            max_kbps: Some(6000),
        }
    }

    fn sizes(width: u32, height: u32) -> Vec<(u32, u32)> {
        let rate = FrameRate::new(25, 1).expect("positive");
        let ladder = [rung(1080), rung(720), rung(540), rung(360)];
        renditions(Size { width, height }, rate, &ladder)
            .iter()
            .map(|r| (r.size.width, r.size.height))
            .collect()
    }

    #[test]
    fn never_upscaled_and_always_even() {
        assert_eq!(
            sizes(1920, 1080),
            [(1920, 1080), (1280, 720), (960, 540), (640, 360)]
        );
        assert_eq!(
            sizes(1080, 1920),
            [(1080, 1920), (720, 1280), (540, 960), (360, 640)]
        );
        assert_eq!(sizes(720, 576), [(676, 540), (450, 360)]);
        assert_eq!(sizes(160, 120), [(160, 120)]);
    }

    #[test]
    fn levels_are_no_higher_than_needed() {
        let level = |w, h, num, den, kbps| {
            h264_level(
                Size {
                    width: w,
                    height: h,
                },
                FrameRate::new(num, den).expect("positive"),
                Some(kbps),
            )
        };
        assert_eq!(level(1920, 1080, 30, 1, 6000), 40);
        assert_eq!(level(1920, 1080, 60, 1, 9000), 42);
        assert_eq!(level(1280, 720, 30_000, 1001, 3000), 31);
        assert_eq!(level(640, 360, 25, 1, 800), 30);
    }
}
