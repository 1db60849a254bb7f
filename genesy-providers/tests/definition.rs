//! What definitions of providers say, and the built-in ones.
#![cfg(feature = "http")]

use genesy_core::waterfall::{
    Billing, Cost, LeadField, LeadFields, LeadInputs, PhoneLookup, PhoneRule, ProviderId,
    default_phone_plan,
};
use genesy_providers::RateLimit;
use genesy_providers::definition::{AuthPlace, Body, Definition, Method, StatusClass, built_in};
use serde_json::json;
use url::Url;

const ALL_KEYS: &str = r#"
id = "acme-phones_2"
name = " Acme Phones "
timeout_ms = 300_000

[request]
method = "PUT"
base_url = "http://localhost:8080/v1/"
path = "/people/{linkedin_url}/phone"

[request.query]
verbose = "1"
country = "{country?}"
a = "{first_name} & {last_name}"

[request.headers]
x-title = "{job_title?}"
accept = "application/json"

[request.body.json]
braces = "{{email}} {email}"
nested = { list = ["{company_name}", "{job_title?}", 1, 2.5, true], title = "{job_title?}" }
hexadecimal = 0x10

[auth]
place = "basic"
user = "genesy"
key_env = "ACME_KEY"

[response]
phone = ["/data/0/phone", "/a~1b"]
country = ["/country"]

[statuses]
404 = "miss"
200 = "retryable"

[rate_limit]
calls_max = 10
concurrency_max = 2

[cost]
micros = 20_000
billing = "per_hit"
"#;

fn lead() -> LeadInputs {
    LeadInputs::default()
        .with(LeadField::FullName, "Ada Lovelace")
        .with(LeadField::FirstName, "Ada")
        .with(LeadField::LastName, "Lovelace")
        .with(LeadField::Email, "ada@example.com")
        .with(LeadField::CompanyName, "Analytical \"Engines\"")
        .with(LeadField::CompanyWebsite, "example.com")
        .with(LeadField::LinkedinUrl, "https://linkedin.com/in/ada?a=b#c")
}

#[test]
fn every_key_is_read() {
    let definition = Definition::parse(ALL_KEYS, "acme.toml").unwrap();
    let Definition { description, request, auth, response, statuses, .. } = definition;
    assert_eq!(description.id, ProviderId::new("acme-phones_2").unwrap());
    assert_eq!(description.name, "Acme Phones");
    assert_eq!(description.timeout_ms, 300_000);
    assert_eq!(description.cost, Cost { micros: 20_000, billing: Billing::PerHit });
    let rate_limit = RateLimit { calls_max: Some(10), per_ms: 1000, concurrency_max: Some(2) };
    assert_eq!(description.rate_limit, rate_limit);

    use LeadField::{CompanyName, Country, Email, FirstName, JobTitle, LastName, LinkedinUrl};
    let required = [Email, FirstName, LastName, CompanyName, LinkedinUrl];
    assert_eq!(description.requires, LeadFields::of(&required));
    let optional = LeadFields::of(&[Country, JobTitle]);
    assert_eq!(description.uses.without(description.requires), optional);
    assert!(description.requires.without(description.uses).is_empty());

    assert_eq!(request.method, Method::Put);
    assert_eq!(request.base_url.as_str(), "http://localhost:8080/v1/");
    let headers = request.headers.iter();
    let headers: Vec<_> =
        headers.map(|(name, value)| (name.as_str(), value.render(&lead()))).collect();
    let json = Some("application/json".to_owned());
    assert_eq!(headers, [("x-title", None), ("accept", json)], "in the order of the file");
    assert_eq!(auth.place, AuthPlace::Basic { user: "genesy".to_owned() });
    assert_eq!(auth.key_env, "ACME_KEY");
    let phone: Vec<_> = response.phone.iter().map(|pointer| pointer.as_str()).collect();
    assert_eq!(phone, ["/data/0/phone", "/a~1b"]);
    let country: Vec<_> = response.country.iter().map(|pointer| pointer.as_str()).collect();
    assert_eq!(country, ["/country"]);
    assert_eq!(statuses.class(404), StatusClass::Miss);
    assert_eq!(statuses.class(200), StatusClass::Retryable);
    assert_eq!(statuses.class(201), StatusClass::Read);
}

#[test]
fn what_the_lead_lacks_is_left_out() {
    let definition = Definition::parse(ALL_KEYS, "acme.toml").unwrap();
    let Body::Json(body) = &definition.request.body else { panic!("it is JSON") };
    assert_eq!(
        body.render(&lead()),
        json!({
            "braces": "{email} ada@example.com",
            "nested": { "list": ["Analytical \"Engines\"", 1, 2.5, true] },
            "hexadecimal": 16,
        })
    );
    let titled = lead().with(LeadField::JobTitle, "CTO");
    let nested = json!({ "list": ["Analytical \"Engines\"", "CTO", 1, 2.5, true], "title": "CTO" });
    assert_eq!(body.render(&titled)["nested"], nested);
    let nothing = json!({ "nested": { "list": [1, 2.5, true] }, "hexadecimal": 16 });
    assert_eq!(body.render(&LeadInputs::default()), nothing);
}

