//! A capsule's sound: made once by a worker, kept in the store with the report
//! of what was measured, as a line of JSON before the encoded track.

use crate::plan::recipe::{AudioRecipe, HeardRecipe, SAMPLE_RATE, SoundStretch};
use crate::render::answer::{self, is_sound_report, most_of_sound};
use crate::render::footage::{self, Source};
use crate::render::tunes::{self, Sounds};
use crate::render::{Failure, Workshop, beside, unexpected};
use crate::series::profile::AudioCodec;
use crate::values::diagnostic::Problem;
use crate::values::digest::Recipe;
use crate::values::time::Rational;
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request, SoundReport, SoundRequest, SoundSection};
use std::fs::File;
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

/// What was measured of a stored track, which is not read for it; `None` when
/// the track has to be made.
pub fn report(workshop: &Workshop, recipe: &AudioRecipe) -> Result<Option<SoundReport>, Failure> {
    let heard = HeardRecipe {
        track: recipe.key(),
    };
    if !workshop.store.contains(heard.track) {
        return Ok(None);
    }
    if let Some(object) = workshop.store.get(heard.key())?
        && let Ok(report) = serde_json::from_slice(&object.bytes)
    {
        return Ok(Some(report));
    }
    let Some(track) = stored(workshop, recipe)? else {
        return Ok(None);
    };
    note(workshop, heard, &track.report)?;
    Ok(Some(track.report))
}

fn note(workshop: &Workshop, heard: HeardRecipe, report: &SoundReport) -> Result<(), Failure> {
    let text = serde_json::to_vec(report).map_err(|_| unexpected())?;
    workshop.store.put(&heard, &text, &workshop.toolchain)?;
    Ok(())
}

/// Makes the track, or takes it from the store.
pub fn make(
    workshop: &Workshop,
    clip: Source<'_>,
    recipe: &AudioRecipe,
    sounds: &Sounds,
) -> Result<Track, Failure> {
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
    let tunes = tunes::of(workshop, recipe, sounds)?;
    let output = workshop.store.scratch()?;
    let source = workshop.open_clip(clip.path).map_err(Failure::Capsule)?;
    let sections = sections(&recipe.sections);
    let total_samples = recipe.sections.iter().map(SoundStretch::samples).sum();
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
    let seconds = BASE_SECONDS + total_samples / u64::from(SAMPLE_RATE);
    let allowed = Duration::from_secs(seconds + footage::seconds_to_read(clip.clip));
    let files: Vec<&File> = [&output, &source].into_iter().chain(&tunes).collect();
    let answer = workshop.ask(
        Material::Clip(clip.clip.digest()),
        &request,
        &beside(&files),
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
    let track = workshop.store.put(recipe, &object, &workshop.toolchain)?;
    note(workshop, HeardRecipe { track }, &report)?;
    Ok(Track { report, encoded })
}

fn sections(stretches: &[SoundStretch]) -> Vec<SoundSection> {
    let mut tunes = 0..;
    let mut section = |stretch: &SoundStretch| match *stretch {
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
        SoundStretch::Tune { samples, .. } => SoundSection::Tune {
            number: tunes.next().unwrap_or_default(),
            samples,
        },
    };
    stretches.iter().map(&mut section).collect()
}

fn narrow(samples: u64) -> u32 {
    u32::try_from(samples).unwrap_or(u32::MAX)
}
