//! Carries out a job: decodes each frame of a run of footage once, composes
//! it, and encodes every segment that wants it, on all rungs, in one thread.

use crate::media::blur;
use crate::media::compose::{self, Canvas, Layer, Picture as Planes};
use crate::media::decode::{GridFrames, with_neighbours};
use crate::media::encode::SegmentEncoder;
use crate::media::error::MediaError;
use crate::media::ffi;
use crate::media::input;
use crate::media::scale::{DEINTERLACE_NEIGHBOURS, Scaled, Scaler};
use crate::media::segment::Encoded;
use crate::plan::recipe::{Behind, Picture, SegmentRecipe, SourceReading};
use crate::plan::timeline::OPAQUE;
use crate::values::digest::ArtDigest;
use crate::values::facts::FieldOrder;
use crate::values::geometry::Size;
use crate::values::time::FrameRange;
use ffmpeg_next as ffmpeg;
use ffmpeg_next::frame::Video;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

/// Draws a card at a size: premultiplied RGBA, rows from the top.
pub type Draw<'a> = &'a dyn Fn(ArtDigest, Size) -> Result<Vec<u8>, MediaError>;

/// Renders groups of segments in order and hands over each as it is complete,
/// with its place (group, member).
///
/// # Errors
/// The first error of FFmpeg, of a card, or of `deliver` ends the job; what
/// was delivered before counts.
pub fn render(
    source: Option<File>,
    groups: &[Vec<SegmentRecipe>],
    draw: Draw<'_>,
    deliver: &mut dyn FnMut((usize, usize), Encoded) -> Result<(), MediaError>,
) -> Result<(), MediaError> {
    let mut layers = Layers {
        draw,
        drawn: BTreeMap::new(),
        stills: BTreeMap::new(),
        full: BTreeMap::new(),
    };
    let mut opened = source.map(input::open).transpose()?;
    let reading = groups.iter().flatten().find_map(|r| r.reading()).cloned();
    let mut frames = match (opened.as_mut(), reading) {
        (Some(opened), Some(reading)) => Some((GridFrames::new(opened, &reading)?, reading)),
        (None, Some(_)) => return Err(MediaError::new("render", "no clip was handed over")),
        (_, None) => None,
    };
    if let Some((frames, reading)) = frames.as_mut() {
        layers.stills = stills(frames, reading, groups)?;
    }
    // The frame that `frames` can give next without seeking.
    let mut next = None;
    for (index, group) in groups.iter().enumerate() {
        let mut outputs = group
            .iter()
            .map(Output::new)
            .collect::<Result<Vec<_>, _>>()?;
        match (group.first().and_then(|r| r.footage()), frames.as_mut()) {
            (Some((_, clip)), Some((frames, reading))) => {
                footage(frames, reading, clip, next, &mut outputs, &mut layers)?;
                next = Some(clip.end);
            }
            (Some(_), None) => return Err(MediaError::new("render", "no clip was handed over")),
            (None, _) => {
                for output in &mut outputs {
                    for frame in 0..output.recipe.frames() {
                        output.card_frame(frame, &mut layers)?;
                    }
                }
            }
        }
        for (member, output) in outputs.into_iter().enumerate() {
            let wanted = output.recipe.frames();
            let encoded = output.encoder.finish()?;
            if encoded.units.len() as u64 != wanted {
                let found = encoded.units.len();
                return Err(MediaError::new(
                    "render",
                    format!("{found} pictures of {wanted}"),
                ));
            }
            deliver((index, member), encoded)?;
        }
    }
    Ok(())
}

/// The frames that lie behind cards, blurred, at every size that wants them.
fn stills(
    frames: &mut GridFrames<'_>,
    reading: &SourceReading,
    groups: &[Vec<SegmentRecipe>],
) -> Result<BTreeMap<(u64, Size), Video>, MediaError> {
    let mut wanted: BTreeMap<u64, BTreeSet<Size>> = BTreeMap::new();
    for recipe in groups.iter().flatten() {
        if let Some(Behind::Footage { frame, .. }) = recipe.behind() {
            wanted.entry(*frame).or_default().insert(recipe.size);
        }
    }
    let mut stills = BTreeMap::new();
    for (frame, sizes) in wanted {
        let sizes: Vec<Size> = sizes.into_iter().collect();
        let one = FrameRange::new(frame, frame + 1);
        scaled_frames(frames, reading, one, None, &sizes, &mut |scaled| {
            for (size, mut picture) in sizes.iter().zip(scaled.pictures) {
                ffi::make_writable(&mut picture)?;
                with_planes(&mut picture, *size, blur::blur);
                stills.insert((frame, *size), picture);
            }
            Ok(())
        })?;
    }
    Ok(stills)
}

