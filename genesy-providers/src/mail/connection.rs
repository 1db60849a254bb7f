//! One connection to a mail host, and what was said over it.

use std::time::Duration;

use genesy_core::verification::reply::Keyword;
use genesy_core::verification::{OpenSession, Transaction};
use tokio::time::timeout;

use super::hosts::{HostRef, Turn};
use super::stream::Stream;
use super::tls::Tls;

/// How long the reply to QUIT is waited for.
const QUIT_TIME_MAX: Duration = Duration::from_secs(1);

/// One connection, and the host that it leads to.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) session: Session,
    pub(super) host: HostRef,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) stream: Stream,
    /// Given back with the connection.
    _turn: Turn,
    /// What the server offers, once others may use the session.
    open: Option<OpenSession>,
    /// Recipients asked for in the transaction at hand.
    transaction_recipients: u32,
    /// Recipients asked for in all.
    session_recipients: u32,
}

impl Session {
    pub(super) const fn new(stream: Stream, turn: Turn) -> Self {
        Self { stream, _turn: turn, open: None, transaction_recipients: 0, session_recipients: 0 }
    }

    /// Begins TLS; the connection is lost if that fails.
    pub(super) async fn start_tls(self, tls: &Tls, host: &str) -> Option<Self> {
        let stream = tls.start(self.stream, host).await.ok()?;
        Some(Self { stream, ..self })
    }

    /// Says goodbye, and waits a moment for the server to say it, too.
    pub(super) async fn quit(mut self) {
        let stream = &mut self.stream;
        let goodbye = async {
            stream.write(&mut b"QUIT\r\n".as_slice()).await?;
            stream.read(&mut Vec::new()).await
        };
        // Whether the server says it makes no difference.
        let _ = timeout(QUIT_TIME_MAX, goodbye).await;
        self.stream.close();
    }
}

impl Connection {
    /// The session as others may use it; nothing if the host takes no more recipients in it.
    pub(super) fn open_session(&self) -> Option<OpenSession> {
        let mut open = self.session.open?;
        if self.session.session_recipients >= self.host.session_recipients_max.get() {
            return None;
        }
        let is_full =
            self.session.transaction_recipients >= self.host.transaction_recipients_max.get();
        if open.transaction == Transaction::Open && is_full {
            open.transaction = Transaction::Full;
        }
        Some(open)
    }

    /// The session is fit for others.
    pub(super) const fn released(&mut self, open: OpenSession) {
        self.session.open = Some(open);
    }

    /// Recipients that can be asked for at once: as many as the transaction and the session have room for,
    /// as far as is known, and one where the server does not take commands ahead of its replies
    /// (RFC 2920). A transaction that is full is followed by another one.
    pub(super) fn recipients_room(&self) -> usize {
        if !self.session.open.is_some_and(|open| open.keywords.contains(Keyword::Pipelining)) {
            return 1;
        }
        let of_transaction = self.host.transaction_recipients_max.get();
        let left = of_transaction.saturating_sub(self.session.transaction_recipients);
        let of_transaction = if left == 0 { of_transaction } else { left };
        let of_session = self.host.session_recipients_max.get();
        let of_session = of_session.saturating_sub(self.session.session_recipients);
        usize::try_from(of_transaction.min(of_session)).unwrap_or(usize::MAX)
    }

    /// Counts the recipients of the commands that are sent.
    pub(super) fn count(&mut self, commands: &[u8]) {
        for line in commands.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b"RCPT ") {
                self.session.transaction_recipients += 1;
                self.session.session_recipients += 1;
            } else if line.starts_with(b"MAIL ") {
                self.session.transaction_recipients = 0;
            }
        }
    }

    /// Recipients of the transaction at hand that were answered, if so many are still to be.
    pub(super) const fn transaction_answered(&self, due: u32) -> u32 {
        self.session.transaction_recipients.saturating_sub(due)
    }

    /// The server ended a session that others shared, with so many recipients still to be answered: it
    /// may hold no more than those that were.
    pub(super) fn learn_session_max(&self, due: u32) {
        let answered = self.session.session_recipients.saturating_sub(due);
        if self.session.open.is_some() && answered > 0 {
            self.host.session_recipients_max.learn(answered);
        }
    }
}

/// Whether a reply says that the server closes the connection (RFC 5321 §3.8).
pub(super) fn is_closing(reply: &[u8]) -> bool {
    reply.starts_with(b"421")
}
