//! What is wrong with a card, or worth a look → what somebody is told, and the
//! cell or line where they put it right.

use crate::plan::capsule::Card;
use crate::series::capsule::Capsule;
use crate::series::charter::{Charter, Template};
use crate::series::profile::CardKind;
use crate::values::diagnostic::{Diagnostic, DrawingLimit, Place, Problem, Severity};
use crate::worker::protocol::{CardProblem, Limit};
use std::collections::BTreeMap;

/// The drawing of a card of a capsule, of which something is said.
pub(super) struct About<'a> {
    pub card: Card,
    pub template: &'a Template,
    pub charter: &'a Charter,
    pub capsule: &'a Capsule,
}

impl About<'_> {
    /// Whether somebody of the series can act on a remark: our own drawings are
    /// ours to look at, but for what the series' own `charter.toml` makes of
    /// them.
    pub(super) fn is_for_people(&self, remark: &CardProblem) -> bool {
        if self.card.kind == CardKind::Watermark {
            return false;
        }
        let ours = self.template.path.starts_with("built-in: ");
        match remark {
            CardProblem::OutsideSafeArea { .. } => !ours,
            CardProblem::LowContrast { .. } => !ours || self.cause(remark).is_some(),
            _ => true,
        }
    }

    /// The line of the series' own `charter.toml` that makes it so: the nearest
    /// to the text first.
    fn cause(&self, problem: &CardProblem) -> Option<Place> {
        let own = |key: String| self.charter.own.get(&key);
        let kind = self.card.kind.name();
        let background = || own(format!("background.{kind}"));
        let line = match problem {
            CardProblem::RuleWithoutBox { field, .. } => own(format!("{kind}.{field}")),
            CardProblem::BackgroundHidden => background(),
            CardProblem::UnknownFont { family, .. } => self.chosen_font(family),
            CardProblem::LowContrast {
                field,
                colour,
                over_footage,
                ..
            } => {
                let names: &[&str] = match field.as_str() {
                    "title" | "question" => &["title", "question"],
                    other => &[other],
                };
                let of_box = |key: &str| names.iter().find_map(|n| own(format!("{kind}.{n}{key}")));
                let behind =
                    || background().and_then(|b| own("background.veil".into()).or(Some(b)));
                let named = colour.strip_prefix("palette:");
                of_box(".colour")
                    .or_else(|| behind().filter(|_| *over_footage))
                    .or_else(|| own(format!("palette.{}", named?.trim())))
                    .or_else(|| self.changed_colour())
                    .or_else(behind)
                    .or_else(|| of_box(".max-size").or_else(|| of_box(".weight")))
            }
            _ => None,
        };
        line.cloned()
    }

    /// Where the series asks for a font: for a box, or for all that name none.
    fn chosen_font(&self, family: &str) -> Option<&Place> {
        let rules = self
            .charter
            .boxes
            .get(&self.card.kind)
            .into_iter()
            .flatten();
        let asks = |rule: &BTreeMap<String, String>| rule.get("font").is_some_and(|f| f == family);
        let boxes = rules.filter(|(_, rule)| asks(rule));
        let mut boxes = boxes.map(|(field, _)| format!("{}.{field}.font", self.card.kind.name()));
        let of_box = boxes.find_map(|key| self.charter.own.get(&key));
        let of_all = || self.charter.own.get("fonts.family");
        of_box.or_else(|| of_all().filter(|_| self.charter.font_family == family))
    }

    /// The first colour of the palette that the series changed and the drawing
    /// uses.
    fn changed_colour(&self) -> Option<&Place> {
        let used = |name: &str| {
            let wanted = format!("palette:{name}");
            let mut found = self.template.svg.match_indices(&wanted);
            found.any(|(at, _)| {
                let after = self.template.svg[at + wanted.len()..].chars().next();
                !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            })
        };
        let changed = self.charter.own.iter();
        let changed = changed.filter(|(key, _)| key.strip_prefix("palette.").is_some_and(used));
        changed.map(|(_, place)| place).min()
    }

    /// A card's problem, at the cell or file where it is put right.
    pub(super) fn diagnostic(&self, problem: CardProblem) -> Diagnostic {
        let About {
            card,
            template,
            charter,
            capsule,
        } = *self;
        let column = |field: &str| {
            if field == "question" {
                "title".to_owned()
            } else {
                field.to_owned()
            }
        };
        let cell = |field: &str| match field {
            "series" | "publisher" => Place::File {
                path: "series.toml".into(),
            },
            field => capsule.place(&column(field)),
        };
        let drawing = Place::File {
            path: template.path.clone(),
        };
        let cause = self.cause(&problem);
        let card = card.name();
        let (problem, place) = match problem {
            CardProblem::Overflow {
                field,
                characters,
                room,
            } => (
                Problem::CardOverflow {
                    card,
                    column: column(&field),
                    characters,
                    room,
                },
                cell(&field),
            ),
            CardProblem::MissingGlyph { field, character } => (
                Problem::MissingGlyph {
                    card,
                    column: column(&field),
                    character,
                },
                cell(&field),
            ),
            CardProblem::UnknownField { field, suggestion } => (
                Problem::CardFieldUnknown {
                    card,
                    field,
                    suggestion,
                },
                drawing,
            ),
            CardProblem::UnknownColour { colour, suggestion } => (
                Problem::TemplateColourUnknown { colour, suggestion },
                drawing,
            ),
            CardProblem::UnknownFont { family, suggestion } => match cause {
                // Told once: it is no capsule's fault.
                Some(line) => {
                    let problem = Problem::CharterFontUnknown { family, suggestion };
                    return Diagnostic::new(problem, line);
                }
                None => (Problem::TemplateFontUnknown { family, suggestion }, drawing),
            },
            CardProblem::UnknownBox { name, suggestion } => {
                (Problem::TemplateBoxUnknown { name, suggestion }, drawing)
            }
            CardProblem::EmptyBox { field } => (Problem::TemplateBoxEmpty { field }, drawing),
            CardProblem::StrayText { text } => (Problem::TemplateTextStray { text }, drawing),
            CardProblem::BrokenTemplate { error } => (Problem::TemplateBroken { error }, drawing),
            CardProblem::Doctype => (Problem::TemplateDoctype, drawing),
            CardProblem::ExternalReference { reference } => {
                (Problem::TemplateReferenceOutside { reference }, drawing)
            }
            CardProblem::LimitExceeded {
                limit,
                found,
                allowed,
            } => {
                let limit = drawing_limit(limit);
                (
                    Problem::TemplateBeyondLimit {
                        limit,
                        found,
                        allowed,
                    },
                    drawing,
                )
            }
            CardProblem::PortraitUnusable { error } => {
                let portrait = charter.portraits.get(capsule.id.as_str());
                let place = portrait.map_or(drawing, |portrait| Place::File {
                    path: portrait.path.clone(),
                });
                (Problem::PortraitUnusable { error }, place)
            }
            CardProblem::QrTooLong { field, bytes } => (
                Problem::QrTooLong {
                    card,
                    column: column(&field),
                    bytes,
                },
                cell(&field),
            ),
            CardProblem::NoTextBox => (Problem::TemplateWithoutText { card }, drawing),
            CardProblem::DuplicateId { id } => (Problem::TemplateIdTwice { id }, drawing),
            CardProblem::OutsideSafeArea { field } => (
                Problem::CardOutsideSafeArea {
                    card,
                    column: column(&field),
                },
                drawing,
            ),
            CardProblem::RuleWithoutBox { field, boxes } => (
                Problem::CardRuleUnused {
                    card,
                    column: field,
                    boxes,
                },
                cause.unwrap_or(drawing),
            ),
            CardProblem::BackgroundHidden => (
                Problem::CardBackgroundHidden { card },
                cause.unwrap_or(drawing),
            ),
            CardProblem::LowContrast {
                field,
                colour: _,
                hundredths,
                needed_hundredths,
                over_footage,
            } => (
                Problem::CardContrast {
                    card,
                    column: column(&field),
                    hundredths,
                    needed_hundredths,
                    over_footage,
                },
                cause.unwrap_or(drawing),
            ),
            CardProblem::PictureUnusable { number, error } => {
                // The charter's logos are handed over in its own order.
                let logo = number
                    .checked_sub(1)
                    .and_then(|index| charter.logos.get(index));
                let place = logo.map_or(drawing, |logo| Place::File {
                    path: logo.path.clone(),
                });
                (Problem::LogoUnusable { number, error }, place)
            }
        };
        match problem.severity() {
            Severity::Error => Diagnostic::of_capsule(problem, place, &capsule.id),
            // About the drawing, whichever capsule it is drawn for.
            _ => Diagnostic::new(problem, place),
        }
    }
}

