//! Everything that is tested from outside, in one binary: one link.

mod browser;
mod build;
mod captions;
mod cards;
mod floors;
mod media;
mod publish;
mod series;
mod sound;
