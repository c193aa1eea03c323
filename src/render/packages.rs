//! Stored segments and sound into files that are ready to publish: muxed by a
//! worker, written beside the store, read back from there and verified against
//! the plan before anything is shown.

use crate::plan::capsule::{self, ProfilePlan, RenditionPlan};
use crate::plan::recipe::SAMPLE_RATE;
use crate::publish::path::TreePath;
use crate::publish::playlist::{
    AudioRendition, AudioSegment, Gop, MeasuredFile, PlaylistFile, Rates, SubtitleRendition,
    VideoRendition, VideoSegment, audio_rates, package, target_duration, video_rates,
};
use crate::publish::sums::Sha256;
use crate::publish::tree::Content;
use crate::render::answer::{self, is_codec, is_fragmented, most_of_muxed};
use crate::render::proof::{check_picture, check_sound, wrong};
use crate::render::sound::Track;
use crate::render::{Failure, Workshop, beside, io_problem, unexpected};
use crate::series::profile::Package;
use crate::store::Gathered;
use crate::values::diagnostic::Problem;
use crate::values::digest::Key;
use crate::values::ids::{Id, Language};
use crate::values::time::Rational;
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, FileFacts, Fragmented, MadeOf, Request, VideoTrack};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BASE_SECONDS: u64 = 300;

/// What a muxer says of segments that do not belong together.
pub const PARAMETER_SETS_DIFFER: &str = "parameter sets differ";

/// A rendition as it will be published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    pub profile: Id,
    pub path: TreePath,
    pub plan: RenditionPlan,
    pub frames: u64,
    /// RFC 6381.
    pub codecs: String,
    pub rates: Rates,
    pub bytes: u64,
}

/// All files of one profile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Packaged {
    pub renditions: Vec<Finished>,
    pub files: BTreeMap<TreePath, Content>,
}

/// WebVTT of one language, for the HLS package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subtitles {
    pub language: Language,
    pub sdh: bool,
    /// One text for each segment of the profile.
    pub segments: Vec<String>,
}

/// Where finished files wait to be published: on the same file system as the
/// publication, so that they are linked and not copied.
#[derive(Debug)]
pub struct Waiting {
    folder: tempfile::TempDir,
}

impl Waiting {
    pub fn new(series: &Path) -> Result<Waiting, Failure> {
        let parent = series.join(".portevoix");
        let machine = |e| Failure::Machine(io_problem(&parent.display().to_string(), &e));
        fs::create_dir_all(&parent).map_err(machine)?;
        let folder = tempfile::Builder::new()
            .prefix("ready-")
            .tempdir_in(&parent)
            .map_err(machine)?;
        Ok(Waiting { folder })
    }

    fn file(&self, path: &TreePath) -> Result<(PathBuf, File), Failure> {
        let place = self.folder.path().join(path.as_str());
        let machine = |e| Failure::Machine(io_problem(&place.display().to_string(), &e));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(machine)?;
        }
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&place)
            .map_err(machine)?;
        Ok((place, file))
    }
}

/// Copies stored objects one after the other into a file.
///
/// # Errors
/// `Failure::Capsule` when one is missing or damaged: it is made again by the
/// next attempt.
pub fn gather(workshop: &Workshop, keys: &[Key]) -> Result<(File, Vec<u64>), Failure> {
    match workshop.store.gather(keys)? {
        Gathered::Whole(file, lengths) => Ok((file, lengths)),
        Gathered::Missing(missing) => Err(Failure::Capsule(Problem::StoreDamaged {
            objects: missing.len(),
        })),
    }
}

/// Everything that packaging one profile of a capsule takes.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    pub capsule: &'a Id,
    pub language: &'a Language,
    pub plan: &'a ProfilePlan,
    pub track: Option<&'a Track>,
    pub subtitles: &'a [Subtitles],
}

/// Makes and verifies all files of a profile.
pub fn make(workshop: &Workshop, waiting: &Waiting, order: Order<'_>) -> Result<Packaged, Failure> {
    match &order.plan.package {
        Package::Hls { progressive } => hls(workshop, waiting, order, progressive),
        Package::Mp4 => single(workshop, waiting, order),
        Package::Mkv => Err(Failure::Capsule(Problem::ProfileUnsupported {
            profile: order.plan.profile.to_string(),
            what: "mkv".into(),
        })),
    }
}

