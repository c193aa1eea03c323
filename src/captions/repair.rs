//! Text on other lines: what a cue would look like within the rules.

/// The words on as few lines as they need, at most `lines` of them, of about
/// the same length; a break is best after punctuation. `None` when they do not
/// fit, and when a line is somebody's own turn of speech, which is not to be
/// mixed with another's.
pub(super) fn wrapped(text: &str, lines: usize, room: usize) -> Option<Vec<String>> {
    if text.lines().any(starts_with_dash) {
        return None;
    }
    // A non-breaking space holds its words together.
    let words: Vec<&str> = text
        .split([' ', '\n'])
        .filter(|word| !word.is_empty())
        .collect();
    (1..=lines.min(words.len())).find_map(|count| broken(&words, count, room))
}

/// Exactly `count` lines, the longest as short as can be.
fn broken(words: &[&str], count: usize, room: usize) -> Option<Vec<String>> {
    let length = |words: &[&str]| {
        let letters: usize = words.iter().map(|w| w.chars().count()).sum();
        letters + words.len().saturating_sub(1)
    };
    if count == 1 {
        return (length(words) <= room).then(|| vec![words.join(" ")]);
    }
    let wanted = length(words) / count;
    let choices = (1..words.len()).filter(|at| length(&words[..*at]) <= room);
    // Punctuation is worth a few letters of imbalance.
    let mut choices: Vec<(usize, usize)> = choices
        .map(|at| {
            let off = length(&words[..at]).abs_diff(wanted);
            let pause = words[at - 1].ends_with(['.', ',', ';', ':', '!', '?', '…']);
            (off + if pause { 0 } else { 6 }, at)
        })
        .collect();
    choices.sort_unstable();
    choices.into_iter().find_map(|(_, at)| {
        let mut lines = vec![words[..at].join(" ")];
        lines.extend(broken(&words[at..], count - 1, room)?);
        Some(lines)
    })
}

pub(super) fn starts_with_dash(line: &str) -> bool {
    line.trim_start()
        .starts_with(['-', '\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_balanced_and_break_after_a_pause() {
        for (text, expected) in [
            ("Oui,\nbien sûr.", Some(&["Oui, bien sûr."][..])),
            (
                "Je n\u{2019}en peux plus, et je ne sais pas à qui le dire",
                Some(&[
                    "Je n\u{2019}en peux plus,",
                    "et je ne sais pas à qui le dire",
                ]),
            ),
            (
                "un deux trois quatre cinq six sept huit neuf dix onze",
                Some(&["un deux trois quatre cinq", "six sept huit neuf dix onze"]),
            ),
            (
                "- Oui, tout à fait, vraiment\n- Non, pas du tout, jamais",
                None,
            ),
            ("anticonstitutionnellementanticonstitutionnellement", None),
            (
                "Qui peut m\u{2019}aider à y voir clair\u{202F}? Toi\u{202F}?",
                Some(&["Qui peut m\u{2019}aider à y voir clair\u{202F}? Toi\u{202F}?"]),
            ),
        ] {
            let found = wrapped(text, 2, 42);
            let expected = expected.map(|lines| lines.iter().map(|l| (*l).to_owned()).collect());
            assert_eq!(found, expected, "{text}");
        }
    }
}
