//! Floor 4: carries a plan out. Hands jobs to workers, puts what they make into
//! the store, and turns stored objects into files that are ready to publish.
//!
//! Nothing here decides what has to be made (that is `plan`), decodes anything
//! (that is a worker), or writes `dist/` (that is `publish`).

pub mod answer;
pub mod art;
mod clip_file;
pub mod examination;
pub mod footage;
pub mod packages;
mod proof;
pub mod segments;
pub mod sound;
pub mod stills;

use crate::store::{Store, StoreError};
use crate::values::diagnostic::Problem;
use crate::worker::pool::Pool;
use crate::worker::process::WorkerFailure;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

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
            // A worker writes into scratch files of the store: when there is no
            // room for them, no capsule is to blame.
            WorkerFailure::Media(e) if e.error.contains("No space left on device") => {
                Failure::Machine(Problem::DiskFull {
                    path: ".portevoix".into(),
                })
            }
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
            WorkerFailure::Machine(error) => Failure::Machine(io_problem("worker", &error)),
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
