//! One capsule is spoilt, its neighbour is built all the same: each mistake
//! with its own finding and exit code 1. What protects people and is not
//! obeyed yet stops the whole series with exit code 2.

use super::bench::{Run, Series, program};
use std::fs;

/// Builds `a` spoilt beside `b` sound, and hears why.
fn spoilt(finding: &str, spoil: impl FnOnce(&mut Series)) -> Run {
    let mut series = Series::unpublished();
    spoil(&mut series);
    let run = series.build().ends(1);
    let found = run.finding(finding);
    assert_eq!(found["severity"], "error");
    assert!(
        found["message"].as_str().is_some_and(|m| m.len() > 20),
        "{found}"
    );
    assert_eq!(
        (run.state("a"), run.state("b")),
        ("failed", "built"),
        "{run:#?}"
    );
    assert_eq!(series.published("public"), ["b"]);
    assert!(!series.path("dist/public/a").exists() && !series.path("dist/private/a").exists());
    run
}

/// Replaces the clip of `a`.
fn clip_of_bytes(series: &mut Series, bytes: &[u8]) {
    fs::write(series.path("footage/a.mp4"), bytes).expect("written");
}

#[test]
fn a_missing_clip() {
    let run = spoilt("clip-missing", |s| {
        fs::remove_file(s.path("footage/a.mp4")).expect("removed")
    });
    assert_eq!(run.finding("clip-missing")["capsule"], "a");
}

#[test]
fn two_clips_of_one_name() {
    let run = spoilt("clip-ambiguous", |s| s.clip("jour 2/a.mp4", "4"));
    let facts = run.finding("clip-ambiguous")["facts"]["candidates"].to_string();
    assert!(
        facts.contains("\"a.mp4\"") && facts.contains("jour 2/a.mp4"),
        "{facts}"
    );
}

#[test]
fn an_empty_clip() {
    spoilt("clip-unusable", |s| clip_of_bytes(s, b""));
}

#[test]
fn a_text_that_calls_itself_a_clip() {
    spoilt("clip-unusable", |s| {
        clip_of_bytes(s, "Je ne suis pas un film.\n".repeat(400).as_bytes())
    });
}

/// The header is whole and promises more than is there.
#[test]
fn a_clip_cut_in_half_behind_its_header() {
    spoilt("clip-unusable", |s| {
        let whole = fs::read(s.path("footage/a.mp4")).expect("readable");
        clip_of_bytes(s, &whole[..whole.len() / 2]);
    });
}

/// A camera writes the header last: half a file has none.
#[test]
fn a_clip_cut_in_half_before_its_header() {
    spoilt("clip-unusable", |s| {
        let arguments = "-nostdin -v error -i footage/a.mp4 -c copy a.mov";
        program(
            "ffmpeg",
            &arguments.split(' ').collect::<Vec<_>>(),
            s.folder(),
        );
        let whole = fs::read(s.path("a.mov")).expect("readable");
        fs::remove_file(s.path("footage/a.mp4")).expect("removed");
        fs::write(s.path("footage/a.mov"), &whole[..whole.len() / 2]).expect("written");
    });
}

#[test]
fn a_pipe_and_a_folder_in_place_of_a_clip() {
    spoilt("clip-not-a-file", |s| {
        fs::remove_file(s.path("footage/a.mp4")).expect("removed");
        program("mkfifo", &["footage/a.mp4"], s.folder());
    });
    spoilt("clip-not-a-file", |s| {
        fs::remove_file(s.path("footage/a.mp4")).expect("removed");
        fs::create_dir(s.path("footage/a.mp4")).expect("made");
    });
}

#[test]
fn a_duplicate_id() {
    let mut series = Series::unpublished();
    series.row("a", &[("question", "Encore la peur")]);
    let run = series.build().ends(1);
    assert_eq!(run.finding("duplicate-id")["place"]["row"], 4);
    assert_eq!(run.state("b"), "built");
}

#[test]
fn times_that_cannot_be() {
    let bad = spoilt("bad-time", |s| s.set("a", "début", "bientôt"));
    let place = &bad.finding("bad-time")["place"];
    assert_eq!(
        (&place["row"], &place["header"]),
        (&2.into(), &"début".into())
    );
    spoilt("out-before-in", |s| {
        s.set("a", "début", "0:03");
        s.set("a", "fin", "0:01");
    });
    spoilt("time-beyond-clip", |s| s.set("a", "fin", "0:09"));
}

/// Three seconds, typed as a spreadsheet turns them into three minutes.
#[test]
fn hours_that_were_meant_as_minutes_get_a_hint() {
    let run = spoilt("time-beyond-clip", |s| s.set("a", "fin", "00:03:00"));
    let finding = run.finding("time-beyond-clip");
    assert!(
        finding["hint"].as_str().is_some_and(|h| h.contains("0:03")),
        "{finding}"
    );
}

