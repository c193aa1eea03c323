//! The gallery page, read as a browser would.

use super::super::sample::{capsule, id, manifest};
use super::*;
use crate::values::audience::Audience;

fn text(pages: &BTreeMap<TreePath, Vec<u8>>, name: &str) -> String {
    let bytes = pages.get(&TreePath::known(name)).expect(name);
    String::from_utf8(bytes.clone()).expect("UTF-8")
}

#[test]
fn the_gallery_plays_every_capsule_without_script() {
    let pages = pages(&manifest(vec![
        capsule("jpp-1", "Je n’en peux plus ?"),
        capsule("jpp-2", "Et après ?"),
    ]));
    let html = text(&pages, "index.html");
    assert!(html.starts_with("<!doctype html>\n<html lang=\"fr\">"));
    assert_eq!(html.matches("<video controls preload=\"none\"").count(), 2);
    for fact in [
        r#"poster="jpp-1/poster.jpg""#,
        r#"data-hls="jpp-1/web/master.m3u8""#,
        r#"<source src="jpp-1/web/360p.mp4" type="video/mp4">"#,
        r#"<track kind="captions" srclang="fr" label="Français" src="jpp-2/captions.fr.vtt">"#,
        "<strong>Anaïs Œuvray</strong>, Psychologue, Maison des familles",
        "(360p, 0,1\u{a0}Mo)",
        "0:02",
    ] {
        assert!(html.contains(fact), "{fact} in\n{html}");
    }
    // One heading for the theme that both share.
    assert_eq!(html.matches("<h2>").count(), 1);
    // Nothing is asked of anybody else.
    for attribute in ["src=\"http", "href=\"http://", "url(http"] {
        assert!(!html.contains(attribute));
    }
}

#[test]
fn text_from_the_catalogue_cannot_become_markup() {
    let mut hostile = capsule("jpp-1", r#""><script>alert(1)</script>"#);
    hostile.theme = Some("<b>".into());
    hostile.speaker = Some("</article><img src=x onerror=y>".into());
    hostile.contact = Some("{{ title }}".into());
    let pages = pages(&manifest(vec![hostile]));
    let html = text(&pages, "index.html");
    assert_eq!(html.matches("<script").count(), 1);
    assert!(!html.contains("<img") && !html.contains("<b>"));
    assert!(html.contains("{{ title }}"));
    let feed = text(&pages, "feed.xml");
    assert!(!feed.contains("<script"));
}

#[test]
fn drafts_are_on_no_page() {
    let mut draft = capsule("jpp-9", "Brouillon");
    draft.draft = true;
    let pages = pages(&manifest(vec![draft]));
    for name in ["index.html", "feed.xml", "sitemap.xml"] {
        assert!(!text(&pages, name).contains("jpp-9"), "{name}");
    }
    assert!(text(&pages, "index.html").contains("Aucune vidéo"));
}

#[test]
fn feeds_are_public_and_need_addresses() {
    let mut internal = manifest(vec![capsule("jpp-1", "?")]);
    internal.audience = Audience::Professionals;
    assert!(!pages(&internal).contains_key(&TreePath::known("feed.xml")));
    let mut nowhere = manifest(vec![capsule("jpp-1", "?")]);
    nowhere.series.base_url = None;
    assert!(!pages(&nowhere).contains_key(&TreePath::known("sitemap.xml")));
    assert!(!text(&pages(&nowhere), "index.html").contains("feed.xml"));
}

#[test]
fn feeds_name_the_best_file_by_its_absolute_address() {
    let mut film = capsule("jpp-1", "Peur & colère");
    film.description = Some("é".repeat(3000));
    let pages = pages(&manifest(vec![film]));
    let sitemap = text(&pages, "sitemap.xml");
    let at = "https://example.org/capsules/jpp-1/web/360p.mp4";
    assert!(sitemap.contains(&format!("<video:content_loc>{at}</video:content_loc>")));
    assert!(sitemap.contains("<video:title>Peur &amp; colère</video:title>"));
    let start = sitemap.find("<video:description>").expect("described") + 19;
    let end = sitemap.find("</video:description>").expect("described");
    assert_eq!(sitemap[start..end].chars().count(), 2048);
    let feed = text(&pages, "feed.xml");
    assert!(feed.contains(&format!("<media:content url=\"{at}\" fileSize=\"2600\"")));
    assert!(feed.contains("<pubDate>Wed, 15 Jan 2025 00:00:00 GMT</pubDate>"));
}

#[test]
fn an_english_series_has_an_english_page() {
    let mut english = manifest(vec![]);
    english.series.language = Language::new("en-GB").expect("a tag");
    english.capsules.push(capsule("jpp-1", "Où ?"));
    let html = text(&pages(&english), "index.html");
    assert!(html.contains("<html lang=\"en-GB\">"));
    assert!(html.contains("Download (360p, 0.1\u{a0}MB)"));
    // A French film on an English page says so.
    assert!(html.contains("<article id=\"jpp-1\" lang=\"fr\">"));
    assert!(english.capsule(&id("jpp-1")).is_some());
}
