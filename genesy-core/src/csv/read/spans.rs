//! Where the fields of a record are.

use std::ops::Range;

use super::index::Separator;

/// Where a field's text is in its record's data, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Span {
    #[inline(always)]
    pub(crate) const fn new(start: usize, end: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "a record is limited to 1 GiB")]
        Self { start: start as u32, end: end as u32 }
    }

    /// The first byte.
    #[inline(always)]
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// The byte behind the last one.
    #[inline(always)]
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// Bytes that it covers.
    #[inline(always)]
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers no byte.
    #[inline(always)]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same, counted from the byte at `base` on.
    #[inline(always)]
    pub(crate) const fn counted_from(self, base: usize) -> Self {
        Self::new(self.start() - base, self.end() - base)
    }

    /// The bytes that it covers, as a range.
    #[inline(always)]
    pub(crate) const fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// The bytes of `data` that the span covers.
    #[inline(always)]
    pub(super) fn of(self, data: &[u8]) -> &[u8] {
        data.get(self.range()).unwrap_or_default()
    }
}

/// Where the fields of one record are in its text.
#[derive(Clone, Copy)]
pub(crate) enum Spans<'r> {
    /// At these places.
    Listed(&'r [Span]),
    /// Between these separators of an index, of which the first is the one before the record.
    Between {
        separators: &'r [Separator],
        /// Where the record begins among what the separators are of.
        first: u32,
    },
}

/// Where the field between two separators is.
#[inline(always)]
pub(super) const fn between(before: Separator, at: Separator) -> Span {
    Span { start: before.behind() + at.quotes(), end: at.behind() - 1 - at.quotes() }
}

impl<'r> Spans<'r> {
    /// How many there are.
    #[inline(always)]
    pub(crate) const fn len(&self) -> usize {
        match self {
            Spans::Listed(spans) => spans.len(),
            Spans::Between { separators, .. } => separators.len() - 1,
        }
    }

    /// The one of the field at `index`, counted from 0.
    #[inline(always)]
    pub(crate) fn get(&self, index: usize) -> Option<Span> {
        match *self {
            Spans::Listed(spans) => spans.get(index).copied(),
            Spans::Between { separators, first } => {
                let (before, at) = (*separators.get(index)?, *separators.get(index + 1)?);
                let Span { start, end } = between(before, at);
                // Between the separator before a record and its text there may be an LF.
                let lf = first.saturating_sub(before.behind());
                Some(Span { start: start + lf - first, end: end - first })
            }
        }
    }

    /// The index of the first field that ends behind `offset`.
    pub(crate) fn column_at(&self, offset: usize) -> usize {
        match *self {
            Spans::Listed(spans) => spans.partition_point(|span| span.end() <= offset),
            Spans::Between { separators, first } => {
                let end = |at: &Separator| (at.behind() - 1 - at.quotes() - first) as usize;
                separators[1..].partition_point(|at| end(at) <= offset)
            }
        }
    }

    /// All of them, in order.
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = Span> + use<'r> {
        (0..self.len()).map(move |index| self.get(index).unwrap_or_default())
    }
}
