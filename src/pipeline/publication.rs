//! Puts capsules together for each audience: what the manifest says of them,
//! and their files.

use crate::captions;
use crate::pipeline::survey::Surveyed;
use crate::plan::capsule::{Card, ProfilePlan};
use crate::plan::timeline::{Section, Timeline, Turn};
use crate::publish::manifest::{self, Decimal, Manifest, RateText};
use crate::publish::path::TreePath;
use crate::publish::tree::{Carried, Content};
use crate::render::packages::{Finished, Packaged};
use crate::render::stills::{Drawn, storyboard_index};
use crate::series::Series;
use crate::series::capsule::{Capsule, Speaker};
use crate::series::profile::CardKind;
use crate::values::audience::Audience;
use crate::values::ids::Id;
use crate::worker::protocol::SoundReport;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A capsule as it will be published in the private tree, from which the
/// others are taken.
#[derive(Clone, PartialEq, Debug)]
pub struct Made {
    pub entry: manifest::Capsule,
    pub files: BTreeMap<TreePath, Content>,
}

/// The files of one profile: made now, or as they were published before.
#[derive(Clone, PartialEq, Debug)]
pub struct ProfileFiles {
    pub renditions: Vec<manifest::Rendition>,
    pub files: BTreeMap<TreePath, Content>,
}

impl From<Packaged> for ProfileFiles {
    fn from(packaged: Packaged) -> ProfileFiles {
        ProfileFiles {
            renditions: packaged.renditions.into_iter().map(rendition).collect(),
            files: packaged.files,
        }
    }
}

fn rendition(finished: Finished) -> manifest::Rendition {
    let size = finished.plan.rendition.size;
    manifest::Rendition {
        profile: finished.profile,
        path: finished.path,
        width: size.width,
        height: size.height,
        frame_rate: RateText(finished.plan.rendition.rate),
        frames: finished.frames,
        codecs: finished.codecs,
        average_bps: finished.rates.average,
        peak_bps: finished.rates.peak,
        bytes: finished.bytes,
        burned_captions: None,
    }
}

/// What a profile's files are in a published manifest: its folder, or its one
/// file.
pub fn is_of_profile(path: &TreePath, capsule: &Id, profile: &Id) -> bool {
    let base = format!("{capsule}/{profile}");
    path.as_str() == format!("{base}.mp4") || path.as_str().starts_with(&format!("{base}/"))
}

/// The files of a profile as the private tree has them.
pub fn carried(previous: &Manifest, capsule: &Id, profile: &Id) -> Option<ProfileFiles> {
    let entry = previous.capsule(capsule)?;
    let renditions: Vec<manifest::Rendition> = entry
        .renditions
        .iter()
        .filter(|r| &r.profile == profile)
        .cloned()
        .collect();
    let files: BTreeMap<TreePath, Content> = previous
        .files_of(capsule)
        .filter(|f| is_of_profile(&f.path, capsule, profile))
        .map(|f| (f.path.clone(), kept(f)))
        .collect();
    (!renditions.is_empty() && !files.is_empty()).then_some(ProfileFiles { renditions, files })
}

/// Posters and storyboard: drawn now, or as they were published before.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Pictures {
    posters: Vec<manifest::Poster>,
    storyboard: Option<manifest::Storyboard>,
    files: BTreeMap<TreePath, Content>,
}

/// The pictures of a capsule as the private tree has them.
pub fn carried_pictures(previous: &Manifest, capsule: &Id) -> Option<Pictures> {
    let entry = previous.capsule(capsule)?;
    let board = entry.storyboard.iter();
    let paths: BTreeSet<&TreePath> = board
        .flat_map(|b| [&b.index, &b.sheet])
        .chain(entry.posters.iter().map(|p| &p.path))
        .collect();
    let files: BTreeMap<TreePath, Content> = previous
        .files_of(capsule)
        .filter(|f| paths.contains(&f.path))
        .map(|f| (f.path.clone(), kept(f)))
        .collect();
    (!paths.is_empty() && files.len() == paths.len()).then(|| Pictures {
        posters: entry.posters.clone(),
        storyboard: entry.storyboard.clone(),
        files,
    })
}

fn kept(file: &manifest::File) -> Content {
    Content::Kept {
        bytes: file.bytes,
        sha256: file.sha256,
    }
}

