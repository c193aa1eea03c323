//! `feed.xml` (Media RSS) and `sitemap.xml` (with Google's video extension):
//! of the public tree alone, and only where absolute addresses are known.

use super::manifest::{Capsule, Manifest, Rendition};
use super::path::TreePath;
use crate::values::audience::Audience;
use crate::values::time::Date;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub const FEED: &str = "feed.xml";
pub const SITEMAP: &str = "sitemap.xml";

/// Longest description that a video sitemap may hold, in characters.
const DESCRIPTION_LIMIT: usize = 2048;

/// Whether this tree has feeds.
pub fn is_published(manifest: &Manifest) -> bool {
    base(manifest).is_some()
}

fn base(manifest: &Manifest) -> Option<&str> {
    match manifest.audience {
        Audience::Public => manifest.series.base_url.as_deref(),
        _ => None,
    }
}

pub fn feeds(manifest: &Manifest) -> BTreeMap<TreePath, Vec<u8>> {
    let Some(base) = base(manifest) else {
        return BTreeMap::new();
    };
    BTreeMap::from([
        (
            TreePath::known(FEED),
            media_rss(manifest, base).into_bytes(),
        ),
        (
            TreePath::known(SITEMAP),
            sitemap(manifest, base).into_bytes(),
        ),
    ])
}

/// The capsules that are offered as one file, with the best such file.
fn films(manifest: &Manifest) -> impl Iterator<Item = (&Capsule, &Rendition)> {
    manifest
        .capsules
        .iter()
        .filter(|capsule| !capsule.draft)
        .filter_map(|capsule| Some((capsule, best_file(capsule)?)))
}

fn best_file(capsule: &Capsule) -> Option<&Rendition> {
    let mp4s = capsule.renditions.iter().filter(|r| r.is_progressive());
    mp4s.max_by_key(|r| (r.width.min(r.height), &r.path))
}

fn media_rss(manifest: &Manifest, base: &str) -> String {
    let series = &manifest.series;
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n",
    );
    element(&mut text, "title", &series.title);
    element(&mut text, "link", base);
    element(
        &mut text,
        "description",
        series.publisher.as_deref().unwrap_or(&series.title),
    );
    element(&mut text, "language", series.language.as_str());
    let own = format!("{base}{FEED}");
    let _ = writeln!(
        text,
        "<atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>",
        escape(&own)
    );
    for (capsule, film) in films(manifest) {
        text.push_str("<item>\n");
        let page = page_of(base, capsule);
        element(&mut text, "title", &capsule.title);
        element(&mut text, "link", &page);
        let _ = writeln!(text, "<guid isPermaLink=\"true\">{}</guid>", escape(&page));
        if let Some(description) = &capsule.description {
            element(&mut text, "description", description);
        }
        if let Some(theme) = &capsule.theme {
            element(&mut text, "category", theme);
        }
        if let Some(date) = capsule.published {
            element(&mut text, "pubDate", &rfc_822(date));
        }
        let _ = writeln!(
            text,
            "<media:content url=\"{}\" fileSize=\"{}\" type=\"video/mp4\" medium=\"video\" \
             duration=\"{}\" width=\"{}\" height=\"{}\" lang=\"{}\"/>",
            escape(&format!("{base}{}", film.path.to_url())),
            film.bytes,
            whole_seconds(capsule),
            film.width,
            film.height,
            capsule.language
        );
        element(&mut text, "media:title", &capsule.title);
        if let Some(poster) = capsule.posters.first() {
            let _ = writeln!(
                text,
                "<media:thumbnail url=\"{}\" width=\"{}\" height=\"{}\"/>",
                escape(&format!("{base}{}", poster.path.to_url())),
                poster.width,
                poster.height
            );
        }
        text.push_str("</item>\n");
    }
    text.push_str("</channel>\n</rss>\n");
    text
}

fn page_of(base: &str, capsule: &Capsule) -> String {
    format!("{base}{}/index.html", capsule.id)
}

/// The gallery, and the page of each capsule with the video on it.
fn sitemap(manifest: &Manifest, base: &str) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:video=\"http://www.google.com/schemas/sitemap-video/1.1\">\n",
    );
    text.push_str("<url>\n");
    element(&mut text, "loc", base);
    text.push_str("</url>\n");
    for capsule in manifest.capsules.iter().filter(|c| !c.draft) {
        text.push_str("<url>\n");
        element(&mut text, "loc", &page_of(base, capsule));
        video(&mut text, base, capsule);
        text.push_str("</url>\n");
    }
    text.push_str("</urlset>\n");
    text
}

/// A video without a thumbnail or a file to play is not valid there.
fn video(text: &mut String, base: &str, capsule: &Capsule) {
    let (Some(film), Some(poster)) = (best_file(capsule), capsule.posters.first()) else {
        return;
    };
    text.push_str("<video:video>\n");
    let absolute = |path: &TreePath| format!("{base}{}", path.to_url());
    element(text, "video:thumbnail_loc", &absolute(&poster.path));
    element(text, "video:title", &capsule.title);
    let description = capsule.description.as_deref().unwrap_or(&capsule.title);
    let description: String = description.chars().take(DESCRIPTION_LIMIT).collect();
    element(text, "video:description", &description);
    element(text, "video:content_loc", &absolute(&film.path));
    if let Some(embed) = &capsule.embed {
        element(text, "video:player_loc", &absolute(embed));
    }
    let seconds = whole_seconds(capsule).to_string();
    element(text, "video:duration", &seconds);
    if let Some(date) = capsule.published {
        element(text, "video:publication_date", &date.to_string());
    }
    text.push_str("</video:video>\n");
}

/// Both formats want whole seconds, at least one.
fn whole_seconds(capsule: &Capsule) -> i64 {
    capsule.duration.to_rational().round().max(1)
}

fn element(text: &mut String, name: &str, content: &str) {
    let _ = writeln!(text, "<{name}>{}</{name}>", escape(content));
}

/// Escapes for content and attributes, and leaves out what XML 1.0 cannot hold
/// at all.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Midnight UTC of a day, as RSS writes dates.
fn rfc_822(date: Date) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // The epoch was a Thursday.
    let weekday = usize::try_from(date.days_since_epoch().rem_euclid(7)).unwrap_or(0);
    let iso = date.to_string();
    let mut parts = iso.split('-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part(), part());
    let month = month.parse::<usize>().unwrap_or(1);
    format!(
        "{}, {day} {} {year} 00:00:00 GMT",
        DAYS[weekday],
        MONTHS[(month - 1) % 12]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_are_right() {
        let date = |text| Date::parse_iso(text).expect("a date");
        assert_eq!(rfc_822(date("2025-01-15")), "Wed, 15 Jan 2025 00:00:00 GMT");
        assert_eq!(rfc_822(date("1970-01-01")), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(rfc_822(date("1969-12-31")), "Wed, 31 Dec 1969 00:00:00 GMT");
    }

    #[test]
    fn nothing_breaks_out_of_an_element() {
        assert_eq!(
            escape("a<b>&\"'\u{b}c\nd"),
            "a&lt;b&gt;&amp;&quot;&apos;c d"
        );
    }
}
