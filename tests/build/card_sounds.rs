//! What is heard under the inserted cards, judged on decoded samples and by
//! FFmpeg's own meter.

use super::bench::{Run, Series, files, program};
use std::path::Path;
use std::process::Command;

const RATE: usize = 48_000;
/// Of the sound logo, of the music, of the clip `a.mp4`.
const LOGO: f64 = 1000.0;
const MUSIC: f64 = 1500.0;
const CLIP: f64 = 616.0;

fn tone(place: &Path, hertz: f64, seconds: &str, more: &str) {
    let source = format!("sine={hertz}:r=44100:d={seconds}{more}");
    let place = place.display().to_string();
    let arguments = [
        "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", &source, "-ac", "2", &place,
    ];
    program("ffmpeg", &arguments, Path::new("/"));
}

/// An opening card of a second with a sound logo, an end card of three with
/// music that is shorter.
fn with_sounds() -> Series {
    let series = Series::new().capsule("a", "La peur");
    tone(&series.path("charter/jingle.wav"), LOGO, "2", "");
    tone(&series.path("charter/fin.mp3"), MUSIC, "1.4", "");
    series.write(
        "charter/charter.toml",
        "[timing]\nopening = 1.0\nend = 3.0\nlower-third = 2.0\n\
         [sound]\nopening = \"jingle.wav\"\nend = \"fin.mp3\"\n\
         end-fade-in = 0.5\nend-fade-out = 0.8\n",
    );
    series
}

/// What is heard on the left.
fn decoded(series: &Series) -> Vec<f32> {
    let film = series.path("dist/public/a/web/216p.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-i"]).arg(film);
    command.args(["-map", "0:a", "-f", "f32le", "-"]);
    let bytes = command.output().expect("it starts").stdout;
    let sample = |b: &[u8]| f32::from_le_bytes(b.try_into().expect("four bytes"));
    bytes
        .chunks_exact(8)
        .map(|both| sample(&both[..4]))
        .collect()
}

/// The amplitude of a tone between two times, in dB below full scale; under a
/// window that keeps other tones out of it.
fn level(samples: &[f32], hertz: f64, from: f64, to: f64) -> f64 {
    let range = (from * RATE as f64) as usize..(to * RATE as f64) as usize;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (n, sample) in samples[range.clone()].iter().enumerate() {
        let turn = n as f64 / range.len() as f64 * std::f64::consts::TAU;
        let seen = f64::from(*sample) * (1.0 - turn.cos());
        let phase = n as f64 * hertz / RATE as f64 * std::f64::consts::TAU;
        real += seen * phase.cos();
        imaginary += seen * phase.sin();
    }
    20.0 * (2.0 * real.hypot(imaginary) / range.len() as f64).log10()
}

/// Integrated loudness and true peak of a stretch, as FFmpeg measures them.
fn measured(series: &Series, from: &str, length: &str) -> (f64, f64) {
    let film = series.path("dist/public/a/web/216p.mp4");
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-hide_banner", "-ss", from, "-t", length, "-i"])
        .arg(film);
    command.args(["-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"]);
    let said = String::from_utf8(command.output().expect("it starts").stderr).expect("UTF-8");
    let summary = said.split("Summary:").nth(1).expect("a summary").to_owned();
    let number = |label: &str| {
        let after = summary.split(label).nth(1).expect(label);
        after
            .split_whitespace()
            .next()
            .expect(label)
            .parse()
            .expect(label)
    };
    (number("I:"), number("Peak:"))
}

#[test]
fn a_logo_and_music_are_heard_under_their_cards_and_nowhere_else() {
    let series = with_sounds();
    series.build().ends(0);
    let sound = decoded(&series);
    let at = |hertz, from: f64, to: f64| level(&sound, hertz, from, to);
    // Three and six units below −16 LUFS; a tone on both sides reads its peak, and half
    // a decibel more and more the higher it is.
    let logo = at(LOGO, 0.1, 0.4);
    assert!((-20.0..-18.0).contains(&logo), "{logo}");
    let music = at(MUSIC, 5.6, 6.3);
    assert!((-24.0..-22.0).contains(&music), "{music}");
    // Nothing of either under what people say, from its first sample on.
    for (hertz, from, to) in [(LOGO, 1.0, 1.1), (LOGO, 1.1, 4.9), (MUSIC, 1.0, 4.98)] {
        let left = at(hertz, from, to);
        assert!(left < -55.0, "{hertz} Hz from {from}: {left}");
    }
    assert!(at(CLIP, 2.0, 4.0) > -20.0);
    // It begins at once, and both go before their cards do.
    assert!(at(LOGO, 0.03, 0.08) > logo - 1.0);
    assert!(at(LOGO, 0.70, 0.80) < logo - 3.0 && at(LOGO, 0.97, 0.995) < logo - 25.0);
    assert!(at(MUSIC, 5.02, 5.06) < music - 15.0 && at(MUSIC, 7.97, 7.99) < music - 25.0);
    // 1.4 s of music last for three seconds.
    assert!(at(MUSIC, 6.6, 7.1) > music - 2.0);
}

