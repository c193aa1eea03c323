//! Interlaced clips: one frame per frame, from the field that was filmed
//! first, without combs, and at the joins of segments as anywhere else.

use super::bench::{CLIP, Clip, Lot, PLAIN, SMALL, Wanted, ffmpeg, output};
use super::card::{BROADCAST, Matrix, Samples};
use super::{bytes, h264};

/// Makes of every two frames the two fields of one.
const TOP_FIRST: &str = "-vf tinterlace=interleave_top,setfield=tff";
const BOTTOM_FIRST: &str = "-vf tinterlace=interleave_bottom,setfield=bff";

/// Fields of 25 frames a second, each with its own number.
const FIELDS: Clip = Clip {
    size: (320, 192),
    frames: 40,
    rate: "50",
    ..CLIP
};

/// Every clip at its own height: where it is made smaller, fields that were
/// left in, or taken in the wrong order, melt into one another.
fn own_size() -> Lot {
    let lot = Lot::new();
    let profile = PLAIN.replace("height = 180", "height = 1080");
    lot.series.write("profiles/web.toml", &profile);
    lot
}

/// Puts a raw stream of fields, 50 a second, into a container.
fn contain(lot: &mut Lot, id: &str, ending: &str, raw: Vec<u8>) -> std::path::PathBuf {
    let place = lot.clip(id, ending);
    let bare = place.with_extension("h264");
    std::fs::write(&bare, raw).expect("written");
    let folder = place.parent().expect("a folder");
    ffmpeg(
        folder,
        &format!("-fflags +genpts -i {id}.h264 -c copy {id}.{ending}"),
    );
    std::fs::remove_file(bare).expect("removed");
    place
}

