//! Reading series folders: mistakes named by file and cell whatever the
//! spreadsheet, cells as Excel and LibreOffice save them, clips and captions
//! found, protection never overlooked.

mod folder;

use portevoix::report::words::{self, Lang};
use portevoix::series::Loaded;
use portevoix::series::capsule::Capsule;
use portevoix::series::load::load;
use portevoix::values::diagnostic::{Place, Severity};
use portevoix::values::time::Rational;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SETTINGS: &str =
    "id = \"essai\"\ntitle = \"Essai\"\nconsent = \"not-needed\"\naudience = \"public\"\n";

/// A series folder in the making.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder")).file("series.toml", SETTINGS)
    }

    fn file(self, path: &str, content: impl AsRef<[u8]>) -> Folder {
        let full = self.path().join(path);
        fs::create_dir_all(full.parent().expect("inside the folder")).expect("created");
        fs::write(full, content).expect("written");
        self
    }

    /// One empty clip per name: loading opens none of them.
    fn clips(self, names: &[&str]) -> Folder {
        names.iter().fold(self, |folder, name| {
            folder.file(&format!("footage/{name}"), "")
        })
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load(&self) -> Loaded {
        load(self.path())
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/series");
    fs::read(folder.join(name)).expect(name)
}

fn ids(loaded: &Loaded) -> Vec<String> {
    loaded.diagnostics.iter().map(|d| d.problem.id()).collect()
}

fn errors(loaded: &Loaded) -> Vec<String> {
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|d| d.severity() == Severity::Error);
    errors.map(|d| words::full(d, Lang::English)).collect()
}

fn capsules(loaded: &Loaded) -> &[Capsule] {
    let series = loaded.series.as_ref();
    &series
        .unwrap_or_else(|| panic!("no series: {:?}", errors(loaded)))
        .capsules
}

fn seconds(num: i64, den: i64) -> Option<Rational> {
    Rational::new(num, den)
}

// -- mistakes ---------------------------------------------------------------

const MISTAKEN_SETTINGS: &str = r#"id = "jpp-diois"
title = "Je peux en parler"
consent = "not-needed"
audience = "publique"
publischer = "Espace social"
loudness = "fort"
profiles = ["web", "screning"]
"#;

/// One mistake a row, but for the first and the last.
const MISTAKES: [[&str; 11]; 14] = [
    [
        "ID",
        "Fichier",
        "Question",
        "Intervenent",
        "Début",
        "Fin",
        "Conserver",
        "Date",
        "Diffusion",
        "Statut",
        "Profils",
    ],
    [
        "jpp-1",
        "",
        "Une question « juste » ?",
        "",
        "0:10",
        "1:20,5",
        "",
        "15/01/2025",
        "tout public",
        "prêt",
        "web",
    ],
    ["JPP 2", "jpp-1.mov", "Q", "", "", "", "", "", "", "", "web"],
    ["jpp-1", "", "Q", "", "", "", "", "", "", "", "web"],
    [
        "jpp-4",
        "jpp-1.mov",
        "Q",
        "",
        "1:75",
        "",
        "",
        "",
        "",
        "",
        "web",
    ],
    [
        "jpp-5",
        "jpp-1.mov",
        "Q",
        "",
        "1:20",
        "0:40",
        "",
        "",
        "",
        "",
        "web",
    ],
    [
        "jpp-6",
        "jpp-1.mov",
        "Q",
        "",
        "",
        "",
        "",
        "",
        "",
        "brouilon",
        "web",
    ],
    [
        "jpp-7",
        "jpp-1.mov",
        "Q",
        "",
        "",
        "",
        "",
        "31/02/2025",
        "",
        "",
        "web",
    ],
    ["jpp-8", "jpp-1.mov", "", "", "", "", "", "", "", "", "web"],
    [
        "jpp-9",
        "jpp-1.mov",
        "Q",
        "",
        "",
        "",
        "",
        "",
        "familles",
        "",
        "web",
    ],
    ["jpp-10", "c0012", "Q", "", "", "", "", "", "", "", "web"],
    [
        "jpp-11",
        "jpp-1.mov",
        "Q",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "web; wep",
    ],
    [
        "jpp-12",
        "jpp-1.mov",
        "Q",
        "",
        "",
        "",
        "0:10-0:25; 0:20-0:40",
        "",
        "",
        "",
        "web",
    ],
    [
        "jpp-13",
        "jpp-1.mov",
        "Q",
        "",
        "",
        "",
        "0:10-0:25; 0:40-1:10",
        "",
        "",
        "",
        "web",
    ],
];

