//! Floor 5: diagnostics turned into words, for people.

pub mod words;
