//! The command line in French: what `--help` says, and what is said of a slip.
//! The English stands in `arguments.rs`; a test holds the two together.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};

const ABOUT: &str = "Transforme un dossier d’entretiens filmés et un tableau en publications finies et \
    vérifiées\u{a0}: versions pour le web avec cartons, sous-titres, vignettes, manifeste";

const COMMANDS: [(&str, &str); 14] = [
    ("new", "Écrit une petite série qui marche, pour commencer"),
    (
        "check",
        "Lit tout, regarde chaque clip, met en page chaque carton, dit tous les problèmes et les \
         remèdes ; n’encode rien",
    ),
    (
        "plan",
        "Dit ce que «\u{202f}build\u{202f}» ferait et pourquoi, avec le temps et la taille estimés",
    ),
    (
        "build",
        "Construit dist/ ; ce qui n’a pas changé reste tel quel",
    ),
    (
        "status",
        "Montre chaque capsule et chaque profil\u{a0}: à jour, ancien, périmé, en échec, retenu",
    ),
    ("card", "Dessine chaque carton à chaque taille, en PNG"),
    (
        "frame",
        "Montre une image exactement comme elle serait publiée, en PNG",
    ),
    (
        "verify",
        "Vérifie une arborescence publiée ou une archive\u{a0}: sommes, décodage entier, durées, \
         règles HLS, confidentialité",
    ),
    ("bundle", "Écrit l’archive de livraison d’une arborescence"),
    (
        "sent",
        "Dit qu’une arborescence est en ligne telle qu’elle est dans dist/\u{a0}: ce qui reste à \
         envoyer et à supprimer se compte à partir de là",
    ),
    (
        "prune",
        "Supprime de la réserve ce dont aucun plan n’a plus besoin",
    ),
    ("schema", "Écrit un schéma JSON"),
    ("completions", "Écrit un script de complétion"),
    ("man", "Écrit la page de manuel"),
];

/// Of which command ("" is every one), what it is called, its value and its help.
const ARGUMENTS: [(&str, &str, &str, &str); 28] = [
    (
        "",
        "series",
        "DOSSIER",
        "Le dossier de la série, celui qui contient series.toml [par défaut\u{a0}: .]",
    ),
    (
        "",
        "store",
        "DOSSIER",
        "Où sont gardés les segments finis, quand plusieurs séries partagent une réserve \
         [par défaut\u{a0}: .portevoix/store dans la série ; variable\u{a0}: PORTEVOIX_STORE]",
    ),
    (
        "",
        "lang",
        "LANGUE",
        "Langue des messages, fr ou en [par défaut\u{a0}: celle du système, sinon de la série]",
    ),
    (
        "",
        "format",
        "FORMAT",
        "Des phrases (human), ou un objet JSON par ligne pour les scripts (json) \
         [par défaut\u{a0}: human]",
    ),
    ("", "quiet", "", "Seulement les erreurs"),
    (
        "",
        "verbose",
        "",
        "Les remarques aussi\u{a0}: chaque bizarrerie et ce qui en est fait",
    ),
    ("new", "folder", "DOSSIER", "Un dossier nouveau ou vide"),
    ("check", "ids", "ID", "Seulement ces capsules"),
    ("plan", "ids", "ID", "Seulement ces capsules"),
    (
        "plan",
        "profile",
        "P",
        "Seulement ce profil ; peut être répété",
    ),
    (
        "build",
        "ids",
        "ID",
        "Seulement ces capsules ; les autres restent publiées telles quelles",
    ),
    (
        "build",
        "profile",
        "P",
        "Seulement ce profil ; peut être répété",
    ),
    (
        "build",
        "jobs",
        "N",
        "Ouvriers à la fois [par défaut\u{a0}: un par cœur]",
    ),
    (
        "build",
        "memory",
        "TAILLE",
        "Mémoire que les ouvriers peuvent prendre en tout, par exemple 4G ou 800M\u{a0}: quand \
         elle manque, ils sont moins nombreux",
    ),
    (
        "build",
        "nice",
        "N",
        "Laisse passer les autres programmes, de 0 à 19",
    ),
    (
        "build",
        "refresh",
        "",
        "Refait ce qui vient de bibliothèques plus anciennes",
    ),
    (
        "build",
        "remove",
        "ID",
        "Confirme que cet id a été retiré du tableau exprès ; peut être répété",
    ),
    ("card", "ids", "ID", "Seulement ces capsules"),
    (
        "card",
        "sheet",
        "",
        "Tous côte à côte sur une planche, une ligne par capsule\u{a0}: sheet.png, ou \
         sheet-1.png, sheet-2.png… s’il y en a beaucoup",
    ),
    (
        "card",
        "output",
        "DOSSIER",
        "Où vont les images [par défaut\u{a0}: cards/ dans la série]",
    ),
    ("frame", "id", "ID", "La capsule"),
    (
        "frame",
        "time",
        "TEMPS",
        "Temps dans la capsule publiée, cartons compris\u{a0}: 1:20, 80 s, 0:01:20.5",
    ),
    (
        "frame",
        "profile",
        "P",
        "[par défaut\u{a0}: le premier de la capsule]",
    ),
    (
        "frame",
        "rung",
        "H",
        "Petit côté de l’échelon [par défaut\u{a0}: le plus grand]",
    ),
    (
        "frame",
        "output",
        "FICHIER",
        "[par défaut\u{a0}: ID-TEMPS.png]",
    ),
    (
        "verify",
        "path",
        "CHEMIN",
        "Une arborescence (dist/public), dist entier, ou une archive [par défaut\u{a0}: dist/ de \
         la série]",
    ),
    (
        "bundle",
        "audience",
        "DIFFUSION",
        "public, professionals, group ou private [par défaut\u{a0}: public]",
    ),
    (
        "sent",
        "audience",
        "DIFFUSION",
        "public, professionals, group ou private [par défaut\u{a0}: public]",
    ),
];

