//! Sound, heard wholly: how loud it is, where it stops, and whether its crests
//! are cut off.

use super::{in_milliseconds, kept_times};
use crate::media::error::MediaError;
use crate::media::sound::decode::{Track, read_range};
use crate::media::sound::loudness::{Meter, OneSided, SourceMeter};
use crate::media::sound::{SAMPLE_RATE, Side, Stereo};
use crate::plan::recipe::ExaminationRecipe;
use crate::values::examination::{Level, LouderTrack, SoundHeard, StereoSide, Stretch};
use crate::values::time::Rational;
use ffmpeg_next::format::context::Input;

const SECOND: u64 = SAMPLE_RATE as u64;

/// Shortest silence that is spoken of. The quietest room murmurs far above
/// −80 dBFS; a picture shown without sound for a moment is a choice, ten
/// seconds are a plug that came out.
const LONG_SILENCE: u64 = 10 * SECOND;
/// Of a short clip half is enough, from this on.
const SHORT_SILENCE: u64 = 3 * SECOND;
/// Samples over which silence is judged: 100 ms.
const BLOCK: u64 = SECOND / 10;
/// Mean square of a side at −80 dBFS, below which nothing is recorded.
const SILENT_MEAN_SQUARE: f64 = 1e-8;

/// Mean square of a side at −50 dBFS: a voice is far above, a room below.
const AUDIBLE_MEAN_SQUARE: f64 = 1e-5;

/// Only where the track that is heard is fainter than this, in hundredths of
/// LUFS, are others listened to; and spoken of when they are so much louder.
const FAINT: i32 = -4_000;
const MUCH_LOUDER: i32 = 1_000;
/// Others that are listened to.
const TRACKS: usize = 8;

/// A crest that stays this near to full scale for [`CUT_OFF`] samples was cut
/// off. Of speech brought to full scale without clipping not one crest is so
/// wide, also after AAC; of speech driven 12 dB over it, dozens in a second.
const FULL_SCALE: f32 = 0.97;
const CUT_OFF: u32 = 8;
/// Such crests that make a second saturated: a slap on the table has fewer,
/// and so has the hardest limiting.
const SATURATED: u32 = 8;

/// Lossy coding ripples what was flat, so that crests are no longer told. What
/// stays is that far too much lies near full scale: of a second of speech at
/// full scale less than 1 in 100 samples, limited by 18 dB up to 5, driven
/// 12 dB over it 8 and more, before AAC at 64 kb/s and after.
const NEAR_FULL_SCALE: f32 = 0.85;
const CROWDED: u64 = SECOND * 6 / 100;

/// Listens to all kept ranges.
pub(super) fn listen(
    opened: &mut Input,
    recipe: &ExaminationRecipe,
    stream: usize,
) -> Result<SoundHeard, MediaError> {
    // Ranges are in container time.
    let track = Track {
        stream,
        clock_zero: Rational::ZERO,
    };
    let mut meter = SourceMeter::new()?;
    let mut crests = [Crests::default(); 2];
    let mut saturated = Saturation::default();
    let mut silent = Vec::new();
    let (mut kept, mut damaged) = (0, 0);
    for (from, to) in kept_times(recipe) {
        let in_samples = Rational::integer(i64::from(SAMPLE_RATE));
        let samples = ((to - from) * in_samples).round().max(0).unsigned_abs();
        let mut silence = Silence::default();
        damaged += read_range(opened, track, from, samples, &mut |block| {
            silence.add(block);
            for sample in block {
                let cut = [0, 1].map(|side| crests[side].add(sample[side]));
                saturated.add(cut, *sample);
            }
            meter.add(block)
        })?;
        let begins = in_milliseconds(from) - in_milliseconds(recipe.clock_zero);
        let place = |at: u64| {
            let ms = i64::try_from(at * 1000 / SECOND).unwrap_or(i64::MAX);
            begins + Rational::milliseconds(ms)
        };
        silent.extend(silence.finish().into_iter().map(|(start, end)| {
            let stretch = Stretch {
                start: place(start),
                end: place(end),
            };
            (end - start, stretch)
        }));
        kept += samples;
    }
    let lost_ms = lost(opened, recipe, track)?;
    let (one_sided, loudness) = meter.finish()?;
    let level = loudness.map_or(i32::MIN, |l| l.integrated);
    let louder = match level < FAINT {
        true => louder_track(opened, recipe, stream, level),
        false => None,
    };
    let long = (kept / 2).clamp(SHORT_SILENCE, LONG_SILENCE);
    Ok(SoundHeard {
        level: loudness.map(|l| Level {
            integrated: l.integrated,
            true_peak: l.true_peak,
        }),
        silent: silent
            .into_iter()
            .filter(|(samples, _)| *samples >= long)
            .map(|(_, stretch)| stretch)
            .collect(),
        dead_side: match one_sided {
            Some(OneSided::Alone(Side::Left)) => Some(StereoSide::Right),
            Some(OneSided::Alone(Side::Right)) => Some(StereoSide::Left),
            _ => None,
        },
        cancelled: match one_sided {
            Some(OneSided::Cancelled(Side::Left)) => Some(StereoSide::Left),
            Some(OneSided::Cancelled(Side::Right)) => Some(StereoSide::Right),
            _ => None,
        },
        louder,
        lost_ms,
        saturated_seconds: saturated.finish(),
        damaged,
    })
}

