//! Searches of phones: begun for one lead or many, watched and cancelled for each.

use axum::extract::State;
use axum::response::Response;
use genesy_core::pii::Pii;
use genesy_core::waterfall::PhoneQuality;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::jobs::{Job, cancel_run, started};
use crate::clock::Time;
use crate::engine::dispatcher::{PhoneView, StepState};
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::attempts::{self, AttemptRow};
use crate::store::fill::Source;
use crate::store::jobs::{JobOptions, Kind};
use crate::store::lead_filter::Selection;
use crate::store::runs::RunRow;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(start)).routes(routes!(one)).routes(routes!(cancel))
}

/// Whose phone to find.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartPhones {
    selection: Selection,
    /// Searches again for leads that have a phone, or an answer.
    #[serde(default)]
    refresh: bool,
    /// Leads that are run at most.
    #[schema(minimum = 1)]
    max_leads: Option<u64>,
}

/// How far the search of a lead's phone is.
#[derive(Debug, Serialize, ToSchema)]
struct PhoneSearch {
    lead: i64,
    job: i64,
    /// `queued`, `running` or `ended`.
    state: String,
    /// `found`, `no_data_found`, `inconclusive`, `not_eligible`, `cancelled` or `failed`.
    outcome: Option<String>,
    started_at: Option<Time>,
    ended_at: Option<Time>,
    /// What it has cost, in millionths of the currency.
    charged_micros: u64,
    /// What it may have cost on top of it: calls without an answer.
    maybe_charged_micros: u64,
    /// The providers, in the order in which they are asked.
    steps: Vec<Step>,
    phone: Option<Phone>,
}

/// A provider, for one lead.
#[derive(Debug, Serialize, ToSchema)]
struct Step {
    provider: String,
    state: StepState,
    /// Why it is skipped, or what came of it, in words.
    why: Option<String>,
    /// The attempt that was made last, or is made next; 0 before the first.
    attempt: u8,
    attempts_max: u8,
    /// When it is asked again.
    next_attempt_at: Option<Time>,
    attempts: Vec<Attempt>,
}

/// A call of a provider.
#[derive(Debug, Serialize, ToSchema)]
struct Attempt {
    /// Counted from 1.
    attempt: u8,
    at: Time,
    took_ms: u64,
    /// `hit`, `rejected`, `miss`, `failed`, `timed_out`, `throttled` and the like.
    result: String,
    /// The same in words.
    why: String,
    /// `charged`, `free` or `maybe_charged`.
    charge: String,
    /// What is paid if it is, in millionths of the currency.
    cost_micros: u64,
}

/// A phone that was found.
#[derive(Debug, Serialize, ToSchema)]
struct Phone {
    #[schema(value_type = String)]
    number: Pii<String>,
    provider: String,
    /// `unreadable`, `impossible`, `possible`, `valid` or `mobile`.
    #[schema(value_type = String)]
    quality: PhoneQuality,
    confidence_percent: u8,
    at: Time,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            attempt: row.attempt,
            at: row.at,
            took_ms: row.took_us / 1000,
            result: row.result,
            why: row.why,
            charge: row.charge,
            cost_micros: row.cost_micros,
        }
    }
}

impl PhoneSearch {
    fn of(lead: i64, run: RunRow, view: PhoneView, attempts: Vec<AttemptRow>) -> Self {
        let mut steps: Vec<Step> = Vec::with_capacity(view.steps.len());
        for step in view.steps {
            let of_step = attempts.iter().filter(|attempt| attempt.provider == step.provider);
            steps.push(Step {
                attempts: of_step.cloned().map(Attempt::from).collect(),
                provider: step.provider,
                state: step.state,
                why: step.why,
                attempt: step.attempt,
                attempts_max: step.attempts_max,
                next_attempt_at: step.next_attempt_at.map(Time::from),
            });
        }
        let phone = view.found.map(|found| Phone {
            number: found.phone,
            provider: found.provider,
            quality: found.quality,
            confidence_percent: found.confidence_percent,
            at: found.at.into(),
        });
        Self {
            lead,
            job: run.job,
            state: run.state,
            outcome: run.outcome,
            started_at: run.started_at,
            ended_at: run.ended_at,
            charged_micros: run.charged_micros,
            maybe_charged_micros: run.maybe_charged_micros,
            steps,
            phone,
        }
    }
}

