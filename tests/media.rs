//! The media floor, from frames to files, read back by ffprobe and ffmpeg.

use portevoix::media::mux::{self, Reels, VideoTrack};
use portevoix::media::render::render;
use portevoix::media::segment::Encoded;
use portevoix::media::verify::Against;
use portevoix::media::{decode::GridFrames, input, probe, verify};
use portevoix::plan::ladder::VideoEncoding;
use portevoix::plan::recipe::{Picture, RENDERER, SegmentRecipe, SourceReading};
use portevoix::series::profile::VideoCodec;
use portevoix::values::digest::{ArtDigest, Digest, SourceDigest};
use portevoix::values::geometry::Size;
use portevoix::values::time::{FrameRange, FrameRate, Rational};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

fn rate(num: i64, den: i64) -> FrameRate {
    FrameRate::new(num, den).expect("positive")
}

fn size(width: u32, height: u32) -> Size {
    Size { width, height }
}

fn encoding(rate: FrameRate) -> VideoEncoding {
    VideoEncoding {
        codec: VideoCodec::H264,
        preset: "veryfast".into(),
        crf: 23,
        max_kbps: Some(800),
        gop: rate.gop(),
        level: 30,
    }
}

/// A flat card in the charter's way: outlines without text.
fn card(colour: &str, size: Size) -> (ArtDigest, String) {
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}"><rect width="{0}" height="{1}" fill="{colour}"/></svg>"#,
        size.width, size.height
    );
    (ArtDigest(Digest::of(svg.as_bytes())), svg)
}

type Arts = BTreeMap<ArtDigest, String>;

fn encode(groups: &[Vec<SegmentRecipe>], arts: &Arts, source: Option<File>) -> Vec<Encoded> {
    portevoix::media::error::capture_log();
    let mut made = Vec::new();
    let draw = |art: ArtDigest, size: Size| {
        Ok(portevoix::cards::rasterise(&arts[&art], size)
            .expect("drawn")
            .rgba)
    };
    render(source, groups, &draw, &mut |_, encoded| {
        made.push(encoded);
        Ok(())
    })
    .expect("rendered");
    made
}

