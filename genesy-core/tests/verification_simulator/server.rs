//! Mail servers of every kind: what they say to a command, and how they send it.

use genesy_core::verification::reply::{Keyword, Keywords};

use super::random::Random;

/// How a connection goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Temper {
    /// As it should.
    Calm,
    /// Nobody is there.
    Refusing,
    /// The attempt to connect gets no answer at all.
    BlackHole,
    /// It takes connections, and says nothing.
    Silent,
    /// It sends one byte per second.
    Dripping,
    /// A line without an end.
    Flooding,
    /// Its line breaks off, at any command.
    Leaving,
    /// Any reply to any command.
    Lying,
    /// The replies of commands that came together, in the wrong order.
    Reordering,
    /// Replies that nobody asked for.
    Chatty,
    /// The handshake does not work.
    BadTls,
}

/// Most are calm, or nothing would be seen of what comes late in a verification.
const TEMPERS: [Temper; 20] = {
    use Temper::*;
    [
        Calm, Calm, Calm, Calm, Calm, Calm, Calm, Calm, Calm, Refusing, BlackHole, Silent,
        Dripping, Flooding, Leaving, Leaving, Lying, Reordering, Chatty, BadTls,
    ]
};

pub(crate) fn any_temper(random: &mut Random) -> Temper {
    random.pick(&TEMPERS)
}

/// What the servers of a domain say, whoever connects to them.
pub(crate) struct Habits {
    pub(crate) greeting: &'static str,
    pub(crate) hello: Hello,
    mail: &'static str,
    recipient: &'static str,
    impossible_recipient: &'static str,
    postmaster: &'static str,
    /// Attempts that are greylisted before one is not.
    pub(crate) greylisted: u8,
}

/// A reply to EHLO, and what it offers.
#[derive(Clone, Copy)]
pub(crate) struct Hello {
    text: &'static str,
    pub(crate) pipelining: bool,
}

impl Hello {
    pub(crate) fn keywords(self) -> Keywords {
        let offered = [
            (Keyword::Pipelining, "PIPELINING"),
            (Keyword::StartTls, "STARTTLS"),
            (Keyword::SmtpUtf8, "SMTPUTF8"),
        ];
        let offered = offered.into_iter().filter(|(_, name)| self.text.contains(name));
        offered.fold(Keywords::default(), |all, (keyword, _)| {
            // There are but a few sets, so that they are made by hand.
            match (all.contains(Keyword::Pipelining), keyword) {
                (true, Keyword::SmtpUtf8) => Keywords::of(&[Keyword::Pipelining, keyword]),
                (true, _) => all,
                (false, _) => Keywords::of(&[keyword]),
            }
        })
    }
}

const HELLOS: [Hello; 6] = [
    Hello { text: "250 mx\r\n", pipelining: false },
    Hello { text: "250-mx\r\n250 PIPELINING\r\n", pipelining: true },
    Hello { text: "250-mx\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n", pipelining: true },
    Hello { text: "250-mx\r\n250-STARTTLS\r\n250 PIPELINING\r\n", pipelining: true },
    Hello { text: "250-mx\r\n250 STARTTLS\r\n", pipelining: false },
    Hello { text: "502 5.5.2 what?\r\n", pipelining: false },
];

/// Replies that are about the recipient and against it.
const REFUSALS: [&str; 5] = [
    "550 5.1.1 User unknown\r\n",
    "550-5.1.1 The email account that you tried to reach does not exist.\r\n550 5.1.1 User unknown\r\n",
    "550 5.2.1 The mailbox is disabled\r\n",
    "551 5.1.6 User has moved\r\n",
    "550 5.1.2 No such domain here\r\n",
];

pub(crate) const GREYLISTED: &str = "450 4.2.0 Greylisted, try again in 5 seconds\r\n";
pub(crate) const TOO_MANY: &str = "452 4.5.3 Too many recipients\r\n";
const OK: &str = "250 2.1.5 OK\r\n";

