//! Times, dates and ranges as people write them. Pure: text in, value or
//! nothing out. What is ambiguous is nothing: a cut that is guessed is wrong.

use crate::values::time::{Date, Rational, WrittenTime};
use std::cmp::Ordering;

/// Reads `1:20`, `01:20.5`, `1:20,5`, `hh:mm:ss`, `hh:mm:ss.mmm`,
/// `hh:mm:ss:ff`, `1 min 20`, `1 h 2 min 3,5 s`, `80 s`.
///
/// A bare number is refused (80 what?), and so is `1:5` (1:05 or 1:50?).
pub fn parse_time(text: &str) -> Option<WrittenTime> {
    let text = text.trim();
    let (seconds, frames) = if text.contains(':') {
        colon_time(text)?
    } else {
        (unit_time(text)?, 0)
    };
    Some(WrittenTime {
        seconds,
        frames,
        text: text.to_owned(),
    })
}

/// A time cell of a spreadsheet, which holds milliseconds and no text.
pub fn time_of_milliseconds(ms: u64) -> Option<WrittenTime> {
    let seconds = Rational::milliseconds(i64::try_from(ms).ok()?);
    Some(WrittenTime {
        seconds,
        frames: 0,
        text: clock_text(ms),
    })
}

/// `01:20:00`, with milliseconds only where there are any.
pub fn clock_text(ms: u64) -> String {
    let (s, rest) = (ms / 1000, ms % 1000);
    let whole = format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    if rest == 0 {
        whole
    } else {
        format!("{whole}.{rest:03}")
    }
}

fn colon_time(text: &str) -> Option<(Rational, u32)> {
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    match parts.as_slice() {
        [m, s] => {
            let minutes = whole(m, 1..=4, 9999)?;
            Some((total(0, minutes, sexagesimal_seconds(s)?), 0))
        }
        [h, m, s] => {
            let (hours, minutes) = (whole(h, 1..=3, 999)?, whole(m, 2..=2, 59)?);
            Some((total(hours, minutes, sexagesimal_seconds(s)?), 0))
        }
        [h, m, s, f] => {
            let (hours, minutes) = (whole(h, 1..=3, 999)?, whole(m, 2..=2, 59)?);
            let seconds = Rational::integer(whole(s, 2..=2, 59)?);
            let frames = u32::try_from(whole(f, 2..=3, 239)?).ok()?;
            Some((total(hours, minutes, seconds), frames))
        }
        _ => None,
    }
}

fn total(hours: i64, minutes: i64, seconds: Rational) -> Rational {
    Rational::integer(hours * 3600 + minutes * 60) + seconds
}

/// Two digits below 60, then perhaps decimals.
fn sexagesimal_seconds(text: &str) -> Option<Rational> {
    let digits = text
        .split(['.', ','])
        .next()
        .filter(|whole| whole.len() == 2)?;
    whole(digits, 2..=2, 59)?;
    decimal(text)
}

fn whole(text: &str, length: std::ops::RangeInclusive<usize>, largest: i64) -> Option<i64> {
    let digits = length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits
        .then(|| text.parse().ok())?
        .filter(|value| *value <= largest)
}

/// Digits, and at most nine decimals after a dot or a comma: exact.
pub(super) fn decimal(text: &str) -> Option<Rational> {
    let (whole_part, fraction) = match text.split_once(['.', ',']) {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let units = whole(whole_part, 1..=9, i64::MAX)?;
    if fraction.is_empty() {
        return Some(Rational::integer(units));
    }
    let part = whole(fraction, 1..=9, i64::MAX)?;
    let scale = 10_i64.pow(u32::try_from(fraction.len()).ok()?);
    Some(Rational::integer(units) + Rational::new(part, scale)?)
}

/// Numbers with units, largest unit first; the last may leave its unit out
/// after minutes or hours, as in `1 min 20` and `1 h 20`.
fn unit_time(text: &str) -> Option<Rational> {
    let pieces = numbers_and_units(text)?;
    let last = pieces.len().checked_sub(1)?;
    let mut sum = Rational::ZERO;
    let mut above: Option<i64> = None;
    for (index, (number, unit)) in pieces.iter().enumerate() {
        let length = match (unit_seconds(unit), above) {
            (Some(length), _) => length,
            (None, Some(above)) if unit.is_empty() && index == last && above > 1 => above / 60,
            _ => return None,
        };
        let value = decimal(number)?;
        // Below a larger unit a number stays under 60, and only the last one
        // may have decimals: anything else is a slip.
        let slip = above.is_some_and(|above| length >= above || value >= Rational::integer(60));
        if slip || (index != last && value.den() != 1) {
            return None;
        }
        sum = sum + value * Rational::integer(length);
        above = Some(length);
    }
    (sum < Rational::integer(1000 * 3600)).then_some(sum)
}

fn numbers_and_units(text: &str) -> Option<Vec<(String, String)>> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    let mut spaced = false;
    for c in text.chars() {
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let numeral = c.is_ascii_digit() || c == '.' || c == ',';
        match pieces.last_mut() {
            // A dot after a unit closes an abbreviation ("min.").
            Some((_, unit)) if c == '.' && !unit.is_empty() => {}
            Some((number, unit)) if numeral && unit.is_empty() => {
                if spaced {
                    return None;
                }
                number.push(c);
            }
            _ if numeral => pieces.push((c.to_string(), String::new())),
            Some((_, unit)) => unit.extend(c.to_lowercase()),
            None => return None,
        }
        spaced = false;
    }
    Some(pieces)
}

