//! Which way is up, how large, which part, and which shape a pixel has.

use super::bench::{CLIP, Clip, Film, H264, Lot, SMALL, Wanted, ffmpeg};
use super::bytes;
use super::card::{BROADCAST, Matrix, Samples};

/// Turns and flips as a display matrix (a, b, c, d).
const ORIENTATIONS: [(&str, [i32; 4]); 7] = [
    ("turned-90", [0, 1, -1, 0]),
    ("turned-180", [-1, 0, 0, -1]),
    ("turned-270", [0, -1, 1, 0]),
    ("flipped", [-1, 0, 0, 1]),
    ("flipped-90", [0, -1, -1, 0]),
    ("flipped-180", [1, 0, 0, -1]),
    ("flipped-270", [0, 1, 1, 0]),
];

/// Where a stored place is seen, both in 0..1.
fn seen([a, b, c, d]: [i32; 4]) -> impl Fn(f64, f64) -> (f64, f64) {
    let [a, b, c, d] = [a, b, c, d].map(f64::from);
    move |x, y| {
        let (x, y) = (x - 0.5, y - 0.5);
        (a * x + c * y + 0.5, b * x + d * y + 0.5)
    }
}

#[test]
fn every_orientation_is_published_upright() {
    let mut lot = Lot::new();
    let stored = Clip { frames: 5, ..CLIP };
    for (id, matrix) in ORIENTATIONS {
        let place = lot.clip(id, "mov");
        stored.write_as(&place, H264, &seen(matrix), &[]);
        bytes::set_matrix(&place, matrix, stored.size);
    }
    // Chroma of half width and a turn of a quarter: ProRes from a phone.
    let quarter = ORIENTATIONS[0].1;
    let place = lot.clip("turned-422", "mov");
    stored.write_as(
        &place,
        "-c:v prores_ks -profile:v 2 -colorspace bt709 -color_primaries bt709 -color_trc bt709",
        &seen(quarter),
        &[],
    );
    bytes::set_matrix(&place, quarter, stored.size);
    // What FFmpeg wrote into Matroska before it knew better.
    for (id, degrees, matrix) in [
        ("tag-90", "90", ORIENTATIONS[0].1),
        ("tag-180", "180", ORIENTATIONS[1].1),
        ("tag-270", "270", ORIENTATIONS[2].1),
    ] {
        // The command keeps the tag's own name to itself.
        let coding = format!("{H264} -metadata:s:v rotatX={degrees}");
        let place = lot.clip(id, "mkv");
        stored.write_as(&place, &coding, &seen(matrix), &[]);
        bytes::replace(&place, b"ROTATX", b"ROTATE");
    }
    lot.build();
    let upright = Wanted::all_of(stored);
    for (id, matrix) in ORIENTATIONS {
        let wanted = if matrix[0] == 0 {
            upright.clone().size(180, 320)
        } else {
            upright.clone()
        };
        lot.expect_card(id, &wanted);
    }
    for id in ["turned-422", "tag-90", "tag-270"] {
        lot.expect_card(id, &upright.clone().size(180, 320));
    }
    lot.expect_card("tag-180", &upright);
    lot.judge();
}

