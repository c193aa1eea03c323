//! Publishing, interrupted at every step.

use super::super::sample::{capsule_files, id, path, publication};
use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::time::{Duration, SystemTime};

fn all_files(dist: &Path) -> BTreeMap<String, Vec<u8>> {
    let tree = dist.join("public");
    walkdir::WalkDir::new(&tree)
        .into_iter()
        .map(|entry| entry.expect("readable"))
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(&tree).expect("inside");
            let bytes = fs::read(entry.path()).expect("readable");
            (name.to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

/// Inode and modification time of every file: both move when one is rewritten.
fn identities(dist: &Path) -> BTreeMap<String, (u64, i64, i64)> {
    all_files(dist)
        .into_keys()
        .map(|name| {
            let meta = fs::metadata(dist.join("public").join(&name)).expect("there");
            (name, (meta.ino(), meta.mtime(), meta.mtime_nsec()))
        })
        .collect()
}

/// What must hold at every moment: the manifest and the pages name only
/// files that are there, and so does every playlist.
fn assert_nothing_named_is_missing(dist: &Path) {
    let files = all_files(dist);
    if let Some(text) = files.get("manifest.json") {
        let text = std::str::from_utf8(text).expect("UTF-8");
        for file in Manifest::parse(text).expect("valid").files {
            assert!(
                files.contains_key(file.path.as_str()),
                "manifest: {}",
                file.path
            );
        }
    }
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let resolve = |uri: &str| format!("{folder}/{uri}").trim_start_matches('/').to_owned();
        let named: Vec<String> = if name.ends_with(".m3u8") {
            let lines = text
                .lines()
                .filter(|l| !l.is_empty() && !l.starts_with('#'));
            let quoted = text.split("URI=\"").skip(1);
            let quoted = quoted.map(|rest| rest.split('"').next().unwrap_or_default());
            lines.chain(quoted).map(resolve).collect()
        } else if name.ends_with(".html") {
            // The pages of a capsule name each other and the gallery: the one
            // that leads to them comes last.
            let mut named = super::super::page_rules::local(name, &text);
            named.retain(|target| name == "index.html" || !target.ends_with(".html"));
            named
        } else {
            continue;
        };
        for target in named {
            assert!(files.contains_key(&target), "{name} names {target}");
        }
    }
}

fn dist() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn published(dist: &Path, capsules: &[(&str, &str)]) -> Outcome {
    publish(dist, publication(capsules)).expect("published")
}

#[test]
fn publishing_twice_touches_nothing() {
    let dist = dist();
    let first = published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    assert_eq!(first.unchanged, 0);
    assert_nothing_named_is_missing(dist.path());
    let before = identities(dist.path());
    let second = published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    assert_eq!((second.placed, second.removed), (vec![], vec![]));
    assert_eq!(second.unchanged, first.placed.len());
    assert_eq!(identities(dist.path()), before);
    assert!(!dist.path().join(".staging-public").exists());
}

#[test]
fn media_come_first_and_sums_last() {
    let dist = dist();
    let placed = published(dist.path(), &[("jpp-1", "Une ?")]).placed;
    let turns: Vec<Turn> = placed.iter().map(Turn::of).collect();
    assert!(turns.is_sorted());
    assert_eq!(turns.last(), Some(&Turn::Sums));
    assert!(turns.contains(&Turn::Media) && turns.contains(&Turn::Page));
}

#[test]
fn a_change_touches_its_own_files_and_equals_a_cold_publication() {
    let (warm, cold) = (dist(), dist());
    published(warm.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    let before = identities(warm.path());
    let outcome = published(warm.path(), &[("jpp-1", "Une !"), ("jpp-2", "Deux ?")]);
    let after = identities(warm.path());
    for (name, identity) in &before {
        if name.starts_with("jpp-2/") || name.starts_with("assets/") {
            assert_eq!(after.get(name), Some(identity), "{name}");
        }
    }
    // Segments carry their digest: the former ones are deleted.
    assert!(outcome.removed.iter().any(|p| p.extension() == "m4s"));
    published(cold.path(), &[("jpp-1", "Une !"), ("jpp-2", "Deux ?")]);
    assert_eq!(all_files(warm.path()), all_files(cold.path()));
}

#[test]
fn a_capsule_that_leaves_takes_its_files_and_folders_with_it_and_nothing_else() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    let tree = dist.path().join("public");
    fs::write(tree.join("google-site.html"), "mine").expect("written");
    fs::write(tree.join("jpp-1/web/notes.txt"), "mine").expect("written");
    published(dist.path(), &[]);
    assert!(!tree.join("jpp-2").exists());
    assert!(tree.join("google-site.html").exists());
    let left: Vec<String> = all_files(dist.path())
        .into_keys()
        .filter(|name| name.starts_with("jpp-"))
        .collect();
    assert_eq!(left, ["jpp-1/web/notes.txt"]);
}

#[test]
fn a_capsule_that_failed_keeps_its_former_publication() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    let before = identities(dist.path());
    let previous = read_manifest(dist.path(), Audience::Public)
        .expect("read")
        .expect("there");
    let mut next = publication(&[("jpp-2", "Deux, autrement ?")]);
    let (entry, files) = carry_over(dist.path(), &previous, &id("jpp-1"))
        .expect("read")
        .expect("whole");
    next.manifest.capsules.insert(0, entry);
    next.files.extend(files);
    publish(dist.path(), next).expect("published");
    let after = identities(dist.path());
    for (name, identity) in before.iter().filter(|(n, _)| n.starts_with("jpp-1/")) {
        assert_eq!(after.get(name), Some(identity), "{name}");
    }
    assert_nothing_named_is_missing(dist.path());

    // With a file of it gone, there is no former publication to keep.
    fs::remove_file(dist.path().join("public/jpp-1/poster.jpg")).expect("removed");
    let carried = carry_over(dist.path(), &previous, &id("jpp-1")).expect("read");
    assert!(carried.is_none());
    assert!(matches!(
        carry_over(dist.path(), &previous, &id("jpp-7")),
        Ok(None)
    ));
}

