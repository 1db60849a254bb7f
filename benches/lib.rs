//! What the benches share: seeded leads files, the contenders that read them, and a table of figures.

pub mod contenders;
pub mod harness;
pub mod leads;
