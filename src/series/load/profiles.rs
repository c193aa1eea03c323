//! `profiles/*.toml`: those compiled in, overridden or joined by the series'.

use super::document::{Source, Table};
use super::folder::{self, Entry};
use super::names::{id_like, nearest};
use crate::series::profile::{
    AudioCodec, AudioSettings, CaptionMode, CardKind, FrameShape, Package, Profile, Rung,
    VideoCodec,
};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::ids::Id;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const BUILT_IN: [(&str, &str); 2] = [
    (
        "screening",
        include_str!("../../../profiles/screening.toml"),
    ),
    ("web", include_str!("../../../profiles/web.toml")),
];

/// Profiles that can be used, and the names of those that are written wrongly.
pub(super) struct Profiles {
    pub sound: BTreeMap<Id, Profile>,
    pub broken: BTreeSet<Id>,
}

pub(super) fn read(series: &Path, found: &mut Vec<Diagnostic>) -> Profiles {
    let mut profiles = Profiles {
        sound: BTreeMap::new(),
        broken: BTreeSet::new(),
    };
    for (name, text) in BUILT_IN {
        let path = format!("built-in: profiles/{name}.toml");
        let id = Id::new(name).expect("built-in names are ids");
        profiles.add(id, &path, text, found);
    }
    for Entry { name, path, .. } in folder::files(series, "profiles", found) {
        let Some(stem) = name.strip_suffix(".toml") else {
            continue;
        };
        match Id::new(stem) {
            None => {
                let problem = Problem::BadId {
                    found: stem.to_owned(),
                    suggestion: id_like(stem),
                };
                found.push(Diagnostic::new(problem, Place::File { path }));
            }
            Some(id) => match folder::text(series, &path, found) {
                Some(text) => profiles.add(id, &path, &text, found),
                None => profiles.refuse(id),
            },
        }
    }
    profiles
}

impl Profiles {
    /// The profile of this name, or what is wrong with it; no problem for one
    /// whose own file has been blamed already.
    pub(super) fn named(&self, name: &str) -> Result<Id, Option<Problem>> {
        let id = Id::new(name);
        match id {
            Some(id) if self.sound.contains_key(&id) => Ok(id),
            Some(id) if self.broken.contains(&id) => Err(None),
            _ => {
                let known = self.sound.keys().map(Id::as_str);
                Err(Some(Problem::UnknownProfile {
                    found: name.to_owned(),
                    suggestion: nearest(name, known.clone()).map(str::to_owned),
                    known: known.map(str::to_owned).collect(),
                }))
            }
        }
    }

    fn add(&mut self, name: Id, path: &str, text: &str, found: &mut Vec<Diagnostic>) {
        let before = found.len();
        let profile = parse(name.clone(), path, text, found);
        match profile.filter(|_| found.len() == before) {
            Some(profile) => {
                self.broken.remove(&name);
                self.sound.insert(name, profile);
            }
            None => self.refuse(name),
        }
    }

    /// A profile that is written wrongly also hides the built-in one of its
    /// name: falling back would publish another recipe than the one asked for.
    fn refuse(&mut self, name: Id) {
        self.sound.remove(&name);
        self.broken.insert(name);
    }
}

