//! The published trees: what stands in them, who may see what, taking out at
//! once what may no longer be seen, and putting in place what was made.

use crate::pipeline::publication::{self, Made};
use crate::pipeline::record::Record;
use crate::pipeline::survey;
use crate::pipeline::{Event, Settings, Summary, Tell, purge};
use crate::publish::manifest::{Generator, Manifest};
use crate::publish::tree::{self, Content, Publication};
use crate::render::{Failure, Workshop, io_problem};
use crate::series::Series;
use crate::series::capsule::{Capsule, Status};
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::digest::Digest;
use crate::values::ids::Id;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

pub(super) type Trees = BTreeMap<Audience, Manifest>;

/// The published trees; `None` when one of them has a manifest that cannot be
/// read. Then nothing can be built on it, but what may not be seen goes all
/// the same.
pub(super) fn trees(
    settings: &Settings,
    series: &Series,
    tell: Tell<'_>,
) -> Result<Option<Trees>, Failure> {
    use crate::publish::failure::Failure as Unpublished;
    let dist = settings.dist();
    let machine = |f: Unpublished| Failure::Machine(f.into());
    let mut trees = BTreeMap::new();
    let mut readable = true;
    for audience in Audience::ALL {
        match tree::read_manifest(&dist, audience) {
            Ok(Some(manifest)) => {
                trees.insert(audience, manifest);
            }
            Ok(None) => {}
            Err(Unpublished::BadManifest { path, error }) => {
                readable = false;
                let hidden = series.capsules.iter().map(|c| &c.id);
                let hidden: BTreeSet<Id> = hidden
                    .filter(|id| !may_see(series, id, audience))
                    .cloned()
                    .collect();
                // It fails for the same reason, after the files are gone.
                let _ = tree::unpublish(&dist, audience, &hidden, &BTreeSet::new());
                let problem = Problem::TreeManifestInvalid { error };
                tell(Event::Diagnostic(Diagnostic::new(
                    problem,
                    Place::File { path },
                )));
            }
            Err(other) => return Err(machine(other)),
        }
    }
    Ok(readable.then_some(trees))
}

/// Ids that are published and stand in no row any more, unless their removal
/// was confirmed.
pub(super) fn vanished(settings: &Settings, series: &Series, trees: &Trees) -> Option<Vec<Id>> {
    let gone: Vec<Id> = published(trees)
        .into_iter()
        .filter(|id| !survey::in_catalogue(series, id))
        .filter(|id| !settings.remove.iter().any(|r| r == id.as_str()))
        .collect();
    (!gone.is_empty()).then_some(gone)
}

/// Capsules that stand in some tree.
pub(super) fn published(trees: &Trees) -> BTreeSet<Id> {
    let capsules = trees.values().flat_map(|m| &m.capsules);
    capsules.map(|c| c.id.clone()).collect()
}

/// Whether an audience may see a capsule, by its row.
pub(super) fn may_see(series: &Series, id: &Id, audience: Audience) -> bool {
    match series.capsules.iter().find(|c| &c.id == id) {
        Some(c) => match c.status {
            Status::Ready => audience.sees(c.audience),
            Status::Draft => audience == Audience::Private,
            Status::Off | Status::Withdrawn => false,
        },
        None => series
            .faulty
            .iter()
            .any(|f| &f.id == id && audience.sees(f.reach)),
    }
}

/// Unpublishes what may no longer be seen, first of all, and says whether there
/// was any. Every tree is tried; the first failure is told after all of them.
pub(super) fn take_out(
    settings: &Settings,
    workshop: &Workshop,
    series: &Series,
    trees: &Trees,
    record: &mut Record,
) -> Result<bool, Failure> {
    let mut any = false;
    let mut first_failure = None;
    for (&audience, manifest) in trees {
        let out: BTreeSet<Id> = manifest
            .capsules
            .iter()
            .map(|c| c.id.clone())
            .filter(|id| !may_see(series, id, audience))
            .collect();
        let withdrawn = withdrawn(series, manifest, audience);
        if out.is_empty() && withdrawn.is_subset(&manifest.withdrawn) {
            continue;
        }
        match tree::unpublish(&settings.dist(), audience, &out, &withdrawn) {
            Ok(_) => any = true,
            Err(failure) => {
                first_failure.get_or_insert(Failure::Machine(failure.into()));
            }
        }
    }
    let gone = series
        .capsules
        .iter()
        .filter(|c| c.status == Status::Withdrawn);
    for capsule in gone {
        if let Some(built) = record.capsules.get(&capsule.id) {
            purge::purge(&workshop.store, built)?;
        }
        record.capsules.remove(&capsule.id);
    }
    first_failure.map_or(Ok(any), Err)
}

/// Ids that a tree has to name as to be taken down: only such as it has shown,
/// so that no tree learns of another's capsules.
pub(super) fn withdrawn(series: &Series, former: &Manifest, audience: Audience) -> BTreeSet<Id> {
    let mut ids = former.withdrawn.clone();
    for capsule in &series.capsules {
        if capsule.status == Status::Withdrawn && former.capsule(&capsule.id).is_some() {
            ids.insert(capsule.id.clone());
        } else if may_see(series, &capsule.id, audience) {
            // A family that came back is no longer to be taken down.
            ids.remove(&capsule.id);
        }
    }
    ids
}

