//! Reading leads as the catalog has them.

use rusqlite::{Connection, Row};

use super::Entries;
use super::facets::{self, Facets};
use super::words;

/// A lead, without its words.
pub(super) struct Lead {
    pub(super) id: i64,
    pub(super) facets: Facets,
    /// The hash of its address.
    pub(super) address: Option<i64>,
}

/// Some leads in the order of their ids, with their words.
#[derive(Default)]
pub(super) struct Leads {
    leads: Vec<(Lead, usize)>,
    words: Vec<u8>,
}

/// The first text behind the columns of the facets, and how many there are.
const TEXTS: usize = 10;
const TEXTS_COUNT: usize = 4;

fn select(condition: &str) -> String {
    let columns = facets::COLUMNS;
    format!(
        "SELECT {columns}, last_name, first_name, company_name, email, email_key FROM leads {condition}"
    )
}

impl Leads {
    /// Those between two ids.
    pub(super) fn range(store: &Connection, first: i64, last: i64) -> rusqlite::Result<Self> {
        let mut this = Self::default();
        let mut list = store.prepare_cached(&select("WHERE id BETWEEN ?1 AND ?2 ORDER BY id"))?;
        let mut rows = list.query((first, last))?;
        while let Some(row) = rows.next()? {
            this.push(row)?;
        }
        Ok(this)
    }

    /// Those of the ids that are there.
    pub(super) fn some(store: &Connection, ids: &[i64]) -> rusqlite::Result<Self> {
        let mut this = Self::default();
        let mut one = store.prepare_cached(&select("WHERE id = ?1"))?;
        for id in ids {
            let mut rows = one.query([id])?;
            if let Some(row) = rows.next()? {
                this.push(row)?;
            }
        }
        Ok(this)
    }

    /// Reads all leads there are.
    pub(super) fn all(
        store: &Connection,
        mut add: impl FnMut(&mut Entries, &Lead, &[u8]),
    ) -> rusqlite::Result<Entries> {
        let (mut entries, mut words) = (Entries::default(), Vec::new());
        let mut list = store.prepare(&select("ORDER BY id"))?;
        let mut rows = list.query([])?;
        while let Some(row) = rows.next()? {
            words.clear();
            let lead = read(row, &mut words)?;
            add(&mut entries, &lead, &words);
        }
        Ok(entries)
    }

    /// Each with its words.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Lead, &[u8])> {
        let mut start = 0;
        self.leads.iter().map(move |(lead, end)| {
            let words = &self.words[start..*end];
            start = *end;
            (lead, words)
        })
    }

    fn push(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let lead = read(row, &mut self.words)?;
        self.leads.push((lead, self.words.len()));
        Ok(())
    }
}

fn read(row: &Row<'_>, words: &mut Vec<u8>) -> rusqlite::Result<Lead> {
    let (id, mut facets) = Facets::read(row)?;
    facets.keys = FNV_START;
    for column in TEXTS..TEXTS + TEXTS_COUNT {
        let text = row.get_ref(column)?.as_str_or_null()?.unwrap_or_default();
        words::fold(text, words);
        for byte in text.bytes() {
            facets.keys = (facets.keys ^ u32::from(byte)).wrapping_mul(FNV_PRIME);
        }
        facets.keys = (facets.keys ^ 0xFF).wrapping_mul(FNV_PRIME);
    }
    Ok(Lead { id, facets, address: row.get(TEXTS + TEXTS_COUNT)? })
}

/// FNV-1a of 32 bits.
const FNV_START: u32 = 0x811C_9DC5;
const FNV_PRIME: u32 = 0x0100_0193;
