//! What is said of captions and of single cues.

use super::{lasting, plural};
use crate::values::captions::{Breach, CaptionFault};

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
    }
}

/// What to do; nothing where it has been put right already.
pub(super) fn fault_hint(fault: &CaptionFault) -> Option<&'static str> {
    match fault {
        CaptionFault::NotCaptions => Some(
            "Vérifiez que c’est le bon fichier, puis exportez-le à nouveau en SRT ou en WebVTT.",
        ),
        CaptionFault::EncodingDoubtful => {
            Some("Ouvrez-le et enregistrez-le à nouveau en choisissant l’encodage UTF-8.")
        }
        CaptionFault::EncodingGuessed => Some(
            "Relisez les accents ; si l’un d’eux est faux, enregistrez le fichier à nouveau en \
             choisissant l’encodage UTF-8.",
        ),
        CaptionFault::CharactersReplaced { .. } => Some("Retapez-les à cet endroit."),
        CaptionFault::BadTiming { .. } => {
            Some("Écrivez par exemple 00:01:20,500 --> 00:01:23,000.")
        }
        CaptionFault::EndBeforeStart { .. } => Some("Corrigez l’un des deux temps."),
        CaptionFault::TextOutsideCue { .. } => {
            Some("Ajoutez au-dessus de ce texte une ligne avec ses temps, ou supprimez-le.")
        }
        CaptionFault::EmptyCue
        | CaptionFault::LooseTime { .. }
        | CaptionFault::MissingBlankLine
        | CaptionFault::BlankLineInCue
        | CaptionFault::TagDropped { .. }
        | CaptionFault::SettingDropped { .. }
        | CaptionFault::OutOfOrder => None,
    }
}

pub(super) fn breach(breach: &Breach) -> String {
    match breach {
        Breach::TooFast { characters, room } => format!(
            "ce sous-titre passe trop vite pour être lu ({characters} caractère{} ; dans ce temps, \
             on en lit {room}).",
            plural(*characters)
        ),
        Breach::LineTooLong { characters, room } => format!(
            "une ligne de ce sous-titre est trop longue ({characters} caractères, au plus {room})."
        ),
        Breach::TooManyLines { lines, room } => {
            format!("ce sous-titre a trop de lignes ({lines}, au plus {room}).")
        }
        Breach::TooShort { duration, least } => format!(
            "ce sous-titre reste trop peu de temps à l’écran ({}, au moins {}).",
            lasting(*duration),
            lasting(*least)
        ),
        Breach::TooLong { duration, most } => format!(
            "ce sous-titre reste trop longtemps à l’écran ({}, au plus {}).",
            lasting(*duration),
            lasting(*most)
        ),
        Breach::GapTooSmall { gap, least } => format!(
            "le sous-titre suivant arrive trop vite après celui-ci ({}, au moins {}) : l’œil ne \
             voit pas le changement.",
            lasting(*gap),
            lasting(*least)
        ),
        Breach::Overlap { by } => format!(
            "le sous-titre suivant commence {} avant la fin de celui-ci.",
            lasting(*by)
        ),
    }
}

pub(super) fn breach_hint(breach: &Breach) -> &'static str {
    match breach {
        Breach::TooFast { .. } => "Raccourcissez le texte, ou laissez-le plus longtemps.",
        Breach::LineTooLong { .. } => "Coupez la ligne en deux, ou raccourcissez-la.",
        Breach::TooManyLines { .. } => "Faites-en deux sous-titres.",
        Breach::TooShort { .. } => "Laissez-le plus longtemps, ou réunissez-le avec un voisin.",
        Breach::TooLong { .. } => "Faites-le finir plus tôt, ou faites-en deux sous-titres.",
        Breach::GapTooSmall { .. } => "Faites-le finir un peu plus tôt.",
        Breach::Overlap { .. } => "Faites-le finir plus tôt, ou commencer le suivant plus tard.",
    }
}
