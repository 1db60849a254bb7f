//! Verifying e-mail addresses by DNS and SMTP, on Tokio.
//!
//! A [`Verifier`] does what genesy-core's [`Verification`](genesy_core::verification::Verification) asks for
//! and tells it what came of it; it decides nothing, and the machine owns all deadlines.
//!
//! ```no_run
//! use genesy_core::verification::{Identity, Policy};
//! use genesy_providers::mail::Verifier;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Who asks: names that this host has in the DNS, and whose domain allows it to send (SPF).
//! let identity = Identity::new("verifier.engines.example", "probe@engines.example")?;
//! let verifier = Verifier::builder(Policy::new(identity)).build()?;
//! let report = verifier.verify("ada@engines.example").await;
//! println!("{}: {}", report.conclusion.verdict().name(), report.conclusion.advice());
//! # Ok(())
//! # }
//! ```
//!
//! # Limits
//!
//! | what | default | set by |
//! |---|---|---|
//! | one verification, and each stage of it | 30 s, and 1 to 10 s | [`Limits`](genesy_core::verification::Limits) of the policy |
//! | sleeping where a server greylists | 15 minutes | the same |
//! | connections to one mail host at a time | 4 ([`CONNECTIONS_PER_HOST_MAX_DEFAULT`]) | [`Builder::connections_per_host_max`] |
//! | between the beginnings of two of them | 50 ms ([`CONNECT_PAUSE_DEFAULT`]) | [`Builder::connect_pause`] |
//! | addresses under way in [`Verifier::verify_all`] | 200 ([`CONCURRENCY_MAX_DEFAULT`]) | [`Builder::concurrency_max`] |
//! | addresses that sleep beside them | 10,000 | nobody |
//! | a session that nobody uses | 2 s ([`IDLE_TIME_MAX_DEFAULT`]) | nobody |
//! | answers of the DNS are remembered | as long as they say, 1 s to 1 h | [`ResolverOptions`] |
//! | whether a domain takes anyone is remembered | a day ([`DOMAIN_LIFETIME_DEFAULT`]), or until it refuses 20 recipients in a row | [`Builder::domain_lifetime`] |
//!
//! # What it connects to
//!
//! Addresses of the public internet alone, unless an [`Egress`] allows more: the domain of a lead must not
//! lead into the network of whoever verifies it. Where several hosts cannot be reached, or refuse, and none can
//! be, the port is taken to be closed to the outside: that is logged as an error once and told by
//! [`Verifier::port_state`], and addresses then end as `egress_blocked` without a wait; it is tried again each
//! minute.
//!
//! # Many addresses
//!
//! Addresses of one domain follow the first one over its session, more at a time as the server is quick, and
//! no more than it turns out to take in one transaction or session. Domains of the same mail host hand
//! sessions on. A verification that sleeps holds neither a connection nor others up.

mod batch;
mod cache;
mod connection;
mod dial;
mod drive;
mod egress;
mod hosts;
mod knowledge;
mod port_watch;
mod resolver;
mod socks5;
mod special_ranges;
mod stream;
mod tls;
mod verifier;
mod verify_all;
mod watched;

use std::time::Duration;

pub use self::egress::{Egress, EgressBlocked, Network, NetworkError};
pub use self::port_watch::PortState;
pub use self::resolver::{ResolverError, ResolverOptions};
pub use self::socks5::{CredentialsError, Socks5};
pub use self::verifier::{
    Builder, CONCURRENCY_MAX_DEFAULT, CONNECT_PAUSE_DEFAULT, CONNECTIONS_PER_HOST_MAX_DEFAULT,
    DOMAIN_LIFETIME_DEFAULT, Drove, IDLE_TIME_MAX_DEFAULT, SMTP_PORT, Verifier, VerifierError,
    VerifyError,
};
pub use self::verify_all::Verified;
pub use self::watched::Verifying;

/// The longest time that a setting means, a hundred years: points in time end somewhere.
const SETTING_TIME_MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
