//! Seeded generators of the files the benches read.
