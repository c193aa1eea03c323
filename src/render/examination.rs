//! What a worker finds in the kept parts of a clip: asked once for a content
//! and a cut, kept in the store.

use crate::plan::recipe::ExaminationRecipe;
use crate::render::footage::{self, Source};
use crate::render::{Failure, Workshop, beside, unexpected};
use crate::values::digest::Recipe;
use crate::values::examination::Examination;
use crate::values::reckoning::is_examination;
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request};
use std::time::Duration;

const BASE_SECONDS: u64 = 120;

/// Looks through a clip, or remembers what was found.
pub fn examine(
    workshop: &Workshop,
    clip: Source<'_>,
    recipe: &ExaminationRecipe,
) -> Result<Examination, Failure> {
    if let Some(object) = workshop.store.get(recipe.key())?
        && let Ok(known) = serde_json::from_slice(&object.bytes)
        && is_examination(&known)
    {
        return Ok(known);
    }
    let file = workshop.open_clip(clip.path).map_err(Failure::Capsule)?;
    // A second for every ten pictures is slower than any machine, and the
    // whole clip may have to be passed over to reach what is kept.
    let allowed = BASE_SECONDS + recipe.frames() / 10 + footage::seconds_to_read(clip.clip);
    let request = Request::Examine {
        recipe: recipe.clone(),
    };
    let answer = workshop.ask(
        Material::Clip(clip.clip.digest()),
        &request,
        &beside(&[&file]),
        Duration::from_secs(allowed),
        &mut |_| Go::On,
    )?;
    let Answer::Examined { found } = answer else {
        return Err(unexpected());
    };
    if !is_examination(&found) {
        return Err(unexpected());
    }
    if !footage::is_unchanged(&file, clip.clip) {
        return Err(footage::changed(clip.path));
    }
    let bytes = serde_json::to_vec(&found).map_err(|_| unexpected())?;
    workshop.store.put(recipe, &bytes, &workshop.toolchain)?;
    Ok(found)
}
