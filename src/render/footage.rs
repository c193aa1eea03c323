//! Knows each clip by its content: its digest (read once, remembered by size
//! and time) and its facts (probed once by a worker, kept in the store).

use crate::plan::recipe::{FactsRecipe, PROBER};
use crate::publish::sums::{Hasher, Sha256};
use crate::render::{Failure, Workshop, beside, io_problem, unexpected};
use crate::store::write_durably;
use crate::values::diagnostic::Problem;
use crate::values::digest::{Digest, Recipe, SourceDigest};
use crate::values::facts::{ProbeFailure, SourceFacts};
use crate::values::reckoning::{are_credible, is_probe_failure};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes a second that a disk gives at least.
const SLOWEST_DISK: u64 = 4 << 20;
const PROBE_SECONDS: u64 = 60;

/// Bytes a second of a stream without a container, of which probing decodes every
/// picture to count them: 4K HEVC at a few megabits a second, on a slow core.
const SLOWEST_COUNT: u64 = 64 << 10;

/// Seconds that reading a clip from end to end may take.
pub(super) fn seconds_to_read(clip: &Clip) -> u64 {
    clip.bytes() / SLOWEST_DISK
}

/// Digests of clips by path, trusted while size, time and file are the same.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Remembered(BTreeMap<PathBuf, Stamp>);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    modified_ns: i64,
    inode: u64,
    digest: SourceDigest,
    sha256: Sha256,
}

impl Remembered {
    /// What was remembered; nothing when the note is missing or damaged.
    pub fn read(path: &Path) -> Remembered {
        fs::read(path)
            .ok()
            .and_then(|b| serde_json::from_slice(&b).ok())
            .unwrap_or_default()
    }

    pub fn write(&self, path: &Path) -> Result<(), crate::store::StoreError> {
        let text = serde_json::to_vec(self)
            .map_err(|e| crate::store::StoreError::new(path, std::io::Error::other(e)))?;
        // Unchanged notes are left alone.
        if fs::read(path).is_ok_and(|former| former == text) {
            return Ok(());
        }
        write_durably(path, &[&text])
    }

    pub fn insert(&mut self, clip: &Path, known: &Clip) {
        self.0.insert(clip.to_owned(), known.stamp);
    }
}

/// A clip as its content names it.
#[derive(Clone, Copy, Debug)]
pub struct Clip {
    stamp: Stamp,
}

impl Clip {
    pub fn digest(&self) -> SourceDigest {
        self.stamp.digest
    }

    pub fn sha256(&self) -> Sha256 {
        self.stamp.sha256
    }

    pub fn bytes(&self) -> u64 {
        self.stamp.bytes
    }
}

/// A clip at its place, as it was identified.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub path: &'a Path,
    pub clip: &'a Clip,
}

/// Names a clip by its content.
pub fn identify(
    workshop: &Workshop,
    clip: &Path,
    remembered: &Remembered,
) -> Result<Clip, Failure> {
    let file = workshop.open_clip(clip).map_err(Failure::Capsule)?;
    let label = clip.display().to_string();
    let found = file
        .metadata()
        .map_err(|e| Failure::Capsule(io_problem(&label, &e)))?;
    let (bytes, inode) = (found.len(), found.ino());
    let modified_ns = modified_ns(&found);
    if let Some(stamp) = remembered.0.get(clip)
        && (stamp.bytes, stamp.modified_ns, stamp.inode) == (bytes, modified_ns, inode)
    {
        return Ok(Clip { stamp: *stamp });
    }
    let (digest, sha256) =
        digests(&file, bytes).map_err(|e| Failure::Capsule(io_problem(&label, &e)))?;
    let stamp = Stamp {
        bytes,
        modified_ns,
        inode,
        digest,
        sha256,
    };
    let known = Clip { stamp };
    // A clip that is still being written has no name yet.
    if !is_unchanged(&file, &known) {
        return Err(changed(clip));
    }
    Ok(known)
}

/// The failure of a capsule whose clip changed under our hands.
pub fn changed(path: &Path) -> Failure {
    Failure::Capsule(Problem::ClipChanged {
        path: path.display().to_string(),
    })
}

/// Whether an open clip is still the one that was identified: a clip that was
/// exported again meanwhile must not be stored under the former one's name.
pub fn is_unchanged(file: &fs::File, clip: &Clip) -> bool {
    let stamp = clip.stamp;
    let now = |m: fs::Metadata| (m.len(), modified_ns(&m), m.ino());
    file.metadata()
        .is_ok_and(|m| now(m) == (stamp.bytes, stamp.modified_ns, stamp.inode))
}

fn modified_ns(found: &fs::Metadata) -> i64 {
    found
        .mtime()
        .wrapping_mul(1_000_000_000)
        .wrapping_add(found.mtime_nsec())
}

