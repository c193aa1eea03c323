//! The plan of one capsule: every rendition as a row of recipes, its sound,
//! its stills. From here on everything has a key.

use crate::plan::ladder::{self, Rendition};
use crate::plan::recipe::{
    AudioRecipe, Behind, Picture, PosterPiece, PosterRecipe, RENDERER, SAMPLE_RATE, SOUND, STILLS,
    SegmentRecipe, Slide, SoundStretch, SourceReading, StoryboardRecipe, Veil,
};
use crate::plan::segments::{self, Segment};
use crate::plan::timeline::{CardTimes, Direction, OPAQUE, Section, Timeline};
use crate::series::capsule::Capsule;
use crate::series::charter::{Timing, TransitionStyle};
use crate::series::profile::{CardKind, Package, Profile, Rung};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::digest::{ArtDigest, Key, Recipe, SourceDigest};
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::values::ids::Id;
use crate::values::time::{FrameRange, Rational, WrittenTime};
use std::collections::BTreeMap;

/// Outlines of a capsule's cards by card and size, as laid out.
pub type Arts = BTreeMap<(CardKind, Size), ArtDigest>;

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
    pub source: SourceDigest,
    pub facts: &'a SourceFacts,
    pub timing: &'a Timing,
    pub backdrops: &'a Backdrops,
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
    let named = [&capsule.speaker, &capsule.role, &capsule.structure]
        .iter()
        .any(|f| f.is_some());
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

/// Plans one profile of a capsule. `arts` holds an outline for every card that
/// is shown, at every size.
///
/// `None` when an outline is missing: then the card was refused.
pub fn plan(
    known: Known<'_>,
    profile: &Profile,
    kept: &[FrameRange],
    arts: &Arts,
) -> Option<ProfilePlan> {
    let Known {
        capsule,
        facts,
        draft,
        ..
    } = known;
    let rate = facts.video.rate;
    let shown = shown_cards(capsule, profile, draft);
    let timeline = Timeline::new(rate, kept, CardTimes::new(known.timing, &shown, rate));
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
                    recipe(
                        segment,
                        &timeline,
                        &rendition,
                        &reading,
                        (arts, &behind),
                        (known.timing.transition_style, draft),
                    )
                })
                .collect::<Option<Vec<_>>>()?;
            Some(RenditionPlan { rendition, recipes })
        })
        .collect::<Option<Vec<_>>>()?;
    let audio = profile.audio.map(|settings| AudioRecipe {
        sound: SOUND,
        track: facts.audio.as_ref().map(|a| (known.source, a.stream)),
        sections: stretches(&timeline, &reading),
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
    let art = |card| arts.get(&(card, rendition.size)).copied();
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
    if let Some(overlay) = timeline.lower_third {
        let levels = (segment.at.start..segment.at.end).map(|frame| overlay.opacity(frame));
        overlays.extend(Veil::new(art(CardKind::LowerThird)?, levels));
    }
    if draft {
        let levels = (segment.at.start..segment.at.end).map(|_| OPAQUE);
        overlays.extend(Veil::new(art(CardKind::Watermark)?, levels));
    }
    Some(SegmentRecipe {
        renderer: RENDERER,
        picture,
        overlays,
        size: rendition.size,
        rate: rendition.rate,
        encoding: rendition.encoding.clone(),
    })
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

/// What is heard when: silence under inserted cards; the clip's sound under
/// its pictures, fading with the transitions.
fn stretches(timeline: &Timeline, reading: &SourceReading) -> Vec<SoundStretch> {
    let mut stretches: Vec<SoundStretch> = Vec::new();
    // The clip frame at which the last stretch ends, while it can grow.
    let mut continues_at = None;
    for (at, section) in timeline.placed() {
        let samples = sample_of(timeline, at.end) - sample_of(timeline, at.start);
        let Some(clip) = section.clip() else {
            stretches.push(SoundStretch::Silence { samples });
            continues_at = None;
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

/// What a capsule's stills are taken from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StillsPlan {
    pub poster: PosterRecipe,
    pub storyboard: StoryboardRecipe,
}

impl StillsPlan {
    pub fn keys(&self) -> [Key; 2] {
        [self.poster.key(), self.storyboard.key()]
    }
}

/// Which pictures become stills, from the profile that stands first. `poster`
/// is the frame of the capsule that was asked for.
pub fn stills(plan: &ProfilePlan, poster: Option<u64>) -> Option<StillsPlan> {
    let (tallest, smallest) = (plan.renditions.first()?, plan.renditions.last()?);
    let eligible = match poster {
        Some(frame) => vec![FrameRange::new(frame, frame + 1)],
        None => eligible(&plan.timeline),
    };
    let rungs = smallest.recipes.iter().zip(&tallest.recipes);
    let pieces = plan.segments.iter().zip(rungs);
    let pieces: Vec<PosterPiece> = pieces
        .filter_map(|(segment, (judged, taken))| {
            let within: Vec<FrameRange> = eligible
                .iter()
                .map(|range| range.intersection(segment.at))
                .filter(|range| !range.is_empty())
                .map(|r| FrameRange::new(r.start - segment.at.start, r.end - segment.at.start))
                .collect();
            (!within.is_empty()).then(|| PosterPiece {
                judged: judged.key(),
                taken: taken.key(),
                eligible: within,
            })
        })
        .collect();
    let frames = plan.segments.iter().map(|s| s.at.len());
    Some(StillsPlan {
        poster: PosterRecipe {
            stills: STILLS,
            pieces,
        },
        storyboard: StoryboardRecipe {
            stills: STILLS,
            segments: smallest
                .recipes
                .iter()
                .map(Recipe::key)
                .zip(frames)
                .collect(),
            every: plan
                .timeline
                .rate
                .nearest_frame(Rational::integer(TILE_SECONDS))
                .max(1),
        },
    })
}

/// Seconds between two tiles of a storyboard, at least.
const TILE_SECONDS: i64 = 2;

/// Frames of the capsule of which one may become the poster: footage without
/// the lower third; with it where there is no other; where there is none at
/// all, the middle.
fn eligible(timeline: &Timeline) -> Vec<FrameRange> {
    let strap = timeline
        .lower_third
        .map(|o| o.at)
        .unwrap_or(FrameRange::new(0, 0));
    let footage: Vec<FrameRange> = timeline
        .placed()
        .filter(|(_, section)| matches!(section, Section::Footage { .. }))
        .map(|(at, _)| at)
        .collect();
    let clear: Vec<FrameRange> = footage
        .iter()
        .flat_map(|at| {
            [
                FrameRange::new(at.start, at.end.min(strap.start.max(at.start))),
                FrameRange::new(at.start.max(strap.end.min(at.end)), at.end),
            ]
        })
        .filter(|range| !range.is_empty())
        .collect();
    let middle = timeline.frames() / 2;
    match (footage.is_empty(), strap.is_empty() || clear.is_empty()) {
        (true, _) => vec![FrameRange::new(middle, middle + 1)],
        (false, true) => footage,
        (false, false) => clear,
    }
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
