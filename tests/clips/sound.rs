//! The sound of a film against that of its source, which `ffmpeg` lays on the
//! clock of the source's first picture: the same sound, at the same time.

use super::table::Published;
use std::path::Path;
use std::process::Command;

/// Samples per second of what is compared, mono.
const RATE: usize = 4_000;

/// 10 ms: what picture and sound may be apart.
const IN_STEP: usize = RATE / 100;

/// How far is looked for a place where the sound would fit better.
const AROUND: usize = RATE / 8;

/// Correlation of half a second with its reference. Gain does not change it;
/// limiting, mixing and coding do a little.
const ALIKE: f64 = 0.7;

/// Root mean square below which sound is silence.
const SILENCE: f64 = 0.000_1;

/// What is wrong with the sound of a film.
pub fn faults(source: &Path, film: &Path, wanted: &Published) -> Vec<String> {
    let (rate, per) = wanted.rate.split_once('/').expect("a fraction");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let lasting = |frames: usize| frames as f64 * number(per) / number(rate);
    let seconds = lasting(wanted.frames);
    let zero = wanted.first + lasting(wanted.skipped);
    let samples = (seconds * RATE as f64) as usize;
    let heard = decode(film, 1, 0.0, samples);
    match wanted.sound {
        Some(stream) => differences(&heard, &decode(source, stream, zero, samples)),
        None if level(&heard) < SILENCE => Vec::new(),
        None => vec!["sound where there is none".into()],
    }
}

/// So many samples after a time of the container; silence where there are none.
fn decode(film: &Path, stream: usize, zero: f64, samples: usize) -> Vec<f32> {
    let filters =
        format!("asetpts=PTS-{zero}/TB,aresample={RATE}:async=1:min_hard_comp=0.01:first_pts=0");
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-copyts", "-vn", "-i"])
        .arg(film)
        .args(["-map", &format!("0:{stream}"), "-af", &filters, "-ac", "1"])
        .args(["-frames:a", "2000", "-f", "f32le", "-"])
        .output()
        .expect("ffmpeg starts");
    let values = output.stdout.chunks_exact(4);
    let mut heard: Vec<f32> = values
        .map(|v| f32::from_le_bytes([v[0], v[1], v[2], v[3]]))
        .collect();
    heard.resize(samples, 0.0);
    heard
}

fn differences(heard: &[f32], reference: &[f32]) -> Vec<String> {
    if level(reference) < SILENCE {
        // Gain is not given to silence.
        let quiet = level(heard) < 10.0 * SILENCE;
        return if quiet {
            Vec::new()
        } else {
            vec!["sound made of silence".into()]
        };
    }
    let best = |apart: std::ops::RangeInclusive<isize>| {
        let all = apart.map(|by| (likeness_apart(heard, reference, by), by));
        all.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a place")
    };
    let (step, around) = (IN_STEP as isize, AROUND as isize);
    let (in_step, by) = best(-step..=step);
    let (anywhere, elsewhere) = best(-around..=around);
    if anywhere > in_step + 0.06 {
        let ms = elsewhere * 1000 / RATE as isize;
        return vec![format!(
            "the sound is {ms} ms off (likeness {anywhere:.2}, in step {in_step:.2})"
        )];
    }
    // Half seconds, so that one loud click does not decide; the middle one.
    let (shifted, reference) = overlap(heard, reference, by);
    let window = (RATE / 2).min(shifted.len());
    let pairs = shifted.chunks(window).zip(reference.chunks(window));
    let loud = pairs.filter(|(_, r)| r.len() == window && level(r) >= SILENCE);
    let mut likenesses: Vec<f64> = loud.map(|(h, r)| likeness(h, r)).collect();
    likenesses.sort_by(f64::total_cmp);
    match likenesses.get(likenesses.len() / 2) {
        Some(&middle) if middle < ALIKE => vec![format!("the sound is another one ({middle:.2})")],
        _ => Vec::new(),
    }
}

fn level(sound: &[f32]) -> f64 {
    let squares: f64 = sound.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    (squares / sound.len().max(1) as f64).sqrt()
}

/// What lies over each other when the sound is moved back by so many samples.
fn overlap<'a>(heard: &'a [f32], reference: &'a [f32], by: isize) -> (&'a [f32], &'a [f32]) {
    let late = by.max(0) as usize;
    let early = (-by).max(0) as usize;
    let heard = &heard[late.min(heard.len())..];
    let reference = &reference[early.min(reference.len())..];
    let both = heard.len().min(reference.len());
    (&heard[..both], &reference[..both])
}

fn likeness_apart(heard: &[f32], reference: &[f32], by: isize) -> f64 {
    let (heard, reference) = overlap(heard, reference, by);
    likeness(heard, reference)
}

fn likeness(one: &[f32], other: &[f32]) -> f64 {
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (&x, &y) in one.iter().zip(other) {
        both += x * y;
        first += x * x;
        second += y * y;
    }
    f64::from(both) / f64::from(first * second).sqrt().max(1e-12)
}

#[test]
fn another_sound_and_one_out_of_step_are_found() {
    // A voice-like noise from a fixed recurrence.
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let sound: Vec<f32> = (0..3 * RATE).map(|_| noise()).collect();
    let other: Vec<f32> = (0..3 * RATE).map(|_| noise()).collect();
    let louder: Vec<f32> = sound.iter().map(|v| v * 3.0).collect();
    assert!(differences(&louder, &sound).is_empty());
    assert!(!differences(&other, &sound).is_empty());
    assert!(!differences(&vec![0.0; 3 * RATE], &sound).is_empty());
    let late: Vec<f32> = [vec![0.0; RATE / 50], sound.clone()].concat();
    assert!(
        !differences(&late[..3 * RATE], &sound).is_empty(),
        "20 ms late"
    );
    let hardly: Vec<f32> = [vec![0.0; RATE / 200], sound.clone()].concat();
    assert!(
        differences(&hardly[..3 * RATE], &sound).is_empty(),
        "5 ms late"
    );
}
