//! Floor 2: what has to be made, and why. Pure: no files, no clock, no
//! environment, no threads, no floats, no hash-map order. The same inputs give
//! the same plan, and a dry run is the plan printed.
//!
//! [`timeline`] lays a capsule out in frames, [`burnt`] says which captions are
//! on which of them, [`segments`] cuts it, [`ladder`] says at which sizes,
//! [`recipe`] names every segment by all that can change its bytes, [`capsule`]
//! puts them together, [`stills`] chooses its pictures, [`reason`] says why something is stale, [`jobs`] bundles
//! it.

pub mod burnt;
pub mod capsule;
pub mod jobs;
pub mod ladder;
pub mod reason;
pub mod recipe;
pub mod segments;
pub mod stills;
pub mod timeline;
