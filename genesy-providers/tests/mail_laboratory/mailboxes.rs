//! What hosts say of recipients.

use genesy_core::verification::{CatchAll, Stage, Verdict};
use genesy_providers::simulated::mail::{Mailbox, Script};

use super::rig::{
    ADA, BOB, DOMAIN, WIDE, assert_deliverable, assert_ended, assert_undeliverable, assert_unknown,
    builder, judge, knows_ada, one_host, policy, verify,
};

#[tokio::test]
async fn a_known_mailbox_is_deliverable() {
    let (laboratory, host) = one_host(knows_ada());
    let report = verify(&laboratory, WIDE, ADA).await;
    assert_deliverable(&report);
    assert_eq!(report.evidence.catch_all, CatchAll::No);
    assert_eq!(report.evidence.hosts, [host.name()]);
    let [tried] = &report.evidence.connections[..] else { panic!("{report:?}") };
    assert_eq!((tried.host, tried.address, tried.failure), (Some(0), host.ip(), None));
    let reply = report.evidence.reply.as_ref().unwrap();
    assert_eq!((reply.stage, reply.code), (Stage::Recipient, 250));
    assert_eq!(report.evidence.normal_form.unwrap().reveal(), ADA);
    // Nobody is sent a message.
    assert_eq!(host.stats().data, 0);
}

#[tokio::test]
async fn an_unknown_mailbox_is_undeliverable() {
    let (laboratory, _host) = one_host(knows_ada());
    let report = verify(&laboratory, WIDE, BOB).await;
    assert_undeliverable(&report, "no_such_mailbox");
    let reply = report.evidence.reply.unwrap();
    let enhanced = reply.enhanced.unwrap();
    assert_eq!((reply.stage, reply.code), (Stage::Recipient, 550));
    assert_eq!(enhanced.to_string(), "5.1.1");
    assert!(reply.text.reveal().contains("User unknown"));
    assert!(!reply.rule.is_empty());
}

#[tokio::test]
async fn an_unknown_mailbox_without_an_enhanced_code_is_told_by_its_words() {
    let script = knows_ada().unknown("550 No such user here");
    let (laboratory, _host) = one_host(script);
    assert_undeliverable(&verify(&laboratory, WIDE, BOB).await, "no_such_mailbox");
}

#[tokio::test]
async fn a_catch_all_domain_is_risky() {
    let report = judge(Script::default()).await;
    assert_ended(&report, Verdict::Risky, "catch_all", None);
    assert_eq!(report.evidence.catch_all, CatchAll::Yes);
}

#[tokio::test]
async fn a_mailbox_that_a_catch_all_domain_refuses_is_undeliverable() {
    let report = judge(Script::default().mailbox(ADA, Mailbox::Unknown)).await;
    assert_undeliverable(&report, "no_such_mailbox");
    assert_eq!(report.evidence.catch_all, CatchAll::Yes);
}

#[tokio::test]
async fn a_full_mailbox_is_risky() {
    let report = judge(knows_ada().mailbox(ADA, Mailbox::Full)).await;
    assert_ended(&report, Verdict::Risky, "mailbox_full", None);
}

#[tokio::test]
async fn a_full_mailbox_that_is_refused_for_good_is_risky() {
    let full = Mailbox::Says("552 5.2.2 <{}>: mailbox full".to_owned());
    let report = judge(knows_ada().mailbox(ADA, full)).await;
    assert_ended(&report, Verdict::Risky, "mailbox_full", None);
}

#[tokio::test]
async fn a_disabled_mailbox_is_undeliverable() {
    let report = judge(knows_ada().mailbox(ADA, Mailbox::Disabled)).await;
    assert_undeliverable(&report, "mailbox_disabled");
}

#[tokio::test]
async fn a_moved_mailbox_is_undeliverable() {
    let moved = Mailbox::Moved("ada@elsewhere.example".to_owned());
    let report = judge(knows_ada().mailbox(ADA, moved)).await;
    assert_undeliverable(&report, "moved");
}

