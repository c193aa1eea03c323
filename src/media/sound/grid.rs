//! Decoded samples laid on the clip's clock: each block at the place its time
//! stamp says, gaps filled with silence, overlaps dropped, and the whole
//! resampled to 48 kHz without losing count.
//!
//! Positions are whole samples from the clip's time zero, at the source's rate
//! (`Source` positions) or at 48 kHz. Nothing here reads or decodes.

#![allow(
    unsafe_code,
    reason = "the resampler's safe binding allocates a frame per call and hides its counts"
)]

use super::{SAMPLE_RATE, Stereo};
use crate::media::error::{During, MediaError};
use crate::values::time::Rational;
use ffmpeg::format::sample::{Sample, Type};
use ffmpeg_next as ffmpeg;
use std::ffi::c_int;

/// Where finished samples go.
pub type Sink<'a> = dyn FnMut(&[Stereo]) -> Result<(), MediaError> + 'a;

/// Samples of silence that are written at once.
const SILENCE: [Stereo; 1024] = [[0.0; 2]; 1024];

/// Time stamps of phones and of containers with a coarse clock tremble by a
/// few milliseconds round the true sample count. Up to this many seconds the
/// count is believed, and there is neither a gap nor an overlap.
const TREMBLE: (i64, i64) = (4, 1000);

/// Lays one range of a clip, `from` to `to` at 48 kHz.
pub struct Grid {
    rate: u32,
    resampler: Option<Resampler>,
    /// Largest distance at which a time stamp is put down to trembling.
    tolerance: i64,
    /// Position of the next source sample to be laid.
    next: i64,
    /// Where a block without a time stamp belongs: after the one before.
    follows: Option<i64>,
    /// Position of the next sample that leaves, at 48 kHz.
    leaving: i64,
    from: i64,
    to: i64,
    /// Source samples that the resampler looks at on either side of a point.
    margin: i64,
    started: bool,
}

impl Grid {
    /// A grid for sound at `rate`, whose time stamps count in `tick` seconds.
    pub fn new(rate: u32, tick: Rational, from: i64, to: i64) -> Result<Grid, MediaError> {
        let source = i64::from(rate);
        let wanted = i64::from(SAMPLE_RATE);
        let resampler = (rate != SAMPLE_RATE)
            .then(|| Resampler::new(rate))
            .transpose()?;
        let margin = match resampler {
            Some(_) => 64 + 64 * source / wanted,
            None => 0,
        };
        // The resampler starts where both rates meet in a whole sample, so
        // that its first output stands at an exact position, the same
        // whichever range is asked for.
        let common = gcd(source, wanted);
        let step = source / common;
        let start = (floor_scale(from, source, wanted) - margin).div_euclid(step) * step;
        let two_ticks = (tick * Rational::integer(2 * source)).ceil();
        let tremble = source * TREMBLE.0 / TREMBLE.1;
        Ok(Grid {
            rate,
            resampler,
            tolerance: tremble.max(two_ticks.min(10 * tremble)) + 1,
            next: start,
            follows: None,
            leaving: start / step * (wanted / common),
            from,
            to,
            margin,
            started: false,
        })
    }

    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The first source position that matters to the range.
    pub fn first(&self) -> i64 {
        floor_scale(self.from, i64::from(self.rate), i64::from(SAMPLE_RATE)) - self.margin
    }

    /// Whether any decoded sample has been laid.
    pub fn has_started(&self) -> bool {
        self.started
    }

    /// Whether everything that the range needs has been laid.
    pub fn is_complete(&self) -> bool {
        self.next >= self.last()
    }

    /// Where what was laid ends, at 48 kHz.
    pub fn laid_until(&self) -> i64 {
        floor_scale(self.next, i64::from(SAMPLE_RATE), i64::from(self.rate))
            .clamp(self.from, self.to)
    }

    fn last(&self) -> i64 {
        -floor_scale(-self.to, i64::from(self.rate), i64::from(SAMPLE_RATE)) + self.margin
    }

