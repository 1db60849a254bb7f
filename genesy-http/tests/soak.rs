//! The demo under load for a long time: `GENESY_SOAK_MINUTES=30 cargo test --release -p genesy-http --test soak --
//! --ignored --nocapture`. Imports, undoings, searches, verifications, lists, exports and watchers at once; it is stopped
//! once and killed once in the first half. Its memory must not grow in the second, no watcher may miss an event, no
//! line of its log may tell of an error.

mod program;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::program::{Program, ask, integrity};

const MINUTES: u64 = 30;
const WATCHERS: usize = 20;
const ROWS: usize = 2_000;
/// Imports that are there at a time: older ones are undone.
const IMPORTS: usize = 5;
/// What memory may grow by in the second half, beside a tenth.
const GROWTH_KIB_MAX: u64 = 8 * 1024;

/// What all threads know.
struct World {
    /// Where the server is; empty while it is not there.
    address: Mutex<String>,
    is_over: AtomicBool,
    requests: AtomicU64,
    refused: AtomicU64,
}

impl World {
    fn address(&self) -> Option<String> {
        let address = self.address.lock().expect("no panic").clone();
        (!address.is_empty()).then_some(address)
    }

    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    /// Sends a request, and gives the status and the body; nothing if the server is not there.
    fn send(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &str,
    ) -> Option<(u16, String)> {
        let mut stream = ask(&self.address()?, method, path, content_type, body).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8(answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        match status {
            429 => drop(self.refused.fetch_add(1, Ordering::Relaxed)),
            _ => assert!(status < 500 || status == 503, "{method} {path}: {status} {body}"),
        }
        Some((status, body.to_owned()))
    }

    fn json(&self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let (status, body) = self.send(method, path, "application/json", &body.to_string())?;
        (status < 300).then(|| serde_json::from_str(&body).ok()).flatten()
    }

    /// Waits, but not beyond the end.
    fn rest(&self, time: Duration) {
        let until = Instant::now() + time;
        while self.goes_on() && Instant::now() < until {
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Imports files, begins runs for their leads, undoes old ones.
fn work(world: &World) {
    let mut imports = Vec::new();
    for turn in 0.. {
        if !world.goes_on() {
            return;
        }
        let mut file = String::from("Name,Email,Company,Website,Job title,Country\n");
        for row in 0..ROWS {
            let name = turn * ROWS + row;
            writeln!(
                file,
                "Ada Number{name},ada{name}@example.works,Company {name},example.works,CTO,ES"
            )
            .expect("text");
        }
        let uploaded = world.send("POST", "/v1/imports?file_name=soak.csv", "text/csv", &file);
        let id = uploaded
            .and_then(|(_, body)| serde_json::from_str::<Value>(&body).ok()?["id"].as_i64());
        if let Some(id) = id {
            let path = format!("/v1/imports/{id}");
            world.send("POST", &format!("{path}/commit"), "application/json", "");
            for _ in 0..100 {
                world.rest(Duration::from_millis(100));
                if world
                    .json("GET", &path, &Value::Null)
                    .is_some_and(|of| of["state"] == "imported")
                {
                    break;
                }
            }
            imports.push(id);
            let selection = json!({ "selection": { "filter": { "import": id } } });
            world.json("POST", "/v1/phone-lookups", &selection);
            world.json("POST", "/v1/email-verifications", &selection);
        }
        if imports.len() > IMPORTS {
            let id = imports.remove(0);
            world.send("POST", &format!("/v1/imports/{id}/undo"), "application/json", "");
        }
        world.rest(Duration::from_secs(15));
    }
}

/// Lists, searches and takes away what is there.
fn look(world: &World) {
    let paths = [
        "/v1/leads?limit=100",
        "/v1/leads?sort=name&limit=100&offset=500",
        "/v1/leads?q=ada&limit=50",
        "/v1/leads/count?phone=found",
        "/v1/jobs",
        "/v1/providers",
        "/v1/leads/export.csv?phone=found",
        "/metrics",
    ];
    for path in paths.iter().cycle() {
        if !world.goes_on() {
            return;
        }
        world.send("GET", path, "application/json", "");
        world.rest(Duration::from_millis(300));
    }
}

/// Watches until the end, coming back with the number of the last event: the first number, and those that came.
fn watch(world: &World) -> (i64, HashSet<i64>) {
    let (mut first, mut last, mut seen) = (None, None, HashSet::new());
    while world.goes_on() {
        let Some(address) = world.address() else {
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        let path =
            last.map_or("/v1/events".to_owned(), |last: i64| format!("/v1/events?after={last}"));
        let Ok(stream) = ask(&address, "GET", &path, "text/plain", "") else { continue };
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { break };
            assert!(!line.starts_with("event: reset"), "events are not kept");
            if let Some(id) = line.strip_prefix("id: ") {
                last = id.trim().parse().ok();
                first = first.or(last);
            } else if let Some(data) = line.strip_prefix("data: [") {
                let events: Vec<Value> = serde_json::from_str(&format!("[{data}")).expect("JSON");
                seen.extend(events.iter().filter_map(|event| event["seq"].as_i64()));
            }
            if !world.goes_on() {
                break;
            }
        }
    }
    (first.expect("a number"), seen)
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

#[test]
#[ignore = "it takes as long as it is told to"]
fn the_demo_under_load_stays_as_it_is() {
    let minutes =
        std::env::var("GENESY_SOAK_MINUTES").map_or(MINUTES, |of| of.parse().expect("minutes"));
    let whole = Duration::from_secs(minutes * 60);
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let data = folder.path().join("data");
    let start = || {
        let log = File::options().create(true).append(true).open(&log).expect("a log");
        Program::start_with(&data, &["--demo"], log.into())
    };
    let mut program = start();
    let world = Arc::new(World {
        address: Mutex::new(program.address().to_owned()),
        is_over: AtomicBool::new(false),
        requests: AtomicU64::new(0),
        refused: AtomicU64::new(0),
    });
    let spawn = |job: fn(&World)| {
        let world = Arc::clone(&world);
        thread::spawn(move || job(&world))
    };
    let loads = [spawn(work), spawn(look)];
    let watchers: Vec<_> = (0..WATCHERS)
        .map(|_| {
            let world = Arc::clone(&world);
            thread::spawn(move || watch(&world))
        })
        .collect();

    let begun = Instant::now();
    let mut restarts = [whole / 6, whole / 3].into_iter().zip([true, false]).peekable();
    let (mut early, mut late) = (Vec::new(), Vec::new());
    while begun.elapsed() < whole {
        thread::sleep(whole / 240);
        if let Some((_, is_kill)) = restarts.next_if(|(at, _)| begun.elapsed() >= *at) {
            world.address.lock().expect("no panic").clear();
            if is_kill {
                drop(program);
            } else {
                program.stop();
            }
            program = start();
            *world.address.lock().expect("no panic") = program.address().to_owned();
        }
        let (done, kib) =
            (begun.elapsed().as_secs_f64() / whole.as_secs_f64(), program.memory_kib());
        match done {
            0.55..0.7 => early.push(kib),
            0.85..1.0 => late.push(kib),
            _ => {}
        }
        println!(
            "{:>5.1} % {:>7} KiB {:>7} requests",
            done * 100.0,
            kib,
            world.requests.load(Ordering::Relaxed)
        );
    }
    world.is_over.store(true, Ordering::Relaxed);
    for load in loads {
        load.join().expect("no request went wrong");
    }
    program.stop();
    world.address.lock().expect("no panic").clear();
    let seen: Vec<_> =
        watchers.into_iter().map(|of| of.join().expect("no event was lost")).collect();

    assert_eq!(integrity(&data), "ok");
    let store = rusqlite::Connection::open(data.join("genesy.sqlite3")).expect("the store");
    let mut read = store.prepare("SELECT seq FROM events ORDER BY seq").expect("events");
    let kept: Vec<i64> = read
        .query_map([], |row| row.get(0))
        .expect("events")
        .map(|seq| seq.expect("a number"))
        .collect();
    // Each watcher saw all events up to its last.
    for (first, seen) in &seen {
        let last = seen.iter().max().copied().expect("events");
        let missed = kept
            .iter()
            .filter(|seq| (first + 1..=last).contains(seq) && !seen.contains(seq))
            .count();
        assert_eq!(missed, 0, "events that a watcher missed");
        assert!(kept.last().is_some_and(|newest| newest - last < 5_000), "it watched to the end");
    }
    let log = fs::read_to_string(log).expect("the log");
    let errors: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("ERROR") || line.contains("panicked"))
        .take(5)
        .collect();
    let (early, late) = (median(early), median(late));
    println!(
        "{} requests, {} of them too many; {} events; memory {early} KiB, then {late} KiB; {} warnings",
        world.requests.load(Ordering::Relaxed),
        world.refused.load(Ordering::Relaxed),
        kept.len(),
        log.lines().filter(|line| line.contains("WARN")).count(),
    );
    assert!(errors.is_empty(), "{errors:?}");
    assert!(
        late <= early + early / 10 + GROWTH_KIB_MAX,
        "memory grows: {early} KiB, then {late} KiB"
    );
}
