//! The figures of a store with many leads. It takes a while, so it runs when it is asked for:
//! `GENESY_HTTP_ROWS=1000000 cargo test --release -p genesy-http --test figures -- --ignored --nocapture`.
//! With `GENESY_STRICT=1` it fails when a figure is missed that it shall keep on two cores.

mod server;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use serde_json::json;
use server::Server;

const WORDS: [&str; 16] = [
    "Garcia", "Silva", "Müller", "Rossi", "Smith", "Kowalski", "Nguyen", "Tanaka", "Ivanov",
    "Dubois", "Jensen", "Öztürk", "Haddad", "Okafor", "Kim", "Novak",
];
const COUNTRIES: [&str; 8] =
    ["Spain", "DE", "United States", "France", "Brasil", "GB", "Italien", "Japan"];

/// Calls of each list.
const CALLS: u64 = 40;

/// Writes a file of so many rows; gives its bytes.
fn write_file(path: &Path, rows: u64) -> u64 {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    let mut line = String::from(
        "First name,Last name,Email,Job title,Country,Company,Website,Phone,Years,LinkedIn,Source\n",
    );
    let (mut bytes, mut random) = (0, 0x9E37_79B9_7F4A_7C15_u64);
    for row in 0..=rows {
        file.write_all(line.as_bytes()).expect("a line");
        bytes += line.len() as u64;
        line.clear();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let word = |shift: u32| WORDS[(random >> shift) as usize % WORDS.len()];
        let number = random % 1_000_000;
        let who = row.wrapping_mul(2_654_435_761) % 4_294_967_296;
        writeln!(
            line,
            "{} {},{},p{who}@company{number}.example.com,Head of {},{},{} {} Ltd {number},\
             https://www.company{number}.example.com,+34 6{:08},{},https://www.linkedin.com/in/p{who},webinar",
            word(3), word(9), word(15), word(21), COUNTRIES[(random >> 27) as usize % 8], word(31), word(37),
            number * 37 % 100_000_000, number % 30,
        )
        .expect("a line");
    }
    file.flush().expect("a whole file");
    bytes
}

/// The line of `/proc/PID/status` of a name, in MiB; 0 where there is none.
fn memory_mib(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The time that processors have worked for this process: in hundredths of a second, where it is told.
fn worked() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The values at a half, at 99 of 100, and the greatest, in milliseconds.
struct Percentiles {
    p50: f64,
    p99: f64,
    greatest: f64,
    calls: usize,
}

impl From<Vec<Duration>> for Percentiles {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last());
        let ms = |time: Option<&Duration>| time.map_or(0.0, Duration::as_secs_f64) * 1000.0;
        Self { p50: ms(at(0.5)), p99: ms(at(0.99)), greatest: ms(times.last()), calls: times.len() }
    }
}

impl std::fmt::Display for Percentiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { p50, p99, greatest, calls } = self;
        write!(f, "p50 {p50:.1} ms, p99 {p99:.1} ms, max {greatest:.1} ms ({calls} calls)")
    }
}

/// Figures that were missed.
#[derive(Default)]
struct Figures(Vec<String>);

impl Figures {
    #[expect(clippy::print_stdout, reason = "the figures are what it is for")]
    fn at_most(&mut self, what: &str, value: f64, most: f64) {
        println!("{what}: {value:.1} (at most {most})");
        if value > most {
            self.0.push(format!("{what}: {value:.1} is more than {most}"));
        }
    }

    #[expect(clippy::print_stdout, reason = "the figures are what it is for")]
    fn at_least(&mut self, what: &str, value: f64, least: f64) {
        println!("{what}: {value:.0} (at least {least})");
        if value < least {
            self.0.push(format!("{what}: {value:.0} is less than {least}"));
        }
    }
}

/// Starts the program over a folder: until it answers that it is ready, and the memory that it has then.
fn start_program(folder: &Path) -> (Duration, u64) {
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_genesy-http"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let address = lines.find_map(|line| {
        let line = line.expect("a line");
        line.strip_prefix("Open http://").map(|url| url.trim_end_matches('/').to_owned())
    });
    let address = address.expect("an address");
    let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
        .expect("it is sent");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let took = begun.elapsed();
    std::thread::sleep(Duration::from_secs(1));
    let memory = memory_mib(&child.id().to_string(), "VmRSS");
    child.kill().expect("it is there");
    child.wait().expect("it ends");
    (took, memory)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while: see the head of the file"]
