//! Describes a clip: reads every packet's time stamp, decodes the first
//! frames, and decides the rate at which the capsule is published.

use crate::media::claims::{
    MAX_PACKETS, beyond_a_day, check_reckonable, is_time, lasts_at_most_a_day,
};
use crate::media::completeness::{Present, check_complete};
use crate::media::decode::open_video;
use crate::media::edits::EditLists;
use crate::media::error::{Flow, MediaError};
use crate::media::ffi::{self, StreamParameters};
use crate::media::fields::{Coded, Pairing, Tally};
use crate::media::input;
use crate::media::orientation;
use crate::media::refused;
use crate::media::timecode;
use crate::media::timing::Timing;
use crate::media::tracks::{Chosen, choose_streams, heard_track};
use crate::values::facts::{
    AudioFacts, Colour, FieldOrder, Oddity, ProbeFailure, SourceFacts, VideoFacts,
};
use crate::values::geometry::{Orientation, Size};
use crate::values::time::Rational;
use ffmpeg_next as ffmpeg;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

/// Frames decoded to learn colour and field order.
const FRAMES_LOOKED_AT: usize = 8;

/// Frames decoded in search of a whole one: a recording may begin between two
/// key frames.
const FRAMES_SEARCHED: usize = 120;

/// Reads the facts of a clip.
///
/// # Errors
/// When the clip cannot be published; the failure says why.
pub fn probe(file: File) -> Result<SourceFacts, ProbeFailure> {
    let bytes = rustix::fs::fstat(&file).map_or(0, |found| found.st_size);
    if bytes == 0 {
        return Err(ProbeFailure::Empty);
    }
    let again = file.try_clone();
    let edits = match &again {
        Ok(file) => EditLists::read(file, bytes.unsigned_abs()),
        Err(_) => EditLists::default(),
    };
    let mut opened = match input::open(file) {
        Ok(opened) => opened,
        Err(error) => return Err(refused::unopened(error, again.ok())),
    };
    let container = opened.format().name().to_owned();
    let chosen = choose_streams(&opened)?;
    let untimed = input::is_untimed(&opened);
    let (mut packets, base) = if untimed {
        count_pictures(&mut opened, chosen.video)?
    } else {
        let stream = opened.stream(chosen.video).ok_or(ProbeFailure::NoPicture)?;
        let base = rational(stream.time_base());
        (read_packets(&mut opened, &chosen, &edits)?, base)
    };
    let heard = heard_track(&mut opened, &chosen.sounds, &packets.sounds);
    if container.starts_with("mov,") {
        let shown = std::iter::once(chosen.video).chain(heard);
        let fault = shown
            .filter_map(|index| opened.stream(index))
            .find_map(|stream| edits.fault(stream.id()));
        if let Some(found) = fault {
            return Err(ProbeFailure::Edits { found });
        }
    }
    let audio_packets = heard.and_then(|index| Some((index, packets.sounds.remove(&index)?)));
    let frames = decode_first_frames(&mut opened, chosen.video).map_err(refused::undecoded)?;

    let stream = opened.stream(chosen.video).ok_or(ProbeFailure::NoPicture)?;
    let parameters = ffi::stream_parameters(&stream);
    let pictures = if untimed {
        packets.video.clone()
    } else {
        whole_pictures(&packets, &frames)
    };
    let timing = Timing::new(&pictures, base, &stream)?;
    let first_decoded = frames.stamps.first().filter(|&&s| is_time(s, base));
    let decoder_delay = match first_decoded {
        Some(&first) if packets.ordered_only => base * Rational::integer(first) - timing.start,
        _ => Rational::ZERO,
    };
    let orientation = orientation::of(&stream);

    let audio_start = audio_packets.as_ref().map(|(_, heard)| heard.start);
    let clock_zero = audio_start.map_or(timing.start, |a| a.min(timing.start));
    check_reckonable(&timing, clock_zero)?;
    if !untimed {
        let ends = packets.video.iter().map(|p| p.0.saturating_add(p.1));
        let there = Present {
            pictures: packets.video.len() + packets.second_fields + packets.hidden,
            picture_end: base * Rational::integer(ends.max().unwrap_or(0)),
            sound_end: audio_packets.as_ref().map(|(_, heard)| heard.end),
            end: packets.end,
            clock_zero: clock_zero.min(packets.first_hidden),
            broken_off: packets.broken_off,
        };
        check_complete(&opened, &stream, &there)?;
    }

    let mut colour = merged_colour(&parameters, &frames);
    colour.peak_nits = colour.peak_nits.or(ffi::declared_peak(&stream));
    if let Ok(again) = again
        && colour.says_nothing()
    {
        // FFmpeg forgets the container's word once it has decoded a picture
        // that says nothing. Nothing else is read from here on.
        colour = declared_colour(again, chosen.video, colour);
    }
    if let Some(matrix) = colour.unreadable_matrix() {
        let matrix = matrix.to_owned();
        return Err(ProbeFailure::UnsupportedColour { matrix });
    }
    let filmed = packets.fields.order(packets.video.len());
    let field_order = filmed.unwrap_or(frames.field_order);
    let timecode = timecode::of(&opened, &stream, timing.filmed);
    let video = VideoFacts {
        stream: chosen.video,
        codec: parameters.codec.clone(),
        coded: frames.size,
        sample_aspect: aspect(parameters.sample_aspect),
        orientation,
        rate: timing.rate,
        variable_rate: timing.variable,
        frames: timing.frames,
        start: timing.start - clock_zero,
        decoder_delay,
        pixel_format: parameters.pixel_format.clone().unwrap_or_default(),
        bit_depth: parameters.bit_depth,
        colour,
        field_order,
    };
    let audio = audio_packets.and_then(|(index, heard)| {
        let stream = opened.stream(index)?;
        let p = ffi::stream_parameters(&stream);
        Some(AudioFacts {
            stream: index,
            codec: p.codec,
            channels: p.channels,
            layout: p.layout,
            sample_rate: p.sample_rate,
            start: heard.start - clock_zero,
            duration: heard.end - heard.start,
        })
    });
    let oddities = oddities(&video, audio.as_ref(), &timing, &chosen);
    Ok(SourceFacts {
        container,
        clock_zero,
        timecode,
        video,
        audio,
        oddities,
    })
}

