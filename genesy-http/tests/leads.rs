//! Leads are found, changed, taken away and deleted.

mod server;

use serde_json::json;
use server::Server;

const FILE: &str = "First name,Last name,Email,Country,Website,Phone,City\n\
    Ada,Lovelace,ada@analytical.example.com,GB,https://www.analytical.example.com/x,020 7946 0018,London\n\
    Grace,Hopper,grace@navy.mil,US,,,Arlington\n\
    Åsa,Öberg,asa@gmail.com,Sweden,,call me,=1+1\n";

#[tokio::test]
async fn lists_are_filtered_sorted_and_searched() {
    let server = Server::start();
    server.import(FILE).await;
    let names = async |query: &str| {
        let list = server.get(&format!("/v1/leads?{query}")).await.is(200).json();
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let names = items.iter().map(|lead| lead["first_name"].as_str().unwrap_or("").to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("sort=name").await, "Grace Ada Åsa");
    assert_eq!(names("sort=country&order=desc").await, "Grace Åsa Ada");
    assert_eq!(names("country=SE").await, "Åsa");
    assert_eq!(names("phone=found").await, "Ada");
    assert_eq!(names("phone=missing&verdict=none&offset=1").await, "Åsa");
    assert_eq!(names("import=1&has_issues=true").await, "Åsa");
    assert_eq!(names("ids=3,1,99").await, "Åsa Ada");
    assert_eq!(names("q=asa").await, "Åsa");
    assert_eq!(names("q=lov%20ada").await, "Ada");
    assert_eq!(names("q=obe").await, "Åsa");
    assert_eq!(names("q=navy.mil").await, "Grace");
    assert_eq!(names("q=%22OR%22").await, "");
    let count = server.get("/v1/leads/count?ids=1,3,99").await.is(200).json();
    assert_eq!(count, json!({"count": 2}));
    let count = server.get("/v1/leads/count?country=SE&q=asa").await.is(200).json();
    assert_eq!(count, json!({"count": 1}));
    // The same by a body, so that no address tells whom it is about.
    let search = json!({"filter": {"q": "lov ada"}, "sort": "name", "limit": 5});
    let found = server.send_json("POST", "/v1/leads/search", search).await.is(200).json();
    assert_eq!((&found["items"][0]["id"], &found["next_cursor"]), (&json!(1), &json!(null)));
    let filter = json!({"country": "SE", "q": "asa"});
    let same = server.send_json("POST", "/v1/leads/count", filter.clone()).await.is(200).json();
    assert_eq!(same, count);
    let export = json!({"filter": filter});
    let csv = server.send_json("POST", "/v1/leads/export.csv", export).await.is(200).text();
    assert!(csv.contains("\u{d6}berg") && csv.lines().count() == 2, "{csv}");
    for (at, wrong) in [
        ("/limit", json!({"limit": 501})),
        ("/offset", json!({"offset": 1_000_001})),
        ("/sort", json!({"sort": "x"})),
        ("country", json!({"filter": {"country": "XX"}})),
    ] {
        let problem = server.send_json("POST", "/v1/leads/search", wrong).await.is(422).json();
        assert_eq!(problem["errors"][0]["at"], at);
    }
    // A filter is an object: its values in a row would be read as those of the first fields.
    for (path, at, wrong) in [
        ("search", "/filter", json!({"filter": [null, null]})),
        ("export.csv", "/filter", json!({"filter": [null, null]})),
        ("count", "", json!([null, null])),
    ] {
        let path = format!("/v1/leads/{path}");
        let problem = server.send_json("POST", &path, wrong).await.is(422).json();
        assert_eq!(problem["errors"][0]["at"], at, "{problem}");
    }
    for query in [
        "limit=0",
        "limit=501",
        "offset=-1",
        "sort=x",
        "verdict=x",
        "colour=red",
        "country=XX",
        "cursor=x",
    ] {
        let problem = server.get(&format!("/v1/leads?{query}")).await.is(422).json();
        assert_eq!(problem["errors"][0]["at"], query.split('=').next().unwrap_or_default());
    }
}

#[tokio::test]
async fn changes_are_normalized_and_their_origin_is_kept() {
    let server = Server::start();
    server.import(FILE).await;
    let patch = json!({"country": "Deutschland", "phone": "030 901820", "email": "Ada@Example.org",
        "company_domain": "https://www.example.org/about", "job_title": null, "years_in_role": 2.5,
        "linkedin_url": "linkedin.com/in/ada", "last_name": " King "});
    let lead = server.send_json("PATCH", "/v1/leads/1", patch).await.is(200).json();
    assert_eq!((&lead["country"]["code"], &lead["phone"]), (&json!("DE"), &json!("+4930901820")));
    assert_eq!(
        (&lead["company_domain"], &lead["last_name"]),
        (&json!("example.org"), &json!("King"))
    );
    let phone = &lead["provenance"]["phone"];
    assert_eq!(
        (&phone["source"], &phone["value_before"]),
        (&json!("user"), &json!("+442079460018"))
    );
    assert_eq!(lead["provenance"]["first_name"]["source"], "file");
    let found = server.get("/v1/leads?q=king").await.is(200).json();
    assert_eq!(found["items"][0]["id"], 1);
    let before = server.get("/v1/leads/count?q=lovelace").await.is(200).json();
    assert_eq!(before, json!({"count": 0}));

    let bad = json!({"country": "XXX", "phone": "call me", "email": "ada@", "company_domain": "gmail.com",
        "linkedin_url": "x", "years_in_role": -1});
    let problem = server.send_json("PATCH", "/v1/leads/1", bad).await.is(422).json();
    let mut at: Vec<&str> = problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|e| e["at"].as_str())
        .collect();
    at.sort_unstable();
    assert_eq!(
        at,
        ["/company_domain", "/country", "/email", "/linkedin_url", "/phone", "/years_in_role"]
    );
    assert_eq!(server.get("/v1/leads/1").await.is(200).json()["country"]["code"], "DE");
    let taken =
        server.send_json("PATCH", "/v1/leads/1", json!({"email": "GRACE@navy.mil"})).await.is(422);
    assert_eq!(taken.json()["errors"][0]["at"], "/email");
    server.send_json("PATCH", "/v1/leads/1", json!({"name": "x"})).await.is(422);
    server.send_json("PATCH", "/v1/leads/99", json!({})).await.is(404);
}

