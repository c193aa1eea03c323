//! The store: finished objects under the keys that name their inputs.
//!
//! ```text
//! .portevoix/
//!   CACHEDIR.TAG
//!   store/v1/<kind>/<2 hex>/<62 hex>   one object each, immutable
//!   store/v1/tmp/                      on the way; emptied when nobody works
//! ```
//!
//! An object is a line of JSON (digest and length of what follows, the recipe
//! in readable form, the toolchain that made it) and its bytes. It is written
//! under a temporary name, synced, renamed, and checked against its digest
//! each time it is read: a damaged object is a missing object. Only this
//! module writes here. Nothing here knows what objects mean.

mod durable;
mod lock;

pub use durable::{StoreError, write_durably};
pub use lock::Lock;

use crate::values::digest::{Digest, Key, ObjectKind, Recipe};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

const VERSION: &str = "v1";

/// No object is on its way for so long.
const ABANDONED: std::time::Duration = std::time::Duration::from_secs(3600);

/// A folder of objects; may be shared by several series and machines.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Header {
    digest: Digest,
    bytes: u64,
    toolchain: String,
    recipe: serde_json::Value,
}

/// An object as read, whole and undamaged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Object {
    pub bytes: Vec<u8>,
    pub toolchain: String,
}

/// Objects one after the other in a file, with their lengths; or those that
/// are missing or damaged.
pub enum Gathered {
    Whole(File, Vec<u64>),
    Missing(Vec<Key>),
}

