//! Workflows a second of the whole adapter, beside a minimal workflow with as many activities that do nothing, on
//! the same server: `cargo bench -p genesy-temporal`. They take turns, since the machine may be busy.
//!
//! `GENESY_BENCH_ROUNDS` and `GENESY_BENCH_LEADS` say how many.

#![allow(missing_docs, reason = "the macros make items without")]
#![allow(clippy::print_stdout, reason = "it prints its table")]

use std::error::Error;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future::try_join_all;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{
    FoundPhone, LeadField, LeadFields, LeadInputs, PhoneLookup, PhoneQuality, PhoneRule, Plan,
    ProviderId,
};
use genesy_providers::driver::LeadId;
use genesy_providers::{Answer, Ask, CallError, Description, Provider};
use genesy_temporal::client::{Client, ClientOptions, PhoneRequest};
use genesy_temporal::dev_server::{DevServer, DevServerOptions};
use genesy_temporal::worker::Worker;
use temporalio_client::{
    ClientOptions as SdkClientOptions, ConnectionOptions, Url, WorkflowGetResultOptions,
    WorkflowStartOptions,
};
use temporalio_macros::{activities, workflow, workflow_methods};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use temporalio_sdk::{ActivityOptions, Runtime, WorkerOptions, WorkflowContext, WorkflowResult};

const ROUNDS_DEFAULT: usize = 5;
const LEADS_DEFAULT: usize = 300;
/// What the issue asks for, of the minimal workflow's rate.
const RATIO_ASKED: f64 = 0.8;

/// The queue of the minimal workflow.
const QUEUE: &str = "minimal";

struct Nothing;

#[activities]
impl Nothing {
    #[activity]
    pub(crate) async fn nothing(_ctx: ActivityContext, _input: ()) -> Result<(), ActivityError> {
        Ok(())
    }
}

/// As many activities as a lead that is found at the second provider.
#[workflow]
#[derive(Default)]
pub(crate) struct Minimal;

#[workflow_methods]
impl Minimal {
    #[run]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, _input: ()) -> WorkflowResult<()> {
        for _ in 0..2 {
            let options = ActivityOptions::start_to_close_timeout(Duration::from_secs(5));
            ctx.execute_activity(Nothing::nothing, (), options).await?;
        }
        Ok(())
    }
}

/// A provider that answers at once.
#[derive(Debug)]
struct AtOnce {
    description: Description,
    has_it: bool,
}

#[async_trait]
impl Provider<PhoneLookup> for AtOnce {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, _ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let number = || Pii::new("+14155550132".to_owned());
        Ok(Answer::new(self.has_it.then(|| FoundPhone {
            raw: number(),
            e164: Some(number()),
            quality: PhoneQuality::Valid,
            read_in: None,
        })))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let number = |name: &str, default| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let rounds = number("GENESY_BENCH_ROUNDS", ROUNDS_DEFAULT);
    let leads = number("GENESY_BENCH_LEADS", LEADS_DEFAULT);
    tokio::runtime::Runtime::new()?.block_on(run(rounds, leads))
}

async fn run(rounds: usize, leads: usize) -> Result<(), Box<dyn Error>> {
    let server = DevServer::start(DevServerOptions::default()).await?;
    let mut client = Client::connect(ClientOptions::new(server.address())).await?;
    client.add_search_attributes().await?;
    let providers = [("a", false), ("b", true)].map(|(id, has_it)| AtOnce {
        description: Description::new(
            ProviderId::new(id).expect("a name"),
            LeadFields::of(&[LeadField::Email]),
            5000,
        ),
        has_it,
    });
    let steps = providers.iter().map(|of| of.description.step(PhoneRule::Valid));
    let plan = Plan::new(steps.collect())?;
    let providers = providers.map(|of| Arc::new(of) as Arc<dyn Provider<PhoneLookup>>);
    let worker = Worker::builder(&client).providers(providers).build()?.start()?;
    let minimal = minimal(server.address()).await?;

    let (mut genesy, mut peer) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // The server becomes slower with the runs that it stores: neither always comes first.
        if round % 2 == 1 {
            peer.push(of_minimal(&minimal, round, leads).await?);
        }
        genesy.push(of_genesy(&client, &plan, round, leads).await?);
        if round % 2 == 0 {
            peer.push(of_minimal(&minimal, round, leads).await?);
        }
    }
    let ratios = genesy.iter().zip(&peer).map(|(genesy, peer)| format!("{:.2}", genesy / peer));
    let ratios = ratios.collect::<Vec<_>>().join(", ");
    let (genesy, peer) = (median(genesy), median(peer));
    println!(
        "| workflows a second, {leads} at a time, medians of {rounds} rounds | measured | asked |"
    );
    println!("|---|---|---|");
    println!("| a minimal workflow with two activities that do nothing | {peer:.1} | |");
    println!(
        "| a lead that is found at the second provider | {genesy:.1} ({:.2} times) | {RATIO_ASKED} times |",
        genesy / peer
    );
    println!("\nround by round: {ratios}");
    worker.shutdown().await?;
    Ok(())
}

/// A client, with a worker of the minimal workflow in a thread of its own, as long as the program runs.
async fn minimal(address: &str) -> Result<temporalio_client::Client, Box<dyn Error>> {
    let connection = ConnectionOptions::new(Url::parse(address)?).build();
    let options = SdkClientOptions::new("default").build();
    let client = temporalio_client::Client::connect(connection, options).await?;
    let of_worker = client.clone();
    thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let core = Runtime::from_current_tokio(Default::default()).expect("the core");
            let options = WorkerOptions::new(QUEUE)
                .register_workflow::<Minimal>()
                .expect("it is registered")
                .register_activities(Nothing)
                .build();
            let worker = temporalio_sdk::Worker::new(&core, of_worker, options);
            worker.expect("a worker").run().await.expect("it runs");
        });
    });
    Ok(client)
}

async fn of_genesy(
    client: &Client,
    plan: &Plan<PhoneLookup>,
    round: usize,
    leads: usize,
) -> Result<f64, Box<dyn Error>> {
    let inputs = LeadInputs::default().with(LeadField::Email, "ada@engines.example");
    let began = Instant::now();
    let runs = (0..leads).map(|lead| {
        let inputs = inputs.clone();
        async move {
            let id = LeadId::new(&format!("{round}-{lead}")).expect("an id");
            client.start_phone(PhoneRequest::new(id.clone(), inputs, plan.clone())).await?;
            client.phone_result(&id).await
        }
    });
    let results = try_join_all(runs).await?;
    assert!(results.iter().all(|result| result.outcome.name() == "found"));
    Ok(leads as f64 / began.elapsed().as_secs_f64())
}

async fn of_minimal(
    client: &temporalio_client::Client,
    round: usize,
    leads: usize,
) -> Result<f64, Box<dyn Error>> {
    let began = Instant::now();
    let runs = (0..leads).map(|lead| async move {
        let options = WorkflowStartOptions::new(QUEUE, format!("minimal-{round}-{lead}")).build();
        let run = client.start_workflow(Minimal::run, (), options).await;
        let run = run.map_err(|error| error.to_string())?;
        let result = run.get_result(WorkflowGetResultOptions::default()).await;
        result.map_err(|error| error.to_string())
    });
    try_join_all(runs).await?;
    Ok(leads as f64 / began.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
