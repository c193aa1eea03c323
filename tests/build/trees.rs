//! Who may see what: trees by audience, statuses, and what leaves them.

use super::bench::{Series, differing, files, program, stamps};
use std::fs;

#[test]
fn building_one_capsule_touches_nothing_else() {
    let mut series = Series::built();
    series.set("a", "question", "La colère");
    series.set("b", "question", "Le silence");
    let before = stamps(&series.path("dist/public/b"));
    let run = series.run(&["build", "a"]).ends(0);
    assert_eq!(run.encoded(), 4, "{run:#?}");
    assert_eq!(stamps(&series.path("dist/public/b")), before);
    let manifest = series.manifest("public");
    let titles: Vec<_> = (0..2)
        .map(|n| manifest["capsules"][n]["title"].as_str())
        .collect();
    assert_eq!(titles, [Some("La colère"), Some("Le calme")]);
}

#[test]
fn an_unknown_capsule_or_profile_on_the_command_line_builds_nothing() {
    let series = Series::built();
    let before = stamps(&series.path("dist"));
    let run = series.run(&["build", "aa"]).ends(2);
    assert!(
        run.finding("unknown-capsule")["hint"]
            .to_string()
            .contains('a')
    );
    series
        .run(&["build", "--profile", "wep"])
        .ends(2)
        .finding("unknown-profile");
    assert_eq!(stamps(&series.path("dist")), before);
}

#[test]
fn a_row_that_vanished_stops_the_build_until_its_removal_is_confirmed() {
    let mut series = Series::built();
    series.drop_row("a");
    series.set("b", "question", "Le silence");
    let before = stamps(&series.path("dist"));
    // Whoever looks first is told as well.
    for look in ["check", "plan", "status"] {
        let run = series.run(&[look]);
        assert_eq!(run.finding("vanished")["severity"], "error", "{look}");
    }
    let run = series.build().ends(2);
    assert_eq!(
        run.finding("vanished")["facts"]["ids"],
        serde_json::json!(["a"])
    );
    assert_eq!((run.encoded(), stamps(&series.path("dist"))), (0, before));
    series.run(&["build", "--remove", "a"]).ends(0);
    assert_eq!(series.published("public"), ["b"]);
    assert!(!series.path("dist/public/a").exists() && !series.path("dist/private/a").exists());
}

#[test]
fn a_suspended_capsule_is_out_even_when_the_build_fails() {
    let mut series = Series::built();
    series.set("a", "statut", "suspendu");
    fs::write(series.path("footage/b.mp4"), "plus un film").expect("written");
    let run = series.build().ends(1);
    assert_eq!((run.state("a"), run.state("b")), ("withheld", "failed"));
    for audience in ["public", "private"] {
        assert_eq!(
            series.published(audience),
            ["b"],
            "the former film of b stays"
        );
        assert!(!series.path(&format!("dist/{audience}/a")).exists());
    }
    series.set("a", "statut", "prêt");
    assert_eq!(
        series.build().ends(1).encoded(),
        0,
        "what is suspended is kept in the store"
    );
    assert_eq!(series.published("public"), ["a", "b"]);
}

#[test]
fn a_narrower_audience_takes_a_capsule_out_of_the_wider_tree() {
    let mut series = Series::built();
    series.set("a", "diffusion", "professionnels");
    assert_eq!(series.build().ends(0).encoded(), 0);
    assert_eq!(series.published("public"), ["b"]);
    assert_eq!(series.published("professionals"), ["a", "b"]);
    assert_eq!(series.published("private"), ["a", "b"]);
    assert!(!series.path("dist/public/a").exists());
    let public = series.path("dist/public");
    program(
        "sha256sum",
        &["--quiet", "--strict", "-c", "SHA256SUMS"],
        &public,
    );
    for (name, bytes) in files(&public) {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("La peur"),
            "{name}"
        );
    }
}

#[test]
fn a_draft_is_in_the_private_tree_only() {
    let mut series = Series::built();
    series.set("a", "statut", "brouillon");
    series.build().ends(0);
    assert_eq!(
        (series.published("public"), series.published("private")),
        (vec!["b".into()], vec!["a".into(), "b".into()])
    );
    let manifest = series.manifest("private");
    let one = manifest["capsules"][0]["renditions"]
        .as_array()
        .expect("a list");
    let heights: std::collections::BTreeSet<u64> =
        one.iter().filter_map(|r| r["height"].as_u64()).collect();
    assert_eq!(heights.len(), 1, "a draft has one rung: {heights:?}");
}

