//! Small closed lists that the facts of a diagnostic are drawn from.

use serde::{Deserialize, Serialize};

/// What would have been right where a value was wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Expected {
    Text,
    Integer {
        from: i64,
        to: i64,
    },
    Decimal {
        from: i64,
        to: i64,
    },
    Boolean,
    List,
    Table,
    OneOf {
        values: Vec<String>,
    },
    /// A sound of the charter's folder, which has none.
    CharterSound,
    Id,
    Language,
    Date,
    Url,
    Colour,
    /// Seconds, decimals allowed; bounds in whole seconds.
    Duration {
        from: i64,
        to: i64,
    },
}

/// What a card's drawing has too much of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrawingLimit {
    Bytes,
    /// Groups within groups.
    Depth,
    Elements,
    /// Elements as often as they are drawn, by way of clones and patterns.
    ElementsDrawn,
    /// Boxes of texts and logos.
    Boxes,
    /// Of style sheets.
    StyleBytes,
    FilterEffects,
    /// A kind of filter effect whose cost has no bound.
    FilterKind,
    FilterRadius,
    PicturePixels,
    /// Pixels outside the frame.
    Reach,
    FramePixels,
}

/// A limit that a worker went beyond.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum WorkerLimit {
    Memory { bytes: u64 },
    FileSize { bytes: u64 },
}

/// A part of what confines workers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxPiece {
    /// No file by name, no network (Landlock).
    Files,
    /// The table of system calls (seccomp).
    Calls,
    /// Memory, file size, processes.
    Limits,
}

/// Which promise of protection a series asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "protection", rename_all = "kebab-case")]
pub enum Protection {
    ConsentRequired,
    ConsentFile { path: String },
    Withdrawals,
    Masks,
    Column { header: String },
}
