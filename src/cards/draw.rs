//! What is drawn in the place of boxes: outlines of texts, pictures, QR codes.

use crate::cards::boxes::Measured;
use crate::cards::compose::{Reading, recolour, unknown_field};
use crate::cards::contrast;
use crate::cards::fit::Coordinate;
use crate::cards::names::Role;
use crate::cards::pictures;
use crate::cards::place::Placed;
use crate::cards::style::is_plain_colour;
use crate::cards::template::{self, Edit, Edits, number};
use crate::cards::{CardProblem, CardRequest};
use qrcode::{EcLevel, QrCode};
use resvg::usvg;
use resvg::usvg::roxmltree::Node;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Light modules around a code, without which no reader finds it (ISO/IEC
/// 18004).
const QUIET: usize = 4;
/// Of dark against light in a code; readers ask for less.
const QR_CONTRAST: f64 = 4.5;

pub(super) fn draw_texts(reading: &Reading<'_>, texts: Vec<Placed>, edits: &mut Edits) {
    let mut drawn: BTreeMap<usize, Placed> = texts.into_iter().map(|t| (t.node, t)).collect();
    for node in reading.document.descendants() {
        if !matches!(reading.roles.get(&number(node)), Some(Role::Text { .. })) {
            continue;
        }
        let mut svg = String::new();
        if let Some(mut text) = drawn.remove(&number(node)) {
            let path = text.block.outlines(text.area.x, text.top);
            filled(node, &text.colour, &path, &mut svg);
        }
        edits.insert(number(node), Edit::Replace(svg));
    }
}

/// A path in the place of a box. A template's style sheet must not reach it.
fn filled(node: Node<'_, '_>, colour: &str, path: &str, out: &mut String) {
    out.push_str("<path");
    if let Some(transform) = node.attribute("transform") {
        template::write_attribute("transform", transform, out);
    }
    let style = format!("fill:{colour};fill-opacity:1;fill-rule:nonzero;stroke:none");
    template::write_attribute("style", &style, out);
    template::write_attribute("d", path, out);
    out.push_str("/>");
}

/// With the box's own transform around what is drawn in it.
fn moved(node: Node<'_, '_>, inside: String) -> String {
    match node.attribute("transform") {
        Some(transform) if !inside.is_empty() => {
            let mut out = "<g".to_owned();
            template::write_attribute("transform", transform, &mut out);
            out.push('>');
            out.push_str(&inside);
            out.push_str("</g>");
            out
        }
        _ => inside,
    }
}

/// Logos, portraits and codes; a box whose content is missing draws nothing.
pub(super) fn draw_pictures(
    reading: &Reading<'_>,
    tree: &usvg::Tree,
    request: &CardRequest,
    edits: &mut Edits,
    problems: &mut Vec<CardProblem>,
) {
    for node in reading.document.descendants() {
        let Some(role) = reading.roles.get(&number(node)) else {
            continue;
        };
        if matches!(role, Role::Text { .. } | Role::If { .. }) {
            continue;
        }
        let drawn = match (role, reading.measured(node, tree)) {
            (_, None) => String::new(),
            (Role::Qr { field }, Some((place, transform))) => {
                qr(reading, node, field, (place, transform), request, problems)
            }
            (Role::Portrait, Some((place, _))) => portrait(node, place, request, problems),
            (_, Some((place, _))) => logos(reading, node, place, request, problems),
        };
        edits.insert(number(node), Edit::Replace(drawn));
    }
}

fn logos(
    reading: &Reading<'_>,
    node: Node<'_, '_>,
    Measured { area, scale }: Measured,
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> String {
    let said = |key| reading.styles.said(node, "logo", key);
    let gap = reading.styles.number(node, "logo", "gap");
    let align = match said("align") {
        Some("left") => 0.0,
        Some("right") => 1.0,
        _ => 0.5,
    };
    let gap = gap.unwrap_or(area.height * 0.5);
    let row = pictures::row(&request.pictures, area, gap, align, scale, problems);
    moved(node, row)
}

/// The picture fills the box and is cut to its outline, a circle for example.
fn portrait(
    node: Node<'_, '_>,
    place: Measured,
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> String {
    let Some(file) = &request.portrait else {
        return String::new();
    };
    let image = match pictures::cover(file, place.area, place.scale) {
        Ok(image) => moved(node, image),
        Err(error) => {
            problems.push(CardProblem::PortraitUnusable { error });
            return String::new();
        }
    };
    match template::outline(node) {
        Some(shape) => {
            let clip = format!("portrait-{}", number(node));
            format!(
                "<clipPath id=\"{clip}\">{shape}</clipPath><g clip-path=\"url(#{clip})\">{image}</g>"
            )
        }
        None => image,
    }
}

fn qr(
    reading: &Reading<'_>,
    node: Node<'_, '_>,
    field: &str,
    (place, transform): (Measured, usvg::Transform),
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> String {
    let Some(text) = request.fields.get(field) else {
        problems.push(unknown_field(field, request));
        return String::new();
    };
    // Spaces that hold a line together mean nothing to whoever dials or clicks.
    let text = text.trim().replace(['\u{A0}', '\u{202F}'], " ");
    if text.is_empty() || reading.styles.is_hidden(node) {
        return String::new();
    }
    let Ok(code) = QrCode::with_error_correction_level(&text, EcLevel::M) else {
        problems.push(CardProblem::QrTooLong {
            field: field.to_owned(),
            bytes: text.len(),
        });
        return String::new();
    };
    let (dark, light) = qr_colours(reading, node, field, request, problems);
    let modules = code.width() + 2 * QUIET;
    let (side, corner) = on_pixels(place, transform, modules);
    let at = |n: usize| Coordinate(n as f64 * side).to_string();
    let colours = code.to_colors();
    let mut path = String::new();
    for (y, row) in colours.chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == qrcode::Color::Dark {
                let (left, top) = (x + QUIET, y + QUIET);
                write!(
                    path,
                    "M{} {}H{}V{}H{}Z",
                    at(left),
                    at(top),
                    at(left + run.len()),
                    at(top + 1),
                    at(left)
                )
                .expect("writing to a string cannot fail");
            }
            x += run.len();
        }
    }
    let whole = at(modules);
    let inside = format!(
        "<g transform=\"translate({} {})\">\
         <rect width=\"{whole}\" height=\"{whole}\" style=\"fill:{light};fill-opacity:1;stroke:none\"/>\
         <path style=\"fill:{dark};fill-opacity:1;stroke:none\" d=\"{path}\"/></g>",
        Coordinate(corner.0),
        Coordinate(corner.1),
    );
    moved(node, inside)
}

/// Dark on light, whatever the box was filled with: a code the other way round
/// is not read by every telephone.
fn qr_colours(
    reading: &Reading<'_>,
    node: Node<'_, '_>,
    field: &str,
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> (String, String) {
    let ground = reading.styles.said(node, field, "ground");
    let light = ground.filter(|c| is_plain_colour(c)).unwrap_or("#ffffff");
    let light = recolour(light, &request.palette, problems);
    let dark = reading.styles.colour(node, field);
    let dark = recolour(&dark, &request.palette, problems);
    let (on, below) = (
        contrast::luminance_of(&dark),
        contrast::luminance_of(&light),
    );
    let readable = on < below && contrast::ratio(on, below) >= QR_CONTRAST;
    match (readable, below > 0.5) {
        (true, _) => (dark, light),
        (false, true) => ("#000000".to_owned(), light),
        (false, false) => ("#000000".to_owned(), "#ffffff".to_owned()),
    }
}

/// Side of a module and corner of the code, in user units: the largest square
/// that fits, in the middle, its modules on whole pixels where it stands
/// upright and is large enough.
fn on_pixels(
    Measured { area, scale }: Measured,
    transform: usvg::Transform,
    modules: usize,
) -> (f64, (f64, f64)) {
    let room = area.width.min(area.height);
    let natural = room * scale / modules as f64;
    let upright = transform.kx == 0.0 && transform.ky == 0.0;
    let snap = natural >= 2.0 && upright;
    let pixels = if snap { natural.floor() } else { natural };
    let side = pixels / scale;
    let whole = side * modules as f64;
    let corner = (
        area.x + (area.width - whole) / 2.0,
        area.y + (area.height - whole) / 2.0,
    );
    if !snap {
        return (side, corner);
    }
    let snapped = |at: f64, factor: f32, shift: f32| {
        let pixel = (at * f64::from(factor) + f64::from(shift)).round();
        (pixel - f64::from(shift)) / f64::from(factor)
    };
    (
        side,
        (
            snapped(corner.0, transform.sx, transform.tx),
            snapped(corner.1, transform.sy, transform.ty),
        ),
    )
}
