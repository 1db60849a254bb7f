//! Verifications: each verdict, progress, sleep, cancel, restart.
#![expect(clippy::unwrap_used, reason = "a test may end so")]

mod run_rig;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use genesy_core::verification::{Identity, Limits, Policy};
use genesy_http::Mail;
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::{Laboratory, MailHost, Script, Stage, Trick};
use run_rig::{PATIENCE, Rig, is_on_temporal};
use serde_json::{Value, json};
use tokio::runtime::Builder;

const VERIFICATIONS: &str = "/v1/email-verifications";

/// Mail servers: one that knows Ada, one that greylists, one that says nothing, one that takes anyone.
struct Mailing {
    _laboratory: Laboratory,
    later: MailHost,
    silent: MailHost,
}

/// How long a greylisted one sleeps. Meanwhile another one has to end, which takes longer on a cluster.
fn nap() -> Duration {
    Duration::from_secs(if is_on_temporal() { 20 } else { 5 })
}

fn mailing(rig: &mut Rig, greylisted: Duration) -> Mailing {
    let laboratory = Laboratory::start().unwrap();
    let host = |domain: &str, script: Script| {
        let name = format!("mx.{domain}");
        let host = laboratory.host(&name, script).unwrap();
        laboratory.domain(domain).mx(10, &name);
        host
    };
    host("engines.example", Script::with_mailboxes(["ada@engines.example"]));
    host("anyone.example", Script::default());
    let says = "450 4.2.0 <{}>: Recipient address rejected: Greylisted";
    let knows = Script::with_mailboxes(["ada@later.example"]);
    let later = host("later.example", knows.greylisting_says(greylisted, says));
    let silent = host("silent.example", Script::default().trick(Stage::Greeting, Trick::Silence));
    let resolver =
        ResolverOptions { name_servers: vec![laboratory.dns()], ..ResolverOptions::default() };
    let greylist_ms = nap().as_millis().try_into().unwrap();
    let limits = Limits { greylist_ms, greylist_ms_max: 60_000, ..Limits::DEFAULT };
    let identity = Identity::new("verifier.engines.example", "").unwrap();
    let verifier = Verifier::builder(Policy::new(identity).within(limits).unwrap())
        .resolver(resolver)
        .port(laboratory.smtp_port())
        .egress(Egress::default().allow("127.0.0.0/8".parse().unwrap()))
        .connect_pause(Duration::ZERO)
        .build()
        .unwrap();
    rig.mail = Some(Mail::new(verifier));
    Mailing { _laboratory: laboratory, later, silent }
}

/// Adds leads with these addresses.
fn add(rig: &Rig, addresses: &[Option<&str>]) -> Vec<i64> {
    let connection = rig.connection();
    let sql = "INSERT INTO leads (email, created_at, updated_at) VALUES (?1, 0, 0)";
    let insert = |address: &Option<&str>| {
        connection.execute(sql, [address]).unwrap();
        connection.last_insert_rowid()
    };
    let leads: Vec<i64> = addresses.iter().map(insert).collect();
    rig.notice(&leads);
    leads
}

async fn of(rig: &Rig, lead: i64) -> Value {
    rig.get(&format!("{VERIFICATIONS}/{lead}")).await.1
}

#[tokio::test]
async fn each_address_has_its_verdict() {
    let mut rig = Rig::new().await;
    let _mailing = mailing(&mut rig, Duration::ZERO);
    rig.start().await;
    let addresses = [
        Some("ada@engines.example"),
        Some("charles@engines.example"),
        Some("someone@anyone.example"),
        Some("ada@nowhere.example"),
        None,
    ];
    let leads = add(&rig, &addresses);
    let job = rig.begin(VERIFICATIONS, json!({"selection": {"leads": leads}})).await;
    let ended = rig.ended(job).await;
    assert_eq!((&ended["leads"], &ended["skipped"]["without_email"]), (&json!(4), &json!(1)));
    let mut verdicts = Vec::new();
    for lead in &leads[..4] {
        let found = of(&rig, *lead).await;
        assert_eq!(found["state"], "ended");
        assert!(found["words"].as_str().is_some_and(|words| !words.is_empty()), "{found}");
        verdicts.push((found["verdict"].clone(), found["reason"].clone()));
    }
    let expected = [
        ("deliverable", "accepted"),
        ("undeliverable", "no_such_mailbox"),
        ("risky", "catch_all"),
        ("undeliverable", "no_such_domain"),
    ];
    assert_eq!(verdicts, expected.map(|(verdict, reason)| (json!(verdict), json!(reason))));
    let (_, charles) = rig.get(&format!("/v1/leads/{}", leads[1])).await;
    assert_eq!(
        charles["email_check"]["words"],
        "find another address: the server knows no such mailbox"
    );
    let evidence = of(&rig, leads[0]).await["evidence"].clone();
    assert_eq!(evidence["hosts"], json!(["mx.engines.example"]), "{evidence}");
    let stored: String =
        rig.value("SELECT group_concat(email_verdict) FROM (SELECT * FROM leads WHERE email_at IS NOT NULL ORDER BY id)");
    assert_eq!(stored, "deliverable,undeliverable,risky,undeliverable");
    let events = serde_json::to_string(&rig.events()).unwrap();
    assert!(!events.contains('@') && !events.contains(".example"), "{events}");

    // The verdict is known to the search of a phone, and nobody is asked with an address that is dead.
    rig.connection()
        .execute("UPDATE leads SET job_title = 'Engineer' WHERE id = ?1", [leads[1]])
        .unwrap();
    let job = rig.begin("/v1/phone-lookups", json!({"selection": {"leads": [leads[1]]}})).await;
    assert_eq!(rig.ended(job).await["counts"]["by_outcome"], json!({"not_eligible": 1}));
    let (_, search) = rig.get(&format!("/v1/phone-lookups/{}", leads[1])).await;
    assert_eq!(search["steps"][1]["why"], "the lead's e-mail address is undeliverable");
    let (status, _) = rig.get(&format!("{VERIFICATIONS}/{}", leads[4])).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    rig.stop().await;
}

