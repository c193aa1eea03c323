//! The clock of the camera: SMPTE time codes, as FFmpeg reads them from a time
//! code track (MOV), a header (MXF, DV) or a tag.

use crate::values::time::{FrameRate, Rational};
use ffmpeg_next as ffmpeg;

/// The time of day of a clip's first picture in seconds, frames counted at the
/// next whole rate, as they are numbered; nothing where the clip bears none.
pub(super) fn of(
    opened: &ffmpeg::format::context::Input,
    stream: &ffmpeg::Stream,
    rate: FrameRate,
) -> Option<Rational> {
    const TAG: &str = "timecode";
    let (of_stream, of_file) = (stream.metadata(), opened.metadata());
    let text = of_stream.get(TAG).or_else(|| of_file.get(TAG))?;
    parse(text, rate)
}

/// `hh:mm:ss:ff`, with `;` or `.` before the frames where numbers are dropped.
fn parse(text: &str, rate: FrameRate) -> Option<Rational> {
    let mut parts = text.trim().split([':', ';', '.']);
    let mut number = |below: i64| {
        let digits = parts.next().filter(|p| (1..=3).contains(&p.len()))?;
        let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
        let number: i64 = digits.parse().ok().filter(|_| all_digits)?;
        (number < below).then_some(number)
    };
    let frames_per_second = rate.rational().ceil();
    let (hours, minutes, seconds) = (number(24)?, number(60)?, number(60)?);
    let frames = number(frames_per_second)?;
    if parts.next().is_some() {
        return None;
    }
    let seconds = Rational::integer((hours * 60 + minutes) * 60 + seconds);
    Some(seconds + Rational::new(frames, frames_per_second)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_codes_are_read_or_not_believed() {
        let (pal, ntsc) = (FrameRate::new(25, 1), FrameRate::new(30_000, 1001));
        for (text, rate, ms) in [
            ("10:59:58:00", pal, Some(39_598_000)),
            ("00:00:00:05", pal, Some(200)),
            ("01:00:00;15", ntsc, Some(3_600_500)),
            (" 23:59:59.29 ", ntsc, Some(86_399_967)),
            ("10:00:00:25", pal, None),
            ("24:00:00:00", pal, None),
            ("10:61:00:00", pal, None),
            ("10:00:00", pal, None),
            ("10:00:00:00:00", pal, None),
            ("-1:00:00:00", pal, None),
            ("+1:00:00:00", pal, None),
            ("", pal, None),
        ] {
            let found = parse(text, rate.expect("positive"));
            let found = found.map(|t| (t * Rational::integer(1000)).round());
            assert_eq!(found, ms, "{text}");
        }
    }
}
