//! Clips that mean harm: dozens of shapes in one series, beside films that are
//! sound. Each is refused with its reason or published without what it points
//! at, nothing outside the series is opened, nobody is called, and the sound
//! films are published.

#[path = "hostile/bytes.rs"]
pub(crate) mod bytes;
#[path = "hostile/canary.rs"]
mod canary;
#[path = "hostile/measures.rs"]
mod measures;
#[path = "hostile/places.rs"]
mod places;
#[path = "hostile/references.rs"]
mod references;

use crate::build::bench::{Run, Series, files, once, program};
use canary::{Canary, SECRET};
use portevoix::media::{input, probe};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// One rung, no cards: most of these clips are ten small pictures.
pub const PROFILE: &str = "package = \"mp4\"\ncards = []\n[audio]\ncodec = \"aac\"\nkbps = 64\n\
    [[rung]]\nheight = 144\npreset = \"ultrafast\"\ncrf = 40\n";

/// Sound films, and where everything else points.
pub struct Scene {
    canary: Canary,
    film: Vec<u8>,
    fragments: Vec<u8>,
    avi: Vec<u8>,
    png_mov: Vec<u8>,
    live_mkv: Vec<u8>,
    attached: Vec<u8>,
    mxf: Vec<u8>,
    nut: Vec<u8>,
}

impl Scene {
    fn new(folder: &Path) -> Scene {
        let film = made("film.mp4", "-c:v libx264 -g 5 -bf 0 -c:a aac");
        let secret = folder.join("attached.txt");
        fs::write(&secret, SECRET).expect("written");
        let attach = format!(
            "-c:v libx264 -c:a aac -attach {} -metadata:s:t mimetype=text/plain \
             -metadata title={SECRET} -metadata:s:v title={SECRET}",
            secret.display()
        );
        let attached = folder.join("attached.mkv");
        film_into(&attached, &attach);
        Scene {
            canary: Canary::new(folder, &film),
            film,
            fragments: made(
                "fragments.mp4",
                "-c:v libx264 -bf 0 -c:a aac -movflags frag_keyframe+empty_moov",
            ),
            avi: made("mjpeg.avi", "-c:v mjpeg -an"),
            png_mov: made("png.mov", "-c:v png -an"),
            live_mkv: made("live.mkv", "-c:v libx264 -c:a aac -f matroska -live 1"),
            attached: fs::read(attached).expect("readable"),
            mxf: made("essence.mxf", "-c:v mpeg2video -an -s 720x576"),
            nut: made("film.nut", "-c:v mpeg4 -an"),
        }
    }
}

/// A small film, made once.
pub fn made(name: &str, coding: &str) -> Vec<u8> {
    fs::read(once(name, |place| film_into(place, coding))).expect("readable")
}

fn film_into(place: &Path, coding: &str) {
    let input = "-nostdin -v error -f lavfi -i testsrc2=s=64x48:r=25:d=0.4 \
        -f lavfi -i sine=440:r=48000:d=0.4 -pix_fmt yuv420p -bitexact -threads 1";
    let place = place.display().to_string();
    let arguments = input.split_whitespace().chain(coding.split_whitespace());
    program(
        "ffmpeg",
        &arguments.chain([place.as_str()]).collect::<Vec<_>>(),
        Path::new("/"),
    );
}

/// What has to become of a clip.
pub enum Outcome {
    Published,
    /// A finding of this id; for a clip that cannot be used, also why, unless
    /// several reasons are as good.
    Refused(&'static str, &'static str),
}

pub fn published() -> Outcome {
    Outcome::Published
}

pub fn unusable(failure: &'static str) -> Outcome {
    Outcome::Refused("clip-unusable", failure)
}

pub struct Case {
    id: &'static str,
    /// As the catalogue names it.
    source: String,
    outcome: Outcome,
    place: Box<dyn Fn(&Path)>,
}

impl Case {
    /// Puts something under `footage/`; `source` is what the catalogue says.
    pub fn new(
        id: &'static str,
        source: &str,
        outcome: Outcome,
        place: impl Fn(&Path) + 'static,
    ) -> Case {
        Case {
            id,
            source: source.to_owned(),
            outcome,
            place: Box::new(place),
        }
    }

    pub fn of_bytes(id: &'static str, name: &str, bytes: Vec<u8>, outcome: Outcome) -> Case {
        let file = name.to_owned();
        Case::new(id, name, outcome, move |footage| {
            fs::write(footage.join(&file), &bytes).expect("written")
        })
    }
}

/// A series of these clips between two sound ones.
fn series(scene: &Scene, cases: &[Case]) -> Series {
    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    let footage = series.path("footage");
    let mut rows = vec![("sound-1", "sound-1.mp4")];
    rows.extend(cases.iter().map(|c| (c.id, c.source.as_str())));
    rows.push(("sound-2", "sound-2.mp4"));
    for sound in ["sound-1.mp4", "sound-2.mp4"] {
        fs::write(footage.join(sound), &scene.film).expect("written");
    }
    for case in cases {
        (case.place)(&footage);
    }
    for (id, source) in rows {
        series.row(
            id,
            &[
                ("question", "La peur"),
                ("fichier", &source.replace('"', "\"\"")),
            ],
        );
    }
    series
}

