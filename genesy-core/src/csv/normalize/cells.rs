//! From a record's bytes to its cells' text.

use fearless_simd::Simd;

use super::glance::Glance;
use super::issue::IssueCode;
use super::row::Report;
use super::understanding::text_encoding;
use crate::csv::encoding::{CellDecoder, Encoding, Transcoded, mojibake};
use crate::csv::read::{IrregularityKind, Record, Span};
use crate::scan::TextStart;

/// What stands for bytes that are no text: the replacement character.
const FAULT: &str = "\u{FFFD}";

/// The text of one record's cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'r> {
    text: &'r str,
    spans: &'r [Span],
}

/// The text of one record's cells as it is in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct CellText<'r> {
    pub(super) cells: Cells<'r>,
    /// Begins with the text, and goes on behind it: see [`TextStart::load`].
    ahead: &'r [u8],
}

impl<'r> std::ops::Deref for CellText<'r> {
    type Target = Cells<'r>;

    fn deref(&self) -> &Cells<'r> {
        &self.cells
    }
}

impl<'r> CellText<'r> {
    /// The bytes from the start of `span` on, to its end and beyond.
    #[inline(always)]
    pub(super) fn ahead(&self, span: Span) -> &'r [u8] {
        self.ahead.get(span.start()..).unwrap_or_default()
    }

    /// The start of the text that `span` covers.
    #[inline(always)]
    pub(super) fn start<S: Simd>(&self, simd: S, span: Span) -> TextStart<S> {
        TextStart::load(simd, self.ahead(span), span.len())
    }
}

impl<'r> Cells<'r> {
    /// The cells that `spans` cover in `text`.
    pub(super) const fn new(text: &'r str, spans: &'r [Span]) -> Self {
        Self { text, spans }
    }

    /// The text that the spans are of.
    pub(super) const fn all_text(&self) -> &'r str {
        self.text
    }

    pub(super) const fn spans(&self) -> &'r [Span] {
        self.spans
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
        self.text.get(span.start()..span.end()).unwrap_or_default()
    }

    /// The same as bytes.
    #[inline(always)]
    pub(super) fn bytes(&self, span: Span) -> &'r [u8] {
        self.text.as_bytes().get(span.start()..span.end()).unwrap_or_default()
    }

    /// Where `part` is, which is a part of the text.
    pub(super) fn span_of(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        Span::new(start, start + part.len())
    }

    #[inline(always)]
    fn span(&self, column: usize) -> Span {
        self.spans.get(column).copied().unwrap_or_default()
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

/// `text` without white space, control characters and invisible marks around it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    })
}

fn has_nul(record: &Record<'_>) -> bool {
    let is_nul = |kind| kind == IrregularityKind::NulByte;
    record.irregularities().iter().any(|one| is_nul(one.kind))
}

/// Decodes records; keeps the buffers that a record needs which is not text as it stands.
pub(super) struct CellReader {
    rewriter: Rewriter,
    /// A record that was decoded as one piece, and its cells.
    decoded: Transcoded,
    spans: Vec<Span>,
}

impl CellReader {
    /// A reader for files in `encoding`.
    pub(super) fn new(encoding: Encoding, repair_mojibake: bool) -> Self {
        let rewriter = Rewriter {
            decoder: CellDecoder::new(text_encoding(encoding)),
            is_decoded: !encoding.tokenizes_raw(),
            fallback: CellDecoder::new(Encoding::Windows1252),
            repair_mojibake,
            text: String::new(),
            spans: Vec::new(),
        };
        Self { rewriter, decoded: Transcoded::default(), spans: Vec::new() }
    }

    /// Whether there is nothing in `record` but white space.
    pub(super) fn is_blank(&self, record: &Record<'_>) -> bool {
        let is_ink = |byte: &u8| (0x21..0x7F).contains(byte);
        record.fields().all(|field| {
            if field.iter().any(is_ink) {
                return false;
            }
            if field.iter().all(u8::is_ascii_whitespace) {
                return true;
            }
            let mut text = String::new();
            self.rewriter.decoder.decode_cell(field, &mut text);
            trim(&text).is_empty()
        })
    }

    /// The cells of `record`; what had to be done to read them goes into `report`.
    #[inline(always)]
    pub(super) fn read<'r, S: Simd>(
        &'r mut self,
        simd: S,
        record: &Record<'r>,
        report: &mut Report<'_, 'r>,
    ) -> CellText<'r> {
        let Self { rewriter, decoded, spans } = self;
        // Each way gives its text alone: a value of several words would go through memory.
        if has_nul(record) {
            // Cell by cell, to leave them out.
        } else if rewriter.decoder.encoding() == Encoding::Utf8 {
            if let Some(text) = rewriter.as_it_stands(simd, record) {
                let cells = Cells { text, spans: record.spans() };
                return CellText { cells, ahead: record.ahead() };
            }
        } else if rewriter.decoder.transcode(simd, record, decoded, spans)
            && let Some(text) = rewriter.transcoded(simd, decoded, spans)
        {
            return CellText { cells: Cells { text, spans }, ahead: decoded.ahead() };
        }
        let cells = rewriter.rewrite(record, report);
        CellText { cells, ahead: cells.text.as_bytes() }
    }
}

