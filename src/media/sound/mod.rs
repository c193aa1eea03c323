//! The sound of a capsule: decoded to the exact sample, brought to the series'
//! loudness, limited, encoded as AAC, and measured again as it will be heard.
//!
//! The clip is read once per pass (measure, try, encode) and never held in
//! memory: an hour costs what a minute costs. Which parts of the clip are heard
//! and where they fade is the plan's business.

pub mod baseline;
pub mod decode;
pub mod encode;
pub mod grid;
pub mod limiter;
pub mod loudness;
pub mod tune;

use crate::media::error::{During, MediaError, capture_log, forget_log};
use crate::values::time::Rational;
use baseline::Baseline;
use decode::{Track, read_range};
use encode::{EncodedAudio, Encoder};
use ffmpeg_next::format::context::Input;
use grid::Sink;
use limiter::Limiter;
use loudness::{Loudness, Meter, OneSided, SourceMeter};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

/// The rate of all published sound.
pub const SAMPLE_RATE: u32 = 48_000;

/// One sample, left and right.
pub type Stereo = [f32; 2];

/// Peaks of the sound that goes into the encoder stay below this, in
/// hundredths of dBTP: AAC adds up to about a decibel.
const CEILING: i32 = -200;
/// Peaks of the sound that is heard must not exceed this.
const HIGHEST_PEAK: i32 = -100;
/// Loudness further off its target than this is corrected, in hundredths of LU.
const TOLERANCE: i32 = 20;
/// The most that coding and a lower ceiling change the loudness. Sound that is
/// further off was not meant to reach the target.
const CODING_LOSS: i32 = 100;
/// Passes that look for the gain; as many encode once more.
const TRIALS: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Left,
    Right,
}

/// What the sound of a capsule is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SoundRequest {
    /// The stream that is heard; `None` makes a silent track.
    pub stream: Option<usize>,
    /// The container's time at which the clip's clock reads zero.
    pub clock_zero: Rational,
    /// In the order of the timeline, without gap or overlap.
    pub sections: Vec<SoundSection>,
    /// Length of the capsule; the sections' lengths add up to it.
    pub total_samples: u64,
    /// Wanted loudness in hundredths of LUFS.
    pub target: i32,
    pub kbps: u32,
}

/// One stretch of the timeline. Lengths are samples at 48 kHz.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "section", rename_all = "lowercase")]
pub enum SoundSection {
    /// An inserted card.
    Silence { samples: u64 },
    /// A range of the clip, from `start` seconds on the clip's clock.
    Clip {
        start: Rational,
        samples: u64,
        fade_in: u32,
        fade_out: u32,
    },
    /// What was prepared for an inserted card; counts among the tunes.
    Tune { number: usize, samples: u64 },
}

impl SoundSection {
    fn samples(&self) -> u64 {
        match *self {
            SoundSection::Silence { samples }
            | SoundSection::Clip { samples, .. }
            | SoundSection::Tune { samples, .. } => samples,
        }
    }
}

/// What sound is made of: the clip, and for each tune its samples, at their
/// level, as [`tune::prepare`] wrote them.
pub struct Sources<'a> {
    pub clip: &'a mut Input,
    pub tunes: &'a [File],
}

/// Whether tunes are heard. Loudness is that of what people say: wherever it is
/// measured, tunes are silence.
#[derive(Clone, Copy, PartialEq)]
enum Tunes {
    Heard,
    Silent,
}

/// The encoded track, and what was found and done on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SoundOutcome {
    pub audio: EncodedAudio,
    /// What would be heard if nothing were done; `None` when nothing is above
    /// the absolute gate.
    pub measured_in: Option<Loudness>,
    /// What is heard: measured on the decoded track.
    pub measured_out: Option<Loudness>,
    /// Gain that was given, in thousandths of a decibel.
    pub gain_millidb: i32,
    pub limited: bool,
    /// Nearly no sound: left as loud as it is.
    pub nearly_silent: bool,
    /// The side that is heard from both, the other one being dead or the same
    /// upside down.
    pub dual_mono_from: Option<Side>,
    /// Packets that did not decode; their time is silent.
    pub damaged_packets: u32,
}

