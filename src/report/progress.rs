//! How far a build is: bars on a terminal (overall, and one for each worker),
//! else a line now and then.

use crate::report::words::Lang;
use crate::values::ids::Id;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Off a terminal, at most one line in this time.
const SILENCE: Duration = Duration::from_secs(10);

pub struct Progress {
    bars: Option<MultiProgress>,
    lang: Lang,
    state: Mutex<Counting>,
}

struct Counting {
    total: u64,
    done: u64,
    began: Instant,
    last_said: Instant,
    overall: Option<ProgressBar>,
    workers: BTreeMap<usize, ProgressBar>,
}

/// A moment of a build.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    pub encoded: u64,
    pub total: u64,
    pub left: Option<Duration>,
}

impl Progress {
    pub fn new(watched: bool, lang: Lang) -> Progress {
        let now = Instant::now();
        Progress {
            bars: watched.then(MultiProgress::new),
            lang,
            state: Mutex::new(Counting {
                total: 0,
                done: 0,
                began: now,
                last_said: now,
                overall: None,
                workers: BTreeMap::new(),
            }),
        }
    }

    /// So many frames will be encoded.
    pub fn begin(&self, frames: u64) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        state.total = frames;
        state.began = Instant::now();
        state.last_said = state.began;
        if let (Some(bars), true) = (&self.bars, frames > 0) {
            let template = match self.lang {
                Lang::French => "{bar:30} {percent:>3} %  {pos}/{len} images, reste {eta}",
                Lang::English => "{bar:30} {percent:>3} %  {pos}/{len} frames, {eta} left",
            };
            let bar = bars.add(ProgressBar::new(frames));
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            state.overall = Some(bar);
        }
    }

    /// So many frames more are done, on this thread's worker. Gives a moment
    /// to say when nobody watches bars and it is time for a line.
    pub fn advance(&self, capsule: &Id, frames: u64) -> Option<Moment> {
        let mut state = self.state.lock().ok()?;
        state.done += frames;
        if let Some(bars) = &self.bars {
            if let Some(overall) = &state.overall {
                overall.inc(frames);
            }
            let worker = rayon::current_thread_index().unwrap_or(0);
            let bar = state.workers.entry(worker).or_insert_with(|| {
                let bar = bars.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("  {prefix}  {msg}") {
                    bar.set_style(style);
                }
                bar
            });
            bar.set_prefix((worker + 1).to_string());
            bar.set_message(capsule.to_string());
            bar.tick();
            return None;
        }
        if state.last_said.elapsed() < SILENCE {
            return None;
        }
        state.last_said = Instant::now();
        let spent = state.began.elapsed();
        let left = state.total.saturating_sub(state.done);
        Some(Moment {
            encoded: state.done,
            total: state.total,
            left: (state.done > 0).then(|| spent.mul_f64(left as f64 / state.done as f64)),
        })
    }

    /// Prints without tearing the bars.
    pub fn aside(&self, print: impl FnOnce()) {
        match &self.bars {
            Some(bars) => bars.suspend(print),
            None => print(),
        }
    }

    pub fn finish(&self) {
        if let (Some(bars), Ok(mut state)) = (&self.bars, self.state.lock()) {
            state.workers.clear();
            state.overall = None;
            // A terminal that cannot be cleared shows a finished bar.
            let _ = bars.clear();
        }
    }
}
