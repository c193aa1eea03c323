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
    let mut seconds = BASE_SECONDS + pixels / PIXELS_PER_SECOND;
    if job.reads_clip() {
        seconds += footage::seconds_to_read(clip.clip);
    }

    let mut failure = None;
    let material = match source {
        Some(_) => Material::Clip(clip.clip.digest()),
        None => Material::Charter,
    };
    let mut awaited = Awaited::of(&job.groups);
    let mut group_so_far: Vec<(&SegmentRecipe, Vec<u8>)> = Vec::new();
    let answer = workshop.ask(
        material,
        &request,
        &beside(&files),
        Duration::from_secs(seconds),
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
            let Some(due) = awaited.take((group, member), offset, bytes) else {
                failure = Some(unexpected());
                return Go::Stop;
            };
            match answer::read(&output, offset, bytes) {
                Ok(encoded) => group_so_far.push((due.recipe, encoded)),
                Err(error) => {
                    failure = Some(error);
                    return Go::Stop;
                }
            }
            if !due.ends_group {
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
        (None, Ok(Answer::Rendered)) if awaited.is_empty() => Ok(()),
        (None, Ok(_)) => Err(unexpected()),
        (None, Err(WorkerFailure::Interrupted)) => Err(Failure::Interrupted),
        (None, Err(other)) => Err(other.into()),
    }
}

/// What a worker has still to deliver: segment by segment in the order of the
/// request, one behind the other in its output, none larger than it can be.
///
/// A worker that a clip has taken over may say anything. What it says must not
/// have the parent read a byte twice, nor hold more than a group at a time.
struct Awaited<'j> {
    groups: &'j [Vec<SegmentRecipe>],
    place: (usize, usize),
    /// Bytes of the output that were delivered.
    end: u64,
    /// Those of them that belong to the group that is not complete yet.
    held: u64,
}

struct Due<'j> {
    recipe: &'j SegmentRecipe,
    ends_group: bool,
}

impl<'j> Awaited<'j> {
    /// No group of a job is empty.
    fn of(groups: &'j [Vec<SegmentRecipe>]) -> Awaited<'j> {
        Awaited {
            groups,
            place: (0, 0),
            end: 0,
            held: 0,
        }
    }

    fn is_empty(&self) -> bool {
        self.place.0 == self.groups.len()
    }

    /// The segment that was to come, or nothing where this is not it.
    fn take(&mut self, place: (usize, usize), offset: u64, bytes: u64) -> Option<Due<'j>> {
        if place != self.place || offset != self.end {
            return None;
        }
        let members = self.groups.get(place.0)?;
        let recipe = members.get(place.1)?;
        let held = self.held.checked_add(bytes)?;
        if bytes > most_of_segment(recipe.frames(), recipe.size) || held > LARGEST_GROUP {
            return None;
        }
        self.end = offset.checked_add(bytes)?;
        let ends_group = place.1 + 1 == members.len();
        (self.place, self.held) = if ends_group {
            ((place.0 + 1, 0), 0)
        } else {
            ((place.0, place.1 + 1), held)
        };
        Some(Due { recipe, ends_group })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ladder::VideoEncoding;
    use crate::plan::recipe::{Picture, RENDERER};
    use crate::series::profile::VideoCodec;
    use crate::values::digest::Digest;
    use crate::values::geometry::Size;
    use crate::values::time::FrameRate;

    fn card(frames: u64) -> SegmentRecipe {
        SegmentRecipe {
            renderer: RENDERER,
            picture: Picture::Card {
                art: ArtDigest(Digest::of(b"card")),
                behind: None,
                frames,
            },
            overlays: Vec::new(),
            captions: Vec::new(),
            size: Size {
                width: 1920,
                height: 1080,
            },
            rate: FrameRate::new(25, 1).expect("positive"),
            encoding: VideoEncoding {
                codec: VideoCodec::H264,
                preset: "medium".into(),
                crf: 23,
                max_kbps: None,
                gop: 50,
                level: 40,
            },
        }
    }

    #[test]
    fn what_was_asked_for_is_taken_in_its_order() {
        let groups = [vec![card(10), card(20)], vec![card(30)]];
        let mut awaited = Awaited::of(&groups);
        for (place, offset, bytes, frames, ends_group) in [
            ((0, 0), 0, 100, 10, false),
            ((0, 1), 100, 50, 20, true),
            ((1, 0), 150, 0, 30, true),
        ] {
            assert!(!awaited.is_empty());
            let due = awaited.take(place, offset, bytes).expect("due");
            assert_eq!((due.recipe.frames(), due.ends_group), (frames, ends_group));
        }
        assert!(awaited.is_empty());
        assert!(awaited.take((2, 0), 150, 1).is_none());
    }

    #[test]
    fn a_worker_that_lies_about_its_deliveries_is_not_believed() {
        let groups = [vec![card(10), card(10)], vec![card(10)]];
        for (what, place, offset, bytes) in [
            ("again", (0, 0), 100, 100),
            ("left out", (1, 0), 100, 100),
            ("never asked for", (0, 2), 100, 100),
            ("the same bytes", (0, 1), 0, 100),
            ("bytes of nobody", (0, 1), 101, 100),
            ("more than pictures hold", (0, 1), 100, 32 << 20),
            ("beyond all files", (0, 1), 100, u64::MAX),
        ] {
            let mut awaited = Awaited::of(&groups);
            assert!(awaited.take((0, 0), 0, 100).is_some());
            assert!(awaited.take(place, offset, bytes).is_none(), "{what}");
        }
    }

    #[test]
    fn no_group_is_held_that_is_larger_than_memory_allows() {
        // Each as large as a segment can be.
        let most = most_of_segment(1000, card(1000).size);
        let fit = usize::try_from(LARGEST_GROUP / most).expect("a few");
        let groups = [vec![card(1000); fit + 1], vec![card(1)]];
        let mut awaited = Awaited::of(&groups);
        let mut offset = 0;
        for member in 0..fit {
            assert!(awaited.take((0, member), offset, most).is_some());
            offset += most;
        }
        assert!(awaited.take((0, fit), offset, most).is_none());
        // The next group begins anew.
        assert!(awaited.take((0, fit), offset, 0).is_some());
        assert!(awaited.take((1, 0), offset, 1).is_some());
    }
}
