//! The grounds of a drawing: rectangles that fill its whole view box, which have
//! to fill a frame of any shape, and through which what lies behind the card is
//! seen.
//!
//! They are known by what is drawn, not by how it is written: drawing programs
//! export a rectangle as a path, move it with its group or its layer, or cut the
//! drawing with one.

use crate::cards::boxes::{Area, Frame};
use crate::cards::compose::{Reading, recolour};
use crate::cards::fit::Coordinate;
use crate::cards::place::sides;
use crate::cards::template::{self, Edit, Edits, is_svg, number};
use crate::series::charter::Rgb;
use resvg::usvg;
use resvg::usvg::tiny_skia_path::{PathSegment, Point};
use std::collections::{BTreeMap, BTreeSet};

/// Of the longer side of the view box, by which a ground may fall short of it.
const SLACK: f64 = 1.0 / 1000.0;
/// A rectangle takes few words; what takes more is a picture.
const LONGEST_PATH: usize = 400;

/// A rectangle that fills the view box.
struct Ground {
    node: usize,
    /// In the coordinates in which it is written.
    area: Area,
    /// Hides all that was drawn before it.
    opaque: bool,
    /// Not a mere clip.
    drawn: bool,
}

pub(super) struct Grounds(Vec<Ground>);

/// Shapes that may be grounds, by the id under which the renderer will know
/// them: their own where something refers to it.
pub(super) fn candidates(reading: &Reading<'_>) -> BTreeMap<usize, String> {
    let referred: BTreeSet<String> = template::all_references(reading.document);
    let shapes = reading.document.descendants().filter(|node| {
        let written = match node.tag_name().name() {
            "rect" => Some(0),
            "path" => node.attribute("d").map(str::len),
            "polygon" | "polyline" => node.attribute("points").map(str::len),
            _ => None,
        };
        is_svg(*node)
            && written.is_some_and(|length| length <= LONGEST_PATH)
            && !node.has_attribute("data-hug")
            && !reading.roles.contains_key(&number(*node))
    });
    let named = shapes.map(|node| {
        let own = node.attribute("id").filter(|id| referred.contains(*id));
        let probe = || format!("measured-ground-{}", number(node));
        (number(node), own.map_or_else(probe, str::to_owned))
    });
    named.collect()
}

/// What the renderer saw of a shape.
struct Seen {
    transform: usvg::Transform,
    corners: Option<[Point; 2]>,
    opaque: bool,
    drawn: bool,
}

/// The grounds among the candidates, in the order in which they are drawn.
pub(super) fn grounds(
    tree: &usvg::Tree,
    candidates: &BTreeMap<usize, String>,
    frame: Frame,
) -> Grounds {
    let mut seen: Vec<(String, Seen)> = Vec::new();
    look(tree.root(), true, &mut seen);
    let by_name: BTreeMap<&str, usize> =
        candidates.iter().map(|(n, id)| (id.as_str(), *n)).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in &seen {
        *times.entry(name.as_str()).or_default() += 1;
    }
    let (width, height) = (
        f64::from(tree.size().width()),
        f64::from(tree.size().height()),
    );
    let view = in_pixels(frame, width, height);
    let mut found = Vec::new();
    for (name, shape) in &seen {
        // Drawn at several places by clones, it would be another at each.
        let Some(&at) = by_name
            .get(name.as_str())
            .filter(|_| times.get(name.as_str()) == Some(&1))
        else {
            continue;
        };
        if !shape.corners.is_some_and(|corners| covers(corners, view)) {
            continue;
        }
        let area = if stands_still(shape.transform, frame, width, height) {
            Some(frame.shown.union(frame.view))
        } else {
            own_frame(shape.transform, width, height)
        };
        found.extend(area.map(|area| Ground {
            node: at,
            area,
            opaque: shape.opaque,
            drawn: shape.drawn,
        }));
    }
    Grounds(found)
}

