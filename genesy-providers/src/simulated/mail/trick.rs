//! What a mail host can do wrong, and where.

use std::time::Duration;

/// Where in a session something happens: what the reply in question answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The connection itself: the first reply.
    Greeting,
    /// `EHLO`, before TLS and in it.
    Ehlo,
    /// `HELO`.
    Helo,
    /// `STARTTLS`.
    StartTls,
    /// The TLS handshake behind it. A trick takes the handshake's place, in clear text.
    TlsHandshake,
    /// `MAIL FROM`.
    MailFrom,
    /// `RCPT TO`.
    RcptTo,
    /// `DATA`, which is refused: the laboratory takes no mail.
    Data,
    /// `RSET`.
    Rset,
    /// `NOOP`.
    Noop,
    /// `QUIT`.
    Quit,
    /// Whatever else is sent.
    Other,
}

impl Stage {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Other as usize + 1;
}

/// Something that a host does instead of just replying, or with its reply. Where the connection stays
/// open, the session goes on as if the right reply had been given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trick {
    /// It says nothing, and nothing from then on. It costs little, so thousands may wait at once.
    Silence,
    /// It sends the reply byte by byte, with this time before each.
    Drip {
        /// The time before each byte.
        interval: Duration,
    },
    /// It sends the code and a line that never ends, some megabytes a second.
    Flood,
    /// It sends continuation lines of the reply's code for ever, some megabytes a second.
    EndlessLines,
    /// It sends the reply in so many pieces, with a pause between them.
    Split {
        /// How many pieces. More than the reply has bytes is as many as it has.
        pieces: usize,
        /// The time between them.
        pause: Duration,
    },
    /// It sends these bytes instead, line ends and all.
    Reply(Vec<u8>),
    /// It sends the reply, and these bytes in the same packet.
    Unsolicited(Vec<u8>),
    /// It closes the connection in an orderly way, without a reply.
    Disconnect,
    /// It resets the connection, without a reply.
    Reset,
    /// It sends the first half of the reply and closes the connection.
    HalfReply,
    /// It ends the lines of the reply by LF without CR.
    BareLf,
    /// It sends the code and a line of so many bytes.
    OverlongLine {
        /// The bytes of text behind the code.
        bytes: usize,
    },
    /// It sends the code and a text that is no ASCII, and in part no UTF-8.
    NonAscii,
    /// It sends the reply behind the one to the next command. It takes pipelined commands: the reply to
    /// a command with none behind it is sent as usual.
    Swap,
}
