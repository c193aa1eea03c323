//! The names and `data-` attributes of a template → typed boxes.

use crate::cards::fit::{Horizontal, TextStyle, Vertical};
use crate::cards::template::is_svg;
use resvg::usvg::roxmltree::{Document, Node};

const INKSCAPE: &str = "http://www.inkscape.org/namespaces/inkscape";
/// Below this, letters on a screen are no longer read.
const LEGIBLE_PIXELS: f64 = 11.0;

/// What a name makes of an element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Text {
        field: String,
    },
    Logos,
    /// Vanishes when the field is empty.
    If {
        field: String,
    },
}

/// A label is what a designer types; an id is what other programs keep of it.
pub(super) fn role(node: Node<'_, '_>) -> Option<Role> {
    if !is_svg(node) {
        return None;
    }
    let names = [node.attribute((INKSCAPE, "label")), node.attribute("id")];
    names.into_iter().flatten().find_map(|name| {
        let (kind, what) = name.trim().split_once(':')?;
        let field = what.trim().to_owned();
        match kind {
            "text" => Some(Role::Text { field }),
            "if" => Some(Role::If { field }),
            "image" if field.starts_with("logo") => Some(Role::Logos),
            _ => None,
        }
    })
}

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

pub(super) fn number_of(node: Node<'_, '_>, attribute: &str) -> Option<f64> {
    let value = node.attribute(attribute)?.trim();
    value.parse().ok().filter(|n: &f64| n.is_finite())
}

/// How the text of a box is set. `scale` is pixels per user unit there.
pub(super) fn text_style(node: Node<'_, '_>, family: &str, area: Area, scale: f64) -> TextStyle {
    let positive = |attribute| number_of(node, attribute).filter(|n| *n > 0.0);
    let legible = number_of(node, "data-min-px").unwrap_or(LEGIBLE_PIXELS) / scale;
    let largest = positive("data-max-size").unwrap_or(area.height);
    let smallest = positive("data-min-size")
        .unwrap_or(largest / 2.0)
        .max(legible);
    TextStyle {
        family: node
            .attribute("data-font")
            .unwrap_or(family)
            .trim()
            .to_owned(),
        weight: weight(node),
        horizontal: match node.attribute("data-align") {
            Some("center" | "centre" | "middle") => Horizontal::Centre,
            Some("right" | "end") => Horizontal::End,
            _ => Horizontal::Start,
        },
        vertical: vertical(node.attribute("data-valign")),
        largest: largest.max(smallest),
        smallest,
        max_lines: positive("data-max-lines")
            .map_or(usize::MAX, |n| n as usize)
            .max(1),
        preferred_lines: positive("data-prefer-lines").map_or(usize::MAX, |n| n as usize),
        line_height: positive("data-line-height").unwrap_or(1.2),
    }
}

fn vertical(value: Option<&str>) -> Vertical {
    match value {
        Some("middle" | "center" | "centre") => Vertical::Middle,
        Some("bottom") => Vertical::Bottom,
        _ => Vertical::Top,
    }
}

fn weight(node: Node<'_, '_>) -> f32 {
    let said = node.attribute("data-weight").map(str::to_owned);
    match said.or_else(|| property(node, "font-weight")).as_deref() {
        Some("bold") => 700.0,
        Some(number) => number
            .parse()
            .ok()
            .filter(|w| (1.0..=1000.0).contains(w))
            .unwrap_or(400.0),
        None => 400.0,
    }
}

pub(super) fn stack(node: Node<'_, '_>) -> Option<Stack> {
    Some(Stack {
        name: node.attribute("data-stack")?.to_owned(),
        gap: number_of(node, "data-gap").unwrap_or(0.0),
        vertical: vertical(node.attribute("data-stack-align")),
    })
}

/// The colour of a text as written: said, or the box's own fill, or an
/// ancestor's. Black when that is no plain colour.
pub(super) fn colour(node: Node<'_, '_>) -> String {
    let said = node
        .attribute("data-colour")
        .or(node.attribute("data-color"));
    let found = match said {
        Some(colour) => Some(colour.to_owned()),
        None => node.ancestors().find_map(|n| property(n, "fill")),
    };
    found
        .map(|colour| colour.trim().to_owned())
        .filter(|colour| is_plain_colour(colour))
        .unwrap_or_else(|| "#000000".to_owned())
}

fn is_plain_colour(colour: &str) -> bool {
    colour != "none"
        && !colour.starts_with("url")
        && colour
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "#(),.% :-_".contains(c))
}

/// A presentation property: in `style` first, as CSS has it, then an attribute.
fn property(node: Node<'_, '_>, name: &str) -> Option<String> {
    let style = node.attribute("style").unwrap_or_default();
    let in_style = style.split(';').find_map(|declaration| {
        let (key, value) = declaration.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    });
    in_style.or_else(|| node.attribute(name).map(str::to_owned))
}

pub(super) fn is_hidden(node: Node<'_, '_>) -> bool {
    node.ancestors()
        .any(|n| property(n, "display").is_some_and(|v| v == "none"))
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
    let view = view_box(root).ok_or("no viewBox and no size in user units")?;
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
    let parse = |text: &str| text.trim().trim_end_matches("px").parse::<f64>().ok();
    let area = match root.attribute("viewBox") {
        Some(text) => {
            let numbers: Option<Vec<f64>> = text
                .split([' ', ',', '\n', '\t'])
                .filter(|n| !n.is_empty())
                .map(parse)
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
            width: parse(root.attribute("width")?)?,
            height: parse(root.attribute("height")?)?,
        },
    };
    let sound = |side: f64| (1e-3..1e6).contains(&side);
    let placed = area.x.abs() < 1e6 && area.y.abs() < 1e6;
    (placed && sound(area.width) && sound(area.height)).then_some(area)
}

/// Rectangles that fill the whole view box, in its own coordinates: grounds and
/// clips, which have to fill the whole frame.
pub(super) fn covers_view(node: Node<'_, '_>, view: Area) -> bool {
    let moved = node.ancestors().any(|n| {
        n.has_attribute("transform")
            || matches!(n.tag_name().name(), "pattern" | "symbol" | "marker")
            || (n.tag_name().name() == "svg" && n != n.document().root_element())
    });
    if moved || !is_svg(node) || node.tag_name().name() != "rect" {
        return false;
    }
    let length = |name: &str, whole: f64| match node.attribute(name).map(str::trim) {
        None => Some(0.0),
        Some("100%") => Some(whole),
        Some(text) => text.trim_end_matches("px").parse().ok(),
    };
    let (Some(x), Some(y), Some(width), Some(height)) = (
        length("x", 0.0),
        length("y", 0.0),
        length("width", view.width),
        length("height", view.height),
    ) else {
        return false;
    };
    let slack = view.width.max(view.height) / 1000.0;
    x <= view.x + slack
        && y <= view.y + slack
        && x + width >= view.x + view.width - slack
        && y + height >= view.y + view.height - slack
}
