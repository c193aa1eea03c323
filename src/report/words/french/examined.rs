//! What was found in a clip's picture and sound.

use super::{all, time};
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
            format!("de {} à {}", whole(s.start.floor()), whole(s.end.ceil()))
        })
        .collect();
    match stretches.len().saturating_sub(NAMED) {
        0 => {}
        1 => said.push("dans un autre passage".to_owned()),
        more => said.push(format!("dans {more} autres passages")),
    }
    all(&said)
}

pub(super) fn damaged(picture: u64, sound: u32) -> String {
    let pieces = |n: u64| format!("{n} morceau{}", if n > 1 { "x" } else { "" });
    let what = match (picture, sound) {
        (n, 0) => format!("{} de l’image", pieces(n)),
        (0, n) => format!("{} du son", pieces(n.into())),
        (n, m) => format!("{} de l’image et {} du son", pieces(n), pieces(m.into())),
    };
    let one = picture + u64::from(sound) == 1;
    let verb = if one {
        "n’a pas pu être lu"
    } else {
        "n’ont pas pu être lus"
    };
    format!("ce clip est abîmé\u{a0}: {what} {verb} correctement.")
}

pub(super) fn black(stretches: &[Stretch]) -> String {
    format!("l’image est noire {}.", spans(stretches))
}

pub(super) const COMBED: &str = "l’image est entrelacée sans que le clip le dise\u{a0}: ce qui bouge est bordé de dents de peigne\u{202f}; elle est publiée ainsi.";

pub(super) const ALL_BLACK: &str = "l’image est noire d’un bout à l’autre.";

pub(super) fn blown_out(stretches: &[Stretch]) -> String {
    format!(
        "l’image est toute blanche, surexposée, {}.",
        spans(stretches)
    )
}

pub(super) const SILENT: &str = "on n’entend rien\u{a0}: la piste de son est muette d’un bout à l’autre\u{202f}; le film est publié ainsi.";

pub(super) fn interrupted(stretches: &[Stretch]) -> String {
    format!("le son se coupe complètement {}.", spans(stretches))
}

pub(super) fn faint(measured: i32, lift: i32) -> String {
    let measured = hundredths(measured, ',');
    match lift {
        0 => format!(
            "le son est presque inaudible ({measured}\u{a0}LUFS)\u{202f}; il est laissé tel quel, car on n’entendrait que le souffle."
        ),
        lift => format!(
            "le son est très faible ({measured}\u{a0}LUFS)\u{202f}; il est augmenté de {}\u{a0}dB, et le souffle avec lui.",
            hundredths(lift, ',')
        ),
    }
}

pub(super) fn side_silent(side: StereoSide) -> String {
    let (silent, heard) = match side {
        StereoSide::Left => ("gauche", "droit"),
        StereoSide::Right => ("droit", "gauche"),
    };
    format!("le côté {silent} du son est muet\u{202f}; on entendra le côté {heard} des deux côtés.")
}

pub(super) fn saturated(seconds: u32) -> String {
    format!("le son est saturé (enregistré trop fort) pendant {seconds}\u{a0}s.")
}

pub(super) fn sides_cancel(heard: StereoSide) -> String {
    let heard = match heard {
        StereoSide::Left => "gauche",
        StereoSide::Right => "droit",
    };
    format!(
        "les deux côtés du son sont en opposition de phase\u{a0}: sur un seul haut-parleur, ils s’annuleraient\u{202f}; on entendra le côté {heard} des deux côtés."
    )
}

pub(super) fn cut_off(milliseconds: u64) -> String {
    let lost = seconds(milliseconds);
    format!(
        "le son continue après la fin de l’image\u{202f}; {lost} de son ne sont pas dans le film."
    )
}

pub(super) fn kept_short(milliseconds: u64) -> String {
    format!(
        "il ne reste que {} du clip dans le film.",
        seconds(milliseconds)
    )
}

pub(super) fn poster_black(time: &str) -> String {
    format!("la vignette est demandée à {time}, où l’image est noire.")
}

pub(super) fn before_picture(written: &str, begins: Rational) -> String {
    let begins = time(begins);
    format!("la fin ({written}) vient avant la première image du clip, qui commence à {begins}.")
}

pub(super) fn unread(characters: usize, milliseconds: u32) -> String {
    let shown = seconds(u64::from(milliseconds));
    format!(
        "on n’a pas le temps de lire la question : {characters} caractères, et le carton reste {shown}."
    )
}

/// "18 s", "0,2 s".
fn seconds(milliseconds: u64) -> String {
    let whole = hundredths(i32::try_from(milliseconds / 10).unwrap_or(i32::MAX), ',');
    format!("{}\u{a0}s", whole.trim_end_matches(",0"))
}

/// Which of the two it is, the numbers say.
pub(super) fn off_hint(target: &str, reached: &str) -> &'static str {
    match (target.parse::<f64>(), reached.parse::<f64>()) {
        (Ok(target), Ok(reached)) if reached > target => {
            "Écoutez la capsule\u{a0}: son son est plus fort que celui des autres."
        }
        _ => {
            "Écoutez la capsule\u{a0}: son son est plus faible que celui des autres, et ne pouvait pas être monté davantage sans l’abîmer."
        }
    }
}

pub(super) fn other_louder(track: usize, measured: i32) -> String {
    let measured = hundredths(measured, ',');
    format!(
        "la piste de son qu’on entendra est faible, et une autre, la n°\u{a0}{track}, est bien plus forte ({measured}\u{a0}LUFS)."
    )
}
