//! What is drawn of a cue: its words in pieces of one look, and where the cue
//! asks to stand. Colours are those of the French charter for captioning: white
//! for who is seen, yellow for who is not, red for sounds, magenta for music,
//! cyan for narrators and thoughts, green for foreign languages.

use crate::captions::markup;
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
    look: Look,
    reading_aid: bool,
}

/// The pieces of clean cue text. `sdh`: sounds and music are described, so that
/// words in brackets and beside notes are known for what they are.
pub fn spans(text: &str, language: &Language, sdh: bool) -> Vec<Span> {
    let mut pieces: Vec<(String, Open)> = Vec::new();
    let mut open = vec![Open::default()];
    let mut push = |text: &str, look: Open| match pieces.last_mut() {
        Some((so_far, last)) if last.ink == look.ink && last.look == look.look => {
            so_far.push_str(text);
        }
        _ => pieces.push((text.to_owned(), look)),
    };
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let now = open.last().copied().unwrap_or_default();
        push(&markup::plain(&rest[..at]), now);
        let Some(end) = rest[at..].find('>') else {
            rest = "";
            break;
        };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if tag.starts_with('/') {
            if open.len() > 1 {
                open.pop();
            }
            if now.reading_aid {
                push(")", now);
            }
        } else {
            let inner = opened(now, tag, language);
            if inner.reading_aid {
                push(" (", inner);
            }
            open.push(inner);
        }
    }
    push(
        &markup::plain(rest),
        open.last().copied().unwrap_or_default(),
    );
    if sdh && pieces.iter().all(|(_, look)| look.ink.is_none()) {
        pieces = described(pieces);
    }
    pieces
        .into_iter()
        .filter(|(text, _)| !text.is_empty())
        .map(|(text, open)| Span {
            text,
            look: Look {
                ink: open.ink.unwrap_or_default(),
                ..open.look
            },
        })
        .collect()
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
        ..outside
    };
    match name {
        "b" => inside.look.bold = true,
        "i" => inside.look.italic = true,
        "u" => inside.look.underlined = true,
        "v" if is_narrator(&annotation) => inside.ink = Some(Ink::Cyan),
        "lang" if is_foreign(&annotation, language) => inside.ink = Some(Ink::Green),
        _ => {}
    }
    inside.ink = parts.filter_map(ink_of).next_back().or(inside.ink);
    inside
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

/// Sounds and music by what people write around them, line by line, where no
/// colour was given.
fn described(pieces: Vec<(String, Open)>) -> Vec<(String, Open)> {
    let whole: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
    let inks: Vec<Option<Ink>> = match throughout(whole.trim()) {
        Some(ink) => whole.split('\n').map(|_| Some(ink)).collect(),
        None => whole.split('\n').map(sound).collect(),
    };
    let mut line = 0;
    let mut out: Vec<(String, Open)> = Vec::new();
    for (text, open) in pieces {
        for part in text.split_inclusive('\n') {
            let ink = inks.get(line).copied().flatten();
            out.push((part.to_owned(), Open { ink, ..open }));
            line += usize::from(part.ends_with('\n'));
        }
    }
    out
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

/// Where a cue asks to stand, shares in hundredths of a percent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    pub line: Option<Height>,
    /// Of the picture's width, where the cue's own side stands.
    pub position: Option<u32>,
    pub side: Option<Side>,
    pub size: Option<u32>,
    pub align: Option<Align>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Height {
    /// Counted from the top, or, negative, from the foot (-1 is the last).
    Line(i32),
    Share(u32, Side),
}

/// Of the cue: which part of it stands where it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Start,
    Middle,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Start,
    Centre,
    End,
    Left,
    Right,
}

/// From valid cue settings. Vertical writing is not drawn: such a cue stands
/// as any other, and its line is not one of ours.
pub fn standing(settings: Option<&str>) -> Standing {
    let mut found = Standing::default();
    let settings = settings.unwrap_or_default();
    let upright = settings.contains("vertical:");
    for (name, value) in settings.split(' ').filter_map(|s| s.split_once(':')) {
        let (value, side) = value.split_once(',').unwrap_or((value, ""));
        match name {
            "line" if !upright => {
                found.line = match share(value) {
                    Some(share) => Some(Height::Share(share, side_of(side).unwrap_or(Side::Start))),
                    None => value.parse().ok().map(Height::Line),
                };
            }
            "position" if !upright => {
                (found.position, found.side) = (share(value), side_of(side));
            }
            "size" if !upright => found.size = share(value),
            "align" => {
                found.align = match value {
                    "start" => Some(Align::Start),
                    "center" => Some(Align::Centre),
                    "end" => Some(Align::End),
                    "left" => Some(Align::Left),
                    "right" => Some(Align::Right),
                    _ => None,
                };
            }
            _ => {}
        }
    }
    found
}

fn side_of(name: &str) -> Option<Side> {
    match name {
        "start" | "line-left" => Some(Side::Start),
        "center" => Some(Side::Middle),
        "end" | "line-right" => Some(Side::End),
        _ => None,
    }
}

fn share(value: &str) -> Option<u32> {
    let (whole, rest) = value
        .strip_suffix('%')?
        .split_once('.')
        .unwrap_or((value.strip_suffix('%')?, ""));
    let digits = format!("{rest:0<2}");
    let hundredths: u32 = digits.get(..2)?.parse().ok()?;
    Some((whole.parse::<u32>().ok()? * 100 + hundredths).min(10_000))
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
                vec![("[Une porte\n", Ink::Red), ("claque]", Ink::Red)],
            ),
            ("[Une porte]", false, vec![("[Une porte]", Ink::White)]),
            (
                "♪ Air doux ♪\n- (Rires)\n- Oui [non]",
                true,
                vec![
                    ("♪ Air doux ♪\n", Ink::Magenta),
                    ("- (Rires)\n", Ink::Red),
                    ("- Oui [non]", Ink::White),
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
    fn a_standing_is_what_the_settings_say() {
        assert_eq!(standing(None), Standing::default());
        let all = standing(Some(
            "line:10.5%,end position:20%,line-left size:35% align:left",
        ));
        assert_eq!(all.line, Some(Height::Share(1050, Side::End)));
        assert_eq!((all.position, all.side), (Some(2000), Some(Side::Start)));
        assert_eq!((all.size, all.align), (Some(3500), Some(Align::Left)));
        assert_eq!(standing(Some("line:-2")).line, Some(Height::Line(-2)));
        let upright = standing(Some("vertical:rl line:0 position:10% align:end"));
        assert_eq!((upright.line, upright.position), (None, None));
        assert_eq!(upright.align, Some(Align::End));
    }
}
