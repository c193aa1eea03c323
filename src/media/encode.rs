//! Encodes one segment: frames in, access units out, closed and complete, so
//! that any run of segments of the same settings can be joined.

use crate::media::error::{During, Flow, MediaError};
use crate::media::ffi;
use crate::media::segment::Encoded;
use crate::media::sound::baseline::is_held;
use crate::plan::ladder::{REFERENCES, VideoEncoding};
use crate::series::profile::VideoCodec;
use crate::values::geometry::Size;
use crate::values::time::FrameRate;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::frame::Video;

pub struct SegmentEncoder {
    encoder: ffmpeg::encoder::video::Encoder,
    encoded: Encoded,
    sent: i64,
}

impl SegmentEncoder {
    pub fn new(
        size: Size,
        rate: FrameRate,
        encoding: &VideoEncoding,
    ) -> Result<SegmentEncoder, MediaError> {
        if encoding.codec != VideoCodec::H264 {
            return Err(MediaError::new(
                "open the encoder",
                "this codec is not built yet",
            ));
        }
        let codec = ffmpeg::encoder::find_by_name("libx264")
            .ok_or_else(|| MediaError::new("find the encoder", "this FFmpeg lacks libx264"))?;
        let mut context = ffmpeg::codec::Context::new_with_codec(codec);
        context.set_threading(ffmpeg::threading::Config::count(1));
        context.set_flags(ffmpeg::codec::Flags::GLOBAL_HEADER | ffmpeg::codec::Flags::CLOSED_GOP);
        let mut video = context.encoder().video().during("open the encoder")?;
        let narrow = |v: i64| i32::try_from(v).during("set the frame rate");
        let (num, den) = (narrow(rate.num())?, narrow(rate.den())?);
        video.set_width(size.width);
        video.set_height(size.height);
        video.set_format(ffmpeg::format::Pixel::YUV420P);
        video.set_time_base((den, num));
        video.set_frame_rate(Some((num, den)));
        video.set_aspect_ratio((1, 1));
        ffi::tag_bt709(&mut video);
        if let Some(kbps) = encoding.max_kbps {
            ffi::cap_rate(&mut video, kbps);
        }
        let crf = encoding.crf.to_string();
        let parameters = x264_parameters(encoding);
        let options: ffmpeg::Dictionary = [
            ("preset", encoding.preset.as_str()),
            ("crf", crf.as_str()),
            ("profile", "high"),
            ("x264-params", parameters.as_str()),
        ]
        .into_iter()
        .collect();
        let encoder = video
            .open_as_with(codec, options)
            .during("open the encoder")?;
        let annex_b = ffi::extradata(&encoder);
        let header = avc_configuration(&annex_b)
            .ok_or_else(|| MediaError::new("open the encoder", "no parameter sets"))?;
        Ok(SegmentEncoder {
            encoder,
            encoded: Encoded {
                header,
                ..Encoded::default()
            },
            sent: 0,
        })
    }

    /// Encodes the next frame in display order.
    pub fn push(&mut self, frame: &mut Video) -> Result<(), MediaError> {
        frame.set_pts(Some(self.sent));
        // What the source's encoder chose must not steer ours.
        frame.set_kind(ffmpeg::picture::Type::None);
        self.sent += 1;
        self.encoder.send_frame(frame).during("encode a picture")?;
        self.collect()
    }

    /// The segment, once `frames` frames are in it.
    ///
    /// # Errors
    /// When the encoder gave another number of pictures than it was sent, or
    /// the first is no key frame.
    pub fn finish(mut self) -> Result<Encoded, MediaError> {
        self.encoder.send_eof().during("end a segment")?;
        self.collect()?;
        if self.encoded.units.len() as i64 != self.sent {
            let found = self.encoded.units.len();
            return Err(MediaError::new(
                "end a segment",
                format!("{found} pictures of {}", self.sent),
            ));
        }
        if self.encoded.units.first().is_some_and(|u| !u.key) {
            return Err(MediaError::new(
                "end a segment",
                "it does not start with a key frame",
            ));
        }
        Ok(self.encoded)
    }

