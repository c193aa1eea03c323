//! Captions that are burnt in, as drawn: where their bands stand, how large
//! their letters are, which letters there are.

use super::{built_in_fonts, with_other_scripts};
use portevoix::cards::{
    CaptionLayout, CaptionProblem, CaptionRequest, Fonts, Raster, captions, rasterise,
};
use portevoix::plan::burnt::Shown;
use portevoix::plan::recipe::{CaptionScene, CueText};
use portevoix::values::geometry::Size;
use portevoix::values::ids::Language;

const FRAME: Size = Size {
    width: 1280,
    height: 720,
};

fn request(cues: &[(&str, Option<&str>)], size: Size) -> CaptionRequest {
    // Each came while the one before was there.
    let shown = |cue: usize| Shown {
        cue,
        seen: true,
        clear_of: (0..cue).collect(),
    };
    CaptionRequest {
        cues: cues
            .iter()
            .map(|(text, settings)| CueText {
                text: (*text).to_owned(),
                settings: settings.map(str::to_owned),
            })
            .collect(),
        scenes: vec![CaptionScene {
            cues: (0..cues.len()).map(shown).collect(),
            raised: false,
        }],
        font_family: "Cantarell".into(),
        language: Language::new("fr").unwrap(),
        sdh: false,
        lower_thirds: Vec::new(),
        size,
    }
}

fn set(request: &CaptionRequest, fonts: &mut Fonts) -> CaptionLayout {
    captions(request, fonts).unwrap()
}

fn drawn(request: &CaptionRequest, fonts: &mut Fonts) -> Raster {
    let layout = set(request, fonts);
    assert_eq!(layout.problems, []);
    rasterise(layout.scenes[0].as_ref().unwrap(), request.size).unwrap()
}

/// Left, top, right and foot of what holds for any pixel (red, green, blue and
/// alpha, premultiplied).
fn edges(raster: &Raster, holds: impl Fn(&[u8]) -> bool) -> Option<(u32, u32, u32, u32)> {
    let width = raster.size.width;
    let mut found: Option<(u32, u32, u32, u32)> = None;
    for (n, _) in raster
        .rgba
        .chunks_exact(4)
        .enumerate()
        .filter(|(_, p)| holds(p))
    {
        let (x, y) = (n as u32 % width, n as u32 / width);
        let (l, t, r, f) = found.unwrap_or((x, y, x, y));
        found = Some((l.min(x), t.min(y), r.max(x), f.max(y)));
    }
    found
}

fn band(raster: &Raster) -> (u32, u32, u32, u32) {
    edges(raster, |p| p[3] > 0).unwrap()
}

fn letters(raster: &Raster) -> (u32, u32, u32, u32) {
    edges(raster, |p| p[3] > 250).unwrap()
}

/// Heights of capitals: at least 15 of the 390 points of a telephone's width,
/// whichever rung it plays.
#[test]
fn letters_are_read_on_a_telephone_and_bands_are_inside_what_is_shown() {
    let mut fonts = built_in_fonts();
    let text = "Posez-le en lieu sûr, fermez la\nporte, et respirez deux minutes.";
    for (width, height) in [(640, 360), (960, 540), (1280, 720), (1920, 1080)] {
        let size = Size { width, height };
        let raster = drawn(&request(&[(text, None)], size), &mut fonts);
        let (left, top, right, foot) = band(&raster);
        assert!(left >= width / 20 && right <= width * 19 / 20, "{height}");
        assert!(
            foot <= height * 19 / 20 && foot >= height * 19 / 20 - 2,
            "{height}"
        );
        // Two lines, each between a fourteenth and an eleventh of the height.
        let line = f64::from(foot - top) / 2.0 / f64::from(height);
        assert!((1.0 / 15.0..1.0 / 10.0).contains(&line), "{height} {line}");
        // In the middle.
        assert!((left + right).abs_diff(width) <= 3, "{height}");
    }
}

#[test]
fn long_lines_are_set_anew_in_narrow_pictures() {
    let mut fonts = built_in_fonts();
    let text = "Posez-le en lieu sûr, fermez la porte,\net respirez deux minutes avec nous.";
    for (width, height) in [(360, 640), (360, 360)] {
        let size = Size { width, height };
        let raster = drawn(&request(&[(text, None)], size), &mut fonts);
        let (left, top, right, foot) = band(&raster);
        assert!(left >= width / 20 && right <= width * 19 / 20);
        assert!(foot - top > 3 * 24 && f64::from(foot - top) < 0.42 * f64::from(height));
        let under = if height > width {
            height * 22 / 25
        } else {
            height * 19 / 20
        };
        assert!(foot <= under && foot + 3 > under, "{foot} {under}");
    }
}

