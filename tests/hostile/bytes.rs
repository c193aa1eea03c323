//! Pieces of containers, written by hand: boxes, elements, chunks, sections
//! and bits, and small edits of a sound clip's own.

/// A box of MP4 or MOV.
pub fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).expect("a small box");
    [&size.to_be_bytes()[..], kind, body].concat()
}

/// Changes the body of every box at a path ("moov/trak/tkhd"); sizes follow.
pub fn edited(file: &[u8], path: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let (kind, inner) = path.split_once('/').unwrap_or((path, ""));
    let mut out = Vec::new();
    let mut rest = file;
    while rest.len() >= 8 {
        let size = u32::from_be_bytes(rest[..4].try_into().expect("four bytes")) as usize;
        let (this, behind) = rest.split_at(size);
        let body = &this[8..];
        if &this[4..8] != kind.as_bytes() {
            out.extend_from_slice(this);
        } else {
            let body = match inner {
                "" => change(body.to_vec()),
                inner => edited(body, inner, change),
            };
            out.extend(boxed(
                kind.as_bytes().try_into().expect("four letters"),
                &body,
            ));
        }
        rest = behind;
    }
    out
}

/// Overwrites bytes at a place.
pub fn put(mut body: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    body[at..at + bytes.len()].copy_from_slice(bytes);
    body
}

/// Where bytes first stand.
pub fn place_of(bytes: &[u8], wanted: &[u8]) -> usize {
    let mut windows = bytes.windows(wanted.len());
    windows
        .position(|w| w == wanted)
        .expect("bytes that are there")
}

/// Where bytes last stand.
pub fn last_place_of(bytes: &[u8], wanted: &[u8]) -> usize {
    let mut windows = bytes.windows(wanted.len());
    windows
        .rposition(|w| w == wanted)
        .expect("bytes that are there")
}

/// An element of Matroska.
pub fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u64 | 1 << 56).to_be_bytes();
    [id, &size, body].concat()
}

/// Adds to the body of an element, which stands behind the list of what is
/// where. Readers find their way without that list.
pub fn lengthened(file: &[u8], id: &[u8], more: &[u8]) -> Vec<u8> {
    let at = last_place_of(file, id) + id.len();
    let width = file[at].leading_zeros() as usize + 1;
    let size = file[at..at + width]
        .iter()
        .fold(0u64, |n, &b| n << 8 | u64::from(b));
    let size = (size & !(1 << (7 * width))) as usize;
    let body = [&file[at + width..at + width + size], more].concat();
    let end = at + width + size;
    [&file[..at - id.len()], &element(id, &body), &file[end..]].concat()
}

/// A chunk of RIFF, padded to even length.
pub fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len()).expect("a small chunk");
    let pad = [0].repeat(body.len() % 2);
    [&kind[..], &size.to_le_bytes(), body, &pad].concat()
}

/// Bits, most significant first.
#[derive(Default)]
pub struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    pub fn put(&mut self, value: u32, width: u32) -> &mut Bits {
        for bit in (0..width).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("a byte");
            *last |= ((value >> bit & 1) as u8) << (7 - self.used % 8);
            self.used += 1;
        }
        self
    }

    /// Exponential Golomb, as in the headers of H.264.
    pub fn golomb(&mut self, value: u32) -> &mut Bits {
        let width = 32 - (value + 1).leading_zeros();
        self.put(0, width - 1).put(value + 1, width)
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// A zlib stream of about a thousandth of the zeros that it unpacks to.
pub fn zeros_packed(millions: usize) -> Vec<u8> {
    // One block of fixed codes: a zero, then "258 times the same" eight times
    // over, which is thirteen bytes of the same pattern.
    let mut bits = Vec::new();
    let code = |bits: &mut Vec<bool>, value: u32, width: u32| {
        bits.extend((0..width).rev().map(|b| value >> b & 1 == 1));
    };
    bits.extend([true, true, false]);
    code(&mut bits, 0b0011_0000, 8);
    // The header and the first literal take eleven bits; the pattern repeats
    // itself after thirteen bytes whatever it begins at.
    for _ in 0..8 * 2 {
        code(&mut bits, 0b1100_0101, 8);
        code(&mut bits, 0, 5);
    }
    let packed: Vec<u8> = bits
        .chunks_exact(8)
        .map(|byte| byte.iter().rev().fold(0, |n, &bit| n << 1 | u8::from(bit)))
        .collect();
    let (head, pattern) = (&packed[..2], &packed[2..15]);
    [
        &[0x78, 0x9c],
        head,
        &pattern.repeat(millions * 1_000_000 / (258 * 8)),
    ]
    .concat()
}

/// Data as zlib holds it without packing.
pub fn stored(data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(data.len()).expect("a small block");
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let sum = (b << 16 | a).to_be_bytes();
    let head = [
        &[0x78, 1, 1][..],
        &size.to_le_bytes(),
        &(!size).to_le_bytes(),
    ]
    .concat();
    [&head, data, &sum].concat()
}

/// A packet of a transport stream that carries one section.
pub fn section_packet(pid: u16, table: u8, number: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 9).expect("a section");
    let mut section = vec![table];
    section.extend((0xb000 | length).to_be_bytes());
    section.extend(number.to_be_bytes());
    section.extend([0xc1, 0, 0]);
    section.extend_from_slice(body);
    let sum = section.iter().fold(u32::MAX, |mut crc, &byte| {
        crc ^= u32::from(byte) << 24;
        for _ in 0..8 {
            crc = crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 };
        }
        crc
    });
    section.extend(sum.to_be_bytes());
    // A section that is longer than a packet goes on in the next.
    section.insert(0, 0);
    let mut packets = Vec::new();
    for (n, part) in section.chunks(184).enumerate() {
        let start = if n == 0 { 0x4000 } else { 0 };
        packets.push(0x47);
        packets.extend((start | pid).to_be_bytes());
        packets.push(0x10 | (n % 16) as u8);
        packets.extend_from_slice(part);
        packets.resize(packets.len().next_multiple_of(188), 0xff);
    }
    packets
}
