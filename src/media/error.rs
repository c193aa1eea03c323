//! What went wrong in FFmpeg: the operation, FFmpeg's own name for the error,
//! and the last line that it logged.
#![allow(unsafe_code, reason = "FFmpeg's log callback is a C function")]

use ffmpeg_next as ffmpeg;
use serde::{Deserialize, Serialize};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;
use std::sync::Mutex;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MediaError {
    pub operation: String,
    pub error: String,
    pub last_log: String,
}

impl MediaError {
    /// An error of our own making, in FFmpeg's neighbourhood.
    pub fn new(operation: &str, error: impl fmt::Display) -> MediaError {
        MediaError { operation: operation.to_owned(), error: error.to_string(), last_log: last_log() }
    }
}

impl fmt::Display for MediaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.error)?;
        if !self.last_log.is_empty() {
            write!(f, " ({})", self.last_log)?;
        }
        Ok(())
    }
}

impl std::error::Error for MediaError {}

/// Names the operation that an error of FFmpeg's interrupted.
pub trait During<T> {
    fn during(self, operation: &str) -> Result<T, MediaError>;
}

impl<T, E: fmt::Display> During<T> for Result<T, E> {
    fn during(self, operation: &str) -> Result<T, MediaError> {
        self.map_err(|error| MediaError::new(operation, error))
    }
}

/// A step of a codec's flow. Errors are never mistaken for the end.
#[derive(Debug)]
pub enum Flow<T> {
    Item(T),
    NeedsInput,
    Drained,
}

impl<T> Flow<T> {
    /// Sorts FFmpeg's answer to "give me the next one".
    pub fn from_answer(answer: Result<T, ffmpeg::Error>, operation: &str) -> Result<Flow<T>, MediaError> {
        match answer {
            Ok(item) => Ok(Flow::Item(item)),
            Err(ffmpeg::Error::Eof) => Ok(Flow::Drained),
            Err(ffmpeg::Error::Other { errno: ffmpeg::error::EAGAIN }) => Ok(Flow::NeedsInput),
            Err(error) => Err(MediaError::new(operation, error)),
        }
    }
}

static LAST_LOG: Mutex<String> = Mutex::new(String::new());

/// FFmpeg's last warning or error, without its line end; empty at first.
pub fn last_log() -> String {
    LAST_LOG.lock().map(|l| l.clone()).unwrap_or_default()
}

/// Keeps FFmpeg's log off stderr and its last line at hand. Call once, early:
/// it also makes FFmpeg load what it needs before a sandbox closes.
pub fn capture_log() {
    ffmpeg::log::set_level(ffmpeg::log::Level::Warning);
    // SAFETY: the callback has the signature that FFmpeg documents and lives
    // as long as the program.
    unsafe { ffmpeg::ffi::av_log_set_callback(Some(keep_line)) };
}

unsafe extern "C" fn keep_line(
    context: *mut c_void,
    level: c_int,
    format: *const c_char,
    arguments: *mut ffmpeg::ffi::__va_list_tag,
) {
    if level > ffmpeg::ffi::AV_LOG_WARNING {
        return;
    }
    let mut line = [0 as c_char; 512];
    let mut prefix: c_int = 1;
    // SAFETY: FFmpeg hands over its own context, format and arguments, and
    // `av_log_format_line2` writes at most `line.len()` bytes, NUL included.
    let text = unsafe {
        ffmpeg::ffi::av_log_format_line2(
            context,
            level,
            format,
            arguments,
            line.as_mut_ptr(),
            line.len() as c_int,
            &mut prefix,
        );
        CStr::from_ptr(line.as_ptr()).to_string_lossy()
    };
    // Addresses differ from run to run; a diagnostic must not.
    let text = without_addresses(text.trim());
    if let (false, Ok(mut last)) = (text.is_empty(), LAST_LOG.lock()) {
        *last = text;
    }
}

/// "[h264 @ 0x55d0c8] no frame!" → "[h264] no frame!"
fn without_addresses(line: &str) -> String {
    match line.split_once(" @ 0x") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            format!("{before}{}", without_addresses(rest))
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_left_out_of_log_lines() {
        assert_eq!(without_addresses("[h264 @ 0x55d0c8ff] no frame!"), "[h264] no frame!");
        assert_eq!(without_addresses("plain"), "plain");
    }
}
