//! Imports: upload, preview, options, import, undo.

mod answer;
mod files;
mod query;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rusqlite::Transaction;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answer::Import;
pub(super) use self::files::csv_answer;
use self::query::CreateQuery;
use super::limit;
use super::paging::ListQuery;
use crate::clock::Time;
use crate::extract::{Json, Path, Query, is_json, unsupported};
use crate::import::options::ImportOptions;
use crate::import::preview::{Preview, preview};
use crate::import::{self, upload, upload_path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::imports::{self, ImportRow, ImportState};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(find, remove))
        .routes(routes!(show_preview))
        .routes(routes!(set_options))
        .routes(routes!(commit))
        .routes(routes!(undo))
        .merge(files::routes())
}

/// A page of imports, the newest first.
#[derive(Debug, Serialize, ToSchema)]
struct ImportPage {
    items: Vec<Import>,
    /// Give it as `cursor` to get the next page; null at the end.
    next_cursor: Option<String>,
}

/// Uploads a file.
///
/// The body is the file itself. It is not imported yet: see its preview first.
#[utoipa::path(
    post, path = "/v1/imports", tag = "imports",
    params(CreateQuery, ("X-File-Name" = Option<String>, Header,
        description = "the name of the file, percent-encoded: addresses are kept by others, and it may name a person")),
    request_body(content = String, content_type = "text/csv", description = "the file itself, in any encoding"),
    responses(
        (status = 201, description = "the file is there", body = Import,
            headers(("Location" = String, description = "the import"))),
        (status = 400, description = "the body is not whole", body = Problem),
        (status = 408, description = "the body came too slowly", body = Problem),
        (status = 413, description = "the file is too large", body = Problem),
        (status = 415, description = "the body is JSON or a form, not a file", body = Problem),
        (status = 422, description = "the file cannot be read as leads", body = Problem),
    )
)]
async fn create(
    State(state): State<AppState>,
    Query(query): Query<CreateQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if is_json(&headers) || kind.starts_with("multipart/") || kind.contains("x-www-form-urlencoded")
    {
        let detail = "send the file itself as the body, with the header Content-Type: text/csv";
        return Err(unsupported(detail));
    }
    let told = headers.get("x-file-name").and_then(|name| name.to_str().ok());
    let told = told.and_then(|name| {
        let pair = format!("={name}");
        form_urlencoded::parse(pair.as_bytes()).next().map(|(_, name)| name.into_owned())
    });
    let name = query.file_name.as_ref().map(|name| name.reveal().as_str());
    let import = upload::upload(&state, told.as_deref().or(name), body).await?;
    Ok((StatusCode::CREATED, location(import.id), Json(Import::from(import))).into_response())
}

/// Lists imports, the newest first.
#[utoipa::path(
    get, path = "/v1/imports", tag = "imports", params(ListQuery),
    responses(
        (status = 200, description = "a page of imports", body = ImportPage),
    )
)]
async fn list(
    State(state): State<AppState>,
    Query(query): Query<ListQuery>,
) -> Result<Json<ImportPage>, Problem> {
    let limit = limit(query.limit)?;
    let before = query.cursor.unwrap_or(i64::MAX);
    let mut imports =
        state.store().read(move |store| ImportRow::page(store, before, limit + 1)).await?;
    let has_more = imports.len() > limit;
    imports.truncate(limit);
    let last = imports.last().map(|import| import.id.to_string());
    let items = imports.into_iter().map(Import::from).collect();
    Ok(Json(ImportPage { items, next_cursor: last.filter(|_| has_more) }))
}

/// Reads an import: how far it is, and what became of its rows.
#[utoipa::path(
    get, path = "/v1/imports/{id}", tag = "imports",
    params(("id" = i64, Path, description = "the import")),
    responses(
        (status = 200, description = "the import", body = Import),
        (status = 404, description = "there is no such import", body = Problem),
    )
)]
async fn find(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<Import>, Problem> {
    Ok(Json(existing(&state, id).await?.into()))
}

/// Removes an import that was not imported, with its file.
#[utoipa::path(
    delete, path = "/v1/imports/{id}", tag = "imports",
    params(("id" = i64, Path, description = "the import")),
    responses(
        (status = 204, description = "it is removed"),
        (status = 404, description = "there is no such import", body = Problem),
        (status = 409, description = "it was imported, or is still coming", body = Problem),
    )
)]
async fn remove(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, Problem> {
    let work = move |transaction: &Transaction<'_>| imports::remove_ready(transaction, id);
    if !state.store().write(work).await? {
        let import = existing(&state, id).await?;
        return Err(wrong_state(
            &import,
            "only one that is `ready` can be removed: undo it instead",
        ));
    }
    import::remove_upload(state.store(), id);
    Ok(StatusCode::NO_CONTENT)
}

/// Shows what the file is understood as, by its beginning.
#[utoipa::path(
    get, path = "/v1/imports/{id}/preview", tag = "imports",
    params(("id" = i64, Path, description = "the import")),
    responses(
        (status = 200, description = "what it is understood as", body = Preview),
        (status = 404, description = "there is no such import", body = Problem),
        (status = 409, description = "its file is not there yet, or no more", body = Problem),
        (status = 422, description = "the file cannot be read as leads", body = Problem),
    )
)]
async fn show_preview(
    State(state): State<AppState>,
    Path(id): Path<i64>,
) -> Result<Json<Preview>, Problem> {
    let import = ready(&state, id).await?;
    let options = serde_json::from_str(&import.options).map_err(|_| Problem::internal())?;
    Ok(Json(look(&state, id, options).await?))
}

