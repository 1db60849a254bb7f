//! The clock, the driver and the connections of a hostile world, and what has to hold in it.

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

/// What servers say.
impl<W: FnMut(&mut Verification)> World<W> {
    fn send(&mut self, ticket: Ticket, replies: u8, stage: Option<Stage>) {
        let sent = mem::take(&mut self.sent);
        let connection = self.connection(ticket);
        assert!(connection.line == Line::Open, "nothing is said into the void");
        let may_pipeline = connection.offers_pipelining;
        assert!(replies == 1 || may_pipeline, "commands come one by one");
        let mut said = 0;
        let mut at = self.now;
        let mut texts: [&'static [u8]; 3] = [b""; 3];
        for command in sent.split_inclusive(|byte| *byte == b'\n') {
            assert!(command.ends_with(b"\r\n") && !command[..command.len() - 2].contains(&b'\r'));
            if said == 0 {
                assert_eq!(stage, Some(self.stage_of(command)));
            }
            texts[said] = self.reply_to(ticket, command);
            said += 1;
        }
        assert_eq!(usize::from(replies), said);
        if self.connection(ticket).temper == Temper::Reordering {
            texts[..said].reverse();
        }
        if self.random.chance(50) {
            at = at.plus_ms(self.random.below(80));
            self.say(ticket, at, texts[0], texts[1]);
            self.say(ticket, at, texts[2], b"");
        } else {
            for text in texts {
                at = at.plus_ms(self.random.below(80));
                self.say(ticket, at, text, b"");
            }
        }
        self.sent = sent;
    }

    fn stage_of(&self, command: &[u8]) -> Stage {
        match command.get(..4) {
            Some(b"EHLO" | b"HELO") => Stage::Hello,
            Some(b"STAR") => Stage::StartTls,
            Some(b"RSET" | b"MAIL") => Stage::Mail,
            Some(b"RCPT") if server::names(command, self.local_part) => Stage::Recipient,
            Some(b"RCPT") => Stage::CatchAll,
            Some(b"QUIT") => Stage::Quit,
            _ => panic!("not a command of ours"),
        }
    }

    fn reply_to(&mut self, ticket: Ticket, command: &[u8]) -> &'static [u8] {
        let attempt = self.connections.len();
        let is_recipient = command.starts_with(b"RCPT");
        let (temper, is_own) = (self.connection(ticket).temper, self.connection(ticket).is_own);
        let reply = if temper == Temper::Lying && self.random.chance(30) {
            server::any_reply(&mut self.random)
        } else if is_recipient && attempt <= self.habits.greylisted.into() {
            server::GREYLISTED
        } else if is_recipient && !is_own && self.random.chance(20) {
            server::TOO_MANY
        } else {
            self.habits.reply(&mut self.random, command, self.local_part)
        };
        let connection = self.connection(ticket);
        match command.get(..4) {
            Some(b"EHLO") => connection.offers_pipelining |= reply.contains("PIPELINING"),
            Some(b"MAIL") => connection.is_transaction_open = server::is_taken(reply),
            Some(b"RSET") => connection.is_transaction_open = false,
            _ => {}
        }
        let is_about_recipient = is_recipient && server::is_refusal(reply);
        self.seen.refused_recipient |= is_about_recipient;
        reply.as_bytes()
    }

    /// The server sends two texts in one segment; as its temper is, in another way.
    fn say(&mut self, ticket: Ticket, at: Timestamp, one: &'static [u8], two: &'static [u8]) {
        if one.is_empty() {
            return;
        }
        let mut connections = self.connections.iter_mut();
        let connection = connections.find(|it| it.ticket == ticket).expect("it was asked for");
        let random = &mut self.random;
        // What is sent later does not come earlier.
        let mut push = |at: Timestamp, what| {
            connection.busy_until = connection.busy_until.max(at);
            self.events.push(Event { at: connection.busy_until, ticket, what });
        };
        match connection.temper {
            Temper::Silent => {}
            Temper::Flooding if random.chance(30) => {
                push(at, What::Bytes(server::FLOOD, server::FLOOD));
            }
            Temper::Dripping if random.chance(50) => push(at, What::Drip(one)),
            Temper::Leaving if random.chance(30) => {
                push(at, What::Bytes(&one[..random.below(one.len() as u64 + 1) as usize], b""));
                push(at, What::Disconnected);
            }
            Temper::Chatty if random.chance(30) => {
                push(at, What::Bytes(one, two));
                push(at.plus_ms(random.below(2) * 5), What::Bytes(b"250 and another one\r\n", b""));
            }
            _ if random.chance(10) => {
                let (start, rest) = one.split_at(random.below(one.len() as u64 + 1) as usize);
                push(at, What::Bytes(start, b""));
                push(at.plus_ms(random.below(300)), What::Bytes(rest, two));
            }
            _ if random.chance(3) => push(at.plus_ms(random.below(12_000)), What::Bytes(one, two)),
            _ => push(at, What::Bytes(one, two)),
        }
    }
}

/// Time goes by.
impl<W: FnMut(&mut Verification)> World<W> {
    /// Mostly at once, and seldom when it is too late.
    fn soon(&mut self) -> Timestamp {
        let spread_ms = if self.random.chance(4) { 12_000 } else { 100 };
        self.now.plus_ms(self.random.below(spread_ms))
    }

