//! The CSV normalizer.

pub mod dialect;
pub mod encoding;
pub mod header;
pub mod normalize;
pub mod read;
