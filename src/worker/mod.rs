//! Worker processes: a program of their own beside ours, one job at a time,
//! disposable. The parent speaks [`protocol`] over a socket that carries open
//! files beside the words; [`process`] starts, feeds, times and ends a worker,
//! and keeps the end of what it complains of; [`child`] is the other side, and
//! the only caller of `media` and `cards`; it locks itself into the [`sandbox`]
//! before it reads anything.

pub mod channel;
pub mod child;
mod last_words;
pub mod pause;
pub mod pool;
pub mod process;
pub mod protocol;
pub mod sandbox;
