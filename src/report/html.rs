//! `report.html`: what was done and what to correct, for the coordinator, in
//! the series' language. One file that needs nothing beside it and is never
//! published.
//!
//! Sentences about problems come ready made from `report::words`; the words
//! here are the page's own.

use crate::publish::html::render;
use crate::values::audience::Audience;
use crate::values::diagnostic::Severity;
use crate::values::ids::{Id, Language};
use serde::Serialize;
use std::collections::BTreeMap;

const TEMPLATE: &str = include_str!("../../assets/report/report.html");

/// All that the report says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    pub language: Language,
    pub series: String,
    pub findings: Vec<Finding>,
    pub changes: Vec<Change>,
    pub withheld: Vec<Withheld>,
    pub transfers: Vec<Transfer>,
    pub clips: Vec<Clip>,
}

/// What the clip of a capsule is, in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clip {
    pub capsule: Id,
    pub path: String,
    pub description: String,
}

/// A diagnostic in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub severity: Severity,
    /// The file to correct it in, relative to the series; `None` for the
    /// series as a whole.
    pub file: Option<String>,
    /// Where in the file: "cell D13", "line 4".
    pub place: Option<String>,
    pub sentence: String,
    pub hint: Option<String>,
    /// A PNG of the card that it is about.
    pub card: Option<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChangeKind {
    Added,
    Updated,
    Removed,
    /// Failed, and still published as it was.
    KeptFormer,
    /// Failed, and never published.
    Failed,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    pub capsule: Id,
    pub title: String,
    pub kind: ChangeKind,
    /// Why, in a sentence, when there is more to say.
    pub reason: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withheld {
    pub capsule: Id,
    pub title: String,
    /// `None`: all of them.
    pub profile: Option<String>,
    pub reason: String,
}

/// What is left to do on the web server that shows one tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transfer {
    pub audience: Audience,
    /// Paths in the tree, in the order in which to send them.
    pub send: Vec<String>,
    pub delete: Vec<String>,
}

/// The whole page.
pub fn page(report: &Report) -> String {
    let words = if report.language.is_french() {
        &FRENCH
    } else {
        &ENGLISH
    };
    let count = |severity| {
        report
            .findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    let page = Page {
        language: &report.language,
        series: &report.series,
        verdict: (words.verdict)(count(Severity::Error), count(Severity::Warning)),
        verdict_kind: match (count(Severity::Error), count(Severity::Warning)) {
            (0, 0) => "fine",
            (0, _) => "warning",
            _ => "error",
        },
        files: findings_by_file(report, words),
        changes: report
            .changes
            .iter()
            .map(|change| ChangeRow {
                id: change.capsule.as_str(),
                title: &change.title,
                what: (words.change)(change.kind),
                reason: change.reason.as_deref(),
            })
            .collect(),
        withheld: report
            .withheld
            .iter()
            .map(|withheld| WithheldRow {
                id: withheld.capsule.as_str(),
                title: &withheld.title,
                profile: withheld.profile.as_deref().unwrap_or(words.labels.all),
                reason: &withheld.reason,
            })
            .collect(),
        transfers: report
            .transfers
            .iter()
            .filter(|transfer| !transfer.send.is_empty() || !transfer.delete.is_empty())
            .map(|transfer| TransferPart {
                name: transfer.audience.name(),
                folder: format!("dist/{}", transfer.audience.name()),
                folded: transfer.audience == Audience::Private,
                audience: (words.audience)(transfer.audience),
                caution: (words.caution)(transfer.audience),
                send: &transfer.send,
                delete: &transfer.delete,
            })
            .collect(),
        clips: report
            .clips
            .iter()
            .map(|clip| ClipRow {
                id: clip.capsule.as_str(),
                path: &clip.path,
                description: &clip.description,
            })
            .collect(),
        words: &words.labels,
    };
    render(TEMPLATE, &page)
}

#[derive(Serialize)]
struct Page<'a> {
    language: &'a Language,
    series: &'a str,
    verdict: String,
    verdict_kind: &'static str,
    files: Vec<FilePart<'a>>,
    changes: Vec<ChangeRow<'a>>,
    withheld: Vec<WithheldRow<'a>>,
    transfers: Vec<TransferPart<'a>>,
    clips: Vec<ClipRow<'a>>,
    words: &'a Labels,
}

