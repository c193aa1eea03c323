//! The program from outside: the real binary on small series, its files judged
//! by `ffprobe`, `sha256sum` and other readers of their own.

#[path = "build/bench.rs"]
pub mod bench;
#[path = "build/burnt.rs"]
mod burnt;
#[path = "build/captions.rs"]
mod captions;
#[path = "build/card_sounds.rs"]
mod card_sounds;
#[path = "build/changes.rs"]
mod changes;
#[path = "build/commands.rs"]
mod commands;
#[path = "build/edits.rs"]
mod edits;
#[path = "build/examination.rs"]
mod examination;
#[path = "build/mistakes.rs"]
mod mistakes;
#[path = "build/outputs.rs"]
mod outputs;
#[path = "build/rebuild.rs"]
mod rebuild;
#[path = "build/speakers.rs"]
mod speakers;
#[path = "build/staleness.rs"]
mod staleness;
#[path = "build/survival.rs"]
mod survival;
#[path = "build/trees.rs"]
mod trees;
