//! Posters and storyboards, drawn from encoded segments: what is published is
//! what is seen, and the clip is not decoded again.

use crate::media::error::{During, Flow, MediaError};
use crate::media::ffi::{self, StreamDescription};
use crate::media::mux::Reels;
use crate::media::segment::Encoded;
use crate::values::geometry::Size;
use crate::values::time::FrameRange;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::frame::Video;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Longest side of the large poster, in pixels.
const POSTER: u32 = 1280;
/// Width of the small poster.
const SMALL_POSTER: u32 = 640;
/// Width of the one that stands in a gallery of many.
const THUMBNAIL: u32 = 320;
/// Longest side of a storyboard tile.
const TILE: u32 = 160;
/// Tiles of one storyboard at most, in rows of [`COLUMNS`].
const MOST_TILES: u64 = 100;
const COLUMNS: u32 = 10;
/// JPEG quality, 1 to 100.
const JPEG_QUALITY: u8 = 85;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PosterRequest {
    /// Size of the smallest rung, on which frames are judged, and of the
    /// tallest, from which the poster is taken.
    pub judged: Size,
    pub taken: Size,
    /// Frames of each segment that may become the poster.
    pub eligible: Vec<Vec<FrameRange>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoryboardRequest {
    pub size: Size,
    /// Frames of each segment.
    pub frames: Vec<u64>,
    /// Frames between two tiles, at least.
    pub every: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Storyboard {
    pub tile: Size,
    pub columns: u32,
    pub tiles: u64,
    /// Frames of the capsule that one tile stands for.
    pub every: u64,
    pub sheet: StillPicture,
}

/// A picture and its length in bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StillPicture {
    pub name: String,
    pub size: Size,
    pub bytes: u64,
}

/// Draws the poster at its sizes; the pictures follow each other in `out`.
///
/// # Errors
/// When a segment does not decode, or no frame may be chosen.
pub fn poster(
    judged: &mut Reels,
    taken: &mut Reels,
    request: &PosterRequest,
    out: &mut dyn std::io::Write,
) -> Result<Vec<StillPicture>, MediaError> {
    let (segment, frame) = chosen(judged, request)?;
    let encoded = taken.read(segment)?;
    let mut found = None;
    let exact = Decoding::Exact;
    decode_segment(&encoded, request.taken, exact, &mut |n, picture| {
        if n < frame {
            return Ok(ControlFlow::Continue(()));
        }
        found = (n == frame).then(|| ffi::reference(picture)).transpose()?;
        Ok(ControlFlow::Break(()))
    })?;
    let poster =
        found.ok_or_else(|| MediaError::new("take a still", "the frame did not decode"))?;

    let mut pictures = Vec::new();
    for (name, side) in [
        ("poster", POSTER),
        ("poster-640", SMALL_POSTER),
        ("poster-320", THUMBNAIL),
    ] {
        let size = if side == POSTER {
            fitted(request.taken, side)
        } else {
            no_wider(request.taken, side)
        };
        let jpeg = jpeg(&rgb(&poster, size)?)?;
        pictures.push(write(out, format!("{name}.jpg"), size, &jpeg)?);
        let webp = webp(&poster, size)?;
        pictures.push(write(out, format!("{name}.webp"), size, &webp)?);
    }
    Ok(pictures)
}

/// The sharpest of the frames that may be chosen: its segment, and its place
/// there.
fn chosen(judged: &mut Reels, request: &PosterRequest) -> Result<(usize, u64), MediaError> {
    let ranges = request.eligible.iter().enumerate();
    let ranges: Vec<(usize, FrameRange)> = ranges
        .flat_map(|(segment, ranges)| ranges.iter().map(move |&range| (segment, range)))
        .collect();
    let none = || MediaError::new("take a still", "no frame may be chosen");
    let &(first, range) = ranges.first().ok_or_else(none)?;
    if let ([_], 1) = (ranges.as_slice(), range.len()) {
        return Ok((first, range.start));
    }
    let mut best: Option<(u64, (usize, u64))> = None;
    for (segment, ranges) in request.eligible.iter().enumerate() {
        let encoded = judged.read(segment)?;
        let references = Decoding::References;
        decode_segment(&encoded, request.judged, references, &mut |n, frame| {
            if ranges.iter().any(|r| r.contains(n)) {
                let score = score(frame);
                if best.is_none_or(|(highest, _)| score > highest) {
                    best = Some((score, (segment, n)));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    // No other picture may rest on those of a short range.
    Ok(best.map_or((first, range.start), |(_, place)| place))
}

/// Draws the sheet of tiles.
///
/// # Errors
/// When a segment does not decode.
pub fn storyboard(
    reels: &mut Reels,
    request: &StoryboardRequest,
    out: &mut dyn std::io::Write,
) -> Result<Storyboard, MediaError> {
    let total: u64 = request.frames.iter().sum();
    let every = request.every.max(total.div_ceil(MOST_TILES)).max(1);
    let tile = fitted(request.size, TILE);
    // A tile shows the middle of its stretch.
    let is_shown = |place: u64| place % every == every / 2 || (total <= every / 2 && place == 0);
    let mut tiles: Vec<RgbImage> = Vec::new();
    let mut at = 0;
    for (index, &length) in request.frames.iter().enumerate() {
        if let Some(last) = (at..at + length).rfind(|&place| is_shown(place)) {
            let segment = reels.read(index)?;
            let exact = Decoding::Exact;
            decode_segment(&segment, request.size, exact, &mut |n, frame| {
                if is_shown(at + n) {
                    tiles.push(rgb(frame, tile)?);
                }
                Ok(match at + n == last {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                })
            })?;
        }
        at += length;
    }
    let sheet = sheet(&tiles, tile);
    let size = Size {
        width: sheet.width(),
        height: sheet.height(),
    };
    Ok(Storyboard {
        tile,
        columns: COLUMNS.min(tiles.len().max(1) as u32),
        tiles: tiles.len() as u64,
        every,
        sheet: write(out, "storyboard.jpg".into(), size, &jpeg(&sheet)?)?,
    })
}

fn write(
    out: &mut dyn std::io::Write,
    name: String,
    size: Size,
    bytes: &[u8],
) -> Result<StillPicture, MediaError> {
    out.write_all(bytes).during("write a still")?;
    Ok(StillPicture {
        name,
        size,
        bytes: bytes.len() as u64,
    })
}

/// One frame of a rendition as RGB, at its own size.
pub fn frame_png(
    reels: &mut Reels,
    frames: &[u64],
    size: Size,
    place: u64,
) -> Result<Vec<u8>, MediaError> {
    let picture = picture_at(reels, frames, size, place)?;
    let rgb = rgb(&picture, size)?;
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(
            rgb.as_raw(),
            rgb.width(),
            rgb.height(),
            ExtendedColorType::Rgb8,
        )
        .during("write a picture")?;
    Ok(png)
}

fn picture_at(
    reels: &mut Reels,
    frames: &[u64],
    size: Size,
    place: u64,
) -> Result<Video, MediaError> {
    let mut start = 0;
    for (index, &length) in frames.iter().enumerate() {
        if place < start + length {
            let segment = reels.read(index)?;
            let mut found = None;
            decode_segment(&segment, size, Decoding::Exact, &mut |n, frame| {
                if start + n < place {
                    return Ok(ControlFlow::Continue(()));
                }
                found = (start + n == place)
                    .then(|| ffi::reference(frame))
                    .transpose()?;
                Ok(ControlFlow::Break(()))
            })?;
            return found
                .ok_or_else(|| MediaError::new("take a still", "the frame did not decode"));
        }
        start += length;
    }
    Err(MediaError::new("take a still", "beyond the capsule's end"))
}

/// How thoroughly a segment is decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Decoding {
    /// Every picture as it is seen.
    Exact,
    /// Every picture is parsed and predicted, and its block edges are left as
    /// they are: what can fail is done, what cannot is not.
    Unsmoothed,
    /// Pictures that others rest on. They are also the better ones.
    References,
}

/// Sees a frame at its place, and says whether to go on.
pub type Show<'a> = &'a mut dyn FnMut(u64, &Video) -> Result<ControlFlow<()>, MediaError>;

/// Decodes an encoded segment and shows frames in display order, each with its
/// place, until `show` has seen enough.
///
/// # Errors
/// Of the decoder, of `show`, or when a picture is damaged.
pub fn decode_segment(
    segment: &Encoded,
    size: Size,
    decoding: Decoding,
    show: Show<'_>,
) -> Result<(), MediaError> {
    let parameters = ffi::describe(&StreamDescription::H264 {
        size,
        header: &segment.header,
    })?;
    let mut context =
        ffmpeg::codec::Context::from_parameters(parameters).during("open a decoder")?;
    context.set_threading(ffmpeg::threading::Config::count(1));
    let mut decoder = context.decoder().video().during("open a decoder")?;
    match decoding {
        Decoding::Exact => {}
        Decoding::Unsmoothed => decoder.skip_loop_filter(ffmpeg::Discard::All),
        Decoding::References => decoder.skip_frame(ffmpeg::Discard::NonReference),
    }
    let mut drain =
        |decoder: &mut ffmpeg::codec::decoder::Video| -> Result<ControlFlow<()>, MediaError> {
            loop {
                let mut frame = Video::empty();
                let answer = decoder.receive_frame(&mut frame).map(|()| frame);
                let Flow::Item(frame) = Flow::from_answer(answer, "decode a segment")? else {
                    return Ok(ControlFlow::Continue(()));
                };
                let place = frame.pts().and_then(|place| u64::try_from(place).ok());
                let place = place.ok_or_else(|| {
                    MediaError::new("decode a segment", "a picture without place")
                })?;
                if frame.is_corrupt() || ffi::was_mended(&frame) {
                    return Err(MediaError::new(
                        "decode a segment",
                        format!("picture {place} is damaged"),
                    ));
                }
                if show(place, &frame)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        };
    for (place, (unit, data)) in segment.iter().enumerate() {
        let mut packet = ffmpeg::Packet::copy(data);
        packet.set_dts(Some(place as i64));
        packet.set_pts(Some(place as i64 + i64::from(unit.offset)));
        decoder.send_packet(&packet).during("decode a segment")?;
        if drain(&mut decoder)?.is_break() {
            return Ok(());
        }
    }
    decoder.send_eof().during("decode a segment")?;
    drain(&mut decoder).map(|_| ())
}

/// How good a poster a frame would make: sharpness (mean squared Laplacian of
/// luma), held back where the picture is too dark, too bright or flat.
fn score(frame: &Video) -> u64 {
    let (width, height, stride) = (
        frame.width() as usize,
        frame.height() as usize,
        frame.stride(0),
    );
    let luma = frame.data(0);
    let at = |x: usize, y: usize| i64::from(luma[y * stride + x]);
    let (mut sum, mut sharp, mut crushed) = (0i64, 0i64, 0i64);
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let here = at(x, y);
            let edge = 4 * here - at(x - 1, y) - at(x + 1, y) - at(x, y - 1) - at(x, y + 1);
            sum += here;
            sharp += edge * edge;
            crushed += i64::from(!(24..=228).contains(&here));
        }
    }
    let pixels = ((width - 2) * (height - 2)).max(1) as i64;
    let mean = sum / pixels;
    let well_lit = (50..=190).contains(&mean) && crushed * 4 < pixels;
    let sharpness = (sharp * 16 / pixels).max(0) as u64;
    if well_lit {
        1_000_000 + sharpness
    } else {
        sharpness
    }
}

/// A size with the shape of `size` whose longer side is at most `side`.
fn fitted(size: Size, side: u32) -> Size {
    scaled(size, side, size.width.max(size.height))
}

/// As [`fitted`], by width.
fn no_wider(size: Size, width: u32) -> Size {
    scaled(size, width, size.width)
}

fn scaled(size: Size, to: u32, from: u32) -> Size {
    if from <= to {
        return size;
    }
    let even =
        |side: u32| (u64::from(side) * u64::from(to) / u64::from(from) / 2 * 2).max(2) as u32;
    Size {
        width: even(size.width),
        height: even(size.height),
    }
}

fn filtered(frame: &Video, chain: &str) -> Result<Video, MediaError> {
    let doing = "convert a still";
    let find = |name: &str| {
        ffmpeg::filter::find(name).ok_or_else(|| MediaError::new(doing, format!("no {name}")))
    };
    let mut graph = ffi::filter_graph();
    let format = ffmpeg::ffi::AVPixelFormat::from(frame.format()) as i32;
    let source = format!(
        "video_size={}x{}:pix_fmt={format}:time_base=1/25:pixel_aspect=1/1",
        frame.width(),
        frame.height()
    );
    let mut input = graph.add(&find("buffer")?, "in", &source).during(doing)?;
    let mut output = graph.add(&find("buffersink")?, "out", "").during(doing)?;
    graph
        .output("in", 0)
        .and_then(|p| p.input("out", 0))
        .and_then(|p| p.parse(chain))
        .during(doing)?;
    graph.validate().during(doing)?;
    // The graph takes the frame that it is given; ours is looked at again.
    let shared = ffi::reference(frame)?;
    input.source().add(&shared).during(doing)?;
    input.source().flush().during(doing)?;
    let mut picture = Video::empty();
    output.sink().frame(&mut picture).during(doing)?;
    Ok(picture)
}

const FLAGS: &str = "flags=bicubic+accurate_rnd+bitexact+full_chroma_int";

fn rgb(frame: &Video, size: Size) -> Result<RgbImage, MediaError> {
    let Size { width, height } = size;
    let picture = filtered(
        frame,
        &format!(
            "scale={width}:{height}:{FLAGS}:in_color_matrix=bt709:in_range=tv:out_range=pc,format=rgb24"
        ),
    )?;
    let row = width as usize * 3;
    let mut pixels = Vec::with_capacity(row * height as usize);
    for line in picture
        .data(0)
        .chunks(picture.stride(0))
        .take(height as usize)
    {
        pixels.extend_from_slice(&line[..row]);
    }
    RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| MediaError::new("convert a still", "wrong number of pixels"))
}

fn jpeg(picture: &RgbImage) -> Result<Vec<u8>, MediaError> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            ExtendedColorType::Rgb8,
        )
        .during("write a JPEG")?;
    Ok(bytes)
}

/// WebP is BT.601 in limited range, whatever the film is.
fn webp(frame: &Video, size: Size) -> Result<Vec<u8>, MediaError> {
    let doing = "write a WebP";
    let Size { width, height } = size;
    let mut picture = filtered(
        frame,
        &format!(
            "scale={width}:{height}:{FLAGS}:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt601:out_range=tv,\
             format=yuv420p"
        ),
    )?;
    let codec = ffmpeg::encoder::find_by_name("libwebp")
        .ok_or_else(|| MediaError::new(doing, "this FFmpeg lacks libwebp"))?;
    let mut context = ffmpeg::codec::Context::new_with_codec(codec);
    context.set_threading(ffmpeg::threading::Config::count(1));
    let mut video = context.encoder().video().during(doing)?;
    video.set_width(width);
    video.set_height(height);
    video.set_format(ffmpeg::format::Pixel::YUV420P);
    video.set_time_base((1, 25));
    let options: ffmpeg::Dictionary = [("quality", "80"), ("preset", "photo")]
        .into_iter()
        .collect();
    let mut encoder = video.open_as_with(codec, options).during(doing)?;
    picture.set_pts(Some(0));
    encoder.send_frame(&picture).during(doing)?;
    encoder.send_eof().during(doing)?;
    let mut packet = ffmpeg::Packet::empty();
    encoder.receive_packet(&mut packet).during(doing)?;
    Ok(packet.data().unwrap_or_default().to_vec())
}

fn sheet(tiles: &[RgbImage], tile: Size) -> RgbImage {
    let columns = COLUMNS.min(tiles.len().max(1) as u32);
    let rows = (tiles.len() as u32).div_ceil(columns).max(1);
    let mut sheet = RgbImage::new(columns * tile.width, rows * tile.height);
    for (n, picture) in tiles.iter().enumerate() {
        let (x, y) = (
            n as u32 % columns * tile.width,
            n as u32 / columns * tile.height,
        );
        image::imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
    }
    sheet
}
