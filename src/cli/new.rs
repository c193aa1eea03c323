//! `new`: a small working series to start from.

use crate::report::words::Lang;
use crate::series::load::{columns, id_like};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError,
};
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Rows below the header that are formatted as text and have drop-down lists.
const PREPARED_ROWS: u32 = 500;

/// Writes a series into a folder that is new or empty, and returns the files
/// written. The example row is suspended, so that the series can be built
/// before any clip exists.
pub fn write_series(folder: &Path, lang: Lang) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(Error::new(
            ErrorKind::DirectoryNotEmpty,
            "the folder is not empty",
        ));
    }
    let readme = match lang {
        Lang::French => "LISEZMOI.txt",
        Lang::English => "README.txt",
    };
    let files = [
        (
            "series.toml".to_owned(),
            settings(folder, lang).into_bytes(),
        ),
        (
            "capsules.xlsx".to_owned(),
            catalogue(lang).map_err(Error::other)?,
        ),
        (format!("footage/{readme}"), footage(lang).into()),
        (format!("subtitles/{readme}"), subtitles(lang).into()),
        ("charter/charter.toml".to_owned(), charter(lang).into()),
    ];
    let mut written = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)?;
        written.push(path);
    }
    Ok(written)
}

fn settings(folder: &Path, lang: Lang) -> String {
    // `new .` starts a series in the folder that one stands in.
    let full = folder.canonicalize();
    let name = full.as_deref().unwrap_or(folder).file_name();
    let name = name.map(|name| name.to_string_lossy().into_owned());
    let (default_title, default_id) = match lang {
        Lang::French => ("Ma série", "ma-serie"),
        Lang::English => ("My series", "my-series"),
    };
    let printable = |title: &String| !title.contains(|c: char| c.is_control() || c == '\u{fffd}');
    let title = name.filter(printable).unwrap_or(default_title.to_owned());
    let id = id_like(&title).unwrap_or(default_id.to_owned());
    let title = toml::Value::from(title);
    match lang {
        Lang::French => format!(
            r##"# La série. Ce qui suit un # est une explication ; enlevez le # pour activer un réglage.

id = "{id}"                      # minuscules sans accent, chiffres et tirets ; ne le changez plus ensuite
title = {title}

# Les personnes filmées doivent-elles donner leur accord, une par une, avant
# toute publication ? "required" (oui) ou "not-needed" (non) : à vérifier par vous.
consent = "not-needed"

# Qui peut voir les capsules, au plus : "public" (tout public), "professionals"
# (professionnels), "group" (groupe) ou "private" (privé).
audience = "private"

language = "fr"                  # langue des capsules

# publisher = "Espace social"    # qui publie
# licence = "CC-BY-NC-ND-4.0"    # à quelles conditions on peut réutiliser
# base_url = "https://exemple.org/capsules/"   # adresse où la publication sera déposée
# published = 2025-01-15         # date de publication, pour les capsules qui n’en ont pas
# profiles = ["web", "screening"]              # site web ; fichier pour projecteur ou télévision
# loudness = -16.0               # volume du son, en LUFS
"##
        ),
        Lang::English => format!(
            r##"# The series. What follows a # explains; take the # away to use a setting.

id = "{id}"                      # lower-case letters without accents, digits and dashes; keep it afterwards
title = {title}

# Do the people on screen have to agree, one by one, before anything is
# published? "required" or "not-needed": for you to check.
consent = "not-needed"

# Who may see the capsules, at most: "public", "professionals", "group" or "private".
audience = "private"

language = "en"                  # language of the capsules

# publisher = "Community centre" # who publishes
# licence = "CC-BY-NC-ND-4.0"    # how it may be used again
# base_url = "https://example.org/capsules/"   # where the publication will be put
# published = 2025-01-15         # date of publication of capsules that have none
# profiles = ["web", "screening"]              # web site; file for a projector or a television
# loudness = -16.0               # loudness in LUFS
"##
        ),
    }
}

fn footage(lang: Lang) -> &'static str {
    match lang {
        Lang::French => {
            "Déposez ici les clips filmés, dans l’ordre et les sous-dossiers que vous voulez.\n\
             Un clip nommé comme l’identifiant de sa capsule (exemple-1.mov) est trouvé tout seul.\n\
             Pour les autres, écrivez leur nom dans la colonne « fichier » du tableau.\n"
        }
        Lang::English => {
            "Put the clips here as filmed, in any order and any subfolders.\n\
             A clip named after its capsule’s id (example-1.mov) is found by itself.\n\
             For the others, write their name in the table’s column “source”.\n"
        }
    }
}

fn subtitles(lang: Lang) -> &'static str {
    match lang {
        Lang::French => {
            "Déposez ici les sous-titres, en SRT ou en WebVTT, nommés d’après la capsule et la langue :\n\
             exemple-1.fr.srt, ou exemple-1.fr.sdh.srt pour les personnes sourdes ou malentendantes.\n"
        }
        Lang::English => {
            "Put captions here, as SRT or WebVTT, named after the capsule and the language:\n\
             example-1.en.srt, or example-1.en.sdh.srt for people who do not hear.\n"
        }
    }
}

