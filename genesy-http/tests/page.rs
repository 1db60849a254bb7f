//! The files of the page, as a browser asks for them.

mod server;

use self::server::Server;
use tower::ServiceExt;

#[tokio::test]
async fn the_page_and_its_files_are_served_with_their_types() {
    let server = Server::start();
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/page/main.js", "text/javascript; charset=utf-8"),
        ("/page/style.css", "text/css; charset=utf-8"),
        ("/page/icon.svg", "image/svg+xml"),
        ("/page/sample-leads.csv", "text/csv; charset=windows-1252"),
    ] {
        let answer = server.get(path).await.is(200);
        assert_eq!(answer.header("content-type"), content_type, "{path}");
        assert!(!answer.body.is_empty(), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self'") && policy.contains("style-src 'self'"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn within_another_application_the_page_finds_all_beside_it() {
    let server = Server::start();
    let nested = axum::Router::new().nest("/genesy/", server.router.clone());
    let get = async |path: &str| {
        let request = server::request("GET", path).body(axum::body::Body::empty());
        let answer = nested.clone().oneshot(request.expect("a request")).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let body =
            http_body_util::BodyExt::collect(answer.into_body()).await.expect("a whole body");
        String::from_utf8(body.to_bytes().to_vec()).expect("UTF-8")
    };
    let page = get("/genesy/").await;
    let named = page.split('"').filter(|text| text.starts_with("page/"));
    let named: std::collections::BTreeSet<_> = named.collect();
    assert!(named.len() >= 3, "{named:?}");
    for file in named {
        get(&format!("/genesy/{file}")).await;
    }
    // A script asks for what stands beside the page, not at the root of the host.
    assert!(get("/genesy/page/api.js").await.contains("new URL('v1/', document.baseURI)"));
    assert!(get("/genesy/v1/server").await.contains("store_id"));
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let server = Server::start();
    let first = server.get("/page/main.js").await.is(200);
    let tag = first.header("etag").to_owned();
    let ask = |tag: &str| {
        let request = axum::http::Request::get("/page/main.js").header("host", "localhost");
        request.header("if-none-match", tag).body(axum::body::Body::empty()).expect("a request")
    };
    let again = server.send(ask(&format!("\"other\", {tag}"))).await.is(304);
    assert!(again.body.is_empty());
    server.send(ask("\"other\"")).await.is(200);
}

#[tokio::test]
async fn other_files_are_not_there() {
    let server = Server::start();
    for path in ["/page/mod.rs", "/page/..%2fmod.rs", "/page/", "/page/main.js/x"] {
        server.get(path).await.is(404);
    }
}