/// Whether what is drawn stands inside what televisions show.
fn is_inside(raster: &Raster) -> bool {
    let Size { width, height } = raster.size;
    let (left, top, right, foot) = band(raster);
    left >= width / 20 && top >= height / 20 && right < width * 19 / 20 && foot < height * 19 / 20
}

#[test]
fn what_is_too_long_is_broken_or_small_and_never_cut_off() {
    let mut fonts = built_in_fonts();
    let word = "Hippopotomonstrosesquippédaliophobie".repeat(3);
    let endless = "Mot ".repeat(200);
    for (width, height) in [(360, 640), (640, 640), (640, 360)] {
        let size = Size { width, height };
        let layout = set(
            &request(&[(&format!("Une {word} !"), None)], size),
            &mut fonts,
        );
        let broken = CaptionProblem::WordBroken { word: word.clone() };
        assert_eq!(layout.problems, [(0, broken)], "{size:?}");
        let raster = rasterise(layout.scenes[0].as_ref().unwrap(), size).unwrap();
        assert!(is_inside(&raster), "{size:?} {:?}", band(&raster));
        // As wide as can be, so that it is read: it was broken, not shrunk.
        let (left, top, right, foot) = letters(&raster);
        assert!((right - left) * 10 > width * 7, "{size:?}");
        assert!(foot - top > 2 * 22, "{size:?}");

        let layout = set(&request(&[(&endless, None)], size), &mut fonts);
        assert!(
            matches!(layout.problems[..], [(0, CaptionProblem::Overflow { .. })]),
            "{:?}",
            layout.problems
        );
        let raster = rasterise(layout.scenes[0].as_ref().unwrap(), size).unwrap();
        assert!(is_inside(&raster), "{size:?} {:?}", band(&raster));
    }
}

/// Columns of letters of a colour, from left to right, as one word each.
fn words(raster: &Raster) -> Vec<(u32, u32)> {
    let (width, gap) = (raster.size.width as usize, 14);
    let inked = |x: usize| {
        let column = raster.rgba.chunks_exact(4).skip(x).step_by(width);
        column.into_iter().any(|p| p[3] > 250 && p[0] > 200)
    };
    let mut words: Vec<(u32, u32)> = Vec::new();
    for x in (0..width).filter(|&x| inked(x)).map(|x| x as u32) {
        match words.last_mut() {
            Some((_, end)) if x <= *end + gap => *end = x,
            _ => words.push((x, x)),
        }
    }
    words
}

#[test]
fn a_telephone_number_in_arabic_reads_from_left_to_right() {
    let mut fonts = with_other_scripts();
    let arabic = Language::new("ar").unwrap();
    // Groups of one to four digits, told apart by their width.
    let mut widths = |text: &str| -> Vec<u32> {
        let text = portevoix::captions::isolated(text, &arabic);
        let mut request = request(&[(&text, None)], FRAME);
        request.language = arabic.clone();
        let drawn = drawn(&request, &mut fonts);
        words(&drawn).iter().map(|(from, to)| to - from).collect()
    };
    let alone = widths("1111  00  44");
    let inside = widths("مرحبا   1111  00  44   مرحبا");
    assert_eq!(alone.len(), 3, "{alone:?}");
    // The sentence's own words on either side of it.
    let groups = &inside[1..inside.len() - 1];
    let same = |(one, other): (&u32, &u32)| one.abs_diff(*other) <= 2;
    assert!(
        groups.len() == 3 && groups.iter().zip(&alone).all(same),
        "{inside:?} {alone:?}"
    );
    // Told apart: "1111" is far wider than the others.
    assert!(
        alone[0] > alone[1] + 10 && alone[0] > alone[2] + 10,
        "{alone:?}"
    );
}

#[test]
fn music_has_its_note_in_every_charter() {
    for mut fonts in [built_in_fonts(), with_other_scripts()] {
        let mut request = request(&[("♪ Air doux ♫", None)], FRAME);
        request.sdh = true;
        let with = letters(&drawn(&request, &mut fonts));
        request.cues[0].text = "Air doux".into();
        let without = letters(&drawn(&request, &mut fonts));
        let wider = (with.2 - with.0) - (without.2 - without.0);
        assert!((40..160).contains(&wider), "{wider}");
    }
}

