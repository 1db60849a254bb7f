//! A record and its fields.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::spans::{Span, Spans};

/// One record: its fields, where it stands, and what was irregular in it.
#[derive(Clone, Copy)]
pub struct Record<'r> {
    pub(super) data: &'r [u8],
    /// The same, where it is known to be UTF-8 and nobody has to look again.
    pub(super) text: Option<&'r str>,
    /// Whether there may be garbled text in it, as far as the reader knows.
    pub(super) may_be_garbled: bool,
    pub(super) spans: Spans<'r>,
    pub(super) raw: &'r [u8],
    /// Where the fields begin in `raw`, if `data` is a copy.
    pub(super) raw_starts: &'r [u32],
    pub(super) offset: u64,
    pub(super) line: u64,
    pub(super) irregularities: &'r [Irregularity],
}

impl<'r> Record<'r> {
    /// Fields in the record.
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether the record has no fields, which no record of a reader is.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The field at `index`, counted from 0, with quotes and escapes resolved.
    #[inline]
    pub fn field(&self, index: usize) -> Option<&'r [u8]> {
        Some(self.span(index)?.of(self.data))
    }

    /// All fields, in order.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = &'r [u8]> + use<'r> {
        let data = self.data;
        self.spans.iter().map(move |span| span.of(data))
    }

    /// The bytes that [`Self::span`] points into.
    pub const fn data(&self) -> &'r [u8] {
        self.data
    }

    /// [`Self::data`] as text, where the reader knows that it is UTF-8.
    pub(crate) const fn text(&self) -> Option<&'r str> {
        self.text
    }

    /// Whether there may be garbled text in it: false where the reader found no pair of characters
    /// that garbled text has.
    pub(crate) const fn may_be_garbled(&self) -> bool {
        self.may_be_garbled
    }

    /// Whether [`Self::data`] is not a part of the input.
    pub(crate) fn is_copy(&self) -> bool {
        !std::ptr::eq(self.data, self.raw)
    }

    /// Where the field at `index` is in [`Self::data`].
    #[inline]
    pub fn span(&self, index: usize) -> Option<Span> {
        self.spans.get(index)
    }

    /// Where each field is in [`Self::data`].
    pub(crate) const fn spans(&self) -> Spans<'r> {
        self.spans
    }

    /// The record as it stands in the input, its line end left out.
    pub const fn raw(&self) -> &'r [u8] {
        self.raw
    }

    /// Where the field at `index` begins in [`Self::raw`], behind its opening quote; `None` if there is
    /// no such field.
    pub fn start_in_raw(&self, index: usize) -> Option<usize> {
        let span = self.span(index)?;
        if self.is_copy() {
            return self.raw_starts.get(index).map(|&start| start as usize);
        }
        Some(span.start())
    }

    /// Where the record begins in the input, in bytes from 0.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The line the record begins on, counted from 1.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// What was irregular; empty for a regular record.
    pub const fn irregularities(&self) -> &'r [Irregularity] {
        self.irregularities
    }
}

impl fmt::Debug for Record<'_> {
    /// Shows where the record is, not what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("offset", &self.offset)
            .field("line", &self.line)
            .field("fields", &self.len())
            .field("irregularities", &self.irregularities)
            .finish_non_exhaustive()
    }
}

/// Something in a record that RFC 4180 does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Irregularity {
    /// What it is.
    pub kind: IrregularityKind,
    /// The field it is in, counted from 0.
    pub column: usize,
    /// Where it is, in bytes from the start of the record.
    pub offset: usize,
}

/// The kinds of [`Irregularity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IrregularityKind {
    /// A quote in the middle of a cell: kept as text.
    QuoteInsideCell,
    /// Text between a closing quote and the next separator: kept, behind the quoted text.
    TextBehindQuote,
    /// A quote that nothing closes: dropped, and the record ends with its line.
    UnclosedQuote,
    /// A NUL byte: kept.
    NulByte,
    /// More bytes in a cell than the limit: the rest is cut off.
    CellTooLong,
    /// More bytes in a record than the limit: the rest of the line is skipped.
    RecordTooLong,
    /// More columns than the limit: the rest are in the raw text alone.
    TooManyColumns,
}
