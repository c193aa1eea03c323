//! The caption files of a capsule: read, checked, and laid on its timelines.
//! What a file says is worked out in `captions/`; here it meets the clip, the
//! cuts and the language.

use crate::captions::{self, Cue, KeptRange, Parsed, Rules, Shown, retime};
use crate::pipeline::{Event, Settings, Tell};
use crate::plan::capsule::ProfilePlan;
use crate::plan::timeline::Timeline;
use crate::render::packages::Subtitles;
use crate::series::capsule::{Capsule, CaptionFile};
use crate::values::captions::{CaptionFault, CaptionFinding};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::values::ids::{Id, Language};
use crate::values::time::{FrameRate, Rational};
use crate::worker::protocol::CaptionProblem;
use std::path::Path;
use std::{fs, io};

/// Cues of one file on the clip's own clock, as they are published.
pub struct Captions {
    pub file: CaptionFile,
    cues: Vec<Cue>,
    /// The line of each cue in its file.
    lines: Vec<usize>,
    /// Whether the profiles that burn captions in take these.
    pub burnt_in: bool,
}

impl Captions {
    /// The cues on a timeline, and how many of them are cut away.
    pub fn on(&self, timeline: &Timeline, facts: &SourceFacts) -> (Vec<Cue>, usize) {
        retime(&self.cues, &kept(timeline, facts))
    }

    /// Where a cue of a timeline stands in its file.
    pub fn place(&self, cue: &Cue) -> Place {
        let lines = self.cues.iter().zip(&self.lines);
        let line = lines.into_iter().find(|(c, _)| c.text == cue.text);
        Place::Text {
            path: self.file.path.display().to_string(),
            line: line.map_or(1, |(_, &line)| line),
            column: 1,
        }
    }

    /// When each cue begins, on the clip's own clock, and what it says.
    pub fn said(&self) -> impl Iterator<Item = (Rational, String)> + '_ {
        let cues = self.cues.iter();
        cues.map(|cue| (cue.start, cue.plain_text()))
    }

    /// For the HLS package of a profile.
    pub fn subtitles(&self, plan: &ProfilePlan, facts: &SourceFacts) -> Subtitles {
        let (cues, _) = self.on(&plan.timeline, facts);
        let rate = plan.timeline.rate;
        let mut boundaries: Vec<Rational> = plan
            .segments
            .iter()
            .map(|s| rate.time_of(s.at.start))
            .collect();
        boundaries.push(rate.time_of(plan.timeline.frames()));
        Subtitles {
            language: self.file.language.clone(),
            sdh: self.file.sdh,
            segments: captions::webvtt_segments(&cues, &boundaries),
        }
    }
}

/// The captions that are burnt in: those in the capsule's language, else those
/// in the series'; for people who do not hear rather than without. `None` when
/// a film would show not one of them. They are marked.
pub fn to_burn_in<'a>(
    captions: &'a mut [Captions],
    languages: [&Language; 2],
    timeline: &Timeline,
    facts: &SourceFacts,
) -> Option<&'a Captions> {
    let seen = |c: &Captions| !c.on(timeline, facts).0.is_empty();
    let chosen = languages.into_iter().find_map(|language| {
        let find = |sdh: bool| {
            let mut places = captions.iter();
            places.position(|c| &c.file.language == language && (c.file.sdh || !sdh) && seen(c))
        };
        find(true).or_else(|| find(false))
    });
    let chosen = captions.get_mut(chosen?)?;
    chosen.burnt_in = true;
    Some(chosen)
}

