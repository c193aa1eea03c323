//! Fields of FFmpeg's structures that `ffmpeg-next` has no safe name for. Each
//! function reads or sets one thing; nothing is kept.
#![allow(unsafe_code, reason = "plain fields of FFmpeg's structures")]

use crate::media::error::MediaError;
use crate::values::facts::FieldOrder;
use crate::values::geometry::Size;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::ffi;
use std::ffi::{CStr, c_char};

/// No single piece of memory that FFmpeg asks for is larger than this, in the
/// whole process.
pub fn limit_allocations(bytes: usize) {
    // SAFETY: sets one number, atomically.
    unsafe { ffi::av_max_alloc(bytes) }
}

/// Codec parameters of a stream, as plain values.
pub struct StreamParameters {
    pub size: Size,
    pub sample_aspect: (i32, i32),
    pub pixel_format: Option<String>,
    pub bit_depth: u8,
    pub is_rgb: bool,
    pub matrix: Option<String>,
    pub primaries: Option<String>,
    pub transfer: Option<String>,
    pub chroma_location: Option<String>,
    pub full_range: bool,
    pub field_order: FieldOrder,
    pub sample_rate: u32,
    pub channels: u16,
    pub layout: String,
    pub codec: String,
    pub known: bool,
}

/// A palette holds red, green and blue, which FFmpeg's flag does not say.
const RGB_FLAGS: u64 = (ffi::AV_PIX_FMT_FLAG_RGB | ffi::AV_PIX_FMT_FLAG_PAL) as u64;

/// Reads what a container or decoder says of a stream.
pub fn stream_parameters(stream: &ffmpeg::Stream) -> StreamParameters {
    let parameters = stream.parameters();
    // SAFETY: the pointer is valid while `parameters` lives; only plain fields
    // are read, and the name functions return static strings or NULL.
    unsafe {
        let p = &*parameters.as_ptr();
        let format: ffi::AVPixelFormat =
            std::mem::transmute::<i32, ffi::AVPixelFormat>(p.format.max(-1));
        let video = p.codec_type == ffi::AVMediaType::AVMEDIA_TYPE_VIDEO && p.format >= 0;
        let descriptor = if video {
            ffi::av_pix_fmt_desc_get(format)
        } else {
            std::ptr::null()
        };
        let stream_aspect = (*stream.as_ptr()).sample_aspect_ratio;
        let aspect = if stream_aspect.num > 0 {
            stream_aspect
        } else {
            p.sample_aspect_ratio
        };
        let mut layout = [0 as c_char; 64];
        if p.ch_layout.nb_channels > 0 {
            ffi::av_channel_layout_describe(&p.ch_layout, layout.as_mut_ptr(), layout.len());
        }
        StreamParameters {
            size: Size {
                width: p.width.max(0) as u32,
                height: p.height.max(0) as u32,
            },
            sample_aspect: (aspect.num, aspect.den),
            pixel_format: descriptor.as_ref().and_then(|d| named(d.name)),
            bit_depth: descriptor.as_ref().map_or(0, |d| d.comp[0].depth as u8),
            is_rgb: descriptor
                .as_ref()
                .is_some_and(|d| d.flags & RGB_FLAGS != 0),
            matrix: specified(named(ffi::av_color_space_name(p.color_space))),
            primaries: specified(named(ffi::av_color_primaries_name(p.color_primaries))),
            transfer: specified(named(ffi::av_color_transfer_name(p.color_trc))),
            chroma_location: specified(named(ffi::av_chroma_location_name(p.chroma_location))),
            full_range: p.color_range == ffi::AVColorRange::AVCOL_RANGE_JPEG,
            // The second letter tells how fields are displayed; everybody who
            // writes them, FFmpeg included, goes by the first.
            field_order: match p.field_order {
                ffi::AVFieldOrder::AV_FIELD_TT | ffi::AVFieldOrder::AV_FIELD_TB => {
                    FieldOrder::TopFirst
                }
                ffi::AVFieldOrder::AV_FIELD_BB | ffi::AVFieldOrder::AV_FIELD_BT => {
                    FieldOrder::BottomFirst
                }
                _ => FieldOrder::Progressive,
            },
            sample_rate: p.sample_rate.max(0) as u32,
            channels: p.ch_layout.nb_channels.max(0) as u16,
            layout: named(layout.as_ptr()).unwrap_or_default(),
            codec: named(ffi::avcodec_get_name(p.codec_id)).unwrap_or_default(),
            known: p.codec_id != ffi::AVCodecID::AV_CODEC_ID_NONE,
        }
    }
}

