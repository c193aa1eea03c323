//! Texts into their boxes, and what moves with them: stacks that close up,
//! rectangles that hug them.

use crate::cards::boxes::{self, Area, Measured, Setting, Stack};
use crate::cards::compose::{Reading, nearest, recolour, unknown_field};
use crate::cards::fit::{self, Block, Coordinate, Fonts, TextStyle, Vertical};
use crate::cards::names::Role;
use crate::cards::style::Ink;
use crate::cards::template::{Edit, Edits, number};
use crate::cards::{CardProblem, CardRequest, Shown};
use crate::values::typography;
use resvg::usvg;
use resvg::usvg::roxmltree::{Document, Node};
use std::collections::BTreeMap;

/// More than any card can show; beyond, only what would fit is measured.
const MAX_CHARACTERS: usize = 2000;
/// Of each side that a projector or a television may hide (EBU R 95, graphics).
const SAFE: f64 = 0.05;
/// Pixels by which rounding may reach into it.
const SAFE_SLACK: f64 = 2.0;

/// A text that has found its place.
pub(super) struct Placed {
    pub node: usize,
    pub field: String,
    pub text: String,
    pub block: Block,
    pub area: Area,
    pub top: f64,
    pub transform: usvg::Transform,
    /// Pixels per unit of its box.
    pub scale: f64,
    pub weight: f32,
    pub ink: Ink,
    /// As the drawing or the charter's file writes it.
    pub colour: String,
}

/// Something that is to be seen whole.
pub(super) struct Piece {
    pub field: String,
    /// In pixels of the frame, where it was drawn.
    pub seen: Area,
}

impl Placed {
    /// What the lines occupy, in the box's units.
    pub(super) fn occupied(&self) -> Area {
        let (left, right) = self.block.extent();
        Area {
            x: self.area.x + left,
            y: self.top,
            width: right - left,
            height: self.block.height(),
        }
    }

    /// The same in pixels of the frame.
    pub(super) fn seen(&self) -> Area {
        seen(self.occupied(), self.transform)
    }
}

/// An area of a box in pixels of the frame.
pub(super) fn seen(
    Area {
        x,
        y,
        width,
        height,
    }: Area,
    transform: usvg::Transform,
) -> Area {
    let corners = [
        (x, y),
        (x + width, y),
        (x, y + height),
        (x + width, y + height),
    ];
    let seen = corners.map(|(x, y)| {
        let mut point = usvg::tiny_skia_path::Point::from_xy(x as f32, y as f32);
        transform.map_point(&mut point);
        Area {
            x: f64::from(point.x),
            y: f64::from(point.y),
            width: 0.0,
            height: 0.0,
        }
    });
    seen.into_iter().fold(seen[0], Area::union)
}

/// A box that belongs to a stack, whether or not its text is there.
struct Member {
    node: usize,
    area: Area,
    stack: Stack,
}

pub(super) struct Texts {
    pub placed: Vec<Placed>,
    members: Vec<Member>,
}

pub(super) fn fit_texts(
    reading: &Reading<'_>,
    tree: &usvg::Tree,
    edits: &Edits,
    request: &CardRequest,
    fonts: &mut Fonts,
    problems: &mut Vec<CardProblem>,
) -> Texts {
    let mut texts = Texts {
        placed: Vec::new(),
        members: Vec::new(),
    };
    for node in reading.document.descendants() {
        let Some(Role::Text { field }) = reading.roles.get(&number(node)) else {
            continue;
        };
        let Some(written) = request.fields.get(field) else {
            problems.push(unknown_field(field, request));
            continue;
        };
        let language = request.languages.get(field).unwrap_or(&request.language);
        let text = typography::typeset(written, language);
        let gone = reading.styles.is_hidden(node) || vanishes(node, edits);
        let Some((place, transform)) = reading.measured(node, tree) else {
            if !gone && !text.is_empty() {
                let field = field.clone();
                problems.push(CardProblem::EmptyBox { field });
            }
            continue;
        };
        if let Some(stack) = boxes::stack(&reading.styles, node, field) {
            texts.members.push(Member {
                node: number(node),
                area: place.area,
                stack,
            });
        }
        if text.is_empty() || gone {
            continue;
        }
        let setting = Setting {
            family: &request.font_family,
            short_side: f64::from(request.size.width.min(request.size.height)),
            leftward: language.is_leftward(),
        };
        let style = text_style(reading, (node, field), place, setting, fonts, problems);
        let block = fitted(&text, field, &style, place.area, fonts, problems);
        let ink = reading.styles.ink(node, field);
        texts.placed.push(Placed {
            node: number(node),
            top: place.area.y + block.top(style.vertical, place.area.height),
            field: field.clone(),
            text,
            block,
            area: place.area,
            transform,
            scale: place.scale,
            weight: style.weight,
            colour: ink.paint.clone(),
            ink: Ink {
                paint: recolour(&ink.paint, &request.palette, problems),
                ..ink
            },
        });
    }
    texts
}

/// Whether an element is inside one that vanishes.
pub(super) fn vanishes(node: Node<'_, '_>, edits: &Edits) -> bool {
    node.ancestors()
        .any(|n| matches!(edits.get(&number(n)), Some(Edit::Drop)))
}

