//! What the pages know of one capsule: its player, its pictures, its downloads
//! and its transcripts, with addresses as seen from a folder of the tree.

use super::Texts;
use super::transcript::{self, Paragraph, clock, seconds};
use super::words::{Words, direction};
use crate::captions::{self, Cue};
use crate::publish::manifest::{Capsule, Poster, Rendition};
use crate::publish::path::TreePath;
use crate::publish::playlist::language_name;
use crate::values::ids::Language;
use crate::values::time::Rational;
use base64::Engine;
use serde::Serialize;
use std::cmp::Reverse;

/// Captions of one file, as the pages use them.
pub(super) struct Captioned {
    pub language: Language,
    pub sdh: bool,
    pub vtt: String,
    pub cues: Vec<Cue>,
}

/// The captions of a capsule whose text is at hand.
pub(super) fn captioned(capsule: &Capsule, texts: &Texts) -> Vec<Captioned> {
    let files = capsule.captions.iter();
    files
        .filter_map(|file| {
            let vtt = texts.get(&file.path)?;
            Some(Captioned {
                language: file.language.clone(),
                sdh: file.sdh,
                cues: captions::parse(vtt.as_bytes()).cues,
                vtt: vtt.clone(),
            })
        })
        .filter(|captions| !captions.cues.is_empty())
        .collect()
}

/// The transcript of one language, before it has a page.
pub(super) struct Written {
    pub language: Language,
    pub paragraphs: Vec<Paragraph>,
}

/// One transcript for each language of the captions, that of the capsule
/// first. The version for people who do not hear is taken where there is one:
/// it says more. Without captions there is none: a text without what is said
/// must not pass for the whole.
pub(super) fn transcripts(capsule: &Capsule, captions: &[Captioned]) -> Vec<Written> {
    let mut order: Vec<&Captioned> = captions.iter().collect();
    order.sort_by_key(|c| (c.language != capsule.language, c.language.clone(), !c.sdh));
    order.dedup_by_key(|c| &c.language);
    order
        .into_iter()
        .map(|c| Written {
            language: c.language.clone(),
            paragraphs: transcript::paragraphs(capsule, &c.cues),
        })
        .collect()
}

#[derive(Serialize)]
pub(super) struct Player {
    pub title: String,
    pub poster: Option<String>,
    pub width: u32,
    pub height: u32,
    pub hls: Option<String>,
    /// What plays without script.
    pub source: Option<String>,
    /// What plays from a disk, where size does not matter.
    pub best: Option<String>,
    pub tracks: Vec<Track>,
    /// One of them is shown from the start.
    pub captioned: bool,
    pub chapters: Vec<Chapter>,
    pub duration: String,
    pub length: String,
    pub storyboard: Option<Storyboard>,
}

#[derive(Serialize)]
pub(super) struct Track {
    pub url: String,
    pub kind: &'static str,
    pub language: String,
    pub label: String,
    pub shown: bool,
}

#[derive(Serialize)]
pub(super) struct Chapter {
    pub name: &'static str,
    pub at: At,
}

/// A time that can be clicked.
#[derive(Serialize)]
pub(super) struct At {
    pub seconds: String,
    pub clock: String,
    /// Where the time is played without script.
    pub link: String,
}

#[derive(Serialize)]
pub(super) struct Storyboard {
    pub sheet: String,
    /// `start,x,y,width,height` of each tile.
    pub tiles: String,
}

#[derive(Serialize)]
pub(super) struct Download {
    pub url: String,
    pub label: String,
}

pub(super) fn player(
    capsule: &Capsule,
    captions: &[Captioned],
    texts: &Texts,
    words: &Words,
) -> Player {
    let largest = capsule.renditions.iter().max_by_key(|r| r.width * r.height);
    let files = played_files(capsule);
    let source = source(&files).map(|r| own(capsule, &r.path));
    let duration = capsule.duration.to_rational();
    Player {
        title: capsule.title.clone(),
        poster: large_poster(capsule).map(|p| own(capsule, &p.path)),
        width: largest.map_or(16, |r| r.width),
        height: largest.map_or(9, |r| r.height),
        hls: multivariant(capsule).map(|path| own(capsule, &path)),
        best: files.first().map(|r| own(capsule, &r.path)),
        captioned: !captions.is_empty() && !shows_captions(capsule),
        tracks: tracks(capsule, captions, words),
        chapters: chapters(capsule, source.as_deref(), words),
        duration: seconds(duration),
        length: clock(Rational::integer(duration.round())),
        storyboard: storyboard(capsule, texts),
        source,
    }
}

