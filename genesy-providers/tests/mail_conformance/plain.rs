//! A driver of verifications on plain sockets, one after another, and its faults.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use genesy_core::time::Timestamp;
use genesy_core::verification::{
    ConnectFailure, Input, Output, Question, Report, Session, Ticket, Verification,
};
use genesy_providers::conformance::mail::MailDriver;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::dns::Dns;
use super::tls::{self, Stream};

/// What the driver does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// It waits past `poll_timeout` for what the server says, and so on.
    WaitsToRead,
    WaitsForTls,
    WaitsToConnect,
    WaitsForDns,
    /// It drops `Close`, and all connections in the end.
    KeepsConnections,
    DropsQuit,
    /// It says that TLS failed, without trying.
    DropsTls,
    SkipsSleep,
    /// It says that a server has gone that says nothing for a moment.
    InventsDisconnect,
    /// It hands on short pieces twice.
    RepeatsBytes,
    /// It loses the last byte of a piece that does not end a line.
    SwallowsBytes,
    HidesDisconnect,
    HalvesTime,
    TakesFailureForAbsence,
    TakesAbsenceForFailure,
    TakesRefusalForTimeout,
}

/// How long a driver waits that does not look at the time.
const TOO_LONG: Duration = Duration::from_secs(4);
/// After which time a driver takes a server to have gone that is only slow.
const IMPATIENCE: Duration = Duration::from_millis(100);

pub(super) struct Plain {
    dns: Dns,
    smtp_port: u16,
    fault: Fault,
}

/// What is to be done, without what it borrows.
enum Task {
    Mx(Ticket, String),
    Addresses(Ticket, String),
    Connect(Ticket, IpAddr),
    Send(Ticket, Vec<u8>),
    StartTls(Ticket, String),
    Close,
    Wait,
    Sleep(Timestamp),
    Done,
}

impl Plain {
    pub(super) fn new(name_server: SocketAddr, smtp_port: u16, fault: Fault) -> Self {
        Self { dns: Dns { name_server, fault }, smtp_port, fault }
    }
}

#[async_trait]
impl MailDriver for Plain {
    async fn verify(&self, verification: Verification) -> Report {
        let mut driving = Driving {
            plain: self,
            verification,
            stream: None,
            kept: Vec::new(),
            begun: (SystemTime::now(), Instant::now()),
        };
        while driving.step().await {}
        driving.verification.report().unwrap()
    }
}

struct Driving<'a> {
    plain: &'a Plain,
    verification: Verification,
    stream: Option<Stream>,
    kept: Vec<Stream>,
    begun: (SystemTime, Instant),
}

