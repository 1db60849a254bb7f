//! The verifier: what all verifications of a process share.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::Stream;
use genesy_core::time::Timestamp;
use genesy_core::verification::{Input, Policy, Report, Verification};
use tokio::sync::{Semaphore, watch};

use super::SETTING_TIME_MAX;
use super::drive::{Driven, drive};
use super::egress::Egress;
use super::hosts::{HostLimits, Hosts, give_away};
use super::knowledge::Domains;
use super::port_watch::{PortState, PortWatch};
use super::resolver::{Resolver, ResolverError, ResolverOptions};
use super::socks5::Socks5;
use super::tls::Tls;
use super::verify_all::{Verified, verify_all};
use super::watched::{Verifying, Watcher};
use crate::driver::Clock;

/// The port of mail hosts (RFC 5321 §4.5.4.2).
pub const SMTP_PORT: u16 = 25;
/// Connections to one mail host at a time, where nobody says otherwise.
pub const CONNECTIONS_PER_HOST_MAX_DEFAULT: usize = 4;
/// The pause between the beginnings of two connections to a mail host, where nobody says otherwise.
pub const CONNECT_PAUSE_DEFAULT: Duration = Duration::from_millis(50);
/// How long a session is kept for others that want one of the same host.
pub const IDLE_TIME_MAX_DEFAULT: Duration = Duration::from_secs(2);
/// Addresses under way at a time in [`Verifier::verify_all`], where nobody says otherwise.
pub const CONCURRENCY_MAX_DEFAULT: usize = 200;
/// How long it is remembered whether a domain takes any recipient.
pub const DOMAIN_LIFETIME_DEFAULT: Duration = Duration::from_secs(24 * 60 * 60);

/// Verifies e-mail addresses. Clones are the same verifier.
#[derive(Debug, Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
}

/// How far a verification was driven by [`Verifier::drive`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Drove {
    /// It has ended.
    Done(Box<Report>),
    /// It sleeps until then. It may be stored, and driven on by another verifier.
    Sleeping(Timestamp),
}

/// What all verifications have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) policy: Arc<Policy>,
    pub(super) clock: Clock,
    pub(super) resolver: Resolver,
    pub(super) egress: Egress,
    pub(super) tls: Tls,
    pub(super) port: u16,
    pub(super) proxy: Option<Socks5>,
    pub(super) source: Option<IpAddr>,
    pub(super) hosts: Arc<Hosts>,
    pub(super) port_watch: PortWatch,
    pub(super) concurrency_max: usize,
    pub(super) domains: Domains,
    seed: AtomicU64,
}

impl Verifier {
    /// Begins to make a verifier of this policy.
    pub fn builder(policy: Policy) -> Builder {
        Builder {
            policy,
            resolver: ResolverOptions::default(),
            egress: Egress::default(),
            port: SMTP_PORT,
            proxy: None,
            source: None,
            connections_per_host_max: CONNECTIONS_PER_HOST_MAX_DEFAULT,
            connect_pause: CONNECT_PAUSE_DEFAULT,
            concurrency_max: CONCURRENCY_MAX_DEFAULT,
            domain_lifetime: DOMAIN_LIFETIME_DEFAULT,
            seed: None,
        }
    }

    /// Verifies one address. Dropping the future ends it.
    pub async fn verify(&self, address: &str) -> Report {
        let mut verification = self.shared.verification(address);
        self.shared.to_the_end(&mut verification, None).await
    }

    /// Goes on with a verification, as one that was stored, to its end. It need not be of this verifier's
    /// policy. What was under way when it was stored is over: tell it [`Input::Interrupted`] first.
    /// Dropping the future ends it.
    pub async fn resume(&self, mut verification: Verification) -> Report {
        self.shared.to_the_end(&mut verification, None).await
    }

