//! How often a client may ask.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Client;
use crate::config::LimitSettings;
use crate::problem::Problem;
use crate::state::AppState;

/// Clients whose requests are counted at most.
pub(super) const CLIENTS_MAX: usize = 10_000;

/// A bucket of tokens for each client: a request takes one, and they come back at a rate.
#[derive(Debug)]
pub(super) struct Rates {
    per_s: f64,
    burst: f64,
    buckets: Mutex<BTreeMap<IpAddr, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Rates {
    pub(super) fn new(limits: &LimitSettings) -> Self {
        let (per_s, burst) = (limits.requests_per_s.into(), limits.requests_burst.into());
        Self { per_s, burst, buckets: Mutex::default() }
    }

    /// Takes a token of a client, or says how long to wait for one.
    fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let client = network(client);
        if buckets.len() >= CLIENTS_MAX && !buckets.contains_key(&client) {
            // Who has not asked for so long that the bucket is full again is as good as new.
            buckets.retain(|_, bucket| self.tokens(*bucket, now) < self.burst);
            if buckets.len() >= CLIENTS_MAX {
                // Half of them go, and none that asked more than one that stays.
                let mut tokens: Vec<_> =
                    buckets.values().map(|bucket| self.tokens(*bucket, now)).collect();
                let (_, median, _) = tokens.select_nth_unstable_by(CLIENTS_MAX / 2, f64::total_cmp);
                buckets.retain(|_, bucket| self.tokens(*bucket, now) < *median);
            }
        }
        let bucket = buckets.entry(client).or_insert(Bucket { tokens: self.burst, at: now });
        let tokens = self.tokens(*bucket, now);
        let is_there = tokens >= 1.0;
        *bucket = Bucket { tokens: if is_there { tokens - 1.0 } else { tokens }, at: now };
        if is_there { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - tokens) / self.per_s)) }
    }

    fn tokens(&self, bucket: Bucket, now: Instant) -> f64 {
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        since.mul_add(self.per_s, bucket.tokens).min(self.burst)
    }
}

/// Who counts as one: of IPv6 a network of 64 bits, which is what one customer has.
pub(crate) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => (ip & std::net::Ipv6Addr::from_bits(u128::MAX << 64)).into(),
    }
}

/// Refuses requests of a client that asks too often.
pub(super) async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Client(client) = Client::of(request.extensions());
    let Err(wait) = state.guards().rates.take(client, Instant::now()) else {
        return next.run(request).await;
    };
    let seconds = wait.as_secs() + 1;
    let detail = format!("these are too many requests: try again in {seconds} s");
    let problem =
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests", detail);
    let mut response = problem.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_client_asks_at_the_rate_behind_the_burst() {
        let mut limits = LimitSettings::default();
        (limits.requests_per_s, limits.requests_burst) = (2, 3);
        let rates = Rates::new(&limits);
        let (start, ip) = (Instant::now(), "::1".parse().expect("an address"));
        (0..3).for_each(|_| rates.take(ip, start).expect("the burst"));
        assert_eq!(rates.take(ip, start), Err(Duration::from_millis(500)));
        // Whoever is refused does not wait longer for it.
        assert_eq!(rates.take(ip, start), Err(Duration::from_millis(500)));
        assert!(rates.take("::2".parse().expect("an address"), start).is_err(), "one network");
        assert!(rates.take("127.0.0.1".parse().expect("an address"), start).is_ok());
        let later = start + Duration::from_millis(500);
        assert!(rates.take(ip, later).is_ok() && rates.take(ip, later).is_err());
    }

    #[test]
    fn many_clients_take_a_bounded_memory() {
        let rates = Rates::new(&LimitSettings::default());
        let now = Instant::now();
        let busy = "10.0.0.1".parse().expect("an address");
        while rates.take(busy, now).is_ok() {}
        for number in 0..2 * CLIENTS_MAX as u32 {
            rates.take(Ipv4Addr::from_bits(number).into(), now).expect("each has its own");
        }
        assert!(rates.buckets.lock().expect("no panic").len() <= CLIENTS_MAX);
        assert!(rates.take(busy, now).is_err(), "others do not make the server forget it");
    }
}
