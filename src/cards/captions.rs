//! Captions that are burnt in: the cues of a scene → one drawing of outlines at
//! one size, in the charter's fonts. Dark translucent bands, letters that are
//! read on a telephone, inside what televisions show, above the lower third
//! where that shows. Cues that show together stand clear of one another.

use crate::captions::{Align, Cue, Height, Ink, Side, Standing, is_leftward, spans, standing};
use crate::cards::bands::{Room, clear, rectangle, safe_area};
use crate::cards::fit::{Fonts, PathPen};
use crate::cards::raster;
use crate::plan::recipe::{CaptionScene, CueText};
use crate::values::geometry::Size;
use crate::values::ids::Language;
use crate::values::time::Rational;
use parley::{
    BaseDirection, FontStyle, FontWeight, Layout, LayoutContext, OverflowWrap,
    PositionedLayoutItem, StyleProperty,
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
    /// Too much for the picture, at the smallest size that is read with ease: it
    /// is set smaller still.
    Overflow { characters: usize },
    /// Wider than its place even in small letters: it goes on on the next line.
    WordBroken { word: String },
}

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
/// In pixels: whatever does not fit at this size is no caption.
const UNREADABLE: f64 = 4.0;
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

/// Where a cue's lines end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    AsWritten,
    /// Between words.
    Joined,
    /// Also within a word that is wider than the picture.
    Anywhere,
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
        let mut at = |size: f64, breaking: bool| {
            let room = room - 2.0 * PAD_ACROSS * size;
            let mut set = |lines| Block::shaped((cue, lines), request, fonts, context, size);
            let mut block = set(Lines::AsWritten);
            if block.measure > room {
                block = set(if breaking {
                    Lines::Anywhere
                } else {
                    Lines::Joined
                });
                block.wrap(room, breaking);
            }
            let narrow = block.measure <= room + 1.0;
            (block, narrow)
        };
        let sizes = || {
            std::iter::successors(Some(largest), |size| {
                let next = (size * 0.93).max(largest * SMALLEST);
                (next < *size).then_some(next)
            })
        };
        let mut too_wide = false;
        for size in sizes() {
            let (block, narrow) = at(size, false);
            if narrow && block.height() <= highest {
                return block;
            }
            too_wide = !narrow;
        }
        let mut problems = Vec::new();
        if too_wide {
            let words = cue_words(cue);
            let longest = words.split_whitespace().max_by_key(|w| w.chars().count());
            problems.extend(longest.map(|word| CaptionProblem::WordBroken {
                word: word.to_owned(),
            }));
            for size in sizes() {
                let (mut block, narrow) = at(size, true);
                if narrow && block.height() <= highest {
                    block.problems.extend(problems);
                    return block;
                }
            }
        }
        // Nothing is cut off: small letters can be read by those who stop the film.
        let characters = cue.text.chars().count();
        problems.push(CaptionProblem::Overflow { characters });
        let highest = safe_area(request.size).height;
        let mut size = largest * SMALLEST;
        loop {
            let (mut block, narrow) = at(size, true);
            if (narrow && block.height() <= highest) || size < UNREADABLE {
                block.problems.extend(problems);
                return block;
            }
            size *= 0.93;
        }
    }

    fn shaped(
        (cue, lines): (&CueText, Lines),
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
            text.extend(kept_together(span.text.chars()).take(room));
            marks.push((from..text.len(), span.look));
        }
        if lines != Lines::AsWritten {
            text = join(&text);
        }
        let families = fonts.stack(&request.font_family);
        let mut builder = context.ranged_builder(fonts.context(), &text, 1.0, false);
        if request.language.is_leftward() && text.chars().any(is_leftward) {
            builder.set_base_direction(BaseDirection::Rtl);
        }
        builder.push_default(StyleProperty::FontFamily(families));
        builder.push_default(StyleProperty::FontSize(size as f32));
        builder.push_default(StyleProperty::FontWeight(FontWeight::new(WEIGHT)));
        if lines == Lines::Anywhere {
            builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        }
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

    /// As few lines as fit, of like length; where words may be broken, as long
    /// as they come, for no word is broken that needs not be.
    fn wrap(&mut self, room: f64, breaking: bool) {
        self.layout.break_all_lines(Some(room as f32));
        if breaking {
            self.measure = f64::from(self.layout.width());
            return;
        }
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
            Some(Height::Line(n)) => {
                let lines = f64::from(n) / 1000.0;
                if n >= 0 {
                    (safe.top + lines * self.line_height(), true)
                } else {
                    (
                        safe.foot() - height + (lines + 1.0) * self.line_height(),
                        false,
                    )
                }
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

/// What is read of a cue.
fn cue_words(cue: &CueText) -> String {
    let zero = Rational::ZERO;
    let whole = Cue {
        start: zero,
        end: zero,
        settings: None,
        text: cue.text.clone(),
    };
    whole.plain_text()
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

/// The same characters, with spaces inside a number that no line breaks at: one
/// that is written from left to right would go on above its beginning in a text
/// from right to left.
fn kept_together(characters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut characters = characters.peekable();
    let mut former = None;
    std::iter::from_fn(move || {
        let next = characters.next()?;
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let kept = next == ' ' && digit(former) && digit(characters.peek().copied());
        former = Some(next);
        Some(if kept { '\u{A0}' } else { next })
    })
}

fn starts_with_dash(line: &str) -> bool {
    line.trim_start().starts_with(['-', '–', '—'])
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards::contrast::luminance_of;

    #[test]
    fn no_line_breaks_inside_a_number() {
        let kept = |text: &str| kept_together(text.chars()).collect::<String>();
        assert_eq!(kept("le 06 12 ou 10 000."), "le 06\u{A0}12 ou 10\u{A0}000.");
        assert_eq!(kept("1  2"), "1  2");
    }

    #[test]
    fn every_colour_is_read_on_its_band_over_white_film() {
        let shade = format!("{:02x}", 255 * (100 - BAND_PERCENT) / 100);
        let band = luminance_of(&format!("#{shade}{shade}{shade}"));
        for ink in [
            Ink::White,
            Ink::Yellow,
            Ink::Red,
            Ink::Magenta,
            Ink::Cyan,
            Ink::Green,
            Ink::Blue,
        ] {
            let contrast = (luminance_of(colour(ink)) + 0.05) / (band + 0.05);
            // Large letters: WCAG 2.2, 1.4.3.
            assert!(contrast >= 3.0, "{ink:?}: {contrast}");
        }
    }
}
