//! A look-ahead true-peak limiter: pure arithmetic on samples, no FFmpeg.
//!
//! The gain is worked out in whole numbers (a fixed-point fraction), so that a
//! running mean never drifts: where nothing has to be turned down the gain is
//! exactly one and samples pass through bit for bit.

use super::Stereo;
use std::collections::VecDeque;
use std::f64::consts::PI;

/// Samples over which the gain glides down before a peak: 5 ms at 48 kHz.
const GLIDE: usize = 240;
/// Share of the missing gain that comes back with each sample, as a power of
/// two: 2^12 samples are a time constant of 85 ms.
const RELEASE_SHIFT: u32 = 12;
/// Gain one.
const ONE: u32 = 1 << 30;
/// A release that has come this close to one is over (0.0001 dB). Its steps
/// are whole numbers, and would stop on their own just below one.
const NEARLY_ONE: u32 = ONE - (1 << (RELEASE_SHIFT + 1));
/// Points per sample at which peaks are looked for, as BS.1770 asks.
const PHASES: usize = 4;
/// Input samples that one interpolated point is made of: as in the meters that
/// will judge the result.
const TAPS: usize = 12;
/// Samples on either side of a point that take part in it.
const HALF: usize = TAPS / 2;
/// Peaks are taken for 1.2 % (0.1 dB) higher than found: what four points per
/// sample and a gliding gain can hide between them.
const CAUTION: f32 = 1.012;

/// Sound is crushed when more than one sample in this many is turned down by
/// more than 6 dB.
const CRUSHED_SHARE: u64 = 8;

/// Samples by which the limiter's output lags behind its input, before the lag
/// is taken away again.
const DELAY: usize = GLIDE + 2 * HALF;

/// Turns down what would exceed the ceiling, both channels alike.
pub struct Limiter {
    ceiling: f32,
    interpolation: [[f32; TAPS]; PHASES - 1],
    /// No point of a stretch whose samples stay below this exceeds the ceiling.
    harmless: f32,
    /// Samples since the last one that was not harmless.
    since_loud: usize,
    /// The last `TAPS` samples, each written twice, so that they always stand
    /// in one piece somewhere: oldest first, from `recent_at`.
    recent: [Stereo; 2 * TAPS],
    recent_at: usize,
    /// Samples waiting for their gain.
    waiting: VecDeque<Stereo>,
    /// Where the release has got to.
    released: u32,
    /// Candidates for the smallest gain within the glide, oldest first:
    /// position and gain, rising in both.
    smallest: VecDeque<(u64, u32)>,
    /// The smallest gains of the last `GLIDE` positions, and their sum.
    glide: VecDeque<u32>,
    glide_sum: u64,
    taken: u64,
    given: u64,
    sounding: u64,
    crushed: u64,
    limited: bool,
}

impl Limiter {
    /// `ceiling` is linear: 1.0 is full scale.
    pub fn new(ceiling: f32) -> Limiter {
        let interpolation = interpolation();
        let gain_of_worst_case = interpolation
            .iter()
            .map(|taps| taps.iter().map(|tap| tap.abs()).sum::<f32>())
            .fold(1.0, f32::max);
        Limiter {
            ceiling,
            interpolation,
            // A hundredth to spare covers the rounding of the sums.
            harmless: ceiling / (gain_of_worst_case * CAUTION * 1.01),
            since_loud: TAPS,
            recent: [[0.0; 2]; 2 * TAPS],
            recent_at: 0,
            waiting: VecDeque::with_capacity(DELAY + 1),
            released: ONE,
            smallest: VecDeque::new(),
            glide: VecDeque::from(vec![ONE; GLIDE]),
            glide_sum: GLIDE as u64 * u64::from(ONE),
            taken: 0,
            given: 0,
            sounding: 0,
            crushed: 0,
            limited: false,
        }
    }

    /// Whether anything had to be turned down so far.
    pub fn limited(&self) -> bool {
        self.limited
    }

    /// Whether so much was turned down so far that what is left are the peaks,
    /// and more gain would only bring up the noise between them.
    pub fn crushes(&self) -> bool {
        self.crushed * CRUSHED_SHARE > self.sounding
    }

    /// Takes samples and appends to `out` those whose gain is settled.
    pub fn push(&mut self, samples: &[Stereo], out: &mut Vec<Stereo>) {
        for &sample in samples {
            self.take(sample, out);
        }
    }

    /// Appends what is still waiting: as many samples leave as ever came.
    pub fn finish(&mut self, out: &mut Vec<Stereo>) {
        let end = self.taken;
        while self.given < end {
            self.take([0.0; 2], out);
        }
    }

