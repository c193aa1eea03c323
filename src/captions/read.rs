//! Reading a caption file: which lines make a cue.
//!
//! The rules are those of the WebVTT specification ("collect a WebVTT block"),
//! with what SRT files need on top: no header, text after a blank line, numbers
//! glued to the cue above. Whatever is repaired or lost is a finding.

use crate::captions::decode::{Encoding, decode};
use crate::captions::timing::{self, Line, Timing};
use crate::captions::{Cue, markup};
use crate::values::captions::{CaptionFault, CaptionFinding};
use crate::values::time::Rational;
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Srt,
    WebVtt,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// By start, then as in the file.
    pub cues: Vec<Cue>,
    /// The line of each cue's timing, in the order of `cues`.
    pub lines: Vec<usize>,
    /// Absent when the file holds no captions at all.
    pub format: Option<Format>,
    pub encoding: Encoding,
    /// By line.
    pub findings: Vec<CaptionFinding>,
}

/// Reads whatever there is to read. The work is proportional to the length of
/// the file.
pub fn parse(bytes: &[u8]) -> Parsed {
    let mut findings = Vec::new();
    let (text, encoding) = decode(bytes, &mut findings);
    let lines = lines(&text);
    let format = if has_signature(&lines) {
        Format::WebVtt
    } else {
        Format::Srt
    };
    let mut reader = Reader::new(format, findings);
    reader.read(&lines);
    reader.finish(encoding)
}

/// Lines as WebVTT ends them: LF, CR LF or CR.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        // A CR before the LF belongs to it; any other stands for itself.
        let line = line.strip_suffix('\r').unwrap_or(line);
        lines.extend(line.split('\r'));
    }
    lines
}

fn has_signature(lines: &[&str]) -> bool {
    let first = lines.iter().find(|l| !is_blank(l)).copied();
    first
        .and_then(|l| l.trim_start().strip_prefix("WEBVTT"))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn is_number(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit())
}

/// Notes, style sheets and regions: nothing that anybody reads on screen.
fn is_comment(first: &str) -> bool {
    let first = first.trim_end();
    ["NOTE", "STYLE", "REGION"].contains(&first)
        || ["NOTE ", "NOTE\t", "Region:"]
            .iter()
            .any(|p| first.starts_with(p))
}

/// A line with its number in the file.
type Numbered<'a> = (usize, &'a str);

struct OpenCue<'a> {
    line: usize,
    start: i64,
    end: i64,
    settings: Option<String>,
    text: Vec<&'a str>,
    /// A number stood above its timing.
    numbered: bool,
}

struct Reader<'a> {
    format: Format,
    cues: Vec<(usize, Cue)>,
    findings: Vec<CaptionFinding>,
    /// Dropped tags: the first line they stand in, and how many there are.
    tags: BTreeMap<String, (usize, usize)>,
    /// The last cue whose timing could be read.
    open: Option<OpenCue<'a>>,
    /// Lines since the last blank one that belong to no cue yet.
    block: Vec<Numbered<'a>>,
    /// In SRT, a number between blank lines: the next cue's, or a word of the cue
    /// above. What follows tells.
    lone: Option<Numbered<'a>>,
    /// Of the last cue that has one.
    last_number: u64,
    place: Where,
    timings: usize,
}

#[derive(PartialEq, Eq)]
enum Where {
    /// Under the signature, up to the first blank line.
    Header,
    /// Between cues.
    Between,
    /// In the lines right under a timing.
    CueText,
    /// In the lines right under a timing that could not be read.
    LostText,
}

