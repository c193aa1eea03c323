//! Ranges of a clip's sound, decoded to the exact sample: stereo, 48 kHz, as
//! many samples as were asked for, in blocks, never the whole in memory.
//!
//! Only the clip's clock counts here: where a range ends up in the capsule, its
//! fades and its loudness are the caller's.

#![allow(
    unsafe_code,
    reason = "channel mixing of decoded planes and the choice of streams have no safe binding"
)]

use super::grid::{Grid, Sink};
use super::{SAMPLE_RATE, Stereo};
use crate::media::error::{During, MediaError};
use crate::media::input;
use crate::values::time::Rational;
use ffmpeg::format::context::Input;
use ffmpeg::format::sample::{Sample, Type};
use ffmpeg_next as ffmpeg;
use std::ffi::c_int;

/// The track that is heard, and where its clip's clock reads zero.
#[derive(Clone, Copy, Debug)]
pub struct Track {
    /// Index of the stream in the container.
    pub stream: usize,
    /// The container's time at which the clip's clock reads zero.
    pub clock_zero: Rational,
}

/// Where decoding starts before a range, in seconds, tried in turn: a seek may
/// land too late, and coded sound needs a run-up. `None` is the clip's start.
const RUN_UPS: [Option<i64>; 3] = [Some(1), Some(15), None];

/// Unreadable packets in a row after which the rest of a clip is given up.
const HOPELESS: u32 = 64;

/// Sends the `samples` samples that follow `start` (seconds on the clip's
/// clock) to `sink`: exactly as many, silence standing for what the clip does
/// not have. Gives the number of damaged packets met in the range.
pub fn read_range(
    input: &mut Input,
    track: Track,
    start: Rational,
    samples: u64,
    sink: &mut Sink<'_>,
) -> Result<u32, MediaError> {
    let from = (start * Rational::integer(i64::from(SAMPLE_RATE))).round();
    let length = i64::try_from(samples)
        .map_err(|_| MediaError::new("read the sound", "a range too long"))?;
    let range = (from, from.saturating_add(length));
    let heard_before = listen_only_to(input, track.stream);
    let read = read_with_run_ups(input, track, start, range, sink);
    restore(input, &heard_before);
    read.map(|(damaged, _)| damaged)
}

/// The same from the track's first sample. Gives how many samples there are: the
/// rest of what was asked for is silence.
pub fn read_from_start(
    input: &mut Input,
    track: Track,
    samples: u64,
    sink: &mut Sink<'_>,
) -> Result<u64, MediaError> {
    let length = i64::try_from(samples)
        .map_err(|_| MediaError::new("read the sound", "a range too long"))?;
    let read = read_with_run_ups(input, track, Rational::ZERO, (0, length), sink);
    read.map(|(_, until)| u64::try_from(until).unwrap_or(0))
}

/// Sound below this is what a socket without a microphone gives, about −66 dBFS.
pub(super) const INAUDIBLE: f32 = 0.0005;

/// Whether a track has anything to hear; `start` in container time. Sound that
/// cannot be read is none. Stops at the first loud sample.
pub fn is_audible(input: &mut Input, stream: usize, start: Rational, length: Rational) -> bool {
    let track = Track {
        stream,
        clock_zero: start,
    };
    let samples = (length * Rational::integer(i64::from(SAMPLE_RATE))).ceil();
    let mut heard = false;
    let read = read_range(
        input,
        track,
        Rational::ZERO,
        u64::try_from(samples).unwrap_or(0),
        &mut |block| {
            heard = block.as_flattened().iter().any(|s| s.abs() > INAUDIBLE);
            if heard {
                // The rest need not be decoded.
                return Err(MediaError::new("listen", "heard"));
            }
            Ok(())
        },
    );
    heard && read.is_err()
}

fn read_with_run_ups(
    input: &mut Input,
    track: Track,
    start: Rational,
    range: (i64, i64),
    sink: &mut Sink<'_>,
) -> Result<(u32, i64), MediaError> {
    for run_up in RUN_UPS {
        // A run-up that begins before the clip does is the clip's start.
        let wanted = run_up
            .map(|seconds| start - Rational::integer(seconds))
            .filter(|wanted| *wanted > Rational::ZERO);
        let from_start = wanted.is_none();
        match wanted {
            Some(wanted) if !seek(input, wanted + track.clock_zero) => continue,
            Some(_) => {}
            None => rewind(input, track.stream)?,
        }
        if let Landing::Read { damaged, until } =
            read_from_here(input, track, range, from_start, sink)?
        {
            return Ok((damaged, until));
        }
    }
    Err(MediaError::new(
        "read the sound",
        "the clip's start cannot be reached",
    ))
}

