//! What has to be made, and why: each segment of the plan against the store
//! and against what stood in its slot before.

use crate::pipeline::inputs::{self, Change, Inputs};
use crate::pipeline::record::{Built, BuiltProfile, Record};
use crate::pipeline::survey::Surveyed;
use crate::plan::capsule::ProfilePlan;
use crate::plan::reason::{self, Reason};
use crate::plan::recipe::{HeardRecipe, Picture, SegmentRecipe};
use crate::plan::timeline::Section;
use crate::series::Series;
use crate::store::Store;
use crate::values::digest::{Digest, Key, Recipe};
use crate::values::geometry::Size;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// In the place of a card, for the sound of a profile.
const SOUND_SLOT: &str = "sound";

/// Version of how stored objects become files.
const PACKAGER: u32 = 1;

/// Why some segments of a capsule are made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Why {
    pub reason: Reason,
    pub segments: usize,
    /// For a card: its name, and the texts that changed as (field, old, new).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<(String, String, String)>,
    /// What else changed: its name, before and now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Which they are: profile, rung and place in the film.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<String>,
}

/// What a capsule lacks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stale {
    /// Each once, however many renditions want it.
    pub segments: Vec<SegmentRecipe>,
    pub reasons: Vec<Why>,
    pub reused: u64,
    /// Reused, and made by an older toolchain.
    pub outdated: u64,
    /// Whether the sound of any profile is missing.
    pub sound: bool,
    /// Bytes and frames of footage that is there, by size and settings: what
    /// is lacking will be about as large.
    pub known: BTreeMap<Rung, (u64, u64)>,
}

/// Size, preset and CRF.
pub type Rung = (Size, String, u8);

pub fn rung(recipe: &SegmentRecipe) -> Rung {
    let encoding = &recipe.encoding;
    (recipe.size, encoding.preset.clone(), encoding.crf)
}

impl Stale {
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty() && !self.sound
    }
}

/// Compares some or all of a capsule's plans with the store.
pub fn stale(
    series: &Series,
    surveyed: &Surveyed,
    plans: &[&ProfilePlan],
    store: &Store,
    record: &Record,
    toolchain: &str,
    refresh: bool,
) -> Stale {
    let built = record.capsules.get(&surveyed.capsule.id);
    let mut found = Stale::default();
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    let mut counted: BTreeMap<(Reason, Option<String>), Vec<String>> = BTreeMap::new();
    for plan in plans {
        let former = built.and_then(|b| b.profiles.get(&plan.profile));
        for ((slot, section), recipe, key) in slots(plan) {
            if !seen.insert(key) {
                continue;
            }
            let bytes = store.bytes(key);
            let here = bytes.is_some();
            if let (Some(bytes), Picture::Footage { .. }) = (bytes, &recipe.picture) {
                let (so_far, frames) = found.known.entry(rung(recipe)).or_default();
                *so_far += bytes;
                *frames += recipe.frames();
            }
            let outdated = here
                && store
                    .toolchain(key)
                    .is_none_or(|made_by| made_by != toolchain);
            if here && !(outdated && refresh) {
                found.reused += 1;
                found.outdated += u64::from(outdated);
                continue;
            }
            let reason = if here {
                Reason::Outdated
            } else {
                reason_of(store, former, &slot, (recipe, key))
            };
            let card = match section {
                Section::Card { card, .. } | Section::Fade { card, .. } => {
                    Some(card.name().to_owned())
                }
                Section::Footage { .. } => None,
            };
            let slot = format!("{} {slot}", plan.profile);
            counted.entry((reason, card)).or_default().push(slot);
            found.segments.push(recipe.clone());
        }
        if let Some(key) = plan.audio.as_ref().map(Recipe::key)
            && !store.contains(key)
        {
            found.sound = true;
            let reason = match former {
                Some(former) if former.sound == Some(key) => Reason::Lost,
                // Records of before do not know it.
                Some(former) if !former.slots.is_empty() => Reason::SoundChanged,
                _ => Reason::New,
            };
            let slot = format!("{} {SOUND_SLOT}", plan.profile);
            let of_sound = Some(SOUND_SLOT.to_owned());
            counted.entry((reason, of_sound)).or_default().push(slot);
        }
    }
    if counted.is_empty() {
        return found;
    }
    let unknown = Inputs::new();
    let before = built.map_or(&unknown, |b| &b.inputs);
    let now = inputs::inputs(series, surveyed);
    found.reasons = counted
        .into_iter()
        .map(|((reason, part), slots)| {
            let rungs = slots.iter().filter_map(|slot| {
                let mut words = slot.split(' ');
                Some(format!("{} {} ", words.next()?, words.next()?))
            });
            let of = (reason, part.as_deref());
            let changes = inputs::changes(before, &now, of, &rungs.collect());
            let is_sound = part.as_deref() == Some(SOUND_SLOT);
            let card = part.filter(|_| !is_sound);
            let texts = match (&card, reason) {
                (Some(card), Reason::CardChanged) => changed_texts(built, surveyed, card),
                (None, Reason::LowerThirdChanged) => changed_texts(built, surveyed, "lower-third"),
                _ => Vec::new(),
            };
            Why {
                reason,
                segments: slots.len(),
                card,
                texts,
                changes,
                slots,
            }
        })
        .collect();
    found
}

