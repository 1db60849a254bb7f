//! A suite that every provider passes, a definition or somebody's own type. The one for drivers of e-mail
//! verifications is in `mail`, with the features of that name and `simulated`.
//!
//! [`check`] asks a provider about leads that say nothing of anybody, over a server on the loopback that
//! answers well, badly or not at all, and holds what happens against what [`Provider`] promises:
//!
//! | check | what holds |
//! |---|---|
//! | description | the timeout is in the bounds of plans, what is required is used too, and it is the same each time |
//! | hit | a find is found |
//! | miss | an answer without a find is a miss, not an error |
//! | one request | a call makes one request and no second one, whatever comes back |
//! | key | the key is in its place and nowhere else, in no encoding |
//! | inputs | all required fields are sent, and nothing that is not used, even if it is there |
//! | lacking inputs | a lead without a required field is `Rejected`, and nothing is sent |
//! | hostile inputs | no text of a field adds a header, a parameter, a segment or a member to the request, nor makes a second one |
//! | statuses | 500, 502 and 503 are `Retryable`; 401 and 403 `Misconfigured`; 400 and 422 `Rejected`; 429 `Throttled` |
//! | retry after | seconds and dates of `Retry-After` are handed on, of 429 and of 503 |
//! | timeouts | a call ends in its time: `TimedOut`, or `Unreadable` where an answer began |
//! | rubbish | what is no answer is an error, and what holds no find is not one |
//! | long answers | a body is read to a bound, and is an error beyond it |
//! | lost connections | nobody listens: `Retryable`; closed without an answer: `Retryable` or `Unreadable` |
//! | redirects | nothing goes to another host, and what sends it there is an error |
//! | cancellation | a call that is dropped closes its connection |
//! | concurrency | many calls at a time on one provider each get their own answer |
//! | nothing shown | no error, no trace event and no `Debug` of the provider holds the key or what the lead says |
//!
//! A provider may have its own meaning for a status: see [`Subject::own_statuses`].
//!
//! # Limits
//!
//! Trace events are seen on the thread that runs [`check`]: run it on a runtime of one thread, as
//! `#[tokio::test]` does. Records of the `log` crate are not seen. Time is real: the clock must not be
//! paused. The future of [`check`] stays on its thread: it is not `Send`.

mod answers;
mod bench;
mod connections;
mod hostile;
#[cfg(all(feature = "mail", feature = "simulated"))]
pub mod mail;
mod privacy;
mod request;
mod requests;
mod server;
mod statuses;
mod trace;

use std::fmt;
use std::sync::Arc;

use genesy_core::waterfall::{LeadField, LeadInputs, Lookup};

use self::bench::Bench;
use self::trace::Traced;
use crate::provider::Provider;

/// A provider that is to be checked, and what its answers look like.
pub trait Subject<K: Lookup>: Send + Sync {
    /// The provider, with this key and `base_url`, plain HTTP on the loopback, in place of its own
    /// scheme, host and port. It takes no proxy.
    fn provider(&self, base_url: &str, key: &str) -> Arc<dyn Provider<K>>;

    /// Where it puts its key.
    fn key_place(&self) -> KeyPlace;

    /// An answer with a find.
    fn hit(&self) -> Canned;

    /// An answer without one.
    fn miss(&self) -> Canned;

    /// A lead that says something in each field, in no two the same. Only a provider that looks closely
    /// at what fields say needs another than [`marked_lead`].
    fn lead(&self) -> LeadInputs {
        marked_lead()
    }

    /// Those of the statuses 400 and 422 that do not mean `Rejected` here.
    fn own_statuses(&self) -> Vec<u16> {
        Vec::new()
    }
}

/// The place of a key in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPlace {
    /// There is no key.
    None,
    /// The header of this name.
    Header(String),
    /// The query parameter of this name.
    Query(String),
    /// `Authorization: Bearer` and the key.
    Bearer,
    /// `Authorization: Basic`, with the key as the password of this user.
    Basic {
        /// The user.
        user: String,
    },
}

