//! Floor 5: what the program says to people.

pub mod html;
