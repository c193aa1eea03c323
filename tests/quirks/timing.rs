//! When each picture is seen: rates, wobbling and broken time stamps, edits,
//! and pictures and sound of different length.

use super::bench::{Clip, Film, H264, Lot, SMALL, Wanted, ffmpeg, sound_of};
use super::bytes;

const EXACT: [(&str, &str); 8] = [
    ("film-ntsc", "24000/1001"),
    ("film", "24"),
    ("pal", "25"),
    ("ntsc", "30000/1001"),
    ("thirty", "30"),
    ("pal-fast", "50"),
    ("ntsc-fast", "60000/1001"),
    ("sixty", "60"),
];

fn at(rate: &'static str, frames: u64) -> Clip {
    Clip {
        rate,
        frames,
        ..SMALL
    }
}

#[test]
fn rates_are_kept_exactly_and_brought_into_range_by_whole_steps() {
    let mut lot = Lot::new();
    for (n, (id, rate)) in EXACT.into_iter().enumerate() {
        // In ticks that are exact, and in milliseconds, which are not.
        let ending = if n % 2 == 0 { "mp4" } else { "mkv" };
        at(rate, 40).write(&lot.clip(id, ending), H264);
    }
    let steps = [
        ("twice", "120", "60/1", 2, 60),
        ("twice-pal", "100", "50/1", 2, 60),
        ("twice-ntsc", "120000/1001", "60000/1001", 2, 60),
        ("four-times", "240", "60/1", 4, 80),
    ];
    for (id, rate, _, _, frames) in steps {
        at(rate, frames).write(&lot.clip(id, "mov"), H264);
    }
    let repeated = [
        ("half", "15", "30/1", 2, 20),
        ("half-pal", "25/2", "25/1", 2, 20),
        ("third", "10", "30/1", 3, 20),
    ];
    for (id, rate, _, _, frames) in repeated {
        at(rate, frames).write(&lot.clip(id, "mp4"), H264);
    }
    lot.build();
    for (id, rate) in EXACT {
        lot.expect_card(id, &Wanted::all_of(at(rate, 40)));
    }
    for (id, rate, published, step, frames) in steps {
        if !lot.is_built(id) {
            continue;
        }
        let first = lot.film(id).numbers()[0].unwrap_or(u64::MAX);
        lot.expect(id, first < step, || format!("begins with {first}"));
        let wanted = Wanted::all_of(at(rate, frames)).rate(published);
        lot.expect_card(
            id,
            &wanted.numbers((0..frames / step).map(|n| n * step + first % step)),
        );
    }
    for (id, rate, published, step, frames) in repeated {
        let wanted = Wanted::all_of(at(rate, frames)).rate(published);
        lot.expect_card(id, &wanted.numbers((0..frames * step).map(|n| n / step)));
    }
    lot.judge();
}

/// Whether each frame of a film shows what the clip shows at that time, to
/// within half a frame; `times` are those of the clip's pictures.
fn follows(film: &Film, times: &[f64]) -> Result<(), String> {
    let mut parts = film
        .rate
        .split('/')
        .map(|p| p.parse::<f64>().expect("a number"));
    let rate = parts.next().expect("a rate") / parts.next().expect("a rate");
    let slack = 0.5 / rate + 0.0011;
    for (k, number) in film.numbers().into_iter().enumerate() {
        let time = k as f64 / rate;
        let Some(number) = number.map(|n| n as usize) else {
            return Err(format!("no card at frame {k}"));
        };
        let since = times[number] - times[0];
        let until = times
            .get(number + 1)
            .map_or(f64::INFINITY, |t| t - times[0]);
        if since > time + slack || until < time - slack {
            return Err(format!(
                "picture {number} of {since:.3}-{until:.3} s is seen at {time:.3} s"
            ));
        }
    }
    let length = film.frames() as f64 / rate;
    let last = times[times.len() - 1] - times[0];
    if length < last || length > last + 0.3 {
        return Err(format!("{length} s long for a last picture at {last} s"));
    }
    Ok(())
}

