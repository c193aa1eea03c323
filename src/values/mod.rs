//! Floor 0: the words that every other room speaks.
//!
//! Exact time, digests, diagnostics, and what a probe found in a clip. Nothing
//! here does anything: no files, no clock, no printing, and no knowledge of
//! who uses it.

pub mod audience;
pub mod captions;
pub mod diagnostic;
pub mod digest;
pub mod examination;
pub mod facts;
pub mod geometry;
pub mod ids;
pub mod reckoning;
pub mod severity;
pub mod terms;
pub mod time;
pub mod typography;
