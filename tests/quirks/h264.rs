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

/// One field of a frame: every second line of the card of that number.
fn field(frame: u32, second: bool, bottom: bool, number: u64) -> Vec<u8> {
    let is_key = frame == 0 && !second;
    let is_reference = frame == 0;
    let mut bits = Bits::default();
    bits.golomb(0);
    bits.golomb(7);
    bits.golomb(0);
    bits.put(4, u32::from(frame > 0));
    bits.put(2, if bottom { 0b11 } else { 0b10 });
    if is_key {
        bits.golomb(0);
    }
    bits.put(8, (2 * frame + u32::from(second)) % 256);
    if is_key {
        bits.put(2, 0);
    } else if is_reference {
        bits.put(1, 0);
    }
    bits.golomb(0);
    bits.golomb(1);

    let card = BROADCAST.frame((WIDTH, HEIGHT), number, &|x, y| (x, y));
    let line = usize::from(bottom);
    let sample = |plane: usize, column: usize, row: usize| {
        u32::from(card[plane * WIDTH * HEIGHT + row * WIDTH + column])
    };
    for row in 0..HEIGHT / 32 {
        for column in 0..WIDTH / 16 {
            bits.golomb(25);
            bits.align();
            for y in 0..16 {
                for x in 0..16 {
                    bits.put(8, sample(0, column * 16 + x, (row * 16 + y) * 2 + line));
                }
            }
            for plane in [1, 2] {
                for y in 0..8 {
                    for x in 0..8 {
                        let luma_row = ((row * 8 + y) * 2 + line) * 2;
                        bits.put(8, sample(plane, (column * 8 + x) * 2, luma_row));
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
    let mut stream = [sequence(), parameters()].concat();
    for frame in 0..frames {
        // An access unit delimiter before each field, as cameras write them.
        for second in [false, true] {
            stream.extend([0, 0, 0, 1, 0x09, 0x10]);
            let number = u64::from(2 * frame + u32::from(second));
            stream.extend(field(frame, second, second == top_first, number));
        }
    }
    stream
}
