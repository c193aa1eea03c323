//! Which numbers of a clip can be reckoned with, and which facts can be believed
//! at all: pure rules, for the worker that reads a clip and for whoever hears of it.

use crate::values::examination::{Examination, Stretch};
use crate::values::facts::{Oddity, ProbeFailure, SourceFacts};
use crate::values::time::{FrameRate, Rational};

/// Longest clip that is read: a day of film is a mistake, not an interview.
pub const MAX_SECONDS: i64 = 24 * 3600;

/// Packets of one track: a day at 240 pictures a second.
pub const MAX_PACKETS: usize = 24 * 3600 * 240;

/// Finest time that is reckoned with: a nanosecond, and room for odd rates.
const MAX_TIME_BASE: i64 = 1 << 34;

/// Where a clip may lie on its clock: a broadcast begins anywhere within the 26
/// hours and a half after which the clock of MPEG-TS turns over.
pub const LATEST: i64 = 28 * 3600;

/// Tracks of a clip: FFmpeg is told to open no clip with more.
const MAX_TRACKS: usize = 64;

/// Times are added to others later on, and counted in frames and samples; real
/// time bases leave room for that, absurd ones do not.
///
/// # Errors
/// `BeyondLimits` where arithmetic would leave 64 bits.
pub fn check(
    rate: FrameRate,
    frames: u64,
    start: Rational,
    clock_zero: Rational,
) -> Result<(), ProbeFailure> {
    if frames > MAX_PACKETS as u64 {
        return Err(ProbeFailure::BeyondLimits {
            what: "pictures".into(),
            found: frames,
            limit: MAX_PACKETS as u64,
        });
    }
    let beyond = |found: u64| ProbeFailure::BeyondLimits {
        what: "time base".into(),
        found,
        limit: MAX_TIME_BASE.unsigned_abs(),
    };
    let since = start
        .checked_sub(clock_zero)
        .ok_or_else(|| beyond(u64::MAX))?;
    let mut finest = 1000;
    for time in [clock_zero, start, since] {
        if time.den() > MAX_TIME_BASE {
            return Err(beyond(time.den().unsigned_abs()));
        }
        finest = common_multiple(finest, i128::from(time.den()));
    }
    // Over the whole clip, the finest time that starts, rate and a cut written
    // in milliseconds lead to; and frames counted from such a time.
    let (num, den) = (i128::from(rate.num()), i128::from(rate.den()));
    let frames = i128::from(frames) + 10_000;
    let seconds = frames * den / num + 1;
    let room = i128::from(i64::MAX);
    let fits = |product: Option<i128>| product.is_some_and(|p| p < room);
    let times = common_multiple(finest, num).checked_mul(seconds);
    let counts = finest.checked_mul(den).and_then(|p| p.checked_mul(frames));
    if fits(times) && fits(counts) {
        Ok(())
    } else {
        Err(beyond(rate.num().max(rate.den()).unsigned_abs()))
    }
}

/// The least number that both divide; beyond all measure where it does not fit.
fn common_multiple(a: i128, b: i128) -> i128 {
    let (mut divisor, mut rest) = (a, b);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor).checked_mul(b).unwrap_or(i128::MAX)
}