#[tokio::test]
async fn a_bare_550_is_unknown() {
    let report = judge(knows_ada().mailbox(ADA, Mailbox::Says("550 Rejected".to_owned()))).await;
    assert_unknown(&report, "unclear", Stage::Recipient);
    assert_eq!(report.evidence.reply.unwrap().code, 550);
}

#[tokio::test]
async fn a_bare_554_is_unknown() {
    let says = Mailbox::Says("554 Transaction failed".to_owned());
    assert_unknown(&judge(knows_ada().mailbox(ADA, says)).await, "unclear", Stage::Recipient);
}

#[tokio::test]
async fn a_refusal_that_everybody_gets_is_unknown() {
    let nobody = Script::with_mailboxes([""]).no_postmaster().unknown("550 5.1.1 <{}> rejected");
    let report = judge(nobody).await;
    assert_unknown(&report, "refuses_anyone", Stage::CatchAll);
    assert_eq!(report.domain.distinguishes, Some(false));
}

#[tokio::test]
async fn a_host_with_no_mailbox_but_the_postmaster_is_believed() {
    let report = judge(Script::with_mailboxes([""])).await;
    assert_undeliverable(&report, "no_such_mailbox");
    assert_eq!(report.domain.distinguishes, Some(true));
}

#[tokio::test]
async fn a_tag_and_capitals_change_nothing() {
    let (laboratory, _host) = one_host(Script::with_mailboxes(["Ada+news@engines.example"]));
    assert_deliverable(&verify(&laboratory, WIDE, "Ada+news@ENGINES.example").await);
}

#[tokio::test]
async fn a_role_is_marked_and_deliverable_unless_the_policy_says_so() {
    let info = format!("info@{DOMAIN}");
    let (laboratory, _host) = one_host(Script::with_mailboxes([&info]));
    let report = verify(&laboratory, WIDE, &info).await;
    assert_deliverable(&report);
    assert!(report.evidence.is_role);

    let mut strict = policy(WIDE);
    strict.role_is_risky = true;
    let report = builder(&laboratory, strict).build().unwrap().verify(&info).await;
    assert_ended(&report, Verdict::Risky, "role", None);
}

#[tokio::test]
async fn what_is_no_address_is_not_asked_for() {
    let (laboratory, host) = one_host(knows_ada());
    let report = verify(&laboratory, WIDE, "ada at engines.example").await;
    assert_undeliverable(&report, "syntax_invalid");
    assert_eq!(laboratory.questions_total(), 0);
    assert_eq!(host.stats().connections_total, 0);
}

#[tokio::test]
async fn an_address_beyond_ascii_is_asked_for_where_smtputf8_is_offered() {
    let address = "jürgen@engines.example";
    let (laboratory, host) = one_host(Script::with_mailboxes([address]).smtputf8());
    assert_deliverable(&verify(&laboratory, WIDE, address).await);
    let transcript = host.transcripts().remove(0);
    assert!(transcript.commands().contains(&"MAIL FROM:<probe@engines.example> SMTPUTF8"));
}

#[tokio::test]
async fn an_address_beyond_ascii_is_unknown_where_smtputf8_is_not_offered() {
    let (laboratory, host) = one_host(knows_ada());
    let report = verify(&laboratory, WIDE, "jürgen@engines.example").await;
    assert_unknown(&report, "smtputf8_unsupported", Stage::Mail);
    // It is not sent where nobody takes it.
    assert_eq!(host.stats().recipients, 0);
    assert_eq!(host.stats().quits, 1);
}

#[tokio::test]
async fn a_domain_beyond_ascii_is_asked_for_in_a_labels() {
    let (laboratory, _host) = one_host(Script::with_mailboxes(["ada@xn--mller-kva.example"]));
    laboratory.domain("xn--mller-kva.example").mx(10, super::rig::MX);
    assert_deliverable(&verify(&laboratory, WIDE, "ada@müller.example").await);
}
