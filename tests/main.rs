//! Everything that is tested from outside, in one binary: one link.

mod browser;
mod captions;
mod cards;
mod floors;
mod media;
mod publish;
mod schemas;
mod series;
mod sound;
