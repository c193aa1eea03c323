//! Opens a clip where it lies: a plain file below `footage/`, and nothing else,
//! whatever the folder has become since it was listed.

use crate::render::io_problem;
use crate::values::diagnostic::Problem;
use crate::values::facts::ProbeFailure;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// A day of film in the most generous of formats stays below.
const MAX_BYTES: u64 = 2 << 40;

/// More than this never written, and a file is no clip but a place for one.
/// Less is read as the zeros that it stands for, in a second or two.
const MAX_HOLES: u64 = 1 << 30;

/// Opens a clip for reading.
///
/// Links are resolved first, and the resolved path is walked from the folder
/// without following any: a clip that becomes a link meanwhile leads nowhere.
///
/// # Errors
/// When it lies outside `footage/`, or is no plain file of a clip's size.
pub(super) fn open(series: &Path, clip: &Path) -> Result<File, Problem> {
    let path = || clip.display().to_string();
    let failed = |error: io::Error| io_problem(&path(), &error);
    let root = series.join("footage").canonicalize().map_err(failed)?;
    let real = series.join(clip).canonicalize().map_err(failed)?;
    let Ok(inner) = real.strip_prefix(&root) else {
        return Err(Problem::ClipOutsideFootage { path: path() });
    };
    let Some(name) = inner.file_name() else {
        return Err(Problem::ClipNotAFile { path: path() });
    };
    let refused = |error: Errno| match error {
        Errno::LOOP | Errno::NOTDIR => Problem::ClipChanged { path: path() },
        other => failed(other.into()),
    };
    let folder = walk(&root, inner.parent().unwrap_or(inner)).map_err(refused)?;
    // What is no plain file is not even opened: a pipe would wait for ever, and
    // a device may act on it.
    let found = rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(refused)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(Problem::ClipNotAFile { path: path() });
    }
    let plainly = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(&folder, name, plainly, Mode::empty())
        .map(File::from)
        .map_err(refused)?;
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(Problem::ClipNotAFile { path: path() });
    }
    match unreadable(&file, found.len()).map_err(|e| failed(e.into()))? {
        None => Ok(file),
        Some(failure) => Err(Problem::ClipUnusable {
            path: path(),
            failure,
        }),
    }
}

fn walk(root: &Path, inner: &Path) -> Result<OwnedFd, Errno> {
    let folder = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut here = rustix::fs::open(root, folder, Mode::empty())?;
    for part in inner.components() {
        here = rustix::fs::openat(&here, part.as_os_str(), folder, Mode::empty())?;
    }
    Ok(here)
}

/// What keeps a file from being read to its end within reason.
fn unreadable(file: &File, bytes: u64) -> Result<Option<ProbeFailure>, Errno> {
    if bytes > MAX_BYTES {
        return Ok(Some(ProbeFailure::BeyondLimits {
            what: "bytes".into(),
            found: bytes,
            limit: MAX_BYTES,
        }));
    }
    let missing = holes(file, bytes)?;
    Ok((missing > MAX_HOLES).then_some(ProbeFailure::Hollow { bytes, missing }))
}

/// Bytes that were never written, counted until there are too many. A file
/// system that does not know says none.
fn holes(file: &File, bytes: u64) -> Result<u64, Errno> {
    use rustix::fs::SeekFrom;
    if bytes <= MAX_HOLES {
        return Ok(0);
    }
    let (mut missing, mut at) = (0, 0);
    while at < bytes && missing <= MAX_HOLES {
        let hole = match rustix::fs::seek(file, SeekFrom::Hole(at)) {
            Ok(hole) => hole,
            Err(Errno::NXIO | Errno::INVAL) => break,
            Err(error) => return Err(error),
        };
        at = match rustix::fs::seek(file, SeekFrom::Data(hole)) {
            Ok(written) => written,
            Err(Errno::NXIO) => bytes.max(hole),
            Err(error) => return Err(error),
        };
        missing += at - hole;
    }
    rustix::fs::seek(file, SeekFrom::Start(0))?;
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn series() -> tempfile::TempDir {
        let series = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(series.path().join("footage/day")).expect("made");
        fs::write(series.path().join("footage/day/a.mp4"), "film").expect("written");
        fs::write(series.path().join("secret"), "secret").expect("written");
        series
    }

    #[test]
    fn links_lead_about_the_folder_and_not_out_of_it() {
        let series = series();
        let at = |name: &str| series.path().join("footage").join(name);
        symlink("day/a.mp4", at("inside.mp4")).expect("linked");
        symlink(at("day"), at("days")).expect("linked");
        symlink("../secret", at("outside.mp4")).expect("linked");
        symlink("..", at("up")).expect("linked");
        let open = |clip: &str| super::open(series.path(), Path::new(clip));
        for inside in [
            "footage/inside.mp4",
            "footage/days/a.mp4",
            "footage/day/a.mp4",
        ] {
            let file = open(inside).expect("a clip");
            assert_eq!(io::read_to_string(file).expect("text"), "film");
        }
        for outside in [
            "footage/outside.mp4",
            "footage/up/secret",
            "footage/../secret",
        ] {
            let path = outside.to_owned();
            assert_eq!(
                open(outside).err(),
                Some(Problem::ClipOutsideFootage { path })
            );
        }
    }

    #[test]
    fn a_folder_that_became_a_link_is_not_followed() {
        let series = series();
        symlink("..", series.path().join("footage/up")).expect("linked");
        let root = series.path().join("footage");
        let refused = walk(&root, Path::new("up")).err();
        assert!(matches!(refused, Some(Errno::LOOP | Errno::NOTDIR)));
    }

    #[test]
    fn a_place_for_a_clip_is_no_clip() {
        let series = series();
        let clip = File::create(series.path().join("footage/b.mp4")).expect("made");
        clip.set_len(8 << 30).expect("so long");
        let refused = open(series.path(), Path::new("footage/b.mp4")).err();
        let Some(Problem::ClipUnusable { failure, .. }) = refused else {
            panic!("{refused:?}");
        };
        let (bytes, missing) = (8 << 30, 8 << 30);
        assert_eq!(failure, ProbeFailure::Hollow { bytes, missing });
        clip.set_len(1 << 20).expect("so long");
        assert!(open(series.path(), Path::new("footage/b.mp4")).is_ok());
    }
}
