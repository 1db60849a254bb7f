//! The outside world of Genesy.