#[tokio::test]
async fn what_is_taken_away_is_the_file_and_what_was_found() {
    let server = Server::start();
    server.import(FILE).await;
    server
        .send_json("PATCH", "/v1/leads/1", json!({"phone": null, "last_name": "King"}))
        .await
        .is(200);
    let csv = server.get("/v1/leads/export.csv?import=1").await.is(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    let csv = csv.text();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines[0].starts_with("First name,Last name,Email,Country,Website,Phone,City,genesy_id,")
    );
    assert!(lines[1].starts_with("Ada,Lovelace,ada@analytical.example.com,GB,https://www.analytical.example.com/x,020 7946 0018,London,1,Ada,King,"), "{}", lines[1]);
    assert!(lines[2].starts_with("Grace,Hopper,grace@navy.mil,US,,,Arlington,2,"), "{}", lines[2]);
    assert!(
        lines[3].contains(",Sweden,,call me,'=1+1,3,Åsa,Öberg,asa@gmail.com,,SE,Sweden,"),
        "{}",
        lines[3]
    );
    let all = server.get("/v1/leads/export.csv?country=US").await.is(200).text();
    assert_eq!(all.lines().count(), 2);
    assert!(all.starts_with("id,first_name,") && all.contains("City: Arlington"), "{all}");
    server.get("/v1/leads/export.csv?import=9").await.is(404);
}

#[tokio::test]
async fn cells_are_taken_away_as_they_were_whatever_else_says_the_same() {
    for file in [
        "Full name,First name,Last name,Email\nAda Lovelace,Ada,Lovelace,ada@example.com\n",
        "Full name,First name,Last name,Email\nAda Lovelace,,,ada@example.com\n",
        "Email,Website\nada@example.com,example.com\n",
        "Email,Website\nada@example.com,\n",
        "Email,Email,Website\nada@example.com,ada@example.com,example.org\n",
        "Email,Email,Website\n,ada@example.com,example.org\n",
    ] {
        let server = Server::start();
        server.import(file).await;
        let csv = server.get("/v1/leads/export.csv?import=1").await.is(200).text();
        let (wanted, lines) = (file.lines().nth(1).unwrap_or_default(), csv.lines().nth(1));
        assert!(lines.is_some_and(|line| line.starts_with(&format!("{wanted},1,"))), "{csv}");
    }
}

