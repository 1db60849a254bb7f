//! The fast path: an index of the separators of regular records.
//!
//! Regular means: a quote opens only right after a separator and closes only right before one, and
//! inside quotes a quote is doubled. Where a byte breaks that rule the index stops, and the record
//! that holds it is read by the tolerant reader instead.

use super::scan::{BLOCK_BYTES, Vectors, padded_block, prefix_xor};

/// Bytes indexed at a time: small enough that bytes and index stay in the first-level cache.
const BATCH_BYTES: usize = 16 * 1024;

/// What a reader must know of a position besides the separators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Note {
    /// The second quote of a doubled one.
    DoubledQuote,
    /// A line end inside quotes; the LF of a CRLF is not counted again.
    LineEnd,
    /// A NUL byte.
    Nul,
}

/// A separator: where it is, and whether it ends the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Separator(u32);

impl Separator {
    #[inline(always)]
    pub(super) const fn position(self) -> usize {
        (self.0 >> 1) as usize
    }

    #[inline(always)]
    pub(super) const fn ends_record(self) -> bool {
        self.0 & 1 == 1
    }
}

/// What one block hands to the next.
#[derive(Debug, Clone, Copy)]
struct Carry {
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
    const START: Self = Self { inside: 0, may_open: 1, closed: 0, cr: 0 };
}

/// The separators and notes of the bytes from `base` on; positions are relative to `base`.
#[derive(Debug)]
pub(super) struct Index {
    quote: Option<u8>,
    delimiter: u8,
    /// Where the index begins in the window: always the start of a record.
    base: usize,
    /// Bytes indexed so far.
    scanned: usize,
    separators: Vec<Separator>,
    notes: Vec<(u32, Note)>,
    carry: Carry,
    /// The first byte that breaks the rule, if one did: nothing behind it is indexed.
    irregular: Option<usize>,
    /// Whether the end of the input is in the index.
    ended: bool,
}

impl Index {
    pub(super) const fn new(delimiter: u8, quote: Option<u8>) -> Self {
        Self {
            quote,
            delimiter,
            base: 0,
            scanned: 0,
            separators: Vec::new(),
            notes: Vec::new(),
            carry: Carry::START,
            irregular: None,
            ended: false,
        }
    }

    /// Begins anew at `base`, the start of a record.
    pub(super) fn restart(&mut self, base: usize) {
        self.base = base;
        self.scanned = 0;
        self.separators.clear();
        self.notes.clear();
        self.carry = Carry::START;
        self.irregular = None;
        self.ended = false;
    }

    /// Follows the window when `bytes` are taken off its front.
    pub(super) const fn shift(&mut self, bytes: usize) {
        self.base -= bytes;
    }

    pub(super) const fn base(&self) -> usize {
        self.base
    }

    pub(super) const fn scanned(&self) -> usize {
        self.scanned
    }

    pub(super) fn separators(&self) -> &[Separator] {
        &self.separators
    }

    pub(super) fn notes(&self) -> &[(u32, Note)] {
        &self.notes
    }

    /// Whether the tolerant reader is needed for the record that no separator ends.
    pub(super) const fn is_irregular(&self) -> bool {
        self.irregular.is_some()
    }

    /// Indexes more of `window`; says whether there was anything to index.
    pub(super) fn extend(&mut self, window: &[u8], last: bool) -> bool {
        if self.irregular.is_some() || self.ended {
            return false;
        }
        let bytes = &window[self.base..];
        let rest = bytes.len() - self.scanned;
        let whole = (rest - rest % BLOCK_BYTES).min(BATCH_BYTES);
        let end = self.scanned + whole;
        while self.scanned < end && self.irregular.is_none() {
            let Some(block) = bytes[self.scanned..].first_chunk::<BLOCK_BYTES>() else { break };
            self.add(&Vectors::load(block), BLOCK_BYTES);
        }
        if self.irregular.is_some() {
            return true;
        }
        let rest = bytes.len() - self.scanned;
        if !last || rest >= BLOCK_BYTES {
            return whole > 0;
        }
        if rest > 0 {
            let (block, length) = padded_block(bytes, self.scanned);
            self.add(&Vectors::load(&block), length);
        }
        self.end(bytes);
        true
    }

