//! The parts of sentences that vary with a value: what would have been right,
//! what is odd about a clip, why it cannot be used.

use super::engine::{detail, verified};
use super::{lasting, plural, time};
use crate::report::words::{listed, one_in};
use crate::values::diagnostic::{Expected, Protection};
use crate::values::facts::{EditFault, Oddity, ProbeFailure};
use crate::values::time::Rational;

pub(super) fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Text => "un texte entre guillemets droits".to_owned(),
        Expected::Integer { from, to } => format!("un nombre entier de {from} à {to}"),
        Expected::Decimal { from, to } => {
            format!("un nombre de {from} à {to}, avec un point pour les décimales")
        }
        Expected::Boolean => "true (pour oui) ou false (pour non)".to_owned(),
        Expected::List => "une liste entre crochets".to_owned(),
        Expected::Table => "une section entre crochets".to_owned(),
        Expected::OneOf { values } => {
            let quoted: Vec<String> = values.iter().map(|v| format!("« {v} »")).collect();
            listed(&quoted, "ou")
        }
        Expected::CharterSound => {
            "le nom d’un fichier de son (WAV, MP3, FLAC, OGG, M4A) placé dans \
                                   le dossier charter, qui n’en contient aucun"
                .to_owned()
        }
        Expected::Id => "des lettres minuscules sans accent, des chiffres et des tirets".to_owned(),
        Expected::Language => "un code de langue, comme « fr »".to_owned(),
        Expected::Date => "une date, comme 2025-01-15".to_owned(),
        Expected::Url => "une adresse qui commence par https://".to_owned(),
        Expected::Colour => "une couleur, comme « #c8553d »".to_owned(),
        Expected::Duration { from, to } => {
            format!(
                "une durée de {from} à {to} secondes, au millième près, avec un point pour les décimales"
            )
        }
    }
}

pub(super) fn protection(what: &Protection) -> String {
    let asks = match what {
        Protection::ConsentRequired => {
            "la série exige le consentement des personnes (consent = \"required\")".to_owned()
        }
        Protection::ConsentFile { path } => {
            format!("le fichier « {path} » dit qui a consenti à quoi")
        }
        Protection::Withdrawals => "ce fichier dit qui s’est retiré".to_owned(),
        Protection::Masks => "ce dossier contient des masques".to_owned(),
        Protection::Column { header } => {
            format!("la colonne « {header} » demande de protéger des personnes")
        }
    };
    format!(
        "{asks}, et cette version de portevoix ne sait pas encore en tenir compte ; rien n’est \
         construit."
    )
}

pub(super) fn failure(failure: &ProbeFailure) -> String {
    match failure {
        ProbeFailure::Empty => "le fichier est vide".to_owned(),
        ProbeFailure::NotMedia { error } => {
            format!("ce n’est pas un film lisible ({})", detail(error))
        }
        ProbeFailure::Unfinished => {
            "l’enregistrement, ou la copie depuis la carte, a été interrompu avant la fin"
                .to_owned()
        }
        ProbeFailure::NoPicture => "on n’y trouve aucune image".to_owned(),
        ProbeFailure::UnsupportedCodec { codec } if codec == "none" => {
            "le format de son image n’est pas reconnu".to_owned()
        }
        ProbeFailure::UnsupportedCodec { codec } => {
            format!("son format, « {codec} », n’est pas accepté")
        }
        ProbeFailure::Undecodable { error } => {
            format!("aucune image n’est lisible ({})", detail(error))
        }
        ProbeFailure::Truncated { promised, present } => format!(
            "le fichier est incomplet : il annonce {} et n’en contient que {}",
            time(*promised),
            time(*present)
        ),
        ProbeFailure::ClockRestarts { after } => format!(
            "ce sont plusieurs enregistrements mis bout à bout : son horloge recommence après {}",
            time(*after)
        ),
        ProbeFailure::Edits { found } => format!(
            "sa liste de montage {} : montrée autrement, elle publierait ce que le montage cache",
            match found {
                EditFault::Gap => "laisse un vide entre deux morceaux",
                EditFault::Speed => "change la vitesse d’un morceau",
                EditFault::Fragments => "assemble des morceaux d’un film en fragments",
                EditFault::Unreadable => "ne peut pas être lue",
            }
        ),
        ProbeFailure::UnsupportedColour { matrix } => {
            format!("ses couleurs, en « {matrix} », ne peuvent pas être converties sans erreur")
        }
        ProbeFailure::Hollow { bytes, missing } => format!(
            "le fichier est incomplet : sur {}, {} n’ont jamais été écrits",
            amount(*bytes),
            amount(*missing)
        ),
        ProbeFailure::BeyondLimits { what, found, limit } if what == "duration" => format!(
            "il est trop long ({}, au plus {})",
            whole_seconds(*found),
            whole_seconds(*limit)
        ),
        ProbeFailure::BeyondLimits { what, found, limit } if what == "gap between pictures" => {
            format!(
                "une de ses images reste seule pendant {} (au plus {})\u{a0}: il manque une partie du film, ou son horloge se trompe",
                whole_seconds(*found),
                whole_seconds(*limit)
            )
        }
        ProbeFailure::BeyondLimits { what, found, limit } if what == "pixels" => format!(
            "son image est trop grande ({} millions de points, au plus {})",
            found / 1_000_000,
            limit / 1_000_000
        ),
        ProbeFailure::BeyondLimits { what, found, limit } => {
            format!(
                "il dépasse ce qui est accepté ({} : {found}, au plus {limit})",
                verified(what)
            )
        }
    }
}

