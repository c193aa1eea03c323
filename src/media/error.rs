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
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;
use std::sync::Once;

/// A failure of FFmpeg, or of what surrounds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MediaError {
    /// What was being done ("open the sound decoder").
    pub operation: String,
    /// FFmpeg's own name of the error.
    pub error: String,
    /// The last line that FFmpeg logged; empty when it said nothing.
    pub last_log: String,
}

impl MediaError {
    pub fn new(operation: &str, error: impl fmt::Display) -> MediaError {
        MediaError {
            operation: operation.to_owned(),
            error: error.to_string(),
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

/// Names the operation that an error interrupted.
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
    pub fn from_answer(
        answer: Result<T, ffmpeg::Error>,
        operation: &str,
    ) -> Result<Flow<T>, MediaError> {
        match answer {
            Ok(item) => Ok(Flow::Item(item)),
            Err(ffmpeg::Error::Eof) => Ok(Flow::Drained),
            Err(ffmpeg::Error::Other {
                errno: ffmpeg::error::EAGAIN,
            }) => Ok(Flow::NeedsInput),
            Err(error) => Err(MediaError::new(operation, error)),
        }
    }
}

thread_local! {
    static LAST_LOG: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Longest log line that is kept, in bytes.
const LINE_BYTES: usize = 512;

/// Takes FFmpeg's log over for the whole process, and learns the names of its
/// errors. Calling it again does nothing.
pub fn capture_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        ffmpeg::util::error::register_all();
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
        let error = match ffmpeg::format::input(&path) {
            Ok(_) => panic!("words were opened as a film"),
            Err(error) => MediaError::new("open", error),
        };
        assert!(error.error.contains("Invalid data"), "{error}");
        assert!(error.last_log.contains("moov atom"), "{error}");
    }
}
