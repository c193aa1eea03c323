//! What is there: the series read, every clip identified and probed, every
//! card laid out, every capsule planned. Encodes nothing.

use crate::pipeline::captions::{self, Captions};
use crate::pipeline::{ClipSeen, Event, Settings, Tell, assemble, doctor};
use crate::plan::burnt::{self, Burnt};
use crate::plan::capsule::{self, AsCut, Known, ProfilePlan};
use crate::plan::recipe::ExaminationRecipe;
use crate::plan::timeline::Turn;
use crate::render::art::{self, Cards, Finding};
use crate::render::burnt::{self as setting, Captioned};
use crate::render::examination;
use crate::render::footage::{self, Clip, Remembered, Source};
use crate::render::{Failure, Workshop, tunes};
use crate::series::capsule::{Capsule, Status};
use crate::series::profile::{AudioCodec, CardKind, FrameShape, Package, Profile, VideoCodec};
use crate::series::{Series, load};
use crate::values::diagnostic::{Diagnostic, Place, Problem, Severity};
use crate::values::examination::Examination;
use crate::values::facts::SourceFacts;
use crate::values::geometry::Size;
use crate::values::ids::Id;
use crate::values::time::Rational;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Capsules of which every profile is withheld.
    pub withheld: BTreeSet<Id>,
}

impl Survey {
    /// Whether nothing of what was asked for of a capsule may be made.
    pub fn is_withheld(&self, id: &Id) -> bool {
        let found = self.capsules.iter().find(|s| &s.capsule.id == id);
        let of_chosen = |s: &Surveyed| s.chosen.is_empty() && !s.withheld.is_empty();
        self.withheld.contains(id) || found.is_some_and(of_chosen)
    }
}

/// A capsule that can be built.
pub struct Surveyed {
    /// With those who still speak in it as it is cut.
    pub capsule: Capsule,
    /// Who speaks when, where the catalogue says it.
    pub turns: Vec<Turn>,
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
    /// Profiles that are not made of it, for a reason that was said.
    pub withheld: BTreeSet<Id>,
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
        let rank = |p: &&ProfilePlan| rank(p.private, &p.package, p.burnt.is_some());
        self.plans.iter().min_by_key(rank)
    }
}

