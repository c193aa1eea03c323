//! Clean WebVTT: as one sidecar file, or in the segments of an HLS rendition.

use crate::captions::Cue;
use crate::values::time::Rational;

/// A sidecar file: UTF-8 without a mark, LF, hours always, cues by start.
pub fn webvtt(cues: &[Cue]) -> String {
    let mut cues: Vec<&Cue> = cues.iter().collect();
    cues.sort_by_key(|cue| cue.start);
    let mut out = String::from("WEBVTT\n");
    cues.into_iter().for_each(|cue| push_cue(&mut out, cue));
    out
}

/// One WebVTT file per segment. `boundaries` are the segments' starts and, as
/// the last one, the end of the rendition: one more than there are segments.
/// A cue stands in each segment that it touches, with its whole time, so that a
/// player that joins late shows it; what reaches beyond the ends stands in the
/// first or last segment that it touches.
pub fn webvtt_segments(cues: &[Cue], boundaries: &[Rational]) -> Vec<String> {
    let header = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n";
    let count = boundaries.len().saturating_sub(1);
    let mut segments = vec![String::from(header); count];
    let mut cues: Vec<&Cue> = cues.iter().collect();
    cues.sort_by_key(|cue| cue.start);
    for cue in cues {
        // Segment i is [boundaries[i], boundaries[i + 1]).
        let ends = boundaries.get(1..).unwrap_or_default();
        let first = ends.partition_point(|end| *end <= cue.start);
        let touched = boundaries.partition_point(|start| *start < cue.end);
        for segment in segments.iter_mut().take(touched).skip(first) {
            push_cue(segment, cue);
        }
    }
    segments
}

fn push_cue(out: &mut String, cue: &Cue) {
    out.push('\n');
    out.push_str(&timestamp(cue.start));
    out.push_str(" --> ");
    out.push_str(&timestamp(cue.end));
    if let Some(settings) = &cue.settings {
        out.push(' ');
        out.push_str(settings);
    }
    out.push('\n');
    out.push_str(&cue.text);
    out.push('\n');
}

/// To the nearest millisecond, as WebVTT writes times.
pub(super) fn milliseconds(seconds: Rational) -> i64 {
    // The whole seconds are taken off first, so that no product grows large.
    let whole = seconds.floor();
    let rest = seconds - Rational::integer(whole);
    whole * 1000 + (rest * Rational::integer(1000)).round()
}

fn timestamp(seconds: Rational) -> String {
    let ms = milliseconds(seconds).max(0);
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: i64, end: i64, settings: Option<&str>, text: &str) -> Cue {
        Cue {
            start: Rational::milliseconds(start),
            end: Rational::milliseconds(end),
            settings: settings.map(str::to_owned),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_sidecar_as_the_specification_has_it() {
        let cues = [
            cue(3_599_999, 363_600_500, Some("line:80%"), "deux\nlignes"),
            cue(0, 1, None, "Ça &amp; là"),
        ];
        assert_eq!(
            webvtt(&cues),
            "WEBVTT\n\n00:00:00.000 --> 00:00:00.001\nÇa &amp; là\n\n\
             00:59:59.999 --> 101:00:00.500 line:80%\ndeux\nlignes\n"
        );
        assert_eq!(webvtt(&[]), "WEBVTT\n");
    }

    #[test]
    fn times_are_rounded_to_the_nearest_millisecond() {
        let frame = Rational::new(180_180, 30_000).expect("fraction");
        assert_eq!(timestamp(frame), "00:00:06.006");
        assert_eq!(
            timestamp(Rational::new(5, 3).expect("fraction")),
            "00:00:01.667"
        );
        assert_eq!(
            timestamp(Rational::new(599_996, 10_000).expect("fraction")),
            "00:01:00.000"
        );
    }

    #[test]
    fn segments_hold_what_they_show_and_never_nothing_at_all() {
        let cues = [
            cue(1000, 2000, None, "un"),
            cue(5000, 13_000, None, "trois"),
            cue(6000, 12_000, None, "pile"),
            cue(30_000, 31_000, None, "trop tard"),
        ];
        let boundaries = [0, 6, 12, 18, 20].map(Rational::integer);
        let segments = webvtt_segments(&cues, &boundaries);
        let shown: Vec<Vec<&str>> = segments
            .iter()
            .map(|s| {
                assert!(s.starts_with("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n"));
                ["un", "trois", "pile", "trop tard"]
                    .into_iter()
                    .filter(|t| s.contains(t))
                    .collect()
            })
            .collect();
        assert_eq!(
            shown,
            [
                vec!["un", "trois"],
                vec!["trois", "pile"],
                vec!["trois"],
                vec![]
            ]
        );
        assert!(webvtt_segments(&cues, &[]).is_empty());
    }
}
