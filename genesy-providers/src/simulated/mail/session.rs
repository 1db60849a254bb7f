//! One connection to a host.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::time::sleep;

use super::dialogue::{Answer, Dialogue, Next};
use super::host::Connection;
use super::input::Input;
use super::play::play;
use super::script::Script;
use super::stats::{Open, Side, count, note};
use super::trick::{Stage, Trick};
use super::wire::Wire;

/// What a trick takes for a reply where a TLS handshake should be.
const NO_HANDSHAKE: &[u8] = b"454 4.7.0 TLS not available due to a local problem\r\n";

struct Session {
    connection: Connection,
    script: Arc<Script>,
    dialogue: Dialogue,
    input: Input,
    /// Replies to be sent together.
    output: Vec<u8>,
    /// Replies to be sent behind the next one.
    held_back: Vec<u8>,
    /// Replies so far, by stage.
    replies: [u32; Stage::COUNT],
    transcript: Open,
}

/// Speaks with a client until one side ends it.
///
/// # Errors
///
/// When the connection breaks.
pub(super) async fn converse(
    stream: TcpStream,
    connection: Connection,
    script: Arc<Script>,
) -> io::Result<()> {
    let mut session = Session {
        transcript: connection.host.transcripts.open(),
        connection,
        script,
        dialogue: Dialogue::default(),
        input: Input::default(),
        output: Vec::new(),
        held_back: Vec::new(),
        replies: [0; Stage::COUNT],
    };
    let host = Arc::clone(&session.connection.host);
    let is_full = session.script.connections_max.is_some_and(|max| session.connection.open > max);
    let greeting = session.dialogue.greet(&session.script, &host.name, is_full);
    let mut wire = Wire::Plain(stream);
    let mut answer = greeting;
    loop {
        let Some(open) = session.reply(answer, wire).await? else { return Ok(()) };
        wire = open;
        let line = loop {
            if let Some(line) = session.input.line() {
                break line;
            }
            session.flush(&mut wire).await?;
            if session.input.fill(&mut wire).await? == 0 {
                return Ok(());
            }
        };
        note(&session.transcript, Side::Client, &line);
        answer = session.dialogue.answer(&line, &session.script, &host.name, &host.greylist);
        host.counters.command(answer.stage);
    }
}

impl Session {
    /// Replies, and gives the connection back if the session goes on.
    async fn reply(&mut self, answer: Answer, mut wire: Wire) -> io::Result<Option<Wire>> {
        let Answer { stage, text, next } = answer;
        note(&self.transcript, Side::Host, text.as_bytes());
        let script = Arc::clone(&self.script);
        let wait = script.delay_for(stage);
        if !wait.is_zero() {
            self.flush(&mut wire).await?;
            sleep(wait).await;
        }
        match self.trick(&script, stage) {
            Some(Trick::Swap) if self.input.has_line() => {
                self.held_back.extend_from_slice(text.as_bytes());
            }
            None | Some(Trick::Swap) => {
                self.output.extend_from_slice(text.as_bytes());
                self.output.append(&mut self.held_back);
            }
            Some(trick) => {
                self.flush(&mut wire).await?;
                let Some(open) = play(trick, text.as_bytes(), wire).await? else {
                    return Ok(None);
                };
                wire = open;
                self.output.append(&mut self.held_back);
            }
        }
        match next {
            Next::Continue => Ok(Some(wire)),
            Next::Close => {
                self.flush(&mut wire).await?;
                wire.close().await;
                Ok(None)
            }
            Next::StartTls => {
                self.flush(&mut wire).await?;
                self.start_tls(&script, wire).await
            }
        }
    }

    async fn start_tls(&mut self, script: &Script, wire: Wire) -> io::Result<Option<Wire>> {
        sleep(script.delay_for(Stage::TlsHandshake)).await;
        if let Some(trick) = self.trick(script, Stage::TlsHandshake) {
            if let Some(open) = play(trick, NO_HANDSHAKE, wire).await? {
                open.close().await;
            }
            return Ok(None);
        }
        // What came in clear text behind the command is not taken for what comes in TLS.
        self.input.clear();
        let wire = wire.into_tls(&self.connection.host.acceptor()?).await?;
        count(&self.connection.host.counters.tls_sessions);
        self.dialogue.enter_tls();
        Ok(Some(wire))
    }

    /// Counts a reply, and finds the trick at it.
    fn trick<'a>(&mut self, script: &'a Script, stage: Stage) -> Option<&'a Trick> {
        let replies = &mut self.replies[stage as usize];
        *replies = replies.saturating_add(1);
        script.trick_for(stage, *replies)
    }

    async fn flush(&mut self, wire: &mut Wire) -> io::Result<()> {
        if !self.output.is_empty() {
            wire.write(&self.output).await?;
            self.output.clear();
        }
        Ok(())
    }
}
