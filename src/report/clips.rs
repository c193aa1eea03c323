//! What a clip is, in one line, for whoever brought it.

use crate::pipeline::ClipSeen;
use crate::report::words::{self, Lang};
use crate::values::examination::SoundHeard;
use crate::values::facts::{AudioFacts, FieldOrder, VideoFacts};
use crate::values::time::Rational;

/// "jpp-12: 1:20 (0:45 kept), 1920×1080, 25 fps, H.264, BT.709, stereo sound
/// (AAC, 48 kHz), −23.1 LUFS, footage/jpp-12.mp4".
pub fn line(seen: &ClipSeen, lang: Lang) -> String {
    let colon = match lang {
        Lang::French => "\u{a0}:",
        Lang::English => ":",
    };
    format!(
        "{}{colon} {}, {}",
        seen.capsule,
        description(seen, lang),
        seen.path.display()
    )
}

/// The same without id and path.
pub fn description(seen: &ClipSeen, lang: Lang) -> String {
    let facts = &seen.facts;
    let examined = seen.kept.as_ref();
    let whole = facts.duration();
    let mut parts = vec![match examined {
        Some((kept, _)) if *kept < whole => match lang {
            Lang::French => format!("{} (dont {} gardées)", time(whole, lang), time(*kept, lang)),
            Lang::English => format!("{} ({} kept)", time(whole, lang), time(*kept, lang)),
        },
        _ => time(whole, lang),
    }];
    parts.extend(picture(&facts.video, lang));
    let heard = examined.and_then(|(_, found)| found.sound.as_ref());
    parts.extend(sound(facts.audio.as_ref(), heard, lang));
    parts.join(", ")
}

fn pick<'a>(lang: Lang, french: &'a str, english: &'a str) -> &'a str {
    match lang {
        Lang::French => french,
        Lang::English => english,
    }
}

fn decimal_mark(lang: Lang) -> char {
    match lang {
        Lang::French => ',',
        Lang::English => '.',
    }
}

fn time(seconds: Rational, lang: Lang) -> String {
    words::clock(seconds, decimal_mark(lang))
}

fn picture(video: &VideoFacts, lang: Lang) -> Vec<String> {
    let size = video.display();
    let rate = video.rate.display();
    let mut codec = codec(&video.codec, lang).to_owned();
    if video.bit_depth > 8 {
        codec += &format!(" {}\u{a0}bits", video.bit_depth);
    }
    if video.field_order != FieldOrder::Progressive {
        codec += pick(lang, " entrelacé", " interlaced");
    }
    vec![
        format!("{}×{}", size.width, size.height),
        match lang {
            Lang::French => format!("{} images/s", rate.replace('.', ",")),
            Lang::English => format!("{rate} fps"),
        },
        codec,
        colour(video, lang),
    ]
}

fn colour(video: &VideoFacts, lang: Lang) -> String {
    let colour = &video.colour;
    match (colour.transfer.as_deref(), colour.matrix.as_deref()) {
        (Some("smpte2084"), _) => "HDR (PQ)".to_owned(),
        (Some("arib-std-b67"), _) => "HDR (HLG)".to_owned(),
        (_, Some("bt709")) => "BT.709".to_owned(),
        (_, Some("smpte170m" | "bt470bg")) => "BT.601".to_owned(),
        (_, Some("bt2020nc" | "bt2020c")) => "BT.2020".to_owned(),
        (_, Some("gbr")) => pick(lang, "RVB", "RGB").to_owned(),
        (_, Some(other)) => other.to_owned(),
        (_, None) => pick(lang, "couleurs non précisées", "colours not specified").to_owned(),
    }
}

fn sound(audio: Option<&AudioFacts>, heard: Option<&SoundHeard>, lang: Lang) -> Vec<String> {
    let Some(audio) = audio else {
        return vec![pick(lang, "sans son", "no sound").to_owned()];
    };
    let channels = match (audio.channels, lang) {
        (1, _) => "mono".to_owned(),
        (2, Lang::French) => "stéréo".to_owned(),
        (2, Lang::English) => "stereo".to_owned(),
        // "5.1(side)" is 5.1 to everybody.
        (n, _) => match audio.layout.split('(').next() {
            Some(name) if name.contains('.') => name.to_owned(),
            _ => format!("{n}\u{a0}{}", pick(lang, "canaux", "channels")),
        },
    };
    let hertz = i64::from(audio.sample_rate);
    let kilohertz = match hertz % 1000 {
        0 => format!("{}", hertz / 1000),
        rest => format!(
            "{}{}{}",
            hertz / 1000,
            decimal_mark(lang),
            format!("{rest:03}").trim_end_matches('0')
        ),
    };
    let coding = format!("{}, {kilohertz}\u{a0}kHz", codec(&audio.codec, lang));
    let mut parts = vec![match lang {
        Lang::French => format!("son {channels} ({coding})"),
        Lang::English => format!("{channels} sound ({coding})"),
    }];
    parts.extend(heard.map(|heard| match heard.level {
        Some(level) => format!(
            "{}\u{a0}LUFS",
            words::hundredths(level.integrated, decimal_mark(lang))
        ),
        None => pick(lang, "rien d’audible", "nothing audible").to_owned(),
    }));
    parts
}