    /// Goes on with a verification until it ends or sleeps, for drivers that keep it themselves, as durable
    /// ones do. Nothing of it is under way afterwards.
    ///
    /// `now` is the time by the clock that the verification's times are of: that of a server which all
    /// verifiers of it know, where their own differ. `watch` is called with the verification at each change
    /// of its [progress](Verification::progress), to store what it would go on from elsewhere.
    ///
    /// Dropping the future leaves the verification where it is. Tell it [`Input::Interrupted`] before it is
    /// driven on, or [`Input::Cancel`].
    pub async fn drive(
        &self,
        verification: &mut Verification,
        now: Timestamp,
        watch: impl Fn(&Verification) + Send + Sync + 'static,
    ) -> Drove {
        let clock = Clock::at(now);
        let watcher = Watcher::calling(watch);
        verification.handle(now, Input::Time);
        loop {
            match drive(&self.shared, &clock, verification, Some(&watcher), None).await {
                Driven::Done(connection) => {
                    connection.into_iter().for_each(give_away);
                    if let Some(report) = self.shared.report(verification) {
                        return Drove::Done(Box::new(report));
                    }
                }
                Driven::Sleeping(until) => return Drove::Sleeping(until),
            }
        }
    }

    /// The same verification with what this verifier knows of its domain, so that its servers are not asked
    /// for that again. For those that begin one themselves, to [drive](Self::drive) it.
    #[must_use]
    pub fn knowing(&self, verification: Verification) -> Verification {
        self.shared.knowing(verification)
    }

    /// Verifies one address in the background, to be watched and cancelled. Must be called within a
    /// Tokio runtime.
    pub fn start(&self, address: &str) -> Verifying {
        let shared = Arc::clone(&self.shared);
        let mut verification = shared.verification(address);
        let watcher = Arc::new(Watcher::new());
        watcher.tell(&verification);
        let told = Arc::clone(&watcher);
        let task =
            tokio::spawn(
                async move { Ok(shared.to_the_end(&mut verification, Some(&told)).await) },
            );
        Verifying::new(task, watcher)
    }

    /// Verifies all addresses of a stream, so many at a time, and gives each when it is done. Addresses of
    /// one domain are asked for in one session where the server bears it. Addresses are taken from the
    /// stream as there is room. If the result is dropped, all ends. Should a verification panic, which is a
    /// fault of this crate, the stream ends before all are done.
    pub fn verify_all<S>(&self, addresses: S) -> impl Stream<Item = Verified> + use<S>
    where
        S: Stream<Item = String>,
    {
        verify_all(Arc::clone(&self.shared), addresses)
    }

    /// Whether mail hosts can be connected to from here.
    pub fn port_state(&self) -> PortState {
        self.shared.port_watch.state()
    }

    /// The same, to be told when it changes.
    pub fn watch_port(&self) -> watch::Receiver<PortState> {
        self.shared.port_watch.subscribe()
    }

    /// How each address is verified.
    pub fn policy(&self) -> &Policy {
        &self.shared.policy
    }
}

impl Shared {
    /// A new verification, which begins now and knows what is known of the domain.
    pub(super) fn verification(&self, address: &str) -> Verification {
        let seed = self.seed.fetch_add(1, Ordering::Relaxed);
        let policy = Arc::clone(&self.policy);
        self.knowing(Verification::new(address, policy, seed, self.clock.now()))
    }

    fn knowing(&self, verification: Verification) -> Verification {
        match verification.domain().and_then(|domain| self.domains.get(domain)) {
            Some(known) => verification.knowing(known),
            None => verification,
        }
    }

    /// Drives a verification to its end, and sleeps where it does.
    pub(super) async fn to_the_end(
        &self,
        verification: &mut Verification,
        watcher: Option<&Watcher>,
    ) -> Report {
        loop {
            match drive(self, &self.clock, verification, watcher, None).await {
                Driven::Done(connection) => {
                    connection.into_iter().for_each(give_away);
                    if let Some(report) = self.report(verification) {
                        return report;
                    }
                }
                Driven::Sleeping(until) => self.sleep(verification, watcher, until).await,
            }
        }
    }

    pub(super) async fn sleep(
        &self,
        verification: &mut Verification,
        watcher: Option<&Watcher>,
        until: Timestamp,
    ) {
        let sleeping = tokio::time::sleep_until(self.clock.instant(until));
        match watcher {
            None => sleeping.await,
            Some(watcher) => tokio::select! {
                () = sleeping => {}
                () = watcher.cancelled() => {}
            },
        }
        verification.handle(self.clock.now(), Input::Time);
    }

