//! Frames of a clip on a constant grid.
//!
//! Frame `i` of the grid shows the last picture whose nearest grid place is
//! not after `i`. For a constant rate that is the i-th picture; for a variable
//! one it is what a viewer saw at that time, without drift.

use crate::media::error::{During, Flow, MediaError};
use crate::media::{ffi, input};
use crate::plan::recipe::SourceReading;
use crate::values::time::{FrameRange, FrameRate, Rational};
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::frame::Video;

/// A picture decoder that keeps its flow state.
pub struct VideoDecoder {
    decoder: ffmpeg::codec::decoder::Video,
    stream: usize,
    packet: ffmpeg::Packet,
    draining: bool,
    /// Packets that the decoder refused: damage inside the clip.
    pub refused: u64,
    /// Those since the last picture.
    in_a_row: u64,
    /// After a seek: packets before the next key picture are passed over, and
    /// the clip counts as ended at a time (in the stream's ticks) by which there
    /// is none. Some containers seek to any packet, and some decoders draw what
    /// rests on pictures that they never saw, grey, without a word.
    awaits_key: Option<i64>,
}

/// Packets refused in a row before the clip counts as broken.
const MAX_IN_A_ROW: u64 = 500;

/// A lack of memory is no damage that could be stepped over: pictures would
/// freeze that another run decodes.
fn lacks_memory(error: ffmpeg::Error) -> bool {
    let errno = ffmpeg::error::ENOMEM;
    error == ffmpeg::Error::Other { errno }
}

pub fn open_video(opened: &Input, stream: usize) -> Result<VideoDecoder, MediaError> {
    let decoder = input::decoder(opened, stream)?;
    let codec = ffmpeg::decoder::find(decoder.id())
        .filter(|c| input::allows(c.name()))
        .ok_or_else(|| MediaError::new("find a decoder", "codec not supported"))?;
    let decoder = decoder
        .open_as_with(codec, input::decoder_options())
        .and_then(|d| d.video())
        .during("open the picture's decoder")?;
    Ok(VideoDecoder {
        decoder,
        stream,
        packet: ffmpeg::Packet::empty(),
        draining: false,
        refused: 0,
        in_a_row: 0,
        awaits_key: None,
    })
}

impl VideoDecoder {
    /// The next picture in the order in which they are seen. `NeedsInput` is
    /// returned after each packet that gave none, so that a caller can count.
    pub fn next_frame(&mut self, opened: &mut Input) -> Result<Flow<Video>, MediaError> {
        let mut frame = Video::empty();
        let answer = self.decoder.receive_frame(&mut frame).map(|()| frame);
        let lacking = answer.as_ref().is_err_and(|error| lacks_memory(*error));
        match Flow::from_answer(answer, "decode a picture") {
            Ok(Flow::NeedsInput) if !self.draining => {}
            Ok(Flow::Item(frame)) => {
                self.in_a_row = 0;
                return Ok(Flow::Item(frame));
            }
            // A decoder may report damage here too; it goes on with the next packet.
            Err(_) if !lacking && self.in_a_row < MAX_IN_A_ROW && !self.draining => self.refuse(),
            settled => return settled,
        }
        loop {
            match input::read_packet(opened, &mut self.packet) {
                Ok(()) if self.packet.stream() != self.stream => continue,
                Ok(()) if self.is_before_a_key() => {
                    if self.draining {
                        return Ok(Flow::Drained);
                    }
                }
                // AVI and QuickTime say with an empty packet that the picture
                // stays; to the decoder it would be the clip's end.
                Ok(()) if self.packet.size() == 0 => return Ok(Flow::NeedsInput),
                Ok(()) => {
                    match self.decoder.send_packet(&self.packet) {
                        Ok(()) => {}
                        Err(error) if lacks_memory(error) || self.in_a_row >= MAX_IN_A_ROW => {
                            return Err(MediaError::new("decode a picture", error));
                        }
                        Err(_) => self.refuse(),
                    }
                    return Ok(Flow::NeedsInput);
                }
                // Damage inside the clip is stepped over, within bounds; a disk
                // that cannot be read is no damage, and must not become a
                // frozen picture.
                Err(ffmpeg::Error::InvalidData) if self.in_a_row < MAX_IN_A_ROW => self.refuse(),
                Err(error) if error != ffmpeg::Error::Eof => {
                    return Err(MediaError::new("read the clip", error));
                }
                Err(_) => {
                    self.draining = true;
                    self.decoder.send_eof().during("end decoding")?;
                    return Ok(Flow::NeedsInput);
                }
            }
        }
    }

    fn refuse(&mut self) {
        self.refused += 1;
        self.in_a_row += 1;
    }

    /// Whether the packet is to be passed over; the last of them ends it.
    fn is_before_a_key(&mut self) -> bool {
        let Some(latest) = self.awaits_key else {
            return false;
        };
        if self.packet.is_key() {
            self.awaits_key = None;
            return false;
        }
        let stamp = self.packet.dts().or(self.packet.pts());
        self.draining = stamp.is_some_and(|stamp| stamp > latest);
        true
    }

    /// Forgets everything, to begin at the clip's first packet.
    pub(super) fn restart(&mut self) {
        self.decoder.flush();
        self.draining = false;
        self.in_a_row = 0;
        self.awaits_key = None;
    }

