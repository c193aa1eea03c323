//! HLS playlists, written from what was measured (RFC 8216bis, Apple's HLS
//! authoring rules). Pure: numbers in, text out; no file is touched here.
//!
//! Durations are exact rationals until the last moment. Each is printed as the
//! difference of two rounded cumulative times, so that the sum of a playlist
//! never drifts from the film, however many segments it has.

use crate::values::geometry::Size;
use crate::values::ids::Language;
use crate::values::time::{FrameRate, Rational};
use std::fmt::Write as _;

/// `EXT-X-MAP` in an ordinary media playlist asks for version 6; nothing that
/// we write asks for more.
const VERSION: u32 = 6;

/// The first variant is the one nearest this rate from below: what a phone on
/// a poor network starts with.
const FIRST_VARIANT_BPS: u64 = 800_000;

/// Sample rate of all published sound.
pub const SAMPLE_RATE: i64 = 48_000;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeasuredFile {
    /// Beside the playlist that names it.
    pub name: String,
    pub bytes: u64,
}

/// A closed GOP as a fragment (moof and mdat) of a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gop {
    /// Of the moof, from the start of the segment's file.
    pub offset: u64,
    /// From the moof's start to the end of the IDR sample.
    pub idr_bytes: u64,
    pub frames: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VideoSegment {
    pub file: MeasuredFile,
    pub gops: Vec<Gop>,
}

