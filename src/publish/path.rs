//! Where a file stands in a published tree: a path that cannot leave it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A relative path with `/` between its parts, as it stands in manifests, sums
/// and URLs. No part is empty, `.` or `..`; no control character, backslash
/// or absolute path can be in one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TreePath(String);

impl TreePath {
    pub fn new(text: &str) -> Option<TreePath> {
        let sound_part = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.len() <= 255
                && !part.chars().any(|c| c.is_control() || c == '\\')
        };
        text.split('/')
            .all(sound_part)
            .then(|| TreePath(text.to_owned()))
    }

    /// The path of a file of our own naming.
    ///
    /// # Panics
    /// When the name is not a path within a tree: a mistake of the program.
    pub(crate) fn known(text: &str) -> TreePath {
        TreePath::new(text).expect("a name written in this program stays within its tree")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Folders from the outside in, without the file's own name.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.folder().split('/').filter(|part| !part.is_empty())
    }

    /// The path of the folder, empty at the top of the tree.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    pub fn extension(&self) -> &str {
        self.name().rsplit_once('.').map_or("", |(_, ext)| ext)
    }

    /// Whether the file belongs to the capsule of this id: stands in its folder.
    pub fn is_of_capsule(&self, id: &str) -> bool {
        self.0
            .strip_prefix(id)
            .is_some_and(|rest| rest.starts_with('/'))
    }

    /// The path in a URL: everything but unreserved characters and `/` is
    /// percent-encoded (RFC 3986).
    pub fn to_url(&self) -> String {
        self.0
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    }

    /// Registered media type by extension, as servers should send it.
    pub fn media_type(&self) -> &'static str {
        match self.extension() {
            "m3u8" => "application/vnd.apple.mpegurl",
            "mp4" => "video/mp4",
            "m4s" => "video/iso.segment",
            "m4a" => "audio/mp4",
            "mkv" => "video/matroska",
            "vtt" => "text/vtt",
            "srt" => "application/x-subrip",
            "jpg" | "jpeg" => "image/jpeg",
            "png" => "image/png",
            "webp" => "image/webp",
            "svg" => "image/svg+xml",
            "html" => "text/html",
            "css" => "text/css",
            "js" => "text/javascript",
            "json" => "application/json",
            "xml" => "application/xml",
            "txt" => "text/plain",
            "pdf" => "application/pdf",
            "woff2" => "font/woff2",
            _ => "application/octet-stream",
        }
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<TreePath> for String {
    fn from(path: TreePath) -> String {
        path.0
    }
}

impl TryFrom<String> for TreePath {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        TreePath::new(&text).ok_or_else(|| format!("not a path within the tree: {text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_tree() {
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../x",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a\\b",
            "a\nb",
            "a\0",
        ] {
            assert_eq!(TreePath::new(bad), None, "{bad:?}");
        }
        for good in [
            "a",
            ".htaccess",
            "jpp-12/web/360p/0-00ff00ff.m4s",
            "é à/ü.txt",
        ] {
            assert!(TreePath::new(good).is_some(), "{good:?}");
        }
    }

    #[test]
    fn a_capsule_owns_its_folder_and_not_a_longer_name() {
        let path = TreePath::known("jpp-1/poster.jpg");
        assert!(path.is_of_capsule("jpp-1"));
        assert!(!path.is_of_capsule("jpp"));
        assert!(!TreePath::known("jpp-12/poster.jpg").is_of_capsule("jpp-1"));
    }

    #[test]
    fn urls_are_percent_encoded() {
        assert_eq!(
            TreePath::known("a b/é?.jpg").to_url(),
            "a%20b/%C3%A9%3F.jpg"
        );
    }
}
