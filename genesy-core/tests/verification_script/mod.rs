//! A scripted world: what the DNS, the network and the servers say to what is asked of them.
//!
//! What is asked is a line of text, and so is what comes of it:
//!
//! | asked | answers |
//! |---|---|
//! | `mx DOMAIN` | `10 HOST, 20 HOST`, `none`, `no such domain`, `null`, `failure` |
//! | `addresses HOST` | `IP IP`, `none`, `no such domain`, `failure` |
//! | `connect HOST IP` | `new`, `refused`, `blocked`, `shared`, `shared open`, `shared full` |
//! | `greeting`, and each command | a reply, its lines parted by `\n` |
//! | `tls` | `started`, `failed` |
//!
//! Anything can also be answered by `` (silence), `gone` (the connection broke), `cancel`, `drip REPLY` (a
//! byte per second), `raw BYTES`, or `in MS REPLY`. What is not scripted is answered as by a usual server.

use std::net::IpAddr;
use std::sync::Arc;

use genesy_core::time::Timestamp;
use genesy_core::verification::reply::{Keyword, Keywords};
use genesy_core::verification::{
    AddressAnswer, ConnectFailure, DnsFailure, DomainKnowledge, Identity, Input, MailExchanger,
    MxAnswer, OpenSession, Output, Policy, Question, Report, Session, Ticket, Transaction,
    Verification,
};

pub(crate) const START: Timestamp = Timestamp::from_micros(1_764_288_000_000_000);

/// The answers of a usual server; the first line whose start fits counts.
const USUAL: [(&str, &str); 15] = [
    ("mx ", "10 mx1.engines.example"),
    ("addresses ", "192.0.2.1"),
    ("connect ", "new"),
    ("greeting", "220 mx1.engines.example ESMTP"),
    ("EHLO ", "250 mx1.engines.example"),
    ("HELO ", "250 mx1.engines.example"),
    ("STARTTLS", "220 go ahead"),
    ("tls", "started"),
    ("RSET", "250 OK"),
    ("MAIL ", "250 OK"),
    ("RCPT TO:<ada@", "250 OK"),
    ("RCPT TO:<postmaster@", "250 OK"),
    ("RCPT TO:<info@", "250 OK"),
    ("RCPT TO:", "550 5.1.1 User unknown"),
    ("QUIT", "221 bye"),
];

/// Milliseconds that an answer takes.
const ANSWER_MS: u64 = 10;

pub(crate) fn policy() -> Policy {
    Policy::new(Identity::new("verifier.example", "probe@verifier.example").expect("an identity"))
}

/// How a scripted verification went.
pub(crate) struct Went {
    pub(crate) report: Report,
    /// What was asked, commands among it.
    pub(crate) asked: Vec<String>,
    pub(crate) took_ms: u64,
}

pub(crate) struct Script {
    address: &'static str,
    policy: Policy,
    domain: DomainKnowledge,
    is_sharing: bool,
    answers: Vec<(&'static str, &'static str)>,
}

impl Script {
    /// The answers that are not the usual ones. Of several to the same, each counts once, and the last one
    /// from then on.
    pub(crate) fn new(answers: &[(&'static str, &'static str)]) -> Self {
        Self {
            address: "ada@engines.example",
            policy: policy(),
            domain: DomainKnowledge::default(),
            is_sharing: false,
            answers: answers.to_vec(),
        }
    }

    pub(crate) fn address(self, address: &'static str) -> Self {
        Self { address, ..self }
    }

    pub(crate) fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    pub(crate) fn knowing(self, domain: DomainKnowledge) -> Self {
        Self { domain, ..self }
    }

    pub(crate) fn sharing(self) -> Self {
        Self { is_sharing: true, ..self }
    }