/// The loudest of the other tracks, if it is much louder.
fn louder_track(
    opened: &mut Input,
    recipe: &ExaminationRecipe,
    stream: usize,
    level: i32,
) -> Option<LouderTrack> {
    let tracks = opened
        .streams()
        .filter(|s| s.parameters().medium() == ffmpeg_next::media::Type::Audio)
        .map(|s| s.index());
    let others: Vec<(usize, usize)> = (1..)
        .zip(tracks)
        .filter(|(_, index)| *index != stream)
        .take(TRACKS)
        .collect();
    let measured = others.into_iter().filter_map(|(track, index)| {
        // One that cannot be read is not louder.
        let integrated = loudness_of(opened, recipe, index).ok().flatten()?;
        Some(LouderTrack { track, integrated })
    });
    let loudest = measured.max_by_key(|other| other.integrated)?;
    let is_louder = loudest.integrated > FAINT && loudest.integrated - MUCH_LOUDER >= level;
    is_louder.then_some(loudest)
}

fn loudness_of(
    opened: &mut Input,
    recipe: &ExaminationRecipe,
    stream: usize,
) -> Result<Option<i32>, MediaError> {
    let track = Track {
        stream,
        clock_zero: Rational::ZERO,
    };
    let mut meter = Meter::new()?;
    for (from, to) in kept_times(recipe) {
        let in_samples = Rational::integer(i64::from(SAMPLE_RATE));
        let samples = ((to - from) * in_samples).round().max(0).unsigned_abs();
        read_range(opened, track, from, samples, &mut |block| meter.add(block))?;
    }
    Ok(meter.finish()?.map(|l| l.integrated))
}

/// How much of what sounds after the picture's end is heard, in milliseconds.
fn lost(opened: &mut Input, recipe: &ExaminationRecipe, track: Track) -> Result<u64, MediaError> {
    let Some((from, to)) = recipe.tail else {
        return Ok(0);
    };
    let in_samples = Rational::integer(i64::from(SAMPLE_RATE));
    let samples = ((to - from) * in_samples).round().max(0).unsigned_abs();
    let (mut squares, mut counted, mut heard) = (0.0, 0, 0);
    // Damage there is nobody's business.
    read_range(opened, track, from, samples, &mut |block| {
        for [left, right] in block {
            squares += f64::from(*left).powi(2).max(f64::from(*right).powi(2));
            counted += 1;
            if counted == BLOCK {
                heard += u64::from(squares > AUDIBLE_MEAN_SQUARE * counted as f64);
                (squares, counted) = (0.0, 0);
            }
        }
        Ok(())
    })?;
    Ok(heard * BLOCK * 1000 / SECOND)
}

/// Runs of blocks in which neither side carries anything, as places in
/// samples; a run that is shorter than [`SHORT_SILENCE`] is forgotten.
#[derive(Default)]
struct Silence {
    squares: [f64; 2],
    counted: u64,
    at: u64,
    since: Option<u64>,
    found: Vec<(u64, u64)>,
}

impl Silence {
    fn add(&mut self, samples: &[Stereo]) {
        for sample in samples {
            for (sum, side) in self.squares.iter_mut().zip(sample) {
                *sum += f64::from(*side) * f64::from(*side);
            }
            self.counted += 1;
            if self.counted == BLOCK {
                self.close_block();
            }
        }
    }

    fn close_block(&mut self) {
        let most = SILENT_MEAN_SQUARE * self.counted as f64;
        if self.squares.iter().all(|&sum| sum <= most) {
            self.since.get_or_insert(self.at);
        } else {
            self.close_run();
        }
        self.at += self.counted;
        (self.squares, self.counted) = ([0.0; 2], 0);
    }

    fn close_run(&mut self) {
        if let Some(since) = self.since.take()
            && self.at - since >= SHORT_SILENCE
        {
            self.found.push((since, self.at));
        }
    }

