//! Removes every stored object that a withdrawn capsule left: whatever was made
//! from its clips, what was drawn from that, and its cards.

use crate::pipeline::record::Built;
use crate::store::{Store, StoreError};
use crate::values::digest::Key;
use std::collections::BTreeSet;

/// Purges what the record of a capsule names. It can be done again after a
/// kill: the record goes last, and the caller keeps it until this is done.
pub fn purge(store: &Store, built: &Built) -> Result<(), StoreError> {
    let slots: BTreeSet<Key> = built
        .profiles
        .values()
        .flat_map(|p| p.slots.values().copied())
        .collect();
    let clips: Vec<String> = built.sources.iter().map(|s| s.0.to_hex()).collect();
    let names_any =
        |recipe: &str, traces: &[String]| traces.iter().any(|t| recipe.contains(t.as_str()));

    // Segments, sound and facts name the clip; stills name those segments.
    let keys = store.keys()?;
    let recipe = |key: Key| store.recipe(key).map(|r| r.to_string()).unwrap_or_default();
    let mut doomed: BTreeSet<Key> = keys
        .iter()
        .map(|k| k.0)
        .filter(|&key| names_any(&recipe(key), &clips))
        .collect();
    doomed.extend(slots.iter().copied());
    doomed.extend(built.art.iter().copied());
    let drawn: Vec<String> = doomed.iter().map(|key| key.digest.to_hex()).collect();
    let stills: Vec<Key> = keys
        .iter()
        .map(|k| k.0)
        .filter(|&key| names_any(&recipe(key), &drawn))
        .collect();
    for key in stills.into_iter().chain(doomed) {
        store.remove(key)?;
    }
    Ok(())
}
