//! What lies in `footage/` and is no clip, or is one by a name that somebody
//! may obey.

use super::{Case, Outcome, PROFILE, Scene, published, series, unusable};
use crate::build::bench::{BINARY, Run, Series, files, program};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub fn cases(scene: &Scene) -> Vec<Case> {
    let outside = || Outcome::Refused("clip-outside-footage", "");
    let missing = || Outcome::Refused("clip-missing", "");
    let no_file = || Outcome::Refused("clip-not-a-file", "");
    let canary = scene.canary.file.clone();
    let folder = canary.parent().expect("a folder").to_owned();
    let climbing = format!("{}{}", "../".repeat(20), canary.display());
    let film = scene.film.clone();
    let link = |id: &'static str, to: &Path, outcome| {
        let (name, to) = (format!("{id}.mp4"), to.to_owned());
        let source = name.clone();
        Case::new(id, &source, outcome, move |footage| {
            symlink(&to, footage.join(&name)).expect("linked")
        })
    };
    let mut cases = vec![
        link("link-absolute", &canary, outside()),
        link("link-climbing", Path::new(&climbing), outside()),
        link("link-relative", Path::new("../series.toml"), outside()),
        link("link-zero", Path::new("/dev/zero"), outside()),
        link("link-proc", Path::new("/proc/self/environ"), outside()),
        link("link-dangling", Path::new("nowhere.mp4"), missing()),
        link("link-to-itself", Path::new("link-to-itself.mp4"), missing()),
        link("link-first", Path::new("link-absolute.mp4"), outside()),
        link("link-inside", Path::new("sound-1.mp4"), published()),
        Case::new(
            "folder-link",
            "elsewhere/canary.mp4",
            missing(),
            move |footage| symlink(&folder, footage.join("elsewhere")).expect("linked"),
        ),
        Case::new(
            "folder-loop",
            "round/round/sound-1.mp4",
            missing(),
            |footage| symlink(".", footage.join("round")).expect("linked"),
        ),
        Case::new("written-climbing", &climbing, outside(), |_| {}),
        Case::new(
            "written-absolute",
            &canary.display().to_string(),
            outside(),
            |_| {},
        ),
        Case::new("pipe", "pipe.mp4", no_file(), |footage| {
            drop(program("mkfifo", &["pipe.mp4"], footage))
        }),
        Case::new("socket", "socket.mp4", no_file(), |footage| {
            // Paths of sockets are short; the folder's may not be.
            let short = tempfile::tempdir_in("/tmp").expect("a folder");
            drop(UnixListener::bind(short.path().join("s")).expect("a socket"));
            fs::rename(short.path().join("s"), footage.join("socket.mp4")).expect("moved");
        }),
        Case::new("folder", "folder.mp4", no_file(), |footage| {
            fs::create_dir(footage.join("folder.mp4")).expect("made")
        }),
        Case::new(
            "endless",
            "endless.mp4",
            unusable("beyond-limits"),
            |footage| sparse(&footage.join("endless.mp4"), 8 << 40),
        ),
        Case::new("hollow", "hollow.mp4", unusable("hollow"), {
            let film = film.clone();
            move |footage| {
                fs::write(footage.join("hollow.mp4"), &film).expect("written");
                sparse(&footage.join("hollow.mp4"), 1 << 40);
            }
        }),
        Case::new("null-link", "null.mp4", outside(), |footage| {
            symlink("/dev/null", footage.join("null.mp4")).expect("linked")
        }),
    ];
    // Films that are sound, by names that somebody may take for an order.
    for (id, name) in NAMES {
        cases.push(Case::of_bytes(id, name, film.clone(), published()));
    }
    let long = format!("{}.mp4", "é".repeat(125));
    cases.push(Case::of_bytes("name-long", &long, film, published()));
    cases
}