/// Makes the sound of a capsule.
pub fn render(
    mut sources: Sources<'_>,
    request: &SoundRequest,
) -> Result<SoundOutcome, MediaError> {
    capture_log();
    forget_log();
    let lengths = request.sections.iter().map(SoundSection::samples);
    if lengths.fold(0u64, u64::saturating_add) != request.total_samples {
        return Err(MediaError::new(
            "plan the sound",
            "the sections do not add up to the capsule",
        ));
    }
    let _baseline = Baseline::hold();

    let sources = &mut sources;
    let source = measure_source(sources, request)?;
    let mut treatment = Treatment {
        from: source.dual_mono_from,
        gain_millidb: loudness::gain_to_target(source.loudness, request.target),
        ceiling: CEILING,
    };
    let nearly_silent = loudness::is_nearly_silent(source.loudness);
    if let Some(loudness) = source.loudness
        && loudness.true_peak + treatment.gain_millidb / 10 > CEILING
        && !nearly_silent
    {
        treatment = find_gain(sources, request, treatment)?;
    }
    let heard = encode_until_right(sources, request, treatment, nearly_silent)?;
    Ok(SoundOutcome {
        audio: heard.audio,
        measured_in: source.loudness,
        measured_out: heard.loudness,
        gain_millidb: heard.treatment.gain_millidb,
        limited: heard.limited,
        nearly_silent,
        dual_mono_from: source.dual_mono_from,
        damaged_packets: source.damaged_packets,
    })
}

/// What the clip's sound is like, as far as it is kept.
struct Source {
    dual_mono_from: Option<Side>,
    loudness: Option<Loudness>,
    damaged_packets: u32,
}

fn measure_source(sources: &mut Sources<'_>, request: &SoundRequest) -> Result<Source, MediaError> {
    if request.stream.is_none() {
        return Ok(Source {
            dual_mono_from: None,
            loudness: None,
            damaged_packets: 0,
        });
    }
    let mut meter = SourceMeter::new()?;
    let mut measure = |_: Origin, samples: &[Stereo]| meter.add(samples);
    let damaged_packets = play(sources, request, Tunes::Silent, &mut measure)?;
    let (one_sided, loudness) = meter.finish()?;
    Ok(Source {
        dual_mono_from: one_sided.map(OneSided::side),
        loudness,
        damaged_packets,
    })
}

/// What is done to every sample.
#[derive(Clone, Copy)]
struct Treatment {
    from: Option<Side>,
    gain_millidb: i32,
    /// Hundredths of dBTP.
    ceiling: i32,
}

/// Limiting takes loudness away: tries until the gain makes up for it. Sound
/// that does not get there without being crushed consists of its peaks; more
/// gain would only bring up the noise between them, and it keeps the first.
fn find_gain(
    sources: &mut Sources<'_>,
    request: &SoundRequest,
    first: Treatment,
) -> Result<Treatment, MediaError> {
    let mut treatment = first;
    for _ in 0..TRIALS {
        let mut meter = Meter::new()?;
        let mut measure = |samples: &[Stereo]| meter.add(samples);
        let worked = treat(sources, request, (treatment, Tunes::Silent), &mut measure)?;
        let Some(loudness) = meter.finish()? else {
            return Ok(first);
        };
        if worked == Limiting::Crushed {
            return Ok(first);
        }
        if (request.target - loudness.integrated).abs() <= TOLERANCE {
            return Ok(treatment);
        }
        let tried = treatment.gain_millidb;
        treatment.gain_millidb = loudness::gain_corrected(tried, loudness, request.target);
        if treatment.gain_millidb == tried {
            return Ok(first);
        }
    }
    Ok(first)
}

/// How much the limiter had to do.
#[derive(Clone, Copy, PartialEq)]
enum Limiting {
    None,
    Some,
    Crushed,
}

/// A track as it is heard.
struct Heard {
    audio: EncodedAudio,
    /// Of what people say; its true peak is that of everything.
    loudness: Option<Loudness>,
    /// Of everything, in hundredths of dBTP; `None` where nothing is heard.
    true_peak: Option<i32>,
    treatment: Treatment,
    limited: bool,
}

/// Encodes, listens to the result, and encodes again with a lower ceiling or
/// another gain as long as the coding has changed what it should not.
fn encode_until_right(
    sources: &mut Sources<'_>,
    request: &SoundRequest,
    mut treatment: Treatment,
    nearly_silent: bool,
) -> Result<Heard, MediaError> {
    let mut trial = 0;
    loop {
        trial += 1;
        let heard = encode_once(sources, request, treatment)?;
        let Some(true_peak) = heard.true_peak else {
            return Ok(heard);
        };
        let excess = true_peak - HIGHEST_PEAK;
        let off_target = heard.loudness.filter(|loudness| {
            let off = (request.target - loudness.integrated).abs();
            off > TOLERANCE && off <= CODING_LOSS && !nearly_silent
        });
        let gain = match off_target {
            Some(loudness) => {
                loudness::gain_corrected(treatment.gain_millidb, loudness, request.target)
            }
            None => treatment.gain_millidb,
        };
        let is_right = excess <= 0 && gain == treatment.gain_millidb;
        if is_right || trial > TRIALS {
            return Ok(heard);
        }
        treatment.gain_millidb = gain;
        treatment.ceiling -= excess.max(0);
    }
}