/// Bits of a sample of luma.
pub fn bit_depth(format: ffmpeg::format::Pixel) -> u8 {
    // SAFETY: a descriptor is static, and only read.
    format
        .descriptor()
        .map_or(8, |d| unsafe { (*d.as_ptr()).comp[0].depth as u8 })
}

fn named(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, and every caller passes a NUL-terminated string that
    // outlives the call.
    Some(
        unsafe { CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned(),
    )
}

fn specified(name: Option<String>) -> Option<String> {
    name.filter(|n| !matches!(n.as_str(), "unknown" | "unspecified" | "reserved" | ""))
}

/// The stream's display matrix: nine 16.16 (and 2.30) fixed-point numbers.
pub fn display_matrix(stream: &ffmpeg::Stream) -> Option<[i32; 9]> {
    let side = stream
        .side_data()
        .find(|s| s.kind() == ffmpeg::packet::side_data::Type::DisplayMatrix)?;
    let bytes: &[u8; 36] = side.data().get(..36)?.try_into().ok()?;
    let mut matrix = [0; 9];
    for (value, word) in matrix.iter_mut().zip(bytes.chunks_exact(4)) {
        *value = i32::from_ne_bytes([word[0], word[1], word[2], word[3]]);
    }
    Some(matrix)
}

/// Entries of the index that a container has of a stream; it may still grow
/// while the file is read.
pub fn index_entries(stream: &ffmpeg::Stream) -> usize {
    // SAFETY: the stream belongs to an open context, and is only read.
    let entries = unsafe { ffi::avformat_index_get_entries_count(stream.as_ptr()) };
    usize::try_from(entries).unwrap_or(0)
}

/// Whether a clip's duration is what its container says, and not reckoned from
/// bytes or time stamps.
pub fn is_duration_declared(opened: &ffmpeg::format::context::Input) -> bool {
    // SAFETY: a plain field of an open context.
    let method = unsafe { (*opened.as_ptr()).duration_estimation_method };
    method == ffi::AVDurationEstimationMethod::AVFMT_DURATION_FROM_STREAM
}

/// Where a clip starts, in microseconds; zero where nobody knows.
pub fn start_time(opened: &ffmpeg::format::context::Input) -> i64 {
    // SAFETY: a plain field of an open context.
    let start = unsafe { (*opened.as_ptr()).start_time };
    if start == ffi::AV_NOPTS_VALUE {
        0
    } else {
        start
    }
}

/// Goes to the file's first byte; `false` when the container forbids it.
pub fn seek_first_byte(opened: &mut ffmpeg::format::context::Input) -> bool {
    // SAFETY: the context is open, and everything else is passed by value.
    unsafe {
        let bytes = ffi::AVSEEK_FLAG_BYTE;
        ffi::avformat_seek_file(opened.as_mut_ptr(), -1, 0, 0, 0, bytes) >= 0
    }
}

/// Whether an edit list hides the packet's frames.
pub fn is_discarded(packet: &ffmpeg::Packet) -> bool {
    use ffmpeg::packet::Ref;
    // SAFETY: a plain field of a live packet.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Whether the decoder found damage in a picture and made up for it.
pub fn was_mended(frame: &ffmpeg::frame::Video) -> bool {
    // SAFETY: a plain field of a live frame.
    unsafe { (*frame.as_ptr()).decode_error_flags != 0 }
}

/// The codec's private header (avcC, AudioSpecificConfig, …) or Annex B
/// parameter sets, as the encoder left them.
pub fn extradata(context: &ffmpeg::codec::Context) -> Vec<u8> {
    // SAFETY: pointer and size are set together by FFmpeg.
    unsafe {
        let c = &*context.as_ptr();
        if c.extradata.is_null() || c.extradata_size <= 0 {
            return Vec::new();
        }
        std::slice::from_raw_parts(c.extradata, c.extradata_size as usize).to_vec()
    }
}

/// The codec's private header as a container carries it.
pub fn header(stream: &ffmpeg::Stream) -> Vec<u8> {
    let parameters = stream.parameters();
    // SAFETY: the pointer is valid while `parameters` lives; FFmpeg sets
    // pointer and size together.
    unsafe {
        let p = &*parameters.as_ptr();
        if p.extradata.is_null() || p.extradata_size <= 0 {
            return Vec::new();
        }
        std::slice::from_raw_parts(p.extradata, p.extradata_size as usize).to_vec()
    }
}

/// What a muxer or decoder needs to know of a stream that we encoded.
pub enum StreamDescription<'a> {
    H264 {
        size: Size,
        header: &'a [u8],
    },
    Aac {
        sample_rate: u32,
        channels: u16,
        header: &'a [u8],
    },
}

/// Codec parameters for a stream of ours.
pub fn describe(
    description: &StreamDescription<'_>,
) -> Result<ffmpeg::codec::Parameters, MediaError> {
    let mut parameters = ffmpeg::codec::Parameters::new();
    // SAFETY: the structure is freshly allocated and owned; extradata is
    // allocated by FFmpeg with the padding it demands and freed with it.
    unsafe {
        let p = &mut *parameters.as_mut_ptr();
        let header = match description {
            StreamDescription::H264 { size, header } => {
                p.codec_type = ffi::AVMediaType::AVMEDIA_TYPE_VIDEO;
                p.codec_id = ffi::AVCodecID::AV_CODEC_ID_H264;
                p.width = size.width as i32;
                p.height = size.height as i32;
                p.format = ffi::AVPixelFormat::AV_PIX_FMT_YUV420P as i32;
                p.sample_aspect_ratio = ffi::AVRational { num: 1, den: 1 };
                p.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
                p.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
                p.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
                p.color_space = ffi::AVColorSpace::AVCOL_SPC_BT709;
                p.chroma_location = ffi::AVChromaLocation::AVCHROMA_LOC_LEFT;
                *header
            }
            StreamDescription::Aac {
                sample_rate,
                channels,
                header,
            } => {
                p.codec_type = ffi::AVMediaType::AVMEDIA_TYPE_AUDIO;
                p.codec_id = ffi::AVCodecID::AV_CODEC_ID_AAC;
                p.sample_rate = *sample_rate as i32;
                p.frame_size = 1024;
                p.format = ffi::AVSampleFormat::AV_SAMPLE_FMT_FLTP as i32;
                ffi::av_channel_layout_default(&mut p.ch_layout, i32::from(*channels));
                *header
            }
        };
        let padded = header.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
        p.extradata = ffi::av_mallocz(padded).cast();
        if p.extradata.is_null() {
            return Err(MediaError::new("describe a stream", "out of memory"));
        }
        std::ptr::copy_nonoverlapping(header.as_ptr(), p.extradata, header.len());
        p.extradata_size = header.len() as i32;
    }
    Ok(parameters)
}

/// Tags an encoder's output as BT.709, limited range, chroma to the left.
pub fn tag_bt709(encoder: &mut ffmpeg::encoder::video::Video) {
    // SAFETY: plain fields, set before the encoder is opened.
    unsafe {
        let c = &mut *encoder.as_mut_ptr();
        c.color_range = ffi::AVColorRange::AVCOL_RANGE_MPEG;
        c.color_primaries = ffi::AVColorPrimaries::AVCOL_PRI_BT709;
        c.color_trc = ffi::AVColorTransferCharacteristic::AVCOL_TRC_BT709;
        c.colorspace = ffi::AVColorSpace::AVCOL_SPC_BT709;
        c.chroma_sample_location = ffi::AVChromaLocation::AVCHROMA_LOC_LEFT;
    }
}

/// Caps an encoder's rate; the buffer holds two seconds of it.
pub fn cap_rate(encoder: &mut ffmpeg::encoder::video::Video, kbps: u32) {
    // SAFETY: plain fields, set before the encoder is opened.
    unsafe {
        let c = &mut *encoder.as_mut_ptr();
        c.rc_max_rate = i64::from(kbps) * 1000;
        c.rc_buffer_size = (i64::from(kbps) * 2000).min(i64::from(i32::MAX)) as i32;
    }
}

/// Makes a frame's pixels ours to change, copying them if they are shared.
pub fn make_writable(frame: &mut ffmpeg::frame::Video) -> Result<(), MediaError> {
    // SAFETY: a live frame; FFmpeg copies its buffers when they are shared.
    match unsafe { ffi::av_frame_make_writable(frame.as_mut_ptr()) } {
        0.. => Ok(()),
        error => Err(MediaError::new("copy a frame", ffmpeg::Error::from(error))),
    }
}

/// A second handle on the same pixels.
pub fn reference(frame: &ffmpeg::frame::Video) -> Result<ffmpeg::frame::Video, MediaError> {
    let mut copy = ffmpeg::frame::Video::empty();
    // SAFETY: both frames are live, and `copy` is empty.
    match unsafe { ffi::av_frame_ref(copy.as_mut_ptr(), frame.as_ptr()) } {
        0.. => Ok(copy),
        error => Err(MediaError::new(
            "refer to a frame",
            ffmpeg::Error::from(error),
        )),
    }
}

/// How a packet of H.264 is coded, as its first slice says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coding {
    Frame,
    TopField,
    BottomField,
}

