//! Tests that need what is not here say so, and how many they were is said at
//! the end, where it cannot be overlooked: a run without the real clips is not
//! the whole proof.

use std::io::{Write, stderr};
use std::sync::atomic::{AtomicUsize, Ordering};

static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// Says why a test shows nothing here.
#[allow(unsafe_code, reason = "no safe binding runs something at the very end")]
pub fn skipped(why: &str) {
    println!("skipped: {why}");
    // Not by the macro, whose words are kept from whoever runs the tests.
    let _ = writeln!(stderr(), "skipped: {why}");
    if SKIPPED.fetch_add(1, Ordering::Relaxed) == 0 {
        // SAFETY: the function takes nothing and only writes.
        unsafe { libc::atexit(count) };
    }
}

extern "C" fn count() {
    let skipped = SKIPPED.load(Ordering::Relaxed);
    let _ = writeln!(
        stderr(),
        "{skipped} tests showed nothing, because what they need is not here.\n"
    );
}
