//! What was removed from a cell to get at the address in it.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// One thing that was removed from around an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CleaningStep {
    /// White space, no-break spaces, zero-width characters.
    WhiteSpace,
    /// `mailto:` or another word before a colon.
    Prefix,
    /// Angle brackets, quotes, parentheses.
    Wrapping,
    /// Punctuation such as a final dot, comma or semicolon.
    Punctuation,
    /// Words without an `@`, such as a display name.
    SurroundingText,
    /// Further addresses; they are kept apart.
    OtherAddresses,
    /// An earlier text with an `@` that is no valid address.
    InvalidAddress,
}

impl CleaningStep {
    const ALL: [Self; 7] = [
        Self::WhiteSpace,
        Self::Prefix,
        Self::Wrapping,
        Self::Punctuation,
        Self::SurroundingText,
        Self::OtherAddresses,
        Self::InvalidAddress,
    ];

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// The set of [`CleaningStep`]s that a cell needed; a list of names in serialized form.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Cleaning {
    bits: u8,
}

impl Cleaning {
    /// Whether the cell was the address and nothing else.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Whether `step` was needed.
    #[must_use]
    pub const fn contains(self, step: CleaningStep) -> bool {
        self.bits & step.bit() != 0
    }

    /// The steps, in the order of their definition.
    pub fn steps(self) -> impl Iterator<Item = CleaningStep> {
        CleaningStep::ALL.into_iter().filter(move |step| self.contains(*step))
    }

    pub(super) const fn add(&mut self, step: CleaningStep) {
        self.bits |= step.bit();
    }
}

impl fmt::Debug for Cleaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.steps()).finish()
    }
}

impl Serialize for Cleaning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.steps())
    }
}
