//! Pictures of a film against those that `ffmpeg` makes of its source: turned
//! upright by its display matrix, deinterlaced, at the same constant rate, to
//! RGB with the source's matrix and range. Both are made small, so that coding
//! does not count and place, colour and time do.

use super::table::Published;
use std::path::Path;
use std::process::Command;

/// Width of what is compared.
const WIDTH: usize = 64;

/// Largest mean difference of a picture from its reference, of 255. Coding and
/// chroma at half size cost up to 3.6; a matrix or range mistaken for another
/// costs more on any coloured picture.
const ALIKE: f64 = 4.5;

/// How much nearer a neighbouring reference may be before the picture counts as
/// out of place.
const OUT_OF_PLACE: f64 = 0.5;

/// RGB, `WIDTH` pixels a row.
pub type Picture = Vec<u8>;

/// What is wrong with the pictures of a film.
pub fn faults(source: &Path, film: &Path, wanted: &Published) -> Vec<String> {
    let filmed = reading(wanted);
    let whole = decode(source, wanted.picture, &filmed, wanted);
    let references = whole.get(wanted.skipped..).unwrap_or_default();
    let ours = small(wanted, "bt709", "tv");
    let seen = decode(film, 0, &ours, wanted);
    match wanted.light {
        Some(light) => tone_faults(&seen, references, light),
        None => differences(&seen, references),
    }
}

/// How the source is read, up to the small picture.
fn reading(wanted: &Published) -> String {
    let whole = wanted
        .fields
        .as_ref()
        .map(|first| format!("bwdif=mode=send_frame:parity={first}:deint=all,"));
    let range = if wanted.full { "pc" } else { "tv" };
    let constant = match wanted.every_picture {
        true => String::new(),
        false => format!("fps=fps={}:round=near,", wanted.rate),
    };
    whole.unwrap_or_default() + &constant + &small(wanted, &wanted.matrix, range)
}

fn small(wanted: &Published, matrix: &str, range: &str) -> String {
    let (width, height) = (wanted.width, wanted.height);
    format!(
        "scale={width}:{height}:flags=area+full_chroma_int+accurate_rnd:in_color_matrix={matrix}:\
         in_range={range}:out_range=pc,format=gbrp,scale={WIDTH}:{}:flags=area,format=rgb24",
        rows(wanted)
    )
}

fn rows(wanted: &Published) -> usize {
    (WIDTH * wanted.height / wanted.width / 2 * 2).max(2)
}

fn decode(film: &Path, stream: usize, filters: &str, wanted: &Published) -> Vec<Picture> {
    let last = (wanted.skipped + wanted.frames).to_string();
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(film)
        .args(["-map", &format!("0:{stream}"), "-vf", filters])
        .args(["-fps_mode", "passthrough", "-frames:v", &last])
        .args(["-f", "rawvideo", "-"])
        .output()
        .expect("ffmpeg starts");
    // It complains of damaged clips, and gives what it can read.
    let pictures = output.stdout.chunks_exact(WIDTH * rows(wanted) * 3);
    pictures.map(<[u8]>::to_vec).collect()
}

/// Pictures that differ from their references, or are like another one.
pub fn differences(seen: &[Picture], references: &[Picture]) -> Vec<String> {
    let mut faults = counted(seen, references);
    for (n, (picture, reference)) in seen.iter().zip(references).enumerate() {
        let off = difference(picture, reference);
        let before = n.checked_sub(1).and_then(|m| references.get(m));
        let nearer = before
            .into_iter()
            .chain(references.get(n + 1))
            .any(|other| difference(picture, other) < off - OUT_OF_PLACE);
        if off > ALIKE {
            faults.push(format!("picture {n} is {off:.1} off"));
        } else if nearer {
            faults.push(format!("picture {n} is one of its neighbours"));
        }
    }
    faults.truncate(4);
    faults
}

/// HDR has no reference in SDR: its shapes are those of the source, and it is
/// neither dark nor washed out.
fn tone_faults(seen: &[Picture], references: &[Picture], [dark, bright]: [f64; 2]) -> Vec<String> {
    let mut faults = counted(seen, references);
    for (n, (picture, reference)) in seen.iter().zip(references).enumerate() {
        let light = mean(picture);
        let likeness = likeness(picture, reference);
        if !(dark..=bright).contains(&light) {
            faults.push(format!("picture {n} has a mean level of {light:.0}"));
        } else if likeness < 0.88 {
            faults.push(format!(
                "picture {n} is like the source by {likeness:.2} only"
            ));
        }
    }
    faults.truncate(4);
    faults
}

/// `ffmpeg` leaves a last picture out whose length it does not know.
fn counted(seen: &[Picture], references: &[Picture]) -> Vec<String> {
    let (seen, references) = (seen.len(), references.len());
    if seen == references || seen == references + 1 {
        return Vec::new();
    }
    vec![format!("{seen} pictures where ffmpeg makes {references}")]
}

fn difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / one.len() as f64
}

fn mean(picture: &[u8]) -> f64 {
    picture.iter().map(|&v| f64::from(v)).sum::<f64>() / picture.len() as f64
}

/// Correlation; flat pictures are alike.
fn likeness(one: &[u8], other: &[u8]) -> f64 {
    let (a, b) = (mean(one), mean(other));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (&x, &y) in one.iter().zip(other) {
        let (x, y) = (f64::from(x) - a, f64::from(y) - b);
        both += x * y;
        first += x * x;
        second += y * y;
    }
    let flat = one.len() as f64;
    if first < flat && second < flat {
        return 1.0;
    }
    both / (first * second).sqrt().max(1.0)
}

/// A scene that moves, coloured and without symmetry, as a decoder gives it.
#[cfg(test)]
fn scene() -> Vec<Picture> {
    let pixel = |n: usize, x: usize, y: usize| {
        let level = 40 + (x * 2 + y + n * 5) % 150;
        [
            level as u8,
            (60 + y * 4) as u8,
            if x / 8 == n % 8 { 230 } else { 30 },
        ]
    };
    let picture = |n| (0..36 * WIDTH).flat_map(move |i| pixel(n, i % WIDTH, i / WIDTH));
    (0..24).map(|n| picture(n).collect()).collect()
}

#[test]
fn a_picture_turned_mirrored_washed_out_or_out_of_time_is_found() {
    let scene = scene();
    assert!(differences(&scene, &scene).is_empty());
    let each = |change: &dyn Fn(&[u8]) -> Picture| -> Vec<Picture> {
        scene.iter().map(|p| change(p)).collect()
    };
    let row = WIDTH * 3;
    let upside_down = each(&|p| p.chunks(row).rev().flatten().copied().collect());
    let pixels_back = |r: &[u8]| -> Picture { r.chunks(3).rev().flatten().copied().collect() };
    let mirrored = each(&|p| p.chunks(row).flat_map(pixels_back).collect());
    // Limited range shown as if it were full, and the other way round.
    let grey = each(&|p| {
        p.iter()
            .map(|&v| 16 + (u16::from(v) * 219 / 255) as u8)
            .collect()
    });
    let harsh = each(&|p| {
        p.iter()
            .map(|&v| ((u16::from(v.max(16)) - 16) * 255 / 219).min(255) as u8)
            .collect()
    });
    let late = [&scene[..1], &scene[..23]].concat();
    for (name, wrong) in [
        ("upside down", upside_down),
        ("mirrored", mirrored),
        ("washed out", grey),
        ("harsh", harsh),
        ("a frame late", late),
        ("too short", scene[..20].to_vec()),
    ] {
        assert!(!differences(&wrong, &scene).is_empty(), "{name}");
    }
}
