//! What the pages of a published tree must obey: all that they name is there,
//! nothing is loaded from elsewhere, and their own policy says so. Only pages
//! made here are judged; those that the user brings are the user's.

use super::manifest::Manifest;
use super::path::TreePath;
use super::playlist_rules::Breach;
use super::site;
use std::collections::{BTreeMap, BTreeSet};

const OURS: &str = "<meta name=\"generator\" content=\"portevoix\">";
const POLICY: &str = "Content-Security-Policy";

/// Attributes whose address a browser loads by itself, and those that it
/// follows when somebody asks.
const LOADED: [&str; 6] = [
    "src",
    "poster",
    "srcset",
    "data-hls",
    "data-best",
    "data-sheet",
];
const FOLLOWED: [&str; 1] = ["href"];

/// `texts` are the pages that are there. What the manifest names and is not
/// there is told elsewhere.
pub(super) fn check(manifest: &Manifest, texts: &BTreeMap<String, &str>) -> Vec<Breach> {
    let files: BTreeSet<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    let mut breaches = Vec::new();
    let made = |path: &str| TreePath::new(path).is_some_and(|p| site::is_made(&p, manifest));
    for (path, text) in texts {
        if !path.ends_with(".html") || !text.contains(OURS) || !made(path) {
            continue;
        }
        let mut broken = |rule: String| breaches.push((path.clone(), rule));
        if !text.contains(POLICY) {
            broken(POLICY.to_owned());
        }
        for address in addresses(text, &LOADED).filter(|a| is_elsewhere(a)) {
            broken(address);
        }
        for target in local(path, text) {
            if !files.contains(target.as_str()) {
                broken(target);
            }
        }
    }
    breaches
}

/// The files of the tree that a page names.
pub(super) fn local(page: &str, html: &str) -> Vec<String> {
    let named = addresses(html, &LOADED).chain(addresses(html, &FOLLOWED));
    named
        .filter(|address| !has_scheme(address) && !is_elsewhere(address))
        .filter_map(|address| {
            let path = address.split(['#', '?']).next().unwrap_or_default();
            (!path.is_empty()).then(|| resolve(page, &decoded(path)))
        })
        .collect()
}

fn is_elsewhere(address: &str) -> bool {
    let scheme = ["http:", "https:", "//"];
    scheme.iter().any(|start| address.starts_with(start))
}

/// `tel:`, `data:` and the like, in which nothing of the tree is named.
fn has_scheme(address: &str) -> bool {
    address
        .split(['/', '#', '?'])
        .next()
        .unwrap_or_default()
        .contains(':')
}

/// The values of some attributes; a `srcset` names several.
fn addresses<'a>(html: &'a str, names: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    names.iter().flat_map(move |name| {
        let mark = format!(" {name}=\"");
        let values: Vec<String> = html
            .split(mark.as_str())
            .skip(1)
            .filter_map(|rest| rest.split_once('"'))
            .flat_map(|(value, _)| listed(name, value))
            .collect();
        values
    })
}

fn listed(name: &str, value: &str) -> Vec<String> {
    if name != "srcset" {
        return vec![value.to_owned()];
    }
    let candidates = value.split(',').map(str::trim);
    candidates
        .filter_map(|c| c.split_whitespace().next().map(str::to_owned))
        .collect()
}

/// One that leaves the tree resolves to nothing that is there.
fn resolve(page: &str, address: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." => {}
            ".." if parts.pop().is_some() => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::manifest::File;
    use super::super::sample::{capsule, manifest};
    use super::super::sums::Sha256;
    use super::*;

    fn rules(html: &str, there: &[&str]) -> Vec<String> {
        let mut manifest = manifest(vec![capsule("a", "?")]);
        let file = |path: &&str| File {
            path: TreePath::known(path),
            bytes: 1,
            sha256: Sha256::of(b"x"),
            media_type: String::new(),
        };
        manifest.files = there.iter().map(file).collect();
        let page = format!("{OURS}{html}");
        let texts = BTreeMap::from([("a/index.html".to_owned(), page.as_str())]);
        let breaches = check(&manifest, &texts);
        breaches.into_iter().map(|(_, rule)| rule).collect()
    }

    #[test]
    fn what_a_page_names_is_there_and_nothing_is_loaded_from_elsewhere() {
        let sound = "<meta content=\"Content-Security-Policy\"><img src=\"p%C3%A9.jpg\">\
            <a href=\"../index.html#x\"></a><a href=\"tel:04\"></a><a href=\"#t=1\"></a>\
            <a href=\"https://example.org/\"></a><track src=\"data:text/vtt,\">";
        assert_eq!(rules(sound, &["a/pé.jpg", "index.html"]), [""; 0]);
        assert_eq!(rules(sound, &["index.html"]), ["a/pé.jpg"]);
        let spy = "Content-Security-Policy <img src=\"https://spy.example/x.png\"> \
            <img srcset=\"one.webp 1w, //two.example/x 2w\">";
        assert_eq!(
            rules(spy, &["a/one.webp"]),
            ["https://spy.example/x.png", "//two.example/x"]
        );
        assert_eq!(rules("", &[]), [POLICY]);
        // Out of the tree is nowhere.
        assert_eq!(
            rules("Content-Security-Policy <a href=\"../../x\">", &["x"]),
            ["../x"]
        );
    }
}