impl VideoSegment {
    pub fn frames(&self) -> u64 {
        self.gops.iter().map(|gop| gop.frames).sum()
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VideoRendition {
    /// Beside the multivariant playlist ("360p").
    pub folder: String,
    pub size: Size,
    pub rate: FrameRate,
    /// RFC 6381 ("avc1.64001f").
    pub codecs: String,
    pub init: MeasuredFile,
    pub segments: Vec<VideoSegment>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AudioSegment {
    pub file: MeasuredFile,
    /// At 48 kHz.
    pub samples: u64,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AudioRendition {
    /// Beside the multivariant playlist ("audio").
    pub folder: String,
    pub language: Language,
    pub codecs: String,
    pub channels: u16,
    pub init: MeasuredFile,
    pub segments: Vec<AudioSegment>,
}

/// A WebVTT playlist that lies in `folder` (see `webvtt`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubtitleRendition {
    /// Beside the multivariant playlist ("captions.fr").
    pub folder: String,
    pub language: Language,
    /// For people who do not hear: sounds and speakers are described.
    pub sdh: bool,
    /// Files in order, and how long each lasts in seconds.
    pub segments: Vec<(String, Rational)>,
}

/// Bits per second, rounded up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rates {
    pub average: u64,
    /// The largest rate of any run of segments that lasts between 0.5 and 1.5
    /// target durations.
    pub peak: u64,
}

/// One playlist: where it goes, beside or below the multivariant one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaylistFile {
    pub path: String,
    pub text: String,
}

/// Every playlist of one capsule's HLS package, `master.m3u8` last.
pub fn package(
    video: &[VideoRendition],
    audio: Option<&AudioRendition>,
    subtitles: &[SubtitleRendition],
) -> Vec<PlaylistFile> {
    let target = target_duration(video, audio, subtitles);
    let file = |folder: &str, name: &str, text| PlaylistFile {
        path: format!("{folder}/{name}"),
        text,
    };
    let mut files = Vec::new();
    for rendition in video {
        let folder = &rendition.folder;
        files.push(file(
            folder,
            "playlist.m3u8",
            video_playlist(rendition, target),
        ));
        files.push(file(
            folder,
            "iframes.m3u8",
            iframe_playlist(rendition, target),
        ));
    }
    if let Some(audio) = audio {
        files.push(file(
            &audio.folder,
            "playlist.m3u8",
            audio_playlist(audio, target),
        ));
    }
    for rendition in subtitles {
        files.push(file(
            &rendition.folder,
            "playlist.m3u8",
            subtitle_playlist(rendition, target),
        ));
    }
    files.push(PlaylistFile {
        path: "master.m3u8".to_owned(),
        text: multivariant(video, audio, subtitles, target),
    });
    files
}

/// 6 s, or what the longest segment of any rendition rounds to when that is
/// more: the same in every playlist of a capsule.
pub fn target_duration(
    video: &[VideoRendition],
    audio: Option<&AudioRendition>,
    subtitles: &[SubtitleRendition],
) -> u64 {
    let video = video.iter().flat_map(video_pieces);
    let audio = audio.into_iter().flat_map(audio_pieces);
    let longest = video
        .chain(audio)
        .map(|piece| piece.duration)
        .chain(
            subtitles
                .iter()
                .flat_map(|s| s.segments.iter().map(|s| s.1)),
        )
        .map(Rational::round)
        .max()
        .unwrap_or(0);
    u64::try_from(longest).unwrap_or(0).max(6)
}

/// What a video rendition costs on the network, sound not counted.
pub fn video_rates(rendition: &VideoRendition, target: u64) -> Rates {
    rates(&video_pieces(rendition).collect::<Vec<_>>(), target)
}

pub fn audio_rates(rendition: &AudioRendition, target: u64) -> Rates {
    rates(&audio_pieces(rendition).collect::<Vec<_>>(), target)
}

/// What bit rates are worked out from: a run of bytes and how long it plays.
pub(super) struct Piece {
    pub(super) bytes: u64,
    pub(super) duration: Rational,
}

fn video_pieces(rendition: &VideoRendition) -> impl Iterator<Item = Piece> {
    rendition.segments.iter().map(|segment| Piece {
        bytes: segment.file.bytes,
        duration: rendition.rate.time_of(segment.frames()),
    })
}

fn audio_pieces(rendition: &AudioRendition) -> impl Iterator<Item = Piece> {
    rendition.segments.iter().map(|segment| Piece {
        bytes: segment.file.bytes,
        duration: samples_to_seconds(segment.samples),
    })
}

fn iframe_pieces(rendition: &VideoRendition) -> impl Iterator<Item = Piece> {
    let gops = rendition.segments.iter().flat_map(|segment| &segment.gops);
    gops.map(|gop| Piece {
        bytes: gop.idr_bytes,
        duration: rendition.rate.time_of(gop.frames),
    })
}

fn samples_to_seconds(samples: u64) -> Rational {
    let samples = i64::try_from(samples).expect("fewer samples than six million years hold");
    Rational::new(samples, SAMPLE_RATE).expect("the sample rate is not zero")
}

pub(super) fn rates(pieces: &[Piece], target: u64) -> Rates {
    let whole = rate_of(pieces);
    let target = Rational::integer(i64::try_from(target).unwrap_or(i64::MAX / 4));
    let half = Rational::milliseconds(500) * target;
    let longest = Rational::milliseconds(1500) * target;
    let mut peak = None;
    for start in 0..pieces.len() {
        let (mut bytes, mut duration) = (0, Rational::ZERO);
        for piece in &pieces[start..] {
            bytes += piece.bytes;
            duration = duration + piece.duration;
            if duration > longest {
                break;
            }
            if duration >= half {
                peak = peak.max(Some(bits_per_second(bytes, duration)));
            }
        }
    }
    Rates {
        average: whole,
        // A film shorter than any such run is one run.
        peak: peak.unwrap_or(whole),
    }
}

fn rate_of(pieces: &[Piece]) -> u64 {
    let duration = pieces
        .iter()
        .fold(Rational::ZERO, |sum, piece| sum + piece.duration);
    bits_per_second(pieces.iter().map(|piece| piece.bytes).sum(), duration)
}

fn bits_per_second(bytes: u64, duration: Rational) -> u64 {
    if duration <= Rational::ZERO {
        return 0;
    }
    let num = u128::from(duration.num().unsigned_abs());
    let den = u128::from(duration.den().unsigned_abs());
    u64::try_from((u128::from(bytes) * 8 * den).div_ceil(num)).unwrap_or(u64::MAX)
}

/// Turns exact end times into printed durations that sum to the last one.
struct Clock {
    now: Rational,
    printed: i64,
}

impl Clock {
    const START: Clock = Clock {
        now: Rational::ZERO,
        printed: 0,
    };

