//! The text of a cell → the text that is typeset, on cards and on pages alike:
//! composed accents, no stray white space, and the spaces that French puts
//! around its punctuation. Typesetting twice changes nothing.

use crate::values::ids::Language;
use unicode_normalization::UnicodeNormalization;

const NARROW: char = '\u{202F}';
const NO_BREAK: char = '\u{A0}';

/// Line breaks written by the author are kept; everything else that is white
/// space becomes one space.
pub fn typeset(text: &str, language: &Language) -> String {
    let composed: String = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .nfc()
        .collect();
    let composed = match quotes_of(language) {
        Some(quotes) => quoted(&composed, quotes),
        None => composed,
    };
    let lines = composed.split(['\n', '\u{2028}', '\u{2029}']).map(|line| {
        let words: Vec<&str> = line
            .split(is_loose_space)
            .filter(|w| !w.is_empty())
            .collect();
        let clean: String = words
            .join(" ")
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        if language.is_french() {
            french(&clean, french_of_canada(language))
        } else {
            clean
        }
    });
    let kept: Vec<String> = lines
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    kept.join("\n")
}

/// White space that may be collapsed; no-break spaces were put on purpose.
fn is_loose_space(c: char) -> bool {
    c.is_whitespace() && c != NARROW && c != NO_BREAK && c != '\u{2007}'
}

/// What stands for a pair of straight double quotes, with its spaces.
fn quotes_of(language: &Language) -> Option<[&'static str; 2]> {
    if language.is_french() {
        Some(["«\u{202F}", "\u{202F}»"])
    } else if language.is_english() {
        Some(["\u{201C}", "\u{201D}"])
    } else {
        None
    }
}

/// Straight quotes in pairs become the language's own. Inches (15") have no
/// pair; where no pairs can be made out, all are left as they were typed.
fn quoted(text: &str, [open, close]: [&str; 2]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let marks = |inches: bool| -> Vec<usize> {
        let straight = chars.iter().enumerate().filter(|(_, c)| **c == '"');
        let after_digit = |at: usize| at > 0 && chars[at - 1].is_ascii_digit();
        straight
            .map(|(at, _)| at)
            .filter(|&at| inches || !after_digit(at))
            .collect()
    };
    let pairs = [marks(true), marks(false)];
    let Some(pairs) = pairs.into_iter().find(|marks| are_pairs(&chars, marks)) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(text.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        let place = pairs.iter().position(|&mark| mark == at);
        let beside = |n: usize| pairs.get(n).copied();
        match place {
            Some(n) if n % 2 == 0 => out.push_str(open),
            Some(_) => out.push_str(close),
            // The spaces inside go with the quotes.
            None if is_space(c) => {
                let before = chars[..at].iter().rposition(|c| !is_space(*c));
                let after = chars[at..]
                    .iter()
                    .position(|c| !is_space(*c))
                    .map(|n| at + n);
                let opened = (0..pairs.len())
                    .step_by(2)
                    .any(|n| before.is_some() && beside(n) == before);
                let closes = (1..pairs.len())
                    .step_by(2)
                    .any(|n| after.is_some() && beside(n) == after);
                if !opened && !closes {
                    out.push(c);
                }
            }
            None => out.push(c),
        }
    }
    out
}

/// Spaces of a line, not its end.
fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// Whether these marks open and close in turn, each around something.
fn are_pairs(chars: &[char], marks: &[usize]) -> bool {
    let word = |at: Option<usize>| {
        let c = at.and_then(|at| chars.get(at));
        c.is_some_and(|c| c.is_alphanumeric())
    };
    let (pairs, rest) = marks.as_chunks::<2>();
    let sound = |&[open, close]: &[usize; 2]| {
        let held = chars[open + 1..close].iter().any(|c| c.is_alphanumeric());
        held && !word(open.checked_sub(1)) && !word(Some(close + 1))
    };
    !pairs.is_empty() && rest.is_empty() && pairs.iter().all(sound)
}

/// There, `? ! ;` stand against the word before them.
fn french_of_canada(language: &Language) -> bool {
    language.as_str().eq_ignore_ascii_case("fr-ca")
}

fn french(line: &str, canada: bool) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let mut out = String::with_capacity(line.len() + 16);
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            let before = words[index - 1];
            out.push(space_between(before, word));
        }
        if is_address(word) {
            out.push_str(word);
        } else {
            space_inside(word, canada, &mut out);
        }
    }
    out
}

