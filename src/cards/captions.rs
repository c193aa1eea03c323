//! Captions that are burnt in: the cues of a scene → one drawing of outlines at
//! one size, in the charter's fonts. Dark translucent bands, letters that are
//! read on a telephone, inside what televisions show, above the lower third
//! where that shows. Cues that show together stand clear of one another.

use crate::captions::{Align, Height, Ink, Side, Standing, spans, standing};
use crate::cards::fit::{self, Coordinate, Fonts, PathPen};
use crate::cards::raster;
use crate::plan::recipe::{CaptionScene, CueText};
use crate::values::geometry::{Shape, Size};
use crate::values::ids::Language;
use parley::{
    BaseDirection, FontStyle, FontWeight, Layout, LayoutContext, PositionedLayoutItem,
    StyleProperty,
};
use serde::{Deserialize, Serialize};
use skrifa::instance::{LocationRef, NormalizedCoord, Size as GlyphSize};
use skrifa::outline::DrawSettings;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Everything that decides how the captions of a capsule look at one size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaptionRequest {
    pub cues: Vec<CueText>,
    pub scenes: Vec<CaptionScene>,
    pub font_family: String,
    pub language: Language,
    /// Sounds and music are described.
    pub sdh: bool,
    /// Outlines of the lower thirds; captions stand above all of them.
    pub lower_thirds: Vec<String>,
    pub size: Size,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CaptionLayout {
    /// Outlines of each scene; absent where nothing is to be seen.
    pub scenes: Vec<Option<String>>,
    /// By cue, each once.
    pub problems: Vec<(usize, CaptionProblem)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum CaptionProblem {
    /// No font of the charter has it: it is left out.
    MissingGlyph { character: char },
    /// Too much for the picture, at the smallest size allowed.
    Overflow { characters: usize },
}

/// Of each side that a television or a projector may hide (EBU R 95, graphics).
const SAFE_PERCENT: u32 = 5;
/// Of the height of an upright picture: its foot is where telephones put the
/// buttons and words of whatever program shows it.
const FOOT_OF_UPRIGHT_PERCENT: u32 = 12;
/// Of the band, in percent: white letters keep a contrast of 12 over white film.
const BAND_PERCENT: u32 = 80;
const LINE_HEIGHT: f64 = 1.25;
/// Around the letters, in sizes.
const PAD_ACROSS: f64 = 0.4;
const PAD_DOWN: f64 = 0.12;
/// What captions may take of the picture's height before letters shrink.
const MOST_OF_HEIGHT: f64 = 0.4;
/// Of the wanted size, at least.
const SMALLEST: f64 = 0.6;
const WEIGHT: f32 = 700.0;
const BOLD: f32 = 800.0;
/// More than any picture can show.
const MAX_CHARACTERS: usize = 1000;

/// Of 1080 lines 56, of 360 lines 24: there the picture is as wide as a
/// telephone, and its letters as large as those of a page.
fn comfortable(size: Size) -> f64 {
    8.0 + f64::from(size.short_side()) * 0.044
}

fn colour(ink: Ink) -> &'static str {
    match ink {
        Ink::White => "#ffffff",
        Ink::Yellow => "#ffff00",
        // Pure red and blue are too dark to be read on a band.
        Ink::Red => "#ff5050",
        Ink::Magenta => "#ff00ff",
        Ink::Cyan => "#00ffff",
        Ink::Green => "#00ff00",
        Ink::Blue => "#8cb0ff",
    }
}

/// A rectangle in pixels.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Room {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Room {
    fn foot(self) -> f64 {
        self.top + self.height
    }

    /// The smallest that holds both.
    fn with(self, other: Room) -> Room {
        let (left, top) = (self.left.min(other.left), self.top.min(other.top));
        let right = (self.left + self.width).max(other.left + other.width);
        Room {
            left,
            top,
            width: right - left,
            height: self.foot().max(other.foot()) - top,
        }
    }
}

