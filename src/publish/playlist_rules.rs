//! What the HLS playlists of a published tree must obey (STANDARDS: Apple's
//! authoring rules, RFC 8216bis), judged from their text and the sizes of the
//! files that they name. Media are not opened.
//!
//! A broken rule is said in the words of the standard, tag and value, which
//! read the same in every language.

use super::manifest::{Capsule, Manifest, Rendition};
use super::playlist::{Piece, SAMPLE_RATE, rates};
use super::playlist_text::{Attributes, MediaText, is_multivariant, read_media, read_multivariant};
use crate::values::time::Rational;
use std::collections::{BTreeMap, BTreeSet};

/// Sizes of what is there, by path.
pub(super) type Sizes = BTreeMap<String, u64>;

/// A playlist's path, and the rule that it breaks.
pub(super) type Breach = (String, String);

pub(super) fn check(
    manifest: &Manifest,
    texts: &BTreeMap<String, &str>,
    sizes: &Sizes,
) -> Vec<Breach> {
    let (masters, lists): (Vec<_>, Vec<_>) =
        texts.iter().partition(|(_, text)| is_multivariant(text));
    let lists: BTreeMap<&str, MediaText> = lists
        .into_iter()
        .map(|(path, text)| (path.as_str(), read_media(text)))
        .collect();
    let mut breaches = Vec::new();
    for (path, list) in &lists {
        breaches.extend(media(path, list, sizes).map(|rule| (path.to_string(), rule)));
        if let Some(rule) = duration(path, list, manifest) {
            breaches.push((path.to_string(), rule));
        }
        if let Some(whole) = list
            .iframes_only
            .then(|| lists.get(resolve(path, "playlist.m3u8").as_str()))
            .flatten()
        {
            breaches.extend(key_frames(list, whole).map(|rule| (path.to_string(), rule)));
        }
    }
    for (path, text) in masters {
        let rules = multivariant(path, text, &lists, sizes);
        breaches.extend(rules.into_iter().map(|rule| (path.clone(), rule)));
    }
    for path in texts.iter().filter(|(_, t)| !t.starts_with("#EXTM3U\n")) {
        breaches.push((path.0.clone(), "#EXTM3U".to_owned()));
    }
    breaches
}

/// The path in the tree of a URI that stands in a playlist. One that leaves
/// the tree resolves to nothing that is there.
fn resolve(playlist: &str, uri: &str) -> String {
    match playlist.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{uri}"),
        None => uri.to_owned(),
    }
}

fn media<'a>(
    path: &'a str,
    list: &'a MediaText,
    sizes: &'a Sizes,
) -> impl Iterator<Item = String> + 'a {
    let captions = list.entries.iter().all(|entry| entry.uri.ends_with(".vtt"));
    let whole = [
        (list.version >= 6, "EXT-X-VERSION < 6"),
        (list.target.is_some(), "EXT-X-TARGETDURATION"),
        (list.vod, "EXT-X-PLAYLIST-TYPE ≠ VOD"),
        (list.ended, "EXT-X-ENDLIST"),
        (list.map.is_some() || captions, "EXT-X-MAP"),
        (!list.entries.is_empty(), "EXTINF"),
    ];
    let whole = whole
        .into_iter()
        .filter(|(kept, _)| !kept)
        .map(|(_, rule)| rule.to_owned());
    let map = list.map.iter().filter_map(|uri| {
        let there = sizes.contains_key(&resolve(path, uri));
        (!there).then(|| format!("EXT-X-MAP {uri}"))
    });
    let entries = list.entries.iter().filter_map(move |entry| {
        let uri = &entry.uri;
        let Some(size) = sizes.get(&resolve(path, uri)) else {
            return Some(format!("URI {uri}"));
        };
        let Some(duration) = entry.duration else {
            return Some(format!("EXTINF {uri}"));
        };
        if let Some(target) = list.target
            && duration.round().unsigned_abs() > target
        {
            return Some(format!("EXTINF > EXT-X-TARGETDURATION:{target} ({uri})"));
        }
        match entry.range {
            Some((length, offset)) if length == 0 || offset.saturating_add(length) > *size => Some(
                format!("EXT-X-BYTERANGE:{length}@{offset} > {size} ({uri})"),
            ),
            None if list.iframes_only => Some(format!("EXT-X-BYTERANGE ({uri})")),
            _ => None,
        }
    });
    whole.chain(map).chain(entries)
}

fn total(list: &MediaText) -> Rational {
    list.entries
        .iter()
        .filter_map(|entry| entry.duration)
        .fold(Rational::ZERO, |sum, duration| sum + duration)
}

/// The sum of EXTINFs: exactly the frames of a video rung; for sound, from the
/// film's end to one AAC frame beyond it; captions cover the film.
fn duration(path: &str, list: &MediaText, manifest: &Manifest) -> Option<String> {
    let capsule = manifest
        .capsules
        .iter()
        .find(|capsule| path.starts_with(&format!("{}/", capsule.id)))?;
    let beside = if list.iframes_only {
        resolve(path, "playlist.m3u8")
    } else {
        path.to_owned()
    };
    let rung = capsule
        .renditions
        .iter()
        .find(|rendition| rendition.path.as_str() == beside);
    let microsecond = Rational::new(1, 1_000_000)?;
    let (shortest, longest) = match rung {
        Some(rung) => {
            let film = frames_to_seconds(rung);
            (film - microsecond, film + microsecond)
        }
        None => {
            let film = film_length(capsule);
            let aac_frame = Rational::new(1024, SAMPLE_RATE)?;
            (film - microsecond, film + aac_frame + microsecond)
        }
    };
    let sum = total(list);
    let right = shortest <= sum && sum <= longest;
    (!right).then(|| {
        format!(
            "Σ EXTINF {:.6} ≠ {:.6}",
            sum.to_f64(),
            film_length(capsule).to_f64()
        )
    })
}

