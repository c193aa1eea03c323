//! Text into a box: shaping, the largest size that fits, balanced lines, and
//! the outlines of the result. Sizes are in the box's own units.
//!
//! A text is shaped once, at `REFERENCE`; unhinted outlines scale exactly, so
//! trying a size is only breaking lines at another width.

use crate::captions::is_leftward;
use crate::cards::lines::{self, End, Word};
use parley::fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::{
    Alignment, AlignmentOptions, BaseDirection, FontContext, FontFamily, FontFamilyName, FontStyle,
    FontWeight, Layout, LayoutContext, PositionedLayoutItem, StyleProperty,
};
use skrifa::instance::{LocationRef, NormalizedCoord, Size as GlyphSize};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

const REFERENCE: f32 = 100.0;
/// Rounding in the shaper must not decide whether a text fits.
const TOLERANCE: f64 = 0.01;
/// Halvings of an interval of sizes or widths: to one part in 4096.
const STEPS: u32 = 12;

/// The fonts of a charter and no other.
pub struct Fonts {
    context: FontContext,
    layouts: LayoutContext<()>,
    /// In the order given, which is the order in which they are searched.
    families: Vec<String>,
    faces: Vec<(Blob<u8>, u32)>,
}

/// A file that holds no usable font; `file` counts from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FontError {
    pub file: usize,
    pub error: String,
}

/// Only these files; earlier ones are preferred.
pub fn fonts(files: &[Arc<[u8]>]) -> Result<Fonts, FontError> {
    let options = CollectionOptions {
        shared: false,
        system_fonts: false,
    };
    let mut fonts = Fonts {
        context: FontContext {
            collection: Collection::new(options),
            source_cache: SourceCache::default(),
        },
        layouts: LayoutContext::new(),
        families: Vec::new(),
        faces: Vec::new(),
    };
    for (file, bytes) in files.iter().enumerate() {
        let blob = Blob::new(Arc::new(bytes.clone()));
        let registered = fonts.context.collection.register_fonts(blob.clone(), None);
        let mut readable = false;
        for (family, infos) in registered {
            let name = fonts
                .context
                .collection
                .family_name(family)
                .map(str::to_owned);
            for info in infos {
                let face = FontRef::from_index(blob.as_ref(), info.index());
                readable |= face.is_ok_and(|f| f.charmap().has_map());
                fonts.faces.push((blob.clone(), info.index()));
            }
            fonts
                .families
                .extend(name.filter(|n| !fonts.families.contains(n)));
        }
        if !readable {
            let error = "no font that can be read".to_owned();
            return Err(FontError { file, error });
        }
    }
    Ok(fonts)
}

impl Fonts {
    pub(super) fn families(&self) -> &[String] {
        &self.families
    }

    /// The first family of a list as CSS writes it that the charter has.
    pub(super) fn known(&self, list: &str) -> Option<String> {
        let names = list.split(',').map(|n| n.trim().trim_matches(['"', '\'']));
        names
            .filter_map(|name| self.families.iter().find(|f| f.eq_ignore_ascii_case(name)))
            .next()
            .cloned()
    }

    /// Characters of a laid-out text that no face can draw, or that the face
    /// which was chosen cannot: each once, in order.
    pub(super) fn missing(&self, text: &str, block: &Block) -> Vec<char> {
        self.missing_in(text, &block.blank_bytes())
    }

    /// The same, where the bytes that came out blank are known.
    pub(super) fn missing_in(&self, text: &str, blank: &[Range<usize>]) -> Vec<char> {
        let mut missing = Vec::new();
        for (at, c) in text.char_indices().filter(|(_, c)| !needs_no_glyph(*c)) {
            let drawn = self.draws(c) && !blank.iter().any(|range| range.contains(&at));
            if !drawn && !missing.contains(&c) {
                missing.push(c);
            }
        }
        missing
    }

    /// A family, and the charter's others for what it lacks.
    pub(super) fn stack(&self, family: &str) -> FontFamily<'static> {
        let families = std::iter::once(family)
            .chain(
                self.families
                    .iter()
                    .map(String::as_str)
                    .filter(|f| *f != family),
            )
            .map(|name| FontFamilyName::Named(Cow::Owned(name.to_owned())))
            .collect();
        FontFamily::List(Cow::Owned(families))
    }

    pub(super) fn context(&mut self) -> &mut FontContext {
        &mut self.context
    }

    fn draws(&self, c: char) -> bool {
        let has = |c: char| {
            let mut faces = self.faces.iter();
            faces.any(|(blob, index)| {
                FontRef::from_index(blob.as_ref(), *index)
                    .is_ok_and(|face| face.charmap().map(c).is_some_and(|g| g != GlyphId::NOTDEF))
            })
        };
        // The shaper puts together what a font only has in pieces.
        has(c) || (c.to_string().nfd().count() > 1 && c.to_string().nfd().all(has))
    }
}

