//! Changes of a lead by hand. What is given is normalized as that of a file is.
//!
//! | limit | value |
//! |---|---|
//! | characters of a text | 1,000 ([`TEXT_CHARS_MAX`]) |
//! | years in a role | 80 ([`YEARS_MAX`]) |

use std::sync::Arc;

use axum::extract::State;
use genesy_core::address::AddressRef;
use genesy_core::country::{ColumnContext, recognize};
use genesy_core::phone::{Phone, Region, Regions};
use genesy_core::pii::Pii;
use genesy_core::website::{WebsiteRef, linkedin_profile};
use rusqlite::Transaction;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::detail::{self, LeadDetail, no_lead};
use crate::clock::Time;
use crate::events::Event;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::addresses::Addresses;
use crate::store::hash;
use crate::store::jobs::Kind;
use crate::store::leads::{LeadFields, LeadRow, Text, revealed};
use crate::store::{provenance, runs};

/// Characters of a text at most.
const TEXT_CHARS_MAX: usize = 1000;
/// Years in a role at most.
const YEARS_MAX: f64 = 80.0;

/// What is changed: a field that is not given stays, null takes its value away (RFC 7396).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LeadPatch {
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    first_name: Option<Text>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    last_name: Option<Text>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    email: Option<Text>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    job_title: Option<Text>,
    /// A name or a code, in any language that a file may have it in.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    country: Option<Text>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    company_name: Option<Text>,
    /// A website or a domain.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    company_domain: Option<Text>,
    /// The address of a person's profile.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    linkedin_url: Option<Text>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    years_in_role: Option<Option<f64>>,
    /// With its calling code, or as dialled within the lead's country.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    phone: Option<Text>,
}

/// Tells null from what is not given.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Changes a lead (JSON merge patch, RFC 7396).
#[utoipa::path(
    patch, path = "/v1/leads/{id}", tag = "leads", params(("id" = i64, Path, description = "the lead")),
    request_body(content = LeadPatch, content_type = "application/merge-patch+json"),
    responses(
        (status = 200, description = "the lead as it is now", body = LeadDetail),
        (status = 404, description = "there is no such lead", body = Problem),
        (status = 422, description = "a value cannot be read: each field is named", body = Problem),
    )
)]
pub(super) async fn change(
    State(state): State<AppState>,
    Path(id): Path<i64>,
    Json(patch): Json<LeadPatch>,
) -> Result<Json<LeadDetail>, Problem> {
    let default = state.settings().phone.default_country.as_deref().and_then(Region::new);
    let addresses = Arc::clone(state.store().addresses());
    let work = move |transaction: &Transaction<'_>| {
        let Some(lead) = LeadRow::find(transaction, id)? else { return Ok(Err(no_lead(id))) };
        let after = match patch.apply(&lead.fields, default) {
            Ok(after) => after,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Some(other) = same_address(transaction, id, &after, &addresses)? {
            let why = format!("lead {other} has this address already");
            return Ok(Err(Problem::invalid("/email", why)));
        }
        store(transaction, &lead, &after, &addresses)?;
        let is_readdressed = lead.fields.email != after.email;
        Ok(detail::read(transaction, id)?
            .map(|lead| (lead, is_readdressed))
            .ok_or_else(|| no_lead(id)))
    };
    let (lead, is_readdressed) = state.store().write(work).await??;
    if is_readdressed {
        state.dispatcher().let_go(Kind::Email, id);
    }
    Ok(Json(lead))
}

fn store(
    transaction: &Transaction<'_>,
    lead: &LeadRow,
    after: &LeadFields,
    addresses: &Addresses,
) -> rusqlite::Result<()> {
    let at = Time::now();
    if !provenance::change(transaction, lead, after, &lead.extra, "user", addresses, at)? {
        return Ok(());
    }
    if lead.fields.email != after.email {
        // What was found out about another address says nothing about this one.
        runs::forget_verification(transaction, lead.id, at)?;
    }
    Event::Leads { lead: Some(lead.id) }.record(transaction, at)?;
    Ok(())
}

/// Another lead that has the address.
fn same_address(
    transaction: &Transaction<'_>,
    id: i64,
    after: &LeadFields,
    addresses: &Addresses,
) -> rusqlite::Result<Option<i64>> {
    let address = revealed(&after.email).and_then(|email| AddressRef::parse(email).ok());
    let Some(address) = address else { return Ok(None) };
    let key = hash::key(&addresses.hasher().address(&address));
    let leads = addresses.leads_of(transaction, key, || address.normal_form())?;
    // An import may keep all: what is so already stays possible.
    Ok(leads.first().copied().filter(|_| !leads.contains(&id)))
}

