//! Leads: lists, one by one, changes.

pub(super) mod answer;
mod change;
mod detail;
mod export;
mod query;
mod remove;

use axum::extract::State;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answer::{ColumnNames, Lead};
use self::query::{LeadQuery, Paging};
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::{self, Page, PageRequest};
use crate::store::leads::LeadRow;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(count))
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
    let read = move |store: &Connection| {
        let page = match &query.ids {
            Some(ids) => Page { leads: LeadRow::all(store, ids)?, has_more: false },
            None => lead_pages::page(store, &query.into())?,
        };
        let names = ColumnNames::read(store, &page.leads)?;
        Ok((page, names))
    };
    let (page, names) = state.store().read(read).await?;
    let last = page.leads.last().map(|lead| lead.id.to_string());
    let next_cursor = last.filter(|_| page.has_more);
    let items = page.leads.into_iter().map(|lead| Lead::new(lead, &names)).collect();
    Ok(Json(LeadPage { items, next_cursor }))
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
