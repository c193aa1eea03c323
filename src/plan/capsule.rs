//! The plan of one capsule: every rendition as a row of recipes, its sound,
//! its stills. From here on everything has a key.

use crate::plan::burnt::Burnt;
use crate::plan::ladder::{self, Rendition};
use crate::plan::recipe::{
    AudioRecipe, Behind, Picture, RENDERER, SAMPLE_RATE, SOUND, SegmentRecipe, Slide, SoundStretch,
    SourceReading, Veil,
};
use crate::plan::segments::{self, Segment};
use crate::plan::timeline::{self, CardTimes, Direction, OPAQUE, Section, Timeline, Turn};
use crate::series::capsule::{Capsule, Speaker};
use crate::series::charter::{CardSound, Timing, TransitionStyle};
use crate::series::profile::{CaptionMode, CardKind, Package, Profile, Rung};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::digest::{ArtDigest, Key, Recipe, SourceDigest};
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::values::ids::{Id, Language};
use crate::values::time::{FrameRange, Rational, WrittenTime};
use std::collections::BTreeMap;

/// One of a capsule's cards: of several people who speak, each has a lower
/// third.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Card {
    pub kind: CardKind,
    /// Whose turn it is to speak, for a lower third of several; else 0.
    pub turn: usize,
}

impl Card {
    /// As in file names and in the manifest.
    pub fn name(self) -> String {
        match self.turn {
            0 => self.kind.name().to_owned(),
            turn => format!("{}-{}", self.kind.name(), turn + 1),
        }
    }

    /// Whose turn it is on the card; `None` where it names everybody.
    pub fn turn_to_speak(self, capsule: &Capsule) -> Option<usize> {
        let told = self.kind == CardKind::LowerThird && !capsule.changes.is_empty();
        told.then_some(self.turn)
    }

    /// All cards of a kind that a capsule has.
    pub fn of(capsule: &Capsule, kind: CardKind) -> impl Iterator<Item = Card> {
        let count = match kind {
            CardKind::LowerThird => capsule.lower_thirds(),
            _ => 1,
        };
        (0..count).map(move |turn| Card { kind, turn })
    }
}

impl From<CardKind> for Card {
    fn from(kind: CardKind) -> Card {
        Card { kind, turn: 0 }
    }
}

/// Outlines of a capsule's cards by card and size, as laid out.
pub type Arts = BTreeMap<(Card, Size), ArtDigest>;

/// What lies behind the inserted cards, where anything does.
pub type Backdrops = BTreeMap<CardKind, Backdrop>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Backdrop {
    /// The frame of the film next to the card, blurred.
    Footage,
    /// Outlines by size.
    Picture(BTreeMap<Size, ArtDigest>),
}

/// What of a capsule has to be known to plan it.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub capsule: &'a Capsule,
    /// Who speaks when, where the catalogue says it.
    pub turns: &'a [Turn],
    pub source: SourceDigest,
    pub facts: &'a SourceFacts,
    pub timing: &'a Timing,
    pub backdrops: &'a Backdrops,
    /// What is heard under the inserted cards.
    pub sounds: &'a BTreeMap<CardKind, CardSound>,
    /// Hundredths of LUFS.
    pub loudness: i32,
    /// Only a preview is wanted: one small rung, watermarked.
    pub draft: bool,
}

/// One profile applied to one capsule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfilePlan {
    pub profile: Id,
    pub package: Package,
    pub private: bool,
    pub captions: CaptionMode,
    /// The language of the captions in the picture, and the frames they are on.
    pub burnt: Option<(Language, Vec<FrameRange>)>,
    pub timeline: Timeline,
    pub segments: Vec<Segment>,
    /// Tallest first.
    pub renditions: Vec<RenditionPlan>,
    pub audio: Option<AudioRecipe>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenditionPlan {
    pub rendition: Rendition,
    /// One for each segment of the profile.
    pub recipes: Vec<SegmentRecipe>,
    /// Theirs, worked out once.
    pub keys: Vec<Key>,
}

impl ProfilePlan {
    /// Whether captions are offered beside the film.
    pub fn has_sidecars(&self) -> bool {
        matches!(self.captions, CaptionMode::Sidecar | CaptionMode::Both)
    }
}

/// The short side of a draft's only rung.
const DRAFT_HEIGHT: u32 = 540;

