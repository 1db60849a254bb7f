//! From a record's bytes to its cells' text.

use super::issue::IssueCode;
use super::row::Report;
use crate::csv::encoding::{CellDecoder, Encoding, mojibake};
use crate::csv::read::{IrregularityKind, Record, Span};

/// The text of one record's cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells<'r> {
    text: &'r str,
    spans: &'r [Span],
}

impl<'r> Cells<'r> {
    pub(super) const fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cell in `column` as it was read; empty if the row has no such cell.
    #[inline(always)]
    pub(super) fn get(&self, column: usize) -> &'r str {
        match self.spans.get(column) {
            Some(span) => self.text.get(span.start()..span.end()).unwrap_or_default(),
            None => "",
        }
    }

    /// The cell without the white space around it.
    #[inline(always)]
    pub(super) fn trimmed(&self, column: usize) -> &'r str {
        trim(self.get(column))
    }
}

/// `text` without white space, control characters and invisible marks around it.
#[inline(always)]
pub(super) fn trim(text: &str) -> &str {
    let is_plain = |byte: &u8| (0x21..0x7F).contains(byte);
    let bytes = text.as_bytes();
    if bytes.first().is_none_or(is_plain) && bytes.last().is_none_or(is_plain) {
        return text;
    }
    trim_any(text)
}

#[cold]
fn trim_any(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    })
}

/// Decodes records; keeps the buffers that a record needs which is not text as it stands.
#[derive(Debug)]
pub(super) struct CellReader {
    decoder: CellDecoder,
    /// What reads a cell that is not UTF-8 in a UTF-8 file.
    fallback: CellDecoder,
    repair_mojibake: bool,
    text: String,
    spans: Vec<Span>,
}

impl CellReader {
    pub(super) fn new(encoding: Encoding, repair_mojibake: bool) -> Self {
        Self {
            decoder: CellDecoder::new(encoding),
            fallback: CellDecoder::new(Encoding::Windows1252),
            repair_mojibake,
            text: String::new(),
            spans: Vec::new(),
        }
    }

    /// The cells of `record`; what had to be done to read them goes into `report`.
    #[inline]
    pub(super) fn read<'r>(
        &'r mut self,
        record: &Record<'r>,
        report: &mut Report<'_, 'r>,
    ) -> Cells<'r> {
        let data = record.data();
        let is_utf8 = self.decoder.encoding() == Encoding::Utf8;
        let is_text = record.irregularities().is_empty() && (is_utf8 || data.is_ascii());
        if is_text && let Ok(text) = simdutf8::basic::from_utf8(data) {
            let cells = Cells { text, spans: record.spans() };
            if text.is_ascii() || !self.is_garbled(&cells) {
                return cells;
            }
        }
        self.rewrite(record, report);
        Cells { text: &self.text, spans: &self.spans }
    }

    #[cold]
    fn is_garbled(&self, cells: &Cells<'_>) -> bool {
        self.repair_mojibake
            && (0..cells.len()).any(|column| mojibake::repair(cells.get(column)).is_some())
    }

    /// Decodes cell by cell into the buffers.
    fn rewrite<'r>(&mut self, record: &Record<'r>, report: &mut Report<'_, 'r>) {
        self.text.clear();
        self.spans.clear();
        let is_nul = |kind| kind == IrregularityKind::NulByte;
        let has_nul = record.irregularities().iter().any(|one| is_nul(one.kind));
        for (column, bytes) in record.fields().enumerate() {
            let start = self.text.len();
            self.decode(column, bytes, report);
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
    use super::trim;

    #[test]
    fn trims_what_cannot_be_seen() {
        assert_eq!(trim("\u{FEFF}\u{A0} Ada\u{200B}\t"), "Ada");
        assert_eq!(trim("é"), "é");
        assert_eq!(trim(" \u{A0}"), "");
    }
}
