//! What is said and shown in a capsule, in the order in which it comes: cues
//! joined into paragraphs, and the text of the cards where they are on screen.

use super::film;
use super::words::Words;
use crate::captions::{Cue, is_sound};
use crate::publish::manifest::{Capsule, Speaker};
use crate::values::ids::Language;
use crate::values::time::Rational;
use std::cmp::Reverse;
use std::fmt::Write as _;

/// Words of one cue, by one voice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Phrase {
    pub start: Rational,
    pub end: Rational,
    pub text: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Paragraph {
    /// The texts of a card, line by line.
    Card { start: Rational, lines: Vec<String> },
    Speech {
        /// Said where the speaker changes.
        speaker: Option<String>,
        phrases: Vec<Phrase>,
    },
    /// What is heard and nobody says: laughter, a door, music.
    Sound(Phrase),
}

impl Paragraph {
    pub(super) fn start(&self) -> Rational {
        match self {
            Paragraph::Card { start, .. } | Paragraph::Sound(Phrase { start, .. }) => *start,
            Paragraph::Speech { phrases, .. } => {
                phrases.first().map_or(Rational::ZERO, |p| p.start)
            }
        }
    }
}

/// A silence of this many seconds begins a paragraph.
const SILENCE: i64 = 2;
/// A paragraph that has lasted this long ends with its sentence.
const LONG: i64 = 12;

/// Cards and speech in order. A card comes before what is said over it.
pub(super) fn paragraphs(capsule: &Capsule, cues: &[Cue]) -> Vec<Paragraph> {
    let mut cards = cards(capsule);
    cards.sort_by_key(|(start, _)| Reverse(*start));
    let mut cues: Vec<&Cue> = cues.iter().collect();
    cues.sort_by_key(|cue| (cue.start, cue.end));

    let mut writer = Writer::new(capsule);
    for cue in cues {
        while let Some((start, lines)) = cards.pop_if(|(start, _)| *start <= cue.start) {
            writer.list.push(Paragraph::Card { start, lines });
        }
        for part in voices(&cue.text) {
            match part {
                Part::Said(voice, text) => writer.say(cue, voice, text),
                Part::Heard(text) => writer.hear(cue, text),
            }
        }
    }
    let rest = cards.into_iter().rev();
    writer
        .list
        .extend(rest.map(|(start, lines)| Paragraph::Card { start, lines }));
    writer.list
}

struct Writer<'a> {
    list: Vec<Paragraph>,
    /// Who speaks where no cue says it.
    capsule: &'a Capsule,
    /// Who was named last; `None` before anybody is.
    named: Option<String>,
}

