//! The program: see `portevoix::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    portevoix::cli::run()
}