fn mistakes_as_csv() -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .from_writer(Vec::new());
    for row in MISTAKES {
        writer.write_record(row).expect("written to memory");
    }
    String::from_utf8(writer.into_inner().expect("flushed")).expect("UTF-8")
}

fn mistakes_as_xlsx() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let text = Format::new().set_num_format("@");
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0u32..).zip(MISTAKES) {
        for (column, cell) in (0u16..).zip(cells) {
            sheet
                .write_string_with_format(row, column, cell, &text)
                .expect("written");
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}

fn mistaken(catalogue: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    let folder = Folder::new()
        .file("series.toml", MISTAKEN_SETTINGS)
        .file(catalogue, content)
        .clips(&["jpp-1.mov", "jour 2/c0012.mov"]);
    let loaded = folder.load();
    let series = loaded.series.as_ref().expect("what is sound can be built");
    let built: Vec<&str> = series.capsules.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(built, ["jpp-13"], "{catalogue}");
    let faulty: Vec<&str> = series.faulty.iter().map(|f| f.id.as_str()).collect();
    let wanted = [
        "jpp-1", "jpp-4", "jpp-5", "jpp-6", "jpp-7", "jpp-8", "jpp-9", "jpp-10", "jpp-11", "jpp-12",
    ];
    assert_eq!(faulty, wanted, "{catalogue}");
    let said = loaded
        .diagnostics
        .iter()
        .map(|d| words::full(d, Lang::French));
    said.map(|sentence| sentence.replace(catalogue, "capsules"))
        .collect()
}

#[test]
fn every_mistake_is_named_in_one_run_whatever_the_spreadsheet() {
    let said = mistaken("capsules.csv", mistakes_as_csv());
    assert_eq!(said.len(), 17);
    insta::assert_snapshot!("mistakes", said.join("\n"));
    assert_eq!(mistaken("capsules.xlsx", mistakes_as_xlsx()), said, "XLSX");
    assert_eq!(
        mistaken("capsules.xlsx", fixture("mistakes-libreoffice.xlsx")),
        said,
        "XLSX of LibreOffice"
    );
    assert_eq!(
        mistaken("capsules.ods", fixture("mistakes.ods")),
        said,
        "ODS"
    );
}

#[test]
fn mistakes_have_their_cells() {
    let folder = Folder::new()
        .file("capsules.csv", mistakes_as_csv())
        .clips(&["jpp-1.mov"]);
    let loaded = folder.load();
    let at = loaded
        .diagnostics
        .iter()
        .find(|d| d.problem.id() == "bad-time");
    let wanted = Place::Cell {
        path: "capsules.csv".into(),
        row: 5,
        column: "E".into(),
        header: "Début".into(),
    };
    assert_eq!(at.map(|d| &d.place), Some(&wanted));
    assert_eq!(
        at.and_then(|d| d.capsule.as_ref()).map(|id| id.as_str()),
        Some("jpp-4")
    );
}

// -- cells as spreadsheets save them -------------------------------------------

/// A workbook with typed cells: a numeric id, times of day, a duration beyond
/// a day, a date, a line break, and a row left empty.
fn typed_xlsx() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let clock = Format::new().set_num_format("hh:mm:ss");
    let precise = Format::new().set_num_format("hh:mm:ss.000");
    let duration = Format::new().set_num_format("[h]:mm:ss");
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let sheet = workbook.add_worksheet();
    let headers = [
        "id", "question", "début", "fin", "date", "fonction", "x-Projet",
    ];
    // From the third row and the second column on, as some people lay tables out.
    for (column, header) in (1u16..).zip(headers) {
        sheet.write_string(2, column, header).expect("written");
    }
    let time = |text| ExcelDateTime::parse_from_str(text).expect("a time");
    sheet.write_number(3, 1, 12).expect("written");
    sheet.write_string(3, 2, "Deux\nlignes").expect("written");
    sheet
        .write_datetime_with_format(3, 3, time("00:01:20"), &clock)
        .expect("written");
    sheet
        .write_datetime_with_format(3, 4, time("00:02:10.250"), &precise)
        .expect("written");
    sheet
        .write_datetime_with_format(3, 5, time("2025-01-15"), &day)
        .expect("written");
    sheet.write_number(3, 6, 2.5).expect("written");
    sheet.write_number(3, 7, 2025).expect("written");
    sheet.write_string(5, 1, "long").expect("written");
    sheet
        .write_string(5, 2, "Après une ligne vide")
        .expect("written");
    sheet
        .write_number_with_format(5, 4, 26.0 / 24.0, &duration)
        .expect("written");
    workbook
        .add_worksheet()
        .set_name("notes")
        .expect("named")
        .write_string(0, 0, "id")
        .expect("written");
    workbook.save_to_buffer().expect("a workbook")
}

