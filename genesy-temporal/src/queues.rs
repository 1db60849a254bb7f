//! The names of task queues.

use genesy_core::waterfall::ProviderId;
use serde::{Deserialize, Serialize};

/// The task queues of one installation. All its clients and workers must have the same.
///
/// | queue | what runs there |
/// |---|---|
/// | `{prefix}` | workflows |
/// | `{prefix}-store` | reports to the application, slices of batches: workers there have a sink or sources |
/// | `{prefix}-mail` | verifications: workers there need port 25 to the outside |
/// | `{prefix}-provider-{id}` | calls of one provider, whose rate limit the server keeps for all workers together |
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Queues {
    prefix: String,
}

impl Default for Queues {
    fn default() -> Self {
        Self::new("genesy")
    }
}

impl Queues {
    /// Queues whose names begin with `prefix`.
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// Where workflows run.
    pub fn workflows(&self) -> &str {
        &self.prefix
    }

    /// Where the application's store is reached.
    pub fn store(&self) -> String {
        format!("{}-store", self.prefix)
    }

    /// Where addresses are verified.
    pub fn mail(&self) -> String {
        format!("{}-mail", self.prefix)
    }

    /// Where a provider is asked.
    pub fn provider(&self, provider: &ProviderId) -> String {
        format!("{}-provider-{}", self.prefix, provider.as_str())
    }
}