/// Decodes a run of footage and gives each frame to every output.
fn footage(
    frames: &mut GridFrames<'_>,
    reading: &SourceReading,
    clip: FrameRange,
    next: Option<u64>,
    outputs: &mut [Output<'_>],
    layers: &mut Layers<'_>,
) -> Result<(), MediaError> {
    let mut sizes: Vec<Size> = outputs.iter().map(|o| o.recipe.size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    // Whoever is the last to want a size draws on the picture itself; only
    // others at that size have to copy it.
    let mut last: Vec<Option<usize>> = vec![None; sizes.len()];
    let place = |output: &Output<'_>| sizes.iter().position(|&s| s == output.recipe.size);
    for (number, output) in outputs.iter().enumerate() {
        if let Some(last) = place(output).and_then(|at| last.get_mut(at)) {
            *last = Some(number);
        }
    }
    scaled_frames(frames, reading, clip, next, &sizes, &mut |mut scaled| {
        for (number, output) in outputs.iter_mut().enumerate() {
            let at = place(output).unwrap_or(usize::MAX);
            let picture = scaled
                .pictures
                .get_mut(at)
                .ok_or_else(|| MediaError::new("scale a picture", "a size is missing"))?;
            let picture = match last.get(at) {
                Some(&Some(last)) if last == number => std::mem::replace(picture, Video::empty()),
                _ => ffi::reference(picture)?,
            };
            output.footage_frame(scaled.index - clip.start, picture, layers)?;
        }
        Ok(())
    })
}

/// Decodes a run of footage and gives each frame on at all sizes.
fn scaled_frames(
    frames: &mut GridFrames<'_>,
    reading: &SourceReading,
    clip: FrameRange,
    next: Option<u64>,
    sizes: &[Size],
    give: &mut dyn FnMut(Scaled) -> Result<(), MediaError>,
) -> Result<(), MediaError> {
    let interlaced = reading.field_order != FieldOrder::Progressive;
    let wanted = if interlaced {
        with_neighbours(clip, DEINTERLACE_NEIGHBOURS)
    } else {
        clip
    };
    if next != Some(wanted.start) {
        frames.seek(wanted.start)?;
    }
    let mut scaler: Option<Scaler> = None;
    let mut give_all = |ready: Vec<Scaled>| -> Result<(), MediaError> {
        let mut inside = ready.into_iter().filter(|s| clip.contains(s.index));
        inside.try_for_each(&mut *give)
    };
    for index in wanted.start..wanted.end {
        let frame = frames.frame(index)?;
        if scaler.as_ref().is_none_or(|s| !s.fits(&frame)) {
            if let Some(mut former) = scaler.take() {
                give_all(former.finish()?)?;
            }
            scaler = Some(Scaler::new(&frame, reading, sizes)?);
        }
        if let Some(scaler) = scaler.as_mut() {
            give_all(scaler.push(index, frame)?)?;
        }
    }
    if let Some(mut scaler) = scaler {
        give_all(scaler.finish()?)?;
    }
    Ok(())
}

/// One segment on its way.
struct Output<'a> {
    recipe: &'a SegmentRecipe,
    encoder: SegmentEncoder,
}

impl<'a> Output<'a> {
    fn new(recipe: &'a SegmentRecipe) -> Result<Output<'a>, MediaError> {
        let encoder = SegmentEncoder::new(recipe.size, recipe.rate, &recipe.encoding)?;
        Ok(Output { recipe, encoder })
    }

    fn card_frame(&mut self, frame: u64, layers: &mut Layers<'_>) -> Result<(), MediaError> {
        let Picture::Card { art, behind, .. } = &self.recipe.picture else {
            return Err(MediaError::new("render a card", "not a card"));
        };
        let mut picture = layers.card(*art, behind.as_ref(), self.recipe.size)?;
        self.overlay(frame, &mut picture, layers)?;
        self.encoder.push(&mut picture)
    }

    fn footage_frame(
        &mut self,
        frame: u64,
        mut picture: Video,
        layers: &mut Layers<'_>,
    ) -> Result<(), MediaError> {
        if let Picture::Fade {
            art,
            behind,
            weights,
            slide,
            ..
        } = &self.recipe.picture
        {
            let weight = weights.get(frame as usize).copied().unwrap_or(OPAQUE);
            let mut card = layers.card(*art, behind.as_ref(), self.recipe.size)?;
            ffi::make_writable(&mut picture)?;
            let size = self.recipe.size;
            with_planes(&mut card, size, |card| {
                with_planes(&mut picture, size, |picture| match slide {
                    None => compose::dissolve(picture, card, weight),
                    Some(slide) => compose::slide(picture, card, weight, *slide),
                });
            });
        }
        self.overlay(frame, &mut picture, layers)?;
        self.encoder.push(&mut picture)
    }

    fn overlay(
        &self,
        frame: u64,
        picture: &mut Video,
        layers: &mut Layers<'_>,
    ) -> Result<(), MediaError> {
        for veil in self.recipe.overlays.iter().chain(&self.recipe.captions) {
            let opacity = veil.at(frame);
            if opacity == 0 {
                continue;
            }
            if let Some(layer) = layers.layer(veil.art, self.recipe.size)? {
                ffi::make_writable(picture)?;
                with_planes(picture, self.recipe.size, |p| layer.draw(p, opacity));
            }
        }
        Ok(())
    }
}

/// Cards, drawn once for a job.
struct Layers<'a> {
    draw: Draw<'a>,
    drawn: BTreeMap<(ArtDigest, Size), Option<Layer>>,
    /// Frames that lie behind cards.
    stills: BTreeMap<(u64, Size), Video>,
    /// Cards that fill the frame, over what lies behind them.
    full: BTreeMap<(ArtDigest, Option<Below>, Size), Video>,
}

/// What lies behind a card, within a job.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Below {
    Art(ArtDigest),
    Frame(u64),
}

