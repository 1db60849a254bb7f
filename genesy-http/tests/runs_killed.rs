//! SIGKILL at random moments of a run: nothing is lost, and nobody is asked again for an answer given. How often it
//! is killed is 4, or what `GENESY_KILLS` says; the moments are those of `GENESY_SEED`, or others each time.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use genesy_providers::simulated::{Keys, Options, SimulatedProvider};
use run_rig::{PATIENCE, Rig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The built-in providers as they are defined, to be asked elsewhere.
const DEFINITIONS: [(&str, &str); 3] = [
    (
        "orion_connect",
        include_str!("../../genesy-providers/src/definition/built_in/orion_connect.toml"),
    ),
    (
        "astra_dialer",
        include_str!("../../genesy-providers/src/definition/built_in/astra_dialer.toml"),
    ),
    (
        "nimbus_lookup",
        include_str!("../../genesy-providers/src/definition/built_in/nimbus_lookup.toml"),
    ),
];

/// Writes the configuration of a server that asks the simulation.
fn configure(rig: &Rig, folder: &Path) -> std::path::PathBuf {
    let (mut ids, mut files) = (Vec::new(), Vec::new());
    for (id, text) in DEFINITIONS {
        let of = |line: &str| match line.split_once(" = ") {
            Some(("id", _)) => format!("id = \"simulated_{id}\""),
            Some(("base_url", _)) => format!("base_url = \"{}\"", rig.simulation.base_url()),
            _ => line.to_owned(),
        };
        let text: Vec<String> = text.lines().map(of).collect();
        let file = folder.join(format!("{id}.toml"));
        fs::write(&file, text.join("\n")).unwrap();
        ids.push(format!("simulated_{id}"));
        files.push(file.to_str().unwrap().to_owned());
    }
    let file = folder.join("genesy.toml");
    let text = format!(
        "[phone]\nproviders = {ids:?}\ndefinitions = {files:?}\n[engine]\nphone_leads_max = 20\n"
    );
    fs::write(&file, text).unwrap();
    file
}

/// The program, killed when it is dropped.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(data: &Path, config: &Path) -> Self {
        let keys = Keys::default();
        let mut child = Command::new(env!("CARGO_BIN_EXE_genesy-http"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .arg("--config")
            .arg(config)
            .env("ORION_CONNECT_KEY", keys.orion_connect)
            .env("ASTRA_DIALER_KEY", keys.astra_dialer)
            .env("NIMBUS_LOOKUP_KEY", keys.nimbus_lookup)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("it says where it listens").unwrap();
            if let Some(url) = line.strip_prefix("Open ") {
                break url.trim_end_matches('/').to_owned();
            }
        };
        // What it prints is read to its end, so that it is never held up.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let place = self.url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(place).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("JSON: {answer}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_it_comes_to_the_same_end() {
    let kills =
        std::env::var("GENESY_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(4);
    let mut rig = Rig::with(Options { time_scale: 0.02, ..Options::default() }).await;
    rig.start().await;
    rig.stop().await;
    let leads = 60 * (kills + 1);
    rig.add_leads(0..leads);
    let folder = tempfile::tempdir().unwrap();
    let config = configure(&rig, folder.path());

    let mut program = Program::start(rig.folder.path(), &config);
    let body = json!({"selection": {"filter": {}}});
    let job = program.ask("POST", "/v1/phone-lookups", &body.to_string()).await;
    let id = job["id"].as_i64().unwrap_or_else(|| panic!("a job: {job}"));
    let requests = |rig: &Rig| {
        SimulatedProvider::ALL.iter().map(|who| rig.simulation.requests(*who)).sum::<u64>()
    };
    let seed = std::env::var("GENESY_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("GENESY_SEED={seed}");
    for kill in 0..kills {
        let random = random(seed.wrapping_add(kill));
        let until = requests(&rig) + 20 + random % 60;
        rig.until("some are asked", |rig| requests(rig) >= until || is_ended(rig, id)).await;
        tokio::time::sleep(Duration::from_micros(random % 5_000)).await;
        drop(program);
        program = Program::start(rig.folder.path(), &config);
    }
    let begun = std::time::Instant::now();
    while !is_ended(&rig, id) {
        assert!(begun.elapsed() < 3 * PATIENCE, "it does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let ended = program.ask("GET", &format!("/v1/jobs/{id}"), "").await;
    drop(program);
    let outcomes: u64 =
        ended["counts"]["by_outcome"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(outcomes, leads, "{ended}");
    rig.assert_counted_once();
    let calls: i64 = rig.value("SELECT count(*) FROM attempts");
    let cut_off: i64 = rig.value("SELECT count(*) FROM attempts WHERE result = 'interrupted'");
    let requests = i64::try_from(requests(&rig)).unwrap();
    assert!(
        (calls - cut_off..=calls).contains(&requests),
        "{calls} calls, {cut_off} cut off, {requests} requests"
    );
    println!(
        "{kills} kills, {leads} leads, {calls} calls of which {cut_off} were cut off, {requests} requests"
    );
}

/// A number that looks like chance (SplitMix64).
const fn random(seed: u64) -> u64 {
    let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn is_ended(rig: &Rig, job: i64) -> bool {
    rig.value(&format!("SELECT ended_at IS NOT NULL FROM jobs WHERE id = {job}"))
}
