//! The waterfall in somebody's own service: `cargo run --example embed_waterfall`.
//!
//! Against the real providers, the three lines that start the simulation go, and
//! `HttpProvider::from_env(definition, &client)` makes the providers of
//! `genesy_providers::definition::built_in()`.

use std::error::Error;
use std::io::{self, Write};

use genesy_core::waterfall::{LeadField, LeadInputs, Outcome, default_phone_plan};
use genesy_providers::driver::{Driver, Lead, LeadId};
use genesy_providers::simulated::{Options, Simulation, scaled};

/// Times as fast as the real providers.
const TIME_SCALE: f64 = 0.01;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    writeln!(
        io::stdout(),
        "{}",
        find_phone("Ada Lovelace", "ada.lovelace@engines.example").await?
    )?;
    Ok(())
}

async fn find_phone(name: &str, email: &str) -> Result<String, Box<dyn Error>> {
    let simulation =
        Simulation::start(Options { time_scale: TIME_SCALE, ..Options::default() }).await?;
    let plan = scaled(&default_phone_plan(), TIME_SCALE);
    let driver = Driver::builder(plan).providers(simulation.providers(None)).build()?;

    let inputs = LeadInputs::default()
        .with(LeadField::FullName, name)
        .with(LeadField::Email, email)
        .with(LeadField::CompanyWebsite, "engines.example")
        .with(LeadField::JobTitle, "Analyst")
        .with(LeadField::Country, "GB");
    let finished = driver.run(Lead::for_phone(LeadId::new("lead-17")?, inputs)).await?;
    Ok(match &finished.outcome {
        Outcome::Found(found) => {
            let phone = found.value.e164.as_ref().unwrap_or(&found.value.raw);
            format!("{} by {}, {} % sure", phone.reveal(), found.provider, found.confidence_percent)
        }
        Outcome::NoDataFound => "No data found".to_owned(),
        other => other.name().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::find_phone;

    #[tokio::test]
    async fn each_lead_gets_an_answer_in_words() {
        let mut answers = Vec::new();
        for name in ["ada.lovelace", "grace.hopper", "alan.turing", "mary.somerville"] {
            let full_name = name.replace('.', " ");
            let email = format!("{name}@engines.example");
            answers.push(find_phone(&full_name, &email).await.expect("an answer"));
        }
        let is_found = |answer: &&String| answer.starts_with('+') && answer.ends_with("% sure");
        let found = answers.iter().filter(is_found).count();
        assert!(found >= 1, "{answers:?}");
        let rest = answers.iter().filter(|answer| !is_found(answer));
        let known = ["No data found", "inconclusive"];
        assert!(rest.into_iter().all(|answer| known.contains(&answer.as_str())), "{answers:?}");
    }
}
