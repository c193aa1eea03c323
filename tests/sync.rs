//! Sound and picture together: a clip with flashes and clicks goes in, and in
//! every package they are where they were, measured on decoded frames and
//! samples.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SERIES: &str = r#"
id = "sync"
title = "Flashes and clicks"
consent = "not-needed"
audience = "public"
language = "en"
"#;

const PROFILE: &str = r#"
package = "hls"
progressive = [180]
[audio]
codec = "aac"
kbps = 128
[[rung]]
height = 180
codec = "h264"
preset = "veryfast"
crf = 20
max_kbps = 2000
"#;

/// Seconds of film; a flash and a click at each whole one.
const SECONDS: usize = 8;

fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn series(rate: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    fs::create_dir_all(place("footage")).expect("made");
    fs::create_dir_all(place("profiles")).expect("made");
    fs::write(place("series.toml"), SERIES).expect("written");
    fs::write(place("profiles/web.toml"), PROFILE).expect("written");
    fs::write(place("capsules.csv"), "id,question\nsync,Do they meet?\n").expect("written");
    let picture = format!(
        "color=black:s=320x180:r={rate},drawbox=w=iw:h=ih:color=white:t=fill:enable='lt(mod(t,1),0.03)'"
    );
    let sound = "aevalsrc='0.03*sin(880*PI*t)+if(lt(mod(t,1),0.002),0.7*sin(8000*PI*t),0)':s=48000";
    let clip = place("footage/sync.mov");
    run(
        "ffmpeg",
        &[
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            &picture,
            "-f",
            "lavfi",
            "-i",
            sound,
            "-t",
            &SECONDS.to_string(),
            "-c:v",
            "libx264",
            "-c:a",
            "pcm_s16le",
            clip.to_str().expect("plain"),
        ],
    );
    let status = Command::new(env!("CARGO_BIN_EXE_portevoix"))
        .args([
            "--series",
            folder.path().to_str().expect("plain"),
            "--lang",
            "en",
            "build",
        ])
        .output()
        .expect("it starts");
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    folder
}

/// Numbers of the frames that begin a flash.
fn flashes(film: &Path) -> Vec<usize> {
    let (width, height) = (32, 18);
    let scale = format!("scale={width}:{height}:flags=area,format=gray");
    let arguments = [
        "-v",
        "error",
        "-i",
        film.to_str().expect("plain"),
        "-vf",
        &scale,
        "-f",
        "rawvideo",
        "-",
    ];
    let frames = run("ffmpeg", &arguments);
    let bright: Vec<bool> = frames
        .chunks_exact(width * height)
        .map(|f| f.iter().map(|&p| usize::from(p)).sum::<usize>() / f.len() > 150)
        .collect();
    (1..bright.len())
        .filter(|&n| bright[n] && !bright[n - 1])
        .collect()
}

/// Times in seconds at which a click begins.
fn clicks(film: &Path) -> Vec<f64> {
    let arguments = [
        "-v",
        "error",
        "-i",
        film.to_str().expect("plain"),
        "-ac",
        "1",
        "-ar",
        "48000",
        "-f",
        "f32le",
        "-",
    ];
    let samples: Vec<f32> = run("ffmpeg", &arguments)
        .chunks_exact(4)
        .map(|s| f32::from_le_bytes([s[0], s[1], s[2], s[3]]))
        .collect();
    let loudest = samples.iter().fold(0f32, |m, s| m.max(s.abs()));
    let mut found: Vec<usize> = Vec::new();
    for (n, sample) in samples.iter().enumerate() {
        if sample.abs() > loudest / 2.5 && found.last().is_none_or(|&last| n > last + 24_000) {
            found.push(n);
        }
    }
    found.iter().map(|&n| n as f64 / 48_000.0).collect()
}

/// The parts of an HLS rendition as one file.
fn joined(folder: &Path, into: PathBuf) -> PathBuf {
    let mut bytes = fs::read(folder.join("init.mp4")).expect("there");
    let playlist = fs::read_to_string(folder.join("playlist.m3u8")).expect("there");
    for part in playlist.lines().filter(|l| l.ends_with(".m4s")) {
        bytes.extend(fs::read(folder.join(part)).expect("there"));
    }
    fs::write(&into, bytes).expect("written");
    into
}

#[test]
fn flashes_and_clicks_stay_together_in_every_package() {
    for (text, rate) in [("25", 25.0), ("30000/1001", 30_000.0 / 1001.0)] {
        let series = series(text);
        let web = series.path().join("dist/public/sync/web");
        let film = web.join("180p.mp4");
        let pictures = joined(&web.join("180p"), series.path().join("pictures.mp4"));
        let sound = joined(&web.join("audio"), series.path().join("sound.mp4"));
        // The card's length in frames, by what the manifest counts.
        let manifest: serde_json::Value = serde_json::from_slice(
            &fs::read(series.path().join("dist/public/manifest.json")).expect("there"),
        )
        .expect("JSON");
        let frames = manifest["capsules"][0]["renditions"][0]["frames"]
            .as_u64()
            .expect("a number");
        let clip_frames = (SECONDS as f64 * rate).round();
        // Both built-in cards last four seconds.
        let card = (4.0 * rate).round();
        assert_eq!(frames as f64, clip_frames + 2.0 * card, "{text}");

        for (name, flash, click) in [
            ("MP4", flashes(&film), clicks(&film)),
            ("HLS", flashes(&pictures), clicks(&sound)),
        ] {
            // At 0 s both lie in the transition, at the end in the fade.
            let inner = 1..SECONDS;
            for second in inner {
                let wanted_frame = card + (second as f64 * rate - 1e-6).ceil();
                let frame = flash
                    .iter()
                    .min_by_key(|&&f| (f as f64 - wanted_frame).abs() as u64)
                    .unwrap_or_else(|| panic!("{text} {name}: no flash"));
                assert_eq!(*frame as f64, wanted_frame, "{text} {name}: flash {second}");
                let wanted_time = card / rate + second as f64;
                let nearest = click
                    .iter()
                    .map(|c| (c - wanted_time).abs())
                    .fold(f64::INFINITY, f64::min);
                assert!(
                    nearest < 0.002,
                    "{text} {name}: click {second} is {nearest} s off: {click:?}"
                );
            }
        }
        // Container times: both start at zero, and end within a frame of sound.
        let start = run(
            "ffprobe",
            &[
                "-v",
                "error",
                "-show_entries",
                "stream=start_time",
                "-of",
                "csv=p=0",
                film.to_str().expect("plain"),
            ],
        );
        for line in String::from_utf8(start).expect("text").lines() {
            assert_eq!(
                line.trim_end_matches(',').parse::<f64>().expect("a time"),
                0.0,
                "{text}"
            );
        }
    }
}
