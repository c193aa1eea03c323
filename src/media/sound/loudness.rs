//! How loud sound is, by EBU R 128, and how much louder it should be. Pure
//! arithmetic on samples, no FFmpeg.
//!
//! Every decision rests on whole hundredths, so that a last bit of a logarithm
//! never decides about bytes.

use super::{SAMPLE_RATE, Side, Stereo};
use crate::media::error::MediaError;
use ebur128::{Channel, EbuR128, Mode};
use serde::{Deserialize, Serialize};

/// Loudness of a whole programme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness in hundredths of LUFS.
    pub integrated: i32,
    /// True peak in hundredths of dBTP.
    pub true_peak: i32,
}

/// What a measured level is in hundredths when there is none at all: far below
/// anything that 32-bit sound can hold.
const NOTHING: i32 = -20_000;
/// Sound below this is nearly silence: turning it up would publish noise.
const NEARLY_SILENT: i32 = -6_000;
/// The most that sound is ever turned up, in thousandths of a decibel.
const MOST_GAIN: i32 = 30_000;
/// Mean square of a channel at −80 dBFS.
const SILENT_MEAN_SQUARE: f64 = 1e-8;
/// Samples over which a channel's level is judged: 100 ms.
const SILENCE_BLOCK: usize = SAMPLE_RATE as usize / 10;

/// A side that is so much fainter than the other, in hundredths of LU, and
/// fainter than this, carries what a dead channel or an open plug murmurs. Who
/// speaks into a second microphone now and then is far above that: only what
/// is loud of a side counts as its loudness.
const MUCH_FAINTER: i32 = 2500;
const MURMUR: i32 = -4_500;
/// Of sound that one loudspeaker plays, at least one part in so many must be
/// left: what is upside down on one side loses nearly all of it.
const LEFT_OVER: f64 = 20.0;
/// Mean square of a side at −50 dBFS, from which a block is heard.
const AUDIBLE_MEAN_SQUARE: f64 = 1e-5;

/// Why one side is heard from both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OneSided {
    /// The other one is dead.
    Alone(Side),
    /// The other one is the same upside down, and would cancel it.
    Cancelled(Side),
}

impl OneSided {
    /// The side that is heard.
    pub fn side(self) -> Side {
        match self {
            OneSided::Alone(side) | OneSided::Cancelled(side) => side,
        }
    }
}

/// A thousandth of a decibel is far below hearing; the gain is a whole number
/// of them so that it can be written down.
pub fn gain_to_target(measured: Option<Loudness>, target: i32) -> i32 {
    match measured {
        Some(loudness) if loudness.integrated >= NEARLY_SILENT => {
            ((target - loudness.integrated) * 10).min(MOST_GAIN)
        }
        _ => 0,
    }
}

/// Another gain, when limiting or encoding left the sound off its target.
pub fn gain_corrected(gain_millidb: i32, measured: Loudness, target: i32) -> i32 {
    (gain_millidb + (target - measured.integrated) * 10).min(MOST_GAIN)
}

/// Whether there is anything that could be brought to a target.
pub fn is_nearly_silent(measured: Option<Loudness>) -> bool {
    measured.is_none_or(|loudness| loudness.integrated < NEARLY_SILENT)
}

/// The factor for a gain or a level in thousandths of a decibel. Rounded to
/// `f32`, where the last bit of a power, which processors disagree about,
/// cannot show.
pub fn linear(millidb: i32) -> f32 {
    10f64.powf(f64::from(millidb) / 20_000.0) as f32
}

/// Measures a stereo programme from first sample to last.
pub struct Meter {
    ebu: EbuR128,
}

impl Meter {
    pub fn new() -> Result<Meter, MediaError> {
        Ok(Meter {
            ebu: meter(2, Mode::I | Mode::TRUE_PEAK)?,
        })
    }

    pub fn add(&mut self, samples: &[Stereo]) -> Result<(), MediaError> {
        self.ebu
            .add_frames_f32(samples.as_flattened())
            .map_err(failed)
    }