/// What could not be drawn of captions that are burnt in, at its place in the
/// file: the letters that no font has once for all, at the first of them, and so
/// the signs; what is too long for its picture once, with all the sizes for which
/// it is.
pub fn undrawn(problems: Vec<(Place, CaptionProblem, Size)>, capsule: &Id) -> Vec<Diagnostic> {
    let mut missing: [Option<(Place, String)>; 2] = [None, None];
    let mut found: Vec<(Place, Drawn, Vec<Size>)> = Vec::new();
    for (place, problem, size) in problems {
        let drawn = match problem {
            CaptionProblem::MissingGlyph { character } => {
                let kind = &mut missing[usize::from(!character.is_alphanumeric())];
                let (_, known) = kind.get_or_insert_with(|| (place, String::new()));
                if !known.contains(character) {
                    known.push(character);
                }
                continue;
            }
            CaptionProblem::Overflow { characters } => Drawn::Small { characters },
            CaptionProblem::WordBroken { word } => Drawn::Broken { word },
        };
        let mut known = found.iter_mut();
        match known.find(|(at, d, _)| *d == drawn && *at == place) {
            Some((.., sizes)) if sizes.contains(&size) => {}
            Some((.., sizes)) => sizes.push(size),
            None => found.push((place, drawn, vec![size])),
        }
    }
    let missing = missing.into_iter().flatten();
    let missing = missing.map(|(at, characters)| (at, Problem::CaptionGlyphMissing { characters }));
    let found = found.into_iter().map(|(place, drawn, sizes)| {
        let problem = match drawn {
            Drawn::Small { characters } => Problem::CueTooLong { characters, sizes },
            Drawn::Broken { word } => Problem::CueWordBroken { word, sizes },
        };
        (place, problem)
    });
    let all = missing.chain(found);
    all.map(|(place, problem)| Diagnostic::of_capsule(problem, place, capsule))
        .collect()
}

/// How a cue came out that does not fit.
#[derive(PartialEq)]
enum Drawn {
    Small { characters: usize },
    Broken { word: String },
}

/// What a timeline keeps of the clip.
fn kept(timeline: &Timeline, facts: &SourceFacts) -> Vec<KeptRange> {
    let rate = timeline.rate;
    let mut kept: Vec<KeptRange> = Vec::new();
    for (at, section) in timeline.placed() {
        let Some(clip) = section.clip() else { continue };
        let start = facts.video.start + rate.time_of(clip.start);
        let end = facts.video.start + rate.time_of(clip.end);
        match kept.last_mut() {
            // A transition and the footage after it are one stretch of film.
            Some(last) if last.end == start => last.end = end,
            _ => kept.push(KeptRange {
                start,
                end,
                at: rate.time_of(at.start),
            }),
        }
    }
    kept
}

/// Captions of a long film are far below.
const LARGEST: u64 = 16 << 20;

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let found = fs::metadata(path)?;
    if !found.is_file() || found.len() > LARGEST {
        return Err(rustix::io::Errno::FBIG.into());
    }
    fs::read(path)
}

