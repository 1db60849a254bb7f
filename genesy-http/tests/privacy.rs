//! Who is erased is gone from the disk, and who is suppressed does not come back.

mod server;

use std::fs;
use std::path::Path;

use serde_json::json;
use server::Server;

const FILE: &str = "First name,Last name,Email,Country,Notes\n\
    Zzyzxa,Lovelace,zzyzxa@erased-example.com,GB,\n\
    Bob,Smith,bob@example.com,US,ask zzyzxa@erased-example.com about it\n\
    ,,,US,rejected: Zzyzxa@Erased-Example.com\n\
    Eve,Jones,eve@other-example.com,GB,\n\
    Zzyzxa,Again,ZZYZXA@erased-example.com,FR,a duplicate\n";

/// Whether any file below a folder has the text in it, in whatever case.
fn is_on_disk(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return is_on_disk(&path, text);
        }
        let bytes = fs::read(&path).expect("a file").to_ascii_lowercase();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[tokio::test]
async fn who_is_erased_is_gone_from_the_disk() {
    let server = Server::start();
    server.import(FILE).await;
    server.wait_for("/v1/leads?q=zzyzxa", |list| list["items"][0]["id"] == 1).await;
    // It is in the history of another lead, and in an upload.
    let patch = json!({"job_title": "assistant of zzyzxa@erased-example.com"});
    server.send_json("PATCH", "/v1/leads/3", patch).await.is(200);
    server.send_json("PATCH", "/v1/leads/3", json!({"job_title": "assistant"})).await.is(200);
    let waiting =
        server.upload("email\nzzyzxa@erased-example.com\n").await.is(201).json()["id"].clone();
    assert!(is_on_disk(server.path(), "zzyzxa@erased-example.com"));

    let erased = server
        .send_json("POST", "/v1/leads/erase", json!({"email": "ZZYZXA@erased-example.com"}))
        .await;
    let erased = erased.is(200).json();
    assert_eq!((&erased["leads"], &erased["uploads"]), (&json!(1), &json!(1)));
    for text in ["zzyzxa", "erased-example"] {
        assert!(!is_on_disk(server.path(), text), "{text} is still there");
    }
    server.get("/v1/leads/1").await.is(404);
    server.get(&format!("/v1/imports/{waiting}")).await.is(404);
    let bob = server.get("/v1/leads/2").await.is(200).json();
    assert_eq!((&bob["email"], &bob["other"]["columns"]), (&json!("bob@example.com"), &json!([])));
    assert_eq!(server.get("/v1/leads/count").await.is(200).json()["count"], 2);
    let folder = server.stop().await;
    assert!(!is_on_disk(folder.path(), "zzyzxa"));
}

#[tokio::test]
async fn who_is_suppressed_is_not_imported_again() {
    let server = Server::start();
    server.import(FILE).await;
    let body = json!({"kind": "email", "value": "Zzyzxa@erased-example.com", "reason": "asked for it", "forget": true});
    let added = server.send_json("POST", "/v1/suppressions", body.clone()).await.is(201);
    assert_eq!(added.header("location"), "/v1/suppressions/1");
    assert_eq!(added.json()["erased"]["leads"], 1);
    server.send_json("POST", "/v1/suppressions", body).await.is(200);
    server
        .send_json(
            "POST",
            "/v1/suppressions",
            json!({"kind": "domain", "value": "other-example.com"}),
        )
        .await
        .is(201);
    assert!(!is_on_disk(server.path(), "zzyzxa"), "only a hash is stored");

    let import = server
        .import("email\nzzyzxa@erased-example.com\nx@mail.other-example.com\nnew@example.com\n")
        .await;
    assert_eq!((&import["leads_new"], &import["leads_suppressed"]), (&json!(1), &json!(2)));
    let list = server.get("/v1/suppressions").await.is(200).json();
    assert_eq!(
        (&list["items"][0]["kind"], &list["items"][0]["reason"]),
        (&json!("email"), &json!("asked for it"))
    );
    for (kind, value) in [("email", "nobody"), ("domain", "https://example.com"), ("domain", "com")]
    {
        let body = json!({"kind": kind, "value": value});
        let problem = server.send_json("POST", "/v1/suppressions", body).await.is(422).json();
        assert_eq!(problem["errors"][0]["at"], "/value");
    }
    server.delete("/v1/suppressions/1").await.is(204);
    server.delete("/v1/suppressions/1").await.is(404);
    assert_eq!(server.import("email\nzzyzxa@erased-example.com\n").await["leads_new"], 1);
}

#[tokio::test]
async fn a_domain_is_forgotten_with_all_its_people() {
    let server = Server::start();
    server.import("email\na@gone-example.com\nb@mail.gone-example.com\nc@kept-example.com\n").await;
    let body = json!({"kind": "domain", "value": "gone-example.com", "forget": true});
    let added = server.send_json("POST", "/v1/suppressions", body).await.is(201).json();
    assert_eq!(added["erased"]["leads"], 2);
    assert!(!is_on_disk(server.path(), "@gone-example.com"));
    assert_eq!(server.get("/v1/leads/count").await.is(200).json()["count"], 1);
}
