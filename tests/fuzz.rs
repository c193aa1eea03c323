//! Damaged clips by the hundred through the real program: whatever they hold,
//! the build ends by itself, leaves no process and no open file behind, and
//! publishes the sound clips of the same batch to the byte.
//!
//! A short slice runs with the other tests; `bin/fuzz-media` runs as many as it
//! is asked for.

#[path = "fuzz/damage.rs"]
pub mod damage;
#[path = "fuzz/watch.rs"]
pub(crate) mod watch;

use crate::build::bench::{Run, Series, files};
use crate::hostile::{PROFILE, made};
use damage::{Dice, damaged};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use watch::{leftovers, watched};

/// Containers and codecs that are read, as small as they come.
const SEEDS: [(&str, &str, &str); 26] = [
    ("h264", "mp4", "-c:v libx264 -c:a aac"),
    (
        "h264-edit",
        "mp4",
        "-c:v libx264 -bf 2 -c:a aac -movflags faststart",
    ),
    (
        "h264-fragments",
        "mp4",
        "-c:v libx264 -c:a aac -movflags frag_keyframe+empty_moov",
    ),
    (
        "h264-high10",
        "mov",
        "-c:v libx264 -pix_fmt yuv422p10le -c:a pcm_s24le",
    ),
    ("h264-raw", "mkv", "-c:v libx264 -an -f h264"),
    ("h264-ts", "mts", "-c:v libx264 -c:a ac3 -f mpegts"),
    ("h264-mkv", "mkv", "-c:v libx264 -c:a libmp3lame"),
    (
        "hevc",
        "mp4",
        "-c:v libx265 -x265-params log-level=none -c:a aac",
    ),
    (
        "hevc-ts",
        "ts",
        "-c:v libx265 -x265-params log-level=none -an",
    ),
    (
        "av1",
        "mkv",
        "-c:v libsvtav1 -preset 12 -s 64x64 -c:a libopus",
    ),
    ("vp8", "webm", "-c:v libvpx -c:a libvorbis"),
    (
        "vp9",
        "webm",
        "-c:v libvpx-vp9 -deadline realtime -c:a libopus",
    ),
    ("prores", "mov", "-c:v prores_ks -c:a pcm_s16le"),
    (
        "dnxhd",
        "mxf",
        "-c:v dnxhd -profile:v dnxhr_lb -s 256x120 -pix_fmt yuv422p -an",
    ),
    ("mpeg2", "mxf", "-c:v mpeg2video -c:a pcm_s16le"),
    ("mpeg2-ps", "mpg", "-c:v mpeg2video -c:a mp2"),
    ("mpeg4", "avi", "-c:v mpeg4 -c:a pcm_alaw"),
    ("mjpeg", "avi", "-c:v mjpeg -c:a pcm_u8"),
    ("huffyuv", "avi", "-c:v huffyuv -pix_fmt yuv422p -an"),
    ("png", "mov", "-c:v png -c:a alac"),
    ("qtrle", "mov", "-c:v qtrle -an"),
    ("ffv1", "mkv", "-c:v ffv1 -c:a flac"),
    ("h263", "3gp", "-c:v h263 -s 128x96 -c:a aac"),
    ("flv", "flv", "-c:v flv -c:a libmp3lame -ar 44100"),
    ("wmv", "asf", "-c:v wmv2 -c:a wmav2"),
    ("theora", "ogv", "-c:v libtheora -c:a libvorbis"),
];

/// Real clips up to this size, and of any, are seeds too.
const SMALL: u64 = 200_000;

struct Seed {
    name: String,
    extension: String,
    bytes: Vec<u8>,
}

fn made_seeds() -> Vec<Seed> {
    let of = |&(name, extension, coding): &(&str, &str, &str)| Seed {
        name: name.to_owned(),
        extension: extension.to_owned(),
        bytes: made(&format!("seed-{name}.{extension}"), coding),
    };
    SEEDS.iter().map(of).collect()
}

