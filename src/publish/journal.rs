//! The staging folder of a tree, and the journal in it: which staged file goes
//! where, and what is deleted then. Its steps can be taken again from the
//! start after any interruption.

use super::failure::Failure;
use super::folder::{Folder, Found, Removal};
use super::path::TreePath;
use super::sums::{Hasher, Sha256};
use super::tree::{Turn, ancestors};
use crate::values::audience::Audience;
use rustix::fs::Mode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const JOURNAL: &str = "journal.json";

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Name in the staging folder, path in the tree; in order.
    pub(super) place: Vec<(String, TreePath)>,
    pub(super) remove: Vec<TreePath>,
}

/// One thing done to the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Place {
        staged: String,
        path: TreePath,
    },
    /// Make the names in a folder last before anything that relies on them.
    Sync {
        folder: String,
    },
    Remove {
        path: TreePath,
    },
    RemoveFolderIfEmpty {
        folder: TreePath,
    },
}

impl Journal {
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for turn in self.place.chunk_by(|a, b| Turn::of(&a.1) == Turn::of(&b.1)) {
            steps.extend(turn.iter().map(|(staged, path)| Step::Place {
                staged: staged.clone(),
                path: path.clone(),
            }));
            steps.extend(sync(turn.iter().map(|(_, path)| path)));
        }
        steps.extend(
            self.remove
                .iter()
                .map(|path| Step::Remove { path: path.clone() }),
        );
        steps.extend(sync(self.remove.iter()));
        let emptied: BTreeSet<TreePath> = self.remove.iter().flat_map(ancestors).collect();
        // Inner folders sort after the outer ones that hold them.
        steps.extend(
            emptied
                .into_iter()
                .rev()
                .map(|folder| Step::RemoveFolderIfEmpty { folder }),
        );
        steps
    }
}

fn sync<'a>(paths: impl Iterator<Item = &'a TreePath>) -> impl Iterator<Item = Step> {
    let folders: BTreeSet<&str> = paths.map(TreePath::folder).collect();
    folders.into_iter().map(|folder| Step::Sync {
        folder: folder.to_owned(),
    })
}

impl Step {
    /// The inner error is a path that could not be deleted because it lies
    /// behind a link: the other steps go on.
    pub(super) fn perform(
        &self,
        tree: &Folder,
        staging: &Staging,
    ) -> Result<Result<(), TreePath>, Failure> {
        if let Step::Place { staged, path } = self {
            tree.place(&staging.folder, staged, path)?;
        }
        self.remove_from(tree)
    }

    /// The part of a step that needs nothing staged.
    pub(super) fn remove_from(&self, tree: &Folder) -> Result<Result<(), TreePath>, Failure> {
        match self {
            Step::Place { .. } => {}
            Step::Sync { folder } => tree.sync(folder)?,
            Step::RemoveFolderIfEmpty { folder } => tree.remove_empty(folder),
            Step::Remove { path } => match tree.remove(path)? {
                Removal::Gone | Removal::WasGone => {}
                Removal::Unreachable => return Ok(Err(path.clone())),
            },
        }
        Ok(Ok(()))
    }
}

/// The folder beside the tree in which a publication is prepared.
pub(super) struct Staging {
    folder: Folder,
    /// Mode of a file that the user's umask gave, for files made elsewhere.
    mode: Mode,
}

impl Staging {
    fn name(audience: Audience) -> String {
        format!(".staging-{}", audience.name())
    }

    /// An empty staging folder.
    pub(super) fn begin(dist: &Path, audience: Audience) -> Result<Staging, Failure> {
        Staging::discard(dist, audience)?;
        let name = Staging::name(audience);
        let folder = Folder::open_or_create(dist, &name)?;
        // Shows which mode a new file gets here.
        let probe = folder.create_file("mode")?;
        let mode = mode_of(&probe).map_err(|e| Failure::new(folder.label_of("mode"), &e))?;
        Ok(Staging { folder, mode })
    }

