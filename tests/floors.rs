//! The house rules that the code itself can be asked about: imports only go
//! down, `unsafe` and printing stay where they belong, files stay readable.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Who may use whom: the table of ARCHITECTURE.md. The first entry whose
/// prefix fits a file counts; `values` may be used by all.
///
/// A room may always use itself. What is not listed here is a new room, and
/// the test asks for its floor.
const FLOORS: &[(&str, &[&str])] = &[
    // floor 0
    ("values", &[]),
    // floor 1: text to typed values
    ("captions", &[]),
    ("series", &["captions"]),
    // floor 2: pure planning
    ("plan", &["series", "captions"]),
    // floor 3: engines, ignorant of each other; the worker's child side alone
    // calls the media engines
    ("store", &["series", "captions", "plan"]),
    ("media", &["series", "captions", "plan"]),
    ("cards", &["series", "captions", "plan"]),
    (
        "worker/child",
        &["series", "captions", "plan", "media", "cards"],
    ),
    // what the child answers in is named by its protocol, and from there by all
    (
        "worker/protocol",
        &["series", "captions", "plan", "media", "cards"],
    ),
    ("worker", &["series", "captions", "plan"]),
    // floor 4: rendering prepares what publishing takes, never the other way
    (
        "render",
        &["series", "captions", "plan", "store", "worker", "publish"],
    ),
    (
        "publish",
        &["series", "captions", "plan", "store", "worker"],
    ),
    // floor 5: all below
    ("report", ALL),
    ("cli", ALL),
    ("pipeline", ALL),
    ("main", ALL),
    ("bin", ALL),
];

const ALL: &[&str] = &[
    "series", "captions", "plan", "store", "worker", "media", "cards", "render", "publish",
    "report", "cli", "pipeline",
];

/// What is wrong with one file, given its path below `src/`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.lines().count() > 700 {
        found.push(format!("{path}: more than 700 lines"));
    }
    if !text.starts_with("//!") && path != "main.rs" {
        found.push(format!(
            "{path}: does not begin with a `//!` that says what lives here"
        ));
    }
    let code = without_comments_and_strings(text);
    if path != "lib.rs" {
        match FLOORS.iter().find(|(room, _)| in_room(path, room)) {
            None => found.push(format!(
                "{path}: on no floor; give it one in tests/floors.rs"
            )),
            Some((room, may)) => {
                let own = room.split('/').next().unwrap_or(room);
                for used in rooms_used(&code, path) {
                    if used != own && used != "values" && !may.contains(&used.as_str()) {
                        found.push(format!("{path}: uses {used}, which {room} may not"));
                    }
                }
            }
        }
    }
    let words: Vec<&str> = words(&code).collect();
    let unsafe_here = in_room(path, "media") || in_room(path, "worker/sandbox");
    if !unsafe_here && words.contains(&"unsafe") {
        found.push(format!("{path}: unsafe outside media/ and worker/sandbox"));
    }
    let prints = ["println", "eprintln", "print", "eprint"];
    let printing_here = in_room(path, "report") || in_room(path, "cli");
    let is_macro = |w: &&str| prints.contains(w) && code.contains(&format!("{w}!"));
    if !printing_here && words.iter().any(is_macro) {
        found.push(format!("{path}: prints outside report/ and cli/"));
    }
    found
}

/// `worker/child` fits `worker/child.rs`, `worker/child_probe.rs` and
/// `worker/child/probe.rs`; `worker` fits `worker.rs` and `worker/pool.rs`,
/// not `workers.rs`.
fn in_room(path: &str, room: &str) -> bool {
    let Some(rest) = path.strip_prefix(room) else {
        return false;
    };
    rest.starts_with(['/', '.']) || (room.contains('/') && rest.starts_with('_'))
}

/// The top-level modules that a file names: after `crate::` (or the crate's own
/// name, as `main.rs` says), alone or in braces, and through `super::` when it
/// climbs to the top.
fn rooms_used(code: &str, path: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for root in ["crate", "portevoix"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            if let Some(rest) = code[at + root.len()..].trim_start().strip_prefix("::") {
                first_names(rest, &mut rooms);
            }
        }
    }
    // The module of `a/b.rs` is two below the crate, that of `a/mod.rs` one:
    // as many `super` as that reach the top.
    let depth = path
        .trim_end_matches(".rs")
        .split('/')
        .filter(|p| *p != "mod")
        .count();
    let compact: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    for (at, _) in compact.match_indices("super::") {
        if compact[..at].ends_with("super::") {
            continue; // counted from the first of the row
        }
        let rest = &compact[at..];
        // A file's tests are one module deeper, and stand at its end.
        let depth = depth + usize::from(compact[..at].contains("modtests{"));
        let climbed = rest
            .split("super::")
            .take_while(|part| part.is_empty())
            .count();
        if climbed >= depth {
            let mut names = BTreeSet::new();
            first_names(rest.trim_start_matches("super::"), &mut names);
            rooms.extend(
                names
                    .into_iter()
                    .filter(|name| ALL.contains(&name.as_str())),
            );
        }
    }
    rooms
}