    fn take(&mut self, sample: Stereo, out: &mut Vec<Stereo>) {
        self.recent[self.recent_at] = sample;
        self.recent[self.recent_at + TAPS] = sample;
        self.recent_at = (self.recent_at + 1) % TAPS;
        let loud = sample[0].abs().max(sample[1].abs()) > self.harmless;
        self.since_loud = if loud { 0 } else { self.since_loud + 1 };
        self.waiting.push_back(sample);
        let position = self.taken;
        self.taken += 1;

        let needed = self.needed_gain();
        self.released = needed.min(self.released + self.release_step());
        if self.released > NEARLY_ONE {
            self.released = ONE;
        }
        let smallest = self.smallest_within_glide(position, self.released);

        let oldest = self.glide.pop_front().unwrap_or(ONE);
        self.glide.push_back(smallest);
        self.glide_sum = self.glide_sum - u64::from(oldest) + u64::from(smallest);

        if position >= DELAY as u64
            && let Some(sample) = self.waiting.pop_front()
        {
            out.push(self.with_gain(sample));
            self.given += 1;
        }
    }

    fn release_step(&self) -> u32 {
        (ONE - self.released) >> RELEASE_SHIFT
    }

    /// The gain that keeps the newest interpolated stretch below the ceiling.
    fn needed_gain(&self) -> u32 {
        if self.since_loud >= TAPS {
            return ONE;
        }
        let recent = &self.recent[self.recent_at..self.recent_at + TAPS];
        // The newest stretch that can be interpolated lies between the two
        // samples in the middle.
        let mut points = [[0.0f32; 2]; PHASES - 1];
        let mut peak = 0.0f32;
        for (index, sample) in recent.iter().enumerate() {
            for (point, taps) in points.iter_mut().zip(&self.interpolation) {
                point[0] += taps[index] * sample[0];
                point[1] += taps[index] * sample[1];
            }
            // The samples themselves are points too; every one passes here
            // while it stands in the middle.
            if index == HALF - 1 || index == HALF {
                peak = peak.max(sample[0].abs()).max(sample[1].abs());
            }
        }
        for point in points {
            peak = peak.max(point[0].abs()).max(point[1].abs());
        }
        let peak = peak * CAUTION;
        if peak > self.ceiling {
            (f64::from(self.ceiling) / f64::from(peak) * f64::from(ONE)) as u32
        } else {
            ONE
        }
    }

    /// The smallest gain among the last positions whose peak any sample under
    /// the present glide takes part in.
    fn smallest_within_glide(&mut self, position: u64, gain: u32) -> u32 {
        while self
            .smallest
            .back()
            .is_some_and(|&(_, waiting)| waiting >= gain)
        {
            self.smallest.pop_back();
        }
        self.smallest.push_back((position, gain));
        while self
            .smallest
            .front()
            .is_some_and(|&(at, _)| at + (GLIDE + TAPS) as u64 <= position)
        {
            self.smallest.pop_front();
        }
        self.smallest.front().map_or(ONE, |&(_, gain)| gain)
    }

    fn with_gain(&mut self, sample: Stereo) -> Stereo {
        self.sounding += u64::from(sample != [0.0; 2]);
        let full = GLIDE as u64 * u64::from(ONE);
        if self.glide_sum == full {
            return sample;
        }
        self.limited = true;
        self.crushed += u64::from(2 * self.glide_sum < full && sample != [0.0; 2]);
        let gain = (self.glide_sum as f64 / full as f64) as f32;
        [sample[0] * gain, sample[1] * gain]
    }
}

