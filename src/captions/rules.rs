//! Editorial rules: how much text, for how long. One file per language in
//! `subtitles/`, compiled in.

use crate::captions::repair::{starts_with_dash, wrapped};
use crate::captions::{Cue, markup};
use crate::values::captions::{Breach, CueBreach, TypographySlip};
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
    /// Each speaker's words begin with a dash where two speak in one cue.
    pub dash: bool,
    pub typography: Vec<TypographySlip>,
    /// The shorter of two lines has at least this part of the longer one.
    pub balance_percent: usize,
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
    dash: bool,
    typography: Vec<TypographySlip>,
    balance_percent: usize,
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
            dash: w.dash,
            typography: w.typography,
            balance_percent: w.balance_percent,
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

    /// The shortest time, in whole milliseconds, in which so many characters can
    /// be read; `None` when it is longer than a cue may stand.
    fn time_for(&self, characters: usize) -> Option<Rational> {
        let longest = (self.longest * Rational::integer(1000)).floor();
        let is_readable = |ms: i64| self.readable(Rational::milliseconds(ms)) >= characters;
        let (mut low, mut high) = (0, longest);
        if !is_readable(high) {
            return None;
        }
        while low < high {
            let middle = (low + high) / 2;
            if is_readable(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Some(Rational::milliseconds(high))
    }
}

/// A cue as the film shows it, and where it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// On the film's clock, clipped at the cuts.
    pub cue: Cue,
    /// The line of its timing in the file, and its times there.
    pub line: usize,
    pub start: Rational,
    pub end: Rational,
}

impl Shown {
    /// The time in the file that would end the cue `by` later (or earlier). A
    /// cue that a cut clips has no such time: its end there shows nowhere.
    fn ending(&self, by: Rational) -> Option<Rational> {
        (self.cue.end - self.cue.start == self.end - self.start).then(|| self.end + by)
    }
}

/// Every rule that a cue breaks, by cue, and what would mend it. `rate` is the
/// film's: gaps are counted in its frames; `film_end` is where the last cue has
/// to be gone. The cues are in order of start.
pub fn check(
    shown: &[Shown],
    rules: &Rules,
    rate: FrameRate,
    film_end: Rational,
) -> Vec<CueBreach> {
    // Cue times are whole milliseconds: two frames of 29.97 fps (66.73 ms)
    // written as 66 are two frames.
    let gap =
        Rational::milliseconds((rate.time_of(rules.gap_frames) * Rational::integer(1000)).floor());
    let mut breaches = Vec::new();
    for (index, cue) in shown.iter().enumerate() {
        let next = shown.get(index + 1);
        let latest = next.map_or(film_end, |n| n.cue.start - gap);
        let found = of_time(cue, rules, latest)
            .into_iter()
            .chain(of_text(cue, rules))
            .chain(next.and_then(|n| between(cue, n, gap)));
        breaches.extend(found.map(|breach| CueBreach {
            line: cue.line,
            start: cue.start,
            breach,
        }));
    }
    breaches
}

/// Characters as they are read: a line break is a space.
fn length(text: &str) -> usize {
    text.chars().count()
}

fn of_time(shown: &Shown, rules: &Rules, latest: Rational) -> Vec<Breach> {
    let mut found = Vec::new();
    let duration = shown.cue.end - shown.cue.start;
    // The end after a time on screen, if nothing stands in the way.
    let ending_after = |needed: Rational| {
        let fits = needed <= rules.longest && shown.cue.start + needed <= latest;
        fits.then(|| shown.ending(needed - duration)).flatten()
    };
    // A cue of a day is no matter of reading speed, and far from overflow.
    let room = rules.readable(duration.min(Rational::integer(86_400)));
    let characters = length(&shown.cue.plain_text());
    if characters > room {
        let end = rules.time_for(characters).and_then(ending_after);
        found.push(Breach::TooFast {
            characters,
            room,
            end,
        });
    }
    if duration < rules.shortest {
        found.push(Breach::TooShort {
            duration,
            least: rules.shortest,
            end: ending_after(rules.shortest),
        });
    }
    if duration > rules.longest {
        found.push(Breach::TooLong {
            duration,
            most: rules.longest,
            end: shown.start + rules.longest,
        });
    }
    found
}

fn of_text(shown: &Shown, rules: &Rules) -> Vec<Breach> {
    let text = shown.cue.plain_text();
    let lengths: Vec<usize> = text.lines().map(length).collect();
    let longest = lengths.iter().max().copied().unwrap_or(0);
    let better = || wrapped(&text, rules.lines, rules.characters_per_line);
    let mut found = Vec::new();
    if lengths.len() > rules.lines {
        found.push(Breach::TooManyLines {
            count: lengths.len(),
            room: rules.lines,
            lines: better(),
        });
    } else if longest > rules.characters_per_line {
        found.push(Breach::LineTooLong {
            characters: longest,
            room: rules.characters_per_line,
            lines: better(),
        });
    } else if let [first, second] = lengths[..]
        && first.min(second) * 100 < longest * rules.balance_percent
        && markup::speakers(&shown.cue.text) == 0
        && let Some(lines) = better()
    {
        found.push(Breach::Unbalanced { lines });
    }
    // Every line begins with somebody's name: somebody else speaks on each.
    if rules.dash
        && lengths.len() > 1
        && markup::speakers(&shown.cue.text) == lengths.len()
        && !text.lines().any(starts_with_dash)
    {
        let lines = text.lines().map(|line| format!("- {line}")).collect();
        found.push(Breach::NoDash { lines });
    }
    found
}

