//! A laboratory, a driver in it, and what is expected of it.

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use genesy_core::time::Timestamp;
use genesy_core::verification::{Identity, Limits, Policy, Report, Stage, Verification};
use tokio::time::{Instant, sleep, timeout};

use super::{MailDriver, Network, Subject};
use crate::simulated::mail::{Laboratory, MailHost, Script};

pub(super) const DOMAIN: &str = "engines.example";
pub(super) const MX: &str = "mx1.engines.example";
/// The mailbox that is there.
pub(super) const KNOWN: &str = "known@engines.example";
/// One that is not.
pub(super) const UNKNOWN: &str = "unknown@engines.example";
pub(super) const HELO_NAME: &str = "driver.engines.example";

/// The time of the stage that is to end.
pub(super) const LIMIT: Duration = Duration::from_millis(150);
pub(super) const LIMIT_MS: u32 = 150;
/// What a limit may be overrun by. A driver that does not keep it waits far longer.
pub(super) const OVERRUN_MAX: Duration = Duration::from_millis(1_500);
/// How long a driver may take that has no limit to keep.
const TIME_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether something has happened.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Limits that are not reached, but for those that a check lowers.
pub(super) const WIDE: Limits = Limits {
    total_ms: 60_000,
    dns_ms: 30_000,
    connect_ms: 30_000,
    greeting_ms: 30_000,
    hello_ms: 30_000,
    start_tls_ms: 30_000,
    mail_ms: 30_000,
    recipient_ms: 30_000,
    catch_all_ms: 30_000,
    quit_ms: 30_000,
    ..Limits::DEFAULT
};

/// What was expected and what came instead, if it failed.
pub(super) type Checked = Result<(), String>;

pub(super) struct Bench {
    pub(super) laboratory: Laboratory,
    policy: Arc<Policy>,
    driver: Arc<dyn MailDriver>,
}

impl Bench {
    /// A laboratory without any host.
    pub(super) fn new(subject: &dyn Subject, limits: Limits) -> Result<Self, String> {
        let laboratory = Laboratory::start().map_err(text)?;
        let identity = Identity::new(HELO_NAME, "").map_err(text)?;
        let policy = Policy::new(identity).within(limits).map_err(text)?;
        let network = Network {
            name_server: laboratory.dns(),
            smtp_port: laboratory.smtp_port(),
            policy: policy.clone(),
        };
        let driver = subject.driver(&network);
        Ok(Self { laboratory, policy: Arc::new(policy), driver })
    }

    /// A laboratory whose domain has this mail host alone.
    pub(super) fn with_host(
        subject: &dyn Subject,
        limits: Limits,
        script: Script,
    ) -> Result<(Self, MailHost), String> {
        let bench = Self::new(subject, limits)?;
        let host = bench.laboratory.host(MX, script).map_err(text)?;
        bench.laboratory.domain(DOMAIN).mx(10, MX);
        Ok((bench, host))
    }

    /// Has an address verified, in five seconds at most.
    pub(super) async fn verify(&self, address: &str) -> Result<Report, String> {
        self.verify_within(address, TIME_MAX).await
    }

    /// The same in another time.
    pub(super) async fn verify_within(
        &self,
        address: &str,
        time_max: Duration,
    ) -> Result<Report, String> {
        let verification = Verification::new(address, Arc::clone(&self.policy), 7, now());
        let verifying = timeout(time_max, self.driver.verify(verification));
        verifying.await.map_err(|_| format!("it has not ended after {time_max:?}"))
    }
}

/// A host that knows one mailbox.
pub(super) fn knows_one() -> Script {
    Script::with_mailboxes([KNOWN])
}

/// Checks the reason and, of an unknown verdict, the stage.
pub(super) fn expect(report: &Report, reason: &str, stage: Option<Stage>) -> Checked {
    let end = &report.conclusion;
    if (end.reason(), end.stage()) == (reason, stage) {
        return Ok(());
    }
    let said = |reason: &str, stage: Option<Stage>| match stage {
        Some(stage) => format!("{reason} at {}", stage.name()),
        None => reason.to_owned(),
    };
    Err(format!("expected {}, got {}", said(reason, stage), said(end.reason(), end.stage())))
}

/// Fails with a text if something does not hold.
pub(super) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Names where a check failed.
pub(super) fn at(place: impl Display) -> impl FnOnce(String) -> String {
    move |failed| format!("{place}: {failed}")
}

/// Waits for something that is to happen soon.
pub(super) async fn soon(what: &str, mut happened: impl FnMut() -> bool) -> Checked {
    let begun = Instant::now();
    while !happened() {
        if begun.elapsed() > OVERRUN_MAX {
            return Err(format!("{what} did not happen"));
        }
        sleep(LOOK_INTERVAL).await;
    }
    Ok(())
}

/// The time of a stage, if it was reached.
pub(super) fn stage_time(report: &Report, stage: Stage) -> Option<Duration> {
    let mut stages = report.evidence.stages_us.iter();
    stages.find(|(of, _)| *of == stage).map(|(_, us)| Duration::from_micros(*us))
}

pub(super) fn text(error: impl Display) -> String {
    error.to_string()
}

fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX))
}