/// Whether facts are such as a probe can find. Its worker reads what nobody
/// vouches for, so its word is weighed before it is kept or reckoned with.
pub fn are_credible(facts: &SourceFacts) -> bool {
    // Seconds and frames.
    let is_time_of_day =
        |clock: Rational| (0..24 * 3600).contains(&clock.floor()) && clock.den() <= FASTEST;
    let video = &facts.video;
    let pixel = video.sample_aspect;
    let colour = &video.colour;
    let side = |side: u32| (1..=LONGEST_SIDE).contains(&side);
    let time =
        |time: Rational| (-LATEST..=LATEST).contains(&time.floor()) && time.den() <= MAX_TIME_BASE;
    let named = |name: &str| name.len() <= LONGEST_NAME && !name.contains(char::is_control);
    let maybe = |name: &Option<String>| name.as_deref().is_none_or(named);
    let start = Rational::checked_sub(facts.clock_zero, minus(video.start));
    let heard = facts.audio.as_ref().is_none_or(|audio| {
        named(&audio.codec)
            && named(&audio.layout)
            && audio.stream < MOST
            && (1..=64).contains(&audio.channels)
            && (1..=1_000_000).contains(&audio.sample_rate)
            && time(audio.start)
            && time(audio.duration)
            && !audio.duration.is_negative()
    });
    named(&facts.container)
        && [&video.codec, &video.pixel_format]
            .into_iter()
            .all(|n| named(n))
        && [
            &colour.matrix,
            &colour.primaries,
            &colour.transfer,
            &colour.chroma_location,
        ]
        .into_iter()
        .all(maybe)
        && video.stream < MOST
        && side(video.coded.width)
        && side(video.coded.height)
        && pixel > Rational::ZERO
        && pixel.num().max(pixel.den()) <= i64::from(i32::MAX)
        && pixel.num() <= 4 * pixel.den()
        && pixel.den() <= 4 * pixel.num()
        && (1..=64).contains(&video.bit_depth)
        && video.orientation.clockwise_quarters < 4
        && video.rate.rational() <= Rational::integer(FASTEST)
        && video.frames > 0
        && time(facts.clock_zero)
        && facts.timecode.is_none_or(is_time_of_day)
        && time(video.start)
        && time(video.decoder_delay)
        && start.is_some_and(|s| check(video.rate, video.frames, s, facts.clock_zero).is_ok())
        && facts.duration() <= Rational::integer(MAX_SECONDS + 1)
        && heard
        && facts.oddities.len() <= MOST
        && facts.oddities.iter().all(|oddity| match oddity {
            Oddity::VariableRate { lowest, highest } => is_shown(*lowest) && is_shown(*highest),
            Oddity::SlowRate { filmed, published } => is_shown(*filmed) && is_shown(*published),
            Oddity::HighRate { filmed } => is_shown(*filmed),
            Oddity::Anamorphic { sample_aspect } => *sample_aspect == pixel,
            Oddity::Hdr { transfer } => named(transfer),
            Oddity::UntaggedColour { read_as } => named(read_as),
            Oddity::SoundOffset { seconds } => time(*seconds),
            _ => true,
        })
}

const LONGEST_SIDE: u32 = 16_384;
const LONGEST_NAME: usize = 200;
/// Streams, and oddities, of one clip: many more than FFmpeg is let open.
const MOST: usize = 256;
/// Pictures a second of what is published: well above any.
const FASTEST: i64 = 1000;

/// The time with its sign turned; a time that cannot be turned is none.
fn minus(time: Rational) -> Rational {
    Rational::ZERO.checked_sub(time).unwrap_or(Rational::ZERO)
}

/// Whether a rate can be written in hundredths, and compared with the most that
/// are published in a second.
fn is_shown(rate: FrameRate) -> bool {
    let times = |factor: Option<Rational>| factor.and_then(|f| rate.rational().checked_mul(f));
    times(Some(Rational::integer(100))).is_some() && times(Rational::new(1, 60)).is_some()
}

/// Whether what was found in a clip is such as can be found: its worker's word
/// is weighed as that of a probe.
pub fn is_examination(found: &Examination) -> bool {
    let stretches = |all: &[Stretch]| all.len() <= MOST_STRETCHES && all.iter().all(is_stretch);
    let picture = &found.picture;
    picture.judged <= MAX_PACKETS as u64
        && picture.damaged <= MOST_DAMAGED
        && picture.combed <= picture.moving
        && picture.moving <= MAX_PACKETS as u64
        && stretches(&picture.black)
        && stretches(&picture.blown_out)
        && found.sound.as_ref().is_none_or(|sound| {
            stretches(&sound.silent)
                && i64::from(sound.saturated_seconds) <= MAX_SECONDS + 1
                && i64::try_from(sound.lost_ms).is_ok_and(|ms| ms / 1000 <= LATEST + MAX_SECONDS)
                && sound
                    .louder
                    .is_none_or(|other| other.track <= MAX_TRACKS && is_level(other.integrated))
                && sound
                    .level
                    .is_none_or(|level| is_level(level.integrated) && is_level(level.true_peak))
        })
}

fn is_stretch(stretch: &Stretch) -> bool {
    let time = |time: Rational| {
        (-LATEST - MAX_SECONDS..=LATEST + MAX_SECONDS).contains(&time.floor()) && is_time(time)
    };
    time(stretch.start)
        && time(stretch.end)
        && stretch.start <= stretch.end
        && stretch.end.checked_sub(stretch.start).is_some_and(is_time)
}

