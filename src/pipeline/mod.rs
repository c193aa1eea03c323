//! Floor 5: the straight line from a series folder to its publication. Each
//! step is a value handed to the next; what is decided is decided below.
//!
//! [`survey`] reads the series and says what is there, [`doctor`] what is
//! wrong with a clip; [`stale`] says what has
//! to be made and why; [`build`] makes and publishes it; [`record`] remembers
//! what was built last, to say why and to leave alone what is done.

mod assemble;
pub mod build;
pub mod captions;
mod doctor;
pub mod inputs;
pub mod inspect;
pub mod publication;
pub mod purge;
pub mod record;
pub mod servers;
mod shelf;
pub mod stale;
pub mod survey;
mod trees;
mod work;

use crate::render::art::Drawing;
use crate::render::toolchain::toolchain;
use crate::render::{Failure, Workshop};
use crate::store::{Store, StoreError};
use crate::values::diagnostic::Diagnostic;
use crate::values::examination::Examination;
use crate::values::facts::SourceFacts;
use crate::values::ids::Id;
use crate::values::time::Rational;
use crate::worker::pool::Pool;
use crate::worker::protocol::Task;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a person or script asked for, resolved: nothing below sees arguments.
#[derive(Clone, Debug)]
pub struct Settings {
    pub series: PathBuf,
    /// A store shared by several series; the series' own when `None`.
    pub store: Option<PathBuf>,
    /// Only these capsules; all when empty.
    pub only: Vec<String>,
    /// Only these profiles; all when empty.
    pub profiles: Vec<String>,
    /// Workers at once.
    pub jobs: usize,
    /// Bytes that workers may use in all.
    pub memory: Option<u64>,
    /// Outdated objects are made again.
    pub refresh: bool,
    /// Ids that are gone from the catalogue on purpose.
    pub remove: Vec<String>,
    /// Clips are looked through, not only probed.
    pub examine: bool,
    /// Workers compute with what every processor has.
    pub baseline_cpu: bool,
}

impl Settings {
    /// Our own folder in the series.
    pub fn hidden(&self) -> PathBuf {
        self.series.join(".portevoix")
    }

    pub fn dist(&self) -> PathBuf {
        self.series.join("dist")
    }

    /// Opens the store and makes ready to start workers. `stop` is set from
    /// outside to end early.
    ///
    /// # Errors
    /// When the store cannot be opened, or no worker started.
    pub fn workshop(&self, stop: Arc<AtomicBool>) -> Result<Workshop, Failure> {
        let store = self
            .store
            .clone()
            .unwrap_or_else(|| self.hidden().join("store"));
        mark_as_cache(&self.hidden())?;
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(self.jobs)
            .build()
            .map_err(|e| StoreError::new(&store, std::io::Error::other(e)))?;
        let pool = Pool::new(stop, self.baseline_cpu);
        let toolchain = toolchain(&pool, &self.hidden().join("toolchain.json"))?;
        Ok(Workshop {
            threads,
            store: Store::open(&store)?,
            pool,
            toolchain,
            series: self.series.clone(),
        })
    }
}

/// Backups pass over folders that carry this tag (bford.info/cachedir).
fn mark_as_cache(folder: &Path) -> Result<(), StoreError> {
    let tag = folder.join("CACHEDIR.TAG");
    if tag.exists() {
        return Ok(());
    }
    crate::store::write_durably(&tag, &[b"Signature: 8a477f597d28d172789f06886806bc55\n"])
}

/// What a build says while it works; `report` turns it into words.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    Diagnostic(Diagnostic),
    /// The card that a diagnostic is about; told before it.
    Drawn(Arc<(Diagnostic, Drawing)>),
    /// What a capsule's clip is; told before what is wrong with it.
    Clip(Box<ClipSeen>),
    /// A capsule's stale segments are about to be made, and why.
    Job {
        capsule: Id,
        reasons: Vec<stale::Why>,
    },
    /// Frames to encode in all, known before the first.
    Work {
        frames: u64,
    },
    /// So many frames more are encoded and stored.
    Encoded {
        capsule: Id,
        frames: u64,
    },
    Capsule {
        id: Id,
        state: State,
    },
    Summary(Summary),
}

/// A clip as it was probed and looked through.
#[derive(Clone, PartialEq, Debug)]
pub struct ClipSeen {
    pub capsule: Id,
    /// Relative to the series folder.
    pub path: PathBuf,
    pub facts: SourceFacts,
    /// Seconds that are kept, and what was found in them; `None` when the cut
    /// cannot be made.
    pub kept: Option<(Rational, Examination)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Published anew.
    Built,
    /// Published, and nothing had to be done.
    Fresh,
    /// Published; only a library of the machine is newer.
    Outdated,
    /// Has to be made, or made again.
    Stale,
    Failed,
    /// Not shown to anybody: by status, or because a profile may not.
    Withheld,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Summary {
    pub encoded_segments: u64,
    pub reused_segments: u64,
    pub outdated_segments: u64,
    pub encoded_frames: u64,
    pub built: u64,
    pub withheld: u64,
    pub failed: u64,
    /// Processor time of workers by kind of work, in milliseconds.
    pub worker_cpu_ms: BTreeMap<Task, u64>,
    /// Of the time that workers had between first and last job.
    #[serde(skip)]
    pub busy_percent: Option<u64>,
    #[serde(skip)]
    pub fresh: u64,
    #[serde(skip)]
    pub drafts: u64,
    /// Capsules that stood in some tree when the build began, and still may.
    #[serde(skip)]
    pub before: BTreeSet<Id>,
    /// Capsules that no tree may show any more, taken out first of all.
    #[serde(skip)]
    pub removed: BTreeSet<Id>,
    /// Capsules that stand in some tree at the end.
    #[serde(skip)]
    pub published: BTreeSet<Id>,
}

impl Summary {
    /// Counts in what happened while capsules were packaged and published.
    fn add(&mut self, other: Summary) {
        self.encoded_segments += other.encoded_segments;
        self.encoded_frames += other.encoded_frames;
        // What was made again after all was counted as there.
        self.reused_segments = self.reused_segments.saturating_sub(other.encoded_segments);
        self.published.extend(other.published);
    }
}

/// Hears events, from any thread.
pub type Tell<'a> = &'a (dyn Fn(Event) + Sync);

/// How a command ended, apart from what it found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    Done,
    /// The series cannot be understood: nothing was built.
    NotUnderstood,
    /// The machine's fault.
    Machine,
    Interrupted,
}
