//! Leads as bytes: quoting, line ends, encoding, and the deliberate faults of the pathological shape.

use encoding_rs::WINDOWS_1252;

use super::random::Random;
use super::{COLUMNS, Shape};

/// Fields in a hundred that are quoted without need.
const NEEDLESS_QUOTES_PERCENT: u64 = 5;

/// The characters that a file can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repertoire {
    Utf8,
    Windows1252,
}

impl Repertoire {
    /// Whether `text` can be written.
    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::Utf8 => true,
            Self::Windows1252 => !WINDOWS_1252.encode(text).2,
        }
    }
}

/// Writes records of one shape into memory.
pub(super) struct RecordWriter {
    shape: Shape,
    repertoire: Repertoire,
    bytes: Vec<u8>,
    /// The record being written, reused.
    line: String,
}

impl RecordWriter {
    pub(super) fn new(shape: Shape, repertoire: Repertoire, capacity: usize) -> Self {
        // The last record reaches over the edge; no field is so long that this would not do.
        Self { shape, repertoire, bytes: Vec::with_capacity(capacity + 1024), line: String::new() }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn write_header(&mut self, header: &[&str]) {
        for (column, name) in header.iter().enumerate() {
            self.separate(column);
            if self.shape == Shape::QuoteAll { self.quote(name) } else { self.line.push_str(name) }
        }
        self.finish();
    }

    pub(super) fn write(&mut self, fields: &[String; COLUMNS], random: &mut Random) {
        if self.shape == Shape::Pathological {
            self.write_pathological(fields, random);
            return;
        }
        for (column, field) in fields.iter().enumerate() {
            self.separate(column);
            self.field(field, random);
        }
        self.finish();
    }

    /// Every record has an unquoted field with quotes in its middle. Of a hundred records, one has a quote
    /// that is never closed, two go on after a closing quote, and ten have a field too few or too many.
    fn write_pathological(&mut self, fields: &[String; COLUMNS], random: &mut Random) {
        const JOB_TITLE: usize = 3;
        const COMPANY: usize = 5;
        let fault = random.below(100);
        for (column, field) in fields.iter().enumerate() {
            if fault < 5 && column == COLUMNS - 1 {
                break;
            }
            self.separate(column);
            match (column, fault) {
                (JOB_TITLE, _) => {
                    let plain = field.replace([',', '\n', '"'], " ");
                    self.line.push_str(&plain.replacen(' ', " \"", 1));
                    self.line.push_str("\" (m/f/d)");
                }
                (COMPANY, 98) => {
                    self.line.push('"');
                    self.line.push_str(&field.replace(['"', '\n'], " "));
                }
                (COMPANY, 96..98) => {
                    self.quote(field);
                    self.line.push_str(" & Co");
                }
                _ => self.field(field, random),
            }
        }
        if (5..10).contains(&fault) {
            self.separate(COLUMNS);
            self.line.push_str("surplus");
        }
        self.finish();
    }

    fn separate(&mut self, column: usize) {
        if column > 0 {
            self.line.push(char::from(self.shape.delimiter()));
        }
    }

    fn field(&mut self, field: &str, random: &mut Random) {
        let needs_quotes = field
            .bytes()
            .any(|byte| byte == self.shape.delimiter() || matches!(byte, b'"' | b'\n' | b'\r'));
        let quoted = needs_quotes
            || self.shape == Shape::QuoteAll
            || random.percent(NEEDLESS_QUOTES_PERCENT);
        if quoted { self.quote(field) } else { self.line.push_str(field) }
    }

    fn quote(&mut self, field: &str) {
        self.line.push('"');
        for character in field.chars() {
            if character == '"' {
                self.line.push('"');
            }
            self.line.push(character);
        }
        self.line.push('"');
    }

    fn finish(&mut self) {
        match self.repertoire {
            Repertoire::Utf8 => {
                self.bytes.extend_from_slice(self.line.as_bytes());
                self.bytes.push(b'\n');
            }
            Repertoire::Windows1252 => {
                self.bytes.extend_from_slice(&WINDOWS_1252.encode(&self.line).0);
                self.bytes.extend_from_slice(b"\r\n");
            }
        }
        self.line.clear();
    }
}