/// Lays out every scene. Whatever cannot be drawn is in the result.
///
/// # Errors
/// When the lower third's outlines are none.
pub fn captions(request: &CaptionRequest, fonts: &mut Fonts) -> Result<CaptionLayout, String> {
    let mut strap: Option<Room> = None;
    for svg in &request.lower_thirds {
        let room = occupied(svg, request.size)?;
        strap = match (strap, room) {
            (Some(one), Some(other)) => Some(one.with(other)),
            (one, other) => one.or(other),
        };
    }
    let mut context = LayoutContext::new();
    let mut problems = Vec::new();
    let mut set: BTreeMap<usize, Block> = BTreeMap::new();
    for scene in &request.scenes {
        for shown in &scene.cues {
            if !set.contains_key(&shown.cue)
                && let Some(cue) = request.cues.get(shown.cue)
            {
                let block = Block::new(cue, request, fonts, &mut context);
                problems.extend(block.problems.iter().map(|p| (shown.cue, p.clone())));
                set.insert(shown.cue, block);
            }
        }
    }
    let scenes = request
        .scenes
        .iter()
        .map(|scene| draw(scene, &set, strap.filter(|_| scene.raised), request.size))
        .collect();
    Ok(CaptionLayout { scenes, problems })
}

/// The rows that a drawing takes, where it is more seen than seen through; all
/// across, so that captions do not dodge a short name.
fn occupied(svg: &str, size: Size) -> Result<Option<Room>, String> {
    let drawn = raster::rasterise(svg, size)?;
    let stride = size.width as usize * 4;
    let mut rows = drawn
        .rgba
        .chunks_exact(stride)
        .enumerate()
        .filter(|(_, row)| row.iter().skip(3).step_by(4).any(|&alpha| alpha >= 128))
        .map(|(y, _)| y);
    let Some(first) = rows.next() else {
        return Ok(None);
    };
    let last = rows.next_back().unwrap_or(first);
    Ok(Some(Room {
        left: 0.0,
        top: first as f64,
        width: f64::from(size.width),
        height: (last + 1 - first) as f64,
    }))
}

/// Where the lines of a cue stand in its band.
#[derive(Clone, Copy)]
enum Line {
    Left,
    Middle,
    Right,
}

/// One cue, set.
struct Block {
    layout: Layout<Mark>,
    standing: Standing,
    size: f64,
    /// Of the widest line.
    measure: f64,
    ascent: f64,
    descent: f64,
    align: Line,
    problems: Vec<CaptionProblem>,
}

/// What parley carries through shaping for us.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
struct Mark {
    ink: Ink,
    underlined: bool,
}

impl Block {
    fn new(
        cue: &CueText,
        request: &CaptionRequest,
        fonts: &mut Fonts,
        context: &mut LayoutContext<Mark>,
    ) -> Block {
        let standing = standing(cue.settings.as_deref());
        let room = {
            let safe = safe_area(request.size).width;
            let share = f64::from(standing.size.unwrap_or(10_000)) / 10_000.0;
            // A cue that is narrower than a word helps nobody.
            safe * share.max(0.3)
        };
        let highest = f64::from(request.size.height) * MOST_OF_HEIGHT;
        let largest = comfortable(request.size);
        let mut size = largest;
        loop {
            let room = room - 2.0 * PAD_ACROSS * size;
            let mut set = |joined| Block::shaped((cue, joined), request, fonts, context, size);
            let mut block = set(false);
            if block.measure > room {
                block = set(true);
                block.wrap(room);
            }
            let fits = block.measure <= room + 1.0 && block.height() <= highest;
            if fits || size <= largest * SMALLEST {
                if !fits {
                    let characters = cue.text.chars().count();
                    block.problems.push(CaptionProblem::Overflow { characters });
                }
                return block;
            }
            size = (size * 0.93).max(largest * SMALLEST);
        }
    }