/// The shapes of a group and of what cuts it, in order, as they lie in the frame.
fn look(group: &usvg::Group, opaque: bool, seen: &mut Vec<(String, Seen)>) {
    let mut cut = group.clip_path();
    while let Some(clip) = cut {
        let above = group.abs_transform().pre_concat(clip.transform());
        for child in clip.root().children() {
            if let usvg::Node::Path(path) = child {
                let transform = above.pre_concat(path.abs_transform());
                seen.push((path.id().to_owned(), shape(path, transform, false, false)));
            }
        }
        cut = clip.clip_path();
    }
    let opaque = opaque
        && group.opacity().get() >= 1.0
        && group.mask().is_none()
        && group.filters().is_empty()
        && group.blend_mode() == usvg::BlendMode::Normal;
    for child in group.children() {
        match child {
            usvg::Node::Group(inner) => look(inner, opaque, seen),
            usvg::Node::Path(path) => {
                let filled = opaque && path.fill().is_some_and(is_opaque);
                let looks = shape(path, path.abs_transform(), filled, path.fill().is_some());
                seen.push((path.id().to_owned(), looks));
            }
            usvg::Node::Image(_) | usvg::Node::Text(_) => {}
        }
    }
}

fn is_opaque(fill: &usvg::Fill) -> bool {
    let stops = match fill.paint() {
        usvg::Paint::Color(_) => &[],
        usvg::Paint::LinearGradient(gradient) => gradient.stops(),
        usvg::Paint::RadialGradient(gradient) => gradient.stops(),
        usvg::Paint::Pattern(_) => return false,
    };
    fill.opacity().get() >= 1.0 && stops.iter().all(|s| s.opacity().get() >= 1.0)
}

fn shape(path: &usvg::Path, transform: usvg::Transform, opaque: bool, drawn: bool) -> Seen {
    Seen {
        transform,
        corners: rectangle(path, transform),
        opaque,
        drawn,
    }
}

/// Two opposite corners of a shape, in pixels, if it is a rectangle that stands
/// upright; its corners may be round.
fn rectangle(path: &usvg::Path, transform: usvg::Transform) -> Option<[Point; 2]> {
    let mut points: Vec<Point> = Vec::new();
    let mut starts = 0;
    for segment in path.data().segments() {
        match segment {
            PathSegment::MoveTo(point) => {
                starts += 1;
                points.push(point);
            }
            PathSegment::LineTo(point) => points.push(point),
            PathSegment::QuadTo(_, point) => points.push(point),
            PathSegment::CubicTo(_, _, point) => points.push(point),
            PathSegment::Close => {}
        }
    }
    transform.map_points(&mut points);
    if starts != 1 || !points.iter().all(|p| p.x.is_finite() && p.y.is_finite()) {
        return None;
    }
    let (mut least, mut most) = (*points.first()?, *points.first()?);
    for point in &points {
        least = Point::from_xy(least.x.min(point.x), least.y.min(point.y));
        most = Point::from_xy(most.x.max(point.x), most.y.max(point.y));
    }
    let next = points.iter().cycle().skip(1);
    let twice: f64 = points
        .iter()
        .zip(next)
        .map(|(a, b)| f64::from(a.x) * f64::from(b.y) - f64::from(b.x) * f64::from(a.y))
        .sum();
    let whole = f64::from(most.x - least.x) * f64::from(most.y - least.y);
    // Round corners leave out less than this; no other shape does.
    (twice.abs() / 2.0 > 0.99 * whole).then_some([least, most])
}

/// The view box in pixels of the frame.
fn in_pixels(frame: Frame, width: f64, height: f64) -> Area {
    let (across, down) = (width / frame.shown.width, height / frame.shown.height);
    Area {
        x: (frame.view.x - frame.shown.x) * across,
        y: (frame.view.y - frame.shown.y) * down,
        width: frame.view.width * across,
        height: frame.view.height * down,
    }
}

