//! What a response's headers say of waiting.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The longest wait that is believed.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// Pairs of headers: how much is left, and when there is more.
static IN_TWO: [[HeaderName; 2]; 2] = [
    [HeaderName::from_static("ratelimit-remaining"), HeaderName::from_static("ratelimit-reset")],
    [
        HeaderName::from_static("x-ratelimit-remaining"),
        HeaderName::from_static("x-ratelimit-reset"),
    ],
];
/// Larger numbers of seconds are points in time.
const SECONDS_SINCE_EPOCH_MIN: u64 = 1_000_000_000;
/// Larger numbers are points in time, in milliseconds.
const MILLISECONDS_SINCE_EPOCH_MIN: u64 = 1_000_000_000_000;

/// How long the provider wants to be left alone: `Retry-After` (RFC 9110, 10.2.3), in seconds or as a
/// date, which is compared with the response's own.
pub(super) fn retry_after(headers: &HeaderMap, now: fn() -> SystemTime) -> Option<Duration> {
    let text = text(headers, &RETRY_AFTER)?;
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(WAIT_MAX));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(here(headers, now)).unwrap_or_default().min(WAIT_MAX))
}

/// The time at the provider: the response's own date, else ours.
fn here(headers: &HeaderMap, now: fn() -> SystemTime) -> SystemTime {
    let date = text(headers, &DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    date.unwrap_or_else(now)
}

/// How long until there is a quota again, if it is used up, by any of the headers that are in use:
///
/// | header | form |
/// |---|---|
/// | `RateLimit` | `"name";r=0;t=5` (draft-ietf-httpapi-ratelimit-headers-10), or `limit=9, remaining=0, reset=5` (its version 06) |
/// | `RateLimit-Remaining` and `RateLimit-Reset` | numbers; seconds from now (its version 02) |
/// | `X-RateLimit-Remaining` and `X-RateLimit-Reset` | numbers; seconds from now, or seconds or milliseconds since the epoch |
pub(super) fn quota_pause(headers: &HeaderMap, now: fn() -> SystemTime) -> Option<Duration> {
    let wait = |number: &str| {
        let number: u64 = number.trim().parse().ok()?;
        let since_epoch = here(headers, now).duration_since(UNIX_EPOCH).unwrap_or_default();
        let wait = match number {
            MILLISECONDS_SINCE_EPOCH_MIN.. => {
                Duration::from_millis(number).saturating_sub(since_epoch)
            }
            SECONDS_SINCE_EPOCH_MIN.. => Duration::from_secs(number).saturating_sub(since_epoch),
            _ => Duration::from_secs(number),
        };
        Some(wait.min(WAIT_MAX))
    };
    let is_zero = |remaining: &str| remaining.trim().parse() == Ok(0_u64);
    let in_one = headers.get_all(RATE_LIMIT).iter().filter_map(|value| value.to_str().ok());
    let in_one = in_one.flat_map(items).filter_map(|item| {
        let of = |names: [&str; 2]| item.iter().find(|(name, _)| names.contains(name));
        let used_up = of(["r", "remaining"]).is_some_and(|(_, value)| is_zero(value));
        used_up.then(|| of(["t", "reset"]).and_then(|(_, value)| wait(value))).flatten()
    });
    let in_two = IN_TWO.iter().filter_map(|[remaining, reset]| {
        let used_up = text(headers, remaining).is_some_and(is_zero);
        used_up.then(|| text(headers, reset).and_then(wait)).flatten()
    });
    in_one.chain(in_two).max()
}

/// The items of a `RateLimit` header, each with its parameters. The older form is one item.
fn items(header: &str) -> Vec<Vec<(&str, &str)>> {
    fn pair(text: &str) -> Option<(&str, &str)> {
        text.split_once('=').map(|(name, value)| (name.trim(), value.trim()))
    }
    if header.contains("remaining") && !header.contains(';') {
        vec![header.split(',').filter_map(pair).collect()]
    } else {
        header.split(',').map(|item| item.split(';').filter_map(pair).collect()).collect()
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{quota_pause, retry_after};

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let pairs = list.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        pairs.collect()
    }

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_764_288_000)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (list, seconds) in [
            (&[("retry-after", "7")][..], Some(7)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[("retry-after", "99999999999")], Some(86_400)),
            (&[("retry-after", "Fri, 28 Nov 2025 00:00:30 GMT")], Some(30)),
            (&[("retry-after", "Thu, 27 Nov 2025 00:00:30 GMT")], Some(0)),
            (
                // Its clock is an hour behind, and it means ten seconds all the same.
                &[
                    ("date", "Thu, 27 Nov 2025 23:00:00 GMT"),
                    ("retry-after", "Thu, 27 Nov 2025 23:00:10 GMT"),
                ],
                Some(10),
            ),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-1")], None),
            (&[], None),
        ] {
            let wait = retry_after(&headers(list), now);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{list:?}");
        }
    }

    #[test]
    fn a_quota_that_is_used_up_is_seen_in_all_forms() {
        for (list, seconds) in [
            (&[("ratelimit", "\"default\";r=0;t=5")][..], Some(5)),
            (&[("ratelimit", "\"default\";r=3;t=5")], None),
            (&[("ratelimit", "\"a\";r=9;t=1, \"b\";r=0;t=60")], Some(60)),
            (&[("ratelimit", "limit=10, remaining=0, reset=8")], Some(8)),
            (&[("ratelimit", "limit=10, remaining=1, reset=8")], None),
            (&[("ratelimit-remaining", "0"), ("ratelimit-reset", "4")], Some(4)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "4")], Some(4)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1764288009")], Some(9)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1764287000")], Some(0)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1764288009000")], Some(9)),
            (&[("x-ratelimit-remaining", "2"), ("x-ratelimit-reset", "4")], None),
            (&[("x-ratelimit-remaining", "0")], None),
            (&[("ratelimit", "rubbish;;=,=;r=0")], None),
        ] {
            let wait = quota_pause(&headers(list), now);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{list:?}");
        }
    }
}
