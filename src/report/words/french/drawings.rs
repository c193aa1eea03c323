//! What is said of a card's drawing and of what it uses.

use super::all;
use super::engine::detail;
use crate::values::diagnostic::DrawingLimit;

pub(super) fn broken(error: &str) -> String {
    format!(
        "ce dessin n’est pas un fichier SVG correct ({}).",
        detail(error)
    )
}

pub(super) fn text_stray(text: &str) -> String {
    format!(
        "le dessin contient le texte « {text} », qui ne sera pas affiché : il dépendrait de \
         polices qui ne sont pas dans la charte."
    )
}

pub(super) const DOCTYPE: &str = "le dessin contient une déclaration DOCTYPE, qui n’est pas \
     acceptée car elle peut désigner d’autres fichiers.";

pub(super) fn reference_outside(reference: &str) -> String {
    format!(
        "le dessin fait appel à quelque chose qui est en dehors de lui (« {reference} »), ce qui \
         n’est pas accepté."
    )
}

pub(super) fn beyond(limit: DrawingLimit, found: u64, allowed: u64) -> String {
    let bounds = format!("({found}, au plus {allowed})");
    match limit {
        DrawingLimit::Bytes => {
            format!("le fichier du dessin est trop gros ({found} octets, au plus {allowed}).")
        }
        DrawingLimit::Depth => {
            format!("le dessin a trop de groupes les uns dans les autres {bounds}.")
        }
        DrawingLimit::Elements => format!("le dessin a trop d’éléments {bounds}."),
        DrawingLimit::ElementsDrawn => format!(
            "le dessin a trop d’éléments une fois les clones et les motifs comptés {bounds}."
        ),
        DrawingLimit::Boxes => format!("le dessin a trop de cadres de texte et de logos {bounds}."),
        DrawingLimit::StyleBytes => format!(
            "les feuilles de style du dessin sont trop longues ({found} octets, au plus {allowed})."
        ),
        DrawingLimit::FilterEffects => format!("le dessin a trop d’effets de filtre {bounds}."),
        DrawingLimit::FilterKind => {
            "le dessin utilise un effet de filtre qui n’est pas accepté, car il peut prendre un \
             temps sans limite."
                .to_owned()
        }
        DrawingLimit::FilterRadius => format!("un flou du dessin est trop large {bounds}."),
        DrawingLimit::PicturePixels => format!(
            "les images contenues dans le dessin sont trop grandes ({found} points en tout, au \
             plus {allowed})."
        ),
        DrawingLimit::Reach => format!(
            "un élément du dessin est trop loin du cadre (à {found} points, au plus {allowed})."
        ),
        DrawingLimit::FramePixels => format!(
            "la carte serait trop grande, ou sans surface (côté de {found} points, au plus \
             {allowed})."
        ),
    }
}

pub(super) fn beyond_hint(limit: DrawingLimit) -> &'static str {
    match limit {
        DrawingLimit::Bytes | DrawingLimit::PicturePixels => {
            "Réduisez les images qu’il contient, puis enregistrez-le à nouveau."
        }
        DrawingLimit::Depth | DrawingLimit::Elements | DrawingLimit::ElementsDrawn => {
            "Simplifiez le dessin : dégroupez, réunissez des tracés, remplacez les motifs par une \
             image."
        }
        DrawingLimit::StyleBytes => {
            "Exportez-le sans feuille de style (attributs de présentation), ou retirez les règles \
             qui ne servent pas."
        }
        DrawingLimit::Boxes => "Retirez les cadres qui ne servent pas.",
        DrawingLimit::FilterEffects | DrawingLimit::FilterKind | DrawingLimit::FilterRadius => {
            "Retirez ou allégez cet effet, ou remplacez-le par une image."
        }
        DrawingLimit::Reach => "Supprimez ou rapprochez ce qui traîne loin du cadre.",
        DrawingLimit::FramePixels => "Donnez au profil une hauteur (height) plus raisonnable.",
    }
}

/// 2,1 (to 1).
fn ratio(hundredths: u32) -> String {
    format!("{},{}", hundredths / 100, hundredths % 100 / 10)
}

pub(super) fn contrast(
    content: &str,
    hundredths: u32,
    needed_hundredths: u32,
    over_footage: bool,
) -> String {
    let needed = ratio(needed_hundredths);
    if over_footage {
        format!(
            "{content} peut se confondre avec l’image qui se voit derrière ; il faudrait un contraste \
             d’au moins {needed} quelle que soit cette image."
        )
    } else {
        let found = ratio(hundredths);
        format!(
            "{content} ne se détache pas assez de son fond (contraste de {found}, il en faut au moins \
             {needed}) : des personnes qui voient mal ne pourront pas le lire."
        )
    }
}

/// `in_charter`: where the line of `charter.toml` is told.
pub(super) fn contrast_hint(in_charter: bool, card: &str, over_footage: bool) -> &'static str {
    match (in_charter, over_footage) {
        (true, true) if matches!(card, "opening" | "end") => {
            "À cette ligne ou à « veil », laissez moins voir le fond : veil = 85 convient aux \
             dessins fournis, veil = 100 le cache."
        }
        (true, _) => {
            "À cette ligne, prenez une couleur qui s’écarte davantage de l’autre : plus foncée sur \
             un fond clair, plus claire sur un fond foncé."
        }
        (false, true) => {
            "Dans le dessin, mettez derrière ce texte un bandeau plein, clair sous un texte foncé \
             ou foncé sous un texte clair."
        }
        (false, false) => {
            "Dans le dessin ou la palette, prenez un texte plus foncé sur un fond plus clair, ou \
             l’inverse, ou des lettres plus grandes."
        }
    }
}

pub(super) fn rule_unused(column: &str, of_card: &str) -> String {
    format!("ce réglage ne change rien : le dessin {of_card} n’a pas de cadre pour « {column} ».")
}

pub(super) fn boxes_hint(boxes: &[String]) -> String {
    if boxes.is_empty() {
        return "Ce dessin n’a aucun cadre ; supprimez ce réglage.".to_owned();
    }
    let quoted: Vec<String> = boxes.iter().map(|b| format!("« {b} »")).collect();
    format!(
        "Ses cadres sont {} ; corrigez ce nom, ou supprimez le réglage.",
        all(&quoted)
    )
}

pub(super) const BACKGROUND_HINT: &str = "Dans le dessin, faites du fond un rectangle simple \
     derrière tout le reste, qui couvre toute l’image ; ou supprimez cette ligne.";
