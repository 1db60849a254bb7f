//! Workers that are killed, and servers: nothing is lost, and nobody who answered is asked again.

mod rig;

use std::time::Duration;

use futures::future::join_all;
use genesy_core::waterfall::{
    AttemptResult, Budget, LeadField, LeadInputs, PhoneLookup, Plan, default_phone_plan,
};
use genesy_providers::simulated::{Keys, Options, SimulatedProvider, Simulation};
use genesy_temporal::client::{Client, ClientOptions, PhoneRequest};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::worker::Worker;
use rig::{Process, lead};

/// The leads of the process that is both client and worker.
const BOTH_LEADS: u32 = 40;
/// The server and the providers of a worker in a process of its own.
const SERVER: &str = "GENESY_TEST_SERVER";
const PROVIDERS: &str = "GENESY_TEST_PROVIDERS";

/// A worker in a process of its own, so that it can be killed. This is no test, and is run by tests alone.
#[test]
#[ignore = "it is the worker of other tests"]
fn worker_process() {
    be_a_worker(async |_| {});
}

/// Runs a worker until the process is killed, and does something with its client meanwhile.
fn be_a_worker(what: impl AsyncFnOnce(Client)) {
    let told = |name: &str| std::env::var(name).expect("it is run by other tests");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = Client::connect(ClientOptions::new(told(SERVER))).await.expect("a client");
        let providers = Simulation::providers_at(&told(PROVIDERS), &Keys::default(), None);
        let worker = Worker::builder(&client).providers(providers).build().expect("a worker");
        let mut worker = worker.start().expect("it starts");
        what(client).await;
        worker.ended().await.expect("it goes on until it is killed");
    });
}

fn start_worker(server: &str, base_url: &str) -> Process {
    Process::start("worker_process", [(SERVER, server), (PROVIDERS, base_url)])
}

/// One process that begins runs and runs them: the server gives it their first tasks with the answers. This is
/// no test either.
#[test]
#[ignore = "it is the process of another test"]
fn client_and_worker_process() {
    be_a_worker(async |client| {
        let starts = leads(BOTH_LEADS).map(|(id, inputs)| {
            let (client, request) = (client.clone(), PhoneRequest::new(id, inputs, plan()));
            async move { client.start_phone(request).await.expect("started") }
        });
        join_all(starts).await;
    });
}

fn leads(number: u32) -> impl Iterator<Item = (genesy_providers::driver::LeadId, LeadInputs)> {
    (0..number).map(|row| {
        let name = char::from(b'a' + (row % 26) as u8);
        let inputs = LeadInputs::default()
            .with(LeadField::FullName, &format!("Ada {name}{row}"))
            .with(LeadField::CompanyWebsite, "engines.example")
            .with(LeadField::Email, &format!("ada.{name}{row}@engines.example"))
            .with(LeadField::JobTitle, "Analyst");
        (lead(&row.to_string()), inputs)
    })
}

/// The default plan with waits that a test has time for, and a budget that a killed worker does not use up.
fn plan() -> Plan<PhoneLookup> {
    let mut steps = default_phone_plan().steps().to_vec();
    for step in &mut steps {
        step.retry.first_delay_ms = 50;
        step.timeout_ms = 1000;
    }
    let budget = Budget { total_ms: 600_000, cost_micros: None };
    Plan::new(steps).and_then(|plan| plan.within(budget)).expect("a plan")
}

/// How often the ledgers say that a provider was asked, by its place in the plan: certainly, and at most.
#[derive(Debug, Default)]
struct Asked {
    surely: [u64; 3],
    lost: [u64; 3],
}

impl Asked {
    /// What the results of the first leads say. Nobody who answered is asked again.
    async fn of(client: &Client, count: u32) -> Self {
        let mut asked = Self::default();
        for (id, _) in leads(count) {
            let result = client.phone_result(&id).await.expect("a result");
            let answers = |step: u8| {
                let of_step = result.ledger.iter().filter(|of| of.step == step);
                of_step.filter(|of| of.result.is_answer()).count()
            };
            assert!((0..3).all(|step| answers(step) <= 1), "nobody who answered is asked again");
            for attempt in &result.ledger {
                assert!(attempt.attempt <= 3);
                match attempt.result {
                    AttemptResult::Interrupted => asked.lost[usize::from(attempt.step)] += 1,
                    _ => asked.surely[usize::from(attempt.step)] += 1,
                }
            }
        }
        asked
    }

