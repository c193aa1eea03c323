//! Exact time: rationals, frame rates, half-open frame ranges, and times as
//! people write them.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Sub};

/// An exact fraction, always reduced, with a positive denominator.
///
/// Arithmetic goes through `i128`, so the times and rates of any real clip
/// stay far from overflow; a result that does not fit in 64 bits panics rather
/// than being wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "(i64, i64)", try_from = "(i64, i64)")]
pub struct Rational {
    num: i64,
    den: i64,
}

impl Rational {
    pub const ZERO: Rational = Rational { num: 0, den: 1 };

    /// `num / den`, or `None` when `den` is zero.
    pub fn new(num: i64, den: i64) -> Option<Rational> {
        (den != 0).then(|| Rational::reduced(i128::from(num), i128::from(den)))
    }

    pub const fn integer(num: i64) -> Rational {
        Rational { num, den: 1 }
    }

    pub fn milliseconds(ms: i64) -> Rational {
        Rational::reduced(i128::from(ms), 1000)
    }

    fn reduced(num: i128, den: i128) -> Rational {
        Rational::checked(num, den).expect("a time or a rate beyond 64 bits")
    }

    fn checked(num: i128, den: i128) -> Option<Rational> {
        let divisor = gcd(num.unsigned_abs(), den.unsigned_abs()).max(1) as i128;
        let sign = if den < 0 { -1 } else { 1 };
        let narrow = |v: i128| i64::try_from(sign * v / divisor).ok();
        Some(Rational {
            num: narrow(num)?,
            den: narrow(den)?,
        })
    }

    /// The product, or `None` beyond 64 bits: for numbers that a clip claims.
    pub fn checked_mul(self, o: Rational) -> Option<Rational> {
        Rational::checked(
            i128::from(self.num) * i128::from(o.num),
            i128::from(self.den) * i128::from(o.den),
        )
    }

    /// The difference, or `None` beyond 64 bits.
    pub fn checked_sub(self, o: Rational) -> Option<Rational> {
        Rational::checked(
            i128::from(self.num) * i128::from(o.den) - i128::from(o.num) * i128::from(self.den),
            i128::from(self.den) * i128::from(o.den),
        )
    }

    pub fn num(self) -> i64 {
        self.num
    }

    pub fn den(self) -> i64 {
        self.den
    }

    pub fn is_negative(self) -> bool {
        self.num < 0
    }

    /// The inverse, or `None` for zero.
    pub fn inverse(self) -> Option<Rational> {
        Rational::new(self.den, self.num)
    }

    /// The largest integer that is not above the value.
    pub fn floor(self) -> i64 {
        self.num.div_euclid(self.den)
    }

    /// The smallest integer that is not below the value.
    pub fn ceil(self) -> i64 {
        -(-self.num).div_euclid(self.den)
    }

    /// The nearest integer; halves go up.
    pub fn round(self) -> i64 {
        let twice = 2 * i128::from(self.num) + i128::from(self.den);
        let floor = twice.div_euclid(2 * i128::from(self.den));
        i64::try_from(floor).expect("a rounded value fits where its parts did")
    }

    /// For display and for logarithms only: never for deciding where a frame lies.
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl From<Rational> for (i64, i64) {
    fn from(r: Rational) -> Self {
        (r.num, r.den)
    }
}

impl TryFrom<(i64, i64)> for Rational {
    type Error = &'static str;
    fn try_from((num, den): (i64, i64)) -> Result<Self, Self::Error> {
        (den != 0)
            .then(|| Rational::checked(i128::from(num), i128::from(den)))
            .flatten()
            .ok_or("a fraction with denominator zero, or beyond 64 bits")
    }
}

impl Add for Rational {
    type Output = Rational;
    fn add(self, o: Rational) -> Rational {
        Rational::reduced(
            i128::from(self.num) * i128::from(o.den) + i128::from(o.num) * i128::from(self.den),
            i128::from(self.den) * i128::from(o.den),
        )
    }
}

impl Sub for Rational {
    type Output = Rational;
    fn sub(self, o: Rational) -> Rational {
        self + o * Rational::integer(-1)
    }
}

impl Mul for Rational {
    type Output = Rational;
    fn mul(self, o: Rational) -> Rational {
        Rational::reduced(
            i128::from(self.num) * i128::from(o.num),
            i128::from(self.den) * i128::from(o.den),
        )
    }
}

impl Ord for Rational {
    fn cmp(&self, o: &Rational) -> Ordering {
        (i128::from(self.num) * i128::from(o.den)).cmp(&(i128::from(o.num) * i128::from(self.den)))
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, o: &Rational) -> Option<Ordering> {
        Some(self.cmp(o))
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// Frames per second: positive and exact (30000/1001, never 29.97).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Rational", into = "Rational")]
pub struct FrameRate(Rational);

impl FrameRate {
    /// `None` unless the rate is above zero.
    pub fn new(num: i64, den: i64) -> Option<FrameRate> {
        FrameRate::try_from(Rational::new(num, den)?).ok()
    }

    pub fn rational(self) -> Rational {
        self.0
    }

    pub fn num(self) -> i64 {
        self.0.num
    }

    pub fn den(self) -> i64 {
        self.0.den
    }

    /// Frames in a closed GOP: round(2 × rate), at least one
    /// (HLS authoring: a key frame every 2 s).
    pub fn gop(self) -> u64 {
        (self.0 * Rational::integer(2)).round().max(1) as u64
    }

    /// The start of frame `index`, in seconds.
    pub fn time_of(self, index: u64) -> Rational {
        Rational::integer(index as i64)
            * Rational::reduced(i128::from(self.0.den), i128::from(self.0.num))
    }

    /// The frame nearest to a time in seconds; negative times give frame 0.
    pub fn nearest_frame(self, seconds: Rational) -> u64 {
        (seconds * self.0).round().max(0) as u64
    }

    /// Frames per second as people read them ("25", "29.97").
    pub fn display(self) -> String {
        let hundredths = (self.0 * Rational::integer(100)).round();
        match (hundredths / 100, hundredths % 100) {
            (whole, 0) => whole.to_string(),
            (whole, part) => format!("{whole}.{part:02}"),
        }
    }
}

impl TryFrom<Rational> for FrameRate {
    type Error = &'static str;
    fn try_from(r: Rational) -> Result<Self, Self::Error> {
        if r > Rational::ZERO {
            Ok(FrameRate(r))
        } else {
            Err("a frame rate that is not positive")
        }
    }
}

impl From<FrameRate> for Rational {
    fn from(rate: FrameRate) -> Rational {
        rate.0
    }
}

impl fmt::Debug for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} fps", self.0)
    }
}

