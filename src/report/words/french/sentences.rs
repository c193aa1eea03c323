//! What is wrong, in one sentence.

use super::engine::{detail, known, sandbox, signal, stage, toml, value, verified};
use super::parts::{expected, failure, oddity, protection};
use super::{all, audience, captions, content, drawings, examined, of_card, plural, time};
use crate::report::words::{coded, listed, pictures};
use crate::series::load::columns;
use crate::values::diagnostic::{Problem, WorkerLimit};

/// A number as it is written in French: −24,5.
fn decimal(written: &str) -> String {
    written.replace('-', "−").replace('.', ",")
}

/// What is wrong, without where.
pub(in crate::report::words) fn body(problem: &Problem) -> String {
    match problem {
        Problem::SeriesFileMissing => {
            "ce fichier manque ; sans lui, ce dossier n’est pas une série.".to_owned()
        }
        Problem::FileUnreadable { error } => format!("ce fichier ne peut pas être lu ({}).", detail(error)),
        Problem::NotUtf8 => "ce fichier de texte n’est pas enregistré en UTF-8.".to_owned(),
        Problem::FileIgnored { .. } => "ce fichier n’est pas utilisé.".to_owned(),
        Problem::LinkOutside => {
            "ce raccourci (lien) mène hors du dossier publish-extra, ou à autre chose qu’un fichier ; il n’est pas publié.".to_owned()
        }
        Problem::TomlSyntax { error } => match toml(error) {
            Some(slip) => format!("cette ligne n’est pas bien écrite : {slip}."),
            None => format!("cette ligne n’est pas bien écrite ({}).", detail(error)),
        },
        Problem::UnknownKey { key, .. } => format!("le réglage « {key} » n’existe pas."),
        Problem::MissingKey { key } => format!("le réglage « {key} » manque alors qu’il est obligatoire."),
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
            format!("le tableau ne peut pas être ouvert ({}).", detail(error))
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
            format!("la colonne « {} » manque alors qu’elle est obligatoire.", columns::french(column))
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
        Problem::CellsBeyondHeaders { found } if found.is_empty() => {
            "cette ligne a plus de séparateurs que la première du tableau\u{202f}; un texte a sans doute été coupé à un point-virgule ou à une virgule.".to_owned()
        }
        Problem::CellsBeyondHeaders { found } => {
            let quoted: Vec<String> = found.iter().map(|f| format!("«\u{202f}{f}\u{202f}»")).collect();
            format!("cette ligne a plus de cases que le tableau n’a de titres\u{202f}; en trop\u{a0}: {}.", all(&quoted))
        }
        Problem::EmptyCatalogue => "le tableau ne contient aucune capsule.".to_owned(),
        Problem::EmptyCell { column } => {
            format!("la case « {} » est vide alors qu’elle est obligatoire.", columns::french(column))
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
        Problem::BadTime { found } => format!("« {found} » n’est pas un temps bien écrit."),
        Problem::BadRange { found } => format!("« {found} » n’est pas un passage bien écrit."),
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
            format!("la vignette est demandée à {time}, un moment qui n’est pas gardé dans le film.")
        }
        Problem::BadDate { found } => format!("« {found} » n’est pas une date bien écrite."),
        Problem::BadAudience { found, .. } => format!("la diffusion « {found} » n’existe pas."),
        Problem::BadStatus { found, .. } => format!("le statut « {found} » n’existe pas."),
        Problem::BadLanguage { found } => format!("« {found} » n’est pas un code de langue."),
        Problem::UnknownProfile { found, .. } => format!("le profil « {found} » n’existe pas."),
        Problem::ProfileNotAsked { profiles, .. } => {
            let quoted: Vec<String> = profiles.iter().map(|p| format!("« {p} »")).collect();
            match quoted.as_slice() {
                [one] => format!("le profil {one} existe, mais n’est pas demandé ici."),
                several => format!("les profils {} existent, mais ne sont pas demandés ici.", all(several)),
            }
        }
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
        Problem::SpeakersCount { column, found, speakers } => format!(
            "la colonne {} donne {found} valeurs pour {speakers} personne{}.",
            columns::french(column),
            plural(*speakers)
        ),
        Problem::ChangesMissing { speakers } => format!(
            "{speakers} personnes sont nommées, sans dire quand chacune prend la parole ; un seul bandeau les nomme toutes."
        ),
        Problem::ChangesCount { speakers: 0, .. } => {
            "des prises de parole sont indiquées, mais personne n’est nommé.".to_owned()
        }
        Problem::ChangesCount { found, speakers } => format!(
            "{found} temps pour {speakers} personne{}.",
            plural(*speakers)
        ),
        Problem::ChangesUnsorted { first, second } => {
            format!("« {second} » ne vient pas après « {first} ».")
        }
        Problem::SpeakerCutAway { speaker } => {
            format!("rien n’est conservé de ce que dit {speaker} ; le film ne nomme pas cette personne.")
        }
        Problem::SpeakerTooBrief { speaker } => {
            format!("{speaker} parle trop peu de temps pour être nommé à l’image.")
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
        Problem::MoreClipsUnused { count: 1 } => "un autre clip n’est utilisé par aucune ligne.".to_owned(),
        Problem::MoreClipsUnused { count } => format!("{count} autres clips ne sont utilisés par aucune ligne."),
        Problem::ClipOutsideFootage { path } => {
            format!("le clip « {path} » est hors du dossier footage ; il n’est pas lu.")
        }
        Problem::ClipNotAFile { path } => format!("{path} n’est pas un fichier ordinaire ; il n’est pas ouvert."),
        Problem::ClipUnusable { path, failure: why } => {
            format!("le clip {path} ne peut pas être publié : {}.", failure(why))
        }
        Problem::ClipOdd { path, oddity: what } => format!("clip {path} : {}.", oddity(what)),
        Problem::ClipTooSmall { width, height } => format!(
            "l’image du clip est trop petite ({width} × {height} points) pour faire un film lisible et y écrire des titres."
        ),
        Problem::BelowLadder { short_side, lowest } => format!(
            "le clip est plus petit ({short_side} points) que la plus petite taille du profil ({lowest}) ; il est publié à sa taille."
        ),
        Problem::ClipDamaged { picture, sound } => examined::damaged(*picture, *sound),
        Problem::PictureBlack { throughout: true, .. } => examined::ALL_BLACK.to_owned(),
        Problem::PictureBlack { stretches, .. } => examined::black(stretches),
        Problem::PictureBlownOut { stretches } => examined::blown_out(stretches),
        Problem::PictureCombed => examined::COMBED.to_owned(),
        Problem::SoundSilent => examined::SILENT.to_owned(),
        Problem::SoundInterrupted { stretches } => examined::interrupted(stretches),
        Problem::SoundFaint { measured, lift } => examined::faint(*measured, *lift),
        Problem::SideSilent { side } => examined::side_silent(*side),
        Problem::SidesCancel { heard } => examined::sides_cancel(*heard),
        Problem::OtherTrackLouder { track, measured } => examined::other_louder(*track, *measured),
        Problem::SoundCutOff { milliseconds } => examined::cut_off(*milliseconds),
        Problem::KeptShort { milliseconds } => examined::kept_short(*milliseconds),
        Problem::QuestionUnread { characters, milliseconds } => {
            examined::unread(*characters, *milliseconds)
        }
        Problem::PosterBlack { time } => examined::poster_black(time),
        Problem::BeforePicture { time: written, begins } => examined::before_picture(written, *begins),
        Problem::SoundSaturated { seconds } => examined::saturated(*seconds),
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
        Problem::TemplateMissing { card: name } => format!("le dessin {} manque.", of_card(name)),
        Problem::TemplateBroken { error } => drawings::broken(error),
        Problem::TemplateColourUnknown { colour, .. } => format!(
            "le dessin utilise la couleur « {colour} », que la charte ne définit pas."
        ),
        Problem::TemplateFontUnknown { family, .. } => {
            format!("le dessin utilise la police « {family} », que la charte n’a pas.")
        }
        Problem::CharterFontUnknown { family, .. } => {
            format!("la charte demande la police « {family} », et ne l’a pas.")
        }
        Problem::TemplateBoxUnknown { name, .. } => format!(
            "dans ce dessin, « {name} » n’est le nom d’aucun cadre ; la forme est dessinée telle quelle."
        ),
        Problem::TemplateBoxEmpty { field } => format!(
            "dans ce dessin, le cadre de {} n’a ni largeur ni hauteur ; on n’y verrait rien.",
            content(field)
        ),
        Problem::TemplateTextStray { text } => drawings::text_stray(text),
        Problem::TemplateDoctype => drawings::DOCTYPE.to_owned(),
        Problem::TemplateReferenceOutside { reference } => drawings::reference_outside(reference),
        Problem::TemplateBeyondLimit { limit, found, allowed } => {
            drawings::beyond(*limit, *found, *allowed)
        }
        Problem::LogoUnusable { number, error } => {
            format!("le logo n° {number} de la charte ne peut pas être utilisé ({}).", detail(error))
        }
        Problem::BackgroundUnusable { error } => {
            format!("cette image de fond ne peut pas être utilisée ({error}).")
        }
        Problem::SoundUnusable { error } => format!(
            "ce son de la charte ne peut pas être joué ({}) ; les films qui le font entendre ne sont pas faits.",
            detail(error)
        ),
        Problem::PortraitUnusable { error } => {
            format!("ce portrait ne peut pas être utilisé ({}).", detail(error))
        }
        Problem::TemplateWithoutText { card: name } => format!(
            "le dessin {} n’a aucun cadre de texte ; rien du tableau n’y sera écrit.",
            of_card(name)
        ),
        Problem::TemplateIdTwice { id } => format!(
            "dans ce dessin, plusieurs éléments portent le nom « {id} », auquel un autre renvoie ; on ne sait pas lequel est le bon."
        ),
        Problem::QrTooLong { column, bytes, .. } => format!(
            "{} est trop long pour un code QR ({bytes} octets).",
            content(column)
        ),
        Problem::CardOutsideSafeArea { column, .. } => format!(
            "{} est trop près du bord de l’image : un projecteur ou un téléviseur peut le couper.",
            content(column)
        ),
        Problem::CardContrast { card: name, column, hundredths, needed_hundredths, over_footage } => {
            let text = format!("{} {}", content(column), of_card(name));
            drawings::contrast(&text, *hundredths, *needed_hundredths, *over_footage)
        }
        Problem::CardRuleUnused { card: name, column, .. } => {
            drawings::rule_unused(column, &of_card(name))
        }
        Problem::CardBackgroundHidden { card: name } => {
            format!("le dessin {} cache entièrement cette image de fond.", of_card(name))
        }
        Problem::FontUnusable { path, error } => {
            format!("la police {path} ne peut pas être utilisée ({}).", detail(error))
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
            format!("ce fichier de sous-titres ne peut pas être lu ({}).", detail(error))
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
        Problem::CaptionFault { fault } => captions::fault(fault),
        Problem::CueBreach { breach, .. } => captions::breach(breach),
        Problem::ProfileWithoutCaptions { profile, .. } => format!(
            "le profil « {profile} » incruste les sous-titres, et cette capsule n’en a pas ; il est retenu pour elle, les autres sont construits."
        ),
        Problem::CaptionGlyphMissing { characters } => {
            let several = characters.chars().count() > 1;
            format!(
                "ces sous-titres sont à incruster, et aucune police de la charte n’a {} {}{}",
                if several { "les caractères" } else { "le caractère" },
                coded(characters, |c| format!("« {c} »")),
                match (characters.contains(char::is_alphanumeric), several) {
                    (true, _) => ".",
                    (false, false) => " ; il n’est pas dessiné.",
                    (false, true) => " ; ils ne sont pas dessinés.",
                }
            )
        }
        Problem::CueTooLong { characters, sizes } => format!(
            "ce sous-titre ({characters} caractères) est trop long pour être incrusté ({}) : ses lettres sont plus petites qu’il ne faut pour bien lire.",
            pictures(sizes)
        ),
        Problem::CueWordBroken { word, sizes } => format!(
            "le mot « {word} » est plus large que l’image où il est à incruster ({}) : il y continue à la ligne.",
            pictures(sizes)
        ),
        Problem::ProtectionNotObeyed { what } => protection(what),
        Problem::WorkerDied { signal: number, code, .. } => match (number, code) {
            (Some(number), _) => format!(
                "le traitement de ce clip s’est arrêté brusquement ({}).",
                signal(*number)
            ),
            (None, Some(code)) => {
                format!("le traitement de ce clip s’est arrêté brusquement (code {code}).")
            }
            (None, None) => "le traitement de ce clip s’est arrêté brusquement.".to_owned(),
        },
        Problem::SeriesFolderMissing { path } => format!("le dossier {path} n’existe pas."),
        Problem::FolderNotEmpty { path } => format!("le dossier {path} n’est pas vide."),
        Problem::PruneShared => {
            "cette réserve est partagée\u{a0}: d’autres séries peuvent avoir besoin de ce qu’elle contient.".to_owned()
        }
        Problem::ClipChanged { path } => {
            format!("le clip {path} a été remplacé, ou était encore en cours de copie, pendant la construction.")
        }
        Problem::UnknownSchema { name } => format!("il n’y a pas de schéma «\u{202f}{name}\u{202f}»."),
        Problem::UnknownRung { found, .. } => format!("cette capsule n’a pas de version de {found} lignes."),
        Problem::TimeBeyondCapsule { time, end } => {
            format!("la capsule s’arrête à {end}, avant {time}.")
        }
        Problem::StoreDamaged { objects } => {
            format!("parmi les éléments déjà calculés, certains manquent ou sont abîmés ({objects}).")
        }
        Problem::WorkerBlocked { call } => format!(
            "ce clip a fait demander au programme une chose dont aucun film n’a besoin ({call}) ; son traitement a été arrêté."
        ),
        Problem::WorkerOverLimit { limit, .. } => match limit {
            WorkerLimit::Memory { .. } => {
                "le traitement de ce clip demande plus de mémoire qu’un clip n’a le droit d’en prendre.".to_owned()
            }
            WorkerLimit::FileSize { bytes } => format!(
                "ce clip donnerait un fichier de plus de {} Gio, la limite autorisée.",
                bytes >> 30
            ),
        },
        Problem::SandboxIncomplete { missing } => format!(
            "la protection contre les clips malveillants est incomplète sur cette machine : {}.",
            missing.iter().map(sandbox).collect::<Vec<_>>().join(" ; ")
        ),
        Problem::WorkerTimedOut { seconds, .. } => format!(
            "le traitement de ce clip n’était pas fini au bout de {seconds} s ; il a été arrêté."
        ),
        Problem::MediaFailed { operation, error, .. } => match known(error) {
            Some(why) => format!("{} a échoué ({why}).", stage(operation)),
            None => format!(
                "{} a échoué ({}).",
                stage(operation),
                detail(&format!("{operation}: {error}"))
            ),
        },
        Problem::VerifyFailed { file, what, expected, found } => format!(
            "{file} n’a pas passé la vérification et n’est pas publié ({} : {} au lieu de {}).",
            verified(what),
            value(found),
            value(expected)
        ),
        Problem::LoudnessOff { target, reached } => format!(
            "le volume du son n’est pas celui de la série ({} LUFS au lieu de {}).",
            decimal(reached),
            decimal(target)
        ),
        Problem::ProfileUnsupported { profile, what } => format!(
            "le profil « {profile} » demande {what}, que cette version ne sait pas encore faire ; il n’est pas construit."
        ),
        Problem::Withheld { audience: who, reason } => {
            format!("la capsule n’est pas montrée ({}) : {reason}.", audience(*who))
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
            format!("{path} ne peut pas être lu ou écrit ({}).", detail(error))
        }
        Problem::LockHeld { by } => format!("portevoix travaille déjà dans ce dossier ({by})."),
        Problem::Interrupted => "interrompu à votre demande ; ce qui est fini est gardé.".to_owned(),
        Problem::TreeFileMissing { path } => format!("{path} manque."),
        Problem::TreeFileForeign { path } => format!("{path} n’est pas dans la liste de ce qui a été publié."),
        Problem::TreeFileChanged { path } => format!("{path} n’est plus tel qu’il a été publié."),
        Problem::TreeFilmBroken { path, readable: 0, .. } => {
            format!("le film {path} ne peut pas être lu.")
        }
        Problem::TreeFilmBroken { path, readable, expected } => {
            format!("le film {path} n’a que {readable} images lisibles, au lieu de {expected}.")
        }
        Problem::NotAPublication { path } => {
            format!("«\u{202f}{path}\u{202f}» n’est ni une publication, ni une archive de publication.")
        }
        Problem::TreeManifestInvalid { error } => {
            format!("la liste de ce qui a été publié (manifest.json) n’est pas valable ({}).", detail(error))
        }
        Problem::TreeRuleBroken { path, rule } => format!("{path} ne respecte pas une règle de publication (repère technique : « {rule} »)."),
        Problem::TreePrivacy { path, what } => {
            format!("{path} contient une chose qui ne doit pas être publiée : « {what} ».")
        }
    }
}
