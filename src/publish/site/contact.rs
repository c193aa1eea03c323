//! The contact of a service as people write it, with what can be called or
//! written to made into links: whoever is about to crack needs one tap.

use serde::Serialize;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Part<'a> {
    pub text: &'a str,
    pub link: Option<String>,
}

/// Digits of a telephone number, at least. Shorter ones may be anything.
const SHORTEST_NUMBER: usize = 8;

pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        // Links begin where a word does.
        let inside_word = text[..at]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric);
        match link_at(&text[at..]).filter(|_| !inside_word) {
            Some((length, link)) => {
                push(&mut parts, &text[plain_from..at], None);
                push(&mut parts, &text[at..at + length], Some(link));
                at += length;
                plain_from = at;
            }
            None => at += c.len_utf8(),
        }
    }
    push(&mut parts, &text[plain_from..], None);
    parts
}

fn push<'a>(parts: &mut Vec<Part<'a>>, text: &'a str, link: Option<String>) {
    if !text.is_empty() {
        parts.push(Part { text, link });
    }
}

fn link_at(text: &str) -> Option<(usize, String)> {
    number(text).or_else(|| word(text))
}

/// A run of digits with the marks that people put between them.
fn number(text: &str) -> Option<(usize, String)> {
    let between = |c: char| matches!(c, ' ' | '.' | '-' | '(' | ')' | '\u{a0}' | '\u{202f}');
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '+') {
        return None;
    }
    let mut digits = String::new();
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() || (c == '+' && at == 0) {
            digits.push(c);
            end = at + c.len_utf8();
        } else if !between(c) {
            break;
        }
    }
    let international = digits.starts_with('+');
    let count = digits.len() - usize::from(international);
    let sound = match (digits.starts_with('0'), international) {
        // French numbers have ten digits: what follows is another one.
        (true, _) => count == 10,
        (_, true) => (SHORTEST_NUMBER..=15).contains(&count),
        _ => false,
    };
    sound.then(|| (end, format!("tel:{digits}")))
}

/// An e-mail or web address.
fn word(text: &str) -> Option<(usize, String)> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"'));
    let word = text[..end.unwrap_or(text.len())].trim_end_matches(['.', ')', ':', '!', '?']);
    if word.starts_with("https://") || word.starts_with("http://") {
        return Some((word.len(), word.to_owned()));
    }
    let (name, host) = word.split_once('@')?;
    let plain = |t: &str| {
        !t.is_empty()
            && t.chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c))
    };
    (plain(name) && plain(host) && host.contains('.'))
        .then(|| (word.len(), format!("mailto:{word}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<(&str, String)> {
        let all = parts(text);
        let whole: String = all.iter().map(|p| p.text).collect();
        assert_eq!(whole, text);
        let linked = all.into_iter().filter_map(|p| Some((p.text, p.link?)));
        linked.collect()
    }

    #[test]
    fn what_can_be_called_or_written_to_is_a_link() {
        assert_eq!(
            links("PMI, 26150 Die\u{a0}: 04 75 00 00 00 ou +33 4.75.00.00.01, pmi@drome.fr."),
            [
                ("04 75 00 00 00", "tel:0475000000".to_owned()),
                ("+33 4.75.00.00.01", "tel:+33475000001".to_owned()),
                ("pmi@drome.fr", "mailto:pmi@drome.fr".to_owned()),
            ]
        );
        assert_eq!(
            links("Voir (https://example.org/a?b=1)."),
            [(
                "https://example.org/a?b=1",
                "https://example.org/a?b=1".to_owned()
            )]
        );
    }

    #[test]
    fn what_is_no_number_stays_text() {
        for text in [
            "du 01/02/2025",
            "réf. 2025-123456789",
            "12 rue de l’Armellerie",
            "@",
            "a@b",
            "",
        ] {
            assert_eq!(links(text), [], "{text}");
        }
    }
}
