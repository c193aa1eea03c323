//! A worker's word, weighed. It reads what nobody vouches for and may have been
//! taken over by it: whatever it says of what it made is held against what was
//! asked for, before anything is read, kept or reckoned with.
//!
//! A lie fails the capsule, never the build.

use crate::render::{Failure, io_problem, unexpected};
use crate::values::geometry::Size;
use crate::values::reckoning::is_level;
use crate::worker::protocol::{Fragmented, SoundReport, StillPicture, Storyboard};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes of one encoded segment at most: six seconds at 350 Mb/s, which no level
/// of H.264 for 4K allows.
const LARGEST_SEGMENT: u64 = 256 << 20;
/// Headers and odds and ends, beside what grows with the film.
const HEADERS: u64 = 1 << 20;
/// What an index says of one picture or packet.
const PER_SAMPLE: u64 = 64;
/// All stills of a capsule together, or one picture to look at.
pub const PICTURES: u64 = 256 << 20;

/// As much as an encoder can make of so many pictures: it has no use for more
/// bytes than the pictures themselves have.
pub fn most_of_segment(frames: u64, size: Size) -> u64 {
    let picture = u64::from(size.width) * u64::from(size.height) * 3 / 2;
    frames
        .saturating_mul(picture)
        .saturating_add(HEADERS)
        .min(LARGEST_SEGMENT)
}

/// As much as an encoder can make of sound that was asked for at a bit rate.
pub fn most_of_sound(samples: u64, sample_rate: u32, kbps: u32) -> u64 {
    let seconds = samples / u64::from(sample_rate.max(1)) + 1;
    // AAC keeps to its rate on the whole, not in every second.
    seconds.saturating_mul(u64::from(kbps) * 125 * 4) + HEADERS
}

/// As much as a muxer can make of what it is given.
pub fn most_of_muxed(given: u64, samples: u64) -> u64 {
    given
        .saturating_mul(2)
        .saturating_add(samples.saturating_mul(PER_SAMPLE))
        .saturating_add(HEADERS)
}

/// A part of what a worker wrote. It may change the file at any time, also
/// after it was measured.
///
/// # Errors
/// `Failure::Capsule` when there is not as much as it said.
pub fn read(file: &File, offset: u64, bytes: u64) -> Result<Vec<u8>, Failure> {
    let machine = |e: &io::Error| Failure::Machine(io_problem("worker", e));
    let written = file.metadata().map_err(|e| machine(&e))?.len();
    let end = offset.checked_add(bytes).ok_or_else(unexpected)?;
    if end > written {
        return Err(unexpected());
    }
    let mut read = vec![0; usize::try_from(bytes).map_err(|_| unexpected())?];
    match file.read_exact_at(&mut read, offset) {
        Ok(()) => Ok(read),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Err(unexpected()),
        Err(e) => Err(machine(&e)),
    }
}

/// All that a worker wrote.
///
/// # Errors
/// `Failure::Capsule` when that is more than there can be.
pub fn read_whole(file: &File, most: u64) -> Result<Vec<u8>, Failure> {
    let written = file
        .metadata()
        .map_err(|e| Failure::Machine(io_problem("worker", &e)))?
        .len();
    if written > most {
        return Err(unexpected());
    }
    read(file, 0, written)
}

/// Whether a codec's name can stand in a playlist (RFC 6381).
pub fn is_codec(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

/// Whether what is said of a capsule's sound can be measured.
pub fn is_sound_report(report: &SoundReport) -> bool {
    let measured = [&report.measured_in, &report.measured_out];
    let mut levels = measured.into_iter().flatten();
    levels.all(|l| is_level(l.integrated) && is_level(l.true_peak))
}

/// The sum, where it can be counted.
fn sum(mut numbers: impl Iterator<Item = u64>) -> Option<u64> {
    numbers.try_fold(0, u64::checked_add)
}

/// Whether a fragmented file's parts add up to no more than there can be.
pub fn is_fragmented(file: &Fragmented, segments: usize, length: u64, most: u64) -> bool {
    let whole = file.segments.iter().all(|segment| {
        let parts = &segment.fragments;
        sum(parts.iter().map(|f| f.bytes)) == Some(segment.bytes)
            && sum(parts.iter().map(|f| f.length)) == Some(segment.length)
            && parts.iter().all(|f| f.length > 0 && f.key_bytes <= f.bytes)
    });
    let bytes =
        sum(file.segments.iter().map(|s| s.bytes)).and_then(|b| b.checked_add(file.init_bytes));
    let lengths = sum(file.segments.iter().map(|s| s.length));
    whole
        && is_codec(&file.codec)
        && file.segments.len() <= segments
        && bytes.is_some_and(|b| b <= most)
        && lengths.is_some_and(|l| l <= length)
}

/// Whether pictures are such as can be published, in as many bytes as were
/// written.
fn are_pictures<'a>(
    pictures: impl Iterator<Item = &'a StillPicture> + Clone,
    written: u64,
) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-';
    let named = |name: &str| {
        name.len() <= 32
            && name.bytes().all(plain)
            && (name.ends_with(".jpg") || name.ends_with(".webp"))
    };
    let names: BTreeSet<&str> = pictures.clone().map(|p| p.name.as_str()).collect();
    names.len() == pictures.clone().count()
        && pictures.clone().all(|p| named(&p.name) && is_drawn(p.size))
        && sum(pictures.map(|p| p.bytes)) == Some(written)
}

