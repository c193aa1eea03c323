//! Removes every stored object that a withdrawn capsule left: whatever was made
//! from its clip, and what was drawn from that.

use crate::pipeline::record::Built;
use crate::plan::recipe::SegmentRecipe;
use crate::store::{Store, StoreError};
use crate::values::digest::Key;
use std::collections::BTreeSet;

/// Purges what was made from the clips that a capsule's record names.
pub fn purge(store: &Store, built: &Built) -> Result<(), StoreError> {
    let slots: BTreeSet<Key> = built
        .profiles
        .values()
        .flat_map(|p| p.slots.values().copied())
        .collect();
    let mut traces: BTreeSet<String> = BTreeSet::new();
    for &key in &slots {
        let recipe = store
            .recipe(key)
            .and_then(|r| serde_json::from_value::<SegmentRecipe>(r).ok());
        if let Some((reading, _)) = recipe.as_ref().and_then(SegmentRecipe::footage) {
            traces.insert(reading.source.0.to_hex());
        }
        store.remove(key)?;
        traces.insert(key.digest.to_hex());
    }
    // Sound and facts name the clip; stills name the segments they show.
    for (key, _) in store.keys()? {
        let names = store.recipe(key).map(|r| r.to_string()).unwrap_or_default();
        if traces.iter().any(|trace| names.contains(trace)) {
            store.remove(key)?;
        }
    }
    Ok(())
}
