//! Captions burnt into the picture, judged on decoded frames and in browsers.

use super::bench::{Series, differing, kept, once, program};
use crate::browser::browser;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Frames at 25 a second, and no cue on their grid. The lower third shows from
/// 15 up to 50.
const CUES: &str = "1\n00:00:00,413 --> 00:00:01,187\nDire sa peur.\n\n\
    2\n00:00:01,389 --> 00:00:02,411\n<font color=\"#ffff00\">Viens, on en parle.</font>\n\n\
    3\n00:00:02,507 --> 00:00:03,007\n[Une porte claque]\n\n\
    4\n00:00:03,007 --> 00:00:03,613\n<c.cyan>Un soir d’hiver, <i>loin</i>.</c>\n\n\
    5\n00:00:06,991 --> 00:00:08,012\nPlus tard.\n\n\
    6\n00:00:12,587 --> 00:00:12,907\nFin.\n";
const SHOWN: [Range<usize>; 6] = [10..30, 35..60, 63..75, 75..90, 175..200, 315..323];
const STRAP: Range<usize> = 15..50;
const FRAMES: usize = 325;
const GREY: i32 = 126;

fn profile(captions: &str) -> String {
    format!(
        "package = \"hls\"\nprogressive = [720, 360]\ncards = [\"lower-third\"]\n\
         captions = \"{captions}\"\n[audio]\nkbps = 64\n\
         [[rung]]\nheight = 720\npreset = \"veryfast\"\ncrf = 18\n\
         [[rung]]\nheight = 360\npreset = \"veryfast\"\ncrf = 18\n"
    )
}

/// A flat grey picture, so that all that is seen was laid over it.
fn grey(size: &str, seconds: u32) -> PathBuf {
    once(&format!("grey-{size}-{seconds}.mp4"), |file| {
        let picture = format!("color=0x808080:s={size}:r=25:d={seconds}");
        let sound = format!("sine=300:r=48000:d={seconds}");
        let place = file.display().to_string();
        let coding = "-vf scale=out_color_matrix=bt709 -c:v libx264 -preset ultrafast -pix_fmt \
            yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709 -c:a aac -ac 2";
        let mut arguments = vec!["-nostdin", "-v", "error", "-f", "lavfi", "-i", &picture];
        arguments.extend(["-f", "lavfi", "-i", &sound]);
        arguments.extend(coding.split_whitespace());
        arguments.push(&place);
        program("ffmpeg", &arguments, Path::new("/"));
    })
}

fn built_once() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let mut series = Series::new();
        for captions in ["none", "burned", "both"] {
            series.write(&format!("profiles/{captions}.toml"), &profile(captions));
        }
        series.write(
            "charter/charter.toml",
            "[timing]\nlower-third-delay = 0.6\nlower-third = 1.4\nlower-third-fade = 0.2\n",
        );
        for (id, size, seconds, profiles) in [
            ("a", "1280x720", 13, "none; burned; both"),
            ("haut", "720x1280", 2, "burned"),
            ("sans", "1280x720", 2, "none; burned"),
            ("rien", "1280x720", 2, "burned"),
        ] {
            let clip = series.path("footage").join(format!("{id}.mp4"));
            fs::copy(grey(size, seconds), clip).expect("copied");
            let name = if id == "a" { "Anne" } else { "" };
            let cells = [
                ("question", id),
                ("intervenant", name),
                ("profils", profiles),
            ];
            series.row(id, &cells);
        }
        // The one for people who do not hear is burnt in, as the edit below shows.
        series.write("subtitles/a.fr.srt", CUES);
        series.write("subtitles/a.fr.sdh.srt", CUES);
        series.write(
            "subtitles/haut.fr.srt",
            "1\n00:00:01,000 --> 00:00:01,800\nOui.\n",
        );
        let run = series.build().ends(0);
        for (id, state) in [
            ("a", "built"),
            ("haut", "built"),
            ("sans", "built"),
            ("rien", "withheld"),
        ] {
            assert_eq!(run.state(id), state, "{run:#?}");
        }
        series
    };
    BUILT.get_or_init(|| kept("burnt", make))
}

fn series() -> Series {
    Series::copied(built_once())
}

