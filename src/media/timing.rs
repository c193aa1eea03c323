//! At which rate a clip is published: from every packet's time stamp, never
//! from the container's word alone.

use crate::media::claims::beyond_a_day;
use crate::media::probe::rational;
use crate::values::facts::ProbeFailure;
use crate::values::time::{FrameRate, Rational};
use ffmpeg_next as ffmpeg;

/// When each picture is seen.
pub(super) struct Timing {
    pub(super) rate: FrameRate,
    pub(super) filmed: FrameRate,
    pub(super) variable: bool,
    /// On the grid of `rate`.
    pub(super) frames: u64,
    /// Container time of the first picture.
    pub(super) start: Rational,
    pub(super) lowest: FrameRate,
    pub(super) highest: FrameRate,
}

/// Rates that cameras film at, in the order in which they are tried.
const STANDARD_RATES: [(i64, i64); 8] = [
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (24_000, 1001),
    (24, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
];

impl Timing {
    pub(super) fn new(
        packets: &[(i64, i64)],
        base: Rational,
        stream: &ffmpeg::Stream,
    ) -> Result<Timing, ProbeFailure> {
        let mut stamps: Vec<i64> = packets.iter().map(|p| p.0).collect();
        stamps.sort_unstable();
        stamps.dedup();
        let (Some(&first), Some(&last)) = (stamps.first(), stamps.last()) else {
            return Err(ProbeFailure::Undecodable {
                error: "no time stamps".into(),
            });
        };
        let start = base * Rational::integer(first);
        let mut gaps: Vec<i64> = stamps.windows(2).map(|w| w[1] - w[0]).collect();
        gaps.sort_unstable();
        let declared: Vec<FrameRate> = [stream.rate(), stream.avg_frame_rate()]
            .into_iter()
            .filter_map(|r| FrameRate::try_from(rational(r)).ok())
            .filter(|r| r.rational() <= Rational::integer(1000))
            .collect();
        let last_length = packets
            .iter()
            .filter(|p| p.0 == last && p.1 > 0)
            .map(|p| p.1)
            .next()
            .or_else(|| gaps.get(gaps.len() / 2).copied());

        let ticks_per_second = base.inverse().unwrap_or(Rational::integer(1));
        let rate_of_gap = |gap: i64| {
            FrameRate::try_from(
                ticks_per_second * Rational::new(1, gap.max(1)).unwrap_or(Rational::integer(1)),
            )
            .ok()
        };
        let standard = STANDARD_RATES
            .iter()
            .filter_map(|&(n, d)| FrameRate::new(n, d));
        let constant = declared
            .iter()
            .copied()
            .chain(standard.clone())
            .find(|&rate| fits_grid(&stamps, base, rate));

        let median = gaps.get(gaps.len() / 2).and_then(|&g| rate_of_gap(g));
        let fallback = FrameRate::new(25, 1).ok_or(ProbeFailure::NoPicture)?;
        let filmed =
            constant.unwrap_or_else(|| nearest_standard(median.unwrap_or(fallback), standard));
        let rate = publishable(filmed);
        let length = last_length.map_or_else(|| filmed.time_of(1), |l| base * Rational::integer(l));
        let seconds = base * Rational::integer(last) - start + length;
        let frames = match constant {
            // Every picture once: time stamps that wobble must not add one.
            Some(filmed) if filmed == rate => stamps.len() as u64,
            _ => match seconds.checked_mul(rate.rational()) {
                Some(frames) => frames.round().max(1).unsigned_abs(),
                None => return Err(beyond_a_day(last, base)),
            },
        };
        Ok(Timing {
            rate,
            filmed,
            variable: constant.is_none(),
            frames,
            start,
            lowest: gaps.last().and_then(|&g| rate_of_gap(g)).unwrap_or(filmed),
            highest: gaps.first().and_then(|&g| rate_of_gap(g)).unwrap_or(filmed),
        })
    }
}

/// Whether the k-th picture lies within a third of a frame of k / rate.
pub(super) fn fits_grid(stamps: &[i64], base: Rational, rate: FrameRate) -> bool {
    let Some(&first) = stamps.first() else {
        return false;
    };
    let frames_per_tick = base * rate.rational();
    let (num, den) = (
        i128::from(frames_per_tick.num()),
        i128::from(frames_per_tick.den()),
    );
    stamps.iter().enumerate().all(|(k, &stamp)| {
        let off = num * i128::from(stamp - first) - den * k as i128;
        3 * off.abs() <= den
    })
}

/// For a clip without a constant rate: the standard rate nearest to its usual
/// gap, by ratio; at most 60.
pub(super) fn nearest_standard(
    rate: FrameRate,
    standard: impl Iterator<Item = FrameRate>,
) -> FrameRate {
    let ratio = |candidate: FrameRate| {
        let (a, b) = (candidate.rational(), rate.rational());
        let (high, low) = if a > b { (a, b) } else { (b, a) };
        low.inverse()
            .and_then(|i| high.checked_mul(i))
            .unwrap_or(Rational::integer(i64::MAX))
    };
    standard
        .min_by_key(|&candidate| ratio(candidate))
        .unwrap_or(rate)
}

/// A rate within 23.976 … 60: halved (or thirded, …) above, repeated below.
pub(super) fn publishable(filmed: FrameRate) -> FrameRate {
    let fastest = Rational::integer(60);
    let slowest = Rational::new(24_000, 1001).unwrap_or(fastest);
    let scaled = |n: i64, d: i64| {
        Rational::new(n, d).and_then(|f| FrameRate::try_from(filmed.rational() * f).ok())
    };
    let mut best = filmed;
    for n in 2..=60 {
        if best.rational() > fastest {
            best = scaled(1, n).unwrap_or(best);
        } else if best.rational() < slowest {
            match scaled(n, 1) {
                Some(faster) if faster.rational() <= fastest => best = faster,
                _ => break,
            }
        } else {
            break;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_brought_into_range_by_whole_steps() {
        let rate = |n, d| publishable(FrameRate::new(n, d).expect("positive"));
        assert_eq!(
            rate(120_000, 1001),
            FrameRate::new(60_000, 1001).expect("positive")
        );
        assert_eq!(rate(100, 1), FrameRate::new(50, 1).expect("positive"));
        assert_eq!(rate(15, 1), FrameRate::new(30, 1).expect("positive"));
        assert_eq!(rate(25, 2), FrameRate::new(25, 1).expect("positive"));
        assert_eq!(rate(240, 1), FrameRate::new(60, 1).expect("positive"));
    }

    #[test]
    fn a_grid_allows_for_a_wobble_and_no_drift() {
        let base = Rational::new(1, 600).expect("fraction");
        let ntsc = FrameRate::new(30_000, 1001).expect("positive");
        let wobbling: Vec<i64> = (0..200)
            .map(|k| (ntsc.time_of(k) * Rational::integer(600)).round())
            .collect();
        assert!(fits_grid(&wobbling, base, ntsc));
        let thousand: Vec<i64> = (0..2000).map(|k| k * 20).collect();
        assert!(!fits_grid(&thousand, base, ntsc), "30 fps is not 29.97");
    }
}
