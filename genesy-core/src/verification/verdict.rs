//! How a verification ends: a verdict, its reason, and what to do about it.

use serde::{Deserialize, Serialize};

use super::classify::Refusal;
use super::messages::{ConnectFailure, DnsFailure};
use crate::address::AddressError;
use crate::time::Timestamp;

/// Whether mail to the address arrives, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A server takes mail for it.
    Deliverable,
    /// It does not arrive: no server takes it, and it would not help to try again.
    Undeliverable,
    /// A server takes mail, and it may not be read, or not by that person.
    Risky,
    /// Nothing sure was found out.
    Unknown,
}

impl Verdict {
    /// The word for it in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deliverable => "deliverable",
            Self::Undeliverable => "undeliverable",
            Self::Risky => "risky",
            Self::Unknown => "unknown",
        }
    }
}

/// How a verification ended: verdict and reason in one, so that no reason stands with a verdict that is
/// not its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// A server takes mail for it.
    Deliverable,
    /// It does not arrive.
    Undeliverable(Undeliverable),
    /// It may not be read, or not by that person.
    Risky(Risk),
    /// Nothing sure was found out.
    Unknown {
        /// Where it ended.
        stage: Stage,
        /// Why.
        reason: Unknown,
    },
}

/// Why mail does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Undeliverable {
    /// It is not an address (RFC 5321 §4.1.2).
    SyntaxInvalid(AddressError),
    /// The domain is not in the DNS, or its mail host knows no such domain.
    NoSuchDomain,
    /// The domain says that it takes no mail (RFC 7505).
    NullMx,
    /// The domain has neither mail exchangers nor addresses.
    NoMailHost,
    /// The server says that there is no such mailbox.
    NoSuchMailbox,
    /// The server says that the mailbox is disabled.
    MailboxDisabled,
    /// The server says that the mailbox moved elsewhere (551).
    Moved,
}

/// Why mail may not be read, or not by that person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Risk {
    /// The server takes any recipient of the domain.
    CatchAll,
    /// The mailbox is full.
    MailboxFull,
    /// The domain gives mailboxes that are thrown away. Only if the policy asks for it.
    Disposable,
    /// The mailbox is that of a function, not of a person. Only if the policy asks for it.
    Role,
}

/// Why nothing sure was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unknown {
    /// The time for the whole verification ran out.
    DeadlineExceeded,
    /// The time for the stage ran out, at the last server that was left.
    StageTimeout,
    /// There is no connection to any mail host.
    ConnectFailed(ConnectFailure),
    /// The configuration allows no connection to that address, or the network none to that port.
    EgressBlocked,
    /// The server closed the connection.
    Disconnected,
    /// The server's reply has no end.
    ReplyTooLong,
    /// What the server says is not SMTP.
    ProtocolViolation,
    /// The DNS gives no answer.
    DnsFailure(DnsFailure),
    /// None of the first mail hosts has an address, and there are more than may be tried.
    HostsLeft,
    /// The server wants to be asked again later.
    Greylisted {
        /// When it may say more.
        retry_at: Timestamp,
    },
    /// The server refuses whoever asks, not the recipient.
    SenderRefused(Refusal),
    /// The server refuses a recipient that cannot be, and its postmaster, with the same words.
    RefusesAnyone,
    /// The server is not able to answer now.
    Busy,
    /// The server wants TLS, which it does not offer, or which failed.
    TlsRequired,
    /// The server takes no addresses with letters beyond ASCII (RFC 6531).
    Smtputf8Unsupported,
    /// The server refuses, and does not say why.
    Unclear,
    /// It had to wait too long for its turn.
    QueueTimeout,
    /// The caller ended it.
    Cancelled,
}

/// The stages of a verification, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The address itself.
    Syntax,
    /// The domain's mail hosts and their addresses.
    Dns,
    /// Waiting for a turn at the mail host.
    Queue,
    /// The TCP connection.
    Connect,
    /// The server's first reply.
    Greeting,
    /// EHLO or HELO.
    Hello,
    /// STARTTLS and the handshake.
    StartTls,
    /// The sender: MAIL, and RSET before it in a session that was used.
    Mail,
    /// The recipient: RCPT.
    Recipient,
    /// A recipient that cannot be, and the postmaster.
    CatchAll,
    /// Waiting until the server wants to be asked again.
    Greylist,
    /// QUIT.
    Quit,
}

impl Stage {
    /// All of them.
    pub(crate) const ALL: [Self; 12] = [
        Self::Syntax,
        Self::Dns,
        Self::Queue,
        Self::Connect,
        Self::Greeting,
        Self::Hello,
        Self::StartTls,
        Self::Mail,
        Self::Recipient,
        Self::CatchAll,
        Self::Greylist,
        Self::Quit,
    ];

    /// The word for it in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Dns => "dns",
            Self::Queue => "queue",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Hello => "hello",
            Self::StartTls => "start_tls",
            Self::Mail => "mail",
            Self::Recipient => "recipient",
            Self::CatchAll => "catch_all",
            Self::Greylist => "greylist",
            Self::Quit => "quit",
        }
    }
}

