//! Recipes: the inputs from which each stored object is made. An object's key
//! is a digest over its recipe, so this page decides what invalidates what.
//!
//! | changed | goes stale |
//! |---|---|
//! | a text that a card shows | that card's segments and its transition |
//! | a text that no card shows | nothing |
//! | template, palette or font, when the outlines differ | the segments that show the card |
//! | a card's duration | the card's last segments; footage only moves |
//! | delay, length or fade of the lower third | the segments where its opacity differs |
//! | the background of a card | the card's segments and its transition |
//! | a cue that is burnt in: its words, look or time | the segments in which it shows, of profiles that burn it in |
//! | the height of the lower third's drawing | the segments where burnt-in cues stand above it |
//! | a cut moved | the segment at the cut and its transition |
//! | the clip's bytes, or what a probe reads in it | the capsule's footage and sound |
//! | CRF, preset, cap or size of a rung | that rung |
//! | loudness target, audio rate | the capsule's sound |
//! | the sound under a card, its level or fades | the capsule's sound |
//! | [`RENDERER`], [`SOUND`], [`STILLS`] | all objects of that kind |
//! | a new version of x264 or FFmpeg | nothing: outdated, not stale |

use crate::plan::burnt::Shown;
use crate::plan::ladder::VideoEncoding;
use crate::series::charter::{BoxRules, Position, Rgb};
use crate::series::profile::AudioCodec;
use crate::values::digest::{
    ArtDigest, Digest, FontsDigest, Key, ObjectKind, Recipe, SourceDigest,
};
use crate::values::facts::{Colour, FieldOrder, SourceFacts, VideoFacts};
use crate::values::geometry::{Orientation, Size};
use crate::values::ids::Language;
use crate::values::time::{FrameRange, FrameRate, Rational};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of our own composing and encoding. Raised when the same recipe
/// would give other bytes.
pub const RENDERER: u32 = 5;
/// Version of the layout of cards.
pub const LAYOUT: u32 = 4;
/// Version of the layout of burnt-in captions.
pub const CAPTIONS: u32 = 2;
/// Version of the sound chain.
pub const SOUND: u32 = 4;
/// Version of what is asked of a sound of the charter.
pub const TUNE: u32 = 1;
/// Version of the choice and drawing of stills.
pub const STILLS: u32 = 4;
/// Version of the prober: raised when it reads more, or otherwise.
pub const PROBER: u32 = 6;

/// Version of what an examination looks for, and of its thresholds.
pub const EXAMINER: u32 = 5;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FactsRecipe {
    pub prober: u32,
    pub source: SourceDigest,
}

impl Recipe for FactsRecipe {
    const KIND: ObjectKind = ObjectKind::Facts;
}

/// A card at one size: which outlines come of it depends on nothing else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArtRecipe {
    pub layout: u32,
    pub template: Digest,
    pub fields: BTreeMap<String, String>,
    pub palette: BTreeMap<String, Rgb>,
    pub font_family: String,
    pub fonts: FontsDigest,
    pub boxes: BoxRules,
    pub pictures: Vec<Digest>,
    pub portrait: Option<Digest>,
    /// How much of the drawing's ground is left, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub veil: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    pub language: Language,
    /// Of fields that are in another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub languages: BTreeMap<String, Language>,
    pub size: Size,
}

impl Recipe for ArtRecipe {
    const KIND: ObjectKind = ObjectKind::Art;
}

/// A capsule's captions at one size, as they are burnt in: their outlines
/// depend on nothing else. Times are not in it, only who stands beside whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CaptionsRecipe {
    pub captions: u32,
    pub cues: Vec<CueText>,
    pub scenes: Vec<CaptionScene>,
    pub font_family: String,
    pub fonts: FontsDigest,
    pub language: Language,
    pub sdh: bool,
    /// What captions stand above where they are raised: all at one height,
    /// whoever speaks.
    pub lower_thirds: Vec<ArtDigest>,
    pub size: Size,
}

impl Recipe for CaptionsRecipe {
    const KIND: ObjectKind = ObjectKind::Art;
}

/// As WebVTT writes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CueText {
    pub text: String,
    pub settings: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CaptionScene {
    pub cues: Vec<Shown>,
    pub raised: bool,
}

