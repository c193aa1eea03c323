//! `series.toml`.

use super::document::{Source, Table};
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem, Protection};
use crate::values::ids::{Id, Language};
use crate::values::time::Date;

/// What the file says; the three keys without a default may be absent.
pub(super) struct Settings {
    pub id: Option<Id>,
    pub title: Option<String>,
    pub consent_decided: bool,
    pub consent_required: bool,
    pub audience: Audience,
    pub language: Language,
    pub publisher: Option<String>,
    pub licence: Option<String>,
    pub base_url: Option<String>,
    pub published: Option<Date>,
    /// Names with their places; `None` where the file names none.
    pub profiles: Option<Vec<(String, Place)>>,
    pub loudness: i32,
    /// Whether the file is TOML at all.
    pub sound: bool,
}

pub(super) const FILE: &str = "series.toml";
const DEFAULT_LOUDNESS: i32 = -1600;

pub(super) fn read(text: &str, found: &mut Vec<Diagnostic>) -> Settings {
    let source = Source { path: FILE, text };
    let (root, sound) = source.parse(found);
    let mut table = Table::new(source, root.get_ref(), 0);
    // Where the syntax is broken a key may be there without being seen.
    for key in ["id", "title", "consent"] {
        if sound && !table.has(key) {
            table.missing(key);
        }
    }
    let consent = table.choice("consent", &[("not-needed", false), ("required", true)]);
    if consent == Some(true) {
        let what = Protection::ConsentRequired;
        let place = table.place_of("consent");
        table.note(Problem::ProtectionNotObeyed { what }, place);
    }
    let audiences = Audience::ALL.map(|a| (a.name(), a));
    let loudness = Expected::Decimal { from: -70, to: -5 };
    let settings = Settings {
        id: table.id("id"),
        title: table.text("title"),
        consent_decided: consent.is_some(),
        consent_required: consent == Some(true),
        audience: table
            .choice("audience", &audiences)
            .unwrap_or(Audience::Private),
        language: table
            .language("language")
            .or_else(|| Language::new("fr"))
            .expect("fr is a language tag"),
        publisher: table.text("publisher"),
        licence: table.text("licence"),
        base_url: table.folder_url("base_url"),
        published: table.date("published"),
        profiles: table.texts("profiles"),
        loudness: table
            .decimal("loudness", -70, -5, 100, loudness)
            .and_then(|hundredths| i32::try_from(hundredths).ok())
            .unwrap_or(DEFAULT_LOUDNESS),
        sound,
    };
    table.finish(found);
    settings
}
