//! The description of the interface.

use std::collections::BTreeSet;
use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Request, StatusCode};
use genesy_http::store::Store;
use genesy_http::{AppState, app};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document() -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    document_of(&router(&folder)).await
}

fn router(folder: &TempDir) -> Router {
    let state = AppState::builder(Store::open(folder.path()).expect("a store")).build();
    app(state.expect("settings that go together"))
}

async fn document_of(router: &Router) -> Value {
    let request = Request::get("/openapi.json").body(Body::empty()).expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&body).expect("JSON")
}

/// All operations: path, method, operation.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() > 3);
    paths
        .iter()
        .flat_map(|(path, item)| {
            let item = item.as_object().expect("an item");
            item.iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

/// All values within that have this key.
fn values<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|field| values(field, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, key, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_whole() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(METHODS.contains(&method), "{place}");
        let name = operation["operationId"].as_str().expect("a name");
        assert!(names.insert(name), "{place}: there are two {name}");
        assert!(
            !operation["summary"].as_str().unwrap_or_default().is_empty(),
            "{place}: what is it?"
        );
        assert!(operation["tags"][0].is_string(), "{place}: of what is it?");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for part in path.split('{').skip(1) {
            let name = part.split('}').next().expect("a name");
            let is_there = parameters
                .iter()
                .any(|of| of["name"] == name && of["in"] == "path" && of["required"] == true);
            assert!(is_there, "{place}: {name} is not described");
        }
        let answers = operation["responses"].as_object().expect("answers");
        assert!(answers.keys().any(|status| status.starts_with('2')), "{place}: what if it works?");
        for status in ["429", "500", "503"] {
            assert!(answers.contains_key(status), "{place}: {status}");
        }
        assert_eq!(answers.contains_key("401"), path.starts_with("/v1/") || path == "/metrics");
        assert_eq!(answers.contains_key("403"), method != "get", "{place}");
        for (status, answer) in answers {
            assert!(
                !answer["description"].as_str().unwrap_or_default().is_empty(),
                "{place}: {status}"
            );
            if status.starts_with(['4', '5']) {
                let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{place}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_answered_to_a_body_of_another_kind_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let router = router(&folder);
    let document = document_of(&router).await;
    let mut refused = 0;
    for (path, method, operation) in operations(&document) {
        if method == "get" {
            continue;
        }
        let uri = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let uri = uri.collect::<Vec<_>>().join("/");
        for kind in [None, Some("text/plain"), Some("application/json")] {
            let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(&uri);
            if let Some(kind) = kind {
                request = request.header(CONTENT_TYPE, kind);
            }
            let request = request.body(Body::from("{")).expect("a request");
            let status = router.clone().oneshot(request).await.expect("an answer").status();
            let is_told = operation["responses"].get(status.as_str()).is_some();
            assert!(is_told, "{method} {path} with a body of {kind:?}: {status}");
            refused += usize::from(status == StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
    }
    assert!(refused > 10, "only {refused} were refused for their kind");
}

#[tokio::test]
async fn all_that_it_refers_to_is_there() {
    let document = document().await;
    let mut found = Vec::new();
    values(&document, "$ref", &mut found);
    let references: Vec<_> = found.into_iter().filter_map(Value::as_str).collect();
    assert!(references.contains(&"#/components/schemas/Problem"));
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference} is nowhere");
    }
}

/// A comment on a field whose type is written inline becomes a part of its own, which asks for an object.
#[tokio::test]
async fn what_it_combines_is_of_one_type() {
    let document = document().await;
    let mut found = Vec::new();
    values(&document, "allOf", &mut found);
    assert!(!found.is_empty());
    for parts in found.into_iter().filter_map(Value::as_array) {
        let types: BTreeSet<_> = parts.iter().filter_map(|part| part["type"].as_str()).collect();
        assert!(types.len() < 2, "nothing can be all of this: {parts:?}");
    }
}

/// The source is read, since the router cannot be asked for its routes.
#[tokio::test]
async fn every_handler_of_the_interface_is_in_it() {
    let document = document().await;
    let (mut handlers, mut folders) = (0, vec![PathBuf::from("src/api")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("text");
                handlers += text.matches("#[utoipa::path(").count();
                let is_special = path.ends_with("openapi.rs");
                assert!(is_special || !text.contains(".route("), "{}: use routes!", path.display());
            }
        }
    }
    assert_eq!(operations(&document).len(), handlers);
}

#[tokio::test]
async fn the_page_that_shows_it_asks_nobody_else() {
    for (file, text) in [
        ("index.html", include_str!("../src/api/docs/index.html")),
        ("docs.js", include_str!("../src/api/docs/docs.js")),
        ("docs.css", include_str!("../src/api/docs/docs.css")),
    ] {
        for word in ["http:", "https:", "innerHTML", "eval(", "style=", "onclick", "onload"] {
            assert!(!text.contains(word), "{file}: {word}");
        }
    }
}
