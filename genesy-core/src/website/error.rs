//! Why a text is no website.

use serde::{Deserialize, Serialize};

/// Why a text is no website. The message never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}")]
#[non_exhaustive]
pub struct WebsiteError {
    /// What is wrong.
    pub kind: WebsiteErrorKind,
}

impl WebsiteError {
    pub(super) const fn new(kind: WebsiteErrorKind) -> Self {
        Self { kind }
    }
}

/// What a text is instead of a website.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebsiteErrorKind {
    /// There is nothing at all.
    #[error("the website is empty: fill it in or leave it out")]
    Empty,
    /// A scheme other than `http` and `https`.
    #[error("the scheme is neither http nor https: give the address of a website")]
    UnsupportedScheme,
    /// An e-mail address.
    #[error("this is an e-mail address: move it to the e-mail column")]
    EmailAddress,
    /// An IP address, which belongs to no company by its name.
    #[error("this is an IP address: give a host name")]
    IpAddress,
    /// No host name: a word, a sentence, a name with characters that hosts do not have.
    #[error("this is no host name: give one such as www.example.com")]
    InvalidHost,
    /// What follows the host's colon is no port.
    #[error("the port is no number from 0 to 65535: remove or correct it")]
    InvalidPort,
    /// A host without a registrable domain: a public suffix, or a name under none.
    #[error("no registrable domain is in this host name: check how it ends")]
    NoRegistrableDomain,
}
