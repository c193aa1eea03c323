//! The published pages in a real browser: what everybody must be able to do
//! with them, and what they must never do. `browser/site.mjs` looks, here it is
//! judged.

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
        let arabic = CUES.replace("On en parle.", "نتحدث عن ذلك.");
        series.write("subtitles/peur.fr.srt", CUES);
        series.write("subtitles/peur.ar.srt", &arabic);
        series.write("subtitles/fear.en.srt", CUES);
        series.build().ends(0);
        series
    };
    SITE.get_or_init(|| kept("site", make)).join("dist/public")
}

fn look(check: &str, folder: &Path, arguments: &[&str]) -> Option<Value> {
    run_script("site.mjs", check, folder, arguments)
}

fn silent(seen: &Value) {
    for kind in ["foreign", "violations", "console"] {
        assert_eq!(seen[kind], json!([]), "{kind}: {seen}");
    }
}

#[test]
fn axe_finds_nothing_on_any_page_in_either_language_light_or_dark_wide_or_narrow() {
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
    for size in ["wide", "phone"] {
        let seen = &seen[size];
        silent(seen);
        assert_eq!(seen["pictures"], 45);
        assert_eq!(seen["media"], 0);
        assert!(seen["bytes"].as_u64() < Some(300_000), "{size}: {seen}");
        // Pictures did load, and the browser's count is not the server's less something.
        assert!(seen["bytes"].as_u64() > Some(50_000), "{size}: {seen}");
        assert!(
            seen["bytes"].as_u64() > seen["sent"].as_u64(),
            "{size}: {seen}"
        );
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