impl Conclusion {
    /// The verdict alone.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Deliverable => Verdict::Deliverable,
            Self::Undeliverable(_) => Verdict::Undeliverable,
            Self::Risky(_) => Verdict::Risky,
            Self::Unknown { .. } => Verdict::Unknown,
        }
    }

    /// The stage at which an unknown one ended.
    pub const fn stage(&self) -> Option<Stage> {
        match self {
            Self::Unknown { stage, .. } => Some(*stage),
            Self::Deliverable | Self::Undeliverable(_) | Self::Risky(_) => None,
        }
    }

    /// The word for the reason in machine-readable output.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Deliverable => "accepted",
            Self::Undeliverable(reason) => match reason {
                Undeliverable::SyntaxInvalid(_) => "syntax_invalid",
                Undeliverable::NoSuchDomain => "no_such_domain",
                Undeliverable::NullMx => "null_mx",
                Undeliverable::NoMailHost => "no_mail_host",
                Undeliverable::NoSuchMailbox => "no_such_mailbox",
                Undeliverable::MailboxDisabled => "mailbox_disabled",
                Undeliverable::Moved => "moved",
            },
            Self::Risky(risk) => match risk {
                Risk::CatchAll => "catch_all",
                Risk::MailboxFull => "mailbox_full",
                Risk::Disposable => "disposable",
                Risk::Role => "role",
            },
            Self::Unknown { reason, .. } => reason.name(),
        }
    }

    /// What to do about it, in words.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Deliverable => "send",
            Self::Undeliverable(reason) => match reason {
                Undeliverable::SyntaxInvalid(_) => "correct the address: it is not one",
                Undeliverable::NoSuchDomain => {
                    "check the domain: it takes no mail because it is not there"
                }
                Undeliverable::NullMx => {
                    "find another address: the domain says that it takes no mail"
                }
                Undeliverable::NoMailHost => {
                    "check the domain: it is there, and has no mail server"
                }
                Undeliverable::NoSuchMailbox => {
                    "find another address: the server knows no such mailbox"
                }
                Undeliverable::MailboxDisabled => "find another address: the mailbox is disabled",
                Undeliverable::Moved => "find the new address: the mailbox has moved",
            },
            Self::Risky(risk) => match risk {
                Risk::CatchAll => {
                    "send if it is worth a bounce: the server takes any recipient, so nobody can tell"
                }
                Risk::MailboxFull => "try again in some days: the mailbox is there and full",
                Risk::Disposable => "ask for another address: this one is made to be thrown away",
                Risk::Role => {
                    "find a person's address: this one is read by several people or by nobody"
                }
            },
            Self::Unknown { reason, .. } => reason.advice(),
        }
    }
}

impl Unknown {
    /// The word for it in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::StageTimeout => "stage_timeout",
            Self::ConnectFailed(failure) => match failure {
                ConnectFailure::Refused => "connect_refused",
                ConnectFailure::Unreachable => "connect_unreachable",
                ConnectFailure::TimedOut => "connect_timed_out",
                ConnectFailure::Reset => "connect_reset",
                ConnectFailure::EgressBlocked => "egress_blocked",
                ConnectFailure::Proxy => "proxy_failed",
                ConnectFailure::OutOfResources => "out_of_resources",
                ConnectFailure::Other => "connect_failed",
            },
            Self::EgressBlocked => "egress_blocked",
            Self::Disconnected => "disconnected",
            Self::ReplyTooLong => "reply_too_long",
            Self::ProtocolViolation => "protocol_violation",
            Self::DnsFailure(_) => "dns_failure",
            Self::HostsLeft => "hosts_left",
            Self::Greylisted { .. } => "greylisted",
            Self::SenderRefused(refusal) => match refusal {
                Refusal::Policy => "sender_refused_policy",
                Refusal::Reputation => "sender_refused_reputation",
                Refusal::Authentication => "sender_refused_authentication",
                Refusal::NoPtr => "sender_refused_no_ptr",
                Refusal::RateLimited => "sender_refused_rate_limited",
            },
            Self::RefusesAnyone => "refuses_anyone",
            Self::Busy => "busy",
            Self::TlsRequired => "tls_required",
            Self::Smtputf8Unsupported => "smtputf8_unsupported",
            Self::Unclear => "unclear",
            Self::QueueTimeout => "queue_timeout",
            Self::Cancelled => "cancelled",
        }
    }

    /// What to do about it, in words.
    const fn advice(self) -> &'static str {
        match self {
            Self::DeadlineExceeded | Self::StageTimeout => {
                "verify again later, or with more time: the server was too slow"
            }
            Self::ConnectFailed(_) | Self::Disconnected | Self::Busy => {
                "verify again later: the mail server cannot be talked to now"
            }
            Self::EgressBlocked => {
                "allow connections to port 25 from here, or verify from elsewhere: none were allowed"
            }
            Self::ReplyTooLong | Self::ProtocolViolation => {
                "treat as unverified: what answers there does not speak SMTP"
            }
            Self::DnsFailure(_) => "verify again later: the domain's name servers give no answer",
            Self::HostsLeft => {
                "verify with more mail hosts allowed: the first ones have no address"
            }
            Self::Greylisted { .. } => "verify again at the time given: the server asks for that",
            Self::SenderRefused(refusal) => match refusal {
                Refusal::Policy => {
                    "verify from elsewhere: the server refuses whoever asks from here"
                }
                Refusal::Reputation => {
                    "verify from another IP address: this one is on a list that the server uses"
                }
                Refusal::Authentication => {
                    "set a MAIL FROM whose domain allows this host (SPF, DKIM, DMARC)"
                }
                Refusal::NoPtr => {
                    "give this host a PTR record that matches its HELO name, then verify again"
                }
                Refusal::RateLimited => {
                    "verify again later, and more slowly: the server limits rates"
                }
            },
            Self::RefusesAnyone => {
                "verify from elsewhere: the server refuses every recipient with the same words"
            }
            Self::TlsRequired => "verify with STARTTLS allowed: the server takes nothing without",
            Self::Smtputf8Unsupported => "find an address in ASCII: the server takes no others",
            Self::Unclear => "treat as unverified: the server refuses and does not say why",
            Self::QueueTimeout => "verify again later: too many wait for the same mail server",
            Self::Cancelled => "verify again",
        }
    }
}
