//! The work of a build, handed to as many threads as there are workers: jobs,
//! sound, and the packaging of every capsule as soon as it lacks nothing more.
//!
//! Capsules follow one another, the longest first, so that each is complete
//! (and published) early; what is left at the end is split until everybody has
//! a part of it.

use crate::pipeline::Settings;
use crate::pipeline::stale::{self, Rung, Stale};
use crate::pipeline::survey::Surveyed;
use crate::plan::jobs::{Job, jobs};
use crate::plan::recipe::AudioRecipe;
use crate::render::{Failure, Workshop};
use crate::values::digest::{Key, Recipe};
use crate::values::geometry::Size;
use crate::values::ids::Id;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One thing to do for a capsule.
pub(super) enum Task<'a> {
    Segments(&'a Surveyed, Job),
    Sound(&'a Surveyed, &'a AudioRecipe),
    /// Nothing is lacking any more, or what failed elsewhere is made here.
    Package(&'a Surveyed),
}

impl<'a> Task<'a> {
    pub(super) fn surveyed(&self) -> &'a Surveyed {
        match self {
            Task::Segments(s, _) | Task::Sound(s, _) | Task::Package(s) => s,
        }
    }

    /// Sound costs about as much as a second of a small rung for each second.
    fn cost(&self) -> u64 {
        match self {
            Task::Segments(_, job) => job.pixels(),
            Task::Sound(s, _) => s.facts.video.frames * 640 * 360,
            Task::Package(_) => 0,
        }
    }
}

/// A task, and the capsules that cannot be packaged before it is done.
struct Step<'a> {
    task: Task<'a>,
    awaited_by: Vec<usize>,
}

struct Board<'a> {
    steps: VecDeque<Step<'a>>,
    /// How many steps each capsule of the plan waits for.
    lacking: Vec<usize>,
    running: usize,
    failed: BTreeMap<Id, Failure>,
}

/// What is to be done, by whoever is free.
pub(super) struct Work<'a> {
    plan: &'a [(&'a Surveyed, Stale)],
    threads: u64,
    board: Mutex<Board<'a>>,
    changed: Condvar,
}

/// Below this a split costs more than it saves: the clip is opened twice. About
/// two seconds of one core.
const SMALLEST: u64 = 50_000_000;

/// Bytes that a worker needs for itself, and for each pixel that it decodes or
/// encodes at once: x264 keeps some forty frames of each rung. Full HD on the
/// five rungs of both built-in profiles was measured at 840 MB.
const OWN_MEMORY: u64 = 100 << 20;
const PER_PIXEL: u64 = 100;

/// As many workers at once as were asked for and fit in the memory that was
/// granted; one at least.
pub(super) fn affordable(plan: &[(&Surveyed, Stale)], settings: &Settings) -> usize {
    let Some(granted) = settings.memory else {
        return settings.jobs;
    };
    let pixels = |size: Size| u64::from(size.width) * u64::from(size.height);
    let need = plan.iter().map(|(surveyed, stale)| {
        let rungs: BTreeSet<Rung> = stale.segments.iter().map(stale::rung).collect();
        let rungs: u64 = rungs.into_iter().map(|(size, ..)| pixels(size)).sum();
        OWN_MEMORY + PER_PIXEL * (rungs + pixels(surveyed.facts.video.coded))
    });
    let fitting = granted / need.max().unwrap_or(OWN_MEMORY);
    usize::try_from(fitting)
        .unwrap_or(usize::MAX)
        .clamp(1, settings.jobs)
}

