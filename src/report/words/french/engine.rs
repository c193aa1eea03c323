//! French for what libraries and the machine say in English. What is not
//! recognised is quoted, and said to be a technical detail.

use crate::values::diagnostic::SandboxPiece;

/// A library's message, as something to read out over the telephone.
pub(super) fn detail(error: &str) -> String {
    match known(error) {
        Some(french) => french.to_owned(),
        None => format!(
            "détail technique, en anglais : « {} »",
            error.trim().trim_end_matches('.')
        ),
    }
}

/// What is recognised, in French.
pub(super) fn known(error: &str) -> Option<&'static str> {
    machine(error).or_else(|| library(error))
}

/// The system's errors, by the number that Rust prints after its own words.
fn machine(error: &str) -> Option<&'static str> {
    let (_, rest) = error.rsplit_once("(os error ")?;
    Some(match rest.split(')').next()?.parse::<u32>().ok()? {
        1 | 13 => "l’accès est refusé",
        2 => "il n’existe pas",
        5 => "le disque signale une erreur",
        17 => "il existe déjà",
        20 => "un élément du chemin n’est pas un dossier",
        21 => "c’est un dossier",
        23 | 24 => "trop de fichiers sont ouverts en même temps",
        26 => "il est en cours d’utilisation",
        27 => "il serait trop gros",
        28 | 122 => "il n’y a plus de place sur le disque",
        30 => "le disque est protégé contre l’écriture",
        36 => "son nom est trop long",
        39 => "le dossier n’est pas vide",
        40 => "des liens tournent en rond",
        110 => "le disque ne répond plus",
        116 => "le dossier partagé a changé entre-temps",
        _ => return None,
    })
}

fn library(error: &str) -> Option<&'static str> {
    let known = [
        (
            "Invalid data found when processing input",
            "les octets ne forment pas un film",
        ),
        ("it is no sound file", "ce n’est pas un fichier de son"),
        ("nothing is to be heard in it", "on n’y entend rien"),
        ("there is no sound in it", "il ne contient aucun son"),
        (
            "it is coded in a way that is not read here",
            "son codage n’est pas lu ici",
        ),
        ("moov atom not found", "l’enregistrement a été interrompu"),
        ("End of file", "le fichier s’arrête trop tôt"),
        (
            "Cannot allocate memory",
            "la mémoire de l’ordinateur ne suffit pas",
        ),
        ("out of memory", "la mémoire de l’ordinateur ne suffit pas"),
        (
            "not a kind of film that is accepted",
            "ce genre de fichier n’est pas accepté",
        ),
        ("codec not supported", "ce format n’est pas accepté"),
        (
            "its text has to be converted to paths",
            "son texte doit être converti en tracés",
        ),
        (
            "neither PNG, JPEG nor SVG",
            "ce n’est ni du PNG, ni du JPEG, ni du SVG",
        ),
        (
            "where <svg> is expected",
            "le fichier ne commence pas par <svg>",
        ),
        ("damaged workbook", "le classeur est abîmé"),
        ("password", "le classeur est protégé par un mot de passe"),
        (
            "Invalid Zip archive",
            "le classeur est abîmé, ou n’en est pas un",
        ),
        (
            "invalid Zip archive",
            "le classeur est abîmé, ou n’en est pas un",
        ),
        (
            "this codec is not built yet",
            "cette version ne sait pas encore produire ce format",
        ),
    ];
    known
        .iter()
        .find(|(english, _)| error.contains(english))
        .map(|(_, french)| *french)
}

