//! What the benches share: seeded leads files, and the contenders that read them.

pub mod contenders;
pub mod leads;