/// Taps for the three points between the two middle samples: a sinc under a
/// Hann window. Rounded to `f32`, where a last bit that one processor's sine
/// has and another's has not cannot show.
fn interpolation() -> [[f32; TAPS]; PHASES - 1] {
    let mut taps = [[0.0; TAPS]; PHASES - 1];
    for (phase, row) in taps.iter_mut().enumerate() {
        let shift = (phase + 1) as f64 / PHASES as f64;
        for (index, tap) in row.iter_mut().enumerate() {
            let distance = index as f64 - (HALF as f64 - 1.0) - shift;
            let window = (PI * distance / TAPS as f64).cos().powi(2);
            *tap = (window * (PI * distance).sin() / (PI * distance)) as f32;
        }
    }
    taps
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebur128::{EbuR128, Mode};
    use proptest::prelude::*;

    fn limit(samples: &[Stereo], ceiling: f32, block: usize) -> (Vec<Stereo>, bool) {
        let mut limiter = Limiter::new(ceiling);
        let mut out = Vec::new();
        for block in samples.chunks(block) {
            limiter.push(block, &mut out);
        }
        limiter.finish(&mut out);
        (out, limiter.limited())
    }

    /// The true peak by another hand's oversampling, run past the end.
    fn true_peak(samples: &[Stereo]) -> f64 {
        let mut meter = EbuR128::new(2, 48_000, Mode::TRUE_PEAK).expect("a meter");
        let mut flat: Vec<f32> = samples.iter().flatten().copied().collect();
        flat.extend([0.0; 256]);
        meter.add_frames_f32(&flat).expect("measured");
        let peak = |side| meter.true_peak(side).expect("a peak");
        peak(0).max(peak(1))
    }

    /// Noise, tones and clicks of every loudness, from a seed.
    fn signal(seed: u32, level: f32, kind: u8, samples: usize) -> Vec<Stereo> {
        let mut state = seed | 1;
        let mut noise = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as f32 / u32::MAX as f32 * 2.0 - 1.0
        };
        let step = 0.001 + (seed % 1000) as f32 * 0.003;
        (0..samples)
            .map(|n| match kind {
                0 => [noise() * level, noise() * level],
                1 => [(n as f32 * step).sin() * level, 0.1 * noise()],
                2 if noise() > 0.99 => [level, -level],
                2 => [0.0, 0.01 * noise()],
                // Full-scale squares near half the sampling rate: the worst
                // overshoot between samples.
                _ => {
                    let sign = if (n as f32 * step).sin() > 0.0 {
                        level
                    } else {
                        -level
                    };
                    [sign, noise().signum() * level]
                }
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn nothing_leaves_above_the_ceiling(
            seed: u32, level in 0.1f32..40.0, kind in 0u8..4, ceiling in 0.2f32..1.0,
            samples in 1usize..6000, block in 1usize..2000,
        ) {
            let source = signal(seed, level, kind, samples);
            let (out, _) = limit(&source, ceiling, block);
            prop_assert_eq!(out.len(), source.len());
            let peak = true_peak(&out);
            prop_assert!(peak <= f64::from(ceiling), "{} above {}", peak, ceiling);
        }

        #[test]
        fn what_stays_below_the_ceiling_is_not_touched(
            seed: u32, kind in 0u8..4, samples in 1usize..4000, block in 1usize..2000,
        ) {
            let source = signal(seed, 1.0, kind, samples);
            let ceiling = true_peak(&source) as f32 * 1.02;
            let (out, limited) = limit(&source, ceiling, block);
            prop_assert!(!limited);
            prop_assert_eq!(out, source);
        }

        #[test]
        fn blocks_do_not_show(seed: u32, samples in 1usize..3000, block in 1usize..500) {
            let source = signal(seed, 3.0, 0, samples);
            prop_assert_eq!(limit(&source, 0.5, block).0, limit(&source, 0.5, samples).0);
        }

        #[test]
        fn the_gain_never_jumps(seed: u32, level in 1.0f32..10.0) {
            // A steady tone of one on the left shows the gain itself wherever
            // the right channel's clicks press it down.
            let mut source = signal(seed, level, 2, 5000);
            for sample in &mut source {
                sample[0] = 0.01;
            }
            let (out, _) = limit(&source, 0.8, 1000);
            for pair in out.windows(2) {
                let step = (pair[1][0] - pair[0][0]).abs() / 0.01;
                prop_assert!(step <= 1.01 / GLIDE as f32, "a step of {}", step);
            }
        }
    }

    #[test]
    fn a_peak_comes_out_where_it_went_in() {
        for position in [0, 1, 239, 1000, 4999] {
            let mut source = vec![[0.0f32; 2]; 5000];
            source[position] = [4.0, -4.0];
            let (out, limited) = limit(&source, 0.8, 777);
            assert!(limited);
            let loudest = (0..5000).max_by(|&a, &b| out[a][0].total_cmp(&out[b][0]));
            assert_eq!(loudest, Some(position));
            assert!(out[position][0] > 0.7, "{:?}", out[position]);
        }
    }

    #[test]
    fn a_few_bangs_are_limited_and_a_wall_of_sound_is_crushed() {
        let crushes = |every: usize| {
            let mut limiter = Limiter::new(0.5);
            let mut samples = vec![[0.1f32; 2]; 96_000];
            for position in (100..96_000).step_by(every) {
                samples[position] = [2.0; 2];
            }
            limiter.push(&samples, &mut Vec::new());
            assert!(limiter.limited());
            limiter.crushes()
        };
        assert!(!crushes(48_000));
        assert!(crushes(2_000));
    }

    #[test]
    fn the_gain_is_one_again_some_time_after_a_peak() {
        let mut source = vec![[0.25f32, -0.25]; 96_000];
        source[10_000] = [8.0, 0.0];
        let (out, _) = limit(&source, 0.8, 4096);
        assert_eq!(out[..9000], source[..9000]);
        assert_eq!(out[80_000..], source[80_000..]);
    }
}
