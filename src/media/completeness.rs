//! Whether all of a clip is there: what its container promises, held against
//! what was read of it. A copy that was cut short must not be published as if
//! it were whole.

use crate::media::claims::{MAX_PACKETS, MAX_SECONDS};
use crate::media::ffi;
use crate::values::facts::ProbeFailure;
use crate::values::time::Rational;
use ffmpeg_next as ffmpeg;

/// What was read of a clip. Times are the container's.
pub(super) struct Present {
    /// Pictures, with those that an edit list hides.
    pub pictures: usize,
    pub picture_end: Rational,
    /// Of the sound that is heard.
    pub sound_end: Option<Rational>,
    /// Where the last packet ends, of whichever track.
    pub end: Rational,
    pub clock_zero: Rational,
    /// Whether an error ended reading before the end of the file.
    pub broken_off: bool,
}

/// A container that promises much more than the file holds was cut short.
pub(super) fn check_complete(
    opened: &ffmpeg::format::context::Input,
    stream: &ffmpeg::Stream,
    there: &Present,
) -> Result<(), ProbeFailure> {
    let present = there.picture_end - there.clock_zero;
    let indexed = ffi::index_entries(stream);
    // More than a day of anything is a mistake in the header, not a promise. Of
    // a number that can be believed, an edit list may leave some out.
    let promised_frames = match usize::try_from(stream.frames()) {
        Ok(count) if count <= MAX_PACKETS => match indexed {
            0 => count,
            kept => count.min(kept),
        },
        Ok(_) => MAX_PACKETS,
        Err(_) => 0,
    };
    let container = opened.format().name().to_owned();
    let fragmented = container.starts_with("mov,") && promised_frames == 0;
    // Each fragment says which pictures it holds before it does. That those of
    // the last are missing tells of a cut, not of how much was cut off.
    let cut_fragment = fragmented && indexed > there.pictures + 1;
    let promised_frames = if cut_fragment {
        indexed
    } else {
        promised_frames
    };
    let missing_frames =
        cut_fragment || promised_frames > there.pictures + promised_frames / 50 + 1;

    let clock = i64::from(ffmpeg::ffi::AV_TIME_BASE);
    let promised = Rational::new(opened.duration(), clock)
        .filter(|d| *d > Rational::ZERO && *d <= Rational::integer(MAX_SECONDS))
        .unwrap_or(Rational::ZERO);
    let heard = there
        .sound_end
        .map_or(present, |end| end - there.clock_zero);
    let broken_off = there.broken_off && promised - present.max(heard) > Rational::integer(1);
    let says_how_long = fragmented || matches!(&*container, "matroska,webm" | "mxf");
    let too_short = says_how_long
        && ffi::is_duration_declared(opened)
        && falls_short(promised, there.end.max(there.end - there.clock_zero));
    if missing_frames || broken_off || too_short {
        // The length that players show is what people know the clip by.
        let promised = if missing_frames && promised <= present {
            Rational::new(promised_frames as i64, there.pictures.max(1) as i64)
                .and_then(|times| present.checked_mul(times))
                .map_or(promised, |longer| longer.max(promised))
        } else {
            promised
        };
        return Err(ProbeFailure::Truncated { promised, present });
    }
    Ok(())
}

/// Whether a length stays behind what was promised by more than the trifles
/// that headers of whole files are off by: rounding, a last picture's length,
/// a subtitle that was left out.
fn falls_short(promised: Rational, present: Rational) -> bool {
    let twentieth = Rational::new(1, 20).and_then(|part| promised.checked_mul(part));
    let trifle = twentieth.map_or(promised, |part| part.max(Rational::integer(1)));
    promised - present > trifle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::probe::probe;
    use std::fs::File;
    use std::path::Path;
    use std::process::Command;

    /// Eight seconds, with a key picture every second.
    fn film(folder: &Path, name: &str, coding: &str) -> std::path::PathBuf {
        let place = folder.join(name);
        let inputs = "-v error -y -f lavfi -i testsrc2=s=96x54:r=25:d=8 -f lavfi -i sine=d=8 \
             -ar 48000";
        let made = Command::new("ffmpeg")
            .args(inputs.split_whitespace())
            .args(coding.split_whitespace())
            .arg(&place)
            .status();
        assert!(made.expect("ffmpeg runs").success(), "{name}");
        place
    }

    #[test]
    fn a_copy_that_was_cut_short_is_refused_and_the_whole_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let h264 = "-c:v libx264 -preset ultrafast -g 25 -c:a aac";
        let mpeg2 = "-c:v mpeg2video -g 12 -c:a pcm_s16le";
        let pieces = "-movflags frag_keyframe+empty_moov";
        for (name, coding) in [
            ("whole.mkv", h264.to_owned()),
            ("whole.mxf", mpeg2.to_owned()),
            ("pieces.mp4", format!("{h264} {pieces}")),
        ] {
            let place = film(folder.path(), name, &coding);
            let whole = probe(File::open(&place).expect("there")).expect("whole");
            // In pieces the first picture is a little long.
            assert!((200..202).contains(&whole.video.frames), "{name}");
            let bytes = std::fs::read(&place).expect("there");
            // Within the pictures of a fragment, not between two.
            let cut = match name {
                "pieces.mp4" => {
                    let mut moofs = bytes.windows(4).enumerate().filter(|(_, w)| w == b"mdat");
                    moofs.nth(5).expect("a sixth fragment").0 + 2000
                }
                _ => bytes.len() * 3 / 5,
            };
            std::fs::write(&place, &bytes[..cut]).expect("written");
            let cut = probe(File::open(&place).expect("there"));
            let Err(ProbeFailure::Truncated { promised, present }) = cut else {
                panic!("{name}: {cut:?}");
            };
            assert!(promised > present, "{name}: {promised:?} {present:?}");
        }
    }

    #[test]
    fn a_header_may_be_off_by_a_trifle() {
        let seconds = |n, d| Rational::new(n, d).expect("a fraction");
        assert!(!falls_short(seconds(8, 1), seconds(71, 10)));
        assert!(falls_short(seconds(8, 1), seconds(69, 10)));
        assert!(!falls_short(seconds(600, 1), seconds(571, 1)));
        assert!(falls_short(seconds(600, 1), seconds(569, 1)));
        assert!(!falls_short(Rational::ZERO, seconds(5, 1)));
    }
}