    fn shaped(
        (cue, joined): (&CueText, bool),
        request: &CaptionRequest,
        fonts: &mut Fonts,
        context: &mut LayoutContext<Mark>,
        size: f64,
    ) -> Block {
        let standing = standing(cue.settings.as_deref());
        let mut text = String::new();
        let mut marks = Vec::new();
        for span in spans(&cue.text, &request.language, request.sdh) {
            let from = text.len();
            let room = MAX_CHARACTERS.saturating_sub(text.chars().count());
            text.extend(span.text.chars().take(room));
            marks.push((from..text.len(), span.look));
        }
        if joined {
            text = join(&text);
        }
        let families = fonts.stack(&request.font_family);
        let mut builder = context.ranged_builder(fonts.context(), &text, 1.0, false);
        if request.language.is_leftward() && text.chars().any(fit::is_leftward) {
            builder.set_base_direction(BaseDirection::Rtl);
        }
        builder.push_default(StyleProperty::FontFamily(families));
        builder.push_default(StyleProperty::FontSize(size as f32));
        builder.push_default(StyleProperty::FontWeight(FontWeight::new(WEIGHT)));
        for (range, look) in marks {
            let mark = Mark {
                ink: look.ink,
                underlined: look.underlined,
            };
            builder.push(StyleProperty::Brush(mark), range.clone());
            if look.bold {
                let bold = FontWeight::new(BOLD);
                builder.push(StyleProperty::FontWeight(bold), range.clone());
            }
            if look.italic {
                builder.push(StyleProperty::FontStyle(FontStyle::Italic), range);
            }
        }
        let mut layout = builder.build(&text);
        layout.break_all_lines(None);
        let measure = f64::from(layout.width());
        let (mut ascent, mut descent) = (0f32, 0f32);
        let mut blank = Vec::new();
        for run in layout.lines().flat_map(|line| line.runs()) {
            let metrics = run.font_metrics();
            ascent = ascent.max(metrics.ascent);
            descent = descent.max(metrics.descent);
            let clusters = run.clusters().filter(|c| c.glyphs().any(|g| g.id == 0));
            blank.extend(clusters.map(|c| c.text_range()));
        }
        let missing = fonts.missing_in(&text, &blank);
        let dialogue = text.lines().filter(|line| starts_with_dash(line)).count() > 1;
        let leftward = layout.is_rtl();
        let start = if leftward { Line::Right } else { Line::Left };
        let end = if leftward { Line::Left } else { Line::Right };
        let align = match standing.align {
            Some(Align::Left) => Line::Left,
            Some(Align::Right) => Line::Right,
            Some(Align::Start) => start,
            Some(Align::End) => end,
            // Two who speak: their dashes stand one above the other.
            None if dialogue => start,
            Some(Align::Centre) | None => Line::Middle,
        };
        Block {
            layout,
            standing,
            size,
            measure,
            ascent: f64::from(ascent),
            descent: f64::from(descent),
            align,
            problems: missing
                .into_iter()
                .map(|character| CaptionProblem::MissingGlyph { character })
                .collect(),
        }
    }

    /// As few lines as fit, of like length.
    fn wrap(&mut self, room: f64) {
        self.layout.break_all_lines(Some(room as f32));
        let lines = self.layout.len();
        let (mut narrow, mut enough) = (0.0, room);
        for _ in 0..10 {
            let middle = (narrow + enough) / 2.0;
            self.layout.break_all_lines(Some(middle as f32));
            if self.layout.len() == lines && f64::from(self.layout.width()) <= middle + 0.1 {
                enough = middle;
            } else {
                narrow = middle;
            }
        }
        self.layout.break_all_lines(Some(enough as f32));
        self.measure = f64::from(self.layout.width());
    }

    fn line_height(&self) -> f64 {
        self.size * LINE_HEIGHT
    }

    /// Of the band.
    fn height(&self) -> f64 {
        self.layout.len() as f64 * self.line_height() + 2.0 * PAD_DOWN * self.size
    }

    fn width(&self) -> f64 {
        self.measure + 2.0 * PAD_ACROSS * self.size
    }

    /// Where the band stands as long as nothing is in its way, and whether it
    /// gives way downwards.
    fn wanted(&self, frame: Size) -> (Room, bool) {
        let (across, down) = (f64::from(frame.width), f64::from(frame.height));
        let safe = safe_area(frame);
        let (width, height) = (self.width().round(), self.height().round());
        let held = |from: f64, length: f64, low: f64, size: f64| {
            from.min(low + size - length).max(low).round()
        };
        let start = match self.align {
            Line::Left => (0.0, Side::Start),
            Line::Right => (10_000.0, Side::End),
            _ => (5_000.0, Side::Middle),
        };
        // A dialogue's lines begin on the left, and stand in the middle.
        let (share, side) = match (self.standing.position, self.standing.align) {
            (Some(at), _) => (f64::from(at), self.standing.side.unwrap_or(start.1)),
            (None, Some(_)) => start,
            (None, None) => (5_000.0, Side::Middle),
        };
        let part = |side: Side, length: f64| match side {
            Side::Start => 0.0,
            Side::Middle => length / 2.0,
            Side::End => length,
        };
        let left = across * share / 10_000.0 - part(side, width);
        let (top, downwards) = match self.standing.line {
            None => (safe.foot() - height, false),
            Some(Height::Line(n)) if n >= 0 => (safe.top + f64::from(n) * self.line_height(), true),
            Some(Height::Line(n)) => {
                let lines = f64::from(n + 1) * self.line_height();
                (safe.foot() - height + lines, false)
            }
            Some(Height::Share(share, side)) => {
                let at = down * f64::from(share) / 10_000.0;
                (at - part(side, height), at < down / 2.0)
            }
        };
        let room = Room {
            left: held(left, width, safe.left, safe.width),
            top: held(top, height, safe.top, safe.height),
            width,
            height,
        };
        (room, downwards)
    }

