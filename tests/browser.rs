//! A real browser plays what we publish. `browser/play.mjs` does the playing;
//! here its findings are read and judged.

use crate::skipped::skipped;
use portevoix::captions::{parse, webvtt_segments};
use portevoix::values::time::Rational;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a check of `browser/play.mjs` (`hls`, `page`, `flashes`, `screenshot`)
/// on a folder and returns what it saw. `None`, with a word, where there is no
/// browser to run; a check that could not be made fails the test.
pub fn browser(check: &str, folder: &Path, arguments: &[&str]) -> Option<Value> {
    run_script("play.mjs", check, folder, arguments)
}

/// The same for any script of `browser/`.
pub fn run_script(script: &str, check: &str, folder: &Path, arguments: &[&str]) -> Option<Value> {
    let scripts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = std::env::var("PORTEVOIX_CHROMIUM");
    let chromium = chromium.unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    let missing = if !runs("node") {
        Some("node")
    } else if !Path::new(&chromium).exists() {
        Some("chromium")
    } else if !scripts.join("node_modules/axe-core").is_dir() {
        Some("tests/browser/node_modules (npm ci)")
    } else {
        None
    };
    if let Some(missing) = missing {
        skipped(&format!("no {missing}"));
        return None;
    }
    let output = Command::new("node")
        .arg(scripts.join(script))
        .arg(check)
        .arg(folder)
        .args(arguments)
        .output()
        .expect("node runs, as was just seen");
    let said = String::from_utf8_lossy(&output.stdout);
    let found: Value = serde_json::from_str(&said).unwrap_or_else(|e| {
        panic!(
            "{check}: {e}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    assert!(output.status.success(), "{check}: {found}");
    Some(found)
}

fn runs(program: &str) -> bool {
    let mut version = Command::new(program);
    let version = version
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    version.status().is_ok()
}

fn ffmpeg(folder: &Path, arguments: &str) -> bool {
    if !runs("ffmpeg") {
        skipped("no ffmpeg");
        return false;
    }
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error"]);
    command.args(arguments.split_whitespace());
    let ended = command.current_dir(folder).status().expect("ffmpeg runs");
    assert!(ended.success(), "ffmpeg {arguments}");
    true
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("a number, not {value}"))
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value[key].as_array();
    list.unwrap_or_else(|| panic!("a list `{key}` in {value}"))
}

/// Six seconds in two rungs with an audio group, and captions of our own
/// writing in segments of two seconds.
fn stream(folder: &Path) -> bool {
    let hls = "-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4";
    let picture = "-f lavfi -i testsrc2=s=320x180:r=25:d=6";
    let coding = "-c:v libx264 -preset ultrafast -bf 0 -g 50 -sc_threshold 0";
    let sound = "-f lavfi -i sine=r=48000:d=6 -c:a aac";
    if !ffmpeg(
        folder,
        &format!("{sound} {hls} -hls_fmp4_init_filename a.mp4 a.m3u8"),
    ) {
        return false;
    }
    for height in [90, 180] {
        let out = format!("-hls_fmp4_init_filename v{height}.mp4 v{height}.m3u8");
        let size = format!("-vf scale={}:{height}", height * 16 / 9);
        ffmpeg(folder, &format!("{picture} {size} {coding} {hls} {out}"));
    }
    captions(folder);
    let variant = |width, height, rate| {
        format!(
            "#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={width}x{height},\
             CODECS=\"avc1.42c01e,mp4a.40.2\",AUDIO=\"a\",SUBTITLES=\"s\"\nv{height}.m3u8\n"
        )
    };
    let master = [
        "#EXTM3U\n#EXT-X-VERSION:7\n".to_owned(),
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"fr\",DEFAULT=YES,URI=\"a.m3u8\"\n"
            .to_owned(),
        "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"fr\",LANGUAGE=\"fr\",URI=\"s.m3u8\"\n"
            .to_owned(),
        variant(160, 90, 200_000),
        variant(320, 180, 600_000),
    ];
    std::fs::write(folder.join("master.m3u8"), master.concat()).expect("written");
    true
}

fn captions(folder: &Path) {
    let srt = "1\n00:00:00,500 --> 00:00:01,500\nUn & deux\n\n\
               2\n00:00:01,800 --> 00:00:04,200\n<i>À cheval</i>\n";
    let cues = parse(srt.as_bytes()).cues;
    let boundaries = [0, 2, 4, 6].map(Rational::integer);
    let mut playlist = String::from(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n",
    );
    for (index, text) in webvtt_segments(&cues, &boundaries).iter().enumerate() {
        std::fs::write(folder.join(format!("s{index}.vtt")), text).expect("written");
        playlist.push_str(&format!("#EXTINF:2.0,\ns{index}.vtt\n"));
    }
    playlist.push_str("#EXT-X-ENDLIST\n");
    std::fs::write(folder.join("s.m3u8"), playlist).expect("written");
}

#[test]
fn a_stream_plays_switches_and_seeks() {
    let folder = tempfile::tempdir().expect("a folder");
    if !stream(folder.path()) {
        return;
    }
    let Some(seen) = browser("hls", folder.path(), &["master.m3u8"]) else {
        return;
    };
    assert_eq!(seen["errors"], serde_json::json!([]), "{seen}");
    let heights: Vec<_> = items(&seen, "levels")
        .iter()
        .map(|l| l["height"].as_u64())
        .collect();
    assert_eq!(heights, [Some(90), Some(180)]);
    for (played, height) in items(&seen, "through").iter().zip([90, 180]) {
        assert_eq!(
            (&played["ended"], played["height"].as_u64()),
            (&true.into(), Some(height))
        );
        assert_eq!(played["frames"]["decoded"], 150, "{played}");
        assert_eq!(items(played, "gaps").len(), 0, "{played}");
    }
    let switched = &seen["switched"];
    assert_eq!(
        (&switched["done"], &switched["to"]),
        (&true.into(), &180.into())
    );
    assert_eq!(switched["visited"], serde_json::json!([0, 1]));
    for seek in items(&seen, "seeks") {
        assert_eq!(seek["advanced"], true, "{seek}");
        // The frame that is shown is the one that covers the time asked for.
        let late = number(&seek["to"]) - number(&seek["shown"]);
        assert!((-0.001..0.041).contains(&late), "{seek}");
    }
    // A cue that stands in three segments shows once.
    let cues = items(&seen, "cues").iter();
    let cues: Vec<_> = cues
        .map(|c| (number(&c["start"]), number(&c["end"]), c["text"].as_str()))
        .collect();
    let expected = [
        (0.5, 1.5, Some("Un &amp; deux")),
        (1.8, 4.2, Some("<i>À cheval</i>")),
    ];
    assert_eq!(cues, expected);
    assert_eq!(seen["foreign"], serde_json::json!([]));
}

#[test]
fn a_damaged_stream_is_seen_to_be_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    if !stream(folder.path()) {
        return;
    }
    std::fs::write(folder.path().join("v1801.m4s"), "rubbish").expect("written");
    std::fs::remove_file(folder.path().join("v901.m4s")).expect("was there");
    let Some(seen) = browser("hls", folder.path(), &["master.m3u8"]) else {
        return;
    };
    assert!(!items(&seen, "errors").is_empty(), "{seen}");
    assert_eq!(seen["refused"], serde_json::json!(["404 /v901.m4s"]));
    let whole = |played: &&Value| played["frames"]["decoded"] == 150;
    assert_eq!(
        items(&seen, "through").iter().filter(whole).count(),
        0,
        "{seen}"
    );
}

#[test]
fn flashes_and_clicks_are_timed_on_the_streams_clock() {
    let folder = tempfile::tempdir().expect("a folder");
    // A frame of white and 5 ms of tone at 0.52, 1.52 and 2.52 s.
    let video = "-f lavfi -i color=black:s=320x180:r=25:d=3,\
                 drawbox=c=white:t=fill:enable='eq(mod(n,25),13)' -c:v libx264 -bf 0 -g 50";
    let audio =
        "-f lavfi -i aevalsrc='if(between(mod(t,1),0.52,0.525),0.9*cos(6283*t),0)':s=48000:d=3";
    let hls = "-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4";
    if !ffmpeg(
        folder.path(),
        &format!("{video} {hls} -hls_fmp4_init_filename v.mp4 v.m3u8"),
    ) {
        return;
    }
    ffmpeg(
        folder.path(),
        &format!("{audio} -c:a aac {hls} -hls_fmp4_init_filename a.mp4 a.m3u8"),
    );
    let master = "#EXTM3U\n#EXT-X-VERSION:7\n\
                  #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"fr\",DEFAULT=YES,URI=\"a.m3u8\"\n\
                  #EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS=\"avc1.42c01e,mp4a.40.2\",AUDIO=\"a\"\nv.m3u8\n";
    std::fs::write(folder.path().join("master.m3u8"), master).expect("written");
    let Some(seen) = browser("flashes", folder.path(), &["master.m3u8", "25"]) else {
        return;
    };
    let times = |key| items(&seen, key).iter().map(number).collect::<Vec<f64>>();
    let near = |found: &[f64], late: f64| {
        let expected = [0.52, 1.52, 2.52].map(|t| t + late);
        assert_eq!(found.len(), 3, "{seen}");
        let worst = found
            .iter()
            .zip(expected)
            .map(|(f, e)| (f - e).abs())
            .fold(0.0, f64::max);
        assert!(worst < 0.003, "{seen}");
    };
    assert_eq!(seen["watched"], 75);
    near(&times("flashes"), 0.0);
    // This muxer leaves the encoder's priming in: 1024 samples late.
    near(&times("clicks"), 1024.0 / 48_000.0);
}

#[test]
fn a_page_is_opened_by_http_and_from_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = "-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx264 -movflags faststart film.mp4";
    if !ffmpeg(folder.path(), made) {
        return;
    }
    let page = "<!doctype html><html lang=fr><meta charset=utf-8><title>Essai</title>\
                <meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">\
                <video preload=none src=film.mp4></video>\
                <video preload=none src=absent.mp4></video>\
                <img src=http://ailleurs.invalid/espion.png alt=''></html>";
    std::fs::write(folder.path().join("index.html"), page).expect("written");
    let Some(seen) = browser("page", folder.path(), &["index.html"]) else {
        return;
    };
    for visit in [&seen["http"], &seen["file"]] {
        let [film, absent] = items(visit, "videos") else {
            panic!("two videos in {visit}");
        };
        assert_eq!(
            (&film["played"], &film["error"]),
            (&true.into(), &Value::Null)
        );
        assert_eq!(
            (&film["width"], &film["height"]),
            (&320.into(), &180.into())
        );
        assert!((number(&film["duration"]) - 2.0).abs() < 0.001);
        assert_eq!(absent["played"], false);
        assert!(absent["error"].is_string(), "{absent}");
        let spy = "http://ailleurs.invalid/espion.png";
        assert_eq!(visit["foreign"], serde_json::json!([spy]));
        assert_eq!(
            visit["violations"],
            serde_json::json!([format!("img-src: {spy}")])
        );
    }
    assert_eq!(
        seen["http"]["firstView"]["films"], 0,
        "nothing of a film before play"
    );
    assert_eq!(
        seen["http"]["refused"],
        serde_json::json!(["404 /absent.mp4"])
    );

    let picture = folder.path().join("page.png");
    let size = ["index.html", "400", "300", &picture.to_string_lossy()];
    browser("screenshot", folder.path(), &size);
    let taken = image::open(&picture).expect("a picture");
    assert_eq!((taken.width(), taken.height()), (400, 300));
}