#[test]
fn typed_cells_of_excel_and_libreoffice_are_read_alike() {
    for (catalogue, content) in [
        ("capsules.xlsx", typed_xlsx()),
        ("capsules.xlsx", fixture("typed-libreoffice.xlsx")),
        ("capsules.ods", fixture("typed.ods")),
    ] {
        let folder = Folder::new()
            .file(catalogue, content)
            .clips(&["12.mov", "long.mov"]);
        let loaded = folder.load();
        assert_eq!(ids(&loaded), ["first-sheet-read"], "{catalogue}");
        let [first, second] = capsules(&loaded) else {
            panic!("two capsules")
        };
        assert_eq!(
            (first.id.as_str(), first.title.as_str()),
            ("12", "Deux\nlignes")
        );
        let cut = &first.keep[0];
        assert_eq!(cut.start.as_ref().map(|t| t.seconds), seconds(80, 1));
        assert_eq!(cut.end.as_ref().map(|t| t.seconds), seconds(521, 4));
        assert_eq!(
            cut.start.as_ref().map(|t| t.text.as_str()),
            Some("00:01:20")
        );
        assert_eq!(
            first.published.map(|d| d.to_string()).as_deref(),
            Some("2025-01-15")
        );
        assert_eq!(first.role.as_deref(), Some("2.5"));
        assert_eq!(first.extra.get("projet").map(String::as_str), Some("2025"));
        assert_eq!(
            second.keep[0].end.as_ref().map(|t| t.seconds),
            seconds(26 * 3600, 1)
        );
        let wanted = Place::Cell {
            path: catalogue.into(),
            row: 6,
            column: "E".into(),
            header: "fin".into(),
        };
        assert_eq!(second.keep[0].place, wanted, "{catalogue}");
    }
}

/// Writes the workbooks from which LibreOffice makes the fixtures; see
/// `tests/fixtures/series/README.md`.
#[test]
#[ignore = "writes files, for making the fixtures anew"]
fn workbooks_for_libreoffice() {
    let folder = std::env::var_os("PORTEVOIX_FIXTURES")
        .map(PathBuf::from)
        .expect("PORTEVOIX_FIXTURES");
    fs::write(folder.join("mistakes.xlsx"), mistakes_as_xlsx()).expect("written");
    fs::write(folder.join("typed.xlsx"), typed_xlsx()).expect("written");
}

#[test]
fn csv_in_every_encoding_and_with_every_separator() {
    let text = "id;thème;question\nété-1;;x\njpp;Parentalité;L’œuvre\n".replace("été-1", "e1");
    let utf16: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let (windows, _, lossy) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lossy);
    let contents: [Vec<u8>; 6] = [
        text.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        utf16,
        windows.into_owned(),
        text.replace(';', ",").into_bytes(),
        text.replace(';', "\t").replace('\n', "\r\n").into_bytes(),
    ];
    for content in contents {
        let folder = Folder::new()
            .file("capsules.csv", &content)
            .clips(&["e1.mov", "jpp.mp4"]);
        let loaded = folder.load();
        assert_eq!(errors(&loaded), [""; 0]);
        let capsule = &capsules(&loaded)[1];
        assert_eq!(capsule.theme.as_deref(), Some("Parentalité"));
        assert_eq!(capsule.title, "L’œuvre");
    }
}

