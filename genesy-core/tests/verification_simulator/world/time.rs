//! Time goes by, and brings what it brings.

use super::*;

impl<W: FnMut(&mut Verification)> World<W> {
    /// Mostly at once, and seldom when it is too late.
    pub(super) fn soon(&mut self) -> Timestamp {
        let spread_ms = if self.random.chance(4) { 12_000 } else { 100 };
        self.now.plus_ms(self.random.below(spread_ms))
    }

    /// Waits for what happens next, and tells the machine.
    pub(super) fn wait(&mut self) {
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

    pub(super) fn happen(&mut self, Event { at, ticket, what }: Event) {
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

    pub(super) fn receive(&mut self, ticket: Ticket, bytes: &[u8]) {
        let mut bytes = bytes;
        self.tell(Input::Received { ticket, bytes: &mut bytes });
    }

    pub(super) fn lose(&mut self, ticket: Ticket, line: Line) {
        let mut connections = self.connections.iter_mut();
        let lost = connections.find(|it| it.ticket == ticket && it.line == line);
        if let Some(connection) = lost {
            connection.line = Line::Gone;
        }
    }

    /// Something that nobody asked for, or that is not so.
    pub(in super::super) fn odd_input(&mut self) {
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

    pub(super) fn tell(&mut self, input: Input<'_, '_>) {
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
