//! The HTTP server of Genesy.
