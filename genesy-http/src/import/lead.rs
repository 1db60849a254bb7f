//! Rows of the normalizer as leads of the store.

use genesy_core::csv::header::{Field, Target};
use genesy_core::csv::normalize::{LeadRef, Row, Understanding};
use genesy_core::phone::Phone;
use genesy_core::pii::Pii;

use crate::store::imports::{FileColumn, sole_sources};
use crate::store::leads::{Extra, LeadFields, Text};

/// The columns of a file, as far as it must be known which cells the fields of a lead hold already.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// The field of each, and whether what it says is what the cell says if both are the same.
    fields: Vec<Option<(Field, bool)>>,
    stored: Vec<FileColumn>,
}

impl Columns {
    pub(crate) fn new(understanding: &Understanding) -> Self {
        let columns = &understanding.mapping.columns;
        let stored = columns.iter().map(|column| FileColumn {
            header: column.header.clone(),
            field: match column.target {
                Target::Field(field) => Some(field.as_str().to_owned()),
                Target::Extra => None,
            },
        });
        let stored: Vec<_> = stored.collect();
        let fields = columns
            .iter()
            .zip(sole_sources(&stored))
            .map(|(column, source)| column.target.field().map(|field| (field, source.is_some())));
        Self { fields: fields.collect(), stored }
    }

    /// As they are stored with the import.
    pub(crate) fn stored(&self) -> &[FileColumn] {
        &self.stored
    }
}

/// The fields of a lead.
pub(crate) fn fields(lead: &LeadRef<'_>) -> LeadFields {
    let phone = lead.phones().first();
    let years = lead.years_in_role().map(|years| years.to_string());
    LeadFields {
        first_name: text(lead.first_name()),
        last_name: text(lead.last_name()),
        email: text(lead.email().map(|email| email.as_str())),
        job_title: text(lead.job_title()),
        country: lead.country().map(|country| country.alpha2().to_owned()),
        company_name: text(lead.company_name()),
        company_domain: text(lead.company_domain().as_deref()),
        linkedin_url: text(lead.linkedin_url()),
        // By its text: 0.1 shall be 0.1 in more digits, too.
        years_in_role: years.and_then(|years| years.parse().ok()),
        phone: phone.map(|phone| Pii::new(number(phone).to_owned())),
        phone_extension: phone.and_then(|phone| phone.extension.clone()),
        // A number that cannot be is no phone: it stays as a text, and the lead may be searched for.
        phone_is_valid: phone.filter(|phone| phone.possible).map(|phone| phone.valid),
    }
}

/// What else the row has: nothing of it is lost.
pub(crate) fn extra(row: &Row<'_>, fields: &LeadFields, columns: &Columns) -> Extra {
    let lead = &row.lead;
    let mut extra = Extra {
        emails: lead.other_emails().map(|email| Pii::new(email.as_str().to_owned())).collect(),
        phones: lead.phones().iter().skip(1).map(|one| Pii::new(number(one).to_owned())).collect(),
        columns: Vec::new(),
        cells: Vec::new(),
        named: Vec::new(),
    };
    for (index, cell) in row.cells().enumerate() {
        if cell.is_empty() {
            continue;
        }
        match columns.fields.get(index).copied().flatten() {
            Some((field, true)) if says(fields, field, cell) => {}
            Some(_) => extra.cells.push((index, Pii::new(cell.to_owned()))),
            None if cell.trim().is_empty() => {}
            None => extra.columns.push((index, Pii::new(cell.trim().to_owned()))),
        }
    }
    extra
}

/// Whether a field says to the letter what its cell does, but for white space around it.
fn says(fields: &LeadFields, field: Field, cell: &str) -> bool {
    let is = |text: &Text| text.as_ref().map_or("", |text| text.reveal()) == cell.trim();
    match field {
        Field::FirstName => is(&fields.first_name),
        Field::LastName => is(&fields.last_name),
        Field::FullName => false,
        Field::Email => is(&fields.email),
        Field::JobTitle => is(&fields.job_title),
        Field::Country => fields.country.as_deref().unwrap_or("") == cell.trim(),
        Field::CompanyName => is(&fields.company_name),
        Field::CompanyWebsite => is(&fields.company_domain),
        Field::Phone => is(&fields.phone),
        Field::YearsInRole => {
            fields.years_in_role.is_some_and(|years| years.to_string() == cell.trim())
        }
        Field::LinkedInUrl => is(&fields.linkedin_url),
        // A field that is not known here is kept as it is.
        _ => false,
    }
}

fn number(phone: &Phone) -> &str {
    phone.e164.as_ref().map_or(phone.raw.reveal(), |e164| e164.reveal().as_str())
}

/// A text for the store.
pub(super) fn text(text: Option<&str>) -> Text {
    text.map(|text| Pii::new(text.to_owned()))
}
