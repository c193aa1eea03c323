//! What a build publishes, judged by readers that share no code with us.

use super::bench::{CARD, CLIP, Series, files, program};
use crate::browser::browser;
use m3u8_rs::Playlist;
use mp4_atom::Decode;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn renditions(manifest: &Value) -> Vec<Value> {
    let capsules = manifest["capsules"].as_array().expect("a list");
    let all = capsules
        .iter()
        .flat_map(|c| c["renditions"].as_array().expect("a list").clone());
    all.collect()
}

fn ffprobe(tree: &Path, arguments: &[&str]) -> Value {
    let common = ["-v", "error", "-of", "json"];
    let said = program("ffprobe", &[&common, arguments].concat(), tree);
    serde_json::from_str(&said).expect("JSON")
}

fn number(value: &Value) -> f64 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("a number, not {value}"));
    text.parse().expect("a number")
}

#[test]
fn every_rendition_has_the_frames_and_sizes_that_the_manifest_says() {
    let series = Series::built();
    let tree = series.path("dist/public");
    let renditions = renditions(&series.manifest("public"));
    assert_eq!(renditions.len(), 2 * 3, "two rungs and one MP4 each");
    for rendition in renditions {
        let path = rendition["path"].as_str().expect("a path");
        let shown = "stream=nb_read_frames,width,height,r_frame_rate";
        let counting = [
            "-count_frames",
            "-select_streams",
            "v:0",
            "-show_entries",
            shown,
            path,
        ];
        let found = &ffprobe(&tree, &counting)["streams"][0];
        assert_eq!(rendition["frames"], CARD + CLIP + CARD);
        assert_eq!(
            found["nb_read_frames"],
            rendition["frames"].to_string(),
            "{path}"
        );
        assert_eq!(found["width"], rendition["width"], "{path}");
        assert_eq!(found["height"], rendition["height"], "{path}");
        assert_eq!(found["r_frame_rate"], "25/1", "{path}");
    }
}

#[test]
fn the_sums_are_right_and_the_schema_accepts_the_manifest() {
    let series = Series::built();
    for audience in ["public", "private"] {
        let tree = series.path("dist").join(audience);
        program(
            "sha256sum",
            &["--quiet", "--strict", "-c", "SHA256SUMS"],
            &tree,
        );
        let judge = "import json, sys\n\
            try:\n    import jsonschema\n\
            except ImportError:\n    print('skipped: no jsonschema'); sys.exit(0)\n\
            validator = jsonschema.Draft202012Validator(json.load(open('manifest.schema.json')))\n\
            validator.validate(json.load(open('manifest.json')))\n";
        let said = program("python3", &["-c", judge], &tree);
        if let Some(why) = said.trim().strip_prefix("skipped: ") {
            crate::skipped::skipped(why);
        }
    }
}

