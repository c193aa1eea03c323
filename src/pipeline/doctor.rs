//! From what was found in a clip to what somebody should be told: measurements
//! are the worker's, what counts as wrong for this series is decided here.

use crate::media::sound::loudness::{gain_to_target, is_nearly_silent};
use crate::values::diagnostic::Problem;
use crate::values::examination::{Examination, Level, PictureSeen, SoundHeard};
use crate::values::time::Rational;
use crate::worker::protocol::Loudness;

/// Sound that has to be raised by more than this, in hundredths of a decibel,
/// is faint: a quiet voice at −35 LUFS is raised by 19 dB and nobody notices;
/// beyond 25 the hiss of the room and of the microphone comes up with it.
const UNNOTICED_LIFT: i32 = 2500;

/// Fewer saturated seconds than this are a laugh, or a knock on the table.
const SATURATED_SECONDS: u32 = 2;

/// Loudness is measured on 400 ms at least; what is shorter than this may have
/// none and be heard all the same.
const ENOUGH_TO_MEASURE: Rational = Rational::integer(1);

/// Lost sound that is shorter than this is the end of a breath.
const LOST_MS: u64 = 1000;

/// Pictures of a black film may lie so far from its ends.
const AT_THE_ENDS: Rational = Rational::integer(1);

/// Characters a second that nobody reads: captions have 17 at most, for adults
/// (`subtitles/en.toml`).
const TOO_FAST: u64 = 25;

/// Whether a question is too long for the time, in milliseconds, for which its
/// card shows.
pub(super) fn unread(question: &str, milliseconds: u32) -> Option<Problem> {
    let characters = question.chars().count();
    let too_fast = characters as u64 * 1000 > TOO_FAST * u64::from(milliseconds);
    too_fast.then_some(Problem::QuestionUnread {
        characters,
        milliseconds,
    })
}

/// How a clip is used.
#[derive(Clone, Copy)]
pub(super) struct Use {
    /// Seconds that are kept of it.
    pub(super) kept: Rational,
    /// The series' loudness in hundredths of LUFS.
    pub(super) target: i32,
    /// Whether some profile lets its sound be heard.
    pub(super) is_heard: bool,
}

/// What is wrong with a clip as it is used.
pub(super) fn findings(examination: &Examination, used: Use) -> Vec<Problem> {
    let mut found = Vec::new();
    let picture = &examination.picture;
    let sound = examination.sound.as_ref().filter(|_| used.is_heard);
    let damaged_sound = sound.map_or(0, |s| s.damaged);
    if picture.damaged > 0 || damaged_sound > 0 {
        found.push(Problem::ClipDamaged {
            picture: picture.damaged,
            sound: damaged_sound,
        });
    }
    if !picture.black.is_empty() {
        found.push(Problem::PictureBlack {
            stretches: picture.black.clone(),
            throughout: matches!(picture.black.as_slice(), [one] if one.seconds() + AT_THE_ENDS >= used.kept),
        });
    }
    if !picture.blown_out.is_empty() {
        found.push(Problem::PictureBlownOut {
            stretches: picture.blown_out.clone(),
        });
    }
    if is_combed(picture) {
        found.push(Problem::PictureCombed);
    }
    found.extend(sound.map(|s| of_sound(s, used)).unwrap_or_default());
    found
}

fn of_sound(sound: &SoundHeard, used: Use) -> Vec<Problem> {
    let mut found = Vec::new();
    found.extend(sound.louder.map(|other| Problem::OtherTrackLouder {
        track: other.track,
        measured: other.integrated,
    }));
    let Some(level) = sound.level else {
        let is_silent = used.kept >= ENOUGH_TO_MEASURE;
        found.extend(is_silent.then_some(Problem::SoundSilent));
        return found;
    };
    let lift = faint(level, used.target).filter(|_| used.kept >= ENOUGH_TO_MEASURE);
    if let Some(lift) = lift {
        found.push(Problem::SoundFaint {
            measured: level.integrated,
            lift,
        });
    }
    // Where next to nothing is heard, that it stops says nothing more.
    if lift != Some(0) && !sound.silent.is_empty() {
        found.push(Problem::SoundInterrupted {
            stretches: sound.silent.clone(),
        });
    }
    if let Some(side) = sound.dead_side {
        found.push(Problem::SideSilent { side });
    }
    if let Some(heard) = sound.cancelled {
        found.push(Problem::SidesCancel { heard });
    }
    if sound.lost_ms >= LOST_MS {
        found.push(Problem::SoundCutOff {
            milliseconds: sound.lost_ms,
        });
    }
    if sound.saturated_seconds >= SATURATED_SECONDS {
        found.push(Problem::SoundSaturated {
            seconds: sound.saturated_seconds,
        });
    }
    found
}