impl Store {
    /// Opens the store in a folder, making it when it is not there.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        let root = folder.join(VERSION);
        for kind in ObjectKind::ALL {
            let place = root.join(kind.folder());
            fs::create_dir_all(&place).map_err(|e| StoreError::new(&place, e))?;
        }
        let tmp = root.join("tmp");
        fs::create_dir_all(&tmp).map_err(|e| StoreError::new(&tmp, e))?;
        Ok(Store { root })
    }

    fn path(&self, key: Key) -> PathBuf {
        let hex = key.digest.to_hex();
        self.root
            .join(key.kind.folder())
            .join(&hex[..2])
            .join(&hex[2..])
    }

    /// Whether an object is there; whether it is whole shows when it is read.
    pub fn contains(&self, key: Key) -> bool {
        self.bytes(key).is_some()
    }

    /// How large an object is, where it is there.
    pub fn bytes(&self, key: Key) -> Option<u64> {
        let found = fs::metadata(self.path(key)).ok()?;
        (found.is_file() && found.len() > 0).then_some(found.len())
    }

    /// Stores what was made by a recipe. Storing it again changes nothing.
    pub fn put<R: Recipe>(
        &self,
        recipe: &R,
        bytes: &[u8],
        toolchain: &str,
    ) -> Result<Key, StoreError> {
        let key = recipe.key();
        let path = self.path(key);
        let header = Header {
            digest: Digest::of(bytes),
            bytes: bytes.len() as u64,
            toolchain: toolchain.to_owned(),
            recipe: serde_json::to_value(recipe)
                .map_err(|e| StoreError::new(&path, io::Error::other(e)))?,
        };
        let line = serde_json::to_string(&header)
            .map_err(|e| StoreError::new(&path, io::Error::other(e)))?;
        write_durably(&path, &[line.as_bytes(), b"\n", bytes])?;
        Ok(key)
    }

    /// The object, or `None` when it is missing or damaged. A damaged one is
    /// removed, so that it is made again.
    pub fn get(&self, key: Key) -> Result<Option<Object>, StoreError> {
        let path = self.path(key);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(StoreError::new(&path, e)),
        };
        match read_object(file) {
            Ok(Some(object)) => Ok(Some(object)),
            Ok(None) => {
                self.remove(key)?;
                Ok(None)
            }
            Err(e) => Err(StoreError::new(&path, e)),
        }
    }

    /// The recipe of an object, in readable form.
    pub fn recipe(&self, key: Key) -> Option<serde_json::Value> {
        header(&mut BufReader::new(File::open(self.path(key)).ok()?)).map(|h| h.recipe)
    }

    /// What made an object; reads no more of it than it has to.
    pub fn toolchain(&self, key: Key) -> Option<String> {
        let mut file = File::open(self.path(key)).ok()?;
        let mut start = [0; 512];
        let read = file.read(&mut start).ok()?;
        if let Some(made_by) = made_by(&start[..read]) {
            return Some(made_by);
        }
        file.rewind().ok()?;
        header(&mut BufReader::new(file)).map(|h| h.toolchain)
    }

    pub fn remove(&self, key: Key) -> Result<(), StoreError> {
        let path = self.path(key);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::new(&path, e)),
            _ => Ok(()),
        }
    }

    /// Every key in the store, and the bytes of its object.
    pub fn keys(&self) -> Result<Vec<(Key, u64)>, StoreError> {
        let mut keys = Vec::new();
        for kind in ObjectKind::ALL {
            let folder = self.root.join(kind.folder());
            for entry in walkdir::WalkDir::new(&folder)
                .min_depth(2)
                .max_depth(2)
                .sort_by_file_name()
            {
                let entry = entry.map_err(|e| StoreError::new(&folder, e.into()))?;
                let parent = entry
                    .path()
                    .parent()
                    .and_then(Path::file_name)
                    .unwrap_or_default();
                let hex = format!(
                    "{}{}",
                    parent.to_string_lossy(),
                    entry.file_name().to_string_lossy()
                );
                if let Some(digest) = Digest::parse_hex(&hex) {
                    let bytes = entry.metadata().map(|m| m.len()).unwrap_or(0);
                    keys.push((Key { kind, digest }, bytes));
                }
            }
        }
        Ok(keys)
    }

    /// Removes every object that is not wanted, and what was left half-way.
    /// Returns how many objects and bytes went.
    pub fn prune(&self, wanted: &BTreeSet<Key>) -> Result<(u64, u64), StoreError> {
        let (mut objects, mut freed) = (0, 0);
        for (key, bytes) in self.keys()? {
            if !wanted.contains(&key) {
                self.remove(key)?;
                objects += 1;
                freed += bytes;
            }
        }
        self.clear_tmp()?;
        Ok((objects, freed))
    }

    /// Removes what killed builds left on the way. Others may be at work in the
    /// store: what is younger than an hour is theirs.
    pub fn clear_tmp(&self) -> Result<(), StoreError> {
        for kind in ObjectKind::ALL {
            let folder = self.root.join(kind.folder());
            let left = walkdir::WalkDir::new(&folder)
                .min_depth(2)
                .max_depth(2)
                .into_iter()
                .flatten();
            for entry in left.filter(|e| {
                e.file_name()
                    .to_string_lossy()
                    .starts_with(durable::TEMPORARY)
            }) {
                let age = entry
                    .metadata()
                    .ok()
                    .and_then(|m| m.modified().ok()?.elapsed().ok());
                if age.is_some_and(|age| age > ABANDONED) {
                    match fs::remove_file(entry.path()) {
                        Err(e) if e.kind() != io::ErrorKind::NotFound => {
                            return Err(StoreError::new(entry.path(), e));
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// A nameless file beside the objects, for what is on its way.
    pub fn scratch(&self) -> Result<File, StoreError> {
        let tmp = self.root.join("tmp");
        tempfile::tempfile_in(&tmp).map_err(|e| StoreError::new(&tmp, e))
    }

    /// Copies objects one after the other into a scratch file.
    pub fn gather(&self, keys: &[Key]) -> Result<Gathered, StoreError> {
        let mut file = self.scratch()?;
        let mut lengths = Vec::with_capacity(keys.len());
        let mut missing = Vec::new();
        for &key in keys {
            match self.get(key)? {
                Some(object) => {
                    file.write_all(&object.bytes)
                        .map_err(|e| StoreError::new(&self.root, e))?;
                    lengths.push(object.bytes.len() as u64);
                }
                None => missing.push(key),
            }
        }
        Ok(if missing.is_empty() {
            Gathered::Whole(file, lengths)
        } else {
            Gathered::Missing(missing)
        })
    }
}

/// What stands before the recipe in the first line, which may be long.
fn made_by(start: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Maker {
        toolchain: String,
    }
    let end = memchr::memmem::find(start, b",\"recipe\":")?;
    let mut head = start[..end].to_vec();
    head.push(b'}');
    serde_json::from_slice(&head)
        .ok()
        .map(|m: Maker| m.toolchain)
}

/// Reads the first line; leaves the reader at the object's bytes.
fn header(reader: &mut impl BufRead) -> Option<Header> {
    /// Recipes are a few kilobytes; a line without end is damage.
    const LONGEST: u64 = 1 << 20;
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(LONGEST)
        .read_until(b'\n', &mut line)
        .ok()?;
    serde_json::from_slice(&line).ok()
}

/// The header without the recipe, which is read for people alone.
#[derive(Deserialize)]
struct Seal {
    digest: Digest,
    bytes: u64,
    toolchain: String,
}

fn read_object(mut file: File) -> io::Result<Option<Object>> {
    let mut all = Vec::new();
    file.read_to_end(&mut all)?;
    let Some(end) = memchr::memchr(b'\n', &all) else {
        return Ok(None);
    };
    let bytes = all.split_off(end + 1);
    let Ok(seal) = serde_json::from_slice::<Seal>(&all) else {
        return Ok(None);
    };
    let whole = bytes.len() as u64 == seal.bytes && Digest::of(&bytes) == seal.digest;
    Ok(whole.then_some(Object {
        bytes,
        toolchain: seal.toolchain,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::recipe::FactsRecipe;
    use crate::values::digest::SourceDigest;

    fn recipe(n: u8) -> FactsRecipe {
        FactsRecipe {
            prober: 1,
            source: SourceDigest(Digest::of(&[n])),
        }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        (folder, store)
    }

    #[test]
    fn what_is_put_is_got() {
        let (_folder, store) = store();
        let key = store
            .put(&recipe(1), b"object\nwith lines", "test")
            .expect("stored");
        assert!(store.contains(key));
        let object = store.get(key).expect("readable").expect("there");
        assert_eq!(
            (object.bytes.as_slice(), object.toolchain.as_str()),
            (&b"object\nwith lines"[..], "test")
        );
        assert_eq!(store.recipe(key).expect("readable")["prober"], 1);
    }

    #[test]
    fn every_flipped_byte_is_found_and_the_object_removed() {
        let (_folder, store) = store();
        let key = store.put(&recipe(2), b"payload", "test").expect("stored");
        let path = store.path(key);
        let whole = fs::read(&path).expect("readable");
        let payload_at = whole.len() - 7;
        for at in payload_at..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(&path, &damaged).expect("written");
            assert_eq!(store.get(key).expect("readable"), None, "byte {at}");
            assert!(!store.contains(key));
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).expect("written");
            assert_eq!(store.get(key).expect("readable"), None, "cut to {length}");
        }
    }

    #[test]
    fn pruning_keeps_what_is_wanted() {
        let (_folder, store) = store();
        let kept = store.put(&recipe(3), b"kept", "test").expect("stored");
        let gone = store.put(&recipe(4), b"gone", "test").expect("stored");
        assert_eq!(store.prune(&BTreeSet::from([kept])).expect("pruned").0, 1);
        assert!(store.contains(kept) && !store.contains(gone));
    }
}
