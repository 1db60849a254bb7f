//! What a server's replies lead to.

use std::borrow::Cow;

use super::state::{Answer, Ask, Exchange, Phase, Quitting};
use super::{Failure, Verification, commands};
use crate::pii::Pii;
use crate::verification::classify::{Classified, Command, Meaning, Refusal, classify};
use crate::verification::evidence::ReplyEvidence;
use crate::verification::messages::Transaction;
use crate::verification::reply::{Keyword, Reply};
use crate::verification::verdict::{Conclusion, Risk, Stage, Undeliverable, Unknown};

/// The least that is slept before a server that greylists is asked again, in milliseconds.
const GREYLIST_MS_MIN: u64 = 1_000;

/// The server closes the connection (RFC 5321 §3.8). In a session that is shared, what others did may be
/// the reason: Postfix has "421 4.7.0 Error: too many errors" for unknown recipients.
const CLOSING: u16 = 421;

impl Verification {
    /// Takes a whole reply.
    pub(super) fn replied(&mut self, reply: &Reply<'_>) {
        let Phase::Talking { exchange, .. } = &self.state.phase else { return };
        let exchange = *exchange;
        if let Exchange::Quit(then) = exchange {
            self.leave(false);
            return self.after_quit(then);
        }
        if reply.code == CLOSING && self.state.link().is_some_and(|link| !link.is_own) {
            return self.spoiled(Unknown::Busy);
        }
        if matches!(exchange, Exchange::CatchAll | Exchange::Postmaster) {
            return self.control_replied(exchange, reply);
        }
        let recipient = matches!(exchange, Exchange::Recipient)
            .then(|| self.state.address.as_ref().map(|address| address.email().as_str()))
            .flatten();
        let classified = classify(exchange.command(), reply, recipient);
        if matches!(exchange, Exchange::Recipient) || classified.meaning != Meaning::Accepted {
            self.keep_reply(exchange, reply, classified);
        }
        let meaning = classified.meaning;
        let is_accepted = meaning == Meaning::Accepted;
        match exchange {
            Exchange::Greeting if is_accepted => self.go_on(Exchange::Ehlo),
            Exchange::Helo if is_accepted => self.begin_mail(),
            Exchange::Reset if is_accepted => self.reset_accepted(),
            Exchange::Greeting | Exchange::Helo | Exchange::Reset => {
                self.fail_before_mail(exchange.stage(), meaning);
            }
            Exchange::Ehlo => self.ehlo_replied(reply, meaning),
            Exchange::StartTls if is_accepted => self.go_on(Exchange::Handshake),
            // RFC 3207 §4.2: the session goes on without.
            Exchange::StartTls => self.begin_mail(),
            Exchange::Mail => self.mail_replied(meaning),
            Exchange::Recipient => self.recipient_replied(reply, meaning),
            Exchange::CatchAll | Exchange::Postmaster | Exchange::Handshake | Exchange::Quit(_) => {
            }
        }
    }

    /// Keeps what was said: of the recipient rather than of anything else.
    fn keep_reply(&mut self, exchange: Exchange, reply: &Reply<'_>, classified: Classified) {
        let stage = exchange.stage();
        let tells_less = self.state.answer.is_some()
            || self.state.reply.as_ref().is_some_and(|kept| kept.stage > stage);
        if tells_less {
            return;
        }
        self.state.reply = Some(ReplyEvidence {
            stage,
            code: reply.code,
            enhanced: reply.enhanced,
            text: Pii::new(reply.text.to_owned()),
            rule: Cow::Borrowed(classified.rule),
        });
    }

    /// Goes to the next exchange of the same connection.
    pub(super) fn go_on(&mut self, exchange: Exchange) {
        let Some(link) = self.state.link() else { return };
        if link.replies_ahead > 0 {
            // It was sent with the one before.
            link.replies_ahead -= 1;
            self.enter_exchange(exchange);
        } else {
            self.enter_exchange(exchange);
            self.state.ask = exchange.ask();
        }
    }

    fn begin_mail(&mut self) {
        self.go_on(Exchange::Mail);
        self.part_without_smtputf8();
    }

    /// Names no sender to a server that does not take such an address at all.
    pub(super) fn part_without_smtputf8(&mut self) {
        let needs_it = self.state.needs_smtputf8();
        let Some(link) = self.state.link() else { return };
        if needs_it && !link.keywords.contains(Keyword::SmtpUtf8) {
            self.part_unknown(Stage::Mail, Unknown::Smtputf8Unsupported);
        }
    }

