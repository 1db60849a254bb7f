//! Metrics, in the text format of Prometheus (0.0.4).
//!
//! Labels are routes, states and names of providers: few, and none of them personal.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper bounds of the buckets of times, in seconds.
const BUCKETS_S: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Series of a metric at most; what comes behind them is not counted.
const SERIES_MAX: usize = 2048;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counter {
    /// Requests, by method, route and status.
    Requests,
    /// Runs that ended, by kind and outcome.
    Runs,
    /// Calls of providers that ended, by provider and result.
    ProviderCalls,
}

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Requests until their answer began, by route.
    Requests,
    /// Calls of providers, by provider.
    ProviderCalls,
}

/// What goes up and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gauge {
    /// Connections that are open.
    Connections,
}

impl Counter {
    #[cfg(test)]
    const ALL: [Self; 3] = [Self::Requests, Self::Runs, Self::ProviderCalls];

    const fn about(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Requests => (
                "genesy_http_requests_total",
                "Requests that were answered.",
                &["method", "route", "status"],
            ),
            Self::Runs => ("genesy_runs_total", "Runs that ended.", &["kind", "outcome"]),
            Self::ProviderCalls => (
                "genesy_provider_calls_total",
                "Calls of providers that ended.",
                &["provider", "result"],
            ),
        }
    }
}

impl Timer {
    #[cfg(test)]
    const ALL: [Self; 2] = [Self::Requests, Self::ProviderCalls];

    const fn about(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::Requests => (
                "genesy_http_request_duration_seconds",
                "Time until the answer of a request began.",
                &["route"],
            ),
            Self::ProviderCalls => (
                "genesy_provider_call_duration_seconds",
                "Time that calls of providers took.",
                &["provider"],
            ),
        }
    }
}

impl Gauge {
    const ALL: [Self; 1] = [Self::Connections];

    const fn about(self) -> (&'static str, &'static str) {
        match self {
            Self::Connections => ("genesy_http_connections", "Connections that are open."),
        }
    }
}

type Labels = Vec<String>;

/// All metrics of a server.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    counters: Mutex<BTreeMap<Counter, BTreeMap<Labels, u64>>>,
    timers: Mutex<BTreeMap<Timer, BTreeMap<Labels, Times>>>,
    gauges: [AtomicI64; Gauge::ALL.len()],
}

#[derive(Debug, Default)]
struct Times {
    /// For each bucket what is in it alone; the last one is that of what is longer.
    counts: [u64; BUCKETS_S.len() + 1],
    sum_s: f64,
}

impl Metrics {
    /// Counts one. The labels are in the order in which the counter names them.
    pub(crate) fn count(&self, counter: Counter, labels: &[&str]) {
        self.count_some(counter, labels, 1);
    }

    /// Counts so many.
    pub(crate) fn count_some(&self, counter: Counter, labels: &[&str], many: u64) {
        let mut counters = lock(&self.counters);
        if let Some(count) = series(counters.entry(counter).or_default(), labels) {
            *count += many;
        }
    }

    /// Counts a time. The labels are in the order in which the timer names them.
    pub(crate) fn time(&self, timer: Timer, labels: &[&str], took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS_S.partition_point(|bound| *bound < seconds);
        let mut timers = lock(&self.timers);
        if let Some(times) = series(timers.entry(timer).or_default(), labels) {
            times.counts[bucket] += 1;
            times.sum_s += seconds;
        }
    }

    /// Moves a gauge.
    pub(crate) fn add(&self, gauge: Gauge, change: i64) {
        self.gauges[gauge as usize].fetch_add(change, Ordering::Relaxed);
    }