/// What was drawn, under the names that it is published by.
pub fn pictures(capsule: &Id, timeline: &Timeline, stills: &Drawn) -> Pictures {
    let of_capsule = |name: &str| TreePath::new(&format!("{capsule}/{name}"));
    let mut pictures = Pictures::default();
    for (picture, bytes) in &stills.posters {
        let Some(path) = of_capsule(&picture.name) else {
            continue;
        };
        pictures.posters.push(manifest::Poster {
            media_type: path.media_type().to_owned(),
            path: path.clone(),
            width: picture.size.width,
            height: picture.size.height,
        });
        pictures.files.insert(path, Content::Bytes(bytes.clone()));
    }
    if let (Some(index), Some(sheet)) = (of_capsule("storyboard.vtt"), of_capsule("storyboard.jpg"))
    {
        let text = storyboard_index(&stills.storyboard, timeline.rate, timeline.frames());
        let files = &mut pictures.files;
        files.insert(index.clone(), Content::Bytes(text.into_bytes()));
        files.insert(sheet.clone(), Content::Bytes(stills.sheet.clone()));
        pictures.storyboard = Some(manifest::Storyboard { index, sheet });
    }
    pictures
}

/// Everything that one capsule's entry is made of.
pub struct Parts<'a> {
    pub surveyed: &'a Surveyed,
    /// The profile from which stills and captions take their times.
    pub first: &'a ProfilePlan,
    /// In the order in which the capsule names its profiles.
    pub profiles: Vec<ProfileFiles>,
    pub pictures: Pictures,
    pub sound: Option<&'a SoundReport>,
    pub toolchain: &'a str,
}

