//! At which rate a clip is published: from every packet's time stamp, never
//! from the container's word alone.

use crate::media::claims::{beyond_a_day, check_gap};
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
        check_gap(gaps.last().copied().unwrap_or(0), base)?;
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
        let constant = constant_rate(&stamps, base, &declared);

        let fallback = FrameRate::new(25, 1).ok_or(ProbeFailure::NoPicture)?;
        let filmed = constant.unwrap_or_else(|| {
            let usual = usual_rate(&gaps, ticks_per_second, &declared).unwrap_or(fallback);
            rate_of_faster_part(&stamps, ticks_per_second, usual).unwrap_or(usual)
        });
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

fn standard_rates() -> impl Iterator<Item = FrameRate> {
    let rates = STANDARD_RATES.iter();
    rates.filter_map(|&(n, d)| FrameRate::new(n, d))
}

fn is_standard(rate: FrameRate) -> bool {
    standard_rates().any(|standard| standard == rate)
}

/// The rate on whose grid all pictures lie: the declared one if cameras film at
/// it, else the one of theirs that the pictures keep to best (few frames are
/// declared at whatever they came to), else the declared.
fn constant_rate(stamps: &[i64], base: Rational, declared: &[FrameRate]) -> Option<FrameRate> {
    let fits = |rate: &FrameRate| fits_grid(stamps, base, *rate);
    let declared = || declared.iter().copied().filter(fits);
    // Rounded to ticks, pictures wobble about their own grid; from another's they
    // drift away as well.
    let strays = |rate: &FrameRate| {
        let off = stamps.iter().zip(0..).filter_map(|(&stamp, k)| {
            let since = base.checked_mul(Rational::integer(stamp - stamps[0]))?;
            since.checked_sub(rate.time_of(k))
        });
        let (most, least) = off.clone().max().zip(off.min())?;
        most.checked_sub(least)
    };
    // By a tenth at least: less may be chance, and the commoner rate comes first.
    let keeps_better = |rate: &FrameRate, best: &FrameRate| match (strays(rate), strays(best)) {
        (Some(off), Some(of_best)) => Rational::new(10, 9)
            .and_then(|more| off.checked_mul(more))
            .is_some_and(|off| off < of_best),
        _ => false,
    };
    let standard = || {
        let fitting = standard_rates().filter(fits);
        fitting.reduce(|best, rate| {
            if keeps_better(&rate, &best) {
                rate
            } else {
                best
            }
        })
    };
    if stamps.len() == 1 {
        return declared().next().or_else(standard);
    }
    declared()
        .find(|&rate| is_standard(rate))
        .or_else(standard)
        .or_else(|| declared().next())
}

