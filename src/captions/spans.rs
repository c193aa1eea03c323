//! What is drawn of a cue: its words in pieces of one look. Colours are those
//! of the French charter for captioning: white for who is seen, yellow for who
//! is not, red for sounds, magenta for music, cyan for narrators and thoughts,
//! green for foreign languages.

use crate::captions::markup::{self, DEEPEST, push_escaped};
use crate::values::ids::Language;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Ink {
    #[default]
    White,
    Yellow,
    Red,
    Magenta,
    Cyan,
    Green,
    Blue,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Look {
    pub ink: Ink,
    pub bold: bool,
    pub italic: bool,
    pub underlined: bool,
}

/// A run of words that look alike; line ends are characters of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    pub text: String,
    pub look: Look,
}

/// A look on its way: no ink was asked for yet.
#[derive(Clone, Copy, Default)]
struct Open {
    ink: Option<Ink>,
    /// What this tag itself asks for.
    own: Option<Ink>,
    look: Look,
    reading_aid: bool,
}

/// The pieces of clean cue text. `sdh`: sounds and music are described, so that
/// words in brackets and beside notes are known for what they are.
pub fn spans(text: &str, language: &Language, sdh: bool) -> Vec<Span> {
    let mut pieces: Vec<Span> = Vec::new();
    let mut push = |text: &str, look: Look| match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.look == look => last.text.push_str(text),
        _ => pieces.push(Span {
            text: text.to_owned(),
            look,
        }),
    };
    let heard = heard(text, sdh);
    let mut at = 0;
    let mut open = vec![Open::default()];
    for token in tokens(text) {
        let now = open.last().copied().unwrap_or_default();
        let inked = |ink: Option<Ink>, open: Open| Look {
            ink: open.ink.or(ink).unwrap_or_default(),
            ..open.look
        };
        match token {
            Token::Words(words) => {
                for (ink, part) in runs(&markup::plain(words), &heard, &mut at) {
                    push(part, inked(ink, now));
                }
            }
            Token::Start(tag) => {
                let inner = opened(now, tag, language);
                if inner.reading_aid {
                    push(" (", inked(None, inner));
                }
                open.push(inner);
            }
            Token::End => {
                if open.len() > 1 {
                    open.pop();
                }
                if now.reading_aid {
                    push(")", inked(None, now));
                }
            }
        }
    }
    pieces
}

/// The same cue with every colour said by a class that each player knows
/// (`<c.red>`), so that captions beside the film look as those in its picture:
/// what is heard in brackets, `<v Narrateur>`, `<c.musique>`, `<lang en>`.
pub fn coloured(text: &str, language: &Language, sdh: bool) -> String {
    let heard = heard(text, sdh);
    let mut at = 0;
    let mut open = vec![Open::default()];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    for token in tokens(text) {
        let now = open.last().copied().unwrap_or_default();
        match token {
            Token::Words(words) => {
                rest = &rest[words.len()..];
                if now.ink.is_some() {
                    at += markup::plain(words).chars().count();
                    out.push_str(words);
                    continue;
                }
                for (ink, part) in runs(&markup::plain(words), &heard, &mut at) {
                    // Spaces at the ends are nobody's, and readers move them.
                    let inside = part.trim();
                    let class = ink.and_then(class_of);
                    let class = class.filter(|_| !inside.is_empty() && open.len() <= DEEPEST);
                    let Some(class) = class else {
                        part.chars().for_each(|c| push_escaped(&mut out, c));
                        continue;
                    };
                    let start = part.len() - part.trim_start().len();
                    out.push_str(&part[..start]);
                    out.push_str("<c.");
                    out.push_str(class);
                    out.push('>');
                    inside.chars().for_each(|c| push_escaped(&mut out, c));
                    out.push_str("</c>");
                    out.push_str(&part[start + inside.len()..]);
                }
            }
            Token::Start(tag) => {
                rest = &rest[tag.len() + 2..];
                let inner = opened(now, tag, language);
                let (head, annotation) = tag.find(' ').map_or((tag, ""), |n| tag.split_at(n));
                out.push('<');
                out.push_str(head);
                let said = inner.own.and_then(class_of);
                if let Some(class) = said.filter(|&class| !head.split('.').any(|c| c == class)) {
                    out.push('.');
                    out.push_str(class);
                }
                out.push_str(annotation);
                out.push('>');
                open.push(inner);
            }
            Token::End => {
                let end = rest.find('>').map_or(rest.len(), |n| n + 1);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
                if open.len() > 1 {
                    open.pop();
                }
            }
        }
    }
    out
}

