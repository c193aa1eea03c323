//! Bundles stale segments into jobs: runs of adjacent footage, so that a
//! worker opens the clip once and decodes each frame once for all rungs.

use crate::plan::recipe::SegmentRecipe;
use crate::values::digest::{Key, Recipe};
use crate::values::geometry::Size;
use crate::values::ids::Id;
use crate::values::time::FrameRange;
use std::collections::BTreeMap;

/// What one worker does in one go. The bytes that come of it do not depend on
/// how segments were bundled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    pub capsule: Id,
    /// In the order in which the clip plays. Segments of a group show the same
    /// frames of the clip on different rungs.
    pub groups: Vec<Vec<SegmentRecipe>>,
}

impl Job {
    pub fn segments(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// Pixels to encode: what a job costs, near enough to order and balance.
    pub fn pixels(&self) -> u64 {
        self.groups.iter().flatten().map(pixels).sum()
    }

    /// Pixels that are decoded: a group's footage once, for all its sizes.
    pub fn pixels_decoded(&self) -> u64 {
        let of_group = |group: &Vec<SegmentRecipe>| {
            let footage = group.iter().filter_map(SegmentRecipe::footage);
            footage
                .map(|(source, clip)| clip.len() * area(source.coded))
                .max()
                .unwrap_or(0)
        };
        self.groups.iter().map(of_group).sum()
    }

    pub fn frames(&self) -> u64 {
        self.groups
            .iter()
            .flatten()
            .map(SegmentRecipe::frames)
            .sum()
    }

    /// Keeps one half of the job and gives the other: half of its groups, or of
    /// one group half the rungs, so that the same frames are decoded by two.
    /// `None` when there is only one segment.
    pub fn split(&mut self) -> Option<Job> {
        let half = |all: u64| all.div_ceil(2);
        let whole = self.pixels();
        let rest = match self.groups.as_mut_slice() {
            [] => return None,
            [group] => {
                let mut kept = 0;
                let at = group
                    .iter()
                    .position(|recipe| {
                        kept += pixels(recipe);
                        kept >= half(whole)
                    })
                    .map_or(1, |n| n + 1);
                if at >= group.len() {
                    return None;
                }
                vec![group.split_off(at)]
            }
            groups => {
                let mut kept = 0;
                let cost = |group: &Vec<SegmentRecipe>| group.iter().map(pixels).sum::<u64>();
                let reached = groups.iter().position(|group| {
                    kept += cost(group);
                    kept >= half(whole)
                });
                let at = reached.map_or(1, |n| n + 1).min(groups.len() - 1);
                self.groups.split_off(at)
            }
        };
        Some(Job {
            capsule: self.capsule.clone(),
            groups: rest,
        })
    }

    pub fn reads_clip(&self) -> bool {
        self.groups.iter().flatten().any(|r| r.reading().is_some())
    }
}

/// Of one segment, encoded.
fn pixels(recipe: &SegmentRecipe) -> u64 {
    recipe.frames() * area(recipe.size)
}

fn area(size: Size) -> u64 {
    u64::from(size.width) * u64::from(size.height)
}

/// Groups of segments in one job at most: a minute of footage keeps a job
/// short enough to balance and to lose little when it is killed.
const LONGEST: usize = 10;

/// Jobs for one capsule's stale segments, cut into at least `parts` where
/// there are groups enough. The same key is made once, however many
/// renditions want it.
pub fn jobs(
    capsule: &Id,
    stale: impl IntoIterator<Item = SegmentRecipe>,
    parts: usize,
) -> Vec<Job> {
    let unique: BTreeMap<Key, SegmentRecipe> = stale.into_iter().map(|r| (r.key(), r)).collect();

    // Cards come first (no clip), each frame range of the clip after.
    let mut by_frames: BTreeMap<Option<FrameRange>, Vec<SegmentRecipe>> = BTreeMap::new();
    for recipe in unique.into_values() {
        by_frames
            .entry(recipe.footage().map(|(_, clip)| clip))
            .or_default()
            .push(recipe);
    }
    let cards = by_frames.remove(&None).unwrap_or_default();
    let footage: Vec<(FrameRange, Vec<SegmentRecipe>)> = by_frames
        .into_iter()
        .filter_map(|(clip, group)| Some((clip?, group)))
        .collect();

    let longest = footage.len().div_ceil(parts.max(1)).clamp(1, LONGEST);
    let mut jobs: Vec<Job> = Vec::new();
    let mut reached = None;
    for (clip, mut group) in footage {
        sort_tallest_first(&mut group);
        match jobs.last_mut() {
            Some(job) if reached == Some(clip.start) && job.groups.len() < longest => {
                job.groups.push(group)
            }
            _ => jobs.push(Job {
                capsule: capsule.clone(),
                groups: vec![group],
            }),
        }
        reached = Some(clip.end);
    }
    // Other capsules may show the same card. Whoever has read this clip must not
    // draw it for them: only cards that are seen over it are drawn there.
    let (over_clip, plain): (Vec<_>, Vec<_>) =
        cards.into_iter().partition(|r| r.reading().is_some());
    for cards in [over_clip, plain] {
        if cards.is_empty() {
            continue;
        }
        let mut groups: Vec<Vec<SegmentRecipe>> = cards.into_iter().map(|r| vec![r]).collect();
        groups.sort_by_key(|g| std::cmp::Reverse(g.iter().map(pixels).sum::<u64>()));
        jobs.push(Job {
            capsule: capsule.clone(),
            groups,
        });
    }
    jobs
}

fn sort_tallest_first(group: &mut [SegmentRecipe]) {
    group.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.key().cmp(&b.key())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ladder::VideoEncoding;
    use crate::plan::recipe::{Behind, Picture, RENDERER, SourceReading};
    use crate::series::profile::VideoCodec;
    use crate::values::digest::{ArtDigest, Digest, SourceDigest};
    use crate::values::facts::{Colour, FieldOrder};
    use crate::values::geometry::{Orientation, Size};
    use crate::values::time::{FrameRate, Rational};

    fn recipe(frames: u64, height: u32) -> SegmentRecipe {
        SegmentRecipe {
            size: Size {
                width: height * 2,
                height,
            },
            picture: Picture::Card {
                art: ArtDigest(Digest::of(b"card")),
                behind: None,
                frames,
            },
            ..card(b"card", false)
        }
    }

    const SIZE: Size = Size {
        width: 640,
        height: 360,
    };

    fn card(art: &[u8], over_clip: bool) -> SegmentRecipe {
        let rate = FrameRate::new(25, 1).expect("positive");
        let source = SourceReading {
            source: SourceDigest(Digest::of(b"clip")),
            stream: 0,
            orientation: Orientation::default(),
            rate,
            start: Rational::ZERO,
            decoder_delay: Rational::ZERO,
            coded: SIZE,
            colour: Colour {
                matrix: None,
                primaries: None,
                transfer: None,
                full_range: false,
                chroma_location: None,
                peak_nits: None,
            },
            field_order: FieldOrder::Progressive,
        };
        SegmentRecipe {
            renderer: RENDERER,
            picture: Picture::Card {
                art: ArtDigest(Digest::of(art)),
                behind: over_clip.then(|| Behind::Footage {
                    source: Box::new(source),
                    frame: 0,
                }),
                frames: 150,
            },
            overlays: Vec::new(),
            captions: Vec::new(),
            size: SIZE,
            rate,
            encoding: VideoEncoding {
                codec: VideoCodec::H264,
                preset: "medium".into(),
                crf: 23,
                max_kbps: None,
                gop: 50,
                level: 30,
            },
        }
    }

    #[test]
    fn a_job_is_split_until_each_segment_is_alone_and_none_is_lost() {
        let group = |frames| [1080, 720, 360].map(|h| recipe(frames, h)).to_vec();
        let mut whole = vec![Job {
            capsule: Id::new("a").expect("an id"),
            groups: (1..=5).map(group).collect(),
        }];
        let pixels = whole[0].pixels();
        let mut single = Vec::new();
        while let Some(mut job) = whole.pop() {
            match job.split() {
                Some(rest) => whole.extend([job, rest]),
                None => single.push(job),
            }
        }
        assert_eq!(single.len(), 15);
        assert!(single.iter().all(|job| job.segments() == 1));
        assert_eq!(single.iter().map(Job::pixels).sum::<u64>(), pixels);
    }

    #[test]
    fn halves_are_about_even() {
        let mut job = Job {
            capsule: Id::new("a").expect("an id"),
            groups: vec![[1080, 720, 540, 360].map(|h| recipe(150, h)).to_vec()],
        };
        let rest = job.split().expect("four rungs");
        assert_eq!((job.segments(), rest.segments()), (1, 3));
    }

    #[test]
    fn a_card_that_others_may_show_is_drawn_by_who_has_not_read_the_clip() {
        let (own, shared) = (card(b"opening", true), card(b"end", false));
        let made = jobs(
            &Id::new("a").expect("an id"),
            [own.clone(), shared.clone()],
            1,
        );
        let drawn: Vec<_> = made.iter().map(|j| (j.reads_clip(), &j.groups)).collect();
        assert_eq!(
            drawn,
            [(true, &vec![vec![own]]), (false, &vec![vec![shared]])]
        );
    }
}
