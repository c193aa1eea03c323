//! A template and its texts → one drawing of outlines, in the order: read and
//! bound, note the boxes, measure them, fit the texts, place them, write.
//!
//! Boxes are measured by the renderer itself, on a first writing in which each
//! stands as a plain shape: so transforms, nested groups and units mean here
//! exactly what they will mean when the card is drawn.

use crate::cards::boxes::{self, Area, Frame, Measured};
use crate::cards::fit::{Coordinate, Fonts};
use crate::cards::names::{self, Role, Roles};
use crate::cards::place;
use crate::cards::style::{self, Styles};
use crate::cards::template::{self, Edit, Edits, number};
use crate::cards::{CardLayout, CardProblem, CardRequest, Limit, Shown};
use crate::cards::{contrast, draw, grounds, raster};
use crate::series::charter::{Position, Rgb};
use resvg::usvg;
use resvg::usvg::roxmltree::{Document, Node};
use std::collections::{BTreeMap, BTreeSet};

const MAX_BOXES: usize = 64;
/// Pixels; beyond, the renderer's arithmetic is not to be trusted.
const MAX_REACH: f64 = 100_000.0;

/// A template as read: its elements, what their names make of them, its looks.
pub(super) struct Reading<'a> {
    pub document: &'a Document<'a>,
    pub roles: Roles,
    pub styles: Styles<'a>,
}

/// Lays out one card. Whatever is wrong is in the result, all of it at once.
pub fn lay_out(request: &CardRequest, fonts: &mut Fonts) -> CardLayout {
    let (mut problems, mut remarks) = (Vec::new(), Vec::new());
    let drawn = compose(request, fonts, &mut problems, &mut remarks);
    let (svg, shown) = match drawn {
        Ok((svg, shown)) => (Some(svg), shown),
        Err(problem) => {
            problems.push(problem);
            (None, Vec::new())
        }
    };
    CardLayout {
        svg,
        shown,
        problems: each_once(problems),
        remarks: each_once(remarks),
    }
}

fn each_once(problems: Vec<CardProblem>) -> Vec<CardProblem> {
    let mut once: Vec<CardProblem> = Vec::new();
    for problem in problems {
        if !once.contains(&problem) {
            once.push(problem);
        }
    }
    once
}

fn compose(
    request: &CardRequest,
    fonts: &mut Fonts,
    problems: &mut Vec<CardProblem>,
    remarks: &mut Vec<CardProblem>,
) -> Result<(String, Vec<Shown>), CardProblem> {
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
    let sheets = style::sheets(&document);
    let reading = Reading {
        document: &document,
        roles: names::roles(&document, &request.fields),
        styles: Styles::new(&sheets, &request.boxes),
    };
    bound_boxes(&reading)?;
    let (width, height) = (
        f64::from(request.size.width),
        f64::from(request.size.height),
    );
    let frame = boxes::frame(&document, width, height).map_err(broken)?;
    let root = root_attributes(request, frame, (0.0, 0.0));

    let candidates = grounds::candidates(&reading);
    let mut colours = |value: &str| recolour(value, &request.palette, problems);
    let probes = probes(&reading, &candidates);
    let measuring = template::write(&document, &root, &probes, &mut colours);
    let tree = raster::parse(&measuring).map_err(broken)?;
    let grounds = grounds::grounds(&tree, &candidates, frame);
    let mut edits = grounds.extended(&reading);
    if let Some(percent) = request.veil {
        grounds.thinned(&reading, percent, &request.palette, &mut edits);
    }

    note_drawing(&reading, problems, remarks);
    note_rules(&reading, request, remarks);
    drop_absent(&reading, request, &mut edits, problems);
    let mut texts = place::fit_texts(&reading, &tree, &edits, request, fonts, problems);
    place::close_stacks(&mut texts);
    let texts = texts.placed;
    place::hug(&document, &texts, &mut edits);
    let shown = place::reading_order(&texts);
    let pictures = draw::draw_pictures(&reading, &tree, request, &mut edits, problems);

    let write = |edits: &Edits, root: &str| {
        // What is wrong with a colour has been noted at the first writing.
        let mut colours = |value: &str| recolour(value, &request.palette, &mut Vec::new());
        let svg = template::write(&document, root, edits, &mut colours);
        let reach = raster::reach(raster::parse(&svg).map_err(broken)?.root());
        if reach > MAX_REACH {
            return Err(CardProblem::LimitExceeded {
                limit: Limit::Coordinates,
                found: reach as u64,
                allowed: MAX_REACH as u64,
            });
        }
        Ok(svg)
    };
    draw::draw_texts(&reading, Vec::new(), &mut edits);
    let ground = write(&edits, &root)?;
    draw::draw_places(&reading, &texts, &mut edits);
    let places = write(&edits, &root)?;
    let judged = contrast::judge(&ground, &places, &texts, request).map_err(broken)?;
    let mut pieces = place::pieces(&texts);
    pieces.extend(pictures);
    draw::draw_texts(&reading, texts, &mut edits);
    let mut drawn = write(&edits, &root)?;
    let mut way = (0.0, 0.0);
    if let Some(position) = request.position {
        let tree = raster::parse(&drawn).map_err(broken)?;
        way = way_to(position, &tree, (width, height));
        drawn = write(&edits, &root_attributes(request, frame, way))?;
    }
    // Where things stand in the end.
    place::note_unsafe(&pieces, way, request, remarks);
    remarks.extend(judged);
    Ok((drawn, shown))
}

