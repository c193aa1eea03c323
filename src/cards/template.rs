//! An untrusted SVG: what is refused before anything else looks at it, and the
//! writing of what is left with some elements replaced.
//!
//! Refused: document types, references to anything outside, and more of
//! something than a card can need. Passed over in silence: what is neither
//! drawn nor styles what is drawn (editors' notes, scripts, animation).

use crate::cards::{CardProblem, Limit};
use base64::Engine;
use resvg::usvg::roxmltree::{Document, Error, Node, ParsingOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const MAX_BYTES: usize = 2_000_000;
const MAX_DEPTH: u64 = 64;
const MAX_ELEMENTS: u64 = 20_000;
/// Nodes of the XML tree: elements, comments and texts.
const MAX_NODES: u32 = 200_000;
const MAX_REFERENCED: u64 = 100_000;
const MAX_STYLE_BYTES: u64 = 50_000;
const MAX_FILTER_PRIMITIVES: u64 = 32;
/// User units; a wider blur is a flat colour.
const MAX_FILTER_RADIUS: f64 = 250.0;
const MAX_PICTURE_PIXELS: u64 = 16_000_000;

pub(super) const SVG: &str = "http://www.w3.org/2000/svg";

/// Elements that are kept; all are static.
const KEPT: [&str; 38] = [
    "a",
    "circle",
    "clipPath",
    "defs",
    "ellipse",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feOffset",
    "filter",
    "g",
    "image",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "use",
];

/// What an SVG lets be done to each of its elements when it is written again.
pub(super) enum Edit {
    Drop,
    Replace(String),
    /// These attributes instead of those of the same name.
    Attributes(Vec<(&'static str, String)>),
}

/// By the number of the node in its document.
pub(super) type Edits = BTreeMap<usize, Edit>;

pub(super) fn number(node: Node<'_, '_>) -> usize {
    node.id().get_usize()
}

/// Parses and bounds; what comes back costs a known amount to draw.
pub(super) fn read(svg: &str) -> Result<Document<'_>, CardProblem> {
    let svg = svg.strip_prefix('\u{FEFF}').unwrap_or(svg);
    bounded(Limit::Bytes, svg.len() as u64, MAX_BYTES as u64)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(svg, options).map_err(|error| match error {
        Error::DtdDetected => CardProblem::Doctype,
        Error::NodesLimitReached => CardProblem::LimitExceeded {
            limit: Limit::Elements,
            found: u64::from(MAX_NODES),
            allowed: MAX_ELEMENTS,
        },
        other => CardProblem::BrokenTemplate {
            error: other.to_string(),
        },
    })?;
    let root = document.root_element();
    if !root.has_tag_name((SVG, "svg")) {
        let error = format!("<{}> where <svg> is expected", root.tag_name().name());
        return Err(CardProblem::BrokenTemplate { error });
    }
    bound_shape(&document)?;
    bound_elements(&document)?;
    bound_references(&document)?;
    Ok(document)
}

fn bounded(limit: Limit, found: u64, allowed: u64) -> Result<(), CardProblem> {
    if found > allowed {
        return Err(CardProblem::LimitExceeded {
            limit,
            found,
            allowed,
        });
    }
    Ok(())
}

/// Depth and number, without recursion: depth is what is in question.
fn bound_shape(document: &Document<'_>) -> Result<(), CardProblem> {
    let mut depths = BTreeMap::new();
    let mut elements = 0;
    for node in document.descendants().filter(Node::is_element) {
        let above = node
            .parent()
            .and_then(|parent| depths.get(&number(parent)).copied())
            .unwrap_or(0);
        bounded(Limit::Depth, above + 1, MAX_DEPTH)?;
        depths.insert(number(node), above + 1);
        elements += 1;
    }
    bounded(Limit::Elements, elements, MAX_ELEMENTS)
}

fn bound_elements(document: &Document<'_>) -> Result<(), CardProblem> {
    let mut primitives = 0;
    let mut pixels = 0;
    let mut styles = 0;
    for node in document.descendants().filter(|n| is_svg(*n)) {
        let name = node.tag_name().name();
        if name.starts_with("fe") {
            primitives += 1;
            bounded(Limit::FilterPrimitives, primitives, MAX_FILTER_PRIMITIVES)?;
            bound_filter(node)?;
        }
        if name == "style" {
            let sheet = style_text(node);
            styles += sheet.len() as u64;
            bounded(Limit::StyleBytes, styles, MAX_STYLE_BYTES)?;
            only_local(&sheet)?;
        }
        for attribute in node.attributes() {
            let value = attribute.value();
            if attribute.name() == "href" {
                pixels += reference(name, value)?;
                bounded(Limit::PicturePixels, pixels, MAX_PICTURE_PIXELS)?;
            } else if attribute.namespace().is_none() {
                only_local(value)?;
            }
        }
    }
    Ok(())
}

/// Kinds that blur, shift or recolour cost the same for each pixel.
fn bound_filter(node: Node<'_, '_>) -> Result<(), CardProblem> {
    let unbounded = !KEPT.contains(&node.tag_name().name());
    bounded(Limit::FilterKind, u64::from(unbounded), 0)?;
    let deviations = node.attribute("stdDeviation").unwrap_or_default();
    for radius in deviations
        .split([' ', ','])
        .filter_map(|v| v.parse::<f64>().ok())
    {
        let found = radius.abs().ceil() as u64;
        bounded(Limit::FilterRadius, found, MAX_FILTER_RADIUS as u64)?;
    }
    Ok(())
}

/// Pixels of the picture that a reference holds; none when it points inside.
fn reference(element: &str, value: &str) -> Result<u64, CardProblem> {
    let value = value.trim();
    // A link is not followed and not written.
    if value.starts_with('#') || element == "a" {
        return Ok(0);
    }
    let outside = || CardProblem::ExternalReference {
        reference: value.chars().take(120).collect(),
    };
    let (kind, encoded) = value
        .strip_prefix("data:")
        .and_then(|v| v.split_once(";base64,"))
        .ok_or_else(outside)?;
    if element != "image" || !matches!(kind, "image/png" | "image/jpeg" | "image/jpg") {
        return Err(outside());
    }
    let compact: String = encoded.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(compact)
        .map_err(|_| outside())?;
    let (width, height) = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .ok()
        .and_then(|reader| reader.into_dimensions().ok())
        .ok_or_else(outside)?;
    Ok(u64::from(width) * u64::from(height))
}

/// `url(#…)` only, in attributes and style sheets alike.
fn only_local(value: &str) -> Result<(), CardProblem> {
    let lower = value.to_ascii_lowercase();
    let outside = |from: usize| CardProblem::ExternalReference {
        reference: lower[from..].chars().take(120).collect(),
    };
    if let Some(at) = lower.find("@import") {
        return Err(outside(at));
    }
    for (at, _) in lower.match_indices("url(") {
        let target = lower[at + 4..].trim_start_matches([' ', '"', '\'', '\t', '\n']);
        if !target.starts_with('#') {
            return Err(outside(at));
        }
    }
    Ok(())
}

/// Counts every element as often as it is drawn: a `<use>` of a `<use>` of ten
/// elements is how a small file becomes a large drawing.
fn bound_references(document: &Document<'_>) -> Result<(), CardProblem> {
    let by_id: BTreeMap<&str, Node<'_, '_>> = document
        .descendants()
        .filter_map(|n| n.attribute("id").map(|id| (id, n)))
        .collect();
    let sheets_filter = document
        .descendants()
        .filter(|n| n.has_tag_name((SVG, "style")))
        .any(|n| style_text(n).contains("filter"));
    let mut costs = BTreeMap::new();
    let cost = drawn(
        document.root_element(),
        &by_id,
        sheets_filter,
        &mut costs,
        0,
    );
    bounded(Limit::ReferencedElements, cost, MAX_REFERENCED)
}

/// Depth grows with references as well; past any sensible drawing it counts as
/// too much, which also ends circles.
fn drawn<'a>(
    node: Node<'a, 'a>,
    by_id: &BTreeMap<&str, Node<'a, 'a>>,
    sheets_filter: bool,
    costs: &mut BTreeMap<usize, u64>,
    depth: u64,
) -> u64 {
    if let Some(&cost) = costs.get(&number(node)) {
        return cost;
    }
    if depth > 4 * MAX_DEPTH {
        return MAX_REFERENCED + 1;
    }
    let mut cost = own_cost(node, sheets_filter);
    for child in node.children().filter(Node::is_element) {
        cost = cost.saturating_add(drawn(child, by_id, sheets_filter, costs, depth + 1));
    }
    for target in targets(node).filter_map(|id| by_id.get(id.as_str())) {
        cost = cost.saturating_add(drawn(*target, by_id, sheets_filter, costs, depth + 1));
    }
    costs.insert(number(node), cost);
    cost
}

/// In plain shapes: what needs a layer of its own, or a picture, costs many.
fn own_cost(node: Node<'_, '_>, sheets_filter: bool) -> u64 {
    let style = node.attribute("style").unwrap_or_default();
    let has = |name: &str| node.has_attribute(name) || style.contains(name);
    let href = node.attributes().find(|a| a.name() == "href");
    let pixels = href
        .filter(|_| node.tag_name().name() == "image")
        .and_then(|a| reference("image", a.value()).ok())
        .unwrap_or(0);
    let filtered = has("filter") || (sheets_filter && node.has_attribute("class"));
    1 + if filtered { 500 } else { 0 }
        + if has("mask") { 100 } else { 0 }
        + if has("opacity") || has("mix-blend-mode") {
            10
        } else {
            0
        }
        + pixels / 5000
}

/// What is drawn through a reference. A gradient's only lends its stops.
fn targets(node: Node<'_, '_>) -> impl Iterator<Item = String> {
    let draws = !node.tag_name().name().ends_with("Gradient");
    references(node).into_iter().filter(move |_| draws)
}

/// Ids to which an element refers.
fn references(node: Node<'_, '_>) -> Vec<String> {
    let mut targets = Vec::new();
    for attribute in node.attributes() {
        let value = attribute.value();
        if let ("href", Some(id)) = (attribute.name(), value.trim().strip_prefix('#')) {
            targets.push(id.to_owned());
        }
        for (at, _) in value.match_indices("url(") {
            let rest = value[at + 4..].trim_start_matches([' ', '"', '\'', '#']);
            let id = rest.split([')', '"', '\'']).next().unwrap_or_default();
            targets.push(id.to_owned());
        }
    }
    targets
}

/// Every id to which some element refers.
pub(super) fn all_references(document: &Document<'_>) -> BTreeSet<String> {
    document.descendants().flat_map(references).collect()
}

/// Ids that are referred to and that several elements have.
pub(super) fn ambiguous_references(document: &Document<'_>) -> Vec<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for id in document.descendants().filter_map(|n| n.attribute("id")) {
        *counts.entry(id).or_default() += 1;
    }
    let several = |id: &String| counts.get(id.as_str()).is_some_and(|n| *n > 1);
    let mut ids: Vec<String> = document
        .descendants()
        .flat_map(references)
        .filter(several)
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

/// The shape of an element and where it stands, without its looks; `None` for
/// what is no plain shape.
pub(super) fn outline(node: Node<'_, '_>) -> Option<String> {
    let name = node.tag_name().name();
    let geometry: &[&str] = match name {
        "rect" => &["x", "y", "width", "height", "rx", "ry"],
        "circle" => &["cx", "cy", "r"],
        "ellipse" => &["cx", "cy", "rx", "ry"],
        "path" => &["d"],
        "polygon" => &["points"],
        _ => return None,
    };
    let mut out = format!("<{name}");
    for attribute in geometry.iter().chain(&["transform"]) {
        if let Some(value) = node.attribute(*attribute) {
            write_attribute(attribute, value, &mut out);
        }
    }
    out.push_str("/>");
    Some(out)
}

pub(super) fn is_svg(node: Node<'_, '_>) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(SVG)
}

