//! The worker's own side: reads a request, does it, says what came of it, until
//! the parent goes. It opens no file: all it reads and writes was handed over.

use crate::cards;
use crate::media::error::{During, MediaError, capture_log, forget_log};
use crate::media::mux::{self, Reels};
use crate::media::segment::Encoded;
use crate::media::verify::Against;
use crate::media::{examine, input, probe, render, sound, stills, verify};
use crate::values::digest::ArtDigest;
use crate::values::geometry::Size;
use crate::worker::channel;
use crate::worker::protocol::{Answer, Message, Request, SoundReport};
use crate::worker::sandbox;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Serves requests from the socket on stdin until it closes.
///
/// # Errors
/// When the parent cannot be heard or spoken to; there is nobody left to tell.
pub fn serve(baseline_cpu: bool) -> io::Result<()> {
    sandbox::limits::close_inherited();
    let _baseline = baseline_cpu.then(sound::baseline::Baseline::hold);
    // A worker must not outlive the build that started it.
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let stdin = io::stdin().as_fd().try_clone_to_owned()?;
    let mut socket = UnixStream::from(stdin);
    let mut stdout = io::stdout().lock();
    let mut say = |message: &Message| -> io::Result<()> {
        serde_json::to_writer(&mut stdout, message)?;
        stdout.write_all(b"\n")?;
        stdout.flush()
    };
    capture_log();
    say(&Message::Ready {
        missing: sandbox::enter(),
    })?;
    while let Some((request, files)) = channel::receive(&mut socket)? {
        forget_log();
        let began = processor_time();
        let answer =
            answer(request, files, &mut say).unwrap_or_else(|error| Answer::Failed { error });
        say(&Message::Done {
            answer: Box::new(answer),
            cpu: processor_time().saturating_sub(began),
        })?;
    }
    Ok(())
}

/// Of this process, in microseconds.
fn processor_time() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000
        + u64::try_from(time.tv_nsec).unwrap_or(0) / 1000
}

/// Versions of the libraries that shape the bytes, as one line.
fn toolchain() -> String {
    let dotted = |v: u32| format!("{}.{}.{}", v >> 16, v >> 8 & 0xff, v & 0xff);
    format!(
        "lavc {} lavf {} lavfi {} sws {}",
        dotted(ffmpeg_next::codec::version()),
        dotted(ffmpeg_next::format::version()),
        dotted(ffmpeg_next::filter::version()),
        dotted(ffmpeg_next::software::scaling::version()),
    )
}

type Say<'a> = dyn FnMut(&Message) -> io::Result<()> + 'a;

