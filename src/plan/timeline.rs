//! A capsule's timeline: sections in order, and overlays over them, in frames
//! of the capsule's exact rate.
//!
//! A transition takes its frames from the footage: the opening card dissolves
//! into the first frames of the clip, which move underneath. So a capsule
//! lasts as long as its cards and its footage together, whatever the
//! transition.

use crate::series::charter::Timing;
use crate::series::profile::CardKind;
use crate::values::time::{FrameRange, FrameRate, Rational};

/// What a profile and a charter ask for, in frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CardTimes {
    /// 0: no opening card.
    pub opening: u64,
    /// 0: no end card.
    pub end: u64,
    pub transition: u64,
    /// `None`: no lower third.
    pub lower_third: Option<LowerThirdTimes>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LowerThirdTimes {
    /// From the first frame of footage.
    pub delay: u64,
    /// Fades included.
    pub length: u64,
    pub fade: u64,
}

impl CardTimes {
    /// The charter's times at a frame rate, for the cards that are shown.
    pub fn new(timing: &Timing, shown: &[CardKind], rate: FrameRate) -> CardTimes {
        let frames = |ms: u32| rate.nearest_frame(Rational::milliseconds(i64::from(ms)));
        let if_shown = |card, ms| if shown.contains(&card) { frames(ms) } else { 0 };
        CardTimes {
            opening: if_shown(CardKind::Opening, timing.opening),
            end: if_shown(CardKind::End, timing.end),
            transition: frames(timing.transition),
            lower_third: shown
                .contains(&CardKind::LowerThird)
                .then(|| LowerThirdTimes {
                    delay: frames(timing.lower_third_delay),
                    length: frames(timing.lower_third),
                    fade: frames(timing.lower_third_fade),
                }),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    pub rate: FrameRate,
    pub sections: Vec<Section>,
    /// In order, none over another.
    pub lower_thirds: Vec<LowerThird>,
}

/// A stretch of the footage in which one person speaks, in frames of the
/// footage as it is cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turn {
    /// Their place among the capsule's speakers.
    pub speaker: usize,
    pub at: FrameRange,
}

/// A name strap, and whose it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LowerThird {
    pub turn: usize,
    pub shown: Overlay,
}

/// A stretch of one kind of picture. `clip` counts frames of the clip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    Card {
        card: CardKind,
        frames: u64,
    },
    Fade {
        card: CardKind,
        direction: Direction,
        clip: FrameRange,
    },
    Footage {
        clip: FrameRange,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    ToFootage,
    ToCard,
}

impl Section {
    pub fn frames(self) -> u64 {
        match self {
            Section::Card { frames, .. } => frames,
            Section::Fade { clip, .. } | Section::Footage { clip } => clip.len(),
        }
    }

    /// The frames of the clip that this section plays.
    pub fn clip(self) -> Option<FrameRange> {
        match self {
            Section::Card { .. } => None,
            Section::Fade { clip, .. } | Section::Footage { clip } => Some(clip),
        }
    }
}

/// A raster that lies over frames of the capsule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Overlay {
    /// In frames of the capsule.
    pub at: FrameRange,
    /// Frames of fading in, and as many of fading out.
    pub fade: u64,
}

/// Full opacity: weights and opacities are counted in 256ths.
pub const OPAQUE: u16 = 256;

impl Overlay {
    /// Opacity on a frame of the capsule, in 256ths.
    pub fn opacity(&self, frame: u64) -> u16 {
        if !self.at.contains(frame) {
            return 0;
        }
        let since = frame - self.at.start + 1;
        let left = self.at.end - frame;
        ramp(since.min(left), self.fade)
    }
}

/// The `step`-th level of a fade over `length` frames: neither 0 nor full
/// within it, so that no frame of a fade is wasted.
fn ramp(step: u64, length: u64) -> u16 {
    if step > length {
        return OPAQUE;
    }
    let level = (u64::from(OPAQUE) * step * 2 + length + 1) / (2 * (length + 1));
    level.min(u64::from(OPAQUE)) as u16
}