fn encode_once(
    sources: &mut Sources<'_>,
    request: &SoundRequest,
    treatment: Treatment,
) -> Result<Heard, MediaError> {
    let mut encoder = Encoder::new(request.kbps)?;
    let mut encode = |samples: &[Stereo]| encoder.add(samples);
    let limited = treat(sources, request, (treatment, Tunes::Heard), &mut encode)?;
    let audio = encoder.finish()?;
    let (loudness, true_peak) = listen(&audio, &tunes(request))?;
    Ok(Heard {
        audio,
        loudness,
        true_peak,
        treatment,
        limited: limited != Limiting::None,
    })
}

/// Where tunes are heard, in samples of the capsule.
fn tunes(request: &SoundRequest) -> Vec<Range<u64>> {
    let mut end = 0;
    let mut tunes = Vec::new();
    for section in &request.sections {
        let start = end;
        end += section.samples();
        if matches!(section, SoundSection::Tune { .. }) {
            tunes.push(start..end);
        }
    }
    tunes
}

/// Measures a track as it is heard: the loudness without the tunes, the true
/// peak with them.
fn listen(
    audio: &EncodedAudio,
    tunes: &[Range<u64>],
) -> Result<(Option<Loudness>, Option<i32>), MediaError> {
    let mut meter = Meter::new()?;
    if tunes.is_empty() {
        encode::decode(audio, &mut |samples| meter.add(samples))?;
        let loudness = meter.finish()?;
        return Ok((loudness, loudness.map(|l| l.true_peak)));
    }
    let mut all = Meter::new()?;
    let mut at = 0;
    let mut said = Vec::new();
    encode::decode(audio, &mut |samples| {
        all.add(samples)?;
        said.clear();
        let is_tune = |n: u64| tunes.iter().any(|tune| tune.contains(&n));
        let sample = |(n, sample): (u64, &Stereo)| if is_tune(n) { [0.0; 2] } else { *sample };
        said.extend((at..).zip(samples).map(sample));
        at += samples.len() as u64;
        meter.add(&said)
    })?;
    let true_peak = all.finish()?.map(|l| l.true_peak);
    let loudness = meter.finish()?.map(|l| Loudness {
        true_peak: true_peak.unwrap_or(l.true_peak),
        ..l
    });
    Ok((loudness, true_peak))
}

/// Plays the timeline with its treatment. Tunes have their level already.
fn treat(
    sources: &mut Sources<'_>,
    request: &SoundRequest,
    (treatment, tunes): (Treatment, Tunes),
    sink: &mut Sink<'_>,
) -> Result<Limiting, MediaError> {
    let gain = loudness::linear(treatment.gain_millidb);
    let mut limiter = Limiter::new(loudness::linear(treatment.ceiling * 10));
    let mut louder = Vec::new();
    let mut limited = Vec::new();
    play(sources, request, tunes, &mut |origin, samples| {
        louder.clear();
        match origin {
            Origin::Tune => louder.extend_from_slice(samples),
            Origin::Film => {
                louder.extend(samples.iter().map(|&[left, right]| match treatment.from {
                    None => [left * gain, right * gain],
                    Some(Side::Left) => [left * gain; 2],
                    Some(Side::Right) => [right * gain; 2],
                }))
            }
        }
        limited.clear();
        limiter.push(&louder, &mut limited);
        sink(&limited)
    })?;
    limited.clear();
    limiter.finish(&mut limited);
    sink(&limited)?;
    Ok(match (limiter.limited(), limiter.crushes()) {
        (_, true) => Limiting::Crushed,
        (true, false) => Limiting::Some,
        (false, false) => Limiting::None,
    })
}

/// Where a block of the timeline comes from.
#[derive(Clone, Copy)]
enum Origin {
    Film,
    Tune,
}

type Hear<'a> = dyn FnMut(Origin, &[Stereo]) -> Result<(), MediaError> + 'a;

/// Plays the timeline as it was filmed, fades included: exactly
/// `total_samples`. Gives the number of damaged packets.
fn play(
    sources: &mut Sources<'_>,
    request: &SoundRequest,
    tunes: Tunes,
    sink: &mut Hear<'_>,
) -> Result<u32, MediaError> {
    let mut damaged = 0;
    for section in &request.sections {
        let silent = match (*section, request.stream) {
            (SoundSection::Silence { .. }, _) | (SoundSection::Clip { .. }, None) => true,
            (SoundSection::Tune { .. }, _) => tunes == Tunes::Silent,
            (SoundSection::Clip { .. }, Some(_)) => false,
        };
        if silent {
            be_silent(section.samples(), &mut |block| sink(Origin::Film, block))?;
            continue;
        }
        match (*section, request.stream) {
            (SoundSection::Tune { number, samples }, _) => {
                play_tune(sources.tunes, number, samples, &mut |block| {
                    sink(Origin::Tune, block)
                })?;
            }
            (
                SoundSection::Clip {
                    start,
                    samples,
                    fade_in,
                    fade_out,
                },
                Some(stream),
            ) => {
                let track = Track {
                    stream,
                    clock_zero: request.clock_zero,
                };
                let mut fade = Fade::new(samples, fade_in, fade_out);
                damaged += read_range(sources.clip, track, start, samples, &mut |block| {
                    sink(Origin::Film, fade.apply(block))
                })?;
            }
            _ => {}
        }
    }
    Ok(damaged)
}

