//! What a drawing says about the look of one of its elements: its `style`, the
//! style sheets, its attributes, and for boxes the charter's file and `data-`.
//!
//! The renderer resolves the same for what it draws itself. A box is not drawn,
//! so its look is resolved here, in the order that CSS has.

use crate::cards::template::{is_svg, style_text};
use crate::series::charter::BoxRules;
use resvg::usvg::roxmltree::{Document, Node};
use simplecss::{AttributeOperator, Declaration, Element, PseudoClass, StyleSheet};

/// The text of all style sheets of a drawing.
pub(super) fn sheets(document: &Document<'_>) -> String {
    let sheets = document
        .descendants()
        .filter(|n| is_svg(*n) && n.tag_name().name() == "style")
        .map(style_text);
    sheets.collect::<Vec<_>>().join("\n")
}

pub(super) struct Styles<'a> {
    sheet: StyleSheet<'a>,
    /// By field; it has the last word.
    rules: &'a BoxRules,
}

impl<'a> Styles<'a> {
    pub(super) fn new(sheets: &'a str, rules: &'a BoxRules) -> Styles<'a> {
        let sheet = StyleSheet::parse(sheets);
        Styles { sheet, rules }
    }

    /// What the charter's file, else a `data-` attribute says of a box.
    pub(super) fn said<'b>(
        &'b self,
        node: Node<'b, '_>,
        field: &str,
        key: &str,
    ) -> Option<&'b str> {
        let mut rules = names_of(field).filter_map(|name| self.rules.get(name));
        let rule = rules.find_map(|rules| rules.get(key));
        rule.map(String::as_str)
            .or_else(|| node.attribute(format!("data-{key}").as_str()))
            .map(str::trim)
    }

    pub(super) fn number(&self, node: Node<'_, '_>, field: &str, key: &str) -> Option<f64> {
        finite(self.said(node, field, key)?)
    }

    /// A property of the element itself: its `style`, then the sheets, then the
    /// attribute; what is important first.
    pub(super) fn own(&self, node: Node<'_, '_>, name: &str) -> Option<String> {
        let element = Cascaded(node);
        let ruled = self
            .sheet
            .rules
            .iter()
            .filter(|rule| rule.selector.matches(&element))
            .flat_map(|rule| &rule.declarations);
        let inline = node.attribute("style").unwrap_or_default();
        let inline: Vec<Declaration<'_>> = simplecss::DeclarationTokenizer::from(inline).collect();
        let all: Vec<Declaration<'_>> = ruled
            .copied()
            .chain(inline)
            .filter(|d| d.name == name)
            .collect();
        let declared = all
            .iter()
            .rev()
            .find(|d| d.important)
            .or(all.last())
            .map(|d| d.value.trim());
        declared
            .or_else(|| node.attribute(name))
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty() && value != "inherit")
    }

    /// The same, of the nearest ancestor that has it.
    pub(super) fn inherited(&self, node: Node<'_, '_>, name: &str) -> Option<String> {
        node.ancestors().find_map(|n| self.own(n, name))
    }

    pub(super) fn is_hidden(&self, node: Node<'_, '_>) -> bool {
        let shown = |n| self.own(n, "display").is_none_or(|value| value != "none");
        let seen = self.inherited(node, "visibility");
        !node.ancestors().all(shown) || seen.is_some_and(|v| v == "hidden" || v == "collapse")
    }

    /// The colour of a box's content as written: said, or its own fill, or where
    /// it has none its stroke. Black when that is no plain colour.
    pub(super) fn colour(&self, node: Node<'_, '_>, field: &str) -> String {
        let looks = self.looks(node, field, is_plain_colour);
        looks.map_or_else(|| "#000000".to_owned(), |(colour, _)| colour)
    }

    /// How the letters of a box are painted: as its colour, but a gradient does
    /// as well; and how opaque they are, of themselves and with the box.
    pub(super) fn ink(&self, node: Node<'_, '_>, field: &str) -> Ink {
        let gradients = |paint: &str| {
            is_plain_colour(paint) || gradient_of(paint).is_some_and(|id| has_gradient(node, id))
        };
        let black = || ("#000000".to_owned(), None);
        let (paint, opacity) = self.looks(node, field, gradients).unwrap_or_else(black);
        let share = |name: &str| {
            let written = self.inherited(node, name)?;
            let number = match written.strip_suffix('%') {
                Some(percent) => finite(percent)? / 100.0,
                None => finite(&written)?,
            };
            Some(number.clamp(0.0, 1.0))
        };
        let whole = self.own(node, "opacity").and_then(|_| share("opacity"));
        let paint = match gradient_of(&paint) {
            Some(id) => format!("url(#{id})"),
            None => paint,
        };
        Ink {
            paint,
            paint_opacity: opacity.and_then(share).unwrap_or(1.0),
            opacity: whole.unwrap_or(1.0),
        }
    }

    /// What the content of a box is painted with, and the property that says how
    /// opaque that is: what is said in so many words is opaque.
    fn looks(
        &self,
        node: Node<'_, '_>,
        field: &str,
        usable: impl Fn(&str) -> bool,
    ) -> Option<(String, Option<&'static str>)> {
        let said = self
            .said(node, field, "colour")
            .or_else(|| self.said(node, field, "color"))
            .filter(|c| is_plain_colour(c))
            .map(|c| (c.to_owned(), None));
        let own = |paint: &str, opacity| {
            let found = self.inherited(node, paint).filter(|c| usable(c))?;
            Some((found, Some(opacity)))
        };
        said.or_else(|| own("fill", "fill-opacity"))
            .or_else(|| own("stroke", "stroke-opacity"))
    }
}

