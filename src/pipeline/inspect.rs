//! Judges what is published, or archived, with nothing but itself to go by:
//! rules and sums by `publish::check_tree`, then every picture decoded.

use crate::publish::check_tree::{Secrets, check_bundle, check_tree};
use crate::publish::manifest::Manifest;
use crate::render::{Failure, Workshop, io_problem};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request};
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::Duration;

const BASE_SECONDS: u64 = 600;

/// Every fault of a tree or a bundle.
pub fn inspect(
    workshop: &Workshop,
    target: &Path,
    secrets: &Secrets,
) -> Result<Vec<Diagnostic>, Failure> {
    if target.is_dir() {
        let mut found = check_tree(target, secrets);
        let broken = decode_all(workshop, target, &found)?;
        found.extend(broken);
        return Ok(found);
    }
    let mut found = check_bundle(target, secrets);
    // Only an archive whose names and sums are right is taken apart.
    if found.is_empty() {
        let machine =
            |e: io::Error| Failure::Machine(io_problem(&target.display().to_string(), &e));
        let folder = tempfile::tempdir().map_err(machine)?;
        let mut archive = tar::Archive::new(File::open(target).map_err(machine)?);
        archive.unpack(folder.path()).map_err(machine)?;
        let name = target.file_name().map_or(target, Path::new).to_owned();
        let broken = decode_all(workshop, folder.path(), &found)?;
        // It is found in a folder of ours that nobody has to know of.
        found.extend(broken.into_iter().map(|mut diagnostic| {
            let path = name.display().to_string();
            diagnostic.place = Place::File { path };
            diagnostic
        }));
    }
    Ok(found)
}

/// Every film that does not decode, but for those of which is known already
/// that they are not as they were published.
fn decode_all(
    workshop: &Workshop,
    tree: &Path,
    known: &[Diagnostic],
) -> Result<Vec<Diagnostic>, Failure> {
    let manifest = fs::read_to_string(tree.join("manifest.json"))
        .ok()
        .and_then(|t| Manifest::parse(&t).ok());
    let Some(manifest) = manifest else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for capsule in &manifest.capsules {
        for rendition in &capsule.renditions {
            let path = rendition.path.as_str();
            if known.iter().any(|d| is_about(&d.problem, path)) {
                continue;
            }
            let mut wrong = |problem| {
                let name = tree.file_name().map_or(tree, Path::new);
                let path = name.display().to_string();
                let place = Place::File { path };
                found.push(Diagnostic::of_capsule(problem, place, &capsule.id));
            };
            let broken = |readable| Problem::TreeFilmBroken {
                path: path.to_owned(),
                readable,
                expected: rendition.frames,
            };
            let Ok(file) = whole(workshop, tree, path) else {
                wrong(broken(0));
                continue;
            };
            let seconds = (rendition.frames / 20) + BASE_SECONDS;
            let request = Request::Verify { made_of: None };
            let answer = workshop.ask(
                // Nobody knows who made it.
                Material::Once,
                &request,
                &[file.as_fd()],
                Duration::from_secs(seconds),
                &mut |_| Go::On,
            );
            match answer.map_err(Failure::from) {
                Ok(Answer::Verified { facts }) => {
                    let decoded = facts.picture.as_ref().and_then(|p| p.decoded).unwrap_or(0);
                    if decoded != rendition.frames {
                        wrong(broken(decoded));
                    }
                }
                Ok(_) | Err(Failure::Capsule(Problem::MediaFailed { .. })) => wrong(broken(0)),
                Err(Failure::Capsule(problem)) => wrong(problem),
                Err(other) => return Err(other),
            }
        }
    }
    Ok(found)
}

/// Whether a finding is about a film's file, or one of its segments.
fn is_about(problem: &Problem, film: &str) -> bool {
    let (Problem::TreeFileChanged { path } | Problem::TreeFileMissing { path }) = problem else {
        return false;
    };
    let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    path == film || (film.ends_with(".m3u8") && folder(path) == folder(film))
}

/// The film behind a path: the file, or for a media playlist its header and
/// segments joined.
fn whole(workshop: &Workshop, tree: &Path, path: &str) -> io::Result<File> {
    let place = tree.join(path);
    if !path.ends_with(".m3u8") {
        return File::open(place);
    }
    let folder = place.parent().unwrap_or(tree);
    let playlist = fs::read_to_string(&place)?;
    let mut joined = workshop.store.scratch().map_err(|e| e.error)?;
    let parts = playlist
        .lines()
        .filter_map(|line| match line.strip_prefix("#EXT-X-MAP:URI=\"") {
            Some(rest) => rest.split('"').next(),
            None if line.is_empty() || line.starts_with('#') => None,
            None => Some(line),
        });
    for part in parts {
        // Names only: a playlist of ours never points elsewhere.
        if part.contains('/') {
            return Err(io::Error::new(io::ErrorKind::InvalidData, part.to_owned()));
        }
        io::copy(&mut File::open(folder.join(part))?, &mut joined)?;
    }
    Ok(joined)
}
