//! What a forecast has to know of leads: how many of them have which fields.

use std::collections::BTreeMap;

use genesy_core::pii::Pii;
use genesy_core::waterfall::LeadFacts;
use rusqlite::{Connection, Row, params_from_iter};

use super::catalog::Catalog;
use super::hash::Hasher;
use super::jobs::Kind;
use super::lead_filter::{Selection, Verdict};
use super::leads::{LeadFields, email_state};
use super::suppressions::Suppressions;

/// Leads of a selection by what a search has to know of them, and those that are not searched for.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Leads that are searched for, by their facts. Those with a phone are among them.
    pub(crate) facts: BTreeMap<LeadFacts, u64>,
    /// Leads in all.
    pub(crate) leads: u64,
    pub(crate) joined: u64,
    pub(crate) answered: u64,
    pub(crate) suppressed: u64,
    /// Leads without an address, where addresses are verified.
    pub(crate) lacking: u64,
}

/// Bits of what a row is counted by, in the order of the expression below.
const FIRST_NAME: i64 = 1;
const LAST_NAME: i64 = 1 << 1;
const EMAIL: i64 = 1 << 2;
const JOB_TITLE: i64 = 1 << 3;
const COMPANY_NAME: i64 = 1 << 4;
const COMPANY_DOMAIN: i64 = 1 << 5;
const LINKEDIN_URL: i64 = 1 << 6;
const PHONE: i64 = 1 << 7;
const UNDER_WAY: i64 = 1 << 8;
const ANSWERED: i64 = 1 << 9;

/// Counts the leads of a selection. It reads each of them once.
pub(crate) fn survey(
    connection: &Connection,
    catalog: &Catalog,
    hasher: &Hasher,
    kind: Kind,
    selection: &Selection,
    is_refresh: bool,
) -> rusqlite::Result<Survey> {
    let suppressions = Suppressions::new(connection, hasher)?;
    let (condition, values) = selection.condition();
    // The database knows nothing of words.
    let found = match selection {
        Selection::Filter(filter) if filter.q.is_some() => {
            Some(catalog.ids(filter, 0, usize::MAX)?)
        }
        _ => None,
    };
    let answered = kind.answered();
    let under_way = match kind {
        Kind::Phone => "phone_state",
        Kind::Email => "email_state",
    };
    let sql = format!(
        "SELECT (first_name IS NOT NULL) + 2 * (last_name IS NOT NULL) + 4 * (email IS NOT NULL) \
         + 8 * (job_title IS NOT NULL) + 16 * (company_name IS NOT NULL) \
         + 32 * (company_domain IS NOT NULL) + 64 * (linkedin_url IS NOT NULL) \
         + 128 * (phone_is_valid IS NOT NULL) \
         + 256 * coalesce({under_way} IN ('queued', 'running'), 0) + 512 * {answered}, \
         country, email_verdict, email, company_domain, id FROM leads WHERE {condition}"
    );
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let mut survey = Survey::default();
    let mut counts = BTreeMap::<(i64, Option<[u8; 2]>, Option<u8>), u64>::new();
    while let Some(row) = rows.next()? {
        let id = row.get(5)?;
        if found.as_ref().is_some_and(|found| found.binary_search(&id).is_err()) {
            continue;
        }
        survey.leads += 1;
        let bits: i64 = row.get(0)?;
        if bits & UNDER_WAY != 0 {
            survey.joined += 1;
        } else if suppressions.covers(text(row, 3)?, text(row, 4)?)? {
            survey.suppressed += 1;
        } else if kind == Kind::Email && bits & EMAIL == 0 {
            survey.lacking += 1;
        } else if bits & ANSWERED != 0 && !is_refresh {
            survey.answered += 1;
        } else {
            let country = text(row, 1)?;
            let country = country.and_then(|code| code.as_bytes().try_into().ok());
            let verdict = Verdict::of_column(text(row, 2)?);
            *counts.entry((bits, country, Some(verdict as u8))).or_default() += 1;
        }
    }
    for ((bits, country, verdict), leads) in counts {
        let verdict = Verdict::ALL.iter().find(|of| Some(**of as u8) == verdict).copied();
        let facts = facts(bits, country, verdict.unwrap_or(Verdict::None), is_refresh);
        *survey.facts.entry(facts).or_default() += leads;
    }
    Ok(survey)
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<Option<&'r str>> {
    Ok(row.get_ref(column)?.as_str_or_null()?)
}

/// The facts of a lead that has these fields, by what a lead with any text in them would give.
fn facts(bits: i64, country: Option<[u8; 2]>, verdict: Verdict, is_refresh: bool) -> LeadFacts {
    let text = |bit: i64| (bits & bit != 0).then(|| Pii::new("x".to_owned()));
    let fields = LeadFields {
        first_name: text(FIRST_NAME),
        last_name: text(LAST_NAME),
        email: text(EMAIL),
        job_title: text(JOB_TITLE),
        country: country.and_then(|code| String::from_utf8(code.to_vec()).ok()),
        company_name: text(COMPANY_NAME),
        company_domain: text(COMPANY_DOMAIN),
        linkedin_url: text(LINKEDIN_URL),
        phone_is_valid: (bits & PHONE != 0 && !is_refresh).then_some(true),
        ..LeadFields::default()
    };
    LeadFacts { email: email_state(verdict), ..fields.inputs().phone_facts() }
}
