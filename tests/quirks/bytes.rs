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

/// The boxes that lie side by side, with their names.
fn side_by_side(bytes: &[u8], within: Range<usize>) -> Vec<(String, Found)> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let length = u32_at(bytes, at);
        let name = String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned();
        let (whole, inside) = (at..at + length, at + 8..at + length);
        found.push((name, Found { whole, inside }));
        at += length;
    }
    found
}

fn boxed(name: &str, content: &[u8]) -> Vec<u8> {
    let length = 8 + content.len() as u32;
    [&length.to_be_bytes()[..], name.as_bytes(), content].concat()
}

/// One edit of a list: seconds, where in the track it starts (none where nothing
/// is shown), and its speed.
pub type Part = (f64, Option<f64>, f64);

/// Gives every track an edit list of these parts in place of its own. Where the
/// samples are must not depend on the length of what stands before them: an
/// index at the end, or fragments.
pub fn set_parts(place: &Path, parts: &[Part]) {
    edit(place, |bytes| {
        let moov = boxes(bytes, "moov").pop().expect("an index");
        let movie = boxes(bytes, "moov/mvhd").pop().expect("a header");
        let movie_ticks = u32_at(bytes, movie.inside.start + 12);
        let mut index = Vec::new();
        for (name, found) in side_by_side(bytes, moov.inside) {
            if name != "trak" {
                index.extend(&bytes[found.whole]);
                continue;
            }
            let track = &bytes[found.whole];
            let head = boxes(track, "trak/mdia/mdhd").pop().expect("a header");
            let ticks = u32_at(track, head.inside.start + 12);
            let mut list = vec![0; 4];
            list.extend((parts.len() as u32).to_be_bytes());
            for (seconds, start, speed) in parts {
                let start = start.map_or(-1, |s| (s * ticks as f64).round() as i32);
                list.extend(((seconds * movie_ticks as f64).round() as u32).to_be_bytes());
                list.extend(start.to_be_bytes());
                list.extend(((speed * 65536.0) as u32).to_be_bytes());
            }
            let mut inner = boxed("edts", &boxed("elst", &list));
            let content = 8..track.len();
            let others = side_by_side(track, content).into_iter();
            let mut others: Vec<_> = others.filter(|(name, _)| name != "edts").collect();
            let header = others.remove(0);
            assert_eq!(header.0, "tkhd");
            inner.splice(0..0, track[header.1.whole].iter().copied());
            for (_, found) in others {
                inner.extend(&track[found.whole]);
            }
            index.extend(boxed("trak", &inner));
        }
        bytes.splice(moov.whole, boxed("moov", &index));
    });
}

/// Adds to the first track's picture what a display that mastered it could
/// show, and its brightest pixel, in cd/m². The index has to be at the end.
pub fn set_light(place: &Path, display: u32, brightest: u16) {
    edit(place, |bytes| {
        let chain = boxes(bytes, "moov/trak/mdia/minf/stbl/stsd/*");
        let entry = chain.last().expect("an entry").whole.clone();
        let mut colours = Vec::new();
        for xy in [
            13_250u16, 34_500, 7500, 3000, 34_000, 16_000, 15_635, 16_450,
        ] {
            colours.extend(xy.to_be_bytes());
        }
        colours.extend((display * 10_000).to_be_bytes());
        colours.extend(50u32.to_be_bytes());
        let level = [brightest.to_be_bytes(), 400u16.to_be_bytes()].concat();
        let added = [boxed("mdcv", &colours), boxed("clli", &level)].concat();
        // QuickTime may close an entry with four zero bytes.
        let closed = bytes[entry.end - 4..entry.end] == [0; 4];
        let at = entry.end - if closed { 4 } else { 0 };
        for found in &chain {
            let length = (u32_at(bytes, found.whole.start) + added.len()) as u32;
            let start = found.whole.start;
            bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        bytes.splice(at..at, added);
    });
}