/// Decodes records cell by cell, where that needs to be.
struct Rewriter {
    decoder: CellDecoder,
    /// The file was decoded before it was split: what was malformed is U+FFFD by now.
    is_decoded: bool,
    /// What reads a cell that is not UTF-8 in a UTF-8 file.
    fallback: CellDecoder,
    repair_mojibake: bool,
    text: String,
    spans: Vec<Span>,
}

impl Rewriter {
    /// The text of a record that is UTF-8 and needs no repair.
    #[inline(always)]
    fn as_it_stands<'r, S: Simd>(&self, simd: S, record: &Record<'r>) -> Option<&'r str> {
        let Some(text) = record.text() else { return self.as_it_proves(simd, record) };
        let needs_look = self.is_decoded | record.has_pairs();
        (!(needs_look && self.is_faulty(text, record, record.has_pairs()))).then_some(text)
    }

    /// As [`Self::as_it_stands`], of a record that the reader has not looked at.
    #[inline(always)]
    fn as_it_proves<'r, S: Simd>(&self, simd: S, record: &Record<'r>) -> Option<&'r str> {
        let text = simdutf8::basic::from_utf8(record.data()).ok()?;
        let glance = Glance::at(simd, record.data());
        let is_faulty = || self.is_faulty(text, record, glance.may_be_garbled);
        (glance.is_ascii || !is_faulty()).then_some(text)
    }

    /// Whether something in `text` needs a repair, cell by cell.
    fn is_faulty(&self, text: &str, record: &Record<'_>, may_be_garbled: bool) -> bool {
        // In a copy of the record no separator keeps the bytes of two cells apart.
        let is_whole = |span: &Span| text.get(span.start()..span.end()).is_some();
        self.is_decoded && memchr::memmem::find(text.as_bytes(), FAULT.as_bytes()).is_some()
            || record.is_copy() && !record.spans().iter().all(is_whole)
            || may_be_garbled && self.is_garbled(text, record.spans())
    }

    /// The text of a record that was decoded, if it needs no repair.
    #[inline(always)]
    fn transcoded<'r, S: Simd>(
        &self,
        simd: S,
        decoded: &'r Transcoded,
        spans: &[Span],
    ) -> Option<&'r str> {
        let text = decoded.text();
        let may_be_garbled =
            decoded.has_pairs() && Glance::at(simd, text.as_bytes()).may_be_garbled;
        (!(may_be_garbled && self.is_garbled(text, spans))).then_some(text)
    }

    #[cold]
    fn is_garbled(&self, text: &str, spans: &[Span]) -> bool {
        let is_garbled = |span: &Span| {
            let cell = text.get(span.start()..span.end()).unwrap_or_default();
            mojibake::repair(cell).is_some()
        };
        self.repair_mojibake && spans.iter().any(is_garbled)
    }

    /// Decodes cell by cell into the buffers.
    #[cold]
    fn rewrite<'r>(&'r mut self, record: &Record<'r>, report: &mut Report<'_, 'r>) -> Cells<'r> {
        self.text.clear();
        self.spans.clear();
        let has_nul = has_nul(record);
        for (column, bytes) in record.fields().enumerate() {
            let start = self.text.len();
            self.decode(column, bytes, report);
            if self.is_decoded && self.text[start..].contains(FAULT) {
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
        Cells::new(&self.text, &self.spans)
    }

    fn decode<'r>(&mut self, column: usize, bytes: &[u8], report: &mut Report<'_, 'r>) {
        let start = self.text.len();
        if self.decoder.decode_cell(bytes, &mut self.text).is_none() {
            return;
        }
        if self.decoder.encoding() == Encoding::Utf8 {
            // Files put together from several sources: most often, one of them was windows-1252.
            let lossy = self.text.split_off(start);
            if self.fallback.decode_cell(bytes, &mut self.text).is_some() {
                self.text.truncate(start);
                self.text.push_str(&lossy);
            }
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

    #[test]
    fn trims_what_cannot_be_seen() {
        assert_eq!(trim("\u{FEFF}\u{A0} Ada\u{200B}\t"), "Ada");
        assert_eq!(trim("é"), "é");
        assert_eq!(trim(" \u{A0}"), "");
    }
}
