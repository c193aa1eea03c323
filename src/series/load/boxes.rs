//! `[opening.title]` and the like of a `charter.toml`: what a drawing would say
//! of its boxes in `data-` attributes, for programs that cannot write these.

use super::charter::colour;
use super::columns::{self, Meaning};
use super::document::Table;
use super::names::nearest;
use crate::series::charter::{BoxRules, CARD_COLUMNS};
use crate::values::diagnostic::{Diagnostic, Expected, Place};
use std::collections::BTreeMap;

/// What a card may show beside [`CARD_COLUMNS`] and columns `x-…`.
const BESIDE_COLUMNS: [&str; 4] = ["question", "series", "publisher", "logo"];

/// Every name that a box may have, but for columns `x-…`.
fn fields() -> impl Iterator<Item = &'static str> {
    CARD_COLUMNS.into_iter().chain(BESIDE_COLUMNS)
}

/// `card` is the table's own name. Notes in `own` which line says what.
pub(super) fn overlay(
    card: &str,
    rules: &mut BoxRules,
    table: Table<'_, '_>,
    own: &mut BTreeMap<String, Place>,
    found: &mut Vec<Diagnostic>,
) {
    let (boxes, mut problems) = table.free_tables(|field| {
        let known = fields().any(|known| known == field) || field.starts_with("x-");
        (!known).then(|| field_meant(field).map(str::to_owned))
    });
    found.append(&mut problems);
    for (field, mut table) in boxes {
        let key = format!("{card}.{field}");
        own.insert(key.clone(), table.place_of(""));
        let rule = rules.entry(field).or_default();
        if let Some(font) = table.text("font") {
            rule.insert("font".to_owned(), font);
        }
        for key in ["colour", "ground"] {
            if let Some(written) = table.text(key) {
                if written.starts_with("palette:") || colour(&written).is_some() {
                    rule.insert(key.to_owned(), written);
                } else {
                    let place = table.place_of(key);
                    table.refuse(key, written, Expected::Colour, place);
                }
            }
        }
        let words: [(&'static str, &[(&str, &str)]); 2] = [
            (
                "align",
                &[("left", "left"), ("center", "center"), ("right", "right")],
            ),
            (
                "valign",
                &[("top", "top"), ("middle", "middle"), ("bottom", "bottom")],
            ),
        ];
        for (key, words) in words {
            if let Some(word) = table.choice(key, words) {
                rule.insert(key.to_owned(), word.to_owned());
            }
        }
        let counts = [
            ("weight", 1..=1000),
            ("max-lines", 1..=20),
            ("prefer-lines", 1..=20),
        ];
        for (key, range) in counts {
            if let Some(count) = table.integer(key, range) {
                rule.insert(key.to_owned(), count.to_string());
            }
        }
        let sizes = [
            ("max-size", 1, 2000),
            ("min-size", 1, 2000),
            ("min-px", 1, 200),
            ("line-height", 0, 3),
            ("gap", 0, 1000),
        ];
        for (key, from, to) in sizes {
            let expected = Expected::Decimal { from, to };
            if let Some(hundredths) = table.decimal(key, from, to, 100, expected) {
                let written = format!("{}.{:02}", hundredths / 100, hundredths % 100);
                rule.insert(key.to_owned(), written);
            }
        }
        let size = |key: &str| rule.get(key).and_then(|written| written.parse().ok());
        if let (Some(least), Some(most)) = (size("min-size"), size("max-size"))
            && f64::total_cmp(&least, &most).is_gt()
        {
            let (from, to) = (1, most as i64);
            let place = table.place_of("min-size");
            table.refuse(
                "min-size",
                least.to_string(),
                Expected::Decimal { from, to },
                place,
            );
            rule.remove("min-size");
        }
        for name in rule.keys() {
            own.insert(format!("{key}.{name}"), table.place_of(name));
        }
        table.finish(found);
    }
}

/// The field that somebody means who writes its French header, or nearly.
fn field_meant(written: &str) -> Option<&'static str> {
    match columns::meaning(written) {
        Meaning::Known(column) if fields().any(|known| known == column) => Some(column),
        _ => nearest(written, fields()),
    }
}
