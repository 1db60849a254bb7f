//! Who is never enriched.
//!
//! | limit | value |
//! |---|---|
//! | characters of a reason | 500 ([`REASON_CHARS_MAX`]) |

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use genesy_core::pii::Pii;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::limit;
use super::paging::ListQuery;
use crate::clock::Time;
use crate::erase::{self, Erased, Person};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::suppressions::{self, Suppression, SuppressionKind};

/// Characters of a reason at most.
const REASON_CHARS_MAX: usize = 500;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(add, list)).routes(routes!(remove))
}

/// Whom to suppress.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSuppression {
    kind: SuppressionKind,
    /// The address or the domain. A hash of it is stored, and not itself.
    #[schema(value_type = String)]
    value: Pii<String>,
    /// Why. Do not repeat the address here.
    reason: Option<String>,
    /// Also erases what is known of it.
    #[serde(default)]
    forget: bool,
}

/// A suppression that was added or was there.
#[derive(Debug, Serialize, ToSchema)]
struct Added {
    #[serde(flatten)]
    suppression: Suppression,
    /// What was erased, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<Erased>,
}

/// A page of suppressions, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
struct SuppressionPage {
    items: Vec<Suppression>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

/// Suppresses an address or a domain: its leads are never enriched, nor imported again. What is under way for them is
/// cancelled.
#[utoipa::path(
    post, path = "/v1/suppressions", tag = "suppressions", request_body = NewSuppression,
    responses(
        (status = 200, description = "it was suppressed already", body = Added),
        (status = 201, description = "it is suppressed", body = Added,
            headers(("Location" = String, description = "the suppression"))),
        (status = 409, description = "a file with it is being uploaded or imported, so that it cannot be forgotten now", body = Problem),
        (status = 422, description = "it is no address or domain", body = Problem),
    )
)]
async fn add(
    State(state): State<AppState>,
    Json(new): Json<NewSuppression>,
) -> Result<Response, Problem> {
    let value = new.value.reveal();
    let (person, expected) = match new.kind {
        SuppressionKind::Email => {
            (Person::by_email(value), "expected is an e-mail address, as name@example.com")
        }
        SuppressionKind::Domain => {
            (Person::by_domain(value), "expected is a domain, as example.com")
        }
    };
    let person = person.ok_or_else(|| Problem::invalid("/value", expected))?;
    let reason = new.reason.map(|reason| reason.trim().to_owned()).filter(|it| !it.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
        let why = format!("expected are at most {REASON_CHARS_MAX} characters");
        return Err(Problem::invalid("/reason", why));
    }
    if reason.as_ref().is_some_and(|reason| person.is_in(reason)) {
        return Err(Problem::invalid("/reason", "the reason must not repeat the address"));
    }
    let (kind, key) = (new.kind, state.store().hasher().hash(person.normal().as_bytes()));
    let work = move |transaction: &Transaction<'_>| {
        suppressions::add(transaction, kind, &key, reason.as_deref(), Time::now())
    };
    let (suppression, is_new) = state.store().write(work).await?;
    // Whom it is about is known as long as the leads are there.
    state.dispatcher().cancel_suppressed().await?;
    let erased = match new.forget {
        true => Some(erase::erase(&state, person).await?),
        false => None,
    };
    let path = format!("/v1/suppressions/{}", suppression.id);
    let path = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let body = Json(Added { suppression, erased });
    Ok((status, [(header::LOCATION, path)], body).into_response())
}

/// Lists suppressions. Whom they are about is not known any more.
#[utoipa::path(
    get, path = "/v1/suppressions", tag = "suppressions", params(ListQuery),
    responses(
        (status = 200, description = "a page of suppressions", body = SuppressionPage),
    )
)]
async fn list(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<SuppressionPage>, Problem> {
    let limit = limit(query.limit)?;
    let after = query.cursor.unwrap_or(0);
    let read = move |store: &rusqlite::Connection| suppressions::page(store, after, limit + 1);
    let mut items = state.store().read(read).await?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().map(|last| last.id.to_string()).filter(|_| has_more);
    Ok(Json(SuppressionPage { items, next_cursor }))
}

/// Ends a suppression.
#[utoipa::path(
    delete, path = "/v1/suppressions/{id}", tag = "suppressions",
    params(("id" = i64, Path, description = "the suppression")),
    responses(
        (status = 204, description = "it is ended"),
        (status = 404, description = "there is no such suppression", body = Problem),
    )
)]
async fn remove(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    let work = move |transaction: &Transaction<'_>| suppressions::remove(transaction, id);
    match state.store().write(work).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found(&format!("suppression {id}"))),
    }
}