fn real_clips() -> Vec<Seed> {
    let media = std::env::var_os("PORTEVOIX_MEDIA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"),
        PathBuf::from,
    );
    let entries = walkdir::WalkDir::new(media.join("files")).sort_by_file_name();
    let small = entries.into_iter().flatten().filter(|e| {
        e.file_type().is_file() && e.metadata().is_ok_and(|m| (64..=SMALL).contains(&m.len()))
    });
    let seed = |entry: walkdir::DirEntry| {
        let path = entry.path();
        Some(Seed {
            name: path.file_stem()?.to_str()?.to_owned(),
            extension: path.extension()?.to_str()?.to_lowercase(),
            bytes: fs::read(path).ok()?,
        })
    };
    let captions = |seed: &Seed| ["vtt", "srt", "ssa"].contains(&seed.extension.as_str());
    small.filter_map(seed).filter(|s| !captions(s)).collect()
}

/// The sound clips, and so many damaged ones between them.
fn series(damaged: &[(String, Vec<u8>)]) -> Series {
    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    let footage = series.path("footage");
    let sound = [
        ("good-1", made("seed-h264.mp4", SEEDS[0].2)),
        ("good-2", made("seed-prores.mov", SEEDS[12].2)),
    ];
    for (id, bytes) in &sound {
        fs::write(footage.join(format!("{id}.mp4")), bytes).expect("written");
    }
    let mut rows = vec!["good-1".to_owned()];
    for (n, (extension, bytes)) in damaged.iter().enumerate() {
        fs::write(footage.join(format!("c{n}.{extension}")), bytes).expect("written");
        rows.push(format!("c{n}"));
    }
    rows.push("good-2".to_owned());
    for id in &rows {
        series.row(id, &[("question", "La peur")]);
    }
    series
}

/// What is published of the sound clips.
fn sound_films(series: &Series) -> BTreeMap<String, Vec<u8>> {
    let all = files(&series.path("dist"));
    let sound = |path: &String| path.contains("/good-1/") || path.contains("/good-2/");
    // A page links to its neighbours, which differ.
    let film = |path: &String| sound(path) && !path.ends_with(".html");
    all.into_iter().filter(|(path, _)| film(path)).collect()
}

/// What became of one damaged clip: "published", or the finding and what it
/// says of signals and codes.
fn fate(run: &Run, id: &str) -> String {
    let mut errors = run
        .of_kind("diagnostic")
        .filter(|e| e["capsule"] == id && e["severity"] == "error");
    let Some(error) = errors.next() else {
        return run.state(id).to_owned();
    };
    let facts = &error["facts"];
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let detail = word(&facts["failure"]["failure"])
        .or_else(|| facts["signal"].as_i64().map(|s| format!("signal {s}")))
        .or_else(|| {
            facts["code"]
                .as_i64()
                .map(|c| format!("code {c} {}", facts["last_log"]))
        })
        .or_else(|| word(&facts["operation"]))
        .or_else(|| word(&facts["what"]));
    let id = error["id"].as_str().expect("an id");
    detail.map_or_else(|| id.to_owned(), |detail| format!("{id}: {detail}"))
}