    /// Lays a decoded block. `at` is the position its time stamp says; without
    /// one it follows the block before, and the first of all is left out.
    pub fn lay(
        &mut self,
        at: Option<i64>,
        block: &[Stereo],
        sink: &mut Sink<'_>,
    ) -> Result<(), MediaError> {
        let Some(at) = at.or(self.follows) else {
            return Ok(());
        };
        let off = at.saturating_sub(self.next);
        let trembles = self.started && off.abs() <= self.tolerance;
        if off > 0 && !trembles {
            self.silence_until(at.min(self.last()), sink)?;
        }
        let overlap = if off < 0 && !trembles {
            usize::try_from(off.unsigned_abs()).unwrap_or(usize::MAX)
        } else {
            0
        };
        let Some(block) = block.get(overlap..).filter(|block| !block.is_empty()) else {
            self.follows = Some(at.saturating_add(block.len() as i64));
            return Ok(());
        };
        self.started = true;
        self.feed(block, sink)?;
        self.follows = Some(self.next);
        Ok(())
    }

    /// Ends the sound here, with silence where any is missing, so that all
    /// samples up to `until` (at 48 kHz) leave.
    pub fn finish(&mut self, until: i64, sink: &mut Sink<'_>) -> Result<(), MediaError> {
        self.to = until.clamp(self.from, self.to);
        self.silence_until(self.last(), sink)
    }

    fn silence_until(&mut self, position: i64, sink: &mut Sink<'_>) -> Result<(), MediaError> {
        while self.next < position {
            let missing = usize::try_from(position - self.next).unwrap_or(usize::MAX);
            self.feed(&SILENCE[..missing.min(SILENCE.len())], sink)?;
        }
        Ok(())
    }

    fn feed(&mut self, block: &[Stereo], sink: &mut Sink<'_>) -> Result<(), MediaError> {
        self.next += block.len() as i64;
        match self.resampler.as_mut() {
            None => {
                let placed = self.leaving;
                self.leaving += block.len() as i64;
                emit(block, placed, self.from, self.to, sink)
            }
            Some(resampler) => {
                let resampled = resampler.run(block)?;
                let placed = self.leaving;
                self.leaving += resampled.len() as i64;
                emit(resampled, placed, self.from, self.to, sink)
            }
        }
    }
}

/// Hands on the part of a block, standing at `placed`, that lies in the range.
fn emit(
    block: &[Stereo],
    placed: i64,
    from: i64,
    to: i64,
    sink: &mut Sink<'_>,
) -> Result<(), MediaError> {
    let length = block.len() as i64;
    let start = (from - placed).clamp(0, length) as usize;
    let end = (to - placed).clamp(0, length) as usize;
    if start < end {
        sink(&block[start..end])?;
    }
    Ok(())
}

