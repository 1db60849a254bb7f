//! Lists of leads, a page at a time.

use rusqlite::Connection;

use super::catalog::Catalog;
use super::lead_filter::LeadFilter;
use super::leads::LeadRow;

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
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub(crate) leads: Vec<LeadRow>,
    /// The last lead of it, even if it was deleted meanwhile.
    pub(crate) last: Option<i64>,
    /// Whether leads follow.
    pub(crate) has_more: bool,
}

/// Reads a page; nothing if the lead that it begins behind is not known any more.
pub(crate) fn page(
    connection: &Connection,
    catalog: &Catalog,
    request: &PageRequest,
) -> rusqlite::Result<Option<Page>> {
    let Some(page) = catalog.page(connection, request)? else { return Ok(None) };
    let leads = LeadRow::all(connection, &page.ids)?;
    Ok(Some(Page { leads, last: page.ids.last().copied(), has_more: page.has_more }))
}

#[cfg(test)]
mod tests {
    use genesy_core::pii::Pii;

    use super::{PageRequest, Sort, page};
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
                let (this, catalog) = (request.clone(), std::sync::Arc::clone(store.catalog()));
                let page = store.read(move |store| page(store, &catalog, &this)).await;
                let page = page.expect("the store").expect("a page");
                seen.extend(page.leads.iter().map(|lead| lead.id));
                request.after = seen.last().copied();
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(seen, wanted);
        }
        let filter = LeadFilter { verdict: Some(Verdict::None), ..LeadFilter::default() };
        let catalog = std::sync::Arc::clone(store.catalog());
        let count = store.read(move |store| catalog.count(store, &filter)).await;
        assert_eq!(count.expect("a count"), 5);
    }

    /// The same numbers each time.
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 11) % end
        }

        fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
            all[self.below(all.len() as u64) as usize].clone()
        }
    }

    const VERDICTS: [Option<&str>; 3] = [None, Some("risky"), Some("deliverable")];
    const COUNTRIES: [Option<&str>; 3] = [None, Some("ES"), Some("DE")];

    /// Adds, changes or deletes some leads.
    fn disturb(write: &rusqlite::Transaction<'_>, random: &mut Random) -> rusqlite::Result<()> {
        for _ in 0..random.below(60) {
            let mut lead = NewLead::default();
            lead.fields.company_name = random
                .one_of(&[None, Some("Acme"), Some("zeta"), Some("Öl")])
                .map(|name| Pii::new(name.to_owned()));
            lead.fields.country = random.one_of(&COUNTRIES).map(str::to_owned);
            lead.issues = random.below(2) as i64;
            leads::insert(write, &lead, Time::now())?;
        }
        for _ in 0..random.below(40) {
            let id = random.below(400) as i64;
            write.execute(
                "UPDATE leads SET email_verdict = ?2, company_name = ?3, updated_at = ?4, \
                 phone_is_valid = ?5 WHERE id = ?1",
                (
                    id,
                    random.one_of(&VERDICTS),
                    random.one_of(&[None, Some("Acme"), Some("Beta")]),
                    random.below(1_000_000) as i64,
                    random.one_of(&[None, Some(true), Some(false)]),
                ),
            )?;
        }
        for _ in 0..random.below(50) {
            write.execute("DELETE FROM leads WHERE id = ?1", [random.below(500) as i64])?;
        }
        Ok(())
    }

    fn filter(random: &mut Random) -> LeadFilter {
        let mut filter = LeadFilter::default();
        for (name, values) in [
            ("verdict", ["none", "risky", "deliverable"]),
            ("country", ["none", "ES", "DE"]),
            ("phone", ["found", "missing", "found"]),
            ("has_issues", ["true", "false", "true"]),
        ] {
            if random.below(2) == 0 {
                filter.set(name, random.one_of(&values)).expect("a value");
            }
        }
        filter
    }

    #[tokio::test]
    async fn lists_are_those_that_the_database_gives() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let mut random = Random(0x5EED_5EED_5EED_5EED);
        for round in 0..60 {
            let seed = random.below(u64::MAX) | 1;
            store.write(move |write| disturb(write, &mut Random(seed))).await.expect("a write");
            let filter = filter(&mut random);
            let (sort, key) = random.one_of(&[
                (Sort::Id, "id"),
                (Sort::Country, "coalesce(country, '')"),
                (Sort::Updated, "updated_at"),
                (Sort::Company, "lower(replace(coalesce(company_name, ''), 'Ö', 'ö')) || '  '"),
            ]);
            let is_descending = random.below(2) == 0;
            let order = if is_descending { "DESC" } else { "ASC" };
            let (condition, values) = filter.condition();
            let sql = format!(
                "SELECT id FROM leads WHERE {condition} ORDER BY {key} {order}, id {order}"
            );
            let wanted = store.read(move |store| {
                let mut list = store.prepare(&sql)?;
                let ids = list.query_map(rusqlite::params_from_iter(values), |row| row.get(0))?;
                ids.collect::<rusqlite::Result<Vec<i64>>>()
            });
            let wanted = wanted.await.expect("the ids");
            let offset = random.below(30) as usize;
            let request = PageRequest {
                filter: filter.clone(),
                sort,
                is_descending,
                offset,
                limit: 7,
                after: None,
            };
            let catalog = std::sync::Arc::clone(store.catalog());
            let read = move |store: &rusqlite::Connection| {
                let mut ids = Vec::new();
                let mut request = request;
                while let Some(page) = catalog.page(store, &request)? {
                    ids.extend(page.ids);
                    request = PageRequest { after: ids.last().copied(), offset: 0, ..request };
                    if !page.has_more {
                        break;
                    }
                }
                Ok((ids, catalog.count(store, &request.filter)?))
            };
            let (ids, count) = store.read(read).await.expect("pages");
            let what = format!("round {round}: {filter:?} by {key} {order} from {offset}");
            assert_eq!(count, wanted.len(), "{what}");
            assert_eq!(ids, wanted.get(offset..).unwrap_or_default(), "{what}");
        }
    }
}
