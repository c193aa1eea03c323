//! Reads finished files back, as a player would: every sample demuxed, every
//! access unit decoded, nothing taken from what the muxer said it wrote.

use crate::media::boxes;
use crate::media::decode::open_video;
use crate::media::error::{During, Flow, MediaError};
use crate::media::{ffi, input};
use crate::values::digest::Digest;
use crate::values::geometry::Size;
use crate::values::time::Rational;
use ffmpeg_next as ffmpeg;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileFacts {
    pub picture: Option<PictureFacts>,
    pub sound: Option<SoundFacts>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PictureFacts {
    pub codec: String,
    pub size: Size,
    pub samples: u64,
    /// Pictures that came out of the decoder; `None` when not decoded.
    pub decoded: Option<u64>,
    /// Of the first and of the end of the last picture, in seconds.
    pub start: Rational,
    pub end: Rational,
    /// Over all samples in order: two files with the same units carry the same
    /// pictures.
    pub units: Digest,
    /// BT.709, limited range, as tagged.
    pub bt709: bool,
    /// Tags beyond what a file of ours has ("com.apple…", "location").
    pub foreign_tags: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SoundFacts {
    pub codec: String,
    pub sample_rate: u32,
    pub channels: u16,
    pub samples: u64,
    pub start: Rational,
    pub end: Rational,
    pub units: Digest,
}

/// Reads one file from its start. `decode` says whether pictures are decoded;
/// sound is demuxed only (it was decoded when its loudness was measured).
///
/// # Errors
/// When the file cannot be read to its end, or a sample does not decode.
pub fn verify(file: File, decode: bool) -> Result<FileFacts, MediaError> {
    let fragments = fragment_times(file.try_clone().during("read back")?)?;
    let mut opened = input::open(file)?;
    let mut facts = FileFacts {
        picture: None,
        sound: None,
    };
    let mut picture: Option<(usize, Tally)> = None;
    let mut sound: Option<(usize, Tally)> = None;
    for stream in opened.streams() {
        let tally = Tally::new(&stream);
        match stream.parameters().medium() {
            ffmpeg::media::Type::Video if picture.is_none() => {
                picture = Some((stream.index(), tally))
            }
            ffmpeg::media::Type::Audio if sound.is_none() => sound = Some((stream.index(), tally)),
            _ => {
                return Err(MediaError::new(
                    "read back",
                    "a track that nobody asked for",
                ));
            }
        }
    }
    let mut packet = ffmpeg::Packet::empty();
    loop {
        match packet.read(&mut opened) {
            Ok(()) => {}
            Err(ffmpeg::Error::Eof) => break,
            Err(error) => return Err(MediaError::new("read back", error)),
        }
        for (index, tally) in picture.iter_mut().chain(sound.iter_mut()) {
            if packet.stream() == *index {
                tally.add(&packet);
            }
        }
    }
    if let Some((index, tally)) = picture {
        let stream = opened
            .stream(index)
            .ok_or_else(|| MediaError::new("read back", "no picture"))?;
        let p = ffi::stream_parameters(&stream);
        let (of_file, of_stream) = (opened.metadata(), stream.metadata());
        let foreign_tags = of_file
            .iter()
            .chain(of_stream.iter())
            .map(|(key, _)| key.to_owned())
            .filter(|key| !OUR_TAGS.contains(&key.as_str()))
            .collect();
        let decoded = if decode {
            Some(count_pictures(&mut opened, index)?)
        } else {
            None
        };
        let (start, end) = fragments.unwrap_or((tally.start, tally.end));
        facts.picture = Some(PictureFacts {
            codec: p.codec,
            size: p.size,
            samples: tally.samples,
            decoded,
            start,
            end,
            units: Digest::from_bytes(*tally.units.finalize().as_bytes()),
            bt709: p.matrix.as_deref() == Some("bt709")
                && p.primaries.as_deref() == Some("bt709")
                && p.transfer.as_deref() == Some("bt709")
                && !p.full_range,
            foreign_tags,
        });
    }
    if let Some((index, tally)) = sound {
        let stream = opened
            .stream(index)
            .ok_or_else(|| MediaError::new("read back", "no sound"))?;
        let p = ffi::stream_parameters(&stream);
        let (start, end) = if facts.picture.is_none() {
            fragments.unwrap_or((tally.start, tally.end))
        } else {
            (tally.start, tally.end)
        };
        facts.sound = Some(SoundFacts {
            codec: p.codec,
            sample_rate: p.sample_rate,
            channels: p.channels,
            samples: tally.samples,
            start,
            end,
            units: Digest::from_bytes(*tally.units.finalize().as_bytes()),
        });
    }
    Ok(facts)
}

/// Tags that the muxer writes into every file.
const OUR_TAGS: [&str; 6] = [
    "major_brand",
    "minor_version",
    "compatible_brands",
    "handler_name",
    "vendor_id",
    "language",
];

/// What went by of one track.
struct Tally {
    base: Rational,
    samples: u64,
    start: Rational,
    end: Rational,
    units: blake3::Hasher,
}

impl Tally {
    fn new(stream: &ffmpeg::Stream) -> Tally {
        let base = stream.time_base();
        Tally {
            base: Rational::new(i64::from(base.numerator()), i64::from(base.denominator()))
                .unwrap_or(Rational::ZERO),
            samples: 0,
            start: Rational::ZERO,
            end: Rational::ZERO,
            units: blake3::Hasher::new(),
        }
    }

    fn add(&mut self, packet: &ffmpeg::Packet) {
        let data = packet.data().unwrap_or_default();
        self.units.update(&(data.len() as u64).to_le_bytes());
        self.units.update(data);
        if let Some(stamp) = packet.pts() {
            let start = self.base * Rational::integer(stamp);
            let end = start + self.base * Rational::integer(packet.duration());
            self.start = if self.samples == 0 {
                start
            } else {
                self.start.min(start)
            };
            self.end = self.end.max(end);
        }
        self.samples += 1;
    }
}

fn count_pictures(
    opened: &mut ffmpeg::format::context::Input,
    stream: usize,
) -> Result<u64, MediaError> {
    input::rewind(opened)?;
    let mut decoder = open_video(opened, stream)?;
    let mut pictures = 0;
    loop {
        match decoder.next_frame(opened)? {
            Flow::Item(frame) if frame.is_corrupt() || frame.has_decode_errors() => {
                return Err(MediaError::new(
                    "read back",
                    format!("picture {pictures} is damaged"),
                ));
            }
            Flow::Item(_) => pictures += 1,
            Flow::NeedsInput if decoder.refused > 0 => {
                return Err(MediaError::new(
                    "read back",
                    format!("a sample after picture {pictures} is damaged"),
                ));
            }
            Flow::NeedsInput => {}
            Flow::Drained => return Ok(pictures),
        }
    }
}

/// First and last presentation time by `tfdt` and composition offsets, in
/// seconds; `None` for a file without fragments. (libavformat reports such
/// fragments as starting at the reorder delay.)
///
/// # Errors
/// When a fragment does not start where the one before ended, or does not
/// start with a key frame.
fn fragment_times(mut file: File) -> Result<Option<(Rational, Rational)>, MediaError> {
    let doing = "read fragments back";
    let length = file.seek(SeekFrom::End(0)).during(doing)?;
    let mut at = 0;
    let mut scale = None;
    let mut next: Option<i64> = None;
    let mut span: Option<(i64, i64)> = None;
    while at < length {
        let mut head = [0; 16];
        file.seek(SeekFrom::Start(at)).during(doing)?;
        let got = Read::by_ref(&mut file)
            .take(16)
            .read(&mut head)
            .during(doing)?;
        let (_, size, kind) = boxes::header(&head[..got])?;
        if at + size > length {
            return Err(MediaError::new(doing, "a box is cut short"));
        }
        if &kind == b"moov" || &kind == b"moof" {
            let mut bytes = vec![0; usize::try_from(size).during(doing)?];
            file.seek(SeekFrom::Start(at)).during(doing)?;
            file.read_exact(&mut bytes).during(doing)?;
            let whole = boxes::Place {
                kind,
                start: 0,
                content: 8,
                end: bytes.len(),
            };
            if &kind == b"moov" {
                scale = boxes::descend(&bytes, whole, &[b"trak", b"mdia", b"mdhd"])?
                    .first()
                    // Version 1 has 64-bit dates before the timescale.
                    .map(|m| {
                        boxes::u32_at(
                            &bytes,
                            m.content + if bytes[m.content] == 1 { 20 } else { 12 },
                        )
                    })
                    .transpose()?;
            } else {
                let samples = boxes::fragment_samples(&bytes, whole)?;
                let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
                    return Err(MediaError::new(doing, "an empty fragment"));
                };
                if next.is_some_and(|n| n != first.decode_time) {
                    return Err(MediaError::new(doing, "a gap between fragments"));
                }
                if !first.key {
                    return Err(MediaError::new(
                        doing,
                        "a fragment without a key frame at its start",
                    ));
                }
                next = Some(last.decode_time + i64::from(last.duration));
                let start = samples
                    .iter()
                    .map(|s| s.presentation_time)
                    .min()
                    .unwrap_or(0);
                let end = samples
                    .iter()
                    .map(|s| s.presentation_time + i64::from(s.duration))
                    .max()
                    .unwrap_or(0);
                span = Some(match span {
                    Some((from, to)) => (from.min(start), to.max(end)),
                    None => (start, end),
                });
            }
        }
        at += size;
    }
    Ok(span.zip(scale).and_then(|((start, end), scale)| {
        Some((
            Rational::new(start, i64::from(scale))?,
            Rational::new(end, i64::from(scale))?,
        ))
    }))
}
