//! `check` as the doctor: clips made with one fault each raise that warning
//! and no other, ordinary ones raise none.

use super::bench::{Run, Series, program};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const PICTURE: &str = "testsrc2=s=480x270:r=25";
const TONE: &str = "sine=220:r=48000";
/// A person before a white wall.
const WALL: &str = "color=white:s=480x270:r=25,drawbox=x=200:y=80:w=70:h=190:c=0x604030:t=fill";

/// A covered lens, and its noise.
const CAP: &str = "color=0x060606:s=480x270:r=25,noise=alls=14:allf=t";

/// Two fields in each picture, and no word of it.
const TEETH: &str = "testsrc2=s=848x480:r=50,tinterlace=mode=interleave_top,setfield=prog";

/// A clip of ten seconds; `sound` is a filter over a tone on both sides, and
/// without one there is none.
fn make(place: &Path, picture: &str, sound: Option<&str>) {
    let tone = format!("{TONE},{}", sound.unwrap_or("anull"));
    let mut arguments = vec!["-nostdin", "-v", "error", "-f", "lavfi", "-i", picture];
    if sound.is_some() {
        arguments.extend(["-f", "lavfi", "-i", &tone, "-c:a", "aac", "-ac", "2"]);
    }
    let coding = "-t 10 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -colorspace bt709";
    arguments.extend(coding.split_whitespace());
    let place = place.display().to_string();
    arguments.push(&place);
    program("ffmpeg", &arguments, Path::new("/"));
}

fn covered(colour: &str, from: f32, to: f32) -> String {
    format!("{PICTURE},drawbox=enable='between(t,{from},{to})':c={colour}:t=fill")
}

/// Writes rubbish over a clip's middle, now and then.
fn damage(place: &Path) {
    let mut bytes = std::fs::read(place).expect("readable");
    let middle = bytes.len() / 4..bytes.len() * 3 / 4;
    for at in middle.step_by(20_000) {
        bytes[at..at + 300].fill(0x5a);
    }
    std::fs::write(place, bytes).expect("written");
}

/// Ids of the warnings and errors of each capsule, notes left out.
fn warned(run: &Run) -> BTreeMap<&str, Vec<&str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for clip in run.of_kind("clip") {
        all.entry(clip["capsule"].as_str().expect("an id"))
            .or_default();
    }
    for said in run
        .of_kind("diagnostic")
        .filter(|d| d["severity"] != "note")
    {
        let id = said["id"].as_str().expect("an id");
        let capsule = said["capsule"].as_str().expect("of a capsule");
        all.entry(capsule).or_default().push(id);
    }
    all
}

/// A series of one clip each, made as said.
fn series(clips: &[(&str, &str, Option<&str>)]) -> Series {
    let mut series = Series::new();
    for (id, picture, sound) in clips {
        make(&series.path(&format!("footage/{id}.mp4")), picture, *sound);
        series.row(id, &[("question", "La peur")]);
    }
    series
}