/// A codec as its makers write it.
fn codec(name: &str, lang: Lang) -> &str {
    match name {
        "h264" => "H.264",
        "hevc" => "HEVC",
        "mpeg2video" => "MPEG-2",
        "mpeg1video" => "MPEG-1",
        "mpeg4" => "MPEG-4",
        "prores" => "ProRes",
        "dnxhd" => "DNxHD",
        "mjpeg" => "MJPEG",
        "dvvideo" => "DV",
        "vp8" => "VP8",
        "vp9" => "VP9",
        "av1" => "AV1",
        "ffv1" => "FFV1",
        "theora" => "Theora",
        "aac" | "aac_latm" => "AAC",
        "mp3" => "MP3",
        "mp2" => "MP2",
        "ac3" => "AC-3",
        "eac3" => "E-AC-3",
        "opus" => "Opus",
        "vorbis" => "Vorbis",
        "flac" => "FLAC",
        "alac" => "ALAC",
        "amr_nb" | "amr_wb" => "AMR",
        "png" => "PNG",
        "rawvideo" | "v210" => pick(lang, "image non compressée", "uncompressed pictures"),
        "h263" | "flv1" => "H.263",
        "wmv1" | "wmv2" | "wmv3" => "WMV",
        "wmav1" | "wmav2" => "WMA",
        "huffyuv" => "HuffYUV",
        "utvideo" => "Ut Video",
        "qtrle" => "Animation QuickTime",
        "none" => pick(lang, "format inconnu", "unknown format"),
        other if other.starts_with("pcm_") => "PCM",
        other if other.starts_with("adpcm_") => "ADPCM",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::examination::{Examination, Level, PictureSeen};
    use crate::values::facts::{Colour, SourceFacts};
    use crate::values::geometry::{Orientation, Size};
    use crate::values::ids::Id;
    use crate::values::time::FrameRate;

    fn seen() -> ClipSeen {
        let video = VideoFacts {
            stream: 0,
            codec: "hevc".into(),
            coded: Size {
                width: 1920,
                height: 1080,
            },
            sample_aspect: Rational::integer(1),
            orientation: Orientation {
                mirrored: false,
                clockwise_quarters: 1,
            },
            rate: FrameRate::new(30_000, 1001).expect("positive"),
            variable_rate: false,
            frames: 2400,
            start: Rational::ZERO,
            decoder_delay: Rational::ZERO,
            pixel_format: "yuv420p10le".into(),
            bit_depth: 10,
            colour: Colour {
                matrix: Some("bt2020nc".into()),
                primaries: Some("bt2020".into()),
                transfer: Some("arib-std-b67".into()),
                full_range: false,
                chroma_location: None,
                peak_nits: None,
            },
            field_order: FieldOrder::Progressive,
        };
        let audio = AudioFacts {
            stream: 1,
            codec: "aac".into(),
            channels: 2,
            layout: "stereo".into(),
            sample_rate: 44_100,
            start: Rational::ZERO,
            duration: Rational::integer(80),
        };
        let sound = SoundHeard {
            level: Some(Level {
                integrated: -2314,
                true_peak: -310,
            }),
            silent: Vec::new(),
            dead_side: None,
            cancelled: None,
            louder: None,
            lost_ms: 0,
            saturated_seconds: 0,
            damaged: 0,
        };
        let found = Examination {
            picture: PictureSeen::default(),
            sound: Some(sound),
        };
        ClipSeen {
            capsule: Id::new("jpp-12").expect("an id"),
            path: "footage/jour 2/c12.mov".into(),
            facts: SourceFacts {
                container: "mov".into(),
                clock_zero: Rational::ZERO,
                timecode: None,
                video,
                audio: Some(audio),
                oddities: Vec::new(),
            },
            kept: Some((Rational::integer(45), found)),
        }
    }

    #[test]
    fn a_phone_clip_is_described_as_one_would() {
        assert_eq!(
            line(&seen(), Lang::French),
            "jpp-12\u{a0}: 1:20,08 (dont 0:45 gardées), 1080×1920, 29,97 images/s, HEVC 10\u{a0}bits, \
             HDR (HLG), son stéréo (AAC, 44,1\u{a0}kHz), −23,1\u{a0}LUFS, footage/jour 2/c12.mov"
        );
        assert_eq!(
            line(&seen(), Lang::English),
            "jpp-12: 1:20.08 (0:45 kept), 1080×1920, 29.97 fps, HEVC 10\u{a0}bits, HDR (HLG), \
             stereo sound (AAC, 44.1\u{a0}kHz), −23.1\u{a0}LUFS, footage/jour 2/c12.mov"
        );
    }

    #[test]
    fn no_codec_is_called_as_the_library_does() {
        let mut odd = seen();
        odd.facts.video.codec = "wmv2".into();
        odd.facts.video.bit_depth = 8;
        if let Some(audio) = odd.facts.audio.as_mut() {
            audio.codec = "wmav2".into();
        }
        let said = description(&odd, Lang::French);
        assert!(said.contains("images/s, WMV, HDR"), "{said}");
        assert!(said.contains("(WMA, 44,1"), "{said}");
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut bare = seen();
        bare.facts.audio = None;
        bare.kept = None;
        bare.facts.video.colour.transfer = None;
        bare.facts.video.colour.matrix = None;
        assert_eq!(
            description(&bare, Lang::French),
            "1:20,08, 1080×1920, 29,97 images/s, HEVC 10\u{a0}bits, couleurs non précisées, sans son"
        );
    }
}
