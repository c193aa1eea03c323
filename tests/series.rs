//! Reading series folders: mistakes named by file and cell whatever the
//! spreadsheet, cells as Excel and LibreOffice save them, clips and captions
//! found, protection never overlooked.

use portevoix::cli::new::write_series;
use portevoix::report::words::{self, Lang};
use portevoix::series::Loaded;
use portevoix::series::capsule::{Capsule, Status};
use portevoix::series::load::load;
use portevoix::values::audience::Audience;
use portevoix::values::diagnostic::{Place, Problem, Severity};
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
    let faulty: Vec<&str> = series.faulty.iter().map(|id| id.as_str()).collect();
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

// -- settings ---------------------------------------------------------------

#[test]
fn the_sample_of_the_interface_loads_as_printed() {
    let sample = r#"id = "jpp-diois"
title = "Je peux en parler"
consent = "not-needed"              # or "required"; no default, because nobody else can decide
audience = "public"                 # widest audience of the series; default "private"
language = "fr"                     # BCP 47
publisher = "Espace social"
licence = "CC-BY-NC-ND-4.0"         # SPDX, or a URL
base_url = "https://example.org/capsules/"   # makes the absolute URLs of feeds and structured data
published = 2025-01-15              # default publication date; outputs never read the clock
profiles = ["web", "screening"]     # default: ["web"]
loudness = -16.0                    # LUFS
"#;
    let folder = Folder::new()
        .file("series.toml", sample)
        .file("capsules.csv", "id,title\na,A\n")
        .clips(&["a.mov"]);
    let loaded = folder.load();
    assert_eq!(ids(&loaded), [""; 0]);
    let series = loaded.series.expect("a series");
    assert_eq!(series.loudness, -1600);
    assert_eq!(
        series.published.map(|d| d.to_string()).as_deref(),
        Some("2025-01-15")
    );
    let profiles: Vec<&str> = series.capsules[0]
        .profiles
        .iter()
        .map(|p| p.as_str())
        .collect();
    assert_eq!(profiles, ["web", "screening"]);
}

#[test]
fn without_consent_decided_nothing_is_built() {
    let folder = Folder::new()
        .file("series.toml", "id = \"a\"\ntitle = \"A\"\n")
        .file("capsules.csv", "id;question\na;A\n")
        .clips(&["a.mov"]);
    let loaded = folder.load();
    assert!(loaded.series.is_none());
    assert_eq!(ids(&loaded), ["missing-key"]);
}

#[test]
fn broken_syntax_is_placed_and_the_rest_still_read() {
    let folder = Folder::new()
        .file(
            "series.toml",
            "id = \"a\"\ntitle = \"A\nconsent = \"not-needed\"\nlangage = \"fr\"\n",
        )
        .file("capsules.csv", "id;question;début\na;A;1:99\n")
        .clips(&["a.mov"]);
    let loaded = folder.load();
    assert!(loaded.series.is_none());
    assert!(ids(&loaded).contains(&"bad-time".to_owned()));
    let syntax = loaded
        .diagnostics
        .iter()
        .find(|d| d.problem.id() == "toml-syntax");
    assert!(
        matches!(syntax.map(|d| &d.place), Some(Place::Text { line: 2, .. })),
        "{syntax:?}"
    );
}

#[test]
fn a_broken_profile_does_not_fall_back_on_the_built_in_one() {
    let folder = Folder::new()
        .file("profiles/web.toml", "[[rung]]\nheight = 720\ncrf = 99\n")
        .file("capsules.csv", "id;question;profils\na;A;\nb;B;screening\n")
        .clips(&["a.mov", "b.mov"]);
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["bad-value"]);
    let series = loaded.series.expect("the rest can be built");
    assert_eq!(
        series
            .capsules
            .iter()
            .map(|c| c.id.as_str())
            .collect::<Vec<_>>(),
        ["b"]
    );
    assert_eq!(
        series
            .faulty
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>(),
        ["a"]
    );
}

// -- rows ---------------------------------------------------------------------

#[test]
fn the_narrower_audience_counts() {
    let folder = Folder::new()
        .file("series.toml", SETTINGS.replace("public", "group"))
        .file(
            "capsules.csv",
            "id;question;diffusion\na;A;Tout public\nb;B;privée\nc;C;\n",
        )
        .clips(&["a.mov", "b.mov", "c.mov"]);
    let loaded = folder.load();
    let audiences: Vec<Audience> = capsules(&loaded).iter().map(|c| c.audience).collect();
    assert_eq!(
        audiences,
        [Audience::Group, Audience::Private, Audience::Group]
    );
}

#[test]
fn a_withdrawal_counts_whatever_else_its_row_says() {
    let table = "id;question;début;statut\na;;1:99;retirée\nb;B;;prêt\nb;B;;suspendu\n";
    let folder = Folder::new().file("capsules.csv", table).clips(&["b.mov"]);
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["duplicate-id"]);
    let states: Vec<(&str, Status)> = capsules(&loaded)
        .iter()
        .map(|c| (c.id.as_str(), c.status))
        .collect();
    assert_eq!(states, [("a", Status::Withdrawn), ("b", Status::Off)]);
    assert_eq!(loaded.series.map(|s| s.faulty.len()), Some(0));
}

