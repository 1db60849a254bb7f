//! The clock, the driver and the connections of a hostile world, and what has to hold in it.

mod servers;
mod time;

use std::mem;
use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::verification::{
    AddressAnswer, ConnectFailure, Input, MxAnswer, OpenSession, Output, Policy, Question, Session,
    Stage, Ticket, Transaction, Verification,
};

use super::random::Random;
use super::server::{self, Habits, Temper};
use super::{Ended, START, dns};

/// Outputs between two inputs at most: what is left, what is new, and that all is done.
const OUTPUTS_AT_ONCE_MAX: u32 = 3;

/// Inputs and outputs of one verification at most. Servers that drip make most of them.
const STEPS_MAX: u32 = 20_000;

/// A byte per second.
const DRIP_MS: u64 = 1_000;

/// How the driver goes about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driver {
    Punctual,
    /// It comes late, by any time.
    Late,
    /// Its clock jumps, it says what is not so, it starts again, and it is cancelled.
    Odd,
}

struct Event {
    at: Timestamp,
    ticket: Ticket,
    what: What,
}

enum What {
    Mx(MxAnswer),
    Addresses(AddressAnswer),
    Queued,
    TurnCame,
    Connected(Session),
    ConnectFailed(ConnectFailure),
    /// Two texts, which come in one segment.
    Bytes(&'static [u8], &'static [u8]),
    /// Bytes that come one by one.
    Drip(&'static [u8]),
    TlsStarted,
    TlsFailed,
    Disconnected,
}

/// Where a connection stands, as its driver sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Pending,
    Open,
    /// It failed, or the server closed it.
    Gone,
    /// The machine closed it, or gave it away.
    Left,
}

struct Connection {
    ticket: Ticket,
    line: Line,
    temper: Temper,
    /// Nobody else uses it.
    is_own: bool,
    /// The server has the sender.
    is_transaction_open: bool,
    offers_pipelining: bool,
    wants_tls: bool,
    /// When the last of what the server sent comes.
    busy_until: Timestamp,
}

/// What the machine was told that may count against an address.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) denied_domain: bool,
    pub(super) denied_addresses: bool,
    pub(super) refused_recipient: bool,
}

pub(super) struct World<W> {
    random: Random,
    pub(super) policy: Arc<Policy>,
    local_part: &'static str,
    pub(super) verification: Verification,
    watch: W,
    habits: Habits,
    driver: Driver,
    pub(super) now: Timestamp,
    /// The latest time that the machine was told.
    pub(super) told: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// How much later than it was asked to the driver came back, in all.
    pub(super) late_us: u64,
    events: Vec<Event>,
    connections: Vec<Connection>,
    tickets: Vec<Ticket>,
    sent: Vec<u8>,
    pub(super) seen: Seen,
    records: bool,
    outputs: Vec<String>,
    steps: u32,
}

/// What is left of an output when the machine is no longer borrowed.
enum Action {
    Resolve(Ticket, bool),
    Connect(Ticket),
    Send(Ticket, u8),
    StartTls(Ticket),
    Close(Ticket),
    Release(Ticket, OpenSession),
    Wait(Timestamp),
    Sleep(Timestamp),
    Done,
}

impl<W: FnMut(&mut Verification)> World<W> {
    pub(super) fn new(
        mut random: Random,
        policy: Arc<Policy>,
        address: &'static str,
        verification: Verification,
        records: bool,
        watch: W,
    ) -> Self {
        let driver = random.pick(&[Driver::Punctual, Driver::Punctual, Driver::Late, Driver::Odd]);
        Self {
            habits: Habits::any(&mut random),
            random,
            policy,
            local_part: address.rsplit_once('@').map_or(address, |(local_part, _)| local_part),
            verification,
            watch,
            driver,
            now: START,
            told: START,
            ended: None,
            late_us: 0,
            events: Vec::new(),
            connections: Vec::new(),
            tickets: vec![Ticket::default()],
            sent: Vec::new(),
            seen: Seen::default(),
            records,
            outputs: Vec::new(),
            steps: 0,
        }
    }