fn undecodable(error: MediaError) -> ProbeFailure {
    ProbeFailure::Undecodable {
        error: error.to_string(),
    }
}

pub(super) fn rational(r: ffmpeg::Rational) -> Rational {
    Rational::new(i64::from(r.numerator()), i64::from(r.denominator())).unwrap_or(Rational::ZERO)
}

fn aspect((num, den): (i32, i32)) -> Rational {
    let square = Rational::integer(1);
    if num <= 0 || den <= 0 {
        return square;
    }
    let aspect = Rational::new(i64::from(num), i64::from(den)).unwrap_or(square);
    // Beyond 1:4 and 4:1 the container is mistaken, not the camera anamorphic.
    let widest = Rational::integer(4);
    // 136:135 is what is left of sizes that were rounded, not a way to film.
    let hundredth = Rational::new(1, 100).unwrap_or(Rational::ZERO);
    let nearly = aspect < square + hundredth && aspect > square - hundredth;
    if nearly || aspect > widest || aspect.inverse().is_none_or(|i| i > widest) {
        square
    } else {
        aspect
    }
}

/// Time stamps of the packets that will be seen and heard.
struct Packets {
    /// (time stamp, duration) in ticks, as they come in the file.
    video: Vec<(i64, i64)>,
    /// Packets of picture that an edit list hides.
    hidden: usize,
    /// Where the first of them begins, if before zero.
    first_hidden: Rational,
    /// Packets that are the second field of a picture, which has them.
    second_fields: usize,
    fields: Coded,
    sounds: BTreeMap<usize, Heard>,
    /// Not even of the first picture it is said when it is seen, only that it
    /// comes first.
    ordered_only: bool,
    /// Where the last packet ends, of whichever track.
    end: Rational,
    /// Whether an error ended reading before the end of the file.
    broken_off: bool,
}

