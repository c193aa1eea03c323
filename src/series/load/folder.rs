//! Reading the files of a series folder, so that a pipe or a device is never
//! opened and a file that cannot be read is a finding.

use super::names::{is_left_by_system, nfc};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use std::fs;
use std::path::{Path, PathBuf};

/// A regular file directly in a folder of the series.
pub(super) struct Entry {
    /// NFC.
    pub name: String,
    /// As stored, relative to the series, with `/`.
    pub path: String,
}

/// Settings, templates, captions: nothing legitimate comes near this size.
const LARGEST_TEXT: u64 = 16 << 20;
const LARGEST_FILE: u64 = 64 << 20;

/// Regular files directly in `folder`, by name; none when it does not exist.
pub(super) fn files(series: &Path, folder: &str, found: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = names(series, folder, found)
        .into_iter()
        .filter(|name| is_regular(&series.join(folder).join(name)))
        .map(|name| {
            let shown = name.to_string_lossy();
            let path = match folder {
                "" => shown.clone().into_owned(),
                folder => format!("{folder}/{shown}"),
            };
            Entry {
                name: nfc(&shown),
                path,
            }
        })
        .collect();
    entries.sort_by(|a, b| (&a.name, &a.path).cmp(&(&b.name, &b.path)));
    entries
}

/// Names of whatever lies directly in `folder`, but what systems leave behind.
pub(super) fn names(
    series: &Path,
    folder: &str,
    found: &mut Vec<Diagnostic>,
) -> Vec<std::ffi::OsString> {
    let listing = match fs::read_dir(series.join(folder)) {
        Ok(listing) => listing,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            found.push(unreadable(folder, &error));
            return Vec::new();
        }
    };
    let mut names = Vec::new();
    for entry in listing {
        match entry {
            Ok(entry) => names.push(entry.file_name()),
            Err(error) => found.push(unreadable(folder, &error)),
        }
    }
    names.retain(|name| !is_left_by_system(&name.to_string_lossy()));
    names.sort();
    names
}

/// A link counts as what it points at.
pub(super) fn is_regular(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|facts| facts.is_file())
}

/// The UTF-8 text of a file, without BOM.
pub(super) fn text(series: &Path, path: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    let bytes = limited(series, path, LARGEST_TEXT, found)?;
    match String::from_utf8(bytes) {
        Ok(text) => Some(
            text.strip_prefix('\u{feff}')
                .map_or(text.clone(), str::to_owned),
        ),
        Err(_) => {
            let place = Place::File {
                path: path.to_owned(),
            };
            found.push(Diagnostic::new(Problem::NotUtf8, place));
            None
        }
    }
}

pub(super) fn bytes(series: &Path, path: &str, found: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    limited(series, path, LARGEST_FILE, found)
}

fn limited(
    series: &Path,
    path: &str,
    largest: u64,
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<u8>> {
    let full: PathBuf = series.join(path);
    let read = || {
        let facts = fs::metadata(&full)?;
        if !facts.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        if facts.len() > largest {
            return Err(std::io::Error::other(format!(
                "{} bytes, more than {largest}",
                facts.len()
            )));
        }
        fs::read(&full)
    };
    match read() {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            found.push(unreadable(path, &error));
            None
        }
    }
}

pub(super) fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    let problem = match error.kind() {
        std::io::ErrorKind::PermissionDenied => Problem::PermissionDenied {
            path: path.to_owned(),
        },
        _ => Problem::FileUnreadable {
            error: error.to_string(),
        },
    };
    let path = path.to_owned();
    Diagnostic::new(problem, Place::File { path })
}
