//! Nothing that a camera or an editing program wrote into a clip leaves with
//! the film: canaries are planted in every place where devices, places, dates,
//! faces and names are kept, and looked for in everything that is published,
//! by `exiftool` and byte by byte.

use crate::build::bench::{Run, Series, files, program};
use crate::hostile::bytes::{boxed, edited, put};
use crate::skipped::skipped;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::fs;
use std::path::Path;
use std::process::Command;

const PROFILE: &str = "package = \"hls\"\nprogressive = [144]\ncards = []\n[audio]\ncodec = \"aac\"\nkbps = 64\n\
    [[rung]]\nheight = 144\npreset = \"ultrafast\"\ncrf = 40\n";

/// Text that is planted, and must not come out; what it stands for.
const CANARIES: [(&str, &str); 16] = [
    (
        "+44.7543+005.3712",
        "place, as QuickTime and Android write it",
    ),
    ("CANARI-lieu", "place by name"),
    ("CANARI-marque", "make"),
    ("CANARI-modele", "model"),
    ("CANARI-logiciel", "software"),
    ("CANARI-objectif", "serial number of the lens"),
    ("1987-06-05T04:03:02", "date in words"),
    ("CANARI-chapitre", "chapter"),
    ("CANARI-piste", "name of a track"),
    ("CANARI-titre", "title"),
    ("CANARI-visage", "face in a track of timed metadata"),
    ("CANARI-gopro", "telemetry"),
    ("CANARI-sei", "message in the picture's stream"),
    ("CANARI-exif", "Exif of a picture"),
    ("CANARI-xmp", "XMP"),
    ("CANARI-fichier", "name of the clip"),
];

/// The planted date as QuickTime counts seconds, since 1904.
const DATE: u32 = 2_082_844_800 + 549_864_182;

fn ffmpeg(folder: &Path, arguments: &[&str]) {
    let common = [
        "-nostdin",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=64x48:r=25:d=0.4",
    ];
    let sound = ["-f", "lavfi", "-i", "sine=440:r=48000:d=0.4"];
    program("ffmpeg", &[&common[..], &sound, arguments].concat(), folder);
}

/// A phone's clip: tags of all kinds, chapters, a timecode, and two tracks of
/// timed metadata.
fn phone(folder: &Path) -> Vec<u8> {
    let chapters =
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=300\ntitle=CANARI-chapitre\n";
    fs::write(folder.join("chapters"), chapters).expect("written");
    let sei = "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+CANARI-sei";
    let tags = [
        "com.apple.quicktime.location.ISO6709=+44.7543+005.3712+410/",
        "com.apple.quicktime.location.name=CANARI-lieu",
        "com.apple.quicktime.make=CANARI-marque",
        "com.apple.quicktime.model=CANARI-modele",
        "com.apple.quicktime.software=CANARI-logiciel",
        "com.apple.quicktime.creationdate=1987-06-05T04:03:02+0200",
        "lens_serial_number=CANARI-objectif",
        "creation_time=1987-06-05T04:03:02Z",
        "title=CANARI-titre",
    ];
    let mut arguments: Vec<&str> =
        "-f ffmetadata -i chapters -map 0:v -map 1:a -map_chapters 2 -c:v libx264 -pix_fmt yuv420p \
         -c:a aac -timecode 12:34:56:07 -metadata:s handler_name=CANARI-piste \
         -movflags use_metadata_tags -bsf:v"
            .split_whitespace()
            .collect();
    arguments.push(sei);
    for tag in &tags {
        arguments.extend(["-metadata", tag]);
    }
    arguments.push("phone.mov");
    ffmpeg(folder, &arguments);
    let clip = fs::read(folder.join("phone.mov")).expect("readable");
    let clip = with_track(&clip, 90, b"mebx", b"CANARI-visage");
    let clip = with_track(
        &clip,
        91,
        b"gpmd",
        b"DEVC\0\x01\0\x18DVNMc\x01\0\x0cCANARI-gopro",
    );
    edited(&clip, "moov", &|body| {
        let text = |kind: &[u8; 4], text: &str| {
            let length = u16::try_from(text.len()).expect("short").to_be_bytes();
            boxed(
                kind,
                &[&length[..], &[0x15, 0xc7], text.as_bytes()].concat(),
            )
        };
        let xmp = boxed(
            b"XMP_",
            b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>CANARI-xmp</x:xmpmeta>",
        );
        let old = [
            text(b"\xa9xyz", "+44.7543+005.3712/"),
            text(b"\xa9mak", "CANARI-marque"),
            text(b"\xa9mod", "CANARI-modele"),
            text(b"\xa9swr", "CANARI-logiciel"),
            text(b"\xa9day", "1987-06-05T04:03:02Z"),
            xmp,
        ];
        [body, boxed(b"udta", &old.concat())].concat()
    })
}