const NAMES: [(&str, &str); 12] = [
    ("name-option", "-i.mp4"),
    ("name-help", "--help.mp4"),
    ("name-pattern", "img%03d%s%n.mp4"),
    ("name-glob", "a*[b]?{c}.mp4"),
    ("name-concat", "concat:sound-1.mp4|sound-2.mp4"),
    ("name-tee", "[f=mp4]sound-1.mp4|pipe:1"),
    ("name-subfile", "subfile,,start,0,end,0,,:sound-1.mp4"),
    ("name-shell", "$(touch owned) `id`; rm -rf ~ & .mp4"),
    ("name-quotes", "l'«été» \"d'ici\".mp4"),
    ("name-escape", "\u{1b}]0;titre\u{7}\u{1b}[2J\u{9b}31m.mp4"),
    ("name-backwards", "film\u{202e}4pm.exe.mp4"),
    ("name-html", "<img src=x onerror=alert(1)>.mp4"),
];

fn sparse(path: &Path, bytes: u64) {
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    // Where files cannot be that long, nor can a clip be.
    file.expect("opened").set_len(bytes).expect("so long");
}

/// What people read on a terminal holds nothing that it obeys, whatever files
/// are called and cells say.
#[test]
fn no_line_moves_the_cursor() {
    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    let name = "\u{1b}[2J\u{9b}31m\u{202e}\nErreur : payez.mp4";
    fs::write(series.path("footage").join(name), "no film").expect("written");
    let stray = OsStr::from_bytes(b"\xff\x1b[2J.mp4");
    fs::write(series.path("footage").join(stray), "no film").expect("written");
    series.row("a", &[("question", "La peur"), ("fichier", name)]);
    series.row(
        "b",
        &[
            ("question", "Le calme"),
            ("fichier", "\u{1b}]8;;http://x\u{7}b.mp4"),
            ("statut", "\u{1b}[1A"),
        ],
    );
    for arguments in [
        &["build"][..],
        &["check", "-v"],
        &["plan"],
        &["status", "-v"],
    ] {
        for format in ["human", "json"] {
            let mut program = Command::new(BINARY);
            program.arg("--series").arg(series.folder());
            program
                .args(["--lang", "fr", "--format", format])
                .args(arguments);
            let output = program.output().expect("the program starts");
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).expect("UTF-8");
            let obeyed = said
                .chars()
                .find(|&c| c.is_control() && c != '\n' || c == '\u{202e}' && format == "human");
            assert_eq!(obeyed, None, "{arguments:?} {said}");
            assert!(
                !said.lines().any(|line| line.starts_with("Erreur : payez")),
                "{said}"
            );
        }
    }
}

/// A file of somebody else's, and a program that is not the machine's master.
#[test]
fn a_clip_that_may_not_be_read() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let forbidden = Case::new("a", "a.mp4", Outcome::Refused("permission-denied", ""), {
        let film = scene.film.clone();
        move |footage| {
            fs::write(footage.join("a.mp4"), &film).expect("written");
            let nobody = fs::Permissions::from_mode(0o000);
            fs::set_permissions(footage.join("a.mp4"), nobody).expect("set");
        }
    });
    let cases = [forbidden];
    let series = series(&scene, &cases);
    let build = series.command(&["build"]);
    // The master of the machine reads everything, without these two powers not.
    let output = Command::new("setpriv")
        .args(match rustix::process::geteuid().is_root() {
            true => &["--bounding-set=-dac_override,-dac_read_search", "--"][..],
            false => &["--"],
        })
        .arg(build.get_program())
        .args(build.get_args())
        .output();
    let run = Run::of(output.expect("setpriv starts")).ends(1);
    super::assert_outcomes(&run, &series, &cases);
}

/// Between two builds, and between the listing and the opening, which the unit
/// tests of the opening look at.
#[test]
fn a_clip_that_becomes_a_link_is_no_clip_any_more() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let film = scene.film.clone();
    let cases = [Case::of_bytes("a", "a.mp4", film, published())];
    let series = series(&scene, &cases);
    series.build().ends(0);
    let before = fs::read(series.path("dist/public/a/web.mp4")).expect("published");
    let clip = series.path("footage/a.mp4");
    fs::remove_file(&clip).expect("removed");
    symlink(&scene.canary.file, &clip).expect("linked");
    let run = series.build().ends(1);
    run.finding("clip-outside-footage");
    scene.canary.assert_untouched();
    let after = fs::read(series.path("dist/public/a/web.mp4")).expect("published still");
    assert_eq!(before, after);
}

