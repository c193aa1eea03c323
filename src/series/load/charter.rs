//! The charter: the built-in one, overridden file by file by `charter/`.

use super::document::{Source, Table};
use super::folder;
use crate::series::charter::{Charter, FontFile, Picture, Rgb, Template, Timing};
use crate::series::profile::CardKind;
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem};
use crate::values::geometry::Shape;
use std::collections::BTreeMap;
use std::path::Path;

const BUILT_IN: &str = include_str!("../../../assets/charter/warm/charter.toml");

macro_rules! drawing {
    ($card:ident, $shape:ident, $file:literal) => {
        (
            CardKind::$card,
            Shape::$shape,
            $file,
            include_str!(concat!("../../../assets/charter/warm/", $file)),
        )
    };
}

const DRAWINGS: [(CardKind, Shape, &str, &str); 9] = [
    drawing!(Opening, Landscape, "opening.svg"),
    drawing!(Opening, Portrait, "opening.portrait.svg"),
    drawing!(Opening, Square, "opening.square.svg"),
    drawing!(LowerThird, Landscape, "lower-third.svg"),
    drawing!(LowerThird, Portrait, "lower-third.portrait.svg"),
    drawing!(LowerThird, Square, "lower-third.square.svg"),
    drawing!(End, Landscape, "end.svg"),
    drawing!(End, Portrait, "end.portrait.svg"),
    drawing!(End, Square, "end.square.svg"),
];

macro_rules! font {
    ($file:literal) => {
        (
            concat!("built-in: fonts/", $file),
            include_bytes!(concat!("../../../assets/fonts/", $file)),
        )
    };
}

const FONTS: [(&str, &[u8]); 3] = [
    font!("Cantarell-Regular.otf"),
    font!("Cantarell-Bold.otf"),
    font!("Cantarell-ExtraBold.otf"),
];

/// The charter before `charter/` has its say. Only where its own file is wrong
/// do these times show, and a test keeps it right.
fn built_in(found: &mut Vec<Diagnostic>) -> Charter {
    let templates = DRAWINGS.map(|(card, shape, file, svg)| {
        let path = format!("built-in: warm/{file}");
        let svg = svg.into();
        ((card, shape), Template { path, svg })
    });
    let fonts = FONTS.map(|(path, bytes)| FontFile {
        path: path.to_owned(),
        bytes: bytes.into(),
    });
    let mut charter = Charter {
        palette: BTreeMap::new(),
        fonts: fonts.into(),
        font_family: String::new(),
        templates: templates.into(),
        logos: Vec::new(),
        timing: Timing {
            opening: 4000,
            end: 4000,
            transition: 500,
            lower_third_delay: 1000,
            lower_third: 6000,
            lower_third_fade: 400,
        },
    };
    let path = "built-in: warm/charter.toml";
    overlay(&mut charter, path, BUILT_IN, found);
    charter
}

pub(super) fn read(series: &Path, found: &mut Vec<Diagnostic>) -> Charter {
    let mut charter = built_in(found);
    for entry in folder::files(series, "charter", found) {
        if entry.name == "charter.toml" {
            if let Some(text) = folder::text(series, &entry.path, found) {
                overlay(&mut charter, &entry.path, &text, found);
            }
        } else if let Some(drawing) = drawing_of(&entry.name) {
            if let Some(svg) = folder::text(series, &entry.path, found) {
                let template = Template {
                    path: entry.path,
                    svg: svg.into(),
                };
                charter.templates.insert(drawing, template);
            }
        } else if has_extension(&entry.name, &["svg", "toml"]) {
            let known = DRAWINGS.iter().map(|(_, _, file, _)| *file);
            ignored(entry.path, known.chain(["charter.toml"]), found);
        }
    }
    let mut fonts = Vec::new();
    for entry in folder::files(series, "charter/fonts", found) {
        if has_extension(&entry.name, &["ttf", "otf"]) {
            if let Some(bytes) = folder::bytes(series, &entry.path, found) {
                fonts.push(FontFile {
                    path: entry.path,
                    bytes: bytes.into(),
                });
            }
        } else if has_extension(&entry.name, &["ttc", "otc", "woff", "woff2", "eot", "pfb"]) {
            ignored(entry.path, ["*.ttf", "*.otf"], found);
        }
    }
    // The series' own come first; the built-in ones fill what they lack.
    fonts.append(&mut charter.fonts);
    charter.fonts = fonts;
    for entry in folder::files(series, "charter/logos", found) {
        if has_extension(&entry.name, &["png", "jpg", "jpeg", "svg"]) {
            if let Some(bytes) = folder::bytes(series, &entry.path, found) {
                charter.logos.push(Picture {
                    path: entry.path,
                    bytes: bytes.into(),
                });
            }
        } else if !has_extension(&entry.name, &["txt", "md"]) {
            ignored(entry.path, ["*.png", "*.jpg", "*.svg"], found);
        }
    }
    charter
}

fn drawing_of(name: &str) -> Option<(CardKind, Shape)> {
    DRAWINGS
        .iter()
        .find(|(_, _, file, _)| *file == name)
        .map(|(card, shape, ..)| (*card, *shape))
}

