//! How a trick is played.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

use super::trick::Trick;
use super::wire::{Wire, hold};

/// Bytes of a piece of what never ends.
const PIECE_BYTES: usize = 4096;
/// The wait between them. It leaves time to others.
const PIECE_WAIT: Duration = Duration::from_millis(1);
/// Text of a line that never ends, or continuation lines.
const FILLING: &[u8] = b"this goes on and on; ";
/// UTF-8, then Latin-1, then bytes that are neither text nor of any use.
const NON_ASCII: &[u8] = "Benutzer unbekannt für \u{1F4EC} ".as_bytes();
const NON_UTF8: &[u8] = b"gel\xF6scht \xFF\xFE\x00\x1B[31m\r\n";

/// Plays a trick with the reply `text`. It gives the connection back if the session goes on.
///
/// # Errors
///
/// When the client has closed.
pub(super) async fn play(trick: &Trick, text: &[u8], mut wire: Wire) -> io::Result<Option<Wire>> {
    let code = &text[..text.len().min(3)];
    match trick {
        Trick::Silence => {
            hold(wire.into_stream()).await;
            return Ok(None);
        }
        Trick::Drip { interval } => pieces(&mut wire, text, 1, *interval).await?,
        Trick::Flood => return endless(&mut wire, &[code, b" "].concat(), FILLING).await,
        Trick::EndlessLines => {
            let line = [code, b"-", FILLING, b"\r\n"].concat();
            return endless(&mut wire, b"", &line).await;
        }
        Trick::Split { pieces: count, pause } => {
            let size = text.len().div_ceil((*count).max(1)).max(1);
            pieces(&mut wire, text, size, *pause).await?;
        }
        Trick::Reply(bytes) => wire.write(bytes).await?,
        Trick::Unsolicited(bytes) => wire.write(&[text, bytes].concat()).await?,
        Trick::Disconnect => {
            wire.close().await;
            return Ok(None);
        }
        Trick::Reset => {
            wire.reset();
            return Ok(None);
        }
        Trick::HalfReply => {
            wire.write(&text[..text.len() / 2]).await?;
            wire.close().await;
            return Ok(None);
        }
        Trick::BareLf => {
            let bytes: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\r').collect();
            wire.write(&bytes).await?;
        }
        Trick::OverlongLine { bytes } => {
            let line = [code, b" ", &vec![b'x'; *bytes], b"\r\n"].concat();
            wire.write(&line).await?;
        }
        Trick::NonAscii => wire.write(&[code, b" ", NON_ASCII, NON_UTF8].concat()).await?,
        // The order of replies is the session's.
        Trick::Swap => wire.write(text).await?,
    }
    Ok(Some(wire))
}

/// Sends `text` in pieces of `size` bytes, with `pause` before each.
async fn pieces(wire: &mut Wire, text: &[u8], size: usize, pause: Duration) -> io::Result<()> {
    for piece in text.chunks(size) {
        sleep(pause).await;
        wire.write(piece).await?;
    }
    Ok(())
}

async fn endless(wire: &mut Wire, first: &[u8], again: &[u8]) -> io::Result<Option<Wire>> {
    let piece = again.repeat(PIECE_BYTES.div_ceil(again.len()));
    wire.write(first).await?;
    loop {
        wire.write(&piece).await?;
        sleep(PIECE_WAIT).await;
    }
}