/// Builds under the eyes of `strace`: no socket but the workers' own, no file
/// of anybody's. What a worker tries is seen before its own confinement
/// answers.
fn build_watched(series: &Series, canary: &Canary) -> Run {
    let build = series.command(&["build", "--jobs", "2"]);
    let (output, trace) = watched(&build, canary);
    let run = Run::of(output);
    assert!(
        trace.contains("capsules.csv"),
        "the trace shows what is opened"
    );
    run
}

/// Runs a program under `strace`; what it and its children tried.
fn watched(program: &Command, canary: &Canary) -> (Output, String) {
    let trace = canary.file.with_file_name("trace");
    let mut watched = Command::new("strace");
    watched
        .args(["-f", "-qq", "-s", "512", "-e"])
        .arg("trace=connect,sendto,socket,openat,open,openat2")
        .arg("-o")
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args())
        .env_remove("PORTEVOIX_STORE");
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => watched.env(name, value),
            None => watched.env_remove(name),
        };
    }
    let output = watched.output().expect("strace starts");
    let trace = fs::read_to_string(trace).expect("a trace");
    for line in trace.lines() {
        let network = line.contains("connect(") || line.contains("AF_INET");
        assert!(!network && !line.contains("canary"), "{line}");
    }
    (output, trace)
}

/// Every clip ended as it had to, and the sound ones are published.
fn assert_outcomes(run: &Run, series: &Series, cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let errors = run
            .of_kind("diagnostic")
            .filter(|e| e["capsule"] == case.id && e["severity"] == "error");
        let found: Vec<(&Value, &Value)> = errors
            .map(|e| (&e["id"], &e["facts"]["failure"]["failure"]))
            .collect();
        let state = run.state(case.id);
        let right = match case.outcome {
            Outcome::Published => state == "built" && found.is_empty(),
            Outcome::Refused(id, failure) => {
                let told = found
                    .iter()
                    .any(|(found, why)| *found == id && (failure.is_empty() || *why == failure));
                state == "failed" && found.len() == 1 && told
            }
        };
        if !right {
            let why: Vec<&Value> = run
                .of_kind("diagnostic")
                .filter(|e| e["capsule"] == case.id && e["severity"] == "error")
                .map(|e| &e["message"])
                .collect();
            wrong.push(format!("{}: {state} {found:?} {why:?}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let published = series.published("public");
    for sound in ["sound-1", "sound-2"] {
        assert!(published.iter().any(|id| id == sound), "{sound}");
    }
}

/// The secret stands in no file that was written, as text or as wide text.
fn assert_secret_kept(series: &Series, run: &Run) {
    let wide: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for place in ["dist", ".portevoix", "report.html"] {
        for (path, bytes) in files(&series.path(place)) {
            for secret in [SECRET.as_bytes(), &wide] {
                assert!(
                    memchr::memmem::find(&bytes, secret).is_none(),
                    "{place}/{path}"
                );
            }
        }
    }
    assert!(!format!("{run:?}").contains(SECRET));
    let report = fs::read_to_string(series.path("report.html")).expect("a report");
    assert!(!report.contains("<img src=x") && !report.contains('\u{1b}'));
}

fn hold(cases: fn(&Scene) -> Vec<Case>) {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let cases = cases(&scene);
    let series = series(&scene, &cases);
    let run = build_watched(&series, &scene.canary).ends(1);
    scene.canary.assert_untouched();
    assert_outcomes(&run, &series, &cases);
    assert_secret_kept(&series, &run);
}

#[test]
fn clips_that_point_elsewhere_reach_nothing() {
    hold(references::cases);
}

/// The same without any sandbox: how FFmpeg is made to open a clip has to hold
/// alone.
#[test]
fn clips_that_point_elsewhere_reach_nothing_where_everything_may_be_opened() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let cases = references::cases(&scene);
    let footage = tempfile::tempdir().expect("a folder");
    for case in &cases {
        (case.place)(footage.path());
    }
    let mut child = Command::new(std::env::current_exe().expect("this binary"));
    child
        .args(["--exact", "hostile::reads_unconfined", "--ignored"])
        .args(["--nocapture", "--test-threads", "1"])
        .env("FOLDER", footage.path());
    let (output, trace) = watched(&child, &scene.canary);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    scene.canary.assert_untouched();
    for case in &cases {
        assert!(trace.contains(&case.source), "{} was opened", case.id);
        let read = said.contains(&format!("read {}\n", case.source));
        let published = matches!(case.outcome, Outcome::Published);
        assert_eq!(read, published, "{}: {said}", case.id);
    }
}

/// Not a test of its own: probes and decodes every clip of a folder, in a
/// process that may open what it likes.
#[test]
#[ignore = "the child of another test"]
fn reads_unconfined() {
    let folder = std::env::var("FOLDER").expect("a folder");
    assert!(fs::File::open("/etc/passwd").is_ok(), "no sandbox");
    for (name, _) in files(Path::new(&folder)) {
        let open = || fs::File::open(Path::new(&folder).join(&name)).expect("a clip");
        let facts = probe::probe(open());
        let frames = input::open(open()).map(|mut opened| opened.packets().count());
        println!("{name}: {frames:?} {:?}", facts.as_ref().err());
        if facts.is_ok() {
            println!("read {name}");
        }
    }
}

#[test]
fn clips_beyond_all_measure_are_refused() {
    hold(measures::cases);
}

#[test]
fn links_pipes_and_devices_are_not_followed() {
    hold(places::cases);
}
