//! Floor 5: what the program says to people. Diagnostics become words in
//! `words`, the coordinator's page in `html`; nothing else prints.

pub mod html;
pub mod schemas;
pub mod words;