impl Timeline {
    /// Lays out cards around the kept ranges of a clip.
    ///
    /// `kept` are frames of the clip, in the order in which they play, none
    /// empty. Transitions shrink when the footage is too short for them.
    /// Of several people who speak, each is named in their own turn; without
    /// turns there is one lower third.
    pub fn new(rate: FrameRate, kept: &[FrameRange], times: CardTimes, turns: &[Turn]) -> Timeline {
        let footage: u64 = kept.iter().map(|r| r.len()).sum();
        let mut sections = Vec::new();
        let mut ranges = kept.to_vec();
        // Two transitions never take more than half of the range they eat into.
        let shorten = |range: FrameRange| times.transition.min(range.len() / 4);

        if times.opening > 0 {
            sections.push(Section::Card {
                card: CardKind::Opening,
                frames: times.opening,
            });
            if let Some(first) = ranges.first_mut() {
                let fade = FrameRange::new(first.start, first.start + shorten(*first));
                if !fade.is_empty() {
                    first.start = fade.end;
                    sections.push(Section::Fade {
                        card: CardKind::Opening,
                        direction: Direction::ToFootage,
                        clip: fade,
                    });
                }
            }
        }
        let mut closing = None;
        if times.end > 0
            && let Some((last, original)) = ranges.last_mut().zip(kept.last())
        {
            let fade = FrameRange::new(last.end - shorten(*original), last.end);
            if !fade.is_empty() {
                last.end = fade.start;
                closing = Some(Section::Fade {
                    card: CardKind::End,
                    direction: Direction::ToCard,
                    clip: fade,
                });
            }
        }
        sections.extend(
            ranges
                .iter()
                .filter(|r| !r.is_empty())
                .map(|&clip| Section::Footage { clip }),
        );
        sections.extend(closing);
        if times.end > 0 {
            sections.push(Section::Card {
                card: CardKind::End,
                frames: times.end,
            });
        }

        let lower_thirds = times
            .lower_third
            .map(|wanted| lower_thirds(wanted, times, footage, rate, turns))
            .unwrap_or_default();
        Timeline {
            rate,
            sections,
            lower_thirds,
        }
    }

    pub fn frames(&self) -> u64 {
        self.sections.iter().map(|s| s.frames()).sum()
    }

    /// Where each section starts, in frames of the capsule.
    pub fn placed(&self) -> impl Iterator<Item = (FrameRange, Section)> + '_ {
        self.sections.iter().scan(0, |at, &section| {
            let start = *at;
            *at += section.frames();
            Some((FrameRange::new(start, *at), section))
        })
    }

    /// The capsule's frame that shows a frame of the clip, if any does.
    pub fn frame_of_clip(&self, clip_frame: u64) -> Option<u64> {
        self.placed().find_map(|(at, section)| {
            let clip = section.clip()?;
            clip.contains(clip_frame)
                .then(|| at.start + (clip_frame - clip.start))
        })
    }
}

/// Name straps lie on footage only, clear of the transition to the end card.
/// Each of several stays within its own turn, and lasts a second at least: what
/// is shorter is not read, and would flash beside its neighbours.
fn lower_thirds(
    wanted: LowerThirdTimes,
    times: CardTimes,
    footage: u64,
    rate: FrameRate,
    turns: &[Turn],
) -> Vec<LowerThird> {
    let fade_out = if times.end > 0 { times.transition } else { 0 };
    let clear = FrameRange::new(0, footage.saturating_sub(fade_out));
    let faded = 2 * wanted.fade + 1;
    let strap = |turn, at: FrameRange| LowerThird {
        turn,
        shown: Overlay {
            at: FrameRange::new(times.opening + at.start, times.opening + at.end),
            fade: wanted.fade,
        },
    };
    if turns.is_empty() {
        let at = place_lower_third(wanted, clear, faded, wanted.delay);
        return at.map(|at| strap(0, at)).into_iter().collect();
    }
    let second = rate.nearest_frame(Rational::integer(1));
    let shortest = faded.max(second.min(wanted.length));
    let mut straps: Vec<LowerThird> = Vec::new();
    for turn in turns {
        let named = straps.iter().any(|s| s.turn == turn.speaker);
        let room = turn.at.intersection(clear);
        let latest = room.len().saturating_sub(shortest);
        if let Some(at) = place_lower_third(wanted, room, shortest, latest)
            && !named
        {
            straps.push(strap(turn.speaker, at));
        }
    }
    straps
}

