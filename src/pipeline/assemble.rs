//! Puts a capsule together from what is stored, healing what turns out to be
//! missing, and leaving alone what is published already.

use crate::pipeline::publication::{self, Made, Parts, ProfileFiles};
use crate::pipeline::record::Record;
use crate::pipeline::stale;
use crate::pipeline::survey::Surveyed;
use crate::pipeline::{Event, Tell, doctor};
use crate::plan::capsule::{self, ProfilePlan};
use crate::plan::jobs::jobs;
use crate::plan::recipe::SegmentRecipe;
use crate::publish::manifest::Manifest;
use crate::publish::tree;
use crate::render::packages::{self, Order, Waiting};
use crate::render::{Failure, Workshop, segments, sound, stills};
use crate::series::Series;
use crate::values::diagnostic::{Diagnostic, Problem};
use crate::values::digest::Recipe;
use crate::values::ids::Id;
use std::path::Path;

/// All files of a capsule, and what it took.
pub(super) struct Packaged {
    pub(super) files: Made,
    /// Whether any was made anew.
    pub(super) renewed: bool,
    /// Segments that were missing or damaged when they were read.
    pub(super) healed: segments::Made,
}

/// Renditions of a capsule at most: each may need one pass of healing.
const MOST_PASSES: usize = 16;

/// Makes all files of a capsule from what is stored. What turns out missing or
/// damaged is made again; a rendition whose parameter sets differ, because an
/// encoder was renewed between its segments, is redone whole.
pub(super) fn package(
    workshop: &Workshop,
    waiting: &Waiting,
    series: &Series,
    surveyed: &Surveyed,
    private: Option<&Manifest>,
    record: &Record,
    tell: Tell<'_>,
) -> Result<Packaged, Failure> {
    let mut healed = segments::Made::default();
    for _ in 0..MOST_PASSES {
        let lacking = match try_package(workshop, waiting, series, surveyed, private, record, tell)
        {
            Ok((files, renewed)) => {
                return Ok(Packaged {
                    files,
                    renewed,
                    healed,
                });
            }
            // A damaged object was removed when it was read.
            Err(Failure::Capsule(Problem::StoreDamaged { .. })) => lacking(workshop, surveyed),
            Err(Failure::Capsule(Problem::MediaFailed { error, .. }))
                if error == packages::PARAMETER_SETS_DIFFER =>
            {
                surveyed
                    .plans
                    .iter()
                    .flat_map(|p| &p.renditions)
                    .flat_map(|r| &r.recipes)
                    .cloned()
                    .collect()
            }
            Err(other) => return Err(other),
        };
        for job in jobs(&surveyed.capsule.id, lacking, 1) {
            let told = |recipe: &SegmentRecipe| {
                tell(Event::Encoded {
                    capsule: surveyed.capsule.id.clone(),
                    frames: recipe.frames(),
                });
            };
            let outlines = &surveyed.cards.outlines;
            let (made, done) = segments::render(workshop, surveyed.source(), &job, outlines, &told);
            healed.segments += made.segments;
            healed.frames += made.frames;
            done?;
        }
    }
    Err(Failure::Capsule(Problem::StoreDamaged {
        objects: MOST_PASSES,
    }))
}

/// Segments of a capsule that the store does not have.
pub(super) fn lacking(workshop: &Workshop, surveyed: &Surveyed) -> Vec<SegmentRecipe> {
    let recipes = surveyed
        .plans
        .iter()
        .flat_map(|p| &p.renditions)
        .flat_map(|r| &r.recipes);
    recipes
        .filter(|r| !workshop.store.contains(r.key()))
        .cloned()
        .collect()
}

