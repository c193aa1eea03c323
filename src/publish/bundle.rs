//! Release archives: one tar of one tree, the same bytes from the same inputs.
//!
//! Names in byte order, owner 0, fixed modes, one time for all. Only what the
//! manifest names goes in, each file checked against its sum on the way;
//! drafts stay out.

use super::failure::Failure;
use super::folder::Folder;
use super::manifest::{MANIFEST, Manifest, SUMS};
use super::path::TreePath;
use super::sums::{self, Hasher, Sha256};
use super::tree::{ancestors, read_manifest};
use crate::values::audience::Audience;
use crate::values::ids::Id;
use crate::values::time::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A release archive as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bundle {
    pub digest: Sha256,
    pub bytes: u64,
    pub capsules: Vec<Id>,
}

/// The time that every entry bears, in seconds since the epoch: the one that
/// the environment asks for (SOURCE_DATE_EPOCH), else the series' date, else 0.
pub fn archive_time(source_date_epoch: Option<u64>, published: Option<Date>) -> u64 {
    let of_date = |date: Date| u64::try_from(date.days_since_epoch() * 86_400).unwrap_or(0);
    source_date_epoch
        .or(published.map(of_date))
        .unwrap_or_default()
}

/// Archives `dist/<audience>` as `out`, with `<out>.sha256` beside it. Nothing
/// is left at `out` when it fails, other than what was there before.
pub fn write(dist: &Path, audience: Audience, out: &Path, time: u64) -> Result<Bundle, Failure> {
    let missing = || Failure::Vanished {
        path: format!("dist/{}/{MANIFEST}", audience.name()),
    };
    let manifest = read_manifest(dist, audience)?.ok_or_else(missing)?;
    let tree = Folder::open(dist, audience.name())?.ok_or_else(missing)?;
    let manifest = without_drafts(manifest);
    let entries = entries(&tree, &manifest)?;

    let label = out.to_string_lossy().into_owned();
    let failed = |e: &io::Error| Failure::new(label.clone(), e);
    let name = out
        .file_name()
        .ok_or_else(|| failed(&io::Error::from(io::ErrorKind::InvalidFilename)))?
        .to_string_lossy()
        .into_owned();
    let unfinished = new_file_beside(out).map_err(|e| failed(&e))?;
    let sink = Counted {
        inner: BufWriter::new(unfinished.as_file()),
        hasher: Hasher::default(),
    };
    let (bytes, digest) = archive(&tree, entries, time, sink, &label)?;
    place(unfinished, out).map_err(|e| failed(&e))?;

    let beside = out.with_file_name(format!("{name}.sha256"));
    write_file(&beside, format!("{digest}  {name}\n").as_bytes())
        .map_err(|e| Failure::new(beside.to_string_lossy(), &e))?;
    Ok(Bundle {
        digest,
        bytes,
        capsules: manifest.capsules.into_iter().map(|c| c.id).collect(),
    })
}

fn without_drafts(mut manifest: Manifest) -> Manifest {
    let drafts: BTreeSet<Id> = manifest
        .capsules
        .iter()
        .filter(|c| c.draft)
        .map(|c| c.id.clone())
        .collect();
    manifest.capsules.retain(|c| !drafts.contains(&c.id));
    manifest
        .files
        .retain(|file| !drafts.iter().any(|id| file.path.is_of_capsule(id.as_str())));
    manifest
}

enum Entry {
    Folder,
    Published { bytes: u64, sha256: Sha256 },
    Made(Vec<u8>),
}

/// What the archive holds, by name; folders end with `/`, so each comes right
/// before what is in it.
fn entries(tree: &Folder, manifest: &Manifest) -> Result<BTreeMap<String, Entry>, Failure> {
    let mut sums: BTreeMap<TreePath, Sha256> = manifest
        .files
        .iter()
        .map(|file| (file.path.clone(), file.sha256))
        .collect();
    // The very bytes of the tree where nothing is left out of them.
    let text = manifest.to_json().into_bytes();
    let own = tree.read(&TreePath::known(MANIFEST))?;
    let text = match own.as_deref().map(std::str::from_utf8) {
        Some(Ok(own)) if Manifest::parse(own).as_ref() == Ok(manifest) => own.as_bytes().to_vec(),
        _ => text,
    };
    sums.insert(TreePath::known(MANIFEST), Sha256::of(&text));

    let mut entries = BTreeMap::new();
    for file in &manifest.files {
        for folder in ancestors(&file.path) {
            entries.insert(format!("{folder}/"), Entry::Folder);
        }
        let published = Entry::Published {
            bytes: file.bytes,
            sha256: file.sha256,
        };
        entries.insert(file.path.to_string(), published);
    }
    entries.insert(MANIFEST.to_owned(), Entry::Made(text));
    entries.insert(
        SUMS.to_owned(),
        Entry::Made(sums::write(&sums).into_bytes()),
    );
    Ok(entries)
}

