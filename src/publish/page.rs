//! The pages of a tree, made of its manifest and nothing else: the gallery
//! that plays every capsule, and what it needs beside it.
//!
//! The gallery works without script and from a USB stick (a native `<video>`
//! with an MP4); where a server delivers it, a small script plays the HLS
//! version instead, once somebody presses play.

use super::feed;
use super::html;
use super::manifest::{Capsule, Manifest, Rendition};
use super::path::TreePath;
use super::playlist::language_name;
use crate::values::ids::Language;
use serde::Serialize;
use std::collections::BTreeMap;

const GALLERY: &str = include_str!("../../assets/page/index.html");
const ASSETS: [(&str, &[u8]); 4] = [
    (
        "assets/page.css",
        include_bytes!("../../assets/page/page.css"),
    ),
    (
        "assets/page.js",
        include_bytes!("../../assets/page/page.js"),
    ),
    (
        "assets/hls.min.js",
        include_bytes!("../../assets/page/vendor/hls.min.js"),
    ),
    (
        "assets/hls.LICENSE.txt",
        include_bytes!("../../assets/page/vendor/hls.LICENSE"),
    ),
];

const INDEX: &str = "index.html";

/// Every page of a tree and the assets that they use.
pub fn pages(manifest: &Manifest) -> BTreeMap<TreePath, Vec<u8>> {
    let mut pages: BTreeMap<TreePath, Vec<u8>> = ASSETS
        .iter()
        .map(|(path, bytes)| (TreePath::known(path), bytes.to_vec()))
        .collect();
    pages.insert(TreePath::known(INDEX), gallery(manifest).into_bytes());
    pages.extend(feed::feeds(manifest));
    pages
}

/// Whether a path is that of a page which names the capsules of the tree.
pub fn is_page_of_tree(path: &TreePath) -> bool {
    matches!(path.as_str(), INDEX | feed::FEED | feed::SITEMAP)
}

#[derive(Serialize)]
struct Gallery<'a> {
    language: &'a Language,
    title: &'a str,
    publisher: Option<&'a str>,
    licence: Option<&'a str>,
    licence_url: Option<String>,
    feed: bool,
    words: Words,
    themes: Vec<Theme<'a>>,
}

#[derive(Serialize)]
struct Theme<'a> {
    name: Option<&'a str>,
    capsules: Vec<Film<'a>>,
}

#[derive(Serialize)]
struct Film<'a> {
    id: &'a str,
    /// Only where it differs from the page's.
    language: Option<&'a Language>,
    title: &'a str,
    speaker: Option<&'a str>,
    /// Role and structure, those that there are.
    position: Vec<&'a str>,
    contact: Option<&'a str>,
    description: Option<&'a str>,
    duration: String,
    width: u32,
    height: u32,
    poster: Option<String>,
    hls: Option<String>,
    /// What plays without script.
    source: Option<String>,
    downloads: Vec<Download>,
    tracks: Vec<Track>,
}

#[derive(Serialize)]
struct Download {
    url: String,
    label: String,
}

#[derive(Serialize)]
struct Track {
    url: String,
    language: String,
    label: String,
}

#[derive(Serialize)]
struct Words {
    download: &'static str,
    no_film: &'static str,
    duration: &'static str,
    publisher: &'static str,
    licence: &'static str,
    empty: &'static str,
    subtitles_sdh: &'static str,
}

const FRENCH: Words = Words {
    download: "Télécharger",
    no_film: "Ce navigateur ne lit pas la vidéo.",
    duration: "Durée",
    publisher: "Publié par",
    licence: "Licence",
    empty: "Aucune vidéo n’est publiée pour le moment.",
    subtitles_sdh: "sourds et malentendants",
};

const ENGLISH: Words = Words {
    download: "Download",
    no_film: "This browser cannot play the video.",
    duration: "Duration",
    publisher: "Published by",
    licence: "Licence",
    empty: "No video is published at the moment.",
    subtitles_sdh: "deaf and hard of hearing",
};

fn gallery(manifest: &Manifest) -> String {
    let words = if manifest.series.language.is_french() {
        FRENCH
    } else {
        ENGLISH
    };
    let gallery = Gallery {
        language: &manifest.series.language,
        title: &manifest.series.title,
        publisher: manifest.series.publisher.as_deref(),
        licence: manifest.series.licence.as_deref(),
        licence_url: manifest
            .series
            .licence
            .as_deref()
            .map(super::structured_data::licence_url),
        feed: feed::is_published(manifest),
        themes: themes(manifest, &words),
        words,
    };
    html::render(GALLERY, &gallery)
}

