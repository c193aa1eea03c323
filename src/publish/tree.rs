//! Publishing one audience's tree: everything is staged beside it first, then
//! renamed into place in an order that never shows half a capsule, then what
//! the former publication alone named is deleted.
//!
//! The staging folder holds a journal from the moment when all is staged until
//! all is in place. An interruption before it leaves the tree untouched; after
//! it, the next call finishes the same steps. Nothing else is kept in memory
//! or on disk about a publication.

use super::failure::Failure;
use super::folder::{Folder, Found};
use super::journal::{Journal, Staging};
use super::manifest::{self, Capsule, File, MANIFEST, Manifest, SCHEMA, SUMS};
use super::path::TreePath;
use super::site;
use super::sums::{self, Sha256};
use crate::values::audience::Audience;
use crate::values::digest::Digest;
use crate::values::ids::Id;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a file of the tree shall hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Made in memory (playlists, captions), or a file of the user's.
    Bytes(Vec<u8>),
    /// A finished file of ours on the same file system, linked where possible
    /// and copied otherwise: nobody may write to it any more.
    File {
        path: PathBuf,
        bytes: u64,
        sha256: Sha256,
    },
    /// Already in the tree under this path, as published before.
    Kept { bytes: u64, sha256: Sha256 },
}

impl Content {
    fn measure(&self) -> (u64, Sha256) {
        match self {
            Content::Bytes(bytes) => (bytes.len() as u64, Sha256::of(bytes)),
            Content::File { bytes, sha256, .. } | Content::Kept { bytes, sha256 } => {
                (*bytes, *sha256)
            }
        }
    }
}

/// What a tree shall be. `manifest.files` is worked out from `files`; pages,
/// feeds, schema and sums are added here, where `files` (the user's own
/// `publish-extra/` among them) does not bring its own.
#[derive(Clone, PartialEq, Debug)]
pub struct Publication {
    pub manifest: Manifest,
    pub files: BTreeMap<TreePath, Content>,
}

impl Publication {
    /// Over all that the tree is made from, but the program itself.
    pub fn digest(&self) -> Digest {
        let mut hasher = blake3::Hasher::new_derive_key("portevoix 2026 publication");
        hasher.update(self.manifest.to_json().as_bytes());
        for (path, content) in &self.files {
            // The same whether it is new or kept.
            let (bytes, sum) = content.measure();
            hasher.update(path.as_str().as_bytes());
            hasher.update(&bytes.to_le_bytes());
            hasher.update(sum.to_string().as_bytes());
        }
        Digest::from_bytes(*hasher.finalize().as_bytes())
    }
}

/// Over what stands in a tree, by name, size, time and place on the disk: while
/// it is the same, nothing in the tree was touched. `None` when it cannot all
/// be looked at.
pub fn stamps(dist: &Path, audience: Audience) -> Option<Digest> {
    use std::os::unix::fs::MetadataExt;
    let mut hasher = blake3::Hasher::new();
    let walk = walkdir::WalkDir::new(dist.join(audience.name())).sort_by_file_name();
    for entry in walk {
        let entry = entry.ok()?;
        hasher.update(entry.path().as_os_str().as_encoded_bytes());
        if !entry.file_type().is_dir() {
            let found = entry.metadata().ok()?;
            hasher.update(&found.len().to_le_bytes());
            hasher.update(&found.mtime().to_le_bytes());
            hasher.update(&found.mtime_nsec().to_le_bytes());
            hasher.update(&found.ino().to_le_bytes());
        }
    }
    Some(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

/// What publishing changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// New or changed, in the order in which they were put in place: the order
    /// in which to send them to a web server too.
    pub placed: Vec<TreePath>,
    /// Deleted: to be deleted on the web server.
    pub removed: Vec<TreePath>,
    pub unchanged: usize,
}

/// The manifest of a published tree; `None` when nothing is published.
pub fn read_manifest(dist: &Path, audience: Audience) -> Result<Option<Manifest>, Failure> {
    let Some(tree) = Folder::open(dist, audience.name())? else {
        return Ok(None);
    };
    manifest_of(&tree)
}

fn manifest_of(tree: &Folder) -> Result<Option<Manifest>, Failure> {
    let path = TreePath::known(MANIFEST);
    let Some(bytes) = tree.read(&path)? else {
        return Ok(None);
    };
    let read = String::from_utf8(bytes).map_err(|e| e.to_string());
    match read.and_then(|text| Manifest::parse(&text)) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(error) => Err(Failure::BadManifest {
            path: tree.label_of(MANIFEST),
            error,
        }),
    }
}

