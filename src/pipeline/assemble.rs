//! Puts a capsule together from what is stored, healing what turns out to be
//! missing, and leaving alone what is published already.

use crate::pipeline::publication::{self, Made, Parts, ProfileFiles};
use crate::pipeline::record::Built;
use crate::pipeline::stale;
use crate::pipeline::survey::Surveyed;
use crate::pipeline::{Event, Tell, doctor};
use crate::plan;
use crate::plan::capsule::ProfilePlan;
use crate::plan::jobs::jobs;
use crate::plan::recipe::SegmentRecipe;
use crate::publish::manifest::Manifest;
use crate::publish::tree;
use crate::render::packages::{self, Order, Waiting};
use crate::render::{Failure, Workshop, segments, sound, stills};
use crate::series::Series;
use crate::values::diagnostic::{Diagnostic, Problem};
use crate::values::digest::{Digest, Key, Recipe};
use crate::values::ids::Id;
use crate::worker::protocol::SoundReport;
use std::path::Path;

/// All files of a capsule, and what it took.
pub(super) struct Packaged {
    pub(super) files: Made,
    /// Whether any was made anew.
    pub(super) renewed: bool,
    /// Segments that were missing or damaged when they were read.
    pub(super) healed: segments::Made,
    pub(super) prints: Prints,
}

/// By which what is published is known again.
pub(super) struct Prints {
    /// Of the profiles that were to be made.
    pub(super) profiles: Vec<(Id, Digest)>,
    pub(super) stills: Option<[Key; 2]>,
}

/// What is known of a capsule's publication.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// What stands in the private tree.
    pub(super) private: Option<&'a Manifest>,
    /// Whether every file of that tree is as it was left.
    pub(super) untouched: bool,
    pub(super) built: Option<&'a Built>,
    /// What made every object of the capsule, where it is one and the same.
    pub(super) made_by: Option<&'a str>,
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
    known: Known<'_>,
    tell: Tell<'_>,
) -> Result<Packaged, Failure> {
    let mut healed = segments::Made::default();
    for _ in 0..MOST_PASSES {
        let lacking = match try_package(workshop, waiting, series, surveyed, known, tell) {
            Ok((files, renewed, prints)) => {
                return Ok(Packaged {
                    files,
                    renewed,
                    healed,
                    prints,
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

fn try_package(
    workshop: &Workshop,
    waiting: &Waiting,
    series: &Series,
    surveyed: &Surveyed,
    known: Known<'_>,
    tell: Tell<'_>,
) -> Result<(Made, bool, Prints), Failure> {
    let capsule = &surveyed.capsule;
    let nothing = || Failure::Capsule(Problem::EmptyLadder);
    let first = surveyed.leading().ok_or_else(nothing)?;
    let Known {
        private,
        untouched,
        built,
        made_by,
    } = known;
    let kept_all = match private {
        Some(private) if untouched => private.capsule(&capsule.id).is_some(),
        private => kept_files_are_there(&workshop.series, private, &capsule.id),
    };
    let mut profiles: Vec<ProfileFiles> = Vec::new();
    let mut renewed = false;
    let mut report = None;
    let mut said: Vec<Problem> = Vec::new();
    let mut prints = Vec::new();
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
        let print = stale::fingerprint(surveyed, plan, &workshop.store, made_by);
        let same = noted == Some(print);
        if chosen {
            prints.push((name.clone(), print));
        }
        let stays = kept_all && (same || !chosen);
        let track = match &plan.audio {
            Some(recipe) if !stays => {
                let sounds = &series.charter.sounds;
                Some(sound::make(workshop, surveyed.source(), recipe, sounds)?)
            }
            _ => None,
        };
        let heard = match (&track, &plan.audio) {
            (Some(track), _) => Some(track.report.clone()),
            (None, Some(recipe)) => sound::report(workshop, recipe)?,
            (None, None) => None,
        };
        if let Some(there) = there.filter(|_| stays) {
            if name == &first.profile {
                report = heard;
            }
            profiles.push(there);
            continue;
        }
        let off = heard.as_ref().and_then(|h| off_target(h, series.loudness));
        if name == &first.profile {
            report = heard;
        }
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
            .filter(|_| plan.has_sidecars())
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
    let wanted = plan::stills::stills(first, surveyed.poster).ok_or_else(nothing)?;
    // Pictures that are published already are not read to be found the same.
    let drawn = wanted.keys();
    let there = private
        .filter(|_| kept_all && built.and_then(|b| b.stills) == Some(drawn))
        .filter(|_| drawn.iter().all(|&key| workshop.store.contains(key)))
        .and_then(|m| publication::carried_pictures(m, &capsule.id));
    let pictures = match there {
        Some(there) => there,
        None => {
            let stills = stills::make(workshop, &capsule.id, first, &wanted)?;
            publication::pictures(&capsule.id, &first.timeline, &stills)
        }
    };
    let parts = Parts {
        surveyed,
        first,
        profiles,
        pictures,
        sound: report.as_ref(),
        toolchain: &workshop.toolchain,
    };
    let prints = Prints {
        profiles: prints,
        stills: Some(drawn),
    };
    Ok((publication::assemble(series, parts), renewed, prints))
}

/// Half a loudness unit either way is as near as listeners can tell.
const LOUDNESS_TOLERANCE: i32 = 50;

/// Sound that could not be brought to the series' loudness, both in hundredths
/// of LUFS.
pub(super) fn off_target(heard: &SoundReport, target: i32) -> Option<Problem> {
    let reached = heard.measured_out.as_ref()?.integrated;
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
        let heard = sound::report(workshop, recipe)?;
        let off = heard.and_then(|h| off_target(&h, target));
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