/// By how much faint sound is raised, in hundredths of a decibel: not at all
/// when it is nearly silence. `None` for sound that is loud enough.
fn faint(level: Level, target: i32) -> Option<i32> {
    let measured = Some(Loudness {
        integrated: level.integrated,
        true_peak: level.true_peak,
    });
    if is_nearly_silent(measured) {
        return Some(0);
    }
    let is_faint = target - level.integrated > UNNOTICED_LIFT;
    is_faint.then(|| gain_to_target(measured, target) / 10)
}

/// Whether enough of what moves has teeth: of film that was brought to a
/// television's rate, two pictures in five have them.
pub(crate) fn is_combed(picture: &PictureSeen) -> bool {
    const ENOUGH: u64 = 3;
    picture.combed >= ENOUGH && picture.combed * 3 >= picture.moving
}

/// Whether the picture is black at a time of the clip.
pub(super) fn is_black_at(examination: &Examination, seconds: Rational) -> bool {
    let black = &examination.picture.black;
    black.iter().any(|s| s.start <= seconds && seconds <= s.end)
}

/// Whether the loudness of a clip is among its findings, so that nobody has to
/// speak of it again when it is published.
pub(super) fn speaks_of_loudness(found: &[Problem]) -> bool {
    found.iter().any(|problem| {
        matches!(
            problem,
            Problem::SoundFaint { .. } | Problem::SoundSilent | Problem::LoudnessOff { .. }
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::examination::{StereoSide, Stretch};

    fn sound(integrated: Option<i32>) -> SoundHeard {
        SoundHeard {
            level: integrated.map(|integrated| Level {
                integrated,
                true_peak: -300,
            }),
            silent: Vec::new(),
            dead_side: None,
            cancelled: None,
            louder: None,
            lost_ms: 0,
            saturated_seconds: 0,
            damaged: 0,
        }
    }

    fn ids(sound: SoundHeard, is_heard: bool) -> Vec<String> {
        ids_in(sound, is_heard, 60)
    }

    fn ids_in(sound: SoundHeard, is_heard: bool, seconds: i64) -> Vec<String> {
        let examination = Examination {
            picture: PictureSeen::default(),
            sound: Some(sound),
        };
        let used = Use {
            kept: Rational::integer(seconds),
            target: -1600,
            is_heard,
        };
        let found = findings(&examination, used);
        found.iter().map(Problem::id).collect()
    }

    #[test]
    fn loudness_is_spoken_of_when_it_cannot_be_put_right_unheard() {
        for fine in [-500, -1600, -2300, -3500, -4100] {
            assert_eq!(ids(sound(Some(fine)), true), [""; 0], "{fine}");
        }
        for lufs in [-4101, -5000, -6500] {
            assert_eq!(ids(sound(Some(lufs)), true), ["sound-faint"], "{lufs}");
        }
        assert_eq!(ids_in(sound(Some(-5000)), true, 1), ["sound-faint"]);
        assert_eq!(ids_in(sound(Some(-5000)), true, 0), [""; 0], "too short");
        let lift = |integrated| {
            let level = Level {
                integrated,
                true_peak: -3000,
            };
            faint(level, -1600)
        };
        assert_eq!(lift(-4200), Some(2600));
        assert_eq!(lift(-5000), Some(3000), "no further");
        assert_eq!(lift(-6001), Some(0), "noise is left alone");
    }

    #[test]
    fn silence_is_said_once_and_not_where_nothing_is_to_be_heard() {
        let stretch = Stretch {
            start: Rational::ZERO,
            end: Rational::integer(12),
        };
        let mut silent = sound(None);
        silent.silent.push(stretch);
        assert_eq!(ids(silent.clone(), true), ["sound-silent"]);
        assert_eq!(ids(silent.clone(), false), [""; 0]);
        assert_eq!(ids_in(silent.clone(), true, 0), [""; 0], "not measured");
        // What can hardly be heard is not said to stop as well.
        silent.level = sound(Some(-6500)).level;
        assert_eq!(ids(silent, true), ["sound-faint"]);
    }

    #[test]
    fn everything_else_is_said_beside_each_other() {
        let mut heard = sound(Some(-2000));
        heard.dead_side = Some(StereoSide::Left);
        heard.saturated_seconds = 1;
        assert_eq!(ids(heard.clone(), true), ["side-silent"]);
        heard.saturated_seconds = 2;
        heard.damaged = 3;
        heard.lost_ms = 999;
        let all = ["clip-damaged", "side-silent", "sound-saturated"];
        assert_eq!(ids(heard.clone(), true), all);
        heard.lost_ms = 18_000;
        heard.dead_side = None;
        heard.cancelled = Some(StereoSide::Left);
        let all = [
            "clip-damaged",
            "sides-cancel",
            "sound-cut-off",
            "sound-saturated",
        ];
        assert_eq!(ids(heard, true), all);
    }
}
