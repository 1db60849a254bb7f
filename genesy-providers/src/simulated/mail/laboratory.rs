//! The laboratory: a DNS server, and the hosts it has been given.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::{self, Handle};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::host::MailHost;
use super::script::Script;
use super::socks5::{self, Socks5, Socks5Script};
use super::zone::{Domain, RecordKind, Zone};
use super::{dns, lock};

/// Addresses of a laboratory, at most.
const ADDRESSES_MAX: u16 = 4096;
/// Connections that wait to be accepted, at most; the system may have a lower limit.
const BACKLOG: u32 = 4096;
/// How long the connection may take that fills a black hole. Loopback takes none.
const FILL_TIMEOUT: Duration = Duration::from_secs(1);

/// Mail hosts and a DNS server on loopback, until it is dropped.
#[must_use = "dropping it stops its hosts"]
pub struct Laboratory {
    handle: Handle,
    thread: Option<Thread>,
    /// The first address, which is the DNS server's.
    first: Ipv4Addr,
    dns: SocketAddr,
    smtp_port: u16,
    zone: Arc<Zone>,
    held: Mutex<Held>,
}

/// What a laboratory keeps until it ends.
#[derive(Default)]
struct Held {
    addresses: u16,
    tasks: Vec<AbortHandle>,
    /// Listeners whose backlog is full, and the connections that fill them.
    black_holes: Vec<(TcpListener, TcpStream)>,
}

/// A runtime on a thread of its own.
struct Thread {
    stop: Option<oneshot::Sender<()>>,
    join: Option<JoinHandle<()>>,
}

impl Laboratory {
    /// Starts a DNS server without any names, on the Tokio runtime that this is called on.
    ///
    /// # Errors
    ///
    /// When there is no runtime, or no port to listen on.
    pub fn start() -> io::Result<Self> {
        Self::start_on(Handle::try_current().map_err(io::Error::other)?)
    }