    pub(super) fn run(mut self) -> Ended {
        while !self.act() {
            assert!(self.steps < STEPS_MAX, "it goes on and on");
            self.wait();
        }
        self.check_end();
        let report = self.verification.report().expect("it has ended");
        Ended { report, outputs: self.outputs, steps: self.steps }
    }

    /// Does what the machine asks for, until there is nothing to do. True if it has ended.
    fn act(&mut self) -> bool {
        for _ in 0..=OUTPUTS_AT_ONCE_MAX {
            let action = self.poll();
            let stage = self.verification.progress().stage;
            match action {
                Action::Resolve(ticket, is_mx) => {
                    assert_eq!(stage, Some(Stage::Dns));
                    self.new_ticket(ticket);
                    self.resolve(ticket, is_mx);
                }
                Action::Connect(ticket) => {
                    assert_eq!(stage, Some(Stage::Connect));
                    self.new_ticket(ticket);
                    self.connect(ticket);
                }
                Action::Send(ticket, replies) => self.send(ticket, replies, stage),
                Action::StartTls(ticket) => {
                    assert_eq!(stage, Some(Stage::StartTls));
                    self.start_tls(ticket);
                }
                Action::Close(ticket) => {
                    let connection = self.connection(ticket);
                    assert!(connection.line != Line::Left, "left twice");
                    connection.line = Line::Left;
                }
                Action::Release(ticket, session) => self.release(ticket, session),
                Action::Wait(until) => {
                    assert!(until >= self.told, "a wait is not over");
                    assert_eq!(self.verification.poll_timeout(), Some(until));
                    assert!(stage.is_some() && stage != Some(Stage::Greylist));
                    return false;
                }
                Action::Sleep(until) => {
                    assert!(until >= self.told, "a sleep is not over");
                    assert_eq!(stage, Some(Stage::Greylist));
                    assert!(!self.holds_a_line(), "nothing is held while it sleeps");
                    return false;
                }
                Action::Done => return true,
            }
        }
        panic!("it asks for ever more");
    }

    fn poll(&mut self) -> Action {
        self.steps += 1;
        let output = self.verification.poll_output();
        if self.records {
            self.outputs.push(format!("{output:?}"));
        }
        let action = match output {
            Output::Resolve { ticket, question: Question::Mx(_) } => Action::Resolve(ticket, true),
            Output::Resolve { ticket, question: Question::Addresses(host) } => {
                assert!(!host.is_empty());
                Action::Resolve(ticket, false)
            }
            Output::Connect { ticket, .. } => Action::Connect(ticket),
            Output::Send { ticket, bytes, replies } => {
                self.sent.clear();
                self.sent.extend_from_slice(bytes);
                Action::Send(ticket, replies)
            }
            Output::StartTls { ticket, .. } => Action::StartTls(ticket),
            Output::Close { ticket } => Action::Close(ticket),
            Output::Release { ticket, session } => Action::Release(ticket, session),
            Output::Wait { until } => Action::Wait(until),
            Output::Sleep { until } => Action::Sleep(until),
            Output::Done => Action::Done,
        };
        (self.watch)(&mut self.verification);
        action
    }

    fn new_ticket(&mut self, ticket: Ticket) {
        assert!(!self.tickets.contains(&ticket), "each question has a ticket of its own");
        self.tickets.push(ticket);
    }

    fn connection(&mut self, ticket: Ticket) -> &mut Connection {
        let mut connections = self.connections.iter_mut();
        connections.find(|connection| connection.ticket == ticket).expect("it was asked for")
    }

    pub(super) fn holds_a_line(&self) -> bool {
        let holds = |connection: &Connection| matches!(connection.line, Line::Pending | Line::Open);
        self.connections.iter().any(holds)
    }

