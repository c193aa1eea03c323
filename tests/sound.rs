//! The sound of a capsule, judged by other hands: sources made and results
//! measured by the FFmpeg command line, positions counted in its decoded PCM.

mod bench;
mod decoding;
mod rendering;