fn has_extension(name: &str, known: &[&str]) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|e| known.iter().any(|k| k.eq_ignore_ascii_case(e)))
}

fn ignored<'a>(
    path: String,
    known: impl IntoIterator<Item = &'a str>,
    found: &mut Vec<Diagnostic>,
) {
    let known = known.into_iter().map(str::to_owned).collect();
    let problem = Problem::FileIgnored { known };
    found.push(Diagnostic::new(problem, Place::File { path }));
}

/// Puts what a `charter.toml` says over a charter.
fn overlay(charter: &mut Charter, path: &str, text: &str, found: &mut Vec<Diagnostic>) {
    let source = Source { path, text };
    let (root, _) = source.parse(found);
    let mut table = Table::new(source, root.get_ref(), 0);
    table.choice("base", &[("warm", ())]);
    if let Some(palette) = table.table("palette") {
        let (colours, mut problems) = palette.free_texts(Expected::Colour);
        found.append(&mut problems);
        for (name, written, place) in colours {
            match colour(&written) {
                Some(colour) => {
                    charter.palette.insert(name, colour);
                }
                None => {
                    let problem = Problem::BadValue {
                        key: format!("palette.{name}"),
                        found: written,
                        expected: Expected::Colour,
                        suggestion: None,
                    };
                    found.push(Diagnostic::new(problem, place));
                }
            }
        }
    }
    if let Some(mut fonts) = table.table("fonts") {
        if let Some(family) = fonts.text("family") {
            charter.font_family = family;
        }
        fonts.finish(found);
    }
    if let Some(timing) = table.table("timing") {
        overlay_timing(&mut charter.timing, timing, found);
    }
    table.finish(found);
}

fn overlay_timing(timing: &mut Timing, mut table: Table<'_, '_>, found: &mut Vec<Diagnostic>) {
    let mut read = |key, field: &mut u32, from: i64, to: i64| {
        let expected = Expected::Duration { from, to };
        let ms = table.decimal(key, from, to, 1000, expected);
        if let Some(ms) = ms.and_then(|ms| u32::try_from(ms).ok()) {
            *field = ms;
        }
    };
    read("opening", &mut timing.opening, 1, 30);
    read("end", &mut timing.end, 1, 30);
    read("transition", &mut timing.transition, 0, 3);
    read("lower-third-delay", &mut timing.lower_third_delay, 0, 60);
    read("lower-third", &mut timing.lower_third, 1, 60);
    read("lower-third-fade", &mut timing.lower_third_fade, 0, 3);
    // A fade is part of what it fades: in and out must both find room.
    let too_long = [
        (
            "transition",
            timing.transition,
            timing.opening.min(timing.end),
        ),
        (
            "lower-third-fade",
            timing.lower_third_fade * 2,
            timing.lower_third,
        ),
    ];
    for (key, needed, room) in too_long {
        if needed > room {
            let place = table.place_of(key);
            let key = format!("timing.{key}");
            table.note(Problem::FadeTooLong { key, room_ms: room }, place);
        }
    }
    table.finish(found);
}

fn colour(text: &str) -> Option<Rgb> {
    let digits = text.trim().strip_prefix('#')?;
    let hex = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let value = hex.then(|| u32::from_str_radix(digits, 16).ok())??;
    let [_, red, green, blue] = value.to_be_bytes();
    Some(Rgb { red, green, blue })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_charter_is_sound() {
        let mut found = Vec::new();
        let charter = built_in(&mut found);
        assert_eq!(found, []);
        assert!(!charter.palette.is_empty() && !charter.font_family.is_empty());
        assert!(charter.fonts.iter().all(|font| !font.bytes.is_empty()));
    }

    #[test]
    fn seconds_become_exact_milliseconds_and_mistakes_have_lines() {
        let mut found = Vec::new();
        let mut charter = built_in(&mut found);
        let text = "[palette]\naccent = \"#E07A5F\"\nother = \"red\"\n[timing]\nopening = 2.5\nend = 4\ntransition = 0.0005\nlower-third = 90\nopenning = 3\n";
        overlay(&mut charter, "charter/charter.toml", text, &mut found);
        assert_eq!((charter.timing.opening, charter.timing.end), (2500, 4000));
        let wanted = Rgb {
            red: 0xe0,
            green: 0x7a,
            blue: 0x5f,
        };
        assert_eq!(charter.palette.get("accent"), Some(&wanted));
        let lines: Vec<usize> = found
            .iter()
            .map(|d| match &d.place {
                Place::Text { line, .. } => *line,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lines, [3, 7, 8, 9]);
    }

    #[test]
    fn fades_must_find_room() {
        let mut found = Vec::new();
        let mut charter = built_in(&mut found);
        let text =
            "[timing]\nopening = 1\ntransition = 1.5\nlower-third = 1\nlower-third-fade = 0.6\n";
        overlay(&mut charter, "charter/charter.toml", text, &mut found);
        let ids: Vec<String> = found.iter().map(|d| d.problem.id()).collect();
        assert_eq!(ids, ["fade-too-long", "fade-too-long"]);
    }
}