/// A path of a capsule's folder, as seen from a page in that folder.
pub(super) fn own(capsule: &Capsule, path: &TreePath) -> String {
    let url = path.to_url();
    match url.strip_prefix(&format!("{}/", capsule.id)) {
        Some(inside) => inside.to_owned(),
        None => format!("../{url}"),
    }
}

fn short_side(rendition: &Rendition) -> u32 {
    rendition.width.min(rendition.height)
}

/// MP4s, tallest first. Square and upright versions are for elsewhere, so the
/// list keeps the shape of the first rendition.
pub(super) fn progressive(capsule: &Capsule) -> Vec<&Rendition> {
    let shape = |r: &Rendition| r.width.cmp(&r.height);
    let first = capsule.renditions.first().map(shape);
    let mut list: Vec<&Rendition> = capsule
        .renditions
        .iter()
        .filter(|r| r.is_progressive() && Some(shape(r)) == first)
        .collect();
    list.sort_by_key(|r| (Reverse(short_side(r)), &r.path));
    list
}

/// Those that last as long as the capsule: captions and chapters hold for them.
/// What has captions in its picture is played only where nothing else is: they
/// could not be switched off.
fn played_files(capsule: &Capsule) -> Vec<&Rendition> {
    let duration = capsule.duration.to_rational();
    let burns = shows_captions(capsule);
    let as_long = |r: &&Rendition| {
        let rate = r.frame_rate.0;
        let off = rate.time_of(r.frames) - duration;
        off < rate.time_of(1) && Rational::ZERO - off < rate.time_of(1)
    };
    let mut files: Vec<&Rendition> = progressive(capsule).into_iter().filter(as_long).collect();
    let like = |r: &&Rendition| r.burned_captions.is_some() == burns;
    if files.iter().any(like) {
        files.retain(like);
    }
    files
}

/// Small enough for a poor network, which is all that is known without script.
fn source<'a>(files: &[&'a Rendition]) -> Option<&'a Rendition> {
    let small = files.iter().find(|r| short_side(r) <= 480);
    small.or(files.last()).copied()
}

pub(super) fn downloads(capsule: &Capsule, words: &Words) -> Vec<Download> {
    let label = |r: &Rendition| {
        let tenths = r.bytes.div_ceil(100_000);
        let (mark, unit) = (words.decimal_mark, words.megabytes);
        let burnt = match r.burned_captions {
            Some(_) => format!(", {}", words.in_picture),
            None => String::new(),
        };
        format!(
            "{}p, {}{mark}{}\u{a0}{unit}{burnt}",
            short_side(r),
            tenths / 10,
            tenths % 10
        )
    };
    progressive(capsule)
        .into_iter()
        .map(|r| Download {
            url: own(capsule, &r.path),
            label: label(r),
        })
        .collect()
}

/// Wide enough for a page, and a JPEG, which every browser shows in a player.
pub(super) fn large_poster(capsule: &Capsule) -> Option<&Poster> {
    let jpegs = || capsule.posters.iter().filter(|p| is_jpeg(p));
    jpegs()
        .filter(|p| p.width >= 640)
        .min_by_key(|p| p.width)
        .or_else(|| jpegs().max_by_key(|p| p.width))
        .or(capsule.posters.first())
}

pub(super) fn is_jpeg(poster: &Poster) -> bool {
    poster.media_type == "image/jpeg"
}

/// Whether what the page plays has captions in its picture.
fn shows_captions(capsule: &Capsule) -> bool {
    let burns = |r: &Rendition| r.burned_captions.is_some();
    match streamed(capsule) {
        Some(rung) => burns(rung),
        None => progressive(capsule).into_iter().all(burns),
    }
}

fn streamed(capsule: &Capsule) -> Option<&Rendition> {
    let is_stream = |r: &&Rendition| r.path.extension() == "m3u8";
    let streams = || capsule.renditions.iter().filter(is_stream);
    let clean = streams().find(|r| r.burned_captions.is_none());
    clean.or_else(|| streams().next())
}

/// The multivariant playlist that stands above the first HLS rendition.
fn multivariant(capsule: &Capsule) -> Option<TreePath> {
    let rung = streamed(capsule)?;
    let (package, _) = rung.path.folder().rsplit_once('/')?;
    TreePath::new(&format!("{package}/master.m3u8"))
}

