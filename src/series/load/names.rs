//! Comparing what people typed: without case, accents or stray spaces, and by
//! nearness when something was probably meant.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// NFC, so that an accent typed on one system is the accent of another.
pub(super) fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Lower case, accents off, every run of spaces, `_` and typographic
/// apostrophes made plain: `« Thème »` and `theme` meet.
pub(super) fn folded(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && *c != '\u{feff}')
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '_' => ' ',
            '’' => '\'',
            '‐' | '‑' | '–' => '-',
            other => other,
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The candidate that was probably meant, if one is near enough: at most one
/// mistake in three letters. Ties go to the first.
pub(super) fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = folded(written);
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&wanted, &folded(c)), c))
        .filter(|(distance, c)| *distance <= allowed && *distance < c.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}

/// What an id could have been: folded, and everything that is not allowed
/// turned into a dash.
pub fn id_like(text: &str) -> Option<String> {
    let dashed: String = folded(text)
        .chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' => c,
            _ => '-',
        })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|p| !p.is_empty()).collect();
    let id = parts.join("-");
    (!id.is_empty() && id.len() <= 100).then_some(id)
}

/// Files that a system or an editor leaves behind.
pub(super) fn is_left_by_system(name: &str) -> bool {
    name.starts_with("._")
        || name.starts_with(".~lock")
        || name.starts_with("~$")
        || [".DS_Store", "Thumbs.db", "desktop.ini", ".directory"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_spaces_do_not_matter() {
        assert_eq!(folded(" \u{feff}THE\u{300}ME "), "theme");
        assert_eq!(folded("Coupures\u{a0}  sonores"), "coupures sonores");
        assert_eq!(nfc("e\u{301}"), "é");
    }

    #[test]
    fn a_suggestion_is_near_or_absent() {
        assert_eq!(
            nearest("brouilon", ["prêt", "brouillon"]),
            Some("brouillon")
        );
        assert_eq!(nearest("PRETS", ["prêt", "brouillon"]), Some("prêt"));
        assert_eq!(nearest("zebra", ["prêt", "brouillon"]), None);
        assert_eq!(nearest("x", ["a"]), None);
    }

    #[test]
    fn ids_are_suggested_from_titles() {
        assert_eq!(id_like("JPP 12 – été"), Some("jpp-12-ete".into()));
        assert_eq!(id_like("…"), None);
    }

    #[test]
    fn system_files_are_known() {
        for name in [
            "._c1.mov",
            ".DS_Store",
            ".~lock.capsules.ods#",
            "~$capsules.xlsx",
            "thumbs.db",
        ] {
            assert!(is_left_by_system(name), "{name}");
        }
        assert!(!is_left_by_system("c1.mov"));
    }
}
