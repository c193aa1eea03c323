//! Colours by the book, whatever a clip calls them and wherever it says so.

use super::bench::{CLIP, Clip, Film, Lot, PLAIN, Wanted, ffmpeg};
use super::bytes;
use super::card::{BROADCAST, Matrix, QUADRANTS, Rgb, Samples, yuv};

const FEW: Clip = Clip { frames: 4, ..CLIP };

const X264: &str = "-c:v libx264 -preset ultrafast -crf 6 -pix_fmt yuv420p";
const TAGS_709: &str = "-colorspace bt709 -color_primaries bt709 -color_trc bt709";
const TAGS_601: &str = "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m";

fn drawn(matrix: Matrix, full: bool, depth: u32) -> Clip {
    Clip {
        samples: Samples {
            matrix,
            full,
            depth,
            ..BROADCAST
        },
        ..FEW
    }
}

#[test]
fn matrices_and_ranges_are_converted_not_retagged() {
    let mut lot = Lot::new();
    let (bt601, bt709) = (
        drawn(Matrix::Bt601, false, 8),
        drawn(Matrix::Bt709, false, 8),
    );
    let full = |matrix| drawn(matrix, true, 8);
    let as_full = "-vf scale=in_range=pc:out_range=pc";
    let rgb = "-vf scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=accurate_rnd+full_chroma_int";
    let hd = Clip {
        size: (1280, 720),
        frames: 2,
        ..bt709
    };
    let clips: Vec<(&str, &str, Clip, String)> = vec![
        ("bt601", "mp4", bt601, format!("{X264} {TAGS_601}")),
        (
            "bt470",
            "mov",
            bt601,
            format!("{X264} -colorspace bt470bg -color_primaries bt470bg -color_trc gamma28"),
        ),
        ("bt709-small", "mp4", bt709, format!("{X264} {TAGS_709}")),
        (
            "smpte240",
            "mkv",
            drawn(Matrix::Smpte240, false, 8),
            format!("{X264} -colorspace smpte240m"),
        ),
        ("untagged-small", "mp4", bt601, X264.to_owned()),
        ("untagged-large", "mp4", hd, X264.to_owned()),
        (
            "full-709",
            "mp4",
            full(Matrix::Bt709),
            format!("{as_full},format=yuvj420p {X264} -pix_fmt yuvj420p {TAGS_709}")
                .replace("-pix_fmt yuv420p ", ""),
        ),
        (
            "full-601",
            "avi",
            full(Matrix::Bt601),
            format!("{as_full},format=yuvj422p -c:v mjpeg -q:v 1"),
        ),
        (
            "full-container",
            "mkv",
            full(Matrix::Bt709),
            format!("{as_full},format=yuv420p -c:v ffv1 -color_range pc {TAGS_709}"),
        ),
        (
            "full-vp9",
            "webm",
            full(Matrix::Bt709),
            format!(
                "{as_full},format=yuv420p -c:v libvpx-vp9 -deadline realtime -crf 4 -b:v 0 -color_range pc {TAGS_709}"
            ),
        ),
        (
            "full-hevc",
            "mp4",
            full(Matrix::Bt709),
            format!(
                "{as_full},format=yuv420p -c:v libx265 -preset ultrafast -crf 8 -x265-params log-level=none -color_range pc {TAGS_709}"
            ),
        ),
        // The container says BT.601, the pictures themselves BT.709.
        (
            "pictures-know-best",
            "mov",
            bt709,
            format!(
                "{X264} {TAGS_601} -bsf:v h264_metadata=matrix_coefficients=1:colour_primaries=1:transfer_characteristics=1"
            ),
        ),
        (
            "prores-601",
            "mov",
            bt601,
            format!("-c:v prores_ks -profile:v 2 {TAGS_601}"),
        ),
        (
            "container-only",
            "mkv",
            bt709,
            format!("-c:v ffv1 -pix_fmt yuv420p {TAGS_709}"),
        ),
        (
            "rgb-planar",
            "mkv",
            bt709,
            format!("{rgb},format=gbrp -c:v ffv1"),
        ),
        (
            "rgb-packed",
            "mov",
            bt709,
            format!("{rgb},format=rgb24 -c:v png"),
        ),
        (
            "rgb-h264",
            "mkv",
            bt709,
            format!("{rgb},format=rgb24 -c:v libx264rgb -preset ultrafast -crf 4"),
        ),
        (
            "rgb-palette",
            "mov",
            bt709,
            format!(
                "-filter_complex [0:v]{},format=rgb24,split[b][c];[b]palettegen=reserve_transparent=0[p];\
                 [c][p]paletteuse=dither=none -c:v png",
                rgb.trim_start_matches("-vf ")
            ),
        ),
        (
            "rgb-screen",
            "mov",
            bt709,
            format!("{rgb},format=rgb24 -c:v qtrle"),
        ),
    ];
    for (id, ending, clip, coding) in &clips {
        clip.write(&lot.clip(id, ending), coding);
    }
    // Turned, of half chroma width, and in full range: what libavfilter puts
    // in between must not change the range.
    let place = lot.clip("full-turned", "mov");
    let seen = |x: f64, y: f64| (1.0 - y, x);
    full(Matrix::Bt601).write_as(
        &place,
        &format!("{as_full},format=yuvj422p -c:v mjpeg -q:v 1"),
        &seen,
        &[],
    );
    bytes::set_matrix(&place, [0, 1, -1, 0], FEW.size);
    lot.build();
    for (id, _, clip, _) in &clips {
        let wanted = Wanted::all_of(*clip).size(320, 180);
        lot.expect_card(
            id,
            &Wanted {
                tolerance: 2.5,
                ..wanted
            },
        );
    }
    let turned = Wanted::all_of(FEW).size(180, 320);
    lot.expect_card(
        "full-turned",
        &Wanted {
            tolerance: 2.5,
            ..turned
        },
    );
    lot.judge();
}

