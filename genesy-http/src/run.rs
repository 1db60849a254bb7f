//! The program, from its settings to its end.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket};

use crate::config::{ConfigError, Settings};
use crate::demo::Demo;
use crate::outside::{Outside, OutsideError};
use crate::state::AppState;
use crate::store::{Store, StoreError};
use crate::telemetry::{LogError, log_panics, log_to_stderr};

/// The folder of the store where none is given.
const DATA_FOLDER: &str = "genesy-data";

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// Providers and mail servers.
    Real,
    /// Simulated ones, within this process: nothing leaves the machine. What is stored is kept apart, and goes
    /// with the process unless the settings name a folder.
    Simulated,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// There are no settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Nothing can be logged.
    #[error(transparent)]
    Log(#[from] LogError),
    /// There is no store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A provider or the verifier cannot be made.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// The Temporal cluster cannot be used.
    #[cfg(feature = "temporal")]
    #[error(transparent)]
    Temporal(#[from] crate::TemporalError),
    /// A Temporal cluster may have workers that ask real providers.
    #[error(
        "a demo leaves nothing to a Temporal cluster, since workers there may ask real providers: leave out --demo, or \
         the cluster"
    )]
    SimulatedOnTemporal,
    /// The simulated providers and mail servers did not start.
    #[error("the simulated providers and mail servers did not start")]
    Demo(#[source] io::Error),
    /// It cannot listen there.
    #[error(
        "{listen}: it cannot be listened there: stop what does, or give another place by --listen"
    )]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// There is no temporary folder, or the output cannot be written.
    #[error("the system does not let it run")]
    System(#[from] io::Error),
}

/// Runs the server as a program does: until Ctrl-C or, on Unix, SIGTERM, where a second signal ends the process at
/// once. What is to be known of it is written to `out`, last the address to open.
///
/// It takes the process for its own: its log goes to the standard error output as the global subscriber, panics are
/// logged, and it lets itself open as many files as it may. So a process runs it once; [`serve`](crate::serve) does
/// none of that.
///
/// # Errors
///
/// When the settings do not go together, or it cannot begin.
pub async fn run(
    mut settings: Settings,
    world: World,
    out: &mut (dyn Write + Send),
) -> Result<(), RunError> {
    let is_demo = world == World::Simulated;
    if is_demo && settings.engine.temporal.is_some() {
        return Err(RunError::SimulatedOnTemporal);
    }
    settings.check()?;
    log_to_stderr(&settings.log)?;
    log_panics();
    allow_files();
    let folder = Folder::of(&settings, is_demo)?;
    settings.data = Some(folder.path.clone());
    let listen = settings.listen;
    let listener = listen_at(listen).map_err(|source| RunError::Listen { listen, source })?;
    let store = Store::open_as(&folder.path, is_demo)?;
    let demo = if is_demo { Some(Demo::start().await.map_err(RunError::Demo)?) } else { None };
    let outside = match &demo {
        Some(demo) => demo.outside(),
        None => Outside::of(&settings)?,
    };
    settings.listen = listener.local_addr()?;
    let state = AppState::builder(store);
    #[cfg(feature = "temporal")]
    let state = match &settings.engine.temporal {
        Some(temporal) => state.temporal(crate::Temporal::connect(temporal, &outside).await?),
        None => state,
    };
    let state = state.outside(outside);
    let state = if is_demo { state.demo() } else { state };
    let state = state.settings(settings).build()?;
    let stop = stop_signal()?;
    // Connections are taken by now: who reads the address can open it.
    announce(state.settings(), is_demo, out)?;
    crate::serve(listener, state, stop).await;
    Ok(())
}

/// Clients that may wait to be taken. 128 are the standard library's: when more pages than that come back at
/// once, as behind a restart, those above it try again a second later.
const LISTEN_BACKLOG: u32 = 4096;

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows that would let another program listen there as well.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(LISTEN_BACKLOG)
}

/// Lets the process open as many files and connections as the system lets it have at most: often only 1,024
/// are allowed at first.
#[cfg(unix)]
fn allow_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Where that is refused there are fewer connections.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

#[cfg(not(unix))]
fn allow_files() {}

fn announce(settings: &Settings, is_demo: bool, out: &mut (dyn Write + Send)) -> io::Result<()> {
    writeln!(out, "genesy-http {}", env!("CARGO_PKG_VERSION"))?;
    if is_demo {
        writeln!(
            out,
            "Demo: all providers and mail servers are simulated. Nothing leaves this machine."
        )?;
    }
    for line in settings.to_string().lines() {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "Open http://{}/", settings.listen)?;
    out.flush()
}

/// The folder of the store, and what removes it at the end if it is a temporary one.
struct Folder {
    path: PathBuf,
    _temporary: Option<TempDir>,
}

impl Folder {
    fn of(settings: &Settings, is_demo: bool) -> io::Result<Self> {
        match &settings.data {
            Some(data) => Ok(Self { path: data.clone(), _temporary: None }),
            None if is_demo => {
                let temporary = tempfile::Builder::new().prefix("genesy-demo-").tempdir()?;
                Ok(Self { path: temporary.path().to_owned(), _temporary: Some(temporary) })
            }
            None => Ok(Self { path: DATA_FOLDER.into(), _temporary: None }),
        }
    }
}

/// Ends at the first signal. From then on a second one ends the process.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    /// What shells give for a program that a signal ended.
    const INTERRUPTED: i32 = 130;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(INTERRUPTED);
        });
    })
}

/// Ends at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::net::TcpStream;
    use tokio::task::JoinSet;
    use tokio::time::timeout;

    use super::*;

    /// Whether a new listener lets all of many connect at once, though it takes none.
    #[cfg(target_os = "linux")]
    async fn let_in_at_once() -> bool {
        let listener = listen_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port");
        let address = listener.local_addr().expect("an address");
        // A client whose first try is not taken would try again after a second.
        let clients: JoinSet<_> = (0..500)
            .map(|_| timeout(Duration::from_millis(900), TcpStream::connect(address)))
            .collect();
        clients.join_all().await.iter().all(|of| matches!(of, Ok(Ok(_))))
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn many_may_come_at_once() {
        const TRIES_MAX: usize = 3;
        // A busy machine may be late once. A queue that is too short is so each time.
        for _ in 0..TRIES_MAX {
            if let_in_at_once().await {
                return;
            }
        }
        panic!("not all were let in");
    }
}