/// The rest of them, whose value says it all.
const OTHERS: [(&str, &str, &str, &str); 3] = [
    (
        "bundle",
        "output",
        "FICHIER",
        "[par défaut\u{a0}: SÉRIE-DIFFUSION.tar dans la série]",
    ),
    (
        "schema",
        "name",
        "NOM",
        "manifest, series, profile, charter ou events",
    ),
    (
        "completions",
        "shell",
        "SHELL",
        "bash, elvish, fish, powershell ou zsh",
    ),
];

// clap puts the colon behind.
const OPTIONS: &str = "Options\u{a0}";
const VALUES: &str = "Arguments\u{a0}";

/// The same command line, speaking French.
pub fn command(command: Command) -> Command {
    let mut command = spoken(command, "")
        .about(ABOUT)
        .disable_version_flag(true)
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help("Affiche la version")
                .help_heading(OPTIONS),
        )
        .subcommand_help_heading("Commandes\u{a0}")
        .subcommand_value_name("COMMANDE");
    for (name, about) in COMMANDS {
        command = command.mut_subcommand(name, |c| spoken(c, name).about(about));
    }
    command.build();
    command.mut_subcommand("help", |c| {
        c.about("Affiche cette aide, ou celle d’une commande")
    })
}

fn spoken(command: Command, of: &str) -> Command {
    let mut command = command
        .disable_help_flag(true)
        .help_template(
            "{before-help}{about-with-newline}\nUtilisation\u{a0}: {usage}\n\n{all-args}{after-help}",
        )
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help("Affiche cette aide")
                .help_heading(OPTIONS),
        );
    for (_, name, value, help) in ARGUMENTS.iter().chain(&OTHERS).filter(|a| a.0 == of) {
        command = command.mut_arg(*name, |arg| {
            let heading = if arg.is_positional() { VALUES } else { OPTIONS };
            let takes = arg.get_action().takes_values();
            let arg = arg
                .help(*help)
                .long_help(None::<&str>)
                .help_heading(heading);
            if takes {
                // The help says it in French.
                arg.value_name(*value)
                    .hide_default_value(true)
                    .hide_possible_values(true)
                    .hide_env(true)
            } else {
                arg
            }
        });
    }
    command
}

