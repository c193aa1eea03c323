//! What is there: the series read, every clip identified and probed, every
//! card laid out, every capsule planned. Encodes nothing.

use crate::pipeline::captions::{self, Captions};
use crate::pipeline::{ClipSeen, Event, Settings, Tell, assemble, doctor};
use crate::plan::capsule::{self, Known, ProfilePlan};
use crate::plan::recipe::ExaminationRecipe;
use crate::render::art::{self, Cards, Finding};
use crate::render::examination;
use crate::render::footage::{self, Clip, Remembered, Source};
use crate::render::{Failure, Workshop};
use crate::series::capsule::{Capsule, Status};
use crate::series::profile::{AudioCodec, CaptionMode, FrameShape, Package, Profile, VideoCodec};
use crate::series::{Series, load};
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::examination::Examination;
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::values::ids::Id;
use crate::values::time::Rational;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Short side below which a picture is no film, whatever goes over it.
const SMALLEST: u32 = 32;

/// Short side from which a card's text that does not fit is the text's fault:
/// Apple's smallest rung.
const TITLED: u32 = 234;

/// Seconds of footage below which nobody says anything.
const SHORTEST_FILM: Rational = Rational::integer(1);

/// A series and all that was learnt of it.
pub struct Survey {
    pub series: Series,
    pub capsules: Vec<Surveyed>,
}

/// A capsule that can be built.
pub struct Surveyed {
    pub capsule: Capsule,
    pub clip: Clip,
    pub facts: SourceFacts,
    /// What of the clip is looked through.
    pub to_examine: ExaminationRecipe,
    /// What is wrong with it, when the command looks.
    pub findings: Vec<Problem>,
    pub cards: Cards,
    /// In the order in which the capsule names its profiles; never empty.
    pub plans: Vec<ProfilePlan>,
    /// Profiles that are made this time; the others stay as they are.
    pub chosen: BTreeSet<Id>,
    /// The poster's frame, when one was asked for.
    pub poster: Option<u64>,
    pub captions: Vec<Captions>,
    pub draft: bool,
}

impl Surveyed {
    pub fn source(&self) -> Source<'_> {
        Source {
            path: &self.capsule.clip,
            clip: &self.clip,
        }
    }

    /// Whether a profile is to be made this time.
    pub fn is_chosen(&self, profile: &Id) -> bool {
        self.chosen.contains(profile)
    }

    /// The profile from which stills, captions and the duration take their
    /// times: one that everybody may see and the page plays, where there is one.
    pub fn leading(&self) -> Option<&ProfilePlan> {
        let open = || self.plans.iter().filter(|p| !p.private);
        open()
            .find(|p| matches!(p.package, Package::Hls { .. }))
            .or_else(|| open().next())
            .or(self.plans.first())
    }
}

/// Reads the series' files and says every mistake in them. `None` when nothing
/// can be built.
pub fn read(settings: &Settings, tell: Tell<'_>) -> Option<Series> {
    let loaded = load::load(&settings.series);
    for diagnostic in loaded.diagnostics {
        tell(Event::Diagnostic(diagnostic));
    }
    loaded
        .series
        .filter(|series| known_names(settings, series, tell))
}

/// Looks at everything that was asked for: clips, cards, plans. Every finding
/// is told as it is made; a capsule with an error is left out.
///
/// # Errors
/// When the machine fails, or the build is interrupted.
pub fn survey(
    settings: &Settings,
    workshop: &Workshop,
    series: Series,
    tell: Tell<'_>,
) -> Result<Survey, Failure> {
    let notes = settings.hidden().join("sources.json");
    let remembered = Remembered::read(&notes);
    let fresh_notes = Mutex::new(Remembered::default());
    let stopped: Mutex<Option<Failure>> = Mutex::new(None);

    let looked: Vec<(Option<Surveyed>, Vec<Event>)> = wanted(settings, &series)
        .into_par_iter()
        .map(|capsule| {
            // Said in the catalogue's order, whoever is ready first.
            let said = Mutex::new(Vec::new());
            let note = |event| {
                if let Ok(mut said) = said.lock() {
                    said.push(event);
                }
            };
            let looked = look(settings, workshop, &series, capsule, &remembered, &note);
            let surveyed = match looked {
                Ok(found) => {
                    if let (Some((clip, _)), Ok(mut notes)) = (&found, fresh_notes.lock()) {
                        notes.insert(&capsule.clip, clip);
                    }
                    found.and_then(|(_, surveyed)| surveyed)
                }
                Err(Failure::Capsule(problem)) => {
                    let place = capsule.place("source");
                    note(Event::Diagnostic(Diagnostic::of_capsule(
                        problem,
                        place,
                        &capsule.id,
                    )));
                    None
                }
                Err(other) => {
                    if let Ok(mut first) = stopped.lock() {
                        first.get_or_insert(other);
                    }
                    None
                }
            };
            (surveyed, said.into_inner().unwrap_or_default())
        })
        .collect();
    let mut capsules = Vec::new();
    let mut once = Vec::new();
    for (surveyed, said) in looked {
        for event in said {
            // What is about a drawing is found again with every capsule.
            match &event {
                Event::Diagnostic(found) if found.capsule.is_none() => {
                    if once.contains(found) {
                        continue;
                    }
                    once.push(found.clone());
                }
                Event::Drawn(drawn) if once.contains(&drawn.0) => continue,
                _ => {}
            }
            tell(event);
        }
        capsules.extend(surveyed);
    }
    if let Ok(Some(failure)) = stopped.into_inner() {
        return Err(failure);
    }
    if settings.only.is_empty()
        && let Ok(notes_now) = fresh_notes.into_inner()
        && let Err(error) = notes_now.write(&notes)
    {
        return Err(error.into());
    }
    Ok(Survey { series, capsules })
}

