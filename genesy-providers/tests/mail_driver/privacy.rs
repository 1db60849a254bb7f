//! No address in what is logged or shown.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use genesy_core::verification::Limits;
use genesy_providers::simulated::mail::{Script, Stage as At, Trick};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::rig::{WIDE, builder, one_host, policy};

/// Writes down all that this project's crates log.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

impl Recorder {
    fn note(&self, visit: impl FnOnce(&mut Written)) {
        let mut written = Written(String::new());
        visit(&mut written);
        writeln!(self.0.lock().unwrap(), "{}", written.0).unwrap();
    }
}

struct Written(String);

impl Visit for Written {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("genesy")
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(|written| span.record(written));
        Id::from_u64(1)
    }
    fn record(&self, _span: &Id, values: &Record<'_>) {
        self.note(|written| values.record(written));
    }
    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}
    fn event(&self, event: &Event<'_>) {
        self.note(|written| event.record(written));
    }
    fn enter(&self, _span: &Id) {}
    fn exit(&self, _span: &Id) {}
}

const LEAD: &str = "lovelace.ada@engines.example";

/// Scripts that bring about a reply that quotes the address, and failures of all kinds.
fn scripts() -> Vec<Script> {
    let known = Script::with_mailboxes([LEAD]);
    vec![
        known.clone().starttls(),
        Script::with_mailboxes(["other@engines.example"]),
        known.clone().trick(At::RcptTo, Trick::Disconnect),
        known.clone().trick(At::RcptTo, Trick::Flood),
        known.clone().refuse(At::RcptTo, "550 5.7.1 <{}>: refused"),
        known.trick(At::RcptTo, Trick::Silence),
    ]
}

#[tokio::test]
async fn nothing_that_is_logged_or_shown_holds_an_address() {
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let limits = Limits { recipient_ms: 100, connect_ms: 60, ..WIDE };
    let mut shown = String::new();
    for script in scripts() {
        let (laboratory, host) = one_host(script);
        let verifier = builder(&laboratory, policy(limits)).build().unwrap();
        let verifying = verifier.start(LEAD);
        write!(shown, "{verifying:?}").unwrap();
        let report = verifying.await.unwrap();
        write!(shown, "{report:?}").unwrap();
        let leads = (0..20).map(|number| format!("{number}.{LEAD}"));
        let all: Vec<_> = verifier.verify_all(stream::iter(leads)).collect().await;
        write!(shown, "{all:?} {host:?} {laboratory:?}").unwrap();
        // The policy is the operator's own, the lead's domain is not.
        let verifier = format!("{verifier:?}").replace("probe@engines.example", "");
        let verifier = verifier.replace("verifier.engines.example", "");
        assert!(!verifier.contains("engines.example"), "{verifier}");
    }
    // A closed port is what is logged most loudly.
    let (laboratory, _host) = one_host(Script::default());
    let verifier = builder(&laboratory, policy(limits)).build().unwrap();
    for number in 0..8 {
        laboratory.black_hole(&format!("d{number}.example")).unwrap();
        verifier.verify(&format!("lovelace@d{number}.example")).await;
    }
    let logged = recorder.0.lock().unwrap().clone();
    assert!(logged.contains("hosts_tried"), "nothing was logged: the recorder does not work");
    assert!(!shown.is_empty());
    for text in [logged, shown] {
        assert!(!text.contains('@') && !text.contains("lovelace"), "{text}");
    }
}
