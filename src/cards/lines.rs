//! Where to break a text that needs several lines: lines of like length that
//! end where the sense pauses, not after a small word, and no lonely last word.
//! Numbers only; `fit` measures the words.

/// A word with what follows it on the same line.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Word {
    pub width: f64,
    /// Of the space after it.
    pub space: f64,
    /// How well a line ends here.
    pub end: End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// After a sentence.
    Stop,
    /// After a comma, a colon, a bracket.
    Pause,
    Plain,
    /// After an article or a preposition, which belongs to what follows.
    Weak,
}

impl End {
    pub(super) fn of(word: &str) -> End {
        match word.chars().next_back() {
            // A title with its point ends no sentence: M., Dr.
            Some('.') if word.chars().count() <= 3 => End::Weak,
            Some('.' | '?' | '!' | '…') => End::Stop,
            Some(',' | ';' | ':' | '»' | ')' | '–' | '—') => End::Pause,
            _ if word.chars().count() <= 3 => End::Weak,
            _ => End::Plain,
        }
    }

    fn cost(self) -> f64 {
        match self {
            End::Stop => -0.15,
            End::Pause => -0.06,
            End::Plain => 0.0,
            End::Weak => 0.09,
        }
    }
}

const LONELY: f64 = 0.5;
/// A sentence that begins with one word at the end of a line.
const DANGLING: f64 = 0.12;

/// Where to break, and how much there is to regret about it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Breaks {
    pub cost: f64,
    /// Index of the first word of each line but the first.
    pub starts: Vec<usize>,
}

/// `None` when the words cannot be set in so many lines of this width.
pub(super) fn breaks(words: &[Word], lines: usize, width: f64) -> Option<Breaks> {
    let count = words.len();
    if lines == 0 || count < lines {
        return None;
    }
    let total: f64 = words.iter().map(|w| w.width + w.space).sum();
    let target = (total / lines as f64).min(width);
    // best[l][i]: least cost of setting the first i words in l lines, and where
    // the last of them starts.
    let mut best = vec![vec![(f64::INFINITY, 0); count + 1]; lines + 1];
    best[0][0] = (0.0, 0);
    for line in 1..=lines {
        for end in line..=count {
            let mut length = 0.0;
            for start in (line - 1..end).rev() {
                let follows = if start + 1 < end {
                    words[start].space
                } else {
                    0.0
                };
                length += words[start].width + follows;
                if length > width {
                    break;
                }
                let uneven = (length - target) / target;
                let lonely = end == count && line > 1 && end - start == 1;
                let close = if end == count {
                    0.0
                } else {
                    words[end - 1].end.cost()
                };
                let dangling = end < count
                    && end - start > 1
                    && words[end - 2].end == End::Stop
                    && words[end - 1].end != End::Stop;
                let cost = best[line - 1][start].0
                    + uneven * uneven
                    + close
                    + if lonely { LONELY } else { 0.0 }
                    + if dangling { DANGLING } else { 0.0 };
                if cost < best[line][end].0 {
                    best[line][end] = (cost, start);
                }
            }
        }
    }
    let cost = best[lines][count].0;
    if !cost.is_finite() {
        return None;
    }
    let mut starts = Vec::new();
    let mut end = count;
    for line in (2..=lines).rev() {
        end = best[line][end].1;
        starts.push(end);
    }
    starts.reverse();
    Some(Breaks { cost, starts })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One unit per character, lines as they read.
    fn set(text: &str, lines: usize, width: f64) -> Option<Vec<String>> {
        let words: Vec<&str> = text.split(' ').collect();
        let measured: Vec<Word> = words
            .iter()
            .map(|w| Word {
                width: w.chars().count() as f64,
                space: 1.0,
                end: End::of(w),
            })
            .collect();
        let starts = breaks(&measured, lines, width)?.starts;
        let mut from = 0;
        let mut out = Vec::new();
        for to in starts.into_iter().chain([words.len()]) {
            out.push(words[from..to].join(" "));
            from = to;
        }
        Some(out)
    }

    #[test]
    fn lines_are_even_and_end_where_the_sense_pauses() {
        let text = "Je n’en peux plus de mon enfant, j’ai peur de craquer… Est-ce que je suis une mauvaise mère ?";
        let text = text.replace(" ?", "\u{202F}?");
        let lines = set(&text, 4, 33.0).unwrap();
        assert_eq!(lines[0], "Je n’en peux plus de mon enfant,");
        assert_eq!(lines[1], "j’ai peur de craquer…");
        assert_eq!(lines[3], "une mauvaise mère\u{202F}?");
    }

    #[test]
    fn a_sentence_does_not_begin_with_its_first_word_alone() {
        let text = "Je suis là… Est-ce que tu veux en parler avec moi";
        let lines = set(text, 3, 22.0).unwrap();
        assert_eq!(lines[0], "Je suis là…", "{lines:?}");
    }

    #[test]
    fn a_last_word_is_not_left_alone_when_that_can_be_helped() {
        assert_eq!(
            set("aaaaaa bbbbbb cccccc dddd", 2, 22.0).unwrap(),
            ["aaaaaa bbbbbb", "cccccc dddd"]
        );
        assert_eq!(
            set("aaaaaaaaaa bbb", 2, 10.0).unwrap(),
            ["aaaaaaaaaa", "bbb"]
        );
    }

    #[test]
    fn what_cannot_be_set_is_refused() {
        assert_eq!(set("aaaa bbbb", 1, 8.0), None);
        assert_eq!(set("aaaaaaaaaaaa", 1, 8.0), None);
        assert_eq!(set("a", 2, 8.0), None);
        assert_eq!(set("aaaa bbbb", 1, 9.0).unwrap(), ["aaaa bbbb"]);
    }
}