/// Finishes a publication that was interrupted after everything was staged,
/// and forgets one that was interrupted before. Cheap when there is neither.
pub fn recover(dist: &Path, audience: Audience) -> Result<(), Failure> {
    if let Some((staging, journal)) = Staging::left_over(dist, audience)? {
        let tree = Folder::open_or_create(dist, audience.name())?;
        return finish(dist, audience, &tree, &staging, &journal);
    }
    Staging::discard(dist, audience)
}

/// A capsule of a publication: its entry in the manifest, and its files.
pub type Carried = (Capsule, BTreeMap<TreePath, Content>);

/// A capsule as it is published, to be kept as it is.
/// `None` when it was not published, or not all of it is there any more.
pub fn carry_over(dist: &Path, previous: &Manifest, id: &Id) -> Result<Option<Carried>, Failure> {
    let Some(tree) = Folder::open(dist, previous.audience.name())? else {
        return Ok(None);
    };
    let Some(capsule) = previous.capsule(id) else {
        return Ok(None);
    };
    let mut files = BTreeMap::new();
    // Pages are made anew: what stands on them may have changed.
    let lasting = |file: &&File| !site::is_made(&file.path, previous);
    for file in previous.files_of(id).filter(lasting) {
        if tree.found(&file.path)? != (Found::File { bytes: file.bytes }) {
            return Ok(None);
        }
        files.insert(file.path.clone(), kept(file));
    }
    Ok(Some((capsule.clone(), files)))
}

fn kept(file: &File) -> Content {
    Content::Kept {
        bytes: file.bytes,
        sha256: file.sha256,
    }
}

/// Makes `dist/<audience>` what the publication says. On a failure before
/// everything is staged (a full disk, most of all) the tree is as it was; after
/// it, `recover` or the next call finishes the work.
pub fn publish(dist: &Path, publication: Publication) -> Result<Outcome, Failure> {
    let audience = publication.manifest.audience;
    recover(dist, audience)?;
    let tree = Folder::open_or_create(dist, audience.name())?;
    let former = former_files(&tree)?;
    let files = complete(&tree, publication)?;
    refuse_obstacles(&tree, files.keys())?;
    let changes = changes(&tree, &former, files)?;
    if changes.is_empty() {
        return Ok(changes.outcome());
    }
    let (staging, journal) = match stage(dist, audience, &changes) {
        Ok(staged) => staged,
        Err(failure) => {
            // The first failure is the one to tell; what was staged is of no
            // use, and on a full disk its space is wanted back.
            let _ = Staging::discard(dist, audience);
            return Err(failure);
        }
    };
    finish(dist, audience, &tree, &staging, &journal)?;
    Ok(changes.outcome())
}

