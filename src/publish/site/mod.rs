//! The pages of a tree, made of its manifest, its captions and its storyboards,
//! and nothing else: the gallery, each capsule's own page, the page that other
//! sites embed, transcripts, and what all of them need beside them.
//!
//! Everything works without script and from a USB stick: a native `<video>`
//! with an MP4, and captions that stand in the page. Scripts only add to it:
//! controls, the HLS version, a transcript that follows.

mod capsule;
mod contact;
mod film;
mod gallery;
mod transcript;
mod words;

use super::feed;
use super::manifest::{Capsule, Manifest, Transcript};
use super::path::TreePath;
use super::structured_data::{licence_url, video_object};
use crate::values::audience::Audience;
use crate::values::ids::Language;
use serde::Serialize;
use std::collections::BTreeMap;
use words::{Voice, Words};

/// Texts of a tree that its pages are made of, by path.
pub type Texts = BTreeMap<TreePath, String>;

/// Scripts and styles of the pages, and what a web server may be told.
const ASSETS: [(&str, &[u8]); 7] = [
    (
        "assets/site/site.css",
        include_bytes!("../../../assets/page/site.css"),
    ),
    (
        "assets/site/player.js",
        include_bytes!("../../../assets/page/player.js"),
    ),
    (
        "assets/site/gallery.js",
        include_bytes!("../../../assets/page/gallery.js"),
    ),
    (
        "assets/site/hls.min.js",
        include_bytes!("../../../assets/page/vendor/hls.min.js"),
    ),
    (
        "assets/site/hls.LICENSE.txt",
        include_bytes!("../../../assets/page/vendor/hls.LICENSE"),
    ),
    (
        "assets/hosting/htaccess.txt",
        include_bytes!("../../../assets/page/hosting/htaccess.txt"),
    ),
    (
        "assets/hosting/nginx.txt",
        include_bytes!("../../../assets/page/hosting/nginx.txt"),
    ),
];

/// What templates include, by the name they use.
const PARTS: [(&str, &str); 4] = [
    ("head.html", include_str!("../../../assets/page/head.html")),
    ("foot.html", include_str!("../../../assets/page/foot.html")),
    (
        "player.html",
        include_str!("../../../assets/page/player.html"),
    ),
    ("said.html", include_str!("../../../assets/page/said.html")),
];

pub const INDEX: &str = "index.html";
const EMBED: &str = "embed.html";

/// Captions and storyboards that the pages of a tree are made of.
pub fn sources(manifest: &Manifest) -> impl Iterator<Item = &TreePath> {
    shown(manifest).flat_map(|capsule| {
        let captions = capsule.captions.iter().map(|c| &c.path);
        let index = capsule.storyboard.iter().map(|s| &s.index);
        captions.chain(index)
    })
}

/// Capsules that stand on pages.
fn shown(manifest: &Manifest) -> impl Iterator<Item = &Capsule> {
    manifest.capsules.iter().filter(|capsule| !capsule.draft)
}

/// Every page of a tree and the assets that they use; and the manifest with
/// what it says of them.
pub fn furnish(mut manifest: Manifest, texts: &Texts) -> (Manifest, BTreeMap<TreePath, Vec<u8>>) {
    let mut pages: BTreeMap<TreePath, Vec<u8>> = ASSETS
        .iter()
        .map(|(path, bytes)| (TreePath::known(path), bytes.to_vec()))
        .collect();
    for place in 0..manifest.capsules.len() {
        let mut entry = manifest.capsules[place].clone();
        let captions = film::captioned(&entry, texts);
        let written = if entry.draft {
            Vec::new()
        } else {
            film::transcripts(&entry, &captions)
        };
        entry.transcripts = written
            .iter()
            .flat_map(|w| transcripts(&entry, w))
            .collect();
        entry.embed = (!entry.draft).then(|| own_path(&entry, EMBED));
        let spoken = written.first().map(|w| transcript::spoken(&w.paragraphs));
        entry.structured_data = video_object(
            &manifest.series,
            manifest.audience,
            &entry,
            spoken.as_deref(),
        );
        if !entry.draft {
            pages.extend(capsule::pages(
                &manifest, &entry, &captions, &written, texts,
            ));
        }
        manifest.capsules[place] = entry;
    }
    let gallery = gallery::page(&manifest);
    pages.insert(TreePath::known(INDEX), gallery.into_bytes());
    pages.extend(feed::feeds(&manifest));
    (manifest, pages)
}

fn own_path(capsule: &Capsule, name: &str) -> TreePath {
    TreePath::known(&format!("{}/{name}", capsule.id))
}

fn transcripts(capsule: &Capsule, written: &film::Written) -> [Transcript; 2] {
    let (page, text) = capsule::names(written);
    [page, text].map(|name| {
        let path = own_path(capsule, &name);
        Transcript {
            media_type: path.media_type().to_owned(),
            path,
            language: written.language.clone(),
        }
    })
}

/// Whether a file of a tree is one that `furnish` makes, for any capsule that
/// the manifest names.
pub fn is_made(path: &TreePath, manifest: &Manifest) -> bool {
    let (folder, name) = (path.folder(), path.name());
    match folder {
        "" => matches!(name, INDEX | feed::FEED | feed::SITEMAP),
        "assets/site" | "assets/hosting" => true,
        id => {
            let own = matches!(name, INDEX | EMBED) || name.starts_with("transcript.");
            own && manifest.capsules.iter().any(|c| c.id.as_str() == id)
        }
    }
}

/// Where this tree will stand on the web, if that is known.
fn base(manifest: &Manifest) -> Option<&str> {
    match manifest.audience {
        Audience::Public => manifest.series.base_url.as_deref(),
        _ => None,
    }
}

/// What every page begins and ends with.
#[derive(Serialize)]
struct Head<'a> {
    language: Language,
    words: &'static Words,
    series: &'a str,
    /// From the page to the top of its tree.
    root: &'static str,
    canonical: Option<String>,
    feed: bool,
    /// Not for search engines.
    hidden: bool,
    publisher: Option<&'a str>,
    licence: Option<&'a str>,
    licence_url: Option<String>,
}

fn head<'a>(manifest: &'a Manifest, voice: Voice, root: &'static str, path: &str) -> Head<'a> {
    let series = &manifest.series;
    Head {
        language: voice.language,
        words: voice.words,
        series: &series.title,
        root,
        canonical: base(manifest).map(|base| format!("{base}{path}")),
        feed: feed::is_published(manifest),
        hidden: manifest.audience != Audience::Public,
        publisher: series.publisher.as_deref(),
        licence: series.licence.as_deref(),
        licence_url: series.licence.as_deref().map(licence_url),
    }
}

#[cfg(test)]
mod tests;
