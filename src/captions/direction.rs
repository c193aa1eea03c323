//! Numbers, addresses and foreign names inside words that run from right to
//! left. Left to the bidirectional algorithm, "06 12 34 56 78" in an Arabic
//! sentence reads "78 56 34 12 06": each group keeps its place in a line that
//! runs the other way. Isolates (U+2066 to U+2069) hold such pieces together,
//! in every player and in what is burnt in.

use crate::values::ids::Language;

const OPEN: char = '\u{2066}';
const CLOSE: char = '\u{2069}';

/// Letters of Hebrew, Arabic and their neighbours.
pub fn is_leftward(c: char) -> bool {
    let letter =
        matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}');
    letter && !c.is_numeric()
}

/// Marks and embeddings: whoever wrote them knew what they wanted.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}')
}

fn is_embedding(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What a piece of cue text is for the direction of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Leftward,
    Letter,
    Digit,
    Sign(char),
    /// A tag, a line's end, a mark of direction: nothing reaches across it.
    Wall,
}

struct Piece {
    at: usize,
    end: usize,
    kind: Kind,
}

/// Cue text, or plain words, whose pieces from left to right keep their order.
pub fn isolated(text: &str, language: &Language) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        isolate_line(line, language.is_leftward(), &mut out);
    }
    out
}

fn isolate_line(line: &str, leftward: bool, out: &mut String) {
    let mixed = line.chars().any(is_leftward);
    if !(mixed || leftward) || line.chars().any(is_embedding) {
        out.push_str(line);
        return;
    }
    let pieces = pieces(line);
    // Whether letters from right to left stand before; `None` before any letter.
    let mut before: Option<bool> = None;
    let mut copied = 0;
    let mut next = 0;
    while let Some(piece) = pieces.get(next) {
        let Some(end) = stretch(&pieces, next) else {
            if piece.kind == Kind::Leftward {
                before = Some(true);
            }
            next += 1;
            continue;
        };
        let run = &pieces[next..end];
        let has = |kind: Kind| run.iter().any(|p| p.kind == kind);
        let (letters, digits) = (has(Kind::Letter), has(Kind::Digit));
        let signs = run
            .iter()
            .any(|p| matches!(p.kind, Kind::Sign(c) if !c.is_whitespace()));
        let apart = digits && (letters || run.iter().any(|p| matches!(p.kind, Kind::Sign(_))));
        let wanted = if leftward {
            // A line that begins with a foreign word is still the language's own.
            apart || signs || (letters && before.is_none() && mixed)
        } else {
            apart && !letters && before == Some(true)
        };
        let (from, to) = (run[0].at, run[run.len() - 1].end);
        out.push_str(&line[copied..from]);
        if wanted {
            out.push(OPEN);
        }
        out.push_str(&line[from..to]);
        if wanted {
            out.push(CLOSE);
        }
        copied = to;
        before = Some(before == Some(true) && !letters);
        next = end;
    }
    out.push_str(&line[copied..]);
}

/// Where the stretch that begins here ends: letters and digits from left to
/// right, and the signs between them.
fn stretch(pieces: &[Piece], from: usize) -> Option<usize> {
    let kind = |n: usize| pieces.get(n).map_or(Kind::Wall, |p| p.kind);
    let is_content = |kind: Kind| matches!(kind, Kind::Letter | Kind::Digit);
    let opens = match kind(from) {
        Kind::Letter | Kind::Digit => true,
        // +33 and (0)4; a bracket round all of it is the sentence's.
        Kind::Sign('+') => kind(from + 1) == Kind::Digit,
        Kind::Sign('(') => {
            let inside = (from + 1..).take_while(|&n| kind(n) == Kind::Digit).count();
            let after = from + 1 + inside;
            inside > 0 && kind(after) == Kind::Sign(')') && after_gap(pieces, after + 1)
        }
        _ => false,
    };
    if !opens {
        return None;
    }
    let mut end = from + 1;
    let mut last = if is_content(kind(from)) { end } else { from };
    let mut depth = usize::from(kind(from) == Kind::Sign('('));
    loop {
        match kind(end) {
            Kind::Letter | Kind::Digit => last = end + 1,
            Kind::Sign(c) => {
                let gap = !matches!(
                    kind(end + 1),
                    Kind::Letter | Kind::Digit | Kind::Sign('/' | '?' | '=')
                );
                let parts = matches!(c, ',' | ';' | '!' | '?' | '…' | '.' | ':' | '«' | '»');
                if parts && gap && !(c == ':' && kind(end + 1) == Kind::Sign('/')) {
                    break;
                }
                match c {
                    '(' => depth += 1,
                    ')' if depth > 0 => {
                        depth -= 1;
                        last = end + 1;
                    }
                    ')' => break,
                    // Belongs to the number or the address before it.
                    '/' | '+' if last == end => last = end + 1,
                    '%' | '€' | '$' | '£' | '°' if last + 1 >= end => last = end + 1,
                    _ => {}
                }
            }
            Kind::Leftward | Kind::Wall => break,
        }
        end += 1;
    }
    (last > from).then_some(last)
}

