//! What an HTTP status means.

use std::collections::BTreeMap;

/// What each status means: what the definition says, else what is usual.
///
/// | status | class |
/// |---|---|
/// | 204, 205 | miss |
/// | any other 2xx | read |
/// | 400, 413, 422, 431, 451 | rejected |
/// | 408, 409 (the same request is still worked on), 425 | retryable |
/// | 429 | throttled |
/// | 3xx (nothing is followed), any other 4xx | misconfigured |
/// | 5xx, anything else | retryable |
///
/// A 408 or 504 is a timeout: the call may have been worked on and be paid for. Where a definition names them, it
/// is what the definition says.
///
/// A 404 or 410 is a wrong address until a definition says that its provider means "nobody found".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statuses(pub(super) BTreeMap<u16, StatusClass>);

/// What a status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusClass {
    /// The body says what was found.
    Read,
    /// Nothing was found; the body is not looked at.
    Miss,
    /// The provider does not take this lead's data.
    Rejected,
    /// The key, the address or the definition is wrong.
    Misconfigured,
    /// It is asked too often.
    Throttled,
    /// It failed, and may not another time.
    Retryable,
}

impl Statuses {
    /// What `status` means.
    pub fn class(&self, status: u16) -> StatusClass {
        self.0.get(&status).copied().unwrap_or_else(|| StatusClass::usual(status))
    }

    /// Whether a retryable status leaves open that the call was worked on, as Request Timeout and Gateway Timeout
    /// do where the definition says nothing of them.
    pub(crate) fn is_timeout(&self, status: u16) -> bool {
        matches!(status, 408 | 504) && !self.0.contains_key(&status)
    }
}

impl StatusClass {
    /// All classes.
    pub(super) const ALL: [Self; 6] = [
        Self::Read,
        Self::Miss,
        Self::Rejected,
        Self::Misconfigured,
        Self::Throttled,
        Self::Retryable,
    ];

    /// The name that definitions write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Miss => "miss",
            Self::Rejected => "rejected",
            Self::Misconfigured => "misconfigured",
            Self::Throttled => "throttled",
            Self::Retryable => "retryable",
        }
    }

    const fn usual(status: u16) -> Self {
        match status {
            204 | 205 => Self::Miss,
            200..=299 => Self::Read,
            400 | 413 | 422 | 431 | 451 => Self::Rejected,
            408 | 409 | 425 => Self::Retryable,
            429 => Self::Throttled,
            300..=499 => Self::Misconfigured,
            _ => Self::Retryable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StatusClass, Statuses};

    #[test]
    fn statuses_mean_what_is_usual_unless_a_definition_says_otherwise() {
        use StatusClass::{Misconfigured, Miss, Read, Rejected, Retryable, Throttled};

        let usual = Statuses::default();
        for (class, statuses) in [
            (Read, [200, 201, 202, 203, 206, 299].as_slice()),
            (Miss, &[204, 205]),
            (Rejected, &[400, 413, 422, 431, 451]),
            (Misconfigured, &[300, 301, 304, 308, 401, 402, 403, 404, 405, 410, 415, 499]),
            (Throttled, &[429]),
            (
                Retryable,
                &[0, 100, 101, 199, 408, 409, 425, 500, 502, 503, 504, 599, 600, 999, u16::MAX],
            ),
        ] {
            for status in statuses {
                assert_eq!(usual.class(*status), class, "{status}");
            }
        }
        let statuses = Statuses([(404, Miss)].into());
        assert_eq!([404, 405].map(|status| statuses.class(status)), [Miss, Misconfigured]);
    }
}
