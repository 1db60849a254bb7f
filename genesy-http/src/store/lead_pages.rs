//! Lists of leads, a page at a time.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::lead_filter::LeadFilter;
use super::leads::{COLUMNS, LeadRow};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The order in which they came.
    #[default]
    Id,
    /// Last name, first name.
    Name,
    /// The company's name.
    Company,
    /// The country's code.
    Country,
    /// The e-mail address.
    Email,
    /// When they were changed.
    Updated,
}

/// Which page of which list.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageRequest {
    pub(crate) filter: LeadFilter,
    pub(crate) sort: Sort,
    pub(crate) is_descending: bool,
    /// The last lead of the page before.
    pub(crate) after: Option<i64>,
    /// Leads that are passed over.
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) leads: Vec<LeadRow>,
    /// Whether leads follow.
    pub(crate) has_more: bool,
}

/// Reads a page.
pub(crate) fn page(connection: &Connection, request: &PageRequest) -> rusqlite::Result<Page> {
    let (condition, mut values) = request.filter.condition();
    let (order, than) = if request.is_descending { ("DESC", "<") } else { ("ASC", ">") };
    let key = request.sort.key();
    let mut sql = format!("SELECT {COLUMNS} FROM leads WHERE {condition}");
    if let Some(after) = request.after {
        sql.push_str(&format!(
            " AND ({key}, id) {than} (SELECT {key}, id FROM leads WHERE id = ?)"
        ));
        values.push(Value::from(after));
    }
    sql.push_str(&format!(
        " ORDER BY {key} {order}, id {order} LIMIT {} OFFSET {}",
        request.limit + 1,
        request.offset
    ));
    let mut statement = connection.prepare(&sql)?;
    let leads = statement.query_map(rusqlite::params_from_iter(values), LeadRow::read)?;
    let mut leads = leads.collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = leads.len() > request.limit;
    leads.truncate(request.limit);
    Ok(Page { leads, has_more })
}

/// How many leads match.
pub(crate) fn count(connection: &Connection, filter: &LeadFilter) -> rusqlite::Result<i64> {
    let (condition, values) = filter.condition();
    let sql = format!("SELECT count(*) FROM leads WHERE {condition}");
    connection.query_row(&sql, rusqlite::params_from_iter(values), |row| row.get(0))
}

impl Sort {
    const fn key(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "lower(coalesce(last_name, '') || ' ' || coalesce(first_name, ''))",
            Self::Company => "lower(coalesce(company_name, ''))",
            Self::Country => "coalesce(country, '')",
            Self::Email => "lower(coalesce(email, ''))",
            Self::Updated => "updated_at",
        }
    }
}

#[cfg(test)]
mod tests {
    use genesy_core::pii::Pii;

    use super::{PageRequest, Sort, count, page};
    use crate::clock::Time;
    use crate::store::Store;
    use crate::store::lead_filter::{LeadFilter, Verdict};
    use crate::store::leads::{self, NewLead};

    #[tokio::test]
    async fn pages_follow_each_other_in_every_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let names = ["Lovelace", "Hopper", "", "Hopper", "Turing"];
        let insert = move |write: &rusqlite::Transaction<'_>| {
            for name in names {
                let mut lead = NewLead::default();
                lead.fields.last_name = (!name.is_empty()).then(|| Pii::new(name.to_owned()));
                leads::insert(write, &lead, Time::now())?;
            }
            Ok(())
        };
        store.write(insert).await.expect("leads");
        for (is_descending, wanted) in [(false, [3, 2, 4, 1, 5]), (true, [5, 1, 4, 2, 3])] {
            let request =
                PageRequest { sort: Sort::Name, is_descending, limit: 2, ..PageRequest::default() };
            let (mut request, mut seen) = (request, Vec::new());
            loop {
                let this = request.clone();
                let page = store.read(move |store| page(store, &this)).await.expect("a page");
                seen.extend(page.leads.iter().map(|lead| lead.id));
                request.after = seen.last().copied();
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(seen, wanted);
        }
        let filter = LeadFilter { verdict: Some(Verdict::None), ..LeadFilter::default() };
        assert_eq!(store.read(move |store| count(store, &filter)).await.expect("a count"), 5);
    }
}
