//! Connecting to a mail host.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::{TcpSocket, TcpStream};

use super::socks5::{ProxyError, Socks5};
use super::stream::Stream;

/// Connects to an address: directly, or by way of a proxy. `source` is the local address to come from,
/// if the system shall not choose it.
///
/// It has no time limit: the caller's timer drops it.
pub(crate) async fn connect(
    target: SocketAddr,
    via: Option<&Socks5>,
    source: Option<IpAddr>,
) -> Result<Stream, DialError> {
    let tcp = match via {
        None => connect_tcp(target, source).await?,
        Some(proxy) => {
            let mut tcp = connect_tcp(proxy.address(), source).await.map_err(at_proxy)?;
            proxy.ask_for(target, &mut tcp).await?;
            tcp
        }
    };
    Ok(Stream::Plain(tcp))
}

async fn connect_tcp(target: SocketAddr, source: Option<IpAddr>) -> Result<TcpStream, DialError> {
    let socket = match target {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }
    .map_err(|error| socket_error(&error, target))?;
    if let Some(source) = source {
        if source.is_ipv4() != target.is_ipv4() {
            // Another source than the configured one must not be seen by the host.
            return Err(DialError::Unreachable);
        }
        socket.bind((source, 0).into()).map_err(|error| bind_error(&error))?;
    }
    // Commands are small and each waits for its reply: nothing is gained by gathering them.
    socket.set_nodelay(true).map_err(|error| connect_error(&error, target))?;
    socket.connect(target).await.map_err(|error| connect_error(&error, target))
}

/// Why no connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DialError {
    /// Nobody listens there, or a firewall says so.
    #[error("the connection was refused")]
    Refused,
    /// No way leads there; so it is also for IPv6 where this machine has none.
    #[error("the host or its network is not reachable from here")]
    Unreachable,
    /// The system gave up waiting.
    #[error("the system gave up waiting for the host")]
    TimedOut,
    /// The connection was reset while it was made.
    #[error("the connection was reset")]
    Reset,
    /// This machine does not permit it: a local firewall, most likely.
    #[error("this machine does not permit the connection")]
    PermissionDenied,
    /// The configured source address is not one of this machine.
    #[error("the source address is not of this machine")]
    SourceUnavailable,
    /// This machine has no port left for another connection: go slower.
    #[error("this machine has no local port left")]
    NoPorts,
    /// This process may open no more files: go slower.
    #[error("this process may open no more files")]
    TooManyFiles,
    /// This machine has no memory left for another socket: go slower.
    #[error("this machine has no memory left for sockets")]
    NoMemory,
    /// The proxy did not do it.
    #[error("the proxy made no connection")]
    Proxy(#[source] ProxyError),
    /// Something else.
    #[error("the connection failed")]
    Other,
}

impl DialError {
    /// Whether this machine is what ran out: fewer connections at once would help, another host not.
    pub(crate) fn is_local_exhaustion(self) -> bool {
        match self {
            Self::NoPorts | Self::TooManyFiles | Self::NoMemory => true,
            Self::Refused
            | Self::Unreachable
            | Self::TimedOut
            | Self::Reset
            | Self::PermissionDenied
            | Self::SourceUnavailable
            | Self::Proxy(_)
            | Self::Other => false,
        }
    }
}

/// What an error on the way to the proxy means: nothing about the host, but this machine's own shortage
/// stays what it is.
fn at_proxy(error: DialError) -> DialError {
    if error.is_local_exhaustion() || error == DialError::SourceUnavailable {
        error
    } else {
        DialError::Proxy(ProxyError::Unreachable)
    }
}

fn socket_error(error: &io::Error, target: SocketAddr) -> DialError {
    match connect_error(error, target) {
        // A system without IPv6 says that the address family is not supported.
        DialError::Other if target.is_ipv6() => DialError::Unreachable,
        class => class,
    }
}

fn bind_error(error: &io::Error) -> DialError {
    match error.kind() {
        io::ErrorKind::AddrNotAvailable => DialError::SourceUnavailable,
        // Only the address is chosen: it is the choice of a port that found none.
        io::ErrorKind::AddrInUse => DialError::NoPorts,
        _ => shortage(error).unwrap_or(DialError::Other),
    }
}