/// An answer of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// The status.
    pub status: u16,
    /// Headers, beside the length of the body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Canned {
    /// A 200 with this JSON.
    pub fn json(text: &str) -> Self {
        Self::new(200, text.as_bytes()).with("content-type", "application/json")
    }

    /// An answer without headers.
    pub fn new(status: u16, body: &[u8]) -> Self {
        Self { status, headers: Vec::new(), body: body.to_vec() }
    }

    /// The same with another header.
    #[must_use]
    pub fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.push((header.to_owned(), value.to_owned()));
        self
    }

    /// The answer as HTTP/1.1 writes it.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head("content-length", &self.body.len().to_string());
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The answer up to the body, whose length this header says.
    fn head(&self, name: &str, value: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Said\r\n{name}: {value}\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// A lead with something in each field that is found nowhere else.
pub fn marked_lead() -> LeadInputs {
    LeadInputs::default()
        .with(LeadField::FullName, "Zqfullone Zqfulltwo")
        .with(LeadField::FirstName, "Zqfirstname")
        .with(LeadField::LastName, "Zqlastname")
        .with(LeadField::Email, "zqmailbox@zqmailhost.example")
        .with(LeadField::JobTitle, "Zqjobtitle & Söns")
        .with(LeadField::CompanyName, "Zqcompany \"Ltd\"")
        .with(LeadField::CompanyWebsite, "zqwebsite.example")
        .with(LeadField::Country, "KI")
        .with(LeadField::LinkedinUrl, "https://www.linkedin.com/in/zqprofile")
}

/// Runs all checks. It takes about a second.
pub async fn check<K: Lookup>(subject: &dyn Subject<K>) -> Report {
    let traced = Traced::default();
    let _guard = tracing::subscriber::set_default(traced.recorder());
    let bench = Bench::new(subject);
    let mut report = Report::default();
    report.add("description", bench.description());
    report.add("hit", bench.hit().await);
    report.add("miss", bench.miss().await);
    report.add("one request", bench.one_request().await);
    report.add("key", bench.key().await);
    report.add("inputs", bench.inputs().await);
    report.add("lacking inputs", bench.lacking_inputs().await);
    report.add("hostile inputs", bench.hostile_inputs().await);
    report.add("statuses", bench.statuses().await);
    report.add("retry after", bench.retry_after().await);
    report.add("timeouts", bench.timeouts().await);
    report.add("rubbish", bench.rubbish().await);
    report.add("long answers", bench.long_answers().await);
    report.add("lost connections", bench.lost_connections().await);
    report.add("redirects", bench.redirects().await);
    report.add("cancellation", bench.cancellation().await);
    report.add("concurrency", bench.concurrency().await);
    // Last: it looks at all that the checks before it brought about.
    report.add("nothing shown", bench.nothing_shown(&traced).await);
    report
}

/// What a provider passed, and what not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The checks, in their order.
    pub checks: Vec<Check>,
}

/// A check of the suite.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// What was expected and what came instead, if it failed.
    pub result: Result<(), String>,
}

impl Report {
    /// The names of the checks that failed.
    pub fn failed(&self) -> Vec<&'static str> {
        self.checks.iter().filter(|check| check.result.is_err()).map(|check| check.name).collect()
    }

    /// Ends the test if a check failed.
    ///
    /// # Panics
    ///
    /// With the list of checks, if one failed.
    pub fn assert_passed(&self) {
        assert!(self.failed().is_empty(), "it does not conform:\n{self}");
    }

    fn add(&mut self, name: &'static str, result: Result<(), String>) {
        self.checks.push(Check { name, result });
    }
}

impl fmt::Display for Report {
    /// A line for each check.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Check { name, result } in &self.checks {
            match result {
                Ok(()) => writeln!(f, "passed  {name}")?,
                Err(text) => writeln!(f, "FAILED  {name}: {text}")?,
            }
        }
        Ok(())
    }
}
