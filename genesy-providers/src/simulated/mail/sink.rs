//! A host that answers fast, for benches in which the client is what is measured.

use std::io;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::dialogue::{path, recipient_reply};
use super::host::Connection;
use super::script::Script;
use super::trick::Stage;

/// Bytes of a batch of commands, at most. A client that sends a longer line is cut off.
const BATCH_BYTES_MAX: usize = 8192;
/// Bytes that a connection begins with. Most commands fit.
const BATCH_BYTES: usize = 1024;

/// Answers batches of commands, each batch in one write.
///
/// # Errors
///
/// When the connection breaks.
pub(super) async fn swallow(
    mut stream: TcpStream,
    connection: &Connection,
    script: &Script,
) -> io::Result<()> {
    let greeting = format!("220 {} ESMTP\r\n", connection.host.name);
    sleep(script.delay_for(Stage::Greeting)).await;
    stream.write_all(greeting.as_bytes()).await?;
    let mut input = vec![0; BATCH_BYTES];
    let mut filled = 0;
    let mut output = Vec::with_capacity(BATCH_BYTES);
    loop {
        if filled == input.len() {
            if filled == BATCH_BYTES_MAX {
                return Ok(());
            }
            input.resize(BATCH_BYTES_MAX, 0);
        }
        let count = stream.read(&mut input[filled..]).await?;
        if count == 0 {
            return Ok(());
        }
        filled += count;
        let batch = Batch::answer(&input[..filled], &mut output, connection, script);
        if let Some(stage) = batch.slowest {
            let wait = script.delay_for(stage);
            if !wait.is_zero() {
                sleep(wait).await;
            }
        }
        stream.write_all(&output).await?;
        if batch.quit {
            return Ok(());
        }
        input.copy_within(batch.bytes..filled, 0);
        filled -= batch.bytes;
        output.clear();
    }
}

/// What was in a batch.
#[derive(Default)]
struct Batch {
    bytes: usize,
    /// The command that takes longest.
    slowest: Option<Stage>,
    quit: bool,
}

impl Batch {
    fn answer(
        bytes: &[u8],
        output: &mut Vec<u8>,
        connection: &Connection,
        script: &Script,
    ) -> Self {
        let mut batch = Self::default();
        let (mut commands, mut recipients) = (0, 0);
        while let Some(end) = bytes[batch.bytes..].iter().position(|byte| *byte == b'\n') {
            let line = &bytes[batch.bytes..batch.bytes + end];
            batch.bytes += end + 1;
            commands += 1;
            let stage = match line.first().map(u8::to_ascii_uppercase) {
                Some(b'E') => {
                    output.extend_from_slice(b"250-");
                    output.extend_from_slice(connection.host.name.as_bytes());
                    output.extend_from_slice(b"\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n");
                    Stage::Ehlo
                }
                Some(b'R') if line.get(1).is_some_and(|byte| byte.eq_ignore_ascii_case(&b'C')) => {
                    recipients += 1;
                    recipient(line, output, script);
                    Stage::RcptTo
                }
                Some(b'Q') => {
                    output.extend_from_slice(b"221 2.0.0 Bye\r\n");
                    batch.quit = true;
                    break;
                }
                Some(b'M') => {
                    output.extend_from_slice(b"250 2.1.0 Ok\r\n");
                    Stage::MailFrom
                }
                Some(_) | None => {
                    output.extend_from_slice(b"250 2.0.0 Ok\r\n");
                    Stage::Other
                }
            };
            let wait = |stage: Option<Stage>| stage.map(|stage| script.delay_for(stage));
            if wait(batch.slowest) < wait(Some(stage)) {
                batch.slowest = Some(stage);
            }
        }
        let counters = &connection.host.counters;
        counters.commands.fetch_add(commands, Ordering::Relaxed);
        counters.recipients.fetch_add(recipients, Ordering::Relaxed);
        counters.quits.fetch_add(u64::from(batch.quit), Ordering::Relaxed);
        batch
    }
}

fn recipient(line: &[u8], output: &mut Vec<u8>, script: &Script) {
    let line = String::from_utf8_lossy(line);
    let recipient = path(&line).unwrap_or_default();
    let mut parts = recipient_reply(script, recipient).split("{}");
    output.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        output.extend_from_slice(recipient.as_bytes());
        output.extend_from_slice(part.as_bytes());
    }
    output.extend_from_slice(b"\r\n");
}
