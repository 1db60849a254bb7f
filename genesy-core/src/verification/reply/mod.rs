//! Replies of an SMTP server: read from bytes however they are split (RFC 5321 §4.2).
//!
//! ```
//! use genesy_core::verification::reply::ReplyReader;
//!
//! let mut reader = ReplyReader::default();
//! let mut first = b"550-5.1.1 The address is".as_slice();
//! assert!(reader.read(&mut first).is_none());
//! assert!(first.is_empty() && reader.is_within_reply());
//!
//! let mut second = b" not\r\n550 5.1.1 known here\r\n250 OK\r\n".as_slice();
//! let reply = reader.read(&mut second).expect("it is whole").expect("it is well formed");
//! assert_eq!(reply.code, 550);
//! assert_eq!(reply.enhanced.map(|code| code.to_string()).as_deref(), Some("5.1.1"));
//! assert_eq!(reply.text, "The address is not known here");
//! assert_eq!(second, b"250 OK\r\n");
//! ```

mod enhanced;
mod fingerprint;
mod head;
mod keywords;
mod reader;
mod text;

use std::fmt;

pub use self::enhanced::{EnhancedCode, EnhancedCodeError};
pub(super) use self::head::Details;
pub use self::keywords::{Keyword, Keywords};
pub use self::reader::{
    LINE_OCTETS_MAX, LINES_MAX, REPLY_OCTETS_MAX, ReplyError, ReplyReader, TEXT_BYTES_MAX,
};

/// One reply. It borrows its text from the reader, or from the bytes that were read.
///
/// `Debug` leaves the text out: servers repeat the address in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The reply code (RFC 5321 §4.2.1), 200 to 599.
    pub code: u16,
    /// The enhanced status code (RFC 3463) of the first line that has one.
    pub enhanced: Option<EnhancedCode>,
    /// The service extensions at the start of the lines behind the first (RFC 5321 §4.1.1.1).
    pub keywords: Keywords,
    /// The lines without their codes, joined by a space: no controls, no blank beside another, at most
    /// [`TEXT_BYTES_MAX`] bytes. What is not UTF-8 shows as U+FFFD.
    pub text: &'a str,
}

impl Reply<'_> {
    /// A hash of the codes and the text without what differs from one recipient to the next: the
    /// recipient, its local part, and tokens that look like an id or a time. Letter case does not count.
    ///
    /// It may be stored: it does not change between versions.
    #[must_use]
    pub fn fingerprint(&self, recipient: &str) -> u64 {
        fingerprint::fingerprint(self, recipient)
    }

    /// Whether the code is of the class `2yz`, a positive completion (RFC 5321 §4.2.1).
    #[must_use]
    pub const fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Whether the code is of the class `5yz`: the same command will not succeed.
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }
}

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("code", &self.code)
            .field("enhanced", &self.enhanced)
            .field("keywords", &self.keywords)
            .field("text_bytes", &self.text.len())
            .finish()
    }
}
