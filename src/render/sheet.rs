//! The contact sheet of a series: its cards side by side, a row for each
//! capsule, on as few pages as can still be looked at.

use crate::render::{Failure, Workshop, art, pictures, unexpected};
use crate::series::charter::{BoxRules, Charter};
use crate::values::geometry::Size;
use crate::values::ids::Language;
use crate::worker::pool::Material;
use crate::worker::protocol::{CardRequest, Placed, Request};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Opening card, lower third, end card.
pub const COLUMNS: usize = 3;

/// Longer side of a card on the sheet, in pixels: the role under a name is
/// still read.
const CARD: u32 = 560;
const MARGIN: u32 = 40;
const GAP: u32 = 24;
/// Title and column headings.
const HEAD: u32 = 112;
/// Above the cards of a capsule.
const LABEL: u32 = 36;
/// A page is about this high.
const PAGE: u32 = 2800;
const WIDTH: u32 = 2 * MARGIN + COLUMNS as u32 * CARD + (COLUMNS as u32 - 1) * GAP;
/// Letters of a label.
const LONGEST: usize = 110;
/// The built-in fonts are there whatever the charter's lack.
const FAMILY: &str = "Cantarell";

/// The cards of a capsule as outlines.
pub struct Row<'a> {
    pub label: String,
    /// In the place of the first card.
    pub note: Option<String>,
    /// For which the outlines were made.
    pub size: Size,
    /// The pictures behind them.
    pub below: [Option<&'a str>; COLUMNS],
    /// `None` where the capsule has none.
    pub cards: [Option<&'a str>; COLUMNS],
    /// A watermark over each of them.
    pub over: Option<&'a str>,
    /// More of the capsule above: only what it has is drawn.
    pub goes_on: bool,
}

/// The sheet's own words.
pub struct Headings {
    pub title: String,
    pub columns: [String; COLUMNS],
    pub language: Language,
}

/// Each page as a PNG.
pub fn pages(
    workshop: &Workshop,
    charter: &Charter,
    rows: &[Row<'_>],
    headings: &Headings,
) -> Result<Vec<Vec<u8>>, Failure> {
    let pages = paged(rows);
    let numbered = pages.iter().enumerate().map(|(n, rows)| {
        let number = if pages.len() > 1 {
            format!("{}/{}", n + 1, pages.len())
        } else {
            String::new()
        };
        page(workshop, charter, rows, headings, &number)
    });
    numbered.collect()
}

/// Rows that stand on one page each: as many as it has room for, and one at
/// least.
fn paged<'p, 'a>(mut rows: &'p [Row<'a>]) -> Vec<&'p [Row<'a>]> {
    let mut pages = Vec::new();
    while !rows.is_empty() {
        let mut height = HEAD + 2 * MARGIN;
        let fits = |row: &&Row<'_>| {
            height += pitch(row);
            height <= PAGE
        };
        let fitting = rows.iter().take_while(fits).count().max(1);
        let (page, rest) = rows.split_at(fitting);
        pages.push(page);
        rows = rest;
    }
    pages
}

/// From the top of a row to that of the next: its label, its cards and a gap.
fn pitch(row: &Row<'_>) -> u32 {
    LABEL + shown_size(row.size).height + GAP
}

