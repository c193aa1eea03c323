//! What has to be made, and why: each segment of the plan against the store
//! and against what stood in its slot before.

use crate::pipeline::record::{Built, BuiltProfile, Record};
use crate::pipeline::survey::Surveyed;
use crate::plan::capsule::ProfilePlan;
use crate::plan::reason::{self, Reason};
use crate::plan::recipe::SegmentRecipe;
use crate::plan::timeline::Section;
use crate::store::Store;
use crate::values::digest::{Digest, Key, Recipe};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
}

impl Stale {
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty() && !self.sound
    }
}

/// Compares some or all of a capsule's plans with the store.
pub fn stale(
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
    let mut counted: BTreeMap<(Reason, Option<String>), usize> = BTreeMap::new();
    for plan in plans {
        let former = built.and_then(|b| b.profiles.get(&plan.profile));
        for ((slot, section), recipe) in slots(plan) {
            let key = recipe.key();
            if !seen.insert(key) {
                continue;
            }
            let here = store.contains(key);
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
                reason_of(store, former, &slot, recipe)
            };
            let card = match section {
                Section::Card { card, .. } | Section::Fade { card, .. } => {
                    Some(card.name().to_owned())
                }
                Section::Footage { .. } => None,
            };
            *counted.entry((reason, card)).or_default() += 1;
            found.segments.push(recipe.clone());
        }
        if let Some(audio) = &plan.audio {
            found.sound |= !store.contains(audio.key());
        }
    }
    found.reasons = counted
        .into_iter()
        .map(|((reason, card), segments)| {
            let texts = match (&card, reason) {
                (Some(card), Reason::CardChanged) => changed_texts(built, surveyed, card),
                (None, Reason::LowerThirdChanged) => changed_texts(built, surveyed, "lower-third"),
                _ => Vec::new(),
            };
            Why {
                reason,
                segments,
                card,
                texts,
            }
        })
        .collect();
    found
}

fn reason_of(
    store: &Store,
    former: Option<&BuiltProfile>,
    slot: &str,
    now: &SegmentRecipe,
) -> Reason {
    let Some(key) = former.and_then(|f| f.slots.get(slot)) else {
        // Another slot of a known profile: the timeline itself moved.
        return if former.is_some_and(|f| !f.slots.is_empty()) {
            Reason::CutMoved
        } else {
            Reason::New
        };
    };
    if *key == now.key() {
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
fn slots(plan: &ProfilePlan) -> impl Iterator<Item = ((String, Section), &SegmentRecipe)> {
    let grid = 3 * plan.timeline.rate.gop();
    plan.renditions.iter().flat_map(move |rendition| {
        let mut of_card: BTreeMap<&'static str, usize> = BTreeMap::new();
        plan.segments
            .iter()
            .zip(&rendition.recipes)
            .map(move |(segment, recipe)| {
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
                )
            })
    })
}

/// What to remember of a capsule after a build. A profile of which something
/// was not made (the build was interrupted, or failed) is remembered as it was
/// before: what was never made must not be called lost, and what still has to
/// be made keeps its reason.
pub fn built(surveyed: &Surveyed, former: Option<&Built>, store: &Store) -> Built {
    let mut built = former.cloned().unwrap_or_default();
    let mut whole = true;
    for plan in surveyed
        .plans
        .iter()
        .filter(|p| surveyed.is_chosen(&p.profile))
    {
        let slots: BTreeMap<String, Key> = slots(plan)
            .map(|((slot, _), recipe)| (slot, recipe.key()))
            .collect();
        if !slots.values().all(|&key| store.contains(key)) {
            whole = false;
            continue;
        }
        built
            .profiles
            .entry(plan.profile.clone())
            .or_default()
            .slots = slots;
    }
    if whole {
        built.texts = surveyed.cards.texts.clone();
    }
    built
        .profiles
        .retain(|name, _| surveyed.capsule.profiles.contains(name));
    built
}

/// Over everything that a profile's files are made of.
pub fn fingerprint(surveyed: &Surveyed, plan: &ProfilePlan, store: &Store) -> Digest {
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
        for recipe in &rendition.recipes {
            add(&recipe.key().digest.to_hex());
            // The same recipe by newer libraries is another object.
            add(&store.toolchain(recipe.key()).unwrap_or_default());
        }
    }
    add(&plan
        .audio
        .as_ref()
        .map_or(String::new(), |a| a.key().digest.to_hex()));
    for captions in &surveyed.captions {
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
        keys.extend(slots(plan).map(|(_, recipe)| recipe.key()));
        keys.extend(plan.audio.as_ref().map(Recipe::key));
    }
    keys
}
