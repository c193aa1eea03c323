//! What a probe finds in clips, to be put into words.

use crate::values::facts::{EditFault, Oddity, ProbeFailure};
use crate::values::time::{FrameRate, Rational};

fn text() -> String {
    "x".to_owned()
}

fn half() -> Rational {
    Rational::new(161, 2).expect("a fraction")
}

pub(super) fn failures() -> Vec<ProbeFailure> {
    let half = half();
    vec![
        ProbeFailure::Empty,
        ProbeFailure::NotMedia { error: text() },
        ProbeFailure::Unfinished,
        ProbeFailure::NoPicture,
        ProbeFailure::UnsupportedCodec { codec: text() },
        ProbeFailure::UnsupportedCodec {
            codec: "none".into(),
        },
        ProbeFailure::Undecodable { error: text() },
        ProbeFailure::Truncated {
            promised: half,
            present: half,
        },
        ProbeFailure::ClockRestarts { after: half },
        ProbeFailure::Edits {
            found: EditFault::Gap,
        },
        ProbeFailure::Edits {
            found: EditFault::Speed,
        },
        ProbeFailure::Edits {
            found: EditFault::Fragments,
        },
        ProbeFailure::Edits {
            found: EditFault::Unreadable,
        },
        ProbeFailure::UnsupportedColour { matrix: text() },
        ProbeFailure::Hollow {
            bytes: 8_400_000_000_000,
            missing: 8_399_000_000_000,
        },
        ProbeFailure::BeyondLimits {
            what: "gap between pictures".to_owned(),
            found: 23 * 3600,
            limit: 600,
        },
        ProbeFailure::BeyondLimits {
            what: "pixels".into(),
            found: 256_000_000,
            limit: 67_108_864,
        },
        ProbeFailure::BeyondLimits {
            what: text(),
            found: 2,
            limit: 1,
        },
    ]
}

pub(super) fn oddities() -> Vec<Oddity> {
    let half = half();
    let rate = FrameRate::new(30000, 1001).expect("positive");
    vec![
        Oddity::Rotated {
            clockwise_degrees: 90,
            mirrored: true,
        },
        Oddity::Rotated {
            clockwise_degrees: 90,
            mirrored: false,
        },
        Oddity::VariableRate {
            lowest: rate,
            highest: rate,
        },
        Oddity::SlowRate {
            filmed: rate,
            published: rate,
        },
        Oddity::HighRate { filmed: rate },
        Oddity::Anamorphic {
            sample_aspect: half,
        },
        Oddity::Interlaced { top_first: true },
        Oddity::FullRange,
        Oddity::StandardDefinitionColour,
        Oddity::Hdr { transfer: text() },
        Oddity::UntaggedColour { read_as: text() },
        Oddity::NoSound,
        Oddity::Mono,
        Oddity::Surround { channels: 6 },
        Oddity::SoundOffset { seconds: half },
        Oddity::SoundOffset {
            seconds: Rational::ZERO - half,
        },
        Oddity::TracksLeftOut { count: 2 },
        Oddity::SeveralSoundTracks { count: 2, heard: 1 },
    ]
}
