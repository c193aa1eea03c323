//! Diagnostics are values: what is wrong, how bad, and where. Words are made
//! of them in `report/` only, in French or English.
//!
//! A new mistake gets a variant here, with the facts that its sentence needs,
//! and a sentence per language in `report/words`.

pub use crate::values::terms::{DrawingLimit, Expected, Protection, SandboxPiece, WorkerLimit};

use crate::values::audience::Audience;
use crate::values::captions::{Breach, CaptionFault};
use crate::values::examination::{StereoSide, Stretch};
use crate::values::facts::{Oddity, ProbeFailure};
use crate::values::geometry::Size;
use crate::values::ids::Id;
pub use crate::values::severity::Severity;
use crate::values::time::{Rational, WrittenTime};
use serde::{Deserialize, Serialize};

/// One finding. Diagnostics are collected, never thrown: every mistake of a
/// series is reported in one run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Diagnostic {
    pub problem: Problem,
    pub place: Place,
    /// The capsule that is affected, when one is.
    pub capsule: Option<Id>,
}

impl Diagnostic {
    pub fn new(problem: Problem, place: Place) -> Diagnostic {
        Diagnostic {
            problem,
            place,
            capsule: None,
        }
    }

    pub fn of_capsule(problem: Problem, place: Place, capsule: &Id) -> Diagnostic {
        Diagnostic {
            problem,
            place,
            capsule: Some(capsule.clone()),
        }
    }

    pub fn severity(&self) -> Severity {
        self.problem.severity()
    }
}

