//! Which tracks of a clip are seen and heard.

use crate::media::probe::Heard;
use crate::media::sound::decode::is_audible;
use crate::media::{ffi, input};
use crate::values::facts::ProbeFailure;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::format::context::Input;
use std::collections::BTreeMap;

pub(super) struct Chosen {
    pub(super) video: usize,
    /// Sound tracks that have a decoder: default ones first.
    pub(super) sounds: Vec<usize>,
    pub(super) left_out: usize,
}

/// The default picture with the most pixels that is no cover image, and every
/// sound track that can be decoded.
pub(super) fn choose_streams(opened: &Input) -> Result<Chosen, ProbeFailure> {
    // One that is switched off stands behind all that are not.
    let mut best_video: Option<((bool, u64), usize)> = None;
    let container = opened.format().name().to_owned();
    let mut sounds: Vec<(bool, usize)> = Vec::new();
    let mut unsupported = None;
    let mut total = 0;
    for stream in opened.streams() {
        total += 1;
        let p = ffi::stream_parameters(&stream);
        let disposition = stream.disposition();
        let default = disposition.contains(ffmpeg::format::stream::Disposition::DEFAULT);
        let decodable = p.known
            && ffmpeg::decoder::find(stream.parameters().id())
                .is_some_and(|c| input::allows(c.name()));
        match stream.parameters().medium() {
            ffmpeg::media::Type::Video
                if !disposition.contains(ffmpeg::format::stream::Disposition::ATTACHED_PIC) =>
            {
                if !decodable {
                    unsupported = Some(p.codec);
                    continue;
                }
                let pixels = u64::from(p.size.width) * u64::from(p.size.height);
                if best_video.is_none_or(|(most, _)| (default, pixels) > most) {
                    best_video = Some(((default, pixels), stream.index()));
                }
            }
            ffmpeg::media::Type::Audio if decodable && p.channels > 0 && p.sample_rate > 0 => {
                sounds.push((default, stream.index()));
            }
            _ => {}
        }
    }
    let video = match (best_video, unsupported) {
        (Some((_, index)), _) => index,
        (None, Some(codec)) => return Err(ProbeFailure::UnsupportedCodec { codec }),
        (None, None) => return Err(ProbeFailure::NoPicture),
    };
    sounds.sort_by_key(|&(default, _)| !default);
    // To QuickTime and MP4 what is no default is switched off: not even silence
    // makes it heard.
    if container.starts_with("mov,") && sounds.first().is_some_and(|&(default, _)| default) {
        sounds.retain(|&(default, _)| default);
    }
    let used = 1 + sounds.len();
    Ok(Chosen {
        video,
        sounds: sounds.into_iter().map(|(_, index)| index).collect(),
        left_out: total - used.min(total),
    })
}

/// The first track with anything to hear: cameras write a track for every
/// socket, and editing programs an empty one before the one that speaks.
pub(super) fn heard_track(
    opened: &mut Input,
    sounds: &[usize],
    packets: &BTreeMap<usize, Heard>,
) -> Option<usize> {
    let filled: Vec<usize> = sounds
        .iter()
        .copied()
        .filter(|index| packets.contains_key(index))
        .collect();
    if let [only] = filled[..] {
        return Some(only);
    }
    let audible = filled.iter().copied().find(|index| {
        packets
            .get(index)
            .is_some_and(|h| is_audible(opened, *index, h.start, h.end - h.start))
    });
    audible.or(filled.first().copied())
}
