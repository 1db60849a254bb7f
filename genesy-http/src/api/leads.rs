//! Leads: lists, one by one, changes.

mod answer;
mod query;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use self::answer::Lead;
use self::query::{LeadQuery, Paging};
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::{self, PageRequest};
use crate::store::leads::LeadRow;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(count)).routes(routes!(find))
}

/// A page of leads.
#[derive(Debug, Serialize, ToSchema)]
struct LeadPage {
    items: Vec<Lead>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

/// How many leads match.
#[derive(Debug, Serialize, ToSchema)]
struct LeadCount {
    count: i64,
    /// False if it is that many at least.
    is_exact: bool,
}

/// Lists leads.
#[utoipa::path(
    get, path = "/v1/leads", tag = "leads", params(Paging, LeadFilter),
    responses(
        (status = 200, description = "a page of leads", body = LeadPage),
        (status = 422, description = "a parameter is not valid", body = Problem),
        (status = 500, description = "the server failed", body = Problem),
    )
)]
async fn list(State(state): State<AppState>, query: LeadQuery) -> Result<Json<LeadPage>, Problem> {
    if let Some(ids) = query.ids {
        let leads = state.store().read(move |store| LeadRow::all(store, &ids)).await?;
        let items = leads.into_iter().map(Lead::from).collect();
        return Ok(Json(LeadPage { items, next_cursor: None }));
    }
    let request = PageRequest {
        filter: query.filter,
        sort: query.sort,
        is_descending: query.is_descending,
        after: query.after,
        offset: query.offset,
        limit: query.limit,
    };
    let page = state.store().read(move |store| lead_pages::page(store, &request)).await?;
    let last = page.leads.last().map(|lead| lead.id.to_string());
    let next_cursor = last.filter(|_| page.has_more);
    Ok(Json(LeadPage { items: page.leads.into_iter().map(Lead::from).collect(), next_cursor }))
}

/// Counts leads.
#[utoipa::path(
    get, path = "/v1/leads/count", tag = "leads", params(LeadFilter),
    responses(
        (status = 200, description = "how many leads match", body = LeadCount),
        (status = 422, description = "a parameter is not valid", body = Problem),
        (status = 500, description = "the server failed", body = Problem),
    )
)]
async fn count(
    State(state): State<AppState>,
    query: LeadQuery,
) -> Result<Json<LeadCount>, Problem> {
    let filter = query.filter;
    let count = state.store().read(move |store| lead_pages::count(store, &filter)).await?;
    Ok(Json(LeadCount { count, is_exact: true }))
}

/// Reads a lead.
#[utoipa::path(
    get, path = "/v1/leads/{id}", tag = "leads", params(("id" = i64, Path, description = "the lead")),
    responses(
        (status = 200, description = "the lead", body = Lead),
        (status = 404, description = "there is no such lead", body = Problem),
        (status = 500, description = "the server failed", body = Problem),
    )
)]
async fn find(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Lead>, Problem> {
    let lead = state.store().read(move |store| LeadRow::find(store, id)).await?;
    let lead = lead.ok_or_else(|| Problem::not_found(&format!("lead {id}")))?;
    Ok(Json(lead.into()))
}
