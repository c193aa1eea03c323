//! Pictures that somebody asked to see, drawn by a worker.

use crate::render::{Failure, Workshop, answer, unexpected};
use crate::worker::pool::Material;
use crate::worker::process::Go;
use crate::worker::protocol::{Answer, Request};
use std::fs::File;
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
    let output = workshop.store.scratch()?;
    let mut files: Vec<_> = beside.iter().map(|f| f.as_fd()).collect();
    files.push(output.as_fd());
    let allowed = Duration::from_secs(PICTURE_SECONDS);
    let answer = workshop.ask(material, request, &files, allowed, &mut |_| Go::On)?;
    match answer {
        Answer::Written { .. } => answer::read_whole(&output, answer::PICTURES),
        _ => Err(unexpected()),
    }
}
