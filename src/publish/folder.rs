//! A folder that cannot be left: every path is walked part by part from an
//! open folder, and no symbolic link is ever followed, whether to write, to
//! read or to delete.

use super::failure::Failure;
use super::path::TreePath;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// An open folder and what messages call it.
pub(super) struct Folder {
    fd: OwnedFd,
    label: String,
    /// The folder in which something was looked at last: a tree is looked
    /// through in the order of its paths, and each way is walked once.
    last: RefCell<Option<(String, OwnedFd)>>,
}

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    Nothing,
    File {
        bytes: u64,
    },
    Folder,
    /// A symbolic link, a device, or anything below such a thing.
    Other,
}

impl Folder {
    /// Opens `parent/name`; `None` when it is not there. The parent may be
    /// reached through links, the folder itself may not be one.
    pub(super) fn open(parent: &Path, name: &str) -> Result<Option<Folder>, Failure> {
        let label = label(parent, name);
        let parent = match File::open(parent) {
            Ok(parent) => parent,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(Failure::new(label, &e)),
        };
        match rustix::fs::openat(&parent, name, FOLDER, Mode::empty()) {
            Ok(fd) => Ok(Some(Folder {
                fd,
                label,
                last: RefCell::default(),
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(e) => Err(named(label, e)),
        }
    }

    pub(super) fn open_or_create(parent: &Path, name: &str) -> Result<Folder, Failure> {
        std::fs::create_dir_all(parent).map_err(|e| Failure::new(label(parent, ""), &e))?;
        let opened = File::open(parent).map_err(|e| Failure::new(label(parent, ""), &e))?;
        match rustix::fs::mkdirat(&opened, name, Mode::from_raw_mode(0o777)) {
            Ok(()) => rustix::fs::fsync(&opened).map_err(|e| named(label(parent, name), e))?,
            Err(Errno::EXIST) => {}
            Err(e) => return Err(named(label(parent, name), e)),
        }
        Folder::open(parent, name)?.ok_or_else(|| Failure::Vanished {
            path: label(parent, name),
        })
    }

    pub(super) fn label_of(&self, path: &str) -> String {
        match path {
            "" => self.label.clone(),
            _ => format!("{}/{path}", self.label),
        }
    }

    fn failure(&self, path: &str, error: Errno) -> Failure {
        named(self.label_of(path), error)
    }

    /// The open folder of a file; `None` when some part of the way is missing.
    fn walk<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Result<Option<OwnedFd>, Errno> {
        let mut here = self.fd.try_clone().map_err(errno)?;
        for part in parts {
            here = match rustix::fs::openat(&here, part, FOLDER, Mode::empty()) {
                Ok(next) => next,
                Err(Errno::NOENT) => return Ok(None),
                Err(e) => return Err(e),
            };
        }
        Ok(Some(here))
    }

    /// Looks at something in the folder of a file; `None` when some part of the
    /// way is missing.
    fn look<T>(
        &self,
        path: &TreePath,
        look: impl FnOnce(&OwnedFd) -> T,
    ) -> Result<Option<T>, Errno> {
        let mut last = self.last.borrow_mut();
        if last
            .as_ref()
            .is_none_or(|(folder, _)| folder != path.folder())
        {
            *last = None;
            let walked = self.walk(path.folders())?;
            *last = walked.map(|fd| (path.folder().to_owned(), fd));
        }
        Ok(last.as_ref().map(|(_, folder)| look(folder)))
    }

    /// Makes the folders that lead to a file. A new one is synced into its
    /// parent, so that a renamed file cannot vanish with its folder.
    fn walk_or_create(&self, path: &TreePath) -> Result<OwnedFd, Errno> {
        let mut here = self.fd.try_clone().map_err(errno)?;
        for part in path.folders() {
            match rustix::fs::mkdirat(&here, part, Mode::from_raw_mode(0o777)) {
                Ok(()) => rustix::fs::fsync(&here)?,
                Err(Errno::EXIST) => {}
                Err(e) => return Err(e),
            }
            here = rustix::fs::openat(&here, part, FOLDER, Mode::empty())?;
        }
        Ok(here)
    }

    pub(super) fn found(&self, path: &TreePath) -> Result<Found, Failure> {
        let stat =
            |folder: &OwnedFd| rustix::fs::statat(folder, path.name(), AtFlags::SYMLINK_NOFOLLOW);
        let stat = match self.look(path, stat) {
            Ok(Some(stat)) => stat,
            Ok(None) => return Ok(Found::Nothing),
            Err(Errno::NOTDIR | Errno::LOOP) => return Ok(Found::Other),
            Err(e) => return Err(self.failure(path.as_str(), e)),
        };
        match stat {
            Ok(stat) => Ok(match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => Found::File {
                    bytes: u64::try_from(stat.st_size).unwrap_or(0),
                },
                FileType::Directory => Found::Folder,
                _ => Found::Other,
            }),
            Err(Errno::NOENT) => Ok(Found::Nothing),
            Err(e) => Err(self.failure(path.as_str(), e)),
        }
    }

    /// Opens a regular file to read; `None` when there is none.
    pub(super) fn open_file(&self, path: &TreePath) -> Result<Option<File>, Failure> {
        if !matches!(self.found(path)?, Found::File { .. }) {
            return Ok(None);
        }
        let open = |folder: &OwnedFd| {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            rustix::fs::openat(folder, path.name(), flags, Mode::empty())
        };
        match self.look(path, open) {
            Ok(Some(Ok(fd))) => Ok(Some(File::from(fd))),
            Ok(Some(Err(e))) => Err(self.failure(path.as_str(), e)),
            Ok(None) => Ok(None),
            Err(e) => Err(self.failure(path.as_str(), e)),
        }
    }

    pub(super) fn read(&self, path: &TreePath) -> Result<Option<Vec<u8>>, Failure> {
        let Some(mut file) = self.open_file(path)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|e| Failure::new(self.label_of(path.as_str()), &e))?;
        Ok(Some(bytes))
    }

    /// Creates a new file of this name directly in the folder.
    pub(super) fn create_file(&self, name: &str) -> Result<File, Failure> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(0o666))
            .map(File::from)
            .map_err(|e| self.failure(name, e))
    }

    /// Gives the file at `source` a second name directly in the folder.
    pub(super) fn link_from(&self, source: &Path, name: &str) -> Result<(), Errno> {
        rustix::fs::linkat(rustix::fs::CWD, source, &self.fd, name, AtFlags::empty())
    }

    pub(super) fn unlink(&self, name: &str) -> Result<(), Errno> {
        rustix::fs::unlinkat(&self.fd, name, AtFlags::empty())
    }

    /// Moves `staged`, a file directly in `staging`, to its place here, by one
    /// rename. Says whether there was anything to move: a file that is no
    /// longer staged was placed before an interruption.
    pub(super) fn place(
        &self,
        staging: &Folder,
        staged: &str,
        path: &TreePath,
    ) -> Result<bool, Failure> {
        self.last.take();
        let placed = self.walk_or_create(path).and_then(|folder| {
            match rustix::fs::renameat(&staging.fd, staged, &folder, path.name()) {
                Err(Errno::NOENT) => Ok(false),
                other => other.map(|()| true),
            }
        });
        placed.map_err(|e| self.failure(path.as_str(), e))
    }

    /// Deletes a file, or the link that stands in its place. What is not there
    /// or lies behind a link or a folder is left alone, and said so.
    pub(super) fn remove(&self, path: &TreePath) -> Result<Removal, Failure> {
        self.last.take();
        let removed = self.walk(path.folders()).and_then(|folder| match folder {
            Some(folder) => rustix::fs::unlinkat(&folder, path.name(), AtFlags::empty()),
            None => Err(Errno::NOENT),
        });
        match removed {
            Ok(()) => Ok(Removal::Gone),
            Err(Errno::NOENT) => Ok(Removal::WasGone),
            Err(Errno::NOTDIR | Errno::LOOP | Errno::ISDIR) => Ok(Removal::Unreachable),
            Err(e) => Err(self.failure(path.as_str(), e)),
        }
    }

    /// Deletes a folder when it is empty.
    pub(super) fn remove_empty(&self, folder: &TreePath) {
        self.last.take();
        if let Ok(Some(parent)) = self.walk(folder.folders()) {
            // Not empty, or no longer there: both are as they should be.
            let _ = rustix::fs::unlinkat(&parent, folder.name(), AtFlags::REMOVEDIR);
        }
    }

    /// Makes the names in a folder of the tree last; `""` is the tree itself.
    pub(super) fn sync(&self, folder: &str) -> Result<(), Failure> {
        let parts = folder.split('/').filter(|part| !part.is_empty());
        match self.walk(parts) {
            Ok(Some(fd)) => rustix::fs::fsync(&fd).map_err(|e| self.failure(folder, e)),
            Ok(None) | Err(Errno::NOTDIR | Errno::LOOP) => Ok(()),
            Err(e) => Err(self.failure(folder, e)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Removal {
    Gone,
    WasGone,
    Unreachable,
}

fn label(parent: &Path, name: &str) -> String {
    let parent = parent
        .file_name()
        .map_or_else(|| ".".into(), |n| n.to_string_lossy());
    match name {
        "" => parent.into_owned(),
        _ => format!("{parent}/{name}"),
    }
}

fn named(path: String, error: Errno) -> Failure {
    match error {
        // What openat says of a link (LOOP) and of a file (NOTDIR) where a
        // folder is wanted, and renameat of a folder where a file is.
        Errno::NOTDIR | Errno::LOOP | Errno::ISDIR => Failure::InTheWay { path },
        _ => Failure::new(path, &io::Error::from(error)),
    }
}

fn errno(error: io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}
