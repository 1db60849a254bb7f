//! Remembering what the cells of a column said: most columns repeat few countries.

use super::{ColumnContext, Doubt, Recognized, recognize};
use crate::cell_memo::CellMemo;

/// A bounded cache of outcomes for one column. It takes up to 280 KiB, as much as is used.
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
        if cell.is_empty() {
            return recognize(cell, context);
        }
        self.of(context).get_alone(cell, |cell| recognize(cell, context))
    }

    /// What is remembered for a column of this context, for [`recognize`] of cells that are not
    /// empty. Another context empties the memo.
    #[inline(always)]
    pub(crate) fn of(
        &mut self,
        context: &ColumnContext,
    ) -> &mut CellMemo<Result<Recognized, Doubt>> {
        if *context != self.context {
            self.context = *context;
            self.cells = CellMemo::new(Err(Doubt::Empty));
        }
        &mut self.cells
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