impl Driving<'_> {
    async fn step(&mut self) -> bool {
        match self.task() {
            Task::Mx(ticket, domain) => {
                let asking = self.plain.dns.mx(&domain);
                if let Some(answer) = self.in_time(Fault::WaitsForDns, asking).await {
                    self.handle(Input::Mx { ticket, answer });
                }
            }
            Task::Addresses(ticket, host) => {
                let asking = self.plain.dns.addresses(&host);
                if let Some(answer) = self.in_time(Fault::WaitsForDns, asking).await {
                    self.handle(Input::Addresses { ticket, answer });
                }
            }
            Task::Connect(ticket, address) => self.connect(ticket, address).await,
            Task::Send(ticket, bytes) => self.send(ticket, &bytes).await,
            Task::StartTls(ticket, host) => self.start_tls(ticket, &host).await,
            Task::Close => {
                let closed = self.stream.take();
                if self.plain.fault == Fault::KeepsConnections {
                    self.kept.extend(closed);
                }
            }
            Task::Wait => self.wait().await,
            Task::Sleep(until) => {
                let until = if self.plain.fault == Fault::SkipsSleep {
                    until
                } else {
                    sleep(Duration::from_micros(until.micros_since(self.now()))).await;
                    self.now()
                };
                self.verification.handle(until, Input::Time);
            }
            Task::Done => return false,
        }
        true
    }

    fn task(&mut self) -> Task {
        match self.verification.poll_output() {
            Output::Resolve { ticket, question: Question::Mx(domain) } => {
                Task::Mx(ticket, domain.to_owned())
            }
            Output::Resolve { ticket, question: Question::Addresses(host) } => {
                Task::Addresses(ticket, host.to_owned())
            }
            Output::Connect { ticket, address, .. } => Task::Connect(ticket, address),
            Output::Send { ticket, bytes, .. } => Task::Send(ticket, bytes.to_vec()),
            Output::StartTls { ticket, host } => {
                Task::StartTls(ticket, host.unwrap_or_default().to_owned())
            }
            Output::Close { .. } | Output::Release { .. } => Task::Close,
            Output::Wait { .. } => Task::Wait,
            Output::Sleep { until } => Task::Sleep(until),
            Output::Done => Task::Done,
        }
    }

    async fn connect(&mut self, ticket: Ticket, address: IpAddr) {
        let connecting = TcpStream::connect((address, self.plain.smtp_port));
        let input = match self.in_time(Fault::WaitsToConnect, connecting).await {
            Some(Ok(stream)) => {
                self.stream = Some(Box::new(stream));
                Input::Connected { ticket, session: Session::New }
            }
            Some(Err(_)) if self.plain.fault == Fault::TakesRefusalForTimeout => {
                Input::ConnectFailed { ticket, failure: ConnectFailure::TimedOut }
            }
            Some(Err(_)) => Input::ConnectFailed { ticket, failure: ConnectFailure::Refused },
            None => return,
        };
        self.handle(input);
    }

    async fn send(&mut self, ticket: Ticket, bytes: &[u8]) {
        let is_dropped = self.plain.fault == Fault::DropsQuit && bytes.starts_with(b"QUIT");
        let sent = match &mut self.stream {
            Some(stream) if !is_dropped => {
                async { stream.write_all(bytes).await.and(stream.flush().await) }.await.is_ok()
            }
            _ => false,
        };
        if !sent {
            self.stream = None;
            self.handle(Input::Disconnected { ticket });
        }
    }

    async fn start_tls(&mut self, ticket: Ticket, host: &str) {
        let stream = self.stream.take().filter(|_| self.plain.fault != Fault::DropsTls);
        let Some(stream) = stream else { return self.handle(Input::TlsFailed { ticket }) };
        match self.in_time(Fault::WaitsForTls, tls::start(stream, host)).await {
            Some(Some(stream)) => {
                self.stream = Some(stream);
                self.handle(Input::TlsStarted { ticket });
            }
            Some(None) => self.handle(Input::TlsFailed { ticket }),
            None => {}
        }
    }

    async fn wait(&mut self) {
        let fault = self.plain.fault;
        let Some(mut stream) = self.stream.take() else {
            self.in_time(Fault::None, std::future::pending::<()>()).await;
            return;
        };
        let mut piece = [0; 4096];
        let reading = stream.read(&mut piece);
        let read = if fault == Fault::InventsDisconnect {
            self.in_time(Fault::None, timeout(IMPATIENCE, reading))
                .await
                .map(|read| read.unwrap_or(Ok(0)))
        } else {
            self.in_time(Fault::WaitsToRead, reading).await
        };
        let ticket = self.verification.ticket();
        match read {
            None => self.stream = Some(stream),
            Some(Ok(count @ 1..)) => {
                self.stream = Some(stream);
                let mut bytes = piece[..count].to_vec();
                if fault == Fault::RepeatsBytes && count < 8 {
                    bytes.extend_from_slice(&piece[..count]);
                }
                if fault == Fault::SwallowsBytes && !bytes.ends_with(b"\n") {
                    bytes.pop();
                }
                self.handle(Input::Received { ticket, bytes: &mut bytes.as_slice() });
            }
            Some(Ok(0) | Err(_)) if fault == Fault::HidesDisconnect => {}
            Some(Ok(0) | Err(_)) => self.handle(Input::Disconnected { ticket }),
        }
    }

    /// Waits until the verification's deadline, or too long if that is the fault.
    async fn in_time<T>(&mut self, fault: Fault, what: impl Future<Output = T>) -> Option<T> {
        let deadline = self.verification.poll_timeout().unwrap();
        let mut wait = Duration::from_micros(deadline.micros_since(self.now()));
        if fault != Fault::None && fault == self.plain.fault {
            wait += TOO_LONG;
        }
        let done = timeout(wait, what).await.ok();
        if done.is_none() {
            self.handle(Input::Time);
        }
        done
    }

    fn handle(&mut self, input: Input<'_, '_>) {
        let now = self.now();
        self.verification.handle(now, input);
    }

    fn now(&self) -> Timestamp {
        let (wall, monotonic) = self.begun;
        let mut passed = monotonic.elapsed();
        if self.plain.fault == Fault::HalvesTime {
            passed /= 2;
        }
        let since_epoch = wall.duration_since(UNIX_EPOCH).unwrap() + passed;
        Timestamp::from_micros(since_epoch.as_micros() as u64)
    }
}
