//! The edit lists of QuickTime and MP4: which parts of a track are shown, and in
//! which order. FFmpeg follows them, but not all: where it would show what the
//! list hides, the clip is refused.

use crate::media::boxes;
use crate::values::facts::EditFault;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Boxes that are looked at side by side; real clips have fewer than a hundred.
const MOST_BOXES: usize = 100_000;

/// Edits of one track that are read; the rest of a longer list is refused.
const MOST_EDITS: u64 = 100_000;

/// Of all tracks of a clip.
#[derive(Default)]
pub(super) struct EditLists {
    tracks: Vec<Track>,
    /// Whether samples come in fragments, for which FFmpeg knows of an edit list
    /// only where it begins.
    fragmented: bool,
    /// An index that is packed: nothing is known of its edits.
    packed: bool,
}

struct Track {
    id: u32,
    edits: Vec<Edit>,
    too_many: bool,
}

#[derive(Clone, Copy)]
struct Edit {
    /// Negative where nothing is shown.
    start: i64,
    /// 16.16 fixed point.
    rate: u32,
}

const USUAL_RATE: u32 = 1 << 16;

impl EditLists {
    /// Reads them without moving the file's place. What is no box ends a level,
    /// as it does for FFmpeg.
    pub(super) fn read(file: &File, end: u64) -> EditLists {
        let mut found = EditLists::default();
        let Some(index) = children(file, 0, end).find(|b| &b.kind == b"moov") else {
            return found;
        };
        for inner in children(file, index.content, index.end) {
            match &inner.kind {
                b"mvex" => found.fragmented = true,
                b"cmov" => found.packed = true,
                b"trak" => found.tracks.extend(track(file, inner)),
                _ => {}
            }
        }
        found
    }

    /// What in a track's list would not be shown as it says.
    pub(super) fn fault(&self, id: i32) -> Option<EditFault> {
        if self.packed {
            return Some(EditFault::Unreadable);
        }
        self.of(id).find_map(|track| {
            let mut shown = track.edits.iter().skip_while(|edit| edit.start == -1);
            if track.too_many {
                return Some(EditFault::Unreadable);
            }
            if shown.clone().any(|edit| edit.start < 0) {
                return Some(EditFault::Gap);
            }
            if shown.any(|edit| edit.rate != USUAL_RATE) {
                return Some(EditFault::Speed);
            }
            let parts = track.edits.iter().filter(|edit| edit.start >= 0).count();
            (self.fragmented && parts > 1).then_some(EditFault::Fragments)
        })
    }

    /// Whether what ends before zero was cut away from a track, and FFmpeg gives
    /// it all the same.
    pub(super) fn hides_start(&self, id: i32) -> bool {
        self.fragmented && self.of(id).any(|t| t.edits.iter().any(|e| e.start > 0))
    }

    fn of(&self, id: i32) -> impl Iterator<Item = &Track> {
        self.tracks
            .iter()
            .filter(move |t| i64::from(t.id) == i64::from(id))
    }
}

#[derive(Clone, Copy)]
struct Place {
    kind: [u8; 4],
    content: u64,
    end: u64,
}

fn children(file: &File, from: u64, to: u64) -> impl Iterator<Item = Place> + '_ {
    let mut at = from;
    std::iter::from_fn(move || {
        let mut head = [0; 16];
        let there = usize::try_from(to.checked_sub(at)?).map_or(16, |n| n.min(16));
        file.read_exact_at(head.get_mut(..there)?, at).ok()?;
        let kind = [head[4], head[5], head[6], head[7]];
        let (length, size) = match boxes::header(head.get(..there)?) {
            Ok((length, size, _)) => (length as u64, size),
            // A last box may be as long as what is left.
            Err(_) if there >= 8 && head[..4] == [0; 4] => (8, to - at),
            Err(_) => return None,
        };
        let end = at
            .checked_add(size)
            .filter(|end| *end <= to && size >= length)?;
        let place = Place {
            kind,
            content: at + length,
            end,
        };
        at = end;
        Some(place)
    })
    .take(MOST_BOXES)
}

fn track(file: &File, of: Place) -> Option<Track> {
    let header = children(file, of.content, of.end).find(|b| &b.kind == b"tkhd")?;
    let mut head = [0; 24];
    file.read_exact_at(&mut head, header.content).ok()?;
    // Two times stand before the number, of 64 bits each in the longer form.
    let id = boxes::u32_at(&head, if head[0] == 1 { 20 } else { 12 }).ok()?;
    let mut track = Track {
        id,
        edits: Vec::new(),
        too_many: false,
    };
    let lists = children(file, of.content, of.end)
        .filter(|b| &b.kind == b"edts")
        .flat_map(|b| children(file, b.content, b.end))
        .filter(|b| &b.kind == b"elst");
    for list in lists {
        track.too_many |= edits(file, list, &mut track.edits).is_none();
    }
    Some(track)
}

