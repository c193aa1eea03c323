//! The published pages in a real browser: what everybody must be able to do
//! with them, and what they must never do. `browser/site.mjs` and
//! `browser/keyboard.mjs` look, here it is judged.

use crate::browser::run_script;
use crate::build::bench::{Series, kept};
use portevoix::publish::manifest::Manifest;
use portevoix::publish::path::TreePath;
use portevoix::publish::tree::{self, Content, Publication};
use portevoix::values::ids::{Id, Language};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

const CUES: &str = "1\n00:00:00,200 --> 00:00:01,200\nDire sa peur,\nc’est déjà beaucoup.\n\n\
     2\n00:00:01,300 --> 00:00:03,000\nOn en parle.\n";

/// A French capsule with captions in two languages, an English one with, and a
/// French one without; built once.
fn site() -> PathBuf {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let mut series = Series::new();
        for (id, language, title) in [
            ("peur", "fr", "J’ai peur de craquer. À qui le dire\u{202f}?"),
            ("fear", "en", "I am afraid. Whom can I tell?"),
            ("calme", "fr", "Comment garder son calme\u{202f}?"),
        ] {
            series.clip(&format!("{id}.mp4"), "4");
            series.row(
                id,
                &[
                    ("question", title),
                    ("intervenant", "Anne Roux"),
                    ("fonction", "Psychologue"),
                    ("thème", "Vivre"),
                    ("contact", "PMI\u{a0}: 04 75 00 00 00"),
                    ("langue", language),
                    ("description", "Quelques mots."),
                ],
            );
        }
        let arabic = CUES.replace("On en parle.", "اتصلوا على 06 12 34 56 78 الآن.");
        series.write("subtitles/peur.fr.srt", CUES);
        series.write("subtitles/peur.ar.srt", &arabic);
        series.write("subtitles/fear.en.srt", CUES);
        series.build().ends(0);
        series
    };
    SITE.get_or_init(|| kept("site", make)).join("dist/public")
}

fn look(check: &str, folder: &Path, arguments: &[&str]) -> Option<Value> {
    let script = match check {
        "watch" | "keys" | "search" => "keyboard.mjs",
        _ => "site.mjs",
    };
    run_script(script, check, folder, arguments)
}

fn silent(seen: &Value) {
    for kind in ["foreign", "violations", "console"] {
        assert_eq!(seen[kind], json!([]), "{kind}: {seen}");
    }
}

#[test]
fn axe_finds_nothing_on_any_page_in_any_state() {
    let pages = [
        "index.html",
        "peur/index.html",
        "fear/index.html",
        "calme/index.html",
        "peur/embed.html",
        "peur/transcript.fr.html",
        "peur/transcript.ar.html",
    ];
    let Some(seen) = look("axe", &site(), &pages) else {
        return;
    };
    assert_eq!(seen["found"], json!([]), "{:#}", seen["found"]);
    assert_eq!(seen["foreign"], json!([]));
    // Every page in every state that it has: four of them have a player.
    for (state, pages) in [
        ("wide", 7),
        ("dark", 7),
        ("phone", 7),
        ("phone, dark", 7),
        ("zoomed", 7),
        ("forced colours", 7),
        ("less motion", 7),
        ("script off", 7),
        ("playing", 4),
        ("playing, phone", 4),
        ("full screen", 4),
        ("searched", 1),
        ("by person", 1),
    ] {
        assert_eq!(seen["looked"][state], pages, "{state}: {}", seen["looked"]);
    }
    let english = forty_five_in("en");
    let gallery = english.path().join("public");
    let text = fs::read_to_string(gallery.join("index.html")).expect("a gallery");
    assert!(text.contains("<html lang=\"en\">"), "{text}");
    let seen_there = look("axe", &gallery, &["index.html"]).expect("there is a browser");
    assert_eq!(seen_there["found"], json!([]), "{:#}", seen_there["found"]);
    // It did look: a page that fails to load has nothing to complain about.
    assert!(seen["checked"].as_u64() > Some(500), "{}", seen["checked"]);
}

