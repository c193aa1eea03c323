//! A small series on disk, and the program run on it. Every test works in a
//! folder of its own; clips are made once, and so is the built series that
//! many tests start from.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_portevoix");

const SERIES: &str = "id = \"essai\"\ntitle = \"Essai\"\nconsent = \"not-needed\"\n\
    audience = \"public\"\nlanguage = \"fr\"\npublished = 2025-01-15\n";

/// Two small rungs, quick to encode; one of them also as MP4.
const PROFILE: &str = "package = \"hls\"\nprogressive = [216]\n\
    [audio]\ncodec = \"aac\"\nkbps = 64\n\
    [[rung]]\nheight = 270\npreset = \"veryfast\"\ncrf = 30\nmax_kbps = 900\n\
    [[rung]]\nheight = 216\npreset = \"veryfast\"\ncrf = 30\nmax_kbps = 500\n";

/// Cards of one second, so that most of what is encoded is footage.
const CHARTER: &str = "[timing]\nopening = 1.0\nend = 1.0\nlower-third = 2.0\n";

/// Frames of every card and of the footage in the clips, at 25 a second.
pub const CARD: u64 = 25;
pub const CLIP: u64 = 100;

/// Segments of both capsules: two cards, two transitions and the footage
/// between them, each on two rungs; the end cards are alike and made once.
pub const SEGMENTS: u64 = 2 * 10 - 2;

pub const COLUMNS: [&str; 9] = [
    "id",
    "fichier",
    "question",
    "intervenant",
    "début",
    "fin",
    "diffusion",
    "statut",
    "description",
];

pub struct Series {
    home: TempDir,
    rows: Vec<BTreeMap<String, String>>,
}

impl Series {
    /// No clip, no capsule.
    pub fn new() -> Series {
        let home = tempfile::tempdir().expect("a temporary folder");
        let series = Series {
            home,
            rows: Vec::new(),
        };
        series.write("series.toml", SERIES);
        series.write("profiles/web.toml", PROFILE);
        series.write("charter/charter.toml", CHARTER);
        fs::create_dir(series.path("footage")).expect("made");
        series
    }

    /// Two capsules, `a` and `b`, never built.
    pub fn two() -> Series {
        Series::new()
            .capsule("a", "La peur")
            .capsule("b", "Le calme")
    }

    /// The same two, built: dist, store and all, as a build from nothing left
    /// them.
    pub fn built() -> Series {
        let series = Series {
            home: tempfile::tempdir().expect("a folder"),
            rows: Series::two().rows,
        };
        copy(built_once(), series.folder());
        series
    }

    /// What another series left, in a folder of its own.
    pub fn copied(from: &Path) -> Series {
        let series = Series {
            home: tempfile::tempdir().expect("a folder"),
            rows: Vec::new(),
        };
        copy(from, series.folder());
        series
    }

    /// The same two with all segments in store, and nothing published.
    pub fn unpublished() -> Series {
        let series = Series::built();
        fs::remove_dir_all(series.path("dist")).expect("removed");
        fs::remove_file(series.path(".portevoix/built.json")).expect("removed");
        series
    }

    /// A clip of four seconds and its row.
    pub fn capsule(mut self, id: &str, title: &str) -> Series {
        self.clip(&format!("{id}.mp4"), "4");
        self.row(id, &[("question", title), ("intervenant", "Anne Roux")]);
        self
    }

    /// Puts a clip of so many seconds under `footage/`; names differ, so do
    /// the pictures.
    pub fn clip(&self, name: &str, seconds: &str) {
        let place = self.path("footage").join(name);
        fs::create_dir_all(place.parent().expect("a folder")).expect("made");
        fs::copy(clip(name, seconds), place).expect("copied");
    }

    pub fn row(&mut self, id: &str, cells: &[(&str, &str)]) {
        let mut row = BTreeMap::from([("id".to_owned(), id.to_owned())]);
        row.extend(
            cells
                .iter()
                .map(|&(column, text)| (column.to_owned(), text.to_owned())),
        );
        self.rows.push(row);
        self.write_catalogue();
    }

