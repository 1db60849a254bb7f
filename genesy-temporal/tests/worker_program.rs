//! `genesy-worker`, as a person runs it.
#![cfg(unix)]

#[path = "rig/mail.rs"]
#[expect(dead_code, reason = "other tests need more of it")]
mod mail;
mod raw;
mod rig;

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use genesy_core::verification::Limits;
use genesy_core::waterfall::Outcome;
use genesy_providers::simulated::mail::Script;
use genesy_temporal::client::{Client, ClientOptions, EmailRequest, PhoneRequest};
use genesy_temporal::codec::{Codec, Keys};
use genesy_temporal::dev_server::DevServerOptions;
use genesy_temporal::queues::Queues;
use temporalio_client::tonic::IntoRequest;
use temporalio_client::{Connection, ConnectionOptions, Url};
use temporalio_common::protos::temporal::api::enums::v1::VersioningBehavior;
use temporalio_common::protos::temporal::api::workflowservice::v1::SetWorkerDeploymentCurrentVersionRequest;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};

/// 32 times A.
const CODEC_KEYS: &str = "a:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=";
/// How long the program may take for anything.
const TIME_MAX: Duration = Duration::from_secs(30);

/// The program, without any setting of the environment that the tests run in.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genesy-worker"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// A program that serves, and all that it has logged.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    log: String,
    serving: serde_json::Value,
}

impl Running {
    /// Starts it, and waits until it serves.
    async fn start(command: &mut Command) -> Self {
        command.env("GENESY_LOG_FORMAT", "json");
        let mut child = command.spawn().expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut log = String::new();
        loop {
            let line = tokio::time::timeout(TIME_MAX, lines.next_line()).await;
            let line = line.expect("it says something").expect("a line");
            let line = line.unwrap_or_else(|| panic!("it does not serve: {log}"));
            log.push_str(&line);
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if event["message"] == "serving" {
                return Self { child, lines, log, serving: event };
            }
        }
    }

    fn address(&self, of: &str) -> SocketAddr {
        let address = self.serving[of].as_str().unwrap_or_else(|| panic!("{}", self.serving));
        address.parse().expect("an address")
    }

    async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().await;
        assert!(sent.expect("kill").success());
    }

    async fn end(mut self) -> (ExitStatus, String) {
        let ended = tokio::time::timeout(TIME_MAX, self.child.wait()).await;
        let status = ended.expect("it ends").expect("a status");
        while let Ok(Some(line)) = self.lines.next_line().await {
            self.log.push_str(&line);
        }
        (status, self.log)
    }
}

/// Runs a program that ends by itself. What it says goes to standard error.
async fn fails(command: &mut Command) -> (Option<i32>, String, Duration) {
    let began = Instant::now();
    let output = tokio::time::timeout(TIME_MAX, command.output()).await;
    let output = output.expect("it ends").expect("it starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), began.elapsed())
}

async fn fetch(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("answered");
    response
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("written");
    path
}

fn request(lead: &str) -> PhoneRequest {
    PhoneRequest::new(rig::lead(lead), rig::everything(), rig::plan())
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let config = file(
            "serves.toml",
            &format!(
                "address = {:?}\nqueues = \"of-the-file\"\n\n[providers]\ntime_scale = 0.0\n\n\
                 [observe]\nhealth = \"127.0.0.1:0\"\nmetrics = \"127.0.0.1:0\"\n",
                server.address()
            ),
        );
        let mut command = program();
        command.arg("--simulated").arg("--config").arg(config);
        command.env("GENESY_QUEUES", "of-the-environment").env("GENESY_CODEC_KEYS", CODEC_KEYS);
        let running = Running::start(&mut command).await;
        let health = fetch(running.address("health"), "/health").await;
        assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("ok\n"), "{health}");
        let other = fetch(running.address("health"), "/").await;
        assert!(other.starts_with("HTTP/1.1 404"), "{other}");

        let mut options = ClientOptions::new(server.address());
        options.queues = Queues::new("of-the-environment");
        options.codec = Some(Codec::new(CODEC_KEYS.parse::<Keys>().expect("keys")));
        let client = Client::connect(options).await.expect("a client");
        client.start_phone(request("17")).await.expect("started");
        let result = client.phone_result(&rig::lead("17")).await.expect("a result");
        assert!(!result.ledger.is_empty());
        assert!(!matches!(result.outcome, Outcome::NotEligible), "{result:?}");

        // It is counted when the worker learns that the server has it, which the client may learn before.
        let began = Instant::now();
        let metrics = loop {
            let metrics = fetch(running.address("metrics"), "/metrics").await;
            if metrics.contains("temporal_workflow_completed_total") {
                break metrics;
            }
            assert!(began.elapsed() < TIME_MAX, "{metrics}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(metrics.contains("workflow_type=\"phone_waterfall.v1\""), "{metrics}");
        running.signal("TERM").await;
        let (status, log) = running.end().await;
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(log.contains("\"message\":\"stopped\""), "{log}");
        for personal in ["Ada", "Lovelace", "engines.example", "Analyst", "QUFB"] {
            assert!(!log.contains(personal), "{personal} in {log}");
            assert!(!metrics.contains(personal), "{personal} in {metrics}");
        }
    });
}