fn charter(lang: Lang) -> &'static str {
    match lang {
        Lang::French => {
            r##"# La charte graphique. Tout ce que ce dossier ne contient pas vient de la charte fournie.

base = "warm"

# Dessins que vous pouvez ajouter ici : opening.svg (carte d’ouverture),
# lower-third.svg (bandeau), end.svg (carte de fin). Polices : fonts/*.ttf.
# Logos des partenaires, montrés à la fin : logos/*.png, *.jpg ou *.svg.
# Chartes fournies : "warm" (chaleureuse), "institutional" (institutionnelle).

[palette]
# paper = "#fdf6ea"              # fond des cartes
# coral = "#d4502b"              # barres et signe
# ink = "#2c2036"                # texte

[fonts]
# family = "Cantarell"

[background]                     # derrière les cartes : "footage" ou une image de ce dossier
# opening = "footage"            # la première image du film, floue
# end = "footage"                # la dernière
# veil = 85                      # part du fond dessiné qui reste, en pour cent

[timing]                         # en secondes
# opening = 4.0                  # carte d’ouverture
# end = 4.0                      # carte de fin
# transition = 0.5               # passage d’une carte au film
# transition-style = "fade"      # "fade" (fondu), "slide" (glissement), "cut" (aucun)
# lower-third-delay = 1.0        # avant le bandeau
# lower-third = 6.0              # durée du bandeau
# lower-third-fade = 0.4         # son apparition et sa disparition

[position]                       # bottom-left, bottom-center, bottom-right, ou top-…
# lower-third = "bottom-right"   # où se tient le bandeau, s’il n’est pas là où il est dessiné

[sound]                          # sous les cartes : des fichiers de ce dossier
# opening = "jingle.wav"         # signature sonore, finie quand le film commence
# opening-level = -3.0           # par rapport aux voix, en décibels
# end = "musique.mp3"            # musique de fin, reprise si elle est plus courte que la carte
# end-level = -6.0
# end-fade-in = 1.0              # en secondes
# end-fade-out = 1.5
"##
        }
        Lang::English => {
            r##"# The graphic charter. What this folder lacks comes from the charter supplied.

base = "warm"

# Drawings that you can add here: opening.svg, lower-third.svg, end.svg.
# Fonts: fonts/*.ttf. Partners’ logos, shown at the end: logos/*.png, *.jpg or *.svg.
# Charters supplied: "warm" and "institutional".

[palette]
# paper = "#fdf6ea"              # ground of the cards
# coral = "#d4502b"              # bars and mark
# ink = "#2c2036"                # text

[fonts]
# family = "Cantarell"

[background]                     # behind the cards: "footage" or a picture of this folder
# opening = "footage"            # the first frame of the film, blurred
# end = "footage"                # the last one
# veil = 85                      # how much of the drawn ground stays, in percent

[timing]                         # in seconds
# opening = 4.0                  # opening card
# end = 4.0                      # end card
# transition = 0.5               # between a card and the film
# transition-style = "fade"      # "fade", "slide" or "cut"
# lower-third-delay = 1.0        # before the lower third
# lower-third = 6.0              # how long it stays
# lower-third-fade = 0.4         # its coming and going

[position]                       # bottom-left, bottom-center, bottom-right, or top-…
# lower-third = "bottom-right"   # where the lower third stands, if not where it is drawn

[sound]                          # under the cards: files of this folder
# opening = "jingle.wav"         # sound logo, over when the film begins
# opening-level = -3.0           # against the voices, in decibels
# end = "music.mp3"              # music, begun anew when it is shorter than the card
# end-level = -6.0
# end-fade-in = 1.0              # in seconds
# end-fade-out = 1.5
"##
        }
    }
}

/// What the example row says, and how wide a column is.
fn example(column: &str, lang: Lang) -> (&'static str, f64) {
    let said = |french, english| match lang {
        Lang::French => french,
        Lang::English => english,
    };
    match column {
        "id" => (said("exemple-1", "example-1"), 14.0),
        "title" => (
            said(
                "Je n’en peux plus, à qui puis-je parler ?",
                "I can’t cope any more, whom can I talk to?",
            ),
            50.0,
        ),
        "theme" => (said("Parentalité", "Parenthood"), 18.0),
        "speaker" => (said("Camille Exemple", "Camille Example"), 22.0),
        "role" => (said("Psychologue", "Psychologist"), 22.0),
        "structure" => (said("Centre social", "Community centre"), 22.0),
        "contact" => ("01 23 45 67 89", 20.0),
        "status" => (said("suspendu", "off"), 12.0),
        "source" | "description" | "keep" => ("", 24.0),
        _ => ("", 13.0),
    }
}

/// The catalogue. Its cells are text, so that a spreadsheet does not make an
/// hour and twenty minutes of 1:20.
fn catalogue(lang: Lang) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The same bytes each time: a workbook would note when it was made.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let text = Format::new()
        .set_num_format("@")
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let header = Format::new()
        .set_num_format("@")
        .set_bold()
        .set_background_color(Color::RGB(0xF6E2C3));
    let sheet = workbook.add_worksheet();
    sheet.set_name("capsules")?;
    sheet.set_freeze_panes(1, 1)?;
    for (index, column) in (0u16..).zip(columns::all()) {
        let (value, width) = example(column, lang);
        let title = match lang {
            Lang::French => columns::french(column),
            Lang::English => column,
        };
        sheet.set_column_width(index, width)?;
        sheet.set_column_format(index, &text)?;
        sheet.write_string_with_format(0, index, title, &header)?;
        if !value.is_empty() {
            sheet.write_string_with_format(1, index, value, &text)?;
        }
        let words: &[&str] = match (column, lang) {
            ("status", Lang::French) => &["prêt", "brouillon", "suspendu", "retiré"],
            ("status", Lang::English) => &["ready", "draft", "off", "withdrawn"],
            ("audience", Lang::French) => &["tout public", "professionnels", "groupe", "privé"],
            ("audience", Lang::English) => &["public", "professionals", "group", "private"],
            _ => continue,
        };
        let list = DataValidation::new().allow_list_strings(words)?;
        sheet.add_data_validation(1, index, PREPARED_ROWS, index, &list)?;
    }
    workbook.save_to_buffer()
}
