//! The first row of the catalogue: which column means what.

use super::names::{folded, nearest};
use super::sheet::{Cell, Row, Sheet, letter};
use crate::values::diagnostic::{Diagnostic, Place, Problem, Protection};
use std::collections::BTreeMap;

/// A column of the catalogue, English name first.
struct Known {
    name: &'static str,
    /// The French header and whatever else people call it, folded.
    headers: &'static [&'static str],
}

/// In the order in which a scaffold writes them.
const KNOWN: [Known; 19] = [
    Known {
        name: "id",
        headers: &["id", "identifiant"],
    },
    Known {
        name: "source",
        headers: &["fichier"],
    },
    Known {
        name: "title",
        headers: &["question"],
    },
    Known {
        name: "theme",
        headers: &["thème"],
    },
    Known {
        name: "speaker",
        headers: &["intervenant", "intervenante"],
    },
    Known {
        name: "role",
        headers: &["fonction"],
    },
    Known {
        name: "structure",
        headers: &["structure"],
    },
    Known {
        name: "changes",
        headers: &[
            "prises de parole",
            "prise de parole",
            "tours de parole",
            "speaker changes",
        ],
    },
    Known {
        name: "contact",
        headers: &["contact"],
    },
    Known {
        name: "audience",
        headers: &["diffusion"],
    },
    Known {
        name: "language",
        headers: &["langue"],
    },
    Known {
        name: "in",
        headers: &["début"],
    },
    Known {
        name: "out",
        headers: &["fin"],
    },
    Known {
        name: "keep",
        headers: &["conserver"],
    },
    Known {
        name: "poster",
        headers: &["vignette"],
    },
    Known {
        name: "published",
        headers: &["date"],
    },
    Known {
        name: "profiles",
        headers: &["profils"],
    },
    Known {
        name: "description",
        headers: &["description"],
    },
    Known {
        name: "status",
        headers: &["statut"],
    },
];

/// What people call some columns, near to no name of theirs; and what English
/// readers are told.
const MISCALLED: [(&str, &str); 11] = [
    ("titre", "title"),
    ("clip", "source"),
    ("vidéo", "source"),
    ("file", "source"),
    ("nom", "speaker"),
    ("name", "speaker"),
    ("orateur", "speaker"),
    ("oratrice", "speaker"),
    ("invité", "speaker"),
    ("invitée", "speaker"),
    ("interviewé", "speaker"),
];

/// Columns that ask for protection. Their words are taken generously: an ask
/// that is overlooked would publish somebody.
const PROTECTION: [&str; 38] = [
    "people",
    "person",
    "persons",
    "personnes",
    "personne",
    "personnes filmées",
    "personnes à l'écran",
    "personnes à l'image",
    "qui",
    "mask",
    "masks",
    "masque",
    "masques",
    "masquer",
    "masquage",
    "flou",
    "flouter",
    "floutage",
    "visage",
    "visages",
    "anonymat",
    "anonyme",
    "anonymisation",
    "blur",
    "voice",
    "voices",
    "voix",
    "voix modifiée",
    "mutes",
    "mute",
    "coupures sonores",
    "coupure sonore",
    "coupures son",
    "bips",
    "silences",
    "consent",
    "consentement",
    "consentements",
];

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Meaning {
    Known(&'static str),
    /// `x-…`, without the prefix.
    Extra(String),
    Protection,
    Unknown,
}

pub(super) fn meaning(header: &str) -> Meaning {
    let wanted = folded(header);
    let is = |candidate: &&str| folded(candidate) == wanted;
    let known = KNOWN
        .iter()
        .find(|k| is(&k.name) || k.headers.iter().any(is));
    if let Some(known) = known {
        return Meaning::Known(known.name);
    }
    if PROTECTION.iter().any(is) {
        return Meaning::Protection;
    }
    match wanted.strip_prefix("x-").map(str::trim) {
        Some(name) if !name.is_empty() => Meaning::Extra(name.to_owned()),
        _ => Meaning::Unknown,
    }
}

/// The French header of a column, as the scaffold writes it.
pub fn french(column: &str) -> &str {
    KNOWN
        .iter()
        .find(|k| k.name == column)
        .and_then(|k| k.headers.first())
        .copied()
        .unwrap_or(column)
}

/// Excel pads each sixteen rows for themselves to the widest of them.
fn block(row: &Row) -> usize {
    row.number.saturating_sub(1) / 16
}

/// How many cells all rows of a block have in excess; a row alone shows no
/// habit.
fn habits(width: usize, rows: &[Row]) -> BTreeMap<usize, usize> {
    let mut blocks: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let excess = row.cells.len().saturating_sub(width);
        blocks.entry(block(row)).or_default().push(excess);
    }
    let shared = blocks.into_iter().filter(|(_, rows)| rows.len() > 1);
    shared
        .filter_map(|(block, rows)| Some((block, rows.into_iter().min()?)))
        .collect()
}

