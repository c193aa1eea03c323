//! SHA-256 of published files, and the `SHA256SUMS` that `sha256sum -c` reads.

use super::path::TreePath;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};

/// 32 bytes of SHA-256, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Sha256([u8; 32]);

impl Sha256 {
    pub fn of(bytes: &[u8]) -> Sha256 {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish().1
    }

    /// Byte count and digest of all that a reader gives.
    pub fn of_reader(mut reader: impl Read) -> io::Result<(u64, Sha256)> {
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(hasher.finish()),
                Ok(n) => hasher.update(&buffer[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    pub fn parse_hex(text: &str) -> Option<Sha256> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Sha256(bytes))
    }

    /// Eight hex digits, for the names of media segments.
    pub fn short(self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl From<Sha256> for String {
    fn from(sum: Sha256) -> String {
        sum.to_string()
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Sha256::parse_hex(&text).ok_or_else(|| format!("not a SHA-256: {text}"))
    }
}

/// Counts and digests bytes as they pass.
#[derive(Default)]
pub struct Hasher {
    bytes: u64,
    state: sha2::Sha256,
}

impl Hasher {
    pub fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.state.update(bytes);
    }

    pub fn finish(self) -> (u64, Sha256) {
        (self.bytes, Sha256(self.state.finalize().into()))
    }
}

/// One line a file, in byte order of the paths.
pub fn write(sums: &BTreeMap<TreePath, Sha256>) -> String {
    sums.iter()
        .map(|(path, sum)| format!("{sum}  {path}\n"))
        .collect()
}

/// Reads what `write` writes and what `sha256sum` writes in text or binary
/// mode; the first line that is neither is the error.
pub fn parse(text: &str) -> Result<BTreeMap<TreePath, Sha256>, String> {
    text.lines()
        .map(|line| {
            let (sum, rest) = line.split_at_checked(64).ok_or(line)?;
            let path = rest
                .strip_prefix("  ")
                .or_else(|| rest.strip_prefix(" *"))
                .ok_or(line)?;
            Ok((
                TreePath::new(path).ok_or(line)?,
                Sha256::parse_hex(sum).ok_or(line)?,
            ))
        })
        .collect::<Result<_, &str>>()
        .map_err(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_standard_s_own_example() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256::of(b"abc").to_string(), expected);
        assert_eq!(
            Sha256::of_reader(&b"abc"[..]).expect("memory reads"),
            (3, Sha256::parse_hex(expected).expect("hex"))
        );
    }

    #[test]
    fn sums_come_back_as_written_and_in_order() {
        let sums = BTreeMap::from([
            (TreePath::known("b/é.txt"), Sha256::of(b"2")),
            (TreePath::known("a"), Sha256::of(b"1")),
        ]);
        let text = write(&sums);
        assert!(text.find("  a\n") < text.find("  b/é.txt\n"));
        assert_eq!(parse(&text), Ok(sums));
    }

    #[test]
    fn a_line_that_leads_out_of_the_tree_is_refused() {
        let line = format!("{}  ../x", Sha256::of(b""));
        assert_eq!(parse(&line), Err(line.clone()));
        assert!(parse("deadbeef  a").is_err());
    }
}
