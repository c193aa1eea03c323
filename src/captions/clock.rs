//! The clock of a caption file. Editing programs start their timeline at a whole
//! hour, or at the time code that the camera wrote; cues exported from there
//! have to be moved back to the clip's own clock.

use crate::captions::Cue;
use crate::captions::write::milliseconds;
use crate::values::time::Rational;

const HOUR: Rational = Rational::integer(3600);

/// How much later than the clip's clock the cues are. Zero unless not one of
/// them would show and all of them would start within the clip once moved:
/// only then is there nothing to lose. `timecode` is what the camera's
/// clock showed at the clip's zero, in seconds, where the clip says so.
pub fn offset(cues: &[Cue], clip_end: Rational, timecode: Option<Rational>) -> Rational {
    let (Some(first), Some(last)) = (
        cues.iter().map(|cue| cue.start).min(),
        cues.iter().map(|cue| cue.start).max(),
    ) else {
        return Rational::ZERO;
    };
    if first < clip_end {
        return Rational::ZERO;
    }
    let whole_hours = HOUR * Rational::integer((first.floor() / 3600).max(0));
    // The time code first: a camera that was started at 10:00:00:00 wrote a
    // whole hour too, and one at 10:59:58:00 begins with the hour before.
    // Caption files know milliseconds: whatever is added up here is no finer.
    let timecode = timecode.map(|time| Rational::milliseconds(milliseconds(time)));
    timecode
        .into_iter()
        .chain([whole_hours])
        .filter(|by| *by > Rational::ZERO)
        .find(|by| first >= *by && last - *by < clip_end)
        .unwrap_or(Rational::ZERO)
}

/// The cues as they would be had the file begun at zero.
pub fn shifted(cues: &[Cue], by: Rational) -> Vec<Cue> {
    let moved = |cue: &Cue| Cue {
        start: cue.start - by,
        end: cue.end - by,
        ..cue.clone()
    };
    cues.iter().map(moved).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cues(starts: &[i64]) -> Vec<Cue> {
        let cue = |s: &i64| Cue {
            start: Rational::integer(*s),
            end: Rational::integer(s + 2),
            settings: None,
            text: "x".to_owned(),
        };
        starts.iter().map(cue).collect()
    }

    #[test]
    fn only_a_file_that_would_not_show_at_all_is_moved() {
        let ten = 36_000;
        for (starts, end, timecode, expected) in [
            (&[0, 50][..], 60, None, 0),
            (&[3600, 3650], 60, None, 3600),
            (&[ten + 1, ten + 59], 60, None, ten),
            // The whole of another film: nothing would be right.
            (&[3600, 3700], 60, None, 0),
            // One cue is right as it stands.
            (&[5, 3605], 60, None, 0),
            // Past the end, and not by hours.
            (&[70, 80], 60, None, 0),
            // A clip of two hours whose captions begin late.
            (&[3700, 7000], 7200, None, 0),
            (&[51_790, 51_840], 60, Some(51_790), 51_790),
            (&[ten - 2, ten + 50], 60, Some(ten - 2), ten - 2),
            // A time code that the file does not follow.
            (&[3600, 3650], 60, Some(51_790), 3600),
            (&[], 60, Some(51_790), 0),
        ] {
            let timecode = timecode.map(Rational::integer);
            let found = offset(&cues(starts), Rational::integer(end), timecode);
            assert_eq!(found, Rational::integer(expected), "{starts:?}");
        }
    }

    #[test]
    fn no_clock_and_no_cue_is_too_odd_to_be_added_up() {
        let clock = Rational::new(i64::from(i32::MAX) * 3600 + 1, i64::from(i32::MAX));
        let mut odd = cues(&[3601, 3602]);
        odd[1].end = Rational::milliseconds(36_000_000_000_000_000);
        let by = offset(&odd, Rational::integer(60), clock);
        assert_eq!(by, HOUR);
        assert_eq!(shifted(&odd, by)[0].start, Rational::integer(1));
    }

    #[test]
    fn moved_cues_start_at_the_clips_zero() {
        let moved = shifted(&cues(&[3600, 3650]), HOUR);
        assert_eq!(moved, cues(&[0, 50]));
    }
}