    fn part_unknown(&mut self, stage: Stage, reason: Unknown) {
        self.part(Quitting::Done(Conclusion::Unknown { stage, reason }));
    }

    /// The host does not want to talk: another one may.
    fn fail_before_mail(&mut self, stage: Stage, meaning: Meaning) {
        self.fail(Failure { stage, reason: not_about_recipient(meaning) });
    }

    fn ehlo_replied(&mut self, reply: &Reply<'_>, meaning: Meaning) {
        match meaning {
            Meaning::Accepted => {
                let wants_tls = self.policy.start_tls && !self.state.is_plain_only;
                let Some(link) = self.state.link() else { return };
                link.keywords = reply.keywords;
                if wants_tls && !link.is_tls && reply.keywords.contains(Keyword::StartTls) {
                    self.go_on(Exchange::StartTls);
                } else {
                    self.begin_mail();
                }
            }
            // RFC 5321 §3.2: a server that does not know EHLO is asked with HELO. Some say so with a
            // code that they should not.
            Meaning::NotUnderstood | Meaning::Unclear => self.go_on(Exchange::Helo),
            _ => self.fail_before_mail(Stage::Hello, meaning),
        }
    }

    fn reset_accepted(&mut self) {
        if let Some(link) = self.state.link() {
            link.transaction = Transaction::None;
        }
        self.go_on(Exchange::Mail);
    }

    fn mail_replied(&mut self, meaning: Meaning) {
        let stage = Stage::Mail;
        match meaning {
            Meaning::Accepted => {
                let Some(link) = self.state.link() else { return };
                link.transaction = Transaction::Open;
                self.go_on(Exchange::Recipient);
            }
            Meaning::Greylisted { retry_after_s } => self.greylisted(stage, retry_after_s),
            Meaning::Busy | Meaning::TooManyRecipients => {
                self.fail(Failure { stage, reason: Unknown::Busy });
            }
            // The recipient was not named yet, so this is about who asks.
            Meaning::Unclear
            | Meaning::NoSuchMailbox
            | Meaning::NoSuchDomain
            | Meaning::MailboxDisabled
            | Meaning::Moved
            | Meaning::MailboxFull => {
                self.part_unknown(stage, Unknown::SenderRefused(Refusal::Policy));
            }
            Meaning::Refused(_)
            | Meaning::TlsRequired
            | Meaning::Smtputf8Unsupported
            | Meaning::NotUnderstood => self.part_unknown(stage, not_about_recipient(meaning)),
        }
    }

    fn recipient_replied(&mut self, reply: &Reply<'_>, meaning: Meaning) {
        let stage = Stage::Recipient;
        match meaning {
            Meaning::Accepted => self.answered(Answer::Accepted),
            Meaning::NoSuchMailbox => self.refused(reply, Undeliverable::NoSuchMailbox),
            Meaning::NoSuchDomain => self.refused(reply, Undeliverable::NoSuchDomain),
            Meaning::MailboxDisabled => self.refused(reply, Undeliverable::MailboxDisabled),
            Meaning::Moved => self.refused(reply, Undeliverable::Moved),
            Meaning::MailboxFull => self.part(Quitting::Done(Conclusion::Risky(Risk::MailboxFull))),
            Meaning::Greylisted { retry_after_s } => self.greylisted(stage, retry_after_s),
            Meaning::TooManyRecipients => self.transaction_full(),
            Meaning::Busy => self.fail(Failure { stage, reason: Unknown::Busy }),
            Meaning::NotUnderstood if self.state.link().is_some_and(|link| !link.is_own) => {
                // What others said before may be the reason, as a sender that was refused.
                self.fail(Failure { stage, reason: Unknown::ProtocolViolation });
            }
            Meaning::NotUnderstood
            | Meaning::Refused(_)
            | Meaning::TlsRequired
            | Meaning::Smtputf8Unsupported
            | Meaning::Unclear => self.part_unknown(stage, not_about_recipient(meaning)),
        }
    }

    /// The transaction holds as many recipients as it can: a new one is begun, and if that does not help, a
    /// new connection.
    fn transaction_full(&mut self) {
        let Some(link) = self.state.link() else { return };
        if link.is_own || link.is_renewed {
            return self.fail(Failure { stage: Stage::Recipient, reason: Unknown::Busy });
        }
        link.is_renewed = true;
        link.transaction = Transaction::Full;
        self.go_on(Exchange::Reset);
    }