/// How far a drawing has to go, in pixels, to stand elsewhere with the margins
/// that it has.
fn way_to(position: Position, tree: &usvg::Tree, (width, height): (f64, f64)) -> (f64, f64) {
    let drawn = tree.root().abs_layer_bounding_box();
    let left = f64::from(drawn.left()).max(0.0);
    let right = (width - f64::from(drawn.right())).max(0.0);
    let top = f64::from(drawn.top()).max(0.0);
    let bottom = (height - f64::from(drawn.bottom())).max(0.0);
    let across = match position {
        Position::TopLeft | Position::BottomLeft => left.min(right) - left,
        Position::TopCenter | Position::BottomCenter => (right - left) / 2.0,
        Position::TopRight | Position::BottomRight => right - left.min(right),
    };
    let down = match position {
        Position::TopLeft | Position::TopCenter | Position::TopRight => top.min(bottom) - top,
        _ => bottom - top.min(bottom),
    };
    // Edges that stood on whole pixels still do.
    (across.round(), down.round())
}

fn bound_boxes(reading: &Reading<'_>) -> Result<(), CardProblem> {
    let found = reading.roles.values().filter(|role| role.is_box()).count();
    if found > MAX_BOXES {
        return Err(CardProblem::LimitExceeded {
            limit: Limit::Boxes,
            found: found as u64,
            allowed: MAX_BOXES as u64,
        });
    }
    Ok(())
}

/// `way`: pixels by which the drawing is moved.
fn root_attributes(request: &CardRequest, frame: Frame, way: (f64, f64)) -> String {
    let Area {
        x,
        y,
        width,
        height,
    } = frame.shown;
    let x = x - way.0 * width / f64::from(request.size.width);
    let y = y - way.1 * height / f64::from(request.size.height);
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
pub(super) fn recolour(
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

pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.clone())
}

fn probe_name(node: Node<'_, '_>) -> String {
    format!("measured-box-{}", number(node))
}

/// Every box as a plain black shape under a name of ours. A box may be a group:
/// then all it holds is its shape. What may be a ground has a name too.
fn probes(reading: &Reading<'_>, candidates: &BTreeMap<usize, String>) -> Edits {
    let named = |(at, id): (&usize, &String)| (*at, Edit::Attributes(vec![("id", id.clone())]));
    let mut edits: Edits = candidates.iter().map(named).collect();
    let boxes = reading
        .document
        .descendants()
        .filter(|n| reading.roles.get(&number(*n)).is_some_and(Role::is_box));
    for node in boxes.flat_map(|n| n.descendants()) {
        let attributes = vec![
            ("id", probe_name(node)),
            ("style", String::new()),
            ("class", String::new()),
            ("fill", "#000000".to_owned()),
            ("stroke", "none".to_owned()),
        ];
        edits.insert(number(node), Edit::Attributes(attributes));
    }
    edits
}