/// BT.2020 to BT.709 in linear light (ITU-R BT.2087).
fn to_bt709([r, g, b]: Rgb) -> Rgb {
    [
        1.6605 * r - 0.5876 * g - 0.0728 * b,
        -0.1246 * r + 1.1329 * g - 0.0083 * b,
        -0.0182 * r - 0.1006 * g + 1.1187 * b,
    ]
}

/// From P3's primaries (SMPTE EG 432-1) in linear light.
fn from_p3([r, g, b]: Rgb) -> Rgb {
    [
        1.2249 * r - 0.2247 * g,
        -0.0420 * r + 1.0419 * g,
        -0.0197 * r - 0.0786 * g + 1.0979 * b,
    ]
}

/// The light of a reference display (ITU-R BT.1886), and back.
fn light(code: f64) -> f64 {
    code.max(0.0).powf(2.4)
}

fn code(light: f64) -> f64 {
    light.max(0.0).powf(1.0 / 2.4)
}

#[test]
fn a_wide_gamut_keeps_its_colours() {
    let mut lot = Lot::new();
    // Less bright colours than elsewhere: at the edge of a gamut a rounding in
    // one channel is worth many levels.
    let pale = QUADRANTS.map(|rgb| rgb.map(|c| 0.6 * c + 0.2));
    let muted = |matrix, depth| {
        let clip = drawn(matrix, false, depth);
        Clip {
            samples: Samples {
                quadrants: pale,
                ..clip.samples
            },
            ..clip
        }
    };
    let wide = muted(Matrix::Bt2020, 10);
    let tags = "-colorspace bt2020nc -color_primaries bt2020 -color_trc bt2020-10";
    let hevc =
        "-c:v libx265 -preset ultrafast -crf 6 -pix_fmt yuv420p10le -x265-params log-level=none";
    wide.write(&lot.clip("bt2020", "mp4"), &format!("{hevc} {tags}"));
    wide.write(
        &lot.clip("bt2020-prores", "mov"),
        &format!("-c:v prores_ks -profile:v 3 {tags}"),
    );
    let phone = muted(Matrix::Bt709, 8);
    let p3 = "-colorspace bt709 -color_primaries smpte432 -color_trc bt709";
    phone.write(&lot.clip("display-p3", "mov"), &format!("{X264} {p3}"));
    lot.build();
    let wanted = Wanted::all_of(FEW);
    let quadrants = pale.map(|rgb| to_bt709(rgb.map(light)).map(code));
    for id in ["bt2020", "bt2020-prores"] {
        lot.expect_card(
            id,
            &Wanted {
                tolerance: 3.0,
                quadrants,
                ..wanted.clone()
            },
        );
    }
    let quadrants = pale.map(|rgb| from_p3(rgb.map(light)).map(code));
    lot.expect_card(
        "display-p3",
        &Wanted {
            tolerance: 3.0,
            quadrants,
            ..wanted
        },
    );
    lot.judge();
}