/// Adds the edits of one list; `None` when they cannot be read.
fn edits(file: &File, list: Place, found: &mut Vec<Edit>) -> Option<()> {
    let mut head = [0; 8];
    file.read_exact_at(&mut head, list.content).ok()?;
    let (length, long) = if head[0] == 1 {
        (20, true)
    } else {
        (12, false)
    };
    let room = list.end.checked_sub(list.content + 8)? / length;
    let count = u64::from(boxes::u32_at(&head, 4).ok()?).min(room);
    if count > MOST_EDITS {
        return None;
    }
    for n in 0..count {
        let mut entry = [0; 20];
        let entry = entry.get_mut(..length as usize)?;
        file.read_exact_at(entry, list.content + 8 + n * length)
            .ok()?;
        let (start, rate) = if long {
            (boxes::u64_at(entry, 8).ok()? as i64, 16)
        } else {
            (i64::from(boxes::u32_at(entry, 4).ok()? as i32), 8)
        };
        found.push(Edit {
            start,
            rate: boxes::u32_at(entry, rate).ok()?,
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (8 + content.len()) as u32;
        [&length.to_be_bytes()[..], kind, content].concat()
    }

    /// One track of number 1 with these edits: (start, rate).
    fn lists(edits: &[(i32, u32)], beside: &[u8]) -> EditLists {
        let mut list = [0u32.to_be_bytes(), (edits.len() as u32).to_be_bytes()].concat();
        for (start, rate) in edits {
            list.extend(
                [
                    1000u32.to_be_bytes(),
                    start.to_be_bytes(),
                    rate.to_be_bytes(),
                ]
                .concat(),
            );
        }
        let mut head = [0; 84];
        head[15] = 1;
        let edts = boxed(b"edts", &boxed(b"elst", &list));
        let trak = boxed(b"trak", &[boxed(b"tkhd", &head), edts].concat());
        let moov = boxed(b"moov", &[trak, beside.to_vec()].concat());
        let mut file = tempfile::tempfile().expect("a file");
        let whole = [boxed(b"ftyp", b"qt  "), moov].concat();
        file.write_all(&whole).expect("written");
        EditLists::read(&file, whole.len() as u64)
    }

    #[test]
    fn what_would_be_shown_otherwise_than_the_list_says_is_found() {
        let usual = |starts: &[i32]| {
            let edits: Vec<(i32, u32)> = starts.iter().map(|&s| (s, USUAL_RATE)).collect();
            lists(&edits, &[])
        };
        for fine in [&[0][..], &[-1, 0], &[-1, -1, 7], &[90, 10], &[-1]] {
            assert_eq!(usual(fine).fault(1), None, "{fine:?}");
        }
        for gap in [&[7, -1, 9][..], &[0, -1], &[-1, 0, -1, 5], &[-2, 0]] {
            assert_eq!(usual(gap).fault(1), Some(EditFault::Gap), "{gap:?}");
        }
        assert_eq!(usual(&[7, -1]).fault(2), None, "another track's list");
        let slow = lists(&[(0, USUAL_RATE / 2)], &[]);
        assert_eq!(slow.fault(1), Some(EditFault::Speed));
        let still = lists(&[(0, USUAL_RATE), (7, 0)], &[]);
        assert_eq!(still.fault(1), Some(EditFault::Speed));
        let late = lists(&[(-1, 0), (0, USUAL_RATE)], &[]);
        assert_eq!(late.fault(1), None, "nothing has no speed");
    }

    #[test]
    fn in_fragments_only_the_start_is_known() {
        let mvex = boxed(b"mvex", &[]);
        let one = lists(&[(7, USUAL_RATE)], &mvex);
        assert_eq!(one.fault(1), None);
        assert!(one.hides_start(1));
        assert!(!one.hides_start(2));
        let two = lists(&[(7, USUAL_RATE), (9, USUAL_RATE)], &mvex);
        assert_eq!(two.fault(1), Some(EditFault::Fragments));
        assert!(!lists(&[(7, USUAL_RATE)], &[]).hides_start(1));
        let packed = lists(&[(0, USUAL_RATE)], &boxed(b"cmov", &[]));
        assert_eq!(packed.fault(1), Some(EditFault::Unreadable));
    }
}
