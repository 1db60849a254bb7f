//! What the DNS server knows.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use std::time::Duration;

use super::lock;

/// Names and kinds whose questions are counted, at most.
const COUNTED_MAX: usize = 100_000;
/// The time to live of records and of answers that there are none, if nothing else is said.
const TTL_SECONDS: u32 = 300;
/// CNAME records that are followed for one question, at most.
const ALIASES_MAX: usize = 8;

/// A kind of record that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// Where mail goes.
    Mx,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Another name.
    Cname,
    /// Whatever else.
    Other,
}

/// What is wrong when a name is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsTrouble {
    /// `SERVFAIL`.
    ServFail,
    /// `REFUSED`.
    Refused,
    /// No answer.
    Silent,
    /// The answer comes so late.
    Late(Duration),
    /// Bytes that are no message.
    Garbage,
    /// The answer to another question: its id is wrong.
    WrongId,
    /// The answer repeats another question than the one asked.
    WrongQuestion,
    /// Over UDP the answer is cut, over TCP it is right.
    Truncated,
    /// Over UDP the answer is cut, over TCP there is none.
    TruncatedThenSilent,
}

/// A record's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    Mx(u16, String),
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(String),
}

/// What there is of a name.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) records: Vec<Data>,
    pub(super) ttl_seconds: u32,
    is_absent: bool,
    troubles: Vec<(Option<RecordKind>, DnsTrouble)>,
}

/// What there is to say to a question.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Owner, time to live in seconds, data: aliases first.
    pub(super) records: Vec<(String, u32, Data)>,
    /// The name, or the one that it is an alias of, does not exist.
    pub(super) is_absent: bool,
    /// Aliases were followed as far as they are, and led nowhere: nothing was found out.
    pub(super) is_unresolved: bool,
    pub(super) troubles: Vec<DnsTrouble>,
}

#[derive(Debug, Default)]
pub(super) struct Zone {
    entries: Mutex<BTreeMap<String, Entry>>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    total: u64,
    asked: BTreeMap<(String, RecordKind), u64>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            ttl_seconds: TTL_SECONDS,
            is_absent: false,
            troubles: Vec::new(),
        }
    }
}

impl Data {
    const fn kind(&self) -> RecordKind {
        match self {
            Self::Mx(..) => RecordKind::Mx,
            Self::A(_) => RecordKind::A,
            Self::Aaaa(_) => RecordKind::Aaaa,
            Self::Cname(_) => RecordKind::Cname,
        }
    }
}

impl Zone {
    /// Counts a question, and says what there is. Aliases are followed as a resolver follows them; a
    /// loop of them ends behind eight, without an address.
    pub(super) fn ask(&self, name: &str, kind: RecordKind) -> Found {
        let mut name = normal(name);
        self.count(&name, kind);
        let entries = lock(&self.entries);
        let mut found = Found::default();
        for _ in 0..=ALIASES_MAX {
            let Some(entry) = entries.get(&name) else {
                found.is_absent = true;
                return found;
            };
            let troubles = entry.troubles.iter().filter(|(of, _)| of.is_none_or(|of| of == kind));
            found.troubles.extend(troubles.map(|(_, trouble)| *trouble));
            if entry.is_absent {
                found.is_absent = true;
                return found;
            }
            let mut alias = None;
            for data in &entry.records {
                if let Data::Cname(target) = data {
                    alias = Some(normal(target));
                }
                if data.kind() == kind || data.kind() == RecordKind::Cname {
                    found.records.push((name.clone(), entry.ttl_seconds, data.clone()));
                }
            }
            match alias {
                Some(alias) if kind != RecordKind::Cname => name = alias,
                Some(_) | None => return found,
            }
        }
        found.is_unresolved = true;
        found
    }