/// Whether a time can be written in milliseconds.
fn is_time(time: Rational) -> bool {
    time.checked_mul(Rational::integer(1000)).is_some()
}

/// Whether hundredths of a decibel are such as can be measured: what 32 bits of
/// floating point can hold, and room to reckon with it.
pub fn is_level(hundredths: i32) -> bool {
    (-100_000..=100_000).contains(&hundredths)
}

/// Whether a clip's refusal is such as a probe gives.
pub fn is_probe_failure(failure: &ProbeFailure) -> bool {
    let said = |text: &str| text.len() <= LONGEST_ERROR;
    match failure {
        ProbeFailure::Empty
        | ProbeFailure::Unfinished
        | ProbeFailure::NoPicture
        | ProbeFailure::Edits { .. } => true,
        ProbeFailure::NotMedia { error } | ProbeFailure::Undecodable { error } => said(error),
        ProbeFailure::UnsupportedCodec { codec } => said(codec),
        ProbeFailure::UnsupportedColour { matrix } => said(matrix),
        ProbeFailure::Truncated { promised, present } => is_time(*promised) && is_time(*present),
        ProbeFailure::ClockRestarts { after } => is_time(*after),
        // What is missing is part of what there is.
        ProbeFailure::Hollow { bytes, missing } => missing <= bytes,
        ProbeFailure::BeyondLimits { what, .. } => said(what),
    }
}

