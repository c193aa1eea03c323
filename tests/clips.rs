//! Every real clip that we have, through the real binary. `clips/table.toml`
//! says of each what its publication has to be, or why it is refused. What is
//! published is judged by `ffprobe`, and picture by picture and sample by
//! sample against what `ffmpeg` itself makes of the source.
//!
//! The clips lie beside the project or where `PORTEVOIX_MEDIA` says; without
//! them these tests are skipped.

#[path = "clips/pictures.rs"]
mod pictures;
#[path = "clips/sound.rs"]
mod sound;
#[path = "clips/table.rs"]
mod table;

use crate::build::bench::{Run, Series, program};
use crate::skipped::skipped;
use rayon::prelude::*;
use serde_json::Value;
use std::fs;
use std::path::Path;
use table::{Published, Row, Verdict};

/// One small rung and no card: what is published is the clip and nothing else.
const PROFILE: &str = "package = \"mp4\"\ncards = []\n[audio]\ncodec = \"aac\"\nkbps = 96\n\
    [[rung]]\nheight = 216\npreset = \"veryfast\"\ncrf = 20\n";

#[test]
fn the_table_names_every_clip_and_no_other() {
    let Some(folder) = table::folder() else {
        return skipped("no real clips");
    };
    let table = table::read();
    let mut named: Vec<&str> = table.iter().map(|row| row.clip.as_str()).collect();
    named.dedup();
    assert_eq!(named, table::clips_in(&folder), "table.toml and the folder");
}

