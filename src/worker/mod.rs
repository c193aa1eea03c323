//! Worker processes: the same binary in another process, one job at a time,
//! disposable. The parent speaks [`protocol`] over a socket that carries open
//! files beside the words; [`process`] starts, feeds, times and ends a worker;
//! [`child`] is the other side, and the only caller of `media` and `cards`.

pub mod channel;
pub mod child;
pub mod process;
pub mod protocol;
