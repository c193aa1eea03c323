//! Why a segment is stale: what its recipe says now against what it said when
//! it was last made.

use crate::plan::recipe::{Behind, Picture, SegmentRecipe};
use crate::plan::timeline::{Direction, Section};
use crate::values::digest::ArtDigest;
use serde::{Deserialize, Serialize};

/// Ordered by what is worth saying first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Never made before.
    New,
    /// Other bytes under the clip's name, or read otherwise.
    ClipChanged,
    /// A cut was moved, or a duration changed.
    CutMoved,
    /// What the card shows looks otherwise: its text, template, font or colour.
    CardChanged,
    /// The lower third looks otherwise, or comes at another time.
    LowerThirdChanged,
    /// A burnt-in caption has other words, or comes at another time.
    CaptionChanged,
    /// Size or settings of the rung.
    SettingsChanged,
    /// The sound is measured or encoded otherwise, or another part is heard.
    SoundChanged,
    /// This version of portevoix renders otherwise.
    RendererChanged,
    /// Made before, and missing or damaged in the store.
    Lost,
    /// Nothing changed but a library of the machine, and `--refresh` was asked.
    Outdated,
}

impl Reason {
    /// Compares what stands in a slot now with what stood there before.
    pub fn between(former: Option<&SegmentRecipe>, now: &SegmentRecipe) -> Reason {
        let Some(former) = former else {
            return Reason::New;
        };
        if former == now {
            return Reason::Lost;
        }
        if former.renderer != now.renderer {
            return Reason::RendererChanged;
        }
        if former.encoding != now.encoding || former.size != now.size {
            return Reason::SettingsChanged;
        }
        // A card that has film behind it now, and had none, shows no other clip.
        let readings = former.reading().zip(now.reading());
        if readings.is_some_and(|(former, now)| former != now) || former.rate != now.rate {
            return Reason::ClipChanged;
        }
        if former.footage().map(|f| f.1) != now.footage().map(|f| f.1)
            || former.frames() != now.frames()
        {
            return Reason::CutMoved;
        }
        if card(former) != card(now) {
            return Reason::CardChanged;
        }
        if former.overlays != now.overlays {
            return Reason::LowerThirdChanged;
        }
        if former.captions != now.captions {
            return Reason::CaptionChanged;
        }
        Reason::CutMoved
    }
}

/// The card, and what lies behind it; which frame of the film is the cut's.
fn card(shown: &SegmentRecipe) -> Option<(ArtDigest, Option<Option<ArtDigest>>)> {
    match &shown.picture {
        Picture::Card { art, behind, .. } | Picture::Fade { art, behind, .. } => {
            let behind = behind.as_ref().map(|behind| match behind {
                Behind::Picture { art } => Some(*art),
                Behind::Footage { .. } => None,
            });
            Some((*art, behind))
        }
        Picture::Footage { .. } => None,
    }
}

/// The place of a segment in a rendition that outlives a retitle or a moved
/// cut: which part of which card, which stretch of the clip's grid.
pub fn slot(section: Section, nth_of_card: usize, grid: u64) -> String {
    match section {
        Section::Card { card, .. } => format!("{} {nth_of_card}", card.name()),
        Section::Fade {
            card,
            direction: Direction::ToFootage | Direction::ToCard,
            ..
        } => {
            format!("{} transition", card.name())
        }
        Section::Footage { clip } => format!("footage {}", clip.start / grid.max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ladder::VideoEncoding;
    use crate::series::profile::VideoCodec;
    use crate::values::digest::Digest;
    use crate::values::geometry::Size;
    use crate::values::time::FrameRate;

    #[test]
    fn the_first_difference_that_matters_is_named() {
        let rate = FrameRate::new(25, 1).expect("positive");
        let recipe = |text: &[u8], frames, crf| SegmentRecipe {
            renderer: 1,
            picture: Picture::Card {
                art: ArtDigest(Digest::of(text)),
                behind: None,
                frames,
            },
            overlays: vec![],
            captions: vec![],
            size: Size {
                width: 640,
                height: 360,
            },
            rate,
            encoding: VideoEncoding {
                codec: VideoCodec::H264,
                preset: "medium".into(),
                crf,
                max_kbps: None,
                gop: 50,
                level: 30,
            },
        };
        let now = recipe(b"new words", 100, 23);
        assert_eq!(Reason::between(None, &now), Reason::New);
        assert_eq!(Reason::between(Some(&now), &now), Reason::Lost);
        assert_eq!(
            Reason::between(Some(&recipe(b"old words", 100, 23)), &now),
            Reason::CardChanged
        );
        assert_eq!(
            Reason::between(Some(&recipe(b"new words", 90, 23)), &now),
            Reason::CutMoved
        );
        assert_eq!(
            Reason::between(Some(&recipe(b"old words", 90, 20)), &now),
            Reason::SettingsChanged
        );
    }
}
