//! Verifies e-mail addresses: `cargo run --release --example verify_email [-- ADDRESS... | FILE.csv]`.
//!
//! It asks the mail servers of each address whether they would take mail for it, and says what came of
//! it: verdict, reason, and what to do. The servers are simulated within this program unless `--live` is
//! given, so it needs no network. Without an address, a set of telling ones is verified.

mod input;
mod json;
mod laboratory;
mod options;
mod progress;
mod report;
mod run;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use genesy_examples::{Failure, say};
use genesy_providers::mail::Verifier;

use input::Input;
use options::Arguments;
use progress::Progress;

fn main() -> ExitCode {
    ExitCode::from(exit_code(&Arguments::parse(), &mut io::stdout()))
}

/// Does everything, and says what went wrong.
fn exit_code(arguments: &Arguments, out: &mut dyn Write) -> u8 {
    genesy_examples::exit_code("verify_email", verify_email(arguments, out))
}

/// Whether it came to its end.
fn verify_email(arguments: &Arguments, out: &mut dyn Write) -> Result<bool, Failure> {
    let policy = arguments.policy()?;
    let identity = format!("{} <{}>", policy.identity.helo_name(), policy.identity.mail_from());
    let input = Input::new(arguments)?;
    if !arguments.live {
        check_laboratory(&input)?;
    }
    let notice = report::notice(arguments, &input, &identity);
    if arguments.json.is_none() {
        say(out, &format!("{notice}\n"))?;
    } else if arguments.live {
        // Standard output is for the objects alone.
        let _ = writeln!(io::stderr(), "{notice}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (done, port) = runtime.block_on(async {
        let laboratory = if arguments.live { None } else { Some(laboratory::start()?) };
        let builder = match &laboratory {
            Some(laboratory) => laboratory::verifier(laboratory, policy)?,
            None => Verifier::builder(policy),
        };
        let verifier = builder.concurrency_max(arguments.concurrency()).build()?;
        let mut progress = Progress::new(input.targets.len(), arguments.redacted);
        let targets = input.targets.as_slice();
        let done = run::verify(&verifier, targets, arguments.concurrency(), &mut progress).await?;
        Ok::<_, Failure>((done, verifier.port_state()))
    })?;
    let text = match arguments.json {
        Some(shape) => json::lines(shape, &input.targets, &done)?,
        None => report::result(&input.targets, &done, arguments.redacted),
    };
    say(out, &text)?;
    let closed = report::port(port).filter(|_| arguments.live);
    if let Some(closed) = closed {
        let _ = writeln!(io::stderr(), "{closed}");
    }
    if done.is_interrupted {
        let left = done.ended.iter().filter(|ended| ended.is_none()).count();
        let _ =
            writeln!(io::stderr(), "Interrupted. Not verified: {left} of {}.", done.ended.len());
    }
    Ok(!done.is_interrupted)
}

/// Refuses addresses that nobody in the laboratory knows: their verdicts would be wrong.
fn check_laboratory(input: &Input) -> Result<(), Failure> {
    let is_strange = |target: &&input::Target| !laboratory::has_domain_of(&target.address);
    let strange = input.targets.iter().filter(is_strange).count();
    if strange == 0 {
        return Ok(());
    }
    Err(format!(
        "{strange} of {} addresses are not of the laboratory, whose domains end in .example: to ask \
         their real servers, add --live --helo NAME --from ADDRESS",
        input.targets.len()
    )
    .into())
}

#[cfg(test)]
mod tests;
