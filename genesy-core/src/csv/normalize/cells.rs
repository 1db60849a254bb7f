//! From a record's bytes to its cells' text.

use std::borrow::Cow;

use fearless_simd::{Level, dispatch};

use super::issue::IssueCode;
use super::row::Report;
use crate::csv::encoding::{CellDecoder, Encoding, Pairs, mojibake};
use crate::csv::read::{IrregularityKind, Record, Span, Spans};
use crate::trim::trim;

/// What stands for bytes that are no text: the replacement character.
pub(super) const FAULT: &[u8] = "\u{FFFD}".as_bytes();

/// The text of one record's cells.
#[derive(Clone, Copy)]
pub(super) struct Cells<'r> {
    text: &'r str,
    spans: &'r [Span],
    /// Where the text begins in what the spans are of.
    base: usize,
}

impl<'r> Cells<'r> {
    /// The cells that `spans` cover in what `text` is a part of, from the byte at `base` on.
    pub(super) const fn new(text: &'r str, spans: &'r [Span], base: usize) -> Self {
        Self { text, spans, base }
    }

    /// The text that the spans are of.
    pub(super) const fn all_text(&self) -> &'r str {
        self.text
    }

    /// Where each cell is in the text.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        (0..self.len()).map(|column| self.span(column))
    }

    pub(super) const fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cell in `column` as it was read; empty if the row has no such cell.
    #[inline(always)]
    pub(super) fn get(&self, column: usize) -> &'r str {
        self.text(self.span(column))
    }

    /// Where the cell is without the white space around it.
    #[inline(always)]
    pub(super) fn trimmed(&self, column: usize) -> Span {
        let span = self.span(column);
        if is_trimmed(self.bytes(span)) { span } else { self.trim(span) }
    }

    /// The text that `span` covers.
    #[inline(always)]
    pub(super) fn text(&self, span: Span) -> &'r str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The same as bytes.
    #[inline(always)]
    pub(super) fn bytes(&self, span: Span) -> &'r [u8] {
        self.text.as_bytes().get(span.range()).unwrap_or_default()
    }

    /// Where `part` is, which is a part of the text.
    pub(super) fn span_of(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        Span::new(start, start + part.len())
    }

    /// Where the cell in `column` is; an empty span if the row has no such cell.
    #[inline(always)]
    pub(super) fn span(&self, column: usize) -> Span {
        self.spans.get(column).map_or_else(Span::default, |span| span.counted_from(self.base))
    }

    #[cold]
    fn trim(&self, span: Span) -> Span {
        self.span_of(trim(self.text(span)))
    }
}

/// A quick look at both ends of a cell, which nearly always says that there is nothing to trim.
#[inline(always)]
fn is_trimmed(cell: &[u8]) -> bool {
    // Bytes of ASCII that can be seen, and those that a letter from U+00C0 to U+07FF begins with.
    let is_plain = |byte: u8| (0x21..0x7F).contains(&byte);
    let is_lead = |byte: u8| (0xC3..=0xDF).contains(&byte);
    match *cell {
        [] => true,
        [one] => is_plain(one),
        [first, .., before, last] | [first @ before, last] => {
            (is_plain(first) | is_lead(first))
                & (is_plain(last) | ((last >= 0x80) & is_lead(before)))
        }
    }
}

/// `bytes` as text: what is not UTF-8 becomes U+FFFD.
pub(super) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly all is UTF-8, which the standard library takes longer to see.
    let text = simdutf8::basic::from_utf8(bytes).map(Cow::Borrowed);
    text.unwrap_or_else(|_| String::from_utf8_lossy(bytes))
}

fn has_nul(record: &Record<'_>) -> bool {
    let is_nul = |kind| kind == IrregularityKind::NulByte;
    record.irregularities().iter().any(|one| is_nul(one.kind))
}

/// Decodes records cell by cell, where that needs to be; keeps the buffers.
#[derive(Debug)]
pub(super) struct CellReader {
    level: Level,
    /// The file was decoded before it was split: what was malformed is U+FFFD by now.
    marks_malformed: bool,
    /// What reads a cell that is not UTF-8 in a UTF-8 file.
    fallback: CellDecoder,
    repair_mojibake: bool,
    /// The cells of the last record are in `text`.
    is_copied: bool,
    text: String,
    spans: Vec<Span>,
}

impl CellReader {
    /// A reader of files that are UTF-8, or were decoded before they were split.
    pub(super) fn new(marks_malformed: bool, repair_mojibake: bool) -> Self {
        Self {
            level: Level::new(),
            marks_malformed,
            fallback: CellDecoder::new(Encoding::Windows1252),
            repair_mojibake,
            is_copied: false,
            text: String::new(),
            spans: Vec::new(),
        }
    }