pub(super) fn same_finding(a: &Problem, b: &Problem) -> bool {
    match (a, b) {
        (
            Problem::CardOverflow { card, column, .. },
            Problem::CardOverflow {
                card: other,
                column: same,
                ..
            },
        )
        | (
            Problem::CardContrast { card, column, .. },
            Problem::CardContrast {
                card: other,
                column: same,
                ..
            },
        ) => card == other && column == same,
        _ => a == b,
    }
}

fn drawing_limit(limit: Limit) -> DrawingLimit {
    match limit {
        Limit::Bytes => DrawingLimit::Bytes,
        Limit::Depth => DrawingLimit::Depth,
        Limit::Elements => DrawingLimit::Elements,
        Limit::ReferencedElements => DrawingLimit::ElementsDrawn,
        Limit::Boxes => DrawingLimit::Boxes,
        Limit::StyleBytes => DrawingLimit::StyleBytes,
        Limit::FilterPrimitives => DrawingLimit::FilterEffects,
        Limit::FilterKind => DrawingLimit::FilterKind,
        Limit::FilterRadius => DrawingLimit::FilterRadius,
        Limit::PicturePixels => DrawingLimit::PicturePixels,
        Limit::Coordinates => DrawingLimit::Reach,
        Limit::FramePixels => DrawingLimit::FramePixels,
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::art::languages;
    use crate::series::{Series, load};

    /// A French series with this `charter.toml`, of an English and a French
    /// capsule.
    fn series(charter: &str) -> Series {
        let home = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        let settings = "id = \"a\"\ntitle = \"A\"\nconsent = \"not-needed\"\nlanguage = \"fr\"\n";
        write("series.toml", settings);
        write("capsules.csv", "id,title,language\na,Yes,en\nb,Oui,\n");
        for clip in ["footage/a.mp4", "footage/b.mp4"] {
            write(clip, "a clip is not looked at here");
        }
        write("charter/charter.toml", charter);
        load::load(home.path()).series.expect("a series")
    }

    #[test]
    fn a_series_names_itself_in_its_own_language() {
        let series = series("");
        let [english, french] = &series.capsules[..] else {
            panic!("two capsules");
        };
        let other = languages(&series, english);
        let named: Vec<(&str, &str)> = other
            .iter()
            .map(|(k, l)| (k.as_str(), l.as_str()))
            .collect();
        assert_eq!(named, [("publisher", "fr"), ("series", "fr")]);
        assert!(languages(&series, french).is_empty());
    }

    /// What is told of a pale title, with this `charter.toml`: the line, or that
    /// nothing is.
    fn told(charter: &str, remark: &CardProblem) -> Option<Place> {
        let series = series(charter);
        let card = Card::from(CardKind::Opening);
        let shape = crate::values::geometry::Shape::Landscape;
        let about = About {
            card,
            template: series
                .charter
                .template(card.kind, shape)
                .expect("a drawing"),
            charter: &series.charter,
            capsule: series.capsules.first().expect("a capsule"),
        };
        let remark = remark.clone();
        about
            .is_for_people(&remark)
            .then(|| about.diagnostic(remark).place)
    }

    fn pale(colour: &str, over_footage: bool) -> CardProblem {
        CardProblem::LowContrast {
            field: "title".into(),
            colour: colour.into(),
            hundredths: 215,
            needed_hundredths: 450,
            over_footage,
        }
    }

    fn line(place: Option<Place>) -> Option<usize> {
        place.map(|place| match place {
            Place::Text { path, line, .. } if path == "charter/charter.toml" => line,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn nobody_is_told_to_mend_a_drawing_of_ours() {
        let near_edge = CardProblem::OutsideSafeArea {
            field: "title".into(),
        };
        assert_eq!(told("[palette]\nink = \"#dddddd\"\n", &near_edge), None);
        let ours = "[palette]\nink = \"#2c2036\"\n[timing]\nend = 3\n";
        assert_eq!(told(ours, &pale("palette:ink", false)), None);
    }

    #[test]
    fn a_font_is_missing_where_the_charter_asks_for_it() {
        let unknown = CardProblem::UnknownFont {
            family: "Marianne".into(),
            suggestion: None,
        };
        let all = "[palette]\nink = \"#111111\"\n[fonts]\nfamily = \"Marianne\"\n";
        assert_eq!(line(told(all, &unknown)), Some(4));
        let of_box = "[opening.question]\nweight = 700\nfont = \"Marianne\"\n";
        assert_eq!(line(told(of_box, &unknown)), Some(3));
    }

    #[test]
    fn whoever_makes_a_text_pale_is_told_which_line_does() {
        let ink = pale("palette:ink", false);
        let over = pale("palette:ink", true);
        let text = "[palette]\ncoral = \"#111111\"\npaper = \"#222222\"\nink = \"#dddddd\"\n";
        assert_eq!(line(told(text, &ink)), Some(4), "the text's own colour");
        let text = "[palette]\ncoral = \"#111111\"\npaper = \"#222222\"\n";
        assert_eq!(line(told(text, &ink)), Some(2), "a colour of the drawing");
        let text = "[palette]\npap = \"#222222\"\n";
        assert_eq!(line(told(text, &ink)), None, "no colour of the drawing");
        let text = "[opening.question]\nmax-size = 30\ncolour = \"#dddddd\"\n";
        assert_eq!(line(told(text, &ink)), Some(3), "the box's colour");
        let text = "[opening.title]\nmax-size = 30\n";
        assert_eq!(line(told(text, &ink)), Some(2), "smaller letters need more");
        let text = "[background]\nopening = \"footage\"\nveil = 10\n[palette]\nink = \"#000000\"\n";
        assert_eq!(line(told(text, &over)), Some(3), "what shows through");
        let text = "[background]\nopening = \"footage\"\n";
        assert_eq!(line(told(text, &over)), Some(2));
        assert_eq!(line(told("[background]\nend = \"footage\"\n", &over)), None);
    }
}
