//! What is heard under an inserted card: a file of the charter, decoded, cut to
//! the card's length, faded and brought to its level. It is read by a worker
//! that sees no clip; what leaves are plain samples.

use super::baseline::Baseline;
use super::decode::{INAUDIBLE, Track, read_from_start};
use super::loudness::{self, Loudness, Meter};
use super::{Fade, SAMPLE_RATE, Stereo};
use crate::media::error::{During, MediaError, capture_log, forget_log};
use crate::media::input;
use crate::values::time::Rational;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::media::Type;
use serde::{Deserialize, Serialize};
use std::io::Write;

/// Samples of the longest card, and to spare: all of it is held in memory.
const MOST: u64 = 64 * SAMPLE_RATE as u64;
/// Where a file ends or begins anew within a card, so that it does not click.
const SEAM: u32 = SAMPLE_RATE / 100;
/// A meter needs 400 ms to say anything.
const SHORTEST_MEASURED: usize = SAMPLE_RATE as usize * 2 / 5;
/// What is shorter is not repeated: it would rattle.
const SHORTEST_LOOP: usize = SAMPLE_RATE as usize;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TuneRequest {
    pub samples: u64,
    pub fade_in: u32,
    pub fade_out: u32,
    /// Begins anew when the file is shorter.
    pub looped: bool,
    /// Hundredths of LUFS.
    pub target: i32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TuneReport {
    /// As the file is; `None` when there is nothing to hear.
    pub measured: Option<Loudness>,
}

/// Writes exactly as many samples as were asked for, left and right as 32-bit
/// floats.
pub fn prepare(
    input: &mut Input,
    request: &TuneRequest,
    out: &mut dyn Write,
) -> Result<TuneReport, MediaError> {
    capture_log();
    forget_log();
    if request.samples > MOST {
        return Err(MediaError::new("read the sound", "a card too long"));
    }
    let _baseline = Baseline::hold();
    let mut heard = read(input, request.samples)?;
    if request.looped {
        repeat(&mut heard, request.samples as usize);
    } else {
        seam(&mut heard, 0, SEAM);
    }
    let measured = measure(&heard)?;
    let gain = loudness::linear(loudness::gain_to_target(measured, request.target));
    heard.resize(request.samples as usize, [0.0; 2]);
    let mut fade = Fade::new(request.samples, request.fade_in, request.fade_out);
    let mut bytes = Vec::with_capacity(heard.len() * 8);
    for &[left, right] in fade.apply(&heard) {
        bytes.extend((left * gain).to_le_bytes());
        bytes.extend((right * gain).to_le_bytes());
    }
    out.write_all(&bytes).during("write the sound")?;
    Ok(TuneReport { measured })
}

/// The file from its first sample, as far as it goes and is wanted.
fn read(input: &mut Input, samples: u64) -> Result<Vec<Stereo>, MediaError> {
    const CHOOSE: &str = "choose a sound track";
    let best = input.streams().best(Type::Audio);
    let stream = best.ok_or_else(|| MediaError::new(CHOOSE, "there is no sound in it"))?;
    let index = stream.index();
    if !decodes(&stream) {
        return Err(MediaError::new(
            CHOOSE,
            "it is coded in a way that is not read here",
        ));
    }
    let ticks = if stream.start_time() == ffmpeg_next::ffi::AV_NOPTS_VALUE {
        0
    } else {
        stream.start_time()
    };
    let tick = stream.time_base();
    let tick = Rational::new(i64::from(tick.numerator()), i64::from(tick.denominator()));
    let start = tick.and_then(|tick| Rational::new(ticks, 1)?.checked_mul(tick));
    let track = Track {
        stream: index,
        clock_zero: start.unwrap_or(Rational::ZERO),
    };
    let mut heard: Vec<Stereo> = Vec::new();
    let there = read_from_start(input, track, samples, &mut |block| {
        heard.extend_from_slice(block);
        Ok(())
    })?;
    heard.truncate(usize::try_from(there).unwrap_or(usize::MAX));
    Ok(heard)
}

fn decodes(stream: &ffmpeg_next::Stream<'_>) -> bool {
    ffmpeg_next::decoder::find(stream.parameters().id())
        .is_some_and(|codec| input::allows(codec.name()))
}

/// Begins anew until it is long enough. Silence at the end, which coders leave
/// there, would be heard as a gap.
fn repeat(heard: &mut Vec<Stereo>, samples: usize) {
    let last = heard.iter().rposition(|s| loudest(s) > INAUDIBLE);
    let once = last.map_or(0, |last| last + 1);
    if heard.len() >= samples || once < SHORTEST_LOOP {
        seam(heard, 0, SEAM);
        return;
    }
    heard.truncate(once);
    seam(heard, 0, SEAM);
    let mut again = heard.clone();
    seam(&mut again, SEAM, 0);
    while heard.len() < samples {
        heard.extend_from_slice(&again);
    }
    heard.truncate(samples);
}

fn loudest(sample: &Stereo) -> f32 {
    sample[0].abs().max(sample[1].abs())
}

fn seam(samples: &mut [Stereo], fade_in: u32, fade_out: u32) {
    let mut fade = Fade::new(samples.len() as u64, fade_in, fade_out);
    let faded = fade.apply(samples).to_vec();
    samples.copy_from_slice(&faded);
}

fn measure(heard: &[Stereo]) -> Result<Option<Loudness>, MediaError> {
    let mut meter = Meter::new()?;
    meter.add(heard)?;
    let missing = SHORTEST_MEASURED.saturating_sub(heard.len());
    meter.add(&vec![[0.0; 2]; missing])?;
    meter.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(samples: usize) -> Vec<Stereo> {
        let at = |n: usize| (n as f32 * 0.05).sin() * 0.25;
        (0..samples).map(|n| [at(n), -at(n)]).collect()
    }

    #[test]
    fn what_is_short_begins_anew_without_a_gap_or_a_click() {
        let mut heard = tone(60_000);
        heard.resize(70_000, [0.0; 2]);
        repeat(&mut heard, 200_000);
        assert_eq!(heard.len(), 200_000);
        let steps = heard.windows(2).map(|p| (p[1][0] - p[0][0]).abs());
        assert!(steps.fold(0.0, f32::max) < 0.014, "a click");
        let quiet = heard.split(|s| loudest(s) > 0.01).map(<[_]>::len).max();
        assert!(quiet < Some(1000), "a gap of {quiet:?}");
    }

    #[test]
    fn a_sting_is_not_repeated() {
        let mut heard = tone(20_000);
        repeat(&mut heard, 200_000);
        assert_eq!(heard.len(), 20_000);
        assert!(loudest(&heard[19_999]) < 0.001);
    }

    #[test]
    fn a_short_sound_is_measured_too() {
        assert!(measure(&tone(9_000)).expect("measured").is_some());
        assert_eq!(measure(&[]).expect("measured"), None);
    }
}
