//! The schemas that `schema NAME` prints: what we ship and write obeys them,
//! and the loader and they agree about every key and value.

use jsonschema::Validator;
use portevoix::cli::new::write_series;
use portevoix::pipeline::stale::Why;
use portevoix::pipeline::{ClipSeen, State, Summary};
use portevoix::plan::reason::Reason;
use portevoix::report::progress::Moment;
use portevoix::report::schemas::schema;
use portevoix::report::words::Lang;
use portevoix::report::{json as write, reasons};
use portevoix::series::load::load;
use portevoix::values::diagnostic::{Diagnostic, Place, Problem};
use portevoix::values::examination::{
    Examination, Level, LouderTrack, PictureSeen, SoundHeard, StereoSide, Stretch,
};
use portevoix::values::facts::{AudioFacts, Colour, FieldOrder, SourceFacts, VideoFacts};
use portevoix::values::geometry::{Orientation, Size};
use portevoix::values::ids::Id;
use portevoix::values::time::{FrameRate, Rational};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAMES: [&str; 4] = ["series", "profile", "charter", "events"];

/// The smallest settings that stand.
const SETTINGS: &str = "id = \"essai\"\ntitle = \"Essai\"\nconsent = \"not-needed\"\n";

fn parsed(name: &str) -> Value {
    serde_json::from_str(schema(name).expect(name)).expect("JSON")
}

fn validator(name: &str) -> Validator {
    jsonschema::validator_for(&parsed(name)).expect("a JSON Schema")
}

/// TOML as JSON, a date as its text.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(items) => items.iter().map(as_json).collect(),
        toml::Value::Table(table) => {
            let members = table
                .iter()
                .map(|(key, value)| (key.clone(), as_json(value)));
            Value::Object(members.collect())
        }
        toml::Value::String(text) => json!(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(truth) => json!(truth),
    }
}

fn toml_as_json(text: &str) -> Value {
    as_json(&toml::Value::Table(text.parse().expect(text)))
}

/// Where the schema refuses a text, and why.
fn refused_by_schema(validator: &Validator, text: &str) -> Vec<(String, String)> {
    let value = toml_as_json(text);
    let errors = validator.iter_errors(&value);
    errors
        .map(|e| (e.instance_path().to_string(), e.to_string()))
        .collect()
}

/// The file of a series that a schema is about.
fn file_of(name: &str) -> &'static str {
    match name {
        "series" => "series.toml",
        "profile" => "profiles/x.toml",
        "charter" => "charter/charter.toml",
        other => panic!("no file is called {other}"),
    }
}

/// A series folder of which one file is under test.
struct Bench {
    folder: tempfile::TempDir,
    file: &'static str,
}

impl Bench {
    fn new(name: &str) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let file = file_of(name);
        let parent = folder.path().join(file);
        fs::create_dir_all(parent.parent().expect("inside")).expect("created");
        fs::write(folder.path().join("series.toml"), SETTINGS).expect("written");
        // What `new` proposes names them; whether they sound is not asked here.
        for sound in ["jingle.wav", "musique.mp3", "music.mp3"] {
            let place = folder.path().join("charter").join(sound);
            fs::create_dir_all(place.parent().expect("inside")).expect("created");
            fs::write(place, "sound").expect("written");
        }
        Bench { folder, file }
    }

    /// The ids of what the loader has against this text. Left aside is what
    /// other files decide, and a wish that is right and not granted yet.
    fn refused_by_loader(&self, text: &str) -> Vec<String> {
        fs::write(self.folder.path().join(self.file), text).expect("written");
        let loaded = load(self.folder.path());
        let here = |place: &Place| match place {
            Place::File { path } | Place::Text { path, .. } => path == self.file,
            _ => false,
        };
        let ids = loaded
            .diagnostics
            .iter()
            .filter(|d| here(&d.place))
            .map(|d| d.problem.id());
        ids.filter(|id| !["unknown-profile", "protection-not-obeyed"].contains(&id.as_str()))
            .collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect()
}

fn accept(name: &str, text: &str) {
    let validator = validator(name);
    let none: Vec<(String, String)> = Vec::new();
    assert_eq!(refused_by_schema(&validator, text), none, "{name}:\n{text}");
}

