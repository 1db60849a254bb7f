//! The resolver against a name server on loopback.

mod addresses;
mod failures;
mod mx;
mod remembered;
mod server;

use std::time::Duration;

use self::server::Server;
use super::*;

/// How long one try may take whose answer comes: a busy machine is not to ask twice.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one try takes where no answer comes.
const SILENCE: Duration = Duration::from_millis(200);

/// A resolver that asks one server.
fn resolver(server: &Server) -> Resolver {
    Resolver::new(options(server)).unwrap()
}

fn options(server: &Server) -> ResolverOptions {
    ResolverOptions {
        name_servers: vec![server.address],
        try_timeout: PATIENCE,
        ..ResolverOptions::default()
    }
}

/// Options to ask a server that does not answer.
fn hasty_options(server: &Server) -> ResolverOptions {
    ResolverOptions { try_timeout: SILENCE, ..options(server) }
}
