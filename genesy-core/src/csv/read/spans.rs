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
///
/// They are listed, or lie between the separators of an index. No enum: its values would go through
/// memory, in pieces, where those of a struct are kept in registers.
#[derive(Clone, Copy)]
pub(crate) struct Spans<'r> {
    /// What is listed, if there are no separators.
    listed: &'r [Span],
    /// The first one is the one before the record.
    separators: &'r [Separator],
    /// Where the record begins among what the separators are of.
    first: u32,
    /// If the text was made of that: where the record begins in it, and how much longer it is behind
    /// which bytes of the record, in order, and of what follows it.
    text_first: u32,
    growths: &'r [Growth],
}

/// A text is longer or shorter behind a byte than what it was made of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Growth {
    /// The position behind that byte.
    pub(crate) behind: u32,
    /// How much longer it is up to there; where it is shorter, that wraps around zero.
    pub(crate) bytes: u32,
}

impl<'r> Spans<'r> {
    /// Fields at these places.
    pub(crate) const fn listed(listed: &'r [Span]) -> Self {
        Self { listed, separators: &[], first: 0, text_first: 0, growths: &[] }
    }

    /// Fields between these separators, of which the first is the one before the record, whose text
    /// begins at `first`.
    pub(super) const fn between(separators: &'r [Separator], first: u32) -> Self {
        Self { listed: &[], separators, first, text_first: first, growths: &[] }
    }

    /// The same in a text that was made of it: the record begins at `text_first` there, and
    /// `growths` are those of the record and of what follows it.
    pub(crate) const fn moved(self, text_first: u32, growths: &'r [Growth]) -> Self {
        Self { text_first, growths, ..self }
    }

    /// How many there are.
    #[inline(always)]
    pub(crate) const fn len(&self) -> usize {
        if self.separators.is_empty() { self.listed.len() } else { self.separators.len() - 1 }
    }

    /// The one of the field at `index`, counted from 0.
    #[inline(always)]
    pub(crate) fn get(&self, index: usize) -> Option<Span> {
        if self.separators.is_empty() {
            return self.listed.get(index).copied();
        }
        let span = self.in_input(index)?;
        if self.growths.is_empty() {
            return Some(Span { start: span.start - self.first, end: span.end - self.first });
        }
        let mut growth = self.text_first.wrapping_sub(self.first);
        let mut growths = self.growths.iter().peekable();
        let mut moved = |position: u32| {
            while let Some(next) = growths.next_if(|next| next.behind <= position) {
                growth = next.bytes;
            }
            position.wrapping_add(growth).wrapping_sub(self.text_first)
        };
        Some(Span { start: moved(span.start), end: moved(span.end) })
    }

    /// The same among what the separators are of.
    #[inline(always)]
    fn in_input(&self, index: usize) -> Option<Span> {
        let (before, at) = (self.separators.get(index)?, self.separators.get(index + 1)?);
        // Between the separator before a record and its text there may be the LF of a CRLF.
        let start = before.behind().max(self.first) + at.quotes();
        Some(Span { start, end: at.behind() - 1 - at.quotes() })
    }

    /// The index of the first field that ends behind `offset` in the record as it was read.
    pub(crate) fn column_at(&self, offset: usize) -> usize {
        if self.separators.is_empty() {
            return self.listed.partition_point(|span| span.end() <= offset);
        }
        let end = |at: &Separator| (at.behind() - 1 - at.quotes() - self.first) as usize;
        self.separators[1..].partition_point(|at| end(at) <= offset)
    }

    /// All of them, in order.
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = Span> + use<'r> {
        (0..self.len()).map(move |index| self.get(index).unwrap_or_default())
    }
}
