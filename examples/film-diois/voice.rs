//! The sound: espeak-ng says each cue, the room hums, and the mouth gets its
//! movements from what is heard.

use crate::motion::even;
use std::error::Error;
use std::process::Command;

pub const RATE: u32 = 48_000;
const CRATE: usize = RATE as usize;

#[derive(Clone, Copy)]
pub struct Voice {
    /// espeak-ng's voice and variant.
    pub name: &'static str,
    /// Words per minute.
    pub speed: u32,
    /// 0 … 99.
    pub pitch: u32,
}

pub struct Take {
    /// Mono, −1 … 1.
    pub samples: Vec<f32>,
    /// When each cue begins and ends, in seconds.
    pub cues: Vec<(f32, f32)>,
}

/// Silence before the first cue, between cues, and after the last.
const BEFORE: f32 = 0.9;
const BETWEEN: f32 = 0.42;
const AFTER: f32 = 1.3;

pub fn record(voice: Voice, cues: &[&str], lufs: f64, seed: u64) -> Result<Take, Box<dyn Error>> {
    let mut speech = vec![0.0; (BEFORE * RATE as f32) as usize];
    let mut times = Vec::new();
    for (n, cue) in cues.iter().enumerate() {
        let start = speech.len() as f32 / RATE as f32;
        speech.extend(say(voice, cue)?);
        times.push((start, speech.len() as f32 / RATE as f32));
        let pause = if n + 1 == cues.len() { AFTER } else { BETWEEN };
        speech.resize(speech.len() + (pause * RATE as f32) as usize, 0.0);
    }
    let mut samples = in_the_room(&speech);
    let gain = 10f32.powf((lufs - loudness(&samples)?) as f32 / 20.0);
    let hum = room_tone(samples.len(), seed);
    for (sample, hum) in samples.iter_mut().zip(hum) {
        // The knee of a recorder's limiter, then the room, which it never hides.
        let level = *sample * gain;
        *sample = 0.89 * (level / 0.89).tanh() + gain.min(1.0) * hum;
    }
    Ok(Take {
        samples,
        cues: times,
    })
}

/// One cue, without the silence that espeak-ng puts around it.
fn say(voice: Voice, text: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    let wav = tempfile::NamedTempFile::with_suffix(".wav")?;
    let said = Command::new("espeak-ng")
        .args(["-v", voice.name, "-s", &voice.speed.to_string()])
        .args(["-p", &voice.pitch.to_string(), "-w"])
        .arg(wav.path())
        .arg("--")
        .arg(text.replace(['\u{202f}', '\u{a0}'], " "))
        .status()
        .map_err(|e| format!("espeak-ng does not start: {e}"))?;
    if !said.success() {
        return Err("espeak-ng failed".into());
    }
    let heard = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(wav.path())
        .args(["-ac", "1", "-ar", &RATE.to_string(), "-f", "f32le", "-"])
        .output()
        .map_err(|e| format!("ffmpeg does not start: {e}"))?;
    if !heard.status.success() {
        return Err(String::from_utf8_lossy(&heard.stderr).into());
    }
    let samples: Vec<f32> = heard
        .stdout
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let loud = |s: &f32| s.abs() > 0.004;
    let first = samples.iter().position(loud).unwrap_or(0);
    let last = samples.iter().rposition(loud).map_or(0, |n| n + 1);
    Ok(samples[first..last.max(first)].to_vec())
}

/// A warmer voice (one low-pass pole) and four early reflections: a furnished
/// room rather than a machine.
fn in_the_room(dry: &[f32]) -> Vec<f32> {
    let mut warm = Vec::with_capacity(dry.len());
    let mut state = 0.0;
    for sample in dry {
        state += 0.55 * (sample - state);
        warm.push(state);
    }
    let echoes = [
        (0.0071, 0.16),
        (0.0132, 0.12),
        (0.0211, 0.08),
        (0.0373, 0.05),
    ];
    (0..warm.len())
        .map(|n| {
            let late: f32 = echoes
                .iter()
                .map(|(delay, level)| {
                    let back = (delay * RATE as f32) as usize;
                    n.checked_sub(back).map_or(0.0, |at| warm[at] * level)
                })
                .sum();
            warm[n] + late
        })
        .collect()
}

/// Brownish noise at about −62 dBFS with a trace of mains hum.
fn room_tone(count: usize, seed: u64) -> impl Iterator<Item = f32> {
    let mut low = 0.0;
    (0..count).map(move |n| {
        low += 0.04 * (even(seed, n as i64) - low);
        let hum = (n as f32 * std::f32::consts::TAU * 50.0 / RATE as f32).sin();
        low * 0.009 + hum * 0.00025
    })
}

pub fn loudness(mono: &[f32]) -> Result<f64, Box<dyn Error>> {
    let mut meter = ebur128::EbuR128::new(1, RATE, ebur128::Mode::I)?;
    // One microphone is heard from two loudspeakers.
    meter.set_channel(0, ebur128::Channel::DualMono)?;
    meter.add_frames_f32(mono)?;
    Ok(meter.loudness_global()?)
}

/// What the mouth does at one frame of picture.
#[derive(Clone, Copy, Default)]
pub struct Mouth {
    /// 0 … 1, from loudness.
    pub open: f32,
    /// −1 … 1, from brightness: vowels like « ou » are dark, « i » and « s » bright.
    pub wide: f32,
}

/// One value per frame of picture, at `rate` frames a second.
pub fn mouths(samples: &[f32], rate: f64, frames: usize) -> Vec<Mouth> {
    let window = CRATE / 40;
    let heard: Vec<(f32, f32)> = (0..frames)
        .map(|frame| {
            let middle = ((frame as f64 + 0.5) / rate * f64::from(RATE)) as usize;
            let start = middle.saturating_sub(window / 2).min(samples.len());
            let part = &samples[start..(start + window).min(samples.len())];
            let power: f32 = part.iter().map(|s| s * s).sum();
            let crossings = part.windows(2).filter(|w| w[0] * w[1] < 0.0).count();
            let count = part.len().max(1) as f32;
            ((power / count).sqrt(), crossings as f32 / count)
        })
        .collect();
    let mut levels: Vec<f32> = heard.iter().map(|h| h.0).collect();
    levels.sort_by(f32::total_cmp);
    let loud = levels[levels.len() * 19 / 20].max(1e-6);
    let mut now = Mouth::default();
    heard
        .into_iter()
        .map(|(level, bright)| {
            let target = ((level / loud - 0.06).max(0.0)).powf(0.7).min(1.0);
            // Lips open faster than they close.
            let follow = if target > now.open { 0.75 } else { 0.5 };
            now.open += follow * (target - now.open);
            let wide = (bright * 14.0 - 0.7).clamp(-1.0, 1.0);
            now.wide += 0.4 * (wide - now.wide);
            now
        })
        .collect()
}
