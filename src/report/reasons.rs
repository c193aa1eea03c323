//! Why segments are made, in one sentence.

use crate::pipeline::inputs::{CONTENT, Change};
use crate::pipeline::stale::Why;
use crate::plan::reason::Reason;
use crate::report::words::{Lang, clock};
use crate::values::time::Rational;

/// "title changed (“old” → “new”): opening card (2 segments); …"
pub fn sentence(reasons: &[Why], lang: Lang) -> String {
    let mut causes: Vec<(String, Vec<String>)> = Vec::new();
    for why in reasons {
        let texts = why.texts.iter().map(|t| changed(t, lang));
        let told: Vec<String> = texts.chain(inputs(&why.changes, lang)).collect();
        let cause = match told.as_slice() {
            [] => reason(why.reason, lang).to_owned(),
            told => told.join(", "),
        };
        let is_sound = |slot: &String| slot.ends_with(" sound");
        let place = match why.card.as_deref() {
            Some(card) => card_name(card, lang),
            None if why.slots.iter().any(is_sound) => pick(lang, "son", "sound"),
            None => pick(lang, "film", "footage"),
        };
        let plural = if why.segments == 1 { "" } else { "s" };
        let effect = if why.slots.iter().any(is_sound) {
            place.to_owned()
        } else {
            format!("{place} ({} segment{plural})", why.segments)
        };
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
    let how = pick(lang, "modifié", "changed");
    format!(
        "{field} {how} ({} → {})",
        quoted(old, lang),
        quoted(new, lang)
    )
}

/// The beginning of a text, in quotes.
fn quoted(text: &str, lang: Lang) -> String {
    let flat = text.replace('\n', " ");
    let short = match flat.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &flat[..end]),
        None => flat,
    };
    match lang {
        Lang::French => format!("«\u{202f}{short}\u{202f}»"),
        Lang::English => format!("“{short}”"),
    }
}

/// "crf (30 → 28)"; a setting of several rungs is said once for all of them
/// when it became the same.
fn inputs(changes: &[Change], lang: Lang) -> Vec<String> {
    let mut said = Vec::new();
    for (input, old, new) in changes {
        let name = input_name(input, lang);
        let none = pick(lang, "rien", "none");
        let value = |text: &str| match (text, lang) {
            ("", _) => none.to_owned(),
            (text, _) if input.starts_with("cue.") => quoted(text, lang),
            (text, Lang::French) if text.ends_with(" s") => {
                text.replace('.', ",").replace(' ', "\u{a0}")
            }
            (text, _) => text.to_owned(),
        };
        let contents = old.starts_with(CONTENT) || new.starts_with(CONTENT);
        let how = match (old.as_str(), new.as_str()) {
            ("", _) if contents => pick(lang, "ajouté", "added").to_owned(),
            (_, "") if contents => pick(lang, "retiré", "removed").to_owned(),
            _ if contents => pick(lang, "autre contenu", "other content").to_owned(),
            (old, new) => format!("{} → {}", value(old), value(new)),
        };
        let sentence = format!("{name} ({how})");
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    said
}

/// What a person calls an input of `pipeline::inputs`.
fn input_name(name: &str, lang: Lang) -> String {
    let (kind, of) = name.split_once('.').unwrap_or((name, ""));
    let of_card = |french: &str, english: &str| match lang {
        Lang::French => format!("{french} ({})", card_name(of, lang)),
        Lang::English => format!("{english} of the {}", card_name(of, lang)),
    };
    let known = match kind {
        "cue" => {
            let at = of.parse().map_or(Rational::ZERO, Rational::milliseconds);
            return match lang {
                Lang::French => format!("sous-titre à {}", clock(at, ',')),
                Lang::English => format!("caption at {}", clock(at, '.')),
            };
        }
        "changes" => pick(lang, "prises de parole", "speaker changes"),
        "sound" => return of_card("son", "sound"),
        "sound-level" => return of_card("niveau du son", "level of the sound"),
        "sound-fade-in" => return of_card("entrée du son", "fade-in of the sound"),
        "sound-fade-out" => return of_card("sortie du son", "fade-out of the sound"),
        "timing" => match of {
            "opening" => pick(
                lang,
                "durée de la carte d’ouverture",
                "length of the opening card",
            ),
            "end" => pick(lang, "durée de la carte de fin", "length of the end card"),
            "transition" => pick(lang, "durée des transitions", "length of the transitions"),
            "transition-style" => pick(lang, "style des transitions", "style of the transitions"),
            "lower-third" => pick(lang, "durée du bandeau du nom", "length of the lower third"),
            "lower-third-delay" => {
                pick(lang, "délai du bandeau du nom", "delay of the lower third")
            }
            _ => pick(lang, "fondu du bandeau du nom", "fade of the lower third"),
        },
        "clip" => "clip",
        "keep" => pick(lang, "passage gardé", "kept part"),
        "font" => pick(lang, "police", "font"),
        "fonts" => pick(lang, "fichiers de police", "font files"),
        "logos" => "logos",
        "portrait" => "portrait",
        "veil" => pick(lang, "voile", "veil"),
        "language" => pick(lang, "langue", "language"),
        "loudness" => pick(lang, "niveau sonore visé", "target loudness"),
        "palette" => return format!("{} {of}", pick(lang, "couleur", "colour")),
        "template" => return of_card("dessin", "drawing"),
        "boxes" => return of_card("règles de charter.toml", "rules of charter.toml"),
        "background" => return of_card("fond", "background"),
        _ => return setting_name(name, lang),
    };
    known.to_owned()
}

/// "web 270p crf", "web rungs", "web audio".
fn setting_name(name: &str, lang: Lang) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    match words.as_slice() {
        [profile, "rungs"] => match lang {
            Lang::French => format!("hauteurs de {profile}"),
            Lang::English => format!("rungs of {profile}"),
        },
        [profile, "audio"] => match lang {
            Lang::French => format!("débit du son de {profile}"),
            Lang::English => format!("bit rate of the sound of {profile}"),
        },
        _ => name.to_owned(),
    }
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
        (Reason::SoundChanged, Lang::French) => "son modifié",
        (Reason::SoundChanged, Lang::English) => "the sound changed",
        (Reason::RendererChanged, Lang::French) => "nouvelle version de portevoix",
        (Reason::RendererChanged, Lang::English) => "a new version of portevoix",
        (Reason::Lost, Lang::French) => "élément perdu ou abîmé dans la réserve",
        (Reason::Lost, Lang::English) => "missing or damaged in the store",
        (Reason::Outdated, Lang::French) => "refait avec les bibliothèques actuelles",
        (Reason::Outdated, Lang::English) => "made again with the present libraries",
    }
}