    pub(crate) fn run(self) -> Went {
        let mut verification =
            Verification::new(self.address, Arc::new(self.policy), 7, START).knowing(self.domain);
        if self.is_sharing {
            verification = verification.sharing();
        }
        let mut play = Play {
            verification,
            answers: self.answers,
            now: START,
            asked: Vec::new(),
            ticket: Ticket::default(),
        };
        while play.turn() {}
        Went {
            report: play.verification.report().expect("it has ended"),
            asked: play.asked,
            took_ms: play.now.micros_since(START) / 1000,
        }
    }
}

struct Play {
    verification: Verification,
    answers: Vec<(&'static str, &'static str)>,
    now: Timestamp,
    asked: Vec<String>,
    /// Of the last question or connection.
    ticket: Ticket,
}

impl Play {
    /// Does what is asked, and lets it be answered. False if all is done.
    fn turn(&mut self) -> bool {
        let mut asked = Vec::new();
        loop {
            let (ticket, ask) = match self.verification.poll_output() {
                Output::Resolve { ticket, question: Question::Mx(domain) } => {
                    (ticket, format!("mx {domain}"))
                }
                Output::Resolve { ticket, question: Question::Addresses(host) } => {
                    (ticket, format!("addresses {host}"))
                }
                Output::Connect { ticket, host, address } => {
                    (ticket, format!("connect {} {address}", host.unwrap_or("-")))
                }
                Output::Send { ticket, bytes, .. } => {
                    let text = std::str::from_utf8(bytes).expect("text");
                    asked.extend(text.split_inclusive("\r\n").map(str::to_owned));
                    self.ticket = ticket;
                    continue;
                }
                Output::StartTls { ticket, .. } => (ticket, "tls".to_owned()),
                Output::Close { ticket } => {
                    assert_eq!(ticket, self.ticket);
                    self.asked.push("close".to_owned());
                    continue;
                }
                Output::Release { ticket, session } => {
                    assert_eq!(ticket, self.ticket);
                    self.asked.push(format!("release {:?}", session.transaction));
                    continue;
                }
                Output::Wait { until } => {
                    self.answer(&asked, until);
                    return true;
                }
                Output::Sleep { until } => {
                    let slept_s = (until.micros_since(self.now) + 500_000) / 1_000_000;
                    self.asked.push(format!("sleep {slept_s} s"));
                    self.now = until;
                    self.verification.handle(self.now, Input::Time);
                    return true;
                }
                Output::Done => return false,
            };
            self.ticket = ticket;
            asked.push(ask);
        }
    }

