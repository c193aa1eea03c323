//! JSON Schemas of the files that people write and of the events that scripts
//! read. They are kept by hand beside the loader, whose own checks they repeat;
//! a test holds the two together. The manifest's schema comes from its types
//! and lives with them.

/// The schema of this name: `series`, `profile`, `charter` or `events`.
pub fn schema(name: &str) -> Option<&'static str> {
    match name {
        "series" => Some(include_str!("../../assets/schemas/series.json")),
        "profile" => Some(include_str!("../../assets/schemas/profile.json")),
        "charter" => Some(include_str!("../../assets/schemas/charter.json")),
        "events" => Some(include_str!("../../assets/schemas/events.json")),
        _ => None,
    }
}