/// Whether a seek landed early enough for the range.
enum Landing {
    TooLate,
    /// `until`: where the clip's own sound ends, within the range.
    Read {
        damaged: u32,
        until: i64,
    },
}

/// What a decoder answers when asked for a frame.
enum Flow {
    Item,
    NeedsInput,
    Drained,
    Damaged,
}

fn read_from_here(
    input: &mut Input,
    track: Track,
    (from, to): (i64, i64),
    from_start: bool,
    sink: &mut Sink<'_>,
) -> Result<Landing, MediaError> {
    let clock = Clock::of(input, track)?;
    let mut decoder = open_decoder(input, track.stream)?;
    let mut mixer: Option<Mixer> = None;
    let mut grid: Option<Grid> = None;
    let mut laid_until = from;
    let mut damaged = 0u32;
    let mut in_range = false;
    let mut unheard = None;

    loop {
        let mut frame = ffmpeg::frame::Audio::empty();
        match receive(&mut decoder, &mut frame)? {
            Flow::Item => {
                let Some(shape) = Shape::of(&frame) else {
                    damaged += u32::from(in_range);
                    continue;
                };
                let position = frame.pts().or(frame.timestamp());
                if mixer.as_ref().is_none_or(|mixer| mixer.shape != shape) {
                    match Mixer::new(shape) {
                        Ok(fitting) => mixer = Some(fitting),
                        // A damaged header may claim any speakers. Only sound
                        // that is like that throughout cannot be heard.
                        Err(error) => {
                            damaged += u32::from(in_range);
                            unheard = Some(error);
                            continue;
                        }
                    }
                }
                if grid.as_ref().is_none_or(|grid| grid.rate() != shape.rate) {
                    // Sound that changes its rate goes on in a grid of its own.
                    let begins = position.and_then(|pts| clock.position(pts, SAMPLE_RATE));
                    if let Some(grid) = grid.as_mut() {
                        laid_until = begins.unwrap_or(laid_until).clamp(laid_until, to);
                        grid.finish(laid_until, sink)?;
                    }
                    grid = Some(Grid::new(shape.rate, clock.tick, laid_until, to)?);
                }
                let (Some(mixer), Some(grid)) = (mixer.as_mut(), grid.as_mut()) else {
                    continue;
                };
                let at = position.and_then(|pts| clock.position(pts, shape.rate));
                let too_late = at.is_some_and(|at| at > grid.first());
                let nothing_yet = laid_until == from && !grid.has_started();
                if !from_start && nothing_yet && too_late {
                    return Ok(Landing::TooLate);
                }
                grid.lay(at, mixer.run(&frame)?, sink)?;
                if grid.is_complete() {
                    return Ok(Landing::Read { damaged, until: to });
                }
            }
            Flow::NeedsInput => match next_packet(input, track.stream)? {
                Some(packet) => {
                    in_range = clock.ends_after(&packet, from);
                    if send(&mut decoder, &packet)?.is_damaged() {
                        damaged += u32::from(in_range);
                    }
                }
                None => decoder.send_eof().during("drain the sound decoder")?,
            },
            Flow::Damaged => damaged += u32::from(in_range),
            Flow::Drained => break,
        }
    }
    let mut grid = match (grid, unheard) {
        (Some(grid), _) => grid,
        (None, Some(error)) => return Err(error),
        (None, None) if !from_start => return Ok(Landing::TooLate),
        (None, None) => Grid::new(SAMPLE_RATE, clock.tick, from, to)?,
    };
    let until = if grid.has_started() {
        grid.laid_until()
    } else {
        from
    };
    grid.finish(to, sink)?;
    Ok(Landing::Read { damaged, until })
}

/// From the container's time stamps to the clip's clock.
struct Clock {
    tick: Rational,
    zero: Rational,
}

