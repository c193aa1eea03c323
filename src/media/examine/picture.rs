//! Pictures, sampled: which are black, which are blown out, and how much of
//! the stream is damaged.
//!
//! Key pictures come first: they decode alone, and cameras make one a second
//! or so. Where they lie further apart, or show something, every picture is
//! decoded once, if the clip is not too large for that.

use super::comb::Combs;
use super::{in_milliseconds, kept_times};
use crate::media::error::{During, Flow, MediaError};
use crate::media::{ffi, input};
use crate::plan::recipe::{ExaminationRecipe, SourceReading};
use crate::values::examination::{PictureSeen, Stretch};
use crate::values::facts::FieldOrder;
use crate::values::time::Rational;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::frame::Video;

/// Shortest stretch that is spoken of. A fade to black, a breath of black
/// between two shots and a flash to white are film; three seconds are a hole
/// in the edit, a lens cap, or a tail that was not cut off.
const SHORTEST: Rational = Rational::integer(3);

/// Key pictures further apart than this leave room for such a stretch.
const SPARSE: Rational = Rational::integer(2);

/// Pictures that are judged lie at least a quarter of a second apart.
const STEPS_PER_SECOND: i64 = 4;

/// Pixels a second up to which every picture is decoded where key pictures do
/// not suffice: full HD at 30 frames, about an eighth of real time on one core.
const AFFORDABLE: i64 = 1920 * 1088 * 30;

/// Damage after which no more is counted, and the rest of the range is left.
const HOPELESS: u64 = 500;

/// The size at which a picture is judged; its pixels are picked, not averaged,
/// so that fine white text on black stays white.
const WIDTH: u32 = 160;
const HEIGHT: u32 = 90;

/// On a scale from black (0) to white (255). The noise of a covered lens stays
/// below this, and the darkest shot of a person does not.
const BLACK: u8 = 18;
/// A covered lens may be noisier, up to this; then nothing but noise is to be
/// seen: all parts of the picture are equally bright, and hardly at all.
const NOISY_BLACK: u8 = 40;
const HARDLY: u32 = 16;
const EQUALLY: u32 = 4;
/// Side of such a part in pixels of the small picture.
const PART: usize = 10;
/// Where a camera has nothing left to say.
const WHITE: u8 = 250;
/// Whoever stands before a white wall has hair, eyes, clothes or a shadow that
/// is darker than this; so has text on a white card.
const NOT_DARK: u8 = 145;
/// Pixels in a thousand that may be otherwise: a hot pixel, a light that blinks.
const STRAY: u32 = 5;
/// Pixels in a thousand that are white in a blown-out picture.
const MOSTLY: u32 = 800;

/// Looks through all kept ranges.
pub(super) fn look(
    opened: &mut Input,
    recipe: &ExaminationRecipe,
) -> Result<PictureSeen, MediaError> {
    let reading = &recipe.source;
    let mut seen = PictureSeen::default();
    for (from, to) in kept_times(recipe) {
        let range = Range { from, to };
        let mut watched = watch(opened, reading, range, Steps::KeyPictures)?;
        if watched.wants_a_closer_look(range) && is_affordable(reading) {
            watched = watch(opened, reading, range, Steps::EveryPicture)?;
        }
        let on_the_clip = |s: Stretch| Stretch {
            start: in_milliseconds(s.start) - in_milliseconds(recipe.clock_zero),
            end: in_milliseconds(s.end) - in_milliseconds(recipe.clock_zero),
        };
        let found = |tone| stretches(&watched.sights, tone, range).map(on_the_clip);
        seen.black.extend(found(Tone::Black));
        // The whites of HDR lie elsewhere, and it keeps what is brighter.
        if !reading.colour.is_hdr() {
            seen.blown_out.extend(found(Tone::White));
        }
        seen.moving += watched.combs.moving;
        seen.combed += watched.combs.combed;
        seen.judged += watched.sights.len() as u64;
        seen.damaged += watched.damaged;
    }
    Ok(seen)
}

