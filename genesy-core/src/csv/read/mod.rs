//! Reads records: bytes in, fields out, whatever the file looks like.
//!
//! [`RecordReader`] is given bytes, in chunks of any size or all at once, and gives back [`Record`]s.
//! It needs to know the [`Dialect`]; encodings, headers and meaning are the business of the layers
//! above. Two paths lead to a record:
//!
//! - the fast path (`index`) finds the separators of regular records by bit masks, without a
//!   branch per byte;
//! - the tolerant path (`tolerant`) reads a record that breaks the quoting rules, and says what was
//!   irregular in it. A quote that is never closed costs its own record, not the rest of the file.
//!
//! On a regular file the records are those of the `csv` crate with its default settings.
//!
//! ```
//! use genesy_core::csv::dialect::Dialect;
//! use genesy_core::csv::read::RecordReader;
//!
//! let mut reader = RecordReader::push(&Dialect::default());
//! let mut last_names = Vec::new();
//! for chunk in [&b"Ada,\"Lovelace, Countess\"\nGrace,Hop"[..], b"per\n", b""] {
//!     reader.feed(chunk);
//!     if chunk.is_empty() {
//!         reader.finish();
//!     }
//!     while let Some(record) = reader.next_record() {
//!         last_names.push(record.field(1).unwrap_or_default().to_vec());
//!     }
//! }
//! assert_eq!(last_names, [&b"Lovelace, Countess"[..], b"Hopper"]);
//! ```

mod batch;
mod block;
mod index;
mod input;
mod limits;
mod reader;
mod record;
mod spans;
mod specials;
mod step;
mod tolerant;

pub(crate) use batch::{Batch, RecordPlace, RecordShape};
pub use limits::Limits;
pub use reader::RecordReader;
pub use record::{Irregularity, IrregularityKind, Record};
pub use spans::Span;
pub(crate) use spans::Spans;

#[cfg(doc)]
use super::dialect::Dialect;