    /// The providers count their requests themselves. An attempt that was lost may have reached one, or not.
    fn compare(&self, requests: [u64; 3]) {
        for (step, requests) in requests.into_iter().enumerate() {
            let (surely, lost) = (self.surely[step], self.lost[step]);
            assert!((surely..=surely + lost).contains(&requests), "{step}: {requests}");
        }
    }
}

/// `GENESY_CRASH_LEADS=5000 cargo test -p genesy-temporal --test crash killed_and -- --nocapture` for as many.
fn leads_wanted() -> u32 {
    std::env::var("GENESY_CRASH_LEADS").map_or(40, |leads| leads.parse().expect("a number"))
}

#[test]
fn a_worker_is_killed_and_another_one_goes_on() {
    const KILLS: u64 = 8;
    let count = leads_wanted();
    let time_max = Duration::from_secs(120) + Duration::from_secs(1) * count / 2;
    rig::with_server_for(time_max, DevServerOptions::default(), async move |server| {
        let client = rig::client(&server).await;
        let simulation = Simulation::start(Options { time_scale: 0.05, ..Options::default() });
        let simulation = simulation.await.expect("providers");
        let mut worker = start_worker(server.address(), simulation.base_url());
        let starter = client.clone();
        let starting = tokio::spawn(async move {
            for (id, inputs) in leads(count) {
                let request = PhoneRequest::new(id, inputs, plan());
                starter.start_phone(request).await.expect("started");
            }
        });
        let requests = || SimulatedProvider::ALL.map(|who| simulation.requests(who));
        // At moments that nothing of the runs determines, all through the first provider's requests.
        for kill_at in 1..=KILLS {
            let jitter = u64::from(std::process::id()) * kill_at % 5;
            let due = u64::from(count) * kill_at / (KILLS + 2) + jitter;
            rig::until(|| requests()[0] >= due).await;
            worker.kill();
            worker = start_worker(server.address(), simulation.base_url());
        }
        starting.await.expect("all are started");
        let asked = Asked::of(&client, count).await;
        println!("{:?} requests, {asked:?}", requests());
        asked.compare(requests());
        worker.kill();
    });
}

/// What it was given with the answers to its starts goes to another worker.
#[test]
fn a_process_that_is_client_and_worker_is_killed_and_its_runs_go_on() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let simulation = Simulation::start(Options { time_scale: 0.05, ..Options::default() });
        let simulation = simulation.await.expect("providers");
        let variables = [(SERVER, server.address()), (PROVIDERS, simulation.base_url())];
        let process = Process::start("client_and_worker_process", variables);
        let requests = || SimulatedProvider::ALL.map(|who| simulation.requests(who));
        rig::until(|| requests()[0] >= 5).await;
        process.kill();
        let client = rig::client(&server).await;
        let worker = rig::worker(
            &client,
            Simulation::providers_at(simulation.base_url(), &Keys::default(), None),
        );
        for (id, inputs) in leads(BOTH_LEADS) {
            // Those that were begun are joined.
            let request = PhoneRequest::new(id, inputs, plan());
            client.start_phone(request).await.expect("started");
        }
        Asked::of(&client, BOTH_LEADS).await.compare(requests());
        worker.shutdown().await.expect("it ends");
    });
}

#[test]
fn a_server_is_killed_and_goes_on_from_its_file() {
    const LEADS: u32 = 10;
    let folder = tempfile::tempdir().expect("a folder");
    let options = DevServerOptions::default();
    let database = Some(folder.path().join("temporal.db"));
    let mut at = options.clone();
    at.database = database;
    at.port = Some(rig::free_port());
    rig::with_server(at.clone(), async |server| {
        let client = rig::client(&server).await;
        let simulation = Simulation::start(Options { time_scale: 0.1, ..Options::default() });
        let simulation = simulation.await.expect("providers");
        let worker = start_worker(server.address(), simulation.base_url());
        for (id, inputs) in leads(LEADS) {
            let request = PhoneRequest::new(id, inputs, plan());
            client.start_phone(request).await.expect("started");
        }
        rig::until(|| simulation.requests(SimulatedProvider::OrionConnect) >= 3).await;
        server.kill().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let server =
            genesy_temporal::dev_server::DevServer::start(at).await.expect("it starts again");
        let client = rig::client(&server).await;
        for (id, _) in leads(LEADS) {
            let result = client.phone_result(&id).await.expect("a result");
            let mut steps: Vec<_> =
                result.ledger.iter().filter(|of| of.result.is_answer()).map(|of| of.step).collect();
            let all = steps.len();
            steps.dedup();
            assert_eq!(steps.len(), all, "nobody who answered is asked again: {result:?}");
        }
        worker.kill();
    });
}