/// Which profile leads, the least first. A clean picture comes before one with
/// captions in it: on the page they can be switched off, and posters are taken
/// from it.
fn rank(is_private: bool, package: &Package, is_burnt: bool) -> (bool, bool, bool) {
    let is_played = is_private || matches!(package, Package::Hls { .. });
    (is_private, !is_played, is_burnt)
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

    let unheard = tunes::unusable(workshop, &series.charter)?;
    let looked: Vec<(Found, Vec<Event>)> = wanted(settings, &series)
        .into_par_iter()
        .map(|capsule| {
            // Said in the catalogue's order, whoever is ready first.
            let said = Mutex::new(Vec::new());
            let note = |event| {
                if let Ok(mut said) = said.lock() {
                    said.push(event);
                }
            };
            let of_charter = (&series, &unheard);
            let looked = look(settings, workshop, of_charter, capsule, &remembered, &note);
            let surveyed = match looked {
                Ok(found) => {
                    if let (Some((clip, _)), Ok(mut notes)) = (&found, fresh_notes.lock()) {
                        notes.insert(&capsule.clip, clip);
                    }
                    found.map_or(Found::LeftOut, |(_, found)| found)
                }
                Err(Failure::Capsule(problem)) => {
                    let place = capsule.place("source");
                    note(Event::Diagnostic(Diagnostic::of_capsule(
                        problem,
                        place,
                        &capsule.id,
                    )));
                    Found::LeftOut
                }
                Err(other) => {
                    if let Ok(mut first) = stopped.lock() {
                        first.get_or_insert(other);
                    }
                    Found::LeftOut
                }
            };
            (surveyed, said.into_inner().unwrap_or_default())
        })
        .collect();
    let mut capsules = Vec::new();
    let mut withheld = BTreeSet::new();
    let mut once = Vec::new();
    for (found, said) in looked {
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
        match found {
            Found::Sound(surveyed) => capsules.push(*surveyed),
            Found::Withheld(id) => {
                withheld.insert(id);
            }
            Found::LeftOut => {}
        }
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
    Ok(Survey {
        series,
        capsules,
        withheld,
    })
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

/// What came of looking at a capsule.
enum Found {
    Sound(Box<Surveyed>),
    /// Every profile of it is withheld.
    Withheld(Id),
    /// Something is wrong with it, and was said.
    LeftOut,
}

type Looked = Option<(Clip, Found)>;

fn look(
    settings: &Settings,
    workshop: &Workshop,
    (series, unheard): (&Series, &BTreeMap<CardKind, Diagnostic>),
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
    let left_out = || Ok(Some((clip, Found::LeftOut)));
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
    // A film without the sound that it is to have would be half made.
    let is_heard = |card: &CardKind| {
        let with_sound = profiles.iter().filter(|p| p.audio.is_some());
        with_sound.flat_map(|p| &p.cards).any(|shown| shown == card)
    };
    let mut missed = unheard.iter().filter(|(card, _)| is_heard(card)).peekable();
    if missed.peek().is_some() {
        missed.for_each(|(_, diagnostic)| say(diagnostic.clone()));
        return left_out();
    }
    let display = facts.video.display();
    let too_small = || {
        let Size { width, height } = display;
        let problem = Problem::ClipTooSmall { width, height };
        Diagnostic::of_capsule(problem, capsule.place("source"), &capsule.id)
    };
    if display.short_side() < SMALLEST {
        say(too_small());
        return left_out();
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
            return left_out();
        }
        (Ok(_), None) => return left_out(),
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
    let as_cut = match capsule::as_cut(capsule, &facts, &kept) {
        Ok(as_cut) => as_cut,
        Err(problems) => {
            problems.into_iter().for_each(say);
            return left_out();
        }
    };
    let of_speaker = |problem| {
        let place = capsule.place("changes");
        say(Diagnostic::of_capsule(problem, place, &capsule.id));
    };
    for speaker in &as_cut.cut_away {
        let speaker = speaker.called().to_owned();
        of_speaker(Problem::SpeakerCutAway { speaker });
    }
    let AsCut { capsule, turns, .. } = &as_cut;
    let laid_out = |profile: &Profile| {
        let timing = &series.charter.timing;
        capsule::timeline(capsule, &facts, profile, (&kept, turns), timing)
    };
    let first = profiles.iter();
    let first = first.min_by_key(|p| rank(p.private, &p.package, p.burns_captions()));
    let Some(timeline) = first.map(|first| laid_out(first)) else {
        return left_out();
    };
    let mut captions = captions::read(settings, capsule, &facts, &timeline, tell);
    let languages = [&capsule.language, &series.language];
    let burnt_in = captions::to_burn_in(&mut captions, languages, &timeline, &facts);
    let mut withheld = BTreeSet::new();
    if burnt_in.is_none() {
        let without = profiles.extract_if(.., |p| p.burns_captions());
        withheld.extend(without.map(|p| p.name.clone()));
        withheld
            .iter()
            .for_each(|profile| say(without_captions(capsule, profile)));
    }
    if profiles.is_empty() {
        return Ok(Some((clip, Found::Withheld(capsule.id.clone()))));
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
    let mut cards = match art::lay_out(workshop, series, capsule, &facts, &profiles, draft)? {
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
                return left_out();
            }
            problems.into_iter().for_each(of_card);
            return left_out();
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
    let mut burnt: BTreeMap<&Id, Burnt> = BTreeMap::new();
    let mut cannot_be_drawn = false;
    let mut undrawn = Vec::new();
    for &profile in profiles.iter().filter(|p| p.burns_captions()) {
        let Some(burnt_in) = burnt_in else { continue };
        let timeline = laid_out(profile);
        let (cues, _) = burnt_in.on(&timeline, &facts);
        let sizes = capsule::renditions(&facts, profile, draft);
        let sizes: Vec<Size> = sizes.iter().map(|r| r.size).collect();
        let captioned = Captioned {
            scenes: burnt::scenes(&cues, &timeline),
            cues: &cues,
            language: &burnt_in.file.language,
            sdh: burnt_in.file.sdh,
        };
        let charter = &series.charter;
        let (made, problems) = setting::set(workshop, charter, captioned, &sizes, &mut cards)?;
        burnt.insert(&profile.name, made);
        undrawn.extend(problems.into_iter().filter_map(|(cue, problem, size)| {
            let place = burnt_in.place(cues.get(cue)?);
            Some((place, problem, size))
        }));
    }
    for found in captions::undrawn(undrawn, &capsule.id) {
        cannot_be_drawn |= found.severity() == Severity::Error;
        say(found);
    }
    if cannot_be_drawn {
        return left_out();
    }
    let known = Known {
        capsule,
        turns,
        source: clip.digest(),
        facts: &facts,
        timing: &series.charter.timing,
        backdrops: &cards.backdrops,
        sounds: &series.charter.sounds,
        loudness: series.loudness,
        draft,
    };
    let plan = |profile: &&Profile| {
        let burnt = burnt.get(&profile.name);
        capsule::plan(known, profile, &kept, &cards.arts, burnt)
    };
    let plans: Vec<ProfilePlan> = profiles.iter().filter_map(plan).collect();
    // Told with every build, not only with the one that makes the sound.
    if settings.examine && !doctor::speaks_of_loudness(&findings) {
        let off = assemble::stored_off_target(workshop, &plans, series.loudness)?;
        off.iter().cloned().for_each(of_clip);
        findings.extend(off);
    }
    let mut surveyed = Surveyed {
        capsule: capsule.clone(),
        turns: turns.clone(),
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
        captions,
        withheld,
        draft,
    };
    let Some(timeline) = surveyed.leading().map(|p| p.timeline.clone()) else {
        return left_out();
    };
    let shows_question = |p: &&Profile| p.cards.contains(&CardKind::Opening);
    if settings.examine && profiles.iter().any(shows_question) {
        let unread = doctor::unread(&capsule.title, series.charter.timing.opening);
        let place = capsule.place("title");
        if let Some(problem) = unread {
            say(Diagnostic::of_capsule(problem, place, &capsule.id));
        }
    }
    for speaker in unnamed(&surveyed) {
        of_speaker(Problem::SpeakerTooBrief { speaker });
    }
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
            return left_out();
        }
    }
    Ok(Some((clip, Found::Sound(Box::new(surveyed)))))
}

/// Where captions would be read, in the capsule's own language.
fn without_captions(capsule: &Capsule, profile: &Id) -> Diagnostic {
    let problem = Problem::ProfileWithoutCaptions {
        profile: profile.to_string(),
        file: format!("subtitles/{}.{}.srt", capsule.id, capsule.language),
    };
    Diagnostic::of_capsule(problem, capsule.place("profiles"), &capsule.id)
}

/// Those who speak too briefly for a lower third, in every profile that has
/// them.
fn unnamed(surveyed: &Surveyed) -> Vec<String> {
    let capsule = &surveyed.capsule;
    let named = |plan: &ProfilePlan| -> BTreeSet<usize> {
        let straps = plan.timeline.lower_thirds.iter();
        straps.map(|strap| strap.turn).collect()
    };
    let plans = surveyed.plans.iter().map(named);
    let Some(named) = plans
        .filter(|turns| !turns.is_empty())
        .max_by_key(BTreeSet::len)
    else {
        return Vec::new();
    };
    let turns = 0..capsule.changes.len();
    let speakers = turns.filter(|turn| !named.contains(turn));
    let speakers = speakers.filter_map(|turn| capsule.speakers.get(turn));
    speakers
        .map(|speaker| speaker.called().to_owned())
        .collect()
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
