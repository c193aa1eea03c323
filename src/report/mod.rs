//! Floor 5: what the program says to people and scripts. Diagnostics become
//! words in `words`, clips in `clips`, whole lines in `lines`, JSON in `json`, the coordinator's
//! page in `html`; nothing else prints.

pub mod clips;
pub mod html;
pub mod json;
pub mod lines;
pub mod progress;
pub mod reasons;
pub mod schemas;
pub mod words;

use crate::pipeline::{ClipSeen, Event, State, Summary};
use crate::render::art::Drawing;
use crate::values::diagnostic::{Diagnostic, Severity};
use progress::Progress;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use words::Lang;

/// Hears events and says them: in words, with bars on a terminal, or as JSON
/// lines. Also remembers findings, for the exit code and the report.
pub struct Reporter {
    json: bool,
    lang: Lang,
    quiet: bool,
    verbose: bool,
    /// Warnings and errors are said at the end, the gravest last: beside many
    /// notes nobody would see them.
    gravest_last: bool,
    heard: Mutex<Vec<Heard>>,
    progress: Progress,
}

/// What was said of the series and its capsules.
#[derive(Clone, PartialEq, Debug)]
pub enum Heard {
    Diagnostic(Diagnostic),
    /// The card that a diagnostic is about.
    Drawn(Arc<(Diagnostic, Drawing)>),
    Clip(Box<ClipSeen>),
    Job(String, String),
    Capsule(crate::values::ids::Id, State),
}

impl Reporter {
    pub fn new(json: bool, lang: Lang, quiet: bool, verbose: bool) -> Reporter {
        let watched = !json && !quiet && std::io::stderr().is_terminal();
        Reporter {
            json,
            lang,
            quiet,
            verbose,
            gravest_last: false,
            heard: Mutex::default(),
            progress: Progress::new(watched, lang),
        }
    }

    /// The same, for a command that tells everything: people find what they
    /// have to act on below the rest. Scripts get every event as it comes.
    pub fn gravest_last(self) -> Reporter {
        Reporter {
            gravest_last: !self.json,
            ..self
        }
    }

    /// Says what was kept for the end.
    pub fn tell_the_gravest(&self) {
        if !self.gravest_last {
            return;
        }
        let mut all = self.diagnostics();
        all.retain(|d| d.severity() > Severity::Note);
        all.sort_by_key(Diagnostic::severity);
        all.iter()
            .for_each(|diagnostic| self.print_diagnostic(diagnostic));
    }

    pub fn start(&self, command: &str) {
        if self.json {
            self.say(&json::start(command));
        }
    }

    /// Says one event. Safe from any thread.
    pub fn hear(&self, event: Event) {
        match &event {
            Event::Diagnostic(diagnostic) => self.diagnostic(diagnostic),
            Event::Drawn(drawn) => self.remember(Heard::Drawn(Arc::clone(drawn))),
            Event::Clip(seen) => {
                self.remember(Heard::Clip(seen.clone()));
                if self.json {
                    self.say(&json::clip(seen));
                } else if self.verbose {
                    self.print(&clips::line(seen, self.lang));
                }
            }
            Event::Job { capsule, reasons } => {
                let reason = reasons::sentence(reasons, self.lang);
                self.remember(Heard::Job(capsule.to_string(), reason.clone()));
                if self.json {
                    self.say(&json::job(capsule, &reason, reasons));
                } else if !self.quiet {
                    let colon = if self.lang == Lang::French {
                        "\u{a0}: "
                    } else {
                        ": "
                    };
                    self.print(&format!("{capsule}{colon}{reason}"));
                }
            }
            Event::Work { frames } => self.progress.begin(*frames),
            Event::Encoded { capsule, frames } => {
                // What was not counted beforehand (one frame to look at) has no
                // whole to be a part of.
                let report = self.progress.advance(capsule, *frames);
                if let Some(report) = report.filter(|r| r.total > 0) {
                    if self.json {
                        self.say(&json::progress(&report));
                    } else if !self.quiet {
                        self.print(&lines::progress(&report, self.lang));
                    }
                }
            }
            Event::Capsule { id, state } => {
                self.remember(Heard::Capsule(id.clone(), *state));
                if self.json {
                    self.say(&json::capsule(id, *state));
                } else if self.verbose {
                    self.print(&format!("{id}: {}", lines::state(*state, self.lang)));
                }
            }
            // Said by `conclude`, which knows how long it took.
            Event::Summary(_) => {}
        }
    }

    fn diagnostic(&self, diagnostic: &Diagnostic) {
        self.remember(Heard::Diagnostic(diagnostic.clone()));
        if self.json {
            self.say(&json::diagnostic(diagnostic, self.lang));
            return;
        }
        if !self.gravest_last || diagnostic.severity() == Severity::Note {
            self.print_diagnostic(diagnostic);
        }
    }

    fn print_diagnostic(&self, diagnostic: &Diagnostic) {
        let said = match diagnostic.severity() {
            Severity::Error => true,
            Severity::Warning => !self.quiet,
            Severity::Note => self.verbose,
        };
        if said {
            let head = lines::severity(diagnostic.severity(), self.lang);
            let text = lines::printable(&format!("{head} {}", words::full(diagnostic, self.lang)));
            self.progress.aside(|| {
                // Nobody is left to tell when the terminal is gone.
                let _ = writeln!(std::io::stderr().lock(), "{text}");
            });
        }
    }

    fn remember(&self, heard: Heard) {
        if let Ok(mut all) = self.heard.lock() {
            all.push(heard);
        }
    }

    /// Everything heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().map(|h| h.clone()).unwrap_or_default()
    }

    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let only = |heard| match heard {
            Heard::Diagnostic(diagnostic) => Some(diagnostic),
            _ => None,
        };
        self.heard().into_iter().filter_map(only).collect()
    }

    pub fn heard_error(&self) -> bool {
        let failed = self
            .heard()
            .iter()
            .any(|h| matches!(h, Heard::Capsule(_, State::Failed)));
        failed || self.counts().0 > 0
    }

    /// Errors and warnings heard so far.
    pub fn counts(&self) -> (usize, usize) {
        let all = self.diagnostics();
        let of = |severity| all.iter().filter(|d| d.severity() == severity).count();
        (of(Severity::Error), of(Severity::Warning))
    }

    /// The end of a build.
    pub fn conclude(&self, summary: &Summary, took: Duration, _workers: usize) {
        self.progress.finish();
        if self.json {
            self.say(&json::summary(summary, took));
        } else if !self.quiet {
            for line in lines::summary(summary, took, self.lang) {
                self.print(&line);
            }
            let busy = summary.busy_percent.filter(|_| self.verbose);
            if let Some(percent) = busy {
                self.print(&lines::busy(percent, self.lang));
            }
        }
    }

    pub fn report_is_at(&self, path: &Path) {
        if !self.json && !self.quiet {
            self.print(&lines::report_is_at(path, self.lang));
        }
    }

    /// What a command was asked to print, in either format.
    pub fn lines(&self, lines: &[String]) {
        for line in lines.iter().flat_map(|l| l.split('\n')) {
            self.print(line);
        }
    }

    /// What only people read.
    pub fn lines_for_people(&self, lines: &[String]) {
        if !self.json && !self.quiet {
            lines.iter().for_each(|line| self.print(line));
        }
    }

    /// One line: names of files and texts of others cannot make it two, nor
    /// move the cursor.
    fn print(&self, line: &str) {
        self.say(&lines::printable(line));
    }

    fn say(&self, line: &str) {
        self.progress.aside(|| {
            // A closed pipe is not worth ending a build for.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        });
    }
}
