//! One row of the catalogue: cells → capsule, and every mistake with its cell.

use super::columns::Columns;
use super::footage::{CaptionFiles, Clips};
use super::names::{folded, id_like, nearest};
use super::profiles::Profiles;
use super::sheet::{Cell, Row};
use super::speakers;
use super::written::{order, parse_date, parse_range, parse_time, time_of_milliseconds};
use crate::series::capsule::{Capsule, Status, WrittenRange};
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Place, Problem, Severity};
use crate::values::ids::{Id, Language};
use crate::values::time::{Date, WrittenTime};
use crate::values::typography;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

/// What the rest of the series gives to every row.
pub(super) struct Defaults<'a> {
    pub audience: Audience,
    pub language: Language,
    /// `None` where the series' own list is wrong: then a row needs its own.
    pub profiles: Option<Vec<Id>>,
    pub known: &'a Profiles,
    pub clips: &'a Clips,
    pub captions: &'a CaptionFiles,
}

/// What a row gave: a capsule only where nothing in it is wrong.
pub(super) struct ReadRow {
    pub number: usize,
    pub id: Option<Id>,
    pub id_place: Place,
    pub capsule: Option<Capsule>,
    /// Who may see what is published of it, as far as the row can be read.
    pub reach: Audience,
}

/// A row that is being read.
pub(super) struct Reading<'a> {
    columns: &'a Columns,
    row: &'a Row,
    problems: Vec<(Problem, Place)>,
}

impl Reading<'_> {
    pub(super) fn cell(&self, column: &str) -> &Cell {
        self.columns.cell(column, &self.row.cells)
    }

    fn place(&self, column: &str) -> Place {
        self.columns
            .cell_place(column, self.row.number)
            .unwrap_or(Place::Series)
    }

    pub(super) fn note(&mut self, column: &str, problem: Problem) {
        let place = self.place(column);
        self.problems.push((problem, place));
    }

    /// What a cell says as text; a formula that failed says nothing.
    pub(super) fn text(&mut self, column: &str) -> Option<String> {
        match self.cell(column) {
            Cell::Empty => None,
            Cell::Failed(error) => {
                let found = error.clone();
                self.note(column, Problem::FailedFormula { found });
                None
            }
            cell => Some(cell.shown()),
        }
    }

    fn time(&mut self, column: &str) -> Option<WrittenTime> {
        let time = match self.cell(column) {
            Cell::Empty => return None,
            Cell::Text(text) => parse_time(text),
            Cell::Time(ms) => time_of_milliseconds(*ms),
            _ => None,
        };
        let found = self.text(column)?;
        if time.is_none() {
            self.note(column, Problem::BadTime { found });
        }
        time
    }

    fn date(&mut self, column: &str) -> Option<Date> {
        let date = match self.cell(column) {
            Cell::Empty => return None,
            Cell::Text(text) => parse_date(text),
            Cell::Date(date) => Some(*date),
            _ => None,
        };
        let found = self.text(column)?;
        if date.is_none() {
            self.note(column, Problem::BadDate { found });
        }
        date
    }
}

pub(super) fn read_row(
    columns: &Columns,
    row: &Row,
    defaults: &Defaults<'_>,
    found: &mut Vec<Diagnostic>,
) -> ReadRow {
    let mut reading = Reading {
        columns,
        row,
        problems: Vec::new(),
    };
    let id = read_id(&mut reading);
    let status = read_status(&mut reading);
    // What is suspended or withdrawn is unpublished whatever else its row
    // says, so its other cells may be unfinished or wrong.
    let hidden = matches!(status, Some(Status::Off | Status::Withdrawn));
    let sound_so_far = reading.problems.len();
    let beyond = columns.beyond(row);
    let is_cut = beyond.is_some();
    if let Some(found) = beyond {
        let problem = Problem::CellsBeyondHeaders { found };
        let place = columns.row_place(row.number);
        reading.problems.push((problem, place));
    }
    let capsule = id.as_ref().and_then(|id| {
        let status = status.unwrap_or(Status::Ready);
        read_capsule(&mut reading, id, status, defaults)
    });
    if id.is_none() {
        // The other cells are read all the same, for their mistakes.
        let stand_in = Id::new("x").expect("x is an id");
        read_cells(&mut reading, &stand_in, Status::Ready, defaults);
        for column in TEXTS {
            reading.text(column);
        }
    }
    if hidden {
        reading.problems.truncate(sound_so_far);
    }
    let sound = reading
        .problems
        .iter()
        .all(|(problem, _)| problem.severity() < Severity::Error);
    let id_place = reading.place("id");
    // Behind a text that was cut in two, no cell says what its header asks.
    let reach = match is_cut {
        true => Audience::Private,
        false => reach(&reading, status, defaults),
    };
    found.extend(
        reading
            .problems
            .into_iter()
            .map(|(problem, place)| Diagnostic {
                problem,
                place,
                capsule: id.clone(),
            }),
    );
    ReadRow {
        number: row.number,
        id,
        id_place,
        capsule: capsule.filter(|_| sound),
        reach,
    }
}