#[test]
fn a_variable_rate_becomes_constant_without_drift() {
    let mut lot = Lot::new();
    // A phone in poor light leaves frames out; another wobbles at 29.5 a
    // second; a screen recording runs and rests; a drone skips once.
    type Moment = fn(u64) -> f64;
    let clips: [(&str, &str, u64, Moment, &str); 4] = [
        (
            "poor-light",
            "mov",
            120,
            |n| (n + n / 5 + n / 7) as f64 / 30.0,
            r"(N+floor(N/5)+floor(N/7))/30",
        ),
        (
            "wobble",
            "mp4",
            200,
            |n| (n as f64 + 0.4 * ((n % 3) as f64 - 1.0)) / 29.5 + 0.1,
            r"(N+0.4*(mod(N\,3)-1))/29.5+0.1",
        ),
        (
            "screen",
            "mkv",
            90,
            |n| {
                if n < 60 {
                    n as f64 / 60.0
                } else {
                    1.0 + (n - 60) as f64 / 10.0
                }
            },
            r"if(lt(N\,60)\,N\,60+(N-60)*6)/60",
        ),
        (
            "skip",
            "mkv",
            80,
            |n| (n + if n < 40 { 0 } else { 30 }) as f64 / 25.0,
            r"(N+if(lt(N\,40)\,0\,30))/25",
        ),
    ];
    for (id, ending, frames, _, moment) in clips {
        let coding = format!(
            "-vf settb=1/90000,setpts=({moment})/TB -enc_time_base 1:90000 -fps_mode passthrough \
             -c:v libx264 -preset veryfast -bf 2 -crf 8 -pix_fmt yuv420p -colorspace bt709"
        );
        at("25", frames).write(&lot.clip(id, ending), &coding);
    }
    lot.build();
    for (id, _, frames, moment, _) in clips {
        if lot.is_built(id) {
            let times: Vec<f64> = (0..frames).map(moment).collect();
            let film = lot.film(id);
            if let Err(what) = follows(&film, &times) {
                lot.note(id, what);
            }
        }
    }
    lot.judge();
}

/// A short beep at 0.9 s of a second and a half.
const BEEP: &str = "aevalsrc='if(between(t,0.9,0.95),0.5*sin(2000*PI*t),0)':s=48000:d=2";

/// When the beep begins in a published film.
fn beep(film: &std::path::Path) -> f64 {
    let sound = sound_of(film);
    let loudest = sound.iter().map(|s| s[0].abs()).fold(0.0, f32::max);
    let first = sound.iter().position(|s| s[0].abs() > loudest / 4.0);
    first.unwrap_or(0) as f64 / 48_000.0
}