    fn collect(&mut self) -> Result<(), MediaError> {
        loop {
            let mut packet = ffmpeg::Packet::empty();
            let answer = self.encoder.receive_packet(&mut packet).map(|()| packet);
            match Flow::from_answer(answer, "encode a picture")? {
                Flow::Item(packet) => {
                    let place = self.encoded.units.len() as i64;
                    let shown = packet
                        .pts()
                        .ok_or_else(|| MediaError::new("encode a picture", "no time stamp"))?;
                    let offset = i32::try_from(shown - place).during("encode a picture")?;
                    let unit = length_prefixed(packet.data().unwrap_or_default());
                    self.encoded.push(&unit, offset, packet.is_key());
                }
                Flow::NeedsInput | Flow::Drained => return Ok(()),
            }
        }
    }
}

/// Everything that would make bytes depend on the machine or on the segment's
/// neighbours is pinned.
fn x264_parameters(encoding: &VideoEncoding) -> String {
    let gop = encoding.gop;
    let level = encoding.level;
    let mut text = format!(
        "cpu-independent=1:stitchable=1:scenecut=0:threads=1:keyint={gop}:min-keyint={gop}:open-gop=0:\
         ref={REFERENCES}:rc-lookahead=20:level={level}"
    );
    if encoding.max_kbps.is_some() {
        text.push_str(":vbv-init=0.5");
    }
    // x264 looks at the processor itself, whatever FFmpeg was told.
    if cfg!(target_arch = "x86_64") && is_held() {
        text.push_str(":asm=SSE2");
    }
    text
}

const SEI: u8 = 6;
const SPS: u8 = 7;
const PPS: u8 = 8;
/// Unregistered user data: x264's settings, which are nobody's business.
const SEI_USER_DATA: u8 = 5;

/// NAL units between Annex B start codes.
fn nal_units(annex_b: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = next_start(annex_b).map(|(_, after)| after);
    std::iter::from_fn(move || {
        let from = rest?;
        let unit = match next_start(from) {
            Some((before, after)) => {
                rest = Some(after);
                before
            }
            None => {
                rest = None;
                from
            }
        };
        let end = unit.iter().rposition(|&b| b != 0).map_or(0, |p| p + 1);
        Some(&unit[..end])
    })
    .filter(|unit| !unit.is_empty())
}

/// Splits at the next `00 00 01`: what is before it, what is after.
fn next_start(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(3).position(|w| w == [0, 0, 1])?;
    Some((&bytes[..at], &bytes[at + 3..]))
}

/// An access unit as MP4 wants it: four bytes of length before each NAL unit.
fn length_prefixed(annex_b: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(annex_b.len() + 8);
    for unit in nal_units(annex_b) {
        if unit[0] & 0x1f == SEI && unit.get(1) == Some(&SEI_USER_DATA) {
            continue;
        }
        out.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        out.extend_from_slice(unit);
    }
    out
}

/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) of an 8-bit 4:2:0
/// stream with one SPS and one PPS.
fn avc_configuration(annex_b: &[u8]) -> Option<Vec<u8>> {
    let of_kind = |kind: u8| nal_units(annex_b).find(|u| u[0] & 0x1f == kind);
    let (sps, pps) = (of_kind(SPS)?, of_kind(PPS)?);
    let [profile, constraints, level] = *sps.get(1..4)? else {
        return None;
    };
    let mut out = vec![1, profile, constraints, level, 0xff, 0xe1];
    out.extend_from_slice(&u16::try_from(sps.len()).ok()?.to_be_bytes());
    out.extend_from_slice(sps);
    out.push(1);
    out.extend_from_slice(&u16::try_from(pps.len()).ok()?.to_be_bytes());
    out.extend_from_slice(pps);
    // The High profiles name chroma format 1 (4:2:0), 8 bits, no extensions.
    if matches!(profile, 100 | 110 | 122 | 144) {
        out.extend_from_slice(&[0xfd, 0xf8, 0xf8, 0]);
    }
    Some(out)
}

/// RFC 6381 name of what an avcC describes ("avc1.640028").
pub fn codec_string(avc_configuration: &[u8]) -> Option<String> {
    let [profile, constraints, level] = *avc_configuration.get(1..4)? else {
        return None;
    };
    Some(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_data_is_dropped_and_units_are_prefixed() {
        let annex_b = [
            0, 0, 0, 1, 0x06, 5, 9, 9, 0, 0, 1, 0x65, 1, 2, 0, 0, 0, 1, 0x41, 3,
        ];
        assert_eq!(
            length_prefixed(&annex_b),
            [0, 0, 0, 3, 0x65, 1, 2, 0, 0, 0, 2, 0x41, 3]
        );
    }
}