/// Luma of a narrow strip of every frame, from the top to the foot of it, at a
/// share of the width.
fn strip(file: &Path, share: f64, height: usize) -> Vec<Vec<i32>> {
    let crop = format!("crop=16:ih:floor(iw*{share}/2)*2-8:0");
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args(["-vf", &crop, "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .expect("ffmpeg runs");
    assert!(output.status.success(), "{output:?}");
    let frames = output.stdout.chunks_exact(16 * height);
    frames
        .map(|frame| {
            let darkest = |row: &[u8]| {
                let far = |&&l: &&u8| (i32::from(l) - GREY).abs();
                row.iter().max_by_key(far).map_or(GREY, |&l| i32::from(l))
            };
            frame.chunks_exact(16).map(darkest).collect()
        })
        .collect()
}

/// Rows that do not show the grey film.
fn covered(frame: &[i32]) -> Option<Range<usize>> {
    let differs = |l: &i32| (l - GREY).abs() > 30;
    let first = frame.iter().position(differs)?;
    let last = frame.iter().rposition(differs)?;
    Some(first..last + 1)
}

fn film(series: &Series, id: &str, profile: &str, height: usize) -> PathBuf {
    series.path(&format!("dist/public/{id}/{profile}/{height}p.mp4"))
}

/// One frame in red, green and blue.
fn frame(file: &Path, number: usize, (width, height): (u32, u32)) -> image::RgbImage {
    let select = format!("select=eq(n\\,{number}),scale=in_color_matrix=bt709:flags=accurate_rnd");
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(file)
        .args([
            "-vf",
            &select,
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ])
        .output()
        .expect("ffmpeg runs");
    image::RgbImage::from_raw(width, height, output.stdout).expect("a whole frame")
}

#[test]
fn cues_are_on_their_frames_above_the_lower_third_on_every_rung() {
    let series = series();
    for height in [720, 360] {
        let file = film(&series, "a", "burned", height);
        let middle = strip(&file, 0.5, height);
        assert_eq!(middle.len(), FRAMES);
        let seen: Vec<usize> = (0..FRAMES)
            .filter(|&n| covered(&middle[n]).is_some())
            .collect();
        let expected: Vec<usize> = SHOWN.iter().cloned().flatten().collect();
        assert_eq!(seen, expected, "{height}p");

        let side = strip(&film(&series, "a", "none", height), 0.15, height);
        let strap: Vec<usize> = (0..FRAMES)
            .filter(|&n| covered(&side[n]).is_some())
            .collect();
        assert!(
            STRAP.start <= strap[0] && strap[0] <= STRAP.start + 1,
            "{strap:?}"
        );
        let top = covered(&side[30]).expect("the lower third").start;
        // Television hides a twentieth of the picture at its foot.
        let safe = height * 19 / 20;
        for n in expected {
            let rows = covered(&middle[n]).expect("a cue");
            if STRAP.contains(&n) {
                assert!(rows.end < top, "{height}p frame {n}: {rows:?} above {top}");
            } else {
                assert!(
                    (safe - 2..=safe).contains(&rows.end),
                    "{height}p frame {n}: {rows:?}"
                );
            }
            // Letters of a telephone: at least a twentieth of the height.
            assert!(rows.len() * 18 > height, "{height}p frame {n}: {rows:?}");
        }
        let plain = strip(&film(&series, "a", "none", height), 0.5, height);
        assert!(plain.iter().all(|frame| covered(frame).is_none()));
    }
}

#[test]
fn colours_say_who_or_what_is_heard() {
    let series = series();
    let file = film(&series, "a", "burned", 720);
    let inks: [(&str, [i32; 3]); 4] = [
        ("white", [255, 255, 255]),
        ("yellow", [255, 255, 0]),
        ("red", [255, 80, 80]),
        ("cyan", [0, 255, 255]),
    ];
    for (cue, ink) in [(0, "white"), (1, "yellow"), (2, "red"), (3, "cyan")] {
        let picture = frame(&file, SHOWN[cue].start + 2, (1280, 720));
        let near = |wanted: [i32; 3], most: i32| {
            let off = |p: &image::Rgb<u8>| {
                let channels = p.0.iter().zip(wanted);
                channels.map(|(&c, w)| (i32::from(c) - w).abs()).max()
            };
            // Right of the lower third, whose paper is nearly white.
            let pixels = picture.enumerate_pixels().filter(|(x, ..)| *x > 400);
            pixels.filter(|(.., p)| off(p) <= Some(most)).count()
        };
        for (name, colour) in inks {
            let count = near(colour, 24);
            assert_eq!(
                count > 60,
                name == ink,
                "cue {cue}: {count} pixels of {name}"
            );
        }
        // A fifth of the film shows through the band.
        assert!(near([26, 26, 26], 4) > 2000, "cue {cue}");
    }
}

#[test]
fn an_upright_picture_keeps_its_foot_clear() {
    let series = series();
    let film = strip(&film(&series, "haut", "burned", 720), 0.5, 1280);
    let rows = covered(&film[30]).expect("a cue");
    assert!((1120..=1127).contains(&rows.end), "{rows:?}");
    assert_eq!((covered(&film[24]), covered(&film[45])), (None, None));
    assert!(covered(&film[25]).is_some() && covered(&film[44]).is_some());
}

#[test]
fn a_reworded_cue_redoes_the_segments_that_show_it() {
    let series = series();
    let before = series.build().ends(0);
    assert_eq!(before.encoded(), 0, "{before:#?}");
    series.edit("subtitles/a.fr.sdh.srt", "Plus tard.", "Le lendemain.");
    let plan = series.run(&["plan", "a"]).ends(0);
    let job = plan.of_kind("job").next().expect("a job");
    let reason = job["reason"].as_str().expect("a sentence");
    let told = "sous-titre à 0:06,99 («\u{202f}Plus tard.\u{202f}» → «\u{202f}Le lendemain.\u{202f}»)\u{a0}: \
        film (2 segments)";
    assert_eq!(reason, told);
    let status = series
        .command(&["status"])
        .args(["--format", "human"])
        .output();
    let status = String::from_utf8(status.expect("it runs").stdout).expect("UTF-8");
    assert!(status.contains("Le lendemain."), "{status}");
    let run = series.build().ends(0);
    // Of three segments the second, on two rungs; both profiles share it.
    assert_eq!(run.encoded(), 2, "{run:#?}");
    let reasons = run.of_kind("job").next().expect("a job")["reasons"].clone();
    let slots = ["burned 720p footage 1", "burned 360p footage 1"];
    assert_eq!(
        reasons,
        json!([{
            "reason": "caption-changed",
            "segments": 2,
            "changes": [["cue.6991", "Plus tard.", "Le lendemain."]],
            "slots": slots,
        }])
    );
    series.edit("subtitles/a.fr.sdh.srt", "Le lendemain.", "Plus tard.");
    assert_eq!(series.build().ends(0).encoded(), 0);
    assert_eq!(
        differing(&series.path("dist"), &built_once().join("dist")),
        [""; 0]
    );
}

#[test]
fn a_profile_that_burns_captions_in_is_withheld_without_any() {
    let series = series();
    let paths = |id: &str| -> BTreeSet<String> {
        let manifest = series.manifest("private");
        let capsules = manifest["capsules"].as_array().expect("a list");
        let capsule = capsules.iter().find(|c| c["id"] == id);
        let renditions = capsule
            .map_or(&Value::Null, |c| &c["renditions"])
            .as_array();
        let all = renditions.into_iter().flatten();
        all.map(|r| r["profile"].as_str().expect("a name").to_owned())
            .collect()
    };
    assert_eq!(paths("sans"), BTreeSet::from(["none".to_owned()]));
    assert_eq!(paths("rien"), BTreeSet::new());
    for command in ["check", "plan", "build", "status"] {
        let run = series.run(&[command]).ends(0);
        let withheld: Vec<_> = run
            .of_kind("diagnostic")
            .filter(|e| e["id"] == "profile-without-captions")
            .map(|e| {
                (
                    e["capsule"].as_str(),
                    e["severity"].as_str(),
                    e["facts"]["profile"].as_str(),
                )
            })
            .collect();
        let warned = |id| (Some(id), Some("warning"), Some("burned"));
        assert_eq!(withheld, [warned("sans"), warned("rien")], "{command}");
        if command != "check" {
            assert_eq!(run.state("rien"), "withheld", "{command}");
            assert_eq!(run.state("sans"), "fresh", "{command}");
        }
    }
    let human = series
        .command(&["status"])
        .args(["--format", "human"])
        .output();
    let table = String::from_utf8(human.expect("it runs").stdout).expect("UTF-8");
    let row = table
        .lines()
        .find(|l| l.starts_with("sans"))
        .expect("a row");
    assert!(row.contains("non publiée"), "{table}");
    let report = fs::read_to_string(series.path("report.html")).expect("a report");
    assert!(report.contains("incruste les sous-titres"), "it says why");

    // What was shown goes when its captions do, and only that.
    fs::remove_file(series.path("subtitles/haut.fr.srt")).expect("removed");
    let run = series.build().ends(0);
    assert_eq!((run.state("haut"), run.encoded()), ("withheld", 0));
    assert_eq!(series.published("public"), ["a", "sans"]);
}

#[test]
fn what_is_burnt_in_is_not_offered_beside_the_film_too() {
    let series = series();
    let master = |profile: &str| {
        let path = format!("dist/public/a/{profile}/master.m3u8");
        fs::read_to_string(series.path(&path)).expect("a playlist")
    };
    for (profile, offered) in [("none", false), ("burned", false), ("both", true)] {
        assert_eq!(
            master(profile).contains("TYPE=SUBTITLES"),
            offered,
            "{profile}"
        );
    }
    assert!(
        series.path("dist/public/a/captions.fr.sdh.vtt").exists(),
        "the page's own"
    );
    let page = fs::read_to_string(series.path("dist/public/a/index.html")).expect("a page");
    // The page plays the clean picture, with captions that can be switched off.
    assert!(page.contains("data-hls=\"none/master.m3u8\""), "{page}");
    assert_eq!(page.matches(" default>").count(), 1);
    assert!(page.contains("sous-titres incrustés"), "downloads say so");
    let manifest = series.manifest("public");
    let renditions = manifest["capsules"][0]["renditions"]
        .as_array()
        .expect("a list");
    for rendition in renditions {
        let burnt = if rendition["profile"] == "none" {
            Value::Null
        } else {
            "fr".into()
        };
        assert_eq!(rendition["burned_captions"], burnt, "{rendition}");
    }
}

#[test]
fn a_letter_that_no_font_has_is_an_error_and_a_sign_is_left_out() {
    let mut series = Series::new();
    series.write("profiles/burned.toml", &profile("burned"));
    fs::copy(grey("1280x720", 2), series.path("footage/a.mp4")).expect("copied");
    series.row("a", &[("question", "Un"), ("profils", "burned")]);
    series.write(
        "subtitles/a.fr.srt",
        "1\n00:00:00,000 --> 00:00:01,000\nUn ☎ ici.\n\n2\n00:00:01,000 --> 00:00:02,000\nمرحبا\n",
    );
    let run = series.run(&["check"]).ends(1);
    let found: Vec<_> = run
        .of_kind("diagnostic")
        .filter(|e| e["id"] == "caption-glyph-missing")
        .map(|e| (e["severity"].as_str(), e["place"]["line"].as_u64()))
        .collect();
    // Five letters of one word, and a sign: each kind is told once.
    assert_eq!(
        found,
        [(Some("error"), Some(6)), (Some("warning"), Some(2))],
        "{run:#?}"
    );

    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fonts");
    fs::create_dir_all(series.path("charter/fonts")).expect("made");
    let font = "NotoSansArabic-letters.ttf";
    fs::copy(fonts.join(font), series.path("charter/fonts").join(font)).expect("copied");
    let run = series.build().ends(0);
    // White letters stand in the band, of the sentence as of the word.
    for n in [10, 40] {
        let picture = frame(&film(&series, "a", "burned", 720), n, (1280, 720));
        let white = picture.pixels().filter(|p| p.0.iter().all(|&c| c > 200));
        assert!(white.count() > 300, "{n}: {run:#?}");
    }
}

#[test]
fn a_word_wider_than_its_pictures_is_said_once_with_their_sizes() {
    let mut series = Series::new();
    for name in ["burned", "both"] {
        series.write(&format!("profiles/{name}.toml"), &profile(name));
    }
    fs::copy(grey("1280x720", 2), series.path("footage/a.mp4")).expect("copied");
    series.row("a", &[("question", "Un"), ("profils", "burned; both")]);
    let word = "anticonstitutionnellement".repeat(5);
    series.write(
        "subtitles/a.fr.srt",
        &format!("1\n00:00:00,000 --> 00:00:01,900\n{word}\n"),
    );
    let run = series.run(&["check"]).ends(0);
    let found: Vec<_> = run
        .of_kind("diagnostic")
        .filter(|e| e["id"] == "cue-word-broken")
        .collect();
    assert_eq!(found.len(), 1, "{run:#?}");
    assert_eq!(
        (&found[0]["severity"], &found[0]["place"]["line"]),
        (&json!("warning"), &json!(2))
    );
    let message = found[0]["message"].as_str().expect("a sentence");
    for fact in [&word, "1280×720, 640×360"] {
        assert!(message.contains(fact), "{message}");
    }
}

/// When captions show in players, and what is burnt in with them.
#[test]
fn two_players_show_cues_at_their_times_and_the_picture_agrees() {
    let series = series();
    // Half a frame before and after each edge of a cue, and about the film's end.
    let edges = [
        (2.4, false),
        (2.52, true),
        (3.0, true),
        (3.6, false),
        (7.0, true),
        (8.0, false),
    ];
    let half = 0.02;
    let mut sought: Vec<f64> = edges
        .iter()
        .flat_map(|(at, _)| [at - half, at + half])
        .collect();
    sought.extend([12.58, 12.62, 12.98]);
    let wanted = json!({
        "cues": SHOWN.len(),
        "watched": [[0.0, 1.45], [6.9, 8.1], [12.5, null]],
        "sought": sought,
        "place": [0.5, 0.935],
    });
    let folder = series.path("dist/public/a");
    let arguments = ["both/master.m3u8", &wanted.to_string()];
    let Some(seen) = browser("cues", &folder, &arguments) else {
        return;
    };
    for player in ["hls", "shaka"] {
        let seen = &seen[player];
        assert_eq!(seen["errors"], json!([]), "{player}: {seen:#}");
        assert_eq!(seen["foreign"], json!([]), "{player}");
        let stretches = seen["stretches"].as_array().expect("a list");
        assert!(
            stretches.iter().all(|s| s["first"] == json!([])),
            "{seen:#}"
        );
        let events: Vec<&Value> = stretches
            .iter()
            .flat_map(|s| s["events"].as_array().expect("a list"))
            .collect();
        // From the start, after a seek, and up to the end of the film: each
        // comes and goes at its time, and nothing else happens.
        let expected = [
            (0.413, Some("Dire sa peur.")),
            (1.187, None),
            (1.389, Some("Viens, on en parle.")),
            (6.991, Some("Plus tard.")),
            (8.012, None),
            (12.587, Some("Fin.")),
            (12.907, None),
        ];
        assert_eq!(events.len(), expected.len(), "{player}: {events:?}");
        for (event, (at, text)) in events.iter().zip(expected) {
            let time = |key: &str| event[key].as_f64().expect("a time");
            assert!(
                (time("cue") - at).abs() < 0.02,
                "{player}: {event} for {at}"
            );
            // Never before its time; how long after is the machine's doing.
            assert!(time("at") > at - 0.02, "{player}: {event} for {at}");
            assert_eq!(event["shows"], json!(text), "{player}");
        }
        assert_eq!(seen["stretches"][2]["ended"], true, "{player}");
        for seek in seen["seeks"].as_array().expect("a list") {
            let time = seek["time"].as_f64().expect("a time");
            let frame = (time * 25.0).floor() as usize;
            let burnt = SHOWN.iter().any(|range| range.contains(&frame));
            let shown = seek["shown"].as_array().map(Vec::len);
            assert_eq!(shown, Some(usize::from(burnt)), "{player}: {seek}");
            let bright = seek["bright"].as_u64().expect("a number");
            assert_eq!(!(100..=160).contains(&bright), burnt, "{player}: {seek}");
        }
    }
}
