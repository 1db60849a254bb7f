//! The Tokio driver and a small one written by hand pass the suite of drivers of verifications, and each
//! fault of the latter is found.
#![cfg(all(feature = "conformance", feature = "mail", feature = "simulated"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod dns;
mod plain;
mod tls;
#[path = "../tried/mod.rs"]
mod tried;
#[path = "../trusting/mod.rs"]
mod trusting;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use genesy_core::verification::{Report, Verification};
use genesy_providers::conformance::mail::{MailDriver, Network, Subject, check};
use genesy_providers::mail::{Egress, ResolverOptions, Verifier};
use tokio::runtime::Builder;

use self::plain::{Fault, Plain};
use self::tried::tried;

/// The driver of this crate.
struct OnTokio;

#[async_trait]
impl MailDriver for VerifierDriver {
    async fn verify(&self, verification: Verification) -> Report {
        self.0.resume(verification).await
    }
}

struct VerifierDriver(Verifier);

impl Subject for OnTokio {
    fn driver(&self, network: &Network) -> Arc<dyn MailDriver> {
        let resolver = ResolverOptions {
            name_servers: vec![network.name_server],
            ..ResolverOptions::default()
        };
        let verifier = Verifier::builder(network.policy.clone())
            .resolver(resolver)
            .port(network.smtp_port)
            .egress(Egress::default().allow("127.0.0.0/8".parse().unwrap()))
            .connect_pause(Duration::ZERO)
            .build();
        Arc::new(VerifierDriver(verifier.unwrap()))
    }
}

impl Subject for Fault {
    fn driver(&self, network: &Network) -> Arc<dyn MailDriver> {
        Arc::new(Plain::new(network.name_server, network.smtp_port, *self))
    }
}

#[tokio::test]
async fn the_driver_on_tokio_passes() {
    tried(&[], async || check(&OnTokio).await).await.assert_passed();
}

#[tokio::test]
async fn a_driver_written_by_hand_passes() {
    tried(&[], async || check(&Fault::None).await).await.assert_passed();
}

/// That each fault is found by these checks and by no others. They mostly wait, and so do it together.
fn fail_at(faults: &[(Fault, &[&str])]) {
    std::thread::scope(|scope| {
        for (fault, names) in faults {
            scope.spawn(move || {
                let runtime = Builder::new_current_thread().enable_all().build();
                let checking = tried(names, async || check(fault).await);
                let report = runtime.unwrap().block_on(checking);
                assert_eq!(report.failed(), *names, "{fault:?}:\n{report}");
            });
        }
    });
}

#[test]
fn waiting_for_too_long_is_found() {
    fail_at(&[
        (Fault::WaitsToRead, &["session deadlines", "closing"]),
        (Fault::WaitsForTls, &["handshake deadline"]),
        (Fault::WaitsToConnect, &["connect deadline"]),
        (Fault::WaitsForDns, &["dns deadline"]),
    ]);
}

#[test]
fn dropped_outputs_are_found() {
    fail_at(&[
        (Fault::KeepsConnections, &["closing", "sleeping"]),
        (Fault::DropsQuit, &["commands", "sleeping"]),
        (Fault::DropsTls, &["handshake deadline", "start tls"]),
        (Fault::SkipsSleep, &["sleeping"]),
    ]);
}

#[test]
fn invented_inputs_are_found() {
    fail_at(&[
        (Fault::InventsDisconnect, &["session deadlines", "closing", "patience", "time"]),
        (Fault::RepeatsBytes, &["bytes"]),
        (Fault::SwallowsBytes, &["bytes"]),
        (Fault::HidesDisconnect, &["disconnects"]),
        (Fault::HalvesTime, &["time"]),
    ]);
}

#[test]
fn mistaken_answers_are_found() {
    fail_at(&[
        (Fault::TakesFailureForAbsence, &["names"]),
        (Fault::TakesAbsenceForFailure, &["names"]),
        (Fault::TakesRefusalForTimeout, &["refusals"]),
    ]);
}
