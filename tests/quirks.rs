//! Quirks of clips that cameras, phones and editing programs make, on clips
//! that the tests make themselves: each goes through the real program, and
//! every frame and sample of what comes out is judged.
//!
//! The clips show a test card (`quirks/card.rs`) that tells which of its
//! frames is seen, which way is up, and which colours it was drawn in.

#[path = "quirks/bench.rs"]
mod bench;
#[path = "quirks/bytes.rs"]
mod bytes;
#[path = "quirks/card.rs"]
mod card;
#[path = "quirks/codecs.rs"]
mod codecs;
#[path = "quirks/colour.rs"]
mod colour;
#[path = "quirks/fields.rs"]
mod fields;
#[path = "quirks/geometry.rs"]
mod geometry;
#[path = "quirks/h264.rs"]
mod h264;
#[path = "quirks/sound.rs"]
mod sound;
#[path = "quirks/timing.rs"]
mod timing;
