//! The simulated providers, asked over plain sockets.
#![cfg(feature = "simulated")]

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use genesy_providers::RateLimit;
use genesy_providers::simulated::{
    Fault, Options, RateLimits, RetryAfter, SimulatedProvider, Simulation, behaviour,
};
use serde_json::{Value, json};

use SimulatedProvider::{AstraDialer, NimbusLookup, OrionConnect};

const ADA: &str = r#"{"fullName": "Ada Lovelace", "companyWebsite": "example.com",
    "email": "ada.lovelace@example.com", "jobTitle": "CTO"}"#;
const KEYS: &str = "x-auth-me: mySecretKey123\r\napiKey: 1234jhgf\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_request_shows_in_the_status() {
    let simulation = without_latency().await;
    let status = |method: &str, target: &str, headers: &str, body: &str| {
        let reply = exchange(&simulation, &request(method, target, headers, body)).unwrap();
        reply.status
    };
    let (orion, astra) = ("/api/tmp/orionConnect", "/api/tmp/astraDialer");
    let (nimbus, no_key) = ("/api/tmp/numbusLookup?api=000099998888", "/api/tmp/numbusLookup");
    for (target, expected) in [(orion, 405), (astra, 405), (nimbus, 405), ("/api/tmp/other", 404)] {
        assert_eq!(status("GET", target, KEYS, ""), expected, "{target}");
    }
    for target in
        ["/", "/api/tmp", "/orionConnect", "/api/tmp/nimbusLookup", "/api/tmp/OrionConnect"]
    {
        assert_eq!(status("POST", target, KEYS, ADA), 404, "{target}");
    }
    for (target, headers) in [
        (orion, ""),
        (orion, "x-auth-me: mySecretKey12\r\n"),
        (orion, "apiKey: mySecretKey123\r\n"),
        (astra, ""),
        (astra, "apiKey: 1234\r\n"),
        (no_key, KEYS),
        ("/api/tmp/numbusLookup?api=", KEYS),
        ("/api/tmp/numbusLookup?key=000099998888", KEYS),
    ] {
        assert_eq!(status("POST", target, headers, ADA), 401, "{target} {headers}");
    }
    for (target, body) in [
        (orion, ""),
        (orion, "not json"),
        (orion, "[]"),
        (orion, r#"{"fullName": "Ada Lovelace"}"#),
        (orion, r#"{"fullName": "Ada Lovelace", "companyWebsite": ""}"#),
        (orion, r#"{"fullName": " ", "companyWebsite": "example.com"}"#),
        (astra, "{}"),
        (nimbus, r#"{"email": "ada@example.com"}"#),
        (nimbus, r#"{"jobTitle": "CTO"}"#),
    ] {
        assert_eq!(status("POST", target, KEYS, body), 400, "{target} {body}");
    }
    let long = format!("{{\"email\": \"{}\"}}", "a".repeat(64 * 1024));
    assert_eq!(status("POST", astra, KEYS, &long), 413);
    let target = "/api/tmp/numbusLookup?x=1&api=%300009999888%38";
    assert!([200, 500].contains(&status("POST", target, "", ADA)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_show_whatever_is_asked_until_they_are_over() {
    let simulation = without_latency().await;
    let redirect = Fault::Redirect { to: "http://127.0.0.2:9/".to_owned() };
    let no_header = Fault::Redirect { to: "http://\n/".to_owned() };
    let throttled = |retry_after| Fault::Throttled { retry_after };
    for who in SimulatedProvider::ALL {
        let healthy = ask(&simulation, who, ADA).unwrap();
        for (fault, expected) in [
            (Fault::Error, 500),
            (Fault::Unauthorized, 401),
            (Fault::Forbidden, 403),
            (throttled(RetryAfter::None), 429),
            (throttled(RetryAfter::Seconds(7)), 429),
            (throttled(RetryAfter::Date(90)), 429),
            (redirect.clone(), 307),
            (no_header.clone(), 500),
        ] {
            simulation.set_fault(who, Some(fault.clone()));
            let reply = ask(&simulation, who, "").unwrap();
            assert_eq!(reply.status, expected, "{fault:?}");
            let header = |name| reply.header(name);
            let date = || httpdate::parse_http_date(header("retry-after").unwrap()).unwrap();
            match fault {
                Fault::Throttled { retry_after: RetryAfter::Seconds(_) } => {
                    assert_eq!(header("retry-after"), Some("7"));
                }
                Fault::Throttled { retry_after: RetryAfter::Date(_) } => {
                    let wait = date().duration_since(SystemTime::now()).unwrap().as_secs();
                    assert!((80..=90).contains(&wait), "{wait}");
                }
                _ => assert_eq!(header("retry-after"), None),
            }
            let is_redirect = expected == 307;
            assert_eq!(header("location"), is_redirect.then_some("http://127.0.0.2:9/"));
        }
        simulation.set_fault(who, None);
        // Nothing of all that was counted as asking for Ada.
        if healthy.status == 200 {
            let body = serde_json::from_slice::<Value>(&healthy.body).unwrap();
            let request = serde_json::from_str(ADA).unwrap();
            assert_eq!(behaviour(1, who, &request, 1).body, body);
            let second = behaviour(1, who, &request, 2);
            assert_eq!(ask(&simulation, who, ADA).unwrap().status, second.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_can_be_wrong_in_all_ways() {
    let simulation = without_latency().await;
    for (who, member) in
        [(OrionConnect, "phone"), (AstraDialer, "phoneNmbr"), (NimbusLookup, "number")]
    {
        let ask_with = |fault: Fault| {
            simulation.set_fault(who, Some(fault));
            let reply = ask(&simulation, who, ADA).unwrap();
            assert_eq!(reply.status, 200);
            reply
        };
        let rubbish = ask_with(Fault::Rubbish);
        assert!(serde_json::from_slice::<Value>(&rubbish.body).is_err());
        assert!(std::str::from_utf8(&rubbish.body).is_err());

        let half = ask_with(Fault::HalfAnswer);
        let announced: usize = half.header("content-length").unwrap().parse().unwrap();
        assert_eq!(half.body.len(), announced / 2);

        let wrong = ask_with(Fault::WrongType);
        let wrong: Value = serde_json::from_slice(&wrong.body).unwrap();
        assert!(wrong[member].is_object());

        let huge = ask_with(Fault::Huge);
        assert_eq!(huge.body.len(), 10 << 20);
        let huge: Value = serde_json::from_slice(&huge.body).unwrap();
        assert!(huge[member].is_string() || huge[member].is_number());

        simulation.set_fault(who, Some(Fault::Endless));
        let mut stream = send(&simulation, who, ADA).unwrap();
        let mut read = vec![0; 200_000];
        stream.read_exact(&mut read).expect("there is always more");
        assert!(read.starts_with(b"HTTP/1.1 200") && read.ends_with(b"0"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_can_fail_to_come_or_come_late() {
    let simulation = start(Options { time_scale: 0.001, ..Options::default() }).await;
    simulation.set_fault(OrionConnect, Some(Fault::Down));
    let mut stream = send(&simulation, OrionConnect, ADA).unwrap();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).expect("it is closed in order");
    assert!(read.is_empty());

    simulation.set_fault(OrionConnect, Some(Fault::Silent));
    let mut stream = send(&simulation, OrionConnect, ADA).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let silence = stream.read(&mut [0]).unwrap_err().kind();
    assert!([ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&silence), "{silence:?}");

    simulation.set_fault(OrionConnect, Some(Fault::Slow));
    let begun = Instant::now();
    let reply = ask(&simulation, OrionConnect, ADA).unwrap();
    let expected = behaviour(1, OrionConnect, &serde_json::from_str(ADA).unwrap(), 1);
    assert_eq!(reply.status, expected.status);
    assert!(begun.elapsed() >= expected.latency.mul_f64(0.01), "{:?}", begun.elapsed());
    assert_eq!(simulation.requests(OrionConnect), 3);
    assert_eq!(simulation.requests(AstraDialer), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_of_the_leads_changes_nothing() {
    let lead = |lead: u32| {
        json!({
            "fullName": format!("Ada {lead}"),
            "companyWebsite": "example.com",
            "email": format!("ada.{lead}@example.com"),
            "jobTitle": "CTO",
        })
    };
    let options = || Options { seed: 9, time_scale: 0.0, ..Options::default() };
    let (first, second) = (start(options()).await, start(options()).await);
    let answers = |simulation: &Simulation, leads: &mut dyn Iterator<Item = u32>| {
        let mut answers: Vec<_> = leads
            .flat_map(|number| SimulatedProvider::ALL.map(|who| (number, who)))
            .map(|(number, who)| {
                let replies = [1, 2].map(|nth| {
                    let reply = ask(simulation, who, &lead(number).to_string()).unwrap();
                    let body: Value = serde_json::from_slice(&reply.body).unwrap();
                    let expected = behaviour(9, who, &lead(number), nth);
                    assert_eq!((reply.status, &body), (expected.status, &expected.body));
                    (reply.status, body.to_string())
                });
                (number, who, replies)
            })
            .collect();
        answers.sort();
        answers
    };
    let forwards = answers(&first, &mut (0..40));
    assert_eq!(forwards, answers(&second, &mut (0..40).rev()));
    let statuses =
        |status| forwards.iter().filter(|it| it.2.iter().any(|it| it.0 == status)).count();
    assert!(statuses(200) > 0 && statuses(500) > 0);
    assert_eq!(first.requests(NimbusLookup), 80);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_counted_and_those_at_a_time_as_well() {
    let before = Instant::now();
    let simulation =
        start(Options { keep_arrivals: true, time_scale: 0.0, ..Options::default() }).await;
    simulation.set_fault(NimbusLookup, Some(Fault::Silent));
    let waiting = [(); 3].map(|()| send(&simulation, NimbusLookup, ADA).unwrap());
    until(|| simulation.requests(NimbusLookup) == 3);
    assert_eq!(simulation.running_max(NimbusLookup), 3);
    for _ in 0..2 {
        ask(&simulation, OrionConnect, ADA).unwrap();
    }
    assert_eq!((simulation.requests(OrionConnect), simulation.running_max(OrionConnect)), (2, 1));
    let begun = simulation.begun(NimbusLookup);
    assert!(begun.len() == 3 && begun.is_sorted() && begun[0] > before);
    drop(waiting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_kept() {
    let orion_connect = RateLimit { calls_max: Some(3), per_ms: 60_000, concurrency_max: None };
    let astra_dialer = RateLimit { concurrency_max: Some(1), ..RateLimit::default() };
    let rate_limits = RateLimits { orion_connect, astra_dialer, ..RateLimits::default() };
    let simulation = start(Options { rate_limits, ..Options::default() }).await;
    let bad = |target: &str| exchange(&simulation, &request("POST", target, "", ADA)).unwrap();
    let statuses = [(); 5].map(|()| bad("/api/tmp/orionConnect").status);
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    let wait = bad("/api/tmp/orionConnect").header("retry-after").unwrap().parse::<u64>().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");

    // One is under way for more than a second; when its client goes away, there is room again.
    let waiting = send(&simulation, AstraDialer, ADA).unwrap();
    until(|| simulation.requests(AstraDialer) == 1);
    let reply = bad("/api/tmp/astraDialer");
    assert_eq!((reply.status, reply.header("retry-after")), (429, None));
    drop(waiting);
    until(|| bad("/api/tmp/astraDialer").status == 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_opens_again() {
    let nimbus_lookup = RateLimit { calls_max: Some(1), per_ms: 100, concurrency_max: None };
    let rate_limits = RateLimits { nimbus_lookup, ..RateLimits::default() };
    let simulation = start(Options { rate_limits, time_scale: 0.0, ..Options::default() }).await;
    let is_limited = || ask(&simulation, NimbusLookup, ADA).unwrap().status == 429;
    let begun = Instant::now();
    assert!(!is_limited());
    until(|| !is_limited());
    assert!(begun.elapsed() >= Duration::from_millis(95), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_good_for_many_requests() {
    let simulation = without_latency().await;
    let mut stream = connect(&simulation).unwrap();
    let text =
        request("POST", "/api/tmp/astraDialer", "", "{}").replace("Connection: close\r\n", "");
    for _ in 0..3 {
        stream.write_all(text.as_bytes()).unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"\"}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            read.push(byte[0]);
        }
        assert!(read.starts_with(b"HTTP/1.1 401"));
    }
    assert_eq!(simulation.requests(AstraDialer), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_listens_behind_the_end() {
    for is_dropped in [false, true] {
        let simulation = start(Options::default()).await;
        let address = address(&simulation).to_owned();
        let mut waiting = send(&simulation, OrionConnect, ADA).unwrap();
        until(|| simulation.requests(OrionConnect) == 1);
        if is_dropped {
            drop(simulation);
            until(|| TcpStream::connect(&address).is_err());
        } else {
            simulation.stop().await;
        }
        let refused = TcpStream::connect(&address).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert!(waiting.read(&mut [0]).is_ok_and(|bytes| bytes == 0), "it is cut off");
    }
}

async fn start(options: Options) -> Simulation {
    Simulation::start(options).await.expect("a free port")
}

async fn without_latency() -> Simulation {
    start(Options { time_scale: 0.0, ..Options::default() }).await
}

struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.filter(|header| header.0.eq_ignore_ascii_case(name)).map(|header| header.1).next()
    }
}

/// Asks a provider with its key.
fn ask(simulation: &Simulation, who: SimulatedProvider, body: &str) -> io::Result<Reply> {
    receive(send(simulation, who, body)?)
}

fn send(simulation: &Simulation, who: SimulatedProvider, body: &str) -> io::Result<TcpStream> {
    let target = format!("/api/tmp{}?api=000099998888", who.path());
    let mut stream = connect(simulation)?;
    stream.write_all(request("POST", &target, KEYS, body).as_bytes())?;
    Ok(stream)
}

fn exchange(simulation: &Simulation, request: &str) -> io::Result<Reply> {
    let mut stream = connect(simulation)?;
    stream.write_all(request.as_bytes())?;
    receive(stream)
}

fn request(method: &str, target: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
        {headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn connect(simulation: &Simulation) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address(simulation))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

fn address(simulation: &Simulation) -> &str {
    let url = simulation.base_url();
    url.strip_prefix("http://").and_then(|url| url.strip_suffix("/api/tmp")).expect("a base URL")
}

/// Reads what comes until the connection is closed.
fn receive(mut stream: TcpStream) -> io::Result<Reply> {
    let mut read = Vec::new();
    stream.read_to_end(&mut read)?;
    let end =
        read.windows(4).position(|bytes| bytes == b"\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    let body = read.split_off(end + 4);
    let head = String::from_utf8(read).map_err(io::Error::other)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    Ok(Reply { status: status.ok_or(ErrorKind::InvalidData)?, head, body })
}

/// Waits until something is so, for ten seconds at most.
fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never is");
        std::thread::sleep(Duration::from_millis(1));
    }
}
