//! The whole way, from a clip to the encoded track.

use super::bench::*;
use ffmpeg_next as ffmpeg;
use portevoix::media::sound::encode::decode;
use portevoix::media::sound::{Side, SoundRequest, SoundSection, Stereo, render};
use portevoix::values::digest::Digest;
use portevoix::values::time::Rational;
use std::path::Path;
use std::process::Command;

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

/// Played by one loudspeaker, both sides would cancel each other out.
#[test]
fn sound_that_is_upside_down_on_one_side_is_heard_from_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sound = babble(6, 0.1);
    for sample in &mut sound {
        sample[1] = -sample[0];
    }
    let wav = folder.path().join("out-of-phase.wav");
    write_wav(&wav, 48_000, &sound);
    let outcome = render_whole(&wav, 6);
    assert_loud_as_asked(&outcome, "out of phase");
    let (mut mixed, mut apart) = (0.0f64, 0.0f64);
    decode(&outcome.audio, &mut |block| {
        for [left, right] in block {
            mixed += f64::from(left + right).powi(2);
            apart += f64::from(*left).powi(2) + f64::from(*right).powi(2);
        }
        Ok(())
    })
    .expect("decoded");
    assert!(mixed > apart * 1.9, "{mixed} {apart}");
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
    let outcome = render(sources(&mut input), &request).expect("the sound is made");
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
    let outcome = render(sources(&mut input), &request).expect("the sound is made");
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
    let error = render(sources(&mut input), &request).expect_err("refused");
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
            .arg("sound::rendering::the_same_bytes_every_time_and_on_every_processor")
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
