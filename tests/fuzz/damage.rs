//! Damage by dice: the same seed does the same damage.

/// SplitMix64 (Steele, Lea and Flood): small, even, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below a bound, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn choose<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Numbers at which sizes, counts and offsets turn over.
const EDGES: [u64; 14] = [
    0,
    1,
    7,
    8,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x00ff_ffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// A clip that was harmed one to four times.
pub fn damaged(clip: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = clip.to_vec();
    for _ in 0..1 + dice.below(4) {
        if bytes.len() < 64 {
            break;
        }
        bytes = harmed(bytes, other, dice);
    }
    bytes
}

fn harmed(mut bytes: Vec<u8>, other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let length = bytes.len();
    let at = place(&bytes, dice);
    let end = at + 1 + dice.below((length - at).min(4096));
    match dice.below(9) {
        0 => {
            for _ in 0..1 + dice.below(32) {
                let at = place(&bytes, dice);
                bytes[at] ^= 1 << dice.below(8);
            }
        }
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let again = bytes[at..end].to_vec();
            bytes.splice(at..at, again);
        }
        4 => {
            let block = bytes.drain(at..end).collect::<Vec<u8>>();
            let to = dice.below(bytes.len() + 1);
            bytes.splice(to..to, block);
        }
        // A size or a count, before or behind the four letters of a name.
        5 | 6 => {
            for _ in 0..1 + dice.below(3) {
                let at = named(&bytes, dice);
                let edge = dice.choose(&EDGES).to_be_bytes();
                let width = *dice.choose(&[1, 2, 4, 4, 4, 8]);
                let at = at.min(length - width);
                bytes[at..at + width].copy_from_slice(&edge[8 - width..]);
            }
        }
        7 => {
            let from = dice.below(other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let fill = *dice.choose(&[0x00, 0xff, 0x80, 0x47]);
            bytes[at..end].fill(fill);
        }
    }
    bytes
}

/// Anywhere; every other time in a header, which is at one of the ends.
fn place(bytes: &[u8], dice: &mut Dice) -> usize {
    let header = bytes.len().min(2048);
    match dice.below(4) {
        0 => dice.below(header),
        1 => bytes.len() - 1 - dice.below(header),
        _ => dice.below(bytes.len()),
    }
}

/// Near a name of four letters, as boxes and chunks have; anywhere in a file
/// without.
fn named(bytes: &[u8], dice: &mut Dice) -> usize {
    let start = place(bytes, dice);
    let letters = |w: &[u8]| w.iter().all(|b| b.is_ascii_alphabetic());
    let found = bytes[start..].windows(4).position(letters);
    match found {
        Some(offset) => (start + offset + 4 * dice.below(6)).saturating_sub(4),
        None => start,
    }
}