/// Decides how the file is read, and shows what it is understood as then.
#[utoipa::path(
    put, path = "/v1/imports/{id}/options", tag = "imports",
    params(("id" = i64, Path, description = "the import")), request_body = ImportOptions,
    responses(
        (status = 200, description = "what it is understood as now", body = Preview),
        (status = 404, description = "there is no such import", body = Problem),
        (status = 409, description = "its file is not there yet, or no more", body = Problem),
        (status = 422, description = "an option is not valid: each is named", body = Problem),
    )
)]
async fn set_options(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(options): Json<ImportOptions>,
) -> Result<Json<Preview>, Problem> {
    ready(&state, id).await?;
    let preview = look(&state, id, options.clone()).await?;
    let text = serde_json::to_string(&options).map_err(|_| Problem::internal())?;
    let work = move |transaction: &Transaction<'_>| {
        transaction.execute(
            "UPDATE imports SET options = ?2 WHERE id = ?1 AND state = 'ready'",
            (id, text),
        )
    };
    if state.store().write(work).await? == 0 {
        ready(&state, id).await?;
    }
    Ok(Json(preview))
}

/// Imports the rows of the file.
#[utoipa::path(
    post, path = "/v1/imports/{id}/commit", tag = "imports",
    params(("id" = i64, Path, description = "the import")),
    responses(
        (status = 202, description = "it is being imported", body = Import,
            headers(("Location" = String, description = "the import"))),
        (status = 404, description = "there is no such import", body = Problem),
        (status = 409, description = "it was imported already", body = Problem),
    )
)]
async fn commit(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Problem> {
    const FROM: &[ImportState] = &[ImportState::Ready];
    let wanted = "only one that is `ready` can be imported";
    begin(&state, id, FROM, ImportState::Importing, wanted, import::spawn_import).await?;
    accepted(&state, id).await
}

/// Removes the leads that an import added.
#[utoipa::path(
    post, path = "/v1/imports/{id}/undo", tag = "imports",
    params(("id" = i64, Path, description = "the import")),
    responses(
        (status = 202, description = "its leads are being removed", body = Import,
            headers(("Location" = String, description = "the import"))),
        (status = 404, description = "there is no such import", body = Problem),
        (status = 409, description = "it was not imported, or not to its end", body = Problem),
    )
)]
async fn undo(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, Problem> {
    const FROM: &[ImportState] = &[ImportState::Imported, ImportState::Failed];
    let wanted = "only one that is `imported` or `failed` can be undone";
    begin(&state, id, FROM, ImportState::Undoing, wanted, import::spawn_undo).await?;
    accepted(&state, id).await
}

async fn look(state: &AppState, id: i64, options: ImportOptions) -> Result<Preview, Problem> {
    let path = upload_path(state.store(), id);
    let done = tokio::task::spawn_blocking(move || preview(&path, &options)).await;
    done.map_err(|_| Problem::internal())?.map_err(|error| error.problem())
}

/// Changes the state, and begins what it stands for.
async fn begin(
    state: &AppState,
    id: i64,
    from: &'static [ImportState],
    to: ImportState,
    wanted: &str,
    spawn: fn(&AppState, i64),
) -> Result<(), Problem> {
    let work =
        move |transaction: &Transaction<'_>| imports::turn(transaction, id, from, to, Time::now());
    if !state.store().write(work).await? {
        return Err(wrong_state(&existing(state, id).await?, wanted));
    }
    spawn(state, id);
    Ok(())
}

/// The import of an id.
pub(super) async fn existing(state: &AppState, id: i64) -> Result<ImportRow, Problem> {
    let import = state.store().read(move |store| ImportRow::find(store, id)).await?;
    import.ok_or_else(|| Problem::not_found(&format!("import {id}")))
}

async fn ready(state: &AppState, id: i64) -> Result<ImportRow, Problem> {
    let import = existing(state, id).await?;
    match import.state {
        ImportState::Ready => Ok(import),
        _ => Err(wrong_state(&import, "its file can be looked at while it is `ready`")),
    }
}

fn wrong_state(import: &ImportRow, wanted: &str) -> Problem {
    Problem::conflict(format!("the import is `{}`: {wanted}", import.state.as_str()))
}

async fn accepted(state: &AppState, id: i64) -> Result<Response, Problem> {
    let import = Import::from(existing(state, id).await?);
    Ok((StatusCode::ACCEPTED, location(id), Json(import)).into_response())
}

fn location(id: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let path = format!("/v1/imports/{id}");
    [(header::LOCATION, HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/")))]
}
