pub mod manifest;
pub mod path;
pub mod playlist;
pub mod structured_data;
pub mod sums;
