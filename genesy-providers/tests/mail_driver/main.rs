//! The Tokio driver of verifications: progress, cancelling, limits of hosts, shared sessions, many
//! addresses, and what it does not do.
#![cfg(all(feature = "simulated", feature = "mail"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod cancel;
mod driven;
mod egress;
mod hosts;
mod knowledge;
mod many;
mod privacy;
mod progress;
mod proxy;
#[path = "../mail_laboratory/rig.rs"]
#[expect(dead_code, reason = "the tests of verdicts need more of it")]
mod rig;
mod sessions;

use std::time::Duration;

/// How long something that happens in the background may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for something that happens in the background.
async fn until(mut happened: impl FnMut() -> bool) {
    let happening = async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, happening).await.expect("it did not happen");
}
