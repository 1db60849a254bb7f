//! The CSV normalizer, in layers: bytes, text, records, columns, leads.
//!
//! Most users need [`normalize`] alone. The layers below it can be used on their own.

pub mod dialect;
pub mod encoding;
pub mod header;
pub mod normalize;
pub mod read;
mod years;
