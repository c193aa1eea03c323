//! Words for diagnostics, in French for a coordinator who is no engineer, and
//! in English. A sentence says where and what, a hint what to do; `full` is
//! both. One file per language; a new problem needs a sentence in each.

mod english;
mod french;

use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::geometry::Size;
use crate::values::ids::{Id, Language};
use crate::values::time::{FrameRate, Rational};

/// A language that portevoix speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    French,
    English,
}

impl Lang {
    /// French for any kind of French, English for everybody else.
    pub fn of(language: &Language) -> Lang {
        if language.is_french() {
            Lang::French
        } else {
            Lang::English
        }
    }
}

/// Sizes of pictures, one after the other: "360×640, 720×1280".
fn pictures(sizes: &[Size]) -> String {
    let one = |size: &Size| format!("{}×{}", size.width, size.height);
    sizes.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Where, and what is wrong: "Capsule jpp-12, capsules.csv, row 13, column
/// date (G): …".
pub fn sentence(diagnostic: &Diagnostic, lang: Lang) -> String {
    let body = match lang {
        Lang::French => french::body(&diagnostic.problem),
        Lang::English => english::body(&diagnostic.problem),
    };
    let head = head(diagnostic, lang);
    if head.is_empty() {
        return capitalised(&body);
    }
    let colon = match lang {
        Lang::French => "\u{a0}: ",
        Lang::English => ": ",
    };
    format!("{head}{colon}{body}")
}

/// What to do about it, where there is something to do.
pub fn hint(diagnostic: &Diagnostic, lang: Lang) -> Option<String> {
    match lang {
        Lang::French => french::hint(diagnostic),
        Lang::English => english::hint(diagnostic),
    }
}

/// Sentence and hint.
pub fn full(diagnostic: &Diagnostic, lang: Lang) -> String {
    let sentence = sentence(diagnostic, lang);
    match hint(diagnostic, lang) {
        Some(hint) => format!("{sentence} {hint}"),
        None => sentence,
    }
}

/// A place as one would say it; empty for the series as a whole.
pub fn place(place: &Place, lang: Lang) -> String {
    match lang {
        Lang::French => french::place(place),
        Lang::English => english::place(place),
    }
}

/// Whom and where a sentence is about. Of a card's text the card is named, and
/// the cell to correct is left to the hint.
fn head(diagnostic: &Diagnostic, lang: Lang) -> String {
    let capsule = diagnostic
        .capsule
        .as_ref()
        .map(|id| format!("Capsule {id}"));
    let spot = match card(&diagnostic.problem) {
        Some(card) => match lang {
            Lang::French => french::card(card),
            Lang::English => english::card(card),
        },
        None => spot(diagnostic, lang),
    };
    let parts: Vec<String> = capsule
        .into_iter()
        .chain([spot])
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}

/// Of captions the line is enough: their editors show no columns.
fn spot(diagnostic: &Diagnostic, lang: Lang) -> String {
    match (&diagnostic.problem, &diagnostic.place) {
        (Problem::CaptionFault { .. }, Place::Text { path, line, .. }) => match lang {
            Lang::French => format!("{path}, ligne {line}"),
            Lang::English => format!("{path}, line {line}"),
        },
        (Problem::CueBreach { start, .. }, Place::Text { path, line, .. }) => {
            let at = cue_time(*start);
            match lang {
                Lang::French => format!("{path}, ligne {line}, à {at}"),
                Lang::English => format!("{path}, line {line}, at {at}"),
            }
        }
        (_, elsewhere) => place(elsewhere, lang),
    }
}

/// Of how many filmed frames one is published, above 60 a second.
fn one_in(filmed: FrameRate) -> i64 {
    let most = Rational::integer(60).inverse().unwrap_or(Rational::ZERO);
    (filmed.rational() * most).ceil()
}

fn card(problem: &Problem) -> Option<&str> {
    match problem {
        Problem::CardOverflow { card, .. }
        | Problem::MissingGlyph { card, .. }
        | Problem::QrTooLong { card, .. }
        | Problem::CardFieldUnknown { card, .. } => Some(card),
        _ => None,
    }
}

/// With a capital first, unless a file's name comes first.
/// What a card is called, as a heading.
pub fn card_heading(card: &str, lang: Lang) -> String {
    capitalised(&match lang {
        Lang::French => french::card(card),
        Lang::English => english::card(card),
    })
}

fn capitalised(text: &str) -> String {
    // A path at the start stays as it is written.
    if text
        .split_whitespace()
        .next()
        .is_some_and(|word| word.contains('/'))
    {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Seconds as whole hundredths or thousandths; where that is beyond all
/// measure, the most there is, because words never fail.
fn parts_of(seconds: Rational, parts: i64) -> i64 {
    let beyond = match seconds.is_negative() {
        true => i64::MIN,
        false => i64::MAX,
    };
    let parts = seconds.checked_mul(Rational::integer(parts));
    parts.map_or(beyond, Rational::round)
}

/// `1:20` or `1:20.5`: minutes and seconds, to the hundredth, as a cut is
/// written.
pub(crate) fn clock(seconds: Rational, decimal_mark: char) -> String {
    let hundredths = parts_of(seconds, 100).max(0);
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    let clock = match hours {
        0 => format!("{minutes}:{rest:02}"),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    };
    match part {
        0 => clock,
        part => format!("{clock}{decimal_mark}{part:02}"),
    }
}

/// The first few of these characters with their numbers: letters of many scripts
/// look like boxes in a terminal.
fn coded(characters: &str, quoted: fn(char) -> String) -> String {
    const SHOWN: usize = 6;
    let shown = characters.chars().take(SHOWN);
    let shown = shown.map(|c| format!("{} (U+{:04X})", quoted(c), u32::from(c)));
    let list = shown.collect::<Vec<_>>().join(", ");
    match characters.chars().count() > SHOWN {
        true => format!("{list}…"),
        false => list,
    }
}

/// `--remove a --remove b`, as it is typed.
fn removals(ids: &[Id]) -> String {
    let flags: Vec<String> = ids.iter().map(|id| format!("--remove {id}")).collect();
    flags.join(" ")
}

/// A duration with as many decimals as it needs, three at most.
fn lasting(duration: Rational, decimal_mark: char) -> String {
    let ms = parts_of(duration, 1000);
    let sign = if ms < 0 { "−" } else { "" };
    let (whole, part) = (ms.unsigned_abs() / 1000, ms.unsigned_abs() % 1000);
    let decimals = format!("{part:03}");
    match decimals.trim_end_matches('0') {
        "" => format!("{sign}{whole} s"),
        decimals => format!("{sign}{whole}{decimal_mark}{decimals} s"),
    }
}

/// A time as caption files write it.
fn cue_time(seconds: Rational) -> String {
    let ms = parts_of(seconds, 1000).max(0);
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02},{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

/// Lines of a cue in one sentence: "first / second".
fn cue_lines(lines: &[String]) -> String {
    lines.join(" / ")
}

/// Hundredths as a decimal to one place: −23.1.
pub(crate) fn hundredths(value: i32, decimal_mark: char) -> String {
    let tenths = (f64::from(value) / 10.0).round() as i32;
    let sign = if tenths < 0 { "−" } else { "" };
    let tenths = tenths.unsigned_abs();
    format!("{sign}{}{decimal_mark}{}", tenths / 10, tenths % 10)
}

/// Some and the last few, as in a sentence.
fn listed<T: AsRef<str>>(items: &[T], and: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [others @ .., last] => {
            let others: Vec<&str> = others.iter().map(AsRef::as_ref).collect();
            format!("{} {and} {}", others.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests;
