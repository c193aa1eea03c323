//! Captions that are burnt into the picture: which of them is on which frame.
//!
//! A cue shows from the frame nearest to its start up to, not including, the
//! frame nearest to its end. A scene is a run of frames on which the same cues
//! show, all at the same height; what is drawn on it is one raster.

use crate::captions::Cue;
use crate::plan::timeline::Timeline;
use crate::values::digest::ArtDigest;
use crate::values::geometry::Size;
use crate::values::ids::Language;
use crate::values::time::FrameRange;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scene {
    /// In frames of the capsule.
    pub at: FrameRange,
    /// By start.
    pub cues: Vec<Shown>,
    /// A lower third shows: captions stand above it.
    pub raised: bool,
}

/// A cue's part in a scene.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// Counts from 0 among all cues.
    pub cue: usize,
    /// False for one that is gone, and whose place another still respects.
    pub seen: bool,
    /// Places in the scene's list whose cues were there before, and are stood
    /// clear of.
    pub clear_of: Vec<usize>,
}

/// The captions of a capsule as a profile burns them in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Burnt {
    pub language: Language,
    pub scenes: Vec<Scene>,
    /// Outlines by scene and size; a scene of which nothing can be seen has none.
    pub arts: BTreeMap<(usize, Size), ArtDigest>,
}

/// A cue gives way to those that stood there before it, which had given way to
/// others. Nobody follows that further than this.
const DEEPEST: usize = 6;
/// More cues at once than this fit into no picture.
const MOST_AT_ONCE: usize = 8;
/// Cues that began so many cues ago are over, or nobody could read any of them.
const FARTHEST: usize = 200;

/// Cues in order of start, on the capsule's clock.
pub fn scenes(cues: &[Cue], timeline: &Timeline) -> Vec<Scene> {
    let end = timeline.frames();
    let ranges: Vec<FrameRange> = cues.iter().map(|cue| frames(cue, timeline, end)).collect();
    let straps = timeline.lower_thirds.iter().map(|strap| strap.shown.at);
    let straps: Vec<FrameRange> = straps.collect();
    let mut edges: BTreeSet<u64> = ranges.iter().flat_map(|r| [r.start, r.end]).collect();
    edges.extend(straps.iter().flat_map(|r| [r.start, r.end]));
    let edges: Vec<u64> = edges.into_iter().collect();
    let mut scenes = Vec::new();
    let mut first = 0;
    for edge in edges.windows(2) {
        let at = FrameRange::new(edge[0], edge[1]);
        // Those that are over for good are not looked at again.
        while ranges.get(first).is_some_and(|r| r.end <= at.start) {
            first += 1;
        }
        let shown: Vec<usize> = (first..ranges.len())
            .take_while(|&n| ranges[n].start < at.end)
            .filter(|&n| ranges[n].contains(at.start))
            .take(MOST_AT_ONCE)
            .collect();
        if !shown.is_empty() {
            scenes.push(Scene {
                at,
                cues: with_places(&shown, &ranges),
                raised: straps.iter().any(|strap| strap.contains(at.start)),
            });
        }
    }
    scenes
}

/// At least one frame, so that nothing that is said is lost.
fn frames(cue: &Cue, timeline: &Timeline, end: u64) -> FrameRange {
    let start = timeline
        .rate
        .nearest_frame(cue.start)
        .min(end.saturating_sub(1));
    let last = timeline.rate.nearest_frame(cue.end).min(end);
    FrameRange::new(start, last.max(start + 1))
}

/// The cues that show, and those that kept them from another place.
fn with_places(shown: &[usize], ranges: &[FrameRange]) -> Vec<Shown> {
    let before = |cue: usize| {
        let there = move |&n: &usize| ranges[n].contains(ranges[cue].start);
        (cue.saturating_sub(FARTHEST)..cue)
            .filter(there)
            .take(MOST_AT_ONCE)
    };
    let mut listed: BTreeSet<usize> = shown.iter().copied().collect();
    let mut latest: Vec<usize> = shown.to_vec();
    for _ in 0..DEEPEST {
        latest = latest.iter().flat_map(|&cue| before(cue)).collect();
        latest.retain(|&cue| listed.insert(cue));
    }
    let listed: Vec<usize> = listed.into_iter().collect();
    listed
        .iter()
        .map(|&cue| Shown {
            cue,
            seen: shown.contains(&cue),
            clear_of: before(cue)
                .filter_map(|n| listed.binary_search(&n).ok())
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::timeline::{CardTimes, LowerThirdTimes};
    use crate::values::time::{FrameRate, Rational};

    fn timeline(rate: FrameRate, lower_third: Option<LowerThirdTimes>) -> Timeline {
        let times = CardTimes {
            opening: 10,
            end: 0,
            transition: 0,
            lower_third,
        };
        Timeline::new(rate, &[FrameRange::new(0, 300)], times, &[])
    }

    fn cue(start: i64, end: i64) -> Cue {
        Cue {
            start: Rational::milliseconds(start),
            end: Rational::milliseconds(end),
            settings: None,
            text: "x".into(),
        }
    }

    fn at(scenes: &[Scene]) -> Vec<(u64, u64, Vec<usize>)> {
        let seen = |s: &Scene| s.cues.iter().filter(|c| c.seen).map(|c| c.cue).collect();
        scenes
            .iter()
            .map(|s| (s.at.start, s.at.end, seen(s)))
            .collect()
    }

    #[test]
    fn a_cue_shows_from_the_frame_nearest_to_its_start() {
        let ntsc = FrameRate::new(30_000, 1001).expect("positive");
        // 2.002 s is frame 60; 2.069 s is frame 62, rounded up to a millisecond.
        let found = scenes(
            &[cue(2002, 2069), cue(3000, 3001), cue(9000, 99_000)],
            &timeline(ntsc, None),
        );
        assert_eq!(
            at(&found),
            [(60, 62, vec![0]), (90, 91, vec![1]), (270, 310, vec![2])]
        );
    }

    #[test]
    fn a_scene_ends_where_a_cue_or_the_lower_third_comes_or_goes() {
        let strap = LowerThirdTimes {
            delay: 20,
            length: 30,
            fade: 5,
        };
        let pal = FrameRate::new(25, 1).expect("positive");
        let found = scenes(
            &[cue(1000, 2000), cue(1600, 3000), cue(2400, 4000)],
            &timeline(pal, Some(strap)),
        );
        let expected = [
            (25, 30, vec![0]),
            (30, 40, vec![0]),
            (40, 50, vec![0, 1]),
            (50, 60, vec![1]),
            (60, 75, vec![1, 2]),
            (75, 100, vec![2]),
        ];
        assert_eq!(at(&found), expected);
        let raised: Vec<bool> = found.iter().map(|s| s.raised).collect();
        assert_eq!(raised, [false, true, true, true, false, false]);
        // The second stays where it had to begin, the third takes the free place.
        let last = found.last().expect("six");
        let listed: Vec<(usize, bool, &[usize])> = last
            .cues
            .iter()
            .map(|c| (c.cue, c.seen, c.clear_of.as_slice()))
            .collect();
        assert_eq!(
            listed,
            [(0, false, &[][..]), (1, false, &[0]), (2, true, &[1])]
        );
    }
}
