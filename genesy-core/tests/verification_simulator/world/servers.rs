//! What servers say.

use super::*;

impl<W: FnMut(&mut Verification)> World<W> {
    pub(super) fn send(&mut self, ticket: Ticket, replies: u8, stage: Option<Stage>) {
        let sent = mem::take(&mut self.sent);
        let connection = self.connection(ticket);
        assert!(connection.line == Line::Open, "nothing is said into the void");
        // What a chatty one says is out of step with what it is asked: any text of it may stand for EHLO's.
        let may_pipeline = connection.offers_pipelining || connection.temper == Temper::Chatty;
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

    pub(super) fn stage_of(&self, command: &[u8]) -> Stage {
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

    pub(super) fn reply_to(&mut self, ticket: Ticket, command: &[u8]) -> &'static [u8] {
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
    pub(super) fn say(
        &mut self,
        ticket: Ticket,
        at: Timestamp,
        one: &'static [u8],
        two: &'static [u8],
    ) {
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
