//! What a verification found out on its way.

use core::net::IpAddr;
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::is_default;
use super::reply::EnhancedCode;
use super::verdict::{Conclusion, Stage, Unknown};
use crate::pii::Pii;

/// How a verification ended, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Verdict and reason.
    pub conclusion: Conclusion,
    /// What they are based on.
    pub evidence: Evidence,
    /// What was learned of the domain, for those who ask for its other addresses.
    pub domain: DomainKnowledge,
}

/// What a verdict is based on. It may be there in part only, whatever the verdict is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The address in its [normal form](crate::address::AddressRef::normal_form), if it is one.
    pub normal_form: Option<Pii<String>>,
    /// How long each stage took, in microseconds, those left out that were not reached.
    pub stages_us: Vec<(Stage, u64)>,
    /// The mail hosts that the domain names, in the order in which they are tried.
    pub hosts: Vec<String>,
    /// The connections that were tried.
    pub connections: Vec<ConnectionTried>,
    /// The reply that told most.
    pub reply: Option<ReplyEvidence>,
    /// Whether the domain takes any recipient.
    pub catch_all: CatchAll,
    /// The domain gives mailboxes that are thrown away.
    pub is_disposable: bool,
    /// The mailbox is that of a function, such as `info`.
    pub is_role: bool,
    /// Anyone can have a mailbox at the domain.
    pub is_free_mail: bool,
}

/// A connection that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionTried {
    /// The mail host, as a place in [`Evidence::hosts`]; nothing for an address literal.
    pub host: Option<u8>,
    /// Its address.
    pub address: IpAddr,
    /// Whether TLS began.
    pub is_tls: bool,
    /// Why it did not lead to an answer, and at which stage; nothing if it did.
    pub failure: Option<Failure>,
}

/// Why a connection did not lead to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How far it came.
    pub stage: Stage,
    /// What happened there.
    pub reason: Unknown,
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyEvidence {
    /// To what it was the reply.
    pub stage: Stage,
    /// The reply code (RFC 5321 §4.2).
    pub code: u16,
    /// The enhanced status code (RFC 3463).
    pub enhanced: Option<EnhancedCode>,
    /// The text, as far as [`TEXT_BYTES_MAX`](super::reply::TEXT_BYTES_MAX); it may quote the address.
    pub text: Pii<String>,
    /// The rule that says what it means.
    pub rule: Cow<'static, str>,
}

/// Whether a domain takes mail for recipients that cannot be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchAll {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It was not asked, or gave no answer.
    #[default]
    Unknown,
}

/// What is known of a domain's servers from earlier verifications, so that it is not asked again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainKnowledge {
    /// Whether it takes any recipient.
    #[serde(skip_serializing_if = "is_default")]
    pub catch_all: CatchAll,
    /// The [fingerprint](super::reply::Reply::fingerprint) of how it refuses a recipient that cannot be.
    #[serde(skip_serializing_if = "is_default")]
    pub refusal: Option<u64>,
    /// Whether it takes some recipients and refuses others; known to be false if it refuses the
    /// postmaster (RFC 5321 §4.5.1) with the same words.
    #[serde(skip_serializing_if = "is_default")]
    pub distinguishes: Option<bool>,
}

impl DomainKnowledge {
    /// Whether a refusal of this fingerprint tells nothing about its recipient.
    pub(super) fn refuses_anyone_like(&self, refusal: Option<u64>) -> bool {
        self.distinguishes == Some(false) && refusal.is_some() && refusal == self.refusal
    }
}
