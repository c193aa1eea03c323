//! The timing line of a cue: times as the WebVTT specification reads them and
//! as people write them, and the cue settings.

/// What a line is, as far as timing goes.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    Timing(Timing<'a>),
    /// It has an arrow and cannot be read.
    Unreadable,
    Other,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) struct Timing<'a> {
    /// Milliseconds.
    pub start: i64,
    pub end: i64,
    /// What stands behind the times.
    pub rest: &'a str,
    /// As the WebVTT specification has it, to the letter.
    pub exact: bool,
}

/// `tolerant` also takes forms that are common in SRT files and that WebVTT
/// gives another meaning or refuses to the letter of its tests.
pub(super) fn line(line: &str, tolerant: bool) -> Line<'_> {
    match timing(line, tolerant) {
        Some(timing) => Line::Timing(timing),
        None if line.contains("-->") => Line::Unreadable,
        None => Line::Other,
    }
}

fn timing(line: &str, tolerant: bool) -> Option<Timing<'_>> {
    let start = time(blanks(line), tolerant)?;
    let (rest, exact_arrow) = arrow(blanks(start.rest))?;
    let end = time(blanks(rest), tolerant)?;
    Some(Timing {
        start: start.ms,
        end: end.ms,
        rest: end.rest,
        exact: start.exact && end.exact && exact_arrow,
    })
}

/// What separates, to the letter; and the no-break space, which nobody sees.
const BLANKS: [char; 4] = [' ', '\t', '\u{C}', '\u{A0}'];

fn blanks(s: &str) -> &str {
    s.trim_start_matches(BLANKS)
}

/// `-->`, or what word processors and hasty hands make of it.
fn arrow(s: &str) -> Option<(&str, bool)> {
    if let Some(rest) = s.strip_prefix("-->") {
        return Some((rest, true));
    }
    let dashes = s.trim_start_matches(['-', '\u{2013}', '\u{2014}', ' ']);
    let rest = dashes.strip_prefix('>')?;
    (dashes.len() < s.len()).then_some((rest, false))
}

struct Time<'a> {
    ms: i64,
    rest: &'a str,
    exact: bool,
}

fn time(s: &str, tolerant: bool) -> Option<Time<'_>> {
    // Machine translation likes to write "00: 00: 01, 500".
    let gap = |s: &'static [char], rest: &str| -> usize {
        if tolerant {
            rest.len() - rest.trim_start_matches(s).len()
        } else {
            0
        }
    };
    let (first, mut rest) = number(s)?;
    let mut parts = vec![first];
    while parts.len() < 4 {
        let Some(after) = rest.strip_prefix(':') else {
            break;
        };
        let (part, tail) = number(&after[gap(&[' '], after)..])?;
        parts.push(part);
        rest = tail;
    }
    let mut fraction = None;
    let separator = rest.chars().next().filter(|c| matches!(c, '.' | ','));
    if separator.is_some() {
        let after = &rest[1..];
        let (digits, tail) = number(&after[gap(&[' '], after)..])?;
        fraction = Some(digits);
        rest = tail;
    }
    // "00:01:00:500" is a slip for "00:01:00,500"; two digits would be frames,
    // whose length nobody can know here.
    if parts.len() == 4 {
        let last = parts.pop()?;
        if !tolerant || last.len() != 3 || fraction.is_some() {
            return None;
        }
        fraction = Some(last);
    }
    let (hours, minutes, seconds) = match parts[..] {
        [m, s] => ("0", m, s),
        [h, m, s] => (h, m, s),
        _ => return None,
    };
    let small = |digits: &str| digits.parse::<i64>().ok().filter(|v| *v < 60);
    let hours: i64 = if hours.len() <= 10 {
        hours.parse().ok()?
    } else {
        return None;
    };
    let (minute, second) = (small(minutes)?, small(seconds)?);
    let exact = minutes.len() == 2
        && seconds.len() == 2
        && separator == Some('.')
        && fraction.is_some_and(|f| f.len() == 3);
    let ends_well = rest.is_empty()
        || rest.starts_with(BLANKS)
        || rest.starts_with(['-', '\u{2013}', '\u{2014}']);
    (exact || ends_well).then(|| Time {
        ms: ((hours * 60 + minute) * 60 + second) * 1000 + fraction.map_or(0, milliseconds),
        rest,
        exact,
    })
}

/// A run of digits and what follows it.
fn number(s: &str) -> Option<(&str, &str)> {
    let end = s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    (end > 0).then(|| s.split_at(end))
}

/// Digits after the decimal sign: "5" is half a second, "50" too; beyond the
/// millisecond they are cut off.
fn milliseconds(digits: &str) -> i64 {
    let mut digits = digits.bytes().map(|b| i64::from(b - b'0'));
    (0..3).fold(0, |ms, _| ms * 10 + digits.next().unwrap_or(0))
}

