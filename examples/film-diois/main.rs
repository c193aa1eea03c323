//! Makes the footage of the example series `examples/diois` again, from nothing:
//!
//! ```sh
//! cargo run --release --example film-diois -- OUTDIR [--stills] [ID…]
//! ```
//!
//! writes `OUTDIR/footage/…` and `OUTDIR/subtitles/…` (or, with `--stills`, a few
//! PNGs of each clip to look at). It needs the commands `ffmpeg` and
//! `espeak-ng`. Pictures and sound come from seeds, never from a clock, so a
//! second run of the same versions writes the same files.

#![allow(
    clippy::cast_possible_truncation,
    reason = "pixels and samples are rounded on purpose"
)]

mod brush;
mod camera;
mod face;
mod hair;
mod motion;
mod person;
mod scene;
mod script;
mod voice;

use camera::Camera;
use script::{CLIPS, Clip, Sound};
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use voice::Take;

fn main() -> Result<(), Box<dyn Error>> {
    let (options, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let only_stills = options.iter().any(|o| o == "--stills");
    let Some((out, ids)) = words.split_first() else {
        return Err("usage: film-diois OUTDIR [--stills] [ID…]".into());
    };
    let out = PathBuf::from(out);
    let mut said = std::io::stdout();
    for (seed, clip) in (1u64..).zip(CLIPS) {
        if !ids.is_empty() && !ids.iter().any(|id| id == clip.id) {
            continue;
        }
        let take = voice::record(clip.speaker.voice(), &clip.cues, clip.lufs, seed)?;
        let frames = frame_count(&clip, &take);
        writeln!(
            said,
            "{}: {:.2} s, {frames} frames, {:.1} LUFS",
            clip.id,
            frames as f64 / rate(&clip),
            voice::loudness(&take.samples)?
        )?;
        if only_stills {
            stills(&out, &clip, seed, &take)?;
        } else {
            record(&out, &clip, seed, &take)?;
            if clip.subtitles {
                let path = out.join("subtitles").join(format!("{}.fr.srt", clip.id));
                fs::create_dir_all(out.join("subtitles"))?;
                fs::write(path, subtitles(&clip, &take))?;
            }
        }
    }
    Ok(())
}

fn rate(clip: &Clip) -> f64 {
    f64::from(clip.rate.0) / f64::from(clip.rate.1)
}

fn frame_count(clip: &Clip, take: &Take) -> usize {
    let seconds = take.samples.len() as f64 / f64::from(voice::RATE);
    (seconds * rate(clip)).floor() as usize
}

/// Draws the frames that are wanted and hands each on as RGBA bytes.
fn film(
    clip: &Clip,
    seed: u64,
    take: &Take,
    wanted: impl Fn(usize) -> bool,
    mut shown: impl FnMut(usize, &[u8]) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mouths = voice::mouths(&take.samples, rate(clip), frame_count(clip, take));
    let mut camera = Camera::new(*clip, seed)?;
    let mut speaking = 0.0;
    for (n, mouth) in mouths.into_iter().enumerate() {
        speaking += 0.06 * (f32::from(u8::from(mouth.open > 0.12)) - speaking);
        if wanted(n) {
            let t = (n as f64 / rate(clip)) as f32;
            shown(
                n,
                camera.frame(n as i64, t, mouth, (1.6 * speaking).min(1.0)),
            )?;
        }
    }
    Ok(())
}

/// Four pictures of a clip, as PNG.
fn stills(out: &Path, clip: &Clip, seed: u64, take: &Take) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(out)?;
    let quarter = frame_count(clip, take) / 4;
    let wanted = |n: usize| n % quarter == quarter / 2;
    film(clip, seed, take, wanted, |n, rgba| {
        let (width, height) = clip.size;
        image::RgbaImage::from_raw(width, height, rgba.to_vec())
            .ok_or("a picture of the wrong size")?
            .save(out.join(format!("{}-{n:03}.png", clip.id)))?;
        Ok(())
    })
}

fn record(out: &Path, clip: &Clip, seed: u64, take: &Take) -> Result<(), Box<dyn Error>> {
    let path = out.join("footage").join(clip.file);
    fs::create_dir_all(path.parent().ok_or("a file without a folder")?)?;
    let sound = tempfile::NamedTempFile::with_suffix(".f32")?;
    let bytes: Vec<u8> = take.samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    fs::write(sound.path(), bytes)?;
    let mut encoder = encoder(clip, sound.path(), &path)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|e| format!("ffmpeg does not start: {e}"))?;
    let mut pipe = encoder.stdin.take().ok_or("ffmpeg without an input")?;
    film(
        clip,
        seed,
        take,
        |_| true,
        |_, rgba| Ok(pipe.write_all(rgba)?),
    )?;
    drop(pipe);
    if !encoder.wait()?.success() {
        return Err(format!("{}: ffmpeg failed", clip.id).into());
    }
    if clip.turned {
        turn(&path, clip.size.0)?;
    }
    Ok(())
}