#[derive(Serialize)]
struct FilePart<'a> {
    name: &'a str,
    findings: Vec<FindingRow<'a>>,
}

#[derive(Serialize)]
struct FindingRow<'a> {
    kind: &'static str,
    severity: &'static str,
    place: Option<&'a str>,
    sentence: &'a str,
    hint: Option<&'a str>,
    card: Option<String>,
}

#[derive(Serialize)]
struct ChangeRow<'a> {
    id: &'a str,
    title: &'a str,
    what: &'static str,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct WithheldRow<'a> {
    id: &'a str,
    title: &'a str,
    profile: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct TransferPart<'a> {
    name: &'static str,
    folder: String,
    /// Whoever reads quickly must not send what is for nobody.
    folded: bool,
    audience: &'static str,
    /// What to mind before anything is sent; empty for what all may see.
    caution: &'static str,
    send: &'a [String],
    delete: &'a [String],
}

#[derive(Serialize)]
struct ClipRow<'a> {
    id: &'a str,
    path: &'a str,
    description: &'a str,
}

/// By file in name order, the gravest first within a file; the order of
/// findings of equal weight stays.
fn findings_by_file<'a>(report: &'a Report, words: &Words) -> Vec<FilePart<'a>> {
    let mut files: BTreeMap<Option<&str>, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        let of_file = files.entry(finding.file.as_deref()).or_default();
        of_file.push(finding);
    }
    files
        .into_iter()
        .map(|(name, mut findings)| {
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            FilePart {
                name: name.unwrap_or(words.labels.whole_series),
                findings: findings
                    .into_iter()
                    .map(|finding| row(finding, words))
                    .collect(),
            }
        })
        .collect()
}

