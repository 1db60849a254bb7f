//! What the caller wants, whatever the headers and the cells say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Target, fold};

/// Targets chosen by hand, by header text or by position.
///
/// Text is compared as headers are: case, spaces, accents and punctuation do not count. A position
/// wins over a text. When two overrides give one single-valued field, the first column gets it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    by_header: BTreeMap<String, Target>,
    by_index: BTreeMap<usize, Target>,
}

impl Overrides {
    /// No overrides.
    pub const fn new() -> Self {
        Self { by_header: BTreeMap::new(), by_index: BTreeMap::new() }
    }

    /// Gives every column called `header` this target.
    #[must_use]
    pub fn header(mut self, header: &str, target: Target) -> Self {
        self.by_header.insert(fold::key(header), target);
        self
    }

    /// Gives the column at `index` (from 0) this target.
    #[must_use]
    pub fn index(mut self, index: usize, target: Target) -> Self {
        self.by_index.insert(index, target);
        self
    }

    /// Whether nothing is overridden.
    pub fn is_empty(&self) -> bool {
        self.by_header.is_empty() && self.by_index.is_empty()
    }

    /// The target wanted for a column, if any.
    pub(super) fn target(&self, index: usize, header: &str) -> Option<Target> {
        if let Some(&target) = self.by_index.get(&index) {
            return Some(target);
        }
        if self.by_header.is_empty() {
            return None;
        }
        self.by_header.get(&fold::key(header)).copied()
    }
}
