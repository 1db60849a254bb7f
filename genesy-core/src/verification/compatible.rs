//! A [`Report`] as the JSON that users of other verifiers know, so that they can switch.
//!
//! The shape is that of Reacher's check-if-email-exists 0.11: the same names, types and words. What it
//! cannot say is in the [`Report`] alone: the reason, the stage, `catch_all: unknown`, when to try again.
//!
//! ```
//! use genesy_core::verification::compatible::{CompatibleReport, Reachable};
//! # use std::sync::Arc;
//! # use genesy_core::time::Timestamp;
//! # use genesy_core::verification::{Identity, Policy, Verification};
//! # let policy = Arc::new(Policy::new(Identity::new("verifier.engines.example", "")?));
//! # let report = Verification::new("ada", policy, 7, Timestamp::default()).report().expect("no address");
//! let compatible = CompatibleReport::new("ada", &report);
//! assert_eq!(compatible.is_reachable, Reachable::Invalid);
//! assert!(!compatible.syntax.is_valid_syntax);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where the answers differ
//!
//! | case | there | here |
//! |---|---|---|
//! | the DNS gives no answer | `invalid`, no records | `unknown`, `mx.error` |
//! | a domain with an address and no MX | `invalid` | its host is asked; it stands in `mx.records` |
//! | `550 5.7.1`, or a bare 550 without words | often `invalid` | `unknown`, `smtp.error` |
//! | a role or disposable mailbox that is not there | `risky` | `invalid` |
//! | greylisted | asked again at once | asked again when the server says; `unknown` if that is too late |
//! | `mx.records` | all, in no order | those that may be tried, in that order |
//! | `syntax.normalized_email` | by the rules of a few providers | the [normal form](crate::address::AddressRef::normal_form) |
//! | `smtp.error.message` | always the words of a library | the server's words, or the reason and the stage |
//! | `misc.gravatar_url`, `misc.haveibeenpwned` | asked for if configured | always null: nobody else is told of the address |

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::classify::Refusal;
use super::evidence::{CatchAll, Evidence, Report};
use super::messages::ConnectFailure;
use super::verdict::{Conclusion, Risk, Stage, Undeliverable, Unknown};
use crate::address::{AddressRef, suggest_domain};
use crate::pii::Pii;
use crate::time::Timestamp;

/// Who verified, in [`DebugDetails::backend_name`].
const BACKEND_NAME: &str = "genesy";

/// A [`Report`] in the shape of check-if-email-exists. It holds the address, which `Debug` does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompatibleReport<'a> {
    /// The address as it was given.
    pub input: Pii<Cow<'a, str>>,
    /// How sure it is that mail arrives.
    pub is_reachable: Reachable,
    /// What lists say of the address.
    pub misc: MiscDetails,
    /// What the DNS says of the domain.
    pub mx: Part<MxDetails>,
    /// What a mail host says of the address.
    pub smtp: Part<SmtpDetails>,
    /// The parts of the address.
    pub syntax: SyntaxDetails,
    /// When and how it was found out. Only if it was [asked for](Self::with_debug).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug: Option<DebugDetails>,
}

/// How sure it is that mail arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reachable {
    /// It does.
    Safe,
    /// It does, and may bounce or not be read.
    Risky,
    /// It does not.
    Invalid,
    /// Nothing sure was found out.
    Unknown,
}

/// What was found out, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part<T> {
    /// What was found out. It is all false where nobody was asked.
    Details(T),
    /// Why nothing was.
    Failed {
        /// What went wrong.
        error: ErrorDetails,
        /// What the operator of the verifier can do about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<ErrorDescription>,
    },
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetails {
    /// `ResolveError`, `Timeout`, `IOError`, `Socks5`, `AsyncSmtpError` or `AnyhowError`.
    pub r#type: Cow<'static, str>,
    /// In words. It may quote the server, which may quote the address.
    pub message: Pii<String>,
}

/// What the operator of the verifier can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorDescription {
    /// The verifier's IP address is on a blocklist.
    IpBlacklisted,
    /// The verifier's IP address needs a name in the DNS.
    NeedsRDNS,
}

/// What lists say of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MiscDetails {
    /// The domain gives mailboxes that are thrown away.
    pub is_disposable: bool,
    /// The mailbox is that of a function.
    pub is_role_account: bool,
    /// Anyone can have a mailbox at the domain.
    pub is_b2c: bool,
    /// A picture of the person; always nothing here.
    pub gravatar_url: Option<Pii<String>>,
    /// Whether the address leaked somewhere; always nothing here.
    pub haveibeenpwned: Option<bool>,
}

/// What the DNS says of the domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MxDetails {
    /// There are mail hosts.
    pub accepts_mail: bool,
    /// Their names, each with its last dot.
    pub records: Vec<String>,
}

