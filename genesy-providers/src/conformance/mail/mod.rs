//! A suite that every driver of verifications passes.
//!
//! [`check`] has a driver verify addresses at the mail hosts of a laboratory on loopback, and holds what
//! happens there and what the report says against what [`Verification`] asks of drivers:
//!
//! | check | what holds |
//! |---|---|
//! | verdicts | a mailbox that is there is deliverable, one that is not is not |
//! | commands | each command is sent once, in its order, and QUIT is said |
//! | session deadlines | a host that says nothing, or a byte now and then, ends with its stage at any stage |
//! | handshake deadline | a TLS handshake that hangs ends, and another connection is made |
//! | connect deadline | a host that lets nobody connect ends with its stage |
//! | dns deadline | a name server that says nothing ends with its stage |
//! | closing | a connection is closed when that is asked for, not when all has ended |
//! | start tls | TLS begins where it is offered |
//! | sleeping | a host that greylists is asked again not before its time, and nothing is open meanwhile |
//! | patience | a host that is slow has not gone |
//! | bytes | what a host sends comes once, whole and in order, in however many pieces |
//! | disconnects | a connection that is closed or reset is told at once |
//! | refusals | a connection that is refused is not one that timed out |
//! | names | what is not in the DNS and what could not be found out are kept apart |
//! | time | the time of stages is the real one |
//!
//! The time is real: the clock must not be paused. All checks run at once, each in a laboratory of its own.

mod bench;
mod names;
mod session;
mod time;

use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use genesy_core::verification::{self, Policy, Verification};

use super::Report;

/// A driver of verifications.
#[async_trait]
pub trait MailDriver: Send + Sync {
    /// Does what the verification asks for until it has ended, and gives its report.
    async fn verify(&self, verification: Verification) -> verification::Report;
}

/// What makes a driver that is to be checked.
pub trait Subject: Send + Sync {
    /// A driver for this network. It may connect to 127.0.0.0/8.
    fn driver(&self, network: &Network) -> Arc<dyn MailDriver>;
}

/// The network that a driver is to use.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Network {
    /// The only name server, over UDP and TCP.
    pub name_server: SocketAddr,
    /// The port of all mail hosts.
    pub smtp_port: u16,
    /// The policy of all verifications to come.
    pub policy: Policy,
}

/// Runs all checks. It takes about two seconds.
pub async fn check(subject: &dyn Subject) -> Report {
    let (talk, ends, rest) = tokio::join!(
        async {
            tokio::join!(
                session::verdicts(subject),
                session::commands(subject),
                session::closing(subject),
                session::start_tls(subject),
                session::bytes(subject),
                session::disconnects(subject),
            )
        },
        async {
            tokio::join!(
                time::session_deadlines(subject),
                time::handshake_deadline(subject),
                time::connect_deadline(subject),
                time::dns_deadline(subject),
                time::sleeping(subject),
                time::patience(subject),
                time::time(subject),
            )
        },
        async { tokio::join!(names::refusals(subject), names::names(subject)) },
    );
    let mut report = Report::default();
    report.add("verdicts", talk.0);
    report.add("commands", talk.1);
    report.add("session deadlines", ends.0);
    report.add("handshake deadline", ends.1);
    report.add("connect deadline", ends.2);
    report.add("dns deadline", ends.3);
    report.add("closing", talk.2);
    report.add("start tls", talk.3);
    report.add("sleeping", ends.4);
    report.add("patience", ends.5);
    report.add("bytes", talk.4);
    report.add("disconnects", talk.5);
    report.add("refusals", rest.0);
    report.add("names", rest.1);
    report.add("time", ends.6);
    report
}
