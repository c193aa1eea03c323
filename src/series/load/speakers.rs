//! Who speaks in a capsule: one person as the cells say, or several, separated
//! by `;` or each on a line of the cell, with the time at which they begin.

use super::row::Reading;
use super::sheet::Cell;
use super::written::{order, parse_time, time_of_milliseconds};
use crate::series::capsule::{Capsule, Speaker};
use crate::values::diagnostic::Problem;
use crate::values::time::WrittenTime;
use std::cmp::Ordering;

const CHANGES: &str = "changes";

/// The capsule with its speakers. Without times, and with one name, the cells
/// are what they are: a role may well have a `;` in it.
pub(super) fn read(reading: &mut Reading<'_>, capsule: Capsule) -> Capsule {
    let listed = capsule.speaker.as_deref().is_some_and(|s| s.contains(';'));
    let several = listed && several(&capsule.speaker).len() > 1;
    if *reading.cell(CHANGES) == Cell::Empty && !several {
        let speaker = Speaker {
            name: capsule.speaker.clone(),
            role: capsule.role.clone(),
            structure: capsule.structure.clone(),
        };
        let speakers = match speaker == Speaker::default() {
            true => Vec::new(),
            false => vec![speaker],
        };
        return Capsule {
            speakers,
            ..capsule
        };
    }
    let cells = [&capsule.speaker, &capsule.role, &capsule.structure].map(self::several);
    // Somebody may be named by their role alone.
    let count = match cells[0].len() {
        0 => cells.iter().map(Vec::len).max().unwrap_or(0),
        names => names,
    };
    let [names, roles, structures] = cells;
    let names = each(reading, "speaker", names, count);
    let roles = each(reading, "role", roles, count);
    let structures = each(reading, "structure", structures, count);
    let speakers = names.into_iter().zip(roles).zip(structures);
    let speakers: Vec<Speaker> = speakers
        .map(|((name, role), structure)| Speaker {
            name,
            role,
            structure,
        })
        .collect();
    let changes = changes(reading, speakers.len());
    capsule.with_speakers(speakers, changes)
}

/// The items of a cell that lists several, names and times alike: between its
/// `;`, or where it has none, its lines. A line of a list with `;` is only a line
/// that was too long.
fn items(text: &str) -> Vec<&str> {
    let text = text.trim();
    if text.contains(';') {
        // A `;` at the very end is one too many; `; ;` is somebody without a name.
        let text = text.strip_suffix(';').unwrap_or(text);
        return text.split(';').map(str::trim).collect();
    }
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

fn several(text: &Option<String>) -> Vec<Option<String>> {
    let pieces = items(text.as_deref().unwrap_or_default()).into_iter();
    let pieces = pieces.map(|piece| (!piece.is_empty()).then(|| piece.to_owned()));
    pieces.collect()
}

/// One for each speaker; what is said once is said of all.
fn each(
    reading: &mut Reading<'_>,
    column: &'static str,
    said: Vec<Option<String>>,
    speakers: usize,
) -> Vec<Option<String>> {
    match said.as_slice() {
        [] => vec![None; speakers],
        [one] => vec![one.clone(); speakers],
        all if all.len() == speakers => said,
        all => {
            let problem = Problem::SpeakersCount {
                column: column.to_owned(),
                found: all.len(),
                speakers,
            };
            reading.note(column, problem);
            vec![None; speakers]
        }
    }
}

/// A time for each speaker; the first one's may be left out.
fn changes(reading: &mut Reading<'_>, speakers: usize) -> Vec<Option<WrittenTime>> {
    let written = match reading.cell(CHANGES) {
        Cell::Empty => {
            reading.note("speaker", Problem::ChangesMissing { speakers });
            return Vec::new();
        }
        Cell::Time(ms) => time_of_milliseconds(*ms).map(|time| vec![time]),
        _ => None,
    };
    let times = match written {
        Some(times) => times,
        None => {
            let Some(text) = reading.text(CHANGES) else {
                return Vec::new();
            };
            let mut times = Vec::new();
            for piece in items(&text).into_iter().filter(|piece| !piece.is_empty()) {
                match parse_time(piece) {
                    Some(time) => times.push(time),
                    None => {
                        let found = piece.to_owned();
                        reading.note(CHANGES, Problem::BadTime { found });
                        return Vec::new();
                    }
                }
            }
            times
        }
    };
    for pair in times.windows(2) {
        if let [first, second] = pair
            && matches!(
                order(first, second),
                Some(Ordering::Greater | Ordering::Equal)
            )
        {
            let problem = Problem::ChangesUnsorted {
                first: first.text.clone(),
                second: second.text.clone(),
            };
            reading.note(CHANGES, problem);
        }
    }
    let found = times.len();
    let mut all: Vec<Option<WrittenTime>> = times.into_iter().map(Some).collect();
    if found + 1 == speakers {
        all.insert(0, None);
    }
    if speakers == 0 || all.len() != speakers {
        reading.note(CHANGES, Problem::ChangesCount { found, speakers });
        return Vec::new();
    }
    all
}
