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
        found.extend(decode_all(workshop, target)?);
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
        found.extend(decode_all(workshop, folder.path())?);
    }
    Ok(found)
}

fn decode_all(workshop: &Workshop, tree: &Path) -> Result<Vec<Diagnostic>, Failure> {
    let manifest = fs::read_to_string(tree.join("manifest.json"))
        .ok()
        .and_then(|t| Manifest::parse(&t).ok());
    let Some(manifest) = manifest else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for capsule in &manifest.capsules {
        for rendition in &capsule.renditions {
            let label = rendition.path.as_str().to_owned();
            let wrong = |what: &str, expected: String, found: String| {
                let problem = Problem::VerifyFailed {
                    file: label.clone(),
                    what: what.into(),
                    expected,
                    found,
                };
                Diagnostic::of_capsule(
                    problem,
                    Place::File {
                        path: label.clone(),
                    },
                    &capsule.id,
                )
            };
            let file = match whole(workshop, tree, rendition.path.as_str()) {
                Ok(file) => file,
                Err(error) => {
                    found.push(wrong("file", "readable".into(), error.to_string()));
                    continue;
                }
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
                        found.push(wrong(
                            "decoded pictures",
                            rendition.frames.to_string(),
                            decoded.to_string(),
                        ));
                    }
                }
                Ok(_) => found.push(wrong("file", "a film".into(), "something else".into())),
                Err(Failure::Capsule(Problem::MediaFailed { error, .. })) => {
                    found.push(wrong("file", "a film that decodes".into(), error));
                }
                Err(Failure::Capsule(problem)) => {
                    found.push(Diagnostic::of_capsule(
                        problem,
                        Place::File {
                            path: label.clone(),
                        },
                        &capsule.id,
                    ));
                }
                Err(other) => return Err(other),
            }
        }
    }
    Ok(found)
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
