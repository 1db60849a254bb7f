//! Other tables behind the one that is read, where the sample did not show them.

use crate::csv::dialect::known_names;
use crate::csv::read::Record;

/// Rows of the main table before a change of width alone may begin another one.
const REGULAR_ROWS: u8 = 3;

/// Watches the rows for the header of another table, in constant memory.
///
/// Another table begins with a row of column names behind blank lines, or of another width than the
/// rows before it. It ends where the main table goes on: at a row that is wider than its own
/// header, at an address where the main table has its addresses, or at the main header again. So a
/// row that was taken for a header by mistake costs itself at most.
///
/// Rows are told by the bytes of their cells.
#[derive(Debug)]
pub(super) struct Tables {
    /// The main header, and its columns.
    header: Vec<String>,
    width: usize,
    email: Option<usize>,
    /// Blank lines and rows up to the last record.
    blank: u64,
    /// Rows of the usual width in a row, up to [`REGULAR_ROWS`].
    regular: u8,
    /// The table that the records are of, if it is not the main one.
    other: Option<Other>,
}

/// Another table than the main one, while its rows are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Other {
    pub(super) width: usize,
    /// Its rows so far, its header included.
    pub(super) rows: u64,
    /// Its addresses stand where those of the main table do.
    has_email: bool,
}

impl Tables {
    /// For a table with `header` (empty texts if it has none) and its column of addresses; `blank` counts the blank lines above the first row.
    pub(super) fn new(header: &[String], email: Option<usize>, blank: u64) -> Self {
        let (header, width) = (header.to_vec(), header.len());
        Self { header, width, email, blank, regular: 0, other: None }
    }

    /// Whether the next record, of `width` cells, is of another table; `blank` counts the blank lines
    /// and rows so far.
    #[inline(always)]
    pub(super) fn is_outside<'r>(
        &mut self,
        width: usize,
        blank: u64,
        record: impl FnOnce() -> Record<'r>,
    ) -> bool {
        let usual = width == self.width && blank == self.blank && self.other.is_none();
        if usual {
            self.regular = (self.regular + 1).min(REGULAR_ROWS);
            return false;
        }
        let after_blank = blank != self.blank;
        self.blank = blank;
        self.is_outside_irregular(&record(), after_blank)
    }

    /// The other table that the last record is of.
    pub(super) const fn other(&self) -> Option<Other> {
        self.other
    }

    #[cold]
    fn is_outside_irregular(&mut self, record: &Record<'_>, after_blank: bool) -> bool {
        self.other = match self.other {
            Some(other) if self.goes_on(record, other) => None,
            Some(other) => Some(Other { rows: other.rows + 1, ..other }),
            None => self.begins(record, after_blank),
        };
        self.regular = 0;
        self.other.is_some()
    }

    /// The table that begins with `record`, if it is a header.
    fn begins(&self, record: &Record<'_>, after_blank: bool) -> Option<Other> {
        let width = filled_width(record);
        let cells = || record.fields().take(width).map(<[u8]>::trim_ascii);
        let changes = record.len() != self.width && self.regular == REGULAR_ROWS;
        if width < 2 || !(after_blank || changes) || self.is_main_header(record) {
            return None;
        }
        let known = known_names(cells())?;
        // Blank lines that set a narrower or wider row apart from regular rows say as much as names.
        let apart = after_blank && self.regular == REGULAR_ROWS && width != self.width;
        let needed = if apart { 1.0 } else { width as f32 / 2.0 + 0.25 };
        let name = |column: usize| self.header.get(column).map(|name| name.as_bytes());
        let has_email = self.email.is_some_and(|email| {
            let same =
                |cell: &[u8]| name(email).is_some_and(|name| name.eq_ignore_ascii_case(cell));
            cells().nth(email).is_some_and(same)
        });
        (known >= needed).then_some(Other { width, rows: 1, has_email })
    }

    /// Whether the main table goes on with `record`.
    fn goes_on(&self, record: &Record<'_>, other: Other) -> bool {
        let email = self.email.and_then(|column| record.field(column));
        let has_address = !other.has_email && email.is_some_and(|cell| cell.contains(&b'@'));
        let wider = other.width < self.width && filled_width(record) > other.width;
        has_address || wider || self.is_main_header(record)
    }

    /// Half of the names, at least, stand where they did: those in ASCII are compared.
    fn is_main_header(&self, record: &Record<'_>) -> bool {
        let mut named = 0;
        let mut same = 0;
        for (name, cell) in self.header.iter().zip(record.fields()) {
            named += usize::from(!name.is_empty());
            let cell = cell.trim_ascii();
            same += usize::from(!cell.is_empty() && name.as_bytes().eq_ignore_ascii_case(cell));
        }
        named > 0 && 2 * same >= named
    }
}

/// Columns up to the last one that is not empty: spreadsheets pad all rows to one width.
fn filled_width(record: &Record<'_>) -> usize {
    let filled = |cell: &[u8]| !cell.trim_ascii().is_empty();
    (0..record.len()).rev().find(|&at| record.field(at).is_some_and(filled)).map_or(0, |at| at + 1)
}
