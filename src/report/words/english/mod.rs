//! English.

mod captions;
mod drawings;
mod examined;
mod hints;
mod parts;
mod sentences;

use super::{clock, listed};
use crate::values::diagnostic::Place;
use crate::values::time::Rational;

pub(super) use hints::hint;
pub(super) use sentences::body;

pub(super) fn place(place: &Place) -> String {
    match place {
        Place::Series => String::new(),
        Place::File { path } => path.clone(),
        Place::Text { path, line, column } => format!("{path}, line {line}, column {column}"),
        Place::Cell {
            path,
            row,
            column,
            header,
        } if header.is_empty() => {
            format!("{path}, row {row}, column {column}")
        }
        Place::Cell {
            path,
            row,
            column,
            header,
        } => {
            format!("{path}, row {row}, column {header} ({column})")
        }
        Place::Row { path, row } => format!("{path}, row {row}"),
        Place::Moment { seconds, .. } => format!("at {}", time(*seconds)),
    }
}

pub(super) fn card(card: &str) -> String {
    match card {
        "opening" => "opening card".to_owned(),
        "lower-third" => "lower third".to_owned(),
        "end" => "end card".to_owned(),
        // Of several, each has its number.
        other => match other.strip_prefix("lower-third-") {
            Some(number) => format!("lower third no. {number}"),
            None => format!("card “{other}”"),
        },
    }
}

fn time(seconds: Rational) -> String {
    clock(seconds, '.')
}

fn all(items: &[String]) -> String {
    listed(items, "and")
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn content(column: &str) -> String {
    match column {
        "title" => "the question".to_owned(),
        "speaker" => "the speaker’s name".to_owned(),
        "series" => "the series’ title".to_owned(),
        "id" | "source" | "theme" | "role" | "structure" | "contact" | "description"
        | "publisher" => format!("the {column}"),
        "logo" => "the row of logos".to_owned(),
        "portrait" => "the portrait".to_owned(),
        other => format!("the field “{other}”"),
    }
}

/// `0.08 s`: as many decimals as are needed, three at most.
fn lasting(duration: Rational) -> String {
    super::lasting(duration, '.')
}
