//! What a capsule is made from, by name: so that a later build can say what
//! changed, from what to what. Nothing is decided by it: keys decide.

use crate::pipeline::captions::Captions;
use crate::pipeline::survey::Surveyed;
use crate::plan::reason::Reason;
use crate::series::Series;
use crate::series::capsule::Capsule;
use crate::series::charter::{Background, TransitionStyle};
use crate::series::profile::CardKind;
use crate::values::digest::Digest;
use crate::values::time::Rational;
use std::collections::{BTreeMap, BTreeSet};

/// Begins a value that says nothing to people.
pub const CONTENT: &str = "content ";

/// Name to value, as a person may read it.
pub type Inputs = BTreeMap<String, String>;

/// What changed: its name, before and now; empty where there is or was none.
pub type Change = (String, String, String);

pub(super) fn inputs(series: &Series, surveyed: &Surveyed) -> Inputs {
    let (charter, capsule) = (&series.charter, &surveyed.capsule);
    let timing = &charter.timing;
    let seconds = |ms: u32| {
        let text = format!("{}.{:03}", ms / 1000, ms % 1000);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        format!("{text} s")
    };
    let style = match timing.transition_style {
        TransitionStyle::Fade => "fade",
        TransitionStyle::Slide => "slide",
    };
    let mut inputs = Inputs::new();
    let mut note = |name: &str, value: String| {
        inputs.insert(name.to_owned(), value);
    };
    note("clip", content(surveyed.clip.digest().0.as_bytes()));
    note("keep", kept(capsule));
    note("timing.opening", seconds(timing.opening));
    note("timing.end", seconds(timing.end));
    note("timing.transition", seconds(timing.transition));
    note("timing.transition-style", style.into());
    note("timing.lower-third", seconds(timing.lower_third));
    note(
        "timing.lower-third-delay",
        seconds(timing.lower_third_delay),
    );
    note("timing.lower-third-fade", seconds(timing.lower_third_fade));
    note("font", charter.font_family.clone());
    note("fonts", content(charter.fonts_digest().0.as_bytes()));
    note("language", capsule.language.to_string());
    for (name, colour) in &charter.palette {
        let (r, g, b) = (colour.red, colour.green, colour.blue);
        note(
            &format!("palette.{name}"),
            format!("#{r:02x}{g:02x}{b:02x}"),
        );
    }
    let size = surveyed.leading().and_then(|p| p.renditions.first());
    let shape = size.map(|r| r.rendition.size.shape());
    for card in [CardKind::Opening, CardKind::LowerThird, CardKind::End] {
        let name = card.name();
        if let Some(template) = shape.and_then(|s| charter.template(card, s)) {
            note(
                &format!("template.{name}"),
                content(template.svg.as_bytes()),
            );
        }
        if let Some(rules) = charter.boxes.get(&card) {
            note(
                &format!("boxes.{name}"),
                content(format!("{rules:?}").as_bytes()),
            );
        }
        match charter.backgrounds.get(&card) {
            Some(Background::Footage) => note(&format!("background.{name}"), "footage".into()),
            Some(Background::Picture(p)) => note(&format!("background.{name}"), content(&p.bytes)),
            None => {}
        }
    }
    if !charter.backgrounds.is_empty() {
        note("veil", format!("{} %", charter.veil));
    }
    let logos: Vec<u8> = charter
        .logos
        .iter()
        .flat_map(|l| *Digest::of(&l.bytes).as_bytes())
        .collect();
    note("logos", content(&logos));
    if let Some(portrait) = charter.portraits.get(capsule.id.as_str()) {
        note("portrait", content(&portrait.bytes));
    }
    let begins = capsule.changes.iter().map(|time| match time {
        Some(time) => time.text.as_str(),
        None => "0:00",
    });
    note("changes", begins.collect::<Vec<_>>().join("; "));
    for (card, sound) in &charter.sounds {
        let card = card.name();
        note(&format!("sound.{card}"), content(&sound.bytes));
        let level = format!("{} LU", hundredths(sound.level));
        note(&format!("sound-level.{card}"), level);
        note(&format!("sound-fade-in.{card}"), seconds(sound.fade_in));
        note(&format!("sound-fade-out.{card}"), seconds(sound.fade_out));
    }
    if surveyed.plans.iter().any(|plan| plan.burnt.is_some()) {
        let burnt_in = surveyed.captions.iter().filter(|c| c.burnt_in);
        for (start, text) in burnt_in.flat_map(Captions::said) {
            let ms = (start * Rational::integer(1000)).round();
            note(&format!("cue.{ms}"), text);
        }
    }
    note("loudness", format!("{} LUFS", hundredths(series.loudness)));
    for plan in &surveyed.plans {
        let profile = &plan.profile;
        let heights = plan
            .renditions
            .iter()
            .map(|r| r.rendition.height.to_string());
        note(
            &format!("{profile} rungs"),
            heights.collect::<Vec<_>>().join(", "),
        );
        if let Some(audio) = &plan.audio {
            note(&format!("{profile} audio"), format!("{} kb/s", audio.kbps));
        }
        for rendition in plan.renditions.iter().map(|r| &r.rendition) {
            let encoding = &rendition.encoding;
            let cap = encoding.max_kbps.map(|kbps| format!("{kbps} kb/s"));
            let settings = [
                (
                    "size",
                    format!("{}x{}", rendition.size.width, rendition.size.height),
                ),
                ("crf", encoding.crf.to_string()),
                ("preset", encoding.preset.clone()),
                ("max_kbps", cap.unwrap_or_default()),
            ];
            for (setting, value) in settings {
                note(&format!("{profile} {}p {setting}", rendition.height), value);
            }
        }
    }
    inputs
}