/// Perceptual quantiser (SMPTE ST 2084): cd/m² to code value.
fn pq(nits: f64) -> f64 {
    let y = (nits / 10_000.0).powf(0.159_301_757_812_5);
    ((0.835_937_5 + 18.851_562_5 * y) / (1.0 + 18.6875 * y)).powf(78.843_75)
}

/// Hybrid log-gamma (ITU-R BT.2100) on a display of 1000 cd/m²: the light of
/// red, green and blue to code values.
fn hlg(nits: Rgb) -> Rgb {
    let shown = (0.2627 * nits[0] + 0.6780 * nits[1] + 0.0593 * nits[2]) / 1000.0;
    let scene = shown.powf(1.0 / 1.2);
    nits.map(|n| {
        let e = n / 1000.0 / scene.powf(0.2);
        if e <= 1.0 / 12.0 {
            (3.0 * e).sqrt()
        } else {
            0.178_832_77 * (12.0 * e - 0.284_668_92).ln() + 0.559_910_73
        }
    })
}

/// A grey below the knee, a colour below it, diffuse white, and the brightest.
const LIGHTS: [Rgb; 4] = [[40.6; 3], [80.0, 40.0, 40.0], [203.0; 3], [1000.0; 3]];

#[test]
fn hdr_is_brought_to_the_range_of_a_common_display() {
    let mut lot = Lot::new();
    let clip = |quadrants| Clip {
        samples: Samples {
            matrix: Matrix::Bt2020,
            depth: 10,
            quadrants,
            ..BROADCAST
        },
        ..FEW
    };
    let pq_clip = clip(LIGHTS.map(|rgb| rgb.map(pq)));
    let hlg_clip = clip(LIGHTS.map(hlg));
    let bt2020 = "-colorspace bt2020nc -color_primaries bt2020";
    let (tags_pq, tags_hlg) = (
        format!("{bt2020} -color_trc smpte2084"),
        format!("{bt2020} -color_trc arib-std-b67"),
    );
    let hevc =
        "-c:v libx265 -preset ultrafast -crf 4 -pix_fmt yuv420p10le -x265-params log-level=none";
    let mastered = ":hdr10=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400";
    pq_clip.write(
        &lot.clip("hdr10", "mp4"),
        &format!("{hevc}{mastered} {tags_pq}"),
    );
    pq_clip.write(
        &lot.clip("hdr10-no-metadata", "mkv"),
        &format!("{hevc} {tags_pq}"),
    );
    pq_clip.write(
        &lot.clip("hdr10-container", "mkv"),
        &format!("-c:v ffv1 -pix_fmt yuv422p10le {tags_pq}"),
    );
    pq_clip.write(
        &lot.clip("hdr10-vp9", "webm"),
        &format!("-c:v libvpx-vp9 -deadline realtime -crf 4 -b:v 0 -pix_fmt yuv420p10le {tags_pq}"),
    );
    hlg_clip.write(&lot.clip("hlg", "mp4"), &format!("{hevc} {tags_hlg}"));
    hlg_clip.write(
        &lot.clip("hlg-prores", "mov"),
        &format!("-c:v prores_ks -profile:v 3 {tags_hlg}"),
    );
    // As a phone held upright films.
    // Primaries of its own, which are not those of BT.2020.
    let p3 = clip(LIGHTS.map(|rgb| rgb.map(pq)));
    p3.write(
        &lot.clip("hdr10-p3", "mkv"),
        "-c:v ffv1 -pix_fmt yuv422p10le -colorspace bt2020nc -color_primaries smpte432 -color_trc smpte2084",
    );
    // Brighter than most: only the container says so.
    let bright = clip([[203.0; 3], [1000.0; 3], [2000.0; 3], [4000.0; 3]].map(|rgb| rgb.map(pq)));
    let place = lot.clip("hdr10-bright", "mov");
    bright.write(&place, &format!("-c:v prores_ks -profile:v 3 {tags_pq}"));
    bytes::set_light(&place, 4000, 4000);
    pq_clip.write(
        &lot.clip("ictcp", "mkv"),
        &format!("-c:v ffv1 -pix_fmt yuv420p10le {tags_pq} -colorspace ictcp"),
    );
    let place = lot.clip("hlg-turned", "mov");
    hlg_clip.write_as(
        &place,
        &format!("{hevc} -tag:v hvc1 {tags_hlg}"),
        &|x, y| (1.0 - y, x),
        &[],
    );
    bytes::set_matrix(&place, [0, 1, -1, 0], FEW.size);
    lot.build();
    let by_the_book = |nits: Rgb| {
        yuv(
            to_bt709(nits.map(|n| n / 203.0)).map(code),
            Matrix::Bt709,
            false,
        )
    };
    let told = lot.failure("ictcp");
    lot.expect("ictcp", told.contains("unsupported-colour"), || {
        told.clone()
    });
    if lot.is_built("hdr10-bright") {
        let film = lot.film("hdr10-bright");
        let [paper, one, two, four] = film.picture(2).quadrants().map(|q| q[0]);
        let holds = paper + 10.0 < one && one + 0.5 < two && two + 0.5 < four && four > 232.0;
        lot.expect("hdr10-bright", holds, || {
            format!("{paper:.1} {one:.1} {two:.1} {four:.1}")
        });
    }
    if lot.is_built("hdr10-p3") {
        let found = lot.film("hdr10-p3").picture(2).quadrants()[1];
        let light = from_p3(LIGHTS[1].map(|n| n / 203.0));
        let wanted = yuv(light.map(code), Matrix::Bt709, false);
        let holds = found.iter().zip(wanted).all(|(f, w)| (f - w).abs() <= 3.0);
        lot.expect("hdr10-p3", holds, || {
            format!("{found:.1?}, not {wanted:.1?}")
        });
    }
    for id in [
        "hdr10",
        "hdr10-no-metadata",
        "hdr10-container",
        "hdr10-vp9",
        "hlg",
        "hlg-prores",
        "hlg-turned",
    ] {
        if !lot.is_built(id) {
            continue;
        }
        let film = lot.film(id);
        let size = if id == "hlg-turned" {
            (180, 320)
        } else {
            (320, 180)
        };
        lot.expect(id, film.size == size && film.is_bt709, || {
            format!("{:?}", film.stream)
        });
        lot.expect(id, film.numbers() == [0, 1, 2, 3].map(Some), || {
            format!("{:?}", film.numbers())
        });
        let [grey, colour, white, brightest] = film.picture(2).quadrants();
        let near = |found: [f64; 3], wanted: [f64; 3], slack: f64| {
            found
                .iter()
                .zip(wanted)
                .all(|(f, w)| (f - w).abs() <= slack)
        };
        let seen = || format!("{grey:.1?} {colour:.1?} {white:.1?} {brightest:.1?}");
        // What is no brighter than paper keeps its light; highlights are rolled
        // off, and the brightest is white.
        lot.expect(id, near(grey, by_the_book(LIGHTS[0]), 3.0), seen);
        // zimg bends each channel of HLG by itself, which adds a little
        // saturation to what BT.2100 says.
        let slack = if id.starts_with("hlg") { 8.0 } else { 3.0 };
        lot.expect(id, near(colour, by_the_book(LIGHTS[1]), slack), seen);
        lot.expect(id, (190.0..228.0).contains(&white[0]), seen);
        lot.expect(id, near(brightest, [235.0, 128.0, 128.0], 3.0), seen);
    }
    lot.judge();
}

