//! Pictures that somebody asked to see, drawn by a worker.

use crate::render::{Failure, Workshop, unexpected};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::time::Duration;

const PICTURE_SECONDS: u64 = 60;

/// A PNG of something drawn from `material`; `beside` are files that go before the output.
pub fn picture(
    workshop: &Workshop,
    material: Material,
    request: &Request,
    beside: &[&File],
) -> Result<Vec<u8>, Failure> {
    let mut output = workshop.store.scratch()?;
    let mut files: Vec<_> = beside.iter().map(|f| f.as_fd()).collect();
    files.push(output.as_fd());
    let allowed = Duration::from_secs(PICTURE_SECONDS);
    let answer = workshop
        .pool
        .ask(material, request, &files, allowed, &mut |_| Go::On)?;
    drop(files);
    let mut bytes = Vec::new();
    let read = output
        .seek(SeekFrom::Start(0))
        .and_then(|_| output.read_to_end(&mut bytes));
    read.map_err(|e| Failure::Machine(super::io_problem("picture", &e)))?;
    match answer {
        Answer::Written { .. } => Ok(bytes),
        _ => Err(unexpected()),
    }
}
