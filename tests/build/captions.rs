//! What is said of caption files when they meet a clip, and what becomes of
//! their cues.

use super::bench::{Run, Series, program};
use std::fs;

/// Messages and hints of every finding about captions, in order.
fn said(run: &Run) -> Vec<String> {
    run.of_kind("diagnostic")
        .filter(|e| e["id"] == "caption-fault" || e["id"] == "cue-breach")
        .map(|e| {
            let text = |key: &str| e[key].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("message"), text("hint"))
        })
        .collect()
}

#[test]
fn a_file_from_an_editing_program_is_moved_checked_and_mended() {
    let series = Series::built();
    series.write(
        "subtitles/a.fr.srt",
        "1\n01:00:01,000 --> 01:00:01,400\nOui.\n\n\
         2\n01:00:02,000 --> 01:00:09,000\nTu viens demain ?\n",
    );
    let run = series.build().ends(0);
    let said = said(&run);
    for (at, words) in [
        (0, &["ligne 1\u{A0}:", "commencent à 01:00:00,000"][..]),
        (
            1,
            &[
                "subtitles/a.fr.srt, ligne 2, à 01:00:01,000\u{A0}:",
                "(0,4 s, au moins 0,833 s)",
                "Faites-le finir à 01:00:01,833.",
            ],
        ),
        (2, &["ligne 6", "dépasse la fin du film (01:00:04,000)"]),
        (
            3,
            &[
                "«\u{202F}demain ?\u{202F}»",
                "Écrivez «\u{202F}demain\u{202F}?\u{202F}».",
            ],
        ),
    ] {
        let said = said.get(at).map_or("nothing", String::as_str);
        for word in words {
            assert!(said.contains(word), "{word:?} in {said:?}");
        }
    }
    assert_eq!(said.len(), 4, "{said:#?}");
    let text = fs::read_to_string(series.path("dist/public/a/captions.fr.vtt")).expect("captions");
    assert_eq!(
        text,
        "WEBVTT\n\n00:00:02.000 --> 00:00:02.400\nOui.\n\n\
         00:00:03.000 --> 00:00:05.000\nTu viens demain ?\n"
    );
}

#[test]
fn captions_that_follow_the_cameras_clock_are_moved_by_it() {
    let mut series = Series::built();
    program(
        "ffmpeg",
        &[
            "-nostdin",
            "-v",
            "error",
            "-i",
            "a.mp4",
            "-map",
            "0:v",
            "-map",
            "0:a",
            "-c",
            "copy",
            "-timecode",
            "10:59:58:00",
            "clock.mov",
        ],
        &series.path("footage"),
    );
    series.set("a", "fichier", "clock.mov");
    series.write(
        "subtitles/a.fr.srt",
        "1\n10:59:58,600 --> 10:59:59,600\nOui.\n\n\
         2\n11:00:00,000 --> 11:00:01,500\nDemain.\n",
    );
    let run = series.build().ends(0);
    let said = said(&run);
    let moved = said.first().map_or("nothing", String::as_str);
    assert!(moved.contains("commencent à 10:59:58,000"), "{said:#?}");
    let text = fs::read_to_string(series.path("dist/public/a/captions.fr.vtt")).expect("captions");
    assert_eq!(
        text,
        "WEBVTT\n\n00:00:01.600 --> 00:00:02.600\nOui.\n\n\
         00:00:03.000 --> 00:00:04.500\nDemain.\n"
    );
}

#[test]
fn letters_that_nobody_can_read_are_not_published() {
    let series = Series::built();
    let text = b"1\n00:00:01,000 --> 00:00:03,000\n\xD3\xEE\xD6\xE6\xCA\xBB\xA4\xC9\xF1\n";
    fs::create_dir_all(series.path("subtitles")).expect("made");
    fs::write(series.path("subtitles/a.fr.srt"), text).expect("written");
    let run = series.build();
    assert!(said(&run)[0].contains("UTF-8"), "{run:#?}");
    assert!(!series.path("dist/public/a/captions.fr.vtt").exists());
}
