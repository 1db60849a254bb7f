//! Figures, over real sockets: `cargo test --release -p genesy-http --test runs_figures -- --ignored --nocapture`.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use genesy_providers::simulated::Options;
use run_rig::Rig;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const LOOKUPS: &str = "/v1/phone-lookups";

fn micros_now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// Begins to watch. The stream has begun when its head is there: what happens from then on is in it.
async fn begin_to_watch(address: SocketAddr) -> TcpStream {
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(b"GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 200 "));
    connection
}

/// Reads the stream until it ends: the number of the last event of each message, and when it was whole.
async fn watch(mut connection: TcpStream) -> Vec<(i64, u64)> {
    let (mut seen, mut bytes) = (Vec::new(), Vec::with_capacity(256 * 1024));
    let mut scanned = 0_usize;
    loop {
        if connection.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return seen;
        }
        let now = micros_now();
        let mut begun = 0;
        while let Some(end) = find(&bytes[scanned.saturating_sub(1).max(begun)..], b"\n\n") {
            let end = scanned.saturating_sub(1).max(begun) + end;
            let message = &bytes[begun..end];
            if let Some(at) = find(&message[..message.len().min(64)], b"id: ") {
                let digits = message[at + 4..].iter().take_while(|byte| byte.is_ascii_digit());
                let number = digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
                seen.push((number, now));
            }
            begun = end + 2;
            scanned = begun;
        }
        bytes.drain(..begun);
        scanned = bytes.len();
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Latencies in microseconds: of each event at each watcher.
fn latencies(events: &[(i64, u64)], seen: &[(i64, u64)]) -> Vec<u64> {
    let mut message = seen.iter().peekable();
    let mut all = Vec::with_capacity(events.len());
    for (seq, at) in events {
        while message.peek().is_some_and(|(last, _)| last < seq) {
            message.next();
        }
        let (_, arrived) = message.peek().expect("each event arrives");
        all.push(arrived.saturating_sub(*at));
    }
    all
}

fn percentile(sorted: &[u64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100] as f64 / 1e3
}

#[test]
#[ignore = "it measures, and takes a release build and some ten seconds"]
fn two_hundred_watch_a_run_of_five_thousand_leads() {
    let outside = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut rig = outside.block_on(Rig::with(Options { time_scale: 0.1, ..Options::default() }));
    rig.settings.engine.phone_leads_max = 200;
    let server = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let address = server.block_on(async {
        rig.start().await;
        rig.add_leads(0..5_000);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = rig.app();
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    });
    // Those who watch are a thread of their own.
    let (all_watch, told) = mpsc::channel();
    let watching = thread::spawn(move || {
        let watchers = Builder::new_current_thread().enable_all().build().unwrap();
        watchers.block_on(async {
            let begun: JoinSet<_> = (0..200).map(|_| begin_to_watch(address)).collect();
            let begun = begun.join_all().await;
            all_watch.send(()).unwrap();
            begun.into_iter().map(watch).collect::<JoinSet<_>>().join_all().await
        })
    });
    told.recv().unwrap();
    let begun = Instant::now();
    server.block_on(async {
        let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
        loop {
            let (_, job) = rig.get(&format!("/v1/jobs/{job}")).await;
            if !job["ended_at"].is_null() {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "{job}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    });
    let took = begun.elapsed();
    server.block_on(rig.stop());
    let events: Vec<(i64, u64)> = {
        let connection = rig.connection();
        let mut select = connection
            .prepare("SELECT seq, at FROM events WHERE lead_id IS NOT NULL ORDER BY seq")
            .unwrap();
        let rows =
            select.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    };
    drop(rig);
    server.shutdown_timeout(Duration::from_secs(1));
    let seen = watching.join().unwrap();
    assert_eq!(seen.len(), 200);
    let mut all: Vec<u64> = seen.iter().flat_map(|seen| latencies(&events, seen)).collect();
    all.sort_unstable();
    println!(
        "5,000 leads, {} events, 200 watchers, {:.1} s: p50 {:.0} ms, p99 {:.0} ms, at most {:.0} ms",
        events.len(),
        took.as_secs_f64(),
        percentile(&all, 50),
        percentile(&all, 99),
        percentile(&all, 100),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it measures, and takes a release build and some ten seconds"]
async fn a_job_of_a_hundred_thousand_leads_is_begun_and_holds_nobody_up() {
    let mut rig = Rig::with(Options { time_scale: 1.0, ..Options::default() }).await;
    rig.settings.engine.phone_leads_max = 50;
    rig.start().await;
    rig.add_leads(0..100_000);
    let begun = Instant::now();
    let body = json!({"kind": "phone", "selection": {"filter": {}}});
    let (_, forecast) = rig.post("/v1/forecasts", body).await;
    assert_eq!(forecast["eligible"], 100_000);
    println!("forecast of 100,000 leads: {} ms", begun.elapsed().as_millis());
    let one = rig.add_leads(100_000..100_001);
    let app = rig.app();
    let begun = Instant::now();
    let job = rig.begin(LOOKUPS, json!({"selection": {"filter": {}}})).await;
    println!("answer to the start: {} ms", begun.elapsed().as_millis());
    let mut slowest = Duration::ZERO;
    loop {
        let asked = Instant::now();
        let cancel = format!("{LOOKUPS}/{}/cancel", one[0]);
        run_rig::call(&app, "POST", &cancel, Some(json!({}))).await;
        slowest = slowest.max(asked.elapsed());
        let (_, job) = rig.get(&format!("/v1/jobs/{job}")).await;
        if job["is_filling"] == false {
            assert_eq!(job["leads"], 100_001);
            break;
        }
    }
    println!(
        "all queued: {} ms; slowest other write meanwhile: {} ms",
        begun.elapsed().as_millis(),
        slowest.as_millis()
    );
    let begun = Instant::now();
    rig.post(&format!("/v1/jobs/{job}/cancel"), json!({})).await;
    loop {
        let (_, job) = rig.get(&format!("/v1/jobs/{job}")).await;
        if !job["ended_at"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("all cancelled: {} ms", begun.elapsed().as_millis());
    rig.stop().await;
}
