//! Files become leads, and nothing of them is lost.

mod server;

use axum::body::Body;
use serde_json::json;
use server::{Server, request};

const UGLY: &str = "Full name;E-mail;Country;Company;Website;Phone;Notes\n\
    Lovelace, Ada;Ada <ada@example.com>; work@example.org;UK;Analytical;https://www.analytical.example.com/x;020 7946 0018;=1+1\n\
    Grace Hopper;grace@navy.mil;XXX;Navy;navy.mil;;hello\n\
    ;;;;;;only a note\n\
    Grace H;GRACE@navy.mil;US;Navy;;+1 202 555 0143;again\n";

#[tokio::test]
async fn a_file_is_seen_changed_imported_and_undone() {
    let server = Server::start();
    let file = UGLY.replace("; work@", ", work@");
    let answer = server.upload(file).await.is(201);
    let import = answer.json();
    assert_eq!(answer.header("location"), format!("/v1/imports/{}", import["id"]));
    assert_eq!((&import["state"], &import["rows_total_estimate"]), (&json!("ready"), &json!(4)));
    let path = format!("/v1/imports/{}", import["id"]);

    let preview = server.get(&format!("{path}/preview")).await.is(200).json();
    assert_eq!(preview["dialect"]["delimiter"], ";");
    assert_eq!(preview["columns"][1]["target"], "email");
    assert_eq!(preview["columns"][6]["target"], json!(null));
    assert_eq!(preview["columns"][6]["samples"][1], "hello");
    assert_eq!(preview["rows"][0]["lead"]["last_name"], "Lovelace");
    assert_eq!(preview["rows"][2]["outcome"], "rejected");
    assert_eq!(preview["counts"]["duplicates"], 1);
    assert_eq!(preview["is_sample"], false);

    let options = json!({"columns": {"6": "job_title", "3": "extra"}, "default_country": "GB",
        "duplicates": "merge_blanks"});
    let preview = server.send_json("PUT", &format!("{path}/options"), options).await.is(200).json();
    assert_eq!(preview["columns"][6]["target"], "job_title");
    assert_eq!(preview["columns"][6]["reason"], "chosen by hand");
    assert_eq!(preview["columns"][3]["target"], json!(null));

    let answer = server.post(&format!("{path}/commit")).await.is(202);
    assert_eq!(answer.header("location"), path);
    let import = server.wait_for(&path, |import| import["state"] == "imported").await;
    assert_eq!((&import["leads_new"], &import["rows_read"]), (&json!(2), &json!(4)));
    assert_eq!(import["summary"]["rejected"], 1);
    server.post(&format!("{path}/commit")).await.is(409);
    server.get(&format!("{path}/preview")).await.is(409);

    let leads = server.get("/v1/leads").await.is(200).json();
    let [ada, grace] = [&leads["items"][0], &leads["items"][1]];
    assert_eq!(ada["phone"], "+442079460018");
    assert_eq!(ada["other"]["emails"], json!(["work@example.org"]));
    assert_eq!(
        ada["other"]["columns"],
        json!([{"index": 3, "name": "Company", "text": "Analytical"}])
    );
    assert_eq!(
        grace["country"],
        json!({"code": "US", "name": "United States"}),
        "a later row filled it"
    );
    assert_eq!(grace["phone"], "+12025550143");
    assert_eq!(grace["first_name"], "Grace");

    let rejected = server.get(&format!("{path}/rejected.csv")).await.is(200).text();
    assert!(rejected.starts_with("Full name,E-mail,"), "{rejected}");
    assert!(rejected.contains("only a note") && rejected.lines().count() == 2, "{rejected}");
    let issues =
        server.get(&format!("{path}/issues?code=country_placeholder")).await.is(200).json();
    assert_eq!(
        (&issues["items"][0]["raw"], &issues["items"][0]["lead"]),
        (&json!("XXX"), &grace["id"])
    );

    server.post(&format!("{path}/undo")).await.is(202);
    server.wait_for(&path, |import| import["state"] == "undone").await;
    assert_eq!(server.get("/v1/leads/count").await.is(200).json()["count"], 0);
    let issues = server.get(&format!("{path}/issues")).await.is(200).json();
    assert_eq!(issues["items"], json!([]));
    assert!(std::fs::read_dir(server.path().join("imports")).expect("the folder").next().is_none());
}

