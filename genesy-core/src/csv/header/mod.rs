//! stub
#![allow(missing_docs, dead_code, clippy::allow_attributes_without_reason)]
mod field; mod fold; mod mapping; mod overrides;
pub use field::{Field, Target, UnknownField};
pub use mapping::{ColumnMapping, Mapping, MappingReason};
pub use overrides::Overrides;
pub fn map_columns(headers: &[&str], _rows: &[Vec<&str>], _is_country: &dyn Fn(&str) -> bool, _overrides: &Overrides) -> Mapping {
    let mut m = Mapping::default();
    for (index, h) in headers.iter().enumerate() {
        let target = h.parse::<Field>().map_or(Target::Extra, Target::Field);
        m.columns.push(ColumnMapping { index, header: (*h).to_owned(), target, reason: MappingReason::Exact, confidence: 1.0, sample: None });
    }
    m
}
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SavedMapping;
impl SavedMapping {
    pub fn applies_to(&self, _h: &[&str]) -> bool { false }
    pub fn apply(&self, h: &[&str], r: &[Vec<&str>], c: &dyn Fn(&str) -> bool) -> Mapping { map_columns(h, r, c, &Overrides::default()) }
}
