//! Ranges of clips come out to the exact sample.

use super::bench::*;
use portevoix::values::time::Rational;

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
fn surround_is_mixed_down_at_its_level_and_without_clipping() {
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
    // Left, and 0.707 of the centre and of the surround each, not cut off.
    let mixed = 1.0 + std::f32::consts::SQRT_2;
    assert!((loudest - mixed).abs() < 0.002, "{loudest}");
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

#[test]
fn a_voice_in_the_centre_keeps_its_level_in_any_format() {
    let folder = tempfile::tempdir().expect("a folder");
    for coding in ["pcm_s16le", "pcm_s24le", "pcm_f32le", "ac3", "flac"] {
        let clip = folder.path().join(format!("{coding}.mkv"));
        ffmpeg_cli(&[
            "-f",
            "lavfi",
            "-i",
            "aevalsrc='0|0|0.5*sin(2*PI*1000*t)|0|0|0':s=48000:d=1:c=5.1",
            "-c:a",
            coding,
            text(&clip),
        ]);
        let (sound, _) = read(&clip, Rational::ZERO, 48_000);
        let middle = sound[12_000..36_000].iter().flatten();
        let loudest = middle.fold(0.0f32, |most, s| most.max(s.abs()));
        let wanted = 0.5 * std::f32::consts::FRAC_1_SQRT_2;
        assert!((loudest / wanted - 1.0).abs() < 0.02, "{coding}: {loudest}");
    }
}
