//! Leads: lists, one by one, changes.

pub(super) mod answer;
mod change;
mod detail;
mod export;
mod query;
mod remove;

use std::sync::Arc;

use axum::extract::State;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answer::{ColumnNames, Lead};
use self::query::{Ids, LeadQuery, LeadSearch, Paging};
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::{self, Page, PageRequest};
use crate::store::leads::LeadRow;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(count, count_by_body))
        .routes(routes!(search))
        .merge(export::routes())
        .merge(remove::routes())
        .routes(routes!(detail::find, change::change, remove::remove))
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
    count: usize,
}

/// Lists leads.
#[utoipa::path(
    get, path = "/v1/leads", tag = "leads", params(Paging, Ids, LeadFilter),
    responses(
        (status = 200, description = "a page of leads", body = LeadPage),
    )
)]
async fn list(State(state): State<AppState>, query: LeadQuery) -> Result<Json<LeadPage>, Problem> {
    page(&state, query).await
}

/// Lists leads by a request whose address says nothing of whom is searched.
#[utoipa::path(
    post, path = "/v1/leads/search", tag = "leads", request_body = LeadSearch,
    responses(
        (status = 200, description = "a page of leads", body = LeadPage),
        (status = 422, description = "a field is not valid", body = Problem),
    )
)]
async fn search(
    State(state): State<AppState>,
    Json(search): Json<LeadSearch>,
) -> Result<Json<LeadPage>, Problem> {
    page(&state, search.try_into()?).await
}

async fn page(state: &AppState, query: LeadQuery) -> Result<Json<LeadPage>, Problem> {
    let catalog = Arc::clone(state.store().catalog());
    let read = move |store: &Connection| {
        let page = match &query.ids {
            Some(ids) => Some(Page { leads: LeadRow::all(store, ids)?, ..Page::default() }),
            None => lead_pages::page(store, &catalog, &query.into())?,
        };
        let Some(page) = page else { return Ok(None) };
        let names = ColumnNames::read(store, &page.leads)?;
        Ok(Some((page, names)))
    };
    let Some((page, names)) = state.store().read(read).await? else {
        let why = "the lead that the page begins behind was deleted: begin with the first page";
        return Err(Problem::invalid("cursor", why));
    };
    let next_cursor = page.last.map(|last| last.to_string()).filter(|_| page.has_more);
    let items = page.leads.into_iter().map(|lead| Lead::new(lead, &names)).collect();
    Ok(Json(LeadPage { items, next_cursor }))
}

/// Counts leads.
#[utoipa::path(
    get, path = "/v1/leads/count", tag = "leads", params(Ids, LeadFilter),
    responses(
        (status = 200, description = "how many leads match", body = LeadCount),
    )
)]
async fn count(
    State(state): State<AppState>,
    query: LeadQuery,
) -> Result<Json<LeadCount>, Problem> {
    let Some(ids) = query.ids else { return count_of(&state, query.filter).await };
    let read = move |store: &Connection| Ok(LeadRow::all(store, &ids)?.len());
    Ok(Json(LeadCount { count: state.store().read(read).await? }))
}

/// Counts leads by a request whose address says nothing of whom is searched.
#[utoipa::path(
    post, path = "/v1/leads/count", tag = "leads", request_body = LeadFilter,
    responses(
        (status = 200, description = "how many leads match", body = LeadCount),
        (status = 422, description = "a field is not valid", body = Problem),
    )
)]
async fn count_by_body(
    State(state): State<AppState>,
    Json(filter): Json<LeadFilter>,
) -> Result<Json<LeadCount>, Problem> {
    filter.check().map_err(|(name, why)| Problem::invalid(name, why))?;
    count_of(&state, filter).await
}

async fn count_of(state: &AppState, filter: LeadFilter) -> Result<Json<LeadCount>, Problem> {
    let catalog = Arc::clone(state.store().catalog());
    let count = state.store().read(move |_| catalog.count(&filter)).await?;
    Ok(Json(LeadCount { count }))
}

impl From<LeadQuery> for PageRequest {
    fn from(query: LeadQuery) -> Self {
        Self {
            filter: query.filter,
            sort: query.sort,
            is_descending: query.is_descending,
            after: query.after,
            offset: query.offset,
            limit: query.limit,
        }
    }
}
