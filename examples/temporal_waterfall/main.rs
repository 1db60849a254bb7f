//! The waterfall on Temporal: `cargo run --features genesy-examples/temporal --example temporal_waterfall`.
//!
//! It starts a Temporal server on this machine, a worker and simulated providers, begins a run for each lead
//! of a file that comes along, and shows how far they are. Killed in the middle and started again, it goes on:
//! the server keeps the runs in a file.

mod output;
mod server;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use genesy_core::csv::normalize::{Normalizer, Options as CsvOptions, Outcome as RowOutcome};
use genesy_core::waterfall::{LeadInputs, default_phone_plan};
use genesy_examples::Interrupt;
use genesy_providers::driver::LeadId;
use genesy_providers::simulated::{
    Options as SimulationOptions, Simulation, example_costs, scaled,
};
use genesy_temporal::client::{Client, ClientOptions, PhoneRequest, Started};
use genesy_temporal::phone::PhoneResult;
use genesy_temporal::worker::Worker;

use self::output::Counts;
use self::server::Server;

/// The file of leads that comes along.
const LEADS: &[u8] = include_bytes!("../enrich/leads.csv");

/// Finds phones on a Temporal server of this machine.
#[derive(Debug, Parser)]
struct Args {
    /// Where the server keeps its runs: a second start goes on with them.
    #[arg(long, default_value = "target/temporal-waterfall")]
    data: PathBuf,
    /// Forgets the runs of an earlier start.
    #[arg(long)]
    anew: bool,
    /// How long the simulated providers take, as a part of what the real ones do.
    #[arg(long, default_value_t = 0.1)]
    time_scale: f64,
    /// The port of the server's web page; none if it is 0.
    #[arg(long, default_value_t = 8233)]
    ui_port: u16,
    /// How many of the leads are asked for; all by default.
    #[arg(long)]
    leads: Option<usize>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse(), &mut io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done where even that cannot be written.
            let _ = writeln!(io::stderr(), "temporal_waterfall: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut interrupt = Interrupt::listen();
    let server = Server::start(&args.data, args.anew, args.ui_port).await?;
    let mut client = Client::connect(ClientOptions::new(server.address())).await?;
    client.add_search_attributes().await?;
    let options = SimulationOptions { time_scale: args.time_scale, ..SimulationOptions::default() };
    let simulation = Simulation::start(options).await?;
    let worker = Worker::builder(&client).providers(simulation.providers(None)).build()?.start()?;
    writeln!(out, "Server    {}", server.address())?;
    if let Some(page) = server.page() {
        writeln!(out, "Web page  {page}/namespaces/default/workflows")?;
    }

    let plan = example_costs(&scaled(&default_phone_plan(), args.time_scale));
    let leads = leads(args.leads)?;
    let mut results = FuturesUnordered::new();
    let (mut begun, mut answered) = (0, 0);
    for (id, inputs) in &leads {
        match client
            .start_phone(PhoneRequest::new(id.clone(), inputs.clone(), plan.clone()))
            .await?
        {
            Started::Running => begun += 1,
            Started::Answered => answered += 1,
        }
        results.push(client.phone_result(id));
    }
    writeln!(out, "Leads     {begun} under way, {answered} were answered before")?;
    let mut counts = Counts::new(leads.len());
    let is_interrupted = loop {
        tokio::select! {
            result = results.next() => match result {
                Some(result) => counts.add(&result?),
                None => break false,
            },
            () = interrupt.next() => break true,
        }
    };
    counts.finish();
    drop(results);
    worker.shutdown().await?;
    if is_interrupted {
        writeln!(out, "Stopped: the same command goes on.")?;
    } else {
        write!(out, "{}", counts.table(&plan))?;
    }
    Ok(())
}

/// The leads of the file that can be asked for, under the numbers of their rows.
fn leads(leads_max: Option<usize>) -> Result<Vec<(LeadId, LeadInputs)>, Box<dyn Error>> {
    let mut normalizer = Normalizer::from_slice(LEADS, CsvOptions::default())?;
    let mut leads = Vec::new();
    while leads_max.is_none_or(|max| leads.len() < max) {
        let Some(row) = normalizer.next_row() else { break };
        if matches!(row.outcome, RowOutcome::Imported) {
            leads.push((LeadId::of_row(row.number), LeadInputs::from(&row.lead)));
        }
    }
    Ok(leads)
}

/// How many results have each outcome.
type Outcomes = BTreeMap<&'static str, u64>;

fn outcome_of(result: &PhoneResult) -> &'static str {
    result.outcome.name()
}

#[cfg(test)]
mod tests {
    use super::{Args, run};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_start_goes_on_with_the_runs_of_the_first() {
        if std::env::var("GENESY_TEMPORAL_TESTS").is_ok_and(|value| value == "skip") {
            println!("skipped, since GENESY_TEMPORAL_TESTS=skip");
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let shown = async |leads: usize| {
            let mut out = Vec::new();
            let args = Args {
                data: folder.path().to_owned(),
                anew: false,
                time_scale: 0.0,
                ui_port: 0,
                leads: Some(leads),
            };
            run(args, &mut out).await.expect("it ends");
            String::from_utf8(out).expect("text")
        };
        let first = shown(6).await;
        assert!(first.contains("Leads     6 under way, 0 were answered before"), "{first}");
        assert!(first.contains("| found"), "{first}");
        let second = shown(8).await;
        let answered: usize = second
            .split(", ")
            .find_map(|part| part.split_once(" were answered before"))
            .and_then(|(number, _)| number.parse().ok())
            .expect("a number");
        // Those that were inconclusive are asked for again.
        assert!((1..=6).contains(&answered), "{second}");
    }
}
