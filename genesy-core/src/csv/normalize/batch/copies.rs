//! Rows whose cells are not as they stand in the file, copied.

use fearless_simd::Simd;

use super::BatchRow;
use crate::csv::encoding::{CellDecoder, Pairs, Transcoded};
use crate::csv::read::{Batch, RecordShape, Span};

/// The copies of rows of one batch.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// The rows beyond ASCII of a file in a single-byte encoding, in UTF-8.
    transcoded: Transcoded,
    /// The rows with doubled quotes, without those.
    undoubled: String,
}

impl Copies {
    /// The text at `copy` of a row of this shape.
    #[inline(always)]
    pub(super) fn text(&self, shape: RecordShape, copy: Span) -> &str {
        match shape {
            RecordShape::Doubled => self.undoubled.get(copy.range()).unwrap_or_default(),
            _ => self.transcoded.text(copy),
        }
    }

    /// Decodes the rows that are not ASCII, of `width` cells each. Their cells come behind the others.
    #[inline(always)]
    pub(super) fn decode<S: Simd>(
        &mut self,
        simd: S,
        decoder: &CellDecoder,
        batch: &Batch<'_>,
        width: usize,
        rows: &mut [BatchRow],
        cells: &mut Vec<Span>,
    ) {
        let bytes = batch.bytes();
        let transcoded = &mut self.transcoded;
        transcoded.begin(simd, &bytes[..batch.end()]);
        for row in rows.iter_mut().filter(|row| row.has_cells()) {
            let found = decoder.transcode(bytes, row.place.span(), transcoded);
            let Some(found) = found else { continue };
            let own = row.cells as usize..row.cells as usize + width;
            (row.copy, row.cells) = (Some(found.text), cells.len() as u32);
            transcoded.move_cells(&found, own, cells);
            let is_garbled = || Pairs::are_in(simd, transcoded.bytes(found.text));
            if found.is_malformed || found.has_pairs && is_garbled() {
                row.shape = RecordShape::Other;
            }
        }
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
        let Self { transcoded, undoubled } = self;
        undoubled.clear();
        for row in rows.iter_mut().filter(|row| row.shape == RecordShape::Doubled) {
            let place = row.place.span();
            let (text, base) = match row.copy {
                Some(copy) => (transcoded.text(copy), 0),
                None => {
                    let text = batch.text().get(place.range());
                    (text.unwrap_or_else(|| ascii(&batch.bytes()[place.range()])), place.start())
                }
            };
            let begin = undoubled.len();
            let first = row.cells as usize;
            row.cells = cells.len() as u32;
            // Up to where the text is copied, and how many quotes were left out.
            let (mut from, mut removed) = (0, 0);
            let mut quotes = memchr::memchr_iter(quote, text.as_bytes()).peekable();
            for index in first..first + width {
                let cell = cells[index].counted_from(base);
                let start = cell.start() - removed;
                // Those around the cells before.
                while quotes.next_if(|at| *at < cell.start()).is_some() {}
                // A regular record has no other quotes in its cells than doubled ones.
                while let Some(at) = quotes.next_if(|at| *at < cell.end()) {
                    undoubled.push_str(text.get(from..=at).unwrap_or_default());
                    quotes.next();
                    from = at + 2;
                    removed += 1;
                }
                cells.push(Span::new(start, cell.end() - removed));
            }
            undoubled.push_str(text.get(from..).unwrap_or_default());
            row.copy = Some(Span::new(begin, undoubled.len()));
        }
    }
}

/// The text of a row that is known to be ASCII.
#[inline(always)]
pub(super) fn ascii(bytes: &[u8]) -> &str {
    // The standard library's is the fastest for text so short that is ASCII.
    std::str::from_utf8(bytes).unwrap_or_default()
}