#[tokio::test]
async fn progress_is_seen_without_the_host_and_a_cancelled_one_has_no_verdict() {
    let mut rig = Rig::new().await;
    let mailing = mailing(&mut rig, Duration::ZERO);
    rig.start().await;
    let lead = add(&rig, &[Some("ada@silent.example")])[0];
    let job = rig.begin(VERIFICATIONS, json!({"selection": {"leads": [lead]}})).await;
    rig.until("it is told that the greeting is waited for", |rig| {
        rig.events().iter().any(|event| event["what"] == "checking" && event["stage"] == "greeting")
    })
    .await;
    let checking = rig.events().into_iter().find(|event| event["stage"] == "greeting").unwrap();
    assert_eq!(checking["words"], "waiting for the greeting");
    let found = of(&rig, lead).await;
    assert_eq!(found["words"], "waiting for the greeting of mx.silent.example");
    assert_eq!((&found["state"], &found["stage"]), (&json!("running"), &json!("greeting")));
    assert!(found["stage_deadline"].is_string() && found["deadline"].is_string());

    let (status, _) = rig.post(&format!("{VERIFICATIONS}/{lead}/cancel"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let ended = rig.ended(job).await;
    assert_eq!(ended["counts"]["by_outcome"], json!({"cancelled": 1}));
    assert_eq!(of(&rig, lead).await["verdict"], Value::Null);
    assert!(rig.events().iter().any(|event| event["what"] == "cancelled"));
    assert_eq!(rig.value::<Option<String>>("SELECT email_state FROM leads"), None);
    assert_eq!(mailing.silent.stats().connections_total, 1);
    rig.stop().await;
}

#[tokio::test]
async fn what_was_found_out_about_another_address_is_not_kept() {
    let mut rig = Rig::new().await;
    let _mailing = mailing(&mut rig, Duration::ZERO);
    rig.start().await;
    let lead = add(&rig, &[Some("ada@silent.example")])[0];
    let verify = || rig.begin(VERIFICATIONS, json!({"selection": {"leads": [lead]}}));
    let job = verify().await;
    rig.until("it is under way", |rig| {
        rig.events().iter().any(|event| event["stage"] == "greeting")
    })
    .await;
    let change = |email: &'static str| {
        let rig = &rig;
        async move {
            let (status, answer) =
                rig.patch(&format!("/v1/leads/{lead}"), json!({"email": email})).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            assert_eq!(answer["email_check"]["verdict"], Value::Null, "{answer}");
            assert_eq!(rig.value::<Option<String>>("SELECT email_state FROM leads"), None);
            let (status, _) = rig.get(&format!("{VERIFICATIONS}/{lead}")).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
        }
    };
    change("ada@engines.example").await;
    assert_eq!(rig.ended(job).await["counts"]["by_outcome"], json!({"cancelled": 1}));
    for (next, verdict) in [("charles@engines.example", "deliverable"), ("", "undeliverable")] {
        let job = verify().await;
        let ended = rig.ended(job).await;
        assert_eq!(ended["counts"]["by_outcome"], json!({verdict: 1}), "by the new address");
        change(next).await;
    }
    rig.stop().await;
}

#[test]
fn one_that_sleeps_holds_up_nobody_and_is_known_behind_a_crash() {
    let outside = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (mut rig, mailing) = outside.block_on(async {
        let mut rig = Rig::new().await;
        let mailing = mailing(&mut rig, nap());
        (rig, mailing)
    });
    rig.settings.engine.email_leads_max = 1;
    let server = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (job, begun) = server.block_on(async {
        rig.start().await;
        let leads = add(&rig, &[Some("ada@later.example"), Some("ada@engines.example")]);
        let begun = Instant::now();
        let job = rig.begin(VERIFICATIONS, json!({"selection": {"leads": leads}})).await;
        rig.until("the other one is done", |rig| {
            rig.value::<i64>("SELECT count(*) FROM runs WHERE state = 'ended'") >= 1
        })
        .await;
        let sleeping = loop {
            let seen = of(&rig, leads[0]).await;
            assert_eq!(seen["state"], "running");
            if seen["stage"] == "greylist" {
                break seen;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not sleep: {seen}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert!(sleeping["asleep_until"].is_string(), "{sleeping}");
        (job, begun)
    });
    rig.server = None;
    server.shutdown_timeout(Duration::from_secs(5));
    let asked = mailing.later.stats().connections_total;

    let server = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ended = server.block_on(async {
        rig.start().await;
        let ended = rig.ended(job).await;
        rig.stop().await;
        ended
    });
    assert_eq!(ended["counts"]["by_outcome"], json!({"deliverable": 2}));
    assert!(begun.elapsed() > nap(), "it slept");
    assert!(
        mailing.later.stats().connections_total <= asked + 1,
        "it was asked once more, and no more"
    );
}

#[tokio::test]
async fn without_mail_servers_to_ask_it_is_said_what_to_do() {
    let mut rig = Rig::new().await;
    rig.start().await;
    let leads = add(&rig, &[Some("ada@engines.example")]);
    let (status, problem) = rig.post(VERIFICATIONS, json!({"selection": {"leads": leads}})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(problem["detail"].as_str().unwrap().contains("HELO"), "{problem}");
    rig.stop().await;
}
