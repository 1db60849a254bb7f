//! Recognising files that are not delimited text.

use serde::{Deserialize, Serialize};

/// What a file is instead of delimited text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BinaryKind {
    /// A ZIP archive that is none of the office formats below.
    Zip,
    /// An Excel workbook (Office Open XML).
    Xlsx,
    /// A Word document (Office Open XML).
    Docx,
    /// An OpenDocument spreadsheet.
    Ods,
    /// An OLE2 file: an Excel workbook from before 2007, as a rule.
    Xls,
    /// A PDF document.
    Pdf,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// A 7z archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// Apache Parquet.
    Parquet,
    /// Apache Avro.
    Avro,
    /// Apache Arrow, or Feather version 2.
    Arrow,
    /// Feather version 1.
    Feather,
    /// A SQLite database.
    Sqlite,
    /// A PNG image.
    Png,
    /// A JPEG image.
    Jpeg,
    /// A GIF image.
    Gif,
    /// An HTML page: some tools call one "Excel export".
    Html,
    /// XML.
    Xml,
    /// JSON, or JSON lines.
    Json,
    /// A rich text document.
    Rtf,
    /// vCard: an address book.
    Vcard,
    /// Bytes that no text encoding explains.
    Unknown,
}

/// Names the kind of `bytes`, the start of a file, if it is not delimited text.
///
/// A few kilobytes are enough. Text formats that are no table (HTML, XML, JSON, vCard) are named
/// too, in UTF-8 and its ASCII-compatible relatives.
pub fn sniff_binary(bytes: &[u8]) -> Option<BinaryKind> {
    if let Some(&(_, kind)) = SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(if kind == BinaryKind::Zip { zip_kind(bytes) } else { kind });
    }
    if super::bom(bytes).is_some_and(|(encoding, _)| encoding != super::Encoding::Utf8) {
        return None;
    }
    text_kind(bytes).or_else(|| is_unknown_binary(bytes).then_some(BinaryKind::Unknown))
}

/// Signatures at offset 0, from the formats' specifications.
const SIGNATURES: &[(&[u8], BinaryKind)] = &[
    (b"PK\x03\x04", BinaryKind::Zip),
    (b"PK\x05\x06", BinaryKind::Zip),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", BinaryKind::Xls),
    (b"%PDF-", BinaryKind::Pdf),
    (b"\x1F\x8B\x08", BinaryKind::Gzip),
    (b"\x28\xB5\x2F\xFD", BinaryKind::Zstd),
    (b"BZh1", BinaryKind::Bzip2),
    (b"BZh2", BinaryKind::Bzip2),
    (b"BZh3", BinaryKind::Bzip2),
    (b"BZh4", BinaryKind::Bzip2),
    (b"BZh5", BinaryKind::Bzip2),
    (b"BZh6", BinaryKind::Bzip2),
    (b"BZh7", BinaryKind::Bzip2),
    (b"BZh8", BinaryKind::Bzip2),
    (b"BZh9", BinaryKind::Bzip2),
    (b"\xFD7zXZ\x00", BinaryKind::Xz),
    (b"7z\xBC\xAF\x27\x1C", BinaryKind::SevenZip),
    (b"Rar!\x1A\x07", BinaryKind::Rar),
    (b"PAR1", BinaryKind::Parquet),
    (b"Obj\x01", BinaryKind::Avro),
    (b"ARROW1", BinaryKind::Arrow),
    (b"FEA1", BinaryKind::Feather),
    (b"SQLite format 3\x00", BinaryKind::Sqlite),
    (b"\x89PNG\r\n\x1A\n", BinaryKind::Png),
    (b"\xFF\xD8\xFF", BinaryKind::Jpeg),
    (b"GIF87a", BinaryKind::Gif),
    (b"GIF89a", BinaryKind::Gif),
    (b"{\\rtf", BinaryKind::Rtf),
];

/// How far the entry names of a ZIP file are looked for, in bytes.
const ZIP_BYTES_MAX: usize = 8 * 1024;

/// Tells office documents from other ZIP files by the names of their first entries.
fn zip_kind(bytes: &[u8]) -> BinaryKind {
    let start = &bytes[..bytes.len().min(ZIP_BYTES_MAX)];
    let holds = |name: &[u8]| memchr::memmem::find(start, name).is_some();
    if holds(b"application/vnd.oasis.opendocument.spreadsheet") {
        BinaryKind::Ods
    } else if holds(b"xl/") {
        BinaryKind::Xlsx
    } else if holds(b"word/") {
        BinaryKind::Docx
    } else if holds(b"[Content_Types].xml") {
        // An office document whose other entries come later: a workbook is by far the likeliest.
        BinaryKind::Xlsx
    } else {
        BinaryKind::Zip
    }
}

/// How much of the text is looked at to tell formats apart, in bytes.
const TEXT_BYTES_MAX: usize = 4 * 1024;