/// Adds a track of timed metadata with one sample: the clip's own timecode
/// track under another name, its sample at the end of the file.
fn with_track(clip: &[u8], id: u8, format: &[u8; 4], sample: &[u8]) -> Vec<u8> {
    let size = |at: usize| u32::from_be_bytes(clip[at..at + 4].try_into().expect("four")) as usize;
    let traks: Vec<usize> = (0..clip.len() - 4)
        .filter(|&at| &clip[at..at + 4] == b"trak")
        .collect();
    let inside = |&at: &usize| {
        let end = at - 4 + size(at - 4);
        memchr::memmem::find(&clip[at..end], b"gmhd").is_some()
    };
    let at = traks.into_iter().find(inside).expect("a track of timecode") - 4;
    let track = clip[at..at + size(at)].to_vec();
    let one = 1u32.to_be_bytes();
    let description = [&one[..], &boxed(format, &[0, 0, 0, 0, 0, 0, 0, 1])].concat();
    let length = u32::try_from(sample.len()).expect("short").to_be_bytes();
    let stbl = |track: &[u8], kind: &str, words: &[&[u8]]| {
        let path = format!("trak/mdia/minf/stbl/{kind}");
        edited(track, &path, &|_| words.concat())
    };
    let track = edited(&track, "trak/mdia/hdlr", &|body| put(body, 4, b"mhlrmeta"));
    let track = edited(&track, "trak/tkhd", &|body| put(body, 15, &[id]));
    let track = stbl(
        &track,
        "stts",
        &[&[0; 4], &one, &one, &512u32.to_be_bytes()],
    );
    let track = stbl(&track, "stsc", &[&[0; 4], &one, &one, &one, &one]);
    let track = stbl(&track, "stsd", &[&[0; 4], &description]);
    let track = stbl(&track, "stsz", &[&[0; 4], &[0; 4], &one, &length]);
    let added = |place: u32| {
        let track = stbl(&track, "stco", &[&[0; 4], &one, &place.to_be_bytes()]);
        edited(clip, "moov", &|body| [body, track.clone()].concat())
    };
    let place = u32::try_from(added(0).len() + 8).expect("short");
    [added(place), boxed(b"mdat", sample)].concat()
}

/// A camera's clip: each picture a JPEG with Exif.
fn camera(folder: &Path) -> Vec<u8> {
    ffmpeg(
        folder,
        &["-frames:v", "1", "-pix_fmt", "yuvj420p", "picture.jpg"],
    );
    let tags = [
        "-q",
        "-overwrite_original",
        "-Make=CANARI-exif",
        "-Model=CANARI-modele",
        "-LensSerialNumber=CANARI-objectif",
        "-GPSLatitude=44.7543",
        "-GPSLatitudeRef=N",
        "-XMP:Location=CANARI-lieu",
        "picture.jpg",
    ];
    program("exiftool", &tags, folder);
    let film = "-nostdin -v error -loop 1 -framerate 25 -t 0.4 -i picture.jpg -c copy camera.mov";
    program("ffmpeg", &film.split(' ').collect::<Vec<_>>(), folder);
    fs::read(folder.join("camera.mov")).expect("readable")
}

