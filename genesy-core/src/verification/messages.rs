//! What the machine and its driver say to each other.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::reply::Keywords;
use crate::time::Timestamp;

/// What the driver is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output<'a> {
    /// Ask the DNS, and say what came of it with the same ticket.
    Resolve {
        /// The ticket of the question.
        ticket: Ticket,
        /// What to ask.
        question: Question<'a>,
    },
    /// Connect to the SMTP port there, or use a session with it that is open already.
    Connect {
        /// The ticket of the connection: it stands with all that is said of it.
        ticket: Ticket,
        /// The name of the mail host; nothing for an address literal.
        host: Option<&'a str>,
        /// Its address.
        address: IpAddr,
    },
    /// Send these bytes.
    Send {
        /// Over which connection.
        ticket: Ticket,
        /// One or more commands, each with its line end.
        bytes: &'a [u8],
        /// How many replies they call for. Those of a shared session belong, in this order, to whoever
        /// sent the commands.
        replies: u8,
    },
    /// Begin TLS on the connection.
    StartTls {
        /// Which one.
        ticket: Ticket,
        /// The name of the mail host; nothing for an address literal.
        host: Option<&'a str>,
    },
    /// Close the connection, at once.
    Close {
        /// Which one.
        ticket: Ticket,
    },
    /// The session is no longer needed and fit for others: it is the driver's now.
    Release {
        /// The ticket that it had until now.
        ticket: Ticket,
        /// The state that it is in.
        session: OpenSession,
    },
    /// Nothing is to be done until then, unless something happens.
    Wait {
        /// When to come back.
        until: Timestamp,
    },
    /// Nothing is to be done until then, and nothing will happen: the driver may store the machine, drop
    /// everything else, and come back at that time.
    Sleep {
        /// When to come back.
        until: Timestamp,
    },
    /// The verification has ended.
    Done,
}

/// A question to the DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question<'a> {
    /// The mail exchangers of a domain.
    Mx(&'a str),
    /// The IPv4 and IPv6 addresses of a host.
    Addresses(&'a str),
}

/// What has happened.
#[derive(Debug)]
pub enum Input<'a, 'b> {
    /// Nothing but that time went by.
    Time,
    /// The answer to [`Question::Mx`].
    Mx {
        /// The ticket of the question.
        ticket: Ticket,
        /// The answer.
        answer: MxAnswer,
    },
    /// The answer to [`Question::Addresses`].
    Addresses {
        /// The ticket of the question.
        ticket: Ticket,
        /// The answer.
        answer: AddressAnswer,
    },
    /// The driver's own limits make the connection wait for its turn. Until it is made or has failed, no
    /// time but that of [`Limits::queue_ms_max`](super::Limits::queue_ms_max) goes by.
    Queued {
        /// The ticket of the connection.
        ticket: Ticket,
    },
    /// The turn came: the connection is being made now.
    TurnCame {
        /// The ticket of the connection.
        ticket: Ticket,
    },
    /// The connection is made, or a session is at hand.
    Connected {
        /// The ticket of the connection.
        ticket: Ticket,
        /// In which state.
        session: Session,
    },
    /// There is no connection.
    ConnectFailed {
        /// The ticket of the connection.
        ticket: Ticket,
        /// Why.
        failure: ConnectFailure,
    },
    /// Bytes came. The machine takes those that are its own from their front: all that come over a
    /// connection of its own, and as many replies as it waits for over a session that it shares.
    Received {
        /// The ticket of the connection.
        ticket: Ticket,
        /// The bytes.
        bytes: &'a mut &'b [u8],
    },
    /// The handshake is done.
    TlsStarted {
        /// The ticket of the connection.
        ticket: Ticket,
    },
    /// The handshake failed, and with it the connection.
    TlsFailed {
        /// The ticket of the connection.
        ticket: Ticket,
    },
    /// The server closed the connection, or it broke.
    Disconnected {
        /// The ticket of the connection.
        ticket: Ticket,
    },
    /// The driver started again: what was under way is not. Its stage begins anew, within the total.
    Interrupted,
    /// The caller wants no more.
    Cancel,
}

/// The number of a question or of a connection. What is said of any but the latest one changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub(super) u32);

/// What the DNS says about a domain's mail exchangers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MxAnswer {
    /// It has these.
    Found(Vec<MailExchanger>),
    /// The domain is there, and has none (NODATA, RFC 2308 §2.2).
    NoRecords,
    /// There is no such domain (NXDOMAIN).
    NoSuchDomain,
    /// There is no answer.
    Failed(DnsFailure),
}

/// An MX record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailExchanger {
    /// Lower ones are tried first (RFC 5321 §5.1).
    pub preference: u16,
    /// The host's name without the last dot; empty for the root, as in a null MX (RFC 7505).
    pub host: String,
}

/// What the DNS says about a host's addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddressAnswer {
    /// It has these.
    Found(Vec<IpAddr>),
    /// The host is there, and has none.
    NoRecords,
    /// There is no such host.
    NoSuchDomain,
    /// There is no answer.
    Failed(DnsFailure),
}

/// Why the DNS gives no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DnsFailure {
    /// A name server says that it could not find out (SERVFAIL).
    ServerFailure,
    /// A name server says that it does not want to (REFUSED).
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// What came is not an answer.
    Malformed,
    /// No name server could be reached.
    Unreachable,
    /// The aliases of the name lead nowhere, or round in circles.
    AliasLoop,
    /// Something else.
    Other,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectFailure {
    /// Nobody listens there.
    Refused,
    /// There is no way to the network or the host.
    Unreachable,
    /// The operating system or the proxy gave up.
    TimedOut,
    /// The connection broke while it was made.
    Reset,
    /// The configuration allows no connections to that address, or the network none to that port.
    EgressBlocked,
    /// The proxy does not do it.
    Proxy,
    /// This machine has no sockets or ports left.
    OutOfResources,
    /// Something else.
    Other,
}

/// What [`Output::Connect`] got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// A new connection of its own, on which nothing was said yet.
    New,
    /// A session on which greeting and hello are done, and which others may share.
    Open(OpenSession),
}

/// A session on which greeting and hello are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// What the server offers.
    pub keywords: Keywords,
    /// Whether TLS has begun.
    pub is_tls: bool,
    /// Whether recipients can be named.
    pub transaction: Transaction,
}

/// How far the mail transaction of a session is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transaction {
    /// There is none: MAIL comes first.
    #[default]
    None,
    /// The sender is accepted: recipients follow.
    Open,
    /// It holds as many recipients as the server takes: RSET comes first, and a new one.
    Full,
}