impl<'a> Work<'a> {
    pub(super) fn new(
        plan: &'a [(&'a Surveyed, Stale)],
        workshop: &Workshop,
        threads: usize,
    ) -> Work<'a> {
        // A segment that several capsules show alike is made for the first.
        let mut maker: BTreeMap<Key, usize> = BTreeMap::new();
        for (n, (_, stale)) in plan.iter().enumerate() {
            maker.extend(stale.segments.iter().map(|recipe| (recipe.key(), n)));
        }
        let mut awaiting: BTreeMap<Key, BTreeSet<usize>> = BTreeMap::new();
        for (n, (surveyed, _)) in plan.iter().enumerate() {
            let rungs = surveyed.plans.iter().flat_map(|p| &p.renditions);
            for key in rungs.flat_map(|r| &r.keys) {
                if maker.get(key).is_some_and(|&m| m != n) {
                    awaiting.entry(*key).or_default().insert(n);
                }
            }
        }
        // With few capsules their jobs are cut finer, so that no worker idles.
        let busy = plan.iter().filter(|p| !p.1.segments.is_empty()).count();
        let parts = (3 * threads).div_ceil(busy.max(1));
        let mut lacking = vec![0; plan.len()];
        let mut capsules: Vec<Vec<Step<'a>>> = Vec::new();
        for (n, (surveyed, stale)) in plan.iter().enumerate() {
            let mut steps = Vec::new();
            for job in jobs(&surveyed.capsule.id, stale.segments.clone(), parts) {
                let mut waiting = BTreeSet::from([n]);
                for recipe in job.groups.iter().flatten() {
                    waiting.extend(awaiting.get(&recipe.key()).into_iter().flatten());
                }
                steps.push(Step {
                    task: Task::Segments(surveyed, job),
                    awaited_by: waiting.into_iter().collect(),
                });
            }
            let tracks: BTreeMap<Key, &AudioRecipe> = surveyed
                .plans
                .iter()
                .filter(|p| surveyed.is_chosen(&p.profile))
                .filter_map(|p| p.audio.as_ref())
                .map(|track| (track.key(), track))
                .filter(|(key, _)| !workshop.store.contains(*key))
                .collect();
            steps.extend(tracks.into_values().map(|track| Step {
                task: Task::Sound(surveyed, track),
                awaited_by: vec![n],
            }));
            steps.sort_by_key(|step| std::cmp::Reverse(step.task.cost()));
            for waiting in steps.iter().flat_map(|step| &step.awaited_by) {
                lacking[*waiting] += 1;
            }
            capsules.push(steps);
        }
        let cost = |steps: &[Step<'_>]| steps.iter().map(|s| s.task.cost()).sum::<u64>();
        capsules.sort_by_cached_key(|steps| std::cmp::Reverse(cost(steps)));
        // What lacks nothing is looked at first, and costs next to nothing.
        let whole = plan.iter().zip(&lacking).filter(|(_, n)| **n == 0);
        let whole = whole.map(|((surveyed, _), _)| Step {
            task: Task::Package(surveyed),
            awaited_by: Vec::new(),
        });
        Work {
            plan,
            threads: threads.max(1) as u64,
            board: Mutex::new(Board {
                steps: whole.chain(capsules.into_iter().flatten()).collect(),
                lacking,
                running: 0,
                failed: BTreeMap::new(),
            }),
            changed: Condvar::new(),
        }
    }

    /// A thread that panicked has left the counts as they were.
    fn board(&self) -> MutexGuard<'_, Board<'a>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does everything; called by each thread. `act` may fail a capsule.
    pub(super) fn share(&self, act: &(dyn Fn(&Task<'a>) -> Result<(), Failure> + Sync)) {
        while let Some(step) = self.next() {
            let surveyed = step.task.surveyed();
            let id = &surveyed.capsule.id;
            let _panics = Panics(self);
            let done = if self.board().failed.contains_key(id) {
                Ok(())
            } else {
                act(&step.task)
            };
            self.finished(step.awaited_by, id, done);
        }
    }

    /// Lets the others end when one of us panics, so that it is told.
    fn give_up(&self) {
        let mut board = self.board();
        board.running -= 1;
        board.steps.clear();
        self.changed.notify_all();
    }

    fn next(&self) -> Option<Step<'a>> {
        let mut board = self.board();
        loop {
            if let Some(mut step) = board.steps.pop_front() {
                if let Some(rest) = self.too_much(&board, &mut step) {
                    for waiting in &rest.awaited_by {
                        board.lacking[*waiting] += 1;
                    }
                    board.steps.push_front(rest);
                    self.changed.notify_all();
                }
                board.running += 1;
                return Some(step);
            }
            // What is running may complete a capsule.
            if board.running == 0 {
                return None;
            }
            board = self
                .changed
                .wait(board)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Near the end a job is split, so that nobody is left with a long one.
    fn too_much(&self, board: &Board<'a>, step: &mut Step<'a>) -> Option<Step<'a>> {
        let Task::Segments(surveyed, job) = &mut step.task else {
            return None;
        };
        let left: u64 = board.steps.iter().map(|s| s.task.cost()).sum();
        let cost = job.pixels();
        // Two who share a group's rungs both decode its frames: only where
        // somebody would have nothing to do.
        let share = match job.groups.len() {
            1 if left >= (self.threads - 1) * cost / 2 => cost,
            _ => (left + cost) / (2 * self.threads),
        };
        if cost <= share.max(SMALLEST) {
            return None;
        }
        let rest = job.split()?;
        Some(Step {
            task: Task::Segments(surveyed, rest),
            awaited_by: step.awaited_by.clone(),
        })
    }

    fn finished(&self, awaited_by: Vec<usize>, id: &Id, done: Result<(), Failure>) {
        let mut board = self.board();
        board.running -= 1;
        if let Err(failure) = done {
            // A fault of the machine is told rather than the stops it causes.
            match board.failed.get(id) {
                Some(Failure::Machine(_)) => {}
                _ => {
                    board.failed.insert(id.clone(), failure);
                }
            }
        }
        for waiting in awaited_by {
            board.lacking[waiting] -= 1;
            let (surveyed, _) = &self.plan[waiting];
            if board.lacking[waiting] == 0 && !board.failed.contains_key(&surveyed.capsule.id) {
                board.steps.push_front(Step {
                    task: Task::Package(surveyed),
                    awaited_by: Vec::new(),
                });
            }
        }
        self.changed.notify_all();
    }

    /// What failed, capsule by capsule.
    pub(super) fn failed(self) -> BTreeMap<Id, Failure> {
        let board = self.board.into_inner();
        board.unwrap_or_else(PoisonError::into_inner).failed
    }
}

struct Panics<'w, 'a>(&'w Work<'a>);

impl Drop for Panics<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.give_up();
        }
    }
}
