use std::collections::BTreeSet;

use genesy_core::waterfall::{CountryCode, FoundPhone, PhoneCountries, PhoneQuality};
use serde_json::{Value, json};

use super::{Behaviour, SimulatedProvider, behaviour};

const LEADS: u32 = 2000;

fn request(who: SimulatedProvider, lead: u32) -> Value {
    let email = format!("ada.lovelace{lead}@company{}.com", lead % 97);
    match who {
        SimulatedProvider::OrionConnect => json!({
            "fullName": format!("Ada Lovelace{lead}"),
            "companyWebsite": format!("https://www.company{}.com", lead % 97),
        }),
        SimulatedProvider::AstraDialer => json!({ "email": email }),
        SimulatedProvider::NimbusLookup => json!({ "email": email, "jobTitle": "CTO" }),
    }
}

/// The first answer that is not a failure.
fn answer(who: SimulatedProvider, lead: u32) -> Value {
    let request = request(who, lead);
    let answered = |nth| Some(behaviour(1, who, &request, nth)).filter(|got| got.status == 200);
    (1..100).find_map(answered).unwrap().body
}

/// The number of an answer, as a text, and the country beside it.
fn number(body: &Value) -> Option<(String, Option<&str>)> {
    let value = ["phone", "phoneNmbr", "number"].iter().find_map(|member| body.get(member))?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some((text, body.get("countryCode").and_then(Value::as_str)))
}

fn share(of: impl Iterator<Item = bool>) -> f64 {
    let (mut yes, mut all) = (0, 0);
    of.for_each(|it| {
        yes += u32::from(it);
        all += 1;
    });
    f64::from(yes) / f64::from(all)
}

#[test]
fn rates_and_latencies_are_the_documented_ones() {
    // Four standard deviations of a share of 2,000 are below 0.045.
    for (who, latency_ms, hits, failures) in [
        (SimulatedProvider::OrionConnect, 4200.0, 0.55, 0.05),
        (SimulatedProvider::AstraDialer, 1300.0, 0.30, 0.01),
        (SimulatedProvider::NimbusLookup, 2200.0, 0.40, 0.25),
    ] {
        let first: Vec<Behaviour> =
            (0..LEADS).map(|lead| behaviour(1, who, &request(who, lead), 1)).collect();
        let failed = share(first.iter().map(|got| got.status == 500));
        assert!((failed - failures).abs() < 0.045, "{who:?} fails {failed}");
        let found = share((0..LEADS).map(|lead| number(&answer(who, lead)).is_some()));
        assert!((found - hits).abs() < 0.045, "{who:?} finds {found}");

        let ms = first.iter().map(|got| got.latency.as_secs_f64() * 1000.0);
        assert!(ms.clone().all(|ms| (ms / latency_ms - 1.0).abs() <= 0.15), "{who:?}");
        let mean = ms.sum::<f64>() / f64::from(LEADS);
        assert!((mean / latency_ms - 1.0).abs() < 0.01, "{who:?} takes {mean} ms");
    }
}

#[test]
fn retries_are_drawn_anew_and_find_the_same() {
    let who = SimulatedProvider::NimbusLookup;
    let failed: Vec<u32> = (0..LEADS)
        .filter(|lead| behaviour(1, who, &request(who, *lead), 1).status == 500)
        .collect();
    let again = |lead: &u32| behaviour(1, who, &request(who, *lead), 2);
    let failed_again = share(failed.iter().map(|lead| again(lead).status == 500));
    assert!((0.15..0.35).contains(&failed_again), "{failed_again}");

    let bodies: BTreeSet<String> = (1..50)
        .map(|nth| behaviour(1, who, &request(who, 3), nth))
        .filter(|got| got.status == 200)
        .map(|got| got.body.to_string())
        .collect();
    assert_eq!(bodies.len(), 1);
    let of_seed = |seed| behaviour(seed, who, &request(who, 3), 1);
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
}

#[test]
fn providers_know_the_same_people_more_often_than_by_chance_and_by_one_number() {
    use SimulatedProvider::{NimbusLookup, OrionConnect};
    let found = |who, lead| number(&answer(who, lead)).map(|(text, _)| text);
    let (mut orion_knows, mut both) = (0_u32, 0_u32);
    for lead in 0..LEADS {
        let Some(at_orion) = found(OrionConnect, lead) else { continue };
        orion_knows += 1;
        let Some(at_nimbus) = found(NimbusLookup, lead) else { continue };
        both += 1;
        // The last digits are the same however it is written.
        let end = |text: &str| {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            digits[digits.len() - 8..].to_owned()
        };
        assert_eq!(end(&at_orion), end(&at_nimbus));
    }
    let share = f64::from(both) / f64::from(orion_knows);
    assert!((0.48..0.65).contains(&share), "{share} instead of 0.4 by chance");
}

#[test]
fn numbers_are_readable_and_of_all_shapes() {
    let none = PhoneCountries::default();
    let mut shapes = BTreeSet::new();
    for who in SimulatedProvider::ALL {
        for lead in 0..LEADS {
            let body = answer(who, lead);
            let members: Vec<&str> = match &body {
                Value::Object(members) => members.keys().map(String::as_str).collect(),
                _ => panic!("{body}"),
            };
            let Some((text, of_provider)) = number(&body) else {
                shapes.insert(format!("{} has {}", who.id(), body));
                continue;
            };
            let quality = FoundPhone::read(&text, &PhoneCountries { of_provider, ..none }).quality;
            let is_numeral = body.get(members[members.len() - 1]).is_some_and(Value::is_number);
            let reads_alone = of_provider.is_some() || text.starts_with('+');
            if reads_alone {
                assert!(quality >= PhoneQuality::Possible, "{text} {of_provider:?}");
            } else {
                let of_lead = CountryCode::new("SE");
                assert_eq!(quality, PhoneQuality::Unreadable, "{text}");
                assert!(
                    FoundPhone::read(&text, &PhoneCountries { of_lead, ..none }).e164.is_some()
                );
            }
            let country = match of_provider {
                Some(code) if code.starts_with('+') => "+1",
                Some(code) if code.starts_with(|first: char| first.is_ascii_digit()) => "1",
                Some(_) => "US",
                None if reads_alone => "in the number",
                None if text.bytes().all(|byte| byte.is_ascii_digit()) => "bare",
                None => "formatted",
            };
            shapes.insert(format!("{} {members:?} {is_numeral} {country}", who.id()));
        }
    }
    let of = |who: &str| shapes.iter().filter(|shape| shape.starts_with(who)).count();
    // Three ways to write a number, and one to have none; Astra Dialer has two of those.
    assert_eq!((of("orion"), of("astra")), (4, 5), "{shapes:#?}");
    // Numerals as `number`, numerals and texts as `phoneNmbr`, each with three ways to name a country.
    assert_eq!(of("nimbus"), 10, "{shapes:#?}");
}
