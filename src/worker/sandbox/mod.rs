//! What a worker gives up before it reads its first clip: every file by name,
//! the network, other programs, and more memory than a clip can need. FFmpeg
//! has to be taken as unpatched; what takes it over finds itself in here, with
//! the descriptors of requests on one clip and nothing else.
//!
//! Three walls: Landlock ([`enter`]), the table of system calls ([`calls`]), and
//! [`limits`]. Files and the network are behind the first two alike, so that a
//! kernel that lacks one of them, or has an early Landlock that knows files
//! only, still holds them.

mod calls;
pub mod limits;

use crate::values::diagnostic::SandboxPiece;
use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible};
use landlock::{Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope};

pub use calls::{BLOCKED, BLOCKED_CODE};

/// Confines this thread, and every thread and process that it would start,
/// until it ends. What the kernel could not give is returned.
///
/// FFmpeg reads the time zone and Rust its standard streams before; afterwards
/// nothing can be opened.
pub fn enter() -> Vec<SandboxPiece> {
    calls::warm_up();
    let mut missing = Vec::new();
    if limits::set().is_err() {
        missing.push(SandboxPiece::Limits);
    }
    if !matches!(
        confine(),
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced)
    ) {
        missing.push(SandboxPiece::Files);
    }
    if calls::restrict().is_err() {
        missing.push(SandboxPiece::Calls);
    }
    missing
}

/// No rule is added, so nothing is left of what is handled here: no file or
/// folder by name, no TCP, no signal to others. Open descriptors stay.
///
/// # Errors
/// When the kernel knows of no such thing.
pub fn confine() -> Result<RulesetStatus, RulesetError> {
    // The newest that Debian 13 knows; older kernels hold what they can.
    let abi = ABI::V6;
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .restrict_self()?;
    Ok(status.ruleset)
}