/// In a stretch too short for its delay it comes at once; in one too short for
/// the shortest, it stays out.
fn place_lower_third(
    wanted: LowerThirdTimes,
    stretch: FrameRange,
    shortest: u64,
    latest: u64,
) -> Option<FrameRange> {
    let room = stretch.len();
    let delay = if wanted.delay + wanted.length <= room {
        wanted.delay
    } else {
        wanted.delay.min(room / 4).min(latest)
    };
    let end = (delay + wanted.length).min(room);
    let at = FrameRange::new(stretch.start + delay, stretch.start + end);
    (at.len() >= shortest).then_some(at)
}

/// Who speaks when in the footage as it is cut, in the order in which it plays.
/// `begins` has the frame of the clip at which each speaker begins, in order.
pub fn turns(begins: &[u64], kept: &[FrameRange]) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    let mut before = 0;
    for range in kept {
        for (speaker, &begin) in begins.iter().enumerate() {
            let end = begins.get(speaker + 1).copied().unwrap_or(u64::MAX);
            let said = range.intersection(FrameRange::new(begin, end.max(begin)));
            if said.is_empty() {
                continue;
            }
            let start = before + (said.start - range.start);
            let at = FrameRange::new(start, start + said.len());
            match turns.last_mut() {
                // A cut within what somebody says does not end their turn.
                Some(last) if last.speaker == speaker && last.at.end == at.start => {
                    last.at.end = at.end;
                }
                _ => turns.push(Turn { speaker, at }),
            }
        }
        before += range.len();
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIMES: CardTimes = CardTimes {
        opening: 100,
        end: 100,
        transition: 12,
        lower_third: Some(LowerThirdTimes {
            delay: 25,
            length: 150,
            fade: 10,
        }),
    };

    fn pal() -> FrameRate {
        FrameRate::new(25, 1).expect("positive")
    }

    #[test]
    fn a_transition_takes_its_frames_from_the_footage() {
        let timeline = Timeline::new(pal(), &[FrameRange::new(50, 550)], TIMES, &[]);
        assert_eq!(timeline.frames(), 100 + 500 + 100);
        assert_eq!(
            timeline.sections,
            [
                Section::Card {
                    card: CardKind::Opening,
                    frames: 100
                },
                Section::Fade {
                    card: CardKind::Opening,
                    direction: Direction::ToFootage,
                    clip: FrameRange::new(50, 62)
                },
                Section::Footage {
                    clip: FrameRange::new(62, 538)
                },
                Section::Fade {
                    card: CardKind::End,
                    direction: Direction::ToCard,
                    clip: FrameRange::new(538, 550)
                },
                Section::Card {
                    card: CardKind::End,
                    frames: 100
                },
            ]
        );
        assert_eq!(
            timeline.lower_thirds,
            [LowerThird {
                turn: 0,
                shown: Overlay {
                    at: FrameRange::new(125, 275),
                    fade: 10
                }
            }]
        );
        assert_eq!(timeline.frame_of_clip(62), Some(112));
    }

    /// Cards that alternate with the darkest or brightest film change what is
    /// seen at each of their edges; three pairs of changes in a second are
    /// allowed (WCAG 2.3.1).
    #[test]
    fn the_shortest_cards_do_not_flash() {
        let second = 25;
        for footage in 1..3 * second {
            for delay in [0, 1, 5, second] {
                let times = CardTimes {
                    opening: second,
                    end: second,
                    transition: 0,
                    lower_third: Some(LowerThirdTimes {
                        delay,
                        length: second,
                        fade: 0,
                    }),
                };
                let kept = [FrameRange::new(0, footage)];
                for begins in [&[][..], &[0, 26], &[0, 1, 26], &[0, 25, 50]] {
                    let turns = turns(begins, &kept);
                    let timeline = Timeline::new(pal(), &kept, times, &turns);
                    let mut edges: Vec<u64> = timeline.placed().map(|(at, _)| at.start).collect();
                    edges.extend(
                        timeline
                            .lower_thirds
                            .iter()
                            .flat_map(|strap| [strap.shown.at.start, strap.shown.at.end]),
                    );
                    // A loop shows the opening card after the end card.
                    edges.push(timeline.frames());
                    for &from in &edges {
                        let within = |edge: &&u64| (from..from + second).contains(*edge);
                        assert!(
                            edges.iter().filter(within).count() <= 4,
                            "{footage} {delay} {begins:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn each_turn_names_who_speaks_where_the_cut_leaves_it() {
        // Anne from the start, Paul from 200, Anne again from 300, to 500.
        let begins = [0, 200, 300];
        let straps = |kept: &[FrameRange]| -> Vec<(usize, u64, u64)> {
            let turns = turns(&begins, kept);
            let timeline = Timeline::new(pal(), kept, TIMES, &turns);
            let straps = timeline.lower_thirds.iter();
            straps
                .map(|s| (s.turn, s.shown.at.start, s.shown.at.end))
                .collect()
        };
        let range = FrameRange::new;
        // Paul has a hundred frames: his strap leaves with him.
        assert_eq!(
            straps(&[range(0, 500)]),
            [(0, 125, 275), (1, 325, 400), (2, 425, 575)]
        );
        // A cut within a turn does not end it; one that removes Paul does.
        assert_eq!(
            straps(&[range(0, 50), range(80, 150), range(310, 500)]),
            [(0, 125, 220), (2, 245, 395)]
        );
        // In ten frames nobody reads a name; in thirty it comes sooner.
        assert_eq!(
            straps(&[range(190, 230), range(310, 500)]),
            [(1, 115, 140), (2, 165, 315)]
        );
        // The order is that in which it plays.
        assert_eq!(straps(&[range(300, 500), range(0, 200)])[0].0, 2);
    }

    #[test]
    fn a_fade_rises_holds_and_falls() {
        let overlay = Overlay {
            at: FrameRange::new(10, 20),
            fade: 3,
        };
        let levels: Vec<u16> = (9..21).map(|f| overlay.opacity(f)).collect();
        assert_eq!(
            levels,
            [0, 64, 128, 192, 256, 256, 256, 256, 192, 128, 64, 0]
        );
    }

    proptest! {
        /// Nothing of the footage is lost or shown twice, however short it is.
        #[test]
        fn every_kept_frame_plays_once(
            lengths in prop::collection::vec(1u64..400, 1..5),
            transition in 0u64..60, opening in 0u64..200, end in 0u64..200,
        ) {
            let mut start = 7;
            let kept: Vec<FrameRange> = lengths.iter().map(|&n| {
                let range = FrameRange::new(start, start + n);
                start += n + 13;
                range
            }).collect();
            let timeline = Timeline::new(pal(), &kept, CardTimes { opening, end, transition, ..TIMES }, &[]);
            let played: Vec<u64> = timeline.sections.iter()
                .filter_map(|s| s.clip()).flat_map(|c| c.start..c.end).collect();
            let wanted: Vec<u64> = kept.iter().flat_map(|c| c.start..c.end).collect();
            prop_assert_eq!(played, wanted);
            prop_assert_eq!(timeline.frames(), opening + end + lengths.iter().sum::<u64>());
        }
    }
}
