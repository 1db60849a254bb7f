//! From a record's bytes to its cells' text.

use super::issue::IssueCode;
use super::row::Report;
use super::understanding::text_encoding;
use crate::csv::encoding::{CellDecoder, Encoding, mojibake};
use crate::csv::read::{IrregularityKind, Record, Span};

/// What stands for bytes that are no text: the replacement character.
const FAULT: &str = "\u{FFFD}";

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

const fn is_white(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

fn has_nul(record: &Record<'_>) -> bool {
    let is_nul = |kind| kind == IrregularityKind::NulByte;
    record.irregularities().iter().any(|one| is_nul(one.kind))
}

/// Whether two characters beyond ASCII stand side by side, as they do in all garbled UTF-8: each of
/// its characters came from two bytes or more. A quick look that passes over most records.
///
/// The second one is of Latin, Greek, punctuation or box drawing, since those are what the
/// single-byte encodings hold that UTF-8 is mistaken for; Cyrillic, Arabic, Thai or Chinese is not.
fn may_be_garbled(utf8: &[u8]) -> bool {
    let is_end = |byte: u8| byte & 0xC0 == 0x80;
    let is_start = |byte: u8| (0xC2..=0xCF).contains(&byte) | (byte == 0xE2) | (byte == 0xEF);
    let pairs = utf8.iter().zip(utf8.get(1..).unwrap_or_default());
    pairs.fold(false, |any, (&a, &b)| any | (is_end(a) & is_start(b)))
}

/// Decodes records; keeps the buffers that a record needs which is not text as it stands.
pub(super) struct CellReader {
    decoder: CellDecoder,
    /// The file was decoded before it was split: what was malformed is U+FFFD by now.
    is_decoded: bool,
    /// What reads a cell that is not UTF-8 in a UTF-8 file.
    fallback: CellDecoder,
    repair_mojibake: bool,
    text: String,
    spans: Vec<Span>,
    /// Where runs beyond ASCII end, and by how much the text has grown there.
    growths: Vec<(usize, usize)>,
}

impl CellReader {
    /// A reader for files in `encoding`.
    pub(super) fn new(encoding: Encoding, repair_mojibake: bool) -> Self {
        Self {
            decoder: CellDecoder::new(text_encoding(encoding)),
            is_decoded: !encoding.tokenizes_raw(),
            fallback: CellDecoder::new(Encoding::Windows1252),
            repair_mojibake,
            text: String::new(),
            spans: Vec::new(),
            growths: Vec::new(),
        }
    }

    /// What decodes the cells.
    pub(super) const fn decoder(&self) -> CellDecoder {
        self.decoder
    }

    /// Whether there is nothing in `record` but white space.
    #[inline]
    pub(super) fn is_blank(&self, record: &Record<'_>) -> bool {
        let is_ink = |byte: &u8| (0x21..0x7F).contains(byte);
        let first = record.fields().find_map(|field| field.iter().find(|&byte| !is_white(*byte)));
        match first {
            None => true,
            Some(byte) if is_ink(byte) => false,
            Some(_) => self.is_blank_text(record),
        }
    }

    #[cold]
    fn is_blank_text(&self, record: &Record<'_>) -> bool {
        record.fields().all(|field| {
            let mut text = String::new();
            self.decoder.decode_cell(field, &mut text);
            trim(&text).is_empty()
        })
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
        let has_nul = has_nul(record);
        // In a copy of the record no separator keeps the bytes of two cells apart.
        let is_whole = !has_nul && std::ptr::eq(data, record.raw());
        let is_text = is_whole && is_utf8 || !has_nul && data.is_ascii();
        let is_faulty = self.is_decoded && memchr::memmem::find(data, FAULT.as_bytes()).is_some();
        if is_text
            && !is_faulty
            && let Ok(text) = simdutf8::basic::from_utf8(data)
        {
            let cells = Cells { text, spans: record.spans() };
            if !may_be_garbled(data) || !self.is_garbled(&cells) {
                return cells;
            }
        }
        let is_decoded = !is_utf8 && is_whole && self.decode_all(record);
        if !is_decoded || self.repair_mojibake && may_be_garbled(self.text.as_bytes()) {
            self.rewrite(record, report);
        }
        Cells { text: &self.text, spans: &self.spans }
    }

    /// Decodes a record as one piece, and moves its spans along; false if bytes are malformed.
    fn decode_all(&mut self, record: &Record<'_>) -> bool {
        self.text.clear();
        self.spans.clear();
        self.growths.clear();
        let mut rest = record.data();
        while !rest.is_empty() {
            let is_beyond = |byte: &u8| !byte.is_ascii();
            let (ascii, beyond) =
                rest.split_at(rest.iter().position(is_beyond).unwrap_or(rest.len()));
            let (run, after) =
                beyond.split_at(beyond.iter().position(u8::is_ascii).unwrap_or(beyond.len()));
            let Ok(ascii) = std::str::from_utf8(ascii) else { return false };
            self.text.push_str(ascii);
            if self.decoder.decode_cell(run, &mut self.text).is_some() {
                return false;
            }
            let position = record.data().len() - after.len();
            self.growths.push((position, self.text.len() - position));
            rest = after;
        }
        // No cell begins or ends inside a run beyond ASCII: around cells there is ASCII.
        let mut growths = self.growths.iter().peekable();
        let mut growth = 0;
        let mut moved = |position: usize| {
            while let Some((_, grown)) = growths.next_if(|(end, _)| *end <= position) {
                growth = *grown;
            }
            position + growth
        };
        let spans = record.spans().iter();
        self.spans.extend(spans.map(|span| Span::new(moved(span.start()), moved(span.end()))));
        true
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
    use super::{may_be_garbled, trim};

    #[test]
    fn single_accents_are_not_looked_at_twice() {
        assert!(!may_be_garbled("José Müller, Zoë".as_bytes()));
        assert!(!may_be_garbled("Россия, 日本, ประเทศไทย".as_bytes()));
        for garbled in ["JosÃ©", "â€™", "Jos√©", "Jos├®", "MÃƒÂ©xico", "Đ¡ÑŒ", "Ð Ð¾ÑÑÐ¸Ñ"]
        {
            assert!(may_be_garbled(garbled.as_bytes()), "{garbled}");
        }
    }

    #[test]
    fn trims_what_cannot_be_seen() {
        assert_eq!(trim("\u{FEFF}\u{A0} Ada\u{200B}\t"), "Ada");
        assert_eq!(trim("é"), "é");
        assert_eq!(trim(" \u{A0}"), "");
    }
}
