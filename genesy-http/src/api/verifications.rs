//! Verifications of addresses: begun for one lead or many, watched and cancelled for each.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::jobs::{Job, cancel_run, started};
use super::lookups::check;
use crate::clock::Time;
use crate::engine::dispatcher::{EmailView, words};
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::fill::Source;
use crate::store::jobs::{JobOptions, Kind};
use crate::store::lead_filter::Selection;
use crate::store::runs::RunRow;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(start)).routes(routes!(one)).routes(routes!(cancel))
}

/// Whose address to verify.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartEmails {
    selection: Selection,
    /// Verifies again what has a verdict.
    #[serde(default)]
    refresh: bool,
}

/// How far the verification of a lead's address is.
#[derive(Serialize, ToSchema)]
struct Verification {
    lead: i64,
    job: i64,
    /// `queued`, `running` or `ended`.
    state: String,
    /// The stage, as `greeting`; nothing before it begins and when it has ended.
    stage: Option<String>,
    /// The stage with its host, or what the verdict means, in words.
    words: Option<String>,
    /// When the stage ends at the latest.
    stage_deadline: Option<Time>,
    /// When all ends at the latest, if it neither sleeps nor queues.
    deadline: Option<Time>,
    /// It sleeps until then, as the server wants.
    asleep_until: Option<Time>,
    /// `deliverable`, `undeliverable`, `risky` or `unknown`; nothing if it has not ended, or was cancelled.
    verdict: Option<String>,
    /// The reason of the verdict, as a name.
    reason: Option<String>,
    /// When the server wants to be asked again, if it would say no more yet.
    again_at: Option<Time>,
    /// What the verdict is based on.
    #[schema(value_type = Option<Object>)]
    evidence: Option<genesy_core::verification::Evidence>,
    started_at: Option<Time>,
    /// When it ended.
    at: Option<Time>,
}

impl std::fmt::Debug for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verification").field("lead", &self.lead).finish_non_exhaustive()
    }
}

impl Verification {
    fn of(lead: i64, run: RunRow) -> Self {
        let view = run.result.as_ref().and_then(|view| serde_json::from_str(view.reveal()).ok());
        let EmailView { progress, asleep_until, end } = view.unwrap_or_default();
        let progress = progress.filter(|_| run.state == "running");
        let end = end.filter(|_| run.outcome.as_deref().is_some_and(|of| of != "cancelled"));
        let under_way = progress.as_ref().map(|of| words(of, Time::now().timestamp(), false));
        Self {
            lead,
            job: run.job,
            stage: progress.as_ref().and_then(|of| of.stage).map(|stage| stage.name().to_owned()),
            words: end.as_ref().map(|end| end.words.clone()).or(under_way),
            stage_deadline: progress.as_ref().and_then(|of| of.deadline).map(Time::from),
            deadline: progress.as_ref().map(|of| of.total_deadline.into()),
            asleep_until: asleep_until.filter(|_| progress.is_some()).map(Time::from),
            verdict: end.as_ref().map(|end| end.verdict.clone()),
            reason: end.as_ref().map(|end| end.reason.clone()),
            again_at: end.as_ref().and_then(|end| end.again_at).map(Time::from),
            evidence: end.map(|end| end.evidence),
            state: run.state,
            started_at: run.started_at,
            at: run.ended_at,
        }
    }
}

/// Verifies the addresses of one lead, or many. Those that have a verdict are left out, unless it is a refresh or
/// the verdict is unknown; those that are under way are joined.
#[utoipa::path(
    post, path = "/v1/email-verifications", tag = "addresses", request_body = StartEmails,
    responses(
        (status = 202, description = "the job", body = Job, headers(("Location" = String, description = "the job"))),
        (status = 409, description = "nobody is set up to ask mail servers", body = Problem),
        (status = 422, description = "no lead is left, or the body is not valid", body = Problem),
    )
)]
async fn start(
    State(state): State<AppState>,
    Json(body): Json<StartEmails>,
) -> Result<Response, Problem> {
    check(&body.selection)?;
    let dispatcher = state.dispatcher();
    dispatcher.engine().does(Kind::Email).map_err(Problem::conflict)?;
    let options = JobOptions { refresh: body.refresh, max_leads: None };
    let begun =
        dispatcher.start_job(Kind::Email, Source::Selection(body.selection), options).await?;
    started(begun, dispatcher)
}

/// Gives how far the verification of a lead's address is, or how the last one ended.
#[utoipa::path(
    get, path = "/v1/email-verifications/{lead}", tag = "addresses", params(("lead" = i64, Path, description = "the lead")),
    responses(
        (status = 200, description = "the verification", body = Verification),
        (status = 404, description = "none was begun", body = Problem),
    )
)]
async fn one(
    State(state): State<AppState>,
    Path(lead): Path<i64>,
) -> Result<Json<Verification>, Problem> {
    let run = state.store().read(move |store| RunRow::find(store, Kind::Email, lead)).await?;
    let run = run.ok_or_else(|| missing(lead))?;
    Ok(Json(Verification::of(lead, run)))
}

/// Cancels the verification of a lead's address. What was known before stays.
#[utoipa::path(
    post, path = "/v1/email-verifications/{lead}/cancel", tag = "addresses", params(("lead" = i64, Path, description = "the lead")),
    responses(
        (status = 202, description = "it ends soon", body = Verification),
        (status = 404, description = "none was begun", body = Problem),
        (status = 409, description = "it has ended", body = Problem),
    )
)]
async fn cancel(
    State(state): State<AppState>,
    Path(lead): Path<i64>,
) -> Result<(StatusCode, Json<Verification>), Problem> {
    cancel_run(&state, Kind::Email, lead, "the verification", || missing(lead)).await?;
    Ok((StatusCode::ACCEPTED, one(State(state), Path(lead)).await?))
}

fn missing(lead: i64) -> Problem {
    Problem::not_found(&format!("verification for lead {lead}"))
}