impl Layers<'_> {
    fn layer(&mut self, art: ArtDigest, size: Size) -> Result<Option<&Layer>, MediaError> {
        let layer = match self.drawn.entry((art, size)) {
            Entry::Occupied(drawn) => drawn.into_mut(),
            Entry::Vacant(place) => place.insert(Layer::new(size, &(self.draw)(art, size)?)),
        };
        Ok(layer.as_ref())
    }

    fn card(
        &mut self,
        art: ArtDigest,
        behind: Option<&Behind>,
        size: Size,
    ) -> Result<Video, MediaError> {
        let below = behind.map(|behind| match behind {
            Behind::Picture { art } => Below::Art(*art),
            Behind::Footage { frame, .. } => Below::Frame(*frame),
        });
        let name = (art, below, size);
        if let Some(full) = self.full.get(&name) {
            return ffi::reference(full);
        }
        let mut picture = match below {
            Some(Below::Frame(frame)) => {
                let still = self.stills.get(&(frame, size)).ok_or_else(|| {
                    MediaError::new("draw a card", "the frame behind it was not decoded")
                })?;
                let mut picture = ffi::reference(still)?;
                ffi::make_writable(&mut picture)?;
                picture
            }
            _ => {
                let mut picture =
                    Video::new(ffmpeg::format::Pixel::YUV420P, size.width, size.height);
                with_planes(&mut picture, size, compose::black);
                picture
            }
        };
        let lower = match below {
            Some(Below::Art(art)) => Some(art),
            _ => None,
        };
        for art in lower.into_iter().chain([art]) {
            if let Some(layer) = self.layer(art, size)? {
                with_planes(&mut picture, size, |planes| layer.draw(planes, OPAQUE));
            }
        }
        let shared = ffi::reference(&picture)?;
        self.full.insert(name, picture);
        Ok(shared)
    }
}

/// The planes of a YUV 4:2:0 frame.
pub(crate) fn with_planes(frame: &mut Video, size: Size, draw: impl FnOnce(&mut Planes<'_>)) {
    let strides = [frame.stride(0), frame.stride(1), frame.stride(2)];
    let [y, u, v] = ffi::planes_mut(frame);
    draw(&mut Planes {
        size,
        luma: Canvas {
            samples: y,
            stride: strides[0],
        },
        cb: Canvas {
            samples: u,
            stride: strides[1],
        },
        cr: Canvas {
            samples: v,
            stride: strides[2],
        },
    });
}