/// Every column's English name, in order.
pub fn all() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|k| k.name)
}

/// Where the columns are.
pub(super) struct Columns {
    path: String,
    /// Cells of the first row in CSV, with which a row has to do.
    width: Option<usize>,
    /// Cells that a block's rows all have beyond those, by whatever wrote them.
    habits: BTreeMap<usize, usize>,
    /// Index and header as written.
    known: Vec<(&'static str, usize, String)>,
    extra: Vec<(String, usize, String)>,
    pub protection: bool,
    /// A required column is missing.
    pub incomplete: bool,
}

impl Columns {
    pub(super) fn cell_place(&self, column: &str, row: usize) -> Option<Place> {
        let (_, index, header) = self.known.iter().find(|(name, ..)| *name == column)?;
        Some(Place::Cell {
            path: self.path.clone(),
            row,
            column: letter(*index),
            header: header.clone(),
        })
    }

    /// What a row of CSV has beyond the last header; `None` where it has as
    /// many cells as it should. All of them may be empty: then a text was cut
    /// at a separator, and pushed an empty cell over the edge.
    pub(super) fn beyond(&self, row: &Row) -> Option<Vec<String>> {
        let width = self.width?;
        let filled: Vec<String> = row
            .cells
            .iter()
            .skip(width)
            .filter(|c| **c != Cell::Empty)
            .map(Cell::shown)
            .collect();
        let habit = self.habits.get(&block(row)).copied().unwrap_or(0);
        (!filled.is_empty() || row.cells.len() > width + habit).then_some(filled)
    }

    pub(super) fn row_place(&self, row: usize) -> Place {
        Place::Row {
            path: self.path.clone(),
            row,
        }
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.known.iter().any(|(name, ..)| *name == column)
    }

    pub(super) fn cell<'c>(&self, column: &str, cells: &'c [Cell]) -> &'c Cell {
        self.known
            .iter()
            .find(|(name, ..)| *name == column)
            .and_then(|(_, index, _)| cells.get(*index))
            .unwrap_or(&Cell::Empty)
    }

    pub(super) fn known(&self) -> impl Iterator<Item = &'static str> {
        self.known.iter().map(|(name, ..)| *name)
    }

    /// Filled cells of the `x-…` columns.
    pub(super) fn extra<'c>(&self, cells: &'c [Cell]) -> impl Iterator<Item = (String, &'c Cell)> {
        self.extra.iter().filter_map(|(name, index, _)| {
            let cell = cells.get(*index).filter(|c| **c != Cell::Empty)?;
            Some((name.clone(), cell))
        })
    }
}

