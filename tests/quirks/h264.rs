//! H.264 with a picture for each field (PAFF), as many AVCHD cameras film and
//! x264 cannot: written by hand, all samples as they are (I_PCM).

use super::card::BROADCAST;

const WIDTH: usize = 160;
const HEIGHT: usize = 96;

/// Bits from the highest on, as ITU-T H.264 counts them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    filled: u32,
}

impl Bits {
    fn put(&mut self, count: u32, value: u32) {
        for n in (0..count).rev() {
            if self.filled.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("just pushed");
            *last |= ((value >> n & 1) as u8) << (7 - self.filled % 8);
            self.filled += 1;
        }
    }

    /// Exp-Golomb, unsigned; zero is the same signed.
    fn golomb(&mut self, value: u32) {
        let length = (value + 1).ilog2();
        self.put(2 * length + 1, value + 1);
    }

    fn align(&mut self) {
        while !self.filled.is_multiple_of(8) {
            self.put(1, 0);
        }
    }

    /// A NAL unit with its start code, nothing in it looking like one.
    fn nal(mut self, header: u8) -> Vec<u8> {
        self.put(1, 1);
        self.align();
        let mut unit = vec![0, 0, 0, 1, header];
        let mut zeros = 0;
        for byte in self.bytes {
            if zeros == 2 && byte <= 3 {
                unit.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            unit.push(byte);
        }
        unit
    }
}

fn sequence() -> Vec<u8> {
    let mut bits = Bits::default();
    // Main profile, level 3.0.
    for byte in [77, 0, 30] {
        bits.put(8, byte);
    }
    // Id, frame numbers of 4 bits, picture order of 8 bits, one reference.
    for value in [0, 0, 0, 4, 1] {
        bits.golomb(value);
    }
    bits.put(1, 0);
    bits.golomb(WIDTH as u32 / 16 - 1);
    bits.golomb(HEIGHT as u32 / 32 - 1);
    // Fields allowed, no mixing within a frame, direct inference, no crop.
    bits.put(4, 0b0010);
    // What is said of display: BT.709 in limited range, 50 fields a second.
    bits.put(1, 1);
    bits.put(2, 0);
    bits.put(1, 1);
    bits.put(3, 5);
    bits.put(2, 0b01);
    for code in [1, 1, 1] {
        bits.put(8, code);
    }
    bits.put(1, 0);
    bits.put(1, 1);
    bits.put(32, 1);
    bits.put(32, 50);
    bits.put(1, 1);
    bits.put(4, 0);
    bits.nal(0x67)
}

fn parameters() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.golomb(0);
    bits.golomb(0);
    bits.put(2, 0);
    for _ in 0..3 {
        bits.golomb(0);
    }
    bits.put(3, 0);
    for _ in 0..3 {
        bits.golomb(0);
    }
    bits.put(3, 0b100);
    bits.nal(0x68)
}

/// Pictures from one key to the next.
const GROUP: u32 = 50;

/// How a frame is coded.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Whole,
    Field { second: bool, bottom: bool },
}

/// A frame, or one field of it: lines of two cards, that of the field that was
/// filmed first and the next.
fn picture(frame: u32, part: Part, top_first: bool) -> Vec<u8> {
    let (step, line, second) = match part {
        Part::Whole => (1, 0, false),
        Part::Field { second, bottom } => (2, usize::from(bottom), second),
    };
    let place = frame % GROUP;
    let is_key = place == 0 && !second;
    let is_reference = place == 0;
    let mut bits = Bits::default();
    bits.golomb(0);
    bits.golomb(7);
    bits.golomb(0);
    bits.put(4, u32::from(place > 0));
    match part {
        Part::Whole => bits.put(1, 0),
        Part::Field { bottom, .. } => bits.put(2, if bottom { 0b11 } else { 0b10 }),
    }
    if is_key {
        bits.golomb(0);
    }
    bits.put(8, 2 * place + u32::from(second));
    if is_key {
        bits.put(2, 0);
    } else if is_reference {
        bits.put(1, 0);
    }
    bits.golomb(0);
    bits.golomb(1);

    let cards = [true, false].map(|top| {
        let number = u64::from(2 * frame) + u64::from(top != top_first);
        BROADCAST.frame((WIDTH, HEIGHT), number, &|x, y| (x, y))
    });
    let luma = |column: usize, row: usize| u32::from(cards[row % 2][row * WIDTH + column]);
    let chroma = |plane: usize, column: usize, row: usize| {
        let at = plane * WIDTH * HEIGHT + row * 2 * WIDTH + column * 2;
        u32::from(cards[row % 2][at])
    };
    for row in 0..HEIGHT / 16 / step {
        for column in 0..WIDTH / 16 {
            bits.golomb(25);
            bits.align();
            for y in 0..16 {
                for x in 0..16 {
                    bits.put(8, luma(column * 16 + x, (row * 16 + y) * step + line));
                }
            }
            for plane in [1, 2] {
                for y in 0..8 {
                    for x in 0..8 {
                        let row = (row * 8 + y) * step + line;
                        bits.put(8, chroma(plane, column * 8 + x, row));
                    }
                }
            }
        }
    }
    bits.nal(match (is_key, is_reference) {
        (true, _) => 0x65,
        (false, true) => 0x61,
        (false, false) => 0x01,
    })
}

/// A raw stream of frames, each in two fields with numbers of their own.
pub fn field_pictures(frames: u32, top_first: bool) -> Vec<u8> {
    mixed_pictures(frames, top_first, "f")
}

/// The same, coded in turn as the letters say: `f` for two fields, `F` for a
/// whole frame, as cameras do where little moves.
pub fn mixed_pictures(frames: u32, top_first: bool, turns: &str) -> Vec<u8> {
    let mut stream = [sequence(), parameters()].concat();
    let turns: Vec<char> = turns.chars().collect();
    for frame in 0..frames {
        let parts = if turns[frame as usize % turns.len()] == 'F' {
            vec![Part::Whole]
        } else {
            let field = |second| Part::Field {
                second,
                bottom: second == top_first,
            };
            vec![field(false), field(true)]
        };
        // An access unit delimiter before each, as cameras write them.
        for part in parts {
            stream.extend([0, 0, 0, 1, 0x09, 0x10]);
            stream.extend(picture(frame, part, top_first));
        }
    }
    stream
}
