//! portevoix: from a folder of interview clips and a spreadsheet to a verified
//! publication.
//!
//! The modules stand in the order in which data flows; ARCHITECTURE.md walks
//! through them.

pub mod values;

pub mod series;

pub mod captions;

pub mod plan;

pub mod cards;
pub mod media;
pub mod store;
pub mod worker;

pub mod publish;
pub mod render;

pub mod pipeline;

pub mod report;

pub mod cli;