fn archive<W: Write>(
    tree: &Folder,
    entries: BTreeMap<String, Entry>,
    time: u64,
    sink: Counted<W>,
    label: &str,
) -> Result<(u64, Sha256), Failure> {
    let failed = |e: &io::Error| Failure::new(label, e);
    let mut tar = tar::Builder::new(sink);
    for (name, entry) in entries {
        match entry {
            Entry::Folder => {
                let mut header = header(tar::EntryType::Directory, 0, time);
                tar.append_data(&mut header, &name, io::empty())
                    .map_err(|e| failed(&e))?;
            }
            Entry::Made(bytes) => {
                let mut header = header(tar::EntryType::Regular, bytes.len() as u64, time);
                tar.append_data(&mut header, &name, &bytes[..])
                    .map_err(|e| failed(&e))?;
            }
            Entry::Published { bytes, sha256 } => {
                let path = tree.label_of(&name);
                let file = tree.open_file(&TreePath::known(&name))?;
                let Some(file) = file else {
                    return Err(Failure::Vanished { path });
                };
                let mut header = header(tar::EntryType::Regular, bytes, time);
                let mut counted = Counted {
                    // A file that grew is seen by its last byte, and never
                    // overruns the size in its header.
                    inner: file.take(bytes),
                    hasher: Hasher::default(),
                };
                tar.append_data(&mut header, &name, &mut counted)
                    .map_err(|e| failed(&e))?;
                let mut beyond = [0];
                let grown = counted.inner.into_inner().read(&mut beyond);
                let same = counted.hasher.finish() == (bytes, sha256);
                if !same || grown.map_err(|e| Failure::new(path.clone(), &e))? > 0 {
                    return Err(Failure::Changed { path });
                }
            }
        }
    }
    let mut sink = tar.into_inner().map_err(|e| failed(&e))?;
    sink.flush().map_err(|e| failed(&e))?;
    Ok(sink.hasher.finish())
}

fn header(kind: tar::EntryType, bytes: u64, time: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_mode(if kind.is_dir() { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(time);
    header
}

/// Counts and digests what passes, in or out.
struct Counted<T> {
    inner: T,
    hasher: Hasher,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

/// The line of `releases.csv` for a bundle, added to what is there: file,
/// digest, ids of its capsules. Which release holds whom is what a withdrawal
/// asks later.
pub fn record_release(releases: &Path, file: &str, bundle: &Bundle) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::new(releases.to_string_lossy(), &e);
    let former = match fs::read(releases) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => b"file,digest,capsules\n".to_vec(),
        Err(e) => return Err(failed(e)),
    };
    let ids: Vec<&str> = bundle.capsules.iter().map(Id::as_str).collect();
    let mut line = csv::Writer::from_writer(Vec::new());
    line.write_record([file, &bundle.digest.to_string(), &ids.join(";")])
        .map_err(|e| failed(io::Error::from(e)))?;
    let line = line.into_inner().map_err(|e| failed(e.into_error()))?;
    let mut text = former;
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text.extend(line);
    write_file(releases, &text).map_err(failed)
}

/// Writes a file whole or not at all.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = new_file_beside(path)?;
    unfinished.write_all(bytes)?;
    place(unfinished, path)
}

fn new_file_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".portevoix-")
        // The umask takes away what the user wants taken away.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder_of(path))
}

