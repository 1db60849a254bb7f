//! The server: `genesy-http serve`.

mod flags;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{Arg, CommandFactory, FromArgMatches, Parser, Subcommand};
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
    let Command::Serve(flags) = arguments().command;
    match serve(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// The arguments. A variable that is set to nothing says nothing: where an address or a file is named, it would be
/// refused.
fn arguments() -> Arguments {
    let is_set = |arg: &Arg| {
        let value = arg.get_env().and_then(env::var_os);
        value.is_none_or(|value| !value.is_empty())
    };
    let without_empty = |arg: Arg| if is_set(&arg) { arg } else { arg.env(Resettable::Reset) };
    let command = Arguments::command().mut_subcommands(|of| of.mut_args(without_empty));
    Arguments::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
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
