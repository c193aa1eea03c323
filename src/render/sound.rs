//! A capsule's sound: made once by a worker, kept in the store with the report
//! of what was measured, as a line of JSON before the encoded track.

use crate::plan::recipe::{AudioRecipe, SAMPLE_RATE, SoundStretch};
use crate::render::answer::{self, is_sound_report, most_of_sound};
use crate::render::footage::{self, Source};
use crate::render::{Failure, Workshop, beside, unexpected};
use crate::series::profile::AudioCodec;
use crate::values::diagnostic::Problem;
use crate::values::digest::Recipe;
use crate::values::time::Rational;
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request, SoundReport, SoundRequest, SoundSection};
use std::time::Duration;

const BASE_SECONDS: u64 = 120;

/// The encoded track and what is known of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Track {
    pub report: SoundReport,
    /// As the worker's muxer reads it.
    pub encoded: Vec<u8>,
}

/// The track of a recipe, from the store; `None` when it has to be made.
pub fn stored(workshop: &Workshop, recipe: &AudioRecipe) -> Result<Option<Track>, Failure> {
    let Some(object) = workshop.store.get(recipe.key())? else {
        return Ok(None);
    };
    let Some(end) = object.bytes.iter().position(|&b| b == b'\n') else {
        return Ok(None);
    };
    let report = serde_json::from_slice(&object.bytes[..end]).ok();
    Ok(report.filter(is_sound_report).map(|report| Track {
        report,
        encoded: object.bytes[end + 1..].to_vec(),
    }))
}

/// Makes the track, or takes it from the store.
pub fn make(workshop: &Workshop, clip: Source<'_>, recipe: &AudioRecipe) -> Result<Track, Failure> {
    if let Some(track) = stored(workshop, recipe)? {
        return Ok(track);
    }
    if recipe.codec != AudioCodec::Aac {
        return Err(Failure::Capsule(Problem::MediaFailed {
            operation: "encode the sound".into(),
            error: "this codec is not built yet".into(),
            last_log: String::new(),
        }));
    }
    let output = workshop.store.scratch()?;
    let source = workshop.open_clip(clip.path).map_err(Failure::Capsule)?;
    let sections: Vec<SoundSection> = recipe.sections.iter().map(section).collect();
    let total_samples = recipe.sections.iter().map(samples).sum();
    let request = Request::Sound {
        request: SoundRequest {
            stream: recipe.track.map(|t| t.1),
            clock_zero: Rational::ZERO,
            sections,
            total_samples,
            target: recipe.loudness,
            kbps: recipe.kbps,
        },
    };
    let allowed = Duration::from_secs(BASE_SECONDS + total_samples / u64::from(SAMPLE_RATE));
    let answer = workshop.ask(
        Material::Clip(clip.clip.digest()),
        &request,
        &beside(&[&output, &source]),
        allowed,
        &mut |_| Go::On,
    )?;
    let Answer::Sound { report } = answer else {
        return Err(unexpected());
    };
    if !is_sound_report(&report) {
        return Err(unexpected());
    }
    let most = most_of_sound(total_samples, SAMPLE_RATE, recipe.kbps);
    let encoded = answer::read_whole(&output, most)?;
    if !footage::is_unchanged(&source, clip.clip) {
        return Err(footage::changed(clip.path));
    }
    let mut object = serde_json::to_vec(&report).map_err(|_| unexpected())?;
    object.push(b'\n');
    object.extend_from_slice(&encoded);
    workshop.store.put(recipe, &object, &workshop.toolchain)?;
    Ok(Track { report, encoded })
}

fn samples(stretch: &SoundStretch) -> u64 {
    match *stretch {
        SoundStretch::Silence { samples } | SoundStretch::Clip { samples, .. } => samples,
    }
}

fn section(stretch: &SoundStretch) -> SoundSection {
    let narrow = |v: u64| u32::try_from(v).unwrap_or(u32::MAX);
    match *stretch {
        SoundStretch::Silence { samples } => SoundSection::Silence { samples },
        SoundStretch::Clip {
            start,
            samples,
            fade_in,
            fade_out,
        } => SoundSection::Clip {
            start,
            samples,
            fade_in: narrow(fade_in),
            fade_out: narrow(fade_out),
        },
    }
}
