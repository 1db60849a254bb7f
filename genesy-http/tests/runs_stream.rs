//! The stream of events: whole and in order, whoever is cut off and comes back.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use futures_util::StreamExt;
use genesy_providers::simulated::Options;
use run_rig::{PATIENCE, Rig};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt;

const LOOKUPS: &str = "/v1/phone-lookups";

/// Somebody who reads the stream.
struct Reader {
    body: BodyDataStream,
    text: String,
}

/// A message of the stream.
#[derive(Debug, Default)]
struct Message {
    id: Option<i64>,
    event: Option<String>,
    data: Option<Value>,
}

impl Reader {
    async fn open(app: &Router, after: Option<i64>) -> Self {
        let request = Request::get("/v1/events").header("host", "localhost");
        let request = match after {
            Some(after) => request.header("last-event-id", after.to_string()),
            None => request,
        };
        let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next message; nothing at the end.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some((text, rest)) = self.text.split_once("\n\n") {
                let mut message = Message::default();
                for line in text.lines() {
                    match line.split_once(": ") {
                        Some(("id", id)) => message.id = id.parse().ok(),
                        Some(("event", event)) => message.event = Some(event.to_owned()),
                        Some(("data", data)) => message.data = serde_json::from_str(data).ok(),
                        _ => {}
                    }
                }
                self.text = rest.to_owned();
                return Some(message);
            }
            let chunk = timeout(PATIENCE, self.body.next()).await.expect("something comes")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    /// The numbers of the events up to one that says that a job is done.
    async fn read_to_end(&mut self, seen: &mut Vec<i64>) {
        loop {
            let message = self.next().await.expect("the stream goes on");
            if add(&message, seen) {
                return;
            }
        }
    }
}

/// Adds the numbers of a message's events, and says whether one tells that a job is done.
fn add(message: &Message, seen: &mut Vec<i64>) -> bool {
    let Some(events) = message.data.as_ref().and_then(Value::as_array) else { return false };
    seen.extend(events.iter().map(|event| event["seq"].as_i64().unwrap()));
    assert_eq!(message.id, seen.last().copied(), "the id is the last event's");
    events.iter().any(|event| event["type"] == "job" && event["state"] == "done")
}

#[tokio::test]
async fn whoever_is_cut_off_again_and_again_sees_each_event_once() {
    let mut rig = Rig::with(Options { time_scale: 0.01, ..Options::default() }).await;
    rig.start().await;
    let leads = rig.add_leads(0..150);
    let mut steady = Reader::open(&rig.app(), None).await;
    let mut cut_off = Reader::open(&rig.app(), None).await;
    let (mut all, mut pieces) = (Vec::new(), Vec::new());
    let at = cut_off.next().await.unwrap().id;
    assert_eq!(at, Some(0), "the first number is there before the first event");
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    loop {
        let mut messages = 0;
        let is_done = loop {
            let message = cut_off.next().await.unwrap();
            messages += 1;
            let is_done = add(&message, &mut pieces);
            if is_done || messages == 3 {
                break is_done;
            }
        };
        if is_done {
            break;
        }
        drop(cut_off);
        cut_off = Reader::open(&rig.app(), pieces.last().copied().or(at)).await;
    }
    steady.read_to_end(&mut all).await;
    rig.ended(job).await;
    let stored: Vec<i64> = {
        let connection = rig.connection();
        // Of the providers' health may be told behind that.
        let up_to = all.last().copied();
        let sql = "SELECT seq FROM events WHERE seq <= ?1 ORDER BY seq";
        let mut select = connection.prepare(sql).unwrap();
        select.query_map([up_to], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(all, stored);
    assert_eq!(pieces, stored);
    rig.stop().await;
    assert!(steady.next().await.is_none(), "it ends when the server stops");
}

#[tokio::test]
async fn whoever_asks_for_what_is_not_kept_is_told_so() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..5);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.ended(job).await;
    rig.connection().execute("DELETE FROM events WHERE seq <= 10", []).unwrap();
    let newest: i64 = rig.value("SELECT max(seq) FROM events");
    for lost in [3, newest + 1, i64::MAX] {
        let mut reader = Reader::open(&rig.app(), Some(lost)).await;
        let reset = reader.next().await.unwrap();
        assert_eq!((reset.event.as_deref(), reset.id), (Some("reset"), Some(newest)), "{lost}");
    }
    let mut reader = Reader::open(&rig.app(), Some(10)).await;
    assert_eq!(reader.next().await.unwrap().event, None);
    let mut seen = Vec::new();
    reader.read_to_end(&mut seen).await;
    assert_eq!(seen.first(), Some(&11));
    let request = Request::get("/v1/events?after=x").header("host", "localhost");
    let response = rig.app().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    rig.stop().await;
}

#[tokio::test]
async fn a_thousand_watch_and_all_see_it() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let mut readers = Vec::new();
    for _ in 0..1_000 {
        let mut reader = Reader::open(&rig.app(), None).await;
        reader.next().await.expect("a first number");
        readers.push(reader);
    }
    let leads = rig.add_leads(0..3);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.ended(job).await;
    for reader in &mut readers {
        let mut seen = Vec::new();
        reader.read_to_end(&mut seen).await;
        assert_eq!(seen.first(), Some(&1));
    }
    rig.stop().await;
}

#[tokio::test]
async fn no_event_tells_of_a_person() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = rig.add_leads(0..20);
    let job = rig.begin(LOOKUPS, json!({"selection": {"leads": leads}})).await;
    rig.ended(job).await;
    let events = rig.events();
    assert!(events.len() > 60);
    let text = serde_json::to_string(&events).unwrap();
    for personal in ["@", "Ada", "ada.", "Number", "engines", "+1", "+4", "+3"] {
        assert!(!text.contains(personal), "{personal}");
    }
    rig.stop().await;
}
