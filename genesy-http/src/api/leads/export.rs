//! Leads as CSV, by stream.
//!
//! | limit | value |
//! |---|---|
//! | leads that are read from the store at a time | 500 ([`LEADS`]) |

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use genesy_core::country::Country;
use genesy_core::csv::normalize::CsvWriter;
use genesy_core::pii::Pii;
use rusqlite::Connection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::ColumnNames;
use super::query::{Ids, LeadQuery};
use crate::api::imports::{csv_answer, existing};
use crate::clock::Time;
use crate::extract::Json;
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::StoreError;
use crate::store::imports::{FileColumn, sole_sources};
use crate::store::lead_filter::{LeadFilter, Selection};
use crate::store::leads::{LeadRow, revealed};
use crate::store::provenance;

/// Leads that are read from the store at a time.
const LEADS: usize = 500;

/// The columns of a lead.
const COLUMNS: [&str; 23] = [
    "id",
    "first_name",
    "last_name",
    "email",
    "job_title",
    "country",
    "country_name",
    "company_name",
    "company_domain",
    "phone",
    "phone_extension",
    "phone_valid",
    "phone_provider",
    "phone_outcome",
    "phone_at",
    "years_in_role",
    "linkedin_url",
    "email_verdict",
    "email_reason",
    "email_at",
    "other_emails",
    "other_phones",
    "other_columns",
];
/// What their names begin with where the columns of a file stand before them.
const PREFIX: &str = "genesy_";
/// What stands between several values in a cell.
const SEPARATOR: &str = " | ";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export, export_selection))
}

/// Gives leads as CSV. With `import`, the columns of its file stand before those of the leads.
#[utoipa::path(
    get, path = "/v1/leads/export.csv", tag = "leads", params(Ids, LeadFilter),
    responses(
        (status = 200, description = "the leads", body = String, content_type = "text/csv"),
        (status = 404, description = "there is no such import", body = Problem),
    )
)]
async fn export(State(state): State<AppState>, query: LeadQuery) -> Result<Response, Problem> {
    let selection = match query.ids {
        Some(ids) => Selection::Leads(ids),
        None => Selection::Filter(query.filter),
    };
    answer(state, selection).await
}

/// Gives leads as CSV: those listed, or all that match a filter. The address of the request says nothing of
/// whom is searched.
#[utoipa::path(
    post, path = "/v1/leads/export.csv", tag = "leads", request_body = Selection,
    responses(
        (status = 200, description = "the leads", body = String, content_type = "text/csv"),
        (status = 404, description = "there is no such import", body = Problem),
        (status = 422, description = "the selection is not valid", body = Problem),
    )
)]
async fn export_selection(
    State(state): State<AppState>,
    Json(selection): Json<Selection>,
) -> Result<Response, Problem> {
    selection.check().map_err(|(at, why)| Problem::invalid(&at, why))?;
    answer(state, selection).await
}

async fn answer(state: AppState, selection: Selection) -> Result<Response, Problem> {
    let import = match &selection {
        Selection::Filter(filter) => filter.import,
        Selection::Leads(_) => None,
    };
    let file = match import {
        Some(id) => Some(existing(&state, id).await?.file_columns()),
        None => None,
    };
    let mut csv = CsvWriter::new();
    header(&mut csv, file.as_deref());
    let export = Export { state, selection, file, after: 0 };
    let first = Bytes::from(csv.take());
    let rest = stream::try_unfold(export, Export::next);
    let pieces = stream::iter([Ok::<_, StoreError>(first)]);
    let body = Body::from_stream(futures_util::StreamExt::chain(pieces, rest));
    Ok(csv_answer("leads.csv", body))
}

struct Export {
    state: AppState,
    selection: Selection,
    /// The columns of the file that the leads come from, if they are wanted.
    file: Option<Vec<FileColumn>>,
    /// The last lead that was written.
    after: i64,
}

