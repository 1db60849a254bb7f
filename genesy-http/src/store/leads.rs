//! Leads as they are stored.

use std::fmt;

use genesy_core::person_name::join;
use genesy_core::pii::Pii;
use genesy_core::waterfall::{EmailState, LeadFacts, LeadField, LeadInputs};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

use super::lead_filter::Verdict;
use crate::clock::Time;

/// Text of a lead.
pub(crate) type Text = Option<Pii<String>>;

/// What a lead says: the fields that an import or a person fills.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LeadFields {
    pub(crate) first_name: Text,
    pub(crate) last_name: Text,
    pub(crate) email: Text,
    pub(crate) job_title: Text,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: Option<String>,
    pub(crate) company_name: Text,
    pub(crate) company_domain: Text,
    pub(crate) linkedin_url: Text,
    pub(crate) years_in_role: Option<f64>,
    /// E.164, or as entered if it cannot be read as a number.
    pub(crate) phone: Text,
    pub(crate) phone_extension: Text,
    /// Nothing if it cannot be read as a number.
    pub(crate) phone_is_valid: Option<bool>,
}

/// What else a lead has: nothing of a file is lost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Extra {
    /// Further addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) emails: Vec<Pii<String>>,
    /// Further numbers: E.164, or as entered if they cannot be read as numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) phones: Vec<Pii<String>>,
    /// Cells of columns that are no field, each with its column.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) columns: Vec<(usize, Pii<String>)>,
    /// Cells of columns that are a field, where the field does not say the same to the letter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) cells: Vec<(usize, Pii<String>)>,
    /// Cells of other imports that the same lead was in, each with its header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) named: Vec<(String, Pii<String>)>,
}

impl Extra {
    /// As it is stored: nothing if there is nothing in it.
    pub(crate) fn to_json(&self) -> Option<String> {
        if *self == Self::default() { None } else { serde_json::to_string(self).ok() }
    }
}

/// A lead as it is stored.
#[derive(Clone)]
pub(crate) struct LeadRow {
    pub(crate) id: i64,
    pub(crate) import_id: Option<i64>,
    pub(crate) row: Option<i64>,
    pub(crate) fields: LeadFields,
    pub(crate) extra: Extra,
    pub(crate) issues: i64,
    pub(crate) email_state: Option<String>,
    pub(crate) email_verdict: Option<String>,
    pub(crate) email_reason: Option<String>,
    pub(crate) email_words: Option<String>,
    pub(crate) email_at: Option<Time>,
    pub(crate) phone_state: Option<String>,
    pub(crate) phone_outcome: Option<String>,
    pub(crate) phone_provider: Option<String>,
    pub(crate) phone_at: Option<Time>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl fmt::Debug for LeadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The columns that [`LeadRow::read`] takes, in its order.
pub(crate) const COLUMNS: &str = "id, import_id, row, first_name, last_name, email, job_title, country, \
    company_name, company_domain, linkedin_url, years_in_role, phone, phone_extension, phone_is_valid, \
    extra, issues, email_state, email_verdict, email_reason, email_at, phone_state, phone_outcome, \
    phone_provider, phone_at, created_at, updated_at, email_words";

impl LeadRow {
    /// Reads a row of [`COLUMNS`].
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let text = |column: usize| -> rusqlite::Result<Text> {
            Ok(row.get::<_, Option<String>>(column)?.map(Pii::new))
        };
        let extra = row.get_ref(15)?.as_str_or_null()?;
        Ok(Self {
            id: row.get(0)?,
            import_id: row.get(1)?,
            row: row.get(2)?,
            fields: LeadFields {
                first_name: text(3)?,
                last_name: text(4)?,
                email: text(5)?,
                job_title: text(6)?,
                country: row.get(7)?,
                company_name: text(8)?,
                company_domain: text(9)?,
                linkedin_url: text(10)?,
                years_in_role: row.get(11)?,
                phone: text(12)?,
                phone_extension: text(13)?,
                phone_is_valid: row.get(14)?,
            },
            extra: extra.map_or_else(|| Ok(Extra::default()), super::stored)?,
            issues: row.get(16)?,
            email_state: row.get(17)?,
            email_verdict: row.get(18)?,
            email_reason: row.get(19)?,
            email_at: row.get(20)?,
            phone_state: row.get(21)?,
            phone_outcome: row.get(22)?,
            phone_provider: row.get(23)?,
            phone_at: row.get(24)?,
            created_at: row.get(25)?,
            updated_at: row.get(26)?,
            email_words: row.get(27)?,
        })
    }

