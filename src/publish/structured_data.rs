//! What search engines are told of a capsule: schema.org VideoObject.

use super::manifest::{Capsule, Decimal, Series};
use super::path::TreePath;
use crate::values::audience::Audience;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The VideoObject of a capsule whose other fields are filled in. `transcript`
/// is what is said, in the capsule's language where there is a choice.
///
/// URLs are absolute in the public tree when the series has a base URL, else
/// relative to the tree: the address of another audience's site is not ours to
/// guess.
pub fn video_object(
    series: &Series,
    audience: Audience,
    capsule: &Capsule,
    transcript: Option<&str>,
) -> BTreeMap<String, Value> {
    let base = match audience {
        Audience::Public => series.base_url.as_deref().unwrap_or_default(),
        _ => "",
    };
    let url = |path: &TreePath| Value::from(format!("{base}{}", path.to_url()));
    let thumbnails: Vec<Value> = capsule
        .posters
        .iter()
        .map(|poster| url(&poster.path))
        .collect();
    let text = |value: &Option<String>| value.as_deref().map(Value::from);
    let publisher = series
        .publisher
        .as_ref()
        .map(|name| json!({ "@type": "Organization", "name": name }));
    let content = capsule
        .renditions
        .iter()
        .filter(|rendition| rendition.is_progressive())
        .max_by_key(|rendition| (rendition.width.min(rendition.height), &rendition.path));
    let fields = [
        ("@context", Some(json!("https://schema.org"))),
        ("@type", Some(json!("VideoObject"))),
        ("name", Some(json!(capsule.title))),
        (
            "description",
            text(&capsule.description).or_else(|| Some(json!(capsule.title))),
        ),
        (
            "thumbnailUrl",
            (!thumbnails.is_empty()).then_some(Value::Array(thumbnails)),
        ),
        (
            "uploadDate",
            capsule.published.map(|date| json!(date.to_string())),
        ),
        ("duration", Some(json!(iso_duration(capsule.duration)))),
        ("contentUrl", content.map(|rendition| url(&rendition.path))),
        ("embedUrl", capsule.embed.as_ref().map(url)),
        ("transcript", transcript.map(Value::from)),
        ("inLanguage", Some(json!(capsule.language))),
        ("publisher", publisher),
        (
            "license",
            series.licence.as_deref().map(|l| json!(licence_url(l))),
        ),
    ];
    fields
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}

/// ISO 8601, with hours and minutes where there are any: `PT1M20.04S`.
pub fn iso_duration(duration: Decimal) -> String {
    let millis = (duration.to_rational() * crate::values::time::Rational::integer(1000))
        .round()
        .max(0);
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let (seconds, rest) = (millis / 1000 % 60, millis % 1000);
    let mut text = "PT".to_owned();
    if hours > 0 {
        text.push_str(&format!("{hours}H"));
    }
    if minutes > 0 {
        text.push_str(&format!("{minutes}M"));
    }
    if rest > 0 {
        let decimals = format!("{rest:03}");
        text.push_str(&format!("{seconds}.{}S", decimals.trim_end_matches('0')));
    } else if seconds > 0 || text == "PT" {
        text.push_str(&format!("{seconds}S"));
    }
    text
}

/// The address of a licence named by SPDX; one that is an address stays.
pub fn licence_url(licence: &str) -> String {
    if licence.starts_with("https://") || licence.starts_with("http://") {
        return licence.to_owned();
    }
    let creative_commons = licence.strip_prefix("CC-").and_then(|rest| {
        let (kind, version) = rest.rsplit_once('-')?;
        let known = matches!(
            kind,
            "BY" | "BY-SA" | "BY-NC" | "BY-ND" | "BY-NC-SA" | "BY-NC-ND"
        );
        known.then(|| {
            let kind = kind.to_ascii_lowercase();
            format!("https://creativecommons.org/licenses/{kind}/{version}/")
        })
    });
    creative_commons.unwrap_or_else(|| format!("https://spdx.org/licenses/{licence}.html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_iso_8601() {
        let iso = |millionths| iso_duration(Decimal::from_millionths(millionths));
        assert_eq!(iso(0), "PT0S");
        assert_eq!(iso(80_040_000), "PT1M20.04S");
        assert_eq!(iso(60_000_000), "PT1M");
        assert_eq!(iso(3_600_500_000), "PT1H0.5S");
        // Rounded as a whole, so that no "60 s" can appear.
        assert_eq!(iso(59_999_600), "PT1M");
    }

    #[test]
    fn licences_have_addresses() {
        assert_eq!(
            licence_url("CC-BY-NC-ND-4.0"),
            "https://creativecommons.org/licenses/by-nc-nd/4.0/"
        );
        assert_eq!(licence_url("MIT"), "https://spdx.org/licenses/MIT.html");
        assert_eq!(licence_url("https://x.org/l"), "https://x.org/l");
    }
}