    /// Moves on and says by how much, in seconds with six decimals.
    fn advance(&mut self, by: Rational) -> String {
        self.now = self.now + by;
        let total = (self.now * Rational::integer(1_000_000)).round();
        let step = total - self.printed;
        self.printed = total;
        format!("{}.{:06}", step / 1_000_000, step % 1_000_000)
    }
}

fn head(target: u64) -> String {
    format!(
        "#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-TARGETDURATION:{target}\n\
         #EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    )
}

/// A media playlist of whole files.
fn media_playlist<'a>(
    target: u64,
    init: Option<&MeasuredFile>,
    segments: impl Iterator<Item = (&'a str, Rational)>,
) -> String {
    let mut text = head(target);
    text.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    if let Some(init) = init {
        line(&mut text, format_args!("#EXT-X-MAP:URI=\"{}\"", init.name));
    }
    let mut clock = Clock::START;
    for (name, duration) in segments {
        line(
            &mut text,
            format_args!("#EXTINF:{},", clock.advance(duration)),
        );
        line(&mut text, format_args!("{name}"));
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

pub fn video_playlist(rendition: &VideoRendition, target: u64) -> String {
    let segments = rendition.segments.iter().map(|segment| {
        let duration = rendition.rate.time_of(segment.frames());
        (segment.file.name.as_str(), duration)
    });
    media_playlist(target, Some(&rendition.init), segments)
}

pub fn audio_playlist(rendition: &AudioRendition, target: u64) -> String {
    let segments = rendition.segments.iter().map(|segment| {
        (
            segment.file.name.as_str(),
            samples_to_seconds(segment.samples),
        )
    });
    media_playlist(target, Some(&rendition.init), segments)
}

pub fn subtitle_playlist(rendition: &SubtitleRendition, target: u64) -> String {
    let segments = rendition.segments.iter();
    media_playlist(target, None, segments.map(|(name, d)| (name.as_str(), *d)))
}

/// The key frames alone, each lasting its GOP: what a player shows while
/// somebody drags the time line.
pub fn iframe_playlist(rendition: &VideoRendition, target: u64) -> String {
    let mut text = head(target);
    text.push_str("#EXT-X-I-FRAMES-ONLY\n");
    line(
        &mut text,
        format_args!("#EXT-X-MAP:URI=\"{}\"", rendition.init.name),
    );
    let mut clock = Clock::START;
    for segment in &rendition.segments {
        for gop in &segment.gops {
            let duration = clock.advance(rendition.rate.time_of(gop.frames));
            line(&mut text, format_args!("#EXTINF:{duration},"));
            line(
                &mut text,
                format_args!("#EXT-X-BYTERANGE:{}@{}", gop.idr_bytes, gop.offset),
            );
            line(&mut text, format_args!("{}", segment.file.name));
        }
    }
    text.push_str("#EXT-X-ENDLIST\n");
    text
}

/// The playlist that names all others.
pub fn multivariant(
    video: &[VideoRendition],
    audio: Option<&AudioRendition>,
    subtitles: &[SubtitleRendition],
    target: u64,
) -> String {
    let mut text = format!("#EXTM3U\n#EXT-X-VERSION:{VERSION}\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    if let Some(audio) = audio {
        line(
            &mut text,
            format_args!(
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"{}\",LANGUAGE=\"{}\",\
                 DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"{}\",URI=\"{}/playlist.m3u8\"",
                language_name(&audio.language),
                audio.language,
                audio.channels,
                audio.folder
            ),
        );
    }
    for rendition in subtitles {
        subtitle_media(&mut text, rendition);
    }
    let sound = audio.map_or(Rates::default(), |audio| audio_rates(audio, target));
    for variant in in_order_of_appearance(video, sound, target) {
        stream_inf(&mut text, &variant, audio, !subtitles.is_empty());
    }
    for rendition in video {
        let rates = rates(&iframe_pieces(rendition).collect::<Vec<_>>(), target);
        line(
            &mut text,
            format_args!(
                "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}\",\
                 RESOLUTION={}x{},URI=\"{}/iframes.m3u8\"",
                rates.peak,
                rates.average,
                rendition.codecs,
                rendition.size.width,
                rendition.size.height,
                rendition.folder
            ),
        );
    }
    text
}

/// A video rendition with what it and its sound cost together.
struct Variant<'a> {
    rendition: &'a VideoRendition,
    rates: Rates,
}

/// The variant to start with, then the others from the lightest up.
fn in_order_of_appearance(video: &[VideoRendition], sound: Rates, target: u64) -> Vec<Variant<'_>> {
    let mut variants: Vec<Variant> = video
        .iter()
        .map(|rendition| {
            let picture = video_rates(rendition, target);
            Variant {
                rendition,
                rates: Rates {
                    average: picture.average + sound.average,
                    peak: picture.peak + sound.peak,
                },
            }
        })
        .collect();
    variants.sort_by_key(|v| (v.rates.peak, v.rates.average, &v.rendition.folder));
    let light_enough = variants
        .iter()
        .take_while(|v| v.rates.peak <= FIRST_VARIANT_BPS)
        .count();
    if light_enough > 0 {
        variants[..light_enough].rotate_right(1);
    }
    variants
}

fn stream_inf(
    text: &mut String,
    variant: &Variant<'_>,
    audio: Option<&AudioRendition>,
    has_subtitles: bool,
) {
    let rendition = variant.rendition;
    let sound_codec = audio.map_or(String::new(), |audio| format!(",{}", audio.codecs));
    let milliframes = (rendition.rate.rational() * Rational::integer(1000)).round();
    let _ = write!(
        text,
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}{sound_codec}\",\
         RESOLUTION={}x{},FRAME-RATE={}.{:03}",
        variant.rates.peak,
        variant.rates.average,
        rendition.codecs,
        rendition.size.width,
        rendition.size.height,
        milliframes / 1000,
        milliframes % 1000
    );
    if audio.is_some() {
        text.push_str(",AUDIO=\"audio\"");
    }
    if has_subtitles {
        text.push_str(",SUBTITLES=\"captions\"");
    }
    line(text, format_args!(",CLOSED-CAPTIONS=NONE"));
    line(text, format_args!("{}/playlist.m3u8", rendition.folder));
}

fn subtitle_media(text: &mut String, rendition: &SubtitleRendition) {
    let name = language_name(&rendition.language);
    let (suffix, characteristics) = if rendition.sdh {
        (
            " (SDH)",
            ",CHARACTERISTICS=\"public.accessibility.transcribes-spoken-dialog,\
             public.accessibility.describes-music-and-sound\"",
        )
    } else {
        ("", "")
    };
    line(
        text,
        format_args!(
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"{name}{suffix}\",\
             LANGUAGE=\"{}\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO{characteristics},\
             URI=\"{}/playlist.m3u8\"",
            rendition.language, rendition.folder
        ),
    );
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(content);
    text.push('\n');
}

/// What a language calls itself, for menus; the tag where we do not know.
pub fn language_name(language: &Language) -> String {
    let tag = language.as_str();
    let primary = tag.split('-').next().unwrap_or(tag);
    let name = match primary {
        "ar" => "العربية",
        "de" => "Deutsch",
        "en" => "English",
        "es" => "Español",
        "fr" => "Français",
        "it" => "Italiano",
        "nl" => "Nederlands",
        "pl" => "Polski",
        "pt" => "Português",
        "ro" => "Română",
        "ru" => "Русский",
        "tr" => "Türkçe",
        "uk" => "Українська",
        "fsl" => "Langue des signes française",
        _ => return tag.to_owned(),
    };
    if primary == tag {
        name.to_owned()
    } else {
        format!("{name} ({tag})")
    }
}

#[cfg(test)]
#[path = "playlist_tests.rs"]
mod tests;
