//! The pages of one capsule: its own, the one that other sites embed, and its
//! transcripts.

use super::contact::{self, Part};
use super::film::{self, At, Captioned, Download, Person, Player, Tongue, Written, at, tongue};
use super::transcript::{self, Paragraph, seconds};
use super::words::{Voice, direction, voice};
use super::{EMBED, Head, INDEX, PARTS, Texts, head};
use crate::publish::html;
use crate::publish::manifest::{Capsule, Manifest};
use crate::publish::path::TreePath;
use crate::publish::playlist::language_name;
use crate::values::audience::Audience;
use serde::Serialize;
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../assets/page/capsule.html");
const EMBEDDED: &str = include_str!("../../../assets/page/embed.html");
const TRANSCRIPT: &str = include_str!("../../../assets/page/transcript.html");

#[derive(Serialize)]
struct Page<'a> {
    head: Head<'a>,
    id: &'a str,
    tongue: Option<Tongue>,
    title: &'a str,
    theme: Option<&'a str>,
    people: Vec<Person<'a>>,
    description: Option<&'a str>,
    contact: Vec<Part<'a>>,
    player: Player,
    downloads: Vec<Download>,
    transcripts: Vec<Said>,
    /// Texts of the cards, where there is no transcript to hold them.
    shown: Vec<Vec<String>>,
    share: Option<Share>,
    structured_data: Option<String>,
}

#[derive(Serialize)]
struct Said {
    language: String,
    name: String,
    tongue: Option<Tongue>,
    paragraphs: Vec<Block>,
    /// Cards speak the film's language, whatever the transcript's.
    cards: Option<Tongue>,
    page: String,
    text: String,
}

#[derive(Serialize)]
struct Block {
    at: At,
    card: Option<Vec<String>>,
    sound: bool,
    speaker: Option<String>,
    phrases: Vec<Words>,
}

#[derive(Serialize)]
struct Words {
    start: String,
    end: String,
    text: String,
}

/// Only of the public tree: what other audiences see is not for passing on.
#[derive(Serialize)]
struct Share {
    /// Whether the addresses are known; else the page's script fills them in.
    known: bool,
    address: String,
    /// For other sites: an iframe, and a link.
    frame: String,
    link: String,
}

/// Stands for the address of the capsule's folder where only a browser can
/// know it.
const FOLDER: &str = "%FOLDER%";
/// Width of an embedded player, and what its controls need below the picture.
const FRAME_WIDTH: u32 = 640;
const FRAME_CONTROLS: u32 = 140;

fn share(base: Option<&str>, capsule: &Capsule, player: &Player) -> Share {
    let folder = base.map_or(FOLDER.to_owned(), |b| format!("{b}{}/", capsule.id));
    let address = format!("{folder}{INDEX}");
    let title = html::escape(&capsule.title);
    let height = (FRAME_WIDTH * player.height).div_ceil(player.width.max(1)) + FRAME_CONTROLS;
    Share {
        known: base.is_some(),
        frame: format!(
            "<iframe src=\"{}\" title=\"{title}\" width=\"{FRAME_WIDTH}\" \
             height=\"{height}\" allow=\"fullscreen\" loading=\"lazy\"></iframe>",
            html::escape(&format!("{folder}{EMBED}"))
        ),
        link: format!("<a href=\"{}\">{title}</a>", html::escape(&address)),
        address,
    }
}

pub(super) fn voice_of(manifest: &Manifest, capsule: &Capsule) -> Voice {
    voice(&[&capsule.language, &manifest.series.language])
}

/// All pages of a capsule, and its transcripts as text.
pub(super) fn pages(
    manifest: &Manifest,
    capsule: &Capsule,
    captions: &[Captioned],
    written: &[Written],
    texts: &Texts,
) -> BTreeMap<TreePath, Vec<u8>> {
    let mut pages = BTreeMap::new();
    let mut put = |name: &str, text: String| {
        let path = TreePath::known(&format!("{}/{name}", capsule.id));
        pages.insert(path, text.into_bytes());
    };
    let page = page(manifest, capsule, captions, written, texts);
    put(INDEX, html::render_with(PAGE, &PARTS, &page));
    put(EMBED, html::render_with(EMBEDDED, &PARTS, &page));
    for written in written {
        let (page, text) = names(written);
        put(&page, transcript_page(manifest, capsule, written));
        let words = voice(&[&written.language, &manifest.series.language]).words;
        let paragraphs = &written.paragraphs;
        let text_of = transcript::text(capsule, &written.language, paragraphs, words);
        put(&text, text_of);
    }
    pages
}