#[test]
fn everything_works_by_keyboard_and_nothing_is_fetched_before_play() {
    let Some(seen) = look("watch", &site(), &["peur/index.html"]) else {
        return;
    };
    silent(&seen);
    assert_eq!(seen["refused"], json!([]));
    assert_eq!(seen["before"], json!({ "library": 0, "media": 0 }));
    assert_eq!(seen["after"]["library"], 1);
    assert!(seen["after"]["segments"].as_u64() > Some(0), "{seen}");
    // Captions are there without being asked for, in the capsule's language.
    assert_eq!(seen["captions"], json!([{ "language": "fr", "cues": 2 }]));
    assert_eq!(seen["without"], json!([]));
    assert_eq!(seen["again"], json!([{ "language": "ar", "cues": 2 }]));
    assert_eq!(seen["focus"], json!(["skip"]));
    assert_eq!(seen["labels"], json!(["Lire", "Mettre en pause"]));
    assert_eq!(seen["seeked"], 5);
    assert_eq!(seen["spoken"], "0:05 sur 0:06");
    assert_eq!(seen["preview"]["there"], true);
    assert_eq!(seen["preview"]["picture"], "url(\"storyboard.jpg\")");
    assert_eq!((&seen["speed"], &seen["muted"]), (&json!(2), &json!(true)));
    assert_eq!(seen["loud"], 0.05);
    assert_eq!(seen["full"], "Quitter le plein écran");
    // The card of a second, the answer after it; the end card a second long.
    assert_eq!(
        (&seen["chapter"], &seen["current"]),
        (&json!(5), &json!("5"))
    );
    assert_eq!(seen["start"], 2.3);
    assert_eq!(seen["followed"], 2.3);
    assert_eq!(seen["follow"], json!([true, false]));
    let address = seen["shared"].as_str().expect("an address");
    assert!(address.ends_with("/peur/index.html"), "{address}");
    let policy = seen["policy"].as_str().expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
}

#[test]
fn every_control_of_every_page_is_reached_and_worked_by_keyboard() {
    let controls: [(&str, &[&str]); 4] = [
        ("index.html", &["link", "search", "skip", "view"]),
        (
            "peur/index.html",
            &[
                "call",
                "captions",
                "copy",
                "download",
                "field",
                "follow",
                "fullscreen",
                "link",
                "mute",
                "play",
                "position",
                "said",
                "skip",
                "speed",
                "summary",
                "time",
                "volume",
            ],
        ),
        (
            "peur/embed.html",
            &[
                "captions",
                "fullscreen",
                "link",
                "mute",
                "play",
                "position",
                "speed",
                "volume",
            ],
        ),
        ("peur/transcript.ar.html", &["link", "skip"]),
    ];
    let pages = controls.map(|(page, _)| page);
    let Some(seen) = look("keys", &site(), &pages) else {
        return;
    };
    for (page, kinds) in controls {
        let seen = &seen[page];
        silent(seen);
        for list in ["unreached", "unproven", "failed", "refused"] {
            assert_eq!(seen[list], json!([]), "{page}, {list}: {seen:#}");
        }
        assert_eq!(seen["there"], seen["reached"], "{page}");
        assert_eq!(seen["kinds"], json!(kinds), "{page}");
    }
}

#[test]
fn a_telephone_number_in_an_arabic_transcript_reads_from_left_to_right() {
    for (page, place) in [
        ("peur/index.html", ".other .phrase"),
        ("peur/transcript.ar.html", ".phrase"),
    ] {
        let words = [page, place, "06", "12", "34", "56", "78"];
        let Some(seen) = look("order", &site(), &words) else {
            return;
        };
        let lefts = seen["lefts"].as_array().expect("places").iter();
        let lefts: Vec<f64> = lefts.map(|l| l.as_f64().expect("there")).collect();
        assert!(
            lefts.is_sorted() && lefts[0] < lefts[4],
            "{page}: {lefts:?}"
        );
    }
    // In the captions beside the film the marks that do it.
    let vtt = fs::read_to_string(site().join("peur/captions.ar.vtt")).expect("captions");
    assert!(vtt.contains("\u{2066}06 12 34 56 78\u{2069}"), "{vtt}");
}

