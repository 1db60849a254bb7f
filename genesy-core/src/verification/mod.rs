//! E-mail verification: whether mail to an address would be taken, asked of the servers of its domain.
//!
//! A [`Verification`] is one address and all that is done about it. It says what to do ([`Output`]), takes
//! what happened ([`Input`]) and ends with a [`Report`]: a verdict, its reason and the evidence. It never
//! fails and never waits; time is an argument, and its [`Snapshot`] goes on elsewhere after a restart. It
//! owns all deadlines: whatever the driver and the servers do, it ends within its total.
//!
//! ```
//! use std::sync::Arc;
//!
//! use genesy_core::time::Timestamp;
//! use genesy_core::verification::{
//!     AddressAnswer, Identity, Input, MxAnswer, Output, Policy, Session, Verdict, Verification,
//! };
//!
//! let identity = Identity::new("verifier.engines.example", "probe@engines.example")?;
//! let policy = Arc::new(Policy::new(identity));
//! let now = Timestamp::from_micros(1_764_288_000_000_000);
//! let mut verification = Verification::new("ada@engines.example", policy, 7, now);
//!
//! // The domain has no mail exchanger: then it is its own mail host.
//! let Output::Resolve { ticket, .. } = verification.poll_output() else { panic!("mail hosts first") };
//! verification.handle(now, Input::Mx { ticket, answer: MxAnswer::NoRecords });
//! let Output::Resolve { ticket, .. } = verification.poll_output() else { panic!("then addresses") };
//! let answer = AddressAnswer::Found(vec!["192.0.2.1".parse()?]);
//! verification.handle(now, Input::Addresses { ticket, answer });
//! let Output::Connect { ticket, .. } = verification.poll_output() else { panic!("then a connection") };
//! verification.handle(now, Input::Connected { ticket, session: Session::New });
//!
//! // The server takes the address, and not the one that cannot be.
//! for replies in ["220 hi\r\n", "250 hi\r\n", "250 OK\r\n", "250 OK\r\n", "550 5.1.1 who?\r\n", "221\r\n"] {
//!     while !matches!(verification.poll_output(), Output::Wait { .. }) {}
//!     verification.handle(now, Input::Received { ticket, bytes: &mut replies.as_bytes() });
//! }
//! let report = verification.report().expect("it has ended");
//! assert_eq!(report.conclusion.verdict(), Verdict::Deliverable);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Verdicts
//!
//! | verdict | when |
//! |---|---|
//! | deliverable | a server takes the recipient |
//! | undeliverable | the address is none, its domain takes no mail, or a server refuses *the recipient* for good |
//! | risky | a server takes any recipient of the domain, or the mailbox is full |
//! | unknown | all else, with the stage where it ended |
//!
//! A refusal counts against the recipient only if it is about the recipient: by an enhanced status code
//! X.1.1, X.1.2, X.1.3, X.1.10 or X.2.1, or by its words ([`classify`]). Then a recipient that cannot be is
//! asked for as well. If it is refused in the same words, these may be the words that anyone gets, and the
//! postmaster is asked for, whom every domain has to have (RFC 5321 §4.5.1): if not even that one is taken,
//! the verdict is unknown. Role, disposable and free-mail addresses are marked in the evidence, and
//! change the verdict only where the [`Policy`] asks for it.
//!
//! # Time
//!
//! | what | limit | behind it |
//! |---|---|---|
//! | each stage | its own of [`Limits`] | the next address or host; if none is left, unknown, with the stage |
//! | all of it | [`Limits::total_ms`] | unknown, with the stage; or what is known already, if only the probe is missing |
//! | sleeping, where a server greylists | [`Limits::greylist_ms_max`], not part of the total | unknown, with the time to try again |
//! | waiting for a turn, where a driver limits connections | [`Limits::queue_ms_max`], not part of the total | unknown |

pub mod classify;
pub mod compatible;
mod evidence;
mod machine;
mod messages;
mod policy;
mod progress;
pub mod reply;
mod verdict;

pub use self::evidence::{
    CatchAll, ConnectionTried, DomainKnowledge, Evidence, Failure, ReplyEvidence, Report,
};
pub use self::machine::{ResumeError, SNAPSHOT_VERSION, Snapshot, Verification};
pub use self::messages::{
    AddressAnswer, ConnectFailure, DnsFailure, Input, MailExchanger, MxAnswer, OpenSession, Output,
    Question, Session, Ticket, Transaction,
};
pub use self::policy::{
    CONNECTIONS_MAX, HELO_OCTETS_MAX, Identity, IpPreference, LIMIT_MS_MAX, Limits, Policy,
    PolicyError,
};
pub use self::progress::{Progress, ProgressLine};
pub use self::verdict::{Conclusion, Risk, Stage, Undeliverable, Unknown, Verdict};

/// Whether a field holds what it has when it is not stored.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
