//! What FFmpeg says when it fails: the operation, the error by FFmpeg's own
//! name, and the last line of its log.
//!
//! FFmpeg's log is captured per thread and printed nowhere: a worker's words
//! reach people only as part of an error.

#![allow(
    unsafe_code,
    reason = "FFmpeg hands its log over through a C callback only"
)]

use ffmpeg_next as ffmpeg;
use serde::Serialize;
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;
use std::sync::Once;

/// A failure of FFmpeg, or of what surrounds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct MediaError {
    /// What was being done ("open the sound decoder").
    pub operation: &'static str,
    /// FFmpeg's own name of the error.
    pub error: String,
    /// The last line that FFmpeg logged; empty when it said nothing.
    pub last_log: String,
}

impl MediaError {
    pub fn new(operation: &'static str, error: ffmpeg::Error) -> MediaError {
        MediaError::from_text(operation, error.to_string())
    }

    /// For failures that FFmpeg has no error for.
    pub fn from_text(operation: &'static str, error: impl Into<String>) -> MediaError {
        MediaError {
            operation,
            error: error.into(),
            last_log: last_log(),
        }
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

/// Turns an FFmpeg result into ours, naming the operation.
pub trait During<T> {
    fn during(self, operation: &'static str) -> Result<T, MediaError>;
}

impl<T> During<T> for Result<T, ffmpeg::Error> {
    fn during(self, operation: &'static str) -> Result<T, MediaError> {
        self.map_err(|error| MediaError::new(operation, error))
    }
}

thread_local! {
    static LAST_LOG: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Longest log line that is kept, in bytes.
const LINE_BYTES: usize = 512;

/// Takes FFmpeg's log over for the whole process. Calling it again does nothing.
pub fn capture_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the callback is a plain function that lives as long as the
        // process, and may be called from any thread.
        unsafe { ffmpeg::ffi::av_log_set_callback(Some(keep_line)) };
    });
}

/// The last warning or error that FFmpeg logged on this thread.
pub fn last_log() -> String {
    LAST_LOG.with(|line| line.borrow().clone())
}

/// Forgets what was logged, so that an error never carries the words of an
/// earlier and unrelated one.
pub fn forget_log() {
    LAST_LOG.with(|line| line.borrow_mut().clear());
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
    let mut line: [c_char; LINE_BYTES] = [0; LINE_BYTES];
    let mut print_prefix: c_int = 1;
    // SAFETY: FFmpeg passes a format with its arguments; the buffer's true
    // length goes with it, and the result is always terminated within it.
    let text = unsafe {
        ffmpeg::ffi::av_log_format_line2(
            context,
            level,
            format,
            arguments,
            line.as_mut_ptr(),
            LINE_BYTES as c_int,
            &mut print_prefix,
        );
        CStr::from_ptr(line.as_ptr())
    };
    let text = without_addresses(text.to_string_lossy().trim());
    // A thread that is ending has no buffer any more; its last words are lost.
    let _ = LAST_LOG.try_with(|last| {
        if let Ok(mut last) = last.try_borrow_mut()
            && !text.is_empty()
        {
            *last = text;
        }
    });
}

/// FFmpeg names its contexts with their address in memory ("[aac @ 0x55…]"),
/// which would make two runs of the same failure differ.
fn without_addresses(line: &str) -> String {
    let mut words = Vec::new();
    let mut after_at = false;
    for word in line.split(' ') {
        if after_at && word.starts_with("0x") {
            words.pop();
            if let Some(name) = words.pop() {
                words.push(format!("{name}]"));
            }
            after_at = false;
            continue;
        }
        after_at = word == "@";
        words.push(word.to_owned());
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_keeps_its_words_and_loses_its_address() {
        assert_eq!(
            without_addresses("[aac @ 0x5581f0] channel element 1.0 is not allocated"),
            "[aac] channel element 1.0 is not allocated"
        );
        assert_eq!(
            without_addresses("write to me @ home"),
            "write to me @ home"
        );
    }

    #[test]
    fn a_failure_carries_the_last_word_of_ffmpeg() {
        capture_log();
        forget_log();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("words.mp4");
        std::fs::write(&path, b"these are words, not a film").expect("written");
        ffmpeg::init().expect("FFmpeg starts");
        let error = match ffmpeg::format::input(&path) {
            Ok(_) => panic!("words were opened as a film"),
            Err(error) => MediaError::new("open", error),
        };
        assert!(error.error.contains("Invalid data"), "{error}");
        assert!(error.last_log.contains("moov atom"), "{error}");
    }
}