#[test]
fn the_manifest_names_every_file_of_its_tree() {
    let series = Series::built();
    let manifest = series.manifest("public");
    let listed = manifest["files"].as_array().expect("a list").iter();
    let mut listed: Vec<&str> = listed.filter_map(|f| f["path"].as_str()).collect();
    listed.extend(["SHA256SUMS", "manifest.json"]);
    listed.sort_unstable();
    let there = files(&series.path("dist/public"));
    assert_eq!(listed, there.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn another_reader_accepts_every_playlist_and_its_durations_add_up() {
    let series = Series::built();
    let tree = series.path("dist/public");
    let (mut masters, mut media) = (0, 0);
    for (path, bytes) in files(&tree)
        .into_iter()
        .filter(|(path, _)| path.ends_with(".m3u8"))
    {
        let place = tree.join(&path);
        match m3u8_rs::parse_playlist_res(&bytes).unwrap_or_else(|e| panic!("{path}: {e:?}")) {
            Playlist::MasterPlaylist(master) => {
                masters += 1;
                assert!(master.independent_segments);
                let named = master.variants.iter().map(|v| &v.uri);
                let sounds = master.alternatives.iter().filter_map(|a| a.uri.as_ref());
                for uri in named.chain(sounds) {
                    assert!(place.with_file_name(uri).is_file(), "{path}: {uri}");
                }
            }
            Playlist::MediaPlaylist(list) => {
                media += 1;
                let sum: f32 = list.segments.iter().map(|s| s.duration).sum();
                let wanted = (CARD + CLIP + CARD) as f32 / 25.0;
                assert!((sum - wanted).abs() < 0.04, "{path}: {sum} s");
                assert!(list.end_list, "{path}");
                let longest = list.target_duration as f32 + 0.5;
                for segment in &list.segments {
                    assert!(segment.duration < longest, "{path}");
                    assert!(
                        place.with_file_name(&segment.uri).is_file(),
                        "{path}: {}",
                        segment.uri
                    );
                }
            }
        }
    }
    // Two rungs with their I-frame playlists and the sound, for two capsules.
    assert_eq!((masters, media), (2, 10));
}

#[test]
fn sound_and_picture_start_together_in_an_mp4() {
    let series = Series::built();
    let shown = ["-show_entries", "stream=start_time", "a/web/216p.mp4"];
    let found = ffprobe(&series.path("dist/public"), &shown);
    let streams = found["streams"].as_array().expect("a list");
    let starts: Vec<f64> = streams.iter().map(|s| number(&s["start_time"])).collect();
    assert_eq!(starts.len(), 2, "picture and sound");
    assert!((starts[0] - starts[1]).abs() <= 0.010, "{starts:?}");
}

/// From the boxes themselves: readers that go by the first decode time say that
/// pictures which wait for others start late.
#[test]
fn sound_and_picture_start_at_zero_in_hls() {
    let series = Series::built();
    let web = series.path("dist/public/a/web");
    for rendition in ["270p", "216p", "audio"] {
        let folder = web.join(rendition);
        let first = files(&folder)
            .into_keys()
            .find(|name| name.starts_with("0-"))
            .expect("a segment");
        let bytes = fs::read(folder.join(first)).expect("readable");
        let mut rest = bytes.as_slice();
        let fragment = std::iter::from_fn(|| mp4_atom::Any::decode(&mut rest).ok());
        let traf = fragment
            .filter_map(|atom| match atom {
                mp4_atom::Any::Moof(moof) => moof.traf.into_iter().next(),
                _ => None,
            })
            .next()
            .expect("a fragment");
        let decoded = traf.tfdt.expect("a decode time").base_media_decode_time;
        let first = traf.trun[0].samples.iter().next().expect("a sample");
        let offset = first.cts.unwrap_or(0);
        assert_eq!(decoded as i64 + offset, 0, "{rendition}");
    }
}

/// A flat area of the opening card, where the built-in charter's paper lies
/// bare, against its colour converted by the book: BT.709, limited range.
#[test]
fn the_opening_card_has_the_charters_ground_colour() {
    let series = Series::built();
    let wanted = {
        let (r, g, b) = (253.0 / 255.0, 246.0 / 255.0, 234.0 / 255.0);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let chroma = |c: f64, span: f64| 128.0 + 224.0 * (c - luma) / span;
        [16.0 + 219.0 * luma, chroma(b, 1.8556), chroma(r, 1.5748)]
    };
    let film = series
        .path("dist/public/a/web/216p.mp4")
        .display()
        .to_string();
    let picture = series.path("planes").display().to_string();
    let corner = "crop=64:32:iw-96:16";
    let take = [
        "-nostdin",
        "-v",
        "error",
        "-i",
        &film,
        "-vf",
        corner,
        "-frames:v",
        "1",
    ];
    let form = ["-pix_fmt", "yuv444p", "-f", "rawvideo", &picture];
    program("ffmpeg", &[&take[..], &form[..]].concat(), series.folder());
    let bytes = fs::read(&picture).expect("written");
    assert_eq!(bytes.len(), 3 * 64 * 32);
    for (plane, wanted) in bytes.chunks(64 * 32).zip(wanted) {
        let mean = plane.iter().map(|&v| f64::from(v)).sum::<f64>() / plane.len() as f64;
        assert!((mean - wanted).abs() <= 2.0, "{mean} for {wanted}");
    }
}

#[test]
fn nothing_published_names_the_machine_or_a_clip() {
    let series = Series::new();
    series.clip("Confidentiel.mp4", "4");
    let mut series = series;
    series.row(
        "a",
        &[("fichier", "Confidentiel.mp4"), ("question", "La peur")],
    );
    series.build().ends(0);
    let folder = series.folder().display().to_string();
    for (name, bytes) in files(&series.path("dist")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("Confidentiel") && !text.contains(&folder),
            "{name}"
        );
    }
}

#[test]
fn a_browser_plays_switches_and_seeks_what_is_published() {
    let series = Series::built();
    let tree = series.path("dist/public");
    let Some(seen) = browser("hls", &tree, &["a/web/master.m3u8"]) else {
        return;
    };
    let nothing = serde_json::json!([]);
    assert_eq!(seen["errors"], nothing, "{seen}");
    let frames = &renditions(&series.manifest("public"))[0]["frames"];
    let through = seen["through"].as_array().expect("a list");
    assert_eq!(through.len(), 2);
    for played in through {
        assert_eq!(played["ended"], true, "{played}");
        assert_eq!(&played["frames"]["decoded"], frames, "{played}");
        assert_eq!(played["gaps"], nothing, "{played}");
    }
    assert_eq!(seen["switched"]["done"], true, "{seen}");
    for seek in seen["seeks"].as_array().expect("a list") {
        assert_eq!(seek["advanced"], true, "{seek}");
    }
}

#[test]
fn the_page_of_a_capsule_plays_from_a_server_and_from_disk() {
    let series = Series::built();
    let tree = series.path("dist/public");
    let Some(seen) = browser("page", &tree, &["a/index.html"]) else {
        return;
    };
    for way in ["http", "file"] {
        let videos = seen[way]["videos"].as_array().expect("a list");
        assert_eq!(videos.len(), 1, "{way}");
        assert!(videos.iter().all(|v| v["played"] == true), "{way}: {seen}");
        for quiet in ["console", "foreign", "violations"] {
            assert_eq!(seen[way][quiet], serde_json::json!([]), "{way}: {quiet}");
        }
    }
}

/// Half-way the card's right half stands on the left and the film beside it;
/// nothing but the transitions is made again, and a cut makes them footage.
#[test]
fn a_slide_pushes_the_card_out_of_the_picture() {
    let series = Series::built();
    let charter = "charter/charter.toml";
    series.edit(
        charter,
        "[timing]",
        "[timing]\ntransition-style = \"slide\"",
    );
    assert_eq!(series.build().ends(0).encoded(), 8);
    let shot = |time: &str| {
        let file = series.path("image.png");
        let output = file.display().to_string();
        series.run(&["frame", "a", time, "-o", &output]).ends(0);
        image::open(&file).expect("a PNG").to_rgb8()
    };
    let is_paper = |pixel: &image::Rgb<u8>| {
        let apart = pixel.0.iter().zip([0xfd_u8, 0xf6, 0xea]);
        apart.into_iter().all(|(a, b)| a.abs_diff(b) < 16)
    };
    let share = |picture: &image::RgbImage, columns: std::ops::Range<u32>| {
        let all = columns.clone().flat_map(|x| (0..270).map(move |y| (x, y)));
        let paper = all
            .filter(|&(x, y)| is_paper(picture.get_pixel(x, y)))
            .count();
        paper as f64 / f64::from(columns.len() as u32 * 270)
    };
    let opening = shot("0:01.24");
    assert!(share(&opening, 0..180) > 0.5, "the card goes to the left");
    assert!(
        share(&opening, 300..480) < 0.1,
        "the film comes from the right"
    );
    let end = shot("0:04.74");
    assert!(
        share(&end, 300..480) > 0.5,
        "the end card comes from the right"
    );
    assert!(share(&end, 0..180) < 0.1, "and pushes the film out");
}

/// The card's flat ground lets the picture behind through, on the
/// card itself and while it dissolves; the two cards do not touch the footage.
#[test]
fn what_lies_behind_a_card_is_seen_through_its_ground() {
    let series = Series::built();
    let picture = image::RgbImage::from_pixel(40, 40, image::Rgb([0, 0, 255]));
    let place = series.path("charter/bleu.png");
    picture.save(&place).expect("written");
    let charter = "charter/charter.toml";
    series.edit(
        charter,
        "[timing]",
        "[background]\nopening = \"bleu.png\"\nend = \"footage\"\n[timing]",
    );
    let run = series.build().ends(0);
    // Per capsule a card and its transition on either side, on two rungs; now
    // that end cards show the film, they differ.
    assert_eq!(run.encoded(), 16, "{run:#?}");
    let shot = |time: &str| {
        let file = series.path("image.png");
        let output = file.display().to_string();
        series.run(&["frame", "a", time, "-o", &output]).ends(0);
        image::open(&file).expect("a PNG").to_rgb8()
    };
    let near = |found: [u8; 3], wanted: [u8; 3]| {
        let apart = found.iter().zip(wanted).map(|(a, b)| a.abs_diff(b));
        assert!(apart.max() <= Some(4), "{found:?} for {wanted:?}");
    };
    // Paper at 85 %, blue at 15 %.
    near(shot("0:00.5").get_pixel(470, 5).0, [215, 209, 237]);
    let end = shot("0:05.5");
    let (mut least, mut most) = (255, 0);
    for x in 0..300 {
        let level = end.get_pixel(x, 4).0[1];
        (least, most) = (level.min(least), level.max(most));
    }
    assert!(
        least >= 190 && most - least >= 4,
        "{least} to {most}: a blurred film under paper"
    );
    assert_eq!(series.build().ends(0).encoded(), 0);
}

/// Colours of ours that a series changed, or made a background shine through,
/// are judged on our drawings as on any: who did it is told, and on which line.
#[test]
fn whoever_changes_our_colours_is_told_what_cannot_be_read_any_more() {
    let series = Series::built();
    let charter = fs::read_to_string(series.path("charter/charter.toml")).expect("readable");
    let told = |before: &str| -> Vec<(String, String, u64)> {
        series.write("charter/charter.toml", &format!("{before}{charter}"));
        let run = series.run(&["check"]);
        let found = run
            .of_kind("diagnostic")
            .filter(|e| e["id"] == "card-contrast");
        let found = found.map(|e| {
            assert_eq!(e["severity"], "warning", "{e}");
            assert_eq!(e["place"]["path"], "charter/charter.toml", "{e}");
            let fact = |name: &str| e["facts"][name].as_str().expect("a text").to_owned();
            let line = e["place"]["line"].as_u64().expect("a line");
            (fact("card"), fact("column"), line)
        });
        let mut found: Vec<_> = found.collect();
        found.sort();
        found.dedup();
        found
    };
    let of = |card: &str, column: &str, line| (card.to_owned(), column.to_owned(), line);
    assert_eq!(told(""), []);
    let pale = told("[palette]\nink = \"#e8dcc8\"\n");
    assert!(pale.contains(&of("opening", "title", 2)), "{pale:?}");
    assert!(pale.contains(&of("lower-third", "speaker", 2)), "{pale:?}");
    let boxed = told("[opening.title]\nweight = 800\ncolour = \"#f6e2c3\"\n");
    assert_eq!(boxed, [of("opening", "title", 3)]);
    let ground = told("[palette]\npaper = \"#43384e\"\n");
    assert!(ground.contains(&of("opening", "title", 2)), "{ground:?}");
    // Through as much ground as we leave, nothing is lost; through less it is.
    assert_eq!(told("[background]\nopening = \"footage\"\n"), []);
    let veiled = told("[background]\nopening = \"footage\"\nveil = 20\n");
    assert!(veiled.contains(&of("opening", "title", 3)), "{veiled:?}");
    assert!(
        veiled.iter().all(|(card, ..)| card == "opening"),
        "{veiled:?}"
    );
    assert_eq!(told("[palette]\nink = \"#201828\"\n"), [], "still read");
}

/// A rule of the charter that changes nothing is said, with its line and the
/// boxes that are there; and a background that nobody will see.
#[test]
fn what_the_charter_says_in_vain_is_said() {
    let series = Series::built();
    series.edit(
        "charter/charter.toml",
        "[timing]",
        "[background]\nend = \"footage\"\n[end.title]\nweight = 700\n[timing]",
    );
    let disc = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 360'>\
        <circle cx='320' cy='180' r='600' fill='#fff'/>\
        <rect id='text:contact' x='90' y='90' width='400' height='90'/></svg>";
    series.write("charter/end.svg", disc);
    let run = series.run(&["check"]);
    let unused = run.finding("card-rule-unused");
    assert_eq!(unused["place"]["line"], 3, "{unused}");
    assert_eq!(unused["facts"]["boxes"], serde_json::json!(["contact"]));
    let hidden = run.finding("card-background-hidden");
    assert_eq!(hidden["place"]["line"], 2, "{hidden}");
    for found in [unused, hidden] {
        assert_eq!(found["severity"], "warning", "{found}");
    }
}
