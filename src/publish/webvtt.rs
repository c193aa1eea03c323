//! Captions cut into WebVTT segments for HLS: pure text.
//!
//! Every segment holds the header and the time map, even when nobody speaks in
//! it; a cue that crosses a boundary stands whole in each segment that it
//! touches, as RFC 8216 asks (3.5).

use crate::values::time::Rational;
use std::fmt::Write as _;

/// Maps WebVTT time to media time: both start at 0 in our packages.
const HEADER: &str = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n";

/// One caption on the capsule's time line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimedText {
    pub start: Rational,
    pub end: Rational,
    /// WebVTT cue text: escaped, lines parted by `\n`, none of them empty.
    pub text: String,
}

/// The texts of segments that last `durations`, one after the other.
pub fn segments(cues: &[TimedText], durations: &[Rational]) -> Vec<String> {
    let mut start = Rational::ZERO;
    durations
        .iter()
        .map(|duration| {
            let end = start + *duration;
            let touching = cues.iter().filter(|cue| cue.start < end && cue.end > start);
            let text = segment(touching);
            start = end;
            text
        })
        .collect()
}

fn segment<'a>(cues: impl Iterator<Item = &'a TimedText>) -> String {
    let mut text = HEADER.to_owned();
    for cue in cues {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{} --> {}\n{}\n",
            timestamp(cue.start),
            timestamp(cue.end),
            cue.text
        );
    }
    text
}

/// `hh:mm:ss.mmm`, rounded as a whole.
fn timestamp(time: Rational) -> String {
    let millis = (time * Rational::integer(1000)).round().max(0);
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        millis / 3_600_000,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: i64, end: i64, text: &str) -> TimedText {
        TimedText {
            start: Rational::milliseconds(start),
            end: Rational::milliseconds(end),
            text: text.into(),
        }
    }

    #[test]
    fn cues_stand_whole_in_every_segment_that_they_touch() {
        let cues = [
            cue(1000, 2500, "– Bonjour."),
            cue(5500, 6200, "À cheval"),
            cue(12_000, 13_000, "Fin"),
        ];
        let six = Rational::integer(6);
        let texts = segments(&cues, &[six, six, six, six]);
        assert_eq!(
            texts[0],
            "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n\
             00:00:01.000 --> 00:00:02.500\n– Bonjour.\n\n\
             00:00:05.500 --> 00:00:06.200\nÀ cheval\n"
        );
        // A cue that starts where a segment ends belongs to the next one.
        assert!(texts[1].contains("À cheval") && !texts[1].contains("Fin"));
        assert!(texts[2].contains("Fin"));
        assert_eq!(texts[3], HEADER);
    }

    #[test]
    fn no_time_has_sixty_seconds() {
        let almost = Rational::new(3_599_999_600, 1_000_000).expect("a fraction");
        assert_eq!(timestamp(almost), "01:00:00.000");
    }
}
