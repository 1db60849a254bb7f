//! Verifying e-mail addresses by DNS and SMTP.

mod batch;
mod cache;
mod connection;
mod dial;
mod drive;
mod egress;
mod hosts;
mod port_watch;
mod resolver;
mod socks5;
mod special_ranges;
mod stream;
mod tls;
mod verifier;
mod verify_all;
mod watched;

pub use self::egress::{Egress, EgressBlocked, Network, NetworkError};
pub use self::port_watch::PortState;
pub use self::resolver::{ResolverError, ResolverOptions};
pub use self::socks5::{CredentialsError, Socks5};
pub use self::verifier::{
    Builder, CONCURRENCY_MAX_DEFAULT, CONNECT_PAUSE_DEFAULT, CONNECTIONS_PER_HOST_MAX_DEFAULT,
    DOMAIN_LIFETIME_DEFAULT, IDLE_TIME_MAX_DEFAULT, SMTP_PORT, Verifier, VerifierError,
    VerifyError,
};
pub use self::verify_all::Verified;
pub use self::watched::Verifying;