fn path(text: String) -> Result<TreePath, Failure> {
    TreePath::new(&text).ok_or_else(unexpected)
}

fn hls(
    workshop: &Workshop,
    waiting: &Waiting,
    order: Order<'_>,
    progressive: &[u32],
) -> Result<Packaged, Failure> {
    let base = format!("{}/{}", order.capsule, order.plan.profile);
    let mut packaged = Packaged::default();
    let mut video = Vec::new();
    for rendition in &order.plan.renditions {
        video.push(video_rendition(
            workshop,
            waiting,
            order,
            rendition,
            &base,
            &mut packaged,
        )?);
    }
    let audio = match order.track {
        Some(track) => Some(audio_rendition(
            workshop,
            waiting,
            order,
            track,
            &base,
            &mut packaged,
        )?),
        None => None,
    };
    let subtitles = subtitle_renditions(order, &base, &mut packaged)?;
    for PlaylistFile { path: name, text } in package(&video, audio.as_ref(), &subtitles) {
        packaged.files.insert(
            path(format!("{base}/{name}"))?,
            Content::Bytes(text.into_bytes()),
        );
    }

    let target = target_duration(&video, audio.as_ref(), &subtitles);
    let sound = audio
        .as_ref()
        .map(|a| audio_rates(a, target))
        .unwrap_or_default();
    for (plan, measured) in order.plan.renditions.iter().zip(&video) {
        let pictures = video_rates(measured, target);
        let bytes =
            measured.init.bytes + measured.segments.iter().map(|s| s.file.bytes).sum::<u64>();
        packaged.renditions.push(Finished {
            profile: order.plan.profile.clone(),
            path: path(format!("{base}/{}/playlist.m3u8", measured.folder))?,
            plan: plan.clone(),
            frames: order.plan.timeline.frames(),
            codecs: measured.codecs.clone(),
            rates: pictures,
            bytes,
        });
        if progressive.contains(&plan.rendition.height) {
            let name = path(format!("{base}/{}p.mp4", plan.rendition.height))?;
            let peak = pictures.peak + sound.peak;
            let finished = mp4(workshop, waiting, order, plan, name, peak, &mut packaged)?;
            packaged.renditions.push(finished);
        }
    }
    Ok(packaged)
}

fn single(workshop: &Workshop, waiting: &Waiting, order: Order<'_>) -> Result<Packaged, Failure> {
    let mut packaged = Packaged::default();
    // A single file has one rendition: the tallest that the clip deserves.
    let plan = order.plan.renditions.first().ok_or_else(unexpected)?;
    let name = path(format!("{}/{}.mp4", order.capsule, order.plan.profile))?;
    let peak = peak_of_objects(workshop, order, plan)?;
    let finished = mp4(workshop, waiting, order, plan, name, peak, &mut packaged)?;
    packaged.renditions.push(finished);
    Ok(packaged)
}

/// The highest rate of any segment with the sound beside it, from the sizes of
/// the stored objects.
fn peak_of_objects(
    workshop: &Workshop,
    order: Order<'_>,
    plan: &RenditionPlan,
) -> Result<u64, Failure> {
    let (_, lengths) = gather(workshop, &plan.keys)?;
    let rate = order.plan.timeline.rate;
    let bits_per_second = |bytes: u64, frames: u64| {
        let seconds = rate.time_of(frames).max(Rational::milliseconds(500));
        let per_second = seconds.inverse().unwrap_or(Rational::ZERO);
        (Rational::integer(bytes as i64 * 8) * per_second)
            .ceil()
            .max(0) as u64
    };
    let pictures = lengths
        .iter()
        .zip(&order.plan.segments)
        .map(|(&bytes, segment)| bits_per_second(bytes, segment.at.len()))
        .max()
        .unwrap_or(0);
    let sound = order.track.map_or(0, |t| {
        bits_per_second(t.encoded.len() as u64, order.plan.timeline.frames())
    });
    Ok(pictures + sound)
}

