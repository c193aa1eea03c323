//! Channels, tracks, widths and rates of sound, heard in what is published.

use super::bench::{Clip, H264, Lot, SMALL, ffmpeg, sound_of};
use super::bytes;

/// The strength of a tone on one side: about its amplitude.
pub fn strength(sound: &[[f32; 2]], side: usize, pitch: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in sound.iter().enumerate() {
        let angle = std::f64::consts::TAU * pitch * n as f64 / 48_000.0;
        // A window, so that one tone does not leak into the other's place.
        let window = 1.0 - (std::f64::consts::TAU * n as f64 / sound.len() as f64).cos();
        re += f64::from(sample[side]) * window * angle.cos();
        im += f64::from(sample[side]) * window * angle.sin();
    }
    re.hypot(im) * 2.0 / sound.len() as f64
}

/// A tone on each side that begins after three tenths of a second.
const TONES: &str =
    "aevalsrc='gte(t,0.3)*0.4*sin(880*PI*t)|gte(t,0.3)*0.4*sin(2000*PI*t)':c=stereo:d=1";

const PICTURE: Clip = Clip {
    frames: 25,
    ..SMALL
};

/// Left 440 Hz and right 1 kHz, from 0.3 s on.
fn expect_tones(lot: &mut Lot, id: &str) {
    if !lot.is_built(id) {
        return;
    }
    let sound = sound_of(&lot.place(id, "web.mp4"));
    let [left, right] = [0, 1]
        .map(|side| [440.0, 1000.0].map(|pitch| strength(&sound[19_200..38_400], side, pitch)));
    let apart = left[0] > 30.0 * left[1] && right[1] > 30.0 * right[0];
    let alike = (left[0] / right[1] - 1.0).abs() < 0.15;
    lot.expect(id, apart && alike && left[0] > 0.05, || {
        format!("tones {left:?} {right:?}")
    });
    let loudest = sound.iter().flatten().fold(0.0f32, |m, s| m.max(s.abs()));
    let first = sound
        .iter()
        .position(|s| s[0].abs().max(s[1].abs()) > loudest / 5.0);
    let begins = first.unwrap_or(0) as f64 / 48_000.0;
    lot.expect(id, (begins - 0.3).abs() < 0.004, || {
        format!("begins at {begins}")
    });
}

#[test]
fn every_width_and_rate_of_sound() {
    let mut lot = Lot::new();
    let clips = [
        ("u8", "avi", "pcm_u8", 48_000),
        ("s8", "mov", "pcm_s8", 48_000),
        ("s16le", "mov", "pcm_s16le", 48_000),
        ("s16be", "mov", "pcm_s16be", 48_000),
        ("s24le", "mxf", "pcm_s24le", 48_000),
        ("s24be", "mov", "pcm_s24be", 48_000),
        ("s32le", "mov", "pcm_s32le", 48_000),
        ("s32be", "mov", "pcm_s32be", 48_000),
        ("f32le", "mov", "pcm_f32le", 48_000),
        ("f32be", "mov", "pcm_f32be", 48_000),
        ("f64le", "mov", "pcm_f64le", 48_000),
        ("f64be", "mov", "pcm_f64be", 48_000),
        ("alaw", "mov", "pcm_alaw", 16_000),
        ("mulaw", "avi", "pcm_mulaw", 16_000),
        ("rate-8000", "mov", "pcm_s16le", 8_000),
        ("rate-11025", "avi", "pcm_s16le", 11_025),
        ("rate-16000", "mp4", "aac", 16_000),
        ("rate-22050", "mkv", "pcm_s16le", 22_050),
        ("rate-32000", "mp4", "aac", 32_000),
        ("rate-44100", "mp4", "aac", 44_100),
        ("rate-88200", "mov", "pcm_s24le", 88_200),
        ("rate-96000", "mov", "pcm_s24le", 96_000),
        ("adpcm", "mov", "adpcm_ima_qt", 44_100),
        (
            "bluray",
            "mts",
            "pcm_bluray -mpegts_m2ts_mode 1 -f mpegts",
            48_000,
        ),
    ];
    for (id, ending, codec, rate) in clips {
        let source = TONES.replace(":c=", &format!(":s={rate}:c="));
        PICTURE.with_sound(
            &lot.clip(id, ending),
            &source,
            &format!("{H264} -c:a {codec}"),
        );
    }
    lot.build();
    for (id, ..) in clips {
        expect_tones(&mut lot, id);
    }
    lot.judge();
}

