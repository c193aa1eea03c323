//! Floor 4: making the publication. Only this folder writes `dist/`.
//!
//! The caller, who has rendered and verified, works in this order:
//!
//! 0. `tree::recover`, before anything is read from `dist/`: what was
//!    interrupted is finished or forgotten. `tree::read_manifest` then tells
//!    what is published.
//! 1. `playlist::package` writes the playlists of each capsule from what was
//!    measured; `playlist::video_rates` gives the manifest's rates.
//! 2. `tree::unpublish` takes out, first of all, what may no longer be seen.
//! 3. A `manifest::Capsule` and its files (`tree::Content`) for each capsule
//!    that was built, and `tree::carry_over` for each that failed or was not
//!    asked for, make a `tree::Publication`, one for each audience.
//! 4. `tree::publish` adds pages, schema, manifest and sums, stages everything
//!    and puts it in place.
//! 5. `check_tree` judges a tree or a bundle as its readers will, `bundle`
//!    archives a tree.
//!
//! What must not be here: decoding of media, the clock, the environment, and
//! words for people (other than those on published pages).

pub mod bundle;
pub mod check_tree;
pub mod failure;
pub mod feed;
mod folder;
pub mod html;
mod journal;
mod listing;
pub mod manifest;
mod page_rules;
pub mod path;
pub mod playlist;
mod playlist_rules;
mod playlist_text;
pub mod sent;
pub mod site;
pub mod structured_data;
pub mod sums;
pub mod tree;

#[cfg(test)]
mod sample;
