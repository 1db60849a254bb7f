//! What a column can be.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fold;

/// A field of a lead that the normalizer understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// Given name of the person.
    FirstName,
    /// Family name of the person.
    LastName,
    /// Whole name of the person in one cell.
    FullName,
    /// E-mail address of the person; a file may have several such columns.
    Email,
    /// Position of the person in the company.
    JobTitle,
    /// Country of the person, as a name or as a code.
    Country,
    /// Name of the company that the person works for.
    CompanyName,
    /// Web site or domain of that company.
    CompanyWebsite,
    /// Telephone number of the person; a file may have several such columns.
    Phone,
    /// How long the person has been in the position, in years.
    YearsInRole,
    /// Address of the person's LinkedIn profile.
    #[serde(rename = "linkedin_url", alias = "linked_in_url")]
    LinkedInUrl,
}

impl Field {
    /// Every field, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::FirstName,
        Self::LastName,
        Self::FullName,
        Self::Email,
        Self::JobTitle,
        Self::Country,
        Self::CompanyName,
        Self::CompanyWebsite,
        Self::Phone,
        Self::YearsInRole,
        Self::LinkedInUrl,
    ];

    /// The name used in JSON and in exported headers, such as `first_name`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::FullName => "full_name",
            Self::Email => "email",
            Self::JobTitle => "job_title",
            Self::Country => "country",
            Self::CompanyName => "company_name",
            Self::CompanyWebsite => "company_website",
            Self::Phone => "phone",
            Self::YearsInRole => "years_in_role",
            Self::LinkedInUrl => "linkedin_url",
        }
    }

    /// Whether several columns of one file may hold this field: true for e-mail and phone.
    pub const fn is_multi_valued(self) -> bool {
        matches!(self, Self::Email | Self::Phone)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no [`Field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a lead field")]
#[non_exhaustive]
pub struct UnknownField;

impl FromStr for Field {
    type Err = UnknownField;

    /// Reads a field's own name, whatever its case and separators: `first_name`, `firstName`, `First name`.
    fn from_str(text: &str) -> Result<Self, UnknownField> {
        let key = fold::key(text);
        let same = |field: &Self| fold::key(field.as_str()) == key;
        Self::ALL.iter().copied().find(same).ok_or(UnknownField)
    }
}

/// Where the cells of a column go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Into a field of the lead.
    Field(Field),
    /// Beside the lead, untouched: a column is never dropped.
    Extra,
}

impl Target {
    /// The field, unless the column is an extra one.
    pub const fn field(self) -> Option<Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Extra => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn a_field_is_read_back_from_its_names() {
        for &field in Field::ALL {
            assert_eq!(field.as_str().parse(), Ok(field));
            assert_eq!(format!("{field:?}").parse(), Ok(field), "the variant's name");
            assert_eq!(serde_json::to_value(field).unwrap(), field.as_str());
        }
        assert!("city".parse::<Field>().is_err());
    }
}
