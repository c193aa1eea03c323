//! Limits on what a worker may use up, and the descriptors that it must not
//! inherit.

#![allow(
    unsafe_code,
    reason = "closing a range of descriptors has no safe binding"
)]

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// Memory of one worker. Five encoders of a 1080p ladder take one gibibyte; a
/// picture of 8192 × 8192 in 10 bit, sixteen times, takes another three.
/// Counted as private memory, touched or not: FFmpeg is then told that there is
/// none left, and says so, where a kernel that runs out would kill somebody.
pub const MEMORY: u64 = 4 << 30;

/// Addresses: a wall behind the first, for memory that is shared. Libraries map
/// much that they never touch.
const ADDRESSES: u64 = 32 << 30;

/// One file. A film of two hours at 20 Mb/s has 18 GB.
pub const FILE_SIZE: u64 = 32 << 30;

/// Open descriptors: three of its own, four of a request, and their duplicates.
const DESCRIPTORS: u64 = 64;

/// Sets all limits for good; the worker cannot raise them again.
///
/// # Errors
/// When the kernel refuses one; the others are set all the same.
pub fn set() -> io::Result<()> {
    prefer_to_be_killed();
    let limits = [
        (Resource::Data, MEMORY),
        (Resource::As, ADDRESSES),
        (Resource::Fsize, FILE_SIZE),
        (Resource::Nofile, DESCRIPTORS),
        // A worker is one thread; and its memory, which holds faces, is not
        // left behind in a file when it dies.
        (Resource::Nproc, 0),
        (Resource::Core, 0),
    ];
    let mut refused = Ok(());
    for (resource, limit) in limits {
        // Whoever started us may have set a tighter one.
        let limit = getrlimit(resource)
            .maximum
            .map_or(limit, |hard| hard.min(limit));
        let limit = Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        // One that cannot be set does not keep the others from being set.
        refused = setrlimit(resource, limit)
            .map_err(io::Error::from)
            .and(refused);
    }
    refused
}

/// Closes what was open in whoever started the build: standard streams are all
/// that a worker needs.
pub fn close_inherited() {
    // SAFETY: nothing in this process has opened a descriptor yet; those from
    // 3 on belong to nobody here.
    unsafe {
        if libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) != 0 {
            // Kernels before 5.9 close one at a time.
            for descriptor in 3..65_536 {
                libc::close(descriptor);
            }
        }
    }
}

/// When the machine runs out of memory, a worker can be spared and the build
/// cannot.
fn prefer_to_be_killed() {
    // A system that does not let itself be told loses nothing else by it.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}
