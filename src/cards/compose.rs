//! A template and its texts → one drawing of outlines, in the order: read and
//! bound, note the boxes, measure them, fit the texts, place them, write.
//!
//! Boxes are measured by the renderer itself, on a first writing in which each
//! stands as a plain shape: so transforms, nested groups and units mean here
//! exactly what they will mean when the card is drawn.

use crate::cards::boxes::{self, Area, Frame, Role, Stack};
use crate::cards::fit::{self, Block, Coordinate, Fonts, TextStyle, Vertical};
use crate::cards::template::{self, Edit, Edits, number};
use crate::cards::{CardLayout, CardProblem, CardRequest, Limit, pictures, raster, typography};
use crate::series::charter::Rgb;
use resvg::usvg;
use resvg::usvg::roxmltree::{Document, Node};
use std::collections::BTreeMap;

const MAX_CHARACTERS: usize = 2000;

/// Lays out one card. Whatever is wrong is in the result, all of it at once.
pub fn lay_out(request: &CardRequest, fonts: &mut Fonts) -> CardLayout {
    let mut problems = Vec::new();
    let drawn = compose(request, fonts, &mut problems);
    let (svg, shown) = match drawn {
        Ok((svg, shown)) => (Some(svg), shown),
        Err(problem) => {
            problems.push(problem);
            (None, Vec::new())
        }
    };
    let mut once: Vec<CardProblem> = Vec::new();
    for problem in problems {
        if !once.contains(&problem) {
            once.push(problem);
        }
    }
    CardLayout {
        svg,
        shown,
        problems: once,
    }
}

fn compose(
    request: &CardRequest,
    fonts: &mut Fonts,
    problems: &mut Vec<CardProblem>,
) -> Result<(String, Vec<String>), CardProblem> {
    let broken = |error: String| CardProblem::BrokenTemplate { error };
    let side = request.size.width.max(request.size.height);
    if side > raster::MAX_SIDE || request.size.width.min(request.size.height) == 0 {
        return Err(CardProblem::LimitExceeded {
            limit: Limit::FramePixels,
            found: u64::from(side),
            allowed: u64::from(raster::MAX_SIDE),
        });
    }
    let document = template::read(&request.svg)?;
    let (width, height) = (
        f64::from(request.size.width),
        f64::from(request.size.height),
    );
    let frame = boxes::frame(&document, width, height).map_err(broken)?;
    let root = root_attributes(request, frame);
    let mut colours = |value: &str| recolour(value, &request.palette, problems);

    let grounds = extend_grounds(&document, frame);
    let measuring = template::write(&document, &root, &probes(&document, &grounds), &mut colours);
    let tree = raster::parse(&measuring).map_err(broken)?;

    note_stray_text(&document, problems);
    let mut edits = drop_empty(&document, request, grounds, problems);
    let mut texts = fit_texts(&document, &tree, &edits, request, fonts, problems);
    close_stacks(&mut texts);
    hug(&document, &texts, &mut edits);
    let shown = reading_order(&texts);
    draw_texts(&document, texts, request, &mut edits, problems);
    draw_logos(&document, &tree, request, &mut edits, problems);

    let mut colours = |value: &str| recolour(value, &request.palette, problems);
    let svg = template::write(&document, &root, &edits, &mut colours);
    raster::parse(&svg).map_err(broken)?;
    Ok((svg, shown))
}

fn root_attributes(request: &CardRequest, frame: Frame) -> String {
    let Area {
        x,
        y,
        width,
        height,
    } = frame.shown;
    let mut out = String::new();
    template::write_attribute("width", &request.size.width.to_string(), &mut out);
    template::write_attribute("height", &request.size.height.to_string(), &mut out);
    let view = format!(
        "{} {} {} {}",
        Coordinate(x),
        Coordinate(y),
        Coordinate(width),
        Coordinate(height)
    );
    template::write_attribute("viewBox", &view, &mut out);
    // Rounding of the view box must not leave a line of half-covered pixels.
    template::write_attribute("preserveAspectRatio", "none", &mut out);
    out
}