fn reason_of(
    store: &Store,
    former: Option<&BuiltProfile>,
    slot: &str,
    (now, its_key): (&SegmentRecipe, Key),
) -> Reason {
    let Some(key) = former.and_then(|f| f.slots.get(slot)) else {
        // Another slot of a known profile: the timeline itself moved, where the
        // rung is not new.
        let rung = slot.split_inclusive(' ').next().unwrap_or_default();
        return match former {
            Some(f) if f.slots.keys().any(|known| known.starts_with(rung)) => Reason::CutMoved,
            Some(f) if !f.slots.is_empty() => Reason::SettingsChanged,
            _ => Reason::New,
        };
    };
    if *key == its_key {
        return Reason::Lost;
    }
    let recipe = store
        .recipe(*key)
        .and_then(|r| serde_json::from_value(r).ok());
    Reason::between(recipe.as_ref(), now)
}

fn changed_texts(
    built: Option<&Built>,
    surveyed: &Surveyed,
    card: &str,
) -> Vec<(String, String, String)> {
    let none = BTreeMap::new();
    let written = built.map(|b| &b.texts);
    // Of several lower thirds, all are meant.
    let several = format!("{card}-");
    let names: BTreeSet<&String> = written
        .into_iter()
        .chain([&surveyed.cards.texts])
        .flat_map(|texts| texts.keys())
        .filter(|name| *name == card || name.starts_with(&several))
        .collect();
    let changed = |name: &&String| {
        let before = written.and_then(|texts| texts.get(*name)).unwrap_or(&none);
        let now = surveyed.cards.texts.get(*name).unwrap_or(&none);
        changed_fields(before, now)
    };
    names.iter().flat_map(changed).collect()
}

fn changed_fields(
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<(String, String, String)> {
    let fields: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let text = |texts: &BTreeMap<String, String>, field: &String| {
        texts.get(field).cloned().unwrap_or_default()
    };
    fields
        .into_iter()
        .map(|field| (field.clone(), text(before, field), text(now, field)))
        .filter(|(_, old, new)| old != new)
        .collect()
}

/// Every segment of a profile with its slot, rung by rung.
fn slots(plan: &ProfilePlan) -> impl Iterator<Item = ((String, Section), &SegmentRecipe, Key)> {
    let grid = 3 * plan.timeline.rate.gop();
    plan.renditions.iter().flat_map(move |rendition| {
        let mut of_card: BTreeMap<&'static str, usize> = BTreeMap::new();
        plan.segments
            .iter()
            .zip(&rendition.recipes)
            .zip(&rendition.keys)
            .map(move |((segment, recipe), &key)| {
                let nth = match segment.shows {
                    Section::Card { card, .. } => {
                        let count = of_card.entry(card.name()).or_default();
                        *count += 1;
                        *count
                    }
                    _ => 0,
                };
                let slot = reason::slot(segment.shows, nth, grid);
                (
                    (
                        format!("{}p {slot}", rendition.rendition.height),
                        segment.shows,
                    ),
                    recipe,
                    key,
                )
            })
    })
}

/// What to remember of a capsule after a build. A profile of which something
/// was not made (the build was interrupted, or failed) is remembered as it was
/// before: what was never made must not be called lost, and what still has to
/// be made keeps its reason.
pub fn built(
    series: &Series,
    surveyed: &Surveyed,
    former: Option<&Built>,
    is_there: impl Fn(Key) -> bool,
) -> Built {
    let mut built = former.cloned().unwrap_or_default();
    let mut whole = true;
    for plan in surveyed
        .plans
        .iter()
        .filter(|p| surveyed.is_chosen(&p.profile))
    {
        let slots: BTreeMap<String, Key> =
            slots(plan).map(|((slot, _), _, key)| (slot, key)).collect();
        let sound = plan.audio.as_ref().map(Recipe::key);
        if !slots.values().copied().chain(sound).all(&is_there) {
            whole = false;
            continue;
        }
        let noted = built.profiles.entry(plan.profile.clone()).or_default();
        noted.slots = slots;
        noted.sound = sound;
    }
    if whole {
        built.texts = surveyed.cards.texts.clone();
        built.inputs = inputs::inputs(series, surveyed);
    }
    built
        .profiles
        .retain(|name, _| surveyed.capsule.profiles.contains(name));
    built
}

/// Over everything that a profile's files are made of.
/// `made_by` is what made every object of it, where that is known already.
pub fn fingerprint(
    surveyed: &Surveyed,
    plan: &ProfilePlan,
    store: &Store,
    made_by: Option<&str>,
) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key("portevoix 2026 package");
    let mut add = |part: &str| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    add(&PACKAGER.to_string());
    add(env!("CARGO_PKG_VERSION"));
    add(&format!("{:?} {}", plan.package, surveyed.capsule.language));
    for rendition in &plan.renditions {
        add(&format!("{:?}", rendition.rendition));
        for &key in &rendition.keys {
            add(&key.digest.to_hex());
            // The same recipe by newer libraries is another object.
            match made_by {
                Some(made_by) => add(made_by),
                None => add(&store.toolchain(key).unwrap_or_default()),
            }
        }
    }
    add(&plan
        .audio
        .as_ref()
        .map_or(String::new(), |a| a.key().digest.to_hex()));
    for captions in surveyed.captions.iter().filter(|_| plan.has_sidecars()) {
        let subtitles = captions.subtitles(plan, &surveyed.facts);
        add(&format!("{} {}", subtitles.language, subtitles.sdh));
        subtitles.segments.iter().for_each(|text| add(text));
    }
    Digest::from_bytes(*hasher.finalize().as_bytes())
}

/// Every key that the present plan of a capsule needs.
pub fn wanted_keys(surveyed: &Surveyed) -> BTreeSet<Key> {
    let mut keys = BTreeSet::from([surveyed.to_examine.key()]);
    for plan in &surveyed.plans {
        keys.extend(plan.renditions.iter().flat_map(|r| r.keys.iter().copied()));
        for track in plan.audio.iter().map(Recipe::key) {
            keys.extend([track, HeardRecipe { track }.key()]);
        }
    }
    keys
}
