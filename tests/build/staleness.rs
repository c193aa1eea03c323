//! Which segments go stale for which change, and for which reason: a table of
//! changes against plans. Nothing is encoded but the series that all start from.

use super::bench::{BINARY, Run, Series};
use std::collections::BTreeMap;
use std::fs;

/// What a plan would make: slots by capsule, and the reasons.
fn planned(series: &Series) -> (BTreeMap<String, Vec<String>>, Vec<String>) {
    let run = series.run(&["plan"]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:#?}");
    let mut slots: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut reasons = Vec::new();
    for job in run.of_kind("job") {
        let id = job["capsule"].as_str().expect("an id").to_owned();
        for why in job["reasons"].as_array().expect("a list") {
            reasons.push(why["reason"].as_str().expect("a word").to_owned());
            let named = why["slots"].as_array().expect("slots");
            let named = named.iter().map(|s| s.as_str().expect("a slot").to_owned());
            slots.entry(id.clone()).or_default().extend(named);
        }
    }
    slots.values_mut().for_each(|s| s.sort());
    reasons.sort();
    reasons.dedup();
    (slots, reasons)
}

/// Slots of both rungs of a film of one segment, by the names of its parts.
fn both(parts: &[&str]) -> Vec<String> {
    let rungs = ["web 216p", "web 270p"];
    let mut slots: Vec<String> = rungs
        .iter()
        .flat_map(|rung| parts.iter().map(move |part| slot(rung, part)))
        .collect();
    slots.sort();
    slots
}

fn slot(rung: &str, part: &str) -> String {
    match part {
        "sound" => "web sound".to_owned(),
        _ => format!("{rung} {part}"),
    }
}

const OPENING: [&str; 2] = ["opening 1", "opening transition"];
const END: [&str; 2] = ["end 1", "end transition"];
const ALL: [&str; 5] = [
    "opening 1",
    "opening transition",
    "footage 0",
    "end transition",
    "end 1",
];

const DRAWING: &str = include_str!("../../assets/charter/warm/opening.svg");

type Edit = Box<dyn Fn(&mut Series)>;

struct Row {
    name: &'static str,
    edit: Edit,
    /// By capsule.
    stale: Vec<(&'static str, Vec<String>)>,
    reason: &'static str,
}

fn row(
    name: &'static str,
    edit: impl Fn(&mut Series) + 'static,
    stale: Vec<(&'static str, Vec<String>)>,
    reason: &'static str,
) -> Row {
    Row {
        name,
        edit: Box::new(edit),
        stale,
        reason,
    }
}

fn cell(column: &'static str, text: &'static str) -> impl Fn(&mut Series) {
    move |series| series.set("a", column, text)
}

fn file(path: &'static str, from: &'static str, to: &'static str) -> impl Fn(&mut Series) {
    move |series| series.edit(path, from, to)
}

/// One more line at the end of a file.
fn line(path: &'static str, text: &'static str) -> impl Fn(&mut Series) {
    move |series| {
        let former = fs::read_to_string(series.path(path)).expect("readable");
        series.write(path, &(former + text + "\n"));
    }
}

fn in_both(slots: Vec<String>) -> Vec<(&'static str, Vec<String>)> {
    vec![("a", slots.clone()), ("b", slots)]
}

fn with_sound(mut slots: Vec<String>) -> Vec<String> {
    slots.push("web sound".into());
    slots.sort();
    slots
}

fn one_rung(rung: &str) -> Vec<String> {
    let mut slots: Vec<String> = ALL.iter().map(|part| slot(rung, part)).collect();
    slots.sort();
    slots
}

/// Changes that show.
fn visible() -> Vec<Row> {
    let (toml, charter, web) = ("series.toml", "charter/charter.toml", "profiles/web.toml");
    let footage = |parts: &[&'static str]| both(parts);
    vec![
        // The catalogue.
        row(
            "question",
            cell("question", "La colère"),
            vec![("a", both(&OPENING))],
            "card-changed",
        ),
        row(
            "speaker",
            cell("intervenant", "Zoé"),
            vec![("a", footage(&["footage 0"]))],
            "lower-third-changed",
        ),
        row(
            "role",
            cell("fonction", "Médecin"),
            vec![("a", footage(&["footage 0"]))],
            "lower-third-changed",
        ),
        row(
            "beginning",
            cell("début", "0:01"),
            vec![(
                "a",
                with_sound(footage(&["opening transition", "footage 0"])),
            )],
            "cut-moved sound-changed",
        ),
        row(
            "beginning by a frame",
            cell("début", "0:00:00:01"),
            vec![(
                "a",
                with_sound(footage(&["opening transition", "footage 0"])),
            )],
            "cut-moved sound-changed",
        ),
        row(
            "end",
            cell("fin", "0:03"),
            vec![("a", with_sound(footage(&["footage 0", "end transition"])))],
            "cut-moved sound-changed",
        ),
        row("language", cell("langue", "en"), vec![], ""),
        // What cards show.
        row(
            "theme",
            cell("thème", "Santé"),
            vec![("a", both(&OPENING))],
            "card-changed",
        ),
        row(
            "contact",
            cell("contact", "04 75 00 00 00"),
            vec![("a", both(&END))],
            "card-changed",
        ),
        row(
            "structure",
            cell("structure", "La Maison"),
            vec![("a", both(&["footage 0", "end 1", "end transition"]))],
            "card-changed lower-third-changed",
        ),
        row(
            "title of the series",
            file(toml, "title = \"Essai\"", "title = \"Essais\""),
            // The end card names the series, where there is no contact.
            in_both(both(&[&OPENING[..], &END].concat())),
            "card-changed",
        ),
        row(
            "publisher",
            line(toml, "publisher = \"La Maison\""),
            in_both(both(&END)),
            "card-changed",
        ),
        row(
            "a colour of the opening card",
            line(charter, "[palette]\ndusk = \"#5c4f64\""),
            in_both(both(&OPENING)),
            "card-changed",
        ),
        row(
            "a colour of both inserted cards",
            line(charter, "[palette]\nsaffron = \"#f3b04d\""),
            in_both(both(&[&OPENING[..], &END[..]].concat())),
            "card-changed",
        ),
        row(
            "a colour of texts",
            line(charter, "[palette]\nink = \"#2c2037\""),
            in_both(both(&[&OPENING[..], &["footage 0"], &END].concat())),
            "card-changed lower-third-changed",
        ),
        row(
            "a drawing of one's own",
            |series| {
                series.write(
                    "charter/opening.svg",
                    &DRAWING.replace("palette:coral", "palette:ember"),
                )
            },
            in_both(both(&OPENING)),
            "card-changed",
        ),
        row(
            "film behind the opening card",
            line(charter, "[background]\nopening = \"footage\""),
            in_both(both(&OPENING)),
            "card-changed",
        ),
        row(
            "shorter transitions",
            line(charter, "transition = 0.2"),
            in_both(with_sound(both(&[
                "opening transition",
                "footage 0",
                "end transition",
            ]))),
            "cut-moved sound-changed",
        ),
        row(
            "cuts instead of transitions",
            line(charter, "transition-style = \"cut\""),
            in_both(with_sound(both(&["footage 0"]))),
            "cut-moved sound-changed",
        ),
        // The charter's timings.
        row(
            "longer opening",
            file(charter, "opening = 1.0", "opening = 2.0"),
            in_both(with_sound(both(&["opening 1"]))),
            "cut-moved sound-changed",
        ),
        row(
            "longer end",
            file(charter, "end = 1.0", "end = 1.5"),
            in_both(with_sound(both(&["end 1"]))),
            "cut-moved sound-changed",
        ),
        row(
            "shorter lower third",
            file(charter, "lower-third = 2.0", "lower-third = 1.5"),
            in_both(both(&["footage 0"])),
            "lower-third-changed",
        ),
        row(
            "delay of the lower third",
            line(charter, "lower-third-delay = 0.8"),
            in_both(both(&["footage 0"])),
            "lower-third-changed",
        ),
        row(
            "fade of the lower third",
            line(charter, "lower-third-fade = 0.2"),
            in_both(both(&["footage 0"])),
            "lower-third-changed",
        ),
        row(
            "sliding transitions",
            line(charter, "transition-style = \"slide\""),
            in_both(both(&["opening transition", "end transition"])),
            "cut-moved",
        ),
        // The series.
        row(
            "loudness",
            line(toml, "loudness = -18"),
            in_both(vec!["web sound".into()]),
            "sound-changed",
        ),
        // The profile.
        row(
            "crf of the small rung",
            file(
                web,
                "height = 216\npreset = \"veryfast\"\ncrf = 30",
                "height = 216\npreset = \"veryfast\"\ncrf = 28",
            ),
            in_both(one_rung("web 216p")),
            "settings-changed",
        ),
        row(
            "crf of the tall rung",
            file(
                web,
                "height = 270\npreset = \"veryfast\"\ncrf = 30",
                "height = 270\npreset = \"veryfast\"\ncrf = 28",
            ),
            in_both(one_rung("web 270p")),
            "settings-changed",
        ),
        row(
            "preset",
            file(
                web,
                "height = 216\npreset = \"veryfast\"",
                "height = 216\npreset = \"faster\"",
            ),
            in_both(one_rung("web 216p")),
            "settings-changed",
        ),
        row(
            "cap",
            file(web, "max_kbps = 500", "max_kbps = 400"),
            in_both(one_rung("web 216p")),
            "settings-changed",
        ),
        row(
            "bit rate of the sound",
            file(web, "kbps = 64", "kbps = 96"),
            in_both(vec!["web sound".into()]),
            "sound-changed",
        ),
        row(
            "another rung",
            line(
                web,
                "[[rung]]\nheight = 180\npreset = \"veryfast\"\ncrf = 30\nmax_kbps = 300",
            ),
            in_both(one_rung("web 180p")),
            "settings-changed",
        ),
        // The clip.
        row(
            "a byte of the clip",
            |series| {
                let clip = series.path("footage/a.mp4");
                let mut bytes = fs::read(&clip).expect("readable");
                // An empty box at the end: other bytes, the same pictures.
                bytes.extend(*b"\0\0\0\x08free");
                fs::write(&clip, bytes).expect("written");
            },
            vec![(
                "a",
                with_sound(both(&["opening transition", "footage 0", "end transition"])),
            )],
            "clip-changed sound-changed",
        ),
        // Several at once.
        row(
            "question and crf",
            |series| {
                series.set("a", "question", "La joie");
                series.edit("profiles/web.toml", "max_kbps = 500", "max_kbps = 450");
            },
            {
                let mut a = one_rung("web 216p");
                a.extend(OPENING.iter().map(|part| slot("web 270p", part)));
                a.sort();
                vec![("a", a), ("b", one_rung("web 216p"))]
            },
            "card-changed settings-changed",
        ),
        row(
            "three cards at once",
            |series| {
                series.set("a", "question", "La joie");
                series.set("a", "intervenant", "Zoé");
                series.edit("charter/charter.toml", "end = 1.0", "end = 2.0");
            },
            vec![
                (
                    "a",
                    with_sound(both(&[
                        "opening 1",
                        "opening transition",
                        "footage 0",
                        "end 1",
                    ])),
                ),
                ("b", with_sound(both(&["end 1"]))),
            ],
            "card-changed cut-moved lower-third-changed sound-changed",
        ),
        // What is only lost.
        row(
            "the store's segments",
            |series| {
                fs::remove_dir_all(series.path(".portevoix/store/v1/segment")).expect("removed")
            },
            in_both(both(&ALL)),
            "lost",
        ),
        row(
            "the store's sound",
            |series| fs::remove_dir_all(series.path(".portevoix/store/v1/audio")).expect("removed"),
            in_both(vec!["web sound".into()]),
            "lost",
        ),
    ]
}

/// Changes that show nowhere in a film.
fn invisible() -> Vec<Row> {
    let (toml, charter, web) = ("series.toml", "charter/charter.toml", "profiles/web.toml");
    let none = |name, edit: Edit| Row {
        name,
        edit,
        stale: Vec::new(),
        reason: "",
    };
    vec![
        none(
            "description",
            Box::new(cell("description", "Quand la peur s’en va")),
        ),
        none("date", Box::new(cell("date", "2025-02-01"))),
        none("poster", Box::new(cell("vignette", "0:02"))),
        none("a column of one's own", Box::new(cell("x-suivi", "relu"))),
        none("narrower audience", Box::new(cell("diffusion", "privé"))),
        none("status off", Box::new(cell("statut", "suspendu"))),
        none("licence", Box::new(line(toml, "licence = \"CC BY 4.0\""))),
        none(
            "date of the series",
            Box::new(file(toml, "2025-01-15", "2025-01-16")),
        ),
        none(
            "address of the site",
            Box::new(line(toml, "base_url = \"https://example.org/\"")),
        ),
        none("comment in series.toml", Box::new(line(toml, "# note"))),
        none("comment in charter.toml", Box::new(line(charter, "# note"))),
        none(
            "a colour that no card shows",
            Box::new(line(charter, "[palette]\nunseen = \"#123456\"")),
        ),
        none("comment in the profile", Box::new(line(web, "# note"))),
        none(
            "which rung is an MP4 too",
            Box::new(file(web, "progressive = [216]", "progressive = [270]")),
        ),
        none(
            "a profile that nobody asks for",
            Box::new(|series| {
                series.write("profiles/autre.toml", "package = \"mp4\"\n[[rung]]\nheight = 216\npreset = \"veryfast\"\ncrf = 30\nmax_kbps = 500\n");
            }),
        ),
        none(
            "captions",
            Box::new(|series| {
                series.write(
                    "subtitles/a.fr.srt",
                    "1\n00:00:01,000 --> 00:00:03,000\nBonjour\n",
                );
            }),
        ),
        none(
            "another clip in the folder",
            Box::new(|series| series.clip("reste.mp4", "4")),
        ),
        none(
            "time of the clip",
            Box::new(|series| {
                let clip = fs::File::options()
                    .write(true)
                    .open(series.path("footage/a.mp4"));
                let long_ago =
                    std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
                clip.expect("opened").set_modified(long_ago).expect("set");
            }),
        ),
        none(
            "order of the rows",
            Box::new(|series| {
                series.drop_row("a");
                series.row(
                    "a",
                    &[("question", "La peur"), ("intervenant", "Anne Roux")],
                );
            }),
        ),
        none(
            "comment in a drawing",
            Box::new(|series| {
                let noted = DRAWING.replacen("</svg>", "<!-- note --></svg>", 1);
                series.write("charter/opening.svg", &noted);
            }),
        ),
        none(
            "a published page",
            Box::new(|series| series.write("publish-extra/robots.txt", "User-agent: *\n")),
        ),
    ]
}

#[test]
fn exactly_what_shows_a_change_goes_stale() {
    let mut wrong = Vec::new();
    let rows: Vec<Row> = visible().into_iter().chain(invisible()).collect();
    assert!(rows.len() >= 40, "{}", rows.len());
    for row in &rows {
        let mut series = Series::built();
        (row.edit)(&mut series);
        let (found, reasons) = planned(&series);
        let wanted: BTreeMap<String, Vec<String>> = row
            .stale
            .iter()
            .map(|(id, slots)| ((*id).to_owned(), slots.clone()))
            .collect();
        if found != wanted || reasons.join(" ") != row.reason {
            let name = row.name;
            wrong.push(format!(
                "{name}: {reasons:?}\n  {found:?}\n  and not {wanted:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What changed is said from what to what, in both languages.
#[test]
fn a_reason_says_what_changed_from_what_to_what() {
    let said = |series: &Series, lang: &str| -> String {
        let mut command = std::process::Command::new(BINARY);
        command
            .arg("--series")
            .arg(series.folder())
            .args(["--lang", lang, "--format", "json", "plan"])
            .env_remove("PORTEVOIX_STORE");
        let run = Run::of(command.output().expect("it starts"));
        let job = run.of_kind("job").next().expect("a job");
        job["reason"].as_str().expect("a sentence").to_owned()
    };
    let told: [(Edit, &str, &str); 6] = [
        (
            Box::new(file(
                "profiles/web.toml",
                "max_kbps = 500",
                "max_kbps = 400",
            )),
            "web 216p max_kbps (500 kb/s → 400 kb/s)",
            "web 216p max_kbps (500 kb/s → 400 kb/s)",
        ),
        (
            Box::new(file(
                "charter/charter.toml",
                "opening = 1.0",
                "opening = 2.5",
            )),
            "durée de la carte d’ouverture (1\u{a0}s → 2,5\u{a0}s)",
            "length of the opening card (1 s → 2.5 s)",
        ),
        (
            Box::new(line("series.toml", "loudness = -18")),
            "niveau sonore visé (−16 LUFS → −18 LUFS)\u{a0}: son",
            "target loudness (−16 LUFS → −18 LUFS): sound",
        ),
        (
            Box::new(cell("début", "0:01")),
            "passage gardé (rien → 0:01–)",
            "kept part (none → 0:01–)",
        ),
        (
            Box::new(line("charter/charter.toml", "transition-style = \"slide\"")),
            "style des transitions (fade → slide)",
            "style of the transitions (fade → slide)",
        ),
        (
            Box::new(|series| {
                fs::copy(series.path("footage/b.mp4"), series.path("footage/a.mp4"))
                    .expect("copied");
            }),
            "clip (autre contenu)",
            "clip (other content)",
        ),
    ];
    for (edit, french, english) in told {
        let mut series = Series::built();
        edit(&mut series);
        let (fr, en) = (said(&series, "fr"), said(&series, "en"));
        assert!(fr.contains(french), "{fr}");
        assert!(en.contains(english), "{en}");
    }
}
