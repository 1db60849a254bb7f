//! What a request shows of a lead.

use serde_json::Value;

use super::numbers::Country;
use super::random::Hash;
use super::who::SimulatedProvider;

/// A lead as one provider sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead {
    /// Of all that the provider was given: the same for the same question.
    pub(super) question: u64,
    /// Of the name and the domain: the same at all providers.
    pub(super) person: u64,
    /// The country that the domain tells of.
    pub(super) country: Option<Country>,
}

impl Lead {
    /// Reads a request. Members that the provider does not know are ignored.
    ///
    /// # Errors
    ///
    /// With the first member that is missing, blank or no text.
    pub(super) fn read(who: SimulatedProvider, body: &Value) -> Result<Self, &'static str> {
        let mut question = Hash::new();
        let mut texts = [""; 2];
        for (text, member) in texts.iter_mut().zip(who.members()) {
            *text = body.get(member).and_then(Value::as_str).unwrap_or("").trim();
            if text.is_empty() {
                return Err(member);
            }
            question.add(text.bytes());
        }
        let (name, domain) = match who {
            SimulatedProvider::OrionConnect => (texts[0], host(texts[1])),
            SimulatedProvider::AstraDialer | SimulatedProvider::NimbusLookup => {
                texts[0].rsplit_once('@').unwrap_or((texts[0], ""))
            }
        };
        let mut person = Hash::new();
        person.add(name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_lowercase()));
        person.add(domain.bytes().map(|byte| byte.to_ascii_lowercase()));
        Ok(Self {
            question: question.finish(),
            person: person.finish(),
            country: Country::of_domain(domain),
        })
    }
}

/// The domain of a website, without `www.`.
fn host(website: &str) -> &str {
    let host = website.split_once("://").map_or(website, |(_, rest)| rest);
    let host = host.split(['/', ':', '?', '#']).next().unwrap_or(host);
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Lead, SimulatedProvider};

    fn person(who: SimulatedProvider, body: &Value) -> u64 {
        Lead::read(who, body).unwrap().person
    }

    #[test]
    fn one_person_is_one_at_all_providers() {
        use SimulatedProvider::{AstraDialer, NimbusLookup, OrionConnect};
        let ada = person(AstraDialer, &json!({"email": "Ada.Lovelace@example.com"}));
        let nimbus = json!({"email": "ada_lovelace@EXAMPLE.com", "jobTitle": "CTO"});
        assert_eq!(person(NimbusLookup, &nimbus), ada);
        for website in ["example.com", "https://www.example.com/about", "Example.com:443"] {
            let orion = json!({"fullName": "Ada Lovelace", "companyWebsite": website});
            assert_eq!(person(OrionConnect, &orion), ada, "{website}");
        }
        assert_ne!(person(AstraDialer, &json!({"email": "ada.lovelace@example.org"})), ada);
    }

    #[test]
    fn what_is_missing_is_named() {
        for (who, body, missing) in [
            (SimulatedProvider::OrionConnect, json!({"companyWebsite": "a.com"}), "fullName"),
            (
                SimulatedProvider::OrionConnect,
                json!({"fullName": "A", "companyWebsite": " "}),
                "companyWebsite",
            ),
            (SimulatedProvider::AstraDialer, json!({"email": 5}), "email"),
            (SimulatedProvider::AstraDialer, json!([]), "email"),
            (SimulatedProvider::NimbusLookup, json!({"email": "a@b.com"}), "jobTitle"),
        ] {
            assert_eq!(Lead::read(who, &body).unwrap_err(), missing);
        }
    }
}
