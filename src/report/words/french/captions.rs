//! What is said of captions and of single cues.

use super::super::{cue_lines, cue_time};
use super::{lasting, plural};
use crate::values::captions::{Breach, CaptionFault, TypographySlip};
use crate::values::time::Rational;

pub(super) fn fault(fault: &CaptionFault) -> String {
    match fault {
        CaptionFault::NotCaptions => {
            "ce fichier ne contient aucun sous-titre ; il n’est pas au format SRT ou WebVTT."
                .to_owned()
        }
        CaptionFault::EncodingDoubtful => {
            "on ne peut pas savoir comment les lettres de ce fichier sont codées ; les accents \
             seraient sans doute faux."
                .to_owned()
        }
        CaptionFault::EncodingGuessed => {
            "ce fichier n’est pas enregistré en UTF-8 ; il a été lu comme un ancien fichier \
             Windows (Windows-1252)."
                .to_owned()
        }
        CaptionFault::CharactersReplaced { count: 1 } => {
            "un caractère est illisible ; il est remplacé par « \u{FFFD} ».".to_owned()
        }
        CaptionFault::CharactersReplaced { count } => {
            format!("{count} caractères sont illisibles ; ils sont remplacés par « \u{FFFD} ».")
        }
        CaptionFault::BadTiming { found } => format!(
            "les temps « {found} » ne sont pas lisibles ; ce sous-titre est laissé de côté."
        ),
        CaptionFault::EndBeforeStart { found } => format!(
            "ce sous-titre ne finit pas après son début (« {found} ») ; il est laissé de côté."
        ),
        CaptionFault::EmptyCue => {
            "ce sous-titre n’a pas de texte ; il est laissé de côté.".to_owned()
        }
        CaptionFault::TextOutsideCue { text } => {
            format!("le texte « {text} » n’appartient à aucun sous-titre ; il est laissé de côté.")
        }
        CaptionFault::LooseTime { found } => format!(
            "les temps « {found} » ne sont pas écrits comme WebVTT le demande ; ils sont compris, \
             et publiés sous la bonne forme."
        ),
        CaptionFault::MissingBlankLine => {
            "il n’y a pas de ligne vide entre ce sous-titre et le précédent ; ils ont été séparés."
                .to_owned()
        }
        CaptionFault::BlankLineInCue => {
            "il y a une ligne vide au milieu d’un sous-titre ; le texte qui suit lui a été rattaché."
                .to_owned()
        }
        CaptionFault::TagDropped { tag, count } => format!(
            "la balise « {tag} » n’est pas connue de WebVTT (vue {count} fois) ; elle est retirée, \
             son texte reste."
        ),
        CaptionFault::SettingDropped { setting } => format!(
            "le réglage de position « {setting} » ne serait pas compris des lecteurs ; il est retiré."
        ),
        CaptionFault::OutOfOrder => {
            "ce sous-titre commence avant le précédent ; ils ont été remis dans l’ordre.".to_owned()
        }
        CaptionFault::ClockMoved { by } => format!(
            "les temps de ce fichier commencent à {}, comme dans le logiciel de montage ; ils ont \
             été ramenés au début du clip.",
            cue_time(*by)
        ),
        CaptionFault::OutlastsFilm { count, end } => format!(
            "{count} sous-titre{} dépasse{} la fin du film ({}).",
            plural(*count),
            if *count > 1 { "nt" } else { "" },
            cue_time(*end)
        ),
        CaptionFault::Typography { slip, count, found, .. } => {
            let what = match slip {
                TypographySlip::Ellipsis => "trois points au lieu du signe « … »",
                TypographySlip::FrenchSpaces => {
                    "une espace insécable manque devant un signe double"
                }
                TypographySlip::Guillemets => "des guillemets droits",
            };
            format!("{what} (« {found} »), {count} fois dans ce fichier.")
        }
    }
}

