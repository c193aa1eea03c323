//! Capsules that are made, on their way into the trees: each is published as
//! soon as it is complete, while others still encode. A publication looks
//! through all that is published; how often that is done keeps it at a small
//! part of the work, however large the series.

use crate::pipeline::assemble::Packaged;
use crate::pipeline::publication::Made;
use crate::pipeline::record::{Built, Record};
use crate::pipeline::stale::{self, Stale};
use crate::pipeline::survey::Surveyed;
use crate::pipeline::trees::{Standing, Trees, publish, trees, untouched};
use crate::pipeline::{Settings, Summary, Tell};
use crate::publish::manifest;
use crate::render::{Failure, Workshop};
use crate::series::Series;
use crate::values::audience::Audience;
use crate::values::ids::Id;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Between two publications so many times as long as the last one took.
const BREATH: u32 = 20;

/// What publishing needs and does not change.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) settings: &'a Settings,
    pub(super) workshop: &'a Workshop,
    pub(super) series: &'a Series,
    /// As they stood before anything was made.
    pub(super) former: &'a Trees,
    /// Capsules that no tree may show.
    pub(super) withheld: &'a BTreeSet<Id>,
    /// Those of which every file is as it was left.
    pub(super) untouched: &'a BTreeSet<Audience>,
    pub(super) tell: Tell<'a>,
}

pub(super) struct Shelf<'a> {
    place: Place<'a>,
    notes: PathBuf,
    state: Mutex<State<'a>>,
    /// Held by whoever publishes.
    press: Mutex<Press>,
}

struct State<'a> {
    record: Record,
    ready: Vec<(&'a Surveyed, Packaged)>,
    /// Whether anything that waits is new to the trees.
    is_news: bool,
    made: BTreeSet<Id>,
    renewed: BTreeSet<Id>,
}

#[derive(Default)]
struct Press {
    published: bool,
    last: Option<Instant>,
    took: Duration,
    summary: Summary,
}

/// What became of the capsules.
pub(super) struct Shelved {
    pub(super) record: Record,
    pub(super) made: BTreeSet<Id>,
    pub(super) renewed: BTreeSet<Id>,
}