/// Captions on the page have the colours of those in the picture, line by line.
#[test]
fn colours_of_captions_are_those_of_the_charter_on_the_page_too() {
    // The film is a capsule of the site, with other captions.
    let tree = tempfile::tempdir().expect("a folder");
    crate::build::bench::copy(&site(), tree.path());
    let page = fs::read_to_string(tree.path().join("calme/index.html")).expect("a page");
    let sdh = "WEBVTT\n\n00:00.000 --> 00:01.900\n<c.off>Viens.</c>\n[Une porte claque]\n\n\
        00:02.000 --> 00:05.000\n<v Narrateur>Un soir.</v>\n♪ Un air ♪\n";
    let cues = portevoix::captions::parse(sdh.as_bytes()).cues;
    let french = Language::new("fr").expect("a language");
    let cues: Vec<_> = cues.into_iter().map(|c| c.dressed(&french, true)).collect();
    let vtt = portevoix::captions::webvtt(&cues);
    use base64::Engine;
    let vtt = base64::engine::general_purpose::STANDARD.encode(vtt);
    let track = format!(
        "<track kind=\"captions\" srclang=\"fr\" src=\"data:text/vtt;base64,{vtt}\" default></video>"
    );
    let page = page.replace("</video>", &track);
    fs::write(tree.path().join("calme/index.html"), page).expect("written");
    let Some(seen) = look("inks", tree.path(), &["calme/index.html", "1", "3"]) else {
        return;
    };
    silent(&seen);
    for (time, inks) in [(0, ["yellow", "red"]), (1, ["cyan", "magenta"])] {
        for (ink, pixels) in seen["shown"][time].as_object().expect("counts") {
            let pixels = pixels.as_i64().expect("a number");
            let there = inks.contains(&ink.as_str());
            assert_eq!(pixels > 40, there, "{time}: {ink} in {seen}");
        }
    }
}

