//! The sound of a capsule, judged by other hands: sources made and results
//! measured by the FFmpeg command line, positions counted in its decoded PCM.

use ffmpeg_next as ffmpeg;
use portevoix::media::sound::decode::{Track, read_range};
use portevoix::media::sound::encode::{EncodedAudio, decode};
use portevoix::media::sound::{Side, SoundOutcome, SoundRequest, SoundSection, Stereo, render};
use portevoix::values::digest::Digest;
use portevoix::values::time::Rational;
use std::path::{Path, PathBuf};
use std::process::Command;

const RATE: u64 = 48_000;

// ---- sources ----------------------------------------------------------------

fn ffmpeg_cli(arguments: &[&str]) {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-y", "-loglevel", "error"])
        .args(arguments)
        .output()
        .expect("the ffmpeg command runs");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

/// A WAV file of 32-bit floats, written by hand: no converter between the test
/// and its samples.
fn write_wav(path: &Path, rate: u32, samples: &[Stereo]) {
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
fn clicks(samples: usize, at: &[usize]) -> Vec<Stereo> {
    let mut sound = vec![[0.0; 2]; samples];
    for &position in at {
        sound[position] = [0.9; 2];
    }
    sound
}

/// Pseudo-random samples between −1 and 1, the same each time.
fn noise(seed: u32) -> impl FnMut() -> f32 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

/// Something like speech: syllables of buzzing and hissing with pauses.
fn babble(seconds: usize, level: f32) -> Vec<Stereo> {
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
fn real_clip(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PORTEVOIX_MEDIA")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    let path = folder.join("files").join(name);
    if !path.exists() {
        println!("skipped: {name} is not here");
        return None;
    }
    Some(path)
}

// ---- what is tested ---------------------------------------------------------

fn open(path: &Path) -> ffmpeg::format::context::Input {
    portevoix::media::error::capture_log();
    ffmpeg::init().expect("FFmpeg starts");
    ffmpeg::format::input(path).expect("the clip opens")
}

/// The clip's sound stream and its clock's zero, as a probe finds them.
fn track(input: &ffmpeg::format::context::Input) -> Track {
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

fn read(path: &Path, start: Rational, samples: u64) -> (Vec<Stereo>, u32) {
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

fn whole(input: &ffmpeg::format::context::Input, seconds: u64) -> SoundRequest {
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

fn render_whole(path: &Path, seconds: u64) -> SoundOutcome {
    let mut input = open(path);
    let request = whole(&input, seconds);
    render(&mut input, &request).expect("the sound is made")
}

// ---- how results are measured -----------------------------------------------

/// Positions of all samples that stand out: loudest of their neighbourhood.
fn peaks(sound: &[Stereo], above: f32) -> Vec<usize> {
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
fn adts(audio: &EncodedAudio) -> Vec<u8> {
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
fn mux(audio: &EncodedAudio, path: &Path, flags: &str) {
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
fn set_configuration(parameters: &mut ffmpeg::codec::Parameters, audio: &EncodedAudio) {
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
fn decoded_by_cli(path: &Path) -> Vec<Stereo> {
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
fn measured_by_cli(path: &Path) -> (f64, f64) {
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

fn assert_loud_as_asked(outcome: &SoundOutcome, name: &str) {
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

// ---- decoding ---------------------------------------------------------------

#[test]
fn a_click_is_read_at_its_own_sample_whatever_the_range() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = [0, 1, 4800, 48_000, 100_001, 479_999];
    let wav = folder.path().join("clicks.wav");
    write_wav(&wav, 48_000, &clicks(480_000, &at));
    let (sound, _) = read(&wav, Rational::ZERO, 480_000);
    assert_eq!(sound, clicks(480_000, &at));
    // From the middle, past the end and before the start.
    let (sound, _) = read(
        &wav,
        Rational::new(99_999, 48_000).expect("a time"),
        400_000,
    );
    assert_eq!(peaks(&sound, 0.5), [2, 380_000]);
    assert!(sound[380_002..].iter().all(|sample| *sample == [0.0; 2]));
    let (sound, _) = read(&wav, Rational::integer(-1), 48_002);
    assert_eq!(sound[48_000..], [[0.9; 2]; 2]);
    assert!(sound[..48_000].iter().all(|sample| *sample == [0.0; 2]));
}

#[test]
fn other_rates_keep_their_clicks_to_the_sample() {
    let folder = tempfile::tempdir().expect("a folder");
    for rate in [8_000u32, 22_050, 32_000, 44_100, 96_000] {
        // Every tenth of a second lies on a whole sample of both rates.
        let tenth = rate as usize / 10;
        let at: Vec<usize> = [1, 15, 33, 78].iter().map(|n| n * tenth).collect();
        let wav = folder.path().join("clicks.wav");
        write_wav(&wav, rate, &clicks(rate as usize * 10, &at));
        let level = 0.4
            * (rate as f32 / 48_000.0)
                .min(1.0)
                .max(48_000.0 / rate as f32)
                .min(1.0);
        let (sound, _) = read(&wav, Rational::ZERO, 480_000);
        assert_eq!(
            peaks(&sound, level),
            [4800, 72_000, 158_400, 374_400],
            "{rate}"
        );
        let (late, _) = read(
            &wav,
            Rational::new(15, 10).expect("a time"),
            480_000 - 72_000,
        );
        assert_eq!(
            late[..],
            sound[72_000..],
            "{rate}: a range differs from the whole"
        );
    }
}

#[test]
fn sound_that_starts_late_is_preceded_by_silence() {
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("clicks.wav");
    write_wav(&wav, 48_000, &clicks(96_000, &[0, 48_000]));
    for container in ["late.mov", "late.mkv"] {
        let clip = folder.path().join(container);
        ffmpeg_cli(&[
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=64x64:rate=25:duration=3",
            "-itsoffset",
            "0.087",
            "-i",
            text(&wav),
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-c:v",
            "mpeg4",
            "-c:a",
            "pcm_f32le",
            text(&clip),
        ]);
        let (sound, _) = read(&clip, Rational::ZERO, 144_000);
        assert_eq!(peaks(&sound, 0.5), [4176, 52_176], "{container}");
        // Matroska's clock counts milliseconds: a range may lie half of one off.
        let (sound, _) = read(&clip, Rational::integer(1), 48_000);
        let slack = if container == "late.mkv" { 24 } else { 0 };
        let found = peaks(&sound, 0.5);
        assert!(
            found.len() == 1 && found[0].abs_diff(4176) <= slack,
            "{container}: {found:?}"
        );
    }
}

#[test]
fn priming_of_coded_sound_is_not_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("clicks.wav");
    let at = [9_600, 48_000, 480_000, 931_000];
    write_wav(&wav, 48_000, &clicks(960_000, &at));
    for (codec, container) in [
        ("aac", "coded.mp4"),
        ("libmp3lame", "coded.mp4"),
        ("libopus", "coded.webm"),
        ("flac", "coded.mkv"),
    ] {
        let clip = folder.path().join(container);
        ffmpeg_cli(&["-i", text(&wav), "-c:a", codec, "-b:a", "192k", text(&clip)]);
        let check = |start: usize| {
            let seconds = Rational::new(start as i64, 48_000).expect("a time");
            let (sound, damaged) = read(&clip, seconds, 960_000 - start as u64);
            assert_eq!(damaged, 0, "{codec}");
            let wanted: Vec<usize> = at
                .iter()
                .filter(|p| **p >= start)
                .map(|p| p - start)
                .collect();
            let found = peaks(&sound, 0.2);
            assert_eq!(found.len(), wanted.len(), "{codec} from {start}: {found:?}");
            for (found, wanted) in found.iter().zip(wanted) {
                // A millisecond is what a WebM time stamp can say.
                let slack = if container == "coded.webm" { 48 } else { 2 };
                assert!(
                    found.abs_diff(wanted) <= slack,
                    "{codec} from {start}: {found} {wanted}"
                );
            }
        };
        check(0);
        check(240_000);
    }
}

#[test]
fn a_hole_in_the_time_stamps_is_silence_and_shifts_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("clicks.wav");
    write_wav(&wav, 48_000, &clicks(240_000, &[24_000, 72_000, 192_000]));
    let clip = folder.path().join("hole.mkv");
    ffmpeg_cli(&[
        "-i",
        text(&wav),
        "-af",
        "aselect='not(between(t,1.25,2.75))'",
        "-c:a",
        "pcm_f32le",
        text(&clip),
    ]);
    for start in [0u64, 48_000, 144_000] {
        let seconds = Rational::new(start as i64, 48_000).expect("a time");
        let (sound, _) = read(&clip, seconds, 240_000 - start);
        let wanted: Vec<u64> = [24_000u64, 192_000]
            .iter()
            .filter(|p| **p >= start)
            .map(|p| p - start)
            .collect();
        // Half a millisecond is the grain of Matroska's clock.
        let found: Vec<u64> = peaks(&sound, 0.5).iter().map(|p| *p as u64).collect();
        assert_eq!(found.len(), wanted.len(), "from {start}: {found:?}");
        for (found, wanted) in found.iter().zip(wanted) {
            assert!(
                found.abs_diff(wanted) <= 24,
                "from {start}: {found} {wanted}"
            );
        }
    }
}

#[test]
fn damaged_packets_are_silent_counted_and_shift_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("clicks.wav");
    write_wav(&wav, 48_000, &clicks(480_000, &[48_000, 400_000]));
    let clip = folder.path().join("damaged.mp4");
    ffmpeg_cli(&["-i", text(&wav), "-c:a", "ac3", "-b:a", "192k", text(&clip)]);
    let mut bytes = std::fs::read(&clip).expect("read");
    let body = bytes
        .windows(4)
        .position(|four| four == b"mdat")
        .expect("a body");
    // Three of the 768-byte packets at about 5 s lose everything they held.
    for byte in &mut bytes[body + 4 + 156 * 768..body + 4 + 159 * 768] {
        *byte = 0;
    }
    std::fs::write(&clip, bytes).expect("written");
    let (sound, damaged) = read(&clip, Rational::ZERO, 480_000);
    // The demuxer's parser may take all that it cannot make out for one packet.
    assert!((1..=3).contains(&damaged), "{damaged}");
    let found = peaks(&sound, 0.2);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].abs_diff(48_000) <= 2 && found[1].abs_diff(400_000) <= 2,
        "{found:?}"
    );
    // The damage lies before this range and is none of its business.
    let (_, damaged) = read(&clip, Rational::integer(7), 48_000);
    assert_eq!(damaged, 0);
}

#[test]
fn one_channel_sounds_from_both_sides_at_its_own_level() {
    let folder = tempfile::tempdir().expect("a folder");
    let clip = folder.path().join("mono.mov");
    ffmpeg_cli(&[
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=997:sample_rate=48000:duration=2",
        "-c:a",
        "pcm_s16le",
        "-ac",
        "1",
        text(&clip),
    ]);
    let (sound, _) = read(&clip, Rational::ZERO, 96_000);
    assert!(sound.iter().all(|[left, right]| left == right));
    // The generator's amplitude is an eighth.
    let loudest = sound.iter().map(|sample| sample[0]).fold(0.0, f32::max);
    assert!((loudest - 0.125).abs() < 0.001, "{loudest}");
}

#[test]
fn surround_is_mixed_down_without_clipping() {
    let folder = tempfile::tempdir().expect("a folder");
    let clip = folder.path().join("surround.mkv");
    // Full scale on all six channels, the low one at another frequency.
    ffmpeg_cli(&[
        "-f",
        "lavfi",
        "-i",
        "aevalsrc='sin(2*PI*1000*t)|sin(2*PI*1000*t)|sin(2*PI*1000*t)|sin(2*PI*60*t)|sin(2*PI*1000*t)|sin(2*PI*1000*t)':s=48000:d=1:c=5.1",
        "-c:a",
        "pcm_f32le",
        text(&clip),
    ]);
    let (sound, _) = read(&clip, Rational::ZERO, 48_000);
    let loudest = sound
        .iter()
        .map(|sample| sample[0].abs())
        .fold(0.0, f32::max);
    assert!((loudest - 1.0).abs() < 0.001, "{loudest}");
    // Whole periods of 1 kHz and of 60 Hz: what is left of the latter?
    let low: f64 = sound
        .iter()
        .enumerate()
        .map(|(n, sample)| {
            f64::from(sample[0]) * (n as f64 / 48_000.0 * 60.0 * std::f64::consts::TAU).sin()
        })
        .sum::<f64>()
        / 24_000.0;
    assert!(low.abs() < 1e-4, "{low}");
}

// ---- the whole way ----------------------------------------------------------

#[test]
fn clicks_come_out_of_both_packages_where_they_went_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let at: Vec<usize> = vec![4_000, 24_000, 48_511, 100_000, 333_333, 430_000];
    let wav = folder.path().join("clicks.wav");
    write_wav(&wav, 48_000, &clicks(480_000, &at));
    let outcome = render_whole(&wav, 10);
    assert_eq!(
        outcome.audio.samples(),
        480_256,
        "one frame's rest of silence"
    );

    let mut heard = Vec::new();
    decode(&outcome.audio, &mut |block| {
        heard.extend_from_slice(block);
        Ok(())
    })
    .expect("decoded");
    assert_eq!(heard.len(), 480_256);
    let progressive = folder.path().join("sound.mp4");
    mux(&outcome.audio, &progressive, "");
    let fragmented = folder.path().join("sound-fragmented.mp4");
    mux(
        &outcome.audio,
        &fragmented,
        "cmaf+frag_every_frame+delay_moov",
    );
    let by_cli = [decoded_by_cli(&progressive), decoded_by_cli(&fragmented)];
    for (package, sound) in ["packets", "MP4", "fMP4"]
        .iter()
        .zip([&heard, &by_cli[0], &by_cli[1]])
    {
        let found = peaks(sound, 0.1);
        assert_eq!(found.len(), at.len(), "{package}: {found:?}");
        for (found, wanted) in found.iter().zip(&at) {
            assert!(
                found.abs_diff(*wanted) <= 2,
                "{package}: {found} for {wanted}"
            );
        }
    }
}

#[test]
fn speech_comes_out_at_the_target_and_below_the_peak() {
    let folder = tempfile::tempdir().expect("a folder");
    for level in [0.02, 0.1, 0.9] {
        let wav = folder.path().join("babble.wav");
        write_wav(&wav, 48_000, &babble(12, level));
        let outcome = render_whole(&wav, 12);
        assert_loud_as_asked(&outcome, &format!("babble at {level}"));
        assert!(!outcome.nearly_silent);
    }
}

#[test]
fn bangs_among_quiet_speech_are_limited_and_the_speech_reaches_the_target() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sound = babble(12, 0.02);
    let mut noise = noise(3);
    for bang in 1..11 {
        for sample in &mut sound[bang * 48_000..bang * 48_000 + 400] {
            *sample = [noise(), noise()];
        }
    }
    let wav = folder.path().join("bangs.wav");
    write_wav(&wav, 48_000, &sound);
    let outcome = render_whole(&wav, 12);
    assert!(outcome.limited);
    assert_loud_as_asked(&outcome, "bangs");
}

#[test]
fn beeps_in_hiss_do_not_bring_up_the_hiss() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut noise = noise(5);
    let sound: Vec<Stereo> = (0..12 * 48_000usize)
        .map(|n| {
            let beep = if n % 48_000 < 500 {
                (n as f32 * 0.13).sin()
            } else {
                0.0
            };
            [beep + 0.001 * noise(); 2]
        })
        .collect();
    let wav = folder.path().join("beeps.wav");
    write_wav(&wav, 48_000, &sound);
    let outcome = render_whole(&wav, 12);
    let measured = outcome.measured_in.expect("loud enough");
    assert_eq!(outcome.gain_millidb, (-1600 - measured.integrated) * 10);
    assert!(outcome.measured_out.expect("loud enough").true_peak <= -100);
}

#[test]
fn a_dead_microphone_channel_is_filled_from_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    for (silent, side) in [(1, Side::Left), (0, Side::Right)] {
        let mut sound = babble(6, 0.1);
        for sample in &mut sound {
            sample[silent] = 0.0;
        }
        let wav = folder.path().join("one-side.wav");
        write_wav(&wav, 48_000, &sound);
        let outcome = render_whole(&wav, 6);
        assert_eq!(outcome.dual_mono_from, Some(side));
        assert_loud_as_asked(&outcome, "one side");
        // The coder draws noise for each side apart, some 40 dB down.
        let (mut sum, mut difference) = (0.0f64, 0.0f64);
        decode(&outcome.audio, &mut |block| {
            for [left, right] in block {
                sum += f64::from(left + right).powi(2);
                difference += f64::from(left - right).powi(2);
            }
            Ok(())
        })
        .expect("decoded");
        let below = 10.0 * (difference / sum).log10();
        println!("side to mid: {below:.1} dB");
        assert!(below < -25.0, "{below} dB");
    }
}

#[test]
fn near_silence_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut noise = noise(11);
    let sound: Vec<Stereo> = (0..240_000)
        .map(|_| [noise() * 0.0005, noise() * 0.0005])
        .collect();
    let wav = folder.path().join("hiss.wav");
    write_wav(&wav, 48_000, &sound);
    let outcome = render_whole(&wav, 5);
    assert!(outcome.nearly_silent);
    assert_eq!((outcome.gain_millidb, outcome.limited), (0, false));
}

#[test]
fn without_a_stream_there_is_silence_of_the_right_length() {
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("unheard.wav");
    write_wav(&wav, 48_000, &babble(1, 0.5));
    let mut input = open(&wav);
    let mut request = whole(&input, 3);
    request.stream = None;
    let outcome = render(&mut input, &request).expect("the sound is made");
    assert_eq!(outcome.audio.samples(), 141 * 1024);
    assert_eq!((outcome.measured_in, outcome.measured_out), (None, None));
    decode(&outcome.audio, &mut |block| {
        assert!(block.iter().all(|sample| *sample == [0.0; 2]));
        Ok(())
    })
    .expect("decoded");
}

#[test]
fn cards_are_silent_and_cuts_do_not_click() {
    let folder = tempfile::tempdir().expect("a folder");
    let tone: Vec<Stereo> = (0..480_000)
        .map(|n| [(n as f32 * 0.02).sin() * 0.3; 2])
        .collect();
    let wav = folder.path().join("tone.wav");
    write_wav(&wav, 48_000, &tone);
    let mut input = open(&wav);
    let clip = |start, samples| SoundSection::Clip {
        start,
        samples,
        fade_in: 480,
        fade_out: 480,
    };
    let request = SoundRequest {
        sections: vec![
            SoundSection::Silence { samples: 144_000 },
            clip(Rational::new(1234, 1000).expect("a time"), 96_000),
            clip(Rational::new(6789, 1000).expect("a time"), 96_001),
            SoundSection::Silence { samples: 47_999 },
        ],
        total_samples: 384_000,
        ..whole(&input, 8)
    };
    let outcome = render(&mut input, &request).expect("the sound is made");
    let mut heard = Vec::new();
    decode(&outcome.audio, &mut |block| {
        heard.extend_from_slice(block);
        Ok(())
    })
    .expect("decoded");
    assert_eq!(heard.len(), 384_000);
    let loudest = |range: std::ops::Range<usize>| {
        heard[range]
            .iter()
            .map(|sample| sample[0].abs())
            .fold(0.0, f32::max)
    };
    assert!(loudest(0..142_900) < 1e-4 && loudest(338_000..384_000) < 1e-4);
    assert!(loudest(150_000..230_000) > 0.1);
    // The join itself has faded out and in; a click would be a steep step.
    assert!(loudest(239_980..240_020) < 0.01);
    let steepest = heard
        .windows(2)
        .map(|pair| (pair[1][0] - pair[0][0]).abs())
        .fold(0.0, f32::max);
    assert!(steepest < 0.02, "{steepest}");
}

#[test]
fn sections_that_do_not_add_up_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("short.wav");
    write_wav(&wav, 48_000, &babble(1, 0.5));
    let mut input = open(&wav);
    let mut request = whole(&input, 1);
    request.total_samples += 1;
    let error = render(&mut input, &request).expect_err("refused");
    assert!(error.to_string().contains("add up"), "{error}");
}

#[test]
fn real_clips_come_out_as_asked() {
    for (name, seconds) in [
        ("audio/sample_ac3_aac.mp4", 1),
        ("people/test_video.mp4", 3),
        ("people/friday.mp4", 6),
        ("people/chaplin.mp4", 9),
        ("people/googlework_short.mp4", 35),
        ("long1080/video.mp4", 30),
        ("people/example.mp4", 42),
        ("people/gm_test_video.mp4", 8),
        ("long1080/dv_vrecord_record-instructions.mp4", 37),
        ("phone/max-heromode.mp4", 10),
        ("audio/sample_twos_pcm.mp4", 1),
        ("phone/portrait.MOV", 2),
        ("phone/awesome movie.mov", 7),
    ] {
        let Some(path) = real_clip(name) else { return };
        let outcome = render_whole(&path, seconds);
        println!(
            "{name}: {:?} -> {:?}, {} mdB, limited {}, {:?}, {} damaged",
            outcome.measured_in,
            outcome.measured_out,
            outcome.gain_millidb,
            outcome.limited,
            outcome.dual_mono_from,
            outcome.damaged_packets
        );
        assert_eq!(outcome.damaged_packets, 0, "{name}");
        // A second of test tones and two of wind do not come that far.
        let out_of_reach = ["audio/sample_ac3_aac.mp4", "phone/portrait.MOV"].contains(&name);
        if !outcome.nearly_silent && !out_of_reach {
            assert_loud_as_asked(&outcome, name);
        }
    }
}

/// The bytes are the same again, and the same on lesser processors. FFmpeg's
/// flags and the C library's belong to a process, so the test runs itself.
#[test]
fn the_same_bytes_every_time_and_on_every_processor() {
    const CHILD: &str = "PORTEVOIX_TEST_SOUND_OF";
    const FLAGS: &str = "PORTEVOIX_TEST_CPU_FLAGS";
    if let Some(clip) = std::env::var_os(CHILD) {
        let flags = std::env::var(FLAGS).expect("flags");
        pretend_processor(flags.parse().expect("a number"));
        let outcome = render_whole(Path::new(&clip), 6);
        println!("digest {}", Digest::of(&outcome.audio.bytes));
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let wav = folder.path().join("babble.wav");
    write_wav(&wav, 44_100, &babble(7, 0.9));
    let clip = folder.path().join("babble.mp4");
    ffmpeg_cli(&["-i", text(&wav), "-c:a", "aac", "-b:a", "96k", text(&clip)]);
    let digest = |tunables: &str, flags: &str| {
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "--nocapture"])
            .arg("sound::the_same_bytes_every_time_and_on_every_processor")
            .env(CHILD, &clip)
            .env("GLIBC_TUNABLES", tunables)
            .env(FLAGS, flags)
            .output()
            .expect("the test runs itself");
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        let at = words
            .find("digest ")
            .unwrap_or_else(|| panic!("no digest in {words}"));
        words[at..].lines().next().expect("a line").to_owned()
    };
    let here = digest("", "-1");
    assert_eq!(here, digest("", "-1"));
    assert_eq!(here, digest("", "0"), "without vector instructions");
    let old = "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX,-FMA4";
    assert_eq!(
        here,
        digest(old, "-1"),
        "with the mathematics of an old C library"
    );
}

