//! French. Spaces before `:` are U+00A0, before `; ? !` and inside « » they
//! are U+202F; a test looks for plain ones.

use super::{clock, listed};
use crate::series::load::columns;
use crate::values::audience::Audience;
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem, Protection};
use crate::values::facts::{Oddity, ProbeFailure};
use crate::values::time::Rational;

pub(super) fn place(place: &Place) -> String {
    match place {
        Place::Series => String::new(),
        Place::File { path } => path.clone(),
        Place::Text { path, line, column } => format!("{path}, ligne {line}, colonne {column}"),
        Place::Cell {
            path,
            row,
            column,
            header,
        } if header.is_empty() => {
            format!("{path}, ligne {row}, colonne {column}")
        }
        Place::Cell {
            path,
            row,
            column,
            header,
        } => {
            format!("{path}, ligne {row}, colonne {header} ({column})")
        }
        Place::Row { path, row } => format!("{path}, ligne {row}"),
        Place::Moment { seconds, .. } => format!("à {}", time(*seconds)),
    }
}

pub(super) fn card(card: &str) -> String {
    match card {
        "opening" => "carte d’ouverture".to_owned(),
        "lower-third" => "bandeau".to_owned(),
        "end" => "carte de fin".to_owned(),
        other => format!("carte « {other} »"),
    }
}

fn time(seconds: Rational) -> String {
    clock(seconds, ',')
}

fn all(items: &[String]) -> String {
    listed(items, "et")
}

fn plural(count: usize) -> &'static str {
    if count > 1 { "s" } else { "" }
}

/// A column's content with its article.
fn content(column: &str) -> String {
    match column {
        "id" => "l’identifiant",
        "source" => "le nom du fichier",
        "title" => "la question",
        "theme" => "le thème",
        "speaker" => "le nom de l’intervenant",
        "role" => "la fonction",
        "structure" => "la structure",
        "contact" => "le contact",
        "description" => "la description",
        "series" => "le titre de la série",
        "publisher" => "l’éditeur",
        other => return format!("le champ « {other} »"),
    }
    .to_owned()
}

fn shorten(column: &str) -> &'static str {
    match column {
        "title" | "role" | "structure" | "description" => "Raccourcissez-la",
        _ => "Raccourcissez-le",
    }
}

fn audience(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "tout public",
        Audience::Professionals => "professionnels",
        Audience::Group => "groupe",
        Audience::Private => "privé",
    }
}

fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Text => "un texte entre guillemets droits".to_owned(),
        Expected::Integer { from, to } => format!("un nombre entier de {from} à {to}"),
        Expected::Decimal { from, to } => {
            format!("un nombre de {from} à {to}, avec un point pour les décimales")
        }
        Expected::Boolean => "true (oui) ou false (non)".to_owned(),
        Expected::List => "une liste entre crochets".to_owned(),
        Expected::Table => "une section entre crochets".to_owned(),
        Expected::OneOf { values } => {
            let quoted: Vec<String> = values.iter().map(|v| format!("« {v} »")).collect();
            listed(&quoted, "ou")
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

fn protection(what: &Protection) -> String {
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
        "{asks}, et cette version de portevoix ne sait pas encore le respecter ; rien n’est construit."
    )
}

fn failure(failure: &ProbeFailure) -> String {
    match failure {
        ProbeFailure::Empty => "le fichier est vide".to_owned(),
        ProbeFailure::NotMedia { error } => format!("ce n’est pas un film lisible ({error})"),
        ProbeFailure::NoPicture => "il n’y a pas d’image, seulement du son".to_owned(),
        ProbeFailure::UnsupportedCodec { codec } => {
            format!("le format d’image ou de son « {codec} » n’est pas accepté")
        }
        ProbeFailure::Undecodable { error } => format!("aucune image n’est lisible ({error})"),
        ProbeFailure::Truncated { promised, present } => format!(
            "le fichier est incomplet : il annonce {} et n’en contient que {}",
            time(*promised),
            time(*present)
        ),
        ProbeFailure::BeyondLimits { what, found, limit } => {
            format!("il dépasse ce qui est accepté ({what} : {found}, au plus {limit})")
        }
    }
}

