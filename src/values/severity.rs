//! How much each problem weighs, and the name by which scripts know it.

use crate::values::diagnostic::Problem;
use crate::values::facts::Oddity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing to do.
    Note,
    /// Built, but somebody should look.
    Warning,
    /// The capsule (or, without a capsule, the series) cannot be built.
    Error,
}

impl Problem {
    /// The kebab-case name that scripts see.
    pub fn id(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(map)) => map
                .get("problem")
                .and_then(|v| v.as_str())
                .unwrap_or("unnamed")
                .to_owned(),
            _ => "unnamed".to_owned(),
        }
    }

    pub fn severity(&self) -> Severity {
        use Problem::*;
        match self {
            // Nobody should find out from the published film.
            ClipOdd {
                oddity: Oddity::NoSound,
                ..
            } => Severity::Warning,
            FirstSheetRead { .. }
            | ClipOdd { .. }
            | ClipUnused { .. }
            | MoreClipsUnused { .. }
            | Outdated { .. } => Severity::Note,
            UnknownColumn { .. }
            | SpeakerDiffers { .. }
            | ChangesMissing { .. }
            | SpeakerCutAway { .. }
            | SpeakerTooBrief { .. }
            | BelowLadder { .. }
            | ClipDamaged { .. }
            | PictureBlack { .. }
            | PictureBlownOut { .. }
            | PictureCombed
            | SoundSilent
            | SoundInterrupted { .. }
            | SoundFaint { .. }
            | SideSilent { .. }
            | SidesCancel { .. }
            | SoundCutOff { .. }
            | OtherTrackLouder { .. }
            | KeptShort { .. }
            | QuestionUnread { .. }
            | PosterBlack { .. }
            | SoundSaturated { .. }
            | CaptionsWithoutCapsule { .. }
            | CaptionsMisnamed
            | CaptionsEmpty
            | FileIgnored { .. }
            | LinkOutside
            | CuesOutsideCut { .. }
            | TemplateTextStray { .. }
            | TemplateBoxUnknown { .. }
            | TemplateWithoutText { .. }
            | CardOutsideSafeArea { .. }
            | CardContrast { .. }
            | CardRuleUnused { .. }
            | CardBackgroundHidden { .. }
            | LoudnessOff { .. }
            | SandboxIncomplete { .. }
            | ProfileWithoutCaptions { .. }
            | CueTooLong { .. }
            | CueWordBroken { .. }
            | ProfileUnsupported { .. }
            | EmptyCatalogue
            | Withheld { .. } => Severity::Warning,
            // A sign that is left out takes no word from anybody.
            CaptionGlyphMissing { characters } if !characters.contains(char::is_alphanumeric) => {
                Severity::Warning
            }
            CaptionFault { fault } => fault.severity(),
            CueBreach { breach, .. } => breach.severity(),
            _ => Severity::Error,
        }
    }
}