#[test]
fn what_the_lead_says_stays_in_its_place_in_the_address() {
    let request = Definition::parse(ALL_KEYS, "acme.toml").unwrap().request;
    let url = request.url(&request.base_url, &lead()).unwrap();
    assert_eq!(
        url.as_str(),
        "http://localhost:8080/v1/people/https%3A%2F%2Flinkedin.com%2Fin%2Fada%3Fa%3Db%23c/phone\
         ?verbose=1&a=Ada+%26+Lovelace"
    );
    let abroad = lead().with(LeadField::Country, "ES");
    let url = request.url(&request.base_url, &abroad).unwrap();
    assert!(url.query().unwrap().contains("verbose=1&country=ES&a="), "{url}");
    assert_eq!(request.url(&request.base_url, &LeadInputs::default()), None);
    for dots in [".", ".."] {
        let text = ALL_KEYS.replace("{linkedin_url}/phone", "{linkedin_url}");
        let request = Definition::parse(&text, "acme.toml").unwrap().request;
        let lead = lead().with(LeadField::LinkedinUrl, dots);
        assert_eq!(request.url(&request.base_url, &lead), None, "{dots} is no segment");
    }
}

#[test]
fn slashes_between_base_and_path_make_no_difference() {
    for (base, path, expected) in [
        ("https://a.example", "b", "https://a.example/b"),
        ("https://a.example/", "/b", "https://a.example/b"),
        ("https://a.example/v1", "b/", "https://a.example/v1/b/"),
        ("https://a.example/v1/", "/b/{email}", "https://a.example/v1/b/ada%40example.com"),
        ("https://a.example:444/v1//", "b%2Fc", "https://a.example:444/v1/b%2Fc"),
        ("https://a.example/v1", "", "https://a.example/v1"),
    ] {
        let path = format!("path = \"{path}\"");
        let text = ALL_KEYS.replace("path = \"/people/{linkedin_url}/phone\"", &path);
        let mut request = Definition::parse(&text, "acme.toml").unwrap().request;
        request.query.clear();
        let base = Url::parse(base).unwrap();
        assert_eq!(request.url(&base, &lead()).unwrap().as_str(), expected);
    }
}

#[test]
fn a_short_definition_has_no_limits_and_costs_nothing() {
    let text = "id = 'a'\ntimeout_ms = 1\nauth = { place = 'none' }\nresponse = { phone = [''] }\n\
        [request]\nmethod = 'POST'\nbase_url = 'https://a.example'\nbody = { form = { e = '{email}' } }";
    let definition = Definition::parse(text, "a.toml").unwrap();
    assert_eq!(definition.description.name, "a");
    assert_eq!(definition.description.rate_limit, RateLimit::default());
    assert_eq!(definition.description.cost, Cost::default());
    assert_eq!(definition.auth.place, AuthPlace::None);
    assert_eq!(definition.auth.key_env, "");
    let Body::Form(form) = &definition.request.body else { panic!("it is a form") };
    assert_eq!(form[0].1.render(&lead()).as_deref(), Some("ada@example.com"));
}

#[test]
fn the_built_in_ones_are_the_steps_of_the_default_plan() {
    let steps = built_in().into_iter().map(|definition| {
        let Definition { description, .. } = definition;
        assert_eq!(description.uses, description.requires);
        assert_eq!(description.rate_limit, RateLimit::default());
        description.step::<PhoneLookup>(PhoneRule::default())
    });
    assert_eq!(steps.collect::<Vec<_>>(), default_phone_plan().steps());
}

#[test]
fn the_built_in_ones_ask_as_their_providers_want() {
    let lead = lead().with(LeadField::JobTitle, "CTO");
    let asked = built_in().into_iter().map(|Definition { request, auth, response, .. }| {
        assert_eq!(request.method, Method::Post);
        assert!(request.headers.is_empty());
        let Body::Json(body) = &request.body else { panic!("all are sent JSON") };
        let url = request.url(&request.base_url, &lead).unwrap();
        let phone = response.phone.iter().map(|pointer| pointer.as_str().to_owned());
        (url.to_string(), body.render(&lead), auth.place, phone.collect::<Vec<_>>())
    });
    let url = |path: &str| format!("https://api.genesy.ai/api/tmp/{path}");
    let header = |name: &str| AuthPlace::Header { name: name.to_owned() };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        asked.collect::<Vec<_>>(),
        [
            (
                url("orionConnect"),
                json!({ "fullName": "Ada Lovelace", "companyWebsite": "example.com" }),
                header("x-auth-me"),
                texts(&["/phone"]),
            ),
            (
                url("astraDialer"),
                json!({ "email": "ada@example.com" }),
                header("apiKey"),
                texts(&["/phoneNmbr"]),
            ),
            (
                url("numbusLookup"),
                json!({ "email": "ada@example.com", "jobTitle": "CTO" }),
                AuthPlace::Query { name: "api".to_owned() },
                texts(&["/number", "/phoneNmbr"]),
            ),
        ]
    );
}