/// Capsules to look at: asked for, and not set aside by their status.
pub fn wanted<'a>(settings: &Settings, series: &'a Series) -> Vec<&'a Capsule> {
    series
        .capsules
        .iter()
        .filter(|c| matches!(c.status, Status::Ready | Status::Draft))
        .filter(|c| is_asked_for(settings, c))
        .collect()
}

/// Whether a capsule is among those that the command line asks for.
pub fn is_asked_for(settings: &Settings, capsule: &Capsule) -> bool {
    is_named(settings, &capsule.id) && capsule.profiles.iter().any(|p| is_chosen(settings, p))
}

/// Whether an id is among those named, or none is.
pub fn is_named(settings: &Settings, id: &Id) -> bool {
    settings.only.is_empty() || settings.only.iter().any(|o| o == id.as_str())
}

fn is_chosen(settings: &Settings, profile: &Id) -> bool {
    settings.profiles.is_empty() || settings.profiles.iter().any(|p| p == profile.as_str())
}

/// Whether every capsule and profile that was named exists; says which do not.
fn known_names(settings: &Settings, series: &Series, tell: Tell<'_>) -> bool {
    let mut known = true;
    let ids: Vec<&str> = series
        .capsules
        .iter()
        .map(|c| &c.id)
        .chain(series.faulty.iter().map(|f| &f.id))
        .map(Id::as_str)
        .collect();
    for id in &settings.only {
        if !ids.contains(&id.as_str()) {
            let problem = Problem::UnknownCapsule {
                id: id.clone(),
                suggestion: nearest(id, &ids),
            };
            tell(Event::Diagnostic(Diagnostic::new(problem, Place::Series)));
            known = false;
        }
    }
    let names: Vec<&str> = series.profiles.keys().map(Id::as_str).collect();
    for profile in &settings.profiles {
        if !names.contains(&profile.as_str()) {
            let problem = Problem::UnknownProfile {
                found: profile.clone(),
                suggestion: nearest(profile, &names),
                known: names.iter().map(|&n| n.to_owned()).collect(),
            };
            tell(Event::Diagnostic(Diagnostic::new(problem, Place::Series)));
            known = false;
        }
    }
    if known && !settings.profiles.is_empty() {
        let unasked = not_asked(settings, series);
        known = unasked.is_empty();
        unasked
            .into_iter()
            .for_each(|found| tell(Event::Diagnostic(found)));
    }
    known
}

/// Capsules that were named and ask for none of the profiles that were; when
/// none was named, the series as a whole.
fn not_asked(settings: &Settings, series: &Series) -> Vec<Diagnostic> {
    let problem = |capsules: &[&Capsule]| {
        let asked: BTreeSet<&Id> = capsules.iter().flat_map(|c| &c.profiles).collect();
        Problem::ProfileNotAsked {
            profiles: settings.profiles.clone(),
            asked: asked.into_iter().map(Id::to_string).collect(),
        }
    };
    let asks = |capsule: &Capsule| capsule.profiles.iter().any(|p| is_chosen(settings, p));
    if settings.only.is_empty() {
        let all: Vec<&Capsule> = series.capsules.iter().collect();
        let unasked = !all.is_empty() && !all.iter().any(|c| asks(c));
        return unasked
            .then(|| Diagnostic::new(problem(&all), Place::Series))
            .into_iter()
            .collect();
    }
    series
        .capsules
        .iter()
        .filter(|c| is_named(settings, &c.id) && !asks(c))
        .map(|c| Diagnostic::of_capsule(problem(&[c]), c.place("profiles"), &c.id))
        .collect()
}

