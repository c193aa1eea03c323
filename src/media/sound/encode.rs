//! AAC-LC by FFmpeg's own encoder, starting at zero without an edit list, and
//! the decoder that hears what a listener will hear.
//!
//! AAC frames overlap by half, so the very first 1024 samples (21 ms) lack
//! their other half and come out with an echo of themselves; everything after
//! them is exact. A capsule starts with a silent card or with a fade, which
//! hides it.

#![allow(
    unsafe_code,
    reason = "a codec's configuration record has no safe binding"
)]

use super::grid::Sink;
use super::{SAMPLE_RATE, Stereo};
use crate::media::error::{During, MediaError};
use ffmpeg::format::sample::{Sample, Type};
use ffmpeg_next as ffmpeg;

/// Samples in one AAC frame.
pub const FRAME_SAMPLES: u32 = 1024;

/// A whole AAC track. Its first packet starts at time zero; every packet lasts
/// `frame_samples`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EncodedAudio {
    pub sample_rate: u32,
    pub channels: u16,
    pub frame_samples: u32,
    /// The AudioSpecificConfig that containers carry.
    pub config: Vec<u8>,
    /// All packets, one after the other.
    pub bytes: Vec<u8>,
    /// The length of each packet.
    pub lengths: Vec<u32>,
}

impl EncodedAudio {
    pub fn packets(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.as_slice();
        self.lengths.iter().map(move |&length| {
            let (packet, after) = rest.split_at(length as usize);
            rest = after;
            packet
        })
    }

    /// Samples that a decoder gives: those that went in, and silence up to the
    /// end of the last frame.
    pub fn samples(&self) -> u64 {
        self.lengths.len() as u64 * u64::from(self.frame_samples)
    }
}

/// Takes samples in blocks of any size and encodes them.
pub struct Encoder {
    encoder: ffmpeg::encoder::audio::Encoder,
    pending: Vec<Stereo>,
    /// Samples taken so far.
    taken: i64,
    /// Packets that came out, the dropped first one included.
    came_out: u64,
    encoded: EncodedAudio,
}

impl Encoder {
    pub fn new(kbps: u32) -> Result<Encoder, MediaError> {
        const OPEN: &str = "open the AAC encoder";
        let codec = ffmpeg::encoder::find_by_name("aac")
            .ok_or_else(|| MediaError::new(OPEN, ffmpeg::Error::EncoderNotFound))?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        context.set_threading(ffmpeg::threading::Config::count(1));
        context.set_flags(ffmpeg::codec::Flags::BITEXACT | ffmpeg::codec::Flags::GLOBAL_HEADER);
        context.set_time_base((1, SAMPLE_RATE as i32));
        let mut audio = context.encoder().audio().during(OPEN)?;
        audio.set_rate(SAMPLE_RATE as i32);
        audio.set_channel_layout(ffmpeg::ChannelLayout::STEREO);
        audio.set_channels(2);
        audio.set_format(Sample::F32(Type::Planar));
        audio.set_bit_rate(kbps as usize * 1000);
        let encoder = audio.open_as(codec).during(OPEN)?;
        if encoder.frame_size() != FRAME_SAMPLES {
            return Err(MediaError::new(OPEN, "frames of an unknown length"));
        }
        // SAFETY: an open encoder owns `extradata_size` bytes at `extradata`,
        // which may be null when there are none.
        let config = unsafe {
            let context = &*encoder.as_ptr();
            if context.extradata.is_null() {
                Vec::new()
            } else {
                let length = usize::try_from(context.extradata_size).unwrap_or(0);
                std::slice::from_raw_parts(context.extradata, length).to_vec()
            }
        };
        if config.is_empty() {
            return Err(MediaError::new(OPEN, "no AudioSpecificConfig"));
        }
        Ok(Encoder {
            encoder,
            pending: Vec::with_capacity(2 * FRAME_SAMPLES as usize),
            taken: 0,
            came_out: 0,
            encoded: EncodedAudio {
                sample_rate: SAMPLE_RATE,
                channels: 2,
                frame_samples: FRAME_SAMPLES,
                config,
                bytes: Vec::new(),
                lengths: Vec::new(),
            },
        })
    }

    pub fn add(&mut self, samples: &[Stereo]) -> Result<(), MediaError> {
        let mut samples = samples;
        while !samples.is_empty() {
            let missing = FRAME_SAMPLES as usize - self.pending.len();
            let (now, later) = samples.split_at(missing.min(samples.len()));
            self.pending.extend_from_slice(now);
            samples = later;
            if self.pending.len() == FRAME_SAMPLES as usize {
                self.encode_frame()?;
            }
        }
        Ok(())
    }

