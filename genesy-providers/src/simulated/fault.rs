//! What can be wrong with a provider.

/// Something that is wrong with a provider, whatever it is asked. All but [`Self::Slow`] show at once,
/// without the usual latency, and before keys and bodies are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It takes the request and closes the connection without a byte.
    Down,
    /// It never answers.
    Silent,
    /// It takes ten times as long.
    Slow,
    /// It answers 500.
    Error,
    /// It answers 429.
    Throttled {
        /// What it says of when to come back.
        retry_after: RetryAfter,
    },
    /// It answers 401, whatever the key.
    Unauthorized,
    /// It answers 403.
    Forbidden,
    /// It answers 200 with bytes that are neither JSON nor text.
    Rubbish,
    /// It answers 200, sends half of the body that it announces, and closes the connection.
    HalfAnswer,
    /// It answers 200 with a body that never ends: some megabytes a second.
    Endless,
    /// It answers 200 with 10 MiB of JSON that hold a number.
    Huge,
    /// It answers 200 with an object where the number should be.
    WrongType,
    /// It answers 307, which would send the lead and the key to another place.
    Redirect {
        /// The place, as a URL. One that no header can hold is answered by 500.
        to: String,
    },
}

/// What the header `Retry-After` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// There is none.
    None,
    /// So many seconds.
    Seconds(u64),
    /// An HTTP date, so many seconds from when the request is answered.
    Date(u64),
}
