//! A look through the kept parts of a clip, for what a videographer wants to
//! hear of before anything is published: black or blown-out pictures, silence,
//! a dead side, cut-off crests, damage.
//!
//! Every threshold is on the side of silence: a warning that turns out to be
//! wrong teaches people to pass over the next one. A picture that stands still
//! is not spoken of at all, because a photograph under a voice is an ordinary
//! way not to show who speaks.
//!
//! Sound is decoded wholly, pictures are sampled; both cost a small part of
//! the time that the clip plays.

mod comb;
mod picture;
mod sound;

use crate::media::error::MediaError;
use crate::media::input;
use crate::media::sound::baseline::Baseline;
use crate::plan::recipe::ExaminationRecipe;
use crate::values::examination::Examination;
use crate::values::time::Rational;
use std::fs::File;

/// Looks through a clip.
///
/// # Errors
/// When it cannot be read; damage inside it is counted instead.
pub fn examine(file: File, recipe: &ExaminationRecipe) -> Result<Examination, MediaError> {
    let mut opened = input::open(file)?;
    let picture = picture::look(&mut opened, recipe)?;
    let _baseline = Baseline::hold();
    let sound = match recipe.sound {
        Some(stream) => Some(sound::listen(&mut opened, recipe, stream)?),
        None => None,
    };
    Ok(Examination { picture, sound })
}

/// The container's times between which a clip is kept.
fn kept_times(recipe: &ExaminationRecipe) -> impl Iterator<Item = (Rational, Rational)> + '_ {
    let reading = &recipe.source;
    recipe.kept.iter().map(move |kept| {
        let time = |frame| reading.start + reading.rate.time_of(frame);
        (time(kept.start), time(kept.end))
    })
}

/// As fine as anybody can use, with a denominator that stays small.
fn in_milliseconds(time: Rational) -> Rational {
    Rational::milliseconds((time * Rational::integer(1000)).round())
}
