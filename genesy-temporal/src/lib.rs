//! Genesy on Temporal.