/// Takes capsules out of a tree at once: out of its pages, feeds and manifest,
/// and their files deleted. Those of `withdrawn` are named in the manifest as
/// to be taken down everywhere. The files go even if the disk is too full to
/// write a new page first.
pub fn unpublish(
    dist: &Path,
    audience: Audience,
    ids: &BTreeSet<Id>,
    withdrawn: &BTreeSet<Id>,
) -> Result<Outcome, Failure> {
    let recovered = recover(dist, audience);
    let Some(tree) = Folder::open(dist, audience.name())? else {
        return recovered.map(|()| Outcome::default());
    };
    let attempt = |tree: &Folder| -> Result<Outcome, Failure> {
        let Some(mut manifest) = manifest_of(tree)? else {
            return Ok(Outcome::default());
        };
        let concerned = |path: &TreePath| ids.iter().any(|id| path.is_of_capsule(id.as_str()));
        let published = manifest.capsules.iter().any(|c| ids.contains(&c.id))
            || manifest.files.iter().any(|file| concerned(&file.path));
        if !published && withdrawn.is_subset(&manifest.withdrawn) {
            return Ok(Outcome::default());
        }
        let before = manifest.clone();
        manifest.capsules.retain(|c| !ids.contains(&c.id));
        manifest.withdrawn.extend(withdrawn.iter().cloned());
        // Pages of ours are written anew; a page that the user brought cannot
        // be told from them, so it stays out until the next build. A file that
        // is no longer there must not keep the others from going.
        let mut files = BTreeMap::new();
        for file in &manifest.files {
            let stays = !concerned(&file.path)
                && !site::is_made(&file.path, &before)
                && file.path.as_str() != SCHEMA;
            if stays && tree.found(&file.path)? == (Found::File { bytes: file.bytes }) {
                files.insert(file.path.clone(), kept(file));
            }
        }
        publish(dist, Publication { manifest, files })
    };
    match recovered.and_then(|()| attempt(&tree)) {
        Ok(outcome) => Ok(outcome),
        Err(first) => {
            remove_at_once(dist, audience, &tree, ids)?;
            // Deleting may have made the room that was missing.
            match first {
                Failure::DiskFull { .. } => attempt(&tree),
                other => Err(other),
            }
        }
    }
}

/// Deletes every file of these capsules that any record of ours names.
fn remove_at_once(
    dist: &Path,
    audience: Audience,
    tree: &Folder,
    ids: &BTreeSet<Id>,
) -> Result<(), Failure> {
    let mut names = former_files(tree)?;
    if let Ok(Some((_, journal))) = Staging::left_over(dist, audience) {
        names.extend(journal.place.into_iter().map(|(_, path)| (path, None)));
    }
    let concerned = |path: &TreePath| ids.iter().any(|id| path.is_of_capsule(id.as_str()));
    let removal = Journal {
        place: Vec::new(),
        remove: names.into_keys().filter(concerned).collect(),
    };
    let mut unreachable = None;
    for step in removal.steps() {
        if let Err(path) = step.remove_from(tree)? {
            unreachable = Some(in_the_way(tree, &path));
        }
    }
    unreachable.map_or(Ok(()), Err)
}

/// Every file that the tree's own records name, with what they say of it. A
/// manifest that cannot be read leaves its names to the sums, so that its
/// files do not stay published for ever.
fn former_files(tree: &Folder) -> Result<BTreeMap<TreePath, Option<(u64, Sha256)>>, Failure> {
    let mut files: BTreeMap<TreePath, Option<(u64, Sha256)>> = match manifest_of(tree) {
        Ok(None) => BTreeMap::new(),
        Ok(Some(manifest)) => {
            let files = manifest.files.into_iter();
            files.map(|f| (f.path, Some((f.bytes, f.sha256)))).collect()
        }
        Err(Failure::BadManifest { .. }) => {
            let text = tree.read(&TreePath::known(SUMS))?.unwrap_or_default();
            let sums = sums::parse(&String::from_utf8_lossy(&text)).unwrap_or_default();
            sums.into_keys().map(|path| (path, None)).collect()
        }
        Err(other) => return Err(other),
    };
    files.remove(&TreePath::known(MANIFEST));
    files.remove(&TreePath::known(SUMS));
    Ok(files)
}