/// `palette:NAME` → `#rrggbb`.
fn recolour(
    value: &str,
    palette: &BTreeMap<String, Rgb>,
    problems: &mut Vec<CardProblem>,
) -> String {
    let mut parts = value.split("palette:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
            .unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        match palette.get(name) {
            Some(Rgb { red, green, blue }) => {
                out.push_str(&format!("#{red:02x}{green:02x}{blue:02x}"));
            }
            None => {
                problems.push(CardProblem::UnknownColour {
                    colour: name.to_owned(),
                    suggestion: nearest(name, palette.keys()),
                });
                out.push_str("#000000");
            }
        }
        out.push_str(rest);
    }
    out
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.clone())
}

fn extend_grounds(document: &Document<'_>, frame: Frame) -> Edits {
    let whole = frame.shown.union(frame.view);
    document
        .descendants()
        .filter(|n| boxes::covers_view(*n, frame.view) && boxes::role(*n).is_none())
        .map(|n| (number(n), Edit::Attributes(sides(whole))))
        .collect()
}

fn sides(area: Area) -> Vec<(&'static str, String)> {
    vec![
        ("x", Coordinate(area.x).to_string()),
        ("y", Coordinate(area.y).to_string()),
        ("width", Coordinate(area.width).to_string()),
        ("height", Coordinate(area.height).to_string()),
    ]
}

fn probe_name(node: Node<'_, '_>) -> String {
    format!("measured-box-{}", number(node))
}

/// Every box as a plain black shape under a name of ours.
fn probes(document: &Document<'_>, grounds: &Edits) -> Edits {
    let mut edits: Edits = grounds
        .iter()
        .filter_map(|(at, edit)| match edit {
            Edit::Attributes(attributes) => Some((*at, Edit::Attributes(attributes.clone()))),
            Edit::Drop | Edit::Replace(_) => None,
        })
        .collect();
    for node in document.descendants() {
        if matches!(boxes::role(node), Some(Role::Text { .. } | Role::Logos)) {
            let attributes = vec![
                ("id", probe_name(node)),
                ("style", String::new()),
                ("class", String::new()),
                ("fill", "#000000".to_owned()),
                ("stroke", "none".to_owned()),
            ];
            edits.insert(number(node), Edit::Attributes(attributes));
        }
    }
    edits
}

/// The box in the coordinates that its own content has, and pixels per unit.
fn measured(node: Node<'_, '_>, tree: &usvg::Tree) -> Option<(Area, f64, usvg::Transform)> {
    let found = tree.node_by_id(&probe_name(node))?;
    let area = found.bounding_box();
    let transform = found.abs_transform();
    let determinant = f64::from(transform.sx) * f64::from(transform.sy)
        - f64::from(transform.kx) * f64::from(transform.ky);
    let area = Area {
        x: f64::from(area.x()),
        y: f64::from(area.y()),
        width: f64::from(area.width()),
        height: f64::from(area.height()),
    };
    let scale = determinant.abs().sqrt();
    (area.width > 0.0 && area.height > 0.0 && scale > 1e-6).then_some((area, scale, transform))
}

fn note_stray_text(document: &Document<'_>, problems: &mut Vec<CardProblem>) {
    for node in document.descendants().filter(|n| template::is_svg(*n)) {
        let parts = node.descendants().filter(Node::is_text);
        let written: String = parts.filter_map(|n| n.text()).collect();
        let text = written.split_whitespace().collect::<Vec<_>>().join(" ");
        if node.tag_name().name() == "text" && !text.is_empty() {
            problems.push(CardProblem::StrayText {
                text: text.chars().take(80).collect(),
            });
        }
    }
}

fn unknown_field(field: &str, request: &CardRequest) -> CardProblem {
    CardProblem::UnknownField {
        field: field.to_owned(),
        suggestion: nearest(field, request.fields.keys()),
    }
}

fn drop_empty(
    document: &Document<'_>,
    request: &CardRequest,
    mut edits: Edits,
    problems: &mut Vec<CardProblem>,
) -> Edits {
    for node in document.descendants() {
        let Some(Role::If { field }) = boxes::role(node) else {
            continue;
        };
        match request.fields.get(&field) {
            None => problems.push(unknown_field(&field, request)),
            Some(text) if text.trim().is_empty() => {
                edits.insert(number(node), Edit::Drop);
            }
            Some(_) => {}
        }
    }
    edits
}

/// Whether an element is inside one that vanishes.
fn vanishes(node: Node<'_, '_>, edits: &Edits) -> bool {
    node.ancestors()
        .any(|n| matches!(edits.get(&number(n)), Some(Edit::Drop)))
}

