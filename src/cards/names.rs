//! Names that a designer gives to elements → what these are for.
//!
//! A name is typed once and then passes through a drawing program, which
//! escapes what it does not like and numbers what it finds twice.

use crate::cards::template::{is_svg, number};
use resvg::usvg::roxmltree::{Document, Node};
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

const INKSCAPE: &str = "http://www.inkscape.org/namespaces/inkscape";

/// What a name makes of an element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Text {
        field: String,
    },
    Qr {
        field: String,
    },
    Logos,
    Portrait,
    /// Vanishes when the field is empty.
    If {
        field: String,
    },
}

impl Role {
    /// Whether the element only says where something else is drawn.
    pub(super) fn is_box(&self) -> bool {
        !matches!(self, Role::If { .. })
    }

    /// The name under which the charter's file says something of the box.
    pub(super) fn ruled_as(&self) -> Option<&str> {
        match self {
            Role::Text { field } | Role::Qr { field } => Some(field),
            Role::Logos => Some("logo"),
            Role::Portrait | Role::If { .. } => None,
        }
    }
}

/// By the number of the element.
pub(super) type Roles = BTreeMap<usize, Role>;

/// Names may carry what a program added only where they then name a field.
pub(super) fn roles(document: &Document<'_>, fields: &BTreeMap<String, String>) -> Roles {
    let named = document.descendants().filter(|n| is_svg(*n));
    named
        .filter_map(|n| Some((number(n), role(n, fields)?)))
        .collect()
}

/// A label is what a designer types; an id is what programs keep of it.
/// Illustrator keeps the name that it had to change under `data-name`.
fn role(node: Node<'_, '_>, fields: &BTreeMap<String, String>) -> Option<Role> {
    names(node).find_map(|name| {
        let (kind, what) = name.trim().split_once(':')?;
        let what = what.trim();
        let field = || known_field(what, fields);
        match kind.trim() {
            "text" => Some(Role::Text { field: field() }),
            "qr" => Some(Role::Qr { field: field() }),
            "if" => Some(Role::If { field: field() }),
            "image" if what.starts_with("logo") => Some(Role::Logos),
            "image" if what.starts_with("portrait") => Some(Role::Portrait),
            _ => None,
        }
    })
}

fn names(node: Node<'_, '_>) -> impl Iterator<Item = String> {
    let names = [
        node.attribute((INKSCAPE, "label")),
        node.attribute("data-name"),
        node.attribute("id"),
    ];
    let names = names.into_iter().flatten();
    names.map(|name| unescaped(name).nfc().collect())
}

/// Names that make no box and were meant to, with what was meant.
pub(super) fn misnamed<'a>(
    document: &'a Document<'_>,
    roles: &'a Roles,
) -> impl Iterator<Item = (String, String)> + 'a {
    let nodes = document.descendants().filter(|n| is_svg(*n));
    let nodes = nodes.filter(|n| !roles.contains_key(&number(*n)));
    nodes.filter_map(|node| {
        names(node).find_map(|name| {
            let (kind, what) = name.trim().split_once(':')?;
            let meant = meant(&plain(kind.trim()), what.trim())?;
            Some((name, meant))
        })
    })
}

/// What a designer calls boxes, besides what they are called.
fn meant(kind: &str, what: &str) -> Option<String> {
    let kind = match kind {
        "texte" | "txt" => "text",
        "img" | "photo" | "picture" => "image",
        "si" => "if",
        "qrcode" | "qr-code" => "qr",
        kind => ["text", "image"]
            .into_iter()
            .find(|known| strsim::osa_distance(known, kind) <= 1)?,
    };
    if what.is_empty() {
        return None;
    }
    if kind != "image" {
        return Some(format!("{kind}:{what}"));
    }
    let near = |known: &&str| strsim::osa_distance(known, &plain(what));
    let picture = ["portrait", "logo"].into_iter().min_by_key(near)?;
    Some(format!("image:{picture}"))
}

/// The field that is meant: as written, else under its French name, else
/// without what a program put behind it. As written when none of these is one.
fn known_field(written: &str, fields: &BTreeMap<String, String>) -> String {
    let mut name = written;
    loop {
        if let Some(field) = field_called(name, fields) {
            return field;
        }
        match without_counter(name) {
            Some(shorter) => name = shorter,
            None => return written.to_owned(),
        }
    }
}

