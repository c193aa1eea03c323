//! What is said and shown in a capsule, in the order in which it comes: cues
//! joined into paragraphs, and the text of the cards where they are on screen.

use super::film;
use super::words::Words;
use crate::captions::Cue;
use crate::publish::manifest::{Capsule, Speaker};
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
}

impl Paragraph {
    pub(super) fn start(&self) -> Rational {
        match self {
            Paragraph::Card { start, .. } => *start,
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
        for (voice, text) in voices(&cue.text) {
            writer.say(cue, voice, text);
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

    fn say(&mut self, cue: &Cue, voice: Option<String>, text: String) {
        if text.is_empty() {
            return;
        }
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

/// The parts of a cue's text by who says them, as `<v Name>` tells, in plain
/// words. A second dialogue line stays a line of its own.
fn voices(text: &str) -> Vec<(Option<String>, String)> {
    let mut parts = Vec::new();
    for (n, part) in text.split("<v").enumerate() {
        let (voice, words) = match part.split_once('>') {
            Some((tag, words)) if n > 0 => {
                let name = tag.split_once(char::is_whitespace).map(|(_, name)| name);
                (name.map(plain).filter(|n| !n.is_empty()), words)
            }
            _ => (None, part),
        };
        let words = joined(&plain(words));
        if !words.is_empty() {
            parts.push((voice, words));
        }
    }
    parts
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

/// As plain text, for those who keep or print it.
pub(super) fn text(capsule: &Capsule, paragraphs: &[Paragraph], words: &Words) -> String {
    let mut text = format!("{}\n", capsule.title);
    for person in film::people(capsule) {
        let who: Vec<&str> = person.name.into_iter().chain(person.position).collect();
        text.push_str(&who.join(", "));
        text.push('\n');
    }
    for paragraph in paragraphs {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n[{}] ", clock(paragraph.start()));
        match paragraph {
            Paragraph::Card { lines, .. } => {
                let _ = write!(text, "{}{} ", words.on_screen, words.colon);
                text.push_str(&lines.join(" / "));
            }
            Paragraph::Speech { speaker, phrases } => {
                if let Some(speaker) = speaker {
                    let _ = write!(text, "{speaker}{} ", words.colon);
                }
                let said: Vec<&str> = phrases.iter().map(|p| p.text.as_str()).collect();
                text.push_str(&said.join(" "));
            }
        }
        text.push('\n');
    }
    text
}

/// What is said alone, for machines that want one string.
pub(super) fn spoken(paragraphs: &[Paragraph]) -> String {
    let phrases = paragraphs.iter().flat_map(|p| match p {
        Paragraph::Speech { phrases, .. } => phrases.as_slice(),
        Paragraph::Card { .. } => &[],
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
             00:09.000 --> 00:10.000\n– Vous ?\n– Moi.\n",
        );
        let all = paragraphs(&film, &cues);
        let words = super::super::words::voice(&[&film.language]).words;
        assert_eq!(
            text(&film, &all, words),
            "Peur ?\nAnne, Psychologue, Maison des familles\n\
             \n[0:00] À l’écran\u{a0}: Vivre / Peur ?\n\
             \n[0:03] Anne\u{a0}: On a peur, souvent & tôt.\n\
             \n[0:05] À l’écran\u{a0}: Anne / Infirmière\n\
             \n[0:05] Paul B.\u{a0}: Ah ?\n\
             \n[0:05] Anne\u{a0}: Oui.\n\
             \n[0:09] – Vous ?\n– Moi.\n\
             \n[0:20] À l’écran\u{a0}: 04 75\n"
        );
        assert_eq!(
            spoken(&all),
            "On a peur, souvent & tôt. Ah ? Oui. – Vous ?\n– Moi."
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