/// The watermark lies on every decoded picture, cards and footage alike, and on
/// none once the capsule is ready: against the same pictures without it.
#[test]
fn a_drafts_watermark_is_on_every_picture() {
    let mut series = Series::built();
    let pictures = |series: &Series| -> Vec<image::RgbImage> {
        let shot = |time: &str| {
            let file = series.path("image.png");
            let output = file.display().to_string();
            let asked = ["frame", "a", time, "--rung", "270", "-o", &output];
            series.run(&asked).ends(0);
            image::open(&file).expect("a PNG").to_rgb8()
        };
        ["0:00.5", "0:01.2", "0:03", "0:05.5"].map(shot).into()
    };
    let ready = pictures(&series);
    series.set("a", "statut", "brouillon");
    series.build().ends(0);
    let draft = pictures(&series);
    series.set("a", "statut", "prêt");
    assert!(pictures(&series) == ready, "gone without a trace");
    for (n, (plain, marked)) in ready.iter().zip(&draft).enumerate() {
        let differs = |(a, b): (&image::Rgb<u8>, &image::Rgb<u8>)| {
            a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > 40)
        };
        let pixels = plain.pixels().zip(marked.pixels());
        let touched = pixels.filter(|&pair| differs(pair)).count();
        let share = touched as f64 / f64::from(plain.width() * plain.height());
        assert!((0.004..0.3).contains(&share), "picture {n}: {share}");
    }
}

#[test]
fn a_withdrawn_capsule_is_purged_from_the_store() {
    let mut series = Series::built();
    let source = series.manifest("private")["capsules"][0]["source"]["sha256"].clone();
    assert!(source.is_string());
    let traces = |series: &Series| {
        let digest =
            blake3::hash(&fs::read(series.path("footage/a.mp4")).expect("readable")).to_hex();
        let objects = files(&series.path(".portevoix/store"));
        let names = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(digest.as_str());
        objects.values().filter(|bytes| names(bytes)).count()
    };
    assert!(traces(&series) > 0, "recipes name the clip");
    series.set("a", "statut", "retiré");
    let run = series.build().ends(0);
    assert_eq!(run.state("a"), "withheld");
    assert_eq!(traces(&series), 0);
    let private = series.manifest("private").to_string();
    assert_eq!(
        (series.published("public"), series.published("private")),
        (vec!["b".into()], vec!["b".into()])
    );
    assert!(!private.contains(source.as_str().expect("a digest")));
    assert_eq!(
        series.manifest("public")["withdrawn"],
        serde_json::json!(["a"])
    );
}

#[test]
fn files_of_others_in_a_tree_are_left_alone() {
    let mut series = Series::built();
    series.write("dist/public/robots.txt", "User-agent: *\n");
    series.set("a", "statut", "suspendu");
    series.build().ends(0);
    assert_eq!(
        fs::read(series.path("dist/public/robots.txt")).expect("there"),
        b"User-agent: *\n"
    );
}

#[test]
fn a_bundle_is_the_same_twice_and_verifies() {
    let series = Series::built();
    let sums: Vec<String> = ["one.tar", "two.tar"]
        .iter()
        .map(|name| {
            let place = series.path(name).display().to_string();
            series.run(&["bundle", "-o", &place]).ends(0);
            series.run(&["verify", &place]).ends(0);
            blake3::hash(&fs::read(place).expect("written"))
                .to_hex()
                .to_string()
        })
        .collect();
    assert_eq!(sums[0], sums[1]);
    let mut bytes = fs::read(series.path("two.tar")).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(series.path("two.tar"), &bytes).expect("written");
    let broken = series.path("two.tar").display().to_string();
    series.run(&["verify", &broken]).ends(1);
    fs::create_dir(series.path("out")).expect("made");
    program("tar", &["-xf", "one.tar", "-C", "out"], series.folder());
    let sums = program("find", &["out", "-name", "SHA256SUMS"], series.folder());
    let root = series.path(sums.lines().next().expect("sums in the bundle"));
    let root = root.parent().expect("a folder");
    let gone: Vec<_> = differing(root, &series.path("dist/public"));
    assert_eq!(gone, [""; 0], "a bundle holds its tree");
}

#[test]
fn verify_accepts_what_was_built_and_names_what_is_wrong() {
    let series = Series::built();
    series.run(&["verify"]).ends(0);
    let tree = series.path("dist/public");
    let at = tree.display().to_string();
    let film = tree.join("a/web/216p.mp4");
    let mut bytes = fs::read(&film).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&film, bytes).expect("written");
    fs::remove_file(tree.join("b/poster.jpg")).expect("removed");
    fs::write(tree.join("etranger.txt"), "?").expect("written");
    let run = series.run(&["verify", &at]).ends(1);
    let said: Vec<String> = run
        .of_kind("diagnostic")
        .map(|e| e["message"].to_string())
        .collect();
    for name in ["a/web/216p.mp4", "b/poster.jpg", "etranger.txt"] {
        assert!(said.iter().any(|m| m.contains(name)), "{name}: {said:#?}");
    }
    assert_eq!(said.len(), 3, "once each: {said:#?}");

    let footage = series.path("footage").display().to_string();
    let run = series.run(&["verify", &footage]).ends(2);
    let ids: Vec<_> = run.of_kind("diagnostic").map(|d| &d["id"]).collect();
    assert_eq!(ids, ["not-a-publication"]);
}
