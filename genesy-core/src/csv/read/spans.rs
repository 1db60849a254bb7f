//! Where the fields of a record are.

use super::index::Separator;

/// Where a field's text is in its record's data, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub(crate) start: u32,
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

    /// The bytes of `data` that the span covers.
    #[inline(always)]
    pub(super) fn of(self, data: &[u8]) -> &[u8] {
        data.get(self.start()..self.end()).unwrap_or_default()
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
        /// Where the text begins that the spans are of.
        first: u32,
    },
    /// Between these separators, too, but of a text that was made of the one that they are of.
    Decoded {
        separators: &'r [Separator],
        /// Where the record begins in either.
        first: u32,
        decoded_first: u32,
        /// How much longer the text is behind which bytes of the record, in order, and of what
        /// follows it.
        growths: &'r [Growth],
    },
}

/// A text is longer or shorter behind a byte than what it was made of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Growth {
    /// The position behind that byte.
    pub(crate) behind: u32,
    /// How much longer it is up to there; where it is shorter, that wraps around zero.
    pub(crate) bytes: u32,
}

/// Where the field is between the separators `before` and `at`, if its record begins at `first`.
#[inline(always)]
fn between(before: Separator, at: Separator, first: u32) -> Span {
    // Between the separator before a record and its text there may be the LF of a CRLF.
    let start = before.behind().max(first) + at.quotes();
    Span { start, end: at.behind() - 1 - at.quotes() }
}

impl<'r> Spans<'r> {
    /// The same in a text that was made of it: the record begins at `decoded_first` there, and
    /// `growths` are those of the record and of what follows it.
    pub(crate) const fn decoded(self, decoded_first: u32, growths: &'r [Growth]) -> Self {
        match self {
            Spans::Between { separators, first } => {
                Spans::Decoded { separators, first, decoded_first, growths }
            }
            other => other,
        }
    }

    /// How many there are.
    #[inline(always)]
    pub(crate) const fn len(&self) -> usize {
        match self {
            Spans::Listed(spans) => spans.len(),
            Spans::Between { separators, .. } | Spans::Decoded { separators, .. } => {
                separators.len().saturating_sub(1)
            }
        }
    }

    /// The one of the field at `index`, counted from 0.
    #[inline(always)]
    pub(crate) fn get(&self, index: usize) -> Option<Span> {
        match *self {
            Spans::Listed(spans) => spans.get(index).copied(),
            Spans::Between { separators, first } => {
                let Span { start, end } =
                    between(*separators.get(index)?, *separators.get(index + 1)?, first);
                Some(Span { start: start - first, end: end - first })
            }
            Spans::Decoded { separators, first, decoded_first, growths } => {
                let span = between(*separators.get(index)?, *separators.get(index + 1)?, first);
                let mut growth = decoded_first.wrapping_sub(first);
                let mut growths = growths.iter().peekable();
                let mut decoded = |position: u32| {
                    while let Some(next) = growths.next_if(|next| next.behind <= position) {
                        growth = next.bytes;
                    }
                    position.wrapping_add(growth).wrapping_sub(decoded_first)
                };
                Some(Span { start: decoded(span.start), end: decoded(span.end) })
            }
        }
    }

    /// The index of the first field that ends behind `offset` in the record as it was read.
    pub(crate) fn column_at(&self, offset: usize) -> usize {
        match *self {
            Spans::Listed(spans) => spans.partition_point(|span| span.end() <= offset),
            Spans::Between { separators, first } | Spans::Decoded { separators, first, .. } => {
                let is_before =
                    |at: &Separator| ((at.behind() - 1 - at.quotes() - first) as usize) <= offset;
                separators.get(1..).unwrap_or_default().partition_point(is_before)
            }
        }
    }

    /// All of them, in order.
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = Span> + use<'r> {
        (0..self.len()).map(move |index| self.get(index).unwrap_or_default())
    }
}