/// Whether the k-th picture lies within a third of a frame of k / rate.
fn fits_grid(stamps: &[i64], base: Rational, rate: FrameRate) -> bool {
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

/// For a clip without a constant rate: the standard one at which most of its
/// pictures follow one another. `gaps` are sorted, in ticks.
///
/// Gaps that are whole ticks hide the rate (33 ms is 29.97 a second as well as
/// 30), their mean shows it: to within a tick for each run of them. What the
/// container declares decides between rates that lie within that.
fn usual_rate(
    gaps: &[i64],
    ticks_per_second: Rational,
    declared: &[FrameRate],
) -> Option<FrameRate> {
    let median = *gaps.get(gaps.len() / 2)?;
    let usual = gaps.iter().filter(|&gap| gap.abs_diff(median) <= 1);
    let (count, sum) = usual.fold((0, 0_i64), |(n, sum), gap| {
        (n + 1, sum.saturating_add(*gap))
    });
    let runs = gaps.len() as i64 - count + 1;
    // Years of nanoseconds are no clip's, and too large to be reckoned with.
    let mean = Rational::new(sum.max(1), count).filter(|_| sum < 1 << 56)?;
    let lies_within = |rate: &FrameRate| {
        let length = ticks_per_second.checked_mul(rate.time_of(1));
        let off = length.and_then(|length| length.checked_sub(mean));
        let most = Rational::new(runs, count);
        off.zip(most)
            .is_some_and(|(off, most)| off <= most && off >= Rational::ZERO - most)
    };
    let by_declaration = declared.iter().copied();
    by_declaration
        .filter(|&rate| is_standard(rate))
        .find(lies_within)
        .or_else(|| {
            let rate = ticks_per_second.checked_mul(mean.inverse()?)?;
            let rate = FrameRate::try_from(rate).ok()?;
            Some(nearest_standard(publishable(rate)))
        })
}

/// The standard rate nearest to another, by ratio; at most 60.
fn nearest_standard(rate: FrameRate) -> FrameRate {
    let ratio = |candidate: FrameRate| {
        let (a, b) = (candidate.rational(), rate.rational());
        let (high, low) = if a > b { (a, b) } else { (b, a) };
        low.inverse()
            .and_then(|i| high.checked_mul(i))
            .unwrap_or(Rational::integer(i64::MAX))
    };
    standard_rates()
        .min_by_key(|&candidate| ratio(candidate))
        .unwrap_or(rate)
}

/// Pictures over which a rate is judged: one that comes a little early or late
/// is not faster, and neither is film that is shown as television (2:3).
const PICTURES_OF_A_RATE: usize = 4;

/// Where more than a fifth of a clip was filmed faster than the rest, the rate
/// of that part: at the usual one it would lose pictures all along, while slower
/// parts repeat theirs.
fn rate_of_faster_part(
    stamps: &[i64],
    ticks_per_second: Rational,
    usual: FrameRate,
) -> Option<FrameRate> {
    let local = |span: i64| {
        let pictures = Rational::new(PICTURES_OF_A_RATE as i64, span.max(1))?;
        FrameRate::try_from(ticks_per_second.checked_mul(pictures)?).ok()
    };
    let spans = stamps.windows(PICTURES_OF_A_RATE + 1);
    let all = spans.len();
    let clearly = usual.rational() * Rational::new(11, 10)?;
    let mut faster: Vec<i64> = spans
        .map(|window| window[PICTURES_OF_A_RATE] - window[0])
        .filter(|&span| local(span).is_some_and(|rate| rate.rational() > clearly))
        .collect();
    if faster.len() * 5 <= all {
        return None;
    }
    faster.sort_unstable();
    let rate = nearest_standard(publishable(local(*faster.get(faster.len() / 2)?)?));
    (rate.rational() > usual.rational()).then_some(rate)
}

/// A rate within 23.976 … 60: halved (or thirded, …) above, repeated below.
fn publishable(filmed: FrameRate) -> FrameRate {
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
    fn a_few_frames_are_at_a_rate_that_cameras_film_at() {
        let rate = |n, d| FrameRate::new(n, d).expect("positive");
        let base = Rational::new(1, 600).expect("fraction");
        let film: Vec<i64> = (0..25).map(|k| k * 25).collect();
        let odd = rate(289, 12);
        assert_eq!(constant_rate(&film, base, &[odd]), Some(rate(24, 1)));
        let rounded: Vec<i64> = (0..30).map(|k| (k * 1001 + 15) / 30).collect();
        let thousandths = Rational::new(1, 1000).expect("fraction");
        let found = constant_rate(&rounded, thousandths, &[rate(60, 1)]);
        assert_eq!(found, Some(rate(30_000, 1001)));
        let long: Vec<i64> = (0..2000).map(|k| k * 600 * 12 / 289).collect();
        assert_eq!(constant_rate(&long, base, &[odd]), Some(odd));
        assert_eq!(constant_rate(&[7], base, &[odd]), Some(odd));
    }

    #[test]
    fn a_picture_that_is_missing_makes_no_other_rate() {
        let rate = |n, d| FrameRate::new(n, d).expect("positive");
        let (ntsc, thirty) = (rate(30_000, 1001), rate(30, 1));
        let gaps = |rate: FrameRate, ticks: i64, missing: &[u64], pictures: u64| {
            let seen = (0..pictures).filter(|k| !missing.contains(k));
            let stamp = |k| (rate.time_of(k) * Rational::integer(ticks)).round();
            let stamps: Vec<i64> = seen.map(stamp).collect();
            let mut gaps: Vec<i64> = stamps.windows(2).map(|w| w[1] - w[0]).collect();
            gaps.sort_unstable();
            gaps
        };
        let usual = |gaps: &[i64], ticks, declared: &[FrameRate]| {
            usual_rate(gaps, Rational::integer(ticks), declared)
        };
        // The mean tells; in a few pictures, the container does.
        for film in [ntsc, thirty] {
            let long = gaps(film, 1000, &[50], 400);
            assert_eq!(usual(&long, 1000, &[]), Some(film));
            let short = gaps(film, 1000, &[9], 20);
            assert_eq!(usual(&short, 1000, &[film]), Some(film));
        }
        // It is not believed where the pictures say otherwise.
        let long = gaps(ntsc, 600, &[50, 200], 2000);
        assert_eq!(usual(&long, 600, &[thirty]), Some(ntsc));
        assert_eq!(usual(&[], 600, &[thirty]), None);
        assert_eq!(usual(&[1 << 47; 1000], 1 << 31, &[thirty]), None);
    }

    #[test]
    fn film_that_is_shown_as_television_keeps_the_rate_of_film() {
        // Fields of 1001/60000 s, three and two in turn.
        let base = Rational::new(1, 90_000).expect("fraction");
        let pulled: Vec<i64> = (0..24).map(|k| (k * 5 + 1) / 2 * 3003 / 2).collect();
        let film = FrameRate::new(24_000, 1001).expect("positive");
        assert_eq!(constant_rate(&pulled, base, &[]), Some(film));
    }

    #[test]
    fn a_part_that_is_filmed_faster_keeps_its_pictures() {
        let rate = |n, d| FrameRate::new(n, d).expect("positive");
        let ticks = Rational::integer(600);
        // So many pictures at 24, then at 30.
        let mixed = |slow: i64, fast: i64| -> Vec<i64> {
            let slow_ones = (0..slow).map(|k| k * 25);
            slow_ones
                .chain((0..fast).map(|k| slow * 25 + k * 20))
                .collect()
        };
        let found = |stamps: &[i64], usual| rate_of_faster_part(stamps, ticks, usual);
        assert_eq!(found(&mixed(144, 120), rate(24, 1)), Some(rate(30, 1)));
        assert_eq!(found(&mixed(144, 20), rate(24, 1)), None);
        assert_eq!(found(&mixed(100, 300), rate(30, 1)), None);
        // Trembling is no other rate, nor is film shown as television.
        let trembling: Vec<i64> = (0..200)
            .map(|k| k * 20 + [0, 9, -9, 5][k as usize % 4])
            .collect();
        assert_eq!(found(&trembling, rate(30, 1)), None);
        let pulled: Vec<i64> = (0..200).map(|k| (k * 5 + 1) / 2 * 10).collect();
        assert_eq!(found(&pulled, rate(24, 1)), None);
        assert_eq!(found(&[0], rate(24, 1)), None);
    }

    #[test]
    fn slow_clips_repeat_each_picture_as_often() {
        let nearest = |n, d| nearest_standard(publishable(FrameRate::new(n, d).expect("positive")));
        let thirty = FrameRate::new(30, 1).expect("positive");
        assert_eq!(nearest(15, 1), thirty);
        assert_eq!(nearest(10, 1), thirty);
        assert_eq!(nearest(49, 4), FrameRate::new(25, 1).expect("positive"));
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
