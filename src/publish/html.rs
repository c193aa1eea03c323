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
    render_with(template, &[], values)
}

/// Renders a compiled-in template that includes others by name.
///
/// # Panics
/// As `render` does.
pub fn render_with(
    template: &'static str,
    parts: &[(&'static str, &'static str)],
    values: &impl Serialize,
) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_formatter(|out, _, value| {
        if value.is_undefined() {
            return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
        }
        let text = value.to_string();
        let text = if value.is_safe() { text } else { escape(&text) };
        out.write_str(&text).map_err(minijinja::Error::from)
    });
    for &(name, part) in parts {
        environment
            .add_template(name, part)
            .expect("a template of ours is one");
    }
    environment
        .render_str(template, Serde(values))
        .expect("a template of ours renders with its own values")
}

/// JSON as the content of a `<script>`, where no escape of HTML is read: nothing
/// in it can end the element. Marked `safe` in its template.
pub fn script_json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("plain values");
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
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
