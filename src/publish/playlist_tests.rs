//! Playlists against numbers worked by hand, read by m3u8-rs.

use super::*;
use m3u8_rs::{MasterPlaylist, MediaPlaylist};

fn rate(num: i64, den: i64) -> FrameRate {
    FrameRate::new(num, den).expect("positive")
}

fn segment(index: usize, bytes: u64, gop_frames: &[u64]) -> VideoSegment {
    let gops = gop_frames.iter().enumerate().map(|(i, frames)| Gop {
        offset: i as u64 * 1000,
        idr_bytes: 400 + i as u64,
        frames: *frames,
    });
    VideoSegment {
        file: MeasuredFile {
            name: format!("{index}-00c0ffee.m4s"),
            bytes,
        },
        gops: gops.collect(),
    }
}

fn rendition(folder: &str, rate: FrameRate, segments: Vec<VideoSegment>) -> VideoRendition {
    VideoRendition {
        folder: folder.into(),
        size: Size {
            width: 640,
            height: 360,
        },
        rate,
        codecs: "avc1.64001e".into(),
        init: MeasuredFile {
            name: "init.mp4".into(),
            bytes: 700,
        },
        segments,
    }
}

fn sound(segments: &[(u64, u64)]) -> AudioRendition {
    let segments = segments.iter().enumerate();
    AudioRendition {
        folder: "audio".into(),
        language: Language::new("fr").expect("a tag"),
        codecs: "mp4a.40.2".into(),
        channels: 2,
        init: MeasuredFile {
            name: "init.mp4".into(),
            bytes: 600,
        },
        segments: segments
            .map(|(i, (bytes, samples))| AudioSegment {
                file: MeasuredFile {
                    name: format!("{i}-0badcafe.m4s"),
                    bytes: *bytes,
                },
                samples: *samples,
            })
            .collect(),
    }
}

fn read_media(text: &str) -> MediaPlaylist {
    m3u8_rs::parse_media_playlist_res(text.as_bytes()).expect("a second reader understands it")
}

fn read_master(text: &str) -> MasterPlaylist {
    m3u8_rs::parse_master_playlist_res(text.as_bytes()).expect("a second reader understands it")
}

/// The printed durations in millionths of a second, read without floats.
fn printed_micros(text: &str) -> Vec<u64> {
    text.lines()
        .filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(','))
        .map(|n| n.replace('.', "").parse().expect("digits"))
        .collect()
}

#[test]
fn ntsc_durations_do_not_drift_over_a_thousand_segments() {
    // 1000 × 180 frames at 30000/1001: 180 000 × 1001 / 30 000 = 6006 s exactly.
    let segments = (0..1000).map(|i| segment(i, 9000, &[60, 60, 60]));
    let text = video_playlist(&rendition("a", rate(30_000, 1001), segments.collect()), 6);
    let micros = printed_micros(&text);
    assert_eq!(micros.iter().sum::<u64>(), 6_006_000_000);
    assert!(micros.iter().all(|m| *m == 6_006_000));

    // 1000 × 143 frames at 24000/1001: 143 143 / 24 000 = 5.964 291 666… s each,
    // so two printed values alternate, and the sum is 5 964.291 667 s.
    let segments = (0..1000).map(|i| segment(i, 9000, &[48, 48, 47]));
    let text = video_playlist(&rendition("b", rate(24_000, 1001), segments.collect()), 6);
    let micros = printed_micros(&text);
    assert_eq!(micros.iter().sum::<u64>(), 5_964_291_667);
    assert_eq!(micros[..3], [5_964_292, 5_964_291, 5_964_292]);
}

#[test]
fn a_media_playlist_reads_back_as_meant() {
    let r = rendition(
        "360p",
        rate(25, 1),
        vec![segment(0, 9000, &[50, 50, 50]), segment(1, 1000, &[7])],
    );
    let text = video_playlist(&r, 6);
    let read = read_media(&text);
    assert_eq!(read.version, Some(6));
    assert_eq!(read.target_duration, 6);
    assert_eq!(read.playlist_type, Some(m3u8_rs::MediaPlaylistType::Vod));
    assert!(read.end_list && read.independent_segments && !read.i_frames_only);
    let uris: Vec<&str> = read.segments.iter().map(|s| s.uri.as_str()).collect();
    assert_eq!(uris, ["0-00c0ffee.m4s", "1-00c0ffee.m4s"]);
    assert_eq!(
        read.segments[0].map.as_ref().map(|m| m.uri.as_str()),
        Some("init.mp4")
    );
    assert_eq!(printed_micros(&text), [6_000_000, 280_000]);
}

#[test]
fn key_frames_are_byte_ranges_that_last_their_gop() {
    let r = rendition(
        "360p",
        rate(25, 1),
        vec![segment(0, 9000, &[50, 50]), segment(1, 1000, &[7])],
    );
    let text = iframe_playlist(&r, 6);
    let read = read_media(&text);
    assert!(read.i_frames_only && read.end_list);
    let ranges: Vec<_> = read
        .segments
        .iter()
        .map(|s| s.byte_range.as_ref().map(|b| (b.length, b.offset)))
        .collect();
    assert_eq!(
        ranges,
        [
            Some((400, Some(0))),
            Some((401, Some(1000))),
            Some((400, Some(0)))
        ]
    );
    assert_eq!(printed_micros(&text), [2_000_000, 2_000_000, 280_000]);
}