#[test]
fn schemas_are_sound_and_closed() {
    assert_eq!(schema("cards"), None);
    for name in NAMES {
        let schema = parsed(name);
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        let mut objects = 0;
        each_schema(&schema, &mut |part| {
            if part["type"] == "object" && part.get("properties").is_some() {
                objects += 1;
                assert_eq!(
                    part["additionalProperties"],
                    json!(false),
                    "{name}: {part:#}"
                );
            }
        });
        assert!(objects > 0, "{name}");
    }
}

fn each_schema(value: &Value, visit: &mut dyn FnMut(&Value)) {
    match value {
        Value::Object(members) => {
            visit(value);
            members
                .values()
                .for_each(|member| each_schema(member, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_schema(item, visit)),
        _ => {}
    }
}

#[test]
fn what_is_shipped_obeys_them() {
    let profiles = toml_files(&root().join("profiles"));
    assert!(profiles.len() >= 2);
    for path in profiles {
        accept("profile", &fs::read_to_string(path).expect("readable"));
    }
    let mut charters = 0;
    for entry in fs::read_dir(root().join("assets/charter")).expect("charters") {
        let file = entry.expect("an entry").path().join("charter.toml");
        if let Ok(text) = fs::read_to_string(file) {
            accept("charter", &text);
            charters += 1;
        }
    }
    assert!(charters >= 1);
    let example = root().join("examples/diois");
    accept(
        "series",
        &fs::read_to_string(example.join("series.toml")).expect("readable"),
    );
}

#[test]
fn what_new_writes_obeys_them_its_proposals_too() {
    for lang in [Lang::French, Lang::English] {
        let folder = tempfile::tempdir().expect("a folder");
        write_series(folder.path(), lang).expect("a series");
        for name in ["series", "charter"] {
            let text = fs::read_to_string(folder.path().join(file_of(name))).expect("readable");
            accept(name, &text);
            let (all, proposals) = with_proposals(&text);
            assert!(proposals >= 5, "{name}: {proposals}");
            accept(name, &all);
            assert_eq!(
                Bench::new(name).refused_by_loader(&all),
                Vec::<String>::new()
            );
        }
    }
}

/// The text with every setting that is commented out put to use, and how many.
fn with_proposals(text: &str) -> (String, usize) {
    let mut count = 0;
    let lines: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if is_setting(setting) => {
                count += 1;
                setting
            }
            _ => line,
        })
        .collect();
    (lines.join("\n"), count)
}

fn is_setting(line: &str) -> bool {
    let key = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
    line.split_once(" = ")
        .is_some_and(|(start, _)| start.chars().all(key))
}

#[test]
fn the_samples_of_the_contract_obey_them() {
    accept(
        "series",
        r#"
id = "jpp-diois"                    # a-z 0-9 -
title = "Je peux en parler"
consent = "not-needed"              # or "required"; no default, because nobody else can decide
audience = "public"                 # widest audience of the series; default "private"
language = "fr"                     # BCP 47
publisher = "Espace social"
licence = "CC-BY-NC-ND-4.0"         # SPDX, or a URL
base_url = "https://example.org/capsules/"   # makes the absolute URLs of feeds and structured data
published = 2025-01-15              # default publication date; outputs never read the clock
profiles = ["web", "screening"]     # default: ["web"]
loudness = -16.0                    # LUFS
"#,
    );
    accept(
        "profile",
        r#"
package = "hls"                # hls, mp4, mkv
progressive = [720, 360]       # with hls: rungs also offered as one MP4
private = false                # true: never outside the private tree (clean, archive)
frame = "source"               # source, 16:9, 1:1, 9:16 (crop, or blurred borders)
cards = ["opening", "lower-third", "end"]
captions = "sidecar"           # sidecar, burned, both, none

[audio]
codec = "aac"                  # aac, opus, flac, none
kbps = 128

[[rung]]                       # the ladder, tallest first; rungs above the source are not made
height = 1080                  # the short side
codec = "h264"                 # h264, hevc, av1, ffv1
preset = "medium"
crf = 23
max_kbps = 6000                # VBV cap, buffer of 2 s
"#,
    );
}