async fn many_leads() {
    let rows = std::env::var("GENESY_HTTP_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: u64 = rows.unwrap_or(100_000);
    let mut settings = genesy_http::config::Settings::default();
    settings.limits.requests_per_s = 1_000_000;
    settings.limits.requests_burst = 1_000_000;
    let mut figures = Figures::default();
    let empty = tempfile::tempdir().expect("a folder");
    start_program(empty.path());
    let (took, memory) = start_program(empty.path());
    figures.at_most("cold start, ms", took.as_secs_f64() * 1000.0, 300.0);
    figures.at_most("idle memory, MiB", memory as f64, 30.0);

    let server = Arc::new(Server::start_with(settings));
    let file = server.path().join("leads.csv");
    let bytes = write_file(&file, rows);
    println!(
        "file: {rows} rows, {} MB; memory before: {} MiB",
        bytes / 1_000_000,
        memory_mib("self", "VmRSS")
    );

    let begun = Instant::now();
    let body =
        tokio_util::io::ReaderStream::new(tokio::fs::File::open(&file).await.expect("the file"));
    let id =
        server.upload(Body::from_stream(body)).await.is(201).json()["id"].as_i64().expect("an id");
    println!("upload: {:.2} s", begun.elapsed().as_secs_f64());

    let (begun, worked_before) = (Instant::now(), worked());
    server.post(&format!("/v1/imports/{id}/commit")).await.is(202);
    let is_over = Arc::new(AtomicBool::new(false));
    let calls = tokio::spawn(call_meanwhile(Arc::clone(&server), id, Arc::clone(&is_over)));
    let import = loop {
        let import = server.get(&format!("/v1/imports/{id}")).await.is(200).json();
        if import["state"] != "importing" {
            break import;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let took = begun.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    let (reads, writes) = calls.await.expect("calls");
    assert_eq!((&import["state"], &import["rows_read"]), (&json!("imported"), &json!(rows)));
    println!(
        "import: {took:.2} s and {:.2} s of processors, {} new",
        (worked() - worked_before) as f64 / 100.0,
        import["leads_new"]
    );
    figures.at_least("import, rows a second", rows as f64 / took, 60_000.0);
    for (what, times) in [("reads", reads), ("writes", writes)] {
        let times = Percentiles::from(times);
        println!("meanwhile, {what}: {times}");
        figures.at_most(&format!("meanwhile, {what}, p99 ms"), times.p99, 50.0);
    }
    let memory = memory_mib("self", "VmHWM");
    figures.at_most("memory of the import, greatest, MiB", memory as f64, 256.0);
    lists(&server, rows, &mut figures).await;
    let memory = memory_mib("self", "VmHWM");
    figures.at_most("memory behind lists, greatest, MiB", memory as f64, 256.0);
    println!("memory now: {} MiB", memory_mib("self", "VmRSS"));

    let server = Arc::into_inner(server).expect("nobody else has it");
    let folder = server.stop().await;
    let (took, memory) = start_program(folder.path());
    println!("start over all leads: {:.2} s, {memory} MiB", took.as_secs_f64());
    if std::env::var("GENESY_STRICT").is_ok_and(|strict| strict == "1") {
        assert!(figures.0.is_empty(), "{:#?}", figures.0);
    }
}

/// Calls the server until the import is over; gives how long reads and writes took.
async fn call_meanwhile(
    server: Arc<Server>,
    import: i64,
    is_over: Arc<AtomicBool>,
) -> (Vec<Duration>, Vec<Duration>) {
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    while !is_over.load(Ordering::Relaxed) {
        for path in ["/v1/leads", "/v1/leads?country=ES&order=desc", "/v1/leads/count?phone=found"]
        {
            let begun = Instant::now();
            server.get(path).await.is(200);
            reads.push(begun.elapsed());
        }
        let begun = Instant::now();
        server.get(&format!("/v1/imports/{import}")).await.is(200);
        reads.push(begun.elapsed());
        let begun = Instant::now();
        let body = json!({"kind": "email", "value": format!("x{}@example.net", writes.len())});
        server.send_json("POST", "/v1/suppressions", body).await.is(201);
        writes.push(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (reads, writes)
}

#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
async fn lists(server: &Server, rows: u64, figures: &mut Figures) {
    let (middle, late) = (rows / 2, (rows * 9 / 10).min(1_000_000));
    let mut all = Vec::new();
    for query in [
        String::new(),
        format!("offset={middle}"),
        "order=desc&country=ES".to_owned(),
        "country=JP&verdict=none&phone=found".to_owned(),
        "sort=name".to_owned(),
        format!("sort=name&offset={late}"),
        "sort=company&order=desc&country=BR".to_owned(),
        "sort=email&verdict=risky".to_owned(),
        format!("sort=email&order=desc&offset={late}"),
        "sort=updated&order=desc".to_owned(),
        format!("sort=country&offset={middle}"),
        "q=garcia".to_owned(),
        "q=garcia%20ltd&country=ES".to_owned(),
        "q=p4%20kow&sort=name".to_owned(),
        "q=company99&sort=email&order=desc".to_owned(),
        "q=k".to_owned(),
        "q=com&sort=company".to_owned(),
        format!("q=k&sort=updated&offset={}", rows / 5),
        "q=nobody%20at%20all".to_owned(),
    ] {
        let (mut times, worked_before) = (Vec::new(), worked());
        for _ in 0..CALLS {
            let begun = Instant::now();
            server.get(&format!("/v1/leads?{query}")).await.is(200);
            times.push(begun.elapsed());
        }
        let worked = (worked() - worked_before) * 10 / CALLS;
        println!("list {query}: {}, {worked} ms of processors", Percentiles::from(times.clone()));
        all.extend(times);
    }
    for query in ["", "country=ES", "q=garcia", "q=k", "q=com"] {
        let (mut times, mut answer, worked_before) = (Vec::new(), String::new(), worked());
        for _ in 0..CALLS {
            let begun = Instant::now();
            answer = server.get(&format!("/v1/leads/count?{query}")).await.is(200).text();
            times.push(begun.elapsed());
        }
        let worked = (worked() - worked_before) * 10 / CALLS;
        let times_of_it = Percentiles::from(times.clone());
        println!("count {query}: {answer} {times_of_it}, {worked} ms of processors");
        all.extend(times);
    }
    let all = Percentiles::from(all);
    println!("all lists and counts: {all}");
    figures.at_most("all lists and counts, p99 ms", all.p99, 30.0);
}