#[test]
fn what_people_say_is_as_loud_as_without_music() {
    let series = with_sounds();
    series.build().ends(0);
    let (with, _) = measured(&series, "1", "4");
    let (_, peak) = measured(&series, "0", "8");
    assert!((with + 16.0).abs() <= 0.5, "{with}");
    assert!(peak <= -1.0, "{peak}");
    let said = &series.manifest("public")["capsules"][0]["loudness"];
    let told = said["out"].as_f64().expect("a loudness");
    assert!((told + 16.0).abs() <= 0.5, "{said}");

    let plain = Series::new().capsule("a", "La peur");
    plain.build().ends(0);
    let (without, _) = measured(&plain, "1", "4");
    assert!((with - without).abs() <= 0.1, "{with} {without}");
    let plain_said = &plain.manifest("public")["capsules"][0]["loudness"];
    assert_eq!(said["in"], plain_said["in"]);
}

#[test]
fn another_music_costs_the_sound_alone() {
    let series = with_sounds();
    series.build().ends(0);
    let pictures = |series: &Series| {
        let mut all = files(&series.path("dist/public/a/web/216p"));
        all.extend(files(&series.path("dist/public/a/web/270p")));
        all
    };
    let (before, sound) = (pictures(&series), decoded(&series));
    let objects = |series: &Series| series.objects("segment").len();
    let segments = objects(&series);
    tone(&series.path("charter/fin.mp3"), 2000.0, "5", "");
    let run = series.build().ends(0);
    assert_eq!((run.encoded(), run.state("a")), (0, "built"));
    let why = |run: &Run| run.of_kind("job").next().expect("a job")["reason"].to_string();
    let told = why(&run);
    assert!(
        told.contains("son (carte de fin) (autre contenu)"),
        "{told}"
    );
    assert_eq!(pictures(&series), before);
    assert_eq!(objects(&series), segments);
    let now = decoded(&series);
    let music = level(&now, 2000.0, 5.8, 6.8);
    assert!(
        music > -25.0 && level(&now, MUSIC, 5.8, 6.8) < -55.0,
        "{music}"
    );
    // The film's own sound did not change.
    let apart = (2 * RATE..4 * RATE).map(|n| (now[n] - sound[n]).abs());
    assert!(apart.fold(0.0, f32::max) < 0.01);
    assert_eq!(series.build().ends(0).state("a"), "fresh");
    // Nor does a level leave the sound as it was.
    series.edit(
        "charter/charter.toml",
        "[sound]",
        "[sound]\nend-level = -12",
    );
    let run = series.build().ends(0);
    assert_eq!(run.state("a"), "built");
    let told = why(&run);
    assert!(
        told.contains("niveau du son (carte de fin) (−6 LU → −12 LU)"),
        "{told}"
    );
    let quieter = level(&decoded(&series), 2000.0, 5.8, 6.8);
    assert!((quieter - music + 6.0).abs() < 0.3, "{quieter} {music}");
}

#[test]
fn a_film_without_sound_of_its_own_has_the_music_too() {
    let series = with_sounds();
    let clip = series.path("footage/a.mp4");
    let (from, to) = (
        clip.display().to_string(),
        series.path("mute.mp4").display().to_string(),
    );
    let mute = [
        "-nostdin", "-v", "error", "-i", &from, "-an", "-c", "copy", &to,
    ];
    program("ffmpeg", &mute, series.folder());
    std::fs::rename(series.path("mute.mp4"), clip).expect("moved");
    series.build().ends(0);
    let sound = decoded(&series);
    assert!(level(&sound, MUSIC, 5.6, 6.3) > -24.0);
    assert!(
        sound[RATE + 2048..5 * RATE - 2048]
            .iter()
            .all(|s| s.abs() < 0.001)
    );
}

/// A film that plays a sound which cannot be heard would be half made: it is
/// not made, and what is published stays.
#[test]
fn a_sound_that_cannot_be_heard_is_said_and_nothing_is_half_made() {
    let series = with_sounds();
    series.build().ends(0);
    let before = files(&series.path("dist"));
    let silence = series.path("charter/jingle.wav");
    let broken: [&dyn Fn(); 4] = [
        &|| std::fs::write(&silence, "this is no sound").expect("written"),
        &|| std::fs::write(&silence, b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0").expect("written"),
        &|| tone(&silence, LOGO, "1", ",volume=0"),
        &|| std::fs::write(&silence, b"").expect("written"),
    ];
    for breaks in broken {
        breaks();
        let run = series.build().ends(1);
        let found = run.finding("sound-unusable");
        assert_eq!(found["place"]["path"], "charter/jingle.wav", "{found}");
        assert_eq!(run.state("a"), "failed");
        assert_eq!(files(&series.path("dist")), before);
    }
    // A name that is none is told with those that are there.
    series.edit("charter/charter.toml", "jingle.wav", "jingel.wav");
    let run = series.run(&["check"]).ends(1);
    let found = run.finding("bad-value");
    assert_eq!(found["facts"]["suggestion"], "jingle.wav", "{found}");
}
