//! Identifiers: of the series and its capsules, of profiles, of languages.

use serde::{Deserialize, Serialize};
use std::fmt;

/// `a-z 0-9 -`, not empty: safe as a folder's name and in a URL.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Id(String);

impl Id {
    /// `None` when a character is not allowed, or the id is empty or longer
    /// than 100 characters (file systems stop at 255 bytes a name).
    pub fn new(text: &str) -> Option<Id> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (!text.is_empty() && text.len() <= 100 && text.chars().all(allowed))
            .then(|| Id(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.0
    }
}

impl TryFrom<String> for Id {
    type Error = String;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        Id::new(&s).ok_or_else(|| format!("not an id: {s}"))
    }
}

/// A BCP 47 tag, lower-case language first ("fr", "fr-CA", "ar").
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Language(String);

impl Language {
    /// Accepts subtags of 1 to 8 letters or digits joined by `-`, the first of
    /// 2 or 3 letters.
    pub fn new(text: &str) -> Option<Language> {
        let mut subtags = text.split('-');
        let first = subtags.next()?;
        let sound = (2..=3).contains(&first.len())
            && first.chars().all(|c| c.is_ascii_alphabetic())
            && subtags.all(|t| {
                (1..=8).contains(&t.len()) && t.chars().all(|c| c.is_ascii_alphanumeric())
            });
        sound.then(|| match text.split_once('-') {
            Some((first, rest)) => Language(format!("{}-{rest}", first.to_ascii_lowercase())),
            None => Language(text.to_ascii_lowercase()),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Written from right to left.
    pub fn is_leftward(&self) -> bool {
        let first = self.0.split('-').next().unwrap_or_default();
        matches!(
            first,
            "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi"
        )
    }

    pub fn is_french(&self) -> bool {
        self.0 == "fr" || self.0.starts_with("fr-")
    }

    pub fn is_english(&self) -> bool {
        self.0 == "en" || self.0.starts_with("en-")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Language> for String {
    fn from(l: Language) -> String {
        l.0
    }
}

impl TryFrom<String> for Language {
    type Error = String;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        Language::new(&s).ok_or_else(|| format!("not a language tag: {s}"))
    }
}