fn is_drawn(size: Size) -> bool {
    (1..=16_384).contains(&size.width) && (1..=16_384).contains(&size.height)
}

/// Whether these are posters, and no other file of a capsule.
pub fn is_poster(pictures: &[StillPicture], written: u64) -> bool {
    pictures.iter().all(|p| p.name.starts_with("poster")) && are_pictures(pictures.iter(), written)
}

/// Whether a storyboard is such as can be drawn from so many frames.
pub fn is_storyboard(board: &Storyboard, frames: u64, written: u64) -> bool {
    /// It has far fewer tiles.
    const MOST: u64 = 1000;
    // The last tile begins before the film ends.
    let begins = board.tiles.saturating_sub(1).checked_mul(board.every);
    board.sheet.name == "storyboard.jpg"
        && are_pictures(std::iter::once(&board.sheet), written)
        && is_drawn(board.tile)
        && board.columns >= 1
        && board.tiles <= MOST
        && (1..=frames.max(1 << 20)).contains(&board.every)
        && begins.is_some_and(|b| b < frames.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::protocol::{Fragment, FragmentedSegment, Loudness};

    fn is_capsules(result: Result<Vec<u8>, Failure>) -> bool {
        matches!(result, Err(Failure::Capsule(_)))
    }

    #[test]
    fn no_more_is_read_than_was_written_or_can_be() {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(b"abcdef", 0).expect("written");
        assert_eq!(read(&file, 2, 3).expect("there"), b"cde");
        assert_eq!(read_whole(&file, 6).expect("there"), b"abcdef");
        assert!(is_capsules(read(&file, 2, 5)));
        assert!(is_capsules(read(&file, u64::MAX, 2)));
        assert!(is_capsules(read_whole(&file, 5)));
        // A hole as long as a worker may make one takes no memory.
        file.set_len(32 << 30).expect("a hole");
        let size = Size {
            width: 1920,
            height: 1080,
        };
        assert!(is_capsules(read_whole(&file, most_of_segment(150, size))));
        assert!(most_of_segment(u64::MAX, size) <= LARGEST_SEGMENT);
    }

    #[test]
    fn loudness_is_such_as_can_be_measured() {
        let report = |integrated| SoundReport {
            measured_in: None,
            measured_out: Some(Loudness {
                integrated,
                true_peak: -100,
            }),
            limited: false,
            nearly_silent: false,
            dual_mono_from: None,
            damaged_packets: 0,
        };
        assert!(is_sound_report(&report(-1600)));
        assert!(!is_sound_report(&report(i32::MIN)));
        assert!(!is_sound_report(&report(i32::MAX)));
    }

    #[test]
    fn parts_of_a_file_add_up() {
        let fragment = |bytes, key_bytes, length| Fragment {
            bytes,
            key_bytes,
            length,
        };
        let file = |bytes, fragments| Fragmented {
            codec: "avc1.640028".into(),
            init_bytes: 10,
            segments: vec![FragmentedSegment {
                bytes,
                length: 50,
                fragments,
            }],
        };
        let good = file(100, vec![fragment(60, 20, 25), fragment(40, 20, 25)]);
        assert!(is_fragmented(&good, 1, 50, 110));
        assert!(!is_fragmented(&good, 0, 50, 110));
        assert!(!is_fragmented(&good, 1, 49, 110));
        assert!(!is_fragmented(&good, 1, 50, 109));
        let named = Fragmented {
            codec: "a\"\nb".into(),
            ..good
        };
        assert!(!is_fragmented(&named, 1, 50, 110));
        for lie in [
            file(u64::MAX, vec![fragment(u64::MAX, 20, 50)]),
            file(1, vec![fragment(u64::MAX, 1, 25), fragment(2, 1, 25)]),
            file(100, vec![fragment(100, 101, 50)]),
            file(100, vec![fragment(100, 50, 50), fragment(0, 0, 0)]),
        ] {
            assert!(!is_fragmented(&lie, 9, 900, 1 << 40), "{lie:?}");
        }
    }

    #[test]
    fn stills_are_such_as_can_be_drawn() {
        let size = Size {
            width: 160,
            height: 90,
        };
        let picture = |name: &str| StillPicture {
            name: name.into(),
            size,
            bytes: 7,
        };
        let posters = [picture("poster.jpg"), picture("poster-640.webp")];
        assert!(is_poster(&posters, 14));
        assert!(!is_poster(&posters, 15));
        for name in [
            "../poster.jpg",
            "poster.html",
            "storyboard.jpg",
            "poster.jpg",
        ] {
            assert!(
                !is_poster(&[picture("poster.jpg"), picture(name)], 14),
                "{name}"
            );
        }
        let good = Storyboard {
            tile: size,
            columns: 10,
            tiles: 4,
            every: 50,
            sheet: picture("storyboard.jpg"),
        };
        assert!(is_storyboard(&good, 151, 7));
        assert!(!is_storyboard(&good, 150, 7));
        assert!(!is_storyboard(&good, 151, 8));
        let lies: [fn(&mut Storyboard); 6] = [
            |s| s.columns = 0,
            |s| s.every = 0,
            |s| s.tiles = u64::MAX,
            |s| s.every = u64::MAX,
            |s| s.tile.width = u32::MAX,
            |s| s.sheet.name = "../x.jpg".into(),
        ];
        for lie in lies {
            let mut told = good.clone();
            lie(&mut told);
            assert!(!is_storyboard(&told, 151, 7), "{told:?}");
        }
    }
}