/// A text that has found its place.
struct Placed {
    node: usize,
    field: String,
    text: String,
    block: Block,
    area: Area,
    top: f64,
    stack: Option<Stack>,
    transform: usvg::Transform,
}

impl Placed {
    /// What the lines occupy.
    fn occupied(&self) -> Area {
        let (left, right) = self.block.extent();
        Area {
            x: self.area.x + left,
            y: self.top,
            width: right - left,
            height: self.block.height(),
        }
    }
}

fn fit_texts(
    document: &Document<'_>,
    tree: &usvg::Tree,
    edits: &Edits,
    request: &CardRequest,
    fonts: &mut Fonts,
    problems: &mut Vec<CardProblem>,
) -> Vec<Placed> {
    let mut placed = Vec::new();
    for node in document.descendants() {
        let Some(Role::Text { field }) = boxes::role(node) else {
            continue;
        };
        let Some(written) = request.fields.get(&field) else {
            problems.push(unknown_field(&field, request));
            continue;
        };
        let text = typography::typeset(written, &request.language);
        let characters = text.chars().count();
        if text.is_empty() || boxes::is_hidden(node) || vanishes(node, edits) {
            continue;
        }
        if characters > MAX_CHARACTERS {
            problems.push(CardProblem::LimitExceeded {
                limit: Limit::Characters,
                found: characters as u64,
                allowed: MAX_CHARACTERS as u64,
            });
            continue;
        }
        let Some((area, scale, transform)) = measured(node, tree) else {
            problems.push(CardProblem::EmptyBox { field });
            continue;
        };
        let style = boxes::text_style(node, &request.font_family, area, scale);
        note_unknown_font(&style, fonts, problems);
        for character in fonts.missing(&text) {
            let field = field.clone();
            problems.push(CardProblem::MissingGlyph { field, character });
        }
        let block = fit::fit(fonts, &text, &style, area.width, area.height);
        if let Some(room) = block.room {
            let field = field.clone();
            problems.push(CardProblem::Overflow {
                field,
                characters,
                room,
            });
        }
        placed.push(Placed {
            node: number(node),
            top: area.y + block.top(style.vertical, area.height),
            stack: boxes::stack(node),
            field,
            text,
            block,
            area,
            transform,
        });
    }
    placed
}

fn note_unknown_font(style: &TextStyle, fonts: &Fonts, problems: &mut Vec<CardProblem>) {
    let known = fonts.families();
    if !known.iter().any(|f| f.eq_ignore_ascii_case(&style.family)) {
        problems.push(CardProblem::UnknownFont {
            family: style.family.clone(),
            suggestion: nearest(&style.family, known.iter()),
        });
    }
}

/// Boxes of one stack stand one under the other without the room that shorter
/// texts leave, together at the top, middle or bottom of all their boxes.
fn close_stacks(texts: &mut [Placed]) {
    let mut stacks: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, text) in texts.iter().enumerate() {
        if let Some(stack) = &text.stack {
            stacks.entry(stack.name.clone()).or_default().push(index);
        }
    }
    for mut members in stacks.into_values() {
        members.sort_by(|a, b| texts[*a].area.y.total_cmp(&texts[*b].area.y));
        let Some(first) = members.first().map(|i| &texts[*i]) else {
            continue;
        };
        let vertical = first.stack.as_ref().map_or(Vertical::Top, |s| s.vertical);
        let whole = members
            .iter()
            .fold(first.area, |area, i| area.union(texts[*i].area));
        let last = members.len() - 1;
        let height: f64 = members
            .iter()
            .enumerate()
            .map(|(n, i)| {
                texts[*i].block.height() + if n < last { gap_after(&texts[*i]) } else { 0.0 }
            })
            .sum();
        let mut top = whole.y
            + match vertical {
                Vertical::Top => 0.0,
                Vertical::Middle => (whole.height - height) / 2.0,
                Vertical::Bottom => whole.height - height,
            };
        for index in members {
            let gap = gap_after(&texts[index]);
            texts[index].top = top;
            top += texts[index].block.height() + gap;
        }
    }
}

fn gap_after(text: &Placed) -> f64 {
    text.stack.as_ref().map_or(0.0, |s| s.gap)
}

