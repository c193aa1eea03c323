//! TOML with places: a table is read key by key, each mistake is noted with
//! its line and column, and reading goes on.

use super::names::nearest;
use super::written::decimal;
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem};
use crate::values::ids::{Id, Language};
use crate::values::time::{Date, Rational};
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One TOML file: its text, for lines and columns, and its path for messages.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
}

impl<'a> Source<'a> {
    /// The root table, as far as the syntax allows, and whether it was sound.
    pub(super) fn parse(self, found: &mut Vec<Diagnostic>) -> (Spanned<DeTable<'a>>, bool) {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        let sound = errors.is_empty();
        let mut places = BTreeSet::new();
        for error in errors {
            let offset = error.span().map_or(0, |span| span.start);
            let place = self.place(offset);
            // One slip often upsets the rest of its line: say it once.
            let line = match &place {
                Place::Text { line, .. } => *line,
                _ => 0,
            };
            if places.insert(line) {
                let error = error.message().to_owned();
                found.push(Diagnostic::new(Problem::TomlSyntax { error }, place));
            }
        }
        (root, sound)
    }

    pub(super) fn place(self, offset: usize) -> Place {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place::Text {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// What stands in the file, shortened.
    fn excerpt(self, span: std::ops::Range<usize>) -> String {
        let text = self.text.get(span).unwrap_or_default().trim();
        let line = text.lines().next().unwrap_or_default();
        let mut short: String = line.chars().take(60).collect();
        if short.len() < text.len() {
            short.push('…');
        }
        short
    }
}

/// A table being read. Keys that nobody asked for are unknown keys.
pub(super) struct Table<'a, 'd> {
    source: Source<'a>,
    table: &'d DeTable<'a>,
    start: usize,
    /// `rung.` in front of a key in messages, empty for the root.
    prefix: String,
    asked: Vec<&'static str>,
    problems: Vec<Diagnostic>,
}

impl<'a, 'd> Table<'a, 'd> {
    pub(super) fn new(source: Source<'a>, table: &'d DeTable<'a>, start: usize) -> Self {
        Table {
            source,
            table,
            start,
            prefix: String::new(),
            asked: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn within(&self, key: &str, table: &'d DeTable<'a>, start: usize) -> Table<'a, 'd> {
        Table {
            prefix: format!("{}{key}.", self.prefix),
            ..Table::new(self.source, table, start)
        }
    }

    fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn bad(
        &mut self,
        key: &str,
        span: std::ops::Range<usize>,
        expected: Expected,
        suggestion: Option<String>,
    ) {
        let problem = Problem::BadValue {
            key: format!("{}{key}", self.prefix),
            found: self.source.excerpt(span.clone()),
            expected,
            suggestion,
        };
        self.problems
            .push(Diagnostic::new(problem, self.source.place(span.start)));
    }

    /// Reads one value with `convert`; a refusal is noted as a bad value.
    fn read<T>(
        &mut self,
        key: &'static str,
        expected: Expected,
        convert: impl FnOnce(&DeValue<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let result = convert(value.get_ref());
        if result.is_none() {
            self.bad(key, value.span(), expected, None);
        }
        result
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.read(key, Expected::Text, |v| {
            let text = super::names::nfc(v.as_str()?.trim());
            (!text.is_empty()).then_some(text)
        })
    }

    pub(super) fn id(&mut self, key: &'static str) -> Option<Id> {
        let value = self.value(key)?;
        let text = value.get_ref().as_str();
        let id = text.and_then(Id::new);
        if id.is_none() {
            let suggestion = text.and_then(super::names::id_like);
            self.bad(key, value.span(), Expected::Id, suggestion);
        }
        id
    }

    pub(super) fn language(&mut self, key: &'static str) -> Option<Language> {
        self.read(key, Expected::Language, |v| {
            Language::new(v.as_str()?.trim())
        })
    }

    /// A TOML date, or the same as text.
    pub(super) fn date(&mut self, key: &'static str) -> Option<Date> {
        self.read(key, Expected::Date, |v| match v {
            DeValue::Datetime(written) => {
                let date = written.date.filter(|_| written.time.is_none())?;
                Date::new(i32::from(date.year), date.month, date.day)
            }
            other => super::written::parse_date(other.as_str()?),
        })
    }

    /// An `http` or `https` URL; with the final `/` that joining needs.
    pub(super) fn folder_url(&mut self, key: &'static str) -> Option<String> {
        self.read(key, Expected::Url, |v| {
            let text = v.as_str()?.trim();
            let rest = text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"))?;
            let clean = !text.contains(|c: char| {
                c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '<' | '>' | '"')
            });
            let host = rest.split('/').next().is_some_and(|host| !host.is_empty());
            let end = if text.ends_with('/') { "" } else { "/" };
            (clean && host).then(|| format!("{text}{end}"))
        })
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.read(key, Expected::Boolean, |v| v.as_bool())
    }

    pub(super) fn integer(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let expected = Expected::Integer {
            from: *range.start(),
            to: *range.end(),
        };
        self.read(key, expected, |v| {
            integer(v).filter(|number| range.contains(number))
        })
    }

    /// A decimal number as a count of `1 / parts`, exact: 0.5 with 1000 parts
    /// is 500. `from` and `to` are in whole units; more decimals than `parts`
    /// can hold are refused.
    pub(super) fn decimal(
        &mut self,
        key: &'static str,
        from: i64,
        to: i64,
        parts: i64,
        expected: Expected,
    ) -> Option<i64> {
        self.read(key, expected, |v| {
            let text = match v {
                DeValue::Integer(n) if n.radix() == 10 => n.as_str(),
                DeValue::Float(n) => n.as_str(),
                _ => return None,
            };
            let (sign, digits) = match text.strip_prefix('-') {
                Some(rest) => (-1, rest),
                None => (1, text.strip_prefix('+').unwrap_or(text)),
            };
            let scaled = decimal(digits)? * Rational::integer(sign * parts);
            let inside = (from * parts..=to * parts).contains(&scaled.num());
            (scaled.den() == 1 && inside).then(|| scaled.num())
        })
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let value = self.value(key)?;
        let chosen = self.chosen(key, value, choices);
        chosen.map(|(value, _)| value)
    }

    fn chosen<T: Copy>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'a>>,
        choices: &[(&str, T)],
    ) -> Option<(T, usize)> {
        let written = value.get_ref().as_str();
        let hit = written
            .and_then(|written| choices.iter().find(|(word, _)| *word == written))
            .map(|(_, chosen)| (*chosen, value.span().start));
        if hit.is_none() {
            let words = choices.iter().map(|(word, _)| *word);
            let suggestion = written.and_then(|w| nearest(w, words.clone()));
            let expected = Expected::OneOf {
                values: words.map(str::to_owned).collect(),
            };
            self.bad(key, value.span(), expected, suggestion.map(str::to_owned));
        }
        hit
    }

    /// A list of a few words, each once.
    pub(super) fn choices<T: Copy + PartialEq>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<Vec<T>> {
        let mut chosen = Vec::new();
        for value in self.list(key)? {
            let (item, _) = self.chosen(key, value, choices)?;
            if !chosen.contains(&item) {
                chosen.push(item);
            }
        }
        Some(chosen)
    }

    /// A list of texts with their places.
    pub(super) fn texts(&mut self, key: &'static str) -> Option<Vec<(String, Place)>> {
        let mut texts = Vec::new();
        for value in self.list(key)? {
            match value.get_ref().as_str() {
                Some(text) => {
                    texts.push((text.to_owned(), self.source.place(value.span().start)));
                }
                None => self.bad(key, value.span(), Expected::Text, None),
            }
        }
        Some(texts)
    }

    /// A list of integers, each within `range`.
    pub(super) fn integers(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<Vec<(i64, Place)>> {
        let mut numbers = Vec::new();
        for value in self.list(key)? {
            match integer(value.get_ref()).filter(|n| range.contains(n)) {
                Some(n) => numbers.push((n, self.source.place(value.span().start))),
                None => {
                    let expected = Expected::Integer {
                        from: *range.start(),
                        to: *range.end(),
                    };
                    self.bad(key, value.span(), expected, None);
                }
            }
        }
        Some(numbers)
    }

    fn list(&mut self, key: &'static str) -> Option<Vec<&'d Spanned<DeValue<'a>>>> {
        let value = self.value(key)?;
        match value.get_ref().as_array() {
            Some(array) => Some(array.iter().collect()),
            None => {
                self.bad(key, value.span(), Expected::List, None);
                None
            }
        }
    }

    pub(super) fn table(&mut self, key: &'static str) -> Option<Table<'a, 'd>> {
        let value = self.value(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(self.within(key, table, value.span().start)),
            None => {
                self.bad(key, value.span(), Expected::Table, None);
                None
            }
        }
    }

    /// `[[key]]`, each with its place.
    pub(super) fn tables(&mut self, key: &'static str) -> Option<Vec<(Table<'a, 'd>, Place)>> {
        let mut tables = Vec::new();
        for value in self.list(key)? {
            let start = value.span().start;
            match value.get_ref().as_table() {
                Some(table) => {
                    tables.push((self.within(key, table, start), self.source.place(start)));
                }
                None => self.bad(key, value.span(), Expected::Table, None),
            }
        }
        Some(tables)
    }

    /// Every key of a table whose keys are free, with its text.
    pub(super) fn free_texts(
        mut self,
        expected: Expected,
    ) -> (Vec<(String, String, Place)>, Vec<Diagnostic>) {
        let mut texts = Vec::new();
        for (key, value) in self.table {
            match value.get_ref().as_str() {
                Some(text) => texts.push((
                    key.get_ref().to_string(),
                    text.to_owned(),
                    self.source.place(value.span().start),
                )),
                None => self.bad(key.get_ref(), value.span(), expected.clone(), None),
            }
        }
        (texts, self.problems)
    }

    /// Every table of a table whose keys are free. `unknown` says of a key that
    /// it is none, and which may be meant.
    pub(super) fn free_tables(
        mut self,
        unknown: impl Fn(&str) -> Option<Option<String>>,
    ) -> (Vec<(String, Table<'a, 'd>)>, Vec<Diagnostic>) {
        let mut tables = Vec::new();
        for (key, value) in self.table {
            let name = key.get_ref().to_string();
            let start = key.span().start;
            match (unknown(&name), value.get_ref().as_table()) {
                (Some(suggestion), _) => {
                    let key = format!("{}{name}", self.prefix);
                    let problem = Problem::UnknownKey { key, suggestion };
                    self.note(problem, self.source.place(start));
                }
                (None, Some(table)) => {
                    tables.push((name.clone(), self.within(&name, table, start)));
                }
                (None, None) => self.bad(&name, value.span(), Expected::Table, None),
            }
        }
        self.problems.sort_by(|a, b| a.place.cmp(&b.place));
        (tables, self.problems)
    }

    /// Notes a text that is of the right kind and means nothing.
    pub(super) fn refuse(&mut self, key: &str, found: String, expected: Expected, place: Place) {
        let problem = Problem::BadValue {
            key: format!("{}{key}", self.prefix),
            found,
            expected,
            suggestion: None,
        };
        self.note(problem, place);
    }

    /// Notes a key that has to be there.
    pub(super) fn missing(&mut self, key: &str) {
        let problem = Problem::MissingKey {
            key: format!("{}{key}", self.prefix),
        };
        self.problems
            .push(Diagnostic::new(problem, self.source.place(self.start)));
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn note(&mut self, problem: Problem, place: Place) {
        self.problems.push(Diagnostic::new(problem, place));
    }

    /// The place of a key's value, else of the table.
    pub(super) fn place_of(&self, key: &str) -> Place {
        let start = self.table.get(key).map_or(self.start, |v| v.span().start);
        self.source.place(start)
    }

    /// What was wrong, unknown keys included, in the order of the file.
    pub(super) fn finish(mut self, found: &mut Vec<Diagnostic>) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let suggestion = nearest(name, self.asked.iter().copied()).map(str::to_owned);
            let problem = Problem::UnknownKey {
                key: format!("{}{name}", self.prefix),
                suggestion,
            };
            let place = self.source.place(key.span().start);
            self.problems.push(Diagnostic::new(problem, place));
        }
        self.problems.sort_by(|a, b| a.place.cmp(&b.place));
        found.append(&mut self.problems);
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    match value {
        DeValue::Integer(n) => i64::from_str_radix(n.as_str(), n.radix()).ok(),
        _ => None,
    }
}
