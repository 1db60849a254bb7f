//! Which columns hold which field, ready to be read row by row.

use crate::csv::header::{Field, Mapping, Target};

/// A column that no file has: cells of it are empty.
pub(super) const NONE: usize = usize::MAX;

/// The columns of a mapping by field.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    count: usize,
    pub(super) first_name: usize,
    pub(super) last_name: usize,
    pub(super) full_name: usize,
    pub(super) job_title: usize,
    pub(super) country: usize,
    pub(super) company_name: usize,
    pub(super) company_website: usize,
    pub(super) years_in_role: usize,
    pub(super) linkedin_url: usize,
    pub(super) emails: Vec<usize>,
    pub(super) phones: Vec<usize>,
    extra: Vec<usize>,
}

impl Columns {
    pub(super) fn new(mapping: &Mapping) -> Self {
        let one = |field| mapping.column_of(field).unwrap_or(NONE);
        let is_extra = |column: usize| mapping.columns[column].target == Target::Extra;
        Self {
            count: mapping.columns.len(),
            first_name: one(Field::FirstName),
            last_name: one(Field::LastName),
            full_name: one(Field::FullName),
            job_title: one(Field::JobTitle),
            country: one(Field::Country),
            company_name: one(Field::CompanyName),
            company_website: one(Field::CompanyWebsite),
            years_in_role: one(Field::YearsInRole),
            linkedin_url: one(Field::LinkedInUrl),
            emails: mapping.columns_of(Field::Email).collect(),
            phones: mapping.columns_of(Field::Phone).collect(),
            extra: (0..mapping.columns.len()).filter(|&column| is_extra(column)).collect(),
        }
    }

    /// Columns of the table.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The columns that are no field of a lead.
    pub(super) fn extra(&self) -> &[usize] {
        &self.extra
    }
}
