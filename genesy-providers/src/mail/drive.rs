//! One verification, driven over connections of its own.

use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::time::Duration;

use genesy_core::time::Timestamp;
use genesy_core::verification::{
    AddressAnswer, ConnectFailure, DnsFailure, Input, MailExchanger, MxAnswer, OpenSession, Output,
    Question, Session as SessionAtHand, Ticket, Verification,
};
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::connection::{Connection, Session, is_closing};
use super::dial::{self, DialError};
use super::hosts::{self, Chance, HostRef, Turn};
use super::resolver::{Answer, DnsFailure as ResolverFailure};
use super::verifier::Shared;
use super::watched::Watcher;
use crate::driver::Clock;

/// How far a verification was driven.
pub(super) enum Driven {
    /// It has ended, and gives its connection away, if it shares.
    Done(Option<Connection>),
    /// It sleeps. Nothing is under way.
    Sleeping(Timestamp),
}

/// Drives a verification until it ends or sleeps, by a clock that its times are of. `connect` is what it
/// asked for already, if it did.
pub(super) async fn drive(
    shared: &Shared,
    clock: &Clock,
    verification: &mut Verification,
    watcher: Option<&Watcher>,
    connect: Option<(Ticket, IpAddr)>,
) -> Driven {
    let timer = pin!(sleep_until(first_alarm(clock, verification)));
    let mut driving = Driving {
        shared,
        clock,
        verification,
        watcher,
        connection: None,
        bytes: Vec::new(),
        timer,
    };
    if let Some((ticket, address)) = connect {
        driving.connect(ticket, address).await;
    }
    loop {
        if let Some(driven) = driving.step().await {
            return driven;
        }
    }
}

/// A verification that is under way.
struct Driving<'a> {
    shared: &'a Shared,
    clock: &'a Clock,
    verification: &'a mut Verification,
    watcher: Option<&'a Watcher>,
    connection: Option<Connection>,
    /// What was read.
    bytes: Vec<u8>,
    /// The timer of all that is waited for.
    timer: Pin<&'a mut Sleep>,
}

/// What an output asks for, without what it borrows.
enum Task {
    Mx { ticket: Ticket, domain: Box<str> },
    Addresses { ticket: Ticket, host: Box<str> },
    Connect { ticket: Ticket, address: IpAddr },
    StartTls { ticket: Ticket, host: Option<Box<str>> },
    Sent { result: Result<(), Ticket> },
    Close,
    Release { session: OpenSession },
    Wait,
    End(Option<Timestamp>),
}

