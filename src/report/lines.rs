//! Whole lines for people: a state, a summary, an estimate.

use crate::pipeline::stale::{self, Rung, Stale, Why};
use crate::pipeline::survey::Surveyed;
use crate::pipeline::{State, Summary};
use crate::plan::recipe::SegmentRecipe;
use crate::report::progress::Moment;
use crate::report::reasons;
use crate::report::words::Lang;
use crate::series::capsule::Status;
use crate::values::audience::Audience;
use crate::values::diagnostic::Severity;
use crate::values::time::Rational;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Characters that a terminal obeys: those of control, and those that turn the
/// direction of writing.
pub fn is_obeyed(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Text with nothing in it that a terminal obeys; such characters stand as
/// their codes.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_obeyed(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

pub fn severity(severity: Severity, lang: Lang) -> &'static str {
    match (severity, lang) {
        (Severity::Error, Lang::French) => "Erreur\u{a0}:",
        (Severity::Error, Lang::English) => "Error:",
        (Severity::Warning, Lang::French) => "Attention\u{a0}:",
        (Severity::Warning, Lang::English) => "Warning:",
        (Severity::Note, Lang::French) => "Note\u{a0}:",
        (Severity::Note, Lang::English) => "Note:",
    }
}

pub fn state(state: State, lang: Lang) -> &'static str {
    match (state, lang) {
        (State::Built, Lang::French) => "publiée",
        (State::Built, Lang::English) => "published",
        (State::Fresh, Lang::French) => "à jour",
        (State::Fresh, Lang::English) => "fresh",
        (State::Outdated, Lang::French) => "à jour (bibliothèques plus récentes)",
        (State::Outdated, Lang::English) => "outdated",
        (State::Stale, Lang::French) => "à refaire",
        (State::Stale, Lang::English) => "stale",
        (State::Failed, Lang::French) => "en échec",
        (State::Failed, Lang::English) => "failed",
        (State::Withheld, Lang::French) => "non publiée",
        (State::Withheld, Lang::English) => "withheld",
    }
}

/// In the place of the cards of a capsule that has mistakes, on the contact
/// sheet.
pub fn no_card(lang: Lang) -> &'static str {
    match lang {
        Lang::French => "À corriger d’abord (voir «\u{202f}check\u{202f}»)",
        Lang::English => "To be corrected first (see \"check\")",
    }
}

pub fn checked(capsules: usize, (errors, warnings): (usize, usize), lang: Lang) -> String {
    match lang {
        Lang::French => {
            format!(
                "Capsules prêtes\u{a0}: {capsules}. Erreurs\u{a0}: {errors}. Avertissements\u{a0}: {warnings}."
            )
        }
        Lang::English => {
            format!("Capsules ready: {capsules}. Errors: {errors}. Warnings: {warnings}.")
        }
    }
}

pub fn progress(moment: &Moment, lang: Lang) -> String {
    let percent = (moment.encoded * 100)
        .checked_div(moment.total)
        .unwrap_or(100);
    let left = moment.left.map_or(String::new(), |l| match lang {
        Lang::French => format!(", reste {}", span(l, lang)),
        Lang::English => format!(", {} left", span(l, lang)),
    });
    match lang {
        Lang::French => format!(
            "{percent}\u{a0}% ({} images sur {}){left}",
            moment.encoded, moment.total
        ),
        Lang::English => format!(
            "{percent} % ({} of {} frames){left}",
            moment.encoded, moment.total
        ),
    }
}

