//! The pages, read as a browser would.

use super::super::sample::{capsule, manifest};
use super::*;
use crate::publish::manifest::{Captions, Decimal};

const VTT: &str = "WEBVTT\n\n00:01.200 --> 00:02.000\nOn a peur.\n";

fn text(pages: &BTreeMap<TreePath, Vec<u8>>, name: &str) -> String {
    let bytes = pages.get(&TreePath::known(name)).expect(name);
    String::from_utf8(bytes.clone()).expect("UTF-8")
}

/// Every captions file of the manifest says the same.
fn furnished(manifest: Manifest) -> (Manifest, BTreeMap<TreePath, Vec<u8>>) {
    let captions = manifest.capsules.iter().flat_map(|c| &c.captions);
    let texts = captions.map(|c| (c.path.clone(), VTT.to_owned())).collect();
    furnish(manifest, &texts)
}

fn pages(manifest: Manifest) -> BTreeMap<TreePath, Vec<u8>> {
    furnished(manifest).1
}

fn holds(html: &str, facts: &[&str]) {
    for fact in facts {
        assert!(html.contains(fact), "{fact} in\n{html}");
    }
}

#[test]
fn the_gallery_leads_to_every_capsule_by_theme_and_by_person() {
    let mut other = capsule("jpp-2", "Et après ?");
    other.theme = None;
    other.speaker = Some("Paul Bé".into());
    let pages = pages(manifest(vec![
        capsule("jpp-1", "Je n’en peux plus ?"),
        other,
    ]));
    let html = text(&pages, "index.html");
    assert!(html.starts_with("<!doctype html>\n<html lang=\"fr\">"));
    holds(
        &html,
        &[
            "<h3>L’épuisement</h3>",
            "<h3>Autres vidéos</h3>",
            "<h3>Paul Bé</h3>",
            r#"data-src="jpp-1/poster.jpg" alt="""#,
            r#"<img src="jpp-1/poster.jpg" alt="" loading="lazy""#,
            "<strong>Anaïs Œuvray</strong>, Psychologue, Maison des familles",
            "0:02<span class=\"captioned\"> · sous-titrée</span>",
        ],
    );
    assert_eq!(html.matches("href=\"jpp-2/index.html\"").count(), 2);
    // Nothing of a film is on it.
    assert!(!html.contains("<video") && !html.contains(".mp4"));
}

