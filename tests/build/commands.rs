//! The other commands, each once from outside, and what every one must not do.

use super::bench::{BINARY, Series, files, stamps};
use std::process::Command;

fn plain(arguments: &[&str]) -> std::process::Output {
    Command::new(BINARY)
        .args(arguments)
        .output()
        .expect("the program starts")
}

#[test]
fn plan_tells_and_changes_nothing() {
    let mut series = Series::built();
    series.set("a", "question", "La colère");
    let before = (stamps(&series.path("dist")), series.objects("segment"));
    let run = series.run(&["plan"]).ends(0);
    assert_eq!(run.of_kind("job").count(), 1);
    assert_eq!((run.state("a"), run.state("b")), ("stale", "fresh"));
    assert_eq!(
        (stamps(&series.path("dist")), series.objects("segment")),
        before
    );
}

#[test]
fn check_of_a_new_series_publishes_and_encodes_nothing() {
    let series = Series::two();
    let run = series.run(&["check"]).ends(0);
    assert_eq!(run.errors_found(), [""; 0]);
    assert!(!series.path("dist").exists());
    assert_eq!(series.objects("segment").len(), 0);
}

#[test]
fn status_knows_what_is_fresh_stale_failed_and_withheld() {
    let mut series = Series::built();
    series.set("a", "question", "La colère");
    series.clip("c.mp4", "4");
    series.row("c", &[("question", "Plus tard"), ("statut", "suspendu")]);
    series.row("d", &[("question", "Sans clip")]);
    let run = series.run(&["status"]);
    let states: Vec<&str> = ["a", "b", "c", "d"]
        .iter()
        .map(|id| run.state(id))
        .collect();
    assert_eq!(states, ["stale", "fresh", "withheld", "failed"]);
}

#[test]
fn card_draws_every_card_at_each_size() {
    let series = Series::built();
    let folder = series.path("images");
    series
        .run(&["card", "a", "-o", &folder.display().to_string()])
        .ends(0);
    let names: Vec<String> = files(&folder).into_keys().collect();
    assert_eq!(names.len(), 3 * 2, "{names:?}");
    let opening = image::open(folder.join("a-opening-480x270.png"))
        .expect("a PNG")
        .to_rgb8();
    assert_eq!(opening.dimensions(), (480, 270));
    assert_eq!(
        opening.get_pixel(470, 5).0,
        [0xfd, 0xf6, 0xea],
        "the charter's paper"
    );
}

#[test]
fn frame_shows_what_is_published() {
    let series = Series::built();
    let place = series.path("image.png");
    let output = place.display().to_string();
    series
        .run(&["frame", "a", "0:00.5", "--rung", "216", "-o", &output])
        .ends(0);
    let picture = image::open(&place).expect("a PNG").to_rgb8();
    assert_eq!(picture.dimensions(), (384, 216));
    for (found, wanted) in picture
        .get_pixel(370, 10)
        .0
        .into_iter()
        .zip([0xfd_u8, 0xf6, 0xea])
    {
        assert!(found.abs_diff(wanted) <= 2, "{found} for {wanted}");
    }
    series
        .run(&["frame", "a", "0:59", "-o", &output])
        .ends(2)
        .finding("time-beyond-capsule");
    // Profiles that exist, and nobody asks for.
    let screening = std::fs::read_to_string(series.path("profiles/web.toml")).expect("readable");
    series.write("profiles/salle.toml", &screening);
    for run in [
        series.run(&["frame", "a", "0:01", "--profile", "salle", "-o", &output]),
        series.run(&["build", "a", "--profile", "salle"]),
        series.run(&["build", "--profile", "salle"]),
    ] {
        let run = run.ends(2);
        assert_eq!(run.finding("profile-not-asked")["facts"]["asked"][0], "web");
    }
    series
        .run(&["frame", "a", "0:01", "--rung", "999", "-o", &output])
        .ends(2)
        .finding("unknown-rung");
}

#[test]
fn prune_drops_what_no_plan_needs_and_nothing_else() {
    let mut series = Series::built();
    series.set("a", "question", "La colère");
    series.build().ends(0);
    let before = series.objects("segment").len();
    assert_eq!(
        series
            .command(&["prune"])
            .output()
            .expect("it starts")
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        series.objects("segment").len(),
        before - 4,
        "the former title's segments"
    );
    assert_eq!(series.build().ends(0).encoded(), 0);
}

#[test]
fn a_new_series_checks_out() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("ma série").display().to_string();
    assert_eq!(plain(&["new", &folder]).status.code(), Some(0));
    let check = plain(&["--series", &folder, "--lang", "fr", "check"]);
    let said = String::from_utf8_lossy(&check.stderr).into_owned();
    // Its rows wait for clips; nothing else is wrong.
    assert!(matches!(check.status.code(), Some(0 | 1)), "{said}");
    assert!(
        said.lines()
            .filter(|l| l.contains("rreur"))
            .all(|l| l.contains("clip")),
        "{said}"
    );
    assert_eq!(
        plain(&["new", &folder]).status.code(),
        Some(2),
        "it is not written over"
    );
}

#[test]
fn schemas_completions_and_manual_are_printed() {
    for name in ["manifest", "series", "profile", "charter", "events"] {
        let schema = plain(&["schema", name]);
        assert_eq!(schema.status.code(), Some(0), "{name}");
        let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).expect("JSON");
        jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    assert_eq!(plain(&["schema", "nothing"]).status.code(), Some(2));
    for (arguments, wanted) in [
        (&["completions", "bash"][..], "complete"),
        (&["man"], ".TH"),
    ] {
        let output = plain(arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(
            String::from_utf8_lossy(&output.stdout).contains(wanted),
            "{arguments:?}"
        );
    }
}

#[test]
fn every_event_obeys_its_schema() {
    let mut series = Series::built();
    series.set("a", "question", "La colère");
    series.set("b", "début", "bientôt");
    let run = series.build().ends(1);
    let schema = plain(&["schema", "events"]).stdout;
    let schema: serde_json::Value = serde_json::from_slice(&schema).expect("JSON");
    let judge = jsonschema::validator_for(&schema).expect("a schema");
    for event in &run.events {
        judge
            .validate(event)
            .unwrap_or_else(|e| panic!("{e}: {event}"));
    }
    assert_eq!(
        (&run.events[0]["event"], &run.events[0]["version"]),
        (&"start".into(), &1.into())
    );
    assert_eq!(
        run.events.last().map(|e| &e["event"]),
        Some(&"summary".into())
    );
}

#[test]
fn what_cannot_be_understood_ends_with_2() {
    assert_eq!(
        plain(&["--series", "/nowhere/at/all", "build"])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(plain(&["bild"]).status.code(), Some(2));
    let empty = tempfile::tempdir().expect("a folder");
    let here = empty.path().display().to_string();
    assert_eq!(plain(&["--series", &here, "build"]).status.code(), Some(2));
    assert!(!empty.path().join("dist").exists());
}

#[test]
fn the_report_is_written_and_never_published() {
    let series = Series::built();
    let page = std::fs::read_to_string(series.path("report.html")).expect("a report");
    assert!(page.contains("<html") && page.contains("lang=\"fr\""));
    assert!(
        files(&series.path("dist"))
            .keys()
            .all(|name| !name.contains("report"))
    );
}
