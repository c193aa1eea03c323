//! Writes into files what the `ffmpeg` command cannot: boxes of QuickTime and
//! MP4, elements of Matroska.

use std::fs;
use std::ops::Range;
use std::path::Path;

/// The bytes of a box and of what it holds.
#[derive(Clone, Debug)]
struct Found {
    whole: Range<usize>,
    inside: Range<usize>,
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize
}

/// The first box at a path such as `moov/trak/tkhd`, with those around it,
/// outermost first. `stsd` holds its entries after eight bytes.
fn boxes(bytes: &[u8], path: &str) -> Vec<Found> {
    let mut chain: Vec<Found> = Vec::new();
    for name in path.split('/') {
        let within = chain.last().map_or(0..bytes.len(), |f| f.inside.clone());
        let mut at = within.start
            + if path_holds_entries(&chain, bytes) {
                8
            } else {
                0
            };
        loop {
            assert!(at + 8 <= within.end, "no {name} of {path}");
            let length = match u32_at(bytes, at) {
                1 => u32_at(bytes, at + 12),
                length => length,
            };
            let is_it = name == "*" || &bytes[at + 4..at + 8] == name.as_bytes();
            if is_it {
                chain.push(Found {
                    whole: at..at + length,
                    inside: at + 8..at + length,
                });
                break;
            }
            at += length;
        }
    }
    chain
}

fn path_holds_entries(chain: &[Found], bytes: &[u8]) -> bool {
    chain
        .last()
        .is_some_and(|f| &bytes[f.whole.start + 4..f.whole.start + 8] == b"stsd")
}

fn edit(place: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(place).expect("readable");
    change(&mut bytes);
    fs::write(place, bytes).expect("written");
}

/// Sets the display matrix of the first track: a stored point (x, y) is seen
/// at (ax + cy, bx + dy).
pub fn set_matrix(place: &Path, [a, b, c, d]: [i32; 4], (width, height): (usize, usize)) {
    edit(place, |bytes| {
        let track = boxes(bytes, "moov/trak/tkhd").pop().expect("a header");
        // What would be seen left of or above the origin is moved back.
        let back = |x: i32, y: i32| {
            let far = (x.min(0) * width as i32) + (y.min(0) * height as i32);
            -far << 16
        };
        let one = 1 << 16;
        let matrix = [
            a * one,
            b * one,
            0,
            c * one,
            d * one,
            0,
            back(a, c),
            back(b, d),
            1 << 30,
        ];
        for (n, value) in matrix.into_iter().enumerate() {
            let at = track.inside.start + 40 + 4 * n;
            bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        }
    });
}

/// Writes other bytes of the same length over some that stand there once.
pub fn replace(place: &Path, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    edit(place, |bytes| {
        let at = bytes
            .windows(from.len())
            .position(|w| w == from)
            .expect("there");
        bytes[at..at + to.len()].copy_from_slice(to);
    });
}

/// Replaces the first track's edits: (length in the movie's ticks, start in
/// the track's ticks; −1 shows nothing). As many as there are.
pub fn set_edits(place: &Path, edits: &[(u32, i32)]) {
    edit(place, |bytes| {
        let list = boxes(bytes, "moov/trak/edts/elst")
            .pop()
            .expect("an edit list");
        let at = list.inside.start;
        assert_eq!(u32_at(bytes, at + 4), edits.len(), "as many edits");
        for (n, (length, start)) in edits.iter().enumerate() {
            let at = at + 8 + 12 * n;
            bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
            bytes[at + 4..at + 8].copy_from_slice(&start.to_be_bytes());
        }
    });
}

/// Makes of a raw MPEG-2 stream of film one for television at 29.97: every
/// other picture says that its first field is to be shown again (2:3 pulldown).
pub fn pull_down(place: &Path) {
    edit(place, |bytes| {
        let mut pictures = 0;
        for at in 0..bytes.len() - 8 {
            match bytes[at..at + 4] {
                // Sequence header: the rate's code is four bits.
                [0, 0, 1, 0xb3] => bytes[at + 7] = bytes[at + 7] & 0xf0 | 4,
                // Picture coding extension: top field first, repeat, progressive.
                [0, 0, 1, 0xb5] if bytes[at + 4] >> 4 == 8 => {
                    let top = [1, 0, 0, 1][pictures % 4];
                    let again = [1, 0, 1, 0][pictures % 4];
                    bytes[at + 7] = bytes[at + 7] & 0x7d | top << 7 | again << 1;
                    bytes[at + 8] |= 0x80;
                    pictures += 1;
                }
                _ => {}
            }
        }
    });
}

/// Empties some of the first track's samples: the picture before them stays.
pub fn empty_samples(place: &Path, which: Range<usize>) {
    edit(place, |bytes| {
        let sizes = boxes(bytes, "moov/trak/mdia/minf/stbl/stsz").pop();
        let at = sizes.expect("a table of sizes").inside.start;
        assert_eq!(u32_at(bytes, at + 4), 0, "a size for each sample");
        let (from, to) = (at + 12 + 4 * which.start, at + 12 + 4 * which.end);
        // Their bytes go to the sample before, which ends before them, so that
        // those after stay where they are.
        let all: usize = (from - 4..to).step_by(4).map(|n| u32_at(bytes, n)).sum();
        bytes[from - 4..to].fill(0);
        bytes[from - 4..from].copy_from_slice(&(all as u32).to_be_bytes());
    });
}
