//! From the bytes of a caption file to its text: which encoding, and how sure.

use crate::values::captions::{CaptionFault, CaptionFinding};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

/// The text without its byte order mark. NULs become U+FFFD, as WebVTT asks.
pub(super) fn decode(bytes: &[u8], findings: &mut Vec<CaptionFinding>) -> (String, Encoding) {
    let (encoding, body) = recognise(bytes);
    let text = match encoding {
        Encoding::Utf8 => String::from_utf8_lossy(body),
        Encoding::Utf16Le => UTF_16LE.decode_without_bom_handling(body).0,
        Encoding::Utf16Be => UTF_16BE.decode_without_bom_handling(body).0,
        Encoding::Windows1252 => WINDOWS_1252.decode_without_bom_handling(body).0,
    };
    let text = text.replace('\0', "\u{FFFD}");
    if encoding == Encoding::Windows1252 {
        let fault = if plausible_western(&text) {
            CaptionFault::EncodingGuessed
        } else {
            CaptionFault::EncodingDoubtful
        };
        findings.push(CaptionFinding { line: 1, fault });
    }
    if let Some(at) = text.find('\u{FFFD}') {
        findings.push(CaptionFinding {
            line: line_of(&text, at),
            fault: CaptionFault::CharactersReplaced {
                count: text.matches('\u{FFFD}').count(),
            },
        });
    }
    (text, encoding)
}

fn recognise(bytes: &[u8]) -> (Encoding, &[u8]) {
    if let Some(body) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return (Encoding::Utf8, body);
    }
    if let Some(body) = bytes.strip_prefix(b"\xFF\xFE") {
        return (Encoding::Utf16Le, body);
    }
    if let Some(body) = bytes.strip_prefix(b"\xFE\xFF") {
        return (Encoding::Utf16Be, body);
    }
    // UTF-16 without a mark: digits, arrows and line ends are ASCII, so every
    // other byte of a good part of the file is zero.
    let zeros_at = |parity: usize| {
        let every_other = bytes.iter().skip(parity).step_by(2);
        every_other.filter(|b| **b == 0).count()
    };
    let (even, odd, third) = (zeros_at(0), zeros_at(1), bytes.len() / 6);
    if odd > third && even < odd / 8 {
        return (Encoding::Utf16Le, bytes);
    }
    if even > third && odd < even / 8 {
        return (Encoding::Utf16Be, bytes);
    }
    // One damaged character does not turn a UTF-8 file into another encoding.
    let (mut good, mut bad) = (0, 0);
    for part in bytes.utf8_chunks() {
        good += part.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!part.invalid().is_empty());
    }
    if bad == 0 || good > 4 * bad {
        (Encoding::Utf8, bytes)
    } else {
        (Encoding::Windows1252, bytes)
    }
}

/// In Western languages accented letters are few beside plain ones; another
/// script read as Windows-1252 is nearly all accents and signs.
fn plausible_western(text: &str) -> bool {
    let plain = text.chars().filter(char::is_ascii_alphabetic).count();
    let other = text.chars().filter(|c| !c.is_ascii()).count();
    other <= plain / 2
}

fn line_of(text: &str, byte: usize) -> usize {
    let before = text.as_bytes()[..byte].iter();
    let mut previous = 0;
    let mut line = 1;
    for b in before {
        line += usize::from(*b == b'\r' || (*b == b'\n' && previous != b'\r'));
        previous = *b;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, Encoding, Vec<CaptionFault>) {
        let mut findings = Vec::new();
        let (text, encoding) = decode(bytes, &mut findings);
        let faults = findings.into_iter().map(|f| f.fault).collect();
        (text, encoding, faults)
    }

    #[test]
    fn the_same_sentence_in_every_encoding() {
        let sentence = "1\n00:00:01,000 --> 00:00:02,000\nÇa ira, j\u{2019}espère.\n";
        let le: Vec<u8> = sentence.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = sentence.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with = |mark: &[u8], body: &[u8]| [mark, body].concat();
        for (bytes, encoding) in [
            (sentence.as_bytes().to_vec(), Encoding::Utf8),
            (with(b"\xEF\xBB\xBF", sentence.as_bytes()), Encoding::Utf8),
            (with(b"\xFF\xFE", &le), Encoding::Utf16Le),
            (with(b"\xFE\xFF", &be), Encoding::Utf16Be),
            (le, Encoding::Utf16Le),
            (be, Encoding::Utf16Be),
        ] {
            assert_eq!(decoded(&bytes), (sentence.to_owned(), encoding, vec![]));
        }
        let windows = b"1\n00:00:01,000 --> 00:00:02,000\n\xC7a ira, j\x92esp\xE8re.\n";
        let guessed = vec![CaptionFault::EncodingGuessed];
        assert_eq!(
            decoded(windows),
            (sentence.to_owned(), Encoding::Windows1252, guessed)
        );
    }

    #[test]
    fn one_bad_byte_leaves_utf8_alone() {
        let (text, encoding, faults) = decoded("été, déjà vu \u{20AC}".as_bytes().split_at(3).0);
        assert_eq!((text.as_str(), encoding), ("ét", Encoding::Utf8));
        assert!(faults.is_empty());
        let (text, encoding, faults) =
            decoded(b"\xC3\xA9t\xC3\xA9 d\xC3\xA9j\xC3\xA0 \xC3\xA7a \xFF");
        assert_eq!(
            (text.as_str(), encoding),
            ("été déjà ça \u{FFFD}", Encoding::Utf8)
        );
        assert_eq!(faults, [CaptionFault::CharactersReplaced { count: 1 }]);
    }

    #[test]
    fn another_script_is_doubted() {
        let (_, encoding, faults) = decoded(b"\xD3\xEE\xD6\xE6\xCA\xBB\xA4\xC9\xF1 a");
        assert_eq!(encoding, Encoding::Windows1252);
        assert_eq!(faults, [CaptionFault::EncodingDoubtful]);
    }

    #[test]
    fn nul_counts_as_a_lost_character_and_is_found_by_line() {
        let mut findings = Vec::new();
        let (text, _) = decode(b"a\r\nb\rc\n\0", &mut findings);
        assert_eq!(text, "a\r\nb\rc\n\u{FFFD}");
        assert_eq!(findings[0].line, 4);
    }
}