    /// The input ends here: so does its last record, unless it ends inside quotes.
    fn end(&mut self, bytes: &[u8]) {
        self.ended = true;
        if self.irregular.is_some() || bytes.is_empty() {
            return;
        }
        if self.carry.inside != 0 {
            self.irregular = Some(bytes.len());
            return;
        }
        let line_end = if bytes.ends_with(b"\r\n") { 2 } else { 1 };
        let is_ended =
            |last: &Separator| last.ends_record() && last.position() + line_end >= bytes.len();
        if !self.separators.last().is_some_and(is_ended) {
            self.push(bytes.len(), true);
        }
    }

    #[inline(always)]
    fn push(&mut self, position: usize, ends_record: bool) {
        #[expect(clippy::cast_possible_truncation, reason = "a record is limited to 1 GiB")]
        self.separators.push(Separator((position as u32) << 1 | u32::from(ends_record)));
    }

    /// Adds one block, of which the first `length` bytes are input.
    #[inline(always)]
    fn add(&mut self, block: &Vectors, length: usize) {
        let input = if length == BLOCK_BYTES { !0 } else { (1 << length) - 1 };
        let quotes = self.quote.map_or(0, |quote| block.equal_to(quote)) & input;
        let delimiters = block.equal_to(self.delimiter) & input;
        let lf = block.equal_to(b'\n');
        let cr = block.equal_to(b'\r');

        let inside = prefix_xor(quotes) ^ self.carry.inside;
        let lf_of_crlf = lf & (cr << 1 | self.carry.cr);
        let line_ends = (lf | cr) & !lf_of_crlf;
        let separators = (delimiters | lf | cr) & !inside;

        // A quote opens where parity turns on and closes where it turns off. An escaped quote is a
        // close and an open side by side, which both rules let pass.
        let opens = quotes & inside;
        let closes = quotes & !inside;
        let before = separators | quotes;
        let may_open = before << 1 | self.carry.may_open;
        let after_close = closes << 1 | self.carry.closed;
        let broken = ((opens & !may_open) | (after_close & !before)) & input;

        let mut wanted = (delimiters | line_ends) & !inside;
        let mut embedded = line_ends & inside;
        let mut doubled = after_close & quotes;
        if broken != 0 {
            // Bytes from the first broken rule on belong to the tolerant reader.
            let good = (broken & broken.wrapping_neg()) - 1;
            wanted &= good;
            embedded &= good;
            doubled &= good;
            self.irregular = Some(self.scanned + broken.trailing_zeros() as usize);
        }
        let scanned = self.scanned;
        while wanted != 0 {
            let bit = wanted.trailing_zeros();
            self.push(scanned + bit as usize, line_ends >> bit & 1 == 1);
            wanted &= wanted - 1;
        }
        if embedded | doubled != 0 || block.has_nul() {
            self.note(doubled, embedded, block.equal_to(0) & input);
        }
        self.carry = Carry {
            inside: (inside.cast_signed() >> 63).cast_unsigned(),
            may_open: before >> 63,
            closed: closes >> 63,
            cr: cr >> 63,
        };
        self.scanned += length;
    }

    #[cold]
    fn note(&mut self, doubled: u64, embedded: u64, nul: u64) {
        let mut any = doubled | embedded | nul;
        while any != 0 {
            let bit = any.trailing_zeros();
            let note = match () {
                () if doubled >> bit & 1 == 1 => Note::DoubledQuote,
                () if embedded >> bit & 1 == 1 => Note::LineEnd,
                () => Note::Nul,
            };
            #[expect(clippy::cast_possible_truncation, reason = "a record is limited to 1 GiB")]
            self.notes.push((self.scanned as u32 + bit, note));
            any &= any - 1;
        }
    }
}
