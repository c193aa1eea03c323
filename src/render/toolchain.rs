//! Which libraries make the bytes. Only a worker has them loaded, and a build
//! that finds nothing to do starts none: what a worker once said is noted, and
//! trusted while every file of which that worker was loaded is the same.

use crate::render::{Failure, io_problem};
use crate::store::write_durably;
use crate::worker::pool::Pool;
use crate::worker::process::program;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the loader looks up names: rewritten when a library moves in beside
/// the one of before.
const NAMES: &str = "/etc/ld.so.cache";

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    made_by: String,
    files: BTreeMap<PathBuf, Stamp>,
}

#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    changed_ns: i128,
    inode: u64,
}

/// What makes the bytes on this machine, asked only when it may have changed.
///
/// # Errors
/// When no worker can be started.
pub fn toolchain(pool: &Pool, notes: &Path) -> Result<String, Failure> {
    let program = program().map_err(|e| Failure::Machine(io_problem("portevoix-worker", &e)))?;
    let noted: Option<Note> = fs::read(notes)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    if let Some(note) = noted
        && note.files.contains_key(&program)
        && note
            .files
            .iter()
            .all(|(path, was)| stamp(path).as_ref() == Some(was))
    {
        return Ok(note.made_by);
    }
    let (made_by, mut loaded) = pool.toolchain()?;
    // One that may not be looked at is asked again next time.
    if loaded.contains(&program) {
        loaded.push(NAMES.into());
        let files = loaded
            .into_iter()
            .filter_map(|path| Some((path.clone(), stamp(&path)?)))
            .collect();
        let note = Note { made_by, files };
        let text = serde_json::to_vec(&note).map_err(|_| super::unexpected())?;
        write_durably(notes, &[&text])?;
        return Ok(note.made_by);
    }
    Ok(made_by)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some(Stamp {
        bytes: found.len(),
        changed_ns: i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec()),
        inode: found.ino(),
    })
}