/// The ladder that is climbed: the profile's, or for a draft one rung of 540
/// lines, with the settings of the rung nearest to it from below, else the
/// lowest.
fn rungs(profile: &Profile, draft: bool) -> Vec<Rung> {
    if !draft {
        return profile.ladder.clone();
    }
    let ladder = &profile.ladder;
    let nearest = ladder
        .iter()
        .find(|r| r.height <= DRAFT_HEIGHT)
        .or(ladder.last());
    nearest
        .map(|rung| Rung {
            height: rung.height.min(DRAFT_HEIGHT),
            ..rung.clone()
        })
        .into_iter()
        .collect()
}

/// The renditions that a profile makes of a clip.
pub fn renditions(facts: &SourceFacts, profile: &Profile, draft: bool) -> Vec<Rendition> {
    ladder::renditions(
        facts.video.display(),
        facts.video.rate,
        &rungs(profile, draft),
    )
}

/// The cards that a capsule shows in a profile: a lower third needs a name.
pub fn shown_cards(capsule: &Capsule, profile: &Profile, draft: bool) -> Vec<CardKind> {
    let named = !capsule.speakers.is_empty();
    let mut cards: Vec<CardKind> = profile
        .cards
        .iter()
        .copied()
        .filter(|&c| c != CardKind::LowerThird || named)
        .collect();
    if draft {
        cards.push(CardKind::Watermark);
    }
    cards
}

/// The frames of the clip that are kept, in the order in which they play.
///
/// # Errors
/// Every time that lies outside the clip, and every range that holds no frame.
pub fn kept_frames(
    capsule: &Capsule,
    facts: &SourceFacts,
) -> Result<Vec<FrameRange>, Vec<Diagnostic>> {
    let video = &facts.video;
    let whole = FrameRange::new(0, video.frames);
    if capsule.keep.is_empty() {
        return Ok(vec![whole]);
    }
    let mut kept = Vec::new();
    let mut problems = Vec::new();
    for range in &capsule.keep {
        let end_place = if range.place == capsule.place("in") {
            capsule.place("out")
        } else {
            range.place.clone()
        };
        let mut frame = |time: &Option<WrittenTime>, open: u64, place: &Place| match time {
            None => open,
            Some(time) => match clip_frame(time, facts) {
                Ok(frame) => frame,
                Err(problem) => {
                    problems.push(Diagnostic::of_capsule(*problem, place.clone(), &capsule.id));
                    open
                }
            },
        };
        let start = frame(&range.start, 0, &range.place);
        let placed = FrameRange::new(start, frame(&range.end, video.frames, &end_place));
        if placed.is_empty() && problems.is_empty() {
            let text =
                |t: &Option<WrittenTime>| t.as_ref().map_or(String::new(), |t| t.text.clone());
            let early = range.end.as_ref().filter(|end| {
                end.resolve(video.rate) <= video.start && video.start > Rational::ZERO
            });
            let problem = match early {
                Some(end) => Problem::BeforePicture {
                    time: end.text.clone(),
                    begins: video.start,
                },
                None => Problem::OutBeforeIn {
                    start: text(&range.start),
                    end: text(&range.end),
                },
            };
            problems.push(Diagnostic::of_capsule(
                problem,
                range.place.clone(),
                &capsule.id,
            ));
        }
        kept.push(placed);
    }
    if problems.is_empty() {
        Ok(kept)
    } else {
        Err(problems)
    }
}