/// An unquoted `;` cuts a text in two, and nothing of the row is sure.
#[test]
fn cells_beyond_the_headers_of_a_csv_are_a_mistake() {
    let head = "id;fichier;question;conserver\n";
    let cut = "k1;a.mov;Q ?;0:00-0:04 ; 0:16-0:20\n";
    let folder = Folder::new().clips(&["a.mov"]);
    let folder = folder.file("capsules.csv", format!("{head}{cut}"));
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["cells-beyond-headers"]);
    let place = &loaded.diagnostics[0].place;
    assert!(matches!(place, Place::Row { row: 2, .. }), "{place:?}");
    assert!(errors(&loaded)[0].contains("0:16-0:20"));
    // Where the last column is empty, nothing but a separator is left over.
    let cut = "k1;a.mov;Peur ; ou non ?;\n";
    for above in ["", "k0;a.mov;Q ?;\n"] {
        let folder = Folder::new().clips(&["a.mov"]);
        let table = format!("id;fichier;question;personne\n{above}{cut}");
        let loaded = folder.file("capsules.csv", table).load();
        assert!(
            ids(&loaded).contains(&"cells-beyond-headers".into()),
            "{above}"
        );
    }
    // Ranges need no `;`.
    for (row, ranges) in [
        ("0:00-0:04 et 0:16-0:20", 2),
        ("\"0:00-0:04; 0:16-0:20\"", 2),
    ] {
        let folder = Folder::new().clips(&["a.mov"]);
        let table = format!("{head}k1;a.mov;Q ?;{row}\n");
        let loaded = folder.file("capsules.csv", table).load();
        assert_eq!(ids(&loaded), [""; 0], "{row}");
        assert_eq!(capsules(&loaded)[0].keep.len(), ranges, "{row}");
    }
}

/// Spreadsheets save empty cells behind a table, Excel by sixteen rows.
#[test]
fn empty_cells_behind_a_table_are_no_mistake() {
    let row = |n: usize, behind: &str| format!("k{n};a.mov;Q ?;{behind}\n");
    let folder = Folder::new().clips(&["a.mov"]);
    let head = "id;fichier;question;conserver\n".to_owned();
    let rows = (2..=16)
        .map(|n| row(n, ""))
        .chain((17..=20).map(|n| row(n, ";;")));
    let table = head + &rows.collect::<String>();
    assert_eq!(ids(&folder.file("capsules.csv", table).load()), [""; 0]);
}

#[test]
fn a_name_that_two_folders_have_is_told_with_both() {
    let folder = Folder::new().clips(&["jour1/a.mov", "jour2/a.mov"]);
    let table = "id;fichier;question\nk1;a.mov;Q ?\n";
    let loaded = folder.file("capsules.csv", table).load();
    assert_eq!(ids(&loaded), ["clip-ambiguous"]);
    let said = &errors(&loaded)[0];
    assert!(
        said.contains("jour1/a.mov") && said.contains("jour2/a.mov"),
        "{said}"
    );
}

#[test]
fn catalogues_that_cannot_be_read_are_said() {
    let workbook_renamed = Folder::new().file("capsules.csv", typed_xlsx());
    assert_eq!(ids(&workbook_renamed.load()), ["catalogue-not-text"]);
    let text_renamed = Folder::new().file("capsules.xlsx", "id;question\n");
    assert_eq!(ids(&text_renamed.load()), ["catalogue-unreadable"]);
    let open_quote = Folder::new().file("capsules.csv", "id;question\na;\"b\nc;d\n");
    assert_eq!(ids(&open_quote.load()), ["quote-never-closed"]);
    let two = Folder::new()
        .file("capsules.csv", "")
        .file("capsules.ods", "");
    assert_eq!(ids(&two.load()), ["several-catalogues"]);
    assert_eq!(ids(&Folder::new().load()), ["catalogue-missing"]);
    let empty = Folder::new().file("capsules.csv", "");
    assert_eq!(ids(&empty.load()), ["missing-column", "missing-column"]);
    for folder in [workbook_renamed, text_renamed, open_quote, two, empty] {
        assert!(folder.load().series.is_none());
    }
}

/// One stray cell in the last corner of the sheet must not ask for the memory
/// of all the cells before it.
#[test]
fn a_stray_cell_far_away_costs_nothing() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0u16..).zip(["id", "question"]) {
        sheet.write_string(0, column, header).expect("written");
        sheet.write_string(1, column, "a").expect("written");
    }
    sheet.write_string(1_048_575, 16_383, " ").expect("written");
    let content = workbook.save_to_buffer().expect("a workbook");
    let folder = Folder::new()
        .file("capsules.xlsx", content)
        .clips(&["a.mov"]);
    let loaded = folder.load();
    assert_eq!(ids(&loaded), [""; 0]);
    assert_eq!(capsules(&loaded).len(), 1);
}