/// By which a tree is known to be as it was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Left {
    /// Over what it was made from, and by which program.
    made_from: Digest,
    /// Over what stands in it.
    stamps: Digest,
}

/// The trees in which nothing was touched since they were left.
pub(super) fn untouched(dist: &Path, known: &BTreeMap<Audience, Left>) -> BTreeSet<Audience> {
    let looked = known.par_iter().filter(|(audience, left)| {
        // What an interrupted publication left comes first.
        tree::recover(dist, **audience).is_ok()
            && tree::stamps(dist, **audience) == Some(left.stamps)
    });
    looked.map(|(&audience, _)| audience).collect()
}

/// What a publication was made from, this very program included.
fn made_from(publication: &Publication) -> Option<Digest> {
    let program = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let changed = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(publication.digest().as_bytes());
    hasher.update(&program.len().to_le_bytes());
    hasher.update(&changed.as_nanos().to_le_bytes());
    Some(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

/// How the trees stand before they are published.
pub(super) struct Standing<'a> {
    pub(super) former: &'a Trees,
    pub(super) untouched: &'a BTreeSet<Audience>,
    /// Kept up to date.
    pub(super) known: &'a mut BTreeMap<Audience, Left>,
}

/// Publishes every tree that somebody may look at. One that is as it was left,
/// and would be made from the same, is not looked into.
pub(super) fn publish(
    settings: &Settings,
    series: &Series,
    made: &BTreeMap<Id, Made>,
    withheld: &BTreeSet<Id>,
    Standing {
        former,
        untouched,
        known,
    }: Standing<'_>,
    tell: Tell<'_>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let dist = settings.dist();
    let machine = |f: crate::publish::failure::Failure| Failure::Machine(f.into());
    // The private tree first: the others link to its files.
    let mut audiences = Audience::ALL;
    audiences.reverse();
    for audience in audiences {
        let ready = |c: &&Capsule| c.audience == audience && c.status == Status::Ready;
        let meant = series.capsules.iter().any(|c| ready(&c));
        if audience != Audience::Private && !meant && !former.contains_key(&audience) {
            continue;
        }
        let mut publication = Publication {
            manifest: Manifest {
                version: 1,
                generator: Generator::this(),
                series: publication::series_entry(series),
                audience,
                capsules: Vec::new(),
                withdrawn: former
                    .get(&audience)
                    .map(|f| withdrawn(series, f, audience))
                    .unwrap_or_default(),
                files: Vec::new(),
            },
            files: extra_files(settings, series)?,
        };
        let mut whole = true;
        for id in series
            .ids()
            .into_iter()
            .filter(|id| may_see(series, id, audience) && !withheld.contains(*id))
        {
            let now = made
                .get(id)
                .map(|m| publication::for_audience(m, series, audience, &dist));
            let before = match former.get(&audience) {
                Some(previous) if now.is_none() && previous.capsule(id).is_some() => {
                    let kept = tree::carry_over(&dist, previous, id).map_err(machine)?;
                    // What is not whole any more cannot be kept as it is, and
                    // must not be taken away in silence either.
                    whole &= kept.is_some();
                    kept.map(|kept| publication::without_private(kept, series, audience))
                }
                _ => None,
            };
            if let Some((entry, files)) = now
                .or(before)
                .filter(|(entry, _)| !entry.renditions.is_empty())
            {
                summary.published.insert(id.clone());
                publication.manifest.capsules.push(entry);
                publication.files.extend(files);
            }
        }
        if !whole {
            let path = format!("dist/{}", audience.name());
            tell(Event::Diagnostic(Diagnostic::new(
                Problem::TreeFileMissing { path },
                Place::Series,
            )));
            continue;
        }
        let made_from = made_from(&publication);
        let left = known.remove(&audience);
        let same = left.filter(|left| Some(left.made_from) == made_from);
        match same.filter(|_| untouched.contains(&audience)) {
            Some(left) => {
                known.insert(audience, left);
            }
            None => {
                tree::publish(&dist, publication).map_err(machine)?;
                let stamps = tree::stamps(&dist, audience);
                let left = made_from.zip(stamps);
                known.extend(left.map(|(made_from, stamps)| {
                    let left = Left { made_from, stamps };
                    (audience, left)
                }));
            }
        }
    }
    Ok(())
}

pub(super) fn extra_files(
    settings: &Settings,
    series: &Series,
) -> Result<BTreeMap<crate::publish::path::TreePath, Content>, Failure> {
    let mut files = BTreeMap::new();
    for file in &series.extra_files {
        let place = settings.series.join("publish-extra").join(file);
        let label = place.display().to_string();
        let Some(path) = file.to_str().and_then(crate::publish::path::TreePath::new) else {
            continue;
        };
        let bytes = fs::read(&place).map_err(|e| Failure::Machine(io_problem(&label, &e)))?;
        files.insert(path, Content::Bytes(bytes));
    }
    Ok(files)
}
