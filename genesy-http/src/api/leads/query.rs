//! The parameters of lists of leads.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::{LIMIT_DEFAULT, LIMIT_MAX};
use crate::object::from_object;
use crate::problem::Problem;
use crate::store::lead_filter::LeadFilter;
use crate::store::lead_pages::Sort;

/// Leads that can be passed over at most.
const OFFSET_MAX: usize = 1_000_000;

/// Which part of the list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `LeadQuery` reads")]
pub(super) struct Paging {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Leads that are passed over, for scroll bars: 1,000,000 at most.
    #[param(minimum = 0, maximum = 1_000_000)]
    offset: Option<usize>,
    /// Leads of a page.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `id` (default), `name`, `company`, `country`, `email` or `updated`.
    sort: Option<String>,
    /// `asc` (default) or `desc`.
    order: Option<String>,
}

/// Which leads, whatever they are like.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `LeadQuery` reads")]
pub(super) struct Ids {
    /// These leads instead of those that match: ids with commas between them, 500 at most.
    ids: Option<String>,
}

/// The parameters of a list, checked.
#[derive(Debug, Default)]
pub(super) struct LeadQuery {
    pub(super) filter: LeadFilter,
    pub(super) sort: Sort,
    pub(super) is_descending: bool,
    pub(super) after: Option<i64>,
    pub(super) offset: usize,
    pub(super) limit: usize,
    pub(super) ids: Option<Vec<i64>>,
}

impl<S: Send + Sync> FromRequestParts<S> for LeadQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut query = Self { limit: LIMIT_DEFAULT, ..Self::default() };
        let text = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            query.set(&name, &value).map_err(|why| Problem::invalid(&name, why))?;
        }
        query.filter.check().map_err(|(name, why)| Problem::invalid(name, why))?;
        Ok(query)
    }
}

/// A list that is asked for in a body, since addresses are kept by others, and what is searched may be a
/// person's name.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LeadSearch {
    /// What the leads must be like.
    #[serde(deserialize_with = "from_object")]
    filter: LeadFilter,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Leads that are passed over: 1,000,000 at most.
    #[schema(maximum = 1_000_000)]
    offset: usize,
    /// Leads of a page.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `id` (default), `name`, `company`, `country`, `email` or `updated`.
    sort: Option<String>,
    /// `asc` (default) or `desc`.
    order: Option<String>,
}

impl TryFrom<LeadSearch> for LeadQuery {
    type Error = Problem;

    fn try_from(search: LeadSearch) -> Result<Self, Problem> {
        let mut query = Self { filter: search.filter, limit: LIMIT_DEFAULT, ..Self::default() };
        for (name, value) in [
            ("cursor", search.cursor),
            ("offset", Some(search.offset.to_string())),
            ("limit", search.limit.map(|limit| limit.to_string())),
            ("sort", search.sort),
            ("order", search.order),
        ] {
            let Some(value) = value else { continue };
            query.set(name, &value).map_err(|why| Problem::invalid(&format!("/{name}"), why))?;
        }
        query.filter.check().map_err(|(name, why)| Problem::invalid(name, why))?;
        Ok(query)
    }
}

impl LeadQuery {
    fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        match name {
            "limit" => self.limit = number(text, 1, LIMIT_MAX)?,
            "offset" => self.offset = number(text, 0, OFFSET_MAX)?,
            "cursor" => {
                let cursor = text.parse().map_err(|_| "expected is the `next_cursor` of a page")?;
                self.after = Some(cursor);
            }
            "sort" => self.sort = sort(text)?,
            "order" => {
                self.is_descending = match text {
                    "asc" => false,
                    "desc" => true,
                    _ => return Err("expected is asc or desc".to_owned()),
                };
            }
            "ids" => self.ids = Some(ids(text)?),
            _ => {
                if !self.filter.set(name, text)? {
                    return Err("there is no such parameter".to_owned());
                }
            }
        }
        Ok(())
    }
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("expected is a whole number from {least} to {most}"))
}

fn sort(text: &str) -> Result<Sort, String> {
    Ok(match text {
        "id" => Sort::Id,
        "name" => Sort::Name,
        "company" => Sort::Company,
        "country" => Sort::Country,
        "email" => Sort::Email,
        "updated" => Sort::Updated,
        _ => {
            return Err("expected is one of: id, name, company, country, email, updated".to_owned());
        }
    })
}

fn ids(text: &str) -> Result<Vec<i64>, String> {
    let expected = || format!("expected are at most {LIMIT_MAX} ids with commas between them");
    let ids = text.split(',').map(|id| id.trim().parse().map_err(|_| expected()));
    let ids = ids.collect::<Result<Vec<i64>, String>>()?;
    if ids.len() > LIMIT_MAX { Err(expected()) } else { Ok(ids) }
}
