//! Spreadsheets as rows of typed cells, the same whether they came from CSV,
//! XLSX or ODS. What the columns mean is not known here.

use super::delimited;
use super::names::nfc;
use super::written::{clock_text, iso_duration_milliseconds};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::time::Date;
use calamine::{Data, ExcelDateTime, Ods, OdsError, Reader, Xlsx, XlsxError};
use std::collections::BTreeMap;
use std::io::Cursor;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Cell {
    Empty,
    /// Trimmed, NFC, line ends as `\n`; never empty.
    Text(String),
    /// As the spreadsheet would show it without format: 12, not 12.0.
    Number(String),
    /// A time of day or a duration, in milliseconds.
    Time(u64),
    Date(Date),
    /// A date with a time, or one that no calendar has: what it shows.
    Moment(String),
    /// A formula that failed (`#N/A`).
    Failed(String),
}

impl Cell {
    pub(super) fn of_text(text: &str) -> Cell {
        let text = nfc(&text.replace("\r\n", "\n").replace('\r', "\n"));
        match text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}') {
            "" => Cell::Empty,
            trimmed => Cell::Text(trimmed.to_owned()),
        }
    }

    /// What the cell says, for a column of texts and for messages.
    pub(super) fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Number(text) | Cell::Moment(text) | Cell::Failed(text) => {
                text.clone()
            }
            Cell::Time(ms) => clock_text(*ms),
            Cell::Date(date) => date.to_string(),
        }
    }
}

pub(super) struct Row {
    /// As the spreadsheet counts, from 1.
    pub number: usize,
    /// The first cell is column A.
    pub cells: Vec<Cell>,
}

pub(super) struct Sheet {
    pub path: String,
    /// CSV, in which a text may have been cut at a separator.
    pub delimited: bool,
    /// Without the rows that are entirely empty.
    pub rows: Vec<Row>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Delimited,
    Xlsx,
    Ods,
}

/// Column letters as spreadsheets count them: A … Z, AA ….
pub(super) fn letter(index: usize) -> String {
    let mut rest = index;
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + (rest % 26) as u8));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// The first sheet of a file, or `None` with the reason in `found`.
pub(super) fn read(
    path: &str,
    format: Format,
    bytes: Vec<u8>,
    is_column: impl Fn(&str) -> bool,
    found: &mut Vec<Diagnostic>,
) -> Option<Sheet> {
    let place = || Place::File {
        path: path.to_owned(),
    };
    let rows = match format {
        Format::Delimited => {
            let Some(text) = delimited::decode(&bytes) else {
                found.push(Diagnostic::new(Problem::CatalogueNotText, place()));
                return None;
            };
            let (rows, open_quote) = delimited::rows(&text, is_column);
            if let Some(row) = open_quote {
                let path = path.to_owned();
                let place = Place::Row { path, row };
                found.push(Diagnostic::new(Problem::QuoteNeverClosed, place));
                return None;
            }
            Ok(rows)
        }
        Format::Xlsx => contained(|notes| xlsx(bytes, &place(), notes), found),
        Format::Ods => contained(|notes| ods(bytes, &place(), notes), found),
    };
    match rows {
        Ok(mut rows) => {
            rows.retain(|row| row.cells.iter().any(|cell| *cell != Cell::Empty));
            Some(Sheet {
                path: path.to_owned(),
                delimited: format == Format::Delimited,
                rows,
            })
        }
        Err(error) => {
            let problem = Problem::CatalogueUnreadable { error };
            found.push(Diagnostic::new(problem, place()));
            None
        }
    }
}

/// What Excel and LibreOffice can hold; a position beyond is damage.
const LAST_ROW: u32 = 1_048_576;
const LAST_COLUMN: u32 = 16_384;

/// Cell by cell: one stray cell in a far corner must not cost the memory of
/// the whole rectangle up to it.
fn xlsx(bytes: Vec<u8>, place: &Place, found: &mut Vec<Diagnostic>) -> Result<Vec<Row>, String> {
    let text = |error: XlsxError| error.to_string();
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(text)?;
    let Some(first) = first_sheet(&workbook.sheet_names(), place, found) else {
        return Ok(Vec::new());
    };
    let mut reader = workbook.worksheet_cells_reader(&first).map_err(text)?;
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    while let Some(next) = reader.next_cell().map_err(text)? {
        let (row, column) = next.get_position();
        if row >= LAST_ROW || column >= LAST_COLUMN {
            return Err(format!("a cell in row {row}, column {column}"));
        }
        let value = cell(&Data::from(next.get_value().clone()));
        if value != Cell::Empty {
            let cells = rows.entry(row).or_default();
            let index = column as usize;
            if cells.len() <= index {
                cells.resize(index + 1, Cell::Empty);
            }
            cells[index] = value;
        }
    }
    let numbered = |(row, cells)| Row {
        number: row as usize + 1,
        cells,
    };
    Ok(rows.into_iter().map(numbered).collect())
}