#[test]
fn starts_edits_and_gaps() {
    let mut lot = Lot::new();
    let clip = at("25", 50);
    let both = "-map 0:v -map 1:a -c:a pcm_s16le -shortest";
    let short = format!("{H264} -g 10 -t 2");
    let sounds = format!("{short} {both}");

    clip.with_sound(
        &lot.clip("offset-mkv", "mkv"),
        BEEP,
        &format!("{sounds} -output_ts_offset 3.7"),
    );
    clip.with_sound(
        &lot.clip("offset-mov", "mov"),
        BEEP,
        &format!("{sounds} -output_ts_offset 3.6"),
    );
    let coded = sounds.replace("pcm_s16le", "mp2");
    clip.with_sound(
        &lot.clip("offset-ts", "ts"),
        BEEP,
        &format!("{coded} -output_ts_offset 95000"),
    );

    // The clock of MPEG-TS turns over after 26 hours and a half: here on the way.
    clip.with_sound(
        &lot.clip("turned-over", "ts"),
        BEEP,
        &format!("{coded} -output_ts_offset 95441"),
    );

    // Cut without encoding: the edit list hides what comes before the cut.
    let place = lot.clip("cut", "mp4");
    let folder = place.parent().expect("a folder").to_owned();
    clip.with_sound(&folder.join("whole.mov"), BEEP, &sounds);
    ffmpeg(
        &folder,
        "-ss 0.6 -i whole.mov -c:v copy -c:a aac -b:a 128k cut.mp4",
    );
    // Picture later than sound, and sound later than picture.
    lot.clip("late-picture", "mov");
    ffmpeg(
        &folder,
        "-itsoffset 0.4 -i whole.mov -i whole.mov -map 0:v -map 1:a -c copy late-picture.mov",
    );
    lot.clip("late-sound", "mov");
    ffmpeg(
        &folder,
        "-i whole.mov -itsoffset 0.4 -i whole.mov -map 0:v -map 1:a -c copy late-sound.mov",
    );
    // An edit list that ends the film after a second.
    lot.clip("ended", "mov");
    ffmpeg(
        &folder,
        "-i whole.mov -map 0:v -c copy -movie_timescale 1000 ended.mov",
    );
    bytes::set_edits(&folder.join("ended.mov"), &[(1000, 0)]);
    std::fs::remove_file(folder.join("whole.mov")).expect("removed");

    let hole = format!(
        "-vf select=not(between(n\\,20\\,34)) -fps_mode passthrough {short} -c:a pcm_s16le"
    );
    clip.with_sound(&lot.clip("hole", "mkv"), BEEP, &hole);
    let longer = BEEP.replace("d=2", "d=4");
    clip.with_sound(
        &lot.clip("long-sound", "mov"),
        &longer,
        &format!("{H264} -c:a pcm_s16le"),
    );
    let shorter = BEEP.replace("d=2", "d=1");
    clip.with_sound(
        &lot.clip("long-picture", "mov"),
        &shorter,
        &format!("{H264} -c:a pcm_s16le"),
    );
    lot.build();

    let wanted = Wanted::all_of(clip);
    for (id, numbers, heard) in [
        ("offset-mkv", (0..50).collect::<Vec<u64>>(), 0.9),
        ("offset-mov", (0..50).collect(), 0.9),
        ("offset-ts", (0..50).collect(), 0.9),
        ("turned-over", (0..50).collect(), 0.9),
        ("cut", (15..50).collect(), 0.3),
        ("late-picture", (0..50).collect(), 0.5),
        ("late-sound", (0..50).collect(), 1.3),
        ("ended", (0..25).collect(), f64::NAN),
        ("hole", (0..20).chain([19; 15]).chain(35..50).collect(), 0.9),
        ("long-sound", (0..50).collect(), 0.9),
        ("long-picture", (0..50).collect(), 0.9),
    ] {
        lot.expect_card(id, &wanted.clone().numbers(numbers.iter().copied()));
        if !lot.is_built(id) {
            continue;
        }
        let place = lot.place(id, "web.mp4");
        let sound = sound_of(&place).len() as f64 / 48_000.0;
        let picture = numbers.len() as f64 / 25.0;
        lot.expect(id, (picture..picture + 0.022).contains(&sound), || {
            format!("{sound} s of sound for {picture} s of picture")
        });
        if !heard.is_nan() {
            let found = beep(&place);
            lot.expect(id, (found - heard).abs() < 0.004, || {
                format!("beep at {found}, not {heard}")
            });
        }
    }
    lot.judge();
}

#[test]
fn time_stamps_that_are_missing_or_begin_again() {
    let mut lot = Lot::new();
    let clip = at("25", 30);
    // AVI has no time stamps at all; with B-frames nothing says when a picture
    // is seen but their order.
    clip.write(
        &lot.clip("avi-h264", "avi"),
        &format!("{H264} -preset medium -bf 3"),
    );
    clip.write(
        &lot.clip("avi-mpeg4", "avi"),
        "-c:v mpeg4 -q:v 2 -bf 2 -colorspace bt709",
    );
    // Two recordings put one after the other.
    let place = lot.clip("again", "ts");
    let folder = place.parent().expect("a folder").to_owned();
    clip.write(&folder.join("one.ts"), H264);
    let one = std::fs::read(folder.join("one.ts")).expect("there");
    std::fs::write(&place, [one.clone(), one].concat()).expect("written");
    std::fs::remove_file(folder.join("one.ts")).expect("removed");
    // A recording that was cut out of a broadcast anywhere: nothing decodes
    // before the next key frame.
    let place = lot.clip("cut-out", "ts");
    let longer = at("25", 40);
    longer.write(&place, &format!("{H264} -g 10 -bf 2"));
    let whole = std::fs::read(&place).expect("there");
    let packets = whole.len() / 188;
    std::fs::write(&place, &whole[packets * 2 / 5 * 188..]).expect("written");
    lot.build();
    let wanted = Wanted {
        tolerance: 3.0,
        ..Wanted::all_of(clip)
    };
    lot.expect_card("avi-h264", &wanted);
    // Untagged, and small: read as BT.601.
    if lot.is_built("avi-mpeg4") {
        let film = lot.film("avi-mpeg4");
        let numbers = film.numbers();
        lot.expect(
            "avi-mpeg4",
            numbers == wanted.numbers && film.rate == "25/1",
            || format!("shows {numbers:?} at {}", film.rate),
        );
    }
    if lot.is_built("cut-out") {
        let numbers: Vec<u64> = lot
            .film("cut-out")
            .numbers()
            .into_iter()
            .flatten()
            .collect();
        let first = numbers[0];
        let holds =
            first > 0 && first.is_multiple_of(10) && numbers == (first..40).collect::<Vec<_>>();
        lot.expect("cut-out", holds, || format!("shows {numbers:?}"));
    }
    let wrong = lot.failure("again");
    lot.expect("again", wrong.contains("clock-restarts"), || wrong.clone());
    lot.judge();
}

