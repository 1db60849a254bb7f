//! One lead, with where its values come from.

use std::collections::BTreeMap;

use axum::extract::State;
use genesy_core::pii::Pii;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{ColumnNames, Lead};
use crate::clock::Time;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::issues;
use crate::store::leads::LeadRow;
use crate::store::provenance::{self, Replaced};

/// A lead with where its values come from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LeadDetail {
    #[serde(flatten)]
    lead: Lead,
    /// Where the value of each field comes from that has one, or had one.
    provenance: BTreeMap<String, Provenance>,
}

/// Where a value comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Provenance {
    /// `file`, `user`, or `provider:` with its id.
    source: String,
    /// The import, if it is a file's.
    import_id: Option<i64>,
    /// The row there.
    row: Option<i64>,
    at: Time,
    /// The value that it replaced.
    #[schema(value_type = Option<String>)]
    value_before: Option<Pii<String>>,
}

/// Reads a lead, with where its values come from.
#[utoipa::path(
    get, path = "/v1/leads/{id}", tag = "leads", params(("id" = i64, Path, description = "the lead")),
    responses(
        (status = 200, description = "the lead", body = LeadDetail),
        (status = 404, description = "there is no such lead", body = Problem),
    )
)]
pub(super) async fn find(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Json<LeadDetail>, Problem> {
    let lead = state.store().read(move |store| read(store, id)).await?;
    Ok(Json(lead.ok_or_else(|| no_lead(id))?))
}

/// There is no such lead.
pub(super) fn no_lead(id: i64) -> Problem {
    Problem::not_found(&format!("lead {id}"))
}

/// The lead of an id, if it is there.
pub(super) fn read(store: &Connection, id: i64) -> rusqlite::Result<Option<LeadDetail>> {
    let Some(lead) = LeadRow::find(store, id)? else { return Ok(None) };
    let replaced = provenance::of_lead(store, id)?;
    let issues = issues::of_lead(store, id)?;
    let names = ColumnNames::read(store, std::slice::from_ref(&lead))?;
    let provenance = sources(&lead, replaced);
    let lead = Lead::new(lead, &names).with_issues(issues);
    Ok(Some(LeadDetail { lead, provenance }))
}

fn sources(lead: &LeadRow, replaced: Vec<Replaced>) -> BTreeMap<String, Provenance> {
    let own = provenance::texts(&lead.fields).into_iter().filter(|(_, text)| text.is_some());
    let own = own.map(|(field, _)| {
        let source = if lead.import_id.is_some() { "file" } else { "user" };
        let provenance = Provenance {
            source: source.to_owned(),
            import_id: lead.import_id,
            row: lead.row,
            at: lead.created_at,
            value_before: None,
        };
        (field.to_owned(), provenance)
    });
    let mut sources: BTreeMap<_, _> = own.collect();
    for one in replaced {
        let (source, import_id, row) = match one.source.strip_prefix("file:") {
            Some(place) => {
                let (import, row) = place.split_once(':').unwrap_or_default();
                ("file".to_owned(), import.parse().ok(), row.parse().ok())
            }
            None => (one.source, None, None),
        };
        let value_before = one.value_before;
        sources.insert(one.field, Provenance { source, import_id, row, at: one.at, value_before });
    }
    sources
}
