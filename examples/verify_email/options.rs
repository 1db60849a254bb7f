//! The command line.

use clap::{Parser, ValueEnum};
use genesy_core::verification::{Identity, Limits, Policy};

use crate::Failure;

/// Addresses under way at a time at most.
const CONCURRENCY_MAX: u64 = 1000;
/// Limits that suit servers on this machine: what does not work there shows soon.
const LABORATORY_LIMITS: Limits = Limits {
    total_ms: 10_000,
    greeting_ms: 2_000,
    quit_ms: 200,
    greylist_ms: 1_000,
    ..Limits::DEFAULT
};
/// Who asks the laboratory.
const LABORATORY_IDENTITY: [&str; 2] = ["verifier.example", "probe@verifier.example"];

/// Verifies e-mail addresses: whether mail to them would be taken. No mail is sent.
///
/// Without --live the mail servers are simulated within this program, and nothing leaves the machine. Without
/// an address, a set of telling ones is verified.
#[derive(Debug, Parser)]
#[command(name = "verify_email")]
pub(crate) struct Arguments {
    /// The addresses, or one CSV file that has them.
    #[arg(value_name = "ADDRESS|FILE")]
    pub(crate) targets: Vec<String>,
    /// The column of the file that has the addresses; without it, it is found out.
    #[arg(long, value_name = "HEADER", requires = "targets")]
    pub(crate) column: Option<String>,

    /// Write one JSON object a line instead of the tables.
    #[arg(long, value_enum, value_name = "SHAPE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "report")]
    pub(crate) json: Option<Shape>,
    /// Show neither addresses nor the names of their mail hosts.
    #[arg(long, conflicts_with = "json")]
    pub(crate) redacted: bool,

    /// Addresses under way at a time.
    #[arg(long, default_value_t = 50, value_name = "ADDRESSES")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=CONCURRENCY_MAX))]
    concurrency: u64,
    /// The time for one address, in milliseconds, sleeping apart.
    #[arg(long, value_name = "MS")]
    total_ms: Option<u32>,
    /// The time to sleep for one address where a server wants to be asked again later; 0 for none.
    #[arg(long, value_name = "MS")]
    greylist_ms_max: Option<u32>,

    /// Ask the real mail servers: addresses leave this machine.
    #[arg(long, requires_all = ["targets", "helo", "from"])]
    pub(crate) live: bool,
    /// The name of this host in the DNS, as the servers are told (EHLO).
    #[arg(long, value_name = "NAME", requires = "live")]
    helo: Option<String>,
    /// The sender that the servers are told (MAIL FROM); empty for the null sender.
    #[arg(long, value_name = "ADDRESS", requires = "live")]
    from: Option<String>,
}

/// What the JSON looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// Verdict, reason, advice and the whole report.
    Report,
    /// What check-if-email-exists writes.
    Compatible,
}

impl Arguments {
    pub(crate) fn concurrency(&self) -> usize {
        usize::try_from(self.concurrency).unwrap_or(usize::MAX)
    }

    /// How addresses are verified.
    ///
    /// # Errors
    ///
    /// When the identity or a limit is not what it may be.
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        let [helo, from] = LABORATORY_IDENTITY;
        let helo = self.helo.as_deref().unwrap_or(helo);
        let from = self.from.as_deref().unwrap_or(from);
        let mut limits = if self.live { Limits::DEFAULT } else { LABORATORY_LIMITS };
        limits.total_ms = self.total_ms.unwrap_or(limits.total_ms);
        limits.greylist_ms_max = self.greylist_ms_max.unwrap_or(limits.greylist_ms_max);
        Ok(Policy::new(Identity::new(helo, from)?).within(limits)?)
    }
}
