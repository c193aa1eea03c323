//! Floor 4: carries a plan out. Hands jobs to workers, puts what they make into
//! the store, and turns stored objects into files that are ready to publish.
//!
//! Nothing here decides what has to be made (that is `plan`), decodes anything
//! (that is a worker), or writes `dist/` (that is `publish`).

pub mod answer;
pub mod art;
pub mod burnt;
mod clip_file;
pub mod examination;
mod findings;
mod fonts;
pub mod footage;
pub mod packages;
pub mod pictures;
mod proof;
pub mod segments;
pub mod sheet;
pub mod sound;
pub mod stills;
pub mod toolchain;
pub mod tunes;
pub mod watermark;

use crate::store::{Store, StoreError};
use crate::values::diagnostic::Problem;
use crate::worker::pool::{Material, Pool};
use crate::worker::process::{Go, WorkerFailure};
use crate::worker::protocol::{Answer, Message, Request};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What every step works with.
pub struct Workshop {
    pub store: Store,
    pub pool: Pool,
    /// As many as workers at once. They outlive every worker: one whose parent
    /// thread ends is ended by the kernel.
    pub threads: rayon::ThreadPool,
    /// Versions of what shapes bytes, recorded with each object.
    pub toolchain: String,
    /// The series folder.
    pub series: PathBuf,
}

impl Workshop {
    /// Opens a clip of the series for reading.
    pub fn open_clip(&self, clip: &Path) -> Result<File, Problem> {
        clip_file::open(&self.series, clip)
    }

    /// Asks a worker, and waits.
    ///
    /// A worker writes into scratch files of the store: when there is no room for
    /// them, no capsule is to blame. But that ends the build, so a worker's word
    /// for it is not enough.
    ///
    /// # Errors
    /// As the worker fails.
    pub fn ask(
        &self,
        material: Material,
        request: &Request,
        files: &[BorrowedFd<'_>],
        allowed: Duration,
        hear: &mut dyn FnMut(&Message) -> Go,
    ) -> Result<Answer, WorkerFailure> {
        if self.pool.is_stopping() {
            return Err(WorkerFailure::Interrupted);
        }
        self.finish(material, request, files, allowed, hear)
    }

    /// As [`ask`](Self::ask), also when the build is to end: for what has to be
    /// done before that which is finished can be kept.
    ///
    /// # Errors
    /// As the worker fails.
    pub fn finish(
        &self,
        material: Material,
        request: &Request,
        files: &[BorrowedFd<'_>],
        allowed: Duration,
        hear: &mut dyn FnMut(&Message) -> Go,
    ) -> Result<Answer, WorkerFailure> {
        self.pool
            .ask(material, request, files, allowed, hear)
            .map_err(|failure| confirmed(failure, || has_room(&self.store)))
    }
}

/// A worker's failure, and the machine's where that can be seen from here.
fn confirmed(failure: WorkerFailure, has_room: impl FnOnce() -> bool) -> WorkerFailure {
    match failure {
        WorkerFailure::Media(e) if e.error.contains("No space left on device") && !has_room() => {
            WorkerFailure::Machine(io::ErrorKind::StorageFull.into())
        }
        other => other,
    }
}

/// Whether a little can still be written where workers write.
fn has_room(store: &Store) -> bool {
    const LITTLE: usize = 4 << 20;
    store.scratch().is_ok_and(|mut file| {
        file.write_all(&vec![1; LITTLE])
            .and_then(|()| file.sync_all())
            .is_ok()
    })
}

/// A failure that belongs to one capsule, or that ends the build.
#[derive(Debug)]
pub enum Failure {
    /// The capsule keeps its former publication; the others go on.
    Capsule(Problem),
    /// The machine's fault: nothing more can be made.
    Machine(Problem),
    Interrupted,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Machine(store_problem(&error))
    }
}

pub fn store_problem(error: &StoreError) -> Problem {
    let path = error.path.display().to_string();
    if error.is_full() {
        Problem::DiskFull { path }
    } else {
        io_problem(&path, &error.error)
    }
}

pub fn io_problem(path: &str, error: &io::Error) -> Problem {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Problem::DiskFull { path },
        io::ErrorKind::PermissionDenied => Problem::PermissionDenied { path },
        _ => Problem::IoFailed {
            path,
            error: error.to_string(),
        },
    }
}

impl From<WorkerFailure> for Failure {
    fn from(failure: WorkerFailure) -> Failure {
        match failure {
            WorkerFailure::Media(e) => Failure::Capsule(Problem::MediaFailed {
                operation: e.operation,
                error: e.error,
                last_log: e.last_log,
            }),
            WorkerFailure::Died {
                signal,
                code,
                last_words,
            } => Failure::Capsule(Problem::WorkerDied {
                signal,
                code,
                last_log: last_words,
            }),
            WorkerFailure::Blocked { call } => Failure::Capsule(Problem::WorkerBlocked { call }),
            WorkerFailure::OverLimit { limit, last_words } => {
                Failure::Capsule(Problem::WorkerOverLimit {
                    limit,
                    last_log: last_words,
                })
            }
            WorkerFailure::TimedOut {
                seconds,
                last_words,
            } => Failure::Capsule(Problem::WorkerTimedOut {
                seconds,
                last_log: last_words,
            }),
            WorkerFailure::Machine(error) => Failure::Machine(match error.kind() {
                io::ErrorKind::StorageFull => Problem::DiskFull {
                    path: ".portevoix".into(),
                },
                _ => io_problem("worker", &error),
            }),
            WorkerFailure::Interrupted => Failure::Interrupted,
        }
    }
}

/// An answer of another kind than was asked for: a mistake of the program.
fn unexpected() -> Failure {
    Failure::Capsule(Problem::MediaFailed {
        operation: "read an answer".into(),
        error: "not what was asked for".into(),
        last_log: String::new(),
    })
}

/// Borrowed descriptors, in order.
fn beside<'a>(files: &'a [&'a File]) -> Vec<BorrowedFd<'a>> {
    files.iter().map(|f| f.as_fd()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::protocol::MediaError;

    #[test]
    fn a_full_disk_ends_the_build_only_when_it_is_full() {
        let said = || WorkerFailure::Media(MediaError::new("write", "No space left on device"));
        let lie = Failure::from(confirmed(said(), || true));
        assert!(matches!(lie, Failure::Capsule(_)), "{lie:?}");
        let truth = Failure::from(confirmed(said(), || false));
        assert!(
            matches!(truth, Failure::Machine(Problem::DiskFull { .. })),
            "{truth:?}"
        );
        let folder = tempfile::tempdir().expect("a folder");
        assert!(has_room(&Store::open(folder.path()).expect("a store")));
    }
}