fn allowed(order: Order<'_>) -> Duration {
    let seconds = order
        .plan
        .timeline
        .rate
        .time_of(order.plan.timeline.frames())
        .ceil()
        .max(0) as u64;
    Duration::from_secs(BASE_SECONDS + seconds)
}

fn track_of(plan: &RenditionPlan) -> VideoTrack {
    VideoTrack {
        size: plan.rendition.size,
        rate: plan.rendition.rate,
    }
}

/// One rung as CMAF, verified.
fn video_rendition(
    workshop: &Workshop,
    waiting: &Waiting,
    order: Order<'_>,
    plan: &RenditionPlan,
    base: &str,
    packaged: &mut Packaged,
) -> Result<VideoRendition, Failure> {
    let (segments, lengths) = gather(workshop, &plan.keys)?;
    let output = workshop.store.scratch()?;
    let frames = order.plan.timeline.frames();
    let most = most_of_muxed(lengths.iter().sum(), frames);
    let made_of = MadeOf {
        pictures: lengths.clone(),
        sound: None,
    };
    let request = Request::FragmentVideo {
        lengths,
        track: track_of(plan),
    };
    let answer = workshop.ask(
        Material::Encoded(order.capsule.clone()),
        &request,
        &beside(&[&segments, &output]),
        allowed(order),
        &mut |_| Go::On,
    )?;
    let Answer::Fragmented { file } = answer else {
        return Err(unexpected());
    };
    if !is_fragmented(&file, plan.recipes.len(), frames, most) {
        return Err(unexpected());
    }
    let folder = format!("{}p", plan.rendition.height);
    let (init, names) = split(
        waiting,
        &output,
        &file,
        &format!("{base}/{folder}"),
        packaged,
    )?;
    let parts = || std::iter::once(&init).chain(&names);
    let joined = joined(workshop, waiting, &format!("{base}/{folder}"), parts())?;
    let facts = verify(workshop, order, &joined, &segments, made_of)?;
    let label = format!("{base}/{folder}/playlist.m3u8");
    check_picture(&label, &facts, order, plan)?;
    Ok(VideoRendition {
        folder,
        size: plan.rendition.size,
        rate: plan.rendition.rate,
        codecs: file.codec.clone(),
        init,
        segments: names
            .into_iter()
            .zip(&file.segments)
            .map(|(file, segment)| {
                let mut offset = 0;
                let gops = segment
                    .fragments
                    .iter()
                    .map(|f| {
                        let gop = Gop {
                            offset,
                            idr_bytes: f.key_bytes,
                            frames: f.length,
                        };
                        offset += f.bytes;
                        gop
                    })
                    .collect();
                VideoSegment { file, gops }
            })
            .collect(),
    })
}

fn audio_rendition(
    workshop: &Workshop,
    waiting: &Waiting,
    order: Order<'_>,
    track: &Track,
    base: &str,
    packaged: &mut Packaged,
) -> Result<AudioRendition, Failure> {
    let mut sound = workshop.store.scratch()?;
    let machine = |e: std::io::Error| Failure::Machine(io_problem("sound", &e));
    sound.write_all(&track.encoded).map_err(machine)?;
    let output = workshop.store.scratch()?;
    let timeline = &order.plan.timeline;
    // An encoder begins and ends with a little silence of its own.
    let samples = capsule::sample_of(timeline, timeline.frames()) + 8 * 1024;
    let most = most_of_muxed(track.encoded.len() as u64, samples / 1024);
    let boundaries: Vec<u64> = order
        .plan
        .segments
        .iter()
        .skip(1)
        .map(|s| capsule::sample_of(timeline, s.at.start))
        .collect();
    let pieces = boundaries.len() + 1;
    let request = Request::FragmentAudio {
        sample_rate: SAMPLE_RATE,
        boundaries,
    };
    let answer = workshop.ask(
        Material::Encoded(order.capsule.clone()),
        &request,
        &beside(&[&sound, &output]),
        allowed(order),
        &mut |_| Go::On,
    )?;
    let Answer::Fragmented { file } = answer else {
        return Err(unexpected());
    };
    if !is_fragmented(&file, pieces, samples, most) {
        return Err(unexpected());
    }
    let (init, names) = split(waiting, &output, &file, &format!("{base}/audio"), packaged)?;
    let parts = std::iter::once(&init).chain(&names);
    let joined = joined(workshop, waiting, &format!("{base}/audio"), parts)?;
    let made_of = MadeOf {
        pictures: Vec::new(),
        sound: Some(track.encoded.len() as u64),
    };
    let facts = verify(workshop, order, &joined, &sound, made_of)?;
    check_sound(&format!("{base}/audio/playlist.m3u8"), &facts, order)?;
    Ok(AudioRendition {
        folder: "audio".into(),
        language: order.language.clone(),
        codecs: file.codec.clone(),
        channels: 2,
        init,
        segments: names
            .into_iter()
            .zip(&file.segments)
            .map(|(file, segment)| AudioSegment {
                file,
                samples: segment.length,
            })
            .collect(),
    })
}

