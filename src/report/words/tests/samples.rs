//! Problems of every kind, to be put into words.

use super::clip_samples::{failures, oddities};
use crate::values::audience::Audience;
use crate::values::captions::{Breach, CaptionFault, TypographySlip};
use crate::values::diagnostic::{
    DrawingLimit, Expected, Problem, Protection, SandboxPiece, WorkerLimit,
};
use crate::values::examination::{StereoSide, Stretch};
use crate::values::geometry::Size;
use crate::values::ids::Id;
use crate::values::time::{Rational, WrittenTime};

/// One of each kind, several where their words differ.
pub(super) fn samples() -> Vec<Problem> {
    let text = || "x".to_owned();
    let near = || Some("y".to_owned());
    let half = Rational::new(161, 2).expect("a fraction");
    let stretches = |count: i64| {
        let one = |n| Stretch {
            start: Rational::integer(20 * n),
            end: Rational::integer(20 * n + 5),
        };
        (1..=count).map(one).collect::<Vec<_>>()
    };
    let (failures, oddities) = (failures(), oddities());
    let expected = [
        Expected::Text,
        Expected::Integer { from: 1, to: 2 },
        Expected::Decimal { from: 1, to: 2 },
        Expected::Boolean,
        Expected::List,
        Expected::Table,
        Expected::OneOf {
            values: vec![text(), text()],
        },
        Expected::CharterSound,
        Expected::Id,
        Expected::Language,
        Expected::Date,
        Expected::Url,
        Expected::Colour,
        Expected::Duration { from: 1, to: 2 },
    ];
    let protections = [
        Protection::ConsentRequired,
        Protection::ConsentFile { path: text() },
        Protection::Withdrawals,
        Protection::Masks,
        Protection::Column { header: text() },
    ];
    let written = WrittenTime {
        seconds: half,
        frames: 0,
        text: text(),
    };
    let ids = || vec![Id::new("a").expect("an id"), Id::new("b").expect("an id")];
    let one = || vec![Id::new("a").expect("an id")];
    let slip = |slip| CaptionFault::Typography {
        slip,
        count: 2,
        found: text(),
        better: text(),
    };
    let faults = [
        CaptionFault::NotCaptions,
        CaptionFault::EncodingDoubtful,
        CaptionFault::EncodingGuessed,
        CaptionFault::CharactersReplaced { count: 1 },
        CaptionFault::CharactersReplaced { count: 2 },
        CaptionFault::BadTiming { found: text() },
        CaptionFault::EndBeforeStart { found: text() },
        CaptionFault::EmptyCue,
        CaptionFault::TextOutsideCue { text: text() },
        CaptionFault::LooseTime { found: text() },
        CaptionFault::MissingBlankLine,
        CaptionFault::BlankLineInCue,
        CaptionFault::TagDropped {
            tag: text(),
            count: 2,
        },
        CaptionFault::SettingDropped { setting: text() },
        CaptionFault::OutOfOrder,
        CaptionFault::ClockMoved {
            by: Rational::integer(3600),
        },
        CaptionFault::OutlastsFilm {
            count: 1,
            end: Rational::integer(90),
        },
        CaptionFault::OutlastsFilm {
            count: 2,
            end: Rational::integer(90),
        },
        slip(TypographySlip::Ellipsis),
        slip(TypographySlip::FrenchSpaces),
        slip(TypographySlip::Guillemets),
    ];
    let mends = [(None, None), (Some(half), Some(vec![text(), text()]))];
    let breaches = mends.into_iter().flat_map(|(end, lines)| {
        [
            Breach::TooFast {
                characters: 40,
                room: 24,
                end,
            },
            Breach::LineTooLong {
                characters: 50,
                room: 42,
                lines: lines.clone(),
            },
            Breach::TooManyLines {
                count: 3,
                room: 2,
                lines,
            },
            Breach::Unbalanced {
                lines: vec![text()],
            },
            Breach::NoDash {
                lines: vec![text()],
            },
            Breach::TooShort {
                duration: half,
                least: half,
                end,
            },
            Breach::TooLong {
                duration: half,
                most: half,
                end: half,
            },
            Breach::GapTooSmall {
                gap: half,
                least: half,
                end: half,
            },
            Breach::Overlap { by: half, end },
        ]
    });
    let limits = [
        DrawingLimit::Bytes,
        DrawingLimit::Depth,
        DrawingLimit::Elements,
        DrawingLimit::ElementsDrawn,
        DrawingLimit::Boxes,
        DrawingLimit::StyleBytes,
        DrawingLimit::FilterEffects,
        DrawingLimit::FilterKind,
        DrawingLimit::FilterRadius,
        DrawingLimit::PicturePixels,
        DrawingLimit::Reach,
        DrawingLimit::FramePixels,
    ];
    let mut all = vec![
        Problem::SeriesFileMissing,
        Problem::FileUnreadable { error: text() },
        Problem::NotUtf8,
        Problem::FileIgnored {
            known: vec![text(), text()],
        },
        Problem::TomlSyntax { error: text() },
        Problem::TomlSyntax {
            error: "duplicate key".into(),
        },
        Problem::CatalogueMissing,
        Problem::CatalogueUnreadable { error: text() },
        Problem::CatalogueNotText,
        Problem::QuoteNeverClosed,
        Problem::MissingColumn { column: text() },
        Problem::DuplicateColumn { column: text() },
        Problem::CellsBeyondHeaders {
            found: vec!["0:16-0:20".into()],
        },
        Problem::CellsBeyondHeaders { found: Vec::new() },
        Problem::EmptyCatalogue,
        Problem::EmptyCell { column: text() },
        Problem::FailedFormula { found: text() },
        Problem::BadId {
            found: text(),
            suggestion: near(),
        },
        Problem::BadId {
            found: text(),
            suggestion: None,
        },
        Problem::TextTurnedDate { found: text() },
        Problem::DuplicateId {
            id: Id::new("a").expect("an id"),
            first_row: 2,
        },
        Problem::BadTime { found: text() },
        Problem::OverlappingRanges {
            first: text(),
            second: text(),
        },
        Problem::PosterCutAway { time: text() },
        Problem::BadDate { found: text() },
        Problem::BadLanguage { found: text() },
        Problem::UnknownProfile {
            found: text(),
            suggestion: None,
            known: vec![text(), text()],
        },
        Problem::UnknownCapsule {
            id: text(),
            suggestion: None,
        },
        Problem::ClipUnused { path: text() },
        Problem::MoreClipsUnused { count: 1 },
        Problem::MoreClipsUnused { count: 25 },
        Problem::ClipOutsideFootage { path: text() },
        Problem::ClipNotAFile { path: text() },
        Problem::ClipTooSmall {
            width: 1,
            height: 2,
        },
        Problem::ClipDamaged {
            picture: 3,
            sound: 1,
        },
        Problem::ClipDamaged {
            picture: 0,
            sound: 1,
        },
        Problem::ClipDamaged {
            picture: 1,
            sound: 0,
        },
        Problem::PictureBlack {
            stretches: stretches(1),
            throughout: false,
        },
        Problem::PictureBlack {
            stretches: stretches(4),
            throughout: false,
        },
        Problem::PictureBlack {
            stretches: stretches(1),
            throughout: true,
        },
        Problem::PictureBlownOut {
            stretches: stretches(5),
        },
        Problem::PictureCombed,
        Problem::SoundSilent,
        Problem::SoundInterrupted {
            stretches: stretches(2),
        },
        Problem::SoundFaint {
            measured: -4520,
            lift: 2920,
        },
        Problem::SoundFaint {
            measured: -6320,
            lift: 0,
        },
        Problem::SideSilent {
            side: StereoSide::Left,
        },
        Problem::SideSilent {
            side: StereoSide::Right,
        },
        Problem::SidesCancel {
            heard: StereoSide::Left,
        },
        Problem::SidesCancel {
            heard: StereoSide::Right,
        },
        Problem::OtherTrackLouder {
            track: 2,
            measured: -2040,
        },
        Problem::SoundCutOff {
            milliseconds: 18_040,
        },
        Problem::KeptShort { milliseconds: 240 },
        Problem::QuestionUnread {
            characters: 180,
            milliseconds: 4000,
        },
        Problem::PosterBlack {
            time: "0:10".into(),
        },
        Problem::BeforePicture {
            time: "0:01".into(),
            begins: Rational::integer(2),
        },
        Problem::SoundSaturated { seconds: 12 },
        Problem::BelowLadder {
            short_side: 1,
            lowest: 2,
        },
        Problem::EmptyLadder,
        Problem::ProgressiveWithoutRung {
            height: 1,
            heights: vec![2],
            hls: false,
        },
        Problem::TemplateMissing {
            card: "opening".into(),
        },
        Problem::TemplateMissing {
            card: "lower-third".into(),
        },
        Problem::TemplateBroken { error: text() },
        Problem::TemplateColourUnknown {
            colour: text(),
            suggestion: near(),
        },
        Problem::TemplateColourUnknown {
            colour: text(),
            suggestion: None,
        },
        Problem::TemplateFontUnknown {
            family: text(),
            suggestion: near(),
        },
        Problem::TemplateFontUnknown {
            family: text(),
            suggestion: None,
        },
        Problem::CharterFontUnknown {
            family: text(),
            suggestion: Some(text()),
        },
        Problem::CharterFontUnknown {
            family: text(),
            suggestion: None,
        },
        Problem::TemplateBoxUnknown {
            name: "texte:thème".into(),
            suggestion: "text:thème".into(),
        },
        Problem::TemplateBoxEmpty {
            field: "title".into(),
        },
        Problem::TemplateTextStray { text: text() },
        Problem::TemplateDoctype,
        Problem::TemplateReferenceOutside { reference: text() },
        Problem::LogoUnusable {
            number: 1,
            error: text(),
        },
        Problem::FontUnusable {
            path: text(),
            error: text(),
        },
        Problem::CardFieldUnknown {
            card: "opening".into(),
            field: text(),
            suggestion: near(),
        },
        Problem::CaptionsUnreadable { error: text() },
        Problem::CaptionsWithoutCapsule { suggestion: None },
        Problem::CaptionsMisnamed,
        Problem::CaptionsTwice { other: text() },
        Problem::CaptionsEmpty,
        Problem::ProfileWithoutCaptions {
            profile: text(),
            file: "subtitles/a.fr.srt".into(),
        },
        Problem::CaptionGlyphMissing {
            characters: "ع".into(),
        },
        Problem::CaptionGlyphMissing {
            characters: "عربيةمح".into(),
        },
        Problem::CaptionGlyphMissing {
            characters: "☎".into(),
        },
        Problem::CaptionGlyphMissing {
            characters: "☎☂".into(),
        },
        Problem::CueTooLong {
            characters: 400,
            sizes: vec![Size {
                width: 360,
                height: 640,
            }],
        },
        Problem::CueWordBroken {
            word: text(),
            sizes: vec![Size {
                width: 360,
                height: 360,
            }],
        },
        Problem::WorkerDied {
            signal: Some(9),
            code: None,
            last_log: text(),
        },
        Problem::WorkerDied {
            signal: Some(64),
            code: None,
            last_log: text(),
        },
        Problem::WorkerDied {
            signal: None,
            code: Some(1),
            last_log: text(),
        },
        Problem::WorkerDied {
            signal: None,
            code: None,
            last_log: text(),
        },
        Problem::SeriesFolderMissing { path: "jpp".into() },
        Problem::FolderNotEmpty { path: "jpp".into() },
        Problem::PruneShared,
        Problem::ClipChanged {
            path: "footage/a.mov".into(),
        },
        Problem::UnknownSchema {
            name: "film".into(),
        },
        Problem::UnknownRung {
            found: 700,
            known: vec!["720".into(), "360".into()],
        },
        Problem::TimeBeyondCapsule {
            time: "3:00".into(),
            end: "0:24".into(),
        },
        Problem::StoreDamaged { objects: 2 },
        Problem::WorkerTimedOut {
            seconds: 60,
            last_log: text(),
        },
        Problem::WorkerBlocked {
            call: "connect".into(),
        },
        Problem::WorkerOverLimit {
            limit: WorkerLimit::Memory { bytes: 4 << 30 },
            last_log: text(),
        },
        Problem::WorkerOverLimit {
            limit: WorkerLimit::FileSize { bytes: 32 << 30 },
            last_log: text(),
        },
        Problem::SandboxIncomplete {
            missing: vec![
                SandboxPiece::Files,
                SandboxPiece::Calls,
                SandboxPiece::Limits,
            ],
        },
        Problem::ProfileNotAsked {
            profiles: vec![text()],
            asked: vec![text()],
        },
        Problem::ProfileNotAsked {
            profiles: vec![text(), text()],
            asked: vec![text(), text()],
        },
        Problem::LoudnessOff {
            target: text(),
            reached: text(),
        },
        Problem::ProfileUnsupported {
            profile: text(),
            what: text(),
        },
        Problem::Withheld {
            audience: Audience::Group,
            reason: text(),
        },
        Problem::Vanished { ids: one() },
        Problem::PermissionDenied { path: text() },
        Problem::IoFailed {
            path: text(),
            error: text(),
        },
        Problem::LockHeld { by: text() },
        Problem::Interrupted,
        Problem::TreeFilmBroken {
            path: text(),
            readable: 0,
            expected: 30,
        },
        Problem::TreeFilmBroken {
            path: text(),
            readable: 20,
            expected: 30,
        },
        Problem::NotAPublication { path: text() },
        Problem::TreeFileMissing { path: text() },
        Problem::TreeFileForeign { path: text() },
        Problem::TreeFileChanged { path: text() },
        Problem::TreeManifestInvalid { error: text() },
        Problem::LinkOutside,
        Problem::UnknownKey {
            key: text(),
            suggestion: near(),
        },
        Problem::MissingKey {
            key: "consent".into(),
        },
        Problem::SeveralCatalogues {
            files: vec![text(), text()],
        },
        Problem::FirstSheetRead {
            sheet: text(),
            others: 2,
        },
        Problem::UnknownColumn {
            header: text(),
            suggestion: None,
        },
        Problem::UnknownColumn {
            header: text(),
            suggestion: near(),
        },
        Problem::BadRange { found: text() },
        Problem::CutTwice,
        Problem::OutBeforeIn {
            start: text(),
            end: text(),
        },
        Problem::TimeBeyondClip {
            time: written.clone(),
            duration: half,
            meant: Some(half),
        },
        Problem::TimeBeyondClip {
            time: written,
            duration: half,
            meant: None,
        },
        Problem::BadStatus {
            found: text(),
            suggestion: None,
        },
        Problem::BadAudience {
            found: text(),
            suggestion: near(),
        },
        Problem::SpeakerDiffers {
            speaker: text(),
            column: "role".into(),
            values: vec![text(), text()],
        },
        Problem::SpeakersCount {
            column: "role".into(),
            found: 3,
            speakers: 2,
        },
        Problem::ChangesMissing { speakers: 2 },
        Problem::ChangesCount {
            found: 1,
            speakers: 3,
        },
        Problem::ChangesCount {
            found: 1,
            speakers: 0,
        },
        Problem::ChangesUnsorted {
            first: text(),
            second: text(),
        },
        Problem::SpeakerCutAway { speaker: text() },
        Problem::SpeakerTooBrief { speaker: text() },
        Problem::Vanished { ids: ids() },
        Problem::ClipMissing {
            wanted: text(),
            suggestion: near(),
        },
        Problem::ClipAmbiguous {
            candidates: vec![text(), text()],
        },
        Problem::LadderOrder { above: 1, below: 2 },
        Problem::ProgressiveWithoutRung {
            height: 1,
            heights: vec![2],
            hls: true,
        },
        Problem::FadeTooLong {
            key: text(),
            room_ms: 500,
        },
        Problem::CardOverflow {
            card: "opening".into(),
            column: "title".into(),
            characters: 131,
            room: 95,
        },
        Problem::BackgroundUnusable { error: text() },
        Problem::PortraitUnusable { error: text() },
        Problem::SoundUnusable { error: text() },
        Problem::TemplateWithoutText {
            card: "opening".into(),
        },
        Problem::TemplateIdTwice { id: text() },
        Problem::QrTooLong {
            card: "end".into(),
            column: "contact".into(),
            bytes: 4000,
        },
        Problem::CardOutsideSafeArea {
            card: "lower-third".into(),
            column: "speaker".into(),
        },
        Problem::CardContrast {
            card: "opening".into(),
            column: "title".into(),
            hundredths: 215,
            needed_hundredths: 450,
            over_footage: false,
        },
        Problem::CardContrast {
            card: "lower-third".into(),
            column: "role".into(),
            hundredths: 100,
            needed_hundredths: 300,
            over_footage: true,
        },
        Problem::CardRuleUnused {
            card: "end".into(),
            column: "title".into(),
            boxes: vec!["publisher".into(), "contact".into()],
        },
        Problem::CardRuleUnused {
            card: "end".into(),
            column: "title".into(),
            boxes: vec![],
        },
        Problem::CardBackgroundHidden {
            card: "opening".into(),
        },
        Problem::MissingGlyph {
            card: "end".into(),
            column: "contact".into(),
            character: '☎',
        },
        Problem::CaptionsWithoutCapsule { suggestion: near() },
        Problem::CuesOutsideCut { count: 2 },
        Problem::VerifyFailed {
            file: text(),
            what: text(),
            expected: text(),
            found: text(),
        },
        Problem::MediaFailed {
            operation: text(),
            error: text(),
            last_log: text(),
        },
        Problem::Outdated { segments: 2 },
        Problem::DiskFull { path: text() },
        Problem::TreeRuleBroken {
            path: text(),
            rule: text(),
        },
        Problem::TreePrivacy {
            path: text(),
            what: text(),
        },
    ];
    all.extend(failures.into_iter().map(|failure| Problem::ClipUnusable {
        path: text(),
        failure,
    }));
    all.extend(oddities.into_iter().map(|oddity| Problem::ClipOdd {
        path: text(),
        oddity,
    }));
    all.extend(expected.map(|expected| Problem::BadValue {
        key: text(),
        found: text(),
        expected,
        suggestion: near(),
    }));
    all.extend(faults.map(|fault| Problem::CaptionFault { fault }));
    all.extend(breaches.map(|breach| Problem::CueBreach {
        start: half,
        breach,
    }));
    all.extend(limits.map(|limit| Problem::TemplateBeyondLimit {
        limit,
        found: 2,
        allowed: 1,
    }));
    all.extend(protections.map(|what| Problem::ProtectionNotObeyed { what }));
    all
}