#[test]
fn told_twice_it_stops_at_once() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut command = program();
        // A call takes minutes.
        command.args(["--simulated", "--time-scale", "1000", "--health", "127.0.0.1:0"]);
        command.args(["--address", server.address()]);
        let running = Running::start(&mut command).await;
        let client = rig::client(&server).await;
        client.start_phone(request("17")).await.expect("started");
        let began = Instant::now();
        // What no worker has yet would hold nobody up.
        loop {
            let status = client.phone_status(&rig::lead("17")).await.expect("a status");
            if status.pending.iter().any(|of| of.is_taken) {
                break;
            }
            assert!(began.elapsed() < TIME_MAX, "nobody is asked");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        running.signal("INT").await;
        let health = loop {
            let health = fetch(running.address("health"), "/health").await;
            if !health.starts_with("HTTP/1.1 200") {
                break health;
            }
            assert!(began.elapsed() < TIME_MAX, "it does not stop");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(health.starts_with("HTTP/1.1 503") && health.ends_with("stopping\n"), "{health}");
        running.signal("TERM").await;
        let (status, log) = running.end().await;
        assert_eq!(status.code(), Some(130), "{log}");
        assert!(log.contains("told twice"), "{log}");
    });
}

#[test]
fn runs_are_pinned_to_a_build() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let mut command = program();
        command.args(["--simulated", "--time-scale", "0", "--address", server.address()]);
        command.env("GENESY_DEPLOYMENT", "genesy").env("GENESY_BUILD_ID", "one");
        let running = Running::start(&mut command).await;
        let url = Url::parse(server.address()).expect("an address");
        let options = ConnectionOptions::new(url).build();
        let connection = Connection::connect(options).await.expect("a connection");
        let began = Instant::now();
        loop {
            let request = SetWorkerDeploymentCurrentVersionRequest {
                namespace: "default".to_owned(),
                deployment_name: "genesy".to_owned(),
                build_id: "one".to_owned(),
                identity: "test".to_owned(),
                ..SetWorkerDeploymentCurrentVersionRequest::default()
            };
            let mut service = connection.workflow_service();
            let set = service.set_worker_deployment_current_version(request.into_request()).await;
            let Err(status) = set else { break };
            assert!(began.elapsed() < TIME_MAX, "{status:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let client = rig::client(&server).await;
        client.start_phone(request("17")).await.expect("started");
        let result = client.phone_result(&rig::lead("17")).await.expect("a result");
        assert!(!result.ledger.is_empty());
        let described = raw::describe(&server, "phone/17").await;
        let info = described.workflow_execution_info.and_then(|info| info.versioning_info);
        let info = info.expect("it has a version");
        assert_eq!(info.behavior(), VersioningBehavior::Pinned);
        let version = info.deployment_version.expect("it has a version");
        assert_eq!((&*version.deployment_name, &*version.build_id), ("genesy", "one"));
        running.signal("TERM").await;
        assert_eq!(running.end().await.0.code(), Some(0));
    });
}

