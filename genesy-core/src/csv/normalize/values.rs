//! What one row says, as places in its text: nothing is copied and nothing points anywhere.

use super::options::FieldSet;
use crate::address::Shape;
use crate::country::Country;
use crate::csv::read::Span;
use crate::phone::Phone;

/// A valid address: where it stands, and what its parse found.
#[derive(Debug, Clone, Copy)]
pub(super) struct EmailPlace {
    pub(super) span: Span,
    pub(super) shape: Shape,
}

/// First and last name, split from a full name.
#[derive(Debug, Clone)]
pub(super) struct SplitName {
    /// One behind the other.
    pub(super) names: String,
    /// Where the first name ends.
    pub(super) first_end: usize,
}

/// What is known of a row beside the text of its cells: that of a field is its column's, but for
/// those that are emptied.
///
/// One value serves all rows, so that its buffers are allocated once.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    /// Fields of text whose cell is no value.
    pub(super) emptied: FieldSet,
    pub(super) email: Option<EmailPlace>,
    pub(super) years_in_role: Option<f32>,
    pub(super) country: Option<Country>,
    pub(super) split_name: Option<SplitName>,
    /// The full name says more than first and last name do.
    pub(super) keeps_full_name: bool,
    /// Phones are not read, so their cells are kept.
    pub(super) keeps_phones: bool,
    pub(super) other_emails: Vec<EmailPlace>,
    /// The phones, in order; one that could not be read has no E.164 form.
    pub(super) phones: Vec<Phone>,
}
