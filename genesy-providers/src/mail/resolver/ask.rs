//! One question to the DNS.

use std::io;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use super::answer::{Answer, DnsFailure};

/// Aliases (CNAME) that are followed at most within one answer.
const ALIASES_MAX: usize = 8;

/// An answer as it came, with its lifetime if it has one.
pub(super) struct Asked {
    pub(super) answer: Answer<Vec<RData>>,
    pub(super) lifetime: Option<Duration>,
}

impl Asked {
    pub(super) fn failed(failure: DnsFailure) -> Self {
        Self { answer: Answer::Failed(failure), lifetime: None }
    }
}

/// Asks for the records of a type, at the name or what it is an alias of.
pub(super) async fn ask(dns: &TokioResolver, name: Name, record_type: RecordType) -> Asked {
    match dns.lookup(name.clone(), record_type).await {
        Ok(lookup) => found(&lookup, &name, record_type),
        Err(NetError::Dns(DnsError::NoRecordsFound(absence))) => absent(dns, name, &absence).await,
        Err(error) => Asked::failed(failure(&error)),
    }
}

fn found(lookup: &Lookup, name: &Name, record_type: RecordType) -> Asked {
    let Some(owner) = owner(lookup.answers(), name) else {
        return Asked::failed(DnsFailure::Malformed);
    };
    let of_owner = |record: &&Record| record.name == *owner && record.record_type() == record_type;
    let records: Vec<_> =
        lookup.answers().iter().filter(of_owner).map(|record| record.data.clone()).collect();
    if records.is_empty() {
        // Records there are, but not of the name that was asked for.
        return Asked::failed(DnsFailure::Malformed);
    }
    let now = std::time::Instant::now();
    let lifetime = lookup.valid_until().saturating_duration_since(now);
    Asked { answer: Answer::Found(records), lifetime: Some(lifetime) }
}

/// The name that an answer's aliases lead to; none if they lead in a circle.
fn owner<'a>(answers: &'a [Record], name: &'a Name) -> Option<&'a Name> {
    let mut owner = name;
    for _ in 0..=ALIASES_MAX {
        let alias = answers.iter().find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *owner => Some(&target.0),
            _ => None,
        });
        match alias {
            Some(target) => owner = target,
            None => return Some(owner),
        }
    }
    None
}

/// An answer without records.
async fn absent(dns: &TokioResolver, name: Name, absence: &NoRecords) -> Asked {
    let lifetime = absence.negative_ttl.map(|seconds| Duration::from_secs(seconds.into()));
    let answer = match absence.response_code {
        ResponseCode::NXDomain => Answer::NoSuchDomain,
        // The library says so too when it gave up following aliases, and then without any record that
        // would prove the absence.
        ResponseCode::NoError if absence.soa.is_none() && is_alias(dns, name).await => {
            Answer::Failed(DnsFailure::Malformed)
        }
        ResponseCode::NoError => Answer::NoRecords,
        code => Answer::Failed(of_code(code)),
    };
    Asked { answer, lifetime }
}

async fn is_alias(dns: &TokioResolver, name: Name) -> bool {
    dns.lookup(name, RecordType::CNAME).await.is_ok()
}

fn failure(error: &NetError) -> DnsFailure {
    match error {
        NetError::Dns(DnsError::ResponseCode(code)) => of_code(*code),
        NetError::Timeout => DnsFailure::TimedOut,
        NetError::Proto(_)
        | NetError::ForeignClassRecord { .. }
        | NetError::Truncated
        | NetError::QueryCaseMismatch => DnsFailure::Malformed,
        NetError::Io(error) if error.kind() == io::ErrorKind::InvalidData => DnsFailure::Malformed,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => DnsFailure::Network,
        _ => DnsFailure::Other,
    }
}

fn of_code(code: ResponseCode) -> DnsFailure {
    match code {
        ResponseCode::ServFail => DnsFailure::ServFail,
        ResponseCode::Refused => DnsFailure::Refused,
        ResponseCode::FormErr => DnsFailure::Malformed,
        _ => DnsFailure::Other,
    }
}