impl<'a> Writer<'a> {
    fn new(capsule: &'a Capsule) -> Writer<'a> {
        Writer {
            list: Vec::new(),
            capsule,
            named: None,
        }
    }

    /// Whoever goes on speaking after it is named again.
    fn hear(&mut self, cue: &Cue, text: String) {
        self.named = None;
        self.list.push(Paragraph::Sound(Phrase {
            start: cue.start,
            end: cue.end,
            text,
        }));
    }

    fn say(&mut self, cue: &Cue, voice: Option<String>, text: String) {
        // In a dialogue with dashes nobody can know who it is.
        let dialogue = text.starts_with(['-', '–', '—']);
        let who = match voice {
            None if dialogue => None,
            None => whose_turn(self.capsule, cue),
            named => named,
        };
        let changed = who.is_some() && who != self.named;
        let phrase = Phrase {
            start: cue.start,
            end: cue.end,
            text,
        };
        let joins = !changed && !dialogue;
        if let Some(Paragraph::Speech { phrases, .. }) = self.list.last_mut()
            && joins
            && continues(phrases, &phrase)
        {
            phrases.push(phrase);
            return;
        }
        if changed {
            self.named.clone_from(&who);
        }
        self.list.push(Paragraph::Speech {
            speaker: who.filter(|_| changed),
            phrases: vec![phrase],
        });
    }
}

/// Who speaks during a cue: the only one, or the one whose turn it is when
/// most of the cue is still to come. Of several whose times nobody wrote down
/// it might be anyone.
fn whose_turn(capsule: &Capsule, cue: &Cue) -> Option<String> {
    if capsule.speakers.is_empty() {
        return capsule.speaker.clone();
    }
    let middle = (cue.start + cue.end) * Rational::milliseconds(500);
    let begun = |s: &&Speaker| {
        s.start
            .as_ref()
            .is_some_and(|start| start.to_rational() <= middle)
    };
    let last = capsule.speakers.iter().rev().find(begun);
    last.and_then(|speaker| speaker.name.clone())
}

fn continues(phrases: &[Phrase], next: &Phrase) -> bool {
    let (Some(first), Some(last)) = (phrases.first(), phrases.last()) else {
        return false;
    };
    let near = next.start - last.end < Rational::integer(SILENCE);
    let sentence_ends = last
        .text
        .trim_end_matches(['»', '"', ')', '\u{a0}', '\u{202f}', ' '])
        .ends_with(['.', '!', '?', '…', '؟']);
    let long = next.start - first.start >= Rational::integer(LONG);
    near && !(long && sentence_ends)
}

enum Part {
    Said(Option<String>, String),
    Heard(String),
}

/// The parts of a cue's text by who says them, as `<v Name>` tells, in plain
/// words; a sound is nobody's, unless the file gives it to somebody. A second
/// dialogue line stays a line of its own.
fn voices(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (n, part) in text.split("<v").enumerate() {
        let (voice, words) = match part.split_once('>') {
            Some((tag, words)) if n > 0 => {
                let name = tag.split_once(char::is_whitespace).map(|(_, name)| name);
                (name.map(plain).filter(|n| !n.is_empty()), words)
            }
            _ => (None, part),
        };
        // What stands behind the end of a voice is not that person's.
        let (own, rest) = match voice.is_some() {
            true => words.split_once("</v>").unwrap_or((words, "")),
            false => ("", words),
        };
        if voice.is_some() {
            parts.push(Part::Said(voice, joined(&plain(own))));
        }
        parts.extend(sounds_apart(&plain(rest)));
    }
    parts.retain(|part| match part {
        Part::Said(_, words) | Part::Heard(words) => !words.is_empty(),
    });
    parts
}

/// Lines that say what is heard, and the words between them.
fn sounds_apart(words: &str) -> Vec<Part> {
    if is_sound(&words.replace('\n', " ")) {
        return vec![Part::Heard(joined(words))];
    }
    let lines: Vec<&str> = words.lines().collect();
    lines
        .chunk_by(|one, other| is_sound(one) == is_sound(other))
        .map(|lines| {
            let text = joined(&lines.join("\n"));
            match lines.first() {
                Some(line) if is_sound(line) => Part::Heard(text),
                _ => Part::Said(None, text),
            }
        })
        .collect()
}

fn plain(text: &str) -> String {
    let cue = Cue {
        start: Rational::ZERO,
        end: Rational::ZERO,
        settings: None,
        text: text.to_owned(),
    };
    cue.plain_text().trim().to_owned()
}

fn joined(text: &str) -> String {
    let mut words = String::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        if !words.is_empty() {
            let dialogue = line.starts_with(['-', '–', '—']);
            words.push(if dialogue { '\n' } else { ' ' });
        }
        words.push_str(line);
    }
    words
}

/// Fields in the order in which people read them; the others after them.
const READ_FIRST: [&str; 5] = ["theme", "title", "speaker", "role", "structure"];

