//! Leads are deleted, one or many, and people are erased.
//!
//! | limit | value |
//! |---|---|
//! | leads of one transaction | 250 ([`LEADS`]) |

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::detail::no_lead;
use crate::clock::Time;
use crate::erase::{Erased, Person};
use crate::events::Event;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::lead_filter::Selection;

/// Leads that are deleted by one transaction.
const LEADS: usize = 250;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(remove_many)).routes(routes!(erase))
}

/// How many leads were deleted.
#[derive(Debug, Serialize, ToSchema)]
struct Deleted {
    deleted: usize,
}

/// Who is to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EraseBody {
    /// The e-mail address.
    #[schema(value_type = String)]
    email: genesy_core::pii::Pii<String>,
}

/// Deletes a lead.
#[utoipa::path(
    delete, path = "/v1/leads/{id}", tag = "leads", params(("id" = i64, Path, description = "the lead")),
    responses(
        (status = 204, description = "it is deleted"),
        (status = 404, description = "there is no such lead", body = Problem),
    )
)]
pub(super) async fn remove(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    let deleted = state.store().write(move |transaction| delete(transaction, &[id])).await?;
    state.dispatcher().let_go_deleted().await?;
    if deleted == 0 { Err(no_lead(id)) } else { Ok(StatusCode::NO_CONTENT) }
}

/// Deletes leads: those listed, or all that match a filter.
#[utoipa::path(
    post, path = "/v1/leads/delete", tag = "leads", request_body = Selection,
    responses(
        (status = 200, description = "how many were deleted", body = Deleted),
        (status = 422, description = "the selection is not valid", body = Problem),
    )
)]
async fn remove_many(
    State(state): State<AppState>,
    Json(selection): Json<Selection>,
) -> Result<Json<Deleted>, Problem> {
    selection.check().map_err(|(at, why)| Problem::invalid(&at, why))?;
    let (mut deleted, mut after) = (0, 0);
    loop {
        let these = selection.clone();
        let catalog = Arc::clone(state.store().catalog());
        let ids = state.store().read(move |_| these.ids(&catalog, after, LEADS)).await?;
        let Some(last) = ids.last().copied() else { return Ok(Json(Deleted { deleted })) };
        deleted += state.store().write(move |transaction| delete(transaction, &ids)).await?;
        state.dispatcher().let_go_deleted().await?;
        after = last;
    }
}

fn delete(transaction: &Transaction<'_>, ids: &[i64]) -> rusqlite::Result<usize> {
    let mut delete = transaction.prepare_cached("DELETE FROM leads WHERE id = ?1")?;
    let mut deleted = 0;
    for id in ids {
        deleted += delete.execute([id])?;
    }
    if deleted > 0 {
        let lead = if let [id] = ids { Some(*id) } else { None };
        Event::Leads { lead }.record(transaction, Time::now())?;
    }
    Ok(deleted)
}

/// Erases a person by the e-mail address: the lead, and whatever else mentions the address.
#[utoipa::path(
    post, path = "/v1/leads/erase", tag = "leads", request_body = EraseBody,
    responses(
        (status = 200, description = "what was erased", body = Erased),
        (status = 409, description = "a file with the address is being uploaded or imported", body = Problem),
        (status = 422, description = "it is no e-mail address", body = Problem),
    )
)]
async fn erase(
    State(state): State<AppState>,
    Json(body): Json<EraseBody>,
) -> Result<Json<Erased>, Problem> {
    let person = Person::by_email(body.email.reveal()).ok_or_else(|| {
        Problem::invalid("/email", "expected is an e-mail address, as name@example.com")
    })?;
    Ok(Json(crate::erase::erase(&state, person).await?))
}
