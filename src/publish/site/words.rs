//! The words of the pages that are not the series' own, in French and English.
//!
//! Pages speak the language of the capsule where it is one of the two, else
//! the series': a film in Arabic on a French site stands on a French page.

use crate::values::ids::Language;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Words {
    pub skip: &'static str,
    pub all: &'static str,
    pub views: &'static str,
    pub by_theme: &'static str,
    pub by_speaker: &'static str,
    pub others: &'static str,
    pub search: &'static str,
    pub found_none: &'static str,
    pub found_one: &'static str,
    /// `#` stands for the number.
    pub found_many: &'static str,
    pub empty: &'static str,
    pub captioned: &'static str,
    pub duration: &'static str,
    pub video: &'static str,
    pub no_film: &'static str,
    pub failed: &'static str,
    pub loading: &'static str,
    pub play: &'static str,
    pub pause: &'static str,
    pub seek: &'static str,
    pub of: &'static str,
    pub mute: &'static str,
    pub unmute: &'static str,
    pub volume: &'static str,
    pub captions: &'static str,
    pub no_captions: &'static str,
    pub speed: &'static str,
    pub fullscreen: &'static str,
    pub leave_fullscreen: &'static str,
    pub chapters: &'static str,
    pub question: &'static str,
    pub answer: &'static str,
    /// The card at the end, with a contact and without.
    pub contacts: &'static str,
    pub end: &'static str,
    pub transcript: &'static str,
    pub no_transcript: &'static str,
    pub on_screen: &'static str,
    pub follow: &'static str,
    pub as_page: &'static str,
    pub as_text: &'static str,
    pub contact: &'static str,
    pub download: &'static str,
    pub share: &'static str,
    pub address: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub embed_code: &'static str,
    pub embed_link: &'static str,
    pub watch: &'static str,
    pub publisher: &'static str,
    pub licence: &'static str,
    pub sdh: &'static str,
    pub in_picture: &'static str,
    /// What stands before the colon after a name.
    pub colon: &'static str,
    pub decimal_mark: char,
    pub megabytes: &'static str,
}

const FRENCH: Words = Words {
    skip: "Aller au contenu",
    all: "Toutes les vidéos",
    views: "Classement des vidéos",
    by_theme: "Par thème",
    by_speaker: "Par personne",
    others: "Autres vidéos",
    search: "Rechercher une vidéo",
    found_none: "Aucune vidéo ne correspond.",
    found_one: "1 vidéo trouvée",
    found_many: "# vidéos trouvées",
    empty: "Aucune vidéo n’est publiée pour le moment.",
    captioned: "sous-titrée",
    duration: "Durée",
    video: "Vidéo",
    no_film: "Ce navigateur ne lit pas la vidéo.",
    failed: "La lecture a échoué. Vérifiez la connexion, ou téléchargez la vidéo.",
    loading: "Chargement…",
    play: "Lire",
    pause: "Mettre en pause",
    seek: "Position dans la vidéo",
    of: "sur",
    mute: "Couper le son",
    unmute: "Remettre le son",
    volume: "Volume",
    captions: "Sous-titres",
    no_captions: "Sans",
    speed: "Vitesse",
    fullscreen: "Plein écran",
    leave_fullscreen: "Quitter le plein écran",
    chapters: "Chapitres",
    question: "La question",
    answer: "La réponse",
    contacts: "Contacts",
    end: "La fin",
    transcript: "Transcription",
    no_transcript: "La transcription de cette vidéo n’est pas disponible.",
    on_screen: "À l’écran",
    follow: "Suivre la lecture",
    as_page: "Transcription seule",
    as_text: "Transcription en texte brut",
    contact: "Contact",
    download: "Télécharger",
    share: "Partager",
    address: "Adresse de cette page",
    copy: "Copier",
    copied: "Copié",
    embed_code: "Code pour montrer la vidéo dans un autre site",
    embed_link: "Lien simple, si le site refuse ce code",
    watch: "Voir la page de la vidéo et sa transcription",
    publisher: "Publié par",
    licence: "Licence",
    sdh: "sourds et malentendants",
    in_picture: "sous-titres incrustés",
    colon: "\u{a0}:",
    decimal_mark: ',',
    megabytes: "Mo",
};

const ENGLISH: Words = Words {
    skip: "Skip to content",
    all: "All videos",
    views: "Order of the videos",
    by_theme: "By theme",
    by_speaker: "By person",
    others: "Other videos",
    search: "Search for a video",
    found_none: "No video matches.",
    found_one: "1 video found",
    found_many: "# videos found",
    empty: "No video is published at the moment.",
    captioned: "captioned",
    duration: "Duration",
    video: "Video",
    no_film: "This browser cannot play the video.",
    failed: "Playing failed. Check the connection, or download the video.",
    loading: "Loading…",
    play: "Play",
    pause: "Pause",
    seek: "Position in the video",
    of: "of",
    mute: "Mute",
    unmute: "Unmute",
    volume: "Volume",
    captions: "Captions",
    no_captions: "Off",
    speed: "Speed",
    fullscreen: "Full screen",
    leave_fullscreen: "Leave full screen",
    chapters: "Chapters",
    question: "The question",
    answer: "The answer",
    contacts: "Contacts",
    end: "The end",
    transcript: "Transcript",
    no_transcript: "There is no transcript of this video.",
    on_screen: "On screen",
    follow: "Follow the video",
    as_page: "Transcript alone",
    as_text: "Transcript as plain text",
    contact: "Contact",
    download: "Download",
    share: "Share",
    address: "Address of this page",
    copy: "Copy",
    copied: "Copied",
    embed_code: "Code that shows the video on another site",
    embed_link: "Plain link, if that site refuses the code",
    watch: "See the page of the video and its transcript",
    publisher: "Published by",
    licence: "Licence",
    sdh: "deaf and hard of hearing",
    in_picture: "captions in the picture",
    colon: ":",
    decimal_mark: '.',
    megabytes: "MB",
};

/// A language, and the words of a page in it.
pub(super) struct Voice {
    /// Of the page itself; a text in another one says so where it stands.
    pub language: Language,
    pub words: &'static Words,
}

/// In which language a page speaks: the first of these that we have words for,
/// else English.
pub(super) fn voice(languages: &[&Language]) -> Voice {
    let spoken = languages.iter().find_map(|&language| {
        let words = match language.as_str().split('-').next() {
            Some("fr") => &FRENCH,
            Some("en") => &ENGLISH,
            _ => return None,
        };
        Some(Voice {
            language: language.clone(),
            words,
        })
    });
    spoken.unwrap_or_else(|| Voice {
        language: Language::new("en").expect("a tag"),
        words: &ENGLISH,
    })
}

/// Which way a language is written, for the attribute `dir`.
pub(super) fn direction(language: &Language) -> &'static str {
    let primary = language.as_str().split('-').next().unwrap_or_default();
    match primary {
        "ar" | "arz" | "dv" | "fa" | "he" | "ks" | "ps" | "sd" | "ug" | "ur" | "yi" => "rtl",
        _ => "ltr",
    }
}
