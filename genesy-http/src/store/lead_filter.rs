//! Which leads are meant: a filter or a list, the same for lists, counts, exports, deletions and jobs.

use std::fmt;

use genesy_core::pii::Pii;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::catalog::Catalog;
use crate::object::from_object;

/// Ids that one selection may list.
pub(crate) const SELECTION_IDS_MAX: usize = 10_000;

/// Defines the values of a filter with the text that stands for each.
macro_rules! values {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$value_doc])* $value,)* }

        impl $name {
            /// All values.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The text that stands for it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }
    };
}

values! {
    /// What a verification said.
    Verdict {
        /// Not verified.
        None = "none",
        /// Mail arrives.
        Deliverable = "deliverable",
        /// Mail does not arrive.
        Undeliverable = "undeliverable",
        /// Mail may arrive.
        Risky = "risky",
        /// It could not be found out.
        Unknown = "unknown",
    }
}

values! {
    /// How far the last run of a kind is.
    RunState {
        /// There was none.
        None = "none",
        /// It waits for its turn.
        Queued = "queued",
        /// It is under way.
        Running = "running",
        /// It ended.
        Ended = "ended",
    }
}

values! {
    /// How the last search of a phone ended.
    PhoneOutcome {
        /// None has ended.
        None = "none",
        /// A phone was found.
        Found = "found",
        /// Every provider answered, and none had it.
        NoDataFound = "no_data_found",
        /// Nobody had it, but not everybody could be asked.
        Inconclusive = "inconclusive",
        /// The lead lacks what the providers need.
        NotEligible = "not_eligible",
        /// It was cancelled.
        Cancelled = "cancelled",
        /// It broke down.
        Failed = "failed",
    }
}

impl Verdict {
    /// What the text in its column stands for; none if it is not known.
    pub(crate) fn of_column(text: Option<&str>) -> Self {
        let all = Self::ALL.iter().copied();
        text.and_then(|text| all.into_iter().find(|it| it.as_str() == text)).unwrap_or(Self::None)
    }
}

/// Whether a lead has a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PhonePresence {
    /// It has one.
    Found,
    /// It has none, or one that cannot be read as a number, or has a length that none has.
    Missing,
}

/// What leads must be like. Nothing given means all.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeadFilter {
    /// Words, each the beginning of a word of the name, the company or the e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    #[param(value_type = Option<String>)]
    pub(crate) q: Option<Pii<String>>,
    /// The import that they come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<i64>,
    /// Their country, as ISO 3166-1 alpha-2; `none` for leads without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    /// What the verification of their address said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) verdict: Option<Verdict>,
    /// Whether they have a phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) phone: Option<PhonePresence>,
    /// How far the verification is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) email_state: Option<RunState>,
    /// How far the search of a phone is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) phone_state: Option<RunState>,
    /// How the last search of a phone ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[param(inline)]
    pub(crate) phone_outcome: Option<PhoneOutcome>,
    /// Whether the import had doubts about them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) has_issues: Option<bool>,
}

impl fmt::Debug for LeadFilter {
    /// Shows everything but the words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Self { q: None, ..self.clone() };
        f.write_str(&serde_json::to_string(&shown).map_err(|_| fmt::Error)?)
    }
}

