//! Reads a series folder.
