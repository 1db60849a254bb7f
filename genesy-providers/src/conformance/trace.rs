//! What is traced while the suite runs.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The texts of all events and spans.
#[derive(Debug, Clone, Default)]
pub(super) struct Traced(Arc<Mutex<Vec<String>>>);

impl Traced {
    pub(super) fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn recorder(&self) -> Recorder {
        Recorder { traced: self.clone(), spans: AtomicU64::new(0) }
    }

    /// The text is made before the lock is taken: what it is made of may trace as well.
    fn push(&self, text: Text) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.0);
    }
}

/// A subscriber that wants everything, at every level.
#[derive(Debug)]
pub(super) struct Recorder {
    traced: Traced,
    spans: AtomicU64,
}

/// The fields of an event or a span.
#[derive(Debug)]
struct Text(String);

impl Text {
    fn of(metadata: &Metadata<'_>) -> Self {
        Self(format!("{} {} {}:", metadata.level(), metadata.target(), metadata.name()))
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a text does not fail, and a value whose `Debug` does is shown to nobody.
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = Text::of(span.metadata());
        span.record(&mut text);
        self.traced.push(text);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = Text("later:".to_owned());
        values.record(&mut text);
        self.traced.push(text);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::of(event.metadata());
        event.record(&mut text);
        self.traced.push(text);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
