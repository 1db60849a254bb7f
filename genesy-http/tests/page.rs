//! The files of the page, as a browser asks for them.

mod server;

use self::server::Server;

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
