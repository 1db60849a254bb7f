//! Undoing a wrong decoding that happened before the file was written.