/// Spaces are advances, which the shaper makes up where the font has none;
/// joiners, marks of direction and variation selectors leave no ink.
fn needs_no_glyph(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Horizontal {
    /// Where the text's own direction starts.
    Start,
    Centre,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Vertical {
    Top,
    Middle,
    Bottom,
}

/// What a template asks of a text.
#[derive(Clone, Debug)]
pub(super) struct TextStyle {
    /// Preferred family; the charter's others follow for what it lacks.
    pub family: String,
    pub weight: f32,
    pub horizontal: Horizontal,
    pub vertical: Vertical,
    pub largest: f64,
    /// Below this it is still set, but no longer for the sake of fewer lines.
    pub eased: f64,
    pub smallest: f64,
    pub max_lines: usize,
    /// Fewer lines are worth a smaller size, while that is read with ease.
    pub preferred_lines: usize,
    /// Baseline to baseline, in sizes.
    pub line_height: f64,
    /// The text is in a language that is written from right to left.
    pub leftward: bool,
}

/// A text that has found its size and its lines in a box of this width.
pub(super) struct Block {
    layout: Layout<()>,
    size: f64,
    width: f64,
    /// Width at which lines were broken, narrower than the box when balanced.
    measure: f64,
    line_height: f64,
    ascent: f64,
    descent: f64,
    cap_height: f64,
    horizontal: Horizontal,
    /// `None` when it fits; else how many of its characters would.
    pub room: Option<usize>,
}

/// Finds the largest size at which the text fits, and breaks it into lines of
/// like length. A text that does not fit is set at the smallest size, too long.
pub(super) fn fit(
    fonts: &mut Fonts,
    text: &str,
    style: &TextStyle,
    width: f64,
    height: f64,
) -> Block {
    let mut block = shape(fonts, text, style, width);
    if !block.fits(style.smallest, style.max_lines, height) {
        block.room = Some(room(fonts, text, style, width, height));
        block.size = style.smallest;
        block.measure = width;
        block.break_lines(width);
        return block;
    }
    let max_lines = match style.preferred_lines {
        few if few < style.max_lines && block.fits(style.eased, few, height) => few,
        _ => style.max_lines,
    };
    let (mut fits, mut too_large) = (style.smallest, style.largest.max(style.smallest));
    if block.fits(too_large, max_lines, height) {
        fits = too_large;
    }
    for _ in 0..STEPS {
        let middle = (fits + too_large) / 2.0;
        if block.fits(middle, max_lines, height) {
            fits = middle;
        } else {
            too_large = middle;
        }
    }
    block.size = fits;
    balance(fonts, text, style, height, block)
}

/// Letters may be this much smaller for the sake of lines that end well.
const WORTH: f64 = 0.85;
/// What a line more, in smaller letters, has to be better by.
const MARGIN: f64 = 0.08;

/// Lines of like length, that end where the sense pauses. Texts with line breaks of their own, from right to
/// left, or broken within a word keep the shaper's lines, only narrowed.
fn balance(
    fonts: &mut Fonts,
    text: &str,
    style: &TextStyle,
    height: f64,
    mut block: Block,
) -> Block {
    block.break_lines(block.width);
    let lines = block.layout.len();
    let mut found = (lines > 1)
        .then(|| block.broken(text, lines))
        .flatten()
        .map(|breaks| (breaks, lines, block.size));
    if let Some((best, ..)) = &found
        && lines < style.max_lines.min(style.preferred_lines)
    {
        let largest = block.size;
        block.size = block.size.min(block.size_of(lines + 1, height));
        if block.size >= style.eased.max(style.smallest)
            && block.size >= WORTH * largest
            && let Some(more) = block.broken(text, lines + 1)
            && more.cost + MARGIN < best.cost
        {
            found = Some((more, lines + 1, block.size));
        }
        block.size = largest;
    }
    if let Some((breaks, lines, size)) = found {
        let mut set = String::with_capacity(text.len());
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 {
                let breaks = breaks.starts.contains(&index);
                set.push(if breaks { '\n' } else { ' ' });
            }
            set.push_str(word);
        }
        let mut even = shape(fonts, &set, style, block.width);
        even.size = size;
        even.break_lines(even.width);
        if even.layout.len() == lines && even.inside(even.width) {
            return even;
        }
    }
    block.break_lines(block.width);
    block.narrow();
    block
}

fn shape(fonts: &mut Fonts, text: &str, style: &TextStyle, width: f64) -> Block {
    let families = fonts.stack(&style.family);
    let mut builder = fonts
        .layouts
        .ranged_builder(&mut fonts.context, text, 1.0, false);
    // A sentence that begins with a foreign name is still the language's own.
    if style.leftward && text.chars().any(is_leftward) {
        builder.set_base_direction(BaseDirection::Rtl);
    }
    builder.push_default(StyleProperty::FontFamily(families));
    builder.push_default(StyleProperty::FontSize(REFERENCE));
    builder.push_default(StyleProperty::FontWeight(FontWeight::new(style.weight)));
    builder.push_default(StyleProperty::FontStyle(FontStyle::Normal));
    let mut layout = builder.build(text);
    layout.break_all_lines(None);
    let (mut ascent, mut descent, mut cap_height) = (0f32, 0f32, 0f32);
    for run in layout.lines().flat_map(|line| line.runs()) {
        let metrics = run.font_metrics();
        ascent = ascent.max(metrics.ascent);
        descent = descent.max(metrics.descent);
        cap_height = cap_height.max(metrics.cap_height.unwrap_or(metrics.ascent * 0.75));
    }
    let relative = |length: f32| f64::from(length / REFERENCE);
    Block {
        layout,
        size: style.smallest,
        width,
        measure: width,
        line_height: style.line_height,
        ascent: relative(ascent),
        descent: relative(descent),
        cap_height: relative(cap_height),
        horizontal: style.horizontal,
        room: None,
    }
}

/// How many characters of the text fit at the smallest size, whole characters,
/// measured on the text itself.
fn room(fonts: &mut Fonts, text: &str, style: &TextStyle, width: f64, height: f64) -> usize {
    let ends: Vec<usize> = text
        .char_indices()
        .map(|(start, c)| start + c.len_utf8())
        .collect();
    let (mut fits, mut too_long) = (0, ends.len());
    while too_long - fits > 1 {
        let middle = (fits + too_long) / 2;
        let start = text[..ends[middle - 1]].trim_end();
        let mut block = shape(fonts, start, style, width);
        if block.fits(style.smallest, style.max_lines, height) {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    fits
}

impl Block {
    /// What would be drawn as the font's empty box.
    fn blank_bytes(&self) -> Vec<Range<usize>> {
        let runs = self.layout.lines().flat_map(|line| line.runs());
        runs.flat_map(|run| run.clusters().collect::<Vec<_>>())
            .filter(|cluster| cluster.glyphs().any(|glyph| glyph.id == 0))
            .map(|cluster| cluster.text_range())
            .collect()
    }

    /// In the box's units.
    pub(super) fn size(&self) -> f64 {
        self.size
    }

    fn scale(&self) -> f64 {
        self.size / f64::from(REFERENCE)
    }

    fn break_lines(&mut self, width: f64) {
        self.layout
            .break_all_lines(Some(((width + TOLERANCE) / self.scale()) as f32));
    }

    /// Whether every line, as broken now, is within a width.
    fn inside(&self, width: f64) -> bool {
        f64::from(self.layout.width()) * self.scale() <= width + 2.0 * TOLERANCE
    }

    fn fits(&mut self, size: f64, max_lines: usize, height: f64) -> bool {
        self.size = size;
        self.break_lines(self.width);
        self.layout.len() <= max_lines
            && self.inside(self.width)
            && self.height() <= height + TOLERANCE
    }

    /// From the top of the first line's ascenders to the foot of the last line.
    pub(super) fn height(&self) -> f64 {
        let between = self.layout.len().saturating_sub(1) as f64 * self.line_height;
        (between + self.ascent + self.descent) * self.size
    }

    /// The size at which so many lines fill a height.
    fn size_of(&self, lines: usize, height: f64) -> f64 {
        let between = lines.saturating_sub(1) as f64 * self.line_height;
        height / (between + self.ascent + self.descent)
    }

    /// The best breaks into so many lines at the present size.
    fn broken(&mut self, text: &str, lines: usize) -> Option<lines::Breaks> {
        lines::breaks(&self.words(text)?, lines, self.width)
    }

    /// What each word measures at the present size; `None` where the order on
    /// screen is not the order of reading, or the author broke the lines.
    fn words(&mut self, text: &str) -> Option<Vec<Word>> {
        self.layout.break_all_lines(None);
        if self.layout.len() != 1 {
            return None;
        }
        let scale = self.scale();
        let mut advances = vec![0.0; text.len()];
        for run in self.layout.lines().flat_map(|line| line.runs()) {
            if run.is_rtl() {
                return None;
            }
            for cluster in run.clusters() {
                advances[cluster.text_range().start] += f64::from(cluster.advance()) * scale;
            }
        }
        let mut start = 0;
        let words = text.split(' ').map(|word| {
            let end = start + word.len();
            let measured = Word {
                width: advances[start..end].iter().sum(),
                space: advances.get(end).copied().unwrap_or(0.0),
                end: End::of(word),
            };
            start = end + 1;
            measured
        });
        Some(words.collect())
    }

    /// The narrowest measure that needs no more lines.
    fn narrow(&mut self) {
        self.break_lines(self.width);
        let lines = self.layout.len();
        let (mut too_narrow, mut enough) = (0.0, self.width);
        for _ in 0..STEPS {
            let middle = (too_narrow + enough) / 2.0;
            self.break_lines(middle);
            if self.layout.len() == lines && self.inside(middle) {
                enough = middle;
            } else {
                too_narrow = middle;
            }
        }
        self.break_lines(enough);
        self.measure = enough;
    }

    /// Where the block starts in a box of this height. In the middle means the
    /// capitals' middle, which is what the eye sees.
    pub(super) fn top(&self, vertical: Vertical, height: f64) -> f64 {
        match vertical {
            Vertical::Top => 0.0,
            Vertical::Bottom => height - self.height(),
            Vertical::Middle => {
                let between = self.layout.len().saturating_sub(1) as f64 * self.line_height;
                let seen = (between + self.cap_height) * self.size;
                (height - seen) / 2.0 - (self.ascent - self.cap_height) * self.size
            }
        }
    }

    /// Left and right edges of the widest line, from the box's left edge.
    pub(super) fn extent(&self) -> (f64, f64) {
        let widest = f64::from(self.layout.width()) * self.scale();
        let left = (self.width - widest) * self.share_before();
        (left, left + widest)
    }

    /// How much of the free width stands before the lines.
    fn share_before(&self) -> f64 {
        match (self.horizontal, self.layout.is_rtl()) {
            (Horizontal::Start, false) | (Horizontal::End, true) => 0.0,
            (Horizontal::Centre, _) => 0.5,
            (Horizontal::Start, true) | (Horizontal::End, false) => 1.0,
        }
    }

    /// SVG path of all glyphs, with the box's corner and the block's top at
    /// these coordinates.
    pub(super) fn outlines(&mut self, left: f64, top: f64) -> String {
        let alignment = match self.share_before() {
            0.0 => Alignment::Left,
            0.5 => Alignment::Center,
            _ => Alignment::Right,
        };
        self.layout.align(alignment, AlignmentOptions::default());
        let shift = (self.width - self.measure) * self.share_before();
        let scale = self.scale();
        let mut path = String::new();
        for (number, line) in self.layout.lines().enumerate() {
            let baseline = top + (self.ascent + number as f64 * self.line_height) * self.size;
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(glyphs) = item else {
                    continue;
                };
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
                let location = LocationRef::new(&coordinates);
                let size = GlyphSize::new(self.size as f32);
                for glyph in glyphs.positioned_glyphs() {
                    let mut pen = PathPen {
                        path: &mut path,
                        x: left + shift + f64::from(glyph.x) * scale,
                        // Marks are moved off the baseline; y grows downwards.
                        y: baseline + f64::from(glyph.y - glyphs.baseline()) * scale,
                        slant: 0.0,
                    };
                    if let Some(outline) = outlines.get(GlyphId::new(glyph.id)) {
                        let settings = DrawSettings::unhinted(size, location);
                        // A damaged outline leaves the glyph out, as renderers do.
                        let _drawn = outline.draw(settings, &mut pen);
                    }
                }
            }
        }
        path
    }
}

/// Writes outlines as path commands with fixed decimals.
pub(super) struct PathPen<'a> {
    pub path: &'a mut String,
    pub x: f64,
    pub y: f64,
    /// To the right for each unit up, for letters that no font has in italics.
    pub slant: f64,
}

impl PathPen<'_> {
    fn command(&mut self, letter: char, points: &[(f32, f32)]) {
        self.path.push(letter);
        for (index, &(x, y)) in points.iter().enumerate() {
            if index > 0 {
                self.path.push(' ');
            }
            let (x, y) = (f64::from(x) + self.slant * f64::from(y), f64::from(y));
            let (x, y) = (self.x + x, self.y - y);
            write!(self.path, "{} {}", Coordinate(x), Coordinate(y))
                .expect("writing to a string cannot fail");
        }
    }
}

impl OutlinePen for PathPen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.command('M', &[(x, y)]);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.command('L', &[(x, y)]);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.command('Q', &[(cx, cy), (x, y)]);
    }
    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.command('C', &[(cx0, cy0), (cx1, cy1), (x, y)]);
    }
    fn close(&mut self) {
        self.path.push('Z');
    }
}

/// A number with four decimals at most, the same on every machine.
pub(super) struct Coordinate(pub f64);

impl std::fmt::Display for Coordinate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.4}", self.0);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        f.write_str(if text == "-0" { "0" } else { text })
    }
}