fn page(
    workshop: &Workshop,
    charter: &Charter,
    rows: &[Row<'_>],
    headings: &Headings,
    number: &str,
) -> Result<Vec<u8>, Failure> {
    let size = Size {
        width: WIDTH,
        height: MARGIN + HEAD + rows.iter().map(pitch).sum::<u32>() + MARGIN,
    };
    let (ground, fields) = ground(size, rows, headings, number);
    let request = CardRequest {
        svg: ground,
        fields,
        palette: BTreeMap::new(),
        font_family: FAMILY.to_owned(),
        language: headings.language.clone(),
        languages: BTreeMap::new(),
        size,
        boxes: BoxRules::new(),
        pictures: Vec::new(),
        portrait: None,
        veil: None,
        position: None,
    };
    let layout = art::ask(workshop, charter, vec![request])?.pop();
    let ground = layout.and_then(|l| l.svg).ok_or_else(unexpected)?;
    let mut drawings = Vec::new();
    let mut placed = Vec::new();
    for (row, top) in rows.iter().zip(tops(rows)) {
        for ((card, below), x) in row.cards.iter().zip(row.below).zip(lefts()) {
            let Some(card) = card else { continue };
            for svg in [below, Some(*card), row.over].into_iter().flatten() {
                let known = drawings.iter().position(|d| d == svg);
                let drawing = known.unwrap_or(drawings.len());
                if known.is_none() {
                    drawings.push(svg.to_owned());
                }
                placed.push(Placed {
                    drawing,
                    x,
                    y: top + LABEL,
                    size: shown_size(row.size),
                });
            }
        }
    }
    let request = Request::Sheet {
        ground,
        size,
        drawings,
        placed,
    };
    pictures::picture(workshop, Material::Charter, &request, &[])
}

/// Where the rows of a page begin.
fn tops(rows: &[Row<'_>]) -> impl Iterator<Item = u32> {
    rows.iter().scan(MARGIN + HEAD, |next, row| {
        let top = *next;
        *next += pitch(row);
        Some(top)
    })
}

/// Where the columns begin.
fn lefts() -> impl Iterator<Item = u32> {
    (0..COLUMNS as u32).map(|column| MARGIN + column * (CARD + GAP))
}

/// Of the same shape, with the longer side of a card.
fn shown_size(size: Size) -> Size {
    let longer = u64::from(size.width.max(size.height).max(1));
    let shrunk = |side: u32| {
        let side = (u64::from(side) * u64::from(CARD) + longer / 2) / longer;
        (side as u32).max(1)
    };
    Size {
        width: shrunk(size.width),
        height: shrunk(size.height),
    }
}

/// What lies under the cards: words, and a grey as of footage where a lower
/// third will lie. As a template, so that words are set as on any card.
fn ground(
    size: Size,
    rows: &[Row<'_>],
    headings: &Headings,
    number: &str,
) -> (String, BTreeMap<String, String>) {
    let mut fields = BTreeMap::new();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\
         <rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>",
        size.width, size.height
    );
    let mut text = |svg: &mut String, name: String, said: &str, at: [u32; 4], looks: &str| {
        let [x, y, width, height] = at;
        write!(
            svg,
            "<rect id=\"text:{name}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             fill=\"#1d2430\" data-max-lines=\"1\" data-min-size=\"10\" data-valign=\"middle\" {looks}/>"
        )
        .expect("writing to a string cannot fail");
        fields.insert(name, shortened(said));
    };
    let (whole, side) = (WIDTH - 2 * MARGIN, 160);
    let title = [MARGIN, MARGIN, whole - side, 52];
    let page = [MARGIN + whole - side, MARGIN, side, 40];
    let bold = "data-max-size=\"40\" data-weight=\"700\"";
    text(&mut svg, "sheet".to_owned(), &headings.title, title, bold);
    let right = "data-max-size=\"24\" data-align=\"right\"";
    text(&mut svg, "page".to_owned(), number, page, right);
    for (column, (heading, x)) in headings.columns.iter().zip(lefts()).enumerate() {
        let place = [x, MARGIN + 64, CARD, 32];
        let name = format!("column-{column}");
        text(&mut svg, name, heading, place, "data-max-size=\"22\"");
    }
    for (n, (row, top)) in rows.iter().zip(tops(rows)).enumerate() {
        let bold = "data-max-size=\"22\" data-weight=\"700\"";
        let place = [MARGIN, top, whole, LABEL - 6];
        text(&mut svg, format!("row-{n}"), &row.label, place, bold);
        let Size { width, height } = shown_size(row.size);
        for (card, x) in row.cards.iter().zip(lefts()) {
            if card.is_none() && row.goes_on {
                continue;
            }
            let fill = if card.is_some() { "#808080" } else { "#f0f0f0" };
            let y = top + LABEL;
            write!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#b8b8b8\"/>\
                 <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>",
                x - 1,
                y - 1,
                width + 2,
                height + 2
            )
            .expect("writing to a string cannot fail");
        }
        if let Some(said) = &row.note {
            let looks = "data-max-size=\"22\" data-align=\"center\"";
            let place = [MARGIN + GAP, top + LABEL, CARD - 2 * GAP, height];
            text(&mut svg, format!("note-{n}"), said, place, looks);
        }
    }
    svg.push_str("</svg>");
    (svg, fields)
}

/// A label stays on its line: the card itself shows the whole question.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_keep_their_shape() {
        let shown = |width, height| {
            let size = shown_size(Size { width, height });
            (size.width, size.height)
        };
        assert_eq!(shown(1920, 1080), (560, 315));
        assert_eq!(shown(1080, 1920), (315, 560));
        assert_eq!(shown(720, 720), (560, 560));
    }

    #[test]
    fn a_row_is_as_high_as_its_own_cards_and_no_page_too_full() {
        let row = |width, height| Row {
            label: String::new(),
            note: None,
            size: Size { width, height },
            below: [None; COLUMNS],
            cards: [None; COLUMNS],
            over: None,
            goes_on: false,
        };
        let rows: Vec<Row<'_>> = (0..9)
            .map(|n| match n % 3 {
                0 => row(1080, 1920),
                _ => row(1920, 1080),
            })
            .collect();
        let first: Vec<u32> = tops(&rows).take(3).collect();
        assert_eq!(first, [152, 152 + 620, 152 + 620 + 375]);
        let pages: Vec<usize> = paged(&rows).iter().map(|page| page.len()).collect();
        // 620 + 2 × 375 for every three, and 192 for head and margins.
        assert_eq!(pages, [5, 4]);
        let endless = [row(100, 100_000)];
        assert_eq!(paged(&endless).len(), 1, "one at least");
        assert!(paged(&[]).is_empty());
    }

    #[test]
    fn long_labels_are_cut_between_characters() {
        assert_eq!(shortened("jpp-12"), "jpp-12");
        let cut = shortened(&"é".repeat(300));
        assert_eq!(cut.chars().count(), LONGEST + 1);
    }
}