fn oddity(oddity: &Oddity) -> String {
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
            "l’image est en miroir et tournée de {clockwise_degrees}° ; elle est publiée droite"
        ),
        Oddity::VariableRate { lowest, highest } => format!(
            "la cadence varie de {} à {} images par seconde ; elle est publiée constante",
            lowest.display().replace('.', ","),
            highest.display().replace('.', ",")
        ),
        Oddity::HighRate { filmed } => format!(
            "{} images par seconde, c’est plus que les 60 publiées ; une image sur deux est laissée",
            filmed.display().replace('.', ",")
        ),
        Oddity::Anamorphic { .. } => {
            "les pixels ne sont pas carrés ; l’image est étirée à ses vraies proportions".to_owned()
        }
        Oddity::Interlaced { .. } => "l’image est entrelacée ; elle est désentrelacée".to_owned(),
        Oddity::FullRange => {
            "les couleurs sont en pleine échelle ; elles sont converties".to_owned()
        }
        Oddity::StandardDefinitionColour => {
            "les couleurs sont celles de la définition standard ; elles sont converties".to_owned()
        }
        Oddity::Hdr { transfer } => {
            format!("le film est en HDR ({transfer}) ; il est converti pour les écrans ordinaires")
        }
        Oddity::UntaggedColour { read_as } => {
            format!(
                "le film ne dit pas quelles sont ses couleurs ; elles sont lues comme {read_as}"
            )
        }
        Oddity::NoSound => "le film n’a pas de son ; il est publié muet".to_owned(),
        Oddity::Mono => "le son n’est que d’un côté ; il est mis des deux".to_owned(),
        Oddity::Surround { channels } => {
            format!("le son a {channels} canaux ; il est ramené à deux")
        }
        Oddity::SoundOffset { seconds } if seconds.is_negative() => format!(
            "le son commence {} s avant l’image ; ils sont recalés",
            thousandths(Rational::ZERO - *seconds)
        ),
        Oddity::SoundOffset { seconds } => format!(
            "le son commence {} s après l’image ; ils sont recalés",
            thousandths(*seconds)
        ),
        Oddity::TracksLeftOut { count } => format!(
            "{count} autre{s} piste{s} (ni image ni son) : laissée{s} de côté",
            s = plural(*count)
        ),
        Oddity::SeveralSoundTracks { count, heard } => {
            format!("{count} pistes de son ; celle qu’on entend est la piste {heard}")
        }
    }
}

fn thousandths(seconds: Rational) -> String {
    let ms = (seconds * Rational::integer(1000)).round();
    format!("{},{:03}", ms / 1000, ms % 1000)
}