fn whole_seconds(seconds: u64) -> String {
    time(Rational::integer(
        i64::try_from(seconds).unwrap_or(i64::MAX),
    ))
}

/// Of a file, in the unit that a file browser shows.
fn amount(bytes: u64) -> String {
    match bytes / 1_000_000 {
        megabytes @ 0..10_000 => format!("{megabytes} Mo"),
        megabytes => format!("{} Go", megabytes / 1000),
    }
}

pub(super) fn oddity(oddity: &Oddity) -> String {
    match oddity {
        Oddity::Rotated {
            clockwise_degrees,
            mirrored: false,
        } => {
            format!("l’image est tournée de {clockwise_degrees}° ; elle est publiée droite")
        }
        Oddity::Rotated {
            clockwise_degrees,
            mirrored: true,
        } => format!(
            "l’image est inversée comme dans un miroir et tournée de {clockwise_degrees}° ; elle est publiée à l’endroit"
        ),
        Oddity::VariableRate { lowest, highest } => format!(
            "le nombre d’images par seconde varie, de {} à {} ; le film est publié à un rythme constant",
            lowest.display().replace('.', ","),
            highest.display().replace('.', ",")
        ),
        Oddity::SlowRate { filmed, published } => format!(
            "le clip est filmé à {} image{} par seconde ; il est publié à {}, chaque image étant répétée",
            filmed.display().replace('.', ","),
            // In French, two begin at two.
            if filmed.rational() < Rational::integer(2) { "" } else { "s" },
            published.display().replace('.', ",")
        ),
        Oddity::HighRate { filmed } => format!(
            "{} images par seconde, c’est plus que les 60 qu’on publie ; on en garde une sur {}",
            filmed.display().replace('.', ","),
            one_in(*filmed)
        ),
        Oddity::Anamorphic { .. } => {
            "l’image est enregistrée déformée (ses points ne sont pas carrés) ; elle est publiée dans ses vraies proportions".to_owned()
        }
        Oddity::Interlaced { .. } => "l’image est entrelacée (une ligne sur deux à la fois, comme à la télévision) ; elle est publiée en images entières".to_owned(),
        Oddity::FullRange => {
            "les couleurs sont enregistrées comme sur un ordinateur (pleine échelle) ; elles sont converties pour la vidéo".to_owned()
        }
        Oddity::StandardDefinitionColour => {
            "les couleurs sont celles de l’ancienne télévision (BT.601) ; elles sont converties pour la haute définition".to_owned()
        }
        Oddity::Hdr { transfer } => {
            let transfer = match transfer.as_str() {
                "smpte2084" => "PQ",
                "arib-std-b67" => "HLG",
                other => other,
            };
            format!("le film est en HDR ({transfer}) ; il est converti pour les écrans ordinaires")
        }
        Oddity::UntaggedColour { read_as } => {
            let read_as = match read_as.as_str() {
                "bt709" => "celles de la haute définition (BT.709)",
                "smpte170m" | "bt470bg" => "celles de l’ancienne télévision (BT.601)",
                other => other,
            };
            format!("le film ne dit pas comment ses couleurs sont codées ; on les lit comme {read_as}")
        }
        Oddity::NoSound => "le film n’a pas de son ; il est publié muet".to_owned(),
        Oddity::Mono => "le son est en mono ; on l’entendra des deux côtés".to_owned(),
        Oddity::Surround { channels } => {
            format!("le son a {channels} canaux ; il est ramené à deux (stéréo)")
        }
        Oddity::SoundOffset { seconds } if seconds.is_negative() => format!(
            "le son commence {} avant l’image ; on l’entend à partir de la première image, et les deux restent synchronisés",
            lasting(Rational::ZERO - *seconds)
        ),
        Oddity::SoundOffset { seconds } => format!(
            "le son commence {} après l’image ; les deux restent synchronisés",
            lasting(*seconds)
        ),
        Oddity::TracksLeftOut { count } => format!(
            "{count} autre{s} piste{s} (données, sous-titres, seconde image ou son désactivé) ; {left}",
            s = plural(*count),
            left = if *count > 1 { "elles ne sont pas publiées" } else { "elle n’est pas publiée" }
        ),
        Oddity::SeveralSoundTracks { count, heard } => {
            format!("le clip a {count} pistes de son ; on n’entendra que la piste n° {heard}")
        }
    }
}
