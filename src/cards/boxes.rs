//! The shape of a template's boxes and what is said of them → typed values.

use crate::cards::fit::{Horizontal, TextStyle, Vertical};
use crate::cards::style::{Styles, finite};
use resvg::usvg::roxmltree::{Document, Node};

/// Below this, letters on a screen are no longer read by anybody.
const LEGIBLE_PIXELS: f64 = 11.0;

/// A rectangle in the coordinates of the element it was measured on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    pub(super) fn union(self, other: Area) -> Area {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Area {
            x,
            y,
            width: (self.x + self.width).max(other.x + other.width) - x,
            height: (self.y + self.height).max(other.y + other.height) - y,
        }
    }
}

/// Boxes that close up on one another.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Stack {
    pub name: String,
    pub gap: f64,
    pub vertical: Vertical,
}

/// A size that people read at ease, in pixels. The picture of a small rendition
/// is seen on a small screen: there its letters take a larger share of it (30 of
/// 1080 lines, 15 of 360). Bold ones are read a little smaller.
fn comfortable(short_side: f64, weight: f32) -> f64 {
    let size = 8.0 + short_side / 50.0;
    if weight >= 600.0 { size * 0.9 } else { size }
}

/// A box, and where it is seen.
#[derive(Clone, Copy)]
pub(super) struct Measured {
    pub area: Area,
    /// Pixels per user unit there.
    pub scale: f64,
}

/// What all boxes of a card have in common.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub family: &'a str,
    /// Of the frame, in pixels.
    pub short_side: f64,
    pub leftward: bool,
}

/// How the text of a box is set.
pub(super) fn text_style(
    styles: &Styles<'_>,
    node: Node<'_, '_>,
    field: &str,
    place: Measured,
    setting: Setting<'_>,
) -> TextStyle {
    let Setting {
        family,
        short_side,
        leftward,
    } = setting;
    let said = |key| styles.said(node, field, key);
    let positive = |key| styles.number(node, field, key).filter(|n| *n > 0.0);
    let whole = |key| positive(key).map_or(usize::MAX, |n| n as usize).max(1);
    let least = styles
        .number(node, field, "min-px")
        .unwrap_or(LEGIBLE_PIXELS)
        / place.scale;
    let largest = positive("max-size")
        .or_else(|| styles.own(node, "font-size").and_then(|size| length(&size)))
        .unwrap_or(place.area.height);
    let smallest = positive("min-size").unwrap_or(largest / 2.0).max(least);
    let largest = largest.max(smallest);
    let weight = weight(
        said("weight")
            .map(str::to_owned)
            .or_else(|| styles.own(node, "font-weight")),
    );
    let eased = comfortable(short_side, weight) / place.scale;
    let align = said("align")
        .map(str::to_owned)
        .or_else(|| styles.own(node, "text-align"))
        .or_else(|| styles.own(node, "text-anchor"));
    TextStyle {
        family: said("font")
            .map(str::to_owned)
            .or_else(|| styles.own(node, "font-family"))
            .unwrap_or_else(|| family.to_owned()),
        weight,
        horizontal: match align.as_deref() {
            Some("center" | "centre" | "middle") => Horizontal::Centre,
            Some("right" | "end") => Horizontal::End,
            _ => Horizontal::Start,
        },
        vertical: vertical(said("valign")),
        largest: largest.max(eased),
        eased: eased.min(largest).max(smallest),
        smallest,
        max_lines: whole("max-lines"),
        preferred_lines: whole("prefer-lines"),
        line_height: positive("line-height").unwrap_or(1.2),
        leftward,
    }
}

fn vertical(value: Option<&str>) -> Vertical {
    match value {
        Some("middle" | "center" | "centre") => Vertical::Middle,
        Some("bottom") => Vertical::Bottom,
        _ => Vertical::Top,
    }
}

fn weight(said: Option<String>) -> f32 {
    match said.as_deref() {
        Some("bold" | "bolder") => 700.0,
        Some(number) => number
            .parse()
            .ok()
            .filter(|w| (1.0..=1000.0).contains(w))
            .unwrap_or(400.0),
        None => 400.0,
    }
}

pub(super) fn stack(styles: &Styles<'_>, node: Node<'_, '_>, field: &str) -> Option<Stack> {
    Some(Stack {
        name: node.attribute("data-stack")?.to_owned(),
        gap: styles.number(node, field, "gap").unwrap_or(0.0),
        vertical: vertical(node.attribute("data-stack-align")),
    })
}

/// A length in user units, of which an inch has 96.
fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, unit) = text.split_at(
        text.find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(text.len()),
    );
    let per_unit = match unit {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        _ => return None,
    };
    Some(finite(number)? * per_unit)
}

/// The view box of a drawing and the part of its plane that a frame shows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Frame {
    pub view: Area,
    pub shown: Area,
}

/// Scales the view box to fit and shows more of the plane on the other side,
/// where the drawing's anchor leaves it free.
pub(super) fn frame(document: &Document<'_>, width: f64, height: f64) -> Result<Frame, String> {
    let root = document.root_element();
    let view = view_box(root).ok_or("no viewBox, and no size without one")?;
    let scale = (width / view.width).min(height / view.height);
    let anchor = root.attribute("data-anchor").unwrap_or("center");
    let side = |first: &str, last: &str| match () {
        () if anchor.contains(first) => 0.0,
        () if anchor.contains(last) => 1.0,
        () => 0.5,
    };
    let (shown_width, shown_height) = (width / scale, height / scale);
    let shown = Area {
        x: view.x - (shown_width - view.width) * side("left", "right"),
        y: view.y - (shown_height - view.height) * side("top", "bottom"),
        width: shown_width,
        height: shown_height,
    };
    Ok(Frame { view, shown })
}

fn view_box(root: Node<'_, '_>) -> Option<Area> {
    let area = match root.attribute("viewBox") {
        Some(text) => {
            let numbers: Option<Vec<f64>> = text
                .split([' ', ',', '\n', '\t'])
                .filter(|n| !n.is_empty())
                .map(finite)
                .collect();
            match numbers?[..] {
                [x, y, width, height] => Area {
                    x,
                    y,
                    width,
                    height,
                },
                _ => return None,
            }
        }
        None => Area {
            x: 0.0,
            y: 0.0,
            width: length(root.attribute("width")?)?,
            height: length(root.attribute("height")?)?,
        },
    };
    let sound = |side: f64| (1e-3..1e6).contains(&side);
    let placed = area.x.abs() < 1e6 && area.y.abs() < 1e6;
    (placed && sound(area.width) && sound(area.height)).then_some(area)
}
