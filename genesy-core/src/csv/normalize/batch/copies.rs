//! Rows whose cells are not as they stand in the file, copied.

use super::BatchRow;
use crate::csv::read::{Batch, RecordShape, Span};

/// The rows of one batch that have doubled quotes, without those.
#[derive(Debug, Default)]
pub(super) struct Copies {
    text: String,
}

impl Copies {
    /// The text at `copy`.
    #[inline(always)]
    pub(super) fn text(&self, copy: Span) -> &str {
        self.text.get(copy.range()).unwrap_or_default()
    }

    /// Makes one quote of each doubled one. The cells of those rows come behind the others.
    pub(super) fn undouble(
        &mut self,
        quote: u8,
        batch: &Batch<'_>,
        width: usize,
        rows: &mut [BatchRow],
        cells: &mut Vec<Span>,
    ) {
        let copies = &mut self.text;
        copies.clear();
        for row in rows.iter_mut().filter(|row| row.shape == RecordShape::Doubled) {
            let place = row.place.span();
            let text = batch.text().get(place.range()).unwrap_or_default();
            let begin = copies.len();
            let first = row.cells as usize;
            row.cells = cells.len() as u32;
            // Up to where the text is copied, and how many quotes were left out.
            let (mut from, mut removed) = (0, 0);
            let mut quotes = memchr::memchr_iter(quote, text.as_bytes()).peekable();
            for index in first..first + width {
                let cell = cells[index].counted_from(place.start());
                let start = cell.start() - removed;
                // Those around the cells before.
                while quotes.next_if(|at| *at < cell.start()).is_some() {}
                // A regular record has no other quotes in its cells than doubled ones.
                while let Some(at) = quotes.next_if(|at| *at < cell.end()) {
                    copies.push_str(text.get(from..=at).unwrap_or_default());
                    quotes.next();
                    from = at + 2;
                    removed += 1;
                }
                cells.push(Span::new(start, cell.end() - removed));
            }
            copies.push_str(text.get(from..).unwrap_or_default());
            row.copy = Some(Span::new(begin, copies.len()));
        }
    }
}
