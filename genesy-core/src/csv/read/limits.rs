//! What a reader bears before it reports instead of growing.

use serde::{Deserialize, Serialize};

/// Limits on what one file can make the reader hold. Passing one is a reported irregularity, never a
/// panic and never an endless loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes one field may have. The rest of a longer one is cut off, and reported.
    pub field_bytes_max: usize,
    /// Bytes one record may have, line ends inside quotes included: at most 1 GiB. The rest of a
    /// longer one, up to the next line end, is skipped, and reported. It also bounds how far the
    /// reader looks for the end of an open quote.
    pub record_bytes_max: usize,
    /// Columns one record may have. Further ones stay in the raw text alone, and are reported.
    pub columns_max: usize,
}

impl Limits {
    /// Bytes one field may have by default: 128 KiB.
    pub const FIELD_BYTES_MAX: usize = 128 * 1024;
    /// Bytes one record may have by default: 1 MiB.
    pub const RECORD_BYTES_MAX: usize = 1024 * 1024;
    /// Columns one record may have by default: as many as a spreadsheet program shows.
    pub const COLUMNS_MAX: usize = 16_384;
    /// What `record_bytes_max` cannot pass, since positions inside a record are 31-bit: 1 GiB.
    const RECORD_BYTES_CEILING: usize = 1024 * 1024 * 1024;

    /// The limits with each one in the range that the reader can keep.
    pub(super) fn clamped(self) -> Self {
        let record_bytes_max = self.record_bytes_max.clamp(1, Self::RECORD_BYTES_CEILING);
        Self {
            // The fast path looks at the smaller limit alone.
            field_bytes_max: self.field_bytes_max.clamp(1, record_bytes_max),
            record_bytes_max,
            columns_max: self.columns_max.max(1),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            field_bytes_max: Self::FIELD_BYTES_MAX,
            record_bytes_max: Self::RECORD_BYTES_MAX,
            columns_max: Self::COLUMNS_MAX,
        }
    }
}
