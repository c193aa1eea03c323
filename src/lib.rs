//! portevoix: from a folder of interview clips and a spreadsheet to a verified
//! publication.
//!
//! The modules stand in the order in which data flows; ARCHITECTURE.md walks
//! through them.

pub mod values;

pub mod captions;
pub mod series;