impl Clock {
    fn of(input: &Input, track: Track) -> Result<Clock, MediaError> {
        let tick = input
            .stream(track.stream)
            .map(|stream| stream.time_base())
            .and_then(|tick| {
                Rational::new(i64::from(tick.numerator()), i64::from(tick.denominator()))
            })
            .ok_or_else(|| MediaError::new("read the sound", "no such stream"))?;
        Ok(Clock {
            tick,
            zero: track.clock_zero,
        })
    }

    /// The nearest sample of that rate; `None` for a time stamp so far out
    /// that it means nothing.
    fn position(&self, pts: i64, rate: u32) -> Option<i64> {
        let tick = (i128::from(self.tick.num()), i128::from(self.tick.den()));
        let zero = (i128::from(self.zero.num()), i128::from(self.zero.den()));
        let up = i128::from(pts)
            .checked_mul(tick.0)?
            .checked_mul(zero.1)?
            .checked_sub(zero.0.checked_mul(tick.1)?)?
            .checked_mul(2 * i128::from(rate))?;
        let down = tick.1.checked_mul(zero.1)?;
        let nearest = up.checked_add(down)?.div_euclid(2 * down);
        // A thousand years of samples: far beyond any clip, far from overflow.
        i64::try_from(nearest)
            .ok()
            .filter(|position| position.unsigned_abs() < 1 << 52)
    }

    /// Whether a packet's sound ends after a position at 48 kHz. Without a
    /// time stamp nobody knows, and it counts.
    fn ends_after(&self, packet: &ffmpeg::Packet, from: i64) -> bool {
        packet
            .pts()
            .and_then(|pts| self.position(pts.saturating_add(packet.duration()), SAMPLE_RATE))
            .is_none_or(|end| end > from)
    }
}

fn open_decoder(input: &Input, stream: usize) -> Result<ffmpeg::decoder::Opened, MediaError> {
    const OPEN: &str = "open the sound decoder";
    let stream = input
        .stream(stream)
        .ok_or_else(|| MediaError::new(OPEN, "no such stream"))?;
    let mut context = ffmpeg::codec::Context::from_parameters(stream.parameters()).during(OPEN)?;
    context.set_threading(ffmpeg::threading::Config::count(1));
    context.set_flags(ffmpeg::codec::Flags::BITEXACT);
    let codec = ffmpeg::decoder::find(stream.parameters().id())
        .filter(|codec| input::allows(codec.name()))
        .ok_or_else(|| MediaError::new(OPEN, ffmpeg::Error::DecoderNotFound))?;
    let mut decoder = context.decoder();
    // With it the decoder moves time stamps along when it drops priming.
    decoder.set_packet_time_base(stream.time_base());
    let options = input::decoder_options();
    decoder.open_as_with(codec, options).during(OPEN)
}

fn receive(
    decoder: &mut ffmpeg::decoder::Opened,
    frame: &mut ffmpeg::frame::Audio,
) -> Result<Flow, MediaError> {
    match decoder.receive_frame(frame) {
        Ok(()) => Ok(Flow::Item),
        Err(ffmpeg::Error::Eof) => Ok(Flow::Drained),
        Err(ffmpeg::Error::Other {
            errno: ffmpeg::error::EAGAIN,
        }) => Ok(Flow::NeedsInput),
        Err(error) if is_damage(error) => Ok(Flow::Damaged),
        Err(error) => Err(MediaError::new("decode the sound", error)),
    }
}

/// What became of a packet.
enum Sent {
    Taken,
    Damaged,
}

impl Sent {
    fn is_damaged(&self) -> bool {
        matches!(self, Sent::Damaged)
    }
}

fn send(
    decoder: &mut ffmpeg::decoder::Opened,
    packet: &ffmpeg::Packet,
) -> Result<Sent, MediaError> {
    match decoder.send_packet(packet) {
        Ok(()) => Ok(Sent::Taken),
        Err(error) if is_damage(error) => Ok(Sent::Damaged),
        Err(error) => Err(MediaError::new("decode the sound", error)),
    }
}

/// Whether an error is the packet's fault: its time then stays silent. What
/// remains is the machine's, or ours. Decoders have error numbers of their own,
/// so the list names the others.
fn is_damage(error: ffmpeg::Error) -> bool {
    !matches!(
        error,
        ffmpeg::Error::Eof
            | ffmpeg::Error::Exit
            | ffmpeg::Error::Bug
            | ffmpeg::Error::Bug2
            | ffmpeg::Error::Other {
                errno: ffmpeg::error::ENOMEM | ffmpeg::error::EAGAIN
            }
    )
}

