//! The sniffer.
mod delimiter;
pub use delimiter::{Delimiter, Dialect, LineEnd};