/// How the clip's pictures are read: all that a probe found which changes
/// pixels.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SourceReading {
    pub source: SourceDigest,
    pub stream: usize,
    pub orientation: Orientation,
    pub rate: FrameRate,
    /// Container time of frame 0, in seconds.
    pub start: Rational,
    pub decoder_delay: Rational,
    pub coded: Size,
    pub colour: Colour,
    pub field_order: FieldOrder,
}

impl SourceReading {
    pub fn new(source: SourceDigest, clock_zero: Rational, facts: &VideoFacts) -> SourceReading {
        SourceReading {
            source,
            stream: facts.stream,
            orientation: facts.orientation,
            rate: facts.rate,
            start: clock_zero + facts.start,
            decoder_delay: facts.decoder_delay,
            coded: facts.coded,
            colour: facts.colour.clone(),
            field_order: facts.field_order,
        }
    }
}

/// What of a clip is looked through.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExaminationRecipe {
    pub examiner: u32,
    pub source: SourceReading,
    /// Container time at which the clip's own clock reads zero, in seconds.
    pub clock_zero: Rational,
    /// In the order of the clip: it does not matter in which they play.
    pub kept: Vec<FrameRange>,
    /// The stream that is heard.
    pub sound: Option<usize>,
    /// Container times between which there is sound and no picture any more,
    /// when the clip is kept to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail: Option<(Rational, Rational)>,
}

/// A recorder that stops its sound after its picture stops it sooner than this.
const SHORTEST_TAIL: Rational = Rational::integer(1);

/// Of which no more is listened to than an hour.
const LONGEST_TAIL: Rational = Rational::integer(3600);

impl ExaminationRecipe {
    pub fn new(
        source: SourceDigest,
        facts: &SourceFacts,
        kept: &[FrameRange],
    ) -> ExaminationRecipe {
        let mut kept = kept.to_vec();
        kept.sort_unstable_by_key(|range| (range.start, range.end));
        let to_the_end = kept.iter().any(|range| range.end >= facts.video.frames);
        let picture_ends = facts.video.start + facts.duration();
        let tail = facts.audio.as_ref().filter(|_| to_the_end).and_then(|a| {
            let sound_ends = (a.start + a.duration).min(picture_ends + LONGEST_TAIL);
            let on_its_clock = |time| facts.clock_zero + time;
            (sound_ends > picture_ends + SHORTEST_TAIL)
                .then(|| (on_its_clock(picture_ends), on_its_clock(sound_ends)))
        });
        ExaminationRecipe {
            examiner: EXAMINER,
            source: SourceReading::new(source, facts.clock_zero, &facts.video),
            clock_zero: facts.clock_zero,
            kept,
            sound: facts.audio.as_ref().map(|a| a.stream),
            tail,
        }
    }

    pub fn frames(&self) -> u64 {
        self.kept.iter().map(|range| range.len()).sum()
    }
}

impl Recipe for ExaminationRecipe {
    const KIND: ObjectKind = ObjectKind::Examination;
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SegmentRecipe {
    pub renderer: u32,
    pub picture: Picture,
    /// Bottom first.
    pub overlays: Vec<Veil>,
    /// Burnt-in captions, over everything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<Veil>,
    pub size: Size,
    pub rate: FrameRate,
    pub encoding: VideoEncoding,
}

impl Recipe for SegmentRecipe {
    const KIND: ObjectKind = ObjectKind::Segment;
}

impl SegmentRecipe {
    pub fn frames(&self) -> u64 {
        match &self.picture {
            Picture::Card { frames, .. } => *frames,
            Picture::Footage { clip, .. } | Picture::Fade { clip, .. } => clip.len(),
        }
    }

    /// One picture of the segment by itself and hardly compressed: to be looked
    /// at, never published.
    pub fn alone(&self, frame: u64) -> SegmentRecipe {
        let mut alone = self.clone();
        let one = |clip: FrameRange| FrameRange::new(clip.start + frame, clip.start + frame + 1);
        match &mut alone.picture {
            Picture::Card { frames, .. } => *frames = 1,
            Picture::Footage { clip, .. } => *clip = one(*clip),
            Picture::Fade { clip, weights, .. } => {
                *clip = one(*clip);
                let place = usize::try_from(frame).unwrap_or(usize::MAX);
                *weights = weights.get(place).copied().into_iter().collect();
            }
        }
        let seen = self.overlays.iter();
        let seen = seen.filter_map(|veil| Veil::new(veil.art, [veil.at(frame)].into_iter()));
        alone.overlays = seen.collect();
        let seen = self.captions.iter();
        let seen = seen.filter_map(|veil| Veil::new(veil.art, [veil.at(frame)].into_iter()));
        alone.captions = seen.collect();
        alone.encoding.preset = "ultrafast".to_owned();
        alone.encoding.crf = 1;
        alone.encoding.max_kbps = None;
        alone
    }

