//! What a worker says on its standard error, of which only the end is of use:
//! where a panic was, which limit was met. It may say as much as it likes and
//! fills neither disk nor memory.

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use std::io::{self, Read};
use std::process::ChildStderr;

/// Bytes that are kept.
const TAIL: usize = 4096;
/// Pieces that are read in one go: one who never stops must not be listened to
/// for ever.
const PIECES: usize = 16;

pub struct LastWords {
    /// `None` once it is closed.
    pipe: Option<ChildStderr>,
    tail: Vec<u8>,
}

impl LastWords {
    pub fn new(pipe: ChildStderr) -> io::Result<LastWords> {
        let flags = fcntl_getfl(&pipe)?;
        fcntl_setfl(&pipe, flags | OFlags::NONBLOCK)?;
        Ok(LastWords {
            pipe: Some(pipe),
            tail: Vec::new(),
        })
    }

    /// What to wait for, so that the worker is not kept waiting in the midst of
    /// its words.
    pub fn ear(&self) -> Option<PollFd<'_>> {
        let pipe = self.pipe.as_ref()?;
        Some(PollFd::new(pipe, PollFlags::IN))
    }

    /// Takes what was said and keeps the end of it.
    pub fn hear(&mut self) {
        let mut piece = [0; 16 * 1024];
        for _ in 0..PIECES {
            let Some(pipe) = &mut self.pipe else { return };
            match pipe.read(&mut piece) {
                Ok(0) => self.pipe = None,
                Ok(n) => {
                    self.tail.extend_from_slice(&piece[..n]);
                    let beyond = self.tail.len().saturating_sub(TAIL);
                    self.tail.drain(..beyond);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.pipe = None,
            }
        }
    }

    /// The last lines that say something: of a panic, where and what.
    pub fn last(&mut self) -> String {
        self.hear();
        let text = String::from_utf8_lossy(&self.tail);
        let said = text
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with("note: run with"));
        let lines: Vec<&str> = said.collect();
        lines
            .get(lines.len().saturating_sub(2)..)
            .unwrap_or_default()
            .join(" ")
    }
}
