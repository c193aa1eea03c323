//! Editorial rules: how much text, for how long. One file per language in
//! `subtitles/`, compiled in.

use crate::captions::Cue;
use crate::values::captions::{Breach, CueBreach};
use crate::values::ids::Language;
use crate::values::time::{FrameRate, Rational};
use serde::Deserialize;

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rules {
    pub lines: usize,
    pub characters_per_line: usize,
    pub shortest: Rational,
    pub longest: Rational,
    pub gap_frames: u64,
    tolerance_percent: i64,
    /// Rising in both; at least one.
    reading: Vec<ReadingPoint>,
}

/// So many characters are read in so many milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadingPoint {
    ms: i64,
    characters: i64,
}

/// A file in `subtitles/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    lines: usize,
    characters_per_line: usize,
    shortest_ms: i64,
    longest_ms: i64,
    gap_frames: u64,
    tolerance_percent: i64,
    reading: Vec<ReadingPoint>,
}

impl TryFrom<Written> for Rules {
    type Error = &'static str;
    fn try_from(w: Written) -> Result<Rules, Self::Error> {
        let rises = |w: &[ReadingPoint]| w[0].ms < w[1].ms && w[0].characters < w[1].characters;
        if w.reading.is_empty() || !w.reading.windows(2).all(rises) || w.reading[0].ms <= 0 {
            return Err("`reading` is to have points that rise in time and characters");
        }
        if w.shortest_ms < 0 || w.shortest_ms >= w.longest_ms || w.tolerance_percent < 0 {
            return Err("durations or tolerance that exclude every cue");
        }
        Ok(Rules {
            lines: w.lines,
            characters_per_line: w.characters_per_line,
            shortest: Rational::milliseconds(w.shortest_ms),
            longest: Rational::milliseconds(w.longest_ms),
            gap_frames: w.gap_frames,
            tolerance_percent: w.tolerance_percent,
            reading: w.reading,
        })
    }
}

impl Rules {
    /// The rules for a language, by its primary subtag.
    pub fn of(language: &Language) -> Rules {
        let primary = language.as_str().split('-').next().unwrap_or_default();
        let text = match primary {
            "fr" => include_str!("../../subtitles/fr.toml"),
            "en" => include_str!("../../subtitles/en.toml"),
            _ => include_str!("../../subtitles/default.toml"),
        };
        toml::from_str(text).expect("every file that is compiled in is read by a test")
    }

    /// How many characters can be read in this time, tolerance included.
    pub fn readable(&self, duration: Rational) -> usize {
        let (mut low, mut high) = (
            ReadingPoint {
                ms: 0,
                characters: 0,
            },
            self.reading[0],
        );
        for &point in &self.reading[1..] {
            if duration > Rational::milliseconds(high.ms) {
                (low, high) = (high, point);
            }
        }
        // Beyond the last point its own pace goes on (60 in 4 s: 15 a second),
        // not that of the last stretch, which is faster than anybody reads.
        if duration > Rational::milliseconds(high.ms) {
            low = ReadingPoint {
                ms: 0,
                characters: 0,
            };
        }
        let slope = Rational::new(high.characters - low.characters, high.ms - low.ms)
            .unwrap_or(Rational::ZERO);
        let since = duration - Rational::milliseconds(low.ms);
        let characters =
            Rational::integer(low.characters) + since * Rational::integer(1000) * slope;
        let tolerant = characters * Rational::milliseconds((100 + self.tolerance_percent) * 10);
        usize::try_from(tolerant.floor()).unwrap_or(0)
    }
}

/// Every rule that a cue breaks, by cue. `rate` is the film's: gaps are counted
/// in its frames. The cues are in order of start.
pub fn check(cues: &[Cue], rules: &Rules, rate: FrameRate) -> Vec<CueBreach> {
    let mut breaches = Vec::new();
    for (index, cue) in cues.iter().enumerate() {
        let next = cues.get(index + 1);
        let found = of_cue(cue, rules).into_iter();
        breaches.extend(
            found
                .chain(next.and_then(|n| between(cue, n, rules, rate)))
                .map(|breach| CueBreach {
                    cue: index,
                    start: cue.start,
                    breach,
                }),
        );
    }
    breaches
}

