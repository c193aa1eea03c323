//! Encoded segments and sound as the store keeps them: access units and
//! parameter sets, from which every package is made without re-encoding.
//!
//! Layout, little endian: magic, length and bytes of the codec's header, the
//! number of units, then for each unit its length, its composition offset in
//! frames and whether it is a key frame; then the units themselves.

use crate::media::error::MediaError;

/// Access units in coding order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Encoded {
    /// avcC of H.264; AudioSpecificConfig of AAC.
    pub header: Vec<u8>,
    pub units: Vec<Unit>,
    pub payload: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit {
    pub bytes: u32,
    /// Place in display order minus place in coding order.
    pub offset: i32,
    pub key: bool,
}

const MAGIC: &[u8; 4] = b"PVE1";

impl Encoded {
    pub fn push(&mut self, data: &[u8], offset: i32, key: bool) {
        self.units.push(Unit {
            bytes: data.len() as u32,
            offset,
            key,
        });
        self.payload.extend_from_slice(data);
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out =
            Vec::with_capacity(16 + self.header.len() + self.units.len() * 9 + self.payload.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&(self.header.len() as u32).to_le_bytes());
        out.extend_from_slice(&self.header);
        out.extend_from_slice(&(self.units.len() as u32).to_le_bytes());
        for unit in &self.units {
            out.extend_from_slice(&unit.bytes.to_le_bytes());
            out.extend_from_slice(&unit.offset.to_le_bytes());
            out.push(u8::from(unit.key));
        }
        out.extend_from_slice(&self.payload);
        out
    }

    /// # Errors
    /// When the bytes are not exactly one encoded object.
    pub fn from_bytes(bytes: &[u8]) -> Result<Encoded, MediaError> {
        let damaged = || MediaError::new("read a stored segment", "damaged");
        let mut rest = bytes;
        let mut take = |n: usize| {
            let (head, tail) = rest.split_at_checked(n).ok_or_else(damaged)?;
            rest = tail;
            Ok::<&[u8], MediaError>(head)
        };
        let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        if take(4)? != MAGIC {
            return Err(damaged());
        }
        let header_len = number(take(4)?) as usize;
        let header = take(header_len)?.to_vec();
        let count = number(take(4)?) as usize;
        let table = take(count.checked_mul(9).ok_or_else(damaged)?)?;
        let units: Vec<Unit> = table
            .chunks_exact(9)
            .map(|row| Unit {
                bytes: number(row),
                offset: number(&row[4..]) as i32,
                key: row[8] != 0,
            })
            .collect();
        let total: u64 = units.iter().map(|u| u64::from(u.bytes)).sum();
        if total != rest.len() as u64 {
            return Err(damaged());
        }
        Ok(Encoded {
            header,
            units,
            payload: rest.to_vec(),
        })
    }

    /// Units with their bytes, in coding order.
    pub fn iter(&self) -> impl Iterator<Item = (Unit, &[u8])> {
        let mut at = 0;
        self.units.iter().map(move |&unit| {
            let start = at;
            at += unit.bytes as usize;
            (unit, &self.payload[start..at])
        })
    }

    /// By how many frames decoding runs ahead of display.
    pub fn reorder_delay(&self) -> i32 {
        self.units
            .iter()
            .map(|u| -u.offset)
            .max()
            .unwrap_or(0)
            .max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn survives_the_store() {
        let mut encoded = Encoded {
            header: vec![1, 2, 3],
            ..Encoded::default()
        };
        encoded.push(b"IDR", 0, true);
        encoded.push(b"B", -2, false);
        let bytes = encoded.to_bytes();
        assert_eq!(Encoded::from_bytes(&bytes).expect("its own form"), encoded);
        assert_eq!(encoded.reorder_delay(), 2);
        assert!(Encoded::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Encoded::from_bytes(&bytes);
        }
    }
}
