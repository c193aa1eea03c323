//! What to do about it.

use super::{all, captions, drawings, examined, place, shorten, time};
use crate::report::words::removals;
use crate::series::load::columns;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::facts::{Oddity, ProbeFailure};
use crate::values::ids::Id;
use crate::values::time::Rational;

pub(in crate::report::words) fn hint(diagnostic: &Diagnostic) -> Option<String> {
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
        Problem::NotUtf8 => "Ouvrez-le et enregistrez-le à nouveau en choisissant l’encodage UTF-8.".to_owned(),
        Problem::FileIgnored { known } => format!("Dans ce dossier, on lit : {}.", all(known)),
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
        Problem::BadValue { suggestion, .. } => {
            return meant(suggestion).or_else(|| Some("Corrigez cette valeur.".to_owned()));
        }
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
            (_, Some(s)) => format!("Vouliez-vous écrire « {} » ?", columns::french(s)),
            (_, None) => format!("Si vous voulez la transmettre telle quelle, intitulez-la « x-{} ».", header.to_lowercase()),
        },
        Problem::CellsBeyondHeaders { .. } => "Si une case contient un point-virgule ou une virgule, mettez-la entre guillemets droits (\")\u{202f}; entre deux passages à conserver, écrivez un +.".to_owned(),
        Problem::EmptyCatalogue => "Ajoutez une ligne par capsule.".to_owned(),
        Problem::EmptyCell { .. } => "Remplissez-la.".to_owned(),
        Problem::FailedFormula { .. } => "Corrigez la formule, ou remplacez-la par son texte.".to_owned(),
        Problem::BadId { suggestion: Some(s), .. } => format!("Écrivez par exemple « {s} »."),
        Problem::BadId { suggestion: None, .. } => "Écrivez par exemple « jpp-12 ».".to_owned(),
        Problem::TextTurnedDate { .. } => {
            "Mettez la colonne au format Texte, puis écrivez à nouveau l’identifiant.".to_owned()
        }
        Problem::DuplicateId { .. } => "Donnez à chaque capsule son propre identifiant ; en attendant, ni l’une ni l’autre n’est construite.".to_owned(),
        Problem::BadTime { .. } => "Écrivez par exemple 1:20, 1:20,5 ou 80 s.".to_owned(),
        Problem::BadRange { .. } => "Écrivez par exemple 0:10-0:25 + 0:40-1:10.".to_owned(),
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
        Problem::SeriesFolderMissing { .. } => {
            "Indiquez avec --series le dossier qui contient series.toml.".to_owned()
        }
        Problem::FolderNotEmpty { .. } => "Choisissez un dossier nouveau ou vide.".to_owned(),
        Problem::PruneShared => {
            "Supprimez la réserve entière si elle doit maigrir\u{a0}: elle se refait.".to_owned()
        }
        Problem::ClipChanged { .. } => {
            "Attendez la fin de la copie, puis relancez la construction.".to_owned()
        }
        Problem::UnknownSchema { .. } => {
            "Demandez manifest, series, profile, charter ou events.".to_owned()
        }
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
        Problem::ProfileNotAsked { asked, .. } => {
            let quoted: Vec<String> = asked.iter().map(|p| format!("« {p} »")).collect();
            let written = all(&quoted);
            match asked.as_slice() {
                [_] => format!("Le profil demandé est {written}. Choisissez-le, ou ajoutez l’autre dans la colonne profils du tableau (ou dans series.toml)."),
                _ => format!("Les profils demandés sont {written}. Choisissez l’un d’eux, ou ajoutez l’autre dans la colonne profils du tableau (ou dans series.toml)."),
            }
        }
        Problem::SpeakerDiffers { .. } => "S’il s’agit d’une seule personne, écrivez partout la même chose.".to_owned(),
        Problem::SpeakersCount { .. } => {
            "Écrivez-en une pour tous, ou une pour chacun, séparées par « ; ».".to_owned()
        }
        Problem::ChangesMissing { .. } => {
            "Pour donner à chacun le sien, écrivez les temps dans la colonne prises de parole, séparés par « ; ».".to_owned()
        }
        Problem::ChangesCount { .. } => {
            "Écrivez les temps auxquels chacun prend la parole, séparés par « ; » ; le premier peut manquer.".to_owned()
        }
        Problem::ChangesUnsorted { .. } => "Écrivez les temps dans l’ordre des prises de parole.".to_owned(),
        Problem::SpeakerCutAway { .. } => "Si ce n’est pas voulu, corrigez la coupe ou les temps.".to_owned(),
        Problem::QuestionUnread { .. } => "Raccourcissez la question, ou laissez le carton plus longtemps : « opening » sous [timing] dans charter/charter.toml.".to_owned(),
        Problem::SpeakerTooBrief { .. } => "Conservez davantage de ce qui est dit, ou corrigez les temps.".to_owned(),
        Problem::UnknownCapsule { suggestion, .. } => {
            return meant(suggestion)
                .or_else(|| Some("Cherchez son identifiant dans le tableau des capsules.".to_owned()));
        }
        Problem::Vanished { ids } => removal(ids),
        Problem::ClipMissing { suggestion: Some(s), .. } => {
            format!("Vouliez-vous dire « {s} » ? Écrivez-le dans la colonne fichier, ou renommez le clip.")
        }
        Problem::ClipMissing { suggestion: None, .. } => {
            "Placez le clip dans le dossier footage, ou corrigez la colonne fichier.".to_owned()
        }
        Problem::ClipAmbiguous { .. } => "Écrivez lequel dans la colonne fichier, avec son extension.".to_owned(),
        Problem::ClipUnused { .. } | Problem::MoreClipsUnused { .. } => return None,
        Problem::ClipOutsideFootage { .. } => "Copiez-le dans le dossier footage.".to_owned(),
        Problem::ClipNotAFile { .. } => "Remplacez-le par le clip lui-même.".to_owned(),
        Problem::ClipUnusable { failure, .. } => match failure {
            ProbeFailure::Empty
            | ProbeFailure::Hollow { .. }
            | ProbeFailure::Truncated { .. } | ProbeFailure::Undecodable { .. } => {
                "Copiez-le à nouveau depuis la caméra ou le disque d’origine.".to_owned()
            }
            ProbeFailure::Unfinished => {
                "Copiez-le à nouveau depuis la carte ou le disque d’origine ; si l’original est pareil, il existe des logiciels qui réparent les enregistrements interrompus.".to_owned()
            }
            ProbeFailure::NotMedia { .. } | ProbeFailure::NoPicture => {
                "Vérifiez que c’est le bon fichier, ou exportez le clip à nouveau en MP4 (H.264).".to_owned()
            }
            ProbeFailure::ClockRestarts { .. } => {
                "Assemblez les enregistrements dans un logiciel de montage, et exportez le film en MP4 (H.264).".to_owned()
            }
            ProbeFailure::Edits { .. } => {
                "Exportez le clip à nouveau depuis le logiciel de montage, en MP4 (H.264) : le fichier ne contiendra alors que ce qui se voit.".to_owned()
            }
            ProbeFailure::UnsupportedColour { .. } => {
                "Exportez-le à nouveau dans des couleurs courantes (BT.709, ou BT.2020 pour le HDR).".to_owned()
            }
            ProbeFailure::UnsupportedCodec { .. } | ProbeFailure::BeyondLimits { .. } => {
                "Exportez-le à nouveau en MP4 (H.264), en 1080p par exemple.".to_owned()
            }
        },
        Problem::ClipTooSmall { .. } => {
            "Cherchez le clip d’origine, ou exportez-le en plus grand : au moins 360 points de haut.".to_owned()
        }
        Problem::ClipOdd { oddity: Oddity::NoSound, .. } => {
            "Si c’est voulu (un film en langue des signes, par exemple), il n’y a rien à faire\u{202f}; sinon, exportez le clip à nouveau avec le son.".to_owned()
        }
        Problem::ClipDamaged { .. } => "Copiez-le à nouveau depuis la caméra ou le disque d’origine\u{202f}; sinon, regardez la capsule en entier avant de la diffuser.".to_owned(),
        Problem::PictureBlack { .. } | Problem::PictureBlownOut { .. } => {
            "Si ce n’est pas voulu, coupez ce passage (colonnes début et fin, ou conserver), ou exportez le clip à nouveau.".to_owned()
        }
        Problem::PictureCombed => "Exportez le clip à nouveau en images entières (progressif), ou en disant qu’il est entrelacé\u{a0}: il sera alors désentrelacé.".to_owned(),
        Problem::SoundSilent => "Vérifiez que c’est le bon clip, et que le micro était branché.".to_owned(),
        Problem::SoundInterrupted { .. } => "Écoutez ce passage\u{a0}: un micro s’est peut-être débranché. Vous pouvez le couper (colonnes début et fin, ou conserver).".to_owned(),
        Problem::SoundFaint { .. } => "Écoutez la capsule avant de la diffuser\u{202f}; s’il existe un meilleur enregistrement du son, exportez le clip avec celui-là.".to_owned(),
        Problem::SideSilent { .. } => "S’il y avait deux micros, l’un n’a rien enregistré\u{a0}: vérifiez que toutes les voix sont là.".to_owned(),
        Problem::SidesCancel { .. } => "Rien à faire si les voix sont bien là\u{202f}; pour retrouver la stéréo, inversez la phase d’un côté dans le logiciel de montage.".to_owned(),
        Problem::OtherTrackLouder { .. } => "Écoutez-les\u{202f}; si c’est l’autre qu’il faut entendre, exportez le clip avec celle-là seule.".to_owned(),
        Problem::SoundCutOff { .. } => "Si ce son compte, prolongez l’image dans le logiciel de montage et exportez le clip à nouveau\u{202f}; sinon, indiquez une fin dans la colonne fin.".to_owned(),
        Problem::KeptShort { .. } => "Vérifiez les temps des colonnes début, fin ou conserver\u{202f}; ils se comptent depuis le début du clip filmé.".to_owned(),
        Problem::PosterBlack { .. } => "Choisissez un autre moment, ou laissez la case vide.".to_owned(),
        Problem::BeforePicture { .. } => "Choisissez une fin plus tardive.".to_owned(),
        Problem::SoundSaturated { .. } => "Écoutez la capsule\u{a0}: les voix grésillent peut-être, et cela ne se répare pas. S’il existe un autre enregistrement du son, exportez le clip avec celui-là.".to_owned(),
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
        Problem::TemplateBroken { .. } => "Ouvrez-le dans le logiciel de dessin et enregistrez-le à nouveau en « SVG simple ».".to_owned(),
        Problem::TemplateColourUnknown { suggestion, .. } => match suggestion {
            Some(near) => format!("Vouliez-vous écrire « {near} » ? Corrigez-le dans le dessin."),
            None => "Ajoutez cette couleur à charter/charter.toml, ou choisissez-en une autre dans le dessin.".to_owned(),
        },
        Problem::TemplateFontUnknown { suggestion, .. } => match suggestion {
            Some(near) => format!("Vouliez-vous écrire « {near} » ? Sinon, ajoutez la police dans charter/fonts."),
            None => "Ajoutez cette police dans charter/fonts, ou choisissez-en une autre dans le dessin.".to_owned(),
        },
        Problem::CharterFontUnknown { suggestion, .. } => match suggestion {
            Some(near) => format!("Vouliez-vous écrire « {near} » ? Sinon, mettez le fichier de la police dans charter/fonts."),
            None => "Mettez le fichier de cette police (.ttf ou .otf) dans charter/fonts, ou choisissez-en une autre à cette ligne.".to_owned(),
        },
        Problem::TemplateBoxUnknown { suggestion, .. } => format!(
            "Vouliez-vous écrire « {suggestion} » ?"
        ),
        Problem::TemplateBoxEmpty { .. } => "Donnez à ce cadre une largeur et une hauteur dans le logiciel de dessin.".to_owned(),
        Problem::TemplateTextStray { .. } => {
            "Convertissez ce texte en tracé dans le logiciel de dessin, ou remplacez-le par un cadre de texte.".to_owned()
        }
        Problem::TemplateDoctype => "Enregistrez le dessin à nouveau en « SVG simple ».".to_owned(),
        Problem::TemplateReferenceOutside { .. } => {
            "Incorporez l’image dans le dessin (en PNG ou en JPEG), ou retirez-la.".to_owned()
        }
        Problem::TemplateBeyondLimit { limit, .. } => drawings::beyond_hint(*limit).to_owned(),
        Problem::LogoUnusable { .. } => "Remplacez-le par un fichier PNG, JPEG ou SVG correct, au texte converti en tracés.".to_owned(),
        Problem::BackgroundUnusable { .. } => {
            "Remplacez-la par un fichier PNG ou JPEG correct.".to_owned()
        }
        Problem::PortraitUnusable { .. } => "Remplacez-le par un fichier PNG ou JPEG correct.".to_owned(),
        Problem::SoundUnusable { .. } => {
            "Remplacez-le par un fichier WAV, MP3, FLAC, OGG ou M4A qui se lit, ou retirez-le de charter.toml.".to_owned()
        }
        Problem::TemplateWithoutText { .. } => {
            "Dans le logiciel de dessin, nommez un rectangle « text:title » (ou text:speaker, text:contact…).".to_owned()
        }
        Problem::TemplateIdTwice { .. } => "Donnez à chacun un nom (id) différent dans le logiciel de dessin.".to_owned(),
        Problem::QrTooLong { .. } => format!("N’y mettez qu’une adresse, la plus courte possible{at}."),
        Problem::CardOutsideSafeArea { .. } => {
            "Dans le dessin, gardez une marge d’au moins 5 % de chaque côté.".to_owned()
        }
        Problem::CardContrast { card, over_footage, .. } => {
            let in_charter = matches!(diagnostic.place, Place::Text { .. });
            drawings::contrast_hint(in_charter, card, *over_footage).to_owned()
        }
        Problem::CardRuleUnused { boxes, .. } => drawings::boxes_hint(boxes),
        Problem::CardBackgroundHidden { .. } => drawings::BACKGROUND_HINT.to_owned(),
        Problem::FontUnusable { .. } => "Remplacez-la par un fichier .ttf ou .otf correct.".to_owned(),
        Problem::CardOverflow { column, .. } => format!("{}{at}.", shorten(column)),
        Problem::MissingGlyph { .. } => format!("Remplacez ce caractère{at}, ou ajoutez une police qui l’a dans charter/fonts."),
        Problem::CardFieldUnknown { suggestion, .. } => {
            let fix = format!("Corrigez le dessin{at}.");
            match meant(suggestion) {
                Some(question) => format!("{question} {fix}"),
                None => fix,
            }
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
        Problem::CaptionFault { fault } => return captions::fault_hint(fault),
        Problem::CueBreach { breach, .. } => captions::breach_hint(breach),
        Problem::ProfileWithoutCaptions { file, .. } => format!("Ajoutez les sous-titres dans {file}, ou retirez ce profil de la liste."),
        Problem::CaptionGlyphMissing { .. } => "Ajoutez dans charter/fonts une police de cette écriture, ou remplacez ces caractères.".to_owned(),
        Problem::CueTooLong { .. } => "Raccourcissez-le, ou coupez-le en deux.".to_owned(),
        Problem::CueWordBroken { .. } => "Écrivez-le avec des espaces ou des traits d’union, ou en plus court.".to_owned(),
        Problem::ProfileUnsupported { .. } => {
            "Retirez ce profil de la liste en attendant.".to_owned()
        }
        Problem::ProtectionNotObeyed { .. } => {
            "Attendez la version de portevoix qui protège les personnes.".to_owned()
        }
        Problem::WorkerBlocked { .. } => "Ne publiez pas ce clip et ne le faites pas circuler : montrez-le à qui s’occupe de votre sécurité informatique, ou exportez-le à nouveau depuis le logiciel de montage.".to_owned(),
        Problem::WorkerOverLimit { .. } => "Exportez le clip en 1080p, puis recommencez.".to_owned(),
        Problem::SandboxIncomplete { .. } => "Les autres protections tiennent. Sur un système plus récent (Debian 12 ou plus), elle est entière ; d’ici là, ne construisez que des clips dont vous connaissez l’origine.".to_owned(),
        Problem::WorkerDied { signal: Some(9), .. } => {
            "Si la capsule était déjà publiée, cette publication reste en place. Fermez les autres logiciels, puis recommencez avec --jobs 1.".to_owned()
        }
        Problem::WorkerDied { .. } | Problem::WorkerTimedOut { .. } | Problem::MediaFailed { .. } => {
            "Si la capsule était déjà publiée, cette publication reste en place. Recommencez ; si cela se répète, exportez le clip à nouveau.".to_owned()
        }
        Problem::VerifyFailed { .. } => "Si la capsule était déjà publiée, cette publication reste en place. Recommencez ; si cela se répète, envoyez ce message aux auteurs de portevoix.".to_owned(),
        Problem::LoudnessOff { target, reached } => examined::off_hint(target, reached).to_owned(),
        Problem::Withheld { .. } => return None,
        Problem::Outdated { .. } => "Ajoutez --refresh pour les refaire.".to_owned(),
        Problem::DiskFull { .. } => "Libérez de la place, puis recommencez : ce qui est fini n’est pas refait.".to_owned(),
        Problem::PermissionDenied { .. } => "Demandez le droit de lire et d’écrire à cet endroit, ou déplacez la série dans un dossier à vous.".to_owned(),
        Problem::IoFailed { .. } => "Vérifiez que le disque est bien branché, puis recommencez.".to_owned(),
        Problem::LockHeld { .. } => "Attendez qu’il ait fini, puis recommencez.".to_owned(),
        Problem::Interrupted => "Relancez la même commande pour continuer.".to_owned(),
        Problem::TreeFilmBroken { .. } => {
            "Copiez à nouveau la publication, ou reconstruisez-la avec « portevoix build ».".to_owned()
        }
        Problem::NotAPublication { .. } => {
            "Indiquez le dossier dist d’une série, l’un des dossiers qu’il contient, ou une archive faite par «\u{202f}portevoix bundle\u{202f}».".to_owned()
        }
        Problem::TreeFileMissing { .. } | Problem::TreeFileChanged { .. } | Problem::TreeManifestInvalid { .. } => {
            "Copiez à nouveau la publication, ou reconstruisez-la avec « portevoix build ».".to_owned()
        }
        Problem::TreeFileForeign { .. } => "Supprimez-le s’il n’a rien à faire là.".to_owned(),
        Problem::TreeRuleBroken { .. } => "Lancez « portevoix build » ; si cela se répète, envoyez ce message aux auteurs de portevoix.".to_owned(),
        Problem::TreePrivacy { .. } => "Ne diffusez pas cette publication ; reconstruisez-la avec « portevoix build ».".to_owned(),
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

fn removal(ids: &[Id]) -> String {
    let row = if ids.len() > 1 {
        "leurs lignes"
    } else {
        "sa ligne"
    };
    format!(
        "Si c’est voulu, lancez « portevoix build {} » ; sinon, remettez {row} dans le tableau.",
        removals(ids)
    )
}
