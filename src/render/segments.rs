//! Renders stale segments: jobs to workers. Each finished group of segments is
//! decoded by another worker and put into the store at once, so that nothing
//! finished is ever made again, and nothing stored was never decoded.

use crate::plan::jobs::Job;
use crate::plan::recipe::SegmentRecipe;
use crate::render::answer::{self, most_of_segment};
use crate::render::footage::{self, Source};
use crate::render::{Failure, Workshop, beside, io_problem, unexpected};
use crate::values::digest::ArtDigest;
use crate::values::ids::Id;
use crate::worker::pool::Material;
use crate::worker::process::{Go, WorkerFailure};
use crate::worker::protocol::{Answer, Message, Request};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

/// A job's deadline: this much to begin with, and a second for every so many
/// pixels encoded or decoded. x264 medium does ten times as many on one slow core.
const BASE_SECONDS: u64 = 300;
const PIXELS_PER_SECOND: u64 = 2_000_000;

/// Bytes of all segments of a group, which wait in memory to be proven.
const LARGEST_GROUP: u64 = 512 << 20;

/// What of a job was finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Made {
    pub segments: u64,
    pub frames: u64,
}

/// Does one job. `tell` hears of every segment that is safely stored.
///
/// What was finished is counted also when the job fails or is interrupted.
pub fn render(
    workshop: &Workshop,
    clip: Source<'_>,
    job: &Job,
    outlines: &BTreeMap<ArtDigest, String>,
    tell: &dyn Fn(&SegmentRecipe),
) -> (Made, Result<(), Failure>) {
    let mut made = Made::default();
    let done = attempt(workshop, clip, job, outlines, &mut |recipe, encoded| {
        workshop.store.put(recipe, &encoded, &workshop.toolchain)?;
        made.segments += 1;
        made.frames += recipe.frames();
        tell(recipe);
        Ok(())
    });
    (made, done)
}

/// One picture of a segment that is not made yet, as a segment of its own.
/// Nothing is stored: who is withdrawn leaves no trace of having been looked at.
pub fn alone(
    workshop: &Workshop,
    clip: Source<'_>,
    (capsule, recipe, frame): (&Id, &SegmentRecipe, u64),
    outlines: &BTreeMap<ArtDigest, String>,
) -> Result<Vec<u8>, Failure> {
    let job = Job {
        capsule: capsule.clone(),
        groups: vec![vec![recipe.alone(frame)]],
    };
    let mut made = Vec::new();
    attempt(workshop, clip, &job, outlines, &mut |_, encoded| {
        made = encoded;
        Ok(())
    })?;
    Ok(made)
}

/// What becomes of a segment that has been decoded.
type Keep<'a> = &'a mut dyn FnMut(&SegmentRecipe, Vec<u8>) -> Result<(), Failure>;