fn unit_seconds(unit: &str) -> Option<i64> {
    match unit {
        "h" | "heure" | "heures" | "hour" | "hours" => Some(3600),
        "m" | "mn" | "min" | "mins" | "minute" | "minutes" | "'" | "’" | "′" => Some(60),
        "s" | "sec" | "secs" | "seconde" | "secondes" | "second" | "seconds" | "\"" | "”" | "″" => {
            Some(1)
        }
        _ => None,
    }
}

/// One range of `keep`: `0:10-0:25`; either side may be left open.
pub fn parse_range(text: &str) -> Option<(Option<WrittenTime>, Option<WrittenTime>)> {
    let (start, end) = text.trim().split_once(['-', '–', '—'])?;
    let side = |text: &str| match text.trim() {
        "" => Some(None),
        written => parse_time(written).map(Some),
    };
    let range = (side(start)?, side(end)?);
    (range != (None, None)).then_some(range)
}

/// Which of two written times comes first; `None` when only the clip's frame
/// rate can tell.
pub fn order(a: &WrittenTime, b: &WrittenTime) -> Option<Ordering> {
    let by_second = a.seconds.floor().cmp(&b.seconds.floor());
    let whole = a.seconds.den() == 1 && b.seconds.den() == 1;
    match by_second {
        Ordering::Equal if a.frames == 0 && b.frames == 0 => Some(a.seconds.cmp(&b.seconds)),
        Ordering::Equal if whole => Some(a.frames.cmp(&b.frames)),
        Ordering::Equal => None,
        different => Some(different),
    }
}

/// `2025-01-15` or `15/01/2025`, the day first.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    Date::parse_iso(text).or_else(|| {
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        let [day, month, year] = parts.as_slice() else {
            return None;
        };
        let small = |text: &str| u8::try_from(whole(text, 1..=2, 31)?).ok();
        let year = i32::try_from(whole(year, 4..=4, 9999)?).ok()?;
        Date::new(year, small(month)?, small(day)?)
    })
}