/// What to do; nothing where it has been put right already.
pub(super) fn fault_hint(fault: &CaptionFault) -> Option<String> {
    let hint = match fault {
        CaptionFault::NotCaptions => {
            "Vérifiez que c’est le bon fichier, puis exportez-le à nouveau en SRT ou en WebVTT."
                .to_owned()
        }
        CaptionFault::EncodingDoubtful => {
            "Ouvrez-le et enregistrez-le à nouveau en choisissant l’encodage UTF-8.".to_owned()
        }
        CaptionFault::EncodingGuessed => {
            "Relisez les accents ; si l’un d’eux est faux, enregistrez le fichier à nouveau en \
             choisissant l’encodage UTF-8."
                .to_owned()
        }
        CaptionFault::CharactersReplaced { .. } => "Retapez-les à cet endroit.".to_owned(),
        CaptionFault::BadTiming { .. } => {
            "Écrivez par exemple 00:01:20,500 --> 00:01:23,000.".to_owned()
        }
        CaptionFault::EndBeforeStart { .. } => "Corrigez l’un des deux temps.".to_owned(),
        CaptionFault::TextOutsideCue { .. } => {
            "Ajoutez au-dessus de ce texte une ligne avec ses temps, ou supprimez-le.".to_owned()
        }
        CaptionFault::OutlastsFilm { end, .. } => format!(
            "Faites finir le dernier au plus tard à {}, ou vérifiez que c’est le bon fichier.",
            cue_time(*end)
        ),
        CaptionFault::Typography { better, .. } => format!("Écrivez « {better} »."),
        CaptionFault::EmptyCue
        | CaptionFault::LooseTime { .. }
        | CaptionFault::MissingBlankLine
        | CaptionFault::BlankLineInCue
        | CaptionFault::TagDropped { .. }
        | CaptionFault::SettingDropped { .. }
        | CaptionFault::ClockMoved { .. }
        | CaptionFault::OutOfOrder => return None,
    };
    Some(hint)
}

pub(super) fn breach(breach: &Breach) -> String {
    match breach {
        Breach::TooFast {
            characters, room, ..
        } => format!(
            "ce sous-titre passe trop vite pour être lu ({characters} caractère{} ; dans ce temps, \
             on en lit {room}).",
            plural(*characters)
        ),
        Breach::LineTooLong {
            characters, room, ..
        } => format!(
            "une ligne de ce sous-titre est trop longue ({characters} caractères, au plus {room})."
        ),
        Breach::TooManyLines { count, room, .. } => {
            format!("ce sous-titre a trop de lignes ({count}, au plus {room}).")
        }
        Breach::TooShort {
            duration, least, ..
        } => format!(
            "ce sous-titre reste trop peu de temps à l’écran ({}, au moins {}).",
            lasting(*duration),
            lasting(*least)
        ),
        Breach::TooLong { duration, most, .. } => format!(
            "ce sous-titre reste trop longtemps à l’écran ({}, au plus {}).",
            lasting(*duration),
            lasting(*most)
        ),
        Breach::GapTooSmall { gap, least, .. } => format!(
            "le sous-titre suivant arrive trop vite après celui-ci ({}, au moins {}) : l’œil ne \
             voit pas le changement.",
            lasting(*gap),
            lasting(*least)
        ),
        Breach::Overlap { by, .. } => format!(
            "le sous-titre suivant commence {} avant la fin de celui-ci.",
            lasting(*by)
        ),
        Breach::Unbalanced { .. } => {
            "une ligne de ce sous-titre est bien plus longue que l’autre.".to_owned()
        }
        Breach::NoDash { .. } => {
            "deux personnes parlent dans ce sous-titre, et aucun tiret ne le montre.".to_owned()
        }
    }
}

/// Times and lines that mend the cue, where they could be worked out.
pub(super) fn breach_hint(breach: &Breach) -> String {
    let until = |end: &Rational| format!("Faites-le finir à {}.", cue_time(*end));
    let write = |lines: &[String]| format!("Écrivez « {} ».", cue_lines(lines));
    match breach {
        Breach::TooFast { end: Some(end), .. }
        | Breach::TooShort { end: Some(end), .. }
        | Breach::TooLong { end, .. }
        | Breach::GapTooSmall { end, .. }
        | Breach::Overlap { end: Some(end), .. } => until(end),
        Breach::LineTooLong {
            lines: Some(lines), ..
        }
        | Breach::TooManyLines {
            lines: Some(lines), ..
        }
        | Breach::Unbalanced { lines }
        | Breach::NoDash { lines } => write(lines),
        // Of a text that would lose more than half, nothing is left to say.
        Breach::TooFast {
            characters, room, ..
        } if *room * 2 < *characters => {
            "Réunissez-le avec un voisin, ou donnez-lui plus de temps.".to_owned()
        }
        Breach::TooFast {
            characters, room, ..
        } => format!(
            "Raccourcissez le texte à {room} caractère{} ({} de moins) ; il ne peut pas rester plus \
             longtemps.",
            plural(*room),
            characters.saturating_sub(*room)
        ),
        Breach::LineTooLong { .. } => "Raccourcissez-la, ou faites-en deux sous-titres.".to_owned(),
        Breach::TooManyLines { .. } => "Faites-en deux sous-titres.".to_owned(),
        Breach::TooShort { .. } => "Réunissez-le avec un voisin.".to_owned(),
        Breach::Overlap { .. } => "Réunissez les deux en un seul sous-titre.".to_owned(),
    }
}