/// A profile, or `None` where the file gives none; its mistakes are in `found`.
pub(super) fn parse(
    name: Id,
    path: &str,
    text: &str,
    found: &mut Vec<Diagnostic>,
) -> Option<Profile> {
    let source = Source { path, text };
    let (root, sound) = source.parse(found);
    let mut table = Table::new(source, root.get_ref(), 0);
    let package = table
        .choice("package", &[("hls", "hls"), ("mp4", "mp4"), ("mkv", "mkv")])
        .unwrap_or("hls");
    let frame = [
        ("source", FrameShape::Source),
        ("16:9", FrameShape::Wide),
        ("1:1", FrameShape::Square),
        ("9:16", FrameShape::Vertical),
    ];
    let captions = [
        ("sidecar", CaptionMode::Sidecar),
        ("burned", CaptionMode::Burned),
        ("both", CaptionMode::Both),
        ("none", CaptionMode::None),
    ];
    let ladder = ladder(&mut table, sound, found);
    let heights: Vec<i64> = ladder.iter().map(|rung| i64::from(rung.height)).collect();
    let progressive = progressive(&mut table, package, &heights);
    let profile = Profile {
        name,
        package: match package {
            "mp4" => Package::Mp4,
            "mkv" => Package::Mkv,
            _ => Package::Hls { progressive },
        },
        private: table.boolean("private").unwrap_or(false),
        frame: table.choice("frame", &frame).unwrap_or(FrameShape::Source),
        cards: table
            .choices("cards", &CardKind::ALL.map(|card| (card.name(), card)))
            .unwrap_or_else(|| CardKind::ALL.to_vec()),
        captions: table
            .choice("captions", &captions)
            .unwrap_or(CaptionMode::Sidecar),
        audio: audio(&mut table, found),
        ladder,
        max_bytes: table
            .integer("max_bytes", 100_000..=1_000_000_000_000)
            .and_then(|bytes| u64::try_from(bytes).ok()),
    };
    table.finish(found);
    (!profile.ladder.is_empty()).then_some(profile)
}

fn audio(table: &mut Table<'_, '_>, found: &mut Vec<Diagnostic>) -> Option<AudioSettings> {
    let default = AudioSettings {
        codec: AudioCodec::Aac,
        kbps: 128,
    };
    let Some(mut audio) = table.table("audio") else {
        return Some(default);
    };
    let codecs = [
        ("aac", Some(AudioCodec::Aac)),
        ("opus", Some(AudioCodec::Opus)),
        ("flac", Some(AudioCodec::Flac)),
        ("none", None),
    ];
    let codec = audio
        .choice("codec", &codecs)
        .unwrap_or(Some(default.codec));
    let kbps = narrow(audio.integer("kbps", 32..=510)).unwrap_or(default.kbps);
    audio.finish(found);
    codec.map(|codec| AudioSettings { codec, kbps })
}

fn ladder(table: &mut Table<'_, '_>, sound: bool, found: &mut Vec<Diagnostic>) -> Vec<Rung> {
    let tables = table.tables("rung").unwrap_or_default();
    if tables.is_empty() && sound {
        let place = table.place_of("rung");
        table.note(Problem::EmptyLadder, place);
    }
    let mut ladder: Vec<Rung> = Vec::new();
    for (rung, place) in tables {
        let Some(rung) = self::rung(rung, found) else {
            continue;
        };
        match ladder.last() {
            Some(above) if above.height <= rung.height => {
                let problem = Problem::LadderOrder {
                    above: above.height,
                    below: rung.height,
                };
                table.note(problem, place);
            }
            _ => ladder.push(rung),
        }
    }
    ladder
}

fn rung(mut table: Table<'_, '_>, found: &mut Vec<Diagnostic>) -> Option<Rung> {
    let codecs = [
        ("h264", VideoCodec::H264),
        ("hevc", VideoCodec::Hevc),
        ("av1", VideoCodec::Av1),
        ("ffv1", VideoCodec::Ffv1),
    ];
    if !table.has("height") {
        table.missing("height");
    }
    let height = narrow(table.integer("height", 144..=4320));
    let codec = table.choice("codec", &codecs).unwrap_or(VideoCodec::H264);
    // SVT-AV1 has numbers for presets and 63 steps of quality; x264 and x265
    // share names and 51 steps.
    let (presets, default_preset, worst_crf): (&[&str], _, _) = match codec {
        VideoCodec::Av1 => (
            &[
                "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
            ],
            "6",
            63,
        ),
        _ => (
            &[
                "ultrafast",
                "superfast",
                "veryfast",
                "faster",
                "fast",
                "medium",
                "slow",
                "slower",
                "veryslow",
            ],
            "medium",
            51,
        ),
    };
    let presets: Vec<(&str, &str)> = presets.iter().map(|name| (*name, *name)).collect();
    let preset = table.choice("preset", &presets).unwrap_or(default_preset);
    // 0 would be lossless, which phones cannot play.
    let crf = table.integer("crf", 1..=worst_crf).unwrap_or(23);
    let rung = height.map(|height| Rung {
        height,
        codec,
        preset: preset.to_owned(),
        crf: u8::try_from(crf).unwrap_or(23),
        max_kbps: narrow(table.integer("max_kbps", 50..=200_000)),
    });
    if height.is_none() {
        // Asked for all the same, so that it does not count as unknown.
        table.integer("max_kbps", 50..=200_000);
    }
    table.finish(found);
    rung
}

