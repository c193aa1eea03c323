//! The media floor: the only code that calls FFmpeg. It runs in the worker
//! process, in one thread, on files that it is handed open; nothing here knows
//! a path, a series or a profile.
//!
//! [`input`] opens and [`probe`] describes a clip; [`decode`] yields its frames
//! on a constant grid; [`scale`] brings them to a rung's size and to BT.709;
//! [`compose`] lays cards over them; [`encode`] makes segments; [`mux`] wraps
//! segments and sound into files; [`verify`] reads those back; [`stills`]
//! draws pictures from segments; [`examine`] looks through a clip for what is
//! wrong with its pictures and sound.

mod blur;
mod boxes;
mod claims;
mod completeness;
pub mod compose;
pub mod decode;
mod edits;
pub mod encode;
pub mod error;
pub mod examine;
mod ffi;
mod fields;
pub mod input;
pub mod mux;
mod orientation;
pub mod probe;
mod refused;
pub mod render;
pub mod scale;
pub mod segment;
mod smooth;
pub mod sound;
pub mod stills;
mod timecode;
mod timing;
mod tracks;
pub mod verify;