#[test]
fn sizes_and_shapes_of_pixels() {
    let mut lot = Lot::new();
    let few = Clip { frames: 5, ..CLIP };
    let sized = |width, height| Clip {
        size: (width, height),
        ..few
    };
    let aspect = |aspect: &str| format!("{H264} -vf setsar={aspect}");

    sized(240, 180).write(&lot.clip("wide-pixels", "mp4"), &aspect("4/3"));
    sized(320, 120).write(&lot.clip("tall-pixels", "mkv"), &aspect("2/3"));
    // Only the codec says so, and only the container.
    sized(240, 180).write(&lot.clip("aspect-in-codec", "ts"), &aspect("4/3"));
    let lossless = "-c:v ffv1 -pix_fmt yuv420p -colorspace bt709";
    sized(240, 180).write(
        &lot.clip("aspect-in-container", "mkv"),
        &format!("{lossless} -vf setsar=4/3"),
    );
    // An aspect that no camera has.
    few.write(&lot.clip("aspect-absurd", "mp4"), &aspect("1/16"));
    // Anamorphic and portrait.
    let place = lot.clip("wide-pixels-turned", "mov");
    let quarter = ORIENTATIONS[0].1;
    sized(240, 180).write_as(&place, &aspect("4/3"), &seen(quarter), &[]);
    bytes::set_matrix(&place, quarter, (240, 180));

    sized(321, 181).write(
        &lot.clip("odd", "mkv"),
        "-c:v ffv1 -pix_fmt yuv420p -colorspace bt709",
    );
    sized(319, 179).write(
        &lot.clip("odd-444", "mkv"),
        "-c:v libx264 -qp 2 -pix_fmt yuv444p -colorspace bt709",
    );
    let old = Clip {
        samples: Samples {
            matrix: Matrix::Bt601,
            ..BROADCAST
        },
        ..sized(161, 91)
    };
    old.write(
        &lot.clip("odd-tiny", "webm"),
        "-c:v libvpx -b:v 2M -pix_fmt yuv420p",
    );
    sized(64, 48).write(&lot.clip("tiny", "mp4"), H264);
    sized(640, 96).write(&lot.clip("ribbon", "mp4"), H264);
    sized(640, 360).write(&lot.clip("large", "mp4"), H264);
    lot.build();

    let wanted = Wanted::all_of(few);
    for id in [
        "wide-pixels",
        "tall-pixels",
        "aspect-in-codec",
        "aspect-in-container",
        "odd",
        "aspect-absurd",
        "large",
    ] {
        lot.expect_card(id, &wanted);
    }
    lot.expect_card("wide-pixels-turned", &wanted.clone().size(180, 320));
    lot.expect_card("odd-444", &wanted.clone().size(318, 178));
    lot.expect_card(
        "odd-tiny",
        &Wanted {
            tolerance: 4.0,
            ..wanted.clone().size(160, 90)
        },
    );
    lot.expect_card("tiny", &wanted.clone().size(64, 48));
    lot.expect_card("ribbon", &wanted.clone().size(640, 96));
    lot.judge();
}

/// A card in a frame of its own kind, that must not be seen.
fn framed(left: f64, top: f64) -> impl Fn(f64, f64) -> (f64, f64) {
    move |x, y| {
        let inner = |at: f64, border: f64| (at - border) / (1.0 - 2.0 * border);
        let (x, y) = (inner(x, left), inner(y, top));
        // The strip's place: white, where a corner has a colour.
        let within = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        if within { (x, y) } else { (LIT.0, LIT.1) }
    }
}

/// A place of the card that is white on every frame.
const LIT: (f64, f64) = (0.14, 0.5);

#[test]
fn what_is_cropped_away_stays_away() {
    let mut lot = Lot::new();
    let stored = Clip {
        size: (336, 200),
        frames: 5,
        ..CLIP
    };
    let border = framed(8.0 / 336.0, 10.0 / 200.0);
    let cropped = format!("{H264} -x264-params crop-rect=8,10,8,10");
    stored.write_as(&lot.clip("crop-in-h264", "mkv"), &cropped, &border, &[]);
    stored.write_as(&lot.clip("crop-in-h264-mp4", "mp4"), &cropped, &border, &[]);
    lot.build();
    let wanted = Wanted::all_of(Clip { frames: 5, ..CLIP });
    for id in ["crop-in-h264", "crop-in-h264-mp4"] {
        lot.expect_card(id, &wanted);
        if lot.is_built(id) {
            let clean = lot.film(id).picture(2).corners_are_clean();
            lot.expect(id, clean, || "the border is seen".into());
        }
    }
    lot.judge();
}