/// Reads of each packet whether it is a field or a frame, without decoding.
pub struct CodingReader {
    parser: std::ptr::NonNull<ffi::AVCodecParserContext>,
    context: ffmpeg::codec::Context,
}

impl CodingReader {
    /// `None` for codecs that FFmpeg cannot parse.
    pub fn of(stream: &ffmpeg::Stream) -> Option<CodingReader> {
        let context = ffmpeg::codec::Context::from_parameters(stream.parameters()).ok()?;
        // SAFETY: takes a number, and returns a parser that is ours or NULL. The
        // flag is a plain field: each packet is a whole picture or field.
        let parser = unsafe {
            let id = (*context.as_ptr()).codec_id;
            let parser = std::ptr::NonNull::new(ffi::av_parser_init(id as i32))?;
            (*parser.as_ptr()).flags |= ffi::PARSER_FLAG_COMPLETE_FRAMES;
            parser
        };
        Some(CodingReader { parser, context })
    }

    pub fn read(&mut self, packet: &ffmpeg::Packet) -> Option<Coding> {
        let bytes = packet.data()?;
        let size = i32::try_from(bytes.len()).ok()?;
        let (mut out, mut out_size) = (std::ptr::null_mut(), 0);
        let unknown = ffi::AV_NOPTS_VALUE;
        // SAFETY: parser and context live and belong to the same codec; a
        // packet's bytes are followed by the padding that parsers demand. What
        // the parser points to is not looked at.
        let structure = unsafe {
            ffi::av_parser_parse2(
                self.parser.as_ptr(),
                self.context.as_mut_ptr(),
                &mut out,
                &mut out_size,
                bytes.as_ptr(),
                size,
                unknown,
                unknown,
                0,
            );
            (*self.parser.as_ptr()).picture_structure
        };
        match structure {
            ffi::AVPictureStructure::AV_PICTURE_STRUCTURE_FRAME => Some(Coding::Frame),
            ffi::AVPictureStructure::AV_PICTURE_STRUCTURE_TOP_FIELD => Some(Coding::TopField),
            ffi::AVPictureStructure::AV_PICTURE_STRUCTURE_BOTTOM_FIELD => Some(Coding::BottomField),
            _ => None,
        }
    }
}

