//! Sources to test with, and the instruments that measure results.

use ffmpeg_next as ffmpeg;
use portevoix::media::sound::decode::{Track, read_range};
use portevoix::media::sound::encode::EncodedAudio;
use portevoix::media::sound::{SoundOutcome, SoundRequest, SoundSection, Sources, Stereo, render};
use portevoix::values::time::Rational;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const RATE: u64 = 48_000;

// ---- sources ----------------------------------------------------------------

pub fn ffmpeg_cli(arguments: &[&str]) {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-y", "-loglevel", "error"])
        .args(arguments)
        .output()
        .expect("the ffmpeg command runs");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

/// A WAV file of 32-bit floats, written by hand: no converter between the test
/// and its samples.
pub fn write_wav(path: &Path, rate: u32, samples: &[Stereo]) {
    let body: Vec<u8> = samples
        .iter()
        .flatten()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    let mut wav = Vec::new();
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36u32 + body.len() as u32).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16u32.to_le_bytes());
    wav.extend_from_slice(&3u16.to_le_bytes());
    wav.extend_from_slice(&2u16.to_le_bytes());
    wav.extend_from_slice(&rate.to_le_bytes());
    wav.extend_from_slice(&(rate * 8).to_le_bytes());
    wav.extend_from_slice(&8u16.to_le_bytes());
    wav.extend_from_slice(&32u16.to_le_bytes());
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&(body.len() as u32).to_le_bytes());
    wav.extend_from_slice(&body);
    std::fs::write(path, wav).expect("written");
}

/// Silence with single-sample clicks.
pub fn clicks(samples: usize, at: &[usize]) -> Vec<Stereo> {
    let mut sound = vec![[0.0; 2]; samples];
    for &position in at {
        sound[position] = [0.9; 2];
    }
    sound
}

/// Pseudo-random samples between −1 and 1, the same each time.
pub fn noise(seed: u32) -> impl FnMut() -> f32 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

/// Something like speech: syllables of buzzing and hissing with pauses.
pub fn babble(seconds: usize, level: f32) -> Vec<Stereo> {
    let mut noise = noise(7);
    (0..seconds * RATE as usize)
        .map(|n| {
            let t = n as f64 / RATE as f64;
            let syllable = (t * 4.0).fract();
            let speaks = (t * 0.4).fract() < 0.8;
            let shape = if speaks {
                (syllable * std::f64::consts::PI).sin().powi(2)
            } else {
                0.0
            };
            let buzz: f64 = (1..12)
                .map(|k| (t * 130.0 * f64::from(k) * std::f64::consts::TAU).sin() / f64::from(k))
                .sum();
            let sample = (shape * buzz) as f32 * level + noise() * level * 0.02;
            [sample, sample]
        })
        .collect()
}

/// A real clip, or `None` (said) where the collection is absent.
pub fn real_clip(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PORTEVOIX_MEDIA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    let path = folder.join("files").join(name);
    if !path.exists() {
        crate::skipped::skipped(&format!("{name} is not here"));
        return None;
    }
    Some(path)
}

// ---- what is tested ---------------------------------------------------------

pub fn open(path: &Path) -> ffmpeg::format::context::Input {
    portevoix::media::error::capture_log();
    ffmpeg::init().expect("FFmpeg starts");
    ffmpeg::format::input(path).expect("the clip opens")
}

/// The clip's sound stream and its clock's zero, as a probe finds them.
pub fn track(input: &ffmpeg::format::context::Input) -> Track {
    let stream = input
        .streams()
        .best(ffmpeg::media::Type::Audio)
        .expect("a sound stream")
        .index();

    let clock_zero = input
        .streams()
        .filter(|stream| stream.start_time() != i64::MIN)
        .filter_map(|stream| {
            let tick = stream.time_base();
            let tick = Rational::new(tick.numerator().into(), tick.denominator().into())?;
            Some(Rational::integer(stream.start_time()) * tick)
        })
        .min()
        // Opus in WebM starts before zero by what is then skipped.
        .map_or(Rational::ZERO, |start| start.max(Rational::ZERO));
    Track { stream, clock_zero }
}

pub fn read(path: &Path, start: Rational, samples: u64) -> (Vec<Stereo>, u32) {
    let mut input = open(path);
    let track = track(&input);
    let mut sound = Vec::new();
    let damaged = read_range(&mut input, track, start, samples, &mut |block| {
        sound.extend_from_slice(block);
        Ok(())
    })
    .expect("the range is read");
    assert_eq!(sound.len() as u64, samples);
    (sound, damaged)
}

/// The clip alone, without a tune.
pub fn sources(clip: &mut ffmpeg::format::context::Input) -> Sources<'_> {
    Sources { clip, tunes: &[] }
}

pub fn whole(input: &ffmpeg::format::context::Input, seconds: u64) -> SoundRequest {
    let track = track(input);
    SoundRequest {
        stream: Some(track.stream),
        clock_zero: track.clock_zero,
        sections: vec![SoundSection::Clip {
            start: Rational::ZERO,
            samples: seconds * RATE,
            fade_in: 480,
            fade_out: 480,
        }],
        total_samples: seconds * RATE,
        target: -1600,
        kbps: 128,
    }
}

pub fn render_whole(path: &Path, seconds: u64) -> SoundOutcome {
    let mut input = open(path);
    let request = whole(&input, seconds);
    render(sources(&mut input), &request).expect("the sound is made")
}

// ---- how results are measured -----------------------------------------------

/// Positions of all samples that stand out: loudest of their neighbourhood.
pub fn peaks(sound: &[Stereo], above: f32) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    for (position, sample) in sound.iter().enumerate() {
        if sample[0].abs() < above {
            continue;
        }
        match found.last_mut() {
            Some(last) if position - *last < 2000 => {
                if sound[*last][0].abs() < sample[0].abs() {
                    *last = position;
                }
            }
            _ => found.push(position),
        }
    }
    found
}

