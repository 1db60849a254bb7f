//! How far a verification is, for people who watch.

use core::net::IpAddr;
use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::verdict::{Conclusion, Stage};
use crate::time::Timestamp;

/// How far a verification is. All that a line for people needs is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress<'a> {
    /// The stage; nothing if it has ended.
    pub stage: Option<Stage>,
    /// The mail host, or the one whose addresses are asked for; nothing for an address literal.
    pub host: Option<Cow<'a, str>>,
    /// The address that is talked to, once it is known.
    pub address: Option<IpAddr>,
    /// Which connection it is, counted from 1; 0 before the first.
    pub attempt: u8,
    /// How many there may be.
    pub attempts_max: u8,
    /// The latest time that the verification was told.
    pub now: Timestamp,
    /// When the stage began.
    pub entered: Timestamp,
    /// When the stage ends at the latest; nothing if all has ended.
    pub deadline: Option<Timestamp>,
    /// When it all began.
    pub started: Timestamp,
    /// When it all ends at the latest, if it neither sleeps nor queues from now on.
    pub total_deadline: Timestamp,
    /// How it ended, if it has.
    pub conclusion: Option<Conclusion>,
}

impl Progress<'_> {
    /// The same, to be kept.
    pub fn into_owned(self) -> Progress<'static> {
        Progress { host: self.host.map(|host| Cow::Owned(host.into_owned())), ..self }
    }

    /// A line for people, as of `now`: `waiting for the greeting of mx1.engines.example, 3.2 s of 10.0 s`.
    ///
    /// Host names tell the domain of the address. With `redacted`, they are left out.
    pub const fn line(&self, now: Timestamp, redacted: bool) -> ProgressLine<'_> {
        ProgressLine { progress: self, now, redacted }
    }
}

/// A [`Progress`] in words.
#[derive(Debug, Clone, Copy)]
pub struct ProgressLine<'a> {
    progress: &'a Progress<'a>,
    now: Timestamp,
    redacted: bool,
}

impl fmt::Display for ProgressLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let progress = self.progress;
        let Some(stage) = progress.stage else {
            return match progress.conclusion {
                Some(end) => write!(f, "{}: {}", end.verdict().name(), end.reason()),
                None => f.write_str("ended"),
            };
        };
        f.write_str(match stage {
            Stage::Syntax => "reading the address",
            Stage::Dns if progress.host.is_some() => "asking the DNS for the addresses",
            Stage::Dns => "asking the DNS for the mail hosts",
            Stage::Queue => "waiting for a turn at the mail host",
            Stage::Connect => "connecting",
            Stage::Greeting => "waiting for the greeting",
            Stage::Hello => "saying hello",
            Stage::StartTls => "beginning TLS",
            Stage::Mail => "naming the sender",
            Stage::Recipient => "asking for the mailbox",
            Stage::CatchAll => "asking for a mailbox that cannot be",
            Stage::Greylist => "sleeping until the server wants to be asked again",
            Stage::Quit => "saying goodbye",
        })?;
        self.write_host(f, stage)?;
        let seconds = |us: u64| us as f64 / 1e6;
        write!(f, ", {:.1} s", seconds(self.now.micros_since(progress.entered)))?;
        if let Some(deadline) = progress.deadline {
            write!(f, " of {:.1} s", seconds(deadline.micros_since(progress.entered)))?;
        }
        if progress.attempt > 1 {
            write!(f, "; connection {} of {} at most", progress.attempt, progress.attempts_max)?;
        }
        Ok(())
    }
}

impl ProgressLine<'_> {
    fn write_host(&self, f: &mut fmt::Formatter<'_>, stage: Stage) -> fmt::Result {
        let progress = self.progress;
        if self.redacted {
            return Ok(());
        }
        let preposition = match stage {
            Stage::Connect | Stage::Hello | Stage::Mail | Stage::Quit => " to ",
            Stage::Recipient | Stage::CatchAll | Stage::Queue => " at ",
            Stage::StartTls => " with ",
            Stage::Dns | Stage::Greeting | Stage::Syntax => " of ",
            Stage::Greylist => ": ",
        };
        match (&progress.host, progress.address) {
            (Some(host), _) => write!(f, "{preposition}{host}"),
            (None, Some(address)) => write!(f, "{preposition}[{address}]"),
            (None, None) => Ok(()),
        }
    }
}
