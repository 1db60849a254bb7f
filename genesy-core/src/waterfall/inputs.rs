//! What a lead says, field by field, to be sent to providers.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::lead::{CountryCode, LeadFacts, LeadField, LeadFields};
use crate::pii::Pii;

/// The fields of a lead with what they say. A field is there only if it says something.
///
/// Of a normalized lead it is made by `From`:
///
/// | field | comes from |
/// |---|---|
/// | full name | first and last name, if both are there, in the order of their script |
/// | company website | its column's domain, else that of the e-mail address; never a free-mail provider's |
/// | country | the code |
/// | all others | their columns |
///
/// Clones and [`Self::only`] share the texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Stored<Pii<String>>")]
pub struct LeadInputs {
    texts: Arc<Texts<Pii<String>>>,
    /// The fields that are there. Others may have a text that is not for whoever has this.
    fields: LeadFields,
    has_phone: bool,
}

type Texts<T> = [Option<T>; LeadField::ALL.len()];

/// As serde writes it.
#[derive(Serialize, Deserialize)]
#[serde(rename = "LeadInputs")]
struct Stored<T> {
    texts: Texts<T>,
    has_phone: bool,
}

impl LeadInputs {
    /// Sets what a field says, without the white space around it; an empty text takes it away.
    pub fn set(&mut self, field: LeadField, text: &str) {
        let text = text.trim();
        let text = (!text.is_empty()).then(|| Pii::new(text.to_owned()));
        self.fields = self.fields.without(LeadFields::of(&[field]));
        if text.is_some() {
            self.fields.insert(field);
        }
        Arc::make_mut(&mut self.texts)[field as usize] = text;
    }

    /// The same, to be chained.
    #[must_use]
    pub fn with(mut self, field: LeadField, text: &str) -> Self {
        self.set(field, text);
        self
    }

    /// What a field says.
    pub fn get(&self, field: LeadField) -> Option<&str> {
        self.text(field).map(|text| text.reveal().as_str())
    }

    fn text(&self, field: LeadField) -> Option<&Pii<String>> {
        self.texts[field as usize].as_ref().filter(|_| self.fields.contains(field))
    }

    /// Only these fields, for somebody who is to see no others.
    #[must_use]
    pub fn only(&self, fields: LeadFields) -> Self {
        Self { texts: Arc::clone(&self.texts), fields: self.fields.intersection(fields), ..*self }
    }

    /// The country, if it is a code.
    pub fn country(&self) -> Option<CountryCode> {
        self.get(LeadField::Country).and_then(CountryCode::new)
    }

    /// Says whether the lead has a phone number.
    #[must_use]
    pub const fn having_phone(mut self, has_phone: bool) -> Self {
        self.has_phone = has_phone;
        self
    }

    /// The fields that say something.
    pub const fn fields(&self) -> LeadFields {
        self.fields
    }

    /// What a lookup of its phone must know of it.
    pub fn phone_facts(&self) -> LeadFacts {
        LeadFacts {
            fields: self.fields(),
            country: self.country(),
            is_known: self.has_phone,
            ..LeadFacts::default()
        }
    }
}

impl PartialEq for LeadInputs {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |field: &LeadField| self.text(*field) == other.text(*field);
        self.has_phone == other.has_phone && LeadField::ALL.iter().all(is_same)
    }
}

impl Eq for LeadInputs {}

impl Serialize for LeadInputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = std::array::from_fn(|index| self.text(LeadField::ALL[index]));
        Stored { texts, has_phone: self.has_phone }.serialize(serializer)
    }
}

impl From<Stored<Pii<String>>> for LeadInputs {
    fn from(stored: Stored<Pii<String>>) -> Self {
        let mut fields = LeadFields::NONE;
        let texts = LeadField::ALL.iter().zip(&stored.texts);
        texts.filter(|(_, text)| text.is_some()).for_each(|(field, _)| fields.insert(*field));
        Self { texts: Arc::new(stored.texts), fields, has_phone: stored.has_phone }
    }
}

