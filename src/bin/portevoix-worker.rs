//! The worker: see `portevoix::worker::child`. A program of its own, so that
//! the one that people type does not load FFmpeg only to find nothing to do.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A file beyond a limit is an error to tell, not a signal to die of.
    let beyond = std::sync::Arc::default();
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, beyond);
    let baseline_cpu = std::env::args().skip(1).any(|a| a == "--baseline-cpu");
    match portevoix::worker::child::serve(baseline_cpu) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
