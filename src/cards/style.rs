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
        let rule = self.rules.get(field).and_then(|rules| rules.get(key));
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
        let said = self
            .said(node, field, "colour")
            .or_else(|| self.said(node, field, "color"))
            .map(str::to_owned);
        let fill = || self.inherited(node, "fill").filter(|c| is_plain_colour(c));
        let stroke = || {
            self.inherited(node, "stroke")
                .filter(|c| is_plain_colour(c))
        };
        said.filter(|c| is_plain_colour(c))
            .or_else(fill)
            .or_else(stroke)
            .unwrap_or_else(|| "#000000".to_owned())
    }
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
