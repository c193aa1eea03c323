//! Wraps encoded segments and sound into files, without re-encoding.
//!
//! libavformat writes the boxes; time stamps are ours, so that joins are exact:
//! a picture's decode time is its place in coding order less the reorder delay,
//! in units of the exact frame duration.

use crate::media::boxes;
use crate::media::encode;
use crate::media::error::{During, MediaError};
use crate::media::ffi::{self, StreamDescription};
use crate::media::segment::Encoded;
use crate::plan::segments;
use crate::values::geometry::Size;
use crate::values::time::FrameRate;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::{Output, StreamIo};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Encoded segments one after the other in a file.
pub struct Reels {
    file: File,
    /// (offset, length) of each.
    places: Vec<(u64, u64)>,
}

impl Reels {
    /// Segments of these lengths, the first at the file's start.
    pub fn new(file: File, lengths: &[u64]) -> Reels {
        Reels::after(file, 0, lengths)
    }

    /// Segments of these lengths, the first after `offset` bytes.
    pub fn after(file: File, offset: u64, lengths: &[u64]) -> Reels {
        let places = lengths
            .iter()
            .scan(offset, |at, &length| {
                let start = *at;
                *at += length;
                Some((start, length))
            })
            .collect();
        Reels { file, places }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Leaves out what lies after the first `count`.
    pub fn truncate(&mut self, count: usize) {
        self.places.truncate(count);
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn read(&mut self, index: usize) -> Result<Encoded, MediaError> {
        let &(start, length) = self
            .places
            .get(index)
            .ok_or_else(|| MediaError::new("read a stored segment", "missing"))?;
        let mut bytes = vec![0; usize::try_from(length).during("read a stored segment")?];
        self.file
            .seek(SeekFrom::Start(start))
            .during("read a stored segment")?;
        self.file
            .read_exact(&mut bytes)
            .during("read a stored segment")?;
        Encoded::from_bytes(&bytes)
    }
}

/// What a picture track is, for all its segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VideoTrack {
    pub size: Size,
    pub rate: FrameRate,
}

/// Ticks per second and per frame: the rate's own numbers, made finer below
/// 10,000 so that players which round to the timescale stay exact.
pub fn timescale(rate: FrameRate) -> (i64, i64) {
    let factor = if rate.num() < 10_000 { 1000 } else { 1 };
    (rate.num() * factor, rate.den() * factor)
}

/// A fragmented file's parts, in bytes: the header, then segment after segment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fragmented {
    /// RFC 6381.
    pub codec: String,
    pub init_bytes: u64,
    pub segments: Vec<FragmentedSegment>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FragmentedSegment {
    pub bytes: u64,
    /// Pictures, or samples of sound.
    pub length: u64,
    /// One per GOP; one for sound.
    pub fragments: Vec<Fragment>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fragment {
    pub bytes: u64,
    /// From the fragment's start to the end of its first sample.
    pub key_bytes: u64,
    pub length: u64,
}

/// Writes CMAF fragments of a picture track: one per GOP.
pub fn fragmented_video(
    reels: &mut Reels,
    track: VideoTrack,
    out: File,
) -> Result<Fragmented, MediaError> {
    let header = reels.read(0)?.header;
    let codec =
        encode::codec_string(&header).ok_or_else(|| MediaError::new("mux", "no parameter sets"))?;
    let delay = reorder_delay(reels)?;
    let description = StreamDescription::H264 {
        size: track.size,
        header: &header,
    };
    let mut muxer = FragmentMuxer::new(out, &description, timescale(track.rate).0)?;
    let mut segments = Vec::new();
    let mut place = 0;
    for index in 0..reels.len() {
        let segment = reels.read(index)?;
        if segment.header != header {
            return Err(MediaError::new("join segments", "parameter sets differ"));
        }
        let mut units = segment.iter();
        let mut fragments = Vec::new();
        for length in segments::gops(segment.units.len() as u64, track.rate) {
            for (unit, data) in units.by_ref().take(length as usize) {
                muxer.write(video_packet(
                    data,
                    place,
                    unit.offset,
                    unit.key,
                    delay,
                    track.rate,
                ))?;
                place += 1;
            }
            fragments.push(muxer.end_fragment(length)?);
        }
        segments.push(FragmentedSegment {
            bytes: fragments.iter().map(|f| f.bytes).sum(),
            length: segment.units.len() as u64,
            fragments,
        });
    }
    Ok(Fragmented {
        codec,
        init_bytes: muxer.init_bytes(),
        segments,
    })
}

/// Samples in an AAC frame.
pub const AAC_FRAME: u64 = 1024;

/// Writes CMAF fragments of sound, cut at the first frame that starts at or
/// after each boundary (in samples, rising).
pub fn fragmented_audio(
    audio: &Encoded,
    sample_rate: u32,
    boundaries: &[u64],
    out: File,
) -> Result<Fragmented, MediaError> {
    let description = StreamDescription::Aac {
        sample_rate,
        channels: 2,
        header: &audio.header,
    };
    let mut muxer = FragmentMuxer::new(out, &description, i64::from(sample_rate))?;
    let mut boundaries = boundaries.iter().copied().peekable();
    let mut segments: Vec<FragmentedSegment> = Vec::new();
    let mut open = 0;
    let mut end = |muxer: &mut FragmentMuxer, frames: u64| -> Result<(), MediaError> {
        let fragment = muxer.end_fragment(frames * AAC_FRAME)?;
        segments.push(FragmentedSegment {
            bytes: fragment.bytes,
            length: fragment.length,
            fragments: vec![fragment],
        });
        Ok(())
    };
    for (n, (_, data)) in audio.iter().enumerate() {
        let start = n as u64 * AAC_FRAME;
        let mut cut = false;
        while boundaries.next_if(|&b| b <= start).is_some() {
            cut = true;
        }
        if cut && open > 0 {
            end(&mut muxer, open)?;
            open = 0;
        }
        muxer.write(audio_packet(data, start as i64))?;
        open += 1;
    }
    if open > 0 {
        end(&mut muxer, open)?;
    }
    // AAC LC (ISO/IEC 14496-3, audio object type 2).
    Ok(Fragmented {
        codec: "mp4a.40.2".into(),
        init_bytes: muxer.init_bytes(),
        segments,
    })
}

/// Writes one MP4 with its index in front. `scratch` holds it on the way.
/// Gives its length and its codec (RFC 6381).
pub fn progressive(
    reels: &mut Reels,
    track: VideoTrack,
    audio: Option<(&Encoded, u32)>,
    scratch: File,
    out: File,
) -> Result<(u64, String), MediaError> {
    let header = reels.read(0)?.header;
    let codec =
        encode::codec_string(&header).ok_or_else(|| MediaError::new("mux", "no parameter sets"))?;
    let delay = reorder_delay(reels)?;
    let written = duplicate(&scratch)?;
    let io =
        StreamIo::from_write_seek_with_capacity(scratch, 256 * 1024).during("prepare to write")?;
    let mut output =
        ffmpeg::format::output_to_stream(io, None, Some("mp4")).during("open the muxer")?;
    ffi::make_bitexact(&mut output);
    let (ticks, _) = timescale(track.rate);
    add_stream(
        &mut output,
        &StreamDescription::H264 {
            size: track.size,
            header: &header,
        },
        ticks,
    )?;
    if let Some((sound, sample_rate)) = audio {
        let description = StreamDescription::Aac {
            sample_rate,
            channels: 2,
            header: &sound.header,
        };
        add_stream(&mut output, &description, i64::from(sample_rate))?;
    }
    let timescale_text = ticks.to_string();
    let options: ffmpeg::Dictionary = [
        ("video_track_timescale", timescale_text.as_str()),
        ("movflags", "disable_chpl"),
    ]
    .into_iter()
    .collect();
    output
        .write_header_with(options)
        .during("write the header")?;

    let mut sounds = audio.map(|(sound, _)| sound.iter().enumerate().peekable());
    let sound_rate = i128::from(audio.map_or(1, |a| a.1));
    let mut place: i64 = 0;
    for index in 0..reels.len() {
        let segment = reels.read(index)?;
        if segment.header != header {
            return Err(MediaError::new("join segments", "parameter sets differ"));
        }
        for (unit, data) in segment.iter() {
            // Sound that starts before this picture goes first.
            if let Some(sounds) = sounds.as_mut() {
                let due = i128::from(place) * i128::from(track.rate.den()) * sound_rate;
                while let Some((n, (_, data))) = sounds.next_if(|(n, _)| {
                    (*n as i128) * i128::from(AAC_FRAME) * i128::from(track.rate.num()) <= due
                }) {
                    let mut packet = audio_packet(data, (n as u64 * AAC_FRAME) as i64);
                    packet.set_stream(1);
                    packet.write(&mut output).during("write sound")?;
                }
            }
            let packet = video_packet(data, place, unit.offset, unit.key, delay, track.rate);
            packet.write(&mut output).during("write a picture")?;
            place += 1;
        }
    }
    for (n, (_, data)) in sounds.into_iter().flatten() {
        let mut packet = audio_packet(data, (n as u64 * AAC_FRAME) as i64);
        packet.set_stream(1);
        packet.write(&mut output).during("write sound")?;
    }
    output.write_trailer().during("write the index")?;
    drop(output);
    Ok((index_to_front(written, out)?, codec))
}

/// Copies a finished MP4 with its moov moved before the media.
fn index_to_front(mut from: File, mut to: File) -> Result<u64, MediaError> {
    let doing = "move the index to the front";
    let length = from.seek(SeekFrom::End(0)).during(doing)?;
    let mut at = 0;
    let mut found: Vec<([u8; 4], u64, u64)> = Vec::new();
    while at < length {
        let mut head = [0; 16];
        from.seek(SeekFrom::Start(at)).during(doing)?;
        let got = Read::by_ref(&mut from)
            .take(16)
            .read(&mut head)
            .during(doing)?;
        let (_, size, kind) = boxes::header(&head[..got])?;
        found.push((kind, at, size));
        at += size;
    }
    let place = |kind: &[u8; 4]| found.iter().find(|b| &b.0 == kind).copied();
    let (Some((_, ftyp_at, ftyp_size)), Some((_, moov_at, moov_size))) =
        (place(b"ftyp"), place(b"moov"))
    else {
        return Err(MediaError::new(doing, "no index was written"));
    };
    let mut read = |start: u64, size: u64| -> Result<Vec<u8>, MediaError> {
        let mut bytes = vec![0; usize::try_from(size).during(doing)?];
        from.seek(SeekFrom::Start(start)).during(doing)?;
        from.read_exact(&mut bytes).during(doing)?;
        Ok(bytes)
    };
    let ftyp = read(ftyp_at, ftyp_size)?;
    let mut moov = read(moov_at, moov_size)?;
    boxes::shift_chunks(&mut moov, moov_size)?;
    to.seek(SeekFrom::Start(0)).during(doing)?;
    to.write_all(&ftyp).during(doing)?;
    to.write_all(&moov).during(doing)?;
    for &(kind, start, size) in &found {
        if kind != *b"ftyp" && kind != *b"moov" {
            from.seek(SeekFrom::Start(start)).during(doing)?;
            std::io::copy(&mut Read::by_ref(&mut from).take(size), &mut to).during(doing)?;
        }
    }
    to.stream_position().during(doing)
}

/// How far decoding runs ahead of display anywhere in the rendition.
fn reorder_delay(reels: &mut Reels) -> Result<i64, MediaError> {
    let mut delay = 0;
    for index in 0..reels.len() {
        delay = delay.max(reels.read(index)?.reorder_delay());
    }
    Ok(i64::from(delay))
}

fn video_packet(
    data: &[u8],
    place: i64,
    offset: i32,
    key: bool,
    delay: i64,
    rate: FrameRate,
) -> ffmpeg::Packet {
    let (_, ticks) = timescale(rate);
    let mut packet = ffmpeg::Packet::copy(data);
    packet.set_stream(0);
    packet.set_dts(Some((place - delay) * ticks));
    packet.set_pts(Some((place + i64::from(offset)) * ticks));
    packet.set_duration(ticks);
    if key {
        packet.set_flags(ffmpeg::packet::Flags::KEY);
    }
    packet
}

fn audio_packet(data: &[u8], start: i64) -> ffmpeg::Packet {
    let mut packet = ffmpeg::Packet::copy(data);
    packet.set_stream(0);
    packet.set_dts(Some(start));
    packet.set_pts(Some(start));
    packet.set_duration(AAC_FRAME as i64);
    packet.set_flags(ffmpeg::packet::Flags::KEY);
    packet
}

fn add_stream(
    output: &mut Output,
    description: &StreamDescription<'_>,
    ticks_per_second: i64,
) -> Result<(), MediaError> {
    let parameters = ffi::describe(description)?;
    let ticks = i32::try_from(ticks_per_second).during("set the timescale")?;
    let mut stream = output
        .add_stream(ffmpeg::codec::Id::None)
        .during("add a stream")?;
    stream.set_parameters(parameters);
    stream.set_time_base((1, ticks));
    Ok(())
}

/// A muxer whose fragments end where we say.
struct FragmentMuxer {
    output: Output,
    written: Arc<AtomicU64>,
    init: Option<u64>,
    first_sample: Option<u64>,
    payload: u64,
    before: u64,
}

/// Counts what goes through to the file.
struct Counted {
    file: File,
    written: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.written.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl FragmentMuxer {
    fn new(
        file: File,
        description: &StreamDescription<'_>,
        ticks_per_second: i64,
    ) -> Result<FragmentMuxer, MediaError> {
        let written = Arc::new(AtomicU64::new(0));
        let counted = Counted {
            file,
            written: Arc::clone(&written),
        };
        let io =
            StreamIo::from_write_with_capacity(counted, 256 * 1024).during("prepare to write")?;
        let mut output =
            ffmpeg::format::output_to_stream(io, None, Some("mp4")).during("open the muxer")?;
        ffi::make_bitexact(&mut output);
        add_stream(&mut output, description, ticks_per_second)?;
        let timescale = ticks_per_second.to_string();
        let options: ffmpeg::Dictionary = [
            (
                "movflags",
                "cmaf+frag_custom+delay_moov+negative_cts_offsets+skip_trailer",
            ),
            ("avoid_negative_ts", "disabled"),
            ("video_track_timescale", timescale.as_str()),
        ]
        .into_iter()
        .collect();
        output
            .write_header_with(options)
            .during("write the header")?;
        Ok(FragmentMuxer {
            output,
            written,
            init: None,
            first_sample: None,
            payload: 0,
            before: 0,
        })
    }

    fn write(&mut self, packet: ffmpeg::Packet) -> Result<(), MediaError> {
        let bytes = packet.size() as u64;
        self.first_sample.get_or_insert(bytes);
        self.payload += bytes;
        packet.write(&mut self.output).during("write a sample")?;
        Ok(())
    }

    /// Ends the fragment; the first time the header comes out before it.
    fn end_fragment(&mut self, length: u64) -> Result<Fragment, MediaError> {
        if self.init.is_none() {
            ffi::flush_fragment(&mut self.output)?;
            self.before = self.written.load(Ordering::Relaxed);
            self.init = Some(self.before);
        }
        ffi::flush_fragment(&mut self.output)?;
        let now = self.written.load(Ordering::Relaxed);
        let bytes = now - self.before;
        let overhead = bytes
            .checked_sub(self.payload)
            .filter(|&o| o > 16)
            .ok_or_else(|| {
                MediaError::new(
                    "end a fragment",
                    format!("{bytes} bytes for {}", self.payload),
                )
            })?;
        let fragment = Fragment {
            bytes,
            key_bytes: overhead + self.first_sample.unwrap_or(0),
            length,
        };
        self.before = now;
        self.payload = 0;
        self.first_sample = None;
        Ok(fragment)
    }

    fn init_bytes(&self) -> u64 {
        self.init.unwrap_or(0)
    }
}

fn duplicate(file: &File) -> Result<File, MediaError> {
    file.try_clone().during("share an open file")
}