fn place(unfinished: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    unfinished.as_file().sync_all()?;
    unfinished.persist(path).map_err(|e| e.error)?;
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{capsule, capsule_files, id, path, publication};
    use super::super::tree::{Publication, publish};
    use super::*;

    #[test]
    fn bundles_of_equal_trees_are_equal_and_hold_nothing_foreign() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut digests = Vec::new();
        for name in ["a", "b"] {
            let dist = folder.path().join(name);
            publish(&dist, publication(&[("jpp-1", "Une ?")])).expect("published");
            fs::write(dist.join("public/foreign.txt"), name).expect("written");
            let out = folder.path().join(format!("{name}.tar"));
            let bundle = write(&dist, Audience::Public, &out, 1_736_899_200).expect("bundled");
            let beside = fs::read_to_string(folder.path().join(format!("{name}.tar.sha256")));
            assert_eq!(
                beside.expect("beside"),
                format!("{}  {name}.tar\n", bundle.digest)
            );
            assert_eq!(Sha256::of(&fs::read(&out).expect("there")), bundle.digest);
            digests.push(bundle.digest);
        }
        assert_eq!(digests[0], digests[1]);

        let file = File::open(folder.path().join("a.tar")).expect("there");
        let mut archive = tar::Archive::new(file);
        let mut names = Vec::new();
        for entry in archive.entries().expect("a tar") {
            let entry = entry.expect("an entry");
            let header = entry.header();
            assert_eq!(header.mtime().expect("a time"), 1_736_899_200);
            assert_eq!(
                header.uid().expect("an owner") + header.gid().expect("a group"),
                0
            );
            let mode = if header.entry_type().is_dir() {
                0o755
            } else {
                0o644
            };
            assert_eq!(header.mode().expect("a mode"), mode);
            names.push(entry.path().expect("a path").to_string_lossy().into_owned());
        }
        assert!(names.is_sorted());
        assert!(names.contains(&"jpp-1/web/master.m3u8".to_owned()));
        assert!(!names.contains(&"foreign.txt".to_owned()));
    }

    #[test]
    fn a_changed_or_missing_file_stops_the_bundle_and_leaves_the_former_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dist = folder.path().join("dist");
        publish(&dist, publication(&[("jpp-1", "Une ?")])).expect("published");
        let out = folder.path().join("a.tar");
        fs::write(&out, "former").expect("written");
        let film = dist.join("public/jpp-1/web/360p.mp4");
        let mut bytes = fs::read(&film).expect("there");
        for longer in [false, true] {
            bytes[100] ^= 1;
            if longer {
                bytes[100] ^= 1;
                bytes.push(0);
            }
            fs::write(&film, &bytes).expect("written");
            let failure = write(&dist, Audience::Public, &out, 0);
            assert!(
                matches!(failure, Err(Failure::Changed { .. })),
                "{failure:?}"
            );
        }
        fs::remove_file(&film).expect("removed");
        let failure = write(&dist, Audience::Public, &out, 0);
        assert!(
            matches!(failure, Err(Failure::Vanished { .. })),
            "{failure:?}"
        );
        assert_eq!(fs::read(&out).expect("there"), b"former");
        assert_eq!(fs::read_dir(folder.path()).expect("read").count(), 2);
    }

    #[test]
    fn drafts_stay_out_of_bundles() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut tree: Publication = publication(&[("jpp-1", "Une ?")]);
        tree.manifest.audience = Audience::Private;
        let mut draft = capsule("jpp-2", "Deux ?");
        draft.draft = true;
        tree.manifest.capsules.push(draft);
        tree.files.extend(capsule_files("jpp-2", "Deux ?"));
        publish(folder.path(), tree).expect("published");
        let out = folder.path().join("a.tar");
        let bundle = write(folder.path(), Audience::Private, &out, 0).expect("bundled");
        assert_eq!(bundle.capsules, [id("jpp-1")]);
        let found = super::super::check_tree::check_bundle(&out, &Default::default());
        assert_eq!(found, vec![]);
        let text = fs::read(&out).expect("there");
        assert_eq!(memchr::memmem::find(&text, b"jpp-2/"), None);
    }

    #[test]
    fn a_long_name_comes_back_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let long = format!("{}/{}/a.txt", "x".repeat(90), "y".repeat(90));
        let mut tree = publication(&[]);
        let content = super::super::tree::Content::Bytes(b"text".to_vec());
        tree.files.insert(path(&long), content);
        publish(folder.path(), tree).expect("published");
        let out = folder.path().join("a.tar");
        write(folder.path(), Audience::Public, &out, 0).expect("bundled");
        let found = super::super::check_tree::check_bundle(&out, &Default::default());
        assert_eq!(found, vec![]);
    }

    #[test]
    fn releases_are_added_to_a_list_that_spreadsheets_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let list = folder.path().join("releases.csv");
        let bundle = Bundle {
            digest: Sha256::of(b""),
            bytes: 0,
            capsules: vec![id("jpp-1"), id("jpp-2")],
        };
        record_release(&list, "jpp, été.tar", &bundle).expect("written");
        // An editor took the last line end away.
        let text = fs::read_to_string(&list).expect("there");
        fs::write(&list, text.trim_end()).expect("written");
        record_release(&list, "b.tar", &bundle).expect("written");
        let text = fs::read_to_string(&list).expect("there");
        let digest = bundle.digest;
        assert_eq!(
            text,
            format!(
                "file,digest,capsules\n\"jpp, été.tar\",{digest},jpp-1;jpp-2\n\
                 b.tar,{digest},jpp-1;jpp-2\n"
            )
        );
    }

    #[test]
    fn the_environment_s_time_counts_before_the_series() {
        let date = Date::parse_iso("2025-01-15");
        assert_eq!(archive_time(None, date), 1_736_899_200);
        assert_eq!(archive_time(Some(5), date), 5);
        assert_eq!(archive_time(None, None), 0);
    }
}
