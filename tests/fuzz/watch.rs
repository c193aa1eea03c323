//! Watches the program while it builds: its open files, its workers, and that
//! none of them is left when it has ended.

use crate::build::bench::Run;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Longer than any batch takes, whatever its clips do.
const DEADLINE: Duration = Duration::from_secs(3600);

pub struct Seen {
    pub run: Run,
    pub most_files: usize,
    pub most_workers: usize,
    /// Memory that the program and any one of its workers had at most, in KiB.
    pub most_memory: u64,
    pub most_of_worker: u64,
    pub survivors: Vec<i32>,
}

/// Runs the program; what it says goes through a file, because nobody reads
/// while it runs.
pub fn watched(mut command: Command, said: &Path) -> Seen {
    let errors = said.with_extension("errors");
    let file = |path: &Path| File::create(path).expect("made");
    command.stdout(file(said)).stderr(file(&errors));
    let mut program = command.spawn().expect("the program starts");
    let id = i32::try_from(program.id()).expect("an id");
    let began = Instant::now();
    let (mut most_files, mut most_workers) = (0, 0);
    let mut workers = BTreeMap::new();
    let (mut most_memory, mut most_of_worker) = (0, 0);
    let status = loop {
        if let Some(status) = program.try_wait().expect("a program") {
            break status;
        }
        if began.elapsed() > DEADLINE {
            program.kill().expect("ended");
            panic!("the build does not end");
        }
        let open = fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
        most_files = most_files.max(open);
        let now = children(id);
        most_workers = most_workers.max(now.len());
        most_memory = most_memory.max(peak(id));
        let peaks = now.keys().map(|&worker| peak(worker));
        most_of_worker = most_of_worker.max(peaks.max().unwrap_or(0));
        workers.extend(now);
        std::thread::sleep(Duration::from_millis(50));
    };
    // The kernel ends the workers of a program that is gone, and takes a moment.
    let ended = Instant::now();
    let survivors = loop {
        let alive = workers
            .iter()
            .filter(|(id, born)| stat(**id).is_some_and(|s| s.born == **born));
        let alive: Vec<i32> = alive.map(|(id, _)| *id).collect();
        if alive.is_empty() || ended.elapsed() > Duration::from_secs(10) {
            break alive;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let read = |path: &Path| fs::read(path).expect("readable");
    let run = Run::of(Output {
        status,
        stdout: read(said),
        stderr: read(&errors),
    });
    Seen {
        run,
        most_files,
        most_workers,
        most_memory,
        most_of_worker,
        survivors,
    }
}

/// The most memory that a process has had so far, in KiB.
fn peak(id: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let amount = line.and_then(|l| l.trim().strip_suffix(" kB"));
    amount.and_then(|a| a.parse().ok()).unwrap_or(0)
}

/// What a build that has ended may not leave in the series: files on the way to
/// the store or to the publication.
pub fn leftovers(series: &Path) -> Vec<String> {
    let hidden = series.join(".portevoix");
    let below = walkdir::WalkDir::new(&hidden).into_iter().flatten();
    let names = below.filter_map(|e| {
        let below = e.path().strip_prefix(&hidden).ok()?;
        Some(below.display().to_string())
    });
    let on_the_way = |name: &String| {
        let last = name.rsplit('/').next().unwrap_or(name);
        last.starts_with("ready-") || last.starts_with('.') || name.contains("/tmp/")
    };
    names.filter(|n| !n.is_empty()).filter(on_the_way).collect()
}

struct Stat {
    parent: i32,
    /// With the id, what tells a process from a later one of the same id.
    born: u64,
}

fn stat(id: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before it may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        born: fields.get(19)?.parse().ok()?,
    })
}

pub fn children(parent: i32) -> BTreeMap<i32, u64> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    let children = ids.filter_map(|id| Some((id, stat(id)?)));
    children
        .filter(|(_, s)| s.parent == parent)
        .map(|(id, s)| (id, s.born))
        .collect()
}