    /// The same on a thread of its own, so that a bench measures its client apart from the laboratory.
    /// Nothing of it runs on the caller's runtime.
    ///
    /// # Errors
    ///
    /// When there is no thread, or no port to listen on.
    pub fn start_on_thread() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let join = thread::Builder::new().name("mail-laboratory".to_owned()).spawn(move || {
            // It is sent, or the sender is dropped: either way this is the end.
            let _ = runtime.block_on(stopped);
        })?;
        let thread = Thread { stop: Some(stop), join: Some(join) };
        let mut laboratory = Self::start_on(handle)?;
        laboratory.thread = Some(thread);
        Ok(laboratory)
    }

    fn start_on(handle: Handle) -> io::Result<Self> {
        let _guard = handle.enter();
        // Any block will do. That of each laboratory is likely another, and its ports are in any case.
        let random = RandomState::new().build_hasher().finish().to_be_bytes();
        let first = Ipv4Addr::new(127, random[0].clamp(1, 254), random[1], 1);
        let zone = Arc::new(Zone::default());
        let (sockets, dns) = dns::Sockets::bind(first)?;
        // The port is free on the laboratory's other addresses if it is on one.
        let smtp_port = listen(SocketAddr::from((first, 0)), 1)?.local_addr()?.port();
        let laboratory = Self {
            thread: None,
            first,
            dns,
            smtp_port,
            zone: Arc::clone(&zone),
            held: Mutex::new(Held { addresses: 1, ..Held::default() }),
            handle: handle.clone(),
        };
        laboratory.spawn(sockets.serve(zone));
        Ok(laboratory)
    }

    /// Where the DNS server is, over UDP and TCP.
    pub fn dns(&self) -> SocketAddr {
        self.dns
    }

    /// The port of all hosts.
    pub fn smtp_port(&self) -> u16 {
        self.smtp_port
    }

    /// Starts a host on an address of its own, and adds its A record.
    ///
    /// # Errors
    ///
    /// When its port is taken, or 4096 addresses are.
    pub fn host(&self, name: &str, script: Script) -> io::Result<MailHost> {
        let ip = self.next_address()?;
        self.start_host(name, ip.into(), script)
    }

    /// Starts a host on `::1` and adds its AAAA record. It is the only such address there is.
    ///
    /// # Errors
    ///
    /// When its port is taken, as by another such host, or the machine has no IPv6.
    pub fn host_v6(&self, name: &str, script: Script) -> io::Result<MailHost> {
        self.start_host(name, Ipv6Addr::LOCALHOST.into(), script)
    }

    fn start_host(&self, name: &str, ip: IpAddr, script: Script) -> io::Result<MailHost> {
        let _guard = self.handle.enter();
        let listener = listen((ip, self.smtp_port).into(), BACKLOG)?;
        let host = MailHost::new(name, ip, script);
        self.spawn(host.clone().accept(listener));
        self.domain(name).address(ip);
        Ok(host)
    }

    /// Adds the A record of a host that refuses connections: nobody listens at its address.
    ///
    /// # Errors
    ///
    /// When 4096 addresses are taken.
    pub fn refusing_host(&self, name: &str) -> io::Result<IpAddr> {
        let ip = self.next_address()?.into();
        self.domain(name).address(ip);
        Ok(ip)
    }

    /// Adds the A record of a host that connecting to takes for ever: the system drops what asks for
    /// a connection, since as many wait to be accepted as may. So it is on Linux.
    ///
    /// # Errors
    ///
    /// When its port is taken, or 4096 addresses are.
    pub fn black_hole(&self, name: &str) -> io::Result<IpAddr> {
        let _guard = self.handle.enter();
        let ip = self.next_address()?.into();
        let place = SocketAddr::new(ip, self.smtp_port);
        // One may wait even so.
        let listener = listen(place, 0)?;
        let filling = TcpStream::connect_timeout(&place, FILL_TIMEOUT)?;
        lock(&self.held).black_holes.push((listener, filling));
        self.domain(name).address(ip);
        Ok(ip)
    }

    /// Edits what is answered for a name, which exists from now on.
    pub fn domain(&self, name: &str) -> Domain<'_> {
        Domain::new(&self.zone, name)
    }

    /// How often the DNS server was asked for records of a kind of a name, over UDP and TCP.
    pub fn questions(&self, name: &str, kind: RecordKind) -> u64 {
        self.zone.questions(name, kind)
    }

    /// All questions that the DNS server was asked.
    pub fn questions_total(&self) -> u64 {
        self.zone.questions_total()
    }

    /// Starts a SOCKS5 proxy that connects to the laboratory's hosts and nowhere else.
    ///
    /// # Errors
    ///
    /// When there is no port to listen on.
    pub fn socks5(&self, script: Socks5Script) -> io::Result<Socks5> {
        let _guard = self.handle.enter();
        let listener = listen(SocketAddr::from((self.first, 0)), BACKLOG)?;
        let proxy = Socks5::new(listener.local_addr()?);
        self.spawn(socks5::accept(listener, proxy.clone(), script, Arc::clone(&self.zone)));
        Ok(proxy)
    }

    fn next_address(&self) -> io::Result<Ipv4Addr> {
        let mut held = lock(&self.held);
        if held.addresses == ADDRESSES_MAX {
            return Err(io::ErrorKind::AddrNotAvailable.into());
        }
        // Neither 0 nor 255 at the end: not all tools take them for hosts.
        let (block, last) = (held.addresses / 254, held.addresses % 254 + 1);
        held.addresses += 1;
        let [network, first, second, _] = self.first.octets();
        let block = second.wrapping_add(u8::try_from(block).unwrap_or_default());
        Ok(Ipv4Addr::new(network, first, block, u8::try_from(last).unwrap_or_default()))
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let task = self.handle.spawn(task).abort_handle();
        lock(&self.held).tasks.push(task);
    }
}

impl Drop for Laboratory {
    fn drop(&mut self) {
        for task in &lock(&self.held).tasks {
            task.abort();
        }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(join) = self.join.take() {
            // If it panicked, its message was printed there.
            let _ = join.join();
        }
    }
}

impl fmt::Debug for Laboratory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Laboratory")
            .field("dns", &self.dns)
            .field("smtp_port", &self.smtp_port)
            .finish_non_exhaustive()
    }
}

/// Listens on a port even if connections of a former listener linger there.
fn listen(place: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = if place.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(place)?;
    socket.listen(backlog)
}
