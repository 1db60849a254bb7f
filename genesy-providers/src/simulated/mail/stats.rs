//! What a host counts and keeps.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::lock;
use super::trick::Stage;

/// Transcripts of a host, at most: those of the last sessions.
const TRANSCRIPTS_MAX: usize = 32;
/// Lines of a transcript, at most.
const LINES_MAX: usize = 1024;
/// Bytes of a transcript's line, at most.
const LINE_BYTES_MAX: usize = 600;

/// What a host has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Connections that are open.
    pub connections_now: u64,
    /// All connections so far.
    pub connections_total: u64,
    /// Connections open at once, at most.
    pub connections_max: u64,
    /// Commands, known and unknown.
    pub commands: u64,
    /// `RCPT` commands.
    pub recipients: u64,
    /// `DATA` commands. Whoever only asks sends none.
    pub data: u64,
    /// Sessions that were ended by `QUIT`.
    pub quits: u64,
    /// TLS handshakes that succeeded.
    pub tls_sessions: u64,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    now: AtomicU64,
    total: AtomicU64,
    most: AtomicU64,
    pub(super) commands: AtomicU64,
    pub(super) recipients: AtomicU64,
    data: AtomicU64,
    pub(super) quits: AtomicU64,
    pub(super) tls_sessions: AtomicU64,
}

impl Counters {
    /// Counts a connection, and says how many are open with it.
    pub(super) fn open(&self) -> u64 {
        self.total.fetch_add(1, Ordering::Relaxed);
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(now, Ordering::Relaxed);
        now
    }

    /// Counts a command.
    pub(super) fn command(&self, stage: Stage) {
        count(&self.commands);
        if stage == Stage::RcptTo {
            count(&self.recipients);
        } else if stage == Stage::Data {
            count(&self.data);
        } else if stage == Stage::Quit {
            count(&self.quits);
        }
    }

    pub(super) fn close(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            connections_now: read(&self.now),
            connections_total: read(&self.total),
            connections_max: read(&self.most),
            commands: read(&self.commands),
            recipients: read(&self.recipients),
            data: read(&self.data),
            quits: read(&self.quits),
            tls_sessions: read(&self.tls_sessions),
        }
    }
}

/// Adds one.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Who sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that connected.
    Client,
    /// The host.
    Host,
}

/// A line of a session. Its text holds addresses, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Who sent it.
    pub side: Side,
    /// The text without the line's end. What is no UTF-8 is replaced, what is long is cut.
    pub text: String,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("side", &self.side).finish_non_exhaustive()
    }
}

/// What was said in a session, as far as it is not too long. Of what a host sends by a trick, the reply is
/// kept that the trick is played with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transcript {
    /// In order.
    pub lines: Vec<Line>,
}

impl Transcript {
    /// The client's lines alone.
    pub fn commands(&self) -> Vec<&str> {
        let lines = self.lines.iter().filter(|line| line.side == Side::Client);
        lines.map(|line| line.text.as_str()).collect()
    }
}

/// The transcript of a session that may still go on.
pub(super) type Open = Arc<Mutex<Transcript>>;

/// The transcripts of the last sessions.
#[derive(Debug, Default)]
pub(super) struct Transcripts(Mutex<VecDeque<Open>>);

impl Transcripts {
    pub(super) fn open(&self) -> Open {
        let mut sessions = lock(&self.0);
        if sessions.len() == TRANSCRIPTS_MAX {
            sessions.pop_front();
        }
        let open = Open::default();
        sessions.push_back(Arc::clone(&open));
        open
    }

    pub(super) fn all(&self) -> Vec<Transcript> {
        lock(&self.0).iter().map(|open| lock(open).clone()).collect()
    }
}

/// Adds what one side said.
pub(super) fn note(open: &Open, side: Side, bytes: &[u8]) {
    let mut transcript = lock(open);
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LINE_BYTES_MAX)]);
    for text in text.lines() {
        if transcript.lines.len() < LINES_MAX {
            transcript.lines.push(Line { side, text: text.to_owned() });
        }
    }
}