pub(super) struct Heard {
    pub(super) start: Rational,
    pub(super) end: Rational,
}

fn read_packets(
    opened: &mut ffmpeg::format::context::Input,
    chosen: &Chosen,
    edits: &EditLists,
) -> Result<Packets, ProbeFailure> {
    // Tracks of which what ends before zero was cut away.
    let cut: BTreeSet<usize> = opened
        .streams()
        .filter(|stream| edits.hides_start(stream.id()))
        .map(|stream| stream.index())
        .collect();
    let mut pairing = Pairing::of(opened.stream(chosen.video).as_ref());
    // Ticks of each sound track, and where the container has it start.
    let tracks: BTreeMap<usize, (Rational, i64)> = chosen
        .sounds
        .iter()
        .filter_map(|&index| {
            let stream = opened.stream(index)?;
            Some((index, (rational(stream.time_base()), stream.start_time())))
        })
        .collect();
    let bases: Vec<Rational> = opened.streams().map(|s| rational(s.time_base())).collect();
    let video_base = bases.get(chosen.video).copied().unwrap_or(Rational::ZERO);
    let mut packets = Packets {
        video: Vec::new(),
        hidden: 0,
        first_hidden: Rational::ZERO,
        second_fields: 0,
        fields: Coded::default(),
        sounds: BTreeMap::new(),
        ordered_only: false,
        end: Rational::ZERO,
        broken_off: false,
    };
    let mut unstamped: Vec<(i64, i64)> = Vec::new();
    let mut last_is_unstamped = false;
    let mut former: Option<i64> = None;
    let mut longest = 0i64;
    let mut packet = ffmpeg::Packet::empty();
    loop {
        match input::read_packet(opened, &mut packet) {
            Ok(()) => {}
            Err(ffmpeg::Error::Eof) => break,
            Err(_) => {
                packets.broken_off = true;
                break;
            }
        }
        let ends = packet.pts().or(packet.dts()).map(|stamp| {
            let length = packet.duration().max(0);
            stamp.saturating_add(length)
        });
        if let (Some(ends), Some(&base)) = (ends, bases.get(packet.stream()))
            && is_time(ends, base)
        {
            packets.end = packets.end.max(base * Rational::integer(ends));
        }
        let stamp = packet.pts().or(packet.dts()).unwrap_or(0);
        let cut_away =
            cut.contains(&packet.stream()) && stamp < 0 && ends.is_some_and(|end| end <= 0);
        let hidden = cut_away || ffi::is_discarded(&packet);
        if cut_away && let Some(&base) = bases.get(packet.stream()).filter(|b| is_time(stamp, **b))
        {
            let start = base * Rational::integer(stamp);
            packets.first_hidden = packets.first_hidden.min(start);
        }
        if packet.stream() == chosen.video {
            let second = pairing.is_second(&packet);
            if hidden {
                packets.hidden += 1;
            } else if second {
                packets.second_fields += 1;
                let first = if last_is_unstamped {
                    unstamped.last_mut()
                } else {
                    packets.video.last_mut()
                };
                let length = packet.duration();
                if let Some(first) = first.filter(|_| is_time(length, video_base)) {
                    first.1 = first.1.saturating_add(length.max(0));
                }
            } else if let Some(stamp) = packet.pts().or(packet.dts()) {
                if !is_time(stamp, video_base) {
                    return Err(beyond_a_day(stamp, video_base));
                }
                let count = packets.video.len() + unstamped.len();
                if count >= MAX_PACKETS {
                    return Err(ProbeFailure::BeyondLimits {
                        what: "samples".into(),
                        found: count as u64 + 1,
                        limit: MAX_PACKETS as u64,
                    });
                }
                // A picture without a believable length has none.
                let length = Some(packet.duration()).filter(|&l| is_time(l, video_base));
                last_is_unstamped = packet.pts().is_none();
                match packet.pts() {
                    Some(_) => packets.video.push((stamp, length.unwrap_or(0))),
                    None => unstamped.push((stamp, length.unwrap_or(0))),
                }
                let first = packets.video.first().or(unstamped.first());
                let since = stamp - first.map_or(stamp, |p| p.0);
                if !lasts_at_most_a_day(since, video_base) {
                    return Err(beyond_a_day(since, video_base));
                }
                let decoded_at = packet.dts().filter(|&d| is_time(d, video_base));
                let decoded_at = decoded_at.unwrap_or(stamp);
                let step = decoded_at - former.unwrap_or(decoded_at);
                if video_base * Rational::integer(step) < Rational::integer(-1) {
                    let after = video_base * Rational::integer(longest);
                    return Err(ProbeFailure::ClockRestarts { after });
                }
                former = Some(decoded_at);
                longest = longest.max(since);
            }
        } else if let (Some(stamp), Some(&(base, _))) =
            (packet.pts().or(packet.dts()), tracks.get(&packet.stream()))
            && !cut_away
        {
            let length = Some(packet.duration()).filter(|&l| is_time(l, base));
            let last = stamp.saturating_add(length.unwrap_or(0));
            if !is_time(last, base) {
                return Err(beyond_a_day(last, base));
            }
            let start = base * Rational::integer(stamp);
            // Of a packet across the cut, only what follows is heard.
            let start = if cut.contains(&packet.stream()) {
                start.max(Rational::ZERO)
            } else {
                start
            };
            let end = base * Rational::integer(last);
            let heard = packets
                .sounds
                .entry(packet.stream())
                .or_insert(Heard { start, end });
            heard.start = heard.start.min(start);
            heard.end = heard.end.max(end);
        }
    }
    packets.fields = pairing.coded;
    let first_stamp = packets.video.iter().map(|p| p.0).min();
    packets.ordered_only = unstamped
        .first()
        .is_some_and(|p| first_stamp.is_none_or(|first| p.0 < first));
    packets.video = with_unstamped(packets.video, unstamped);
    // The container knows of priming samples that packets do not show.
    for (index, heard) in &mut packets.sounds {
        if let Some(&(base, start)) = tracks.get(index)
            && start != ffmpeg::ffi::AV_NOPTS_VALUE
            && is_time(start, base)
        {
            heard.start = heard.start.max(base * Rational::integer(start));
        }
    }
    Ok(packets)
}

