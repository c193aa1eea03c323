//! What a series folder holds beside the catalogue, and what its rows ask for.

use super::*;
use portevoix::cli::new::write_series;
use portevoix::series::capsule::Status;
use portevoix::series::profile::CardKind;
use portevoix::values::audience::Audience;
use portevoix::values::diagnostic::Problem;

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
            .map(|f| f.id.as_str())
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

/// The first are named, the others counted.
#[test]
fn clips_that_no_row_uses_are_all_accounted_for() {
    let names: Vec<String> = (0..23).map(|n| format!("u{n:02}.mov")).collect();
    let mut clips: Vec<&str> = names.iter().map(String::as_str).collect();
    clips.push("a.mov");
    let folder = Folder::new().clips(&clips);
    let table = "id;fichier;question\na;a.mov;A\n";
    let loaded = folder.file("capsules.csv", table).load();
    let said = loaded.diagnostics.iter();
    let mut named = 0;
    let mut counted = 0;
    said.for_each(|d| match &d.problem {
        Problem::ClipUnused { .. } => named += 1,
        Problem::MoreClipsUnused { count } => counted += count,
        other => panic!("{other:?}"),
    });
    assert_eq!((named, counted), (20, 3));
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
fn a_folder_that_is_called_as_a_clip_is_not_called_missing() {
    let table = "id;question;fichier\na;A;dossier.mp4\nb;B;\nc;C;\n";
    let folder = Folder::new().file("capsules.csv", table).clips(&[
        "dossier.mp4/x.txt",
        "b.mp4/x.txt",
        "c.mp4/x.txt",
        "c.mov",
    ]);
    let found = ids(&folder.load());
    assert_eq!(found, ["clip-not-a-file", "clip-not-a-file"]);
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
fn a_charter_builds_on_the_one_it_names_and_knows_portraits_by_capsule() {
    let folder = plain()
        .file(
            "charter/charter.toml",
            "base = \"institutional\"\n[lower-third.role]\nmax-size = 30\n",
        )
        .file("charter/portraits/a.jpg", "a")
        .file("charter/portraits/nobody.png", "n");
    let loaded = folder.load();
    assert_eq!(ids(&loaded), ["file-ignored"]);
    let charter = loaded.series.expect("a series").charter;
    assert!(charter.palette.contains_key("navy") && !charter.palette.contains_key("paper"));
    let paths: Vec<&str> = charter
        .templates
        .values()
        .map(|t| t.path.as_str())
        .collect();
    assert!(
        paths
            .iter()
            .all(|p| p.starts_with("built-in: institutional/")),
        "{paths:?}"
    );
    assert_eq!(
        charter.boxes[&CardKind::LowerThird]["role"]["max-size"],
        "30.00"
    );
    assert_eq!(charter.portraits["a"].path, "charter/portraits/a.jpg");
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
        let title = match lang {
            Lang::French => "Été «\u{202f}2025\u{202f}»",
            Lang::English => "Été “2025”",
        };
        assert_eq!(
            (series.id.as_str(), series.title.as_str()),
            ("ete-2025", title)
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
