//! Moving cues from the clip as filmed to the capsule's timeline.

use crate::captions::Cue;
use crate::captions::write::milliseconds;
use crate::values::time::Rational;

/// A range of the clip that the capsule keeps, in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptRange {
    /// In the clip.
    pub start: Rational,
    pub end: Rational,
    /// Where `start` comes to lie in the capsule.
    pub at: Rational,
}

/// The cues on the capsule's timeline, and how many of them lie wholly outside
/// what is kept. A cue is clipped at the cuts; when a cut only shortens it, its
/// parts become one cue again, and when other footage comes between them, it
/// shows twice.
pub fn retime(cues: &[Cue], kept: &[KeptRange]) -> (Vec<Cue>, usize) {
    let mut moved = Vec::new();
    let mut dropped = 0;
    for cue in cues {
        let before = moved.len();
        for range in kept {
            let Some((start, end)) = part(cue, range) else {
                continue;
            };
            match moved[before..].last_mut() {
                Some(Cue { end: last, .. }) if start <= *last && *last <= end => *last = end,
                _ => moved.push(Cue {
                    start,
                    end,
                    ..cue.clone()
                }),
            }
        }
        dropped += usize::from(moved.len() == before);
    }
    moved.sort_by_key(|cue| cue.start);
    (moved, dropped)
}

/// What a range shows of a cue, on the capsule's timeline. A rest too short to
/// be written in milliseconds is nothing.
fn part(cue: &Cue, range: &KeptRange) -> Option<(Rational, Rational)> {
    // Compared first and added after: a cue may end in a thousand years, and
    // only times inside the range are safe to add up.
    let (start, end) = (cue.start.max(range.start), cue.end.min(range.end));
    if start >= end {
        return None;
    }
    let shift = range.at - range.start;
    let (start, end) = (start + shift, end + shift);
    (milliseconds(start) < milliseconds(end)).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ms(v: i64) -> Rational {
        Rational::milliseconds(v)
    }

    fn cue(start: i64, end: i64) -> Cue {
        Cue {
            start: ms(start),
            end: ms(end),
            settings: None,
            text: format!("{start}"),
        }
    }

    fn kept(start: i64, end: i64, at: i64) -> KeptRange {
        KeptRange {
            start: ms(start),
            end: ms(end),
            at: ms(at),
        }
    }

    fn times(cues: &[Cue]) -> Vec<(i64, i64)> {
        let all = cues.iter();
        all.map(|c| (milliseconds(c.start), milliseconds(c.end)))
            .collect()
    }

    #[test]
    fn an_opening_card_pushes_and_the_cuts_clip() {
        let cues = [
            cue(0, 900),
            cue(500, 1500),
            cue(2000, 3000),
            cue(4500, 6000),
            cue(7000, 8000),
        ];
        let (moved, dropped) = retime(&cues, &[kept(1000, 5000, 4000)]);
        assert_eq!(times(&moved), [(4000, 4500), (5000, 6000), (7500, 8000)]);
        assert_eq!(dropped, 2);
    }

    #[test]
    fn a_cue_over_a_cut_is_one_cue_and_over_an_insert_two() {
        let cues = [cue(0, 10_000)];
        let (moved, _) = retime(&cues, &[kept(1000, 2000, 0), kept(5000, 7000, 1000)]);
        assert_eq!(times(&moved), [(0, 3000)]);
        let (moved, _) = retime(&cues, &[kept(1000, 2000, 0), kept(5000, 7000, 1500)]);
        assert_eq!(times(&moved), [(0, 1000), (1500, 3500)]);
    }

    #[test]
    fn ranges_out_of_the_clips_order_keep_the_cues_in_the_capsules() {
        let cues = [cue(0, 1000), cue(5000, 6000)];
        let (moved, dropped) = retime(&cues, &[kept(5000, 6000, 0), kept(0, 1000, 1000)]);
        assert_eq!((times(&moved), dropped), (vec![(0, 1000), (1000, 2000)], 0));
        assert_eq!(moved[0].text, "5000");
    }

    #[test]
    fn a_sliver_is_nothing_and_an_endless_cue_is_safe() {
        let third = Rational::new(1, 3000).expect("fraction");
        let range = KeptRange {
            start: ms(0),
            end: ms(1000) + third,
            at: Rational::new(1, 240_000).expect("fraction"),
        };
        assert_eq!(retime(&[cue(1000, 2000)], &[range]), (vec![], 1));
        let (moved, dropped) = retime(&[cue(0, 4_444_444_404_000_000)], &[range]);
        assert_eq!((moved.len(), dropped), (1, 0));
    }

    proptest! {
        #[test]
        fn nothing_shows_outside_the_kept_ranges(
            starts in proptest::collection::vec((0i64..20_000, 1i64..5000), 0..20),
            cuts in proptest::collection::vec((1i64..3000, 1i64..3000), 0..5),
        ) {
            let cues: Vec<Cue> = starts.iter().map(|(s, d)| cue(*s, s + d)).collect();
            let (mut source, mut at) = (0, 700);
            let mut ranges = Vec::new();
            for (skip, length) in &cuts {
                ranges.push(kept(source + skip, source + skip + length, at));
                source += skip + length;
                at += length;
            }
            let (moved, dropped) = retime(&cues, &ranges);
            prop_assert!(moved.iter().all(|c| c.start < c.end && c.start >= ms(700) && c.end <= ms(at)));
            prop_assert!(moved.windows(2).all(|w| w[0].start <= w[1].start));
            // Ranges that follow each other without a gap never show a cue twice.
            prop_assert_eq!(moved.len() + dropped, cues.len());
        }
    }
}
