//! Jobs: what was asked for, and how far it is.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::limit;
use super::paging::ListQuery;
use crate::clock::Time;
use crate::engine::dispatcher::{Dispatcher, Started, Unstarted};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::jobs::{JobRow, JobState, Kind};
use crate::store::runs::RunRow;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(retry_failed))
}

/// What somebody asked for, for one lead or many.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Job {
    id: i64,
    kind: Kind,
    #[schema(inline)]
    state: JobState,
    /// Leads that are run for it.
    leads: u64,
    /// Leads that were asked for and are not run for it.
    skipped: Skipped,
    /// Leads are still added: the numbers grow.
    is_filling: bool,
    counts: Counts,
    /// Runs that end a second, as of late; nothing if none did.
    rate_per_s: Option<f64>,
    /// Seconds until it is done, at that rate; nothing if that is not known.
    eta_s: Option<f64>,
    /// What its runs have cost, in millionths of the currency.
    charged_micros: u64,
    /// What they may have cost on top of it: calls without an answer.
    maybe_charged_micros: u64,
    created_at: Time,
    ended_at: Option<Time>,
}

/// Leads that were asked for and are not run for a job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Skipped {
    /// Under way for another job: they have the same end.
    joined: u64,
    /// They have an answer, and the job does not refresh.
    answered: u64,
    /// They are on the list of those who are never enriched.
    suppressed: u64,
    /// They have no address to verify.
    without_email: u64,
}

/// Runs of a job by how far they are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counts {
    queued: u64,
    running: u64,
    /// Those that ended: by the outcome of the search, or by the verdict.
    #[schema(example = json!({"found": 12, "no_data_found": 3}))]
    by_outcome: BTreeMap<String, u64>,
}

impl Job {
    pub(super) fn of(row: JobRow, dispatcher: &Dispatcher) -> Self {
        let (queued, running) = (row.count("queued"), row.count("running"));
        let is_running = row.state == JobState::Running && row.open() > 0;
        let rate_per_s = dispatcher.rate_per_s(row.id).filter(|_| row.open() > 0);
        let eta_s = rate_per_s.filter(|_| is_running).map(|rate| row.open() as f64 / rate);
        let mut by_outcome = row.counts;
        by_outcome.retain(|name, _| name != "queued" && name != "running");
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            leads: row.leads,
            skipped: Skipped {
                joined: row.joined,
                answered: row.answered,
                suppressed: row.suppressed,
                without_email: row.lacking,
            },
            is_filling: row.filled_to.is_some(),
            counts: Counts { queued, running, by_outcome },
            rate_per_s,
            eta_s,
            charged_micros: row.charged_micros,
            maybe_charged_micros: row.maybe_charged_micros,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

/// Cancels the run of a lead, if it has one under way: `what` is that run in words, as `the search`.
pub(super) async fn cancel_run(
    state: &AppState,
    kind: Kind,
    lead: i64,
    what: &str,
    missing: impl FnOnce() -> Problem,
) -> Result<(), Problem> {
    if state.dispatcher().cancel_lead(kind, lead).await? {
        return Ok(());
    }
    Err(match state.store().read(move |store| RunRow::find(store, kind, lead)).await? {
        Some(_) => Problem::conflict(format!("{what} has ended already")),
        None => missing(),
    })
}

/// The answer to a start.
pub(super) fn started(started: Started, dispatcher: &Dispatcher) -> Result<Response, Problem> {
    match started {
        Started::Job(row) => {
            let location: [(HeaderName, String); 1] =
                [(header::LOCATION, format!("/v1/jobs/{}", row.id))];
            Ok((StatusCode::ACCEPTED, location, Json(Job::of(*row, dispatcher))).into_response())
        }
        Started::Nothing(row) => {
            let counts = [
                (row.answered, "have an answer (ask with refresh to run them again)"),
                (row.suppressed, "are on the list of those who are never enriched"),
                (row.lacking, "have no e-mail address"),
            ];
            let some = counts.iter().filter(|(leads, _)| *leads > 0);
            let reasons: Vec<String> = some.map(|(leads, why)| format!("{leads} {why}")).collect();
            let detail = if reasons.is_empty() {
                "no lead matches: select others".to_owned()
            } else {
                format!("nothing is to be done: of the selected leads, {}", reasons.join(", "))
            };
            Err(Problem::invalid("/selection", detail))
        }
    }
}

fn unstarted(job: i64, error: Unstarted, wanted: &str) -> Problem {
    match error {
        Unstarted::Missing => Problem::not_found(&format!("job {job}")),
        Unstarted::State(state) => {
            Problem::conflict(format!("the job is {}, so it cannot be {wanted}", state.name()))
        }
        Unstarted::Store(error) => error.into(),
    }
}

/// Some jobs, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Jobs {
    items: Vec<Job>,
    /// Where to go on; nothing at the end.
    next_cursor: Option<String>,
}

/// Lists jobs, newest first.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", params(ListQuery),
    responses((status = 200, description = "some jobs", body = Jobs), (status = 422, description = "a parameter is not valid", body = Problem))
)]
async fn list(
    State(state): State<AppState>,
    Query(page): Query<ListQuery>,
) -> Result<Json<Jobs>, Problem> {
    let limit = limit(page.limit)?;
    let mut rows =
        state.store().read(move |store| JobRow::list(store, page.cursor, limit + 1)).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().map(|last| last.id.to_string()).filter(|_| has_more);
    let items = rows.into_iter().map(|row| Job::of(row, state.dispatcher())).collect();
    Ok(Json(Jobs { items, next_cursor: next }))
}