/// A row with a mistake keeps its former publication, but only where the row
/// still allows it: what cannot be read must not keep anything in sight.
fn reach(reading: &Reading<'_>, status: Option<Status>, defaults: &Defaults<'_>) -> Audience {
    let said = reading.cell("audience").shown();
    let audience = match (status, said.trim()) {
        (Some(Status::Ready), "") => defaults.audience,
        (Some(Status::Ready), said) => word(said, AUDIENCES).unwrap_or(Audience::Private),
        _ => Audience::Private,
    };
    audience.max(defaults.audience)
}

fn read_id(reading: &mut Reading<'_>) -> Option<Id> {
    // A spreadsheet that made a date of "1-2" does not say what was typed.
    let turned = matches!(
        reading.cell("id"),
        Cell::Date(_) | Cell::Time(_) | Cell::Moment(_)
    );
    let failed = matches!(reading.cell("id"), Cell::Failed(_));
    let Some(text) = reading.text("id") else {
        if !failed {
            let column = "id".to_owned();
            reading.note("id", Problem::EmptyCell { column });
        }
        return None;
    };
    let id = Id::new(&text).filter(|_| !turned);
    if id.is_none() {
        let problem = match turned {
            true => Problem::TextTurnedDate { found: text },
            false => Problem::BadId {
                suggestion: id_like(&text),
                found: text,
            },
        };
        reading.note("id", problem);
    }
    id
}

/// English and French words; feminine too, because a capsule is.
const STATUSES: [(&str, Status); 10] = [
    ("prêt", Status::Ready),
    ("prête", Status::Ready),
    ("ready", Status::Ready),
    ("brouillon", Status::Draft),
    ("draft", Status::Draft),
    ("suspendu", Status::Off),
    ("suspendue", Status::Off),
    ("off", Status::Off),
    ("retiré", Status::Withdrawn),
    ("retirée", Status::Withdrawn),
];

fn read_status(reading: &mut Reading<'_>) -> Option<Status> {
    let Some(text) = reading.text("status") else {
        return Some(Status::Ready);
    };
    let words = STATUSES
        .into_iter()
        .chain([("withdrawn", Status::Withdrawn)]);
    let status = word(&text, words.clone());
    if status.is_none() {
        let suggestion = nearest(&text, words.map(|(word, _)| word)).map(str::to_owned);
        let found = text;
        reading.note("status", Problem::BadStatus { found, suggestion });
    }
    status
}

const AUDIENCES: [(&str, Audience); 12] = [
    ("tout public", Audience::Public),
    ("public", Audience::Public),
    ("professionnels", Audience::Professionals),
    ("professionnel", Audience::Professionals),
    ("professionals", Audience::Professionals),
    ("professional", Audience::Professionals),
    ("groupe", Audience::Group),
    ("group", Audience::Group),
    ("privé", Audience::Private),
    ("privée", Audience::Private),
    ("privee", Audience::Private),
    ("private", Audience::Private),
];

fn read_audience(reading: &mut Reading<'_>) -> Option<Audience> {
    let text = reading.text("audience")?;
    let audience = word(&text, AUDIENCES);
    if audience.is_none() {
        let words = AUDIENCES.iter().map(|(word, _)| *word);
        let suggestion = nearest(&text, words).map(str::to_owned);
        let found = text;
        reading.note("audience", Problem::BadAudience { found, suggestion });
    }
    audience
}