#[cfg(feature = "csv")]
impl From<&crate::csv::normalize::LeadRef<'_>> for LeadInputs {
    fn from(lead: &crate::csv::normalize::LeadRef<'_>) -> Self {
        let mut inputs = Self::default();
        let mut set = |field: LeadField, text: Option<&str>| inputs.set(field, text.unwrap_or(""));
        set(LeadField::FirstName, lead.first_name());
        set(LeadField::LastName, lead.last_name());
        if let (Some(first), Some(last)) = (lead.first_name(), lead.last_name()) {
            set(LeadField::FullName, Some(&crate::person_name::join(first, last)));
        }
        set(LeadField::Email, lead.email().map(|address| address.as_str()));
        set(LeadField::JobTitle, lead.job_title());
        set(LeadField::CompanyName, lead.company_name());
        set(LeadField::CompanyWebsite, lead.company_domain().as_deref());
        set(LeadField::Country, lead.country().map(|country| country.alpha2()));
        set(LeadField::LinkedinUrl, lead.linkedin_url());
        // A number that cannot be is none: from a provider it would not be taken either.
        inputs.having_phone(lead.phone().is_some_and(|phone| phone.possible))
    }
}

#[cfg(test)]
mod tests {
    use super::{LeadField, LeadFields, LeadInputs};

    #[test]
    fn a_field_is_there_only_if_it_says_something() {
        let inputs = LeadInputs::default()
            .with(LeadField::Email, " ada@example.com ")
            .with(LeadField::Country, "ES")
            .with(LeadField::JobTitle, " \t");
        let facts = inputs.phone_facts();
        assert_eq!(facts.fields, LeadFields::of(&[LeadField::Email, LeadField::Country]));
        assert_eq!(facts.country.as_ref().map(|country| country.as_str()), Some("ES"));
        assert_eq!(inputs.get(LeadField::Email), Some("ada@example.com"));
        assert!(!format!("{inputs:?}").contains("ada"), "nothing is shown");
        assert!(inputs.having_phone(true).phone_facts().is_known);
    }

    #[test]
    fn what_is_not_for_somebody_is_not_there_for_them() {
        let all = LeadInputs::default()
            .with(LeadField::Email, "ada@example.com")
            .with(LeadField::Country, "ES");
        let mut only = all.only(LeadFields::of(&[LeadField::Country, LeadField::JobTitle]));
        assert_eq!(only.get(LeadField::Email), None);
        assert_eq!(only, LeadInputs::default().with(LeadField::Country, "ES"));
        assert_eq!(only.only(all.fields()), only, "it does not come back");
        let json = serde_json::to_string(&only).expect("JSON");
        assert_eq!(
            json,
            r#"{"texts":[null,null,null,null,null,null,null,"ES",null],"has_phone":false}"#
        );
        assert_eq!(serde_json::from_str::<LeadInputs>(&json).expect("the same"), only);
        only.set(LeadField::JobTitle, "CTO");
        assert_eq!(only.get(LeadField::Email), None);
        assert_eq!(all.get(LeadField::JobTitle), None, "nobody else's changes");
    }

    #[test]
    #[cfg(feature = "csv")]
    fn a_lead_of_a_file_gives_what_it_has_and_nothing_else() {
        use crate::csv::normalize::{Normalizer, Options};

        let file = "first name,last name,email,company website,country,phone\n\
            Ada,Lovelace,ada@gmail.com,,UK,\n\
            Alan,,alan@mail.bletchley.co.uk,,XXX,call me\n\
            Grace,Hopper,grace@gmail.com,https://www.navy.mil/about,US,+1 202 555 0143\n\
            太郎,山田,taro@gmail.com,,JP,\n";
        let mut normalizer =
            Normalizer::from_slice(file.as_bytes(), Options::default()).expect("leads");
        let mut seen = Vec::new();
        while let Some(row) = normalizer.next_row() {
            let inputs = LeadInputs::from(&row.lead);
            let get = |field| inputs.get(field).map(str::to_owned);
            seen.push((
                get(LeadField::FullName),
                get(LeadField::CompanyWebsite),
                get(LeadField::Country),
                inputs.phone_facts().is_known,
            ));
        }
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            seen,
            [
                (text("Ada Lovelace"), None, text("GB"), false),
                (None, text("bletchley.co.uk"), None, false),
                (text("Grace Hopper"), text("navy.mil"), text("US"), true),
                (text("山田 太郎"), None, text("JP"), false),
            ],
            "no website of a free-mail provider, no half a name, no country that is none"
        );
    }
}
