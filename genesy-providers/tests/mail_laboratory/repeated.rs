//! Verifiers that ask more than once.

use genesy_providers::simulated::mail::{Stage as At, Trick};

use super::rig::{
    ADA, BOB, WIDE, assert_deliverable, assert_undeliverable, builder, knows_ada, one_host, policy,
};

/// A verifier that asked before asks the same again, and gets the same.
#[tokio::test]
async fn the_second_answer_is_the_first() {
    let (laboratory, host) = one_host(knows_ada());
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    for _ in 0..3 {
        assert_deliverable(&verifier.verify(ADA).await);
        assert_undeliverable(&verifier.verify(BOB).await, "no_such_mailbox");
    }
    assert_eq!(host.stats().quits, 6);
}

/// A host that has recovered is believed.
#[tokio::test]
async fn a_host_that_recovers_is_asked_again() {
    let (laboratory, host) = one_host(knows_ada().trick(At::Greeting, Trick::Disconnect));
    let verifier = builder(&laboratory, policy(WIDE)).build().unwrap();
    assert_eq!(verifier.verify(ADA).await.conclusion.reason(), "disconnected");
    host.set_script(knows_ada());
    assert_deliverable(&verifier.verify(ADA).await);
}