#[test]
fn each_fault_raises_its_own_warning_and_good_clips_raise_none() {
    let black = covered("black", 3.0, 8.0);
    let blink = covered("black", 3.0, 5.0);
    let white = covered("white", 0.0, 4.0);
    let fades = format!("{PICTURE},fade=in:st=0:d=1.5,fade=out:st=7.5:d=2.5");
    let brief = format!("{PICTURE}:d=6");
    let drowned = format!("{PICTURE},fade=out:st=2:d=2");
    let sound = Some("anull");
    let mut series = series(&[
        ("plain", PICTURE, sound),
        ("black", &black, sound),
        ("cut", &black, sound),
        ("blink", &blink, sound),
        ("fades", &fades, sound),
        ("drowned", &drowned, sound),
        ("white", &white, sound),
        ("wall", WALL, sound),
        ("mute", PICTURE, None),
        ("silent", PICTURE, Some("volume=0")),
        (
            "gap",
            PICTURE,
            Some("volume=enable='between(t,1,7)':volume=0"),
        ),
        (
            "pause",
            PICTURE,
            Some("volume=enable='between(t,1,4)':volume=0"),
        ),
        ("faint", PICTURE, Some("volume=-26dB")),
        ("quiet", PICTURE, Some("volume=-14dB")),
        ("loud", PICTURE, Some("pan=stereo|c0=c0|c1=c0,volume=17dB")),
        (
            "clipped",
            PICTURE,
            Some("pan=stereo|c0=c0|c1=c0,volume=30dB:precision=fixed"),
        ),
        ("left", PICTURE, Some("pan=stereo|c0=c0|c1=0*c0")),
        ("murmur", PICTURE, Some("pan=stereo|c0=c0|c1=0.003*c0")),
        ("phase", PICTURE, Some("pan=stereo|c0=c0|c1=-1*c0")),
        ("longer", &brief, sound),
        ("ended", &brief, sound),
        ("cap", CAP, sound),
        ("slip", PICTURE, sound),
        ("poster", &black, sound),
        ("teeth", TEETH, sound),
        ("torn", PICTURE, sound),
        ("hasty", PICTURE, sound),
    ]);
    damage(&series.path("footage/torn.mp4"));
    // What is cut away is nobody's business.
    series.set("cut", "conserver", "0:00-0:03; 0:08,5-0:10");
    series.set("ended", "fin", "0:05");
    series.set("slip", "début", "0:01");
    series.set("slip", "fin", "0:01,5");
    series.set("poster", "vignette", "0:05");
    // In a second.
    series.set("hasty", "question", "Comment dire ce qui fait peur ?");
    let run = series.run(&["check"]).ends(0);
    let expected: BTreeMap<&str, Vec<&str>> = BTreeMap::from([
        ("plain", vec![]),
        ("black", vec!["picture-black"]),
        ("cut", vec![]),
        ("blink", vec![]),
        ("fades", vec![]),
        ("drowned", vec!["picture-black"]),
        ("white", vec!["picture-blown-out"]),
        ("wall", vec![]),
        ("mute", vec!["clip-odd"]),
        ("silent", vec!["sound-silent"]),
        ("gap", vec!["sound-interrupted"]),
        ("pause", vec![]),
        ("faint", vec!["sound-faint"]),
        ("quiet", vec![]),
        ("loud", vec![]),
        ("clipped", vec!["sound-saturated"]),
        ("left", vec!["side-silent"]),
        ("murmur", vec!["side-silent"]),
        ("phase", vec!["sides-cancel"]),
        ("longer", vec!["sound-cut-off"]),
        ("ended", vec![]),
        ("cap", vec!["picture-black"]),
        ("slip", vec!["kept-short"]),
        ("poster", vec!["picture-black", "poster-black"]),
        ("teeth", vec!["picture-combed"]),
        ("torn", vec!["clip-damaged"]),
        ("hasty", vec!["question-unread"]),
    ]);
    assert_eq!(warned(&run), expected);

    // Where it is said to be, it is, to half a second.
    let clip = |id: &str| {
        let found = run.of_kind("clip").find(|c| c["capsule"] == id);
        found.expect("told of")["examined"].clone()
    };
    let near = |stretch: &Value, from: f64, to: f64| {
        let side = |n: usize| stretch[0][n].as_f64().expect("seconds");
        assert!((side(0) - from).abs() < 0.5, "{stretch}");
        assert!((side(1) - to).abs() < 0.5, "{stretch}");
        assert_eq!(stretch.as_array().map(Vec::len), Some(1), "{stretch}");
    };
    near(&clip("black")["picture"]["black"], 3.0, 8.0);
    near(&clip("drowned")["picture"]["black"], 4.0, 10.0);
    near(&clip("white")["picture"]["blown_out"], 0.0, 4.0);
    near(&clip("gap")["sound"]["silent"], 1.0, 7.0);
    // 8.5 s is between two frames; the later one is the first that is kept.
    assert_eq!(clip("cut")["kept_seconds"], 4.48);
    assert_eq!(clip("left")["sound"]["dead_side"], "right");
    let lost = clip("longer")["sound"]["lost_seconds"]
        .as_f64()
        .expect("seconds");
    assert!((lost - 4.0).abs() <= 0.2, "{lost}");
    // FFmpeg's tone has an amplitude of 1/8.
    let lufs = clip("plain")["sound"]["lufs"].as_f64().expect("measured");
    let faint = clip("faint")["sound"]["lufs"].as_f64().expect("measured");
    assert!((lufs - faint - 26.0).abs() < 0.2, "{lufs} {faint}");

    // A second look asks no worker and says the same.
    let before = super::bench::stamps(&series.path(".portevoix/store"));
    let again = series.run(&["check"]).ends(0);
    assert_eq!(again.events, run.events);
    let after = super::bench::stamps(&series.path(".portevoix/store"));
    assert_eq!(after, before);
}