/// A picture of 640 × 360 whose chroma rises and falls every 32 pixels, taken
/// where each of the coarser samples lies: at the left of those that share it.
fn waves(across: usize, down: usize, depth: u32) -> Vec<u8> {
    let (width, height) = (640usize, 360usize);
    let mut bytes = Vec::new();
    let mut put = |value: usize| match depth {
        8 => bytes.push(value as u8),
        _ => bytes.extend(((value << (depth - 8)) as u16).to_le_bytes()),
    };
    for _ in 0..width * height {
        put(126);
    }
    for _ in 0..2 * (height / down) {
        for column in (0..width).step_by(across) {
            let x = column % 64;
            put(80 + 3 * x.min(64 - x));
        }
    }
    bytes
}

/// By how many of its pixels chroma lies to the left in a film of the waves at
/// half their size: from the phase of 16 samples, whatever became of the levels.
fn displaced(film: &Film) -> f64 {
    let picture = film.picture(1);
    let (width, height) = picture.size;
    let start = width * height + height / 4 * (width / 2);
    let row = &picture.bytes[start..start + width / 2];
    let (mut re, mut im) = (0.0, 0.0);
    for (k, &level) in row.iter().enumerate() {
        let angle = std::f64::consts::TAU * k as f64 / 16.0;
        re -= f64::from(level) * angle.cos();
        im += f64::from(level) * angle.sin();
    }
    // A pixel's middle lies between two of the clip's.
    (0.5 - 64.0 / std::f64::consts::TAU * im.atan2(re)) / 2.0
}

