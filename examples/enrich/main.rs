//! Finds the phones of the leads in a CSV file: `cargo run --release --example enrich -- FILE`.
//!
//! It normalizes the file, says what the search will give and cost before anything is sent, asks the
//! providers for each lead in turn, and writes the enriched CSV (`--out`). The providers are simulated
//! within this program unless `--live` is given, so it needs no key, no server and no network.

mod addresses;
mod forecast;
mod input;
mod options;
mod output;
mod progress;
mod providers;
mod report;
mod run;
mod tally;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use genesy_examples::{Failure, say};
use genesy_providers::driver::Driver;
use genesy_providers::journal::FileJournal;

use addresses::{Addresses, Servers};
use forecast::Known;
use input::{Input, Survey};
use options::Arguments;
use providers::Setup;
use run::{Done, Job};

fn main() -> ExitCode {
    ExitCode::from(exit_code(&Arguments::parse(), &mut io::stdout()))
}

/// Does everything, and says what went wrong.
fn exit_code(arguments: &Arguments, out: &mut dyn Write) -> u8 {
    genesy_examples::exit_code("enrich", enrich(arguments, out))
}

/// Whether it came to its end.
fn enrich(arguments: &Arguments, out: &mut dyn Write) -> Result<bool, Failure> {
    arguments.check()?;
    let setup = Setup::new(arguments)?;
    let input = Input::new(arguments.file.as_deref())?;
    let mut known = Known::load(arguments.statistics.as_deref())?;
    let rejected = arguments.rejected.as_deref();
    let simulates_mail = !arguments.live && !arguments.no_verify;
    let survey = input.survey(arguments.normalizer_options(), rejected, simulates_mail)?;
    say(out, &report::input(&input.name(), &survey, rejected.is_some()))?;
    if survey.summary.leads() == 0 {
        let rows = survey.summary.rows;
        return Err(format!("{}: there are no leads in its {rows} rows", input.name()).into());
    }
    let forecast = known.forecast(&setup.plan, &survey);
    say(out, &format!("\n{}", report::forecast(&forecast, &known, &setup)))?;
    if setup.is_live() {
        say(
            out,
            &format!("\n{}", report::live_notice(&forecast, &setup, arguments.helo.as_deref())),
        )?;
    }
    if arguments.dry_run {
        say(out, "\nDry run: nothing was sent.\n")?;
        return Ok(true);
    }
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(search(arguments, &setup, &input, &survey, &mut known))?;
    let Some(done) = done else {
        let journal = arguments.journal_path();
        say(out, &interrupted(journal.as_deref()))?;
        return Ok(false);
    };
    finish(arguments, &known)?;
    if arguments.out.is_none() {
        let leads = survey.summary.leads();
        say(out, &format!("\n{}", report::first(&done.first, leads)))?;
    }
    if !done.addresses.is_empty() {
        say(out, &format!("\n{}", report::addresses(&done.addresses)))?;
    }
    let result = report::result(&done.tally, &forecast, &setup, started.elapsed());
    say(out, &format!("\n{result}"))?;
    say(out, &written(arguments))?;
    Ok(true)
}

/// Asks the providers for all leads. Nothing is given if it was interrupted.
async fn search(
    arguments: &Arguments,
    setup: &Setup,
    input: &Input,
    survey: &Survey,
    known: &mut Known,
) -> Result<Option<Done>, Failure> {
    let plan = setup.plan_to_follow()?;
    let mut driver = Driver::builder(plan).concurrency_max(arguments.concurrency());
    let mut simulation = None;
    if setup.is_live() {
        driver = driver.providers(setup.live()?);
    } else {
        let simulation = simulation.insert(setup.simulation(arguments.seed).await?);
        driver = driver.providers(simulation.providers(arguments.default_country()));
    }
    let servers = match arguments.live || arguments.no_verify {
        true => None,
        false => Some(Servers::new(survey, arguments.seed)?),
    };
    let addresses = match &servers {
        Some(servers) => Addresses::simulated(servers)?,
        None => Addresses::live(arguments)?,
    };
    if let Some(path) = arguments.journal_path() {
        driver = driver.journal(journal(&path, survey)?);
    }
    let job = Job {
        input,
        options: arguments.normalizer_options(),
        survey,
        out: arguments.out.as_deref(),
        addresses,
        driver: driver.build()?,
        concurrency: arguments.concurrency(),
        time_scale: setup.time_scale,
    };
    job.run(known).await
}

/// Opens the journal, if it is a new one or that of an earlier run of the same file.
fn journal(path: &Path, survey: &Survey) -> Result<FileJournal, Failure> {
    let name = path.display();
    let journal = FileJournal::open(path)?;
    let prefix = survey.fingerprint.prefix();
    if journal.leads() > 0 && !journal.any_lead(|lead| lead.as_str().starts_with(&prefix)) {
        return Err(format!(
            "{name}: this is the journal of another leads file: give that one, or another --journal"
        )
        .into());
    }
    Ok(journal)
}

/// Removes the journal, which the results stand for now, and stores what was learned.
fn finish(arguments: &Arguments, known: &Known) -> Result<(), Failure> {
    if let Some(path) = arguments.journal_path() {
        fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    arguments.statistics.as_deref().map_or(Ok(()), |path| known.save(path))
}

fn written(arguments: &Arguments) -> String {
    let mut text = String::new();
    for (what, path) in [
        ("Enriched ", &arguments.out),
        ("Rejected ", &arguments.rejected),
        ("Learned  ", &arguments.statistics),
    ] {
        if let Some(path) = path {
            text.push_str(&format!("{what} {}\n", path.display()));
        }
    }
    if let Some(path) = arguments.journal_path() {
        text.push_str(&format!("Journal   {}: removed, as all is done\n", path.display()));
    }
    text
}

fn interrupted(journal: Option<&Path>) -> String {
    match journal {
        Some(path) => format!(
            "Interrupted. {} has what was answered: the same command with --resume goes on.\n",
            path.display()
        ),
        None => {
            "Interrupted. Nothing was kept: with --out or --journal the next run can be resumed.\n"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