    /// Whether there is nothing in `record` but white space.
    pub(super) fn is_blank(record: &Record<'_>) -> bool {
        let is_ink = |byte: &u8| (0x21..0x7F).contains(byte);
        record.fields().all(|field| {
            if field.iter().any(is_ink) {
                return false;
            }
            if field.iter().all(u8::is_ascii_whitespace) {
                return true;
            }
            trim(&lossy(field)).is_empty()
        })
    }

    /// Reads the cells of `record`; what had to be done for it goes into `report`.
    pub(super) fn read(&mut self, record: &Record<'_>, report: &mut Report<'_, '_>) {
        let Some(text) = self.as_it_stands(record) else {
            self.is_copied = true;
            self.rewrite(record, report);
            return;
        };
        self.is_copied = record.text().is_none();
        if self.is_copied {
            // So that it is found out once that it is UTF-8.
            self.text.clear();
            self.text.push_str(text);
        }
        self.spans.clear();
        self.spans.extend(record.spans().iter());
    }

    /// The cells of `record`, which was the last one to be [read](Self::read).
    #[cold]
    pub(super) fn cells<'r>(&'r self, record: &Record<'r>) -> Cells<'r> {
        let text = if self.is_copied { &self.text } else { record.text().unwrap_or_default() };
        Cells::new(text, &self.spans, 0)
    }

    /// The text of a record that is UTF-8 and needs no repair.
    fn as_it_stands<'r>(&self, record: &Record<'r>) -> Option<&'r str> {
        if has_nul(record) {
            return None;
        }
        let text = match record.text() {
            Some(text) => text,
            None => simdutf8::basic::from_utf8(record.data()).ok()?,
        };
        (text.is_ascii() || !self.is_faulty(text, record)).then_some(text)
    }

    /// Whether something in `text` needs a repair, cell by cell.
    fn is_faulty(&self, text: &str, record: &Record<'_>) -> bool {
        // In a copy of the record no separator keeps the bytes of two cells apart.
        let is_whole = |span: Span| text.get(span.range()).is_some();
        self.marks_malformed && memchr::memmem::find(text.as_bytes(), FAULT).is_some()
            || record.is_copy() && !record.spans().iter().all(is_whole)
            || record.may_be_garbled()
                && self.has_pairs(text)
                && self.is_garbled(text, record.spans())
    }

    fn has_pairs(&self, text: &str) -> bool {
        let level = self.level;
        dispatch!(level, simd => Pairs::are_in(simd, text.as_bytes()))
    }

    #[cold]
    fn is_garbled(&self, text: &str, spans: Spans<'_>) -> bool {
        let is_garbled = |span: Span| {
            let cell = text.get(span.range()).unwrap_or_default();
            mojibake::repair(cell).is_some()
        };
        self.repair_mojibake && spans.iter().any(is_garbled)
    }

    /// Decodes cell by cell into the buffers.
    #[cold]
    fn rewrite(&mut self, record: &Record<'_>, report: &mut Report<'_, '_>) {
        self.text.clear();
        self.spans.clear();
        let has_nul = has_nul(record);
        for (column, bytes) in record.fields().enumerate() {
            let start = self.text.len();
            self.decode(column, bytes, report);
            if self.marks_malformed && self.text[start..].contains(char::REPLACEMENT_CHARACTER) {
                report.cell(IssueCode::UndecodableBytes, column, &self.text[start..]);
            }
            if has_nul && self.text[start..].contains('\0') {
                let kept: String = self.text[start..].chars().filter(|c| *c != '\0').collect();
                self.text.truncate(start);
                self.text.push_str(&kept);
            }
            if self.repair_mojibake
                && let Some(repair) = mojibake::repair(&self.text[start..])
            {
                report.cell(IssueCode::MojibakeRepaired, column, &self.text[start..]);
                self.text.truncate(start);
                self.text.push_str(&repair.text);
            }
            self.spans.push(Span::new(start, self.text.len()));
        }
    }

    fn decode(&mut self, column: usize, bytes: &[u8], report: &mut Report<'_, '_>) {
        if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
            self.text.push_str(text);
            return;
        }
        // Files put together from several sources: most often, one of them was windows-1252.
        let start = self.text.len();
        if self.fallback.decode_cell(bytes, &mut self.text).is_some() {
            self.text.truncate(start);
            self.text.push_str(&String::from_utf8_lossy(bytes));
        }
        report.cell(IssueCode::UndecodableBytes, column, &String::from_utf8_lossy(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::{is_trimmed, trim};

    #[test]
    fn a_quick_look_trims_nothing_wrongly() {
        for first in '\0'..'\u{3100}' {
            for text in [format!("{first}"), format!("{first}b"), format!("a{first}")] {
                assert!(!is_trimmed(text.as_bytes()) || trim(&text) == text, "{first:?}");
            }
        }
        assert!(["", "a", "José", "Łukasz", "Ω"].iter().all(|text| is_trimmed(text.as_bytes())));
    }
}