fn between(shown: &Shown, next: &Shown, least: Rational) -> Option<Breach> {
    let gap = next.cue.start - shown.cue.end;
    let earlier = Rational::ZERO - (least - gap);
    if gap.is_negative() {
        let mendable = shown.cue.end + earlier > shown.cue.start;
        return Some(Breach::Overlap {
            by: shown.cue.end.min(next.cue.end) - next.cue.start,
            end: mendable.then(|| shown.ending(earlier)).flatten(),
        });
    }
    // Where the film was cut, two cues may well meet.
    let end = shown.ending(earlier)?;
    (gap < least).then_some(Breach::GapTooSmall { gap, least, end })
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
        let shown: Vec<Shown> = cues
            .iter()
            .enumerate()
            .map(|(line, cue)| Shown {
                cue: cue.clone(),
                line,
                // The file's clock runs an hour late.
                start: cue.start + Rational::integer(3600),
                end: cue.end + Rational::integer(3600),
            })
            .collect();
        let found = check(&shown, &rules(language), rate, Rational::integer(60));
        found.into_iter().map(|b| (b.line, b.breach)).collect()
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

    /// A time on the file's clock.
    fn filed(ms: i64) -> Rational {
        Rational::milliseconds(3_600_000 + ms)
    }

    #[test]
    fn every_rule_is_seen_and_mended() {
        let cues = [
            cue(0, 500, "Oui."),
            cue(
                540,
                2540,
                "Une phrase bien trop longue pour être lue en si peu de temps",
            ),
            cue(6000, 14_000, "a\nb\nc"),
            cue(13_500, 15_500, "<i>Tom &amp; Léa</i>"),
            cue(20_000, 24_000, "Et\nje ne sais plus du tout quoi faire"),
            cue(
                30_000,
                34_000,
                "<v A>Tu viens demain\u{202F}?</v>\n<v B>Je ne crois pas.</v>",
            ),
            cue(40_000, 40_300, "Oui."),
        ];
        let ms = Rational::milliseconds;
        let lines = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            breaches(&cues, "fr"),
            [
                (
                    0,
                    Breach::TooShort {
                        duration: ms(500),
                        least: ms(833),
                        end: None, // the next cue leaves no room
                    }
                ),
                (
                    0,
                    Breach::GapTooSmall {
                        gap: ms(40),
                        least: ms(80),
                        end: filed(460),
                    }
                ),
                (
                    1,
                    Breach::TooFast {
                        characters: 60,
                        room: 24,
                        end: Some(filed(540 + 3584)),
                    }
                ),
                (
                    1,
                    Breach::LineTooLong {
                        characters: 60,
                        room: 42,
                        lines: Some(lines(&[
                            "Une phrase bien trop longue pour",
                            "être lue en si peu de temps"
                        ])),
                    }
                ),
                (
                    2,
                    Breach::TooLong {
                        duration: ms(8000),
                        most: ms(7000),
                        end: filed(13_000),
                    }
                ),
                (
                    2,
                    Breach::TooManyLines {
                        count: 3,
                        room: 2,
                        lines: Some(lines(&["a b c"])),
                    }
                ),
                (
                    2,
                    Breach::Overlap {
                        by: ms(500),
                        end: Some(filed(13_420)),
                    }
                ),
                (
                    4,
                    Breach::Unbalanced {
                        lines: lines(&["Et je ne sais plus du tout quoi faire"]),
                    }
                ),
                (
                    5,
                    Breach::NoDash {
                        lines: lines(&["- Tu viens demain\u{202F}?", "- Je ne crois pas."]),
                    }
                ),
                (
                    6,
                    Breach::TooShort {
                        duration: ms(300),
                        least: ms(833),
                        end: Some(filed(40_833)),
                    }
                ),
            ]
        );
        // A cue that follows what is proposed breaks nothing any more.
        let mended = [cue(
            540,
            540 + 3584,
            "Une phrase bien trop longue pour\nêtre lue en si peu de temps",
        )];
        assert_eq!(breaches(&mended, "fr"), []);
    }

    #[test]
    fn nothing_is_proposed_for_a_cue_that_a_cut_clips() {
        let clipped = Shown {
            cue: cue(0, 300, "Oui."),
            line: 2,
            start: Rational::integer(9),
            end: Rational::integer(12),
        };
        let rate = FrameRate::new(25, 1).expect("positive");
        let found = check(&[clipped], &rules("fr"), rate, Rational::integer(60));
        assert!(matches!(
            found[0].breach,
            Breach::TooShort { end: None, .. }
        ));
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