fn subtitle_renditions(
    order: Order<'_>,
    base: &str,
    packaged: &mut Packaged,
) -> Result<Vec<SubtitleRendition>, Failure> {
    let rate = order.plan.timeline.rate;
    let mut renditions = Vec::new();
    for subtitles in order.subtitles {
        let sdh = if subtitles.sdh { ".sdh" } else { "" };
        let folder = format!("captions.{}{sdh}", subtitles.language);
        let mut segments = Vec::new();
        for (n, (text, segment)) in subtitles
            .segments
            .iter()
            .zip(&order.plan.segments)
            .enumerate()
        {
            let name = format!("{n}-{}.vtt", Sha256::of(text.as_bytes()).short());
            packaged.files.insert(
                path(format!("{base}/{folder}/{name}"))?,
                Content::Bytes(text.clone().into_bytes()),
            );
            segments.push((name, rate.time_of(segment.at.len())));
        }
        renditions.push(SubtitleRendition {
            folder,
            language: subtitles.language.clone(),
            sdh: subtitles.sdh,
            segments,
        });
    }
    Ok(renditions)
}

/// Cuts a fragmented file into `init.mp4` and segments named by their digest.
fn split(
    waiting: &Waiting,
    output: &File,
    file: &Fragmented,
    folder: &str,
    packaged: &mut Packaged,
) -> Result<(MeasuredFile, Vec<MeasuredFile>), Failure> {
    let machine = |e: std::io::Error| Failure::Machine(io_problem(folder, &e));
    let mut offset = 0;
    let mut part =
        |name: &dyn Fn(&Sha256) -> String, bytes: u64| -> Result<MeasuredFile, Failure> {
            // The sum of all parts has been weighed.
            let content = answer::read(output, offset, bytes)?;
            offset += bytes;
            let sha256 = Sha256::of(&content);
            let name = name(&sha256);
            let tree_path = path(format!("{folder}/{name}"))?;
            let (place, mut written) = waiting.file(&tree_path)?;
            written
                .write_all(&content)
                .and_then(|()| written.sync_all())
                .map_err(machine)?;
            packaged.files.insert(
                tree_path,
                Content::File {
                    path: place,
                    bytes,
                    sha256,
                },
            );
            Ok(MeasuredFile { name, bytes })
        };
    let init = part(&|_| "init.mp4".into(), file.init_bytes)?;
    let mut segments = Vec::new();
    for (n, segment) in file.segments.iter().enumerate() {
        segments.push(part(
            &|sha256| format!("{n}-{}.m4s", sha256.short()),
            segment.bytes,
        )?);
    }
    Ok((init, segments))
}

/// A rendition as a player reads it: header, then segment after segment, from
/// the files that will be published.
fn joined<'a>(
    workshop: &Workshop,
    waiting: &Waiting,
    folder: &str,
    parts: impl Iterator<Item = &'a MeasuredFile>,
) -> Result<File, Failure> {
    let mut joined = workshop.store.scratch()?;
    for part in parts {
        let place = waiting.folder.path().join(folder).join(&part.name);
        let machine =
            |e: std::io::Error| Failure::Machine(io_problem(&place.display().to_string(), &e));
        let mut file = File::open(&place).map_err(machine)?;
        std::io::copy(&mut file, &mut joined).map_err(machine)?;
    }
    Ok(joined)
}