impl<'a> Reader<'a> {
    fn new(format: Format, findings: Vec<CaptionFinding>) -> Reader<'a> {
        Reader {
            format,
            cues: Vec::new(),
            findings,
            tags: BTreeMap::new(),
            open: None,
            block: Vec::new(),
            lone: None,
            last_number: 0,
            place: match format {
                Format::WebVtt => Where::Header,
                Format::Srt => Where::Between,
            },
            timings: 0,
        }
    }

    fn found(&mut self, line: usize, fault: CaptionFault) {
        self.findings.push(CaptionFinding { line, fault });
    }

    fn read(&mut self, lines: &[&'a str]) {
        let tolerant = self.format == Format::Srt;
        let mut signature_passed = false;
        for (index, &text) in lines.iter().enumerate() {
            let number = index + 1;
            // Blank lines above the signature do not end the header.
            if self.place == Where::Header && !signature_passed {
                signature_passed = !is_blank(text);
                continue;
            }
            if is_blank(text) {
                // Only an empty line ends a cue of WebVTT.
                let ends = tolerant || text.is_empty() || self.place != Where::CueText;
                if ends {
                    self.dispose_block();
                    self.place = Where::Between;
                }
                continue;
            }
            match timing::line(text, tolerant) {
                Line::Timing(timing) => self.timing(number, text, &timing),
                // In SRT an arrow among words is a word.
                Line::Unreadable
                    if !tolerant
                        || text
                            .trim_start()
                            .starts_with(|c: char| c.is_ascii_digit() || c == '-') =>
                {
                    self.unreadable(number, text);
                }
                Line::Unreadable | Line::Other => self.other(number, text),
            }
        }
        self.dispose_block();
        if let Some((_, number)) = self.lone
            && number.trim().parse() == Ok(self.last_number + 1)
        {
            self.lone = None; // of a cue that is not there any more
        }
        self.dispose_lone();
        self.close();
    }

    fn other(&mut self, number: usize, text: &'a str) {
        match self.place {
            Where::Header | Where::LostText => {}
            Where::Between => self.block.push((number, text)),
            Where::CueText => {
                if let Some(open) = &mut self.open {
                    open.text.push(text);
                }
            }
        }
    }

    /// What stands right above a timing: its number or name. True when it is
    /// a number.
    fn take_identifier(&mut self, number: usize) -> bool {
        if self.place == Where::CueText {
            // No blank line since the last timing. A number that follows a
            // numbered cue's text is the next number; elsewhere it is text.
            self.found(number, CaptionFault::MissingBlankLine);
            return match &mut self.open {
                Some(open) if open.numbered && open.text.last().is_some_and(|l| is_number(l)) => {
                    let number = open.text.pop();
                    self.count(number.unwrap_or_default());
                    true
                }
                _ => false,
            };
        }
        let Some((line, last)) = self.block.pop() else {
            let number = self.lone.take();
            number.inspect(|(_, number)| self.count(number));
            return number.is_some();
        };
        if is_number(last) {
            self.dispose_block();
            self.dispose_lone();
            self.count(last);
            return true;
        }
        self.dispose_lone();
        if self.block.is_empty() && self.format == Format::WebVtt {
            return false; // a cue may bear any name, and nobody sees it
        }
        self.block.push((line, last));
        let text = last.trim().to_owned();
        if self.block.len() == 1 {
            // In SRT it is a name, or the stray end of the cue above: say so.
            self.block.clear();
            self.found(line, CaptionFault::TextOutsideCue { text });
        } else {
            self.dispose_block();
        }
        false
    }

    fn timing(&mut self, number: usize, text: &str, timing: &Timing<'_>) {
        let numbered = self.take_identifier(number);
        self.close();
        self.timings += 1;
        let found = || text.trim().to_owned();
        if self.format == Format::WebVtt && !timing.exact {
            self.found(number, CaptionFault::LooseTime { found: found() });
        }
        let (settings, dropped) = timing::settings(timing.rest);
        for setting in dropped {
            self.found(number, CaptionFault::SettingDropped { setting });
        }
        if timing.end <= timing.start {
            self.found(number, CaptionFault::EndBeforeStart { found: found() });
            self.place = Where::LostText;
            return;
        }
        self.open = Some(OpenCue {
            line: number,
            start: timing.start,
            end: timing.end,
            settings,
            text: Vec::new(),
            numbered,
        });
        self.place = Where::CueText;
    }

    fn unreadable(&mut self, number: usize, text: &str) {
        self.take_identifier(number);
        self.close();
        let found = text.trim().to_owned();
        self.found(number, CaptionFault::BadTiming { found });
        self.place = Where::LostText;
    }

    fn count(&mut self, number: &str) {
        self.last_number = number.trim().parse().unwrap_or(u64::MAX - 1);
    }

    /// A number that was no cue's: somebody said it, after a blank line.
    fn dispose_lone(&mut self) {
        let Some((line, number)) = self.lone.take() else {
            return;
        };
        match &mut self.open {
            Some(open) => {
                open.text.push(number);
                self.found(line, CaptionFault::BlankLineInCue);
            }
            None => {
                let text = number.trim().to_owned();
                self.found(line, CaptionFault::TextOutsideCue { text });
            }
        }
    }

    /// A block that no timing claimed.
    fn dispose_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let Some(&(line, first)) = block.first() else {
            return;
        };
        self.dispose_lone();
        let number = block.len() == 1 && is_number(first);
        if number && self.format == Format::Srt {
            self.lone = Some((line, first));
            return;
        }
        if number || is_comment(first) && self.format == Format::WebVtt {
            return;
        }
        match (&mut self.open, self.format) {
            (Some(open), Format::Srt) => {
                open.text.extend(block.iter().map(|(_, text)| text));
                self.found(line, CaptionFault::BlankLineInCue);
            }
            _ => {
                let text = first.trim().to_owned();
                self.found(line, CaptionFault::TextOutsideCue { text });
            }
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let cleaned = markup::clean(&open.text.join("\n"));
        for tag in cleaned.dropped {
            self.tags.entry(tag).or_insert((open.line, 0)).1 += 1;
        }
        if cleaned.text.is_empty() {
            self.found(open.line, CaptionFault::EmptyCue);
            return;
        }
        let top = || cleaned.top.then(|| "line:0".to_owned());
        let cue = Cue {
            start: Rational::milliseconds(open.start),
            end: Rational::milliseconds(open.end),
            settings: open.settings.or_else(top),
            text: cleaned.text,
        };
        if self
            .cues
            .last()
            .is_some_and(|(_, last)| cue.start < last.start)
        {
            self.found(open.line, CaptionFault::OutOfOrder);
        }
        self.cues.push((open.line, cue));
    }

    fn finish(mut self, encoding: Encoding) -> Parsed {
        for (tag, (line, count)) in std::mem::take(&mut self.tags) {
            self.found(line, CaptionFault::TagDropped { tag, count });
        }
        let lost = self
            .findings
            .iter()
            .any(|f| matches!(f.fault, CaptionFault::BadTiming { .. }));
        let nothing = self.timings == 0 && !lost && self.format == Format::Srt;
        if nothing {
            // Whatever else was said of lines that are no captions is noise.
            self.findings = vec![CaptionFinding {
                line: 1,
                fault: CaptionFault::NotCaptions,
            }];
        }
        self.findings.sort_by_key(|f| f.line);
        self.cues.sort_by_key(|(_, cue)| cue.start);
        let (lines, cues) = self.cues.into_iter().unzip();
        Parsed {
            cues,
            lines,
            format: (!nothing).then_some(self.format),
            encoding,
            findings: self.findings,
        }
    }
}