#[test]
fn mistakes_are_refused_where_they_are() {
    let mistakes = [
        ("series", "id = \"a\"\ntitle = \"A\"\n", ""),
        (
            "series",
            "id = \"Été 1\"\ntitle = \"A\"\nconsent = \"not-needed\"\n",
            "/id",
        ),
        (
            "series",
            "id = \"a\"\ntitle = \" \"\nconsent = \"not-needed\"\n",
            "/title",
        ),
        (
            "series",
            "id = \"a\"\ntitle = \"A\"\nconsent = \"no\"\n",
            "/consent",
        ),
        (
            "series",
            "id = \"a\"\ntitle = \"A\"\nconsent = \"not-needed\"\naudiance = \"public\"\n",
            "",
        ),
        (
            "series",
            "id = \"a\"\ntitle = \"A\"\nconsent = \"not-needed\"\nloudness = -3\n",
            "/loudness",
        ),
        (
            "series",
            "id = \"a\"\ntitle = \"A\"\nconsent = \"not-needed\"\nprofiles = \"web\"\n",
            "/profiles",
        ),
        ("profile", "package = \"hls\"\n", ""),
        ("profile", "[[rung]]\ncrf = 23\n", "/rung/0"),
        (
            "profile",
            "[[rung]]\nheight = 720\n[[rung]]\nheight = 540\ncrf = 0\n",
            "/rung/1/crf",
        ),
        (
            "profile",
            "[[rung]]\nheight = 720\npreset = \"6\"\n",
            "/rung/0/preset",
        ),
        (
            "profile",
            "package = \"mp4\"\nprogressive = [720]\n[[rung]]\nheight = 720\n",
            "/progressive",
        ),
        (
            "profile",
            "[audio]\nkpbs = 128\n[[rung]]\nheight = 720\n",
            "/audio",
        ),
        (
            "charter",
            "[palette]\npaper = \"beige\"\n",
            "/palette/paper",
        ),
        ("charter", "[timing]\nopening = 0.5\n", "/timing/opening"),
        ("charter", "[timing]\nlower_third = 6.0\n", "/timing"),
        ("charter", "base = \"cold\"\n", "/base"),
    ];
    for (name, text, place) in mistakes {
        let refused = refused_by_schema(&validator(name), text);
        let places: Vec<&str> = refused.iter().map(|(place, _)| place.as_str()).collect();
        assert_eq!(places, [place], "{text}{refused:?}");
        assert_ne!(
            Bench::new(name).refused_by_loader(text),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

/// A table that the loader reads: what stands before a key of it, which keys
/// stand in it already, and where its schema is.
struct Room {
    schema: &'static str,
    before: &'static str,
    base: &'static [(&'static str, &'static str)],
    after: &'static str,
    pointer: &'static str,
}

const ROOMS: [Room; 8] = [
    Room {
        schema: "series",
        before: "",
        base: &[
            ("id", "\"essai\""),
            ("title", "\"Essai\""),
            ("consent", "\"not-needed\""),
        ],
        after: "",
        pointer: "",
    },
    Room {
        schema: "profile",
        before: "",
        base: &[("rung", "[{ height = 720 }]")],
        after: "",
        pointer: "",
    },
    Room {
        schema: "profile",
        before: "[audio]\n",
        base: &[],
        after: "[[rung]]\nheight = 720\n",
        pointer: "/properties/audio",
    },
    Room {
        schema: "profile",
        before: "[[rung]]\n",
        base: &[("height", "720")],
        after: "",
        pointer: "/$defs/rung",
    },
    Room {
        schema: "charter",
        before: "",
        base: &[],
        after: "",
        pointer: "",
    },
    Room {
        schema: "charter",
        before: "[fonts]\n",
        base: &[],
        after: "",
        pointer: "/properties/fonts",
    },
    Room {
        schema: "charter",
        before: "[timing]\n",
        base: &[],
        after: "",
        pointer: "/properties/timing",
    },
    Room {
        schema: "charter",
        before: "[position]\n",
        base: &[],
        after: "",
        pointer: "/properties/position",
    },
];

impl Room {
    fn text(&self, key: &str, value: &str) -> String {
        let others = self.base.iter().filter(|(base, _)| *base != key);
        let others: String = others
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect();
        format!("{}{others}\"{key}\" = {value}\n{}", self.before, self.after)
    }

    fn keys(&self) -> BTreeSet<String> {
        let schema = parsed(self.schema);
        let properties = &schema.pointer(self.pointer).expect(self.pointer)["properties"];
        properties
            .as_object()
            .expect("properties")
            .keys()
            .cloned()
            .collect()
    }
}

/// Every word between quotes in the loader's sources, hence every key that it
/// may ask for.
fn words_of_the_loader() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for file in ["settings.rs", "profiles.rs", "charter.rs", "boxes.rs"] {
        let text = fs::read_to_string(root().join("src/series/load").join(file)).expect(file);
        let letter = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
        words.extend(
            text.split('"')
                .filter(|w| !w.is_empty() && w.chars().all(letter))
                .map(str::to_owned),
        );
    }
    words
}

#[test]
fn loader_and_schemas_know_the_same_keys() {
    let said_by_loader = words_of_the_loader();
    for room in &ROOMS {
        let known = room.keys();
        assert!(known.is_subset(&said_by_loader), "{known:?}");
        let bench = Bench::new(room.schema);
        let slips = known
            .iter()
            .flat_map(|k| [format!("{k}s"), k.to_uppercase(), k[1..].to_owned()]);
        for key in said_by_loader.iter().cloned().chain(slips) {
            let unknown = bench
                .refused_by_loader(&room.text(&key, "0"))
                .contains(&"unknown-key".to_owned());
            assert_eq!(
                !unknown,
                known.contains(&key),
                "{key} in {}{}",
                room.schema,
                room.pointer
            );
        }
    }
}

/// Values of every kind, and the last right and first wrong of every range.
const VALUES: &str = r##"
true
0
1
3
-1
-5
-4.99
-16
-16.5
-16.01
-16.005
-70
-70.01
2.5
0.001
0.0005
3.001
30
30.001
31
32
51
52
60
60.01
63
64
49
50
143
144
510
511
720
4320
4321
99999
100000
200000
200001
1000000000000
1000000000001
""
"  "
" x "
"x"
"X"
"a-1"
"été"
"fr"
"FR-ca"
" fr "
"f"
"fr-"
"français"
"2025-01-15"
" 15/1/2025 "
"15 / 01 / 2025"
"2025-13-01"
"2025-1-15"
"01/15/2025"
"32/01/2025"
2025-01-15
2025-01-15T10:00:00
10:00:00
"https://example.org/a/"
" http://example.org "
"https://example.org:8080/a%20b"
"https://"
"https:///a"
"https://example.org/?a"
"https://exa mple.org/"
"https://example.org/#a"
"ftp://example.org/"
"#e07a5f"
" #E07A5F "
"#fff"
"#e07a5g"
"e07a5f"
"1"
"12"
"13"
[]
["web"]
["opening"]
["opening", "opening"]
["watermark"]
["x", 1]
[720]
[720, 720]
[143]
[72.5]
{}
{ codec = "aac" }
{ codec = "x" }
{ height = 720 }
[{ height = 720 }]
[{ height = 720 }, { height = 540, codec = "av1", crf = 63 }]
[{}]
[{ height = 720, x = 1 }]
"##;

/// The values above, and every word that a schema allows somewhere.
fn values() -> BTreeSet<String> {
    let lines = VALUES.lines().filter(|line| !line.is_empty());
    let mut values: BTreeSet<String> = lines.map(str::to_owned).collect();
    for name in ["series", "profile", "charter"] {
        each_schema(&parsed(name), &mut |part| {
            for word in part["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                values.insert(format!("\"{word}\""));
            }
        });
    }
    values
}

