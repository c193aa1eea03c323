//! Everything that touches FFmpeg: decoding, composing, encoding, muxing.
//!
//! Only the worker's child side calls what lives here, one thread at a time;
//! FFmpeg contexts never cross threads. Nothing here plans, prints, or knows
//! the store.

pub mod error;
pub mod sound;