/// Every moment at which a publication may be killed: before the journal the
/// tree is as it was, after it the steps are finished by the next call.
#[test]
fn a_kill_at_any_step_shows_no_half_capsule_and_is_mended() {
    let old = [("jpp-1", "Une ?"), ("jpp-2", "Deux ?")];
    let new = [("jpp-1", "Une !"), ("jpp-3", "Trois ?")];
    let cold = dist();
    published(cold.path(), &new);
    let expected = all_files(cold.path());
    let prepare = || {
        let dist = dist();
        published(dist.path(), &old);
        let before = all_files(dist.path());
        let tree = Folder::open(dist.path(), "public")
            .expect("opened")
            .expect("there");
        let former = former_files(&tree).expect("read");
        let files = complete(&tree, publication(&new)).expect("completed");
        let changes = changes(&tree, &former, files).expect("worked out");
        let staged = stage(dist.path(), Audience::Public, &changes).expect("staged");
        assert_eq!(all_files(dist.path()), before, "staging touches nothing");
        (dist, tree, staged, before)
    };
    let (dist, tree, (staging, journal), before) = prepare();
    let steps = journal.steps();
    assert!(steps.len() > 20, "the example has real steps");
    for step in &steps {
        step.perform(&tree, &staging)
            .expect("done")
            .expect("reached");
        for (name, bytes) in all_files(dist.path()) {
            let whole = before.get(&name) == Some(&bytes) || expected.get(&name) == Some(&bytes);
            assert!(whole, "{name} is neither old nor new after {step:?}");
        }
        assert_nothing_named_is_missing(dist.path());
    }
    assert_eq!(all_files(dist.path()), expected);

    // The next run finishes it, even if it wants nothing new itself.
    for stopped_after in (0..steps.len()).step_by(11).chain([steps.len()]) {
        let (dist, tree, (staging, journal), _) = prepare();
        for step in journal.steps().iter().take(stopped_after) {
            step.perform(&tree, &staging)
                .expect("done")
                .expect("reached");
        }
        recover(dist.path(), Audience::Public).expect("recovered");
        assert_eq!(
            all_files(dist.path()),
            expected,
            "after {stopped_after} steps"
        );
        assert!(!dist.path().join(".staging-public").exists());
    }
}

#[test]
fn a_kill_while_staging_leaves_no_trace() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?")]);
    let before = identities(dist.path());
    let staging = Staging::begin(dist.path(), Audience::Public).expect("begun");
    staging
        .write("0", b"half a fi", &path("x"))
        .expect("staged");
    drop(staging);
    recover(dist.path(), Audience::Public).expect("recovered");
    assert_eq!(identities(dist.path()), before);
    assert!(!dist.path().join(".staging-public").exists());
}