#[tokio::test]
async fn bad_options_are_named() {
    let server = Server::start();
    let id = server.upload("email\nada@example.com\n").await.is(201).json()["id"].clone();
    let path = format!("/v1/imports/{id}/options");
    for (options, at) in [
        (json!({"encoding": "ebcdic"}), "/encoding"),
        (json!({"columns": {"7": "phone"}}), "/columns/7"),
        (json!({"columns": {"0": "fax"}}), "/columns/0"),
        (json!({"duplicates": "drop"}), "/duplicates"),
        (json!({"default_country": "XX"}), "/default_country"),
        (json!({"colums": {}}), "/colums"),
    ] {
        let problem = server.send_json("PUT", &path, options).await.is(422).json();
        assert_eq!(problem["errors"][0]["at"], at);
    }
    let wrong = json!({"encoding": "utf-16le", "delimiter": "|", "header": false});
    server.send_json("PUT", &path, wrong).await.is(200);
}

#[tokio::test]
async fn known_leads_are_not_doubled_and_get_what_they_lack() {
    let server = Server::start();
    server.import("email,first name,city\nada@example.com,,London\nbob@example.com,Bob,\n").await;
    let second = server
        .import("E-mail,First name,Phone,Hobby\nADA@example.com,Ada,+442079460018,chess\nBob@example.com,Robert,,\neve@example.com,Eve,,\n")
        .await;
    assert_eq!((&second["leads_new"], &second["leads_known"]), (&json!(1), &json!(2)));
    let leads = server.get("/v1/leads").await.is(200).json();
    assert_eq!(leads["items"].as_array().map(Vec::len), Some(3));
    let ada = server.get("/v1/leads/1").await.is(200).json();
    assert_eq!((&ada["first_name"], &ada["phone"]), (&json!("Ada"), &json!("+442079460018")));
    let other = json!([{"index": 1_u8, "name": "city", "text": "London"}, {"index": null, "name": "Hobby", "text": "chess"}]);
    let mut wanted = other;
    wanted[0]["index"] = json!(2);
    assert_eq!(ada["other"]["columns"], wanted);
    let provenance = &ada["provenance"]["first_name"];
    assert_eq!(
        (&provenance["source"], &provenance["import_id"], &provenance["row"]),
        (&json!("file"), &json!(2), &json!(1))
    );
    assert_eq!(ada["provenance"]["email"]["import_id"], 1);
    assert_eq!(leads["items"][1]["first_name"], "Bob", "its own value stays");

    // What the file says to the letter is kept, too: once.
    for _ in 0..2 {
        server.import("Full name,E-mail\n\"Lovelace, Ada\",ada@example.com\n").await;
    }
    let ada = server.get("/v1/leads/1").await.is(200).json();
    let letter = json!({"index": null, "name": "Full name", "text": "Lovelace, Ada"});
    let columns = ada["other"]["columns"].as_array().expect("a list");
    assert_eq!(columns.iter().filter(|column| **column == letter).count(), 1, "{columns:?}");

    // Undoing the second import leaves those of the first.
    server.post("/v1/imports/2/undo").await.is(202);
    server.wait_for("/v1/imports/2", |import| import["state"] == "undone").await;
    assert_eq!(server.get("/v1/leads/count").await.is(200).json()["count"], 2);
}

#[tokio::test]
async fn what_is_no_leads_file_is_a_clear_problem() {
    let server = Server::start();
    for (file, word) in [
        (&b""[..], "empty"),
        (b"\xEF\xBB\xBF \n\n", "empty"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml", "Excel"),
        (b"\x7FELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x00>\x00\x01\x00", "binary"),
    ] {
        let problem = server.upload(file.to_vec()).await.is(422).json();
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(word), "{word}: {detail}");
    }
    let json = request("POST", "/v1/imports").header("content-type", "application/json");
    server.send(json.body(Body::from("{}")).expect("a request")).await.is(415);
    let form =
        request("POST", "/v1/imports").header("content-type", "multipart/form-data; boundary=x");
    server.send(form.body(Body::from("--x--")).expect("a request")).await.is(415);
    // What was given up is removed.
    let list = server.wait_for("/v1/imports", |list| list["items"] == json!([])).await;
    assert_eq!(list["next_cursor"], json!(null));

    // Files that are odd and can still be read.
    let header_only = server.import("email,country\n").await;
    assert_eq!((&header_only["leads_new"], &header_only["rows_read"]), (&json!(0), &json!(0)));
    let mut wide = (0..10_000).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
    wide.push_str("\nada@example.com");
    wide.push_str(&",x".repeat(9_999));
    wide.push('\n');
    let wide = server.import(wide).await;
    assert_eq!(wide["leads_new"], 1, "{wide}");
    let endless = format!("email,note\nada@example.org,{}", "x".repeat(5_000_000));
    let endless = server.import(endless).await;
    assert_eq!(endless["rows_read"], 1);
}