enum Token<'a> {
    /// Escaped.
    Words(&'a str),
    /// Name, classes and annotation.
    Start(&'a str),
    End,
}

/// Of clean cue text, whose tags all end.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.strip_prefix('<').and_then(|_| rest.find('>')) {
            Some(end) => {
                tokens.push(match rest[1..end].strip_prefix('/') {
                    Some(_) => Token::End,
                    None => Token::Start(&rest[1..end]),
                });
                end + 1
            }
            None => {
                let mut after = rest.char_indices().skip(1);
                let next = after.find(|(_, c)| *c == '<');
                let end = next.map_or(rest.len(), |(at, _)| at);
                tokens.push(Token::Words(&rest[..end]));
                end
            }
        };
        rest = &rest[end..];
    }
    tokens
}

/// Words in runs of one ink of what is heard; `at` counts characters.
fn runs<'a>(words: &'a str, heard: &[Option<Ink>], at: &mut usize) -> Vec<(Option<Ink>, &'a str)> {
    let mut runs = Vec::new();
    let mut from = 0;
    let mut ink = heard.get(*at).copied().flatten();
    for (place, _) in words.char_indices() {
        let next = heard.get(*at).copied().flatten();
        if next != ink {
            runs.push((ink, &words[from..place]));
            (from, ink) = (place, next);
        }
        *at += 1;
    }
    if from < words.len() {
        runs.push((ink, &words[from..]));
    }
    runs
}

/// The look inside a tag. What is inside keeps the ink of what is around it
/// unless it says another.
fn opened(outside: Open, tag: &str, language: &Language) -> Open {
    let (head, annotation) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut parts = head.split('.');
    let name = parts.next().unwrap_or_default();
    let annotation = markup::plain(annotation);
    let mut inside = Open {
        reading_aid: name == "rt",
        own: None,
        ..outside
    };
    match name {
        "b" => inside.look.bold = true,
        "i" => inside.look.italic = true,
        "u" => inside.look.underlined = true,
        "v" if is_narrator(&annotation) => inside.own = Some(Ink::Cyan),
        "lang" if is_foreign(&annotation, language) => inside.own = Some(Ink::Green),
        _ => {}
    }
    inside.own = parts.filter_map(ink_of).next_back().or(inside.own);
    inside.ink = inside.own.or(inside.ink);
    inside
}

/// The class by which players know a colour. White is what all else is.
fn class_of(ink: Ink) -> Option<&'static str> {
    Some(match ink {
        Ink::White => return None,
        Ink::Yellow => "yellow",
        Ink::Red => "red",
        Ink::Magenta => "magenta",
        Ink::Cyan => "cyan",
        Ink::Green => "lime",
        Ink::Blue => "blue",
    })
}

/// WebVTT's own colours, and names that say what is heard. Black letters would
/// vanish in the band.
fn ink_of(class: &str) -> Option<Ink> {
    Some(match class.to_lowercase().as_str() {
        "white" | "black" => Ink::White,
        "yellow" | "off" | "offscreen" | "off-screen" | "hors-champ" => Ink::Yellow,
        "red" | "sound" | "sounds" | "sfx" | "son" | "sons" | "bruit" | "bruits" => Ink::Red,
        "magenta" | "music" | "musique" => Ink::Magenta,
        "cyan" | "narrator" | "narration" | "narrateur" | "narratrice" | "thought" | "thoughts"
        | "pensée" | "pensées" => Ink::Cyan,
        "lime" | "green" | "foreign" | "foreignphrase" | "étranger" => Ink::Green,
        "blue" => Ink::Blue,
        _ => return None,
    })
}

fn is_narrator(voice: &str) -> bool {
    let voice = voice.to_lowercase();
    [
        "narrateur",
        "narratrice",
        "narrator",
        "voix off",
        "voice-over",
        "voice over",
    ]
    .contains(&voice.as_str())
}

fn is_foreign(said: &str, language: &Language) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
    !said.is_empty() && primary(said) != primary(language.as_str())
}

/// Sounds and music by what people write around them: the ink of each character
/// of a cue's words. Empty where nothing is described.
fn heard(text: &str, sdh: bool) -> Vec<Option<Ink>> {
    if !sdh {
        return Vec::new();
    }
    let whole = markup::plain(text);
    let mut inks: Vec<Option<Ink>> = vec![throughout(whole.trim()); whole.chars().count()];
    if inks.first().is_none_or(Option::is_some) {
        return inks;
    }
    let mut paint = |from: usize, to: usize, ink: Ink| {
        for place in inks.iter_mut().take(to).skip(from) {
            *place = place.or(Some(ink));
        }
    };
    // Whole lines first, then what stands in brackets beside words.
    let mut at = 0;
    for line in whole.split('\n') {
        let length = line.chars().count();
        if let Some(ink) = sound(line) {
            paint(at, at + length, ink);
        }
        at += length + 1;
    }
    let (mut bracket, mut note) = (None, None);
    for (n, c) in whole.chars().enumerate() {
        match c {
            '[' => bracket = Some(n),
            ']' => {
                if let Some(from) = bracket.take() {
                    paint(from, n + 1, Ink::Red);
                }
            }
            c if NOTES.contains(&c) => match note.take() {
                Some(from) => paint(from, n + 1, Ink::Magenta),
                None => note = Some(n),
            },
            _ => {}
        }
    }
    inks
}

