//! Opens a clip that somebody else made. FFmpeg is given an open file, no
//! protocol, and short lists of demuxers and decoders: it can open nothing by
//! itself and runs only code that real clips need.

use crate::media::error::{During, MediaError};
use crate::media::ffi;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::{Input, StreamIo};
use std::fs::File;
use std::io::{Seek, SeekFrom};

/// Containers that cameras, phones and editing programs write.
const DEMUXERS: &str =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,mxf,dv,ogg,flv,asf,h264,hevc";

/// The same for a sound of the charter.
const SOUND_DEMUXERS: &str =
    "wav,w64,aiff,mp3,flac,ogg,aac,asf,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";

/// Decoders that are worth their attack surface. Both the native and the
/// library decoder of AV1 are named; FFmpeg takes the first that it has.
const DECODERS: &str = "h264,hevc,mpeg2video,mpeg1video,mpeg4,prores,dnxhd,mjpeg,dvvideo,vp8,vp9,libdav1d,av1,\
ffv1,png,rawvideo,v210,h263,wmv2,theora,flv,huffyuv,utvideo,qtrle,\
aac,aac_latm,mp3,mp3float,mp2,mp2float,ac3,eac3,opus,libopus,vorbis,flac,alac,amrnb,amrwb,wmav2,\
pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,\
pcm_u8,pcm_s8,pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_s24daud,adpcm_ima_qt,adpcm_ima_wav,adpcm_ms";

/// Streams in one container; real clips have fewer than ten.
const MAX_STREAMS: &str = "64";

/// Pixels of one picture: 8K, with room for odd shapes.
pub const MAX_PIXELS: &str = "67108864";

/// Bytes of one piece of memory: a picture of the most pixels, or the index of
/// a very long clip. A header may ask for more without having the bytes.
const MAX_ALLOCATION: usize = 768 << 20;

/// Opens a clip from its beginning.
///
/// # Errors
/// When no allowed demuxer knows the bytes, or a stream's first packets cannot
/// be understood.
pub fn open(file: File) -> Result<Input, MediaError> {
    open_with(file, DEMUXERS, DECODERS)
}

/// Opens a sound of the charter from its beginning.
///
/// # Errors
/// As [`open`].
pub fn open_sound(file: File) -> Result<Input, MediaError> {
    open_with(file, SOUND_DEMUXERS, DECODERS)
}

/// Opens a clip without decoding anything, so that what the container says of
/// its streams is all that is known.
///
/// # Errors
/// As [`open`].
pub fn open_undecoded(file: File) -> Result<Input, MediaError> {
    open_with(file, DEMUXERS, "none")
}

fn open_with(mut file: File, demuxers: &str, decoders: &str) -> Result<Input, MediaError> {
    file.seek(SeekFrom::Start(0)).during("rewind the clip")?;
    ffi::limit_allocations(MAX_ALLOCATION);
    let io = StreamIo::from_read_seek_with_capacity(file, 256 * 1024).during("prepare to read")?;
    let options: ffmpeg::Dictionary = [
        ("format_whitelist", demuxers),
        ("codec_whitelist", decoders),
        // No protocol at all: the only bytes are those of the open file.
        ("protocol_whitelist", "none"),
        ("max_streams", MAX_STREAMS),
        ("max_pixels", MAX_PIXELS),
    ]
    .into_iter()
    .collect();
    ffmpeg::format::input_from_stream(io, None, Some(options)).during("open the clip")
}

/// Reads the next packet in the place of the former one, whose bytes are given
/// back: FFmpeg would forget them, and in the end hold the whole clip.
///
/// # Errors
/// FFmpeg's own, `Eof` at the clip's end among them.
pub fn read_packet(opened: &mut Input, packet: &mut ffmpeg::Packet) -> Result<(), ffmpeg::Error> {
    *packet = ffmpeg::Packet::empty();
    packet.read(opened)
}

/// Before any clip's first time stamp, in microseconds. FFmpeg converts it into
/// a stream's own ticks: nearer to `i64::MIN` that overflows when there are
/// more than two million a second, and the clip is wound to its end.
const BEFORE_ALL: i64 = -(1 << 50);

/// Goes back to the first picture.
///
/// # Errors
/// When the file can be wound back neither by time nor by bytes.
pub fn rewind(opened: &mut Input) -> Result<(), MediaError> {
    let by_time = !is_untimed(opened) && opened.seek(BEFORE_ALL, ..).is_ok();
    if by_time || ffi::seek_first_byte(opened) {
        return Ok(());
    }
    Err(MediaError::new(
        "rewind the clip",
        "it cannot be wound back",
    ))
}

/// Whether the container is none: bare pictures without time stamps, which are
/// counted instead, and have to be counted from the first.
pub fn is_untimed(opened: &Input) -> bool {
    matches!(opened.format().name(), "h264" | "hevc" | "mpegvideo")
}

/// A decoder for one stream, in one thread, with the limits above.
pub fn decoder(
    input: &Input,
    stream: usize,
) -> Result<ffmpeg::codec::decoder::Decoder, MediaError> {
    let stream = input
        .stream(stream)
        .ok_or_else(|| MediaError::new("choose a stream", "no such stream"))?;
    let mut context =
        ffmpeg::codec::Context::from_parameters(stream.parameters()).during("prepare a decoder")?;
    context.set_threading(ffmpeg::threading::Config::count(1));
    // Else pixels that the codec crops away at the left stay in the picture.
    context.set_flags(ffmpeg::codec::Flags::UNALIGNED);
    Ok(context.decoder())
}

/// Options with which every decoder is opened.
pub fn decoder_options<'a>() -> ffmpeg::Dictionary<'a> {
    [("codec_whitelist", DECODERS), ("max_pixels", MAX_PIXELS)]
        .into_iter()
        .collect()
}

/// Whether a decoder is on the list.
pub fn allows(decoder: &str) -> bool {
    DECODERS.split(',').any(|name| name == decoder)
}
