//! Floor 5: what the commands do, one file each.

pub mod new;
