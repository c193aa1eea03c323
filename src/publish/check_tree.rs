//! Judges a published tree or a bundle as its readers will, without decoding
//! anything: manifest and schema, sums, missing, changed and foreign files,
//! playlists, and traces of the machine or of source files.

use super::listing::{self, Listing, Seen};
use super::manifest::{self, MANIFEST, Manifest, SUMS};
use super::page_rules;
use super::path::TreePath;
use super::playlist_rules;
use super::sums;
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What must not be found in anything published.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Secrets {
    /// Names of the clips as filmed, with extension ("c0012.mov").
    pub source_names: Vec<String>,
}

/// Shorter names are found everywhere by chance.
const SHORTEST_SECRET: usize = 6;

/// Starts of paths on a machine. In a text they count after a space, a quote
/// or another mark, not inside a URL.
const MACHINE_PATHS: [&str; 9] = [
    "/home/",
    "/root/",
    "/Users/",
    "/tmp/",
    "/var/",
    "/mnt/",
    "file://",
    ":\\Users\\",
    ".portevoix/",
];

/// Every fault of a tree on disk (`dist/<audience>`); none when it is sound.
pub fn check_tree(tree: &Path, secrets: &Secrets) -> Vec<Diagnostic> {
    match listing::of_tree(tree, &words(secrets)) {
        Ok(listing) => report(tree, check(&listing)),
        Err(failure) => report(tree, vec![failure.into()]),
    }
}

/// Every fault of a release archive, and of the sum beside it.
pub fn check_bundle(bundle: &Path, secrets: &Secrets) -> Vec<Diagnostic> {
    let archive = match listing::of_bundle(bundle, &words(secrets)) {
        Ok(archive) => archive,
        Err(failure) => return report(bundle, vec![failure.into()]),
    };
    let mut problems = check(&archive.listing);
    problems.extend(
        archive
            .faults
            .into_iter()
            .map(|(path, rule)| Problem::TreeRuleBroken { path, rule }),
    );
    let name = bundle
        .file_name()
        .map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let beside = bundle.with_file_name(format!("{name}.sha256"));
    if let Ok(text) = std::fs::read_to_string(beside)
        && !text.starts_with(&archive.sha256.to_string())
    {
        problems.push(Problem::TreeFileChanged { path: name });
    }
    report(bundle, problems)
}

fn words(secrets: &Secrets) -> Vec<String> {
    let long_enough = |name: &&String| name.len() >= SHORTEST_SECRET;
    secrets
        .source_names
        .iter()
        .filter(long_enough)
        .cloned()
        .collect()
}

fn report(what: &Path, problems: Vec<Problem>) -> Vec<Diagnostic> {
    let name = what
        .file_name()
        .map_or_else(|| what.to_string_lossy(), |name| name.to_string_lossy())
        .into_owned();
    problems
        .into_iter()
        .map(|problem| {
            let path = name.clone();
            Diagnostic::new(problem, Place::File { path })
        })
        .collect()
}

fn check(listing: &Listing) -> Vec<Problem> {
    let Some(text) = text_of(listing, MANIFEST) else {
        let path = MANIFEST.to_owned();
        return vec![Problem::TreeFileMissing { path }];
    };
    let mut problems: Vec<Problem> = manifest::validate(text)
        .into_iter()
        .map(|error| Problem::TreeManifestInvalid { error })
        .collect();
    let Ok(manifest) = Manifest::parse(text) else {
        return problems;
    };
    problems.extend(named_files(&manifest, listing));
    problems.extend(sums_file(&manifest, listing));
    problems.extend(references(&manifest));
    let texts = |extension: &str| -> BTreeMap<String, &str> {
        listing
            .keys()
            .filter(|path| path.ends_with(extension))
            .filter_map(|path| Some((path.clone(), text_of(listing, path)?)))
            .collect()
    };
    let sizes = listing
        .iter()
        .filter_map(|(path, seen)| match seen {
            Seen::File { bytes, .. } => Some((path.clone(), *bytes)),
            Seen::Odd => None,
        })
        .collect();
    let playlists = playlist_rules::check(&manifest, &texts(".m3u8"), &sizes);
    let pages = page_rules::check(&manifest, &texts(".html"));
    problems.extend(
        playlists
            .into_iter()
            .chain(pages)
            .map(|(path, rule)| Problem::TreeRuleBroken { path, rule }),
    );
    problems.extend(privacy(&manifest, listing));
    problems
}

fn text_of<'a>(listing: &'a Listing, path: &str) -> Option<&'a str> {
    match listing.get(path)? {
        Seen::File { text, .. } => text.as_deref(),
        Seen::Odd => None,
    }
}

/// Missing, changed and foreign files, by the manifest.
fn named_files(manifest: &Manifest, listing: &Listing) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut named = BTreeSet::from([MANIFEST, SUMS]);
    for file in &manifest.files {
        let path = file.path.to_string();
        named.insert(file.path.as_str());
        match listing.get(&path) {
            Some(Seen::File { bytes, sha256, .. }) => {
                if (*bytes, *sha256) != (file.bytes, file.sha256) {
                    problems.push(Problem::TreeFileChanged { path });
                }
            }
            // A link in its place is foreign, and told below.
            Some(Seen::Odd) => {}
            None => problems.push(Problem::TreeFileMissing { path }),
        }
    }
    let foreign = listing
        .iter()
        .filter(|(path, seen)| **seen == Seen::Odd || !named.contains(path.as_str()));
    problems.extend(foreign.map(|(path, _)| Problem::TreeFileForeign { path: path.clone() }));
    problems
}