fn whole<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Shelf<'a> {
    pub(super) fn new(place: Place<'a>, notes: PathBuf, record: Record) -> Shelf<'a> {
        Shelf {
            place,
            notes,
            state: Mutex::new(State {
                record,
                ready: Vec::new(),
                is_news: false,
                made: BTreeSet::new(),
                renewed: BTreeSet::new(),
            }),
            press: Mutex::default(),
        }
    }

    /// What is remembered of a capsule.
    pub(super) fn built(&self, id: &Id) -> Option<Built> {
        whole(&self.state).record.capsules.get(id).cloned()
    }

    /// Takes a capsule, and publishes what is there when it is time to.
    ///
    /// # Errors
    /// When the trees cannot be written.
    pub(super) fn put(&self, surveyed: &'a Surveyed, packaged: Packaged) -> Result<(), Failure> {
        {
            let mut state = whole(&self.state);
            let id = &surveyed.capsule.id;
            let entry = self.place.former.get(&Audience::Private);
            let entry = entry.and_then(|private| private.capsule(id));
            let same = entry.is_some_and(|entry| says_the_same(entry, &packaged.files.entry));
            state.is_news |= packaged.renewed || !same;
            state.made.insert(id.clone());
            if packaged.renewed {
                state.renewed.insert(id.clone());
            }
            state.ready.push((surveyed, packaged));
            if !state.is_news {
                return Ok(());
            }
        }
        match self.press.try_lock() {
            Ok(mut press) if press.is_due() => self.publish(&mut press),
            Ok(_) | Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Poisoned(broken)) => self.publish(&mut broken.into_inner()),
        }
    }

    /// Publishes what waits.
    fn publish(&self, press: &mut Press) -> Result<(), Failure> {
        let Place {
            settings,
            series,
            former,
            withheld,
            untouched,
            tell,
            ..
        } = self.place;
        let began = Instant::now();
        let (batch, made) = {
            let mut state = whole(&self.state);
            state.is_news = false;
            let mut made: BTreeMap<Id, Made> = BTreeMap::new();
            let mut batch = Vec::new();
            for (surveyed, packaged) in std::mem::take(&mut state.ready) {
                let id = &surveyed.capsule.id;
                press.summary.encoded_segments += packaged.healed.segments;
                press.summary.encoded_frames += packaged.healed.frames;
                made.insert(id.clone(), packaged.files);
                batch.push((id, packaged.prints));
                // A kill from here on must not let what is in the trees then
                // pass for what stands in the record now.
                let known = state.record.capsules.get(id);
                // What was packaged is all there.
                let mut built = stale::built(series, surveyed, known, |_| true);
                for (profile, now) in &batch[batch.len() - 1].1.profiles {
                    let noted = built.profiles.entry(profile.clone()).or_default();
                    noted.published = noted.published.filter(|former| former == now);
                }
                let stills = batch[batch.len() - 1].1.stills;
                built.stills = built.stills.filter(|&former| Some(former) == stills);
                state.record.capsules.insert(id.clone(), built);
            }
            state.record.write(&self.notes)?;
            (batch, made)
        };
        let mut known = whole(&self.state).record.trees.clone();
        let (again, changed);
        let (former, untouched) = if press.published {
            again = trees(settings, series, tell)?.unwrap_or_default();
            changed = self::untouched(&settings.dist(), &known);
            (&again, &changed)
        } else {
            (former, untouched)
        };
        let stand = Standing {
            former,
            untouched,
            known: &mut known,
        };
        publish(
            settings,
            series,
            &made,
            withheld,
            stand,
            tell,
            &mut press.summary,
        )?;
        press.published = true;
        {
            let mut state = whole(&self.state);
            state.record.trees = known;
            for (id, prints) in batch {
                let built = state.record.capsules.entry(id.clone()).or_default();
                for (profile, now) in prints.profiles {
                    let noted = built.profiles.entry(profile).or_default();
                    noted.published = Some(now);
                }
                built.stills = prints.stills;
            }
            state.record.write(&self.notes)?;
        }
        press.took = began.elapsed();
        press.last = Some(Instant::now());
        Ok(())
    }

    /// Publishes what is left and gives back what is known. After a failure of
    /// the machine nothing more is published; after an interruption, what is
    /// complete. What publishing and healing did is counted in either case.
    ///
    /// # Errors
    /// As the build failed, or when the trees cannot be written.
    pub(super) fn close(
        self,
        failed: &BTreeMap<Id, Failure>,
        planned: &[(&Surveyed, Stale)],
        summary: &mut Summary,
    ) -> Result<Shelved, Failure> {
        let ended = self.end(failed, planned);
        let press = self.press.into_inner();
        summary.add(press.unwrap_or_else(PoisonError::into_inner).summary);
        ended?;
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        Ok(Shelved {
            record: state.record,
            made: state.made,
            renewed: state.renewed,
        })
    }

    fn end(
        &self,
        failed: &BTreeMap<Id, Failure>,
        planned: &[(&Surveyed, Stale)],
    ) -> Result<(), Failure> {
        {
            // What is finished is remembered even when the build ends here.
            let mut state = whole(&self.state);
            for (surveyed, _) in planned {
                let id = &surveyed.capsule.id;
                if !state.made.contains(id) {
                    let known = state.record.capsules.get(id);
                    let is_there = |key| self.place.workshop.store.contains(key);
                    let built = stale::built(self.place.series, surveyed, known, is_there);
                    state.record.capsules.insert(id.clone(), built);
                }
            }
        }
        let machine = failed.values().find_map(|f| match f {
            Failure::Machine(problem) => Some(problem),
            _ => None,
        });
        let interrupted = failed.values().any(|f| matches!(f, Failure::Interrupted));
        let nothing_waits = whole(&self.state).ready.is_empty();
        if machine.is_some() || interrupted && nothing_waits {
            whole(&self.state).record.write(&self.notes)?;
        } else {
            self.publish(&mut whole(&self.press))?;
        }
        if let Some(problem) = machine {
            return Err(Failure::Machine(problem.clone()));
        }
        if interrupted {
            return Err(Failure::Interrupted);
        }
        Ok(())
    }
}

/// Whether a published entry says what this one will: what the site adds to it
/// follows from the rest.
fn says_the_same(published: &manifest::Capsule, now: &manifest::Capsule) -> bool {
    let bare = manifest::Capsule {
        transcripts: now.transcripts.clone(),
        structured_data: now.structured_data.clone(),
        embed: now.embed.clone(),
        ..published.clone()
    };
    bare == *now
}

impl Press {
    fn is_due(&self) -> bool {
        self.last
            .is_none_or(|last| last.elapsed() >= self.took * BREATH)
    }
}