fn nearest(wanted: &str, names: &[&str]) -> Option<String> {
    let (distance, name) = names
        .iter()
        .map(|&name| (strsim::damerau_levenshtein(wanted, name), name))
        .min()?;
    (distance <= wanted.chars().count() / 3 + 1).then(|| name.to_owned())
}

type Looked = Option<(Clip, Option<Surveyed>)>;

fn look(
    settings: &Settings,
    workshop: &Workshop,
    series: &Series,
    capsule: &Capsule,
    remembered: &Remembered,
    tell: Tell<'_>,
) -> Result<Looked, Failure> {
    let say = |diagnostic| tell(Event::Diagnostic(diagnostic));
    let clip = footage::identify(workshop, &capsule.clip, remembered)?;
    let facts = footage::probe(workshop, &capsule.clip, &clip)?;
    let kept = capsule::kept_frames(capsule, &facts);
    let recipe = |kept: &Vec<_>| ExaminationRecipe::new(clip.digest(), &facts, kept);
    let to_examine = kept.as_ref().ok().map(recipe);
    let source = Source {
        path: &capsule.clip,
        clip: &clip,
    };
    let examination = match to_examine.as_ref().filter(|_| settings.examine) {
        Some(recipe) => Some(examination::examine(workshop, source, recipe)?),
        None => None,
    };
    if settings.examine {
        tell(Event::Clip(Box::new(seen(
            capsule,
            &facts,
            to_examine.as_ref().zip(examination.as_ref()),
        ))));
    }
    let of_clip = |problem| {
        say(Diagnostic::of_capsule(
            problem,
            capsule.place("source"),
            &capsule.id,
        ));
    };
    for oddity in &facts.oddities {
        of_clip(Problem::ClipOdd {
            path: capsule.clip.display().to_string(),
            oddity: oddity.clone(),
        });
    }
    let left_out = |surveyed| Ok(Some((clip, surveyed)));
    let draft = capsule.status == Status::Draft;
    let mut profiles: Vec<&Profile> = Vec::new();
    for name in &capsule.profiles {
        let Some(profile) = series.profiles.get(name) else {
            continue;
        };
        match unsupported(profile) {
            None => profiles.push(profile),
            Some(problem) => say(Diagnostic::of_capsule(
                problem,
                capsule.place("profiles"),
                &capsule.id,
            )),
        }
    }
    let display = facts.video.display();
    let too_small = || {
        let Size { width, height } = display;
        let problem = Problem::ClipTooSmall { width, height };
        Diagnostic::of_capsule(problem, capsule.place("source"), &capsule.id)
    };
    if display.short_side() < SMALLEST {
        say(too_small());
        return left_out(None);
    }
    let mut findings = Vec::new();
    if let (Some(recipe), Some(examination)) = (&to_examine, &examination) {
        let used = doctor::Use {
            kept: facts.video.rate.time_of(recipe.frames()),
            target: series.loudness,
            is_heard: profiles.iter().any(|p| p.audio.is_some()),
        };
        findings = doctor::findings(examination, used);
        findings.iter().cloned().for_each(of_clip);
    }

    let (kept, to_examine) = match (kept, to_examine) {
        (Ok(kept), Some(to_examine)) => (kept, to_examine),
        (Err(problems), _) => {
            problems.into_iter().for_each(say);
            return left_out(None);
        }
        (Ok(_), None) => return left_out(None),
    };
    let kept_seconds = facts.video.rate.time_of(to_examine.frames());
    if settings.examine && kept_seconds < SHORTEST_FILM {
        let milliseconds = (kept_seconds * Rational::integer(1000)).round();
        let problem = Problem::KeptShort {
            milliseconds: milliseconds.unsigned_abs(),
        };
        let cut = capsule.keep.first().map(|range| range.place.clone());
        let place = cut.unwrap_or_else(|| capsule.place("source"));
        say(Diagnostic::of_capsule(problem, place, &capsule.id));
    }
    let of_card = |finding: Finding| {
        if let Some(drawing) = finding.drawing {
            tell(Event::Drawn(Arc::new((
                finding.diagnostic.clone(),
                drawing,
            ))));
        }
        say(finding.diagnostic);
    };
    let cards = match art::lay_out(workshop, series, capsule, &facts, &profiles, draft)? {
        Ok(mut cards) => {
            std::mem::take(&mut cards.warnings)
                .into_iter()
                .for_each(of_card);
            cards
        }
        Err(problems) => {
            let is_overflow =
                |f: &Finding| matches!(f.diagnostic.problem, Problem::CardOverflow { .. });
            // No text is short enough for a stamp: the clip is what is wrong.
            if display.short_side() < TITLED && problems.iter().any(is_overflow) {
                say(too_small());
                return left_out(None);
            }
            problems.into_iter().for_each(of_card);
            return left_out(None);
        }
    };
    let lowest = profiles
        .iter()
        .filter_map(|p| p.ladder.last())
        .map(|r| r.height)
        .min();
    if let Some(lowest) = lowest.filter(|&l| l > display.short_side()) {
        let short_side = display.short_side();
        of_clip(Problem::BelowLadder { short_side, lowest });
    }
    let known = Known {
        capsule,
        source: clip.digest(),
        facts: &facts,
        timing: &series.charter.timing,
        backdrops: &cards.backdrops,
        loudness: series.loudness,
        draft,
    };
    let plan = |profile: &&Profile| capsule::plan(known, profile, &kept, &cards.arts);
    let plans: Vec<ProfilePlan> = profiles.iter().filter_map(plan).collect();
    // Told with every build, not only with the one that makes the sound.
    if settings.examine && !doctor::speaks_of_loudness(&findings) {
        let off = assemble::stored_off_target(workshop, &plans, series.loudness)?;
        off.iter().cloned().for_each(of_clip);
        findings.extend(off);
    }
    let mut surveyed = Surveyed {
        capsule: capsule.clone(),
        clip,
        facts,
        to_examine,
        findings,
        cards,
        chosen: plans
            .iter()
            .map(|p| p.profile.clone())
            .filter(|p| is_chosen(settings, p))
            .collect(),
        plans,
        poster: None,
        captions: Vec::new(),
        draft,
    };
    let Some(timeline) = surveyed.leading().map(|p| p.timeline.clone()) else {
        return left_out(None);
    };
    match capsule::poster_frame(capsule, &surveyed.facts, &timeline) {
        Ok(poster) => {
            surveyed.poster = poster;
            if let (Some(time), Some(examination)) = (&capsule.poster, &examination)
                && doctor::is_black_at(examination, time.resolve(surveyed.facts.video.rate))
            {
                let time = time.text.clone();
                let place = capsule.place("poster");
                say(Diagnostic::of_capsule(
                    Problem::PosterBlack { time },
                    place,
                    &capsule.id,
                ));
            }
        }
        Err(problem) => {
            say(*problem);
            return left_out(None);
        }
    }
    surveyed.captions = captions::read(settings, capsule, &surveyed.facts, &timeline, tell);
    left_out(Some(surveyed))
}