    /// The clip's frames that have to be decoded, and how.
    pub fn footage(&self) -> Option<(&SourceReading, FrameRange)> {
        match &self.picture {
            Picture::Card { .. } => None,
            Picture::Footage { source, clip } | Picture::Fade { source, clip, .. } => {
                Some((source, *clip))
            }
        }
    }

    /// What lies behind the card of this segment.
    pub fn behind(&self) -> Option<&Behind> {
        match &self.picture {
            Picture::Card { behind, .. } | Picture::Fade { behind, .. } => behind.as_ref(),
            Picture::Footage { .. } => None,
        }
    }

    /// How the clip is read, when anything of it is seen.
    pub fn reading(&self) -> Option<&SourceReading> {
        let still = match self.behind() {
            Some(Behind::Footage { source, .. }) => Some(source.as_ref()),
            _ => None,
        };
        self.footage().map(|(reading, _)| reading).or(still)
    }

    /// Every card that is drawn on this segment.
    pub fn arts(&self) -> impl Iterator<Item = ArtDigest> + '_ {
        let base = match &self.picture {
            Picture::Card { art, .. } | Picture::Fade { art, .. } => Some(*art),
            Picture::Footage { .. } => None,
        };
        let behind = match self.behind() {
            Some(Behind::Picture { art }) => Some(*art),
            _ => None,
        };
        let cards = base.into_iter().chain(behind);
        cards.chain(self.overlays.iter().chain(&self.captions).map(|v| v.art))
    }
}

/// What is seen before overlays.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "shows", rename_all = "lowercase")]
pub enum Picture {
    Card {
        art: ArtDigest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        behind: Option<Behind>,
        frames: u64,
    },
    Footage {
        source: SourceReading,
        clip: FrameRange,
    },
    Fade {
        art: ArtDigest,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        behind: Option<Behind>,
        source: SourceReading,
        clip: FrameRange,
        /// Of the footage on each frame, in 256ths.
        weights: Vec<u16>,
        /// Card and footage change places side by side, not through one another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slide: Option<Slide>,
    },
}

/// Which of the two goes out to the left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slide {
    CardLeaves,
    FootageLeaves,
}

/// What is seen through a card; black where there is nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub enum Behind {
    Picture {
        art: ArtDigest,
    },
    /// A frame of the clip, blurred.
    Footage {
        source: Box<SourceReading>,
        frame: u64,
    },
}

/// A raster over a segment, with its opacity frame by frame as runs of
/// (frames, 256ths). Only what is seen within the segment is named, so a
/// lower third that ends later does not touch the segment where it holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Veil {
    pub art: ArtDigest,
    pub opacity: Vec<(u64, u16)>,
}

impl Veil {
    /// `None` when nothing of it is seen.
    pub fn new(art: ArtDigest, levels: impl Iterator<Item = u16>) -> Option<Veil> {
        let mut opacity: Vec<(u64, u16)> = Vec::new();
        for level in levels {
            match opacity.last_mut() {
                Some((frames, last)) if *last == level => *frames += 1,
                _ => opacity.push((1, level)),
            }
        }
        opacity
            .iter()
            .any(|&(_, level)| level > 0)
            .then_some(Veil { art, opacity })
    }

    /// Opacity on a frame of the segment.
    pub fn at(&self, frame: u64) -> u16 {
        let mut end = 0;
        for &(frames, level) in &self.opacity {
            end += frames;
            if frame < end {
                return level;
            }
        }
        0
    }
}

/// A capsule's sound, measured and encoded as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AudioRecipe {
    pub sound: u32,
    /// Source and stream; `None` for a clip without sound: a silent track.
    pub track: Option<(SourceDigest, usize)>,
    pub sections: Vec<SoundStretch>,
    pub codec: AudioCodec,
    pub kbps: u32,
    /// Hundredths of LUFS.
    pub loudness: i32,
}