fn connect_error(error: &io::Error, target: SocketAddr) -> DialError {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => DialError::Refused,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            DialError::Unreachable
        }
        // With IPv6 it is said where this machine has no address to come from.
        ErrorKind::AddrNotAvailable if target.is_ipv6() => DialError::Unreachable,
        ErrorKind::AddrNotAvailable | ErrorKind::AddrInUse => DialError::NoPorts,
        ErrorKind::TimedOut => DialError::TimedOut,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => DialError::Reset,
        ErrorKind::PermissionDenied => DialError::PermissionDenied,
        _ => shortage(error).unwrap_or(DialError::Other),
    }
}

/// The shortages of this machine that the standard library has no kind for.
fn shortage(error: &io::Error) -> Option<DialError> {
    // ENFILE and EMFILE have these numbers on every Unix; the third is WSAEMFILE of Windows.
    const TOO_MANY_FILES: [i32; 3] = [23, 24, 10_024];
    // ENOBUFS of Linux, of macOS and the BSDs, and WSAENOBUFS of Windows.
    const NO_BUFFERS: [i32; 3] = [105, 55, 10_055];
    if error.kind() == io::ErrorKind::OutOfMemory {
        return Some(DialError::NoMemory);
    }
    let code = error.raw_os_error()?;
    if TOO_MANY_FILES.contains(&code) {
        Some(DialError::TooManyFiles)
    } else if NO_BUFFERS.contains(&code) {
        Some(DialError::NoMemory)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tokio::net::TcpListener;

    use super::*;

    const IPV4: &str = "127.0.0.1:25";
    const IPV6: &str = "[::1]:25";

    #[test]
    fn errors_have_their_class() {
        for (kind, target, class) in [
            (ErrorKind::ConnectionRefused, IPV4, DialError::Refused),
            (ErrorKind::HostUnreachable, IPV4, DialError::Unreachable),
            (ErrorKind::NetworkUnreachable, IPV6, DialError::Unreachable),
            (ErrorKind::NetworkDown, IPV4, DialError::Unreachable),
            (ErrorKind::AddrNotAvailable, IPV6, DialError::Unreachable),
            (ErrorKind::AddrNotAvailable, IPV4, DialError::NoPorts),
            (ErrorKind::AddrInUse, IPV4, DialError::NoPorts),
            (ErrorKind::TimedOut, IPV4, DialError::TimedOut),
            (ErrorKind::ConnectionReset, IPV4, DialError::Reset),
            (ErrorKind::ConnectionAborted, IPV4, DialError::Reset),
            (ErrorKind::PermissionDenied, IPV4, DialError::PermissionDenied),
            (ErrorKind::OutOfMemory, IPV4, DialError::NoMemory),
            (ErrorKind::Other, IPV4, DialError::Other),
        ] {
            assert_eq!(connect_error(&kind.into(), target.parse().unwrap()), class, "{kind}");
        }
        assert_eq!(bind_error(&ErrorKind::AddrInUse.into()), DialError::NoPorts);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn numbers_of_the_system_have_their_class() {
        for (code, class) in [
            (1, DialError::PermissionDenied),  // EPERM
            (13, DialError::PermissionDenied), // EACCES
            (23, DialError::TooManyFiles),     // ENFILE
            (24, DialError::TooManyFiles),     // EMFILE
            (97, DialError::Unreachable),      // EAFNOSUPPORT
            (101, DialError::Unreachable),     // ENETUNREACH
            (105, DialError::NoMemory),        // ENOBUFS
            (110, DialError::TimedOut),        // ETIMEDOUT
            (113, DialError::Unreachable),     // EHOSTUNREACH
        ] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(socket_error(&error, IPV6.parse().unwrap()), class, "{error}");
        }
    }

    #[tokio::test]
    async fn connects_from_the_source_address() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        let source: IpAddr = "127.0.0.9".parse().unwrap();
        let stream = connect(target, None, Some(source)).await.unwrap();
        let Stream::Plain(tcp) = stream else { panic!("no TLS was asked for") };
        assert!(tcp.nodelay().unwrap());
        assert_eq!(listener.accept().await.unwrap().1.ip(), source);
    }

    #[tokio::test]
    async fn a_source_that_cannot_be_used_is_not_replaced() {
        let target: SocketAddr = IPV4.parse().unwrap();
        let failed = |source: &str| {
            let source = source.parse().ok();
            async move { connect(target, None, source).await.unwrap_err() }
        };
        assert_eq!(failed("192.0.2.1").await, DialError::SourceUnavailable);
        assert_eq!(failed("::1").await, DialError::Unreachable);
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(connect(target, None, None).await.unwrap_err(), DialError::Refused);
    }
}
