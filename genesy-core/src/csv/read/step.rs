//! What a step of the reader gives.

/// Where the record at hand is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub(super) text: Text,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) line: u64,
    /// Of the record in the index: the separators before it and at its end.
    pub(super) separators: (u32, u32),
}

/// Which buffer holds a record's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// The input itself.
    Input,
    /// A copy with the doubled quotes resolved.
    Rewritten,
    /// The tolerant path's draft.
    Draft,
}

/// What a path made of the next bytes.
pub(super) enum Step {
    /// A record is at hand.
    Record,
    /// Something that is no record was passed over: go on.
    Passed,
    /// There is no index of a whole record: index more.
    Missing,
    /// The record is for the tolerant path.
    Irregular,
    /// No more records in the bytes that are there.
    Exhausted,
}
