//! Posters and storyboard of a capsule: drawn by a worker from stored
//! segments, kept in the store as a line of JSON and the pictures after it.

use crate::plan::capsule::ProfilePlan;
use crate::plan::recipe::StillsRecipe;
use crate::render::answer::{self, PICTURES, is_stills};
use crate::render::packages::gather;
use crate::render::{Failure, Workshop, beside, unexpected};
use crate::values::digest::Recipe;
use crate::values::ids::Id;
use crate::values::time::{FrameRate, Rational};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request, StillPicture, Stills, StillsRequest};
use std::fmt::Write as _;
use std::io::{Seek, SeekFrom};
use std::time::Duration;

const BASE_SECONDS: u64 = 120;
/// Seconds of film for each second of work, at least.
const SLOWEST: u64 = 2;
/// Seconds between two tiles of a storyboard, at least.
const TILE_SECONDS: i64 = 2;

/// The pictures of a capsule, with their bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub stills: Stills,
    pub bytes: Vec<Vec<u8>>,
}

impl Drawn {
    pub fn pictures(&self) -> impl Iterator<Item = (&StillPicture, &Vec<u8>)> {
        self.stills.pictures.iter().zip(&self.bytes)
    }

    /// Stored stills of a film of so many frames.
    fn read(object: &[u8], frames: u64) -> Option<Drawn> {
        let end = object.iter().position(|&b| b == b'\n')?;
        let stills: Stills = serde_json::from_slice(&object[..end]).ok()?;
        let mut rest = &object[end + 1..];
        if !is_stills(&stills, frames, rest.len() as u64) {
            return None;
        }
        let mut bytes = Vec::new();
        for picture in &stills.pictures {
            let (head, tail) = rest.split_at_checked(usize::try_from(picture.bytes).ok()?)?;
            bytes.push(head.to_vec());
            rest = tail;
        }
        Some(Drawn { stills, bytes })
    }
}

/// Draws the stills, or takes them from the store.
pub fn make(
    workshop: &Workshop,
    capsule: &Id,
    plan: &ProfilePlan,
    recipe: &StillsRecipe,
) -> Result<Drawn, Failure> {
    let frames = plan.timeline.frames();
    if let Some(drawn) = workshop
        .store
        .get(recipe.key())?
        .and_then(|o| Drawn::read(&o.bytes, frames))
    {
        return Ok(drawn);
    }
    let (Some(tallest), Some(smallest)) = (plan.renditions.first(), plan.renditions.last()) else {
        return Err(unexpected());
    };
    let rate = plan.timeline.rate;
    let (mut segments, judged) = gather(workshop, &recipe.judged)?;
    let (mut more, taken) = gather(workshop, &recipe.taken)?;
    let machine = |e: std::io::Error| Failure::Machine(super::io_problem("stills", &e));
    more.seek(SeekFrom::Start(0)).map_err(machine)?;
    std::io::copy(&mut more, &mut segments).map_err(machine)?;
    let output = workshop.store.scratch()?;
    let request = Request::Stills {
        judged,
        taken,
        request: StillsRequest {
            judged: smallest.rendition.size,
            taken: tallest.rendition.size,
            frames: plan.segments.iter().map(|s| s.at.len()).collect(),
            eligible: recipe.eligible.clone(),
            wanted: recipe.wanted,
            tile_every: rate.nearest_frame(Rational::integer(TILE_SECONDS)),
        },
    };
    let seconds = rate.time_of(frames).ceil().max(0) as u64;
    let allowed = Duration::from_secs(BASE_SECONDS + SLOWEST * seconds);
    let answer = workshop.ask(
        Material::Encoded(capsule.clone()),
        &request,
        &beside(&[&segments, &output]),
        allowed,
        &mut |_| Go::On,
    )?;
    let Answer::Stills { stills } = answer else {
        return Err(unexpected());
    };
    let mut object = serde_json::to_vec(&stills).map_err(|_| unexpected())?;
    object.push(b'\n');
    object.extend(answer::read_whole(&output, PICTURES)?);
    let drawn = Drawn::read(&object, frames).ok_or_else(unexpected)?;
    workshop.store.put(recipe, &object, &workshop.toolchain)?;
    Ok(drawn)
}

/// WebVTT that says which tile of `storyboard.jpg` shows when.
pub fn storyboard_index(stills: &Stills, rate: FrameRate, frames: u64) -> String {
    let board = &stills.storyboard;
    let clock = |frame: u64| {
        let ms = (rate.time_of(frame) * Rational::integer(1000))
            .round()
            .max(0);
        format!(
            "{:02}:{:02}:{:02}.{:03}",
            ms / 3_600_000,
            ms / 60_000 % 60,
            ms / 1000 % 60,
            ms % 1000
        )
    };
    let mut text = String::from("WEBVTT\n");
    for n in 0..board.tiles {
        let start = n * board.every;
        let end = if n + 1 == board.tiles {
            frames
        } else {
            ((n + 1) * board.every).min(frames)
        };
        let x = n % u64::from(board.columns) * u64::from(board.tile.width);
        let y = n / u64::from(board.columns) * u64::from(board.tile.height);
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{} --> {}\nstoryboard.jpg#xywh={x},{y},{},{}\n",
            clock(start),
            clock(end),
            board.tile.width,
            board.tile.height
        );
    }
    text
}
