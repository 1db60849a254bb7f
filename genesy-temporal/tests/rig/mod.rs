//! A server, workers and leads for tests.

#![allow(dead_code, reason = "each test binary takes what it needs")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

pub(crate) mod scripted;

use std::future::Future;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use genesy_core::waterfall::{LeadField, LeadInputs, PhoneLookup, Plan, default_phone_plan};
use genesy_providers::Provider;
use genesy_providers::driver::LeadId;
use genesy_temporal::client::{Client, ClientOptions};
use genesy_temporal::dev_server::{DevServer, DevServerOptions};
use genesy_temporal::worker::Worker;

/// No test takes longer.
const TEST_TIME_MAX: Duration = Duration::from_secs(120);
/// The variable that lets tests be skipped where no server can be had.
const SKIP: &str = "GENESY_TEMPORAL_TESTS";

/// Runs a test that needs a server, unless it is to be skipped.
pub(crate) fn with_server<F, T>(options: DevServerOptions, test: F)
where
    F: FnOnce(DevServer) -> T,
    T: Future<Output = ()>,
{
    with_server_for(TEST_TIME_MAX, options, test);
}

/// The same for one that may take longer.
pub(crate) fn with_server_for<F, T>(time_max: Duration, options: DevServerOptions, test: F)
where
    F: FnOnce(DevServer) -> T,
    T: Future<Output = ()>,
{
    if std::env::var(SKIP).is_ok_and(|value| value == "skip") {
        println!("skipped, since {SKIP}=skip");
        return;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = match DevServer::start(options).await {
            Ok(server) => server,
            Err(error) => panic!("{error}. Or set {SKIP}=skip to do without these tests."),
        };
        tokio::time::timeout(time_max, test(server)).await.expect("it takes too long");
    });
}

pub(crate) async fn client(server: &DevServer) -> Client {
    // A server that listens may say for some moments yet that it is not healthy.
    for _ in 0..100 {
        if let Ok(client) = Client::connect(ClientOptions::new(server.address())).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Client::connect(ClientOptions::new(server.address())).await.expect("a client")
}

pub(crate) fn worker(
    client: &Client,
    providers: Vec<Arc<dyn Provider<PhoneLookup>>>,
) -> genesy_temporal::worker::RunningWorker {
    let worker = Worker::builder(client).providers(providers).build().expect("a worker");
    worker.start().expect("it starts")
}

/// The default plan, with waits of milliseconds.
pub(crate) fn plan() -> Plan<PhoneLookup> {
    let mut steps = default_phone_plan().steps().to_vec();
    for step in &mut steps {
        step.retry.first_delay_ms = 50;
    }
    Plan::new(steps).expect("a plan")
}

pub(crate) fn lead(id: &str) -> LeadId {
    LeadId::new(id).expect("an id")
}

/// A lead that every provider can be asked for.
pub(crate) fn everything() -> LeadInputs {
    LeadInputs::default()
        .with(LeadField::FullName, "Ada Lovelace")
        .with(LeadField::CompanyWebsite, "engines.example")
        .with(LeadField::Email, "ada@engines.example")
        .with(LeadField::JobTitle, "Analyst")
}

/// A process of a test's own that is killed, at the latest when the test ends.
pub(crate) struct Process(Child);

impl Process {
    /// Runs an ignored test of this program, which goes on until it is killed.
    pub(crate) fn start<const N: usize>(test: &str, variables: [(&str, &str); N]) -> Self {
        let child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--ignored", "--exact", test, "--nocapture"])
            .envs(variables)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("it starts"))
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.0.kill().expect("it is killed");
        self.0.wait().expect("it is gone");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It is gone already if all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is so.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0));
    listener.and_then(|of| of.local_addr()).expect("a port").port()
}

/// A client of the SDK itself, for what this crate's client does not do.
pub(crate) async fn raw_client(server: &DevServer) -> temporalio_client::Client {
    use temporalio_client::{ClientOptions, ConnectionOptions, Url};
    let url = Url::parse(server.address()).expect("an address");
    let options = ClientOptions::new("default").build();
    let connected =
        temporalio_client::Client::connect(ConnectionOptions::new(url).build(), options).await;
    connected.expect("a client")
}
