//! Workers that are kept between requests on the same material: one is started
//! when nobody is free, and one that failed is not used again. How many work at
//! once is decided by how many threads ask at once.

use crate::values::diagnostic::SandboxPiece;
use crate::values::digest::SourceDigest;
use crate::values::ids::Id;
use crate::worker::process::{Go, Worker, WorkerFailure};
use crate::worker::protocol::{Answer, Message, Request, Task};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// A worker that links all of FFmpeg starts in a tenth of a second; a machine
/// that is busy may need much longer.
const STARTING: Duration = Duration::from_secs(60);

/// Workers that wait for more of the same; the oldest goes when another comes.
const MOST_IDLE: usize = 6;

/// What a worker has read. A clip may have taken it over: then it must not see
/// another's face, nor judge what it made itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Material {
    /// The charter's drawings, pictures and fonts.
    Charter,
    /// A clip as filmed.
    Clip(SourceDigest),
    /// What was encoded for a capsule, to be muxed or drawn from.
    Encoded(Id),
    /// The same, to be judged: by one that has made nothing of it.
    Proof(Id),
    /// Anything, and nothing after it: no descriptor outlives the request.
    Once,
}

impl Material {
    /// Whether who has read this may do such work. Who reads a clip judges
    /// nothing, who muxes does not verify, and who verifies makes nothing.
    fn allows(&self, task: Task) -> bool {
        match self {
            // Its sounds, too.
            Material::Charter => matches!(task, Task::Cards | Task::Render | Task::Sound),
            Material::Clip(_) => matches!(task, Task::Look | Task::Render | Task::Sound),
            Material::Encoded(_) => matches!(task, Task::Mux | Task::Stills),
            Material::Proof(_) => task == Task::Verify,
            Material::Once => true,
        }
    }
}

#[derive(Default)]
pub struct Pool {
    idle: Mutex<Vec<(Material, Worker)>>,
    /// Set from outside when the build is to end; whoever asks looks at it.
    stop: std::sync::Arc<AtomicBool>,
    baseline_cpu: bool,
    /// Processor time by kind of work, as workers account for it.
    spent: Mutex<BTreeMap<Task, Duration>>,
    /// All workers are confined alike.
    missing: OnceLock<Vec<SandboxPiece>>,
    told: AtomicBool,
}

impl Pool {
    pub fn new(stop: std::sync::Arc<AtomicBool>, baseline_cpu: bool) -> Pool {
        Pool {
            idle: Mutex::default(),
            stop,
            baseline_cpu,
            spent: Mutex::default(),
            missing: OnceLock::new(),
            told: AtomicBool::new(false),
        }
    }

    /// Sees to it that what the kernel cannot give to workers is known, also
    /// when there was nothing for them to do.
    ///
    /// # Errors
    /// When no worker can be started.
    pub fn learn_missing(&self) -> Result<(), WorkerFailure> {
        if self.missing.get().is_none() {
            let mut worker = Worker::start(self.baseline_cpu).map_err(WorkerFailure::Machine)?;
            let missing = worker.missing(STARTING)?.to_vec();
            self.missing.get_or_init(|| missing);
            self.keep(Material::Charter, worker);
        }
        Ok(())
    }

    /// What of the sandbox workers did without so far, the first time that
    /// there is something to tell.
    pub fn untold_missing(&self) -> Option<Vec<SandboxPiece>> {
        let missing = self.missing.get().filter(|m| !m.is_empty())?;
        (!self.told.swap(true, Ordering::Relaxed)).then(|| missing.clone())
    }

    /// What makes the bytes, as a worker says it, and every file of which that
    /// worker is loaded: while those are the same, so is the answer.
    ///
    /// # Errors
    /// When no worker can be started, or it does not say.
    pub fn toolchain(&self) -> Result<(String, Vec<PathBuf>), WorkerFailure> {
        let mut worker = Worker::start(self.baseline_cpu).map_err(WorkerFailure::Machine)?;
        let answer = worker.ask(&Request::Toolchain, &[], STARTING, &mut |_| Go::On)?;
        let loaded = worker.loaded();
        self.keep(Material::Charter, worker);
        match answer {
            Answer::Toolchain { made_by } => Ok((made_by, loaded)),
            _ => Err(WorkerFailure::Machine(io::ErrorKind::InvalidData.into())),
        }
    }

    fn keep(&self, material: Material, worker: Worker) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push((material, worker));
            if idle.len() > MOST_IDLE {
                idle.remove(0);
            }
        }
    }

    /// A worker that has read nothing else. One that died while it waited (the
    /// kernel takes idle ones first when memory runs out) is nobody's fault.
    fn free(&self, material: &Material) -> Option<Worker> {
        let mut idle = self.idle.lock().ok()?;
        while let Some(place) = idle.iter().position(|(read, _)| read == material) {
            let (_, worker) = idle.remove(place);
            if worker.is_alive() {
                return Some(worker);
            }
        }
        None
    }

    /// Processor time that answered requests took, by kind of work.
    pub fn spent(&self) -> BTreeMap<Task, Duration> {
        self.spent.lock().map(|s| s.clone()).unwrap_or_default()
    }

    pub fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks a free worker, or a new one; `material` is what the files hold.
    pub fn ask(
        &self,
        material: Material,
        request: &Request,
        files: &[BorrowedFd<'_>],
        allowed: Duration,
        hear: &mut dyn FnMut(&Message) -> Go,
    ) -> Result<Answer, WorkerFailure> {
        debug_assert!(material.allows(request.task()), "{:?}", request.task());
        let mut worker = match self.free(&material) {
            Some(worker) => worker,
            None => Worker::start(self.baseline_cpu).map_err(WorkerFailure::Machine)?,
        };
        let answer = worker.ask(request, files, allowed, hear);
        if let Some(missing) = worker.known_missing() {
            self.missing.get_or_init(|| missing.to_vec());
        }
        if let Ok(mut spent) = self.spent.lock() {
            let so_far = spent.entry(request.task()).or_default();
            *so_far = so_far.saturating_add(worker.spent);
        }
        let lives = matches!(answer, Ok(_) | Err(WorkerFailure::Media(_)));
        if lives && material != Material::Once {
            self.keep(material, worker);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::digest::Digest;

    #[test]
    fn nobody_judges_what_he_made() {
        let id = Id::new("a").expect("an id");
        let clip = SourceDigest(Digest::of(b"clip"));
        let all = [
            Material::Charter,
            Material::Clip(clip),
            Material::Encoded(id.clone()),
            Material::Proof(id),
        ];
        let judges: Vec<&Material> = all.iter().filter(|m| m.allows(Task::Verify)).collect();
        assert_eq!(judges, [&all[3]]);
        for task in [
            Task::Look,
            Task::Cards,
            Task::Render,
            Task::Sound,
            Task::Mux,
            Task::Stills,
        ] {
            assert!(!all[3].allows(task), "{task:?}");
        }
    }
}