/// Web and mail addresses have no typography.
fn is_address(word: &str) -> bool {
    word.contains("://") || word.contains('@') || word.starts_with("www.")
}

/// Which space stands where the author put a plain one.
fn space_between(before: &str, after: &str) -> char {
    let first = after.chars().next().unwrap_or(' ');
    let last = before.chars().next_back().unwrap_or(' ');
    let number_before = last.is_ascii_digit();
    let three_digits = |w: &str| {
        let digits = w.chars().take_while(char::is_ascii_digit).count();
        digits == 3 && !w.chars().nth(3).is_some_and(char::is_alphanumeric)
    };
    match first {
        '?' | '!' | ';' | '»' => NARROW,
        ':' => NO_BREAK,
        '%' | '€' if number_before => NARROW,
        // A number written in groups: 12 000, 04 75 00 00 00.
        _ if is_digit_group(before) && three_digits(after) => NARROW,
        _ if is_two_digits(before) && is_two_digits(after) => NO_BREAK,
        _ if last == '«' => NARROW,
        _ if matches!(before, "M." | "Mme" | "Mmes" | "MM." | "Dr" | "n°" | "N°") => NO_BREAK,
        _ => ' ',
    }
}

/// The head or the middle of such a number, not a year.
fn is_digit_group(word: &str) -> bool {
    (1..=3).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_two_digits(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',', ')']);
    word.len() == 2 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Adds the spaces that the author left out within one word, and narrows the
/// no-break spaces that belong narrow.
fn space_inside(word: &str, canada: bool, out: &mut String) {
    let chars: Vec<char> = word.chars().collect();
    for (index, &c) in chars.iter().enumerate() {
        let before = index.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(index + 1).copied();
        match c {
            '?' | '!' | ';' | '»' => {
                if before == Some(NO_BREAK) {
                    out.pop();
                    out.push(NARROW);
                } else if before.is_some_and(|b| lacks_space(b, c)) && (c == '»' || !canada) {
                    out.push(NARROW);
                }
                out.push(c);
            }
            // Times (10:30), ratios and drive letters keep theirs: a colon that
            // ends its word is punctuation, any other is not.
            ':' => {
                let ends = after.is_none_or(|a| matches!(a, '»' | ')' | '"' | '”'));
                if ends && before.is_some_and(|b| lacks_space(b, c)) {
                    out.push(NO_BREAK);
                }
                out.push(c);
            }
            '«' => {
                out.push(c);
                if after.is_some_and(|a| a != NARROW && a != NO_BREAK) {
                    out.push(NARROW);
                }
            }
            NO_BREAK if before == Some('«') => out.push(NARROW),
            // As typed; as printed.
            '\'' if before.is_some_and(char::is_alphabetic)
                && after.is_some_and(|a| a.is_alphanumeric() || a == '«') =>
            {
                out.push('’');
            }
            _ => out.push(c),
        }
    }
}