/// Progressive copies are of rungs that the ladder has.
fn progressive(table: &mut Table<'_, '_>, package: &str, heights: &[i64]) -> Vec<u32> {
    let listed = table
        .integers("progressive", 144..=4320)
        .unwrap_or_default();
    let mut chosen: Vec<u32> = Vec::new();
    for (height, place) in listed {
        if package == "hls" && heights.contains(&height) {
            chosen.extend(u32::try_from(height).ok().filter(|h| !chosen.contains(h)));
        } else {
            let problem = Problem::ProgressiveWithoutRung {
                height: u32::try_from(height).unwrap_or_default(),
                heights: heights
                    .iter()
                    .filter_map(|h| u32::try_from(*h).ok())
                    .collect(),
                hls: package == "hls",
            };
            table.note(problem, place);
        }
    }
    chosen
}

fn narrow(value: Option<i64>) -> Option<u32> {
    value.and_then(|value| u32::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<Profile>, Vec<Diagnostic>) {
        let mut found = Vec::new();
        let name = Id::new("x").expect("an id");
        let profile = parse(name, "profiles/x.toml", text, &mut found);
        (profile, found)
    }

    #[test]
    fn built_in_profiles_are_sound() {
        for (name, text) in BUILT_IN {
            let (profile, found) = parsed(text);
            assert_eq!(found, [], "{name}");
            let profile = profile.expect("a profile");
            assert!(
                profile
                    .ladder
                    .iter()
                    .all(|rung| rung.codec == VideoCodec::H264),
                "{name}"
            );
        }
        let (web, _) = parsed(BUILT_IN[1].1);
        let progressive = vec![720, 360];
        assert_eq!(web.map(|p| p.package), Some(Package::Hls { progressive }));
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let (profile, found) = parsed("[[rung]]\nheight = 720\n");
        assert_eq!(found, []);
        let profile = profile.expect("a profile");
        assert_eq!(profile.cards, CardKind::ALL);
        assert_eq!(profile.ladder[0].crf, 23);
        assert_eq!(profile.audio.map(|a| a.kbps), Some(128));
    }

    #[test]
    fn profiles_of_later_versions_parse() {
        let text = "package = \"mkv\"\nprivate = true\ncards = []\ncaptions = \"both\"\nframe = \"9:16\"\n\
                    [audio]\ncodec = \"flac\"\n[[rung]]\nheight = 1080\ncodec = \"av1\"\npreset = \"6\"\ncrf = 60\n";
        let (profile, found) = parsed(text);
        assert_eq!(found, []);
        assert_eq!(
            profile.map(|p| (p.package, p.cards.len())),
            Some((Package::Mkv, 0))
        );
    }

    #[test]
    fn every_mistake_has_its_line() {
        let text = "pakage = \"hls\"\nprogressive = [480]\nframe = \"4:3\"\n\
                    [[rung]]\nheight = 720\ncrf = 99\n[[rung]]\nheight = 1080\n[[rung]]\ncodec = \"h265\"\n";
        let (_, found) = parsed(text);
        let mut lines: Vec<(usize, String)> = found
            .iter()
            .map(|d| match &d.place {
                Place::Text { line, .. } => (*line, d.problem.id()),
                other => panic!("{other:?}"),
            })
            .collect();
        lines.sort();
        let expected = [
            (1, "unknown-key"),
            (2, "progressive-without-rung"),
            (3, "bad-value"),
            (6, "bad-value"),
            (7, "ladder-order"),
            (9, "missing-key"),
            (10, "bad-value"),
        ];
        assert_eq!(lines, expected.map(|(line, id)| (line, id.to_owned())));
    }
}