    fn find(&mut self, ask: &str) -> &'static str {
        let fits = |(start, _): &(&str, &str)| ask.starts_with(start);
        let places: Vec<usize> = self
            .answers
            .iter()
            .enumerate()
            .filter(|(_, answer)| fits(answer))
            .map(|(place, _)| place)
            .collect();
        match places[..] {
            [] => USUAL.iter().find(|answer| fits(answer)).expect("a known question").1,
            [only] => self.answers[only].1,
            [first, ..] => self.answers.remove(first).1,
        }
    }

    fn answer(&mut self, asked: &[String], until: Timestamp) {
        let mut segment = String::new();
        for ask in asked {
            self.asked.push(ask.trim_end().to_owned());
            let answer = self.find(ask);
            if matches!(answer, "" | "gone" | "cancel") || answer.starts_with("drip ") {
                return self.happen(answer, until);
            }
            if !ask.ends_with("\r\n") {
                self.now = self.now.plus_ms(ANSWER_MS);
                return self.happen_first(ask, answer);
            }
            segment.push_str(answer);
            segment.push('\n');
        }
        if asked.is_empty() {
            return self.happen("", until);
        }
        self.say(&segment);
    }

    /// Sends a reply, or several, in one segment.
    fn say(&mut self, segment: &str) {
        let (delay_ms, text) = match segment.strip_prefix("in ").and_then(|it| it.split_once(' ')) {
            Some((ms, text)) => (ms.parse().expect("milliseconds"), text),
            None => (ANSWER_MS, segment),
        };
        self.now = self.now.plus_ms(delay_ms);
        let text = text.replace('\n', "\r\n");
        let mut bytes = text.as_bytes();
        self.verification
            .handle(self.now, Input::Received { ticket: self.ticket, bytes: &mut bytes });
    }

    fn happen(&mut self, answer: &str, until: Timestamp) {
        let ticket = self.ticket;
        if let Some(text) = answer.strip_prefix("drip ") {
            let stage = self.verification.progress().stage;
            for byte in text.bytes().chain(*b"\r\n") {
                self.now = self.now.plus_ms(1000);
                let byte = [byte];
                let mut bytes = byte.as_slice();
                let bytes = &mut bytes;
                self.verification.handle(self.now, Input::Received { ticket, bytes });
                if self.verification.progress().stage != stage {
                    return;
                }
            }
            return;
        }
        match answer {
            "gone" => self.verification.handle(self.now, Input::Disconnected { ticket }),
            "cancel" => self.verification.handle(self.now, Input::Cancel),
            _ => {
                self.now = self.now.max(until);
                self.verification.handle(self.now, Input::Time);
            }
        }
    }

    /// What comes before a server is talked to.
    fn happen_first(&mut self, ask: &str, answer: &str) {
        let ticket = self.ticket;
        let input = match (ask.split(' ').next(), answer) {
            (Some("mx"), answer) => Input::Mx { ticket, answer: mx(answer) },
            (Some("addresses"), answer) => Input::Addresses { ticket, answer: addresses(answer) },
            (Some("tls"), "started") => Input::TlsStarted { ticket },
            (Some("tls"), _) => Input::TlsFailed { ticket },
            (_, "refused") => Input::ConnectFailed { ticket, failure: ConnectFailure::Refused },
            (_, "blocked") => {
                Input::ConnectFailed { ticket, failure: ConnectFailure::EgressBlocked }
            }
            (_, "shared") => shared(ticket, Transaction::None),
            (_, "shared open") => shared(ticket, Transaction::Open),
            (_, "shared full") => shared(ticket, Transaction::Full),
            (_, _) => Input::Connected { ticket, session: Session::New },
        };
        let is_new = matches!(input, Input::Connected { session: Session::New, .. });
        self.verification.handle(self.now, input);
        if is_new {
            let Output::Wait { until } = self.verification.poll_output() else { return };
            match self.find("greeting") {
                answer @ ("" | "gone" | "cancel") => self.happen(answer, until),
                answer if answer.starts_with("drip ") => self.happen(answer, until),
                answer => self.say(&format!("{answer}\n")),
            }
        }
    }
}

fn shared(ticket: Ticket, transaction: Transaction) -> Input<'static, 'static> {
    let keywords = Keywords::of(&[Keyword::EightBitMime]);
    let session = Session::Open(OpenSession { keywords, is_tls: true, transaction });
    Input::Connected { ticket, session }
}

fn mx(answer: &str) -> MxAnswer {
    let record = |text: &str| {
        let (preference, host) = text.trim().split_once(' ').expect("10 HOST");
        MailExchanger { preference: preference.parse().expect("a number"), host: host.to_owned() }
    };
    match answer {
        "none" => MxAnswer::NoRecords,
        "no such domain" => MxAnswer::NoSuchDomain,
        "failure" => MxAnswer::Failed(DnsFailure::ServerFailure),
        "null" => MxAnswer::Found(vec![MailExchanger { preference: 0, host: String::new() }]),
        _ => MxAnswer::Found(answer.split(',').map(record).collect()),
    }
}

fn addresses(answer: &str) -> AddressAnswer {
    match answer {
        "none" => AddressAnswer::NoRecords,
        "no such domain" => AddressAnswer::NoSuchDomain,
        "failure" => AddressAnswer::Failed(DnsFailure::ServerFailure),
        _ => {
            let ips = answer.split(' ').map(|ip| ip.parse::<IpAddr>().expect("an IP"));
            AddressAnswer::Found(ips.collect())
        }
    }
}