#[test]
fn fields_become_frames_of_what_was_filmed_first() {
    let mut lot = own_size();
    let x264 = "-c:v libx264 -preset veryfast -crf 8 -pix_fmt yuv420p -colorspace bt709";
    let mpeg2 = "-c:v mpeg2video -q:v 2 -flags +ilme+ildct -pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709";
    let clips = [
        (
            "mbaff-top",
            "mts",
            format!("{TOP_FIRST} {x264} -x264-params tff=1 -mpegts_m2ts_mode 1 -f mpegts"),
        ),
        (
            "mbaff-bottom",
            "mp4",
            format!("{BOTTOM_FIRST} {x264} -x264-params bff=1"),
        ),
        (
            "mbaff-b-frames",
            "mkv",
            format!("{TOP_FIRST} {x264} -bf 3 -x264-params tff=1"),
        ),
        ("mpeg2-top", "mpg", format!("{TOP_FIRST} {mpeg2} -top 1")),
        (
            "mpeg2-bottom",
            "ts",
            format!("{BOTTOM_FIRST} {mpeg2} -top 0"),
        ),
        ("mpeg2-mxf", "mxf", format!("{TOP_FIRST} {mpeg2} -top 1")),
        (
            "prores-top",
            "mov",
            format!(
                "{TOP_FIRST} -c:v prores_ks -profile:v 2 -flags +ildct -colorspace bt709 -color_primaries bt709 -color_trc bt709"
            ),
        ),
        (
            "ffv1-bottom",
            "mkv",
            format!("{BOTTOM_FIRST} -c:v ffv1 -pix_fmt yuv422p -colorspace bt709 -field_order bb"),
        ),
    ];
    for (id, ending, coding) in &clips {
        FIELDS.write(&lot.clip(id, ending), coding);
    }
    for (id, top_first, ending) in [
        ("paff-top", true, "ts"),
        ("paff-bottom", false, "mp4"),
        ("paff-mkv", true, "mkv"),
    ] {
        contain(&mut lot, id, ending, h264::field_pictures(20, top_first));
    }
    // Fields here and whole frames there, in any turn.
    let mixed = [
        ("paff-then-frame", "ts", true, "fffF"),
        ("paff-half", "mkv", true, "FFff"),
        ("paff-late", "mp4", false, "FFFFFFFFFFFFFFFfffff"),
    ];
    for (id, ending, top_first, turns) in mixed {
        let raw = h264::mixed_pictures(20, top_first, turns);
        contain(&mut lot, id, ending, raw);
    }
    // As large as cameras film.
    let large = Clip {
        size: (1920, 1080),
        frames: 8,
        ..FIELDS
    };
    large.write(
        &lot.clip("large", "mov"),
        &format!("{BOTTOM_FIRST} {x264} -preset ultrafast -x264-params bff=1"),
    );
    // DV knows standard definition only, and begins with the bottom field.
    let dv = Clip {
        size: (720, 576),
        frames: 20,
        samples: Samples {
            matrix: Matrix::Bt601,
            ..BROADCAST
        },
        ..FIELDS
    };
    dv.write(
        &lot.clip("dv", "avi"),
        &format!("{BOTTOM_FIRST},setsar=16/15 -c:v dvvideo -pix_fmt yuv420p -flags +ildct+ilme"),
    );
    lot.build();

    let wanted = Wanted::all_of(FIELDS)
        .rate("25/1")
        .numbers((0..20).map(|n| 2 * n));
    for (id, ..) in &clips {
        lot.expect_card(id, &wanted);
    }
    let apart = ["paff-top", "paff-bottom", "paff-mkv"]
        .into_iter()
        .chain(mixed.map(|m| m.0));
    for id in apart.clone() {
        lot.expect_card(id, &wanted.clone().size(160, 96));
    }
    let first = wanted.clone().numbers((0..4).map(|n| 2 * n));
    lot.expect_card("large", &first.size(1920, 1080));
    let dv = wanted
        .clone()
        .size(768, 576)
        .numbers((0..10).map(|n| 2 * n));
    lot.expect_card(
        "dv",
        &Wanted {
            tolerance: 4.0,
            ..dv
        },
    );
    for id in clips
        .iter()
        .map(|c| c.0)
        .chain(apart)
        .chain(["large", "dv"])
    {
        if lot.is_built(id) {
            let film = lot.film(id);
            let worst = (0..film.frames())
                .map(|f| film.picture(f).combing())
                .fold(0.0, f64::max);
            lot.expect(id, worst < 40.0, || format!("combed by {worst} levels"));
        }
    }
    lot.judge();
}

