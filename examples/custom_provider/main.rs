//! Two more providers: `cargo run --example custom_provider`.
//!
//! The one is a file, `acme_phones.toml`, which is how most providers are added: nothing is compiled. The
//! other is written in Rust against [`Provider`], as for one that is no HTTP service: here the company's own
//! address book. A small server on this machine plays Acme.

mod acme;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};

use async_trait::async_trait;
use genesy_core::waterfall::{
    FoundPhone, LeadField, LeadFields, LeadInputs, Outcome, PhoneCountries, PhoneLookup, PhoneRule,
    Plan, ProviderId,
};
use genesy_providers::definition::Definition;
use genesy_providers::driver::{Driver, Lead, LeadId};
use genesy_providers::http::{HttpClient, HttpOptions, HttpProvider, Key, Proxy};
use genesy_providers::{Answer, Ask, CallError, Description, Provider};

/// The people whom the address book knows.
const ADDRESS_BOOK: &str = "grace.hopper@navy.example,+1 415 555 0101\n";

/// A provider in Rust.
#[derive(Debug)]
struct AddressBook {
    description: Description,
    numbers: BTreeMap<String, String>,
}

impl AddressBook {
    fn new(book: &str) -> Result<Self, Box<dyn Error>> {
        let id = ProviderId::new("address_book")?;
        let description = Description::new(id, LeadFields::of(&[LeadField::Email]), 100);
        let entry = |line: &str| {
            line.split_once(',').map(|(email, phone)| (email.to_owned(), phone.to_owned()))
        };
        Ok(Self { description, numbers: book.lines().filter_map(entry).collect() })
    }
}

#[async_trait]
impl Provider<PhoneLookup> for AddressBook {
    fn description(&self) -> &Description {
        &self.description
    }

    async fn call(&self, ask: &Ask) -> Result<Answer<FoundPhone>, CallError> {
        let Some(email) = ask.inputs.get(LeadField::Email) else {
            return Err(CallError::Rejected { reason: "there is no address".into() });
        };
        let countries = PhoneCountries { of_lead: ask.country, ..PhoneCountries::default() };
        let phone = self.numbers.get(email).map(|phone| FoundPhone::read(phone, &countries));
        Ok(Answer::new(phone))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in run().await? {
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(())
}

async fn run() -> Result<Vec<String>, Box<dyn Error>> {
    let server = acme::start().await?;
    let mut options = HttpOptions::default();
    options.base_url = Some(server.base_url.parse()?);
    options.proxy = Proxy::Direct;
    let client = HttpClient::new(options)?;

    // In a program of one's own: Definition::read(path), and HttpProvider::from_env(definition, &client).
    let acme = Definition::parse(include_str!("acme_phones.toml"), "acme_phones.toml")?;
    let acme = HttpProvider::new(acme, &client, Some(Key::new(acme::KEY)))?;
    let book = AddressBook::new(ADDRESS_BOOK)?;

    let first = book.description().step(PhoneRule::Possible);
    let second = acme.description().step(PhoneRule::Possible);
    let plan = Plan::new(vec![first, second])?;
    let driver = Driver::builder(plan).provider(book).provider(acme).build()?;

    let mut lines = Vec::new();
    for name in ["grace.hopper@navy.example", "ada@engines.example", "alan@bletchley.example"] {
        let inputs = LeadInputs::default()
            .with(LeadField::Email, name)
            .with(LeadField::CompanyName, "Analytical & Sons");
        let lead = Lead::for_phone(LeadId::of_row(lines.len() as u64 + 1), inputs);
        let finished = driver.run(lead).await?;
        lines.push(match &finished.outcome {
            Outcome::Found(found) => {
                let phone = found.value.e164.as_ref().unwrap_or(&found.value.raw);
                let cost = finished.run.spent().charged_micros as f64 / 1e6;
                format!("{name}: {} by {}, for {cost:.2}", phone.reveal(), found.provider)
            }
            other => format!("{name}: {}", other.name()),
        });
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::run;

    #[tokio::test]
    async fn the_book_comes_first_and_acme_knows_one_more() {
        let lines = run().await.expect("it runs");
        assert_eq!(
            lines,
            [
                "grace.hopper@navy.example: +14155550101 by address_book, for 0.00",
                "ada@engines.example: +14155550132 by acme_phones, for 0.04",
                "alan@bletchley.example: no_data_found",
            ]
        );
    }
}