/// What a mail host says of the address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpDetails {
    /// A mail host answered.
    pub can_connect_smtp: bool,
    /// The mailbox is full.
    pub has_full_inbox: bool,
    /// The domain takes any recipient.
    pub is_catch_all: bool,
    /// The mail host takes the recipient.
    pub is_deliverable: bool,
    /// The mailbox is disabled.
    pub is_disabled: bool,
}

/// The parts of the address; empty if it is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxDetails {
    /// The address.
    pub address: Option<Pii<String>>,
    /// What stands behind its `@`.
    pub domain: Pii<String>,
    /// It is an address.
    pub is_valid_syntax: bool,
    /// What stands before its `@`.
    pub username: Pii<String>,
    /// Its normal form.
    pub normalized_email: Option<Pii<String>>,
    /// The address that may have been meant, if the domain looks mistyped.
    pub suggestion: Option<Pii<String>>,
}

/// When and how it was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebugDetails {
    /// Who verified.
    pub backend_name: Cow<'static, str>,
    /// When it began (RFC 3339).
    pub start_time: String,
    /// When it ended (RFC 3339).
    pub end_time: String,
    /// How long it took.
    pub duration: Duration,
    /// How the mail host was asked.
    pub smtp: SmtpDebug,
}

/// A time span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duration {
    /// Whole seconds.
    pub secs: u64,
    /// Nanoseconds on top.
    pub nanos: u32,
}

/// How the mail host was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpDebug {
    /// By which means.
    pub verif_method: VerifMethod,
}

/// By which means a mail host was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum VerifMethod {
    /// By SMTP.
    Smtp {
        /// The mail host that was asked last, with its last dot; an address literal without.
        host: String,
    },
    /// None was asked.
    Skipped,
}

impl Reachable {
    const fn of(conclusion: &Conclusion) -> Self {
        match conclusion {
            Conclusion::Deliverable => Self::Safe,
            Conclusion::Undeliverable(_) => Self::Invalid,
            Conclusion::Risky(_) => Self::Risky,
            Conclusion::Unknown { .. } => Self::Unknown,
        }
    }

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Risky => "risky",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }
}

impl<'a> CompatibleReport<'a> {
    /// The view of the `report` on the address `input`.
    pub fn new(input: &'a str, report: &Report) -> Self {
        let evidence = &report.evidence;
        let is_doubtful = evidence.is_disposable || evidence.is_role;
        let is_reachable = match Reachable::of(&report.conclusion) {
            Reachable::Safe if is_doubtful => Reachable::Risky,
            reachable => reachable,
        };
        Self {
            input: Pii::new(Cow::Borrowed(input)),
            is_reachable,
            misc: MiscDetails {
                is_disposable: evidence.is_disposable,
                is_role_account: evidence.is_role,
                is_b2c: evidence.is_free_mail,
                ..MiscDetails::default()
            },
            mx: mx(report),
            smtp: smtp(report),
            syntax: syntax(input),
            debug: None,
        }
    }

    /// The same with when it began, and how it was found out.
    #[must_use]
    pub fn with_debug(mut self, report: &Report, started: Timestamp) -> Self {
        let stages = report.evidence.stages_us.iter();
        let took_us = stages.fold(0_u64, |sum, (_, us)| sum.saturating_add(*us));
        let nanos = u32::try_from(took_us % 1_000_000).unwrap_or_default() * 1000;
        self.debug = Some(DebugDetails {
            backend_name: Cow::Borrowed(BACKEND_NAME),
            start_time: started.rfc_3339().to_string(),
            end_time: started.plus_us(took_us).rfc_3339().to_string(),
            duration: Duration { secs: took_us / 1_000_000, nanos },
            smtp: SmtpDebug { verif_method: verif_method(&report.evidence) },
        });
        self
    }
}

fn mx(report: &Report) -> Part<MxDetails> {
    let hosts = &report.evidence.hosts;
    match &report.conclusion {
        Conclusion::Unknown { stage: Stage::Dns, reason } if hosts.is_empty() => {
            failed("ResolveError", in_words(Stage::Dns, *reason))
        }
        // What the evidence names then leads nowhere.
        Conclusion::Undeliverable(Undeliverable::NoMailHost) => Part::Details(MxDetails::default()),
        Conclusion::Deliverable
        | Conclusion::Undeliverable(_)
        | Conclusion::Risky(_)
        | Conclusion::Unknown { .. } => Part::Details(MxDetails {
            accepts_mail: !hosts.is_empty(),
            records: hosts.iter().map(|host| format!("{host}.")).collect(),
        }),
    }
}

