//! Everything that is tested from outside, in one binary: one link.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that skips says so"
)]

mod browser;
mod build;
mod captions;
mod cards;
mod floors;
mod media;
mod publish;
mod schemas;
mod series;
mod site;
mod sound;
mod sync;
