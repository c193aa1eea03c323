//! Workers that are kept between requests: one is started when nobody is free,
//! and one that failed is not used again. How many live at once is decided by
//! how many threads ask at once.

use crate::values::diagnostic::SandboxPiece;
use crate::worker::process::{Go, Worker, WorkerFailure};
use crate::worker::protocol::{Answer, Message, Request};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// A worker that links all of FFmpeg starts in a tenth of a second; a machine
/// that is busy may need much longer.
const STARTING: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<Worker>>,
    /// Set from outside when the build is to end; then no request is begun.
    stop: std::sync::Arc<AtomicBool>,
    baseline_cpu: bool,
    /// All workers are confined alike.
    missing: OnceLock<Vec<SandboxPiece>>,
}

impl Pool {
    pub fn new(stop: std::sync::Arc<AtomicBool>, baseline_cpu: bool) -> Pool {
        Pool {
            idle: Mutex::default(),
            stop,
            baseline_cpu,
            missing: OnceLock::new(),
        }
    }

    /// What of the sandbox the kernel cannot give to workers.
    ///
    /// # Errors
    /// When no worker can be started.
    pub fn missing(&self) -> Result<&[SandboxPiece], WorkerFailure> {
        if self.missing.get().is_none() {
            let mut worker = Worker::start(self.baseline_cpu).map_err(WorkerFailure::Machine)?;
            let missing = worker.missing(STARTING)?.to_vec();
            self.missing.get_or_init(|| missing);
            self.keep(worker);
        }
        Ok(self.missing.get().map_or(&[], Vec::as_slice))
    }

    fn keep(&self, worker: Worker) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(worker);
        }
    }

    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks a free worker, or a new one.
    pub fn ask(
        &self,
        request: &Request,
        files: &[BorrowedFd<'_>],
        allowed: Duration,
        hear: &mut dyn FnMut(&Message) -> Go,
    ) -> Result<Answer, WorkerFailure> {
        if self.is_stopping() {
            return Err(WorkerFailure::Interrupted);
        }
        let free = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let mut worker = match free {
            Some(worker) => worker,
            None => Worker::start(self.baseline_cpu).map_err(WorkerFailure::Machine)?,
        };
        let answer = worker.ask(request, files, allowed, hear);
        if matches!(answer, Ok(_) | Err(WorkerFailure::Media(_))) {
            self.keep(worker);
        }
        answer
    }
}
