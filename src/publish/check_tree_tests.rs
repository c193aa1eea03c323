//! What `check_tree` finds, planted fault by planted fault.

use super::super::bundle;
use super::super::sample::{capsule_files, id, path, publication};
use super::super::tree::{Content, Publication, publish};
use super::*;
use std::fs;
use std::path::PathBuf;

/// A sound tree of one capsule, to be damaged.
struct Tree {
    dist: tempfile::TempDir,
}

impl Tree {
    fn of(publication: Publication) -> Tree {
        let dist = tempfile::tempdir().expect("a temporary folder");
        publish(dist.path(), publication).expect("published");
        Tree { dist }
    }

    fn sound() -> Tree {
        Tree::of(publication(&[("jpp-1", "Une ?")]))
    }

    fn folder(&self) -> PathBuf {
        self.dist.path().join("public")
    }

    fn problems(&self) -> Vec<Problem> {
        let found = check_tree(&self.folder(), &Secrets::default());
        found.into_iter().map(|d| d.problem).collect()
    }

    fn edit(&self, name: &str, change: impl FnOnce(String) -> String) -> &Tree {
        let at = self.folder().join(name);
        let text = fs::read_to_string(&at).expect("a text");
        fs::write(&at, change(text)).expect("written");
        self
    }
}

/// A tree published with one text changed by us: sums and manifest are right,
/// so only the rules can find it.
fn published_with(name: &str, from: &str, to: &str) -> Vec<Problem> {
    let mut next = publication(&[("jpp-1", "Une ?")]);
    let mut files = capsule_files("jpp-1", "Une ?");
    let Some(Content::Bytes(bytes)) = files.remove(&path(name)) else {
        panic!("no text {name}");
    };
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.contains(from), "{from} in {text}");
    next.files.insert(
        path(name),
        Content::Bytes(text.replace(from, to).into_bytes()),
    );
    Tree::of(next).problems()
}

#[test]
fn a_sound_tree_and_its_bundle_have_no_fault() {
    let tree = Tree::sound();
    assert_eq!(tree.problems(), vec![]);
    let out = tree.dist.path().join("a.tar");
    bundle::write(tree.dist.path(), Audience::Public, &out, 0).expect("bundled");
    assert_eq!(check_bundle(&out, &Secrets::default()), vec![]);
}

#[test]
fn a_flipped_bit_a_missing_file_and_a_foreign_one_are_each_named() {
    let tree = Tree::sound();
    let film = tree.folder().join("jpp-1/web/360p.mp4");
    let mut bytes = fs::read(&film).expect("there");
    bytes[1000] ^= 4;
    fs::write(&film, bytes).expect("written");
    fs::remove_file(tree.folder().join("jpp-1/poster.jpg")).expect("removed");
    fs::write(tree.folder().join("jpp-1/notes.txt"), "").expect("written");
    std::os::unix::fs::symlink("/etc", tree.folder().join("link")).expect("linked");
    let file = |name: &str| name.to_owned();
    assert_eq!(
        tree.problems(),
        vec![
            Problem::TreeFileMissing {
                path: file("jpp-1/poster.jpg")
            },
            Problem::TreeFileChanged {
                path: file("jpp-1/web/360p.mp4")
            },
            Problem::TreeFileForeign {
                path: file("jpp-1/notes.txt")
            },
            Problem::TreeFileForeign { path: file("link") },
        ]
    );
}

#[test]
fn a_flipped_bit_in_a_bundle_is_named() {
    let tree = Tree::sound();
    let out = tree.dist.path().join("a.tar");
    bundle::write(tree.dist.path(), Audience::Public, &out, 0).expect("bundled");
    let mut bytes = fs::read(&out).expect("there");
    let film = fs::read(tree.folder().join("jpp-1/web/360p.mp4")).expect("there");
    let at = memchr::memmem::find(&bytes, &film).expect("archived as it is");
    bytes[at + 7] ^= 1;
    fs::write(&out, &bytes).expect("written");
    let problems: Vec<Problem> = check_bundle(&out, &Secrets::default())
        .into_iter()
        .map(|d| d.problem)
        .collect();
    let changed = |name: &str| Problem::TreeFileChanged { path: name.into() };
    assert_eq!(
        problems,
        vec![changed("jpp-1/web/360p.mp4"), changed("a.tar")]
    );
    // Cut short: no longer an archive.
    fs::write(&out, &bytes[..at + 10]).expect("written");
    let cut = check_bundle(&out, &Secrets::default());
    assert!(!cut.is_empty());
}

#[test]
fn edited_records_are_told_from_edited_files() {
    let tree = Tree::sound();
    tree.edit("manifest.json", |text| text.replace("Une ?", "Deux ?"));
    assert_eq!(
        tree.problems(),
        vec![Problem::TreeFileChanged {
            path: "manifest.json".into()
        }]
    );
    let tree = Tree::sound();
    tree.edit("SHA256SUMS", |text| text.replacen("  ", "   ", 1));
    assert_eq!(
        tree.problems(),
        vec![Problem::TreeFileChanged {
            path: "SHA256SUMS".into()
        }]
    );
    let tree = Tree::sound();
    tree.edit("manifest.json", |text| {
        text.replace("\"version\": 1,", "\"version\": 1, \"host\": \"x\",")
    });
    let found = tree.problems();
    assert!(
        found
            .iter()
            .any(|p| matches!(p, Problem::TreeManifestInvalid { error } if error.contains("host"))),
        "{found:?}"
    );
    fs::remove_file(tree.folder().join("manifest.json")).expect("removed");
    assert_eq!(
        tree.problems(),
        vec![Problem::TreeFileMissing {
            path: "manifest.json".into()
        }]
    );
}