/// Slips in TOML, by how the reader's message starts.
pub(super) fn toml(error: &str) -> Option<&'static str> {
    let known = [
        ("duplicate key", "ce réglage est écrit deux fois"),
        (
            "string values must be quoted",
            "la valeur manque, est double, ou est un texte sans guillemets droits (\")",
        ),
        (
            "missing assignment",
            "il manque le signe = entre le nom du réglage et sa valeur",
        ),
        (
            "key with no value",
            "il manque le signe = après le nom du réglage, qui ne peut avoir ni accent ni espace",
        ),
        (
            "missing key",
            "il manque le nom du réglage avant le signe =",
        ),
        (
            "unquoted keys cannot be empty",
            "il manque le nom du réglage avant le signe =",
        ),
        (
            "invalid unquoted key",
            "le nom du réglage ne peut avoir ni accent ni espace",
        ),
        ("missing value", "il manque la valeur après le signe ="),
        ("extra `=`", "il y a un signe = de trop"),
        ("extra assignment", "il y a un signe = de trop"),
        ("unexpected `=`", "il y a un signe = de trop"),
        ("missing comma", "il manque une virgule entre deux éléments"),
        ("extra comma", "il y a une virgule de trop"),
        ("unclosed inline table", "il manque l’accolade fermante }"),
        ("unclosed array table", "il manque les crochets fermants ]]"),
        ("unclosed", "il manque le crochet fermant ]"),
        (
            "missing opening quote",
            "il manque le guillemet droit ouvrant (\")",
        ),
        (
            "missing escaped value",
            "après une barre oblique inverse (\\) il manque une lettre ; pour l’écrire elle-même, doublez-la",
        ),
        (
            "too few unicode",
            "après une barre oblique inverse (\\) il manque une lettre ; pour l’écrire elle-même, doublez-la",
        ),
        ("invalid date", "cette date ou cette heure n’existe pas"),
        (
            "unexpected leading zero",
            "un nombre ne commence pas par un zéro",
        ),
        ("integer number overflowed", "ce nombre est trop grand"),
        (
            "unexpected content",
            "il y a quelque chose de trop à la fin de cette ligne",
        ),
        (
            "unexpected key or value",
            "il y a quelque chose de trop à la fin de cette ligne (les décimales s’écrivent avec un point)",
        ),
    ];
    let starts = known.iter().find(|(english, _)| error.starts_with(english));
    let quoted = error.contains("expected `\"`") || error.contains("expected `'`");
    match starts {
        Some((_, french)) => Some(french),
        None if quoted => Some("un guillemet est ouvert et jamais refermé"),
        None => None,
    }
}

/// The stage of work that an operation belongs to.
pub(super) fn stage(operation: &str) -> &'static str {
    let stages: [(&[&str], &str); 6] = [
        (
            &["sound", "loudness", "resampl", "AAC"],
            "la préparation du son",
        ),
        (&["read back"], "la relecture du film fini"),
        (&["card", "fonts"], "le dessin des cartes"),
        (&["still", "JPEG"], "la préparation des vignettes"),
        (
            &["clip", "decode", "decoding", "choose a stream", "render"],
            "la lecture du clip",
        ),
        (
            &[
                "segment", "mux", "fragment", "write", "index", "boxes", "stream",
            ],
            "l’écriture du film",
        ),
    ];
    stages
        .iter()
        .find(|(words, _)| words.iter().any(|word| operation.contains(word)))
        .map_or("le traitement du clip", |(_, stage)| stage)
}

/// What a part of the sandbox would have done.
pub(super) fn sandbox(piece: &SandboxPiece) -> &'static str {
    match piece {
        SandboxPiece::Files => "le noyau ne sait pas lui fermer les autres fichiers (Landlock)",
        SandboxPiece::Calls => "le noyau ne sait pas limiter ses appels système (seccomp)",
        SandboxPiece::Limits => "sa mémoire n’a pas pu être limitée",
    }
}

/// Why a worker was killed, as far as its signal says it.
pub(super) fn signal(number: i32) -> String {
    let why = match number {
        2 | 15 => "quelqu’un, ou l’ordinateur, lui a demandé de s’arrêter",
        4 | 6 | 7 | 8 | 11 => "une erreur du programme sur ce clip",
        9 => "l’ordinateur y a mis fin, sans doute par manque de mémoire",
        24 => "il dépassait le temps de calcul autorisé",
        25 => "il dépassait la taille de fichier autorisée",
        31 => "ce clip lui a fait demander quelque chose d’interdit",
        _ => return format!("signal {number}"),
    };
    why.to_owned()
}

/// What `verify` looked at.
pub(super) fn verified(what: &str) -> String {
    match what {
        "picture" => "image",
        "size" => "taille de l’image",
        "samples" => "nombre d’images",
        "decoded pictures" => "nombre d’images lisibles",
        "start" => "début de l’image",
        "end" => "fin de l’image",
        "codec" => "format de l’image",
        "colour" => "couleurs",
        "tags" => "étiquettes",
        "sound" => "son",
        "start of the sound" => "début du son",
        "end of the sound" => "fin du son",
        "bytes" => "nombre d’octets",
        "duration" => "durée en secondes",
        other => return format!("« {other} »"),
    }
    .to_owned()
}

pub(super) fn value(value: &str) -> String {
    match value {
        "none" => "rien",
        "one" => "une piste",
        "one track" => "une piste",
        "none but ours" => "les nôtres seulement",
        "other tags" => "autre chose",
        "bt709, limited range" => "BT.709, échelle limitée",
        "AAC, 48 kHz, stereo" => "AAC, 48 kHz, stéréo",
        other => return other.to_owned(),
    }
    .to_owned()
}
