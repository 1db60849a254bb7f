//! What happens to a connection: it is there, begins TLS, brings bytes, breaks.

use std::mem;

use super::Verification;
use super::state::{Exchange, Link, Phase};
use crate::verification::evidence::Failure;
use crate::verification::messages::{Session, Transaction};
use crate::verification::reply::{Details, ReplyError};
use crate::verification::verdict::{Stage, Unknown};

impl Verification {
    pub(super) fn connected(&mut self, session: Session) {
        let Session::Open(session) = session else {
            return self.talk(Exchange::Greeting, Link::new());
        };
        if let Some(tried) = self.state.tried.last_mut() {
            tried.is_tls = session.is_tls;
        }
        let exchange = match session.transaction {
            Transaction::None => Exchange::Mail,
            // Whoever named the sender did not say SMTPUTF8.
            Transaction::Open if self.state.needs_smtputf8() => Exchange::Reset,
            Transaction::Open => Exchange::Recipient,
            Transaction::Full => Exchange::Reset,
        };
        self.talk(exchange, Link::shared(session));
        self.part_without_smtputf8();
    }

    pub(super) fn tls_started(&mut self) {
        if let Some(tried) = self.state.tried.last_mut() {
            tried.is_tls = true;
        }
        // RFC 3207 §4.2: what the server said before is forgotten.
        self.talk(Exchange::Ehlo, Link { is_tls: true, ..Link::new() });
    }

    /// TLS is a courtesy here (RFC 7435): the same host is asked again without it.
    pub(super) fn tls_failed(&mut self) {
        let failure = Failure { stage: Stage::StartTls, reason: Unknown::ProtocolViolation };
        if self.state.is_plain_only {
            return self.try_next(failure);
        }
        self.lose(failure);
        self.state.is_plain_only = true;
        self.connect();
    }

    pub(super) fn disconnected(&mut self) {
        match &self.state.phase {
            Phase::Talking { exchange: Exchange::Quit(then), .. } => {
                let then = *then;
                self.after_quit(then);
            }
            Phase::Talking { exchange: Exchange::CatchAll | Exchange::Postmaster, .. } => {
                self.settled();
            }
            Phase::Talking { link, exchange } if !link.is_own => {
                // Sessions that are kept for others are closed by servers when it pleases them.
                self.lose(Failure { stage: exchange.stage(), reason: Unknown::Disconnected });
                self.connect();
            }
            phase => {
                let failure = Failure { stage: phase.stage(), reason: Unknown::Disconnected };
                self.try_next(failure);
            }
        }
    }

    pub(super) fn received(&mut self, bytes: &mut &[u8]) {
        while self.state.is_reply_due() && !bytes.is_empty() {
            let Phase::Talking { exchange, link } = &mut self.state.phase else { return };
            // Of what succeeds, only the recipient's reply is kept as evidence.
            let is_kept = matches!(exchange, Exchange::Recipient);
            let details = if is_kept { Details::All } else { Details::OfFailures };
            let mut reader = mem::take(&mut link.reader);
            // By reference: a reply is large enough for a copy to show.
            match &reader.read_with(bytes, details) {
                None => {}
                Some(Ok(reply)) => self.replied(reply),
                Some(Err(ReplyError::TooLong)) => self.spoiled(Unknown::ReplyTooLong),
                Some(Err(_)) => self.spoiled(Unknown::ProtocolViolation),
            }
            if let Some(link) = self.state.link() {
                link.reader = reader;
            }
        }
        let is_own = self.state.link().is_some_and(|link| link.is_own);
        if is_own && !bytes.is_empty() {
            self.unasked(mem::take(bytes));
        }
    }

    /// Bytes that nobody asked for: no reply can be told from another any more, nor could those before. A
    /// server that closes may say so at any time (RFC 5321 §3.8).
    fn unasked(&mut self, bytes: &[u8]) {
        let is_goodbye = bytes.starts_with(b"421");
        match &self.state.phase {
            Phase::Talking { exchange: Exchange::CatchAll | Exchange::Postmaster, .. }
                if !is_goodbye =>
            {
                self.conclude_unknown(Stage::Recipient, Unknown::ProtocolViolation);
            }
            _ => self.spoiled(Unknown::ProtocolViolation),
        }
    }

    /// The connection is of no use any more.
    pub(super) fn spoiled(&mut self, reason: Unknown) {
        if !self.has_done_without() {
            let failure = Failure { stage: self.state.phase.stage(), reason };
            self.fail(failure);
        }
    }

    /// Goes on without the reply that is waited for, where the verdict needs none: behind it, or for what a
    /// server says of other mailboxes. False where it does.
    pub(super) fn has_done_without(&mut self) -> bool {
        match &self.state.phase {
            Phase::Talking { exchange: Exchange::Quit(then), .. } => {
                let then = *then;
                self.leave(false);
                self.after_quit(then);
            }
            Phase::Talking { exchange: Exchange::CatchAll | Exchange::Postmaster, .. } => {
                self.settle(false);
            }
            _ => return false,
        }
        true
    }
}