/// Runs so many clips in batches, keeps what kills or hangs a worker, and
/// counts what became of all.
fn campaign(
    seeds: &[Seed],
    (clips, batch): (usize, usize),
    seed: u64,
    keep: Option<&Path>,
) -> BTreeMap<String, usize> {
    let mut dice = Dice::new(seed);
    let reference = series(&[]);
    reference.build().ends(0);
    let wanted = sound_films(&reference);
    assert!(wanted.len() >= 4, "{:?}", wanted.keys());
    let mut fates: BTreeMap<String, usize> = BTreeMap::new();
    let mut done = 0;
    while done < clips {
        let count = batch.min(clips - done);
        let began = Instant::now();
        let mut batch = Vec::new();
        let mut origins = Vec::new();
        for _ in 0..count {
            let (one, other) = (dice.choose(seeds), dice.choose(seeds));
            origins.push(&one.name);
            batch.push((
                one.extension.clone(),
                damaged(&one.bytes, &other.bytes, &mut dice),
            ));
        }
        let series = series(&batch);
        let seen = watched(
            series.command(&["build", "--jobs", "2"]),
            &series.path("said"),
        );
        let run = seen.run;
        assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
        // Two workers have three files each, and a clip and two scratch files
        // in hand; a leak would be as many as there are clips.
        assert!(seen.most_files < 64, "{} open files", seen.most_files);
        // Two at work, six that wait, and one of each that is on its way.
        assert!(seen.most_workers <= 10, "{} workers", seen.most_workers);
        assert_eq!(
            seen.survivors,
            Vec::<i32>::new(),
            "workers that outlive the build"
        );
        // The program holds words and one segment at a time; a worker, what it
        // is allowed, and the libraries that are mapped beside that.
        assert!(seen.most_memory < 512 << 10, "{} KiB", seen.most_memory);
        let allowed = (portevoix::worker::sandbox::limits::MEMORY >> 10) + (256 << 10);
        assert!(seen.most_of_worker < allowed, "{} KiB", seen.most_of_worker);
        assert_eq!(leftovers(series.folder()), Vec::<String>::new());
        for good in ["good-1", "good-2"] {
            assert_eq!(run.state(good), "built", "{run:#?}");
        }
        let now = sound_films(&series);
        let differing = wanted
            .iter()
            .find(|(path, bytes)| now.get(*path) != Some(*bytes));
        assert!(differing.is_none(), "{:?}", differing.map(|d| d.0));
        for (n, (extension, bytes)) in batch.iter().enumerate() {
            let fate = fate(&run, &format!("c{n}"));
            if let Some(keep) = keep
                && fate.starts_with("worker-")
            {
                let kind = fate.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let kind: Vec<&str> = kind.filter(|w| !w.is_empty()).take(3).collect();
                let name = format!(
                    "seed-{seed}-clip-{}-{}-{}.{extension}",
                    done + n,
                    origins[n],
                    kind.join("-")
                );
                fs::create_dir_all(keep).expect("made");
                fs::write(keep.join(name), bytes).expect("kept");
            }
            *fates.entry(fate).or_default() += 1;
        }
        done += count;
        println!(
            "{done} of {clips} damaged clips, seed {seed}, {:.1} s, at most {} files open, {} workers, {} and {} MiB",
            began.elapsed().as_secs_f64(),
            seen.most_files,
            seen.most_workers,
            seen.most_memory >> 10,
            seen.most_of_worker >> 10
        );
    }
    for (fate, count) in &fates {
        println!("{count:7}  {fate}");
    }
    fates
}

#[test]
fn sixty_damaged_clips_harm_nobody_else() {
    let fates = campaign(&made_seeds(), (60, 60), 20_250_115, None);
    assert_eq!(fates.values().sum::<usize>(), 60);
    let refused = fates.iter().filter(|(fate, _)| *fate != "built");
    assert!(refused.map(|f| f.1).sum::<usize>() > 10, "{fates:?}");
}

/// As many as asked for; see `bin/fuzz-media`.
#[test]
#[ignore = "takes as long as it is told to"]
fn as_many_as_asked_for() {
    let number = |name: &str, otherwise: u64| {
        let text = std::env::var(name).ok();
        text.map_or(otherwise, |t| {
            t.parse().unwrap_or_else(|e| panic!("{name}: {e}"))
        })
    };
    let keep = std::env::var_os("PORTEVOIX_FUZZ_KEEP").map(PathBuf::from);
    let clips = number("PORTEVOIX_FUZZ_CLIPS", 1000) as usize;
    let batch = number("PORTEVOIX_FUZZ_BATCH", 200).max(1) as usize;
    let seed = number("PORTEVOIX_FUZZ_SEED", 1);
    let mut seeds = made_seeds();
    seeds.extend(real_clips());
    campaign(&seeds, (clips, batch), seed, keep.as_deref());
}