/// Reads the header row; `None` for a sheet without any row.
pub(super) fn read(sheet: &Sheet, found: &mut Vec<Diagnostic>) -> Option<Columns> {
    let (header, rows) = sheet.rows.split_first()?;
    let mut columns = Columns {
        path: sheet.path.clone(),
        width: sheet.delimited.then_some(header.cells.len()),
        habits: habits(header.cells.len(), sheet.rows.get(1..).unwrap_or_default()),
        known: Vec::new(),
        extra: Vec::new(),
        protection: false,
        incomplete: false,
    };
    // Notes beside the table have no header; in CSV they are no notes.
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let width = columns.width.unwrap_or(header.cells.len().max(widest));
    for index in 0..width {
        let written = header.cells.get(index).map_or(String::new(), Cell::shown);
        let used = rows
            .iter()
            .any(|row| row.cells.get(index).is_some_and(|c| *c != Cell::Empty));
        if written.is_empty() && !used {
            continue;
        }
        let place = Place::Cell {
            path: sheet.path.clone(),
            row: header.number,
            column: letter(index),
            header: written.clone(),
        };
        let mut note = |problem| found.push(Diagnostic::new(problem, place.clone()));
        match meaning(&written) {
            Meaning::Known(name) => match columns.has(name) {
                true => {
                    columns.incomplete = true;
                    note(Problem::DuplicateColumn {
                        column: name.to_owned(),
                    });
                }
                false => columns.known.push((name, index, written)),
            },
            Meaning::Extra(name) => match columns.extra.iter().any(|(known, ..)| *known == name) {
                true => {
                    columns.incomplete = true;
                    note(Problem::DuplicateColumn { column: written });
                }
                false => columns.extra.push((name, index, written)),
            },
            Meaning::Protection => {
                columns.protection = true;
                let what = Protection::Column { header: written };
                note(Problem::ProtectionNotObeyed { what });
            }
            Meaning::Unknown => match suggestion(&written) {
                // A misspelt ask for protection is one.
                Some((_, true)) => {
                    columns.protection = true;
                    let what = Protection::Column { header: written };
                    note(Problem::ProtectionNotObeyed { what });
                }
                near => note(Problem::UnknownColumn {
                    header: written,
                    suggestion: near.map(|(name, _)| name),
                }),
            },
        }
    }
    for column in ["id", "title"] {
        if !columns.has(column) {
            columns.incomplete = true;
            let problem = Problem::MissingColumn {
                column: column.to_owned(),
            };
            let place = Place::Row {
                path: sheet.path.clone(),
                row: header.number,
            };
            found.push(Diagnostic::new(problem, place));
        }
    }
    Some(columns)
}

/// The header that was probably meant, and whether it asks for protection.
fn suggestion(header: &str) -> Option<(String, bool)> {
    let called = MISCALLED
        .iter()
        .find(|(other, _)| folded(other) == folded(header));
    if let Some((_, name)) = called {
        return Some(((*name).to_owned(), false));
    }
    let headers = KNOWN
        .iter()
        .flat_map(|k| k.headers.iter().copied().chain([k.name]));
    let near = nearest(header, headers.chain(PROTECTION))?;
    let protection = meaning(near) == Meaning::Protection;
    Some((near.to_owned(), protection))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_in_both_languages_and_any_dress() {
        for (header, name) in [
            (" THÈME ", "theme"),
            ("theme", "theme"),
            ("De\u{301}but", "in"),
            ("Profiles", "profiles"),
            ("Intervenant", "speaker"),
            ("date", "published"),
        ] {
            assert_eq!(meaning(header), Meaning::Known(name), "{header}");
        }
        assert_eq!(meaning("X-Projet"), Meaning::Extra("projet".into()));
        assert_eq!(meaning("x-"), Meaning::Unknown);
    }

    #[test]
    fn no_word_of_protection_names_a_plain_column() {
        for word in PROTECTION {
            assert_eq!(meaning(word), Meaning::Protection, "{word}");
        }
        for column in all() {
            assert_eq!(meaning(french(column)), Meaning::Known(column));
        }
    }

    #[test]
    fn a_misspelt_ask_for_protection_is_one() {
        assert_eq!(suggestion("personens"), Some(("personnes".into(), true)));
        assert_eq!(
            suggestion("intervenent"),
            Some(("intervenant".into(), false))
        );
        assert_eq!(suggestion("budget prévu"), None);
    }

    #[test]
    fn what_people_call_a_column_is_told_in_their_language() {
        for (header, column, french_header) in [
            ("Titre", "title", "question"),
            ("clip", "source", "fichier"),
        ] {
            assert_eq!(suggestion(header), Some((column.into(), false)));
            assert_eq!(french(column), french_header);
        }
    }
}