/// Rectangles that shrink around what texts occupy; without texts they vanish.
fn hug(document: &Document<'_>, texts: &[Placed], edits: &mut Edits) {
    for node in document.descendants() {
        let Some(fields) = node.attribute("data-hug") else {
            continue;
        };
        let wanted: Vec<&str> = fields.split_whitespace().collect();
        let occupied = texts
            .iter()
            .filter(|t| wanted.contains(&t.field.as_str()))
            .map(Placed::occupied)
            .reduce(Area::union);
        let Some(inner) = occupied else {
            edits.insert(number(node), Edit::Drop);
            continue;
        };
        let pads: Vec<f64> = node
            .attribute("data-hug-pad")
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|pad| pad.parse().ok())
            .collect();
        let across = pads.first().copied().unwrap_or(0.0);
        let down = pads.get(1).copied().unwrap_or(across);
        let around = sides(Area {
            x: inner.x - across,
            y: inner.y - down,
            width: inner.width + 2.0 * across,
            height: inner.height + 2.0 * down,
        });
        let axis = node.attribute("data-hug-axis").unwrap_or("both");
        let kept: Vec<(&'static str, String)> = around
            .into_iter()
            .filter(|(side, _)| match *side {
                "x" | "width" => axis != "y",
                _ => axis != "x",
            })
            .collect();
        edits.insert(number(node), Edit::Attributes(kept));
    }
}

/// From top to bottom, then from left to right, as they are seen.
fn reading_order(texts: &[Placed]) -> Vec<String> {
    let mut seen: Vec<(i64, i64, &str)> = texts
        .iter()
        .map(|t| {
            let area = t.occupied();
            let mut corner = usvg::tiny_skia_path::Point::from_xy(area.x as f32, area.y as f32);
            t.transform.map_point(&mut corner);
            (
                corner.y.round() as i64,
                corner.x.round() as i64,
                t.text.as_str(),
            )
        })
        .collect();
    seen.sort();
    seen.into_iter()
        .map(|(_, _, text)| text.to_owned())
        .collect()
}

fn draw_texts(
    document: &Document<'_>,
    texts: Vec<Placed>,
    request: &CardRequest,
    edits: &mut Edits,
    problems: &mut Vec<CardProblem>,
) {
    let mut drawn: BTreeMap<usize, Placed> = texts.into_iter().map(|t| (t.node, t)).collect();
    for node in document.descendants() {
        if !matches!(boxes::role(node), Some(Role::Text { .. })) {
            continue;
        }
        let mut svg = String::new();
        if let Some(mut text) = drawn.remove(&number(node)) {
            let colour = recolour(&boxes::colour(node), &request.palette, problems);
            let path = text.block.outlines(text.area.x, text.top);
            svg.push_str("<path");
            if let Some(transform) = node.attribute("transform") {
                template::write_attribute("transform", transform, &mut svg);
            }
            // A template's style sheet must not reach the text.
            let style = format!("fill:{colour};fill-opacity:1;fill-rule:nonzero;stroke:none");
            template::write_attribute("style", &style, &mut svg);
            template::write_attribute("d", &path, &mut svg);
            svg.push_str("/>");
        }
        edits.insert(number(node), Edit::Replace(svg));
    }
}

fn draw_logos(
    document: &Document<'_>,
    tree: &usvg::Tree,
    request: &CardRequest,
    edits: &mut Edits,
    problems: &mut Vec<CardProblem>,
) {
    for node in document.descendants() {
        if boxes::role(node) != Some(Role::Logos) {
            continue;
        }
        let mut svg = String::new();
        if let Some((area, scale, _)) = measured(node, tree) {
            let gap = boxes::number_of(node, "data-gap").unwrap_or(area.height * 0.5);
            let align = match node.attribute("data-align") {
                Some("left") => 0.0,
                Some("right") => 1.0,
                _ => 0.5,
            };
            let row = pictures::row(&request.pictures, area, gap, align, scale, problems);
            match node.attribute("transform") {
                Some(transform) if !row.is_empty() => {
                    svg.push_str("<g");
                    template::write_attribute("transform", transform, &mut svg);
                    svg.push('>');
                    svg.push_str(&row);
                    svg.push_str("</g>");
                }
                _ => svg = row,
            }
        }
        edits.insert(number(node), Edit::Replace(svg));
    }
}
