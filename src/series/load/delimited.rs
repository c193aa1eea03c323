//! CSV as spreadsheets save it: which encoding, which separator, and the cells.
//!
//! Split here rather than by a library because rows have to carry the numbers
//! that the spreadsheet shows: blank lines count, line breaks inside quotes do
//! not, and a quote that is never closed must be found, not read as a cell
//! that swallows the rest of the file.

use super::sheet::{Cell, Row};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// UTF-8 with or without BOM, UTF-16 with BOM, else Windows-1252; `None` for
/// what is no text at all (a workbook that was renamed).
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let (encoding, start) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, length),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        None => (WINDOWS_1252, 0),
    };
    let (text, broken) = encoding.decode_without_bom_handling(&bytes[start..]);
    (!broken && !text.contains('\0')).then(|| text.into_owned())
}

/// The rows, and the row in which a quote opens that never closes.
///
/// The separator is the one that Excel's `sep=` line names, else the one that
/// makes known columns of the first row, else the most frequent one.
pub(super) fn rows(text: &str, is_column: impl Fn(&str) -> bool) -> (Vec<Row>, Option<usize>) {
    let (named, text) = named_separator(text);
    let separator = named.unwrap_or_else(|| {
        let known = |separator: &char| {
            let (records, _) = split(text, *separator);
            let written = |record: &&Vec<String>| record.iter().any(|c| !c.trim().is_empty());
            let headers = records.iter().find(written);
            headers.map_or((0, 0), |headers| {
                let known = headers.iter().filter(|h| is_column(h)).count();
                (known, headers.len())
            })
        };
        // The last of equals wins, so the likeliest stands last.
        [',', '\t', ';']
            .into_iter()
            .max_by_key(known)
            .unwrap_or(';')
    });
    let (records, open_quote) = split(text, separator);
    let rows = records.iter().enumerate().map(|(index, record)| Row {
        number: index + 1,
        cells: record.iter().map(|text| Cell::of_text(text)).collect(),
    });
    (rows.collect(), open_quote)
}

/// Excel's own first line `sep=;`, which it does not show as a row.
fn named_separator(text: &str) -> (Option<char>, &str) {
    let end = text.find(['\r', '\n']).unwrap_or(text.len());
    let (line, rest) = text.split_at(end);
    let line = line.trim_matches('"');
    let separator = line
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("sep="))
        .and_then(|_| line[4..].chars().next())
        .filter(|c| matches!(c, ',' | ';' | '\t'));
    match separator {
        Some(separator) => {
            let rest = rest.strip_prefix('\r').unwrap_or(rest);
            (Some(separator), rest.strip_prefix('\n').unwrap_or(rest))
        }
        None => (None, text),
    }
}

/// Splits as RFC 4180 says. A quote opens only at the start of a cell;
/// elsewhere it is a character.
fn split(text: &str, separator: char) -> (Vec<Vec<String>>, Option<usize>) {
    let mut records: Vec<Vec<String>> = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut cell = String::new();
    // Whether the cell was quoted, and the row in which the quote is open.
    let (mut quoted, mut open): (bool, Option<usize>) = (false, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if open.is_some() => match chars.peek() {
                Some('"') => {
                    chars.next();
                    cell.push('"');
                }
                _ => open = None,
            },
            _ if open.is_some() => cell.push(c),
            '"' if cell.is_empty() && !quoted => {
                quoted = true;
                open = Some(records.len() + 1);
            }
            _ if c == separator => {
                record.push(std::mem::take(&mut cell));
                quoted = false;
            }
            '\r' | '\n' => {
                if c == '\r' {
                    chars.next_if_eq(&'\n');
                }
                record.push(std::mem::take(&mut cell));
                quoted = false;
                records.push(std::mem::take(&mut record));
            }
            _ => cell.push(c),
        }
    }
    if quoted || !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    (records, open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        let (rows, open) = rows(text, |h| matches!(h, "id" | "question"));
        assert_eq!(open, None);
        rows.iter()
            .map(|r| (r.number, r.cells.iter().map(Cell::shown).collect()))
            .collect()
    }

    fn row(number: usize, cells: [&str; 2]) -> (usize, Vec<String>) {
        (number, cells.map(str::to_owned).to_vec())
    }

    #[test]
    fn the_separator_is_the_one_that_makes_columns() {
        let wanted = vec![row(1, ["id", "question"]), row(2, ["a", "b, c; d"])];
        for text in [
            "id;question\na;\"b, c; d\"",
            "id,question\r\na,\"b, c; d\"\r\n",
            "id\tquestion\ra\tb, c; d\r",
            "sep=,\nid,question\na,\"b, c; d\"",
        ] {
            assert_eq!(cells(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn rows_keep_the_numbers_of_the_spreadsheet() {
        let text = "id;question\r\n\r\na;\"two\r\nlines\"\r\n;\r\nb;\"said \"\"no\"\"\"\r\n";
        let all = cells(text);
        assert_eq!(all[2], row(3, ["a", "two\nlines"]));
        assert_eq!(all[4], row(5, ["b", "said \"no\""]));
    }

    #[test]
    fn a_quote_that_never_closes_is_found_where_it_opens() {
        let (_, open) = rows("id;question\na;\"b\nc;d\n", |h| h == "id");
        assert_eq!(open, Some(2));
    }

    #[test]
    fn encodings_of_spreadsheets() {
        let utf16 = |little: bool| -> Vec<u8> {
            "\u{feff}é;œ"
                .encode_utf16()
                .flat_map(|u| {
                    if little {
                        u.to_le_bytes()
                    } else {
                        u.to_be_bytes()
                    }
                })
                .collect()
        };
        for bytes in [
            utf16(true),
            utf16(false),
            "é;œ".into(),
            "\u{feff}é;œ".into(),
            vec![0xe9, b';', 0x9c],
        ] {
            assert_eq!(decode(&bytes).as_deref(), Some("é;œ"), "{bytes:?}");
        }
        assert_eq!(decode(b"PK\x03\x04\0\0\0\0\xff"), None);
    }

    proptest! {
        /// The `csv` crate, an independent reader and writer, agrees.
        #[test]
        fn what_another_program_writes_reads_the_same(
            records in prop::collection::vec(prop::collection::vec("[a-z\";,\n é]{0,6}", 3), 1..6),
            separator in prop::sample::select(vec![';', ',', '\t']),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(separator as u8).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record).expect("written to memory");
            }
            let text = String::from_utf8(writer.into_inner().expect("flushed")).expect("UTF-8");
            let (read, open) = split(&text, separator);
            prop_assert_eq!(open, None);
            prop_assert_eq!(read, records);
        }
    }
}
