//! The charter's fonts on their way to a worker.

use crate::render::{Failure, Workshop, io_problem};
use crate::series::charter::Charter;
use crate::values::diagnostic::Problem;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// All of them, one after the other in one file, and their lengths.
pub(super) fn handed_over(
    workshop: &Workshop,
    charter: &Charter,
) -> Result<(File, Vec<u64>), Failure> {
    let machine = |e: io::Error| Failure::Machine(io_problem("fonts", &e));
    let mut file = workshop.store.scratch()?;
    for font in &charter.fonts {
        file.write_all(&font.bytes).map_err(machine)?;
    }
    file.seek(SeekFrom::Start(0)).map_err(machine)?;
    let lengths = charter.fonts.iter().map(|f| f.bytes.len() as u64).collect();
    Ok((file, lengths))
}

/// A worker could read nothing in the font of this number.
pub(super) fn unusable(charter: &Charter, file: usize, error: String) -> Failure {
    let font = charter.fonts.get(file);
    let path = font.map_or_else(String::new, |f| f.path.clone());
    Failure::Capsule(Problem::FontUnusable { path, error })
}
