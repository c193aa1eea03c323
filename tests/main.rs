//! Everything that is tested from outside, in one binary: one link.

mod cards;
mod media;
mod publish;
mod series;
mod sound;