/// What is wrong with the command line; `None` where help or version was asked
/// for, which are no slips.
pub fn slip(error: &Error) -> Option<String> {
    let of = |kind: ContextKind| {
        error.get(kind).map(|value| match value {
            ContextValue::Strings(list) => list.join(", "),
            other => other.to_string(),
        })
    };
    let quoted =
        |kind: ContextKind| of(kind).map_or_else(String::new, |t| format!("«\u{202f}{t}\u{202f}»"));
    let argument = quoted(ContextKind::InvalidArg);
    let value = quoted(ContextKind::InvalidValue);
    let said = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::UnknownArgument => format!("l’argument {argument} n’existe pas ici."),
        ErrorKind::InvalidSubcommand => {
            format!(
                "la commande {} n’existe pas.",
                quoted(ContextKind::InvalidSubcommand)
            )
        }
        ErrorKind::MissingSubcommand => "il manque une commande.".to_owned(),
        ErrorKind::MissingRequiredArgument => format!("il manque {argument}."),
        ErrorKind::InvalidValue if value == "«\u{202f}\u{202f}»" || value.is_empty() => {
            format!("{argument} demande une valeur.")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("la valeur {value} ne convient pas pour {argument}.")
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            format!("{argument} n’a pas le bon nombre de valeurs.")
        }
        ErrorKind::ArgumentConflict => match of(ContextKind::PriorArg) {
            Some(prior) if format!("«\u{202f}{prior}\u{202f}»") != argument => {
                format!("{argument} ne va pas avec «\u{202f}{prior}\u{202f}».")
            }
            _ => format!("{argument} ne peut pas être répété."),
        },
        ErrorKind::InvalidUtf8 => "un argument n’est pas écrit en UTF-8.".to_owned(),
        _ => "cette ligne de commande ne peut pas être comprise.".to_owned(),
    };
    let meant = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    // The likeliest stands last.
    let likeliest = |kind| match error.get(kind)? {
        ContextValue::Strings(list) => list.last().cloned(),
        other => Some(other.to_string()),
    };
    let meant = meant.into_iter().find_map(likeliest);
    let meant = meant.map(|m| format!(" Vouliez-vous dire «\u{202f}{m}\u{202f}»\u{202f}?"));
    let possible = of(ContextKind::ValidValue).filter(|list| !list.is_empty());
    let possible = possible.map(|list| format!(" Valeurs possibles\u{a0}: {list}."));
    Some(format!(
        "Erreur\u{a0}: {said}{}{} Tapez «\u{202f}portevoix --help\u{202f}» pour l’aide.",
        meant.unwrap_or_default(),
        possible.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Arguments;
    use clap::CommandFactory;

    fn tried(line: &str) -> Error {
        let command = command(Arguments::command());
        let words = line.split(' ');
        command.try_get_matches_from(words).expect_err("a slip")
    }

    #[test]
    fn no_word_of_the_help_is_left_in_english() {
        let english = Arguments::command();
        let mut lines = vec!["portevoix --help".to_owned(), "portevoix help".to_owned()];
        lines.extend(
            english
                .get_subcommands()
                .map(|c| format!("portevoix {} --help", c.get_name())),
        );
        assert_eq!(
            lines.len(),
            COMMANDS.len() + 2,
            "each command is translated"
        );
        for line in lines {
            let help = tried(&line).to_string();
            for word in [
                "Usage:",
                "Options:",
                "Arguments:",
                "Commands:",
                "default",
                "possible values",
                "env:",
                " the ",
                "Print",
                "Only",
                "COMMAND>",
            ] {
                assert!(!help.contains(word), "{word} in {line}:\n{help}");
            }
            assert!(help.contains("Utilisation\u{a0}: portevoix"), "{help}");
        }
        // Every argument that is shown has its words.
        for sub in english.get_subcommands() {
            for argument in sub.get_arguments() {
                let (of, name) = (sub.get_name(), argument.get_id().as_str());
                let known = |a: &&(&str, &str, &str, &str)| a.0 == of && a.1 == name;
                let all = ARGUMENTS.iter().chain(&OTHERS);
                assert!(all.clone().find(known).is_some(), "{of} {name}");
            }
        }
    }

    #[test]
    fn slips_are_told_in_french() {
        for (line, facts) in [
            ("portevoix build --jobz", &["« --jobz »", "« --jobs »"][..]),
            ("portevoix chek", &["Vouliez-vous dire « check » ?"]),
            ("portevoix bild", &["la commande « bild »", "« build »"]),
            ("portevoix build --jobs deux", &["« deux »", "--jobs"]),
            ("portevoix build --jobs", &["--jobs", "demande une valeur"]),
            ("portevoix --lang de check", &["« de »", "fr, en"]),
            ("portevoix -q -v check", &["ne va pas avec"]),
            ("portevoix frame a", &["il manque", "TEMPS"]),
        ] {
            let said = slip(&tried(line)).expect("a slip").replace('\u{202f}', " ");
            for fact in facts {
                assert!(said.contains(fact), "{fact} in {said}");
            }
        }
        assert_eq!(slip(&tried("portevoix --version")), None);
    }
}
