//! `genesy-worker`: serves the task queues of a Temporal namespace until it is told to stop.
//!
//! It is configured by flags, by variables `GENESY_…` and by a file of TOML ([`mod@file`]); a flag counts before
//! a variable, and a variable before the file. Secrets come from variables alone, or from files that those
//! name ([`secrets`]).
//!
//! | exit code | when |
//! |---|---|
//! | 0 | it was told to stop by SIGTERM, SIGINT or ctrl-c, and what was under way ended within the grace |
//! | 1 | it ended by itself, or something was still under way at the end of the grace |
//! | 2 | its configuration is wrong |
//! | 3 | the server cannot be reached, or does not let it in |
//! | 130 | it was told twice, and stopped at once |

mod arguments;
mod config;
mod file;
mod health;
mod logs;
mod providers;
mod run;
mod secrets;
mod signals;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use self::arguments::Arguments;
use self::config::Config;

/// Why it ends, unless it is told to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The configuration is wrong.
    #[error("{0}")]
    Configuration(String),
    /// The server cannot be reached, or does not let it in.
    #[error("{0}")]
    Server(String),
    /// It ended by itself.
    #[error("{0}")]
    Ended(String),
    /// It was told twice to stop.
    #[error("stopped at once, as told twice: what was under way is given to other workers")]
    Twice,
}

impl Failure {
    const fn exit_code(&self) -> u8 {
        match self {
            Self::Ended(_) => 1,
            Self::Configuration(_) => 2,
            Self::Server(_) => 3,
            Self::Twice => 130,
        }
    }
}

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is closed, the exit code has to do.
            let _ = writeln!(std::io::stderr(), "genesy-worker: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn start() -> Result<(), Failure> {
    let config = Config::of(Arguments::parse())?;
    logs::start(&config.logs);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Ended(error.to_string()))?;
    let result = runtime.block_on(run::run(config));
    // Whoever does not end by itself is not waited for: the grace is over.
    runtime.shutdown_background();
    result
}