fn frames_to_seconds(rendition: &Rendition) -> Rational {
    rendition.frame_rate.0.time_of(rendition.frames)
}

/// Of the HLS package, whose sound and captions are measured against it.
fn film_length(capsule: &Capsule) -> Rational {
    capsule
        .renditions
        .iter()
        .find(|rendition| rendition.path.extension() == "m3u8")
        .map_or(capsule.duration.to_rational(), frames_to_seconds)
}

/// Every segment starts with a key frame, and the key frames fill the film.
fn key_frames<'a>(list: &'a MediaText, whole: &'a MediaText) -> impl Iterator<Item = String> + 'a {
    let starts: BTreeSet<&str> = list
        .entries
        .iter()
        .filter(|entry| entry.range.is_some())
        .map(|entry| entry.uri.as_str())
        .collect();
    let missing = whole
        .entries
        .iter()
        .filter(move |entry| !starts.contains(entry.uri.as_str()))
        .map(|entry| format!("EXT-X-I-FRAMES-ONLY: {}", entry.uri));
    let disorder = list.entries.windows(2).filter_map(|pair| {
        let back = pair[0].uri == pair[1].uri
            && pair[0].range.map(|r| r.0 + r.1) > pair[1].range.map(|r| r.1);
        back.then(|| format!("EXT-X-BYTERANGE ({})", pair[1].uri))
    });
    missing.chain(disorder)
}

fn multivariant(
    path: &str,
    text: &str,
    lists: &BTreeMap<&str, MediaText>,
    sizes: &Sizes,
) -> Vec<String> {
    let master = read_multivariant(text);
    let list_at = |uri: &str| lists.get(resolve(path, uri).as_str());
    let mut rules = Vec::new();
    if !master.independent {
        rules.push("EXT-X-INDEPENDENT-SEGMENTS".to_owned());
    }
    if master.iframes.is_empty() {
        rules.push("EXT-X-I-FRAME-STREAM-INF".to_owned());
    }
    let group = |kind: &str, id: &String| {
        master
            .media
            .iter()
            .find(|m| m.get("TYPE").is_some_and(|t| t == kind) && m.get("GROUP-ID") == Some(id))
    };
    let mut named = Vec::new();
    for (attributes, uri) in &master.variants {
        let wanted = [
            "BANDWIDTH",
            "AVERAGE-BANDWIDTH",
            "CODECS",
            "RESOLUTION",
            "FRAME-RATE",
        ];
        let absent = wanted.iter().filter(|key| !attributes.contains_key(**key));
        rules.extend(absent.map(|key| format!("{key} ({uri})")));
        named.push(uri.as_str());
        let sound = match attributes.get("AUDIO").map(|id| group("AUDIO", id)) {
            Some(None) => {
                rules.push(format!("AUDIO ({uri})"));
                None
            }
            Some(Some(media)) => media.get("URI").and_then(|uri| Some((uri, list_at(uri)?))),
            None => None,
        };
        if let Some(picture) = list_at(uri) {
            let mut parts = vec![(uri, picture)];
            parts.extend(sound);
            rules.extend(bandwidth(path, attributes, uri, &parts, sizes));
        }
    }
    let quoted = master.iframes.iter().chain(&master.media);
    named.extend(quoted.filter_map(|attributes| attributes.get("URI").map(String::as_str)));
    rules.extend(
        named
            .iter()
            .filter(|uri| list_at(uri).is_none())
            .map(|uri| format!("URI {uri}")),
    );
    let targets: BTreeSet<Option<u64>> = named
        .iter()
        .filter_map(|uri| Some(list_at(uri)?.target))
        .collect();
    if targets.len() > 1 {
        rules.push("EXT-X-TARGETDURATION".to_owned());
    }
    rules
}

/// Declared rates against measured ones: within a tenth.
fn bandwidth(
    path: &str,
    attributes: &Attributes,
    uri: &str,
    parts: &[(&String, &MediaText)],
    sizes: &Sizes,
) -> Vec<String> {
    let (mut average, mut peak) = (0, 0);
    for (playlist, list) in parts {
        let playlist = resolve(path, playlist);
        let pieces: Vec<Piece> = list
            .entries
            .iter()
            .filter_map(|entry| {
                Some(Piece {
                    bytes: *sizes.get(&resolve(&playlist, &entry.uri))?,
                    duration: entry.duration?,
                })
            })
            .collect();
        let measured = rates(&pieces, list.target.unwrap_or(6));
        average += measured.average;
        peak += measured.peak;
    }
    let off = |key: &str, measured: u64| {
        let declared: u64 = attributes.get(key)?.parse().ok()?;
        let within = declared.abs_diff(measured) * 10 <= measured;
        (!within).then(|| format!("{key}={declared} ≠ {measured} ({uri})"))
    };
    [off("AVERAGE-BANDWIDTH", average), off("BANDWIDTH", peak)]
        .into_iter()
        .flatten()
        .collect()
}
