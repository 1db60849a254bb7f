//! Verifying e-mail addresses by DNS and SMTP.

#[cfg_attr(not(test), expect(dead_code, reason = "for the driver, which comes next"))]
mod dial;
mod egress;
mod resolver;
mod socks5;
mod special_ranges;
mod stream;
mod tls;

pub use self::egress::{Egress, EgressBlocked, Network, NetworkError};
pub use self::resolver::{ResolverError, ResolverOptions};
pub use self::socks5::{CredentialsError, Socks5};
