//! What is made again and what is not, and that it always comes to the same
//! bytes as a build from nothing.

use super::bench::{SEGMENTS, Series, differing, files, stamps};
use std::fs;
use std::os::unix::process::CommandExt;

#[test]
fn a_second_build_encodes_nothing_and_touches_nothing() {
    let series = Series::built();
    let before = stamps(&series.path("dist"));
    let run = series.build().ends(0);
    assert_eq!(
        (run.encoded(), run.state("a"), run.state("b")),
        (0, "fresh", "fresh")
    );
    assert_eq!(stamps(&series.path("dist")), before);
}

#[test]
fn a_reworded_question_redoes_its_card_and_comes_to_a_cold_build() {
    let mut series = Series::built();
    series.set("a", "question", "La colère");
    let run = series.build().ends(0);
    // The card and its transition to the footage, on each of two rungs.
    assert_eq!(run.encoded(), 2 * 2, "{run:#?}");
    assert_eq!((run.state("a"), run.state("b")), ("built", "fresh"));
    let job = run.of_kind("job").next().expect("a job");
    assert_eq!(
        (&job["capsule"], job["reasons"].as_array().map(Vec::len)),
        (&"a".into(), Some(1))
    );
    let reason = job["reason"].as_str().expect("a sentence");
    for text in ["carte d’ouverture", "La peur", "La colère"] {
        assert!(reason.contains(text), "{text} in: {reason}");
    }

    let cold = Series::new()
        .capsule("a", "La colère")
        .capsule("b", "Le calme");
    cold.build().ends(0);
    assert_eq!(differing(&series.path("dist"), &cold.path("dist")), [""; 0]);

    let built = Series::built();
    series.set("a", "question", "La peur");
    assert_eq!(
        series.build().ends(0).encoded(),
        0,
        "the former segments are still there"
    );
    assert_eq!(
        differing(&series.path("dist"), &built.path("dist")),
        [""; 0]
    );
}

#[test]
fn a_description_changes_the_manifest_and_no_film() {
    let mut series = Series::built();
    let before = stamps(&series.path("dist/public/a/web"));
    series.set("a", "description", "Quand la peur s’en va");
    assert_eq!(series.build().ends(0).encoded(), 0);
    assert_eq!(
        series.manifest("public")["capsules"][0]["description"],
        "Quand la peur s’en va"
    );
    assert_eq!(stamps(&series.path("dist/public/a/web")), before);
}

/// Footage is cut where the clip's own frames say, so a moved beginning redoes
/// the segment that it is in (here with the lower third) and the transition.
#[test]
fn a_cut_moved_by_one_frame_redoes_what_is_at_the_cut() {
    let series = Series::new();
    series.clip("long.mp4", "13");
    let mut series = series;
    series.row(
        "long",
        &[
            ("question", "Long"),
            ("début", "0:00:01:00"),
            ("intervenant", "Anne Roux"),
        ],
    );
    let cold = series.build().ends(0).encoded();
    // Two cards, two transitions, footage up to 6 s, 12 s and the end.
    assert!(cold >= 2 * 6, "{cold}");
    series.set("long", "début", "0:00:01:01");
    let run = series.build().ends(0);
    assert_eq!(run.encoded(), 2 * 2, "{run:#?}");
    let reasons = run.of_kind("job").next().expect("a job")["reasons"].to_string();
    assert!(reasons.contains("cut-moved"), "{reasons}");
}

#[test]
fn other_jobs_folder_zone_locale_and_umask_give_the_same_bytes() {
    let built = Series::built();
    let other = Series::two();
    let mut command = other.command(&["build", "--jobs", "1"]);
    let strict = "umask 077; exec \"$@\"";
    let (binary, arguments) = (
        command.get_program().to_owned(),
        command.get_args().map(Into::into),
    );
    let arguments: Vec<std::ffi::OsString> = arguments.collect();
    command = std::process::Command::new("sh");
    command
        .args(["-c", strict, "sh"])
        .arg(binary)
        .args(arguments)
        .env_remove("PORTEVOIX_STORE");
    command
        .env("TZ", "Pacific/Kiritimati")
        .env("LANG", "C.UTF-8")
        .env("LC_ALL", "tr_TR.UTF-8");
    command.current_dir("/").process_group(0);
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(differing(&built.path("dist"), &other.path("dist")), [""; 0]);
}

#[test]
fn a_damaged_and_a_deleted_segment_are_made_again_to_the_same_bytes() {
    let series = Series::built();
    let wanted = files(&series.path("dist"));
    let segments = series.objects("segment");
    assert_eq!(segments.len() as u64, SEGMENTS);
    let mut bytes = fs::read(&segments[0]).expect("readable");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&segments[0], bytes).expect("written");
    fs::remove_file(&segments[1]).expect("removed");
    // Only what has to be muxed again is read again.
    fs::remove_file(series.path(".portevoix/built.json")).expect("removed");
    fs::remove_dir_all(series.path("dist")).expect("removed");
    let run = series.build().ends(0);
    assert_eq!(
        run.encoded(),
        2,
        "one found missing, one found damaged: {run:#?}"
    );
    assert_eq!(files(&series.path("dist")), wanted);
    assert_eq!(series.build().ends(0).encoded(), 0);
}

#[test]
fn a_lost_publication_is_put_back_without_encoding() {
    let series = Series::unpublished();
    assert_eq!(series.build().ends(0).encoded(), 0);
    let built = Series::built();
    assert_eq!(
        differing(&series.path("dist"), &built.path("dist")),
        [""; 0]
    );
}