/// Stretches of one kind in one clip: one for every second of the longest.
const MOST_STRETCHES: usize = 24 * 3600;
/// Pieces that do not decode: a thousand in every picture of the longest clip.
const MOST_DAMAGED: u64 = MAX_PACKETS as u64 * 1000;
/// FFmpeg's words are a line or two.
const LONGEST_ERROR: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::examination::{Level, LouderTrack, PictureSeen, SoundHeard};
    use crate::values::facts::{AudioFacts, Colour, FieldOrder, VideoFacts};
    use crate::values::geometry::{Orientation, Size};

    fn facts() -> SourceFacts {
        SourceFacts {
            container: "mov,mp4".into(),
            clock_zero: Rational::ZERO,
            timecode: None,
            video: VideoFacts {
                stream: 0,
                codec: "h264".into(),
                coded: Size {
                    width: 1920,
                    height: 1080,
                },
                sample_aspect: Rational::integer(1),
                orientation: Orientation::default(),
                rate: FrameRate::new(30_000, 1001).expect("positive"),
                variable_rate: false,
                frames: 9000,
                start: Rational::milliseconds(23),
                decoder_delay: Rational::ZERO,
                pixel_format: "yuv420p".into(),
                bit_depth: 8,
                colour: Colour {
                    matrix: Some("bt709".into()),
                    primaries: None,
                    transfer: None,
                    full_range: false,
                    chroma_location: None,
                    peak_nits: None,
                },
                field_order: FieldOrder::Progressive,
            },
            audio: Some(AudioFacts {
                stream: 1,
                codec: "aac".into(),
                channels: 2,
                layout: "stereo".into(),
                sample_rate: 48_000,
                start: Rational::ZERO,
                duration: Rational::integer(300),
            }),
            oddities: vec![Oddity::NoSound],
        }
    }

    #[test]
    fn facts_that_no_clip_has_are_not_believed() {
        assert!(are_credible(&facts()));
        let lies: [fn(&mut SourceFacts); 20] = [
            |f| f.timecode = Some(Rational::integer(-1)),
            |f| f.timecode = Some(Rational::integer(86_400)),
            |f| f.timecode = Rational::new(1, 90_000),
            |f| f.clock_zero = Rational::integer(i64::MIN),
            |f| f.clock_zero = Rational::new(1, i64::MAX).expect("a fraction"),
            |f| f.video.start = Rational::integer(i64::MAX),
            |f| f.video.start = Rational::integer(i64::MIN),
            |f| f.video.decoder_delay = Rational::integer(i64::MIN),
            |f| f.video.frames = u64::MAX,
            |f| f.video.frames = 0,
            |f| f.video.rate = FrameRate::new(1, i64::MAX).expect("positive"),
            |f| f.video.rate = FrameRate::new(i64::MAX, i64::MAX - 1).expect("positive"),
            |f| f.video.coded.width = u32::MAX,
            |f| f.video.sample_aspect = Rational::integer(-1),
            |f| f.video.sample_aspect = Rational::integer(5),
            |f| f.video.codec = "h264\u{1b}[2J".into(),
            |f| f.oddities = vec![Oddity::NoSound; 1 << 16],
            |f| {
                f.oddities = vec![Oddity::HighRate {
                    filmed: FrameRate::new(i64::MAX, 1).expect("positive"),
                }];
            },
            |f| {
                f.oddities = vec![Oddity::HighRate {
                    filmed: FrameRate::new(1, i64::MAX).expect("positive"),
                }];
            },
            |f| {
                f.oddities = vec![Oddity::SlowRate {
                    filmed: f.video.rate,
                    published: FrameRate::new(i64::MAX, 1).expect("positive"),
                }];
            },
        ];
        for lie in lies {
            let mut told = facts();
            lie(&mut told);
            assert!(!are_credible(&told), "{told:?}");
        }
    }

    #[test]
    fn findings_that_no_clip_gives_are_not_believed() {
        let stretch = |start, end| Stretch { start, end };
        let good = Examination {
            picture: PictureSeen {
                judged: 9000,
                black: vec![stretch(Rational::ZERO, Rational::integer(4))],
                blown_out: Vec::new(),
                moving: 100,
                combed: 40,
                damaged: 3,
            },
            sound: Some(SoundHeard {
                level: Some(Level {
                    integrated: -2300,
                    true_peak: -20_000,
                }),
                silent: Vec::new(),
                dead_side: None,
                cancelled: None,
                louder: Some(LouderTrack {
                    track: 2,
                    integrated: -1900,
                }),
                lost_ms: 18_000,
                saturated_seconds: 2,
                damaged: u32::MAX,
            }),
        };
        assert!(is_examination(&good));
        let lies: [fn(&mut Examination, &mut SoundHeard); 13] = [
            |e, _| e.picture.combed = 101,
            |e, _| e.picture.moving = u64::MAX,
            |_, s| s.lost_ms = u64::MAX,
            |_, s| s.louder.as_mut().expect("one").track = usize::MAX,
            |_, s| s.level.as_mut().expect("one").integrated = i32::MIN,
            |_, s| s.level.as_mut().expect("one").true_peak = i32::MAX,
            |_, s| s.saturated_seconds = u32::MAX,
            |e, _| e.picture.judged = u64::MAX,
            |e, _| e.picture.damaged = u64::MAX,
            |e, _| e.picture.black[0].end = Rational::integer(i64::MAX),
            |e, _| e.picture.black[0].start = Rational::integer(5),
            |e, _| e.picture.black[0].end = Rational::new(i64::MAX, i64::MAX - 1).expect("one"),
            |e, _| e.picture.blown_out = vec![e.picture.black[0]; 1 << 20],
        ];
        for lie in lies {
            let mut told = good.clone();
            let mut sound = told.sound.take().expect("sound");
            lie(&mut told, &mut sound);
            told.sound = Some(sound);
            assert!(!is_examination(&told), "{:?}", told.sound);
        }
    }

    #[test]
    fn refusals_that_no_probe_gives_are_not_believed() {
        let after = |after| ProbeFailure::ClockRestarts { after };
        assert!(is_probe_failure(&after(Rational::integer(90))));
        let beyond = Rational::integer(i64::MAX);
        for lie in [
            after(beyond),
            ProbeFailure::Truncated {
                promised: beyond,
                present: Rational::ZERO,
            },
            ProbeFailure::Truncated {
                promised: Rational::ZERO,
                present: Rational::integer(i64::MIN),
            },
            ProbeFailure::Hollow {
                bytes: 1,
                missing: 2,
            },
            ProbeFailure::NotMedia {
                error: "x".repeat(1 << 20),
            },
        ] {
            assert!(!is_probe_failure(&lie));
        }
    }

    #[test]
    fn a_fraction_beyond_measure_is_refused_when_read() {
        let read = |text| serde_json::from_str::<Rational>(text);
        assert!(read("[1,2]").is_ok());
        assert!(read("[1,0]").is_err());
        assert!(read("[-9223372036854775808,-1]").is_err());
        assert!(read("[-9223372036854775808,-9223372036854775808]").is_ok());
    }
}
