//! Why FFmpeg would not have a clip, read from what it said last: a recording
//! that never ended and a picture beyond our limits are no broken films.

use crate::media::error::MediaError;
use crate::media::input;
use crate::values::facts::ProbeFailure;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// A file that no demuxer opened.
pub(super) fn unopened(error: MediaError, file: Option<File>) -> ProbeFailure {
    let lacks_index = error.last_log.contains("moov atom not found");
    if lacks_index && file.is_some_and(begins_as_film) {
        return ProbeFailure::Unfinished;
    }
    // FFmpeg calls everything that is not on a list an invalid argument.
    let refused = error.last_log.contains("not on whitelist");
    ProbeFailure::NotMedia {
        error: if refused {
            "not a kind of film that is accepted".into()
        } else {
            error.error
        },
    }
}

/// Whether the first box is one with which cameras begin an MP4 or a MOV.
fn begins_as_film(mut file: File) -> bool {
    let mut head = [0; 8];
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_exact(&mut head));
    read.is_ok() && [b"ftyp", b"mdat", b"wide"].contains(&&[head[4], head[5], head[6], head[7]])
}

/// A clip of which no picture was decoded: because they all have too many
/// pixels, when that is what the decoder said.
pub(super) fn undecoded(failure: ProbeFailure) -> ProbeFailure {
    let ProbeFailure::Undecodable { error } = &failure else {
        return failure;
    };
    match (refused_pixels(error), input::MAX_PIXELS.parse()) {
        (Some(found), Ok(limit)) => ProbeFailure::BeyondLimits {
            what: "pixels".into(),
            found,
            limit,
        },
        _ => failure,
    }
}

/// From "Picture size 16000x16000 exceeds specified max pixel count".
fn refused_pixels(said: &str) -> Option<u64> {
    let (before, _) = said.split_once(" exceeds specified max pixel count")?;
    let (width, height) = before.rsplit(' ').next()?.split_once('x')?;
    width.parse::<u64>().ok()?.checked_mul(height.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn error(last_log: &str) -> MediaError {
        MediaError {
            operation: "open the clip".into(),
            error: "Invalid data found when processing input".into(),
            last_log: last_log.into(),
        }
    }

    #[test]
    fn a_recording_that_never_ended_is_told_from_what_is_no_film() {
        let file = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(bytes).expect("written");
            file
        };
        let no_index = "[mov,mp4,m4a,3gp,3g2,mj2] moov atom not found";
        let begun = |bytes: &[u8], log| unopened(error(log), Some(file(bytes)));
        let film = b"\0\0\0\x14ftypqt  ";
        assert_eq!(begun(film, no_index), ProbeFailure::Unfinished);
        assert_eq!(begun(b"\0\0\0\x08wide", no_index), ProbeFailure::Unfinished);
        for other in [
            begun(film, "something else"),
            begun(b"\0\0\0\x14skipqt  ", no_index),
            begun(b"ftyp", no_index),
        ] {
            assert!(matches!(other, ProbeFailure::NotMedia { .. }), "{other:?}");
        }
    }

    #[test]
    fn too_many_pixels_are_no_damage() {
        let said = |error: &str| {
            undecoded(ProbeFailure::Undecodable {
                error: error.into(),
            })
        };
        let large = "decode: Invalid (Picture size 16000x16000 exceeds specified max pixel count 67108864, see)";
        assert_eq!(
            said(large),
            ProbeFailure::BeyondLimits {
                what: "pixels".into(),
                found: 256_000_000,
                limit: 67_108_864,
            }
        );
        assert!(matches!(said("no"), ProbeFailure::Undecodable { .. }));
    }
}