impl Recipe for AudioRecipe {
    const KIND: ObjectKind = ObjectKind::Audio;
}

/// What was measured of a sound: kept beside it, so that it can be told without
/// reading the sound.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeardRecipe {
    pub track: Key,
}

impl Recipe for HeardRecipe {
    const KIND: ObjectKind = ObjectKind::Examination;
}

/// Samples are at [`SAMPLE_RATE`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "plays", rename_all = "lowercase")]
pub enum SoundStretch {
    Silence {
        samples: u64,
    },
    /// `start` in container time, in seconds; fades in samples.
    Clip {
        start: Rational,
        samples: u64,
        fade_in: u64,
        fade_out: u64,
    },
    /// A sound of the charter under an inserted card. `level` is against what
    /// people say, in hundredths of a loudness unit.
    Tune {
        file: Digest,
        samples: u64,
        fade_in: u64,
        fade_out: u64,
        looped: bool,
        level: i32,
    },
}

impl SoundStretch {
    pub fn samples(&self) -> u64 {
        match *self {
            SoundStretch::Silence { samples }
            | SoundStretch::Clip { samples, .. }
            | SoundStretch::Tune { samples, .. } => samples,
        }
    }
}

/// Whether a sound of the charter can be heard.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TuneRecipe {
    pub tune: u32,
    pub file: Digest,
}

impl Recipe for TuneRecipe {
    const KIND: ObjectKind = ObjectKind::Facts;
}

pub const SAMPLE_RATE: u32 = 48_000;

/// Stills are taken from encoded segments, so those name the pictures. The
/// poster names only the segments of which it may show a frame: a new title
/// leaves it as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosterRecipe {
    pub stills: u32,
    /// In the order in which they play, never empty.
    pub pieces: Vec<PosterPiece>,
}

/// A segment that a poster may be taken from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosterPiece {
    /// On the smallest rung, on which frames are judged.
    pub judged: Key,
    /// On the tallest rung, from which the poster is taken.
    pub taken: Key,
    /// Frames of the segment that may be chosen.
    pub eligible: Vec<FrameRange>,
}

impl Recipe for PosterRecipe {
    const KIND: ObjectKind = ObjectKind::Stills;
}

/// A sheet of small pictures of the whole capsule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoryboardRecipe {
    pub stills: u32,
    /// Of the smallest rung, each with its number of frames.
    pub segments: Vec<(Key, u64)>,
    /// Frames between two tiles, at least.
    pub every: u64,
}

impl Recipe for StoryboardRecipe {
    const KIND: ObjectKind = ObjectKind::Stills;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(crf: u8) -> SegmentRecipe {
        SegmentRecipe {
            renderer: RENDERER,
            picture: Picture::Card {
                art: ArtDigest(Digest::of(b"card")),
                behind: None,
                frames: 150,
            },
            overlays: vec![],
            captions: vec![],
            size: Size {
                width: 640,
                height: 360,
            },
            rate: FrameRate::new(25, 1).expect("positive"),
            encoding: VideoEncoding {
                codec: crate::series::profile::VideoCodec::H264,
                preset: "medium".into(),
                crf,
                max_kbps: None,
                gop: 50,
                level: 30,
            },
        }
    }

    #[test]
    fn a_key_names_its_recipe() {
        assert_eq!(recipe(23).key(), recipe(23).key());
        assert_ne!(recipe(23).key(), recipe(22).key());
        let read: SegmentRecipe =
            serde_json::from_str(&recipe(23).to_json()).expect("its own form");
        assert_eq!(read, recipe(23));
    }

    #[test]
    fn a_veil_names_only_what_is_seen() {
        let art = ArtDigest(Digest::of(b"strap"));
        assert_eq!(Veil::new(art, [0, 0, 0].into_iter()), None);
        let veil = Veil::new(art, [0, 64, 256, 256].into_iter()).expect("seen");
        assert_eq!(veil.opacity, [(1, 0), (1, 64), (2, 256)]);
        assert_eq!([0, 1, 2, 3, 4].map(|f| veil.at(f)), [0, 64, 256, 256, 0]);
    }
}
