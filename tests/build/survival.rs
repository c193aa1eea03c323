//! Killed workers, killed builds, Ctrl-C: nothing that was finished is lost,
//! and what comes of it is what an undisturbed build makes.

use super::bench::{Run, SEGMENTS, Series, differing};
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Starts a build from nothing and waits until its first segment is stored.
fn under_way(series: &Series, arguments: &[&str]) -> Child {
    let mut command = series.command(arguments);
    let mut build = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let stored = series.path(".portevoix/store/v1/segment");
    until(|| {
        stored.is_dir() && !series.objects("segment").is_empty()
            || build.try_wait().is_ok_and(|e| e.is_some())
    });
    build
}

fn until(mut done: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(120);
    while !done() {
        assert!(Instant::now() < patience, "nothing happens");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn ended(build: Child) -> Run {
    Run::of(build.wait_with_output().expect("it ends"))
}

fn signal(name: &str, process: u32) {
    super::bench::program(
        "kill",
        &[name, &process.to_string()],
        std::path::Path::new("/"),
    );
}

/// Processes whose parent is `parent`.
fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("a Linux").flatten();
    let numbers = all.filter_map(|e| e.file_name().to_str()?.parse().ok());
    let of = |process: &u32| {
        let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name, in parentheses, may hold anything.
        let rest = status.rsplit(')').next().unwrap_or_default();
        rest.split_whitespace().nth(1) == Some(&parent.to_string())
    };
    numbers.filter(of).collect()
}

fn equals_an_undisturbed_build(series: &Series) {
    let built = Series::built();
    assert_eq!(
        differing(&series.path("dist"), &built.path("dist")),
        [""; 0]
    );
}

#[test]
fn a_killed_worker_fails_its_capsule_and_the_next_build_finishes() {
    let series = Series::two();
    let build = under_way(&series, &["build", "--jobs", "1"]);
    let workers = children(build.id());
    assert!(!workers.is_empty());
    workers.iter().for_each(|&w| signal("-KILL", w));
    let run = ended(build).ends(1);
    // Each of them was at work for one capsule, or idle; which, is chance.
    let states = [run.state("a"), run.state("b")];
    let failed = states.iter().filter(|&&state| state == "failed").count();
    assert!((1..=workers.len()).contains(&failed), "{run:#?}");
    let died = run
        .of_kind("diagnostic")
        .filter(|d| d["id"] == "worker-died");
    assert_eq!(died.count(), failed, "{run:#?}");
    let built = states.iter().filter(|&&state| state == "built").count();
    assert_eq!(failed + built, 2, "{run:#?}");
    if built > 0 {
        assert_eq!(series.published("public").len(), built);
    }
    let next = series.build().ends(0);
    assert_eq!(
        run.encoded() + next.encoded(),
        SEGMENTS,
        "nothing is encoded twice"
    );
    equals_an_undisturbed_build(&series);
}

#[test]
fn after_ctrl_c_no_finished_segment_is_encoded_again() {
    let series = Series::two();
    let build = under_way(&series, &["build"]);
    signal("-INT", build.id());
    let run = ended(build).ends(130);
    assert!((1..SEGMENTS).contains(&run.encoded()), "{run:#?}");
    let next = series.build().ends(0);
    // What was never made is not called lost.
    let reasons = next.of_kind("job").flat_map(|j| j["reasons"].as_array());
    let reasons: Vec<&str> = reasons
        .flatten()
        .filter_map(|why| why["reason"].as_str())
        .collect();
    assert!(reasons.iter().all(|&r| r == "new"), "{reasons:?}");
    assert!(!reasons.is_empty());
    assert_eq!(run.encoded() + next.encoded(), SEGMENTS);
    equals_an_undisturbed_build(&series);
}

/// Twice is at once: the running segments are lost, nothing else.
#[test]
fn ctrl_c_twice_ends_at_once() {
    let series = Series::two();
    let mut build = under_way(&series, &["build", "--jobs", "1"]);
    signal("-INT", build.id());
    // It may have ended by the first; there is nobody to interrupt then.
    until(|| {
        let ended = build.try_wait().expect("a child").is_some();
        if !ended {
            signal("-INT", build.id());
        }
        ended
    });
    assert_eq!(build.wait().expect("ended").code(), Some(130));
    let kept = series.objects("segment").len() as u64;
    assert_eq!(kept + series.build().ends(0).encoded(), SEGMENTS);
    equals_an_undisturbed_build(&series);
}

#[test]
fn a_killed_build_is_finished_by_the_next() {
    let series = Series::two();
    let mut build = under_way(&series, &["build"]);
    let workers = children(build.id());
    build.kill().expect("killed");
    build.wait().expect("reaped");
    let gone = |process: &u32| !fs::exists(format!("/proc/{process}/exe")).unwrap_or(false);
    until(|| workers.iter().all(gone));
    let kept = series.objects("segment").len() as u64;
    assert!(kept > 0);
    let next = series.build().ends(0);
    assert_eq!(kept + next.encoded(), SEGMENTS);
    equals_an_undisturbed_build(&series);
}

#[test]
fn a_second_build_at_the_same_time_is_refused() {
    let series = Series::built();
    let lock = fs::File::options()
        .write(true)
        .open(series.path(".portevoix/lock"))
        .expect("a lock");
    lock.lock().expect("held");
    assert!(series.build().ends(3).errors_found().contains(&"lock-held"));
    lock.unlock().expect("let go");
    series.build().ends(0);
}

/// Ctrl-Z stops workers too, and waking goes on where it stood.
#[test]
fn ctrl_z_pauses_and_goes_on() {
    let series = Series::two();
    let build = under_way(&series, &["build", "--jobs", "1", "--nice", "1"]);
    let state = |process: u32| {
        let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let rest = status.rsplit(')').next().unwrap_or_default().to_owned();
        rest.split_whitespace().next().unwrap_or("gone").to_owned()
    };
    signal("-TSTP", build.id());
    // It may have ended before the signal came.
    until(|| matches!(state(build.id()).as_str(), "T" | "Z" | "gone"));
    let workers = children(build.id());
    if state(build.id()) == "T" {
        // One that was just born has not been asked for anything, and sleeps.
        until(|| {
            workers
                .iter()
                .all(|&w| !matches!(state(w).as_str(), "R" | "D"))
        });
        let stored = series.objects("segment").len();
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(series.objects("segment").len(), stored, "nobody works");
        signal("-CONT", build.id());
    }
    let run = ended(build).ends(0);
    assert_eq!(run.encoded(), SEGMENTS);
    equals_an_undisturbed_build(&series);
}

#[test]
fn a_capsule_is_published_while_another_encodes() {
    let series = Series::two();
    let mut build = under_way(&series, &["build", "--jobs", "1"]);
    let manifest = series.path("dist/private/manifest.json");
    until(|| manifest.exists() || build.try_wait().is_ok_and(|e| e.is_some()));
    assert!(build.try_wait().is_ok_and(|e| e.is_none()), "still at it");
    assert_eq!(series.published("private").len(), 1);
    ended(build).ends(0);
    assert_eq!(series.published("private").len(), 2);
    equals_an_undisturbed_build(&series);
}

#[test]
fn a_clip_is_read_through_and_never_held_in_memory() {
    const FRAMES: u64 = 440;
    let mut series = Series::new();
    let place = series.path("footage/large.avi");
    fs::create_dir_all(series.path("footage")).expect("made");
    let picture = format!("testsrc=s=640x360:r=25,trim=end_frame={FRAMES}");
    let file = place.display().to_string();
    let coding = ["-c:v", "rawvideo", "-pix_fmt", "bgr24", file.as_str()];
    let mut arguments = vec!["-nostdin", "-v", "error", "-f", "lavfi", "-i", &picture];
    arguments.extend(coding);
    super::bench::program("ffmpeg", &arguments, series.folder());
    let bytes = fs::metadata(&place).expect("made").len();
    assert!(bytes > FRAMES * 640 * 360 * 3);
    series.row("large", &[("question", "La peur")]);

    // The largest of the program and of all that it started, in kibibytes.
    let command = series.command(&["build", "--jobs", "1"]);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let measured = std::process::Command::new("python3")
        .arg("-c")
        .arg(
            "import resource, subprocess, sys\n\
             code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n\
             print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
        )
        .args(words)
        .output()
        .expect("python3");
    let said = String::from_utf8_lossy(&measured.stdout).into_owned();
    let (code, most) = said.trim().split_once(' ').expect("two numbers");
    assert_eq!(code, "0", "{said}");
    let most: u64 = most.parse().expect("a number");
    assert!(
        most * 1024 < bytes,
        "{most} KiB for a clip of {bytes} bytes"
    );
}
