//! Reads a series folder: every file parsed, every mistake collected, nothing
//! decoded and nothing written.
//!
//! `document`, `delimited` and `sheet` know formats and not what they mean;
//! `settings`, `profiles`, `charter`, `boxes`, `sounds`, `columns`, `row`,
//! `speakers` and `catalogue` know what they mean; `footage` and `folder` know the
//! folder.

mod boxes;
mod catalogue;
mod charter;
pub mod columns;
mod delimited;
mod document;
mod folder;
mod footage;
mod names;
mod profiles;
mod row;
mod settings;
mod sheet;
mod sounds;
mod speakers;
mod written;

pub use names::id_like;
pub use written::{parse_date, parse_range, parse_time};

use super::{Loaded, Series};
use crate::values::diagnostic::{Diagnostic, Place, Problem, Protection};
use crate::values::ids::Id;
use crate::values::typography;
use catalogue::Catalogue;
use footage::{CaptionFiles, Clips};
use names::folded;
use profiles::Profiles;
use row::Defaults;
use settings::Settings;
use std::path::Path;

/// Reads the series in `folder`. Mistakes do not stop the reading: all of them
/// are in `diagnostics`, in the order of the files.
pub fn load(folder: &Path) -> Loaded {
    let mut found = Vec::new();
    let settings = read_settings(folder, &mut found);
    let profiles = profiles::read(folder, &mut found);
    let charter = charter::read(folder, &mut found);
    let protection_files = protection_files(folder, &mut found);
    let clips = Clips::list(folder, &mut found);
    let captions = CaptionFiles::list(folder, &mut found);
    let extra_files = footage::publish_extra(folder, &mut found);

    // Without settings the catalogue is still read, for its mistakes.
    let settings = settings.unwrap_or_else(|| settings::read("", &mut Vec::new()));
    let defaults = Defaults {
        audience: settings.audience,
        language: settings.language.clone(),
        profiles: default_profiles(&settings, &profiles, &mut found),
        known: &profiles,
        clips: &clips,
        captions: &captions,
    };
    let catalogue = catalogue::open(folder, &mut found).and_then(|(sheet, columns)| {
        let catalogue = catalogue::read(&sheet, &columns, &defaults, &mut found);
        // Half a catalogue is none; but its cells have been read.
        (!columns.incomplete).then_some(catalogue)
    });
    if let Some(catalogue) = &catalogue {
        let capsules = catalogue.capsules.iter().map(|c| &c.id);
        let faulty = catalogue.faulty.iter().map(|f| &f.id);
        let known: Vec<&Id> = capsules.chain(faulty).collect();
        captions.without_capsule(&known, &mut found);
        charter::portraits_without_capsule(&charter, &known, &mut found);
        clips.unused(&mut found);
    }
    let protection = protection_files
        || settings.consent_required
        || catalogue.as_ref().is_some_and(|c| c.protection);
    let series = catalogue
        .filter(|_| !protection && settings.sound && settings.consent_decided)
        .and_then(|catalogue| {
            assemble(folder, settings, profiles, charter, catalogue, extra_files)
        });
    Loaded {
        series,
        diagnostics: found,
    }
}

fn assemble(
    folder: &Path,
    settings: Settings,
    profiles: Profiles,
    charter: super::charter::Charter,
    catalogue: Catalogue,
    extra_files: Vec<std::path::PathBuf>,
) -> Option<Series> {
    Some(Series {
        folder: folder.to_path_buf(),
        id: settings.id?,
        title: typography::typeset(&settings.title?, &settings.language),
        audience: settings.audience,
        language: settings.language,
        publisher: settings.publisher,
        licence: settings.licence,
        base_url: settings.base_url,
        published: settings.published,
        loudness: settings.loudness,
        profiles: profiles.sound,
        charter,
        capsules: catalogue.capsules,
        faulty: catalogue.faulty,
        extra_files,
    })
}

fn read_settings(series: &Path, found: &mut Vec<Diagnostic>) -> Option<Settings> {
    let path = settings::FILE;
    if !series.join(path).exists() {
        let path = path.to_owned();
        let place = Place::File { path };
        found.push(Diagnostic::new(Problem::SeriesFileMissing, place));
        return None;
    }
    let text = folder::text(series, path, found)?;
    Some(settings::read(&text, found))
}

/// What rows without a list of their own get; `None` where the series' list
/// has a mistake.
fn default_profiles(
    settings: &Settings,
    profiles: &Profiles,
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<Id>> {
    let file = Place::File {
        path: settings::FILE.to_owned(),
    };
    let default = [("web".to_owned(), file)];
    let listed = settings.profiles.as_deref().unwrap_or(&default);
    let mut ids = Some(Vec::new());
    for (name, place) in listed {
        match profiles.named(name) {
            Ok(id) => {
                if let Some(list) = ids.as_mut().filter(|list| !list.contains(&id)) {
                    list.push(id);
                }
            }
            Err(problem) => {
                ids = None;
                let place = place.clone();
                found.extend(problem.map(|problem| Diagnostic::new(problem, place)));
            }
        }
    }
    ids
}

/// Files and folders that ask for protection which is not given yet. Names
/// are taken generously: `Consentements.ods` is meant as `consent.ods` is.
fn protection_files(series: &Path, found: &mut Vec<Diagnostic>) -> bool {
    let before = found.len();
    for name in folder::names(series, "", found) {
        let name = name.to_string_lossy().into_owned();
        let plain = folded(&name);
        let (stem, extension) = plain.rsplit_once('.').unwrap_or((&plain, ""));
        let table = ["csv", "xlsx", "ods", "xls", "xlsm", "tsv"].contains(&extension);
        let what = if stem.starts_with("consent") && table {
            Protection::ConsentFile { path: name.clone() }
        } else if stem.starts_with("withdrawal") && table {
            Protection::Withdrawals
        } else if ["masks", "masques"].contains(&plain.as_str()) && holds_anything(series, &name) {
            Protection::Masks
        } else {
            continue;
        };
        let problem = Problem::ProtectionNotObeyed { what };
        found.push(Diagnostic::new(problem, Place::File { path: name }));
    }
    found[before..]
        .iter()
        .any(|d| matches!(d.problem, Problem::ProtectionNotObeyed { .. }))
}

/// A folder that cannot be listed may hold anything.
fn holds_anything(series: &Path, folder: &str) -> bool {
    let mut unlisted = Vec::new();
    !folder::names(series, folder, &mut unlisted).is_empty() || !unlisted.is_empty()
}
