//! The contenders: each makes a whole check over a connection of its own.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use genesy_core::verification::{Conclusion, Limits};
use genesy_providers::mail::Verifier;

use crate::bare;
use crate::server::{DOMAINS, PEOPLE, Server, address};

/// Connections to one host at a time: no limit for the benches.
const CONNECTIONS_MAX: usize = 1024;

/// Makes the check of a number, and tells whether the address is taken. It is.
pub(crate) trait Contender: Fn(u32) -> Check + Send + Sync + 'static {}

impl<C: Fn(u32) -> Check + Send + Sync + 'static> Contender for C {}

/// A check under way.
pub(crate) type Check = Pin<Box<dyn Future<Output = bool> + Send>>;

/// Checks without any judgement, limit or time.
pub(crate) fn bare(server: &Server) -> impl Contender + use<> {
    let hosts: Arc<[_]> = (0..DOMAINS).map(|domain| server.place.host(domain)).collect();
    move |number| {
        let host = hosts[(number % DOMAINS) as usize];
        Box::pin(async move { bare::check(host, &known(number)).await.expect("a dialogue") })
    }
}

/// Checks of the verifier.
pub(crate) fn driven(verifier: &Verifier) -> impl Contender + use<> {
    let verifier = verifier.clone();
    move |number| {
        let verifier = verifier.clone();
        Box::pin(async move {
            verifier.verify(&known(number)).await.conclusion == Conclusion::Deliverable
        })
    }
}

/// A verifier that remembers nothing of domains, so that every check asks for a recipient that cannot be.
pub(crate) fn whole_dialogue(server: &Server) -> Verifier {
    let verifier = server.place.verifier(Limits::DEFAULT).domain_lifetime(Duration::ZERO);
    verifier.connections_per_host_max(CONNECTIONS_MAX).build().expect("a verifier")
}

/// Somebody who is known at the domain of the number.
fn known(number: u32) -> String {
    address(number % DOMAINS, number / DOMAINS * 2 % PEOPLE)
}