#[allow(unsafe_code, reason = "FFmpeg's processor flags have no safe binding")]
fn pretend_processor(flags: i32) {
    // SAFETY: sets an atomic integer; −1 stands for what the processor has.
    unsafe { ffmpeg::ffi::av_force_cpu_flags(flags) };
}

/// How alike two stretches are, from −1 to 1.
fn likeness(one: &[Stereo], other: &[Stereo]) -> f64 {
    let mut sums = [0.0f64; 3];
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (f64::from(one[0]), f64::from(other[0]));
        sums[0] += one * other;
        sums[1] += one * one;
        sums[2] += other * other;
    }
    sums[0] / (sums[1] * sums[2]).sqrt().max(1e-12)
}

#[test]
fn real_clips_are_read_as_the_command_line_reads_them() {
    for name in [
        "people/example.mp4",
        "people/friday.mp4",
        "people/chaplin.mp4",
        "people/googlework_short.mp4",
        "people/video.mp4",
        "phone/portrait.MOV",
        "phone/awesome movie.mov",
        "phone/sample_rotate_and_reflect.mp4",
        "phone/sample_edit_list.mp4",
        "hdr/hdr10-av1.mp4",
        "geometry/test1.mp4",
    ] {
        let Some(path) = real_clip(name) else { return };
        let theirs = decoded_by_cli(&path);
        let (ours, _) = read(&path, Rational::ZERO, theirs.len() as u64);
        // In four stretches, so that a shift in the middle shows.
        for (part, stretch) in theirs.chunks(theirs.len() / 4 + 1).enumerate() {
            let start = part * (theirs.len() / 4 + 1);
            let same = &ours[start..start + stretch.len()];
            let loud = stretch.iter().any(|sample| sample[0].abs() > 1e-4);
            let alike = likeness(same, stretch);
            println!(
                "{name}, quarter {part}: {alike:.4}{}",
                if loud { "" } else { " (silent)" }
            );
            // AAC may draw noise of its own, which no two decoders draw alike.
            assert!(!loud || alike > 0.95, "{name}, quarter {part}: {alike}");
        }
    }
}

