//! Leads as they are sent.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use genesy_core::pii::Pii;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::lead_values::LeadValues;
use crate::store::imports::{FileColumn, ImportRow};
use crate::store::issues::ImportIssue;
use crate::store::leads::LeadRow;

/// A lead.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Lead {
    id: i64,
    /// The import it comes from.
    import_id: Option<i64>,
    /// Its row there, counted from 1.
    row: Option<i64>,
    #[serde(flatten)]
    values: LeadValues,
    other: LeadOther,
    /// Doubts that the import had: how many in a list, each of them where the lead is read by itself.
    issues: LeadIssues,
    email_check: EmailCheck,
    phone_search: PhoneSearch,
    created_at: Time,
    updated_at: Time,
}

/// Doubts that the import had.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum LeadIssues {
    /// How many.
    Count(i64),
    /// Each of them.
    List(Vec<ImportIssue>),
}

/// What else the file said of a lead.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LeadOther {
    /// Further addresses.
    #[schema(value_type = Vec<String>)]
    emails: Vec<Pii<String>>,
    /// Further numbers.
    #[schema(value_type = Vec<String>)]
    phones: Vec<Pii<String>>,
    /// Cells of columns that are no field.
    columns: Vec<OtherColumn>,
}

/// A cell of a column that is no field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OtherColumn {
    /// The column, counted from 0; null if it is of another import that the lead was in, too.
    index: Option<usize>,
    /// Its header.
    name: String,
    #[schema(value_type = String)]
    text: Pii<String>,
}

/// What is known of the address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EmailCheck {
    /// `queued`, `running` or `ended`; null if it was never verified.
    state: Option<String>,
    /// `deliverable`, `undeliverable`, `risky` or `unknown`.
    verdict: Option<String>,
    /// Why, as a name.
    reason: Option<String>,
    /// Why, in words.
    words: Option<String>,
    at: Option<Time>,
}

/// What is known of the search of a phone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PhoneSearch {
    /// `queued`, `running` or `ended`; null if there was none.
    state: Option<String>,
    /// `found`, `no_data_found`, `inconclusive`, `not_eligible`, `cancelled` or `failed`.
    outcome: Option<String>,
    /// Who had it.
    provider: Option<String>,
    at: Option<Time>,
}

impl Lead {
    /// With each doubt of the import.
    pub(super) fn with_issues(self, issues: Vec<ImportIssue>) -> Self {
        Self { issues: LeadIssues::List(issues), ..self }
    }

    /// As it is sent; `names` has the columns of its import.
    pub(crate) fn new(lead: LeadRow, names: &ColumnNames) -> Self {
        let columns = names.of(lead.import_id, lead.extra.columns, lead.extra.named);
        Self {
            id: lead.id,
            import_id: lead.import_id,
            row: lead.row,
            values: lead.fields.into(),
            other: LeadOther { emails: lead.extra.emails, phones: lead.extra.phones, columns },
            issues: LeadIssues::Count(lead.issues),
            email_check: EmailCheck {
                state: lead.email_state,
                verdict: lead.email_verdict,
                words: lead.email_words,
                reason: lead.email_reason,
                at: lead.email_at,
            },
            phone_search: PhoneSearch {
                state: lead.phone_state,
                outcome: lead.phone_outcome,
                provider: lead.phone_provider,
                at: lead.phone_at,
            },
            created_at: lead.created_at,
            updated_at: lead.updated_at,
        }
    }
}

/// The columns of imports.
#[derive(Debug, Default)]
pub(crate) struct ColumnNames(BTreeMap<i64, Vec<FileColumn>>);

impl ColumnNames {
    /// The columns of the imports that these leads come from.
    pub(crate) fn read(store: &Connection, leads: &[LeadRow]) -> rusqlite::Result<Self> {
        let mut names = BTreeMap::new();
        for lead in leads.iter().filter(|lead| !lead.extra.columns.is_empty()) {
            let Some(id) = lead.import_id else { continue };
            if let Entry::Vacant(place) = names.entry(id) {
                let import = ImportRow::find(store, id)?;
                place.insert(import.map(|import| import.file_columns()).unwrap_or_default());
            }
        }
        Ok(Self(names))
    }

    /// The header of a column.
    pub(crate) fn name(&self, import: Option<i64>, index: usize) -> String {
        let columns = import.and_then(|import| self.0.get(&import));
        let column = columns.and_then(|columns| columns.get(index));
        column.map_or_else(|| format!("column_{}", index + 1), |column| column.header.clone())
    }

    fn of(
        &self,
        import: Option<i64>,
        columns: Vec<(usize, Pii<String>)>,
        named: Vec<(String, Pii<String>)>,
    ) -> Vec<OtherColumn> {
        let own = columns.into_iter().map(|(index, text)| OtherColumn {
            index: Some(index),
            name: self.name(import, index),
            text,
        });
        let others = named.into_iter().map(|(name, text)| OtherColumn { index: None, name, text });
        own.chain(others).collect()
    }
}