#[test]
fn chroma_stays_where_it_was_filmed() {
    let mut lot = Lot::new();
    let profile = PLAIN.replace("crf = 14", "crf = 6");
    lot.series.write("profiles/web.toml", &profile);
    let usual = "-colorspace bt709 -color_primaries bt709 -color_trc bt709";
    let wide = "-colorspace bt2020nc -color_primaries bt2020 -color_trc bt2020-10";
    let hdr = "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084";
    let clips = [
        ("yuv444p", "", usual, 1, 1, 8),
        ("yuv420p", "", usual, 2, 2, 8),
        ("yuv422p", "", usual, 2, 1, 8),
        ("yuv411p", "", usual, 4, 1, 8),
        ("yuv444p10le", "-wide", wide, 1, 1, 10),
        ("yuv420p10le", "-wide", wide, 2, 2, 10),
        ("yuv422p10le", "-hdr", hdr, 2, 1, 10),
        ("yuv420p10le", "-hdr", hdr, 2, 2, 10),
    ];
    for (format, kind, tags, across, down, depth) in clips {
        let id = format!("{format}{kind}");
        let place = lot.clip(&id, "mkv");
        let raw = place.with_extension("yuv");
        let pictures = waves(across, down, depth).repeat(4);
        std::fs::write(&raw, pictures).expect("written");
        ffmpeg(
            place.parent().expect("a folder"),
            &format!(
                "-f rawvideo -pix_fmt {format} -s 640x360 -r 25 -i {id}.yuv -c:v ffv1 \
                 -chroma_sample_location left {tags} {id}.mkv"
            ),
        );
        std::fs::remove_file(raw).expect("removed");
    }
    lot.build();
    for (format, kind, ..) in clips {
        let id = format!("{format}{kind}");
        if lot.is_built(&id) {
            let by = displaced(&lot.film(&id));
            lot.expect(&id, by.abs() < 0.12, || {
                format!("chroma lies {by:.2} pixels to the left")
            });
        }
    }
    lot.judge();
}
