//! What was built last, capsule by capsule: which object stands in which slot,
//! and which publication came of it. Used to say why something is stale and to
//! leave alone what is done; a lost record costs reasons and muxing, never
//! encoding.

use crate::pipeline::inputs::Inputs;
use crate::pipeline::trees::Left;
use crate::store::{StoreError, write_durably};
use crate::values::audience::Audience;
use crate::values::digest::{Digest, Key, SourceDigest};
use crate::values::ids::Id;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    pub capsules: BTreeMap<Id, Built>,
    /// By which each tree is known to be as it was left.
    #[serde(default)]
    pub trees: BTreeMap<Audience, Left>,
    /// Pixels that one worker encodes in a second, measured last.
    pub pixels_per_second: Option<u64>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Built {
    /// What stood on the cards: card, field, text.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    pub profiles: BTreeMap<Id, BuiltProfile>,
    /// What it was made from, to say what changed.
    #[serde(default)]
    pub inputs: Inputs,
    /// Whose posters and storyboard are published.
    #[serde(default)]
    pub stills: Option<[Key; 2]>,
    /// Clips that it was ever made from, and cards that were drawn for it:
    /// what a withdrawal has to purge.
    #[serde(default)]
    pub sources: BTreeSet<SourceDigest>,
    #[serde(default)]
    pub art: BTreeSet<Key>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct BuiltProfile {
    /// Over all that the profile's files are made of; `None` until they are
    /// published.
    pub published: Option<Digest>,
    #[serde(default)]
    pub sound: Option<Key>,
    /// Keys by rung and slot.
    pub slots: BTreeMap<String, Key>,
}

impl Record {
    pub fn read(path: &Path) -> Record {
        fs::read(path)
            .ok()
            .and_then(|b| serde_json::from_slice(&b).ok())
            .unwrap_or_default()
    }

    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_vec(self)
            .map_err(|e| StoreError::new(path, std::io::Error::other(e)))?;
        if fs::read(path).is_ok_and(|former| former == text) {
            return Ok(());
        }
        write_durably(path, &[&text])
    }
}
