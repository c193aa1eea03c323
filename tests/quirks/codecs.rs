//! Every codec and container that is promised, with sound, picture by picture.

use super::bench::{CLIP, Clip, Lot, Wanted, sound_of};
use super::card::{BROADCAST, Matrix, Samples};
use super::sound::strength;

/// What standard definition and old codecs are drawn in.
const BT601: Samples = Samples {
    matrix: Matrix::Bt601,
    ..BROADCAST
};

const TONE: &str = "aevalsrc='0.4*sin(880*PI*t)|0.4*sin(2000*PI*t)':s=48000:c=stereo:d=1";

const TAGS: &str = "-colorspace bt709 -color_primaries bt709 -color_trc bt709";

/// Name, ending, picture, sound, and depth of the samples that are drawn.
const CODECS: [(&str, &str, &str, &str, u32); 29] = [
    (
        "prores-422",
        "mov",
        "prores_ks -profile:v 2 -pix_fmt yuv422p10le",
        "pcm_s16le",
        10,
    ),
    (
        "prores-4444",
        "mov",
        "prores_ks -profile:v 4 -pix_fmt yuv444p10le",
        "pcm_s24le",
        10,
    ),
    (
        "dnxhd-mov",
        "mov",
        "dnxhd -profile:v dnxhr_hq -pix_fmt yuv422p",
        "pcm_s16le",
        8,
    ),
    (
        "dnxhd-mxf",
        "mxf",
        "dnxhd -profile:v dnxhr_hqx -pix_fmt yuv422p10le",
        "pcm_s16le",
        10,
    ),
    (
        "dnxhr-444",
        "mov",
        "dnxhd -profile:v dnxhr_444 -pix_fmt yuv444p10le",
        "pcm_s16le",
        10,
    ),
    (
        "h264-mp4",
        "mp4",
        "libx264 -preset veryfast -crf 8 -bf 3 -pix_fmt yuv420p",
        "aac",
        8,
    ),
    (
        "h264-m4v",
        "m4v",
        "libx264 -preset veryfast -crf 8 -pix_fmt yuv420p",
        "aac",
        8,
    ),
    (
        "h264-mts",
        "mts",
        "libx264 -preset veryfast -crf 8 -pix_fmt yuv420p -mpegts_m2ts_mode 1 -f mpegts",
        "ac3",
        8,
    ),
    (
        "h264-avi",
        "avi",
        "libx264 -preset veryfast -crf 8 -bf 0 -pix_fmt yuv420p",
        "pcm_s16le",
        8,
    ),
    (
        "h264-fragmented",
        "mp4",
        "libx264 -preset veryfast -crf 8 -g 4 -pix_fmt yuv420p -movflags frag_keyframe+empty_moov",
        "aac",
        8,
    ),
    (
        "h264-10-bit",
        "mkv",
        "libx264 -preset veryfast -crf 8 -pix_fmt yuv420p10le",
        "flac",
        10,
    ),
    (
        "h264-422",
        "mov",
        "libx264 -preset veryfast -crf 8 -pix_fmt yuv422p10le",
        "alac",
        10,
    ),
    (
        "h264-444",
        "mkv",
        "libx264 -preset veryfast -crf 8 -pix_fmt yuv444p",
        "libvorbis",
        8,
    ),
    (
        "hevc-mp4",
        "mp4",
        "libx265 -preset ultrafast -crf 8 -pix_fmt yuv420p -tag:v hvc1 -x265-params log-level=none",
        "aac",
        8,
    ),
    (
        "hevc-422-10",
        "mkv",
        "libx265 -preset ultrafast -crf 8 -pix_fmt yuv422p10le -x265-params log-level=none",
        "eac3",
        10,
    ),
    (
        "hevc-444-12",
        "mkv",
        "libx265 -preset ultrafast -crf 8 -pix_fmt yuv444p12le -x265-params log-level=none",
        "libopus",
        12,
    ),
    (
        "hevc-ts",
        "ts",
        "libx265 -preset ultrafast -crf 8 -pix_fmt yuv420p -x265-params log-level=none",
        "aac",
        8,
    ),
    (
        "mpeg2-mpg",
        "mpg",
        "mpeg2video -q:v 2 -bf 2 -pix_fmt yuv420p",
        "mp2",
        8,
    ),
    (
        "mpeg2-mxf",
        "mxf",
        "mpeg2video -q:v 2 -pix_fmt yuv422p -intra_vlc 1",
        "pcm_s16le",
        8,
    ),
    (
        "vp9-webm",
        "webm",
        "libvpx-vp9 -deadline realtime -crf 8 -b:v 0 -pix_fmt yuv420p",
        "libopus",
        8,
    ),
    (
        "vp9-444-10",
        "webm",
        "libvpx-vp9 -deadline realtime -crf 8 -b:v 0 -pix_fmt yuv444p10le",
        "libopus",
        10,
    ),
    (
        "vp9-mp4",
        "mp4",
        "libvpx-vp9 -deadline realtime -crf 8 -b:v 0 -pix_fmt yuv420p",
        "libopus",
        8,
    ),
    (
        "av1-mp4",
        "mp4",
        "libsvtav1 -preset 12 -crf 10 -pix_fmt yuv420p",
        "aac",
        8,
    ),
    (
        "av1-webm",
        "webm",
        "libsvtav1 -preset 12 -crf 10 -pix_fmt yuv420p10le",
        "libopus",
        10,
    ),
    (
        "ffv1-12",
        "mkv",
        "ffv1 -level 3 -pix_fmt yuv444p12le",
        "flac",
        12,
    ),
    (
        "ffv1-420",
        "mkv",
        "ffv1 -level 3 -pix_fmt yuv420p",
        "pcm_s16le",
        8,
    ),
    ("uncompressed", "mov", "v210", "pcm_s24le", 10),
    ("utvideo", "avi", "utvideo -pix_fmt yuv422p", "pcm_s16le", 8),
    (
        "h264-flv",
        "flv",
        "libx264 -preset veryfast -crf 8 -pix_fmt yuv420p",
        "aac",
        8,
    ),
];