fn text_kind(bytes: &[u8]) -> Option<BinaryKind> {
    let skip = super::bom(bytes).map_or(0, |(_, length)| length);
    let text = bytes[skip..].trim_ascii_start();
    let text = &text[..text.len().min(TEXT_BYTES_MAX)];
    let starts =
        |name: &[u8]| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if starts(b"BEGIN:VCARD") {
        return Some(BinaryKind::Vcard);
    }
    if starts(b"<!doctype html")
        || [&b"<html"[..], b"<head", b"<body", b"<table"].iter().any(|tag| starts(tag))
    {
        return Some(BinaryKind::Html);
    }
    if starts(b"<?xml") || starts(b"<!--") {
        let is_html = memchr::memmem::find(text, b"<html").is_some();
        return Some(if is_html { BinaryKind::Html } else { BinaryKind::Xml });
    }
    is_json(text).then_some(BinaryKind::Json)
}

/// An object with a first key, or an array of objects, arrays or nothing. A table whose first cell
/// begins with a bracket does not go on like that.
fn is_json(text: &[u8]) -> bool {
    match text.first() {
        Some(b'{') => is_json_object(after_bracket(text)),
        Some(b'[') => {
            let inside = after_bracket(text);
            match inside.first() {
                Some(b'{') => is_json_object(after_bracket(inside)),
                Some(b'[') => {
                    matches!(after_bracket(inside).first(), Some(b'"' | b'0'..=b'9' | b'['))
                }
                Some(b']') => inside.trim_ascii() == b"]",
                _ => false,
            }
        }
        _ => false,
    }
}

/// What follows the brace: a key and a colon, or the end.
fn is_json_object(inside: &[u8]) -> bool {
    match inside {
        [b'}', ..] => true,
        [b'"', key @ ..] => memchr::memchr(b'"', key)
            .is_some_and(|end| key[end + 1..].trim_ascii_start().first() == Some(&b':')),
        _ => false,
    }
}

fn after_bracket(text: &[u8]) -> &[u8] {
    text.get(1..).unwrap_or_default().trim_ascii_start()
}

/// How many bytes are looked at for control characters.
const CONTROL_BYTES_MAX: usize = 16 * 1024;

/// Whether control characters are too many for text in any encoding.
fn is_unknown_binary(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(CONTROL_BYTES_MAX)];
    // Escape and shift characters belong to ISO-2022; tabs, line ends and 0x1A to old text files.
    let is_control = |byte: u8| matches!(byte, 0x01..=0x08 | 0x10..=0x19 | 0x1C..=0x1F | 0x7F);
    let zeros = start.iter().filter(|&&byte| byte == 0).count();
    let controls = start.iter().filter(|&&byte| is_control(byte)).count();
    if zeros + controls == 0 || super::detect::looks_like_utf16(start).is_some() {
        return false;
    }
    let is_share = |count: usize, percent: usize| count * 100 > start.len() * percent;
    // Text files are padded with zeros at times, and hold a stray control character.
    is_share(controls, CONTROLS_PERCENT_MAX) || is_share(zeros, ZEROS_PERCENT_MAX)
}

/// Control characters that text may hold, of a hundred bytes.
const CONTROLS_PERCENT_MAX: usize = 2;

/// Zero bytes that text may hold, of a hundred bytes.
const ZEROS_PERCENT_MAX: usize = 10;

#[cfg(test)]
mod tests {
    use super::{BinaryKind, sniff_binary};

    #[test]
    fn known_starts() {
        for (bytes, kind) in [
            (
                &b"PK\x03\x04\x14\0\x06\0[Content_Types].xml ... xl/workbook.xml"[..],
                BinaryKind::Xlsx,
            ),
            (b"PK\x03\x04....word/document.xml", BinaryKind::Docx),
            (
                b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                BinaryKind::Ods,
            ),
            (b"PK\x03\x04..photos/cat.jpg", BinaryKind::Zip),
            (b"%PDF-1.7", BinaryKind::Pdf),
            (b"SQLite format 3\0", BinaryKind::Sqlite),
            (b"\xEF\xBB\xBF\n<!DOCTYPE HTML>", BinaryKind::Html),
            (b"<?xml version='1.0'?><leads/>", BinaryKind::Xml),
            (b"[ {\"name\": \"x\"} ]", BinaryKind::Json),
            (b"{\"name\": \"x\"}\n{", BinaryKind::Json),
            (b"BEGIN:VCARD\r\nVERSION:3.0", BinaryKind::Vcard),
            (b"\x01\x02\x03\x04\0\0\0\0\x05\x06\x07\x10", BinaryKind::Unknown),
        ] {
            assert_eq!(sniff_binary(bytes), Some(kind), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn tables_are_not_binary() {
        for bytes in [
            &b"name,email\nAda,ada@example.com\n"[..],
            b"[id],{name}\n1,x\n",
            b"n\0a\0m\0e\0,\0x\0\n\0A\0d\0a\0,\0y\0\n\0",
            b"\xFF\xFEn\0",
            b"PKW,DE\n",
            b"name\tnote\nAda\0\tx\n",
            b"",
        ] {
            assert_eq!(sniff_binary(bytes), None, "{}", bytes.escape_ascii());
        }
    }
}
