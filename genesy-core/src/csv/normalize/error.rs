//! Why a file cannot be read at all.

use crate::csv::encoding::BinaryKind;

/// Why a file gives no rows at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file has no bytes, or none but a byte order mark and white space.
    #[error("the file is empty: export it again, with a header row and one row a lead")]
    Empty,
    /// The file is not delimited text.
    #[error("the file is not a CSV file but {}: {}", name(*kind), advice(*kind))]
    Binary {
        /// What it is instead.
        kind: BinaryKind,
    },
}

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes could not be had.
    #[error("reading the file failed at byte {offset}")]
    Io {
        /// Bytes read until then.
        offset: u64,
        /// What the reader said.
        source: std::io::Error,
    },
    /// The bytes are not a leads file.
    #[error(transparent)]
    File(#[from] FileError),
}

const fn name(kind: BinaryKind) -> &'static str {
    match kind {
        BinaryKind::Zip => "a ZIP archive",
        BinaryKind::Xlsx => "an Excel workbook (.xlsx)",
        BinaryKind::Docx => "a Word document (.docx)",
        BinaryKind::Ods => "an OpenDocument spreadsheet (.ods)",
        BinaryKind::Xls => "an Excel workbook (.xls)",
        BinaryKind::Pdf => "a PDF document",
        BinaryKind::Gzip => "a gzip archive",
        BinaryKind::Zstd => "a Zstandard archive",
        BinaryKind::Bzip2 => "a bzip2 archive",
        BinaryKind::Xz => "an xz archive",
        BinaryKind::SevenZip => "a 7z archive",
        BinaryKind::Rar => "a RAR archive",
        BinaryKind::Parquet => "a Parquet file",
        BinaryKind::Avro => "an Avro file",
        BinaryKind::Arrow => "an Arrow file",
        BinaryKind::Feather => "a Feather file",
        BinaryKind::Sqlite => "a SQLite database",
        BinaryKind::Png => "a PNG image",
        BinaryKind::Jpeg => "a JPEG image",
        BinaryKind::Gif => "a GIF image",
        BinaryKind::Html => "an HTML page",
        BinaryKind::Xml => "an XML document",
        BinaryKind::Json => "JSON",
        BinaryKind::Rtf => "a rich text document",
        BinaryKind::Vcard => "an address book (vCard)",
        BinaryKind::Unknown => "binary data",
    }
}

const fn advice(kind: BinaryKind) -> &'static str {
    match kind {
        BinaryKind::Xlsx | BinaryKind::Xls | BinaryKind::Ods => {
            "open it in a spreadsheet program and save the sheet as \"CSV UTF-8\""
        }
        BinaryKind::Zip
        | BinaryKind::Gzip
        | BinaryKind::Zstd
        | BinaryKind::Bzip2
        | BinaryKind::Xz
        | BinaryKind::SevenZip
        | BinaryKind::Rar => "unpack it and give the CSV file inside",
        _ => "export the leads as CSV",
    }
}