    fn refused(&mut self, reply: &Reply<'_>, reason: Undeliverable) {
        let address = self.state.address.as_ref();
        let fingerprint = reply.fingerprint(address.map_or("", |address| address.email().as_str()));
        self.answered(Answer::Refused { reason, fingerprint });
    }

    /// Sleeps until the server wants to be asked again, if there is time for that.
    fn greylisted(&mut self, stage: Stage, retry_after_s: Option<u32>) {
        let limits = self.policy.limits;
        let asked_ms = retry_after_s.map(|seconds| u64::from(seconds) * 1000);
        let wait_ms = asked_ms.unwrap_or(limits.greylist_ms.into()).max(GREYLIST_MS_MIN);
        let until = self.state.now.plus_ms(wait_ms);
        let slept_us = self.state.stages_us.of(Stage::Greylist);
        let is_in_time =
            slept_us.saturating_add(wait_ms * 1000) <= u64::from(limits.greylist_ms_max) * 1000;
        let reason = Unknown::Greylisted { retry_at: until };
        self.note(Failure { stage, reason });
        if is_in_time && self.state.connections < limits.connections_max {
            self.part(Quitting::Sleep { until });
        } else {
            self.part_unknown(stage, reason);
        }
    }

    /// Writes the command of the exchange, and those that may follow it at once where the server offers
    /// that (RFC 2920). Gives the number of replies that they call for.
    pub(super) fn write_commands(&mut self) -> u8 {
        let Self { policy, state, wire } = self;
        let Phase::Talking { exchange, link } = &state.phase else { return 0 };
        let at_once = link.keywords.contains(Keyword::Pipelining);
        let mut last = *exchange;
        let mut replies_ahead = 0;
        wire.clear();
        commands::write(wire, last, state, &policy.identity);
        while let Some(next) = last.followed_by().filter(|_| at_once) {
            commands::write(wire, next, state, &policy.identity);
            replies_ahead += 1;
            last = next;
        }
        if let Some(link) = state.link() {
            link.replies_ahead = replies_ahead;
        }
        replies_ahead + 1
    }
}

impl Exchange {
    /// What the driver is asked when it begins.
    pub(super) const fn ask(self) -> Option<Ask> {
        match self {
            Self::Greeting => None,
            Self::Handshake => Some(Ask::StartTls),
            Self::Ehlo
            | Self::Helo
            | Self::StartTls
            | Self::Reset
            | Self::Mail
            | Self::Recipient
            | Self::CatchAll
            | Self::Postmaster
            | Self::Quit(_) => Some(Ask::Send),
        }
    }

    /// What may be sent with it, before its reply is there.
    const fn followed_by(self) -> Option<Self> {
        match self {
            Self::Reset => Some(Self::Mail),
            Self::Mail => Some(Self::Recipient),
            Self::Greeting
            | Self::Ehlo
            | Self::Helo
            | Self::StartTls
            | Self::Handshake
            | Self::Recipient
            | Self::CatchAll
            | Self::Postmaster
            | Self::Quit(_) => None,
        }
    }

    /// To what the reply is one.
    const fn command(self) -> Command {
        match self {
            Self::Greeting => Command::Greeting,
            Self::Ehlo | Self::Helo => Command::Hello,
            Self::StartTls | Self::Handshake => Command::StartTls,
            Self::Reset | Self::Mail | Self::Quit(_) => Command::Mail,
            Self::Recipient | Self::CatchAll | Self::Postmaster => Command::Recipient,
        }
    }
}

/// Why nothing is known where a reply is not about the recipient.
const fn not_about_recipient(meaning: Meaning) -> Unknown {
    match meaning {
        Meaning::Refused(refusal) => Unknown::SenderRefused(refusal),
        Meaning::Busy | Meaning::TooManyRecipients | Meaning::Greylisted { .. } => Unknown::Busy,
        Meaning::TlsRequired => Unknown::TlsRequired,
        Meaning::Smtputf8Unsupported => Unknown::Smtputf8Unsupported,
        Meaning::NotUnderstood => Unknown::ProtocolViolation,
        Meaning::Accepted
        | Meaning::NoSuchMailbox
        | Meaning::NoSuchDomain
        | Meaning::MailboxDisabled
        | Meaning::Moved
        | Meaning::MailboxFull
        | Meaning::Unclear => Unknown::Unclear,
    }
}
