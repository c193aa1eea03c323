//! Several people who speak in one capsule: each is named on the picture in
//! their own turn, and wherever a reader looks for them.

use super::bench::{Run, Series, files};
use image::RgbImage;
use serde_json::Value;

/// Eight seconds, in which Anne speaks, then Paul from 2.4 s, and a mother
/// without a name from 5.6 s. Straps last 1.2 s, a second after each begins.
fn conversation() -> Series {
    let mut series = Series::new();
    series.clip("a.mp4", "8");
    series.row(
        "a",
        &[
            ("question", "La peur"),
            ("intervenant", "Anne Roux; Paul Bé; ;"),
            ("fonction", "Psychologue ; Infirmier ; Une mère"),
            ("structure", "Maison des familles"),
            ("prises de parole", "0:02.4; 0:05.6"),
        ],
    );
    series.edit(
        "charter/charter.toml",
        "lower-third = 2.0",
        "lower-third = 1.2\nlower-third-delay = 1.0\nlower-third-fade = 0.2",
    );
    series
}

fn shot(series: &Series, time: &str) -> RgbImage {
    let file = series.path("image.png");
    let output = file.display().to_string();
    series.run(&["frame", "a", time, "-o", &output]).ends(0);
    image::open(&file).expect("a PNG").to_rgb8()
}

/// The strap's paper, beside its first letters.
fn shows_strap(picture: &RgbImage) -> bool {
    let (width, height) = picture.dimensions();
    let pixel = picture.get_pixel(width * 85 / 1000, height * 88 / 100).0;
    let apart = pixel.iter().zip([253_u8, 246, 234]);
    apart.into_iter().all(|(a, b)| a.abs_diff(b) < 24)
}

fn capsule(series: &Series) -> Value {
    series.manifest("public")["capsules"][0].clone()
}

#[test]
fn each_is_named_on_the_picture_in_their_turn() {
    let series = conversation();
    let run = series.build().ends(0);
    assert_eq!(run.errors_found(), Vec::<&str>::new());
    let said = capsule(&series);
    // The opening card lasts a second.
    let time = |card: &str, edge: &str| said["card_times"][card][edge].as_f64().expect("a time");
    for (card, start) in [
        ("lower-third", 2.0),
        ("lower-third-2", 4.4),
        ("lower-third-3", 7.04),
    ] {
        assert!(
            (time(card, "start") - start).abs() < 0.021,
            "{card}: {said}"
        );
        assert!(
            (time(card, "end") - start - 1.2).abs() < 0.021,
            "{card}: {said}"
        );
    }
    let texts = |card: &str| said["cards"][card].clone();
    assert_eq!(texts("lower-third")["speaker"], "Anne Roux");
    assert_eq!(texts("lower-third-2")["role"], "Infirmier");
    assert_eq!(texts("lower-third-3")["role"], "Une mère");
    assert_eq!(texts("lower-third-3").get("speaker"), None);
    assert_eq!(texts("lower-third-2")["structure"], "Maison des familles");
    // On decoded pictures: there, gone before the next, there again.
    let seen = |time: &str| shows_strap(&shot(&series, time));
    let there: Vec<bool> = [
        "0:01.8", "0:02.6", "0:03.6", "0:05.1", "0:06.4", "0:07.6", "0:08.4",
    ]
    .map(seen)
    .into();
    assert_eq!(there, [false, true, false, true, false, true, false]);
    let (first, second) = (shot(&series, "0:02.6"), shot(&series, "0:05.1"));
    assert_ne!(first.as_raw(), second.as_raw());
}

#[test]
fn everybody_is_found_where_people_look_for_them() {
    let series = conversation();
    series.write(
        "subtitles/a.fr.vtt",
        "WEBVTT\n\n00:00.500 --> 00:02.000\nJe dis ceci.\n\n00:03.000 --> 00:05.000\nEt moi cela.\n\n\
         00:06.000 --> 00:07.500\nMoi, rien.\n",
    );
    series.build().ends(0);
    let said = capsule(&series);
    assert_eq!(said["speaker"], "Anne Roux, Paul Bé");
    assert_eq!(said["role"], "Psychologue, Infirmier, Une mère");
    let speakers = said["speakers"].as_array().expect("a list");
    let names: Vec<&Value> = speakers.iter().map(|s| &s["name"]).collect();
    assert_eq!(
        names,
        [
            &Value::from("Anne Roux"),
            &Value::from("Paul Bé"),
            &Value::Null
        ]
    );
    let starts: Vec<f64> = speakers
        .iter()
        .filter_map(|s| s["start"].as_f64())
        .collect();
    assert_eq!(starts, [1.0, 3.4, 6.6]);
    let tree = files(&series.path("dist/public"));
    let text = |name: &str| String::from_utf8_lossy(&tree[name]).into_owned();
    let gallery = text("index.html");
    for name in ["<h3>Anne Roux</h3>", "<h3>Paul Bé</h3>"] {
        assert!(gallery.contains(name), "{gallery}");
    }
    let page = text("a/index.html");
    assert!(
        page.contains("<strong>Paul Bé</strong>, Infirmier, Maison des familles"),
        "{page}"
    );
    let transcript = text("a/transcript.fr.txt");
    let place = |words: &str| {
        transcript
            .find(words)
            .unwrap_or_else(|| panic!("{words}: {transcript}"))
    };
    assert!(place("Anne Roux\u{a0}: Je dis") < place("Paul Bé\u{a0}: Et moi"));
    assert!(place("Psychologue, Maison des familles\n") < place("Infirmier, Maison"));
    // Who speaks without a name is nobody else.
    assert!(
        !transcript.contains("Paul Bé\u{a0}: Moi, rien"),
        "{transcript}"
    );
    // Each strap is there to be looked at.
    let folder = series.path("cartes").display().to_string();
    series.run(&["card", "-o", &folder]).ends(0);
    for card in ["lower-third", "lower-third-2", "lower-third-3"] {
        assert!(
            series
                .path(&format!("cartes/a-{card}-480x270.png"))
                .is_file(),
            "{card}"
        );
    }
    series.run(&["card", "--sheet", "-o", &folder]).ends(0);
    let sheet = image::open(series.path("cartes/sheet.png")).expect("a PNG");
    assert!(sheet.height() > 3 * 315, "three rows: {}", sheet.height());
}

