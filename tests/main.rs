//! Everything that is tested from outside, in one binary: one link.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that skips says so"
)]

mod browser;
mod build;
mod captions;
mod card_pictures;
mod cards;
mod clips;
mod floors;
mod fuzz;
mod fuzz_captions;
mod hostile;
mod media;
mod privacy;
mod publish;
mod quirks;
mod sandbox;
mod schemas;
mod series;
mod site;
mod skipped;
mod sound;
mod sync;
