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

/// Every capsule has its row, one that has to be corrected too; and the sheet
/// is the same wherever it is drawn.
#[test]
fn a_contact_sheet_shows_the_cards_of_the_whole_series() {
    let mut series = Series::built();
    series.set("b", "question", &"Un mot de trop ".repeat(40));
    series.set("b", "statut", "brouillon");
    series.row("c", &[("question", "")]);
    let draw = |folder: &str| {
        let folder = series.path(folder);
        let run = series.run(&["card", "--sheet", "-o", &folder.display().to_string()]);
        run.ends(1).finding("card-overflow");
        files(&folder)
    };
    let drawn = draw("un");
    let names: Vec<&String> = drawn.keys().collect();
    assert_eq!(names, ["sheet.png"]);
    assert_eq!(drawn, draw("deux"));
    let sheet = image::load_from_memory(&drawn["sheet.png"])
        .expect("a PNG")
        .to_rgb8();
    assert_eq!(sheet.dimensions(), (1808, 192 + 3 * 375));
    let paper = [0xfd, 0xf6, 0xea];
    let [first, second, third] = [0, 1, 2].map(|row| 192 + row * 375 + 10);
    let row = |y| [50, 634, 1218].map(|x| sheet.get_pixel(x, y).0);
    assert_eq!(row(first), [paper, [0x80; 3], paper]);
    assert_eq!(row(second), [[0xf0; 3]; 3], "nothing to sign yet");
    assert_eq!(row(third), [[0xf0; 3]; 3], "not even a question");
    let ink = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
        let mut places = x.flat_map(|x| y.clone().map(move |y| (x, y)));
        places.any(|(x, y)| sheet.get_pixel(x, y).0[0] < 0x60)
    };
    assert!(ink(40..500, 40..92), "the title of the series");
    for column in [40, 624, 1208] {
        assert!(ink(column..column + 200, 104..136), "headings");
    }
    assert!(ink(40..200, 152..182) && ink(40..200, 527..557), "labels");
    assert!(ink(64..576, 563..878), "why there is no card");
}

#[test]
fn a_long_contact_sheet_has_pages() {
    let mut series = Series::new();
    series.clip("film.mp4", "4");
    for n in 0..8 {
        series.row(
            &format!("c{n}"),
            &[("question", "Une question"), ("fichier", "film.mp4")],
        );
    }
    series.run(&["card", "--sheet"]).ends(0);
    let pages: Vec<(String, (u32, u32))> = files(&series.path("cards"))
        .into_iter()
        .map(|(name, png)| {
            let page = image::load_from_memory(&png).expect("a PNG");
            (name, (page.width(), page.height()))
        })
        .collect();
    let page = |n: u32, rows: u32| (format!("sheet-{n}.png"), (1808, 192 + rows * 375));
    assert_eq!(pages, [page(1, 6), page(2, 2)]);
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
    // Bare seconds, and a folder to put it in.
    let folder = series.path("images");
    std::fs::create_dir(&folder).expect("created");
    let inside = folder.display().to_string();
    series
        .run(&["frame", "a", "0.5", "--rung", "216", "-o", &inside])
        .ends(0);
    let same = image::open(folder.join("a-0-5.png")).expect("a PNG");
    assert_eq!(same.to_rgb8(), picture);
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

/// A picture of a film that is not made yet is drawn alone, as it will be but for
/// its compression; nothing is kept of it.
#[test]
fn frame_shows_what_will_be_published_without_making_it() {
    let (built, new) = (Series::built(), Series::two());
    let shot = |series: &Series, time: &str| {
        let place = series.path("image.png");
        let output = place.display().to_string();
        series.run(&["frame", "a", time, "-o", &output]).ends(0);
        image::open(&place).expect("a PNG").to_rgb8()
    };
    // On the opening card, in its transition, under the lower third, at the end.
    for time in ["0:00.5", "0:01.2", "0:03", "0:04.8", "0:05.5"] {
        let (made, alone) = (shot(&built, time), shot(&new, time));
        let apart = |(a, b): (&image::Rgb<u8>, &image::Rgb<u8>)| {
            let apart = a.0.iter().zip(b.0).map(|(a, b)| f64::from(a.abs_diff(b)));
            apart.sum::<f64>() / 3.0
        };
        let all = made.pixels().zip(alone.pixels()).map(apart).sum::<f64>();
        let mean = all / f64::from(made.width() * made.height());
        assert!(mean < 6.0, "{time}: {mean}");
    }
    assert_eq!(new.objects("segment"), Vec::<std::path::PathBuf>::new());
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

/// The card of 216 lines, as wide as the report shows it: the text runs over.
#[test]
fn the_report_shows_the_card_that_has_to_be_corrected() {
    let mut series = Series::built();
    series.set("a", "question", &"Un mot de trop ".repeat(40));
    series.build().ends(1).finding("card-overflow");
    let page = std::fs::read_to_string(series.path("report.html")).expect("a report");
    let pictures: Vec<&str> = page
        .split("src=\"data:image/png;base64,")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .collect();
    assert_eq!(pictures.len(), 1, "{page}");
    let png = series.path("carte.png");
    series.write("carte.txt", pictures[0]);
    super::bench::program(
        "sh",
        &["-c", "base64 -d carte.txt > carte.png"],
        series.folder(),
    );
    let card = image::open(png).expect("a PNG").to_rgb8();
    assert_eq!(card.dimensions(), (640, 360));
    let bottom = (0..640).flat_map(|x| (285..296).map(move |y| (x, y)));
    let ink = bottom.filter(|&(x, y)| card.get_pixel(x, y).0[0] < 0x60);
    assert!(ink.count() > 100, "it is seen that the text runs over");
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

#[test]
fn the_report_says_what_is_new_what_changed_and_what_is_gone() {
    let mut series = Series::built();
    let page =
        |series: &Series| std::fs::read_to_string(series.path("report.html")).expect("a report");
    let said = |page: &str| -> Vec<&str> {
        let changes = [
            "Publiée pour la première fois",
            "Mise à jour",
            "Retirée de la publication",
        ];
        changes.into_iter().filter(|c| page.contains(c)).collect()
    };
    assert_eq!(said(&page(&series)), ["Publiée pour la première fois"]);
    series.set("a", "question", "La colère");
    series.build().ends(0);
    assert_eq!(said(&page(&series)), ["Mise à jour"]);
    series.set("a", "statut", "suspendu");
    series.build().ends(0);
    assert_eq!(said(&page(&series)), ["Retirée de la publication"]);
    series.build().ends(0);
    assert_eq!(said(&page(&series)), [""; 0]);
    let why = "statut «\u{202f}suspendu\u{202f}», capsules.csv, ligne 2";
    assert!(page(&series).contains(why), "{}", page(&series));

    // Nobody has said yet that it was deleted on the servers.
    let owed = |series: &Series| {
        page(series)
            .matches("<li><code>a/index.html</code>")
            .count()
    };
    assert_eq!(owed(&series), 2);
    for (audience, left) in [("public", 1), ("private", 0)] {
        series.run(&["sent", audience]).ends(0);
        series.build().ends(0);
        assert_eq!(owed(&series), left, "{audience}");
    }
    series.run(&["sent", "group"]).ends(1);
}