    /// The addresses of a name, for those who are no DNS client. It is not counted.
    pub(super) fn address(&self, name: &str) -> Option<IpAddr> {
        let entries = lock(&self.entries);
        entries.get(&normal(name))?.records.iter().find_map(|data| match data {
            Data::A(ip) => Some((*ip).into()),
            Data::Aaaa(ip) => Some((*ip).into()),
            Data::Mx(..) | Data::Cname(_) => None,
        })
    }

    pub(super) fn questions(&self, name: &str, kind: RecordKind) -> u64 {
        lock(&self.counts).asked.get(&(normal(name), kind)).copied().unwrap_or_default()
    }

    pub(super) fn questions_total(&self) -> u64 {
        lock(&self.counts).total
    }

    fn count(&self, name: &str, kind: RecordKind) {
        let mut counts = lock(&self.counts);
        counts.total += 1;
        let key = (name.to_owned(), kind);
        if counts.asked.len() < COUNTED_MAX || counts.asked.contains_key(&key) {
            *counts.asked.entry(key).or_default() += 1;
        }
    }
}

/// A name that is being edited. Each call takes effect at once.
///
/// A name that was never edited does not exist (`NXDOMAIN`). One that was edited exists, and so do the names
/// above it; for a kind of which it has no record the answer is empty (`NODATA`).
#[derive(Debug)]
pub struct Domain<'a> {
    zone: &'a Zone,
    name: String,
}

impl<'a> Domain<'a> {
    pub(super) fn new(zone: &'a Zone, name: &str) -> Self {
        let name = normal(name);
        let mut entries = lock(&zone.entries);
        let mut rest = name.as_str();
        loop {
            entries.entry(rest.to_owned()).or_default();
            let Some((_, above)) = rest.split_once('.') else { break };
            rest = above;
        }
        drop(entries);
        Self { zone, name }
    }

    /// Adds an MX record.
    pub fn mx(self, preference: u16, exchange: &str) -> Self {
        self.add(Data::Mx(preference, exchange.to_owned()))
    }

    /// Adds the MX record that says that there is no mail (RFC 7505).
    pub fn null_mx(self) -> Self {
        self.mx(0, ".")
    }

    /// Adds an A or an AAAA record.
    pub fn address(self, ip: impl Into<IpAddr>) -> Self {
        self.add(match ip.into() {
            IpAddr::V4(ip) => Data::A(ip),
            IpAddr::V6(ip) => Data::Aaaa(ip),
        })
    }

    /// Makes the name an alias.
    pub fn cname(self, target: &str) -> Self {
        self.add(Data::Cname(target.to_owned()))
    }

    /// Removes its records and troubles, so that there is no data.
    pub fn clear(self) -> Self {
        self.edit(|entry| *entry = Entry::default())
    }

    /// The name does not exist, whatever its records are.
    pub fn absent(self) -> Self {
        self.edit(|entry| entry.is_absent = true)
    }

    /// Sets the time to live of all its records, in seconds: 300 by default.
    pub fn ttl_seconds(self, ttl_seconds: u32) -> Self {
        self.edit(|entry| entry.ttl_seconds = ttl_seconds)
    }

    /// Adds a trouble with it, whatever is asked.
    pub fn trouble(self, trouble: DnsTrouble) -> Self {
        self.edit(|entry| entry.troubles.push((None, trouble)))
    }

    /// Adds a trouble with its records of a kind.
    pub fn trouble_with(self, kind: RecordKind, trouble: DnsTrouble) -> Self {
        self.edit(|entry| entry.troubles.push((Some(kind), trouble)))
    }

    /// Ends its troubles.
    pub fn no_trouble(self) -> Self {
        self.edit(|entry| entry.troubles.clear())
    }

    fn add(self, data: Data) -> Self {
        self.edit(|entry| entry.records.push(data))
    }

    fn edit(self, edit: impl FnOnce(&mut Entry)) -> Self {
        edit(lock(&self.zone.entries).entry(self.name.clone()).or_default());
        self
    }
}

/// Names are compared without their case and their last dot.
fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
