//! The description of the interface (OpenAPI 3.1), made from the code, and a page that shows it.
//!
//! Handlers say what they answer themselves. What the guards and extractors may answer is the same for
//! all of them, and is added here.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::guard::{IDEMPOTENCY_KEY, QUESTION_PATHS, is_public, prefix};
use crate::problem::Problem;
use crate::state::AppState;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
/// Asked for again at each load.
const CACHE_CONTROL: (HeaderName, &str) = (header::CACHE_CONTROL, "no-cache");
const PROBLEM_TYPE: &str = "application/problem+json";
/// The methods of a path item.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

const ABOUT: &str = "Turns CSV files of sales leads into clean, verified, phone-enriched records.\n\n\
    Errors are problems (RFC 9457). Lists are read by `limit` and `cursor`. A post that names an \
    `Idempotency-Key` is done once; for 24 hours it is answered as it was then, with \
    `Idempotency-Replayed: true`, even if what it made is deleted since. Where the server has a token, \
    requests bear it. Besides the answers that are listed, the server may answer 408 where a body comes too \
    slowly, and 405 where a path does not take a method.";

/// The description, as text.
static DOCUMENT: LazyLock<Arc<str>> = LazyLock::new(|| document().to_string().into());

/// `/openapi.json` and `/docs`.
pub(crate) fn routes() -> Router<AppState> {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind), CACHE_CONTROL], text) })
    };
    Router::new()
        .route("/openapi.json", get(openapi))
        .route("/docs", file(HTML, include_str!("docs/index.html")))
        .route("/docs/docs.js", file(SCRIPT, include_str!("docs/docs.js")))
        .route("/docs/docs.css", file(STYLE, include_str!("docs/docs.css")))
}

async fn openapi(request: Request) -> Response {
    let prefix = prefix(request.extensions());
    let json = [(header::CONTENT_TYPE, "application/json"), CACHE_CONTROL];
    if prefix.is_empty() {
        return (json, DOCUMENT.to_string()).into_response();
    }
    match serde_json::from_str::<Value>(&DOCUMENT) {
        Ok(mut document) => {
            document["servers"] = json!([{ "url": prefix }]);
            (json, document.to_string()).into_response()
        }
        Err(_) => Problem::internal().into_response(),
    }
}

/// The description.
fn document() -> Value {
    let made = serde_json::to_value(super::routes().into_openapi());
    // What derives its own serialization can be serialized: a test reads it.
    let mut document = made.unwrap_or_default();
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Genesy",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    });
    let schema = <Problem as utoipa::PartialSchema>::schema();
    document["components"]["schemas"]["Problem"] = serde_json::to_value(schema).unwrap_or_default();
    let schema = <crate::problem::Fault as utoipa::PartialSchema>::schema();
    document["components"]["schemas"]["Fault"] = serde_json::to_value(schema).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer" },
        "session": { "type": "apiKey", "in": "cookie", "name": format!("{}8080", crate::guard::COOKIE) },
    });
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths.iter_mut() {
            for method in METHODS {
                if let Some(operation) = item.get_mut(method) {
                    complete(path, method, operation);
                }
            }
        }
    }
    name_once(&mut document);
    document
}

/// Adds what the guards and extractors may answer to what the handler does.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let changes = method != "get";
    let bodies = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
    // `application/json`, and those that build upon it (`application/merge-patch+json`).
    let has_json = bodies.as_ref().is_some_and(|of| of.keys().any(|kind| kind.ends_with("json")));
    if let Some(bodies) = bodies {
        // Any bytes will do, which no schema describes.
        bodies.iter_mut().filter(|(kind, _)| !kind.ends_with("json")).for_each(|(_, body)| {
            *body = json!({});
        });
    }
    if method == "post"
        && !QUESTION_PATHS.contains(&path)
        && let Some(parameters) =
            operation.as_object_mut().map(|of| of.entry("parameters").or_insert(json!([])))
        && let Some(parameters) = parameters.as_array_mut()
    {
        parameters.push(json!({
            "name": IDEMPOTENCY_KEY, "in": "header", "required": false,
            "description": "The request is done once for each key; kept for a day.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
        }));
    }
    let has_parameters =
        operation["parameters"].as_array().is_some_and(|parameters| !parameters.is_empty());
    let answers = [
        (400, has_body, "The body is no JSON, or not whole"),
        (401, !is_public(path), "The token is missing or wrong"),
        (403, changes, "Another site's page asks"),
        (404, path.contains('{'), "There is no such thing"),
        (408, has_body || method == "post", "The body came too slowly"),
        (409, method == "post", "Not possible now, or the same request is under way"),
        (413, has_body || method == "post", "The body is too large"),
        (415, has_json, "The body is of another kind"),
        (421, !["/healthz", "/readyz"].contains(&path), "Another host is asked for"),
        (422, has_parameters || has_body, "A parameter or a part of the body is not valid"),
        (429, true, "Too many requests: see Retry-After"),
        (500, true, "The server could not do this"),
        (503, true, "The server stops, or is busy"),
        (507, changes, "The disk is full"),
    ];
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, may_be, about) in answers {
        if may_be {
            let problem = || {
                let schema = json!({ "$ref": "#/components/schemas/Problem" });
                json!({ "description": about, "content": { PROBLEM_TYPE: { "schema": schema } } })
            };
            responses.entry(status.to_string()).or_insert_with(problem);
        }
    }
    if let Some(answer) = responses.get_mut("429") {
        answer["headers"]["Retry-After"] =
            json!({ "description": "Seconds", "schema": { "type": "integer", "minimum": 1 } });
    }
    for (status, answer) in responses {
        let is_error = status.starts_with('4') || status.starts_with('5');
        if is_error && let Some(content) = answer["content"].as_object_mut() {
            if let Some(problem) = content.remove("application/json") {
                content.insert(PROBLEM_TYPE.to_owned(), problem);
            }
        } else if is_error {
            let schema = json!({ "$ref": "#/components/schemas/Problem" });
            answer["content"] = json!({ PROBLEM_TYPE: { "schema": schema } });
        }
    }
    if !is_public(path) {
        // Without a token none is required.
        operation["security"] = json!([{}, { "token": [] }, { "session": [] }]);
    }
}

/// Gives each operation a name of its own: its tag, and the name of its handler.
fn name_once(document: &mut Value) {
    let mut names = BTreeSet::new();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for item in paths.values_mut().filter_map(Value::as_object_mut) {
        for (_, operation) in
            item.iter_mut().filter(|(method, _)| METHODS.contains(&method.as_str()))
        {
            let tag = operation["tags"][0].as_str().unwrap_or("other").replace([' ', '-'], "_");
            let mut name =
                format!("{tag}_{}", operation["operationId"].as_str().unwrap_or_default());
            while !names.insert(name.clone()) {
                name.push('_');
            }
            operation["operationId"] = json!(name);
        }
    }
}