/// The track's next packet, or `None` at the clip's end.
fn next_packet(input: &mut Input, stream: usize) -> Result<Option<ffmpeg::Packet>, MediaError> {
    let mut unreadable = 0;
    loop {
        let mut packet = ffmpeg::Packet::empty();
        match packet.read(input) {
            // An empty packet would tell the decoder that the clip has ended.
            Ok(()) if packet.stream() == stream && packet.size() > 0 => return Ok(Some(packet)),
            Ok(()) => {}
            Err(ffmpeg::Error::Eof) => return Ok(None),
            Err(ffmpeg::Error::InvalidData) if unreadable < HOPELESS => unreadable += 1,
            Err(ffmpeg::Error::InvalidData) => return Ok(None),
            Err(error) => return Err(MediaError::new("read the sound", error)),
        }
    }
}

/// Goes to a container time or before; `false` when the container cannot.
fn seek(input: &mut Input, seconds: Rational) -> bool {
    let microseconds = (seconds * Rational::integer(1_000_000)).floor();
    input.seek(microseconds, ..microseconds).is_ok()
}

/// Goes to the clip's first byte of sound.
fn rewind(input: &mut Input, stream: usize) -> Result<(), MediaError> {
    // SAFETY: reads one integer of an open context.
    let start = unsafe { (*input.as_ptr()).start_time };
    let start = if start == ffmpeg::ffi::AV_NOPTS_VALUE {
        0
    } else {
        start
    };
    // Sound that is to be skipped stands before the container's start.
    let early = start.saturating_sub(1_000_000);
    if input.seek(early, ..start).is_ok() || input.seek(start, ..).is_ok() {
        return Ok(());
    }
    // The picture may have no index where the sound has one, and a container
    // without any has its first byte.
    let any = i64::MIN..=i64::MAX;
    let stream = c_int::try_from(stream).unwrap_or(-1);
    seek_file(input, stream, 0, any, 0)
        .or_else(|_| seek_file(input, -1, 0, 0..=0, ffmpeg::ffi::AVSEEK_FLAG_BYTE as c_int))
        .during("go to the clip's start")
}

fn seek_file(
    input: &mut Input,
    stream: c_int,
    to: i64,
    within: std::ops::RangeInclusive<i64>,
    flags: c_int,
) -> Result<(), ffmpeg::Error> {
    // SAFETY: the context is open and everything else is passed by value;
    // FFmpeg itself refuses a stream that the context does not have.
    let result = unsafe {
        ffmpeg::ffi::avformat_seek_file(
            input.as_mut_ptr(),
            stream,
            *within.start(),
            to,
            *within.end(),
            flags,
        )
    };
    if result < 0 {
        return Err(ffmpeg::Error::from(result));
    }
    Ok(())
}

/// Lets the container pass over every other stream, and returns what it read
/// before: pictures are most of a clip's bytes.
fn listen_only_to(input: &mut Input, stream: usize) -> Vec<ffmpeg::ffi::AVDiscard> {
    let mut before = Vec::new();
    for mut other in input.streams_mut() {
        // SAFETY: the stream belongs to the open context that `input` borrows.
        let other = unsafe { &mut *other.as_mut_ptr() };
        before.push(other.discard);
        other.discard = if other.index as usize == stream {
            ffmpeg::ffi::AVDiscard::AVDISCARD_DEFAULT
        } else {
            ffmpeg::ffi::AVDiscard::AVDISCARD_ALL
        };
    }
    before
}

fn restore(input: &mut Input, before: &[ffmpeg::ffi::AVDiscard]) {
    for (mut stream, &discard) in input.streams_mut().zip(before) {
        // SAFETY: the stream belongs to the open context that `input` borrows.
        unsafe { (*stream.as_mut_ptr()).discard = discard };
    }
}

/// How a decoded frame's samples lie.
#[derive(Clone, Copy, PartialEq)]
struct Shape {
    format: Sample,
    channels: u16,
    layout: ffmpeg::ChannelLayout,
    /// Nobody knows where its channels belong: each may be a microphone, and is
    /// heard on both sides as it is.
    is_even: bool,
    rate: u32,
}