fn smtp(report: &Report) -> Part<SmtpDetails> {
    let asked = SmtpDetails {
        can_connect_smtp: true,
        is_catch_all: report.evidence.catch_all == CatchAll::Yes,
        ..SmtpDetails::default()
    };
    Part::Details(match &report.conclusion {
        Conclusion::Deliverable => SmtpDetails { is_deliverable: true, ..asked },
        Conclusion::Risky(Risk::CatchAll | Risk::Disposable | Risk::Role) => {
            SmtpDetails { is_deliverable: true, ..asked }
        }
        Conclusion::Risky(Risk::MailboxFull) => SmtpDetails { has_full_inbox: true, ..asked },
        Conclusion::Undeliverable(reason) => match reason {
            Undeliverable::MailboxDisabled => SmtpDetails { is_disabled: true, ..asked },
            Undeliverable::NoSuchMailbox | Undeliverable::Moved => asked,
            // The DNS says so, or else the mail host.
            Undeliverable::NoSuchDomain if !report.evidence.connections.is_empty() => asked,
            Undeliverable::SyntaxInvalid(_)
            | Undeliverable::NoSuchDomain
            | Undeliverable::NullMx
            | Undeliverable::NoMailHost => SmtpDetails::default(),
        },
        Conclusion::Unknown { stage: Stage::Dns, .. } if report.evidence.hosts.is_empty() => {
            SmtpDetails::default()
        }
        Conclusion::Unknown { stage, reason } => {
            return smtp_failed(&report.evidence, *stage, *reason);
        }
    })
}

fn smtp_failed(evidence: &Evidence, stage: Stage, reason: Unknown) -> Part<SmtpDetails> {
    let kind = error_type(reason);
    let message = match &evidence.reply {
        Some(reply) if kind == "AsyncSmtpError" && reply.code >= 400 => {
            let class = if reply.code < 500 { "transient" } else { "permanent" };
            format!("{class}: {}", reply.text.reveal())
        }
        _ => in_words(stage, reason),
    };
    let mut part = failed(kind, message);
    if let (Part::Failed { description, .. }, Unknown::SenderRefused(refusal)) = (&mut part, reason)
    {
        *description = match refusal {
            Refusal::Reputation => Some(ErrorDescription::IpBlacklisted),
            Refusal::NoPtr => Some(ErrorDescription::NeedsRDNS),
            Refusal::Policy | Refusal::Authentication | Refusal::RateLimited => None,
        };
    }
    part
}

const fn error_type(reason: Unknown) -> &'static str {
    match reason {
        Unknown::DeadlineExceeded | Unknown::StageTimeout | Unknown::QueueTimeout => "Timeout",
        Unknown::ConnectFailed(failure) => match failure {
            ConnectFailure::Proxy => "Socks5",
            ConnectFailure::TimedOut => "Timeout",
            ConnectFailure::Refused
            | ConnectFailure::Unreachable
            | ConnectFailure::Reset
            | ConnectFailure::EgressBlocked
            | ConnectFailure::OutOfResources
            | ConnectFailure::Other => "IOError",
        },
        Unknown::EgressBlocked
        | Unknown::Disconnected
        | Unknown::DnsFailure(_)
        | Unknown::HostsLeft => "IOError",
        Unknown::ReplyTooLong
        | Unknown::ProtocolViolation
        | Unknown::Greylisted { .. }
        | Unknown::SenderRefused(_)
        | Unknown::RefusesAnyone
        | Unknown::Busy
        | Unknown::TlsRequired
        | Unknown::Smtputf8Unsupported
        | Unknown::Unclear => "AsyncSmtpError",
        Unknown::Cancelled => "AnyhowError",
    }
}

fn in_words(stage: Stage, reason: Unknown) -> String {
    format!("{} ({})", reason.name(), stage.name())
}

fn failed<T>(kind: &'static str, message: String) -> Part<T> {
    let error = ErrorDetails { r#type: Cow::Borrowed(kind), message: Pii::new(message) };
    Part::Failed { error, description: None }
}

fn syntax(input: &str) -> SyntaxDetails {
    let Ok(address) = AddressRef::parse(input) else { return SyntaxDetails::default() };
    let username = address.local_part();
    let suggestion = suggest_domain(address.domain());
    SyntaxDetails {
        address: Some(Pii::new(input.to_owned())),
        domain: Pii::new(address.domain().to_owned()),
        is_valid_syntax: true,
        username: Pii::new(username.to_owned()),
        normalized_email: Some(Pii::new(address.normal_form())),
        suggestion: suggestion.map(|domain| Pii::new(format!("{username}@{domain}"))),
    }
}

fn verif_method(evidence: &Evidence) -> VerifMethod {
    let Some(last) = evidence.connections.last() else { return VerifMethod::Skipped };
    let host = last.host.and_then(|place| evidence.hosts.get(usize::from(place)));
    let host = host.map_or_else(|| format!("[{}]", last.address), |host| format!("{host}."));
    VerifMethod::Smtp { host }
}
