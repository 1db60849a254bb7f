//! What one row says, as places in its text: nothing is copied and nothing points anywhere.

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

/// The fields of a row. An empty span is a field without a value.
///
/// One value serves all rows, so that its buffers are allocated once.
#[derive(Debug, Clone, Default)]
pub(super) struct Values {
    pub(super) first_name: Span,
    pub(super) last_name: Span,
    pub(super) job_title: Span,
    pub(super) company_name: Span,
    pub(super) company_website: Span,
    pub(super) linkedin_url: Span,
    pub(super) email: Option<EmailPlace>,
    pub(super) years_in_role: Option<f32>,
    pub(super) country: Option<Country>,
    /// First and last name were split from a full name: their spans are of this text.
    pub(super) split_name: Option<String>,
    /// The full name says more than first and last name do.
    pub(super) keeps_full_name: bool,
    /// Phones are not read, so their cells are kept.
    pub(super) keeps_phones: bool,
    pub(super) other_emails: Vec<EmailPlace>,
    /// The phones, in order; one that could not be read has no E.164 form.
    pub(super) phones: Vec<Phone>,
}