fn answer(request: Request, files: Vec<File>, say: &mut Say<'_>) -> Result<Answer, MediaError> {
    let mut files = files.into_iter();
    let mut file = || {
        files
            .next()
            .ok_or_else(|| MediaError::new("read a request", "a file is missing"))
    };
    match request {
        Request::Toolchain => Ok(Answer::Toolchain {
            made_by: toolchain(),
        }),
        Request::Probe => Ok(match probe::probe(file()?) {
            Ok(facts) => Answer::Facts {
                facts: Box::new(facts),
            },
            Err(failure) => Answer::ProbeFailed { failure },
        }),
        Request::Examine { recipe } => Ok(Answer::Examined {
            found: examine::examine(file()?, &recipe)?,
        }),
        Request::LayOut { fonts, cards } => with_fonts(file()?, &fonts, |fonts| {
            let cards = cards.iter().map(|card| cards::lay_out(card, fonts));
            Ok(Answer::LaidOut {
                cards: cards.collect(),
            })
        }),
        Request::SetCaptions { fonts, captions } => with_fonts(file()?, &fonts, |fonts| {
            let captions = cards::captions(&captions, fonts).during("draw captions")?;
            Ok(Answer::CaptionsSet { captions })
        }),
        Request::Render { groups, arts } => {
            let mut output = file()?;
            let mut offset = 0;
            let arts: BTreeMap<ArtDigest, String> = arts.into_iter().collect();
            let draw = |art: ArtDigest, size: Size| {
                let missing =
                    || MediaError::new("draw a card", "its outlines were not handed over");
                let svg = arts.get(&art).ok_or_else(missing)?;
                Ok(cards::rasterise(svg, size).during("draw a card")?.rgba)
            };
            render::render(
                files.next(),
                &groups,
                &draw,
                &mut |(group, member), encoded| {
                    let bytes = encoded.to_bytes();
                    output.write_all(&bytes).during("write a segment")?;
                    let length = bytes.len() as u64;
                    say(&Message::Delivered {
                        group,
                        member,
                        offset,
                        bytes: length,
                    })
                    .during("report a segment")?;
                    offset += length;
                    Ok(())
                },
            )?;
            Ok(Answer::Rendered)
        }
        Request::Sound { request } => {
            let mut output = file()?;
            let clip = &mut input::open(file()?)?;
            let tunes: Vec<File> = files.collect();
            let sources = sound::Sources {
                clip,
                tunes: &tunes,
            };
            let outcome = sound::render(sources, &request)?;
            let mut encoded = Encoded {
                header: outcome.audio.config.clone(),
                ..Encoded::default()
            };
            for packet in outcome.audio.packets() {
                encoded.push(packet, 0, true);
            }
            output
                .write_all(&encoded.to_bytes())
                .during("write the sound")?;
            Ok(Answer::Sound {
                report: SoundReport {
                    measured_in: outcome.measured_in,
                    measured_out: outcome.measured_out,
                    limited: outcome.limited,
                    nearly_silent: outcome.nearly_silent,
                    dual_mono_from: outcome.dual_mono_from,
                    damaged_packets: outcome.damaged_packets,
                },
            })
        }
        Request::Tune { request } => {
            let mut output = file()?;
            let mut input = input::open_sound(file()?)?;
            Ok(Answer::Tune {
                report: sound::tune::prepare(&mut input, &request, &mut output)?,
            })
        }
        Request::FragmentVideo { lengths, track } => {
            let mut reels = Reels::new(file()?, &lengths);
            Ok(Answer::Fragmented {
                file: mux::fragmented_video(&mut reels, track, file()?)?,
            })
        }
        Request::FragmentAudio {
            sample_rate,
            boundaries,
        } => {
            let sound = whole(file()?)?;
            let file = mux::fragmented_audio(&sound, sample_rate, &boundaries, file()?)?;
            Ok(Answer::Fragmented { file })
        }
        Request::Progressive {
            mut lengths,
            track,
            sound,
        } => {
            let pictures = lengths.len();
            lengths.extend(sound.map(|s| s.0));
            let mut reels = Reels::new(file()?, &lengths);
            let sound = match sound {
                Some((_, rate)) => Some((reels.read(pictures)?, rate)),
                None => None,
            };
            reels.truncate(pictures);
            let sound = sound.as_ref().map(|(encoded, rate)| (encoded, *rate));
            let (bytes, codec) = mux::progressive(&mut reels, track, sound, file()?, file()?)?;
            Ok(Answer::Progressive { bytes, codec })
        }
        Request::Prove { segments } => {
            let lengths: Vec<u64> = segments.iter().map(|s| s.0).collect();
            let expected: Vec<(Size, u64)> = segments.iter().map(|s| (s.1, s.2)).collect();
            verify::prove(&mut Reels::new(file()?, &lengths), &expected)?;
            Ok(Answer::Proven)
        }
        Request::Verify { made_of } => {
            let mut read_back = file()?;
            read_back.seek(SeekFrom::Start(0)).during("rewind")?;
            let against = match made_of {
                None => Against::Decoder,
                Some(made_of) => {
                    let encoded = file()?;
                    let again = encoded.try_clone().during("share an open file")?;
                    let sound: Vec<u64> = made_of.sound.into_iter().collect();
                    let pictures = made_of.pictures.iter().sum();
                    Against::Encoded {
                        pictures: Reels::new(encoded, &made_of.pictures),
                        sound: Reels::after(again, pictures, &sound),
                    }
                }
            };
            Ok(Answer::Verified {
                facts: verify::verify(read_back, against)?,
            })
        }
        Request::Poster {
            judged,
            taken,
            request,
        } => {
            let all = file()?;
            let again = all.try_clone().during("share an open file")?;
            let mut judged_reels = Reels::new(all, &judged);
            let mut taken_reels = Reels::after(again, judged.iter().sum(), &taken);
            let pictures =
                stills::poster(&mut judged_reels, &mut taken_reels, &request, &mut file()?)?;
            Ok(Answer::Poster { pictures })
        }
        Request::Storyboard { lengths, request } => {
            let mut reels = Reels::new(file()?, &lengths);
            let board = stills::storyboard(&mut reels, &request, &mut file()?)?;
            Ok(Answer::Storyboard { board })
        }
        Request::Frame {
            lengths,
            frames,
            size,
            place,
        } => {
            let mut reels = Reels::new(file()?, &lengths);
            let png = stills::frame_png(&mut reels, &frames, size, place)?;
            written(file()?, &png)
        }
        Request::CardPicture { svg, size } => {
            let raster = cards::rasterise(&svg, size).during("draw a card")?;
            written(file()?, &png(&raster)?)
        }
        Request::Sheet {
            ground,
            size,
            drawings,
            placed,
        } => {
            let sheet = cards::sheet(&ground, size, &drawings, &placed);
            written(file()?, &png(&sheet.during("draw a sheet")?)?)
        }
    }
}

fn written(mut file: File, bytes: &[u8]) -> Result<Answer, MediaError> {
    file.write_all(bytes).during("write a picture")?;
    Ok(Answer::Written {
        bytes: bytes.len() as u64,
    })
}

fn whole(mut file: File) -> Result<Encoded, MediaError> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).during("read the sound")?;
    file.read_to_end(&mut bytes).during("read the sound")?;
    Encoded::from_bytes(&bytes)
}

fn with_fonts(
    mut file: File,
    lengths: &[u64],
    answer: impl FnOnce(&mut cards::Fonts) -> Result<Answer, MediaError>,
) -> Result<Answer, MediaError> {
    file.seek(SeekFrom::Start(0)).during("read the fonts")?;
    let mut fonts: Vec<Arc<[u8]>> = Vec::new();
    for &length in lengths {
        let mut bytes = Vec::new();
        Read::by_ref(&mut file)
            .take(length)
            .read_to_end(&mut bytes)
            .during("read the fonts")?;
        fonts.push(bytes.into());
    }
    match cards::fonts(&fonts) {
        Ok(mut fonts) => answer(&mut fonts),
        Err(bad) => Ok(Answer::FontUnusable {
            file: bad.file,
            error: bad.error,
        }),
    }
}

fn png(raster: &cards::Raster) -> Result<Vec<u8>, MediaError> {
    let mut png = Vec::new();
    let straight = raster.straight_alpha();
    image::ImageEncoder::write_image(
        image::codecs::png::PngEncoder::new(&mut png),
        &straight,
        raster.size.width,
        raster.size.height,
        image::ExtendedColorType::Rgba8,
    )
    .during("write a picture")?;
    Ok(png)
}