/// Replies that are neither for nor against a recipient.
const OTHERS: [&str; 14] = [
    "550 5.7.1 Your address is blocked\r\n",
    "554 no\r\n",
    "421 4.3.2 shutting down\r\n",
    "451 4.3.0 try again later\r\n",
    "450 4.2.0 Greylisted, try again in 300 seconds\r\n",
    "450 4.2.0 Greylisted\r\n",
    TOO_MANY,
    "452 4.2.2 Mailbox full\r\n",
    "552 5.2.2 Mailbox full\r\n",
    "503 5.5.1 Bad sequence of commands\r\n",
    "530 5.7.0 Must issue a STARTTLS command first\r\n",
    "553 5.6.7 SMTPUTF8 required\r\n",
    "354 go on\r\n",
    "250\r\n",
];

/// What is no reply at all.
const GARBAGE: [&str; 5] =
    ["\r\n\r\n", "hello\r\n", "999 x\r\n", "2\u{e9}0 x\r\n", "HTTP/1.1 400 Bad\r\n"];

/// More than any line may have.
pub(crate) const FLOOD: &[u8] = &[b'2'; 5000];

/// Whether a reply takes the command.
pub(crate) fn is_taken(reply: &str) -> bool {
    reply.starts_with('2')
}

/// Whether a reply is about the recipient and against it.
pub(crate) fn is_refusal(reply: &str) -> bool {
    REFUSALS.contains(&reply)
}

impl Habits {
    pub(crate) fn any(random: &mut Random) -> Self {
        let recipient = match random.below(8) {
            0..=3 => OK,
            4 | 5 => random.pick(&REFUSALS),
            _ => random.pick(&OTHERS),
        };
        let impossible_recipient = match random.below(4) {
            0 => OK,
            1 => random.pick(&OTHERS),
            _ => REFUSALS[0],
        };
        let usual = |random: &mut Random, reply| {
            if random.chance(94) { reply } else { random.pick(&OTHERS) }
        };
        Self {
            greeting: usual(random, "220 mx ESMTP\r\n"),
            hello: random.pick(&HELLOS),
            mail: usual(random, "250 2.1.0 OK\r\n"),
            recipient,
            impossible_recipient,
            postmaster: random.pick(&[OK, REFUSALS[0], OTHERS[0]]),
            greylisted: if random.chance(10) { random.below(3) as u8 + 1 } else { 0 },
        }
    }

    /// The reply of a server that keeps to its habits. `local_part` is that of the address in question.
    pub(crate) fn reply(
        &self,
        random: &mut Random,
        command: &[u8],
        local_part: &str,
    ) -> &'static str {
        match command.get(..4) {
            Some(b"EHLO") => self.hello.text,
            Some(b"STAR") => {
                random.pick(&["220 go ahead\r\n", "220 2.0.0 go\r\n", "454 4.7.0 no\r\n"])
            }
            Some(b"MAIL") => self.mail,
            Some(b"RCPT") if names(command, local_part) => self.recipient,
            Some(b"RCPT") if names(command, "postmaster") => self.postmaster,
            Some(b"RCPT") => self.impossible_recipient,
            Some(b"QUIT") => "221 2.0.0 bye\r\n",
            _ => "250 OK\r\n",
        }
    }
}

/// Whether a RCPT is for this local part.
pub(crate) fn names(command: &[u8], local_part: &str) -> bool {
    let path = command
        .strip_prefix(b"RCPT TO:<")
        .and_then(|path| path.strip_prefix(local_part.as_bytes()));
    path.is_some_and(|rest| rest.first() == Some(&b'@'))
}

/// Any reply at all, but none that is against a recipient.
pub(crate) fn any_reply(random: &mut Random) -> &'static str {
    match random.below(4) {
        0 => OK,
        1 => random.pick(&GARBAGE),
        2 => HELLOS[random.below(5) as usize].text,
        _ => random.pick(&OTHERS),
    }
}