#[test]
fn each_rule_of_playlists_is_found_broken() {
    let rung = "jpp-1/web/360p/playlist.m3u8";
    let keys = "jpp-1/web/360p/iframes.m3u8";
    let master = "jpp-1/web/master.m3u8";
    let cases = [
        (rung, "#EXTINF:0.280000", "#EXTINF:0.320000", "Σ EXTINF"),
        (
            rung,
            "#EXTINF:2.000000",
            "#EXTINF:7.000000",
            "EXTINF > EXT-X-TARGETDURATION",
        ),
        (rung, "#EXT-X-ENDLIST\n", "", "EXT-X-ENDLIST"),
        (rung, "VERSION:6", "VERSION:3", "EXT-X-VERSION"),
        (rung, ":VOD", ":EVENT", "EXT-X-PLAYLIST-TYPE"),
        (rung, "DURATION:6", "DURATION:5", "EXT-X-TARGETDURATION"),
        (rung, "init.mp4", "init2.mp4", "EXT-X-MAP init2.mp4"),
        (rung, "\n1-", "\n../../../1-", "URI ../../../1-"),
        (keys, ":200@0", ":301@0", "EXT-X-BYTERANGE:301@0 > 300"),
        (keys, "#EXT-X-BYTERANGE:200@0\n", "", "EXT-X-BYTERANGE"),
        (
            master,
            "AVERAGE-BANDWIDTH=",
            "AVERAGE-BANDWIDTH=9",
            "AVERAGE-BANDWIDTH",
        ),
        (master, ",FRAME-RATE=25.000", "", "FRAME-RATE"),
        (master, "AUDIO=\"audio\"", "AUDIO=\"other\"", "AUDIO"),
        (
            master,
            "360p/iframes",
            "361p/iframes",
            "URI 361p/iframes.m3u8",
        ),
        (
            master,
            "#EXT-X-INDEPENDENT-SEGMENTS\n",
            "",
            "EXT-X-INDEPENDENT-SEGMENTS",
        ),
    ];
    for (file, from, to, rule) in cases {
        // Targets that differ are the multivariant playlist's fault.
        let faulty = if to == "DURATION:5" { master } else { file };
        let found = published_with(file, from, to);
        let told = found.iter().any(|problem| {
            matches!(problem, Problem::TreeRuleBroken { path, rule: said }
                if path == faulty && said.starts_with(rule))
        });
        assert!(told, "{rule} after {from:?} → {to:?}: {found:?}");
    }
}

#[test]
fn traces_of_the_machine_and_of_clips_are_found() {
    let mut next = publication(&[("jpp-1", "Une ?")]);
    let text = |t: &str| Content::Bytes(t.as_bytes().to_vec());
    next.files.insert(
        path("a.html"),
        text("see <a href=\"/home/anne/x\"> and https://x.org/home/ and /var/lib"),
    );
    next.files
        .insert(path("jpp-1/a.mp4"), text("\u{1}\u{2}MVI_2041.MOV\u{3}"));
    let tree = Tree::of(next);
    let secrets = Secrets {
        source_names: vec!["MVI_2041.MOV".into(), "360p.mp4".into(), "a.m".into()],
    };
    let problems: Vec<Problem> = check_tree(&tree.folder(), &secrets)
        .into_iter()
        .map(|d| d.problem)
        .collect();
    let trace = |path: &str, what: &str| Problem::TreePrivacy {
        path: path.into(),
        what: what.into(),
    };
    assert_eq!(
        problems,
        vec![
            trace("a.html", "/home/"),
            trace("a.html", "/var/"),
            trace("jpp-1/a.mp4", "MVI_2041.MOV"),
        ]
    );
}

#[test]
fn a_clip_that_the_title_names_is_no_trace() {
    let secrets = Secrets {
        source_names: vec!["vp9_71.webm".into()],
    };
    let found = |title: &str| {
        let mut next = publication(&[("jpp-1", title)]);
        let page = Content::Bytes(b"<p>vp9_71.webm</p>".to_vec());
        next.files.insert(path("a.html"), page);
        let tree = Tree::of(next);
        check_tree(&tree.folder(), &secrets)
            .into_iter()
            .filter(|d| matches!(d.problem, Problem::TreePrivacy { .. }))
            .count()
    };
    assert_eq!(found("Que dire de « vp9_71.webm » ?"), 0);
    assert_eq!(found("La peur"), 1);
}

#[test]
fn a_public_tree_holds_no_draft_no_source_and_nobody_withdrawn() {
    let mut next = publication(&[("jpp-1", "Une ?")]);
    let capsule = &mut next.manifest.capsules[0];
    capsule.draft = true;
    capsule.toolchain = Some(BTreeMap::new());
    next.manifest.withdrawn.insert(id("jpp-1"));
    let problems = Tree::of(next).problems();
    assert_eq!(problems.len(), 3, "{problems:?}");
}