/// The first name of a path, or of each path in a braced list.
fn first_names(rest: &str, rooms: &mut BTreeSet<String>) {
    let rest = rest.trim_start();
    let Some(list) = rest.strip_prefix('{') else {
        rooms.extend(
            words(rest)
                .next()
                .filter(|_| rest.starts_with(is_word))
                .map(str::to_owned),
        );
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                rooms.extend(words(&list[start..at]).next().map(str::to_owned));
                start = at + 1;
                if c == '}' {
                    return;
                }
            }
            _ => {}
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !is_word(c)).filter(|w| !w.is_empty())
}

/// Code with comments, strings and character literals blanked out.
fn without_comments_and_strings(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string(rest).filter(|_| !out.ends_with(is_word)) {
            let open = rest.find('"').unwrap_or(0) + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            rest[open..]
                .find(&close)
                .map_or(rest.len(), |end| open + end + close.len())
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            0
        };
        if skipped > 0 {
            out.push(' ');
            rest = &rest[skipped..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// The number of `#` of a raw string that starts here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let body = after.trim_start_matches('#');
    body.starts_with('"').then(|| after.len() - body.len())
}

/// `'a'` and `'\n'` are characters, `'a` in `&'a str` is a lifetime.
fn is_character(rest: &str) -> bool {
    let mut after = rest.chars().skip(1);
    let (first, second) = (after.next(), after.next());
    first == Some('\\') || (first.is_some() && second == Some('\''))
}

/// Length of a quoted literal, its quotes included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn the_code_keeps_to_its_floors() {
    let src = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    files.sort();
    let mut found = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&src).expect("below src");
        let path = inside.to_string_lossy().replace('\\', "/");
        found.extend(violations(
            &path,
            &std::fs::read_to_string(file).expect("readable"),
        ));
    }
    assert!(files.len() > 10, "the sources were found");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn planted_violations_are_found() {
    for (path, code, expected) in [
        ("plan/keys.rs", "use crate::store::Store;", "uses store"),
        (
            "values/time.rs",
            "use crate::{values::ids, series::Series};",
            "uses series",
        ),
        (
            "series/mod.rs",
            "fn f() -> crate::plan::Plan { todo() }",
            "uses plan",
        ),
        ("store/mod.rs", "use crate::worker::pool;", "uses worker"),
        (
            "worker/pool.rs",
            "use crate :: media::Decoder;",
            "uses media",
        ),
        (
            "render/mod.rs",
            "use crate::{\n    plan::Job,\n    cards::{self, Card},\n};",
            "uses cards",
        ),
        (
            "render/still.rs",
            "use super::super::media::Frame;",
            "uses media",
        ),
        (
            "captions/mod.rs",
            "use super::series::Series;",
            "uses series",
        ),
        ("publish/page.rs", "pub use crate::report;", "uses report"),
        ("engine/mod.rs", "", "on no floor"),
        ("workers.rs", "", "on no floor"),
        ("publish/mod.rs", "use crate::render::Still;", "uses render"),
        ("plan/mod.rs", "unsafe { f() }", "unsafe outside"),
        (
            "worker/pool.rs",
            "fn f() { unsafe { g() } }",
            "unsafe outside",
        ),
        (
            "plan/mod.rs",
            "fn f() { println!(\"x\") }",
            "prints outside",
        ),
        (
            "main.rs",
            "fn f() { std::eprint!(\"x\") }",
            "prints outside",
        ),
    ] {
        let found = violations(path, &format!("//! What lives here.\n{code}\n"));
        assert_eq!(found.len(), 1, "{path}: {code}: {found:?}");
        assert!(found[0].contains(expected), "{found:?}");
    }
    let long = format!("//! Long.\n{}", "\n".repeat(700));
    assert_eq!(
        violations("plan/mod.rs", &long),
        ["plan/mod.rs: more than 700 lines"]
    );
    let bare = violations("plan/mod.rs", "use std::fmt;\n");
    assert!(bare.len() == 1 && bare[0].contains("//!"), "{bare:?}");
}

#[test]
fn what_is_allowed_is_not_reported() {
    for (path, code) in [
        (
            "plan/keys.rs",
            "use crate::series::Series;\nuse crate::{values::time::Rational, plan::Job};",
        ),
        (
            "worker/child.rs",
            "use crate::media::Decoder;\nuse crate::cards::Card;",
        ),
        ("worker/child_probe.rs", "use crate::media::Decoder;"),
        (
            "worker/child/probe.rs",
            "use crate::media::Decoder; use super::super::pool;",
        ),
        ("worker/sandbox_calls.rs", "fn f() { unsafe { g() } }"),
        ("media/decode.rs", "fn f() { unsafe { g() } }"),
        (
            "series/load.rs",
            "use super::capsule; mod tests { use super::super::capsule::*; }",
        ),
        (
            "plan/mod.rs",
            "// use crate::store::Store; unsafe\n/* println!() */ const S: &str = \"crate::store unsafe println!\";",
        ),
        (
            "plan/mod.rs",
            "const R: &str = r#\"crate::store \" unsafe\"#; const Q: char = '\"'; fn f<'a>(x: &'a str) {}",
        ),
        (
            "report/mod.rs",
            "use crate::publish; fn f() { println!(\"x\") }",
        ),
        ("main.rs", "use portevoix::cli;"),
        (
            "plan/mod.rs",
            "struct Blueprint; fn print() {} use other_crate::store;",
        ),
    ] {
        let found = violations(path, &format!("//! What lives here.\n{code}\n"));
        assert!(found.is_empty(), "{found:?}");
    }
}