    /// The report of a verification that has ended. What it learned of the domain is remembered.
    pub(super) fn report(&self, verification: &Verification) -> Option<Report> {
        let report = verification.report()?;
        if let Some(domain) = verification.domain() {
            self.domains.learn(domain, &report);
        }
        Some(report)
    }
}

/// Makes a [`Verifier`].
#[derive(Debug)]
pub struct Builder {
    policy: Policy,
    resolver: ResolverOptions,
    egress: Egress,
    port: u16,
    proxy: Option<Socks5>,
    source: Option<IpAddr>,
    connections_per_host_max: usize,
    connect_pause: Duration,
    concurrency_max: usize,
    domain_lifetime: Duration,
    seed: Option<u64>,
}

impl Builder {
    /// How the DNS is asked.
    #[must_use]
    pub fn resolver(self, resolver: ResolverOptions) -> Self {
        Self { resolver, ..self }
    }

    /// Which addresses may be connected to, where those of the public internet are not all.
    #[must_use]
    pub fn egress(self, egress: Egress) -> Self {
        Self { egress, ..self }
    }

    /// The port of mail hosts, where it is not [`SMTP_PORT`], as in tests.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Connects by way of a proxy.
    #[must_use]
    pub fn proxy(self, proxy: Socks5) -> Self {
        Self { proxy: Some(proxy), ..self }
    }

    /// Connects from this address of the machine.
    #[must_use]
    pub fn source(self, source: IpAddr) -> Self {
        Self { source: Some(source), ..self }
    }

    /// How many connections one mail host may have at a time; at least one.
    #[must_use]
    pub fn connections_per_host_max(self, connections: usize) -> Self {
        Self { connections_per_host_max: connections.clamp(1, Semaphore::MAX_PERMITS), ..self }
    }

    /// How long to wait between the beginnings of two connections to a mail host.
    #[must_use]
    pub fn connect_pause(self, pause: Duration) -> Self {
        Self { connect_pause: pause.min(SETTING_TIME_MAX), ..self }
    }

    /// How many addresses are under way at a time in [`Verifier::verify_all`]; at least one. Those that sleep
    /// do not count.
    #[must_use]
    pub fn concurrency_max(self, addresses: usize) -> Self {
        Self { concurrency_max: addresses.max(1), ..self }
    }

    /// How long it is remembered whether a domain takes any recipient. It is asked again sooner where 20
    /// recipients are refused in a row: the server may have turned to refusing everyone.
    #[must_use]
    pub fn domain_lifetime(self, lifetime: Duration) -> Self {
        Self { domain_lifetime: lifetime.min(SETTING_TIME_MAX), ..self }
    }

    /// Where the random recipients begin, so that a test repeats them; else they differ from run to run.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Makes the verifier.
    ///
    /// # Errors
    ///
    /// When the system's name servers cannot be read, or TLS cannot be set up.
    pub fn build(self) -> Result<Verifier, VerifierError> {
        let limits = HostLimits {
            connections_max: self.connections_per_host_max,
            pause: self.connect_pause,
            idle_time_max: IDLE_TIME_MAX_DEFAULT,
        };
        let clock = Clock::new();
        let shared = Shared {
            policy: Arc::new(self.policy),
            resolver: Resolver::new(self.resolver)?,
            egress: self.egress,
            tls: Tls::new().map_err(|_| VerifierError::Tls)?,
            port: self.port,
            proxy: self.proxy,
            source: self.source,
            hosts: Hosts::new(limits),
            port_watch: PortWatch::new(self.port),
            concurrency_max: self.concurrency_max,
            domains: Domains::new(self.domain_lifetime),
            // Nobody who saw recipients of another process can tell those of this one.
            seed: AtomicU64::new(self.seed.unwrap_or_else(|| RandomState::new().hash_one(0))),
            clock,
        };
        Ok(Verifier { shared: Arc::new(shared) })
    }
}

/// Why a verifier cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// The DNS cannot be asked.
    #[error("the DNS cannot be asked: name the servers to ask")]
    Resolver(#[from] ResolverError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up with the algorithms of this build")]
    Tls,
}

/// Why a verification in the background has no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The runtime went away, or the task panicked.
    #[error("the verification was stopped before it was done: start it again")]
    Stopped,
}