/// Of the letters in a box.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Ink {
    pub paint: String,
    pub paint_opacity: f64,
    /// Of the box itself.
    pub opacity: f64,
}

/// A question is a title under another name.
pub(super) fn names_of(field: &str) -> impl Iterator<Item = &str> {
    let other = match field {
        "title" => Some("question"),
        "question" => Some("title"),
        _ => None,
    };
    [field].into_iter().chain(other)
}

/// `url(#g)`, whatever is said for want of it → `g`.
fn gradient_of(paint: &str) -> Option<&str> {
    let id = paint.trim().strip_prefix("url(")?.split(')').next()?;
    id.trim_matches(['"', '\'', ' ']).strip_prefix('#')
}

fn has_gradient(node: Node<'_, '_>, id: &str) -> bool {
    let plain = id
        .chars()
        .all(|c| c.is_alphanumeric() || "_-.:".contains(c));
    let mut elements = node.document().descendants();
    plain
        && elements
            .any(|n| n.attribute("id") == Some(id) && n.tag_name().name().ends_with("Gradient"))
}

pub(super) fn finite(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|n: &f64| n.is_finite())
}

pub(super) fn is_plain_colour(colour: &str) -> bool {
    colour != "none"
        && colour != "transparent"
        && !colour.starts_with("url")
        && colour
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "#(),.% :-_".contains(c))
}

/// An element as the sheets' selectors see it.
struct Cascaded<'a, 'input>(Node<'a, 'input>);

impl Element for Cascaded<'_, '_> {
    fn parent_element(&self) -> Option<Self> {
        self.0.parent_element().map(Cascaded)
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.0.prev_sibling_element().map(Cascaded)
    }

    fn has_local_name(&self, name: &str) -> bool {
        self.0.tag_name().name() == name
    }

    fn attribute_matches(&self, local_name: &str, operator: AttributeOperator<'_>) -> bool {
        let value = self.0.attribute(local_name);
        value.is_some_and(|value| operator.matches(value))
    }

    fn pseudo_class_matches(&self, class: PseudoClass<'_>) -> bool {
        matches!(class, PseudoClass::FirstChild) && self.0.prev_sibling_element().is_none()
    }
}
