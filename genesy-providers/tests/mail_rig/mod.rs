//! A verifier that asks the laboratory alone.

use std::time::Duration;

use genesy_core::verification::{Identity, Limits, Policy};
use genesy_providers::mail::{Builder, Egress, ResolverOptions, Verifier};
use genesy_providers::simulated::mail::Laboratory;

/// Who asks.
pub(crate) fn policy(limits: Limits) -> Policy {
    let identity =
        Identity::new("verifier.engines.example", "probe@engines.example").expect("names");
    Policy::new(identity).within(limits).expect("limits")
}

/// A verifier of the laboratory's mail hosts, to be changed before it is built.
pub(crate) fn builder(laboratory: &Laboratory, policy: Policy) -> Builder {
    Verifier::builder(policy)
        .resolver(ResolverOptions {
            name_servers: vec![laboratory.dns()],
            ..ResolverOptions::default()
        })
        .port(laboratory.smtp_port())
        .egress(Egress::default().allow("127.0.0.0/8".parse().expect("a network")))
        .connect_pause(Duration::ZERO)
        .seed(7)
}