/// `SHA256SUMS` names exactly what the manifest names, and the manifest.
fn sums_file(manifest: &Manifest, listing: &Listing) -> Vec<Problem> {
    let changed = |path: &str| Problem::TreeFileChanged { path: path.into() };
    let Some(text) = text_of(listing, SUMS) else {
        return vec![Problem::TreeFileMissing { path: SUMS.into() }];
    };
    let Ok(sums) = sums::parse(text) else {
        return vec![changed(SUMS)];
    };
    let mut expected: BTreeMap<TreePath, sums::Sha256> = manifest
        .files
        .iter()
        .map(|file| (file.path.clone(), file.sha256))
        .collect();
    if let Some(Seen::File { sha256, .. }) = listing.get(MANIFEST) {
        expected.insert(TreePath::known(MANIFEST), *sha256);
    }
    if sums == expected {
        return Vec::new();
    }
    // Which of the two was touched: when only the manifest's own line is off,
    // it is the manifest.
    let own = TreePath::known(MANIFEST);
    let others = |map: &BTreeMap<TreePath, sums::Sha256>| {
        let mut map = map.clone();
        map.remove(&own);
        map
    };
    if others(&sums) == others(&expected) && sums.contains_key(&own) {
        vec![changed(MANIFEST)]
    } else {
        vec![changed(SUMS)]
    }
}

/// What the entries of capsules point at is among the files, and the tree
/// holds nothing that its audience is not meant to see.
fn references(manifest: &Manifest) -> Vec<Problem> {
    let files: BTreeSet<&TreePath> = manifest.files.iter().map(|file| &file.path).collect();
    let broken = |rule: String| Problem::TreeRuleBroken {
        path: MANIFEST.to_owned(),
        rule,
    };
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for capsule in &manifest.capsules {
        let mut paths: Vec<&TreePath> = capsule.renditions.iter().map(|r| &r.path).collect();
        paths.extend(capsule.posters.iter().map(|poster| &poster.path));
        paths.extend(capsule.captions.iter().map(|captions| &captions.path));
        paths.extend(capsule.transcripts.iter().map(|t| &t.path));
        paths.extend(capsule.storyboard.iter().flat_map(|s| [&s.index, &s.sheet]));
        paths.extend(&capsule.embed);
        problems.extend(
            paths
                .into_iter()
                .filter(|path| !files.contains(path))
                .map(|path| Problem::TreeFileMissing {
                    path: path.to_string(),
                }),
        );
        if !ids.insert(&capsule.id) {
            problems.push(broken(format!("capsules[].id {}", capsule.id)));
        }
        if manifest.withdrawn.contains(&capsule.id) {
            problems.push(broken(format!("withdrawn[] {}", capsule.id)));
        }
        if manifest.audience != Audience::Private {
            if capsule.draft {
                problems.push(broken(format!("draft {}", capsule.id)));
            }
            let private = [
                ("source", capsule.source.is_some()),
                ("toolchain", capsule.toolchain.is_some()),
            ];
            problems.extend(
                private
                    .into_iter()
                    .filter(|(_, there)| *there)
                    .map(|(what, _)| Problem::TreePrivacy {
                        path: MANIFEST.to_owned(),
                        what: format!("{what} ({})", capsule.id),
                    }),
            );
        }
    }
    problems
}

fn privacy(manifest: &Manifest, listing: &Listing) -> Vec<Problem> {
    // A clip may be called as something that we publish is: "360p.mp4".
    let published: BTreeSet<&str> = manifest
        .files
        .iter()
        .flat_map(|file| file.path.as_str().split('/'))
        .collect();
    let written = written(manifest);
    let mut problems = Vec::new();
    for (path, seen) in listing {
        let Seen::File { text, found, .. } = seen else {
            continue;
        };
        let names = found
            .iter()
            .filter(|name| !published.contains(name.as_str()))
            .filter(|name| !written.iter().any(|text| text.contains(name.as_str())))
            .cloned();
        let machine = text.iter().flat_map(|text| machine_paths(text));
        problems.extend(names.chain(machine).map(|what| Problem::TreePrivacy {
            path: path.clone(),
            what,
        }));
    }
    problems
}

/// What the catalogue itself publishes: a clip's name in a title was put there
/// by whoever wrote it ("Que dire de clip.mov ?").
fn written(manifest: &Manifest) -> Vec<&str> {
    let mut texts = vec![manifest.series.title.as_str()];
    for capsule in &manifest.capsules {
        texts.push(&capsule.title);
        let optional = [
            &capsule.theme,
            &capsule.speaker,
            &capsule.role,
            &capsule.structure,
            &capsule.contact,
            &capsule.description,
        ];
        let each = capsule
            .speakers
            .iter()
            .flat_map(|s| [&s.name, &s.role, &s.structure]);
        let optional = optional.into_iter().chain(each);
        texts.extend(optional.flatten().map(String::as_str));
        texts.extend(capsule.extra.values().map(String::as_str));
    }
    texts
}

fn machine_paths(text: &str) -> Vec<String> {
    let stands_alone = |at: usize| {
        text[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '/' | '-' | '_' | '%'))
    };
    MACHINE_PATHS
        .iter()
        .filter(|start| {
            let letters_before = start.starts_with(':');
            text.match_indices(**start)
                .any(|(at, _)| letters_before || stands_alone(at))
        })
        .map(|start| (*start).to_owned())
        .collect()
}

#[cfg(test)]
#[path = "check_tree_tests.rs"]
mod tests;
