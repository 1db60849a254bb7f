//! What one block of regular records means, given how the block before it ended.

use crate::scan::prefix_xor;

/// Where the bytes that mean something are in a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes {
    pub(super) quotes: u64,
    pub(super) delimiters: u64,
    pub(super) lf: u64,
    pub(super) cr: u64,
    pub(super) nul: u64,
}

/// What they mean there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meaning {
    /// Separators; of a CRLF the CR alone.
    pub(super) separators: u64,
    /// Those of them that end their record.
    pub(super) record_ends: u64,
    /// Bytes behind a closing quote; a separator here ends a quoted field.
    pub(super) behind_close: u64,
    /// The second quotes of doubled ones.
    pub(super) doubled: u64,
    /// Line ends inside quotes; of a CRLF the CR alone.
    pub(super) embedded: u64,
    pub(super) nul: u64,
    /// Bytes that break the rule of regular records.
    pub(super) broken: u64,
}

impl Meaning {
    /// Forgets what is at or behind the first byte that breaks the rule; NUL bytes stay.
    pub(super) const fn up_to_broken(self) -> Self {
        let good = (self.broken & self.broken.wrapping_neg()).wrapping_sub(1);
        Self {
            separators: self.separators & good,
            record_ends: self.record_ends & good,
            doubled: self.doubled & good,
            embedded: self.embedded & good,
            ..self
        }
    }
}

/// What one block hands to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carry {
    /// All ones if the block begins inside quotes.
    inside: u64,
    /// Bit 0: a quote may open at the block's first byte.
    may_open: u64,
    /// Bit 0: the byte before the block closed a quoted field.
    closed: u64,
    /// Bit 0: the byte before the block was a carriage return.
    cr: u64,
}

impl Carry {
    /// The carry at the start of a record.
    pub(super) const START: Self = Self { inside: 0, may_open: 1, closed: 0, cr: 0 };

    pub(super) const fn is_inside(self) -> bool {
        self.inside != 0
    }

    /// Reads one block, of which the bits in `input` are there.
    #[inline(always)]
    pub(super) const fn read(&mut self, bytes: Bytes, input: u64) -> Meaning {
        let quotes = bytes.quotes & input;
        let delimiters = bytes.delimiters & input;
        let (lf, cr) = (bytes.lf & input, bytes.cr & input);

        let inside = prefix_xor(quotes) ^ self.inside;
        let lf_of_crlf = lf & (cr << 1 | self.cr);
        let line_ends = (lf | cr) & !lf_of_crlf;
        let all_separators = (delimiters | lf | cr) & !inside;

        // A quote opens where parity turns on and closes where it turns off. An escaped quote is a
        // close and an open side by side, which both rules let pass.
        let opens = quotes & inside;
        let closes = quotes & !inside;
        let before = all_separators | quotes;
        let may_open = before << 1 | self.may_open;
        let behind_close = closes << 1 | self.closed;
        let broken = ((opens & !may_open) | (behind_close & !before)) & input;
        *self = Self {
            inside: (inside.cast_signed() >> 63).cast_unsigned(),
            may_open: before >> 63,
            closed: closes >> 63,
            cr: cr >> 63,
        };
        Meaning {
            separators: (delimiters | line_ends) & !inside,
            record_ends: line_ends & !inside,
            behind_close,
            doubled: behind_close & quotes,
            embedded: line_ends & inside,
            nul: bytes.nul & input,
            broken,
        }
    }
}