impl Drop for CodingReader {
    fn drop(&mut self) {
        // SAFETY: ours, and closed once.
        unsafe { ffi::av_parser_close(self.parser.as_ptr()) }
    }
}

/// Brightest pixel in cd/m² by a clip's metadata, given as rows of native 32-bit
/// words: AVContentLightMetadata starts with MaxCLL; AVMasteringDisplayMetadata
/// has max_luminance as words 18 and 19 and has_luminance as word 21.
fn peak_nits(light: Option<&[u8]>, mastering: Option<&[u8]>) -> Option<u32> {
    let words = |bytes: Option<&[u8]>| -> Vec<i32> {
        let words = bytes.unwrap_or_default().chunks_exact(4);
        words
            .map(|w| i32::from_ne_bytes([w[0], w[1], w[2], w[3]]))
            .collect()
    };
    let light = words(light).first().copied().filter(|&nits| nits > 0);
    let mastering = match words(mastering).get(18..22) {
        Some(&[num, den, _, known]) if den > 0 && known != 0 => Some(num / den),
        _ => None,
    };
    light
        .or(mastering)
        .and_then(|nits| u32::try_from(nits).ok())
}

/// The same where only the container knows it.
pub fn declared_peak(stream: &ffmpeg::Stream) -> Option<u32> {
    use ffmpeg::packet::side_data::Type;
    let of = |kind: Type| stream.side_data().find(|side| side.kind() == kind);
    let (light, mastering) = (
        of(Type::ContentLightLevel),
        of(Type::MasteringDisplayMetadata),
    );
    peak_nits(
        light.as_ref().map(|side| side.data()),
        mastering.as_ref().map(|side| side.data()),
    )
}

