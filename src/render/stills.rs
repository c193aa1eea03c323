//! Posters and storyboard of a capsule: drawn by a worker from stored
//! segments, kept in the store as a line of JSON and the pictures after it.

use crate::plan::capsule::ProfilePlan;
use crate::plan::recipe::{PosterPiece, PosterRecipe, StoryboardRecipe};
use crate::plan::stills::StillsPlan;
use crate::render::answer::{self, PICTURES, is_poster, is_storyboard};
use crate::render::packages::gather;
use crate::render::{Failure, Workshop, beside, unexpected};
use crate::values::digest::{Key, Recipe};
use crate::values::ids::Id;
use crate::values::time::{FrameRate, Rational};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{
    Answer, PosterRequest, Request, StillPicture, Storyboard, StoryboardRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::time::Duration;

const BASE_SECONDS: u64 = 120;
/// Seconds of film for each second of work, at least.
const SLOWEST: u64 = 2;

/// The pictures of a capsule, with their bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub posters: Vec<(StillPicture, Vec<u8>)>,
    pub storyboard: Storyboard,
    pub sheet: Vec<u8>,
}

/// Draws the stills, or takes them from the store.
pub fn make(
    workshop: &Workshop,
    capsule: &Id,
    plan: &ProfilePlan,
    wanted: &StillsPlan,
) -> Result<Drawn, Failure> {
    let drawing = Drawing {
        workshop,
        capsule,
        plan,
    };
    let (pictures, bytes) = drawing.poster(&wanted.poster)?;
    let (storyboard, sheet) = drawing.storyboard(&wanted.storyboard)?;
    let mut rest = bytes.as_slice();
    let mut posters = Vec::new();
    for picture in pictures {
        let cut = usize::try_from(picture.bytes).map_err(|_| unexpected())?;
        let (head, tail) = rest.split_at_checked(cut).ok_or_else(unexpected)?;
        posters.push((picture, head.to_vec()));
        rest = tail;
    }
    Ok(Drawn {
        posters,
        storyboard,
        sheet,
    })
}

/// What is said of pictures, and their bytes.
type Stored<T> = (T, Vec<u8>);

struct Drawing<'a> {
    workshop: &'a Workshop,
    capsule: &'a Id,
    plan: &'a ProfilePlan,
}

impl Drawing<'_> {
    fn poster(&self, recipe: &PosterRecipe) -> Result<Stored<Vec<StillPicture>>, Failure> {
        let is_sound = |pictures: &Vec<StillPicture>, bytes: u64| is_poster(pictures, bytes);
        if let Some(stored) = self.stored(recipe, &is_sound)? {
            return Ok(stored);
        }
        let (Some(tallest), Some(smallest)) =
            (self.plan.renditions.first(), self.plan.renditions.last())
        else {
            return Err(unexpected());
        };
        let keys = |which: fn(&PosterPiece) -> Key| -> Vec<Key> {
            recipe.pieces.iter().map(which).collect()
        };
        let (mut segments, judged) = gather(self.workshop, &keys(|p| p.judged))?;
        let (mut more, taken) = gather(self.workshop, &keys(|p| p.taken))?;
        let machine = |e: std::io::Error| Failure::Machine(super::io_problem("stills", &e));
        more.seek(SeekFrom::Start(0)).map_err(machine)?;
        std::io::copy(&mut more, &mut segments).map_err(machine)?;
        let request = Request::Poster {
            judged,
            taken,
            request: PosterRequest {
                judged: smallest.rendition.size,
                taken: tallest.rendition.size,
                eligible: recipe.pieces.iter().map(|p| p.eligible.clone()).collect(),
            },
        };
        let (answer, output) = self.ask(&request, &segments)?;
        let Answer::Poster { pictures } = answer else {
            return Err(unexpected());
        };
        self.store(recipe, pictures, &output, &is_sound)
    }

    fn storyboard(&self, recipe: &StoryboardRecipe) -> Result<Stored<Storyboard>, Failure> {
        let frames = self.plan.timeline.frames();
        let is_sound = |board: &Storyboard, bytes: u64| is_storyboard(board, frames, bytes);
        if let Some(stored) = self.stored(recipe, &is_sound)? {
            return Ok(stored);
        }
        let smallest = self.plan.renditions.last().ok_or_else(unexpected)?;
        let keys: Vec<Key> = recipe.segments.iter().map(|s| s.0).collect();
        let (segments, lengths) = gather(self.workshop, &keys)?;
        let request = Request::Storyboard {
            lengths,
            request: StoryboardRequest {
                size: smallest.rendition.size,
                frames: recipe.segments.iter().map(|s| s.1).collect(),
                every: recipe.every,
            },
        };
        let (answer, output) = self.ask(&request, &segments)?;
        let Answer::Storyboard { board } = answer else {
            return Err(unexpected());
        };
        self.store(recipe, board, &output, &is_sound)
    }

    fn ask(&self, request: &Request, segments: &File) -> Result<(Answer, File), Failure> {
        let output = self.workshop.store.scratch()?;
        let timeline = &self.plan.timeline;
        let seconds = timeline.rate.time_of(timeline.frames()).ceil().max(0) as u64;
        let answer = self.workshop.ask(
            Material::Encoded(self.capsule.clone()),
            request,
            &beside(&[segments, &output]),
            Duration::from_secs(BASE_SECONDS + SLOWEST * seconds),
            &mut |_| Go::On,
        )?;
        Ok((answer, output))
    }

    /// A line of JSON and the pictures after it.
    fn stored<T: DeserializeOwned>(
        &self,
        recipe: &impl Recipe,
        is_sound: &dyn Fn(&T, u64) -> bool,
    ) -> Result<Option<Stored<T>>, Failure> {
        let Some(object) = self.workshop.store.get(recipe.key())? else {
            return Ok(None);
        };
        let Some(end) = object.bytes.iter().position(|&b| b == b'\n') else {
            return Ok(None);
        };
        let pictures = object.bytes[end + 1..].to_vec();
        let said = serde_json::from_slice(&object.bytes[..end]).ok();
        Ok(said
            .filter(|said| is_sound(said, pictures.len() as u64))
            .map(|said| (said, pictures)))
    }

    fn store<T: Serialize>(
        &self,
        recipe: &impl Recipe,
        said: T,
        output: &File,
        is_sound: &dyn Fn(&T, u64) -> bool,
    ) -> Result<Stored<T>, Failure> {
        let pictures = answer::read_whole(output, PICTURES)?;
        if !is_sound(&said, pictures.len() as u64) {
            return Err(unexpected());
        }
        let mut object = serde_json::to_vec(&said).map_err(|_| unexpected())?;
        object.push(b'\n');
        object.extend_from_slice(&pictures);
        let toolchain = &self.workshop.toolchain;
        self.workshop.store.put(recipe, &object, toolchain)?;
        Ok((said, pictures))
    }
}

/// WebVTT that says which tile of `storyboard.jpg` shows when.
pub fn storyboard_index(board: &Storyboard, rate: FrameRate, frames: u64) -> String {
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
