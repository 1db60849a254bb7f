//! The resolver against a name server on loopback.

mod addresses;
mod failures;
mod mx;
mod remembered;
mod server;

use std::time::Duration;

use self::server::Server;
use super::*;

/// A resolver that asks one server, with tries that are short.
fn resolver(server: &Server) -> Resolver {
    Resolver::new(options(server)).unwrap()
}

fn options(server: &Server) -> ResolverOptions {
    ResolverOptions {
        name_servers: vec![server.address],
        try_timeout: Duration::from_millis(200),
        ..ResolverOptions::default()
    }
}
