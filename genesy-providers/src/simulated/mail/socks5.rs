//! A SOCKS5 proxy (RFC 1928, RFC 1929).

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::stats::count;
use super::wire::hold;
use super::zone::Zone;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xFF;
const SUCCEEDED: u8 = 0;
const NOT_ALLOWED: u8 = 2;
const HOST_UNREACHABLE: u8 = 4;
const CONNECTION_REFUSED: u8 = 5;
const COMMAND_UNKNOWN: u8 = 7;
/// The wait when the system has no connection to give.
const ACCEPT_RETRY: Duration = Duration::from_millis(10);

/// How a proxy behaves. By default it asks for no password and plays no trick.
#[derive(Clone, Default)]
pub struct Socks5Script {
    login: Option<(String, String)>,
    trick: Option<Socks5Trick>,
}

/// Something that a proxy does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Socks5Trick {
    /// It takes the connection and says nothing.
    Silence,
    /// It hangs when it should connect.
    HangOnConnect,
    /// It refuses to connect, with this code (RFC 1928, section 6).
    Refuse(u8),
    /// It answers as a web server.
    Garbage,
    /// It closes the connection when it should connect.
    Disconnect,
}

/// A running proxy. It runs as long as the laboratory does, whether this handle is there or not.
#[derive(Debug, Clone)]
pub struct Socks5 {
    place: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    tunnels: AtomicU64,
}

impl Socks5Script {
    /// Asks for a user and a password.
    pub fn login(self, user: &str, password: &str) -> Self {
        Self { login: Some((user.to_owned(), password.to_owned())), ..self }
    }

    /// Plays a trick.
    pub fn trick(self, trick: Socks5Trick) -> Self {
        Self { trick: Some(trick), ..self }
    }
}

/// The login is not shown.
impl fmt::Debug for Socks5Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socks5Script").field("trick", &self.trick).finish_non_exhaustive()
    }
}

impl Socks5 {
    pub(super) fn new(place: SocketAddr) -> Self {
        Self { place, counts: Arc::default() }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.place
    }

    /// All connections to it so far.
    pub fn connections_total(&self) -> u64 {
        self.counts.connections.load(Ordering::Relaxed)
    }

    /// All connections that it has made for others so far.
    pub fn tunnels_total(&self) -> u64 {
        self.counts.tunnels.load(Ordering::Relaxed)
    }
}

/// Takes connections until it is aborted, and its connections with it.
pub(super) async fn accept(
    listener: TcpListener,
    proxy: Socks5,
    script: Socks5Script,
    zone: Arc<Zone>,
) {
    let script = Arc::new(script);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    count(&proxy.counts.connections);
                    let counts = Arc::clone(&proxy.counts);
                    let (script, zone) = (Arc::clone(&script), Arc::clone(&zone));
                    connections.spawn(async move {
                        // How a connection ends is the client's to judge.
                        let _ = serve(stream, &script, &zone, &counts).await;
                    });
                }
                Err(_) => sleep(ACCEPT_RETRY).await,
            },
            // What has ended is let go.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(
    mut stream: TcpStream,
    script: &Socks5Script,
    zone: &Zone,
    counts: &Counts,
) -> io::Result<()> {
    match script.trick {
        Some(Socks5Trick::Silence) => {
            hold(stream).await;
            return Ok(());
        }
        Some(Socks5Trick::Garbage) => {
            return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
        Some(Socks5Trick::HangOnConnect | Socks5Trick::Refuse(_) | Socks5Trick::Disconnect)
        | None => {}
    }
    if !admit(&mut stream, script).await? {
        return Ok(());
    }
    let target = target(&mut stream, zone).await?;
    match script.trick {
        Some(Socks5Trick::HangOnConnect) => {
            hold(stream).await;
            return Ok(());
        }
        Some(Socks5Trick::Disconnect) => return Ok(()),
        Some(Socks5Trick::Refuse(code)) => return reply(&mut stream, code).await,
        Some(Socks5Trick::Silence | Socks5Trick::Garbage) | None => {}
    }
    let connected = match target {
        Ok(place) => TcpStream::connect(place).await.map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => CONNECTION_REFUSED,
            _ => HOST_UNREACHABLE,
        }),
        Err(code) => Err(code),
    };
    match connected {
        Ok(mut host) => {
            count(&counts.tunnels);
            reply(&mut stream, SUCCEEDED).await?;
            copy_bidirectional(&mut stream, &mut host).await?;
            Ok(())
        }
        Err(code) => reply(&mut stream, code).await,
    }
}

/// Chooses a method and takes the login, if there is one. False if the client may not go on.
async fn admit(stream: &mut TcpStream, script: &Socks5Script) -> io::Result<bool> {
    if stream.read_u8().await? != VERSION {
        return Ok(false);
    }
    let methods = counted(stream).await?;
    let wanted = if script.login.is_some() { USER_AND_PASSWORD } else { NO_AUTHENTICATION };
    if !methods.contains(&wanted) {
        stream.write_all(&[VERSION, NO_METHOD]).await?;
        return Ok(false);
    }
    stream.write_all(&[VERSION, wanted]).await?;
    let Some((user, password)) = &script.login else { return Ok(true) };
    let version = stream.read_u8().await?;
    let given = (counted(stream).await?, counted(stream).await?);
    let is_right = given.0 == user.as_bytes() && given.1 == password.as_bytes();
    stream.write_all(&[version, u8::from(!is_right)]).await?;
    Ok(is_right)
}

/// Reads where to connect to: a loopback address, as all of a laboratory are. What it may not is a code.
async fn target(stream: &mut TcpStream, zone: &Zone) -> io::Result<Result<SocketAddr, u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let ip = match head[3] {
        1 => Some(IpAddr::from(Ipv4Addr::from(stream.read_u32().await?))),
        3 => zone.address(&String::from_utf8_lossy(&counted(stream).await?)),
        4 => Some(IpAddr::from(Ipv6Addr::from(stream.read_u128().await?))),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let port = stream.read_u16().await?;
    Ok(match ip {
        _ if head[1] != 1 => Err(COMMAND_UNKNOWN),
        None => Err(HOST_UNREACHABLE),
        Some(ip) if !ip.is_loopback() => Err(NOT_ALLOWED),
        Some(ip) => Ok(SocketAddr::new(ip, port)),
    })
}

async fn reply(stream: &mut TcpStream, code: u8) -> io::Result<()> {
    stream.write_all(&[VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0]).await
}

/// Reads bytes behind their number.
async fn counted(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