/// Clips of telephones of before, and of free programs.
fn tagged(folder: &Path, name: &str, coding: &str) -> Vec<u8> {
    let mut arguments: Vec<&str> = coding.split(' ').collect();
    for tag in [
        "location=+44.7543+005.3712/",
        "make=CANARI-marque",
        "model=CANARI-modele",
        "creation_time=1987-06-05T04:03:02Z",
        "title=CANARI-titre",
        "artist=CANARI-logiciel",
    ] {
        arguments.extend(["-metadata", tag]);
    }
    arguments.push(name);
    ffmpeg(folder, &arguments);
    fs::read(folder.join(name)).expect("readable")
}

/// Every way in which a text is hidden in bytes without being packed.
fn disguises(text: &str) -> Vec<Vec<u8>> {
    let mut all = vec![text.as_bytes().to_vec()];
    all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
    all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    // In base64 the neighbours colour the first and the last letters.
    for before in 0..3 {
        let padded = [&vec![b'x'; before][..], text.as_bytes()].concat();
        let code = STANDARD_NO_PAD.encode(&padded);
        let head = (before * 4).div_ceil(3);
        let end = padded.len() / 3 * 4;
        all.push(code.as_bytes()[head..end].to_vec());
    }
    all
}

fn unpacked(bytes: &[u8], folder: &Path) -> Option<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return None;
    }
    fs::write(folder.join("packed.gz"), bytes).expect("written");
    let output = Command::new("gzip")
        .args(["-dc", "packed.gz"])
        .current_dir(folder)
        .output();
    Some(output.expect("gzip").stdout)
}

/// No text of these in any file below a folder, whatever its form or name.
fn assert_absent(folder: &Path, texts: &[&str]) {
    let scratch = tempfile::tempdir().expect("a folder");
    let all = files(folder);
    assert!(all.len() > 20, "{} files", all.len());
    let needles: Vec<(&str, Vec<Vec<u8>>)> = texts.iter().map(|&t| (t, disguises(t))).collect();
    for (path, bytes) in &all {
        let inner = unpacked(bytes, scratch.path());
        for (text, forms) in &needles {
            assert!(!path.contains(text), "{path}");
            for form in forms {
                let clean = |bytes: &[u8]| memchr::memmem::find(bytes, form).is_none();
                assert!(clean(bytes), "{path}: {text}");
                assert!(
                    inner.as_deref().is_none_or(clean),
                    "{path}, unpacked: {text}"
                );
            }
        }
    }
}

