//! Clips and captions: which files lie in `footage/`, `subtitles/` and
//! `publish-extra/`, and which row means which. Nothing is opened here.

use super::folder;
use super::names::{folded, is_left_by_system, nearest, nfc};
use crate::series::capsule::CaptionFile;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::ids::{Id, Language};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// Containers in which cameras, phones and editing programs save films.
const FILM: [&str; 31] = [
    "3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "m2t", "m2ts", "m4v", "mkv", "mod",
    "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "ogg", "ogm", "ogv", "qt", "rm", "tod", "ts",
    "vob", "webm", "wmv", "y4m",
];

/// What lies beside films and is none: thumbnails, notes, sound, captions.
const BESIDE: [&str; 22] = [
    "aac", "csv", "doc", "docx", "gif", "jpeg", "jpg", "json", "lrv", "m4a", "md", "mp3", "ods",
    "odt", "pdf", "png", "srt", "thm", "txt", "vtt", "wav", "xml",
];

/// More unused clips than this would hide the other findings.
const UNUSED_SAID: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// A link to a place outside the folder.
    Outside,
    /// A pipe, a socket or a device.
    Special,
    /// A folder that is called as a film is.
    Folder,
}

struct Found {
    /// Relative to `footage/`, NFC, with `/`.
    name: String,
    /// Relative to the series, as stored.
    path: PathBuf,
    kind: Kind,
}

impl Found {
    fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    fn has_extension(&self, known: &[&str]) -> bool {
        let extension = self.file_name().rsplit_once('.').map(|(_, e)| e);
        extension.is_some_and(|e| known.iter().any(|k| k.eq_ignore_ascii_case(e)))
    }
}

/// What lies in `footage/`, and which of it rows have asked for.
pub(super) struct Clips {
    found: Vec<Found>,
    used: RefCell<BTreeSet<PathBuf>>,
}

impl Clips {
    pub(super) fn list(series: &Path, problems: &mut Vec<Diagnostic>) -> Clips {
        Clips {
            found: walk(series, "footage", problems),
            used: RefCell::default(),
        }
    }

    /// The clip that the `source` column names: a path under `footage/`.
    pub(super) fn named(&self, written: &str) -> Result<PathBuf, Problem> {
        let slashed = nfc(&written.trim().replace('\\', "/"));
        let path = Path::new(&slashed);
        let leaves = |c: Component<'_>| !matches!(c, Component::Normal(_) | Component::CurDir);
        if path.components().any(leaves) {
            let path = written.to_owned();
            return Err(Problem::ClipOutsideFootage { path });
        }
        let tidy: Vec<&str> = slashed
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let tidy = tidy.join("/");
        // People copy the path as their file browser shows it.
        let inner = tidy.strip_prefix("footage/").unwrap_or(&tidy);
        let hit = self
            .found
            .iter()
            .find(|f| f.name == tidy)
            .or_else(|| self.found.iter().find(|f| f.name == inner));
        // The name alone, of clips in two folders: both are told.
        let same_name = || {
            self.found
                .iter()
                .filter(|f| f.kind == Kind::File && f.file_name() == inner)
        };
        match hit {
            Some(found) => self.take(found),
            None if same_name().count() > 1 => {
                let mut used = self.used.borrow_mut();
                used.extend(same_name().map(|f| f.path.clone()));
                let candidates = same_name().map(|f| f.name.clone()).collect();
                Err(Problem::ClipAmbiguous { candidates })
            }
            None => Err(Problem::ClipMissing {
                wanted: format!("footage/{inner}"),
                suggestion: self.near(inner),
            }),
        }
    }

    /// The one clip whose name without extension is the id.
    pub(super) fn of_id(&self, id: &Id) -> Result<PathBuf, Problem> {
        let same = || self.found.iter().filter(|f| f.stem() == id.as_str());
        let films: Vec<&Found> = same().filter(|f| f.has_extension(&FILM)).collect();
        // A folder is meant only where there is no film.
        let files: Vec<&Found> = films
            .iter()
            .copied()
            .filter(|f| f.kind != Kind::Folder)
            .collect();
        let films = if files.is_empty() { films } else { files };
        let candidates = match films.is_empty() {
            true => same().filter(|f| !f.has_extension(&BESIDE)).collect(),
            false => films,
        };
        match candidates.as_slice() {
            [only] => self.take(only),
            [] => Err(Problem::ClipMissing {
                wanted: format!("footage/{id}.*"),
                suggestion: self.near(id.as_str()),
            }),
            several => {
                // Named in two places is still used.
                for found in several {
                    self.used.borrow_mut().insert(found.path.clone());
                }
                let candidates = several.iter().map(|f| f.name.clone()).collect();
                Err(Problem::ClipAmbiguous { candidates })
            }
        }
    }