    /// `None` when nothing is above the absolute gate of −70 LUFS, or the
    /// programme is shorter than one gating block of 400 ms.
    pub fn finish(mut self) -> Result<Option<Loudness>, MediaError> {
        let integrated = self.ebu.loudness_global().map_err(failed)?;
        let peaks = self.peaks()?;
        Ok(loudness(integrated, peaks[0].max(peaks[1])))
    }

    /// The true peaks of both sides. Only for the end: the overshoot after the
    /// last sample is drawn out by silence, which counts as sound afterwards.
    fn peaks(&mut self) -> Result<[f64; 2], MediaError> {
        self.add(&[[0.0; 2]; 64])?;
        Ok([
            self.ebu.true_peak(0).map_err(failed)?,
            self.ebu.true_peak(1).map_err(failed)?,
        ])
    }
}

/// Measures a source before it is known whether both of its sides carry sound.
pub struct SourceMeter {
    both: Meter,
    /// Each side alone, as it would sound from both.
    alone: [EbuR128; 2],
    silence: [SilenceWatch; 2],
    together: Together,
}

impl SourceMeter {
    pub fn new() -> Result<SourceMeter, MediaError> {
        let alone = || -> Result<EbuR128, MediaError> {
            let mut ebu = meter(1, Mode::I)?;
            ebu.set_channel(0, Channel::DualMono).map_err(failed)?;
            Ok(ebu)
        };
        Ok(SourceMeter {
            both: Meter::new()?,
            alone: [alone()?, alone()?],
            silence: [SilenceWatch::default(), SilenceWatch::default()],
            together: Together::default(),
        })
    }

    pub fn add(&mut self, samples: &[Stereo]) -> Result<(), MediaError> {
        self.both.add(samples)?;
        self.together.add(samples);
        for (side, ebu) in self.alone.iter_mut().enumerate() {
            let one_side: Vec<f32> = samples.iter().map(|sample| sample[side]).collect();
            ebu.add_frames_f32(&one_side).map_err(failed)?;
            self.silence[side].add(&one_side);
        }
        Ok(())
    }

    /// Whether one side is to be heard from both, and the loudness of what will
    /// then be heard.
    pub fn finish(mut self) -> Result<(Option<OneSided>, Option<Loudness>), MediaError> {
        let mut levels = [None; 2];
        for (level, ebu) in levels.iter_mut().zip(&self.alone) {
            let integrated = ebu.loudness_global().map_err(failed)?;
            *level = integrated.is_finite().then(|| hundredths(integrated));
        }
        let silent = self.silence.map(SilenceWatch::was_silent);
        let Some(one) = one_sided(silent, levels, &self.together) else {
            return Ok((None, self.both.finish()?));
        };
        let index = one.side() as usize;
        let integrated = self.alone[index].loudness_global().map_err(failed)?;
        let peaks = self.both.peaks()?;
        Ok((Some(one), loudness(integrated, peaks[index])))
    }
}

fn one_sided(silent: [bool; 2], levels: [Option<i32>; 2], together: &Together) -> Option<OneSided> {
    match silent {
        [true, true] => return None,
        [true, false] => return Some(OneSided::Alone(Side::Right)),
        [false, true] => return Some(OneSided::Alone(Side::Left)),
        [false, false] => {}
    }
    let level = |side: Side| levels[side as usize].unwrap_or(NOTHING);
    let murmurs = |side, other| {
        level(side) < MURMUR
            && i64::from(level(other)) - i64::from(level(side)) >= i64::from(MUCH_FAINTER)
    };
    if murmurs(Side::Right, Side::Left) {
        Some(OneSided::Alone(Side::Left))
    } else if murmurs(Side::Left, Side::Right) {
        Some(OneSided::Alone(Side::Right))
    } else if together.cancels() {
        let louder = level(Side::Right) > level(Side::Left);
        let side = if louder { Side::Right } else { Side::Left };
        Some(OneSided::Cancelled(side))
    } else {
        None
    }
}

