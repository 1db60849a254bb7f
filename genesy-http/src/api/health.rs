//! Whether the server lives, whether it can work, and what it counts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::state::AppState;
use crate::telemetry::Text;

/// The text format of Prometheus.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// Whether the process lives
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, description = "it lives")))]
async fn healthz() -> StatusCode {
    StatusCode::OK
}

/// Whether the store can be read, and lists of leads can be made
#[utoipa::path(
    get, path = "/readyz", tag = "server",
    responses(
        (status = 200, description = "it is ready"),
        (status = 503, description = "its leads cannot be read", body = Problem),
    )
)]
async fn readyz(State(state): State<AppState>) -> Result<StatusCode, Problem> {
    let catalog = Arc::clone(state.store().catalog());
    let read = state.store().read(move |store| {
        store.query_row("SELECT 1", [], |_| Ok(()))?;
        catalog.check_orders(store)
    });
    read.await.map(|()| StatusCode::OK).map_err(|_| {
        let (title, why) = ("Not ready", "the store cannot be read: the log says why");
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", title, why)
    })
}

/// What is counted, for Prometheus
///
/// Requests by route and status, their times, runs by outcome, calls of providers, jobs by state, clients
/// that watch, and writes that wait. No label is personal.
#[utoipa::path(
    get, path = "/metrics", tag = "server",
    responses((status = 200, description = "the text format of Prometheus", body = String, content_type = "text/plain"))
)]
async fn metrics(State(state): State<AppState>) -> Result<Response, Problem> {
    let jobs = state.store().read(|store| {
        let mut select =
            store.prepare_cached("SELECT kind, state, count(*) FROM jobs GROUP BY kind, state")?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect::<rusqlite::Result<Vec<(String, String, i64)>>>()
    });
    let jobs = jobs.await?;
    let mut text = Text(state.metrics().text());
    text.head("genesy_jobs", "Jobs, by kind and state.", "gauge");
    for (kind, state, count) in &jobs {
        text.line("genesy_jobs", &[("kind", kind), ("state", state)], count);
    }
    let clients = state.live().watchers();
    text.gauge("genesy_event_clients", "Clients that watch events.", &[], clients);
    let running = state.dispatcher().under_way();
    text.gauge("genesy_runs_running", "Runs under way.", &[], running);
    let waiting = state.store().writes_waiting();
    text.gauge("genesy_store_writes_waiting", "Writes that wait for their turn.", &[], waiting);
    if let Some(bytes) = memory_bytes() {
        text.gauge("process_resident_memory_bytes", "Memory in use.", &[], bytes);
    }
    Ok(([(header::CONTENT_TYPE, METRICS_TYPE)], text.0).into_response())
}

/// The memory that the process has, where the system says so.
fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}