#[test]
fn check_tells_people_what_each_clip_is_and_the_remedies_chosen() {
    let series = series(&[("a", PICTURE, Some("pan=stereo|c0=c0|c1=0*c0"))]);
    let said = |arguments: &[&str]| {
        let mut command = std::process::Command::new(super::bench::BINARY);
        command.arg("--series").arg(series.folder());
        let output = command.args(arguments).output().expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (lines, findings) = said(&["--lang", "fr", "check"]);
    let line = lines.lines().next().expect("a line");
    assert!(
        line.starts_with(
            "a\u{a0}: 0:10, 480×270, 25 images/s, H.264, BT.709, son stéréo (AAC, 48\u{a0}kHz), −"
        ),
        "{line}"
    );
    assert!(line.ends_with("\u{a0}LUFS, footage/a.mp4"), "{line}");
    assert!(
        findings.contains("le côté droit du son est muet"),
        "{findings}"
    );
    let (lines, findings) = said(&["--lang", "en", "-q", "check"]);
    assert_eq!((lines.as_str(), findings.as_str()), ("", ""));
}

#[test]
fn a_capsule_without_a_sound_is_never_published_unsaid() {
    let series = series(&[("a", PICTURE, Some("volume=0"))]);
    // With nothing left to do as well as the first time.
    for _ in 0..2 {
        let run = series.build().ends(0);
        assert_eq!(warned(&run), BTreeMap::from([("a", vec!["sound-silent"])]));
        let page = std::fs::read_to_string(series.path("report.html")).expect("a report");
        assert!(page.contains("la piste de son est muette"), "{page}");
        assert!(page.contains("480×270, 25 images/s"), "{page}");
    }
    // What was found in the clip and in the film's sound is wanted, and stays.
    let pruned = series.command(&["prune"]).output().expect("it starts");
    assert_eq!(pruned.status.code(), Some(0));
    assert_eq!(series.objects("examination").len(), 2);
}

/// What cannot be brought to the series' loudness, and is too short to be
/// called faint, or for anything else.
#[test]
fn a_loudness_that_is_off_is_said_with_every_build_and_once() {
    let mut series = series(&[("a", PICTURE, Some("volume=-30dB"))]);
    series.set("a", "fin", "0:00,9");
    let off = BTreeMap::from([("a", vec!["kept-short", "loudness-off"])]);
    assert_eq!(warned(&series.build().ends(0)), off);
    assert_eq!(warned(&series.build().ends(0)), off);
    assert_eq!(warned(&series.run(&["check"]).ends(0)), off);
    let page = std::fs::read_to_string(series.path("report.html")).expect("a report");
    assert!(page.contains("LUFS au lieu de −16,0"), "{page}");
    // Other cards around the same sound.
    series.set("a", "question", "La colère");
    assert_eq!(warned(&series.build().ends(0)), off);
}

/// Ordinary clips of people and from phones: what is said of them is true, by
/// `silencedetect` and `ebur128`, and nothing else is said.
#[test]
fn real_clips_of_people_raise_no_false_alarm() {
    let known: BTreeMap<&str, &str> = BTreeMap::from([
        // Sound tracks of nothing but zeros, and one with 22 s of them.
        ("gm_test_video.mp4", "sound-silent"),
        ("test_video.mp4", "sound-silent"),
        ("example.mp4", "sound-interrupted"),
        // From −62 to −44 LUFS.
        ("awesome movie.mov", "sound-faint"),
        ("meta.mp4", "sound-faint"),
        ("portrait.MOV", "sound-faint"),
        ("rotate-buck-bunny.mp4", "sound-faint"),
        ("sample_rotate_and_reflect.mp4", "sound-faint"),
    ]);
    let media = match std::env::var_os("PORTEVOIX_MEDIA") {
        Some(place) => PathBuf::from(place),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"),
    };
    let mut series = Series::new();
    let mut names = Vec::new();
    for folder in ["people", "phone"] {
        let found = std::fs::read_dir(media.join("files").join(folder));
        for clip in found.into_iter().flatten().flatten() {
            let name = clip.file_name().into_string().expect("a plain name");
            let id = format!("c{}", names.len());
            std::fs::copy(clip.path(), series.path("footage").join(&name)).expect("copied");
            series.row(&id, &[("fichier", &name), ("question", "La peur")]);
            names.push(name);
        }
    }
    if names.is_empty() {
        crate::skipped::skipped("the real clips are not here");
        return;
    }
    let run = series.run(&["check"]);
    let all = warned(&run);
    for (n, name) in names.iter().enumerate() {
        let of_sound_or_picture = ["sound-", "picture-", "side-", "clip-damaged"];
        let said: BTreeSet<&str> = all
            .get(format!("c{n}").as_str())
            .into_iter()
            .flatten()
            .copied()
            .filter(|id| of_sound_or_picture.iter().any(|kind| id.starts_with(kind)))
            .collect();
        let wanted: BTreeSet<&str> = known.get(name.as_str()).copied().into_iter().collect();
        assert_eq!(said, wanted, "{name}");
    }
}
