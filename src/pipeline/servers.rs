//! What is owed to the servers that show the trees, kept between builds in
//! `.portevoix/sent.json`. Lost, it costs sending everything once more, and the
//! names of what was taken out since.

use crate::pipeline::Settings;
use crate::pipeline::trees::Trees;
use crate::publish::sent::{Owed, Sent};
use crate::publish::tree::read_manifest;
use crate::render::Failure;
use crate::store::{StoreError, write_durably};
use crate::values::audience::Audience;
use std::fs;
use std::path::PathBuf;

fn place(settings: &Settings) -> PathBuf {
    settings.hidden().join("sent.json")
}

fn read(settings: &Settings) -> Sent {
    let text = fs::read(place(settings)).ok();
    text.and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

fn write(settings: &Settings, sent: &Sent) -> Result<(), Failure> {
    let place = place(settings);
    let text = serde_json::to_vec(sent)
        .map_err(|error| StoreError::new(&place, std::io::Error::other(error)))?;
    Ok(write_durably(&place, &[&text])?)
}

/// Before anything is taken out or replaced: what stands in the trees may have
/// been sent.
pub(super) fn note(settings: &Settings, trees: &Trees) -> Result<(), Failure> {
    let former = read(settings);
    let mut sent = former.clone();
    trees.values().for_each(|manifest| sent.note(manifest));
    if sent == former {
        return Ok(());
    }
    write(settings, &sent)
}

/// What is left to do on the server of each tree, those that most people see
/// first.
///
/// # Errors
/// When a tree cannot be read.
pub fn owed(settings: &Settings) -> Result<Vec<(Audience, Owed)>, Failure> {
    let sent = read(settings);
    let of = |audience| {
        let manifest = read_manifest(&settings.dist(), audience);
        let manifest = manifest.map_err(|failure| Failure::Machine(failure.into()))?;
        Ok((audience, sent.owed(audience, manifest.as_ref())))
    };
    Audience::ALL.into_iter().map(of).collect()
}

/// Somebody says that the server of a tree shows it as it is now. Gives the
/// number of its files; `None` when there is no such tree, now or before.
///
/// # Errors
/// When the tree cannot be read, or the note not be written.
pub fn confirm(settings: &Settings, audience: Audience) -> Result<Option<usize>, Failure> {
    let manifest = read_manifest(&settings.dist(), audience);
    let manifest = manifest.map_err(|failure| Failure::Machine(failure.into()))?;
    let mut sent = read(settings);
    if manifest.is_none() && sent.owed(audience, None) == Owed::default() {
        return Ok(None);
    }
    sent.confirm(audience, manifest.as_ref());
    write(settings, &sent)?;
    Ok(Some(manifest.map_or(0, |m| m.files.len())))
}
