//! The server: `genesy-http serve`.

fn main() {}
