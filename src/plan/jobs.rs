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
    if !cards.is_empty() {
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