#[test]
fn the_join_of_two_segments_is_deinterlaced_like_the_rest() {
    let mut lot = own_size();
    let frames = "-f lavfi -i testsrc2=s=160x96:r=50:d=7";
    let x264 = "-c:v libx264 -preset veryfast -crf 8 -g 24 -pix_fmt yuv420p";
    for (id, ending, coding) in [
        (
            "mpeg2",
            "mpg",
            format!(
                "{TOP_FIRST} -c:v mpeg2video -q:v 2 -g 12 -bf 2 -flags +ilme+ildct -top 1 -pix_fmt yuv420p"
            ),
        ),
        (
            "mbaff",
            "ts",
            format!("{TOP_FIRST} {x264} -bf 2 -x264-params tff=1"),
        ),
        (
            "mbaff-bottom",
            "mp4",
            format!("{BOTTOM_FIRST} {x264} -x264-params bff=1"),
        ),
    ] {
        let place = lot.clip(id, ending);
        let folder = place.parent().expect("a folder");
        let tagged = "-colorspace smpte170m";
        ffmpeg(folder, &format!("{frames} {coding} {tagged} {id}.{ending}"));
    }
    contain(
        &mut lot,
        "paff",
        "mkv",
        h264::mixed_pictures(175, true, "ffF"),
    );
    lot.build();
    for (id, ending, parity, matrix) in [
        ("mpeg2", "mpg", "tff", "smpte170m"),
        ("mbaff", "ts", "tff", "smpte170m"),
        ("mbaff-bottom", "mp4", "bff", "smpte170m"),
        ("paff", "mkv", "tff", "bt709"),
    ] {
        if !lot.is_built(id) {
            continue;
        }
        let film = lot.film(id);
        let clip = lot.series.path("footage").join(format!("{id}.{ending}"));
        let clip = clip.display().to_string();
        let filter = format!(
            "bwdif=mode=send_frame:parity={parity}:deint=all,\
             scale=in_color_matrix={matrix}:out_color_matrix=bt709:flags=accurate_rnd,format=yuv420p"
        );
        let whole = output(
            "ffmpeg",
            &[
                "-v",
                "error",
                "-i",
                &clip,
                "-vf",
                &filter,
                "-fps_mode",
                "passthrough",
            ],
            &["-f", "rawvideo", "-"],
        );
        let pixels = 160 * 96;
        let reference: Vec<&[u8]> = whole.chunks_exact(pixels * 3 / 2).collect();
        let counts = (film.frames(), reference.len());
        if counts != (175, 175) {
            lot.note(id, format!("{counts:?} frames"));
            continue;
        }
        let distance = |frame: usize| {
            let pairs = film.picture(frame).bytes[..pixels]
                .iter()
                .zip(&reference[frame][..pixels]);
            pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / pixels as f64
        };
        let all: Vec<f64> = (0..175).map(distance).collect();
        let mut sorted = all.clone();
        sorted.sort_by(f64::total_cmp);
        let usual = sorted[87];
        // Six seconds to a segment: the join is at frame 150.
        for frame in [0, 148, 149, 150, 151, 174] {
            let found = all[frame];
            lot.expect(id, found < 1.3 * usual + 0.2, || {
                format!(
                    "frame {frame} is {found:.2} levels from a continuous run, others {usual:.2}"
                )
            });
        }
        lot.expect(id, usual < 2.0, || {
            format!("{usual:.2} levels from bwdif's own")
        });
    }
    lot.judge();
}

#[test]
fn telecine_is_not_made_worse() {
    let mut lot = Lot::new();
    let film = Clip {
        size: (320, 192),
        frames: 24,
        rate: "24000/1001",
        ..SMALL
    };
    let coding = "-vf telecine=pattern=23,setfield=tff -r 30000/1001 -c:v mpeg2video -q:v 2 -flags +ilme+ildct -top 1 \
        -pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709";
    film.write(&lot.clip("telecine", "mpg"), coding);
    // Film that only asks for its fields to be repeated is film.
    let place = lot.clip("soft-telecine", "ts");
    let raw = place.with_extension("m2v");
    let coding = "-c:v mpeg2video -q:v 2 -bf 0 -flags +ilme+ildct -pix_fmt yuv420p \
        -colorspace bt709 -color_primaries bt709 -color_trc bt709";
    film.write(&raw, coding);
    bytes::pull_down(&raw);
    let folder = place.parent().expect("a folder");
    ffmpeg(
        folder,
        "-fflags +genpts -i soft-telecine.m2v -c copy soft-telecine.ts",
    );
    std::fs::remove_file(raw).expect("removed");
    lot.build();
    let wanted = Wanted::all_of(film).size(300, 180);
    lot.expect_card("soft-telecine", &wanted);
    if lot.is_built("telecine") {
        let published = lot.film("telecine");
        lot.expect("telecine", published.rate == "30000/1001", || {
            published.rate.clone()
        });
        let numbers = published.numbers();
        lot.expect("telecine", numbers.len() == 30, || {
            format!("{} frames", numbers.len())
        });
        // Four pictures of film make five frames: the first fields say which.
        for (frame, number) in numbers.iter().enumerate() {
            let (least, most) = (frame * 4 / 5, frame * 4 / 5 + 1);
            let holds = number.is_some_and(|n| (least..=most).contains(&(n as usize)));
            let worst = published.picture(frame).combing();
            lot.expect("telecine", holds && worst < 40.0, || {
                format!("frame {frame} shows {number:?}, combed by {worst}")
            });
        }
    }
    lot.judge();
}