/// What `exiftool` reads in everything below a folder, but for what the file
/// system and itself say.
fn exif(folder: &Path) -> String {
    let outside = ["--System:all", "--ExifTool:all", "--Composite:all", "-q"];
    // Files of every name.
    let every = ["-ext", "*"];
    let arguments = [&every[..], &["-ee", "-a", "-G1", "-u", "-s", "-r", "."]].concat();
    let output = Command::new("exiftool")
        .args([&outside[..], &arguments[..]].concat())
        .current_dir(folder)
        .output()
        .expect("exiftool starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Every rendition in segments as one file; how many there were.
fn join_segments(folder: &Path, into: &Path) -> usize {
    let all = files(folder);
    let headers: Vec<&String> = all.keys().filter(|p| p.ends_with("/init.mp4")).collect();
    for (n, header) in headers.iter().enumerate() {
        let place = header.trim_end_matches("init.mp4");
        let segments = all.iter().filter(|(path, _)| path.starts_with(place));
        let segments = segments.filter(|(path, _)| path.ends_with(".m4s"));
        let parts: Vec<&[u8]> = segments.map(|(_, bytes)| &bytes[..]).collect();
        assert!(!parts.is_empty(), "{place}");
        let film = [&all[*header][..], &parts.concat()].concat();
        fs::write(into.join(format!("{n}.mp4")), film).expect("written");
    }
    headers.len()
}

/// No tag that names a place, a device, a date or a person.
fn assert_no_telling_tag(folder: &Path) {
    // It takes a segment for nothing it knows: each is read behind its header.
    let joined = tempfile::tempdir().expect("a folder");
    let count = join_segments(folder, joined.path());
    assert!(count >= 2, "{count} renditions in segments");
    let said = exif(folder) + &exif(joined.path());
    assert!(
        said.contains("[Track1]") && said.contains("[JFIF]"),
        "{said}"
    );
    for line in said.lines().filter(|l| l.starts_with('[')) {
        let (group, tag) = line[1..].split_once(']').expect("a group");
        let (name, value) = tag
            .split_once(':')
            .map_or((tag, ""), |(n, v)| (n.trim(), v.trim()));
        // Pages and the manifest are ours, and meant to be read.
        if group.starts_with("HTML") || group == "JSON" {
            continue;
        }
        let groups = [
            "GPS", "IFD0", "ExifIFD", "Keys", "ItemList", "UserData", "GoPro",
        ];
        assert!(!groups.contains(&group), "{line}");
        let telling = [
            "GPS", "Location", "Make", "Model", "Serial", "Lens", "Software", "Author", "Artist",
            "Comment", "TimeCode", "Chapter", "Title", "Encoder", "Writing",
        ];
        assert!(!telling.iter().any(|t| name.contains(t)), "{line}");
        assert!(
            !name.ends_with("Date") || value.starts_with("0000"),
            "{line}"
        );
        let described = ["HandlerDescription", "HandlerName"].contains(&name);
        assert!(
            !described || ["VideoHandler", "SoundHandler"].contains(&value),
            "{line}"
        );
    }
}

fn published(series: &Series) -> Run {
    let run = series.build().ends(0);
    for audience in ["public", "private"] {
        series
            .run(&[
                "bundle",
                "--audience",
                audience,
                "-o",
                &series
                    .path(&format!("bundles/{audience}.tar"))
                    .display()
                    .to_string(),
            ])
            .ends(0);
    }
    let all = files(&series.path("dist"));
    assert!(
        !all.keys()
            .any(|path| path.ends_with("report.html") || path.contains("releases"))
    );
    run
}

#[test]
fn nothing_planted_in_a_clip_comes_out() {
    let home = tempfile::tempdir().expect("a folder");
    let clips = [
        ("phone", "CANARI-fichier.mov", phone(home.path())),
        ("camera", "CANARI-fichier-2.mov", camera(home.path())),
        (
            "old",
            "old.3gp",
            tagged(
                home.path(),
                "old.3gp",
                "-c:v h263 -s 128x96 -c:a aac -timecode 12:34:56:07",
            ),
        ),
        (
            "mp4",
            "mp4.mp4",
            tagged(
                home.path(),
                "mp4.mp4",
                "-c:v libx264 -pix_fmt yuv420p -c:a aac",
            ),
        ),
        (
            "mkv",
            "mkv.mkv",
            tagged(
                home.path(),
                "mkv.mkv",
                "-c:v libx264 -pix_fmt yuv420p -c:a aac",
            ),
        ),
        (
            "avi",
            "avi.avi",
            tagged(home.path(), "avi.avi", "-c:v mpeg4 -c:a pcm_s16le"),
        ),
    ];
    let together: Vec<u8> = clips
        .iter()
        .flat_map(|(_, _, bytes)| bytes.clone())
        .collect();
    for (canary, what) in CANARIES {
        let planted = memchr::memmem::find(&together, canary.as_bytes()).is_some();
        assert!(
            planted || canary == "CANARI-fichier",
            "{what} is not planted"
        );
    }
    let dated = memchr::memmem::find(&together, &DATE.to_be_bytes()).is_some();
    assert!(dated, "the date is not planted");

    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    for (id, name, bytes) in &clips {
        fs::write(series.path("footage").join(name), bytes).expect("written");
        series.row(id, &[("question", "La peur"), ("fichier", name)]);
    }
    let seen = exif(&series.path("footage"));
    for tag in [
        "GPSCoordinates",
        "LocationInformation",
        "CreateDate",
        "TimeCode",
    ] {
        assert!(seen.contains(tag), "{tag} in {seen}");
    }
    fs::create_dir(series.path("bundles")).expect("made");
    let run = published(&series);
    assert_no_telling_tag(&series.path("dist"));
    let texts: Vec<&str> = CANARIES
        .iter()
        .map(|c| c.0)
        .chain(["12:34:56", "h264_metadata", "x264 - core"])
        .collect();
    // Nor in what the coordinator reads, where a clip is called by its name.
    let said = [run.events, series.run(&["check"]).events].concat();
    let said = serde_json::to_string(&said).expect("JSON");
    let report = fs::read_to_string(series.path("report.html")).expect("a report");
    assert!(said.contains("CANARI-fichier.mov"), "clips are named");
    for text in texts.iter().filter(|t| **t != "CANARI-fichier") {
        assert!(!said.contains(text) && !report.contains(text), "{text}");
    }
    assert_absent(&series.path("dist"), &texts);
    for audience in ["public", "private"] {
        let bundle = fs::read(series.path(&format!("bundles/{audience}.tar"))).expect("a bundle");
        assert!(bundle.len() > 100_000);
        for text in &texts {
            for form in disguises(text) {
                assert!(
                    memchr::memmem::find(&bundle, &form).is_none(),
                    "{audience}: {text}"
                );
            }
        }
    }
    // In times, a number of four bytes is no proof outside of headers.
    for (path, bytes) in files(&series.path("dist")) {
        if path.ends_with("init.mp4") {
            let dated = memchr::memmem::find(&bytes, &DATE.to_be_bytes());
            assert!(dated.is_none(), "{path}");
        }
    }
    let private = series.manifest("private");
    for capsule in private["capsules"].as_array().expect("a list") {
        let source = &capsule["source"];
        assert_eq!(
            source["sha256"].as_str().map(str::len),
            Some(64),
            "{source}"
        );
        let text = source.to_string();
        assert!(
            !text.contains("footage") && !text.contains(".mov"),
            "{text}"
        );
    }
    assert!(!series.manifest("public").to_string().contains("\"source\""));
}

/// The same of clips that people filmed with telephones and action cameras.
#[test]
fn nothing_that_a_real_phone_wrote_comes_out() {
    let media = std::env::var_os("PORTEVOIX_MEDIA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"),
        Into::into,
    );
    let phones = media.join("files/phone");
    let names = [
        "portrait.MOV",
        "sideways movie.mov",
        "meta.mp4",
        "max-heromode.mp4",
        "sample_rotate_and_reflect.mp4",
    ];
    if !names.iter().all(|name| phones.join(name).is_file()) {
        skipped("no clips of real phones here");
        return;
    }
    let mut series = Series::new();
    series.write("profiles/web.toml", PROFILE);
    for (n, name) in names.iter().enumerate() {
        fs::copy(phones.join(name), series.path("footage").join(name)).expect("copied");
        series.row(
            &format!("p{n}"),
            &[
                ("question", "La peur"),
                ("fichier", name),
                ("fin", "0:00,5"),
            ],
        );
    }
    fs::create_dir(series.path("bundles")).expect("made");
    drop(published(&series));
    assert_no_telling_tag(&series.path("dist"));
    // Whatever they say of place, device and date, as it stands in them.
    let asked = [
        "-ee",
        "-a",
        "-n",
        "-s3",
        "-GPSCoordinates",
        "-LocationInformation",
        "-Make",
        "-Model",
        "-Software",
        "-CreationDate",
        "-CameraSerialNumber",
        "-Serial*",
        "-Lens*",
        ".",
    ];
    let output = Command::new("exiftool")
        .args(asked)
        .current_dir(series.path("footage"))
        .output();
    let said = String::from_utf8_lossy(&output.expect("exiftool starts").stdout).into_owned();
    let telling = said
        .lines()
        .map(str::trim)
        .filter(|l| l.len() >= 8 && !l.starts_with('='));
    let mut texts: Vec<&str> = telling.collect();
    // Dates stand in files as days with hyphens.
    let days = texts
        .iter()
        .filter(|t| t.starts_with("20") && &t[4..5] == ":");
    let days: Vec<String> = days.map(|t| t[..10].replace(':', "-")).collect();
    assert!(days.len() >= 2, "{said}");
    texts.extend(days.iter().map(String::as_str));
    assert!(texts.len() >= 5, "{said}");
    texts.extend([
        "+48.8789+002.3376",
        "+40.7388-074.0002",
        "+27.2939+112.6932",
    ]);
    texts.extend(names);
    assert_absent(&series.path("dist"), &texts);
}