#[test]
fn a_page_plays_its_capsule_without_script_and_holds_its_words() {
    let (manifest, pages) = furnished(manifest(vec![capsule("jpp-1", "Je n’en peux plus ?")]));
    for name in ["jpp-1/index.html", "jpp-1/embed.html"] {
        let html = text(&pages, name);
        holds(
            &html,
            &[
                "<video id=\"film\" controls preload=\"none\" playsinline",
                r#"poster="poster.jpg""#,
                r#"data-hls="web/master.m3u8""#,
                r#"<source src="web/360p.mp4" type="video/mp4">"#,
                r#"<track kind="captions" srclang="fr" label="Français" src="data:text/vtt;base64,"#,
                "Content-Security-Policy",
            ],
        );
        // Nothing is asked of anybody else, and no script or style is inline.
        for never in ["src=\"http", "url(http", "style=", "<style", "onclick"] {
            assert!(!html.contains(never), "{never} in {name}");
        }
    }
    let page = text(&pages, "jpp-1/index.html");
    holds(
        &page,
        &[
            r#"<a href="web/360p.mp4#t=1" data-t="1"><span class="clock">0:01</span> La réponse</a>"#,
            r#"<strong><bdi>Anaïs Œuvray</bdi>"#,
            r#"<span class="phrase" data-t="1.2" data-end="2">On a peur.</span>"#,
            r#"<a href="tel:0475000000" dir="ltr">04 75 00 00 00</a>"#,
            "Vidéo 360p, 0,1\u{a0}Mo",
            "https://example.org/capsules/jpp-1/embed.html",
            r#""transcript":"On a peur.""#,
        ],
    );
    let transcript = text(&pages, "jpp-1/transcript.fr.html");
    holds(&transcript, &[r#"href="index.html#t=1.2""#, "On a peur."]);
    assert!(
        text(&pages, "jpp-1/transcript.fr.txt").contains("[0:01] Anaïs Œuvray\u{a0}: On a peur.")
    );

    let entry = &manifest.capsules[0];
    assert_eq!(entry.embed, Some(TreePath::known("jpp-1/embed.html")));
    let named: Vec<&str> = entry.transcripts.iter().map(|t| t.path.as_str()).collect();
    assert_eq!(
        named,
        ["jpp-1/transcript.fr.html", "jpp-1/transcript.fr.txt"]
    );
    assert_eq!(entry.structured_data["transcript"], "On a peur.");
    assert_eq!(
        entry.structured_data["embedUrl"],
        "https://example.org/capsules/jpp-1/embed.html"
    );
}

#[test]
fn without_captions_there_is_no_transcript_but_what_the_cards_say() {
    let mut film = capsule("jpp-1", "Peur ?");
    film.captions.clear();
    let (manifest, pages) = furnished(manifest(vec![film]));
    assert!(manifest.capsules[0].transcripts.is_empty());
    assert!(
        !pages
            .keys()
            .any(|path| path.name().starts_with("transcript."))
    );
    holds(
        &text(&pages, "jpp-1/index.html"),
        &[
            "n’est pas disponible",
            "À l’écran\u{a0}:</span> <span class=\"line\">Peur ?</span>",
        ],
    );
}

#[test]
fn a_translation_has_its_own_transcript_and_direction() {
    let mut film = capsule("jpp-1", "Peur ?");
    film.captions.push(Captions {
        path: TreePath::known("jpp-1/captions.ar.vtt"),
        language: Language::new("ar").expect("a tag"),
        sdh: false,
    });
    let pages = pages(manifest(vec![film]));
    holds(
        &text(&pages, "jpp-1/index.html"),
        &[
            r#"<track kind="subtitles" srclang="ar" label="العربية""#,
            r#"<div class="other" lang="ar" dir="rtl">"#,
            "<details>",
        ],
    );
    // The cards are in the film's own language, and run its way.
    for page in ["jpp-1/index.html", "jpp-1/transcript.ar.html"] {
        holds(
            &text(&pages, page),
            &[
                "<p class=\"card\" lang=\"fr\" dir=\"ltr\">",
                "<span class=\"from\" lang=\"fr\" dir=\"ltr\">À l’écran\u{a0}:</span>",
            ],
        );
    }
    holds(
        &text(&pages, "jpp-1/transcript.ar.txt"),
        &[
            "\u{2068}Peur ?\u{2069}",
            "\u{200F}[0:01] \u{2068}Anaïs Œuvray\u{2069}\u{a0}: \u{2067}On a peur.\u{2069}",
        ],
    );
    // The page around it speaks the series' language.
    holds(
        &text(&pages, "jpp-1/transcript.ar.html"),
        &[
            "<html lang=\"fr\">",
            r#"<div class="text" lang="ar" dir="rtl">"#,
        ],
    );
}

#[test]
fn the_version_for_people_who_do_not_hear_is_the_transcript() {
    let mut film = capsule("jpp-1", "Peur ?");
    film.captions.push(Captions {
        path: TreePath::known("jpp-1/captions.fr.sdh.vtt"),
        language: Language::new("fr").expect("a tag"),
        sdh: true,
    });
    let described = "WEBVTT\n\n00:01.200 --> 00:02.000\n(Une porte claque)\n";
    let texts = film
        .captions
        .iter()
        .zip([VTT, described])
        .map(|(c, t)| (c.path.clone(), t.to_owned()))
        .collect();
    let (_, pages) = furnish(manifest(vec![film]), &texts);
    let transcript = text(&pages, "jpp-1/transcript.fr.txt");
    assert!(transcript.contains("(Une porte claque)") && !transcript.contains("On a peur."));
}

#[test]
fn text_from_the_catalogue_cannot_become_markup() {
    let mut hostile = capsule("jpp-1", r#""><script>alert(1)</script>"#);
    hostile.theme = Some("<b>".into());
    hostile.speaker = Some("</article><img src=x onerror=y>".into());
    hostile.contact = Some("{{ title }} </p><script>".into());
    hostile.description = Some("</script><script>alert(2)</script>".into());
    let pages = pages(manifest(vec![hostile]));
    for (name, scripts) in [
        ("index.html", 1),
        // Its own, and the structured data.
        ("jpp-1/index.html", 2),
        ("jpp-1/embed.html", 1),
        ("jpp-1/transcript.fr.html", 0),
        ("feed.xml", 0),
    ] {
        let html = text(&pages, name);
        assert_eq!(html.matches("<script").count(), scripts, "{name}\n{html}");
        assert!(
            !html.contains("<img src=x") && !html.contains("<b>"),
            "{name}"
        );
    }
    assert!(text(&pages, "jpp-1/index.html").contains("{{ title }}"));
}

#[test]
fn drafts_are_on_no_page() {
    let mut draft = capsule("jpp-9", "Brouillon");
    draft.draft = true;
    let (manifest, pages) = furnished(manifest(vec![draft]));
    for name in ["index.html", "feed.xml", "sitemap.xml"] {
        assert!(!text(&pages, name).contains("jpp-9"), "{name}");
    }
    assert!(text(&pages, "index.html").contains("Aucune vidéo"));
    assert!(!pages.keys().any(|path| path.is_of_capsule("jpp-9")));
    assert_eq!(manifest.capsules[0].embed, None);
}

#[test]
fn feeds_are_public_and_need_addresses() {
    let mut internal = manifest(vec![capsule("jpp-1", "?")]);
    internal.audience = Audience::Professionals;
    let internal = pages(internal);
    assert!(!internal.contains_key(&TreePath::known("feed.xml")));
    // Nor are other audiences' films for passing on, or for search engines.
    let page = text(&internal, "jpp-1/index.html");
    assert!(page.contains("noindex") && !page.contains("<iframe") && !page.contains("iframe src"));
    let mut nowhere = manifest(vec![capsule("jpp-1", "?")]);
    nowhere.series.base_url = None;
    let nowhere = pages(nowhere);
    assert!(!nowhere.contains_key(&TreePath::known("sitemap.xml")));
    assert!(!text(&nowhere, "index.html").contains("feed.xml"));
    assert!(text(&nowhere, "jpp-1/index.html").contains("%FOLDER%embed.html"));
}

#[test]
fn feeds_name_the_best_file_by_its_absolute_address() {
    let mut film = capsule("jpp-1", "Peur & colère");
    film.description = Some("é".repeat(3000));
    let pages = pages(manifest(vec![film]));
    let sitemap = text(&pages, "sitemap.xml");
    let at = "https://example.org/capsules/jpp-1/web/360p.mp4";
    assert!(sitemap.contains(&format!("<video:content_loc>{at}</video:content_loc>")));
    assert!(sitemap.contains("<video:title>Peur &amp; colère</video:title>"));
    assert!(sitemap.contains("<loc>https://example.org/capsules/jpp-1/index.html</loc>"));
    let start = sitemap.find("<video:description>").expect("described") + 19;
    let end = sitemap.find("</video:description>").expect("described");
    assert_eq!(sitemap[start..end].chars().count(), 2048);
    let feed = text(&pages, "feed.xml");
    assert!(feed.contains(&format!("<media:content url=\"{at}\" fileSize=\"2600\"")));
    assert!(feed.contains("<link>https://example.org/capsules/jpp-1/index.html</link>"));
    assert!(feed.contains("<pubDate>Wed, 15 Jan 2025 00:00:00 GMT</pubDate>"));
}

#[test]
fn pages_speak_the_language_of_the_capsule_or_of_the_series() {
    let mut english = manifest(vec![]);
    english.series.language = Language::new("en-GB").expect("a tag");
    english.capsules.push(capsule("jpp-1", "Où ?"));
    let mut arabic = capsule("jpp-2", "أين؟");
    arabic.language = Language::new("ar").expect("a tag");
    english.capsules.push(arabic);
    let pages = pages(english);
    let gallery = text(&pages, "index.html");
    // A French film on an English page says so.
    holds(
        &gallery,
        &[
            "<html lang=\"en-GB\">",
            "<li id=\"jpp-1\" lang=\"fr\" dir=\"ltr\">",
            "By theme",
        ],
    );
    holds(
        &text(&pages, "jpp-1/index.html"),
        &["<html lang=\"fr\">", "Télécharger"],
    );
    holds(
        &text(&pages, "jpp-2/index.html"),
        &[
            "<html lang=\"en-GB\">",
            "Download",
            "<h1 lang=\"ar\" dir=\"rtl\">",
        ],
    );
}

#[test]
fn what_is_made_here_is_told_from_what_the_user_brings() {
    let manifest = manifest(vec![capsule("jpp-1", "?")]);
    let made = |path: &str| is_made(&TreePath::known(path), &manifest);
    for path in pages(manifest.clone()).keys() {
        assert!(is_made(path, &manifest), "{path}");
    }
    for path in [
        "jpp-1/poster.jpg",
        "jpp-1/captions.fr.vtt",
        "docs/index.html",
        "logo.svg",
        "assets/logo.svg",
    ] {
        assert!(!made(path), "{path}");
    }
}

/// The text of the first caption track of a page.
fn track(html: &str) -> String {
    use base64::Engine;
    let (_, rest) = html.split_once("data:text/vtt;base64,").expect("a track");
    let (vtt, _) = rest.split_once('"').expect("it ends");
    let bytes = base64::engine::general_purpose::STANDARD.decode(vtt);
    String::from_utf8(bytes.expect("base64")).expect("UTF-8")
}

#[test]
fn captions_do_not_cover_the_name() {
    let mut capsule = capsule("jpp-1", "Quoi ?");
    assert_eq!(
        track(&text(
            &pages(manifest(vec![capsule.clone()])),
            "jpp-1/index.html"
        )),
        VTT
    );
    let strap = crate::publish::manifest::Span {
        start: Decimal::from_millionths(1_900_000),
        end: Decimal::from_millionths(2_200_000),
    };
    capsule.card_times.insert("lower-third".into(), strap);
    let html = text(&pages(manifest(vec![capsule])), "jpp-1/index.html");
    let said = "WEBVTT\n\n00:00:01.200 --> 00:00:02.000 line:45%\nOn a peur.\n";
    assert_eq!(track(&html), said);
}

#[test]
fn nobody_reads_the_same_captions_twice() {
    let burnt = |renditions: &[usize]| {
        let mut capsule = capsule("jpp-1", "Quoi ?");
        for &n in renditions {
            capsule.renditions[n].burned_captions = Language::new("fr");
        }
        text(&pages(manifest(vec![capsule])), "jpp-1/index.html")
    };
    let shown = |html: &str| html.contains(" default>");
    let clean = burnt(&[]);
    assert!(shown(&clean) && clean.contains("<source"));
    // The stream is clean, and what plays without script is better than nothing.
    let file_burnt = burnt(&[1]);
    assert!(shown(&file_burnt) && file_burnt.contains("<source"));
    holds(&file_burnt, &["sous-titres incrustés"]);
    let all = burnt(&[0, 1]);
    assert!(!shown(&all) && all.contains("<source"));
    holds(&all, &["<option value=\"\" selected>Sans</option>"]);
}
