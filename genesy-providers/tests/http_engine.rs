//! What the HTTP engine sends and what it makes of answers, beyond what every provider has to do.

#![cfg(feature = "http")]

use std::collections::BTreeMap;
use std::time::Duration;

use genesy_core::waterfall::{
    CountryCode, CountrySource, FoundPhone, LeadField, LeadInputs, PhoneQuality,
};
use genesy_providers::definition::{Definition, built_in};
use genesy_providers::http::{
    HttpClient, HttpClientError, HttpOptions, HttpProvider, Key, KeyError, Proxy,
};
use genesy_providers::{Answer, Ask, CallError, Provider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers one request with this, and gives the request.
async fn answer(listener: TcpListener, response: String) -> String {
    let (mut connection, _) = listener.accept().await.expect("a connection");
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = connection.read(&mut buffer).await.expect("bytes");
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().expect("a number")) {
            break;
        }
    }
    connection.write_all(response.as_bytes()).await.expect("it is read");
    String::from_utf8(request).expect("UTF-8")
}

fn json(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn lead() -> LeadInputs {
    LeadInputs::default()
        .with(LeadField::FullName, "Ada \"Lovelace\"")
        .with(LeadField::Email, "ada@example.com")
        .with(LeadField::JobTitle, "CTO & more")
        .with(LeadField::CompanyWebsite, "example.com")
        .with(LeadField::Country, "FR")
}

type Result = std::result::Result<Answer<FoundPhone>, CallError>;

/// Asks a definition once; gives the result and the request.
async fn ask(
    definition: Definition,
    response: String,
    change: impl FnOnce(&mut HttpOptions),
) -> (Result, String) {
    ask_about(&lead(), definition, response, change).await
}

async fn ask_about(
    lead: &LeadInputs,
    definition: Definition,
    response: String,
    change: impl FnOnce(&mut HttpOptions),
) -> (Result, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut options = HttpOptions::default();
    let address = listener.local_addr().expect("an address");
    options.base_url = Some(format!("http://{address}/base").parse().expect("an address"));
    options.proxy = Proxy::Direct;
    change(&mut options);
    let client = HttpClient::new(options).expect("a client");
    let provider = HttpProvider::new(definition, &client, Some(Key::new("s3cret\n")));
    let provider = provider.expect("a key");
    let answering = tokio::spawn(answer(listener, response));
    let key = "abc123".to_owned();
    let ask = Ask::new(provider.description(), lead, key, Duration::from_secs(5));
    let result = provider.call(&ask).await;
    (result, answering.await.expect("no panic"))
}

fn definition(id: &str) -> Definition {
    let mut all = built_in().into_iter();
    all.find(|definition| definition.description.id.as_str() == id).expect("it is built in")
}

fn found(result: Result) -> FoundPhone {
    result.expect("an answer").value.expect("a find")
}

#[tokio::test]
async fn the_built_in_providers_are_asked_as_their_documentation_says() {
    let (result, request) =
        ask(definition("orion_connect"), json(r#"{"phone":"+1 415 555 0132"}"#), |_| {}).await;
    assert!(request.starts_with("POST /base/orionConnect HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nx-auth-me: s3cret\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/json\r\n"));
    assert!(request.contains("\r\nuser-agent: genesy/"));
    assert!(request.contains("\r\nidempotency-key: \"abc123\"\r\n"));
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    let sent: BTreeMap<String, String> = serde_json::from_str(body).expect("JSON");
    let expected = [("companyWebsite", "example.com"), ("fullName", "Ada \"Lovelace\"")];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(found(result).quality, PhoneQuality::Valid);

    let (result, request) =
        ask(definition("astra_dialer"), json(r#"{"phoneNmbr":"x"}"#), |_| {}).await;
    assert!(request.starts_with("POST /base/astraDialer HTTP/1.1\r\n"));
    assert!(request.contains("\r\napikey: s3cret\r\n"), "{request}");
    assert!(request.ends_with(r#"{"email":"ada@example.com"}"#));
    assert_eq!(found(result).quality, PhoneQuality::Unreadable);

    let (_, request) = ask(definition("nimbus_lookup"), json("{}"), |_| {}).await;
    assert!(request.starts_with("POST /base/numbusLookup?api=s3cret HTTP/1.1\r\n"), "{request}");
}

#[tokio::test]
async fn what_nimbus_means_is_read_in_all_the_ways_that_it_writes_it() {
    use CountrySource::{Default, Lead, Number, Provider};
    for (body, e164, country) in [
        (r#"{"number":639980001,"countryCode":"FR"}"#, "+33639980001", Some(("FR", Provider))),
        (r#"{"number":639980001,"countryCode":"33"}"#, "+33639980001", Some(("FR", Provider))),
        (r#"{"number":639980001,"countryCode":"+33"}"#, "+33639980001", Some(("FR", Provider))),
        (r#"{"number":639980001,"countryCode":33}"#, "+33639980001", Some(("FR", Provider))),
        (r#"{"phoneNmbr":4155550132,"countryCode":"US"}"#, "+14155550132", Some(("US", Provider))),
        (r#"{"phoneNmbr":"4155550132","countryCode":"1"}"#, "+14155550132", Some(("US", Provider))),
        (r#"{"number":null,"phoneNmbr":"0639980001"}"#, "+33639980001", Some(("FR", Lead))),
        (r#"{"number":639980001.0}"#, "+33639980001", Some(("FR", Lead))),
        (r#"{"number":639980001,"countryCode":null}"#, "+33639980001", Some(("FR", Lead))),
        (r#"{"number":639980001,"countryCode":"??"}"#, "+33639980001", Some(("FR", Lead))),
        (r#"{"number":"+14155550132","countryCode":"ES"}"#, "+14155550132", Some(("US", Number))),
        (r#"{"number":14155550132,"countryCode":"1"}"#, "+14155550132", Some(("US", Provider))),
    ] {
        let (result, _) = ask(definition("nimbus_lookup"), json(body), |_| {}).await;
        let phone = found(result);
        assert_eq!(phone.e164.as_ref().map(|e164| e164.reveal().as_str()), Some(e164), "{body}");
        let read_in = phone.read_in.as_ref().map(|read| (read.country.as_str(), read.named_by));
        assert_eq!(read_in, country, "{body}");
    }
    let body = json(r#"{"number":4155550132,"countryCode":""}"#);
    let us = |options: &mut HttpOptions| options.default_country = CountryCode::new("US");
    let (result, _) = ask(definition("nimbus_lookup"), body.clone(), us).await;
    assert_eq!(found(result).read_in.map(|read| read.named_by), Some(Lead), "not the default");
    let nowhere = lead().with(LeadField::Country, "");
    let (result, _) = ask_about(&nowhere, definition("nimbus_lookup"), body, us).await;
    assert_eq!(found(result).read_in.map(|read| read.named_by), Some(Default));
}

#[tokio::test]
async fn an_answer_of_the_wrong_type_says_where_and_quotes_nothing() {
    for (body, expected) in [
        (r#"{"phone":{"of":"+14155550132"}}"#, "at /phone is an object"),
        (r#"{"phone":["+14155550132"]}"#, "at /phone is an array"),
        (r#"{"phone":true}"#, "at /phone is a boolean"),
        (r#"{"phone":0.5}"#, "at /phone is a number that is not whole"),
        (r#"{"phone":-4155550132}"#, "at /phone is a number that is not whole"),
        (r#"{"phone":"+14155550132"#, "no JSON, from line 1, column 22 on"),
        (r#""+14155550132""#, "neither an object nor an array"),
        ("<html>+14155550132", "no JSON, from line 1, column 1 on"),
        ("", "no JSON"),
    ] {
        let (result, _) = ask(definition("orion_connect"), json(body), |_| {}).await;
        let Err(CallError::Unreadable { reason }) = result else { panic!("{body}: {result:?}") };
        assert!(reason.contains(expected) && !reason.contains("4155"), "{reason}");
    }
    for body in [r#"{"phone":null}"#, "{}", r#"{"phone":"  "}"#, "[]", "\u{feff}{}"] {
        let (result, _) = ask(definition("orion_connect"), json(body), |_| {}).await;
        assert_eq!(result, Ok(Answer::new(None)), "{body}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let body = format!(r#"{{"pad":"{}","phone":"+14155550132"}}"#, "x".repeat(1000));
    let exact = body.len();
    let limit = |bytes: usize| move |options: &mut HttpOptions| options.body_bytes_max = bytes;
    let (result, _) = ask(definition("orion_connect"), json(&body), limit(exact)).await;
    assert!(result.is_ok());
    let (result, _) = ask(definition("orion_connect"), json(&body), limit(exact - 1)).await;
    let Err(CallError::Unreadable { reason }) = result else { panic!("{result:?}") };
    assert_eq!(reason, format!("its answer is longer than {} bytes", exact - 1));
}

#[tokio::test]
async fn a_used_up_quota_comes_with_the_answer() {
    let response =
        "HTTP/1.1 200 OK\r\nratelimit: \"default\";r=0;t=7\r\ncontent-length: 2\r\n\r\n{}";
    let (result, _) = ask(definition("orion_connect"), response.to_owned(), |_| {}).await;
    let answer = result.expect("a miss");
    assert_eq!(answer, Answer::new(None).with_pause(Duration::from_secs(7)));
}

#[tokio::test]
async fn statuses_say_what_to_check() {
    for (status, expected) in [
        ("401 Unauthorized", "HTTP 401: check the key in ORION_CONNECT_KEY"),
        ("402 Payment Required", "HTTP 402: check the account"),
        ("404 Not Found", "HTTP 404: check method, base_url and path"),
        ("302 Found", "HTTP 302: it sends the request elsewhere"),
    ] {
        let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let (result, _) = ask(definition("orion_connect"), response, |_| {}).await;
        let Err(CallError::Misconfigured { reason }) = result else { panic!("{result:?}") };
        assert!(reason.contains(expected), "{reason}");
    }
}

#[tokio::test]
async fn a_gateway_timeout_says_how_long_to_wait_and_is_what_the_definition_says() {
    let response = "HTTP/1.1 504 Gateway Timeout\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n";
    let retry_after = Some(Duration::from_secs(60));
    let (result, _) = ask(definition("orion_connect"), response.to_owned(), |_| {}).await;
    assert_eq!(result, Err(CallError::TimedOut { retry_after }));

    let text = r#"
        id = "own"
        timeout_ms = 4000
        [request]
        method = "GET"
        base_url = "https://api.example.com"
        path = "people/{email}"
        [auth]
        place = "bearer"
        key_env = "OWN_KEY"
        [response]
        phone = ["/phone"]
        [statuses]
        504 = "retryable"
    "#;
    let own = Definition::parse(text, "own.toml").expect("a definition");
    let (result, _) = ask(own, response.to_owned(), |_| {}).await;
    let Err(CallError::Retryable { retry_after: waits, .. }) = result else { panic!("{result:?}") };
    assert_eq!(waits, retry_after);
}

#[tokio::test]
async fn a_host_that_is_not_found_is_said_so() {
    let mut options = HttpOptions::default();
    options.proxy = Proxy::Direct;
    // A label has at most 63 bytes (RFC 1035), so nobody is asked for this name.
    let host = "x".repeat(64);
    options.base_url = Some(format!("http://{host}/").parse().expect("an address"));
    let client = HttpClient::new(options).expect("a client");
    let key = Some(Key::new("s3cret"));
    let provider = HttpProvider::new(definition("astra_dialer"), &client, key).expect("a key");
    let ask = Ask::new(provider.description(), &lead(), "k".to_owned(), Duration::from_secs(20));
    let Err(CallError::Retryable { reason, .. }) = provider.call(&ask).await else {
        panic!("it is retried")
    };
    assert!(reason.contains("the name of the host was not found"), "{reason}");
}

#[test]
fn a_key_that_is_missing_is_named_before_anything_is_sent() {
    let key = |variables: &[(&str, &str)]| {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        let variable = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        Key::from_variables(&definition("orion_connect"), variable)
    };
    assert!(key(&[("ORION_CONNECT_KEY", " k ")]).expect("a key").is_some());
    let error = key(&[]).expect_err("none");
    assert_eq!(
        error.to_string(),
        "the key of orion_connect is missing: set ORION_CONNECT_KEY to it, or ORION_CONNECT_KEY_FILE to the path \
         of a file that holds it"
    );
    assert!(matches!(key(&[("ORION_CONNECT_KEY", " ")]), Err(KeyError::Empty { .. })));
    let file = std::env::temp_dir().join(format!("genesy-key-{}", std::process::id()));
    let path = file.to_str().expect("UTF-8").to_owned();
    std::fs::write(&file, "from a file\n").expect("a file");
    assert!(key(&[("ORION_CONNECT_KEY_FILE", &path)]).expect("a key").is_some());
    std::fs::remove_file(&file).expect("it is there");
    // What stands there may be the key itself, by mistake.
    let error = key(&[("ORION_CONNECT_KEY_FILE", "s3cret")]).expect_err("no file");
    let text = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
    assert!(text.contains("ORION_CONNECT_KEY_FILE") && !text.contains("s3cret"), "{text}");
}

#[test]
fn what_cannot_be_a_client_or_a_key_is_an_error_before_anything_is_sent() {
    let mut options = HttpOptions::default();
    options.user_agent = "a\nb".to_owned();
    assert!(matches!(HttpClient::new(options), Err(HttpClientError::Client(_))));
    let mut options = HttpOptions::default();
    options.proxy = Proxy::Through("ftp://user:pass@proxy.example".parse().expect("an address"));
    if let Err(error) = HttpClient::new(options) {
        assert!(!format!("{error:?}").contains("pass"), "{error:?}");
    }
    let client = HttpClient::new(HttpOptions::default()).expect("a client");
    let orion = || definition("orion_connect");
    let stray = HttpProvider::new(orion(), &client, Some(Key::new("a\u{1}b"))).expect_err("stray");
    assert!(matches!(stray, KeyError::Characters { .. }), "{stray}");
    let none = HttpProvider::new(orion(), &client, None).expect_err("no key");
    assert!(matches!(none, KeyError::Unplaced { .. }), "{none}");
    assert!(!format!("{:?}", Key::new("s3cret")).contains("s3cret"));
}