    /// Waits for what happens next, and tells the machine.
    fn wait(&mut self) {
        let until = self.verification.poll_timeout().expect("it has not ended");
        let mut next: Option<(usize, Timestamp)> = None;
        for (place, event) in self.events.iter().enumerate() {
            if next.is_none_or(|(_, at)| event.at < at) {
                next = Some((place, event.at));
            }
        }
        let at = next.map_or(until, |(_, at)| at.min(until));
        if self.driver == Driver::Odd && self.random.chance(15) {
            let between_us = at.micros_since(self.now).saturating_add(1);
            self.now = self.now.plus_us(self.random.below(between_us));
            return self.odd_input();
        }
        self.now = self.now.max(at);
        if self.driver != Driver::Punctual && self.random.chance(20) {
            let bits = if self.random.chance(5) { 27 } else { 12 };
            let late_ms = {
                let spread_ms = 1 << self.random.below(bits);
                self.random.below(spread_ms)
            };
            self.now = self.now.plus_ms(late_ms);
        }
        match next {
            Some((place, at)) if at <= self.now => {
                let event = self.events.remove(place);
                self.happen(event);
            }
            _ => self.tell(Input::Time),
        }
    }

    fn happen(&mut self, Event { at, ticket, what }: Event) {
        match what {
            What::Mx(answer) => {
                self.seen.denied_domain |= dns::denies_mail(&answer);
                self.tell(Input::Mx { ticket, answer });
            }
            What::Addresses(answer) => {
                self.seen.denied_addresses |= dns::denies_address(&answer);
                self.tell(Input::Addresses { ticket, answer });
            }
            What::Queued => self.tell(Input::Queued { ticket }),
            What::TurnCame => self.tell(Input::TurnCame { ticket }),
            What::Connected(session) => {
                self.connected(ticket, session);
                self.tell(Input::Connected { ticket, session });
            }
            What::ConnectFailed(failure) => {
                self.lose(ticket, Line::Pending);
                self.tell(Input::ConnectFailed { ticket, failure });
            }
            What::Bytes(one, b"") => self.receive(ticket, one),
            What::Bytes(one, two) => self.receive(ticket, &[one, two].concat()),
            What::Drip(bytes) => {
                let (drop, rest) = bytes.split_at(1);
                if !rest.is_empty() && self.connection(ticket).line == Line::Open {
                    let at = at.plus_ms(DRIP_MS);
                    self.events.push(Event { at, ticket, what: What::Drip(rest) });
                }
                self.receive(ticket, drop);
            }
            What::TlsStarted => {
                self.connection(ticket).wants_tls = false;
                self.tell(Input::TlsStarted { ticket });
            }
            What::TlsFailed => {
                if self.connection(ticket).wants_tls {
                    self.lose(ticket, Line::Open);
                }
                self.tell(Input::TlsFailed { ticket });
            }
            What::Disconnected => {
                self.lose(ticket, Line::Open);
                self.lose(ticket, Line::Pending);
                self.tell(Input::Disconnected { ticket });
            }
        }
    }

    fn receive(&mut self, ticket: Ticket, bytes: &[u8]) {
        let mut bytes = bytes;
        self.tell(Input::Received { ticket, bytes: &mut bytes });
    }

    fn lose(&mut self, ticket: Ticket, line: Line) {
        let mut connections = self.connections.iter_mut();
        let lost = connections.find(|it| it.ticket == ticket && it.line == line);
        if let Some(connection) = lost {
            connection.line = Line::Gone;
        }
    }

    /// Something that nobody asked for, or that is not so.
    pub(super) fn odd_input(&mut self) {
        let ticket = self.random.pick(&self.tickets);
        match self.random.below(16) {
            0..=3 => self.tell(Input::Time),
            4 => self.tell(Input::Cancel),
            5 => {
                self.events.clear();
                self.connections.iter_mut().for_each(|connection| connection.line = Line::Gone);
                self.tell(Input::Interrupted);
            }
            6 => self.tell(Input::Mx { ticket, answer: MxAnswer::NoRecords }),
            7 => {
                let answer = AddressAnswer::Failed(genesy_core::verification::DnsFailure::Other);
                self.tell(Input::Addresses { ticket, answer });
            }
            8 => self.tell(Input::Queued { ticket }),
            9 => self.tell(Input::TurnCame { ticket }),
            _ if !self.connections.iter().any(|it| it.ticket == ticket) => {
                self.receive(ticket, b"250 OK\r\n");
            }
            10 => self.happen(Event { at: self.now, ticket, what: What::TlsStarted }),
            11 | 12 => {
                self.connection(ticket).temper = Temper::Chatty;
                self.receive(ticket, b"250 OK\r\n");
            }
            13 => self.happen(Event { at: self.now, ticket, what: What::Connected(Session::New) }),
            14 => {
                self.happen(Event { at: self.now, ticket, what: What::TlsFailed });
            }
            _ => self.happen(Event { at: self.now, ticket, what: What::Disconnected }),
        }
    }

    fn tell(&mut self, input: Input<'_, '_>) {
        self.steps += 1;
        let mut clock = self.now;
        if self.driver == Driver::Odd && self.random.chance(10) {
            let back_us = self.random.below(20_000_000);
            clock = Timestamp::from_micros(clock.as_micros() - back_us);
        }
        if let Some(until) = self.verification.poll_timeout() {
            self.late_us += clock.micros_since(until.max(self.told));
        }
        self.told = self.told.max(clock);
        self.verification.handle(clock, input);
        assert_eq!(self.verification.now(), self.told);
        if self.ended.is_none() && self.verification.conclusion().is_some() {
            self.ended = Some(self.told);
        }
        (self.watch)(&mut self.verification);
        if self.driver == Driver::Odd && self.random.chance(10) {
            // It does not ask what follows before it says more.
            self.odd_input();
        }
    }
}