/// The clip as it is told of.
fn seen(
    capsule: &Capsule,
    facts: &SourceFacts,
    examined: Option<(&ExaminationRecipe, &Examination)>,
) -> ClipSeen {
    let kept =
        examined.map(|(recipe, found)| (facts.video.rate.time_of(recipe.frames()), found.clone()));
    ClipSeen {
        capsule: capsule.id.clone(),
        path: capsule.clip.clone(),
        facts: facts.clone(),
        kept,
    }
}

/// What of a profile this version does not make: such a profile is left out
/// and said, never made half.
fn unsupported(profile: &Profile) -> Option<Problem> {
    let what = if profile.frame != FrameShape::Source {
        "frame"
    } else if matches!(profile.package, Package::Mkv) {
        "package = \"mkv\""
    } else if profile.ladder.iter().any(|r| r.codec != VideoCodec::H264) {
        "codec"
    } else if profile.audio.is_some_and(|a| a.codec != AudioCodec::Aac) {
        "audio.codec"
    } else if matches!(profile.captions, CaptionMode::Burned | CaptionMode::Both) {
        let profile = profile.name.to_string();
        return Some(Problem::BurnedCaptionsUnsupported { profile });
    } else if profile.max_bytes.is_some() {
        "max_bytes"
    } else {
        return None;
    };
    Some(Problem::ProfileUnsupported {
        profile: profile.name.to_string(),
        what: what.into(),
    })
}

/// Whether a capsule's row stands in the catalogue, sound or not.
pub fn in_catalogue(series: &Series, id: &Id) -> bool {
    series.faulty.iter().any(|f| &f.id == id) || series.capsules.iter().any(|c| &c.id == id)
}