    fn take(&self, found: &Found) -> Result<PathBuf, Problem> {
        self.used.borrow_mut().insert(found.path.clone());
        let path = format!("footage/{}", found.name);
        match found.kind {
            Kind::File => Ok(found.path.clone()),
            Kind::Outside => Err(Problem::ClipOutsideFootage { path }),
            Kind::Special | Kind::Folder => Err(Problem::ClipNotAFile { path }),
        }
    }

    /// The file that was probably meant, as the `source` column would name it.
    fn near(&self, wanted: &str) -> Option<String> {
        let usable = || {
            self.found
                .iter()
                .filter(|f| f.kind == Kind::File && !f.has_extension(&BESIDE))
        };
        let last = wanted.rsplit('/').next().unwrap_or(wanted);
        let exact = |f: &&Found| {
            [f.name.as_str(), f.file_name(), f.stem()]
                .iter()
                .any(|name| [wanted, last].iter().any(|w| folded(w) == folded(name)))
        };
        if let Some(found) = usable().find(exact) {
            return Some(found.name.clone());
        }
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        let near = nearest(last, usable().map(Found::file_name))
            .or_else(|| nearest(stem, usable().map(Found::stem)))?;
        usable()
            .find(|f| f.file_name() == near || f.stem() == near)
            .map(|f| f.name.clone())
    }

    /// One note for each film that no row means, and one for how many more.
    pub(super) fn unused(&self, problems: &mut Vec<Diagnostic>) {
        let used = self.used.borrow();
        let mut unused = self
            .found
            .iter()
            .filter(|f| f.kind == Kind::File && f.has_extension(&FILM) && !used.contains(&f.path));
        for found in unused.by_ref().take(UNUSED_SAID) {
            let path = format!("footage/{}", found.name);
            let problem = Problem::ClipUnused { path: path.clone() };
            problems.push(Diagnostic::new(problem, Place::File { path }));
        }
        let count = unused.count();
        if count > 0 {
            problems.push(Diagnostic::new(
                Problem::MoreClipsUnused { count },
                Place::Series,
            ));
        }
    }
}

/// Everything below a folder, by name. A link counts as a file when it points
/// at one inside the folder; folders behind links are not entered, because
/// those inside are walked anyway.
fn walk(series: &Path, folder: &str, problems: &mut Vec<Diagnostic>) -> Vec<Found> {
    let root = series.join(folder);
    let Ok(real_root) = root.canonicalize() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let by_name = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !is_left_by_system(&entry.file_name().to_string_lossy())
    };
    // The root itself may be a link, to another disk for example.
    let walk = WalkDir::new(&real_root).sort_by_file_name().min_depth(1);
    for entry in walk.into_iter().filter_entry(by_name) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let shown = error
                    .path()
                    .and_then(|p| p.strip_prefix(&real_root).ok())
                    .map_or(folder.to_owned(), |p| format!("{folder}/{}", p.display()));
                let error = error
                    .into_io_error()
                    .unwrap_or_else(|| std::io::Error::other("a folder that contains itself"));
                problems.push(folder::unreadable(&shown, &error));
                continue;
            }
        };
        let Ok(relative) = entry.path().strip_prefix(&real_root) else {
            continue;
        };
        let kind = if entry.file_type().is_symlink() {
            match entry.path().canonicalize() {
                Ok(target) if !target.starts_with(&real_root) => Kind::Outside,
                Ok(target) if target.is_file() => Kind::File,
                _ => continue,
            }
        } else if entry.file_type().is_file() {
            Kind::File
        } else if entry.file_type().is_dir() {
            Kind::Folder
        } else {
            Kind::Special
        };
        let found = Found {
            name: nfc(&relative.to_string_lossy()),
            path: Path::new(folder).join(relative),
            kind,
        };
        if kind != Kind::Folder || found.has_extension(&FILM) {
            all.push(found);
        }
    }
    all
}

/// Files of `publish-extra/`, relative to it. Links that leave it are not
/// followed: they would publish what nobody put there.
pub(super) fn publish_extra(series: &Path, problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for found in walk(series, "publish-extra", problems) {
        let inner = found
            .path
            .strip_prefix("publish-extra")
            .map(Path::to_path_buf);
        match (found.kind, inner) {
            (Kind::File, Ok(inner)) => files.push(inner),
            (Kind::Folder, _) => {}
            _ => {
                let path = format!("publish-extra/{}", found.name);
                let place = Place::File { path };
                problems.push(Diagnostic::new(Problem::LinkOutside, place));
            }
        }
    }
    files.sort();
    files
}

