//! The same arithmetic on every processor.
//!
//! FFmpeg's decoders, resampler and encoder have one routine per instruction
//! set, and their last bits differ. While a [`Baseline`] lives, contexts are
//! opened with what every 64-bit processor has; sound is cheap enough.

#![allow(unsafe_code, reason = "FFmpeg's processor flags have no safe binding")]

use ffmpeg_next::ffi;
use std::ffi::c_int;
use std::sync::Mutex;

#[cfg(target_arch = "x86_64")]
const FLAGS: c_int = ffi::AV_CPU_FLAG_MMX
    | ffi::AV_CPU_FLAG_MMXEXT
    | ffi::AV_CPU_FLAG_CMOV
    | ffi::AV_CPU_FLAG_SSE
    | ffi::AV_CPU_FLAG_SSE2;
#[cfg(not(target_arch = "x86_64"))]
const FLAGS: c_int = 0;

/// How many baselines live, and the flags that held before the first. The
/// flags belong to the process, so threads share them.
static HOLDERS: Mutex<(usize, c_int)> = Mutex::new((0, 0));

/// Keeps FFmpeg on the baseline until it is dropped.
pub struct Baseline(());

impl Baseline {
    pub fn hold() -> Baseline {
        let mut holders = lock();
        if holders.0 == 0 {
            // SAFETY: both calls only read or set an atomic integer.
            holders.1 = unsafe { ffi::av_get_cpu_flags() };
            // SAFETY: as above.
            unsafe { ffi::av_force_cpu_flags(FLAGS) };
        }
        holders.0 += 1;
        Baseline(())
    }
}

/// Whether the process is on the baseline now. Libraries with processor flags
/// of their own are told so by whoever opens them.
pub fn is_held() -> bool {
    lock().0 > 0
}

impl Drop for Baseline {
    fn drop(&mut self) {
        let mut holders = lock();
        holders.0 -= 1;
        if holders.0 == 0 {
            // SAFETY: sets an atomic integer to a value that FFmpeg gave.
            unsafe { ffi::av_force_cpu_flags(holders.1) };
        }
    }
}

fn lock() -> std::sync::MutexGuard<'static, (usize, c_int)> {
    // A panic elsewhere leaves two integers as they were: still true.
    HOLDERS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