#[test]
fn loader_and_schemas_take_the_same_values() {
    let values = values();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    // What AV1 takes for presets and quality differs.
    let av1 = Room {
        base: &[("height", "720"), ("codec", "\"av1\"")],
        ..ROOMS[3]
    };
    // Colours have free names.
    let palette = Room {
        schema: "charter",
        before: "[palette]\n",
        base: &[],
        after: "",
        pointer: "/properties/palette",
    };
    let rooms = ROOMS.iter().chain([&av1]).map(|room| (room, room.keys()));
    for (room, keys) in rooms.chain([(&palette, BTreeSet::from(["coral".to_owned()]))]) {
        let (bench, validator) = (Bench::new(room.schema), validator(room.schema));
        for key in &keys {
            let name = format!("{}{}/{key}", room.schema, room.pointer);
            wanted.insert(name.clone());
            for value in &values {
                // In JSON a date is a text like any other.
                let date = value.starts_with("2025") || value.starts_with("10:");
                if date && key != "published" {
                    continue;
                }
                let text = room.text(key, value);
                let (loader, schema) = (
                    bench.refused_by_loader(&text),
                    refused_by_schema(&validator, &text),
                );
                assert_eq!(
                    loader.is_empty(),
                    schema.is_empty(),
                    "{text}{loader:?}\n{schema:?}"
                );
                if loader.is_empty() {
                    taken.insert(name.clone());
                }
            }
        }
    }
    assert_eq!(taken, wanted, "each key takes some value");
}

