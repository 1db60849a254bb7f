//! The records of an index, to be looked at together: column by column instead of row by row.

use crate::csv::encoding::mojibake;

use super::index::{Index, Note, is_lf_of_crlf};
use super::spans::between;
use super::{Limits, Span};

/// The whole records of an index.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'r> {
    /// The bytes from the first record on, and what follows the last one.
    pub(super) bytes: &'r [u8],
    /// As much of that as is known to be UTF-8.
    pub(super) text: &'r str,
    pub(super) index: &'r Index,
    pub(super) limits: &'r Limits,
}

/// Where a record of a batch is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordPlace {
    /// The separator before it.
    separator: u32,
    span: Span,
}

/// What is to be known of a record before its cells are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RecordShape {
    /// Nothing.
    Plain,
    /// There are line ends in its cells.
    Long,
    /// There are doubled quotes in its cells.
    Doubled,
    /// It has another number of cells, or what it holds may need repair.
    #[default]
    Other,
}

impl RecordPlace {
    /// Of no record.
    pub(crate) const NOWHERE: Self = Self { separator: 0, span: Span::new(0, 0) };

    /// The bytes of the batch that it covers.
    #[inline(always)]
    pub(crate) const fn span(self) -> Span {
        self.span
    }

    /// Which cell of the batch is its first one.
    #[inline(always)]
    pub(crate) const fn cells(self) -> usize {
        self.separator as usize
    }

    /// The places of the separators before it and at the end of its `width` fields.
    pub(super) const fn separators(self, width: usize) -> (u32, u32) {
        (self.separator, self.separator + width as u32)
    }
}

impl<'r> Batch<'r> {
    /// The bytes of its records and whatever follows them, as far as they are known to be UTF-8.
    pub(crate) const fn text(&self) -> &'r str {
        self.text
    }

    /// Where the records are, and whether each has `width` cells and is within the limits. All
    /// `cells` are found as well: those of a record from [`RecordPlace::cells`] on.
    #[inline(always)]
    pub(crate) fn places(
        &self,
        width: usize,
        cells: &mut Vec<Span>,
    ) -> impl ExactSizeIterator<Item = (RecordPlace, bool)> {
        let (bytes, separators) = (self.bytes, self.index.separators());
        let Limits { field_bytes_max, columns_max, .. } = *self.limits;
        cells.clear();
        cells.extend(
            separators.iter().zip(&separators[1..]).map(|(before, at)| between(*before, *at)),
        );
        let mut before = 0;
        self.index.records().iter().map(move |&last| {
            let separator = std::mem::replace(&mut before, last);
            let behind = separators[separator as usize].behind();
            let lf = u32::from(is_lf_of_crlf(bytes, behind as usize));
            cells[separator as usize].start += lf;
            let span = Span { start: behind + lf, end: separators[last as usize].behind() - 1 };
            let is_regular = (last - separator) as usize == width
                && width <= columns_max
                && span.len() <= field_bytes_max;
            (RecordPlace { separator, span }, is_regular)
        })
    }

    /// What is noted, in order: where it is, and what a record is that has it. Of the pairs of
    /// characters that garbled text has, those that are certainly none are left out.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (usize, RecordShape)> + use<'r> {
        let text = self.text;
        self.index.notes().iter().filter_map(move |&(at, note)| {
            let at = at as usize;
            let shape = match note {
                Note::LineEnd => RecordShape::Long,
                Note::DoubledQuote => RecordShape::Doubled,
                Note::Pair if !mojibake::may_be_garbled_at(text, at) => return None,
                Note::Nul | Note::Pair => RecordShape::Other,
            };
            Some((at, shape))
        })
    }
}
