//! The figures of a store with many leads. It takes a while, so it runs when it is asked for:
//! `GENESY_HTTP_ROWS=1000000 cargo test --release -p genesy-http --test figures -- --ignored --nocapture`.

mod server;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
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

/// The line of `/proc/self/status` of a name, in MiB; 0 where there is none.
fn memory_mib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The values at a half, at 99 of 100, and the greatest, in milliseconds.
fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last());
    let ms = |time: Option<&Duration>| time.map_or(0.0, Duration::as_secs_f64) * 1000.0;
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms ({} calls)",
        ms(at(0.5)),
        ms(at(0.99)),
        ms(times.last()),
        times.len()
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a while: see the head of the file"]
async fn many_leads() {
    let rows = std::env::var("GENESY_HTTP_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: u64 = rows.unwrap_or(100_000);
    let mut settings = genesy_http::config::Settings::default();
    settings.limits.requests_per_s = u32::MAX;
    settings.limits.requests_burst = u32::MAX;
    let server = Arc::new(Server::start_with(settings));
    let file = server.path().join("leads.csv");
    let bytes = write_file(&file, rows);
    println!(
        "file: {rows} rows, {} MB; memory before: {} MiB",
        bytes / 1_000_000,
        memory_mib("VmRSS")
    );

    let begun = Instant::now();
    let body =
        tokio_util::io::ReaderStream::new(tokio::fs::File::open(&file).await.expect("the file"));
    let id =
        server.upload(Body::from_stream(body)).await.is(201).json()["id"].as_i64().expect("an id");
    println!("upload: {:.2} s", begun.elapsed().as_secs_f64());

    let begun = Instant::now();
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
        "import: {took:.2} s, {:.0} rows a second, {} new",
        rows as f64 / took,
        import["leads_new"]
    );
    println!("meanwhile, reads: {}", percentiles(reads));
    println!("meanwhile, writes: {}", percentiles(writes));
    println!("memory, greatest: {} MiB", memory_mib("VmHWM"));

    let begun = Instant::now();
    let last = server.get("/v1/leads?order=desc&limit=1").await.is(200).json()["items"][0].clone();
    let address = last["email"].as_str().unwrap_or_default().replace('@', "%20");
    loop {
        let found = server.get(&format!("/v1/leads?q={address}")).await.is(200).json();
        if found["items"][0]["id"] == last["id"] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("search knows all: {:.1} s behind the import", begun.elapsed().as_secs_f64());
    lists(&server, rows).await;
    println!("memory, greatest: {} MiB, now {} MiB", memory_mib("VmHWM"), memory_mib("VmRSS"));
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
async fn lists(server: &Server, rows: u64) {
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
        "sort=updated&order=desc".to_owned(),
        format!("sort=country&offset={middle}"),
        "q=garcia".to_owned(),
        "q=garcia%20ltd&country=ES".to_owned(),
        "q=p4%20kow&sort=name".to_owned(),
        "q=company99&sort=email&order=desc".to_owned(),
        "q=k".to_owned(),
    ] {
        let mut times = Vec::new();
        for _ in 0..40 {
            let begun = Instant::now();
            server.get(&format!("/v1/leads?{query}")).await.is(200);
            times.push(begun.elapsed());
        }
        println!("list {query}: {}", percentiles(times.clone()));
        all.extend(times);
    }
    for query in ["country=ES", "q=garcia"] {
        let begun = Instant::now();
        let count = server.get(&format!("/v1/leads/count?{query}")).await.is(200).json();
        println!("count {query}: {count} in {:.1} ms", begun.elapsed().as_secs_f64() * 1000.0);
    }
    println!("all lists: {}", percentiles(all));
}