/// `None` for a time stamp so far out that it means nothing.
fn seconds(base: Rational, stamp: i64) -> Option<Rational> {
    let ticks = stamp.checked_mul(base.num())?;
    Rational::new(ticks, base.den()).filter(|_| ticks.unsigned_abs() < 1 << 52)
}

fn is_affordable(reading: &SourceReading) -> bool {
    let pixels = i64::from(reading.coded.width) * i64::from(reading.coded.height);
    reading.rate.rational() * Rational::integer(pixels) <= Rational::integer(AFFORDABLE)
}

/// Container times, half-open.
#[derive(Clone, Copy)]
struct Range {
    from: Rational,
    to: Rational,
}

#[derive(Clone, Copy, PartialEq)]
enum Steps {
    KeyPictures,
    EveryPicture,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Tone {
    Ordinary,
    Black,
    White,
}

#[derive(Clone, Copy)]
struct Sight {
    at: Rational,
    tone: Tone,
}

#[derive(Default)]
struct Watched {
    sights: Vec<Sight>,
    combs: Combs,
    damaged: u64,
    /// Pictures that the decoder had to make up in part. Key pictures that
    /// need others to be whole look like that too.
    mended: u64,
}

impl Watched {
    fn wants_a_closer_look(&self, range: Range) -> bool {
        let odd = self.sights.iter().any(|s| s.tone != Tone::Ordinary);
        let places = [range.from]
            .into_iter()
            .chain(self.sights.iter().map(|s| s.at))
            .chain([range.to]);
        let places: Vec<Rational> = places.collect();
        let sparse = places.windows(2).any(|pair| pair[1] > pair[0] + SPARSE);
        odd || sparse || self.sights.is_empty() || self.damaged + self.mended > 0
    }
}

/// Decodes what the steps ask for, and judges what comes of it, step by step.
fn watch(
    opened: &mut Input,
    reading: &SourceReading,
    range: Range,
    steps: Steps,
) -> Result<Watched, MediaError> {
    let base = opened
        .stream(reading.stream)
        .map(|s| s.time_base())
        .and_then(|b| Rational::new(i64::from(b.numerator()), i64::from(b.denominator())))
        .ok_or_else(|| MediaError::new("choose a stream", "no time base"))?;
    let mut decoder = open_decoder(opened, reading.stream)?;
    // What rests on pictures before the place that was sought comes out grey.
    let mut is_whole = !seek(opened, range.from, reading.start)?;
    let mut judge = Judge {
        reading,
        range,
        base,
        thumb: None,
        watched: Watched::default(),
        made_up: steps == Steps::EveryPicture,
    };
    let mut packet = ffmpeg::Packet::empty();
    while judge.watched.damaged < HOPELESS {
        match input::read_packet(opened, &mut packet) {
            Ok(()) if packet.stream() != reading.stream => continue,
            // The picture stays; to the decoder it would be the clip's end.
            Ok(()) if packet.size() == 0 => continue,
            Ok(()) => {}
            Err(ffmpeg::Error::Eof) => break,
            Err(ffmpeg::Error::InvalidData) => {
                judge.watched.damaged += 1;
                continue;
            }
            Err(error) => return Err(MediaError::new("read the clip", error)),
        }
        is_whole |= packet.is_key();
        let time = |stamp: Option<i64>| stamp.and_then(|s| seconds(base, s));
        // Packets come in the order of decoding: none after this is wanted.
        if time(packet.dts().or(packet.pts())).is_some_and(|t| t >= range.to) {
            break;
        }
        let at = time(packet.pts().or(packet.dts()));
        let inside = at.is_none_or(|t| t >= range.from && t < range.to);
        judge.watched.damaged += u64::from(inside && packet.is_corrupt());
        match steps {
            Steps::EveryPicture if !is_whole => {}
            Steps::EveryPicture => judge.decode(&mut decoder, Some(&packet), inside)?,
            Steps::KeyPictures => {
                let wanted = inside && packet.is_key() && !ffi::is_discarded(&packet);
                if wanted && judge.is_due(at) {
                    judge.decode(&mut decoder, Some(&packet), inside)?;
                    judge.decode(&mut decoder, None, inside)?;
                    decoder.flush();
                }
            }
        }
    }
    if steps == Steps::EveryPicture {
        judge.decode(&mut decoder, None, false)?;
    }
    Ok(judge.watched)
}

fn open_decoder(
    opened: &Input,
    stream: usize,
) -> Result<ffmpeg::codec::decoder::Video, MediaError> {
    let mut decoder = input::decoder(opened, stream)?;
    // Block edges do not change how bright a picture is.
    decoder.skip_loop_filter(ffmpeg::Discard::All);
    let codec = ffmpeg::decoder::find(decoder.id())
        .filter(|c| input::allows(c.name()))
        .ok_or_else(|| MediaError::new("find a decoder", "codec not supported"))?;
    decoder
        .open_as_with(codec, input::decoder_options())
        .and_then(|d| d.video())
        .during("open the picture's decoder")
}

/// Goes to a time or before, maybe into the middle of what rests on a key
/// picture; to the clip's first byte for its first picture, and then gives
/// `false`.
fn seek(opened: &mut Input, from: Rational, start: Rational) -> Result<bool, MediaError> {
    let stamp = (from * Rational::integer(i64::from(ffmpeg::ffi::AV_TIME_BASE))).floor();
    let sought = from > start && !input::is_untimed(opened) && opened.seek(stamp, ..stamp).is_ok();
    if !sought {
        input::rewind(opened)?;
    }
    Ok(sought)
}

/// Takes decoded pictures and keeps what was seen in them.
struct Judge<'a> {
    reading: &'a SourceReading,
    range: Range,
    base: Rational,
    thumb: Option<Thumb>,
    watched: Watched,
    /// Whether pictures that the decoder made up in part are damage: not when
    /// it was denied the pictures that they rest on.
    made_up: bool,
}