/// Cues stand in the page itself: browsers refuse caption files beside a page
/// that is opened from a disk.
fn tracks(capsule: &Capsule, captions: &[Captioned], words: &Words) -> Vec<Track> {
    let first = captions
        .iter()
        .position(|c| c.language == capsule.language)
        .or((!captions.is_empty()).then_some(0))
        // Nobody reads the same words twice at once.
        .filter(|_| !shows_captions(capsule));
    let track = |(n, captions): (usize, &Captioned)| {
        let name = language_name(&captions.language);
        let same = captions.language == capsule.language;
        let vtt = clear_of_names(capsule, captions);
        let vtt = base64::engine::general_purpose::STANDARD.encode(vtt);
        Track {
            url: format!("data:text/vtt;base64,{vtt}"),
            kind: if same || captions.sdh {
                "captions"
            } else {
                "subtitles"
            },
            language: captions.language.to_string(),
            label: if captions.sdh {
                format!("{name} ({})", words.sdh)
            } else {
                name
            },
            shown: Some(n) == first,
        }
    };
    captions.iter().enumerate().map(track).collect()
}

/// Captions as the page shows them: in the middle of the picture as long as a
/// name stands at its foot, unless the cue has a place of its own. On a telephone
/// two lines of captions would cover it.
fn clear_of_names(capsule: &Capsule, captions: &Captioned) -> String {
    let Some(strap) = capsule.card_times.get("lower-third") else {
        return captions.vtt.clone();
    };
    let (start, end) = (strap.start.to_rational(), strap.end.to_rational());
    let raised = |cue: &Cue| {
        let settings = cue.settings.as_deref().unwrap_or_default();
        let free = !settings.contains("line:") && !settings.contains("vertical:");
        let meets = cue.start < end && start < cue.end;
        let settings = (free && meets).then(|| format!("line:45% {settings}").trim().to_owned());
        Cue {
            settings: settings.or(cue.settings.clone()),
            ..cue.clone()
        }
    };
    let cues: Vec<Cue> = captions.cues.iter().map(raised).collect();
    captions::webvtt(&cues)
}

fn chapters(capsule: &Capsule, source: Option<&str>, words: &Words) -> Vec<Chapter> {
    let card = |name: &str| capsule.card_times.get(name);
    let last = match capsule.contact {
        Some(_) => words.contacts,
        None => words.end,
    };
    let starts = [
        (
            card("opening").map(|s| s.start.to_rational()),
            words.question,
        ),
        (card("opening").map(|s| s.end.to_rational()), words.answer),
        (card("end").map(|s| s.start.to_rational()), last),
    ];
    starts
        .into_iter()
        .filter_map(|(start, name)| {
            let at = at(start?, source);
            Some(Chapter { name, at })
        })
        .collect()
}

pub(super) fn at(time: Rational, source: Option<&str>) -> At {
    let seconds = seconds(time);
    let file = source.unwrap_or_default();
    At {
        clock: clock(time),
        link: format!("{file}#t={seconds}"),
        seconds,
    }
}

/// The film that a time in a transcript opens without script.
pub(super) fn timed_file(capsule: &Capsule) -> Option<String> {
    source(&played_files(capsule)).map(|r| own(capsule, &r.path))
}

fn storyboard(capsule: &Capsule, texts: &Texts) -> Option<Storyboard> {
    let board = capsule.storyboard.as_ref()?;
    let index = captions::parse(texts.get(&board.index)?.as_bytes());
    let tiles: Vec<String> = index
        .cues
        .iter()
        .filter_map(|cue| {
            let (_, place) = cue.text.rsplit_once("#xywh=")?;
            let sound = place.split(',').all(|n| n.parse::<u32>().is_ok());
            sound.then(|| format!("{},{place}", seconds(cue.start)))
        })
        .collect();
    (!tiles.is_empty()).then(|| Storyboard {
        sheet: own(capsule, &board.sheet),
        tiles: tiles.join(" "),
    })
}

/// A text in its own language, where it is not that of the page.
#[derive(Clone, Serialize)]
pub(super) struct Tongue {
    pub language: Language,
    pub direction: &'static str,
}

pub(super) fn tongue(language: &Language, page: &Language) -> Option<Tongue> {
    (language != page).then(|| Tongue {
        language: language.clone(),
        direction: direction(language),
    })
}

/// Somebody who speaks, as pages name them; without a name, by role and
/// structure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Person<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) position: Vec<&'a str>,
}

/// Everybody who speaks in a film, each once.
pub(super) fn people(capsule: &Capsule) -> Vec<Person<'_>> {
    let mut people: Vec<Person<'_>> = Vec::new();
    let all = capsule.speakers.iter();
    let all = all.map(|s| (&s.name, &s.role, &s.structure));
    let alone = capsule.speakers.is_empty();
    let alone = alone.then_some((&capsule.speaker, &capsule.role, &capsule.structure));
    for (name, role, structure) in all.chain(alone) {
        let position = [role, structure].into_iter().filter_map(Option::as_deref);
        let person = Person {
            name: name.as_deref(),
            position: position.collect(),
        };
        let nobody = person.name.is_none() && person.position.is_empty();
        if !nobody && !people.contains(&person) {
            people.push(person);
        }
    }
    people
}
