//! What a check costs at least: the same dialogue, without any judgement, limit or time.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// More than any reply has.
const REPLY_BYTES_MAX: usize = 2048;

/// Says what the verifier says to a host that offers PIPELINING, and tells whether the recipient is taken.
pub(crate) async fn check(host: SocketAddr, address: &str) -> io::Result<bool> {
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    let mut stream = socket.connect(host).await?;
    let mut reply = [0; REPLY_BYTES_MAX];
    replies(&mut stream, &mut reply, 1).await?;
    stream.write_all(b"EHLO verifier.engines.example\r\n").await?;
    replies(&mut stream, &mut reply, 1).await?;
    let recipient =
        format!("MAIL FROM:<probe@engines.example>\r\nRCPT TO:<{address}>\r\n").into_bytes();
    stream.write_all(&recipient).await?;
    let bytes = replies(&mut stream, &mut reply, 2).await?;
    let is_taken = reply[..bytes].split(|byte| *byte == b'\n').nth(1).is_some_and(is_positive);
    let domain = address.split('@').nth(1).unwrap_or_default();
    let probe = format!("RCPT TO:<a1b2c3d4e5f6g7h8@{domain}>\r\n");
    stream.write_all(probe.as_bytes()).await?;
    replies(&mut stream, &mut reply, 1).await?;
    stream.write_all(b"QUIT\r\n").await?;
    replies(&mut stream, &mut reply, 1).await?;
    Ok(is_taken)
}

fn is_positive(line: &[u8]) -> bool {
    line.first() == Some(&b'2')
}

/// Reads so many replies, and tells their bytes.
async fn replies(stream: &mut TcpStream, into: &mut [u8], count: usize) -> io::Result<usize> {
    let mut bytes = 0;
    loop {
        let read_bytes = stream.read(&mut into[bytes..]).await?;
        if read_bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes += read_bytes;
        let lines = into[..bytes].split_inclusive(|byte| *byte == b'\n');
        let ends = lines.filter(|line| line.get(3) == Some(&b' ') && line.ends_with(b"\n"));
        if ends.count() >= count {
            return Ok(bytes);
        }
    }
}