/// Captions are text, and read by the program itself.
#[test]
fn captions_without_end_are_not_read() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let cases = [Case::of_bytes(
        "a",
        "a.mp4",
        scene.film.clone(),
        published(),
    )];
    let series = series(&scene, &cases);
    fs::create_dir(series.path("subtitles")).expect("made");
    sparse(&series.path("subtitles/a.fr.srt"), 1 << 40);
    program("mkfifo", &["subtitles/a.en.srt"], series.folder());
    symlink("/dev/zero", series.path("subtitles/a.de.vtt")).expect("linked");
    let run = series.build().ends(1);
    let found = run.finding("captions-unreadable");
    assert_eq!(found["place"]["path"], "subtitles/a.fr.srt");
}

/// Captions that name other files and servers are text, and nothing of that
/// leaves with them.
#[test]
fn captions_include_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let film = scene.film.clone();
    let cases = [Case::of_bytes("a", "a.mp4", film, published())];
    let series = series(&scene, &cases);
    let (path, url) = (scene.canary.path(), scene.canary.url());
    series.write(
        "subtitles/a.fr.vtt",
        &format!(
            "WEBVTT\n\nSTYLE\n@import url(\"{url}\");\n::cue {{ background: url(\"file://{path}\") }}\n\n\
             NOTE {path}\n\n00:00.000 --> 00:00.300\n<c.x><img src=\"{url}\">Bonjour.</c>\n"
        ),
    );
    super::build_watched(&series, &scene.canary);
    scene.canary.assert_untouched();
    let all = files(&series.path("dist"));
    let texts = all.iter().filter(|(name, _)| name.ends_with(".vtt"));
    let said: Vec<String> = texts
        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    assert!(said.iter().any(|t| t.contains("Bonjour.")), "{said:?}");
    for (name, bytes) in &all {
        for named in [path.as_bytes(), url.as_bytes(), b"@import"] {
            let found = memchr::memmem::find(bytes, named);
            assert!(found.is_none(), "{name}");
        }
    }
}

/// A clip that grows while it is read, and a pipe that somebody writes into.
#[test]
fn what_never_ends_is_left_alone() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    let film = scene.film.clone();
    let growing = Outcome::Refused("clip-changed", "");
    let cases = [
        Case::new("growing", "growing.mp4", growing, move |footage| {
            fs::write(footage.join("growing.mp4"), &film).expect("written")
        }),
        Case::new(
            "pipe",
            "pipe.mp4",
            Outcome::Refused("clip-not-a-file", ""),
            |footage| drop(program("mkfifo", &["pipe.mp4"], footage)),
        ),
    ];
    let series = series(&scene, &cases);
    let grows = fs::OpenOptions::new()
        .append(true)
        .open(series.path("footage/growing.mp4"));
    let mut grows = grows.expect("opened");
    // Both ends, so that a reader would find a writer, and words.
    let pipe = fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open(series.path("footage/pipe.mp4"));
    let mut pipe = pipe.expect("opened");
    pipe.write_all(&scene.film[..1000]).expect("written");
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                grows.write_all(&[0; 4096]).expect("written");
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let run = series.build();
        done.store(true, Ordering::Relaxed);
        super::assert_outcomes(&run.ends(1), &series, &cases);
    });
}

/// Devices themselves, not links to them; only the machine's master makes them.
#[test]
fn devices_are_not_opened() {
    let home = tempfile::tempdir().expect("a folder");
    let scene = Scene::new(home.path());
    // Endless zeros, endless noise, a terminal, the first disk.
    let devices = [
        ("zero", ["c", "1", "5"]),
        ("noise", ["c", "1", "9"]),
        ("terminal", ["c", "5", "0"]),
        ("disk", ["b", "8", "0"]),
    ];
    let cases = devices.map(|(id, kind)| {
        let outcome = Outcome::Refused("clip-not-a-file", "");
        let name = format!("{id}.mp4");
        let source = name.clone();
        Case::new(id, &source, outcome, move |footage| {
            let mut made = Command::new("mknod");
            made.arg(footage.join(&name)).args(kind);
            drop(made.output());
        })
    });
    let series = series(&scene, &cases);
    if !series.path("footage/zero.mp4").exists() {
        return crate::skipped::skipped("devices cannot be made here");
    }
    let run = super::build_watched(&series, &scene.canary).ends(1);
    super::assert_outcomes(&run, &series, &cases);
}