fn field_called(name: &str, fields: &BTreeMap<String, String>) -> Option<String> {
    if fields.contains_key(name) {
        return Some(name.to_owned());
    }
    let plain = plain(name);
    let english = match plain.as_str() {
        "intervenant" | "intervenante" => "speaker",
        "fonction" => "role",
        "serie" => "series",
        other => other,
    };
    fields.contains_key(english).then(|| english.to_owned())
}

fn plain(name: &str) -> String {
    let letters = name.nfd().filter(|c| !is_combining_mark(*c));
    letters.flat_map(char::to_lowercase).collect()
}

/// `question-1`, `question_2`, `question_00000012345_`, `question 3`.
fn without_counter(name: &str) -> Option<&str> {
    let body = name.strip_suffix('_').unwrap_or(name);
    let digits = body.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = digits.strip_suffix(['-', '_', ' '])?;
    (digits.len() < body.len() && !stem.is_empty()).then_some(stem)
}

/// `text_x3A_question` → `text:question`.
fn unescaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        let code = escape[2..].split_once('_').and_then(|(hex, after)| {
            let digits = (2..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit());
            let code = digits.then(|| u32::from_str_radix(hex, 16).ok())??;
            Some((char::from_u32(code)?, after))
        });
        out.push_str(before);
        match code {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push_str("_x");
                rest = &escape[2..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(svg: &str) -> Vec<Role> {
        let columns = [
            "title", "question", "contact", "speaker", "theme", "x-note-2", "role",
        ];
        let fields = columns.map(|c| (c.to_owned(), String::new())).into();
        let drawing = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' \
             xmlns:inkscape='http://www.inkscape.org/namespaces/inkscape'>{svg}</svg>"
        );
        let document = Document::parse(&drawing).unwrap();
        roles(&document, &fields).into_values().collect()
    }

    #[test]
    fn whoever_nearly_names_a_box_is_told_how_it_is_called() {
        let told = |svg: &str| -> Vec<(String, String)> {
            let drawing = format!("<svg xmlns='http://www.w3.org/2000/svg'>{svg}</svg>");
            let document = Document::parse(&drawing).unwrap();
            let roles = roles(&document, &BTreeMap::new());
            misnamed(&document, &roles).collect()
        };
        for (name, meant) in [
            ("texte:thème", "text:thème"),
            ("Text:question", "text:question"),
            ("image:portait", "image:portrait"),
            ("image:logos-partenaires", ""),
            ("photo:intervenante", "image:portrait"),
            ("imag:logo", "image:logo"),
            ("si:contact", "if:contact"),
            ("layer:2", ""),
            ("text:question", ""),
            ("fond", ""),
        ] {
            let found = told(&format!("<rect id='{name}'/>"));
            let found: Vec<&str> = found.iter().map(|(_, meant)| meant.as_str()).collect();
            let wanted: Vec<&str> = [meant].into_iter().filter(|m| !m.is_empty()).collect();
            assert_eq!(found, wanted, "{name}");
        }
    }

    #[test]
    fn names_survive_the_programs_they_pass_through() {
        let text = |field: &str| {
            vec![Role::Text {
                field: field.to_owned(),
            }]
        };
        for (svg, field) in [
            ("<rect id='text:question'/>", "question"),
            (
                "<rect id='rect7' inkscape:label='text:question'/>",
                "question",
            ),
            ("<rect id='text:question-3-7'/>", "question"),
            ("<rect id='text:question_2'/>", "question"),
            ("<rect id='text_x3A_question'/>", "question"),
            ("<rect id='text_x3A_question_1_'/>", "question"),
            ("<rect id='text_x3A_question_00000173845_'/>", "question"),
            (
                "<rect id='text_question' data-name='text:question'/>",
                "question",
            ),
            ("<rect id='text_x3A_th_xE8_me'/>", "theme"),
            ("<rect id='text: Intervenant'/>", "speaker"),
            ("<rect id='text:x-note-2'/>", "x-note-2"),
            ("<rect id='text:x-note-2-1'/>", "x-note-2"),
            ("<rect id='text:titel-2'/>", "titel-2"),
        ] {
            assert_eq!(meant(svg), text(field), "{svg}");
        }
        for svg in [
            "<rect id='a_xzz_b'/>",
            "<rect id='context:x'/>",
            "<rect id='_x'/>",
        ] {
            assert_eq!(meant(svg), [], "{svg}");
        }
        assert_eq!(
            meant("<circle id='image_x3A_portrait'/><g id='if:contact_2'/><rect id='qr:contact'/>"),
            [
                Role::Portrait,
                Role::If {
                    field: "contact".into()
                },
                Role::Qr {
                    field: "contact".into()
                }
            ]
        );
    }
}