fn written(line: String) -> Value {
    assert!(!line.contains('\n'), "one line: {line}");
    serde_json::from_str(&line).expect("JSON")
}

/// A clip of which everything is known, and the same of which little is.
fn clips(id: &Id) -> [ClipSeen; 3] {
    let size = Size {
        width: 1920,
        height: 1080,
    };
    let tag = || Some("bt709".to_owned());
    let video = VideoFacts {
        stream: 0,
        codec: "h264".into(),
        coded: size,
        sample_aspect: Rational::integer(1),
        orientation: Orientation::default(),
        rate: FrameRate::new(30_000, 1001).expect("positive"),
        variable_rate: false,
        frames: 400,
        start: Rational::ZERO,
        decoder_delay: Rational::ZERO,
        pixel_format: "yuv420p".into(),
        bit_depth: 8,
        colour: Colour {
            matrix: tag(),
            primaries: tag(),
            transfer: tag(),
            full_range: false,
            chroma_location: None,
            peak_nits: None,
        },
        field_order: FieldOrder::TopFirst,
    };
    let audio = AudioFacts {
        stream: 1,
        codec: "aac".into(),
        channels: 2,
        layout: "stereo".into(),
        sample_rate: 48_000,
        start: Rational::ZERO,
        duration: Rational::integer(13),
    };
    let stretches = vec![Stretch {
        start: Rational::ZERO,
        end: Rational::milliseconds(4080),
    }];
    let heard = SoundHeard {
        level: Some(Level {
            integrated: -2310,
            true_peak: -120,
        }),
        silent: stretches.clone(),
        dead_side: Some(StereoSide::Left),
        cancelled: Some(StereoSide::Right),
        louder: Some(LouderTrack {
            track: 2,
            integrated: -2040,
        }),
        lost_ms: 18_040,
        saturated_seconds: 3,
        damaged: 1,
    };
    let found = Examination {
        picture: PictureSeen {
            judged: 13,
            black: stretches.clone(),
            blown_out: stretches,
            moving: 12,
            combed: 1,
            damaged: 2,
        },
        sound: Some(heard.clone()),
    };
    let full = ClipSeen {
        capsule: id.clone(),
        path: "footage/jour 2/c12.mov".into(),
        facts: SourceFacts {
            container: "mov,mp4".into(),
            clock_zero: Rational::ZERO,
            timecode: None,
            video,
            audio: Some(audio),
            oddities: Vec::new(),
        },
        kept: Some((Rational::integer(12), found)),
    };
    let mut silent = full.clone();
    if let Some((_, found)) = &mut silent.kept {
        found.sound = Some(SoundHeard {
            level: None,
            silent: Vec::new(),
            dead_side: None,
            ..heard
        });
    }
    let mut little = full.clone();
    little.facts.audio = None;
    little.facts.video.colour.matrix = None;
    little.facts.video.colour.transfer = None;
    little.kept = None;
    [full, silent, little]
}