/// Reads a file back, and holds it against the stored segments and sound that
/// it was made of.
fn verify(
    workshop: &Workshop,
    order: Order<'_>,
    file: &File,
    encoded: &File,
    made_of: MadeOf,
) -> Result<FileFacts, Failure> {
    let request = Request::Verify {
        made_of: Some(made_of),
    };
    let answer = workshop.ask(
        Material::Proof(order.capsule.clone()),
        &request,
        &beside(&[file, encoded]),
        allowed(order),
        &mut |_| Go::On,
    )?;
    match answer {
        Answer::Verified { facts } => Ok(facts),
        _ => Err(unexpected()),
    }
}

/// One MP4, verified.
fn mp4(
    workshop: &Workshop,
    waiting: &Waiting,
    order: Order<'_>,
    plan: &RenditionPlan,
    name: TreePath,
    peak: u64,
    packaged: &mut Packaged,
) -> Result<Finished, Failure> {
    let machine = |e: std::io::Error| Failure::Machine(io_problem(name.as_str(), &e));
    let (mut segments, lengths) = gather(workshop, &plan.keys)?;
    let sound = match order.track {
        Some(track) => {
            segments.write_all(&track.encoded).map_err(machine)?;
            Some((track.encoded.len() as u64, SAMPLE_RATE))
        }
        None => None,
    };
    let frames = order.plan.timeline.frames();
    let sound_bytes = sound.map_or(0, |(bytes, _)| bytes);
    // Packets of sound are fewer than a hundred a second.
    let seconds = order.plan.timeline.rate.time_of(frames).ceil().max(0) as u64;
    let most = most_of_muxed(
        lengths.iter().sum::<u64>() + sound_bytes,
        frames + 100 * seconds,
    );
    let scratch = workshop.store.scratch()?;
    let (place, file) = waiting.file(&name)?;
    let made_of = MadeOf {
        pictures: lengths.clone(),
        sound: sound.map(|(bytes, _)| bytes),
    };
    let request = Request::Progressive {
        lengths,
        track: track_of(plan),
        sound,
    };
    let answer = workshop.ask(
        // What is verified must not be written to any more.
        Material::Once,
        &request,
        &beside(&[&segments, &scratch, &file]),
        allowed(order),
        &mut |_| Go::On,
    )?;
    let Answer::Progressive { bytes, codec } = answer else {
        return Err(unexpected());
    };
    let length = file.metadata().map_err(machine)?.len();
    if length != bytes || length > most || !is_codec(&codec) {
        return Err(unexpected());
    }
    file.sync_all().map_err(machine)?;

    let written = File::open(&place).map_err(machine)?;
    let facts = verify(workshop, order, &written, &segments, made_of)?;
    check_picture(name.as_str(), &facts, order, plan)?;
    if order.track.is_some() {
        check_sound(name.as_str(), &facts, order)?;
    }
    let (length, sha256) =
        Sha256::of_reader(File::open(&place).map_err(machine)?).map_err(machine)?;
    if length != bytes {
        return Err(wrong(name.as_str(), "bytes", bytes, length));
    }
    packaged.files.insert(
        name.clone(),
        Content::File {
            path: place,
            bytes,
            sha256,
        },
    );
    let codecs = if order.track.is_some() {
        format!("{codec},mp4a.40.2")
    } else {
        codec
    };
    let per_second = order
        .plan
        .timeline
        .rate
        .time_of(frames)
        .inverse()
        .unwrap_or(Rational::ZERO);
    let average = (Rational::integer(bytes as i64 * 8) * per_second)
        .ceil()
        .max(0) as u64;
    Ok(Finished {
        profile: order.plan.profile.clone(),
        path: name,
        plan: plan.clone(),
        frames,
        codecs,
        rates: Rates {
            average,
            peak: peak.max(average),
        },
        bytes,
    })
}
