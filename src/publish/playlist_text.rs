//! Reads HLS playlists back, for checking: independent of the code that wrote
//! them, and forgiving, because what it reads may have been edited since.

use crate::values::time::Rational;
use std::collections::BTreeMap;

pub(super) type Attributes = BTreeMap<String, String>;

/// A media or I-frame playlist.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct MediaText {
    pub(super) version: u64,
    pub(super) target: Option<u64>,
    pub(super) vod: bool,
    pub(super) ended: bool,
    pub(super) iframes_only: bool,
    pub(super) map: Option<String>,
    pub(super) entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) uri: String,
    /// `None` when the number cannot be read.
    pub(super) duration: Option<Rational>,
    /// Length and offset.
    pub(super) range: Option<(u64, u64)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct MultivariantText {
    pub(super) version: u64,
    pub(super) independent: bool,
    pub(super) variants: Vec<(Attributes, String)>,
    pub(super) iframes: Vec<Attributes>,
    pub(super) media: Vec<Attributes>,
}

pub(super) fn is_multivariant(text: &str) -> bool {
    text.contains("#EXT-X-STREAM-INF:")
}

pub(super) fn read_media(text: &str) -> MediaText {
    let mut read = MediaText::default();
    let mut duration = None;
    let mut range = None;
    for line in lines(text) {
        match line.split_once(':').unwrap_or((line, "")) {
            ("#EXT-X-VERSION", n) => read.version = n.parse().unwrap_or(0),
            ("#EXT-X-TARGETDURATION", n) => read.target = n.parse().ok(),
            ("#EXT-X-PLAYLIST-TYPE", kind) => read.vod = kind == "VOD",
            ("#EXT-X-ENDLIST", _) => read.ended = true,
            ("#EXT-X-I-FRAMES-ONLY", _) => read.iframes_only = true,
            ("#EXT-X-MAP", list) => read.map = attributes(list).remove("URI"),
            ("#EXTINF", value) => {
                duration = value.split(',').next().and_then(seconds);
            }
            ("#EXT-X-BYTERANGE", value) => {
                range = value
                    .split_once('@')
                    .and_then(|(n, o)| Some((n.parse().ok()?, o.parse().ok()?)));
            }
            _ if line.starts_with('#') => {}
            _ => read.entries.push(Entry {
                uri: line.to_owned(),
                duration: duration.take(),
                range: range.take(),
            }),
        }
    }
    read
}

pub(super) fn read_multivariant(text: &str) -> MultivariantText {
    let mut read = MultivariantText::default();
    let mut variant = None;
    for line in lines(text) {
        match line.split_once(':').unwrap_or((line, "")) {
            ("#EXT-X-VERSION", n) => read.version = n.parse().unwrap_or(0),
            ("#EXT-X-INDEPENDENT-SEGMENTS", _) => read.independent = true,
            ("#EXT-X-STREAM-INF", list) => variant = Some(attributes(list)),
            ("#EXT-X-I-FRAME-STREAM-INF", list) => read.iframes.push(attributes(list)),
            ("#EXT-X-MEDIA", list) => read.media.push(attributes(list)),
            _ if line.starts_with('#') => {}
            _ => read
                .variants
                .push((variant.take().unwrap_or_default(), line.to_owned())),
        }
    }
    read
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
}

/// `NAME=value,NAME="quoted, value"`.
fn attributes(list: &str) -> Attributes {
    let mut read = Attributes::new();
    let mut rest = list;
    while let Some((name, after)) = rest.split_once('=') {
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        read.insert(name.to_owned(), value.to_owned());
        rest = next.strip_prefix(',').unwrap_or("");
    }
    read
}

/// A decimal number of seconds, exactly.
pub(super) fn seconds(text: &str) -> Option<Rational> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 9 || !digits(whole) || !digits(part) {
        return None;
    }
    let unit = 10_i64.pow(u32::try_from(part.len()).ok()?);
    let part = if part.is_empty() {
        0
    } else {
        part.parse().ok()?
    };
    Rational::new(whole.parse::<i64>().ok()? * unit + part, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quotes_do_not_part_attributes() {
        let read = attributes("BANDWIDTH=12,CODECS=\"avc1.64001e,mp4a.40.2\",FRAME-RATE=25.000");
        assert_eq!(read["CODECS"], "avc1.64001e,mp4a.40.2");
        assert_eq!(read["FRAME-RATE"], "25.000");
        assert_eq!(read["BANDWIDTH"], "12");
    }

    #[test]
    fn seconds_are_read_exactly() {
        assert_eq!(seconds("6.006000"), Rational::new(6006, 1000));
        assert_eq!(seconds("7"), Some(Rational::integer(7)));
        for bad in ["", "-1", "1e3", "6.0.0", "99999999999"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