/// Where to look. Paths are relative to the series folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "lowercase")]
pub enum Place {
    Series,
    File {
        path: String,
    },
    /// Lines and columns count from 1.
    Text {
        path: String,
        line: usize,
        column: usize,
    },
    /// Rows count from 1 as a spreadsheet shows them; `column` is the
    /// spreadsheet's letter and `header` what stands at its top.
    Cell {
        path: String,
        row: usize,
        column: String,
        header: String,
    },
    /// A whole row of the catalogue.
    Row {
        path: String,
        row: usize,
    },
    /// A moment of the film, in seconds of the clip.
    Moment {
        capsule: Id,
        seconds: Rational,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum Problem {
    // -- files of the series ------------------------------------------------
    SeriesFileMissing,
    FileUnreadable {
        error: String,
    },
    /// A text file of the series that is not UTF-8.
    NotUtf8,
    /// A file that lies where files of another kind are read.
    FileIgnored {
        known: Vec<String>,
    },
    /// A link in `publish-extra/` to a place outside it, or a pipe.
    LinkOutside,
    TomlSyntax {
        error: String,
    },
    UnknownKey {
        key: String,
        suggestion: Option<String>,
    },
    MissingKey {
        key: String,
    },
    /// A value of the wrong kind or outside what is allowed.
    BadValue {
        key: String,
        found: String,
        expected: Expected,
        suggestion: Option<String>,
    },

    // -- catalogue ------------------------------------------------------------
    CatalogueMissing,
    SeveralCatalogues {
        files: Vec<String>,
    },
    CatalogueUnreadable {
        error: String,
    },
    /// No CSV at all: a workbook that was renamed, for example.
    CatalogueNotText,
    /// In CSV, a quote that swallows the rest of the file.
    QuoteNeverClosed,
    /// The spreadsheet has several sheets; the first was read.
    FirstSheetRead {
        sheet: String,
        others: usize,
    },
    MissingColumn {
        column: String,
    },
    DuplicateColumn {
        column: String,
    },
    UnknownColumn {
        header: String,
        suggestion: Option<String>,
    },
    /// Cells to the right of the last header, in CSV: an unquoted separator
    /// has cut a text in two.
    CellsBeyondHeaders {
        found: Vec<String>,
    },
    EmptyCatalogue,
    EmptyCell {
        column: String,
    },
    /// A formula whose result is an error (`#N/A`).
    FailedFormula {
        found: String,
    },
    BadId {
        found: String,
        suggestion: Option<String>,
    },
    /// An id that the spreadsheet took for a date or a time.
    TextTurnedDate {
        found: String,
    },
    DuplicateId {
        id: Id,
        first_row: usize,
    },
    BadTime {
        found: String,
    },
    BadRange {
        found: String,
    },
    /// `keep` beside `in` or `out`.
    CutTwice,
    OutBeforeIn {
        start: String,
        end: String,
    },
    /// A time that the clip does not reach.
    TimeBeyondClip {
        time: WrittenTime,
        duration: Rational,
        meant: Option<Rational>,
    },
    // -- the command line ---------------------------------------------------
    SeriesFolderMissing {
        path: String,
    },
    FolderNotEmpty {
        path: String,
    },
    /// A store that several series may share is not pruned by one of them.
    PruneShared,
    /// The clip was replaced, or was still being copied, while it was read.
    ClipChanged {
        path: String,
    },
    UnknownSchema {
        name: String,
    },
    UnknownRung {
        found: u32,
        known: Vec<String>,
    },
    /// A time that the published capsule does not reach.
    TimeBeyondCapsule {
        time: String,
        end: String,
    },
    /// The poster's time is not among what is kept.
    PosterCutAway {
        time: String,
    },
    OverlappingRanges {
        first: String,
        second: String,
    },
    BadDate {
        found: String,
    },
    BadAudience {
        found: String,
        suggestion: Option<String>,
    },
    BadStatus {
        found: String,
        suggestion: Option<String>,
    },
    BadLanguage {
        found: String,
    },
    UnknownProfile {
        found: String,
        suggestion: Option<String>,
        known: Vec<String>,
    },
    /// A profile of the command line that no capsule named there asks for.
    ProfileNotAsked {
        profiles: Vec<String>,
        asked: Vec<String>,
    },
    /// One speaker whose role or structure differs between rows.
    SpeakerDiffers {
        speaker: String,
        column: String,
        values: Vec<String>,
    },
    /// A list of roles or structures that is neither one for all nor one for
    /// each speaker.
    SpeakersCount {
        column: String,
        found: usize,
        speakers: usize,
    },
    /// Several names, and no times at which they begin to speak.
    ChangesMissing {
        speakers: usize,
    },
    /// Not as many times as speakers, nor one fewer.
    ChangesCount {
        found: usize,
        speakers: usize,
    },
    /// Speakers' times of which one is not after the one before it.
    ChangesUnsorted {
        first: String,
        second: String,
    },
    /// Nothing is kept of what somebody says.
    SpeakerCutAway {
        speaker: String,
    },
    /// Somebody who speaks too briefly to be named.
    SpeakerTooBrief {
        speaker: String,
    },
    /// In the status column or by id, a capsule named on the command line.
    UnknownCapsule {
        id: String,
        suggestion: Option<String>,
    },
    /// Published before, and in no row any more.
    Vanished {
        ids: Vec<Id>,
    },

    // -- clips ----------------------------------------------------------------
    ClipMissing {
        wanted: String,
        suggestion: Option<String>,
    },
    ClipAmbiguous {
        candidates: Vec<String>,
    },
    /// In `footage/`, and no row uses it.
    ClipUnused {
        path: String,
    },
    /// Clips that no row uses, beyond those that were named.
    MoreClipsUnused {
        count: usize,
    },
    ClipOutsideFootage {
        path: String,
    },
    /// A folder, a pipe, a socket or a device; never opened.
    ClipNotAFile {
        path: String,
    },
    ClipUnusable {
        path: String,
        failure: ProbeFailure,
    },
    ClipOdd {
        path: String,
        oddity: Oddity,
    },
    /// Too few pixels for a film, or for the titles that go over it.
    ClipTooSmall {
        width: u32,
        height: u32,
    },
    BelowLadder {
        short_side: u32,
        lowest: u32,
    },
    /// Pieces of a clip that do not decode as they were filmed.
    ClipDamaged {
        picture: u64,
        sound: u32,
    },
    /// Times of these and the following are the clip's own.
    PictureBlack {
        stretches: Vec<Stretch>,
        /// From the first picture that is kept to the last.
        throughout: bool,
    },
    /// White nearly everywhere: overexposed.
    PictureBlownOut {
        stretches: Vec<Stretch>,
    },
    /// Interlaced, and not said to be: published as it is.
    PictureCombed,
    /// A sound track in which nothing is to be heard.
    SoundSilent,
    SoundInterrupted {
        stretches: Vec<Stretch>,
    },
    /// In hundredths of LUFS and of a decibel; not raised when `lift` is 0.
    SoundFaint {
        measured: i32,
        lift: i32,
    },
    /// Filled from the other side.
    SideSilent {
        side: StereoSide,
    },
    /// Both sides are the same, one of them upside down; `heard` is heard from
    /// both.
    SidesCancel {
        heard: StereoSide,
    },
    /// Of several sound tracks the one that is heard is faint, and another is
    /// not. Counted from 1; in hundredths of LUFS.
    OtherTrackLouder {
        track: usize,
        measured: i32,
    },
    /// Sound that goes on after the picture has ended, and is lost.
    SoundCutOff {
        milliseconds: u64,
    },
    /// Hardly anything is kept: a slip in the cut, as a rule.
    KeptShort {
        milliseconds: u64,
    },
    /// A question that nobody reads in the time for which its card shows.
    QuestionUnread {
        characters: usize,
        milliseconds: u32,
    },
    /// The poster was asked for where the picture is black.
    PosterBlack {
        time: String,
    },
    /// A range that ends before the clip's picture begins.
    BeforePicture {
        time: String,
        begins: Rational,
    },
    /// Recorded too loud: the crests are cut off.
    SoundSaturated {
        seconds: u32,
    },

    // -- profiles and charter ---------------------------------------------------
    EmptyLadder,
    LadderOrder {
        above: u32,
        below: u32,
    },
    /// A progressive MP4 of a rung that the ladder lacks, or without HLS.
    ProgressiveWithoutRung {
        height: u32,
        heights: Vec<u32>,
        hls: bool,
    },
    /// A fade or transition longer than what it is part of.
    FadeTooLong {
        key: String,
        room_ms: u32,
    },
    TemplateMissing {
        card: String,
    },
    TemplateBroken {
        error: String,
    },
    TemplateColourUnknown {
        colour: String,
        suggestion: Option<String>,
    },
    TemplateFontUnknown {
        family: String,
        suggestion: Option<String>,
    },
    /// A font that `charter.toml` asks for.
    CharterFontUnknown {
        family: String,
        suggestion: Option<String>,
    },
    /// A name that was meant to be a box, and is none.
    TemplateBoxUnknown {
        name: String,
        suggestion: String,
    },
    /// A text box that has no size.
    TemplateBoxEmpty {
        field: String,
    },
    /// Text that is typed into the drawing, and would depend on foreign fonts.
    TemplateTextStray {
        text: String,
    },
    /// A document type: it can point at files, or grow without end.
    TemplateDoctype,
    /// Something that lies outside the drawing.
    TemplateReferenceOutside {
        reference: String,
    },
    TemplateBeyondLimit {
        limit: DrawingLimit,
        found: u64,
        allowed: u64,
    },
    /// Counts from 1, in the order of the charter.
    LogoUnusable {
        number: usize,
        error: String,
    },
    BackgroundUnusable {
        error: String,
    },
    PortraitUnusable {
        error: String,
    },
    /// What is to be heard under a card.
    SoundUnusable {
        error: String,
    },
    /// A card's drawing without one box for a text.
    TemplateWithoutText {
        card: String,
    },
    /// Several elements have the id to which another refers.
    TemplateIdTwice {
        id: String,
    },
    FontUnusable {
        path: String,
        error: String,
    },
    /// Text that does not fit its box at the smallest size allowed.
    CardOverflow {
        card: String,
        column: String,
        characters: usize,
        room: usize,
    },
    MissingGlyph {
        card: String,
        column: String,
        character: char,
    },
    /// More than a QR code can hold.
    QrTooLong {
        card: String,
        column: String,
        bytes: usize,
    },
    /// Text where a projector or a television may cut it off.
    CardOutsideSafeArea {
        card: String,
        column: String,
    },
    /// Text that does not stand out enough (WCAG 1.4.3), in hundredths.
    /// `over_footage`: the film shows behind it.
    CardContrast {
        card: String,
        column: String,
        hundredths: u32,
        needed_hundredths: u32,
        over_footage: bool,
    },
    /// The charter's file rules a box that the card's drawing does not have;
    /// `boxes` are those that it has.
    CardRuleUnused {
        card: String,
        column: String,
        boxes: Vec<String>,
    },
    /// A background that the card's drawing hides.
    CardBackgroundHidden {
        card: String,
    },
    CardFieldUnknown {
        card: String,
        field: String,
        suggestion: Option<String>,
    },

    // -- captions -----------------------------------------------------------------
    CaptionsUnreadable {
        error: String,
    },
    CaptionsWithoutCapsule {
        suggestion: Option<String>,
    },
    /// Not `<id>.<lang>[.sdh].srt` or `.vtt`.
    CaptionsMisnamed,
    /// Two files for one capsule and language.
    CaptionsTwice {
        other: String,
    },
    CaptionsEmpty,
    CuesOutsideCut {
        count: usize,
    },
    CaptionFault {
        fault: CaptionFault,
    },
    CueBreach {
        /// On the file's clock, in seconds.
        start: Rational,
        breach: Breach,
    },
    /// A profile that burns captions in is withheld for a capsule without any;
    /// `file` is where they would be read.
    ProfileWithoutCaptions {
        profile: String,
        file: String,
    },
    /// Characters of cues that are to be burnt in, each once, and no font has
    /// them: all of them letters and figures, or none.
    CaptionGlyphMissing {
        characters: String,
    },
    /// Too much text for the pictures of these sizes into which it is to be burnt.
    CueTooLong {
        characters: usize,
        sizes: Vec<Size>,
    },
    /// A word that is wider than these pictures: it is broken.
    CueWordBroken {
        word: String,
        sizes: Vec<Size>,
    },

    // -- protection ------------------------------------------------------------
    /// Something that asks for protection which this version does not give.
    ProtectionNotObeyed {
        what: Protection,
    },

    // -- building ------------------------------------------------------------------
    WorkerDied {
        signal: Option<i32>,
        code: Option<i32>,
        last_log: String,
    },
    /// Stored objects that were missing or damaged when they were needed.
    StoreDamaged {
        objects: usize,
    },
    WorkerTimedOut {
        seconds: u64,
        last_log: String,
    },
    /// A clip made its worker ask for something that only an intruder asks for.
    WorkerBlocked {
        /// The system call by its name.
        call: String,
    },
    WorkerOverLimit {
        limit: WorkerLimit,
        last_log: String,
    },
    /// The kernel lacks part of what confines workers.
    SandboxIncomplete {
        missing: Vec<SandboxPiece>,
    },
    MediaFailed {
        operation: String,
        error: String,
        last_log: String,
    },
    VerifyFailed {
        file: String,
        what: String,
        expected: String,
        found: String,
    },
    LoudnessOff {
        target: String,
        reached: String,
    },
    ProfileUnsupported {
        profile: String,
        what: String,
    },
    Withheld {
        audience: Audience,
        reason: String,
    },
    Outdated {
        segments: usize,
    },

    // -- the machine ---------------------------------------------------------------
    DiskFull {
        path: String,
    },
    PermissionDenied {
        path: String,
    },
    IoFailed {
        path: String,
        error: String,
    },
    LockHeld {
        by: String,
    },
    Interrupted,

    // -- a published tree or a bundle ------------------------------------------
    TreeFileMissing {
        path: String,
    },
    TreeFileForeign {
        path: String,
    },
    TreeFileChanged {
        path: String,
    },
    /// A film that is as it was published, and does not decode to its end.
    TreeFilmBroken {
        path: String,
        readable: u64,
        expected: u64,
    },
    /// A folder or file that is neither a tree nor a bundle.
    NotAPublication {
        path: String,
    },
    TreeManifestInvalid {
        error: String,
    },
    TreeRuleBroken {
        path: String,
        rule: String,
    },
    TreePrivacy {
        path: String,
        what: String,
    },
}
