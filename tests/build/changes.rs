//! One input changes, and exactly what shows it is made again, for a reason
//! that is said.

use super::bench::{CARD, Run, SEGMENTS, Series, differing, program};
use std::fs;

/// Reasons that a run gave for a capsule, as `reason: segments`.
fn reasons(run: &Run, id: &str) -> Vec<String> {
    let job = run.of_kind("job").find(|j| j["capsule"] == id);
    let list = job
        .and_then(|j| j["reasons"].as_array().cloned())
        .unwrap_or_default();
    let told = |why: &serde_json::Value| {
        format!(
            "{}: {}",
            why["reason"].as_str().unwrap_or("?"),
            why["segments"]
        )
    };
    list.iter().map(told).collect()
}

#[test]
fn another_clip_of_the_same_name_redoes_its_capsule_but_not_its_cards() {
    let series = Series::built();
    fs::copy(series.path("footage/b.mp4"), series.path("footage/a.mp4")).expect("copied");
    let run = series.build().ends(0);
    assert_eq!((run.state("a"), run.state("b")), ("built", "fresh"));
    assert!(!reasons(&run, "a").is_empty());
    let told = reasons(&run, "a");
    assert!(
        told.iter().all(|r| r.starts_with("clip-changed")),
        "{told:?}"
    );
    // Footage, and the end's transition, are those of b by now; the opening's
    // transition shows a's own card.
    assert_eq!(run.encoded(), 2, "{told:?}");
}

#[test]
fn a_setting_of_a_rung_redoes_that_rung_alone() {
    let series = Series::built();
    series.edit("profiles/web.toml", "max_kbps = 500", "max_kbps = 400");
    let run = series.build().ends(0);
    assert_eq!(run.encoded(), SEGMENTS / 2, "one of two rungs");
    let told = [reasons(&run, "a"), reasons(&run, "b")].concat();
    assert!(
        told.iter().all(|r| r.starts_with("settings-changed")),
        "{told:?}"
    );
}

#[test]
fn a_failed_capsule_keeps_its_former_publication() {
    let mut series = Series::built();
    let before = super::bench::stamps(&series.path("dist/public/a"));
    series.set("a", "début", "bientôt");
    series.set("b", "question", "Le silence");
    let run = series.build().ends(1);
    assert_eq!((run.state("a"), run.state("b")), ("failed", "built"));
    assert_eq!(series.published("public"), ["a", "b"]);
    assert_eq!(super::bench::stamps(&series.path("dist/public/a")), before);
    fs::remove_file(series.path("footage/a.mp4")).expect("removed");
    series.set("a", "début", "");
    series.build().ends(1);
    assert_eq!(super::bench::stamps(&series.path("dist/public/a")), before);
}

#[test]
fn older_libraries_are_said_reused_and_refreshed_on_demand() {
    let series = Series::built();
    let wanted = Series::built();
    for object in series.objects("segment") {
        let bytes = fs::read(&object).expect("readable");
        let end = bytes.iter().position(|&b| b == b'\n').expect("a header");
        let header = String::from_utf8(bytes[..end].to_vec()).expect("text");
        let older = header.replace("\"lavc 59", "\"lavc 58");
        fs::write(&object, [older.as_bytes(), &bytes[end..]].concat()).expect("written");
    }
    // That build takes note of what made the objects, which it finds changed.
    assert_eq!(series.build().ends(0).encoded(), 0);
    let run = series.build().ends(0);
    assert_eq!((run.encoded(), run.state("a")), (0, "outdated"));
    run.finding("outdated");
    let run = series.run(&["build", "--refresh"]).ends(0);
    assert_eq!(run.encoded(), SEGMENTS);
    assert_eq!(
        differing(&series.path("dist"), &wanted.path("dist")),
        [""; 0]
    );
    assert_eq!(series.build().ends(0).state("a"), "fresh");
}

#[test]
fn captions_are_shifted_by_the_opening_card_and_encode_nothing() {
    let series = Series::built();
    series.write(
        "subtitles/a.fr.srt",
        "1\n00:00:01,000 --> 00:00:03,000\nBonjour\n",
    );
    let run = series.build().ends(0);
    assert_eq!(
        (run.encoded(), run.state("a"), run.state("b")),
        (0, "built", "fresh")
    );
    let text = fs::read_to_string(series.path("dist/public/a/captions.fr.vtt")).expect("captions");
    assert!(text.contains("00:00:02.000 --> 00:00:04.000"), "{text}");
    let master =
        fs::read_to_string(series.path("dist/public/a/web/master.m3u8")).expect("a playlist");
    assert!(
        master.contains("TYPE=SUBTITLES") && master.contains("LANGUAGE=\"fr\""),
        "{master}"
    );
    fs::remove_file(series.path("subtitles/a.fr.srt")).expect("removed");
    series.build().ends(0);
    let built = Series::built();
    assert_eq!(
        differing(&series.path("dist"), &built.path("dist")),
        [""; 0]
    );
}

#[test]
fn several_kept_ranges_play_one_after_the_other() {
    let mut series = Series::built();
    series.set("a", "conserver", "0:00-0:01; 0:02-0:04");
    series.build().ends(0);
    let film = series
        .path("dist/public/a/web/216p.mp4")
        .display()
        .to_string();
    let count =
        "-v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0";
    let mut arguments: Vec<&str> = count.split(' ').collect();
    arguments.push(&film);
    let frames = program("ffprobe", &arguments, series.folder());
    assert_eq!(frames.trim(), (CARD + 25 + 50 + CARD).to_string());
}

#[test]
fn a_shared_store_serves_another_folder() {
    let (one, other) = (Series::two(), Series::two());
    let store = tempfile::tempdir().expect("a folder");
    let store = store.path().display().to_string();
    let made = one.run(&["build", "--store", &store]).ends(0);
    assert_eq!(made.encoded(), SEGMENTS);
    assert_eq!(
        other.run(&["build", "--store", &store]).ends(0).encoded(),
        0
    );
    assert_eq!(differing(&one.path("dist"), &other.path("dist")), [""; 0]);
    assert!(!one.path(".portevoix/store").exists());
}

/// No sound, a rate of 30000/1001, and standing upright by a rotation matrix.
#[test]
fn a_silent_portrait_clip_of_a_telephone() {
    let series = Series::new();
    let make = "-nostdin -v error -f lavfi -i testsrc2=s=480x270:r=30000/1001:d=3 -c:v libx264 \
        -preset ultrafast -pix_fmt yuv420p flat.mp4";
    program(
        "ffmpeg",
        &make.split_whitespace().collect::<Vec<_>>(),
        series.folder(),
    );
    let turn = "-nostdin -v error -i flat.mp4 -c copy -metadata:s:v rotate=90 footage/a.mp4";
    program(
        "ffmpeg",
        &turn.split_whitespace().collect::<Vec<_>>(),
        series.folder(),
    );
    let mut series = series;
    series.row("a", &[("question", "La peur")]);
    series.build().ends(0);
    let rendition = series.manifest("public")["capsules"][0]["renditions"][0].clone();
    assert_eq!(
        (&rendition["width"], &rendition["height"]),
        (&270.into(), &480.into())
    );
    assert_eq!(rendition["frame_rate"], "30000/1001");
    // 3 s are 90 frames, and a card of one second is 30.
    assert_eq!(rendition["frames"], 30 + 90 + 30);
    series.run(&["verify"]).ends(0);
}