    /// Fills the last frame with silence and gives the whole track: sound ends
    /// at most one frame after its last sample, never before.
    pub fn finish(mut self) -> Result<EncodedAudio, MediaError> {
        if !self.pending.is_empty() {
            self.pending.resize(FRAME_SAMPLES as usize, [0.0; 2]);
            self.encode_frame()?;
        }
        let frames = self.taken / i64::from(FRAME_SAMPLES);
        if frames > 0 {
            self.encoder.send_eof().during("drain the AAC encoder")?;
            self.collect()?;
        }
        if self.encoded.lengths.len() as i64 != frames {
            return Err(MediaError::new(
                "encode the sound",
                format!("{} packets for {frames} frames", self.encoded.lengths.len()),
            ));
        }
        Ok(self.encoded)
    }

    fn encode_frame(&mut self) -> Result<(), MediaError> {
        let mut frame = ffmpeg::frame::Audio::new(
            Sample::F32(Type::Planar),
            FRAME_SAMPLES as usize,
            ffmpeg::ChannelLayout::STEREO,
        );
        frame.set_channels(2);
        frame.set_rate(SAMPLE_RATE);
        frame.set_pts(Some(self.taken));
        for side in 0..2 {
            for (to, from) in frame.plane_mut::<f32>(side).iter_mut().zip(&self.pending) {
                *to = from[side];
            }
        }
        self.taken += i64::from(FRAME_SAMPLES);
        self.pending.clear();
        self.encoder.send_frame(&frame).during("encode the sound")?;
        self.collect()
    }

    /// Takes every packet that is ready.
    fn collect(&mut self) -> Result<(), MediaError> {
        loop {
            let mut packet = ffmpeg::Packet::empty();
            match self.encoder.receive_packet(&mut packet) {
                Ok(()) => self.keep(packet.data().unwrap_or_default())?,
                Err(ffmpeg::Error::Eof) => return Ok(()),
                Err(ffmpeg::Error::Other {
                    errno: ffmpeg::error::EAGAIN,
                }) => return Ok(()),
                Err(error) => return Err(MediaError::new("encode the sound", error)),
            }
        }
    }

    fn keep(&mut self, packet: &[u8]) -> Result<(), MediaError> {
        self.came_out += 1;
        // The first packet holds what stands before the sound: a decoder that
        // starts with the second is at zero with its first sample.
        if self.came_out == 1 {
            return Ok(());
        }
        let length = u32::try_from(packet.len())
            .map_err(|_| MediaError::new("encode the sound", "a packet too long"))?;
        self.encoded.bytes.extend_from_slice(packet);
        self.encoded.lengths.push(length);
        Ok(())
    }
}

/// Decodes a track as a player does that starts with its first packet.
pub fn decode(audio: &EncodedAudio, sink: &mut Sink<'_>) -> Result<(), MediaError> {
    const DECODE: &str = "decode the encoded sound";
    let mut decoder = open_decoder(&audio.config)?;
    let mut heard = Vec::with_capacity(FRAME_SAMPLES as usize);
    let mut packets = audio.packets();
    loop {
        let mut frame = ffmpeg::frame::Audio::empty();
        match decoder.receive_frame(&mut frame) {
            Ok(()) => {
                if frame.format() != Sample::F32(Type::Planar) || frame.channels() != 2 {
                    return Err(MediaError::new(DECODE, "not stereo floats"));
                }
                let (left, right) = (frame.plane::<f32>(0), frame.plane::<f32>(1));
                heard.clear();
                heard.extend(left.iter().zip(right).map(|(&left, &right)| [left, right]));
                sink(&heard)?;
            }
            Err(ffmpeg::Error::Eof) => return Ok(()),
            Err(ffmpeg::Error::Other {
                errno: ffmpeg::error::EAGAIN,
            }) => match packets.next() {
                Some(packet) => decoder
                    .send_packet(&ffmpeg::Packet::copy(packet))
                    .during(DECODE)?,
                None => decoder.send_eof().during(DECODE)?,
            },
            Err(error) => return Err(MediaError::new(DECODE, error)),
        }
    }
}

fn open_decoder(config: &[u8]) -> Result<ffmpeg::decoder::Opened, MediaError> {
    const OPEN: &str = "open the AAC decoder";
    let codec = ffmpeg::decoder::find(ffmpeg::codec::Id::AAC)
        .ok_or_else(|| MediaError::new(OPEN, ffmpeg::Error::DecoderNotFound))?;
    let mut context = ffmpeg::codec::Context::new_with_codec(codec);
    context.set_threading(ffmpeg::threading::Config::count(1));
    context.set_flags(ffmpeg::codec::Flags::BITEXACT);
    let padded = config.len() + ffmpeg::ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
    // SAFETY: the context takes over a buffer of FFmpeg's own allocator, zeroed
    // and padded as decoders require, and frees it with itself.
    unsafe {
        let buffer = ffmpeg::ffi::av_mallocz(padded).cast::<u8>();
        if buffer.is_null() {
            return Err(MediaError::new(OPEN, "no memory"));
        }
        std::ptr::copy_nonoverlapping(config.as_ptr(), buffer, config.len());
        let context = &mut *context.as_mut_ptr();
        context.extradata = buffer;
        context.extradata_size = config.len() as std::ffi::c_int;
    }
    context.decoder().open_as(codec).during(OPEN)
}