/// An ISO 8601 duration as ODS writes it (`PT1H20M00S`, `PT25H`,
/// `PT00H01M20.500000000S`), in milliseconds.
pub(super) fn iso_duration_milliseconds(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut sum = Rational::ZERO;
    for (unit, length) in [('H', 3600), ('M', 60), ('S', 1)] {
        if let Some((number, after)) = rest.split_once(unit) {
            sum = sum + decimal(number)? * Rational::integer(length);
            rest = after;
        }
    }
    let ms = (sum * Rational::integer(1000)).round();
    (rest.is_empty() && text.len() > 2).then(|| u64::try_from(ms).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(text: &str) -> Option<i64> {
        parse_time(text).map(|t| (t.seconds * Rational::integer(1000)).round())
    }

    #[test]
    fn times_as_people_write_them() {
        for text in [
            "1:20",
            "01:20",
            "1 min 20",
            "1min20s",
            "80 s",
            "80s",
            "00:01:20",
            "1'20\"",
            "80 secondes",
            "1\u{a0}min\u{202f}20",
        ] {
            assert_eq!(ms(text), Some(80_000), "{text}");
        }
        for text in ["1:20.5", "1:20,5", "80,5 s", "00:01:20.500", "1 min 20,5"] {
            assert_eq!(ms(text), Some(80_500), "{text}");
        }
        assert_eq!(ms("1 h 20"), Some(4_800_000));
        assert_eq!(ms("2 min"), Some(120_000));
        assert_eq!(ms("90:00"), Some(5_400_000));
        let frames = parse_time("00:01:20:12").expect("a time");
        assert_eq!((frames.seconds, frames.frames), (Rational::integer(80), 12));
    }

    #[test]
    fn what_could_mean_two_things_is_no_time() {
        for text in [
            "",
            "80",
            "1:5",
            "1:75",
            "1:2:3",
            "-1:20",
            "1:20:",
            "1.20",
            "soon",
            "1 20",
            "1 s 2 min",
            "1:20:61",
            "1,5 min 20",
            "20 s 30",
            "99999999999:00",
            "1:20.0000000001",
            "1 2 min",
            "١:٢٠",
            "10000 h",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_and_their_open_sides() {
        let (start, end) = parse_range(" 0:10 – 0:25 ").expect("a range");
        assert_eq!(start.map(|t| t.text).as_deref(), Some("0:10"));
        assert_eq!(end.map(|t| t.text).as_deref(), Some("0:25"));
        assert!(parse_range("0:40-").is_some_and(|(_, end)| end.is_none()));
        assert_eq!(parse_range("-"), None);
        assert_eq!(parse_range("0:10"), None);
        assert_eq!(parse_range("0:10-0:2x"), None);
    }

    #[test]
    fn frames_are_ordered_only_where_that_is_certain() {
        let t = |text: &str| parse_time(text).expect("a time");
        assert_eq!(order(&t("0:01"), &t("0:02")), Some(Ordering::Less));
        assert_eq!(
            order(&t("00:00:01:05"), &t("00:00:01:04")),
            Some(Ordering::Greater)
        );
        assert_eq!(order(&t("0:01.5"), &t("00:00:01:10")), None);
    }

    #[test]
    fn dates_in_both_orders_of_writing() {
        let day = Date::new(2025, 1, 15);
        assert_eq!(parse_date("2025-01-15"), day);
        assert_eq!(parse_date(" 15/01/2025 "), day);
        assert_eq!(parse_date("15/1/2025"), day);
        for wrong in ["31/02/2025", "01/15/2025", "15/01/25", "2025/01/15", "hier"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_of_time_cells() {
        assert_eq!(iso_duration_milliseconds("PT01H20M00S"), Some(4_800_000));
        assert_eq!(
            iso_duration_milliseconds("PT26H00M00.500000000S"),
            Some(93_600_500)
        );
        assert_eq!(iso_duration_milliseconds("PT"), None);
        assert_eq!(iso_duration_milliseconds("P1D"), None);
        assert_eq!(clock_text(93_600_500), "26:00:00.500");
    }

    proptest! {
        #[test]
        fn every_written_form_of_a_time_reads_back(total in 0u64..3_600_000_000) {
            let text = clock_text(total);
            prop_assert_eq!(ms(&text), i64::try_from(total).ok());
            prop_assert_eq!(ms(&text.replace('.', ",")), i64::try_from(total).ok());
            let (s, rest) = (total / 1000, total % 1000);
            let units = format!("{} h {} min {}.{:03} s", s / 3600, s / 60 % 60, s % 60, rest);
            prop_assert_eq!(ms(&units), (s < 3_600_000).then(|| i64::try_from(total).ok()).flatten());
            prop_assert_eq!(time_of_milliseconds(total), parse_time(&text));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "[0-9:.,hmins' ;-]{0,16}|\\PC{0,12}") {
            let _ = (parse_time(&text), parse_range(&text), parse_date(&text), iso_duration_milliseconds(&text));
        }

        #[test]
        fn order_agrees_with_the_clip_where_it_answers(a in 0u64..5000, b in 0u64..5000, fa in 0u32..25, fb in 0u32..25) {
            use crate::values::time::FrameRate;
            let rate = FrameRate::new(25, 1).expect("positive");
            let time = |s: u64, f| parse_time(&format!("{}:{f:02}", clock_text(s * 1000))).expect("a time");
            let (x, y) = (time(a, fa), time(b, fb));
            prop_assert_eq!(order(&x, &y), Some(x.resolve(rate).cmp(&y.resolve(rate))));
        }
    }
}