#[tokio::test]
async fn half_uploads_are_removed_and_limits_hold() {
    let mut settings = genesy_http::config::Settings::default();
    settings.limits.upload_bytes_max = 1000;
    let server = Server::start_with(settings);
    server.upload("x".repeat(2000)).await.is(413);
    let chunks = (0..20).map(|_| Ok::<_, std::io::Error>("x".repeat(100)));
    let chunked = Body::from_stream(futures_util::stream::iter(chunks));
    server.upload(chunked).await.is(413);
    let pieces = [Ok("email\nada@"), Err(std::io::Error::other("gone"))];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    server.upload(body).await.is(400);
    server.wait_for("/v1/imports", |list| list["items"] == json!([])).await;
    let folder = server.path().join("imports");
    let left = || std::fs::read_dir(&folder).map_or(0, |files| files.count());
    assert_eq!(left(), 0);

    // A server that ended in the midst of one removes it at its next start.
    let folder = server.stop().await;
    std::fs::write(folder.path().join("imports/77.upload"), "email\n").expect("a file");
    let server = Server::over(folder, genesy_http::config::Settings::default());
    let is_gone = || !server.path().join("imports/77.upload").exists();
    for _ in 0..1000 {
        if is_gone() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(is_gone());
}

#[tokio::test]
async fn an_upload_that_is_dropped_at_once_leaves_nothing() {
    let server = Server::start();
    let mut asked = Box::pin(server.upload("email\nada@example.com\n"));
    assert!(futures_util::poll!(&mut asked).is_pending());
    drop(asked);
    // The store does one thing after the other: it was begun before this one.
    let next = server.upload("email\nbob@example.com\n").await.is(201).json();
    assert_eq!(next["id"], 2);
    let is_one = |list: &serde_json::Value| list["items"].as_array().map(Vec::len) == Some(1);
    server.wait_for("/v1/imports", is_one).await;
}

#[tokio::test]
async fn an_import_that_a_stop_cuts_off_goes_on_at_the_next_start() {
    let server = Server::start();
    let rows: String = (0..10).map(|row| format!("lead{row}@example.com\n")).collect();
    let id = server.upload(format!("email\n{rows}")).await.is(201).json()["id"].clone();
    let path = format!("/v1/imports/{id}");
    // It has its turn when the server stops already.
    server.state.stop().await;
    server.post(&format!("{path}/commit")).await.is(202);
    for _ in 0..500 {
        assert_eq!(server.get(&path).await.is(200).json()["state"], "importing");
    }
    let server = Server::over(server.stop().await, genesy_http::config::Settings::default());
    let import = server.wait_for(&path, |import| import["state"] == "imported").await;
    assert_eq!(import["leads_new"], 10);
    assert_eq!(server.get("/v1/leads/count").await.is(200).json()["count"], 10);
}

#[tokio::test]
async fn an_import_waits_until_the_store_works_again() {
    let server = Server::start();
    let id = server.upload("email\nada@example.com\n").await.is(201).json()["id"].clone();
    let path = format!("/v1/imports/{id}");
    let refusing = server.refuse("INSERT");
    server.post(&format!("{path}/commit")).await.is(202);
    let import = server.wait_for(&path, |import| import["error"] != json!(null)).await;
    assert_eq!((&import["state"], &import["rows_read"]), (&json!("importing"), &json!(0)));
    drop(refusing);
    let import = server.wait_for(&path, |import| import["state"] == "imported").await;
    assert_eq!((&import["leads_new"], &import["error"]), (&json!(1), &json!(null)));

    let refusing = server.refuse("DELETE");
    server.post(&format!("{path}/undo")).await.is(202);
    server.wait_for(&path, |import| import["error"] != json!(null)).await;
    drop(refusing);
    let import = server.wait_for(&path, |import| import["state"] == "undone").await;
    assert_eq!(import["error"], json!(null));
}

#[tokio::test]
async fn what_was_begun_goes_on_when_whoever_asked_goes() {
    let server = Server::start();
    let id = server.upload("email\nada@example.com\n").await.is(201).json()["id"].clone();
    let path = format!("/v1/imports/{id}");
    for (what, state) in [("commit", "imported"), ("undo", "undone")] {
        let path = format!("{path}/{what}");
        let mut asked = Box::pin(server.post(&path));
        assert!(futures_util::poll!(&mut asked).is_pending());
        drop(asked);
        server.wait_for(&format!("/v1/imports/{id}"), |import| import["state"] == state).await;
    }
}

#[tokio::test]
async fn what_is_older_than_the_settings_say_is_removed() {
    const HOUR_US: i64 = 3_600_000_000;
    let server = Server::start();
    for _ in 0..2 {
        server.upload("email\nada@example.com\n").await.is(201);
    }
    let folder = server.stop().await;
    let file = folder.path().join("genesy.sqlite3");
    let store = rusqlite::Connection::open(&file).expect("a store");
    let age = "UPDATE imports SET created_at = created_at - ?1 WHERE id = 1";
    assert_eq!(store.execute(age, [25 * HOUR_US]).expect("it is written"), 1);
    let age = "UPDATE events SET at = at - ?1 WHERE seq <= 2";
    assert_eq!(store.execute(age, [31 * 24 * HOUR_US]).expect("it is written"), 2);
    drop(store);
    let server = Server::over(folder, genesy_http::config::Settings::default());
    let is_gone = |list: &serde_json::Value| list["items"].as_array().map(Vec::len) == Some(1);
    let list = server.wait_for("/v1/imports", is_gone).await;
    assert_eq!(list["items"][0]["id"], 2);
    let folder = server.path().join("imports");
    let begun = std::time::Instant::now();
    let store = rusqlite::Connection::open(&file).expect("a store");
    let oldest = || store.query_row("SELECT min(seq) FROM events", [], |row| row.get::<_, i64>(0));
    while oldest().expect("an event") <= 2 || folder.join("1.upload").exists() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it is kept");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(folder.join("2.upload").exists());
    assert_eq!(oldest().expect("an event"), 3);
}

#[tokio::test]
async fn parameters_that_there_are_not_are_named() {
    let server = Server::start();
    for path in ["/v1/imports", "/v1/jobs", "/v1/suppressions", "/v1/imports/1/issues"] {
        let problem = server.get(&format!("{path}?limits=3")).await.is(422).json();
        let detail = problem.to_string();
        assert!(detail.contains("limits"), "{detail}");
    }
}

#[tokio::test]
async fn a_file_that_is_sent_again_with_its_key_is_one_import() {
    let server = Server::start();
    let send = async |key: &str, body: Body| {
        let request =
            request("POST", "/v1/imports?file_name=leads.csv").header("idempotency-key", key);
        server.send(request.header("content-type", "text/csv").body(body).expect("a request")).await
    };
    // What did not come to its end is sent again with the same key.
    let pieces = [Ok("email\nada@"), Err(std::io::Error::other("gone"))];
    send("one", Body::from_stream(futures_util::stream::iter(pieces))).await.is(400);
    let file = "email\nada@example.com\n";
    let first = send("one", Body::from(file)).await.is(201);
    let again = send("one", Body::from(file)).await.is(201);
    assert_eq!(
        (again.json()["id"].clone(), again.header("location")),
        (first.json()["id"].clone(), first.header("location"))
    );
    let other = send("two", Body::from(file)).await.is(201);
    assert_ne!(other.json()["id"], first.json()["id"]);
    let list =
        server.wait_for("/v1/imports", |list| list["items"].as_array().map(Vec::len) == Some(2));
    list.await;
    // A late retry does not bring back what was deleted since: it is told what was answered then.
    let place = other.header("location").to_owned();
    server.send(request("DELETE", &place).body(Body::empty()).expect("a request")).await.is(204);
    let late = send("two", Body::from(file)).await.is(201);
    assert_eq!((late.header("location"), late.header("idempotency-replayed")), (&*place, "true"));
    server.get(&place).await.is(404);
}