    /// Writes a cell of a capsule's row.
    pub fn set(&mut self, id: &str, column: &str, text: &str) {
        let row = self
            .rows
            .iter_mut()
            .find(|r| r["id"] == id)
            .expect("a row of that id");
        row.insert(column.to_owned(), text.to_owned());
        self.write_catalogue();
    }

    pub fn drop_row(&mut self, id: &str) {
        self.rows.retain(|r| r["id"] != id);
        self.write_catalogue();
    }

    fn write_catalogue(&self) {
        let mut columns: Vec<&str> = COLUMNS.to_vec();
        for key in self.rows.iter().flat_map(|r| r.keys()) {
            if !columns.contains(&key.as_str()) {
                columns.push(key);
            }
        }
        let mut text = columns.join(";") + "\n";
        for row in &self.rows {
            let cell = |c: &&str| row.get(*c).map(|t| format!("\"{t}\"")).unwrap_or_default();
            text += &(columns.iter().map(cell).collect::<Vec<_>>().join(";") + "\n");
        }
        self.write("capsules.csv", &text);
    }

    /// Replaces a word in a file.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).expect("readable");
        assert!(text.contains(from), "{path} has {from}");
        self.write(path, &text.replace(from, to));
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command
            .arg("--series")
            .arg(self.folder())
            .args(["--lang", "fr", "--format", "json"]);
        command
            .args(arguments)
            .env_remove("PORTEVOIX_STORE")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(
            self.command(arguments)
                .output()
                .expect("the program starts"),
        )
    }

    /// Builds all; every line that it says is JSON.
    pub fn build(&self) -> Run {
        self.run(&["build"])
    }

    pub fn manifest(&self, audience: &str) -> Value {
        let text =
            fs::read(self.path(&format!("dist/{audience}/manifest.json"))).expect("a manifest");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// Ids that a tree's manifest names.
    pub fn published(&self, audience: &str) -> Vec<String> {
        let manifest = self.manifest(audience);
        let capsules = manifest["capsules"].as_array().expect("a list");
        capsules
            .iter()
            .map(|c| c["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// The finished objects of a kind in the series' own store.
    pub fn objects(&self, kind: &str) -> Vec<PathBuf> {
        let place = self.path(".portevoix/store/v1").join(kind);
        let entries = walkdir::WalkDir::new(&place).min_depth(2).into_iter();
        // What is being written comes and goes, under names with a dot.
        let named = entries
            .flatten()
            .filter(|e| !e.file_name().to_string_lossy().starts_with('.'));
        named.map(|e| e.into_path()).collect()
    }
}

/// How the program ended and what it said.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub events: Vec<Value>,
    #[expect(dead_code, reason = "told when a test fails")]
    errors: String,
}

impl Run {
    pub fn of(output: std::process::Output) -> Run {
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let event =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        Run {
            code: output.status.code(),
            events: said.lines().map(event).collect(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The same, once the exit code is what it has to be.
    pub fn ends(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |e| e["event"] == kind)
    }

    pub fn encoded(&self) -> u64 {
        let last = self.events.last().expect("events");
        assert_eq!(last["event"], "summary", "{self:#?}");
        last["encoded_segments"].as_u64().expect("a count")
    }

    pub fn state(&self, id: &str) -> &str {
        let event = self.of_kind("capsule").find(|e| e["id"] == id);
        event
            .and_then(|e| e["state"].as_str())
            .unwrap_or_else(|| panic!("nothing of {id}: {self:#?}"))
    }

    /// The finding of an id; there has to be one.
    pub fn finding(&self, id: &str) -> &Value {
        let found = self.of_kind("diagnostic").find(|e| e["id"] == id);
        found.unwrap_or_else(|| panic!("no {id}: {self:#?}"))
    }

    pub fn errors_found(&self) -> Vec<&str> {
        let all = self
            .of_kind("diagnostic")
            .filter(|e| e["severity"] == "error");
        all.filter_map(|e| e["id"].as_str()).collect()
    }
}

/// Every file below a folder, by relative path.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walk(folder, &|path, _| fs::read(path).expect("readable"))
}

/// What shows that a file was written again: its time and its place on disk.
pub fn stamps(folder: &Path) -> BTreeMap<String, (i64, i64, u64)> {
    walk(folder, &|_, m| (m.mtime(), m.mtime_nsec(), m.ino()))
}

fn walk<T>(folder: &Path, look: &dyn Fn(&Path, fs::Metadata) -> T) -> BTreeMap<String, T> {
    let entries = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|e| e.expect("readable"));
    let seen = entries.filter(|e| e.file_type().is_file()).map(|entry| {
        let name = entry
            .path()
            .strip_prefix(folder)
            .expect("below")
            .display()
            .to_string();
        (name, look(entry.path(), entry.metadata().expect("a file")))
    });
    seen.collect()
}

/// Names of files that differ between two folders, or stand in one only.
pub fn differing(one: &Path, other: &Path) -> Vec<String> {
    let (one, other) = (files(one), files(other));
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names
        .into_iter()
        .filter(|&n| one.get(n) != other.get(n))
        .cloned()
        .collect()
}

pub fn program(name: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(name)
        .args(arguments)
        .current_dir(folder)
        .output();
    let output = output.unwrap_or_else(|e| panic!("{name}: {e}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{name} {arguments:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// A folder and all in it, with its times.
pub fn copy(from: &Path, to: &Path) {
    let from = format!("{}/.", from.display());
    program("cp", &["-a", &from, &to.display().to_string()], to);
}

/// Makes something in the tests' folder once, also when several processes
/// want it: it is put in place whole.
pub fn once(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let place = folder.join(name);
    if !place.exists() {
        fs::create_dir_all(folder).expect("made");
        let making = tempfile::tempdir_in(folder).expect("a folder");
        let file = making.path().join(name);
        make(&file);
        // Whoever came first has put the same there.
        if let Err(error) = fs::rename(&file, &place) {
            assert!(place.exists(), "{error}");
        }
    }
    place
}

/// A tone under a moving test picture, both steered by the name.
fn clip(name: &str, seconds: &str) -> PathBuf {
    let seed: u32 = name.bytes().map(u32::from).sum();
    once(&format!("clip-{seed}-{seconds}.mp4"), |file| {
        let picture = format!("testsrc2=s=480x270:r=25:d={seconds},hue=h={}", seed % 360);
        let sound = format!("sine={}:r=48000:d={seconds}", 200 + seed);
        let coding = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -colorspace bt709 \
            -color_primaries bt709 -color_trc bt709 -c:a aac -ac 2 -movflags faststart";
        let mut arguments = vec!["-nostdin", "-v", "error", "-f", "lavfi", "-i", &picture];
        arguments.extend(["-f", "lavfi", "-i", &sound]);
        arguments.extend(coding.split_whitespace());
        let place = file.display().to_string();
        arguments.push(&place);
        program("ffmpeg", &arguments, Path::new("/"));
    })
}

fn built_once() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        kept("two", || {
            let series = Series::two();
            let run = series.build().ends(0);
            assert_eq!(run.encoded(), SEGMENTS, "{run:#?}");
            series
        })
    })
}

/// The folder of a series that is made once for this very program and these
/// very tests.
pub fn kept(name: &str, make: impl FnOnce() -> Series) -> PathBuf {
    let age = |file: &Path| {
        let seen = fs::metadata(file).expect("there");
        format!("{}-{}", seen.mtime(), seen.mtime_nsec())
    };
    let tests = std::env::current_exe().expect("a program");
    let ages = format!("{}-{}", age(Path::new(BINARY)), age(&tests));
    once(&format!("built-{name}-{ages}"), |place| {
        let series = make();
        forget_former_builds(&format!("built-{name}-"));
        copy_new(series.folder(), place);
    })
}

/// What programs and tests of before left; without them the folder only grows.
fn forget_former_builds(of: &str) {
    let folder = fs::read_dir(env!("CARGO_TARGET_TMPDIR")).expect("readable");
    let former = folder
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with(of));
    // Another run may be at it too.
    former.for_each(|e| drop(fs::remove_dir_all(e.path())));
}

fn copy_new(from: &Path, to: &Path) {
    fs::create_dir(to).expect("made");
    copy(from, to);
}
