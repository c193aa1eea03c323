//! Events as JSON, one object a line: the contract with scripts. Its schema is
//! `portevoix schema events`; a change to it raises [`VERSION`].

use crate::pipeline::stale::Why;
use crate::pipeline::{ClipSeen, State, Summary};
use crate::report::lines;
use crate::report::progress::Moment;
use crate::report::words::{self, Lang};
use crate::values::diagnostic::Diagnostic;
use crate::values::examination::{Examination, Stretch};
use crate::values::ids::Id;
use crate::values::time::Rational;
use serde_json::{Value, json};
use std::time::Duration;

/// Of the events' form.
pub const VERSION: u32 = 1;

/// Only text holds control characters here, and JSON itself writes those below
/// the space as codes; some terminals obey the rest too.
fn line(value: &Value) -> String {
    let text = value.to_string();
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if lines::is_obeyed(c) {
            shown += &format!("\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    shown
}

pub fn start(command: &str) -> String {
    line(&json!({ "event": "start", "version": VERSION, "command": command }))
}

pub fn diagnostic(diagnostic: &Diagnostic, lang: Lang) -> String {
    let mut facts = serde_json::to_value(&diagnostic.problem).unwrap_or_default();
    if let Value::Object(fields) = &mut facts {
        fields.remove("problem");
    }
    let mut event = json!({
        "event": "diagnostic",
        "id": diagnostic.problem.id(),
        "severity": diagnostic.severity(),
        "message": words::sentence(diagnostic, lang),
        "place": diagnostic.place,
        "facts": facts,
    });
    if let Some(hint) = words::hint(diagnostic, lang) {
        event["hint"] = hint.into();
    }
    if let Some(capsule) = &diagnostic.capsule {
        event["capsule"] = capsule.to_string().into();
    }
    line(&event)
}

pub fn clip(seen: &ClipSeen) -> String {
    let (video, size) = (&seen.facts.video, seen.facts.video.display());
    let sound = seen.facts.audio.as_ref().map(|audio| {
        json!({
            "codec": audio.codec,
            "channels": audio.channels,
            "layout": audio.layout,
            "sample_rate": audio.sample_rate,
        })
    });
    let examined = seen.kept.as_ref().map(|(kept, e)| examined(*kept, e));
    line(&json!({
        "event": "clip",
        "capsule": seen.capsule,
        "path": seen.path.display().to_string(),
        "container": seen.facts.container,
        "seconds": decimal(seen.facts.duration()),
        "picture": {
            "codec": video.codec,
            "width": size.width,
            "height": size.height,
            "frame_rate": [video.rate.num(), video.rate.den()],
            "bit_depth": video.bit_depth,
            "field_order": video.field_order,
            "matrix": video.colour.matrix,
            "transfer": video.colour.transfer,
        },
        "sound": sound,
        "examined": examined,
    }))
}

fn examined(kept: Rational, found: &Examination) -> Value {
    let stretches = |all: &[Stretch]| -> Vec<[Value; 2]> {
        all.iter()
            .map(|s| [decimal(s.start), decimal(s.end)])
            .collect()
    };
    let sound = found.sound.as_ref().map(|heard| {
        json!({
            "lufs": heard.level.map(|l| hundredths(l.integrated)),
            "true_peak_dbtp": heard.level.map(|l| hundredths(l.true_peak)),
            "silent": stretches(&heard.silent),
            "dead_side": heard.dead_side,
            "out_of_phase": heard.cancelled.is_some(),
            "louder_track": heard.louder.map(|other| other.track),
            "lost_seconds": heard.lost_ms as f64 / 1000.0,
            "saturated_seconds": heard.saturated_seconds,
            "damaged": heard.damaged,
        })
    });
    json!({
        "kept_seconds": decimal(kept),
        "picture": {
            "black": stretches(&found.picture.black),
            "blown_out": stretches(&found.picture.blown_out),
            "combed_pictures": found.picture.combed,
            "damaged": found.picture.damaged,
        },
        "sound": sound,
    })
}

fn hundredths(value: i32) -> Value {
    json!(f64::from(value) / 100.0)
}

/// Seconds to the millisecond.
fn decimal(seconds: Rational) -> Value {
    let ms = (seconds * Rational::integer(1000)).round();
    json!(ms as f64 / 1000.0)
}

pub fn job(capsule: &Id, reason: &str, reasons: &[Why]) -> String {
    line(&json!({ "event": "job", "capsule": capsule, "reason": reason, "reasons": reasons }))
}

pub fn progress(moment: &Moment) -> String {
    let mut event = json!({
        "event": "progress",
        "encoded_frames": moment.encoded,
        "total_frames": moment.total,
    });
    if let Some(left) = moment.left {
        event["seconds_left"] = left.as_secs().into();
    }
    line(&event)
}

pub fn capsule(id: &Id, state: State) -> String {
    line(&json!({ "event": "capsule", "id": id, "state": state }))
}

pub fn summary(summary: &Summary, took: Duration) -> String {
    let mut event = serde_json::to_value(summary).unwrap_or_default();
    event["event"] = "summary".into();
    // Milliseconds are as fine as anybody can use.
    event["wall_seconds"] = json!(took.as_millis() as f64 / 1000.0);
    line(&event)
}
