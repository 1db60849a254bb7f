//! Who is erased is gone from the disk, and who is suppressed does not come back.

mod server;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::body::Body;
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

#[tokio::test]
async fn what_was_answered_of_a_run_of_who_is_erased_is_not_answered_again() {
    let server = Server::start();
    server.import(FILE).await;
    let store = rusqlite::Connection::open(server.path().join("genesy.sqlite3")).expect("a store");
    let begin = "INSERT INTO jobs (id, kind, state, selection, options, created_at) \
        VALUES (1, 'email', 'paused', '{}', '{}', 0), (2, 'phone', 'paused', '{}', '{}', 0); \
        INSERT INTO runs (lead_id, kind, job_id, state) \
        VALUES (1, 'email', 1, 'queued'), (1, 'phone', 2, 'queued'), (2, 'email', 1, 'queued')";
    store.execute_batch(begin).expect("runs");
    let cancel = async |path: &str| {
        let request = server::request("POST", path).header("idempotency-key", "one");
        server.send(request.body(Body::empty()).expect("a request")).await
    };
    let of_erased = ["/v1/email-verifications/1/cancel", "/v1/phone-lookups/%31/cancel"];
    let of_other = "/v1/email-verifications/2/cancel";
    for path in [of_erased[0], of_erased[1], of_other] {
        // The answers have no address in them.
        assert!(!cancel(path).await.is(202).text().contains('@'), "{path}");
    }
    let body = json!({"email": "zzyzxa@erased-example.com"});
    server.send_json("POST", "/v1/leads/erase", body).await.is(200);
    for path in of_erased {
        cancel(path).await.is(404);
    }
    assert_eq!(cancel(of_other).await.is(202).header("idempotency-replayed"), "true");
}

/// A lead, a row that repeats it, and two that are rejected, since a name is required. Of these the issues say
/// what stood in them, without the address.
const DOUBTFUL: &str = "Email,Phone\n\
    zzyzxa@erased-example.com,+442079460018\n\
    zzyzxa@erased-example.com,zzrepeated\n\
    other@example.com,+442079460019\n";
const REJECTED: &str = "Email,Phone,First name\n\
    zzyzxa@erased-example.com,zzrejected,\n\
    zzcolumn,zzyzxa@erased-example.com,\n\
    other@example.com,+442079460019,Eve\n";

async fn import_both(server: &Server) {
    server.import(DOUBTFUL).await;
    let id = server.upload(REJECTED).await.is(201).json()["id"].clone();
    let path = format!("/v1/imports/{id}");
    let options = json!({"required": [["first_name"]]});
    server.send_json("PUT", &format!("{path}/options"), options).await.is(200);
    server.post(&format!("{path}/commit")).await.is(202);
    let import = server.wait_for(&path, |import| import["state"] == "imported").await;
    assert_eq!(import["summary"]["rejected"], 2);
}

#[tokio::test]
async fn what_is_said_of_rows_goes_with_whom_they_are_about() {
    let server = Server::start();
    import_both(&server).await;
    for text in ["zzrepeated", "zzrejected", "zzcolumn"] {
        assert!(is_on_disk(server.path(), text), "{text} is not there at all");
    }
    let body = json!({"kind": "email", "value": "zzyzxa@erased-example.com", "forget": true});
    server.send_json("POST", "/v1/suppressions", body).await.is(201);
    for text in ["zzyzxa", "zzrepeated", "zzrejected", "zzcolumn"] {
        assert!(!is_on_disk(server.path(), text), "{text} is still there");
    }

    // Who is suppressed does not come back by it, either.
    import_both(&server).await;
    for text in ["zzyzxa", "zzrepeated", "zzrejected", "zzcolumn"] {
        assert!(!is_on_disk(server.path(), text), "{text} is there again");
    }
}

#[tokio::test]
async fn a_file_that_is_coming_is_not_overlooked() {
    let server = Server::start();
    // The server writes what it has of a file now and then.
    let begin = format!("email\nzzyzxa@erased-example.com\n{}", "x@example.com\n".repeat(50_000));
    let (sender, pieces) = tokio::sync::mpsc::channel::<Result<String, std::io::Error>>(2);
    let pieces = futures_util::stream::unfold(pieces, async |mut pieces| {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    sender.send(Ok(begin)).await.expect("a body");
    let mut uploading = Box::pin(server.upload(Body::from_stream(pieces)));
    let begun = Instant::now();
    while !is_on_disk(server.path(), "zzyzxa@erased-example.com") {
        let early = tokio::time::timeout(Duration::from_millis(10), &mut uploading).await;
        assert!(early.is_err() && begun.elapsed() < Duration::from_secs(60));
    }
    let body = json!({"email": "zzyzxa@erased-example.com"});
    server.send_json("POST", "/v1/leads/erase", body.clone()).await.is(409);
    drop(sender);
    uploading.await.is(201);
    let erased = server.send_json("POST", "/v1/leads/erase", body).await.is(200).json();
    assert_eq!(erased["uploads"], 1);
    assert!(!is_on_disk(server.path(), "zzyzxa"));
}

#[tokio::test]
async fn a_file_that_is_being_imported_is_not_overlooked() {
    let server = Server::start();
    let id = server.upload("email\nzzyzxa@erased-example.com\n").await.is(201).json()["id"].clone();
    let path = format!("/v1/imports/{id}");
    // It stays at it.
    let refusing = server.refuse("INSERT");
    server.post(&format!("{path}/commit")).await.is(202);
    let body = json!({"email": "zzyzxa@erased-example.com"});
    server.send_json("POST", "/v1/leads/erase", body.clone()).await.is(409);
    drop(refusing);
    server.wait_for(&path, |import| import["state"] == "imported").await;
    let erased = server.send_json("POST", "/v1/leads/erase", body).await.is(200).json();
    assert_eq!(erased["leads"], 1);
    assert!(!is_on_disk(server.path(), "zzyzxa"));
}