impl LeadPatch {
    /// The fields after the change.
    fn apply(self, before: &LeadFields, default: Option<Region>) -> Result<LeadFields, Problem> {
        let mut after = before.clone();
        let mut faults: Vec<(&str, &str)> = Vec::new();
        let mut set = |at: &'static str, field: &mut Text, given: Option<Text>, read: Reader| {
            let Some(given) = given else { return };
            match normalized(given, read) {
                Ok(text) => *field = text,
                Err(why) => faults.push((at, why)),
            }
        };
        let mut country = after.country.take().map(Pii::new);
        set("/first_name", &mut after.first_name, self.first_name, plain);
        set("/last_name", &mut after.last_name, self.last_name, plain);
        set("/email", &mut after.email, self.email, email);
        set("/job_title", &mut after.job_title, self.job_title, plain);
        set("/country", &mut country, self.country, alpha_2);
        set("/company_name", &mut after.company_name, self.company_name, plain);
        set("/company_domain", &mut after.company_domain, self.company_domain, domain);
        set("/linkedin_url", &mut after.linkedin_url, self.linkedin_url, linkedin);
        after.country = country.map(Pii::into_inner);
        match self.years_in_role {
            Some(Some(years)) if !(0.0..=YEARS_MAX).contains(&years) => {
                faults.push(("/years_in_role", "expected is a number of years from 0 to 80"));
            }
            Some(years) => after.years_in_role = years,
            None => {}
        }
        if let Some(given) = self.phone {
            let lead = after.country.as_deref().and_then(Region::new);
            match set_phone(&mut after, given, &Regions { lead, default }) {
                Ok(()) => {}
                Err(why) => faults.push(("/phone", why)),
            }
        }
        let mut faults = faults.into_iter();
        match faults.next() {
            None => Ok(after),
            Some((at, why)) => {
                Err(faults
                    .fold(Problem::invalid(at, why), |problem, (at, why)| problem.at(at, why)))
            }
        }
    }
}

/// Reads a text, or says what is expected instead.
type Reader = fn(&str) -> Result<String, &'static str>;

fn normalized(given: Text, read: Reader) -> Result<Text, &'static str> {
    let given = given.map(|text| text.into_inner().trim().to_owned());
    let Some(text) = given.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err("expected are at most 1000 characters");
    }
    read(&text).map(|text| Some(Pii::new(text)))
}

fn plain(text: &str) -> Result<String, &'static str> {
    Ok(text.to_owned())
}

fn email(text: &str) -> Result<String, &'static str> {
    match AddressRef::parse(text) {
        Ok(address) => Ok(address.as_str().to_owned()),
        Err(_) => Err("expected is an e-mail address, as name@example.com"),
    }
}

fn alpha_2(text: &str) -> Result<String, &'static str> {
    match recognize(text, &ColumnContext::default()) {
        Ok(found) => Ok(found.country.alpha2().to_owned()),
        Err(_) => Err("expected is the name of a country, or its ISO code"),
    }
}

fn domain(text: &str) -> Result<String, &'static str> {
    match WebsiteRef::parse(text) {
        Err(_) => Err("expected is the company's website or domain, as example.com"),
        Ok(site) if site.is_page_elsewhere() => {
            Err("expected is the company's own website: this is its page on another's")
        }
        Ok(site) => match site.company_domain() {
            Some(domain) => Ok(domain.to_owned()),
            None => Err("expected is the company's own domain: this is a mail provider's"),
        },
    }
}

fn linkedin(text: &str) -> Result<String, &'static str> {
    match linkedin_profile(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected is a person's profile, as linkedin.com/in/name"),
    }
}

fn set_phone(fields: &mut LeadFields, given: Text, regions: &Regions) -> Result<(), &'static str> {
    let given = given.map(|text| text.into_inner().trim().to_owned());
    let Some(text) = given.filter(|text| !text.is_empty()) else {
        (fields.phone, fields.phone_extension, fields.phone_is_valid) = (None, None, None);
        return Ok(());
    };
    let phone = Phone::parse_with_repairs(&text, regions);
    let phone =
        phone.map_err(|_| "expected is a phone number, best with + and its calling code")?;
    fields.phone = phone.e164.as_ref().map(|e164| Pii::new(e164.reveal().as_str().to_owned()));
    fields.phone_is_valid = phone.possible.then_some(phone.valid);
    fields.phone_extension = phone.extension;
    Ok(())
}