/// Every caption file of a capsule. Whatever is wrong with one is told; one
/// that cannot be read, or only wrongly, is left out.
pub fn read(
    settings: &Settings,
    capsule: &Capsule,
    facts: &SourceFacts,
    timeline: &Timeline,
    tell: Tell<'_>,
) -> Vec<Captions> {
    let mut read = Vec::new();
    for file in &capsule.captions {
        let path = file.path.display().to_string();
        let say = |problem, place| {
            tell(Event::Diagnostic(Diagnostic::of_capsule(
                problem,
                place,
                &capsule.id,
            )));
        };
        let line = |line| Place::Text {
            path: path.clone(),
            line,
            column: 1,
        };
        let whole = || Place::File { path: path.clone() };
        let bytes = match bytes(&settings.series.join(&file.path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let error = error.to_string();
                say(Problem::CaptionsUnreadable { error }, whole());
                continue;
            }
        };
        let mut parsed = captions::parse(&bytes);
        // Letters that are probably all wrong help nobody.
        let doubtful = |f: &CaptionFinding| f.fault == CaptionFault::EncodingDoubtful;
        let is_doubtful = parsed.findings.iter().any(doubtful);
        for CaptionFinding { line: at, fault } in std::mem::take(&mut parsed.findings) {
            say(Problem::CaptionFault { fault }, line(at));
        }
        if is_doubtful {
            continue;
        }
        if parsed.cues.is_empty() {
            say(Problem::CaptionsEmpty, whole());
            continue;
        }
        let film_end = facts.video.start + facts.duration();
        let timecode = facts.timecode;
        let clock = timecode.and_then(|first| first.checked_sub(facts.video.start));
        let by = captions::offset(&parsed.cues, film_end, clock);
        if by > Rational::ZERO {
            parsed.cues = captions::shifted(&parsed.cues, by);
            let fault = CaptionFault::ClockMoved { by };
            say(Problem::CaptionFault { fault }, line(1));
        }
        let film = Film {
            kept: kept(timeline, facts),
            end: film_end,
            rate: timeline.rate,
        };
        let rules = Rules::of(&file.language);
        for (at, problem) in checked(&parsed, by, &rules, &film) {
            say(problem, line(at));
        }
        let dressed = |cue: Cue| cue.dressed(&file.language, file.sdh);
        let captions = Captions {
            file: file.clone(),
            cues: parsed.cues.into_iter().map(dressed).collect(),
            lines: parsed.lines,
            burnt_in: false,
        };
        let (_, dropped) = captions.on(timeline, facts);
        if dropped > 0 {
            say(Problem::CuesOutsideCut { count: dropped }, whole());
        }
        read.push(captions);
    }
    read
}

/// What cues are held against.
struct Film {
    kept: Vec<KeptRange>,
    /// Of the clip, on its own clock.
    end: Rational,
    rate: FrameRate,
}

/// What an editor would say of the cues that the film shows, by line. `by` is
/// how much later the file's clock is than the clip's.
fn checked(parsed: &Parsed, by: Rational, rules: &Rules, film: &Film) -> Vec<(usize, Problem)> {
    let lines = parsed.lines.iter().copied();
    let mut shown: Vec<Shown> = Vec::new();
    for (line, written) in lines.zip(&parsed.cues) {
        let (parts, _) = retime(std::slice::from_ref(written), &film.kept);
        shown.extend(parts.into_iter().map(|cue| Shown {
            cue,
            line,
            start: written.start + by,
            end: written.end + by,
        }));
    }
    shown.sort_by_key(|s| s.cue.start);
    let film_end = film
        .kept
        .last()
        .map_or(Rational::ZERO, |range| range.at + (range.end - range.start));
    let mut found: Vec<(usize, Problem)> = captions::check(&shown, rules, film.rate, film_end)
        .into_iter()
        .map(|b| {
            let problem = Problem::CueBreach {
                start: b.start,
                breach: b.breach,
            };
            (b.line, problem)
        })
        .collect();

    // A frame more is a matter of rounding.
    let latest = film.end + film.rate.time_of(1);
    let lines = parsed.lines.iter().copied();
    let outlasting: Vec<usize> = lines
        .zip(&parsed.cues)
        .filter(|(_, cue)| cue.end > latest)
        .map(|(line, _)| line)
        .collect();
    if let Some(&first) = outlasting.first() {
        let fault = CaptionFault::OutlastsFilm {
            count: outlasting.len(),
            end: film.end + by,
        };
        found.push((first, Problem::CaptionFault { fault }));
    }
    let texts: Vec<(usize, String)> = shown.iter().map(|s| (s.line, s.cue.plain_text())).collect();
    let texts = texts.iter().map(|(line, text)| (*line, text.as_str()));
    found.extend(captions::slips(texts, rules).into_iter().map(|s| {
        let fault = CaptionFault::Typography {
            slip: s.slip,
            count: s.count,
            found: s.found,
            better: s.better,
        };
        (s.line, Problem::CaptionFault { fault })
    }));
    found.sort_by_key(|(line, _)| *line);
    // A cue that shows twice is said once.
    found.dedup();
    found
}
