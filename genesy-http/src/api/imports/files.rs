//! What else an import has: issues, and rejected rows.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::existing;
use super::query::IssueQuery;
use crate::api::limit;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::issues::{self, ImportIssue};

/// Rows that are read from the store at a time.
const ROWS: usize = 500;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_issues)).routes(routes!(rejected))
}

/// A page of issues, in the order of the file.
#[derive(Debug, Serialize, ToSchema)]
struct IssuePage {
    items: Vec<ImportIssue>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

/// Lists the issues of an import, in the order of the file.
#[utoipa::path(
    get, path = "/v1/imports/{id}/issues", tag = "imports",
    params(("id" = i64, Path, description = "the import"), IssueQuery),
    responses(
        (status = 200, description = "a page of issues", body = IssuePage),
        (status = 404, description = "there is no such import", body = Problem),
    )
)]
async fn list_issues(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Query(query): Query<IssueQuery>,
) -> Result<Json<IssuePage>, Problem> {
    let limit = limit(query.limit)?;
    let after = match &query.cursor {
        Some(cursor) => read_cursor(cursor)
            .ok_or_else(|| Problem::invalid("cursor", "expected is the `next_cursor` of a page"))?,
        None => (i64::MIN, 0),
    };
    existing(&state, id).await?;
    let read = move |store: &rusqlite::Connection| {
        issues::page(store, id, query.code.as_deref(), after, limit + 1)
    };
    let mut issues = state.store().read(read).await?;
    let has_more = issues.len() > limit;
    issues.truncate(limit);
    let last = issues.last().map(|((row, rowid), _)| format!("{row}.{rowid}"));
    let items = issues.into_iter().map(|(_, issue)| issue).collect();
    Ok(Json(IssuePage { items, next_cursor: last.filter(|_| has_more) }))
}

fn read_cursor(cursor: &str) -> Option<(i64, i64)> {
    let (row, rowid) = cursor.split_once('.')?;
    Some((row.parse().ok()?, rowid.parse().ok()?))
}

/// Gives the rejected rows as CSV, to be mended and imported again.
#[utoipa::path(
    get, path = "/v1/imports/{id}/rejected.csv", tag = "imports",
    params(("id" = i64, Path, description = "the import")),
    responses(
        (status = 200, description = "the rows with what is wrong with each", body = String, content_type = "text/csv"),
        (status = 404, description = "there is no such import", body = Problem),
    )
)]
async fn rejected(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Problem> {
    existing(&state, id).await?;
    let store = state.store().clone();
    let pieces = stream::try_unfold((store, i64::MIN), move |(store, after)| async move {
        let piece = store.read(move |store| issues::rejected(store, id, after, ROWS)).await?;
        Ok::<_, StoreError>(piece.map(|(last, csv)| (Bytes::from(csv), (store, last))))
    });
    Ok(csv_answer(&format!("rejected-{id}.csv"), Body::from_stream(pieces)))
}

/// A file of CSV that is saved under a name.
pub(in crate::api) fn csv_answer(name: &str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, body).into_response()
}
