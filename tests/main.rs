//! The integration tests, one module per theme and one binary: one link.
#![allow(clippy::print_stdout, reason = "a test that skips says so")]

mod browser;
mod captions;
mod floors;