/// What is wrong, without where.
pub(super) fn body(problem: &Problem) -> String {
    match problem {
        Problem::SeriesFileMissing => {
            "ce fichier manque ; sans lui, ce dossier n’est pas une série.".to_owned()
        }
        Problem::FileUnreadable { error } => format!("ce fichier ne peut pas être lu ({error})."),
        Problem::NotUtf8 => "ce fichier de texte n’est pas enregistré en UTF-8.".to_owned(),
        Problem::FileIgnored { .. } => "ce fichier n’est pas utilisé.".to_owned(),
        Problem::LinkOutside => {
            "ce lien mène hors du dossier publish-extra, ou n’est pas un fichier ; il n’est pas publié.".to_owned()
        }
        Problem::TomlSyntax { error } => {
            format!("l’écriture de cette ligne n’est pas correcte ({error}).")
        }
        Problem::UnknownKey { key, .. } => format!("le réglage « {key} » n’existe pas."),
        Problem::MissingKey { key } => format!("le réglage « {key} » manque, il est obligatoire."),
        Problem::BadValue { key, found, expected: wanted, .. } => {
            format!("« {key} » vaut {found} ; il faut {}.", expected(wanted))
        }
        Problem::CatalogueMissing => {
            "le tableau des capsules manque : ni capsules.xlsx, ni capsules.ods, ni capsules.csv.".to_owned()
        }
        Problem::SeveralCatalogues { files } => format!(
            "il y a plusieurs tableaux des capsules ({}), et rien ne dit lequel compte.",
            all(files)
        ),
        Problem::CatalogueUnreadable { error } => {
            format!("le tableau ne peut pas être ouvert ({error}).")
        }
        Problem::CatalogueNotText => {
            "ce fichier n’est pas un tableau au format CSV, malgré son nom.".to_owned()
        }
        Problem::QuoteNeverClosed => {
            "un guillemet droit (\") est ouvert sur cette ligne et jamais refermé.".to_owned()
        }
        Problem::FirstSheetRead { sheet, others } => format!(
            "seule la première feuille, « {sheet} », est lue ; {others} autre{s} {verb} de côté.",
            s = plural(*others),
            verb = if *others > 1 { "sont laissées" } else { "est laissée" }
        ),
        Problem::MissingColumn { column } => {
            format!("la colonne « {} » manque, elle est obligatoire.", columns::french(column))
        }
        Problem::DuplicateColumn { column } => {
            format!("deux colonnes disent la même chose : « {} ».", columns::french(column))
        }
        Problem::UnknownColumn { header, .. } if header.is_empty() => {
            "cette colonne n’a pas de titre ; elle n’est pas lue.".to_owned()
        }
        Problem::UnknownColumn { header, .. } => {
            format!("la colonne « {header} » n’est pas connue ; elle n’est pas lue.")
        }
        Problem::EmptyCatalogue => "le tableau ne contient aucune capsule.".to_owned(),
        Problem::EmptyCell { column } => {
            format!("la case « {} » est vide, elle est obligatoire.", columns::french(column))
        }
        Problem::FailedFormula { found } => format!("la formule de cette case donne une erreur ({found})."),
        Problem::BadId { found, .. } => format!(
            "l’identifiant « {found} » contient autre chose que des lettres minuscules sans accent, des chiffres et des tirets, ou il est trop long."
        ),
        Problem::TextTurnedDate { found } => {
            format!("le tableur a changé cet identifiant en date ou en heure ({found}).")
        }
        Problem::DuplicateId { id, first_row } => {
            format!("l’identifiant « {id} » est déjà celui de la ligne {first_row}.")
        }
        Problem::BadTime { found } => format!("« {found} » n’est pas un temps lisible."),
        Problem::BadRange { found } => format!("« {found} » n’est pas un passage lisible."),
        Problem::CutTwice => {
            "« conserver » est rempli en même temps que « début » ou « fin ».".to_owned()
        }
        Problem::OutBeforeIn { start, end } => {
            format!("la fin ({end}) n’est pas après le début ({start}).")
        }
        Problem::TimeBeyondClip { time: written, duration, .. } => format!(
            "{} dépasse la fin du clip, qui dure {}.",
            written.text,
            time(*duration)
        ),
        Problem::OverlappingRanges { first, second } => {
            format!("les passages {first} et {second} se chevauchent.")
        }
        Problem::PosterCutAway { time } => {
            format!("la vignette est demandée à {time}, un moment qui ne reste pas dans le film.")
        }
        Problem::BadDate { found } => format!("« {found} » n’est pas une date lisible."),
        Problem::BadAudience { found, .. } => format!("la diffusion « {found} » n’existe pas."),
        Problem::BadStatus { found, .. } => format!("le statut « {found} » n’existe pas."),
        Problem::BadLanguage { found } => format!("« {found} » n’est pas un code de langue."),
        Problem::UnknownProfile { found, .. } => format!("le profil « {found} » n’existe pas."),
        Problem::SpeakerDiffers { speaker, column, values } => {
            let values: Vec<String> = values.iter().map(|v| format!("« {v} »")).collect();
            format!(
                "{} de {speaker} n’est pas la même partout : {}.",
                match column.as_str() {
                    "structure" => "la structure",
                    _ => "la fonction",
                },
                all(&values)
            )
        }
        Problem::UnknownCapsule { id, .. } => format!("aucune capsule ne s’appelle « {id} »."),
        Problem::Vanished { ids } => {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            match ids.as_slice() {
                [id] => format!(
                    "la capsule {id} est publiée et n’est plus dans le tableau. Rien n’a été changé."
                ),
                _ => format!(
                    "ces capsules sont publiées et ne sont plus dans le tableau : {}. Rien n’a été changé.",
                    listed(&ids, "et")
                ),
            }
        }
        Problem::ClipMissing { wanted, .. } => format!("le clip {wanted} est introuvable."),
        Problem::ClipAmbiguous { candidates } => {
            format!("plusieurs clips portent ce nom : {}.", all(candidates))
        }
        Problem::ClipUnused { .. } => "aucune ligne du tableau n’utilise ce clip.".to_owned(),
        Problem::ClipOutsideFootage { path } => {
            format!("le clip « {path} » est hors du dossier footage ; il n’est pas lu.")
        }
        Problem::ClipNotAFile { path } => format!("{path} n’est pas un fichier ordinaire ; il n’est pas ouvert."),
        Problem::ClipUnusable { path, failure: why } => {
            format!("le clip {path} ne peut pas être publié : {}.", failure(why))
        }
        Problem::ClipOdd { path, oddity: what } => format!("clip {path} : {}.", oddity(what)),
        Problem::BelowLadder { short_side, lowest } => format!(
            "le clip est plus petit ({short_side} points) que la plus petite taille du profil ({lowest}) ; il est publié à sa taille."
        ),
        Problem::EmptyLadder => "ce profil n’a aucune taille d’image ([[rung]]).".to_owned(),
        Problem::LadderOrder { above, below } => format!(
            "les tailles vont de la plus grande à la plus petite ; ici {below} vient après {above}."
        ),
        Problem::ProgressiveWithoutRung { height, hls: true, .. } => format!(
            "« progressive » demande {height}, et aucune taille ([[rung]]) de ce profil n’a cette hauteur."
        ),
        Problem::ProgressiveWithoutRung { hls: false, .. } => {
            "« progressive » n’a de sens qu’avec package = \"hls\".".to_owned()
        }
        Problem::FadeTooLong { key, room_ms } => format!(
            "« {key} » est trop long : il n’y a la place que pour {},{:03} s en tout.",
            room_ms / 1000,
            room_ms % 1000
        ),
        Problem::TemplateMissing { card: name } => format!("le dessin de la {} manque.", card(name)),
        Problem::TemplateBroken { error } => format!("ce dessin ne peut pas être utilisé ({error})."),
        Problem::FontUnusable { path, error } => {
            format!("la police {path} ne peut pas être utilisée ({error}).")
        }
        Problem::CardOverflow { column, characters, room, .. } => format!(
            "{} ne tient pas dans son cadre ({characters} caractères, place pour environ {room}).",
            content(column)
        ),
        Problem::MissingGlyph { column, character, .. } => format!(
            "{} contient le caractère « {character} » (U+{:04X}), que la police de la charte n’a pas.",
            content(column),
            u32::from(*character)
        ),
        Problem::CardFieldUnknown { field, .. } => {
            format!("le dessin demande le champ « {field} », qui n’existe pas.")
        }
        Problem::CaptionsUnreadable { error } => {
            format!("ce fichier de sous-titres ne peut pas être lu ({error}).")
        }
        Problem::CaptionsWithoutCapsule { .. } => {
            "ces sous-titres ne correspondent à aucune capsule ; ils ne sont pas publiés.".to_owned()
        }
        Problem::CaptionsMisnamed => {
            "le nom de ce fichier ne dit pas de quelle capsule ni de quelle langue il s’agit ; il n’est pas publié.".to_owned()
        }
        Problem::CaptionsTwice { other } => {
            format!("ces sous-titres font double emploi avec {other}, et rien ne dit lesquels comptent.")
        }
        Problem::CaptionsEmpty => "ce fichier de sous-titres est vide.".to_owned(),
        Problem::CuesOutsideCut { count } => format!(
            "{count} sous-titre{s} {verb} hors de ce qui est gardé du clip ; {pronoun} publié{s}.",
            s = plural(*count),
            verb = if *count > 1 { "tombent" } else { "tombe" },
            pronoun = if *count > 1 { "ils ne sont pas" } else { "il n’est pas" }
        ),
        Problem::CueBroken { error } => format!("un sous-titre n’est pas lisible ({error}) ; il est laissé de côté."),
        Problem::BurnedCaptionsUnsupported { profile } => format!(
            "le profil « {profile} » demande des sous-titres incrustés, que cette version ne sait pas encore faire ; il n’est pas construit."
        ),
        Problem::ProtectionNotObeyed { what } => protection(what),
        Problem::WorkerDied { signal, code, .. } => match (signal, code) {
            (Some(signal), _) => format!("le programme qui traite ce clip a été arrêté (signal {signal})."),
            (None, Some(code)) => format!("le programme qui traite ce clip s’est arrêté (code {code})."),
            (None, None) => "le programme qui traite ce clip s’est arrêté.".to_owned(),
        },
        Problem::SeriesFolderMissing { path } => format!("le dossier {path} n’existe pas."),
        Problem::FolderNotEmpty { path } => format!("le dossier {path} n’est pas vide."),
        Problem::UnknownSchema { name } => format!("il n’y a pas de schéma «\u{202f}{name}\u{202f}»."),
        Problem::UnknownRung { found, .. } => format!("cette capsule n’a pas de version de {found} lignes."),
        Problem::TimeBeyondCapsule { time, end } => {
            format!("la capsule s’arrête à {end}, avant {time}.")
        }
        Problem::StoreDamaged { objects } => {
            format!("des éléments déjà calculés manquent ou sont abîmés ({objects}).")
        }
        Problem::WorkerTimedOut { seconds, .. } => format!(
            "le traitement de ce clip n’avançait plus depuis {seconds} s ; il a été arrêté."
        ),
        Problem::MediaFailed { operation, error, .. } => {
            format!("le traitement a échoué ({operation} : {error}).")
        }
        Problem::VerifyFailed { file, what, expected, found } => format!(
            "{file} n’a pas passé la vérification ({what} : {found} au lieu de {expected}) ; il n’est pas publié."
        ),
        Problem::LoudnessOff { target, reached } => format!(
            "le volume du son n’atteint pas celui de la série ({reached} LUFS au lieu de {target})."
        ),
        Problem::ProfileUnsupported { profile, what } => format!(
            "le profil « {profile} » demande {what}, que cette version ne sait pas encore faire ; il n’est pas construit."
        ),
        Problem::Withheld { audience: who, reason } => {
            format!("la capsule n’est pas montrée ({}) : {reason}.", audience(*who))
        }
        Problem::RemovalUnconfirmed { ids } => {
            let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
            format!("la suppression n’est pas confirmée : {}.", listed(&ids, "et"))
        }
        Problem::Outdated { segments } => format!(
            "{segments} segment{s} {verb} d’une version antérieure de l’encodeur ; {pronoun} gardé{s}.",
            s = plural(*segments),
            verb = if *segments > 1 { "viennent" } else { "vient" },
            pronoun = if *segments > 1 { "ils sont" } else { "il est" }
        ),
        Problem::DiskFull { path } => {
            format!("le disque est plein ({path}). La dernière publication est intacte.")
        }
        Problem::PermissionDenied { path } => format!("l’accès à {path} est refusé."),
        Problem::IoFailed { path, error } => {
            format!("{path} ne peut pas être lu ou écrit ({error}).")
        }
        Problem::LockHeld { by } => format!("portevoix travaille déjà dans ce dossier ({by})."),
        Problem::Interrupted => "interrompu à votre demande ; ce qui est fini est gardé.".to_owned(),
        Problem::TreeFileMissing { path } => format!("{path} manque."),
        Problem::TreeFileForeign { path } => format!("{path} n’est pas dans la liste de ce qui a été publié."),
        Problem::TreeFileChanged { path } => format!("{path} n’est plus tel qu’il a été publié."),
        Problem::TreeManifestInvalid { error } => {
            format!("la liste de ce qui a été publié (manifest.json) n’est pas valable ({error}).")
        }
        Problem::TreeRuleBroken { path, rule } => format!("{path} n’obéit pas à une règle : {rule}."),
        Problem::TreePrivacy { path, what } => {
            format!("{path} contient ce qui ne doit pas être publié : {what}.")
        }
    }
}