#[tokio::test]
async fn leads_are_deleted_one_by_one_and_by_selection() {
    let server = Server::start();
    server.import(FILE).await;
    server.delete("/v1/leads/2").await.is(204);
    server.delete("/v1/leads/2").await.is(404);
    let wrong = server
        .send_json("POST", "/v1/leads/delete", json!({"filter": {"contry": "SE"}}))
        .await
        .is(422);
    assert_eq!(wrong.json()["errors"][0]["at"], "/filter/contry");
    assert_eq!(
        server.get("/v1/leads/count").await.is(200).json()["count"],
        2,
        "nothing was deleted"
    );
    let deleted = server
        .send_json("POST", "/v1/leads/delete", json!({"filter": {"country": "SE"}}))
        .await
        .is(200);
    assert_eq!(deleted.json(), json!({"deleted": 1}));
    let deleted =
        server.send_json("POST", "/v1/leads/delete", json!({"leads": [1, 2, 77]})).await.is(200);
    assert_eq!(deleted.json(), json!({"deleted": 1}));
}

#[tokio::test]
async fn words_of_any_script_are_found_and_no_words_fail() {
    let server = Server::start();
    server
        .import("First name,Last name,Email\nनाम,शर्मा,a@example.com\nสมชาย,ใจดี,b@example.com\n")
        .await;
    let ids = async |q: &str| {
        let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let list = server.get(&format!("/v1/leads?q={q}")).await.is(200).json();
        let count = server.get(&format!("/v1/leads/count?q={q}")).await.is(200).json();
        let items = list["items"].as_array().cloned().unwrap_or_default();
        assert_eq!(count["count"], items.len());
        items.iter().map(|lead| lead["id"].as_i64().unwrap_or_default()).collect::<Vec<_>>()
    };
    for (q, wanted) in [("नाम", [1]), ("शर्", [1]), ("สมช", [2]), ("ใจดี b@", [2])]
    {
        assert_eq!(ids(q).await, wanted, "{q}");
    }
    for q in ["*", "\"", "NEAR(a b)", "\u{301}", "👩‍💻", "", " ", "a AND", "-a:", "'; --", "\0"]
    {
        ids(q).await;
    }
    ids(&"long ".repeat(800)).await;
}

#[tokio::test]
async fn an_address_is_known_as_long_as_a_lead_has_it() {
    let mut server = Server::start();
    server.import(FILE).await;
    let file = |email: &str| format!("Email\n{email}\n");
    let known = async |server: &Server, email: &str| {
        let import = server.import(file(email)).await;
        assert_eq!(
            import["leads_new"].as_i64().zip(import["leads_known"].as_i64()).map(|(a, b)| a + b),
            Some(1)
        );
        (import["id"].as_i64().expect("an id"), import["leads_known"] == 1)
    };
    assert!(known(&server, "GRACE@navy.mil").await.1);
    server = Server::over(server.stop().await, genesy_http::config::Settings::default());
    assert!(known(&server, "grace@NAVY.mil").await.1, "after a restart");

    server.send_json("PATCH", "/v1/leads/2", json!({"email": "hopper@navy.mil"})).await.is(200);
    assert!(known(&server, "hopper@navy.mil").await.1, "after a change");
    let (import, is_known) = known(&server, "grace@navy.mil").await;
    assert!(!is_known, "nobody has it any more");
    let taken = json!({"email": "grace@navy.mil"});
    server.send_json("PATCH", "/v1/leads/2", taken.clone()).await.is(422);

    server.post(&format!("/v1/imports/{import}/undo")).await.is(202);
    server.wait_for(&format!("/v1/imports/{import}"), |it| it["state"] == "undone").await;
    server.send_json("PATCH", "/v1/leads/2", taken).await.is(200);
    assert!(known(&server, "grace@navy.mil").await.1);
    server.delete("/v1/leads/2").await.is(204);
    assert!(!known(&server, "grace@navy.mil").await.1, "after it was deleted");
    server = Server::over(server.stop().await, genesy_http::config::Settings::default());
    assert!(known(&server, "grace@navy.mil").await.1);
    assert!(!known(&server, "hopper@navy.mil").await.1);
}

#[tokio::test]
async fn leads_that_cannot_be_read_hang_no_list_and_are_told() {
    let server = Server::start();
    server.import(FILE).await;
    server.get("/readyz").await.is(200);
    let folder = server.stop().await;
    let file = rusqlite::Connection::open(folder.path().join("genesy.sqlite3")).expect("the store");
    file.execute_batch("ALTER TABLE leads RENAME COLUMN phone_outcome TO hidden")
        .expect("a change");
    drop(file);
    let server = Server::over(folder, genesy_http::config::Settings::default());
    server.get("/readyz").await.is(503);
    server.get("/v1/leads").await.is(500);
    server.get("/v1/leads?sort=name&q=ada").await.is(500);
    server.get("/v1/leads/count").await.is(500);
}