fn encoder(clip: &Clip, sound: &Path, path: &Path) -> Command {
    let (width, height) = clip.size;
    let lie_down = if clip.turned { ",transpose=cclock" } else { "" };
    let tracks = match clip.sound {
        Sound::Mono => "anull",
        Sound::Stereo => "pan=stereo|c0=c0|c1=c0",
        Sound::LeftOnly => "pan=stereo|c0=c0|c1=0*c0",
    };
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args(["-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgba"])
        .args(["-video_size", &format!("{width}x{height}")])
        .args(["-framerate", &format!("{}/{}", clip.rate.0, clip.rate.1)])
        .args(["-i", "-", "-f", "f32le", "-ar", &voice::RATE.to_string()])
        .args(["-ac", "1", "-i"])
        .arg(sound)
        .args(["-vf", &format!("scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+bitexact,format=yuv420p{lie_down}")])
        .args(["-af", tracks, "-ar", &clip.audio_rate.to_string()])
        .args(["-c:a", "aac", "-b:a", &format!("{}k", clip.audio_kbps)])
        .args(["-c:v", "libx264", "-preset", "medium", "-profile:v", "high"])
        .args(["-crf", &clip.crf.to_string(), "-g", &clip.gop.to_string()])
        // A fixed number of threads, because x264's output depends on it.
        .args(["-x264-params", &format!("threads=2:cpu-independent=1:{}", clip.encoder)])
        .args(["-color_primaries", "bt709", "-color_trc", "bt709"])
        .args(["-colorspace", "bt709", "-color_range", "tv"])
        .args(["-fflags", "+bitexact", "-flags:v", "+bitexact"])
        .args(["-flags:a", "+bitexact"]);
    for (key, value) in clip.tags {
        ffmpeg.args(["-metadata", &format!("{key}={value}")]);
    }
    ffmpeg.arg(path);
    ffmpeg
}

/// Writes into the picture track's header the matrix that turns it a quarter
/// clockwise when shown. Done here because the option of `ffmpeg` for it changed
/// its name between versions.
fn turn(path: &Path, height: u32) -> Result<(), Box<dyn Error>> {
    let mut file = fs::read(path)?;
    let header = file
        .windows(4)
        .position(|name| name == b"tkhd")
        .ok_or("a clip without a track")?;
    // After the name: version and flags, two times, the id, a reserved word, the
    // duration (all 32 bits in version 0), then sixteen bytes up to the matrix.
    let matrix = header + 4 + 4 + 5 * 4 + 16;
    let one = 1u32 << 16;
    let rows = [
        0,
        one,
        0,
        one.wrapping_neg(),
        0,
        0,
        height << 16,
        0,
        1 << 30,
    ];
    for (n, value) in rows.into_iter().enumerate() {
        let at = matrix + 4 * n;
        file.get_mut(at..at + 4)
            .ok_or("a track header that is cut off")?
            .copy_from_slice(&value.to_be_bytes());
    }
    fs::write(path, file)?;
    Ok(())
}

fn subtitles(clip: &Clip, take: &Take) -> String {
    let stamp = |seconds: f32| {
        let ms = (seconds * 1000.0).round() as u32;
        format!(
            "00:{:02}:{:02},{:03}",
            ms / 60_000,
            ms / 1000 % 60,
            ms % 1000
        )
    };
    clip.cues
        .iter()
        .zip(&take.cues)
        .enumerate()
        .map(|(n, (text, (start, end)))| {
            let text = two_lines(text);
            // A little longer than the voice, for reading; the pause is longer still.
            format!(
                "{}\n{} --> {}\n{text}\n\n",
                n + 1,
                stamp(*start),
                stamp(end + 0.25)
            )
        })
        .collect()
}

/// At most 42 characters a line, broken at the space nearest to the middle.
fn two_lines(text: &str) -> String {
    let count = text.chars().count();
    if count <= 42 {
        return text.to_owned();
    }
    let middle = text
        .char_indices()
        .enumerate()
        .filter(|(_, (_, c))| *c == ' ')
        .min_by_key(|(n, _)| n.abs_diff(count / 2))
        .map(|(_, (at, _))| at);
    match middle {
        Some(at) => format!("{}\n{}", &text[..at], &text[at + 1..]),
        None => text.to_owned(),
    }
}