fn ods(bytes: Vec<u8>, place: &Place, found: &mut Vec<Diagnostic>) -> Result<Vec<Row>, String> {
    let text = |error: OdsError| error.to_string();
    let mut workbook = Ods::new(Cursor::new(bytes)).map_err(text)?;
    first_sheet(&workbook.sheet_names(), place, found);
    let Some(range) = workbook.worksheet_range_at(0).transpose().map_err(text)? else {
        return Ok(Vec::new());
    };
    let (top, left) = range.start().unwrap_or((0, 0));
    let rows = range.rows().enumerate().map(|(index, row)| {
        let blank = std::iter::repeat_n(Cell::Empty, left as usize);
        Row {
            number: top as usize + index + 1,
            cells: blank.chain(row.iter().map(cell)).collect(),
        }
    });
    Ok(rows.collect())
}

/// The sheet that is read, said when there are others.
fn first_sheet(sheets: &[String], place: &Place, found: &mut Vec<Diagnostic>) -> Option<String> {
    let (first, others) = sheets.split_first()?;
    if !others.is_empty() {
        let problem = Problem::FirstSheetRead {
            sheet: first.clone(),
            others: others.len(),
        };
        found.push(Diagnostic::new(problem, place.clone()));
    }
    Some(first.clone())
}

/// The library that reads workbooks stops the program over some damaged ones
/// (an overflow in a cell's name, for example): that is a finding too.
fn contained(
    read: impl FnOnce(&mut Vec<Diagnostic>) -> Result<Vec<Row>, String>,
    found: &mut Vec<Diagnostic>,
) -> Result<Vec<Row>, String> {
    let attempt = std::panic::AssertUnwindSafe(|| {
        let mut notes = Vec::new();
        let rows = read(&mut notes);
        (rows, notes)
    });
    let (rows, mut notes) = std::panic::catch_unwind(attempt)
        .unwrap_or_else(|_| (Err("damaged workbook".to_owned()), Vec::new()));
    found.append(&mut notes);
    rows
}

fn cell(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::of_text(text),
        Data::Int(number) => Cell::Number(number.to_string()),
        // Rust prints the shortest decimal that reads back, 12 for 12.0.
        Data::Float(number) => Cell::Number(number.to_string()),
        Data::Bool(truth) => Cell::Text(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        Data::DateTime(moment) => excel_moment(*moment),
        Data::DateTimeIso(text) => iso_moment(text),
        Data::DurationIso(text) => match iso_duration_milliseconds(text) {
            Some(ms) => Cell::Time(ms),
            None => Cell::Moment(text.clone()),
        },
        Data::Error(error) => Cell::Failed(error.to_string()),
    }
}

/// Excel keeps times and dates as days; what is under one day, or formatted as
/// a duration, is a time. Both are rounded to the millisecond that Excel keeps.
fn excel_moment(moment: ExcelDateTime) -> Cell {
    const DAY: f64 = 86_400_000.0;
    let days = moment.as_f64();
    if (0.0..1.0).contains(&days) || (moment.is_duration() && (0.0..1000.0).contains(&days)) {
        return Cell::Time((days * DAY).round() as u64);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = Date::new(i32::from(year), month, day);
    match (date, hour, minute, second) {
        (Some(date), 0, 0, 0) if days > 0.0 && !moment.is_duration() => Cell::Date(date),
        _ => Cell::Moment(format!(
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        )),
    }
}

/// A date of ODS, with a time of midnight or none.
fn iso_moment(text: &str) -> Cell {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let midnight = time.chars().all(|c| matches!(c, '0' | ':' | '.'));
    match Date::parse_iso(day) {
        Some(date) if midnight => Cell::Date(date),
        _ => Cell::Moment(text.replace('T', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn letters_count_as_in_a_spreadsheet() {
        let wanted = [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
        ];
        for (index, name) in wanted {
            assert_eq!(letter(index), name);
        }
    }

    #[test]
    fn numbers_show_no_needless_decimals() {
        assert_eq!(cell(&Data::Float(12.0)), Cell::Number("12".into()));
        assert_eq!(cell(&Data::Float(1.5)), Cell::Number("1.5".into()));
    }

    #[test]
    fn excel_days_are_times_or_dates() {
        let read = |days, kind| excel_moment(ExcelDateTime::new(days, kind, false));
        let clock = ExcelDateTimeType::DateTime;
        assert_eq!(read(80.0 / 86_400.0, clock), Cell::Time(80_000));
        assert_eq!(
            read(26.0 / 24.0, ExcelDateTimeType::TimeDelta),
            Cell::Time(93_600_000)
        );
        assert_eq!(
            read(45_672.0, clock),
            Date::new(2025, 1, 15).map_or(Cell::Empty, Cell::Date)
        );
        assert_eq!(
            read(60.0, clock),
            Cell::Moment("1900-02-29 00:00:00".into())
        );
        assert_eq!(
            read(45_672.5, clock),
            Cell::Moment("2025-01-15 12:00:00".into())
        );
    }

    #[test]
    fn dates_of_ods() {
        let day = Date::new(2025, 1, 15).map_or(Cell::Empty, Cell::Date);
        assert_eq!(iso_moment("2025-01-15"), day);
        assert_eq!(iso_moment("2025-01-15T00:00:00"), day);
        assert_eq!(
            iso_moment("2025-01-15T10:30:00"),
            Cell::Moment("2025-01-15 10:30:00".into())
        );
    }
}