fn covers([least, most]: [Point; 2], view: Area) -> bool {
    let slack = view.width.max(view.height) * SLACK;
    f64::from(least.x) <= view.x + slack
        && f64::from(least.y) <= view.y + slack
        && f64::from(most.x) >= view.x + view.width - slack
        && f64::from(most.y) >= view.y + view.height - slack
}

/// Whether its coordinates are those of the whole drawing.
fn stands_still(transform: usvg::Transform, frame: Frame, width: f64, height: f64) -> bool {
    let (across, down) = (width / frame.shown.width, height / frame.shown.height);
    let still = [
        (transform.sx, across),
        (transform.sy, down),
        (transform.kx, 0.0),
        (transform.ky, 0.0),
        (transform.tx, -frame.shown.x * across),
        (transform.ty, -frame.shown.y * down),
    ];
    still
        .into_iter()
        .all(|(found, wanted)| (f64::from(found) - wanted).abs() < 1e-3)
}

/// The frame in the coordinates of a shape, and a little more: what is not seen
/// does not matter, a line that is left out would.
fn own_frame(transform: usvg::Transform, width: f64, height: f64) -> Option<Area> {
    let back = transform.invert()?;
    let (across, down) = (width * SLACK, height * SLACK);
    let mut corners = [
        Point::from_xy(-across as f32, -down as f32),
        Point::from_xy((width + across) as f32, (height + down) as f32),
    ];
    back.map_points(&mut corners);
    let [a, b] = corners.map(|p| (f64::from(p.x), f64::from(p.y)));
    Some(Area {
        x: a.0.min(b.0),
        y: a.1.min(b.1),
        width: (a.0 - b.0).abs(),
        height: (a.1 - b.1).abs(),
    })
}

impl Grounds {
    /// Lets them fill the frame, whatever its shape.
    pub(super) fn extended(&self, reading: &Reading<'_>) -> Edits {
        let mut edits = Edits::new();
        for ground in &self.0 {
            let nodes = &mut reading.document.descendants();
            let Some(node) = nodes.find(|n| number(*n) == ground.node) else {
                continue;
            };
            let Area {
                x,
                y,
                width,
                height,
            } = ground.area;
            let [left, top, right, bottom] = [x, y, x + width, y + height].map(Coordinate);
            let attributes = match node.tag_name().name() {
                "rect" => sides(ground.area),
                "path" => vec![("d", format!("M{left} {top}H{right}V{bottom}H{left}Z"))],
                _ => vec![(
                    "points",
                    format!("{left},{top} {right},{top} {right},{bottom} {left},{bottom}"),
                )],
            };
            edits.insert(ground.node, Edit::Attributes(attributes));
        }
        edits
    }

    /// Lets what lies behind the card be seen through its ground: the last that
    /// is opaque, which hides those below it. The style has the last word over
    /// attributes, so it is there that this is said.
    pub(super) fn thinned(
        &self,
        reading: &Reading<'_>,
        percent: u8,
        palette: &BTreeMap<String, Rgb>,
        edits: &mut Edits,
    ) {
        let drawn: Vec<&Ground> = self.0.iter().filter(|g| g.drawn).collect();
        let top = drawn.iter().rposition(|g| g.opaque).unwrap_or(0);
        for (place, ground) in drawn.iter().enumerate().take(top + 1) {
            let Some(Edit::Attributes(attributes)) = edits.get_mut(&ground.node) else {
                continue;
            };
            let percent = if place == top { percent.min(100) } else { 0 };
            let mut elements = reading.document.descendants();
            let own = elements
                .find(|node| number(*node) == ground.node)
                .and_then(|node| node.attribute("style"))
                .unwrap_or_default();
            let own = recolour(own, palette, &mut Vec::new());
            let opacity = f64::from(percent) / 100.0;
            // A parser of styles gives up on an empty declaration.
            let mut style = own.trim().trim_end_matches(';').to_owned();
            if !style.is_empty() {
                style.push(';');
            }
            attributes.push(("style", format!("{style}opacity:{opacity}")));
        }
    }
}
