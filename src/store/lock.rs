//! One build at a time in a series.

use crate::store::StoreError;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Held for as long as the value lives; the kernel lets go when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// `Ok(Err(holder))` when somebody else holds it; the holder is what they
    /// wrote of themselves (a process number).
    pub fn take(path: &Path) -> Result<Result<Lock, String>, StoreError> {
        let fail = |e: io::Error| StoreError::new(path, e);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|e| StoreError::new(folder, e))?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fail)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                // Who holds it is only good to know: a full disk must not
                // keep a film from being taken down.
                let _ = file
                    .set_len(0)
                    .and_then(|()| write!(file, "{}", std::process::id()));
                Ok(Ok(Lock { _file: file }))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(fail)?;
                Ok(Err(holder))
            }
            Err(e) => Err(fail(e.into())),
        }
    }
}
