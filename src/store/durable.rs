//! Writing that survives a kill and a full disk: the old file or the new one,
//! never half of either.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Prefix of names on the way.
pub(super) const TEMPORARY: &str = ".tmp-";

/// A failure of the disk, with the path it happened at.
#[derive(Debug)]
pub struct StoreError {
    pub path: PathBuf,
    pub error: io::Error,
}

impl StoreError {
    pub fn new(path: &Path, error: io::Error) -> StoreError {
        StoreError {
            path: path.to_owned(),
            error,
        }
    }

    /// Whether there is no room left, on the disk or in a quota.
    pub fn is_full(&self) -> bool {
        matches!(
            self.error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        )
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for StoreError {}

/// Writes a file whole: temporary name in the same folder, byte count, sync,
/// rename, sync of the folder. After a failed sync the file is thrown away.
pub fn write_durably(path: &Path, parts: &[&[u8]]) -> Result<(), StoreError> {
    // A bare name has an empty parent.
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|e| StoreError::new(folder, e))?;
    let fail = |e| StoreError::new(path, e);
    // As any program's file: what the umask leaves, not for its owner alone.
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(fail)?;
    for part in parts {
        file.write_all(part).map_err(fail)?;
    }
    let written = file.as_file().metadata().map_err(fail)?.len();
    let expected: u64 = parts.iter().map(|p| p.len() as u64).sum();
    if written != expected {
        return Err(fail(io::Error::new(
            io::ErrorKind::WriteZero,
            format!("{written} bytes of {expected}"),
        )));
    }
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|e| StoreError::new(folder, e))
}