/// Caption files by the id in their names.
pub(super) struct CaptionFiles {
    by_id: BTreeMap<Id, Vec<CaptionFile>>,
}

impl CaptionFiles {
    /// Lists `subtitles/`: `<id>.<lang>[.sdh].srt` or `.vtt`.
    pub(super) fn list(series: &Path, problems: &mut Vec<Diagnostic>) -> CaptionFiles {
        let mut by_id: BTreeMap<Id, Vec<CaptionFile>> = BTreeMap::new();
        for entry in folder::files(series, "subtitles", problems) {
            match caption_name(&entry.name) {
                Name::Caption { id, language, sdh } => {
                    by_id.entry(id).or_default().push(CaptionFile {
                        path: PathBuf::from(entry.path),
                        language,
                        sdh,
                    });
                }
                Name::Wrong => {
                    let place = Place::File { path: entry.path };
                    problems.push(Diagnostic::new(Problem::CaptionsMisnamed, place));
                }
                Name::Other => {}
            }
        }
        for files in by_id.values_mut() {
            files.sort_by(|a, b| (&a.language, a.sdh, &a.path).cmp(&(&b.language, b.sdh, &b.path)));
        }
        CaptionFiles { by_id }
    }

    /// The captions of a capsule, unless two files claim the same language.
    pub(super) fn of(&self, id: &Id) -> Result<Vec<CaptionFile>, Vec<(Problem, Place)>> {
        let files = self.by_id.get(id).cloned().unwrap_or_default();
        let mut problems = Vec::new();
        for pair in files.windows(2) {
            let same = |f: &CaptionFile| (f.language.as_str().to_lowercase(), f.sdh);
            if same(&pair[0]) == same(&pair[1]) {
                let shown = |f: &CaptionFile| f.path.to_string_lossy().into_owned();
                let problem = Problem::CaptionsTwice {
                    other: shown(&pair[0]),
                };
                let path = shown(&pair[1]);
                problems.push((problem, Place::File { path }));
            }
        }
        if problems.is_empty() {
            Ok(files)
        } else {
            Err(problems)
        }
    }

    /// Files whose id is in no row.
    pub(super) fn without_capsule(&self, known: &[&Id], problems: &mut Vec<Diagnostic>) {
        for (id, files) in &self.by_id {
            if known.contains(&id) {
                continue;
            }
            let near = nearest(id.as_str(), known.iter().map(|k| k.as_str()));
            for file in files {
                let problem = Problem::CaptionsWithoutCapsule {
                    suggestion: near.map(str::to_owned),
                };
                let path = file.path.to_string_lossy().into_owned();
                problems.push(Diagnostic::new(problem, Place::File { path }));
            }
        }
    }
}

enum Name {
    Caption {
        id: Id,
        language: Language,
        sdh: bool,
    },
    /// Captions by its extension, and not named as captions are.
    Wrong,
    Other,
}

fn caption_name(name: &str) -> Name {
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return Name::Other;
    };
    if !["srt", "vtt"].contains(&extension.to_lowercase().as_str()) {
        return Name::Other;
    }
    let parts: Vec<&str> = stem.split('.').collect();
    let (id, language, sdh) = match parts.as_slice() {
        [id, language] => (id, language, false),
        [id, language, sdh] if sdh.eq_ignore_ascii_case("sdh") => (id, language, true),
        _ => return Name::Wrong,
    };
    match (Id::new(id), Language::new(language)) {
        (Some(id), Some(language)) => Name::Caption { id, language, sdh },
        _ => Name::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<(String, String, bool)> {
        match caption_name(text) {
            Name::Caption { id, language, sdh } => {
                Some((id.to_string(), language.to_string(), sdh))
            }
            _ => None,
        }
    }

    #[test]
    fn captions_are_named_by_capsule_and_language() {
        let of = |id: &str, language: &str, sdh| Some((id.to_owned(), language.to_owned(), sdh));
        assert_eq!(name("jpp-12.fr.srt"), of("jpp-12", "fr", false));
        assert_eq!(name("jpp-12.fr-CA.sdh.VTT"), of("jpp-12", "fr-CA", true));
        assert_eq!(name("jpp-12.srt"), None);
        assert!(matches!(caption_name("jpp-12.srt"), Name::Wrong));
        assert!(matches!(caption_name("notes.txt"), Name::Other));
    }
}