fn attempt(
    workshop: &Workshop,
    clip: Source<'_>,
    job: &Job,
    outlines: &BTreeMap<ArtDigest, String>,
    keep: Keep<'_>,
) -> Result<(), Failure> {
    let output = workshop.store.scratch()?;
    let source = if job.reads_clip() {
        Some(workshop.open_clip(clip.path).map_err(Failure::Capsule)?)
    } else {
        None
    };
    let mut files: Vec<&File> = vec![&output];
    files.extend(source.as_ref());
    let mut arts: Vec<(ArtDigest, String)> = job
        .groups
        .iter()
        .flatten()
        .flat_map(SegmentRecipe::arts)
        .filter_map(|art| Some((art, outlines.get(&art)?.clone())))
        .collect();
    arts.sort();
    arts.dedup();
    let request = Request::Render {
        groups: job.groups.clone(),
        arts,
    };
    let pixels = job.pixels() + job.pixels_decoded();
    let allowed = Duration::from_secs(BASE_SECONDS + pixels / PIXELS_PER_SECOND);

    let mut failure = None;
    let material = match source {
        Some(_) => Material::Clip(clip.clip.digest()),
        None => Material::Charter,
    };
    // The order in which a worker delivers, one behind the other: nothing twice,
    // nothing left out, and no byte of the output counted twice.
    let members = job.groups.iter().enumerate();
    let places = members.flat_map(|(group, g)| (0..g.len()).map(move |member| (group, member)));
    let mut awaited = places.peekable();
    let mut end = 0;
    let mut group_so_far: Vec<(&SegmentRecipe, Vec<u8>)> = Vec::new();
    let answer = workshop.ask(
        material,
        &request,
        &beside(&files),
        allowed,
        &mut |message| {
            let &Message::Delivered {
                group,
                member,
                offset,
                bytes,
            } = message
            else {
                return Go::On;
            };
            let wanted = job.groups.get(group).and_then(|g| g.get(member));
            let is_next = awaited.next_if_eq(&(group, member)).is_some() && offset == end;
            let Some(recipe) = wanted.filter(|_| is_next) else {
                failure = Some(unexpected());
                return Go::Stop;
            };
            end = offset.saturating_add(bytes);
            let held: usize = group_so_far.iter().map(|(_, encoded)| encoded.len()).sum();
            let room = LARGEST_GROUP.saturating_sub(held as u64);
            let most = most_of_segment(recipe.frames(), recipe.size).min(room);
            match answer::read(&output, offset, bytes, most) {
                Ok(encoded) => group_so_far.push((recipe, encoded)),
                Err(error) => {
                    failure = Some(error);
                    return Go::Stop;
                }
            }
            if job.groups.get(group).is_some_and(|g| member + 1 < g.len()) {
                return Go::On;
            }
            if source
                .as_ref()
                .is_some_and(|file| !footage::is_unchanged(file, clip.clip))
            {
                failure = Some(footage::changed(clip.path));
                return Go::Stop;
            }
            let finished = std::mem::take(&mut group_so_far);
            let kept = prove(workshop, &job.capsule, &finished).and_then(|()| {
                finished
                    .into_iter()
                    .try_for_each(|(recipe, encoded)| keep(recipe, encoded))
            });
            if let Err(error) = kept {
                failure = Some(error);
                return Go::Stop;
            }
            // An interrupted build keeps what is finished and ends here.
            if workshop.pool.is_stopping() {
                Go::Stop
            } else {
                Go::On
            }
        },
    );
    match (failure, answer) {
        (Some(failure), _) => Err(failure),
        (None, Ok(Answer::Rendered)) if awaited.peek().is_none() => Ok(()),
        (None, Ok(_)) => Err(unexpected()),
        (None, Err(WorkerFailure::Interrupted)) => Err(Failure::Interrupted),
        (None, Err(other)) => Err(other.into()),
    }
}

/// Has another worker than the one that encoded them decode segments.
///
/// # Errors
/// When one does not give its pictures, all of them without damage.
fn prove(
    workshop: &Workshop,
    capsule: &Id,
    segments: &[(&SegmentRecipe, Vec<u8>)],
) -> Result<(), Failure> {
    let mut encoded = workshop.store.scratch()?;
    for (_, bytes) in segments {
        encoded
            .write_all(bytes)
            .map_err(|e| Failure::Machine(io_problem("segments", &e)))?;
    }
    let request = Request::Prove {
        segments: segments
            .iter()
            .map(|(recipe, bytes)| (bytes.len() as u64, recipe.size, recipe.frames()))
            .collect(),
    };
    // What is finished is kept, also when the build is to end.
    let answer = workshop.finish(
        Material::Proof(capsule.clone()),
        &request,
        &beside(&[&encoded]),
        Duration::from_secs(BASE_SECONDS),
        &mut |_| Go::On,
    )?;
    match answer {
        Answer::Proven => Ok(()),
        _ => Err(unexpected()),
    }
}
