//! What is remembered of the cells of columns that repeat themselves.

use super::fields::WebsiteCheck;
use crate::cell_memo::CellMemo;
use crate::country::Memo;

/// The memos of one file, which the look at a batch and the reading of single rows share.
#[derive(Debug)]
pub(super) struct Memos {
    pub(super) countries: Memo,
    pub(super) websites: CellMemo<WebsiteCheck>,
}

impl Memos {
    pub(super) fn new() -> Self {
        Self { countries: Memo::new(), websites: CellMemo::new(Ok(())) }
    }
}