impl Judge<'_> {
    fn is_due(&self, at: Option<Rational>) -> bool {
        match (at, self.watched.sights.last()) {
            (Some(at), Some(last)) => {
                let step = Rational::new(1, STEPS_PER_SECOND).unwrap_or(Rational::ZERO);
                at >= last.at + step
            }
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Hands over a packet, or with `None` the end, and judges what comes of it.
    fn decode(
        &mut self,
        decoder: &mut ffmpeg::codec::decoder::Video,
        packet: Option<&ffmpeg::Packet>,
        inside: bool,
    ) -> Result<(), MediaError> {
        let sent = match packet {
            Some(packet) => decoder.send_packet(packet),
            None => decoder.send_eof(),
        };
        self.watched.damaged += u64::from(sent.is_err() && inside);
        loop {
            let mut frame = Video::empty();
            let answer = decoder.receive_frame(&mut frame).map(|()| frame);
            match Flow::from_answer(answer, "decode a picture") {
                Ok(Flow::Item(frame)) => self.see(&frame)?,
                Ok(Flow::NeedsInput | Flow::Drained) => return Ok(()),
                Err(_) => {
                    self.watched.damaged += u64::from(inside);
                    return Ok(());
                }
            }
        }
    }

    fn see(&mut self, frame: &Video) -> Result<(), MediaError> {
        let Some(at) = frame.timestamp().and_then(|s| seconds(self.base, s)) else {
            return Ok(());
        };
        if at < self.range.from || at >= self.range.to {
            return Ok(());
        }
        if frame.is_corrupt() || ffi::was_mended(frame) {
            match self.made_up {
                true => self.watched.damaged += 1,
                false => self.watched.mended += 1,
            }
        }
        if self.is_due(Some(at)) {
            // One that is said to be interlaced is put right on the way.
            if self.reading.field_order == FieldOrder::Progressive {
                self.watched.combs.see(frame);
            }
            if self.thumb.as_ref().is_none_or(|thumb| !thumb.fits(frame)) {
                self.thumb = Some(Thumb::new(frame, self.reading)?);
            }
            if let Some(thumb) = self.thumb.as_mut() {
                let (histogram, parts) = thumb.brightness(frame)?;
                let tone = match tone(&histogram) {
                    Tone::Ordinary if is_covered(&histogram, &parts) => Tone::Black,
                    tone => tone,
                };
                self.watched.sights.push(Sight { at, tone });
            }
        }
        Ok(())
    }
}

/// Scales a picture down to its brightness.
struct Thumb {
    graph: ffmpeg::filter::Graph,
    shape: (u32, u32, ffmpeg::format::Pixel),
}

impl Thumb {
    fn new(frame: &Video, reading: &SourceReading) -> Result<Thumb, MediaError> {
        const BUILD: &str = "build the examiner's scaler";
        let find = |name: &str| {
            ffmpeg::filter::find(name)
                .ok_or_else(|| MediaError::new("find a filter", format!("no {name}")))
        };
        let shape = (frame.width(), frame.height(), frame.format());
        let source = format!(
            "video_size={}x{}:pix_fmt={}:time_base=1/1000000:pixel_aspect=1/1",
            shape.0,
            shape.1,
            ffmpeg::ffi::AVPixelFormat::from(shape.2) as i32
        );
        let range = if reading.colour.full_range {
            "pc"
        } else {
            "tv"
        };
        let chain = format!(
            "[in]scale=w={WIDTH}:h={HEIGHT}:flags=neighbor:in_range={range}:out_range=pc,\
             format=gray[out]"
        );
        let mut graph = ffi::filter_graph();
        graph.add(&find("buffer")?, "in", &source).during(BUILD)?;
        graph.add(&find("buffersink")?, "out", "").during(BUILD)?;
        let ends = graph.output("in", 0).and_then(|p| p.input("out", 0));
        ends.and_then(|p| p.parse(&chain)).during(BUILD)?;
        graph.validate().during(BUILD)?;
        Ok(Thumb { graph, shape })
    }

    fn fits(&self, frame: &Video) -> bool {
        self.shape == (frame.width(), frame.height(), frame.format())
    }

    /// How many pixels there are of each brightness, and how bright each part
    /// of the picture is on the whole.
    fn brightness(&mut self, frame: &Video) -> Result<(Histogram, Vec<u32>), MediaError> {
        const SCALE: &str = "scale a picture";
        let missing = || MediaError::new(SCALE, "the graph has an end missing");
        let mut source = self.graph.get("in").ok_or_else(missing)?;
        source.source().add(frame).during(SCALE)?;
        let mut small = Video::empty();
        let mut sink = self.graph.get("out").ok_or_else(missing)?;
        sink.sink().frame(&mut small).during(SCALE)?;
        let mut histogram = [0; 256];
        let across = small.width() as usize / PART;
        let mut parts = vec![0; across * (small.height() as usize / PART)];
        let rows = small.data(0).chunks(small.stride(0).max(1));
        for (y, row) in rows.take(small.height() as usize).enumerate() {
            for (x, &pixel) in row.iter().take(small.width() as usize).enumerate() {
                histogram[usize::from(pixel)] += 1;
                if let Some(part) = parts.get_mut(y / PART * across + x / PART) {
                    *part += u32::from(pixel);
                }
            }
        }
        for part in &mut parts {
            *part /= (PART * PART) as u32;
        }
        Ok((histogram, parts))
    }
}

/// Whether a picture is nothing but the noise of a covered lens.
fn is_covered(histogram: &Histogram, parts: &[u32]) -> bool {
    let all: u32 = histogram.iter().sum();
    let lighter: u32 = histogram[usize::from(NOISY_BLACK) + 1..].iter().sum();
    let (darkest, lightest) = (parts.iter().min(), parts.iter().max());
    lighter * 1000 <= all * STRAY
        && lightest.is_some_and(|l| *l <= HARDLY)
        && darkest.zip(lightest).is_some_and(|(d, l)| l - d <= EQUALLY)
}

type Histogram = [u32; 256];

fn tone(histogram: &Histogram) -> Tone {
    let all: u32 = histogram.iter().sum();
    let count =
        |from: u8, to: u8| -> u32 { histogram[usize::from(from)..=usize::from(to)].iter().sum() };
    if count(BLACK + 1, 255) * 1000 <= all * STRAY {
        Tone::Black
    } else if count(0, NOT_DARK - 1) * 1000 <= all * STRAY
        && count(WHITE, 255) * 1000 >= all * MOSTLY
    {
        Tone::White
    } else {
        Tone::Ordinary
    }
}

/// Runs of one tone that last. What is not certain is left out: a run begins
/// with its first picture and ends with its last, but for the ends of the
/// range, where there is nothing else.
fn stretches(sights: &[Sight], tone: Tone, range: Range) -> impl Iterator<Item = Stretch> {
    let mut found = Vec::new();
    let mut start = None;
    for (n, sight) in sights.iter().enumerate() {
        if sight.tone != tone {
            start = None;
            continue;
        }
        let near = |a: Rational, b: Rational| b <= a + SPARSE;
        let first = if n == 0 && near(range.from, sight.at) {
            range.from
        } else {
            sight.at
        };
        let start = *start.get_or_insert(first);
        let goes_on = sights.get(n + 1).is_some_and(|next| next.tone == tone);
        let at_end = n + 1 == sights.len() && near(sight.at, range.to);
        let end = if at_end { range.to } else { sight.at };
        if !goes_on && end >= start + SHORTEST {
            found.push(Stretch { start, end });
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts in a thousand at each brightness.
    fn picture(parts: &[(u8, u32)]) -> Histogram {
        let mut histogram = [0; 256];
        for &(brightness, part) in parts {
            histogram[usize::from(brightness)] += part;
        }
        histogram
    }

    #[test]
    fn black_is_black_nearly_everywhere() {
        assert_eq!(tone(&picture(&[(0, 1000)])), Tone::Black);
        // A covered lens, and its hot pixels.
        assert_eq!(
            tone(&picture(&[(3, 500), (15, 497), (200, 3)])),
            Tone::Black
        );
        // A face by candlelight; a line of white text.
        assert_eq!(tone(&picture(&[(5, 970), (60, 30)])), Tone::Ordinary);
        assert_eq!(tone(&picture(&[(0, 990), (255, 10)])), Tone::Ordinary);
    }

    #[test]
    fn noise_without_a_shape_is_a_covered_lens() {
        let noise = picture(&[(0, 400), (10, 400), (24, 200)]);
        assert_eq!(tone(&noise), Tone::Ordinary);
        assert!(is_covered(&noise, &[7, 8, 9, 8]));
        // Something stands there, however dark.
        assert!(!is_covered(&noise, &[4, 8, 14, 8]));
        assert!(!is_covered(&picture(&[(10, 980), (60, 20)]), &[10, 11, 11]));
    }

    #[test]
    fn white_is_blown_out_only_where_nothing_is_dark() {
        assert_eq!(tone(&picture(&[(255, 1000)])), Tone::White);
        assert_eq!(tone(&picture(&[(255, 850), (200, 150)])), Tone::White);
        // A person before a white wall; text on a white card; snow.
        let wall = [(255, 850), (180, 80), (90, 50), (20, 20)];
        assert_eq!(tone(&picture(&wall)), Tone::Ordinary);
        assert_eq!(tone(&picture(&[(255, 985), (10, 15)])), Tone::Ordinary);
        assert_eq!(tone(&picture(&[(255, 500), (220, 500)])), Tone::Ordinary);
    }

    #[test]
    fn a_stretch_has_to_last_and_reaches_the_ends_of_the_range() {
        let second = Rational::integer;
        let of = |tones: &str| {
            let tone = |c| {
                if c == 'x' {
                    Tone::Black
                } else {
                    Tone::Ordinary
                }
            };
            let sights: Vec<Sight> = tones
                .chars()
                .zip(10..)
                .map(|(c, at)| Sight {
                    at: second(at),
                    tone: tone(c),
                })
                .collect();
            let range = Range {
                from: second(10),
                to: second(10 + tones.len() as i64),
            };
            stretches(&sights, Tone::Black, range)
                .map(|s| (s.start.floor() - 10, s.end.floor() - 10))
                .collect::<Vec<_>>()
        };
        assert_eq!(of("..xxx..."), []);
        assert_eq!(of("..xxxx.."), [(2, 5)]);
        assert_eq!(of("xxxx.xx."), [(0, 3)]);
        assert_eq!(of("x..xxx"), [(3, 6)]);
        assert_eq!(of("xxxxxx"), [(0, 6)]);
    }
}
