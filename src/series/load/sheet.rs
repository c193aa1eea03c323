//! Spreadsheets as rows of typed cells, the same whether they came from CSV,
//! XLSX or ODS. What the columns mean is not known here.

use super::delimited;
use super::names::nfc;
use super::written::{clock_text, iso_duration_milliseconds};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::time::Date;
use calamine::{Data, ExcelDateTime, HeaderRow, Ods, OdsError, Reader, Xlsx, XlsxError};
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
        Format::Xlsx => {
            workbook::<Xlsx<_>>(bytes, place(), found).map_err(|e: XlsxError| e.to_string())
        }
        Format::Ods => {
            workbook::<Ods<_>>(bytes, place(), found).map_err(|e: OdsError| e.to_string())
        }
    };
    match rows {
        Ok(mut rows) => {
            rows.retain(|row| row.cells.iter().any(|cell| *cell != Cell::Empty));
            Some(Sheet {
                path: path.to_owned(),
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

fn workbook<R: Reader<Cursor<Vec<u8>>>>(
    bytes: Vec<u8>,
    place: Place,
    found: &mut Vec<Diagnostic>,
) -> Result<Vec<Row>, R::Error> {
    let mut workbook = R::new(Cursor::new(bytes))?;
    workbook.with_header_row(HeaderRow::FirstNonEmptyRow);
    let sheets = workbook.sheet_names();
    if let [first, others @ ..] = sheets.as_slice()
        && !others.is_empty()
    {
        let problem = Problem::FirstSheetRead {
            sheet: first.clone(),
            others: others.len(),
        };
        found.push(Diagnostic::new(problem, place));
    }
    let Some(range) = workbook.worksheet_range_at(0).transpose()? else {
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
