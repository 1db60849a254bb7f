//! What a verification has to keep.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::stage_times::StageTimes;
use super::{ResumeError, compact};
use crate::address::EmailAddress;
use crate::address::{DomainKind, domain_to_wire};
use crate::time::Timestamp;
use crate::verification::evidence::{ConnectionTried, DomainKnowledge, Failure, ReplyEvidence};
use crate::verification::is_default;
use crate::verification::messages::{MailExchanger, OpenSession, Ticket, Transaction};
use crate::verification::reply::{Keywords, ReplyReader};
use crate::verification::verdict::{Conclusion, Stage, Undeliverable};

/// The version of [`Snapshot`] that this crate writes.
pub const SNAPSHOT_VERSION: u16 = 1;

/// All that a verification has to keep: it goes on from here after a restart, on any machine.
///
/// It holds the address. Its serialized form has short names and leaves out what is as at the start, since
/// it is stored often; its version is `v`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    #[serde(rename = "v")]
    version: u16,
    /// Nothing if the text is none.
    pub(super) address: Option<Address>,
    pub(super) seed: u64,
    #[serde(rename = "start")]
    pub(super) started: Timestamp,
    /// The latest time that anybody told.
    pub(super) now: Timestamp,
    /// When the phase was entered.
    #[serde(rename = "since")]
    pub(super) entered: Timestamp,
    /// How long it slept and queued so far, in microseconds: the total does not count that.
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "paused")]
    pub(super) paused_us: u64,
    /// The number of the question or connection at hand.
    pub(super) ticket: Ticket,
    pub(super) phase: Phase,
    /// What the driver is to be asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) ask: Option<Ask>,
    /// What the driver is to be told before that.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) leave: Option<Leave>,
    /// The mail hosts in the order in which they are tried.
    #[serde(default, skip_serializing_if = "is_default", with = "compact::hosts")]
    pub(super) hosts: Vec<MailExchanger>,
    /// The host at hand, as a place in `hosts`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "at_host")]
    pub(super) host_at: u8,
    /// The addresses of the host at hand.
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "ips")]
    pub(super) addresses: Vec<IpAddr>,
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "at_ip")]
    pub(super) address_at: u8,
    /// TLS failed at the address at hand.
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "plain")]
    pub(super) is_plain_only: bool,
    /// Connections so far.
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "count")]
    pub(super) connections: u8,
    /// The driver takes sessions that are no longer needed.
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "sharing")]
    pub(super) is_sharing: bool,
    /// What the server said of the recipient.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) answer: Option<Answer>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(super) domain: DomainKnowledge,
    /// The failure that came furthest.
    #[serde(default, skip_serializing_if = "is_default", with = "compact::failure")]
    pub(super) failure: Option<Failure>,
    #[serde(default, skip_serializing_if = "is_default", with = "compact::tried")]
    pub(super) tried: Vec<ConnectionTried>,
    #[serde(default, skip_serializing_if = "is_default", with = "compact::reply")]
    pub(super) reply: Option<ReplyEvidence>,
    #[serde(default, skip_serializing_if = "is_default")]
    #[serde(rename = "us")]
    pub(super) stages_us: StageTimes,
}

impl Snapshot {
    pub(super) fn new(address: Option<Address>, phase: Phase, seed: u64, now: Timestamp) -> Self {
        Self {
            version: SNAPSHOT_VERSION,
            address,
            seed,
            started: now,
            now,
            entered: now,
            paused_us: 0,
            ticket: Ticket::default(),
            phase,
            ask: None,
            leave: None,
            hosts: Vec::new(),
            host_at: 0,
            addresses: Vec::new(),
            address_at: 0,
            is_plain_only: false,
            connections: 0,
            is_sharing: false,
            answer: None,
            domain: DomainKnowledge::default(),
            failure: None,
            tried: Vec::new(),
            reply: None,
            stages_us: StageTimes::default(),
        }
    }

    /// Whether it can be gone on with.
    pub(super) fn check(&self) -> Result<(), ResumeError> {
        if self.version > SNAPSHOT_VERSION {
            return Err(ResumeError::Version { version: self.version });
        }
        let is_done = matches!(self.phase, Phase::Done(_));
        let has_target = usize::from(self.address_at) < self.addresses.len();
        let fits = match self.phase {
            Phase::Done(_) => true,
            Phase::Resolving { mx: true } => true,
            Phase::Resolving { mx: false } => usize::from(self.host_at) < self.hosts.len(),
            Phase::Connecting | Phase::Queued | Phase::Talking { .. } | Phase::Sleeping { .. } => {
                has_target
            }
        };
        if fits && (is_done || self.address.is_some()) { Ok(()) } else { Err(ResumeError::Damaged) }
    }

    /// The domain of the address in A-labels.
    pub(super) fn domain_on_the_wire(&self) -> &str {
        self.address.as_ref().map_or("", Address::domain)
    }

    /// The local part of the address as it was written.
    pub(super) fn local_part(&self) -> &str {
        self.address.as_ref().map_or("", |address| address.email().as_address().local_part())
    }

    /// Whether the server has to offer SMTPUTF8 (RFC 6531).
    pub(super) fn needs_smtputf8(&self) -> bool {
        !self.local_part().is_ascii()
    }

    /// The name of the host at hand; nothing for an address literal.
    pub(super) fn host(&self) -> Option<&str> {
        self.hosts.get(usize::from(self.host_at)).map(|host| host.host.as_str())
    }