#[test]
fn an_empty_sample_repeats_the_picture_and_does_not_end_the_film() {
    let mut lot = Lot::new();
    let clip = at("25", 50);
    // Every picture in a sample of its own, so that two of them can be missed.
    let coding = "-c:v mjpeg -q:v 2 -pix_fmt yuvj420p";
    let place = lot.clip("empty-samples", "mov");
    clip.write(&place, coding);
    bytes::empty_samples(&place, 20..22);
    lot.build();
    if lot.is_built("empty-samples") {
        let shown = lot.film("empty-samples").numbers();
        let wanted = (0..20).chain([19, 19]).chain(22..50).map(Some);
        lot.expect("empty-samples", shown.iter().copied().eq(wanted), || {
            format!("shows {shown:?}")
        });
    }
    lot.judge();
}

#[test]
fn what_an_edit_list_hides_stays_hidden() {
    let mut lot = Lot::new();
    let clip = at("25", 100);
    // Talk that was cut away, and a beep at 2.9 s.
    let sound = "aevalsrc='if(lt(t,1.9)+between(t,2.9,2.95),0.5*sin(2000*PI*t),0)':s=48000:d=4";
    let coding = format!("{H264} -g 10");
    let pieces = "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof";
    let (usual, still) = (1.0, 0.0);
    let lists: [(&str, &str, Vec<bytes::Part>); 5] = [
        (
            "backwards",
            "mov",
            vec![
                (1.0, Some(2.0), usual),
                (1.0, Some(3.0), usual),
                (1.0, Some(2.0), usual),
            ],
        ),
        (
            "gap",
            "mov",
            vec![
                (1.0, Some(2.0), usual),
                (1.0, None, usual),
                (1.0, Some(3.0), usual),
            ],
        ),
        ("slow", "mov", vec![(2.0, Some(2.0), 0.5)]),
        (
            "still",
            "mov",
            vec![(1.0, Some(2.0), usual), (1.0, Some(3.0), still)],
        ),
        ("pieces", "mp4", vec![(0.0, Some(2.0), usual)]),
    ];
    for (id, ending, parts) in &lists {
        let place = lot.clip(id, ending);
        let rest = if *id == "pieces" {
            pieces
        } else {
            "-c:a pcm_s16le"
        };
        clip.with_sound(&place, sound, &format!("{coding} {rest}"));
        bytes::set_parts(&place, parts);
    }
    let place = lot.clip("parts-of-pieces", "mp4");
    clip.with_sound(&place, sound, &format!("{coding} {pieces}"));
    bytes::set_parts(&place, &[(1.0, Some(2.0), usual), (1.0, Some(0.0), usual)]);
    lot.build();
    let wanted = Wanted::all_of(clip);
    // Without edit lists FFmpeg writes both tracks a picture late, so that no
    // time is negative: at two seconds the 49th picture begins.
    lot.expect_card("pieces", &wanted.clone().numbers(49..100));
    lot.expect_card("backwards", &wanted.numbers((50..100).chain(50..75)));
    for (id, wanted) in [("pieces", 0.94), ("backwards", 0.9)] {
        if lot.is_built(id) {
            let found = beep(&lot.place(id, "web.mp4"));
            // AAC begins with a packet that is not of the film.
            lot.expect(id, (found - wanted).abs() < 0.03, || {
                format!("something is heard at {found}")
            });
        }
    }
    for (id, fault) in [
        ("gap", "gap"),
        ("slow", "speed"),
        ("still", "speed"),
        ("parts-of-pieces", "fragments"),
    ] {
        let told = lot.failure(id);
        let holds = told.contains("edits") && told.contains(fault);
        lot.expect(id, holds, || format!("told {told:?}"));
    }
    lot.judge();
}