impl Export {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        let (selection, file, after) = (self.selection.clone(), self.file.clone(), self.after);
        let catalog = Arc::clone(self.state.store().catalog());
        let read = move |store: &Connection| {
            let ids = selection.ids(&catalog, after, LEADS)?;
            let leads = LeadRow::all(store, &ids)?;
            let names = ColumnNames::read(store, &leads)?;
            let mut csv = CsvWriter::new();
            let fields = file.as_deref().map(sole_sources);
            for lead in &leads {
                let original = match &fields {
                    Some(fields) => original(store, lead, fields)?,
                    None => Vec::new(),
                };
                csv.record(original.into_iter().chain(cells(lead, &names)));
            }
            Ok((ids.last().copied(), csv.take()))
        };
        let (last, csv) = self.state.store().read(read).await?;
        Ok(last.map(|last| {
            self.after = last;
            (Bytes::from(csv), self)
        }))
    }
}

fn header(csv: &mut CsvWriter, file: Option<&[FileColumn]>) {
    let prefix = if file.is_some() { PREFIX } else { "" };
    let original = file.unwrap_or_default().iter().map(|column| column.header.clone());
    csv.record(original.chain(COLUMNS.iter().map(|column| format!("{prefix}{column}"))));
}

/// The cells of the file as they were, but for white space around them: those that were kept, and what the fields
/// say that are of one column alone.
fn original(
    store: &Connection,
    lead: &LeadRow,
    fields: &[Option<&str>],
) -> rusqlite::Result<Vec<String>> {
    let mut own: BTreeMap<&str, Option<String>> =
        provenance::texts(&lead.fields).into_iter().collect();
    // What a field said first is what the file says.
    let replaced = provenance::of_lead(store, lead.id)?;
    for one in replaced.iter().rev() {
        own.insert(&one.field, one.value_before.clone().map(Pii::into_inner));
    }
    let kept = lead.extra.columns.iter().chain(&lead.extra.cells);
    let kept: BTreeMap<usize, &str> =
        kept.map(|(index, text)| (*index, text.reveal().as_str())).collect();
    let cells = fields.iter().enumerate().map(|(index, field)| match (kept.get(&index), field) {
        (Some(cell), _) => (*cell).to_owned(),
        (None, Some(field)) => own.get(field).cloned().flatten().unwrap_or_default(),
        (None, None) => String::new(),
    });
    Ok(cells.collect())
}

fn cells(lead: &LeadRow, names: &ColumnNames) -> Vec<String> {
    let fields = &lead.fields;
    let text = |text: &Option<Pii<String>>| revealed(text).unwrap_or_default().to_owned();
    let at =
        |at: Option<Time>| at.map_or(String::new(), |at| at.timestamp().rfc_3339().to_string());
    let list = |list: &[Pii<String>]| {
        list.iter().map(|text| text.reveal().as_str()).collect::<Vec<_>>().join(SEPARATOR)
    };
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let columns = lead.extra.columns.iter();
    let columns = columns.map(|(index, text)| (names.name(lead.import_id, *index), text));
    let named = lead.extra.named.iter().map(|(name, text)| (name.clone(), text));
    let columns = columns.chain(named).map(|(name, text)| format!("{name}: {}", text.reveal()));
    let country = fields.country.as_deref().and_then(Country::from_alpha2);
    vec![
        lead.id.to_string(),
        text(&fields.first_name),
        text(&fields.last_name),
        text(&fields.email),
        text(&fields.job_title),
        known(&fields.country),
        country.map_or("", Country::name).to_owned(),
        text(&fields.company_name),
        text(&fields.company_domain),
        text(&fields.phone),
        text(&fields.phone_extension),
        fields.phone_is_valid.map_or(String::new(), |is_valid| is_valid.to_string()),
        known(&lead.phone_provider),
        known(&lead.phone_outcome),
        at(lead.phone_at),
        fields.years_in_role.map_or(String::new(), |years| years.to_string()),
        text(&fields.linkedin_url),
        known(&lead.email_verdict),
        known(&lead.email_words),
        at(lead.email_at),
        list(&lead.extra.emails),
        list(&lead.extra.phones),
        columns.collect::<Vec<_>>().join(SEPARATOR),
    ]
}
