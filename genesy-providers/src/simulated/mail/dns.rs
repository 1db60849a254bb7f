//! The DNS server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::answer::{Transport, answer};
use super::zone::Zone;

/// Ports that are tried until one is free for both transports.
const PORTS_TRIED: usize = 16;
/// Bytes of a question over UDP, at most. A longer one is cut, and so not understood.
const QUESTION_BYTES_MAX: usize = 4096;
/// Late answers and TCP connections at once, at most. What is beyond them is not answered.
const WAITING_MAX: usize = 50_000;
/// The wait when the system has no connection to give.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);

/// The same port over both transports.
pub(super) struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
}

impl Sockets {
    /// Finds a port. It is called within a runtime.
    ///
    /// # Errors
    ///
    /// When no port is free.
    pub(super) fn bind(ip: Ipv4Addr) -> io::Result<(Self, SocketAddr)> {
        let bind = || {
            let udp = std::net::UdpSocket::bind((ip, 0))?;
            let place = udp.local_addr()?;
            let tcp = std::net::TcpListener::bind(place)?;
            udp.set_nonblocking(true)?;
            tcp.set_nonblocking(true)?;
            let sockets = Self { udp: UdpSocket::from_std(udp)?, tcp: TcpListener::from_std(tcp)? };
            Ok((sockets, place))
        };
        let mut bound = bind();
        for _ in 1..PORTS_TRIED {
            if bound.is_ok() {
                break;
            }
            bound = bind();
        }
        bound
    }

    /// Answers until it is aborted.
    pub(super) async fn serve(self, zone: Arc<Zone>) {
        let udp = Arc::new(self.udp);
        let mut question = [0; QUESTION_BYTES_MAX];
        let mut waiting = JoinSet::new();
        loop {
            tokio::select! {
                received = udp.recv_from(&mut question) => {
                    let Ok((count, client)) = received else { continue };
                    let Some(response) = answer(&zone, &question[..count], Transport::Udp) else {
                        continue;
                    };
                    if response.wait.is_zero() {
                        // A client that has gone misses nothing.
                        let _ = udp.send_to(&response.bytes, client).await;
                    } else if waiting.len() < WAITING_MAX {
                        let udp = Arc::clone(&udp);
                        waiting.spawn(async move {
                            sleep(response.wait).await;
                            let _ = udp.send_to(&response.bytes, client).await;
                        });
                    }
                }
                accepted = self.tcp.accept() => match accepted {
                    Ok((stream, _)) if waiting.len() < WAITING_MAX => {
                        let zone = Arc::clone(&zone);
                        waiting.spawn(async move {
                            // How a connection ends is the client's to judge.
                            let _ = converse(stream, &zone).await;
                        });
                    }
                    Ok(_) => {}
                    Err(_) => sleep(ACCEPT_RETRY).await,
                },
                // What has ended is let go.
                Some(_) = waiting.join_next() => {}
            }
        }
    }
}

/// Answers questions with their lengths before them (RFC 1035, section 4.2.2), in order.
async fn converse(mut stream: TcpStream, zone: &Zone) -> io::Result<()> {
    loop {
        let mut question = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut question).await?;
        let Some(response) = answer(zone, &question, Transport::Tcp) else { continue };
        sleep(response.wait).await;
        let length = u16::try_from(response.bytes.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes(), response.bytes.as_slice()].concat()).await?;
    }
}