/// The capsule with those who still speak in it as it is cut, and when each of
/// them does; who was cut away is named apart.
///
/// # Errors
/// Every time that the clip does not reach, or that is not after the one before
/// it.
pub fn as_cut(
    capsule: &Capsule,
    facts: &SourceFacts,
    kept: &[FrameRange],
) -> Result<AsCut, Vec<Diagnostic>> {
    let mut begins: Vec<u64> = Vec::new();
    let mut problems = Vec::new();
    let mut wrong = |problem| {
        let place = capsule.place("changes");
        problems.push(Diagnostic::of_capsule(problem, place, &capsule.id));
    };
    let mut former: Option<&WrittenTime> = None;
    for time in &capsule.changes {
        let frame = match time.as_ref().map(|time| clip_frame(time, facts)) {
            None => 0,
            Some(Ok(frame)) => frame,
            Some(Err(problem)) => {
                wrong(*problem);
                continue;
            }
        };
        if let (Some(first), Some(second), Some(&last)) = (former, time, begins.last())
            && frame <= last
        {
            wrong(Problem::ChangesUnsorted {
                first: first.text.clone(),
                second: second.text.clone(),
            });
        }
        former = time.as_ref().or(former);
        begins.push(frame);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let turns = timeline::turns(&begins, kept);
    if capsule.changes.is_empty() {
        let capsule = capsule.clone();
        return Ok(AsCut {
            capsule,
            turns,
            cut_away: Vec::new(),
        });
    }
    let speaks = |place: usize| turns.iter().any(|turn| turn.speaker == place);
    let (mut speakers, mut changes, mut cut_away) = (Vec::new(), Vec::new(), Vec::new());
    let mut places = Vec::new();
    for (place, (speaker, change)) in capsule.speakers.iter().zip(&capsule.changes).enumerate() {
        places.push(speakers.len());
        if speaks(place) {
            speakers.push(speaker.clone());
            changes.push(change.clone());
        } else {
            cut_away.push(speaker.clone());
        }
    }
    let turns = turns.iter().map(|turn| Turn {
        speaker: places.get(turn.speaker).copied().unwrap_or_default(),
        at: turn.at,
    });
    Ok(AsCut {
        turns: turns.collect(),
        capsule: capsule.clone().with_speakers(speakers, changes),
        cut_away,
    })
}

/// A capsule as it is cut.
pub struct AsCut {
    pub capsule: Capsule,
    pub turns: Vec<Turn>,
    pub cut_away: Vec<Speaker>,
}

/// The frame nearest to a time in the clip as filmed. A time just past the end
/// (half a second: players round) is the end.
fn clip_frame(time: &WrittenTime, facts: &SourceFacts) -> Result<u64, Box<Problem>> {
    let video = &facts.video;
    let seconds = time.resolve(video.rate);
    let end = video.start + facts.duration();
    if seconds > end + Rational::milliseconds(500) {
        let meant = time.read_one_unit_smaller().filter(|t| *t <= end);
        return Err(Box::new(Problem::TimeBeyondClip {
            time: time.clone(),
            duration: end,
            meant,
        }));
    }
    Ok(video
        .rate
        .nearest_frame(seconds - video.start)
        .min(video.frames))
}

/// A capsule as a profile lays it out, of the frames that are kept and of who
/// speaks when.
pub fn timeline(
    capsule: &Capsule,
    facts: &SourceFacts,
    profile: &Profile,
    (kept, turns): (&[FrameRange], &[Turn]),
    timing: &Timing,
) -> Timeline {
    let rate = facts.video.rate;
    let shown = shown_cards(capsule, profile, false);
    Timeline::new(rate, kept, CardTimes::new(timing, &shown, rate), turns)
}

/// Plans one profile of a capsule. `arts` holds an outline for every card that
/// is shown, at every size.
///
/// `None` when an outline is missing: then the card was refused.
pub fn plan(
    known: Known<'_>,
    profile: &Profile,
    kept: &[FrameRange],
    arts: &Arts,
    burnt: Option<&Burnt>,
) -> Option<ProfilePlan> {
    let Known {
        capsule,
        facts,
        draft,
        ..
    } = known;
    let timeline = timeline(capsule, facts, profile, (kept, known.turns), known.timing);
    let segments = segments::cut(&timeline);
    let reading = SourceReading::new(known.source, facts.clock_zero, &facts.video);
    let renditions = renditions(facts, profile, draft)
        .into_iter()
        .map(|rendition| {
            let recipes = segments
                .iter()
                .map(|segment| {
                    let behind =
                        |card| behind(card, known.backdrops, &timeline, &rendition, &reading);
                    let recipe = recipe(
                        segment,
                        &timeline,
                        &rendition,
                        &reading,
                        (arts, &behind),
                        (known.timing.transition_style, draft),
                    );
                    Some(SegmentRecipe {
                        captions: burnt
                            .map(|burnt| captions(burnt, segment.at, rendition.size))
                            .unwrap_or_default(),
                        ..recipe?
                    })
                })
                .collect::<Option<Vec<_>>>()?;
            let keys = recipes.iter().map(Recipe::key).collect();
            Some(RenditionPlan {
                rendition,
                recipes,
                keys,
            })
        })
        .collect::<Option<Vec<_>>>()?;
    let audio = profile.audio.map(|settings| AudioRecipe {
        sound: SOUND,
        track: facts.audio.as_ref().map(|a| (known.source, a.stream)),
        sections: stretches(&timeline, &reading, known.sounds),
        codec: settings.codec,
        kbps: settings.kbps,
        loudness: known.loudness,
    });
    let package = match (&profile.package, draft) {
        // The page plays a draft too where HLS cannot be played.
        (Package::Hls { .. }, true) => Package::Hls {
            progressive: renditions.iter().map(|r| r.rendition.height).collect(),
        },
        // So does a clip that is smaller than every rung that was named.
        (Package::Hls { progressive }, false)
            if !renditions
                .iter()
                .any(|r| progressive.contains(&r.rendition.height)) =>
        {
            let smallest = renditions.last().map(|r| r.rendition.height);
            let offered = smallest.filter(|_| !progressive.is_empty());
            Package::Hls {
                progressive: offered.into_iter().collect(),
            }
        }
        (package, _) => package.clone(),
    };
    Some(ProfilePlan {
        profile: profile.name.clone(),
        package,
        private: profile.private,
        captions: profile.captions,
        burnt: burnt.map(|burnt| {
            let seen = burnt.scenes.iter().map(|scene| scene.at).collect();
            (burnt.language.clone(), seen)
        }),
        timeline,
        segments,
        renditions,
        audio,
    })
}

fn recipe(
    segment: &Segment,
    timeline: &Timeline,
    rendition: &Rendition,
    reading: &SourceReading,
    (arts, behind): (&Arts, &dyn Fn(CardKind) -> Option<Behind>),
    (style, draft): (TransitionStyle, bool),
) -> Option<SegmentRecipe> {
    let art_of = |card| arts.get(&(card, rendition.size)).copied();
    let art = |kind: CardKind| art_of(Card::from(kind));
    let picture = match segment.shows {
        Section::Card { card, frames } => Picture::Card {
            art: art(card)?,
            behind: behind(card),
            frames,
        },
        Section::Footage { clip } => Picture::Footage {
            source: reading.clone(),
            clip,
        },
        Section::Fade {
            card,
            direction,
            clip,
        } => Picture::Fade {
            art: art(card)?,
            behind: behind(card),
            source: reading.clone(),
            clip,
            weights: match style {
                TransitionStyle::Fade => weights(direction, clip.len()),
                TransitionStyle::Slide => eased(weights(direction, clip.len())),
            },
            slide: (style == TransitionStyle::Slide).then_some(match direction {
                Direction::ToFootage => Slide::CardLeaves,
                Direction::ToCard => Slide::FootageLeaves,
            }),
        },
    };
    let mut overlays = Vec::new();
    for strap in &timeline.lower_thirds {
        let frames = segment.at.start..segment.at.end;
        let levels = frames.map(|frame| strap.shown.opacity(frame));
        let card = Card {
            kind: CardKind::LowerThird,
            turn: strap.turn,
        };
        overlays.extend(Veil::new(art_of(card)?, levels));
    }
    if draft {
        let levels = (segment.at.start..segment.at.end).map(|_| OPAQUE);
        overlays.extend(Veil::new(art(CardKind::Watermark)?, levels));
    }
    Some(SegmentRecipe {
        renderer: RENDERER,
        picture,
        overlays,
        captions: Vec::new(),
        size: rendition.size,
        rate: rendition.rate,
        encoding: rendition.encoding.clone(),
    })
}

/// What is burnt into a segment: every scene of which it shows a frame.
fn captions(burnt: &Burnt, at: FrameRange, size: Size) -> Vec<Veil> {
    let scenes = burnt.scenes.iter().enumerate();
    let here = scenes.filter(|(_, s)| s.at.start < at.end && at.start < s.at.end);
    here.filter_map(|(n, scene)| {
        let opaque = |frame| if scene.at.contains(frame) { OPAQUE } else { 0 };
        let art = *burnt.arts.get(&(n, size))?;
        Veil::new(art, (at.start..at.end).map(opaque))
    })
    .collect()
}

/// What lies behind a card on a rendition: of the film, the first frame that is
/// kept behind the opening card, the last one behind the end card.
fn behind(
    card: CardKind,
    backdrops: &Backdrops,
    timeline: &Timeline,
    rendition: &Rendition,
    reading: &SourceReading,
) -> Option<Behind> {
    match backdrops.get(&card)? {
        Backdrop::Picture(arts) => {
            let art = *arts.get(&rendition.size)?;
            Some(Behind::Picture { art })
        }
        Backdrop::Footage => {
            let mut kept = timeline.sections.iter().filter_map(|s| s.clip());
            let frame = match card {
                CardKind::Opening => kept.next()?.start,
                _ => kept.next_back()?.end.saturating_sub(1),
            };
            let source = Box::new(reading.clone());
            Some(Behind::Footage { source, frame })
        }
    }
}

/// How much of the footage is seen on each frame of a transition.
fn weights(direction: Direction, frames: u64) -> Vec<u16> {
    let rising = (0..frames).map(|n| {
        let level = (u64::from(OPAQUE) * (n + 1) + frames.div_ceil(2)) / (frames + 1);
        level as u16
    });
    match direction {
        Direction::ToFootage => rising.collect(),
        Direction::ToCard => rising.rev().collect(),
    }
}

/// What moves starts and stops gently.
fn eased(weights: Vec<u16>) -> Vec<u16> {
    let ease = |weight: u16| {
        let (w, full) = (u64::from(weight), u64::from(OPAQUE));
        (w * w * (3 * full - 2 * w) / (full * full)) as u16
    };
    weights.into_iter().map(ease).collect()
}

/// The sample at which a frame of the capsule starts.
pub fn sample_of(timeline: &Timeline, frame: u64) -> u64 {
    (timeline.rate.time_of(frame) * Rational::integer(i64::from(SAMPLE_RATE))).round() as u64
}

/// Long enough that a cut does not click, short enough that no word is lost.
const CUT_FADE: u64 = SAMPLE_RATE as u64 / 100;

/// The first frame of AAC lacks its other half, which a sound that begins with
/// the film would show.
const AAC_FRAME: u64 = 1024;

/// What is heard when: silence under inserted cards, or the charter's own sound,
/// which is over when the transition begins; the clip's sound under its
/// pictures, fading with the transitions.
fn stretches(
    timeline: &Timeline,
    reading: &SourceReading,
    sounds: &BTreeMap<CardKind, CardSound>,
) -> Vec<SoundStretch> {
    let mut stretches: Vec<SoundStretch> = Vec::new();
    // The clip frame at which the last stretch ends, while it can grow.
    let mut continues_at = None;
    for (at, section) in timeline.placed() {
        let samples = sample_of(timeline, at.end) - sample_of(timeline, at.start);
        if let Section::Card { card, .. } = section {
            match sounds.get(&card) {
                Some(sound) => stretches.extend(tune(sound, samples, at.start == 0)),
                None => stretches.push(SoundStretch::Silence { samples }),
            }
            continues_at = None;
        }
        let Some(clip) = section.clip() else {
            continue;
        };
        let fade = |wanted: Direction| match section {
            Section::Fade { direction, .. } if direction == wanted => samples,
            _ => CUT_FADE,
        };
        match stretches.last_mut() {
            Some(SoundStretch::Clip {
                samples: so_far,
                fade_out,
                ..
            }) if continues_at == Some(clip.start) => {
                *so_far += samples;
                *fade_out = fade(Direction::ToCard);
            }
            _ => stretches.push(SoundStretch::Clip {
                start: reading.start + reading.rate.time_of(clip.start),
                samples,
                fade_in: fade(Direction::ToFootage),
                fade_out: fade(Direction::ToCard),
            }),
        }
        continues_at = Some(clip.end);
    }
    for stretch in &mut stretches {
        if let SoundStretch::Clip {
            samples,
            fade_in,
            fade_out,
            ..
        } = stretch
        {
            *fade_in = (*fade_in).min(*samples / 2);
            *fade_out = (*fade_out).min(*samples / 2);
        }
    }
    stretches
}

/// A sound under a card, whose fades find room in it.
fn tune(sound: &CardSound, samples: u64, begins_the_film: bool) -> Vec<SoundStretch> {
    let silence = if begins_the_film {
        AAC_FRAME.min(samples)
    } else {
        0
    };
    let samples = samples - silence;
    let fade = |ms: u32| {
        let wanted = u64::from(ms) * u64::from(SAMPLE_RATE) / 1000;
        wanted.max(CUT_FADE).min(samples / 2)
    };
    let heard = SoundStretch::Tune {
        file: sound.digest,
        samples,
        // What is struck is struck at once.
        fade_in: if sound.fade_in == 0 {
            0
        } else {
            fade(sound.fade_in)
        },
        fade_out: fade(sound.fade_out),
        looped: sound.looped,
        level: sound.level,
    };
    let before = (silence > 0).then_some(SoundStretch::Silence { samples: silence });
    before.into_iter().chain([heard]).collect()
}

/// The frame of the capsule that shows a time of the clip.
///
/// # Errors
/// When the clip does not reach it, or it was cut away.
pub fn poster_frame(
    capsule: &Capsule,
    facts: &SourceFacts,
    timeline: &Timeline,
) -> Result<Option<u64>, Box<Diagnostic>> {
    let Some(time) = &capsule.poster else {
        return Ok(None);
    };
    let wrong = |problem| {
        Box::new(Diagnostic::of_capsule(
            problem,
            capsule.place("poster"),
            &capsule.id,
        ))
    };
    let frame = clip_frame(time, facts).map_err(|problem| wrong(*problem))?;
    let frame = frame.min(facts.video.frames.saturating_sub(1));
    match timeline.frame_of_clip(frame) {
        Some(frame) => Ok(Some(frame)),
        None => Err(wrong(Problem::PosterCutAway {
            time: time.text.clone(),
        })),
    }
}
