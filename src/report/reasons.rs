//! Why segments are made, in one sentence.

use crate::pipeline::stale::Why;
use crate::plan::reason::Reason;
use crate::report::words::Lang;

/// "title changed (“old” → “new”): opening card (2 segments); …"
pub fn sentence(reasons: &[Why], lang: Lang) -> String {
    let mut causes: Vec<(String, Vec<String>)> = Vec::new();
    for why in reasons {
        let cause = match why.texts.as_slice() {
            [] => reason(why.reason, lang).to_owned(),
            texts => texts
                .iter()
                .map(|t| changed(t, lang))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let place = why
            .card
            .as_deref()
            .map_or(pick(lang, "film", "footage"), |c| card_name(c, lang));
        let plural = if why.segments == 1 { "" } else { "s" };
        let effect = format!("{place} ({} segment{plural})", why.segments);
        match causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, effects)) => effects.push(effect),
            None => causes.push((cause, vec![effect])),
        }
    }
    let (colon, semicolon) = match lang {
        Lang::French => ("\u{a0}: ", "\u{202f}; "),
        Lang::English => (": ", "; "),
    };
    let parts: Vec<String> = causes
        .iter()
        .map(|(cause, effects)| format!("{cause}{colon}{}", effects.join(", ")))
        .collect();
    parts.join(semicolon)
}

fn pick(lang: Lang, french: &'static str, english: &'static str) -> &'static str {
    match lang {
        Lang::French => french,
        Lang::English => english,
    }
}

fn changed((field, old, new): &(String, String, String), lang: Lang) -> String {
    let field = field_name(field, lang);
    let short = |text: &str| {
        let flat = text.replace('\n', " ");
        match flat.char_indices().nth(40) {
            Some((end, _)) => format!("{}…", &flat[..end]),
            None => flat,
        }
    };
    match lang {
        Lang::French => format!("{field} modifié (« {} » → « {} »)", short(old), short(new)),
        Lang::English => format!("{field} changed (“{}” → “{}”)", short(old), short(new)),
    }
    .replace("« ", "«\u{202f}")
    .replace(" »", "\u{202f}»")
}

fn field_name(field: &str, lang: Lang) -> String {
    let french = match field {
        "title" | "question" => "texte de la question",
        "theme" => "thème",
        "speaker" => "nom de l’intervenant",
        "role" => "texte de la fonction",
        "structure" => "nom de la structure",
        "contact" => "texte du contact",
        "series" => "titre de la série",
        "publisher" => "nom de l’éditeur",
        other => other,
    };
    match lang {
        Lang::French => french.to_owned(),
        Lang::English => field.to_owned(),
    }
}

fn card_name(card: &str, lang: Lang) -> &'static str {
    match (card, lang) {
        ("opening", Lang::French) => "carte d’ouverture",
        ("opening", Lang::English) => "opening card",
        ("lower-third", Lang::French) => "bandeau du nom",
        ("lower-third", Lang::English) => "lower third",
        ("end", Lang::French) => "carte de fin",
        ("end", Lang::English) => "end card",
        (_, Lang::French) => "carte",
        (_, Lang::English) => "card",
    }
}

fn reason(reason: Reason, lang: Lang) -> &'static str {
    match (reason, lang) {
        (Reason::New, Lang::French) => "jamais fait",
        (Reason::New, Lang::English) => "never made before",
        (Reason::ClipChanged, Lang::French) => "le clip a changé",
        (Reason::ClipChanged, Lang::English) => "the clip changed",
        (Reason::CutMoved, Lang::French) => "montage ou durée modifiés",
        (Reason::CutMoved, Lang::English) => "a cut or a duration moved",
        (Reason::CardChanged, Lang::French) => "dessin de la carte modifié",
        (Reason::CardChanged, Lang::English) => "the card looks otherwise",
        (Reason::LowerThirdChanged, Lang::French) => "bandeau du nom modifié",
        (Reason::LowerThirdChanged, Lang::English) => "the lower third changed",
        (Reason::CaptionChanged, Lang::French) => "sous-titre modifié",
        (Reason::CaptionChanged, Lang::English) => "caption reworded or moved",
        (Reason::SettingsChanged, Lang::French) => "réglages du profil modifiés",
        (Reason::SettingsChanged, Lang::English) => "the profile’s settings changed",
        (Reason::RendererChanged, Lang::French) => "nouvelle version de portevoix",
        (Reason::RendererChanged, Lang::English) => "a new version of portevoix",
        (Reason::Lost, Lang::French) => "élément perdu ou abîmé dans la réserve",
        (Reason::Lost, Lang::English) => "missing or damaged in the store",
        (Reason::Outdated, Lang::French) => "refait avec les bibliothèques actuelles",
        (Reason::Outdated, Lang::English) => "made again with the present libraries",
    }
}