/// Whether a mark right after this character lacks its space: not after an
/// opening sign, not within a run of marks (`?!`), not after a space.
fn lacks_space(before: char, mark: char) -> bool {
    let opening = matches!(before, '(' | '[' | '{' | '«' | '"' | '“' | '¿' | '¡' | '/');
    let in_run = mark != '»' && matches!(before, '?' | '!' | ';' | ':');
    !opening && !in_run && !before.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fr(text: &str) -> String {
        let language = Language::new("fr").unwrap();
        typeset(text, &language)
            .replace(NARROW, "~")
            .replace(NO_BREAK, "_")
    }

    #[test]
    fn spaces_before_high_punctuation_are_narrow_and_do_not_break() {
        for written in [
            "Quoi ?",
            "Quoi?",
            "Quoi\u{A0}?",
            "Quoi\u{202F}?",
            " Quoi   ? ",
        ] {
            assert_eq!(fr(written), "Quoi~?", "{written:?}");
        }
        assert_eq!(fr("Quoi ?!"), "Quoi~?!");
        assert_eq!(fr("Oui! Non ; bon"), "Oui~! Non~; bon");
        assert_eq!(fr("Quoi…?"), "Quoi…~?");
    }

    #[test]
    fn apostrophes_are_printed_ones() {
        assert_eq!(
            fr("L'été d'\u{ab}Ali\u{bb}, aujourd'hui"),
            "L’été d’«~Ali~», aujourd’hui"
        );
        assert_eq!(
            fr("les années '90, 5' de film"),
            "les années '90, 5' de film"
        );
        let english = Language::new("en").unwrap();
        assert_eq!(typeset("it's", &english), "it's");
    }

    #[test]
    fn guillemets_hold_their_text() {
        assert_eq!(fr("«Bonjour»"), "«~Bonjour~»");
        assert_eq!(fr("« Bonjour »"), "«~Bonjour~»");
        assert_eq!(fr("«\u{A0}Bonjour\u{A0}»"), "«~Bonjour~»");
        assert_eq!(fr("« Ça va ? »"), "«~Ça va~?~»");
        assert_eq!(fr("«Ça va?»"), "«~Ça va~?~»");
    }

    #[test]
    fn straight_quotes_in_pairs_become_the_languages_own() {
        assert_eq!(fr("\"Ça va\"?"), "«~Ça va~»~?");
        assert_eq!(fr("\" Ça va ? \""), "«~Ça va~?~»");
        assert_eq!(
            fr("d'\"Ali\" à \"elle\"; oui"),
            "d’«~Ali~» à «~elle~»~; oui"
        );
        assert_eq!(fr("(\"Un\ndeux\")."), "(«~Un\ndeux~»).");
        assert_eq!(fr("\"https://a.org/?b\""), "«~https://a.org/?b~»");
        assert_eq!(fr("il a \"15\", elle \"16\""), "il a «~15~», elle «~16~»");
        assert_eq!(fr("un \"écran 15\" large\" ?"), "un «~écran 15\" large~»~?");
        // What has no pair is left as it was typed.
        for text in [
            "écran 15\"",
            "de 15\" et 17\"",
            "le \"mot",
            "a \"b\" c\"d",
            "\"\"",
        ] {
            assert_eq!(fr(text), text);
        }
        let of = |tag: &str, text: &str| typeset(text, &Language::new(tag).unwrap());
        assert_eq!(of("en-GB", "\"It's\"?"), "\u{201C}It's\u{201D}?");
        assert_eq!(of("de", "\"Ja\""), "\"Ja\"");
    }

    #[test]
    fn colons_end_a_word_or_are_left_alone() {
        assert_eq!(fr("Thème : les écrans"), "Thème_: les écrans");
        assert_eq!(fr("Thème: les écrans"), "Thème_: les écrans");
        assert_eq!(fr("à 10:30, format 16:9"), "à 10:30, format 16:9");
        assert_eq!(fr("(voir: ici)"), "(voir_: ici)");
    }

    #[test]
    fn addresses_are_left_alone() {
        for address in [
            "https://exemple.org/a?b=c;d!",
            "www.exemple.org/?q",
            "a.b@exemple.org",
        ] {
            assert_eq!(fr(address), address);
        }
        assert_eq!(
            fr("Vu sur https://exemple.org ?"),
            "Vu sur https://exemple.org~?"
        );
    }

    #[test]
    fn numbers_stay_together() {
        assert_eq!(fr("50 % de 12 000 €"), "50~% de 12~000~€");
        assert_eq!(fr("Tél. 04 75 22 20 45"), "Tél. 04_75_22_20_45");
        assert_eq!(fr("Mme Perrin"), "Mme_Perrin");
        assert_eq!(
            fr("de 3 ans, en 2024 300 familles"),
            "de 3 ans, en 2024 300 familles"
        );
    }

    #[test]
    fn accents_are_composed_and_line_breaks_kept() {
        assert_eq!(fr("e\u{301}te\u{301}\r\n\r\n  Noe\u{308}l "), "été\nNoël");
        assert_eq!(fr(" \t\n "), "");
        assert_eq!(fr("a\u{0}b\u{7}"), "ab");
    }

    #[test]
    fn other_languages_and_canada_keep_their_habits() {
        let of = |tag: &str, text: &str| typeset(text, &Language::new(tag).unwrap());
        assert_eq!(
            of("en", "Really? \u{201C}Yes\u{201D}: ok;"),
            "Really? \u{201C}Yes\u{201D}: ok;"
        );
        assert_eq!(of("fr-CA", "Quoi?"), "Quoi?");
        assert_eq!(of("fr-CA", "«Oui»"), "«\u{202F}Oui\u{202F}»");
    }
}
