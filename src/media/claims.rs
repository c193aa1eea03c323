//! What a clip claims of time and number, held against what can be reckoned
//! with: a header may hold any number, and arithmetic on it must not end us.

use crate::media::timing::Timing;
use crate::values::facts::ProbeFailure;
use crate::values::reckoning::{self, LATEST};
pub(super) use crate::values::reckoning::{MAX_PACKETS, MAX_SECONDS};
use crate::values::time::Rational;

/// Times are added to others later on, and counted in frames and samples.
pub(super) fn check_reckonable(timing: &Timing, clock_zero: Rational) -> Result<(), ProbeFailure> {
    reckoning::check(timing.rate, timing.frames, timing.start, clock_zero)
}

/// Whether a number of ticks may be a time: what lies beyond is none, and too
/// large to reckon with.
pub(super) fn is_time(ticks: i64, base: Rational) -> bool {
    is_within(ticks, base, LATEST)
}

/// Whether so many ticks since the first picture are a length that is read.
pub(super) fn lasts_at_most_a_day(ticks: i64, base: Rational) -> bool {
    is_within(ticks, base, MAX_SECONDS)
}

/// Longest that one picture is shown, in seconds: a slide is talked about for
/// minutes; beyond that a time stamp is mistaken, or a clock was set anew.
const LONGEST_PICTURE: i64 = 600;

/// Refuses so many ticks between two pictures, when they are too many.
pub(super) fn check_gap(ticks: i64, base: Rational) -> Result<(), ProbeFailure> {
    if is_within(ticks, base, LONGEST_PICTURE) {
        return Ok(());
    }
    Err(ProbeFailure::BeyondLimits {
        what: "gap between pictures".into(),
        found: whole_seconds(ticks, base),
        limit: LONGEST_PICTURE.unsigned_abs(),
    })
}

fn is_within(ticks: i64, base: Rational, limit: i64) -> bool {
    let seconds = i128::from(ticks.unsigned_abs()) * i128::from(base.num());
    seconds <= i128::from(limit) * i128::from(base.den())
}

pub(super) fn beyond_a_day(ticks: i64, base: Rational) -> ProbeFailure {
    ProbeFailure::BeyondLimits {
        what: "duration".into(),
        found: whole_seconds(ticks, base),
        limit: MAX_SECONDS.unsigned_abs(),
    }
}

fn whole_seconds(ticks: i64, base: Rational) -> u64 {
    let seconds = i128::from(ticks.unsigned_abs()) * i128::from(base.num());
    u64::try_from(seconds / i128::from(base.den())).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::time::FrameRate;

    fn timing(rate: (i64, i64), frames: u64, start: (i64, i64)) -> Timing {
        let rate = FrameRate::new(rate.0, rate.1).expect("positive");
        Timing {
            rate,
            filmed: rate,
            variable: false,
            frames,
            start: Rational::new(start.0, start.1).expect("a fraction"),
            lowest: rate,
            highest: rate,
        }
    }

    #[test]
    fn real_clocks_can_be_reckoned_with_and_absurd_ones_cannot() {
        let hour = 3600 * 30;
        let zero = Rational::ZERO;
        let odd = Rational::new(23, 44_100).expect("a fraction");
        let nanoseconds = (33_366_667, 1_000_000_000);
        assert!(check_reckonable(&timing((25, 1), hour, (0, 1)), zero).is_ok());
        assert!(check_reckonable(&timing((30_000, 1001), hour, (1001, 90_000)), odd).is_ok());
        assert!(check_reckonable(&timing((30_000, 1001), hour, nanoseconds), zero).is_ok());
        // The average rate of a telephone, over its own clock.
        assert!(
            check_reckonable(&timing((73_890_000, 2_464_993), hour, (1, 90_000)), zero).is_ok()
        );
        let absurd = timing((2_147_483_647, 71_582_789), hour, (1, 2_147_483_629));
        assert!(check_reckonable(&absurd, zero).is_err());
        let fine = timing((25, 1), hour, (1, 1 << 40));
        assert!(check_reckonable(&fine, zero).is_err());
    }

    #[test]
    fn a_time_is_within_days_whatever_its_unit() {
        let base = |num, den| Rational::new(num, den).expect("a fraction");
        assert!(is_time(86_400 * 90_000, base(1, 90_000)));
        assert!(is_time(-86_400, base(1, 1)));
        assert!(!is_time(i64::MIN, base(1, 90_000)));
        assert!(!is_time(i64::MAX, base(i64::from(i32::MAX), 1)));
        assert!(!is_time(28 * 3600 + 1, base(1, 1)));
        assert!(lasts_at_most_a_day(86_400, base(1, 1)));
        assert!(!lasts_at_most_a_day(86_401, base(1, 1)));
    }

    #[test]
    fn a_picture_may_stay_for_minutes_and_not_for_a_day() {
        let base = Rational::new(1, 90_000).expect("a fraction");
        assert_eq!(check_gap(0, base), Ok(()));
        assert_eq!(check_gap(600 * 90_000, base), Ok(()));
        let refused = check_gap(23 * 3600 * 90_000, base);
        assert_eq!(
            refused,
            Err(ProbeFailure::BeyondLimits {
                what: "gap between pictures".into(),
                found: 23 * 3600,
                limit: 600,
            })
        );
    }
}