/// Whether a digit follows, after a space or at once.
fn after_gap(pieces: &[Piece], from: usize) -> bool {
    let rest = pieces.get(from..).unwrap_or_default();
    rest.iter()
        .find(|p| !matches!(p.kind, Kind::Sign(c) if c.is_whitespace()))
        .is_some_and(|p| p.kind == Kind::Digit)
}

fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at..];
        let (length, kind) = match c {
            '<' => (rest.find('>').map_or(rest.len(), |n| n + 1), Kind::Wall),
            '&' => match rest.bytes().take(12).position(|b| b == b';') {
                Some(n) if matches!(&rest[..n], "&lrm" | "&rlm") => (n + 1, Kind::Wall),
                Some(n) => (n + 1, Kind::Sign('&')),
                None => (1, Kind::Sign('&')),
            },
            '\n' => (1, Kind::Wall),
            c if is_mark(c) => (c.len_utf8(), Kind::Wall),
            c if is_leftward(c) => (c.len_utf8(), Kind::Leftward),
            c if c.is_numeric() => (c.len_utf8(), Kind::Digit),
            c if c.is_alphabetic() => (c.len_utf8(), Kind::Letter),
            c => (c.len_utf8(), Kind::Sign(c)),
        };
        let end = at + length;
        pieces.push(Piece { at, end, kind });
        at = end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, language: &str) -> String {
        let language = Language::new(language).expect("a language");
        isolated(text, &language)
            .replace(OPEN, "{")
            .replace(CLOSE, "}")
    }

    #[test]
    fn numbers_and_addresses_keep_their_order() {
        for (text, expected) in [
            ("اتصل 06 12 34 56 78 الآن", "اتصل {06 12 34 56 78} الآن"),
            (
                "اتصل (06 12 34)، أو +33 4 75.",
                "اتصل ({06 12 34})، أو {+33 4 75}.",
            ),
            ("من 14:30 إلى 16:00!", "من {14:30} إلى {16:00}!"),
            ("06 12, 14:30", "{06 12}, {14:30}"),
            ("aide@exemple.fr لكم", "{aide@exemple.fr} لكم"),
            (
                "زوروا https://exemple.fr/a?b=1 الآن",
                "زوروا {https://exemple.fr/a?b=1} الآن",
            ),
            // Words alone keep their order by themselves, but not a whole line's.
            ("في PMI de Die هنا", "في PMI de Die هنا"),
            ("PMI هنا", "{PMI} هنا"),
            ("سنة 2025 كانت", "سنة 2025 كانت"),
            ("خصم 20 % اليوم", "خصم {20 %} اليوم"),
            ("٠٦ ١٢ ٣٤ هنا", "{٠٦ ١٢ ٣٤} هنا"),
            ("هاتف (04) 75 00", "هاتف {(04) 75 00}"),
            ("06 12 34", "{06 12 34}"),
            (
                "<v PMI 26>اتصل 06 12</v> &amp; <b>07 08</b>",
                "<v PMI 26>اتصل {06 12}</v> &amp; <b>{07 08}</b>",
            ),
            ("سطر\nثم 1-2", "سطر\nثم {1-2}"),
            // Whoever wrote marks knew what they wanted.
            ("اتصل \u{202A}06 12\u{202C}", "اتصل \u{202A}06 12\u{202C}"),
        ] {
            assert_eq!(seen(text, "ar"), expected, "{text}");
        }
    }

    #[test]
    fn other_languages_are_touched_after_arabic_words_only() {
        for (text, expected) in [
            ("Appelez le 06 12 34", "Appelez le 06 12 34"),
            ("« مرحبا » 06 12 34", "« مرحبا » {06 12 34}"),
            ("Le 06 12 : مرحبا", "Le 06 12 : مرحبا"),
        ] {
            assert_eq!(seen(text, "fr"), expected, "{text}");
        }
    }

    #[test]
    fn what_is_isolated_stays_as_it_is() {
        let arabic = Language::new("ar").expect("a language");
        let once = isolated("اتصل 06 12 34 أو PMI 26", &arabic);
        assert_eq!(isolated(&once, &arabic), once);
    }
}