/// When each card comes on screen, and what it says.
pub(super) fn cards(capsule: &Capsule) -> Vec<(Rational, Vec<String>)> {
    let timed = capsule
        .card_times
        .iter()
        .filter_map(|(card, span)| Some((span.start.to_rational(), capsule.cards.get(card)?)));
    timed
        .filter_map(|(start, fields)| {
            let first = READ_FIRST.iter().filter_map(|&f| fields.get(f));
            let others = fields
                .iter()
                .filter(|(field, _)| !READ_FIRST.contains(&field.as_str()))
                .map(|(_, text)| text);
            let lines: Vec<String> = first.chain(others).cloned().collect();
            (!lines.is_empty()).then_some((start, lines))
        })
        .collect()
}

/// As plain text, for those who keep or print it. In a text file nothing but
/// marks says which way a sentence runs.
pub(super) fn text(
    capsule: &Capsule,
    language: &Language,
    paragraphs: &[Paragraph],
    words: &Words,
) -> String {
    let leftward = language.is_leftward();
    let mixed = leftward || capsule.language.is_leftward();
    // By its own first letter.
    let alone = |text: &str| match mixed {
        true => format!("\u{2068}{text}\u{2069}"),
        false => text.to_owned(),
    };
    let said = |text: &str| match leftward {
        true => format!("\u{2067}{text}\u{2069}"),
        false => text.to_owned(),
    };
    let mut text = format!("{}\n", capsule.title);
    for person in film::people(capsule) {
        let who: Vec<&str> = person.name.into_iter().chain(person.position).collect();
        text.push_str(&who.join(", "));
        text.push('\n');
    }
    for paragraph in paragraphs {
        text.push('\n');
        if leftward && !matches!(paragraph, Paragraph::Card { .. }) {
            text.push('\u{200F}');
        }
        // Writing to a String cannot fail.
        let _ = write!(text, "[{}] ", clock(paragraph.start()));
        match paragraph {
            Paragraph::Card { lines, .. } => {
                let _ = write!(text, "{}{} ", words.on_screen, words.colon);
                let lines: Vec<String> = lines.iter().map(|line| alone(line)).collect();
                text.push_str(&lines.join(" / "));
            }
            Paragraph::Speech { speaker, phrases } => {
                if let Some(speaker) = speaker {
                    let _ = write!(text, "{}{} ", alone(speaker), words.colon);
                }
                let phrases: Vec<&str> = phrases.iter().map(|p| p.text.as_str()).collect();
                text.push_str(&said(&phrases.join(" ")));
            }
            Paragraph::Sound(phrase) => text.push_str(&said(&phrase.text)),
        }
        text.push('\n');
    }
    text
}

/// What is said alone, for machines that want one string.
pub(super) fn spoken(paragraphs: &[Paragraph]) -> String {
    let phrases = paragraphs.iter().flat_map(|p| match p {
        Paragraph::Speech { phrases, .. } => phrases.as_slice(),
        Paragraph::Card { .. } | Paragraph::Sound(_) => &[],
    });
    let said: Vec<&str> = phrases.map(|p| p.text.as_str()).collect();
    said.join(" ")
}