/// The same for codecs that know BT.601 only, or say nothing.
const OLD: [(&str, &str, &str, &str); 10] = [
    (
        "vp8-webm",
        "webm",
        "libvpx -deadline realtime -crf 4 -b:v 4M -pix_fmt yuv420p",
        "libvorbis",
    ),
    (
        "mpeg4-avi",
        "avi",
        "mpeg4 -q:v 2 -pix_fmt yuv420p",
        "pcm_s16le",
    ),
    ("mpeg4-3gp", "3gp", "mpeg4 -q:v 2 -pix_fmt yuv420p", "aac"),
    (
        "h263-3gp",
        "3gp",
        "h263 -q:v 2 -s 352x288 -pix_fmt yuv420p",
        "aac",
    ),
    (
        "theora-ogg",
        "ogg",
        "libtheora -q:v 10 -pix_fmt yuv420p",
        "libvorbis",
    ),
    ("wmv-asf", "wmv", "wmv2 -q:v 2 -pix_fmt yuv420p", "wmav2"),
    (
        "mjpeg-limited",
        "mov",
        "mjpeg -q:v 1 -strict unofficial -pix_fmt yuv420p",
        "pcm_s16le",
    ),
    (
        "mpeg1-mpg",
        "mpg",
        "mpeg1video -q:v 2 -pix_fmt yuv420p",
        "mp2",
    ),
    ("raw-422", "avi", "rawvideo -pix_fmt uyvy422", "pcm_s16le"),
    (
        "dv-avi",
        "avi",
        "dvvideo -s 720x576 -pix_fmt yuv420p",
        "pcm_s16le",
    ),
];

/// Both tones are there, each on its side only.
fn expect_tones(lot: &mut Lot, id: &str) {
    let sound = sound_of(&lot.place(id, "web.mp4"));
    let middle = &sound[4_800..12_000];
    let [left, right] =
        [0, 1].map(|side| [440.0, 1000.0].map(|pitch| strength(middle, side, pitch)));
    let apart = left[0] > 20.0 * left[1] && right[1] > 20.0 * right[0];
    lot.expect(id, apart && left[0] > 0.02, || {
        format!("tones {left:?} {right:?}")
    });
}

#[test]
fn every_codec_in_every_container() {
    let mut lot = Lot::new();
    for (id, ending, picture, sound, depth) in CODECS {
        let clip = Clip {
            samples: Samples { depth, ..BROADCAST },
            ..CLIP
        };
        let coding =
            format!("-map 0:v -map 1:a -t 0.32 -c:a {sound} -strict -2 {TAGS} -c:v {picture}");
        clip.with_sound(&lot.clip(id, ending), TONE, &coding);
    }
    for (id, ending, picture, sound) in OLD {
        let clip = Clip {
            samples: BT601,
            ..CLIP
        };
        let coding = format!("-map 0:v -map 1:a -t 0.32 -c:a {sound} -c:v {picture}");
        clip.with_sound(&lot.clip(id, ending), TONE, &coding);
    }
    lot.build();
    let wanted = Wanted::all_of(CLIP);
    for (id, ..) in CODECS {
        lot.expect_card(
            id,
            &Wanted {
                tolerance: 2.5,
                ..wanted.clone()
            },
        );
        if lot.is_built(id) {
            expect_tones(&mut lot, id);
        }
    }
    for (id, ..) in OLD {
        let size = match id {
            "h263-3gp" | "dv-avi" => None,
            _ => Some(CLIP.size),
        };
        if lot.is_built(id) {
            let size = size.unwrap_or_else(|| lot.film(id).size);
            let wanted = wanted.clone().size(size.0, size.1);
            lot.expect_card(
                id,
                &Wanted {
                    tolerance: 4.0,
                    ..wanted
                },
            );
            expect_tones(&mut lot, id);
        }
    }
    lot.judge();
}
