//! The charter: the built-in one, overridden file by file by `charter/`.

use super::boxes;
use super::document::{Source, Table};
use super::folder;
use super::names::nearest;
use super::sounds;
use crate::series::charter::{
    Background, Charter, FontFile, Picture, Position, Rgb, Template, Timing, TransitionStyle,
};
use crate::series::profile::CardKind;
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem};
use crate::values::geometry::Shape;
use crate::values::ids::Id;
use std::collections::BTreeMap;
use std::path::Path;

/// Instead of a picture's name.
const FOOTAGE: &str = "footage";

const SETTINGS: &str = "charter.toml";

/// A charter that comes with the program.
struct BuiltIn {
    name: &'static str,
    settings: &'static str,
    drawings: [(CardKind, Shape, &'static str, &'static str); 9],
}

macro_rules! built_in {
    ($name:literal) => {
        BuiltIn {
            name: $name,
            settings: include_str!(concat!("../../../assets/charter/", $name, "/charter.toml")),
            drawings: [
                built_in!($name, Opening, Landscape, "opening.svg"),
                built_in!($name, Opening, Portrait, "opening.portrait.svg"),
                built_in!($name, Opening, Square, "opening.square.svg"),
                built_in!($name, LowerThird, Landscape, "lower-third.svg"),
                built_in!($name, LowerThird, Portrait, "lower-third.portrait.svg"),
                built_in!($name, LowerThird, Square, "lower-third.square.svg"),
                built_in!($name, End, Landscape, "end.svg"),
                built_in!($name, End, Portrait, "end.portrait.svg"),
                built_in!($name, End, Square, "end.square.svg"),
            ],
        }
    };
    ($name:literal, $card:ident, $shape:ident, $file:literal) => {
        (
            CardKind::$card,
            Shape::$shape,
            $file,
            include_str!(concat!("../../../assets/charter/", $name, "/", $file)),
        )
    };
}

/// The first is taken when none is named.
const BUILT_IN: [BuiltIn; 2] = [built_in!("warm"), built_in!("institutional")];

const BASES: [(&str, &BuiltIn); 2] = [
    (BUILT_IN[0].name, &BUILT_IN[0]),
    (BUILT_IN[1].name, &BUILT_IN[1]),
];

macro_rules! font {
    ($file:literal) => {
        (
            concat!("built-in: fonts/", $file),
            include_bytes!(concat!("../../../assets/fonts/", $file)),
        )
    };
}

const FONTS: [(&str, &[u8]); 4] = [
    font!("Cantarell-Regular.otf"),
    font!("Cantarell-Bold.otf"),
    font!("Cantarell-ExtraBold.otf"),
    // The notes beside music, which text fonts lack.
    font!("Notes.ttf"),
];

/// The charter before `charter/` has its say. Only where its own file is wrong
/// do these times show, and a test keeps it right.
fn built_in(base: &BuiltIn, found: &mut Vec<Diagnostic>) -> Charter {
    let templates = base.drawings.map(|(card, shape, file, svg)| {
        let path = format!("built-in: {}/{file}", base.name);
        let svg = svg.into();
        ((card, shape), Template { path, svg })
    });
    let fonts = FONTS.map(|(path, bytes)| FontFile {
        path: path.to_owned(),
        bytes: bytes.into(),
    });
    let mut charter = Charter {
        fonts_digest: std::sync::OnceLock::new(),
        palette: BTreeMap::new(),
        own: BTreeMap::new(),
        fonts: fonts.into(),
        font_family: String::new(),
        templates: templates.into(),
        boxes: BTreeMap::new(),
        logos: Vec::new(),
        portraits: BTreeMap::new(),
        timing: Timing {
            opening: 4000,
            end: 4000,
            transition: 500,
            transition_style: TransitionStyle::Fade,
            lower_third_delay: 1000,
            lower_third: 6000,
            lower_third_fade: 400,
        },
        backgrounds: BTreeMap::new(),
        // The built-in charters can be read over black and over white with it.
        veil: 85,
        lower_third: None,
        sounds: BTreeMap::new(),
    };
    let path = format!("built-in: {}/charter.toml", base.name);
    overlay(&mut charter, &path, base.settings, found);
    // What we say ourselves is nobody's to change.
    charter.own.clear();
    charter
}

