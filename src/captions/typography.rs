//! Typography of captions: slips that repeat from cue to cue, each said once.

use crate::captions::rules::Rules;
use crate::values::captions::TypographySlip;

/// A kind of slip: the first line of the file where it stands, how often it is
/// made, and the first words as they are and as they should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slip {
    pub line: usize,
    pub slip: TypographySlip,
    pub count: usize,
    pub found: String,
    pub better: String,
}

/// What the texts of a file do otherwise than the language's rules ask. Texts
/// are plain words, each with the line of its cue.
pub fn slips<'a>(texts: impl IntoIterator<Item = (usize, &'a str)>, rules: &Rules) -> Vec<Slip> {
    let mut found: Vec<Slip> = Vec::new();
    for (line, text) in texts {
        for &slip in &rules.typography {
            for (words, better) in of_text(text, slip) {
                match found.iter_mut().find(|s| s.slip == slip) {
                    Some(known) => known.count += 1,
                    None => found.push(Slip {
                        line,
                        slip,
                        count: 1,
                        found: words,
                        better,
                    }),
                }
            }
        }
    }
    found.sort_by_key(|s| (s.line, s.slip));
    found
}

/// Every slip of one kind in a text, as it is and as it should be.
fn of_text(text: &str, slip: TypographySlip) -> Vec<(String, String)> {
    let lines = text.lines();
    match slip {
        TypographySlip::Ellipsis => lines.flat_map(ellipses).collect(),
        TypographySlip::FrenchSpaces => lines.flat_map(spaces).collect(),
        TypographySlip::Guillemets => lines.flat_map(quotes).collect(),
    }
}

fn ellipses(line: &str) -> Vec<(String, String)> {
    line.split(' ')
        .filter(|word| word.contains("..."))
        .map(|word| (word.to_owned(), word.replace("...", "…")))
        .collect()
}

/// Times, addresses and several signs in a row keep together as they are.
fn spaces(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut word_start = 0;
    let mut before = ' ';
    for (at, sign) in line.char_indices() {
        if matches!(sign, '?' | '!' | ';' | ':') {
            let after = line[at + sign.len_utf8()..].chars().next();
            let ends_here =
                after.is_none_or(|c| c == ' ' || matches!(c, '?' | '!' | '»' | '"' | ')'));
            let wrong = before == ' ' || before.is_alphanumeric() || before == '…';
            let words = line[word_start..at].trim_end();
            if ends_here && wrong && !words.is_empty() {
                let space = if sign == ':' { '\u{A0}' } else { '\u{202F}' };
                let is = line[word_start..at + 1].to_owned();
                found.push((is, format!("{words}{space}{sign}")));
            }
        }
        // "quoi ?": the word in front of a plain space belongs to the sign.
        if before == ' ' && !matches!(sign, '?' | '!' | ';' | ':') {
            word_start = at;
        }
        before = sign;
    }
    found
}

fn quotes(line: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = line.split('"').collect();
    // Every second part lies between two marks, if they pair up.
    let paired = parts.len() % 2 == 1;
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .filter(|part| paired && !part.trim().is_empty())
        .map(|part| {
            let words = part.trim();
            (format!("\"{part}\""), format!("«\u{202F}{words}\u{202F}»"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use TypographySlip::{Ellipsis, FrenchSpaces, Guillemets};

    fn first(text: &str, slip: TypographySlip) -> Option<(String, String)> {
        of_text(text, slip).into_iter().next()
    }

    #[test]
    fn what_is_wrong_and_what_is_right() {
        for (text, slip, expected) in [
            ("Et puis... rien", Ellipsis, Some(("puis...", "puis…"))),
            ("Et puis… rien", Ellipsis, None),
            (
                "Tu viens ?",
                FrenchSpaces,
                Some(("viens ?", "viens\u{202F}?")),
            ),
            (
                "Tu viens?",
                FrenchSpaces,
                Some(("viens?", "viens\u{202F}?")),
            ),
            ("Il dit : non", FrenchSpaces, Some(("dit :", "dit\u{A0}:"))),
            (
                "Tu viens\u{202F}? Si\u{A0}: oui\u{202F}!",
                FrenchSpaces,
                None,
            ),
            (
                "Rendez-vous à 12:30, https://exemple.fr/?a",
                FrenchSpaces,
                None,
            ),
            ("Quoi\u{202F}?!", FrenchSpaces, None),
            ("?", FrenchSpaces, None),
            (
                "Il dit \"viens là\".",
                Guillemets,
                Some(("\"viens là\"", "«\u{202F}viens là\u{202F}»")),
            ),
            ("12\" de neige", Guillemets, None),
        ] {
            let expected = expected.map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(first(text, slip), expected, "{text}");
        }
    }

    #[test]
    fn a_slip_is_said_once_for_each_kind() {
        let language = crate::values::ids::Language::new("fr").expect("a language");
        let rules = Rules::of(&language);
        let texts = [(2, "Bien."), (6, "Quoi ?\nQui ?"), (10, "Ah... Où ?")];
        let found = slips(texts, &rules);
        let seen: Vec<_> = found.iter().map(|s| (s.line, s.slip, s.count)).collect();
        assert_eq!(seen, [(6, FrenchSpaces, 3), (10, Ellipsis, 1)]);
    }
}
