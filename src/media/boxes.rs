//! Walks the boxes of an MP4 that we made: sizes, offsets and the few fields
//! that moving and verifying need. Not a general parser: what is not as our
//! muxer writes it is an error.

use crate::media::error::MediaError;

/// A box: its type and where its content lies in the bytes it was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub kind: [u8; 4],
    /// Start of the whole box.
    pub start: usize,
    /// Start of its content.
    pub content: usize,
    pub end: usize,
}

fn malformed() -> MediaError {
    MediaError::new("read boxes", "malformed")
}

pub fn u32_at(bytes: &[u8], at: usize) -> Result<u32, MediaError> {
    let word = bytes.get(at..at + 4).ok_or_else(malformed)?;
    Ok(u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
}

pub fn u64_at(bytes: &[u8], at: usize) -> Result<u64, MediaError> {
    Ok((u64::from(u32_at(bytes, at)?) << 32) | u64::from(u32_at(bytes, at + 4)?))
}

/// Size and type of the box whose header starts `header` (at least 16 bytes,
/// or all that is left): (header length, whole length, type).
pub fn header(header: &[u8]) -> Result<(usize, u64, [u8; 4]), MediaError> {
    let kind = header.get(4..8).ok_or_else(malformed)?;
    let kind = [kind[0], kind[1], kind[2], kind[3]];
    match u32_at(header, 0)? {
        1 => Ok((16, u64_at(header, 8)?, kind)),
        size if size >= 8 => Ok((8, u64::from(size), kind)),
        _ => Err(malformed()),
    }
}

/// The boxes in a stretch of bytes, one after the other, filling it.
pub fn children(bytes: &[u8], from: usize, to: usize) -> Result<Vec<Place>, MediaError> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        let (header_len, size, kind) = header(bytes.get(at..to).ok_or_else(malformed)?)?;
        let end = usize::try_from(size)
            .ok()
            .and_then(|s| at.checked_add(s))
            .ok_or_else(malformed)?;
        if end > to || (size as usize) < header_len {
            return Err(malformed());
        }
        found.push(Place {
            kind,
            start: at,
            content: at + header_len,
            end,
        });
        at = end;
    }
    Ok(found)
}

/// Every box reached by a path of types, depth first.
pub fn descend(bytes: &[u8], within: Place, path: &[&[u8; 4]]) -> Result<Vec<Place>, MediaError> {
    let Some((kind, rest)) = path.split_first() else {
        return Ok(vec![within]);
    };
    let mut found = Vec::new();
    for child in children(bytes, within.content, within.end)? {
        if &child.kind == *kind {
            found.extend(descend(bytes, child, rest)?);
        }
    }
    Ok(found)
}

/// Adds `shift` to every chunk offset of a moov.
pub fn shift_chunks(moov: &mut [u8], shift: u64) -> Result<(), MediaError> {
    let whole = Place {
        kind: *b"moov",
        start: 0,
        content: 8,
        end: moov.len(),
    };
    let tables = |kind: &[u8; 4], bytes: &[u8]| {
        descend(bytes, whole, &[b"trak", b"mdia", b"minf", b"stbl", kind])
    };
    for table in tables(b"stco", moov)? {
        let count = u32_at(moov, table.content + 4)? as usize;
        for n in 0..count {
            let at = table.content + 8 + 4 * n;
            let moved = u64::from(u32_at(moov, at)?) + shift;
            let moved = u32::try_from(moved)
                .map_err(|_| MediaError::new("move the index to the front", "file beyond 4 GiB"))?;
            moov[at..at + 4].copy_from_slice(&moved.to_be_bytes());
        }
    }
    for table in tables(b"co64", moov)? {
        let count = u32_at(moov, table.content + 4)? as usize;
        for n in 0..count {
            let at = table.content + 8 + 8 * n;
            let moved = u64_at(moov, at)? + shift;
            moov[at..at + 8].copy_from_slice(&moved.to_be_bytes());
        }
    }
    Ok(())
}

/// One sample of a fragment, in ticks of its track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FragmentSample {
    pub decode_time: i64,
    pub presentation_time: i64,
    pub duration: u32,
    pub bytes: u32,
    pub key: bool,
}

/// The samples that a moof describes (one track, default-base-is-moof).
pub fn fragment_samples(bytes: &[u8], moof: Place) -> Result<Vec<FragmentSample>, MediaError> {
    let mut samples = Vec::new();
    for traf in descend(bytes, moof, &[b"traf"])? {
        let one = |kind: &[u8; 4]| descend(bytes, traf, &[kind]);
        let tfhd = *one(b"tfhd")?.first().ok_or_else(malformed)?;
        let tfdt = *one(b"tfdt")?.first().ok_or_else(malformed)?;
        let mut time = match bytes.get(tfdt.content) {
            Some(1) => u64_at(bytes, tfdt.content + 4)? as i64,
            _ => i64::from(u32_at(bytes, tfdt.content + 4)?),
        };
        // ISO/IEC 14496-12, 8.8.7: optional fields in the order of their flags.
        let flags = u32_at(bytes, tfhd.content)? & 0x00ff_ffff;
        let mut at = tfhd.content + 8;
        let mut optional = |flag: u32, width: usize| -> Result<Option<u32>, MediaError> {
            if flags & flag == 0 {
                return Ok(None);
            }
            let value = u32_at(bytes, at)?;
            at += width;
            Ok(Some(value))
        };
        optional(0x01, 8)?;
        optional(0x02, 4)?;
        let default_duration = optional(0x08, 4)?.unwrap_or(0);
        let default_size = optional(0x10, 4)?.unwrap_or(0);
        let default_flags = optional(0x20, 4)?.unwrap_or(0);
        for trun in one(b"trun")? {
            let flags = u32_at(bytes, trun.content)? & 0x00ff_ffff;
            let count = u32_at(bytes, trun.content + 4)? as usize;
            let mut at = trun.content + 8;
            let mut first_flags = None;
            if flags & 0x01 != 0 {
                at += 4;
            }
            if flags & 0x04 != 0 {
                first_flags = Some(u32_at(bytes, at)?);
                at += 4;
            }
            for n in 0..count {
                let mut field = |flag: u32| -> Result<Option<u32>, MediaError> {
                    if flags & flag == 0 {
                        return Ok(None);
                    }
                    let value = u32_at(bytes, at)?;
                    at += 4;
                    Ok(Some(value))
                };
                let duration = field(0x100)?.unwrap_or(default_duration);
                let size = field(0x200)?.unwrap_or(default_size);
                let own_flags = field(0x400)?;
                let offset = field(0x800)?.unwrap_or(0) as i32;
                let sample_flags = own_flags
                    .or(first_flags.filter(|_| n == 0))
                    .unwrap_or(default_flags);
                samples.push(FragmentSample {
                    decode_time: time,
                    presentation_time: time + i64::from(offset),
                    duration,
                    bytes: size,
                    // sample_is_non_sync_sample, 8.8.3.1.
                    key: sample_flags & 0x0001_0000 == 0,
                });
                time += i64::from(duration);
            }
        }
    }
    Ok(samples)
}