/// What both sides would be, played by one loudspeaker.
#[derive(Default)]
struct Together {
    block: TogetherBlock,
    apart: f64,
    mixed: f64,
}

#[derive(Default)]
struct TogetherBlock {
    counted: usize,
    /// Sums of the squares of both sides, and of the square of their sum.
    apart: f64,
    mixed: f64,
}

impl Together {
    fn add(&mut self, samples: &[Stereo]) {
        for &[left, right] in samples {
            let (left, right) = (f64::from(left), f64::from(right));
            self.block.apart += left * left + right * right;
            self.block.mixed += (left + right) * (left + right);
            self.block.counted += 1;
            if self.block.counted == SILENCE_BLOCK {
                self.close_block();
            }
        }
    }

    /// Noise between the words is another on each side.
    fn close_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.apart > 2.0 * AUDIBLE_MEAN_SQUARE * block.counted as f64 {
            self.apart += block.apart;
            self.mixed += block.mixed;
        }
    }

    /// Twice the sides' squares are what two equal sides mix to.
    fn cancels(&self) -> bool {
        self.apart > 0.0 && self.mixed * LEFT_OVER <= self.apart * 2.0
    }
}

/// Whether one channel ever rises above −80 dBFS, judged by the mean square of
/// every 100 ms: a single stray click is not sound.
#[derive(Default, Clone, Copy)]
struct SilenceWatch {
    squares: f64,
    counted: usize,
    heard: bool,
}

impl SilenceWatch {
    fn add(&mut self, samples: &[f32]) {
        for &sample in samples {
            self.squares += f64::from(sample) * f64::from(sample);
            self.counted += 1;
            if self.counted == SILENCE_BLOCK {
                self.close_block();
            }
        }
    }

    fn close_block(&mut self) {
        self.heard |= self.squares > SILENT_MEAN_SQUARE * self.counted as f64;
        (self.squares, self.counted) = (0.0, 0);
    }

    fn was_silent(mut self) -> bool {
        self.close_block();
        !self.heard
    }
}

fn meter(channels: u32, mode: Mode) -> Result<EbuR128, MediaError> {
    EbuR128::new(channels, SAMPLE_RATE, mode).map_err(failed)
}

fn failed(error: ebur128::Error) -> MediaError {
    MediaError::new("measure the loudness", error.to_string())
}

fn loudness(integrated: f64, true_peak: f64) -> Option<Loudness> {
    integrated.is_finite().then(|| Loudness {
        integrated: hundredths(integrated),
        true_peak: hundredths(20.0 * true_peak.log10()),
    })
}

