//! Rendering of HTML templates: every value is escaped, and a field that a
//! template names and nobody gives is an error.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// Renders a compiled-in template.
///
/// # Panics
/// When the template is broken or names a field that the values lack: templates
/// are part of the program, and each is rendered by a test.
pub fn render(template: &'static str, values: &impl Serialize) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() {
            return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
        }
        out.write_str(&escape(&value.to_string()))
            .map_err(minijinja::Error::from)
    });
    environment
        .render_str(template, Serde(values))
        .expect("a template of ours renders with its own values")
}

/// Safe as content and inside quoted attributes. (The engine's own escaping
/// also turns every slash of a path into a character reference.)
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // HTML has no control characters, and a terminal obeys them.
            c if c.is_control() && !matches!(c, '\n' | '\r' | '\t') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
