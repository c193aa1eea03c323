//! What is drawn in the place of boxes: outlines of texts, pictures, QR codes.

use crate::cards::boxes::{Area, Measured};
use crate::cards::compose::{Reading, recolour, unknown_field};
use crate::cards::contrast;
use crate::cards::fit::Coordinate;
use crate::cards::names::Role;
use crate::cards::pictures;
use crate::cards::place::{self, Piece, Placed};
use crate::cards::style::{Ink, is_plain_colour};
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
            filled(node, &text.ink, &path, &mut svg);
        }
        edits.insert(number(node), Edit::Replace(svg));
    }
}

/// What the texts occupy, painted all over as their letters are: where each can
/// be compared with what lies behind it.
pub(super) fn draw_places(reading: &Reading<'_>, texts: &[Placed], edits: &mut Edits) {
    for text in texts {
        let mut elements = reading.document.descendants();
        let Some(node) = elements.find(|n| number(*n) == text.node) else {
            continue;
        };
        let Area {
            x,
            y,
            width,
            height,
        } = text.occupied();
        let [left, top, right, bottom] = [x, y, x + width, y + height].map(Coordinate);
        let path = format!("M{left} {top}H{right}V{bottom}H{left}Z");
        let mut svg = String::new();
        filled(node, &text.ink, &path, &mut svg);
        edits.insert(text.node, Edit::Replace(svg));
    }
}

/// A path in the place of a box. A template's style sheet must not reach it.
fn filled(node: Node<'_, '_>, ink: &Ink, path: &str, out: &mut String) {
    out.push_str("<path");
    if let Some(transform) = node.attribute("transform") {
        template::write_attribute("transform", transform, out);
    }
    let Ink {
        paint,
        paint_opacity,
        opacity,
    } = ink;
    let paint_opacity = Coordinate(*paint_opacity);
    let mut style =
        format!("fill:{paint};fill-opacity:{paint_opacity};fill-rule:nonzero;stroke:none");
    if *opacity < 1.0 {
        write!(style, ";opacity:{}", Coordinate(*opacity))
            .expect("writing to a string cannot fail");
    }
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

/// Logos, portraits and codes, and where they are; a box whose content is
/// missing draws nothing.
pub(super) fn draw_pictures(
    reading: &Reading<'_>,
    tree: &usvg::Tree,
    request: &CardRequest,
    edits: &mut Edits,
    problems: &mut Vec<CardProblem>,
) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for node in reading.document.descendants() {
        let Some(role) = reading.roles.get(&number(node)) else {
            continue;
        };
        if matches!(role, Role::Text { .. } | Role::If { .. }) {
            continue;
        }
        let gone = reading.styles.is_hidden(node) || place::vanishes(node, edits);
        let Some((place, transform)) = reading.measured(node, tree) else {
            edits.insert(number(node), Edit::Replace(String::new()));
            continue;
        };
        let (field, (drawn, area)) = match role {
            Role::Qr { field } => {
                let drawn = qr(reading, node, field, (place, transform), request, problems);
                (field.as_str(), drawn)
            }
            Role::Portrait => ("portrait", portrait(node, place, request, problems)),
            _ => ("logo", logos(reading, node, place, request, problems)),
        };
        if !drawn.is_empty() && !gone {
            pieces.push(Piece {
                field: field.to_owned(),
                seen: place::seen(area, transform),
            });
        }
        edits.insert(number(node), Edit::Replace(drawn));
    }
    pieces
}

/// A drawing, and the part of its box that it fills.
type Filling = (String, Area);

fn logos(
    reading: &Reading<'_>,
    node: Node<'_, '_>,
    Measured { area, scale }: Measured,
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> Filling {
    let said = |key| reading.styles.said(node, "logo", key);
    let gap = reading.styles.number(node, "logo", "gap");
    let align = match said("align") {
        Some("left") => 0.0,
        Some("right") => 1.0,
        _ => 0.5,
    };
    let gap = gap.unwrap_or(area.height * 0.5);
    let (row, filled) = pictures::row(&request.pictures, area, gap, align, scale, problems);
    (moved(node, row), filled)
}

/// The picture fills the box and is cut to its outline, a circle for example.
fn portrait(
    node: Node<'_, '_>,
    place: Measured,
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> Filling {
    let Some(file) = &request.portrait else {
        return (String::new(), place.area);
    };
    let image = match pictures::cover(file, place.area, place.scale) {
        Ok(image) => moved(node, image),
        Err(error) => {
            problems.push(CardProblem::PortraitUnusable { error });
            return (String::new(), place.area);
        }
    };
    let cut = match template::outline(node) {
        Some(shape) => {
            let clip = format!("portrait-{}", number(node));
            format!(
                "<clipPath id=\"{clip}\">{shape}</clipPath><g clip-path=\"url(#{clip})\">{image}</g>"
            )
        }
        None => image,
    };
    (cut, place.area)
}

fn qr(
    reading: &Reading<'_>,
    node: Node<'_, '_>,
    field: &str,
    (place, transform): (Measured, usvg::Transform),
    request: &CardRequest,
    problems: &mut Vec<CardProblem>,
) -> Filling {
    let nothing = || (String::new(), place.area);
    let Some(text) = request.fields.get(field) else {
        problems.push(unknown_field(field, request));
        return nothing();
    };
    // Spaces that hold a line together mean nothing to whoever dials or clicks.
    let text = text.trim().replace(['\u{A0}', '\u{202F}'], " ");
    if text.is_empty() || reading.styles.is_hidden(node) {
        return nothing();
    }
    let Ok(code) = QrCode::with_error_correction_level(&text, EcLevel::M) else {
        problems.push(CardProblem::QrTooLong {
            field: field.to_owned(),
            bytes: text.len(),
        });
        return nothing();
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
    let filled = Area {
        x: corner.0,
        y: corner.1,
        width: modules as f64 * side,
        height: modules as f64 * side,
    };
    let whole = at(modules);
    let inside = format!(
        "<g transform=\"translate({} {})\">\
         <rect width=\"{whole}\" height=\"{whole}\" style=\"fill:{light};fill-opacity:1;stroke:none\"/>\
         <path style=\"fill:{dark};fill-opacity:1;stroke:none\" d=\"{path}\"/></g>",
        Coordinate(corner.0),
        Coordinate(corner.1),
    );
    (moved(node, inside), filled)
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
