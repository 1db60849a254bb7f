//! What a reply can mean.

use serde::{Deserialize, Serialize};

/// The command that a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// None: the server speaks first.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS (RFC 3207).
    StartTls,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
}

/// What a reply means for the address that is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The command succeeded.
    Accepted,
    /// Nobody has this address.
    NoSuchMailbox,
    /// The mailbox is there, and takes no mail: closed, suspended, or not used for long.
    MailboxDisabled,
    /// The recipient has another address now.
    Moved,
    /// The server says that the domain of the address takes no mail.
    NoSuchDomain,
    /// The mailbox is there and full.
    MailboxFull,
    /// The server takes mail of an unknown sender after a while.
    Greylisted {
        /// After how many seconds, if it says so.
        retry_after_s: Option<u32>,
    },
    /// It is about who asks, not about the recipient.
    Refused(Refusal),
    /// No more recipients in this transaction or connection. Another one may go on.
    TooManyRecipients,
    /// The server is not able now.
    Busy,
    /// The server wants TLS first.
    TlsRequired,
    /// The address needs SMTPUTF8 (RFC 6531), which the server or the mailbox does not have.
    Smtputf8Unsupported,
    /// The server does not know the command, or not so.
    NotUnderstood,
    /// Nothing that says anything about the address.
    Unclear,
}

/// Why a server refuses who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// A rule of the server.
    Policy,
    /// The client's address or the sender's domain is on a blocklist, or known for spam.
    Reputation,
    /// The client is to log in, or the sender does not pass SPF, DKIM or DMARC.
    Authentication,
    /// The client's address has no name, or one that does not lead back.
    NoPtr,
    /// Too many connections, commands or messages.
    RateLimited,
}

impl Meaning {
    /// Whether mail to the address cannot be delivered, by what the server says of the recipient.
    #[must_use]
    pub const fn is_undeliverable(self) -> bool {
        match self {
            Self::NoSuchMailbox | Self::MailboxDisabled | Self::Moved | Self::NoSuchDomain => true,
            Self::Accepted
            | Self::MailboxFull
            | Self::Greylisted { .. }
            | Self::Refused(_)
            | Self::TooManyRecipients
            | Self::Busy
            | Self::TlsRequired
            | Self::Smtputf8Unsupported
            | Self::NotUnderstood
            | Self::Unclear => false,
        }
    }
}

/// The meaning of a reply, and by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Classified {
    /// What it means.
    pub meaning: Meaning,
    /// The id of the rule that said so.
    pub rule: &'static str,
}