    /// All of them as text.
    pub(crate) fn text(&self) -> String {
        let mut text = Text::default();
        for (counter, of) in &*lock(&self.counters) {
            let (name, help, labels) = counter.about();
            text.head(name, help, "counter");
            for (values, count) in of {
                text.line(name, &pairs(labels, values), count);
            }
        }
        for (timer, of) in &*lock(&self.timers) {
            let (name, help, labels) = timer.about();
            text.head(name, help, "histogram");
            for (values, times) in of {
                text.times(name, &pairs(labels, values), times);
            }
        }
        for gauge in Gauge::ALL {
            let (name, help) = gauge.about();
            text.gauge(name, help, &[], self.gauges[gauge as usize].load(Ordering::Relaxed));
        }
        text.0
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The series of these labels, made if there is a place for it.
fn series<'a, T: Default>(all: &'a mut BTreeMap<Labels, T>, labels: &[&str]) -> Option<&'a mut T> {
    let labels: Labels = labels.iter().map(|label| (*label).to_owned()).collect();
    if all.len() >= SERIES_MAX && !all.contains_key(&labels) {
        return None;
    }
    Some(all.entry(labels).or_default())
}

fn pairs<'a>(names: &[&'a str], values: &'a [String]) -> Vec<(&'a str, &'a str)> {
    names.iter().copied().zip(values.iter().map(String::as_str)).collect()
}

/// Text that grows.
#[derive(Debug, Default)]
pub(crate) struct Text(pub(crate) String);

impl Text {
    /// A metric that is one number, with its head.
    pub(crate) fn gauge(
        &mut self,
        name: &str,
        help: &str,
        labels: &[(&str, &str)],
        value: impl std::fmt::Display,
    ) {
        self.head(name, help, "gauge");
        self.line(name, labels, value);
    }

    /// What comes before the lines of a metric.
    pub(crate) fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A line of a metric.
    pub(crate) fn line(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        value: impl std::fmt::Display,
    ) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let before = if index == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{text}\"");
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn times(&mut self, name: &str, labels: &[(&str, &str)], times: &Times) {
        let bounds = BUCKETS_S.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        let mut until = 0;
        for (bound, count) in bounds.zip(times.counts) {
            until += count;
            let labels = [labels, &[("le", bound.as_str())]].concat();
            self.line(&format!("{name}_bucket"), &labels, until);
        }
        self.line(&format!("{name}_sum"), labels, times.sum_s);
        self.line(&format!("{name}_count"), labels, until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.count(Counter::Requests, &["GET", "/v1/leads/{id}", "200"]);
        metrics.count(Counter::Requests, &["GET", "/v1/leads/{id}", "200"]);
        metrics.count(Counter::Runs, &["phone", "a \"quoted\" one"]);
        metrics.time(Timer::Requests, &["/"], Duration::from_millis(5));
        metrics.time(Timer::Requests, &["/"], Duration::from_secs(60));
        metrics.add(Gauge::Connections, 2);
        let text = metrics.text();
        for line in [
            "# TYPE genesy_http_requests_total counter",
            "genesy_http_requests_total{method=\"GET\",route=\"/v1/leads/{id}\",status=\"200\"} 2",
            "genesy_runs_total{kind=\"phone\",outcome=\"a \\\"quoted\\\" one\"} 1",
            "genesy_http_request_duration_seconds_bucket{route=\"/\",le=\"0.0025\"} 0",
            "genesy_http_request_duration_seconds_bucket{route=\"/\",le=\"0.005\"} 1",
            "genesy_http_request_duration_seconds_bucket{route=\"/\",le=\"10\"} 1",
            "genesy_http_request_duration_seconds_bucket{route=\"/\",le=\"+Inf\"} 2",
            "genesy_http_request_duration_seconds_count{route=\"/\"} 2",
            "genesy_http_connections 2",
        ] {
            assert!(text.lines().any(|of_text| of_text == line), "{line} is not in\n{text}");
        }
        for counter in Counter::ALL {
            assert!(counter.about().0.ends_with("_total"));
        }
        assert!(Timer::ALL.iter().all(|timer| timer.about().0.ends_with("_seconds")));
    }

    #[test]
    fn series_are_bounded() {
        let metrics = Metrics::default();
        for number in 0..SERIES_MAX + 10 {
            metrics.count(Counter::Runs, &["phone", &number.to_string()]);
        }
        let lines =
            metrics.text().lines().filter(|line| line.starts_with("genesy_runs_total{")).count();
        assert_eq!(lines, SERIES_MAX);
    }
}