/// Gives a job.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "jobs", params(("id" = i64, Path, description = "the job")),
    responses(
        (status = 200, description = "the job", body = Job),
        (status = 404, description = "there is no such job", body = Problem),
    )
)]
async fn one(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Job>, Problem> {
    let row = state.dispatcher().job(id).await?;
    let row = row.ok_or_else(|| Problem::not_found(&format!("job {id}")))?;
    Ok(Json(Job::of(row, state.dispatcher())))
}

/// Pauses a job: what is under way goes on to its end, and nothing more is begun.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/pause", tag = "jobs", params(("id" = i64, Path, description = "the job")),
    responses(
        (status = 200, description = "the job", body = Job),
        (status = 404, description = "there is no such job", body = Problem),
        (status = 409, description = "it is not running", body = Problem),
    )
)]
async fn pause(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Job>, Problem> {
    let row = state.dispatcher().pause_job(id).await;
    let row = row.map_err(|error| unstarted(id, error, "paused"))?;
    Ok(Json(Job::of(row, state.dispatcher())))
}

/// Goes on with a job that was paused.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/resume", tag = "jobs", params(("id" = i64, Path, description = "the job")),
    responses(
        (status = 200, description = "the job", body = Job),
        (status = 404, description = "there is no such job", body = Problem),
        (status = 409, description = "it is not paused", body = Problem),
    )
)]
async fn resume(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Job>, Problem> {
    let row = state.dispatcher().resume_job(id).await;
    let row = row.map_err(|error| unstarted(id, error, "resumed"))?;
    Ok(Json(Job::of(row, state.dispatcher())))
}

/// Cancels a job: what waits is not begun, and what is under way ends as cancelled.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/cancel", tag = "jobs", params(("id" = i64, Path, description = "the job")),
    responses(
        (status = 200, description = "the job", body = Job),
        (status = 404, description = "there is no such job", body = Problem),
        (status = 409, description = "it has ended", body = Problem),
    )
)]
async fn cancel(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Job>, Problem> {
    let row = state.dispatcher().cancel_job(id).await;
    let row = row.map_err(|error| unstarted(id, error, "cancelled"))?;
    Ok(Json(Job::of(row, state.dispatcher())))
}

/// Begins a new job for those leads of a job that have no answer: inconclusive, unknown, failed or cancelled. Each begins
/// from the first provider, also if that one had answered.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/retry-failed", tag = "jobs", params(("id" = i64, Path, description = "the job")),
    responses(
        (status = 202, description = "the new job", body = Job, headers(("Location" = String, description = "the new job"))),
        (status = 404, description = "there is no such job", body = Problem),
        (status = 409, description = "nobody is set up to be asked", body = Problem),
        (status = 422, description = "all of its leads have an answer, or a parameter is not valid", body = Problem),
    )
)]
async fn retry_failed(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let dispatcher = state.dispatcher();
    let job = dispatcher.job(id).await?.ok_or_else(|| Problem::not_found(&format!("job {id}")))?;
    dispatcher.engine().does(job.kind).map_err(Problem::conflict)?;
    let begun = dispatcher.retry_job(id).await.map_err(|error| unstarted(id, error, "retried"))?;
    if let Started::Nothing(_) = &begun {
        let detail = "no lead of this job is left to be tried again: all have an answer, or another job has them";
        return Err(Problem::invalid("id", detail));
    }
    started(begun, dispatcher)
}
