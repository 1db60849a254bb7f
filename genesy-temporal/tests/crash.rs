//! Workers that are killed, and servers: nothing is lost, and nobody who answered is asked again.

mod rig;

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use genesy_core::waterfall::{
    AttemptResult, Budget, LeadField, LeadInputs, PhoneLookup, Plan, default_phone_plan,
};
use genesy_providers::simulated::{Keys, Options, SimulatedProvider, Simulation};
use genesy_temporal::client::{Client, ClientOptions, PhoneRequest};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::worker::Worker;
use rig::lead;

/// The server and the providers of a worker in a process of its own.
const SERVER: &str = "GENESY_TEST_SERVER";
const PROVIDERS: &str = "GENESY_TEST_PROVIDERS";

/// A worker in a process of its own, so that it can be killed. This is no test, and is run by tests alone.
#[test]
#[ignore = "it is the worker of other tests"]
fn worker_process() {
    let (server, base_url) = (std::env::var(SERVER), std::env::var(PROVIDERS));
    let (server, base_url) = (server.expect("a server"), base_url.expect("providers"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = Client::connect(ClientOptions::new(server)).await.expect("a client");
        let providers = Simulation::providers_at(&base_url, &Keys::default(), None);
        let worker = Worker::builder(&client).providers(providers).build().expect("a worker");
        worker.start().expect("it starts").ended().await.expect("it goes on until it is killed");
    });
}

fn start_worker(server: &str, base_url: &str) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "worker_process", "--nocapture"])
        .env(SERVER, server)
        .env(PROVIDERS, base_url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

fn kill(mut worker: Child) {
    worker.kill().expect("it is killed");
    worker.wait().expect("it is gone");
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
            kill(worker);
            worker = start_worker(server.address(), simulation.base_url());
        }
        starting.await.expect("all are started");
        let mut asked = Asked::default();
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
        println!("{:?} requests, {asked:?}", requests());
        for (step, requests) in requests().into_iter().enumerate() {
            // An attempt that was lost may have reached the provider, or not.
            let (surely, lost) = (asked.surely[step], asked.lost[step]);
            assert!((surely..=surely + lost).contains(&requests), "{step}: {requests}");
        }
        kill(worker);
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
        kill(worker);
    });
}