/// Colours of captions in the style sheet, over the worst that can lie behind.
#[test]
fn captions_on_the_page_can_be_read_over_white_film() {
    let css = include_str!("../assets/page/site.css");
    let linear = |c: f64| match c {
        c if c <= 0.04045 => c / 12.92,
        c => ((c + 0.055) / 1.055).powf(2.4),
    };
    let luminance = |rgb: [f64; 3]| {
        let [r, g, b] = rgb.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let hex = |code: &str| -> [f64; 3] {
        let wide = if code.len() == 3 { 1 } else { 2 };
        let part = |n: usize| {
            let digits = code[n * wide..(n + 1) * wide].repeat(3 - wide);
            f64::from(u8::from_str_radix(&digits, 16).expect("hexadecimal")) / 255.0
        };
        [part(0), part(1), part(2)]
    };
    let (_, band) = css
        .split_once("video::cue { background: rgb(0 0 0 / ")
        .expect("a band");
    let (percent, _) = band.split_once('%').expect("a share");
    let behind = 1.0 - percent.parse::<f64>().expect("a number") / 100.0;
    let behind = luminance([behind; 3]);
    let mut colours = 0;
    for rule in css.lines().filter(|l| l.starts_with("video::cue")) {
        let (_, colour) = rule.split_once(" color: #").expect("a colour");
        let code = &colour[..colour
            .find(|c: char| !c.is_ascii_hexdigit())
            .expect("an end")];
        let contrast = (luminance(hex(code)) + 0.05) / (behind + 0.05);
        assert!(contrast >= 4.5, "{rule}: {contrast}");
        colours += 1;
    }
    assert_eq!(colours, 8);
}

#[test]
fn a_capsule_plays_from_a_disk_with_captions_with_and_without_script() {
    let Some(seen) = look("disk", &site(), &["peur/index.html"]) else {
        return;
    };
    for (kind, native) in [("script", false), ("plain", true)] {
        let seen = &seen[kind];
        silent(seen);
        assert_eq!(seen["controls"], native, "{kind}");
        assert!(seen["played"].as_f64() > Some(0.4), "{kind}: {seen}");
        assert_eq!(
            seen["tracks"],
            json!([{ "language": "fr", "cues": 2 }]),
            "{kind}"
        );
        assert_eq!(seen["source"], "216p.mp4", "{kind}");
        assert!(seen["transcript"].as_u64() > Some(50), "{kind}");
    }
}

#[test]
fn a_film_whose_adaptive_version_goes_missing_plays_on_from_where_it_was() {
    let Some(seen) = look("breaks", &site(), &["peur/index.html"]) else {
        return;
    };
    silent(&seen);
    assert_eq!(seen["status"], "", "{seen}");
    let played = seen["played"].as_array().expect("a list");
    let of_file = |one: &&Value| one[0].as_str().is_some_and(|s| s.ends_with(".mp4"));
    let first = played.iter().find(of_file).expect("the file plays");
    assert!(first[1].as_f64() >= Some(0.5), "{seen}");
}

const THEMES: [&str; 5] = [
    "L’épuisement",
    "Les écrans",
    "Le sommeil",
    "La colère",
    "L’école",
];

/// Forty-five capsules whose pictures weigh what those of real people do: made
/// from one that was built, published through the same door.
fn forty_five() -> TempDir {
    forty_five_in("fr")
}

/// The gallery speaks the series' language.
fn forty_five_in(language: &str) -> TempDir {
    let built = site();
    let text = fs::read_to_string(built.join("manifest.json")).expect("a manifest");
    let mut manifest = Manifest::parse(&text).expect("valid");
    manifest.series.language = Language::new(language).expect("a language");
    let model = manifest.capsules.swap_remove(0);
    manifest.capsules.clear();
    let mut files = BTreeMap::new();
    for number in 1..=45 {
        let named = |text: &str| text.replace("peur", &format!("c{number}"));
        let json = serde_json::to_string(&model).expect("plain values");
        let mut capsule: portevoix::publish::manifest::Capsule =
            serde_json::from_str(&named(&json)).expect("a capsule");
        capsule.id = Id::new(&named("peur")).expect("an id");
        capsule.theme = Some(THEMES[number % 5].to_owned());
        capsule.speaker = Some(format!("Personne {}", number % 15));
        let all = capsule.posters.iter().map(|p| &p.path);
        for path in all.chain(capsule.captions.iter().map(|c| &c.path)) {
            let from = path.as_str().replace(capsule.id.as_str(), "peur");
            let mut bytes = fs::read(built.join(from)).expect("built");
            if let Some(full) = weight(path) {
                // Chunks after the end of a picture are passed over.
                bytes.resize(full.max(bytes.len()), 0);
            }
            files.insert(path.clone(), Content::Bytes(bytes));
        }
        capsule.renditions.clear();
        capsule.storyboard = None;
        manifest.capsules.push(capsule);
    }
    let dist = tempfile::tempdir().expect("a folder");
    tree::publish(dist.path(), Publication { manifest, files }).expect("published");
    dist
}

/// Bytes of the poster of a real interview (1080p, a face before a bookcase),
/// rounded up.
fn weight(path: &TreePath) -> Option<usize> {
    match path.name() {
        "poster-320.webp" => Some(9_000),
        "poster-640.webp" => Some(24_000),
        "poster-320.jpg" => Some(16_000),
        _ => None,
    }
}

#[test]
fn the_first_view_of_forty_five_capsules_is_light() {
    let dist = forty_five();
    let tree = dist.path().join("public");
    let Some(seen) = look("weigh", &tree, &["index.html"]) else {
        return;
    };
    for (screen, script) in [
        ("phone", true),
        ("tall phone", true),
        ("laptop", true),
        ("full HD", true),
        ("sharp full HD", true),
        ("script off", false),
    ] {
        let seen = &seen[screen];
        let number = |key: &str| seen[key].as_u64().expect("a number");
        assert_eq!(seen["pictures"], 45);
        assert_eq!(seen["media"], 0);
        assert!(number("bytes") < 300_000, "{screen}: {seen}");
        // Pictures did load, and the browser's count is not the server's less something.
        assert!(number("inView") >= 2, "{screen}: {seen}");
        assert!(number("bytes") > number("sent"), "{screen}: {seen}");
        if script {
            silent(seen);
            assert_eq!(seen["kind"], "3g", "{screen}");
            assert_eq!(number("atLast"), 45, "{screen}: {seen}");
        }
    }
}

#[test]
fn a_gallery_is_searched_and_put_in_order_by_keyboard() {
    let dist = forty_five();
    let tree = dist.path().join("public");
    let Some(seen) = look("search", &tree, &["colere", "PERSONNE 14", "rien de tel"]) else {
        return;
    };
    silent(&seen);
    assert_eq!(
        seen["views"],
        json!([{ "films": 45, "people": 0 }, { "films": 0, "people": 15 }])
    );
    let found: Vec<_> = seen["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| (r["films"].as_u64(), r["said"].as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Some(9), Some("9 vidéos trouvées")),
            (Some(3), Some("3 vidéos trouvées")),
            (Some(0), Some("Aucune vidéo ne correspond.")),
        ]
    );
}
