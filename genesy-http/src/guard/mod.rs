//! What stands before every handler, from the outside in: the record of the request (log and metrics), the
//! headers of the answer, panics, the host that was asked for, the rate, the page that asks, the token, the
//! pace of the body, going on when the client goes, and repeated requests.
//!
//! | limit | value |
//! |---|---|
//! | requests of a client | `limits.requests_per_s` in the long run, `limits.requests_burst` at once |
//! | clients whose requests are counted | 10,000 ([`rate::CLIENTS_MAX`]) |
//! | a body without a byte | `limits.upload_idle_s` |
//! | the pace of a body, behind its first minute | 256 bytes a second ([`body::BYTES_PER_S_MIN`]) |
//! | a request with an Idempotency-Key, and its answer | 1 MiB ([`idempotency::KEPT_BYTES_MAX`]), kept for 24 h |

mod body;
mod headers;
mod host;
mod idempotency;
mod nested;
mod origin;
mod panic;
mod rate;
mod record;
mod token;
mod whole;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{Extensions, Method};
use axum::middleware::{from_fn, from_fn_with_state};

pub(crate) use self::body::Stalled;
use self::host::Hosts;
pub(crate) use self::idempotency::{
    HEADER as IDEMPOTENCY_KEY, QUESTION_PATHS, sweep as sweep_answers,
};
pub(crate) use self::nested::prefix;
use self::rate::Rates;
pub(crate) use self::rate::network;
pub(crate) use self::token::{COOKIE, Token, is_public, unauthorized};
use crate::config::Settings;
use crate::state::AppState;

/// Who asks, by the address of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Client(pub(crate) IpAddr);

impl Client {
    /// Who sends a request: by this server's own connection, or by that of the one that it is nested in. All
    /// others are one client.
    fn of(request: &Extensions) -> Self {
        let of_other = || request.get::<ConnectInfo<SocketAddr>>().map(|of| Self(of.0.ip()));
        let client = request.get::<Self>().copied().or_else(of_other);
        client.unwrap_or(Self(Ipv4Addr::UNSPECIFIED.into()))
    }
}

/// What the guards know.
#[derive(Debug)]
pub(crate) struct Guards {
    hosts: Hosts,
    rates: Rates,
    pub(crate) token: Option<Token>,
}

impl Guards {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            hosts: Hosts::new(settings),
            rates: Rates::new(&settings.limits),
            token: settings.token.as_ref().map(|token| Token::new(token, settings.listen.port())),
        }
    }
}

/// The routes behind all guards.
pub(crate) fn guarded(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let state = || state.clone();
    router
        .layer(from_fn_with_state(state(), idempotency::answer_once))
        .layer(from_fn_with_state(state(), whole::answer))
        .layer(from_fn_with_state(state(), body::watch))
        .layer(from_fn_with_state(state(), token::check))
        .layer(from_fn_with_state(state(), origin::check))
        .layer(from_fn_with_state(state(), rate::check))
        .layer(from_fn_with_state(state(), host::check))
        .layer(from_fn(panic::answer))
        .layer(from_fn(nested::mend_location))
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(state(), record::keep))
}

/// Whether a request by this method changes nothing.
fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// Whether the path says whether the server lives: probes know neither its name nor its token.
fn is_probe(path: &str) -> bool {
    ["/healthz", "/readyz"].contains(&path)
}