/// Gives pictures without a time stamp their place: their turn in the file,
/// unless another picture is seen then; else a hole between two others; else
/// after all of them.
fn with_unstamped(mut stamped: Vec<(i64, i64)>, unstamped: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let taken: BTreeSet<i64> = stamped.iter().map(|p| p.0).collect();
    let (out_of_turn, in_turn): (Vec<_>, Vec<_>) =
        unstamped.into_iter().partition(|p| taken.contains(&p.0));
    stamped.extend(in_turn);
    stamped.sort_unstable();
    let mut waiting = out_of_turn.into_iter().map(|p| p.1).peekable();
    let mut placed: Vec<(i64, i64)> = Vec::with_capacity(stamped.len());
    for (stamp, duration) in stamped {
        while let (Some(&(last, _)), Some(&length)) = (placed.last(), waiting.peek()) {
            // The hole has to hold the picture, or nearly.
            let next = last.saturating_add(length.max(1));
            if next.saturating_add(length / 2) >= stamp {
                break;
            }
            placed.push((next, length));
            waiting.next();
        }
        placed.push((stamp, duration));
    }
    let mut last = placed.last().map_or(0, |p| p.0);
    for length in waiting {
        last = last.saturating_add(length.max(1));
        placed.push((last, length));
    }
    placed
}