/// What is wrong with a selection, if anything is.
pub(super) fn check(selection: &Selection) -> Result<(), Problem> {
    selection.check().map_err(|(at, why)| Problem::invalid(&format!("/selection{at}"), why))
}

/// Searches the phones of one lead, or many. Those that have an answer are left out, unless it is a refresh, and
/// so are those on the list of those who are never enriched; those that are under way are joined.
#[utoipa::path(
    post, path = "/v1/phone-lookups", tag = "phones", request_body = StartPhones,
    responses(
        (status = 202, description = "the job", body = Job, headers(("Location" = String, description = "the job"))),
        (status = 409, description = "no provider is set up", body = Problem),
        (status = 422, description = "no lead is left, or the body is not valid", body = Problem),
    )
)]
async fn start(
    State(state): State<AppState>,
    Json(body): Json<StartPhones>,
) -> Result<Response, Problem> {
    check(&body.selection)?;
    if body.max_leads == Some(0) {
        return Err(Problem::invalid("/max_leads", "expected 1 or more"));
    }
    let dispatcher = state.dispatcher();
    dispatcher.engine().does(Kind::Phone).map_err(Problem::conflict)?;
    let options = JobOptions { refresh: body.refresh, max_leads: body.max_leads };
    let begun =
        dispatcher.start_job(Kind::Phone, Source::Selection(body.selection), options).await?;
    started(begun, dispatcher)
}

/// Gives how far the search of a lead's phone is, or how the last one ended.
#[utoipa::path(
    get, path = "/v1/phone-lookups/{lead}", tag = "phones", params(("lead" = i64, Path, description = "the lead")),
    responses(
        (status = 200, description = "the search", body = PhoneSearch),
        (status = 404, description = "none was begun", body = Problem),
    )
)]
async fn one(
    State(state): State<AppState>,
    Path(lead): Path<i64>,
) -> Result<Json<PhoneSearch>, Problem> {
    let found = state.store().read(move |store| {
        let Some(run) = RunRow::find(store, Kind::Phone, lead)? else { return Ok(None) };
        let attempts = attempts::of_run(store, lead, run.job)?;
        Ok(Some((run, attempts)))
    });
    let Some((run, attempts)) = found.await? else { return Err(missing(lead)) };
    let view = run.result.as_ref().and_then(|view| serde_json::from_str(view.reveal()).ok());
    let view = view.unwrap_or_else(|| match run.outcome.as_deref() {
        None | Some("cancelled") => PhoneView::waiting(state.dispatcher().engine().plan()),
        // It ended long ago, so that its steps are not kept any more.
        Some(_) => PhoneView::default(),
    });
    Ok(Json(PhoneSearch::of(lead, run, view, attempts)))
}

/// Cancels the search of a lead's phone. One that has ended stays as it is.
#[utoipa::path(
    post, path = "/v1/phone-lookups/{lead}/cancel", tag = "phones", params(("lead" = i64, Path, description = "the lead")),
    responses(
        (status = 202, description = "it ends soon", body = PhoneSearch),
        (status = 404, description = "none was begun", body = Problem),
        (status = 409, description = "it has ended", body = Problem),
    )
)]
async fn cancel(
    State(state): State<AppState>,
    Path(lead): Path<i64>,
) -> Result<(axum::http::StatusCode, Json<PhoneSearch>), Problem> {
    cancel_run(&state, Kind::Phone, lead, "the search", || missing(lead)).await?;
    Ok((axum::http::StatusCode::ACCEPTED, one(State(state), Path(lead)).await?))
}

fn missing(lead: i64) -> Problem {
    Problem::not_found(&format!("search of a phone for lead {lead}"))
}
