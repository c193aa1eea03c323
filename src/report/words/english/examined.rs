//! What was found in a clip's picture and sound.

use super::{all, plural, time};
use crate::report::words::hundredths;
use crate::values::examination::{StereoSide, Stretch};
use crate::values::time::Rational;

/// Stretches that are named one by one.
const NAMED: usize = 3;

/// To whole seconds, with which a person finds the place.
fn spans(stretches: &[Stretch]) -> String {
    let mut said: Vec<String> = stretches
        .iter()
        .take(NAMED)
        .map(|s| {
            let whole = |seconds| time(Rational::integer(seconds));
            format!("from {} to {}", whole(s.start.floor()), whole(s.end.ceil()))
        })
        .collect();
    match stretches.len().saturating_sub(NAMED) {
        0 => {}
        1 => said.push("in one more place".to_owned()),
        more => said.push(format!("in {more} more places")),
    }
    all(&said)
}

pub(super) fn damaged(picture: u64, sound: u32) -> String {
    let pieces = |n: u64| {
        let plural = plural(usize::try_from(n).unwrap_or(usize::MAX));
        format!("{n} piece{plural}")
    };
    let what = match (picture, sound) {
        (n, 0) => format!("{} of the picture", pieces(n)),
        (0, n) => format!("{} of the sound", pieces(n.into())),
        (n, m) => format!(
            "{} of the picture and {} of the sound",
            pieces(n),
            pieces(m.into())
        ),
    };
    format!("this clip is damaged: {what} could not be read properly.")
}

pub(super) fn black(stretches: &[Stretch]) -> String {
    format!("the picture is black {}.", spans(stretches))
}

pub(super) const COMBED: &str = "the picture is interlaced and the clip does not say so: whatever moves has combed edges; it is published like that.";

pub(super) const ALL_BLACK: &str = "the picture is black throughout.";

pub(super) fn blown_out(stretches: &[Stretch]) -> String {
    format!(
        "the picture is all white, overexposed, {}.",
        spans(stretches)
    )
}

pub(super) const SILENT: &str = "nothing is to be heard: the sound track is silent throughout; the film is published like that.";

pub(super) fn interrupted(stretches: &[Stretch]) -> String {
    format!("the sound stops altogether {}.", spans(stretches))
}

pub(super) fn faint(measured: i32, lift: i32) -> String {
    let measured = hundredths(measured, '.');
    match lift {
        0 => format!(
            "the sound can hardly be heard ({measured} LUFS); it is left as it is, since raising it would only bring up noise."
        ),
        lift => format!(
            "the sound is very faint ({measured} LUFS); it is raised by {} dB, and its noise with it.",
            hundredths(lift, '.')
        ),
    }
}

pub(super) fn side_silent(side: StereoSide) -> String {
    let (silent, heard) = match side {
        StereoSide::Left => ("left", "right"),
        StereoSide::Right => ("right", "left"),
    };
    format!("the {silent} side of the sound is silent; the {heard} one will be heard on both.")
}

pub(super) fn saturated(seconds: u32) -> String {
    format!("the sound is clipped (recorded too loud) for {seconds} s.")
}

pub(super) fn sides_cancel(heard: StereoSide) -> String {
    let heard = match heard {
        StereoSide::Left => "left",
        StereoSide::Right => "right",
    };
    format!(
        "the two sides of the sound are out of phase: on a single loudspeaker they would cancel each other out; the {heard} side will be heard on both."
    )
}

pub(super) fn cut_off(milliseconds: u64) -> String {
    let lost = seconds(milliseconds);
    format!("the sound goes on after the end of the picture; {lost} of sound are not in the film.")
}

pub(super) fn kept_short(milliseconds: u64) -> String {
    format!(
        "only {} of the clip are left in the film.",
        seconds(milliseconds)
    )
}

pub(super) fn poster_black(time: &str) -> String {
    format!("the poster is asked for at {time}, where the picture is black.")
}

pub(super) fn before_picture(written: &str, begins: Rational) -> String {
    let begins = time(begins);
    format!("the end ({written}) comes before the clip’s first picture, which is at {begins}.")
}

pub(super) fn unread(characters: usize, milliseconds: u32) -> String {
    let shown = seconds(u64::from(milliseconds));
    format!(
        "nobody can read the question in time: {characters} characters, and its card shows for {shown}."
    )
}

/// "18 s", "0.2 s".
fn seconds(milliseconds: u64) -> String {
    let whole = hundredths(i32::try_from(milliseconds / 10).unwrap_or(i32::MAX), '.');
    format!("{} s", whole.trim_end_matches(".0"))
}

/// Which of the two it is, the numbers say.
pub(super) fn off_hint(target: &str, reached: &str) -> &'static str {
    match (target.parse::<f64>(), reached.parse::<f64>()) {
        (Ok(target), Ok(reached)) if reached > target => {
            "Listen to the capsule: its sound is louder than that of the others."
        }
        _ => {
            "Listen to the capsule: its sound is fainter than that of the others, and could not be raised further without harm."
        }
    }
}

pub(super) fn other_louder(track: usize, measured: i32) -> String {
    let measured = hundredths(measured, '.');
    format!(
        "the sound track that will be heard is faint, and another one, number {track}, is much louder ({measured} LUFS)."
    )
}