/// Segments as the store would hand them over.
fn reels(segments: &[Encoded]) -> (File, Vec<u64>) {
    let mut file = tempfile::tempfile().expect("a file");
    let mut lengths = Vec::new();
    for segment in segments {
        let bytes = segment.to_bytes();
        file.write_all(&bytes).expect("written");
        lengths.push(bytes.len() as u64);
    }
    (file, lengths)
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

fn ffmpeg(arguments: &[&str]) {
    let mut all = vec!["-hide_banner", "-loglevel", "error", "-y"];
    all.extend(arguments);
    run("ffmpeg", &all);
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn entries(path: &Path, what: &str) -> String {
    run(
        "ffprobe",
        &[
            "-v",
            "error",
            "-count_frames",
            "-select_streams",
            "v",
            "-show_entries",
            what,
            "-of",
            "csv=p=0",
            text(path),
        ],
    )
    .trim()
    .to_owned()
}

#[test]
fn segments_of_any_length_join_into_exact_files() {
    // The last has more ticks a second than a time in microseconds can be sought by.
    for (num, den) in [(25, 1), (30_000, 1001), (2997, 100)] {
        let rate = rate(num, den);
        let frame = size(320, 180);
        let (art, svg) = card("#8a2be2", frame);
        let arts = Arts::from([(art, svg)]);
        let lengths = [3 * rate.gop(), 1, 13, rate.gop() + 5, 2];
        let groups: Vec<Vec<SegmentRecipe>> = lengths
            .iter()
            .map(|&frames| {
                vec![SegmentRecipe {
                    renderer: RENDERER,
                    picture: Picture::Card {
                        art,
                        behind: None,
                        frames,
                    },
                    overlays: vec![],
                    captions: vec![],
                    size: frame,
                    rate,
                    encoding: encoding(rate),
                }]
            })
            .collect();
        let segments = encode(&groups, &arts, None);
        let total: u64 = lengths.iter().sum();
        let folder = tempfile::tempdir().expect("a folder");

        let (file, sizes) = reels(&segments);
        let path = folder.path().join("fragmented.mp4");
        let made = mux::fragmented_video(
            &mut Reels::new(file, &sizes),
            VideoTrack { size: frame, rate },
            File::create(&path).expect("a file"),
        )
        .expect("fragmented");
        assert_eq!(
            made.segments.iter().map(|s| s.length).collect::<Vec<_>>(),
            lengths
        );
        let whole = std::fs::metadata(&path).expect("there").len();
        assert_eq!(
            made.init_bytes + made.segments.iter().map(|s| s.bytes).sum::<u64>(),
            whole
        );
        assert_eq!(entries(&path, "stream=nb_read_frames"), total.to_string());
        let facts = verify::verify(File::open(&path).expect("there"), Against::Decoder)
            .expect("sound")
            .picture
            .expect("a picture");
        assert_eq!((facts.samples, facts.decoded), (total, Some(total)));
        assert_eq!(
            (facts.start, facts.end),
            (Rational::ZERO, rate.time_of(total))
        );
        assert!(facts.bt709);

        let (file, sizes) = reels(&segments);
        let path = folder.path().join("progressive.mp4");
        mux::progressive(
            &mut Reels::new(file, &sizes),
            VideoTrack { size: frame, rate },
            None,
            tempfile::tempfile().expect("a file"),
            File::create(&path).expect("a file"),
        )
        .expect("written");
        assert_eq!(entries(&path, "stream=nb_read_frames"), total.to_string());
        let times = entries(&path, "frame=best_effort_timestamp_time");
        let first = times
            .lines()
            .next()
            .expect("a frame")
            .trim_end_matches(',')
            .to_owned();
        assert_eq!(first.parse::<f64>().expect("a number"), 0.0);
        let again = verify::verify(File::open(&path).expect("there"), Against::Decoder)
            .expect("sound")
            .picture
            .expect("a picture");
        assert_eq!(again.decoded, Some(total));
        assert_eq!((again.start, again.end), (facts.start, facts.end));
        let bytes = std::fs::read(&path).expect("there");
        let at = |kind: &[u8]| bytes.windows(4).position(|w| w == kind).expect("a box");
        assert!(at(b"moov") < at(b"mdat"), "the index comes first");

        // Held against what it was made of, whole and otherwise.
        let against = |segments: &[Encoded]| {
            let (file, sizes) = reels(segments);
            let sound = Reels::new(tempfile::tempfile().expect("a file"), &[]);
            let against = Against::Encoded {
                pictures: Reels::new(file, &sizes),
                sound,
            };
            verify::verify(File::open(&path).expect("there"), against)
        };
        let held = against(&segments).expect("the same").picture;
        let held = held.expect("a picture");
        assert_eq!((held.samples, held.decoded), (total, None));
        assert!(against(&segments[1..]).is_err(), "begins with another");
        assert!(
            against(&segments[..segments.len() - 1]).is_err(),
            "too long"
        );
        let longer: Vec<Encoded> = segments.iter().chain(&segments[..1]).cloned().collect();
        assert!(against(&longer).is_err(), "too short");
        let mut other = segments.clone();
        let last = other.last_mut().expect("a segment");
        *last.payload.last_mut().expect("a byte") ^= 1;
        assert!(against(&other).is_err(), "another byte");
        let mut other = segments.clone();
        let header = &mut other[0].header;
        *header.last_mut().expect("a byte") ^= 1;
        assert!(against(&other).is_err(), "other parameter sets");

        // Each decodes by itself, unless it is damaged or says another length.
        let proven = |segments: &[Encoded], size: Size| {
            let (file, sizes) = reels(segments);
            let expected: Vec<(Size, u64)> = lengths.iter().map(|&n| (size, n)).collect();
            verify::prove(&mut Reels::new(file, &sizes), &expected)
        };
        proven(&segments, frame).expect("decodes");
        let half = Size {
            width: frame.width / 2,
            height: frame.height,
        };
        assert!(proven(&segments, half).is_err(), "another size");
        let mut damaged = segments.clone();
        let payload = &mut damaged[0].payload;
        let middle = payload.len() / 2;
        payload[middle..middle + 40].fill(0);
        assert!(proven(&damaged, frame).is_err(), "damaged");
        let mut short = segments.clone();
        let cut = short[0].units.pop().expect("a unit").bytes as usize;
        let left = short[0].payload.len() - cut;
        short[0].payload.truncate(left);
        assert!(proven(&short, frame).is_err(), "a picture is missing");
    }
}

/// A clip whose frames are numbered by brightness.
fn numbered_clip(folder: &Path, name: &str, rate: &str, frames: u32, extra: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let source = format!("color=black:s=160x120:r={rate},geq=lum='16+mod(N\\,50)*4':cb=128:cr=128");
    let count = frames.to_string();
    let mut arguments = vec!["-f", "lavfi", "-i", &source, "-frames:v", &count];
    arguments.extend(extra);
    arguments.push(text(&path));
    ffmpeg(&arguments);
    path
}

#[test]
fn every_frame_of_a_clip_is_at_its_place_after_any_seek() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, rate_text, extra) in [
        (
            "pal.mp4",
            "25",
            &["-c:v", "libx264", "-g", "40", "-bf", "3"][..],
        ),
        (
            "ntsc.mov",
            "30000/1001",
            &["-c:v", "libx264", "-g", "33"][..],
        ),
        (
            "open.mkv",
            "24",
            &["-c:v", "libx264", "-x264-params", "open-gop=1:keyint=30"][..],
        ),
        (
            "mpeg.ts",
            "25",
            &["-c:v", "mpeg2video", "-q:v", "2", "-bf", "2"][..],
        ),
        // A transport stream is sought to any packet; what these decoders draw
        // without the pictures before it is grey.
        (
            "hevc.ts",
            "25",
            &[
                "-c:v",
                "libx265",
                "-x265-params",
                "keyint=60:log-level=none",
            ][..],
        ),
        (
            "mpeg4.ts",
            "25",
            &["-c:v", "mpeg4", "-q:v", "2", "-g", "60", "-bf", "2"][..],
        ),
        // No key picture but the first.
        (
            "long.ts",
            "25",
            &[
                "-c:v",
                "libx265",
                "-x265-params",
                "keyint=-1:log-level=none",
            ][..],
        ),
    ] {
        let path = numbered_clip(folder.path(), name, rate_text, 150, extra);
        let facts = probe::probe(File::open(&path).expect("there")).expect("a clip");
        assert_eq!(facts.video.frames, 150, "{name}");
        assert!(!facts.video.variable_rate, "{name}");
        let reading = SourceReading::new(
            SourceDigest(Digest::of(b"clip")),
            facts.clock_zero,
            &facts.video,
        );
        let mut opened = input::open(File::open(&path).expect("there")).expect("opened");
        let mut frames = GridFrames::new(&mut opened, &reading).expect("a decoder");
        for start in [0, 77, 149, 31, 120, 1] {
            frames.seek(start).expect("sought");
            for index in start..(start + 12).min(150) {
                let frame = frames.frame(index).expect("a frame");
                let luma = frame.data(0)[frame.stride(0) * 60 + 80];
                let expected = 16 + (index % 50) * 4;
                assert!(
                    u64::from(luma).abs_diff(expected) <= 1,
                    "{name}: frame {index} has {luma}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn footage_rendered_in_pieces_is_the_same_as_in_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("moving.mp4");
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=320x240:r=25",
        "-frames:v",
        "120",
        "-c:v",
        "libx264",
        text(&path),
    ]);
    let facts = probe::probe(File::open(&path).expect("there")).expect("a clip");
    let source = SourceReading::new(
        SourceDigest(Digest::of(b"clip")),
        facts.clock_zero,
        &facts.video,
    );
    let part = |start, end, width, height| SegmentRecipe {
        renderer: RENDERER,
        picture: Picture::Footage {
            source: source.clone(),
            clip: FrameRange::new(start, end),
        },
        overlays: vec![],
        captions: vec![],
        size: size(width, height),
        rate: facts.video.rate,
        encoding: encoding(facts.video.rate),
    };
    let open = || Some(File::open(&path).expect("there"));
    let together = encode(
        &[
            vec![part(0, 60, 320, 240), part(0, 60, 160, 120)],
            vec![part(60, 120, 320, 240), part(60, 120, 160, 120)],
        ],
        &Arts::new(),
        open(),
    );
    let apart = encode(&[vec![part(60, 120, 160, 120)]], &Arts::new(), open());
    assert_eq!(together[3], apart[0]);
    assert_eq!(together[0].units.len(), 60);
}

/// A card's picture as a player has it: encoded, wrapped and decoded again, its
/// three planes one after the other.
pub(crate) fn decoded_card(svg: &str, frame: Size) -> Vec<u8> {
    let rate = rate(25, 1);
    let art = ArtDigest(Digest::of(svg.as_bytes()));
    let recipe = SegmentRecipe {
        renderer: RENDERER,
        picture: Picture::Card {
            art,
            behind: None,
            frames: 10,
        },
        overlays: vec![],
        captions: vec![],
        size: frame,
        rate,
        encoding: encoding(rate),
    };
    let made = encode(&[vec![recipe]], &Arts::from([(art, svg.to_owned())]), None);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.mp4");
    let (mut file, sizes) = reels(&made);
    file.seek(SeekFrom::Start(0)).expect("rewound");
    mux::progressive(
        &mut Reels::new(file, &sizes),
        VideoTrack { size: frame, rate },
        None,
        tempfile::tempfile().expect("a file"),
        File::create(&path).expect("a file"),
    )
    .expect("written");
    let raw = folder.path().join("frame.yuv");
    ffmpeg(&[
        "-i",
        text(&path),
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "yuv420p",
        text(&raw),
    ]);
    std::fs::read(&raw).expect("there")
}

#[test]
fn a_card_has_the_charters_colour_when_decoded() {
    // BT.709 on sRGB code values, by hand: Y = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B).
    let frame = size(640, 360);
    for (colour, rgb) in [
        ("#c8502d", [0xc8, 0x50, 0x2d]),
        ("#0a6b5e", [0x0a, 0x6b, 0x5e]),
        ("#f6ead7", [0xf6, 0xea, 0xd7]),
    ] {
        let planes = decoded_card(&card(colour, frame).1, frame);
        let mean = |from: usize, count: usize| {
            planes[from..from + count]
                .iter()
                .map(|&b| f64::from(b))
                .sum::<f64>()
                / count as f64
        };
        let [r, g, b] = rgb.map(|c: i32| f64::from(c) / 255.0);
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let expected = [
            16.0 + 219.0 * y,
            128.0 + 224.0 * (b - y) / 1.8556,
            128.0 + 224.0 * (r - y) / 1.5748,
        ];
        let pixels = 640 * 360;
        let found = [
            mean(0, pixels),
            mean(pixels, pixels / 4),
            mean(pixels + pixels / 4, pixels / 4),
        ];
        for (f, e) in found.iter().zip(expected) {
            assert!(
                (f - e).abs() <= 2.0,
                "{colour}: {found:?}, not {expected:?}"
            );
        }
    }
}

#[test]
fn stills_are_drawn_from_stored_segments() {
    use portevoix::media::stills::{PosterRequest, StoryboardRequest, poster, storyboard};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("moving.mp4");
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=640x360:r=25",
        "-frames:v",
        "120",
        "-c:v",
        "libx264",
        text(&path),
    ]);
    let facts = probe::probe(File::open(&path).expect("there")).expect("a clip");
    let source = SourceReading::new(
        SourceDigest(Digest::of(b"clip")),
        facts.clock_zero,
        &facts.video,
    );
    let recipe = |start, end| SegmentRecipe {
        renderer: RENDERER,
        picture: Picture::Footage {
            source: source.clone(),
            clip: FrameRange::new(start, end),
        },
        overlays: vec![],
        captions: vec![],
        size: size(320, 180),
        rate: facts.video.rate,
        encoding: encoding(facts.video.rate),
    };
    let made = encode(
        &[vec![recipe(0, 60)], vec![recipe(60, 120)]],
        &Arts::new(),
        Some(File::open(&path).expect("there")),
    );
    let (file, lengths) = reels(&made);
    let drawn = |eligible: FrameRange| {
        let request = PosterRequest {
            judged: size(320, 180),
            taken: size(320, 180),
            eligible: vec![vec![], vec![eligible]],
        };
        let (file, _) = reels(&made);
        let (again, _) = reels(&made);
        let mut out = Vec::new();
        let mut judged = Reels::new(file, &lengths);
        let mut taken = Reels::new(again, &lengths);
        let pictures = poster(&mut judged, &mut taken, &request, &mut out).expect("drawn");
        assert_eq!(
            pictures.iter().map(|p| p.bytes).sum::<u64>(),
            out.len() as u64
        );
        let jpeg = image::load_from_memory(&out[..pictures[0].bytes as usize]).expect("a JPEG");
        assert_eq!((jpeg.width(), jpeg.height()), (320, 180));
        out
    };
    // Each frame of the test picture looks otherwise, so the bytes tell which
    // was taken.
    let chosen = drawn(FrameRange::new(10, 30));
    let each: Vec<u64> = (10..30)
        .filter(|&n| drawn(FrameRange::new(n, n + 1)) == chosen)
        .collect();
    assert_eq!(each.len(), 1, "one of those that may be chosen: {each:?}");

    let request = StoryboardRequest {
        size: size(320, 180),
        frames: vec![60, 60],
        every: 50,
    };
    let mut out = Vec::new();
    let board = storyboard(&mut Reels::new(file, &lengths), &request, &mut out).expect("drawn");
    assert_eq!((board.tiles, board.sheet.bytes), (2, out.len() as u64));
    let sheet = image::load_from_memory(&out).expect("a JPEG");
    assert_eq!((sheet.width(), sheet.height()), (2 * 160, 90));
}