fn text_style(
    reading: &Reading<'_>,
    (node, field): (Node<'_, '_>, &str),
    place: Measured,
    setting: Setting<'_>,
    fonts: &Fonts,
    problems: &mut Vec<CardProblem>,
) -> TextStyle {
    let mut style = boxes::text_style(&reading.styles, node, field, place, setting);
    match fonts.known(&style.family) {
        Some(known) => style.family = known,
        None => problems.push(CardProblem::UnknownFont {
            suggestion: nearest(&style.family, fonts.families().iter()),
            family: style.family.clone(),
        }),
    }
    style
}

fn fitted(
    text: &str,
    field: &str,
    style: &TextStyle,
    area: Area,
    fonts: &mut Fonts,
    problems: &mut Vec<CardProblem>,
) -> Block {
    let field = || field.to_owned();
    let characters = text.chars().count();
    // A pasted page is too long for any card; its beginning says how much is not.
    let start: String = text.chars().take(MAX_CHARACTERS).collect();
    let block = fit::fit(fonts, &start, style, area.width, area.height);
    for character in fonts.missing(&start, &block) {
        problems.push(CardProblem::MissingGlyph {
            field: field(),
            character,
        });
    }
    let room = match block.room {
        Some(room) => Some(room),
        None => (characters > MAX_CHARACTERS).then_some(MAX_CHARACTERS),
    };
    if let Some(room) = room {
        problems.push(CardProblem::Overflow {
            field: field(),
            characters,
            room,
        });
    }
    block
}

/// Boxes of one stack stand one under the other without the room that shorter
/// or missing texts leave, together at the top, middle or bottom of all their
/// boxes: so a block stays where it was drawn, whichever of its texts are there.
pub(super) fn close_stacks(texts: &mut Texts) {
    let mut stacks: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in &texts.members {
        stacks.entry(&member.stack.name).or_default().push(member);
    }
    let places: BTreeMap<usize, usize> = texts
        .placed
        .iter()
        .enumerate()
        .map(|(index, text)| (text.node, index))
        .collect();
    for mut members in stacks.into_values() {
        members.sort_by(|a, b| a.area.y.total_cmp(&b.area.y));
        let (Some(first), Some(whole)) = (
            members.first(),
            members.iter().map(|m| m.area).reduce(Area::union),
        ) else {
            continue;
        };
        let vertical = first.stack.vertical;
        let there: Vec<(usize, f64)> = members
            .iter()
            .filter_map(|m| Some((*places.get(&m.node)?, m.stack.gap)))
            .collect();
        let last = there.len().saturating_sub(1);
        let height: f64 = there
            .iter()
            .enumerate()
            .map(|(n, (index, gap))| {
                texts.placed[*index].block.height() + if n < last { *gap } else { 0.0 }
            })
            .sum();
        let mut top = whole.y
            + match vertical {
                Vertical::Top => 0.0,
                Vertical::Middle => (whole.height - height) / 2.0,
                Vertical::Bottom => whole.height - height,
            };
        for (index, gap) in there {
            texts.placed[index].top = top;
            top += texts.placed[index].block.height() + gap;
        }
    }
}

/// Rectangles that shrink around what texts occupy; without texts they vanish.
pub(super) fn hug(document: &Document<'_>, texts: &[Placed], edits: &mut Edits) {
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

pub(super) fn sides(area: Area) -> Vec<(&'static str, String)> {
    vec![
        ("x", Coordinate(area.x).to_string()),
        ("y", Coordinate(area.y).to_string()),
        ("width", Coordinate(area.width).to_string()),
        ("height", Coordinate(area.height).to_string()),
    ]
}

/// From top to bottom, then from left to right, as they are seen.
pub(super) fn reading_order(texts: &[Placed]) -> Vec<Shown> {
    let mut seen: Vec<(i64, i64, &Placed)> = texts
        .iter()
        .map(|t| {
            let corner = t.seen();
            (corner.y.round() as i64, corner.x.round() as i64, t)
        })
        .collect();
    seen.sort_by_key(|(y, x, _)| (*y, *x));
    let shown = seen.into_iter().map(|(_, _, text)| Shown {
        field: text.field.clone(),
        text: text.text.clone(),
    });
    shown.collect()
}

/// The texts as what is to be seen whole; of one that does not fit that is said
/// already.
pub(super) fn pieces(texts: &[Placed]) -> Vec<Piece> {
    let fitting = texts.iter().filter(|t| t.block.room.is_none());
    let pieces = fitting.map(|text| Piece {
        field: text.field.clone(),
        seen: text.seen(),
    });
    pieces.collect()
}

/// What a television's edge may cut, once the drawing has gone its way.
pub(super) fn note_unsafe(
    pieces: &[Piece],
    way: (f64, f64),
    request: &CardRequest,
    remarks: &mut Vec<CardProblem>,
) {
    let (width, height) = (
        f64::from(request.size.width),
        f64::from(request.size.height),
    );
    // As EBU R 95 counts: each side's share of that side.
    let (across, down) = (width * SAFE - SAFE_SLACK, height * SAFE - SAFE_SLACK);
    for Piece { field, seen } in pieces {
        let (left, top) = (seen.x + way.0, seen.y + way.1);
        let inside = left >= across
            && top >= down
            && left + seen.width <= width - across
            && top + seen.height <= height - down;
        if !inside {
            remarks.push(CardProblem::OutsideSafeArea {
                field: field.clone(),
            });
        }
    }
}