/// floor(value × up / down), exactly.
fn floor_scale(value: i64, up: i64, down: i64) -> i64 {
    (i128::from(value) * i128::from(up)).div_euclid(i128::from(down)) as i64
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// libswresample from one rate to 48 kHz, stereo floats on both sides.
struct Resampler {
    context: ffmpeg::software::resampling::Context,
    out: Vec<Stereo>,
}

impl Resampler {
    fn new(rate: u32) -> Result<Resampler, MediaError> {
        let format = Sample::F32(Type::Packed);
        let stereo = ffmpeg::ChannelLayout::STEREO;
        let mut options = ffmpeg::Dictionary::new();
        // A long filter, and steps of exactly the ratio of both rates: no
        // drift, however long the clip.
        options.set("filter_size", "64");
        options.set("exact_rational", "1");
        let context = ffmpeg::software::resampling::Context::get_with(
            format,
            stereo,
            rate,
            format,
            stereo,
            SAMPLE_RATE,
            options,
        )
        .during("open the resampler")?;
        Ok(Resampler {
            context,
            out: Vec::new(),
        })
    }

    fn run(&mut self, block: &[Stereo]) -> Result<&[Stereo], MediaError> {
        let count = c_int::try_from(block.len())
            .map_err(|_| MediaError::new("resample", "a block too long"))?;
        // SAFETY: the context is open; the call only computes a bound.
        let room = unsafe { ffmpeg::ffi::swr_get_out_samples(self.context.as_mut_ptr(), count) };
        if room < 0 {
            return Err(MediaError::new("resample", ffmpeg::Error::from(room)));
        }
        self.out.resize(room as usize, [0.0; 2]);
        let mut output = self.out.as_mut_ptr().cast::<u8>();
        let mut input = block.as_ptr().cast::<u8>();
        // SAFETY: both sides are interleaved stereo floats, as the context was
        // opened for; `block` holds `count` of them and `out` room for `room`.
        let made = unsafe {
            ffmpeg::ffi::swr_convert(
                self.context.as_mut_ptr(),
                &mut output,
                room,
                &mut input,
                count,
            )
        };
        if made < 0 {
            return Err(MediaError::new("resample", ffmpeg::Error::from(made)));
        }
        Ok(&self.out[..made as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lays blocks of counted samples (their value is their number plus one)
    /// and gives what leaves, silence as zero.
    fn laid(from: i64, to: i64, blocks: &[(Option<i64>, std::ops::Range<u32>)]) -> Vec<u32> {
        let tick = Rational::new(1, 48_000).expect("a tick");
        let mut grid = Grid::new(48_000, tick, from, to).expect("a grid");
        let mut out = Vec::new();
        let mut sink = |block: &[Stereo]| {
            out.extend(block.iter().map(|sample| sample[0] as u32));
            Ok(())
        };
        for (at, numbers) in blocks {
            let block: Vec<Stereo> = numbers.clone().map(|n| [n as f32 + 1.0; 2]).collect();
            grid.lay(*at, &block, &mut sink).expect("laid");
        }
        grid.finish(to, &mut sink).expect("finished");
        assert_eq!(out.len() as i64, to - from);
        out
    }

    #[test]
    fn a_gap_is_silent_and_an_overlap_is_heard_once() {
        let out = laid(0, 4000, &[(Some(0), 0..1000), (Some(2000), 2000..3000)]);
        assert!((0..1000).all(|n| out[n] == n as u32 + 1));
        assert!(out[1000..2000].iter().all(|n| *n == 0));
        assert!((2000..3000).all(|n| out[n] == n as u32 + 1));
        assert!(out[3000..].iter().all(|n| *n == 0));

        let out = laid(0, 2500, &[(Some(0), 0..2000), (Some(1500), 1500..2500)]);
        assert!((0..2500).all(|n| out[n] == n as u32 + 1));
    }

    #[test]
    fn trembling_time_stamps_change_nothing() {
        // As phones write them: a few milliseconds early or late, never adding up.
        let tremble = [0, 90, -120, 150, -60, 180];
        let blocks: Vec<_> = tremble
            .iter()
            .enumerate()
            .map(|(n, off)| {
                let at = n as u32 * 1024;
                (Some(i64::from(at) + off), at..at + 1024)
            })
            .collect();
        let out = laid(0, 6144, &blocks);
        assert!((0..6144).all(|n| out[n] == n as u32 + 1));
    }

    #[test]
    fn a_clock_that_runs_away_is_followed_within_a_tremble() {
        // One part in a hundred fast: after 60 blocks it would be 12 ms off.
        let blocks: Vec<_> = (0..60u32)
            .map(|n| (Some(i64::from(n) * 1034), n * 1024..(n + 1) * 1024))
            .collect();
        let out = laid(0, 60 * 1034, &blocks);
        for n in 0..60i64 {
            let first = out
                .iter()
                .position(|number| i64::from(*number) == n * 1024 + 1);
            let first = first.expect("every block is heard") as i64;
            assert!((first - n * 1034).abs() <= 48 * 4 + 1, "{n}: {first}");
        }
    }

    #[test]
    fn blocks_without_time_stamps_follow_the_one_before() {
        let out = laid(
            500,
            3500,
            &[
                (None, 9000..9100),
                (Some(0), 0..300),
                (None, 300..2000),
                (None, 2000..4000),
            ],
        );
        assert!((0..3000).all(|n| out[n] == n as u32 + 501));
    }

    #[test]
    fn absurd_time_stamps_end_in_silence_not_in_overflow() {
        let out = laid(0, 100, &[(Some(1 << 51), 0..10), (Some(-(1 << 51)), 0..10)]);
        assert!(out.iter().all(|n| *n == 0));
    }

    #[test]
    fn resampled_sound_is_as_long_as_asked_at_every_rate() {
        for rate in [
            7_999u32, 11_025, 22_050, 44_100, 44_101, 48_000, 88_200, 192_000,
        ] {
            for (from, to) in [(0, 1), (12_345, 22_346), (-500, 500)] {
                let tick = Rational::new(1, i64::from(rate)).expect("a tick");
                let mut grid = Grid::new(rate, tick, from, to).expect("a grid");
                let mut count = 0;
                let mut sink = |block: &[Stereo]| {
                    count += block.len() as i64;
                    Ok(())
                };
                let first = grid.first();
                grid.lay(Some(first), &[[0.5; 2]; 3000], &mut sink)
                    .expect("laid");
                grid.finish(to, &mut sink).expect("finished");
                assert_eq!(count, to - from, "{rate}");
            }
        }
    }
}