impl Driving<'_> {
    /// Does one thing.
    async fn step(&mut self) -> Option<Driven> {
        self.tell();
        if self.watcher.is_some_and(Watcher::is_cancelled) {
            self.handle(Input::Cancel);
        }
        match self.next_task().await {
            Task::Mx { ticket, domain } => {
                let asking = self.shared.resolver.mx(&domain);
                if let Some(answer) = self.in_time(asking).await {
                    self.handle(Input::Mx { ticket, answer: mx_answer(answer) });
                }
            }
            Task::Addresses { ticket, host } => {
                let asking = self.shared.resolver.addresses(&host);
                if let Some(answer) = self.in_time(asking).await {
                    self.handle(Input::Addresses { ticket, answer: address_answer(answer) });
                }
            }
            Task::Connect { ticket, address } => self.connect(ticket, address).await,
            Task::StartTls { ticket, host } => self.start_tls(ticket, host).await,
            Task::Sent { result: Ok(()) } => {}
            Task::Sent { result: Err(ticket) } => {
                self.connection = None;
                self.handle(Input::Disconnected { ticket });
            }
            Task::Close => self.close(),
            Task::Release { session } => {
                if let Some(connection) = &mut self.connection {
                    connection.released(session);
                }
            }
            Task::Wait => self.wait().await,
            Task::End(until) => return Some(self.end(until)),
        }
        None
    }

    fn end(&mut self, until: Option<Timestamp>) -> Driven {
        self.tell();
        match (until, self.connection.take()) {
            (None, released) => Driven::Done(released),
            (Some(until), released) => {
                // It will be a long time: others may have the session.
                released.into_iter().for_each(hosts::give_away);
                Driven::Sleeping(until)
            }
        }
    }

    /// Tells those who watch how far it is.
    fn tell(&self) {
        if let Some(watcher) = self.watcher {
            watcher.tell(self.verification);
        }
    }

    fn handle(&mut self, input: Input<'_, '_>) {
        self.verification.handle(self.clock.now(), input);
    }

    /// What is to be done next. Sending is done here, since the bytes are the verification's.
    async fn next_task(&mut self) -> Task {
        let deadline = deadline(self.verification);
        match self.verification.poll_output() {
            Output::Resolve { ticket, question: Question::Mx(domain) } => {
                Task::Mx { ticket, domain: domain.into() }
            }
            Output::Resolve { ticket, question: Question::Addresses(host) } => {
                Task::Addresses { ticket, host: host.into() }
            }
            Output::Connect { ticket, address, .. } => Task::Connect { ticket, address },
            Output::StartTls { ticket, host } => {
                Task::StartTls { ticket, host: host.map(Into::into) }
            }
            Output::Send { ticket, bytes, .. } => {
                let Some(connection) = &mut self.connection else {
                    return Task::Sent { result: Err(ticket) };
                };
                connection.count(bytes);
                let mut rest = bytes;
                let writing = connection.session.stream.write(&mut rest);
                match timeout_at(self.clock.instant(deadline), writing).await {
                    Ok(Ok(())) => Task::Sent { result: Ok(()) },
                    Ok(Err(_)) => Task::Sent { result: Err(ticket) },
                    // It is told the time by the wait that follows.
                    Err(_) => Task::Sent { result: Ok(()) },
                }
            }
            Output::Close { .. } => Task::Close,
            Output::Release { session, .. } => Task::Release { session },
            Output::Wait { .. } => Task::Wait,
            Output::Sleep { until } => Task::End(Some(until)),
            Output::Done => Task::End(None),
        }
    }

    /// Waits for something until the verification's own deadline, or until it is cancelled; then that is
    /// said, and what was waited for is dropped.
    async fn in_time<T>(&mut self, what: impl Future<Output = T>) -> Option<T> {
        let deadline = self.clock.instant(deadline(self.verification));
        let cancelled = async {
            match self.watcher {
                Some(watcher) => watcher.cancelled().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cancelled => self.handle(Input::Cancel),
            done = what => return Some(done),
            () = until(self.timer.as_mut(), deadline) => self.handle(Input::Time),
        }
        None
    }

    /// Waits for what the server says, or for the time to go by.
    async fn wait(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            self.in_time(pending::<()>()).await;
            return;
        };
        let mut bytes = std::mem::take(&mut self.bytes);
        let read = self.in_time(connection.session.stream.read(&mut bytes)).await;
        let ticket = self.verification.ticket();
        match read {
            None => self.connection = Some(connection),
            Some(Ok(1..)) => {
                if is_closing(&bytes) {
                    connection.learn_session_max(1);
                }
                self.connection = Some(connection);
                self.handle(Input::Received { ticket, bytes: &mut bytes.as_slice() });
            }
            Some(Ok(0) | Err(_)) => self.handle(Input::Disconnected { ticket }),
        }
        bytes.clear();
        self.bytes = bytes;
    }

    fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.session.stream.close();
        }
    }

    /// Connects, or takes a session that nobody uses, once the host's turn is there.
    async fn connect(&mut self, ticket: Ticket, address: IpAddr) {
        if self.shared.egress.check(address).is_err() || !self.shared.port_watch.is_worth_trying() {
            return self.connect_failed(ticket, ConnectFailure::EgressBlocked);
        }
        let host = self.shared.hosts.host(address);
        while let Some(chance) = self.chance(ticket, &host).await {
            let session = match chance {
                Chance::Turn(turn) => return self.dial(ticket, address, turn, host).await,
                Chance::Session(session) => session,
            };
            let connection = Connection { session, host: self.shared.hosts.host(address) };
            if let Some(open) = connection.open_session() {
                self.connection = Some(connection);
                let session = SessionAtHand::Open(open);
                return self.handle(Input::Connected { ticket, session });
            }
            tokio::spawn(connection.session.quit());
        }
    }

    /// Waits for a session of the host or the right to connect; nothing if neither comes in time.
    async fn chance(&mut self, ticket: Ticket, host: &HostRef) -> Option<Chance> {
        if let Some(chance) = host.chance_now() {
            return Some(chance);
        }
        self.handle(Input::Queued { ticket });
        self.tell();
        // Boxed, as all that lasts for a part of a check alone: the future of the check stays small.
        let chance = self.in_time(Box::pin(host.chance())).await?;
        self.handle(Input::TurnCame { ticket });
        self.tell();
        Some(chance)
    }

    async fn dial(&mut self, ticket: Ticket, address: IpAddr, turn: Turn, host: HostRef) {
        let shared = self.shared;
        let target = SocketAddr::new(address, shared.port);
        let dialling = Box::pin(dial::connect(target, shared.proxy.as_ref(), shared.source));
        match self.in_time(dialling).await {
            Some(Ok(stream)) => {
                shared.port_watch.reached();
                self.connection = Some(Connection { session: Session::new(stream, turn), host });
                self.handle(Input::Connected { ticket, session: SessionAtHand::New });
            }
            Some(Err(error)) => {
                if may_be_the_network(error, address) {
                    let is_refusal = matches!(error, DialError::Refused | DialError::Reset);
                    shared.port_watch.failed(address, is_refusal);
                }
                self.connect_failed(ticket, connect_failure(error));
            }
            // Too late for the verification, if it was not cancelled.
            None => {
                if !self.watcher.is_some_and(Watcher::is_cancelled) {
                    shared.port_watch.failed(address, false);
                }
            }
        }
    }

    fn connect_failed(&mut self, ticket: Ticket, failure: ConnectFailure) {
        self.handle(Input::ConnectFailed { ticket, failure });
    }

    async fn start_tls(&mut self, ticket: Ticket, host: Option<Box<str>>) {
        let Some(Connection { session, host: at }) = self.connection.take() else {
            return self.handle(Input::TlsFailed { ticket });
        };
        let name = host.unwrap_or_else(|| at.address().to_string().into());
        let handshake = Box::pin(session.start_tls(&self.shared.tls, &name));
        match self.in_time(handshake).await {
            Some(Some(session)) => {
                self.connection = Some(Connection { session, host: at });
                self.handle(Input::TlsStarted { ticket });
            }
            Some(None) => self.handle(Input::TlsFailed { ticket }),
            // The connection is gone with the handshake.
            None => {}
        }
    }
}

