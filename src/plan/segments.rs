//! Cuts sections into segments: the unit of encoding, caching and delivery.
//!
//! Footage is cut on a grid that belongs to the clip (multiples of three GOPs
//! from its first frame), so that neither a longer card nor a moved cut shifts
//! it. Lengths follow the HLS rules: three closed GOPs of two seconds at most,
//! except that a remainder under a second may be taken in up to 6.5 s.

use crate::plan::timeline::{Section, Timeline};
use crate::values::time::{FrameRange, FrameRate, Rational};

/// GOPs in a full segment.
const GOPS: u64 = 3;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// In frames of the capsule.
    pub at: FrameRange,
    /// The part of a section that it shows: a card's frames, a whole
    /// transition, or a run of footage.
    pub shows: Section,
}

/// All segments of a timeline, in order, without gap or overlap.
pub fn cut(timeline: &Timeline) -> Vec<Segment> {
    let rate = timeline.rate;
    timeline
        .placed()
        .flat_map(|(at, section)| {
            let mut start = at.start;
            parts(section, rate).into_iter().map(move |shows| {
                let placed = FrameRange::new(start, start + shows.frames());
                start = placed.end;
                Segment { at: placed, shows }
            })
        })
        .collect()
}

fn parts(section: Section, rate: FrameRate) -> Vec<Section> {
    match section {
        // A transition is never cut: a retitle redoes the card and its fade.
        Section::Fade { .. } => vec![section],
        Section::Card { card, frames } => cut_on_grid(FrameRange::new(0, frames), rate)
            .into_iter()
            .map(|r| Section::Card {
                card,
                frames: r.len(),
            })
            .collect(),
        Section::Footage { clip } => cut_on_grid(clip, rate)
            .into_iter()
            .map(|clip| Section::Footage { clip })
            .collect(),
    }
}

/// Cuts a range at multiples of the segment length, then mends pieces under a
/// second at either end.
fn cut_on_grid(range: FrameRange, rate: FrameRate) -> Vec<FrameRange> {
    let full = GOPS * rate.gop();
    let shortest = rate.nearest_frame(Rational::integer(1)).max(1);
    let longest = (rate.rational() * Rational::milliseconds(6500))
        .floor()
        .max(1) as u64;

    let first_line = (range.start / full + 1) * full;
    let mut bounds = vec![range.start];
    bounds.extend((first_line..range.end).step_by(full as usize));
    bounds.push(range.end);

    // The bound between a short piece and its neighbour goes, or moves to the
    // middle of the two.
    let mend = |bounds: &mut Vec<u64>, outer: usize, between: usize, inner: usize| {
        let piece = bounds[outer].abs_diff(bounds[between]);
        let both = bounds[outer].abs_diff(bounds[inner]);
        if piece >= shortest {
            return;
        }
        if both <= longest {
            bounds.remove(between);
        } else {
            bounds[between] = bounds[outer].min(bounds[inner]) + both / 2;
        }
    };
    if bounds.len() > 2 {
        mend(&mut bounds, 0, 1, 2);
    }
    if bounds.len() > 2 {
        let last = bounds.len() - 1;
        mend(&mut bounds, last, last - 1, last - 2);
    }
    bounds
        .windows(2)
        .map(|w| FrameRange::new(w[0], w[1]))
        .collect()
}

/// GOP lengths of a segment: full ones, then the rest.
pub fn gops(frames: u64, rate: FrameRate) -> Vec<u64> {
    let gop = rate.gop();
    let mut lengths = vec![gop; (frames / gop) as usize];
    if !frames.is_multiple_of(gop) {
        lengths.push(frames % gop);
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lengths(start: u64, end: u64, rate: FrameRate) -> Vec<u64> {
        cut_on_grid(FrameRange::new(start, end), rate)
            .iter()
            .map(|r| r.len())
            .collect()
    }

    #[test]
    fn short_remainders_join_or_are_shared() {
        let pal = FrameRate::new(25, 1).expect("positive");
        assert_eq!(lengths(0, 450, pal), [150, 150, 150]);
        assert_eq!(lengths(0, 160, pal), [160], "0.4 s joins: 6.4 s");
        assert_eq!(lengths(0, 170, pal), [85, 85], "6.8 s is too long: shared");
        assert_eq!(lengths(0, 180, pal), [150, 30]);
        assert_eq!(lengths(140, 450, pal), [160, 150], "a short head joins too");
        assert_eq!(lengths(3, 9, pal), [6]);
    }

    #[test]
    fn moving_a_cut_leaves_the_grid() {
        let ntsc = FrameRate::new(30_000, 1001).expect("positive");
        let cut = |start| cut_on_grid(FrameRange::new(start, 1000), ntsc);
        assert_eq!(cut(61)[1..], cut(60)[1..]);
        assert_eq!(cut(60)[1], FrameRange::new(180, 360));
    }

    proptest! {
        #[test]
        fn pieces_tile_the_range(start in 0u64..5000, len in 1u64..5000, num in 10i64..61, ntsc: bool) {
            let rate = FrameRate::new(num * 1000, if ntsc { 1001 } else { 1000 }).expect("positive");
            let pieces = cut_on_grid(FrameRange::new(start, start + len), rate);
            prop_assert_eq!(pieces[0].start, start);
            prop_assert_eq!(pieces[pieces.len() - 1].end, start + len);
            for pair in pieces.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].start);
            }
            for piece in &pieces {
                prop_assert!(rate.time_of(piece.len()) <= Rational::milliseconds(6500));
                prop_assert!(!piece.is_empty());
                if pieces.len() > 1 {
                    prop_assert!(rate.time_of(piece.len()) >= Rational::milliseconds(900));
                }
            }
        }
    }
}
