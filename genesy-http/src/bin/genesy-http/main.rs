//! The server: `genesy-http serve`.

mod flags;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use genesy_http::{RunError, World};

use self::flags::Flags;

/// Turns CSV files of sales leads into clean, verified, phone-enriched records: an API and a live page
#[derive(Debug, Parser)]
#[command(name = "genesy-http", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the page
    Serve(Flags),
}

fn main() -> ExitCode {
    let Command::Serve(flags) = Arguments::parse().command;
    match serve(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn serve(flags: &Flags) -> Result<(), RunError> {
    let settings = flags.settings()?;
    let world = if flags.demo { World::Simulated } else { World::Real };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(genesy_http::run(settings, world, &mut io::stdout()))
}

/// Says why it did not run, with all causes.
fn fail(error: &dyn Error) -> ExitCode {
    let mut text = format!("genesy-http: {error}");
    let mut cause = error.source();
    while let Some(this) = cause {
        text.push_str(&format!(": {this}"));
        cause = this.source();
    }
    // There is nobody to tell if that fails.
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}