fn deadline(verification: &Verification) -> Timestamp {
    verification.poll_timeout().unwrap_or_else(|| verification.now())
}

/// When the timer goes off at first: no later than QUIT would have it, whose deadline is the one that is closer
/// than those before it. The timer of a check that is done by then never needs to be made earlier.
fn first_alarm(clock: &Clock, verification: &Verification) -> Instant {
    let quit_time_max = Duration::from_millis(verification.policy().limits.quit_ms.into());
    clock.instant(deadline(verification)).min(Instant::now() + quit_time_max)
}

/// Waits until a deadline. Mostly the one before is earlier, and is armed already: then that one is waited
/// for first. It seldom comes, and to arm a timer costs a lock and often a wake-up of the runtime's poller.
async fn until(mut timer: Pin<&mut Sleep>, deadline: Instant) {
    if timer.deadline() > deadline {
        timer.as_mut().reset(deadline);
    }
    timer.as_mut().await;
    if timer.deadline() < deadline {
        timer.as_mut().reset(deadline);
        timer.await;
    }
}

/// Answers as the machine takes them.
pub(super) fn mx_answer(answer: super::resolver::MxAnswer) -> MxAnswer {
    match answer {
        Answer::Found(hosts) => {
            let record = |host: &super::resolver::MxHost| MailExchanger {
                preference: host.preference,
                host: host.host.as_ref().to_owned(),
            };
            MxAnswer::Found(hosts.iter().map(record).collect())
        }
        Answer::NoRecords => MxAnswer::NoRecords,
        Answer::NoSuchDomain => MxAnswer::NoSuchDomain,
        Answer::Failed(failure) => MxAnswer::Failed(dns_failure(failure)),
    }
}