    /// After a seek and a restart: decoding begins at a key picture, and not at
    /// one that is decoded after this time, in the stream's ticks.
    fn await_key(&mut self, latest: i64) {
        self.awaits_key = Some(latest);
    }
}

/// Yields each frame of a range of the grid once, in order.
pub struct GridFrames<'a> {
    opened: &'a mut Input,
    decoder: VideoDecoder,
    rate: FrameRate,
    start: Rational,
    base: Rational,
    /// Pictures decoded so far, in a file that has no time stamps.
    counted: Option<i64>,
    /// What is seen now, and the picture after it with its place.
    current: Option<Video>,
    ahead: Option<(i64, Video)>,
    /// Where the last decoded picture lies.
    place: i64,
    ended: bool,
}

impl<'a> GridFrames<'a> {
    pub fn new(
        opened: &'a mut Input,
        reading: &SourceReading,
    ) -> Result<GridFrames<'a>, MediaError> {
        let decoder = open_video(opened, reading.stream)?;
        let base = opened
            .stream(reading.stream)
            .map(|s| s.time_base())
            .and_then(|b| Rational::new(i64::from(b.numerator()), i64::from(b.denominator())))
            .ok_or_else(|| MediaError::new("choose a stream", "no time base"))?;
        let counted = input::is_untimed(opened).then_some(0);
        Ok(GridFrames {
            opened,
            decoder,
            rate: reading.rate,
            start: reading.start + reading.decoder_delay,
            base,
            counted,
            current: None,
            ahead: None,
            place: i64::MIN,
            ended: false,
        })
    }

    /// Goes to a frame of the grid: `frame(index)` can be asked for next, then
    /// those after it.
    pub fn seek(&mut self, index: u64) -> Result<(), MediaError> {
        let target = self.start + self.rate.time_of(index);
        // Key frames may lie later in time than their packets in the file
        // (open GOPs, reordering): go back further until a picture at or
        // before the wanted one has been decoded.
        for back in [0, 2, 10, 60] {
            let from = target - Rational::integer(back);
            if from <= self.start || self.counted.is_some() {
                break;
            }
            let ticks = Rational::integer(i64::from(ffmpeg::ffi::AV_TIME_BASE));
            let stamp = (from * ticks).floor();
            // Some containers have nothing before the stamp; their start will do.
            // Others go to any packet before it: decoding begins at a key.
            if self.opened.seek(stamp, ..stamp).is_err() {
                break;
            }
            self.restart();
            let ticks = self.base.inverse();
            let latest = ticks.and_then(|ticks| target.checked_mul(ticks));
            let latest = latest.map_or(i64::MAX, Rational::floor);
            self.decoder.await_key(latest);
            self.fill_ahead()?;
            let reached = self
                .ahead
                .as_ref()
                .is_some_and(|(place, _)| *place <= index as i64);
            if reached {
                return Ok(());
            }
        }
        input::rewind(self.opened)?;
        self.restart();
        self.fill_ahead()
    }

    fn restart(&mut self) {
        self.decoder.restart();
        self.current = None;
        self.ahead = None;
        self.place = i64::MIN;
        self.ended = false;
        self.counted = self.counted.map(|_| 0);
    }

    /// The place of the grid nearest to a time stamp.
    fn place_of(&self, stamp: i64) -> Option<i64> {
        let time = self.base.checked_mul(Rational::integer(stamp))?;
        let place = time
            .checked_sub(self.start)?
            .checked_mul(self.rate.rational())?;
        Some(place.round())
    }

    /// Decodes until a picture is ahead, or the clip ends.
    fn fill_ahead(&mut self) -> Result<(), MediaError> {
        while self.ahead.is_none() && !self.ended {
            match self.decoder.next_frame(self.opened)? {
                Flow::Item(frame) => {
                    let place = match self.counted.as_mut() {
                        Some(counted) => {
                            *counted += 1;
                            Some(*counted - 1)
                        }
                        None => frame.timestamp().and_then(|stamp| self.place_of(stamp)),
                    };
                    // Without a believable stamp a picture follows the one before.
                    let place = place.unwrap_or(self.place.saturating_add(1));
                    self.place = place;
                    self.ahead = Some((place, frame));
                }
                Flow::NeedsInput => {}
                Flow::Drained => self.ended = true,
            }
        }
        Ok(())
    }

    /// The picture at a place of the grid. Places must not go backwards
    /// without a [`seek`](Self::seek). Beyond the clip's end the last picture
    /// stays.
    pub fn frame(&mut self, index: u64) -> Result<Video, MediaError> {
        loop {
            self.fill_ahead()?;
            match self.ahead.take() {
                Some((place, frame)) if place <= index as i64 || self.current.is_none() => {
                    self.current = Some(frame);
                }
                later => {
                    self.ahead = later;
                    break;
                }
            }
        }
        let current = self.current.as_ref().ok_or_else(|| {
            MediaError::new("decode a picture", format!("no picture at frame {index}"))
        })?;
        ffi::reference(current)
    }
}

/// Frames that a filter needs around a range: the same inside the clip on
/// both sides, fewer at its ends.
pub fn with_neighbours(range: FrameRange, neighbours: u64) -> FrameRange {
    FrameRange::new(
        range.start.saturating_sub(neighbours),
        range.end + neighbours,
    )
}
