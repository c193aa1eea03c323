//! Events as JSON, one object a line: the contract with scripts. Its schema is
//! `portevoix schema events`; a change to it raises [`VERSION`].

use crate::pipeline::stale::Why;
use crate::pipeline::{State, Summary};
use crate::report::lines;
use crate::report::progress::Moment;
use crate::report::words::{self, Lang};
use crate::values::diagnostic::Diagnostic;
use crate::values::ids::Id;
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