#[test]
fn ladders_of_portrait_and_small_clips() {
    let mut lot = Lot::new();
    let ladder = [("profils", "ladder")];
    let few = Clip {
        size: (512, 288),
        frames: 30,
        ..CLIP
    };
    let place = lot.clip_with("portrait", "mov", &ladder);
    let quarter = ORIENTATIONS[2].1;
    few.write_as(&place, H264, &seen(quarter), &[]);
    bytes::set_matrix(&place, quarter, few.size);
    few.write(&lot.clip_with("landscape", "mp4", &ladder), H264);
    let between = Clip {
        size: (384, 216),
        ..few
    };
    between.write(&lot.clip_with("between", "mp4", &ladder), H264);
    let below = Clip {
        size: (128, 72),
        ..few
    };
    below.write(&lot.clip_with("below", "mp4", &ladder), H264);
    lot.build();
    for (id, rungs) in [
        (
            "portrait",
            &[("288p", (288, 512)), ("144p", (144, 256))][..],
        ),
        ("landscape", &[("288p", (512, 288)), ("144p", (256, 144))]),
        ("between", &[("144p", (256, 144))]),
        ("below", &[("72p", (128, 72))]),
    ] {
        if !lot.is_built(id) {
            continue;
        }
        let made: Vec<String> = std::fs::read_dir(lot.place(id, "ladder"))
            .expect("published")
            .map(|e| {
                e.expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .filter(|name| name.ends_with('p'))
            .collect();
        lot.expect(id, made.len() == rungs.len(), || format!("rungs {made:?}"));
        for (rung, size) in rungs {
            let playlist = lot.place(id, &format!("ladder/{rung}/playlist.m3u8"));
            let film = Film::read(&playlist);
            lot.expect(id, film.size == *size, || {
                format!("{rung}: {:?}", film.size)
            });
            let numbers: Vec<_> = (0..few.frames).map(Some).collect();
            lot.expect(id, film.numbers() == numbers, || {
                format!("{rung}: {:?}", film.numbers())
            });
        }
    }
    lot.judge();
}

#[test]
fn a_clip_that_changes_its_size_on_the_way_keeps_its_frames() {
    let mut lot = Lot::new();
    let place = lot.clip("changing", "ts");
    let folder = place.parent().expect("a folder").to_owned();
    let first = Clip {
        size: (320, 180),
        frames: 20,
        ..SMALL
    };
    let second = Clip {
        size: (240, 136),
        frames: 20,
        ..SMALL
    };
    first.write(&folder.join("one.h264"), H264);
    second.write(&folder.join("two.h264"), H264);
    let mut joined = std::fs::read(folder.join("one.h264")).expect("there");
    joined.extend(std::fs::read(folder.join("two.h264")).expect("there"));
    std::fs::write(folder.join("both.h264"), joined).expect("written");
    ffmpeg(&folder, "-r 25 -i both.h264 -c copy changing.ts");
    for name in ["one.h264", "two.h264", "both.h264"] {
        std::fs::remove_file(folder.join(name)).expect("removed");
    }
    lot.build();
    let wanted = Wanted::all_of(first).numbers((0..20).chain(0..20));
    lot.expect_card("changing", &wanted);
    lot.judge();
}

#[test]
fn a_picture_that_is_switched_off_stays_unseen() {
    let mut lot = Lot::new();
    let place = lot.clip("off", "mov");
    let folder = place.parent().expect("a folder").to_owned();
    CLIP.write(&folder.join("on.mov"), H264);
    // Larger, and the first in the file.
    ffmpeg(
        &folder,
        "-f lavfi -i testsrc2=s=640x360:r=25:d=1 -i on.mov -map 0:v -map 1:v -c:v:0 libx264 -preset:v:0 ultrafast \
         -c:v:1 copy -disposition:v:0 0 -disposition:v:1 default off.mov",
    );
    std::fs::remove_file(folder.join("on.mov")).expect("removed");
    lot.build();
    lot.expect_card("off", &Wanted::all_of(CLIP));
    let told = lot.told("off");
    lot.expect("off", told.contains(&"tracks-left-out".to_owned()), || {
        format!("told {told:?}")
    });
    lot.judge();
}