/// Colour of a decoded frame, which may know more than its container.
pub struct FrameColour {
    pub matrix: Option<String>,
    pub primaries: Option<String>,
    pub transfer: Option<String>,
    pub chroma_location: Option<String>,
    pub full_range: bool,
    pub peak_nits: Option<u32>,
}

pub fn frame_colour(frame: &ffmpeg::frame::Video) -> FrameColour {
    use ffmpeg::frame::side_data::Type;
    let light = frame.side_data(Type::ContentLightLevel);
    let mastering = frame.side_data(Type::MasteringDisplayMetadata);
    let peak = peak_nits(
        light.as_ref().map(|side| side.data()),
        mastering.as_ref().map(|side| side.data()),
    );
    // SAFETY: plain fields of a live frame; the name functions return static
    // strings or NULL.
    unsafe {
        let f = &*frame.as_ptr();
        FrameColour {
            matrix: specified(named(ffi::av_color_space_name(f.colorspace))),
            primaries: specified(named(ffi::av_color_primaries_name(f.color_primaries))),
            transfer: specified(named(ffi::av_color_transfer_name(f.color_trc))),
            chroma_location: specified(named(ffi::av_chroma_location_name(f.chroma_location))),
            full_range: f.color_range == ffi::AVColorRange::AVCOL_RANGE_JPEG,
            peak_nits: peak,
        }
    }
}

/// A filter graph without threads of its own: a worker is one thread.
pub fn filter_graph() -> ffmpeg::filter::Graph {
    let mut graph = ffmpeg::filter::Graph::new();
    // SAFETY: a plain field of a live context, set before any filter is added.
    unsafe { (*graph.as_mut_ptr()).nb_threads = 1 };
    graph
}

/// Ends a fragment: what was written so far leaves the muxer.
pub fn flush_fragment(output: &mut ffmpeg::format::context::Output) -> Result<(), MediaError> {
    // SAFETY: a NULL packet is how FFmpeg is told to flush; the context is
    // live and its header is written.
    let answer = unsafe {
        let answer = ffi::av_write_frame(output.as_mut_ptr(), std::ptr::null_mut());
        ffi::avio_flush((*output.as_mut_ptr()).pb);
        answer
    };
    match answer {
        0.. => Ok(()),
        error => Err(MediaError::new(
            "end a fragment",
            ffmpeg::Error::from(error),
        )),
    }
}

/// Asks a muxer for reproducible bytes: no versions, no random ids, no dates.
pub fn make_bitexact(output: &mut ffmpeg::format::context::Output) {
    // SAFETY: a plain field of a live context, set before the header.
    unsafe { (*output.as_mut_ptr()).flags |= ffi::AVFMT_FLAG_BITEXACT }
}

/// The three planes of a planar 8-bit picture, each `stride × lines` long.
///
/// # Panics
/// When the frame is not 4:2:0 with three planes.
pub fn planes_mut(frame: &mut ffmpeg::frame::Video) -> [&mut [u8]; 3] {
    assert_eq!(
        frame.format(),
        ffmpeg::format::Pixel::YUV420P,
        "composing is done in 4:2:0"
    );
    let lengths = [0, 1, 2].map(|n| frame.stride(n) * frame.plane_height(n) as usize);
    // SAFETY: FFmpeg allocates each plane apart or one after the other, at
    // least `stride × lines` long and never overlapping; the frame is borrowed
    // mutably for as long as the slices live.
    unsafe {
        let data = (*frame.as_mut_ptr()).data;
        [0, 1, 2].map(|n| std::slice::from_raw_parts_mut(data[n], lengths[n]))
    }
}