#[test]
fn interlaced_footage_keeps_its_frames_at_every_join() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fields.mpg");
    let source = "testsrc2=s=320x240:r=50,interlace=scan=tff,fieldorder=tff";
    ffmpeg(&[
        "-f",
        "lavfi",
        "-i",
        source,
        "-frames:v",
        "60",
        "-c:v",
        "mpeg2video",
        "-q:v",
        "3",
        "-flags",
        "+ilme+ildct",
        "-top",
        "1",
        text(&path),
    ]);
    let facts = probe::probe(File::open(&path).expect("there")).expect("a clip");
    assert_eq!(
        facts.video.field_order,
        portevoix::values::facts::FieldOrder::TopFirst
    );
    let reading = SourceReading::new(
        SourceDigest(Digest::of(b"fields")),
        facts.clock_zero,
        &facts.video,
    );
    let part = |start, end| SegmentRecipe {
        renderer: RENDERER,
        picture: Picture::Footage {
            source: reading.clone(),
            clip: FrameRange::new(start, end),
        },
        overlays: vec![],
        captions: vec![],
        size: size(320, 240),
        rate: facts.video.rate,
        encoding: encoding(facts.video.rate),
    };
    let open = || Some(File::open(&path).expect("there"));
    let together = encode(
        &[vec![part(0, 30)], vec![part(30, 60)]],
        &Arts::new(),
        open(),
    );
    let apart = encode(&[vec![part(30, 60)]], &Arts::new(), open());
    assert_eq!(
        together.iter().map(|e| e.units.len()).collect::<Vec<_>>(),
        [30, 30]
    );
    assert_eq!(together[1], apart[0]);
}