    fn finish(mut self) -> Vec<(u64, u64)> {
        if self.counted > 0 {
            self.close_block();
        }
        self.close_run();
        self.found
    }
}

/// Crests of one side.
#[derive(Clone, Copy, Default)]
struct Crests {
    run: u32,
    positive: bool,
}

impl Crests {
    /// Whether this sample makes a crest one that was cut off.
    fn add(&mut self, sample: f32) -> bool {
        let positive = sample > 0.0;
        if sample.abs() < FULL_SCALE {
            self.run = 0;
        } else if self.run > 0 && self.positive == positive {
            self.run += 1;
        } else {
            (self.run, self.positive) = (1, positive);
        }
        self.run == CUT_OFF
    }
}

/// What one side holds in a second.
#[derive(Clone, Copy, Default)]
struct Fullness {
    crests: u32,
    peak: f32,
    crowd: u64,
}

impl Fullness {
    fn is_saturated(&self) -> bool {
        self.crests >= SATURATED || (self.peak >= FULL_SCALE && self.crowd >= CROWDED)
    }
}

/// Counts seconds in which one side has many crests cut off.
#[derive(Default)]
struct Saturation {
    sides: [Fullness; 2],
    samples: u64,
    seconds: u32,
}

impl Saturation {
    fn add(&mut self, cut: [bool; 2], sample: Stereo) {
        for ((side, cut), sample) in self.sides.iter_mut().zip(cut).zip(sample) {
            let height = sample.abs();
            side.crests += u32::from(cut);
            side.peak = side.peak.max(height);
            side.crowd += u64::from(height >= NEAR_FULL_SCALE);
        }
        self.samples += 1;
        if self.samples == SECOND {
            self.close_second();
        }
    }

    fn close_second(&mut self) {
        self.seconds += u32::from(self.sides.iter().any(Fullness::is_saturated));
        (self.sides, self.samples) = (Default::default(), 0);
    }

    fn finish(mut self) -> u32 {
        self.close_second();
        self.seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice-like tone of 180 Hz with harmonics, driven by a factor and cut
    /// off at full scale.
    fn saturated(drive: f32, seconds: usize) -> u32 {
        let mut crests = Crests::default();
        let mut seconds_found = Saturation::default();
        for n in 0..seconds * 48_000 {
            let phase = n as f32 / 48_000.0 * 180.0 * std::f32::consts::TAU;
            let wave =
                (0.5 * phase.sin() + 0.3 * (2.0 * phase).sin() + 0.2 * (5.0 * phase).sin()) * drive;
            let sample = wave.clamp(-1.0, 1.0);
            seconds_found.add([crests.add(sample), false], [sample, 0.0]);
        }
        seconds_found.finish()
    }

    #[test]
    fn crests_are_cut_off_when_they_are_and_not_when_they_are_high() {
        assert_eq!(saturated(1.0, 4), 0);
        assert_eq!(saturated(4.0, 4), 4);
    }

    /// What lossy coding makes of flat crests: ripples, of which no run is long.
    #[test]
    fn crests_that_were_cut_off_and_rippled_are_still_too_many() {
        let seconds = |drive: f32| {
            let mut crests = Crests::default();
            let mut found = Saturation::default();
            for n in 0..4 * 48_000 {
                let at = n as f32 / 48_000.0 * std::f32::consts::TAU;
                let (tone, ripple) = ((180.0 * at).sin(), (9_000.0 * at).sin());
                // As a voice is: loud for a quarter of the time.
                let loud = if n % 12_000 < 3_000 { 1.0 } else { 0.05 };
                let wave = (0.6 * tone + 0.4 * (5.0 * 180.0 * at).sin()) * drive * loud;
                let sample = wave.clamp(-1.0, 1.0) * (0.93 + 0.05 * ripple);
                let cut = crests.add(sample);
                assert!(!cut, "no run is long");
                found.add([cut, false], [sample, 0.0]);
            }
            found.finish()
        };
        assert_eq!((seconds(1.0), seconds(4.0)), (0, 4));
    }

    #[test]
    fn silence_is_both_sides_and_lasts() {
        let mut silence = Silence::default();
        let quiet = [3e-5, -3e-5];
        for (seconds, sample) in [(2, [0.1, 0.0]), (4, quiet), (1, [0.0, 0.1]), (2, [0.0; 2])] {
            silence.add(&vec![sample; seconds * 48_000]);
        }
        assert_eq!(silence.finish(), [(2 * SECOND, 6 * SECOND)]);
    }
}