pub(super) fn style_text(node: Node<'_, '_>) -> String {
    let parts = node.descendants().filter(Node::is_text);
    parts.filter_map(|n| n.text()).collect()
}

/// Writes a document again: the root with these attributes and as `<svg>` of
/// its own, every other element as it stands or as edited. `colours` rewrites
/// values in which a colour may stand.
pub(super) fn write(
    document: &Document<'_>,
    root: &str,
    edits: &Edits,
    colours: &mut dyn FnMut(&str) -> String,
) -> String {
    let mut out = format!("<svg xmlns=\"{SVG}\" {root}");
    let element = document.root_element();
    let own = [
        "x",
        "y",
        "width",
        "height",
        "viewBox",
        "preserveAspectRatio",
    ];
    attributes(element, &own, colours, &mut out);
    out.push('>');
    for child in element.children() {
        write_node(child, edits, colours, &mut out);
    }
    out.push_str("</svg>");
    out
}

fn write_node(
    node: Node<'_, '_>,
    edits: &Edits,
    colours: &mut dyn FnMut(&str) -> String,
    out: &mut String,
) {
    let name = node.tag_name().name();
    if !is_svg(node) || !KEPT.contains(&name) {
        return;
    }
    let replaced: &[(&str, String)] = match edits.get(&number(node)) {
        Some(Edit::Drop) => return,
        Some(Edit::Replace(drawing)) => {
            out.push_str(drawing);
            return;
        }
        Some(Edit::Attributes(attributes)) => attributes,
        None => &[],
    };
    out.push('<');
    out.push_str(name);
    let replaced_names: Vec<&str> = replaced.iter().map(|(name, _)| *name).collect();
    attributes(node, &replaced_names, colours, out);
    for (name, value) in replaced {
        write_attribute(name, value, out);
    }
    out.push('>');
    if name == "style" {
        escape(&colours(&style_text(node)), out);
    }
    for child in node.children() {
        write_node(child, edits, colours, out);
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn attributes(
    node: Node<'_, '_>,
    without: &[&str],
    colours: &mut dyn FnMut(&str) -> String,
    out: &mut String,
) {
    for attribute in node.attributes() {
        let name = attribute.name();
        let link = name == "href" && node.tag_name().name() != "a";
        // Editors keep their notes under names of their own; data- is ours.
        let foreign = attribute.namespace().is_some() || name.starts_with("data-");
        if without.contains(&name) || (foreign && !link) || (name == "href" && !link) {
            continue;
        }
        let value = attribute.value();
        if holds_colour(name) {
            write_attribute(name, &colours(value), out);
        } else {
            write_attribute(name, value, out);
        }
    }
}

fn holds_colour(attribute: &str) -> bool {
    matches!(
        attribute,
        "fill" | "stroke" | "stop-color" | "flood-color" | "color" | "style"
    )
}

pub(super) fn write_attribute(name: &str, value: &str, out: &mut String) {
    write!(out, " {name}=\"").expect("writing to a string cannot fail");
    escape(value, out);
    out.push('"');
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}