/// Pictures without time stamps follow one another at the rate that their codec
/// tells: the k-th is seen k frames after the first. Only decoding says how many
/// there are, since two packets may be the fields of one picture.
fn count_pictures(
    opened: &mut ffmpeg::format::context::Input,
    stream: usize,
) -> Result<(Packets, Rational), ProbeFailure> {
    let declared = opened.stream(stream).map(|s| rational(s.rate()));
    let length = declared
        .and_then(Rational::inverse)
        .or(Rational::new(1, 25))
        .ok_or(ProbeFailure::NoPicture)?;
    let mut decoder = open_video(opened, stream).map_err(undecodable)?;
    let mut video = Vec::new();
    let mut fields = Coded::default();
    loop {
        match decoder.next_frame(opened).map_err(undecodable)? {
            Flow::Item(frame) => {
                video.push((video.len() as i64, 1));
                fields.in_fields += usize::from(frame.is_interlaced());
                let top_first = frame.is_interlaced() && frame.is_top_first();
                fields.top_first += usize::from(top_first);
            }
            Flow::NeedsInput => {}
            Flow::Drained => break,
        }
    }
    let packets = Packets {
        video,
        hidden: 0,
        first_hidden: Rational::ZERO,
        second_fields: 0,
        fields,
        sounds: BTreeMap::new(),
        ordered_only: false,
        end: Rational::ZERO,
        broken_off: false,
    };
    Ok((packets, length))
}

struct FirstFrames {
    size: Size,
    colour: ffi::FrameColour,
    field_order: FieldOrder,
    /// When they are seen, in ticks, as the decoder says.
    stamps: Vec<i64>,
}

fn decode_first_frames(
    opened: &mut ffmpeg::format::context::Input,
    stream: usize,
) -> Result<FirstFrames, ProbeFailure> {
    input::rewind(opened).map_err(undecodable)?;
    let mut decoder = open_video(opened, stream).map_err(undecodable)?;
    let mut seen: Option<FirstFrames> = None;
    let mut fields = Tally::default();
    let mut count = 0;
    let mut whole = false;
    let mut stamps = Vec::new();
    while count < FRAMES_LOOKED_AT || (!whole && count < FRAMES_SEARCHED) {
        match decoder.next_frame(opened).map_err(undecodable)? {
            Flow::Item(frame) => {
                count += 1;
                whole |= !frame.has_decode_errors();
                stamps.extend(frame.timestamp());
                fields.add(&frame);
                if seen.is_none() {
                    seen = Some(FirstFrames {
                        size: Size {
                            width: frame.width(),
                            height: frame.height(),
                        },
                        colour: ffi::frame_colour(&frame),
                        field_order: FieldOrder::Progressive,
                        stamps: Vec::new(),
                    });
                }
            }
            Flow::NeedsInput => {}
            Flow::Drained => break,
        }
    }
    let mut seen = seen
        .filter(|_| whole)
        .ok_or_else(|| ProbeFailure::Undecodable {
            error: crate::media::error::last_log(),
        })?;
    seen.stamps = stamps;
    let parameters = opened.stream(stream).map(|s| ffi::stream_parameters(&s));
    seen.field_order = match parameters {
        Some(parameters) => fields.settled(opened, &mut decoder, &parameters),
        None => fields.order(),
    };
    Ok(seen)
}

/// Frames know best, the container next.
fn merged_colour(stream: &StreamParameters, frames: &FirstFrames) -> Colour {
    let either =
        |frame: &Option<String>, stream: &Option<String>| frame.clone().or_else(|| stream.clone());
    let f = &frames.colour;
    Colour {
        matrix: if stream.is_rgb {
            Some("gbr".into())
        } else {
            either(&f.matrix, &stream.matrix)
        },
        primaries: either(&f.primaries, &stream.primaries),
        transfer: either(&f.transfer, &stream.transfer),
        full_range: f.full_range
            || stream.full_range
            || stream
                .pixel_format
                .as_deref()
                .is_some_and(|p| p.starts_with("yuvj")),
        chroma_location: either(&f.chroma_location, &stream.chroma_location),
        peak_nits: f.peak_nits,
    }
}

/// What the container alone says of the colours, in place of nothing.
fn declared_colour(file: File, stream: usize, silent: Colour) -> Colour {
    let Ok(opened) = input::open_undecoded(file) else {
        return silent;
    };
    let Some(stream) = opened.stream(stream) else {
        return silent;
    };
    let declared = ffi::stream_parameters(&stream);
    Colour {
        matrix: declared.matrix,
        primaries: declared.primaries,
        transfer: declared.transfer,
        full_range: silent.full_range || declared.full_range,
        ..silent
    }
}