/// The charter that a `charter.toml` builds on; a name that is none is said
/// when the rest is read.
fn base_of(path: &str, text: &str) -> &'static BuiltIn {
    let source = Source { path, text };
    let (root, _) = source.parse(&mut Vec::new());
    let mut table = Table::new(source, root.get_ref(), 0);
    table.choice("base", &BASES).unwrap_or(&BUILT_IN[0])
}

pub(super) fn read(series: &Path, found: &mut Vec<Diagnostic>) -> Charter {
    let entries = folder::files(series, "charter", found);
    let settings = entries
        .iter()
        .find(|entry| entry.name == SETTINGS)
        .and_then(|entry| Some((&entry.path, folder::text(series, &entry.path, found)?)));
    let base = settings
        .as_ref()
        .map_or(&BUILT_IN[0], |(path, text)| base_of(path, text));
    let mut charter = built_in(base, found);
    let mut named = Named::default();
    if let Some((path, text)) = &settings {
        named = overlay(&mut charter, path, text, found);
    }
    for sound in named.sounds {
        let heard = sounds::found(series, &entries, sound, found);
        charter.sounds.extend(heard);
    }
    for (card, written, place) in named.backgrounds {
        let pictures: Vec<&folder::Entry> = entries
            .iter()
            .filter(|e| has_extension(&e.name, &["png", "jpg", "jpeg"]))
            .collect();
        let background = if written == FOOTAGE {
            Some(Background::Footage)
        } else if let Some(entry) = pictures.iter().find(|e| e.name == written) {
            folder::bytes(series, &entry.path, found).map(|bytes| {
                Background::Picture(Picture {
                    path: entry.path.clone(),
                    bytes: bytes.into(),
                })
            })
        } else {
            let names = pictures.iter().map(|e| e.name.as_str());
            let known: Vec<&str> = [FOOTAGE].into_iter().chain(names).collect();
            let key = format!("background.{}", card.name());
            found.push(no_such_file(key, written, known, place));
            None
        };
        charter.backgrounds.extend(background.map(|b| (card, b)));
    }
    for entry in entries.into_iter().filter(|e| e.name != SETTINGS) {
        if let Some(drawing) = drawing_of(&entry.name) {
            if let Some(svg) = folder::text(series, &entry.path, found) {
                let template = Template {
                    path: entry.path,
                    svg: svg.into(),
                };
                charter.templates.insert(drawing, template);
            }
        } else if has_extension(&entry.name, &["svg", "toml"]) {
            let known = BUILT_IN[0].drawings.iter().map(|(_, _, file, _)| *file);
            ignored(entry.path, known.chain([SETTINGS]), found);
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
    for entry in folder::files(series, "charter/portraits", found) {
        if has_extension(&entry.name, &["png", "jpg", "jpeg"]) {
            let capsule = entry.name.rsplit_once('.').map_or("", |(stem, _)| stem);
            if let Some(bytes) = folder::bytes(series, &entry.path, found) {
                let picture = Picture {
                    path: entry.path,
                    bytes: bytes.into(),
                };
                charter.portraits.insert(capsule.to_owned(), picture);
            }
        } else if !has_extension(&entry.name, &["txt", "md"]) {
            ignored(entry.path, ["*.png", "*.jpg"], found);
        }
    }
    charter
}

/// A portrait is found by its name; one that is named otherwise is not seen.
pub(super) fn portraits_without_capsule(
    charter: &Charter,
    ids: &[&Id],
    found: &mut Vec<Diagnostic>,
) {
    for (name, picture) in &charter.portraits {
        if !ids.iter().any(|id| id.as_str() == name) {
            let near = nearest(name, ids.iter().map(|id| id.as_str())).unwrap_or("ID");
            let known = [format!("{near}.jpg"), format!("{near}.png")];
            let known = known.each_ref().map(String::as_str);
            ignored(picture.path.clone(), known, found);
        }
    }
}

fn drawing_of(name: &str) -> Option<(CardKind, Shape)> {
    BUILT_IN[0]
        .drawings
        .iter()
        .find(|(_, _, file, _)| *file == name)
        .map(|(card, shape, ..)| (*card, *shape))
}

pub(super) fn has_extension(name: &str, known: &[&str]) -> bool {
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

/// A name that is none of those that are there.
pub(super) fn no_such_file(
    key: String,
    found: String,
    known: Vec<&str>,
    place: Place,
) -> Diagnostic {
    let problem = Problem::BadValue {
        key,
        suggestion: nearest(&found, known.iter().copied()).map(str::to_owned),
        found,
        expected: match known.as_slice() {
            [] => Expected::CharterSound,
            _ => Expected::OneOf {
                values: known.into_iter().map(str::to_owned).collect(),
            },
        },
    };
    Diagnostic::new(problem, place)
}

/// A background as a `charter.toml` names it.
type NamedBackground = (CardKind, String, Place);

/// Files that a `charter.toml` names.
#[derive(Default)]
struct Named {
    backgrounds: Vec<NamedBackground>,
    sounds: Vec<sounds::Named>,
}

/// Puts what a `charter.toml` says over a charter. Files are left to whoever
/// knows the folder.
fn overlay(charter: &mut Charter, path: &str, text: &str, found: &mut Vec<Diagnostic>) -> Named {
    let source = Source { path, text };
    let (root, _) = source.parse(found);
    let mut table = Table::new(source, root.get_ref(), 0);
    table.choice("base", &BASES);
    if let Some(palette) = table.table("palette") {
        let (colours, mut problems) = palette.free_texts(Expected::Colour);
        found.append(&mut problems);
        for (name, written, place) in colours {
            match colour(&written) {
                Some(colour) => {
                    let key = format!("palette.{name}");
                    if charter.palette.insert(name, colour) != Some(colour) {
                        charter.own.insert(key, place);
                    }
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
            let place = fonts.place_of("family");
            charter.own.insert("fonts.family".to_owned(), place);
        }
        fonts.finish(found);
    }
    if let Some(timing) = table.table("timing") {
        overlay_timing(&mut charter.timing, timing, found);
    }
    if let Some(mut table) = table.table("position") {
        let position = table.choice("lower-third", &Position::ALL);
        charter.lower_third = position.or(charter.lower_third);
        table.finish(found);
    }
    let mut named = Named::default();
    if let Some(table) = table.table("sound") {
        named.sounds = sounds::overlay(&charter.timing, table, found);
    }
    if let Some(mut table) = table.table("background") {
        for (key, card) in [("opening", CardKind::Opening), ("end", CardKind::End)] {
            if let Some(written) = table.text(key) {
                let place = table.place_of(key);
                charter
                    .own
                    .insert(format!("background.{key}"), place.clone());
                named.backgrounds.push((card, written, place));
            }
        }
        let veil = table.integer("veil", 0..=100);
        if veil.is_some() {
            let place = table.place_of("veil");
            charter.own.insert("background.veil".to_owned(), place);
        }
        charter.veil = veil.and_then(|v| v.try_into().ok()).unwrap_or(charter.veil);
        table.finish(found);
    }
    let cards = [
        ("opening", CardKind::Opening),
        ("lower-third", CardKind::LowerThird),
        ("end", CardKind::End),
    ];
    for (key, card) in cards {
        if let Some(fields) = table.table(key) {
            let rules = charter.boxes.entry(card).or_default();
            boxes::overlay(key, rules, fields, &mut charter.own, found);
        }
    }
    table.finish(found);
    named
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
    let styles = [
        ("cut", None),
        ("fade", Some(TransitionStyle::Fade)),
        ("slide", Some(TransitionStyle::Slide)),
    ];
    match table.choice("transition-style", &styles) {
        Some(Some(style)) => timing.transition_style = style,
        Some(None) => timing.transition = 0,
        None => {}
    }
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

pub(super) fn colour(text: &str) -> Option<Rgb> {
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
    fn the_built_in_charters_are_sound() {
        let mut found = Vec::new();
        for base in &BUILT_IN {
            let charter = built_in(base, &mut found);
            assert_eq!(found, []);
            assert!(!charter.palette.is_empty() && !charter.font_family.is_empty());
            assert!(charter.fonts.iter().all(|font| !font.bytes.is_empty()));
        }
    }

    #[test]
    fn seconds_become_exact_milliseconds_and_mistakes_have_lines() {
        let mut found = Vec::new();
        let mut charter = built_in(&BUILT_IN[0], &mut found);
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
    fn boxes_are_ruled_as_a_drawing_would_and_mistakes_have_lines() {
        let mut found = Vec::new();
        let mut charter = built_in(&BUILT_IN[0], &mut found);
        let text = "[opening.title]\ncolour = \"palette:ink\"\nmax-size = 90.5\nmax-lines = 3\n\
            align = \"centre\"\nsize = 3\n[end.titel]\n[end.x-note]\ncolour = \"red\"\n";
        overlay(&mut charter, "charter/charter.toml", text, &mut found);
        let rule = &charter.boxes[&CardKind::Opening]["title"];
        let said = |key: &str| rule.get(key).map(String::as_str);
        assert_eq!(said("colour"), Some("palette:ink"));
        assert_eq!(
            (said("max-size"), said("max-lines")),
            (Some("90.50"), Some("3"))
        );
        assert_eq!(said("align"), None);
        let lines: Vec<usize> = found
            .iter()
            .map(|d| match &d.place {
                Place::Text { line, .. } => *line,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(lines, [5, 6, 7, 9]);
    }

    #[test]
    fn a_rule_that_can_mean_nothing_is_told_with_what_was_meant() {
        let mut found = Vec::new();
        let mut charter = built_in(&BUILT_IN[0], &mut found);
        let text = "[palette]\nink = \"#2c2036\"\npaper = \"#101010\"\n[lower-third.intervenant]\n\
            weight = 700\n[opening.title]\nmax-size = 40\nmin-size = 90\n";
        overlay(&mut charter, "charter/charter.toml", text, &mut found);
        let said = |problem: &Problem| match problem {
            Problem::UnknownKey { key, suggestion } => (key.clone(), suggestion.clone()),
            Problem::BadValue { key, found, .. } => (key.clone(), Some(found.clone())),
            other => panic!("{other:?}"),
        };
        let said: Vec<_> = found.iter().map(|d| said(&d.problem)).collect();
        let told = |key: &str, what: &str| (key.to_owned(), Some(what.to_owned()));
        assert_eq!(
            said,
            [
                told("opening.title.min-size", "90"),
                told("lower-third.intervenant", "speaker"),
            ]
        );
        // What the series says itself, and where; a colour that is ours is not.
        let line = |key: &str| match charter.own.get(key) {
            Some(Place::Text { line, .. }) => Some(*line),
            _ => None,
        };
        assert_eq!(line("palette.ink"), None);
        assert_eq!(line("palette.paper"), Some(3));
        assert_eq!(line("opening.title"), Some(6));
        assert_eq!(line("opening.title.max-size"), Some(7));
    }

    #[test]
    fn backgrounds_are_files_of_the_charter_or_the_footage() {
        let home = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = home.path().join("charter").join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("foule.jpg", "a picture is not looked at here");
        let text = "[background]\nopening = \"footage\"\nend = \"foule.jpg\"\nveil = 60\n";
        write("charter.toml", text);
        let mut found = Vec::new();
        let charter = read(home.path(), &mut found);
        assert_eq!(found, []);
        let of = |card| charter.backgrounds.get(&card);
        assert_eq!(of(CardKind::Opening), Some(&Background::Footage));
        assert!(matches!(of(CardKind::End), Some(Background::Picture(_))));
        assert_eq!(charter.veil, 60);
        let text = "[background]\nopening = \"foul.jpg\"\nend = \"../foule.jpg\"\nveil = 101\n";
        write("charter.toml", text);
        let charter = read(home.path(), &mut found);
        assert!(charter.backgrounds.is_empty());
        let ids: Vec<String> = found.iter().map(|d| d.problem.id()).collect();
        assert_eq!(ids, ["bad-value"; 3]);
    }

    #[test]
    fn fades_must_find_room() {
        let mut found = Vec::new();
        let mut charter = built_in(&BUILT_IN[0], &mut found);
        let text =
            "[timing]\nopening = 1\ntransition = 1.5\nlower-third = 1\nlower-third-fade = 0.6\n";
        overlay(&mut charter, "charter/charter.toml", text, &mut found);
        let ids: Vec<String> = found.iter().map(|d| d.problem.id()).collect();
        assert_eq!(ids, ["fade-too-long", "fade-too-long"]);
    }
}
