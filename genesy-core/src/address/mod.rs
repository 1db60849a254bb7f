//! E-mail addresses: RFC 5321 mailboxes, RFC 6531 internationalised ones, and their normal form.
//!
//! What counts is the envelope: the `Mailbox` of RFC 5321 §4.1.2, with the octet limits of
//! §4.5.3.1 and the UTF-8 extensions of RFC 6531 §3.3. What only a message header may hold
//! (comments, folding white space, the obsolete forms of RFC 5322) is an error.
//!
//! Where the grammar and practice differ:
//!
//! - A domain of one label (`a@b`) is valid, and so is a top-level domain of digits: the grammar of
//!   `Domain` asks for neither a dot nor a letter. Whether it can receive mail is DNS's to say.
//! - Hyphens at either end of a label, underscores and a trailing dot are errors (`Let-dig`, `Ldh-str`).
//! - A quoted local part may be empty, since `Quoted-string` asks for no content.
//! - An IPv6 literal's `::` stands for two groups or more; a literal with a tag that IANA has not
//!   registered (any but `IPv6`) is an error (§4.1.3).
//! - A non-ASCII domain is checked and mapped by UTS 46 (non-transitional), and its A-labels are
//!   what the limits apply to. A label `xn--…` must be a real A-label (RFC 5891 §5.4).
//! - A non-ASCII local part may not have controls, white space or invisible characters.
//!
//! ```
//! use genesy_core::address::AddressRef;
//!
//! let address = AddressRef::parse("Ada.Lovelace@Example.COM")?;
//! assert_eq!(address.local_part(), "Ada.Lovelace");
//! assert_eq!(address.normal_form(), "ada.lovelace@example.com");
//! # Ok::<(), genesy_core::address::AddressError>(())
//! ```

mod cell;
mod cleaning;
mod domain;
mod error;
pub mod lists;
mod literal;
mod normal;
mod owned;
mod parse;
#[cfg(feature = "csv")]
mod usual;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use cell::{CellAddress, OtherAddresses, from_cell};
pub use cleaning::{Cleaning, CleaningStep};
pub use error::{AddressError, AddressErrorKind};
#[cfg(feature = "verification")]
pub use lists::{is_disposable, is_role};
pub use lists::{is_free_mail, suggest_domain};
pub use owned::EmailAddress;

pub(crate) use domain::to_wire as domain_to_wire;
pub(crate) use parse::Shape;
#[cfg(feature = "csv")]
pub(crate) use parse::usual_domain_octets;
#[cfg(feature = "csv")]
pub(crate) use usual::usual_shape;

/// The longest local part, in octets as sent, quotes included (RFC 5321 §4.5.3.1.1).
pub const LOCAL_PART_OCTETS_MAX: usize = 64;

/// The longest domain, in octets with A-labels (RFC 5321 §4.5.3.1.2).
pub const DOMAIN_OCTETS_MAX: usize = 255;

/// The longest mailbox, in octets: a path of 256 less its angle brackets (RFC 5321 §4.5.3.1.3).
pub const MAILBOX_OCTETS_MAX: usize = 254;

/// The longest label of a domain, in octets as an A-label (RFC 1035 §2.3.4).
pub const LABEL_OCTETS_MAX: usize = 63;

/// A valid address, borrowed from the text it was read from.
///
/// Two of them are equal if their texts are; compare [normal forms](Self::normal_form) to find
/// the same mailbox written differently.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressRef<'a> {
    text: &'a str,
    shape: Shape,
}

/// What stands after the `@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DomainKind {
    /// A domain name, ASCII or internationalized.
    Name,
    /// An address literal in brackets.
    AddressLiteral,
}

impl<'a> AddressRef<'a> {
    /// Parses `text` as one mailbox and nothing else; see [`from_cell`] for looser texts.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with its byte offset.
    pub fn parse(text: &'a str) -> Result<Self, AddressError> {
        parse::parse(text).map(|shape| Self { text, shape })
    }

    /// An address that was parsed before: `text` with what the parse found.
    #[cfg(feature = "csv")]
    pub(crate) const fn with_shape(text: &'a str, shape: Shape) -> Self {
        Self { text, shape }
    }

    /// What the parse found beside the text.
    #[cfg(feature = "csv")]
    pub(crate) const fn shape(&self) -> Shape {
        self.shape
    }

    /// The whole address as it was written.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// The local part as it was written, quotes included.
    #[must_use]
    pub fn local_part(&self) -> &'a str {
        &self.text[..usize::from(self.shape.at)]
    }

    /// The domain as it was written, brackets included.
    #[must_use]
    pub fn domain(&self) -> &'a str {
        &self.text[usize::from(self.shape.at) + 1..]
    }

    /// Whether the domain is a name or an address literal.
    #[must_use]
    pub const fn domain_kind(&self) -> DomainKind {
        if self.shape.literal { DomainKind::AddressLiteral } else { DomainKind::Name }
    }

    /// Whether the local part is a quoted string.
    #[must_use]
    pub const fn is_quoted(&self) -> bool {
        self.shape.quoted
    }

    /// Whether the receiving server must offer SMTPUTF8 (RFC 6531): the local part is not ASCII.
    /// A non-ASCII domain alone needs no extension, as it can be sent in A-labels.
    #[must_use]
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part().is_ascii()
    }

    /// Whether the address needs no change to be its own normal form.
    #[must_use]
    pub const fn is_normal(&self) -> bool {
        self.shape.normal
    }

    /// The key to compare addresses by: lower-case A-labels for the domain; for the local part NFC,
    /// case folded, without needless quotes and escapes.
    ///
    /// A key only: a server may tell `Ada` from `ada` (RFC 5321 §2.4), so mail is sent to the
    /// address [as written](Self::as_str). Nor is it always an address: NFC takes some letters apart
    /// (U+0958), so that it can pass [`LOCAL_PART_OCTETS_MAX`] where the address does not.
    #[must_use]
    pub fn normal_form(&self) -> String {
        let mut normal = String::with_capacity(self.text.len());
        self.write_normal_form(&mut normal);
        normal
    }

    /// Appends the [normal form](Self::normal_form) to `normal`.
    pub fn write_normal_form(&self, normal: &mut String) {
        if self.shape.normal {
            normal.push_str(self.text);
        } else {
            normal::write_normal_form(*self, normal);
        }
    }

    /// Calls `visit` once with the bytes of the [normal form](Self::normal_form), without
    /// allocating for an unquoted ASCII address: feed them to a hasher.
    pub fn with_normal_form<R>(&self, visit: impl FnOnce(&[u8]) -> R) -> R {
        normal::with_normal_form(*self, visit)
    }

    /// An owned copy.
    #[must_use]
    pub fn to_email_address(&self) -> EmailAddress {
        EmailAddress::from(*self)
    }
}

impl fmt::Debug for AddressRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressRef").finish_non_exhaustive()
    }
}