/// Capsules grouped by theme, themes in the order in which they first appear.
fn themes<'a>(manifest: &'a Manifest, words: &Words) -> Vec<Theme<'a>> {
    let mut themes: Vec<Theme<'a>> = Vec::new();
    for capsule in manifest.capsules.iter().filter(|capsule| !capsule.draft) {
        let name = capsule.theme.as_deref();
        let film = film(manifest, capsule, words);
        match themes.iter_mut().find(|theme| theme.name == name) {
            Some(theme) => theme.capsules.push(film),
            None => themes.push(Theme {
                name,
                capsules: vec![film],
            }),
        }
    }
    themes
}

fn film<'a>(manifest: &'a Manifest, capsule: &'a Capsule, words: &Words) -> Film<'a> {
    let largest = capsule.renditions.iter().max_by_key(|r| r.width * r.height);
    let progressive = progressive(capsule);
    Film {
        id: capsule.id.as_str(),
        language: (capsule.language != manifest.series.language).then_some(&capsule.language),
        title: &capsule.title,
        speaker: capsule.speaker.as_deref(),
        position: [&capsule.role, &capsule.structure]
            .into_iter()
            .filter_map(Option::as_deref)
            .collect(),
        contact: capsule.contact.as_deref(),
        description: capsule.description.as_deref(),
        duration: clock(capsule),
        width: largest.map_or(16, |r| r.width),
        height: largest.map_or(9, |r| r.height),
        poster: poster(capsule).map(TreePath::to_url),
        hls: multivariant(capsule).map(|path| path.to_url()),
        source: progressive
            .iter()
            .rev()
            .find(|r| short_side(r) <= 480)
            .or(progressive.last())
            .map(|r| r.path.to_url()),
        downloads: progressive.iter().map(|r| download(manifest, r)).collect(),
        tracks: tracks(capsule, words),
    }
}

fn short_side(rendition: &Rendition) -> u32 {
    rendition.width.min(rendition.height)
}

/// MP4s, tallest first. Square and upright versions are for elsewhere, so the
/// list keeps the shape of the first rendition.
fn progressive(capsule: &Capsule) -> Vec<&Rendition> {
    let shape = |r: &Rendition| r.width.cmp(&r.height);
    let first = capsule.renditions.first().map(shape);
    let mut list: Vec<&Rendition> = capsule
        .renditions
        .iter()
        .filter(|r| r.is_progressive() && Some(shape(r)) == first)
        .collect();
    list.sort_by_key(|r| (std::cmp::Reverse(short_side(r)), &r.path));
    list
}

fn download(manifest: &Manifest, rendition: &Rendition) -> Download {
    // Tenths of a megabyte, as both languages abbreviate it.
    let tenths = rendition.bytes.div_ceil(100_000);
    let (mark, unit) = if manifest.series.language.is_french() {
        (',', "Mo")
    } else {
        ('.', "MB")
    };
    Download {
        url: rendition.path.to_url(),
        label: format!(
            "{}p, {}{mark}{}\u{a0}{unit}",
            short_side(rendition),
            tenths / 10,
            tenths % 10
        ),
    }
}

/// The smaller JPEG, which every browser shows.
fn poster(capsule: &Capsule) -> Option<&TreePath> {
    let jpegs = capsule
        .posters
        .iter()
        .filter(|poster| poster.media_type == "image/jpeg");
    jpegs
        .min_by_key(|poster| poster.width)
        .or(capsule.posters.first())
        .map(|poster| &poster.path)
}

/// The multivariant playlist that stands above the first HLS rendition.
fn multivariant(capsule: &Capsule) -> Option<TreePath> {
    let rung = capsule
        .renditions
        .iter()
        .find(|r| r.path.extension() == "m3u8")?;
    let (package, _) = rung.path.folder().rsplit_once('/')?;
    TreePath::new(&format!("{package}/master.m3u8"))
}

fn tracks(capsule: &Capsule, words: &Words) -> Vec<Track> {
    let captions = capsule.captions.iter();
    captions
        .filter(|captions| captions.path.extension() == "vtt")
        .map(|captions| {
            let name = language_name(&captions.language);
            Track {
                url: captions.path.to_url(),
                language: captions.language.to_string(),
                label: if captions.sdh {
                    format!("{name} ({})", words.subtitles_sdh)
                } else {
                    name
                },
            }
        })
        .collect()
}

/// Minutes and seconds, rounded to the second.
fn clock(capsule: &Capsule) -> String {
    let seconds = capsule.duration.to_rational().round();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