fn row<'a>(finding: &'a Finding, words: &Words) -> FindingRow<'a> {
    FindingRow {
        kind: match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        },
        severity: (words.severity)(finding.severity),
        place: finding.place.as_deref(),
        sentence: &finding.sentence,
        hint: finding.hint.as_deref(),
        card: finding
            .card
            .as_deref()
            .map(|png| format!("data:image/png;base64,{}", base64(png))),
    }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= group.len() {
                let index = (bits >> (18 - 6 * digit)) & 63;
                text.push(char::from(ALPHABET[index as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// The page's own words in one language.
struct Words {
    labels: Labels,
    /// From the numbers of errors and of warnings.
    verdict: fn(usize, usize) -> String,
    severity: fn(Severity) -> &'static str,
    change: fn(ChangeKind) -> &'static str,
    audience: fn(Audience) -> &'static str,
    caution: fn(Audience) -> &'static str,
}

#[derive(Serialize)]
struct Labels {
    report: &'static str,
    to_correct: &'static str,
    whole_series: &'static str,
    changed: &'static str,
    nothing_changed: &'static str,
    withheld: &'static str,
    capsule: &'static str,
    what: &'static str,
    profile: &'static str,
    all: &'static str,
    reason: &'static str,
    to_send: &'static str,
    since: &'static str,
    send_in_order: &'static str,
    then_delete: &'static str,
    from_folder: &'static str,
    nothing_to_send: &'static str,
    card: &'static str,
    clips: &'static str,
    clip: &'static str,
}

const FRENCH: Words = Words {
    labels: Labels {
        report: "Compte rendu",
        to_correct: "À corriger",
        whole_series: "Toute la série",
        changed: "Ce qui a changé",
        nothing_changed: "Rien n’a changé depuis la dernière publication.",
        withheld: "Ce qui n’est pas publié, et pourquoi",
        capsule: "Capsule",
        what: "Résultat",
        profile: "Profil",
        all: "tous",
        reason: "Raison",
        to_send: "À envoyer sur le serveur",
        since: "Tout ce qui a changé depuis le dernier envoi que vous avez noté. Une fois l’envoi et les suppressions faits, notez-le avec la commande",
        send_in_order: "Envoyez ces fichiers, dans cet ordre\u{a0}:",
        then_delete: "Supprimez ensuite du serveur\u{a0}:",
        from_folder: "Dossier",
        nothing_to_send: "Rien à envoyer ni à supprimer.",
        card: "Aperçu du carton",
        clips: "Les clips",
        clip: "Clip",
    },
    verdict: |errors, warnings| {
        let plural = |n: usize, one: &str, more: &str| {
            let word = if n < 2 { one } else { more };
            format!("{n}\u{a0}{word}")
        };
        match (errors, warnings) {
            (0, 0) => "Tout est en ordre.".to_owned(),
            (0, w) => format!("{}.", plural(w, "point à vérifier", "points à vérifier")),
            (e, 0) => format!("{}.", plural(e, "erreur à corriger", "erreurs à corriger")),
            (e, w) => format!(
                "{}, {}.",
                plural(e, "erreur à corriger", "erreurs à corriger"),
                plural(w, "point à vérifier", "points à vérifier")
            ),
        }
    },
    severity: |severity| match severity {
        Severity::Note => "Information",
        Severity::Warning => "À vérifier",
        Severity::Error => "Erreur",
    },
    change: |kind| match kind {
        ChangeKind::Added => "Publiée pour la première fois",
        ChangeKind::Updated => "Mise à jour",
        ChangeKind::Removed => "Retirée de la publication",
        ChangeKind::KeptFormer => "Échec\u{202f}; la version précédente reste en ligne",
        ChangeKind::Failed => "Échec\u{202f}; rien n’est publié",
    },
    audience: |audience| match audience {
        Audience::Public => "tout public",
        Audience::Professionals => "professionnels",
        Audience::Group => "groupe",
        Audience::Private => "privé",
    },
    caution: |audience| match audience {
        Audience::Public => "",
        Audience::Private => {
            "Ce dossier n’est pas fait pour un site\u{a0}: brouillons et capsules privées. Ne l’envoyez que sur un serveur protégé par un mot de passe, jamais à côté du dossier public."
        }
        Audience::Professionals | Audience::Group => {
            "N’envoyez ce dossier que sur un serveur protégé par un mot de passe, jamais à côté du dossier public."
        }
    },
};

const ENGLISH: Words = Words {
    labels: Labels {
        report: "Report",
        to_correct: "To correct",
        whole_series: "The whole series",
        changed: "What changed",
        nothing_changed: "Nothing has changed since the last publication.",
        withheld: "What is not published, and why",
        capsule: "Capsule",
        what: "Result",
        profile: "Profile",
        all: "all",
        reason: "Reason",
        to_send: "To send to the server",
        since: "All that changed since the last time that you said it was sent. Once it is sent and deleted, say so with the command",
        send_in_order: "Send these files, in this order:",
        then_delete: "Then delete from the server:",
        from_folder: "Folder",
        nothing_to_send: "Nothing to send or to delete.",
        card: "How the card looks",
        clips: "The clips",
        clip: "Clip",
    },
    verdict: |errors, warnings| {
        let plural = |n: usize, one: &str, more: &str| {
            let word = if n == 1 { one } else { more };
            format!("{n} {word}")
        };
        match (errors, warnings) {
            (0, 0) => "All is well.".to_owned(),
            (0, w) => format!("{}.", plural(w, "point to check", "points to check")),
            (e, 0) => format!("{}.", plural(e, "error to correct", "errors to correct")),
            (e, w) => format!(
                "{}, {}.",
                plural(e, "error to correct", "errors to correct"),
                plural(w, "point to check", "points to check")
            ),
        }
    },
    severity: |severity| match severity {
        Severity::Note => "Note",
        Severity::Warning => "To check",
        Severity::Error => "Error",
    },
    change: |kind| match kind {
        ChangeKind::Added => "Published for the first time",
        ChangeKind::Updated => "Updated",
        ChangeKind::Removed => "No longer published",
        ChangeKind::KeptFormer => "Failed; the former version stays online",
        ChangeKind::Failed => "Failed; nothing is published",
    },
    audience: |audience| match audience {
        Audience::Public => "public",
        Audience::Professionals => "professionals",
        Audience::Group => "group",
        Audience::Private => "private",
    },
    caution: |audience| match audience {
        Audience::Public => "",
        Audience::Private => {
            "This folder is not made for a site: drafts and private capsules. Send it only to a server behind a password, never beside the public folder."
        }
        Audience::Professionals | Audience::Group => {
            "Send this folder only to a server behind a password, never beside the public folder."
        }
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    fn report(language: &str) -> Report {
        let id = Id::new("jpp-12").expect("an id");
        let finding = |severity, place: &str, sentence: &str| Finding {
            severity,
            file: Some("capsules.csv".into()),
            place: Some(place.into()),
            sentence: sentence.into(),
            hint: Some("Raccourcissez <la>".into()),
            card: None,
        };
        Report {
            language: Language::new(language).expect("a tag"),
            series: "Je peux en parler".into(),
            findings: vec![
                finding(Severity::Warning, "D2", "Un détail"),
                Finding {
                    card: Some(b"\x89PNG".to_vec()),
                    ..finding(Severity::Error, "D13", "La question <b>ne tient pas</b>")
                },
                Finding {
                    file: None,
                    ..finding(Severity::Note, "x", "Générale")
                },
            ],
            changes: vec![Change {
                capsule: id.clone(),
                title: "Peur & colère".into(),
                kind: ChangeKind::KeptFormer,
                reason: Some("Le clip est coupé.".into()),
            }],
            withheld: vec![Withheld {
                capsule: id,
                title: "Peur".into(),
                profile: Some("reseaux".into()),
                reason: "suspendue".into(),
            }],
            clips: vec![Clip {
                capsule: Id::new("jpp-13").expect("an id"),
                path: "footage/jour 2/<c13>.mov".into(),
                description: "0:45, 1920×1080".into(),
            }],
            transfers: vec![
                Transfer {
                    audience: Audience::Public,
                    send: vec!["jpp-12/a.m4s".into(), "manifest.json".into()],
                    delete: vec!["jpp-12/old.m4s".into()],
                },
                Transfer {
                    audience: Audience::Private,
                    send: vec![],
                    delete: vec![],
                },
            ],
        }
    }

    #[test]
    fn the_report_says_everything_and_escapes_it() {
        let html = page(&report("fr"));
        for fact in [
            "<html lang=\"fr\">",
            "1\u{a0}erreur à corriger, 1\u{a0}point à vérifier.",
            "La question &lt;b&gt;ne tient pas&lt;/b&gt;",
            "Raccourcissez &lt;la&gt;",
            "data:image/png;base64,iVBORw==",
            "Peur &amp; colère",
            "Échec\u{202f}; la version précédente reste en ligne",
            "dist/public",
            "Toute la série",
            "Les clips",
            "footage/jour 2/&lt;c13&gt;.mov",
            "0:45, 1920×1080",
        ] {
            assert!(html.contains(fact), "{fact} in\n{html}");
        }
        // The error stands above the warning of the same file.
        assert!(html.find("D13") < html.find("D2"));
        // In the order in which files are to be sent.
        assert!(html.find("jpp-12/a.m4s") < html.find("<li><code>manifest.json"));
        assert!(!html.contains("mot de passe"), "the public tree needs none");
        // A tree with nothing to send is passed over; nothing is fetched.
        assert!(!html.contains("dist/private"));
        assert!(!html.contains("http://") && !html.contains("https://"));
        assert!(!html.contains("<script"));
    }

    /// A folder that is not for everybody is never sent like the others.
    #[test]
    fn what_is_not_public_is_sent_behind_a_password() {
        for audience in [Audience::Private, Audience::Group, Audience::Professionals] {
            let mut report = report("fr");
            report.transfers[1] = Transfer {
                audience,
                send: vec!["index.html".into()],
                delete: vec![],
            };
            let html = page(&report);
            let folder = html.find(&format!("dist/{}", audience.name()));
            let caution = html.find("protégé par un mot de passe");
            let files = html.find("<li><code>index.html");
            assert!(
                folder < caution && caution < files && caution.is_some(),
                "{html}"
            );
        }
    }

    #[test]
    fn it_speaks_english_too_and_says_when_all_is_well() {
        let mut fine = report("en");
        fine.findings.clear();
        fine.changes.clear();
        fine.transfers.clear();
        let html = page(&fine);
        for fact in ["All is well.", "Nothing has changed", "Nothing to send"] {
            assert!(html.contains(fact), "{fact} in\n{html}");
        }
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v")];
        for (plain, encoded) in vectors {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }
}
