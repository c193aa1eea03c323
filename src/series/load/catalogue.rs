//! The catalogue: which file it is, and what only its rows together show.

use super::columns::{self, Columns, Meaning};
use super::folder::{self, Entry};
use super::names::folded;
use super::row::{Defaults, ReadRow, read_row};
use super::sheet::{self, Format, Sheet};
use crate::series::Faulty;
use crate::series::capsule::{Capsule, Speaker, Status};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::ids::Id;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) struct Catalogue {
    pub capsules: Vec<Capsule>,
    pub faulty: Vec<Faulty>,
    /// Whether a column asks for protection.
    pub protection: bool,
}

/// The one catalogue file of the folder.
pub(super) fn find(series: &Path, found: &mut Vec<Diagnostic>) -> Option<(String, Format)> {
    let mut files: Vec<(String, Format)> = folder::files(series, "", found)
        .into_iter()
        .filter_map(|Entry { name, path }| {
            let format = match name.to_lowercase().as_str() {
                "capsules.csv" => Format::Delimited,
                "capsules.xlsx" => Format::Xlsx,
                "capsules.ods" => Format::Ods,
                _ => return None,
            };
            Some((path, format))
        })
        .collect();
    match files.len() {
        1 => files.pop(),
        0 => {
            found.push(Diagnostic::new(Problem::CatalogueMissing, Place::Series));
            None
        }
        _ => {
            let files = files.into_iter().map(|(path, _)| path).collect();
            let problem = Problem::SeveralCatalogues { files };
            found.push(Diagnostic::new(problem, Place::Series));
            None
        }
    }
}

/// The catalogue's first sheet, with its columns recognised; `None` where it
/// cannot be understood.
pub(super) fn open(series: &Path, found: &mut Vec<Diagnostic>) -> Option<(Sheet, Columns)> {
    let (path, format) = find(series, found)?;
    let bytes = folder::bytes(series, &path, found)?;
    let is_column = |header: &str| columns::meaning(header) != Meaning::Unknown;
    let sheet = sheet::read(&path, format, bytes, is_column, found)?;
    let Some(columns) = columns::read(&sheet, found) else {
        for column in ["id", "title"] {
            let problem = Problem::MissingColumn {
                column: column.to_owned(),
            };
            let path = path.clone();
            found.push(Diagnostic::new(problem, Place::Row { path, row: 1 }));
        }
        return None;
    };
    Some((sheet, columns))
}

pub(super) fn read(
    sheet: &Sheet,
    columns: &Columns,
    defaults: &Defaults<'_>,
    found: &mut Vec<Diagnostic>,
) -> Catalogue {
    let rows = sheet.rows.get(1..).unwrap_or_default();
    if rows.is_empty() {
        let path = sheet.path.clone();
        found.push(Diagnostic::new(
            Problem::EmptyCatalogue,
            Place::File { path },
        ));
    }
    let mut catalogue = Catalogue {
        capsules: Vec::new(),
        faulty: Vec::new(),
        protection: columns.protection,
    };
    let mut read_rows: Vec<ReadRow> = rows
        .iter()
        .map(|row| read_row(columns, row, defaults, found))
        .collect();
    let twice = mark_duplicates(&mut read_rows, found);
    for row in read_rows {
        match (row.capsule, row.id) {
            (Some(capsule), _) => catalogue.capsules.push(capsule),
            (None, Some(id)) => match catalogue.faulty.iter_mut().find(|f| f.id == id) {
                Some(former) => former.reach = former.reach.max(row.reach),
                None => catalogue.faulty.push(Faulty {
                    id,
                    reach: row.reach,
                    below: catalogue.capsules.len(),
                }),
            },
            _ => {}
        }
    }
    let built: Vec<&Id> = catalogue.capsules.iter().map(|c| &c.id).collect();
    catalogue
        .faulty
        .retain(|f| !(twice.contains(&f.id) && built.contains(&&f.id)));
    speakers_differ(&catalogue.capsules, found);
    catalogue
}

/// Rows that share an id: each is faulty, because nobody can know which one
/// counts. But one that takes the capsule off the air stays, because a doubt
/// must not keep it published.
fn mark_duplicates(rows: &mut [ReadRow], found: &mut Vec<Diagnostic>) -> Vec<Id> {
    let mut first_rows: BTreeMap<Id, usize> = BTreeMap::new();
    let mut twice: Vec<Id> = Vec::new();
    for row in rows.iter() {
        let Some(id) = &row.id else { continue };
        match first_rows.get(id) {
            None => {
                first_rows.insert(id.clone(), row.number);
            }
            Some(first_row) => {
                let problem = Problem::DuplicateId {
                    id: id.clone(),
                    first_row: *first_row,
                };
                found.push(Diagnostic::of_capsule(problem, row.id_place.clone(), id));
                twice.push(id.clone());
            }
        }
    }
    for id in &twice {
        let strictness = |row: &ReadRow| match row.capsule.as_ref().map(|c| c.status) {
            Some(Status::Withdrawn) => 2,
            Some(Status::Off) => 1,
            _ => 0,
        };
        let same = |row: &&mut ReadRow| row.id.as_ref() == Some(id);
        let strictest = rows
            .iter()
            .filter(|row| row.id.as_ref() == Some(id))
            .max_by_key(|row| (strictness(row), std::cmp::Reverse(row.number)))
            .filter(|row| strictness(row) > 0)
            .map(|row| row.number);
        for row in rows.iter_mut().filter(same) {
            if Some(row.number) != strictest {
                row.capsule = None;
            }
        }
    }
    twice
}

/// One speaker with two roles or structures: perhaps two people, perhaps a
/// slip that would show on a lower third.
fn speakers_differ(capsules: &[Capsule], found: &mut Vec<Diagnostic>) {
    let shown = |c: &&Capsule| !matches!(c.status, Status::Off | Status::Withdrawn);
    type Said = fn(&Speaker) -> &Option<String>;
    let columns: [(&str, Said); 2] = [("role", |s| &s.role), ("structure", |s| &s.structure)];
    for (column, said) in columns {
        let mut seen: BTreeMap<String, (String, Vec<String>, Place)> = BTreeMap::new();
        let all = capsules.iter().filter(shown);
        for (capsule, person) in all.flat_map(|c| c.speakers.iter().map(move |s| (c, s))) {
            let (Some(speaker), Some(value)) = (&person.name, said(person)) else {
                continue;
            };
            let (_, values, place) = seen
                .entry(folded(speaker))
                .or_insert_with(|| (speaker.clone(), Vec::new(), capsule.place(column)));
            if !values.contains(value) {
                // The row in which the second wording stands.
                if values.len() == 1 {
                    *place = capsule.place(column);
                }
                values.push(value.clone());
            }
        }
        for (speaker, values, place) in seen.into_values() {
            if values.len() > 1 {
                let column = column.to_owned();
                let problem = Problem::SpeakerDiffers {
                    speaker,
                    column,
                    values,
                };
                found.push(Diagnostic::new(problem, place));
            }
        }
    }
}