/// Minutes and seconds that have gone by: `0:05`.
pub(super) fn clock(time: Rational) -> String {
    let seconds = time.floor().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Seconds as a script and a media fragment read them: `12.48`.
pub(super) fn seconds(time: Rational) -> String {
    let ms = (time * Rational::integer(1000)).round().max(0);
    let text = format!("{}.{:03}", ms / 1000, ms % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captions::parse;
    use crate::publish::manifest::{Decimal, Span};
    use crate::publish::sample::capsule;
    use std::collections::BTreeMap;

    fn cues(vtt: &str) -> Vec<Cue> {
        parse(vtt.as_bytes()).cues
    }

    fn span(start: i64, end: i64) -> Span {
        let at = |s: i64| Decimal::from_millionths(s * 1_000_000);
        Span {
            start: at(start),
            end: at(end),
        }
    }

    #[test]
    fn what_follows_a_voice_is_not_that_persons() {
        let said = voices("<v Paul>Ah ?</v> Oui.")
            .into_iter()
            .map(|part| match part {
                Part::Said(voice, words) => (voice, words),
                Part::Heard(words) => panic!("{words}"),
            });
        let said: Vec<_> = said.collect();
        let paul = (Some("Paul".to_owned()), "Ah ?".to_owned());
        assert_eq!(said, [paul, (None, "Oui.".to_owned())]);
    }

    #[test]
    fn cards_stand_where_they_are_seen_and_names_where_voices_change() {
        let mut film = capsule("a", "Peur ?");
        let card = |fields: &[(&str, &str)]| -> BTreeMap<String, String> {
            let own = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
            fields.iter().map(own).collect()
        };
        film.cards = BTreeMap::from([
            (
                "opening".into(),
                card(&[("title", "Peur ?"), ("theme", "Vivre")]),
            ),
            (
                "lower-third".into(),
                card(&[("role", "Infirmière"), ("speaker", "Anne")]),
            ),
            ("end".into(), card(&[("contact", "04 75")])),
        ]);
        film.card_times = BTreeMap::from([
            ("opening".into(), span(0, 3)),
            ("lower-third".into(), span(5, 8)),
            ("end".into(), span(20, 24)),
        ]);
        film.speaker = Some("Anne".into());
        let cues = cues(
            "WEBVTT\n\n00:03.500 --> 00:05.000\nOn a peur,\nsouvent &amp; tôt.\n\n\
             00:05.200 --> 00:06.000\n<v Paul B.>Ah ?</v>\n<v Anne>Oui.</v>\n\n\
             00:09.000 --> 00:10.000\n– Vous ?\n– Moi.\n\n\
             00:11.000 --> 00:12.000\n[rires]\nOn verra.\n\n\
             00:12.500 --> 00:13.000\n♪ Un air\ndoux ♪\n\n\
             00:14.000 --> 00:15.000\nOui.\n\n\
             00:15.500 --> 00:16.000\n<v Paul B.>(soupir)</v>\n",
        );
        let all = paragraphs(&film, &cues);
        let words = super::super::words::voice(&[&film.language]).words;
        assert_eq!(
            text(&film, &film.language, &all, words),
            "Peur ?\nAnne, Psychologue, Maison des familles\n\
             \n[0:00] À l’écran\u{a0}: Vivre / Peur ?\n\
             \n[0:03] Anne\u{a0}: On a peur, souvent & tôt.\n\
             \n[0:05] À l’écran\u{a0}: Anne / Infirmière\n\
             \n[0:05] Paul B.\u{a0}: Ah ?\n\
             \n[0:05] Anne\u{a0}: Oui.\n\
             \n[0:09] – Vous ?\n– Moi.\n\
             \n[0:11] [rires]\n\
             \n[0:11] Anne\u{a0}: On verra.\n\
             \n[0:12] ♪ Un air doux ♪\n\
             \n[0:14] Anne\u{a0}: Oui.\n\
             \n[0:15] Paul B.\u{a0}: (soupir)\n\
             \n[0:20] À l’écran\u{a0}: 04 75\n"
        );
        assert_eq!(
            spoken(&all),
            "On a peur, souvent & tôt. Ah ? Oui. – Vous ?\n– Moi. On verra. Oui. (soupir)"
        );
    }

    #[test]
    fn a_paragraph_ends_with_its_sentence_or_a_silence() {
        let mut film = capsule("a", "?");
        film.card_times.clear();
        let cues = cues(
            "WEBVTT\n\n00:00.000 --> 00:07.000\nUn.\n\n00:07.000 --> 00:14.000\nDeux\n\n\
             00:14.000 --> 00:16.000\ntrois.\n\n00:16.000 --> 00:17.000\nQuatre\n\n\
             00:19.500 --> 00:20.000\ncinq\n",
        );
        let starts: Vec<String> = paragraphs(&film, &cues)
            .iter()
            .map(|p| seconds(p.start()))
            .collect();
        assert_eq!(starts, ["0", "16", "19.5"]);
    }
}