/// A half-open run of frames, `start` included, `end` not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct FrameRange {
    pub start: u64,
    pub end: u64,
}

impl FrameRange {
    /// The range, or an empty one at `start` when `end` lies before it.
    pub fn new(start: u64, end: u64) -> FrameRange {
        FrameRange {
            start,
            end: end.max(start),
        }
    }

    pub fn len(self) -> u64 {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn contains(self, frame: u64) -> bool {
        (self.start..self.end).contains(&frame)
    }

    /// What both ranges cover; empty when they do not meet.
    pub fn intersection(self, other: FrameRange) -> FrameRange {
        FrameRange::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// A time in the clip as somebody wrote it: seconds, and frames when the form
/// was `hh:mm:ss:ff`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WrittenTime {
    pub seconds: Rational,
    /// Frames beyond `seconds`; their length is known once the clip's rate is.
    pub frames: u32,
    /// What stands in the file, for messages.
    pub text: String,
}

impl WrittenTime {
    /// The position in seconds in a clip of this rate.
    pub fn resolve(&self, rate: FrameRate) -> Rational {
        self.seconds + rate.time_of(u64::from(self.frames))
    }

    /// The classic slip of a spreadsheet: 01:20:00 typed for 1 min 20. The
    /// same digits read one unit smaller (hours as minutes), when that is what
    /// was probably meant: whole minutes' worth of hours and no seconds.
    pub fn read_one_unit_smaller(&self) -> Option<Rational> {
        let sixtieth = self.seconds * Rational::reduced(1, 60);
        (self.frames == 0 && sixtieth.den == 1 && sixtieth.num >= 1).then_some(sixtieth)
    }
}

/// A calendar day; no time, no zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// `None` for a day that the calendar does not have.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Date> {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1..=last).contains(&day) && (1..=9999).contains(&year)).then_some(Date {
            year,
            month,
            day,
        })
    }

    /// Days since 1970-01-01 (days-from-civil, proleptic Gregorian).
    pub fn days_since_epoch(self) -> i64 {
        let y = i64::from(self.year) - i64::from(self.month <= 2);
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let shifted_month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// ISO `YYYY-MM-DD`.
    pub fn parse_iso(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
        // Digits only: `parse` alone would take a sign.
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let lengths = y.len() == 4 && m.len() == 2 && d.len() == 2;
        let exact = digits && lengths && parts.next().is_none();
        exact.then(|| Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?))?
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl From<Date> for String {
    fn from(d: Date) -> String {
        d.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = String;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        Date::parse_iso(&s).ok_or_else(|| format!("not a date: {s}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ntsc_frames_are_exact() {
        let rate = FrameRate::new(30000, 1001).expect("positive");
        assert_eq!(rate.gop(), 60);
        assert_eq!(
            rate.time_of(180),
            Rational::new(180_180, 30_000).expect("fraction")
        );
        assert_eq!(rate.display(), "29.97");
    }

    #[test]
    fn one_hour_twenty_may_mean_one_minute_twenty() {
        let t = WrittenTime {
            seconds: Rational::integer(4800),
            frames: 0,
            text: "01:20:00".into(),
        };
        assert_eq!(t.read_one_unit_smaller(), Some(Rational::integer(80)));
    }

    #[test]
    fn days_count_from_the_epoch() {
        assert_eq!(Date::new(1970, 1, 1).map(Date::days_since_epoch), Some(0));
        assert_eq!(
            Date::new(2000, 3, 1).map(Date::days_since_epoch),
            Some(11_017)
        );
        assert_eq!(Date::new(2025, 2, 29), None);
    }

    proptest! {
        #[test]
        fn a_frame_is_nearest_to_its_own_time(index in 0u64..1_000_000, num in 1i64..240_000, den in 1i64..2000) {
            let rate = FrameRate::new(num, den).expect("positive");
            prop_assert_eq!(rate.nearest_frame(rate.time_of(index)), index);
        }

        #[test]
        fn floor_round_and_ceil_enclose(num in -1_000_000i64..1_000_000, den in 1i64..5000) {
            let r = Rational::new(num, den).expect("fraction");
            prop_assert!(Rational::integer(r.floor()) <= r && r <= Rational::integer(r.ceil()));
            prop_assert!((r.round() - r.floor()) <= 1);
        }
    }
}