/// One event of each form, as the program writes it.
fn events() -> Vec<Value> {
    let id = Id::new("jpp-12").expect("an id");
    let path = || "capsules.csv".to_owned();
    let moment = Moment {
        encoded: 250,
        total: 500,
        left: None,
    };
    let left = Some(Duration::from_secs(12));
    let mut lines = vec![
        write::start("build"),
        write::progress(&moment),
        write::progress(&Moment { left, ..moment }),
    ];
    let (header, column) = ("question".to_owned(), "AC".to_owned());
    let places = [
        Place::Series,
        Place::File { path: path() },
        Place::Text {
            path: path(),
            line: 3,
            column: 1,
        },
        Place::Cell {
            path: path(),
            row: 13,
            column,
            header,
        },
        Place::Row {
            path: path(),
            row: 13,
        },
        Place::Moment {
            capsule: id.clone(),
            seconds: Rational::milliseconds(80_500),
        },
    ];
    // An error with a hint, a warning, and a note.
    let problems = [
        Problem::CardOverflow {
            card: "opening".into(),
            column: "title".into(),
            characters: 131,
            room: 95,
        },
        Problem::EmptyCatalogue,
        Problem::Outdated { segments: 3 },
    ];
    for (place, problem) in places
        .iter()
        .flat_map(|p| problems.iter().map(move |q| (p, q)))
    {
        for lang in [Lang::French, Lang::English] {
            let of_series = Diagnostic::new(problem.clone(), place.clone());
            let of_capsule = Diagnostic::of_capsule(problem.clone(), place.clone(), &id);
            lines.extend([of_series, of_capsule].map(|d| write::diagnostic(&d, lang)));
        }
    }
    let reasons = [
        Reason::New,
        Reason::ClipChanged,
        Reason::CutMoved,
        Reason::CardChanged,
        Reason::LowerThirdChanged,
        Reason::SettingsChanged,
        Reason::SoundChanged,
        Reason::RendererChanged,
        Reason::Lost,
        Reason::Outdated,
    ];
    for reason in reasons {
        let plain = Why {
            reason,
            segments: 3,
            card: None,
            texts: Vec::new(),
            changes: vec![("web 270p crf".into(), "30".into(), "28".into())],
            slots: vec!["web 270p footage 0".into()],
        };
        let card = Why {
            card: Some("opening".into()),
            texts: vec![("title".into(), "Avant".into(), "Après".into())],
            ..plain.clone()
        };
        let all = [plain, card];
        let sentence = reasons::sentence(&all, Lang::French);
        lines.push(write::job(&id, &sentence, &all));
    }
    let states = [
        State::Built,
        State::Fresh,
        State::Outdated,
        State::Stale,
        State::Failed,
        State::Withheld,
    ];
    lines.extend(clips(&id).iter().map(write::clip));
    lines.extend(states.map(|state| write::capsule(&id, state)));
    lines.push(write::summary(
        &Summary::default(),
        Duration::from_millis(3200),
    ));
    lines.into_iter().map(written).collect()
}

#[test]
fn events_obey_their_schema() {
    let validator = validator("events");
    let start = &parsed("events")["$defs"]["start"]["properties"];
    assert_eq!(start["version"]["const"], json!(write::VERSION));
    for event in events() {
        let errors: Vec<String> = validator
            .iter_errors(&event)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{event:#}");
    }
}

#[test]
fn events_without_a_member_or_with_another_are_refused() {
    let validator = validator("events");
    let optional = ["hint", "capsule", "seconds_left"];
    for event in events() {
        let members = event.as_object().expect("an object");
        for key in members.keys() {
            let mut less = members.clone();
            less.remove(key);
            let still = event["event"] == "diagnostic" || event["event"] == "progress";
            let may = still && optional.contains(&key.as_str());
            assert_eq!(
                validator.is_valid(&Value::Object(less)),
                may,
                "{event:#} without {key}"
            );
        }
        let mut more = members.clone();
        more.insert("clock".to_owned(), json!(0));
        assert!(
            !validator.is_valid(&Value::Object(more)),
            "{event:#} with a clock"
        );
    }
    for wrong in [
        json!({ "event": "started", "version": 1, "command": "build" }),
        json!({ "event": "capsule", "id": "jpp-12", "state": "done" }),
        json!({ "event": "capsule", "id": "JPP 12", "state": "built" }),
        json!({ "event": "progress", "encoded_frames": -1, "total_frames": 500 }),
        json!({ "event": "progress", "encoded_frames": 1.5, "total_frames": 500 }),
        json!({ "event": "job", "capsule": "a", "reason": "x", "reasons": [{ "reason": "mood", "segments": 1 }] }),
        json!([]),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong:#}");
    }
}
