//! Sounds of the charter: whether they can be heard, asked once for each file,
//! and prepared for a card when a capsule's sound is made. The worker that reads
//! them sees no clip.

use crate::plan::recipe::{AudioRecipe, SAMPLE_RATE, SoundStretch, TUNE, TuneRecipe};
use crate::render::{Failure, Workshop, beside, io_problem, unexpected};
use crate::series::charter::{CardSound, Charter};
use crate::series::profile::CardKind;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use crate::values::digest::{Key, Recipe};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request, TuneReport, TuneRequest};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::Duration;

/// A card lasts half a minute at most.
const SECONDS: u64 = 60;
/// Of a file, as much is listened to as the longest card can play.
const LISTENED: u64 = 30 * SAMPLE_RATE as u64;
/// Left and right, as 32-bit floats.
const SAMPLE_BYTES: u64 = 8;

/// By card.
pub type Sounds = BTreeMap<CardKind, CardSound>;

/// The sounds of a charter that cannot be heard, by the card under which they
/// are to play.
pub fn unusable(
    workshop: &Workshop,
    charter: &Charter,
) -> Result<BTreeMap<CardKind, Diagnostic>, Failure> {
    let mut unusable = BTreeMap::new();
    for (&card, sound) in &charter.sounds {
        let Some(problem) = unusable_for(workshop, sound)? else {
            continue;
        };
        let path = sound.path.clone();
        unusable.insert(card, Diagnostic::new(problem, Place::File { path }));
    }
    Ok(unusable)
}

/// The object that says that a sound can be heard.
pub fn key(sound: &CardSound) -> Key {
    recipe(sound).key()
}

fn recipe(sound: &CardSound) -> TuneRecipe {
    TuneRecipe {
        tune: TUNE,
        file: sound.digest,
    }
}

fn unusable_for(workshop: &Workshop, sound: &CardSound) -> Result<Option<Problem>, Failure> {
    let recipe = recipe(sound);
    if workshop.store.contains(recipe.key()) {
        return Ok(None);
    }
    let request = TuneRequest {
        samples: LISTENED,
        fade_in: 0,
        fade_out: 0,
        looped: false,
        target: 0,
    };
    let error = match prepare(workshop, sound, request) {
        Ok((_, TuneReport { measured: Some(_) })) => {
            workshop.store.put(&recipe, b"{}", &workshop.toolchain)?;
            return Ok(None);
        }
        Ok(_) => "nothing is to be heard in it".to_owned(),
        Err(Failure::Capsule(Problem::MediaFailed { error, .. })) => {
            match error.contains("Invalid data found") {
                true => "it is no sound file".to_owned(),
                false => error,
            }
        }
        Err(Failure::Capsule(other)) => return Ok(Some(other)),
        Err(machine) => return Err(machine),
    };
    Ok(Some(Problem::SoundUnusable { error }))
}

/// What each card of a capsule's sound plays, in the order of the film.
pub fn of(
    workshop: &Workshop,
    recipe: &AudioRecipe,
    sounds: &Sounds,
) -> Result<Vec<File>, Failure> {
    let mut tunes = Vec::new();
    for stretch in &recipe.sections {
        let SoundStretch::Tune {
            file,
            samples,
            fade_in,
            fade_out,
            looped,
            level,
        } = *stretch
        else {
            continue;
        };
        let known = sounds.values().find(|sound| sound.digest == file);
        let sound = known.ok_or_else(unexpected)?;
        let narrow = |samples: u64| u32::try_from(samples).unwrap_or(u32::MAX);
        let request = TuneRequest {
            samples,
            fade_in: narrow(fade_in),
            fade_out: narrow(fade_out),
            looped,
            target: recipe.loudness.saturating_add(level),
        };
        tunes.push(prepare(workshop, sound, request)?.0);
    }
    Ok(tunes)
}

fn prepare(
    workshop: &Workshop,
    sound: &CardSound,
    request: TuneRequest,
) -> Result<(File, TuneReport), Failure> {
    let machine = |e: std::io::Error| Failure::Machine(io_problem(&sound.path, &e));
    let mut file = workshop.store.scratch()?;
    file.write_all(&sound.bytes).map_err(machine)?;
    let output = workshop.store.scratch()?;
    let answer = workshop.ask(
        Material::Charter,
        &Request::Tune { request },
        &beside(&[&output, &file]),
        Duration::from_secs(SECONDS),
        &mut |_| Go::On,
    )?;
    let Answer::Tune { report } = answer else {
        return Err(unexpected());
    };
    let written = output.metadata().map_err(machine)?.len();
    if written != request.samples * SAMPLE_BYTES {
        return Err(unexpected());
    }
    Ok((output, report))
}