/// Samples that another worker prepared: whatever they are, they are numbers.
fn play_tune(
    tunes: &[File],
    number: usize,
    samples: u64,
    sink: &mut Sink<'_>,
) -> Result<(), MediaError> {
    const READ: &str = "read a prepared sound";
    let mut file = tunes
        .get(number)
        .ok_or_else(|| MediaError::new(READ, "it was not handed over"))?;
    file.seek(SeekFrom::Start(0)).during(READ)?;
    let mut missing = samples;
    let mut bytes = [0; 8 * 1024];
    let mut block = Vec::with_capacity(1024);
    while missing > 0 {
        let now = missing.min(1024);
        let bytes = &mut bytes[..8 * now as usize];
        file.read_exact(bytes).during(READ)?;
        let side = |b: &[u8]| {
            let level = f32::from_le_bytes(b.try_into().unwrap_or_default());
            if level.is_finite() {
                level.clamp(-8.0, 8.0)
            } else {
                0.0
            }
        };
        block.clear();
        block.extend(
            bytes
                .chunks_exact(8)
                .map(|b| [side(&b[..4]), side(&b[4..])]),
        );
        sink(&block)?;
        missing -= now;
    }
    Ok(())
}

fn be_silent(samples: u64, sink: &mut Sink<'_>) -> Result<(), MediaError> {
    const BLOCK: [Stereo; 1024] = [[0.0; 2]; 1024];
    let mut missing = samples;
    while missing > 0 {
        let now = missing.min(BLOCK.len() as u64);
        sink(&BLOCK[..now as usize])?;
        missing -= now;
    }
    Ok(())
}

/// Raised-cosine fades at both ends of a section.
struct Fade {
    samples: u64,
    fade_in: u64,
    fade_out: u64,
    /// Position of the next sample in the section.
    at: u64,
    faded: Vec<Stereo>,
}

impl Fade {
    fn new(samples: u64, fade_in: u32, fade_out: u32) -> Fade {
        Fade {
            samples,
            fade_in: u64::from(fade_in).min(samples),
            fade_out: u64::from(fade_out).min(samples),
            at: 0,
            faded: Vec::new(),
        }
    }

    fn apply(&mut self, block: &[Stereo]) -> &[Stereo] {
        self.faded.clear();
        for &[left, right] in block {
            let to_end = self.samples.saturating_sub(self.at + 1);
            let gain = rise(self.at, self.fade_in) * rise(to_end, self.fade_out);
            self.faded.push([left * gain, right * gain]);
            self.at += 1;
        }
        &self.faded
    }
}

/// The gain `at` samples into a fade of `length`. Rounded to `f32`, where a
/// last bit that processors disagree about cannot show.
fn rise(at: u64, length: u64) -> f32 {
    if at >= length {
        return 1.0;
    }
    let part = (at as f64 + 0.5) / length as f64;
    (0.5 - 0.5 * (std::f64::consts::PI * part).cos()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fade_rises_and_falls_and_leaves_the_middle_alone() {
        let mut fade = Fade::new(1000, 100, 200);
        let mut gains = Vec::new();
        for _ in 0..10 {
            gains.extend_from_slice(fade.apply(&[[1.0, -1.0]; 100]));
        }
        assert!(gains[0][0] < 0.001 && gains[999][0] < 0.001);
        assert!((gains[50][0] - 0.5).abs() < 0.02);
        assert!((gains[900][0] - 0.5).abs() < 0.02);
        assert!(gains[100..800].iter().all(|gain| *gain == [1.0, -1.0]));
        assert!(gains[..100].windows(2).all(|pair| pair[0][0] < pair[1][0]));
        assert!(gains[800..].windows(2).all(|pair| pair[0][0] > pair[1][0]));
    }

    #[test]
    fn fades_that_meet_are_both_obeyed() {
        let mut fade = Fade::new(10, 500, 500);
        let gains = fade.apply(&[[1.0, 1.0]; 10]);
        assert!(gains.iter().all(|gain| gain[0] < 1.0));
    }
}