fn of_cue(cue: &Cue, rules: &Rules) -> Vec<Breach> {
    let mut found = Vec::new();
    let text = cue.plain_text();
    let duration = cue.end - cue.start;
    // A cue of a day is no matter of reading speed, and far from overflow.
    let room = rules.readable(duration.min(Rational::integer(86_400)));
    let lengths: Vec<usize> = text.lines().map(|l| l.chars().count()).collect();
    // A line break is read as a space.
    let characters = lengths.iter().sum::<usize>() + lengths.len().saturating_sub(1);
    if characters > room {
        found.push(Breach::TooFast { characters, room });
    }
    let longest = lengths.iter().max().copied().unwrap_or(0);
    if longest > rules.characters_per_line {
        found.push(Breach::LineTooLong {
            characters: longest,
            room: rules.characters_per_line,
        });
    }
    if lengths.len() > rules.lines {
        found.push(Breach::TooManyLines {
            lines: lengths.len(),
            room: rules.lines,
        });
    }
    if duration < rules.shortest {
        found.push(Breach::TooShort {
            duration,
            least: rules.shortest,
        });
    }
    if duration > rules.longest {
        found.push(Breach::TooLong {
            duration,
            most: rules.longest,
        });
    }
    found
}

fn between(cue: &Cue, next: &Cue, rules: &Rules, rate: FrameRate) -> Option<Breach> {
    if next.start < cue.end {
        return Some(Breach::Overlap {
            by: cue.end.min(next.end) - next.start,
        });
    }
    // Cue times are whole milliseconds: two frames of 29.97 fps (66.73 ms)
    // written as 66 are two frames.
    let gap = next.start - cue.end;
    let least =
        Rational::milliseconds((rate.time_of(rules.gap_frames) * Rational::integer(1000)).floor());
    (gap < least).then_some(Breach::GapTooSmall { gap, least })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(language: &str) -> Rules {
        Rules::of(&Language::new(language).expect("a language"))
    }

    fn cue(start: i64, end: i64, text: &str) -> Cue {
        Cue {
            start: Rational::milliseconds(start),
            end: Rational::milliseconds(end),
            settings: None,
            text: text.to_owned(),
        }
    }

    fn breaches(cues: &[Cue], language: &str) -> Vec<(usize, Breach)> {
        let rate = FrameRate::new(25, 1).expect("positive");
        let found = check(cues, &rules(language), rate);
        found.into_iter().map(|b| (b.cue, b.breach)).collect()
    }

    #[test]
    fn the_french_reading_table_and_its_tolerance() {
        let fr = rules("fr-CA");
        for (ms, characters) in [
            (1000, 12),
            (2000, 20),
            (3000, 36),
            (4000, 60),
            (6000, 90),
            (500, 6),
            (1500, 16),
        ] {
            let expected = characters * 12 / 10;
            assert_eq!(fr.readable(Rational::milliseconds(ms)), expected, "{ms} ms");
        }
    }

    #[test]
    fn other_languages_read_seventeen_a_second() {
        assert_eq!(rules("en-GB").readable(Rational::integer(2)), 34);
        assert_eq!(rules("ar"), rules("de"));
    }

    #[test]
    fn every_rule_is_seen() {
        let cues = [
            cue(0, 500, "Oui."),
            cue(
                540,
                2540,
                "Une phrase bien trop longue pour être lue en si peu de temps",
            ),
            cue(3000, 11_000, "a\nb\nc"),
            cue(10_500, 12_500, "<i>Tom &amp; Léa</i>"),
        ];
        let ms = Rational::milliseconds;
        assert_eq!(
            breaches(&cues, "fr"),
            [
                (
                    0,
                    Breach::TooShort {
                        duration: ms(500),
                        least: ms(833)
                    }
                ),
                (
                    0,
                    Breach::GapTooSmall {
                        gap: ms(40),
                        least: ms(80)
                    }
                ),
                (
                    1,
                    Breach::TooFast {
                        characters: 60,
                        room: 24
                    }
                ),
                (
                    1,
                    Breach::LineTooLong {
                        characters: 60,
                        room: 42
                    }
                ),
                (2, Breach::TooManyLines { lines: 3, room: 2 }),
                (
                    2,
                    Breach::TooLong {
                        duration: ms(8000),
                        most: ms(7000)
                    }
                ),
                (2, Breach::Overlap { by: ms(500) }),
            ]
        );
    }

    #[test]
    fn nonsense_in_a_rules_file_is_refused() {
        let good = include_str!("../../subtitles/fr.toml");
        let parsed = |text: &str| toml::from_str::<Rules>(text);
        assert!(parsed(good).is_ok());
        for (from, to) in [
            ("ms = 3000", "ms = 500"),
            ("shortest_ms = 833", "shortest_ms = 8000"),
            ("lines = 2", "lines = 2\nligne = 3"),
            ("tolerance_percent = 20", "tolerance_percent = -20"),
        ] {
            assert!(parsed(&good.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