#[test]
fn a_failure_while_staging_leaves_the_tree_and_the_disk_as_they_were() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?")]);
    let before = identities(dist.path());
    let mut next = publication(&[("jpp-1", "Une !")]);
    let gone = Content::File {
        path: dist.path().join("no-such-file"),
        bytes: 3,
        sha256: Sha256::of(b"abc"),
    };
    next.files.insert(path("jpp-1/web/720p.mp4"), gone);
    let failure = publish(dist.path(), next).expect_err("nothing to publish from");
    assert!(
        matches!(&failure, Failure::Io { path, .. } if path.ends_with("public/jpp-1/web/720p.mp4")),
        "{failure:?}"
    );
    assert_eq!(identities(dist.path()), before);
    assert!(!dist.path().join(".staging-public").exists());
}

#[test]
fn finished_files_are_linked_and_their_bytes_are_counted() {
    let dist = dist();
    let made = dist.path().join("made.mp4");
    fs::write(&made, b"a film").expect("written");
    fs::set_permissions(&made, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("changed");
    let with = |bytes: u64, sha256| {
        let mut next = publication(&[]);
        let path_to = made.clone();
        let content = Content::File {
            path: path_to,
            bytes,
            sha256,
        };
        next.files.insert(path("jpp-1/screening.mp4"), content);
        next
    };
    let right = with(6, Sha256::of(b"a film"));
    for audience in [Audience::Public, Audience::Group] {
        let mut next = right.clone();
        next.manifest.audience = audience;
        publish(dist.path(), next).expect("published");
    }
    let meta = |tree: &str| {
        fs::metadata(dist.path().join(tree).join("jpp-1/screening.mp4")).expect("published")
    };
    // One file on the disk, readable by a web server where the umask allows.
    assert_eq!(meta("public").ino(), meta("group").ino());
    let page = fs::metadata(dist.path().join("public/index.html")).expect("there");
    assert_eq!(meta("public").mode() & 0o444, page.mode() & 0o444);
    // Unchanged by the record of the last manifest: not linked again.
    let again = publish(dist.path(), right).expect("published");
    assert_eq!(again.placed, vec![]);

    let short = publish(dist.path(), with(7, Sha256::of(b"a film.")));
    assert!(matches!(short, Err(Failure::Io { .. })), "{short:?}");
}

#[test]
fn links_in_the_tree_are_never_followed() {
    let (dist, home) = (dist(), dist());
    let victim = home.path().join("victim.txt");
    fs::write(&victim, "precious").expect("written");
    let tree = dist.path().join("public");
    fs::create_dir(&tree).expect("made");

    // Where a folder belongs: refused before anything is written.
    symlink(home.path(), tree.join("jpp-1")).expect("linked");
    let refused = publish(dist.path(), publication(&[("jpp-1", "Une ?")]));
    assert!(
        matches!(&refused, Err(Failure::InTheWay { path }) if path.ends_with("public/jpp-1")),
        "{refused:?}"
    );
    assert_eq!(all_files(dist.path()).len(), 0);
    fs::remove_file(tree.join("jpp-1")).expect("removed");

    // Where a file belongs: the link is replaced, its target is not touched.
    symlink(&victim, tree.join("index.html")).expect("linked");
    published(dist.path(), &[("jpp-1", "Une ?")]);
    assert!(!tree.join("index.html").is_symlink());

    // Where something is deleted: nothing behind the link is.
    fs::rename(tree.join("jpp-1/web"), home.path().join("web")).expect("moved");
    symlink(home.path().join("web"), tree.join("jpp-1/web")).expect("linked");
    let removed = publish(dist.path(), publication(&[]));
    assert!(
        matches!(removed, Err(Failure::InTheWay { .. })),
        "{removed:?}"
    );
    assert!(home.path().join("web/360p.mp4").exists());
    assert_eq!(fs::read_to_string(&victim).expect("there"), "precious");
    assert!(!tree.join("jpp-1/poster.jpg").exists());

    // A tree or a staging folder that is a link is not ours.
    symlink(home.path(), dist.path().join("group")).expect("linked");
    let mut group = publication(&[]);
    group.manifest.audience = Audience::Group;
    assert!(matches!(
        publish(dist.path(), group),
        Err(Failure::InTheWay { .. })
    ));
    symlink(home.path(), dist.path().join(".staging-public")).expect("linked");
    recover(dist.path(), Audience::Public).expect("the link is removed");
    assert!(victim.exists() && !dist.path().join(".staging-public").is_symlink());
}

#[test]
fn a_file_where_a_folder_belongs_is_refused_before_anything_changes() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?")]);
    let before = identities(dist.path());
    let mut next = publication(&[("jpp-1", "Une !"), ("jpp-2", "Deux ?")]);
    next.files
        .insert(path("jpp-2/web"), Content::Bytes(b"no folder".to_vec()));
    let refused = publish(dist.path(), next);
    assert!(
        matches!(refused, Err(Failure::InTheWay { .. })),
        "{refused:?}"
    );
    assert_eq!(identities(dist.path()), before);
}