    /// What an interrupted publication left, when it had staged everything.
    pub(super) fn left_over(
        dist: &Path,
        audience: Audience,
    ) -> Result<Option<(Staging, Journal)>, Failure> {
        let folder = match Folder::open(dist, &Staging::name(audience)) {
            Ok(Some(folder)) => folder,
            // A link is not a staging folder of ours.
            Ok(None) | Err(Failure::InTheWay { .. }) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let bytes = folder.read(&TreePath::known(JOURNAL))?.unwrap_or_default();
        let mode = Mode::from_raw_mode(0o644);
        Ok(serde_json::from_slice(&bytes)
            .ok()
            .map(|journal| (Staging { folder, mode }, journal)))
    }

    /// Deletes the staging folder and what is in it.
    pub(super) fn discard(dist: &Path, audience: Audience) -> Result<(), Failure> {
        let path = dist.join(Staging::name(audience));
        // Neither call goes through a link.
        let removed = match std::fs::symlink_metadata(&path) {
            Ok(found) if !found.is_dir() => std::fs::remove_file(&path),
            _ => std::fs::remove_dir_all(&path),
        };
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(Failure::new(Staging::name(audience), &e))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8], path: &TreePath) -> Result<(), Failure> {
        let mut file = self.folder.create_file(name)?;
        file.write_all(bytes)
            .and_then(|()| self.seal(&file, bytes.len() as u64))
            .map_err(|e| Failure::new(self.target(path), &e))
    }

    /// Links a finished file, or copies it where it cannot be linked.
    pub(super) fn take(
        &self,
        name: &str,
        source: &Path,
        (bytes, sha256): (u64, Sha256),
        path: &TreePath,
    ) -> Result<(), Failure> {
        if self.folder.link_from(source, name).is_ok() {
            let staged = TreePath::known(name);
            if let (Found::File { bytes: found }, Some(file)) =
                (self.folder.found(&staged)?, self.folder.open_file(&staged)?)
                && found == bytes
            {
                return self
                    .make_readable(&file)
                    .and_then(|()| self.seal(&file, bytes))
                    .map_err(|e| Failure::new(self.target(path), &e));
            }
            // A link, or a file of another length: read below, and judged there.
            self.folder
                .unlink(name)
                .map_err(|e| Failure::new(self.target(path), &io::Error::from(e)))?;
        }
        let copied = copy(source, &mut self.folder.create_file(name)?)
            .map_err(|e| Failure::new(self.target(path), &e))?;
        if copied != (bytes, sha256) {
            return Err(Failure::Io {
                path: self.target(path),
                error: "its bytes changed between verification and publication".to_owned(),
            });
        }
        let staged = self.folder.open_file(&TreePath::known(name))?;
        staged
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
            .and_then(|file| self.seal(&file, bytes))
            .map_err(|e| Failure::new(self.target(path), &e))
    }

    /// From here on, the publication will come into place.
    pub(super) fn commit(&self, journal: &Journal) -> Result<(), Failure> {
        let text = serde_json::to_vec(journal).expect("a journal is plain data");
        let path = TreePath::known(JOURNAL);
        let unfinished = "journal.new";
        self.folder.sync("")?;
        self.write(unfinished, &text, &path)?;
        self.folder.place(&self.folder, unfinished, &path)?;
        self.folder.sync("")
    }

    /// Counts the bytes that arrived, and makes them last. A file whose sync
    /// fails is thrown away with the whole staging folder, never tried again.
    fn seal(&self, file: &File, bytes: u64) -> io::Result<()> {
        if file.metadata()?.len() != bytes {
            return Err(io::Error::from(io::ErrorKind::WriteZero));
        }
        file.sync_all()
    }

    /// A temporary file is often readable by its owner alone: a web server
    /// must read what is published, as far as the user's umask allows.
    fn make_readable(&self, file: &File) -> io::Result<()> {
        let readable = Mode::from_raw_mode(0o444) & self.mode;
        if mode_of(file)?.contains(readable) {
            return Ok(());
        }
        rustix::fs::fchmod(file, self.mode).map_err(io::Error::from)
    }

    /// What messages call a file: its place in the tree.
    fn target(&self, path: &TreePath) -> String {
        let staging = self.folder.label_of("");
        let tree = staging.replace(".staging-", "");
        PathBuf::from(tree)
            .join(path.as_str())
            .to_string_lossy()
            .into_owned()
    }
}

fn mode_of(file: &File) -> io::Result<Mode> {
    let stat = rustix::fs::fstat(file)?;
    Ok(Mode::from_raw_mode(stat.st_mode & 0o777))
}

fn copy(source: &Path, target: &mut File) -> io::Result<(u64, Sha256)> {
    let mut source = File::open(source)?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(n) => {
                hasher.update(&buffer[..n]);
                target.write_all(&buffer[..n])?;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
