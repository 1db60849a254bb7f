//! Mail hosts, verifiers and workers for tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::verification::{Identity, Limits, Policy, Stage};
use genesy_providers::driver::LeadId;
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, MailHost, Script};
use genesy_temporal::client::{Client, ClientOptions};
use genesy_temporal::dev_server::DevServer;
use genesy_temporal::email::EmailStanding;
use genesy_temporal::report::{Report, Sink};
use genesy_temporal::worker::{Builder, RunningWorker, Worker};

use crate::rig::Process;

pub(crate) const ADA: &str = "ada@engines.example";
pub(crate) const BOB: &str = "bob@engines.example";
pub(crate) const DOMAIN: &str = "engines.example";
pub(crate) const MX: &str = "mx1.engines.example";

/// What a worker in a process of its own is told.
const SERVER: &str = "GENESY_TEST_SERVER";
const DNS: &str = "GENESY_TEST_DNS";
const SMTP_PORT: &str = "GENESY_TEST_SMTP_PORT";

pub(crate) fn policy(limits: Limits) -> Policy {
    let identity =
        Identity::new("verifier.engines.example", "probe@engines.example").expect("names");
    Policy::new(identity).within(limits).expect("limits")
}

/// A laboratory with one mail host.
pub(crate) fn one_host(script: Script) -> (Laboratory, MailHost) {
    let laboratory = Laboratory::start().expect("a laboratory");
    let host = laboratory.host(MX, script).expect("a host");
    laboratory.domain(DOMAIN).mx(10, MX);
    (laboratory, host)
}

/// A verifier of the laboratory's mail hosts alone.
pub(crate) fn verifier(laboratory: &Laboratory) -> Verifier {
    verifier_of(&laboratory.dns().to_string(), laboratory.smtp_port())
}

fn verifier_of(dns: &str, smtp_port: u16) -> Verifier {
    let name_servers = vec![dns.parse().expect("an address")];
    Verifier::builder(policy(Limits::DEFAULT))
        .resolver(ResolverOptions { name_servers, ..ResolverOptions::default() })
        .port(smtp_port)
        .egress(Egress::default().allow("127.0.0.0/8".parse().expect("a network")))
        .connect_pause(Duration::ZERO)
        .build()
        .expect("a verifier")
}

pub(crate) fn start(worker: Builder) -> RunningWorker {
    worker.build().expect("a worker").start().expect("it starts")
}

/// Goes on until it is killed, if it is run by [`start_process`].
pub(crate) fn be_a_worker() {
    let told = |name: &str| std::env::var(name).expect("it is run by other tests");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = Client::connect(ClientOptions::new(told(SERVER))).await.expect("a client");
        let verifier = verifier_of(&told(DNS), told(SMTP_PORT).parse().expect("a port"));
        let worker = Worker::builder(&client).without_workflows().verifier(verifier);
        start(worker).ended().await.expect("it goes on until it is killed");
    });
}

/// A worker of the mail queue in a process of its own. `test` is the ignored one that calls [`be_a_worker`].
pub(crate) fn start_process(test: &str, server: &DevServer, laboratory: &Laboratory) -> Process {
    let (dns, port) = (laboratory.dns().to_string(), laboratory.smtp_port().to_string());
    Process::start(test, [(SERVER, server.address()), (DNS, &dns), (SMTP_PORT, &port)])
}

/// Waits until the worker said that it is at a stage.
pub(crate) async fn until_stage(client: &Client, lead: &LeadId, stage: Stage) {
    let mut after = 0;
    loop {
        let progress = client.wait_email_progress(lead, after).await.expect("progress");
        assert_eq!(progress.outcome, None, "it ended before");
        if progress.check.is_some_and(|check| check.stage == Some(stage)) {
            return;
        }
        after = progress.revision;
    }
}

/// Keeps what is reported.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Vec<Report>>);

impl Kept {
    pub(crate) fn all(&self) -> Vec<Report> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Sink for Kept {
    async fn record(&self, report: Report) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(report);
        Ok(())
    }
}

pub(crate) fn kept() -> Arc<Kept> {
    Arc::new(Kept::default())
}

/// Waits until a verification sleeps.
pub(crate) async fn until_it_sleeps(client: &Client, lead: &LeadId) {
    let mut progress = client.email_progress(lead).await.expect("progress");
    while !matches!(progress.standing, EmailStanding::Sleeping { .. }) {
        assert_eq!(progress.outcome, None, "it ended before");
        let next = client.wait_email_progress(lead, progress.revision).await;
        progress = next.expect("progress");
    }
}