/// "1 min 20 s"
fn span(time: Duration, lang: Lang) -> String {
    let seconds = time.as_secs();
    match (seconds, lang) {
        (0..10, Lang::French) => format!("{:.1} s", time.as_secs_f64()).replace('.', ","),
        (0..10, Lang::English) => format!("{:.1} s", time.as_secs_f64()),
        (10..60, _) => format!("{seconds} s"),
        (60..3600, _) => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

pub fn summary(summary: &Summary, took: Duration, lang: Lang) -> Vec<String> {
    let time = span(took, lang);
    let Summary {
        built,
        fresh,
        withheld,
        failed,
        drafts,
        ..
    } = summary;
    let Summary {
        encoded_segments,
        reused_segments,
        encoded_frames,
        ..
    } = summary;
    match lang {
        Lang::French => vec![
            format!(
                "Capsules publiées à neuf\u{a0}: {built}, à jour\u{a0}: {fresh}, en échec\u{a0}: {failed}, \
                 non publiées\u{a0}: {withheld}, brouillons\u{a0}: {drafts}."
            ),
            format!(
                "Segments encodés\u{a0}: {encoded_segments} ({encoded_frames} images), \
                 repris\u{a0}: {reused_segments}, en {time}."
            ),
        ],
        Lang::English => vec![
            format!(
                "Capsules published anew: {built}, fresh: {fresh}, failed: {failed}, withheld: {withheld}, \
                 drafts: {drafts}."
            ),
            format!(
                "Segments encoded: {encoded_segments} ({encoded_frames} frames), reused: {reused_segments}, \
                 in {time}."
            ),
        ],
    }
}

pub fn busy(percent: u64, lang: Lang) -> String {
    match lang {
        Lang::French => format!("Ouvriers occupés\u{a0}: {percent}\u{a0}% du temps."),
        Lang::English => format!("Workers busy: {percent} % of the time."),
    }
}

pub fn report_is_at(path: &Path, lang: Lang) -> String {
    match lang {
        Lang::French => format!("Le compte rendu est dans {}", path.display()),
        Lang::English => format!("The report is in {}", path.display()),
    }
}

pub fn sound(target: &Path, lang: Lang) -> String {
    match lang {
        Lang::French => format!("{}\u{a0}: tout est en ordre.", target.display()),
        Lang::English => format!("{}: all is sound.", target.display()),
    }
}

pub fn pruned(objects: u64, bytes: u64, lang: Lang) -> String {
    let megabytes = bytes.div_ceil(1_000_000);
    match lang {
        Lang::French => format!("Éléments supprimés\u{a0}: {objects} ({megabytes} Mo)."),
        Lang::English => format!("Objects dropped: {objects} ({megabytes} MB)."),
    }
}

/// The status for which a capsule is shown to nobody.
pub fn status(status: Status, lang: Lang) -> Option<&'static str> {
    match (status, lang) {
        (Status::Off, Lang::French) => Some("statut «\u{202f}suspendu\u{202f}»"),
        (Status::Off, Lang::English) => Some("status “off”"),
        (Status::Withdrawn, Lang::French) => Some("statut «\u{202f}retiré\u{202f}»"),
        (Status::Withdrawn, Lang::English) => Some("status “withdrawn”"),
        (Status::Ready | Status::Draft, _) => None,
    }
}

pub fn sent(audience: Audience, files: usize, lang: Lang) -> String {
    let folder = format!("dist/{}", audience.name());
    match lang {
        Lang::French => {
            format!("Noté\u{a0}: {folder} est en ligne tel qu’il est ({files} fichiers).")
        }
        Lang::English => format!("Noted: {folder} is online as it is ({files} files)."),
    }
}

/// A capsule, and for each of its profiles the state and why.
pub type Row = (String, Vec<(String, State, Vec<Why>)>);

/// Capsules × profiles, a line for each.
pub fn table(rows: &[Row], lang: Lang) -> Vec<String> {
    let widest = rows.iter().map(|r| r.0.chars().count()).max().unwrap_or(0);
    rows.iter()
        .map(|(id, cells)| {
            let cells: Vec<String> = cells
                .iter()
                .map(|(profile, found, why)| {
                    let word = state(*found, lang);
                    let why = if why.is_empty() {
                        String::new()
                    } else {
                        format!(" ({})", reasons::sentence(why, lang))
                    };
                    format!("{profile} {word}{why}").trim_start().to_owned()
                })
                .collect();
            format!("{id:widest$}  {}", cells.join("  |  "))
        })
        .collect()
}

/// What a build would cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Estimate {
    pub segments: usize,
    pub seconds: u64,
    pub bytes: u64,
}

/// Pixels that one core encodes in a second until it was measured: x264
/// medium on a small machine.
const PIXELS_PER_SECOND: u64 = 25_000_000;

impl Estimate {
    pub fn of(plan: &[(&Surveyed, Stale)], measured: Option<u64>, jobs: usize) -> Estimate {
        let recipes = || plan.iter().flat_map(|(_, stale)| &stale.segments);
        let pixels: u64 = recipes()
            .map(|r| r.frames() * u64::from(r.size.width) * u64::from(r.size.height))
            .sum();
        let mut known: BTreeMap<Rung, (u64, u64)> = BTreeMap::new();
        for (rung, (bytes, frames)) in plan.iter().flat_map(|(_, stale)| &stale.known) {
            let (all, of) = known.entry(rung.clone()).or_default();
            *all += bytes;
            *of += frames;
        }
        let bytes = |r: &SegmentRecipe| match known.get(&stale::rung(r)) {
            Some((bytes, frames)) => bytes * r.frames() / frames.max(&1),
            // Talking heads cost about half of a rung's cap.
            None => {
                let kbps = i64::from(r.encoding.max_kbps.unwrap_or(4000));
                let bits = r.rate.time_of(r.frames()) * Rational::integer(kbps * 500);
                bits.round().max(0) as u64 / 8
            }
        };
        let speed = measured.unwrap_or(PIXELS_PER_SECOND).max(1) * jobs.max(1) as u64;
        Estimate {
            segments: recipes().count(),
            seconds: pixels.div_ceil(speed),
            bytes: recipes().map(bytes).sum(),
        }
    }

    pub fn line(&self, lang: Lang) -> String {
        let time = span(Duration::from_secs(self.seconds), lang);
        let megabytes = self.bytes.div_ceil(1_000_000);
        match lang {
            Lang::French => {
                format!(
                    "Segments à encoder\u{a0}: {}, environ {time} et {megabytes} Mo.",
                    self.segments
                )
            }
            Lang::English => {
                format!(
                    "Segments to encode: {}, about {time} and {megabytes} MB.",
                    self.segments
                )
            }
        }
    }
}
