//! Lists are those that the database would give, whatever happens to the leads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use genesy_core::pii::Pii;
use rusqlite::{Connection, Transaction};

use super::Catalog;
use crate::clock::Time;
use crate::store::Store;
use crate::store::lead_filter::{LeadFilter, Verdict};
use crate::store::lead_pages::{PageRequest, Sort, page};
use crate::store::leads::{self, NewLead};

#[tokio::test]
async fn pages_follow_each_other_in_every_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let names = ["Lovelace", "Hopper", "", "Hopper", "Turing"];
    let insert = move |write: &Transaction<'_>| {
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
            let (this, catalog) = (request.clone(), Arc::clone(store.catalog()));
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
    let catalog = Arc::clone(store.catalog());
    let count = store.read(move |_| catalog.count(&filter)).await;
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

const NAMES: [Option<&str>; 6] =
    [None, Some("Ada"), Some("Åsa Öl"), Some("O'Hara"), Some("नाम"), Some("ada-zeta")];
const WORDS: [&str; 9] = ["a", "ada", "asa", "OL", "hara o", "नाम", "acm", "zet ad", "com"];

/// Adds, changes or deletes some leads.
fn disturb(write: &Transaction<'_>, random: &mut Random) -> rusqlite::Result<()> {
    for _ in 0..random.below(60) {
        let mut lead = NewLead::default();
        let text = |text: Option<&str>| text.map(|text| Pii::new(text.to_owned()));
        let fields = &mut lead.fields;
        fields.company_name = text(random.one_of(&[None, Some("Acme"), Some("zeta"), Some("Öl")]));
        fields.first_name = text(random.one_of(&NAMES));
        fields.last_name = text(random.one_of(&NAMES));
        fields.email = text(random.one_of(&[None, Some("ada@zeta.example.com"), Some("x@y.z")]));
        fields.country = random.one_of(&COUNTRIES).map(str::to_owned);
        lead.issues = random.below(2) as i64;
        leads::insert(write, &lead, Time::now())?;
    }
    for _ in 0..random.below(80) {
        let id = random.below(900) as i64;
        write.execute(
            "UPDATE leads SET email_verdict = ?2, company_name = ?3, updated_at = ?4, \
             phone_is_valid = ?5, last_name = ?6 WHERE id = ?1",
            (
                id,
                random.one_of(&VERDICTS),
                random.one_of(&[None, Some("Acme"), Some("Beta")]),
                random.below(1_000_000) as i64,
                random.one_of(&[None, Some(true), Some(false)]),
                random.one_of(&NAMES),
            ),
        )?;
    }
    for _ in 0..random.below(50) {
        write.execute("DELETE FROM leads WHERE id = ?1", [random.below(900) as i64])?;
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
        if random.below(3) == 0 {
            filter.set(name, random.one_of(&values)).expect("a value");
        }
    }
    if random.below(2) == 0 {
        filter.set("q", random.one_of(&WORDS)).expect("words");
    }
    filter
}

/// The same text without case and accents, as far as these tests have any.
fn plain(text: &str) -> String {
    text.to_lowercase().replace(['å', 'Å'], "a").replace(['ö', 'Ö'], "o")
}

/// Whether each word is the beginning of one of the text, found out in the simplest way.
fn has_words(text: &str, q: &str) -> bool {
    let (text, q) = (plain(text), plain(q));
    let mut words = q.split_whitespace();
    words.all(|word| text.split([' ', '@', '.', '-', '\'']).any(|other| other.starts_with(word)))
}

/// The ids that the database gives.
fn wanted(store: &Connection, filter: &LeadFilter, order: &str) -> rusqlite::Result<Vec<i64>> {
    let (condition, values) = filter.condition();
    let sql = format!(
        "SELECT id, concat_ws(' ', first_name, last_name, company_name, email) FROM leads \
         WHERE {condition} ORDER BY {order}"
    );
    let mut list = store.prepare(&sql)?;
    let rows = list.query_map(rusqlite::params_from_iter(values), |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
    let q = filter.q.as_ref().map(|q| q.reveal().as_str());
    let rows = rows.into_iter().filter(|(_, text)| q.is_none_or(|q| has_words(text, q)));
    Ok(rows.map(|(id, _)| id).collect())
}

/// All pages from a request on, and the count.
fn listed(
    store: &Connection,
    catalog: &Catalog,
    mut request: PageRequest,
) -> rusqlite::Result<(Vec<i64>, usize)> {
    let mut ids = Vec::new();
    while let Some(page) = catalog.page(store, &request)? {
        ids.extend(page.ids);
        request = PageRequest { after: ids.last().copied(), offset: 0, ..request };
        if !page.has_more {
            break;
        }
    }
    Ok((ids, catalog.count(&request.filter)?))
}

#[tokio::test]
async fn lists_are_those_that_the_database_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(folder.path()).expect("a store");
    let mut random = Random(0x5EED_5EED_5EED_5EED);
    for round in 0..120 {
        let seed = random.below(u64::MAX) | 1;
        store.write(move |write| disturb(write, &mut Random(seed))).await.expect("a write");
        if round % 40 == 39 {
            store.close().await;
            drop(store);
            store = Store::open(folder.path()).expect("the store again");
        }
        let filter = filter(&mut random);
        let lower = |column: &str| {
            format!("replace(replace(lower(coalesce({column}, '')), 'Å', 'å'), 'Ö', 'ö') || ' '")
        };
        let (sort, key) = random.one_of(&[
            (Sort::Id, "id".to_owned()),
            (Sort::Country, "coalesce(country, '')".to_owned()),
            (Sort::Updated, "updated_at".to_owned()),
            (Sort::Company, lower("company_name")),
            (Sort::Email, lower("email")),
            (Sort::Name, format!("{} || {}", lower("last_name"), lower("first_name"))),
        ]);
        let is_descending = random.below(2) == 0;
        let order = if is_descending { "DESC" } else { "ASC" };
        let order = format!("{key} {order}, id {order}");
        let offset = random.below(30) as usize;
        let what = format!("round {round}: {filter:?} by {order} from {offset}");
        let this = filter.clone();
        let wanted = store.read(move |store| wanted(store, &this, &order)).await;
        let wanted = wanted.expect("the ids");
        let request = PageRequest { filter, sort, is_descending, offset, limit: 7, after: None };
        // Many leads are put in their order behind the write, unless it is waited for.
        let is_prepared = random.below(2) == 0;
        if is_prepared {
            let catalog = Arc::clone(store.catalog());
            store.read(move |store| catalog.prepare(store)).await.expect("orders");
        }
        let begun = Instant::now();
        loop {
            let (request, catalog) = (request.clone(), Arc::clone(store.catalog()));
            let listed = store.read(move |store| listed(store, &catalog, request)).await;
            let (ids, count) = listed.expect("pages");
            assert_eq!(count, wanted.len(), "{what}");
            if ids == wanted.get(offset..).unwrap_or_default() {
                break;
            }
            assert!(
                !is_prepared && matches!(sort, Sort::Name | Sort::Company | Sort::Email),
                "{what}: {ids:?}, and not {wanted:?}"
            );
            assert!(begun.elapsed().as_secs() < 60, "{what}: {ids:?}, and not {wanted:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
