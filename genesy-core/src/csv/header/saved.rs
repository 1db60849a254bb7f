//! A mapping remembered for the next file with the same columns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Mapping, MappingReason, Overrides, Target, decide, fold};
use crate::fnv::Fnv;

/// The targets of a file's columns, by header text.
///
/// It fits every file with the same headers in any order; case, accents and punctuation do not count. Of
/// columns with the same header the first gets the first target, and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedMapping {
    /// FNV-1a hash (64 bits) of the sorted folded headers, in hexadecimal.
    pub fingerprint: String,
    /// Targets by folded header, in the order of the file.
    pub targets: BTreeMap<String, Vec<Target>>,
}

impl From<&Mapping> for SavedMapping {
    fn from(mapping: &Mapping) -> Self {
        let mut targets: BTreeMap<String, Vec<Target>> = BTreeMap::new();
        for column in &mapping.columns {
            targets.entry(fold::key(&column.header)).or_default().push(column.target);
        }
        let headers: Vec<&str> = mapping.columns.iter().map(|c| c.header.as_str()).collect();
        Self { fingerprint: fingerprint(&headers), targets }
    }
}

impl SavedMapping {
    /// Whether a file has exactly the columns of the saved one, in any order. Never true of a file
    /// without headers: nothing says that its columns are the same.
    pub fn applies_to(&self, headers: &[&str]) -> bool {
        headers.iter().any(|header| !header.trim().is_empty())
            && self.fingerprint == fingerprint(headers)
    }

    /// Maps a file: known columns by the saved targets, the others as [`map_columns`](super::map_columns) does.
    /// `overrides` win over both. It is useful too where [`applies_to`](Self::applies_to) is false.
    pub fn apply(
        &self,
        headers: &[&str],
        rows: &[Vec<&str>],
        is_country: &dyn Fn(&str) -> bool,
        overrides: &Overrides,
    ) -> Mapping {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let saved: Vec<Option<Target>> = headers
            .iter()
            .map(|header| {
                let key = fold::key(header);
                let targets = self.targets.get(&key).filter(|_| !key.is_empty())?;
                let nth = seen.entry(key).or_default();
                *nth += 1;
                targets.get(*nth - 1).copied()
            })
            .collect();
        decide::map(headers, rows, is_country, &|index, header| {
            let by_hand = overrides.target(index, header).map(|t| (t, MappingReason::Override));
            let remembered = || saved.get(index).copied().flatten();
            by_hand.or_else(|| remembered().map(|t| (t, MappingReason::Saved)))
        })
    }
}

fn fingerprint(headers: &[&str]) -> String {
    let key = |(index, header): (usize, &&str)| match header.trim() {
        "" => fold::key(&decide::generated_header(index)),
        header => fold::key(header),
    };
    let mut keys: Vec<String> = headers.iter().enumerate().map(key).collect();
    keys.sort();
    let mut hash = Fnv::new();
    for key in keys {
        hash.write(key.as_bytes());
        hash.write(&[0]);
    }
    format!("{:016x}", hash.0)
}