/// The valid settings in a fixed order, and those that are not. A region is
/// never valid: the sidecar that we write defines none.
pub(super) fn settings(rest: &str) -> (Option<String>, Vec<String>) {
    let mut kept: [Option<String>; 5] = Default::default();
    let mut dropped = Vec::new();
    for setting in rest.split(BLANKS).filter(|s| !s.is_empty()) {
        let (name, value) = setting.split_once(':').unwrap_or((setting, ""));
        let (slot, valid) = match name {
            "vertical" => (0, one_of(value, &["rl", "lr"])),
            "line" => (
                1,
                aligned(value, &["start", "center", "end"], |v| {
                    percentage(v) || line_number(v)
                }),
            ),
            "position" => (
                2,
                aligned(value, &["line-left", "center", "line-right"], percentage),
            ),
            "size" => (3, percentage(value).then(|| value.to_owned())),
            // "middle" is what an early draft called "center".
            "align" if value == "middle" => (4, Some("center".to_owned())),
            "align" => (
                4,
                one_of(value, &["start", "center", "end", "left", "right"]),
            ),
            _ => (0, None),
        };
        match valid {
            Some(value) => kept[slot] = Some(format!("{name}:{value}")),
            None => dropped.push(setting.to_owned()),
        }
    }
    let kept: Vec<String> = kept.into_iter().flatten().collect();
    ((!kept.is_empty()).then(|| kept.join(" ")), dropped)
}

fn one_of(value: &str, allowed: &[&str]) -> Option<String> {
    allowed.contains(&value).then(|| value.to_owned())
}

/// A value with an optional alignment behind a comma.
fn aligned(value: &str, allowed: &[&str], valid: impl Fn(&str) -> bool) -> Option<String> {
    let (number, alignment) = match value.split_once(',') {
        Some((number, alignment)) => (number, Some(alignment)),
        None => (value, None),
    };
    let good = valid(number) && alignment.is_none_or(|a| allowed.contains(&a));
    good.then(|| value.to_owned())
}

/// Digits, a minus in front, one full stop between digits; of any size.
fn line_number(value: &str) -> bool {
    let number = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(fraction)
}

fn digits(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())
}

/// From 0 % to 100 %, fractions allowed, of any length.
fn percentage(value: &str) -> bool {
    let Some(number) = value.strip_suffix('%') else {
        return false;
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let size = whole.trim_start_matches('0');
    let most = size == "100" && fraction.bytes().all(|b| b == b'0');
    digits(whole) && digits(fraction) && (size.len() < 3 || most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(text: &str, tolerant: bool) -> Option<(i64, i64, bool)> {
        match line(text, tolerant) {
            Line::Timing(t) => Some((t.start, t.end, t.exact)),
            _ => None,
        }
    }

    #[test]
    fn webvtt_to_the_letter() {
        for (text, expected) in [
            ("00:01.500 --> 00:02.000", (1500, 2000)),
            ("00:00:01.500-->01:00:02.000", (1500, 3_602_000)),
            (
                "100:00:00.000 --> 100:00:00.001 line:0",
                (360_000_000, 360_000_001),
            ),
            ("0:00:00.000 --> 0:00:00.500", (0, 500)),
        ] {
            assert_eq!(
                times(text, false),
                Some((expected.0, expected.1, true)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_people_write() {
        for (text, expected) in [
            ("00:00:01,5 --> 00:00:02", (1500, 2000)),
            ("1:2:3,4567 -> 01:02:04,04", (3_723_456, 3_724_040)),
            ("00: 00: 01, 500 \u{2013}> 00: 00: 02, 000", (1500, 2000)),
            ("00:01:00:500 --> 00:01:01:000", (60_500, 61_000)),
        ] {
            assert_eq!(
                times(text, true),
                Some((expected.0, expected.1, false)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_nobody_can_read() {
        for text in [
            "00:60:00.000 --> 01:00:00.000",
            "00:00:01:12 --> 00:00:02:12",
            "5 --> 6",
            "00:00:01.000 00:00:02.000",
            "-00:00:01.000 --> 00:00:02.000",
            "99999999999:00:00.000 --> 99999999999:00:01.000",
            "00:00:01.0\u{FFFD}0 --> 00:00:02.000",
        ] {
            assert_eq!(times(text, true), None, "{text}");
        }
        assert_eq!(line("a --> b", true), Line::Unreadable);
        assert_eq!(line("plain words", true), Line::Other);
    }

    #[test]
    fn settings_are_kept_when_valid_in_one_order() {
        assert_eq!(
            settings(" align:middle position:10%,line-left line:-1,end size:33.3%"),
            (
                Some("line:-1,end position:10%,line-left size:33.3% align:center".into()),
                vec![]
            )
        );
        let (kept, dropped) = settings("region:bill size:101% X1:40 line:1% line:2%\talign");
        assert_eq!(kept.as_deref(), Some("line:2%"));
        assert_eq!(dropped, ["region:bill", "size:101%", "X1:40", "align"]);
        let (kept, dropped) = settings("line:1.5\u{C}position:100.000000000000% size:00050%");
        let all = "line:1.5 position:100.000000000000% size:00050%";
        assert_eq!((kept.as_deref(), dropped.len()), (Some(all), 0));
        let (kept, dropped) =
            settings("line:-123456789 line:1. line:.5 line:--1 line:1-2 line:1.2.3");
        assert_eq!(
            (kept.as_deref(), dropped.len()),
            (Some("line:-123456789"), 5)
        );
    }
}