#[tokio::test]
async fn what_is_wrong_with_the_configuration_is_said() {
    let unknown = file("unknown.toml", "namespace = \"x\"\n\n[worker]\nslots = 7\n");
    let (code, said, _) = fails(program().arg("--config").arg(&unknown)).await;
    assert_eq!(code, Some(2), "{said}");
    let expected = "unknown.toml:4: slots: unknown field `slots`, expected one of `workflows`";
    assert!(said.contains(expected), "{said}");

    let (code, said, _) = fails(program().env("GENESY_CODEC_KEYS", "a:hunter2")).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("GENESY_CODEC_KEYS: line 1: the key is wrong: write 32 bytes"), "{said}");
    // It does not go on without a key.
    let no_text = OsStr::from_bytes(b"/keys/\xff");
    let (code, said, _) = fails(program().env("GENESY_CODEC_KEYS_FILE", no_text)).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("GENESY_CODEC_KEYS_FILE: this is no text in UTF-8"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");

    for (arguments, expected) in [
        (&["--workflow-slots", "0"][..], "worker.workflow_slots is 0: write 1 to 100000"),
        (&["--grace-s", "soon"], "invalid value 'soon'"),
        (&["--tls-key", "key.pem"], "tls.key wants tls.certificate"),
        (&["--tls-server-ca", "none.pem"], "the server's CA in none.pem cannot be read"),
        (&["--address", "localhost"], "is no address of a server"),
        (&["--build-id", "one"], "give worker.deployment with it"),
        (&["--config", "none.toml"], "none.toml cannot be read"),
    ] {
        let (code, said, _) = fails(program().args(arguments)).await;
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn providers_want_their_keys() {
    rig::with_server(DevServerOptions::default(), async |server| {
        for (providers, expected) in [
            ("nimbus_lookup", "the key of nimbus_lookup is missing: set NIMBUS_LOOKUP_KEY to it"),
            ("acme", "there is no provider \"acme\", but orion_connect, astra_dialer"),
        ] {
            let mut command = program();
            command.args(["--address", server.address(), "--providers", providers]);
            let (code, said, _) = fails(&mut command).await;
            assert_eq!(code, Some(2), "{said}");
            assert!(said.contains(expected), "{said}");
        }
    });
}

#[tokio::test]
async fn without_a_server_it_says_so_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = listener.local_addr().expect("an address");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("one");
    for (address, why) in [(nobody, "refused"), (silent, "no answer within 2s")] {
        let mut command = program();
        command.arg("--simulated").env("GENESY_ADDRESS", format!("http://{address}"));
        let (code, said, took) = fails(command.env("GENESY_RPC_TIME_S", "2")).await;
        assert_eq!(code, Some(3), "{said}");
        assert!(
            said.contains(&format!("no Temporal server answers at http://{address}")),
            "{said}"
        );
        assert!(said.contains(why), "{said}");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}

#[test]
fn it_verifies_addresses_where_it_is_told_to() {
    rig::with_server(DevServerOptions::default(), async |server| {
        let (laboratory, _host) = mail::one_host(Script::with_mailboxes([mail::ADA]));
        let mut command = program();
        command.args(["--address", server.address(), "--simulated", "--mail"]);
        command.args(["--name-servers", &laboratory.dns().to_string()]);
        command.args(["--mail-port", &laboratory.smtp_port().to_string()]);
        let running = Running::start(command.args(["--mail-allow", "127.0.0.0/8"])).await;
        let client = rig::client(&server).await;
        for (address, verdict) in [(mail::ADA, "deliverable"), (mail::BOB, "undeliverable")] {
            let policy = mail::policy(Limits::DEFAULT);
            let request = EmailRequest::new(rig::lead(verdict), address, policy);
            client.start_email(request).await.expect("started");
            let result = client.email_result(&rig::lead(verdict)).await.expect("a result");
            assert_eq!(result.outcome.name(), verdict);
        }
        running.signal("TERM").await;
        let (status, log) = running.end().await;
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains("ada@"), "no address is logged");
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let (code, said, _) = fails(program().args(["--mail", "--mail-allow", "everything"])).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("mail.allow: "), "{said}");
    });
}