#[test]
fn a_range_of_a_real_clip_is_that_part_of_the_whole() {
    for (name, seconds) in [
        ("people/example.mp4", 42),
        ("people/friday.mp4", 6),
        ("people/chaplin.mp4", 9),
        ("people/googlework_short.mp4", 35),
        ("long1080/video.mp4", 30),
        ("phone/max-heromode.mp4", 10),
        ("phone/awesome movie.mov", 7),
        ("audio/hevc.ts", 5),
        ("audio/surround-audio.mp4", 5),
        ("broken/no_duration.webm", 4),
    ] {
        let Some(path) = real_clip(name) else { return };
        let (whole, _) = read(&path, Rational::ZERO, seconds * RATE);
        for part in 1..6 {
            let start = part * seconds * RATE / 6 + part * 77;
            let length = (RATE / 2).min(seconds * RATE - start);
            let seconds = Rational::new(start as i64, RATE as i64).expect("a time");
            let (range, _) = read(&path, seconds, length);
            let same = &whole[start as usize..(start + length) as usize];
            let loud = same.iter().any(|sample| sample[0].abs() > 1e-4);
            let alike = likeness(&range, same);
            println!(
                "{name} from {start}: {alike:.4}{}",
                if loud { "" } else { " (quiet)" }
            );
            assert!(!loud || alike > 0.98, "{name} from {start}: {alike}");
        }
    }
}