/// The track in ADTS, so that the command line can open it without a muxer of
/// FFmpeg's having had a say in its times.
pub fn adts(audio: &EncodedAudio) -> Vec<u8> {
    let mut stream = Vec::new();
    for packet in audio.packets() {
        let length = packet.len() as u32 + 7;
        // AAC-LC, 48 kHz, two channels, no checksum.
        stream.extend_from_slice(&[
            0xff,
            0xf1,
            0x4c,
            0x80 | (length >> 11) as u8,
            (length >> 3) as u8,
            ((length & 7) << 5) as u8 | 0x1f,
            0xfc,
        ]);
        stream.extend_from_slice(packet);
    }
    stream
}

/// Muxes the track as the publication does: from time zero, no edit list.
pub fn mux(audio: &EncodedAudio, path: &Path, flags: &str) {
    let mut output = ffmpeg::format::output(path).expect("an output");
    let mut parameters = ffmpeg::codec::Parameters::new();
    parameters.set_medium(ffmpeg::media::Type::Audio);
    parameters.set_id(ffmpeg::codec::Id::AAC);
    set_configuration(&mut parameters, audio);
    let mut stream = output.add_stream(None::<ffmpeg::Codec>).expect("a stream");
    stream.set_parameters(parameters);
    stream.set_time_base((1, RATE as i32));
    let mut options = ffmpeg::Dictionary::new();
    if !flags.is_empty() {
        options.set("movflags", flags);
    }
    options.set("use_editlist", "0");
    output.write_header_with(options).expect("a header");
    let mut at = 0;
    for packet in audio.packets() {
        let mut packet = ffmpeg::Packet::copy(packet);
        packet.set_stream(0);
        packet.set_pts(Some(at));
        packet.set_dts(Some(at));
        packet.set_duration(i64::from(audio.frame_samples));
        packet.set_flags(ffmpeg::packet::Flags::KEY);
        at += i64::from(audio.frame_samples);
        packet.write_interleaved(&mut output).expect("a packet");
    }
    output.write_trailer().expect("a trailer");
}

#[allow(
    unsafe_code,
    reason = "stream parameters have no safe setter for sound"
)]
pub fn set_configuration(parameters: &mut ffmpeg::codec::Parameters, audio: &EncodedAudio) {
    // SAFETY: the parameters are ours alone; the buffer is FFmpeg's own, zeroed
    // and padded, and is freed with them.
    unsafe {
        let raw = &mut *parameters.as_mut_ptr();
        raw.sample_rate = audio.sample_rate as i32;
        raw.channel_layout = ffmpeg::ChannelLayout::STEREO.bits();
        raw.channels = i32::from(audio.channels);
        raw.frame_size = audio.frame_samples as i32;
        let padded = audio.config.len() + ffmpeg::ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
        raw.extradata = ffmpeg::ffi::av_mallocz(padded).cast();
        raw.extradata_size = audio.config.len() as i32;
        std::ptr::copy_nonoverlapping(audio.config.as_ptr(), raw.extradata, audio.config.len());
    }
}

/// Decoded by the command line, laid at its container time.
pub fn decoded_by_cli(path: &Path) -> Vec<Stereo> {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-loglevel", "error", "-i"])
        .arg(path)
        .args([
            "-af",
            "aresample=48000:async=1:first_pts=0",
            "-f",
            "f32le",
            "-ac",
            "2",
            "-",
        ])
        .output()
        .expect("the ffmpeg command runs");
    assert!(output.status.success());
    output
        .stdout
        .chunks_exact(8)
        .map(|bytes| {
            let side = |at: usize| f32::from_le_bytes(bytes[at..at + 4].try_into().expect("four"));
            [side(0), side(4)]
        })
        .collect()
}

/// Integrated loudness and true peak by FFmpeg's own `ebur128` filter.
pub fn measured_by_cli(path: &Path) -> (f64, f64) {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-nostats", "-i"])
        .arg(path)
        .args([
            "-map",
            "0:a",
            "-af",
            "ebur128=peak=true:framelog=verbose",
            "-f",
            "null",
            "-",
        ])
        .output()
        .expect("the ffmpeg command runs");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = words
        .split("Summary:")
        .last()
        .expect("a summary")
        .to_owned();
    let value = |label: &str| -> f64 {
        let line = summary
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(label))
            .unwrap_or_else(|| panic!("no {label} in {words}"));
        let number = line.split_whitespace().nth(1).expect("a number");
        number.parse().expect("a number")
    };
    (value("I:"), value("Peak:"))
}

pub fn assert_loud_as_asked(outcome: &SoundOutcome, name: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sound.aac");
    std::fs::write(&path, adts(&outcome.audio)).expect("written");
    let (loudness, peak) = measured_by_cli(&path);
    assert!((loudness + 16.0).abs() <= 0.5, "{name}: {loudness} LUFS");
    assert!(peak <= -1.0, "{name}: {peak} dBTP");
    let ours = outcome.measured_out.expect("measured");
    let by_us = f64::from(ours.integrated) / 100.0;
    assert!(
        (loudness - by_us).abs() <= 0.11,
        "{name}: {loudness} and {by_us}"
    );
}

/// How alike two stretches are, from −1 to 1.
pub fn likeness(one: &[Stereo], other: &[Stereo]) -> f64 {
    let mut sums = [0.0f64; 3];
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (f64::from(one[0]), f64::from(other[0]));
        sums[0] += one * other;
        sums[1] += one * one;
        sums[2] += other * other;
    }
    sums[0] / (sums[1] * sums[2]).sqrt().max(1e-12)
}
