//! Makes a definition of a table of TOML: the sections but for the request.

use std::collections::BTreeMap;

use genesy_core::waterfall::{Billing, Cost, LeadFields, ProviderId, TIMEOUT_MS_MAX};

use super::error::{Fault, Mistake, quoted};
use super::reader::{Item, Section, one_of};
use super::request_sections::{query_name, request, valid_header_name};
use super::{
    Auth, AuthPlace, Definition, JsonPointer, Request, ResponseMap, StatusClass, Statuses,
};
use crate::{Description, RateLimit};

/// Characters of a provider's name for people at most.
const NAME_CHARS_MAX: usize = 100;
/// Longest window of a rate limit, in milliseconds: a day.
const PER_MS_MAX: u64 = 86_400_000;
/// What is expected where only a table will do.
const A_TABLE: &str = "write a table";

/// The definition that a whole text is.
pub(super) fn definition(root: &Section<'_>) -> Result<Definition, Fault> {
    root.only(&[
        "id",
        "name",
        "timeout_ms",
        "request",
        "auth",
        "response",
        "statuses",
        "rate_limit",
        "cost",
    ])?;
    let description = description(root)?;
    let section = root.need("request", "add a table [request]")?.section(A_TABLE)?;
    let request = request(&section)?;
    let auth = auth(&root.need("auth", "add a table [auth]")?.section(A_TABLE)?, &request)?;
    let response = response(&root.need("response", "add a table [response]")?.section(A_TABLE)?)?;
    let statuses = match root.get("statuses") {
        Some(item) => statuses(&item.section(A_TABLE)?)?,
        None => Statuses::default(),
    };
    let (requires, uses) = request.fields();
    if uses.is_empty() {
        return Err(section.fault(Mistake::new(
            "it asks the same for every lead",
            "write a field of the lead somewhere in it, such as \"{email}\"",
        )));
    }
    let description = Description { requires, uses, ..description };
    Ok(Definition { description, request, auth, response, statuses })
}

fn description(root: &Section<'_>) -> Result<Description, Fault> {
    const ID: &str = "write 1 to 64 of a-z, 0-9, - and _";
    let id = root.need("id", &format!("{ID}: the provider's name in plans"))?.read(ID, |text| {
        ProviderId::new(text)
            .map_err(|_| Mistake::new(format!("{} is no name of a provider", quoted(text)), ID))
    })?;
    let timeout_ms = root
        .need("timeout_ms", "write how long a call may take, in milliseconds")?
        .integer(1..=TIMEOUT_MS_MAX.into(), " milliseconds")?;
    let mut description = Description::new(id, LeadFields::NONE, small(timeout_ms));
    if let Some(item) = root.get("name") {
        let expected = format!("write 1 to {NAME_CHARS_MAX} characters on one line");
        description.name = item.read(&expected, |text| {
            let fits = (1..=NAME_CHARS_MAX).contains(&text.trim().chars().count());
            if fits && !text.contains(char::is_control) {
                Ok(text.trim().to_owned())
            } else {
                Err(Mistake::new(format!("{} is no name", quoted(text)), expected.as_str()))
            }
        })?;
    }
    if let Some(item) = root.get("rate_limit") {
        description.rate_limit = rate_limit(&item.section(A_TABLE)?)?;
    }
    if let Some(item) = root.get("cost") {
        description.cost = cost(&item.section(A_TABLE)?)?;
    }
    Ok(description)
}

fn rate_limit(section: &Section<'_>) -> Result<RateLimit, Fault> {
    section.only(&["calls_max", "per_ms", "concurrency_max"])?;
    let read = |name: &str, max: u64, unit: &str| {
        section.get(name).map(|item| item.integer(1..=max, unit).map(small)).transpose()
    };
    let calls_max = read("calls_max", u32::MAX.into(), " calls")?;
    let concurrency_max = read("concurrency_max", u32::MAX.into(), " calls")?;
    let per_ms = read("per_ms", PER_MS_MAX, " milliseconds")?;
    if per_ms.is_some() {
        section
            .need("calls_max", "write how many calls may begin within per_ms, or take it away")?;
    }
    let usual_ms = RateLimit::per_second(1).per_ms;
    Ok(RateLimit { calls_max, per_ms: per_ms.unwrap_or(usual_ms), concurrency_max })
}

fn cost(section: &Section<'_>) -> Result<Cost, Fault> {
    const BILLING: [&str; 2] = ["per_call", "per_hit"];
    section.only(&["micros", "billing"])?;
    let micros = section
        .need("micros", "write the cost of a call in millionths of the currency")?
        .integer(0..=i64::MAX as u64, " millionths of the currency")?;
    let billing = match section.get("billing") {
        Some(item) if choice(&item, &BILLING)? == "per_hit" => Billing::PerHit,
        _ => Billing::PerCall,
    };
    Ok(Cost { micros, billing })
}