/// Both digests of a clip from one reading: ours, and the one that everybody
/// can check. Only as much is read as there was at first: a file may grow faster
/// than it is read.
fn digests(file: &fs::File, bytes: u64) -> std::io::Result<(SourceDigest, Sha256)> {
    let mut file = file.take(bytes);
    let mut ours = blake3::Hasher::new();
    let mut common = Hasher::default();
    let mut piece = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut piece)?;
        if n == 0 {
            break;
        }
        ours.update(&piece[..n]);
        common.update(&piece[..n]);
    }
    Ok((
        SourceDigest(Digest::from_bytes(*ours.finalize().as_bytes())),
        common.finish().1,
    ))
}

/// What a worker found in a clip, asked once for its content.
pub fn probe(workshop: &Workshop, path: &Path, clip: &Clip) -> Result<SourceFacts, Failure> {
    let recipe = FactsRecipe {
        prober: PROBER,
        source: clip.digest(),
    };
    let unusable = |failure: ProbeFailure| {
        Failure::Capsule(Problem::ClipUnusable {
            path: path.display().to_string(),
            failure,
        })
    };
    if let Some(object) = workshop.store.get(recipe.key())?
        && let Ok(Ok(facts)) =
            serde_json::from_slice::<Result<SourceFacts, ProbeFailure>>(&object.bytes)
        && are_credible(&facts)
    {
        return Ok(facts);
    }
    let file = workshop.open_clip(path).map_err(Failure::Capsule)?;
    let mut seconds = PROBE_SECONDS + seconds_to_read(clip);
    if is_bare(&file) {
        seconds += clip.bytes() / SLOWEST_COUNT;
    }
    let answer = workshop.ask(
        Material::Clip(clip.digest()),
        &Request::Probe,
        &beside(&[&file]),
        Duration::from_secs(seconds),
        &mut |_| Go::On,
    )?;
    if !is_unchanged(&file, clip) {
        return Err(changed(path));
    }
    // Only facts are kept: what failed once may have failed for a passing
    // reason, and a verdict would outlive it.
    let facts = match answer {
        Answer::Facts { facts } if are_credible(&facts) => *facts,
        Answer::ProbeFailed { failure } if is_probe_failure(&failure) => {
            return Err(match machines_error(&failure) {
                Some(error) => Failure::Capsule(Problem::MediaFailed {
                    operation: "probe".into(),
                    error: error.to_owned(),
                    last_log: String::new(),
                }),
                None => unusable(failure),
            });
        }
        _ => return Err(unexpected()),
    };
    let bytes = serde_json::to_vec(&Ok::<_, ProbeFailure>(&facts)).map_err(|_| unexpected())?;
    workshop.store.put(&recipe, &bytes, &workshop.toolchain)?;
    Ok(facts)
}

/// Whether a file begins as MPEG video without a container does: with a start
/// code that is not a program stream's. For the deadline alone; what a clip is,
/// the worker says.
fn is_bare(file: &fs::File) -> bool {
    const PACK: u8 = 0xba;
    let mut head = [0; 5];
    if file.read_exact_at(&mut head, 0).is_err() {
        return false;
    }
    match head {
        [0, 0, 1, code, _] => code != PACK,
        [0, 0, 0, 1, _] => true,
        _ => false,
    }
}

/// The error of the machine, not of the clip, that ended a probe: the C
/// library's words, which FFmpeg passes on. A lack of memory is the clip's: it
/// claimed more than it may.
fn machines_error(failure: &ProbeFailure) -> Option<&str> {
    const WORDS: &str = "Input/output error";
    match failure {
        ProbeFailure::NotMedia { error } | ProbeFailure::Undecodable { error } => {
            error.contains(WORDS).then_some(WORDS)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_stream_without_a_container_has_longer() {
        let begins = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(bytes).expect("writes");
            is_bare(&file)
        };
        assert!(begins(b"\0\0\0\x01\x67\x64"), "H.264 or HEVC");
        assert!(begins(b"\0\0\x01\xb3\x2d\x02"), "MPEG-2 video");
        assert!(!begins(b"\0\0\x01\xba\x44\0"), "a program stream");
        assert!(!begins(b"\0\0\0\x20ftypisom"));
        assert!(!begins(b"\0\0"));
    }

    #[test]
    fn a_disk_that_fails_is_no_verdict_on_the_clip() {
        let said = |error: &str| ProbeFailure::NotMedia {
            error: error.into(),
        };
        assert!(machines_error(&said("open: Input/output error")).is_some());
        assert!(machines_error(&said("Invalid data found")).is_none());
        assert!(machines_error(&ProbeFailure::Empty).is_none());
    }
}