impl LeadFilter {
    /// Takes a parameter of a query: false if it is none of the filter's.
    ///
    /// # Errors
    ///
    /// What is expected instead of this text.
    pub(crate) fn set(&mut self, name: &str, text: &str) -> Result<bool, String> {
        match name {
            "q" => self.q = Some(Pii::new(text.to_owned())),
            "import" => {
                let id = text.parse().map_err(|_| "the id of an import, a whole number")?;
                self.import = Some(id);
            }
            "country" => self.country = Some(text.to_owned()),
            "verdict" => self.verdict = Some(one_of(text, Verdict::ALL, Verdict::as_str)?),
            "email_state" => {
                self.email_state = Some(one_of(text, RunState::ALL, RunState::as_str)?);
            }
            "phone_state" => {
                self.phone_state = Some(one_of(text, RunState::ALL, RunState::as_str)?);
            }
            "phone_outcome" => {
                self.phone_outcome = Some(one_of(text, PhoneOutcome::ALL, PhoneOutcome::as_str)?);
            }
            "phone" => {
                let all = [PhonePresence::Found, PhonePresence::Missing];
                self.phone = Some(one_of(text, &all, PhonePresence::as_str)?);
            }
            "has_issues" => {
                self.has_issues = Some(text.parse().map_err(|_| "expected is true or false")?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What is wrong with a value that any text can stand for: the name of the field, and why.
    ///
    /// # Errors
    ///
    /// If the country is none, or the words hold no letter.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(code) = &self.country
            && code != "none"
            && genesy_core::country::Country::from_alpha2(code).is_none()
        {
            let why = "expected is a country as two letters (ISO 3166-1 alpha-2), or `none`";
            return Err(("country", why.to_owned()));
        }
        Ok(())
    }

    /// The condition in SQL on the table `leads`, with its values; the words are not part of it.
    pub(crate) fn condition(&self) -> (String, Vec<Value>) {
        let mut sql = String::from("1");
        let mut values = Vec::new();
        let mut and = |condition: &str, value: Option<Value>| {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.extend(value);
        };
        if let Some(id) = self.import {
            and("import_id = ?", Some(id.into()));
        }
        if let Some(code) = &self.country {
            equals(&mut and, "country", &code.to_ascii_uppercase(), "NONE");
        }
        if let Some(verdict) = self.verdict {
            equals(&mut and, "email_verdict", verdict.as_str(), "none");
        }
        if let Some(state) = self.email_state {
            equals(&mut and, "email_state", state.as_str(), "none");
        }
        if let Some(state) = self.phone_state {
            equals(&mut and, "phone_state", state.as_str(), "none");
        }
        if let Some(outcome) = self.phone_outcome {
            equals(&mut and, "phone_outcome", outcome.as_str(), "none");
        }
        match self.phone {
            Some(PhonePresence::Found) => and("phone_is_valid IS NOT NULL", None),
            Some(PhonePresence::Missing) => and("phone_is_valid IS NULL", None),
            None => {}
        }
        match self.has_issues {
            Some(true) => and("issues > 0", None),
            Some(false) => and("issues = 0", None),
            None => {}
        }
        (sql, values)
    }
}

impl PhonePresence {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Missing => "missing",
        }
    }
}

fn equals(and: &mut impl FnMut(&str, Option<Value>), column: &str, text: &str, none: &str) {
    if text == none {
        and(&format!("{column} IS NULL"), None);
    } else {
        and(&format!("{column} = ?"), Some(text.to_owned().into()));
    }
}

fn one_of<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    all.iter().copied().find(|value| name(*value) == text).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|value| name(*value)).collect();
        format!("expected is one of: {}", names.join(", "))
    })
}

/// Which leads: listed by their ids, or all that match a filter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Selection {
    /// These.
    Leads(Vec<i64>),
    /// All that match. An empty filter means all.
    Filter(#[serde(deserialize_with = "from_object")] LeadFilter),
}

impl Selection {
    /// What is wrong with it: a JSON pointer below the selection, and why.
    ///
    /// # Errors
    ///
    /// If it lists too many, or a value of the filter is none.
    pub(crate) fn check(&self) -> Result<(), (String, String)> {
        match self {
            Self::Leads(ids) if ids.len() > SELECTION_IDS_MAX => {
                let why = format!("at most {SELECTION_IDS_MAX} leads can be listed: give a filter");
                Err(("/leads".to_owned(), why))
            }
            Self::Leads(_) => Ok(()),
            Self::Filter(filter) => {
                filter.check().map_err(|(name, why)| (format!("/filter/{name}"), why))
            }
        }
    }

    /// The condition in SQL on the table `leads`, with its values; the words are not part of it.
    pub(crate) fn condition(&self) -> (String, Vec<Value>) {
        match self {
            Self::Filter(filter) => filter.condition(),
            Self::Leads(ids) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                (format!("id IN ({})", ids.join(",")), Vec::new())
            }
        }
    }

    /// The ids of those that are there, in rising order, from behind `after` on: at most `limit`.
    pub(crate) fn ids(
        &self,
        catalog: &Catalog,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<i64>> {
        match self {
            Self::Filter(filter) => catalog.ids(filter, after, limit),
            Self::Leads(ids) => {
                let mut ids = ids.clone();
                ids.retain(|id| *id > after);
                ids.sort_unstable();
                ids.dedup();
                catalog.retain_known(&mut ids)?;
                ids.truncate(limit);
                Ok(ids)
            }
        }
    }
}