fn word<T>(text: &str, words: impl IntoIterator<Item = (&'static str, T)>) -> Option<T> {
    let wanted = folded(text);
    words
        .into_iter()
        .find(|(word, _)| folded(word) == wanted)
        .map(|(_, value)| value)
}

/// Columns of which any text is right.
const TEXTS: [&str; 6] = [
    "theme",
    "speaker",
    "role",
    "structure",
    "contact",
    "description",
];

/// The cells whose reading can fail, but id and status.
struct Cells {
    clip: Option<std::path::PathBuf>,
    title: Option<String>,
    audience: Option<Audience>,
    language: Language,
    keep: Vec<WrittenRange>,
    poster: Option<WrittenTime>,
    published: Option<Date>,
    profiles: Option<Vec<Id>>,
}

fn read_cells(
    reading: &mut Reading<'_>,
    id: &Id,
    status: Status,
    defaults: &Defaults<'_>,
) -> Cells {
    let title = reading.text("title");
    if title.is_none() && !matches!(reading.cell("title"), Cell::Failed(_)) {
        let column = "title".to_owned();
        reading.note("title", Problem::EmptyCell { column });
    }
    // Without an id and without a file there is no clip to look for.
    let readable_id = Id::new(&reading.cell("id").shown()).is_some();
    let source = reading.text("source");
    let hidden = matches!(status, Status::Off | Status::Withdrawn);
    let clip = match (&source, readable_id) {
        (Some(source), _) => Some(defaults.clips.named(source)),
        (None, true) => Some(defaults.clips.of_id(id)),
        (None, false) => None,
    };
    let clip = match clip {
        Some(Ok(clip)) => Some(clip),
        Some(Err(_)) if hidden => None,
        Some(Err(problem)) => {
            let column = if source.is_some() { "source" } else { "id" };
            reading.note(column, problem);
            None
        }
        None => None,
    };
    let audience = read_audience(reading);
    let language = read_language(reading).unwrap_or_else(|| defaults.language.clone());
    let keep = read_cut(reading);
    Cells {
        clip,
        title,
        audience,
        language,
        keep,
        poster: reading.time("poster"),
        published: reading.date("published"),
        profiles: read_profiles(reading, defaults),
    }
}

fn read_capsule(
    reading: &mut Reading<'_>,
    id: &Id,
    status: Status,
    defaults: &Defaults<'_>,
) -> Option<Capsule> {
    let cells = read_cells(reading, id, status, defaults);
    let hidden = matches!(status, Status::Off | Status::Withdrawn);
    let captions = match defaults.captions.of(id) {
        Ok(files) => files,
        Err(problems) => {
            reading.problems.extend(problems);
            Vec::new()
        }
    };
    let mut extra = BTreeMap::new();
    for (name, cell) in reading.columns.extra(&reading.row.cells) {
        extra.insert(name, cell.shown());
    }
    let places = reading
        .columns
        .known()
        .map(|column| (column.to_owned(), reading.place(column)))
        .collect();
    // A capsule that is not built may name a clip that is not there yet.
    let absent = || hidden.then(|| Path::new("footage").join(id.as_str()));
    let profiles = match cells.profiles {
        None if hidden => Some(Vec::new()),
        profiles => profiles,
    };
    let capsule = Capsule {
        id: id.clone(),
        clip: cells.clip.or_else(absent)?,
        title: cells.title.unwrap_or_default(),
        theme: reading.text("theme"),
        speaker: reading.text("speaker"),
        role: reading.text("role"),
        structure: reading.text("structure"),
        speakers: Vec::new(),
        changes: Vec::new(),
        contact: reading.text("contact"),
        audience: cells
            .audience
            .unwrap_or(defaults.audience)
            .max(defaults.audience),
        language: cells.language,
        keep: cells.keep,
        poster: cells.poster,
        published: cells.published,
        profiles: profiles?,
        description: reading.text("description"),
        status,
        extra,
        captions,
        places,
    };
    Some(typeset(speakers::read(reading, capsule)))
}

/// What people read of a capsule, as it is printed: on its cards, its page, in
/// the gallery and in the manifest alike. A contact and columns of the user's
/// own may be addresses, and stay as they were typed.
fn typeset(mut capsule: Capsule) -> Capsule {
    let language = &capsule.language;
    let set = |text: &mut String| *text = typography::typeset(text, language);
    set(&mut capsule.title);
    let who = capsule.speakers.iter_mut();
    let who = who.flat_map(|s| [&mut s.name, &mut s.role, &mut s.structure]);
    let texts = [
        &mut capsule.theme,
        &mut capsule.speaker,
        &mut capsule.role,
        &mut capsule.structure,
        &mut capsule.description,
    ];
    who.chain(texts).flatten().for_each(set);
    capsule
}

fn read_language(reading: &mut Reading<'_>) -> Option<Language> {
    let found = reading.text("language")?;
    let language = Language::new(&found);
    if language.is_none() {
        reading.note("language", Problem::BadLanguage { found });
    }
    language
}

/// `None` where a profile is unknown, or one that is used is written wrongly
/// (which its own file has been blamed for).
fn read_profiles(reading: &mut Reading<'_>, defaults: &Defaults<'_>) -> Option<Vec<Id>> {
    let Some(text) = reading.text("profiles") else {
        return defaults.profiles.clone();
    };
    let mut profiles = Some(Vec::new());
    for name in text.split(';').map(str::trim).filter(|n| !n.is_empty()) {
        match defaults.known.named(name) {
            Ok(id) => {
                if let Some(list) = profiles.as_mut().filter(|list| !list.contains(&id)) {
                    list.push(id);
                }
            }
            Err(problem) => {
                profiles = None;
                if let Some(problem) = problem {
                    reading.note("profiles", problem);
                }
            }
        }
    }
    profiles
}

/// `in` and `out`, or `keep`.
fn read_cut(reading: &mut Reading<'_>) -> Vec<WrittenRange> {
    let (start, end) = (reading.time("in"), reading.time("out"));
    if *reading.cell("keep") != Cell::Empty {
        let given = |column| *reading.cell(column) != Cell::Empty;
        if given("in") || given("out") {
            reading.note("keep", Problem::CutTwice);
        }
        return read_keep(reading);
    }
    if start.is_none() && end.is_none() {
        return Vec::new();
    }
    if let (Some(start), Some(end)) = (&start, &end)
        && matches!(order(start, end), Some(Ordering::Greater | Ordering::Equal))
    {
        let problem = Problem::OutBeforeIn {
            start: start.text.clone(),
            end: end.text.clone(),
        };
        reading.note("out", problem);
    }
    let column = if start.is_some() { "in" } else { "out" };
    let place = reading.place(column);
    vec![WrittenRange { start, end, place }]
}

fn read_keep(reading: &mut Reading<'_>) -> Vec<WrittenRange> {
    let Some(text) = reading.text("keep") else {
        return Vec::new();
    };
    let mut ranges: Vec<(String, WrittenRange)> = Vec::new();
    // A `;` that is not quoted cuts the cell of a French CSV in two.
    let plain = text.replace(" et ", ";").replace(" and ", ";");
    let pieces = plain.split([';', '+', '\n']).map(str::trim);
    for piece in pieces.filter(|piece| !piece.is_empty()) {
        let found = piece.to_owned();
        let Some((start, end)) = parse_range(piece) else {
            reading.note("keep", Problem::BadRange { found });
            continue;
        };
        if let (Some(start), Some(end)) = (&start, &end)
            && matches!(order(start, end), Some(Ordering::Greater | Ordering::Equal))
        {
            let problem = Problem::OutBeforeIn {
                start: start.text.clone(),
                end: end.text.clone(),
            };
            reading.note("keep", problem);
            continue;
        }
        let place = reading.place("keep");
        ranges.push((found, WrittenRange { start, end, place }));
    }
    for (index, (first, a)) in ranges.iter().enumerate() {
        for (second, b) in &ranges[index + 1..] {
            if overlap(a, b) {
                let problem = Problem::OverlappingRanges {
                    first: first.clone(),
                    second: second.clone(),
                };
                reading.note("keep", problem);
            }
        }
    }
    ranges.into_iter().map(|(_, range)| range).collect()
}

/// Whether two ranges surely share a moment.
fn overlap(a: &WrittenRange, b: &WrittenRange) -> bool {
    let before = |start: &Option<WrittenTime>, end: &Option<WrittenTime>| match (start, end) {
        (Some(start), Some(end)) => order(start, end) == Some(Ordering::Less),
        // An open side is the clip's own start or end.
        _ => true,
    };
    before(&a.start, &b.end) && before(&b.start, &a.end)
}