#[test]
fn every_clip_is_published_right_or_refused_with_its_reason() {
    let Some(folder) = table::folder() else {
        return skipped("no real clips");
    };
    let table = table::read();
    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    for row in &table {
        let place = series.path("footage").join(&row.clip);
        fs::create_dir_all(place.parent().expect("a folder")).expect("made");
        if !place.exists() {
            fs::copy(folder.join(&row.clip), place).expect("copied");
        }
        enter(&mut series, row);
    }
    let run = series.build().ends(1);
    let manifest = series.manifest("private");
    let tree = series.path("dist/private");
    let faults: Vec<String> = table
        .par_iter()
        .flat_map_iter(|row| {
            let found = match &row.verdict {
                Verdict::Published(wanted) => judge(&folder, &tree, row, wanted, &manifest),
                Verdict::Refused { by, says } => refused(&run, row, by, says),
            };
            let id = row.id();
            found.into_iter().map(move |fault| format!("{id}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    let damaged: Vec<String> = table
        .iter()
        .filter(|row| matches!(&row.verdict, Verdict::Published(wanted) if wanted.damaged))
        .map(Row::id)
        .collect();
    let mut arguments = vec!["check"];
    arguments.extend(damaged.iter().map(String::as_str));
    let run = series.run(&arguments);
    let told = run
        .of_kind("diagnostic")
        .filter(|e| e["id"] == "clip-damaged");
    let told: Vec<&str> = told.filter_map(|e| e["capsule"].as_str()).collect();
    assert_eq!(told, damaged);
}

/// Puts a capsule into the catalogue.
fn enter(series: &mut Series, row: &Row) {
    let cells = [
        ("fichier", row.clip.as_str()),
        ("question", "Qui ?"),
        ("début", row.from),
        ("fin", &row.until),
    ];
    series.row(&row.id(), &cells);
}

/// What is wrong with how a clip was refused.
fn refused(run: &Run, row: &Row, by: &str, says: &str) -> Vec<String> {
    let id = row.id();
    let errors: Vec<&Value> = run
        .of_kind("diagnostic")
        .filter(|e| e["capsule"] == *id && e["severity"] == "error")
        .collect();
    match errors.as_slice() {
        [error]
            if error["id"] == by && error["message"].as_str().is_some_and(|m| m.contains(says)) =>
        {
            Vec::new()
        }
        other => vec![format!("one {by} that says « {says} », not {other:#?}")],
    }
}

/// What is wrong with a publication.
fn judge(
    folder: &Path,
    tree: &Path,
    row: &Row,
    wanted: &Published,
    manifest: &Value,
) -> Vec<String> {
    let capsules = manifest["capsules"].as_array().expect("a list");
    let Some(capsule) = capsules.iter().find(|c| c["id"] == *row.id()) else {
        return vec!["not published".into()];
    };
    let film = tree.join(row.id()).join("web.mp4");
    let mut faults = facts(&film, wanted);
    let oddities = oddities(&capsule["source"]["facts"]["oddities"]);
    if oddities != wanted.oddities {
        faults.push(format!("said {oddities:?}, not {:?}", wanted.oddities));
    }
    if faults.is_empty() {
        let source = folder.join(&row.clip);
        faults.extend(pictures::faults(&source, &film, wanted));
        faults.extend(sound::faults(&source, &film, wanted));
    }
    faults
}

/// Each oddity by its name, with what tells it from others of that name.
fn oddities(said: &Value) -> Vec<String> {
    let named = said.as_array().expect("a list").iter().map(|oddity| {
        let name = oddity["oddity"].as_str().expect("a name").to_owned();
        let turned = oddity["clockwise_degrees"]
            .as_u64()
            .map(|d| format!(" {d}"));
        let mirrored = (oddity["mirrored"] == true).then_some(" mirrored");
        name + &turned.unwrap_or_default() + mirrored.unwrap_or_default()
    });
    named.collect()
}

/// What `ffprobe` sees of a film that is not as it has to be.
fn facts(film: &Path, wanted: &Published) -> Vec<String> {
    let place = film.display().to_string();
    let shown = [
        "-v",
        "error",
        "-count_frames",
        "-show_streams",
        "-of",
        "json",
        &place,
    ];
    let said = program("ffprobe", &shown, Path::new("/"));
    let seen: Value = serde_json::from_str(&said).expect("JSON");
    let [picture, sound] = seen["streams"].as_array().expect("a list").as_slice() else {
        return vec![format!("a picture and a sound, not {}", seen["streams"])];
    };
    let mut faults = Vec::new();
    let mut check = |what: &str, found: String, wanted: String| {
        if found != wanted {
            faults.push(format!("{what} {found}, not {wanted}"));
        }
    };
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let size = format!("{}x{}", picture["width"], picture["height"]);
    check("size", size, format!("{}x{}", wanted.width, wanted.height));
    check("rate", text(&picture["r_frame_rate"]), wanted.rate.clone());
    check(
        "average rate",
        text(&picture["avg_frame_rate"]),
        wanted.rate.clone(),
    );
    check(
        "frames",
        text(&picture["nb_read_frames"]),
        wanted.frames.to_string(),
    );
    for (key, value) in [
        ("sample_aspect_ratio", "1:1"),
        ("pix_fmt", "yuv420p"),
        ("color_range", "tv"),
        ("color_space", "bt709"),
        ("color_transfer", "bt709"),
        ("color_primaries", "bt709"),
        ("start_time", "0.000000"),
    ] {
        check(key, text(&picture[key]), value.into());
    }
    for (key, value) in [
        ("codec_name", "aac"),
        ("sample_rate", "48000"),
        ("start_time", "0.000000"),
    ] {
        check(key, text(&sound[key]), value.into());
    }
    check("channels", sound["channels"].to_string(), "2".into());
    let seconds = |v: &Value| text(v).parse::<f64>().expect("seconds");
    // Sound ends after the picture, by one AAC frame at most.
    let over = seconds(&sound["duration"]) - seconds(&picture["duration"]);
    if !(-0.0005..=1024.0 / 48_000.0 + 0.0005).contains(&over) {
        faults.push(format!("the sound ends {over} s after the picture"));
    }
    faults
}

/// A clip of a second, made for the test.
fn made(series: &Series, name: &str, picture: &str) {
    let place = series.path("footage").join(name).display().to_string();
    let picture = ["-nostdin", "-v", "error", "-f", "lavfi", "-i", picture];
    let coding = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        &place,
    ];
    program(
        "ffmpeg",
        &[&picture[..], &coding[..]].concat(),
        Path::new("/"),
    );
}

#[test]
fn a_clip_that_is_too_small_is_blamed_and_not_its_titles() {
    let mut series = Series::new();
    for (id, size) in [
        ("stamp", "160x120"),
        ("speck", "48x16"),
        ("film", "320x180"),
    ] {
        let name = format!("{id}.mp4");
        made(&series, &name, &format!("testsrc2=s={size}:r=25:d=1"));
        let question = "Comment parler de sexualité avec son adolescent ?";
        series.row(id, &[("question", question), ("intervenant", "Anne Roux")]);
    }
    let run = series.run(&["check"]).ends(1);
    let errors = run
        .of_kind("diagnostic")
        .filter(|e| e["severity"] == "error");
    let found: Vec<(&Value, &Value)> = errors.map(|e| (&e["capsule"], &e["id"])).collect();
    let small = &Value::from("clip-too-small");
    assert_eq!(found, [(&"stamp".into(), small), (&"speck".into(), small)]);
}

/// Neither by time nor by an index can such a file be sought.
#[test]
fn pictures_without_time_stamps_are_counted() {
    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    made(&series, "bare.h264", "testsrc2=s=320x240:r=30000/1001:d=5");
    let rows = table::parse(
        "['bare.h264']\nsize = '288x216'\nrate = '30000/1001'\nframes = 150\n\
         late = [60, 60]\nmatrix = 'smpte170m'\n\
         oddities = ['untagged-colour', 'no-sound']\n",
    );
    rows.iter().for_each(|row| enter(&mut series, row));
    series.build().ends(0);
    let manifest = series.manifest("private");
    let (footage, tree) = (series.path("footage"), series.path("dist/private"));
    for row in &rows {
        let Verdict::Published(wanted) = &row.verdict else {
            panic!("it is published");
        };
        let faults = judge(&footage, &tree, row, wanted, &manifest);
        assert!(faults.is_empty(), "{}: {faults:?}", row.id());
    }
}
