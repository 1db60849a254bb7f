//! Why a text is not an e-mail address.

use serde::{Deserialize, Serialize};

/// Why a text is not a mailbox, and where.
///
/// The message never quotes the text: an address is personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{kind} (at byte {at})")]
#[non_exhaustive]
pub struct AddressError {
    /// What is wrong.
    pub kind: AddressErrorKind,
    /// Where it was noticed: a byte offset into the text, at most its length.
    pub at: usize,
}

impl AddressError {
    pub(super) const fn new(kind: AddressErrorKind, at: usize) -> Self {
        Self { kind, at }
    }

    /// The same error in a text where the parsed part began at byte `offset`.
    pub(super) const fn shifted(self, offset: usize) -> Self {
        Self { kind: self.kind, at: self.at + offset }
    }
}

/// What is wrong with a text that should be a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AddressErrorKind {
    /// There is nothing at all.
    #[error("the address is empty: fill it in or leave it out")]
    Empty,
    /// There is no `@`.
    #[error("there is no @: an address is written local@domain")]
    MissingAt,
    /// Nothing stands before the `@`.
    #[error("nothing stands before the @: add the local part")]
    EmptyLocalPart,
    /// The local part is longer than [`LOCAL_PART_OCTETS_MAX`](super::LOCAL_PART_OCTETS_MAX).
    #[error("the local part is longer than 64 octets: shorten it")]
    LocalPartTooLong,
    /// A dot starts or ends the local part, or follows a dot.
    #[error("a dot stands first, last or twice in the local part: remove it or quote the part")]
    MisplacedDot,
    /// The local part has a character that only a quoted local part may have.
    #[error("this character is not allowed in a local part: remove it or quote the part")]
    LocalPartCharacter,
    /// A quoted local part is never closed.
    #[error("the quoted local part is not closed: add the closing quote before the @")]
    UnclosedQuote,
    /// A quoted local part has a character that not even quotes allow, such as a control.
    #[error("this character is not allowed between quotes: remove it")]
    QuotedCharacter,
    /// Something other than `@` follows the closing quote.
    #[error("only @ may follow the closing quote: quote the whole local part")]
    TextAfterQuote,
    /// Nothing stands after the `@`.
    #[error("nothing stands after the @: add the domain")]
    EmptyDomain,
    /// Two dots in a row, or a dot first or last, in the domain.
    #[error("the domain has an empty label: remove the extra dot")]
    EmptyLabel,
    /// A label of the domain is longer than [`LABEL_OCTETS_MAX`](super::LABEL_OCTETS_MAX).
    #[error("a label of the domain is longer than 63 octets: shorten it")]
    LabelTooLong,
    /// A label of the domain starts or ends with a hyphen.
    #[error("a label of the domain starts or ends with a hyphen: remove it")]
    MisplacedHyphen,
    /// The domain has a character other than letters, digits, hyphens and dots.
    #[error("this character is not allowed in a domain: use letters, digits, hyphens and dots")]
    DomainCharacter,
    /// A label is not a valid internationalized label (UTS 46).
    #[error("the domain is not a valid internationalized domain name: check its spelling")]
    InvalidInternationalDomain,
    /// An address literal is never closed.
    #[error("the address literal is not closed: add the closing bracket at the end")]
    UnclosedLiteral,
    /// What stands between the brackets is no address literal.
    #[error("this is no address literal: write an IPv4 address, or IPv6: and one of that kind")]
    InvalidLiteral,
    /// The whole is longer than [`MAILBOX_OCTETS_MAX`](super::MAILBOX_OCTETS_MAX).
    #[error("the address is longer than 254 octets: shorten it")]
    TooLong,
}