    /// The lead of an id, if it is there.
    pub(crate) fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<Self>> {
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM leads WHERE id = ?1"))?;
        statement.query_row([id], Self::read).optional()
    }

    /// Those of the ids that are there, in the order of the ids.
    pub(crate) fn all(connection: &Connection, ids: &[i64]) -> rusqlite::Result<Vec<Self>> {
        let found = ids.iter().map(|id| Self::find(connection, *id));
        found.filter_map(Result::transpose).collect()
    }
}

impl LeadFields {
    /// What is sent to providers.
    pub(crate) fn inputs(&self) -> LeadInputs {
        let mut inputs = LeadInputs::default();
        let mut set = |field: LeadField, text: &Text| {
            inputs.set(field, text.as_ref().map_or("", |text| text.reveal()));
        };
        set(LeadField::FirstName, &self.first_name);
        set(LeadField::LastName, &self.last_name);
        set(LeadField::Email, &self.email);
        set(LeadField::JobTitle, &self.job_title);
        set(LeadField::CompanyName, &self.company_name);
        set(LeadField::CompanyWebsite, &self.company_domain);
        set(LeadField::LinkedinUrl, &self.linkedin_url);
        inputs.set(LeadField::Country, self.country.as_deref().unwrap_or(""));
        if let (Some(first), Some(last)) = (&self.first_name, &self.last_name) {
            inputs.set(LeadField::FullName, &join(first.reveal(), last.reveal()));
        }
        inputs.having_phone(self.phone_is_valid.is_some())
    }
}

/// Those that there are no more.
pub(crate) fn missing(connection: &Connection, mut leads: Vec<i64>) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare_cached("SELECT 1 FROM leads WHERE id = ?1")?;
    let mut found = Vec::with_capacity(leads.len());
    for lead in &leads {
        found.push(select.exists([lead])?);
    }
    let mut found = found.into_iter();
    leads.retain(|_| found.next() == Some(false));
    Ok(leads)
}

/// What is sent to providers of a lead, and what a search must know of it; nothing if there is no such lead.
pub(crate) fn lead_inputs(
    connection: &Connection,
    id: i64,
) -> rusqlite::Result<Option<(LeadInputs, LeadFacts)>> {
    Ok(LeadRow::find(connection, id)?.map(|lead| {
        let inputs = lead.fields.inputs();
        let verdict = Verdict::of_column(lead.email_verdict.as_deref());
        let facts = LeadFacts { email: email_state(verdict), ..inputs.phone_facts() };
        (inputs, facts)
    }))
}

/// A verdict as the searches see it.
pub(crate) const fn email_state(verdict: Verdict) -> EmailState {
    match verdict {
        Verdict::None => EmailState::Unverified,
        Verdict::Deliverable => EmailState::Deliverable,
        Verdict::Undeliverable => EmailState::Undeliverable,
        Verdict::Risky => EmailState::Risky,
        Verdict::Unknown => EmailState::Unknown,
    }
}

/// The text itself, for the store.
pub(crate) fn revealed(text: &Text) -> Option<&str> {
    text.as_ref().map(|text| text.reveal().as_str())
}

/// A lead that is to be stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct NewLead {
    /// The import and the row in it.
    pub(crate) from: Option<(i64, i64)>,
    pub(crate) fields: LeadFields,
    /// [`Extra`] as JSON.
    pub(crate) extra: Option<String>,
    pub(crate) email_key: Option<i64>,
    /// How many doubts the import had.
    pub(crate) issues: i64,
}

/// Stores a lead, and gives its id.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    lead: &NewLead,
    at: Time,
) -> rusqlite::Result<i64> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO leads (import_id, row, first_name, last_name, email, job_title, country, company_name, \
         company_domain, linkedin_url, years_in_role, phone, phone_extension, phone_is_valid, extra, \
         email_key, issues, created_at, updated_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?18)",
    )?;
    let fields = &lead.fields;
    insert.insert(rusqlite::params![
        lead.from.map(|(import, _)| import),
        lead.from.map(|(_, row)| row),
        revealed(&fields.first_name),
        revealed(&fields.last_name),
        revealed(&fields.email),
        revealed(&fields.job_title),
        fields.country,
        revealed(&fields.company_name),
        revealed(&fields.company_domain),
        revealed(&fields.linkedin_url),
        fields.years_in_role,
        revealed(&fields.phone),
        revealed(&fields.phone_extension),
        fields.phone_is_valid,
        lead.extra,
        lead.email_key,
        lead.issues,
        at,
    ])
}