/// Adds pages, schema, manifest and sums.
fn complete(
    tree: &Folder,
    publication: Publication,
) -> Result<BTreeMap<TreePath, Content>, Failure> {
    let Publication {
        manifest,
        mut files,
    } = publication;
    let texts = texts(tree, &manifest, &files)?;
    let (mut manifest, pages) = site::furnish(manifest, &texts);
    for (path, bytes) in pages {
        files.entry(path).or_insert(Content::Bytes(bytes));
    }
    let own = |text: String| Content::Bytes(text.into_bytes());
    files.remove(&TreePath::known(MANIFEST));
    files.remove(&TreePath::known(SUMS));
    files.insert(TreePath::known(SCHEMA), own(manifest::schema_json()));

    let measured: BTreeMap<&TreePath, (u64, Sha256)> = files
        .iter()
        .map(|(path, content)| (path, content.measure()))
        .collect();
    manifest.files = measured
        .iter()
        .map(|(path, (bytes, sha256))| File {
            path: (*path).clone(),
            bytes: *bytes,
            sha256: *sha256,
            media_type: path.media_type().to_owned(),
        })
        .collect();
    let mut all: BTreeMap<TreePath, Sha256> = measured
        .into_iter()
        .map(|(path, (_, sum))| (path.clone(), sum))
        .collect();
    let text = manifest.to_json();
    all.insert(TreePath::known(MANIFEST), Sha256::of(text.as_bytes()));
    files.insert(TreePath::known(MANIFEST), own(text));
    files.insert(TreePath::known(SUMS), own(sums::write(&all)));
    Ok(files)
}

/// The texts that pages are made of, wherever they are now. One that is
/// missing is found out when the files are put in place.
fn texts(
    tree: &Folder,
    manifest: &Manifest,
    files: &BTreeMap<TreePath, Content>,
) -> Result<site::Texts, Failure> {
    let mut texts = site::Texts::new();
    for path in site::sources(manifest) {
        let bytes = match files.get(path) {
            Some(Content::Bytes(bytes)) => Some(bytes.clone()),
            Some(Content::File { path, .. }) => std::fs::read(path).ok(),
            Some(Content::Kept { .. }) => tree.read(path)?,
            None => None,
        };
        if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
            texts.insert(path.clone(), text);
        }
    }
    Ok(texts)
}

/// Before anything is changed: nothing may stand where a file or one of its
/// folders goes, and no path may be another's folder.
fn refuse_obstacles<'a>(
    tree: &Folder,
    paths: impl Iterator<Item = &'a TreePath>,
) -> Result<(), Failure> {
    let mut folders = BTreeSet::new();
    let mut names = BTreeSet::new();
    for path in paths {
        names.insert(path.clone());
        folders.extend(ancestors(path));
        if tree.found(path)? == Found::Folder {
            return Err(in_the_way(tree, path));
        }
    }
    for folder in &folders {
        let free = matches!(tree.found(folder)?, Found::Nothing | Found::Folder);
        if !free || names.contains(folder) {
            return Err(in_the_way(tree, folder));
        }
    }
    Ok(())
}

fn in_the_way(tree: &Folder, path: &TreePath) -> Failure {
    Failure::InTheWay {
        path: tree.label_of(path.as_str()),
    }
}

/// The folders of a path, innermost first.
pub(super) fn ancestors(path: &TreePath) -> Vec<TreePath> {
    let mut folders = Vec::new();
    let mut folder = path.folder();
    while let Some(path) = TreePath::new(folder) {
        folders.push(path);
        folder = folder.rsplit_once('/').map_or("", |(outer, _)| outer);
    }
    folders
}

/// What differs between the tree and what it shall be.
struct Changes {
    /// In the order in which they go into place.
    place: Vec<(TreePath, Content)>,
    remove: Vec<TreePath>,
    unchanged: usize,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.place.is_empty() && self.remove.is_empty()
    }

    fn outcome(self) -> Outcome {
        Outcome {
            placed: self.place.into_iter().map(|(path, _)| path).collect(),
            removed: self.remove,
            unchanged: self.unchanged,
        }
    }
}