/// File names of a transcript: its page, its text.
pub(super) fn names(written: &Written) -> (String, String) {
    let base = format!("transcript.{}", written.language);
    (format!("{base}.html"), format!("{base}.txt"))
}

fn page<'a>(
    manifest: &'a Manifest,
    capsule: &'a Capsule,
    captions: &[Captioned],
    written: &[Written],
    texts: &Texts,
) -> Page<'a> {
    let voice = voice_of(manifest, capsule);
    let words = voice.words;
    let source = film::timed_file(capsule);
    let said = |written: &Written| {
        let (page, text) = names(written);
        Said {
            language: written.language.to_string(),
            name: language_name(&written.language),
            tongue: tongue(&written.language, &voice.language),
            cards: tongue(&capsule.language, &written.language),
            paragraphs: blocks(&written.paragraphs, source.as_deref()),
            page,
            text,
        }
    };
    let mut cards = transcript::cards(capsule);
    cards.sort_by_key(|(start, _)| *start);
    let base = super::base(manifest);
    let player = film::player(capsule, captions, texts, words);
    Page {
        id: capsule.id.as_str(),
        tongue: tongue(&capsule.language, &voice.language),
        title: &capsule.title,
        theme: capsule.theme.as_deref(),
        people: film::people(capsule),
        description: capsule.description.as_deref(),
        contact: capsule
            .contact
            .as_deref()
            .map_or(Vec::new(), contact::parts),
        downloads: film::downloads(capsule, words),
        transcripts: written.iter().map(said).collect(),
        shown: if written.is_empty() {
            cards.into_iter().map(|(_, lines)| lines).collect()
        } else {
            Vec::new()
        },
        share: (manifest.audience == Audience::Public).then(|| share(base, capsule, &player)),
        player,
        structured_data: base.map(|_| html::script_json(&capsule.structured_data)),
        head: head(manifest, voice, "../", &format!("{}/{INDEX}", capsule.id)),
    }
}

fn blocks(paragraphs: &[Paragraph], source: Option<&str>) -> Vec<Block> {
    let block = |paragraph: &Paragraph| {
        let words = |p: &transcript::Phrase| Words {
            start: seconds(p.start),
            end: seconds(p.end),
            text: p.text.clone(),
        };
        let (card, speaker, phrases) = match paragraph {
            Paragraph::Card { lines, .. } => (Some(lines.clone()), None, Vec::new()),
            Paragraph::Sound(phrase) => (None, None, vec![words(phrase)]),
            Paragraph::Speech { speaker, phrases } => {
                (None, speaker.clone(), phrases.iter().map(words).collect())
            }
        };
        Block {
            at: at(paragraph.start(), source),
            sound: matches!(paragraph, Paragraph::Sound(_)),
            card,
            speaker,
            phrases,
        }
    };
    paragraphs.iter().map(block).collect()
}

#[derive(Serialize)]
struct TranscriptPage<'a> {
    head: Head<'a>,
    language: String,
    direction: &'static str,
    film_tongue: Option<Tongue>,
    cards: Option<Tongue>,
    title: &'a str,
    people: Vec<Person<'a>>,
    paragraphs: Vec<Block>,
    text: String,
}

/// Its times lead to the film's page.
fn transcript_page(manifest: &Manifest, capsule: &Capsule, written: &Written) -> String {
    let voice = voice(&[
        &written.language,
        &capsule.language,
        &manifest.series.language,
    ]);
    let (name, text) = names(written);
    let page = TranscriptPage {
        language: written.language.to_string(),
        direction: direction(&written.language),
        film_tongue: tongue(&capsule.language, &voice.language),
        cards: tongue(&capsule.language, &written.language),
        title: &capsule.title,
        people: film::people(capsule),
        paragraphs: blocks(&written.paragraphs, Some(INDEX)),
        text,
        head: head(manifest, voice, "../", &format!("{}/{name}", capsule.id)),
    };
    html::render_with(TRANSCRIPT, &PARTS, &page)
}
