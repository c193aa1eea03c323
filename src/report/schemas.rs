//! JSON Schemas of what people write and scripts read.

/// The schema of a kind of file.
pub fn schema(_name: &str) -> Option<&'static str> {
    None
}
