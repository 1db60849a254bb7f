//! What a lead says, as it is sent: of a lead that is stored, and of a row of a preview.

use genesy_core::country::Country;
use genesy_core::pii::Pii;
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::leads::LeadFields;

/// What a lead says, field by field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LeadValues {
    #[schema(value_type = Option<String>)]
    first_name: Option<Pii<String>>,
    #[schema(value_type = Option<String>)]
    last_name: Option<Pii<String>>,
    #[schema(value_type = Option<String>)]
    email: Option<Pii<String>>,
    #[schema(value_type = Option<String>)]
    job_title: Option<Pii<String>>,
    country: Option<LeadCountry>,
    #[schema(value_type = Option<String>)]
    company_name: Option<Pii<String>>,
    #[schema(value_type = Option<String>)]
    company_domain: Option<Pii<String>>,
    #[schema(value_type = Option<String>)]
    linkedin_url: Option<Pii<String>>,
    years_in_role: Option<f64>,
    /// In E.164, or as entered if it cannot be read as a number.
    #[schema(value_type = Option<String>)]
    phone: Option<Pii<String>>,
    #[schema(value_type = Option<String>)]
    phone_extension: Option<Pii<String>>,
    /// Whether there may be such a number; null if it cannot be read as one, or has a length that none has.
    phone_is_valid: Option<bool>,
}

/// A country.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LeadCountry {
    /// ISO 3166-1 alpha-2.
    code: String,
    /// In English.
    name: String,
}

impl From<LeadFields> for LeadValues {
    fn from(fields: LeadFields) -> Self {
        let country = fields.country.map(|code| LeadCountry {
            name: Country::from_alpha2(&code).map_or("", Country::name).to_owned(),
            code,
        });
        Self {
            first_name: fields.first_name,
            last_name: fields.last_name,
            email: fields.email,
            job_title: fields.job_title,
            country,
            company_name: fields.company_name,
            company_domain: fields.company_domain,
            linkedin_url: fields.linkedin_url,
            years_in_role: fields.years_in_role,
            phone: fields.phone,
            phone_extension: fields.phone_extension,
            phone_is_valid: fields.phone_is_valid,
        }
    }
}
