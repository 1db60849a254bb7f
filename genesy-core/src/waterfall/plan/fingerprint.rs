//! The number that stands for the steps of a plan in stored runs.

use std::fmt::{self, Write};

use super::super::lead::{CountryCode, EmailNeed, LeadField};
use super::super::lookup::Lookup;
use super::{Countries, Step};
use crate::fnv::Fnv;

/// What tells the steps of a plan from those of others: a run is only resumed with the plan it was begun with.
pub(super) fn of<K: Lookup>(steps: &[Step<K>]) -> u64 {
    let mut hash = Fnv::new();
    for step in steps {
        // The hash takes anything that is written to it.
        let _ = write_identity(&mut hash, step);
    }
    hash.0
}

/// Writes what tells a step from others. Stored runs hold the hash of it: not a letter of it may change,
/// whatever the types and their variants are called.
fn write_identity<K: Lookup>(to: &mut Fnv, step: &Step<K>) -> fmt::Result {
    write!(to, "(ProviderId(\"{}\"), {{", step.provider)?;
    write_list(to, step.requires.iter(), |to, field| to.write_str(field_identity(field)))?;
    to.write_str("}, ")?;
    match &step.countries {
        Countries::Any => to.write_str("Any")?,
        Countries::Only(countries) => write_countries(to, "Only", countries)?,
        Countries::Except(countries) => write_countries(to, "Except", countries)?,
    }
    let email = match step.email {
        EmailNeed::Any => "Any",
        EmailNeed::NotUndeliverable => "NotUndeliverable",
        EmailNeed::Deliverable => "Deliverable",
    };
    write!(to, ", {email}, ")?;
    match &step.after_miss_of {
        None => to.write_str("None")?,
        Some(other) => write!(to, "Some(ProviderId(\"{other}\"))")?,
    }
    write!(to, ", {})", K::rule_identity(&step.rule))
}

const fn field_identity(field: LeadField) -> &'static str {
    match field {
        LeadField::FullName => "FullName",
        LeadField::FirstName => "FirstName",
        LeadField::LastName => "LastName",
        LeadField::Email => "Email",
        LeadField::JobTitle => "JobTitle",
        LeadField::CompanyName => "CompanyName",
        LeadField::CompanyWebsite => "CompanyWebsite",
        LeadField::Country => "Country",
        LeadField::LinkedinUrl => "LinkedinUrl",
    }
}

fn write_countries(to: &mut Fnv, which: &str, countries: &[CountryCode]) -> fmt::Result {
    write!(to, "{which}([")?;
    write_list(to, countries, |to, country| {
        let [first, second] = country.letters();
        write!(to, "CountryCode([{first}, {second}])")
    })?;
    to.write_str("])")
}

/// Writes the items with commas.
fn write_list<T>(
    to: &mut Fnv,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Fnv, T) -> fmt::Result,
) -> fmt::Result {
    for (place, item) in items.into_iter().enumerate() {
        to.write_str(if place == 0 { "" } else { ", " })?;
        write(to, item)?;
    }
    Ok(())
}