impl Shape {
    /// `None` for a frame that no sane clip has.
    fn of(frame: &ffmpeg::frame::Audio) -> Option<Shape> {
        let (channels, rate) = (frame.channels(), frame.rate());
        let sane = (1..=64).contains(&channels) && (4_000..=768_000).contains(&rate);
        let named = frame.channel_layout();
        // SAFETY: a plain field of a live frame.
        let order = unsafe { (*frame.as_ptr()).ch_layout.order };
        let is_known = order == ffmpeg::ffi::AVChannelOrder::AV_CHANNEL_ORDER_NATIVE;
        let layout = match channels {
            // Two channels are left and right, whatever the container calls them.
            2 => ffmpeg::ChannelLayout::STEREO,
            1 => ffmpeg::ChannelLayout::MONO,
            count if is_known && named.channels() == i32::from(count) => named,
            count => ffmpeg::ChannelLayout::default(i32::from(count)),
        };
        let format = frame.format();
        (sane && format != Sample::None).then_some(Shape {
            format,
            channels,
            layout,
            // Six are 5.1 wherever nobody says otherwise.
            is_even: channels > 2 && channels != 6 && !is_known,
            rate,
        })
    }
}

impl Shape {
    /// Whether its channels are added up here, not mixed by their speakers.
    fn is_apart(&self) -> bool {
        self.channels == 1 || self.is_even
    }
}

/// Turns frames of one shape into stereo floats at the rate they have.
struct Mixer {
    shape: Shape,
    context: ffmpeg::software::resampling::Context,
    /// Of sound that is not mixed by its speakers: a sample of every channel,
    /// then the next.
    apart: Vec<f32>,
    stereo: Vec<Stereo>,
}

impl Mixer {
    fn new(shape: Shape) -> Result<Mixer, MediaError> {
        let out = if shape.is_apart() {
            shape.layout
        } else {
            ffmpeg::ChannelLayout::STEREO
        };
        // Mixed down with the coefficients of BS.775 (low frequencies left
        // out), and not scaled: a voice in one channel keeps its level. What
        // then goes beyond full scale is no loss in floats; loudness is
        // brought to its target, and peaks are limited, after this.
        let mut options = ffmpeg::Dictionary::new();
        options.set("internal_sample_fmt", "fltp");
        options.set("rematrix_maxval", "1000");
        let context = ffmpeg::software::resampling::Context::get_with(
            shape.format,
            shape.layout,
            shape.rate,
            Sample::F32(Type::Packed),
            out,
            shape.rate,
            options,
        )
        .during("mix the sound down to stereo")?;
        Ok(Mixer {
            shape,
            context,
            apart: Vec::new(),
            stereo: Vec::new(),
        })
    }

    fn run(&mut self, frame: &ffmpeg::frame::Audio) -> Result<&[Stereo], MediaError> {
        let samples = frame.samples();
        let is_apart = self.shape.is_apart();
        let channels = usize::from(self.shape.channels);
        self.stereo.resize(samples, [0.0; 2]);
        let room = if is_apart { samples * channels } else { 0 };
        self.apart.resize(room, 0.0);
        let mut output = if is_apart {
            self.apart.as_mut_ptr().cast::<u8>()
        } else {
            self.stereo.as_mut_ptr().cast::<u8>()
        };
        // SAFETY: the context was opened for this frame's format and number of
        // channels, whose planes `extended_data` points to; the output has
        // room for as many samples, and nothing is held back at equal rates.
        let made = unsafe {
            ffmpeg::ffi::swr_convert(
                self.context.as_mut_ptr(),
                &mut output,
                samples as c_int,
                (*frame.as_ptr()).extended_data.cast::<*const u8>(),
                samples as c_int,
            )
        };
        if made < 0 {
            return Err(MediaError::new(
                "mix the sound down to stereo",
                ffmpeg::Error::from(made),
            ));
        }
        let made = made as usize;
        if is_apart {
            let moments = self.apart.chunks_exact(channels);
            for (both, moment) in self.stereo.iter_mut().zip(moments) {
                *both = [moment.iter().sum(); 2];
            }
        }
        let mixed = &mut self.stereo[..made];
        // Broken float sound may hold what is not a number, and one such
        // sample would poison every filter after it.
        for side in mixed.as_flattened_mut() {
            if !side.is_finite() {
                *side = 0.0;
            }
        }
        Ok(mixed)
    }
}