/// What to do.
pub(super) fn hint(diagnostic: &Diagnostic) -> Option<String> {
    let meant = |suggestion: &Option<String>| {
        suggestion
            .as_ref()
            .map(|s| format!("Vouliez-vous écrire « {s} » ?"))
    };
    let spot = place(&diagnostic.place);
    let at = if spot.is_empty() {
        String::new()
    } else {
        format!(" dans {spot}")
    };
    let text = match &diagnostic.problem {
        Problem::SeriesFileMissing => {
            "Indiquez le bon dossier avec --series, ou commencez une série avec « portevoix new DOSSIER ».".to_owned()
        }
        Problem::FileUnreadable { .. } => "Vérifiez que le fichier existe encore et s’ouvre, puis recommencez.".to_owned(),
        Problem::NotUtf8 => "Enregistrez-le à nouveau en choisissant l’encodage UTF-8.".to_owned(),
        Problem::FileIgnored { known } => format!("Ici sont lus : {}.", all(known)),
        Problem::LinkOutside => "Copiez le fichier lui-même dans le dossier.".to_owned(),
        Problem::TomlSyntax { .. } => {
            "Vérifiez les guillemets droits, les crochets et le signe = de cette ligne et de la précédente.".to_owned()
        }
        Problem::UnknownKey { suggestion, .. } => {
            return meant(suggestion).or_else(|| Some("Supprimez cette ligne, ou corrigez le nom du réglage.".to_owned()));
        }
        Problem::MissingKey { key } if key == "consent" => {
            "Ajoutez consent = \"not-needed\" si personne n’a de consentement à donner, sinon consent = \"required\" ; personne ne peut en décider à votre place.".to_owned()
        }
        Problem::MissingKey { key } => format!("Ajoutez une ligne « {} = … ».", key.rsplit('.').next().unwrap_or(key)),
        Problem::BadValue { suggestion, .. } => return meant(suggestion),
        Problem::CatalogueMissing => "Placez le tableau dans le dossier de la série, sous l’un de ces noms.".to_owned(),
        Problem::SeveralCatalogues { .. } => "Gardez celui qui est à jour et déplacez les autres ailleurs.".to_owned(),
        Problem::CatalogueUnreadable { .. } => {
            "Ouvrez-le dans votre tableur et enregistrez-le à nouveau, sans mot de passe.".to_owned()
        }
        Problem::CatalogueNotText => {
            "Si c’est un classeur, rendez-lui son extension .xlsx ou .ods ; sinon, enregistrez-le à nouveau en CSV.".to_owned()
        }
        Problem::QuoteNeverClosed => "Refermez le guillemet à la fin de la case, ou supprimez-le.".to_owned(),
        Problem::FirstSheetRead { .. } => return None,
        Problem::MissingColumn { column } => {
            format!("Ajoutez une colonne intitulée « {} ».", columns::french(column))
        }
        Problem::DuplicateColumn { .. } => "Gardez-en une seule.".to_owned(),
        Problem::UnknownColumn { header, suggestion } => match (header.is_empty(), suggestion) {
            (true, _) => "Donnez-lui un titre, ou videz-la.".to_owned(),
            (_, Some(s)) => format!("Vouliez-vous écrire « {s} » ?"),
            (_, None) => format!("Si vous voulez la transmettre telle quelle, intitulez-la « x-{} ».", header.to_lowercase()),
        },
        Problem::EmptyCatalogue => "Ajoutez une ligne par capsule.".to_owned(),
        Problem::EmptyCell { .. } => "Remplissez-la.".to_owned(),
        Problem::FailedFormula { .. } => "Corrigez la formule, ou remplacez-la par son texte.".to_owned(),
        Problem::BadId { suggestion: Some(s), .. } => format!("Écrivez par exemple « {s} »."),
        Problem::BadId { suggestion: None, .. } => "Écrivez par exemple « jpp-12 ».".to_owned(),
        Problem::TextTurnedDate { .. } => {
            "Mettez la colonne au format Texte, puis écrivez à nouveau l’identifiant.".to_owned()
        }
        Problem::DuplicateId { .. } => "Donnez à chaque capsule un identifiant à elle ; ni l’une ni l’autre n’est construite en attendant.".to_owned(),
        Problem::BadTime { .. } => "Écrivez par exemple 1:20, 1:20,5 ou 80 s.".to_owned(),
        Problem::BadRange { .. } => "Écrivez par exemple 0:10-0:25 ; 0:40-1:10.".to_owned(),
        Problem::CutTwice => "Gardez l’un ou l’autre.".to_owned(),
        Problem::OutBeforeIn { .. } => "Vérifiez les deux temps ; ils se comptent depuis le début du clip filmé.".to_owned(),
        Problem::TimeBeyondClip { meant: Some(meant), .. } => format!(
            "Vouliez-vous dire {} ? Le tableur a sans doute lu des minutes comme des heures ; écrivez {} dans une case au format Texte.",
            spoken(*meant),
            time(*meant)
        ),
        Problem::TimeBeyondClip { meant: None, .. } => "Les temps se comptent depuis le début du clip filmé.".to_owned(),
        Problem::OverlappingRanges { .. } => "Corrigez-les, ou réunissez-les en un seul.".to_owned(),
        Problem::PosterCutAway { .. } => {
            "Choisissez un moment conservé, ou laissez la case vide.".to_owned()
        }
        Problem::SeriesFolderMissing { .. } => "Indiquez avec --series le dossier qui contient series.toml.".to_owned(),
        Problem::FolderNotEmpty { .. } => "Choisissez un dossier nouveau ou vide.".to_owned(),
        Problem::UnknownSchema { .. } => "Demandez manifest, series, profile, charter ou events.".to_owned(),
        Problem::UnknownRung { known, .. } => format!("Elle existe en\u{a0}: {}.", known.join(", ")),
        Problem::TimeBeyondCapsule { .. } => {
            "Le temps est celui de la capsule publiée, cartes comprises.".to_owned()
        }
        Problem::StoreDamaged { .. } => "Relancez la construction\u{a0}: ils seront refaits.".to_owned(),
        Problem::BadDate { .. } => "Écrivez par exemple 15/01/2025.".to_owned(),
        Problem::BadAudience { suggestion, .. } => return meant(suggestion)
            .or_else(|| Some("Écrivez « tout public », « professionnels », « groupe » ou « privé ».".to_owned())),
        Problem::BadStatus { suggestion, .. } => return meant(suggestion)
            .or_else(|| Some("Écrivez « prêt », « brouillon », « suspendu » ou « retiré ».".to_owned())),
        Problem::BadLanguage { .. } => "Écrivez par exemple « fr » ou « ar ».".to_owned(),
        Problem::UnknownProfile { suggestion, known, .. } => {
            return meant(suggestion).or_else(|| Some(format!("Les profils connus sont {}.", all(known))));
        }
        Problem::SpeakerDiffers { .. } => "S’il s’agit d’une seule personne, écrivez partout la même chose.".to_owned(),
        Problem::UnknownCapsule { suggestion, .. } => return meant(suggestion),
        Problem::Vanished { .. } => {
            "Si le tableau est incomplet, rétablissez-le ; si c’est voulu, confirmez avec --remove suivi de l’identifiant.".to_owned()
        }
        Problem::ClipMissing { suggestion: Some(s), .. } => {
            format!("Vouliez-vous dire « {s} » ? Écrivez-le dans la colonne fichier, ou renommez le clip.")
        }
        Problem::ClipMissing { suggestion: None, .. } => {
            "Placez le clip dans le dossier footage, ou corrigez la colonne fichier.".to_owned()
        }
        Problem::ClipAmbiguous { .. } => "Dites lequel dans la colonne fichier, extension comprise.".to_owned(),
        Problem::ClipUnused { .. } => return None,
        Problem::ClipOutsideFootage { .. } => "Copiez-le dans le dossier footage.".to_owned(),
        Problem::ClipNotAFile { .. } => "Remplacez-le par le clip lui-même.".to_owned(),
        Problem::ClipUnusable { failure, .. } => match failure {
            ProbeFailure::Empty | ProbeFailure::Truncated { .. } | ProbeFailure::Undecodable { .. } => {
                "Copiez-le à nouveau depuis la caméra ou le disque d’origine.".to_owned()
            }
            ProbeFailure::NotMedia { .. } | ProbeFailure::NoPicture => {
                "Vérifiez que c’est le bon fichier.".to_owned()
            }
            ProbeFailure::UnsupportedCodec { .. } | ProbeFailure::BeyondLimits { .. } => {
                "Exportez-le à nouveau en MP4 (H.264), en 1080p par exemple.".to_owned()
            }
        },
        Problem::ClipOdd { .. } | Problem::BelowLadder { .. } => return None,
        Problem::EmptyLadder => "Ajoutez au moins une section [[rung]] avec sa hauteur (height).".to_owned(),
        Problem::LadderOrder { .. } => "Remettez les sections [[rung]] dans l’ordre, chaque hauteur une fois.".to_owned(),
        Problem::ProgressiveWithoutRung { heights, hls: true, .. } => {
            let heights: Vec<String> = heights.iter().map(u32::to_string).collect();
            format!("Les hauteurs de ce profil sont {}.", all(&heights))
        }
        Problem::ProgressiveWithoutRung { hls: false, .. } => "Supprimez cette ligne.".to_owned(),
        Problem::FadeTooLong { .. } => "Raccourcissez ce fondu, ou allongez ce qui l’entoure.".to_owned(),
        Problem::TemplateMissing { .. } => "Ajoutez-le dans le dossier charter.".to_owned(),
        Problem::TemplateBroken { .. } => "Ouvrez-le dans le logiciel de dessin et enregistrez-le à nouveau en SVG simple.".to_owned(),
        Problem::FontUnusable { .. } => "Remplacez-la par un fichier .ttf ou .otf valable.".to_owned(),
        Problem::CardOverflow { column, .. } => format!("{}{at}.", shorten(column)),
        Problem::MissingGlyph { .. } => format!("Remplacez ce caractère{at}, ou ajoutez une police qui l’a dans charter/fonts."),
        Problem::CardFieldUnknown { suggestion, .. } => {
            return meant(suggestion).or_else(|| Some(format!("Corrigez le dessin{at}.")));
        }
        Problem::CaptionsUnreadable { .. } => "Enregistrez-le à nouveau en SRT ou en WebVTT, en UTF-8.".to_owned(),
        Problem::CaptionsWithoutCapsule { suggestion: Some(s) } => {
            format!("Vouliez-vous écrire « {s} » ? Renommez alors le fichier.")
        }
        Problem::CaptionsWithoutCapsule { suggestion: None } => {
            "Renommez le fichier d’après l’identifiant de la capsule.".to_owned()
        }
        Problem::CaptionsMisnamed => "Nommez-le par exemple jpp-12.fr.srt, ou jpp-12.fr.sdh.srt pour les personnes sourdes.".to_owned(),
        Problem::CaptionsTwice { .. } => "Gardez l’un des deux.".to_owned(),
        Problem::CaptionsEmpty => "Complétez-le, ou supprimez-le.".to_owned(),
        Problem::CuesOutsideCut { .. } => return None,
        Problem::CueBroken { .. } => "Corrigez-le dans le fichier de sous-titres.".to_owned(),
        Problem::BurnedCaptionsUnsupported { .. } | Problem::ProfileUnsupported { .. } => {
            "Retirez ce profil de la liste en attendant.".to_owned()
        }
        Problem::ProtectionNotObeyed { .. } => "Attendez la version qui protège les personnes ; rien ne sera publié d’ici là.".to_owned(),
        Problem::WorkerDied { .. } | Problem::WorkerTimedOut { .. } | Problem::MediaFailed { .. } => {
            "La publication précédente de la capsule reste en place. Recommencez ; si cela se répète, exportez le clip à nouveau.".to_owned()
        }
        Problem::VerifyFailed { .. } => "La publication précédente reste en place. Recommencez ; si cela se répète, signalez-le.".to_owned(),
        Problem::LoudnessOff { .. } => "Écoutez la capsule : le son est peut-être trop faible ou saturé.".to_owned(),
        Problem::Withheld { .. } => return None,
        Problem::RemovalUnconfirmed { .. } => "Confirmez avec --remove suivi de l’identifiant.".to_owned(),
        Problem::Outdated { .. } => "Ajoutez --refresh pour les refaire.".to_owned(),
        Problem::DiskFull { .. } => "Libérez de la place, puis recommencez : ce qui est fini n’est pas refait.".to_owned(),
        Problem::PermissionDenied { .. } => "Donnez-vous le droit de lire ou d’écrire à cet endroit.".to_owned(),
        Problem::IoFailed { .. } => "Vérifiez que le disque est bien branché, puis recommencez.".to_owned(),
        Problem::LockHeld { .. } => "Attendez qu’il ait fini.".to_owned(),
        Problem::Interrupted => "Relancez la même commande pour continuer.".to_owned(),
        Problem::TreeFileMissing { .. } | Problem::TreeFileChanged { .. } | Problem::TreeManifestInvalid { .. } => {
            "Copiez à nouveau la publication, ou reconstruisez-la avec « portevoix build ».".to_owned()
        }
        Problem::TreeFileForeign { .. } => "Supprimez-le s’il n’a rien à faire là.".to_owned(),
        Problem::TreeRuleBroken { .. } => "Reconstruisez la capsule ; si cela se répète, signalez-le.".to_owned(),
        Problem::TreePrivacy { .. } => "Ne diffusez pas cette publication ; reconstruisez-la.".to_owned(),
    };
    Some(text)
}

/// "1 min 20 s", as one says it.
fn spoken(seconds: Rational) -> String {
    let whole = seconds.round();
    match (whole / 60, whole % 60) {
        (0, s) => format!("{s} s"),
        (m, 0) => format!("{m} min"),
        (m, s) => format!("{m} min {s} s"),
    }
}