#[test]
fn a_speaker_with_two_roles_is_a_warning() {
    let table = "id;question;intervenant;fonction\na;A;Anne Roche;Psychologue\nb;B;anne  roche;Éducatrice\n";
    let folder = Folder::new()
        .file("capsules.csv", table)
        .clips(&["a.mov", "b.mov"]);
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["speaker-differs"]);
    assert_eq!(capsules(&loaded).len(), 2);
}

#[test]
fn a_cut_is_given_once() {
    let table = "id;question;début;conserver\na;A;0:10;0:20-0:30\n";
    let folder = Folder::new().file("capsules.csv", table).clips(&["a.mov"]);
    assert_eq!(ids(&folder.load()), ["cut-twice"]);
}

// -- clips and captions ---------------------------------------------------------

#[test]
fn clips_are_found_by_id_by_path_and_across_unicode_forms() {
    let table = "id;question;fichier\na;A;\nb;B;jour 2\\été.MOV\nc;C;footage/x.mp4\n";
    let folder = Folder::new().file("capsules.csv", table).clips(&[
        "deep/er/a.mkv",
        "a.txt",
        "._a.mov",
        ".DS_Store",
        "jour 2/e\u{301}te\u{301}.MOV",
        "x.mp4",
        "y.mp4",
    ]);
    let loaded = folder.load();
    let clips: Vec<&Path> = capsules(&loaded).iter().map(|c| c.clip.as_path()).collect();
    let wanted = [
        "footage/deep/er/a.mkv",
        "footage/jour 2/e\u{301}te\u{301}.MOV",
        "footage/x.mp4",
    ];
    assert_eq!(clips, wanted.map(Path::new));
    let unused = Problem::ClipUnused {
        path: "footage/y.mp4".into(),
    };
    assert_eq!(
        loaded
            .diagnostics
            .iter()
            .map(|d| &d.problem)
            .collect::<Vec<_>>(),
        [&unused]
    );
}

#[test]
fn missing_and_ambiguous_clips_suggest_what_is_there() {
    let table = "id;question;fichier\na;A;c0012\nb;B;\nc;C;\nd;D;../autre.mov\n";
    let folder = Folder::new().file("capsules.csv", table).clips(&[
        "jour 1/c0012.mov",
        "B.MOV",
        "c.mov",
        "deux/c.mp4",
    ]);
    let loaded = folder.load();
    let problems: Vec<&Problem> = loaded.diagnostics.iter().map(|d| &d.problem).collect();
    let missing = |wanted: &str, near: &str| Problem::ClipMissing {
        wanted: wanted.into(),
        suggestion: Some(near.into()),
    };
    assert_eq!(problems[0], &missing("footage/c0012", "jour 1/c0012.mov"));
    assert_eq!(problems[1], &missing("footage/b.*", "B.MOV"));
    assert!(matches!(problems[2], Problem::ClipAmbiguous { candidates } if candidates.len() == 2));
    assert!(matches!(problems[3], Problem::ClipOutsideFootage { .. }));
}

#[test]
fn links_and_pipes_in_footage_are_not_followed_out() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.mov"), "").expect("written");
    let table = "id;question\nout;A\nin;B\npipe;C\n";
    let folder = Folder::new()
        .file("capsules.csv", table)
        .clips(&["real/other.mov"]);
    let footage = folder.path().join("footage");
    symlink(outside.path().join("secret.mov"), footage.join("out.mov")).expect("linked");
    symlink(outside.path(), footage.join("elsewhere")).expect("linked");
    symlink("real/other.mov", footage.join("in.mov")).expect("linked");
    symlink(".", footage.join("loop")).expect("linked");
    let pipe = footage.join("pipe.mov");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .expect("a pipe");
    let loaded = folder.load();
    let mut found = ids(&loaded);
    found.retain(|id| id != "clip-unused");
    assert_eq!(found, ["clip-outside-footage", "clip-not-a-file"]);
    assert_eq!(capsules(&loaded)[0].clip, Path::new("footage/in.mov"));
}