#[test]
fn unpublishing_takes_a_capsule_out_of_everything_at_once() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    let before = identities(dist.path());
    let gone = BTreeSet::from([id("jpp-1")]);
    let outcome = unpublish(dist.path(), Audience::Public, &gone, &gone).expect("unpublished");
    // Two pages and two transcripts beside the files that it came with.
    let published = capsule_files("jpp-1", "Une ?").len() + 4;
    assert_eq!(outcome.removed.len(), published);
    let files = all_files(dist.path());
    assert!(!dist.path().join("public/jpp-1").exists());
    for name in ["index.html", "feed.xml", "sitemap.xml", "SHA256SUMS"] {
        let text = String::from_utf8_lossy(&files[name]);
        assert!(!text.contains("jpp-1") && text.contains("jpp-2"), "{name}");
    }
    let manifest = read_manifest(dist.path(), Audience::Public)
        .expect("read")
        .expect("there");
    assert_eq!(manifest.withdrawn, gone);
    assert!(manifest.capsule(&id("jpp-1")).is_none());
    let after = identities(dist.path());
    for (name, identity) in before.iter().filter(|(n, _)| n.starts_with("jpp-2/")) {
        assert_eq!(after.get(name), Some(identity), "{name}");
    }
    assert_nothing_named_is_missing(dist.path());
    // Asked again, or of a tree that does not exist: nothing to do.
    for audience in [Audience::Public, Audience::Group] {
        let again = unpublish(dist.path(), audience, &gone, &gone).expect("nothing to do");
        assert_eq!(again, Outcome::default());
    }
}

#[test]
fn unpublishing_works_on_a_tree_that_somebody_damaged() {
    let dist = dist();
    let tree = dist.path().join("public");
    published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    let gone = BTreeSet::from([id("jpp-1")]);
    // A file of another capsule is missing: no reason to keep this one.
    fs::remove_file(tree.join("jpp-2/poster.jpg")).expect("removed");
    unpublish(dist.path(), Audience::Public, &gone, &gone).expect("unpublished");
    assert!(!tree.join("jpp-1").exists());

    // The manifest is unreadable: the sums still name the files.
    published(dist.path(), &[("jpp-1", "Une ?"), ("jpp-2", "Deux ?")]);
    fs::write(tree.join("manifest.json"), "{").expect("damaged");
    let said = unpublish(dist.path(), Audience::Public, &gone, &gone);
    assert!(matches!(said, Err(Failure::BadManifest { .. })), "{said:?}");
    assert!(!tree.join("jpp-1").exists());
    // And the next publication mends the rest.
    published(dist.path(), &[("jpp-2", "Deux ?")]);
    assert_nothing_named_is_missing(dist.path());
}

#[test]
fn files_of_the_user_stand_where_he_put_them() {
    let dist = dist();
    let mut next = publication(&[("jpp-1", "Une ?")]);
    let own = |text: &str| Content::Bytes(text.as_bytes().to_vec());
    next.files
        .insert(path(".htaccess"), own("Options -Indexes\n"));
    next.files.insert(path("index.html"), own("<p>mine"));
    // Our records cannot be replaced.
    next.files.insert(path("SHA256SUMS"), own("lies"));
    publish(dist.path(), next).expect("published");
    let files = all_files(dist.path());
    assert_eq!(files["index.html"], b"<p>mine");
    let sums = sums::parse(&String::from_utf8_lossy(&files["SHA256SUMS"])).expect("sums");
    assert_eq!(sums.len(), files.len() - 1);
    for (name, sum) in sums {
        assert_eq!(Sha256::of(&files[name.as_str()]), sum, "{name}");
    }
}

#[test]
fn an_unchanged_file_keeps_even_an_old_date() {
    let dist = dist();
    published(dist.path(), &[("jpp-1", "Une ?")]);
    let page = dist.path().join("public/index.html");
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let file = fs::File::options().write(true).open(&page).expect("opened");
    file.set_modified(old).expect("dated");
    published(dist.path(), &[("jpp-1", "Une ?")]);
    let date = fs::metadata(&page)
        .and_then(|m| m.modified())
        .expect("dated");
    assert_eq!(date, old);
}