    /// The connection at hand.
    pub(super) const fn link(&mut self) -> Option<&mut Link> {
        match &mut self.phase {
            Phase::Talking { link, .. } => Some(link),
            Phase::Resolving { .. }
            | Phase::Connecting
            | Phase::Queued
            | Phase::Sleeping { .. }
            | Phase::Done(_) => None,
        }
    }

    /// Whether a command was sent, or a greeting is due, so that bytes are those of a reply.
    pub(super) const fn is_reply_due(&self) -> bool {
        match self.phase {
            Phase::Talking { exchange: Exchange::Handshake, .. } => false,
            Phase::Talking { .. } => self.ask.is_none(),
            Phase::Resolving { .. }
            | Phase::Connecting
            | Phase::Queued
            | Phase::Sleeping { .. }
            | Phase::Done(_) => false,
        }
    }
}

/// The address, and its domain as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "EmailAddress", into = "EmailAddress")]
pub(super) struct Address {
    email: EmailAddress,
    /// Where it is not that of the address: in A-labels.
    domain: Option<Box<str>>,
}

impl Address {
    pub(super) fn new(email: EmailAddress) -> Self {
        let address = email.as_address();
        let domain = match address.domain_kind() {
            // A normal form has the domain so.
            _ if address.is_normal() => None,
            DomainKind::AddressLiteral => None,
            DomainKind::Name => domain_to_wire(address.domain())
                .ok()
                .map(|wire| wire.to_ascii_lowercase())
                .filter(|wire| wire != address.domain())
                .map(String::into_boxed_str),
        };
        Self { email, domain }
    }

    pub(super) const fn email(&self) -> &EmailAddress {
        &self.email
    }

    pub(super) fn domain(&self) -> &str {
        match &self.domain {
            Some(domain) => domain,
            None => self.email.as_address().domain(),
        }
    }
}

impl From<EmailAddress> for Address {
    fn from(email: EmailAddress) -> Self {
        Self::new(email)
    }
}

impl From<Address> for EmailAddress {
    fn from(address: Address) -> Self {
        address.email
    }
}

/// Where a verification stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// The DNS was asked: for mail exchangers, or for the addresses of the host at hand.
    Resolving { mx: bool },
    /// A connection is being made.
    Connecting,
    /// It waits for its turn.
    Queued,
    /// The server is talked to.
    Talking { exchange: Exchange, link: Link },
    /// The server wants to be asked again later.
    Sleeping { until: Timestamp },
    /// It has ended.
    Done(Conclusion),
}

impl Phase {
    pub(super) const fn stage(&self) -> Stage {
        match self {
            Self::Resolving { .. } => Stage::Dns,
            Self::Connecting => Stage::Connect,
            Self::Queued => Stage::Queue,
            Self::Talking { exchange, .. } => exchange.stage(),
            Self::Sleeping { .. } => Stage::Greylist,
            Self::Done(_) => Stage::Syntax,
        }
    }
}

/// What was said last to the server, so that its reply is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Exchange {
    /// Nothing: it begins.
    Greeting,
    Ehlo,
    Helo,
    StartTls,
    /// TLS begins.
    Handshake,
    Reset,
    Mail,
    Recipient,
    /// A recipient that cannot be.
    CatchAll,
    /// One that must be (RFC 5321 §4.5.1).
    Postmaster,
    Quit(Quitting),
}

impl Exchange {
    pub(super) const fn stage(self) -> Stage {
        match self {
            Self::Greeting => Stage::Greeting,
            Self::Ehlo | Self::Helo => Stage::Hello,
            Self::StartTls | Self::Handshake => Stage::StartTls,
            Self::Reset | Self::Mail => Stage::Mail,
            Self::Recipient => Stage::Recipient,
            Self::CatchAll | Self::Postmaster => Stage::CatchAll,
            Self::Quit(_) => Stage::Quit,
        }
    }
}

/// What comes behind QUIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Quitting {
    Done(Conclusion),
    Sleep { until: Timestamp },
}

/// A connection to a server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    /// Nobody else uses it.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) is_own: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) is_tls: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) keywords: Keywords,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) transaction: Transaction,
    /// The transaction was begun anew since it had too many recipients.
    #[serde(skip_serializing_if = "is_default")]
    pub(super) is_renewed: bool,
    /// Replies that are still to come after the one that is due, since commands were sent together.
    #[serde(skip_serializing_if = "is_default")]
    #[serde(rename = "ahead")]
    pub(super) replies_ahead: u8,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) reader: ReplyReader,
}

impl Link {
    pub(super) fn new() -> Self {
        Self { is_own: true, ..Self::default() }
    }

    pub(super) fn shared(session: OpenSession) -> Self {
        Self {
            is_tls: session.is_tls,
            keywords: session.keywords,
            transaction: session.transaction,
            ..Self::default()
        }
    }

    pub(super) const fn session(&self) -> OpenSession {
        OpenSession { keywords: self.keywords, is_tls: self.is_tls, transaction: self.transaction }
    }
}

/// What the server said of the recipient, where that does not end it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Accepted,
    Refused {
        reason: Undeliverable,
        /// Of the reply.
        fingerprint: u64,
    },
}

/// What the driver is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    Mx,
    Addresses,
    Connect,
    StartTls,
    /// The command of the exchange, and those that can follow at once.
    Send,
}

/// How a connection is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Leave {
    Close(Ticket),
    Release(Ticket, OpenSession),
}