#[test]
fn a_new_name_costs_the_segments_that_show_it() {
    let mut series = conversation();
    series.build().ends(0);
    series.set("a", "intervenant", "Anne Roux; Paul Durand; ;");
    let run = series.build().ends(0);
    // One strap over two seconds at most, on two rungs.
    assert!((1..=4).contains(&run.encoded()), "{run:#?}");
    let job = run.of_kind("job").next().expect("a job");
    assert!(
        job["reason"]
            .as_str()
            .is_some_and(|r| r.contains("Paul Durand")),
        "{job}"
    );
    assert_eq!(series.build().ends(0).encoded(), 0);
}

#[test]
fn whoever_is_cut_away_is_not_named() {
    let mut series = conversation();
    series.set("a", "conserver", "0:00-0:02; 0:05.6-0:08");
    let run = series.build().ends(0);
    assert_eq!(
        run.finding("speaker-cut-away")["facts"]["speaker"],
        "Paul Bé"
    );
    let said = capsule(&series);
    assert_eq!(said["speaker"], "Anne Roux");
    assert!(said["card_times"].get("lower-third-3").is_none());
    for (name, bytes) in files(&series.path("dist/public")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("Paul"), "{name}");
    }
    // A turn of half a second is too short to read a name.
    series.set("a", "conserver", "0:00-0:03; 0:05.6-0:08");
    let run = series.build().ends(0);
    assert_eq!(
        run.finding("speaker-too-brief")["facts"]["speaker"],
        "Paul Bé"
    );
}

fn checked(cells: &[(&str, &str)]) -> Run {
    let mut series = Series::two();
    for (column, text) in cells {
        series.set("a", column, text);
    }
    series.run(&["check", "a"])
}

#[test]
fn lists_that_do_not_match_are_said_with_their_cell() {
    let two = ("intervenant", "Anne; Paul");
    type Cells = [(&'static str, &'static str)];
    let cases: [(&Cells, &str, &str); 7] = [
        (
            &[two, ("prises de parole", "0:01; 0:02; 0:03")],
            "changes-count",
            "prises de parole",
        ),
        (
            &[("intervenant", ""), ("prises de parole", "0:01")],
            "changes-count",
            "prises de parole",
        ),
        (
            &[two, ("prises de parole", "0:03; 0:02")],
            "changes-unsorted",
            "prises de parole",
        ),
        (
            &[two, ("prises de parole", "bientôt")],
            "bad-time",
            "prises de parole",
        ),
        (
            &[two, ("prises de parole", "0:40")],
            "time-beyond-clip",
            "prises de parole",
        ),
        (
            &[two, ("fonction", "a; b; c"), ("prises de parole", "0:02")],
            "speakers-count",
            "fonction",
        ),
        (&[two], "changes-missing", "intervenant"),
    ];
    for (cells, id, column) in cases {
        let run = checked(cells);
        let found = run.finding(id);
        assert_eq!(found["place"]["header"], column, "{found}");
        assert_eq!(found["capsule"], "a", "{found}");
        assert!(found["hint"].is_string(), "{found}");
        let code = if found["severity"] == "error" { 1 } else { 0 };
        assert_eq!(run.code, Some(code), "{run:#?}");
    }
}

/// One name with a `;` in a role is as it was before there were lists.
#[test]
fn one_name_keeps_its_cells_as_they_are() {
    let mut series = Series::two();
    series.set("a", "fonction", "Psychologue; formatrice");
    let run = series.run(&["check", "a"]).ends(0);
    assert_eq!(run.of_kind("diagnostic").count(), 0, "{run:#?}");
    series.build().ends(0);
    assert_eq!(capsule(&series)["role"], "Psychologue\u{202f}; formatrice");
    assert!(capsule(&series).get("speakers").is_none());
}