/// The capsule as the private tree shows it.
pub fn assemble(series: &Series, parts: Parts<'_>) -> Made {
    let Parts {
        surveyed,
        first,
        profiles,
        pictures,
        sound,
        toolchain,
    } = parts;
    let capsule = &surveyed.capsule;
    let timeline = &first.timeline;
    let Pictures {
        posters,
        storyboard,
        mut files,
    } = pictures;
    let of_capsule = |name: &str| TreePath::new(&format!("{}/{name}", capsule.id));

    let mut sidecars = Vec::new();
    for captions in &surveyed.captions {
        let sdh = if captions.file.sdh { ".sdh" } else { "" };
        let Some(path) = of_capsule(&format!("captions.{}{sdh}.vtt", captions.file.language))
        else {
            continue;
        };
        let (cues, _) = captions.on(timeline, &surveyed.facts);
        files.insert(
            path.clone(),
            Content::Bytes(captions::webvtt(&cues).into_bytes()),
        );
        sidecars.push(manifest::Captions {
            path,
            language: captions.file.language.clone(),
            sdh: captions.file.sdh,
        });
    }
    let mut renditions = Vec::new();
    for profile in profiles {
        let of_plan = |r: manifest::Rendition| {
            let plan = surveyed.plans.iter().find(|p| p.profile == r.profile);
            let burnt = plan.and_then(|p| p.burnt.as_ref());
            manifest::Rendition {
                burned_captions: burnt.map(|(language, _)| language.clone()),
                ..r
            }
        };
        renditions.extend(profile.renditions.into_iter().map(of_plan));
        files.extend(profile.files);
    }
    let level = |l: &Option<crate::worker::protocol::Loudness>| {
        l.as_ref()
            .map(|l| Decimal::from_hundredths(i64::from(l.integrated)))
    };
    let entry = manifest::Capsule {
        id: capsule.id.clone(),
        title: capsule.title.clone(),
        theme: capsule.theme.clone(),
        speaker: capsule.speaker.clone(),
        role: capsule.role.clone(),
        structure: capsule.structure.clone(),
        speakers: speakers(capsule, &surveyed.turns, timeline),
        contact: capsule.contact.clone(),
        description: capsule.description.clone(),
        language: capsule.language.clone(),
        published: capsule.published.or(series.published),
        duration: Decimal::nearest(timeline.rate.time_of(timeline.frames())),
        cards: surveyed.cards.texts.clone(),
        card_times: card_times(timeline),
        loudness: sound.map(|s| manifest::Loudness {
            measured_in: level(&s.measured_in),
            measured_out: level(&s.measured_out),
        }),
        renditions,
        posters,
        storyboard,
        captions: sidecars,
        transcripts: Vec::new(),
        structured_data: BTreeMap::new(),
        embed: None,
        extra: capsule.extra.clone(),
        draft: surveyed.draft,
        source: Some(manifest::Source {
            sha256: surveyed.clip.sha256(),
            facts: serde_json::to_value(&surveyed.facts).unwrap_or_default(),
        }),
        toolchain: Some(BTreeMap::from([
            ("ffmpeg".to_owned(), toolchain.to_owned()),
            ("portevoix".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ])),
    };
    Made { entry, files }
}

/// Who speaks, where it is more than one person, turn by turn: in the order of
/// the film where that is known, else as the catalogue names them.
fn speakers(capsule: &Capsule, turns: &[Turn], timeline: &Timeline) -> Vec<manifest::Speaker> {
    let told = |speaker: &Speaker, start| manifest::Speaker {
        name: speaker.name.clone(),
        role: speaker.role.clone(),
        structure: speaker.structure.clone(),
        start,
    };
    match (capsule.speakers.as_slice(), turns) {
        ([] | [_], _) => Vec::new(),
        (several, []) => several.iter().map(|s| told(s, None)).collect(),
        (several, turns) => {
            let footage = timeline.placed().find(|(_, s)| s.clip().is_some());
            let before = footage.map_or(0, |(at, _)| at.start);
            let turns = turns.iter().filter_map(|turn| {
                let time = timeline.rate.time_of(before + turn.at.start);
                Some(told(
                    several.get(turn.speaker)?,
                    Some(Decimal::nearest(time)),
                ))
            });
            turns.collect()
        }
    }
}

/// When each card is on screen, from the first frame that is all card to the
/// last: a transition belongs to the footage that sounds under it.
fn card_times(timeline: &Timeline) -> BTreeMap<String, manifest::Span> {
    let cards = timeline.placed().filter_map(|(at, section)| match section {
        Section::Card { card, .. } => Some((card, at)),
        Section::Fade { .. } | Section::Footage { .. } => None,
    });
    let cards = cards.map(|(kind, at)| (Card::from(kind), at));
    let straps = timeline.lower_thirds.iter().map(|strap| {
        let kind = CardKind::LowerThird;
        let turn = strap.turn;
        (Card { kind, turn }, strap.shown.at)
    });
    let time = |frame| Decimal::nearest(timeline.rate.time_of(frame));
    cards
        .chain(straps)
        .map(|(card, at)| {
            let span = manifest::Span {
                start: time(at.start),
                end: time(at.end),
            };
            (card.name(), span)
        })
        .collect()
}

/// A capsule for one audience: without what stays private, and with files that
/// the private tree has linked from there.
pub fn for_audience(made: &Made, series: &Series, audience: Audience, dist: &Path) -> Carried {
    let mut entry = made.entry.clone();
    let mut files = made.files.clone();
    if audience != Audience::Private {
        (entry, files) = without_private((entry, files), series, audience);
        entry.source = None;
        entry.toolchain = None;
        let private = dist.join(Audience::Private.name());
        for (path, content) in &mut files {
            if let Content::Kept { bytes, sha256 } = *content {
                *content = Content::File {
                    path: private.join(path.as_str()),
                    bytes,
                    sha256,
                };
            }
        }
    }
    (entry, files)
}

/// A capsule without the profiles that must not leave the private tree.
pub fn without_private(
    (mut entry, mut files): Carried,
    series: &Series,
    audience: Audience,
) -> Carried {
    if audience != Audience::Private {
        let hidden: BTreeSet<&Id> = series
            .profiles
            .values()
            .filter(|p| p.private)
            .map(|p| &p.name)
            .collect();
        entry.renditions.retain(|r| !hidden.contains(&r.profile));
        files.retain(|path, _| !hidden.iter().any(|p| is_of_profile(path, &entry.id, p)));
    }
    (entry, files)
}

/// What the manifest says of the series.
pub fn series_entry(series: &Series) -> manifest::Series {
    manifest::Series {
        id: series.id.clone(),
        title: series.title.clone(),
        language: series.language.clone(),
        publisher: series.publisher.clone(),
        licence: series.licence.clone(),
        base_url: series.base_url.clone(),
    }
}
