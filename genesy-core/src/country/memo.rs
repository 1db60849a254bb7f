//! Remembering what the cells of a column said: most columns repeat few countries.

use fearless_simd::Simd;

use super::{ColumnContext, Doubt, Recognized, recognize};
use crate::cell_memo::{CellMemo, Probe};
use crate::scan::TextStart;

/// A bounded cache of outcomes for one column. It takes 134 KiB, at once.
#[derive(Clone)]
pub struct Memo {
    context: ColumnContext,
    cells: CellMemo<Result<Recognized, Doubt>>,
}

impl Memo {
    /// An empty memo.
    #[must_use]
    pub fn new() -> Self {
        Self { context: ColumnContext::default(), cells: CellMemo::new(Err(Doubt::Empty)) }
    }

    /// As [`recognize`], faster for cells that came before. Another context empties the memo.
    ///
    /// # Errors
    ///
    /// The doubt that [`recognize`] gives.
    pub fn recognize(&mut self, cell: &str, context: &ColumnContext) -> Result<Recognized, Doubt> {
        if self.is_new(context) || cell.is_empty() {
            return recognize(cell, context);
        }
        self.cells.get_alone(cell, |cell| recognize(cell, context))
    }

    /// Whether the memo is of another context, which empties it.
    #[inline(always)]
    fn is_new(&mut self, context: &ColumnContext) -> bool {
        let is_new = *context != self.context;
        if is_new {
            self.context = *context;
            self.cells = CellMemo::new(Err(Doubt::Empty));
        }
        is_new
    }

    /// Where the memo may hold a cell: see [`CellMemo::probe`].
    #[inline(always)]
    pub(crate) fn probe(&self, ahead: &[u8], length: usize) -> Probe {
        self.cells.probe(ahead, length)
    }

    /// As [`Self::recognize`], for a cell that was asked for before.
    #[inline(always)]
    pub(crate) fn recognize_at<S: Simd>(
        &mut self,
        probe: Probe,
        cell: &str,
        start: &TextStart<S>,
        context: &ColumnContext,
    ) -> Result<Recognized, Doubt> {
        if self.is_new(context) || cell.is_empty() {
            return recognize(cell, context);
        }
        self.cells.get(probe, cell, start, |cell| recognize(cell, context))
    }
}

impl Default for Memo {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Memo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memo").field("context", &self.context).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{ColumnContext, Memo, recognize};

    #[test]
    fn the_same_as_without_it() {
        let mut memo = Memo::new();
        let context = ColumnContext::default();
        let cells = [
            "Spain",
            "ES",
            "",
            "España",
            "nowhere",
            "Paris",
            "12",
            "Democratic Republic of the Congo",
        ];
        for _ in 0..3 {
            for cell in cells {
                assert_eq!(memo.recognize(cell, &context), recognize(cell, &context), "{cell}");
            }
        }
    }

    #[test]
    fn another_context_is_another_memo() {
        let mut memo = Memo::new();
        let numeric = ColumnContext { numeric: true, ..ColumnContext::default() };
        assert!(memo.recognize("724", &ColumnContext::default()).is_err());
        assert!(memo.recognize("724", &numeric).is_ok());
        assert!(memo.recognize("724", &ColumnContext::default()).is_err());
    }
}