#[test]
fn channels_and_tracks() {
    let mut lot = Lot::new();
    let pcm = format!("{H264} -c:a pcm_s16le");
    let tone = |pitch: u32| format!("aevalsrc=0.3*sin({}*PI*t):s=48000:d=1", 2 * pitch);
    let nothing = "anullsrc=r=48000:cl=mono,atrim=duration=1";
    let stereo =
        |left: &str, right: &str| format!("aevalsrc='{left}|{right}':s=48000:c=stereo:d=1");
    let voice = "0.3*sin(880*PI*t)";

    PICTURE.with_sound(&lot.clip("mono", "mov"), &tone(440), &pcm);
    PICTURE.with_sound(&lot.clip("dual-mono", "mov"), &stereo(voice, voice), &pcm);
    PICTURE.with_sound(&lot.clip("left-only", "mov"), &stereo(voice, "0"), &pcm);
    PICTURE.with_sound(
        &lot.clip("right-only", "mp4"),
        &stereo("0", voice),
        &format!("{H264} -c:a aac"),
    );
    let centre = format!("aevalsrc='0|0|{voice}|0.3*sin(120*PI*t)|0|0':s=48000:c=5.1:d=1");
    PICTURE.with_sound(&lot.clip("surround", "mov"), &centre, &pcm);
    PICTURE.with_sound(
        &lot.clip("surround-ac3", "ts"),
        &centre,
        &format!("{H264} -c:a ac3 -b:a 448k"),
    );
    // Eight microphones that belong to no speaker: one has the voice.
    let eight = format!("aevalsrc='0|0|0|{voice}|0|0|0|0':s=48000:c=7.1:d=1");
    PICTURE.with_sound(&lot.clip("eight", "mkv"), &eight, &pcm);
    PICTURE.write(&lot.clip("no-sound", "mp4"), H264);
    PICTURE.with_sound(&lot.clip("all-silent", "mov"), nothing, &pcm);

    // Tracks, put together from clips with one each.
    let place = lot.clip("default-second", "mkv");
    let folder = place.parent().expect("a folder").to_owned();
    PICTURE.with_sound(&folder.join("low.mov"), &tone(440), &pcm);
    PICTURE.with_sound(&folder.join("high.mov"), &tone(1000), &pcm);
    PICTURE.with_sound(&folder.join("none.mov"), nothing, &pcm);
    let both = |first: &str, second: &str, rest: &str| {
        let line =
            format!("-i {first}.mov -i {second}.mov -map 0:v -map 0:a -map 1:a -c copy {rest}");
        ffmpeg(&folder, &line);
    };
    both(
        "high",
        "low",
        "-disposition:a:0 0 -disposition:a:1 default default-second.mkv",
    );
    lot.clip("first-of-two", "mkv");
    both("low", "high", "-disposition:a 0 first-of-two.mkv");
    lot.clip("silent-first", "mov");
    both("none", "low", "silent-first.mov");
    lot.clip("silent-default", "mkv");
    both("none", "low", "-disposition:a:0 default silent-default.mkv");
    // A codec that is not read stands first.
    lot.clip("unknown-first", "mkv");
    ffmpeg(
        &folder,
        "-i high.mov -i low.mov -map 0:v -map 0:a -map 1:a -c:v copy -c:a:0 adpcm_g726 -ar:a:0 8000 -c:a:1 copy unknown-first.mkv",
    );
    // What a phone writes beside picture and sound.
    lot.clip("more-tracks", "mov");
    ffmpeg(
        &folder,
        "-i low.mov -f lavfi -i testsrc2=s=64x64:d=1 -map 0:v -map 0:a -map 1:v -c copy -c:v:1 mjpeg -timecode 10:00:00:00 more-tracks.mov",
    );
    // One that FFmpeg has no name for.
    let place = lot.clip("nameless-first", "mov");
    both("high", "low", "nameless-first.mov");
    bytes::replace(&place, b"sowt", b"zzzz");
    // Switched off, as an editing program leaves what nobody shall hear.
    lot.clip("off-second", "mov");
    both(
        "none",
        "high",
        "-disposition:a:0 default -disposition:a:1 0 off-second.mov",
    );
    for name in ["low.mov", "high.mov", "none.mov"] {
        std::fs::remove_file(folder.join(name)).expect("removed");
    }
    lot.build();

    for id in [
        "mono",
        "dual-mono",
        "left-only",
        "right-only",
        "surround",
        "surround-ac3",
        "eight",
        "nameless-first",
        "default-second",
        "first-of-two",
        "silent-first",
        "silent-default",
        "unknown-first",
        "more-tracks",
    ] {
        if !lot.is_built(id) {
            continue;
        }
        let sound = sound_of(&lot.place(id, "web.mp4"));
        let part = &sound[9_600..38_400];
        let heard = [0, 1].map(|side| strength(part, side, 440.0));
        let other = strength(part, 0, 1000.0).max(strength(part, 0, 60.0));
        let alike = (heard[0] / heard[1] - 1.0).abs() < 0.05;
        lot.expect(
            id,
            alike && heard[0] > 0.05 && heard[0] > 30.0 * other,
            || format!("the voice is {heard:?} strong, what must not be heard {other}"),
        );
    }
    for id in ["no-sound", "all-silent", "off-second"] {
        if lot.is_built(id) {
            let sound = sound_of(&lot.place(id, "web.mp4"));
            let loudest = sound.iter().flatten().fold(0.0f32, |m, s| m.max(s.abs()));
            lot.expect(id, sound.len() >= 48_000 && loudest < 0.001, || {
                format!("{} samples, at most {loudest}", sound.len())
            });
        }
    }
    for (id, oddity) in [
        ("silent-first", "several-sound-tracks"),
        ("unknown-first", "tracks-left-out"),
        ("nameless-first", "tracks-left-out"),
        ("off-second", "tracks-left-out"),
        ("more-tracks", "tracks-left-out"),
        ("surround", "surround"),
        ("mono", "mono"),
        ("no-sound", "no-sound"),
    ] {
        let told = lot.told(id);
        lot.expect(id, told.iter().any(|t| t == oddity), || {
            format!("told {told:?}")
        });
    }
    lot.judge();
}