fn auth(section: &Section<'_>, request: &Request) -> Result<Auth, Fault> {
    section.only(&["place", "name", "user", "key_env"])?;
    let places = &AuthPlace::NAMES;
    let place = section.need("place", &format!("write {}", one_of(places)))?;
    let is_at = choice(&place, places)?;
    let takes = match is_at {
        "header" | "query" => ["name", "key_env"].as_slice(),
        "basic" => &["user", "key_env"],
        "bearer" => &["key_env"],
        _ => &[],
    };
    for item in section.items() {
        if item.name != "place" && !takes.contains(&item.name) {
            let found = format!("the place {is_at} takes none");
            return Err(item.fault(Mistake::new(found, "take it away, or change the place")));
        }
    }
    let place = match is_at {
        "header" => {
            let expected = "write the name of the header that the key goes to";
            let item = section.need("name", expected)?;
            let name = item.read(expected, valid_header_name)?;
            let is_twice =
                request.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
            not_twice(&item, is_twice, "request.headers")?;
            AuthPlace::Header { name: name.to_owned() }
        }
        "query" => {
            let expected = "write the name of the query parameter that the key goes to";
            let item = section.need("name", expected)?;
            let name = item.read(expected, query_name)?;
            let is_twice = request.query.iter().any(|(other, _)| other == name);
            not_twice(&item, is_twice, "request.query")?;
            AuthPlace::Query { name: name.to_owned() }
        }
        "bearer" => AuthPlace::Bearer,
        "basic" => AuthPlace::Basic { user: user(section)? },
        _ => return Ok(Auth { place: AuthPlace::None, key_env: String::new() }),
    };
    Ok(Auth { place, key_env: key_env(section)? })
}

fn user(section: &Section<'_>) -> Result<String, Fault> {
    const EXPECTED: &str = "write a user without a colon";
    section.need("user", EXPECTED)?.read(EXPECTED, |text| {
        if text.is_empty() || text.contains(|c: char| c == ':' || c.is_control()) {
            Err(Mistake::new(format!("{} is no user", quoted(text)), EXPECTED))
        } else {
            Ok(text.to_owned())
        }
    })
}

fn key_env(section: &Section<'_>) -> Result<String, Fault> {
    const EXPECTED: &str =
        "write the name of the environment variable that holds the key, of A-Z, 0-9 and _";
    section.need("key_env", EXPECTED)?.read(EXPECTED, |text| {
        let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_well = text.starts_with(|c: char| !c.is_ascii_digit());
        if begins_well && text.bytes().all(fits) {
            Ok(text.to_owned())
        } else {
            // What is there is not quoted: it may be the key itself.
            Err(Mistake::new("it is no name of a variable (and must not be the key)", EXPECTED))
        }
    })
}

fn not_twice(item: &Item<'_>, is_twice: bool, other: &str) -> Result<(), Fault> {
    if !is_twice {
        return Ok(());
    }
    let found = format!("{other} has the same name");
    Err(item.fault(Mistake::new(found, "take that one away: the key goes here")))
}

fn response(section: &Section<'_>) -> Result<ResponseMap, Fault> {
    const EXPECTED: &str = "write JSON pointers, such as [\"/data/phone\"]";
    section.only(&["phone", "country"])?;
    let pointers = |item: Item<'_>| -> Result<Vec<JsonPointer>, Fault> {
        let elements = item.list(EXPECTED)?;
        elements.iter().map(|element| element.read(EXPECTED, JsonPointer::parse)).collect()
    };
    let item = section.need("phone", &format!("{EXPECTED}: where the number is"))?;
    if item.list(EXPECTED)?.is_empty() {
        return Err(item.fault(Mistake::new("it is empty", EXPECTED)));
    }
    let phone = pointers(item)?;
    let country = section.get("country").map(pointers).transpose()?.unwrap_or_default();
    Ok(ResponseMap { phone, country })
}

fn statuses(section: &Section<'_>) -> Result<Statuses, Fault> {
    let mut classes = BTreeMap::new();
    for item in section.items() {
        let status = item.name.parse::<u16>().ok().filter(|status| (100..=599).contains(status));
        let Some(status) = status.filter(|_| item.name.len() == 3) else {
            return Err(item.fault(Mistake::new(
                format!("{} is no HTTP status", quoted(item.name)),
                "write one of 100 to 599",
            )));
        };
        let class = choice(&item, &StatusClass::ALL.map(StatusClass::name))?;
        let class = StatusClass::ALL.into_iter().find(|known| known.name() == class);
        classes.extend(class.map(|class| (status, class)));
    }
    Ok(Statuses(classes))
}

/// The text of an item that has to be one of `names`.
pub(super) fn choice<'a>(item: &Item<'a>, names: &[&str]) -> Result<&'a str, Fault> {
    let expected = format!("write {}", one_of(names));
    item.read(&expected, |text| {
        if names.contains(&text) {
            Ok(text)
        } else {
            Err(Mistake::new(format!("it is {}", quoted(text)), expected.as_str()))
        }
    })
}

/// A number that was checked to fit.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