fn changes(
    tree: &Folder,
    former: &BTreeMap<TreePath, Option<(u64, Sha256)>>,
    files: BTreeMap<TreePath, Content>,
) -> Result<Changes, Failure> {
    let mut remove: Vec<TreePath> = former
        .keys()
        .filter(|path| !files.contains_key(path))
        .cloned()
        .collect();
    // What names others goes before what it names.
    remove.sort_by_cached_key(|path| std::cmp::Reverse(Turn::of(path)));
    let mut place = Vec::new();
    let mut unchanged = 0;
    for (path, content) in files {
        let found = tree.found(&path)?;
        let same = match &content {
            Content::Kept { bytes, .. } => {
                if found != (Found::File { bytes: *bytes }) {
                    return Err(Failure::Vanished {
                        path: tree.label_of(path.as_str()),
                    });
                }
                true
            }
            Content::Bytes(bytes) => tree.read(&path)?.as_ref() == Some(bytes),
            Content::File { bytes, sha256, .. } => {
                found == (Found::File { bytes: *bytes })
                    && former.get(&path) == Some(&Some((*bytes, *sha256)))
            }
        };
        if same {
            unchanged += 1;
        } else {
            place.push((path, content));
        }
    }
    place.sort_by_cached_key(|(path, _)| (Turn::of(path), path.clone()));
    Ok(Changes {
        place,
        remove,
        unchanged,
    })
}

/// When a file goes into place: nothing is named before it is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Turn {
    Media,
    MediaPlaylist,
    MultivariantPlaylist,
    /// Of a capsule; those at the top of the tree lead to them.
    CapsulePage,
    Page,
    Schema,
    Manifest,
    Sums,
}

impl Turn {
    pub(super) fn of(path: &TreePath) -> Turn {
        match (path.as_str(), path.name(), path.extension()) {
            (MANIFEST, ..) => Turn::Manifest,
            (SCHEMA, ..) => Turn::Schema,
            (SUMS, ..) => Turn::Sums,
            (_, "master.m3u8", _) => Turn::MultivariantPlaylist,
            (_, _, "m3u8") => Turn::MediaPlaylist,
            (_, _, "html") if !path.folder().is_empty() => Turn::CapsulePage,
            (_, _, "html" | "xml") => Turn::Page,
            _ => Turn::Media,
        }
    }
}

/// Writes all that is new beside the tree, and last the journal that makes it
/// certain to come into place.
fn stage(
    dist: &Path,
    audience: Audience,
    changes: &Changes,
) -> Result<(Staging, Journal), Failure> {
    let staging = Staging::begin(dist, audience)?;
    let mut journal = Journal {
        place: Vec::new(),
        remove: changes.remove.clone(),
    };
    for (number, (path, content)) in changes.place.iter().enumerate() {
        let name = number.to_string();
        match content {
            Content::Bytes(bytes) => staging.write(&name, bytes, path)?,
            Content::File {
                path: source,
                bytes,
                sha256,
            } => staging.take(&name, source, (*bytes, *sha256), path)?,
            Content::Kept { .. } => continue,
        }
        journal.place.push((name, path.clone()));
    }
    staging.commit(&journal)?;
    Ok((staging, journal))
}

/// Does what the journal says, and then forgets it; done twice, it changes
/// nothing more. What lies behind a link cannot be deleted and never could be
/// by trying again: it is the error once all the rest is done.
fn finish(
    dist: &Path,
    audience: Audience,
    tree: &Folder,
    staging: &Staging,
    journal: &Journal,
) -> Result<(), Failure> {
    let mut unreachable = None;
    for step in journal.steps() {
        if let Err(path) = step.perform(tree, staging)? {
            unreachable = Some(in_the_way(tree, &path));
        }
    }
    Staging::discard(dist, audience)?;
    unreachable.map_or(Ok(()), Err)
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
