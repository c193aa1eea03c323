//! Reads back what was made. Encoded segments are decoded, each once in its
//! life; finished files are demuxed as a player would, nothing taken from what
//! the muxer said it wrote, and every sample held against those segments.
//!
//! A segment is closed: it begins with a key frame, and nothing before it
//! changes how it decodes. So a file that has the parameter sets and the access
//! units of segments which decoded decodes too, and is not decoded again.

use crate::media::boxes;
use crate::media::decode::open_video;
use crate::media::error::{During, Flow, MediaError};
use crate::media::mux::Reels;
use crate::media::segment::Encoded;
use crate::media::{ffi, input, stills};
use crate::values::geometry::Size;
use crate::values::time::Rational;
use ffmpeg_next as ffmpeg;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

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
}

/// Decodes encoded segments of these sizes and numbers of pictures.
///
/// # Errors
/// When one does not begin with a key frame, or does not give its pictures, all
/// of them without damage.
pub fn prove(reels: &mut Reels, expected: &[(Size, u64)]) -> Result<(), MediaError> {
    const DOING: &str = "decode what was encoded";
    for (index, &(size, frames)) in expected.iter().enumerate() {
        let segment = reels.read(index)?;
        if !segment.units.first().is_some_and(|unit| unit.key) {
            return Err(MediaError::new(DOING, "no key frame at its start"));
        }
        let mut shown = 0;
        let unsmoothed = stills::Decoding::Unsmoothed;
        stills::decode_segment(&segment, size, unsmoothed, &mut |_, frame| {
            let found = Size {
                width: frame.width(),
                height: frame.height(),
            };
            if found != size {
                let Size { width, height } = found;
                return Err(MediaError::new(DOING, format!("{width}×{height} pixels")));
            }
            shown += 1;
            Ok(ControlFlow::Continue(()))
        })?;
        if shown != frames || segment.units.len() as u64 != frames {
            return Err(MediaError::new(
                DOING,
                format!("{shown} pictures of {frames}"),
            ));
        }
    }
    Ok(())
}

/// What a file's samples are held against.
pub enum Against {
    /// The decoder, for a file of which nothing is known.
    Decoder,
    /// What it was made of, in order; no reels for a track that it has not.
    Encoded { pictures: Reels, sound: Reels },
}

/// Reads one file from its start. Sound is demuxed only (it was decoded when
/// its loudness was measured).
///
/// # Errors
/// When the file cannot be read to its end, a sample does not decode, or it is
/// not what the file was made of.
pub fn verify(file: File, against: Against) -> Result<FileFacts, MediaError> {
    let fragments = fragment_times(file.try_clone().during("read back")?)?;
    let mut opened = input::open(file)?;
    let decode = matches!(against, Against::Decoder);
    let (pictures, heard) = match against {
        Against::Decoder => (None, None),
        Against::Encoded { pictures, sound } => (Some(pictures), Some(sound)),
    };
    let mut expected = [pictures, heard];
    let mut picture: Option<(usize, Tally)> = None;
    let mut sound: Option<(usize, Tally)> = None;
    for stream in opened.streams() {
        let (track, place) = match stream.parameters().medium() {
            ffmpeg::media::Type::Video if picture.is_none() => (&mut picture, 0),
            ffmpeg::media::Type::Audio if sound.is_none() => (&mut sound, 1),
            _ => {
                return Err(MediaError::new(
                    "read back",
                    "a track that nobody asked for",
                ));
            }
        };
        let made_of = match expected[place].take() {
            Some(reels) => Some(MadeOf::new(reels, &ffi::header(&stream))?),
            None => None,
        };
        *track = Some((stream.index(), Tally::new(&stream, made_of)));
    }
    let mut packet = ffmpeg::Packet::empty();
    loop {
        match input::read_packet(&mut opened, &mut packet) {
            Ok(()) => {}
            Err(ffmpeg::Error::Eof) => break,
            Err(error) => return Err(MediaError::new("read back", error)),
        }
        for (index, tally) in picture.iter_mut().chain(sound.iter_mut()) {
            if packet.stream() == *index {
                tally.add(&packet)?;
            }
        }
    }
    let mut facts = FileFacts {
        picture: None,
        sound: None,
    };
    if let Some((index, tally)) = picture {
        let tally = tally.whole()?;
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
            bt709: p.matrix.as_deref() == Some("bt709")
                && p.primaries.as_deref() == Some("bt709")
                && p.transfer.as_deref() == Some("bt709")
                && !p.full_range,
            foreign_tags,
        });
    }
    if let Some((index, tally)) = sound {
        let tally = tally.whole()?;
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

/// The access units that a track has to have, one after the other.
struct MadeOf {
    reels: Reels,
    /// The reel that is compared, and how much of it was.
    current: Encoded,
    next_reel: usize,
    unit: usize,
    at: usize,
}

impl MadeOf {
    /// `header`: the parameter sets that the file has for all of them.
    fn new(mut reels: Reels, header: &[u8]) -> Result<MadeOf, MediaError> {
        if reels.is_empty() {
            return Err(MediaError::new(
                "read back",
                "a track that nobody asked for",
            ));
        }
        let current = reels.read(0)?;
        if current.header != header {
            return Err(MediaError::new(
                "read back",
                "other parameter sets than were encoded",
            ));
        }
        Ok(MadeOf {
            reels,
            current,
            next_reel: 1,
            unit: 0,
            at: 0,
        })
    }

    fn next(&mut self) -> Result<Option<&[u8]>, MediaError> {
        while self.unit == self.current.units.len() {
            if self.next_reel == self.reels.len() {
                return Ok(None);
            }
            let next = self.reels.read(self.next_reel)?;
            if next.header != self.current.header {
                return Err(MediaError::new("read back", "parameter sets differ"));
            }
            self.current = next;
            self.next_reel += 1;
            (self.unit, self.at) = (0, 0);
        }
        let start = self.at;
        self.at += self.current.units[self.unit].bytes as usize;
        self.unit += 1;
        Ok(self.current.payload.get(start..self.at))
    }
}

/// What went by of one track.
struct Tally {
    base: Rational,
    samples: u64,
    start: Rational,
    end: Rational,
    made_of: Option<MadeOf>,
}

impl Tally {
    fn new(stream: &ffmpeg::Stream, made_of: Option<MadeOf>) -> Tally {
        let base = stream.time_base();
        Tally {
            base: Rational::new(i64::from(base.numerator()), i64::from(base.denominator()))
                .unwrap_or(Rational::ZERO),
            samples: 0,
            start: Rational::ZERO,
            end: Rational::ZERO,
            made_of,
        }
    }

    fn add(&mut self, packet: &ffmpeg::Packet) -> Result<(), MediaError> {
        if let Some(made_of) = &mut self.made_of
            && made_of.next()? != packet.data()
        {
            let place = self.samples;
            return Err(MediaError::new(
                "read back",
                format!("sample {place} is not what was encoded"),
            ));
        }
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
        Ok(())
    }

    /// Nothing of what was encoded is left over.
    fn whole(mut self) -> Result<Tally, MediaError> {
        match self.made_of.as_mut().map(MadeOf::next).transpose()? {
            Some(Some(_)) => {
                let found = self.samples;
                Err(MediaError::new(
                    "read back",
                    format!("no more than {found} samples"),
                ))
            }
            _ => Ok(self),
        }
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