fn content(bytes: &[u8]) -> String {
    format!("{CONTENT}{}", Digest::of(bytes))
}

fn hundredths(value: i32) -> String {
    let sign = if value < 0 { "−" } else { "" };
    let text = format!("{sign}{}.{:02}", value.abs() / 100, value.abs() % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// As written in the catalogue.
fn kept(capsule: &Capsule) -> String {
    let text = |time: &Option<crate::values::time::WrittenTime>| {
        time.as_ref().map_or(String::new(), |t| t.text.clone())
    };
    let ranges = capsule.keep.iter();
    let ranges = ranges.map(|range| format!("{}–{}", text(&range.start), text(&range.end)));
    ranges.collect::<Vec<_>>().join("; ")
}

/// What changed of all that can have made these segments stale. `rungs` are
/// the beginnings of their slots, as "web 270p ".
pub(super) fn changes(
    before: &Inputs,
    now: &Inputs,
    (reason, card): (Reason, Option<&str>),
    rungs: &BTreeSet<String>,
) -> Vec<Change> {
    let concerns = |name: &str| {
        let of_card = |card: &str| {
            let (kind, of) = name.split_once('.').unwrap_or((name, ""));
            match kind {
                "template" | "boxes" | "background" => of == card,
                "palette" | "font" | "fonts" | "logos" | "portrait" | "language" => true,
                "veil" => card != "lower-third",
                _ => false,
            }
        };
        match reason {
            Reason::ClipChanged => name == "clip",
            Reason::CutMoved => {
                let strap = name.starts_with("timing.lower-third");
                name == "keep" || name.starts_with("timing.") && !strap
            }
            Reason::CardChanged => card.is_some_and(of_card),
            Reason::LowerThirdChanged => {
                let timed = name == "changes" || name.starts_with("timing.lower-third");
                timed || of_card("lower-third")
            }
            Reason::SettingsChanged => rungs.iter().any(|rung| {
                let profile = rung.split(' ').next().unwrap_or_default();
                name.starts_with(rung.as_str()) || name == format!("{profile} rungs")
            }),
            Reason::SoundChanged => {
                let strap = name.starts_with("timing.lower-third");
                matches!(name, "loudness" | "keep" | "clip")
                    || name.ends_with(" audio")
                    || name.starts_with("sound")
                    || name.starts_with("timing.") && !strap
            }
            Reason::CaptionChanged => matches!(name, "font" | "fonts") || name.starts_with("cue."),
            Reason::New | Reason::RendererChanged | Reason::Lost | Reason::Outdated => false,
        }
    };
    // Of before nothing is known.
    if before.is_empty() {
        return Vec::new();
    }
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let value = |inputs: &Inputs, name| inputs.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .filter(|name| concerns(name))
        .map(|name| (name.clone(), value(before, name), value(now, name)))
        .filter(|(_, before, now)| before != now)
        .collect()
}