    /// Adds letters to the path of each colour, in a band at this place.
    fn outlines(&self, room: Room, paths: &mut BTreeMap<Ink, String>) {
        let left = room.left + PAD_ACROSS * self.size;
        let top = room.top + PAD_DOWN * self.size;
        for (number, line) in self.layout.lines().enumerate() {
            let middle = top + (number as f64 + 0.5) * self.line_height();
            let baseline = middle + (self.ascent - self.descent) / 2.0;
            let metrics = line.metrics();
            let hanging = f64::from(metrics.hanging_advance);
            let free = self.measure - (f64::from(metrics.advance) - hanging);
            let before = free
                * match self.align {
                    Line::Left => 0.0,
                    Line::Middle => 0.5,
                    Line::Right => 1.0,
                };
            // From right to left, the space at a line's end hangs on its left.
            let hung = if self.layout.is_rtl() { hanging } else { 0.0 };
            let left = left + before - hung;
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(glyphs) = item else {
                    continue;
                };
                let Mark { ink, underlined } = glyphs.style().brush;
                let path = paths.entry(ink).or_default();
                let run = glyphs.run();
                let font = run.font();
                let Ok(face) = FontRef::from_index(font.data.as_ref(), font.index) else {
                    continue;
                };
                let outlines = face.outline_glyphs();
                let coordinates: Vec<NormalizedCoord> = run
                    .normalized_coords()
                    .iter()
                    .map(|c| NormalizedCoord::from_bits(c.to_bits()))
                    .collect();
                let size = GlyphSize::new(self.size as f32);
                let slant = run.synthesis().skew().unwrap_or(0.0).to_radians().tan();
                for glyph in glyphs.positioned_glyphs().filter(|g| g.id != 0) {
                    let mut pen = PathPen {
                        path: &mut *path,
                        x: left + f64::from(glyph.x),
                        y: baseline + f64::from(glyph.y - glyphs.baseline()),
                        slant: f64::from(slant),
                    };
                    if let Some(outline) = outlines.get(GlyphId::new(glyph.id)) {
                        let settings = DrawSettings::unhinted(size, LocationRef::new(&coordinates));
                        // A damaged outline leaves the glyph out, as renderers do.
                        let _drawn = outline.draw(settings, &mut pen);
                    }
                }
                if underlined {
                    let thick = (self.size / 14.0).max(1.0).round();
                    let line = Room {
                        left: left + f64::from(glyphs.offset()),
                        top: (baseline + self.size * 0.12).round(),
                        width: f64::from(glyphs.advance()),
                        height: thick,
                    };
                    rectangle(line, 0.0, path);
                }
            }
        }
    }
}

/// The same text as one paragraph for each speaker, byte for byte in its place.
fn join(text: &str) -> String {
    let mut lines = text.split('\n');
    let mut joined = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        joined.push(if starts_with_dash(line) { '\n' } else { ' ' });
        joined.push_str(line);
    }
    joined
}

fn starts_with_dash(line: &str) -> bool {
    line.trim_start().starts_with(['-', '–', '—'])
}

fn safe_area(frame: Size) -> Room {
    let foot = match frame.shape() {
        Shape::Portrait => FOOT_OF_UPRIGHT_PERCENT,
        Shape::Landscape | Shape::Square => SAFE_PERCENT,
    };
    let part = |side: u32, percent: u32| (side * percent).div_ceil(100);
    let (left, top) = (
        part(frame.width, SAFE_PERCENT),
        part(frame.height, SAFE_PERCENT),
    );
    Room {
        left: f64::from(left),
        top: f64::from(top),
        width: f64::from(frame.width - 2 * left),
        height: f64::from(frame.height - top - part(frame.height, foot)),
    }
}

