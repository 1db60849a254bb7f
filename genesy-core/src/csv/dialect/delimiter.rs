//! The dialect: delimiter, quote, escape and line end.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What separates two cells: one to four bytes, kept inline. Serialized as a string.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Delimiter {
    bytes: [u8; Self::BYTES_MAX],
    length: u8,
}

impl Delimiter {
    /// The longest delimiter, in bytes.
    pub const BYTES_MAX: usize = 4;
    /// `,`
    pub const COMMA: Self = Self::byte(b',');
    /// `;`
    pub const SEMICOLON: Self = Self::byte(b';');
    /// The horizontal tab.
    pub const TAB: Self = Self::byte(b'\t');
    /// `|`
    pub const PIPE: Self = Self::byte(b'|');

    /// A delimiter of one to four bytes of valid UTF-8 without a line end; `None` for anything else.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let fits = (1..=Self::BYTES_MAX).contains(&bytes.len());
        if !fits || bytes.iter().any(|b| matches!(b, b'\r' | b'\n')) {
            return None;
        }
        std::str::from_utf8(bytes).ok()?;
        let mut inline = [0; Self::BYTES_MAX];
        inline[..bytes.len()].copy_from_slice(bytes);
        Some(Self { bytes: inline, length: bytes.len() as u8 })
    }

    pub(super) const fn byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], length: 1 }
    }

    /// The bytes themselves.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The byte, if there is exactly one.
    pub const fn is_single(&self) -> Option<u8> {
        if self.length == 1 { Some(self.bytes[0]) } else { None }
    }

    /// Stands for "the file has one column" while hypotheses are compared.
    pub(super) const NOTHING: Self = Self { bytes: [0; Self::BYTES_MAX], length: 0 };

    pub(super) const fn first(self) -> u8 {
        self.bytes[0]
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(self.as_bytes()).unwrap_or_default())
    }
}

impl fmt::Debug for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delimiter({})", self.as_bytes().escape_ascii())
    }
}

impl From<Delimiter> for String {
    fn from(delimiter: Delimiter) -> Self {
        delimiter.to_string()
    }
}

impl TryFrom<String> for Delimiter {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text.as_bytes()).ok_or("a delimiter has one to four bytes and no line end")
    }
}

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r` alone, as old Macintosh programs write.
    Cr,
    /// More than one kind in the same sample.
    Mixed,
}

/// How cells and rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dialect {
    /// What separates cells.
    pub delimiter: Delimiter,
    /// What encloses cells; `None` when quote marks in the file are ordinary text.
    pub quote: Option<u8>,
    /// What takes away the meaning of a quote or delimiter after it, beside doubled quotes.
    pub escape: Option<u8>,
    /// How rows end.
    pub line_end: LineEnd,
}

impl Default for Dialect {
    /// RFC 4180 with bare line feeds: comma, `"` doubled inside quotes, no escape.
    fn default() -> Self {
        Self { delimiter: Delimiter::COMMA, quote: Some(b'"'), escape: None, line_end: LineEnd::Lf }
    }
}