/// Time stamp and duration of each picture. Where a camera puts each field into
/// a packet of its own (PAFF), two packets are one picture.
///
/// Pictures before the first that decodes (a recording that was cut out of a
/// broadcast) are left out: nobody can see them.
fn whole_pictures(packets: &Packets, frames: &FirstFrames) -> Vec<(i64, i64)> {
    let mut pictures = packets.video.clone();
    let (Some(first), Some(last)) = (frames.stamps.first(), frames.stamps.last()) else {
        return pictures;
    };
    let decodes = |p: &(i64, i64)| p.0 >= *first;
    if !packets.ordered_only && pictures.iter().any(decodes) {
        pictures.retain(decodes);
    }
    let seen = frames.stamps.len();
    let between = pictures.iter().filter(|p| (first..last).contains(&&p.0));
    let fields_apart = frames.field_order != FieldOrder::Progressive
        && seen > 2
        && between.count() == 2 * (seen - 1);
    if !fields_apart {
        return pictures;
    }
    let pairs = pictures.chunks(2);
    pairs
        .map(|pair| (pair[0].0, pair.iter().map(|p| p.1).sum()))
        .collect()
}

fn oddities(
    video: &VideoFacts,
    audio: Option<&AudioFacts>,
    timing: &Timing,
    chosen: &Chosen,
) -> Vec<Oddity> {
    let mut found = Vec::new();
    if video.orientation != Orientation::default() {
        found.push(Oddity::Rotated {
            clockwise_degrees: u16::from(video.orientation.clockwise_quarters) * 90,
            mirrored: video.orientation.mirrored,
        });
    }
    if timing.variable {
        found.push(Oddity::VariableRate {
            lowest: timing.lowest,
            highest: timing.highest,
        });
    }
    if !timing.variable && timing.filmed.rational() < timing.rate.rational() {
        found.push(Oddity::SlowRate {
            filmed: timing.filmed,
            published: timing.rate,
        });
    }
    if timing.filmed.rational() > Rational::integer(60) {
        found.push(Oddity::HighRate {
            filmed: timing.filmed,
        });
    }
    if video.sample_aspect != Rational::integer(1) {
        found.push(Oddity::Anamorphic {
            sample_aspect: video.sample_aspect,
        });
    }
    match video.field_order {
        FieldOrder::Progressive => {}
        order => found.push(Oddity::Interlaced {
            top_first: order == FieldOrder::TopFirst,
        }),
    }
    let colour = &video.colour;
    if colour.full_range {
        found.push(Oddity::FullRange);
    }
    match colour.matrix.as_deref() {
        Some("smpte170m" | "bt470bg") => found.push(Oddity::StandardDefinitionColour),
        None => found.push(Oddity::UntaggedColour {
            read_as: colour.matrix_or_guess(video.coded).to_owned(),
        }),
        _ => {}
    }
    if let Some(transfer) = colour.transfer.clone().filter(|_| colour.is_hdr()) {
        found.push(Oddity::Hdr { transfer });
    }
    match audio {
        None => found.push(Oddity::NoSound),
        Some(audio) => {
            if audio.channels == 1 {
                found.push(Oddity::Mono);
            } else if audio.channels > 2 {
                found.push(Oddity::Surround {
                    channels: audio.channels,
                });
            }
            let seconds = audio.start - video.start;
            let distance = seconds.max(Rational::ZERO - seconds);
            // Less than a frame goes unnoticed and is handled alike.
            if distance > video.rate.time_of(1) {
                found.push(Oddity::SoundOffset { seconds });
            }
            if chosen.sounds.len() > 1 {
                found.push(Oddity::SeveralSoundTracks {
                    count: chosen.sounds.len(),
                    heard: 1 + chosen.sounds.iter().filter(|&&i| i < audio.stream).count(),
                });
            }
        }
    }
    if chosen.left_out > 0 {
        found.push(Oddity::TracksLeftOut {
            count: chosen.left_out,
        });
    }
    found
}