#[test]
fn an_unknown_profile() {
    let run = spoilt("unknown-profile", |s| s.set("a", "profils", "webb"));
    let hint = run.finding("unknown-profile")["hint"].to_string();
    assert!(hint.contains("web"), "{hint}");
}

#[test]
fn a_question_that_does_not_fit() {
    let run = spoilt("card-overflow", |s| {
        s.set("a", "question", &"moi ".repeat(300))
    });
    let facts = &run.finding("card-overflow")["facts"];
    let room = facts["room"].as_u64().expect("a number");
    assert!((20..600).contains(&room), "{facts}");
}

#[test]
fn characters_that_the_font_lacks() {
    for text in ["恐れ", "La peur 😱"] {
        spoilt("missing-glyph", |s| s.set("a", "question", text));
    }
}

#[test]
fn an_unknown_column_is_said_and_ignored() {
    let mut series = Series::unpublished();
    series.set("a", "questoin", "La peur");
    let run = series.build().ends(0);
    assert_eq!(run.finding("unknown-column")["severity"], "warning");
    assert_eq!(run.state("a"), "built");
    assert!(!series.manifest("public").to_string().contains("questoin"));
}

#[test]
fn ten_mistakes_are_told_in_one_run() {
    let mut series = Series::unpublished();
    series.set("a", "début", "bientôt");
    series.set("a", "statut", "peut-être");
    series.set("a", "diffusion", "tous");
    series.set("a", "profils", "wep");
    for (id, cells) in [
        ("c", [("question", "")]),
        ("C d", [("question", "x")]),
        ("a", [("question", "y")]),
    ] {
        series.row(id, &cells);
    }
    series.row("e", &[("question", "Sans clip")]);
    let text = fs::read_to_string(series.path("series.toml")).expect("readable");
    series.write("series.toml", &(text + "licnce = \"x\"\n"));
    let run = series.build().ends(1);
    let wanted = [
        "bad-time",
        "bad-status",
        "bad-audience",
        "unknown-profile",
        "empty-cell",
        "bad-id",
        "duplicate-id",
        "clip-missing",
        "unknown-key",
    ];
    for id in wanted {
        run.finding(id);
    }
    assert_eq!(run.state("b"), "built");
}

/// Nothing is published of a series that names people to protect, by a version
/// that does not protect them.
fn refused(protect: impl FnOnce(&mut Series)) {
    let mut series = Series::two();
    protect(&mut series);
    let run = series.build().ends(2);
    let errors: Vec<_> = run
        .of_kind("diagnostic")
        .filter(|e| e["severity"] == "error")
        .collect();
    assert_eq!(errors.len(), 1, "{run:#?}");
    assert_eq!(errors[0]["id"], "protection-not-obeyed", "{run:#?}");
    assert!(!series.path("dist").exists());
}

#[test]
fn consent_and_masks_are_refused() {
    refused(|s| {
        let text = fs::read_to_string(s.path("series.toml")).expect("readable");
        s.write("series.toml", &text.replace("not-needed", "required"));
    });
    refused(|s| {
        s.write(
            "consent.csv",
            "personne;capsules;diffusion\nAnne;*;public\n",
        )
    });
    refused(|s| s.write("masks/a.toml", "[[mask]]\n"));
}

#[test]
fn columns_that_protect_people_are_refused() {
    for column in ["personnes", "people", "mask", "voice", "mutes"] {
        refused(|s| s.set("a", column, "P07"));
    }
}

#[test]
fn a_published_series_stays_as_it_is_when_it_is_refused() {
    let series = Series::built();
    let before = super::bench::stamps(&series.path("dist"));
    series.write("consent.csv", "personne;capsules\nAnne;*\n");
    series.build().ends(2);
    assert_eq!(super::bench::stamps(&series.path("dist")), before);
}

#[test]
fn a_font_that_is_none() {
    let series = Series::unpublished();
    series.write("charter/fonts/broken.ttf", "words, not outlines");
    let run = series.run(&["check"]).ends(1);
    let path = run.finding("font-unusable")["facts"]["path"].to_string();
    assert!(path.contains("broken.ttf"), "{path}");
}

/// Said once, whatever the number of capsules, and nothing is held back.
#[test]
fn a_card_that_is_hard_to_read_is_said_and_built() {
    let series = Series::unpublished();
    series.write(
        "charter/end.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1600 900'>\
         <rect width='1600' height='900' fill='#ffffff'/>\
         <rect id='text_x3A_title' x='100' y='300' width='1400' height='300' fill='#cccccc'/>\
         </svg>",
    );
    let run = series.run(&["check"]).ends(0);
    let facts = &run.finding("card-contrast")["facts"];
    assert_eq!(facts["card"], "end");
    assert_eq!(facts["column"], "title");
    let said = run.of_kind("diagnostic");
    assert_eq!(said.filter(|d| d["id"] == "card-contrast").count(), 1);
}