pub(super) fn try_package(
    workshop: &Workshop,
    waiting: &Waiting,
    series: &Series,
    surveyed: &Surveyed,
    private: Option<&Manifest>,
    record: &Record,
    tell: Tell<'_>,
) -> Result<(Made, bool), Failure> {
    let capsule = &surveyed.capsule;
    let nothing = || Failure::Capsule(Problem::EmptyLadder);
    let first = surveyed.leading().ok_or_else(nothing)?;
    let built = record.capsules.get(&capsule.id);
    let kept_all = kept_files_are_there(&workshop.series, private, &capsule.id);
    let mut profiles: Vec<ProfileFiles> = Vec::new();
    let mut renewed = false;
    let mut report = None;
    let mut said: Vec<Problem> = Vec::new();
    for plan in &surveyed.plans {
        let name = &plan.profile;
        let chosen = surveyed.is_chosen(name);
        let there = private.and_then(|m| publication::carried(m, &capsule.id, name));
        if there.is_none() && !chosen {
            // Never published, and not asked for.
            continue;
        }
        let noted = built
            .and_then(|b| b.profiles.get(name))
            .and_then(|p| p.published);
        let same = noted == Some(stale::fingerprint(surveyed, plan, &workshop.store));
        let stays = kept_all && (same || !chosen);
        let track = match &plan.audio {
            Some(recipe) if stays => sound::stored(workshop, recipe)?,
            Some(recipe) => {
                let sounds = &series.charter.sounds;
                Some(sound::make(workshop, surveyed.source(), recipe, sounds)?)
            }
            None => None,
        };
        if name == &first.profile {
            report = track.as_ref().map(|t| t.report.clone());
        }
        if let Some(there) = there.filter(|_| stays) {
            profiles.push(there);
            continue;
        }
        let off = track.as_ref().and_then(|t| off_target(t, series.loudness));
        // What the store held already was told when the capsule was looked at.
        if let Some(problem) = off.filter(|_| !doctor::speaks_of_loudness(&surveyed.findings))
            && !said.contains(&problem)
        {
            said.push(problem.clone());
            let place = capsule.place("source");
            tell(Event::Diagnostic(Diagnostic::of_capsule(
                problem,
                place,
                &capsule.id,
            )));
        }
        let subtitles: Vec<_> = surveyed
            .captions
            .iter()
            .map(|c| c.subtitles(plan, &surveyed.facts))
            .collect();
        let order = Order {
            capsule: &capsule.id,
            language: &capsule.language,
            plan,
            track: track.as_ref(),
            subtitles: &subtitles,
        };
        profiles.push(packages::make(workshop, waiting, order)?.into());
        renewed = true;
    }
    let wanted = capsule::stills(first, surveyed.poster).ok_or_else(nothing)?;
    let stills = stills::make(workshop, &capsule.id, first, &wanted)?;
    let parts = Parts {
        surveyed,
        first,
        profiles,
        stills: &stills,
        sound: report.as_ref(),
        toolchain: &workshop.toolchain,
    };
    Ok((publication::assemble(series, parts), renewed))
}

/// Half a loudness unit either way is as near as listeners can tell.
const LOUDNESS_TOLERANCE: i32 = 50;

/// Sound that could not be brought to the series' loudness, both in hundredths
/// of LUFS.
pub(super) fn off_target(track: &sound::Track, target: i32) -> Option<Problem> {
    let reached = track.report.measured_out.as_ref()?.integrated;
    let lufs = |hundredths: i32| format!("{:.1}", f64::from(hundredths) / 100.0);
    ((reached - target).abs() > LOUDNESS_TOLERANCE).then(|| Problem::LoudnessOff {
        target: lufs(target),
        reached: lufs(reached),
    })
}

/// The same of every track of a capsule that is stored, each once.
pub(super) fn stored_off_target(
    workshop: &Workshop,
    plans: &[ProfilePlan],
    target: i32,
) -> Result<Vec<Problem>, Failure> {
    let mut found = Vec::new();
    for recipe in plans.iter().filter_map(|p| p.audio.as_ref()) {
        let track = sound::stored(workshop, recipe)?;
        let off = track.and_then(|t| off_target(&t, target));
        found.extend(off.filter(|problem| !found.contains(problem)));
    }
    Ok(found)
}

/// Whether every file that the private manifest names for a capsule is there,
/// as long as it says.
pub(super) fn kept_files_are_there(series: &Path, private: Option<&Manifest>, id: &Id) -> bool {
    let Some(manifest) = private else {
        return false;
    };
    tree::carry_over(&series.join("dist"), manifest, id).is_ok_and(|carried| carried.is_some())
}
