//! A small made-up series for the tests of this floor: tiny files, real forms.

use super::manifest::*;
use super::path::TreePath;
use super::tree::{Content, Publication};
use crate::values::audience::Audience;
use crate::values::ids::{Id, Language};
use crate::values::time::{Date, FrameRate};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn id(text: &str) -> Id {
    Id::new(text).expect("an id")
}

pub(super) fn path(text: &str) -> TreePath {
    TreePath::new(text).expect("a path")
}

pub(super) fn series() -> Series {
    Series {
        id: id("jpp-diois"),
        title: "Je peux en parler".into(),
        language: Language::new("fr").expect("a tag"),
        publisher: Some("Espace social".into()),
        licence: Some("CC-BY-NC-ND-4.0".into()),
        base_url: Some("https://example.org/capsules/".into()),
    }
}

fn rendition(capsule: &str, file: &str, bytes: u64) -> Rendition {
    Rendition {
        profile: id("web"),
        path: path(&format!("{capsule}/web/{file}")),
        width: 640,
        height: 360,
        frame_rate: RateText(FrameRate::new(25, 1).expect("positive")),
        frames: 57,
        codecs: "avc1.64001e,mp4a.40.2".into(),
        burned_captions: None,
        average_bps: 8_000,
        peak_bps: 8_000,
        bytes,
    }
}

pub(super) fn capsule(name: &str, title: &str) -> Capsule {
    Capsule {
        id: id(name),
        title: title.into(),
        theme: Some("L’épuisement".into()),
        speaker: Some("Anaïs Œuvray".into()),
        speakers: Vec::new(),
        role: Some("Psychologue".into()),
        structure: Some("Maison des familles".into()),
        contact: Some("04 75 00 00 00".into()),
        description: None,
        language: Language::new("fr").expect("a tag"),
        published: Date::parse_iso("2025-01-15"),
        duration: Decimal::from_millionths(2_280_000),
        cards: BTreeMap::from([(
            "opening".into(),
            BTreeMap::from([("title".into(), title.into())]),
        )]),
        card_times: BTreeMap::from([(
            "opening".into(),
            Span {
                start: Decimal::from_millionths(0),
                end: Decimal::from_millionths(1_000_000),
            },
        )]),
        loudness: Some(Loudness {
            measured_in: Some(Decimal::from_hundredths(-2340)),
            measured_out: Some(Decimal::from_hundredths(-1600)),
        }),
        renditions: vec![
            rendition(name, "360p/playlist.m3u8", 3000),
            rendition(name, "360p.mp4", 2600),
        ],
        posters: vec![Poster {
            path: path(&format!("{name}/poster.jpg")),
            width: 640,
            height: 360,
            media_type: "image/jpeg".into(),
        }],
        storyboard: None,
        captions: vec![Captions {
            path: path(&format!("{name}/captions.fr.vtt")),
            language: Language::new("fr").expect("a tag"),
            sdh: false,
        }],
        transcripts: vec![],
        structured_data: BTreeMap::new(),
        embed: None,
        extra: BTreeMap::new(),
        draft: false,
        source: None,
        toolchain: None,
    }
}

pub(super) fn manifest(capsules: Vec<Capsule>) -> Manifest {
    Manifest {
        version: VERSION,
        generator: Generator::this(),
        series: series(),
        audience: Audience::Public,
        capsules,
        withdrawn: BTreeSet::new(),
        files: vec![],
    }
}

/// Files of a capsule whose bytes follow from its name and title: a package of
/// two segments (2.28 s at 25 frames per second), playlists that are right.
pub(super) fn capsule_files(name: &str, title: &str) -> BTreeMap<TreePath, Content> {
    use super::playlist::*;
    use super::sums::Sha256;
    let bytes_of = |what: &str, length: usize| -> Vec<u8> {
        let seed = format!("{name} {title} {what} ");
        seed.bytes().cycle().take(length).collect()
    };
    let mut files = BTreeMap::new();
    let mut put = |file: String, bytes: Vec<u8>| -> MeasuredFile {
        let measured = MeasuredFile {
            name: file.rsplit('/').next().unwrap_or_default().to_owned(),
            bytes: bytes.len() as u64,
        };
        files.insert(path(&format!("{name}/{file}")), Content::Bytes(bytes));
        measured
    };
    let mut segment = |folder: &str, number: u32, length: usize| {
        let bytes = bytes_of(&format!("{folder}{number}"), length);
        let digits = Sha256::of(&bytes).short();
        put(format!("web/{folder}/{number}-{digits}.m4s"), bytes)
    };
    let video = VideoRendition {
        folder: "360p".into(),
        size: crate::values::geometry::Size {
            width: 640,
            height: 360,
        },
        rate: FrameRate::new(25, 1).expect("positive"),
        codecs: "avc1.64001e".into(),
        segments: vec![
            VideoSegment {
                file: segment("360p", 0, 2000),
                gops: vec![Gop {
                    offset: 0,
                    idr_bytes: 900,
                    frames: 50,
                }],
            },
            VideoSegment {
                file: segment("360p", 1, 300),
                gops: vec![Gop {
                    offset: 0,
                    idr_bytes: 200,
                    frames: 7,
                }],
            },
        ],
        init: MeasuredFile {
            name: "init.mp4".into(),
            bytes: 700,
        },
    };
    let audio = AudioRendition {
        folder: "audio".into(),
        language: Language::new("fr").expect("a tag"),
        codecs: "mp4a.40.2".into(),
        channels: 2,
        // 107 AAC frames: 2.283 s.
        segments: vec![AudioSegment {
            file: segment("audio", 0, 500),
            samples: 107 * 1024,
        }],
        init: MeasuredFile {
            name: "init.mp4".into(),
            bytes: 600,
        },
    };
    put("web/360p/init.mp4".into(), bytes_of("init", 700));
    put("web/audio/init.mp4".into(), bytes_of("sound init", 600));
    put("web/360p.mp4".into(), bytes_of("mp4", 2600));
    put("poster.jpg".into(), bytes_of("poster", 150));
    put(
        "captions.fr.vtt".into(),
        b"WEBVTT\n\n00:00.500 --> 00:02.000\nOn a peur.\n".to_vec(),
    );
    for playlist in package(&[video], Some(&audio), &[]) {
        put(format!("web/{}", playlist.path), playlist.text.into_bytes());
    }
    files
}

pub(super) fn publication(capsules: &[(&str, &str)]) -> Publication {
    Publication {
        manifest: manifest(capsules.iter().map(|(n, t)| capsule(n, t)).collect()),
        files: capsules
            .iter()
            .flat_map(|(n, t)| capsule_files(n, t))
            .collect(),
    }
}