impl Reading<'_> {
    /// The box in the coordinates that its own content has, and where these lie
    /// in the frame.
    pub(super) fn measured(
        &self,
        node: Node<'_, '_>,
        tree: &usvg::Tree,
    ) -> Option<(Measured, usvg::Transform)> {
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
        let seen = area.width > 0.0 && area.height > 0.0 && scale > 1e-6;
        seen.then_some((Measured { area, scale }, transform))
    }
}

/// What a designer will miss in the card without being told.
fn note_drawing(
    reading: &Reading<'_>,
    problems: &mut Vec<CardProblem>,
    remarks: &mut Vec<CardProblem>,
) {
    for node in reading
        .document
        .descendants()
        .filter(|n| template::is_svg(*n))
    {
        let parts = node.descendants().filter(Node::is_text);
        let written: String = parts.filter_map(|n| n.text()).collect();
        let text = written.split_whitespace().collect::<Vec<_>>().join(" ");
        if node.tag_name().name() == "text" && !text.is_empty() {
            remarks.push(CardProblem::StrayText {
                text: text.chars().take(80).collect(),
            });
        }
    }
    let misnamed = names::misnamed(reading.document, &reading.roles);
    remarks.extend(misnamed.map(|(name, suggestion)| CardProblem::UnknownBox { name, suggestion }));
    let is_text = |role: &Role| matches!(role, Role::Text { .. });
    if !reading.roles.values().any(is_text) {
        remarks.push(CardProblem::NoTextBox);
    }
    let ambiguous = template::ambiguous_references(reading.document);
    problems.extend(
        ambiguous
            .into_iter()
            .map(|id| CardProblem::DuplicateId { id }),
    );
}

pub(super) fn unknown_field(field: &str, request: &CardRequest) -> CardProblem {
    CardProblem::UnknownField {
        field: field.to_owned(),
        suggestion: nearest(field, request.fields.keys()),
    }
}

/// Whether a card has something to show of a field; `None` for no field.
fn is_there(field: &str, request: &CardRequest) -> Option<bool> {
    match field {
        "logo" => Some(!request.pictures.is_empty()),
        "portrait" => Some(request.portrait.is_some()),
        field => request
            .fields
            .get(field)
            .map(|text| !text.trim().is_empty()),
    }
}

/// Takes out what is only for a field that is empty, and what gives way to one
/// that is not.
fn drop_absent(
    reading: &Reading<'_>,
    request: &CardRequest,
    edits: &mut Edits,
    problems: &mut Vec<CardProblem>,
) {
    let mut there = |field: &str| {
        let there = is_there(field, request);
        if there.is_none() {
            problems.push(unknown_field(field, request));
        }
        there
    };
    for (&at, role) in &reading.roles {
        if let Role::If { field } = role
            && there(field) == Some(false)
        {
            edits.insert(at, Edit::Drop);
        }
    }
    for node in reading.document.descendants() {
        let fields = node.attribute("data-unless").unwrap_or_default();
        // Each is looked at: one that does not exist is told beside one that does.
        let there: Vec<bool> = fields.split_whitespace().filter_map(&mut there).collect();
        if there.contains(&true) {
            edits.insert(number(node), Edit::Drop);
        }
    }
}

/// What the charter's file says of boxes that are not in the drawing.
fn note_rules(reading: &Reading<'_>, request: &CardRequest, remarks: &mut Vec<CardProblem>) {
    let boxes: BTreeSet<&str> = reading.roles.values().filter_map(Role::ruled_as).collect();
    for field in request.boxes.keys() {
        if !style::names_of(field).any(|name| boxes.contains(name)) {
            remarks.push(CardProblem::RuleWithoutBox {
                field: field.clone(),
                boxes: boxes.iter().map(|&name| name.to_owned()).collect(),
            });
        }
    }
}