#[test]
fn no_click_at_any_join() {
    let mut lot = Lot::new();
    lot.series.write(
        "profiles/carded.toml",
        "package = \"mp4\"\ncards = [\"opening\", \"end\"]\n[audio]\nkbps = 128\n\
         [[rung]]\nheight = 270\npreset = \"veryfast\"\ncrf = 30\n",
    );
    let long = Clip {
        size: (480, 270),
        frames: 200,
        ..SMALL
    };
    let tone = "aevalsrc=0.3*sin(880*PI*t):s=48000:d=8";
    let cells = [
        ("conserver", "0:00.500-0:01.713; 0:02.3-0:04.17; 0:05-0:08"),
        ("profils", "carded"),
    ];
    let coding = format!("{H264} -c:a pcm_s16le");
    long.with_sound(&lot.clip_with("kept", "mov", &cells), tone, &coding);
    let cells = [("profils", "carded")];
    long.with_sound(&lot.clip_with("whole", "mov", &cells), tone, &coding);
    lot.build();
    for id in ["kept", "whole"] {
        if !lot.is_built(id) {
            continue;
        }
        let sound = sound_of(&lot.place(id, "carded.mp4"));
        let loudest = sound.iter().map(|s| s[0].abs()).fold(0.0, f32::max);
        // A sine's second difference is its amplitude times the square of its
        // step; a click's is of the size of the click.
        let step = std::f32::consts::TAU * 440.0 / 48_000.0;
        let bends = sound
            .windows(3)
            .map(|w| (w[0][0] - 2.0 * w[1][0] + w[2][0]).abs());
        let (place, worst) =
            bends.enumerate().fold(
                (0, 0.0),
                |most, (n, bend)| if bend > most.1 { (n, bend) } else { most },
            );
        lot.expect(id, worst < 3.0 * loudest * step * step, || {
            format!("a click of {worst} at {} s", place as f64 / 48_000.0)
        });
    }
    lot.judge();
}
