//! What is really there: every file of a tree on disk or of a bundle, with its
//! size, its sum, its text where it is text, and the words found in it that
//! must not be published.

use super::failure::Failure;
use super::sums::{Hasher, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Texts beyond this are not looked into, only summed.
const TEXT_LIMIT: usize = 16 << 20;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Seen {
    File {
        bytes: u64,
        sha256: Sha256,
        /// Of playlists, pages, captions, JSON and sums.
        text: Option<String>,
        /// Those of the words looked for that are in it.
        found: BTreeSet<String>,
    },
    /// A symbolic link, a device: nothing that we publish.
    Odd,
}

pub(super) type Listing = BTreeMap<String, Seen>;

/// A tree on disk. Links are not followed.
pub(super) fn of_tree(tree: &Path, words: &[String]) -> Result<Listing, Failure> {
    let mut listing = Listing::new();
    for entry in walkdir::WalkDir::new(tree).min_depth(1) {
        let entry = entry.map_err(|e| {
            let path = e.path().unwrap_or(tree).to_string_lossy().into_owned();
            Failure::new(path, &io::Error::from(e))
        })?;
        let name = entry
            .path()
            .strip_prefix(tree)
            .unwrap_or(entry.path())
            .to_string_lossy()
            .into_owned();
        if entry.file_type().is_dir() {
            continue;
        }
        let seen = if entry.file_type().is_file() {
            File::open(entry.path())
                .and_then(|file| look(file, &name, words))
                .map_err(|e| Failure::new(entry.path().to_string_lossy(), &e))?
        } else {
            Seen::Odd
        };
        listing.insert(name, seen);
    }
    Ok(listing)
}

/// What an archive holds, and what is wrong with its own form: entries out of
/// order, twice, with an owner or with another time than the rest.
pub(super) struct Archive {
    pub(super) listing: Listing,
    pub(super) faults: Vec<(String, String)>,
    pub(super) sha256: Sha256,
}

pub(super) fn of_bundle(bundle: &Path, words: &[String]) -> Result<Archive, Failure> {
    let label = bundle.to_string_lossy().into_owned();
    let failed = |e: io::Error| Failure::new(label.clone(), &e);
    let (_, sha256) = File::open(bundle)
        .and_then(Sha256::of_reader)
        .map_err(failed)?;
    let file = File::open(bundle).map_err(failed)?;
    let mut archive = tar::Archive::new(io::BufReader::new(file));
    let mut listing = Listing::new();
    let mut faults = Vec::new();
    let mut former = String::new();
    let mut time = None;
    for entry in archive.entries().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let header = entry.header();
        let mtime = header.mtime().map_err(failed)?;
        let owner = (header.uid().ok(), header.gid().ok());
        if owner != (Some(0), Some(0)) {
            faults.push((name.clone(), "uid, gid ≠ 0".to_owned()));
        }
        if *time.get_or_insert(mtime) != mtime {
            faults.push((name.clone(), format!("mtime {mtime}")));
        }
        if name <= former {
            faults.push((name.clone(), format!("≤ {former}")));
        }
        former.clone_from(&name);
        let seen = match header.entry_type() {
            tar::EntryType::Directory => continue,
            tar::EntryType::Regular => look(entry, &name, words).map_err(failed)?,
            _ => Seen::Odd,
        };
        listing.insert(name, seen);
    }
    Ok(Archive {
        listing,
        faults,
        sha256,
    })
}

fn is_text(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, ext)| ext);
    name == super::manifest::SUMS
        || matches!(
            extension,
            "m3u8" | "json" | "html" | "xml" | "vtt" | "srt" | "txt" | "svg"
        )
}

/// Reads a file once: counts, sums, searches, and keeps it when it is text.
fn look(mut reader: impl Read, name: &str, words: &[String]) -> io::Result<Seen> {
    // A word may lie across two reads: the end of one is searched again with
    // the start of the next.
    let overlap = words.iter().map(String::len).max().unwrap_or(1) - 1;
    let mut hasher = Hasher::default();
    let mut found = BTreeSet::new();
    let mut text = is_text(name).then(Vec::new);
    let mut window: Vec<u8> = Vec::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hasher.update(&buffer[..read]);
        if !words.is_empty() {
            window.extend_from_slice(&buffer[..read]);
            for word in words {
                if memchr::memmem::find(&window, word.as_bytes()).is_some() {
                    found.insert(word.clone());
                }
            }
            window.drain(..window.len().saturating_sub(overlap));
        }
        if let Some(kept) = &mut text {
            kept.extend_from_slice(&buffer[..read]);
            if kept.len() > TEXT_LIMIT {
                text = None;
            }
        }
    }
    let (bytes, sha256) = hasher.finish();
    Ok(Seen::File {
        bytes,
        sha256,
        text: text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a byte at a time, so that every word lies across reads.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.split_first() {
                Some((first, rest)) => {
                    buffer[0] = *first;
                    self.0 = rest;
                    Ok(1)
                }
                None => Ok(0),
            }
        }
    }

    #[test]
    fn words_are_found_across_reads() {
        let words = ["c0012.mov".to_owned(), "other.mov".to_owned()];
        let seen = look(Slow(b"\0\0c0012.mov\0"), "a.mp4", &words).expect("memory reads");
        let Seen::File {
            bytes, found, text, ..
        } = seen
        else {
            panic!("a file");
        };
        assert_eq!(bytes, 12);
        assert_eq!(found, BTreeSet::from(["c0012.mov".to_owned()]));
        assert_eq!(text, None);
    }
}