#[test]
fn captions_follow_their_capsule() {
    let folder = Folder::new()
        .file("capsules.csv", "id;question\njpp-1;A\njpp-2;B\n")
        .clips(&["jpp-1.mov", "jpp-2.mov"])
        .file("subtitles/jpp-1.fr.srt", "")
        .file("subtitles/jpp-1.fr.sdh.vtt", "")
        .file("subtitles/jpp-3.fr.srt", "")
        .file("subtitles/jpp-1.srt", "")
        .file("subtitles/jpp-2.fr.srt", "")
        .file("subtitles/jpp-2.fr.vtt", "");
    let loaded = folder.load();
    let captions: Vec<(String, bool)> = capsules(&loaded)[0]
        .captions
        .iter()
        .map(|c| (c.path.to_string_lossy().into_owned(), c.sdh))
        .collect();
    let wanted = [
        ("subtitles/jpp-1.fr.srt".to_owned(), false),
        ("subtitles/jpp-1.fr.sdh.vtt".to_owned(), true),
    ];
    assert_eq!(captions, wanted);
    assert_eq!(
        ids(&loaded),
        [
            "captions-misnamed",
            "captions-twice",
            "captions-without-capsule"
        ]
    );
}

#[test]
fn extra_files_are_listed_and_links_out_are_not() {
    let folder = Folder::new()
        .file("capsules.csv", "id;question\n")
        .file("publish-extra/.htaccess", "")
        .file("publish-extra/img/logo.png", "");
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("publish-extra/host"))
        .expect("linked");
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["link-outside", "empty-catalogue"]);
    let files = loaded.series.expect("a series").extra_files;
    assert_eq!(files, [".htaccess", "img/logo.png"].map(PathBuf::from));
}

// -- protection ------------------------------------------------------------------

fn plain() -> Folder {
    Folder::new()
        .file("capsules.csv", "id;question\na;A\n")
        .clips(&["a.mov"])
}

#[test]
fn a_series_that_asks_for_protection_is_read_and_not_built() {
    assert!(plain().load().series.is_some());
    let asks = [
        plain().file("series.toml", SETTINGS.replace("not-needed", "required")),
        plain().file("consent.csv", "person;capsules\n"),
        plain().file("Consentements.ods", ""),
        plain().file("withdrawals.csv", ""),
        plain().file("masks/a.toml", ""),
        plain().file("capsules.csv", "id;question;Personnes\na;A;\n"),
        plain().file("capsules.csv", "id;question;masque\na;A;\n"),
        plain().file("capsules.csv", "id;question;VOIX\na;A;\n"),
        plain().file("capsules.csv", "id;question;coupures sonores\na;A;\n"),
        plain().file("capsules.csv", "id;question;mutes\na;A;\n"),
        plain().file("capsules.csv", "id;question;personens\na;A;\n"),
    ];
    for folder in asks {
        let loaded = folder.load();
        assert_eq!(ids(&loaded), ["protection-not-obeyed"]);
        assert!(loaded.series.is_none());
    }
}

#[test]
fn an_empty_masks_folder_asks_for_nothing() {
    let folder = plain();
    fs::create_dir(folder.path().join("masks")).expect("created");
    assert!(folder.load().series.is_some());
}

// -- charter and scaffold -----------------------------------------------------

#[test]
fn the_charter_folder_overrides_file_by_file() {
    let folder = plain()
        .file(
            "charter/charter.toml",
            "base = \"warm\"\n[palette]\nink = \"#010203\"\n[timing]\nopening = 2.5\n",
        )
        .file("charter/end.square.svg", "<svg/>")
        .file("charter/logos/b.png", "b")
        .file("charter/logos/a.svg", "a")
        .file("charter/fonts/Own.ttf", "font")
        .file("charter/Opening.svg", "");
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["file-ignored"]);
    let charter = loaded.series.expect("a series").charter;
    assert_eq!(charter.timing.opening, 2500);
    assert_eq!(charter.palette.get("ink").map(|c| c.blue), Some(3));
    let logos: Vec<&str> = charter.logos.iter().map(|l| l.path.as_str()).collect();
    assert_eq!(logos, ["charter/logos/a.svg", "charter/logos/b.png"]);
    assert_eq!(charter.fonts[0].path, "charter/fonts/Own.ttf");
    assert!(charter.fonts.len() > 1);
    let own: Vec<&str> = charter
        .templates
        .values()
        .map(|t| t.path.as_str())
        .filter(|p| !p.starts_with("built-in"))
        .collect();
    assert_eq!(own, ["charter/end.square.svg"]);
}

#[test]
fn a_new_series_loads_without_a_word() {
    for lang in [Lang::French, Lang::English] {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("Été \"2025\"");
        let written = write_series(&folder, lang).expect("written");
        assert!(written.iter().all(|path| path.is_file()));
        let loaded = load(&folder);
        assert_eq!(ids(&loaded), [""; 0], "{lang:?}");
        let series = loaded.series.expect("a series");
        assert_eq!(
            (series.id.as_str(), series.title.as_str()),
            ("ete-2025", "Été \"2025\"")
        );
        assert_eq!(series.capsules[0].status, Status::Off);
        let first = fs::read(folder.join("capsules.xlsx")).expect("read");
        assert!(
            write_series(&folder, lang).is_err(),
            "a folder in use is left alone"
        );
        let again = parent.path().join("again");
        write_series(&again, lang).expect("written");
        assert_eq!(fs::read(again.join("capsules.xlsx")).expect("read"), first);
    }
}