/// A file that a stick or a network damaged is a finding, never a crash.
#[test]
fn damaged_catalogues_are_survived() {
    let files = [
        ("capsules.xlsx", typed_xlsx()),
        ("capsules.xlsx", fixture("typed-libreoffice.xlsx")),
        ("capsules.ods", fixture("typed.ods")),
        ("capsules.csv", mistakes_as_csv().into_bytes()),
    ];
    // A fixed sequence of damages, so that a failure can be seen again.
    let mut state = 1u64;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    for (name, sound) in files {
        for round in 0..250 {
            let mut bytes = sound.clone();
            match round % 3 {
                0 => bytes.truncate(next(sound.len())),
                1 => bytes[next(sound.len())] ^= 1 << next(8),
                _ => {
                    let start = next(sound.len());
                    let end = (start + 16).min(sound.len());
                    bytes[start..end].fill(0xff);
                }
            }
            let folder = Folder::new()
                .file(name, &bytes)
                .clips(&["12.mov", "long.mov"]);
            let loaded = folder.load();
            let said = loaded
                .diagnostics
                .iter()
                .map(|d| words::full(d, Lang::French));
            assert!(
                loaded.series.is_some() || said.count() > 0,
                "{name}, round {round}"
            );
        }
    }
}

/// Names, roles and times are listed in the same way: between `;`, or on lines.
#[test]
fn speakers_and_their_times_are_listed_in_one_way() {
    let speakers = |names: &str, roles: &str, changes: &str| {
        let row = format!("a,Oui,\"{names}\",\"{roles}\",\"{changes}\"\n");
        let loaded = Folder::new()
            .clips(&["a.mp4"])
            .file(
                "capsules.csv",
                format!("id,question,intervenant,fonction,prises de parole\n{row}"),
            )
            .load();
        assert_eq!(ids(&loaded), Vec::<String>::new(), "{names} {changes}");
        let series = loaded.series.expect("a series");
        let capsule = series.capsules[0].clone();
        let named = |s: &portevoix::series::capsule::Speaker| s.called().to_owned();
        let roles = capsule
            .speakers
            .iter()
            .map(|s| s.role.clone().unwrap_or_default());
        let names = capsule.speakers.iter().map(named);
        (
            names.collect::<Vec<_>>(),
            roles.collect::<Vec<_>>(),
            capsule.changes.len(),
        )
    };
    let two = (
        vec!["Anne".to_owned(), "Paul".to_owned()],
        vec!["Psychologue".to_owned(), "Infirmier".to_owned()],
        2,
    );
    for (names, roles, changes) in [
        ("Anne; Paul", "Psychologue; Infirmier", "0:02; 0:05"),
        ("Anne\nPaul", "Psychologue\nInfirmier", "0:02\n0:05"),
        ("Anne;\nPaul;", "Psychologue ;\nInfirmier", "0:02;\n0:05;"),
        ("Anne\n\nPaul\n", "Psychologue; Infirmier", "0:05"),
    ] {
        assert_eq!(speakers(names, roles, changes), two, "{names:?}");
    }
    // Without times a line is a line of what is written on the card.
    let (names, _, changes) = speakers("Anne\nRoux", "", "");
    assert_eq!((names, changes), (vec!["Anne\nRoux".to_owned()], 0));
}

/// Once for all: cards, pages and manifest cannot differ.
#[test]
fn texts_are_read_as_they_are_printed() {
    let catalogue = "id;question;intervenant;thème;contact\n\
        a;\"Et \"\"toi\"\" ?\";L'équipe;Vivre : oser;https://a.org/?b\n";
    let settings = SETTINGS.replace("Essai", "L'essai");
    let folder = Folder::new()
        .file("series.toml", settings)
        .file("capsules.csv", catalogue)
        .clips(&["a.mov"]);
    let series = folder.load().series.expect("nothing is wrong");
    let capsule = &series.capsules[0];
    assert_eq!(series.title, "L’essai");
    assert_eq!(capsule.title, "Et «\u{202f}toi\u{202f}»\u{202f}?");
    assert_eq!(capsule.speaker.as_deref(), Some("L’équipe"));
    assert_eq!(capsule.speakers[0].name.as_deref(), Some("L’équipe"));
    assert_eq!(capsule.theme.as_deref(), Some("Vivre\u{a0}: oser"));
    // An address is what is typed into a browser.
    assert_eq!(capsule.contact.as_deref(), Some("https://a.org/?b"));
}