/// Whether a line says what is heard, and nobody says it.
pub fn is_sound(line: &str) -> bool {
    sound(line).is_some()
}

const NOTES: [char; 4] = ['♪', '♫', '♬', '♩'];

/// What a cue of several lines is from its first sign to its last.
fn throughout(whole: &str) -> Option<Ink> {
    let inked = sound(&whole.replace('\n', " "))?;
    (inked != Ink::Magenta || whole.ends_with(NOTES)).then_some(inked)
}

fn sound(line: &str) -> Option<Ink> {
    let line = line.trim().trim_start_matches(['-', '–', '—', ' ']);
    if line.starts_with(NOTES) {
        return Some(Ink::Magenta);
    }
    let inside = |open, close| {
        let inner = line.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains([open, close])).then_some(Ink::Red)
    };
    inside('[', ']').or_else(|| inside('(', ')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, sdh: bool) -> Vec<(String, Ink)> {
        let french = Language::new("fr").expect("a language");
        let all = spans(text, &french, sdh).into_iter();
        all.map(|s| (s.text, s.look.ink)).collect()
    }

    #[test]
    fn colours_say_who_or_what_is_heard() {
        for (text, sdh, expected) in [
            ("Bonjour", false, vec![("Bonjour", Ink::White)]),
            (
                "<c.yellow>Viens !</c>",
                false,
                vec![("Viens !", Ink::Yellow)],
            ),
            (
                "<v.cyan Anne>Je <b>pense</b></v> & <c.bruit>boum</c>",
                false,
                vec![
                    ("Je ", Ink::Cyan),
                    ("pense", Ink::Cyan),
                    (" & ", Ink::White),
                    ("boum", Ink::Red),
                ],
            ),
            (
                "<v Voix off>Un soir</v>",
                false,
                vec![("Un soir", Ink::Cyan)],
            ),
            ("<v Anne>Oui</v>", false, vec![("Oui", Ink::White)]),
            (
                "Au <lang en>playground</lang> <lang fr-CA>là</lang>",
                false,
                vec![
                    ("Au ", Ink::White),
                    ("playground", Ink::Green),
                    (" là", Ink::White),
                ],
            ),
            ("<c.black>noir</c>", false, vec![("noir", Ink::White)]),
            (
                "[Une porte\nclaque]",
                true,
                vec![("[Une porte\nclaque]", Ink::Red)],
            ),
            ("[Une porte]", false, vec![("[Une porte]", Ink::White)]),
            (
                "♪ Air doux ♪\n- (Rires)\n- Oui [non]",
                true,
                vec![
                    ("♪ Air doux ♪", Ink::Magenta),
                    ("\n", Ink::White),
                    ("- (Rires)", Ink::Red),
                    ("\n- Oui ", Ink::White),
                    ("[non]", Ink::Red),
                ],
            ),
            // A colour elsewhere in the cue takes none from the other line.
            (
                "<c.yellow>Viens !</c>\n[Une porte <i>claque</i>] Oui.",
                true,
                vec![
                    ("Viens !", Ink::Yellow),
                    ("\n", Ink::White),
                    ("[Une porte ", Ink::Red),
                    ("claque", Ink::Red),
                    ("]", Ink::Red),
                    (" Oui.", Ink::White),
                ],
            ),
            (
                "<ruby>字<rt>ji</rt></ruby>",
                false,
                vec![("字 (ji)", Ink::White)],
            ),
        ] {
            let expected: Vec<(String, Ink)> = expected
                .into_iter()
                .map(|(t, i)| (t.to_owned(), i))
                .collect();
            assert_eq!(seen(text, sdh), expected, "{text}");
        }
    }

    #[test]
    fn every_player_is_told_the_colours() {
        let french = Language::new("fr").expect("a language");
        for (text, expected) in [
            ("Oui &amp; non", "Oui &amp; non"),
            (
                "<c.off>Viens !</c>\n[Une <i>porte</i>] Oui.",
                "<c.off.yellow>Viens !</c>\n<c.red>[Une</c> <i><c.red>porte</c></i><c.red>]</c> Oui.",
            ),
            (
                "<v Narrateur>Un soir</v> <lang en>too</lang>",
                "<v.cyan Narrateur>Un soir</v> <lang.lime en>too</lang>",
            ),
            (
                "<c.cyan>[Il pense]</c>\n♪ Air &amp; chant",
                "<c.cyan>[Il pense]</c>\n<c.magenta>♪ Air &amp; chant</c>",
            ),
        ] {
            let told = coloured(text, &french, true);
            assert_eq!(told, expected);
            assert_eq!(coloured(&told, &french, true), told);
            assert_eq!(
                spans(&told, &french, true),
                spans(text, &french, true),
                "{text}"
            );
        }
        assert_eq!(coloured("[Une porte]", &french, false), "[Une porte]");
    }
}
