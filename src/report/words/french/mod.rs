//! French. Spaces before `:` are U+00A0, before `; ? !` and inside « » they
//! are U+202F; a test looks for plain ones.

mod captions;
mod drawings;
mod engine;
mod examined;
mod hints;
mod parts;
mod sentences;

use super::{clock, listed};
use crate::values::audience::Audience;
use crate::values::diagnostic::Place;
use crate::values::time::Rational;

pub(super) use hints::hint;
pub(super) use sentences::body;

pub(super) fn place(place: &Place) -> String {
    match place {
        Place::Series => String::new(),
        Place::File { path } => path.clone(),
        Place::Text { path, line, column } => format!("{path}, ligne {line}, colonne {column}"),
        Place::Cell {
            path,
            row,
            column,
            header,
        } if header.is_empty() => {
            format!("{path}, ligne {row}, colonne {column}")
        }
        Place::Cell {
            path,
            row,
            column,
            header,
        } => {
            format!("{path}, ligne {row}, colonne {header} ({column})")
        }
        Place::Row { path, row } => format!("{path}, ligne {row}"),
        Place::Moment { seconds, .. } => format!("à {}", time(*seconds)),
    }
}

pub(super) fn card(card: &str) -> String {
    match card {
        "opening" => "carte d’ouverture".to_owned(),
        "lower-third" => "bandeau".to_owned(),
        "end" => "carte de fin".to_owned(),
        // De plusieurs, chacun a son numéro.
        other => match other.strip_prefix("lower-third-") {
            Some(number) => format!("bandeau n° {number}"),
            None => format!("carte « {other} »"),
        },
    }
}

/// "of the opening card".
fn of_card(name: &str) -> String {
    match name {
        name if name.starts_with("lower-third") => format!("du {}", card(name)),
        _ => format!("de la {}", card(name)),
    }
}

fn time(seconds: Rational) -> String {
    clock(seconds, ',')
}

fn all(items: &[String]) -> String {
    listed(items, "et")
}

fn plural(count: usize) -> &'static str {
    if count > 1 { "s" } else { "" }
}

/// A column's content with its article.
fn content(column: &str) -> String {
    match column {
        "id" => "l’identifiant",
        "source" => "le nom du fichier",
        "title" => "la question",
        "theme" => "le thème",
        "speaker" => "le nom de l’intervenant",
        "role" => "la fonction",
        "structure" => "la structure",
        "contact" => "le contact",
        "description" => "la description",
        "series" => "le titre de la série",
        "publisher" => "l’éditeur",
        "logo" => "la rangée des logos",
        "portrait" => "le portrait",
        other => return format!("le champ « {other} »"),
    }
    .to_owned()
}

fn shorten(column: &str) -> &'static str {
    match column {
        "title" | "role" | "structure" | "description" => "Raccourcissez-la",
        _ => "Raccourcissez-le",
    }
}

fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "tout public",
        Audience::Professionals => "professionnels",
        Audience::Group => "groupe",
        Audience::Private => "privé",
    }
}

/// `0,08 s`: as many decimals as are needed, three at most.
fn lasting(duration: Rational) -> String {
    super::lasting(duration, ',')
}
