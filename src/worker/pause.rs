//! Ctrl-Z. Workers are in process groups of their own and hear nothing of it:
//! they are stopped and woken with the build, and no deadline runs meanwhile.

use rustix::process::{Pid, Signal, getpid, kill_process, kill_process_group};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

struct Pauses {
    workers: Vec<Pid>,
    /// All that are over.
    over: Duration,
    since: Option<Instant>,
}

static PAUSES: Mutex<Pauses> = Mutex::new(Pauses {
    workers: Vec::new(),
    over: Duration::ZERO,
    since: None,
});

fn pauses() -> MutexGuard<'static, Pauses> {
    PAUSES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pauses {
    fn total(&self) -> Duration {
        self.over + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn tell(&self, signal: Signal) {
        for &worker in &self.workers {
            // One that has just ended needs no telling.
            let _ = kill_process_group(worker, signal);
        }
    }
}

/// A worker that has to be stopped when we are.
pub(super) fn born(worker: u32) {
    if let Some(pid) = i32::try_from(worker).ok().and_then(Pid::from_raw) {
        pauses().workers.push(pid);
    }
}

/// Called before its number can be another's.
pub(super) fn gone(worker: u32) {
    if let Some(pid) = i32::try_from(worker).ok().and_then(Pid::from_raw) {
        pauses().workers.retain(|&w| w != pid);
    }
}

/// Stops the workers and then ourselves; returns when somebody wakes us.
pub fn pause() {
    {
        let mut pauses = pauses();
        pauses.tell(Signal::STOP);
        pauses.since = Some(Instant::now());
    }
    let _ = kill_process(getpid(), Signal::STOP);
    let mut pauses = pauses();
    pauses.over = pauses.total();
    pauses.since = None;
    pauses.tell(Signal::CONT);
}

/// A moment by which something has to be done, pauses not counted.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    paused: Duration,
}

impl Deadline {
    pub(super) fn after(allowed: Duration) -> Deadline {
        Deadline {
            at: Instant::now() + allowed,
            paused: pauses().total(),
        }
    }

    pub(super) fn left(&self) -> Duration {
        let paused = pauses().total().saturating_sub(self.paused);
        (self.at + paused).saturating_duration_since(Instant::now())
    }
}
