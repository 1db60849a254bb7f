//! The records of an index, to be looked at together: column by column instead of row by row.

use super::index::{Index, Note, Separator};
use super::{Span, Spans};

/// The whole records of an index.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'r> {
    /// The bytes from the first record on, and what follows the last one.
    pub(super) bytes: &'r [u8],
    /// As much of that as is known to be UTF-8.
    pub(super) text: &'r str,
    pub(super) index: &'r Index,
}

/// Where a record of a batch is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// The separator before it.
    separator: u32,
    /// Its first byte, and the byte behind its last one.
    start: u32,
    end: u32,
}

/// What is to be known of a record before its cells are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Nothing.
    Plain,
    /// It goes over several lines.
    Long,
    /// There are doubled quotes in it.
    Doubled,
    /// It has another number of cells, or what it holds may need repair.
    #[default]
    Other,
}

impl Place {
    /// Of no record.
    pub(crate) const NOWHERE: Self = Self { separator: 0, start: 0, end: 0 };

    /// Where it begins in the batch.
    pub(crate) const fn start(self) -> usize {
        self.start as usize
    }

    /// The byte behind it.
    pub(crate) const fn end(self) -> usize {
        self.end as usize
    }

    /// The places of the separators before it and at the end of its `width` fields.
    pub(super) const fn separators(self, width: usize) -> (u32, u32) {
        (self.separator, self.separator + width as u32)
    }
}

impl<'r> Batch<'r> {
    /// The bytes of its records, and whatever follows them.
    pub(crate) const fn bytes(&self) -> &'r [u8] {
        self.bytes
    }

    /// The byte behind the last record.
    pub(crate) fn end(&self) -> usize {
        let last = self.index.records().last().map(|&last| self.index.separators()[last as usize]);
        last.map_or(0, |last| last.behind() as usize - 1)
    }

    /// The cells of its records as they stand in the input.
    pub(crate) fn grid(&self) -> Grid<'r> {
        Grid { text: self.text, separators: self.index.separators() }
    }

    /// Where each record is, and whether it has `width` cells.
    #[inline(always)]
    pub(crate) fn places(&self, width: usize) -> impl ExactSizeIterator<Item = (Place, bool)> {
        let (bytes, separators) = (self.bytes, self.index.separators());
        let mut before = 0;
        self.index.records().iter().map(move |&last| {
            let separator = std::mem::replace(&mut before, last);
            let behind = separators[separator as usize].behind();
            let start = behind + u32::from(is_lf_of_crlf(bytes, behind as usize));
            let end = separators[last as usize].behind() - 1;
            (Place { separator, start, end }, (last - separator) as usize == width)
        })
    }

    /// What is noted, in order: where it is, and what a record is that has it.
    pub(crate) fn notes(&self) -> impl Iterator<Item = (usize, Shape)> {
        self.index.notes().iter().map(|&(at, note)| {
            let shape = match note {
                Note::LineEnd => Shape::Long,
                Note::DoubledQuote => Shape::Doubled,
                Note::Nul | Note::Pair => Shape::Other,
            };
            (at as usize, shape)
        })
    }
}

/// Whether the byte at `at` is the LF that belongs to a CR before it.
#[inline(always)]
pub(super) fn is_lf_of_crlf(bytes: &[u8], at: usize) -> bool {
    bytes.get(at) == Some(&b'\n') && at > 0 && bytes[at - 1] == b'\r'
}

/// A text, and the separators of the cells in it.
#[derive(Clone, Copy)]
pub(crate) struct Grid<'g> {
    text: &'g str,
    separators: &'g [Separator],
}

impl<'g> Grid<'g> {
    /// The text.
    pub(crate) const fn text(&self) -> &'g str {
        self.text
    }

    /// Where the cell in `column` is of the record at `place`, which has that many.
    #[inline(always)]
    pub(crate) fn cell(&self, place: Place, column: usize) -> Span {
        let at = place.separator as usize + column;
        let Some(&[before, at]) = self.separators.get(at..at + 2) else { return Span::default() };
        let start = if column == 0 { place.start } else { before.behind() };
        Span { start: start + at.quotes(), end: at.behind() - 1 - at.quotes() }
    }

    /// Where the `width` cells of the record at `place` are in its own text.
    #[inline(always)]
    pub(crate) fn spans(&self, place: Place, width: usize) -> Spans<'g> {
        let before = place.separator as usize;
        match self.separators.get(before..=before + width) {
            Some(separators) => Spans::Between { separators, first: place.start },
            None => Spans::Listed(&[]),
        }
    }
}

/// Where separators are in a text that was decoded. One value serves all batches.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    separators: Vec<Separator>,
}

impl Moved {
    /// Follows `grid` to where its cells are now. `growths` says behind which bytes the text is
    /// longer, and by how much.
    #[inline(always)]
    pub(crate) fn follow(&mut self, grid: &Grid<'_>, growths: &[(usize, usize)]) {
        let mut growths = growths.iter();
        let mut next = growths.next();
        let mut growth = 0;
        self.separators.clear();
        self.separators.extend(grid.separators.iter().map(|separator| {
            let behind = separator.behind() as usize;
            while let Some(&(_, grown)) = next.filter(|(end, _)| *end <= behind) {
                growth = grown;
                next = growths.next();
            }
            separator.moved(growth)
        }));
    }

    /// Where the record of `width` cells is now that was at `place` in `grid`.
    #[inline(always)]
    pub(crate) fn place(&self, grid: &Grid<'_>, place: Place, width: usize) -> Place {
        let at = place.separator as usize;
        let behind = |all: &[Separator], at: usize| all.get(at).map_or(0, |one| one.behind());
        let start = behind(&self.separators, at) + place.start - behind(grid.separators, at);
        Place { start, end: behind(&self.separators, at + width).saturating_sub(1), ..place }
    }

    /// The cells in `text`, which is the decoded one.
    pub(crate) fn grid<'g>(&'g self, text: &'g str) -> Grid<'g> {
        Grid { text, separators: &self.separators }
    }
}