#[test]
fn the_target_is_six_until_a_segment_rounds_to_seven() {
    let at = |frames| vec![rendition("a", rate(25, 1), vec![segment(0, 1, &[frames])])];
    assert_eq!(target_duration(&at(50), None, &[]), 6);
    assert_eq!(target_duration(&at(162), None, &[]), 6); // 6.48 s
    assert_eq!(target_duration(&at(163), None, &[]), 7); // 6.52 s
    // Sound counts too: 6.5 s are 312 000 samples.
    assert_eq!(
        target_duration(&at(50), Some(&sound(&[(1, 312_000)])), &[]),
        7
    );
}

#[test]
fn the_peak_is_that_of_runs_of_half_to_one_and_a_half_targets() {
    // 25 fps, target 6: runs of 3 to 9 s count. A transition of 1 s with
    // 500 kB is too short alone: the worst runs that count are it and the
    // 2 s after it (3 s, 600 kB: 1.6 Mb/s).
    let r = rendition(
        "a",
        rate(25, 1),
        vec![
            segment(0, 150_000, &[150]),
            segment(1, 500_000, &[25]),
            segment(2, 100_000, &[50]),
            segment(3, 150_000, &[150]),
        ],
    );
    let rates = video_rates(&r, 6);
    assert_eq!(rates.peak, 1_600_000);
    // 900 kB in 15 s.
    assert_eq!(rates.average, 480_000);
    // Shorter than any run that counts: the whole film is the run.
    let short = rendition("a", rate(25, 1), vec![segment(0, 10_000, &[25])]);
    assert_eq!(video_rates(&short, 6).peak, 80_000);
}

#[test]
fn the_multivariant_playlist_starts_with_the_variant_nearest_800_kbps_from_below() {
    let with = |folder: &str, bytes| {
        rendition(
            folder,
            rate(30_000, 1001),
            vec![segment(0, bytes, &[60, 60, 60])],
        )
    };
    // 6.006 s each: 1.0 MB is 1.33 Mb/s, 500 kB 666 kb/s, 200 kB 266 kb/s.
    let video = [
        with("720p", 1_000_000),
        with("540p", 500_000),
        with("360p", 200_000),
    ];
    // 6.016 s (282 AAC frames) of 72 192 bytes: 96 kb/s.
    let audio = sound(&[(72_192, 288_768)]);
    let text = multivariant(&video, Some(&audio), &[], 6);
    let read = read_master(&text);
    assert!(read.independent_segments);
    let (frames, variants): (Vec<_>, Vec<_>) = read.variants.iter().partition(|v| v.is_i_frame);
    let uris: Vec<&str> = variants.iter().map(|v| v.uri.as_str()).collect();
    assert_eq!(
        uris,
        [
            "540p/playlist.m3u8",
            "360p/playlist.m3u8",
            "720p/playlist.m3u8"
        ]
    );
    let first = variants[0];
    // 500 000 × 8 / 6.006 = 666 000.67, rounded up, and 96 000 of sound.
    assert_eq!(first.bandwidth, 666_001 + 96_000);
    assert_eq!(first.average_bandwidth, Some(666_001 + 96_000));
    assert_eq!(first.codecs.as_deref(), Some("avc1.64001e,mp4a.40.2"));
    assert_eq!(
        first.resolution.map(|r| (r.width, r.height)),
        Some((640, 360))
    );
    assert!(text.contains(",FRAME-RATE=29.970,"));
    assert_eq!(first.audio.as_deref(), Some("audio"));
    assert_eq!(frames.len(), 3);
    assert_eq!(frames[0].uri, "720p/iframes.m3u8");
    // Three key frames of 400, 401 and 402 bytes in 6.006 s: 1602.4 b/s.
    assert_eq!(frames[0].average_bandwidth, Some(1603));
    assert_eq!(frames[0].codecs.as_deref(), Some("avc1.64001e"));
    let group = &read.alternatives[0];
    assert_eq!(group.language.as_deref(), Some("fr"));
    assert_eq!(group.name, "Français");
    assert_eq!(group.channels.as_deref(), Some("2"));
    assert!(group.default && group.autoselect);
    assert_eq!(group.uri.as_deref(), Some("audio/playlist.m3u8"));
}

#[test]
fn without_sound_no_variant_names_a_group() {
    let video = [rendition(
        "360p",
        rate(25, 1),
        vec![segment(0, 9000, &[50])],
    )];
    let read = read_master(&multivariant(&video, None, &[], 6));
    assert!(read.alternatives.is_empty());
    assert!(read.variants.iter().all(|v| v.audio.is_none()));
    assert_eq!(read.variants[0].codecs.as_deref(), Some("avc1.64001e"));
}

#[test]
fn captions_for_people_who_do_not_hear_say_so() {
    let video = [rendition(
        "360p",
        rate(25, 1),
        vec![segment(0, 9000, &[50])],
    )];
    let captions = SubtitleRendition {
        folder: "captions.fr.sdh".into(),
        language: Language::new("fr").expect("a tag"),
        sdh: true,
        segments: vec![("0-11112222.vtt".into(), Rational::integer(2))],
    };
    let files = package(&video, None, std::slice::from_ref(&captions));
    let names: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(
        names,
        [
            "360p/playlist.m3u8",
            "360p/iframes.m3u8",
            "captions.fr.sdh/playlist.m3u8",
            "master.m3u8"
        ]
    );
    let read = read_master(&files[3].text);
    assert_eq!(
        read.alternatives[0].characteristics.as_deref(),
        Some(
            "public.accessibility.transcribes-spoken-dialog,\
             public.accessibility.describes-music-and-sound"
        )
    );
    assert_eq!(read.variants[0].subtitles.as_deref(), Some("captions"));
    let listed = read_media(&files[2].text);
    assert_eq!(listed.target_duration, 6);
    assert!(listed.segments[0].map.is_none());
}