/// A scene's bands and letters; `None` when nothing is seen.
fn draw(
    scene: &CaptionScene,
    set: &BTreeMap<usize, Block>,
    strap: Option<Room>,
    frame: Size,
) -> Option<String> {
    let mut places: Vec<Option<Room>> = Vec::new();
    let mut band = String::new();
    let mut paths: BTreeMap<Ink, String> = BTreeMap::new();
    for shown in &scene.cues {
        let Some(block) = set.get(&shown.cue).filter(|b| b.measure > 0.0) else {
            places.push(None);
            continue;
        };
        let others = shown.clear_of.iter().filter_map(|&n| *places.get(n)?);
        let in_the_way: Vec<Room> = others.chain(strap).collect();
        let room = clear(block.wanted(frame), &in_the_way, block.size * 0.2, frame);
        places.push(Some(room));
        if shown.seen {
            rectangle(room, block.size * 0.15, &mut band);
            block.outlines(room, &mut paths);
        }
    }
    if paths.values().all(String::is_empty) {
        return None;
    }
    let Size { width, height } = frame;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\"><path fill-opacity=\"0.{BAND_PERCENT}\" d=\"{band}\"/>"
    );
    for (ink, path) in paths.iter().filter(|(_, path)| !path.is_empty()) {
        write!(svg, "<path fill=\"{}\" d=\"{path}\"/>", colour(*ink))
            .expect("writing to a string cannot fail");
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// Moves a band out of the way of others: up from the foot, down from the top.
/// Where there is no room it stays, over what is there.
fn clear((wanted, downwards): (Room, bool), others: &[Room], gap: f64, frame: Size) -> Room {
    let gap = gap.round();
    let safe = safe_area(frame);
    let mut room = wanted;
    // Each step passes at least one of them.
    for _ in 0..=others.len() {
        let meets = |other: &&Room| room.top < other.foot() + gap && other.top - gap < room.foot();
        let Some(other) = others.iter().find(meets) else {
            break;
        };
        room.top = if downwards {
            other.foot() + gap
        } else {
            other.top - gap - room.height
        };
    }
    if room.top < safe.top || room.foot() > safe.foot() {
        return wanted;
    }
    room
}

fn rectangle(room: Room, radius: f64, path: &mut String) {
    let Room {
        left,
        top,
        width,
        height,
    } = room;
    let c = Coordinate;
    let (right, foot) = (left + width, top + height);
    let r = radius.min(height / 2.0).min(width / 2.0);
    let (l, t, x, y) = (c(left), c(top), c(right), c(foot));
    let drawn = if r < 0.5 {
        write!(path, "M{l} {t}L{x} {t}L{x} {y}L{l} {y}Z")
    } else {
        let (li, ti, xi, yi) = (c(left + r), c(top + r), c(right - r), c(foot - r));
        write!(
            path,
            "M{li} {t}L{xi} {t}Q{x} {t} {x} {ti}L{x} {yi}Q{x} {y} {xi} {y}\
             L{li} {y}Q{l} {y} {l} {yi}L{l} {ti}Q{l} {t} {li} {t}Z"
        )
    };
    drawn.expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Size = Size {
        width: 1000,
        height: 500,
    };

    fn band(top: f64, height: f64) -> Room {
        Room {
            left: 300.0,
            top,
            width: 400.0,
            height,
        }
    }

    #[test]
    fn a_band_gives_way_and_stays_inside() {
        let foot = (band(415.0, 60.0), false);
        assert_eq!(clear(foot, &[], 5.0, FRAME), foot.0);
        let strap = band(380.0, 60.0);
        assert_eq!(clear(foot, &[strap], 5.0, FRAME), band(315.0, 60.0));
        // Over the lower third, and over the cue that went there.
        let other = band(315.0, 60.0);
        assert_eq!(clear(foot, &[other, strap], 5.0, FRAME), band(250.0, 60.0));
        let top = (band(25.0, 60.0), true);
        assert_eq!(
            clear(top, &[band(20.0, 60.0)], 5.0, FRAME),
            band(85.0, 60.0)
        );
        assert_eq!(clear(foot, &[band(0.0, 500.0)], 5.0, FRAME), foot.0);
    }
}
