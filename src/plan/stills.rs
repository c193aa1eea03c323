//! Which pictures of a capsule become its poster and its storyboard.

use crate::plan::capsule::ProfilePlan;
use crate::plan::recipe::{PosterPiece, PosterRecipe, STILLS, StoryboardRecipe};
use crate::plan::timeline::Section;
use crate::values::digest::{Key, Recipe};
use crate::values::time::{FrameRange, Rational};

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
        None => eligible(plan),
    };
    let rungs = smallest.keys.iter().zip(&tallest.keys);
    let pieces = plan.segments.iter().zip(rungs);
    let pieces: Vec<PosterPiece> = pieces
        .filter_map(|(segment, (judged, taken))| {
            let within: Vec<FrameRange> = eligible
                .iter()
                .map(|range| range.intersection(segment.at))
                .filter(|range| !range.is_empty())
                .map(|r| FrameRange::new(r.start - segment.at.start, r.end - segment.at.start))
                .collect();
            let piece = PosterPiece {
                judged: *judged,
                taken: *taken,
                eligible: within,
            };
            (!piece.eligible.is_empty()).then_some(piece)
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
            segments: smallest.keys.iter().copied().zip(frames).collect(),
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

/// Frames of the capsule of which one may become the poster: footage clear of
/// everything, else of the lower third, else what there is; where there is none
/// at all, the middle.
fn eligible(plan: &ProfilePlan) -> Vec<FrameRange> {
    let timeline = &plan.timeline;
    let footage: Vec<FrameRange> = timeline
        .placed()
        .filter(|(_, section)| matches!(section, Section::Footage { .. }))
        .map(|(at, _)| at)
        .collect();
    let straps = timeline.lower_thirds.iter().map(|strap| strap.shown.at);
    let covered = without(&footage, &straps.collect::<Vec<_>>());
    let burnt = plan.burnt.iter().flat_map(|(_, seen)| seen.iter().copied());
    let clear = without(&covered, &burnt.collect::<Vec<_>>());
    let middle = timeline.frames() / 2;
    [clear, covered, footage]
        .into_iter()
        .find(|ranges| !ranges.is_empty())
        .unwrap_or_else(|| vec![FrameRange::new(middle, middle + 1)])
}

/// Ranges without what covers them.
fn without(ranges: &[FrameRange], covers: &[FrameRange]) -> Vec<FrameRange> {
    let mut left = ranges.to_vec();
    for cover in covers.iter().filter(|cover| !cover.is_empty()) {
        left = left
            .iter()
            .flat_map(|at| {
                [
                    FrameRange::new(at.start, at.end.min(cover.start.max(at.start))),
                    FrameRange::new(at.start.max(cover.end.min(at.end)), at.end),
                ]
            })
            .filter(|range| !range.is_empty())
            .collect();
    }
    left
}