#[test]
fn a_cue_stands_where_its_settings_say() {
    let mut fonts = built_in_fonts();
    let mut place = |settings: &str| {
        band(&drawn(
            &request(&[("Oui.", Some(settings))], FRAME),
            &mut fonts,
        ))
    };
    let (_, top, ..) = place("line:0");
    assert!((36..40).contains(&top), "{top}");
    let (_, top, ..) = place("line:50%");
    assert!((358..362).contains(&top), "{top}");
    let (_, _, _, foot) = place("line:50%,end");
    assert!((358..362).contains(&foot), "{foot}");
    let (.., foot) = place("line:-3");
    assert!((684 - 110..684 - 85).contains(&foot), "{foot}");
    let (left, ..) = place("align:left");
    assert!((64..67).contains(&left), "{left}");
    let (_, _, right, _) = place("align:end");
    assert!((1213..1217).contains(&right), "{right}");
    let (left, ..) = place("position:25% align:start");
    assert!((319..322).contains(&left), "{left}");
    // Nothing leaves what a television shows.
    let (_, _, right, foot) = place("line:100% position:100% align:start");
    assert!(right <= 1216 && foot <= 684, "{right} {foot}");
}

#[test]
fn cues_that_show_together_stand_clear_and_keep_their_place() {
    let mut fonts = built_in_fonts();
    let rows = |raster: &Raster| -> Vec<bool> {
        let rows = raster.rgba.chunks_exact(4 * FRAME.width as usize);
        rows.map(|row| row.iter().skip(3).step_by(4).any(|&a| a > 0))
            .collect()
    };
    let bands = |rows: &[bool]| rows.windows(2).filter(|w| !w[0] && w[1]).count();
    let mut both = request(&[("Un.", None), ("Deux.", None)], FRAME);
    let together = rows(&drawn(&both, &mut fonts));
    assert_eq!(bands(&together), 2);
    // The first goes: the second stays where it was.
    both.scenes[0].cues[0].seen = false;
    let alone = rows(&drawn(&both, &mut fonts));
    assert_eq!(bands(&alone), 1);
    let top = |rows: &[bool]| rows.iter().position(|&r| r);
    assert_eq!(top(&alone), top(&together));
}

#[test]
fn captions_stand_above_a_lower_third_that_shows() {
    let mut fonts = built_in_fonts();
    let strap = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1280\" height=\"720\">\
        <rect width=\"1280\" height=\"720\" fill-opacity=\"0.2\"/>\
        <rect x=\"100\" y=\"500\" width=\"300\" height=\"140\"/></svg>";
    let mut raised = request(&[("Oui.", None)], FRAME);
    raised.lower_thirds = vec![strap.to_owned()];
    let (.., low) = band(&drawn(&raised, &mut fonts));
    raised.scenes[0].raised = true;
    let (.., high) = band(&drawn(&raised, &mut fonts));
    assert_eq!(low, 683);
    assert!((485..500).contains(&high), "{high}");
}

#[test]
fn arabic_is_joined_and_starts_at_the_right() {
    let mut fonts = with_other_scripts();
    let arabic = |text: &str, fonts: &mut Fonts| {
        let mut request = request(&[(text, Some("align:start"))], FRAME);
        request.language = Language::new("ar").unwrap();
        letters(&drawn(&request, fonts))
    };
    let joined = arabic("مرحبا", &mut fonts);
    let apart = arabic("م\u{200C}ر\u{200C}ح\u{200C}ب\u{200C}ا", &mut fonts);
    assert!(
        joined.2 > 1150 && apart.2 > 1150,
        "at the right: {joined:?}"
    );
    assert!(joined.0 > apart.0, "{joined:?} {apart:?}");
    let problems = set(&request(&[("مرحبا ☎", None)], FRAME), &mut built_in_fonts()).problems;
    let missing: String = problems
        .iter()
        .filter_map(|(_, p)| match p {
            CaptionProblem::MissingGlyph { character } => Some(*character),
            CaptionProblem::Overflow { .. } | CaptionProblem::WordBroken { .. } => None,
        })
        .collect();
    assert_eq!(missing, "مرحبا☎");
}

#[test]
fn a_cue_of_which_nothing_can_be_drawn_leaves_no_band() {
    let layout = set(&request(&[("☎", None)], FRAME), &mut built_in_fonts());
    assert_eq!(layout.scenes, [None]);
}