pub(super) fn address_answer(answer: super::resolver::AddressAnswer) -> AddressAnswer {
    match answer {
        Answer::Found(found) => {
            let ipv4 = found.ipv4.iter().copied().map(IpAddr::V4);
            let ipv6 = found.ipv6.iter().copied().map(IpAddr::V6);
            AddressAnswer::Found(ipv4.chain(ipv6).collect())
        }
        Answer::NoRecords => AddressAnswer::NoRecords,
        Answer::NoSuchDomain => AddressAnswer::NoSuchDomain,
        Answer::Failed(failure) => AddressAnswer::Failed(dns_failure(failure)),
    }
}

const fn dns_failure(failure: ResolverFailure) -> DnsFailure {
    match failure {
        ResolverFailure::ServFail => DnsFailure::ServerFailure,
        ResolverFailure::Refused => DnsFailure::Refused,
        ResolverFailure::TimedOut => DnsFailure::TimedOut,
        ResolverFailure::Malformed => DnsFailure::Malformed,
        ResolverFailure::Network => DnsFailure::Unreachable,
        ResolverFailure::Other => DnsFailure::Other,
    }
}

const fn connect_failure(error: DialError) -> ConnectFailure {
    match error {
        DialError::Refused => ConnectFailure::Refused,
        DialError::Unreachable => ConnectFailure::Unreachable,
        DialError::TimedOut => ConnectFailure::TimedOut,
        DialError::Reset => ConnectFailure::Reset,
        DialError::PermissionDenied => ConnectFailure::EgressBlocked,
        DialError::NoPorts | DialError::TooManyFiles | DialError::NoMemory => {
            ConnectFailure::OutOfResources
        }
        DialError::Proxy(_) => ConnectFailure::Proxy,
        DialError::SourceUnavailable | DialError::Other => ConnectFailure::Other,
    }
}

/// Whether a network that lets nobody connect may be why: it drops what is sent, or rejects it in the host's
/// name or its own.
const fn may_be_the_network(error: DialError, address: IpAddr) -> bool {
    match error {
        DialError::Refused
        | DialError::Reset
        | DialError::TimedOut
        | DialError::PermissionDenied => true,
        // Many machines have no IPv6, and send mail all the same.
        DialError::Unreachable => address.is_ipv4(),
        DialError::NoPorts
        | DialError::TooManyFiles
        | DialError::NoMemory
        | DialError::Proxy(_)
        | DialError::SourceUnavailable
        | DialError::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::verification::{Identity, Policy};

    use super::super::{ResolverOptions, Verifier};

    /// What a check may hold beside what the socket and the machine's texts take: 20,000 of them wait at
    /// hosts that hang.
    const CHECK_BYTES_MAX: usize = 2_560;

    #[tokio::test]
    async fn a_check_is_small() {
        let identity = Identity::new("verifier.engines.example", "").unwrap();
        let name_servers = vec!["127.0.0.1:53".parse().unwrap()];
        let resolver = ResolverOptions { name_servers, ..ResolverOptions::default() };
        let verifier = Verifier::builder(Policy::new(identity)).resolver(resolver).build().unwrap();
        let check_bytes = size_of_val(&verifier.verify("ada@engines.example"));
        assert!(check_bytes <= CHECK_BYTES_MAX, "{check_bytes}");
    }
}