    fn resolve(&mut self, ticket: Ticket, is_mx: bool) {
        let what = |random: &mut Random| {
            if is_mx {
                What::Mx(dns::any_mx(random))
            } else {
                What::Addresses(dns::any_addresses(random))
            }
        };
        let answers = match self.random.below(30) {
            0 => 0,
            1 => 2,
            _ => 1,
        };
        for _ in 0..answers {
            let at = self.soon();
            let what = what(&mut self.random);
            self.events.push(Event { at, ticket, what });
        }
    }

    fn connect(&mut self, ticket: Ticket) {
        assert!(!self.holds_a_line(), "one connection at a time");
        assert!(self.connections.len() < self.policy.limits.connections_max.into());
        let temper = server::any_temper(&mut self.random);
        self.connections.push(Connection {
            ticket,
            line: Line::Pending,
            temper,
            is_own: true,
            is_transaction_open: false,
            offers_pipelining: false,
            wants_tls: false,
            busy_until: self.now,
        });
        if self.random.chance(8) {
            self.events.push(Event { at: self.now, ticket, what: What::Queued });
            if self.random.chance(70) {
                let at = self.soon();
                self.events.push(Event { at, ticket, what: What::TurnCame });
            }
        }
        let what = match temper {
            Temper::BlackHole => return,
            Temper::Refusing => What::ConnectFailed(ConnectFailure::Refused),
            _ => What::Connected(self.any_session()),
        };
        let at = self.soon();
        self.events.push(Event { at, ticket, what });
    }

    fn any_session(&mut self) -> Session {
        if self.random.chance(75) {
            return Session::New;
        }
        let transactions = [Transaction::None, Transaction::Open, Transaction::Full];
        Session::Open(OpenSession {
            keywords: self.habits.hello.keywords(),
            is_tls: self.random.chance(50),
            transaction: self.random.pick(&transactions),
        })
    }

    /// The connection is there: the server begins.
    fn connected(&mut self, ticket: Ticket, session: Session) {
        let greeting = self.habits.greeting.as_bytes();
        let offers_pipelining = self.habits.hello.pipelining;
        let connection = self.connection(ticket);
        if connection.line != Line::Pending {
            return;
        }
        connection.line = Line::Open;
        match session {
            Session::New => self.say(ticket, self.now, greeting, b""),
            Session::Open(session) => {
                connection.is_own = false;
                connection.is_transaction_open = session.transaction == Transaction::Open;
                connection.offers_pipelining = offers_pipelining;
            }
        }
    }

    fn start_tls(&mut self, ticket: Ticket) {
        let connection = self.connection(ticket);
        assert!(connection.line == Line::Open && !connection.wants_tls);
        connection.wants_tls = true;
        connection.offers_pipelining = false;
        let what = match connection.temper {
            Temper::BadTls => What::TlsFailed,
            Temper::Silent => return,
            Temper::Leaving => What::Disconnected,
            _ => What::TlsStarted,
        };
        let at = self.soon();
        self.events.push(Event { at, ticket, what });
    }

    fn release(&mut self, ticket: Ticket, session: OpenSession) {
        let is_owed = self.events.iter().any(|event| match event.what {
            What::Bytes(one, two) => event.ticket == ticket && one.len() + two.len() > 0,
            _ => false,
        });
        // Before it asked what follows, an odd driver may have lost it.
        let is_odd = self.driver == Driver::Odd;
        let connection = self.connection(ticket);
        let may_be_gone = is_odd && connection.line == Line::Gone;
        assert!(connection.line == Line::Open || may_be_gone, "what is given away is there");
        connection.line = Line::Left;
        if connection.temper == Temper::Calm {
            let is_open = session.transaction == Transaction::Open;
            assert_eq!(is_open, connection.is_transaction_open, "the next one is told how it is");
            assert!(!is_owed, "no reply is left for the next one");
        }
    }
}
