//! The bytes a reader works on.

/// The bytes not read yet: a slice of the caller's, or what was fed so far.
#[derive(Debug)]
pub(super) enum Input<'i> {
    /// The whole input.
    Slice(&'i [u8]),
    /// What was fed and is still needed.
    Fed { bytes: Vec<u8>, is_last: bool },
}

impl Input<'_> {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Input::Slice(bytes) => bytes,
            Input::Fed { bytes, .. } => bytes,
        }
    }

    /// Whether no more bytes follow.
    pub(super) const fn is_last(&self) -> bool {
        match self {
            Input::Slice(_) => true,
            Input::Fed { is_last, .. } => *is_last,
        }
    }
}