fn hundredths(level: f64) -> i32 {
    // The cast of a float saturates and takes NaN for zero; minus infinity
    // (a peak of zero) is said as "nothing".
    ((level * 100.0).round() as i32).max(NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone of 997 Hz whose peak is at `dbfs`: the reference signal of
    /// BS.1770, where one side at 0 dBFS reads −3.01 LUFS.
    fn tone(dbfs: f32, sides: [f32; 2], seconds: usize) -> Vec<Stereo> {
        let level = 10f32.powf(dbfs / 20.0);
        (0..seconds * 48_000)
            .map(|n| {
                let phase = n as f64 * 997.0 / 48_000.0 * std::f64::consts::TAU;
                let sample = level * phase.sin() as f32;
                [sample * sides[0], sample * sides[1]]
            })
            .collect()
    }

    fn measured(samples: &[Stereo]) -> (Option<OneSided>, Option<Loudness>) {
        let mut meter = SourceMeter::new().expect("a meter");
        for block in samples.chunks(1000) {
            meter.add(block).expect("measured");
        }
        meter.finish().expect("measured")
    }

    #[test]
    fn a_reference_tone_reads_what_the_standard_says() {
        // On both sides: −23.01 + 3.01.
        let (side, loudness) = measured(&tone(-23.0, [1.0, 1.0], 5));
        let loudness = loudness.expect("loud enough");
        assert_eq!(side, None);
        assert!((loudness.integrated + 2300).abs() <= 5, "{loudness:?}");
        assert!((loudness.true_peak + 2300).abs() <= 5, "{loudness:?}");
    }

    #[test]
    fn one_silent_side_counts_as_heard_from_both() {
        for (sides, side) in [([1.0, 0.0], Side::Left), ([5e-5, 1.0], Side::Right)] {
            let (found, loudness) = measured(&tone(-23.0, sides, 5));
            assert_eq!(found, Some(OneSided::Alone(side)));
            let loudness = loudness.expect("loud enough");
            assert!((loudness.integrated + 2300).abs() <= 5, "{loudness:?}");
        }
    }

    #[test]
    fn a_side_that_only_murmurs_is_dead_beside_one_that_speaks() {
        // 26 and 24 dB below the other, at −49 and −47 LUFS; 30 dB below a
        // loud one, and loud enough.
        for (dbfs, faint, dead) in [
            (-23.0, -26.0, true),
            (-23.0, -24.0, false),
            (-10.0, -30.0, false),
        ] {
            let sides = [10f32.powf(faint / 20.0), 1.0];
            let (found, _) = measured(&tone(dbfs, sides, 5));
            let wanted = dead.then_some(OneSided::Alone(Side::Right));
            assert_eq!(found, wanted, "{dbfs} {faint}");
        }
    }

    #[test]
    fn a_side_upside_down_is_heard_from_the_louder_one() {
        let upside_down = [([1.0, -1.0], Side::Left), ([0.8, -1.0], Side::Right)];
        for (sides, side) in upside_down {
            let (found, loudness) = measured(&tone(-23.0, sides, 5));
            assert_eq!(found, Some(OneSided::Cancelled(side)));
            let loudness = loudness.expect("loud enough");
            assert!((loudness.integrated + 2300).abs() <= 5, "{loudness:?}");
        }
        // Two microphones at some distance of each other: nothing is lost.
        let mut apart = tone(-23.0, [1.0, 1.0], 5);
        for (n, sample) in tone(-23.0, [1.0, 1.0], 6)
            .iter()
            .skip(20)
            .take(apart.len())
            .enumerate()
        {
            apart[n][1] = sample[0];
        }
        assert_eq!(measured(&apart).0, None);
    }

    #[test]
    fn a_quiet_side_that_speaks_once_is_a_side() {
        let mut samples = tone(-23.0, [1.0, 0.0], 3);
        for sample in &mut samples[50_000..60_000] {
            sample[1] = sample[0] * 0.1;
        }
        assert_eq!(measured(&samples).0, None);
    }

    #[test]
    fn silence_has_no_loudness_and_gets_no_gain() {
        assert_eq!(measured(&[[0.0; 2]; 96_000]), (None, None));
        assert_eq!(gain_to_target(None, -1600), 0);
        let (_, murmur) = measured(&tone(-65.0, [1.0, 1.0], 3));
        assert!(is_nearly_silent(murmur), "{murmur:?}");
        assert_eq!(gain_to_target(murmur, -1600), 0);
    }

    #[test]
    fn gain_reaches_the_target_and_has_an_end() {
        let at = |integrated| {
            Some(Loudness {
                integrated,
                true_peak: 0,
            })
        };
        assert_eq!(gain_to_target(at(-2345), -1600), 7450);
        assert_eq!(gain_to_target(at(-1000), -1600), -6000);
        assert_eq!(gain_to_target(at(-5500), -1600), 30_000);
        let short = at(-1900).expect("loud enough");
        assert_eq!(gain_corrected(7000, short, -1600), 10_000);
        assert_eq!(gain_corrected(29_000, short, -1600), 30_000);
        assert!((linear(-6021) - 0.5).abs() < 1e-4);
        assert_eq!(linear(0), 1.0);
    }
}
